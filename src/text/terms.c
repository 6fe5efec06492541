/* The block of compiled terms: checked when it is taken in, so that asking it needs no checks. */
#include "text/terms.h"

#include <math.h>

#define BEHIND 24 /* zeroes behind the block: what is read there belongs to no term */

uint64_t terms_checksum(ward_bytes bytes)
{
	uint64_t sums[4] = { 1, 2, 3, 4 };
	size_t at = 0;

	/* Four at a time: a block of 10 000 terms is summed in a millisecond. */
	for (; at + 32 <= bytes.len; at += 32) {
		for (size_t i = 0; i < 4; i++)
			sums[i] = terms_mix(sums[i] ^ terms_load(bytes.ptr + at + 8 * i)) + at;
	}
	for (; at < bytes.len; at++)
		sums[0] = terms_mix(sums[0] ^ bytes.ptr[at]);
	return terms_mix(
			terms_mix(terms_mix(sums[0]) ^ sums[1]) + terms_mix(sums[2]) * 3 + sums[3]);
}

/* ---- taking a block in ---- */

static bool within(const struct terms_header *header, uint32_t at, uint64_t count, size_t size)
{
	return at % 8 == 0 && at <= header->size && count * size <= header->size - at;
}

static bool text_fits(const struct terms_header *header, struct terms_text text)
{
	return text.at <= header->strings_len && text.len <= header->strings_len - text.at;
}

static bool table_fits(const uint8_t *block, const struct terms_header *header,
		const struct terms_table *table, uint32_t bytes)
{
	const struct terms_slot *slots;
	uint32_t used = 0;

	if (table->bytes != bytes || table->bits_log < 6 || table->bits_log > 40 ||
			table->slots_log < 1 || table->slots_log > 32 ||
			!within(header, table->bits_at, UINT64_C(1) << (table->bits_log - 3), 1) ||
			!within(header, table->slots_at, UINT64_C(1) << table->slots_log,
					sizeof(*slots)))
		return false;
	slots = (const struct terms_slot *)(const void *)(block + table->slots_at);
	for (size_t i = 0; i < (size_t)1 << table->slots_log; i++) {
		used += slots[i].first != TERMS_NONE;
		if (slots[i].first != TERMS_NONE && slots[i].first >= header->patterns_len)
			return false;
	}
	/* One slot is empty, at which a search ends. */
	return used == table->used && used < UINT64_C(1) << table->slots_log;
}

static bool row_fits(const struct terms_header *header, const struct terms_row *row)
{
	bool fits = text_fits(header, row->text) && text_fits(header, row->category) &&
		    text_fits(header, row->language) && row->with_count < WARD_TERM_PARTS_MAX &&
		    row->kind < WARD_TERM_KIND_COUNT && fabs(row->weight) <= TERMS_WEIGHT_MAX;

	for (uint32_t i = 0; i < row->with_count && fits; i++)
		fits = text_fits(header, row->with[i]);
	return fits;
}

/* What is spelled differently lies in the pattern. */
static bool spelling_fits(const struct terms_pattern *pattern)
{
	return pattern->text.len >= 64 || pattern->spelled >> pattern->text.len == 0;
}

/* Chains lead to patterns with smaller numbers, so that they end. */
static bool pattern_fits(const struct terms_header *header, const struct terms_pattern *pattern,
		uint32_t number)
{
	return text_fits(header, pattern->text) && pattern->text.len > 0 &&
	       pattern->text.len <= 2 * WARD_TERM_BYTES_MAX && spelling_fits(pattern) &&
	       pattern->use_first <= header->uses_len &&
	       pattern->use_count <= header->uses_len - pattern->use_first &&
	       (pattern->next == TERMS_NONE || pattern->next < number) &&
	       (pattern->next_joined == TERMS_NONE || pattern->next_joined < number);
}

static const void *rows_at(const uint8_t *block, uint32_t at)
{
	return block + at;
}

static bool rows_fit(const uint8_t *block, const struct terms_header *header)
{
	const struct terms_row *rows = rows_at(block, header->terms_at);
	const struct terms_pattern *patterns = rows_at(block, header->patterns_at);
	const struct terms_use *uses = rows_at(block, header->uses_at);

	if (!within(header, header->strings_at, header->strings_len, 1) ||
			!within(header, header->terms_at, header->terms_len, sizeof(*rows)) ||
			!within(header, header->patterns_at, header->patterns_len,
					sizeof(*patterns)) ||
			!within(header, header->uses_at, header->uses_len, sizeof(*uses)))
		return false;
	for (uint32_t i = 0; i < header->terms_len; i++) {
		if (!row_fits(header, &rows[i]))
			return false;
	}
	for (uint32_t i = 0; i < header->patterns_len; i++) {
		if (!pattern_fits(header, &patterns[i], i))
			return false;
	}
	for (uint32_t i = 0; i < header->uses_len; i++) {
		if (uses[i].term >= header->terms_len ||
				uses[i].part > rows[uses[i].term].with_count)
			return false;
	}
	return true;
}

static bool block_fits(const uint8_t *block, const struct terms_header *header)
{
	if (!rows_fit(block, header) || !table_fits(block, header, &header->words, 0))
		return false;
	for (enum terms_gram gram = 0; gram < TERMS_GRAMS; gram++) {
		uint32_t bytes = terms_gram_bytes(gram);

		if (!table_fits(block, header, &header->parts[gram], bytes) ||
				!table_fits(block, header, &header->joined[gram], bytes))
			return false;
	}
	return true;
}

static bool is_anywhere(const struct terms_pattern *pattern)
{
	return pattern->flags & (TERMS_PART | TERMS_WIDE_START | TERMS_WIDE_END);
}

/* What counts anywhere; false without memory. */
static bool make_filter(struct ward_terms *terms)
{
	const struct terms_pattern *patterns = rows_at(terms->block, terms->header.patterns_at);
	const char *strings = rows_at(terms->block, terms->header.strings_at);
	size_t count = 0;

	for (uint32_t i = 0; i < terms->header.patterns_len; i++)
		count += is_anywhere(&patterns[i]) && patterns[i].text.len >= 6;
	if (!terms_filter_open(&terms->filter, count))
		return false;
	for (uint32_t i = 0; i < terms->header.patterns_len; i++) {
		if (is_anywhere(&patterns[i]) && patterns[i].text.len >= 2)
			terms_filter_add(&terms->filter, strings + patterns[i].text.at,
					patterns[i].text.len);
	}
	return true;
}

/* A block that was checked, which is its own from here on; what is made of it at loading. */
static ward_err take_in(uint8_t *block, const struct terms_header *header,
		struct ward_terms **terms, struct ward_error *error)
{
	struct ward_terms *loaded = calloc(1, sizeof(*loaded));

	if (loaded) {
		loaded->block = block;
		loaded->header = *header;
	}
	if (!loaded || !make_filter(loaded)) {
		free(loaded);
		free(block);
		return ward_fail(error, WARD_E_NOMEM, "no memory for the terms");
	}
	snprintf(loaded->version, sizeof(loaded->version), "%016llx",
			(unsigned long long)header->checksum);
	*terms = loaded;
	return WARD_OK;
}

ward_err ward_terms_load(ward_bytes file, struct ward_terms **terms, struct ward_error *error)
{
	const size_t summed = offsetof(struct terms_header, size);
	struct terms_header header;
	uint8_t *block;

	if (file.len < sizeof(header) || memcmp(file.ptr, TERMS_MAGIC, 8) != 0)
		return ward_fail(error, WARD_E_FORMAT, "no compiled terms, or of another version");
	memcpy(&header, file.ptr, sizeof(header));
	if (header.size != file.len ||
			header.checksum != terms_checksum((ward_bytes){ file.ptr + summed,
							   file.len - summed }))
		return ward_fail(error, WARD_E_CORRUPT,
				"compiled terms are damaged: compile them anew");
	block = malloc(file.len + BEHIND);
	if (!block)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the terms");
	memcpy(block, file.ptr, file.len);
	memset(block + file.len, 0, BEHIND);
	if (!block_fits(block, &header)) {
		free(block);
		return ward_fail(error, WARD_E_CORRUPT,
				"compiled terms are damaged: compile them anew");
	}
	return take_in(block, &header, terms, error);
}

ward_err ward_terms_save(const struct ward_terms *terms, struct ward_buf *out,
		struct ward_error *error)
{
	ward_buf_add(out, terms->block, terms->header.size);
	if (out->failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory to write the terms in");
	return WARD_OK;
}

void ward_terms_free(struct ward_terms *terms)
{
	if (!terms)
		return;
	terms_filter_close(&terms->filter);
	free((void *)(uintptr_t)terms->block);
	free(terms);
}

/* ---- what it holds ---- */

size_t ward_terms_count(const struct ward_terms *terms)
{
	return terms->header.terms_len;
}

const char *ward_terms_version(const struct ward_terms *terms)
{
	return terms->version;
}

static ward_str text_of(const struct ward_terms *terms, struct terms_text text)
{
	return (ward_str){ (const char *)terms->block + terms->header.strings_at + text.at,
		text.len };
}

struct ward_term ward_terms_at(const struct ward_terms *terms, size_t index)
{
	const struct terms_row *row =
			(const struct terms_row *)rows_at(terms->block, terms->header.terms_at) +
			index;
	struct ward_term term = {
		.text = text_of(terms, row->text),
		.with_count = row->with_count,
		.within = row->within,
		.category = text_of(terms, row->category),
		.language = text_of(terms, row->language),
		.kind = (ward_term_kind)row->kind,
		.part = row->part != 0,
		.weight = row->weight,
	};

	for (size_t i = 0; i < term.with_count; i++)
		term.with[i] = text_of(terms, row->with[i]);
	return term;
}
