/*
 * The order in which a text is understood (design 4): opt-out words → urgent → global words → the open question or survey
 * → a case number in the text → a start → otherwise. Nothing that a person writes ends without a reply, a place in a
 * person's queue, or a recorded reason.
 */
#include "engine/batch.h"

#define OWN_WORDS_MIN 4 /* characters beside a case number that make the text an addition */
#define STATUS_LINES_MAX 3

/* ---- duplicates, floods, the journal ------------------------------------------------------------------------------ */

/* The answer was lost, and the courier is carrying it now: it, and what stands behind it, is not said from here as well. */
static bool in_couriers_hands(const struct want *w)
{
	for (size_t i = 0; i < w->n_repeat; i++)
		if (w->repeat[i]->state == DELIVERY_SENDING || w->repeat[i]->state == DELIVERY_UNSURE)
			return true;
	return false;
}

static bool taken_before(struct batch *b, struct turn *t)
{
	struct want *w = t->want;

	if (t->first) {
		t->fate = S("duplicate");
		t->release->first_event = t->first->release->first_event ? t->first->release->first_event : t->first->e->id;
		for (size_t i = 0; i < t->first->release->n_texts; i++)
			t->release->texts[t->release->n_texts++] =
				arena_copy(t->e->arena, t->first->release->texts[i]);
		return true;
	}
	if (!w->duplicate)
		return false;
	t->fate = S("duplicate");
	t->release->first_event = w->first_event;
	for (size_t i = 0; i < w->n_repeat && i < STEP_MAX_REPLIES && !in_couriers_hands(w); i++) {
		t->release->texts[t->release->n_texts++] = arena_copy(t->e->arena, w->repeat[i]->m.text);
		if (w->repeat[i]->state == DELIVERY_QUEUED) { /* the first answer was lost; this one carries it */
			w->repeat[i]->state = DELIVERY_SENT;
			outbox_changed(b, w->repeat[i]);
		}
	}
	return true;
}

static void journal(struct batch *b, struct turn *t)
{
	const struct message *m = &t->e->message;
	struct inbox_row row = {.id = t->e->id, .at = t->e->at, .contact = t->p->contact->id, .kind = EVENT_MESSAGE,
				.channel = t->account->name, .provider_id = m->id, .text = m->text, .rid = t->e->rid,
				.fate = t->fate.len ? t->fate : t->replied ? S("answered") : t->queued ? S("queued") : S("taken"),
				.sent_at = m->sent_at};

	LIST_ADD(&b->changes, inbox, row);
	if (t->want->has_dedupe)
		LIST_ADD(&b->changes, dedupe, ((struct dedupe_put){t->want->dedupe, t->e->id, b->now}));
}

/* ---- what came along --------------------------------------------------------------------------------------------------- */

static void note_language(struct batch *b, struct person *p, const struct message *m)
{
	struct slice lang;

	if (p->contact->lang.len)
		return;
	lang = flow_guess_language(m->text);
	if (!lang.len)
		lang = m->lang;
	if (!lang.len)
		return;
	p->contact->lang = keep(b, lang);
	person_changed(b, p);
}

/* Media become rows of their own, fetched by the courier; the conversation knows them by id. */
static void note_media(struct batch *b, struct turn *t, struct message *m)
{
	for (size_t i = 0; i < m->n_media; i++) {
		struct media_row *row = ARENA_NEW(b->arena, struct media_row);

		row->id = engine_new_id_of(b->engine, t->p->contact->id);
		row->contact = t->p->contact->id;
		row->message = t->e->id;
		row->channel = t->account->name;
		row->url = m->media[i].url;
		row->type = m->media[i].type;
		row->name = m->media[i].name;
		row->size = m->media[i].size;
		row->state = DELIVERY_QUEUED;
		row->next_at = b->now;
		if (slice_begins(row->url, S("upload:"))) {
			row->sha256 = slice_from(row->url, 7);
			row->state = DELIVERY_DELIVERED;
		}
		row->fresh = row->changed = true;
		LIST_ADD(&b->changes, media, row);
		m->media[i].url = arena_printf(b->arena, "%lld", (long long)row->id);
	}
}

/* ---- steps of a conversation --------------------------------------------------------------------------------------------- */

/* due_at: set the session's timer to it; 0 leaves the timer as it is (it looks at the session when it fires). */
void take_step(struct batch *b, struct turn *t, struct person *p, const struct step *s, int64_t due_at)
{
	if (s->limited)
		engine_note_limited(b->engine);
	for (size_t i = 0; i < s->n_replies; i++)
		say_reply(b, t, p, &s->replies[i], LANE_REPLY, (struct slice){0});
	acts_do(b, t, p, s);
	session_save(b, p, due_at);
}

static void begin(struct batch *b, struct turn *t, const struct flow *f, const struct message *m)
{
	struct person *p = t->p;
	struct context c;
	struct step s = {0};

	p->session = ARENA_NEW(b->arena, struct session);
	p->session->contact = p->contact->id;
	p->flow = f;
	p->session->window = m->scan;
	context_fill(b, p, t->account, &c);
	if (m->scan.len) {
		const struct window *w = config_window(b->config, m->scan);
		c.window = m->scan;
		c.unit = w ? w->unit : c.unit;
	}
	*p->session = (struct session){.contact = p->contact->id};
	flow_begin(f, engine_matcher(b->engine), b->arena, m, &c, p->session, &s);
	engine_keep_revision(b, f);
	take_step(b, t, p, &s, s.due_at);
}

static void control(struct batch *b, struct turn *t, enum word_kind word)
{
	struct context c;
	struct step s = {0};

	if (!person_session(b, t->p))
		return;
	context_fill(b, t->p, t->account, &c);
	flow_control(t->p->flow, engine_matcher(b->engine), b->arena, word, &c, t->p->session, &s);
	take_step(b, t, t->p, &s, 0);
}

/* ---- words --------------------------------------------------------------------------------------------------------------------- */

static void say_word(struct batch *b, struct turn *t, struct slice word)
{
	struct context c;

	context_fill(b, t->p, t->account, &c);
	say(b, t, t->p, flow_word_text(b->config->flows, b->arena, word, &c), LANE_REPLY, (struct slice){0});
}

static void say_text(struct batch *b, struct turn *t, const char *key)
{
	struct context c;

	context_fill(b, t->p, t->account, &c);
	say_key(b, t, t->p, key, &c, LANE_REPLY, (struct slice){0});
}

/* STOP ends conversation, surveys and campaigns, never the notices the law owes; with a case number it mutes that case. */
static void opt_out(struct batch *b, struct turn *t, const struct word *w)
{
	struct person *p = t->p;
	struct case_row *c = w->topic.len ? case_by_number(b, w->topic) : NULL;
	struct context ctx;

	if (c && c->contact == p->contact->id) {
		c->muted = true;
		c->version++;
		case_changed(b, c);
		context_fill(b, p, t->account, &ctx);
		context_case(b, &ctx, c);
		say_key(b, t, p, "text.opt_out_case", &ctx, LANE_REPLY, c->number);
		return;
	}
	if (p->contact->optout & OPTOUT_CHAT) { /* confirmed once */
		t->fate = S("answered");
		return;
	}
	say_word(b, t, S("opt_out"));
	p->contact->optout = OPTOUT_CHAT | OPTOUT_SURVEY | OPTOUT_CAMPAIGN;
	person_changed(b, p);
	if (person_session(b, p)) {
		p->session->ended = true;
		session_save(b, p, 0);
	}
}

static void opt_in(struct batch *b, struct turn *t)
{
	t->p->contact->optout = 0;
	person_changed(b, t->p);
	say_word(b, t, S("opt_in"));
}

/* A person is told at once; the words to the citizen never wait for a form (pains.md 3.11). */
void alert_person(struct batch *b, struct turn *t, struct person *p, struct slice what)
{
	const struct account *acc = config_account(b->config, b->config->alert_channel);
	struct slice who[2];
	struct want *w;
	struct snapshot snap;
	struct context c;
	struct person *duty;

	if (!acc || !b->config->alert_to.len)
		return;
	who[0] = acc->name;
	who[1] = b->config->alert_to;
	w = ARENA_NEW(b->arena, struct want);
	w->by_hash = true;
	w->hash = secret_hash16(engine_key(b->engine), who, 2);
	snap = (struct snapshot){.arena = b->arena, .wants = w, .n = 1, .day = b->snap.day, .more = true};
	if (engine_load(b->engine, &snap) != OK)
		return;
	{
		struct event fake = {.kind = EVENT_TIMER, .message.from = b->config->alert_to};
		struct turn other = {.e = &fake, .want = w, .account = acc};
		duty = person_of(b, &other);
		duty->contact->address = b->config->alert_to;
	}
	context_fill(b, p, t->account, &c);
	c.lang = b->config->lang;
	{
		struct field *f = ARENA_ARRAY(b->arena, struct field, c.n_extra + 1);
		for (size_t i = 0; i < c.n_extra; i++)
			f[i] = c.extra[i];
		f[c.n_extra++] = (struct field){S("what"), what};
		c.extra = f;
	}
	say_key(b, t, duty, "text.alert", &c, LANE_NOTICE, (struct slice){0});
}

static void urgent(struct batch *b, struct turn *t, const struct word *w)
{
	say_word(b, t, w->name);
	hand_over(b, t, t->p, w->name, t->e->message.text, (struct slice){0}, true);
	alert_person(b, t, t->p, w->name);
}

static void tell_statuses(struct batch *b, struct turn *t)
{
	struct person *p = t->p;
	const struct flow *f = flow_find(b->config->flows, S("status"));

	for (size_t i = 0; i < p->n_cases && i < STATUS_LINES_MAX; i++)
		case_tell_status(b, t, p, p->cases[i]);
	if (!p->n_cases && f && !person_session(b, p))
		begin(b, t, f, &(struct message){.text = {0}});
	else if (!p->n_cases)
		say_text(b, t, "text.no_cases");
}

static void to_person(struct batch *b, struct turn *t)
{
	hand_over(b, t, t->p, S("asked"), t->e->message.text, (struct slice){0}, false);
	say_word(b, t, S("person"));
}

static void language(struct batch *b, struct turn *t, const struct word *w)
{
	if (w->lang.len) {
		t->p->contact->lang = keep(b, w->lang);
		t->p->contact->lang_chosen = true;
		person_changed(b, t->p);
	}
	say_word(b, t, S("language"));
}

/* True: the word was all there is to it. */
static bool take_word(struct batch *b, struct turn *t, const struct word *w)
{
	bool open = person_session(b, t->p);

	switch (w->kind) {
	case WORD_NONE:
		return false;
	case WORD_OPT_OUT:
		/* One letter is an answer in a web chat; only carriers reserve it (domain.md 5.2). */
		if (t->e->message.text.len == 1 && !t->account->channel->able.sms)
			return false;
		opt_out(b, t, w);
		return true;
	case WORD_OPT_IN:
		opt_in(b, t);
		return true;
	case WORD_URGENT:
		urgent(b, t, w);
		return true;
	case WORD_STATUS:
		tell_statuses(b, t);
		break;
	case WORD_PERSON:
		to_person(b, t);
		break;
	case WORD_LANGUAGE:
		language(b, t, w);
		break;
	case WORD_THANKS:
	case WORD_GREET:
		if (open && t->p->session->collected.len)
			return false; /* part of the story */
		say_word(b, t, w->name);
		break;
	case WORD_HELP:
	case WORD_PRIVACY:
		say_word(b, t, w->name);
		break;
	case WORD_BACK:
	case WORD_SKIP:
	case WORD_RESTART:
	case WORD_CANCEL:
		if (!open)
			return false;
		control(b, t, w->kind);
		return true;
	}
	if (open && t->p->session)
		control(b, t, WORD_NONE); /* ask the open question again */
	return true;
}

/* ---- the rest of the order ----------------------------------------------------------------------------------------------- */

static bool take_question(struct batch *b, struct turn *t, const struct message *m)
{
	struct person *p = t->p;
	struct context c;
	struct step s = {0};
	bool reminded;

	if (!person_session(b, p))
		return false;
	reminded = p->session->reminded;
	context_fill(b, p, t->account, &c);
	flow_answer(p->flow, engine_matcher(b->engine), b->arena, m, &c, p->session, &s);
	if (s.passed && !s.n_replies)
		return false;
	t->fate = s.n_replies ? (struct slice){0} : S("answered"); /* gathered; the answer comes when all is said */
	take_step(b, t, p, &s, reminded ? s.due_at : 0);
	return true;
}

/* How many characters of the text are not the number itself. */
static size_t words_beside(struct slice text)
{
	size_t at = 0, n = 0;
	int32_t c;

	while ((c = utf8_next(text, &at)) >= 0)
		n += c > ' ' && !(c >= '0' && c <= '9') && c != '-' && c != 0x3000 && !(c >= 0xFF10 && c <= 0xFF19);
	return n;
}

static void add_to_case(struct batch *b, struct turn *t, struct case_row *c, const struct message *m)
{
	struct step s = {.n_acts = 1};

	s.acts[0] = (struct act){.what = ACT_ADD, .case_number = c->number, .text = m->text};
	acts_do(b, t, t->p, &s);
}

static bool take_number(struct batch *b, struct turn *t, const struct message *m)
{
	struct want *w = t->want;

	for (size_t i = 0; i < w->n_numbers; i++) {
		struct case_row *c = case_by_number(b, w->numbers[i]);
		const struct flow *f = flow_find(b->config->flows, S("status"));

		if (c && c->contact == t->p->contact->id) {
			if (words_beside(m->text) >= OWN_WORDS_MIN && case_status_open(c->status))
				add_to_case(b, t, c, m);
			else
				case_tell_status(b, t, t->p, c);
			return true;
		}
		if (f && !person_session(b, t->p)) { /* somebody else's or unknown: the query code decides */
			begin(b, t, f, m);
			return true;
		}
	}
	if (w->outbox && w->outbox->m.contact == t->p->contact->id && w->outbox->m.case_number.len) {
		struct case_row *c = case_by_number(b, w->outbox->m.case_number);
		if (c && case_status_open(c->status)) {
			add_to_case(b, t, c, m);
			return true;
		}
	}
	return false;
}

static bool take_start(struct batch *b, struct turn *t, const struct message *m, bool otherwise)
{
	struct context c;
	const struct flow *f;

	if (person_session(b, t->p))
		return false;
	context_fill(b, t->p, t->account, &c);
	f = flow_start_match(b->config->flows, engine_matcher(b->engine), b->arena, m, &c, otherwise);
	if (!f)
		return false;
	begin(b, t, f, m);
	return true;
}

static void understand(struct batch *b, struct turn *t, struct message *m)
{
	struct word w = {0};

	if (slice_is(m->opt_out, "stop"))
		w = (struct word){.kind = WORD_OPT_OUT, .name = S("opt_out")};
	else if (slice_is(m->opt_out, "start"))
		w = (struct word){.kind = WORD_OPT_IN, .name = S("opt_in")};
	else if (m->text.len && !m->button.len)
		w = flow_word(b->config->flows, engine_matcher(b->engine), b->arena, m->text);
	if (take_word(b, t, &w))
		return;
	if (m->scan.len && person_session(b, t->p) && !slice_equal(t->p->session->window, m->scan)) {
		t->p->session->ended = true; /* a fresh scan at a window is a fresh wish */
		session_save(b, t->p, 0);
	}
	if (take_question(b, t, m) || survey_take(b, t, t->p, m) || take_number(b, t, m) || take_start(b, t, m, true))
		return;
	if (m->n_media && t->p->n_cases == 1) { /* a photo on its own, and only one case it can belong to */
		add_to_case(b, t, t->p->cases[0], m);
		return;
	}
	say_text(b, t, "text.menu");
}

void inbound_take(struct batch *b, struct turn *t)
{
	struct message m = t->e->message;
	bool tell;

	person_of(b, t);
	if (taken_before(b, t))
		return;
	if (engine_flooded(b->engine, t->p->contact, b->now, &tell)) {
		t->fate = S("refused");
		if (tell)
			say_text(b, t, "text.flood");
		return;
	}
	if (t->p->contact->unreachable) { /* writes again: can be reached again */
		t->p->contact->unreachable = false;
		person_changed(b, t->p);
	}
	note_language(b, t->p, &m);
	note_media(b, t, &m);
	if (!t->p->contact->greeted_at) {
		t->p->contact->greeted_at = b->now;
		person_changed(b, t->p);
		say_text(b, t, "text.first_contact");
	}
	understand(b, t, &m);
	if (m.cut)
		say_text(b, t, "text.text_cut");
	if (m.media_dropped)
		say_text(b, t, "text.media_dropped");
	if (!t->replied && !t->queued && !t->fate.len)
		hand_over(b, t, t->p, S("unanswered"), m.text, (struct slice){0}, false);
	journal(b, t);
}
