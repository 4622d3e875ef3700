/*
 * "How many?": one number out of what people write, as a JSON number: 十五个人, 两百五, 3万5, 1.5万, 第二个, "a dozen",
 * "two hundred and five people". A guess (三百多, 两三个, few), a span and two different numbers are not understood.
 * Pure; nothing here is fatal.
 */
#include "flow/number_rules.h"
#include "flow/numerals.h"
#include "flow/spelling.h"

#include <string.h>

#define NUMBERS_MAX 8
#define NOISE_MAX   16 /* finds taken out; a text with more is no number */
struct numbers {
	int64_t list[NUMBERS_MAX];
	size_t n;
	bool bad;
};

static void numbers_add(struct numbers *all, int64_t value)
{
	for (size_t i = 0; i < all->n; i++) {
		if (all->list[i] == value)
			return;
	}
	if (all->n == NUMBERS_MAX)
		all->bad = true;
	else
		all->list[all->n++] = value;
}

static bool is_digit(int32_t p)
{
	return p >= '0' && p <= '9';
}

static bool is_numeral(int32_t p)
{
	return is_digit(p) || numeral_digit(p) >= 0 || numeral_unit(p) > 0 || p == 0x5EFF || p == 0x5345;
}

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_latin(int32_t p)
{
	return (p >= 'a' && p <= 'z') || (p >= 0xC0 && p < 0x250);
}

/* Where the number that begins at `from` ends: digits with . and , inside, Chinese numerals, 点 between numerals. */
static size_t run_end(struct slice t, size_t from)
{
	size_t end = from;

	while (end < t.len) {
		size_t at = end, behind;
		int32_t p = utf8_next(t, &at), next;

		behind = at;
		next = utf8_next(t, &behind);
		if (is_numeral(p)) {
			end = at;
			continue;
		}
		if ((p == '.' || p == ',') && is_digit(next) && end > from && is_digit(t.data[end - 1])) {
			end = at;
			continue;
		}
		if (p == 0x70B9 && end > from && numeral_digit(next) >= 0) { /* 三点五 */
			end = at;
			continue;
		}
		return end;
	}
	return end;
}

static bool begins_with_any(struct slice s, const char *const *list)
{
	for (; *list; list++) {
		if (slice_begins(s, slice_of(*list)))
			return true;
	}
	return false;
}

/* What is counted, as far as it decides whether a Chinese numeral is a number at all. */
static const char *const counters[] = {
	"个",   "人", "名", "位",   "口",   "户",   "家",   "块",   "元",   "万",   "岁",   "层",   "楼",   "栋",
	"号",   "次", "天", "年",   "月",   "周",   "小时", "分",   "秒",   "斤",   "公斤", "吨",   "米",   "平",
	"亩",   "辆", "台", "条",   "张",   "份",   "件",   "套",   "间",   "只",   "头",   "棵",   "根",   "把",
	"毛",   "角", "里", "公里", "千米", "厘米", "度",   "升",   "瓶",   "袋",   "箱",   "页",   "本",   "封",
	"遍",   "趟", "回", "期",   "批",   "组",   "项",   "种",   "类",   "级",   "等",   "届",   "班",   "排",
	"座",   "所", "处", "起",   "宗",   "桩",   "单元", "室",   "门",   "车",   "群",   "对",   "双",   "代",
	"孩",   "男", "女", "老",   "大",   "星期", "礼拜", "学生", "工人", "员工", "同事", "村民", "业主", "半",
	"多少", "方", "顷", "厘",   "克",   "两",   "寸",   "尺",   "丈",   "码",   "字",   "笔",   "声",   "晚",
	"夜",   "季", "匹", "颗",   "粒",   "扇",   "顿",   "盏",   "艘",   "架",   "部",   "段",   "选",   "娃",
	"打",   "儿", "蚊", "吧",   "啊",   "呀",   "呢",   "了",   "的",   "哦",   "快",   "整",   "正",   "员",
	"圆",   "株", "捆", "筐",   "支",   "盆",   "床",   "节",   "场",   "堵",   "篇",   "册",   "盘",   "罐",
	"副",   "付", "道", "例",   "美",   "港",   "欧",   "英镑", "日元", "拨",   "伙",   "窝",   "左右", "整整",
	"钱",   "毫", "扎", "盅",   "帖",   "味",   "圈",   "站",   "课",   "轮",   "轴",   "档",   "格",   "列",
	"行",   "啦", "哟", "咯",   "哩",   "嘞",   "喽",   "唻",   "呗",   "嗷",   "哇",   "嘅",   "噶",   "额",
	"挺",   "台", "笼", "坨",   "尾",   "兜",   "蔸",   "墩",   "垄",   "坛",   "缸",   "锅",   "壶",   "勺",
	"盏",   "哈", "嘛", "股",   "盒",   "包",   "桶",   "杯",   "碗",   "桌",   "片",   "栏",   "排",   NULL,
};
/* Behind 一 and its measure: only then "一个" is the number and not the article. */
static const char *const ones_ends[] = {
	"人",   "吧",   "啊",   "呀",   "呢",   "了",   "哦",   "哈", "嘛", "孩", "工人",
	"员工", "小时", "月",   "星期", "礼拜", "钟头", "左",   "半", "男", "女", "老人",
	"儿子", "女儿", "学生", "受伤", "伤",   "而已", "谢谢", "而", "就", NULL,
};

static bool at_end(struct slice behind)
{
	static const char *const marks[] = {" ", "。", ",", "!", ".", ";", "、", "~", ")", "(", "…", "]", "】", NULL};

	if (behind.len && (is_letter(behind.data[0]) || (unsigned char)behind.data[0] >= 0xF0))
		return true; /* 三百dollars, an emoji */
	return behind.len == 0 || begins_with_any(behind, marks);
}

/* 一 counts when what it counts is named or nothing follows. */
static bool one_counts(struct slice behind)
{
	static const char *const measures[] = {"个", "位", "名", "件", "种", "条", "次", "家",
					       "项", "户", "套", "辆", "间", "张", "只", NULL};
	size_t at = 0;

	if (at_end(behind) || !begins_with_any(behind, measures))
		return true;
	utf8_next(behind, &at);
	behind = slice_from(behind, at);
	return at_end(behind) || begins_with_any(behind, ones_ends);
}

/* Is the Chinese numeral text[from..end) a number here, and not a part of another word? */
static bool counts(struct slice t, size_t from, size_t end)
{
	struct slice run = slice_make(t.data + from, end - from), behind = slice_from(t, end);

	if (from >= 3 && memcmp(t.data + from - 3, "第", 3) == 0)
		return true;
	if (slice_is(run, "一"))
		return one_counts(behind) && (at_end(behind) || begins_with_any(behind, counters));
	return at_end(behind) || begins_with_any(behind, counters);
}

/* 两块五, 3元5角, 五毛, 两个半: what follows the number and belongs to it. Returns the bytes it took. */
static size_t take_tail(struct slice behind, int64_t *value)
{
	static const char *const halves[] = {"个半", "块半",   "元半", "年半", "斤半", "天半",
					     "米半", "小时半", "亩半", "岁半", "里半", "点半"};
	static const char *const yuan[] = {"块", "元", "块钱"};
	static const char *const dimes[] = {"毛", "角"};

	for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
		if (slice_begins(behind, slice_of(halves[i])) && i != 11) {
			*value += NUMERAL_ONE / 2;
			return slice_of(halves[i]).len;
		}
	}
	for (size_t i = 0; i < 2; i++) {
		size_t at = 0, before;
		int32_t p;
		int digit;

		if (i == 0 && slice_begins(behind, S("打"))) { /* a dozen */
			*value *= 12;
			return 3;
		}
		if (slice_begins(behind, slice_of(dimes[i]))) {
			*value /= 10;
			return slice_of(dimes[i]).len;
		}
		if (!slice_begins(behind, slice_of(yuan[i])))
			continue;
		at = slice_of(yuan[i]).len;
		if (slice_begins(slice_from(behind, at), S("零")))
			at += 3;
		p = utf8_next(behind, &at);
		digit = is_digit(p) ? p - '0' : numeral_digit(p);
		before = at;
		if (digit < 0 || is_numeral(utf8_next(behind, &before)))
			return 0;
		*value += digit * (NUMERAL_ONE / 10);
		if (slice_begins(slice_from(behind, at), slice_of(dimes[i])) ||
		    slice_begins(slice_from(behind, at), S("毛")))
			at += 3;
		return at;
	}
	return 0;
}

/* k and w as in 3.5k, 3w; letters that make it no number at all (A3, 3G). */
static bool latin_tail(struct slice behind, int64_t *value, size_t *took)
{
	size_t at = 0;
	int32_t p = utf8_next(behind, &at), next = utf8_next(behind, &at);
	static const char *const units[] = {
		"st",       "nd",      "rd",    "th",       "m",      "km",       "kg",    "cm",     "yuan",  "rmb",
		"people",   "person",  "days",  "f",        "fl",     "day",      "usd",   "yrs",    "years", "months",
		"sqm",      "pm",      "am",    "hours",    "h",      "min",      "peeps", "pax",    "pers",  "pcs",
		"ppl",      "bucks",   "quid",  "kuai",     "eur",    "rupee",    "naira", "dollar", "famil", "work",
		"stud",     "kid",     "men",   "women",    "guys",   "house",    "flat",  "times",  "unit",  "ft",
		"acre",     "ton",     "lit",   "rs",       "cny",    "shilling", "pound", "euro",   "plus",  "only",
		"total",    "adult",   "child", "resident", "tenant", "of",       "us",    "lakh",   "crore", "million",
		"thousand", "hundred", "grand", "hrs",      "wks",    "week",     "month", "year",   "mu",    "cents",
		"rmb",      "kwh",     "metre", "meter",    "mile",   NULL};

	*took = 0;
	if (!is_latin(p))
		return true;
	if ((p == 'k' || p == 'w') && !is_latin(next)) {
		*took = 1;
		return !__builtin_mul_overflow(*value, p == 'k' ? 1000 : 10000, value);
	}
	return begins_with_any(behind, units) && !slice_begins(behind, S("pm")) && !slice_begins(behind, S("am"));
}

/* A word of size or a decimal behind digits: "1 million", "2.5 thousand", "3 point 5"; and 1w5. */
static size_t take_english_tail(struct slice behind, int64_t *value, bool *bad)
{
	static const struct {
		const char *word;
		int64_t times;
	} sizes[] = {
		{" million", 1000000}, {" thousand", 1000}, {" hundred", 100},        {" dozen", 12},
		{" k ", 1000},         {" grand", 1000},    {" lakh", 100000},        {" lac", 100000},
		{" crore", 10000000},  {"lakh", 100000},    {"crore", 10000000},      {"million", 1000000},
		{"thousand", 1000},    {" mil ", 1000000},  {" billion", 1000000000},
	};
	size_t took = 0;

	if (slice_begins(behind, S(" and a half"))) {
		*value += NUMERAL_ONE / 2;
		behind = slice_from(behind, took = 11);
	}
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct slice word = slice_of(sizes[i].word);

		if (slice_begins(behind, word)) {
			*bad |= __builtin_mul_overflow(*value, sizes[i].times, value);
			return took + word.len;
		}
	}
	if (slice_begins(behind, S(" point ")) && behind.len > 7 && is_digit(behind.data[7])) {
		*value += (behind.data[7] - '0') * (NUMERAL_ONE / 10);
		return took + 8;
	}
	return took;
}

/* Letters right before digits that leave them a number: R8500, RM300, about50. */
static bool latin_lead(struct slice t, size_t from)
{
	static const char *const leads[] = {"r",      "n",     "rm",   "rs",  "ksh", "kes", "ugx",  "ghs",   "zar",
					    "cny",    "rmb",   "usd",  "us",  "hk",  "p",   "gh",   "tsh",   "ngn",
					    "inr",    "php",   "aed",  "sgd", "eur", "gbp", "yuan", "about", "around",
					    "approx", "total", "only", "is",  "are", "was", "were", NULL};
	size_t begin = from;

	while (begin > 0 && is_letter(t.data[begin - 1]))
		begin--;
	for (size_t i = 0; leads[i]; i++) {
		if (slice_is(slice_make(t.data + begin, from - begin), leads[i]))
			return true;
	}
	return false;
}

static size_t take_number(struct slice t, size_t from, size_t end, int32_t before, struct numbers *all)
{
	struct slice run = slice_make(t.data + from, end - from);
	bool arabic = is_digit((unsigned char)run.data[0]);
	int64_t value;
	size_t took;

	if (!numeral_read(run, &value)) { /* a pair such as 三四, or nonsense such as 万 alone */
		if (!arabic && counts(t, from, end) && run.len > 3)
			all->bad = true;
		all->bad |= arabic;
		return end;
	}
	if (arabic && is_latin(before) && !latin_lead(t, from))
		return end;
	if (!arabic && !counts(t, from, end))
		return end;
	if (!latin_tail(slice_from(t, end), &value, &took)) {
		all->bad |= slice_begins(slice_from(t, end), S("pm")) || slice_begins(slice_from(t, end), S("am"));
		return end;
	}
	if (took && end + 1 < t.len && is_digit(t.data[end + 1])) { /* 1w5 is 15,000 */
		value += (t.data[end + 1] - '0') * (t.data[end] == 'w' ? 1000 : 100) * NUMERAL_ONE;
		took++;
	}
	end += took;
	end += take_english_tail(slice_from(t, end), &value, &all->bad);
	end += take_tail(slice_from(t, end), &value);
	if (before == '-' || before == 0x8D1F) /* 负 */
		value = -value;
	numbers_add(all, value);
	return end;
}

static void scan(struct slice t, struct numbers *all)
{
	int32_t before = 0;

	for (size_t at = 0; at < t.len && !all->bad;) {
		size_t from = at;
		int32_t p = utf8_next(t, &at);

		if (is_numeral(p)) {
			at = take_number(t, from, run_end(t, from), before, all);
			before = '0';
		} else {
			before = p;
		}
	}
}

static struct slice amount_text(struct arena *a, int64_t value)
{
	int64_t whole = value / NUMERAL_ONE, part = value % NUMERAL_ONE;
	struct slice s;

	if (part == 0)
		return arena_printf(a, "%lld", (long long)whole);
	if (part < 0)
		part = -part;
	s = arena_printf(a, "%s%lld.%06lld", value < 0 ? "-" : "", (long long)(whole < 0 ? -whole : whole),
			 (long long)part);
	while (slice_ends(s, S("0")))
		s.len--;
	return s;
}

/* Nobody, nothing: 没有, 一个都没有, none. */
static bool says_none(struct slice text)
{
	static const char *const words[] = {
		"没有",        "没",         "没人",       "没有人",     "无",           "无人",
		"一个都没有",  "一个也没有", "一个没有",   "一个都没",   "一个人都没有", "一个人也没有",
		"没有一个",    "一分都没有", "一分没有",   "一分也没有", "一分钱没有",   "一分钱都没有",
		"一毛没有",    "一毛都没有", "一次都没有", "一次也没有", "没有过",       "none",
		"none at all", "nobody",     "no one",     "nothing",    "not one",      "not a single one",
		"nil",         "no people",  "not any",    "没有的",     "零个",
	};

	while (slice_ends(text, S("。")) || slice_ends(text, S("!")) || slice_ends(text, S(".")))
		text.len -= slice_ends(text, S("。")) ? 3 : 1;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (slice_is(text, words[i]))
			return true;
	}
	return false;
}

/* Only the writer: 就我自己, just me. */
static bool says_one(struct slice text)
{
	static const char *const words[] = {"就我自己",      "只有我自己",   "就我",        "就俺一个", "只有我",
					    "我自己",        "光我自己",     "就我自个儿",  "just me",  "only me",
					    "just myself",   "only myself",  "me only",     "me alone", "myself only",
					    "just me alone", "it's just me", "its just me", "i'm alone"};

	while (slice_ends(text, S("。")) || slice_ends(text, S("!")) || slice_ends(text, S(".")))
		text.len -= slice_ends(text, S("。")) ? 3 : 1;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (slice_is(text, words[i]))
			return true;
	}
	return false;
}

/* "12 000" is one number. */
static struct slice join_thousands(struct arena *a, struct slice t)
{
	char *out = arena_alloc(a, t.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < t.len; i++) {
		bool joins = t.data[i] == ' ' && n > 0 && is_digit((unsigned char)out[n - 1]) &&
			     slice_begins(slice_from(t, i + 1), S("000")) &&
			     (i + 4 == t.len || !is_digit((unsigned char)t.data[i + 4]));

		if (!joins)
			out[n++] = t.data[i];
	}
	return slice_make(out, n);
}

/* "Half a million": by what the number behind it is divided. */
static int parts(struct slice text)
{
	static const char *const halves[] = {"half 12", "half a 1", "half 1000000", "half 1000", "half 100"};
	static const char *const quarters[] = {"quarter of 1000000", "quarter 1000000", "quarter of 1000",
					       "quarter of a 1000000"};

	for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
		if (slice_find(text, slice_of(halves[i])) < text.len)
			return 2;
	}
	for (size_t i = 0; i < sizeof quarters / sizeof *quarters; i++) {
		if (slice_find(text, slice_of(quarters[i])) < text.len)
			return 4;
	}
	return 1;
}

static bool read_amount(const struct reading *r, struct slice text, int64_t *amount)
{
	struct numbers all = {0};
	struct match m;
	size_t i = 0;

	if (kit_first(r->m, KIT_NUMBER_VAGUE, &i, text, NULL))
		return false;
	i = 0;
	for (int n = 0; n < NOISE_MAX && kit_first(r->m, KIT_NUMBER_NOISE, &i, text, &m); n++) {
		if (RULE_MEANS(number_noise_rules[i]) == NUMBER_CORRECTION)
			i++;
		else
			text = blanked(r->a, text, m.whole);
	}
	text = join_thousands(r->a, numerals_english(r->a, text));
	if (slice_is(slice_trim(text), "dozen"))
		text = S("12");
	scan(text, &all);
	if (all.bad || all.n != 1)
		return false;
	*amount = all.list[0] / parts(text);
	return true;
}

/* What stands behind a correction; empty when there is none. */
static struct slice corrected(const struct reading *r, struct slice text)
{
	struct match m;

	for (size_t i = 0; kit_first(r->m, KIT_NUMBER_NOISE, &i, text, &m); i++) {
		if (RULE_MEANS(number_noise_rules[i]) == NUMBER_CORRECTION)
			return slice_from(text, (size_t)(m.whole.data + m.whole.len - text.data));
	}
	return (struct slice){0};
}

bool read_number(const struct reading *r, struct typed *out)
{
	struct slice text = spelling_of_numbers(r->a, r->text), after;
	int64_t amount;

	if (says_none(text)) {
		out->value = out->label = out->json = S("0");
		return true;
	}
	if (says_one(text)) {
		out->value = out->label = out->json = S("1");
		return true;
	}
	after = corrected(r, text);
	if (!(after.len && read_amount(r, after, &amount)) && !read_amount(r, text, &amount))
		return false;
	out->value = out->label = out->json = amount_text(r->a, amount);
	return true;
}
