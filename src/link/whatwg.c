#include "link/whatwg.h"

#include "link/chars.h"
#include "link/escape.h"
#include "link/split.h"

int link_input(const struct link_parser *p, size_t at)
{
	return at < p->len ? (uint8_t)p->out->ptr[at] : -1;
}

bool link_is_slash(const struct link_parser *p, size_t at)
{
	int c = link_input(p, at);

	return c == '/' || (c == '\\' && p->special);
}

void link_copy(struct link_parser *p, size_t from, size_t to, unsigned set)
{
	/* Room first: what is pointed at must not move. */
	if (ward_buf_reserve(p->out, 3 * (to - from)))
		link_escape((ward_str){ p->out->ptr + from, to - from }, set, p->out);
}

/* Without controls and spaces around it, and without tabs and line ends. */
static void strip(struct link_parser *p, ward_str text)
{
	char *to = p->out->ptr;

	while (text.len > 0 && (uint8_t)text.ptr[0] <= ' ') {
		text.ptr++;
		text.len--;
	}
	while (text.len > 0 && (uint8_t)text.ptr[text.len - 1] <= ' ')
		text.len--;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] != '\t' && text.ptr[i] != '\n' && text.ptr[i] != '\r')
			to[p->len++] = text.ptr[i];
	}
	p->out->len = p->len;
}

static size_t scheme_len(const struct link_parser *p)
{
	size_t len = 0;

	if (p->len == 0 || !link_is_alpha((char)link_input(p, 0)))
		return 0;
	while (len < p->len && link_char_is((char)link_input(p, len), LINK_SCHEME))
		len++;
	return link_input(p, len) == ':' ? len : 0;
}

/* Appends "scheme:" and looks what kind it is. */
static void put_scheme(struct link_parser *p, ward_str scheme)
{
	p->url = p->out->len;
	link_lower_write(scheme, p->out);
	p->scheme_end = p->out->len;
	ward_buf_char(p->out, ':');
	p->file = ward_str_eq_nocase(scheme, WARD_STR("file"));
	p->special = p->file || link_scheme_port(scheme) > 0;
	p->user = p->user_end = p->password = p->password_end = p->out->len;
	p->host = p->host_end = p->path = p->out->len;
}

/* ---- what comes from the base ---- */

/* "//..." of the base; the pieces in it lie as they do there, since the scheme is the same. */
static void put_base_authority(struct link_parser *p)
{
	const struct ward_link *base = p->base;
	const char *url = base->url.ptr;
	const char *from = base->scheme.ptr + base->scheme.len + 1;
	size_t len = (size_t)(base->path.ptr - from);

	p->has_host = len >= 2 && memcmp(from, "//", 2) == 0;
	if (!p->has_host)
		return;
	ward_buf_add(p->out, from, len);
	p->user = p->url + (size_t)(base->user.ptr - url);
	p->user_end = p->user + base->user.len;
	p->password = p->url + (size_t)(base->password.ptr - url);
	p->password_end = p->password + base->password.len;
	p->host = p->url + (size_t)(base->host.ptr - url);
	p->host_end = p->host + base->host.len;
	p->link.host_kind = base->host_kind;
	p->link.port = base->port;
	memcpy(p->link.address, base->address, sizeof(base->address));
}

static void put_base_path(struct link_parser *p)
{
	p->path = p->out->len;
	ward_buf_str(p->out, p->base->path);
}

static bool base_is_opaque(const struct ward_link *base)
{
	return base->host_kind == WARD_HOST_NONE &&
	       (base->path.len == 0 || base->path.ptr[0] != '/') &&
	       !(base->path.ptr - base->scheme.ptr >= (ptrdiff_t)base->scheme.len + 3);
}

/* ---- query and fragment, and how it ends ---- */

static void put_tail(struct link_parser *p, size_t at)
{
	size_t end = at;

	p->path_end = p->out->len;
	if (link_input(p, at) == '?' && !p->has_query) {
		while (link_input(p, end) >= 0 && link_input(p, end) != '#')
			end++;
		p->has_query = true;
		ward_buf_char(p->out, '?');
		p->query = p->out->len;
		link_copy(p, at + 1, end,
				p->special ? LINK_ENCODE_SPECIAL_QUERY : LINK_ENCODE_QUERY);
	} else if (p->has_query) {
		ward_buf_char(p->out, '?');
		p->query = p->out->len;
		ward_buf_str(p->out, p->base->query);
	} else {
		p->query = p->out->len;
	}
	p->query_end = p->out->len;
	if (link_input(p, end) == '#') {
		p->has_fragment = true;
		ward_buf_char(p->out, '#');
		p->fragment = p->out->len;
		link_copy(p, end + 1, p->len, LINK_ENCODE_FRAGMENT);
	} else {
		p->fragment = p->out->len;
	}
}

/* "/." before a path that begins with two slashes and would be taken for a host. */
static void guard_path(struct link_parser *p)
{
	char *path = p->out->ptr + p->path;

	if (p->has_host || p->out->failed || p->path_end - p->path < 2 || path[0] != '/' ||
			path[1] != '/' || !ward_buf_reserve(p->out, 2))
		return;
	path = p->out->ptr + p->path;
	memmove(path + 2, path, p->out->len - p->path);
	path[0] = '/';
	path[1] = '.';
	p->out->len += 2;
	p->path += 2;
	p->path_end += 2;
	p->query += 2;
	p->query_end += 2;
	p->fragment += 2;
}

static ward_err finish(struct link_parser *p, size_t at)
{
	put_tail(p, at);
	guard_path(p);
	if (p->out->failed)
		return ward_fail(p->error, WARD_E_NOMEM, "no memory for a link");

	const char *out = p->out->ptr;

	p->link.url = (ward_str){ out + p->url, p->out->len - p->url };
	p->link.scheme = (ward_str){ out + p->url, p->scheme_end - p->url };
	p->link.user = (ward_str){ out + p->user, p->user_end - p->user };
	p->link.password = (ward_str){ out + p->password, p->password_end - p->password };
	p->link.host = (ward_str){ out + p->host, p->host_end - p->host };
	p->link.path = (ward_str){ out + p->path, p->path_end - p->path };
	p->link.query = (ward_str){ out + p->query, p->query_end - p->query };
	p->link.fragment = (ward_str){ out + p->fragment, p->out->len - p->fragment };
	p->link.has_query = p->has_query;
	p->link.has_fragment = p->has_fragment;
	return WARD_OK;
}

/* ---- the states ---- */

/* Behind the authority: of special schemes there is always a path. */
static ward_err path_start(struct link_parser *p, size_t at)
{
	p->path = p->out->len;
	if (p->special || link_input(p, at) == '/') {
		at += link_is_slash(p, at) ? 1 : 0;
		link_path(p, &at);
	}
	return finish(p, at);
}

static ward_err authority(struct link_parser *p, size_t at)
{
	ward_err err = link_authority(p, &at);

	return err ? err : path_start(p, at);
}

static ward_err special_authority(struct link_parser *p, size_t at)
{
	while (link_is_slash(p, at))
		at++;
	return authority(p, at);
}

/* What follows a path that was taken from the base: nothing, "?...", "#...", or other parts. */
static ward_err after_base_path(struct link_parser *p, size_t at)
{
	int c = link_input(p, at);

	if (c < 0 || c == '#') {
		p->has_query = p->base->has_query;
	} else if (c != '?') {
		link_shorten(p);
		link_path(p, &at);
	}
	return finish(p, at);
}

static ward_err relative(struct link_parser *p, size_t at)
{
	if (link_is_slash(p, at)) {
		if (link_is_slash(p, at + 1))
			return p->special ? special_authority(p, at + 2) : authority(p, at + 2);
		put_base_authority(p);
		p->path = p->out->len;
		at++;
		link_path(p, &at);
		return finish(p, at);
	}
	put_base_authority(p);
	put_base_path(p);
	return after_base_path(p, at);
}

/* "file:" and a base of the same scheme or none. */
static ward_err file_slash(struct link_parser *p, size_t at, bool has_base)
{
	if (link_is_slash(p, at)) {
		ward_err err;

		at++;
		err = link_file_host(p, &at);
		return err ? err : path_start(p, at);
	}
	if (!has_base) {
		ward_buf_str(p->out, WARD_STR("//"));
		p->has_host = true;
		p->host = p->host_end = p->path = p->out->len;
	} else {
		ward_str path = p->base->path;

		put_base_authority(p);
		p->path = p->out->len;
		if (!link_starts_with_drive(p, at) && path.len >= 3 && link_is_alpha(path.ptr[1]) &&
				path.ptr[2] == ':' && (path.len == 3 || path.ptr[3] == '/'))
			ward_buf_add(p->out, path.ptr, 3);
	}
	link_path(p, &at);
	return finish(p, at);
}

static ward_err file(struct link_parser *p, size_t at)
{
	bool has_base = p->base && ward_str_eq(p->base->scheme, WARD_STR("file"));

	if (link_is_slash(p, at))
		return file_slash(p, at + 1, has_base);
	if (!has_base)
		return file_slash(p, at, false);
	put_base_authority(p);
	if (!link_starts_with_drive(p, at)) {
		put_base_path(p);
		return after_base_path(p, at);
	}
	p->path = p->out->len;
	link_path(p, &at);
	return finish(p, at);
}

static ward_err no_scheme(struct link_parser *p)
{
	if (!p->base)
		return ward_fail(p->error, WARD_E_FORMAT,
				"it has no scheme, and there is no base to read it by");
	if (base_is_opaque(p->base) && link_input(p, 0) != '#')
		return ward_fail(p->error, WARD_E_FORMAT,
				"it has no scheme, and its base has no parts to read it by");
	put_scheme(p, p->base->scheme);
	if (base_is_opaque(p->base)) {
		put_base_path(p);
		return after_base_path(p, 0);
	}
	return p->file ? file(p, 0) : relative(p, 0);
}

static ward_err with_scheme(struct link_parser *p, size_t len)
{
	char *scheme = ward_buf_reserve(p->out, 2 * len + 1); /* so that it does not move */

	if (!scheme)
		return ward_fail(p->error, WARD_E_NOMEM, "no memory for a link");
	put_scheme(p, (ward_str){ p->out->ptr, len });
	len++;
	if (p->file)
		return file(p, len);

	bool two = link_input(p, len) == '/' && link_input(p, len + 1) == '/';

	if (p->special && p->base && !two &&
			ward_str_eq_nocase(p->base->scheme, (ward_str){ p->out->ptr, len - 1 }))
		return relative(p, len);
	if (p->special)
		return special_authority(p, len);
	if (two)
		return authority(p, len + 2);
	if (link_input(p, len) == '/') {
		len++;
		link_path(p, &len);
	} else {
		link_opaque_path(p, &len);
	}
	return finish(p, len);
}

ward_err ward_link_join(ward_str text, const struct ward_link *base, struct ward_buf *memory,
		struct ward_link *link, struct ward_error *error)
{
	struct link_parser p = { .out = memory,
		.base = base,
		.link = { .original = text },
		.error = error };
	size_t len;

	ward_buf_clear(memory);
	if (text.len > WARD_LINK_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a link has at most %d bytes", WARD_LINK_MAX);
	if (!ward_buf_reserve(memory, text.len))
		return ward_fail(error, WARD_E_NOMEM, "no memory for a link");
	strip(&p, text);
	len = scheme_len(&p);

	ward_err err = len > 0 ? with_scheme(&p, len) : no_scheme(&p);

	if (!err)
		*link = p.link;
	return err;
}
