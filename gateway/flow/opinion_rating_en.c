/* The English words of a rating; opinion_rating.c explains the letters. */
#include "flow/opinion_rules.h"

const struct words rating_words_en[] = {
	/* dissatisfied, by a question that is none, or in mockery */
	{'T',
	 "(are_you|you_must_be|you_have_to_be|r_u|you_gotta_be|you've_got_to_be|youve_got_to_be|is_this|"
	 "you)_(kidding|joking|serious|having_a_laugh|taking_the_piss|having_me_on|mad|crazy|for_real|a_joke|insane|"
	 "kidding_me|joking_me) (satisfied|happy|great|good|satisfaction)_(my_foot|my_ass|my_arse|my_eye|my_butt|"
	 "my_behind|my_a|yeah_right|not|says_who|ha|haha|lol_no|as_if|in_your_dreams|you_wish) (how|why|who)_(can|"
	 "could|would|should|am_i_supposed_to)_(i_|anyone_|we_|)(be|feel|ever_be)_(satisfied|happy|pleased) "
	 "what_a_(joke|farce|waste|disgrace|shame|mess|load|bunch|shambles|circus|let_down|sham) "
	 "you_call_(this|that) call_(this|that)_(service|a_|help|an_answer|justice|satisfied|work) so_called"},
	/* dissatisfied, in so many words */
	{'J', "bu_manyi bumanyi bu_man_yi"},
	/* basically satisfied */
	{'L', "(by_and_large|on_the_whole|overall|all_in_all|in_general|generally)_(satisfied|happy|pleased|content) "
	      "jiben_manyi jibenmanyi ji_ben_man_yi"},
	/* satisfied */
	{'K', "manyi man_yi mangyi"},
	{'E',
	 "perfect perfectly ideal flawless perfection excellent thrilled great amazing fantastic wonderful awesome "
	 "brilliant over_the_moon ecstatic overjoyed blown_away delighted wowed enthusiastic super"},
	/* good */
	{'S', "nb yyds 666 6666 nice smashing cracking corking stonking brill banging (cant|cannot|couldnt|"
	      "can_not)_(thank|praise|recommend|fault|speak_highly_of|say_enough)_(you|them|it|him|her|the_team|this|"
	      "your|about)(_enough|_highly_enough|)"},
	/* so-so */
	{'M', "(seen|had|known|experienced)_(much_|far_|)worse ok okok yiban ojbk so_so soso"},
	/* bad */
	{'D',
	 "(dont|do_not)_(even_|)(ask|get_me_started|bother|make_me_laugh) (slap|kick|spit|punch|smack)_in_the_(face|"
	 "teeth|gut) (went|go|going|goes|run|ran|running)_(round|around|round_and_round)(_in|)(_circles|) in_circles "
	 "(deaf_ears|last_straw|hot_air|under_the_rug|under_the_carpet|washed_their_hands|washed_your_hands|"
	 "dragging_their_feet|dragging_your_feet|dragged_their_feet|ping_pong|tossed_around|kangaroo_court|eyewash|"
	 "cosmetic|band_aid|lipstick_on|smoke_and_mirrors|dog_and_pony|money_talks|playing_games|play_games|"
	 "mind_games|bare_minimum|token_gesture|taken_for_a_ride|taken_for_fools|left_out|kept_in_the_dark|"
	 "cold_shoulder|closed_door|dead_end|wild_goose|no_man_land) (zero|nil|little|hardly_any|not_any)_(action|"
	 "help|progress|result|results|response|effort|care|respect|empathy|support|improvement|change|"
	 "communication|follow_up|reply|interest|solution|use|explanation|results|point|sense) tmd nmd cnm sb"},
	{'l', "took_forever taking_forever takes_forever forever ages took_ages waited "
	      "(weeks|months|years|days)_of_waiting long_overdue overdue too_long"},
	{'X', "cant_be cannot_be not_even_close_to not_remotely"},
	{'x',
	 "not_exactly wouldnt_say wouldnt_say_im would_not_say cant_say cant_say_im cannot_say_i_am not_that "
	 "not_all_that not_so not_super not_overly not_particularly not_terribly not_especially wouldnt_call_it "
	 "not_quite not_entirely isnt_exactly wasnt_exactly not_what_id_call not_the_most dont_think_its not_always"},
	{'V', "100%"},
	{'f', "der"},
	/* 好 before another word only makes it stronger */
	{'N',
	 "(dont|do_not|didnt|cant|cannot|couldnt|not|no|no_way_to|unable_to|hard_to|difficult_to|too_early_to|"
	 "too_soon_to|early_to|impossible_to|yet_to|i_cant|refuse_to|rather_not|prefer_not_to|not_able_to|wont|"
	 "will_not|decline_to|declining_to)_(know|say|tell|rate|judge|comment|evaluate|answer|decide|remember|"
	 "understand|care|score|give_a_rating|give_an_opinion|form_an_opinion|assess|respond|be_rated)(_yet|_now|"
	 "_it|) not_(sure|certain|yet_sure|decided|resolved_yet_so|my_complaint|my_case|mine) (no|dont_have_an|"
	 "dont_have_any|have_no|without_an|not_have_an|got_no|have_no_real)_(opinion|comment|idea|clue|thoughts|"
	 "preference|view) dunno idk unsure undecided depends (let|lemme|allow|give|gimme)_(me|us)_(think|see|ask|"
	 "check|look|read|a_minute|a_sec|a_moment|some_time|time|finish|get_back) let_you_know (will|ill|i'll|"
	 "i_will|can|we_will|we'll|gonna|going_to|would)_(tell_you|let_you_know|rate|reply|answer|respond|get_back|"
	 "decide|say|inform|update_you|see|check|think|comment)(_later|_then|_when|_after|_soon|_tomorrow|) (ask|"
	 "text|message|call|check_with|remind|try|survey)_me_(when|later|again|after|once|next|tomorrow|in) "
	 "(ask|check|come_back|try)_again later tomorrow not_now wait wait_till wait_until "
	 "until_(it|the|they|he|she|i|my|then) hold_on hang_on one_(moment|sec|second|minute) (case|complaint|"
	 "ticket|matter|file|issue|request|claim|hearing|investigation|inspection|repair|it|process|work)_(is_|"
	 "is_still_|still_|)(open|pending|ongoing|in_progress|processing|under_review|being_processed|scheduled|"
	 "unfinished|in_process|next_week|tomorrow) still_(open|pending|in_progress|processing|under_review|ongoing|"
	 "being_processed|under_investigation|being_investigated|working_on) (not|isnt|hasnt|havent|nothing|"
	 "no_result|no_results|no_decision|no_outcome|no_answer_from_them|nobody|no_one)_(been_|finished_|has_|"
	 ")(done_yet|finished_yet|finished|closed_yet|decided_yet|over_yet|happened_yet|started|started_yet|so_far|"
	 "contacted_me_yet|called_me_yet|come_yet|yet|complete|completed|completed_yet|begun) no_result_so_far "
	 "next_(week|month|monday|friday|tuesday|wednesday|thursday|year) (on|by|come|coming|this|till|"
	 "until)_(monday|tuesday|wednesday|thursday|friday|saturday|sunday) said_(theyd|they'd|they_would|he_would|"
	 "shed|they'll|they_will|theyll|he'd|hed)_(come|be|fix|call|send|do) skip pass no_comment abstain (wrong|"
	 "new|different)_(number|person|phone|guy|recipient) new_phone who_dis (prefer|rather|choose|would_like|"
	 "want)_not_to_(say|answer|rate|comment) rather_not (pressed|sent|typed|hit)_(by_mistake|by_accident|wrong|"
	 "accidentally) (my|the)_(kid|son|daughter|child|baby|toddler|grandson|grandkid|grandchild|cat|dog)_(was|is|"
	 "had|pressed|got|typed|sent|has|playing|took|grabbed|walked) ok_google hey_siri siri alexa stop unsubscribe "
	 "(i_|)(want|need|wish|would_like|id_like|like|have|got|wanna|must)_to_(report|complain|file|lodge|"
	 "make_a_complaint|ask|talk|speak|add|know|register)(_another|_a|_about|_to|) another_(complaint|issue|"
	 "problem|thing|matter|report) report_(another|a|new) new_(complaint|issue|problem|address|number) my_(name|"
	 "address|number|phone|email|id|case_number)_is (the_|)address_is the_street_light_is_out happy_(new_year|"
	 "birthday|holidays|holiday|weekend|hour|easter|christmas|diwali|friday|monday) good_(luck|morning|"
	 "afternoon|evening|night|day|bye|for_you|grief) great_wall goodbye bye hello hi fine_weather bad_weather "
	 "bad_(reception|signal|connection|timing|line)"},
	{'N',
	 "(i_|)(have_not|havent|didnt|never|didnt_even)_(seen|read|received|filed|file|reported|report|complained|"
	 "complain|sent|made|make|opened)_(it|the|a|any|this|that|anything|your|one|my) if unless "
	 "would_be_(satisfied|happy|good|great|nice|better|fine) will_be_(satisfied|happy|good|great) "
	 "i_would_be_(satisfied|happy) or_not satisfied_or no_wait wait_no hmm hmmm i_dey_come busy menu help agent "
	 "human talk_to_a speak_to_a stop_texting stop_messaging glasses are_you_there leave_me_alone say_again "
	 "come_again (please_|)repeat"},
	{'Q',
	 "what why how who when where which whose are_you is_this is_it can_i can_you could_you do_i do_you does "
	 "did_you should_i may_i will_you what's whats r_u am_i have_you wat wetin huh eh pardon "
	 "whats_the_difference wdym is_there what_does what_is what_happens who_will will_this will_it will_anyone"},
	{'f', "what_a so_what_a no_matter_what whatever_the when_(i|they|you|we|it|he|she)_(called|asked|came|went|"
	      "needed|complained|reported|finally|did|was|were|had|got|rang|phoned|contacted|arrived|told) even_when "
	      "how_(fast|quick|quickly|well|polite|nice|helpful|you|they|it|everything|things|this|kind|friendly|good|"
	      "soon|efficiently|smoothly|professional|my) who_(came|helped|handled|answered|fixed|called|did|dealt|"
	      "came_out|was|were|took|actually|works|worked|responded|listened|cares|showed|picked|visited) "
	      "which_(is|was|i|they|you|made|took) where_i which_is_what so_what why_i how_it how_they (i_|)know_how"},
	{'J',
	 "(dis|un|dis_|dissa|disa|diss|desa|de)(satisfied|satified|satisfyed|satsfied|satisifed|satisfactory|"
	 "satisfaction|satisfying) unsatisfactory (not|never|hardly|far_from|anything_but|nowhere_near|not_at_all|"
	 "not_even|by_no_means)_satisfied (wanted|hoped|expected|was_hoping|hoping|would_love|would_like|wish|"
	 "wished|wanting|like|love|tried|trying)_(i_was_|to_be_|i_could_be_|to_feel_|to_say_im_|to_say_i_am_|"
	 "i_were_|to_be_able_to_say_im_)(satisfied|happy|pleased)(_but|) (dont|do_not|didnt|cannot|cant|"
	 "cant_possibly|wont|will_not|refuse_to|not|no|never|i_no|unable_to|couldnt|am_not|im_not|do_no|would_not|"
	 "wouldnt)_(accept|agree|accepting|agreeing|agree_with|approve|acknowledge|recognize|recognise|gree)(_it|"
	 "_this|_that|_with|_the|_your|) reopened reopen redo redone reinvestigated reviewed_again re_opened "
	 "disagree refuse_this reject_this unacceptable not_acceptable inacceptable not_agree not_accept appeal_this "
	 "(want|wish|going|need|like|intend|will|plan)_to_appeal ill_appeal (want|demand|request)_(a_|)(review|"
	 "reinvestigation|re_investigation|it_reopened|it_redone|this_reopened) reopen_(the|this|my|it) "
	 "no_be_small_vex vex"},
	{'L',
	 "(basically|mostly|fairly|partly|partially|somewhat)_satisfied (satisfied|happy|pleased|good|fine|content|"
	 "great|fixed|resolved|solved)_(enough|for_the_most_part|on_the_whole|overall_but|in_the_main|to_a_degree|"
	 "to_some_extent|to_an_extent|more_or_less|mostly|i_guess|i_suppose|ish|by_and_large|in_general|i_think_so|"
	 "up_to_a_point|in_part|partly|with_reservations|with_some_reservations|sort_of|kind_of|kinda|sorta|but|"
	 "with_caveats|except|apart_from|though) satisfied_ish satisfiedish (fixed|solved|resolved|sorted|did|"
	 "repaired|finished|cleaned|paid)_(most|half|part|some|a_part|the_majority|a_bit|much|most_of|some_of|"
	 "part_of|half_of)(_of|_it|_of_it|) (most|half|part|some)_of_it_(is|was|got|has_been)_(fixed|done|solved|"
	 "resolved|good|ok|fine)"},
	{'K', "satisfied satisfactory satisfying to_my_(complete_|full_|entire_|)satisfaction "
	      "(complete|full|total)_satisfaction satisfy satified satisfyed satsified satisified satsfied satisifed "
	      "satisfed statisfied sastified satisfide satisfeid saticfied"},
	{'K', "~ satisfied"},
	{'J', "~ dissatisfied unsatisfied"},
	{'L', "~ basically"},
	{'S',
	 "good great gud goood gr8 well excellent wonderful fantastic awesome amazing brilliant superb outstanding "
	 "lovely terrific marvelous marvellous splendid exceptional magnificent fabulous impressive impressed "
	 "impresses delighted glad happy pleased grateful thankful blessed content contented chuffed chuffed_to_bits "
	 "over_the_moon thrilled ecstatic stoked elated overjoyed tickled_pink made_up cock_a_hoop relieved "
	 "reassured helpful kind courteous polite friendly professional responsive attentive caring respectful "
	 "patient thorough efficient effective quick quickly fast prompt promptly speedy swift swiftly timely smooth "
	 "smoothly seamless flawless spotless easy hassle_free painless top_notch top_class top_marks top_drawer "
	 "top_job first_class first_rate world_class second_to_none a_plus a+ aplus five_star five_stars 5_star "
	 "5_stars ten_out_of_ten 10_out_of_10 10_10 11_10 full_marks thumbs_up two_thumbs_up two_thumbs_way_up "
	 "big_thumbs_up well_done well_handled well_dealt very_well well_well handled_well done_well (good|great|"
	 "nice|excellent|super|wonderful|brilliant|amazing|fantastic|fine|superb|outstanding|awesome|lovely|stellar|"
	 "top|solid|bang_up|cracking|mighty_fine|fab|terrific)_(job|work|stuff|service|one|response|result|outcome|"
	 "team|experience|help|effort|people|folks|lads|communication|customer_service|follow_up) job_done spot_on "
	 "bang_on on_point best the_best love loved love_it loved_it loving_it like_it liked_it adore bravo kudos "
	 "hats_off props shoutout shout_out salute respect hurray hooray yay woohoo wow best_ever "
	 "exceeded_(my_|all_|our_|)expectations beyond_(my_|)expectations above_and_beyond (more|better)_than_(i_|"
	 ")(expected|hoped|i_expected|i_hoped|i_could_ask|i_thought) went_the_extra_mile extra_mile (couldnt|"
	 "could_not|cant|cannot|can_not|never)_(be_|have_been_|ask_for_|have_asked_for_|get_|wish_for_|do_|want_|"
	 "have_gone_|ask_|imagine_a_|be_any_|have_gotten_|hope_for_|have_hoped_for_|have_done_|have_had_|go_)(any_|"
	 "anything_|)(better|happier|more|smoother|more_satisfied|more_pleased|faster|nicer|more_helpful) "
	 "cannot_fault cant_fault couldnt_fault nothing_(but_praise|but_good|bad_to_say|to_complain_about|to_fault) "
	 "(no|zero|without|not_a_single|not_one|havent_any|without_any|absolutely_no|never_had_any|"
	 "no_more)_(complaints|complaint|complain|problems|problem|issues|issue|faults|fault|quibbles|regrets|"
	 "trouble|hassle|fuss|worries|concerns|probs)(_at_all|_whatsoever|_here|) (thank_you|thanks|thank_u|thx|"
	 "thankyou|tysm)_(so_much|very_much|a_lot|for_everything|for_your_help|for_the_help|for_helping|for_fixing|"
	 "for_the_quick|for_solving|for_sorting|a_million|a_bunch|a_ton|for_getting|for_all|for_being|for_listening|"
	 "for_resolving|for_taking|to_everyone|to_all|for_the_fast|for_making|for_coming|big_time) many_thanks "
	 "much_(appreciated|obliged) appreciate appreciated appreciates appreciative bless_you god_bless "
	 "god_bless_you bless_them (restored|renewed)_my_faith faith_restored "
	 "works_(now|great|well|again|perfectly|fine) working_(now|again|perfectly|great|fine) back_on running_again "
	 "problem_solved all_(sorted|fixed|solved|good|done|resolved|clear|is_well) happy_camper happy_bunny "
	 "happy_days winner legend legends star stars_all heroes hero champions champ champs angels lifesaver "
	 "lifesavers life_saver rock you_rock rocks class_act positive recommend recommended highly_recommend "
	 "commendable commend praiseworthy praise laudable keep_it_up keep_up_the_good_work up_to_the_mark"},
	{'S',
	 "(did|done|does|doing)_(great|well|good|amazing|brilliant|a_great|a_good|a_fantastic|an_amazing|"
	 "an_excellent|a_wonderful|an_awesome|it_right|us_proud|me_proud|right_by_me|wonders|a_wonderful_job|"
	 "your_job|their_job|try) try_well na_correct_work una_do_well una_try e_sweet sweet_me shiok steady swee "
	 "power solid bonza ripper ace mint belter lush boss_level grand fab stellar tip_top peachy dandy aces "
	 "sound_as_a_pound sorted deadly_good sik lit dope fire sick_service slay goat goated bussin w_service "
	 "(the_|)bomb yes super superb_work phenomenal exemplary heartwarming touched moved_to_tears tears_of_joy"},
	{'S', "~ excellent wonderful fantastic brilliant amazing awesome helpful grateful professional efficient "
	      "impressed delighted pleased quickly outstanding happy"},
	{'s', "cool sweet fine_thanks sure yes yep yup yeah aye legit ta_very_much"},
	{'M',
	 "okay okey okie k_lah okayish okay_ish ok_ish okish average fair acceptable adequate mediocre meh passable "
	 "tolerable alright all_right decent middling reasonable manageable bearable satisfactory_only moderate "
	 "ordinary standard fine bog_standard run_of_the_mill nothing_(special|fancy|great|to_write_home_about|"
	 "spectacular|amazing|to_shout_about|extraordinary|exceptional|more|outstanding|wonderful) good_enough "
	 "well_enough nice_enough ok_enough decent_enough happy_enough fair_enough (just|only|barely|quite|pretty|"
	 "kinda|sort_of|mostly|its|it_was|was|an|that_was|still|generally|about|just_about|roughly|more_or_less|"
	 "somewhat|kind_of)_(ok|okay|fine|average|alright|all_right|acceptable|passable|adequate|decent|fair|"
	 "tolerable|so_so) ok_(only|i_guess|lah|la|lor|can|i_suppose|ok|ok_only|overall|in_the_end|no_more_no_less) "
	 "okay_(i_guess|only|lah|i_suppose|okay|overall|in_the_end) fine_(i_guess|i_suppose|overall|in_the_end|only) "
	 "(could|would|can|should|might)_(be|have_been|of_been|ve_been|do|have_done|use)_(a_bit_|a_little_|much_|"
	 ")(better|quicker|faster|worse|improved|sooner|more|nicer|smoother|clearer|some_improvement|some_work|"
	 "done_better|earlier) (couldve|could've|coulda|could_of|couldv|shouldve|should_have)_(been|done|"
	 "gone)_(a_bit_|a_little_|)(better|quicker|worse|faster|sooner|nicer|smoother|clearer) "
	 "room_(for|to)_(improvement|improve|grow) needs_(some_|a_bit_of_|)(improvement|work|polish) "
	 "scope_for_improvement (not|isnt|wasnt|aint)_(half_|all_that_|too_|so_|that_|)(bad|shabby) "
	 "no_(bad|worse)(_like_that|_at_all|_sha|) no_(wow|great_shakes) (no_|neither_|neither)(good|great|bad|"
	 "here)_(nor|or)_(bad|great|there|terrible|good) (not|neither|no)_(great|good)_(not|nor|or|and_not|"
	 "but_not)_(bad|terrible|awful|horrible|great) (not|neither|no)_(bad|terrible|awful)_(not|nor|or|and_not|"
	 "but_not)_(good|great) in_between in_the_middle middle_of_the_road middle neutral fifty_fifty 50_50 "
	 "half_and_half half_half half partly partially partial a_mixed_bag mixed mixed_feelings it'll_do itll_do "
	 "it_will_do thatll_do that'll_do that_will_do will_do will_suffice suffices it_does_the_job does_the_job "
	 "did_the_job gets_the_job_done serves_its_purpose (can|could|i_can|ill|i'll|i_could|we_can|i_guess_i_can|"
	 "able_to)_(live_with|accept|put_up_with|manage|cope|tolerate|deal_with_it|work_with|take_it|make_do)(_it|"
	 "_that|_this|) make_do (cant|cannot|couldnt|can_not|mustnt|shouldnt|no_reason_to|nothing_to|"
	 "wont)_(complain|grumble|really_complain|moan|be_too_picky|complain_too_much|complain_much|kick|"
	 "ask_for_much)(_too_much|_much|) up_to_a_point to_(a|some)_(degree|extent) (a_|some_|slight_|small_|"
	 "little_|slightly_|bit_)(better|improvement|improvements|improved|progress)(_than_before|) improved "
	 "improving improvement better_than_(before|nothing|last_time|previously|it_was) getting_better "
	 "getting_there a_step_in_the_right_direction ups_and_downs hit_and_miss hit_or_miss three_stars 3_stars "
	 "3_star 3_5 6_10 7_10 6_out_of_10 7_out_of_10 5_10 more_or_less generally basically mostly overall_ok "
	 "somewhat moderately reasonably fairly tolerably so_so_only e_dey_manage_am manageable_small "
	 "e_dey_manageable (i_|we_|)(dey|go)_manage manage_am small_small bo_pian cannot_complain boleh_lah can_lah "
	 "acceptable_lah tolerate middle_ground c_plus c+ b_minus b- b_grade passing_grade pass_mark scraped_by "
	 "adequate_enough not_perfect isnt_perfect wasnt_perfect not_ideal far_from_perfect less_than_ideal"},
	{'D',
	 "bad badly baddest poor poorly terrible terribly horrible horribly awful awfully worst worse useless "
	 "rubbish garbage trash trashy crap crappy shit shitty shite bullshit bs bollocks sucks sucked suck pathetic "
	 "disgusting disgusted disgust disgrace disgraceful shameful shame shambles shambolic disappointed "
	 "disappointing disappointment dissapointed disapointed let_down gutted angry furious fuming livid seething "
	 "raging enraged outraged outrageous annoyed annoying irritated irritating mad frustrated frustrating upset "
	 "upsetting sad saddened heartbroken depressed hopeless helpless desperate ridiculous laughable joke a_joke "
	 "absurd farce farcical insulting insult insulted offensive offended failed failure fail fails failing hate "
	 "hated hates lousy dreadful atrocious appalling appalled abysmal diabolical dire woeful rotten incompetent "
	 "incompetence inept negligent negligence careless clueless amateur unprofessional unhelpful unfair unjust "
	 "unreasonable unresolved unsolved unanswered unhappy displeased unimpressed unimpressive underwhelmed "
	 "underwhelming discontent discontented rude arrogant dismissive condescending disrespectful impolite "
	 "hostile ignored ignorant ignoring ignore neglected waste wasted waste_of_(my_|everyones_|)time waste_time "
	 "nonsense bogus sham scam fraud corrupt corruption cheat cheated cheating cheats liar liars lies lied lying "
	 "fake false dishonest thieves crooks bribed biased bias one_sided cover_up covering_up fed_up sick_of "
	 "sick_and_tired tired_of had_enough pissed pissed_off ticked_off peeved cheesed_off hacked_off cross "
	 "too_(late|little|bad|little_too_late) lazy substandard below_(par|expectations|standard|average) subpar "
	 "sub_par not_up_to inadequate insufficient deplorable disaster disastrous nightmare mess messy horrendous "
	 "horrid nasty vile a_mess botched bungled half_arsed half_assed half_baked shoddy sloppy slapdash bodge "
	 "bodged cowboy thumbs_down two_thumbs_down zero_stars 0_stars one_star 1_star two_stars 2_stars 0_10 1_10 "
	 "2_10 1_5 0_5 zero_out_of negative complaint_again again_and_again excuses excuse same_old "
	 "same_as_(before|ever|always) same_(problem|thing|issue)_(again|still) back_to_square_one square_one "
	 "run_around runaround run_in_circles given_the_runaround passing_the_(buck|file|blame) pass_the_buck "
	 "pass_the_parcel brushed_(off|me_off|aside) brush_off fobbed_(off|me_off) fob_off palmed_off "
	 "passed_(around|from_pillar) pillar_to_post pushed_around kicked_around tai_chi arrow_people sian jialat "
	 "cmi lousy_lah wahala wayo play_us playing_us taking_the_piss taking_the_mick (problem|issue|noise|leak|"
	 "smell|it|everything|situation|matter|hole|pothole|water|light|dog|trash|garbage|fault|damage|"
	 "harassment)_(remains|remain|persists|continues|is_still_there|still_exists|still_there|goes_on|"
	 "is_unchanged|stays_the_same|keeps_happening|is_back|is_still_here|still_remains|still_persists|"
	 "still_continues|is_still_the_same|keeps_going|never_stopped|hasnt_gone|keeps_coming_back) (i_|we_|"
	 ")(expected|hoped_for|deserve|deserved|wanted|demand|was_expecting)_(better|more|a_lot_more|much_better) "
	 "(do|learn_to_do|start_doing)_your_(job|jobs|work|duty) (couldnt|could_not|cant|cannot)_(be|get|have_been|"
	 "have_gone)_(any_|)worse broken_promise (no_way|absolutely_not|of_course_not|hell_no|not_a_chance|"
	 "certainly_not|definitely_not|no_chance|hardly|not_likely|not_on_your_life|in_no_way|heck_no|"
	 "not_by_a_long_shot|not_a_bit_of_it|by_no_means|far_from_it|not_in_the_slightest|not_in_the_least)"},
	{'D',
	 "still_(in_my|in_the|on_my|outside|under|all_over|everywhere|coming|going_on|happening|running|making|"
	 "pouring|growling|blasting|piling|piled|parked|standing|owes|owed|unpaid|refuses|refuse|smelling|"
	 "barking_all|shaking) all_talk lip_service talk_is_cheap empty_(words|promises) broken_promises "
	 "paper_pushers red_tape bureaucracy bureaucratic copy_paste copy_and_paste copy_pasted canned generic_reply "
	 "automated_reply template boilerplate box_ticking tick_box shut_the_case closed_(the|my)_(case|ticket|"
	 "complaint|file)(_without|_anyway|) close_the_case marked_it gave_up give_up giving_up given_up no_(action|"
	 "help|use|good|result|results|solution|progress|answer|reply|response|improvement|change|difference|show|"
	 "one|accountability|justice|respect|follow_up|feedback|communication|explanation|apology|clue_what|refund|"
	 "compensation|payment|visit|inspection|effort|empathy|call_back|callback|resolution|fix|point|hope|work|"
	 "update|updates|contact)(_came|_at_all|_whatsoever|_done|_taken|_called|_turned_up|_cares|_showed_up|"
	 "_helped|_answered|_listens|_bothered|_has|) nobody nothing nothing_(was_|has_been_|has_|is_|got_|ever_|"
	 "gets_|been_|have_|at_all_|will_)(done|changed|change|happened|happens|fixed|solved|improved|works|worked|"
	 "resolved|changes) nothing_(changed|done|fixed|solved|happened|improved|works|resolved|at_all) (did|done|"
	 "do|does|doing|solves|solved|changes|changed|fixes|fixed|achieved|accomplished|achieves|helps|helped|means|"
	 "explains)_(absolutely_|completely_|precisely_|totally_|)(nothing|jack|squat|nothing_at_all|sod_all|"
	 "naff_all|bugger_all|zilch|zero|diddly|fuck_all|nuffin|nada) (still|remains|remain|yet_again|always|"
	 "continues_to_be|keeps|keep|again)_(broken|leaking|waiting|the_same|unresolved|there|no|not|noisy|dirty|"
	 "flooded|dark|out|blocked|bad|happening|unpaid|having|smells|stinks|barking|open_and|leaks|dripping|"
	 "clogged|unfixed|unsafe|overflowing|missing|cold|freezing|a_mess|nothing|havent|hasnt|cant|dont|doesnt|hav|"
	 "an_issue|a_problem|owed|owe|owes|waiting_for|without|unanswered|same|leaking_again) (came|come|is|are|"
	 "comes|coming|its|problem_is)_back(_again|) (has|have|is|are)_returned (got|gotten|getting|gets|is|are|"
	 "become|became|even)_worse worse_than_before (never|not_once|not_one|not_a_single|havent_even|didnt_even|"
	 "hasnt_even|didnt_bother_to|not_even)_(came|come|called|call|showed|fixed|replied|responded|answered|"
	 "helped|heard|visited|listened|contacted|got|once|solved|again|phone_call|person|reply|one|even|a|cared|"
	 "bothered|apologized|apologised|spoke|asked|read|looked|returned|paid|saw|see|turned_up|showed_up|finished|"
	 "followed_up|inspected|bother|done) (dont|doesnt|do_not|does_not|didnt|did_not|no_one|nobody|none_of_them|"
	 "they_dont|they_didnt|couldnt|could)_(care|care_less|give_a_damn|give_a_toss|give_a_shit|give_a_fig|bother|"
	 "listen|help|do_anything|work|answer|respond|reply|even_read|even_come|even_care|even_listen|even_look|"
	 "solve_anything|solve|fix|address|change_anything|change|show_up|turn_up|come|pick_up|do_their_job|"
	 "do_your_job|deserve) could_care_less disservice dreading injustice unjustified "
	 "(want|need|demand)_(justice|my_money|answers) (taking|take)_(it|this)_(further|higher) see_you_in_court "
	 "lawyer sue ombudsman (my_|your_|)(foot|arse|ass) yeah_right as_if not_good_enough not_enough "
	 "enough_is_enough no_i'm_fuming no_thanks_to dem_just why_bother (a_|)pack_of_lies unbelievable unreal "
	 "shocking shocked speechless stunned flabbergasted gobsmacked_at beyond_belief wtf ffs smh bloody damn "
	 "damned hell fuck fucking fucked fck wth omfg"},
	{'D',
	 "loser losers idiots idiot morons moron clowns clown circus stupid dumb worthless pointless futile "
	 "meaningless in_vain for_nothing toothless spineless heartless cruel inhumane unsafe dangerous fined_me "
	 "instead_of_helping blamed_me blaming_me blame_me threatened harassed discriminated retaliation "
	 "bias_towards left_(me|us)_(hanging|waiting|in_the_dark|high_and_dry|stranded|with_nothing) hung_up "
	 "stonewalled ghosted radio_silence crickets tokenistic window_dressing whitewash yuck ugh argh boo grr bleh"},
	{'D',
	 "~ terrible horrible disappointed disappointing frustrated frustrating ridiculous disgusting unacceptable "
	 "pathetic useless rubbish appalling furious incompetent unprofessional"},
	{'d',
	 "slow slowly late delayed delay delays long lengthy long_wait waiting_time wait_was_long took_(a_while|"
	 "a_bit|some_time|long|longer|time|a_long_time|weeks|months|several|two|three|a_few|quite_a_while|"
	 "quite_long) a_while lumpy bumpy uneven minor_(issue|issues|problem|problems|flaws|things|hiccup|"
	 "complaints|niggles|gripe|delay) (small|little|few|some|a_few_|tiny)_(issue|issues|problem|problems|flaws|"
	 "hiccups|niggles|gripes|delays|hiccup|delay|things|complaints) niggles niggle hiccup hiccups quibbles "
	 "complicated confusing inconvenient expensive reminders chase chased chasing had_to_(call|chase|ask|remind|"
	 "wait|phone|follow|push) untidy rushed impersonal bit_of_a_wait sooner faster quicker"},
	{'R',
	 "fixed solved resolved repaired sorted restored replaced cleaned cleared removed refunded paid_me got_paid "
	 "got_my_(money|refund|wages|deposit|water|power) paid_back compensated mended patched filled unblocked "
	 "sorted_out taken_care_of took_care_of dealt_with_it handled helped help came turned_up showed_up replied "
	 "responded answered listened called_back followed_up apologized apologised explained addressed completed "
	 "finished done delivered acted quiet_now lights_on working"},
	{'v',
	 "fixing solving doing listening reading checking resolving helping asking investigating inspecting looking "
	 "explaining answering repairing contacting addressing reviewing handling visiting calling paying paid pay "
	 "refund fix solve resolve repair reply respond answer listen contact contacted call called come visit "
	 "visited inspect inspected change changed improve happen happened work works worked care cares cared "
	 "recommend accept address contact_us understand_my settle settled clear clean heard hear look looked bother "
	 "bothered"},
	{'n', "complaint complaints problem problems issue issues fault faults"},
	{'X',
	 "not no never nt isnt wasnt arent werent aint dont doesnt didnt do_not does_not did_not hasnt havent hadnt "
	 "has_not have_not cant cannot can_not couldnt wouldnt would_not wont will_not neither nor without scarcely "
	 "far_from anything_but less_than nowhere_near nobody no_one noone none nothing_was not_even lacks lacking "
	 "lack lacked not_too not_very isn't dey_no no_dey"},
	{'V',
	 "very really so too quite totally completely fully absolutely extremely highly entirely incredibly super "
	 "truly genuinely thoroughly utterly more_than beyond exceptionally extraordinarily particularly especially "
	 "remarkably ever all at_all such even much really_really pretty hella mad_good wicked bloody_well dead "
	 "well_and_truly sincerely deeply most"},
	{'H', "barely broadly essentially marginally adequately semi half rather a_bit slightly a_little in_the_main "
	      "for_the_most_part mainly mildly pretty_much (50|60|70|75|80|85)% about_(70|80|75|60|half) acceptably "
	      "sufficiently fairly somewhat mostly kind_of kinda sort_of sorta more_or_less reasonably moderately "
	      "relatively basically partially partly largely generally just_about almost nearly tolerably"},
	{'P',
	 "before originally initially at_first used_to previously in_the_beginning to_begin_with to_start_with "
	 "in_the_past last_time last_year at_the_start was_expecting was_not_expecting wasnt_expecting didnt_expect "
	 "did_not_expect formerly"},
	{'B', "but however although though yet except only_that even_though despite until_i then_again other_than_that "
	      "otherwise having_said_that that_said still_though tho just_that only_thing apart_from"},
	{'U', "overall all_in_all on_the_whole in_general in_the_end at_the_end_of_the_day by_and_large "
	      "generally_speaking altogether in_sum in_short all_things_considered"},
	{'A', "still yet_again"},
	{'W',
	 "my_(landlord|neighbor|neighbour|boss|employer|landlady) the_(landlord|neighbor|neighbour|neighbors|street|"
	 "street_light|road|company|school|hospital|contractor|shop|bar|club|dog)"},
	{'f',
	 "satisfaction satisfaction_level my_satisfaction i im i_am me my mine we us our you your ya u yall y'all "
	 "the a an it its this that these those is was are were be been am with of for in on at to from and so or as "
	 "by about he she they them their his her has have had do did does would will with_it with_the thanks "
	 "thank_you thx ta cheers thank_u tks tnx tysm thankyou please pls sir madam maam mate bro lah la lor leh o "
	 "oo oh ah well_then guys folks team people everyone sir_ji ji dear love pal man dude service result results "
	 "outcome response answer_was reply_was handling way experience case work_done staff officer officers office "
	 "city council government now just only also too_much again feel feeling i_feel felt think i_think i_guess "
	 "guess suppose i_suppose say id_say i_would_say i'd_say rating my_rating my_answer answer obviously "
	 "honestly tbh frankly clearly definitely certainly surely lol haha hahaha um uh hmm_well e dey na dem una "
	 "wey sha abeg how_it_went went got get im_so everything overall_rating option number choose pick choice"},
	{0, NULL},
};
