/*
 * How people write dates: the tables. They see text in lower case, Chinese numbers as digits, no spaces beside Chinese
 * characters. A row's find is taken out of the text before the next row looks, so the longer forms stand first.
 */
#include "flow/date_rules.h"

#define MONTH_NAME \
	"(?<mon>jan(?:uary)?|feb(?:ruary|uary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|" \
	"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
#define WEEKDAY_NAME "(?<wd>monday|tuesday|wednesday|wensday|thursday|friday|saturday|sunday)"
#define WEEKDAY_SHORT "(?<wd>mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)"
#define YEAR_WORD "(?<yw>大前年|前年|去年|今年|本年|上一?年|旧年|头年|明年|后年)"
#define YEAR_WORD_EN "(?:the )?(?<yw>last year|this year|year before last|previous year)"
#define MONTH_WORD "(?<mw>上上个?月|上个?月|本月|这个?月|当月)份?"
#define WEEK "(?:周|星期|礼拜)"
#define DAY_OF_WEEK "(?<wd>[1-6日天])(?![次号点天\\d])"
#define YEAR4 "(?<y>(?:19|20|21)\\d\\d)"
#define D2 "\\d{1,2}+"
#define ORD "(?:st|nd|rd|th)"
#define FEST_YEAR "(?:(?<y>(?:19|20)\\d\\d)年?的?|(?<yw>大前年|前年|去年|今年|本年|上一?年|旧年|头年|明年)的?)?"
#define FEST_EN \
	"(?: ?,? ?(?:of |in )?(?:(?<y>(?:19|20)\\d\\d)|(?:the )?(?<yw>last year|this year|year before last|" \
	"next year)))?"
/* A holiday as a day, not the days around it. */
#define FEST_DAY \
	"节?(?:的)?(?:第(?<nth>[一二三四五六七])天|(?<eve>前一天|头一天|前夕|前夜)|(?<after>后一天|第二天))?(?!期间|前|后|假|长假|黄金|左右|以|之|路|街|村|" \
	"小区|广场|商场)(?:那天|当天|那晚|当晚|晚上)?"

/* Taken out first: words with a day in them that do not tell when it happened. */
const struct rule date_noise_rules[] = {
	{"(?:一直|持续|拖)?[到至](?:现在|今天|今日|目前|今|这会儿)(?:为止|都|还|也)?", ONLY_HAN},
	{"\\b(?:up to|until|till|to) (?:now|today|date|this day)\\b", ONLY_LATIN},
	{"\\bgood (?:morning|afternoon|evening|day)\\b|(?:早上|上午|下午|晚上|中午)好", 0},
	{"(?<!\\d)\\d{1,2}[.:]\\d\\d ?(?:am|pm|a\\.m\\.|p\\.m\\.)(?!\\w)", ONLY_LATIN},
	{"(?:最近|上|最后)一次", ONLY_HAN},
	/* the day it was not, when the day it was follows */
	{"不是[^,。!是就]{1,12}[,。]? ?(?:而)?(?=是)", ONLY_HAN},
	{"\\b(?:it )?(?:was |is )?(?:not|wasn'?t) (?:on )?[^,;.]{2,20}[,;.] ?(?:but )?(?:it was |"
	 "it's )?(?=\\S)",
	 ONLY_LATIN},
	{"\\bsome ?time (?=(?:in|on|last|this|during)\\b)", ONLY_LATIN},
	{NULL, 0},
};

/* Any of these, and the day is not certain, not past, or not of this calendar. */
const struct rule date_vague_rules[] = {
	{"几[天日周个年月号]|[几数多]\\d|\\d几|\\d[多来余][天日周个年月]|好几|好些|前些|前阵|前段|前\\d天|前两|这两天|"
	 "这\\d天|近\\d|两\\d天|那几",
	 ONLY_HAN},
	{"[上中下]旬|月初|月[底末]|月中(?!心|学|央|国)|年[初底末]|周末|节前|节后|期间|假期|长假|黄金周|前后",
	 ONLY_HAN},
	{"农历|阴历|旧历|正月|腊月|冬月|闰|(?<![月最起当年])初\\d|除夕|春节|大年|年\\d{2}晚|年三十|元宵|端午|七夕|中秋|"
	 "重阳|寒食|"
	 "清明(?!路|街|桥|村)|冬至|立春|立夏|立秋|立冬|夏至|春分|秋分|小年|腊八|中元|过年|(?<![\\d半])年前",
	 ONLY_HAN},
	{"(?:不知道|不清楚|忘了|忘记|记不|不记得|没印象|说不准|说不清|不确定|没注意|不晓得|谁知道)(?!.{0,8}(?:但|应该|"
	 "好像|大概|不过|约摸))|不是.{1,8}就是|可能.{1,8}可能|"
	 "要么",
	 ONLY_HAN},
	{"下下?个?(?:周|星期|礼拜|月|年)|明天|明早|明晚|明儿|明年|后天|后年|以后|将来|改天|过几天|即将|马上要|准备|"
	 "打算|计划",
	 ONLY_HAN},
	{"每个?(?:周|星期|礼拜|月|年|逢)|逢年|哪天|几号|几月|什么时候|何时|吗[?]?$|是不是|不是|并非|别的时候",
	 ONLY_HAN},
	{"\\d{1,2}[号月日](?:之|以)?[前后](?!天)|节(?:之|以)?[前后]|[昨今前]天(?:之|以)[前后]|周[1-6日天](?:之|以)?["
	 "前后]",
	 ONLY_HAN},
	{"\\d[日号]?(?:[到至~—–]|--?)(?:这个月|本月)?\\d{1,2}[日号]", ONLY_HAN},
	{"春天|夏天|秋天|冬天|春季|夏季|秋季|冬季|暑假|寒假|上半年|下半年|学期|开学|半夜前", ONLY_HAN},
	{"\\b(?:few|couple|several|some ?time|some days|sometime last week|recent|recently|lately|other day|"
	 "weekends?|every|each|daily|"
	 "weekly|monthly|not sure|unsure|no idea|forg[eo]t|forgotten|can'?t|cannot|don'?t|do not|dunno|didn'?t|"
	 "unknown|never)\\b",
	 ONLY_LATIN},
	{"\\b(?:between|next|tomorrow|upcoming|will|soon|early|mid|late|beginning|start of|end of|middle of|week of|"
	 "days before yesterday|yesterday week|week (?:ago )?(?:last|on|this) ?(?:mon|tue|wed|thu|fri|sat|sun)|"
	 "before christmas|after christmas|ages|while ago|spring|summer|autumn|winter|easter|thanksgiving|ramadan|"
	 "lunar|chinese new year|mid-autumn|dragon boat|qingming)\\b",
	 ONLY_LATIN},
	{"\\b(?:over|more than|less than|nearly|almost|at least|within) (?:the )?(?:last |past )?(?:an?\\b|"
	 "\\d)",
	 ONLY_LATIN},
	{"\\b(?:before|after|until|till|by) (?:the )?(?:\\d|last (?:mon|tue|wed|thu|fri|sat|sun)|(?:jan|feb|mar|apr|"
	 "may|jun|jul|"
	 "aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*)|\\b(?:the )?(?:past|last) (?:\\d+ )?(?:days|weeks|"
	 "months|years)",
	 ONLY_LATIN},
	{"\\b(?:mon|tues|wednes|thurs|fri|satur|sun)days\\b(?! ago)|\\b(?:not|isn'?t|wasn'?t) (?:on |in |the |"
	 "yester|today|last|this|\\d)|"
	 "\\d+-?odd|\\d+ or \\d|\\bor so\\b|\\d\\+",
	 0},
	{NULL, 0},
};

/* Looked for before numbers become digits: 十一 is a holiday and eleven. `means`: month × 100 + day. */
const struct rule festival_rules[] = {
	{FEST_YEAR "(?:元旦|新年第一天)" FEST_DAY, 101 | ONLY_HAN},
	{FEST_YEAR "(?<!七夕)(?<!白色)情人节" FEST_DAY, 214 | ONLY_HAN},
	{FEST_YEAR "(?:三八妇女节|三八节|妇女节|女神节)" FEST_DAY, 308 | ONLY_HAN},
	{FEST_YEAR "植树节" FEST_DAY, 312 | ONLY_HAN},
	{FEST_YEAR "(?:三一五|消费者权益日|315(?!\\d))" FEST_DAY, 315},
	{FEST_YEAR "愚人节" FEST_DAY, 401 | ONLY_HAN},
	{FEST_YEAR "(?:五一劳动节|五一国际劳动节|劳动节|(?<![一二三四五六七八九十百千万两〇零])五一(?!["
		   "一二三四五六七八九十〇零百千万年月日号]))" FEST_DAY,
	 501 | ONLY_HAN},
	{FEST_YEAR "(?:五四青年节|青年节)" FEST_DAY, 504 | ONLY_HAN},
	{FEST_YEAR "护士节" FEST_DAY, 512 | ONLY_HAN},
	{FEST_YEAR "(?:六一儿童节|国际儿童节|儿童节|(?<![一二三四五六七八九十百千万两〇零])六一(?!["
		   "一二三四五六七八九十〇零百千万年月日号]))" FEST_DAY,
	 601 | ONLY_HAN},
	{FEST_YEAR "(?:七一建党节|建党节|党的生日|建党日)" FEST_DAY, 701 | ONLY_HAN},
	{FEST_YEAR "(?:八一建军节|建军节)" FEST_DAY, 801 | ONLY_HAN},
	{FEST_YEAR "教师节" FEST_DAY, 910 | ONLY_HAN},
	{FEST_YEAR "(?:十一国庆节|十一国庆|国庆)" FEST_DAY, 1001 | ONLY_HAN},
	{"(?:(?<y>(?:19|20)\\d\\d)年?的?|(?<yw>大前年|前年|去年|今年|上一?年))的?(?:十一|11)(?=$|那天|当天|[,。!])(?:"
	 "那天|当天)?",
	 1001},
	{"^十一(?:那天|当天)|(?<=[是在])十一(?:那天|当天|的时候)", 1001 | ONLY_HAN},
	{FEST_YEAR "(?:万圣节前夜|万圣节|万圣夜)" FEST_DAY, 1031 | ONLY_HAN},
	{FEST_YEAR "(?:光棍节|双十一|双11)(?!月)" FEST_DAY, 1111 | ONLY_HAN},
	{FEST_YEAR "(?:双十二|双12)(?!月)" FEST_DAY, 1212 | ONLY_HAN},
	{FEST_YEAR "(?:平安夜)" FEST_DAY, 1224 | ONLY_HAN},
	{FEST_YEAR "(?:圣诞)" FEST_DAY, 1225 | ONLY_HAN},
	{FEST_YEAR "(?:跨年夜|跨年那天|跨年那晚)", 1231 | ONLY_HAN},
	{"\\bnew year'?s? eve\\b" FEST_EN, 1231 | ONLY_LATIN},
	{"\\b(?:new year'?s? day)\\b" FEST_EN, 101 | ONLY_LATIN},
	{"\\bvalentine'?s?(?: day)?\\b" FEST_EN, 214 | ONLY_LATIN},
	{"\\b(?:international )?wom[ea]n'?s'? day\\b" FEST_EN, 308 | ONLY_LATIN},
	{"\\b(?:arbor day)\\b" FEST_EN, 312 | ONLY_LATIN},
	{"\\bapril fool'?s?'?(?: day)?\\b" FEST_EN, 401 | ONLY_LATIN},
	{"\\b(?:may day|labou?r day|international workers'? day)\\b" FEST_EN, 501 | ONLY_LATIN},
	{"\\byouth day\\b" FEST_EN, 504 | ONLY_LATIN},
	{"\\bchildren'?s'? day\\b" FEST_EN, 601 | ONLY_LATIN},
	{"\\barmy day\\b" FEST_EN, 801 | ONLY_LATIN},
	{"\\bteacher'?s'? day\\b" FEST_EN, 910 | ONLY_LATIN},
	{"\\b(?:chinese |china'?s )?national day\\b(?! holiday| week)" FEST_EN, 1001 | ONLY_LATIN},
	{"\\b(?:halloween|hallowe'en)\\b" FEST_EN, 1031 | ONLY_LATIN},
	{"\\b(?:singles'?'?s? day|double (?:11|eleven))\\b" FEST_EN, 1111 | ONLY_LATIN},
	{"\\bchristmas eve\\b" FEST_EN, 1224 | ONLY_LATIN},
	{"\\b(?:christmas|xmas)(?: day)?\\b(?! holiday| time| break| period)" FEST_EN, 1225 | ONLY_LATIN},
	{"\\bboxing day\\b" FEST_EN, 1226 | ONLY_LATIN},
	{NULL, 0},
};

const struct rule date_rules[] = {
	/* a full date in digits */
	{"(?<![\\d.\\-/])" YEAR4 " ?[./年,\\-_] ?(?<m>" D2 ") ?[./月,\\-_] ?(?<d>" D2 ")(?!\\d|"
	 "[.\\-/]\\d)[日号]?",
	 DATE_CALENDAR},
	{"^" YEAR4 " (?<m>" D2 ") (?<d>" D2 ")$", DATE_CALENDAR},
	{"(?<![\\d.])" YEAR4 "(?<m>0[1-9]|1[0-2])(?<d>0[1-9]|[12]\\d|3[01])(?!\\d)", DATE_CALENDAR},
	{"(?<![\\d.])'?(?<yy>\\d\\d)年(?<m>" D2 ")月(?<d>" D2 ")(?!\\d)[日号]?", DATE_CALENDAR | ONLY_HAN},
	{"(?<![\\d.\\-/])(?<p>" D2 ")([./\\-])(?<q>" D2 ")[./\\-](?<y>(?:19|20)\\d\\d)(?!\\d)", DATE_PAIR},
	{"(?<![\\d.\\-/])'?(?<p>" D2 ")[./\\-](?<q>" D2 ")[./\\-](?<t>" D2 ")(?![\\d]|[.\\-/]\\d)", DATE_TRIPLE},
	{"^(?<yy>[12]\\d)(?<m>0[1-9]|1[0-2])(?<d>0[1-9]|[12]\\d|3[01])$", DATE_CALENDAR},
	/* year in words, month, day */
	{YEAR_WORD "的?(?<m>" D2 ")[月./\\-]份?的?(?<d>" D2 ")(?![\\d天个])[日号]?", DATE_CALENDAR | ONLY_HAN},
	{YEAR_WORD "的?今[天日]", DATE_YEAR_TODAY | ONLY_HAN},
	{"(?<![\\d.])(?<m>" D2 ")月份?的?(?<d>" D2 ")(?![\\d天个年周.人元块])[日号]?", DATE_CALENDAR | ONLY_HAN},
	{MONTH_WORD "的?(?<d>" D2 ")[日号]", DATE_MONTH_BACK | ONLY_HAN},
	{MONTH_WORD "的?(?:(?<last>最后1天|最末1天)|(?<first>第1天|头1天))", DATE_EDGE | ONLY_HAN},
	{"(?:(?<y>(?:19|20)\\d\\d)年|" YEAR_WORD ")?的?(?:(?<m>" D2
	 ")月份?)?的?(?:(?<last>最后1天|最末1天)|(?<first>第1天|"
	 "头1天))",
	 DATE_EDGE | ONLY_HAN},
	{"\\b(?:(?<last>last)|(?<first>1st)) day of (?:(?<mw>last month|previous month|this month|month before last|"
	 "the month before last)|" MONTH_NAME "(?:,? (?<y>(?:19|20)\\d\\d))?|" YEAR_WORD_EN ")",
	 DATE_EDGE | ONLY_LATIN},
	/* English months with a day */
	{"\\b" MONTH_NAME "\\b\\.?,? ?(?:the )?(?<d>" D2 ")(?:" ORD ")?(?![:\\d\\w])(?:,? ?(?:of |"
	 "in )?(?:(?<y>(?:19|20)\\d\\d)|'(?<yy>\\d\\d)|" YEAR_WORD_EN "))?",
	 DATE_CALENDAR | ONLY_LATIN},
	{"(?<![\\d:])(?<d>" D2 ") ?(?:" ORD ")?(?: day)?,?[ -]?(?:of )?" MONTH_NAME "\\b\\.?(?:,?[ -]?(?:of |"
	 "in )?(?:(?<y>(?:19|20)\\d\\d)|"
	 "'?(?<yy>\\d\\d)(?![\\d:])(?! ?[ap]\\.?m)|" YEAR_WORD_EN "))?",
	 DATE_CALENDAR | ONLY_LATIN},
	{"\\b" YEAR4 "[ ,-]+" MONTH_NAME "[ -](?<d>" D2 ")(?:" ORD ")?\\b", DATE_CALENDAR | ONLY_LATIN},
	/* counted back */
	{"(?<![\\d.几数多近十])(?<n>\\d{1,4})(?:个?(?<u>周|星期|礼拜|天)|(?<u>日|年)|个(?<u>月))(?:之|以)?前(?!天)",
	 DATE_COUNT | ONLY_HAN},
	{"半个?月(?:之|以)?前", 15 | ONLY_HAN},
	{"(?<![\\d大])半年(?:之|以)?前|\\b(?:half a year|6 months) ago\\b", DATE_HALF_YEAR},
	{"(?<![\\d.几数多近])(?<n>\\d{1,3}|半)个?(?<u>小时|钟头|分钟|刻钟|秒)(?:之|以)?前", DATE_HOURS | ONLY_HAN},
	{"\\b(?<n>an?|\\d{1,3}) (?<u>hour|hr|minute|min|second)s? (?:ago|back)\\b|"
	 "\\bhalf an (?<u>hour) ago\\b",
	 DATE_HOURS | ONLY_LATIN},
	{"\\b(?<n>a|\\d{1,4}) (?<u>day|week|fortnight|month|year)s? (?:ago|back|earlier|prior|"
	 "before now)\\b(?: today)?",
	 DATE_COUNT | ONLY_LATIN},
	/* days by name */
	{"大大前[天日]", 4 | ONLY_HAN},
	{"大前[天日晚夜儿]", 3 | ONLY_HAN},
	{"(?<!\\d)前(?:天|日|晚|夜|儿)个?|\\b(?:the )?day (?:before|b4) yesterday\\b|\\b(?:the )?(?:night|"
	 "evening) before last\\b",
	 2},
	{"(?<!先)昨(?:天|日|晚|夜|儿|个|早|午|下午|上午|晨|傍晚|中午|朝|)|寻日|[琴噚]日|\\by[ae]{0,2}s?t[aeu]{0,2}r{0,"
	 "2}d[ae]y\\b|\\byday\\b|"
	 "\\blast (?:night|evening)\\b",
	 1},
	{"今(?:晚|夜)|今天(?:晚上|夜里)|\\btonight\\b|\\bthis evening\\b", DATE_TONIGHT},
	{"今(?:天|日|早|晨|儿|午|下午|上午|个|朝)|刚才|刚刚|方才|刚发生|\\b(?:today|this (?:morning|afternoon)|just "
	 "now|"
	 "(?:a )?moment ago)\\b|^(?:就|就是|是)?(?:现在|此刻|目前)(?:正在.*)?$|正在(?:发生|进行)|\\b(?:right|happening|"
	 "going on) now\\b|^now$|\\bas we speak\\b",
	 DATE_TODAY},
	/* weeks that begin on Monday */
	{"上上个?" WEEK "的?" WEEK "?" DAY_OF_WEEK, DATE_WEEK_BEFORE | ONLY_HAN},
	{"上个?" WEEK "的?" WEEK "?" DAY_OF_WEEK, DATE_LAST_WEEK | ONLY_HAN},
	{"(?:这个?|本)" WEEK "的?" WEEK "?" DAY_OF_WEEK, DATE_WEEK | ONLY_HAN},
	/* digits without a year; a day of a month */
	{"(?<![\\d./:\\-])(?<p>" D2 ")[./\\-](?<q>" D2 ")(?![\\d%元块万米斤层楼度倍折分]|[./:\\-]\\d| ?[ap]\\.?m\\b)",
	 DATE_PAIR},
	{"\\b(?:the )?(?<d>" D2 ")" ORD "(?: day)? (?:of )?(?:the )?(?<mw>last month|previous month|this month|"
	 "month before last)\\b",
	 DATE_MONTH_BACK | ONLY_LATIN},
	{"\\b(?<mw>last month|previous month|this month)(?:,|"
	 "'s)? (?:on )?(?:the )?(?<d>" D2 ")(?:" ORD ")?\\b",
	 DATE_MONTH_BACK | ONLY_LATIN},
	{"(?<![\\d.\\-/~到至、和年月第路街巷弄道村口房院园苑区楼栋])(?<d>" D2
	 ")[号日](?![楼院门线栋铁机幢房店厂公桥井码期前内常子台柜窗])",
	 DATE_DAY | ONLY_HAN},
	{"(?:^|\\b(?:on|the|since|from|was) )(?:the )?(?<d>" D2 ")" ORD "\\b(?! (?:floor|street|avenue|ave|st|time|"
	 "one|district|grade|door|"
	 "road|building|of\\b|person|house))",
	 DATE_DAY | ONLY_LATIN},
	/* a month, a year */
	{"(?<![\\d.])" YEAR4 "(?:年|[./\\-])(?<m>" D2 ")(?!\\d|[./\\-]\\d)月?份?", DATE_CALENDAR},
	{"(?<![\\d.])(?<yy>\\d\\d)年的?(?<m>" D2 ")月份?", DATE_CALENDAR | ONLY_HAN},
	{YEAR_WORD "的?(?<m>" D2 ")月份?", DATE_CALENDAR | ONLY_HAN},
	{"(?<![\\d.个])(?<m>" D2 ")月份?(?!\\d|[前后])", DATE_CALENDAR | ONLY_HAN},
	{MONTH_WORD, DATE_MONTH_BACK | ONLY_HAN},
	{"\\b(?:(?<lm>last|this past) )?" MONTH_NAME "\\.?,? (?:of |in )?(?:(?<y>(?:19|20)\\d\\d)|'(?<yy>\\d\\d)|"
	 "" YEAR_WORD_EN ")\\b",
	 DATE_CALENDAR | ONLY_LATIN},
	{"\\b(?:in|since|during|this|of|was|around|about) " MONTH_NAME "\\b|\\b(?<lm>last|"
	 "this past) " MONTH_NAME "\\b|^" MONTH_NAME "$",
	 DATE_CALENDAR | ONLY_LATIN},
	{"\\b(?:the )?(?<mw>last month|previous month|this month|month before last)\\b", DATE_MONTH_BACK | ONLY_LATIN},
	{"(?<![\\d.])" YEAR4 "年(?![\\d前])", DATE_CALENDAR | ONLY_HAN},
	{"(?<![\\d.])(?<yy>\\d\\d)年(?![\\d前多了来以之间半])", DATE_CALENDAR | ONLY_HAN},
	{YEAR_WORD, DATE_CALENDAR | ONLY_HAN},
	{"^" YEAR4 "$|\\b(?:in|since|during|year|from|was) " YEAR4 "\\b|\\b" YEAR_WORD_EN "\\b", DATE_CALENDAR},
	{NULL, 0},
};

/* Last, so that a weekday beside a date only has to fit it. */
const struct rule date_weekday_rules[] = {
	{"(?<![上下每\\d])" WEEK DAY_OF_WEEK, DATE_WEEKDAY | ONLY_HAN},
	{"\\b(?<n>\\d{1,2}) " WEEKDAY_NAME "s? ago\\b", DATE_WEEKDAY_EN | ONLY_LATIN},
	{"\\b(?<mod>last week)(?:'s|,)? (?:on )?" WEEKDAY_NAME "\\b|\\b(?<mod>last week)(?:'s|"
	 ",)? (?:on )?" WEEKDAY_SHORT "\\b",
	 DATE_WEEKDAY_EN | ONLY_LATIN},
	{"\\b(?:(?<mod>last|this past|past|previous|this|on) )?" WEEKDAY_NAME
	 "\\b,?(?: (?:of |in |the )*(?<aft>last week|this week|previous week|week before last|"
	 "before last))?",
	 DATE_WEEKDAY_EN | ONLY_LATIN},
	{"\\b(?<mod>last|this past|past|previous|this|on) " WEEKDAY_SHORT
	 "\\b\\.?(?: (?:of |the )*(?<aft>last week|this week|week before last|"
	 "before last))?",
	 DATE_WEEKDAY_EN | ONLY_LATIN},
	{"^" WEEKDAY_SHORT "\\.?$|\\b" WEEKDAY_SHORT "\\.?,? (?:of |the )*(?<aft>last week|"
	 "this week)\\b",
	 DATE_WEEKDAY_EN | ONLY_LATIN},
	{NULL, 0},
};
