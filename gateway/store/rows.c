/* Pure helpers of the stores; see rows.h. Nothing here is fatal. */
#include "store/rows.h"

#include "huiyin/log.h"

#include <string.h>

#define PACKED_MAX_BYTES ((size_t)1 << 20)

static void pack_one(struct buf *b, struct slice s)
{
	if (s.len > UINT16_MAX)
		s.len = UINT16_MAX;
	buf_add_char(b, (char)(s.len >> 8));
	buf_add_char(b, (char)(s.len & 0xff));
	buf_add(b, s);
}

struct slice buttons_pack(struct arena *a, const struct button *buttons, size_t n)
{
	struct buf b;

	if (!n)
		return (struct slice){0};
	b = buf_in(a, PACKED_MAX_BYTES);
	for (size_t i = 0; i < n; i++) {
		pack_one(&b, buttons[i].value);
		pack_one(&b, buttons[i].label);
	}
	return buf_slice(&b);
}

static bool unpack_one(struct slice *rest, struct slice *out)
{
	size_t len;

	if (rest->len < 2)
		return false;
	len = (size_t)(unsigned char)rest->data[0] << 8 | (unsigned char)rest->data[1];
	if (rest->len - 2 < len)
		return false;
	*out = slice_make(rest->data + 2, len);
	*rest = slice_from(*rest, len + 2);
	return true;
}

size_t buttons_unpack(struct slice packed, struct button *out, size_t max)
{
	size_t n = 0;

	while (n < max && unpack_one(&packed, &out[n].value) && unpack_one(&packed, &out[n].label))
		n++;
	return n;
}

bool outbox_waits(enum delivery_state s)
{
	return s == DELIVERY_QUEUED || s == DELIVERY_SENDING;
}

unsigned receipt_from_mask(enum delivery_state to)
{
	unsigned mask = 1u << to;

	for (int from = DELIVERY_QUEUED; from <= DELIVERY_FAILED; from++)
		if (delivery_may_move((enum delivery_state)from, to))
			mask |= 1u << from;
	return mask;
}

unsigned outbox_from_mask(const struct outbox_row *row)
{
	unsigned mask = receipt_from_mask(row->state);

	if (row->state == DELIVERY_QUEUED)
		mask |= 1u << DELIVERY_SENDING | 1u << DELIVERY_UNSURE | (row->inline_reply ? 1u << DELIVERY_SENT : 0);
	return mask;
}

/* ---- pointers by id ---- */

static size_t spread(int sort, int64_t id, struct slice name)
{
	uint64_t h = ((uint64_t)id ^ (uint64_t)sort << 56) * 0x9E3779B97F4A7C15u;

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.data[i]) * 0x100000001B3u;
	return (size_t)(h >> 20);
}

struct idmap idmap_in(struct arena *a, size_t expected)
{
	struct idmap m = {.arena = a, .room = 16};

	while (m.room < expected * 2)
		m.room *= 2;
	m.slots = ARENA_ARRAY(a, struct idslot, m.room);
	return m;
}

static struct idslot *find(const struct idmap *m, int sort, int64_t id, struct slice name)
{
	size_t i = spread(sort, id, name);

	for (;; i++) {
		struct idslot *s = &m->slots[i & (m->room - 1)];
		if (!s->sort || (s->sort == sort && s->id == id && slice_equal(s->name, name)))
			return s;
	}
}

static void grow(struct idmap *m)
{
	struct idmap bigger = idmap_in(m->arena, m->room);

	for (size_t i = 0; i < m->room; i++) {
		struct idslot *s = &m->slots[i];
		if (s->sort)
			*find(&bigger, s->sort, s->id, s->name) = *s;
	}
	bigger.n = m->n;
	*m = bigger;
}

void **idmap_at(struct idmap *m, int sort, int64_t id, struct slice name)
{
	struct idslot *s;

	if (m->n * 2 >= m->room)
		grow(m);
	s = find(m, sort, id, name);
	if (!s->sort) {
		*s = (struct idslot){sort, id, name, NULL};
		m->n++;
	}
	return &s->row;
}

void *idmap_peek(const struct idmap *m, int sort, int64_t id, struct slice name)
{
	return find(m, sort, id, name)->row;
}

/* ---- sums ---- */

void tally_add(struct arena *a, struct count **list, size_t *n, size_t *room, struct count one)
{
	for (size_t i = 0; i < *n; i++) {
		struct count *c = &(*list)[i];
		if (slice_equal(c->fate, one.fate) && slice_equal(c->channel, one.channel)) {
			c->n += one.n;
			return;
		}
	}
	list_room(a, (void **)list, n, room, sizeof **list);
	(*list)[(*n)++] = one;
}

/* ---- addresses ---- */

struct slice open_address(const struct key *k, struct slice sealed, struct arena *a)
{
	struct slice plain = {0};

	if (!sealed.len || secret_open(a, k, sealed, &plain))
		return plain;
	log_line(LOG_ERROR_, "store", "an address does not open with this key", "mend",
		 "put back the key file that belongs to this store", NULL);
	return (struct slice){0};
}
