/*
 * talks FILE.talk…: plays dialogues against a flow set, in the order in which the gateway understands a text, without
 * network, store or clock. A line each:
 *
 *   # a comment
 *   set prompts                     the folder of prompts (from here, or from the talk's own folder)
 *   lang zh | channel sms|chat | now 2026-11-18T10:00:00+08:00 | zone Asia/Shanghai | hours open|closed
 *   window W3 Street-Office         the scene of a scanned code, and its unit
 *   case 261118-0001-6 housing accepted     an open case of this person
 *   fact phone 12345                any further placeholder
 *   > words                         the citizen writes; \n breaks the line
 *   > [photo] words · [location 30.1,120.2 words] · [button value] · [scan]
 *   < pattern                       one of the next replies matches, or the last one matched (replies come in order)
 *   <! pattern                      no reply to the last line matches
 *   ! file purpose=demand category=housing place=/解放路/ kind=housing      an act; other names are fields of the
 * session ! none                          no act ~ 10m                           time passes; timers run as they fall
 * due ^ urgent.fire                   what the last words were as words outside any question; ^ none . ended | . open |
 * . silent | . asks NAME | . lang en | . due 10m
 *
 * A file that ends in .md is read for its fenced blocks: `yaml test NAME.yaml` is a file of the set (the set begins
 * anew with each "## " heading, words.yaml stays), `talk` is a dialogue against it; a yaml block with a line "# error:
 * words" must be refused with these words.
 *
 * talks -v prints the dialogue as it goes. A header line after a dialogue line changes things from there on. Prints
 * each failing line and what came instead; ends with "N passed, N failed" (assertions); the status is 1 if any failed.
 */
#include <libgen.h>
#include <unistd.h>

#include "flow/fold.h"
#include "flow/match.h"
#include "talk_world.h"

#define FILES_MAX 16

/* ---- lines of a talk ---- */

static struct slice unescaped(struct talk *t, struct slice s)
{
	struct buf out = buf_in(t->arena, TALK_MAX_BYTES);

	for (size_t i = 0; i < s.len; i++) {
		bool newline = s.data[i] == '\\' && i + 1 < s.len && s.data[i + 1] == 'n';
		buf_add_char(&out, newline ? '\n' : s.data[i]);
		i += newline;
	}
	return buf_slice(&out);
}

/* "[kind rest]" at the front; moves *s behind it. */
static bool bracket(struct slice *s, const char *kind, struct slice *inside)
{
	struct slice rest = *s, word = slice_of(kind);
	size_t end = slice_find(rest, S("]"));

	if (rest.len < 2 || rest.data[0] != '[' || end == rest.len || !slice_begins(slice_from(rest, 1), word))
		return false;
	*inside = slice_trim(slice_make(rest.data + 1 + word.len, end - 1 - word.len));
	*s = slice_trim(slice_from(rest, end + 1));
	return true;
}

static void location(struct message *m, struct slice inside)
{
	char number[64];
	struct slice words = inside, point;
	char *end;

	slice_next(&words, ' ', &point);
	snprintf(number, sizeof number, SLICE_FMT, SLICE_ARG(point));
	m->latitude = strtod(number, &end);
	m->longitude = *end == ',' ? strtod(end + 1, NULL) : 0;
	m->has_location = true;
	m->text = words;
}

static void line_citizen(struct talk *t, struct slice s)
{
	struct message m = {.text = {0}};
	struct slice inside;

	for (;;) {
		if (bracket(&s, "photo", &inside) && m.n_media < MESSAGE_MAX_MEDIA)
			m.media[m.n_media++] = (struct media){.url = arena_printf(t->arena, "%zu", m.n_media + 1),
							      .type = S("image/jpeg")};
		else if (bracket(&s, "location", &inside))
			location(&m, inside);
		else if (bracket(&s, "button", &inside))
			m.button = inside;
		else if (bracket(&s, "scan", &inside))
			m.scan = t->c.window;
		else
			break;
	}
	if (s.len)
		m.text = unescaped(t, s);
	citizen(t, &m);
}

static bool text_matches(struct talk *t, struct slice source, struct slice text)
{
	const char *why = "is not a pattern";
	size_t offset;
	struct pattern *p = pattern_compile(source, &why, &offset);
	bool yes;

	if (!p)
		give_up(t, why);
	yes = pattern_match(p, t->matcher, fold_text(t->arena, text), NULL) == MATCHED_YES;
	pattern_free(&p);
	return yes;
}

static struct slice replies_joined(struct talk *t, size_t from)
{
	struct buf out = buf_in(t->arena, TALK_MAX_BYTES);

	if (from >= t->n_replies)
		return S("(nothing more)");
	for (size_t i = from; i < t->n_replies; i++)
		buf_printf(&out, "%s" SLICE_FMT, i > from ? " ⏎ " : "", SLICE_ARG(t->replies[i]));
	return buf_slice(&out);
}

static void line_reply(struct talk *t, struct slice pattern)
{
	for (size_t i = t->used; i < t->n_replies; i++)
		if (text_matches(t, pattern, t->replies[i])) {
			t->used = i;
			t->heard = i + 1;
			passed(t);
			return;
		}
	failed(t, "no such reply; what came", replies_joined(t, t->used));
}

static void line_no_reply(struct talk *t, struct slice pattern)
{
	for (size_t i = 0; i < t->n_replies; i++)
		if (text_matches(t, pattern, t->replies[i])) {
			failed(t, "this reply was not to come", t->replies[i]);
			return;
		}
	passed(t);
}

static const char *const act_names[] = {
	[ACT_NONE] = "none",         [ACT_FILE] = "file",     [ACT_DRAFT] = "draft", [ACT_ADD] = "add",
	[ACT_WITHDRAW] = "withdraw", [ACT_STATUS] = "status", [ACT_RATE] = "rate",   [ACT_PERSON] = "person",
};

static struct slice act_field(const struct talk *t, size_t i, struct slice name)
{
	const struct act *a = &t->acts[i];
	const struct session *s = &t->act_sessions[i];
	const struct {
		const char *name;
		struct slice value;
	} fields[] = {
		{"purpose", a->purpose},  {"category", a->category},
		{"place", a->place},      {"text", a->text},
		{"case", a->case_number}, {"code", a->code},
		{"value", a->value},      {"window", a->window},
		{"reason", a->reason},    {"confidential", a->confidential ? S("yes") : S("no")},
	};

	if (slice_is(name, "media"))
		return arena_printf(t->arena, "%zu", s->n_media);
	for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++)
		if (slice_is(name, fields[k].name))
			return fields[k].value;
	for (size_t k = 0; k < s->n_answers; k++)
		if (slice_equal(s->answers[k].field, name))
			return s->answers[k].value;
	return (struct slice){0};
}

/* name=value, name=/pattern/ (which may hold spaces), name= (empty) */
static bool next_field(struct slice *rest, struct slice *name, struct slice *value)
{
	*rest = slice_trim(*rest);
	if (!slice_next(rest, '=', name))
		return false;
	if (rest->len && rest->data[0] == '/') {
		size_t end = 1 + slice_find(slice_from(*rest, 1), S("/"));
		while (end + 1 < rest->len && rest->data[end + 1] != ' ')
			end += 1 + slice_find(slice_from(*rest, end + 1), S("/"));
		*value = slice_make(rest->data, end + 1 < rest->len ? end + 1 : rest->len);
		*rest = slice_from(*rest, value->len);
		return true;
	}
	if (!rest->len || rest->data[0] == ' ' || !slice_next(rest, ' ', value))
		*value = (struct slice){0};
	return true;
}

static bool act_is(struct talk *t, size_t i, struct slice rest, struct slice *wrong)
{
	struct slice name, value;

	while (next_field(&rest, &name, &value)) {
		struct slice is = act_field(t, i, name);
		bool right = value.len > 1 && value.data[0] == '/'
				     ? text_matches(t, slice_make(value.data + 1, value.len - 2), is)
				     : slice_equal(value, is);
		if (!right) {
			*wrong = arena_printf(t->arena, SLICE_FMT "=" SLICE_FMT, SLICE_ARG(name), SLICE_ARG(is));
			return false;
		}
	}
	return true;
}

static void line_act(struct talk *t, struct slice s)
{
	struct slice name, wrong = S("(no act)");

	slice_next(&s, ' ', &name);
	if (slice_is(name, "none")) {
		judge(t, t->acts_used >= t->n_acts, "there was an act",
		      t->n_acts ? slice_of(act_names[t->acts[0].what]) : S(""));
		return;
	}
	for (size_t i = t->acts_used; i < t->n_acts; i++) {
		wrong = slice_of(act_names[t->acts[i].what]);
		if (slice_equal(wrong, name) && act_is(t, i, s, &wrong)) {
			t->acts_used = i + 1;
			passed(t);
			return;
		}
	}
	failed(t, "no such act; what came", wrong);
}

static void line_time(struct talk *t, struct slice s)
{
	int64_t ms, until;

	if (!duration_parse(slice_trim(s), &ms))
		give_up(t, "~ needs a length of time such as 10m");
	until = t->c.now + ms;
	t->n_replies = t->used = t->heard = t->n_acts = t->acts_used = 0;
	for (int i = 0; i < 20 && t->open && t->due_at && t->due_at <= until; i++) {
		struct step step = {0};

		t->c.now = t->due_at > t->c.now ? t->due_at : t->c.now;
		flow_timer(t->flow, t->matcher, t->arena, &t->c, &t->session, &step);
		take_step(t, &step);
	}
	t->c.now = until;
}

static void line_state(struct talk *t, struct slice s)
{
	struct slice word, rest = s;
	int64_t ms;

	slice_next(&rest, ' ', &word);
	rest = slice_trim(rest);
	if (slice_is(word, "ended"))
		judge(t, !t->open, "the conversation is open; it asks", t->session.question);
	else if (slice_is(word, "open"))
		judge(t, t->open, "the conversation has ended", S(""));
	else if (slice_is(word, "silent"))
		judge(t, t->heard >= t->n_replies, "there is a reply", replies_joined(t, t->heard));
	else if (slice_is(word, "asks"))
		judge(t, t->open && slice_equal(t->session.question, rest), "it asks",
		      t->open ? t->session.question : S("nothing"));
	else if (slice_is(word, "lang"))
		judge(t, slice_equal(t->c.lang, rest), "the language is", t->c.lang);
	else if (slice_is(word, "due") && duration_parse(rest, &ms))
		judge(t, t->due_at - t->c.now == ms, "due in ms",
		      arena_printf(t->arena, "%lld", (long long)(t->due_at - t->c.now)));
	else
		give_up(t, "unknown state: ended, open, silent, asks NAME, lang NAME, due TIME");
}

/* ---- header lines ---- */

static void load(struct talk *t, struct slice dir)
{
	char *copy = arena_cstr(t->arena, slice_of(t->path)), *path = arena_cstr(t->arena, dir);
	struct diags d = diags_in(t->arena);
	struct buf out = buf_in(t->arena, TALK_MAX_BYTES);

	if (access(path, F_OK) != 0)
		path = arena_cstr(t->arena, arena_printf(t->arena, "%s/%s", dirname(copy), path));
	flow_set_release(&t->set);
	t->set = flow_set_load(path, &d);
	if (t->set)
		return;
	diags_print(&d, &out, false);
	give_up(t, arena_cstr(t->arena,
			      arena_printf(t->arena, "the flows do not load\n" SLICE_FMT, SLICE_ARG(buf_slice(&out)))));
}

/* A wrong check digit would make a talk fail for a reason that is hard to see. */
static void check_number(struct talk *t, struct slice number)
{
	struct slice right, canonical;

	if (case_number_read(t->arena, number, &canonical))
		return;
	for (int digit = 0; number.len && digit < 10; digit++) {
		right = arena_printf(t->arena, SLICE_FMT "%d", (int)number.len - 1, number.data, digit);
		if (case_number_read(t->arena, right, &canonical))
			give_up(t, arena_cstr(t->arena,
					      arena_printf(t->arena, "the number's check digit is wrong: " SLICE_FMT,
							   SLICE_ARG(right))));
	}
	give_up(t, "this is no case number");
}

static void add_case(struct talk *t, struct slice rest)
{
	struct slice number, label = {0}, status = {0};

	slice_next(&rest, ' ', &number);
	slice_next(&rest, ' ', &label);
	slice_next(&rest, ' ', &status);
	check_number(t, number);
	if (t->c.n_cases < CASES_MAX)
		t->cases[t->c.n_cases++] = (struct case_brief){number, label, status};
}

static bool header(struct talk *t, struct slice word, struct slice rest)
{
	struct slice name;

	if (slice_is(word, "set"))
		load(t, rest);
	else if (slice_is(word, "lang"))
		t->c.lang = rest;
	else if (slice_is(word, "channel")) {
		t->c.channel = rest;
		t->c.sms = slice_is(rest, "sms");
		t->c.buttons = !t->c.sms;
	} else if (slice_is(word, "now")) {
		if (!iso_wall(rest, &t->c.now))
			give_up(t, "now needs a time such as 2026-11-18T10:00:00+08:00");
		next_case(t);
	} else if (slice_is(word, "zone")) {
		zone_close(&t->zone);
		t->c.zone = t->zone = zone_open(arena_cstr(t->arena, rest));
		if (!t->zone)
			give_up(t, "unknown zone");
	} else if (slice_is(word, "hours"))
		t->c.open = slice_is(rest, "open");
	else if (slice_is(word, "case"))
		add_case(t, rest);
	else if (slice_is(word, "window")) {
		slice_next(&rest, ' ', &t->c.window);
		t->c.unit = slice_trim(rest);
	} else if (slice_is(word, "fact") && t->n_facts < FACTS_MAX && slice_next(&rest, ' ', &name)) {
		t->facts[t->n_facts++] = (struct field){name, slice_trim(rest)};
		t->c.extra = t->facts;
		t->c.n_extra = t->n_facts;
	} else
		return false;
	return true;
}

static void need_set(struct talk *t)
{
	if (!t->set)
		load(t, S("prompts"));
}

static void play_line(struct talk *t, struct slice line)
{
	struct slice rest, word;

	line = slice_trim(line);
	if (!line.len || line.data[0] == '#')
		return;
	rest = slice_trim(slice_from(line, 1));
	if (!strchr("><!~^.", line.data[0])) {
		struct slice value = line;
		slice_next(&value, ' ', &word);
		if (!header(t, word, slice_trim(value)))
			give_up(t, "unknown line; see the top of tests/talks.c");
		return;
	}
	need_set(t);
	if (t->verbose)
		printf("%4d " SLICE_FMT "\n", t->line, SLICE_ARG(line));
	if (line.data[0] == '>')
		line_citizen(t, rest);
	else if (slice_begins(line, S("<!")))
		line_no_reply(t, slice_trim(slice_from(line, 2)));
	else if (line.data[0] == '<')
		line_reply(t, rest);
	else if (line.data[0] == '!')
		line_act(t, rest);
	else if (line.data[0] == '~')
		line_time(t, rest);
	else if (line.data[0] == '.')
		line_state(t, rest);
	else
		judge(t, slice_equal(t->word, slice_is(rest, "none") ? S("") : rest), "the word was",
		      t->word.len ? t->word : S("none"));
}

/* ---- a talk, or the talks in a page ---- */

/* Everything as it is before the first line; the set stays. */
static void start_over(struct talk *t)
{
	t->c = (struct context){
		.channel = S("sms"), .sms = true, .lang = S("zh"), .open = true, .zone = t->zone, .cases = t->cases};
	iso_wall(S("2026-11-18T10:00:00+08:00"), &t->c.now);
	t->open = false;
	t->sequence = 0;
	t->n_facts = t->n_replies = t->used = t->heard = t->n_acts = t->acts_used = 0;
	t->word = (struct slice){0};
	next_case(t);
}

struct page {
	struct slice names[FILES_MAX], texts[FILES_MAX];
	size_t n;
};

static void keep_words(struct page *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n; i++)
		if (slice_is(p->names[i], "words.yaml")) {
			p->names[kept] = p->names[i];
			p->texts[kept++] = p->texts[i];
		}
	p->n = kept;
}

static void add_file(struct page *p, struct slice name, struct slice text)
{
	size_t i = 0;

	while (i < p->n && !slice_equal(p->names[i], name))
		i++;
	if (i == FILES_MAX)
		return;
	p->names[i] = name;
	p->texts[i] = text;
	p->n += i == p->n;
}

/* The set as far as it was shown; one that must be refused says why in a comment. */
static void load_page(struct talk *t, struct page *p, struct slice error)
{
	struct diags d = diags_in(t->arena);
	struct buf out = buf_in(t->arena, TALK_MAX_BYTES);

	flow_set_release(&t->set);
	t->set = flow_set_parse(p->names, p->texts, p->n, &d);
	diags_print(&d, &out, false);
	if (!error.len && !t->set)
		failed(t, "the flows do not load", buf_slice(&out));
	else if (error.len)
		judge(t, !t->set && slice_find(buf_slice(&out), error) < out.len, "this error was to come",
		      buf_slice(&out));
	if (error.len)
		p->n--;
}

static struct slice wanted_error(struct slice text)
{
	struct slice mark = S("# error: "), line;
	size_t at = slice_find(text, mark);

	text = slice_from(text, at + (at < text.len ? mark.len : 0));
	return slice_next(&text, '\n', &line) ? slice_trim(line) : (struct slice){0};
}

/* Up to the line ```; the line count goes on. */
static struct slice block(struct talk *t, struct slice *rest)
{
	const char *begin = rest->data;
	struct slice line;
	size_t len = 0;

	while (slice_next(rest, '\n', &line)) {
		t->line++;
		if (slice_begins(line, S("```")))
			break;
		len += line.len + 1;
	}
	return slice_make(begin, len);
}

static void play_lines(struct talk *t, struct slice text)
{
	struct slice line;

	while (text.len) {
		t->line++;
		slice_next(&text, '\n', &line);
		play_line(t, line);
	}
}

static void play_page(struct talk *t, struct slice text)
{
	struct slice line, yaml = S("```yaml test ");
	struct page p = {.n = 0};

	while (slice_next(&text, '\n', &line)) {
		t->line++;
		if (slice_begins(line, S("## "))) {
			keep_words(&p);
		} else if (slice_begins(line, yaml)) {
			struct slice body = block(t, &text);
			add_file(&p, slice_trim(slice_from(line, yaml.len)), body);
			if (wanted_error(body).len)
				load_page(t, &p, wanted_error(body));
		} else if (slice_is(slice_trim(line), "```talk")) {
			int from = t->line;
			struct slice body = block(t, &text);
			load_page(t, &p, (struct slice){0});
			t->line = from;
			start_over(t);
			if (t->set)
				play_lines(t, body);
			t->line++;
		}
	}
}

static struct slice read_whole(const char *path, struct arena *a)
{
	FILE *f = fopen(path, "rb");
	char *bytes = arena_alloc(a, TALK_MAX_BYTES);
	size_t n = f ? fread(bytes, 1, TALK_MAX_BYTES, f) : 0;

	if (!f) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(2);
	}
	fclose(f);
	return slice_make(bytes, n);
}

static void play(const char *path, bool verbose, int *all_passed, int *all_failed)
{
	struct talk *t = calloc(1, sizeof *t);
	struct slice text;

	if (!t || !(t->zone = zone_open("Asia/Shanghai")))
		exit(2);
	t->path = path;
	t->verbose = verbose;
	t->arena = arena_open(0);
	t->matcher = matcher_open();
	start_over(t);
	text = read_whole(path, t->arena);
	if (setjmp(t->out_of_here) == 0) {
		if (!utf8_valid(text))
			give_up(t, "is not UTF-8");
		if (slice_ends(slice_of(path), S(".md")))
			play_page(t, text);
		else
			play_lines(t, text);
	}
	*all_passed += t->passed;
	*all_failed += t->failed;
	matcher_close(&t->matcher);
	flow_set_release(&t->set);
	arena_close(&t->arena);
	zone_close(&t->zone);
	free(t);
}

int main(int argc, char **argv)
{
	bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	int good = 0, bad = 0;

	if (argc < 2 + verbose) {
		fprintf(stderr, "talks FILE.talk…: plays dialogues against a flow set\n");
		return 2;
	}
	secret_start();
	for (int i = 1 + verbose; i < argc; i++)
		play(argv[i], verbose, &good, &bad);
	printf("%d passed, %d failed\n", good, bad);
	return bad ? 1 : 0;
}
