/*
 * Types that are strings of digits: telephone numbers, identity card numbers (GB 11643-1999: 17 digits and a check
 * character by ISO 7064 MOD 11-2; the 15-digit form before it is widened), and e-mail addresses. Pure; nothing here is
 * fatal.
 */
#include "flow/kit.h"
#include "flow/numerals.h"

#include <string.h>

#define RUN_MAX  40
#define RUNS_MAX 8

/* Digits that were written together, with the separators between them left out. */
struct run {
	char digits[RUN_MAX + 1];
	size_t n;
	bool plus, x;           /* a leading +; a final x */
	size_t breaks[RUN_MAX]; /* after how many digits a separator stood */
	size_t n_breaks;
	char before; /* ASCII letter right before or behind: part of another code */
	bool bad;    /* too long */
};
struct runs {
	struct run list[RUNS_MAX];
	size_t n;
	bool bad;
};

static int digit_of(int32_t p)
{
	return p >= '0' && p <= '9' ? p - '0' : numeral_digit(p);
}

static bool is_separator(int32_t p)
{
	return p == ' ' || p == '-' || p == ',' || p == '.' || p == '(' || p == ')' || p == 0x2014 || p == 0x2013 ||
	       p == 0x3001 || p == 0x2010 || p == 0x2011 || p == 0xB7 || p == '_' || p == '/' || p == 0x2212;
}

static bool is_latin(int32_t p)
{
	return (p >= 'a' && p <= 'z') || (p >= 'A' && p <= 'Z');
}

/* The check character X, and what people find on their keyboards for it: ×, Cyrillic and Greek. */
static bool is_x(int32_t p)
{
	return p == 'x' || p == 'X' || p == 0xD7 || p == 0x425 || p == 0x445 || p == 0x3A7 || p == 0x2715 ||
	       p == 0x2716;
}

/* Does a digit follow within the separators at `at`? Returns where, or t.len. */
static size_t digit_behind(struct slice t, size_t at)
{
	for (size_t i = 0; i < 4 && at < t.len; i++) {
		size_t from = at;
		int32_t p = utf8_next(t, &at);

		if (digit_of(p) >= 0)
			return from;
		if (!is_separator(p))
			break;
	}
	return t.len;
}

static bool ends_in_code(int32_t p)
{
	return is_latin(p) || (p >= '0' && p <= '9');
}

static size_t take_run(struct slice t, size_t at, struct run *run)
{
	bool chinese = false;

	while (at < t.len) {
		size_t from = at, next;
		int32_t p = utf8_next(t, &at);
		int digit = digit_of(p);

		if (digit >= 0 && run->n && (p > 0x7F) != chinese)
			return from; /* 张三13800138000 */
		if (digit >= 0) {
			chinese = p > 0x7F;
			if (run->n == RUN_MAX)
				run->bad = true;
			else
				run->digits[run->n++] = (char)('0' + digit);
			continue;
		}
		next = is_separator(p) ? digit_behind(t, from) : t.len;
		if (next < t.len) {
			if (run->n_breaks < RUN_MAX)
				run->breaks[run->n_breaks++] = run->n;
			at = next;
			continue;
		}
		if (is_latin(p) || is_x(p)) {
			size_t behind = at;

			run->x = is_x(p) && !ends_in_code(utf8_next(t, &behind));
			run->bad |= !run->x;
			return at;
		}
		if (is_separator(p)) { /* "1101011949123100 2 X" with a space before the last character */
			size_t behind = at;
			int32_t x = utf8_next(t, &behind), after = utf8_next(t, &behind);

			run->x = run->n == 17 && is_x(x) && !ends_in_code(after);
			return at;
		}
		return from;
	}
	return at;
}

static void find_runs(struct slice t, struct runs *all)
{
	int32_t before = 0;

	for (size_t at = 0; at < t.len;) {
		size_t from = at;
		int32_t p = utf8_next(t, &at);

		if (digit_of(p) >= 0) {
			struct run run = {.plus = before == '+', .bad = is_latin(before)};

			at = take_run(t, from, &run);
			if (run.n < 5)
				;
			else if (all->n == RUNS_MAX)
				all->bad = true;
			else
				all->list[all->n++] = run;
			p = 0;
		}
		if (!(before == '+' && (p == ' ' || p == '(')))
			before = p;
	}
}

/* ---- telephone ---- */

static bool all_in(const char *digits, size_t n, const char *set)
{
	return strspn(digits, set) >= n;
}

static bool is_mobile(const char *d, size_t n)
{
	return n == 11 && d[0] == '1' && d[1] >= '3' && d[1] <= '9' && !all_in(d + 2, 9, "0");
}

/* Two-digit area codes after the 0: 010 and 02x; all others have three. */
static size_t area_length(const char *d)
{
	if (d[0] != '0')
		return 0;
	return d[1] == '1' || d[1] == '2' ? (d[1] == '1' && d[2] != '0' ? 0 : 3) : d[1] >= '3' ? 4 : 0;
}

/* `d` begins with the 0 of the area code; an extension behind a break is left out. */
static struct slice landline(struct arena *a, const struct run *r, const char *d, size_t n)
{
	size_t area = n >= 10 ? area_length(d) : 0, local = n - area;
	size_t skipped = r->n - n;

	if (area == 0 || d[area] < '1')
		return (struct slice){0};
	for (size_t i = 0; local > 8 && i < r->n_breaks; i++) {
		size_t cut = r->breaks[i] - skipped;

		if (r->breaks[i] > skipped && (cut == area + 7 || cut == area + 8) && n - cut <= 6)
			local = cut - area;
	}
	if (local != 8 && local != 7)
		return (struct slice){0};
	if (area == 3 && local != 8)
		return (struct slice){0};
	return arena_printf(a, "%.*s-%.*s", (int)area, d, (int)local, d + area);
}

static struct slice mainland(struct arena *a, const struct run *r, size_t skip)
{
	const char *d = r->digits + skip;
	size_t n = r->n - skip;

	if (is_mobile(d, n))
		return arena_printf(a, "%.11s", d);
	if (n == 12 && d[0] == '0' && is_mobile(d + 1, 11)) /* 0138…: the long-distance prefix of old */
		return arena_printf(a, "%.11s", d + 1);
	return landline(a, r, d, n);
}

/* With +86 the area code loses its 0. */
static struct slice from_86(struct arena *a, const struct run *r, size_t skip)
{
	struct run copy = *r;

	if (r->digits[skip] == '1' && is_mobile(r->digits + skip, r->n - skip))
		return mainland(a, r, skip);
	if (r->digits[skip] == '0')
		return mainland(a, r, skip);
	if (r->n - skip > RUN_MAX - 2 || skip == 0)
		return (struct slice){0};
	copy.digits[skip - 1] = '0';
	return landline(a, &copy, copy.digits + skip - 1, r->n - skip + 1);
}

static struct slice foreign(struct arena *a, const char *d, size_t n)
{
	if (n < 8 || n > 15 || d[0] == '0')
		return (struct slice){0};
	return arena_printf(a, "+%.*s", (int)n, d);
}

static struct slice read_run(struct arena *a, const struct run *r)
{
	struct slice found;

	if (r->bad || r->x)
		return (struct slice){0};
	if (r->plus && strncmp(r->digits, "86", 2) == 0)
		return from_86(a, r, 2);
	if (r->plus)
		return foreign(a, r->digits, r->n);
	if (strncmp(r->digits, "0086", 4) == 0)
		return from_86(a, r, 4);
	if (strncmp(r->digits, "00", 2) == 0)
		return foreign(a, r->digits + 2, r->n - 2);
	found = mainland(a, r, 0);
	if (!found.len && strncmp(r->digits, "86", 2) == 0 && r->n >= 12)
		found = from_86(a, r, 2);
	return found;
}

/* Keeps the first find; a different one spoils it. */
static bool keep(struct slice *found, struct slice next)
{
	if (!found->len)
		*found = next;
	return slice_equal(*found, next);
}

/* The part of a run between two of its breaks. */
static struct run part_of(const struct run *r, size_t from, size_t to)
{
	struct run part = {.plus = from == 0 && r->plus};

	part.n = to - from;
	memcpy(part.digits, r->digits + from, part.n);
	for (size_t i = 0; i < r->n_breaks; i++) {
		if (r->breaks[i] > from && r->breaks[i] < to)
			part.breaks[part.n_breaks++] = r->breaks[i] - from;
	}
	return part;
}

/* Several numbers, or a number and a house number, may stand in one run: cut it at its breaks, the longest number
   first. What is left over must be too short for a number with a slip in it. */
static bool cut_run(struct arena *a, const struct run *r, struct slice *found)
{
	size_t from = 0, left = 0;

	while (from < r->n) {
		struct slice next = {0};
		size_t to = r->n;

		for (size_t i = r->n_breaks + 1; i-- > 0 && !next.len;) {
			struct run part;

			to = i < r->n_breaks ? r->breaks[i] : r->n;
			if (to <= from)
				break;
			part = part_of(r, from, to);
			next = read_run(a, &part);
			if (next.len && part.n_breaks && (from > 0 || to < r->n))
				next = (struct slice){0}; /* 138 0013 8000 1: a slip, not a number and a 1 */
		}
		if (next.len && !keep(found, next))
			return false;
		if (!next.len) {
			for (size_t i = r->n_breaks; i-- > 0;)
				to = r->breaks[i] > from ? r->breaks[i] : to;
			to = to > from ? to : r->n;
			left += to - from;
		}
		from = to;
	}
	return left < 7;
}

bool read_phone(const struct reading *r, struct typed *out)
{
	struct slice found = {0};
	struct runs all = {0};

	find_runs(numerals_english(r->a, numerals_spoken(r->a, r->text)), &all);
	for (size_t i = 0; i < all.n; i++) {
		const struct run *run = &all.list[i];
		struct slice next = read_run(r->a, run), cut = {0};

		if (!next.len && !run->bad && !run->x && cut_run(r->a, run, &cut))
			next = cut;
		if (!next.len && cut.len)
			return false; /* two numbers, or one beside a slip */
		if (!next.len && run->n >= 10 && run->n <= 12 && !run->bad)
			return false;
		if (next.len && !keep(&found, next))
			return false;
	}
	if (!found.len || all.bad)
		return false;
	out->value = out->label = found;
	out->json = json_string(r->a, found);
	return true;
}

/* ---- identity card ---- */

static bool region_known(const char *d)
{
	static const char known[] =
		"11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 "
		"81 82 83";
	char code[3] = {d[0], d[1], '\0'};

	return strstr(known, code) != NULL;
}

static int two(const char *d)
{
	return (d[0] - '0') * 10 + d[1] - '0';
}

static bool birthday_valid(const char *d, const struct reading *r)
{
	int year = two(d) * 100 + two(d + 2), month = two(d + 4), day = two(d + 6), y, m, dd;
	struct civil now = wall_civil(r->now, r->zone);
	int64_t days;

	if (year < 1900 || month < 1 || month > 12 || day < 1)
		return false;
	days = civil_days(year, month, day);
	civil_from_days(days, &y, &m, &dd);
	return y == year && m == month && dd == day && days <= civil_days(now.year, now.month, now.day);
}

static char check_character(const char *d)
{
	static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0;

	for (int i = 0; i < 17; i++)
		sum += (d[i] - '0') * weights[i];
	return "10X98765432"[sum % 11];
}

static struct slice read_card(const struct run *run, const struct reading *r)
{
	char d[19];

	if (run->bad || run->plus)
		return (struct slice){0};
	if (run->n == 15 && !run->x) {
		memcpy(d, run->digits, 6);
		memcpy(d + 6, "19", 2);
		memcpy(d + 8, run->digits + 6, 9);
		d[17] = check_character(d);
	} else if (run->n == 18 && !run->x) {
		memcpy(d, run->digits, 18);
	} else if (run->n == 17 && run->x) {
		memcpy(d, run->digits, 17);
		d[17] = 'X';
	} else {
		return (struct slice){0};
	}
	if (!region_known(d) || !birthday_valid(d + 6, r) || check_character(d) != d[17] ||
	    memcmp(d + 14, "000", 3) == 0)
		return (struct slice){0};
	return arena_copy(r->a, slice_make(d, 18));
}

bool read_id_card(const struct reading *r, struct typed *out)
{
	struct slice found = {0};
	struct runs all = {0};

	find_runs(r->text, &all);
	for (size_t i = 0; i < all.n; i++) {
		struct slice next = read_card(&all.list[i], r);

		if (!next.len && all.list[i].n >= 14 && all.list[i].n <= 20)
			return false;
		if (next.len && !keep(&found, next))
			return false;
	}
	if (!found.len || all.bad)
		return false;
	out->value = found;
	out->label = arena_printf(r->a, "%.6s********%.4s", found.data, found.data + 14);
	out->json = json_string(r->a, found);
	return true;
}

/* ---- e-mail ---- */

static bool is_address_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("._%+-", c) != NULL);
}

static bool domain_valid(struct slice d)
{
	struct slice label, rest = d;
	size_t n = 0;
	bool letters = false;

	if (d.len < 4 || d.len > 253 || d.data[d.len - 1] == '.')
		return false;
	while (slice_next(&rest, '.', &label)) {
		n++;
		if (label.len == 0 || label.len > 63 || label.data[0] == '-' || label.data[label.len - 1] == '-')
			return false;
		letters = label.len >= 2;
		for (size_t i = 0; i < label.len; i++) {
			letters &= is_latin((unsigned char)label.data[i]);
			if (strchr("_%+", label.data[i]))
				return false;
		}
	}
	return n >= 2 && letters; /* the last label: a top-level domain */
}

/* The address around the @ at `at`; the domain is not case sensitive, the part before it is kept as typed. */
static struct slice address_at(struct arena *a, struct slice t, size_t at)
{
	size_t from = at, to = at + 1;
	struct slice user, domain;
	char *out;

	while (from > 0 && is_address_byte(t.data[from - 1]))
		from--;
	while (to < t.len && is_address_byte(t.data[to]))
		to++;
	while (to > at + 1 && strchr(".-_%+", t.data[to - 1]))
		to--;
	user = slice_make(t.data + from, at - from);
	domain = slice_make(t.data + at + 1, to - at - 1);
	if (user.len == 0 || user.len > 64 || user.data[0] == '.' || slice_ends(user, S(".")) ||
	    slice_find(user, S("..")) < user.len || !domain_valid(domain))
		return (struct slice){0};
	out = arena_alloc(a, to - from);
	memcpy(out, t.data + from, to - from);
	for (size_t i = at - from; i < to - from; i++)
		out[i] = out[i] >= 'A' && out[i] <= 'Z' ? (char)(out[i] + 32) : out[i];
	return slice_make(out, to - from);
}

/* "zhang @ qq . com": spaces around @ and dots are left out before looking. */
static struct slice tighten(struct arena *a, struct slice t)
{
	char *out = arena_alloc(a, t.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < t.len; i++) {
		bool beside =
			t.data[i] == ' ' && ((i + 1 < t.len && t.data[i + 1] == '@') || (n > 0 && out[n - 1] == '@'));

		if (!beside)
			out[n++] = t.data[i];
	}
	return slice_make(out, n);
}

bool read_email(const struct reading *r, struct typed *out)
{
	struct slice t = tighten(r->a, r->folded), found = {0};

	for (size_t i = 0; i < t.len; i++) {
		struct slice next;

		if (t.data[i] != '@')
			continue;
		next = address_at(r->a, t, i);
		if (!next.len || !keep(&found, next))
			return false;
	}
	if (!found.len)
		return false;
	out->value = out->label = found;
	out->json = json_string(r->a, found);
	return true;
}
