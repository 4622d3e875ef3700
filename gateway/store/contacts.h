/*
 * Contacts that wrote lately, in memory: who is in the middle of a conversation is not looked up on disk with every
 * message, however many others there are. Only the one writer may hold it, and only what was committed goes in.
 * Bounded.
 */
#ifndef HUIYIN_STORE_CONTACTS_H
#define HUIYIN_STORE_CONTACTS_H

#include "huiyin/store.h"

#define CONTACTS_SETS  4096
#define CONTACTS_WAYS  8  /* 32,768 contacts, 3 MiB */
#define CONTACTS_NAMES 64 /* channel accounts that are known by number */

struct known_contact {
	struct hash16 hash;
	int64_t id, created_at, greeted_at, flood_from;
	int32_t flood_count, open_cases, open_surveys;
	uint8_t optout, channel, lang_len;
	bool lang_chosen, unreachable, recent; /* recent: asked for since its neighbours were pushed out */
	char lang[8];
};
struct contacts {
	struct known_contact *sets; /* CONTACTS_SETS times CONTACTS_WAYS; id 0: empty */
	uint8_t hand[CONTACTS_SETS];
	char *names[CONTACTS_NAMES];
	size_t n_names;
};

bool contacts_find(struct contacts *k, const struct hash16 *hash, struct arena *a, struct contact *out);
void contacts_keep(struct contacts *k, const struct contact *c);
void contacts_free(struct contacts *k);

#endif
