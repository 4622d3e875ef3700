/*
 * What all gateways on one store do as one towards a provider: they keep its rate together, wait out its pauses and
 * refusals together, find it down and probe it once, and use one token. The courier's side of it; share.c asks the
 * store.
 *
 * Each line has its own bucket, breaker and token as ever. Beside them stands what the store says (struct standing):
 * news of it is taken over into the line at once, and what has changed in the line since is told. Both are compared by
 * state, so that what could not be told is told later, and nothing is told twice. A value is replaced by its version
 * only: who comes second reads what was first. Claims (a probe, a fetch of a token) end by themselves, so that a
 * gateway's death holds up nobody for long.
 *
 * Values: a letter and what belongs to it.
 *   channel/rate/ACCOUNT          r, thousandths of sends a second; the pause ends RATE_TAIL_MS before the value does
 *   channel/stop/ACCOUNT/MARK     s: the provider refuses this account with these settings
 *   channel/breaker/ACCOUNT       o, failures: open · p, owner, failures: being probed · c: closed
 *   channel/token/ACCOUNT/MARK    t, sealed: the token · c, owner: being fetched · f, owner, failures: not to be had
 *   book/ACCOUNT                  no value: the next moment that nobody has booked (booking.c)
 *
 * Nothing here is fatal. What cannot be read is as if it were not there, and is replaced.
 */
#include <stdio.h>
#include <string.h>

#include "delivery/courier.h"
#include "huiyin/log.h"

#define NAMES            S("channel/")
#define LOOK_EVERY_MS    5000 /* while something waits, also without news */
#define LOOK_AGAIN_MS    500
#define PUT_AGAIN_MS     1000
#define PUT_READ_MS      100 /* another was first: read what it said before trying again */
#define PUT_NEVER_MS     60000
#define RATE_TAIL_MS     60000
#define PAUSE_LONGEST_MS (INT64_C(15) * 60000)
#define STOP_LONGEST_MS  (INT64_C(5) * 60000)
#define CLOSED_STANDS_MS 60000
#define CLAIM_MORE_MS    5000 /* beyond the call that it is for */
#define OWNER_BYTES      16

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void sooner(int64_t *wait_ms, int64_t candidate)
{
	if (candidate < *wait_ms)
		*wait_ms = candidate < 0 ? 0 : candidate;
}

static int64_t claim_until(const struct delivery *d, int64_t mono)
{
	return mono + d->tuning.call_ms + CLAIM_MORE_MS;
}

static struct slice name_of(const struct line *l, enum standing_kind what, struct arena *a)
{
	static const char *const words[] = {"rate", "stop", "breaker", "token"};
	bool of_settings = what == STANDING_STOP || what == STANDING_TOKEN;

	return arena_printf(a, "channel/%s/%s%s%s", words[what], l->name, of_settings ? "/" : "",
			    of_settings ? l->mark : "");
}

/* ---- putting ------------------------------------------------------------------------------------------------------ */

static bool may_put(const struct standing *s, int64_t mono)
{
	return !s->asked && mono >= s->retry_at;
}

static struct ask *put_open(struct line *l, enum standing_kind what, int64_t until, int64_t said)
{
	struct ask *a = ask_open(ASK_PUT, l);

	a->what = what;
	a->name = name_of(l, what, a->arena);
	a->until = until;
	a->version = l->standings[what].version;
	a->said = said;
	return a;
}

static void put(struct delivery *d, struct ask *a)
{
	struct standing *s = &a->line->standings[a->what];

	s->asked = share_ask(d->share, a);
	if (!s->asked)
		s->retry_at = clock_mono().ms + PUT_AGAIN_MS;
}

static void take_put(struct delivery *d, const struct ask *a, int64_t mono)
{
	struct standing *s = &a->line->standings[a->what];

	s->asked = false;
	switch (a->result) {
	case OK:
		s->version = a->version;
		s->until = a->until;
		s->state = a->value.data[0];
		s->own = true;
		s->said = a->said;
		s->retry_at = 0;
		return;
	case NEVER:
		d->look_due = 0;
		s->retry_at = mono + PUT_READ_MS;
		return;
	case INVALID:
		s->retry_at = mono + PUT_NEVER_MS;
		log_line(LOG_WARN_, "delivery", "cannot be shared with the other gateways", "channel", a->line->name,
			 NULL);
		return;
	default:
		s->retry_at = mono + PUT_AGAIN_MS;
		return;
	}
}

/* ---- what the line says ------------------------------------------------------------------------------------------- */

static void tell_rate(struct delivery *d, struct line *l, int64_t mono)
{
	const struct standing *s = &l->standings[STANDING_RATE];
	struct ask *a;

	if (l->paused_until <= mono || l->paused_until <= s->said)
		return;
	a = put_open(l, STANDING_RATE, l->paused_until + RATE_TAIL_MS, l->paused_until);
	a->value = arena_printf(a->arena, "r%lld", (long long)(l->bucket.per_second * 1000));
	put(d, a);
}

/* A reload lifts the stop, for the operator may just have mended what caused it; then it is lifted for all. */
static void tell_stop(struct delivery *d, struct line *l, int64_t mono)
{
	const struct standing *s = &l->standings[STANDING_STOP];
	bool lifted = !l->stopped_until && s->said > mono;
	struct ask *a;

	if (!lifted && (l->stopped_until <= mono || l->stopped_until == s->said))
		return;
	a = put_open(l, STANDING_STOP, lifted ? mono - 1 : l->stopped_until, l->stopped_until);
	a->value = S("s");
	put(d, a);
}

static void tell_breaker(struct delivery *d, struct line *l, int64_t mono)
{
	struct standing *s = &l->standings[STANDING_BREAKER];
	int64_t open_until = breaker_open(&l->breaker) ? l->breaker.open_until_ms : 0;
	struct ask *a;

	if (open_until == s->said)
		return;
	if (open_until && open_until <= mono) { /* it could not be told in time */
		s->said = open_until;
		return;
	}
	a = put_open(l, STANDING_BREAKER, open_until ? open_until : mono + CLOSED_STANDS_MS, open_until);
	a->value = open_until ? arena_printf(a->arena, "o%d", l->breaker.failures) : S("c");
	put(d, a);
}

/* What came of the fetch that this gateway had claimed. */
static void tell_token(struct delivery *d, struct line *l, int64_t mono)
{
	const struct standing *s = &l->standings[STANDING_TOKEN];
	const struct token *t = &l->token;
	struct ask *a;

	if (s->state != 'c' || !s->own || t->call)
		return;
	if (t->text && (int64_t)t->number != s->said) {
		a = put_open(l, STANDING_TOKEN, t->until, t->number);
		a->value = token_seal(d, l, a->name, a->arena);
		put(d, a);
	} else if (!t->text && t->next_try > mono) {
		a = put_open(l, STANDING_TOKEN, t->next_try, s->said);
		a->value = arena_printf(a->arena, "f%s %d", d->owner, t->failures);
		put(d, a);
	}
}

static void tell(struct delivery *d, struct line *l, int64_t mono, int64_t *wait_ms)
{
	static void (*const telling[STANDINGS])(struct delivery *, struct line *, int64_t) = {tell_rate, tell_stop,
											      tell_breaker, tell_token};

	if (!l->known || !l->account)
		return;
	for (int i = 0; i < STANDINGS; i++) {
		struct standing *s = &l->standings[i];

		if (may_put(s, mono))
			telling[i](d, l, mono);
		else if (!s->asked)
			sooner(wait_ms, s->retry_at - mono);
	}
}

/* ---- what the others say ------------------------------------------------------------------------------------------ */

static bool of_us(const struct delivery *d, struct slice value)
{
	return slice_begins(slice_from(value, 1), slice_of(d->owner));
}

static void take_rate(struct line *l, struct standing *s, struct slice value, int64_t mono)
{
	int64_t thousandths, pause;

	if (s->state != 'r' || s->until == INT64_MAX || !slice_to_int(slice_from(value, 1), &thousandths) ||
	    thousandths <= 0)
		return;
	pause = least(s->until - RATE_TAIL_MS, mono + PAUSE_LONGEST_MS);
	s->said = pause;
	if (pause <= mono)
		return; /* over; successes make up for the rest */
	bucket_adopt(&l->bucket, (double)thousandths / 1000.0);
	if (l->paused_until < pause)
		l->paused_until = pause;
}

static void take_stop(struct line *l, struct standing *s, int64_t mono)
{
	if (s->state != 's')
		return;
	if (l->stopped_until < mono)
		log_line(LOG_ERROR_, "delivery",
			 "channel stopped: the provider refuses our account or settings, another gateway says",
			 "channel", l->name, "mend", "check the account's settings: huiyin doctor", NULL);
	l->stopped_until = least(s->until, mono + STOP_LONGEST_MS);
	s->said = l->stopped_until;
}

/* "x", an owner, a blank and a number. */
static int number_behind_owner(struct slice value)
{
	int64_t n = 0;

	return slice_to_int(slice_from(value, 2 + OWNER_BYTES), &n) && n > 0 && n < 1000 ? (int)n : 0;
}

static void take_breaker(struct delivery *d, struct line *l, struct standing *s, struct slice value, int64_t mono)
{
	int64_t until = least(s->until, mono + STOP_LONGEST_MS), failures = 0;

	s->own = s->state == 'p' && of_us(d, value);
	if (s->own)
		return; /* an answer that was lost: the probe is ours */
	if (s->state == 'c') {
		l->breaker = (struct breaker){0};
		s->said = 0;
	} else if (s->state == 'o' || s->state == 'p') {
		if (s->state == 'p')
			failures = number_behind_owner(value);
		else if (!slice_to_int(slice_from(value, 1), &failures) || failures < 0 || failures > 1000)
			failures = 0;
		breaker_adopt(&l->breaker, (int)failures, until);
		s->said = l->breaker.open_until_ms;
	}
}

static void take_token(struct delivery *d, struct line *l, struct standing *s, const struct shared_value *row,
		       int64_t mono)
{
	int failures = number_behind_owner(row->value);

	s->own = s->state == 'c' && of_us(d, row->value);
	if (s->state == 't') {
		if (token_adopt(d, l, row->name, slice_from(row->value, 1), row->until) == OK)
			s->said = l->token.number;
		else
			s->state = '?';
	} else {
		s->until = least(s->until, claim_until(d, mono) + STOP_LONGEST_MS);
		if (s->state == 'f' && l->token.failures < failures)
			l->token.failures = failures; /* the next one waits for longer, whoever tries */
	}
}

/* It is over, or was taken back: only a stop ends by that. */
static void gone(struct line *l, enum standing_kind what, struct standing *s, int64_t mono)
{
	if (what == STANDING_STOP && s->version && s->said > mono) {
		l->stopped_until = 0;
		s->said = 0;
	}
	s->version = 0;
	s->until = 0;
	s->state = 0;
	s->own = false;
}

static void take(struct delivery *d, struct line *l, enum standing_kind what, const struct shared_value *row,
		 int64_t mono)
{
	struct standing *s = &l->standings[what];

	if (s->asked)
		return;
	if (!row) {
		gone(l, what, s, mono);
		return;
	}
	if (row->version == s->version)
		return;
	*s = (struct standing){.version = row->version,
			       .until = row->until,
			       .said = s->said,
			       .state = row->value.len ? row->value.data[0] : '?'};
	if (what == STANDING_RATE)
		take_rate(l, s, row->value, mono);
	else if (what == STANDING_STOP)
		take_stop(l, s, mono);
	else if (what == STANDING_BREAKER)
		take_breaker(d, l, s, row->value, mono);
	else
		take_token(d, l, s, row, mono);
}

static const struct shared_value *row_named(const struct ask *a, struct slice name)
{
	for (size_t i = 0; i < a->n_rows; i++)
		if (slice_equal(a->rows[i].name, name))
			return &a->rows[i];
	return NULL;
}

static void look(struct delivery *d, int64_t mono)
{
	struct ask *a = ask_open(ASK_LOOK, NULL);

	a->name = NAMES;
	a->said = d->bound;
	d->look_due = mono + LOOK_EVERY_MS;
	d->looking = share_ask(d->share, a);
}

static void take_look(struct delivery *d, const struct ask *a, int64_t mono)
{
	d->looking = false;
	if (a->result != OK) {
		d->look_due = least(d->look_due, mono + LOOK_AGAIN_MS);
		return;
	}
	for (struct line *l = d->lines; l; l = l->next) {
		for (int i = 0; i < STANDINGS && l->account; i++)
			take(d, l, i, row_named(a, name_of(l, i, a->arena)), mono);
		l->known = l->known || a->said == d->bound; /* not what was asked for with other names */
	}
}

/* ---- claims ------------------------------------------------------------------------------------------------------- */

/* A provider that was down is probed by the one gateway that has claimed it. */
static bool probe_is_ours(struct delivery *d, struct line *l, int64_t mono, int64_t *wait_ms)
{
	struct standing *s = &l->standings[STANDING_BREAKER];
	struct ask *a;

	if (!breaker_half_open(&l->breaker, mono) || (s->state == 'p' && s->own && mono < s->until))
		return true;
	*wait_ms = s->asked ? INT64_MAX : s->retry_at - mono;
	if (!may_put(s, mono))
		return false;
	a = put_open(l, STANDING_BREAKER, claim_until(d, mono), l->breaker.open_until_ms);
	a->value = arena_printf(a->arena, "p%s %d", d->owner, l->breaker.failures);
	put(d, a);
	*wait_ms = INT64_MAX;
	return false;
}

bool sharing_token(struct delivery *d, struct line *l, int64_t mono, int64_t *wait_ms)
{
	struct standing *s = &l->standings[STANDING_TOKEN];
	struct ask *a;

	*wait_ms = INT64_MAX;
	if (!l->known || s->asked)
		return false;
	if (s->state == 'c' && s->own && mono < s->until)
		return true;
	if ((s->state == 'c' || s->state == 'f') && mono < s->until) { /* another fetches it, or has just failed to */
		*wait_ms = s->until - mono;
		return false;
	}
	if (!may_put(s, mono)) {
		*wait_ms = s->retry_at - mono;
		return false;
	}
	/* There is none, or it is over, or refused: whoever replaces just this one fetches anew. */
	a = put_open(l, STANDING_TOKEN, claim_until(d, mono), s->said);
	a->value = arena_printf(a->arena, "c%s", d->owner);
	put(d, a);
	return false;
}

bool sharing_allows(struct delivery *d, struct line *l, int64_t mono, int64_t *wait_ms)
{
	*wait_ms = INT64_MAX;
	if (!l->known)
		return false;
	if (line_closed_until(l) > mono)
		return true; /* the line says so itself; nothing is booked meanwhile */
	if (!probe_is_ours(d, l, mono, wait_ms))
		return false;
	if (l->bucket.per_second > 0 && (!breaker_open(&l->breaker) || breaker_half_open(&l->breaker, mono)))
		booking_ahead(d, l, mono);
	return true;
}

/* ---- a round ------------------------------------------------------------------------------------------------------ */

void sharing_round(struct delivery *d, int64_t mono, int64_t *wait_ms)
{
	struct ask *a;
	size_t waiting = 0;

	while ((a = share_answer(d->share))) {
		if (a->kind == ASK_LOOK)
			take_look(d, a, mono);
		else if (a->kind == ASK_PUT)
			take_put(d, a, mono);
		else
			booking_take(a, mono);
		ask_close(&a);
	}
	if (atomic_exchange(&d->heard, false))
		d->look_due = 0;
	for (struct line *l = d->lines; l; l = l->next) {
		waiting += l->n_waiting;
		tell(d, l, mono, wait_ms);
	}
	if (!d->looking && mono >= d->look_due)
		look(d, mono);
	if (waiting && !d->looking)
		sooner(wait_ms, d->look_due - mono);
}

/* The keyed name of what an account's calls are made with: whoever has the same may use its token. */
static void mark_of(const struct delivery *d, const struct line *l, char out[33])
{
	struct arena *a = arena_open(0);
	const struct account *acc = l->account;
	size_t n = 0, room = 1;
	struct slice *parts;
	struct hash16 hash;

	for (const struct option *o = acc->channel->options; o && o->name; o++)
		room++;
	parts = ARENA_ARRAY(a, struct slice, room);
	parts[n++] = slice_of(acc->channel->name);
	for (; n < room; n++)
		parts[n] = acc->values[n - 1];
	hash = secret_hash16(&d->key, parts, n);
	snprintf(out, 33, SLICE_FMT, SLICE_ARG(hex_encode(a, slice_make((const char *)hash.bytes, sizeof hash.bytes))));
	arena_close(&a);
}

void sharing_bind(struct delivery *d, struct line *l)
{
	struct standing *token = &l->standings[STANDING_TOKEN];
	char mark[33];

	mark_of(d, l, mark);
	l->shared = true;
	if (l->paused_until < l->standings[STANDING_RATE].said)
		l->paused_until = l->standings[STANDING_RATE].said; /* that one is not the operator's to end */
	if (strcmp(mark, l->mark) == 0) {
		if (token->state == 'f')
			token->until = 0;
		return;
	}
	memcpy(l->mark, mark, sizeof mark);
	l->known = false;
	token_drop(&l->token);
	*token = (struct standing){0};
	l->standings[STANDING_STOP] = (struct standing){0};
	d->bound++;
	d->look_due = 0;
}
