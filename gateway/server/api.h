/* The parts of /api/v1 among each other. */
#ifndef HUIYIN_SERVER_API_H
#define HUIYIN_SERVER_API_H

#include "server/inside.h"

/* The configured key of an Authorization header, or null. */
const struct api_key *api_key_of(const struct config *c, struct slice authorization);
/* A POST below /api/v1/: becomes a staff event, or is refused. */
void api_write(struct conn *c, const struct api_key *key, struct slice path);
void api_released(struct conn *c, struct release *r);

#endif
