/*
 * Understanding a text outside any question: opt-out first, then urgent, then the global words; and which patterns of a
 * list match, the sieve first. Pure. A pattern that hits its limit counts as "no" (reliability.md 4.4).
 */
#include "flow/core.h"
#include "flow/speech.h"

#include <string.h>

#include "huiyin/case.h"

#define EXACT_MAX_BYTES 96 /* a longer message is more than one word */

/* ---- patterns ---- */

/* Whether any of a list matches; with `out`, the longest match. Without a scent the sieve is left out. */
bool regexes_match(const struct regexes *r, struct matcher *m, const struct scent *scent, struct slice folded,
		   struct match *out, bool *limited)
{
	struct match one;
	bool found = false;

	if (scent && r->all && !scents_meet(r->all, scent))
		return false;
	for (size_t i = 0; i < r->n; i++) {
		enum matched how;

		if (scent && !sieve_lets(&r->list[i].sieve, scent))
			continue;
		how = pattern_match(r->list[i].p, m, folded, out ? &one : NULL);
		if (how == MATCHED_LIMIT && limited)
			*limited = true;
		if (how != MATCHED_YES)
			continue;
		if (!out)
			return true;
		if (!found || one.whole.len > out->whole.len)
			*out = one;
		found = true;
	}
	return found;
}

/* ---- what a text is made of ---- */

static bool is_han(int32_t c)
{
	return (c >= 0x3400 && c < 0xA000) || (c >= 0xF900 && c < 0xFB00) || (c >= 0x20000 && c < 0x32000);
}

static bool is_letter(int32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7);
}

static bool is_digit(int32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 0xFF10 && c <= 0xFF19);
}

/* Signs that say nothing by themselves: ASCII and general punctuation, CJK signs, full-width signs, white space. */
static bool is_sign(int32_t c)
{
	if (c < 0x80)
		return !is_letter(c) && !is_digit(c);
	return (c >= 0x80 && c < 0xC0) || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c < 0x2070) ||
	       (c >= 0x3000 && c < 0x3005) || (c >= 0x3008 && c < 0x3021) || c == 0x30FB ||
	       (c >= 0xFE00 && c < 0xFE70) || (c >= 0xFF00 && c < 0xFF10) || (c >= 0xFF1A && c < 0xFF21) ||
	       (c >= 0xFF3B && c < 0xFF41) || (c >= 0xFF5B && c < 0xFF66);
}

size_t text_weight(struct slice s)
{
	size_t at = 0, weight = 0;
	bool inside = false;
	int32_t c;

	while ((c = utf8_next(s, &at)) >= 0) {
		bool part = is_letter(c) || is_digit(c) || (inside && c == '\'');

		weight += is_han(c) || (part && !inside);
		inside = part;
	}
	return weight;
}

bool text_is_digits(struct slice s)
{
	size_t at = 0, digits = 0;
	int32_t c;

	while ((c = utf8_next(s, &at)) >= 0) {
		if (!is_digit(c) && !is_sign(c))
			return false;
		digits += is_digit(c);
	}
	return digits > 0;
}

struct slice flow_guess_language(struct slice text)
{
	size_t at = 0, letters = 0;
	int32_t c;

	while ((c = utf8_next(text, &at)) >= 0) {
		if (is_han(c))
			return S("zh");
		letters += is_letter(c) && c < 0x250;
	}
	return letters >= 2 ? S("en") : (struct slice){0};
}

/* ---- the exact form ---- */

static struct slice without_prefix(struct slice s)
{
	static const char *const prefixes[] = {"回复", "回", "reply"};

	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		struct slice prefix = slice_of(prefixes[i]);
		if (s.len > prefix.len && slice_begins(s, prefix))
			return slice_from(s, prefix.len);
	}
	return s;
}

/* Folded, lower case, without white space, signs and a leading 回/回复/reply. Empty: too long to be one word. */
struct slice exact_form(struct arena *a, struct slice text)
{
	struct slice folded;
	char *out;
	size_t at = 0, from = 0, len = 0;

	if (text.len > EXACT_MAX_BYTES * 3)
		return (struct slice){0};
	folded = fold_text(a, text);
	out = arena_alloc(a, folded.len + 1);
	while (at < folded.len) {
		int32_t c = utf8_next(folded, &at);

		if (c >= 'A' && c <= 'Z')
			out[len++] = (char)(c + 32);
		else if (!is_sign(c)) {
			memcpy(out + len, folded.data + from, at - from);
			len += at - from;
		}
		from = at;
	}
	return len <= EXACT_MAX_BYTES ? without_prefix(slice_make(out, len)) : (struct slice){0};
}

size_t word_bit(struct slice form)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < form.len; i++)
		h = (h ^ (unsigned char)form.data[i]) * 16777619u;
	return (h ^ h >> 16) % EXACT_BITS;
}

bool is_exactly(const struct word_rule *w, struct slice form, size_t bit)
{
	if (!(w->exact_bits[bit / 64] >> (bit % 64) & 1))
		return false;
	for (size_t i = 0; form.len && i < w->n_exact; i++)
		if (slice_equal(w->exact[i], form))
			return true;
	return false;
}

/* ---- words ---- */

/* A text as it was written and, where it is said otherwise, in plain speech. */
struct heard {
	struct {
		struct slice folded, form;
		size_t bit;
		struct scent scent;
	} as[2];
	size_t n;
};

static void hear_as(struct arena *a, struct slice folded, struct slice text, struct heard *out)
{
	size_t i = out->n++;

	out->as[i].folded = folded;
	out->as[i].form = exact_form(a, text);
	out->as[i].bit = word_bit(out->as[i].form);
	scent_of(folded, &out->as[i].scent);
}

static void hear(struct arena *a, struct slice text, struct heard *out)
{
	struct slice folded = fold_text(a, text), plain = speech_plain(a, folded);

	out->n = 0;
	hear_as(a, folded, text, out);
	if (plain.data != folded.data)
		hear_as(a, plain, plain, out);
}

static bool heard_any(const struct heard *h, const struct regexes *r, struct matcher *m)
{
	for (size_t i = 0; i < h->n; i++)
		if (regexes_match(r, m, &h->as[i].scent, h->as[i].folded, NULL, NULL))
			return true;
	return false;
}

static bool says(const struct word_rule *w, struct matcher *m, const struct heard *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (is_exactly(w, h->as[i].form, h->as[i].bit))
			return true;
	return (heard_any(h, &w->match, m) && !heard_any(h, &w->unless, m)) || heard_any(h, &w->sure, m) ||
	       (heard_any(h, &w->now, m) && !heard_any(h, &w->past, m));
}

static size_t digits_in(struct slice s)
{
	size_t at = 0, n = 0;
	int32_t c;

	while ((c = utf8_next(s, &at)) >= 0)
		n += is_digit(c);
	return n;
}

/* "STOP 261121-0042-7": the text without its case number, which mutes that case only. */
static bool without_number(struct arena *a, struct slice text, struct slice *rest, struct slice *number)
{
	struct slice folded, found;
	size_t from = 0, to = 0;

	if (digits_in(text) < 9)
		return false;
	folded = fold_text(a, text);
	if (case_number_find(a, folded, &found, 1) != 1)
		return false;
	while (from < folded.len && !is_digit((unsigned char)folded.data[from]))
		from++;
	for (to = from; to < folded.len &&
			(is_digit((unsigned char)folded.data[to]) || folded.data[to] == '-' || folded.data[to] == ' ');)
		to++;
	*number = found;
	*rest = arena_printf(a, SLICE_FMT " " SLICE_FMT, (int)from, folded.data, SLICE_ARG(slice_from(folded, to)));
	return true;
}

static struct slice language_asked(const struct word_rule *w, struct matcher *m, const struct heard *h)
{
	struct match found;
	struct slice lang = {0};
	size_t longest = 0;

	for (size_t i = 0; i < w->n_to * h->n; i++) {
		size_t to = i / h->n, as = i % h->n;

		if (regexes_match(&w->to[to].match, m, &h->as[as].scent, h->as[as].folded, &found, NULL) &&
		    found.whole.len > longest) {
			longest = found.whole.len;
			lang = w->to[to].lang;
		}
	}
	return lang;
}

static const struct word_rule *opt_out_rule(const struct flow_set *s)
{
	return s->n_words && s->words[0].kind == WORD_OPT_OUT ? &s->words[0] : NULL;
}

static struct word found(const struct word_rule *w, struct matcher *m, const struct heard *h)
{
	return (struct word){.kind = w->kind,
			     .name = w->name,
			     .lang = w->kind == WORD_LANGUAGE ? language_asked(w, m, h) : (struct slice){0}};
}

/* The global word in the core of a text; opt-out and danger are never looked for there: they need no politeness. */
static const struct word_rule *word_in_core(const struct flow_set *s, struct matcher *m, const struct core *core,
					    const struct heard *h)
{
	for (size_t i = 0; i < s->n_words; i++) {
		const struct word_rule *w = &s->words[i];

		if (w->kind == WORD_OPT_OUT || w->kind == WORD_OPT_IN || w->kind == WORD_URGENT)
			continue;
		if ((core_says(w, m, core) || (core->polite && heard_any(h, &w->alone, m))) && !heard_any(h, &w->unless, m))
			return w;
	}
	return NULL;
}

static const struct word_rule *hear_core(const struct flow_set *s, struct matcher *m, struct arena *a, const struct heard *h)
{
	struct core *core = ARENA_NEW(a, struct core);

	for (size_t i = 0; i < h->n * 2; i++) {
		const struct word_rule *w;

		if (!core_of(&s->core, m, a, h->as[i % h->n].folded, i >= h->n, core))
			continue;
		w = word_in_core(s, m, core, h);
		if (w)
			return w;
	}
	return NULL;
}

static struct word word_in(const struct flow_set *s, struct matcher *m, struct arena *a, struct slice text)
{
	const struct word_rule *out = opt_out_rule(s), *core;
	struct slice rest, number;
	struct heard h;

	if (out && without_number(a, text, &rest, &number)) {
		hear(a, rest, &h);
		if (says(out, m, &h))
			return (struct word){.kind = WORD_OPT_OUT, .name = out->name, .topic = number};
	}
	hear(a, text, &h);
	for (size_t i = 0; i < s->n_words; i++) {
		const struct word_rule *w = &s->words[i];

		if (says(w, m, &h))
			return found(w, m, &h);
	}
	core = hear_core(s, m, a, &h);
	return core ? found(core, m, &h) : (struct word){.kind = WORD_NONE};
}

/* Short texts come again and again, and what they say never changes while the set is the same. */
struct word flow_word(const struct flow_set *s, struct matcher *m, struct arena *a, struct slice text)
{
	struct word_memo *memo;
	struct word w;

	if (!text.len || text.len > WORD_MEMO_BYTES)
		return word_in(s, m, a, text);
	memo = &matcher_memo(m)[word_bit(text) % WORD_MEMOS];
	if (memo->set == s->serial && memo->len == text.len && memcmp(memo->text, text.data, text.len) == 0)
		return memo->word;
	w = word_in(s, m, a, text);
	if (w.topic.len) /* lies in the arena of this turn */
		return w;
	*memo = (struct word_memo){.set = s->serial, .len = text.len, .word = w};
	memcpy(memo->text, text.data, text.len);
	return w;
}
