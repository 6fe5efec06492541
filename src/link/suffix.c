/* Where the registry's part of a name ends: the Public Suffix List, as libpsl carries it. */
#include <ward/link.h>

#include <libpsl.h>

#include "link/address.h"
#include "link/host.h"

/* libpsl wants a NUL behind it.  False for what is no name. */
static bool copy_name(ward_str host, char name[LINK_HOST_MAX + 1])
{
	uint8_t address[4];

	if (host.len == 0 || host.len > LINK_HOST_MAX || host.ptr[0] == '[' ||
			(link_ends_in_number(host) && link_ipv4_read(host, address)))
		return false;
	memcpy(name, host.ptr, host.len);
	name[host.len] = 0;
	return true;
}

ward_str ward_host_registered(ward_str host)
{
	char name[LINK_HOST_MAX + 1];
	const char *registered;

	if (!copy_name(host, name))
		return (ward_str){ host.ptr, 0 };
	registered = psl_registrable_domain(psl_builtin(), name);
	if (!registered)
		return (ward_str){ host.ptr, 0 };

	size_t at = (size_t)(registered - name);

	return (ward_str){ host.ptr + at, host.len - at };
}

bool ward_host_is_suffix(ward_str host)
{
	char name[LINK_HOST_MAX + 1];

	/* Without the rule for what the list does not know, by which each single label is one. */
	return copy_name(host, name) &&
	       psl_is_public_suffix2(psl_builtin(), name, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}

ward_str ward_host_parent(ward_str host)
{
	const char *dot = host.len > 0 ? memchr(host.ptr, '.', host.len) : NULL;

	if (!dot || host.ptr[0] == '[' || link_ends_in_number(host))
		return (ward_str){ host.ptr, 0 };
	return (ward_str){ dot + 1, host.len - (size_t)(dot + 1 - host.ptr) };
}
