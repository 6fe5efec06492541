#include "link/address.h"

#include "link/chars.h"

/*
 * A part of an IPv4 address.  "0x" alone is zero, as in the URL Standard.  What
 * passes 2^40 stays there: it is too large for any place.
 */
static bool part_read(ward_str part, uint64_t *value)
{
	unsigned base = 10;
	size_t at = 0;

	if (part.len == 0)
		return false;
	if (part.len >= 2 && part.ptr[0] == '0' && link_lower(part.ptr[1]) == 'x') {
		base = 16;
		at = 2;
	} else if (part.len >= 2 && part.ptr[0] == '0') {
		base = 8;
		at = 1;
	}
	*value = 0;
	for (; at < part.len; at++) {
		int digit = link_hex(part.ptr[at]);

		if (digit < 0 || (unsigned)digit >= base)
			return false;
		if (*value < UINT64_C(1) << 40)
			*value = *value * base + (unsigned)digit;
	}
	return true;
}

/* Splits at dots into at most four parts; one dot at the end is passed over. */
static size_t parts_read(ward_str host, uint64_t parts[4])
{
	size_t count = 0;

	if (host.len > 1 && host.ptr[host.len - 1] == '.')
		host.len--;
	for (bool more = true; more; count++) {
		const char *dot = memchr(host.ptr, '.', host.len);
		ward_str part = { host.ptr, dot ? (size_t)(dot - host.ptr) : host.len };

		if (count == 4 || !part_read(part, &parts[count]))
			return 0;
		more = dot != NULL;
		if (more)
			host = (ward_str){ dot + 1, host.len - part.len - 1 };
	}
	return count;
}

bool link_ends_in_number(ward_str host)
{
	size_t start;
	uint64_t value;

	if (host.len > 0 && host.ptr[host.len - 1] == '.')
		host.len--;
	for (start = host.len; start > 0 && host.ptr[start - 1] != '.'; start--)
		;
	ward_str last = { host.ptr + start, host.len - start };
	size_t digits = 0;

	while (digits < last.len && link_is_digit(last.ptr[digits]))
		digits++;
	if (last.len > 0 && digits == last.len)
		return true;
	return last.len >= 2 && last.ptr[0] == '0' && link_lower(last.ptr[1]) == 'x' &&
	       part_read(last, &value);
}

/* The last part fills what the others left. */
static void address_of(const uint64_t *parts, size_t count, uint8_t address[4])
{
	uint32_t all = (uint32_t)parts[count - 1];

	for (size_t i = 0; i + 1 < count; i++)
		all |= (uint32_t)(parts[i] & 255) << (24 - 8 * i);
	for (int i = 0; i < 4; i++)
		address[i] = (uint8_t)(all >> (24 - 8 * i));
}

bool link_ipv4_read(ward_str host, uint8_t address[4])
{
	uint64_t parts[4] = { 0 };
	size_t count = host.len > 0 ? parts_read(host, parts) : 0;

	if (count == 0)
		return false;
	for (size_t i = 0; i + 1 < count; i++) {
		if (parts[i] > 255)
			return false;
	}
	if (parts[count - 1] >> (8 * (5 - count)))
		return false;
	address_of(parts, count, address);
	return true;
}

bool link_ipv4_read_loose(ward_str host, uint8_t address[4])
{
	uint64_t parts[4] = { 0 };
	ward_str rest = host;
	ward_str word = ward_str_cut(&rest, ' ');
	size_t count = word.len > 0 ? parts_read(word, parts) : 0;

	if (count == 0 || parts[0] > UINT32_MAX)
		return false;
	if (count > 1)
		parts[count - 1] &= (UINT64_C(1) << (8 * (5 - count))) - 1;
	address_of(parts, count, address);
	return true;
}

/* "a.b.c.d" at the end of an IPv6 address: four decimal numbers without needless zeros. */
static bool tail_read(ward_str text, uint8_t address[4])
{
	for (int i = 0; i < 4; i++) {
		ward_str part = { text.ptr, 0 };
		unsigned value = 0;

		while (part.len < text.len && part.len < 3 && link_is_digit(text.ptr[part.len]))
			value = value * 10 + (unsigned)(text.ptr[part.len++] - '0');
		if (part.len == 0 || value > 255 || (part.len > 1 && part.ptr[0] == '0'))
			return false;
		address[i] = (uint8_t)value;
		text = (ward_str){ text.ptr + part.len, text.len - part.len };
		if (i < 3) {
			if (text.len == 0 || text.ptr[0] != '.')
				return false;
			text = (ward_str){ text.ptr + 1, text.len - 1 };
		}
	}
	return text.len == 0;
}

/* Up to four hexadecimal digits; how many there were. */
static size_t piece_read(ward_str text, unsigned *value)
{
	size_t len = 0;

	*value = 0;
	while (len < 4 && len < text.len && link_hex(text.ptr[len]) >= 0)
		*value = *value * 16 + (unsigned)link_hex(text.ptr[len++]);
	return len;
}

bool link_ipv6_read(ward_str text, uint8_t address[16])
{
	uint8_t out[16] = { 0 };
	size_t filled = 0;
	size_t gap = SIZE_MAX;

	if (ward_str_starts(text, WARD_STR("::"))) {
		text = (ward_str){ text.ptr + 2, text.len - 2 };
		gap = 0;
	} else if (text.len == 0) {
		return false;
	}
	while (text.len > 0) {
		unsigned value;
		size_t len = piece_read(text, &value);

		if (len < text.len && text.ptr[len] == '.') {
			if (filled > 12 || !tail_read(text, out + filled))
				return false;
			filled += 4;
			break;
		}
		if (len == 0 || filled == 16)
			return false;
		out[filled++] = (uint8_t)(value >> 8);
		out[filled++] = (uint8_t)value;
		text = (ward_str){ text.ptr + len, text.len - len };
		if (text.len == 0)
			break;
		if (text.ptr[0] != ':' || text.len == 1)
			return false;
		text = (ward_str){ text.ptr + 1, text.len - 1 };
		if (text.ptr[0] == ':') {
			if (gap != SIZE_MAX)
				return false;
			gap = filled;
			text = (ward_str){ text.ptr + 1, text.len - 1 };
		}
	}
	if (gap == SIZE_MAX ? filled != 16 : filled > 14)
		return false;
	if (gap != SIZE_MAX) {
		memmove(out + 16 - (filled - gap), out + gap, filled - gap);
		memset(out + gap, 0, 16 - filled);
	}
	memcpy(address, out, 16);
	return true;
}

void link_number_write(unsigned number, struct ward_buf *out)
{
	char digits[16];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	ward_buf_add(out, digits + at, sizeof(digits) - at);
}

void link_ipv4_write(const uint8_t address[4], struct ward_buf *out)
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			ward_buf_char(out, '.');
		link_number_write(address[i], out);
	}
}

/* The first of the longest runs of zero pieces, of two or more. */
static void longest_gap(const uint16_t pieces[8], int *start, int *len)
{
	*start = -1;
	*len = 1;
	for (int i = 0; i < 8; i++) {
		int run = 0;

		while (i + run < 8 && pieces[i + run] == 0)
			run++;
		if (run > *len) {
			*start = i;
			*len = run;
		}
		i += run;
	}
}

void link_ipv6_write(const uint8_t address[16], struct ward_buf *out)
{
	uint16_t pieces[8];
	int start;
	int len;

	for (int i = 0; i < 8; i++)
		pieces[i] = (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
	longest_gap(pieces, &start, &len);
	for (int i = 0; i < 8; i++) {
		if (i == start) {
			ward_buf_str(out, i == 0 ? WARD_STR("::") : WARD_STR(":"));
			i += len - 1;
			continue;
		}
		ward_buf_printf(out, i < 7 ? "%x:" : "%x", pieces[i]);
	}
}

bool link_ipv6_is_mapped(const uint8_t address[16])
{
	static const uint8_t prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	return memcmp(address, prefix, sizeof(prefix)) == 0;
}
