/*
 * How people say yes, no, and how content they are: the tables. They see one clause in lower case without spaces beside
 * Chinese characters, and once the whole text (only for rows of doubt). The first row that matches wins.
 */
#include "flow/opinion_rules.h"

/* Words around the core of an answer that change nothing. */
#define ZH_BEFORE \
	"(?:那就|那|我们|我本人|我这边|我|俺|咱|本人|就|都|也|应该|肯定|确实|的确|真的|真|绝对|完全|当然|反正|其实|答案|回答|回复|还是|请|先|现在|目前|已经|非常|很|太|十分|挺|" \
	"比较|侬讲得|你说得|您说得|说得|这|它|他|她|哎呀?|诶|唉|啊|嗯+|哦+|噢+|喔+|嗷|额|呃|全部|以上|上面|情况|事情|信息|内容|资料|地址|号码|电话|名字|姓名|时间|日期|这些|" \
	"说的)*"
#define ZH_AFTER \
	"(?:[的地得了啊阿呀吧哦喔噢嘛哈呢啦哟咯呗滴哒呐哩诶额吖喽哇唷嘅噻撒嗦咧嘞勒叻哉呦格咗晒]|好[吧了]|谢谢(?:你|您|啦|了)?们?|谢了|多谢|感谢|麻烦(?:你们?|您|了)了?|辛苦(?:您|" \
	"你)?了?|老师|师傅|亲|领导|同志|你好|您好|\\p{So}|\\p{Sk})*+"
#define ZH_NOT "(?:不|弗|唔|勿|伐|莫|别|甭|没有?|冇|木有?|毋|未|覅|嫑|无)"
#define ZH_VERB \
	"(?:是|系|对|啱|好|行|中|成|得行?|要|用|想要?|能够?|会|可能?|可以|同意|愿意?|乐意|接受|需要|确认|正确|准确|属实|赞成|支持|认可|允许|授权|答应|考虑|干|存在|去|做|" \
	"办|弄|搞|发|许可?|准|必要?|登记|提交|公开|匿名|参加|符合?|改|换|给|留|填|报|申请|打算|方便|合适|敢|情愿|感兴趣|认|批准|赞同|继续|保存|满意|搞了|劳烦|麻烦|打扰|联系|" \
	"回访|使|妥|登|撤|报|曾|交|填|ok|okay|yes)"
#define EN_BEFORE \
	"^(?:(?:oh|um+|uh+|well|er+|hm+|ah|so|then|and|but|haha|hello|hi|hey|ok(?:ay)?|please|sorry|i think|" \
	"i guess|i'?d say|i would say|the answer is|my answer is|it'?s a|that'?s a|that would be a|it is a|just|" \
	"hell|heck|god)[ ,]+)*"
#define EN_SOFT "(?:(?:definitely|absolutely|certainly|of course|obviously|surely)[ ,]+)?"
#define EN_AFTER \
	"(?:[ ,]+(?:please|pls|plz|thanks|thank you|thx|ta|cheers|sir|madam|ma'?am|mate|man|very much|so much|" \
	"a lot|then|of course|indeed|i think|for sure|sure|definitely|absolutely|yes|yeah|it is|i do|i am|" \
	"\\p{So}))*+[ !.\\p{So}\\p{Sk}]*$"

const struct rule yes_no_rules[] = {
	/* questions, doubt */
	{"^(?:对|是|好|行)(?:伐|吧|不对|吗|啵|呗)[,。! ]+(?=\\S)",
	 SAYS_NOTHING}, /* a tag question that answers itself */
	{"[?]|[吗么]$|[吗么][,。!]|(?:可以|行|好|对|是|要|能|会|得|成|中|同意)不$|^(?:对|是|好|行|中)伐$|(?<!"
	 "不)(?:是不是|对不对|行不行(?!行)|可不可以|能不能|"
	 "要不要|好不好|会不会|该不该|中不中(?!中)|成不成)|(?<!没)有没有(?!$)|是否|怎么|什么|为什么|为啥|干嘛|("
	 "?<!没)啥|谁|多少|哪[个里儿位些天种]|"
	 "几[个点时天号]",
	 SAYS_DOUBT},
	{"不知道|不清楚|不确定|不晓得|不好说|说不好|说不准|说不清|难说|看情况|看着办|再说|我?考虑(?:一下|下)|"
	 "再考虑|也许|大概|或许|估计|兴许|不一定|随便|随你|都行|都可以|都好|"
	 "无所谓|没想好|想想|不懂|不明白|听不|看不|没听懂|没看懂|等一?下|等等|待会|等会|稍等|晚点|过会|回头|"
	 "改天|犹豫|纠结|不记得|忘了|忘记|没印象|"
	 "可能(?!$)|(?<!不)可能吧?$|可是|要是|好是|可以是可以|行是行|对是对|是倒是|但是?$|两可|要看|得看|看看|"
	 "差不多|不太清|模糊|半信半疑|应该不是|问问|商量|有时|部分|一半|好多|好久|"
	 "但不|的话|不好意思说|^对了[,。 ]|是也不|是又不|又是又",
	 SAYS_DOUBT},
	{"不是不|不能不|不会不|没有不|不得不|不要不(?!要)|^不用谢(?!谢)|^不客气|^别的|^别[人处家墅]",
	 SAYS_DOUBT},
	{"\\b(?:maybe|perhaps|not (?:so |very |quite |really |too |entirely |completely |100% "
	 ")?(?:sure|certain)|"
	 "don'?t (?:really )?(?:know|remember|understand|care|get)|"
	 "do not (?:know|remember|understand)|dunno|no idea|no clue|idk|depends?|possibly|probably|might|may "
	 "be|"
	 "can'?t (?:say|tell|remember|decide)|yes and no|"
	 "yes or no|what|why(?! not)|how|who|when|where|which|later|whatever|unsure|no "
	 "comment|yesterday|either|"
	 "neither|sometimes|"
	 "partly|undecided|let me (?:think|check|see)|think about it|hard to say|wait|hold on|not now|no "
	 "one|nobody|"
	 "up to you|if|unless|"
	 "so-so|half|forgot|hesitant|confused|know)\\b",
	 SAYS_DOUBT},
	/* an interjection: yes, unless another clause says more */
	{"^(?:嗯+|恩+|唔|嗯啊|嗯哪|昂|en+|mm+[ -]?hm+|mhm+|uh[ -]?huh|嗯呐|嗯嘛)(?:[的呢啊哦呀]|\\p{So})*$",
	 SAYS_WEAK_YES},
	/* sarcasm */
	{"^(?:你|我)?(?:好|行|对|是|可以|同意|满意|没问题|要|能|会)(?:你|他)?个?(?:屁|鬼|毛|锤子|蛋|球|妹|大爷|"
	 "妈|头[啊呀]|der|铲铲)|^(?:好|行|对|是|同意|"
	 "可以)个头|^(?:可以|同意)才怪",
	 SAYS_NO},
	/* 没问题 and its like say yes */
	{"^" ZH_BEFORE "(?:(?:没|没有|木有?|没得|冇|无)(?:啥|什么|任何)?(?:问题|毛病|错|意见|异议|说的|二话)|"
		       "不错|不假|不反对|不介意|不拒绝)(?:就是|"
	 "就这样)?(?:" ZH_AFTER "(?:没错|没问题|没毛病|没意见|是|好|对|可以|行|同意))*" ZH_AFTER "$",
	 SAYS_YES},
	/* no */
	{"^" ZH_BEFORE "(?:(?:(?:绝|决|才|并|并不|从来|从|根本|绝对|坚决|当然|肯定|可|还|暂时|目前|现在|先|真|"
		       "也|实在|千万|最好|请|就|都|我|"
	 "暂)*+(?:" ZH_NOT "(?:再|太|大|很|怎么|咋|想|要|用|需要|愿意|能|会)?" ZH_VERB "?"
	 "|否定?|非也|并非|拒绝|反对|算了?|免了?|错误|错|写错|搞错|弄错|填错|休想|做梦|没门|门都没有?|想得美|"
	 "哪有|撤[了销回]|(?:死也|打死(?:我|都|也)?)不|没兴趣|没必要|没这回事|"
	 "没那回事|没的事|没有的事|没有过|用不着|犯不着|取消|放弃|作罢|拉倒|no|nope|n|bu ?shi|bu ?xing|bu "
	 "?yao|bu ?yong|bu|mei ?you|mei|不行的))"
	 "(?:这样|这么回事|这个|这里|这回事|那个|你们?|您|我|麻烦|登记|继续|同意|公开|需要|联系|打扰|打电话|"
	 "回访|我的?|本人)?" ZH_AFTER ")+$",
	 SAYS_NO},
	{"^(?:我们?|他们?|你们)?(?:从来|根本|也|都|还|一直|并)*没有?\\p{Han}{1,3}[过到]?[过到](?:这事|这个|"
	 "这些)?[了啊呀的]*$",
	 SAYS_NO},
	{"^(?:不用|不必|不需要|不同意|不愿意|不是)[^?吗么不没]{1,12}$", SAYS_NO},
	{"^(?:请?不要|别|请勿|勿|千万别|不用|先别)(?:告诉|公开|登记|提交|联系|打|发|透露|泄露|报|写|通知|转|给)"
	 "[^?吗么]{0,10}$",
	 SAYS_NO},
	{EN_BEFORE EN_SOFT
	 "(?:no+|nope+|nah+|naw|nay|n|negative|never|no way|no thanks?(?: you)?|no thank u|"
	 "not really|not at all|not yet|not me|not "
	 "(?:true|right|correct|ok|okay|needed|necessary|interested|agreed|"
	 "that|today)|"
	 "(?:no,? )?(?:i|we|they|you) (?:do not|don'?t|did not|didn'?t|am not|are not|have not|haven'?t|would "
	 "not|"
	 "wouldn'?t|will not|won'?t|cannot|can'?t|was not|wasn'?t|aren'?t|weren'?t)(?: [a-z' ]{2,24})?|"
	 "i'?m not(?: [a-z ]{2,20})?|"
	 "(?:no,? )?(?:it|that|this|he|she|there)(?:'s| is| was| does| did) not(?: [a-z ]{2,20})?|(?:no,? "
	 ")?(?:it|"
	 "that|this|there|he|she) (?:isn'?t|wasn'?t|doesn'?t|didn'?t|hasn'?t|won'?t)(?: [a-z ]{2,20})?|"
	 "(?:no,? )?(?:please )?(?:do not|don'?t)(?: [a-z ]{2,20})?|(?:that'?s|thats|its|"
	 "it'?s) not(?: [a-z ]{2,20})?|(?:(?:that|this|it)(?:'?s| is) )?(?:all )?(?:wrong|incorrect|false|a "
	 "lie|"
	 "not it|a no|untrue)|"
	 "(?:i )?(?:strongly )?disagree(?: with (?:that|it|this))?|not(?! a problem| bad| an issue| to worry| "
	 "sure|"
	 " certain| clear| my problem)(?: [a-z']+){1,4}|not|wrong (?:number|address|person|name|phone|info|"
	 "information|date|place|one)|i say no|no,? never|no,? not [a-z ]{2,24}|i'?d rather not|"
	 "i'?d prefer not(?: to)?|(?:i )?(?:refuse|decline|object|reject)|declined|rejected|cancel(?:led)?(?: "
	 "it|"
	 " that| this)?|please cancel(?: it| that)?|drop it|"
	 "none|never ?mind|dont bother|don'?t bother|no,? no(?:,? no)*|no need|not a chance|no chance|nada|no "
	 "sir|"
	 "no ma'?am|no such thing|forget it|out of the question|by no means|"
	 "isn'?t|aren'?t|wasn'?t|didn'?t|doesn'?t|won'?t|haven'?t|unfortunately not|(?:i'm )?afraid not|"
	 "i don'?t think so|don'?t think so|not in the least|under no circumstances|no deal|no more|rather not|"
	 "better not|hopefully not|probably not)" EN_AFTER,
	 SAYS_NO},
	{"^(?:nah|nope) [^?]{2,60}$", SAYS_NO},
	{EN_BEFORE
	 "(?:no|nope|nah)(?:,| -|:)? ?(?:,|(?=(?:i|it|it's|that|that's|this|they|we|he|she|please|thanks?|"
	 "not|don'?t|do not|need|there) ))(?! ?(?:problem|worries))[^?]{1,60}$",
	 SAYS_NO},
	{"^(?:❌|✖|✗|✘|×|🙅.*|👎.*|🚫|🙅🏻.*)+$", SAYS_NO},
	/* yes */
	{"^(?:" ZH_BEFORE "(?:是这样|是|系|对头|对着|对|好|行|可以|可|阔以|口以|要得|要|想要?|中|成|得|能|会|"
			  "有|嗯|恩|ok+|okk|必须|必需|一定|自然|同意|愿意|乐意|"
	 "情愿|接受|确认|确定|正确|属实|"
	 "需要|yes|y|yep|yeah|yup|妥|没跑|赞成|赞同|支持|认可|允许|许可|授权|答应|批准|准|准确|无误|真|那是|"
	 "就这样|这样|就这么办|就这么定|去|来|办|做|弄|登记|提交|继续|发|"
	 "包的|晓得|知道|明白|收到|了解|听你的|听您的|照办|"
	 "巴不得|求之不得|必然|绝对|肯定|确实|的确|如此|正是|就是|匿名|公开|参加|本人|当然|完全|欧了?|hao "
	 "?de|hao|dui ?de|dui|shi ?de|shi|ke ?yi|xing|en|"
	 "欧克|喔克|哦克|ojbk|按.{1,5}(?:办|来|做)|听你们?的|听您的|举双手|没有(?:其他|别的|其它)问题|下一步|"
	 "没错|安排|管|成交|(?:没|没有|木有?|没得|冇|无)(?:啥|什么|"
	 "任何)?(?:问题|毛病|错|意见|异议|说的|二话)|搞起|走起|保存|通过|合适|满意)"
	 "(?:这样|这么回事|这个号码?|这个意思|这个情况|这么个意思|这个|这里|我本人|本人|我|你们?联系我?|极了|"
	 "得很)?" ZH_AFTER ")+$",
	 SAYS_YES},
	{"^(?:是的|对的|好的|好滴|可以的|没错|没问题|嗯嗯+|行的|当然可以)(?!不|没|别|个屁)[^?"
	 "吗么不没别但是可话]{1,12}$",
	 SAYS_YES},
	{EN_BEFORE EN_SOFT
	 "(?:y|ye|ys|ye+s+|yess+|ye+a+h+|yea+|yep+|yup+|yah+|ya|yh|yee|yessir|sure|sure thing|"
	 "of course|ok+|okay+|okey|okie|okey dokey|okie dokie|oki|k|kk|(?:all |quite |perfectly |"
	 "absolutely )?(?:right|correct)|"
	 "that'?s (?:right|correct|fine|true|it|ok|okay|me|good|a yes|great|all right|perfect|mine)|"
	 "that is (?:right|correct|fine|true|it|ok|okay|me|good|mine)|that works(?: for me)?|works for me|"
	 "it'?s (?:right|correct|fine|true|ok|okay|good|me|mine)|it "
	 "is|affirmative|absolutely|definitely|certainly|"
	 "agreed?|"
	 "i (?:fully |totally |completely |strongly )?(?:agree|confirm|consent|accept|approve)(?: with "
	 "(?:it|that|"
	 "this))?|i do agree|agree with (?:it|that|this)|(?:you|they|we) can|i "
	 "(?:do|did|am|have|would|will|can|was|"
	 "want to|want it|want that|do want (?:it|that|to)|would like (?:that|to|it))|i'?d (?:love|like) "
	 "(?:to|that|"
	 "it)|i'?m in|i'?m sure|"
	 "(?:it|that|this|he|she) (?:is|was|does|did|has)(?: "
	 "(?:correct|right|true|fine|me|ok|okay))?|(?:they|we|"
	 "there) (?:do|did|are|have|were|is|was|will)|please(?: do)?|go ahead|go on|go for it|do it|do so|"
	 "let'?s do (?:it|that)|"
	 "fine(?: (?:by|with) me)?|al+right|all right|sounds (?:good|great|fine|right)|no problem(?: at all)?|"
	 "not a problem|no worries|no objections?|no issues?|no doubt|indeed|(?:very |so "
	 ")?true|exactly|precisely|"
	 "by all means|you bet|aye|confirm(?:ed)?|accept(?:ed)?|"
	 "totally|perfect|great|good|very well|very good|very much so|why not|for sure|without (?:a )?doubt|"
	 "naturally|obviously|surely|positive|proceed|continue|let'?s go|i guess so|i think so|i suppose so|"
	 "i believe so|i hope so|always|affirm|roger(?: that)?|happy to|gladly|with pleasure|ofc|ofcourse|cool|"
	 "approved?|say yes|"
	 "good to go|right on|everything(?:'s| is) (?:correct|right|fine|ok|okay|good)|100 ?%|one hundred "
	 "percent|"
	 "count me in|i'?m happy with (?:that|it)|i'?m ok(?:ay)? with (?:that|it)|i don'?t mind|don'?t mind|"
	 "(?:it'?s |that'?s )?all (?:correct|good)|looks (?:good|right|correct|fine)(?: to me)?|submit(?: it)?|"
	 "send it|save it|please (?:submit|proceed|continue|go ahead|confirm)(?: it)?|yes(?: ,?)yes)" EN_AFTER,
	 SAYS_YES},
	{EN_BEFORE
	 "(?:yes|yeah|yep|yup|sure|of course|absolutely|definitely|certainly)(?:,| -|:)? (?!but|and no|or|"
	 "not|it'?s not|to be|,)[^?]{1,60}$",
	 SAYS_YES},
	{"^(?:👍.*|👌.*|✅|✓|✔|√|🆗|🙆.*|💯|☑|✔️)+$", SAYS_YES},
	{NULL, 0},
};

#define VERY \
	"(?:非常|十分|特别|很|挺|蛮|相当|太|真|真的|真是|超|超级|超超|极其|极|最|都|还是|老|好|贼|巨|格外|尤其|有够|够|确实|实在|的确|那是|可|真心|都很|都挺|也很|也挺|比较|" \
	"更|更加|完全|100%|百分百|百分之百|绝对)*"

const struct rule rating_rules[] = {
	{"(?:怎么可能|哪里|哪有|哪能|哪会|岂能|没法|无法|没办法|难以|很难|不可能|让人怎么|叫我怎么|叫人怎么|"
	 "怎么能|怎么会)(?:让人|让我|令人|会|能)?(?:满意|高兴)(?:了|得起来|呢|"
	 "啊)?|什么(?:玩意|东西|态度|服务|破|鬼|垃圾)|算什么|满意(?:个|什么|啥)",
	 SAYS_DISSATISFIED},
	{"什么叫|什么是|怎样算|怎么算|怎么才算|^你们?(?:满意|觉得)|满意不$|心情|身体|天气|信号|新年|生日|节日|"
	 "运气|胃口|睡得|口味|满意是|"
	 "^(?:物业|老板|公司|开发商|房东|学校|医院|邻居|村里|楼上|包工头|他们|那家|对方)(?!.*(?:你们|政府|部门|"
	 "办))",
	 SAYS_DOUBT},
	{"\\b(?:or not|good (?:luck|morning|afternoon|evening|night|day|bye)|happy (?:new "
	 "year|birthday|holidays?|"
	 "weekend)|great wall|good for you|fine weather)\\b",
	 SAYS_DOUBT},
	{"什么满意|(?:好|完|修|理|决|办|成)了?没(?:有)?$|^(?:路灯|水管|电梯|井盖).*怎么办|[?？]|[吗么]$|是不是|"
	 "是否|行不行|^我?(?:要|想)?(?:再)?(?:投诉|"
	 "举报)(?!.{0,5}(?:没|白|不))|\\bbad "
	 "weather\\b|怎么评|怎么选|什么意思|什么评|评什么|如何评|满不满意|满意不满意|满意还是|满意度|不知道|"
	 "不清楚|不好说|说不好|说不准|"
	 "难说|不确定|"
	 "没想好|想想|看情况|再说|再看|等等|等一下|待定|还没(?:有)?(?:看|收到|结果|出来)|没看(?:到|见|清)|不评|"
	 "不想评|弃权|跳过|无可奉告|无意见|"
	 "以前(?:不)?满意|之前(?:不)?满意|本来|原来|如果|要是|假如|除非|才(?:会|能)?满意|希望.{0,8}满意|争取.{"
	 "0,6}满意|什么时候|啥时候|何时|多久|谁|"
	 "哪[个里]",
	 SAYS_DOUBT},
	{"\\b(?:not sure|don'?t know|dunno|no idea|no opinion|no comment|can'?t say|hard to "
	 "say|depends|undecided|"
	 "unsure|would be|if|when|what(?! a\\b)|why|how do|who|"
	 "skip|later|let me think|was (?:satisfied|happy|dissatisfied|unhappy) (?:before|until|at first)|"
	 "used to be)\\b",
	 SAYS_DOUBT},
	/* stars and marks */
	{"(?:五|5)个?颗?星|5/5|10/10|满分|\\b(?:5|five)[ -]stars?\\b|^a\\+$|5 (?:out of|of) 5|10 (?:out of|of) "
	 "10|(?:9\\d|"
	 "100|九十[一二三四五六七八九]?|一百|1百)分",
	 SAYS_SATISFIED},
	{"(?:三|3)个?颗?星(?!期)|3/5|\\b(?:3|three)[ -]stars?\\b|3 out of "
	 "5|(?<![\\d])(?:[678]\\d|[六七八]+十[一二三四五六七八九]?|"
	 "六、七十|七、八十)多?分",
	 SAYS_BASICALLY},
	{"(?:一|1|二|2|两|零|0)个?颗?星(?!期)|\\b[012]/5\\b|\\b(?:1|one|2|two|0|zero)[ -]stars?\\b|[01] out of|"
	 "(?<!\\d)[2-5]\\d分|(?<![十\\d])(?:[二三四五]十[一二三四五六七八九]?|0|零|负)分",
	 SAYS_DISSATISFIED},
	{"\\d[分星颗]|[一二三四六七八九两]分(?!满意|之|钱|没|都|也)|[四4]颗?星|\\d ?(?:stars?|points?|/|out "
	 "of)",
	 SAYS_NOTHING},
	/* praise that is spelled like blame, and the other way round */
	{"没有?(?:什么|啥|任何|一点|半点|丝毫)?(?:的)?(?:不满意?|不好|不足|问题|毛病|意见|话说|得说|缺点)|"
	 "挑不出|无可挑剔|没得说|没的说|没话说|没说的|没得挑|不能再满意|再满意不过|"
	 "(?:不能|没法)(?:更|再)好|好得不能再好|非常的?不错|"
	 "很不错|真不错|挺不错|蛮不错|相当不错|太不错|特别不错|都不错|不错不错",
	 SAYS_SATISFIED},
	{"\\b(?:but|though|although|only|just) (?:it was |it is |it's |they were )?(?:a bit |a little |too "
	 "|very |"
	 "quite |rather |still )?(?:slow|late|long)|\\b(?:a bit|a little|slightly|somewhat) "
	 "better|\\b(?:faster|"
	 "quicker)\\b|\\bimprov(?:ed|ing)\\b(?! nothing)",
	 SAYS_BASICALLY},
	{"(?:凑|将)[活合和就]|美中不足|小(?:问题|毛病|瑕疵)|(?<!没)(?<!没有)(?<!任何)(?<!未)改善|好转了?(?:"
	 "一些|一点)?|(?:比以前|比之前|稍微?|略)?好了?(?:一些|"
	 "一点|点|些)了?$|没(?:什么|啥)感觉|(?:可以|能|希望)(?:更|再)|(?:再|更)快|大概满意|解决了?(?:一部分|"
	 "部分|一半|一些|大部分|一点)|(?:部分|一半|大部分)(?:解决|"
	 "满意)|算(?:是|得上|作|做)?满意|麻麻[地哋]|马马地|仲(?:可以|得|行|ok)|不好不坏|不好也不坏|不差|不坏|"
	 "不赖|一半满意.?一半不满意|一半一半|马马虎虎|不功不过|(?:就是|只是|不过|"
	 "但是?|稍微|有点|有些|略)(?:有点|有些|稍微|略)?慢|慢了?(?:点|些)|还阔以|还口以|jiben|yiban|还凑合",
	 SAYS_BASICALLY},
	{"(?:不是|不算|不能算|没有|谈不上|说不上|算不上)(?:特别|非常|太|很|多么?|十分|那么|有多)?(?:差|坏|糟|"
	 "不满意?|烂)",
	 SAYS_BASICALLY},
	{"\\b(?:not|isn't|wasn't|aren't|ain't) (?:(?:too|so|that|half|at all|really|all that) "
	 ")*(?:bad|terrible|"
	 "awful|the worst|unhappy|dissatisfied|unsatisfied|disappointed)\\b|\\bcould (?:be|have been) worse\\b|"
	 "\\b(?:can'?t|cannot|couldn'?t|no|nothing to) complain(?:ts?)?\\b|\\bno complaints?\\b",
	 SAYS_BASICALLY},
	{"\\b(?:could not|couldn't|can't|cannot|never) (?:be|have been|ask for|get|wish for|do) (?:any "
	 ")?(?:better|"
	 "happier|more)\\b|\\bno problems? at all\\b",
	 SAYS_SATISFIED},
	/* dissatisfied */
	{"(?:不|弗|唔|勿|伐|冇|并不|bu ?)(?:满意|manyi|man "
	 "yi)|bumanyi|可恶|可恨|官官相护|[光只净]说不[做练干]|说了(?:等于|也|跟)?(?:没说|白说|也?没用)|"
	 "等于(?:没|白|零)|白(?:反映|投诉|说|跑|等|打|来|忙|费|搞|弄|填|问|交|写|求)|(?:处理|解决|管|办|修|"
	 "满意|服务|评|搞|弄|做|有用|帮|说)个(?:屁|鬼|毛|球|锤子|啥|"
	 "头啊|der)|一点(?:用|效果|作用|动静|变化|进展|诚意)(?:都|也)?没|没有?(?:半点|一点|任何|丝毫)(?:用|"
	 "效果|作用|变化|进展|动静)|没有?(?:处理|解决|落实|答复|回复|修|"
	 "办|管|反应)(?!过?(?:好的|完美))|说一套做一套|(?:还|还在|仍|仍然|仍旧|依旧|依然|照样|照旧|照常|还是|"
	 "又|继续)(?:很|在|那么|这么|一样|又)*(?:漏|吵|臭|堵|黑|坏|停|"
	 "脏|乱|响|破|塌|裂|冒|断|积水|施工|扰民|闹|占)|越.{1,3}越(?:坏|差|糟|慢|严重|吵|乱|破)|(?:更|越来越|"
	 "反而)(?:差|坏|糟|严重|吵|慢|乱)|没有?(?:任何|什么|一点|"
	 "半点|丝毫)?(?:改变|变化|改善|好转|起色)|(?:钱|工资|款|赔偿|补偿|押金).{0,5}(?:没|未|不)(?:拿|收|要|"
	 "给|发|到|退|付|结)|白搭|形同虚设|懒政|依然如故|依旧如此|"
	 "(?:也|都|还是|还)(?:没用|白搭|没戏)|没有?人(?:来|管|理|问|修|联系|打|回|处理|解决|看|告诉|通知|答|给|"
	 "负责|搭理|接|过问|帮|做|干|动)|不(?:给|回复我|回电|回信|"
	 "接电话|接我|答复|理人|理我|理睬|搭理|闻不问|当回事|上心|走心|重视|拿)|等了.{1,6}(?:月|年|天|周|久|次|"
	 "期)|一拖再拖|拖(?:到|再|着|延|拉|了)|问题(?:还在|依旧|依然|"
	 "照旧|仍|还是|没|未)|走形式|做样子|装样子|摆样子|黑心|腐败|贪|偏袒|偏心|骗|瞎话|谎|重新(?:处理|办|"
	 "调查|核实)|重办|难过|(?:无法|没法|难以)接受|打不通|不尽(?:如)?人意|"
	 "效率(?:太|很|真|比较|有点|极)?[低差慢]|没(?:给|做|干)(?!错|差)|憋屈|窝囊|闹心|糟心|堵心|来火|火大|"
	 "一肚子(?:火|气)|气得|气炸|气坏|还是(?:坏|漏|堵|吵|臭|黑|停|没|"
	 "不|破|烂)|(?:到现在|至今|现在|这么久|几个月)(?:了|也|都|还)*(?:没|未|不)|"
	 "还没有?(?:修|发|退|拿|解决|处理|办|赔|给|装|换|通|来|弄)|(?:没|未)(?:拿|收|得|要)到(?:钱|工资|赔偿|"
	 "退款)|白忙|白费|白来|石沉大海|不了了之|没下文|打官腔|官腔|互相推|"
	 "推来推去|推三阻四|踢来踢去|欺负|欺骗|骗了|作假|造假|瞎搞|瞎弄|瞎扯|乱来|乱搞|乱收费|收费太高|"
	 "偷工减料|治标不治本|反弹|复发|又开始",
	 SAYS_DISSATISFIED},
	{"不(?:太|很|怎么|怎样|咋|够|大|是很|是太|是特别|是非常|是十分|是那么|甚|尽|能|敢|会|可能|那么|十分|"
	 "特别|非常|算|算太|是|尽人)?(?:令人|让人)?(?:满意|开心|高兴|理想|合格|"
	 "好受|认可|认同|接受|赞同|尽如人意|如意|称心|舒服|靠谱|行|好|咋地|咋样|怎么样|怎样|中|到位|作为|负责|"
	 "及格|给力|公平|公正|合理|服)|"
	 "(?:没有?|并没|并未|未|从没|没能|没让人|没感到|没觉得)(?:有)?(?:很|太|怎么|什么|多|特别)?(?:满意|开心|"
	 "解决|处理好|办好|办成|办|管|落实|结果|下文|回音|回复|进展|答复|"
	 "动静|改善|改进|变化|反应|修|作用|用|效果|帮上|诚意|人管|人理|人来|人处理|人解决|人回|人问)|"
	 "谈不上满意|说不上满意|算不上满意|何谈满意|哪来的满意|哪里满意|满意个|好个|满意才怪|满意什么|满意啥",
	 SAYS_DISSATISFIED},
	{"差劲|差评|太差|很差|真差|差死|差透|极差|超差|好差|最差|巨差|贼差|特别差|非常差|差得|差的很|差到|"
	 "态度差|服务差|效率差|质量差|比较差|有点差|有些差|^差$|^差[啊呀吧了]|极差|糟糕|"
	 "糟透|太糟|很糟|^真?(?:是)?垃圾[!啊呀]*$|垃圾(?:服务|单位|部门|玩意|东西|态度|得很|透|一样|政府|物业|"
	 "处理结果)|太垃圾|真垃圾|就是垃圾|一群垃圾|烂透|太烂|很烂|真烂|稀烂|"
	 "^烂|恶劣|恶心|失望|气死|气人|气愤|生气|愤怒|火大|恼火|发火|窝火|来气|"
	 "坑人|坑爹|太坑|骗人|骗子|忽悠|糊弄|敷衍|推诿|推脱|推卸|踢皮球|扯皮|拖拉|拖延|拖了|磨蹭|太慢|慢死|"
	 "很慢|真慢|效率低|低效|混蛋|王八|他妈|妈的|tmd|nmd|cnm|sb|狗屎|狗屁|"
	 "屁用|放屁|扯淡|呸|滚|无语|无耻|丢人|不作为|不负责|不管|不理|不处理|不解决|"
	 "不给解决|不办事|不靠谱|不公|不行|没解决|没人管|没人理|没处理|没用|没办|没管|没戏|白跑|白等|白说|白费|"
	 "走过场|形式主义|官僚|应付了事|应付|不像话|太过分|过分|受不了|忍无可忍|投诉你|"
	 "举报你|寒心|心寒|心凉|伤心|难受|郁闷|崩溃|绝望|最差|负分|零分|0分|一塌糊涂|乱七八糟|不合格|不及格|"
	 "不咋|不怎么|不敢恭维|呵呵|啥也不是|啥用|有什么用|有啥用|又(?:坏|漏|停|出)|更严重|老样子|还是(?:老样|"
	 "一样|那样|没|不)|依旧没|依然没|仍然没|仍旧没|至今没|根本没|压根没|一点都?没|"
	 "一点也没|完全没|什么都没|啥都没|毫无|无作为|无能|无视|无人|踢来踢去|敷衍了事|[不没]有?(?:得到)?解决|"
	 "解决不了|没完没了|极度不满|强烈不满|很不满|不满|^不+$|^no$|冷漠|凶|骂人|"
	 "态度(?:不好|恶劣|太差|差|很差|极差|冷|蛮横|傲慢)|傲慢|蛮横|摆架子|爱理不理|爱搭不理",
	 SAYS_DISSATISFIED},
	{"\\b(?:dis-?satisf\\w+|un-?satisf\\w+|un-?happy|un-?acceptable|un-?helpful|un-?professional|un-?"
	 "resolved|"
	 "un-?solved|not (?:at all |very |really |so |too |that |quite |entirely |completely |particularly "
	 "|fully |"
	 "even |remotely "
	 ")*(?:satisf\\w+|happy|good|great|pleased|ok|okay|impressed|helpful|acceptable|resolved|"
	 "solved|fixed|content|fine|well|up to)|"
	 "(?:isn't|wasn't|aren't|weren't|ain't|didn'?t|did not|does not|do not|has not|have not|was not|were "
	 "not|"
	 "don'?t|doesn'?t|never|nothing|nobody|no ?one|hasn't|haven't|still not|can't|cannot|"
	 "couldn't) (?:\\w+ "
	 "){0,3}(?:satisf\\w+|happy|good|great|pleased|help(?:ed)?|fix(?:ed)?|solved?|resolved?|"
	 "done|did|came|come|works?|listen(?:ed)?|care[ds]?|change[ds]?|answer(?:ed)?|recommend|accept|reply|"
	 "replied|like|happened|improved?|called)|"
	 "bad(?:ly)?|very "
	 "bad|poor(?:ly)?|terribl[ey]|horribl[ey]|awful(?:ly)?|worst|worse|useless|rubbish|garbage|"
	 "trash|crap|shit(?:ty)?|bullshit|sucks?|sucked|pathetic|disgust\\w+|disgrace\\w*|shameful|shame|"
	 "disappoint\\w+|angry|furious|annoy\\w+|mad|frustrat\\w+|upset|outrageous|ridiculous|joke|fail(?:ed|"
	 "ure)?|"
	 "hate[ds]?|lousy|dreadful|atrocious|appalling|incompetent|rude|slow|ignored|waste of (?:my "
	 ")?time|wasted|"
	 "(?:did|done|do|does|doing) (?:absolutely )?nothing|nothing (?:has )?(?:changed|happened|was "
	 "done|done|"
	 "fixed|works?)|no "
	 "(?:help|result|results|solution|use|good|progress|answer|reply|response|improvement)|"
	 "not (?:working|done|solved|resolved|fixed)|still (?:broken|leaking|waiting|the "
	 "same|unresolved|there|no|"
	 "not|noisy|dirty)|unhelpful|unfair|thumbs down|zero|fed up|sick of|pissed|too long|took forever|lazy|"
	 "careless|liars?|lies|lied|negative|complaint again|substandard|abysmal|mess|horrendous|"
	 "below expectations?|let down|inadequate|deplorable|disaster)\\b",
	 SAYS_DISSATISFIED},
	{"\\b(?:no action|same as (?:before|ever)|(?:came|come|is|are) back(?: again)?|too "
	 "(?:late|slow|long|bad|"
	 "little)|waste|hopeless|all talk|again and again|gave up|give up|corrupt\\w*|cheat\\w*|"
	 "excuses?)\\b",
	 SAYS_DISSATISFIED},
	{"👎|😡|😠|🤬|😤|💩|😞|😒|🙁|☹|😢|😭|😣|😩|😫|❌", SAYS_DISSATISFIED},
	/* basically */
	{"基本(?:上)?(?:还)?(?:算|是|都)?(?:满意|可以|行|解决|还行|ok|到位|认可|同意|过得去)?|凑合|凑和|将就|"
	 "一般|马马虎虎|马虎|还行|还可以|还好|还成|还中|还过得去|还算|还凑|"
	 "还ok|也行|也还行|也还好|也可以|就那样|就这样|就那么回事|也就那样|也就这样|过得去|过的去|说得过去|"
	 "说的过去|勉强|勉勉强强|差不多|差强人意|中等|中规中矩|普通|平平|平常|及格|合格|尚可|"
	 "尚好|尚算|不好不坏|"
	 "不功不过|可以接受|能接受|能凑|比上不足|中不溜|还得行|将将|七八成|大体|大致|总体(?:上)?(?:还|可以|"
	 "满意)|部分满意|比较一般|一半一半|马虎虎|没那么好|湊合|五五开|有待(?:提高|改进|"
	 "加强)|可以更好|能更好|需要改进|需改进|还需|还有待|有(?:待|进步空间|提升空间|改进空间)|得过且过|"
	 "四平八稳|算可以|算行|算满意|中吧|不算好|还满意|较满意|比较满意|较为满意|"
	 "so ?so",
	 SAYS_BASICALLY},
	{"\\b(?:ok(?:ay)?-?ish|basically|so[ "
	 "-]?so|average|fair(?:ly)?|acceptable|adequate|mediocre|meh|passable|"
	 "tolerable|mostly|more or less|somewhat|partly|partially|moderate(?:ly)?|reasonabl[ey]|alright|all "
	 "right|"
	 "decent|middling|so-and-so|it'?s ok(?:ay)?|just ok(?:ay)?|ok(?:ay)?|ok i guess|fine i guess|could "
	 "(?:be|"
	 "have been|do) better|room for improvement|kind of|kinda|sort of|sorta|neutral|neither|in "
	 "between|50/50|"
	 "nothing special|good enough|quite ok|pretty ok|satisfactory enough|generally|by and large|on the "
	 "whole|"
	 "up to a point|barely|just about|standard|ordinary|fine|bearable|middle)\\b",
	 SAYS_BASICALLY},
	{"😐|😑|🆗|👌", SAYS_BASICALLY},
	/* satisfied */
	{"^(?:老|好|很|真|蛮|挺|太|邪气|几|够|可|忒|老是)?好(?:嘢|耶|额|的|哒|啊|呀|滴|得很|了|啦|噢|哦|咯|嘛)*"
	 "$|满意|满分|" VERY "(?:棒|赞|牛|给力|优秀|优质|优良|"
	 "完美|出色|到位|周到|贴心|暖心|热心|热情|耐心|细心|专业|靠谱|高效|迅速|及时|负责|尽责|尽心|称职|厉害|"
	 "可敬|舒心|开心|高兴|感动|欣慰|省心|放心)|好评|点赞|点个赞|五星|5星|五颗星|"
	 "大赞|超赞|一流|一级棒|顶呱呱|杠杠|好样|好[得的]很|邪气好|邪好|老灵|灵光|乃伊|man "
	 "?yi|好极|极好|太好|非常好|很好|挺好|蛮好|真好|特别好|超好|最好|都好|都很好|相当好|"
	 "十分好|确实好|还是好|更好了|好多了|好很多|^好+[的啊呀滴哒嘞吧了!~]*$|(?:服务|态度|效果|效率|工作|"
	 "办事|结果|处理|速度)(?:得|都|也)?(?:很|挺|非常|真|特别|蛮|比较|"
	 "相当)?(?:好|快|高)|" VERY "感谢|多谢|谢谢.{0,8}(?:解决|帮|辛苦|处理)|解决了|处理好了|修好了|办好了|"
				    "办成了|解决得|处理得(?:很|挺|非常)?(?:好|及时|快|到位)|"
	 "不错|可以的|^可以[了吧啊呀]?$|^行[的啊吧]?$|认可|巴适|安逸|中意|没得挑剔|办得好|办得漂亮|漂亮|nice|^"
	 "赞+|^棒+|^优|为民|人民的好|辛苦了.{0,4}满意|称心|如意|"
	 "^灵光?的?|^(?:问题|事情|都|全|也)*(?:已经?|都|全)?(?:解决|处理|修好?|办好?|办妥|搞定|落实|弄好|搞好)("
	 "?:好|完)?了?(?:谢谢.*)?$|^.{0,6}(?:已经?|终于|"
	 "又|都)?(?:通|热|亮|好|修好|不吵|不漏|不臭|不堵|干净)了$|(?:马上|立马|立刻|当天|当场|第二天)(?:就|都)?"
	 "(?:来|解决|修|处理|办|派)|帮了?我?(?:大|很大的?|不少|"
	 "很多)?忙|帮(?:我|我们)?解决|谢谢(?:党|政府|你们|领导|各位|大家|书记|市长)|为人民服务|舒坦|良心(?!.*"
	 "没)|暖心|^(?:钱|工资|款|押金|赔偿)(?:也|都|已经)?(?:拿|要|"
	 "发|到|退|收|赔)(?:到|回来|回|下来|账)?了|很快|真快|挺快|神速|雷厉风行|牛逼|牛b|nb|yyds|666+|杠杠的|"
	 "嘎嘎好|老好了|可好了|倍儿?好|顶好|好使|好着|靠谱|"
	 "稳",
	 SAYS_SATISFIED},
	{"\\b(?:(?:very |really |so |quite |pretty |totally |completely |fully |absolutely |extremely |highly |"
	 "more than |entirely )*(?:satisf(?:ied|ying|actory|action|y)|happy|pleased|glad|good|great|excellent|"
	 "perfect|wonderful|fantastic|awesome|amazing|brilliant|superb|outstanding|nice|helpful|professional|"
	 "quick|"
	 "fast|efficient|impressed|delighted|thrilled|grateful|content|lovely|terrific|marvell?ous|splendid|"
	 "exceptional|magnificent|fabulous|impressive|polite|friendly)|"
	 "(?:very )?well (?:done|handled|dealt)|well|best|love(?:d)? it|top[ -]?notch|first[ -]class|five "
	 "stars?|"
	 "thumbs up|10/10|a\\+|yes|thank(?:s| you)? (?:very much|so much|a lot|for)|good job|great job|nice "
	 "work|"
	 "great work|good work|fixed|solved|resolved|job done|spot on|works? (?:now|great|well)|couldn't be "
	 "better|"
	 "exceeded|positive|like it|bravo|kudos|superb|spotless|flawless|appreciate\\w*|recommend)\\b",
	 SAYS_SATISFIED},
	{"👍|❤|🌹|😊|😀|😃|😄|😁|🎉|💯|🥰|😍|👏|🙂|☺|⭐⭐⭐⭐⭐|✅",
	 SAYS_SATISFIED},
	{NULL, 0},
};
