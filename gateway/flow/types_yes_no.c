/*
 * Yes and no. The answer is cut into words and into clauses at its marks; every clause says yes, no, or nothing, more
 * or less strongly, and doubt or a question anywhere makes the answer not understood. A clause that is nothing but a
 * yes or a no weighs most, then one that begins with it ("no its 4B not 4D"), then one that has it inside. Pure;
 * nothing here is fatal. opinion_yes_no.c has the words and explains the letters.
 */
#include <string.h>

#include "flow/fold.h"
#include "flow/opinion_rules.h"

#define LONGEST_ANSWER 160 /* characters; a longer one tells a story */
#define WORDS_MAX      200
#define SOUND_MAX      8 /* characters of an answer that is tried by its sound */

enum strength { WEAK, INSIDE, LEADS, WHOLE };

struct clause_verdict {
	enum says says;
	enum strength strength;
	bool asks_time; /* "when will it be done": a question, but none about the answer */
};

struct verdict {
	enum says says;
	enum strength strength;
};

static bool any_of(const char *letters, const char *wanted)
{
	return strpbrk(letters, wanted) != NULL;
}

static bool one_of(char letter, const char *wanted)
{
	return letter && strchr(wanted, letter);
}

/* ---- one clause ---- */

/* What the "not" at *from makes of what follows; *from moves to the last letter that it takes in. */
static char negated(const char *c, size_t *from)
{
	size_t i = *from + 1;

	if (c[i] == 'k') /* "没有地址", "no name" */
		return c[i + 1] == 'w' || c[i + 1] == 'A' ? 'f' : 'x';
	while (one_of(c[i], "em"))
		i++;
	if (!c[i]) {
		*from = i - 1;
		return 'N';
	}
	if (one_of(c[i], "YyushavVJ")) {
		*from = i;
		return c[i] == 'a' ? 'A' : 'N';
	}
	if (c[i] == 'w') {
		*from = i;
		return 'a';
	}
	if (c[i] == 'n') { /* 不不 */
		*from = i;
		return c[i + 1] == 'o' ? 'x' : 'N';
	}
	return one_of(c[i], "NAH") ? 'd' : 'x';
}

/* The bare English "no": "no water" says nothing, "no the date is ..." does. */
static char bare_no(const char *c, size_t at)
{
	char next = c[at + 1];

	if (next == 'o' || next == 'k' || next == LEX_NUMBER)
		return any_of(c + at + 1, "AN") ? 'N' : 'x';
	return one_of(next, "YyuJ") ? 'd' : one_of(next, "ash") ? 'A' : 'N';
}

/* Negation is worked in: no n, O, f and p are left. */
static void settle(const char *raw, char *out)
{
	size_t n = 0;

	for (size_t i = 0; raw[i]; i++) {
		char letter = raw[i];

		if (letter == 'n')
			letter = negated(raw, &i);
		else if (letter == 'O')
			letter = bare_no(raw, i);
		if (letter != 'f' && letter != 'p')
			out[n++] = letter;
	}
	out[n] = '\0';
}

/* 是二单元不是三单元: a no between two things, behind a 是. */
static bool corrects(const char *c)
{
	const char *no = *c == 's' ? strchr(c, 'N') : NULL;

	return no && one_of(no[-1], "ok#") && one_of(no[1], "ok#");
}

static struct clause_verdict weigh(const char *c)
{
	bool whole = !any_of(c, "oxi#"), no = any_of(c, "NAHw");
	bool hard = any_of(c, "YaJ");
	struct clause_verdict v = {SAYS_NOTHING, WHOLE, false};
	const char *first = c;

	if (c[0] == 'g' && !c[1])
		return (struct clause_verdict){SAYS_DOUBT, WEAK, false};
	if (any_of(c, "dqg"))
		return (struct clause_verdict){SAYS_DOUBT, !whole && !any_of(c, "qg") ? INSIDE : WHOLE, false};
	if (strchr(c, 't'))
		return (struct clause_verdict){SAYS_NOTHING, WEAK, true};
	if (whole) {
		if (no)
			v.says = hard && !one_of(c[0], "NAHw") && !strchr(c, 'H') ? SAYS_DOUBT : SAYS_NO;
		else if (hard || any_of(c, "shmvVe"))
			v.says = SAYS_YES;
		else if (any_of(c, "yu"))
			v = (struct clause_verdict){SAYS_YES, WEAK, false};
		if (no && hard && one_of(c[0], "Aw"))
			v.says = SAYS_DOUBT;
		return v;
	}
	while (one_of(*first, "yuesk") && first[1])
		first++;
	if (*first == 'N')
		return (struct clause_verdict){SAYS_NO, LEADS, false};
	if (*first == 'Y' || *first == 'V' || (*first == 'm' && one_of(first[1], "vV")))
		return (struct clause_verdict){SAYS_YES, LEADS, false};
	v.strength = INSIDE;
	if (strchr(c, 'H') && !any_of(c, "Aw")) /* 哪里需要签字 */
		return (struct clause_verdict){SAYS_DOUBT, WHOLE, false};
	if (corrects(c))
		return (struct clause_verdict){SAYS_NO, INSIDE, false};
	if (any_of(c, "AHw"))
		v.says = any_of(c, "aJ") ? SAYS_NOTHING : SAYS_NO;
	else if (any_of(c, "aJ") || *c == 'u')
		v.says = SAYS_YES;
	return v;
}

/* ---- the whole answer ---- */

static void join(struct verdict *all, struct clause_verdict one, bool contrast)
{
	if (one.says == SAYS_DOUBT || all->says == SAYS_DOUBT) {
		all->says = SAYS_DOUBT;
	} else if (one.says == SAYS_NOTHING || one.says == all->says) {
		if (one.says != SAYS_NOTHING && one.strength > all->strength)
			all->strength = one.strength;
	} else if (all->says == SAYS_NOTHING || (all->strength == WEAK && !contrast)) {
		*all = (struct verdict){one.says, one.strength};
	} else if (contrast) {
		all->says = SAYS_DOUBT;
	} else if (one.strength == WEAK || (one.strength == LEADS && all->strength >= LEADS) ||
		   (one.strength == INSIDE && all->strength >= LEADS && all->says == SAYS_NO)) {
		return; /* it only goes into details */
	} else if (all->strength == INSIDE && one.strength > INSIDE) {
		*all = (struct verdict){one.says, one.strength};
	} else {
		all->says = SAYS_DOUBT;
	}
}

static bool pick_in(struct slice clause, int *digit)
{
	return clause.len && fold_menu_digit(clause, digit);
}

/* "2吧,谢谢", "1 i guess": one number among words that say nothing. */
static int lone_number(const struct token *t, size_t n)
{
	int number = 0;

	for (size_t i = 0; i < n; i++) {
		if (t[i].says == LEX_NUMBER) {
			if (number || t[i].text.len != 1)
				return 0;
			number = t[i].text.data[0] - '0';
		} else if (!one_of(t[i].says, "fpyuei") || (i + 1 == n && t[i].says == 'i')) {
			return 0;
		}
	}
	return number;
}

static struct clause_verdict with_number(const struct token *t, size_t n);

/* "能快点不", "有人管没有": a question by the word at its end. */
static bool tag_not(const struct token *t, size_t n)
{
	if (n < 3 || t[n - 1].says != 'n' || !one_of(t[0].says, "sym"))
		return false;
	if (slice_is(t[0].text, "能"))
		return true;
	for (size_t i = 1; i + 1 < n; i++) {
		if (t[i].says == LEX_OTHER)
			return slice_is(t[n - 1].text, "不") || slice_is(t[n - 1].text, "没有") ||
			       slice_is(t[n - 1].text, "没");
	}
	return false;
}

/* Does anything that says something stand before word i? */
static bool begun(const struct token *t, size_t i)
{
	while (i > 0 && t[i - 1].says == 'f')
		i--;
	return i > 0;
}

static struct clause_verdict read_clause(const struct token *t, size_t n, bool asks)
{
	char raw[WORDS_MAX + 1], c[WORDS_MAX + 1];
	struct slice text = slice_make(t->text.data, (size_t)(t[n - 1].text.data - t->text.data) + t[n - 1].text.len);
	size_t kept = 0;
	int digit = 0;

	if (!asks && (pick_in(text, &digit) || (digit = lone_number(t, n)))) {
		if (digit > 2)
			return (struct clause_verdict){SAYS_DOUBT, WHOLE, false};
		return (struct clause_verdict){digit == 1 ? SAYS_YES : SAYS_NO, WHOLE, false};
	}
	if (n > 1 && t[0].says == LEX_NUMBER && t[0].text.len == 1 && !asks) /* "1对的" */
		return with_number(t, n);
	if (tag_not(t, n))
		return (struct clause_verdict){SAYS_DOUBT, WHOLE, false};
	for (size_t i = 0; i < n; i++) {
		if (t[i].says == 'q' && t[i].text.data[0] >= 0 && i + 1 < n && begun(t, i)) {
			raw[kept++] = 'p'; /* "no that is the wrong one" asks nothing */
			continue;
		}
		if (t[i].says != 'f' || (kept && raw[kept - 1] == 'O' && i + 1 < n && t[i + 1].says != LEX_NUMBER))
			raw[kept++] = t[i].says;
	}
	raw[kept] = '\0';
	settle(raw, c);
	if (asks && !any_of(c, "HJ"))
		return (struct clause_verdict){strchr(c, 't') ? SAYS_NOTHING : SAYS_DOUBT, WEAK,
					       strchr(c, 't') != NULL};
	return weigh(c);
}

static struct clause_verdict with_number(const struct token *t, size_t n)
{
	struct clause_verdict v = read_clause(t + 1, n - 1, false);
	char digit = t[0].text.data[0];

	if (v.strength != WHOLE || v.says != (digit == '1' ? SAYS_YES : SAYS_NO) || digit > '2')
		v = (struct clause_verdict){SAYS_NOTHING, INSIDE, false};
	return v;
}

static bool is_border(char says)
{
	return says == LEX_COMMA || says == LEX_ASKS || says == 'b' || says == 'r';
}

/* A number behind a lone "no": "No. 14 Elm Street". */
static bool house_number(const struct token *t, size_t n)
{
	return n > 2 && t[0].says == 'O' && t[1].says == LEX_COMMA && slice_is(t[1].text, ".") &&
	       t[2].says == LEX_NUMBER;
}

/* Nothing says yes but a "right", and something else is told. */
static bool marker_only(const struct token *t, size_t n)
{
	bool marker = false, tells = false;

	for (size_t i = 0; i < n; i++) {
		if (one_of(t[i].says, "YyuasJVvme"))
			return false;
		marker |= t[i].says == 'h';
		tells |= one_of(t[i].says, "o#");
	}
	return marker && tells;
}

struct answer {
	struct verdict all;
	bool contrast, unsure; /* behind a "but"; what stood there said nothing */
};

static void take_clause(struct answer *a, struct clause_verdict v, bool last)
{
	if (v.asks_time) {
		if (a->all.says != SAYS_YES && a->all.says != SAYS_NO)
			a->all.says = SAYS_DOUBT;
		return;
	}
	if (v.says == SAYS_DOUBT && v.strength == INSIDE && a->all.strength == WHOLE && !a->contrast)
		return; /* "yes! my boss cannot know": it is the boss who does not */
	if (v.says == SAYS_DOUBT && v.strength == WEAK && !last)
		return; /* "是吧,是的", "对了,..." */
	a->unsure = v.says == SAYS_NOTHING && a->contrast;
	join(&a->all, v, a->contrast);
	a->contrast = false;
}

static enum says verdict_of(const struct token *t, size_t n)
{
	struct answer a = {{SAYS_NOTHING, WEAK}, false, false};

	if (house_number(t, n))
		return SAYS_NOTHING;
	for (size_t from = 0, end; from < n && a.all.says != SAYS_DOUBT; from = end + 1) {
		char border;

		for (end = from; end < n && !is_border(t[end].says);)
			end++;
		border = end < n ? t[end].says : '\0';
		if (end > from)
			take_clause(&a, read_clause(t + from, end - from, border == LEX_ASKS), end + 1 >= n);
		else if (border == LEX_ASKS && a.all.says == SAYS_NOTHING)
			return SAYS_DOUBT;
		if (border == 'r')
			a.all = (struct verdict){SAYS_NOTHING, WEAK};
		a.contrast |= border == 'b';
	}
	if (a.all.says == SAYS_YES && marker_only(t, n)) /* "right, so my landlord ..." */
		return SAYS_NOTHING;
	return a.contrast || (a.unsure && a.all.strength < LEADS) ? SAYS_DOUBT : a.all.says;
}

/* ---- by its sound ---- */

/* Typed or dictated with another character of the same sound, in short answers: 事的, 部对, 可一. */
static const struct {
	const char *written, *meant;
} sounds[] = {
	{"可一", "可以"}, {"可已", "可以"}, {"可意", "可以"}, {"可义", "可以"}, {"可亿", "可以"}, {"可易", "可以"},
	{"克以", "可以"}, {"刻以", "可以"}, {"正缺", "正确"}, {"准缺", "准确"}, {"的缺", "的确"}, {"同易", "同意"},
	{"同义", "同意"}, {"通易", "同意"}, {"愿易", "愿意"}, {"愿一", "愿意"}, {"愿义", "愿意"}, {"事", "是"},
	{"试", "是"},     {"式", "是"},     {"视", "是"},     {"适", "是"},     {"似", "是"},     {"时", "是"},
	{"石", "是"},     {"使", "是"},     {"队", "对"},     {"兑", "对"},     {"堆", "对"},     {"部", "不"},
	{"布", "不"},     {"步", "不"},     {"补", "不"},     {"捕", "不"},     {"型", "行"},     {"形", "行"},
	{"性", "行"},     {"姓", "行"},     {"刑", "行"},     {"星", "行"},     {"醒", "行"},     {"兴", "行"},
	{"浩", "好"},     {"号", "好"},     {"毫", "好"},     {"豪", "好"},     {"耗", "好"},     {"措", "错"},
	{"挫", "错"},     {"搓", "错"},     {"撮", "错"},     {"克", "可"},     {"刻", "可"},     {"课", "可"},
	{"药", "要"},     {"耀", "要"},     {"腰", "要"},     {"咬", "要"},     {"永", "用"},     {"拥", "用"},
	{"勇", "用"},     {"泳", "用"},     {"美", "没"},     {"梅", "没"},     {"煤", "没"},     {"每", "没"},
	{"妹", "没"},     {"眉", "没"},     {"低", "的"},     {"地", "的"},     {"底", "的"},     {"第", "的"},
	{"得", "的"},     {"德", "的"},     {"文", "问"},     {"闻", "问"},     {"提", "题"},     {"体", "题"},
	{"虚", "需"},     {"须", "需"},     {"许", "需"},     {"统", "同"},     {"通", "同"},     {"痛", "同"},
	{"童", "同"},     {"原", "愿"},     {"元", "愿"},     {"远", "愿"},     {"院", "愿"},     {"正却", "正确"},
	{"郑", "正"},     {"证", "正"},     {"却", "确"},     {"雀", "确"},     {"任", "认"},     {"记", "继"},
	{"寄", "继"},     {"计", "继"},     {"绪", "续"},     {"叙", "续"},     {"报", "保"},     {"宝", "保"},
	{"饱", "保"},     {"蜜", "密"},     {"秘", "密"},     {"郭", "过"},     {"恩", "嗯"},     {"币", "必"},
	{"毕", "必"},     {"碧", "必"},     {"叠", "别"},     {"憋", "别"},     {"蒜", "算"},     {"酸", "算"},
	{"乐", "了"},     {"勒", "了"},     {"雄", "同"},     {"句", "拒"},     {"决", "绝"},     {"觉", "绝"},
	{"钟", "中"},     {"重", "中"},     {"种", "中"},     {"终", "中"},     {"众", "中"},     {"荡", "当"},
	{"燃", "然"},     {"啃", "肯"},     {"丁", "定"},     {"订", "定"},     {"顶", "定"},     {"腚", "定"},
	{"程", "成"},     {"承", "成"},     {"呈", "成"},     {"臣", "成"},     {"蜂", "否"},     {"友", "有"},
	{"右", "有"},     {"由", "有"},     {"又", "有"},     {"油", "有"},     {"尼", "匿"},     {"泥", "匿"},
	{"逆", "匿"},     {"明", "名"},
};

/* The row that the text begins with, or -1. */
static int sound_at(struct slice text)
{
	for (size_t i = 0; i < sizeof sounds / sizeof *sounds; i++) {
		if (slice_begins(text, slice_of(sounds[i].written)))
			return (int)i;
	}
	return -1;
}

/* Empty if nothing is another by its sound, or everything is: 城市 is not 成是. */
static struct slice by_sound(struct arena *a, struct slice text)
{
	struct buf out = buf_in(a, text.len + 16);
	bool changed = false, kept = false;

	for (size_t at = 0, from; at < text.len;) {
		int row = sound_at(slice_from(text, at));

		from = at;
		utf8_next(text, &at);
		if (row < 0) {
			buf_add(&out, slice_make(text.data + from, at - from));
			kept = true;
			continue;
		}
		buf_add_c(&out, sounds[row].meant);
		kept |= strlen(sounds[row].written) > at - from; /* a word of two */
		at = from + strlen(sounds[row].written);
		changed = true;
	}
	return changed && kept ? buf_slice(&out) : (struct slice){0};
}

/* Only when every word of it belongs to a plain answer. */
static enum says sound_verdict(const struct reading *r)
{
	const struct lexicon *l = kit_lexicon(r->m, KIT_WORDS_YES_NO);
	struct token t[WORDS_MAX];
	struct slice text;
	size_t n = lexicon_read(l, r->text, t, WORDS_MAX), points = utf8_count(r->text);

	for (size_t i = 0; i < n; i++) {
		if (t[i].says == 'o' && t[i].text.len > 3) /* a known word: 好人 is not 好认 */
			return SAYS_NOTHING;
	}
	if (points < 2 || points > SOUND_MAX)
		return SAYS_NOTHING;
	text = by_sound(r->a, r->text);
	n = text.len ? lexicon_read(l, text, t, WORDS_MAX) : 0;
	for (size_t i = 0; i < n; i++) {
		if (!one_of(t[i].says, "YyusaNAnmvVewf,"))
			return SAYS_NOTHING;
	}
	return n ? verdict_of(t, n) : SAYS_NOTHING;
}

bool read_yes_no(const struct reading *r, struct typed *out)
{
	struct token t[WORDS_MAX];
	size_t n;
	enum says verdict;

	if (utf8_count(r->text) > LONGEST_ANSWER || slice_begins(r->text, S("-"))) /* -1 */
		return false;
	n = lexicon_read(kit_lexicon(r->m, KIT_WORDS_YES_NO), r->text, t, WORDS_MAX);
	verdict = verdict_of(t, n);
	if (verdict == SAYS_NOTHING)
		verdict = sound_verdict(r);
	if (verdict != SAYS_YES && verdict != SAYS_NO)
		return false;
	out->value = verdict == SAYS_YES ? S("yes") : S("no");
	out->json = verdict == SAYS_YES ? S("\"yes\"") : S("\"no\"");
	out->label = out->value;
	if (reading_zh(r))
		out->label = verdict == SAYS_YES ? S("是") : S("否");
	return true;
}
