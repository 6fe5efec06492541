/*
 * Names as people read them, where they cannot be taken for another one.
 *
 * A label is shown in its letters when these are of one script, or of the few
 * that are written together (Chinese and Japanese with Latin, Korean with
 * Chinese); when no mark is set on letters of scripts that have a letter with
 * that mark; and when it is not made of nothing but Cyrillic or Greek letters
 * that look like Latin ones.  Browsers do likewise.  All else stays "xn--".
 */
#include <ward/link.h>

#include <utf8proc.h>

#include "link/chars.h"
#include "link/host.h"
#include "link/idna.h"

enum {
	LATIN = 1 << 0,
	GREEK = 1 << 1,
	CYRILLIC = 1 << 2,
	HAN = 1 << 3,
	KANA = 1 << 4,
	HANGUL = 1 << 5,
	OTHERS = 6, /* one bit each from here on */
};

static const struct block {
	int32_t first, last;
	int bit;
} blocks[] = {
	{ 0x0061, 0x007a, 0 },
	{ 0x00df, 0x024f, 0 },
	{ 0x0370, 0x03ff, 1 },
	{ 0x0400, 0x052f, 2 },
	{ 0x0530, 0x058f, OTHERS },      /* Armenian */
	{ 0x0590, 0x05ff, OTHERS + 1 },  /* Hebrew */
	{ 0x0600, 0x06ff, OTHERS + 2 },  /* Arabic */
	{ 0x0900, 0x097f, OTHERS + 3 },  /* Devanagari */
	{ 0x0980, 0x09ff, OTHERS + 4 },  /* Bengali */
	{ 0x0a00, 0x0a7f, OTHERS + 5 },  /* Gurmukhi */
	{ 0x0a80, 0x0aff, OTHERS + 6 },  /* Gujarati */
	{ 0x0b00, 0x0b7f, OTHERS + 7 },  /* Oriya */
	{ 0x0b80, 0x0bff, OTHERS + 8 },  /* Tamil */
	{ 0x0c00, 0x0c7f, OTHERS + 9 },  /* Telugu */
	{ 0x0c80, 0x0cff, OTHERS + 10 }, /* Kannada */
	{ 0x0d00, 0x0d7f, OTHERS + 11 }, /* Malayalam */
	{ 0x0d80, 0x0dff, OTHERS + 12 }, /* Sinhala */
	{ 0x0e00, 0x0e7f, OTHERS + 13 }, /* Thai */
	{ 0x0e80, 0x0eff, OTHERS + 14 }, /* Lao */
	{ 0x0f00, 0x0fff, OTHERS + 15 }, /* Tibetan */
	{ 0x1000, 0x109f, OTHERS + 16 }, /* Myanmar */
	{ 0x10d0, 0x10ff, OTHERS + 17 }, /* Georgian */
	{ 0x1200, 0x137f, OTHERS + 18 }, /* Ethiopic */
	{ 0x1780, 0x17ff, OTHERS + 19 }, /* Khmer */
	{ 0x1e00, 0x1eff, 0 },
	{ 0x3005, 0x3007, 3 },
	{ 0x3041, 0x30ff, 4 },
	{ 0x3400, 0x9fff, 3 },
	{ 0xac00, 0xd7a3, 5 },
};

/* Letters of Cyrillic and Greek that are drawn as Latin ones. */
static const int32_t lookalikes[] = {
	0x03b1,
	0x03b3,
	0x03b5,
	0x03b9,
	0x03ba,
	0x03bd,
	0x03bf,
	0x03c1,
	0x03c4,
	0x03c5,
	0x03c7,
	0x03c9,
	0x0430,
	0x0433,
	0x0435,
	0x043a,
	0x043e,
	0x043f,
	0x0440,
	0x0441,
	0x0443,
	0x0445,
	0x044a,
	0x044c,
	0x0455,
	0x0456,
	0x0457,
	0x0458,
	0x0461,
	0x0474,
	0x0475,
	0x04ab,
	0x04ad,
	0x04af,
	0x04b1,
	0x04bb,
	0x04bd,
	0x04bf,
	0x04cf,
	0x0501,
	0x0503,
	0x050d,
	0x051b,
	0x051d,
};

static unsigned script(int32_t point)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		if (point >= blocks[i].first && point <= blocks[i].last)
			return 1u << blocks[i].bit;
	}
	return 0;
}

static bool is_lookalike(int32_t point)
{
	for (size_t i = 0; i < sizeof(lookalikes) / sizeof(*lookalikes); i++) {
		if (lookalikes[i] == point)
			return true;
	}
	return false;
}

static bool written_together(unsigned scripts)
{
	return (scripts & (scripts - 1)) == 0 || !(scripts & ~(unsigned)(LATIN | HAN | KANA)) ||
	       !(scripts & ~(unsigned)(LATIN | HAN | HANGUL));
}

static bool is_safe(const int32_t *points, size_t count)
{
	unsigned scripts = 0;
	bool marks = false;
	bool lookalike = true;

	for (size_t i = 0; i < count; i++) {
		utf8proc_category_t category = utf8proc_category(points[i]);
		unsigned here = script(points[i]);

		if (points[i] == '-' || (points[i] >= '0' && points[i] <= '9'))
			continue;
		if (here == 0 || category > UTF8PROC_CATEGORY_ND ||
				category == UTF8PROC_CATEGORY_CN)
			return false;
		marks = marks ||
			(category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME);
		lookalike = lookalike && is_lookalike(points[i]);
		scripts |= here;
	}
	return written_together(scripts) && !lookalike &&
	       !(marks && scripts & (LATIN | GREEK | CYRILLIC));
}

static void put_label(ward_str label, struct ward_buf *memory)
{
	int32_t points[LINK_POINTS_MAX];
	uint8_t bytes[4];
	size_t count = 0;

	if (label.len <= LINK_POINTS_MAX && ward_str_starts(label, WARD_STR("xn--")))
		count = link_label_read((ward_str){ label.ptr + 4, label.len - 4 }, points,
				LINK_POINTS_MAX);
	if (count == 0 || !is_safe(points, count)) {
		ward_buf_str(memory, label);
		return;
	}
	for (size_t i = 0; i < count; i++)
		ward_buf_add(memory, bytes, (size_t)utf8proc_encode_char(points[i], bytes));
}

ward_err ward_host_display(ward_str host, struct ward_buf *memory, ward_str *display,
		struct ward_error *error)
{
	ward_buf_clear(memory);
	for (bool first = true; host.len > 0 || first; first = false) {
		bool more = host.len > 0 && memchr(host.ptr, '.', host.len) != NULL;

		put_label(ward_str_cut(&host, '.'), memory);
		if (more)
			ward_buf_char(memory, '.');
	}
	if (memory->failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a host");
	*display = (ward_str){ memory->ptr, memory->len };
	return WARD_OK;
}
