/*
 * The case process: which verb may follow which state, which clock it starts, which notice it owes. The moves are data
 * (states.def). Limits are in calendar days; the first day is not counted and the last ends at 24:00 (Civil Code 200-203).
 * Pure; nothing in here is fatal.
 */
#include "huiyin/case.h"

struct move {
	const char *verb;
	enum case_status to;
	const char *from, *clock;
	int days;
	const char *notice, *required;
};
static const struct move moves[] = {
#define MOVE(verb, to, from, clock, days, notice, required, help) {verb, CASE_##to, from, clock, days, notice, required},
#include "process/states.def"
#undef MOVE
};
const struct case_verb case_verbs[] = {
#define MOVE(verb, to, from, clock, days, notice, required, help) {verb, CASE_##to, help, required},
#include "process/states.def"
#undef MOVE
	{"message", CASE_STATUSES, "send a message to the citizen; changes no state", "message"},
	{"note", CASE_STATUSES, "keep an internal note; the citizen is told nothing", "message"},
	{"code", CASE_STATUSES, "issue a new query code and send it", ""},
	{NULL, CASE_STATUSES, NULL, NULL},
};
static const char *const status_names[CASE_STATUSES] = {
	"draft", "registered", "transferred", "assigned", "accepted", "not_accepted", "no_longer_accepted", "referred",
	"more_information", "extended", "answered", "closed", "review", "re_review", "concluded", "rectifying", "withdrawn",
};

const char *case_status_name(enum case_status s)
{
	return s >= 0 && s < CASE_STATUSES ? status_names[s] : "unknown";
}

bool case_status_find(struct slice name, enum case_status *out)
{
	for (int i = 0; i < CASE_STATUSES; i++)
		if (slice_is(name, status_names[i])) {
			*out = (enum case_status)i;
			return true;
		}
	return false;
}

bool case_status_open(enum case_status s)
{
	return s != CASE_CLOSED && s != CASE_CONCLUDED && s != CASE_WITHDRAWN && s != CASE_NOT_ACCEPTED &&
	       s != CASE_NO_LONGER_ACCEPTED && s != CASE_REFERRED;
}

struct slice case_arg(const struct case_args *args, const char *name)
{
	for (size_t i = 0; i < args->n; i++)
		if (slice_is(args->list[i].name, name))
			return slice_trim(args->list[i].value);
	return (struct slice){0};
}

static bool word_in(const char *list, const char *word)
{
	struct slice rest = slice_of(list), piece;

	while (slice_next(&rest, ' ', &piece))
		if (slice_is(piece, word))
			return true;
	return false;
}

static const struct move *move_find(struct slice verb)
{
	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
		if (slice_is(verb, moves[i].verb))
			return &moves[i];
	return NULL;
}

static struct case_move refuse(struct slice why)
{
	return (struct case_move){.result = INVALID, .why = why};
}

static struct slice missing_args(struct arena *a, struct slice verb, const char *required, const struct case_args *args)
{
	struct slice rest = slice_of(required), piece;

	while (slice_next(&rest, ',', &piece))
		if (piece.len && !case_arg(args, arena_cstr(a, piece)).len)
			return arena_printf(a, "'" SLICE_FMT "' needs " SLICE_FMT ": add %s=…", SLICE_ARG(verb), SLICE_ARG(piece),
					    arena_cstr(a, piece));
	return (struct slice){0};
}

/* The moment the n-th day after today ends, local time. */
static int64_t days_end(int64_t now, int days, const struct zone *z)
{
	struct civil c = wall_civil(now, z);

	c.day += days + 1;
	c.hour = c.minute = c.second = 0;
	return civil_wall(c, z);
}

static bool read_due(struct slice text, const struct zone *z, int64_t *due)
{
	int64_t y, m, d;

	if (text.len != 10 || text.data[4] != '-' || text.data[7] != '-' || !slice_to_int(slice_make(text.data, 4), &y) ||
	    !slice_to_int(slice_make(text.data + 5, 2), &m) || !slice_to_int(slice_make(text.data + 8, 2), &d) || m < 1 ||
	    m > 12 || d < 1 || d > 31)
		return false;
	*due = civil_wall((struct civil){.year = (int)y, .month = (int)m, .day = (int)d + 1}, z);
	return true;
}

static struct slice set_clock(struct case_row *row, const struct move *mv, const struct case_args *args, int64_t now,
			      const struct zone *z)
{
	struct slice given = case_arg(args, "due");
	int64_t due = 0, most;

	if (mv->clock[0] == '=')
		return (struct slice){0};
	if (!mv->clock[0]) {
		row->clock = (struct slice){0};
		row->due_at = 0;
		return (struct slice){0};
	}
	/* Art. 34: an extension is counted from the old end and is at most 30 days. */
	most = mv->to == CASE_EXTENDED && row->due_at > now ? days_end(row->due_at - 1, mv->days, z) : days_end(now, mv->days, z);
	if (given.len && !read_due(given, z, &due))
		return S("due must be a date such as due=2026-12-31");
	if (given.len && mv->to == CASE_EXTENDED && due > most)
		return S("an extension is at most 30 days (art. 34): choose an earlier due date");
	if (given.len && due <= now)
		return S("the due date lies in the past");
	row->clock = slice_of(mv->clock);
	row->due_at = given.len ? due : most;
	return (struct slice){0};
}

static void take(struct slice *field, const struct case_args *args, const char *name)
{
	struct slice v = case_arg(args, name);

	if (v.len)
		*field = v;
}

static struct case_move not_a_move(struct case_row *row, struct slice verb, const struct case_args *args, int64_t now,
				   struct arena *a)
{
	for (const struct case_verb *v = case_verbs; v->verb; v++)
		if (slice_is(verb, v->verb)) {
			struct slice missing = missing_args(a, verb, v->required, args);

			if (missing.len)
				return refuse(missing);
			row->updated_at = now;
			row->version++;
			return (struct case_move){.result = OK,
						  .notice = slice_is(verb, "note") ? (struct slice){0}
							    : slice_is(verb, "code") ? S("code")
										     : S("message")};
		}
	return refuse(arena_printf(a, "there is no verb '" SLICE_FMT "': see 'huiyin case --help'", SLICE_ARG(verb)));
}

struct case_move case_apply(struct case_row *row, struct slice verb, const struct case_args *args, int64_t now,
			    const struct zone *z, struct arena *a)
{
	const struct move *mv = move_find(verb);
	const char *from = case_status_name(row->status);
	struct case_row next = *row;
	struct slice wrong;

	if (!mv)
		return not_a_move(row, verb, args, now, a);
	if (!(mv->from[0] == '*' ? case_status_open(row->status) : word_in(mv->from, from)))
		return refuse(arena_printf(a, "a case that is '%s' cannot take '" SLICE_FMT "'%s%s", from, SLICE_ARG(verb),
					   mv->from[0] == '*' ? ": it is over" : ": it must be one of: ",
					   mv->from[0] == '*' ? "" : mv->from));
	wrong = missing_args(a, verb, mv->required, args);
	if (!wrong.len)
		wrong = set_clock(&next, mv, args, now, z);
	if (wrong.len)
		return refuse(wrong);
	take(&next.unit, args, "unit");
	take(&next.handler, args, "handler");
	take(&next.route, args, "route");
	take(&next.reason, args, "reason");
	take(&next.result, args, "result");
	next.status = mv->to;
	next.updated_at = now;
	next.version++;
	*row = next;
	return (struct case_move){.result = OK, .notice = slice_of(mv->notice), .survey = mv->to == CASE_CLOSED};
}
