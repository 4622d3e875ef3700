/*
 * The tables. Words are those of domain.md; times are milliseconds since 1970; ids are time-ordered, so that the big
 * tables (inbox, outbox, dedupe_log) only ever grow at one end and cost the same at five million rows as at none.
 * For the same reason none of them has an index in random order: what is asked by contact is asked through small
 * partial indexes over what still waits, or over web chats.
 *
 * Every table carries the contact where it has one: the shard key. Identity stands apart from content (design 2.9);
 * only its keyed name is readable. Foreign keys stand where a slip could orphan a row of a case; the hot tables have
 * none, for each would be one more random read a message, and a table spread over machines could not have them either.
 *
 * outbox.line: NULL nothing is waited for · 0 first of its contact and channel, may be claimed · 1 behind another.
 * outbox.chat, inbox.chat: a line of a channel that is pushed by our own server.
 * session: a row may hold a session, its timer, or both; look_at is when to look at due_at (see sqlite_time.c).
 *
 * In PostgreSQL the contact's shard (0 … 255) is in every key of what belongs to contacts, and the tables may be split
 * by it. It leads the key; but where they are not split, what every message adds is found by its id first, since ids only
 * rise (schema 4). Two directories say in which shard to look for what is asked for without its contact: case_ref, provider_ref.
 *
 * The text is SQL with a few marks. INT, WORD, SMALL and BLOB are column types (INTEGER in SQLite; bigint, integer,
 * smallint and bytea in PostgreSQL). In braces:
 *   {shard} {key}   the shard's column; the shard at the head of a key (PostgreSQL only)
 *   {lite …} {pg …} what only one of them has; may hold marks itself
 *   {whole …}       PostgreSQL, as long as its tables are not split
 *   {of NAME …}     ends a table that belongs to contacts, {end …} any other; words behind: `rowless` (WITHOUT ROWID),
 *                   `roomy` (room in each page, so that a row that changes often can stay in it)
 */
#include "store/schema.h"

#include <ctype.h>
#include <string.h>

static const char people[] =
	"CREATE TABLE contact({shard}{lite id INTEGER PRIMARY KEY}{pg id INT NOT NULL}, channel TEXT NOT NULL, lang TEXT,"
	" lang_chosen SMALL NOT NULL,"
	" optout SMALL NOT NULL, unreachable SMALL NOT NULL, created_at INT NOT NULL, greeted_at INT NOT NULL,"
	" flood_from INT NOT NULL, flood_count WORD NOT NULL, open_cases WORD NOT NULL,"
	" open_surveys WORD NOT NULL{pg , PRIMARY KEY(shard, id)}){of contact roomy}"
	"CREATE TABLE identity({shard}{lite contact INTEGER PRIMARY KEY REFERENCES contact(id)}{pg contact INT NOT NULL},"
	" hash BLOB NOT NULL,"
	" address BLOB NOT NULL{pg , PRIMARY KEY(shard, contact)}){of identity}"
	"CREATE UNIQUE INDEX identity_hash ON identity({key}hash);"

	"CREATE TABLE session({shard}{lite contact INTEGER PRIMARY KEY}{pg contact INT NOT NULL}, flow TEXT, revision TEXT,"
	" data TEXT,"
	" due_at INT NOT NULL DEFAULT 0, look_at INT NOT NULL DEFAULT 0{pg , lease_until INT NOT NULL DEFAULT 0,"
	" PRIMARY KEY(shard, contact)}){of session roomy}"
	"CREATE INDEX session_look ON session(look_at) WHERE look_at > 0;"
	"CREATE TABLE timer({shard}contact INT NOT NULL, kind SMALL NOT NULL, ref TEXT NOT NULL, due_at INT NOT NULL,"
	"{pg  lease_until INT NOT NULL DEFAULT 0,}"
	" PRIMARY KEY({key}contact, kind, ref)){of timer rowless}"
	"CREATE INDEX timer_due ON timer(due_at);";

static const char cases[] =
	"CREATE TABLE cases({shard}number TEXT NOT NULL{lite  UNIQUE}, contact INT NOT NULL, channel TEXT, lang TEXT,"
	" status TEXT NOT NULL, open SMALL NOT NULL, purpose TEXT, confidential SMALL NOT NULL, flow TEXT,"
	" category TEXT, place TEXT, unit TEXT, {lite window}{pg \"window\"} TEXT, text TEXT, fields TEXT, code BLOB,"
	" handler TEXT, route TEXT,"
	" reason TEXT, result TEXT, created_at INT NOT NULL, updated_at INT NOT NULL, due_at INT NOT NULL,"
	" clock TEXT, version INT NOT NULL, muted SMALL NOT NULL, rating SMALL NOT NULL{pg , PRIMARY KEY(shard, number)})"
	"{of cases roomy}"
	"CREATE INDEX cases_open ON cases({key}contact) WHERE open = 1;"
	"CREATE INDEX cases_created ON cases(created_at);"
	"CREATE INDEX cases_status ON cases(status, created_at);"
	/* seq: 1, 2, … of its case; what rowid says in SQLite */
	"CREATE TABLE case_event({shard}number TEXT NOT NULL{lite  REFERENCES cases(number)}, contact INT NOT NULL,"
	"{pg  seq INT NOT NULL,}"
	" at INT NOT NULL, event INT NOT NULL, actor TEXT, verb TEXT, detail TEXT{pg , PRIMARY KEY(shard, number, seq)})"
	"{of case_event}"
	"{lite CREATE INDEX case_event_number ON case_event(number);}"
	"CREATE TABLE survey({shard}number TEXT{lite  PRIMARY KEY REFERENCES cases(number)}{pg  NOT NULL},"
	" contact INT NOT NULL,"
	" state SMALL NOT NULL, rating SMALL NOT NULL, comment TEXT, tries WORD NOT NULL, asked_at INT NOT NULL,"
	" until_at INT NOT NULL, reminded SMALL NOT NULL{pg , PRIMARY KEY(shard, number)}){of survey}"
	"CREATE INDEX survey_contact ON survey({key}contact);"
	"CREATE TABLE sequence(day TEXT PRIMARY KEY, next INT NOT NULL){end rowless}"
	"{pg CREATE TABLE case_ref(shard SMALL NOT NULL, number TEXT NOT NULL, owner_shard SMALL NOT NULL,"
	" contact INT NOT NULL, PRIMARY KEY(shard, number)){of case_ref}}";

static const char messages[] =
	"CREATE TABLE inbox({shard}{lite id INTEGER PRIMARY KEY}{pg id INT NOT NULL}, at INT NOT NULL,"
	" contact INT NOT NULL, kind SMALL NOT NULL,"
	" channel TEXT, provider_id TEXT, text TEXT, rid TEXT, fate TEXT, sent_at INT NOT NULL,"
	" chat SMALL NOT NULL{pg , PRIMARY KEY(shard, id)}){of inbox}"
	"CREATE INDEX inbox_chat ON inbox({key}contact, id) WHERE chat = 1;"
	"CREATE TABLE chat_channel(channel TEXT PRIMARY KEY){end rowless}"

	/* holder: the gateway that has it in hand; fence: how often it was claimed */
	"CREATE TABLE outbox({shard}{lite id INTEGER PRIMARY KEY}{pg id INT NOT NULL}, contact INT NOT NULL,"
	" channel TEXT NOT NULL,"
	" state SMALL NOT NULL, line SMALL, chat SMALL NOT NULL, inline_reply SMALL NOT NULL,"
	" lane SMALL NOT NULL, part WORD NOT NULL, parts WORD NOT NULL, attempts WORD NOT NULL,"
	" cause INT NOT NULL, next_at INT NOT NULL, lease_until INT NOT NULL, created_at INT NOT NULL,"
	" sender TEXT, text TEXT, buttons BLOB, case_number TEXT, provider_id TEXT, code TEXT"
	"{pg , holder SMALL, fence INT NOT NULL DEFAULT 0, PRIMARY KEY(shard, id)}){of outbox roomy}"
	"CREATE INDEX outbox_due ON outbox(lane, next_at) WHERE line = 0 AND state = 0;"
	"CREATE INDEX outbox_lease ON outbox(lease_until) WHERE state = 1;"
	"CREATE INDEX outbox_line ON outbox({key}contact, line, id) WHERE line IS NOT NULL;"
	"CREATE INDEX outbox_cause ON outbox({key}cause) WHERE inline_reply = 1;"
	"CREATE INDEX outbox_chat ON outbox({key}contact, id) WHERE chat = 1;"
	"CREATE INDEX outbox_case ON outbox(case_number) WHERE case_number IS NOT NULL;"
	"{lite CREATE INDEX outbox_provider ON outbox(channel, provider_id) WHERE provider_id IS NOT NULL;}"
	"{pg CREATE TABLE provider_ref(shard SMALL NOT NULL, channel TEXT NOT NULL, provider_id TEXT NOT NULL,"
	" owner_shard SMALL NOT NULL, outbox INT NOT NULL, contact INT NOT NULL,"
	" PRIMARY KEY(shard, channel, provider_id)){of provider_ref}}"
	"CREATE TABLE attempt({shard}outbox INT NOT NULL{lite  REFERENCES outbox(id)}, contact INT NOT NULL,"
	" at INT NOT NULL, what SMALL NOT NULL, provider_id TEXT, code TEXT, detail TEXT, took_ms INT NOT NULL){of attempt}"
	"CREATE INDEX attempt_outbox ON attempt({key}outbox);"
	"CREATE TABLE parked({shard}channel TEXT NOT NULL, provider_id TEXT NOT NULL, outbox INT NOT NULL,"
	" state SMALL NOT NULL, code TEXT, opted_out SMALL NOT NULL, at INT NOT NULL, kept_at INT NOT NULL,"
	" PRIMARY KEY({key}channel, provider_id)){of parked rowless}"
	"CREATE INDEX parked_kept ON parked(kept_at);";

static const char rest[] =
	"CREATE TABLE media({shard}{lite id INTEGER PRIMARY KEY}{pg id INT NOT NULL}, contact INT NOT NULL,"
	" message INT NOT NULL, channel TEXT,"
	" url TEXT, type TEXT, name TEXT, case_number TEXT, path TEXT, sha256 TEXT, why TEXT, size INT NOT NULL,"
	" attempts WORD NOT NULL, next_at INT NOT NULL, lease_until INT NOT NULL, state SMALL NOT NULL"
	"{pg , holder SMALL, PRIMARY KEY(shard, id)}){of media}"
	"CREATE INDEX media_due ON media(next_at) WHERE state = 0;"
	"CREATE INDEX media_lease ON media(lease_until) WHERE state = 1;"
	"CREATE INDEX media_case ON media(case_number) WHERE case_number IS NOT NULL;"
	"CREATE TABLE handover({shard}{lite id INTEGER PRIMARY KEY}{pg id INT NOT NULL}, contact INT NOT NULL, reason TEXT,"
	" text TEXT, case_number TEXT,"
	" urgent SMALL NOT NULL, at INT NOT NULL{pg , PRIMARY KEY(shard, id)}){of handover}"
	"{pg CREATE INDEX handover_id ON handover(id);}"

	/* What was seen before. One machine keeps a log and sealed runs (dedupe.h); many ask one table. */
	"{lite CREATE TABLE dedupe_log(id INTEGER PRIMARY KEY, key BLOB NOT NULL, event INT NOT NULL,"
	" at INT NOT NULL){end}"
	"CREATE TABLE dedupe_run(run INTEGER PRIMARY KEY, first_at INT NOT NULL, last_at INT NOT NULL,"
	" n INT NOT NULL, pages INT NOT NULL, filter BLOB NOT NULL){end}"
	"CREATE TABLE dedupe_page(page INTEGER PRIMARY KEY, entries BLOB NOT NULL){end}}"
	"{pg CREATE TABLE dedupe(shard SMALL NOT NULL, key BLOB NOT NULL, event INT NOT NULL, at INT NOT NULL,"
	" PRIMARY KEY(shard, key)){of dedupe}"
	"CREATE INDEX dedupe_at ON dedupe(at);}"

	"CREATE TABLE revision(flow TEXT NOT NULL, revision TEXT NOT NULL, source TEXT, PRIMARY KEY(flow, revision)){end}"
	/* of each gateway its own, so that none waits for another; who reads adds up */
	"CREATE TABLE counts(day TEXT NOT NULL, channel TEXT NOT NULL, fate TEXT NOT NULL,{pg  gateway SMALL NOT NULL,}"
	" n INT NOT NULL,"
	" PRIMARY KEY(day, channel, fate{pg , gateway})){end rowless roomy}"

	/* who works on this store (seen_at: the database's clock; wall: its own), and what they share about providers */
	"{pg CREATE TABLE gateway(id SMALL PRIMARY KEY, instance INT NOT NULL, name TEXT NOT NULL, started_at INT NOT NULL,"
	" seen_at INT NOT NULL, wall INT NOT NULL, version TEXT NOT NULL, config BLOB NOT NULL, prompts BLOB NOT NULL)"
	"{end roomy}"
	"CREATE TABLE shared(name TEXT PRIMARY KEY, value BLOB, until INT NOT NULL, version INT NOT NULL){end roomy}}";

static const char nothing[] =
	"{pg DROP TABLE shared, gateway, dedupe, provider_ref, case_ref;}"
	"{lite DROP TABLE dedupe_page; DROP TABLE dedupe_run; DROP TABLE dedupe_log;}"
	"DROP TABLE counts; DROP TABLE revision; DROP TABLE handover; DROP TABLE media; DROP TABLE parked;"
	"DROP TABLE attempt; DROP TABLE outbox; DROP TABLE chat_channel; DROP TABLE inbox; DROP TABLE sequence;"
	"DROP TABLE survey; DROP TABLE case_event; DROP TABLE cases; DROP TABLE timer; DROP TABLE session;"
	"DROP TABLE identity; DROP TABLE contact;";

/* 1 → 2: the request id of what caused a send, so that one id leads from the webhook to the delivery. */
static const char request_ids[] = "ALTER TABLE outbox ADD COLUMN rid TEXT;";
static const char no_request_ids[] = "ALTER TABLE outbox DROP COLUMN rid;";

/* 2 → 3: where the answers to a message lie stands in its own row, which spares an index over all of them. Null: a gateway
   of an older version did not say; 0: there are none. And surveys that are over, nine of ten, are passed by. */
static const char better_indexed[] =
	"{pg ALTER TABLE inbox ADD COLUMN reply INT; DROP INDEX outbox_cause;}"
	"CREATE INDEX survey_open ON survey({key}contact) WHERE state < 2;";
static const char as_before[] =
	"DROP INDEX survey_open;"
	"{pg CREATE INDEX outbox_cause ON outbox(shard, cause) WHERE inline_reply = 1; ALTER TABLE inbox DROP COLUMN reply;}";

/* 3 → 4: of what every message adds the id, or the dedupe key, leads: new rows go to one end of an index instead of 256, and
   one comparison finds what two did. People and their sessions are found by hash, in one page of an index however many they
   are (cases are not: looking one up would gain less than making one would lose). Where tables are split the shard stays in
   front, as databases that spread them by the first column of a key need it. */
#define KEY(table, columns) \
	"ALTER TABLE " table " DROP CONSTRAINT " table "_pkey, ADD CONSTRAINT " table "_pkey PRIMARY KEY (" columns ");"
static const char ids_first[] =
	"{whole " KEY("inbox", "id, shard") KEY("outbox", "id, shard") KEY("dedupe", "key, shard")
	"CREATE INDEX contact_id ON contact USING hash(id); CREATE INDEX identity_name ON identity USING hash(hash);"
	"CREATE INDEX session_contact ON session USING hash(contact);}";
static const char shards_first[] =
	"{whole DROP INDEX contact_id, identity_name, session_contact;"
	KEY("inbox", "shard, id") KEY("outbox", "shard, id") KEY("dedupe", "shard, key") "}";

#define STEP(n, ...) static const char *const n[] = {__VA_ARGS__, NULL}
STEP(up_0, people, cases, messages, rest);
STEP(down_0, nothing);
STEP(up_1, request_ids);
STEP(down_1, no_request_ids);
STEP(up_2, better_indexed);
STEP(down_2, as_before);
STEP(up_3, ids_first);
STEP(down_3, shards_first);

const struct schema_step schema_steps[] = {
	{up_0, down_0, 1}, {up_1, down_1, 1}, {up_2, down_2, 1}, {up_3, down_3, 1}, {NULL, NULL, 0}};

int schema_newest(void)
{
	int n = 0;

	while (schema_steps[n].up)
		n++;
	return n;
}

/* ---- from the one text to a dialect ------------------------------------------------------------------------------- */

#define TEXT_MAX_BYTES ((size_t)1 << 20)

struct writer {
	struct buf *out;
	enum dialect dialect;
	int partitions;
};
static void write_text(const struct writer *w, struct slice text);

static const struct { const char *mark, *as[2]; } types[] = {
	{"INT", {"INTEGER", "bigint"}},
	{"WORD", {"INTEGER", "integer"}},
	{"SMALL", {"INTEGER", "smallint"}},
	{"BLOB", {"BLOB", "bytea"}},
};

static void write_word(const struct writer *w, struct slice word)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (slice_is(word, types[i].mark)) {
			buf_add_c(w->out, types[i].as[w->dialect]);
			return;
		}
	buf_add(w->out, word);
}

static bool has_word(struct slice words, const char *word)
{
	struct slice one;

	while (slice_next(&words, ' ', &one))
		if (slice_is(one, word))
			return true;
	return false;
}

static void write_partitions(const struct writer *w, struct slice table, const char *room)
{
	buf_add_c(w->out, " PARTITION BY HASH (shard);");
	for (int i = 0; i < w->partitions; i++)
		buf_printf(w->out,
			   "CREATE TABLE " SLICE_FMT "_p%d PARTITION OF " SLICE_FMT
			   " FOR VALUES WITH (MODULUS %d, REMAINDER %d)%s;",
			   SLICE_ARG(table), i, SLICE_ARG(table), w->partitions, i, room);
}

/* The end of a table; of one that is split, `table` is the name. */
static void write_end(const struct writer *w, struct slice table, struct slice words)
{
	const char *room = has_word(words, "roomy") ? " WITH (fillfactor = 80)" : "";

	if (w->dialect == DIALECT_SQLITE)
		buf_add_c(w->out, has_word(words, "rowless") ? " STRICT, WITHOUT ROWID;" : " STRICT;");
	else if (table.len && w->partitions > 0)
		write_partitions(w, table, room);
	else
		buf_printf(w->out, "%s;", room);
}

static void write_mark(const struct writer *w, struct slice mark)
{
	bool lite = w->dialect == DIALECT_SQLITE;
	struct slice rest_of = mark, name = {0}, table;

	slice_next(&rest_of, ' ', &name);
	if (slice_is(name, "shard") || slice_is(name, "key")) {
		if (!lite)
			buf_add_c(w->out, slice_is(name, "key") ? "shard, " : "shard smallint NOT NULL, ");
	} else if (slice_is(name, "lite") || slice_is(name, "pg")) {
		if (slice_is(name, "lite") == lite)
			write_text(w, rest_of);
	} else if (slice_is(name, "whole")) {
		if (!lite && !w->partitions)
			write_text(w, rest_of);
	} else if (slice_is(name, "of")) {
		slice_next(&rest_of, ' ', &table);
		write_end(w, table, rest_of);
	} else if (slice_is(name, "end")) {
		write_end(w, (struct slice){0}, rest_of);
	} else {
		panic("schema: an unknown mark {" SLICE_FMT "}", SLICE_ARG(mark));
	}
}

/* How long the mark is that begins at `s`, its braces included. */
static size_t mark_length(struct slice s)
{
	int depth = 0;

	for (size_t i = 0; i < s.len; i++) {
		depth += s.data[i] == '{';
		depth -= s.data[i] == '}';
		if (!depth)
			return i + 1;
	}
	panic("schema: a mark without its end");
}

static void write_text(const struct writer *w, struct slice text)
{
	while (text.len) {
		size_t n = 0;

		if (*text.data == '{') {
			n = mark_length(text);
			write_mark(w, slice_make(text.data + 1, n - 2));
		} else if (isalnum((unsigned char)*text.data) || *text.data == '_') {
			while (n < text.len && (isalnum((unsigned char)text.data[n]) || text.data[n] == '_'))
				n++;
			write_word(w, slice_make(text.data, n));
		} else {
			buf_add_char(w->out, *text.data);
			n = 1;
		}
		text = slice_from(text, n);
	}
}

const char *schema_text(struct arena *a, const char *script, enum dialect d, int partitions)
{
	struct buf out = buf_in(a, TEXT_MAX_BYTES);
	struct writer w = {&out, d, partitions};

	write_text(&w, slice_of(script));
	if (out.full)
		panic("schema: a step is too long");
	return out.data ? out.data : "";
}
