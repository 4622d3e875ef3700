/* The parts of a move: what they share. Inside the store room only. */
#ifndef HUIYIN_STORE_MOVE_PARTS_H
#define HUIYIN_STORE_MOVE_PARTS_H

#include "store/move.h"
#include "store/pg.h"
#include "store/schema.h"
#include "store/sql.h"
#include "store/sqlite.h"

#define MOVE_LOCK_NUMBER 0x68757969796d6fLL /* advisory, in PostgreSQL: one move at a time */
#define MOVE_COLUMNS_MAX 28
#define MOVE_ALL         INT64_MAX          /* the end of a range: to the last row */
#define MOVE_NOTHING     INT64_MIN          /* its beginning: before the first */

/* move_tables.c: what is copied. Rows are walked in ranges of a number; those that share it are a group, the smallest
   thing that is compared and written. */
enum move_walk {
	MOVE_BY_OWNER, /* the number leads an index, in PostgreSQL behind the shard */
	MOVE_BY_TIME,  /* it has an index of its own */
	MOVE_BY_ID,    /* by owner where a PostgreSQL's tables are split, else as by time */
	MOVE_BY_CASE,  /* that of the row's case */
	MOVE_WHOLE,    /* few rows: all of it is one group */
};
struct move_column {
	char type; /* i number · n number or NULL (as -1) · s text · b blob · q place among the rows of its case */
	struct slice name;
};
struct move_table {
	const char *name, *range;
	enum move_walk walk;
	const char *columns; /* "i id,s channel" */
	const char *owner;   /* the column whose lowest byte is the shard; null: none, or that of the provider's id */
	int64_t late_ms; /* rows never change, and come at most so long after the id they are ranged by; -1: they may change */
};
extern const struct move_table move_tables[];
extern const size_t n_move_tables;
enum move_what { MOVE_BOUND, MOVE_ROWS, MOVE_DELETE, MOVE_INSERT, MOVE_COUNT, MOVE_WHATS };
enum move_walk move_walk_of(const struct move_table *t, bool split); /* any but MOVE_BY_ID */
/* Of every table, and behind them what a side has besides. `split`: a PostgreSQL with split tables. */
const char **move_statements(enum dialect d, bool split, const char *const *more, size_t n_more, struct arena *a);
int move_statement(const struct move_table *t, enum move_what what); /* its place among them */
#define MOVE_OWN(which) ((int)(n_move_tables * MOVE_WHATS) + (which)) /* that of one that a side has besides */
size_t move_columns(const struct move_table *t, struct move_column out[MOVE_COLUMNS_MAX]);
size_t move_column(const struct move_table *t, const char *name); /* its place */

struct move_row {
	int64_t group;
	struct sql_value *v; /* by column */
};
struct move_rows { struct move_row *list; size_t n; };

/* move_compare.c */
struct move_difference { struct move_rows from, to; }; /* of one group; an empty list: that end has nothing of it */
struct move_differences { struct move_difference *list; size_t n, room; };
struct move_differences move_differences(struct arena *a, size_t n_columns, struct move_rows from, struct move_rows to);
int move_compare(const struct sql_value *a, const struct sql_value *b, size_t n, size_t *at); /* *at: the first that differs */

struct move_key { struct hash16 key; int64_t event, at; };
struct move_place { int64_t a, b; struct hash16 key; }; /* in a walk over the keys; begins zeroed */
#define MOVE_IN_THE_LOG INT64_MAX /* its a: SQLite's sealed runs are done */

/* What is written in one transaction, and the mark with it. */
struct move_change {
	const struct move_table *table;
	const int64_t *gone; /* groups that the target has otherwise … */
	const int *shards;   /* … and where its rows lie */
	size_t n_gone;
	const struct move_row *rows;
	size_t n_rows;
	const char *mark; int64_t mark_at; /* null: none */
};
enum move_state { MOVE_NONE, MOVE_COPYING, MOVE_GONE }; /* of a store: ordinary; not yet complete; moved away */

struct move_side;
struct move_side_kind {
	void (*close)(struct move_side *s);
	/* The end of the next range after `after` that holds about `room` rows; MOVE_ALL when the rest does. */
	enum result (*bound)(struct move_side *s, const struct move_table *t, int64_t after, size_t room, int64_t *to);
	enum result (*rows)(struct move_side *s, const struct move_table *t, int64_t after, int64_t to, struct arena *a,
			    struct move_rows *out);
	enum result (*count)(struct move_side *s, const struct move_table *t, int64_t *n);
	enum result (*put)(struct move_side *s, const struct move_change *c);
	/* The dedupe keys that are not older than `cut`: a walk in the side's own order (0 rows: the end), and their number. */
	enum result (*keys_next)(struct move_side *s, int64_t cut, struct move_place *at, struct arena *a,
				 struct move_key **out, size_t *n);
	enum result (*keys_count)(struct move_side *s, int64_t cut, int64_t *n);
	enum result (*keys_clear)(struct move_side *s);
	enum result (*keys_put)(struct move_side *s, const struct move_key *keys, size_t n, int64_t mark);
	enum result (*keys_end)(struct move_side *s, int64_t cut); /* after the last keys_put */
	/* How many of these are there, with these events. PostgreSQL only. */
	enum result (*keys_match)(struct move_side *s, const struct move_key *keys, size_t n, int64_t *found);
	/* Marks of a move into this store; *at stays when there is none. */
	enum result (*mark)(struct move_side *s, const char *name, int64_t *at, struct arena *a, struct slice *text);
	bool (*begin)(struct move_side *s, struct slice origin, struct arena *a, struct slice *why); /* a target */
	enum result (*finish)(struct move_side *s);                                                 /* it may be used */
	/* A source: true when nobody writes to it any more, and nobody can until close or leave. */
	bool (*still)(struct move_side *s, struct arena *a, struct slice *why);
	enum result (*leave)(struct move_side *s, struct slice to); /* nobody opens it any more */
	/* True: all is as it must be besides the rows; else *why. */
	bool (*sound)(struct move_side *s, struct arena *a, struct slice *why);
};
struct move_side {
	const struct move_side_kind *kind;
	const char **statements;
	struct slice origin; /* the address, without user and password */
	const char *trouble; /* of the last failure; may be null */
};
struct move_side *move_lite_open(const struct move_options *o, bool target, struct arena *a, struct slice *why);
struct move_side *move_pg_open(const struct move_options *o, bool target, struct arena *a, struct slice *why);

/* For the stores' own open: why a gateway may not open this one. True: it may. */
bool move_lets_in(enum move_state state, struct slice other, struct arena *a, struct slice *why);
bool move_lets_in_lite(struct sql *q, struct arena *a, struct slice *why);
bool move_lets_in_pg(struct pg *q, struct arena *a, struct slice *why);

#endif
