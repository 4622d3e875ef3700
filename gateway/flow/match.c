/*
 * Regular expressions under limits; PCRE2 appears here only.
 *
 * A match limit is no limit of work (reliability.md 4.4: it begins anew at every start offset), so every pattern is
 * compiled with automatic callouts, and the callout ends the match after so many steps: the same text is understood
 * alike on every machine, however slow or busy. The clock that is looked at now and then is for what nobody thought of.
 * No JIT: it would need memory that is writable and executable, and it ignores the depth limit. No back-references, no
 * \C, no leading "(*": each undoes one of the limits. Out of memory while a matcher is opened is fatal; nothing about a
 * pattern or a text is.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "flow/match.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flow/debian.h"
#include "flow/fold.h"
#include "flow/kit.h"

#define BYTES_PER_STEP    8
#define CALLOUTS_PER_LOOK 1024 /* between two looks at the clock: about 15 µs */
#define MAX_CAPTURES      255
#define STOPPED           (-1000) /* the callout's own verdict; below all of PCRE2's */

struct group {
	struct slice name;
	uint16_t numbers[8];
	size_t n;
};

/* A compiled pattern takes twenty times its source, and of thousands nearly all are never run: what was compiled to
   look for faults is let go, and made again by the first text that gets past the sieve. */
struct pattern {
	_Atomic(pcre2_code *) code;
	struct slice source;
	struct group *groups;
	size_t n_groups;
};

struct matcher {
	pcre2_match_data *data;
	pcre2_match_context *context;
	struct kit *kit;  /* the compiled patterns of the ready types */
	int64_t begun_ns; /* first look at the clock in the running call; 0: none yet, and most calls end before it */
	struct word_memo *memo; /* of words.c: texts that were heard lately */
	size_t at;              /* byte of the text where the last callout stood */
	uint32_t callouts, steps, most_steps;
	uint64_t limited;
};

/* The thread's own: one that had to wait for a processor has not worked meanwhile. */
static int64_t worked_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- the matcher ---- */

static int on_callout(pcre2_callout_block *block, void *opaque)
{
	struct matcher *m = opaque;
	size_t at = block->current_position, run = at > m->at ? at - m->at : 0;

	m->at = at;
	m->steps += 1 + (uint32_t)(run / BYTES_PER_STEP); /* "a+" runs over what it likes in one step */
	if (m->steps >= MATCH_STEPS)
		return STOPPED;
	if (++m->callouts % CALLOUTS_PER_LOOK)
		return 0;
	if (!m->begun_ns)
		m->begun_ns = worked_ns();
	return worked_ns() - m->begun_ns > (int64_t)MATCH_DEADLINE_US * 1000 ? STOPPED : 0;
}

struct matcher *matcher_open(void)
{
	struct matcher *m = calloc(1, sizeof *m);

	if (!m)
		exhausted("match");
	m->data = pcre2_match_data_create(MAX_CAPTURES + 1, NULL);
	m->context = pcre2_match_context_create(NULL);
	if (!m->data || !m->context)
		exhausted("match");
	pcre2_set_match_limit(m->context, MATCH_LIMIT);
	pcre2_set_depth_limit(m->context, MATCH_DEPTH);
	pcre2_set_heap_limit(m->context, MATCH_HEAP_KIB);
	pcre2_set_callout(m->context, on_callout, m);
	m->kit = kit_open();
	return m;
}

void matcher_close(struct matcher **m)
{
	if (!m || !*m)
		return;
	kit_close(&(*m)->kit);
	free((*m)->memo);
	pcre2_match_data_free((*m)->data);
	pcre2_match_context_free((*m)->context);
	free(*m);
	*m = NULL;
}

uint64_t matcher_limited(const struct matcher *m)
{
	return m->limited;
}

uint32_t matcher_most_steps(const struct matcher *m)
{
	return m->most_steps;
}

struct kit *matcher_kit(const struct matcher *m)
{
	return m->kit;
}

struct word_memo *matcher_memo(struct matcher *m)
{
	if (!m->memo && !(m->memo = calloc(WORD_MEMOS, sizeof *m->memo)))
		exhausted("match");
	return m->memo;
}

/* ---- compiling ---- */

/* PCRE2's words are for programmers; the common faults in an office's. */
static const char *fault_words(int code)
{
	static const struct {
		int code;
		const char *words;
	} list[] = {
		{PCRE2_ERROR_END_BACKSLASH, "the pattern ends in a single backslash"},
		{PCRE2_ERROR_END_BACKSLASH_C, "the pattern ends in \\c"},
		{PCRE2_ERROR_UNKNOWN_ESCAPE, "there is no such backslash sequence"},
		{PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER, "in {from,to} the first number is the greater"},
		{PCRE2_ERROR_QUANTIFIER_TOO_BIG, "a repeat count is too big (at most 65535)"},
		{PCRE2_ERROR_MISSING_SQUARE_BRACKET, "a [ is never closed with ]"},
		{PCRE2_ERROR_ESCAPE_INVALID_IN_CLASS, "this backslash sequence means nothing inside [ ]"},
		{PCRE2_ERROR_CLASS_RANGE_ORDER, "a range in [ ] runs backwards"},
		{PCRE2_ERROR_QUANTIFIER_INVALID, "a *, + or ? has nothing to repeat"},
		{PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS, "a ( is never closed with )"},
		{PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS, "a ) closes nothing"},
		{PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE, "it refers to a group that is not there"},
		{PCRE2_ERROR_PATTERN_TOO_LARGE, "the pattern is too large once its repeats are counted out"},
		{PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH, "what (?<= or (?<! looks back on must have one length"},
		{PCRE2_ERROR_UNKNOWN_POSIX_CLASS, "there is no such [:class:]"},
		{PCRE2_ERROR_INVALID_SUBPATTERN_NAME, "a group's name may hold only letters, digits and _"},
		{PCRE2_ERROR_MISSING_NAME_TERMINATOR, "a group's name must end with >"},
		{PCRE2_ERROR_SUBPATTERN_NAME_TOO_LONG, "a group's name is longer than 32 letters"},
		{PCRE2_ERROR_TOO_MANY_NAMED_SUBPATTERNS, "too many named groups"},
		{PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP, "parentheses are nested too deep"},
		{PCRE2_ERROR_PATTERN_TOO_COMPLICATED, "the pattern is too complicated"},
		{PCRE2_ERROR_PATTERN_STRING_TOO_LONG, "the pattern is too long"},
		{PCRE2_ERROR_BACKSLASH_C_CALLER_DISABLED, "\\C is not allowed: it cuts characters apart"},
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		if (list[i].code == code)
			return list[i].words;
	}
	return "this is not a valid regular expression";
}

static const char *read_groups(struct pattern *p)
{
	uint32_t n = 0, entry = 0;
	PCRE2_SPTR table = NULL;

	pcre2_pattern_info(p->code, PCRE2_INFO_NAMECOUNT, &n);
	if (n && !(p->groups = calloc(n < PATTERN_MAX_GROUPS ? n : PATTERN_MAX_GROUPS, sizeof *p->groups)))
		exhausted("match");
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMEENTRYSIZE, &entry);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMETABLE, &table);
	for (uint32_t i = 0; i < n; i++, table += entry) { /* sorted: equal names lie together */
		struct slice name = slice_of((const char *)table + 2);
		struct group *g = p->n_groups ? &p->groups[p->n_groups - 1] : NULL;

		if (!g || !slice_equal(g->name, name)) {
			if (p->n_groups == PATTERN_MAX_GROUPS)
				return "too many named groups (at most 32)";
			g = &p->groups[p->n_groups++];
			g->name = name;
		}
		if (g->n == sizeof g->numbers / sizeof *g->numbers)
			return "one group's name is used more than 8 times";
		g->numbers[g->n++] = (uint16_t)(table[0] << 8 | table[1]);
	}
	return NULL;
}

/* What PCRE2 would take and we do not. */
static const char *refusal(struct pattern *p)
{
	uint32_t back = 0, captures = 0;

	pcre2_pattern_info(p->code, PCRE2_INFO_BACKREFMAX, &back);
	pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &captures);
	if (back > 0)
		return "back-references such as \\1 are not allowed: they can take for ever; write the text out";
	if (captures > MAX_CAPTURES)
		return "too many groups; begin those that need no name with (?:";
	return read_groups(p);
}

static pcre2_code *compile(struct slice folded, int *error, size_t *offset)
{
	const uint32_t options =
		PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_AUTO_CALLOUT | PCRE2_NEVER_BACKSLASH_C | PCRE2_DUPNAMES;

	return pcre2_compile((PCRE2_SPTR)(folded.data ? folded.data : ""), folded.len, options, error, offset, NULL);
}

struct pattern *pattern_compile(struct slice source, const char **why, size_t *offset)
{
	struct arena *a;
	struct pattern *p;
	size_t at = 0;
	int error = 0;
	char *copy;

	*offset = 0;
	if (source.len > PATTERN_MAX_BYTES)
		return *why = "the pattern is too long (at most 16384 bytes)", NULL;
	if (!utf8_valid(source))
		return *why = "the pattern is not valid UTF-8", NULL;
	if (slice_begins(source, S("(*")))
		return *why = "a pattern may not begin with (*: write \\( for a parenthesis", NULL;
	p = calloc(1, sizeof *p);
	copy = malloc(source.len + 1);
	if (!p || !copy)
		exhausted("match");
	if (source.len)
		memcpy(copy, source.data, source.len);
	p->source = slice_make(copy, source.len);
	a = arena_open(0);
	p->code = compile(fold_pattern(a, source), &error, &at);
	if (!p->code && error == PCRE2_ERROR_HEAP_FAILED)
		exhausted("a pattern");
	*why = p->code ? refusal(p) : fault_words(error);
	if (p->code && !p->n_groups) { /* the names of groups lie in it */
		pcre2_code_free(p->code);
		p->code = NULL;
	} else if (!p->code)
		*offset = fold_pattern_offset(a, source, at);
	arena_close(&a);
	if (*why)
		pattern_free(&p);
	return p;
}

/* Any thread; whoever comes second lets go of his. */
static pcre2_code *code_of(const struct pattern *p)
{
	struct pattern *open = (struct pattern *)(uintptr_t)p;
	pcre2_code *code = atomic_load_explicit(&open->code, memory_order_acquire), *mine;
	struct arena *a;
	size_t at;
	int error;

	if (code)
		return code;
	a = arena_open(0);
	mine = compile(fold_pattern(a, p->source), &error, &at);
	arena_close(&a);
	if (!mine) /* it compiled before */
		exhausted("a pattern");
	if (atomic_compare_exchange_strong(&open->code, &code, mine))
		return mine;
	pcre2_code_free(mine);
	return code;
}

void pattern_free(struct pattern **p)
{
	if (!p || !*p)
		return;
	pcre2_code_free((*p)->code);
	free((char *)(uintptr_t)(*p)->source.data);
	free((*p)->groups);
	free(*p);
	*p = NULL;
}

struct slice pattern_source(const struct pattern *p)
{
	return p->source;
}

size_t pattern_groups(const struct pattern *p)
{
	return p->n_groups;
}

struct slice pattern_group(const struct pattern *p, size_t i)
{
	return i < p->n_groups ? p->groups[i].name : (struct slice){0};
}

/* ---- matching ---- */

static struct slice captured(const PCRE2_SIZE *ends, size_t number, int set, struct slice text)
{
	if ((int)number >= set || ends[2 * number] == PCRE2_UNSET || ends[2 * number + 1] < ends[2 * number])
		return (struct slice){0};
	return slice_make(text.data + ends[2 * number], ends[2 * number + 1] - ends[2 * number]);
}

static void read_match(const struct pattern *p, const struct matcher *m, int set, struct slice text, struct match *out)
{
	const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(m->data);

	out->n = p->n_groups;
	out->whole = captured(ends, 0, set, text);
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct group *g = &p->groups[i];

		out->names[i] = g->name;
		out->values[i] = (struct slice){0};
		for (size_t k = 0; k < g->n && !out->values[i].data; k++)
			out->values[i] = captured(ends, g->numbers[k], set, text);
	}
}

enum matched pattern_match(const struct pattern *p, struct matcher *m, struct slice text, struct match *out)
{
	return pattern_match_from(p, m, text, 0, out);
}

enum matched pattern_match_from(const struct pattern *p, struct matcher *m, struct slice text, size_t from,
				struct match *out)
{
	int rc;

	text = utf8_cut(text, MATCH_TEXT_MAX);
	if (!text.data)
		text = S("");
	if (from > text.len)
		return MATCHED_NO;
	m->at = from;
	m->callouts = m->steps = 0;
	m->begun_ns = 0;
	rc = pcre2_match(code_of(p), (PCRE2_SPTR)text.data, text.len, from, 0, m->data, m->context);
	if (m->steps > m->most_steps)
		m->most_steps = m->steps;
	if (rc == PCRE2_ERROR_NOMATCH)
		return MATCHED_NO;
	if (rc == PCRE2_ERROR_NOMEMORY) /* no answer at all; to take it for "not understood" would be kept */
		exhausted("matching");
	if (rc <= 0) { /* 0 cannot be: the vector has room for every group that compiles */
		m->limited++;
		return MATCHED_LIMIT;
	}
	if (out)
		read_match(p, m, rc, text, out);
	return MATCHED_YES;
}

/* ---- the library's age ---- */

#define FIXED_UPSTREAM "10.48"
#define FIXED_DEBIAN   "10.42-1+deb12u2"

bool match_library_safe(const char **why)
{
	char linked[64] = "", packaged[128];

	*why = NULL;
	if (pcre2_config(PCRE2_CONFIG_VERSION, NULL) <= (int)sizeof linked)
		pcre2_config(PCRE2_CONFIG_VERSION, linked);
	linked[strcspn(linked, " ")] = '\0'; /* "10.42 2022-12-11" */
	if (debian_version_compare(linked, FIXED_UPSTREAM) >= 0)
		return true;
	if (debian_package_version("/var/lib/dpkg/status", "libpcre2-8-0", packaged, sizeof packaged) &&
	    debian_version_compare(packaged, FIXED_DEBIAN) >= 0)
		return true;
	*why = "the regular expression library PCRE2 on this machine has known security holes; install Debian's "
	       "libpcre2-8-0 " FIXED_DEBIAN
	       " or newer (apt-get update && apt-get install libpcre2-8-0), or PCRE2 " FIXED_UPSTREAM " or newer";
	return false;
}
