/*
 * console.h - the pages of those who work here, as the build made them
 *
 * web/console is built by npm into a handful of files, which the program
 * carries: plain, and compressed once, at the build.  The first page is
 * `index.html`; what lies in `assets/` has a digest of its content in its
 * name, so that a browser may keep it for good.
 *
 * The page is a public thing without any data: what it shows it asks of the
 * routes under /v1, as whoever is logged in.  Where in it one is stands
 * behind the `#` of the address, which browsers keep to themselves, so that
 * neither a log nor a proxy learns which job somebody looks at.
 */
#ifndef API_CONSOLE_H
#define API_CONSOLE_H

#include <ward/base.h>

struct console_file {
	const char *path; /* below /console/ */
	const char *type;
	const char *tag; /* of its content */
	ward_bytes plain, gzip;
};

/* False: npm was not there, and the one file says so. */
extern const bool console_is_built;
extern const size_t console_file_count;
extern const struct console_file console_files[];

/* NULL when there is none. */
const struct console_file *console_find(ward_str path);
/* Does an Accept-Encoding take gzip? */
bool console_takes_gzip(ward_str accept);
/* Is one of an If-None-Match's tags this one? */
bool console_tag_matches(ward_str wanted, const char *tag);

#endif
