/*
 * Plain speech. The table is sorted by the bytes of what is written, so the rows that begin with one character lie
 * together; the longest row that fits wins. Words of letters count only whole ("u" in "you" does not), Chinese ones
 * anywhere. Nothing in here is fatal; runs on every message that no plain word was found in.
 */
#include "flow/speech.h"

#include <string.h>

struct speech {
	const char *written, *plain;
};
static const struct speech table[] = {
#include "flow/speech.inc"
};
#define ROWS (sizeof table / sizeof *table)
#define GROWTH 4 /* how many times longer a text may become, at most */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_word_byte(char c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '\'';
}

/* How row and text compare over the length of the row; 0: the text begins with it. */
static int compare(struct slice text, const char *row)
{
	for (size_t i = 0; row[i]; i++) {
		int a = i < text.len ? (unsigned char)lower(text.data[i]) : 0, b = (unsigned char)row[i];

		if (a != b)
			return a - b;
	}
	return 0;
}

/* The first row that is not before every text beginning with this character. */
static size_t first_row(struct slice head)
{
	size_t low = 0, high = ROWS;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strncmp(table[middle].written, head.data, head.len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct speech *row_at(struct slice text, size_t at)
{
	struct slice rest = slice_from(text, at);
	size_t len = 0, longest = 0;
	const struct speech *best = NULL;
	char head[4];

	utf8_next(rest, &len);
	for (size_t i = 0; i < len && i < sizeof head; i++)
		head[i] = lower(rest.data[i]);
	if (is_word_byte(head[0]) && at && is_word_byte(text.data[at - 1]))
		return NULL;
	for (size_t i = first_row(slice_make(head, len)); i < ROWS && !strncmp(table[i].written, head, len); i++) {
		size_t n = strlen(table[i].written);

		if (n <= longest || compare(rest, table[i].written))
			continue;
		if (is_word_byte(table[i].written[n - 1]) && n < rest.len && is_word_byte(rest.data[n]))
			continue;
		best = &table[i];
		longest = n;
	}
	return best;
}

struct slice speech_plain(struct arena *a, struct slice folded)
{
	struct buf out;
	size_t at = 0, done = 0;

	while (at < folded.len) {
		const struct speech *row = row_at(folded, at);

		if (!row) {
			utf8_next(folded, &at);
			continue;
		}
		if (!done)
			out = buf_in(a, folded.len * GROWTH + 64);
		buf_add(&out, slice_make(folded.data + done, at - done));
		buf_add_c(&out, row->plain);
		at += strlen(row->written);
		done = at;
	}
	if (!done)
		return folded;
	buf_add(&out, slice_from(folded, done));
	return out.full ? folded : buf_slice(&out);
}

int speech_unsorted(void)
{
	for (size_t i = 1; i < ROWS; i++)
		if (strcmp(table[i - 1].written, table[i].written) >= 0)
			return (int)i;
	return -1;
}
