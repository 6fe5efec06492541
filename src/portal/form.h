/*
 * form.h - the fields of a form as a browser sends it
 *
 * application/x-www-form-urlencoded, which forms without files use.  Text
 * comes out as the pages can show it: well-formed UTF-8, line ends as \n,
 * without control characters and without those that turn the direction of
 * what follows (U+202A to U+202E, U+2066 to U+2069), which could make an
 * address read as another.  Fields are few and named by us; of two of the same
 * name the first counts, except where a form has lists.
 */
#ifndef PORTAL_FORM_H
#define PORTAL_FORM_H

#include <ward/base.h>

/* A picture's form has a field a frame. */
enum { FORM_FIELDS_MAX = 160 };

struct form {
	size_t count;
	struct form_field {
		ward_str name, value;
	} fields[FORM_FIELDS_MAX];
};

/*
 * Everything is copied into the arena.  Fails with WARD_E_LIMIT when there are
 * too many fields, with WARD_E_NOMEM without room.  Any bytes are some form:
 * bad escapes stay as they stand, bad UTF-8 becomes U+FFFD.
 */
ward_err form_parse(ward_str body, struct ward_arena *arena, struct form *form,
		struct ward_error *error) WARD_MUST_USE;

/* "" when there is none. */
ward_str form_value(const struct form *form, const char *name);

/* How many characters (not bytes) a text has. */
size_t form_length(ward_str text);

#endif
