/* One end of a move: the embedded store (move_lite.c). What its files share. Inside the store room only. */
#ifndef HUIYIN_STORE_MOVE_LITE_H
#define HUIYIN_STORE_MOVE_LITE_H

#include "store/move_parts.h"

#define LITE_LOG_BYTES ((int64_t)16 << 20) /* SQLite's own log is written back when it is longer */

/* The statements besides those of the tables. */
enum {
	LITE_MARK = 0,
	LITE_MARK_PUT,
	LITE_PAGES,
	LITE_LOG,
	LITE_COUNT_RUNS,
	LITE_COUNT_LOG,
	LITE_PAGES_CLEAR,
	LITE_RUNS_CLEAR,
	LITE_LOG_CLEAR,
	LITE_PAGE_ADD,
	LITE_RUN_ADD,
	LITE_LOG_ADD,
	LITE_ORPHANS,
	LITE_ADDRESS,
	LITE_MORE,
};

struct lite {
	struct move_side front;
	struct sql *q;
	const char *path;
	bool target;
	/* Of a target: */
	struct dedupe keys; /* a run that is being gathered, with the time of each key */
	struct move_key *gathered;
	size_t n_gathered;
	int64_t runs;
};

/* move_lite.c */
struct lite *lite_of(struct move_side *s);
enum result lite_outcome(struct lite *l); /* of what was done since sql_clear or sql_begin; notes that it failed */
bool lite_number(struct lite *l, int statement, const char *types, int64_t with, int64_t *n);
struct sql *lite_connect(struct lite *l, bool writer, struct arena *a, struct slice *why);

/* The members of move_side_kind. move_lite_rows.c */
enum result lite_bound(struct move_side *s, const struct move_table *t, int64_t after, size_t room, int64_t *to);
enum result lite_rows(struct move_side *s, const struct move_table *t, int64_t after, int64_t to, struct arena *a,
		      struct move_rows *out);
enum result lite_count(struct move_side *s, const struct move_table *t, int64_t *n);
enum result lite_put(struct move_side *s, const struct move_change *c);

/* move_lite_keys.c */
enum result lite_keys_next(struct move_side *s, int64_t cut, struct move_place *at, struct arena *a,
			   struct move_key **out, size_t *n);
enum result lite_keys_count(struct move_side *s, int64_t cut, int64_t *n);
enum result lite_keys_clear(struct move_side *s);
enum result lite_keys_put(struct move_side *s, const struct move_key *keys, size_t n, int64_t mark);
enum result lite_keys_end(struct move_side *s, int64_t cut);

/* move_lite_state.c */
void lite_put_mark(struct lite *l, const char *name, int64_t at, struct slice text); /* inside a transaction */
enum result lite_mark(struct move_side *s, const char *name, int64_t *at, struct arena *a, struct slice *text);
bool lite_begin(struct move_side *s, struct slice origin, struct arena *a, struct slice *why);
enum result lite_finish(struct move_side *s);
bool lite_still(struct move_side *s, struct arena *a, struct slice *why);
enum result lite_leave(struct move_side *s, struct slice to);
bool lite_sound(struct move_side *s, struct arena *a, struct slice *why);

#endif
