#include "link/split.h"

#include "link/chars.h"

static const struct scheme {
	ward_str name;
	uint16_t port;
} schemes[] = {
	{ { "http", 4 }, 80 },
	{ { "https", 5 }, 443 },
	{ { "ftp", 3 }, 21 },
	{ { "ws", 2 }, 80 },
	{ { "wss", 3 }, 443 },
};

uint16_t link_scheme_port(ward_str scheme)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (ward_str_eq_nocase(schemes[i].name, scheme))
			return schemes[i].port;
	}
	return 0;
}

static ward_str skip(ward_str text, size_t len)
{
	return (ward_str){ text.ptr + len, text.len - len };
}

static bool is_slash(char c, bool backslashes)
{
	return c == '/' || (backslashes && c == '\\');
}

static size_t slashes(ward_str text, bool backslashes)
{
	size_t count = 0;

	while (count < text.len && is_slash(text.ptr[count], backslashes))
		count++;
	return count;
}

/* "8080", "8080/..." behind a colon: what stands before it is a host. */
static bool is_port(ward_str text, bool backslashes)
{
	size_t digits = 0;

	while (digits < text.len && link_is_digit(text.ptr[digits]))
		digits++;
	if (digits == text.len)
		return true;
	return is_slash(text.ptr[digits], backslashes) || text.ptr[digits] == '?';
}

/* Length of "http" in "http:..."; 0 when it does not begin with a scheme. */
static size_t scheme_len(ward_str text)
{
	size_t len = 0;

	if (text.len == 0 || !link_is_alpha(text.ptr[0]))
		return 0;
	while (len < text.len && link_char_is(text.ptr[len], LINK_SCHEME))
		len++;
	return len < text.len && text.ptr[len] == ':' ? len : 0;
}

/*
 * Takes a scheme and its slashes off the front, or slashes alone.  Those schemes that browsers
 * know may have any number of slashes for LOOKUP, as browsers take them.
 */
static ward_err take_scheme(ward_str *rest, bool backslashes, struct link_split *split,
		struct ward_error *error)
{
	size_t len = scheme_len(*rest);
	size_t lead = slashes(*rest, backslashes);

	split->scheme = (ward_str){ rest->ptr, 0 };
	if (len == 0) {
		if (lead == 1 || (lead > 0 && lead == rest->len))
			return ward_fail(error, WARD_E_FORMAT, "there is a path, and no host");
		*rest = skip(*rest, lead);
		return WARD_OK;
	}

	ward_str name = { rest->ptr, len };
	ward_str behind = skip(*rest, len + 1);

	lead = slashes(behind, backslashes);
	if (!backslashes && lead > 2) /* to Safe Browsing, "http:///x" has an empty host */
		lead = 2;
	if (lead < 2 && (!backslashes || link_scheme_port(name) == 0)) {
		if (is_port(behind, backslashes))
			return WARD_OK;
		return ward_fail(error, WARD_E_FORMAT, "what has this scheme has no host");
	}
	split->scheme = name;
	*rest = skip(behind, lead);
	return WARD_OK;
}

/* Behind the last '@', before the last ':' that is not in brackets. */
static ward_err take_authority(ward_str authority, struct link_split *split,
		struct ward_error *error)
{
	uint32_t port = 0;

	for (size_t i = authority.len; i > 0; i--) {
		if (authority.ptr[i - 1] == '@') {
			authority = skip(authority, i);
			break;
		}
	}
	size_t end = authority.len;

	while (end > 0 && link_is_digit(authority.ptr[end - 1]))
		end--;
	split->host = authority;
	if (end == 0 || authority.ptr[end - 1] != ':')
		return WARD_OK;
	for (size_t i = end; i < authority.len; i++) {
		port = port * 10 + (uint32_t)(authority.ptr[i] - '0');
		if (port > UINT16_MAX)
			return ward_fail(error, WARD_E_FORMAT, "there is no port beyond 65535");
	}
	split->host = (ward_str){ authority.ptr, end - 1 };
	split->port = (uint16_t)port;
	return WARD_OK;
}

ward_err link_split_read(ward_str text, bool backslashes, struct link_split *split,
		struct ward_error *error)
{
	size_t len = 0;

	*split = (struct link_split){ .port = 0 };

	ward_err err = take_scheme(&text, backslashes, split, error);

	if (err)
		return err;
	while (len < text.len && text.ptr[len] != '?' && !is_slash(text.ptr[len], backslashes))
		len++;
	err = take_authority((ward_str){ text.ptr, len }, split, error);
	if (err)
		return err;
	if (split->port == link_scheme_port(split->scheme.len ? split->scheme : WARD_STR("http")))
		split->port = 0;
	text = skip(text, len);

	const char *mark = text.len ? memchr(text.ptr, '?', text.len) : NULL;

	split->path = (ward_str){ text.ptr, mark ? (size_t)(mark - text.ptr) : text.len };
	split->has_query = mark != NULL;
	split->query = skip(text, split->path.len + (mark ? 1 : 0));
	return WARD_OK;
}
