/* A page of any bytes, in any pieces, has the same hits and score; its parts add up. */
#include "text/page.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ward_terms *terms;

static void compile(void)
{
	struct ward_term_list *list = ward_term_list_new(0);

	if (!list ||
			ward_term_list_read(list,
					WARD_STR("boat\nzorbel\tweight=-2\noat\tcontext=part\n"
						 "a\twith=b\twithin=2\n\xe7\x81\xaf\nsail\tkind="
						 "banned"),
					WARD_TERM_FORMAT_WARD, NULL) ||
			ward_terms_compile(list, &terms, NULL))
		abort();
	ward_term_list_free(list);
}

static const struct ward_page_result *read_page(struct ward_page *page, ward_str type,
		ward_bytes bytes, size_t piece)
{
	const struct ward_page_result *result;

	ward_page_begin(page, type);
	for (size_t at = 0; at < bytes.len; at += piece) {
		size_t len = bytes.len - at < piece ? bytes.len - at : piece;

		if (ward_page_feed(page, (ward_bytes){ bytes.ptr + at, len }, NULL))
			abort();
	}
	if (ward_page_end(page, NULL, &result, NULL))
		abort();
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ward_page_options options = { .bytes_max = 4000 };
	const struct ward_page_options score_only = { .bytes_max = 4000, .score_only = true };
	ward_str rest = { (const char *)data, size };
	ward_str type = ward_str_cut(&rest, '\n');
	ward_bytes body = { (const uint8_t *)rest.ptr, rest.len };
	const struct ward_page_result *whole, *cut, *scored;
	struct ward_page *one, *two, *three;

	if (!terms)
		compile();
	one = ward_page_new(terms, &options);
	two = ward_page_new(terms, &options);
	three = ward_page_new(terms, &score_only);
	if (!one || !two || !three)
		abort();
	whole = read_page(one, type, body, size + 1);
	cut = read_page(two, type, body, 3);
	if (whole->hit_total != cut->hit_total || whole->words != cut->words ||
			fabs(whole->score.total - cut->score.total) > 1e-9)
		abort();
	scored = read_page(three, type, body, 100);
	if (scored->hit_count != 0 || scored->hit_total != whole->hit_total ||
			fabs(scored->score.total - whole->score.total) > 1e-9)
		abort();
	for (size_t i = 0; i < whole->hit_count; i++) {
		if (whole->hits[i].offset != cut->hits[i].offset ||
				whole->hits[i].excerpt.len > 120 ||
				!ward_str_eq(whole->hits[i].excerpt, cut->hits[i].excerpt))
			abort();
	}
	ward_page_free(one);
	ward_page_free(two);
	ward_page_free(three);
	return 0;
}
