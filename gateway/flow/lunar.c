/*
 * The feasts of the Chinese calendar, from a table (GB/T 33661-2017 tells how they are computed; what happened before
 * the table begins is told by the year). Pure; nothing here is fatal.
 */
#include "flow/lunar.h"

#include "huiyin/clock.h"

#define FIRST_YEAR 2015

/* Month × 100 + day of 春节, 端午节, 七夕节, 中秋节, 重阳节; a row a year. */
static const short feasts[][5] = {
	{219, 620, 820, 927, 1021}, {208, 609, 809, 915, 1009},  {128, 530, 828, 1004, 1028},
	{216, 618, 817, 924, 1017}, {205, 607, 807, 913, 1007},  {125, 625, 825, 1001, 1025},
	{212, 614, 814, 921, 1014}, {201, 603, 804, 910, 1004},  {122, 622, 822, 929, 1023},
	{210, 610, 810, 917, 1011}, {129, 531, 829, 1006, 1029}, {217, 619, 819, 925, 1018},
	{206, 609, 808, 915, 1008}, {126, 528, 826, 1003, 1026}, {213, 616, 816, 922, 1016},
	{203, 605, 805, 912, 1005}, {123, 624, 824, 1001, 1024},
};
#define LAST_YEAR (FIRST_YEAR + (int)(sizeof feasts / sizeof *feasts) - 1)

bool lunar_date(enum lunar_feast feast, int year, int *month, int *day)
{
	static const int column[LUNAR_FEASTS] = {0, 0, 0, 1, 2, 3, 4, 0}, shift[LUNAR_FEASTS] = {-1, 0, 14};
	int found;

	if (year < FIRST_YEAR || year > LAST_YEAR)
		return false;
	found = feasts[year - FIRST_YEAR][column[feast]];
	if (feast == LUNAR_CLEAR) /* the 4th in a leap year and the one behind it, in this century's first half */
		found = year % 4 < 2 ? 404 : 405;
	civil_from_days(civil_days(year, found / 100, found % 100) + shift[feast], &year, month, day);
	return true;
}
