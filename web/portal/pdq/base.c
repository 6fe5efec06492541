/*
 * What the hasher wants of src/base, for a module that has nobody to tell.
 *
 * An error's sentence would bring all of printf with it, and nobody reads it:
 * the page knows that a picture could not be read, and says so in its words.
 */
#include <ward/base.h>

ward_err ward_fail(struct ward_error *error, ward_err code, const char *fmt, ...)
{
	(void)fmt;
	if (error)
		error->code = code;
	return code;
}
