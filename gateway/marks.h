/* What a gateway runs, as two short names: equal names, equal settings and prompts. For gateways that share a store. */
#ifndef HUIYIN_MARKS_H
#define HUIYIN_MARKS_H

#include "config.h"

/* Of huiyin.yaml without what is each gateway's own (gateway, listen, port, state, log), and of all files of prompts. A
   file that cannot be read counts as empty. */
void marks_of(const struct config *c, struct hash16 *config, struct hash16 *prompts);

#endif
