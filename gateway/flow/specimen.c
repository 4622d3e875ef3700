/*
 * Texts that a pattern matches, made from its own source: one for each branch at its top. What cannot be made this way
 * (a lookahead that asks for more, a class of everything but something) is dropped, because each text is tried first.
 * For `huiyin check`. Pure; nothing here is fatal.
 */
#include "flow/flow_internal.h"

#include <string.h>

#define DEPTH_MAX          24
#define SPECIMEN_MAX_BYTES 256
#define REPEAT_MAX         12

struct maker {
	struct slice s;
	size_t at;
	int depth;
	bool lost;
};

static void make_branch(struct maker *k, struct buf *out);

static int32_t look(const struct maker *k)
{
	size_t at = k->at;

	return at < k->s.len ? utf8_next(k->s, &at) : -1;
}

static int32_t take(struct maker *k)
{
	return k->at < k->s.len ? utf8_next(k->s, &k->at) : -1;
}

static bool eat(struct maker *k, const char *word)
{
	if (!slice_begins(slice_from(k->s, k->at), slice_of(word)))
		return false;
	k->at += strlen(word);
	return true;
}

static void put(struct buf *out, int32_t c)
{
	char bytes[4];
	size_t n = utf8_encode((uint32_t)c, bytes);

	buf_add(out, slice_make(bytes, n));
}

static void skip_past(struct maker *k, int32_t end)
{
	int32_t c;

	while ((c = take(k)) >= 0)
		if (c == end)
			return;
	k->lost = true;
}

/* Behind a backslash: one character that it means; 0: nothing (no width). */
static int32_t escape(struct maker *k)
{
	int32_t c = take(k);

	if (c < 0 || c >= 0x80)
		return c < 0 ? 0 : c;
	if (strchr("bBAzZG", c))
		return 0;
	if (c == 'p' || c == 'P') {
		bool han = slice_begins(slice_from(k->s, k->at), S("{Han}"));
		bool digit = slice_begins(slice_from(k->s, k->at), S("{N"));
		if (take(k) == '{')
			skip_past(k, '}');
		return c == 'P' ? '!' : han ? 0x4E2D : digit ? '1' : 'a';
	}
	if ((c >= '0' && c <= '9') || strchr("xocgkQENKRX", c)) {
		k->lost = true;
		return 0;
	}
	return c == 'd'               ? '1'
	       : c == 'w'             ? 'a'
	       : strchr("shvtnr", c)  ? ' '
	       : c == 'D' || c == 'S' ? 'a'
	       : c == 'W'             ? '!'
				      : c;
}

/* Behind '[': its first member, or something outside of it. */
static int32_t class_member(struct maker *k)
{
	bool outside = eat(k, "^"), first = true;
	int32_t c, member = 0;

	for (; (c = take(k)) >= 0 && (c != ']' || first); first = false) {
		if (c == '[' && look(k) == ':')
			k->lost = true;
		if (c == '\\')
			c = escape(k);
		if (!member)
			member = c;
	}
	if (c < 0)
		k->lost = true;
	return outside ? 0x67D0 /* 某 */ : member;
}

static int repeats(struct maker *k)
{
	int32_t c = look(k);
	int least = 1;

	if (c == '?' || c == '*') {
		least = 0;
		take(k);
	} else if (c == '+') {
		take(k);
	} else if (c == '{' && k->at + 1 < k->s.len && k->s.data[k->at + 1] >= '0' && k->s.data[k->at + 1] <= '9') {
		take(k);
		for (least = 0; (c = look(k)) >= '0' && c <= '9'; take(k))
			least = least < REPEAT_MAX ? least * 10 + (c - '0') : least;
		skip_past(k, '}');
	} else {
		return 1;
	}
	if (look(k) == '?' || look(k) == '+')
		take(k);
	return least < REPEAT_MAX ? least : REPEAT_MAX;
}

/* Behind '(': its first branch; nothing for what has no width. */
static void group(struct maker *k, struct buf *out)
{
	struct buf none = buf_in(out->arena, SPECIMEN_MAX_BYTES);
	bool wide = true;

	if (eat(k, "?=") || eat(k, "?!") || eat(k, "?<=") || eat(k, "?<!"))
		wide = false;
	else if (eat(k, "?<") || eat(k, "?P<"))
		skip_past(k, '>');
	else if (!eat(k, "?:") && !eat(k, "?|") && !eat(k, "?>") && look(k) == '?')
		k->lost = true;
	if (++k->depth > DEPTH_MAX)
		k->lost = true;
	if (k->lost)
		return;
	make_branch(k, wide ? out : &none);
	while (!k->lost && eat(k, "|"))
		make_branch(k, &none);
	if (take(k) != ')')
		k->lost = true;
	k->depth--;
}

static void make_atom(struct maker *k, struct buf *out)
{
	int32_t c = take(k);

	if (c == '(')
		group(k, out);
	else if (c == '[')
		put(out, class_member(k));
	else if (c == '\\') {
		c = escape(k);
		if (c)
			put(out, c);
	} else if (c == '.')
		put(out, 0x67D0);
	else if (c != '^' && c != '$')
		put(out, c);
}

static void make_branch(struct maker *k, struct buf *out)
{
	int32_t c;

	while (!k->lost && (c = look(k)) >= 0 && c != '|' && c != ')') {
		struct buf one = buf_in(out->arena, SPECIMEN_MAX_BYTES);

		make_atom(k, &one);
		for (int n = repeats(k); n > 0; n--)
			buf_add(out, buf_slice(&one));
	}
}

size_t specimens_of(const struct regex *r, struct matcher *m, struct arena *a, struct slice *out, size_t max)
{
	struct maker k = {.s = fold_pattern(a, pattern_source(r->p))};
	size_t n = 0;

	while (n < max && !k.lost && k.at <= k.s.len) {
		struct buf text = buf_in(a, SPECIMEN_MAX_BYTES);
		struct slice folded;

		make_branch(&k, &text);
		if (!k.lost && text.len && !text.full && utf8_valid(buf_slice(&text))) {
			folded = fold_text(a, buf_slice(&text));
			if (pattern_match(r->p, m, folded, NULL) == MATCHED_YES)
				out[n++] = folded;
		}
		if (!eat(&k, "|"))
			break;
	}
	return n;
}
