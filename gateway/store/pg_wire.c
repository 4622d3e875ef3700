/*
 * The only file that knows libpq. What needs no libpq stands beside it: pg_address (what a connection is asked for),
 * pg_trouble (what went wrong), pg_wait, pg_pack and pg_values (parameters and answers in binary).
 *
 * Nothing here waits without a deadline: the connection is non-blocking, and whoever does not answer in time is hung up
 * on. That matters more than it seems: a database behind a dead switch refuses nothing, and a call that waits for ever
 * would hold the whole gateway. Connecting, sending and waiting share one budget each.
 *
 * A pipeline's COMMIT is sent with what goes before it. If the connection breaks while the pipeline is under way, the
 * result is UNSURE: the caller must look. If it breaks before, nothing can have been kept: LATER. How much the kernel
 * took does not matter: the server runs a COMMIT as soon as it has read it, whatever should follow.
 *
 * Of several hosts each gets its share of the time to connect, for one that drops packets would use up all of it; the
 * one that was good last is asked first. A host given by name is looked up by the system's resolver, which has timeouts
 * of its own: an address, or a name in /etc/hosts, keeps the promise.
 */
#include "store/pg_wire.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "huiyin/clock.h"
#include "store/pg_address.h"
#include "store/pg_errors.h"
#include "store/pg_pack.h"
#include "store/pg_trouble.h"
#include "store/pg_wait.h"

#define GRACE_MS       150 /* the server's own timeout comes first: it says what was slow */
#define PIPELINE_ARENA ((size_t)128 << 20)

struct wanted {
	PGresult *result;
	bool prepare;  /* the answer to the preparation comes first */
	int statement; /* -1: a word */
};
struct pg {
	PGconn *c;
	struct pg_address address;
	struct pg_trouble trouble;
	int host; /* the one that was good last */
	const char *const *statements;
	size_t n;
	bool *prepared; /* on this connection */
	int connections;
	int64_t until; /* monotonic ms: the caller's own deadline; 0 none */
	struct wanted wanted[PG_PIPELINE_MAX];
	int n_wanted;
	struct arena *arena; /* parameters of the pipeline that is being built */
};

/* ---- the connection ------------------------------------------------------------------------------------------- */

struct pg *pg_open(const struct pg_options *o, struct arena *a, struct slice *why)
{
	char *complaint = NULL, line[200];
	PQconninfoOption *parsed = PQconninfoParse(o->url, &complaint);
	struct pg *p;

	if (!parsed) {
		pg_complaint(complaint ? complaint : "out of memory", line, sizeof line);
		*why = arena_printf(a, "the address of the store cannot be read: %s; write "
				       "postgresql://USER@HOST:PORT/DATABASE", line);
		PQfreemem(complaint);
		return NULL;
	}
	p = calloc(1, sizeof *p);
	if (!p || !(p->prepared = calloc(o->n + 1, sizeof *p->prepared)))
		exhausted("pg_wire");
	pg_address_open(&p->address, o);
	for (const PQconninfoOption *one = parsed; one->keyword; one++)
		if (one->val && *one->val)
			pg_address_say(&p->address, one->keyword, one->val);
	PQconninfoFree(parsed);
	p->statements = o->statements;
	p->n = o->n;
	p->arena = arena_open(PIPELINE_ARENA);
	return p;
}

static void forget_results(struct pg *p)
{
	for (int i = 0; i < p->n_wanted; i++)
		PQclear(p->wanted[i].result);
	p->n_wanted = 0;
}

void pg_drop(struct pg *p)
{
	if (p->c)
		PQfinish(p->c);
	p->c = NULL;
	memset(p->prepared, 0, (p->n + 1) * sizeof *p->prepared);
}

void pg_close(struct pg **pp)
{
	struct pg *p = *pp;

	if (!p)
		return;
	forget_results(p);
	pg_drop(p);
	arena_close(&p->arena);
	pg_address_close(&p->address);
	free(p->prepared);
	free(p);
	*pp = NULL;
}

bool pg_connected(const struct pg *p)
{
	return p->c != NULL;
}

int pg_connections(const struct pg *p)
{
	return p->connections;
}

bool pg_in_transaction(const struct pg *p)
{
	return p->c && PQtransactionStatus(p->c) != PQTRANS_IDLE;
}

int pg_socket(const struct pg *p)
{
	return p->c ? PQsocket(p->c) : -1;
}

const char *pg_why(const struct pg *p)
{
	return p->trouble.why;
}

const char *pg_state(const struct pg *p)
{
	return p->trouble.state;
}

void pg_until(struct pg *p, int64_t at)
{
	p->until = at;
}

static PostgresPollingStatusType connecting(PGconn *c, int64_t deadline)
{
	PostgresPollingStatusType s = PGRES_POLLING_WRITING;

	while (s == PGRES_POLLING_READING || s == PGRES_POLLING_WRITING) {
		if (!pg_wait(PQsocket(c), s == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
			return PGRES_POLLING_FAILED;
		s = PQconnectPoll(c);
	}
	return s;
}

static void quiet(void *with, const char *message)
{
	(void)with;
	(void)message; /* a NOTICE may hold data */
}

/* Sends what is left and reads until a result is there; null between two answers. False: the time is over, or the
   connection gone. */
static bool next_result(PGconn *c, int64_t deadline, PGresult **out)
{
	for (;;) {
		int left = PQflush(c);

		if (left < 0 || !PQconsumeInput(c))
			return false;
		if (!PQisBusy(c) && left == 0)
			break;
		if (!pg_wait(PQsocket(c), (short)(POLLIN | (left ? POLLOUT : 0)), deadline))
			return false;
	}
	*out = PQgetResult(c);
	return true;
}

/* What was acknowledged must be on disk: a database that is set to less is asked for it; one that is set to more
   (remote_apply) keeps it. */
static bool ask_for_sync(PGconn *c, int64_t deadline)
{
	static const char sql[] = "SELECT set_config('synchronous_commit', 'on', false) WHERE "
				  "current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')";
	PGresult *r;
	bool good = PQsendQuery(c, sql);

	while (good && (good = next_result(c, deadline, &r)) && r) {
		good = PQresultStatus(r) == PGRES_TUPLES_OK;
		PQclear(r);
	}
	return good;
}

static PGconn *connect_to(struct pg *p, int k, int64_t deadline)
{
	struct pg_asked asked;
	PGconn *c;

	pg_address_ask(&p->address, k, &asked);
	c = PQconnectStartParams(asked.names, asked.values, 1);
	if (!c)
		exhausted("pg_wire");
	PQsetNoticeProcessor(c, quiet, NULL);
	PQsetErrorVerbosity(c, PQERRORS_VERBOSE);
	if (PQstatus(c) != CONNECTION_BAD && connecting(c, deadline) == PGRES_POLLING_OK && !PQsetnonblocking(c, 1) &&
	    (p->address.reader || ask_for_sync(c, deadline)))
		return c;
	pg_note_refusal(&p->trouble, PQerrorMessage(c));
	PQfinish(c);
	return NULL;
}

enum result pg_connect(struct pg *p)
{
	int64_t now = clock_mono().ms, end = pg_deadline(now, p->address.connect_ms, p->until);
	int hosts = p->address.hosts;

	if (p->c)
		return OK;
	if (pg_rests(&p->trouble))
		return LATER; /* `why` is that of the last try */
	p->trouble.result = OK;
	for (int i = 0; i < hosts && !p->c && now < end; i++, now = clock_mono().ms) {
		int k = (p->host + i) % hosts;

		p->c = connect_to(p, k, now + (end - now) / (hosts - i));
		if (p->c)
			p->host = k;
	}
	if (!p->c) {
		pg_unreachable(&p->trouble, p->address.name);
		return LATER;
	}
	pg_reached(&p->trouble, p->address.name);
	p->connections++;
	return OK;
}

/* ---- a pipeline ----------------------------------------------------------------------------------------------- */

/* The connection is of no more use. */
static enum result broken(struct pg *p, enum result means)
{
	pg_note_break(&p->trouble, PQerrorMessage(p->c), means);
	pg_drop(p);
	return means;
}

/* A server that went away meanwhile has said so: what is to be read ends in nothing. */
static bool still_there(PGconn *c)
{
	while (PQsocket(c) >= 0 && pg_has_input(PQsocket(c)))
		if (!PQconsumeInput(c))
			return false;
	return PQsocket(c) >= 0;
}

enum result pg_begin(struct pg *p)
{
	forget_results(p);
	arena_reset(p->arena);
	if (p->c && !still_there(p->c))
		pg_drop(p);
	if (pg_connect(p) != OK) {
		p->trouble.result = LATER;
		return LATER;
	}
	p->trouble.result = OK;
	if (PQpipelineStatus(p->c) == PQ_PIPELINE_OFF && !PQenterPipelineMode(p->c))
		return broken(p, LATER);
	return OK;
}

static int want(struct pg *p, int statement, bool prepare)
{
	if (p->n_wanted == PG_PIPELINE_MAX)
		panic("store: more than %d statements in one pipeline", PG_PIPELINE_MAX);
	p->wanted[p->n_wanted] = (struct wanted){.prepare = prepare, .statement = statement};
	return p->n_wanted++;
}

int pg_add(struct pg *p, int statement, const char *types, ...)
{
	struct pg_parameters v;
	va_list args;
	char name[16];
	bool prepare;
	int place;

	if (p->trouble.result != OK || !p->c)
		return -1;
	va_start(args, types);
	pg_take_parameters(p->arena, &v, types, args);
	va_end(args);
	snprintf(name, sizeof name, "h%d", statement);
	prepare = !p->prepared[statement];
	place = want(p, statement, prepare);
	if ((prepare && !PQsendPrepare(p->c, name, p->statements[statement], v.n, v.types)) ||
	    !PQsendQueryPrepared(p->c, name, v.n, v.values, v.lengths, v.formats, 1))
		broken(p, LATER);
	else
		p->prepared[statement] = true;
	return place;
}

int pg_word(struct pg *p, const char *sql)
{
	int place;

	if (p->trouble.result != OK || !p->c)
		return -1;
	place = want(p, -1, false);
	if (!PQsendQueryParams(p->c, sql, 0, NULL, NULL, NULL, NULL, 1))
		broken(p, LATER);
	return place;
}

/* One answer and the null behind it. `keep`: where a statement's rows go. False: the connection is of no more use. */
static bool take_one(struct pg *p, int statement, PGresult **keep, int64_t deadline)
{
	PGresult *r;

	while (next_result(p->c, deadline, &r)) {
		ExecStatusType s = PQresultStatus(r);

		if (!r)
			return true;
		if (s == PGRES_FATAL_ERROR)
			pg_note_statement(&p->trouble, PQresultErrorField(r, PG_DIAG_SQLSTATE),
					  PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY), statement);
		if (!*keep && (s == PGRES_TUPLES_OK || s == PGRES_COMMAND_OK))
			*keep = r;
		else
			PQclear(r);
		if (s == PGRES_FATAL_ERROR && PQstatus(p->c) == CONNECTION_BAD)
			return false;
	}
	return false;
}

static bool take_sync(struct pg *p, int64_t deadline)
{
	PGresult *r = NULL;
	bool good = next_result(p->c, deadline, &r);

	PQclear(r);
	return good;
}

/* Those whose preparation failed, or was skipped behind something that had failed, are not there. */
static bool take_preparation(struct pg *p, const struct wanted *w, int64_t deadline)
{
	PGresult *r = NULL;
	bool good = take_one(p, w->statement, &r, deadline);

	if (good)
		p->prepared[w->statement] = r != NULL;
	PQclear(r);
	return good;
}

/* Prepared statements that the server has forgotten, or whose tables have changed, are made anew on a new connection. */
static bool stale_statements(const struct pg *p)
{
	return !strcmp(p->trouble.state, "26000") || !strcmp(p->trouble.state, "0A000");
}

enum result pg_run(struct pg *p)
{
	int64_t deadline = pg_deadline(clock_mono().ms, p->address.statement_ms + GRACE_MS, p->until);

	if (p->trouble.result != OK || !p->c)
		return p->trouble.result == OK ? LATER : p->trouble.result;
	if (!PQpipelineSync(p->c))
		return broken(p, UNSURE);
	for (int i = 0; i < p->n_wanted; i++) {
		struct wanted *w = &p->wanted[i];

		if ((w->prepare && !take_preparation(p, w, deadline)) ||
		    !take_one(p, w->statement, &w->result, deadline))
			return broken(p, UNSURE);
	}
	if (!take_sync(p, deadline))
		return broken(p, UNSURE);
	if (p->trouble.result != OK && stale_statements(p))
		pg_drop(p);
	return p->trouble.result;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const PGresult *rows_of(const struct pg *p, int place)
{
	return place >= 0 && place < p->n_wanted ? p->wanted[place].result : NULL;
}

size_t pg_rows(const struct pg *p, int place)
{
	const PGresult *r = rows_of(p, place);

	return r ? (size_t)PQntuples(r) : 0;
}

bool pg_null(const struct pg *p, int place, size_t row, int column)
{
	return PQgetisnull(rows_of(p, place), (int)row, column);
}

struct slice pg_peek(const struct pg *p, int place, size_t row, int column)
{
	const PGresult *r = rows_of(p, place);

	return slice_make(PQgetvalue(r, (int)row, column), (size_t)PQgetlength(r, (int)row, column));
}

int64_t pg_changed(const struct pg *p, int place)
{
	const PGresult *r = rows_of(p, place);
	int64_t n = 0;

	return r && slice_to_int(slice_of(PQcmdTuples((PGresult *)(uintptr_t)r)), &n) ? n : 0;
}

/* ---- the rest ------------------------------------------------------------------------------------------------- */

enum result pg_script(struct pg *p, const char *sql, int ms)
{
	int64_t deadline = clock_mono().ms + ms;
	PGresult *keep = NULL;
	bool good;

	forget_results(p);
	p->trouble.result = OK;
	if (pg_connect(p) != OK)
		return LATER;
	if (PQpipelineStatus(p->c) != PQ_PIPELINE_OFF && !PQexitPipelineMode(p->c))
		return broken(p, LATER);
	if (!PQsendQuery(p->c, sql))
		return broken(p, LATER);
	good = take_one(p, -1, &keep, deadline);
	PQclear(keep);
	if (!good)
		return broken(p, UNSURE);
	return p->trouble.result;
}

bool pg_news(struct pg *p, struct arena *a, struct slice *what)
{
	PGnotify *n;

	if (!p->c)
		return false;
	if (!PQconsumeInput(p->c)) {
		broken(p, LATER);
		return false;
	}
	n = PQnotifies(p->c);
	if (!n)
		return false;
	*what = arena_copy(a, slice_of(n->extra));
	PQfreemem(n);
	return true;
}
