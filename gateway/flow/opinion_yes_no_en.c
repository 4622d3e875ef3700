/* The English words of yes and no; opinion_yes_no.c explains the letters. */
#include "flow/opinion_rules.h"

const struct words yes_no_words_en[] = {
	{'f', "what_(i|you|we|they|u|he|she|it|ive|youve|happened)_(actually_|have_|just_|)(said|wrote|put|meant|mean|"
	      "told|reported|want|wanted|got|say|see|read|saw|did|asked|complained|is|was|says) what_happened"},
	/* doubt and questions, in Chinese */
	{'d', "wrong_number wrong_person"},
	/* yes */
	{'d',
	 "(he|she|they|boss|landlord|someone|somebody|neighbor|neighbour|manager|wife|husband|son|daughter|mom|dad|"
	 "friend|everyone|people)_(said|says|told|agreed|agrees|thinks|refused|refuses|denied|claims|wants) "
	 "i_was_told"},
	{'N', "no_longer_(needed|necessary|required|interested|want|wanted|wish|relevant) (would_be|will_be|thatd_be|"
	      "that'd_be|gonna_be|going_to_be|gonna_say|gotta_say|have_to_say|id_say|i_say|going_to_say|going_with|"
	      "go_with|saying|thats|im_a|put_me_down_as|put_me_down_for|mark_me_as|mark_me)_(a_|)(no|nope|nah)"},
	{'Y',
	 "(would_be|will_be|thatd_be|that'd_be|gonna_be|going_to_be|gonna_say|gotta_say|have_to_say|id_say|i_say|"
	 "going_to_say|going_with|go_with|saying|put_me_down_as|put_me_down_for|mark_me_as|mark_me)_(a_|)(yes|yeah)"},
	{'o',
	 "(the|my|our|your|its|his|her)_(correct|right|real|true|exact|proper|actual)_(address|name|number|one|date|"
	 "time|street|spelling|place|phone|person|way|thing|answer|info|information) (dont|do_not)_care_(who|"
	 "if_they|if_anyone|if_he|if_people|if_she)_(knows|know|finds_out|find_out|sees|see) no_longer"},
	{'N', "(im|i_am|we_are|were)_(done|finished|out|leaving)"},
	{'V',
	 "(keep|make|leave|remain|stay|be|have)_(me_|it_|my_name_|my_identity_|this_|that_|everything_|my_details_|"
	 "things_|my_info_|)(private|secret|anonymous|confidential|hidden|out_of_it|quiet|off_the_record|hush|out|"
	 "off|unnamed|safe|between_us|discreet|anon|under_wraps) (hide|withhold|redact|remove|protect|conceal|"
	 "mask)_(it|my_name|my_identity|my_details|me|my_info) (submit|send|file|save|register|proceed|continue|"
	 "confirm|go_ahead|lodge|log|process|keep|carry_on|withhold|forward)_(it|that|this|so|them|on|now|with_it|"
	 "it_now|away|my_complaint|the_complaint|my_report|the_form|my_case|my_request|further) (make|want|need|"
	 "prefer)_(it_|to_be_|to_stay_|to_remain_|)(anonymous|confidential|private|secret) anonymous anonymously "
	 "anonymity"},
	{'y', "ok okay okk okok en enn ojbk"},
	{'s', "go go_on go_ahead"},
	{'e', "definitely absolutely certainly totally surely"},
	{'b', "but however although though except"},
	{'r',
	 "i_mean i_meant (pressed|hit|clicked|tapped|sent|typed|picked|chose|pushed)_(the_|)wrong(_one|_key|_button|"
	 "_number|_thing|) sorry_i_mean sorry_i_meant oops mistyped wrong_button scratch_that correction"},
	/* only begin like an answer */
	{'o', "(dont|do_not|never|not|cant|cannot)_(share|tell|show|disclose|reveal|give_out|publish|mention|use|put|"
	      "post|print|give|let|expose)_(my|it|them|anyone|me|this|that|any|him|her|your|our|out) no_secrets "
	      "right_(now|next|beside|behind|outside|in_front|after|before|across|opposite|there|here|at|by|on|side|"
	      "away_from|around|hand) wrong_(number_plate|side|way|parking|turn|lane|doing) true_story good_for_you "
	      "fine_for fine_of (boss|landlord|neighbor|neighbour|they|he|she|them|people|anyone|nobody|husband|wife|"
	      "employer|manager|anybody|everyone|no_one|supervisor)_(cannot|cant|must_not|mustnt|shouldnt|should_not|"
	      "dont|will|might|may|could|would|must_never|should_never|doesnt|wont|can_never|can't)_(know|find_out|"
	      "see_it|see_this|see_my)"},
	/* The English words of yes and no; the letters are explained in opinion_yes_no.c. */
	{'d',
	 "(dont|do_not|didnt|did_not|not|cant|cannot|couldnt|no|never)_(really_|quite_|even_|)(know|remember|"
	 "understand|get_it|get_you|get_what|care|sure|certain|say|tell|recall|follow|decide|decided|see_it|sabi|"
	 "100_sure|understood|read_it|read_that|positive|see_well|hear_you|make_it_out|entirely_sure|totally_sure|"
	 "completely_sure|100%_sure|clear|figure|check|clear_to_me|fully_sure|so_sure|too_sure|very_sure|"
	 "really_sure|make_sense|opened_it|open_it|open_the|received|receive|confident|a_clue|have_a_clue|following) "
	 "(im|i_am)_not_(really_|very_|too_|so_|quite_|entirely_|100%_|totally_|completely_|)(sure|certain|positive|"
	 "following|clear|confident) (i_|)(am_|)(not_so_|)(unsure|undecided|uncertain|torn|confused|lost|baffled|"
	 "clueless|hesitant|hesitating|doubtful) (no|not_a|have_no|got_no)_(idea|clue) idk idek dunno (i_|)dunno "
	 "maybe perhaps possibly probably might mebbe prolly it_might may_be could_be it_could_be who_knows beats_me "
	 "depends it_depends (that_|)depends_on (not_|)decided_yet not_yet_decided (let|lemme|give|allow|gimme|"
	 "i_need|i_want|i_have|ill|i'll|i_will|ima|need|have|want|gotta|going)_(me_|to_|me_to_|a_)?(think|check|see|"
	 "ask|look|read|consider|sleep|confirm_with|double_check|review|reread|talk) (let_me|lemme|allow_me|"
	 "gimme_time_to|give_me_time_to|i_need_to|i_want_to|i_have_to|i_must|ill|i'll|i_will|ima|imma|need_to|"
	 "have_to|want_to|gotta|got_to|i_gotta|gonna|gotta_go|lets_me|make_i|let_us|id_like_to|i_would_like_to|"
	 "id_need_to|i_should|i_shall|would_need_to)_(first_|)(think|check|see|ask|look|read|consider|sleep_on|"
	 "confirm_with|double_check|review|reread|talk_to|speak_to|get_back|find|consult|discuss|reply|answer|"
	 "decide|call_back|call_you|text_you|get_my|go_and_check|go_check|reflect|ponder|mull) later wait waiting "
	 "hold_on hang_on one_(moment|minute|second|sec|min|mo) (a|1|just_a|give_me_a|gimme_a|in_a|half_a)_(moment|"
	 "minute|second|sec|min|mo|tick|bit|while|few) (5|five|10|ten|2|two|a_few)_(min|mins|minutes|seconds|sec|"
	 "secs) brb tomorrow tonight not_now not_right_now not_at_the_moment busy another_time some_other_time "
	 "afterwards in_a_bit bear_with_me (im|i_am|am|currently|still)_(driving|at_work|working|busy|at_the|in_a|"
	 "in_the|on_the_bus|eating|cooking|sleeping|thinking|reading|checking|deciding|on_the) still_thinking "
	 "thinking_about_it think_about_it think_it_over think_on_it thinking hmm hmmm hm hmmmm umm what (yes|no|"
	 "right|true|ok|okay|good)_and_(no|yes|wrong|false|not) (yes|yeah)_(and|but)_no no_and_yes half partly "
	 "partially part_of_it some_of_it sometimes (most|mostly|part|parts|bits|some)_(of_it|of_that|right|correct|"
	 "true) mostly almost nearly not_entirely not_completely not_exactly not_quite not_100% kind_of kinda "
	 "sort_of sorta fifty_fifty 50_50 either neither both (i_|)forgot (i_|)forget hard_to_say tough_call "
	 "hesitant no_comment unless if_you if_i if_it if_they if_its if_that so_so more_or_less (say|come|send|"
	 "repeat|explain|tell_me|write|ask|text)_(that_|it_|this_|the_question_|)again repeat (please_|)explain "
	 "rephrase pardon pardon_me come_again excuse_me huh eh wdym wym lost_you i_guess_not_sure i_see i_know know "
	 "we_know i_suppose_maybe"},
	{'i',
	 "whatever whichever (it_is_|its_|)up_to_you you_(decide|choose|pick|tell_me|know_best|can_decide|"
	 "guys_decide) your_(call|choice|decision|pick) (i_|)(dont|do_not)_(really_|)mind_(either|which|whichever) "
	 "(either|any|both|anything|whatever)_(is_|are_|one_is_|way_is_|)(fine|ok|okay|good|works|way|one|goes) "
	 "as_you_(wish|like|see_fit|please|think) (suit|please)_yourself no_preference "
	 "(makes_|)no_(difference|matter) (dont|doesnt|does_not|do_not)_matter (all_|)the_same_to_me same_to_me "
	 "what_you_think whatever_you_(think|want|like|prefer|say) indifferent (you|u)_choose meh"},
	{'q', "what why how who when where which whose wat wetin whats whys hows whos wheres what's "
	      "is_(it|this|that|there|he|she|my|your|the) are_(you|u|they|we|there) can_(you|u|i|we|they|it) "
	      "could_(you|u|i|we) will_(you|u|it|they|i|this|that|my|the) would_(you|it|that) do_(you|i|they|we|u) "
	      "does_(it|this|that) did_(you|they|i|u) have_(you|u) has_(it|anyone) should_i must_i may_i shall_i am_i "
	      "was_it were_you wil_you r_u aren't_you isnt_it yes_or_no right_or_wrong true_or_false ok_or_not or_not "
	      "or_no or_what difference_between whats_the_difference meaning wym_by (is|are)_u if_yes if_no"},
	{'t', "when_(will|do|does|can|would|is|are|should|u|you) how_(long|soon|many_days|much_time|fast) "
	      "what_(happens_next|time|day|date|next|is_next|is_the_next_step|are_the_next_steps|now) whats_next "
	      "whats_the_next_step how_do_i_(track|follow|check) and_then_what what_then"},
	/* no */
	{'A',
	 "(not|isnt|aint|wasnt|arent|isn|isnot|never|nt|neither)_(at_all_|really_|quite_|even_|very_|all_|)(right|"
	 "rite|correct|corect|accurate|true|it|so|me|that|like_that|what_i|how_it|mine|ok|okay|good|the_case|"
	 "my_case|valid|possible|how|what|exact|factual|proper|happened|happening|fair|fine|my_complaint|my_address|"
	 "my_name|my_phone|my_number|matching|like_this|as_i|said|cool|acceptable|precise|me_sorry|write|rihgt|riht)"},
	{'w',
	 "~ wrong typo typos misspelling spelling_mistake spelling_error wrongly incorrect incorrectly inaccurate "
	 "untrue false falsehood mistake mistaken mistakes error errors incorect worng wrnog rong wron rongly bogus "
	 "made_up_wrong misspelled misspelt mis_spelled misunderstood misunderstanding misheard misread (mixed|"
	 "messed|screwed|mucked|muddled|cocked)_(it_|that_|this_|my_|things_|)up mix_up (doesnt|dont|does_not|"
	 "do_not|didnt|dosent|doesn)_(seem_|look_|sound_|)(match|right|correct|accurate|sound_right|add_up|tally|"
	 "reflect) (cant|cannot|can_not|couldnt|could_not)_be_(right|correct|true) "
	 "(thats|its|that_is|it_is|this_is)_a_lie rubbish nonsense bullshit lies bs (a_|)pack_of_lies fake "
	 "not_even_close off_the_mark way_off (you_|)(got|have)_(it|that|this|me|everything|things)_(all_|"
	 ")(backwards|twisted|mixed_up|muddled|wrong) (needs|need|require|requires)_(to_be_|)(correction|correcting|"
	 "corrected|fixing|fixed|changing|changed|editing|a_correction|some_changes) the_other_way_(round|around) "
	 "wrong_way_round (other|different|another)_(building|house|street|address|person|block|flat|apartment|guy|"
	 "one|place)"},
	{'N',
	 "nope nah naw nay nae negative never no_(way|thanks|thank_you|thank_u|thx|ty|need|chance|sir|maam|ma'am|"
	 "madam|deal|more|sense|lah|la|mate|bro|man|dear|love|boss|oga|o|abeg|please|pls|no|nope|never|it_is_not|"
	 "thankyou|way_jose|can_do|cannot|bueno|wrong|not|dice|buddy|pal|siree|sah|dont|hun|ta|cap_no|i|its|it|"
	 "thats|that|this|they|we|he|she|you|my|the|im|is|do|does|did|was|are|im_not|ill|id|u|dis|dat|e|ji|bhai|"
	 "yaar|be|want|wanna|leave|stop|cancel|actually|really|sorry|just|all|everything|because|since|as|there|"
	 "there's|theres|why_would|what_you_wrote|what_i|good|absolutely|definitely|certainly|change|correct_it|"
	 "somebody|someone|let|lets|keep|go|use|show|tell|put|must|should|can|will|would|have|has|had|your|our|his|"
	 "her|their|nothing_like)_ naah naaah nno mo n0 noi nio npe nopr nopw nnope bo_no nop noo nooo nopes noe "
	 "nononono nonono nono nuh_uh nuhuh uh_uh nu_uh nein nahi nahin nada nyet nup nopey nahh neh nawh nowp (not|"
	 "isnt)_(at_all|really|a_chance|in_the_least|interested|required|necessary|needed|me|today|yet|agree|agreed|"
	 "agreeing|allowed|wanted|keen|happy_with|happy|comfortable|ok_with|okay_with|for_me|happening|willing|"
	 "going_to|a_fan|worth_it|my|in_favour|in_favor|likely|on_your_life|a_bit|true_at_all|going|doing|again|"
	 "anymore|a_problem_no|ready_to|compulsory|this_time|satisfied|thank_you|bothered|mandatory|approved|"
	 "accepted|any_more|ever|a_hope) (id_like|i_would_like|i_want|want|i_wish|would_like|i'd_like|like|i_need|"
	 "i_prefer|lets|i_have_decided|i_decided)_to_(stop|quit|cancel|end|withdraw|leave|exit|pull_out|drop|forget|"
	 "abandon) rather_not (of_course|obviously|naturally|surely|certainly|definitely|absolutely|probably|"
	 "most_certainly|ofc)_not (id|i_would|i'd|i_had|would)_(much_|really_|)(rather|prefer|better|sooner)_(not|"
	 "no) (better|best|hopefully|prefer|preferably|please)_not (strongly_|totally_|completely_|fully_|"
	 "respectfully_|i_|we_|)(disagree|refuse|decline|object|reject|declined|rejected|refused|dissent|oppose|"
	 "disapprove|disagreed|deny|protest) (please_|)cancel(led|)_(it|that|this|everything|all|my|the|) cancel "
	 "cancelled cancle cancell drop_it (forget|leave|scrap|skip|bin|ditch|stop|abandon)_(about_|)(it|that|this|"
	 "the_whole_thing|everything|there|here) never_mind nevermind nvm dont_bother dont_worry_about_it dont_need "
	 "by_no_means out_of_the_question under_no_circumstances no_such_thing (i_am_|im_|)afraid_not i_think_not "
	 "i_(dont|do_not)_think_so i_say_no say_no (the_|my_|)answer_is_no (its|thats|that_is|it_is|im_a|its_a|"
	 "thats_a|that_is_a|it_is_a|thatll_be_a|its_a_hard|a_hard|hard|a_big|its_a_firm|a|from_me_its)_no (i_|we_|"
	 ")(wont|will_not|shant|refuse_to|cannot|cant|can_not|couldnt|could_not|wouldnt|would_not|shouldnt|"
	 "should_not) no_need_(to|for|of|at_all|lah|la) (theres|there_is|there's|i_see|i_have|ive|have|got|"
	 "i_feel)_no_(need|reason|point|interest|way|desire|wish) (no|not_any)_(use|point|reason|desire|wish|"
	 "interest) forget_it (lets|let's|let_us|we_should)_(not|stop|stop_here|leave|drop|quit) stop_here stop_now "
	 "stop_there stop_it (i_|im_|i_am_|)(quit|give_up|out|opt_out|opting_out|withdraw|withdrawing) "
	 "(ive_|i_have_|i_|)changed_my_mind hell_no heck_no god_no fuck_no hard_pass pass i_pass ill_pass i'll_pass "
	 "(im|i_am|were|we_are)_(good|alright|okay|fine|all_good)_(thanks|thank_you|thx|without|as_is|as_it_is|ta) "
	 "hard_no not_on_my_watch no_no no_no_no never_ever thumbs_down unfortunately_not sadly_not regretfully_no"},
	{'N',
	 "(doesnt|does_not|dont|do_not)_(apply|want|need|agree|consent|approve|accept|wish|think_so|like|support|"
	 "allow|submit|send|proceed|continue|go|do_it|do_that|file|register|keep|change|hide|share|post|publish|"
	 "forward|save|bother|bothered|worry|call|contact|print|want_to|wanna|feel_the_need|require|authorize|"
	 "authorise|permit|give|have_to|put|use|show|tell|record|include|mention|anonymize|sign) (it|that|"
	 "this)_(wasnt|was_not|isnt|is_not|doesnt|does_not|didnt|did_not) (its|thats|it_is|that_is|this_is|it's|e|"
	 "is|dis|dat|dat_is|tis|it|that|this|dem|that_one|this_one)_(not|aint|isnt|no) i_no_(want|wan|agree|dey|"
	 "gree|need|like|go|accept) me_no_(want|wan|like|agree|need) no_be(_so|) e_no_(correct|be|good|right|true) "
	 "don't cannot cant cannot_lah cant_lah no_can wrong_already dowan donwan dun_want dun_need dun_wan no_gree "
	 "abeg_no"},
	{'O', "no"},
	{'n', "not n dont do_not never wont havent hasnt didnt doesnt isnt aint arent wasnt without nothing"},
	/* yes */
	{'a', "(nothing|not_anything|no|not|isnt|cant_see_anything|dont_see_anything|couldnt_find_anything|"
	      "cant_find_anything|cant_see_any|see_no|without|without_any|zero|found_no|i_see_no|i_have_no|have_no|"
	      "got_no|dont_see_any|cant_find_any|theres_nothing|see_nothing)_(wrong|incorrect|amiss|false|a_lie|untrue|"
	      "inaccurate|mistake|mistakes|mistaken|error|errors|problem|problems|issue|issues|objection|objections|"
	      "complaints|worries|probs|prob|trouble|a_problem|an_issue|doubt|hesitation|to_change|to_correct|to_add|"
	      "to_fix|missing|changes|change|change_needed|changes_needed|corrections|correction|concerns|concern|lies|"
	      "faults|fault)"},
	{'a',
	 "~ correct correctly accurate accurately exactly precisely right_on spot_on bang_on dead_on on_point "
	 "on_the_money (on_the_|)nail_on_the_head hit_the_nail (looks|sounds|seems|reads|is|its|all|everything|"
	 "everythings|thats|that_is|it_is|be|all_is|all_looks|that_looks|this_looks|it_looks|it_sounds|they_are|"
	 "details_are|got_it|quite|perfectly|very|totally|all_of_it_is|info_is|information_is|absolutely|completely|"
	 "100%|100_percent|100|dead|about|yes|yep|yeah|thats_all|details|so|fully|thats_quite|this_is|dis_is|dat_is|"
	 "dats|summary_is|e_dey|e|e_be|you_got_it|you_have_it|got_that|so_far|looks_all|everything_is|"
	 "everything_looks|its_all|it_is_all|thats_about|you_wrote_it|written|recorded|you_wrote|you_put|you_got|"
	 "taken_down|noted)_(right|rite|correct|corect|true|fine|good|ok|okay|accurate|perfect|perfectly|in_order|"
	 "great|well|alright|clear|perfekt|righ|riht|as_it_should_be|as_i_said|what_i_said|what_i_meant|"
	 "what_happened|what_i_mean|how_it_is|how_it_happened|exactly_it|it_exactly) (you_are|youre|you're|ur|u_r|"
	 "you)_(right|correct|spot_on|bang_on|absolutely_right|quite_right) all_right alright right_to_me "
	 "right_for_me (thats|that_is|its|it_is|thats_exactly|that_is_exactly|exactly|just|its_exactly|this_is|"
	 "precisely|dats|yep_thats|this_is_exactly|it_is_exactly|thats_precisely|is)_(what_happened|what_i_said|"
	 "what_i_meant|how_it_happened|what_i_mean|how_it_is|it|how_it_was|what_it_is|the_truth|the_one|what_i_want|"
	 "what_i_wanted|my_complaint|my_name|my_address|my_number|so|me|mine|what_i_told_you|what_im_saying|"
	 "how_i_said_it|what_i_reported|right|the_case|my_case|what_i_wrote) as_i_said_it you_got_it u_got_it "
	 "youve_got_it (you_|u_|youve_|you_have_|)(got_it_right|nailed_it|hit_it) na_so na_true na_correct e_correct "
	 "e_dey_correct na_so_e_be na_im lgtm (couldnt|could_not)_(have_said_it|be_more_right|agree_more|be_righter|"
	 "have_put_it)_better"},
	{'Y',
	 "yes yeah yep yup yea ye ya yah yas yass yess yesss yeh yh yee yessir yessum yis yus yeap yeps yups yeppers "
	 "yebo haan haanji ji_haan han_ji oui si da hai shi y ys yse tes yws yed yrs yez eys ues yex yaes yesz yesd "
	 "yres yesh aye ay ayup indeed affirmative absolutely_yes by_all_means you_bet u_bet (too_|)right_mate "
	 "(fo|for)_sho for_sure defo deffo def definately defintely agreed agree (i_|we_|)(fully_|totally_|"
	 "completely_|do_|strongly_|also_|definitely_|absolutely_|certainly_|wholeheartedly_|100%_|hereby_|can_|"
	 "gladly_|happily_|both_|)(agree|confirm|consent|accept|approve|concur|authorize|authorise|permit|allow|"
	 "support|endorse|certify) confirmed confirming confirm accepted approved affirm affirmed (i_|im_|)positive "
	 "im_sure i_am_sure (im|i_am|were|we_are|count_me|am|me)_(in|game|up_for_it|down|down_for_it|on_board|"
	 "happy_with_that|happy_with_it|ok_with_it|ok_with_that|okay_with_that|okay_with_it|fine_with_it|"
	 "fine_with_that|in_favor|in_favour|good_with_that|good_with_it|happy_to|happy_for|willing|willing_to|"
	 "interested|keen|for_it|all_for_it) very_much_so i_do_agree i_do_want i_do_indeed roger roger_that 10_4 "
	 "ten_four copy_that (go|carry|move|press|push|keep|get)_(ahead|on|for_it|forward|going|right_ahead|"
	 "on_with_it|right_on|along|through) goahead proceed continue (that|it|this|which)_(works|will_do|suits|"
	 "would_be_great|would_be_fine|would_be_good|would_be_nice|would_be_lovely|would_be_me|"
	 "would_be_perfect)(_me|_fine|_great|_for_me|_good|_well|_nice|_perfect|_lovely|_ok|) works_for_me (sounds|"
	 "looks|seems)_(good|great|fine|right|correct|perfect|about_right|ok|okay|lovely|legit|all_right|alright|"
	 "like_a_plan|accurate)(_to_me|) it_does it_is_so certainly_yes why_not_yes why_yes why_certainly "
	 "why_of_course yes_please yes_pls hell_yes hell_yeah heck_yes fuck_yes oh_yes say_yes answer_is_yes (its|"
	 "thats|that_is|it_is|a|big|a_big|its_a|thats_a|that_is_a|it_is_a|hard|definite|im_a|from_me_its)_yes "
	 "i_say_yes yes_sir yes_maam no_doubt_about_it without_(a_|)doubt without_question no_question so_be_it "
	 "make_it_so i_will i_shall i_would i_want_(that|it|to|this|you_to|my) i_need_(it|that|to|this) i_(would|"
	 "do)_(like|love|want|need|prefer|appreciate|wish)(_that|_it|_to|_this|_so|) id_(like|love|prefer|"
	 "appreciate|want)(_that|_it|_to|_this|_so|) would_like_to (i_|)(dont|do_not)_(mind|object|disagree) "
	 "no_objection no_objections no_prob no_problemo not_an_issue not_a_problem no_probs count_me_in "
	 "let_(us|s)_(do|go)_(it|that|ahead|) lets_(do|go|continue|proceed|move|carry|submit|get|keep)(_it|_that|"
	 "_ahead|_this|_on|_going|_forward|_with_it|_it_done|) do_(it|that|so|go_ahead|proceed|please|continue|"
	 "keep_it|this|submit) please_(do|yes|proceed|continue|submit|confirm|go_ahead|carry_on) (with_|)pleasure "
	 "gladly happy_to my_pleasure (you_|they_|u_|i_|we_)can_(lah|go|proceed|submit|send|la|go_on|continue|"
	 "go_ahead|keep|file|carry_on) can_can can_lah can_la ya_can ya_lah yes_lah ok_lah ok_can can_also can "
	 "yes_can correct_lah (send|go|submit)_it all_good everything_checks_out all_set good_to_go ready_to_go "
	 "ready no_lies facts fax bet word fr preach amen righto rightio righty_ho (very_|so_|thats_|quite_|its_|"
	 "too_|it_is_|that_is_|all_|is_)true true_dat (i_|)(think|guess|suppose|believe|hope|reckon|expect|"
	 "would_say|would_think|imagine)_so i_(think|believe|guess)_(its|it_is|thats|that_is|yes|that)_(right|"
	 "correct|fine|ok|good) yassss (that|it|this)_(is|was|does|did)_(indeed|so) mhm mmhmm mhmm mm_hmm uh_huh "
	 "uhuh uhhuh yuh_huh mmhm mmm_hmm aha uhu yuh yeahh thumbs_up"},
	{'y',
	 "okey okie oki oky okeydokey okidoki okey_dokey okie_dokie okeydoke k kk kay ok_ok okay_okay sure "
	 "sure_thing fine fair_enough very_well why_not well alrighty cool well_ok (thats|its|thats_all|that_is|"
	 "it_is|is|seems|sounds)_(fine|ok|okay|cool|alright|great|good|perfect|grand|lovely|well)(_with_me|_by_me|"
	 "_for_me|_to_me|) fine_by_me fine_with_me okay_by_me ok_by_me ok_with_me great good perfect nice awesome "
	 "excellent brilliant lovely grand wonderful sound no_worries thank_goodness gotcha understood okies okays "
	 "oke owkay aight ight gud goid gr8 sweet deal please_and_thank_you (if_you_|)must i_suppose i_guess"},
	{'s', "right_then rite true ture i_do i_am i_have i_did i_was i_can "
	      "(it|that|this|he|she)_(is|was|does|did|has|will) (they|we|there|you)_(do|did|are|have|were|is|was|will|"
	      "can) please pls plz kindly (so_|all_|)perfect always positive r corect"},
	{'m', "(id|i_would|i'd|would|we'd|wed|i_will|ill|i'll|i_definitely|i_really|i)_(rather|prefer|like|love|want|"
	      "wish|need|choose|opt|appreciate|insist)(_to|_it|_you_to|_that_you|_if_you|_for_you_to|) want wants need "
	      "would_like i_want i_need wish"},
	{'v', "submit proceed continue private secret anonymous confidential confidentially keep_secret next send save "
	      "hidden privately secrecy privacy incognito"},
	{'e', "~ definitely absolutely certainly totally surely 100% of_course ofcourse ofc ofcos obviously naturally "
	      "completely definitly definately absolutly certianly absolutley precisely completly"},
	{'b', "besides_that tho"},
	{'r', "whoops i_meant_to my_bad autocorrect fat_fingers wrong_key"},
	{'k', "summary details detail info information record report statement text message name names address number "
	      "phone date time location place spelling version anything surname street house apartment building email "
	      "complaint"},
	{'f',
	 "(you_are|youre|you're|ur|u_r)_(good|fine|ok|okay|welcome|great|a_star|the_best|alright) thanks thank thx "
	 "thnx tnx ty tysm thankyou thank_you thank_u thank_you_so_much thank_you_very_much thanks_a_lot "
	 "thanks_so_much thanks_again thank_you_again ta cheers tks tq many_thanks appreciate_it appreciated "
	 "much_appreciated i_appreciate_it god_bless bless_you (many|much)_(thanks|thank) for_(your|the)_(help|time|"
	 "patience|assistance|kindness|reply|quick_response) (for_|)(asking|helping|checking) please pls plz kindly "
	 "sir madam maam ma'am mam miss mr mrs ms officer mate bro bruv bruh dude man boss chief oga love luv dear "
	 "darling hun honey friend my_friend my_dear folks guys team buddy pal lah la lor leh mah meh_lah ah o oo "
	 "abeg sah sis sister brother bhai ji yaar uncle auntie aunty hello hi hey hiya howdy good_morning "
	 "good_afternoon good_evening gm morning evening greetings sorry apologies oh ohh ooh aah um uh er erm "
	 "eh_well oya jare wallahi well_then now_now haha hahaha lol lmao then and so now just really very much "
	 "quite all already only to too also again actually honestly tbh imo frankly definitely_not_sure i i'll_say "
	 "we u me my mine it its this that thats dat dis these those they them he she you your ur youre you're our "
	 "is are was be been am im it's the a an of in on at for from with as what_you_wrote you_wrote what_you_have "
	 "what_you_put what_i_read everything all_of_it all_of_that by have has had ive i_have will would do did "
	 "does there here up ive_checked i_checked i_have_checked ive_read i_read i_have_read checked read reviewed "
	 "looked (checked|read|reviewed|gone|went|looked|double_checked|verified)_(it_|this_|that_|everything_|"
	 "them_|the_details_|)(over|through|carefully|twice|again|everything) as_far_as_i_can_(see|tell) "
	 "from_what_i_see afaik so_far i_think i_believe i_feel i_say id_say i_would_say i'd_say i_confirm_that "
	 "my_answer_is answer_is my_answer the_answer_is answer reply my_reply response go_go asap right_away "
	 "immediately soon quickly nicely good_day have_a_nice_day have_a_good_day have_a_great_day regards "
	 "best_regards kind_regards best wait_no"},
	{'y', "haode hao_de hao keyi ke_yi xing"},
	{'Y',
	 "dui_de dui dui_dui shi_de shide meiwenti mei_wenti mei_wen_ti mei_cuo meicuo yao_de xuyao xu_yao zhengque "
	 "zheng_que tongyi tong_yi queren que_ren"},
	{'N', "bu bushi bu_shi buyao bu_yao bu_xing buxing bu_dui budui mei_you meiyou mei buyong bu_yong bu_xuyao "
	      "bu_tongyi bu_hao cuo_le cuole bu_keyi"},
	{'Y', "~ agree agreed confirm confirmed confirming continue proceed affirmative indeed approved"},
	{'h', "right"},
	{0, NULL},
};
