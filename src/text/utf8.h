/* utf8.h - code points in and out of bytes */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include <ward/base.h>

/*
 * The code point at `at`, with its length; a byte that begins none is
 * UTF8_BROKEN with length 1.  `at` < `end`.
 */
#define UTF8_BROKEN 0xffffffffu

static inline uint32_t utf8_read(const uint8_t *at, const uint8_t *end, size_t *len)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t lead = *at;
	size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
	uint32_t point;

	*len = 1;
	if (lead < 0x80)
		return lead;
	if (lead < 0xc2 || lead > 0xf4 || (size_t)(end - at) < want)
		return UTF8_BROKEN;
	point = lead & (0xffu >> (want + 1));
	for (size_t i = 1; i < want; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return UTF8_BROKEN;
		point = point << 6 | (at[i] & 0x3fu);
	}
	if (point < least[want] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return UTF8_BROKEN;
	*len = want;
	return point;
}

/* Room for 4; returns the length. */
static inline size_t utf8_write(uint32_t point, char *out)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

static inline int utf8_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline bool utf8_is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

static inline bool utf8_is_letter(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

#endif
