/*
 * Revisions of flows: a source is stored before the first conversation of its revision, and one that is no longer loaded
 * is brought back to life from the store, so that a conversation ends as it began (design 2.8).
 */
#include "engine/inside.h"

#include <string.h>

/* A source is long; it is sent to the store once and not with every conversation that begins. */
void engine_keep_revision(struct batch *b, const struct flow *f)
{
	const struct engine *e = b->engine;
	struct revision r = {flow_name(f), flow_revision(f), flow_source(f)};

	for (size_t i = 0; i < e->n_kept && i < KEPT_MAX; i++)
		if (slice_is(r.revision, e->kept[i].revision) && slice_is(r.flow, e->kept[i].flow))
			return;
	for (size_t i = 0; i < b->changes.revisions.n; i++)
		if (slice_equal(r.revision, b->changes.revisions.list[i].revision) &&
		    slice_equal(r.flow, b->changes.revisions.list[i].flow))
			return;
	LIST_ADD(&b->changes, revisions, r);
}

void revisions_stored(struct engine *e, const struct changes *c)
{
	for (size_t i = 0; i < c->revisions.n; i++) {
		const struct revision *r = &c->revisions.list[i];
		size_t at = e->n_kept % KEPT_MAX;

		if (r->flow.len >= sizeof e->kept[at].flow || r->revision.len >= sizeof e->kept[at].revision)
			continue;
		memset(&e->kept[at], 0, sizeof e->kept[at]);
		memcpy(e->kept[at].flow, r->flow.data, r->flow.len);
		memcpy(e->kept[at].revision, r->revision.data, r->revision.len);
		e->n_kept++;
	}
}

/* A session goes on with the revision it began with, also after a reload (design 2.8). */
const struct flow *engine_flow(struct engine *e, struct config *c, struct slice name, struct slice revision)
{
	const struct flow *now = flow_find(c->flows, name);
	struct revived *slot = &e->revived[0];
	struct arena *a;
	struct slice source;
	struct diags d;

	if (now && (!revision.len || slice_equal(flow_revision(now), revision)))
		return now;
	for (size_t i = 0; i < REVIVED_MAX; i++) {
		struct revived *r = &e->revived[i];
		if (r->f && slice_is(name, r->flow) && slice_is(revision, r->revision)) {
			r->used = ++e->revived_clock;
			return r->f;
		}
		if (r->used < slot->used)
			slot = r;
	}
	if (name.len >= sizeof slot->flow || revision.len >= sizeof slot->revision)
		return NULL;
	a = arena_open(0);
	d = diags_in(a);
	if (e->o.store->kind->revision(e->o.store, name, revision, a, &source) == OK) {
		flow_free(&slot->f);
		slot->f = flow_revive(c->flows, name, source, &d);
		memcpy(slot->flow, name.data, name.len);
		slot->flow[name.len] = 0;
		memcpy(slot->revision, revision.data, revision.len);
		slot->revision[revision.len] = 0;
		slot->used = ++e->revived_clock;
		arena_close(&a);
		return slot->f;
	}
	arena_close(&a);
	return NULL;
}

void revisions_drop(struct engine *e)
{
	for (size_t i = 0; i < REVIVED_MAX; i++) {
		flow_free(&e->revived[i].f);
		e->revived[i].used = 0;
	}
}
