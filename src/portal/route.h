/*
 * route.h - which page is where
 *
 * A page's address is its language and its name: /fr/report.  "/" is the first
 * page in the language that the browser prefers; a few files stand beside.
 */
#ifndef PORTAL_ROUTE_H
#define PORTAL_ROUTE_H

#include "portal/visit.h"

struct route {
	const char *path; /* behind "/xx/"; a file's whole path */
	bool file;
	bool reports; /* there only where reports are taken */
	enum say title;
	void (*get)(struct visit *visit);
	void (*post)(struct visit *visit);                              /* NULL: it takes no form */
	void (*plain)(struct ward_buf *out, const struct frame *frame); /* for handle_plain */
};

extern const struct route portal_routes[];
size_t portal_routes_count(void);

/*
 * The route of a path; NULL when there is none.  `language` is the path's, and
 * untouched for "/" and files.  With `bare` set the path is "/xx", without the
 * slash that belongs behind it.
 */
const struct route *portal_route_find(ward_str path, const struct language **language, bool *bare);

#endif
