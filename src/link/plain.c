#include "link/place.h"

#include "link/chars.h"

/* Of a DNS name; longer ones take the long way. */
enum { NAME_MAX = 253 };

/* "http://" or "https://" at the front: its length; else 0. */
static size_t plain_scheme(ward_str text)
{
	if (text.len > 7 && memcmp(text.ptr, "http://", 7) == 0)
		return 7;
	return text.len > 8 && memcmp(text.ptr, "https://", 8) == 0 ? 8 : 0;
}

/*
 * A host of letters, digits, '-', '_' and single dots between, whose last label
 * does not begin with a digit (it may be an address then); `to` gets it in lower
 * case.  Its length; 0 when it is another.
 */
static size_t plain_host(ward_str text, char *to)
{
	unsigned dots = 0; /* two in a row, or one in front */
	char before = '.';
	size_t len;
	size_t label; /* where the last one begins */

	for (len = 0; len < text.len; len++) {
		char c = link_host_chars[(uint8_t)text.ptr[len]];

		if (c == 0)
			break;
		dots |= (before == '.') & (c == '.');
		to[len] = before = c;
	}
	for (label = len; label > 0 && to[label - 1] != '.'; label--)
		;
	return dots || label == len || link_is_digit(to[label]) ? 0 : len;
}

/*
 * Eight bytes at a time, each below 0x80: the high bit of each byte of the answer says that the
 * byte is `value`, or at least `value`.  Exact, since nothing is carried from byte to byte.
 */
enum { WORD = 8 };
static const uint64_t ones = UINT64_C(0x0101010101010101);
static const uint64_t highs = UINT64_C(0x8080808080808080);

static uint64_t at_least(uint64_t word, uint8_t value)
{
	return (word + ones * (uint8_t)(0x80 - value)) & highs;
}

static uint64_t equal(uint64_t word, uint8_t value)
{
	return ~at_least(word ^ ones * value, 1) & highs;
}

/* The bytes that are in no path or query as they are; `path`: '?' and '\\' too. */
static uint64_t not_plain(uint64_t word, bool path)
{
	uint64_t odd = (word & highs) | (~at_least(word & ~highs, 0x21) & highs);

	word &= ~highs;
	odd |= equal(word, 0x7f) | equal(word, '#') | equal(word, '%');
	return path ? odd | equal(word, '?') | equal(word, '\\') : odd;
}

static uint64_t load(const char *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof(word));
	return word;
}

/* How much of the front is plain, in whole words; `odd` when a part begins with a dot or is empty.
 */
static size_t plain_words(ward_str text, bool path, uint64_t *odd)
{
	size_t len = 0;
	uint64_t before = 0;

	for (; len + WORD <= text.len; len += WORD) {
		uint64_t word = load(text.ptr + len);
		uint64_t slashes;

		if (not_plain(word, path))
			break;
		slashes = equal(word, '/');
		*odd |= (slashes << 8 | before) & (slashes | equal(word, '.'));
		before = slashes >> 56;
	}
	return len;
}

static bool words_are_little_endian(void)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
}

/* Nothing to undo, no empty part, and none that begins with a dot; it may end the text. */
static size_t plain_path(ward_str text)
{
	uint64_t odd = 0;
	size_t len = words_are_little_endian() ? plain_words(text, true, &odd) : 0;
	char before = len > 0 ? text.ptr[len - 1] : 0;

	for (; len < text.len; len++) {
		char c = text.ptr[len];

		if (!link_char_is(c, LINK_PLAIN_PATH))
			break;
		odd |= (before == '/') & ((c == '/') | (c == '.'));
		before = c;
	}
	return odd ? 0 : len;
}

static size_t plain_query(ward_str text)
{
	uint64_t odd = 0;
	size_t len = words_are_little_endian() ? plain_words(text, false, &odd) : 0;

	while (len < text.len && link_char_is(text.ptr[len], LINK_PLAIN_QUERY))
		len++;
	return len;
}

static ward_str behind(ward_str text, size_t at)
{
	return (ward_str){ text.ptr + at, text.len - at };
}

bool link_read_plain(ward_str text, struct ward_buf *memory, struct ward_link *link)
{
	size_t host = plain_scheme(text);
	size_t from; /* in `text`, which may lack the slash that `url` has */
	size_t path_len = 1;
	size_t query_len = 0;
	char *url = host ? ward_buf_reserve(memory, text.len + 1) : NULL;

	if (!url)
		return false;
	memcpy(url, text.ptr, host);

	size_t host_len = plain_host(behind(text, host), url + host);
	size_t path = host + host_len;

	if (host_len == 0 || host_len > NAME_MAX)
		return false;
	from = path;
	if (from < text.len && text.ptr[from] == '/') {
		path_len = plain_path(behind(text, from));
		from += path_len;
		if (path_len == 0)
			return false;
		memcpy(url + path, text.ptr + path, path_len);
	} else {
		url[path] = '/';
	}

	size_t end = path + path_len;
	size_t query = end;
	bool has_query = from < text.len && text.ptr[from] == '?';

	if (has_query) {
		query_len = plain_query(behind(text, from + 1));
		memcpy(url + end, text.ptr + from, query_len + 1);
		query = end + 1;
		end = query + query_len;
		from += query_len + 1;
	}
	if (from < text.len && text.ptr[from] != '#')
		return false;
	memory->len = end;
	/* One by one: clearing all of it first took a tenth of the time. */
	link->original = text;
	link->url = (ward_str){ url, end };
	link->scheme = (ward_str){ url, host - 3 };
	link->host = (ward_str){ url + host, host_len };
	link->path = (ward_str){ url + path, path_len };
	link->query = (ward_str){ url + query, query_len };
	link->has_query = has_query;
	link->user = link->password = link->fragment = (ward_str){ url + end, 0 };
	link->has_fragment = false;
	link->host_kind = WARD_HOST_NAME;
	memset(link->address, 0, sizeof(link->address));
	link->port = 0;
	return true;
}
