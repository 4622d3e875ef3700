/* Parameters of a statement in PostgreSQL's binary form; the letters of the types stand in pg_wire.h. */
#ifndef HUIYIN_STORE_PG_PACK_H
#define HUIYIN_STORE_PG_PACK_H

#include "huiyin/secret.h"

#define PG_PARAMETERS_MAX 40

struct pg_parameters {
	unsigned types[PG_PARAMETERS_MAX]; /* OIDs */
	const char *values[PG_PARAMETERS_MAX];
	int lengths[PG_PARAMETERS_MAX], formats[PG_PARAMETERS_MAX];
	int n;
};
void pg_take_parameters(struct arena *a, struct pg_parameters *v, const char *types, va_list args);

#endif
