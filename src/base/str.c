#include <ward/base.h>

#include <strings.h>

ward_str ward_str_from(const char *text)
{
	return (ward_str){ text ? text : "", text ? strlen(text) : 0 };
}

bool ward_str_eq(ward_str a, ward_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool ward_str_eq_nocase(ward_str a, ward_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	}
	return true;
}

bool ward_str_starts(ward_str text, ward_str prefix)
{
	return text.len >= prefix.len && ward_str_eq((ward_str){ text.ptr, prefix.len }, prefix);
}

bool ward_str_ends(ward_str text, ward_str suffix)
{
	return text.len >= suffix.len &&
	       ward_str_eq((ward_str){ text.ptr + text.len - suffix.len, suffix.len }, suffix);
}

int ward_str_cmp(ward_str a, ward_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.ptr, b.ptr, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

ward_str ward_str_trim(ward_str text)
{
	while (text.len > 0 && is_space(text.ptr[0])) {
		text.ptr++;
		text.len--;
	}
	while (text.len > 0 && is_space(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

ward_str ward_str_cut(ward_str *rest, char at)
{
	const char *found = rest->len ? memchr(rest->ptr, at, rest->len) : NULL;
	ward_str head = *rest;

	if (!found) {
		*rest = (ward_str){ rest->ptr ? rest->ptr + rest->len : NULL, 0 };
		return head;
	}
	head.len = (size_t)(found - rest->ptr);
	*rest = (ward_str){ found + 1, rest->len - head.len - 1 };
	return head;
}

bool ward_u64_parse(ward_str text, uint64_t *value)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		if (ckd_mul(&sum, sum, 10U) || ckd_add(&sum, sum, (unsigned)(text.ptr[i] - '0')))
			return false;
	}
	if (text.len == 0)
		return false;
	*value = sum;
	return true;
}

bool ward_i64_parse(ward_str text, int64_t *value)
{
	bool negative = text.len > 0 && text.ptr[0] == '-';
	uint64_t size;

	if (negative) {
		text.ptr++;
		text.len--;
	}
	if (!ward_u64_parse(text, &size))
		return false;
	if (negative ? size > (uint64_t)INT64_MAX + 1 : size > INT64_MAX)
		return false;
	*value = negative ? (int64_t)(0 - size) : (int64_t)size;
	return true;
}

/*
 * One byte at a time with the few constraints of Unicode 15, table 3-7: the
 * second byte's range is what rules out surrogates and over-long forms.
 */
bool ward_utf8_valid(ward_str text)
{
	const uint8_t *p = (const uint8_t *)text.ptr;
	/* Nothing may be added to a NULL pointer, not even nothing. */
	const uint8_t *end = text.len > 0 ? p + text.len : p;

	while (p < end) {
		uint8_t lead = *p++;
		uint8_t low = 0x80;
		uint8_t high = 0xbf;
		int more;

		if (lead < 0x80)
			continue;
		if (lead >= 0xc2 && lead <= 0xdf)
			more = 1;
		else if (lead >= 0xe0 && lead <= 0xef)
			more = 2;
		else if (lead >= 0xf0 && lead <= 0xf4)
			more = 3;
		else
			return false;
		if (lead == 0xe0)
			low = 0xa0;
		else if (lead == 0xed)
			high = 0x9f;
		else if (lead == 0xf0)
			low = 0x90;
		else if (lead == 0xf4)
			high = 0x8f;
		for (; more > 0; more--) {
			if (p == end || *p < low || *p > high)
				return false;
			p++;
			low = 0x80;
			high = 0xbf;
		}
	}
	return true;
}
