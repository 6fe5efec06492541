/*
 * Any bytes are a link or are not, by each of the three rules, alone and behind a base.  What is
 * one lies within its own canonical form and reads again as itself; so do the short way and
 * the long one; expressions are never more than their limit.
 */
#include <assert.h>

#include <ward/link.h>

#include "link/place.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool lies_in(ward_str part, ward_str whole)
{
	return part.len == 0 ||
	       (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void check_parts(const struct ward_link *link)
{
	assert(lies_in(link->scheme, link->url) && lies_in(link->host, link->url));
	assert(lies_in(link->path, link->url) && lies_in(link->query, link->url));
	assert(lies_in(link->user, link->url) && lies_in(link->password, link->url));
	assert(lies_in(link->fragment, link->url));
	for (size_t i = 0; i < link->url.len; i++)
		assert((uint8_t)link->url.ptr[i] >= 0x20 && (uint8_t)link->url.ptr[i] < 0x7f);
}

static void count(void *context, ward_str host, ward_str path)
{
	assert(host.len > 0 && path.len > 0 && path.ptr[0] == '/');
	++*(size_t *)context;
}

static void check_host(const struct ward_link *link, struct ward_buf *memory)
{
	ward_str registered = ward_host_registered(link->host);
	ward_str display;
	size_t told = 0;

	assert(ward_str_ends(link->host, registered));
	assert(ward_str_ends(link->host, ward_host_parent(link->host)));
	assert(ward_host_display(link->host, memory, &display, NULL) == WARD_OK);
	assert(ward_link_expressions(link, count, &told) == told);
	assert(told >= 1 && told <= WARD_LINK_EXPRESSIONS_MAX);
}

static void check_rules(ward_str text, ward_link_rules rules, struct ward_buf memory[3])
{
	struct ward_link link;
	struct ward_link second;
	struct ward_error error;
	ward_err err = ward_link_read(text, rules, &memory[0], &link, &error);

	if (err) {
		assert((err == WARD_E_FORMAT || err == WARD_E_LIMIT) && error.message[0]);
		return;
	}
	check_parts(&link);
	if (rules == WARD_LINK_LOOKUP)
		check_host(&link, &memory[1]);
	if (rules == WARD_LINK_SAFE_BROWSING)
		return; /* its own rules do not always give the same again: "http://a%23/" */
	if (link.url.len > WARD_LINK_MAX)
		return;
	assert(ward_link_read(link.url, rules, &memory[1], &second, NULL) == WARD_OK);
	assert(ward_str_eq(link.url, second.url));
	assert(ward_str_eq(link.host, second.host) && ward_str_eq(link.path, second.path));
	assert(ward_str_eq(link.query, second.query) && link.port == second.port);
}

static void check_ways(ward_str text, struct ward_buf memory[3])
{
	struct ward_link quick;
	struct ward_link slow;

	ward_buf_clear(&memory[0]);
	ward_buf_clear(&memory[1]);
	if (text.len > WARD_LINK_MAX || !link_read_plain(text, &memory[0], &quick))
		return;
	assert(link_read_lookup(text, &memory[1], &slow, NULL) == WARD_OK);
	assert(ward_str_eq(quick.url, slow.url) && ward_str_eq(quick.host, slow.host));
	assert(ward_str_eq(quick.path, slow.path) && ward_str_eq(quick.query, slow.query));
	assert(quick.has_query == slow.has_query && quick.host_kind == slow.host_kind);
}

/* The first line is a base, what follows is joined with it. */
static void check_join(ward_str text, struct ward_buf memory[3])
{
	ward_str rest = text;
	ward_str first = ward_str_cut(&rest, '\n');
	struct ward_link base;
	struct ward_link link;
	struct ward_link second;

	if (ward_link_read(first, WARD_LINK_WHATWG, &memory[0], &base, NULL) ||
			ward_link_join(rest, &base, &memory[1], &link, NULL))
		return;
	check_parts(&link);
	if (link.url.len > WARD_LINK_MAX)
		return;
	assert(ward_link_read(link.url, WARD_LINK_WHATWG, &memory[2], &second, NULL) == WARD_OK);
	assert(ward_str_eq(link.url, second.url) && ward_str_eq(link.path, second.path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_str text = { (const char *)data, size };
	struct ward_buf memory[3];
	struct ward_network network;

	for (int i = 0; i < 3; i++)
		ward_buf_init(&memory[i], WARD_LINK_MEMORY_MAX);
	check_rules(text, WARD_LINK_LOOKUP, memory);
	check_rules(text, WARD_LINK_SAFE_BROWSING, memory);
	check_rules(text, WARD_LINK_WHATWG, memory);
	check_ways(text, memory);
	check_join(text, memory);
	if (ward_network_read(text, &network))
		assert(ward_network_has(&network, network.kind, network.address));
	for (int i = 0; i < 3; i++)
		ward_buf_free(&memory[i]);
	return 0;
}
