/* Bytes as text and back: hexadecimal, base64, base32. */
#include <ward/base.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool ward_hex_parse(ward_str text, uint8_t *out, size_t len)
{
	if (text.len / 2 != len || text.len % 2 != 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (hex_value(text.ptr[i]) < 0)
			return false;
	}
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(hex_value(text.ptr[2 * i]) << 4 |
				   hex_value(text.ptr[2 * i + 1]));
	return true;
}

void ward_hex_format(const uint8_t *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

bool ward_base64_parse(ward_str text, uint8_t *out, size_t len)
{
	uint32_t bits = 0;
	int held = 0;
	size_t done = 0;

	if (text.len % 4 == 0) {
		for (int i = 0; i < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; i++)
			text.len--;
	}
	/* The shape is settled before the first byte of `out` is touched. */
	if (text.len != (len * 8 + 5) / 6)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (base64_value(text.ptr[i]) < 0)
			return false;
	}
	if (text.len > 0 && len % 3 != 0) {
		int unused = len % 3 == 1 ? 4 : 2;

		if (base64_value(text.ptr[text.len - 1]) & ((1 << unused) - 1))
			return false;
	}
	for (size_t i = 0; i < text.len && done < len; i++) {
		bits = bits << 6 | (uint32_t)base64_value(text.ptr[i]);
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[done++] = (uint8_t)(bits >> held);
		}
	}
	return true;
}

void ward_base64_format(const uint8_t *bytes, size_t len, char *out)
{
	static const char digits[] =
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t at = 0;

	for (size_t i = 0; i < len; i += 3) {
		size_t have = len - i < 3 ? len - i : 3;
		uint32_t bits = (uint32_t)bytes[i] << 16;

		if (have > 1)
			bits |= (uint32_t)bytes[i + 1] << 8;
		if (have > 2)
			bits |= bytes[i + 2];
		out[at++] = digits[bits >> 18];
		out[at++] = digits[bits >> 12 & 63];
		out[at++] = have > 1 ? digits[bits >> 6 & 63] : '=';
		out[at++] = have > 2 ? digits[bits & 63] : '=';
	}
	out[at] = '\0';
}

static int base32_value(char c)
{
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	c = (char)(c & ~0x20);
	return c >= 'A' && c <= 'Z' ? c - 'A' : -1;
}

bool ward_base32_parse(ward_str text, uint8_t *out, size_t len)
{
	size_t unused = text.len * 5 - len * 8, done = 0;
	uint32_t bits = 0;
	int held = 0;

	if (text.len != (len * 8 + 4) / 5)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (base32_value(text.ptr[i]) < 0)
			return false;
	}
	/* Bits that would be lost: such a text is not what a writer wrote. */
	if (text.len > 0 && base32_value(text.ptr[text.len - 1]) & ((1 << unused) - 1))
		return false;
	for (size_t i = 0; i < text.len && done < len; i++) {
		bits = bits << 5 | (uint32_t)base32_value(text.ptr[i]);
		held += 5;
		if (held >= 8) {
			held -= 8;
			out[done++] = (uint8_t)(bits >> held);
		}
	}
	return true;
}

void ward_base32_format(const uint8_t *bytes, size_t len, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t bits = 0;
	int held = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | bytes[i];
		for (held += 8; held >= 5; held -= 5)
			*out++ = digits[bits >> (held - 5) & 31];
	}
	if (held > 0)
		*out++ = digits[bits << (5 - held) & 31];
	*out = '\0';
}
