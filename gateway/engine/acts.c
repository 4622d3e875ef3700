/*
 * What a finished conversation does (a case is filed, added to, withdrawn, rated, handed over) and what staff do to cases.
 * Each change that owes the citizen a message sends it (domain.md 2.12), in the citizen's language, on the same channel.
 */
#include "engine/batch.h"
#include "huiyin/json.h"

#define FIELDS_MAX_BYTES ((size_t)64 << 10)
#define ADDITION_MAX_BYTES ((size_t)16 << 10)

static struct case_args args_none(void)
{
	return (struct case_args){0};
}

static void args_add(struct case_args *a, const char *name, struct slice value)
{
	if (a->n < sizeof a->list / sizeof *a->list) {
		a->list[a->n].name = slice_of(name);
		a->list[a->n++].value = value;
	}
}

void case_event_add(struct batch *b, const struct case_row *c, int64_t event, struct slice actor, struct slice verb,
		    const struct case_args *args)
{
	struct buf out = buf_in(b->arena, FIELDS_MAX_BYTES);

	buf_add_char(&out, '{');
	json_put_field(&out, "status", slice_of(case_status_name(c->status)));
	for (size_t i = 0; i < args->n; i++)
		json_put_field(&out, arena_cstr(b->arena, args->list[i].name), args->list[i].value);
	buf_add_char(&out, '}');
	LIST_ADD(&b->changes, case_events,
		 ((struct case_event){c->number, b->now, event, actor, verb, buf_slice(&out)}));
}

static struct slice fields_json(struct batch *b, const struct session *s)
{
	struct buf out = buf_in(b->arena, FIELDS_MAX_BYTES);

	buf_add_char(&out, '{');
	for (size_t i = 0; i < s->n_answers; i++) {
		json_put_key(&out, arena_cstr(b->arena, s->answers[i].field));
		buf_add_char(&out, '{');
		json_put_field(&out, "value", s->answers[i].value);
		json_put_field(&out, "label", s->answers[i].label);
		json_put_field(&out, "original", s->answers[i].original);
		buf_add_char(&out, '}');
	}
	buf_add_char(&out, '}');
	return buf_slice(&out);
}

static void media_join(struct batch *b, const struct session *s, struct slice number)
{
	for (size_t i = 0; s && i < s->n_media; i++) {
		int64_t id;
		struct media_row *m = slice_to_int(s->media[i], &id) ? media_by_id(b, id) : NULL;

		if (!m)
			continue;
		m->case_number = number;
		media_changed(b, m);
	}
}

static void message_media_join(struct batch *b, const struct turn *t, struct slice number)
{
	for (size_t i = 0; i < b->changes.media.n; i++)
		if (b->changes.media.list[i]->message == t->e->id)
			b->changes.media.list[i]->case_number = number;
}

/* The draft that this conversation left behind earlier, or a new case under the candidate number. */
static struct case_row *case_for(struct batch *b, struct person *p)
{
	struct case_row *c = p->session && p->session->draft_case.len ? case_by_number(b, p->session->draft_case) : NULL;

	if (c) {
		c->version++;
		return c;
	}
	c = ARENA_NEW(b->arena, struct case_row);
	c->number = b->next_number;
	c->created_at = b->now;
	c->status = CASE_DRAFT;
	c->fresh = true;
	c->version = 1;
	b->snap.next_sequence++;
	b->sequence_used = true;
	b->next_number = (struct slice){0};
	for (size_t i = p->n_cases; i > 0; i--)
		p->cases[i] = p->cases[i - 1];
	p->cases[0] = c;
	p->n_cases++;
	b->cases[b->n_cases++] = c;
	p->contact->open_cases++;
	person_changed(b, p);
	return c;
}

static struct case_row *file(struct batch *b, struct turn *t, struct person *p, const struct act *act, bool draft)
{
	struct slice code = b->next_code;
	struct case_row *c = case_for(b, p);
	const struct window *w = p->session ? config_window(b->config, p->session->window) : NULL;
	struct case_args none = args_none();

	c->contact = p->contact->id;
	c->channel = p->contact->channel;
	c->lang = p->contact->lang.len ? p->contact->lang : b->config->lang;
	c->purpose = act->purpose;
	c->category = act->category;
	c->place = act->place;
	c->text = act->text;
	c->confidential = act->confidential;
	c->unit = w ? w->unit : c->unit;
	c->updated_at = b->now;
	if (p->session) {
		c->flow = p->session->flow;
		c->window = p->session->window;
		c->fields = fields_json(b, p->session);
	}
	code_set(b, c, code);
	if (!draft) {
		int64_t version = c->version;
		case_apply(c, S("register"), &none, b->now, b->config->zone, b->arena);
		c->version = version;
	}
	case_changed(b, c);
	media_join(b, p->session, c->number);
	message_media_join(b, t, c->number);
	case_event_add(b, c, t->e->id, S("citizen"), draft ? S("draft") : S("register"), &none);
	if (draft && p->session) {
		struct context ctx;
		p->session->draft_case = c->number;
		context_fill(b, p, account_of(b, p), &ctx);
		context_case(b, &ctx, c);
		ctx.next_number = c->number;
		ctx.next_code = code;
		say_key(b, t, p, "text.draft_filed", &ctx, LANE_NOTICE, c->number);
	}
	b->next_code = (struct slice){0};
	b->next_number = (struct slice){0};
	return c;
}

static void say_case(struct batch *b, struct turn *t, struct person *p, struct case_row *c, const char *key)
{
	struct context ctx;

	context_fill(b, p, account_of(b, p), &ctx);
	if (c)
		context_case(b, &ctx, c);
	say_key(b, t, p, key, &ctx, LANE_REPLY, c ? c->number : (struct slice){0});
}

/* The citizen's words go into the case's record; the case itself keeps its first text. */
static void add(struct batch *b, struct turn *t, struct person *p, const struct act *act)
{
	struct case_row *c = case_by_number(b, act->case_number);
	struct case_args args = args_none();

	if (!c || c->contact != p->contact->id) {
		say_case(b, t, p, NULL, "text.number_unknown");
		return;
	}
	args_add(&args, "message", act->text.len > ADDITION_MAX_BYTES ? slice_make(act->text.data, ADDITION_MAX_BYTES) : act->text);
	c->updated_at = b->now;
	c->version += !c->changed;
	case_changed(b, c);
	media_join(b, p->session, c->number);
	message_media_join(b, t, c->number);
	case_event_add(b, c, t->e->id, S("citizen"), S("add"), &args);
	hand_over(b, t, p, S("added"), act->text, c->number, false);
	say_case(b, t, p, c, "text.added");
}

static void case_over(struct batch *b, struct person *p, struct case_row *c, bool was_open)
{
	if (!was_open || case_status_open(c->status))
		return;
	if (p->contact->open_cases > 0)
		p->contact->open_cases--;
	person_changed(b, p);
	for (size_t i = 0; i < p->n_cases; i++)
		if (p->cases[i] == c) {
			for (; i + 1 < p->n_cases; i++)
				p->cases[i] = p->cases[i + 1];
			p->n_cases--;
			return;
		}
}

static void withdraw(struct batch *b, struct turn *t, struct person *p, const struct act *act)
{
	struct case_row *c = case_by_number(b, act->case_number);
	struct case_args args = args_none();
	int64_t version;
	bool open;

	if (!c || c->contact != p->contact->id) {
		say_case(b, t, p, NULL, "text.number_unknown");
		return;
	}
	open = case_status_open(c->status);
	args_add(&args, "reason", act->text);
	version = c->version + !c->changed;
	if (case_apply(c, S("withdraw"), &args, b->now, b->config->zone, b->arena).result != OK) {
		say_case(b, t, p, c, "text.too_late");
		return;
	}
	c->version = version;
	case_changed(b, c);
	case_over(b, p, c, open);
	case_event_add(b, c, t->e->id, S("citizen"), S("withdraw"), &args);
	case_notice(b, t, p, c, S("withdrawn"), &args, (struct slice){0});
}

void case_tell_status(struct batch *b, struct turn *t, struct person *p, struct case_row *c)
{
	say_case(b, t, p, c, "text.status_line");
}

static bool code_right(struct batch *b, const struct case_row *c, struct slice code)
{
	struct buf digits = buf_in(b->arena, 64);
	struct slice parts[3] = {S("code"), c->number, {0}};
	struct hash16 h;

	for (size_t i = 0; i < code.len; i++)
		if (code.data[i] >= '0' && code.data[i] <= '9')
			buf_add_char(&digits, code.data[i]);
	parts[2] = buf_slice(&digits);
	h = secret_hash16(engine_key(b->engine), parts, 3);
	return digits.len && secret_equal(slice_make((char *)h.bytes, 16), slice_make((const char *)c->code.bytes, 16));
}

static void status(struct batch *b, struct turn *t, struct person *p, const struct act *act)
{
	struct slice number = act->case_number;
	struct case_row *c;

	case_number_read(b->arena, act->case_number, &number);
	c = case_by_number(b, number);
	if (c && (c->contact == p->contact->id || code_right(b, c, act->code)))
		case_tell_status(b, t, p, c);
	else /* one answer for both, so that numbers cannot be probed */
		say_case(b, t, p, NULL, "text.number_or_code_wrong");
}

static void rate(struct batch *b, struct turn *t, struct person *p, const struct act *act)
{
	struct slice line = arena_printf(b->arena, SLICE_FMT " " SLICE_FMT " " SLICE_FMT, SLICE_ARG(act->window),
					 SLICE_ARG(act->value), SLICE_ARG(act->text));
	struct inbox_row row = {.id = engine_new_id(b->engine), .at = b->now, .contact = p->contact->id, .kind = EVENT_STAFF,
				.channel = p->contact->channel, .text = line, .fate = S("rating")};

	LIST_ADD(&b->changes, inbox, row);
	LIST_ADD(&b->changes, counts, ((struct count){act->window.len ? act->window : S("-"),
						      arena_printf(b->arena, "rated." SLICE_FMT, SLICE_ARG(act->value)), 1}));
	if (slice_is(act->value, "dissatisfied"))
		hand_over(b, t, p, S("window_dissatisfied"), line, (struct slice){0}, false);
}

void acts_do(struct batch *b, struct turn *t, struct person *p, const struct step *s)
{
	for (size_t i = 0; i < s->n_acts; i++) {
		const struct act *a = &s->acts[i];

		switch (a->what) {
		case ACT_NONE:
			break;
		case ACT_FILE:
			file(b, t, p, a, false);
			break;
		case ACT_DRAFT:
			file(b, t, p, a, true);
			break;
		case ACT_ADD:
			add(b, t, p, a);
			break;
		case ACT_WITHDRAW:
			withdraw(b, t, p, a);
			break;
		case ACT_STATUS:
			status(b, t, p, a);
			break;
		case ACT_RATE:
			rate(b, t, p, a);
			break;
		case ACT_PERSON:
			hand_over(b, t, p, a->reason.len ? a->reason : S("asked"), a->text.len ? a->text : t->e->kind == EVENT_MESSAGE ? t->e->message.text : (struct slice){0},
				  a->case_number, false);
			break;
		}
	}
}

/* ---- staff ------------------------------------------------------------------------------------------------------------ */

void case_notice(struct batch *b, struct turn *t, struct person *p, struct case_row *c, struct slice notice,
		 const struct case_args *args, struct slice code)
{
	struct context ctx;
	struct field *f;
	struct slice text;

	context_fill(b, p, account_of(b, p), &ctx);
	if (!p->contact->lang_chosen && c->lang.len)
		ctx.lang = c->lang;
	context_case(b, &ctx, c);
	ctx.next_number = c->number;
	ctx.next_code = code;
	f = ARENA_ARRAY(b->arena, struct field, ctx.n_extra + args->n + 1);
	for (size_t i = 0; i < args->n; i++) /* what staff entered now wins over what the row holds */
		f[i] = (struct field){args->list[i].name, args->list[i].value};
	for (size_t i = 0; i < ctx.n_extra; i++)
		f[args->n + i] = ctx.extra[i];
	ctx.n_extra += args->n;
	if (c->confidential)
		f[ctx.n_extra++] = (struct field){S("confidential"), S("yes")};
	ctx.extra = f;
	text = flow_text(b->config->flows, b->arena, arena_printf(b->arena, "notice." SLICE_FMT, SLICE_ARG(notice)), &ctx);
	say(b, t, p, text, t->e->kind == EVENT_MESSAGE ? LANE_REPLY : LANE_NOTICE, c->number);
}

static void staff_answer(struct turn *t, int status, struct slice body)
{
	t->release->status = status;
	t->release->body = arena_copy(t->e->arena, body);
}

static void staff_error(struct batch *b, struct turn *t, int status, const char *code, struct slice what)
{
	struct buf out = buf_in(b->arena, 4096);

	buf_add_c(&out, "{\"error\":{");
	json_put_field(&out, "code", slice_of(code));
	json_put_field(&out, "what", what);
	buf_add_c(&out, "}}");
	staff_answer(t, status, buf_slice(&out));
}

static void staff_done(struct batch *b, struct turn *t, const struct case_row *c, bool repeated)
{
	struct buf out = buf_in(b->arena, 4096);

	buf_add_char(&out, '{');
	json_put_field(&out, "number", c->number);
	json_put_field(&out, "status", slice_of(case_status_name(c->status)));
	if (c->due_at)
		json_put_field(&out, "due_at", wall_iso(b->arena, c->due_at, b->config->zone));
	json_put_bool(&out, "told", t->replied);
	if (repeated)
		json_put_bool(&out, "repeated", true);
	buf_add_char(&out, '}');
	staff_answer(t, 200, buf_slice(&out));
}

static void survey_if_due(struct batch *b, struct turn *t, struct person *p, struct case_row *c, const struct case_move *mv)
{
	if (mv->survey && !c->muted)
		survey_open(b, t, p, c);
}

/* A copy by the one connection that writes (reliability.md 4.3); turns wait meanwhile, providers send again. */
static void staff_backup(struct batch *b, struct turn *t)
{
	struct slice why = S("name a file: {\"file\": \"/path/copy.db\"}");
	struct case_args args = {.n = t->e->staff.n_args ? 1 : 0};

	if (args.n && slice_is(t->e->staff.args[0].name, "file") &&
	    engine_backup(b->engine, arena_cstr(b->arena, t->e->staff.args[0].value), &why, b->arena) == OK)
		staff_answer(t, 200, S("{\"done\":true}"));
	else
		staff_error(b, t, 409, "not_possible", why);
}

void staff_take(struct batch *b, struct turn *t)
{
	const struct staff *s = &t->e->staff;
	struct case_row *c;
	struct case_args args = args_none();
	struct case_move mv;
	struct slice code = {0};
	int64_t version;
	bool open;

	if (slice_is(s->verb, "backup")) {
		staff_backup(b, t);
		return;
	}
	c = case_by_number(b, s->case_number);
	if (!c) {
		staff_error(b, t, 404, "no_such_case", S("there is no case with this number: check the digits"));
		return;
	}
	t->p = person_by_id(b, c->contact);
	if (!t->p) {
		staff_error(b, t, 500, "no_contact", S("the case has no petitioner on record"));
		return;
	}
	if (t->first || t->want->duplicate) {
		staff_done(b, t, c, true);
		return;
	}
	for (size_t i = 0; i < s->n_args; i++)
		args_add(&args, arena_cstr(b->arena, s->args[i].name), s->args[i].value);
	open = case_status_open(c->status);
	version = c->version + !c->changed;
	mv = case_apply(c, s->verb, &args, b->now, b->config->zone, b->arena);
	if (mv.result != OK) {
		staff_error(b, t, 409, "not_possible", mv.why);
		return;
	}
	c->version = version;
	if (slice_is(s->verb, "code")) {
		uint64_t random;
		secret_random(&random, sizeof random);
		code = case_code_make(b->arena, random);
		code_set(b, c, code);
	}
	case_changed(b, c);
	case_over(b, t->p, c, open);
	if (!open && case_status_open(c->status)) {
		t->p->contact->open_cases++;
		person_changed(b, t->p);
	}
	case_event_add(b, c, t->e->id, s->actor, s->verb, &args);
	if (mv.notice.len)
		case_notice(b, t, t->p, c, mv.notice, &args, code);
	survey_if_due(b, t, t->p, c, &mv);
	if (t->want->has_dedupe)
		LIST_ADD(&b->changes, dedupe, ((struct dedupe_put){t->want->dedupe, t->e->id, b->now}));
	staff_done(b, t, c, false);
}
