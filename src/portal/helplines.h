/*
 * helplines.h - whom to call, by country
 *
 * From data/helplines.json, or a file of the operator's in its place: for each
 * country its emergency numbers, its helplines for children, and those for
 * people who are worried about their own thoughts or behaviour, each with the
 * place it was taken from.  The reader chooses the country; it is never
 * guessed, because a guess would need an address.
 *
 * Read once, at the start; constant from then on.
 */
#ifndef PORTAL_HELPLINES_H
#define PORTAL_HELPLINES_H

#include "portal/language.h"

struct helpline {
	ward_str number; /* as it is written */
	ward_str digits; /* as it is dialled */
	ward_str name;   /* of a helpline; "" of an emergency number */
	ward_str language;
	ward_str source; /* the whole address it was taken from */
	ward_str host;   /* and its host, which is what a page has room for */
};

struct country {
	ward_str code; /* ISO 3166: "FR" */
	ward_str names[LANGUAGE_COUNT];
	const struct helpline *emergency, *children, *own;
	size_t emergency_count, children_count, own_count;
};

struct helplines;

/*
 * Fails with WARD_E_FORMAT and says which country is wrong: no names, no
 * emergency number, a number without digits, a source that is no address.
 */
ward_err helplines_read(ward_str json, struct helplines **helplines,
		struct ward_error *error) WARD_MUST_USE;
void helplines_free(struct helplines *helplines);

size_t helplines_count(const struct helplines *helplines);
const struct country *helplines_at(const struct helplines *helplines, size_t index);
/* NULL when there is none of this code. */
const struct country *helplines_find(const struct helplines *helplines, ward_str code);

/* data/helplines.json */
extern const uint8_t helplines_builtin[];
extern const size_t helplines_builtin_len;

#endif
