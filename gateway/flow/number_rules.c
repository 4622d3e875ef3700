/*
 * What is said around numbers: the tables of "How many?".
 */
#include "flow/number_rules.h"

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
	 "第[一二三四五六七八九十]+次(?!打|说|写|发|输)|一车间|二车间|三车间",
	 ONLY_HAN},
	{"\\b(?:road|street|avenue|lane|drive|rd|st|district|moment|minute please|second please|sec|(?:this|last|in "
	 "the|every|tomorrow|yesterday) (?:morning|afternoon|evening|night)|(?<=\\d )at night|o'?clock|"
	 "other one|at (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\\d)|one by one|"
	 "one another|broken|since|because|complain\\w*|middle school|hospital|noon|fix(?:ed)?)\\b",
	 ONLY_LATIN},
	{"百分之|\\d ?%|分之|\\d[:/]\\d|[一二三四五六七八九]成", 0},
	{"\\b(?:few|several|some|many|lots?|dozens|scores|hundreds|thousands|tens|millions|couple|or so|odd|"
	 "something|more than|over|"
	 "at least|at most|less than|fewer than|under|up to|nearly|almost|not sure|(?:don'?t|do "
	 "not|didn'?t|couldn'?t|can'?t|cannot) (?:really |exactly |even |quite |at all "
	 ")?(?:know|remember|recall|count|say|tell|have|want|think|care|understand|get it)|never count(?:ed)?|no "
	 "idea|dunno|"
	 "unknown|forg[eo]t|plenty|"
	 "above|below|half an|various|numerous|or more|or less|countless|how|why|between|handful|loads|"
	 "percent|nobody knows|"
	 "every(?! (?:penny|cent|dime|single|last|one of))|a third|a quarter(?! (?:of )?(?:a )?mil)|a fifth|unsure|per "
	 "cent|or)\\b|-odd|ish\\b|\\d\\+|\\d ?to ?\\d|"
	 "\\w-something",
	 0},
	{"(?<![\\d.,])0\\d{5,}|(?<!\\d)1[3-9]\\d{9}(?!\\d)|\\d{13}|\\d{1,4}[./\\-年]\\d{1,2}[./"
	 "\\-月]\\d|\\d{1,2}月\\d{1,2}[日号]|"
	 "[\\d一二三四五六七八九十两][点时](?:\\d|钟|半|[一二三四五六七八九十]+分|$|[,。!吧])|"
	 "\\b(?:jan|feb|mar|apr|may(?!be)|jun|jul|aug|sep|oct|nov|dec)[a-z]* \\d|\\d "
	 "?(?:am|pm)\\b|(?:分钟|小时|天|周|个?星期|个?月|"
	 "年)(?:之|以)?[前后]|"
	 "(?:早上|上午|中午|下午|晚上|凌晨|傍晚|半夜)[\\d一二三四五六七八九十两]",
	 0},
	{NULL, 0},
};

/* Words that are spelled with a number but count nothing. */
const struct rule number_noise_rules[] = {
	{"^.{1,60}?(?:不对|不不|打错|说错|写错|发错|记错|算错|弄错|数错|错了|更正|我是说)[了啦]?[,。!…:~ 应该是]*(?=.)",
	 NUMBER_CORRECTION | ONLY_HAN},
	{"^.{1,60}?[,.! …-]*\\b(?:no,? wait|wait,? no|wait|i mean|i meant|scratch that|correction|oops|my mistake|my "
	 "bad|sorry,? (?:i mean(?:t)?|no|it was|it'?s)|or rather|make that|actually)\\b[,.: !]*(?=\\S)",
	 NUMBER_CORRECTION | ONLY_LATIN},
	{"一个?(?:月|年|天|小时|星期|礼拜|人|平方?米?|斤|次|户|家|晚|趟|亩)(?:才|就|只|只能|能|要|交|拿|给|发|得|收|有|"
	 "涨|扣|补|是)*(?=[\\d一二两三四五六七八九十百千万]+[元块])|一块儿|一块堆|一[毛分个文](?:钱)?(?:不|也不|都不)["
	 "差少落拔缺]|一(?:分厂|公司|帮人|伙人|大家|班人)|百分百|一手(?!房)|一回事|一句话|一个字|一万个|一百个(?:不|愿)"
	 "|一来二去|一路上|一股脑|一门心思|一肚子|一个劲|一把年纪|"
	 "一眼|一声不|一个电话|一来|七老八十|三更半夜|半斤八两|三言两语|千真万确|成千|九死一生|四口之家(?!.)|说一不二|"
	 "一碗水|再一再二|一五一十|两口子(?!人)|一部分|一(?:车|屋子?|桌|村|院子?|楼|厂|村子|帮子|伙子|家子|路)人|"
	 "三下两下|一个月(?=工资|拿|给|发|就|才)|每一",
	 ONLY_HAN},
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
