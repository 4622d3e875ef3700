/*
 * Stars, points and marks out of ten, which no word says: the table of the rating. It sees the whole answer in lower
 * case without spaces beside Chinese characters. The first row that matches wins.
 */
#include "flow/opinion_rules.h"

const struct rule rating_rules[] = {
	/* stars and marks */
	{"(?:五|5)个?颗?星|5/5|10/10|满分|\\b(?:5|five)[ -]stars?\\b|^a\\+$|5 (?:out of|of) 5|10 (?:out of|of) "
	 "10|(?:9\\d|"
	 "100|九十[一二三四五六七八九]?|一百|1百)分",
	 SAYS_SATISFIED},
	{"\\b[567]/10\\b|(?:三|3)个?颗?星(?!期)|3/5|\\b(?:3|three)[ -]stars?\\b|3 out of "
	 "5|(?<![\\d])(?:[678]\\d|[六七八]+十[一二三四五六七八九]?|"
	 "六、七十|七、八十)多?分",
	 SAYS_BASICALLY},
	{"(?:一|1|二|2|两|零|0)个?颗?星(?!期)|\\b[012]/5\\b|\\b[0-4]/10\\b|\\b(?:1|one|2|two|0|zero)[ -]stars?\\b|[01] "
	 "out of|"
	 "(?<!\\d)[2-5]\\d分|(?<![十\\d])(?:[二三四五]十[一二三四五六七八九]?|0|零|负)分",
	 SAYS_DISSATISFIED},
	{"\\d[分星颗]|[一二三四六七八九两]分(?!满意|之|钱|没|都|也)|[四4]颗?星|\\d ?(?:stars?|points?|/|out "
	 "of)",
	 SAYS_NOTHING},
	{NULL, 0},
};
