/* What the stores share and no database needs: packed buttons, forward-only masks, pointers by id, sums. Pure. */
#ifndef HUIYIN_STORE_ROWS_H
#define HUIYIN_STORE_ROWS_H

#include "huiyin/store.h"

/* Buttons ↔ one blob: per button a 16-bit length and the bytes of value and of label. */
struct slice buttons_pack(struct arena *a, const struct button *buttons, size_t n);
size_t buttons_unpack(struct slice packed, struct button *out, size_t max); /* borrows; stops at damage */

/* Bit s is set when a stored state s may become `row`'s: forward, unchanged, or back into the queue, for what certainly
   never left us: a send that came back, or an inline answer that could not be written. */
unsigned outbox_from_mask(const struct outbox_row *row);
unsigned receipt_from_mask(enum delivery_state to); /* parked receipts: strictly forward, or unchanged */
bool outbox_waits(enum delivery_state s);           /* queued or sending: later ones of the contact wait behind it */

/* One row of a snapshot, one pointer: (sort, id or text) → pointer. Lives in the arena. */
struct idmap {
	struct arena *arena;
	struct idslot *slots;
	size_t room, n;
};
struct idslot {
	int sort;
	int64_t id;
	struct slice name;
	void *row;
};
struct idmap idmap_in(struct arena *a, size_t expected);
void **idmap_at(struct idmap *m, int sort, int64_t id,
		struct slice name); /* where the pointer is or goes; borrows name */
void *idmap_peek(const struct idmap *m, int sort, int64_t id, struct slice name); /* the pointer or null */

/* What was sealed; empty, and a line in the log, when it does not open with this key. */
struct slice open_address(const struct key *k, struct slice sealed, struct arena *a);

/* Sums by (channel, fate), in the order they first came. */
void tally_add(struct arena *a, struct count **list, size_t *n, size_t *room, struct count one);

#endif
