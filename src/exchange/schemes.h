/*
 * schemes.h - the label schemes that are published, and their codes
 *
 * A label is "scheme:code" and keeps its scheme for good: an "A" of one country
 * is not the "A" of another.  A label whose scheme does not know its code is
 * kept like any other; whoever imports it is told, for it may be a slip.
 */
#ifndef EXCHANGE_SCHEMES_H
#define EXCHANGE_SCHEMES_H

#include <ward/base.h>

enum scheme_answer {
	SCHEME_KNOWS = 0, /* the code is one of its, or it takes any */
	SCHEME_UNKNOWN,   /* no published scheme is called so */
	SCHEME_NOT_ITS,   /* the scheme has no such code */
};

/* Of one label. */
enum scheme_answer scheme_check(ward_str label);

/* Whether a label says that its record is of no harm: such a one is not denied by its list. */
bool scheme_harmless(ward_str label);

/* "industry" is a word for a scheme; "a b", "a:b" and "" are not. */
bool scheme_name_valid(ward_str name);
/* True of words as scheme:code with blanks between, and of none. */
bool scheme_labels_valid(ward_str labels);

/* One row of the table, for manuals and tests; false past the end. */
bool scheme_row(size_t index, const char **name, const char **codes);

#endif
