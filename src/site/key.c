#include "site/key.h"

#include <arpa/inet.h>
#include <string.h>

uint8_t site_kind_order(ward_site_kind kind)
{
	return kind == WARD_SITE_HOST || kind == WARD_SITE_PAGE ? 2 : 1;
}

size_t site_host_reverse(ward_str host, char out[SITE_HOST_MAX])
{
	size_t end = host.len, len = 0;

	for (;;) {
		size_t begin = end;

		while (begin > 0 && host.ptr[begin - 1] != '.')
			begin--;
		if (len + (len > 0) + (end - begin) > SITE_HOST_MAX)
			return len;
		if (end < host.len)
			out[len++] = SITE_LABEL_SEP;
		memcpy(out + len, host.ptr + begin, end - begin);
		len += end - begin;
		if (begin == 0)
			return len;
		end = begin - 1;
	}
}

static void clear_behind(char *address, unsigned bits, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned left = bits > 8 * i ? bits - 8 * (unsigned)i : 0;

		if (left < 8)
			address[i] = (char)((uint8_t)address[i] & (0xff00u >> left));
	}
}

size_t site_network_word(ward_host_kind kind, const uint8_t address[16], unsigned bits,
		char out[20])
{
	size_t len = kind == WARD_HOST_IPV4 ? 4 : 16;

	out[0] = SITE_NETWORK_SIGN;
	out[1] = kind == WARD_HOST_IPV4 ? '4' : '6';
	memcpy(out + 2, address, len);
	clear_behind(out + 2, bits, len);
	out[2 + len] = (char)bits;
	return 3 + len;
}

/* ---- from keys ---- */

static ward_err refuse(struct ward_error *error, ward_site_kind kind)
{
	return ward_fail(error, WARD_E_ARGUMENT, "this is no canonical key of a %s",
			ward_site_kind_name(kind));
}

/* Canonical text has no controls and no blanks: they are escaped in paths, and no part of hosts. */
static bool is_plain(ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((uint8_t)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
			return false;
	}
	return true;
}

static bool host_valid(ward_str host)
{
	return host.len > 0 && host.len <= SITE_HOST_MAX && is_plain(host) &&
	       !memchr(host.ptr, '/', host.len) && !memchr(host.ptr, '?', host.len);
}

/* "192.0.2.7" and "[2001:db8::7]": nothing lies below them. */
static bool is_address(ward_str host)
{
	size_t digits = 0;

	while (digits < host.len && host.ptr[host.len - 1 - digits] >= '0' &&
			host.ptr[host.len - 1 - digits] <= '9')
		digits++;
	return host.ptr[0] == '[' ||
	       (digits > 0 && (digits == host.len || host.ptr[host.len - 1 - digits] == '.'));
}

static size_t count_of(ward_str text, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == c;
	return count;
}

static bool path_valid(ward_site_kind kind, ward_str path)
{
	if (path.len == 0 || !is_plain(path))
		return false;
	return kind == WARD_SITE_PAGE ||
	       (path.ptr[path.len - 1] == '/' && !memchr(path.ptr, '?', path.len) &&
			       count_of(path, '/') <= SITE_PARTS_MAX);
}

static void add_host(struct ward_buf *out, ward_str host)
{
	char reversed[SITE_HOST_MAX];

	ward_buf_add(out, reversed, site_host_reverse(host, reversed));
}

static ward_err network_word(ward_str key, struct ward_buf *out, struct ward_error *error)
{
	struct ward_network network;
	char word[20];

	if (!ward_network_read(key, &network))
		return refuse(error, WARD_SITE_NETWORK);
	ward_buf_add(out, word,
			site_network_word(network.kind, network.address, network.bits, word));
	return WARD_OK;
}

static ward_err hash_word(ward_str key, struct ward_buf *out, struct ward_error *error)
{
	uint8_t bytes[32];

	if (key.len % 2 != 0 || key.len / 2 < SITE_HASH_BYTES_MIN || key.len > 2 * sizeof(bytes) ||
			!ward_hex_parse(key, bytes, key.len / 2))
		return refuse(error, WARD_SITE_HASH);
	ward_buf_char(out, SITE_HASH_SIGN);
	ward_buf_char(out, (char)(key.len / 2));
	ward_buf_add(out, bytes, key.len / 2);
	return WARD_OK;
}

static ward_err name_word(ward_site_kind kind, ward_str key, struct ward_buf *out,
		struct ward_error *error)
{
	bool wants_path = kind == WARD_SITE_PAGE || kind == WARD_SITE_PREFIX;
	const char *slash = key.len ? memchr(key.ptr, '/', key.len) : NULL;
	size_t host_len = slash ? (size_t)(slash - key.ptr) : key.len;
	ward_str host = { key.ptr, host_len };
	ward_str path = { key.ptr + host_len, key.len - host_len };

	if (key.len > SITE_KEY_MAX || !host_valid(host) || wants_path != (slash != NULL) ||
			(wants_path && !path_valid(kind, path)) ||
			(kind == WARD_SITE_DOMAIN && is_address(host)))
		return refuse(error, kind);
	add_host(out, host);
	if (wants_path) {
		ward_buf_char(out, SITE_PATH_SEP);
		ward_buf_str(out, path);
	}
	return WARD_OK;
}

ward_err site_key_word(ward_site_kind kind, ward_str key, struct ward_buf *out,
		struct ward_error *error)
{
	ward_err err;

	if (kind == WARD_SITE_NETWORK)
		err = network_word(key, out, error);
	else if (kind == WARD_SITE_HASH)
		err = hash_word(key, out, error);
	else
		err = name_word(kind, key, out, error);
	if (!err && out->failed)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for an entry");
	return err;
}

/* ---- to keys ---- */

size_t site_word_host(ward_str word)
{
	const char *end = word.len ? memchr(word.ptr, SITE_PATH_SEP, word.len) : NULL;

	return end ? (size_t)(end - word.ptr) : word.len;
}

static size_t network_key(ward_str word, char *out)
{
	char text[INET6_ADDRSTRLEN];
	bool four = word.len > 1 && word.ptr[1] == '4';
	size_t len = four ? 4 : 16;
	uint8_t address[16];

	if (word.len != 3 + len)
		return 0;
	memcpy(address, word.ptr + 2, len);
	if (!inet_ntop(four ? AF_INET : AF_INET6, address, text, sizeof(text)))
		return 0;
	unsigned bits = (uint8_t)word.ptr[2 + len];
	int made = bits == 8 * len ? snprintf(out, 64, "%s", text)
				   : snprintf(out, 64, "%s/%u", text, bits);

	return made > 0 ? (size_t)made : 0;
}

static size_t hash_key(ward_str word, char *out)
{
	uint8_t bytes[32];

	if (word.len < 2 || word.len > 2 + sizeof(bytes))
		return 0;
	memcpy(bytes, word.ptr + 2, word.len - 2);
	ward_hex_format(bytes, word.len - 2, out);
	return 2 * (word.len - 2);
}

static size_t host_key(ward_str host, char *out)
{
	size_t end = host.len, len = 0;

	for (;;) {
		size_t begin = end;

		while (begin > 0 && host.ptr[begin - 1] != SITE_LABEL_SEP)
			begin--;
		if (end < host.len)
			out[len++] = '.';
		memcpy(out + len, host.ptr + begin, end - begin);
		len += end - begin;
		if (begin == 0)
			return len;
		end = begin - 1;
	}
}

size_t site_word_key(ward_site_kind kind, ward_str word, char *out)
{
	size_t host, len;

	if (kind == WARD_SITE_NETWORK)
		return network_key(word, out);
	if (kind == WARD_SITE_HASH)
		return hash_key(word, out);
	host = site_word_host(word);
	len = host_key((ward_str){ word.ptr, host }, out);
	if (host < word.len) {
		memcpy(out + len, word.ptr + host + 1, word.len - host - 1);
		len += word.len - host - 1;
	}
	return len;
}
