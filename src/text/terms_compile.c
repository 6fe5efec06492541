/*
 * From a list to one block: patterns are folded, made different spellings of,
 * sorted so that the same are one, and put into tables.
 */
#include "text/term_list.h"
#include "text/terms.h"
#include "text/utf8.h"

#define BLOCK_MAX     ((size_t)2 << 30)
#define SPELLINGS_MAX 6 /* with one letter spelled, of a text with more than three that can be */

/* A pattern before it is known which are the same. */
struct draft {
	struct terms_text text;
	uint64_t spelled;
	uint32_t flags;
	struct terms_use use;
};

struct compiler {
	const struct ward_term_list *list;
	struct ward_fold *fold;
	struct ward_buf strings, out;
	struct terms_row *rows;
	struct draft *drafts;
	size_t draft_count, draft_room;
	struct terms_pattern *patterns;
	struct terms_use *uses;
	size_t pattern_count;
	bool failed;
};

static struct terms_text keep(struct compiler *compiler, ward_str text)
{
	struct terms_text kept = { (uint32_t)compiler->strings.len, (uint32_t)text.len };

	ward_buf_str(&compiler->strings, text);
	return kept;
}

static const char *string_at(const struct compiler *compiler, struct terms_text text)
{
	return compiler->strings.ptr + text.at;
}

/* ---- drafts ---- */

static void add_draft(struct compiler *compiler, ward_str text, uint64_t spelled, uint32_t flags,
		struct terms_use use)
{
	if (compiler->draft_count == compiler->draft_room) {
		size_t room = compiler->draft_room ? compiler->draft_room * 2 : 1024;
		struct draft *drafts = realloc(compiler->drafts, room * sizeof(*drafts));

		if (!drafts) {
			compiler->failed = true;
			return;
		}
		compiler->drafts = drafts;
		compiler->draft_room = room;
	}
	compiler->drafts[compiler->draft_count++] =
			(struct draft){ keep(compiler, text), spelled, flags, use };
}

/*
 * Letters that another sign stands for as well as for the letter that it folds
 * to: 1, | and ! fold to i and may be l; capitals of Cyrillic look like capitals
 * of Latin where the small letters do not.
 */
static const struct {
	char letter;
	char spelling[3];
} spellings[] = {
	{ 'l', "i" },
	{ 'b', "\xd0\xb2" },
	{ 'h', "\xd0\xbd" },
	{ 'k', "\xd0\xba" },
	{ 'm', "\xd0\xbc" },
	{ 't', "\xd1\x82" },
};

static const char *spelling_of(char letter)
{
	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
		if (spellings[i].letter == letter)
			return spellings[i].spelling;
	}
	return NULL;
}

/* The text with the letters of `chosen` (bits in order of the letters that can be) spelled. */
static void add_spelling(struct compiler *compiler, ward_str text, uint32_t chosen, uint32_t flags,
		struct terms_use use)
{
	char spelled[2 * WARD_TERM_BYTES_MAX + 1];
	uint64_t places = 0;
	size_t len = 0;
	uint32_t bit = 1;

	for (size_t i = 0; i < text.len; i++) {
		const char *other = spelling_of(text.ptr[i]);

		if (other && (chosen & bit) && len < 64) {
			places |= UINT64_C(1) << len;
			while (*other)
				spelled[len++] = *other++;
		} else {
			spelled[len++] = text.ptr[i];
		}
		bit <<= other ? 1 : 0;
	}
	if (places)
		add_draft(compiler, (ward_str){ spelled, len }, places, flags, use);
}

/* All ways to spell up to three such letters; of more, each alone and all together. */
static void add_spellings(struct compiler *compiler, ward_str text, uint32_t flags,
		struct terms_use use)
{
	uint32_t count = 0;

	for (size_t i = 0; i < text.len && count < 31; i++)
		count += spelling_of(text.ptr[i]) != NULL;
	if (count <= 3) {
		for (uint32_t chosen = 1; chosen < 1u << count; chosen++)
			add_spelling(compiler, text, chosen, flags, use);
		return;
	}
	for (uint32_t i = 0; i < count && i < SPELLINGS_MAX; i++)
		add_spelling(compiler, text, 1u << i, flags, use);
	add_spelling(compiler, text, UINT32_MAX, flags, use);
}

static bool is_wide(const char *at, const char *end)
{
	size_t len;
	uint32_t point = utf8_read((const uint8_t *)at, (const uint8_t *)end, &len);

	return point != UTF8_BROKEN && fold_class(fold_entry(point)) == FOLD_WIDE;
}

static uint32_t flags_of(ward_str text, bool part)
{
	const char *end = text.ptr + text.len, *last = end - 1;

	while (last > text.ptr && ((uint8_t)*last & 0xc0) == 0x80)
		last--;
	return (part ? TERMS_PART : 0u) | (is_wide(text.ptr, end) ? TERMS_WIDE_START : 0u) |
	       (is_wide(last, end) ? TERMS_WIDE_END : 0u);
}

static ward_err draft_text(struct compiler *compiler, ward_str text, bool part,
		struct terms_use use, struct ward_error *error)
{
	ward_str folded;
	ward_err err = ward_fold_text(compiler->fold, text, &folded, error);

	if (err)
		return err;
	uint32_t flags = flags_of(folded, part);

	/* One byte stands in most words: it counts as a word alone. */
	if (folded.len < 2)
		flags &= ~(uint32_t)TERMS_PART;
	add_draft(compiler, folded, 0, flags, use);
	add_spellings(compiler, folded, flags, use);
	return WARD_OK;
}

static ward_err draft_term(struct compiler *compiler, size_t index, struct ward_error *error)
{
	const struct ward_term *term = &compiler->list->terms[index];
	struct terms_row *row = &compiler->rows[index];
	ward_err err = draft_text(compiler, term->text, term->part,
			(struct terms_use){ (uint32_t)index, 0 }, error);

	*row = (struct terms_row){
		.weight = term->weight,
		.text = keep(compiler, term->text),
		.category = keep(compiler, term->category),
		.language = keep(compiler, term->language),
		.with_count = (uint32_t)term->with_count,
		.within = term->within,
		.kind = term->kind,
		.part = term->part,
	};
	for (size_t i = 0; i < term->with_count && !err; i++) {
		row->with[i] = keep(compiler, term->with[i]);
		err = draft_text(compiler, term->with[i], term->part,
				(struct terms_use){ (uint32_t)index, (uint32_t)i + 1 }, error);
	}
	return err;
}

/* ---- patterns ---- */

/* The number of the pattern that `draft` is; a new one when there is none yet. */
static uint32_t pattern_of(struct compiler *compiler, const struct draft *draft, uint32_t *slots,
		size_t slot_count)
{
	const char *text = string_at(compiler, draft->text);
	uint64_t hash = draft->spelled * 31 + draft->flags;

	for (uint32_t i = 0; i < draft->text.len; i++)
		hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
	for (size_t at = terms_mix(hash) & (slot_count - 1);; at = (at + 1) & (slot_count - 1)) {
		struct terms_pattern *pattern = &compiler->patterns[slots[at]];

		if (slots[at] == TERMS_NONE) {
			slots[at] = (uint32_t)compiler->pattern_count++;
			compiler->patterns[slots[at]] = (struct terms_pattern){
				.text = draft->text,
				.spelled = draft->spelled,
				.flags = draft->flags,
				.next = TERMS_NONE,
				.next_joined = TERMS_NONE,
			};
			return slots[at];
		}
		if (pattern->spelled == draft->spelled && pattern->flags == draft->flags &&
				pattern->text.len == draft->text.len &&
				memcmp(string_at(compiler, pattern->text), text, draft->text.len) ==
						0)
			return slots[at];
	}
}

static size_t power_above(size_t count)
{
	size_t power = 2;

	while (power < count)
		power *= 2;
	return power;
}

/* Drafts that are the same become one pattern, whose uses lie together. */
static void make_patterns(struct compiler *compiler)
{
	size_t count = compiler->draft_count, slot_count = power_above(2 * count + 2);
	uint32_t *slots = malloc(slot_count * sizeof(*slots));
	uint32_t *numbers = malloc((count + 1) * sizeof(*numbers)), next = 0;

	compiler->patterns = calloc(count + 1, sizeof(*compiler->patterns));
	compiler->uses = calloc(count + 1, sizeof(*compiler->uses));
	if (!slots || !numbers || !compiler->patterns || !compiler->uses) {
		compiler->failed = true;
	} else {
		memset(slots, 0xff, slot_count * sizeof(*slots));
		for (size_t i = 0; i < count; i++) {
			numbers[i] = pattern_of(compiler, &compiler->drafts[i], slots, slot_count);
			compiler->patterns[numbers[i]].use_count++;
		}
		for (size_t i = 0; i < compiler->pattern_count; i++) {
			compiler->patterns[i].use_first = next;
			next += compiler->patterns[i].use_count;
			compiler->patterns[i].use_count = 0;
		}
		for (size_t i = 0; i < count; i++) {
			struct terms_pattern *pattern = &compiler->patterns[numbers[i]];

			compiler->uses[pattern->use_first + pattern->use_count++] =
					compiler->drafts[i].use;
		}
	}
	free(slots);
	free(numbers);
}

/* ---- tables ---- */

static uint32_t place(struct compiler *compiler, const void *bytes, size_t len)
{
	static const char zeroes[8];
	uint32_t at;

	ward_buf_add(&compiler->out, zeroes, (8 - compiler->out.len % 8) % 8);
	at = (uint32_t)compiler->out.len;
	ward_buf_add(&compiler->out, bytes, len);
	return at;
}

static uint32_t log_of(size_t power)
{
	return (uint32_t)__builtin_ctzll(power);
}

/* Which patterns a table holds. */
struct wanted {
	uint32_t bytes; /* 0: words */
	bool joined;
	bool mapped; /* a bitmap stands before it */
};

static bool belongs(const struct terms_pattern *pattern, struct wanted wanted)
{
	bool word = !(pattern->flags & (TERMS_PART | TERMS_WIDE_START | TERMS_WIDE_END));

	if (wanted.bytes == 0)
		return word;
	return word == wanted.joined &&
	       terms_gram_bytes(terms_gram_of(pattern->text.len)) == wanted.bytes;
}

/* The word or the bytes that a pattern begins with, as the text is asked for them. */
static uint64_t key_of(const struct compiler *compiler, const struct terms_pattern *pattern,
		uint32_t bytes)
{
	char text[WARD_TERM_BYTES_MAX * 2 + 24] = { 0 };
	const char *space;

	memcpy(text, string_at(compiler, pattern->text), pattern->text.len);
	if (bytes > 0)
		return terms_gram_key(text, bytes);
	space = memchr(text, ' ', pattern->text.len);
	return terms_word_key(text, space ? (size_t)(space - text) : pattern->text.len);
}

static void put_in(struct terms_slot *slots, uint32_t log, uint64_t key, uint32_t number,
		struct terms_pattern *patterns, bool joined, uint32_t *used)
{
	uint64_t mask = (UINT64_C(1) << log) - 1, at = terms_place(key, log);
	uint32_t *next = joined ? &patterns[number].next_joined : &patterns[number].next;

	while (slots[at].first != TERMS_NONE && slots[at].key != key)
		at = (at + 1) & mask;
	*used += slots[at].first == TERMS_NONE;
	*next = slots[at].first;
	slots[at].key = key;
	slots[at].first = number;
}

static void fill_table(struct compiler *compiler, struct wanted wanted, struct terms_slot *slots,
		uint64_t *bitmap, struct terms_table *table)
{
	for (size_t i = 0; i < compiler->pattern_count; i++) {
		if (!belongs(&compiler->patterns[i], wanted))
			continue;
		uint64_t key = key_of(compiler, &compiler->patterns[i], wanted.bytes);

		if (wanted.mapped) {
			uint64_t bit = terms_place(key, table->bits_log);

			bitmap[bit / 64] |= UINT64_C(1) << bit % 64;
		}
		put_in(slots, table->slots_log, key, (uint32_t)i, compiler->patterns, wanted.joined,
				&table->used);
	}
}

static void make_table(struct compiler *compiler, struct wanted wanted, struct terms_table *table)
{
	size_t count = 0, slot_count, bits = TERMS_BITS_MIN;
	struct terms_slot *slots;
	uint64_t *bitmap;

	for (size_t i = 0; i < compiler->pattern_count; i++)
		count += belongs(&compiler->patterns[i], wanted);
	slot_count = power_above(2 * count);
	if (wanted.mapped)
		bits = power_above(32 * count < 2048 ? 2048 : 32 * count);
	*table = (struct terms_table){ .bits_log = log_of(bits),
		.slots_log = log_of(slot_count),
		.bytes = wanted.bytes };
	slots = calloc(slot_count, sizeof(*slots));
	bitmap = calloc(bits / 64, sizeof(*bitmap));
	if (slots && bitmap) {
		for (size_t i = 0; i < slot_count; i++)
			slots[i].first = TERMS_NONE;
		fill_table(compiler, wanted, slots, bitmap, table);
		table->bits_at = place(compiler, bitmap, bits / 8);
		table->slots_at = place(compiler, slots, slot_count * sizeof(*slots));
	} else {
		compiler->failed = true;
	}
	free(slots);
	free(bitmap);
}

/* ---- the block ---- */

static void make_block(struct compiler *compiler, struct terms_header *header)
{
	*header = (struct terms_header){ .magic = TERMS_MAGIC,
		.fold_options = compiler->list->fold_options };
	place(compiler, header, sizeof(*header));
	make_table(compiler, (struct wanted){ 0, false, true }, &header->words);
	for (enum terms_gram gram = 0; gram < TERMS_GRAMS; gram++) {
		uint32_t bytes = terms_gram_bytes(gram);

		make_table(compiler, (struct wanted){ bytes, false, false }, &header->parts[gram]);
		make_table(compiler, (struct wanted){ bytes, true, true }, &header->joined[gram]);
	}
	header->strings_len = (uint32_t)compiler->strings.len;
	header->strings_at = place(compiler, compiler->strings.ptr, compiler->strings.len);
	header->terms_len = (uint32_t)compiler->list->count;
	header->terms_at = place(compiler, compiler->rows,
			compiler->list->count * sizeof(*compiler->rows));
	header->patterns_len = (uint32_t)compiler->pattern_count;
	header->patterns_at = place(compiler, compiler->patterns,
			compiler->pattern_count * sizeof(*compiler->patterns));
	header->uses_len = (uint32_t)compiler->draft_count;
	header->uses_at = place(compiler, compiler->uses,
			compiler->draft_count * sizeof(*compiler->uses));
	place(compiler, NULL, 0);
	if (compiler->out.failed)
		return;
	header->size = (uint32_t)compiler->out.len;
	memcpy(compiler->out.ptr, header, sizeof(*header));
	size_t from = offsetof(struct terms_header, size);

	header->checksum = terms_checksum((ward_bytes){ (const uint8_t *)compiler->out.ptr + from,
			compiler->out.len - from });
	memcpy(compiler->out.ptr, header, sizeof(*header));
}

static void free_compiler(struct compiler *compiler)
{
	ward_fold_free(compiler->fold);
	ward_buf_free(&compiler->strings);
	ward_buf_free(&compiler->out);
	free(compiler->rows);
	free(compiler->drafts);
	free(compiler->patterns);
	free(compiler->uses);
}

ward_err ward_terms_compile(const struct ward_term_list *list, struct ward_terms **terms,
		struct ward_error *error)
{
	struct compiler compiler = { .list = list };
	struct terms_header header;
	ward_err err = WARD_OK;

	ward_buf_init(&compiler.strings, BLOCK_MAX / 4);
	ward_buf_init(&compiler.out, BLOCK_MAX);
	compiler.fold = ward_fold_new(list->fold_options);
	compiler.rows = calloc(list->count + 1, sizeof(*compiler.rows));
	compiler.failed = !compiler.fold || !compiler.rows;
	for (size_t i = 0; i < list->count && !err && !compiler.failed; i++)
		err = draft_term(&compiler, i, error);
	if (!err && !compiler.failed)
		make_patterns(&compiler);
	if (!err && !compiler.failed)
		make_block(&compiler, &header);
	if (!err && (compiler.failed || compiler.strings.failed || compiler.out.failed))
		err = ward_fail(error, WARD_E_NOMEM, "no memory to compile the terms in");
	if (!err)
		err = ward_terms_load((ward_bytes){ (const uint8_t *)compiler.out.ptr,
						      compiler.out.len },
				terms, error);
	free_compiler(&compiler);
	return err;
}
