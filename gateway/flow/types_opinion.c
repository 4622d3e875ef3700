/*
 * Yes and no, and the three levels of satisfaction. The answer is cut into clauses at its punctuation. For yes and no
 * the first clause that says either decides, unless a later one says the other; for a rating the lowest level that is
 * said counts ("态度挺好,问题没解决"), since the survey exists to find what went wrong. Doubt and questions are not
 * understood. Pure; nothing here is fatal. The tables are in opinion_rules.c.
 */
#include "flow/opinion_rules.h"

#include "flow/fold.h"

#define CLAUSES_MAX    12
#define LONGEST_COMMENT 200 /* characters of a rating that are weighed */
#define LONGEST_ANSWER 80 /* characters; a longer one tells a story */

/* One clause off the front. Full stops inside numbers and the apostrophe of "don't" do not cut. */
static bool next_clause(struct slice *rest, struct slice *clause)
{
	static const char *const marks[] = {",", "!", ";", "。", "、",  "~",   "(", ")",
					    ":", "…", "—", "\"", "-- ", " - ", "\n"};
	size_t at = 0;

	*rest = slice_trim(*rest);
	if (rest->len == 0)
		return false;
	while (at < rest->len) {
		struct slice here = slice_from(*rest, at);

		for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
			if (slice_begins(here, slice_of(marks[i]))) {
				*clause = slice_trim(slice_make(rest->data, at));
				*rest = slice_from(*rest, at + slice_of(marks[i]).len);
				return true;
			}
		}
		if (here.data[0] == '.' && !(here.len > 1 && here.data[1] >= '0' && here.data[1] <= '9')) {
			*clause = slice_trim(slice_make(rest->data, at));
			*rest = slice_from(*rest, at + 1);
			return true;
		}
		utf8_next(*rest, &at);
	}
	*clause = slice_trim(*rest);
	*rest = (struct slice){0};
	return true;
}

/* The first row that matches says what a clause means. */
static int meaning(const struct reading *r, enum kit_table table, const struct rule *rules, struct slice clause)
{
	size_t i = 0;

	if (clause.len && kit_first(r->m, table, &i, clause, NULL))
		return rules[i].means;
	return SAYS_NOTHING;
}

/* SAYS_YES, SAYS_NO, or anything else for "not understood". */
static int verdict_of(const struct reading *r)
{
	struct slice rest = r->text, clause;
	int verdict = SAYS_NOTHING;

	if (utf8_count(r->text) > LONGEST_ANSWER || meaning(r, KIT_YES_NO, yes_no_rules, r->text) == SAYS_DOUBT)
		return SAYS_DOUBT;
	for (int i = 0; i < CLAUSES_MAX && next_clause(&rest, &clause); i++) {
		int says = meaning(r, KIT_YES_NO, yes_no_rules, clause);

		if (says == SAYS_NOTHING || says == SAYS_DOUBT || (says == SAYS_WEAK_YES && verdict != SAYS_NOTHING))
			continue;
		if (verdict == SAYS_NOTHING || verdict == SAYS_WEAK_YES)
			verdict = says;
		else if (says != verdict)
			return SAYS_DOUBT;
	}
	return verdict == SAYS_WEAK_YES ? SAYS_YES : verdict;
}

bool read_yes_no(const struct reading *r, struct typed *out)
{
	int verdict = verdict_of(r);

	if (verdict != SAYS_YES && verdict != SAYS_NO)
		return false;
	out->value = verdict == SAYS_YES ? S("yes") : S("no");
	out->json = verdict == SAYS_YES ? S("\"yes\"") : S("\"no\"");
	out->label = out->value;
	if (reading_zh(r))
		out->label = verdict == SAYS_YES ? S("是") : S("否");
	return true;
}

/* "1 star", "3 days": the digit counts something. */
static bool begins_with_unit(struct slice s)
{
	static const char *const units[] = {"star",  "point", "out of", "of ",    "day", "week",
					    "month", "time",  "hour",   "people", "year"};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (slice_begins(s, slice_of(units[i])))
			return true;
	}
	return false;
}

/* A digit before the word: "3 不满意", "1、满意". Moves *rest behind it. */
static int leading_digit(struct slice *rest)
{
	size_t at = 0, behind;
	int32_t p = utf8_next(*rest, &at), next;

	behind = at;
	next = utf8_next(*rest, &behind);
	if (p < '1' || p > '3' || (next >= '0' && next <= '9') || next == -1)
		return 0;
	if (begins_with_unit(slice_from(*rest, behind)))
		return 0;
	if (next == '.' || next == ',' || next == 0x3001 || next == ' ' || next == ':' || next == ')' || next == '-')
		at = behind;
	else if (!is_cjk(next) || next == 0x661F || next == 0x5206 || next == 0x4E2A || next == 0x6B21 ||
		 next == 0x5929) /* 星分个次天 */
		return 0;
	*rest = slice_trim(slice_from(*rest, at));
	return p - '0';
}

static bool sums_up(struct slice clause)
{
	static const char *const words[] = {"总的", "总体", "整体",    "综合",       "总之",
					    "总而", "大体", "overall", "all in all", "on the whole"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (slice_begins(clause, slice_of(words[i])))
			return true;
	}
	return false;
}

static int rating_of(const struct reading *r)
{
	struct slice rest = utf8_cut(r->text, LONGEST_COMMENT), clause;
	int level = 0, digit;

	if (fold_menu_digit(r->folded, &digit))
		return digit <= 3 ? digit : 0;
	if (meaning(r, KIT_RATING, rating_rules, rest) == SAYS_DOUBT)
		return 0;
	digit = leading_digit(&rest);
	for (int i = 0; i < CLAUSES_MAX && next_clause(&rest, &clause); i++) {
		int says = meaning(r, KIT_RATING, rating_rules, clause);

		if (says == SAYS_DOUBT)
			return 0;
		if (says != SAYS_NOTHING && sums_up(clause)) { /* 效率低一点,总的说还行 */
			level = says;
			break;
		}
		if (says > level)
			level = says;
	}
	if (digit && level && digit != level)
		return 0;
	return level;
}

bool read_rating(const struct reading *r, struct typed *out)
{
	static const char *const values[] = {"", "satisfied", "basically_satisfied", "dissatisfied"};
	static const char *const zh[] = {"", "满意", "基本满意", "不满意"};
	static const char *const en[] = {"", "satisfied", "basically satisfied", "dissatisfied"};
	int level = rating_of(r);

	if (level < SAYS_SATISFIED || level > SAYS_DISSATISFIED)
		return false;
	out->value = slice_of(values[level]);
	out->label = slice_of(reading_zh(r) ? zh[level] : en[level]);
	out->json = json_string(r->a, out->value);
	return true;
}
