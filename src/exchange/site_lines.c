/*
 * One place a line: plain lists, SquidGuard's and e2guardian's, and Squid's
 * dstdomain.  And hosts files, which name several in a line.
 */
#include "exchange/site_format.h"

/* "#" begins a comment at the beginning of a line or behind white space: in a link it is its own.
 */
static ward_str without_comment(ward_str line)
{
	for (size_t i = 0; i < line.len; i++) {
		bool first = i == 0 || line.ptr[i - 1] == ' ' || line.ptr[i - 1] == '\t';

		if (first && (line.ptr[i] == '#' || (line.ptr[i] == ';' && i == 0)))
			line.len = i;
	}
	return ward_str_trim(line);
}

/* "name/path" and all that begins so. */
static bool url_entry(struct exchange_site_reader *reader, ward_str text,
		struct exchange_site_record *record)
{
	ward_str rest = text;

	if (memchr(text.ptr, ':', text.len) && !ward_str_starts(text, WARD_STR("http://")) &&
			!ward_str_starts(text, WARD_STR("https://")))
		return exchange_site_record_entry(reader, text, WARD_SITE_BARE_DOMAIN, record);
	if (ward_str_starts(rest, WARD_STR("http://")))
		rest = (ward_str){ rest.ptr + 7, rest.len - 7 };
	else if (ward_str_starts(rest, WARD_STR("https://")))
		rest = (ward_str){ rest.ptr + 8, rest.len - 8 };
	const char *slash = rest.len ? memchr(rest.ptr, '/', rest.len) : NULL;

	/* Without a path it is the domain; with a query it is that page. */
	if (!slash || slash + 1 == rest.ptr + rest.len)
		return exchange_site_record_entry(reader,
				(ward_str){ rest.ptr, rest.len - (slash ? 1 : 0) },
				exchange_site_record_bare(reader, WARD_SITE_BARE_DOMAIN), record);
	if (memchr(rest.ptr, '?', rest.len))
		return exchange_site_record_entry(reader, rest, WARD_SITE_BARE_DOMAIN, record);
	ward_buf_str(&reader->text, rest);
	if (!ward_str_ends(rest, WARD_STR("/")))
		ward_buf_char(&reader->text, '/');
	ward_buf_str(&reader->text, WARD_STR("..."));
	return exchange_site_record_entry(reader, ward_buf_text(&reader->text),
			WARD_SITE_BARE_DOMAIN, record);
}

static bool next_line(struct exchange_site_reader *reader, ward_str line,
		struct exchange_site_record *record)
{
	ward_str rest = without_comment(line), word;

	if (rest.len == 0)
		return false;
	if (ward_str_starts(rest, WARD_STR(".Include")))
		return exchange_site_record_unsupported(record,
				"another file is not read from here");
	/* SquidGuard's user rules and e2guardian's blanket blocks. */
	if (ward_str_starts(rest, WARD_STR("**")) || ward_str_eq(rest, WARD_STR("*ip")))
		return exchange_site_record_unsupported(record, "a blanket block names no place");
	word = exchange_site_word(&rest);
	if (rest.len > 0)
		return exchange_site_record_bad(record, "there is more than one word in the line");
	if (reader->format == EXCHANGE_SITE_URLS)
		return url_entry(reader, word, record);
	return exchange_site_record_entry(reader, word,
			exchange_site_record_bare(reader, reader->format == EXCHANGE_SITE_DSTDOMAIN
									  ? WARD_SITE_BARE_HOST
									  : WARD_SITE_BARE_DOMAIN),
			record);
}

const struct exchange_site_reading exchange_site_reading_lines = { .line = next_line };

/* ---- hosts ---- */

bool exchange_site_is_sink(ward_str word)
{
	struct ward_network network;

	if (!ward_network_read(word, &network))
		return false;
	if (network.kind == WARD_HOST_IPV4)
		return network.bits == 32 &&
		       (network.address[0] == 127 || memcmp(network.address, "\0\0\0\0", 4) == 0);
	for (int i = 0; i < 15; i++) {
		if (network.address[i] != 0)
			return false;
	}
	return network.bits == 128 && network.address[15] <= 1;
}

bool exchange_site_is_own(ward_str name)
{
	static const char *const own[] = { "localhost", "localhost.localdomain", "local",
		"broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix",
		"ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0", NULL };
	int i = 0;

	while (own[i] && !ward_str_eq_nocase(name, ward_str_from(own[i])))
		i++;
	return own[i] != NULL;
}

/* The names of a line, one by one; `rest` holds those that follow. */
static bool next_name(struct exchange_site_reader *reader, ward_str names,
		struct exchange_site_record *record)
{
	ward_str name = WARD_STR("");

	while (name.len == 0 && names.len > 0) {
		name = exchange_site_word(&names);
		if (exchange_site_is_own(name))
			name = WARD_STR("");
	}
	reader->rest = names;
	reader->has_rest = names.len > 0;
	if (name.len == 0)
		return false;
	record->raw = (ward_bytes){ (const uint8_t *)name.ptr, name.len };
	return exchange_site_record_entry(reader, name,
			exchange_site_record_bare(reader, WARD_SITE_BARE_HOST), record);
}

static bool next_hosts(struct exchange_site_reader *reader, ward_str line,
		struct exchange_site_record *record)
{
	const char *comment = line.len ? memchr(line.ptr, '#', line.len) : NULL;
	ward_str rest, first;
	struct ward_network network;

	if (reader->going_on)
		return next_name(reader, line, record);
	if (comment)
		line.len = (size_t)(comment - line.ptr);
	rest = ward_str_trim(line);
	if (rest.len == 0)
		return false;
	first = exchange_site_word(&rest);
	/* "127.0.0.1 localhost", "fe80::1%lo0 localhost" */
	if (exchange_site_is_own(rest))
		return false;
	if (!ward_network_read(first, &network))
		return exchange_site_record_bad(record, "the line does not begin with an address");
	if (!exchange_site_is_sink(first))
		return exchange_site_record_unsupported(record,
				"the address is a machine's, so the names are not blocked by it");
	return next_name(reader, rest, record);
}

const struct exchange_site_reading exchange_site_reading_hosts = { .line = next_hosts };
