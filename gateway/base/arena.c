/*
 * Arenas and growing buffers: where all working memory comes from.
 *
 * An arena is a list of chunks, used by moving a mark; the first chunk also holds the arena itself, so that a small
 * unit of work costs one malloc. Fatal: no memory (exhausted), or an arena beyond its ceiling (panic). A buffer at its ceiling is
 * not fatal: it says `full`.
 */
#include "huiyin/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#endif

/* Under AddressSanitizer each piece is followed by a gap no one may touch, as with malloc. */
#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#define ARENA_GAP          16
#define arena_forbid(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define arena_permit(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define ARENA_GAP          0
#define arena_forbid(p, n) ((void)(p), (void)(n))
#define arena_permit(p, n) ((void)(p), (void)(n))
#endif

#define FIRST_CHUNK_BYTES  ((size_t)4096)
#define LARGEST_STEP_BYTES ((size_t)1 << 20)
#define ALIGN              ((size_t)16)

struct chunk {
	struct chunk *older;
	size_t size; /* of data */
	_Alignas(16) char data[];
};

struct arena {
	struct chunk *current; /* the list's head; the last one is `first` */
	char *mark, *end;      /* free room in current */
	size_t held;           /* bytes of all chunks */
	size_t ceiling;
	size_t used;
};

static size_t round_up(size_t n)
{
	return (n + ALIGN - 1) & ~(ALIGN - 1);
}

static struct chunk *chunk_new(size_t data_bytes)
{
	struct chunk *c = malloc(sizeof(*c) + data_bytes);

	if (!c)
		exhausted("%zu bytes for an arena", data_bytes);
	c->older = NULL;
	c->size = data_bytes;
	arena_forbid(c->data, data_bytes);
	return c;
}

static void chunk_free(struct chunk *c)
{
	arena_permit(c->data, c->size);
	free(c);
}

static void arena_use(struct arena *a, struct chunk *c, size_t from)
{
	a->current = c;
	a->mark = c->data + from;
	a->end = c->data + c->size;
}

struct arena *arena_open(size_t ceiling_bytes)
{
	struct chunk *first = chunk_new(FIRST_CHUNK_BYTES - sizeof(struct chunk));
	struct arena *a = (struct arena *)(void *)first->data;

	arena_permit(a, sizeof(*a));
	*a = (struct arena){.held = FIRST_CHUNK_BYTES, .ceiling = ceiling_bytes ? ceiling_bytes : ARENA_CEILING_BYTES};
	arena_use(a, first, round_up(sizeof(*a)));
	return a;
}

/* Frees every chunk but the first, which holds the arena. */
static void arena_drop(struct arena *a)
{
	struct chunk *c = a->current;

	while (c->older) {
		struct chunk *older = c->older;

		chunk_free(c);
		c = older;
	}
	arena_use(a, c, round_up(sizeof(*a)));
}

void arena_close(struct arena **a)
{
	if (!*a)
		return;
	arena_drop(*a);
	chunk_free((*a)->current);
	*a = NULL;
}

void arena_reset(struct arena *a)
{
	arena_drop(a);
	arena_forbid(a->mark, (size_t)(a->end - a->mark));
	a->held = FIRST_CHUNK_BYTES;
	a->used = 0;
}

/* A new chunk of at least `size`; each is twice the one before, up to a step that wastes little. */
static void arena_extend(struct arena *a, size_t size)
{
	size_t step = a->current->size * 2;

	if (step > LARGEST_STEP_BYTES)
		step = LARGEST_STEP_BYTES;
	if (step < size)
		step = size;
	if (size > a->ceiling || a->held > a->ceiling - size)
		panic("an arena of %zu bytes cannot take %zu more (ceiling %zu)", a->held, size, a->ceiling);
	struct chunk *c = chunk_new(step);

	c->older = a->current;
	a->held += sizeof(*c) + step;
	arena_use(a, c, 0);
}

/* Room with whatever bytes it held. */
static char *arena_take(struct arena *a, size_t size)
{
	size_t step;
	char *p;

	if (size > SIZE_MAX / 2)
		panic("an arena was asked for %zu bytes", size);
	step = round_up(size ? size : 1) + ARENA_GAP;
	if (step > (size_t)(a->end - a->mark))
		arena_extend(a, step);
	p = a->mark;
	a->mark += step;
	a->used += step;
	arena_permit(p, size);
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(arena_take(a, size), 0, size);
}

char *arena_cstr(struct arena *a, struct slice s)
{
	char *copy = arena_take(a, s.len + 1);

	if (s.len)
		memcpy(copy, s.data, s.len);
	copy[s.len] = 0;
	return copy;
}

struct slice arena_copy(struct arena *a, struct slice s)
{
	return (struct slice){arena_cstr(a, s), s.len};
}

struct slice arena_printf(struct arena *a, const char *fmt, ...)
{
	struct buf b = buf_in(a, a->ceiling);
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		panic("a format that cannot be printed: %s", fmt);
	b.data = arena_take(a, (size_t)n + 1);
	va_start(args, fmt);
	vsnprintf(b.data, (size_t)n + 1, fmt, args);
	va_end(args);
	return (struct slice){b.data, (size_t)n};
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

/* Makes `old` (the latest piece handed out) longer where it stands; false when it is not the latest or has no room. */
static bool arena_stretch(struct arena *a, char *old, size_t old_size, size_t new_size)
{
	size_t had = round_up(old_size ? old_size : 1) + ARENA_GAP;
	size_t want = round_up(new_size) + ARENA_GAP;

	if (old + had != a->mark || want - had > (size_t)(a->end - a->mark))
		return false;
	a->mark += want - had;
	a->used += want - had;
	arena_permit(old, new_size);
	return true;
}

struct buf buf_in(struct arena *a, size_t ceiling_bytes)
{
	return (struct buf){.ceiling = ceiling_bytes, .arena = a};
}

struct buf buf_heap(size_t ceiling_bytes)
{
	return (struct buf){.ceiling = ceiling_bytes};
}

void buf_free(struct buf *b)
{
	if (!b->arena)
		free(b->data);
	*b = (struct buf){.ceiling = b->ceiling, .arena = b->arena};
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->full = false;
	if (b->data)
		b->data[0] = 0;
}

static void buf_grow_in_arena(struct buf *b, size_t room)
{
	char *bigger;

	if (b->data && arena_stretch(b->arena, b->data, b->room, room))
		return;
	bigger = arena_take(b->arena, room);
	if (b->len)
		memcpy(bigger, b->data, b->len);
	b->data = bigger;
}

/* Room for `more` bytes and the null behind them; false (and full) when that would pass the ceiling. */
static bool buf_make_room(struct buf *b, size_t more)
{
	size_t need, room;

	if (b->full || more > b->ceiling || b->len > b->ceiling - more) {
		b->full = true;
		return false;
	}
	need = b->len + more + 1;
	if (need <= b->room)
		return true;
	room = b->room * 2 > need ? b->room * 2 : need;
	if (room < 64)
		room = 64;
	if (b->arena) {
		buf_grow_in_arena(b, room);
	} else {
		b->data = realloc(b->data, room);
		if (!b->data)
			exhausted("%zu bytes for a buffer", room);
	}
	b->room = room;
	return true;
}

void buf_add(struct buf *b, struct slice s)
{
	if (!buf_make_room(b, s.len))
		return;
	if (s.len)
		memcpy(b->data + b->len, s.data, s.len);
	b->len += s.len;
	b->data[b->len] = 0;
}

void buf_add_c(struct buf *b, const char *c_string)
{
	buf_add(b, slice_of(c_string));
}

void buf_add_char(struct buf *b, char c)
{
	if (!buf_make_room(b, 1))
		return;
	b->data[b->len++] = c;
	b->data[b->len] = 0;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	int n;

	if (!buf_make_room(b, 0))
		return;
	va_start(args, fmt);
	n = vsnprintf(b->data + b->len, b->room - b->len, fmt, args);
	va_end(args);
	if (n < 0)
		panic("a format that cannot be printed: %s", fmt);
	if ((size_t)n >= b->room - b->len) {
		b->data[b->len] = 0;
		if (!buf_make_room(b, (size_t)n))
			return;
		va_start(args, fmt);
		vsnprintf(b->data + b->len, b->room - b->len, fmt, args);
		va_end(args);
	} else if ((size_t)n > b->ceiling - b->len) {
		b->data[b->len] = 0; /* there was room by chance, but not leave */
		b->full = true;
		return;
	}
	b->len += (size_t)n;
}

struct slice buf_slice(const struct buf *b)
{
	return (struct slice){b->data, b->len};
}
