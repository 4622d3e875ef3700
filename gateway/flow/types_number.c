/*
 * "How many?": one number out of what people write, as a JSON number: 十五个人, 两百五, 3万5, 1.5万, 第二个, "a dozen",
 * "two hundred and five people". A guess (三百多, 两三个, few), a span and two different numbers are not understood.
 * Pure; nothing here is fatal.
 */
#include "flow/kit.h"
#include "flow/numerals.h"

#include <string.h>

/* Any of these and there is no one number. They see the text before words become digits. */
const struct rule number_vague_rules[] = {
	{"几|若干|[好许太很]多|不少|上[百千万]|成[百千万]|近[百千万]|[百千万]把|个把|[十百千万亿\\d][多余来]|来["
	 "个人块元斤岁]|"
	 "数[十百千万]|好些|有些|无数|多少|大量|一群|一堆|一帮|俩三",
	 ONLY_HAN},
	{"以[上下内外]|超过|不到|不止|不足|至少|最少|最多|起码|至多|大于|小于|多于|少于|高于|低于|将近|接近|差不多有?(?"
	 ":上|近)|小[一二两三四五六七八九十][百千万]|大几[百千]|千把|"
	 "百把",
	 ONLY_HAN},
	{"[\\d一二三四五六七八九十百千万亿两零]个?(?:[人块元岁天年月])? "
	 "?[~～至到或]|[~～至到或][\\d一二三四五六七八九十百千万两]|\\d ?[\\-—–] ?\\d|还是",
	 0},
	{"不知道|不清楚|不记得|记不|忘了|说不|没数|没算|不确定|不好说|不晓得|谁知道|没统计|数不清|[吗][?]?$|怎么|什么|"
	 "为何",
	 ONLY_HAN},
	{"(?:路|街|巷|弄|大道|村|庄|小区|花园|苑|镇|社区)(?:第?[\\d一二三四五六七八九十百]+)(?:号|组|栋|弄|队|社|期|幢|"
	 "区)|[\\d一二三四五六七八九十]+(?:路|街|巷|大道|"
	 "中学|中门|小学|医院|匹狼)|第[一二三四五六七八九十]+(?:人民|中学|小学|医院|实验|附属|中心|幼儿|食堂|次用|次来|"
	 "次写)|"
	 "(?<!个)(?<![一二两三四五六七八九十\\d]个)[\\d一二三四五六七八九十]月|哪[一个些]|坏了|没人[修管理来]|漏水|"
	 "停水|停电|路口|超市|花园|门口|时候|为止|星期天|周末|[早晚]上|"
	 "第[一二三四五六七八九十]+次",
	 ONLY_HAN},
	{"\\b(?:road|street|avenue|lane|drive|rd|st|district|moment|minute please|second please|sec|evening|morning|"
	 "afternoon|night|o'?clock|"
	 "other one|at (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\\d)|one by one|"
	 "one another|broken|since|because|complain\\w*|middle school|hospital|noon|fix(?:ed)?)\\b",
	 ONLY_LATIN},
	{"百分之|\\d ?%|分之|\\d[:/]\\d|[一二三四五六七八九]成", 0},
	{"\\b(?:few|several|some|many|lots?|dozens|scores|hundreds|thousands|tens|millions|couple|or so|odd|"
	 "something|more than|over|"
	 "at least|at most|less than|fewer than|under|up to|nearly|almost|not sure|don'?t|do not|no idea|dunno|"
	 "unknown|forg[eo]t|plenty|"
	 "above|below|maybe|half an|various|numerous|or more|or less|countless|how|why|between|handful|loads|"
	 "percent|nobody knows|"
	 "every|a third|a quarter|a fifth|unsure|can'?t|cannot|per cent|or)\\b|-odd|ish\\b|\\d\\+|\\d ?to ?\\d|"
	 "\\w-something",
	 0},
	{"(?<!\\d)1[3-9]\\d{9}(?!\\d)|\\d{13}|\\d{1,4}[./\\-年]\\d{1,2}[./\\-月]\\d|\\d{1,2}月\\d{1,2}[日号]|"
	 "[\\d一二三四五六七八九十两][点时](?:\\d|钟|半|[一二三四五六七八九十]+分|$|[,。!吧])|"
	 "\\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \\d|\\d "
	 "?(?:am|pm)\\b|(?:分钟|小时|天|周|个?星期|个?月|"
	 "年)(?:之|以)?[前后]|"
	 "(?:早上|上午|中午|下午|晚上|凌晨|傍晚|半夜)[\\d一二三四五六七八九十两]",
	 0},
	{NULL, 0},
};

/* Words that are spelled with a number but count nothing. */
const struct rule number_noise_rules[] = {
	{"一下[子]?|一大[半堆群帮片把]|一[直样般起定切些会再向来律概共致旦边旁路]|一点(?![一二三四五六七八九零〇])|"
	 "统一|唯一|万一|千万(?![元块人])|十分|再三|不一|一方面|一次性|第一时间|一家人|"
	 "一早|三番[五两]次|乱七八糟|七上八下|四处|四周|百姓|百度|万分|一言难尽|九牛一毛|丢三[落拉]四|不三不四|张三|"
	 "李四|王五|接二连三|三天两头|"
	 "一塌糊涂|十有八九|一半|百货|千辛万苦|一五一十|五花八门|四面八方|一模一样|一清二楚|一会儿|一天到晚|一心|"
	 "不管三七二十一|十全十美|"
	 "(?:星期|礼拜|周)[一二三四五六日天]|一则|(?<!分)之一|其一|十字|四季|六神|五谷|五金|双方|三心二意|九牛|七匹|"
	 "八仙|三鹿|五粮|三元里|两难|两边|两面|十万火急|万家|一时|一中|二手|"
	 "三轮|三无|四川|八卦|半天|一带|一辈子|一生|一把手|"
	 "一事无成|独一无二|一无所|百般|千方百计|同一|某一|任一|每一|另一|逐一|一家子(?!有)|一口气|一如|一贯|一味|一流|"
	 "一线|二维码|九江|三亚|"
	 "六安|一卡通|五险一金|万达|万科|十足|一来一回",
	 ONLY_HAN},
	{"\\b(?:no|any|every|some|this|that|the|each|another|which|last) one\\b(?! hundred| thousand)|\\bone (?:of|"
	 "day|thing|more|another)\\b|"
	 "\\b(?:first of all|at first|first,|firstly|secondly|second-hand|one-way|at once|"
	 "one time)\\b",
	 ONLY_LATIN},
	{NULL, 0},
};

#define NUMBERS_MAX 8
#define NOISE_MAX 16 /* finds taken out; a text with more is no number */
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
	"个",   "人",   "名",   "位",   "口",   "户",   "家",   "块", "元",   "万",   "岁", "层", "楼", "栋", "号",
	"次",   "天",   "年",   "月",   "周",   "小时", "分",   "秒", "斤",   "公斤", "吨", "米", "平", "亩", "辆",
	"台",   "条",   "张",   "份",   "件",   "套",   "间",   "只", "头",   "棵",   "根", "把", "毛", "角", "里",
	"公里", "千米", "厘米", "度",   "升",   "瓶",   "袋",   "箱", "页",   "本",   "封", "遍", "趟", "回", "期",
	"批",   "组",   "项",   "种",   "类",   "级",   "等",   "届", "班",   "排",   "座", "所", "处", "起", "宗",
	"桩",   "单元", "室",   "门",   "车",   "群",   "对",   "双", "代",   "孩",   "男", "女", "老", "大", "星期",
	"礼拜", "学生", "工人", "员工", "同事", "村民", "业主", "半", "多少", "方",   "顷", "厘", "克", "两", "寸",
	"尺",   "丈",   "码",   "字",   "笔",   "声",   "晚",   "夜", "季",   "匹",   "颗", "粒", "扇", "顿", "盏",
	"艘",   "架",   "部",   "段",   "选",   "娃", "打",   "儿",   "蚊", "吧",   "啊",   "呀", "呢", "了", "的", "哦",
	"哈",   "嘛",   "股",   "盒",   "包",   "桶",   "杯",   "碗", "桌",   "片",   "栏", "排", NULL,
};
/* Behind 一 and its measure: only then "一个" is the number and not the article. */
static const char *const ones_ends[] = {
	"人",   "吧",   "啊",   "呀",   "呢",   "了",   "哦",   "哈", "嘛", "孩", "工人",
	"员工", "小时", "月",   "星期", "礼拜", "钟头", "左",   "半", "男", "女", "老人",
	"儿子", "女儿", "学生", "受伤", "伤",   "而已", "谢谢", "而", "就", NULL,
};

static bool at_end(struct slice behind)
{
	static const char *const marks[] = {" ", "。", ",", "!", ".", ";", "、", "~", ")", NULL};

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
	static const char *const units[] = {"st",    "nd",     "rd",     "th",   "m",  "km",    "kg",  "cm",  "yuan",
					    "rmb",   "people", "person", "days", "f",  "fl",    "day", "usd", "yrs",
					    "years", "months", "sqm",    "pm",   "am", "hours", "h",   "min", NULL};

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
		{" million", 1000000}, {" thousand", 1000}, {" hundred", 100},
		{" dozen", 12},        {" k ", 1000},       {" grand", 1000},
	};

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct slice word = slice_of(sizes[i].word);

		if (slice_begins(behind, word)) {
			*bad |= __builtin_mul_overflow(*value, sizes[i].times, value);
			return word.len;
		}
	}
	if (slice_begins(behind, S(" point ")) && behind.len > 7 && is_digit(behind.data[7])) {
		*value += (behind.data[7] - '0') * (NUMERAL_ONE / 10);
		return 8;
	}
	return 0;
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
	if (arabic && is_latin(before))
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

bool read_number(const struct reading *r, struct typed *out)
{
	struct slice text = r->text;
	struct numbers all = {0};
	struct match m;
	size_t i = 0;

	if (says_none(text)) {
		out->value = out->label = out->json = S("0");
		return true;
	}
	if (kit_first(r->m, KIT_NUMBER_VAGUE, &i, text, NULL))
		return false;
	i = 0;
	for (int n = 0; n < NOISE_MAX && kit_first(r->m, KIT_NUMBER_NOISE, &i, text, &m); n++)
		text = blanked(r->a, text, m.whole);
	text = numerals_english(r->a, text);
	if (slice_is(slice_trim(text), "dozen"))
		text = S("12");
	scan(text, &all);
	if (slice_find(text, S("half 12")) < text.len && all.n == 1) /* half a dozen */
		all.list[0] = 6 * NUMERAL_ONE;
	if (all.bad || all.n != 1)
		return false;
	out->value = out->label = out->json = amount_text(r->a, all.list[0]);
	return true;
}
