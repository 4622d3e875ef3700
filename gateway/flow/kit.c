/*
 * The compiled tables of the ready types. A row that does not compile is a bug of ours and fatal at start.
 */
#include "flow/kit.h"
#include "flow/fold.h"
#include "flow/sieve.h"

#include <stdlib.h>

static const struct rule *const tables[KIT_TABLES] = {
	[KIT_DATE_NOISE] = date_noise_rules,
	[KIT_DATE_WEEKDAY] = date_weekday_rules,
	[KIT_DATE_VAGUE] = date_vague_rules,
	[KIT_FESTIVAL] = festival_rules,
	[KIT_DATE] = date_rules,
	[KIT_NUMBER_VAGUE] = number_vague_rules,
	[KIT_RATING] = rating_rules,
	[KIT_NUMBER_NOISE] = number_noise_rules,
	[KIT_PLACE] = place_rules,
};

static const struct words *const words[KIT_LEXICONS][3] = {
	[KIT_WORDS_YES_NO] = {yes_no_words, yes_no_words_en},
	[KIT_WORDS_RATING] = {rating_words, rating_words_en},
};

struct kit {
	struct {
		struct pattern **list;
		struct sieve *sieves;
		size_t n;
	} tables[KIT_TABLES];
	struct arena *arena; /* of the sieves */
	struct slice sniffed; /* the text whose scent is at hand; it must not change until kit_forget */
	struct scent scent;
	struct lexicon *lexicons[KIT_LEXICONS];
};

struct kit *kit_open(void)
{
	struct kit *k = calloc(1, sizeof *k);

	if (!k)
		exhausted("kit");
	k->arena = arena_open(0);
	for (size_t t = 0; t < KIT_TABLES; t++) {
		size_t n = 0;

		while (tables[t][n].regex)
			n++;
		k->tables[t].list = calloc(n + 1, sizeof *k->tables[t].list);
		if (!k->tables[t].list)
			exhausted("kit");
		k->tables[t].sieves = ARENA_ARRAY(k->arena, struct sieve, n + 1);
		for (; k->tables[t].n < n; k->tables[t].n++) {
			const char *regex = tables[t][k->tables[t].n].regex, *why = NULL;
			size_t offset;

			k->tables[t].list[k->tables[t].n] = pattern_compile(slice_of(regex), &why, &offset);
			if (why)
				panic("types: table %zu row %zu, byte %zu: %s", t, k->tables[t].n, offset, why);
			k->tables[t].sieves[k->tables[t].n] = sieve_of(k->arena, fold_pattern(k->arena, slice_of(regex)));
		}
	}
	for (size_t i = 0; i < KIT_LEXICONS; i++)
		k->lexicons[i] = lexicon_open(words[i]);
	return k;
}

const struct lexicon *kit_lexicon(const struct matcher *m, enum kit_lexicon which)
{
	return matcher_kit(m)->lexicons[which];
}

void kit_close(struct kit **k)
{
	if (!k || !*k)
		return;
	for (size_t t = 0; t < KIT_TABLES; t++) {
		for (size_t i = 0; i < (*k)->tables[t].n; i++)
			pattern_free(&(*k)->tables[t].list[i]);
		free((*k)->tables[t].list);
	}
	for (size_t i = 0; i < KIT_LEXICONS; i++)
		lexicon_close(&(*k)->lexicons[i]);
	arena_close(&(*k)->arena);
	free(*k);
	*k = NULL;
}

void kit_forget(struct matcher *m)
{
	matcher_kit(m)->sniffed = (struct slice){0};
}

/* Can row i match at all? Most of a table's rows need characters that the text has not. */
static bool may_match(struct kit *k, enum kit_table table, size_t i, struct slice text)
{
	if (k->sniffed.data != text.data || k->sniffed.len != text.len) {
		scent_of(text, &k->scent);
		k->sniffed = text;
	}
	return sieve_lets(&k->tables[table].sieves[i], &k->scent);
}

bool kit_match(struct matcher *m, enum kit_table table, size_t i, struct slice text, struct match *out)
{
	struct kit *k = matcher_kit(m);

	return i < k->tables[table].n && may_match(k, table, i, text) &&
	       pattern_match(k->tables[table].list[i], m, text, out) == MATCHED_YES;
}

/* Marks of the rows that cannot match: nine in ten messages are in one script alone. */
static int missing_scripts(struct slice text)
{
	int missing = ONLY_HAN | ONLY_LATIN;

	for (size_t i = 0; i < text.len && missing; i++) {
		if (text.data[i] < 0)
			missing &= ~ONLY_HAN;
		else if ((text.data[i] >= 'a' && text.data[i] <= 'z') || (text.data[i] >= 'A' && text.data[i] <= 'Z'))
			missing &= ~ONLY_LATIN;
	}
	return missing;
}

bool kit_first(struct matcher *m, enum kit_table table, size_t *i, struct slice text, struct match *out)
{
	const struct kit *k = matcher_kit(m);
	int missing = missing_scripts(text);

	for (; *i < k->tables[table].n; (*i)++) {
		int means = tables[table][*i].means;

		if (!(means > 0 && (means & missing)) && kit_match(m, table, *i, text, out))
			return true;
	}
	return false;
}

struct slice match_group(const struct match *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++) {
		if (slice_is(m->names[i], name))
			return m->values[i].data ? m->values[i] : (struct slice){0};
	}
	return (struct slice){0};
}
