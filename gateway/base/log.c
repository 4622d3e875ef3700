/*
 * The log: one line an event, put together on the stack and written with one write, so that threads never mix lines.
 * A pair that does not fit any more is left out and the line says so. A log that cannot be written is not fatal.
 */
#include "huiyin/log.h"

#include <stdatomic.h>
#include <unistd.h>

#include "huiyin/clock.h"
#include "huiyin/json.h"

#define LINE_MAX_BYTES  4096
#define VALUE_MAX_BYTES 512
#define TAIL_BYTES      32 /* kept free for ` cut=true` or `,"cut":true}` and the newline */

static _Atomic int log_least = LOG_INFO_;
static _Atomic int log_shape = LOG_LOGFMT;

void log_setup(enum log_level least, enum log_format format)
{
	atomic_store(&log_least, (int)least);
	atomic_store(&log_shape, (int)format);
}

/* Cut at a character's edge. */
static struct slice short_of(const char *value)
{
	struct slice s = slice_of(value ? value : "");
	size_t n = VALUE_MAX_BYTES;

	if (s.len <= n)
		return s;
	while (n && ((unsigned char)s.data[n] & 0xC0) == 0x80)
		n--;
	return slice_make(s.data, n);
}

static bool needs_quotes(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7F)
			return true;
	}
	return s.len == 0;
}

static void put_quoted(struct buf *b, struct slice s)
{
	buf_add_char(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c == '\n')
			buf_add_c(b, "\\n");
		else if (c < 0x20 || c == 0x7F)
			buf_printf(b, "\\u%04x", c);
		else
			buf_add_char(b, (char)c);
	}
	buf_add_char(b, '"');
}

/* Adds one pair, or nothing of it when it does not fit (false). */
static bool put_pair(struct buf *b, bool json, const char *key, struct slice value)
{
	size_t before = b->len;
	char repaired[VALUE_MAX_BYTES * 3 + 1];
	struct buf r = {.data = repaired, .room = sizeof(repaired), .ceiling = sizeof(repaired) - 1};

	if (!utf8_valid(value)) { /* what came from outside must not break the reader of the log */
		for (size_t at = 0; at < value.len;) {
			char point[4];
			int32_t c = utf8_next(value, &at);

			buf_add(&r, slice_make(point, utf8_encode((uint32_t)c, point)));
		}
		value = buf_slice(&r);
	}
	if (json) {
		json_put_field(b, key, value);
	} else {
		buf_printf(b, "%s%s=", b->len ? " " : "", key);
		if (needs_quotes(value))
			put_quoted(b, value);
		else
			buf_add(b, value);
	}
	if (!b->full)
		return true;
	b->full = false;
	b->len = before;
	return false;
}

static void put_now(char out[32])
{
	int64_t now = clock_wall().ms;
	struct civil c = wall_civil(now, NULL);
	struct buf b = {.data = out, .room = 32, .ceiling = 31};

	buf_printf(&b, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day, c.hour, c.minute, c.second,
		   (int)(now % 1000));
}

static void write_all(struct slice s)
{
	while (s.len) {
		ssize_t n = write(STDERR_FILENO, s.data, s.len);

		if (n <= 0)
			return;
		s = slice_from(s, (size_t)n);
	}
}

bool log_shows(enum log_level level)
{
	return (int)level >= atomic_load(&log_least);
}

void log_line(enum log_level level, const char *room, const char *what, ...)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};
	char line[LINE_MAX_BYTES], now[32];
	struct buf b = {.data = line, .room = sizeof(line), .ceiling = sizeof(line) - 1 - TAIL_BYTES};
	bool json = atomic_load(&log_shape) == LOG_JSON, whole = true;
	va_list pairs;

	if (!log_shows(level))
		return;
	put_now(now);
	if (json)
		buf_add_char(&b, '{');
	put_pair(&b, json, "ts", slice_of(now));
	put_pair(&b, json, "level", slice_of(names[level]));
	put_pair(&b, json, "room", short_of(room));
	put_pair(&b, json, "what", short_of(what));
	va_start(pairs, what);
	for (const char *key; (key = va_arg(pairs, const char *)) != NULL;)
		whole = put_pair(&b, json, key, short_of(va_arg(pairs, const char *))) && whole;
	va_end(pairs);
	b.ceiling = sizeof(line) - 1;
	if (!whole)
		put_pair(&b, json, "cut", S("true"));
	buf_add_c(&b, json ? "}\n" : "\n");
	write_all(buf_slice(&b));
}

struct slice log_mask(struct arena *a, struct slice address)
{
	size_t points = utf8_count(address), shown = points > 4 ? 2 : 0;
	struct slice head = utf8_cut(address, points - shown);

	return arena_printf(a, "***" SLICE_FMT, SLICE_ARG(slice_from(address, head.len)));
}
