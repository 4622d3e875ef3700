/*
 * The only file that knows libpq.
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

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "huiyin/clock.h"
#include "huiyin/log.h"
#include "store/pg_errors.h"
#include "store/pg_pack.h"

#define CONNECT_MS       1500
#define STATEMENT_MS     1500
#define LOCK_MS          1000
#define GRACE_MS         150 /* the server's own timeout comes first: it says what was slow */
#define BACK_OFF_FIRST   100
#define BACK_OFF_MOST    1000
#define TELL_EVERY_MS    10000
#define WHY_BYTES        320
#define PIPELINE_ARENA   ((size_t)128 << 20)

struct wanted {
	PGresult *result;
	bool prepare;  /* the answer to the preparation comes first */
	int statement; /* -1: a word */
};
enum list { HOST, HOSTADDR, PORT, LISTS };
struct pg {
	PGconn *c;
	char *url, *name;
	char *lists[LISTS]; /* of several hosts: what the address says, with commas between; null: nothing */
	int hosts, host;    /* how many; the one that was good last */
	const char *const *statements;
	size_t n;
	int connect_ms, statement_ms, lock_ms;
	bool reader;
	bool *prepared;
	int connections;
	int64_t try_again; /* monotonic ms: not before */
	int64_t back_off;
	int64_t until;     /* monotonic ms: the caller's own deadline; 0 none */
	int64_t told_at;   /* monotonic ms: when it was last said that the database cannot be reached; 0 it can */
	char told[6];      /* and the state that was named then */
	struct wanted wanted[PG_PIPELINE_MAX];
	int n_wanted;
	struct arena *arena; /* parameters of the pipeline that is being built */
	enum result result;
	char why[WHY_BYTES], state[6];
};

/* ---- what went wrong ---------------------------------------------------------------------------------------------- */

static void first_line(char *to, size_t room, const char *from)
{
	size_t n = strcspn(from, "\r\n");

	snprintf(to, room, "%.*s", (int)(n < room ? n : room - 1), from);
}

static enum result note(struct pg *p, const char *state, const char *message, enum result otherwise)
{
	const char *mend;
	char line[200];
	enum result means = pg_meaning(state, otherwise, &mend);

	first_line(line, sizeof line, message && *message ? message : "no answer");
	snprintf(p->state, sizeof p->state, "%s", state ? state : "");
	snprintf(p->why, sizeof p->why, "%s; %s", line, mend);
	if (p->result == OK)
		p->result = means;
	return means;
}

const char *pg_why(const struct pg *p)
{
	return p->why;
}

const char *pg_state(const struct pg *p)
{
	return p->state;
}

/* Not asked again for a little: whoever waits behind is told so at once. */
static void back_off(struct pg *p)
{
	p->back_off = p->back_off ? p->back_off * 2 : BACK_OFF_FIRST;
	if (p->back_off > BACK_OFF_MOST)
		p->back_off = BACK_OFF_MOST;
	p->try_again = clock_mono().ms + p->back_off;
}

/* ---- the connection ----------------------------------------------------------------------------------------------- */

static char *copy_of(const char *s)
{
	char *c = strdup(s);

	if (!c)
		exhausted("pg_wire");
	return c;
}

static int commas_in(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += *s == ',';
	return n;
}

static void take_hosts(struct pg *p, const PQconninfoOption *parsed)
{
	static const char *const names[LISTS] = {"host", "hostaddr", "port"};

	p->hosts = 1;
	for (; parsed->keyword; parsed++)
		for (int i = 0; i < LISTS; i++) {
			if (strcmp(parsed->keyword, names[i]) != 0 || !parsed->val || !*parsed->val)
				continue;
			p->lists[i] = copy_of(parsed->val);
			if (i != PORT && commas_in(parsed->val) + 1 > p->hosts)
				p->hosts = commas_in(parsed->val) + 1;
		}
}

struct pg *pg_open(const struct pg_options *o, struct arena *a, struct slice *why)
{
	char *complaint = NULL;
	PQconninfoOption *parsed = PQconninfoParse(o->url, &complaint);
	struct pg *p;

	if (!parsed) {
		*why = arena_printf(a, "the address of the store cannot be read: %.200s; write "
				       "postgresql://USER@HOST:PORT/DATABASE", complaint ? complaint : "out of memory");
		PQfreemem(complaint);
		return NULL;
	}
	p = calloc(1, sizeof *p);
	if (!p || !(p->prepared = calloc(o->n + 1, sizeof *p->prepared)))
		exhausted("pg_wire");
	take_hosts(p, parsed);
	PQconninfoFree(parsed);
	p->url = copy_of(o->url);
	p->name = copy_of(o->name);
	p->statements = o->statements;
	p->n = o->n;
	p->connect_ms = o->connect_ms ? o->connect_ms : CONNECT_MS;
	p->statement_ms = o->statement_ms ? o->statement_ms : STATEMENT_MS;
	p->lock_ms = o->lock_ms ? o->lock_ms : LOCK_MS;
	p->reader = o->reader;
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
	secret_wipe(p->url, strlen(p->url)); /* it may hold a password */
	for (int i = 0; i < LISTS; i++)
		free(p->lists[i]);
	free(p->url);
	free(p->name);
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

/* Waits for the socket until `deadline` (monotonic ms). False: the time is over. */
static bool wait_socket(PGconn *c, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd f = {.fd = PQsocket(c), .events = events};
		int64_t left = deadline - clock_mono().ms;
		int n;

		if (f.fd < 0 || left <= 0)
			return false;
		n = poll(&f, 1, (int)left);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

/* The k-th of a list; the last one where it is shorter (one port for all hosts). Null: the list is not there. */
static const char *piece(char *to, size_t room, const char *list, int k)
{
	if (!list)
		return NULL;
	while (k-- > 0 && strchr(list, ','))
		list = strchr(list, ',') + 1;
	snprintf(to, room, "%.*s", (int)strcspn(list, ","), list);
	return to;
}

/* What an engine asks are look-ups by key, planned once: not anew for each batch, nor otherwise when a table is empty,
   has just grown, or was not analyzed yet. */
static const char one_way[] = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off "
			      "-c enable_mergejoin=off -c join_collapse_limit=1 -c from_collapse_limit=1";

void pg_until(struct pg *p, int64_t at)
{
	p->until = at;
}

static int64_t deadline_in(const struct pg *p, int64_t now, int64_t ms)
{
	return p->until > now && p->until < now + ms ? p->until : now + ms;
}

static PGconn *start_connecting(struct pg *p, int k)
{
	char seconds[12], settings[512], host[256], address[64], port[16];
	/* What the address says itself goes before these: it is the dbname, which libpq reads last. But one host only. */
	const char *names[] = {"connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval",
			       "keepalives_count", "gssencmode", "target_session_attrs", "application_name",
			       "client_encoding", "options", "dbname", "host", "hostaddr", "port", NULL};
	const char *values[] = {seconds, "3000", "2", "1", "3", "disable", p->reader ? "primary" : "read-write", p->name,
				"UTF8", settings, p->url, piece(host, sizeof host, p->lists[HOST], k),
				piece(address, sizeof address, p->lists[HOSTADDR], k),
				piece(port, sizeof port, p->lists[PORT], k), NULL};

	snprintf(seconds, sizeof seconds, "%d", p->connect_ms / 1000 + 1);
	snprintf(settings, sizeof settings,
		 "-c statement_timeout=%d -c lock_timeout=%d -c idle_in_transaction_session_timeout=5000 "
		 "-c jit=off -c timezone=UTC -c default_transaction_isolation=read\\ committed %s",
		 p->statement_ms, p->lock_ms, p->reader ? "-c default_transaction_read_only=on" : one_way);
	return PQconnectStartParams(names, values, 1);
}

static PostgresPollingStatusType connecting(PGconn *c, int64_t deadline)
{
	PostgresPollingStatusType s = PGRES_POLLING_WRITING;

	while (s == PGRES_POLLING_READING || s == PGRES_POLLING_WRITING) {
		if (!wait_socket(c, s == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
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

/* Sends what is left and reads until a result is there. OK, or LATER when the time is over or the connection gone. */
static enum result until_ready(PGconn *c, int64_t deadline)
{
	for (;;) {
		int left = PQflush(c);

		if (left < 0 || !PQconsumeInput(c))
			return LATER;
		if (!PQisBusy(c) && left == 0)
			return OK;
		if (!wait_socket(c, (short)(POLLIN | (left ? POLLOUT : 0)), deadline))
			return LATER;
	}
}

/* What was acknowledged must be on disk: a database that is set to less is asked for it; one that is set to more
   (remote_apply) keeps it. */
static bool ask_for_sync(PGconn *c, int64_t deadline)
{
	static const char sql[] = "SELECT set_config('synchronous_commit', 'on', false) WHERE "
				  "current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')";
	PGresult *r;
	bool good = PQsendQuery(c, sql) && until_ready(c, deadline) == OK;

	while (good && (r = PQgetResult(c))) {
		good = PQresultStatus(r) == PGRES_TUPLES_OK;
		PQclear(r);
		good = good && until_ready(c, deadline) == OK;
	}
	return good;
}

/* Why not; of several hosts that refuse, one that was there says more than one that was not. */
static void note_refusal(struct pg *p, const char *message)
{
	char code[6];
	const char *state = pg_state_of_refusal(message, code);

	if (p->result != OK && strncmp(p->state, "08", 2) != 0)
		return;
	p->result = OK;
	note(p, state, *message ? message : "the database does not answer", LATER);
}

static PGconn *connect_to(struct pg *p, int k, int64_t deadline)
{
	PGconn *c = start_connecting(p, k);

	if (!c)
		exhausted("pg_wire");
	PQsetNoticeProcessor(c, quiet, NULL);
	PQsetErrorVerbosity(c, PQERRORS_VERBOSE);
	if (PQstatus(c) != CONNECTION_BAD && connecting(c, deadline) == PGRES_POLLING_OK && !PQsetnonblocking(c, 1) &&
	    (p->reader || ask_for_sync(c, deadline)))
		return c;
	note_refusal(p, PQerrorMessage(c));
	PQfinish(c);
	return NULL;
}

/* Once for each reason, and now and then as long as it lasts. */
static void tell(struct pg *p)
{
	int64_t now = clock_mono().ms;

	if (p->told_at && !strcmp(p->told, p->state) && now - p->told_at < TELL_EVERY_MS)
		return;
	p->told_at = now;
	memcpy(p->told, p->state, sizeof p->told);
	log_line(LOG_WARN_, "store", "no connection to the database", "for", p->name, "state", p->state, "why", p->why, NULL);
}

enum result pg_connect(struct pg *p)
{
	int64_t now = clock_mono().ms, end = deadline_in(p, now, p->connect_ms);

	if (p->c)
		return OK;
	if (now < p->try_again)
		return LATER; /* `why` is that of the last try */
	p->result = OK;
	for (int i = 0; i < p->hosts && !p->c && now < end; i++, now = clock_mono().ms) {
		int k = (p->host + i) % p->hosts;

		p->c = connect_to(p, k, now + (end - now) / (p->hosts - i));
		if (p->c)
			p->host = k;
	}
	if (!p->c) {
		back_off(p);
		tell(p);
		return LATER;
	}
	if (p->told_at)
		log_line(LOG_INFO_, "store", "the database is there again", "for", p->name, NULL);
	p->told_at = 0;
	p->result = OK;
	p->connections++;
	p->back_off = 0;
	p->why[0] = p->state[0] = '\0';
	return OK;
}

/* ---- a pipeline --------------------------------------------------------------------------------------------------- */

/* The connection is of no more use. */
static enum result broken(struct pg *p, enum result r, const char *message)
{
	char kept[200];

	first_line(kept, sizeof kept, message && *message ? message : "the database does not answer");
	p->result = OK;
	note(p, "08006", kept, r);
	p->result = r;
	log_line(LOG_WARN_, "store", kept, "means", result_name(r), NULL);
	pg_drop(p);
	back_off(p);
	return r;
}

/* A server that went away meanwhile has said so: what is to be read ends in nothing. */
static bool still_there(PGconn *c)
{
	struct pollfd f = {.fd = PQsocket(c), .events = POLLIN};

	while (f.fd >= 0 && poll(&f, 1, 0) > 0)
		if (!PQconsumeInput(c))
			return false;
	return f.fd >= 0;
}

enum result pg_begin(struct pg *p)
{
	forget_results(p);
	arena_reset(p->arena);
	if (p->c && !still_there(p->c))
		pg_drop(p);
	if (pg_connect(p) != OK) {
		p->result = LATER;
		return LATER;
	}
	p->result = OK;
	if (PQpipelineStatus(p->c) == PQ_PIPELINE_OFF && !PQenterPipelineMode(p->c))
		return broken(p, LATER, PQerrorMessage(p->c));
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

	if (p->result != OK || !p->c)
		return -1;
	va_start(args, types);
	pg_take_parameters(p->arena, &v, types, args);
	va_end(args);
	snprintf(name, sizeof name, "h%d", statement);
	prepare = !p->prepared[statement];
	place = want(p, statement, prepare);
	if ((prepare && !PQsendPrepare(p->c, name, p->statements[statement], v.n, v.types)) ||
	    !PQsendQueryPrepared(p->c, name, v.n, v.values, v.lengths, v.formats, 1))
		broken(p, LATER, PQerrorMessage(p->c));
	else
		p->prepared[statement] = true;
	return place;
}

int pg_word(struct pg *p, const char *sql)
{
	int place;

	if (p->result != OK || !p->c)
		return -1;
	place = want(p, -1, false);
	if (!PQsendQueryParams(p->c, sql, 0, NULL, NULL, NULL, NULL, 1))
		broken(p, LATER, PQerrorMessage(p->c));
	return place;
}

static void take_error(struct pg *p, const PGresult *r, int statement)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	enum result before = p->result, means = note(p, state, PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY), LATER);
	char number[12];

	snprintf(number, sizeof number, "%d", statement);
	if (before == OK)
		log_line(means == RETRY ? LOG_DEBUG_ : LOG_WARN_, "store", "a statement failed", "state", p->state, "statement",
			 number, "means", result_name(means), NULL);
}

/* One answer and the null behind it. `keep`: where a statement's rows go. */
static enum result take_one(struct pg *p, int statement, PGresult **keep, int64_t deadline)
{
	PGresult *r;
	enum result how;

	for (;;) {
		ExecStatusType s;

		how = until_ready(p->c, deadline);
		if (how != OK)
			return how;
		r = PQgetResult(p->c);
		if (!r)
			return OK;
		s = PQresultStatus(r);
		if (s == PGRES_FATAL_ERROR) {
			take_error(p, r, statement);
			if (PQstatus(p->c) == CONNECTION_BAD) {
				PQclear(r);
				return LATER;
			}
		}
		if (keep && !*keep && (s == PGRES_TUPLES_OK || s == PGRES_COMMAND_OK))
			*keep = r;
		else
			PQclear(r);
	}
}

static enum result take_sync(struct pg *p, int64_t deadline)
{
	PGresult *r;

	if (until_ready(p->c, deadline) != OK)
		return LATER;
	r = PQgetResult(p->c);
	PQclear(r);
	return OK;
}

/* Those whose preparation failed, or was skipped behind something that had failed, are not there. */
static bool take_preparation(struct pg *p, const struct wanted *w, int64_t deadline)
{
	PGresult *r = NULL;
	enum result how = take_one(p, w->statement, &r, deadline);

	if (how == OK)
		p->prepared[w->statement] = r != NULL;
	PQclear(r);
	return how == OK;
}

/* Prepared statements that the server has forgotten, or whose tables have changed, are made anew on a new connection. */
static bool stale_statements(const struct pg *p)
{
	return !strcmp(p->state, "26000") || !strcmp(p->state, "0A000");
}

enum result pg_run(struct pg *p)
{
	int64_t deadline = deadline_in(p, clock_mono().ms, p->statement_ms + GRACE_MS);

	if (p->result != OK || !p->c)
		return p->result == OK ? LATER : p->result;
	if (!PQpipelineSync(p->c))
		return broken(p, UNSURE, PQerrorMessage(p->c));
	for (int i = 0; i < p->n_wanted; i++) {
		struct wanted *w = &p->wanted[i];

		if ((w->prepare && !take_preparation(p, w, deadline)) ||
		    take_one(p, w->statement, &w->result, deadline) != OK)
			return broken(p, UNSURE, PQerrorMessage(p->c));
	}
	if (take_sync(p, deadline) != OK)
		return broken(p, UNSURE, PQerrorMessage(p->c));
	if (p->result != OK && stale_statements(p))
		pg_drop(p);
	return p->result;
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

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

int64_t pg_int(const struct pg *p, int place, size_t row, int column)
{
	const PGresult *r = rows_of(p, place);
	const unsigned char *from = (const unsigned char *)PQgetvalue(r, (int)row, column);
	int n = PQgetlength(r, (int)row, column);
	int64_t value;

	if (PQgetisnull(r, (int)row, column) || n < 1 || n > 8)
		return 0;
	value = n > 1 && from[0] & 0x80 ? -1 : 0;
	for (int i = 0; i < n; i++)
		value = (int64_t)((uint64_t)value << 8 | from[i]);
	return value;
}

struct slice pg_peek(const struct pg *p, int place, size_t row, int column)
{
	const PGresult *r = rows_of(p, place);

	return slice_make(PQgetvalue(r, (int)row, column), (size_t)PQgetlength(r, (int)row, column));
}

struct slice pg_text(const struct pg *p, int place, size_t row, int column, struct arena *a)
{
	return arena_copy(a, pg_peek(p, place, row, column));
}

struct hash16 pg_hash(const struct pg *p, int place, size_t row, int column)
{
	struct slice s = pg_peek(p, place, row, column);
	struct hash16 h = {{0}};

	memcpy(h.bytes, s.data, s.len < sizeof h.bytes ? s.len : sizeof h.bytes);
	return h;
}

int64_t pg_changed(const struct pg *p, int place)
{
	const PGresult *r = rows_of(p, place);
	int64_t n = 0;

	return r && slice_to_int(slice_of(PQcmdTuples((PGresult *)(uintptr_t)r)), &n) ? n : 0;
}

/* ---- the rest ----------------------------------------------------------------------------------------------------- */

enum result pg_script(struct pg *p, const char *sql, int ms)
{
	int64_t deadline = clock_mono().ms + ms;
	PGresult *keep = NULL;
	enum result how;

	forget_results(p);
	p->result = OK;
	if (pg_connect(p) != OK)
		return LATER;
	if (PQpipelineStatus(p->c) != PQ_PIPELINE_OFF && !PQexitPipelineMode(p->c))
		return broken(p, LATER, PQerrorMessage(p->c));
	if (!PQsendQuery(p->c, sql))
		return broken(p, LATER, PQerrorMessage(p->c));
	how = take_one(p, -1, &keep, deadline);
	PQclear(keep);
	if (how != OK)
		return broken(p, UNSURE, PQerrorMessage(p->c));
	return p->result;
}

bool pg_news(struct pg *p, struct arena *a, struct slice *what)
{
	PGnotify *n;

	if (!p->c)
		return false;
	if (!PQconsumeInput(p->c)) {
		broken(p, LATER, PQerrorMessage(p->c));
		return false;
	}
	n = PQnotifies(p->c);
	if (!n)
		return false;
	*what = arena_copy(a, slice_of(n->extra));
	PQfreemem(n);
	return true;
}
