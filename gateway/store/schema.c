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
 */
#include "store/schema.h"

#include <stddef.h>

static const char people[] =
	"CREATE TABLE contact(id INTEGER PRIMARY KEY, channel TEXT NOT NULL, lang TEXT, lang_chosen INTEGER NOT NULL,"
	" optout INTEGER NOT NULL, unreachable INTEGER NOT NULL, created_at INTEGER NOT NULL, greeted_at INTEGER NOT "
	"NULL,"
	" flood_from INTEGER NOT NULL, flood_count INTEGER NOT NULL, open_cases INTEGER NOT NULL,"
	" open_surveys INTEGER NOT NULL) STRICT;"
	"CREATE TABLE identity(contact INTEGER PRIMARY KEY REFERENCES contact(id), hash BLOB NOT NULL,"
	" address BLOB NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX identity_hash ON identity(hash);"

	"CREATE TABLE session(contact INTEGER PRIMARY KEY, flow TEXT, revision TEXT, data TEXT,"
	" due_at INTEGER NOT NULL DEFAULT 0, look_at INTEGER NOT NULL DEFAULT 0) STRICT;"
	"CREATE INDEX session_look ON session(look_at) WHERE look_at > 0;"
	"CREATE TABLE timer(contact INTEGER NOT NULL, kind INTEGER NOT NULL, ref TEXT NOT NULL, due_at INTEGER NOT "
	"NULL,"
	" PRIMARY KEY(contact, kind, ref)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX timer_due ON timer(due_at);";

static const char cases[] =
	"CREATE TABLE cases(number TEXT NOT NULL UNIQUE, contact INTEGER NOT NULL, channel TEXT, lang TEXT,"
	" status TEXT NOT NULL, open INTEGER NOT NULL, purpose TEXT, confidential INTEGER NOT NULL, flow TEXT,"
	" category TEXT, place TEXT, unit TEXT, window TEXT, text TEXT, fields TEXT, code BLOB, handler TEXT, route "
	"TEXT,"
	" reason TEXT, result TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, due_at INTEGER NOT NULL,"
	" clock TEXT, version INTEGER NOT NULL, muted INTEGER NOT NULL, rating INTEGER NOT NULL) STRICT;"
	"CREATE INDEX cases_open ON cases(contact) WHERE open = 1;"
	"CREATE INDEX cases_created ON cases(created_at);"
	"CREATE INDEX cases_status ON cases(status, created_at);"
	"CREATE TABLE case_event(number TEXT NOT NULL REFERENCES cases(number), contact INTEGER NOT NULL,"
	" at INTEGER NOT NULL, event INTEGER NOT NULL, actor TEXT, verb TEXT, detail TEXT) STRICT;"
	"CREATE INDEX case_event_number ON case_event(number);"
	"CREATE TABLE survey(number TEXT PRIMARY KEY REFERENCES cases(number), contact INTEGER NOT NULL,"
	" state INTEGER NOT NULL, rating INTEGER NOT NULL, comment TEXT, tries INTEGER NOT NULL, asked_at INTEGER NOT "
	"NULL,"
	" until_at INTEGER NOT NULL, reminded INTEGER NOT NULL) STRICT;"
	"CREATE INDEX survey_contact ON survey(contact);"
	"CREATE TABLE sequence(day TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

static const char messages[] =
	"CREATE TABLE inbox(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, contact INTEGER NOT NULL, kind INTEGER NOT "
	"NULL,"
	" channel TEXT, provider_id TEXT, text TEXT, rid TEXT, fate TEXT, sent_at INTEGER NOT NULL,"
	" chat INTEGER NOT NULL) STRICT;"
	"CREATE INDEX inbox_chat ON inbox(contact, id) WHERE chat = 1;"
	"CREATE TABLE chat_channel(channel TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"

	"CREATE TABLE outbox(id INTEGER PRIMARY KEY, contact INTEGER NOT NULL, channel TEXT NOT NULL,"
	" state INTEGER NOT NULL, line INTEGER, chat INTEGER NOT NULL, inline_reply INTEGER NOT NULL,"
	" lane INTEGER NOT NULL, part INTEGER NOT NULL, parts INTEGER NOT NULL, attempts INTEGER NOT NULL,"
	" cause INTEGER NOT NULL, next_at INTEGER NOT NULL, lease_until INTEGER NOT NULL, created_at INTEGER NOT NULL,"
	" sender TEXT, text TEXT, buttons BLOB, case_number TEXT, provider_id TEXT, code TEXT) STRICT;"
	"CREATE INDEX outbox_due ON outbox(lane, next_at) WHERE line = 0 AND state = 0;"
	"CREATE INDEX outbox_lease ON outbox(lease_until) WHERE state = 1;"
	"CREATE INDEX outbox_line ON outbox(contact, line, id) WHERE line IS NOT NULL;"
	"CREATE INDEX outbox_cause ON outbox(cause) WHERE inline_reply = 1;"
	"CREATE INDEX outbox_chat ON outbox(contact, id) WHERE chat = 1;"
	"CREATE INDEX outbox_case ON outbox(case_number) WHERE case_number IS NOT NULL;"
	"CREATE INDEX outbox_provider ON outbox(channel, provider_id) WHERE provider_id IS NOT NULL;"
	"CREATE TABLE attempt(outbox INTEGER NOT NULL REFERENCES outbox(id), contact INTEGER NOT NULL, at INTEGER NOT "
	"NULL,"
	" what INTEGER NOT NULL, provider_id TEXT, code TEXT, detail TEXT, took_ms INTEGER NOT NULL) STRICT;"
	"CREATE INDEX attempt_outbox ON attempt(outbox);"
	"CREATE TABLE parked(channel TEXT NOT NULL, provider_id TEXT NOT NULL, outbox INTEGER NOT NULL,"
	" state INTEGER NOT NULL, code TEXT, opted_out INTEGER NOT NULL, at INTEGER NOT NULL, kept_at INTEGER NOT NULL,"
	" PRIMARY KEY(channel, provider_id)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX parked_kept ON parked(kept_at);";

static const char rest[] =
	"CREATE TABLE media(id INTEGER PRIMARY KEY, contact INTEGER NOT NULL, message INTEGER NOT NULL, channel TEXT,"
	" url TEXT, type TEXT, name TEXT, case_number TEXT, path TEXT, sha256 TEXT, why TEXT, size INTEGER NOT NULL,"
	" attempts INTEGER NOT NULL, next_at INTEGER NOT NULL, lease_until INTEGER NOT NULL, state INTEGER NOT NULL) "
	"STRICT;"
	"CREATE INDEX media_due ON media(next_at) WHERE state = 0;"
	"CREATE INDEX media_lease ON media(lease_until) WHERE state = 1;"
	"CREATE INDEX media_case ON media(case_number) WHERE case_number IS NOT NULL;"
	"CREATE TABLE handover(id INTEGER PRIMARY KEY, contact INTEGER NOT NULL, reason TEXT, text TEXT, case_number "
	"TEXT,"
	" urgent INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;"

	"CREATE TABLE dedupe_log(id INTEGER PRIMARY KEY, key BLOB NOT NULL, event INTEGER NOT NULL,"
	" at INTEGER NOT NULL) STRICT;"
	"CREATE TABLE dedupe_run(run INTEGER PRIMARY KEY, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,"
	" n INTEGER NOT NULL, pages INTEGER NOT NULL, filter BLOB NOT NULL) STRICT;"
	"CREATE TABLE dedupe_page(page INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;"

	"CREATE TABLE revision(flow TEXT NOT NULL, revision TEXT NOT NULL, source TEXT, PRIMARY KEY(flow, revision)) "
	"STRICT;"
	"CREATE TABLE counts(day TEXT NOT NULL, channel TEXT NOT NULL, fate TEXT NOT NULL, n INTEGER NOT NULL,"
	" PRIMARY KEY(day, channel, fate)) STRICT, WITHOUT ROWID;";

static const char *const step_0[] = {people, cases, messages, rest, NULL};

const char *const *const schema_steps[] = {step_0, NULL};

int schema_newest(void)
{
	int n = 0;

	while (schema_steps[n])
		n++;
	return n;
}
