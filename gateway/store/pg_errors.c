/* The errors of PostgreSQL by their SQLSTATE: what they mean for a batch, and what mends them. Pure. */
#include "store/pg_errors.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The first that fits: whole codes before their classes. */
static const struct {
	const char *state; /* a SQLSTATE or its class */
	enum result means;
	const char *mend;
} errors[] = {
	{"40001", RETRY, "nothing to mend: it is tried again"},
	{"40P01", RETRY, "nothing to mend: it is tried again"},
	{"55006", LATER, "stop those gateways, then start this one again"}, /* raised by ourselves: pg_schema.c */
	{"55P03", LATER, "something holds a lock for long: look at pg_stat_activity"},
	{"57014", LATER, "the database is slow: look at pg_stat_activity and at its disk"},
	{"23505", RETRY, "nothing to mend: another gateway was first"},
	{"22012", RETRY, "nothing to mend: another gateway was first"},
	{"23", NEVER, "this is a bug: please report it with this line"},
	{"22", NEVER, "a text cannot be stored as it is: please report it with this line"},
	{"28P01", LATER, "the password is wrong: set the one of this user in store:"},
	{"28", LATER, "let this user in: pg_hba.conf and the user name in store:"},
	{"3D000", LATER, "create the database: createdb NAME"},
	{"42501", LATER, "give this user the right to use and to create tables in the schema"},
	{"42", LATER, "these are not the tables of this version: huiyin doctor"},
	{"25006", LATER, "this host is read-only: name the primary, or all hosts, in store:"},
	{"0A000", LATER, "nothing to mend: it is tried again"}, /* a table has changed under a prepared statement */
	{"26000", LATER, "connect to PostgreSQL itself, or to a pool that keeps sessions (pool_mode=session)"},
	{"53100", LATER, "the database's disk is full: make room there"},
	{"53300", LATER, "too many connections: raise max_connections there"},
	{"53", LATER, "the database is out of resources"},
	{"57P", LATER, "the database is being stopped or started: it is tried again"},
	{"08", LATER, "the database cannot be reached: is it up, are host and port in store: right?"},
};

enum result pg_meaning(const char *state, enum result otherwise, const char **mend)
{
	*mend = "is the database up, and are host, port and name in store: right?";
	for (size_t i = 0; state && i < sizeof errors / sizeof *errors; i++)
		if (strncmp(state, errors[i].state, strlen(errors[i].state)) == 0) {
			*mend = errors[i].mend;
			return errors[i].means;
		}
	return otherwise;
}

void pg_complaint(const char *from, char *to, size_t room)
{
	static const char harmless[] = "invalid URI query parameter:";
	size_t n = strcspn(from, strncmp(from, harmless, sizeof harmless - 1) == 0 ? "\r\n" : "\"\r\n");

	while (n && strchr(" :", from[n - 1]))
		n--;
	snprintf(to, room, "%.*s", (int)(n < room ? n : room - 1), from);
}

static bool is_code(const char *s)
{
	for (int i = 0; i < 5; i++)
		if (!(s[i] >= '0' && s[i] <= '9') && !(s[i] >= 'A' && s[i] <= 'Z'))
			return false;
	return s[5] == ':';
}

/* libpq gives no SQLSTATE for a connection that was refused, but writes it into the text: "FATAL:  28P01: …", whatever
   the server's language. What libpq says by itself has none: its words must do. */
const char *pg_state_of_refusal(const char *message, char code[6])
{
	static const struct { const char *says, *state; } words[] = {
		{"no password supplied", "28P01"},
		{"requires a password", "28P01"},
		{"authentication", "28000"},
		{"session is read-only", "25006"},
		{"server is in hot standby", "25006"},
	};

	for (const char *at = strstr(message, ":  "); at; at = strstr(at + 1, ":  "))
		if (is_code(at + 3)) {
			snprintf(code, 6, "%.5s", at + 3);
			return code;
		}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(message, words[i].says))
			return words[i].state;
	return "08006";
}
