/*
 * A list in any of the formats, or a compiled file with its checksum made good,
 * is refused with a sentence, or finds what lies within the text.
 */
#include "text/terms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool see(void *context, const struct terms_found *found)
{
	const struct ward_fold *fold = context;

	if (found->at > fold->out_len || found->len > fold->out_len - found->at)
		abort();
	return true;
}

static void use(struct ward_terms *terms, ward_str text)
{
	struct ward_fold *fold = ward_fold_new(0);
	ward_str folded;

	if (!fold || ward_fold_text(fold, text, &folded, NULL))
		abort();
	terms_scan(terms, fold, see, fold);
	for (size_t i = 0; i < ward_terms_count(terms); i++)
		(void)ward_terms_at(terms, i);
	ward_terms_free(terms);
	ward_fold_free(fold);
}

static void load(const uint8_t *data, size_t size, ward_str text)
{
	const size_t summed = offsetof(struct terms_header, size);
	uint8_t *copy = malloc(size);
	struct ward_terms *terms;
	uint64_t sum;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	sum = terms_checksum((ward_bytes){ copy + summed, size - summed });
	memcpy(copy + offsetof(struct terms_header, checksum), &sum, sizeof(sum));
	if (ward_terms_load((ward_bytes){ copy, size }, &terms, NULL) == WARD_OK)
		use(terms, text);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_error error = { 0 };
	struct ward_term_list *list;
	struct ward_terms *terms;
	ward_str text = { (const char *)data, size };

	if (size < 1)
		return 0;
	if (size >= sizeof(struct terms_header) && memcmp(data, TERMS_MAGIC, 8) == 0)
		load(data, size, text);
	list = ward_term_list_new(0);
	if (!list)
		abort();
	if (ward_term_list_read(list, (ward_str){ text.ptr + 1, text.len - 1 },
			    (ward_term_format)(data[0] % 4), &error) == WARD_OK) {
		if (ward_terms_compile(list, &terms, &error) != WARD_OK)
			abort();
		use(terms, text);
	} else if (!error.message[0]) {
		abort();
	}
	ward_term_list_free(list);
	return 0;
}
