#include "bin/disk_html_text.h"

#include <inttypes.h>

/*
 * Unicode 15: controls, what is ignored where it cannot be shown (Default_Ignorable_Code_Point),
 * blanks other than the space, ends of lines, fillers, what is no character.  Selectors of
 * variants (U+FE00 to U+FE0F) are of every other emoji, and change no name's look into another's.
 */
static const struct {
	uint32_t first, last;
} unseen[] = {
	{ 0x0000, 0x001f },
	{ 0x007f, 0x00a0 },
	{ 0x00ad, 0x00ad },
	{ 0x034f, 0x034f },
	{ 0x061c, 0x061c },
	{ 0x115f, 0x1160 },
	{ 0x1680, 0x1680 },
	{ 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f },
	{ 0x2000, 0x200f },
	{ 0x2028, 0x202f },
	{ 0x205f, 0x206f },
	{ 0x2800, 0x2800 },
	{ 0x3000, 0x3000 },
	{ 0x3164, 0x3164 },
	{ 0xfdd0, 0xfdef },
	{ 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffb },
	{ 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe0fff },
};

static bool is_unseen(uint32_t c)
{
	for (size_t i = 0; i < sizeof(unseen) / sizeof(*unseen); i++) {
		if (c >= unseen[i].first && c <= unseen[i].last)
			return true;
	}
	return (c & 0xfffe) == 0xfffe;
}

/* Takes the first character off; its length, or 0 when the first byte is none. */
static size_t take(ward_str *text, uint32_t *c)
{
	static const uint8_t mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	size_t len = 1;

	while (len <= 4 && len <= text->len && !ward_utf8_valid((ward_str){ text->ptr, len }))
		len++;
	if (len > 4 || len > text->len) {
		*c = (uint8_t)text->ptr[0];
		text->ptr++;
		text->len--;
		return 0;
	}
	*c = (uint8_t)text->ptr[0] & mask[len];
	for (size_t i = 1; i < len; i++)
		*c = *c << 6 | ((uint8_t)text->ptr[i] & 0x3f);
	text->ptr += len;
	text->len -= len;
	return len;
}

static bool is_plain(ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((uint8_t)text.ptr[i] >= 0x80)
			return false;
	}
	return true;
}

static void put(FILE *out, ward_str text)
{
	while (text.len > 0) {
		const char *from = text.ptr;
		uint32_t c;
		size_t len = take(&text, &c);

		if (len == 0)
			fprintf(out, "<i>0x%02" PRIx32 "</i>", c);
		else if (is_unseen(c))
			fprintf(out, "<i>U+%04" PRIX32 "</i>", c);
		else if (c == '&')
			fputs("&amp;", out);
		else if (c == '<')
			fputs("&lt;", out);
		else if (c == '>')
			fputs("&gt;", out);
		else if (c == '"')
			fputs("&quot;", out);
		else
			fwrite(from, 1, len, out);
	}
}

static void put_apart(FILE *out, ward_str text, const char *tag)
{
	bool plain = is_plain(text);

	if (!plain)
		fputs(tag, out);
	put(out, text);
	if (!plain)
		fputs("</bdi>", out);
}

void disk_html_text(FILE *out, ward_str text)
{
	put_apart(out, text, "<bdi>");
}

void disk_html_path(FILE *out, ward_str path)
{
	if (is_plain(path)) {
		put(out, path);
		return;
	}
	for (bool more = true; more;) {
		const char *from = path.ptr;
		ward_str part = ward_str_cut(&path, '/');

		put_apart(out, part, "<bdi dir=ltr>");
		more = from + part.len < path.ptr;
		if (more)
			fputc('/', out);
	}
}

void disk_html_number(FILE *out, uint64_t number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			fputs("\xe2\x80\xaf", out);
		fputc(digits[i], out);
	}
}
