#include "text/html_reference.h"

#include "text/html.h"
#include "text/utf8.h"

/* As ward_str_cmp, of a name and a text. */
static int compare(const struct html_name *name, ward_str text)
{
	return ward_str_cmp((ward_str){ name->name, name->len }, text);
}

static const struct html_name *find_exactly(ward_str text)
{
	size_t low = 0, high = html_names_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(&html_names[middle], text);

		if (order == 0)
			return &html_names[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct html_name *ward_html_name_find(ward_str text)
{
	const struct html_name *found = NULL;

	if (text.len > HTML_NAME_LONGEST)
		text.len = HTML_NAME_LONGEST;
	for (; text.len >= 2 && !found; text.len--)
		found = find_exactly(text);
	return found;
}

/* 0x80..0x9f are read as windows-1252 (13.2.5.80); 0 is as it is. */
static const uint16_t corrected[32] = { 0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d,
	0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178 };

size_t ward_html_number_text(uint32_t number, char out[4])
{
	if (number == 0 || number > 0x10ffff || (number >= 0xd800 && number <= 0xdfff))
		number = 0xfffd;
	else if (number >= 0x80 && number <= 0x9f && corrected[number - 0x80])
		number = corrected[number - 0x80];
	return utf8_write(number, out);
}

/* The attribute's state of the tokenizer does the same on what arrives in pieces. */
static size_t undo_number(ward_str text, struct ward_buf *out)
{
	size_t at = 1, digits = 0;
	uint32_t number = 0;
	bool hex = text.len > 1 && (text.ptr[1] | 0x20) == 'x';
	char bytes[4];

	for (at += hex; at < text.len; at++, digits++) {
		int digit = utf8_hex_digit(text.ptr[at]);

		if (digit < 0 || (!hex && digit > 9))
			break;
		if (number <= 0x10ffff)
			number = number * (hex ? 16 : 10) + (uint32_t)digit;
	}
	if (digits == 0)
		return 0;
	ward_buf_add(out, bytes, ward_html_number_text(number, bytes));
	return at + (at < text.len && text.ptr[at] == ';');
}

void ward_html_undo_references(ward_str text, struct ward_buf *out)
{
	while (text.len > 0) {
		const char *amp = memchr(text.ptr, '&', text.len);
		size_t before = amp ? (size_t)(amp - text.ptr) : text.len;
		size_t taken = 0;

		ward_buf_add(out, text.ptr, before);
		text = (ward_str){ text.ptr + before, text.len - before };
		if (text.len == 0)
			return;
		ward_str name = { text.ptr + 1, text.len - 1 };

		if (name.len > 0 && name.ptr[0] == '#') {
			taken = undo_number(name, out);
		} else {
			const struct html_name *found = ward_html_name_find(name);

			if (found) {
				ward_buf_add(out, found->text, found->text_len);
				taken = found->len;
			}
		}
		if (taken == 0)
			ward_buf_char(out, '&');
		text = (ward_str){ text.ptr + 1 + taken, text.len - 1 - taken };
	}
}
