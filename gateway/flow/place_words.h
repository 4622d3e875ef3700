/*
 * The words that places are told with, as pieces of the patterns in place_rules.c. A piece is one group or one class.
 */
#ifndef HUIYIN_FLOW_PLACE_WORDS_H
#define HUIYIN_FLOW_PLACE_WORDS_H

#define ZH_NUMBER "[\\d一二三四五六七八九十百零两甲乙丙丁]"
#define ZH_WHO    "(?:我们?|咱们?|俺们?|本人|阿拉|我哋|我地|他们?|她们?|它|佢哋?|人家)"
#define ZH_HEDGE \
	"(?:现在|目前|当时|那时候?|昨晚|人|都|也|主要|应该|好像|大概|可能|貌似|似乎|估计|据说|听说|一直|家|全部|就|" \
	"正|刚好|反正|其实|确实|差不多)"
#define ZH_AT \
	"(?:在|位于|坐落于|坐落在|发生在|发生于|出现在|处于|来自|喺|响|系喺|系响|就喺|搁|勒拉|勒辣|辣辣|辣海|勒海|" \
	"勒浪|勒勒|" \
	"[勒辣伫](?=\\p{Han}{2})(?!流|竹|阿|马|子|椒|味|妹))"
#define ZH_SPOT \
	"(?:地址|住址|地点|位置|方位|地方|场所|所在地|现场|定位|地名|地头|住所|住处|居住地|案发地|事发地|出事地|" \
	"目的地)"
#define ZH_OWNER \
	"(?:那条?路|那条街|路名?|街名?|巷子|大队|社区|村庄|屯子|庄子|寨子|镇子|酒店|宾馆|医院|幼儿园|菜场|超市|园区|" \
	"机构|门店|商场|家|店铺?|单位|公司|工地|厂子?|工厂|学校|楼盘|小区|村子?|房子|饭店|门面|仓库|车|井盖|路灯|坑|" \
	"老家|屋企|屋里|事情|" \
	"事故|事|案子|火|垃圾|污水|噪音|那里|这里|那边|这边|这儿|那儿|嗰度|呢度)"
#define ZH_POLITE   "(?:谢谢|多谢|感谢|麻烦|辛苦|拜托|劳驾|有劳|劳烦|唔该|谢了|谢啦|感恩|难为)"
#define ZH_PARTICLE "[吧呢啊呀哦喔哈嘛啦哟噻嘞咯撒喽呗哒呐捏㗎嘅啰囉啵噢嗷呵耶诶欸]"
#define ZH_THERE \
	"(?:那里|这里|那边|这边|那儿|这儿|那块儿?|这块儿?|那一带|这一带|那一块|这一块|那片儿?|这片儿?|那圪垯|那疙瘩|" \
	"那嘎达|那旮旯|这嘎达|" \
	"这疙瘩|那哈儿?|这哈儿?|嗰度|呢度|嗰边|呢边|那地方|这地方|那个地方|这个地方|那个位置|那点儿|那头儿?|那搭|" \
	"搿搭|伊搭|埃面)"

#define ZH_COUNTED \
	ZH_NUMBER "+(?:号|弄|栋|幢|座|单元|期|组|队|环|号楼|号院|号库|号门|号桥|标段|大队|小队|社|支弄|巷|街坊|楼|层|" \
		  "室|村|里|中|小|厂|院|" \
		  "营|连|团场|工区|矿|井|线|道|路|桥|区)"
/* Words a Chinese place ends in, behind at least one more character. */
#define ZH_KIND \
	"[树汇荟郡阙澜屿岸邨" \
	"省市区县州盟旗镇乡村屯庄寨堡坊街道路巷弄楼栋幢座苑府城湾站桥港店厂局校馆宫厅场铺庙寺塔江湖岛洲滩坡岭坪沟塘泉" \
	"溪峰谷墓营院" \
	"圩坝渡闸堤矿窑亭阁殿祠庭邸墅吧摊栈棚坞埠滨畔廊榭轩园林都司社团墩埂冲凼垭垸垅塬峁圪甸岗崖峡涧浦泾浜浒荡汊埭厝" \
	"坂埕坎堰磨碾" \
	"厢口碑河山海门里处点段线库房室部台屋弯洼" \
	"]"
/* … and longer ones, which need not. */
#define ZH_KINDS \
	"(?:" \
	"大队|生产队|村组|公寓|大厦|商厦|商圈|大集|小学|中学|大学|附中|附小|托儿所|托管班|培训班|补习班|" \
	"地铁|立交|码头|银行|支行|分行|民宿|食堂|澡堂|交汇|交界|十字|转盘|高速|停车位|公厕|厕所|嘎查|苏木|" \
	"管委会|居委会|村委会|村委|居委|业委会|街道办|管理所|卫生所|诊所|教堂|道观|看守所|派出所|事务所|研究所|" \
	"中心|工地|宿舍|国际|天地|时代|世家|雅居|壹号|一号|麦当劳|肯德基|星巴克|必胜客|华莱士|海底捞|瑞幸|" \
	"家乐福|沃尔玛|永辉|大润发|物美|华联|苏宁|国美|华润|盒马|山姆|宜家|万达|银泰|万象|吾悦|奥特莱斯|" \
	"美凯龙|万科|恒大|保利|绿地|富士康|比亚迪|中石化|中石油|壳牌|巴扎|快递柜|烟囱|古树|大树|槐树|榕树|" \
	"铜像|雕像|雕塑|院子|湾子|洼子|沟子|堡子|营子|屯子|庄子|台子|岗子|坨子|农家乐|湿地|护栏|隔离带|" \
	"红绿灯|涵洞|高架|路牌|站牌|门卫|门诊|急诊|车间|门面|摊位|铺面|包间|闸机|湖边|江边|河边|海边|塘边|" \
	"城墙|城门洞|桥洞|桥头|村头|村尾|街头|街尾|巷尾|拐角|拐弯处?|转角|角落|尽头|半山腰|山脚|山顶|坝上|" \
	"塬上|基地)"
/* Where exactly, behind a name. */
#define ZH_BESIDE \
	"(?:斜?对过|斜?对面|对门|旁边?|边上|附近|周边|周围|一带|隔壁|隔篱|侧边|门口|门前|门外|大门口?|正门|侧门|[" \
	"前后东西南北]门|[\\dA-Za-z一二三四五六七八九十]号?[口门]|" \
	"里面?|里头|外面?|外头|内|上面|下面|底下|[桥树楼山坡坝堤架墙塔路街台]下|[桥楼山坡坝堤架路街村镇岸]上|楼上|" \
	"楼下|路边|街边|桥下|桥上|桥底|树下|楼顶|顶楼|前面?|前头|后面?|后头|背后|后身|[左右]边|左侧|右侧|两侧|" \
	"[东南西北]{1,2}[侧边面头角]|拐角处?|转角处?|(?:往?[左右]手边?|出来|进去|直走|[左右][转拐]|往里走?)|" \
	"第?" ZH_NUMBER "家|尽头|中间|之间|交界处?|往[东南西北前后左右里外](?:边|面)?(?:走)?(?:大?约)?" ZH_NUMBER \
	"*(?:多?百|千)?(?:来|多)?(?:米|里|公里|步)?|[上下]游|上头|下头|跟前|旁侧|侧面|侧|那栋楼?|那条[巷街路]子?|的?" \
	"那家" \
	"\\p{Han}{0,4}|的?(?:小?巷子?|胡同|弄堂|小路|过道|空地|广场|停车场|站台|公交站台?|绿化带|人行道|垃圾桶|" \
	"垃圾堆|红绿灯|楼梯|电梯|" \
	"走廊|天桥|院子|巷道|小卖部|小摊|摊位|坑|井盖|路灯杆?|电线杆|池塘|草坪|厕所|河堤|水沟))"
#define ZH_MEASURE "(?:" ZH_NUMBER "+(?:来|多)?(?:米|公里|里地?|步|层|楼|户|家|室|号|栋|间|排|区|期|口|门|线|路|K|k))"
#define ZH_CITY \
	"(?:北京|上海|天津|重庆|广州|深圳|南京|杭州|苏州|武汉|成都|西安|郑州|长沙|沈阳|青岛|济南|大连|宁波|厦门|福州|" \
	"合肥|南昌|昆明|贵阳|南宁|海口|太原|兰州|" \
	"西宁|银川|哈尔滨|长春|石家庄|呼和浩特|乌鲁木齐|拉萨|无锡|东莞|佛山|温州|河北|山西|辽宁|吉林|黑龙江|江苏|" \
	"浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|" \
	"海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古?|广西|西藏|宁夏|新疆|香港|澳门|台北|高雄|台中|台南|新北|徐州|" \
	"常州|南通|扬州|镇江|泰州|盐城|淮安|连云港|宿迁|绍兴|" \
	"嘉兴|湖州|金华|义乌|台州|丽水|衢州|舟山|芜湖|蚌埠|淮南|马鞍山|安庆|阜阳|泉州|漳州|莆田|龙岩|三明|南平|宁德|" \
	"赣州|九江|上饶|景德镇|烟台|潍坊|淄博|临沂|济宁|" \
	"威海|德州|聊城|菏泽|洛阳|开封|新乡|南阳|商丘|周口|信阳|驻马店|安阳|许昌|宜昌|襄阳|荆州|黄冈|十堰|孝感|株洲|" \
	"湘潭|衡阳|岳阳|常德|邵阳|郴州|珠海|中山|惠州|江门|" \
	"汕头|湛江|茂名|肇庆|清远|揭阳|柳州|桂林|梧州|北海|三亚|绵阳|德阳|宜宾|泸州|南充|乐山|达州|遵义|毕节|六盘水|" \
	"安顺|曲靖|大理|丽江|玉溪|咸阳|宝鸡|渭南|汉中|" \
	"延安|榆林|天水|酒泉|唐山|保定|邯郸|秦皇岛|沧州|廊坊|张家口|承德|邢台|衡水|大同|运城|临汾|长治|包头|赤峰|" \
	"鄂尔多斯|鞍山|抚顺|锦州|丹东|营口|吉林|四平|大庆|" \
	"齐齐哈尔|牡丹江|佳木斯|喀什|伊犁|克拉玛依)"
#define ZH_NOT_NAME "(?<!我们|你们|咱们|他们|俺们|整个|全体|这个|那个|哪个|一个|每个|这些|那些|什么|某个|有的|本)"

#define EN_GREETING \
	"(?:hi+|h[eua]llo+|hey+|hiya|yo|ey|oi|ok(?:ay)?|yes|yeah|yep|yup|well|um+|uh+|erm*|hmm+|so|sure|please|pls|" \
	"plz|kindly|sorry|excuse me|pardon me|apologies|" \
	"good " \
	"(?:morning|afternoon|evening|day|night)|morning|afternoon|evening|greetings|dear|respected|respectfully|sir|" \
	"madam|ma'?am|miss|officer|" \
	"team|there|all|everyone|folks|friend|my friend|bro|brother|mate|dude|boss|thanks|thank you|note(?: " \
	"down)?(?: that)?|write (?:this |it )?down|take (?:this |it )?down|listen|look|my dear|be informed(?: that)?|" \
	"fyi|actually|basically|honestly|like|ah+|oh+|aiyo|eh|a+nd|then|right|alright|no " \
	"problem|np|namaste|salaam|abeg|oga)"
#define EN_HEDGE \
	"(?:i think|i believe|i guess|i suppose|i reckon|i'd say|i would say|as far as i " \
	"(?:know|remember|recall)|afaik|if i (?:remember|recall) " \
	"(?:correctly|right|well)|iirc|from what i (?:know|remember)|probably|possibly|maybe|perhaps|most " \
	"likely|apparently|basically|" \
	"somewhere|right|just|exactly|only|still|currently|it says|google says|the sign says|the letter says)"
#define EN_SPOT \
	"(?:ad+res+|location|place|spot|site|venue|scene|area|locality|position|adress|addr|loc|where|house " \
	"(?:number|no))"
#define EN_EVENT \
	"(?:incident|accident|thing|fight|fire|problem|issue|matter|case|event|crash|theft|robbery|attack|leak|" \
	"pothole|noise|noise source|rubbish|garbage|" \
	"trash|dumping|flooding|shop|store|factory|company|office|building|school|clinic|hospital|restaurant|" \
	"landlord'?s house|house|" \
	"home|flat|apartment|construction site|site|work ?place|warehouse|village|street|road|bus " \
	"stop|manhole|hole|tree|light|street ?light)"
#define EN_BE "(?:'?s| is| was| are| were| be| being|:|=)"
#define EN_HAPPEN \
	"(?:hap+en(?:ed|s|d|ing)?|hapen(?:ed|s)?|oc+ur+(?:ed|s|ing)?|took place|take place|takes place|taking " \
	"place|taken place|going on|went down|" \
	"located|situated|found|based|sited|living|staying|residing|standing|parked)"
#define EN_AT "(?:at|in(?! front)|on|@|to|for)"

#define EN_KIND \
	"(?:streets?|st|str|roads?|rd|avenue|ave|av|lane|ln|drive|drv?|way|square|sq|park|blocks?|blk|bldg|buildings?" \
	"|floor|flr|level|stations?|stn|schools?|hospital|" \
	"bridge|villages?|town|city|district|county|province|plaza|mall|market|mart|corner|junction|jct|jn|" \
	"intersection|community|residential|residences?|gardens?|" \
	"towers?|apartments?|apts?|unit|flats?|house|hotel|university|uni|bus|subway|metro|yard|campus|dorm(?:itory)?" \
	"|post office|ktv|new area|kfc|" \
	"mcdonald'?s|mcd|starbucks|walmart|carrefour|shoprite|tesco|aldi|lidl|costco|ikea|wanda|7-eleven|lobby|hall|" \
	"mosque|masjid|temple|" \
	"mandir|gurdwara|church|chapel|cathedral|abbey|shrine|pagoda|monastery|farms?|clinic|gym|pool|canteen|" \
	"playground|parking|garage|car park|" \
	"group \\d+|team \\d+|entrance|exit|service cent(?:er|re)|service " \
	"(?:road|area)|police|college|airport|bank|library|stadium|arena|gate|" \
	"subdivision|boulevard|blvd|bvd|court|ct|crescent|cres|close|cl|terrace|highway|hwy|centre|center|ctr|shops?|" \
	"store|supermarket|cinema|" \
	"theat(?:er|re)|rivers?|lake|hills?|beach|bay|port|pier|docks?|wharf|quay|jetty|harbou?r|marina|ferry|" \
	"factory|plant|mill|mine|estates?|" \
	"restaurant|cafe|café|diner|pub|bar|inn|motel|hostel|lodge|guest " \
	"?house|resort|villas?|mansions?|condos?|condominium|complex|quarters|" \
	"barracks|camp|museum|gallery|zoo|aquarium|casino|club|crossing|cross|crossroads?|roundabout|rotary|circle|" \
	"circus|flyover|overpass|" \
	"underpass|overhead|footbridge|fly-over|tunnel|viaduct|expressway|expy|freeway|fwy|motorway|turnpike|" \
	"tollgate|toll (?:gate|plaza|booth)|interchange|" \
	"(?:off|on)[ -]ramp|ramp|slip road|bypass|parkway|pkwy|pike|lay-?by|rest " \
	"(?:area|stop)|terminal|terminus|depot|taxi rank|rank|stage|kiosk|stalls?|" \
	"booth|arcade|laundromat|launderette|salon|barber'?s?|mechanic|petrol|filling " \
	"station|atm|bazaar|souk|warehouse|quarry|dam|canal|creek|pond|" \
	"reservoir|forest|woods?|trail|path|alley|mews|row|grove|heights|hts|green|view|vale|walk|parade|pde|rise|" \
	"brae|wynd|bend|loop|trailer park|" \
	"lots? \\d+|lot|plots?|elementary|primary|secondary|high|middle " \
	"school|kindergarten|nursery|preschool|daycare|academy|institute|faculty|" \
	"courthouse|town hall|city " \
	"hall|council|precinct|jail|prison|cemetery|graveyard|landfill|dump|stores|suite|ste|zone|township|ward|" \
	"sector|phase|extension|extn|layout|colony|society|chowk|nagar|marg|salai|bagh|ganj|gali|vihar|puram|pura|" \
	"pally|peth|wadi|chawl|basti|" \
	"lorong|lor|jalan|jln|taman|bukit|kampung|kg|soi|thanon|moo|barangay|brgy|bgy|purok|sitio|poblacion|mtaa|" \
	"kebele|woreda|" \
	"platz|piazza|piazzale|calle|avenida|rua|rue|via|viale|strasse|straße|carrer|plaza|quai|corso|ulitsa|sokak|" \
	"caddesi|" \
	"compound|bungalow|cottage|manor|castle|palace|fort|tower|monument|statue|fountain|clock " \
	"?tower|lighthouse|memorial|gardens?|orchard|ranch|" \
	"outlet|hypermarket|minimart|bookstore|bookshop|bakery|butcher'?s?|pharmacy|chemist|drugstore|deli|grocery|" \
	"grocer'?s?|tea ?house|nightclub|dealership|ground|grounds|pitch|rink|substation|pumping " \
	"station|showroom|workshop|office|embassy|consulate|ministry|secretariat|tribunal|court " \
	"?house|headquarters|hq|branch|" \
	"seafront|waterfront|promenade|boardwalk|riverside|lakeside|bank side|embankment|towpath|" \
	"[a-z]+ " \
	"(?:lu|jie|dao|xiang|qu|shi|cun|xian|zhen|dadao|nanlu|beilu|donglu|xilu|zhonglu|hutong|li|yuan|cheng|men|" \
	"qiao|miao|si|ge|zhuang))"
#define EN_LANDMARK \
	"(?:opposite|opp|across from|next to|behind|in front of|beside|near|nr|close " \
	"to|by|outside|under|beneath|over|above|below|between|along|off|" \
	"past|around the corner from|at the back of|at the corner of|corner of|north of|south of|east of|west " \
	"of|inside|facing|adjacent to)"
/* Names in capitals that are no places: the days, the months, people. */
#define EN_NOT_NAME \
	"(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Jan|Feb|Mar(?:ch)?\\b|Apr|May\\b|June?\\b|July?\\b|Aug|Sep|" \
	"Oct|Nov|Dec|I\\b|The\\b|Mr|Mrs|Ms|Dr\\b|My\\b|" \
	"Me\\b|He\\b|She\\b|They\\b|We\\b|You\\b|It\\b|This|That|There|Yes|No\\b|Not|OK|Ok|And|But|So\\b|Please|" \
	"Thank|Sorry|Hello|Hi\\b|John|Tom\\b|Jerry|Mary|" \
	"Mike|Michael|David|James|Jack|Jane|Peter|Paul|Sarah|Anna|Li\\b|Wang\\b|Zhang\\b|Chen\\b|Liu\\b|Bob|Alice|" \
	"Sam\\b|Ali\\b|Ahmed|" \
	"Kumar|Singh|Patel|Smith|Jones|Everyone|Nobody|Noise|Wages|Food|Men|Women|Mom|Dad|Mum|Two|Three|Day|Night|" \
	"People)"

#endif
