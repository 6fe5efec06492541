/*
 * The fast way is the plain way; where a byte stood is within the text and in
 * order; folding what was folded changes nothing (of runs that fit one piece).
 */
#include "text/fold.h"
#include "text/fold_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_fold *fold = ward_fold_new(0), *plain = ward_fold_new(0),
			 *again = ward_fold_new(0);
	const ward_str text = { (const char *)data, size };
	ward_str fast, slow, twice;
	size_t before = 0;

	if (!fold || !plain || !again)
		abort();
	plain->plain = true;
	/* Half of the texts by the form that every CPU has. */
	fold_mapper_limit(size % 2 ? "plain" : NULL);
	if (ward_fold_text(fold, text, &fast, NULL) || ward_fold_text(plain, text, &slow, NULL) ||
			ward_fold_text(again, slow, &twice, NULL))
		abort();
	if (!ward_str_eq(fast, slow) || (size < 500 && !ward_str_eq(slow, twice)))
		abort();
	for (size_t at = 0; at < fast.len; at += 1 + fast.len / 16) {
		struct ward_fold_span a = ward_fold_source(fold, at, 1);
		struct ward_fold_span b = ward_fold_source(plain, at, 1);

		if (a.offset != b.offset || a.len != b.len || a.offset < before ||
				a.offset + a.len > size)
			abort();
		before = a.offset;
	}
	ward_fold_free(fold);
	ward_fold_free(plain);
	ward_fold_free(again);
	return 0;
}
