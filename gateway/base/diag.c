/*
 * Collecting and printing diagnostics. Nothing here is fatal: beyond DIAGS_MAX they are only counted.
 * Columns count characters, so a caret is placed by display width: Chinese text takes two columns a character.
 */
#include "huiyin/diag.h"

#define NAME_MAX_POINTS    48
#define EXCERPT_MAX_POINTS 160

struct diags diags_in(struct arena *a)
{
	return (struct diags){.arena = a};
}

struct diag *diags_add(struct diags *d, enum severity s, struct slice file, int line, int column, struct slice what,
		       struct slice mend)
{
	struct diag *entry;

	if (!d->list) /* one place more: what is dropped is written there, so the caller never gets null */
		d->list = ARENA_ARRAY(d->arena, struct diag, DIAGS_MAX + 1);
	entry = &d->list[d->n];
	if (d->n < DIAGS_MAX)
		d->n++;
	else
		d->dropped++;
	if (s == ERROR)
		d->errors++;
	if (s == WARNING)
		d->warnings++;
	*entry = (struct diag){.severity = s, .line = line, .column = column};
	if (d->dropped)
		return entry;
	entry->file = arena_copy(d->arena, file);
	entry->what = arena_copy(d->arena, what);
	entry->mend = arena_copy(d->arena, mend);
	return entry;
}

/* ---- printing ---- */

static bool is_wide(int32_t c)
{
	return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
	       (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
	       (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
}

static void put_caret(struct buf *out, struct slice excerpt, int column, bool colour)
{
	size_t at = 0;

	buf_add_c(out, "  ");
	for (int i = 1; i < column && at < excerpt.len; i++) {
		int32_t c = utf8_next(excerpt, &at);

		buf_add_c(out, c == '\t' ? "\t" : is_wide(c) ? "  " : " ");
	}
	buf_add_c(out, colour ? "\033[32m^\033[0m\n" : "^\n");
}

/* An excerpt is shown on one line; a control character in it must not reach a terminal. */
static void put_line(struct buf *out, struct slice text)
{
	size_t at = 0, from = 0;

	buf_add_c(out, "  ");
	while (at < text.len) {
		int32_t c = utf8_next(text, &at);

		if ((c >= 0x20 && c != 0x7F && !(c >= 0x80 && c <= 0x9F)) || c == '\t') {
			buf_add(out, slice_make(text.data + from, at - from));
		} else {
			buf_add_char(out, '?');
		}
		from = at;
	}
	buf_add_char(out, '\n');
}

static void put_place(struct buf *out, const struct diag *d)
{
	buf_add(out, d->file);
	if (d->line > 0)
		buf_printf(out, ":%d", d->line);
	if (d->line > 0 && d->column > 0)
		buf_printf(out, ":%d", d->column);
	if (d->file.len)
		buf_add_c(out, ": ");
}

static void put_one(struct buf *out, const struct diag *d, bool colour)
{
	static const char *const name[] = {"note", "warning", "error"};
	static const char *const paint[] = {"\033[36m", "\033[35m", "\033[31m"};
	struct slice excerpt = utf8_cut(d->excerpt, EXCERPT_MAX_POINTS);

	put_place(out, d);
	buf_printf(out, "%s%s:%s ", colour ? paint[d->severity] : "", name[d->severity], colour ? "\033[0m" : "");
	buf_add(out, d->what);
	buf_add_char(out, '\n');
	if (d->mend.len)
		put_line(out, d->mend);
	if (!excerpt.len)
		return;
	put_line(out, excerpt);
	if (d->column > 0 && d->column <= EXCERPT_MAX_POINTS)
		put_caret(out, excerpt, d->column, colour);
}

void diags_print(const struct diags *d, struct buf *out, bool colour)
{
	for (size_t i = 0; i < d->n; i++)
		put_one(out, &d->list[i], colour);
	if (d->dropped)
		buf_printf(out, "and %zu more\n", d->dropped);
}

/* ---- the nearest name ---- */

static size_t points_of(struct slice s, int32_t *out)
{
	size_t at = 0, n = 0;

	while (at < s.len && n < NAME_MAX_POINTS)
		out[n++] = utf8_next(s, &at);
	return n;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Damerau-Levenshtein (optimal string alignment): a swap of two neighbours counts as one edit. */
static size_t edits(const int32_t *a, size_t n, const int32_t *b, size_t m)
{
	size_t row[3][NAME_MAX_POINTS + 1];
	size_t *two = row[0], *one = row[1], *now = row[2];

	for (size_t j = 0; j <= m; j++)
		one[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *spare = two;

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = least(one[j - 1] + (a[i - 1] != b[j - 1]), least(one[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], two[j - 2] + 1);
		}
		two = one;
		one = now;
		now = spare;
	}
	return one[m];
}

/* Two edits in a word of three letters would fit nearly anything, so short words get one. */
static size_t edits_allowed(size_t points)
{
	if (points < 4)
		return 1;
	return points / 3 > 2 ? points / 3 : 2;
}

struct slice diag_nearest(struct slice word, const char *const *candidates, size_t n)
{
	int32_t a[NAME_MAX_POINTS], b[NAME_MAX_POINTS];
	size_t len = points_of(word, a), best = edits_allowed(len) + 1;
	struct slice nearest = {0};

	if (utf8_count(word) > NAME_MAX_POINTS)
		return nearest;
	for (size_t i = 0; i < n; i++) {
		struct slice candidate = slice_of(candidates[i]);
		size_t points = points_of(candidate, b), distance;

		if (utf8_count(candidate) > NAME_MAX_POINTS)
			continue;
		distance = edits(a, len, b, points);
		/* An edit distance as long as the word has nothing of it left. */
		if (distance < best && distance < len) {
			best = distance;
			nearest = candidate;
		}
	}
	return nearest;
}
