/*
 * Fonts, as far as text needs them: ISO 32000-1, 9.6 to 9.10.
 */
#include "decode/pdf_font.h"

#include <stdlib.h>

/* ---- tables that grow ---- */

static bool grow(void **at, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return true;
	if (count >= PDF_FONT_ENTRIES_MAX)
		return false;
	size_t larger = *room ? *room * 2 : 64;
	void *grown = realloc(*at, larger * size);

	if (!grown)
		return false;
	*at = grown;
	*room = larger;
	return true;
}

static void add_letters(struct pdf_font *font, unsigned from, unsigned to, ward_bytes units,
		size_t *left)
{
	void *at = font->letters;

	if (from > to || to > UINT16_MAX || units.len > 64 || *left == 0 ||
			!grow(&at, font->letter_count, &font->letter_room, sizeof(*font->letters)))
		return;
	font->letters = at;
	font->letters[font->letter_count++] = (struct pdf_letters){ (uint16_t)from, (uint16_t)to,
		(uint16_t)units.len, (uint32_t)font->units.len };
	ward_buf_add(&font->units, units.ptr, units.len);
	(*left)--;
}

static void add_width(struct pdf_font *font, unsigned from, unsigned to, float width, size_t *left)
{
	void *at = font->widths;

	if (from > to || to > UINT16_MAX || *left == 0 ||
			!grow(&at, font->width_count, &font->width_room, sizeof(*font->widths)))
		return;
	font->widths = at;
	font->widths[font->width_count++] =
			(struct pdf_widths){ (uint16_t)from, (uint16_t)to, width };
	(*left)--;
}

static int compare_letters(const void *a, const void *b)
{
	const struct pdf_letters *left = a, *right = b;

	return (left->from > right->from) - (left->from < right->from);
}

static int compare_widths(const void *a, const void *b)
{
	const struct pdf_widths *left = a, *right = b;

	return (left->from > right->from) - (left->from < right->from);
}

/* ---- /ToUnicode ---- */

static unsigned code_of(const struct ward_buf *bytes)
{
	unsigned code = 0;

	for (size_t i = 0; i < bytes->len && i < 4; i++)
		code = code << 8 | (uint8_t)bytes->ptr[i];
	return code;
}

struct table {
	struct pdf_font *font;
	ward_bytes text;
	size_t at;
	struct ward_buf bytes;
	size_t *left;
};

static bool next_code(struct table *table, unsigned *code)
{
	struct pdf_token token = pdf_token_next(table->text, &table->at);

	if (token.kind != PDF_TOKEN_STRING)
		return false;
	pdf_token_bytes(&token, &table->bytes);
	*code = code_of(&table->bytes);
	return true;
}

/* 9.10.3: "<code> <letters>", up to "endbfchar". */
static void read_single(struct table *table)
{
	unsigned code;

	while (next_code(table, &code)) {
		struct pdf_token token = pdf_token_next(table->text, &table->at);

		if (token.kind != PDF_TOKEN_STRING)
			return;
		pdf_token_bytes(&token, &table->bytes);
		add_letters(table->font, code, code,
				(ward_bytes){ (uint8_t *)table->bytes.ptr, table->bytes.len },
				table->left);
	}
}

/* "<from> <to> <letters>", or a list of letters. */
static void read_ranges(struct table *table)
{
	unsigned from, to;

	while (next_code(table, &from) && next_code(table, &to)) {
		struct pdf_token token = pdf_token_next(table->text, &table->at);
		bool is_list = pdf_token_is(&token, "[");

		if (is_list)
			token = pdf_token_next(table->text, &table->at);
		for (unsigned code = from; token.kind == PDF_TOKEN_STRING; code++) {
			pdf_token_bytes(&token, &table->bytes);
			add_letters(table->font, code, is_list ? code : to,
					(ward_bytes){ (uint8_t *)table->bytes.ptr,
							table->bytes.len },
					table->left);
			if (!is_list)
				break;
			token = pdf_token_next(table->text, &table->at);
		}
	}
}

static void read_table(struct pdf_font *font, ward_bytes text, size_t *left)
{
	struct table table = { .font = font, .text = text, .left = left };
	struct pdf_token token;

	ward_buf_init(&table.bytes, SIZE_MAX);
	do {
		token = pdf_token_next(text, &table.at);
		if (pdf_token_is(&token, "beginbfchar"))
			read_single(&table);
		else if (pdf_token_is(&token, "beginbfrange"))
			read_ranges(&table);
	} while (token.kind != PDF_TOKEN_END);
	ward_buf_free(&table.bytes);
}

/* ---- without a table ---- */

static void add_units(struct pdf_font *font, unsigned code, const uint16_t *units, size_t count,
		size_t *left)
{
	uint8_t bytes[4];

	for (size_t i = 0; i < count; i++) {
		bytes[2 * i] = (uint8_t)(units[i] >> 8);
		bytes[2 * i + 1] = (uint8_t)units[i];
	}
	add_letters(font, code, code, (ward_bytes){ bytes, 2 * count }, left);
}

/* 9.6.6.1: /Differences, a number and then names of it and the next ones. */
static void read_differences(struct pdf *pdf, qpdf_oh list, struct pdf_font *font, bool *has,
		size_t *left)
{
	int count = qpdf_oh_get_array_n_items(pdf->qpdf, list);
	long long code = 0;

	for (int i = 0; i<count && * left> 0; i++) {
		qpdf_oh item = qpdf_oh_get_array_item(pdf->qpdf, list, i);
		uint16_t units[2] = { 0 };
		const char *name = NULL;
		size_t len = 0;

		if (qpdf_oh_get_value_as_longlong(pdf->qpdf, item, &code)) {
			code = code < 0 || code > 255 ? 0 : code;
		} else if (code < 256 && qpdf_oh_get_value_as_name(pdf->qpdf, item, &name, &len)) {
			ward_str said = { len > 0 ? name + 1 : name, len > 0 ? len - 1 : 0 };

			has[code] = true;
			add_units(font, (unsigned)code, units, pdf_glyph_units(said, units), left);
			code++;
		}
		qpdf_oh_release(pdf->qpdf, item);
	}
}

/* Codes without a table: names where they differ, Windows' Latin letters else. */
static void read_encoding(struct pdf *pdf, qpdf_oh dictionary, struct pdf_font *font, size_t *left)
{
	/* 0x80 to 0x9f of Windows 1252; what is none is 0. */
	static const uint16_t high[] = { 0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021,
		0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d,
		0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178 };
	qpdf_oh encoding = qpdf_oh_get_key(pdf->qpdf, dictionary, "/Encoding");
	qpdf_oh list = qpdf_oh_get_key_if_dict(pdf->qpdf, encoding, "/Differences");
	bool has[256] = { false };

	if (qpdf_oh_is_array(pdf->qpdf, list))
		read_differences(pdf, list, font, has, left);
	for (unsigned code = 0x20; code < 256; code++) {
		uint16_t letter = code >= 0x80 && code < 0xa0 ? high[code - 0x80] : (uint16_t)code;

		if (!has[code] && letter != 0)
			add_units(font, code, &letter, 1, left);
	}
	qpdf_oh_release(pdf->qpdf, list);
	qpdf_oh_release(pdf->qpdf, encoding);
}

/* ---- widths ---- */

static float number_of(struct pdf *pdf, qpdf_oh object)
{
	double value = qpdf_oh_is_number(pdf->qpdf, object)
				       ? qpdf_oh_get_numeric_value(pdf->qpdf, object)
				       : 0;

	return value > -1e6 && value < 1e6 ? (float)value : 0;
}

/* A list of widths, of the codes from `code` on. */
static void read_list(struct pdf *pdf, qpdf_oh list, long long code, float unit,
		struct pdf_font *font, size_t *left)
{
	int count = qpdf_oh_get_array_n_items(pdf->qpdf, list);

	for (int i = 0; i < count && code >= 0 && code <= UINT16_MAX && *left > 0; i++, code++) {
		qpdf_oh item = qpdf_oh_get_array_item(pdf->qpdf, list, i);

		add_width(font, (unsigned)code, (unsigned)code, number_of(pdf, item) * unit, left);
		qpdf_oh_release(pdf->qpdf, item);
	}
}

/* 9.6.2.1; of a font whose glyphs are instructions (9.6.5), by its matrix. */
static void read_simple_widths(struct pdf *pdf, qpdf_oh dictionary, struct pdf_font *font,
		size_t *left)
{
	qpdf_oh matrix = qpdf_oh_get_key(pdf->qpdf, dictionary, "/FontMatrix");
	qpdf_oh list = qpdf_oh_get_key(pdf->qpdf, dictionary, "/Widths");
	float unit = 0.001f;
	long long first;

	if (qpdf_oh_is_array(pdf->qpdf, matrix) &&
			qpdf_oh_get_array_n_items(pdf->qpdf, matrix) > 0) {
		qpdf_oh item = qpdf_oh_get_array_item(pdf->qpdf, matrix, 0);

		unit = number_of(pdf, item);
		qpdf_oh_release(pdf->qpdf, item);
	}
	(void)pdf_number(pdf, dictionary, "/FirstChar", &first);
	if (qpdf_oh_is_array(pdf->qpdf, list))
		read_list(pdf, list, first, unit, font, left);
	qpdf_oh_release(pdf->qpdf, list);
	qpdf_oh_release(pdf->qpdf, matrix);
}

/* 9.7.4.3: "c [w w w]" and "from to w". */
static void read_wide_widths(struct pdf *pdf, qpdf_oh list, struct pdf_font *font, size_t *left)
{
	int count = qpdf_oh_get_array_n_items(pdf->qpdf, list);

	for (int i = 0; i + 1 < count && *left > 0;) {
		qpdf_oh first = qpdf_oh_get_array_item(pdf->qpdf, list, i);
		qpdf_oh second = qpdf_oh_get_array_item(pdf->qpdf, list, i + 1);
		long long from = -1, to = -1;

		(void)qpdf_oh_get_value_as_longlong(pdf->qpdf, first, &from);
		(*left)--;
		if (qpdf_oh_is_array(pdf->qpdf, second)) {
			read_list(pdf, second, from, 0.001f, font, left);
			i += 2;
		} else {
			qpdf_oh third = qpdf_oh_get_array_item(pdf->qpdf, list, i + 2);

			(void)qpdf_oh_get_value_as_longlong(pdf->qpdf, second, &to);
			if (from >= 0 && to >= from && to <= UINT16_MAX)
				add_width(font, (unsigned)from, (unsigned)to,
						number_of(pdf, third) * 0.001f, left);
			qpdf_oh_release(pdf->qpdf, third);
			i += 3;
		}
		qpdf_oh_release(pdf->qpdf, first);
		qpdf_oh_release(pdf->qpdf, second);
	}
}

/* ---- a font ---- */

/* Longer than an entry of a table is, "<0041> <00660066>\n" and half of it again. */
#define ENTRY_BYTES 32

static void spend(size_t *left, size_t entries)
{
	*left -= entries < *left ? entries : *left;
}

/* 9.7.6: a composite one, whose glyphs another font has. */
static void read_wide(struct pdf *pdf, qpdf_oh dictionary, struct pdf_font *font, size_t *left)
{
	qpdf_oh encoding = qpdf_oh_get_key(pdf->qpdf, dictionary, "/Encoding");
	qpdf_oh below = qpdf_oh_get_key(pdf->qpdf, dictionary, "/DescendantFonts");
	qpdf_oh one = qpdf_oh_is_array(pdf->qpdf, below)
				      ? qpdf_oh_get_array_item(pdf->qpdf, below, 0)
				      : qpdf_oh_new_null(pdf->qpdf);
	qpdf_oh list = qpdf_oh_get_key_if_dict(pdf->qpdf, one, "/W");
	long long width;

	/* "UniJIS-UTF16-H", "UniGB-UCS2-V": the code is the letter. */
	if (qpdf_oh_is_name(pdf->qpdf, encoding))
		font->is_unicode = strncmp(qpdf_oh_get_name(pdf->qpdf, encoding), "/Uni", 4) == 0;
	font->default_width = pdf_number(pdf, one, "/DW", &width) && width >= 0 && width < 100000
					      ? (float)width * 0.001f
					      : 1;
	if (qpdf_oh_is_array(pdf->qpdf, list))
		read_wide_widths(pdf, list, font, left);
	qpdf_oh_release(pdf->qpdf, list);
	qpdf_oh_release(pdf->qpdf, one);
	qpdf_oh_release(pdf->qpdf, below);
	qpdf_oh_release(pdf->qpdf, encoding);
}

void pdf_font_read(struct pdf *pdf, qpdf_oh dictionary, struct pdf_font *font, size_t *left)
{
	qpdf_oh table = qpdf_oh_get_key_if_dict(pdf->qpdf, dictionary, "/ToUnicode");
	struct pdf_stream read;

	*font = (struct pdf_font){
		.id = qpdf_oh_get_object_id(pdf->qpdf, dictionary),
		.is_wide = pdf_is_name(pdf, dictionary, "/Subtype", "/Type0"),
		.default_width = 0.5f,
	};
	ward_buf_init(&font->units, (size_t)PDF_FONT_ENTRIES_MAX * 64);
	spend(left, 1);
	if (qpdf_oh_is_stream(pdf->qpdf, table) && *left > 0) {
		pdf_stream_read(pdf, table, &read);
		/* A table of few entries in many bytes costs what it is long. */
		spend(left, read.len / ENTRY_BYTES);
		read_table(font, (ward_bytes){ read.bytes, read.len }, left);
		free(read.bytes);
	}
	if (qpdf_oh_is_dictionary(pdf->qpdf, dictionary)) {
		if (font->is_wide)
			read_wide(pdf, dictionary, font, left);
		else
			read_simple_widths(pdf, dictionary, font, left);
		if (!font->is_wide && font->letter_count == 0)
			read_encoding(pdf, dictionary, font, left);
	}
	if (font->letter_count > 0)
		qsort(font->letters, font->letter_count, sizeof(*font->letters), compare_letters);
	if (font->width_count > 0)
		qsort(font->widths, font->width_count, sizeof(*font->widths), compare_widths);
	qpdf_oh_release(pdf->qpdf, table);
}

void pdf_font_free(struct pdf_font *font)
{
	free(font->letters);
	free(font->widths);
	ward_buf_free(&font->units);
	*font = (struct pdf_font){ .id = 0 };
}

float pdf_font_width(const struct pdf_font *font, uint16_t code)
{
	size_t from = 0, to = font->width_count;

	while (from < to) {
		size_t middle = (from + to) / 2;

		if (font->widths[middle].from <= code)
			from = middle + 1;
		else
			to = middle;
	}
	return from > 0 && font->widths[from - 1].to >= code ? font->widths[from - 1].width
							     : font->default_width;
}

static void add_utf8(struct ward_buf *out, uint32_t letter)
{
	char bytes[4];
	size_t len = 0;

	if (letter < 0x80) {
		bytes[len++] = (char)letter;
	} else if (letter < 0x800) {
		bytes[len++] = (char)(0xc0 | letter >> 6);
		bytes[len++] = (char)(0x80 | (letter & 0x3f));
	} else if (letter < 0x10000) {
		bytes[len++] = (char)(0xe0 | letter >> 12);
		bytes[len++] = (char)(0x80 | (letter >> 6 & 0x3f));
		bytes[len++] = (char)(0x80 | (letter & 0x3f));
	} else {
		bytes[len++] = (char)(0xf0 | letter >> 18);
		bytes[len++] = (char)(0x80 | (letter >> 12 & 0x3f));
		bytes[len++] = (char)(0x80 | (letter >> 6 & 0x3f));
		bytes[len++] = (char)(0x80 | (letter & 0x3f));
	}
	ward_buf_add(out, bytes, len);
}

void pdf_font_letters(const struct pdf_font *font, uint16_t code, struct ward_buf *out)
{
	size_t from = 0, to = font->letter_count;
	uint32_t high = 0;

	while (from < to) {
		size_t middle = (from + to) / 2;

		if (font->letters[middle].from <= code)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == 0 || font->letters[from - 1].to < code) {
		if (font->is_unicode && code >= 0x20 && (code & 0xf800) != 0xd800)
			add_utf8(out, code);
		return;
	}
	const struct pdf_letters *it = &font->letters[from - 1];

	for (size_t i = 0; i + 1 < it->len; i += 2) {
		const uint8_t *bytes = (const uint8_t *)font->units.ptr + it->at + i;
		uint32_t unit = (uint32_t)(bytes[0] << 8 | bytes[1]);

		if (i + 3 >= it->len)
			unit = (unit + (code - it->from)) & 0xffff;
		if ((unit & 0xfc00) == 0xd800)
			high = unit;
		else if ((unit & 0xfc00) == 0xdc00 && high)
			add_utf8(out, 0x10000 + ((high & 0x3ff) << 10) + (unit & 0x3ff));
		else if (unit >= 0x20 && (unit & 0xf800) != 0xd800)
			add_utf8(out, unit);
		high = (unit & 0xfc00) == 0xd800 ? high : 0;
	}
}
