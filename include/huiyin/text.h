/*
 * Slices, arenas and growing buffers: all the memory that the gateway works in.
 *
 * A slice borrows; whoever made the bytes owns them. An arena owns everything made in it and dies all at once.
 * A buffer has a ceiling. Running out of memory, or an arena beyond its ceiling, ends the process: every input is
 * bounded before it reaches an arena, so a full arena is a bug and the store is safe at any point (design 2.1).
 */
#ifndef HUIYIN_TEXT_H
#define HUIYIN_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char *data; /* may be null when len is 0; NOT null-terminated in general */
	size_t len;
};

#define S(literal) ((struct slice){(literal), sizeof(literal) - 1})
#define SLICE_FMT "%.*s"
#define SLICE_ARG(s) (int)(s).len, (s).data ? (s).data : ""

struct slice slice_of(const char *c_string); /* null gives the empty slice */
struct slice slice_make(const char *data, size_t len);
bool slice_equal(struct slice a, struct slice b);
bool slice_is(struct slice a, const char *c_string);
bool slice_equal_ignoring_case(struct slice a, struct slice b); /* ASCII case only */
bool slice_begins(struct slice whole, struct slice prefix);
bool slice_ends(struct slice whole, struct slice suffix);
int slice_compare(struct slice a, struct slice b); /* by bytes, like memcmp then length */
struct slice slice_trim(struct slice s);           /* ASCII white space off both ends */
struct slice slice_from(struct slice s, size_t from); /* from may exceed len: gives empty */
/* First occurrence of needle, or len when absent. */
size_t slice_find(struct slice whole, struct slice needle);
/* Cuts off what stands before the first sep; returns it and moves *rest behind sep. False when *rest was exhausted. */
bool slice_next(struct slice *rest, char sep, struct slice *piece);
/* Whole of s as a decimal; false on anything else, empty, or overflow. */
bool slice_to_int(struct slice s, int64_t *out);

struct arena; /* one unit of work's memory */

struct arena *arena_open(size_t ceiling_bytes); /* ceiling 0 = ARENA_CEILING_BYTES */
void arena_close(struct arena **a);             /* accepts null; nulls the pointer */
void arena_reset(struct arena *a);              /* forgets all, keeps the first chunk */
void *arena_alloc(struct arena *a, size_t size); /* zeroed, 16-byte aligned, never null */
char *arena_cstr(struct arena *a, struct slice s); /* null-terminated copy */
struct slice arena_copy(struct arena *a, struct slice s);
struct slice arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
size_t arena_used(const struct arena *a);
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))
#define ARENA_CEILING_BYTES ((size_t)256 << 20)

/* A growing buffer. Once an append would pass the ceiling, nothing more is added and `full` stays set. */
struct buf {
	char *data; /* always null-terminated once anything was added */
	size_t len, room, ceiling;
	bool full;
	struct arena *arena; /* null: malloc'ed, buf_free owns it */
};

struct buf buf_in(struct arena *a, size_t ceiling_bytes);
struct buf buf_heap(size_t ceiling_bytes);
void buf_free(struct buf *b); /* for buf_heap; accepts a zeroed buffer */
void buf_clear(struct buf *b);
void buf_add(struct buf *b, struct slice s);
void buf_add_c(struct buf *b, const char *c_string);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct slice buf_slice(const struct buf *b);

/* UTF-8. Everything that crossed the front door is valid UTF-8 without NUL; it is checked once, there. */
bool utf8_valid(struct slice s); /* rejects overlong, surrogates, beyond U+10FFFF, NUL */
struct slice utf8_repair(struct arena *a, struct slice s); /* invalid bytes and NUL → U+FFFD; s itself if valid */
size_t utf8_count(struct slice s); /* code points */
struct slice utf8_cut(struct slice s, size_t max_points); /* at most so many code points */
/* Decodes one code point at *at and moves *at behind it. s must be valid; at end returns -1. */
int32_t utf8_next(struct slice s, size_t *at);
size_t utf8_encode(uint32_t point, char out[4]);

/* Ends the process with one line on stderr. For states that cannot be. */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The system refuses memory or a thread: one line in the log, which says for what, then _exit with EXHAUSTED_STATUS.
   Nothing is unwound, for nothing needs to be: what was acknowledged is synced, the rest is asked for again. */
_Noreturn void exhausted(const char *what, ...) __attribute__((format(printf, 1, 2)));
#define EXHAUSTED_STATUS 71 /* EX_OSERR */

#endif
