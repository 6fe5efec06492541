#include "link/escape.h"

#include "link/chars.h"

static int escaped_byte(const char *at)
{
	int high = link_hex(at[1]);
	int low = link_hex(at[2]);

	return at[0] != '%' || high < 0 || low < 0 ? -1 : high * 16 + low;
}

size_t link_unescape(char *text, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		int byte = text[i] == '%' && len - i > 2 ? escaped_byte(text + i) : -1;

		text[out++] = byte < 0 ? text[i] : (char)byte;
		i += byte < 0 ? 0 : 2;
	}
	return out;
}

size_t link_unescape_all(char *text, size_t len)
{
	const char *first = len ? memchr(text, '%', len) : NULL;
	size_t out = first ? (size_t)(first - text) : len;

	for (size_t i = out; i < len; i++) {
		int byte;

		text[out++] = text[i];
		while (out >= 3 && (byte = escaped_byte(text + out - 3)) >= 0) {
			text[out - 3] = (char)byte;
			out -= 2;
		}
	}
	return out;
}

size_t link_count_escapes(ward_str text, unsigned set)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += link_char_is(text.ptr[i], set);
	return count;
}

void link_escape(ward_str text, unsigned set, struct ward_buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	char *to = ward_buf_reserve(out, text.len + 2 * link_count_escapes(text, set));
	char *from = to;

	if (!to)
		return;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = (uint8_t)text.ptr[i];

		if (link_chars[c] & set) {
			*to++ = '%';
			*to++ = digits[c >> 4];
			*to++ = digits[c & 15];
		} else {
			*to++ = (char)c;
		}
	}
	out->len += (size_t)(to - from);
}

void link_lower_write(ward_str text, struct ward_buf *out)
{
	char *to = ward_buf_reserve(out, text.len);

	for (size_t i = 0; to && i < text.len; i++)
		to[i] = link_lower(text.ptr[i]);
	out->len += to ? text.len : 0;
}
