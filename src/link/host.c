#include "link/host.h"

#include "link/address.h"
#include "link/chars.h"
#include "link/escape.h"
#include "link/idna.h"

static bool is_ascii(ward_str text)
{
	unsigned all = 0;

	for (size_t i = 0; i < text.len; i++)
		all |= (uint8_t)text.ptr[i];
	return all < 0x80;
}

static ward_err read_ipv6(ward_str text, struct ward_buf *out, uint8_t address[16],
		struct ward_error *error)
{
	if (text.len < 2 || text.ptr[text.len - 1] != ']' ||
			!link_ipv6_read((ward_str){ text.ptr + 1, text.len - 2 }, address))
		return ward_fail(error, WARD_E_FORMAT,
				"what stands in brackets is no IPv6 address");
	ward_buf_char(out, '[');
	link_ipv6_write(address, out);
	ward_buf_char(out, ']');
	return WARD_OK;
}

/* "Domain to ASCII": of ASCII alone the URL Standard only lowers the case, even of "xn--". */
static ward_err name_to_ascii(ward_str name, struct ward_buf *out, struct ward_error *error)
{
	if (!is_ascii(name))
		return link_idna_to_ascii(name, out, error);
	link_lower_write(name, out);
	return WARD_OK;
}

static ward_err check_name(ward_str name, struct ward_error *error)
{
	for (size_t i = 0; i < name.len; i++) {
		if (link_char_is(name.ptr[i], LINK_DOMAIN_FORBIDDEN))
			return ward_fail(error, WARD_E_FORMAT,
					"byte 0x%02x may not be in a host name",
					(uint8_t)name.ptr[i]);
	}
	return name.len > 0 ? WARD_OK : ward_fail(error, WARD_E_FORMAT, "there is no host");
}

/* Safe Browsing: without dots at the ends, and runs of them one.  In place; the new length. */
static size_t tidy_dots(char *name, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		if (name[i] != '.' || (out > 0 && name[out - 1] != '.'))
			name[out++] = name[i];
	}
	return out > 0 && name[out - 1] == '.' ? out - 1 : out;
}

/* What is in `out` from `start` on becomes dotted decimal. */
static void put_ipv4(struct ward_buf *out, size_t start, const uint8_t address[16],
		ward_host_kind *kind)
{
	out->len = start;
	link_ipv4_write(address, out);
	*kind = WARD_HOST_IPV4;
}

static ward_err read_name(ward_str text, bool tidy, struct ward_buf *out, ward_host_kind *kind,
		uint8_t address[16], struct ward_error *error)
{
	char plain[LINK_HOST_MAX];
	size_t start = out->len;

	if (text.len > sizeof(plain))
		return ward_fail(error, WARD_E_LIMIT, "the host is longer than %d bytes",
				LINK_HOST_MAX);
	memcpy(plain, text.ptr, text.len);

	ward_err err = name_to_ascii((ward_str){ plain, link_unescape(plain, text.len) }, out,
			error);

	if (err)
		return err;
	if (out->failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a host");
	/* Nothing but what IDNA takes away, and maybe no memory was asked for yet. */
	if (out->len == start)
		return ward_fail(error, WARD_E_FORMAT, "there is no host");
	if (tidy)
		out->len = start + tidy_dots(out->ptr + start, out->len - start);

	ward_str name = { out->ptr + start, out->len - start };

	err = check_name(name, error);
	*kind = WARD_HOST_NAME;
	if (err || !link_ends_in_number(name))
		return err;
	if (!link_ipv4_read(name, address))
		return ward_fail(error, WARD_E_FORMAT,
				"a host that ends in a number must be an IPv4 address");
	put_ipv4(out, start, address, kind);
	return WARD_OK;
}

ward_err link_host_special(ward_str text, struct ward_buf *out, ward_host_kind *kind,
		uint8_t address[16], struct ward_error *error)
{
	if (text.len == 0)
		return ward_fail(error, WARD_E_FORMAT, "there is no host");
	if (text.ptr[0] != '[')
		return read_name(text, false, out, kind, address, error);
	*kind = WARD_HOST_IPV6;
	return read_ipv6(text, out, address, error);
}

ward_err link_host_lookup(ward_str text, struct ward_buf *out, ward_host_kind *kind,
		uint8_t address[16], struct ward_error *error)
{
	size_t start = out->len;
	ward_err err;

	if (text.len == 0)
		return ward_fail(error, WARD_E_FORMAT, "there is no host");
	if (text.ptr[0] != '[')
		return read_name(text, true, out, kind, address, error);
	*kind = WARD_HOST_IPV6;
	err = read_ipv6(text, out, address, error);
	if (!err && link_ipv6_is_mapped(address)) {
		memmove(address, address + 12, 4);
		memset(address + 4, 0, 12);
		put_ipv4(out, start, address, kind);
	}
	return err;
}

/* As it is written, in lower case: so does the publisher's own code. */
static ward_err copy_ipv6(ward_str text, struct ward_buf *out, uint8_t address[16],
		struct ward_error *error)
{
	if (text.ptr[text.len - 1] != ']' ||
			!link_ipv6_read((ward_str){ text.ptr + 1, text.len - 2 }, address))
		return ward_fail(error, WARD_E_FORMAT,
				"what stands in brackets is no IPv6 address");
	link_lower_write(text, out);
	return WARD_OK;
}

/*
 * Anything is a host here: what is no name and no address is escaped.  Letters
 * of other scripts become A-labels, as the documentation asks, where they can.
 */
ward_err link_host_safe_browsing(ward_str text, struct ward_buf *out, ward_host_kind *kind,
		uint8_t address[16], struct ward_error *error)
{
	char name[LINK_HOST_MAX];
	size_t start = out->len;
	size_t len;

	*kind = WARD_HOST_IPV6;
	if (text.len > 2 && text.ptr[0] == '[')
		return copy_ipv6(text, out, address, error);
	if (text.len > sizeof(name))
		return ward_fail(error, WARD_E_LIMIT, "the host is longer than %d bytes",
				LINK_HOST_MAX);
	*kind = WARD_HOST_NAME;
	if (!is_ascii(text) && link_idna_to_ascii(text, out, NULL) == WARD_OK)
		text = (ward_str){ out->ptr + start, out->len - start };
	if (out->failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a host");
	memcpy(name, text.ptr, text.len);
	out->len = start;
	len = tidy_dots(name, text.len);
	for (size_t i = 0; i < len; i++)
		name[i] = link_lower(name[i]);
	if (len == 0)
		return ward_fail(error, WARD_E_FORMAT, "there is no host");
	if (link_ipv4_read_loose((ward_str){ name, len }, address))
		put_ipv4(out, start, address, kind);
	else
		link_escape((ward_str){ name, len }, LINK_ENCODE_PLACE, out);
	return WARD_OK;
}
