/*
 * The pick of a number from a menu, in any dress: "3", "③", "叁", "(3)", "第三个", "我选三", "number three", "the 3rd
 * one". A small grammar: words that may stand before the number, the number, words that may stand behind it, nothing
 * else. Pure, bounded, no memory; nothing here is fatal.
 */
#include "flow/fold.h"

#include <string.h>

#define PICK_MAX_BYTES 64

/* Longer ones first where one begins another. */
static const char *const before_zh[] = {
	"第",   "选择", "选项", "选",   "我",   "要",   "想",   "就是", "就",   "是", "按",   "点",
	"回复", "回",   "应该", "属于", "序号", "编号", "数字", "答案", "那个", "那", "这个", "嗯",
	"好的", "好",   "请",   "给",   "号码", "号",   "打",   "输入", "发",   "填", "办理", "办",
};
static const char *const after_zh[] = {
	"选项", "选择", "号", "吧", "啊",     "呀",     "呢",   "哈",   "哦",   "喔",   "嘛",   "啦",
	"哟",   "噢",   "了", "的", "谢谢您", "谢谢你", "谢谢", "就行", "就好", "可以", "好了",
};
/* Only behind 第: "三个" alone counts things. */
static const char *const measure_zh[] = {
	"个", "项", "种", "类", "条", "款", "问题", "那个", "选择", "行", "排",
};
static const char *const before_en[] = {
	"the",      "number", "no",   "nr",    "num",    "option", "choice",   "choose", "chose", "pick",     "select",
	"i",        "i'd",    "i'll", "id",    "ill",    "want",   "would",    "like",   "go",    "with",     "for",
	"it's",     "its",    "it",   "is",    "my",     "answer", "press",    "item",   "reply", "type",     "take",
	"category", "button", "key",  "will",  "to",     "that",   "that's",   "thats",  "i'm",   "choosing", "going",
	"say",      "ok",     "okay", "um",    "please", "pls",    "let's",    "lets",   "think", "have",     "topic",
	"entry",    "line",   "hi",   "hello", "menu",   "digit",  "push",     "send",   "be",    "would",    "yes",
	"a",        "as",     "in",   "list",  "case",   "mine",   "probably",
};
static const char *const after_en[] = {
	"one",  "please", "pls",    "plz", "option", "choice",   "thanks", "thank", "you",  "thx",
	"then", "item",   "for",    "me",  "sir",    "ok",       "okay",   "on",    "the",  "list",
	"in",   "cheers", "answer", "it",  "is",     "category", "ta",     "from",  "menu", "kindly",
};
static const char *const units_en[] = {
	"zero", "one",    "two",    "three",    "four",     "five",    "six",     "seven",     "eight",    "nine",
	"ten",  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
};
static const char *const ordinals_en[] = {
	"zeroth",     "first",     "second",    "third",       "fourth",     "fifth",      "sixth",
	"seventh",    "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",    "thirteenth",
	"fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
};
static const char *const tens_en[] = {"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* What is left to read, and what was read. */
struct pick {
	struct slice rest;
	int number;      /* 0: none yet */
	bool ordinal;    /* 第 stood before the number */
	bool spelled;    /* an English word: "no one" is nobody */
	bool dotless_no; /* "no" without digits behind it yet */
};

static bool skip_zh(struct slice *rest, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct slice word = slice_of(list[i]);

		if (slice_begins(*rest, word)) {
			*rest = slice_from(*rest, word.len);
			return true;
		}
	}
	return false;
}

static bool is_word(struct slice word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (slice_is(word, list[i]))
			return true;
	}
	return false;
}

static int index_of(struct slice word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (slice_is(word, list[i]))
			return (int)i;
	}
	return -1;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || c == '\'';
}

static struct slice take_word(struct slice *rest)
{
	struct slice word = *rest;

	for (word.len = 0; word.len < rest->len && is_letter(rest->data[word.len]);)
		word.len++;
	*rest = slice_from(*rest, word.len);
	return word;
}

/* Punctuation, brackets and emoji say nothing. A question mark does, and so does a minus before a digit. */
static bool skip_noise(struct slice *rest)
{
	static const char *const marks[] = {
		" ", ".",  ",",  "!",  ":",  ";",  "(",  ")",  "[",  "]",  "\"", "'", "*", "#", "~", "<", ">",
		"_", "、", "。", "【", "】", "「", "」", "《", "》", "〈", "〉", "·", "•", "√", "✓", "✔", "→",
	};
	size_t at = 0;
	int32_t p;

	if (skip_zh(rest, marks, COUNT(marks)))
		return true;
	if (rest->len > 1 && rest->data[0] == '-' && !(rest->data[1] >= '0' && rest->data[1] <= '9')) {
		*rest = slice_from(*rest, 1);
		return true;
	}
	p = utf8_next(*rest, &at);
	if ((p >= 0x1F300 && p <= 0x1FAFF) || (p >= 0x2600 && p <= 0x27BF)) {
		*rest = slice_from(*rest, at);
		return true;
	}
	return false;
}

static int digit_zh(int32_t p)
{
	static const char *const forms[] = {
		"一壹弌幺", "二贰弍两俩", "三叁弎仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖",
	};

	for (int i = 0; i < (int)COUNT(forms); i++) {
		struct slice form = slice_of(forms[i]);

		for (size_t at = 0; at < form.len;) {
			if (utf8_next(form, &at) == p)
				return i + 1;
		}
	}
	return 0;
}

static int take_digits(struct slice *rest)
{
	int value = 0;
	size_t n = 0;

	while (n < rest->len && n < 3 && rest->data[n] >= '0' && rest->data[n] <= '9')
		value = value * 10 + (rest->data[n++] - '0');
	if (n == 0 || n > 2 || value == 0)
		return 0;
	*rest = slice_from(*rest, n);
	for (size_t i = 0; i < 4; i++) { /* 2nd */
		static const char *const ends[] = {"st", "nd", "rd", "th"};

		if (slice_begins(*rest, slice_of(ends[i])) && (rest->len == 2 || !is_letter(rest->data[2])))
			*rest = slice_from(*rest, 2);
	}
	return value;
}

/* 三, 十, 十二, 二十, 二十三. */
static int take_zh(struct slice *rest)
{
	size_t at = 0, behind;
	int32_t p = utf8_next(*rest, &at);
	int tens = digit_zh(p), unit;

	if (p != 0x5341 && p != 0x62FE) { /* 十 拾 */
		if (tens == 0)
			return 0;
		behind = at;
		p = utf8_next(*rest, &at);
		if (p != 0x5341 && p != 0x62FE) {
			*rest = slice_from(*rest, behind);
			return tens;
		}
	} else {
		tens = 1;
	}
	behind = at;
	unit = digit_zh(utf8_next(*rest, &at));
	*rest = slice_from(*rest, unit ? at : behind);
	return tens * 10 + unit;
}

static int take_en(struct slice *rest)
{
	struct slice after = *rest, word = take_word(&after);
	int i = index_of(word, units_en, COUNT(units_en)), unit;

	if (i <= 0)
		i = index_of(word, ordinals_en, COUNT(ordinals_en));
	if (i > 0) {
		*rest = after;
		return i;
	}
	i = index_of(word, tens_en, COUNT(tens_en));
	if (i < 0)
		return 0;
	*rest = after;
	if (after.len && (after.data[0] == '-' || after.data[0] == ' '))
		after = slice_from(after, 1);
	word = take_word(&after);
	unit = index_of(word, units_en, 10);
	if (unit <= 0)
		unit = index_of(word, ordinals_en, 10);
	if (unit > 0)
		*rest = after;
	return (i + 2) * 10 + (unit > 0 ? unit : 0);
}

static bool take_number(struct pick *p)
{
	int value = take_digits(&p->rest);

	if (value == 0)
		value = take_zh(&p->rest);
	if (value == 0 && (value = take_en(&p->rest)) != 0)
		p->spelled = true;
	if (value == 0)
		return false;
	p->number = value;
	return !(p->spelled && p->dotless_no);
}

static bool take_before(struct pick *p)
{
	struct slice was = p->rest, word;

	if (skip_noise(&p->rest)) {
		if (was.data[0] == '.')
			p->dotless_no = false;
		return true;
	}
	if (skip_zh(&p->rest, before_zh, COUNT(before_zh))) {
		p->ordinal = slice_begins(was, S("第"));
		return true;
	}
	word = take_word(&p->rest);
	p->dotless_no = slice_is(word, "no");
	return word.len && is_word(word, before_en, COUNT(before_en));
}

static bool take_after(struct pick *p)
{
	if (skip_noise(&p->rest) || skip_zh(&p->rest, after_zh, COUNT(after_zh)) ||
	    (p->ordinal && skip_zh(&p->rest, measure_zh, COUNT(measure_zh))))
		return true;
	return is_word(take_word(&p->rest), after_en, COUNT(after_en));
}

bool fold_menu_digit(struct slice folded, int *out)
{
	char lower[PICK_MAX_BYTES];
	struct pick p = {0};

	if (folded.len == 0 || folded.len > sizeof lower)
		return false;
	for (size_t i = 0; i < folded.len; i++)
		lower[i] =
			folded.data[i] >= 'A' && folded.data[i] <= 'Z' ? (char)(folded.data[i] + 32) : folded.data[i];
	p.rest = slice_make(lower, folded.len);
	while (p.rest.len && p.number == 0) {
		struct pick try = p;

		if (take_number(&try))
			p = try;
		else if (!take_before(&p))
			return false;
	}
	while (p.rest.len) {
		char c = p.rest.data[0];

		if ((c == '.' || c == ',' || c == ':') && p.rest.len > 1 && p.rest.data[1] >= '0' &&
		    p.rest.data[1] <= '9')
			return false; /* 3.5 */
		if (!take_after(&p))
			return false;
	}
	if (p.number == 0)
		return false;
	*out = p.number;
	return true;
}
