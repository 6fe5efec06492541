#include <ward/link.h>

#include "link/address.h"
#include "link/host.h"
#include "link/place.h"

ward_err ward_link_read(ward_str text, ward_link_rules rules, struct ward_buf *memory,
		struct ward_link *link, struct ward_error *error)
{
	ward_buf_clear(memory);
	if (text.len > WARD_LINK_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a link has at most %d bytes", WARD_LINK_MAX);
	switch (rules) {
	case WARD_LINK_LOOKUP:
		if (link_read_plain(text, memory, link))
			return WARD_OK;
		ward_buf_clear(memory);
		return link_read_lookup(text, memory, link, error);
	case WARD_LINK_SAFE_BROWSING:
		return link_read_safe_browsing(text, memory, link, error);
	case WARD_LINK_WHATWG:
		return ward_link_join(text, NULL, memory, link, error);
	default:
		return ward_fail(error, WARD_E_ARGUMENT, "there are no such rules for links");
	}
}

/* "2001:db8::1" without brackets, as lists of addresses have it. */
static bool is_bare_ipv6(ward_str text)
{
	uint8_t address[16];

	return link_ipv6_read(text, address);
}

ward_err ward_host_read(ward_str text, struct ward_buf *memory, ward_str *host,
		ward_host_kind *kind, uint8_t address[16], struct ward_error *error)
{
	ward_host_kind read_kind = WARD_HOST_NAME;
	uint8_t read_address[16] = { 0 };
	char bracketed[64];
	ward_err err;

	ward_buf_clear(memory);
	if (text.len + 2 < sizeof(bracketed) && is_bare_ipv6(text)) {
		int len = snprintf(bracketed, sizeof(bracketed), "[%.*s]", WARD_FMT(text));

		text = (ward_str){ bracketed, (size_t)len };
	}
	err = link_host_lookup(text, memory, &read_kind, read_address, error);
	if (!err && memory->failed)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for a host");
	if (err)
		return err;
	*host = (ward_str){ memory->ptr, memory->len };
	*kind = read_kind;
	memcpy(address, read_address, sizeof(read_address));
	return WARD_OK;
}
