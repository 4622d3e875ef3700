/*
 * A session's answers, and its packed form for the store: a version, then numbers ("12;") and texts ("5:wages") in a
 * fixed order; "=" stands for "the same as the one before it" (a label that is its value, a value as it was written).
 * Unpacking trusts nothing: any damage gives false and the caller ends the session. Nothing here is fatal.
 */
#include "flow/flow_internal.h"

#include <string.h>

#define PACK_MAX_BYTES ((size_t)256 << 10)
#define PACK_VERSION   "1"

/* ---- answers ---- */

const struct session_answer *session_get(const struct session *s, struct slice field)
{
	for (size_t i = 0; i < s->n_answers; i++)
		if (slice_equal(s->answers[i].field, field) && !slice_is(s->answers[i].question, "~"))
			return &s->answers[i];
	return NULL;
}

struct session_answer *session_find(struct session *s, struct slice field)
{
	for (size_t i = 0; i < s->n_answers; i++)
		if (slice_equal(s->answers[i].field, field))
			return &s->answers[i];
	return NULL;
}

bool session_has(const struct session *s, struct slice question)
{
	for (size_t i = 0; i < s->n_answers; i++)
		if (slice_equal(s->answers[i].question, question))
			return true;
	return false;
}

void session_drop(struct session *s, struct slice question)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_answers; i++)
		if (!slice_equal(s->answers[i].question, question))
			s->answers[kept++] = s->answers[i];
	s->n_answers = kept;
}

/* A field is held once: a later answer takes the place of an earlier one. */
bool session_put(struct session *s, struct session_answer a)
{
	struct session_answer *old = session_find(s, a.field);

	if (!old && s->n_answers == SESSION_MAX_ANSWERS)
		return false;
	if (!old)
		old = &s->answers[s->n_answers++];
	*old = a;
	return true;
}

/* ---- packing ---- */

struct packer {
	char *data;
	size_t len, room;
};

static void put_number(struct packer *p, int64_t n, char end)
{
	char digits[24];
	size_t i = sizeof digits;
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	digits[--i] = end;
	do
		digits[--i] = (char)('0' + u % 10);
	while (u /= 10);
	if (n < 0)
		digits[--i] = '-';
	memcpy(p->data + p->len, digits + i, sizeof digits - i);
	p->len += sizeof digits - i;
}

static void put_slice(struct packer *p, struct slice s)
{
	put_number(p, (int64_t)s.len, ':');
	if (s.len)
		memcpy(p->data + p->len, s.data, s.len);
	p->len += s.len;
}

static void put_like(struct packer *p, struct slice s, struct slice before)
{
	if (s.len && slice_equal(s, before))
		p->data[p->len++] = '=';
	else
		put_slice(p, s);
}

static size_t room_for(const struct session *s)
{
	size_t room = 512 + s->flow.len + s->revision.len + s->question.len + s->changing.len + s->collected.len +
		      s->window.len + s->draft_case.len;

	for (size_t i = 0; i < s->n_answers; i++) {
		const struct session_answer *a = &s->answers[i];
		room += a->question.len + a->field.len + a->value.len + a->label.len + a->original.len + 5 * 24;
	}
	for (size_t i = 0; i < s->n_media; i++)
		room += s->media[i].len + 24;
	return room;
}

struct slice session_pack(const struct session *s, struct arena *a)
{
	struct packer p = {.room = room_for(s)};

	p.data = arena_alloc(a, p.room);
	p.data[p.len++] = PACK_VERSION[0];
	put_number(&p, s->contact, ';');
	put_slice(&p, s->flow);
	put_slice(&p, s->revision);
	put_slice(&p, s->question);
	put_like(&p, s->changing, s->question);
	put_number(&p, s->confirming | s->reminded << 1 | s->ended << 2, ';');
	put_number(&p, s->tries, ';');
	put_number(&p, s->begun_at, ';');
	put_number(&p, s->asked_at - s->begun_at, ';');
	put_number(&p, s->touched_at - s->begun_at, ';');
	put_slice(&p, s->collected);
	put_slice(&p, s->window);
	put_slice(&p, s->draft_case);
	put_number(&p, (int64_t)s->n_answers, ';');
	for (size_t i = 0; i < s->n_answers; i++) {
		const struct session_answer *w = &s->answers[i];

		put_slice(&p, w->question);
		put_like(&p, w->field, w->question);
		put_slice(&p, w->value);
		put_like(&p, w->label, w->value);
		put_like(&p, w->original, w->value);
	}
	put_number(&p, (int64_t)s->n_media, ';');
	for (size_t i = 0; i < s->n_media; i++)
		put_slice(&p, s->media[i]);
	return slice_make(p.data, p.len);
}

/* ---- unpacking ---- */

struct unpacker {
	struct slice rest;
	bool damaged;
};

static int64_t get_number(struct unpacker *u, char end)
{
	size_t i = 0;
	int64_t n = 0;

	while (i < u->rest.len && i < 21 && u->rest.data[i] != end)
		i++;
	if (i == u->rest.len || u->rest.data[i] != end || !slice_to_int(slice_make(u->rest.data, i), &n)) {
		u->damaged = true;
		return 0;
	}
	u->rest = slice_from(u->rest, i + 1);
	return n;
}

static int64_t get_bounded(struct unpacker *u, int64_t most)
{
	int64_t n = get_number(u, ';');

	if (n < 0 || n > most)
		u->damaged = true;
	return u->damaged ? 0 : n;
}

static struct slice get_slice(struct unpacker *u)
{
	int64_t len = get_number(u, ':');
	struct slice out;

	if (u->damaged || len < 0 || (uint64_t)len > u->rest.len) {
		u->damaged = true;
		return (struct slice){0};
	}
	out = slice_make(u->rest.data, (size_t)len);
	u->rest = slice_from(u->rest, (size_t)len);
	return out;
}

static struct slice get_like(struct unpacker *u, struct slice before)
{
	if (!u->rest.len || u->rest.data[0] != '=')
		return get_slice(u);
	u->rest = slice_from(u->rest, 1);
	return before;
}

static void get_answers(struct unpacker *u, struct session *s)
{
	s->n_answers = (size_t)get_bounded(u, SESSION_MAX_ANSWERS);
	for (size_t i = 0; i < s->n_answers && !u->damaged; i++) {
		struct session_answer *w = &s->answers[i];

		w->question = get_slice(u);
		w->field = get_like(u, w->question);
		w->value = get_slice(u);
		w->label = get_like(u, w->value);
		w->original = get_like(u, w->value);
	}
	s->n_media = (size_t)get_bounded(u, SESSION_MAX_MEDIA);
	for (size_t i = 0; i < s->n_media && !u->damaged; i++)
		s->media[i] = get_slice(u);
}

static int64_t later(struct unpacker *u, int64_t than)
{
	int64_t sum;

	if (__builtin_add_overflow(than, get_number(u, ';'), &sum))
		u->damaged = true;
	return u->damaged ? 0 : sum;
}

bool session_unpack(struct slice packed, struct arena *a, struct session *out)
{
	struct unpacker u = {0};
	struct session s = {0};
	int64_t marks;

	if (packed.len < 2 || packed.len > PACK_MAX_BYTES || packed.data[0] != PACK_VERSION[0] || !utf8_valid(packed))
		return false;
	u.rest = slice_from(arena_copy(a, packed), 1);
	s.contact = get_number(&u, ';');
	s.flow = get_slice(&u);
	s.revision = get_slice(&u);
	s.question = get_slice(&u);
	s.changing = get_like(&u, s.question);
	marks = get_bounded(&u, 7);
	s.confirming = marks & 1;
	s.reminded = marks >> 1 & 1;
	s.ended = marks >> 2 & 1;
	s.tries = (int)get_bounded(&u, 1000);
	s.begun_at = get_number(&u, ';');
	s.asked_at = later(&u, s.begun_at);
	s.touched_at = later(&u, s.begun_at);
	s.collected = get_slice(&u);
	s.window = get_slice(&u);
	s.draft_case = get_slice(&u);
	get_answers(&u, &s);
	if (u.damaged || u.rest.len)
		return false;
	*out = s;
	return true;
}
