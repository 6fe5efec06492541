/*
 * language.h - the languages the portal speaks, and its sentences in each
 *
 * The sentences are those of web/portal/words, compiled in by tools/templates;
 * every language has every one of them.  A page's address names its language
 * (/fr/report), so nothing about it has to be remembered between requests.
 *
 * All of it is constant and may be read by any thread.
 */
#ifndef PORTAL_LANGUAGE_H
#define PORTAL_LANGUAGE_H

#include <ward/base.h>

#include "portal/says.h"

#define WARD_SAYS(literal)                     \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

struct language {
	const char *code; /* BCP 47 */
	const char *name; /* in itself */
	bool right_to_left;
	ward_str says[SAY_COUNT];
};

extern const struct language languages[LANGUAGE_COUNT];

/* By its code; NULL when it is none of ours. */
const struct language *language_named(ward_str code);

/*
 * The one that an Accept-Language header wants most: by its weights, and among
 * equals the first.  "ar-EG" is spoken by "ar".  English when none is ours.
 */
const struct language *language_accepted(ward_str header);

#endif
