#include "oblivious/place.h"

#include <sodium.h>
#include <string.h>

enum {
	SHORT_LABEL = 3,    /* "co", "com", "ac": the label before them belongs to the name */
	HOSTS_ABOVE = 4,    /* what publishers of hashes ask beside the host itself, */
	LABELS_OF_HOST = 5, /* made of its last five labels, */
	PATHS_OF_HASH = 4,  /* and of its path, from the root */
};

void oblivious_input(ward_str host, ward_str path, uint8_t input[OBLIVIOUS_INPUT])
{
	crypto_hash_sha256_state hash;

	crypto_hash_sha256_init(&hash);
	crypto_hash_sha256_update(&hash, (const uint8_t *)host.ptr, host.len);
	crypto_hash_sha256_update(&hash, (const uint8_t *)path.ptr, path.len);
	crypto_hash_sha256_final(&hash, input);
	sodium_memzero(&hash, sizeof(hash));
}

/* ---- shelves ---- */

/* In the canonical form no name ends with a number (URL Standard, "ends in a number checker"). */
static bool is_address(ward_str host)
{
	size_t digits = 0;

	while (digits < host.len && strchr("0123456789.", host.ptr[digits]))
		digits++;
	return host.len > 0 && (digits == host.len || host.ptr[host.len - 1] == ']');
}

/* Where the label before `end` begins. */
static size_t label_before(ward_str host, size_t end)
{
	while (end > 0 && host.ptr[end - 1] != '.')
		end--;
	return end;
}

ward_str oblivious_site(ward_str host)
{
	size_t last, second, third;

	if (is_address(host))
		return host;
	last = label_before(host, host.len);
	if (last == 0)
		return host;
	second = label_before(host, last - 1);
	if (second == 0)
		return host;
	third = last - 1 - second <= SHORT_LABEL ? label_before(host, second - 1) : second;
	return (ward_str){ host.ptr + third, host.len - third };
}

bool oblivious_site_holds_below(ward_str host)
{
	char text[OBLIVIOUS_HOST_MAX + 2] = "x.";

	if (is_address(host))
		return true;
	if (host.len > OBLIVIOUS_HOST_MAX)
		return false;
	memcpy(text + 2, host.ptr, host.len);
	return ward_str_eq(oblivious_site((ward_str){ text, host.len + 2 }), oblivious_site(host));
}

uint32_t oblivious_shelf(ward_str host)
{
	uint8_t digest[OBLIVIOUS_INPUT];

	oblivious_input(WARD_STR("shelf "), oblivious_site(host), digest);
	return (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 |
	       digest[3];
}

/* ---- what to ask ---- */

/* Puts one more in, or adds marks to the one that is there. */
static void add(struct oblivious_asks *asks, ward_str host, ward_str path, unsigned marks)
{
	uint8_t input[OBLIVIOUS_INPUT];

	oblivious_input(host, path, input);
	for (size_t i = 0; i < asks->count; i++)
		if (memcmp(asks->at[i].input, input, sizeof(input)) == 0) {
			asks->at[i].marks |= (uint8_t)marks;
			return;
		}
	if (asks->count == OBLIVIOUS_BATCH) {
		asks->whole = false;
		return;
	}
	memcpy(asks->at[asks->count].input, input, sizeof(input));
	asks->at[asks->count++].marks = (uint8_t)marks;
}

/* The path of a link with its query, in one piece of memory. */
struct path {
	ward_str alone, whole;
	bool has_query;
};

/* The host's own page, whatever begins its path up to `most` parts, and the page with its query. */
static void add_paths(struct oblivious_asks *asks, ward_str host, const struct path *path,
		size_t most, unsigned page, unsigned prefix)
{
	if (path->has_query)
		add(asks, host, path->whole, page);
	add(asks, host, path->alone, page);
	for (size_t i = 0, parts = 0; i < path->alone.len && parts < most; i++)
		if (path->alone.ptr[i] == '/') {
			add(asks, host, (ward_str){ path->alone.ptr, i + 1 }, prefix);
			parts++;
		}
}

/* The host and those above it, down to one label. */
static void add_hosts(struct oblivious_asks *asks, ward_str host, bool address)
{
	add(asks, host, WARD_STR("/"), OBLIVIOUS_HOST | OBLIVIOUS_DOMAIN);
	for (size_t i = host.len; i > 0 && !address; i--)
		if (host.ptr[i - 1] == '.')
			add(asks, (ward_str){ host.ptr + i, host.len - i }, WARD_STR("/"),
					OBLIVIOUS_DOMAIN);
}

/* Where the last `labels` labels of the host begin; 0 when it has no more than that. */
static size_t last_labels(ward_str host, size_t labels)
{
	size_t begin = host.len + 1;

	while (labels-- > 0 && begin > 0)
		begin = label_before(host, begin - 1);
	return begin;
}

/* As ward_link_expressions has them. */
static void add_hashes(struct oblivious_asks *asks, ward_str host, const struct path *path,
		bool address)
{
	add_paths(asks, host, path, PATHS_OF_HASH, OBLIVIOUS_HASH, OBLIVIOUS_HASH);
	for (size_t labels = LABELS_OF_HOST, above = 0; labels >= 2 && !address; labels--) {
		size_t begin = last_labels(host, labels);

		if (begin > 0 && above++ < HOSTS_ABOVE)
			add_paths(asks, (ward_str){ host.ptr + begin, host.len - begin }, path,
					PATHS_OF_HASH, OBLIVIOUS_HASH, OBLIVIOUS_HASH);
	}
}

ward_err oblivious_asks_make(const struct ward_link *link, bool hashes, struct oblivious_asks *asks,
		struct ward_error *error)
{
	bool address = link->host_kind != WARD_HOST_NAME;
	struct ward_buf text;
	struct path path = { .has_query = link->query.len > 0 };

	if (link->host.len == 0 || link->host.len > OBLIVIOUS_HOST_MAX)
		return ward_fail(error, WARD_E_LIMIT,
				"the address names no host that can be asked "
				"for");
	ward_buf_init(&text, 2 * WARD_LINK_MAX + 2);
	ward_buf_str(&text, link->path.len > 0 ? link->path : WARD_STR("/"));
	size_t alone = text.len;

	if (path.has_query) {
		ward_buf_char(&text, '?');
		ward_buf_str(&text, link->query);
	}
	if (text.failed) {
		ward_buf_free(&text);
		return ward_fail(error, WARD_E_LIMIT, "the address is too long");
	}
	path.whole = ward_buf_text(&text);
	path.alone = (ward_str){ path.whole.ptr, alone };
	*asks = (struct oblivious_asks){ .whole = true };
	if (hashes)
		add_hashes(asks, link->host, &path, address);
	add_hosts(asks, link->host, address);
	add_paths(asks, link->host, &path, SIZE_MAX, OBLIVIOUS_PAGE, OBLIVIOUS_PREFIX);
	sodium_memzero(text.ptr, text.len);
	ward_buf_free(&text);
	return WARD_OK;
}
