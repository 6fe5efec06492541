#include "intake/url_form.h"

#include <arpa/inet.h>
#include <idn2.h>

/* ---- characters ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 3986, 2.3. */
static bool is_unreserved(char c)
{
	return is_letter(c) || is_digit(c) || (c != '\0' && strchr("-._~", c));
}

/* What stands in a path or query as it is; all else is escaped. */
static bool stays(char c)
{
	return is_unreserved(c) || (c != '\0' && strchr("!$&'()*+,;=:@/?[]", c));
}

static int hex_value(char c)
{
	return is_digit(c)            ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* The byte that "%41" stands for; -1 when it is no escape. */
static int escaped(ward_str text, size_t at)
{
	if (text.ptr[at] != '%' || text.len - at < 3)
		return -1;
	int high = hex_value(text.ptr[at + 1]), low = hex_value(text.ptr[at + 2]);

	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* ---- pieces ---- */

struct pieces {
	bool scheme; /* one was given */
	unsigned port_default;
	ward_str authority, path, query;
};

static ward_str upto(ward_str *rest, const char *ends)
{
	ward_str piece = { rest->ptr, 0 };

	while (piece.len < rest->len && !strchr(ends, rest->ptr[piece.len]))
		piece.len++;
	rest->ptr += piece.len;
	rest->len -= piece.len;
	return piece;
}

static const struct {
	const char *name;
	unsigned port;
} schemes[] = {
	{ "http", 80 },
	{ "https", 443 },
	{ "hxxp", 80 },
	{ "hxxps", 443 },
	{ "ftp", 21 },
	{ "ws", 80 },
	{ "wss", 443 },
};

/* "http:" and its slashes; false when a scheme is given that has no hosts we know of. */
static bool take_scheme(ward_str *rest, struct pieces *pieces)
{
	ward_str name = { rest->ptr, 0 };

	while (name.len < rest->len &&
			(is_letter(rest->ptr[name.len]) ||
					(name.len > 0 &&
							(is_digit(rest->ptr[name.len]) ||
									strchr("+-.", rest->ptr[name.len])))))
		name.len++;
	if (name.len == 0 || rest->len - name.len < 3 ||
			memcmp(rest->ptr + name.len, "://", 3) != 0)
		return true;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (!ward_str_eq_nocase(name, ward_str_from(schemes[i].name)))
			continue;
		pieces->scheme = true;
		pieces->port_default = schemes[i].port;
		rest->ptr += name.len + 3;
		rest->len -= name.len + 3;
		return true;
	}
	return false;
}

/* ---- the host ---- */

static bool label_is_good(ward_str label)
{
	bool good = label.len > 0 && label.len <= 63;

	for (size_t i = 0; good && i < label.len; i++)
		good = is_letter(label.ptr[i]) || is_digit(label.ptr[i]) || label.ptr[i] == '-' ||
		       label.ptr[i] == '_';
	return good;
}

static bool name_is_good(const char *name, bool dot_wanted)
{
	ward_str rest = ward_str_from(name);
	unsigned labels = 0;

	if (rest.len == 0 || rest.len > 253)
		return false;
	while (rest.len > 0) {
		bool more = memchr(rest.ptr, '.', rest.len) != NULL;
		ward_str label = ward_str_cut(&rest, '.');

		if (!label_is_good(label) || (more && rest.len == 0))
			return false;
		labels++;
	}
	return labels > 1 || !dot_wanted;
}

/* Escapes are resolved, "[.]" and "(.)" are dots; false when it does not fit or has a NUL. */
static bool plain_host(ward_str typed, char out[URL_HOST_MAX * 4])
{
	size_t len = 0;

	for (size_t i = 0; i < typed.len; i++) {
		int byte = escaped(typed, i);
		bool fanged = typed.len - i >= 3 &&
			      (memcmp(typed.ptr + i, "[.]", 3) == 0 ||
					      memcmp(typed.ptr + i, "(.)", 3) == 0);

		if (len + 1 >= URL_HOST_MAX * 4 || byte == 0)
			return false;
		out[len++] = fanged ? '.' : byte > 0 ? (char)byte : typed.ptr[i];
		i += fanged || byte > 0 ? 2 : 0;
	}
	out[len] = '\0';
	return len > 0;
}

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

static bool name_form(const char *plain, bool dot_wanted, char host[URL_HOST_MAX])
{
	char *labels = NULL;
	size_t len;

	/* A name of plain ASCII is taken as it is: a look-up would not change it either. */
	if (!is_ascii(plain) && idn2_to_ascii_8z(plain, &labels,
						IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return false;
	const char *name = labels ? labels : plain;

	len = strlen(name);
	if (len > 0 && name[len - 1] == '.')
		len--;
	bool good = len > 0 && len < URL_HOST_MAX;

	for (size_t i = 0; good && i < len; i++)
		host[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
	if (good)
		host[len] = '\0';
	idn2_free(labels);
	return good && name_is_good(host, dot_wanted);
}

static bool bracket_form(ward_str typed, char host[URL_HOST_MAX])
{
	char text[INET6_ADDRSTRLEN], plain[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (typed.len >= sizeof(text))
		return false;
	memcpy(text, typed.ptr, typed.len);
	text[typed.len] = '\0';
	if (strlen(text) != typed.len || inet_pton(AF_INET6, text, &address) != 1 ||
			!inet_ntop(AF_INET6, &address, plain, sizeof(plain)))
		return false;
	snprintf(host, URL_HOST_MAX, "[%s]", plain);
	return true;
}

/* ":443" with digits or none; false when it is something else.  0 is none, or the default. */
static bool take_port(ward_str text, const struct pieces *pieces, unsigned *port)
{
	uint64_t value = 0;

	*port = 0;
	if (text.len == 0)
		return true;
	text.ptr++;
	text.len--;
	if (text.len > 0 && (!ward_u64_parse(text, &value) || value > 65535 || value == 0))
		return false;
	if (!pieces->scheme || value != pieces->port_default)
		*port = (unsigned)value;
	return true;
}

static bool authority_form(const struct pieces *pieces, char host[URL_HOST_MAX], unsigned *port)
{
	ward_str rest = pieces->authority;
	char plain[URL_HOST_MAX * 4];

	/* The user's part ends with the last "@".  Without a scheme it is a mail address. */
	if (!pieces->scheme && rest.len > 0 && memchr(rest.ptr, '@', rest.len))
		return false;
	for (size_t i = rest.len; i > 0; i--) {
		if (rest.ptr[i - 1] == '@') {
			rest.ptr += i;
			rest.len -= i;
			break;
		}
	}
	if (rest.len > 1 && rest.ptr[0] == '[' && rest.ptr[1] != '.') {
		const char *end = memchr(rest.ptr, ']', rest.len);

		if (!end)
			return false;
		size_t len = (size_t)(end - rest.ptr);
		ward_str behind = { end + 1, rest.len - len - 1 };

		return bracket_form((ward_str){ rest.ptr + 1, len - 1 }, host) &&
		       (behind.len == 0 || behind.ptr[0] == ':') && take_port(behind, pieces, port);
	}
	ward_str name = upto(&rest, ":");

	return plain_host(name, plain) && name_form(plain, !pieces->scheme, host) &&
	       take_port(rest, pieces, port);
}

/* ---- path and query ---- */

static void add_byte(struct ward_buf *out, int byte)
{
	static const char digits[] = "0123456789ABCDEF";

	ward_buf_char(out, '%');
	ward_buf_char(out, digits[byte >> 4 & 15]);
	ward_buf_char(out, digits[byte & 15]);
}

static void add_escaped(struct ward_buf *out, ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		int byte = escaped(text, i);

		if (byte >= 0 && byte < 0x80 && is_unreserved((char)byte))
			ward_buf_char(out, (char)byte);
		else if (byte >= 0)
			add_byte(out, byte);
		else if (stays(text.ptr[i]))
			ward_buf_char(out, text.ptr[i]);
		else
			add_byte(out, (uint8_t)text.ptr[i]);
		i += byte >= 0 ? 2 : 0;
	}
}

/* RFC 3986, 5.2.4, in place; `from` is where the path begins, with a slash. */
static void resolve_dots(struct ward_buf *out, size_t from)
{
	size_t to = from, at = from;

	while (at < out->len) {
		/* A segment with the slash before it. */
		size_t end = at + 1;

		while (end < out->len && out->ptr[end] != '/')
			end++;
		size_t len = end - at - 1;
		bool one = len == 1 && out->ptr[at + 1] == '.';
		bool two = len == 2 && out->ptr[at + 1] == '.' && out->ptr[at + 2] == '.';

		if (two) {
			while (to > from && out->ptr[--to] != '/')
				;
		}
		if (!one && !two) {
			memmove(out->ptr + to, out->ptr + at, len + 1);
			to += len + 1;
		} else if (end == out->len) {
			out->ptr[to++] = '/';
		}
		at = end;
	}
	out->len = to;
}

static void add_path(struct ward_buf *out, ward_str path)
{
	size_t from = out->len;

	if (path.len == 0)
		ward_buf_char(out, '/');
	/* Browsers take the other slash for this one. */
	while (path.len > 0) {
		ward_buf_char(out, '/');
		path.ptr++;
		path.len--;
		add_escaped(out, upto(&path, "/\\"));
	}
	if (!out->failed)
		resolve_dots(out, from);
}

/* ---- all of it ---- */

/* Without white space around it, and without the tabs and line ends that browsers drop within. */
static bool tidy(ward_str typed, struct ward_buf *out)
{
	typed = ward_str_trim(typed);
	if (typed.len == 0 || typed.len > URL_TYPED_MAX || !ward_utf8_valid(typed))
		return false;
	for (size_t i = 0; i < typed.len; i++) {
		unsigned char c = (unsigned char)typed.ptr[i];

		if (c == '\t' || c == '\n' || c == '\r')
			continue;
		if (c < 0x20 || c == 0x7f)
			return false;
		ward_buf_char(out, (char)c);
	}
	return out->len > 0 && !out->failed;
}

static bool take_pieces(ward_str rest, struct pieces *pieces)
{
	*pieces = (struct pieces){ .scheme = false };
	if (!take_scheme(&rest, pieces))
		return false;
	pieces->authority = upto(&rest, "/\\?#");
	pieces->path = upto(&rest, "?#");
	if (rest.len > 0 && rest.ptr[0] == '?') {
		rest.ptr++;
		rest.len--;
		pieces->query = upto(&rest, "#");
	}
	return true;
}

static bool write_form(const struct pieces *pieces, struct url_form *form)
{
	struct ward_buf out;
	unsigned port;
	bool good = authority_form(pieces, form->host, &port);

	ward_buf_init(&out, URL_FORM_MAX);
	if (good) {
		ward_buf_str(&out, ward_str_from(form->host));
		if (port > 0)
			ward_buf_printf(&out, ":%u", port);
		add_path(&out, pieces->path);
		if (pieces->query.len > 0) {
			ward_buf_char(&out, '?');
			add_escaped(&out, pieces->query);
		}
		good = !out.failed && out.len < URL_FORM_MAX;
	}
	if (good) {
		memcpy(form->text, out.ptr, out.len);
		form->text[out.len] = '\0';
	}
	ward_buf_free(&out);
	return good;
}

bool url_form(ward_str typed, struct url_form *form)
{
	struct pieces pieces;
	struct ward_buf text;

	ward_buf_init(&text, URL_TYPED_MAX + 1);
	bool good = tidy(typed, &text) && take_pieces((ward_str){ text.ptr, text.len }, &pieces) &&
		    write_form(&pieces, form);

	ward_buf_free(&text);
	return good;
}
