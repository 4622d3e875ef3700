/*
 * "Where?": the place out of a sentence: 在解放路12号。→ 解放路12号, "it's at 12 Jiefang Road, thanks" → "12 Jiefang
 * Road". What somebody on the ground could not find (那里, 我家楼下, here) is not understood, nor is talk about
 * something else. Pure; nothing here is fatal.
 */
#include "flow/fold.h"
#include "flow/kit.h"

#define STRIPS_MAX         12
#define LONGEST_CHARACTERS 160

enum place_row { PLACE_LEAD, PLACE_TRAIL, PLACE_VAGUE, PLACE_STRONG, PLACE_CHATTER, PLACE_EVIDENCE, PLACE_PINYIN };

#define ZH_I "(?:我|我们|咱|咱们|俺|我们家|我家|俺家|家|本人|他|他们|她|事情|事|问题|事故|事发|案发|东西)"
#define ZH_NOW "(?:现在|目前|当时|就|人|都|也|主要|应该|好像|大概|一直|家|全部)*"

const struct rule place_rules[] = {
	/* lead-ins, taken off again and again */
	{"^(?:嗯+|恩+|哦+|噢+|啊|呃|额|那个|好的?|你好|您好|喂|哎|是的|对)(?:[,。!.、~ ]+|(?=在|就在|是))|^[,.。:;!、~ "
	 "\"'*#\\-]+|"
	 "^(?:hi|hello|hey|ok|okay|yes|well|um+|so|sure|please)[,.! ]+",
	 PLACE_LEAD},
	{"^(?:我的?|我们的?|具体的?|详细的?|事发|事故|案发|发生的?|现在的?|家庭|家的?|这里的?|这边的?|单位的?|公司的?|"
	 "现|居住的?|住宅|问题|通讯|联系)*"
	 "(?:地址|地点|位置|住址|地方|住所|居住地)(?:就?(?:是在|是|在|为|位于))?[:, ]*",
	 PLACE_LEAD},
	{"^" ZH_I "?" ZH_NOW "(?:是|发生|出)?(?:住在|位于|坐落于|坐落在|发生在|出现在|发生于|就在|是在|在|住|来自|处于|"
			     "就是)(?!线|家$|哪|这里$|"
	 "那里$)",
	 PLACE_LEAD},
	{"^(?:这里|这边|这儿|我这里|我这边|此处|那里|那边)(?:就)?(?:是|在)[:, ]*|^(?:是|就是|于|为)(?!非)", PLACE_LEAD},
	{"^(?:it'?s|it is|it was|its|this is|that'?s|that is|it happened|this happened|that happened|it occurred|"
	 "happened|it took place|took place|"
	 "i live|i'm living|we live|i am|i'm|we are|we're|i stay|i reside|they are|they're|she lives|he lives|"
	 "the problem is|the incident (?:was|happened|occurred)|"
	 "(?:the|my|our|its|full|exact|home|street|the exact|the full)? ?(?:address|location|place|spot|site)(?: is|"
	 "'s| was)?|somewhere|right|just|located|situated|live|living|staying|over)[:,]? "
	 "(?=\\S)|^(?:address|location|place|at|in(?! front)|on|@)[:,]? ",
	 PLACE_LEAD},
	/* trailing words */
	{"[,.。!;:、~ "
	 "…\"'?？]*(?:谢谢(?:你|您)?们?了?|多谢|感谢|麻烦(?:你|您)?们?了?|辛苦了?|拜托了?|[吧呢啊呀哦喔哈嘛啦哟]|这里$|"
	 "这儿$|这边$|那里$|那边$|那儿$|"
	 "那块$|那一带$|就是这|please|pls|thanks?(?: you)?(?: very much| so much)?|thx|cheers|sir)?"
	 "[,.。!;:、~ …\"']*$",
	 PLACE_TRAIL},
	/* nobody could find it */
	{"^(?:我|我们|咱|咱们|俺|他|他们|她|你|你们)?(?:的|家)?(?:就|都|还)?(?:在)?(?:这|那|那个|这个|原来|以前|上次|"
	 "同一个?|某|一个|某个|有个|隔壁|对面|旁边|附近|周围|"
	 "周边|家|楼|村|小区|单位|公司|学校|厂|厂子|工厂|车间|工地|店|路|街|马路|大街|门|屋|房子|"
	 "外面|外边|里面|里边|上面|下面|前面|后面|楼上|楼下|门口|门外|院子|院|巷子|路口|路边|街上|路上|村里|镇上|县城|"
	 "县里|城里|市里|市区|乡下|农村|家里|老家|宿舍|办公室|地里|田里|村子里|"
	 "村子|全城|全市|全村|全小区|[[(【]?位置[\\])】]?|山上|河边|里|儿|边|地方|的|口|上|下|外|头|旁|附|近|块|处|"
	 "这里|这儿|这边|那里|那儿|那边|此地|本地|当地|家门口|单元|电梯|"
	 "到处|各处|处处|随处|全部|哪里都|哪都|有|没有|没|无|不|知道|清楚|告诉|哪里|哪儿|哪|什么|地址|位置|老地方|"
	 "老位置|不远|很近|很远|楼道|厕所|房间|厨房|客厅|阳台|天上|网上|手机上|"
	 "微信上?|淘宝|抖音|电话里|线上)*$",
	 PLACE_VAGUE},
	{"^(?:就?在)?(?:那|这|哪)一?(?:个|条|座|栋|边|块|片|家|间|层)\\p{Han}{1,2}$|^(?:我|他|她|我们)?的?(?:爸|妈|哥|"
	 "弟|姐|妹|朋友|同学|亲戚|老板|邻居|"
	 "领导|儿子|女儿|老公|老婆|娘|婆婆|丈母娘|叔叔|外婆|奶奶|爷爷)的?(?:家里?|那里|那儿|屋里)?$",
	 PLACE_VAGUE},
	{"^(?:at |in |on |to )?(?:my|his|her|our|their|the) [a-z]+(?:'s|s')? (?:house|place|home|flat|room)$|"
	 "^(?:on |in )?(?:the |my )?(?:bus|car|phone|train|internet|bed|head|mind)$|^close(?: by)?$",
	 PLACE_VAGUE},
	{"^(?:在|我们?|那个?|这个?|一个|附近的?|旁边的?|对面的?)*(?:医院|停车场|超市|广场|公园|银行|车站|饭店|酒店|"
	 "商店|工厂|学校|市场|商场)(?:里面?|门口|旁边?|附近|对面|"
	 "外面?|那里|那边)?$",
	 PLACE_VAGUE},
	{"^(?:(?:right|over|just|somewhere|around|near|nearby|in|at|by|on|from|outside|inside|behind|opposite|"
	 "next to|close to|the|a|an|my|our|your|his|her|their|this|that|some|same|usual|old|new|here|there|home|"
	 "house|place|flat|"
	 "apartment|building|office|work|workplace|school|street|road|corner|neighbou?rhood|area|village|town|city|"
	 "community|compound|area|room|kitchen|yard|garden|door|gate|downstairs|upstairs|"
	 "everywhere|anywhere|nowhere|elsewhere|where|before|company|factory|shop|store|local|park|hospital|bank|"
	 "station|as|again|block|floor|where i (?:live|work)|i|live|work|is|it|it's|of|and|online|internet|"
	 "no|not|none|yes|ok|okay|dunno|unknown|don't|dont|do|know|sure|idea|far|near here|somewhere else|outdoors|"
	 "indoors|back|front|front of|up|down|site|spot|location|neighbour'?s?|side|other|parking lot|bus stop|"
	 "toilet|me|us|twelve)(?: |$))+$",
	 PLACE_VAGUE},
	{"^[\\d\\s.,#\\-()+零一二三四五六七八九十百千]+(?:号|个|楼|层|室|栋|号楼|单元|元|块|人|岁|天)?$|^[\\W_]+$|^[a-"
	 "z]{1,3}$",
	 PLACE_VAGUE},
	/* an address that stays one in the middle of talk */
	{"[\\p{Han}]{1,}(?:路|街|道|巷|弄|胡同|里|村|小区|花园|苑|公寓|大厦|广场|社区|家园|新村|城|园|组|屯|庄|大街|"
	 "大道|街道|镇|乡|县|"
	 "区)[\\p{Han}]{0,8}[\\d一二三四五六七八九十百]+(?:号|弄|栋|幢|楼|单元|室|组|期|区|队|座|层)|"
	 "\\p{Han}{2,}(?:路|街|大道|道)(?:和|与|跟|、|/"
	 "|,)?\\p{Han}{2,}(?:路|街|大道|道)(?:交叉口|交汇处|路口|口|交界)?|"
	 "\\b(?:no\\.? ?)?\\d+[a-z]?,? (?:[a-z'.]+ ){1,4}(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|way|"
	 "square|boulevard|blvd|court|crescent|close|terrace|highway)\\b",
	 PLACE_STRONG},
	/* talk */
	{"[?？]|[吗么]$|怎么|什么|为什么|为啥|干嘛|啥时|谁|多少|哪[里儿个]|我要(?!塞)|我想|想要|投诉|举报|反映|"
	 "\\d月\\d|^[\\d一二三四五六七八九十]+月|请问|欠[我薪钱了]|工资|"
	 "不给|没有?人|不知道|不清楚|不记得|忘了|记不|不想说|不方便|不能说|保密|不告诉|不用|不是|不要|不行|可以|你们|"
	 "了|没|不(?!老泉|动产|锈钢|夜城|二)|(?:全|们|人|家|里|这|那)都|都(?:是|在|有|没|不|这|那|很|一样|会|能|要|行|"
	 "可以)|太(?![平原湖仓和康]|阳)|被|把(?!子)|死|"
	 "叫(?!化)|让|是|老师|群里|网上|梦|心里|微信|全国|全世界|[早中下上]午|晚上|凌晨|买的|看清|"
	 "占道|占用|乱停|乱扔|堵塞|邻居家|消防通道$|脑子|"
	 "你好|您好|谢谢|知道|告诉|回复|电话|帮我|帮忙|麻烦|解决(?!方案)|处理(?!厂|站|中心)|太[吵臭乱差慢]|很["
	 "吵臭乱差慢]|噪音|垃圾没|漏水了|坏了|停电|停水|打人|打架|拖欠|赔|骗|气死|"
	 "受不了|管不管|没用|随便|看着办|上面说|刚才说|说过了|说了|之前说|已经说|同上|一样|哈哈|呵呵|"
	 "昨天|今天|前天|明天|上周|上个月|去年|老板|领导|邻居(?!家)|警察|孩子|老婆|老公|妈妈|爸爸|吃饭|睡觉|天气|好的|"
	 "是的|没错|行吧|嗯嗯|跳过|下一[个步]|返回|退出|重新|人工|客服|"
	 "等一下|等等|稍等|再说|发你|发过|定位|看图|图片|照片",
	 PLACE_CHATTER},
	{"\\b(?:want|need|complain\\w*|report|how|why|what|when|who|where|which|hello|boss|don'?t|dont|doesn'?t|"
	 "didn'?t|can'?t|cannot|won'?t|not|never|please help|help|noise|noisy|salary|wages?|pay|paid|owe[sd]?|money|"
	 "broken|because|he|she|they|you|your|"
	 "tell|told|said|say|know|forg[eo]t|remember|sorry|thanks?|thank|skip|"
	 "(?<!bus )(?<!metro )(?<!tram )stop(?!ped)|back|yes|nope|secret|private|anonymous|already|same|yesterday|"
	 "today|tomorrow|last|ago|it is too|too|very|angry|wait|later|pin|photo|picture|sent|send|guess|whatever|"
	 "none|nobody|hot water|cancel|menu|idk|rather|prefer|see|look|maybe|problem|issue)\\b",
	 PLACE_CHATTER},
	/* words that places are made of */
	{"[省市区县州盟旗镇乡村屯庄寨堡坊]|街道|社区|小区|大?路|[大小正东西南北中前后新老]街|街$|街口|大道|胡同|[\\p{"
	 "Han}]巷|弄堂|[\\d一二三四五六七八九十]+(?:号|弄|栋|幢|座|单元|"
	 "期|组|队|环)|花园|家园|新村|公寓|大厦|大楼|广场|商场|公园|医院|学校|小学|中学|大学|学院|幼儿园|"
	 "车站|地铁|火车站|机场|[\\p{Han}]站|[\\p{Han}]桥|立交|隧道|码头|[\\p{Han}]港|超市|市场|银行|酒店|宾馆|饭店|"
	 "餐厅|[\\p{Han}]店|[\\p{Han}]厂|"
	 "工业园|产业园|科技园|开发区|公司|[\\p{Han}]园|[\\p{Han}]苑|[\\p{Han}]府|[\\p{Han}]城|[\\p{Han}]湾|[\\p{Han}]"
	 "山|[\\p{Han}]河|"
	 "[\\p{Han}]江|[\\p{Han}]湖|水库|[\\p{Han}]塘|"
	 "[\\p{Han}]沟|[\\p{Han}]坡|[\\p{Han}]岭|[\\p{Han}]坪|[\\p{Han}]里$|路口|交叉口|交汇|十字|高速|国道|省道|"
	 "收费站|服务区|服务站|加油站|"
	 "[一二三四五六七八九十\\d]中|庙|寺|[\\p{Han}]铺|转盘|环岛|嘎查|苏木|管委会|居委会|村委会|[\\p{Han}]委|卫生院|"
	 "卫生[室所]|诊所|药店|清真寺|教堂|敬老院|养老院|"
	 "[\\p{Han}]馆|门口|[\\p{Han}]门|农场|林场|牧场|\\d线|家乐福|沃尔玛|永辉|大润发|物美|华联|苏宁|国美|必胜客|"
	 "华润|^(?:北京|上海|天津|重庆|广州|深圳|南京|杭州|苏州|"
	 "武汉|成都|西安|郑州|长沙|沈阳|青岛|济南|大连|宁波|厦门|福州|合肥|南昌|昆明|贵阳|南宁|海口|太原|兰州|西宁|"
	 "银川|哈尔滨|长春|石家庄|呼和浩特|乌鲁木齐|拉萨|无锡|东莞|佛山|温州|河北|"
	 "山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|"
	 "台湾|内蒙古|广西|西藏|宁夏|新疆|香港|"
	 "澳门)(?:[\\p{Han}]{0,12})$|麦当劳|肯德基|星巴克|万达|法院|派出所|政府|[\\p{Han}]局|[\\p{Han}]所$|体育馆|"
	 "图书馆|博物馆|工地|大院|宿舍|广电|中心|"
	 "[\\p{Han}]口$|东门|西门|南门|北门|对面|旁边|附近",
	 PLACE_EVIDENCE},
	{"\\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|way|square|park|block|building|bldg|floor|station|"
	 "school|hospital|bridge|village|town|city|district|county|province|plaza|mall|market|corner|junction|"
	 "intersection|"
	 "community|residential|gardens?|tower|towers|apartments?|apt|unit|flat|house|hotel|university|bus|subway|"
	 "metro|yard|campus|dorm(?:itory)?|post office|ktv|new area|kfc|mcdonald'?s|starbucks|lobby|hall|mosque|"
	 "temple|farm|clinic|gym|pool|canteen|playground|parking|garage|group \\d+|team \\d+|entrance|exit|"
	 "service cent(?:er|re)|police|opposite the|across from|next to the|behind the|in front of the|"
	 "college|airport|bank|church|library|stadium|gate|subdivision|boulevard|blvd|court|crescent|close|terrace|"
	 "highway|hwy|centre|center|"
	 "shop|store|supermarket|cinema|river|lake|hill|beach|bay|port|pier|factory|plant|estate|restaurant|cafe|"
	 "pub|museum|bus stop|crossing|roundabout|suite|zone|township|"
	 "[a-z]+ (?:lu|jie|dao|xiang|qu|shi|cun|xian))\\b",
	 PLACE_EVIDENCE},
	/* what places end in, behind at least one more character */
	{"[\\p{Han}\\d](?:["
	 "省市区县州盟旗镇乡村屯庄寨堡坊街道路巷弄楼栋幢座室苑府城湾站桥港店厂局校馆宫厅场库铺庙寺塔山河江湖岛洲滩坡岭"
	 "坪沟塘泉溪峰谷墓段团营院圩坝渡闸堤矿井窑亭阁殿祠观庭郡邸墅堂台吧摊脚栈队社棚坞埠集汇座家座滨畔廊榭轩]|"
	 "[东西南北]侧|[楼层树桥山坡架]下|桥头|村头|街头|尾|角落|拐角|西头|东头|南头|北头|路段|沿线|下面|底下|营业厅|"
	 "大厅|家属楼|停车场|国际|天地|时代|世家|名都|公馆|中央|豪庭|雅居|名苑|"
	 "香榭|新天地|步行街|合作社|服务点|站点|路牌|红绿灯|天桥|涵洞|厕所|地下通道|高架|戏台|基地|通道|垃圾站|变电站|"
	 "配电房|泵站)(?:[大后前侧东西南北正旁里内外边面]?[门口边面侧旁头]|附近|"
	 "门口|里面|旁边|对面|周边|[\\d一二三四五六七八九十]+[楼层号室])?$",
	 PLACE_EVIDENCE},
	/* a Chinese place name in Latin letters: one capitalised word of two syllables or more */
	{"^(?-i:[A-Z])(?=[a-z]{4,})(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|uang|iong|ang|eng|ing|ong|ian|uan|"
	 "iao|uai|an|en|in|un|ai|ei|ui|ao|ou|iu|ie|ue|ua|uo|ia|er|[aoeiuv])){2,5}(?:,? (?:china|province|city))?$|"
	 "^(?-i:[A-Z])[a-z]+(?:cun|zhen|xiang|qu|xian|shi|lu|jie|dao|zhuang|tun)\\b",
	 PLACE_PINYIN},
	{NULL, 0},
};

static bool says(const struct reading *r, enum place_row what, struct slice text, struct match *m)
{
	for (size_t i = 0; place_rules[i].regex; i++) {
		if (place_rules[i].means == (int)what && kit_match(r->m, KIT_PLACE, i, text, m))
			return true;
	}
	return false;
}

static struct slice strip(const struct reading *r, struct slice text)
{
	struct match m;

	for (int i = 0; i < STRIPS_MAX && says(r, PLACE_LEAD, text, &m) && m.whole.len > 0 && m.whole.len < text.len;
	     i++)
		text = slice_trim(slice_from(text, m.whole.len));
	for (int i = 0; i < STRIPS_MAX && says(r, PLACE_TRAIL, text, &m) && m.whole.len > 0 && m.whole.len < text.len;
	     i++)
		text = slice_trim(slice_make(text.data, text.len - m.whole.len));
	return text;
}

/* How many bytes of `text` are not white space. */
static size_t ink(struct slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.data[i] != ' ';
	return n;
}

/* The part of the original that folded to `place`: 中山北路48號 stays as it was written. */
static struct slice as_written(const struct reading *r, struct slice place)
{
	size_t before = ink(slice_make(r->folded.data, (size_t)(place.data - r->folded.data)));
	size_t behind = before + ink(place), seen = 0, at = 0, from = 0;

	if (slice_find(r->original, place) < r->original.len)
		return place;
	while (at < r->original.len && seen < behind) {
		size_t start = at;

		utf8_next(r->original, &at);
		if (seen <= before)
			from = start;
		seen += ink(fold_text(r->a, slice_make(r->original.data + start, at - start)));
	}
	if (seen != behind)
		return place; /* characters that fold together: the folded form will do */
	return slice_trim(slice_make(r->original.data + from, at - from));
}

bool read_place(const struct reading *r, struct typed *out)
{
	struct slice place = strip(r, utf8_cut(r->folded, LONGEST_CHARACTERS * 2));
	size_t characters = utf8_count(place);
	bool strong;

	if (characters < 2 || characters > LONGEST_CHARACTERS || says(r, PLACE_VAGUE, place, NULL))
		return false;
	strong = says(r, PLACE_STRONG, place, NULL);
	if (!strong && says(r, PLACE_CHATTER, place, NULL))
		return false;
	if (!strong && !says(r, PLACE_EVIDENCE, place, NULL) && !says(r, PLACE_PINYIN, place, NULL))
		return false;
	place = as_written(r, place);
	out->value = out->label = place;
	out->json = json_string(r->a, place);
	return true;
}
