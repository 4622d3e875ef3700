/* Contacts in memory; see contacts.h. Fatal: running out of memory. */
#include "store/contacts.h"

#include <stdlib.h>
#include <string.h>

static struct known_contact *set_of(struct contacts *k, const struct hash16 *hash)
{
	uint32_t w;

	memcpy(&w, hash->bytes, sizeof w);
	return &k->sets[(size_t)(w % CONTACTS_SETS) * CONTACTS_WAYS];
}

static struct known_contact *find(struct known_contact *set, const struct hash16 *hash)
{
	for (int i = 0; i < CONTACTS_WAYS; i++)
		if (set[i].id && memcmp(&set[i].hash, hash, sizeof *hash) == 0)
			return &set[i];
	return NULL;
}

bool contacts_find(struct contacts *k, const struct hash16 *hash, struct arena *a, struct contact *out)
{
	struct known_contact *e = k->sets ? find(set_of(k, hash), hash) : NULL;

	if (!e)
		return false;
	e->recent = true;
	*out = (struct contact){.id = e->id,
				.hash = e->hash,
				.channel = arena_copy(a, slice_of(k->names[e->channel])),
				.lang_chosen = e->lang_chosen,
				.optout = e->optout,
				.unreachable = e->unreachable,
				.created_at = e->created_at,
				.greeted_at = e->greeted_at,
				.flood_from = e->flood_from,
				.flood_count = e->flood_count,
				.open_cases = e->open_cases,
				.open_surveys = e->open_surveys};
	if (e->lang_len)
		out->lang = arena_copy(a, slice_make(e->lang, e->lang_len));
	return true;
}

/* The number of a channel account's name; CONTACTS_NAMES when there is no more room. */
static size_t number_of(struct contacts *k, struct slice name)
{
	for (size_t i = 0; i < k->n_names; i++)
		if (slice_is(name, k->names[i]))
			return i;
	if (k->n_names == CONTACTS_NAMES || !name.len)
		return CONTACTS_NAMES;
	k->names[k->n_names] = strndup(name.data, name.len);
	if (!k->names[k->n_names])
		exhausted("contacts");
	return k->n_names++;
}

/* The place of this contact, an empty one, or that of one not asked for lately. */
static struct known_contact *place_for(struct contacts *k, const struct hash16 *hash)
{
	struct known_contact *set = set_of(k, hash), *e = find(set, hash);
	uint8_t *hand = &k->hand[(size_t)(set - k->sets) / CONTACTS_WAYS];

	while (!e) {
		struct known_contact *at = &set[(*hand)++ % CONTACTS_WAYS];
		if (!at->id || !at->recent)
			e = at;
		at->recent = false;
	}
	return e;
}

void contacts_keep(struct contacts *k, const struct contact *c)
{
	size_t channel = number_of(k, c->channel);
	struct known_contact *e;

	if (!k->sets && !(k->sets = calloc((size_t)CONTACTS_SETS * CONTACTS_WAYS, sizeof *k->sets)))
		exhausted("contacts");
	e = place_for(k, &c->hash);
	if (channel == CONTACTS_NAMES || c->lang.len > sizeof e->lang || c->optout > UINT8_MAX || !c->id) {
		*e = (struct known_contact){0}; /* not one that fits: it is read from disk */
		return;
	}
	*e = (struct known_contact){.hash = c->hash,
				    .id = c->id,
				    .created_at = c->created_at,
				    .greeted_at = c->greeted_at,
				    .flood_from = c->flood_from,
				    .flood_count = c->flood_count,
				    .open_cases = c->open_cases,
				    .open_surveys = c->open_surveys,
				    .optout = (uint8_t)c->optout,
				    .channel = (uint8_t)channel,
				    .lang_len = (uint8_t)c->lang.len,
				    .lang_chosen = c->lang_chosen,
				    .unreachable = c->unreachable,
				    .recent = true};
	if (c->lang.len)
		memcpy(e->lang, c->lang.data, c->lang.len);
}

void contacts_free(struct contacts *k)
{
	for (size_t i = 0; i < k->n_names; i++)
		free(k->names[i]);
	free(k->sets);
	*k = (struct contacts){0};
}
