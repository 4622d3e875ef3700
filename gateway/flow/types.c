/*
 * Ready types: the door to them, and what their readers share. Pure; nothing here is fatal.
 */
#include "flow/kit.h"

#include <string.h>

#include "flow/fold.h"
#include "flow/speech.h"
#include "huiyin/json.h"

/* Characters of an answer that are read: a type tries a hundred patterns, and no honest date is longer. */
#define READING_MAX 400

const char *const type_names[] = {"date", "phone", "number", "yes_no", "id_card", "email", "place", "rating", NULL};

/* In the order of type_names. */
static bool (*const readers[])(const struct reading *r, struct typed *out) = {
	read_date, read_phone, read_number, read_yes_no, read_id_card, read_email, read_place, read_rating,
};

static size_t type_index(struct slice type)
{
	size_t i = 0;

	while (type_names[i] && !slice_is(type, type_names[i]))
		i++;
	return i;
}

bool type_known(struct slice type)
{
	return type_names[type_index(type)] != NULL;
}

bool is_cjk(int32_t p)
{
	return (p >= 0x2E80 && p <= 0x9FFF) || (p >= 0xF900 && p <= 0xFAFF) || p >= 0x20000;
}

bool reading_zh(const struct reading *r)
{
	return !slice_begins(r->lang, S("en"));
}

struct slice json_string(struct arena *a, struct slice text)
{
	struct buf b = buf_in(a, text.len * 6 + 16);

	json_put_string(&b, text);
	return buf_slice(&b);
}

struct slice blanked(struct arena *a, struct slice text, struct slice part)
{
	struct slice copy = arena_copy(a, text);

	memset((char *)(uintptr_t)copy.data + (part.data - text.data), ' ', part.len);
	return copy;
}

static bool digit_at(struct slice s, size_t i)
{
	return i < s.len && s.data[i] >= '0' && s.data[i] <= '9';
}

/* Lower case, and no spaces beside Chinese characters: "11 月 3 日" is "11月3日", but "138 0013 8000" keeps its own. */
static struct slice squeeze(struct arena *a, struct slice folded)
{
	char *out = arena_alloc(a, folded.len + 1);
	size_t at = 0, len = 0;
	bool after_cjk = false, gap = false;

	while (at < folded.len) {
		size_t from = at;
		int32_t p = utf8_next(folded, &at);

		if (p == ' ') {
			gap = len > 0;
			continue;
		}
		if (gap && !after_cjk && !is_cjk(p))
			out[len++] = ' ';
		gap = false;
		after_cjk = is_cjk(p);
		if (p == 0x3002 && digit_at(folded, from - 1) && digit_at(folded, at)) { /* 11。3 */
			out[len++] = '.';
			continue;
		}
		memcpy(out + len, folded.data + from, at - from);
		if (p >= 'A' && p <= 'Z')
			out[len] = (char)(p + 32);
		len += at - from;
	}
	return slice_make(out, len);
}

bool type_read(struct matcher *m, struct arena *a, struct slice type, struct slice text, struct slice lang, int64_t now,
	       const struct zone *z, struct typed *out)
{
	size_t i = type_index(type);
	struct reading r = {.m = m, .a = a, .lang = lang, .now = now, .zone = z};
	struct typed typed = {0};

	if (!type_names[i])
		return false;
	kit_forget(m);
	r.original = utf8_cut(text, READING_MAX);
	r.folded = fold_text(a, r.original);
	r.text = squeeze(a, r.folded);
	if (r.text.len == 0)
		return false;
	if (!readers[i](&r, &typed)) {
		struct slice plain = speech_plain(a, r.folded);

		if (!(readers[i] == read_yes_no || readers[i] == read_rating) || plain.data == r.folded.data)
			return false;
		r.text = squeeze(a, plain);
		if (!readers[i](&r, &typed))
			return false;
	}
	*out = typed;
	return true;
}

bool flow_read_type(struct matcher *m, struct arena *a, struct slice type, struct slice text, struct slice lang,
		    int64_t now, const struct zone *z, struct slice *value, struct slice *json)
{
	struct typed typed;

	if (!type_read(m, a, type, text, lang, now, z, &typed))
		return false;
	*value = typed.value;
	*json = typed.json;
	return true;
}
