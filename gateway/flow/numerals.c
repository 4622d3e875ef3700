/*
 * Chinese numbers. 两百五 is 250 and 三万五 is 35,000: a last digit without a unit takes the next lower one, unless 零
 * stands before it. Pure; nothing here is fatal.
 */
#include "flow/numerals.h"

int numeral_digit(int32_t p)
{
	static const char *const forms[] = {
		"零〇○", "一壹弌幺", "二贰弍两俩", "三叁弎仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖",
	};

	if (p < 0x25CB)
		return -1;
	for (int i = 0; i < 10; i++) {
		struct slice form = slice_of(forms[i]);

		for (size_t at = 0; at < form.len;) {
			if (utf8_next(form, &at) == p)
				return i;
		}
	}
	return -1;
}

int64_t numeral_unit(int32_t p)
{
	switch (p) {
	case 0x5341:
	case 0x62FE: /* 十 拾 */
		return 10;
	case 0x767E:
	case 0x4F70: /* 百 佰 */
		return 100;
	case 0x5343:
	case 0x4EDF: /* 千 仟 */
		return 1000;
	case 0x4E07: /* 万 */
		return 10000;
	case 0x4EBF: /* 亿 */
		return 100000000;
	default:
		return 0;
	}
}

/* The sum so far: `total` whole sections of 万, `section` the running one, `digit` one that waits for its unit. */
struct sum {
	int64_t total, section, digit, last;
	bool waiting, zero, arabic;
};

/* "35", "1.5", "1,200" at *at, in millionths. */
static bool take_arabic(struct slice s, size_t *at, int64_t *out)
{
	int64_t value = 0, part = NUMERAL_ONE;
	size_t i = *at, digits = 0;

	for (; i < s.len; i++) {
		bool comma =
			s.data[i] == ',' && digits > 0 && i + 3 < s.len && s.data[i + 1] >= '0' && s.data[i + 1] <= '9';

		if (comma)
			continue;
		if (s.data[i] < '0' || s.data[i] > '9')
			break;
		if (++digits > 12)
			return false;
		value = value * 10 + (s.data[i] - '0');
	}
	value *= NUMERAL_ONE;
	if (i + 1 < s.len && s.data[i] == '.' && s.data[i + 1] >= '0' && s.data[i + 1] <= '9') {
		for (i++; i < s.len && s.data[i] >= '0' && s.data[i] <= '9'; i++) {
			part /= 10;
			value += (s.data[i] - '0') * part;
		}
	}
	*at = i;
	*out = value;
	return digits > 0;
}

static bool sum_digit(struct sum *n, int64_t value)
{
	if (value == 0) {
		n->zero = true;
		return !n->waiting;
	}
	if (n->waiting)
		return false;
	n->waiting = true;
	n->digit = value;
	return true;
}

/* sum += value × unit, refused beyond the largest number we know. */
static bool add_times(int64_t *sum, int64_t value, int64_t unit)
{
	int64_t product;

	if (__builtin_mul_overflow(value, unit, &product) || __builtin_add_overflow(*sum, product, sum))
		return false;
	return *sum <= NUMERAL_MAX * NUMERAL_ONE;
}

/* 万 and 亿 close a section; 亿 lifts all that came before it. */
static bool sum_section(struct sum *n, int64_t unit)
{
	int64_t section = n->section + (n->waiting ? n->digit : 0);

	n->section = 0;
	if (section == 0)
		return false;
	if (unit == 10000)
		return add_times(&n->total, section, unit);
	section += n->total;
	n->total = 0;
	return add_times(&n->total, section, unit);
}

static bool sum_unit(struct sum *n, int64_t unit)
{
	bool ok;

	if (unit >= 10000) {
		ok = sum_section(n, unit);
	} else {
		if (!n->waiting && unit != 10)
			return false;
		if (n->last < 10000 && n->last > 0 && unit >= n->last)
			return false;
		ok = add_times(&n->section, n->waiting ? n->digit : NUMERAL_ONE, unit);
	}
	n->last = unit;
	n->waiting = n->zero = false;
	return ok;
}

static int64_t sum_end(const struct sum *n)
{
	int64_t value = n->total + n->section;

	if (!n->waiting)
		return value;
	if (!n->zero && n->last >= 100 && n->digit < 10 * NUMERAL_ONE)
		return value + n->digit * (n->last / 10);
	return value + n->digit;
}

/* 二〇二六: digits one after the other. A pair without a zero is a guess (三四 "three or four"). */
static bool read_digits(struct slice s, int64_t *out)
{
	int64_t value = 0;
	size_t n = 0;
	bool zero = false, rising = true;

	for (size_t at = 0; at < s.len; n++) {
		int digit = numeral_digit(utf8_next(s, &at));

		if (digit < 0 || n == 12)
			return false;
		zero |= digit == 0;
		rising &= n == 0 || digit == value % 10 + 1;
		value = value * 10 + digit;
	}
	if (n == 0 || (n == 2 && !zero) || (n == 3 && rising)) /* 五六七个 */
		return false;
	*out = value * NUMERAL_ONE;
	return true;
}

/* 三点五, 零点二五, 一点五万. */
static bool read_point(struct slice s, int64_t *out)
{
	size_t dot = slice_find(s, S("点"));
	struct slice behind = slice_from(s, dot + S("点").len);
	int64_t part = NUMERAL_ONE, value;

	if (dot == 0 || dot >= s.len || behind.len == 0 || !numeral_read(slice_make(s.data, dot), &value))
		return false;
	for (size_t at = 0; at < behind.len;) {
		int32_t p = utf8_next(behind, &at);
		int digit = numeral_digit(p);

		if (digit < 0 && at == behind.len && part < NUMERAL_ONE && numeral_unit(p) >= 100) {
			*out = value;
			return !__builtin_mul_overflow(value, numeral_unit(p), out) &&
			       *out <= NUMERAL_MAX * NUMERAL_ONE;
		}
		if (digit < 0)
			return false;
		part /= 10;
		value += digit * part;
	}
	*out = value;
	return true;
}

bool numeral_read(struct slice s, int64_t *out)
{
	struct sum n = {0};

	if (read_digits(s, out) || read_point(s, out))
		return true;
	for (size_t at = 0; at < s.len;) {
		size_t from = at;
		int32_t p = utf8_next(s, &at);
		int64_t value = numeral_digit(p), unit = numeral_unit(p);

		if (p == 0x5EFF || p == 0x5345) { /* 廿 卅 */
			if (n.waiting || n.section)
				return false;
			n.section += (p == 0x5EFF ? 20 : 30) * NUMERAL_ONE;
			n.last = 10;
		} else if (unit) {
			if (!sum_unit(&n, unit))
				return false;
		} else if (value >= 0) {
			if (!sum_digit(&n, value * NUMERAL_ONE))
				return false;
		} else {
			at = from;
			if (!take_arabic(s, &at, &value) || n.waiting)
				return false;
			n.waiting = true;
			n.digit = value;
		}
	}
	if (s.len == 0)
		return false;
	*out = sum_end(&n);
	return *out <= NUMERAL_MAX * NUMERAL_ONE;
}

static bool is_numeral(int32_t p)
{
	return numeral_digit(p) >= 0 || numeral_unit(p) > 0 || p == 0x5EFF || p == 0x5345;
}

/* A pair like 二六 is a year when 年 follows, but not in 二六年前. */
static bool read_short_year(struct slice run, struct slice behind, int64_t *out)
{
	size_t at = 0;
	int first = numeral_digit(utf8_next(run, &at)), second = numeral_digit(utf8_next(run, &at));

	if (at != run.len || first < 0 || second < 0 || !slice_begins(behind, S("年")) ||
	    slice_begins(behind, S("年前")) || slice_begins(behind, S("年多")))
		return false;
	*out = first * 10 + second;
	return true;
}

struct slice numerals_to_digits(struct arena *a, struct slice text)
{
	struct buf b = buf_in(a, text.len * 4 + 64);
	size_t at = 0;

	while (at < text.len) {
		size_t from = at, end;
		int64_t value;
		struct slice run;

		if (!is_numeral(utf8_next(text, &at))) {
			buf_add(&b, slice_make(text.data + from, at - from));
			continue;
		}
		for (end = at; end < text.len && is_numeral(utf8_next(text, &end));)
			at = end;
		run = slice_make(text.data + from, at - from);
		if (read_short_year(run, slice_from(text, at), &value))
			buf_printf(&b, "%02lld", (long long)value);
		else if (numeral_read(run, &value) && value % NUMERAL_ONE == 0)
			buf_printf(&b, "%lld", (long long)(value / NUMERAL_ONE));
		else
			buf_add(&b, run);
	}
	return buf_slice(&b);
}
