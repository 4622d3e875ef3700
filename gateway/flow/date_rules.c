/*
 * How people write dates: the tables. They see text in lower case, Chinese numbers as digits, no spaces beside Chinese
 * characters. A row's find is taken out of the text before the next row looks, so the longer forms stand first.
 */
#include "flow/date_rules.h"

#include "flow/lunar.h"

#define MONTH_NAME \
	"(?<mon>jan(?:uary)?|feb(?:ruary|uary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|" \
	"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
#define WEEKDAY_NAME  "(?<wd>monday|tuesday|wednesday|wensday|thursday|friday|saturday|sunday)"
#define WEEKDAY_SHORT "(?<wd>mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)"
#define YEAR_WORD     "(?<yw>大前年|前年|去年|今年|本年|上一?年|旧年|头年|明年|后年)"
#define YEAR_WORD_EN  "(?:the )?(?<yw>last year|this year|year before last|previous year)"
#define MONTH_WORD    "(?<mw>上上1?个?月|上1?个?月|前1个月|本月|这1?个?月|当月)份?"
#define WEEK          "(?:[周州粥洲]|[星新心][期其起气琪棋]|[礼里][拜败摆])"
#define DAY_OF_WEEK   "(?<wd>[1-6日天])(?![次号点天\\d])"
#define YEAR4         "(?<y>(?:19|20|21)\\d\\d)"
#define D2            "\\d{1,2}+"
#define MONTH_ZH      D2 "|元"
#define ORD           "(?:st|nd|rd|th)"
/* "三天前", and "三天了" of what still goes on; not "还有三天了" */
#define AGO_ZH        "(?:(?:之|以)?前(?!天)|(?<!还有.{2}|还有.{3}|只有.{2}|只剩.{2})了(?=$|[,。!、;吧呢还都也没 ]))"
#define FEST_YEAR     "(?:(?<y>(?:19|20)\\d\\d)年?的?|(?<yw>大前年|前年|去年|今年|本年|上一?年|旧年|头年|明年)的?)?"
#define FEST_EN \
	"(?: ?,? ?(?:of |in )?(?:(?<y>(?:19|20)\\d\\d)|(?:the )?(?<yw>last year|this year|year before last|" \
	"next year)))?"
/* A holiday as a day, not the days around it. */
#define FEST_DAY \
	"节?(?:的)?(?:第(?<nth>[一二三四五六七])天|(?<eve>前一天|头一天|前夕|前夜)|(?<after>后一天|第二天))?(?!期间|" \
	"前|后|假|长假|黄金|左右|以|之|路|街|村|" \
	"小区|广场|商场)(?:那天|当天|那晚|当晚|晚上)?"

/* A feast of the Chinese calendar: the day itself, or the feast of a year. */
#define LUNAR_DAY \
	"(?:的)?(?:(?<eve>前一[天晚日]|头一[天晚]|前夕|前夜)|(?<after>后一天|第二天)|那一?[天日晚]|当[天日晚]|那夜|" \
	"的?晚上|夜里|夜晚|早上|上午|下午|中午|傍晚)"
#define LUNAR_SAID(name, bare) \
	"(?:(?<y>(?:19|20)\\d\\d)年?的?|(?<yw>大前年|前年|去年|今年|本年|上一?年|旧年|头年|明年)的?)(?:" bare \
	")节?(?!期间|前|后|假|放|左右|以|之)(?:的?(?:那一?[天日晚]|当[天日晚]|晚上|夜里))?|(?:" name \
	")(?:" LUNAR_DAY_ONLY ")"
#define LUNAR_DAY_ONLY "的?(?:那一?[天日晚]|当[天日晚]|那夜|晚上|夜里|夜晚|早上|上午|下午|中午|傍晚)"
#define LUNAR_SAID_EN(name) \
	"\\b(?:" name ")(?: festival)?(?:'?s)? (?:day|night|evening)\\b" FEST_EN \
	"|\\b(?:day|night|evening) of (?:the )?(?:" name ")(?: festival)?\\b"

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
	{"(?<=[日号天晚夜1-9一二三四五六七八九十])[,。、 "
	 "(]*(?:而|可|反正)?(?:不是|并非|绝不是)[^,。!?是就]{1,10}[)。!]*$",
	 ONLY_HAN},
	{"[,;.( ]+(?:and |but )?not (?:on )?(?:the |last |this )?[^,;.]{2,20}[).!]*$", ONLY_LATIN},
	/* the hour, the exact day: not known, but what is known was said */
	{"(?:(?:具体|准确|确切)的?(?:是)?)?(?:哪一?天|哪日|几号|几日|几月份?几号|几月份?|哪个?月份?|月份|日子|日期|"
	 "时间|几点钟?|钟点|时辰)(?:的话)?(?:我|俺|就|都|也|真|倒|是|实在|具体)*(?:忘了|忘记了?|记不(?:太)?(?:清|得|住|"
	 "起)楚?了?|"
	 "不(?:太)?记得了?|想不起来?了?|不(?:太)?清楚了?|不(?:太)?知道了?|说不(?:准|好|清|上来)楚?了?|不(?:太)?确定了?|"
	 "没注意|没印象)|"
	 "(?:忘了|忘记了?|记不清楚?了?|不记得了?|不清楚|不知道|说不准|不确定)(?:是|具体|具体是)*(?:哪一?天|哪日|几号|"
	 "几日|几月份?几号|几月份?|哪个?月份?|月份|几点钟?|日子|日期|时间)了?",
	 ONLY_HAN},
	{"\\b(?:i )?(?:really |just |honestly )?(?:can'?t|cannot|don'?t|do not|didn'?t|couldn'?t|not|un)? ?(?:really "
	 "|exactly |quite )?(?:remember|recall|know|forg[eo]t|forgotten|sure|certain|note|check)"
	 "(?: of| about)? (?:the |which |what )?(?:exact |precise |specific |actual "
	 ")?(?:days?|dates?|time|hour|month|which month)(?: (?:it was|exactly|though|sorry|anymore))*",
	 ONLY_LATIN},
	/* the better answer follows */
	{"^.{2,60}?[,。!.… "
	 "~—-]*(?:哦|啊|呃|噢|哎|诶)?(?:不对|不不|错了|说错|打错|记错|弄错|搞错|写错|更正|我是说|不好意思)[了啦]?[,。!"
	 "…:~ 应该是]*(?=.{2})",
	 NOISE_CORRECTION | ONLY_HAN},
	{"^.{2,60}?[,.! …-]*\\b(?:no,? wait|wait,? no|wait|no no|i mean|i meant|scratch that|correction|oops|my "
	 "mistake|my bad|sorry,? (?:i mean(?:t)?|no|it was)|or rather|make that|actually,? no|no,? actually|no,? "
	 "sorry|actually)\\b[,.: !]*"
	 "(?:it was |that was )?(?=\\S{3})",
	 NOISE_CORRECTION | ONLY_LATIN},
	{"\\bsome ?time (?=(?:in|on|last|this|during)\\b)", ONLY_LATIN},
	{NULL, 0},
};

/* Any of these, and the day is not certain, not past, or not of this calendar. */
const struct rule date_vague_rules[] = {
	{"几[天日周个年月号]|[几数多]\\d|\\d几|\\d[多来余][天日周个年月]|好几|好些|前些|前阵|前段|前\\d天|前两|这两天|"
	 "这\\d天|近\\d|两\\d天|那几",
	 ONLY_HAN},
	{"[上中下]旬|月初|月[底末]|月中(?!心|学|央|国)|年[初底末]|周末|假期|长假|黄金周|礼拜[末尾]",
	 VAGUE_BUT_DAY | ONLY_HAN},
	{"节前|节后|期间|前后", ONLY_HAN},
	{"农历|阴历|旧历", ONLY_HAN},
	{"正月(?!15)|腊月|冬月|闰|(?<![月最起当年])初\\d(?!中)(?!.{0,3}[天晚早上下中])", VAGUE_BUT_DAY | ONLY_HAN},
	{"除夕|春节|大年|年\\d{2}晚|年三十|元宵|端午|七夕|中秋|重阳|寒食|"
	 "清明(?!路|街|桥|村)|冬至|立春|立夏|立秋|立冬|夏至|春分|秋分|小年|腊八|中元|过年|正月15|(?<![\\d半])年前",
	 VAGUE_BUT_DAY | ONLY_HAN},
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
	{"春天|夏天|秋天|冬天|春季|夏季|秋季|冬季|暑假|寒假|上半年|下半年|学期|开学", VAGUE_BUT_MONTH | ONLY_HAN},
	{"半夜前", ONLY_HAN},
	{"[到至]了?[昨前][天日晚](?!为止)|[昨前][天日晚儿]\\p{Han}{0,3}[到至]今[天日早晚晨]", ONLY_HAN},
	{"年的?(?:这|那|同)1?个?(?:时候|时间|时段|期)", VAGUE_BUT_MONTH | ONLY_HAN},
	/* the day beside a day */
	{"[号日天1-6]的?(?:前|后|头)1[天晚日]|[号日天1-6]的?第2天", ONLY_HAN},
	{"\\b(?:days?|nights?|mornings?|evenings?|weeks?|months?|hours?) (?:right )?(?:after|before|following|prior "
	 "to)\\b(?! (?:yesterday|last|now))",
	 ONLY_LATIN},
	/* two days and more */
	{"\\d[日号](?:、|和|跟|与|及|加|还有|,)?(?:、|和|跟|与|及|还有)\\d{1,2}[日号]|[月]\\d{1,2}[、,]\\d{1,2}(?:["
	 "日号]|[、,])",
	 ONLY_HAN},
	{"\\d(?:st|nd|rd|th)?,? ?(?:to|-|–|—|till?|until|thru|through|and|&) (?:the )?\\d{1,2}(?:st|nd|rd|th)\\b(?! "
	 "(?:floor|street|avenue|grade))|\\b(?:and|or) the (?:day|night) before\\b(?! yesterday)|"
	 "\\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.? \\d{1,2}(?:st|nd|rd|th)? "
	 "?(?:-|–|—|&|and|to|or) ?(?:the )?\\d{1,2}(?:st|nd|rd|th)?(?![\\d:])(?! ?[ap]m)|"
	 "\\b\\d{1,2}(?:st|nd|rd|th)? ?(?:-|–|—|to|and|&|or) ?\\d{1,2}(?:st|nd|rd|th)? (?:of "
	 ")?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|"
	 "\\blast (?:mon|tues|wednes|thurs|fri|satur|sun)day week\\b|\\b(?:both|twice|several times)\\b",
	 ONLY_LATIN},
	{"\\b(?:recent|recently|lately|other day|weekends?|some "
	 "?time|spring|summer|autumn|winter|easter|thanksgiving|ramadan|lunar|chinese new year|mid-autumn|dragon "
	 "boat|qingming)\\b",
	 VAGUE_BUT_DAY | ONLY_LATIN},
	{"\\b(?:early|mid|late|beginning|start of|end of|middle of)\\b", VAGUE_BUT_DAY | ONLY_LATIN},
	{"\\b(?:(?:few|couple)(?: of)?(?! (?:of )?(?:min|hour|hr|sec))|several|some days|sometime last week|"
	 "every|each|daily|"
	 "weekly|monthly|not sure|unsure|no idea|forg[eo]t|forgotten|can'?t|cannot|don'?t|do not|dunno|didn'?t|"
	 "unknown|never)\\b",
	 ONLY_LATIN},
	{"\\b(?:between|next|tomorrow|upcoming|will|soon|week of|"
	 "days before yesterday|yesterday week|week (?:ago )?(?:last|on|this) ?(?:mon|tue|wed|thu|fri|sat|sun)|"
	 "before christmas|after christmas|ages|while ago)\\b",
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
	{FEST_YEAR "(?:跨年夜|跨年那天|跨年那晚|跨年晚上)", 1231 | ONLY_HAN},
	{FEST_YEAR "(?:五二〇|五二零|520(?!\\d)|网络情人节)" FEST_DAY, 520},
	{FEST_YEAR "(?:六一八|618(?!\\d))(?:大促|购物节)?" FEST_DAY, 618},
	{FEST_YEAR "(?:九一八|918事变)" FEST_DAY, 918 | ONLY_HAN},
	{FEST_YEAR "(?:消防日|消防宣传日)" FEST_DAY, 1109 | ONLY_HAN},
	{FEST_YEAR "(?:世界读书日)" FEST_DAY, 423 | ONLY_HAN},
	{FEST_YEAR "(?:烈士纪念日)" FEST_DAY, 930 | ONLY_HAN},
	{FEST_YEAR "(?:国家公祭日|公祭日)" FEST_DAY, 1213 | ONLY_HAN},
	{FEST_YEAR "(?:记者节)" FEST_DAY, 1108 | ONLY_HAN},
	{FEST_YEAR "(?:除夕|大年三十|大年30|大年夜)(?:" LUNAR_DAY "|夜)", (DATE_LUNAR + LUNAR_EVE) | ONLY_HAN},
	{FEST_YEAR "(?:大年|年|正月)初(?<nth>[一二三四五六七])" LUNAR_DAY, (DATE_LUNAR + LUNAR_SPRING) | ONLY_HAN},
	{"(?:(?<y>(?:19|20)\\d\\d)年?的?|(?<yw>大前年|前年|去年|今年|上一?年|旧年|头年)的?)(?:大年|春节|过年|正月)初(?<"
	 "nth>[一二三四五六七])",
	 (DATE_LUNAR + LUNAR_SPRING) | ONLY_HAN},
	{FEST_YEAR "春节" LUNAR_DAY, (DATE_LUNAR + LUNAR_SPRING) | ONLY_HAN},
	{LUNAR_SAID("元宵节", "元宵"), (DATE_LUNAR + LUNAR_LANTERN) | ONLY_HAN},
	{LUNAR_SAID("正月十五", "正月十五"), (DATE_LUNAR + LUNAR_LANTERN) | ONLY_HAN},
	{LUNAR_SAID("端午节", "端午"), (DATE_LUNAR + LUNAR_BOAT) | ONLY_HAN},
	{LUNAR_SAID("七夕节?(?:情人节)?", "七夕"), (DATE_LUNAR + LUNAR_QIXI) | ONLY_HAN},
	{LUNAR_SAID("中秋节?", "中秋"), (DATE_LUNAR + LUNAR_MIDDLE) | ONLY_HAN},
	{LUNAR_SAID("重阳节?", "重阳"), (DATE_LUNAR + LUNAR_NINTH) | ONLY_HAN},
	{LUNAR_SAID("清明节?", "清明"), (DATE_LUNAR + LUNAR_CLEAR) | ONLY_HAN},
	{"\\b(?:chinese|lunar) new year'?s? eve\\b" FEST_EN, (DATE_LUNAR + LUNAR_EVE) | ONLY_LATIN},
	{"\\b(?:(?:chinese|lunar) new year'?s? day|spring festival day|(?:1st|first) day of (?:the )?(?:chinese|lunar) "
	 "new year|day of (?:the )?(?:spring festival|(?:chinese|lunar) new year))\\b" FEST_EN,
	 (DATE_LUNAR + LUNAR_SPRING) | ONLY_LATIN},
	{LUNAR_SAID_EN("lantern"), (DATE_LUNAR + LUNAR_LANTERN) | ONLY_LATIN},
	{LUNAR_SAID_EN("dragon ?boat"), (DATE_LUNAR + LUNAR_BOAT) | ONLY_LATIN},
	{LUNAR_SAID_EN("mid-? ?autumn|moon(?:cake)?"), (DATE_LUNAR + LUNAR_MIDDLE) | ONLY_LATIN},
	{LUNAR_SAID_EN("qing ?ming|tomb[ -]sweeping"), (DATE_LUNAR + LUNAR_CLEAR) | ONLY_LATIN},
	{"\\b(?:guy fawkes|bonfire)(?: (?:night|day))\\b" FEST_EN, 1105 | ONLY_LATIN},
	{"\\bst\\.? ?(?:patrick|paddy)'?s?(?: day)\\b" FEST_EN, 317 | ONLY_LATIN},
	{"\\b(?:veterans'?|remembrance|armistice) day\\b" FEST_EN, 1111 | ONLY_LATIN},
	{"\\bjuneteenth\\b" FEST_EN, 619 | ONLY_LATIN},
	{"\\bgroundhog day\\b" FEST_EN, 202 | ONLY_LATIN},
	{"\\banzac day\\b" FEST_EN, 425 | ONLY_LATIN},
	{"\\bcanada day\\b" FEST_EN, 701 | ONLY_LATIN},
	{"\\bbastille day\\b" FEST_EN, 714 | ONLY_LATIN},
	{"\\bcinco de mayo\\b" FEST_EN, 505 | ONLY_LATIN},
	{"\\bearth day\\b" FEST_EN, 422 | ONLY_LATIN},
	{"\\ball saints'?'?s?(?: day)\\b" FEST_EN, 1101 | ONLY_LATIN},
	{"\\ball souls'?(?: day)\\b" FEST_EN, 1102 | ONLY_LATIN},
	{"\\bburns night\\b" FEST_EN, 125 | ONLY_LATIN},
	{"\\bgandhi jayanti\\b" FEST_EN, 1002 | ONLY_LATIN},
	{"\\bpi day\\b" FEST_EN, 314 | ONLY_LATIN},
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
	{"(?<![\\d.])'?(?<yy>\\d\\d)年(?<m>" MONTH_ZH ")月(?<d>" D2 ")(?!\\d)[日号]?", DATE_CALENDAR | ONLY_HAN},
	{"(?<![\\d.\\-/])(?<p>" D2 ")([./\\-])(?<q>" D2 ")[./\\-](?<y>(?:19|20)\\d\\d)(?!\\d)", DATE_PAIR},
	{"(?<![\\d.\\-/])'?(?<p>" D2 ")[./\\-](?<q>" D2 ")[./\\-](?<t>" D2 ")(?![\\d]|[.\\-/]\\d)", DATE_TRIPLE},
	{"^(?<yy>[12]\\d)(?<m>0[1-9]|1[0-2])(?<d>0[1-9]|[12]\\d|3[01])$", DATE_CALENDAR},
	/* year in words, month, day */
	{YEAR_WORD "的?(?<m>" D2 ")[月./\\-]份?的?(?<d>" D2 ")(?![\\d天个])[日号]?", DATE_CALENDAR | ONLY_HAN},
	{YEAR_WORD "的?今[天日]", DATE_YEAR_TODAY | ONLY_HAN},
	{"(?<![\\d.])(?<m>" MONTH_ZH ")[月约]份?的?(?<d>" D2 ")(?![\\d天个年周.人元块])[日号好曰]?",
	 DATE_CALENDAR | ONLY_HAN},
	{MONTH_WORD "的?(?<d>" D2 ")[日号]", DATE_MONTH_BACK | ONLY_HAN},
	{MONTH_WORD "的?(?:(?<last>最后1天|最末1天)|(?<first>第1天|头1天))", DATE_EDGE | ONLY_HAN},
	{"(?!第1天|头1天|最[后末]1天|的)(?:(?<y>(?:19|20)\\d\\d)年|" YEAR_WORD ")?的?(?:(?<m>" MONTH_ZH
	 ")月份?)?的?(?:(?<last>最后1天|最末1天)|(?<first>第1天|"
	 "头1天))",
	 DATE_EDGE | ONLY_HAN},
	{"\\b(?:(?<last>last)|(?<first>1st)) day of (?:(?<mw>last month|previous month|this month|month before last|"
	 "the month before last)|" MONTH_NAME "(?:,? (?<y>(?:19|20)\\d\\d))?|" YEAR_WORD_EN ")",
	 DATE_EDGE | ONLY_LATIN},
	/* English months with a day */
	{"(?<!(?<![\\d.:])\\d )(?<!(?<!\\d)\\d\\d )\\b" MONTH_NAME "\\b\\.?,? ?(?:the )?(?<d>" D2 ")(?:" ORD
	 "|[号日])?(?![:\\d\\w])(?:,? ?(?:of |"
	 "in )?(?:(?<y>(?:19|20)\\d\\d)|'(?<yy>\\d\\d)|" YEAR_WORD_EN "))?",
	 DATE_CALENDAR | ONLY_LATIN},
	{"(?<![\\d:])(?<d>" D2 ") ?(?:" ORD ")?(?: day)?,?[ -]?(?:of )?" MONTH_NAME "\\b\\.?(?:,?[ -]?(?:of |"
	 "in )?(?:(?<y>(?:19|20)\\d\\d)|"
	 "'?(?<yy>\\d\\d)(?![\\d:])(?! ?[ap]\\.?m)|" YEAR_WORD_EN "))?",
	 DATE_CALENDAR | ONLY_LATIN},
	{"\\b" YEAR4 "[ ,-]+" MONTH_NAME "[ -](?<d>" D2 ")(?:" ORD ")?\\b", DATE_CALENDAR | ONLY_LATIN},
	{"\\b" YEAR_WORD_EN ",? ?(?:in |on |around |about )?(?:the )?" MONTH_NAME "\\b(?:,? (?:the )?(?<d>" D2
	 ")(?:" ORD ")?(?![:\\d]))?",
	 DATE_CALENDAR | ONLY_LATIN},
	{"\\b" YEAR_WORD_EN ",? ?(?:on )?(?:the )?(?<d>" D2 ")(?:" ORD ")? (?:of )?" MONTH_NAME "\\b",
	 DATE_CALENDAR | ONLY_LATIN},
	/* counted back */
	{"(?<![\\d.几数多近十])(?<n>\\d{1,3})个?(?<u>周|星期|礼拜|月|年)(?:之|以)?前的?(?<day>今[天日])",
	 DATE_COUNT | ONLY_HAN},
	{"\\b(?:exactly |about )?(?<n>an?|\\d{1,3}) (?<u>week|month|year)s? (?:ago|back),? (?:to the "
	 ")?(?<day>today|day|yesterday)\\b",
	 DATE_COUNT | ONLY_LATIN},
	{"\\b(?:same|this) (?:day|date)(?:,| of)? " YEAR_WORD_EN "\\b|\\btoday,? " YEAR_WORD_EN "\\b",
	 DATE_YEAR_TODAY | ONLY_LATIN},
	{"(?:上1?个?|前1个?)" WEEK "的?今[天日]|\\b(?:same|this) (?:day|date),? last week\\b", 7},
	{"上上1?个?" WEEK "的?今[天日]", 14 | ONLY_HAN},
	{MONTH_WORD "的?(?:今[天日]|同1天)", DATE_MONTH_BACK_TODAY | ONLY_HAN},
	{"\\b(?:same|this) (?:day|date),? (?<mw>last month)\\b", DATE_MONTH_BACK_TODAY | ONLY_LATIN},
	/* the first Monday of a month */
	{"(?:" MONTH_WORD "|(?:(?<y>(?:19|20)\\d\\d)年|" YEAR_WORD ")?的?(?<m>" MONTH_ZH
	 ")月份?)的?(?:第(?<nth>[1-5])个?|最后1?个)" WEEK "(?<wd>[1-6日天])",
	 DATE_NTH_WEEKDAY | ONLY_HAN},
	{"\\b(?:(?<nth>[1-5])(?:st|nd|rd|th)|last) " WEEKDAY_NAME
	 " (?:of|in) (?:the month of )?(?:(?<mw>last month|previous month|this month)|" MONTH_NAME
	 "(?:,? (?:of )?(?:(?<y>(?:19|20)\\d\\d)|" YEAR_WORD_EN "))?)\\b",
	 DATE_NTH_WEEKDAY | ONLY_LATIN},
	{"\\b(?:a )?(?:few|couple)(?: of)? (?:minutes?|mins?|seconds?|secs?|hours?|hrs?) "
	 "(?:ago|back)\\b|几(?:分钟|秒钟?|个小时|个钟头)(?:之|以)?前|不久前|刚不久",
	 DATE_TODAY},
	{"(?<![\\d.几数多近十])(?<n>\\d{1,4})(?:个?(?<u>周|星期|礼拜|天)|(?<u>日|年)|个(?<u>月))" AGO_ZH, DATE_COUNT | ONLY_HAN},
	{"(?<!个)半个?月" AGO_ZH, 15 | ONLY_HAN},
	{"(?<![\\d大])半年(?:之|以)?前|\\b(?:half a year|6 months) ago\\b", DATE_HALF_YEAR},
	{"(?<![\\d.几数多近])(?<n>\\d{1,3}|半)个?(?<u>小时|钟头|分钟|刻钟|秒)(?:之|以)?前", DATE_HOURS | ONLY_HAN},
	{"\\b(?<n>an?|\\d{1,3}) (?<u>hour|hr|minute|min|second)s? (?:ago|back)\\b|"
	 "\\bhalf an (?<u>hour) ago\\b",
	 DATE_HOURS | ONLY_LATIN},
	{"\\b(?<n>a|\\d{1,4}) (?<u>day|night|week|fortnight|month|year)s? (?:ago|back|earlier|prior|"
	 "before now)\\b(?: today)?",
	 DATE_COUNT | ONLY_LATIN},
	/* days by name */
	{"大大前[天日儿]", 4 | ONLY_HAN},
	{"大前[天日晚夜儿个]|[上向]前天", 3 | ONLY_HAN},
	{"\\b(?:3 days before today|two days before yesterday)\\b", 3 | ONLY_LATIN},
	{"(?<![\\d大])前(?:天|日|晚|夜|儿|田|添)个?子?|(?<![\\d大以之])前个(?!月|周|星期|礼拜|年)|\\b(?:the )?day "
	 "(?:before|b4) yesterday\\b|\\b(?:the )?(?:night|"
	 "evening) before last\\b",
	 2},
	{"(?<!先)昨(?:天|日|晚|夜|儿|个|早|午|下午|上午|晨|傍晚|中午|朝|)|[琴噚寻]日|[琴噚寻][晚夜朝]|夜(?:儿个|儿里|"
	 "儿|来个?(?!香)|里个|黑儿?(?!里)|隔|个)|[作坐做祖]天(?!下)|[左]天(?=[早中下上晚夜]|$)|\\by[ae]{0,2}s?t[aeu]{0,"
	 "2}r{0,"
	 "2}d[ae]y\\b|\\byday\\b|"
	 "\\blast (?:night|evening)\\b",
	 1},
	{"今(?:晚|夜)|今天(?:晚上|夜里)|\\btonight\\b|\\bthis evening\\b", DATE_TONIGHT},
	{"今(?:天|日|早|晨|儿|午|下午|上午|个|朝|填)|刚才|刚刚(?!过去)|方才|刚发生|刚(?:出|撞|被|摔|吵|打|收|看|到|停|"
	 "起)|啱啱|头先|才将|将才|刚将|适才|正话|\\b(?:today|this (?:morning|afternoon)|just "
	 "now|"
	 "(?:a )?moment ago)\\b|^(?:就|就是|是)?(?:现在|此刻|目前)(?:正在.*)?$|正在(?:发生|进行)|\\b(?:right|happening|"
	 "going on) now\\b|^now$|\\bas we speak\\b|\\bjust (?:now )?(?:hap+en\\w*|oc+ur+\\w*|took place|started)\\b",
	 DATE_TODAY},
	/* weeks that begin on Monday */
	{"(?:上上1?个?|大上个?)" WEEK "的?(?:那个)?" WEEK "?" DAY_OF_WEEK, DATE_WEEK_BEFORE | ONLY_HAN},
	{"(?:上1?个?|前1个|头1?个|上回的?)" WEEK "的?(?:那个)?" WEEK "?" DAY_OF_WEEK, DATE_LAST_WEEK | ONLY_HAN},
	{"(?:这1?个?|本|今)" WEEK "的?" WEEK "?" DAY_OF_WEEK, DATE_WEEK | ONLY_HAN},
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
	{"(?<![\\d.])(?<yy>\\d\\d)年的?(?<m>" MONTH_ZH ")月份?", DATE_CALENDAR | ONLY_HAN},
	{YEAR_WORD "的?(?<m>" MONTH_ZH ")月份?", DATE_CALENDAR | ONLY_HAN},
	{"(?<![\\d.个])(?<m>" MONTH_ZH ")月份?(?!\\d|[前后])", DATE_CALENDAR | ONLY_HAN},
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
	{"\\b(?<mod>week before last)(?:'s|,)? (?:on )?" WEEKDAY_NAME "\\b", DATE_WEEKDAY_EN | ONLY_LATIN},
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
