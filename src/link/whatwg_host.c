#include "link/whatwg.h"

#include "link/address.h"
#include "link/chars.h"
#include "link/escape.h"
#include "link/host.h"
#include "link/split.h"

/* Hosts of schemes that are not special: anything goes, within limits, and is escaped. */
static ward_err opaque_host(struct link_parser *p, ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (link_char_is(text.ptr[i], LINK_HOST_FORBIDDEN))
			return ward_fail(p->error, WARD_E_FORMAT,
					"byte 0x%02x may not be in a host", (uint8_t)text.ptr[i]);
	}
	p->link.host_kind = text.len > 0 ? WARD_HOST_NAME : WARD_HOST_NONE;
	link_escape(text, LINK_ENCODE_C0, p->out);
	return WARD_OK;
}

static ward_err put_host(struct link_parser *p, size_t from, size_t to)
{
	char text[LINK_HOST_MAX];
	ward_err err;

	if (to - from > sizeof(text))
		return ward_fail(p->error, WARD_E_LIMIT, "the host is longer than %d bytes",
				LINK_HOST_MAX);
	memcpy(text, p->out->ptr + from, to - from);
	p->has_host = true;
	p->host = p->out->len;
	if (p->special || (to > from && text[0] == '['))
		err = link_host_special((ward_str){ text, to - from }, p->out, &p->link.host_kind,
				p->link.address, p->error);
	else
		err = opaque_host(p, (ward_str){ text, to - from });
	p->host_end = p->out->len;
	return err;
}

static bool ends_authority(const struct link_parser *p, size_t at)
{
	int c = link_input(p, at);

	return c < 0 || c == '?' || c == '#' || link_is_slash(p, at);
}

/* "user:password@" from `from` to before the '@'. */
static void put_credentials(struct link_parser *p, size_t from, size_t to)
{
	size_t colon = from;

	while (colon < to && link_input(p, colon) != ':')
		colon++;
	p->user = p->out->len;
	link_copy(p, from, colon, LINK_ENCODE_USERINFO);
	p->user_end = p->password = p->password_end = p->out->len;
	if (to - colon > 1) {
		ward_buf_char(p->out, ':');
		p->password = p->out->len;
		link_copy(p, colon + 1, to, LINK_ENCODE_USERINFO);
		p->password_end = p->out->len;
	}
	if (p->password_end > p->user)
		ward_buf_char(p->out, '@');
}

static ward_err put_port(struct link_parser *p, size_t from, size_t to)
{
	ward_str scheme = { p->out->ptr + p->url, p->scheme_end - p->url };
	uint32_t port = 0;

	for (size_t i = from; i < to; i++) {
		int c = link_input(p, i);

		if (!link_is_digit((char)c))
			return ward_fail(p->error, WARD_E_FORMAT, "a port is a number");
		port = port * 10 + (uint32_t)(c - '0');
		if (port > UINT16_MAX)
			return ward_fail(p->error, WARD_E_FORMAT, "there is no port beyond 65535");
	}
	if (from == to || (port > 0 && port == link_scheme_port(scheme)))
		return WARD_OK;
	p->link.port = (uint16_t)port;
	ward_buf_char(p->out, ':');
	link_number_write(port, p->out);
	return WARD_OK;
}

ward_err link_authority(struct link_parser *p, size_t *at)
{
	size_t start = *at;
	size_t end = start;
	size_t user_end = SIZE_MAX;
	bool brackets = false;
	size_t colon;

	for (; !ends_authority(p, end); end++) {
		if (link_input(p, end) == '@')
			user_end = end;
	}
	ward_buf_str(p->out, WARD_STR("//"));
	if (user_end != SIZE_MAX) {
		put_credentials(p, start, user_end);
		start = user_end + 1;
	}
	for (colon = start; colon < end; colon++) {
		int c = link_input(p, colon);

		if (c == ':' && !brackets)
			break;
		brackets = c == '[' || (brackets && c != ']');
	}
	*at = end;
	if (colon == start && (p->special || user_end != SIZE_MAX || colon < end))
		return ward_fail(p->error, WARD_E_FORMAT, "there is no host");

	ward_err err = put_host(p, start, colon);

	return err || colon == end ? err : put_port(p, colon + 1, end);
}

ward_err link_file_host(struct link_parser *p, size_t *at)
{
	size_t end = *at;
	ward_err err;

	while (!ends_authority(p, end))
		end++;
	ward_buf_str(p->out, WARD_STR("//"));
	p->has_host = true;
	p->host = p->host_end = p->out->len;
	if (end == *at || (end - *at == 2 && link_starts_with_drive(p, *at)))
		return WARD_OK;
	err = put_host(p, *at, end);
	*at = end;
	if (!err && !p->out->failed && p->host_end - p->host == 9 &&
			memcmp(p->out->ptr + p->host, "localhost", 9) == 0) {
		p->out->len = p->host_end = p->host;
		p->link.host_kind = WARD_HOST_NONE;
	}
	return err;
}
