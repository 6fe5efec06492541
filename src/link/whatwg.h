/*
 * whatwg.h - the URL Standard's parser, in the order in which a URL is written
 *
 * The Standard's states are functions here.  Input, stripped, lies at the start
 * of `out` and the URL is written behind it, so that nothing else is allocated;
 * since `out` may move when it grows, places are offsets until the end.
 */
#ifndef LINK_WHATWG_H
#define LINK_WHATWG_H

#include <ward/link.h>

struct link_parser {
	struct ward_buf *out;
	size_t len; /* of the input, which begins at out->ptr */
	const struct ward_link *base;
	/* What stands where in `out`; of what is missing, an empty piece. */
	size_t url, scheme_end;
	size_t user, user_end, password, password_end;
	size_t host, host_end;
	size_t path, path_end;
	size_t query, query_end, fragment;
	bool special, file;
	bool has_host; /* it may be empty */
	bool has_query, has_fragment;
	struct ward_link link; /* kind, address and port of the host */
	struct ward_error *error;
};

/* A byte of the input, or -1 behind its end. */
int link_input(const struct link_parser *p, size_t at);
/* Is there a '/', or a '\' that is one? */
bool link_is_slash(const struct link_parser *p, size_t at);
/* Appends input from `from` to `to`, with what is in `set` escaped. */
void link_copy(struct link_parser *p, size_t from, size_t to, unsigned set);

/* User, password, host and port, from `at` on; moves it behind them. */
ward_err link_authority(struct link_parser *p, size_t *at) WARD_MUST_USE;
/* The host of "file:"; `at` moves behind it, or stays where a drive letter is a part of the path.
 */
ward_err link_file_host(struct link_parser *p, size_t *at) WARD_MUST_USE;

/* Takes the last part of the path away, but for a drive letter. */
void link_shorten(struct link_parser *p);
/* The parts of a path, behind its first slash, up to query or fragment; moves `at` there. */
void link_path(struct link_parser *p, size_t *at);
/* A path that is no list of parts ("mailto:...") likewise. */
void link_opaque_path(struct link_parser *p, size_t *at);
/* Is there a drive letter ("C:", "C|") that is all of a part? */
bool link_starts_with_drive(const struct link_parser *p, size_t at);

#endif
