#include "portal/language.h"

/* No honest header names more; the rest is not looked at. */
enum { TAGS_MAX = 32 };

const struct language *language_named(ward_str code)
{
	for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
		if (ward_str_eq(code, ward_str_from(languages[i].code)))
			return &languages[i];
	}
	return NULL;
}

/* "ar-EG" is spoken by "ar". */
static const struct language *speaks(ward_str tag)
{
	ward_str main_part = ward_str_cut(&tag, '-');

	for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
		if (ward_str_eq_nocase(main_part, ward_str_from(languages[i].code)))
			return &languages[i];
	}
	return NULL;
}

/* "q=0.8" in thousandths; 1000 when there is none, and 0 when it makes no sense. */
static unsigned weight_of(ward_str parameter)
{
	unsigned weight = 0, unit = 1000;

	parameter = ward_str_trim(parameter);
	if (parameter.len == 0)
		return 1000;
	if (!ward_str_starts(parameter, WARD_STR("q=")))
		return 0;
	for (size_t i = 2; i < parameter.len && unit > 0; i++) {
		char c = parameter.ptr[i];

		if (c == '.' && i == 3)
			continue;
		if (c < '0' || c > '9')
			return 0;
		weight += (unsigned)(c - '0') * unit;
		unit /= 10;
	}
	return weight > 1000 ? 1000 : weight;
}

const struct language *language_accepted(ward_str header)
{
	const struct language *best = &languages[0];
	unsigned best_weight = 0;

	for (int i = 0; i < TAGS_MAX && header.len > 0; i++) {
		ward_str rest = ward_str_cut(&header, ',');
		const struct language *language = speaks(ward_str_trim(ward_str_cut(&rest, ';')));
		unsigned weight = language ? weight_of(rest) : 0;

		if (weight > best_weight) {
			best = language;
			best_weight = weight;
		}
	}
	return best;
}
