/*
 * Entries as people and lists write them.
 */
#include "site/key.h"

#include <string.h>

/* ---- writing ---- */

void ward_site_entry_write(const struct ward_site_entry *entry, struct ward_buf *out)
{
	if (entry->kind == WARD_SITE_HOST)
		ward_buf_char(out, '=');
	if (entry->kind == WARD_SITE_HASH)
		ward_buf_str(out, WARD_STR("sha256:"));
	ward_buf_str(out, entry->key);
	if (entry->kind == WARD_SITE_PREFIX)
		ward_buf_str(out, WARD_STR("..."));
}

/* ---- reading ---- */

/* A text, what is read of it, and where that is kept. */
struct reading {
	ward_str text;
	ward_site_bare bare;
	struct ward_buf *memory;
	struct ward_site_entry *entry;
	struct ward_error *error;
};

static ward_err done(struct reading *reading, ward_site_kind kind, ward_str key)
{
	reading->entry->kind = kind;
	reading->entry->key = key;
	return WARD_OK;
}

static ward_err no_memory(struct reading *reading)
{
	return ward_fail(reading->error, WARD_E_NOMEM, "no memory for an entry");
}

/* The pieces lie in the buffer, which may move when it grows; they are put together behind. */
static ward_err join(struct reading *reading, ward_str host, ward_str path, ward_str query,
		ward_str *key)
{
	struct ward_buf *memory = reading->memory;
	const char *old = memory->ptr;
	size_t len = host.len + path.len + (query.len ? 1 + query.len : 0);
	size_t at_host = (size_t)(host.ptr - old),
	       at_path = path.len ? (size_t)(path.ptr - old) : 0;
	size_t at_query = query.len ? (size_t)(query.ptr - old) : 0;
	char *out = ward_buf_reserve(memory, len + 1), *next = out;

	if (!out)
		return no_memory(reading);
	memcpy(next, memory->ptr + at_host, host.len);
	next += host.len;
	memcpy(next, memory->ptr + at_path, path.len);
	next += path.len;
	if (query.len > 0) {
		*next++ = '?';
		memcpy(next, memory->ptr + at_query, query.len);
	}
	*key = (ward_str){ out, len };
	return WARD_OK;
}

static ward_err keep(struct reading *reading, ward_str text, ward_site_kind kind)
{
	char *out;

	ward_buf_clear(reading->memory);
	out = ward_buf_reserve(reading->memory, text.len + 1);
	if (!out)
		return no_memory(reading);
	memcpy(out, text.ptr, text.len);
	return done(reading, kind, (ward_str){ out, text.len });
}

static ward_err read_hash(struct reading *reading, ward_str digits)
{
	char lower[64];
	uint8_t bytes[32];

	if (digits.len % 2 != 0 || digits.len < (size_t)2 * SITE_HASH_BYTES_MIN ||
			digits.len > sizeof(lower) ||
			!ward_hex_parse(digits, bytes, digits.len / 2))
		return ward_fail(reading->error, WARD_E_FORMAT,
				"behind \"sha256:\" stand 8 to 64 hex digits, an even number");
	for (size_t i = 0; i < digits.len; i++)
		lower[i] = digits.ptr[i] >= 'A' && digits.ptr[i] <= 'F'
					   ? (char)(digits.ptr[i] - 'A' + 'a')
					   : digits.ptr[i];
	return keep(reading, (ward_str){ lower, digits.len }, WARD_SITE_HASH);
}

static ward_err keep_network(struct reading *reading, const struct ward_network *network)
{
	char word[20], key[72];
	size_t len = site_network_word(network->kind, network->address, network->bits, word);
	ward_str text = { key, site_word_key(WARD_SITE_NETWORK, (ward_str){ word, len }, key) };

	return keep(reading, text, WARD_SITE_NETWORK);
}

static ward_err too_long(struct reading *reading)
{
	return ward_fail(reading->error, WARD_E_LIMIT,
			"a host has at most %d bytes, and an entry %d", SITE_HOST_MAX,
			SITE_KEY_MAX);
}

/* A name without a path. */
static ward_err read_bare(struct reading *reading, ward_str text, ward_site_bare bare, bool exact)
{
	struct ward_network network = { .bits = 0 };
	ward_host_kind kind;
	ward_str host;
	ward_err err = ward_host_read(text, reading->memory, &host, &kind, network.address,
			reading->error);

	if (err)
		return err;
	if (host.len > SITE_HOST_MAX)
		return too_long(reading);
	network.kind = kind;
	network.bits = kind == WARD_HOST_IPV4 ? 32 : 128;
	if (kind != WARD_HOST_NAME && !exact && bare != WARD_SITE_BARE_PAGE)
		return keep_network(reading, &network);
	if (bare == WARD_SITE_BARE_PAGE) {
		char page[SITE_HOST_MAX + 1];

		memcpy(page, host.ptr, host.len);
		page[host.len] = '/';
		return keep(reading, (ward_str){ page, host.len + 1 }, WARD_SITE_PAGE);
	}
	return done(reading, bare == WARD_SITE_BARE_HOST ? WARD_SITE_HOST : WARD_SITE_DOMAIN, host);
}

static ward_err read_domain(struct reading *reading, ward_str text)
{
	struct ward_error *error = reading->error;
	ward_err err = read_bare(reading, text, WARD_SITE_BARE_DOMAIN, false);

	if (!err && reading->entry->kind != WARD_SITE_DOMAIN)
		err = ward_fail(error, WARD_E_FORMAT, "an address has no domains below it");
	return err;
}

static size_t count_of(ward_str text, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == c;
	return count;
}

static ward_err read_place(struct reading *reading, ward_str text, bool prefix)
{
	struct ward_link link;
	ward_str key = { NULL, 0 };
	ward_err err = ward_link_read(text, WARD_LINK_LOOKUP, reading->memory, &link,
			reading->error);

	if (err)
		return err;
	if (link.host.len > SITE_HOST_MAX ||
			link.host.len + link.path.len + link.query.len + 1 > SITE_KEY_MAX)
		return too_long(reading);
	if (prefix && (link.query.len > 0 || count_of(link.path, '/') > SITE_PARTS_MAX))
		return ward_fail(reading->error, WARD_E_FORMAT,
				"a prefix has no query, and at most %d parts", SITE_PARTS_MAX);
	err = join(reading, link.host, link.path, link.query, &key);
	return err ? err : done(reading, prefix ? WARD_SITE_PREFIX : WARD_SITE_PAGE, key);
}

/* What stands behind "://"; all of it when there is no scheme. */
static ward_str without_scheme(ward_str text)
{
	for (size_t i = 0; i + 2 < text.len; i++) {
		if (memcmp(text.ptr + i, "://", 3) == 0)
			return (ward_str){ text.ptr + i + 3, text.len - i - 3 };
		if (strchr("/?#", text.ptr[i]))
			break;
	}
	return text;
}

/* A port and who asks are no part of a place; "[…]" has colons of its own. */
static bool is_name_only(ward_str rest)
{
	bool open = false;

	for (size_t i = 0; i < rest.len; i++) {
		char c = rest.ptr[i];

		open = c == '[' || (open && c != ']');
		if (!c || strchr("/?#\\@", c) || (c == ':' && !open))
			return false;
	}
	return true;
}

/* "http://example.org:8080": a link without a path, whose host is taken as a bare one. */
static ward_err read_host_of(struct reading *reading, ward_str text)
{
	struct ward_link link;
	char host[SITE_HOST_MAX];
	ward_err err = ward_link_read(text, WARD_LINK_LOOKUP, reading->memory, &link,
			reading->error);

	if (err)
		return err;
	if (link.host.len > sizeof(host))
		return too_long(reading);
	/* Reading the host clears the buffer that it lies in. */
	memcpy(host, link.host.ptr, link.host.len);
	return read_bare(reading, (ward_str){ host, link.host.len }, reading->bare, false);
}

static ward_err read_any(struct reading *reading, ward_str text)
{
	ward_str rest = without_scheme(text);
	struct ward_network network;
	bool has_scheme = rest.ptr != text.ptr;

	if (!has_scheme && ward_network_read(text, &network))
		return keep_network(reading, &network);
	if (is_name_only(rest))
		return read_bare(reading, rest, reading->bare, false);
	if (ward_str_ends(rest, WARD_STR("/...")))
		return read_place(reading, (ward_str){ text.ptr, text.len - 3 }, true);
	if (ward_str_ends(rest, WARD_STR("/*")))
		return read_place(reading, (ward_str){ text.ptr, text.len - 1 }, true);
	if (!memchr(rest.ptr, '/', rest.len) && !memchr(rest.ptr, '?', rest.len) &&
			!memchr(rest.ptr, '\\', rest.len))
		return read_host_of(reading, text);
	return read_place(reading, text, false);
}

ward_err ward_site_entry_read(ward_str text, ward_site_bare bare, struct ward_buf *memory,
		struct ward_site_entry *entry, struct ward_error *error)
{
	struct ward_site_entry read = *entry;
	struct reading reading = { ward_str_trim(text), bare, memory, &read, error };
	struct ward_buf written;
	ward_err err;

	text = reading.text;
	if (text.len == 0)
		return ward_fail(error, WARD_E_FORMAT, "there is nothing in it");
	if (text.len > WARD_LINK_MAX)
		return too_long(&reading);
	if (ward_str_starts(text, WARD_STR("sha256:")))
		err = read_hash(&reading, (ward_str){ text.ptr + 7, text.len - 7 });
	else if (text.ptr[0] == '=')
		err = read_bare(&reading, (ward_str){ text.ptr + 1, text.len - 1 },
				WARD_SITE_BARE_HOST, true);
	else if (ward_str_starts(text, WARD_STR("*.")))
		err = read_domain(&reading, (ward_str){ text.ptr + 2, text.len - 2 });
	else if (text.ptr[0] == '.')
		err = read_domain(&reading, (ward_str){ text.ptr + 1, text.len - 1 });
	else
		err = read_any(&reading, text);
	if (err)
		return err;
	ward_buf_init(&written, (size_t)2 * WARD_LINK_MAX);
	ward_site_entry_write(&read, &written);
	read.original = ward_str_eq(ward_buf_text(&written), text) ? WARD_STR("") : text;
	if (written.failed)
		err = no_memory(&reading);
	ward_buf_free(&written);
	if (!err)
		*entry = read;
	return err;
}
