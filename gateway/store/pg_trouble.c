/*
 * What is wrong with a connection to PostgreSQL, kept as one line for people and as what it means for the caller, and
 * logged: a statement that failed once for each round trip, a database that cannot be reached once for each reason and
 * now and then as long as it lasts. Messages are cut to their first line, and nothing of a statement's data is in them.
 */
#include "store/pg_trouble.h"

#include <stdio.h>
#include <string.h>

#include "huiyin/clock.h"
#include "huiyin/log.h"
#include "store/pg_errors.h"

#define BACK_OFF_FIRST 100
#define BACK_OFF_MOST  1000
#define TELL_EVERY_MS  10000
#define LINE_BYTES     200

static void first_line(char *to, size_t room, const char *from)
{
	size_t n = strcspn(from, "\r\n");

	snprintf(to, room, "%.*s", (int)(n < room ? n : room - 1), from);
}

enum result pg_note(struct pg_trouble *t, const char *state, const char *message, enum result otherwise)
{
	const char *mend;
	char line[LINE_BYTES];
	enum result means = pg_meaning(state, otherwise, &mend);

	first_line(line, sizeof line, message && *message ? message : "no answer");
	snprintf(t->state, sizeof t->state, "%s", state ? state : "");
	snprintf(t->why, sizeof t->why, "%s; %s", line, mend);
	if (t->result == OK)
		t->result = means;
	return means;
}

/* Why not; of several hosts that refuse, one that was there says more than one that was not. */
void pg_note_refusal(struct pg_trouble *t, const char *message)
{
	char code[6];
	const char *state = pg_state_of_refusal(message, code);

	if (t->result != OK && strncmp(t->state, "08", 2) != 0)
		return;
	t->result = OK;
	pg_note(t, state, *message ? message : "the database does not answer", LATER);
}

void pg_note_statement(struct pg_trouble *t, const char *state, const char *message, int statement)
{
	enum result before = t->result, means = pg_note(t, state, message, LATER);
	char number[12];

	snprintf(number, sizeof number, "%d", statement);
	if (before == OK)
		log_line(means == RETRY ? LOG_DEBUG_ : LOG_WARN_, "store", "a statement failed", "state", t->state,
			 "statement", number, "means", result_name(means), NULL);
}

static void back_off(struct pg_trouble *t)
{
	t->back_off = t->back_off ? t->back_off * 2 : BACK_OFF_FIRST;
	if (t->back_off > BACK_OFF_MOST)
		t->back_off = BACK_OFF_MOST;
	t->try_again = clock_mono().ms + t->back_off;
}

void pg_note_break(struct pg_trouble *t, const char *message, enum result means)
{
	char kept[LINE_BYTES];

	first_line(kept, sizeof kept, message && *message ? message : "the database does not answer");
	pg_note(t, "08006", kept, means);
	t->result = means;
	log_line(LOG_WARN_, "store", kept, "means", result_name(means), NULL);
	back_off(t);
}

/* Not asked again for a little: whoever waits behind is told so at once. */
bool pg_rests(const struct pg_trouble *t)
{
	return clock_mono().ms < t->try_again;
}

/* Once for each reason, and now and then as long as it lasts. */
static void tell(struct pg_trouble *t, const char *name)
{
	int64_t now = clock_mono().ms;

	if (t->told_at && !strcmp(t->told, t->state) && now - t->told_at < TELL_EVERY_MS)
		return;
	t->told_at = now;
	memcpy(t->told, t->state, sizeof t->told);
	log_line(LOG_WARN_, "store", "no connection to the database", "for", name, "state", t->state, "why", t->why,
		 NULL);
}

void pg_unreachable(struct pg_trouble *t, const char *name)
{
	back_off(t);
	tell(t, name);
}

void pg_reached(struct pg_trouble *t, const char *name)
{
	if (t->told_at)
		log_line(LOG_INFO_, "store", "the database is there again", "for", name, NULL);
	*t = (struct pg_trouble){.result = OK};
}
