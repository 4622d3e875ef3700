/*
 * How people say where: the table. It sees the folded text, as it was written otherwise; the rows of one kind are tried
 * in order. What the kinds are for stands in place_rules.h, the vocabulary in place_words.h.
 */
#include "flow/place_rules.h"

#include "flow/place_words.h"

const struct rule place_rules[] = {
	/* an address and nothing else: 解放路12号3单元501; without the characters that talk is made of */
	{"^(?:(?![我俺咱你您他她它在是这那有就说址于到从去来的了请问吗呢家和与跟及或及往靠近离边旁对面后前])\\p{Han}){2,14}(?:路|街|大道|"
	 "巷|胡同|弄)\\d{1,4}(?:号|弄)(?:院|大院)?(?:\\d{1,3}(?:号楼|栋|幢|单元|室|层|楼|-)){0,4}(?:\\d{1,4})?$",
	 PLACE_PLAIN},
	/* lead-ins, taken off again and again */
	{"^[^\\p{L}\\p{N}(\\[\"《「『]+|^(?:嗯+|恩+|哦+|噢+|喔+|啊+|呃+|额+|诶+|欸+|唉+|哎呀?|哎哟|唔|那个|这个|好的?|"
	 "好吧|行|行吧|可以|你好|您好|侬好|你哋好|"
	 "喂+|是的?|对的?|对对+|没错|收到|不好意思|对不起|抱歉|打扰了?|请问|请记|请记录|记一下|哦对|对了|那个啥|就那个|"
	 "麻烦记录一下|听好了|你听好|这么说吧|跟你说|我跟你说|我说|麻烦|麻烦您?记一下|早上好|上午好|中午好|下午好|"
	 "晚上好|早晨|早安|同志|师傅|老师|领导|警官|"
	 "客服|小姐|先生|大姐|大哥|姑娘|美女|帅哥|亲|那就|就说|怎么说呢|我想想|让我想想|我看看|我看下|具体|具体就是|"
	 "补充一下|更正一下|"
	 "(?:各位|尊敬的|敬爱的)?(?:领导|同志|老师|师傅|工作人员|政府|警官|客服|主任|书记)们?(?:你|您)?好)(?"
	 ":" ZH_PARTICLE "*[,。!.、:…~ 😀]+|" ZH_PARTICLE "+(?=在|就|是|地)|(?=就?在|就是))",
	 PLACE_LEAD},
	{"^(?:(?:尊敬的|各位)?(?:领导|同志|老师|师傅|警官|客服|主任|书记)们?)?(?:你|您)们?好(?=\\p{Han}{4})",
	 PLACE_LEAD},
	{"^(?:" ZH_WHO
	 "的?|具体的?|详细的?|准确的?|事发|事故|案发|出事|发生的?|现在的?|家庭|家的?|这里的?|这边的?|单位的?|公司的?|"
	 "现|居住的?|住宅|问题|通讯|联系|那个|这个|嘞个|勒个|楼盘|工地|厂里?的?|店的?|学校的?)*" ZH_SPOT
	 "(?:的话)?(?:就?(?:是在|是|在|为|位于|叫做?|系))?[:, ]*(?=.)",
	 PLACE_LEAD},
	{"^" ZH_WHO "?(?:这里|这边|这儿|这地方|这块)?(?:的?事情?|的?问题|的?事故)?" ZH_HEDGE
	 "*(?:是|发生|出|出事|遇到|看到|碰到)?(?:住在|住喺|住勒|就在|是在|住|就是|" ZH_AT
	 ")(?!线|家$|哪|这里$|那里$|院部|宅|处$|云南路)",
	 PLACE_LEAD},
	{"^" ZH_WHO "?(?:" ZH_THERE
	 "|此处|这|这块)(?:就|应该|好像)?(?:是|在|叫做?|系)[:, ]*|^(?:就|都|也)?(?:是|就是|于|为|系)(?!非|列)",
	 PLACE_LEAD},
	{"^(?:" ZH_WHO "?(?:记得|觉得|感觉|印象中?里?|猜|估计|听人?说|认为|想|看)(?:应该|好像|大概)?(?:就?是在|就?是|"
		       "在|叫)?|(?:印象中?里?|据说|听说)(?:应该|好像|大概)?"
	 "(?:就?是在|就?是|在|叫)?|" ZH_HEDGE "+(?:就?是在|就?是|就?在|叫))[,: ]*(?=\\p{Han}{2}|\\d)",
	 PLACE_LEAD},
	{"^" ZH_WHO "?(?:要|想|想要|要说|来)?(?:反映|投诉|举报|说|讲|咨询|报修|报|问)的?(?:那个|这个)?(?:" ZH_SPOT
	 "|问题|情况|事情?)?(?:就?是在|就?是|就?在|位于)[:, ]*",
	 PLACE_LEAD},
	{"^" ZH_WHO "?(?:(?:大前|前|昨|今)[天晚日儿]|昨儿个?|今儿个?|刚才|刚刚|上周[一二三四五六日天]?|上个?(?:星期|"
		    "礼拜)[一二三四五六日天]?|琴日|尋日|" ZH_NUMBER
	 "{1,3}[月号日点])+(?:的?(?:早上|上午|中午|下午|傍晚|"
	 "晚上|夜里|凌晨|半夜|时候))?" ZH_NUMBER "{0,3}(?:点多?钟?|点半)?(?:左右)?,?" ZH_WHO
	 "?(?:骑车|开车|走路|路过|下班|上班)?(?:就)?(?:是)?(?:发生)?在(?=\\p{Han}{3})",
	 PLACE_LEAD},
	{"^具体(?:是|在|就是|就在|是在)+|^(?:那个|这个|嗰个|嘞个)(?=\\p{Han}{4})|^就(?=\\p{Han}{4})(?![业诊近读])|^(?:"
	 "请|麻烦|快|赶紧|赶快|你们)*(?:派人|来人|派个人)?(?:到|来|去)(?=\\p{Han}{3,30}(?:来?(?:看看|看一下|处理|"
	 "查一下|核实|一趟|瞧瞧|管管)|$))(?!看|查|了|处|的|年|过)|"
	 "^" ZH_WHO
	 "(?:这儿?|这边|家)?(?:就)?是(?=.{2,30}(?:的|这儿|这边|那儿|那边)(?:居民|业主|住户|村民|租户|商户|人)?$)",
	 PLACE_LEAD},
	{"^" EN_GREETING "(?:[,.!:;~-]+ *| +(?=" EN_GREETING
	 "[,.! ]|it'?s |it is|it was|at |in |on |the (?:ad+res|place|location)|my |i |we |yo ))",
	 PLACE_LEAD},
	{"^(?:hi|hello|hey|sir|madam|ma'?am|ok|okay|well|um+|uh+|erm?|so|sure|please|pls|yes|yeah|yo|dear|sorry|kindly|"
	 "respected sir|dear sir|dear madam|dear all|hello there|hi there),?[ ]+(?!garden)",
	 PLACE_LEAD},
	{"^" EN_HEDGE "(?: that)?[,:]? (?=it|at|in |on |near|by|the |opposite|behind|\\d|(?-i:[A-Z]))", PLACE_LEAD},
	{"^(?:(?:it'?s|it is|it was|its|this is|this was|that'?s|that is|that was|it has|it "
	 "had|this|that|it|e|na|is|was|there'?s|there is|"
	 "i live|i'm living|i'm staying|we live|i am|i'm|im|we are|we're|we r|i was|we were|i stay|we stay|i reside|i "
	 "work|they are|they're|(?:we|i|e|dem|he|she|it) dey|she lives|he lives|they live|"
	 "the " EN_EVENT "(?:(?:'s| is| was| are| were)(?= )|(?= " EN_HAPPEN " ))|(?:my|our|his|her|their) " EN_EVENT
	 " (?:is|was|are|were|'s)(?: called| named)?|the " EN_EVENT
	 " is (?:called|named)|(?:the|my|our|its|his|her|their|full|exact|home|street|the exact|the full|the "
	 "correct|my home|my office|here'?s the|here is the)? ?" EN_SPOT
	 "(?:'s| is| was| to note is| to visit is)?|live|living|staying|over|down|up|outta|from|(?:come|go|went) "
	 "to)(?: (?:was|is|were|are|being|been|be))?(?: " EN_HAPPEN
	 ")?(?: (?:right|just|exactly|still|all|actually|somewhere|over|down|up))*"
	 "(?: " EN_AT ")?|" EN_HAPPEN "(?: (?:right|just|exactly|somewhere|over|down))*(?: " EN_AT
	 ")?|at|in(?! front)|on|@|for(?= (?-i:[A-Z])))[:,;]? (?=\\S)",
	 PLACE_LEAD},
	{"^(?:the |my |our )?(?:exact |full |home |street |correct |postal |factory |office |shop |school |site "
	 ")*(?:ad+res+|adress|addr|location|loc|place|venue|site)(?: is| was|'s)?[:;,.=-]+ *(?=\\S)",
	 PLACE_LEAD},
	{"^(?:right|just|exactly|directly|somewhere|over|located|situated|around there) (?=at |in |on |by |near "
	 "|behind |opposite |next |outside |across |between |under |the )",
	 PLACE_LEAD},
	/* trailing words */
	{"(?:" ZH_THERE "|[,。!;:、~ …\"'?？]+)?(?:" ZH_POLITE
	 "(?:(?:你|您|领导|同志|老师|师傅|大家|各位|政府|啦|了|哈|啊|晒|侬)\\p{Han}{0,10})?|" ZH_PARTICLE
	 "+|就是这里?|(?<!我)" ZH_THERE
	 "的?|(?<=\\p{Han}{3})那|没错|对的?|大概|左右吧?|快来|快点来?|速来|快去|(?<=\\p{Han}{3})(?:好像|应该|可能|我猜|"
	 "我记得|来着)(?:是|吧)*|[,;.!] ?please|(?<![a-z])(?:please|pls|plz|abeg|kindly|thanks?(?: you| u)?(?: very "
	 "much| so much| a lot| in advance| again)?"
	 "(?: sir| madam| officer| all| team)?|thx|tks|ty|tq|cheers)|(?<=[,.!?] "
	 ")(?:sir|madam|ma'?am|mate|bro|dude|man|boss|officer|lah|lor|leh|o|innit|yeah|ok|okay|i think|i believe|i "
	 "guess|i reckon|not sure|lol|dear|love|darling|guys|my friend|right\\?|come quick(?:ly)?|hurry(?: up)?|"
	 "asap|regards|bye|over there|if i remember (?:right|correctly|well))| (?:sir|madam|mate|bro|lah|lor|innit|i "
	 "think|i believe|i guess|i reckon|lol|abeg|if i remember "
	 "(?:right|correctly|well)))?[^\\p{L}\\p{N})\\]\"》」』#]*$",
	 PLACE_TRAIL},
	{"(?<=[\\p{Han}\\d])(?:来?(?:看看|看一下|处理一下|处理下|查一下|核实一下|一趟|瞧瞧|管管)|(?<!目)的(?:居民|业主|"
	 "住户|村民|租户|商户)?|发生的?|出的事|被打的?|被骗的?|打的我?|打的架|摔的?跤?|丢的|撞的|出的车祸|遇到的|"
	 "看到的|买的|拍的|干的活|碰到的)$",
	 PLACE_TRAIL},
	/* what stands before the place, however long */
	{"^.{0,150}" ZH_SPOT
	 "(?:的名字|名称?|名)?(?:应该|好像|大概|的话|就|都|也|它|那个|呢|啊|呀|哈|嘛|哩|哦)*(?:是在|位于|坐落(?:于|在)|"
	 "就在|在|是叫做?|叫做|叫作|叫|是|为|写的是|[:=]|系喺|喺|系)[:, \"]*(?=..)",
	 PLACE_ANNOUNCE},
	{"^.{0,150}(?:发生|出现|出事|出的事|事情出|坐落|位|说的|讲的|问的)(?:地点)?(?:在|于|就是|是)[:, ]*(?=..)",
	 PLACE_ANNOUNCE},
	{"^.{0,150}(?:这|那|这里|那里|这儿|那儿|这边|路名|街名|村名|小区名|店名|名字|名)(?:就|好像|应该)?(?:叫做|叫作|"
	 "叫|名叫|是叫|是)[:, \"]*(?=\\p{Han}{2})",
	 PLACE_ANNOUNCE},
	{"^.{0,120}[,。!;: ]" ZH_WHO "?(?:就|现在|人|家|也|都|正|是)*(?:在|住在|住|喺)(?=\\p{Han}{3})", PLACE_ANNOUNCE},
	{"^[^,。!?;]{0,16}(?<!\\p{Han}[省市区县镇乡路街村])" ZH_OWNER
	 "(?:就|都|也|好像|应该|大概|呢|嘛|啊)*(?:在|位于|坐落于?|叫做?|是在|是|喺|搁)(?=[^,。!?;]{3})(?!修|建|装|施工|"
	 "拆|打|吵|家|哪|这|那)",
	 PLACE_ANNOUNCE},
	{"^.{0,200}\\b(?:ad+res+|adress|addr|location|place|spot|site|venue|scene|street name|name of the "
	 "(?:street|road|place))(?: here| of (?:it|the \\w+|incident|occurrence)| you (?:need|want|are looking "
	 "for|asked for)| in question| to (?:note|visit|check))?(?: is| was| goes| reads|'s| ?[:=]| ?-):? "
	 "?(?:(?:located |situated )?(?:at|in|on) |: ?)?(?=\\S)",
	 PLACE_ANNOUNCE},
	{"^.{0,200}\\b(?:hap+en(?:ed|s|d|ing)?|hapen(?:ed|s)?|oc+ur+(?:ed|s)?|took place|taking place|takes "
	 "place|located|situated)(?: right| just| exactly| somewhere)? (?:at|in(?! front)|on|@) (?=\\S)",
	 PLACE_ANNOUNCE},
	{"^(?:|.{0,200}(?:[,.!;:-] ?|\\b(?:that|so|and|but|now|please|pls|plz|kindly) ))(?:it'?s|it is|it "
	 "was|its|i'm|i am|im|we're|we are|i live|we live|that'?s|this is|come to|go to|went to|send "
	 "(?:some(?:one|body)|police|help|an? \\w+)(?: over)? to|find (?:it|us|me|them)|visit(?:ed)?)(?: right| just| "
	 "all| over| down)? (?:at |in(?! front)|on |@ |)(?=\\S)",
	 PLACE_ANNOUNCE},
	{"^.{0,200}\\b(?:find (?:it|us|me|them)|send (?:some(?:one|body)|police|help|an? \\w+)(?: over)? to|come(?: "
	 "over)? to|reach (?:it|us|me) at|seen|met)(?: (?:at|in(?! front)|on))? (?=\\S)",
	 PLACE_ANNOUNCE},
	{"^.{0,200}\\b(?:called|named|known as) (?=(?-i:[A-Z])|\\d)", PLACE_ANNOUNCE},
	{"^(?!.{0,20}[不没忘])[^,。!?;\\d]{2,12}?(?:就|都|是)?(?:在|位于)(?=[^,。!?;]{3})(?!修|建|装|施工|拆|打|吵|闹|"
	 "哪|这|那|上班|家)",
	 PLACE_SUBJECT | ONLY_HAN},
	/* nobody could find it */
	{"^(?:["
	 "我咱俺他她你侬的家就都还在是这那哪个某一有屋楼村组队寨厂店路街巷门房院庄里儿边口上下外头旁附近块处点片带位栋"
	 "条座间层坡没无不很远嗰呢度爸妈哥弟姐妹爷奶叔舅姑娘爹厢来去走吧啊呀嘛啦哈呗噻]|"
	 "我们|咱们|俺们|他们|她们|你们|自己|自家|人家|阿拉|原来|以前|上次|刚才|同一|同样|隔壁|对面|对门|斜对面|周围|"
	 "周边|"
	 "村子|小区|社区|单位|公司|学校|班上|厂子|工厂|车间|工地|店铺|马路|大街|房子|出租屋|租的|住的|上班|干活|停车|"
	 "外面|"
	 "里面|上面|下面|前面|前头|后面|后头|中间|楼顶|楼道|楼梯|大门口|门前|院子|天井|巷子|半路|半道|村东|村西|镇上|"
	 "镇里|"
	 "乡里|县城|县里|城里|市里|市区|郊区|乡下|农村|老家|老屋|祖屋|宿舍|寝室|工棚|食堂|操场|教室|办公室|办公楼|班里|"
	 "地里|田里|地头|田头|田边|地边|河边|江边|海边|湖边|塘边|水边|井边|槐树|大槐树|大榕树|老榕树|老槐树|大树|老树|"
	 "小路|小道|土路|大路|水沟|池塘|水塘|鱼塘|小卖部|小店|祠堂|晒场|戏台|屯子|寨子|湾里|所里|花园|公园|广场|超市|"
	 "商场|"
	 "饭店|餐馆|网吧|药店|加油站|菜地|果园|后山|前山|厂区|生活区|住宅区|宿舍区|手里|手上|健身房|派出所里|法院里|"
	 "山上|"
	 "山里|山下|山脚|桥下|桥上|桥边|树下|林子|地下|天上|全城|全市|全村|全小区|全国|世界|位置|地址|地方|地点|此地|"
	 "本地|"
	 "当地|单元|电梯|走廊|过道|走道|阳台|厨房|客厅|卧室|卫生间|厕所|地下室|车库|天台|仓库|停车场|到处|拐角|转角|"
	 "拐弯|"
	 "角落|尽头|入口|出口|大厅|前台|门卫|保安亭|岗亭|通道|绿化带|人行道|红绿灯|台阶|草坪|花坛|各处|随处|全部|知道|"
	 "清楚|告诉|什么|老地方|老位置|老样子|网上|网络|手机|微信|微信群|抖音|快手|淘宝|拼多多|京东|群里|朋友圈|电脑上|"
	 "电话里|线上|车上|公交上|地铁上|火车上|飞机上|床上|嘎达|旮旯|疙瘩|圪垯|屋企|外公|外婆|姥姥|姥爷|儿子|女儿|"
	 "孩子|"
	 "闺女|老公|老婆|媳妇|婆婆|丈母娘|朋友|同学|亲戚|老板|邻居|领导|同事|房东|孙子|老师|对象|男朋友|女朋友|经常去|"
	 "常去|去过|外地|外省|省外|国外|外国|回家|下班|放学|上学|回来|回去|开车|骑车|买菜|[东西南北][面边]|QQ群?|[\\["
	 "\\](){}【】,。.!~ ])+$",
	 PLACE_VAGUE},
	{"^山?沟+里$|^(?:去|回|上|下|来|到|从|往|送|接|赶)\\p{Han}{0,6}路上$|^\\p{Han}{0,4}(?:医院|学校|单位|公司|家|"
	 "班|学)的?路上$|^(?:这|那|你们|我们)?(?:个|条|家)?(?:破|烂|黑心|黑|鬼|垃圾|狗屁|坑人)的?(?:路|厂|工厂|公司|"
	 "地方|店|学校|医院|小区|物业|单位|村)$|^(?:就?在)?(?:那|这|哪)一?(?:个|条|座|栋|边|块|片|家|间|层)\\p{Han}{1,"
	 "3}(?:上|里|下|旁边|边|边上|门口)?$",
	 PLACE_VAGUE},
	{"^(?:(?:在|我们?|咱们?|那个?|这个?|一个|一家|某个?|附近的?|旁边的?|对面的?|外面的?|的)*(?:医院|停车场|超市|"
	 "广场|公园|银行|车站|饭店|饭馆|餐馆|酒店|宾馆|商店|小卖部|工厂|学校|幼儿园|市场|商场|网吧|药店|加油站|公司|"
	 "工地|车间|河|江|湖|桥|山|树|地铁站?|公交车?|公交站|办公楼|大楼|大厦|小区|村|社区|街道|马路|十字路口|红绿灯|"
	 "诊所|卫生间|理发店|饭堂|寺|庙)(?:里面?|里头|门口|大门口?|旁边?|边上?|附近|"
	 "对面|外面?|上面?|下面?|底下|那里|那边|那儿|后面|前面|后门|口|处)?|修路|修桥|建房|盖楼|盖房|买房|租房|住房|"
	 "走路|过马路|问路|拆迁|进厂|进城|回村|回乡|回家|上街|看店|下乡|上路|开店|开厂|开门|关门|没门|走后门|热线|有线|"
	 "上线|出处|好处|坏处|"
	 "一点|有点|早点|晚点|快点|多点|差点|地点|难处|用处|政府|市政府|省里|市里|部里|区里|公司里|干部|全部|内部|外部|"
	 "局部|一部|心里|梦里|夜里|手里|眼里|嘴里|水里|家里|城管局?|律师|上司|法院里|一家公司|网站)$",
	 PLACE_VAGUE},
	{"^(?:李|王|张|刘|陈|杨|赵|黄|周|吴|徐|孙|胡|朱|高|林|何|郭|马|罗|梁|宋|郑|谢|韩|唐|冯|于|董|萧|程|曹|袁|邓|许|"
	 "傅|沈|曾|彭|吕|苏|卢|蒋|蔡|贾|丁|魏|薛|叶|阎|余|潘|杜|戴|夏|钟|汪|田|任|姜|范|方|石|姚|谭|廖|邹|熊|金|陆|郝|"
	 "孔|白|崔|康|毛|邱|秦|江|史|顾|侯|邵|孟|龙|万|段|雷|钱|汤|尹|黎|易|常|武|乔|贺|赖|龚|文)"
	 "(?:建|志|国|文|海|明|永|德|春|晓|卫|玉|桂|秀|长|振|金|家|宏|光|俊|爱|庆|学|成|红|占|世|宝|立|云|铁|大|小|东|"
	 "新)[江山河峰海泉城林波岭溪湖岩滨]$|^(?:老|小|阿)\\p{Han}(?:家|那里|那儿|屋里)?$",
	 PLACE_VAGUE},
	{"^(?:(?:at|in|on|to|near|by|outside|behind|opposite|next to) "
	 ")?(?:my|his|her|our|your|their|the|a|an|some|that|this) (?:[a-z]+ ){0,1}[a-z]+(?:'s|s') "
	 "(?:house|place|home|flat|room|apartment|shop|office|dorm|yard|garden|car)$|"
	 "^(?:at |in )?(?:my|his|her|our|your|their) (?:[a-z']+ "
	 "){0,2}(?:house|place|home|flat|room|apartment|village|street|road|lane|block|building|estate|compound|"
	 "neighbou?rhood|area|town|city|office|company|factory|school|shop|yard|farm|garage|side|block|door|gate|"
	 "corner|work ?place|dorm|campus|church|side of (?:the )?(?:road|town|street|river))$|"
	 "^(?:on |in )?(?:the |my |a "
	 ")?(?:bus|car|phone|train|internet|bed|head|mind|app|web|website|lift|elevator|computer|heart|dream|dreams|"
	 "metro|subway|plane|bike|taxi|tram)$|^close(?: "
	 "by)?$|^(?:dr|prof|mr|mrs|ms|officer|captain|sergeant|manager|teacher|boss|judge|professor|nurse|doctor|uncle|"
	 "aunty?|sister|brother|chief)\\.? (?-i:[A-Z])[a-z]+$|^(?:in|on|at) "
	 "(?:google|facebook|whatsapp|wechat|tiktok|youtube|instagram|taobao|douyin)$",
	 PLACE_VAGUE},
	{"^(?:(?:right|over|just|somewhere|around|near|nearby|in|at|by|on|from|to|outside|inside|behind|opposite|"
	 "beside|"
	 "next to|close "
	 "to|the|a|an|my|our|your|his|her|their|this|that|some|same|usual|old|new|here|there|home|main|big|small|"
	 "little|other|side|local|nearest|"
	 "house|place|flat|apartment|building|office|work|workplace|school|street|road|corner|neighbou?rhood|area|"
	 "village|town|city|"
	 "community|compound|estate|room|kitchen|bathroom|bedroom|yard|garden|door|gate|downstairs|upstairs|stairs|"
	 "staircase|stairwell|hallway|corridor|"
	 "everywhere|anywhere|nowhere|elsewhere|where|before|company|factory|shop|store|park|hospital|bank|market|mall|"
	 "supermarket|restaurant|pub|bar|cafe|"
	 "field|farm|river|bridge|beach|forest|pond|well|temple|church|mosque|clinic|gym|hotel|crossroads?|"
	 "intersection|junction|roundabout|square|canteen|warehouse|pharmacy|whole|entire|all|every|over|way to "
	 "work|way "
	 "home|way|world|lift|elevator|balcony|garage|basement|roof|lane|alley|path|pavement|sidewalk|footpath|highway|"
	 "motorway|traffic|tree|wall|fence|country|countryside|"
	 "station|as|again|block|floor|where i (?:live|work|stay)|i|live|work|is|it|it's|of|and|online|internet|middle|"
	 "no|not|none|yes|ok|okay|dunno|unknown|don't|dont|do|know|sure|idea|far|near here|somewhere else|outdoors|"
	 "indoors|back|front|front of|up|down|site|spot|location|neighbour'?s?|neighbor'?s?|parking lot|car park|bus "
	 "stop|"
	 "toilet|me|us|twelve|construction|across|away|two|few|blocks?|minutes?|bus|lots?|whole|entrance|exit|lobby|"
	 "ours|theirs|mine|yours|next|one)(?: |$))+$",
	 PLACE_VAGUE},
	{"^(?-i:(?:Robert|John|James|Michael|David|William|Richard|Thomas|Charles|Daniel|Matthew|Mark|Paul|Steven|"
	 "Andrew|Kevin|Brian|George|Edward|Peter|Mary|Linda|Susan|Karen|Lisa|Nancy|Sarah|Emma|Anna|Maria|Jennifer|"
	 "Jessica|Emily|Kate|Alice|Grace|Joseph|Samuel|Ahmed|Mohammed|Muhammad|Ali|Raj|Priya|Ravi|Sunil|Amit|Chidi|"
	 "Emeka|Ngozi|Kofi|Ama|Jose|Juan|Carlos|Tom|Tony|Bob|Bill|Jim|Jack|Joe|Ben|Sam|Dan|Mike|Steve|Chris|Alex|Nick)("
	 "?: [A-Z][a-z]+)?)$|^(?:in |from )?(?:china|india|nigeria|kenya|ghana|england|america|usa?|the us|uk|the "
	 "uk|britain|canada|australia|pakistan|africa|europe|asia)$|^[\\d\\s.,#\\-()+零一二三四五六七八九十百千]+(?:号|"
	 "个|楼|层|室|栋|号楼|单元|元|块|人|岁|天|点|点钟|点半|月|年|路|次|间|部|台)?$|^[\\W_]+$|^[a-z]{1,3}$|"
	 "^\\d+ ?[a-z]{1,2}$|^(?:the "
	 ")?(?:floor|number|no|room|unit|block|level|apt|flat|house|building|door|gate|ward|exit)\\.? "
	 "?#?\\d{1,4}[a-z]?$|^(?:the )?\\d{1,2}(?:st|nd|rd|th) floor$|^(?:早上|上午|中午|下午|晚上|凌晨)?" ZH_NUMBER
	 "+点(?:半|多|钟|左右)*$",
	 PLACE_VAGUE},
	/* an address that stays one in the middle of talk */
	{ZH_NOT_NAME
	 "[\\p{Han}]{1,}(?:路|街|道|巷|弄|胡同|里|村|小区|花园|苑|公寓|大厦|广场|社区|家园|新村|城|园|组|屯|庄|大街|"
	 "大道|街道|镇|乡|县|区)[\\p{Han}]{0,8}" ZH_NUMBER "+(?:号|弄|栋|幢|楼|单元|室|组|期|区|队|座|层)|"
	 "\\p{Han}{2,}(?:路|街|大道|道)(?:和|与|跟|同|、|/"
	 "|,)?\\p{Han}{2,8}(?:路|街|大道|(?<!知)道)(?:交叉口|交汇处|路口|口|交界|$)|"
	 "\\p{Han}{2,}(?:[省市县]|自治[区州县])\\p{Han}{2,}[市区县镇乡]\\p{Han}{2,}(?:[镇乡村路街]|街道)",
	 PLACE_STRONG | ONLY_HAN},
	{"\\b(?:no\\.? ?)?\\d+[a-z]?,? (?:[a-z'.]+ ){1,4}(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|way|"
	 "square|boulevard|blvd|court|crescent|close|terrace|highway|hill|place|row|gardens?)\\b",
	 PLACE_STRONG | ONLY_LATIN},
	/* talk */
	{"[?？]|[吗么]$|怎么|怎样|什么|为什么|为啥|干嘛|干啥|啥时|啥|咋|谁|多少|哪[里儿个]|我要(?!塞)|我想|想要|投诉|"
	 "举报|反映|"
	 "\\d月\\d|^[\\d一二三四五六七八九十]+月|请问|欠[我薪钱了]|工资|"
	 "不给|没有?人|不知道|不清楚|不记得|忘了|忘记|记不|不想说|不方便|不能说|保密|不告诉|不用|不是|不要|不行|可以|"
	 "你们|"
	 "了|没|冇|唔|不(?!老泉|动产|锈钢|夜城|二)|(?:全|们|人|家|里|这|那)都|都(?:是|在|有|没|不|这|那|很|一样|会|能|"
	 "要|行|"
	 "可以)|(?<!亚)太(?![平原湖仓和康子谷升河公安师保学白古行极华阳])|被|把(?!子)|死|难受|生气|害怕|怕|冤|恨|烦|"
	 "叫(?!化)|让|(?<!就)是|老师|群里|网上|梦里|做梦|心里|心情|微信|抖音|全国|全世界|[早中下上]午|早上|早晨|晚上|"
	 "凌晨|买的|看清|"
	 "占道|占用|乱(?!石|葬)|堵(?!城)|邻居家|消防通道$|脑子|记性|"
	 "你好|您好|谢谢|感谢|多谢|麻烦|拜托|辛苦|见谅|谅解|打字|语音|知道|晓得|告诉|回复|电话(?!局)|帮我|帮忙|解决(?!"
	 "方案)|处理(?!厂|站|中心)|太[吵臭乱差慢]|很|身份证|户口本|户口簿|档案|系统里|资料|好(?:吵|臭|久|多|难|气|烦)|"
	 "姓(?!庄|村)|老总|(?:个?月|[\\d一二三四五六七八九十半两]年|天|周|星期|小时|分钟|会儿?|不久)(?:以|之)?前$|淹|"
	 "堆满|停满|漏|着火|起火|失火(?!的)|吵|闹(?!市)|脏|烂(?!尾)|挖(?!机|掘)|强占|砸|砍|污染|欺负|歧视|失踪|报复|"
	 "求求|希望(?!小学|学校|路|广场|大厦|田野|城|村)|噪音|噪声|扰民|垃圾没|漏水|渗水|坏了|停电|停水|断电|断水|跳闸|"
	 "打人|打架|打我|打的|骂|咬|拖欠|克扣|赔|骗|气死|发臭|冒烟|冒水|塌(?!陷区)|裂|贪(?!泉)|收费(?!站|处|口|站口)|"
	 "施工(?!现场|处|点|队)|积水(?!潭)|强拆|违建|拆(?!迁办|迁)|倒闭|跑路|失业|"
	 "受不|管不管|没用|随便|看着办|上面说|刚才说|说过了|说了|之前说|已经说|同上|一样|哈哈|呵呵|"
	 "昨[天日晚儿]|今[天日晚儿]|前天|明天|后天|上周|上个月|上个?星期|上个?礼拜|去年|今年|前年|刚才|刚刚|老板(?!娘)|"
	 "领导|邻居(?!家)|警察(?!局|学院|学校|大厦|公寓)|孩子|儿子|女儿|老婆|老公|妈妈|爸爸|我[妈爸哥姐弟妹娃]|吃饭|"
	 "睡觉|天气|好的|"
	 "是的|没错|行吧|嗯嗯|跳过|下一[个步]|返回|退出|重新|人工(?!湖|岛|河)|客服|机器人|"
	 "等一下|等等|稍等|再说|发你|发过|定位|看图|图片|照片|有人|快来|赶紧|赶快|尽快|马上|救命|急死|很急|急$|来人|"
	 "来看|过来|问问|问一下|问了|想问|说出|识字|认路|不认|来自|退休|打扰|打工的|"
	 "(?<=\\p{Han}{2})吗|天天|每天|一直|又(?=\\p{Han})|老是|总是|从来|已经|还没|还在|正在|^(?:我|俺|咱|你|他|她|佢|"
	 "侬)(?!爱我家|家沟|家村|们?[厂村县镇市区乡校]\\p{Han}{4})|^(?:老人|小孩|有个|有一|就因|因为|所以|但是|只|请|"
	 "求)",
	 PLACE_CHATTER | ONLY_HAN},
	{"\\b(?:want|need|complain\\w*|complaints?|report(?:ed|ing)?|how|why|what|when|who|where|which|whose|hello|"
	 "boss|don'?t|dont|doesn'?t|"
	 "didn'?t|can'?t|cannot|cant|won'?t|isn'?t|wasn'?t|ain'?t|not|never|please "
	 "help|help|noise|noisy|salary|wages?|pay|paid|owe[sd]?|money|"
	 "broken|because|he|she|they|them|you|your|we|us|i "
	 "(?=[a-z])|i'\\w+|im|me|everyone|everybody|nobody|anyone|someone|somebody|people(?!'s)|"
	 "tell|told|said|says?|know|knew|forg[eo]t(?:ten)?|remember|sorry|thanks?|thank|skip|"
	 "(?<!bus )(?<!metro )(?<!tram )(?<!train )(?<!rest )(?<!truck )stop(?!ped)|back(?! "
	 "(?:gate|door|entrance|exit|side|street|lane|alley|yard|lot|road|bay|of|wall|building))|yes|nope|secret|"
	 "private(?! (?:school|hospital|clinic|road|estate))|anonymous|already|same|yesterday|"
	 "today|tomorrow|tonight|morning|evening|last|ago|it is "
	 "too|too|very|angry|wait|later|pin|photo|picture|sent|send|guess|whatever|"
	 "none|hot "
	 "water|cancel|menu|idk|dunno|rather|prefer|see|look|maybe|problem|issue|has|have|had|been|will|would|could|"
	 "should|shall|"
	 "is|are|was|were|am|be|being|feel|hate|sick|tired|scared|afraid|ridiculous|useless|unfair|fix|fixed|stole|"
	 "stolen|beat|hit|attacked|leaking|blocked|flooded|dumped|smells?|stinks?|closed down|my "
	 "(?:name|boss|wife|husband|son|daughter|mother|father|landlord|"
	 "neighbou?r|friend|brother|sister|phone|english|kid|kids)|name'?s?|retired|nurse|teacher by|come "
	 "and|ask|asked|let|english|typing|voice|dying|bot|human|agent|answer|question|number "
	 "please|dollars|yuan|rmb|trash|rubbish|garbage(?! (?:station|dump|bin|point|room))|litter|moved|a lot of|a "
	 "lot$|every ?where|all the "
	 "time|urgent|mr|mrs|ms|charges?|charged|fees|illegal(?:ly)?|ignor\\w+|refus\\w+|cheat\\w*|dirty|dark|"
	 "dangerous|full "
	 "of|making|keeps?|kept|makes|does|did|doing|gets?|got|getting|gave|gone|went|goes|going|comes|came|took|"
	 "walked|walking(?! street)|drove|driving(?! "
	 "school)|works|worked|running|ran|bit|bites?|shout\\w*|scream\\w*|bark\\w*|overcharg\\w+|lost|bought|"
	 "collapsed|cracked|burst|flood(?:ing|s)|corrupt|bribes?|my side|about it|on my way|as my|on "
	 "file|these|those|must|if|then|also|still|needs?|lacks?|missing|without|rude|late|falling|apart|i'd|it's "
	 "(?:so|too|very|confidential|not)|confidential|every time|any ?more|point|attach(?:ed|ment))\\b|\\?",
	 PLACE_CHATTER | ONLY_LATIN},
	/* words that places are made of */
	{"(?:[\\p{Han}\\dA-Za-z]" ZH_KIND "|" ZH_KINDS ")(?:的)?(?:[A-Za-z]?[\\d一二三四五六七八九十]*[A-Za-z]?(?:号|"
						       "区|座|栋|口|门|层|楼|室|馆|厅|出口|入口|段))*(?:" ZH_BESIDE
	 "|" ZH_MEASURE "){0,3}$",
	 PLACE_EVIDENCE | ONLY_HAN},
	{ZH_NOT_NAME "(?![这那哪每有一][条个座栋家片])[\\p{Han}\\d]{2}(?<!我们)(?:路|大道|大街|街道|巷|胡同|弄|小区|"
		     "花园|家园|新村|公寓|大厦|广场|社区|村|镇|乡|县|区|市|大桥|立交桥?|高速|国道|省道|工业园|产业园|"
		     "开发区|水库|农场|林场|地铁站|公园|商场|超市|市场|酒店|大学|医院|中学|小学|"
		     "嘎查|苏木|步行街|古城|火车站|机场|庄|屯|寨|城|湾|桥|苑)(?:[^\\p{Han}]{0,12}\\d[\\p{Han}\\w "
		     "#-]{0,20}|\\p{Han}{0,7})$",
	 PLACE_EVIDENCE | ONLY_HAN},
	{ZH_COUNTED
	 "|(?:\\p{Han}{2}|[A-Za-z])" ZH_BESIDE
	 "$|[东西南北]门|[A-Za-z]\\d?区|[A-Za-z]\\d{0,2}[座栋口馆出]|[Kk]\\d+|[\\d]{1,4}路(?:终点|起点|公交|车)|"
	 "[Gg]\\d{1,4}|\\d{3}国道|桩号",
	 PLACE_EVIDENCE | ONLY_HAN},
	{"\\p{Han}{2,10}(?:soho|apm|ifs|ifc|mall|cbd|k11|moma|loft|imax|ktv|plaza|atm|spa|club|4s|outlets|tod|icc|"
	 "cocopark|mix|[a-z]?\\d{1,3}[a-z]?)(?:店|塔\\d?|[\\p{Han}\\d]{0,6})$",
	 PLACE_EVIDENCE | ONLY_HAN},
	{"^" ZH_CITY "[\\p{Han}A-Za-z\\d]{0,20}$", PLACE_EVIDENCE | ONLY_HAN},
	{"\\b" EN_KIND "\\b", PLACE_EVIDENCE | ONLY_LATIN},
	{"\\b(?:opposite the|across from|next to the|behind the|in front of the)\\b|\\b" EN_LANDMARK
	 " (?:the )?(?-i:" EN_NOT_NAME "[A-Z][\\w'.-]+)|\\b(?:km|kilomet(?:er|re)|mile(?: marker| "
				       "post)?|milepost|exit|marker|gate|lot|plot|block|blk|platform|pole|door|house|h|"
				       "shop|stall|villa|flat|room|rm|unit|no|number|lane|phase|sector|ward|"
	 "grid)\\.?(?: no\\.?)? ?#?\\d+|\\b(?:i|us|sr|m|a|n|g|s|r|nh|sh|cr|fm|rn|e|route|rte|hwy)[- "
	 "]?\\d{2,4}\\b|#\\d+",
	 PLACE_EVIDENCE | ONLY_LATIN},
	/* two streets that meet, a shop on a street */
	{"\\b\\d{1,4}(?:st|nd|rd|th) (?:and|&|/|at|@|x) (?-i:" EN_NOT_NAME "[A-Z])|(?-i:\\b" EN_NOT_NAME
	 "[A-Z][\\w'.]+) "
	 "(?:and|&|/|@|x) (?:\\d{1,4}(?:st|nd|rd|th)\\b|(?-i:" EN_NOT_NAME "[A-Z][a-z]+)(?=$|[,.]))",
	 PLACE_EVIDENCE | ONLY_LATIN},
	{"(?-i:\\b" EN_NOT_NAME "[A-Z][a-z]+(?:'s)?) (?:on|off|in|at) (?-i:" EN_NOT_NAME
	 "[A-Z][a-z]+)|(?-i:\\b" EN_NOT_NAME "[A-Z][A-Za-z]+(?:'s)?) (?:on|off) \\d{1,3}(?:st|nd|rd|th)\\b",
	 PLACE_EVIDENCE | ONLY_LATIN},
	/* a number and a name: "19 Delancey" */
	{"(?:^|[, ])\\d{1,5}[A-Za-z]?,? (?:(?-i:[NSEW])\\.? )?(?-i:" EN_NOT_NAME
	 "(?!AM|PM|RMB|USD|Yuan|Dollars|Years|Days|Weeks|Hours|Times|Kids)[A-Z][a-z]{2,}['a-z]*)(?: "
	 "(?-i:[A-Z]|\\d)|$|,)",
	 PLACE_EVIDENCE | ONLY_LATIN},
	/* a Chinese place name in Latin letters: one capitalised word of two syllables or more */
	{"^(?-i:[A-Z])(?=[a-z]{4,})(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|uang|iong|ang|eng|ing|ong|ian|uan|"
	 "iao|uai|an|en|in|un|ai|ei|ui|ao|ou|iu|ie|ue|ua|uo|ia|er|[aoeiuv])){2,5}(?:,? (?:china|province|city))?$|"
	 "^(?-i:[A-Z])[a-z]+(?:cun|zhen|xiang|qu|xian|shi|lu|jie|dao|zhuang|tun)\\b|"
	 "(?:^|, ?| in "
	 ")(?-i:Beijing|Shanghai|Guangzhou|Shenzhen|Tianjin|Chongqing|Chengdu|Wuhan|Hangzhou|Nanjing|Xi'?an|Suzhou|"
	 "Qingdao|Dalian|Xiamen|Kunming|Harbin|Shenyang|Jinan|Zhengzhou|Changsha|Hefei|Fuzhou|Nanchang|Nanning|Guiyang|"
	 "Lanzhou|Urumqi|Lhasa|Hong "
	 "Kong|HK|Kowloon|Macau|Taipei|Singapore|London|Manchester|Birmingham|Leeds|Glasgow|Edinburgh|Dublin|Belfast|"
	 "Cardiff|New "
	 "York|NYC|Brooklyn|Queens|Bronx|Manhattan|Chicago|Boston|Houston|Dallas|Austin|Seattle|Denver|Miami|Atlanta|"
	 "Philadelphia|Detroit|Phoenix|Portland|San [A-Z][a-z]+|Los Angeles|LA|Las "
	 "Vegas|Toronto|Vancouver|Montreal|Ottawa|Sydney|Melbourne|Perth|Brisbane|Auckland|Lagos|Abuja|Ikeja|Lekki|"
	 "Nairobi|Mombasa|Kampala|Accra|Kumasi|Lusaka|Harare|Johannesburg|Durban|"
	 "Cape Town|Pretoria|Soweto|Dar es Salaam|Addis Ababa|Cairo|Mumbai|Delhi|New "
	 "Delhi|Bangalore|Bengaluru|Chennai|Hyderabad|Kolkata|Pune|Ahmedabad|Jaipur|Lucknow|Dhaka|Karachi|Lahore|"
	 "Islamabad|Colombo|Kathmandu|Manila|Quezon City|Makati|Cebu|Davao|Jakarta|Kuala Lumpur|KL|"
	 "Penang|Bangkok|Hanoi|Saigon|Tokyo|Osaka|Seoul|Dubai|Abu "
	 "Dhabi|Doha|Riyadh|Paris|Lyon|Rome|Roma|Milan|Milano|Berlin|Madrid|Lisbon|Haidian|Chaoyang|Pudong|Xuhui|"
	 "Tianhe|Nanshan|Futian)\\b",
	 PLACE_EVIDENCE | ONLY_LATIN},
	{"^\\p{Han}{4,20}(?<![的过着人钱错楚便说])$|^(?-i:[A-Z])[\\w' -]{3,}(?:,|$)|^(?=.*\\d)(?=.*[a-z]{3})[\\w "
	 ",.'#/-]{5,}$|^\\p{Han}{2,}[A-Za-z\\d]{1,6}\\p{Han}{0,6}$",
	 PLACE_NAME},
	{NULL, 0},
};
