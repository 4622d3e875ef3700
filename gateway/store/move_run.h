/* One move that is under way: what its files share. move.c has the order of things. Inside the store room only. */
#ifndef HUIYIN_STORE_MOVE_RUN_H
#define HUIYIN_STORE_MOVE_RUN_H

#include "store/move_parts.h"

#define MOVE_TABLES_MAX 32

struct move {
	const struct move_options *o;
	struct move_side *from, *to;
	struct arena *arena, *batch; /* of the whole move; of one range */
	size_t room;                 /* rows of a range, about */
	int64_t last[MOVE_TABLES_MAX]; /* the greatest group that was seen of the table and was equal on both ends */
	int64_t of[MOVE_TABLES_MAX];   /* rows, counted at the start */
	int64_t done, changed, differing;
	bool to_pg;
	struct slice why;
};

/* move_calls.c: words. A refusal gives false; of several, the first is the one that is told. */
void move_say(struct move *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool move_refuse(struct move *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool move_broken(struct move *m, const struct move_side *s, const char *doing);
bool move_report(struct move *m, const char *table, int64_t of); /* whether to go on */
void move_pause(void); /* before something is asked again */

/* And what the ends are asked, patiently. False: the reason is noted. */
bool move_get_bound(struct move *m, struct move_side *s, const struct move_table *t, int64_t after, int64_t *to);
bool move_get_rows(struct move *m, struct move_side *s, const struct move_table *t, int64_t after, int64_t to,
		   struct move_rows *out);
bool move_get_count(struct move *m, struct move_side *s, const struct move_table *t, int64_t *n);
bool move_get_mark(struct move *m, struct move_side *s, const char *of, int64_t *at, struct slice *text);
bool move_put_change(struct move *m, const struct move_change *c);
bool move_get_keys(struct move *m, struct move_side *s, int64_t cut, struct move_place *at, struct move_key **keys,
		   size_t *n);
bool move_count_keys(struct move *m, struct move_side *s, int64_t cut, int64_t *n);
bool move_match_keys(struct move *m, struct move_side *s, const struct move_key *keys, size_t n, int64_t *found);
bool move_put_keys(struct move *m, const struct move_key *keys, size_t n, int64_t mark);
bool move_clear_keys(struct move *m);
bool move_end_keys(struct move *m, int64_t cut);
bool move_finish(struct move *m);

/* move_walk.c: all tables, one after the other. */
enum move_pass {
	PASS_COPY,     /* beside a gateway, with a mark of how far it is */
	PASS_CATCH_UP, /* beside a gateway: what changed meanwhile */
	PASS_LAST,     /* nobody writes: all is equal behind it */
	PASS_CHECK,    /* writes nothing: names what differs */
};
bool move_walk_all(struct move *m, enum move_pass pass);

/* move_keys.c */
int64_t move_oldest_key(const struct move *m);
bool move_copy_keys(struct move *m, int64_t cut, bool live);
bool move_last_keys(struct move *m); /* nobody writes: all are equal behind it */
bool move_keys_are_equal(struct move *m, int64_t cut, bool *equal);

#endif
