#include "link/place.h"

#include "link/address.h"
#include "link/chars.h"
#include "link/escape.h"
#include "link/host.h"
#include "link/split.h"

/* Without what browsers drop everywhere, blanks around it, and the fragment; into `to`. */
static ward_str strip(ward_str text, char *to)
{
	size_t len = 0;

	while (text.len > 0 && (uint8_t)text.ptr[0] <= ' ') {
		text.ptr++;
		text.len--;
	}
	while (text.len > 0 && (uint8_t)text.ptr[text.len - 1] <= ' ')
		text.len--;
	for (size_t i = 0; i < text.len && text.ptr[i] != '#'; i++) {
		if (text.ptr[i] != '\t' && text.ptr[i] != '\n' && text.ptr[i] != '\r')
			to[len++] = text.ptr[i];
	}
	return (ward_str){ to, len };
}

/*
 * Takes "." and ".." and empty parts out, in place; the new length.  The path
 * begins with '/'.  Runs of slashes are one before ".." is looked at, as servers
 * that join them do.
 */
static size_t tidy_path(char *path, size_t len)
{
	size_t out = 1; /* always behind a slash */

	for (size_t at = 1; at < len;) {
		size_t end = at;

		while (end < len && path[end] != '/')
			end++;
		size_t part = end - at;

		if (part == 2 && path[at] == '.' && path[at + 1] == '.') {
			while (out > 1 && path[--out - 1] != '/')
				;
		} else if (part > 0 && !(part == 1 && path[at] == '.')) {
			memmove(path + out, path + at, part);
			out += part;
			if (end < len)
				path[out++] = '/';
		}
		at = end + 1;
	}
	return out;
}

static void backslashes_to_slashes(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\')
			text[i] = '/';
	}
}

/*
 * Appends the canonical path of what lies in `memory` from `start` on, with the
 * escapes that it cannot be without.  Room is made before anything is pointed at.
 */
static void put_path(size_t start, size_t len, bool lookup, struct ward_buf *memory)
{
	char *text;

	if (len == 0) {
		ward_buf_char(memory, '/');
		return;
	}
	if (!ward_buf_reserve(memory, 3 * len))
		return;
	text = memory->ptr + start;
	len = link_unescape_all(text, len);
	if (lookup)
		backslashes_to_slashes(text, len);
	len = tidy_path(text, len);
	for (size_t at = 0; at < len;) {
		const char *mark = lookup ? memchr(text + at, '?', len - at) : NULL;
		size_t end = mark ? (size_t)(mark - text) : len;

		link_escape((ward_str){ text + at, end - at }, LINK_ENCODE_PLACE, memory);
		if (mark)
			ward_buf_str(memory, WARD_STR("%3F"));
		at = end + 1;
	}
}

static void put_query(size_t start, size_t len, struct ward_buf *memory)
{
	if (len == 0 || !ward_buf_reserve(memory, 3 * len))
		return;
	len = link_unescape_all(memory->ptr + start, len);
	link_escape((ward_str){ memory->ptr + start, len }, LINK_ENCODE_PLACE, memory);
}

static void put_scheme(ward_str scheme, struct ward_buf *memory)
{
	if (scheme.len == 0)
		scheme = WARD_STR("http");
	link_lower_write(scheme, memory);
}

/* Where the parts of the canonical form begin; memory may move until all is written. */
struct marks {
	size_t url, scheme_end, host, host_end, path, path_end, query;
};

static ward_str between(const struct ward_buf *memory, size_t from, size_t to)
{
	return (ward_str){ memory->ptr + from, to - from };
}

static void point_at_parts(const struct marks *at, const struct ward_buf *memory,
		struct ward_link *link)
{
	link->url = between(memory, at->url, memory->len);
	link->scheme = between(memory, at->url, at->scheme_end);
	link->host = between(memory, at->host, at->host_end);
	link->path = between(memory, at->path, at->path_end);
	link->query = between(memory, at->query, memory->len);
	link->user = link->password = link->fragment = between(memory, memory->len, memory->len);
}

/* Scheme, host and port; the split's text lies in `memory` and may move. */
static ward_err put_front(const struct link_split *split, bool lookup, struct ward_buf *memory,
		struct marks *at, struct ward_link *link, struct ward_error *error)
{
	char host[LINK_HOST_MAX];
	size_t len = split->host.len;
	ward_err err;

	if (len > sizeof(host))
		return ward_fail(error, WARD_E_LIMIT, "the host is longer than %d bytes",
				LINK_HOST_MAX);
	if (len > 0)
		memcpy(host, split->host.ptr, len);
	at->url = memory->len;
	put_scheme(split->scheme, memory);
	at->scheme_end = memory->len;
	ward_buf_str(memory, WARD_STR("://"));
	at->host = memory->len;
	if (lookup)
		err = link_host_lookup((ward_str){ host, len }, memory, &link->host_kind,
				link->address, error);
	else
		err = link_host_safe_browsing((ward_str){ host, link_unescape_all(host, len) },
				memory, &link->host_kind, link->address, error);
	at->host_end = memory->len;
	link->port = split->port;
	if (split->port > 0) {
		ward_buf_char(memory, ':');
		link_number_write(split->port, memory);
	}
	return err;
}

/*
 * "http%3A%2F%2Fhost/": Safe Browsing undoes escapes before it looks for a scheme, which
 * matters where that is all there is of one.
 */
static ward_str unfold_scheme(ward_str text, char *copy)
{
	char front[32];
	size_t len = text.len < sizeof(front) ? text.len : sizeof(front);

	const char *escape = len > 0 ? memchr(text.ptr, '%', len) : NULL;

	if (!escape || memchr(text.ptr, ':', (size_t)(escape - text.ptr)))
		return text;
	memcpy(front, text.ptr, len);
	len = link_unescape_all(front, len);
	if (!ward_str_starts((ward_str){ front, len }, WARD_STR("http://")) &&
			!ward_str_starts((ward_str){ front, len }, WARD_STR("https://")))
		return text;
	return (ward_str){ copy, link_unescape_all(copy, text.len) };
}

static ward_err read_place(ward_str text, bool lookup, struct ward_buf *memory,
		struct ward_link *link, struct ward_error *error)
{
	struct ward_link read = { .original = text };
	struct link_split split;
	struct marks at = { 0 };
	/* Room for the scheme, too: it is written from where the text lies, which must not move. */
	char *copy = ward_buf_reserve(memory, 2 * text.len + sizeof("http"));

	if (!copy)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a link");

	ward_str plain = strip(text, copy);

	if (!lookup)
		plain = unfold_scheme(plain, copy);

	ward_err err = link_split_read(plain, lookup, &split, error);

	if (err)
		return err;
	memory->len = plain.len;

	size_t path = (size_t)(split.path.ptr - copy);
	size_t query = (size_t)(split.query.ptr - copy);

	err = put_front(&split, lookup, memory, &at, &read, error);
	if (err)
		return err;
	at.path = memory->len;
	put_path(path, split.path.len, lookup, memory);
	at.path_end = memory->len;
	if (split.has_query) {
		ward_buf_char(memory, '?');
		at.query = memory->len;
		put_query(query, split.query.len, memory);
	} else {
		at.query = memory->len;
	}
	read.has_query = split.has_query;
	if (memory->failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a link");
	point_at_parts(&at, memory, &read);
	*link = read;
	return WARD_OK;
}

ward_err link_read_safe_browsing(ward_str text, struct ward_buf *memory, struct ward_link *link,
		struct ward_error *error)
{
	return read_place(text, false, memory, link, error);
}

ward_err link_read_lookup(ward_str text, struct ward_buf *memory, struct ward_link *link,
		struct ward_error *error)
{
	return read_place(text, true, memory, link, error);
}
