/* The feasts of the Chinese calendar as days of the common one. Pure. */
#ifndef HUIYIN_FLOW_LUNAR_H
#define HUIYIN_FLOW_LUNAR_H

#include <stdbool.h>

enum lunar_feast {
	LUNAR_EVE,     /* 除夕 */
	LUNAR_SPRING,  /* 春节 */
	LUNAR_LANTERN, /* 元宵节 */
	LUNAR_BOAT,    /* 端午节 */
	LUNAR_QIXI,    /* 七夕节 */
	LUNAR_MIDDLE,  /* 中秋节 */
	LUNAR_NINTH,   /* 重阳节 */
	LUNAR_CLEAR,   /* 清明节 */
	LUNAR_FEASTS
};

/* The day of the feast that falls in the common year; false for years outside the table. */
bool lunar_date(enum lunar_feast feast, int year, int *month, int *day);

#endif
