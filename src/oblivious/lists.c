#include "oblivious/lists.h"

#include <string.h>

/* "h/p" to "h" and "/p"; a name alone has the path "/". */
static ward_str cut_host(ward_str key, ward_str *path)
{
	ward_str host = key;
	const char *slash = key.len > 0 ? memchr(key.ptr, '/', key.len) : NULL;

	*path = WARD_STR("/");
	if (slash) {
		host.len = (size_t)(slash - key.ptr);
		*path = (ward_str){ slash, key.len - host.len };
	}
	return host;
}

static ward_err add_place(struct oblivious_draft *draft, ward_str key, enum oblivious_mark mark,
		struct ward_error *error)
{
	ward_str path, host = cut_host(key, &path);

	return oblivious_draft_add(draft, host, path, mark, error);
}

/* One address is a host; a network is not asked for by any expression. */
static ward_err add_network(struct oblivious_draft *draft, ward_str key,
		struct oblivious_listed *listed, struct ward_error *error)
{
	char host[80];
	bool v6 = memchr(key.ptr, ':', key.len) != NULL;
	ward_str bits = key, address = ward_str_cut(&bits, '/');

	if (bits.len > 0 && !ward_str_eq(bits, v6 ? WARD_STR("128") : WARD_STR("32"))) {
		listed->networks++;
		return WARD_OK;
	}
	int len = snprintf(host, sizeof(host), "%s%.*s%s", v6 ? "[" : "", WARD_FMT(address),
			v6 ? "]" : "");

	if (len < 0 || (size_t)len >= sizeof(host))
		return ward_fail(error, WARD_E_CORRUPT, "an address is too long");
	listed->taken++;
	return oblivious_draft_add(draft, ward_str_from(host), WARD_STR("/"), OBLIVIOUS_DOMAIN,
			error);
}

static ward_err add_hash(struct oblivious_draft *draft, ward_str key, bool salted,
		struct oblivious_listed *listed, struct ward_error *error)
{
	uint8_t input[OBLIVIOUS_INPUT];

	if (salted || !ward_hex_parse(key, input, sizeof(input))) {
		listed->hashes++;
		return WARD_OK;
	}
	listed->taken++;
	return oblivious_draft_add_hash(draft, input, error);
}

static ward_err add_entry(struct oblivious_draft *draft, const struct ward_site_entry *entry,
		bool salted, struct oblivious_listed *listed, struct ward_error *error)
{
	static const enum oblivious_mark marks[WARD_SITE_KIND_COUNT] = {
		[WARD_SITE_PAGE] = OBLIVIOUS_PAGE,
		[WARD_SITE_PREFIX] = OBLIVIOUS_PREFIX,
		[WARD_SITE_HOST] = OBLIVIOUS_HOST,
		[WARD_SITE_DOMAIN] = OBLIVIOUS_DOMAIN,
	};

	if (entry->kind == WARD_SITE_NETWORK)
		return add_network(draft, entry->key, listed, error);
	if (entry->kind == WARD_SITE_HASH)
		return add_hash(draft, entry->key, salted, listed, error);
	listed->taken++;
	return add_place(draft, entry->key, marks[entry->kind], error);
}

ward_err oblivious_lists_add(struct oblivious_draft *draft, const struct ward_site_list *list,
		int64_t now, struct oblivious_listed *listed, struct ward_error *error)
{
	bool salted = ward_site_list_info(list)->salt_len > 0;
	struct ward_site_cursor cursor = { 0 };
	struct ward_site_entry entry;
	ward_err err = WARD_OK;

	while (!err && ward_site_list_next(list, &cursor, &entry)) {
		if (entry.expires != 0 && entry.expires <= now)
			listed->expired++;
		else
			err = add_entry(draft, &entry, salted, listed, error);
	}
	return err ? err : ward_site_list_end(list, &cursor, error);
}
