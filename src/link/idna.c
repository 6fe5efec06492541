#include "link/idna.h"

#include <utf8proc.h>

#include "link/chars.h"

static const utf8proc_option_t fold = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
				      UTF8PROC_IGNORE | UTF8PROC_CASEFOLD;
static const utf8proc_option_t nfc = UTF8PROC_STABLE | UTF8PROC_COMPOSE;

enum { ZWNJ = 0x200c, ZWJ = 0x200d };

/*
 * UTS 46 makes of nearly every code point what NFKC case folding makes of it.
 * Compared with IdnaMappingTable.txt over all of Unicode 15, what it keeps out
 * beyond unassigned ones, controls and private use is this.
 */
static const int32_t kept_out[][2] = {
	{ 0x0600, 0x0605 },                         /* Arabic number signs */
	{ 0x061c, 0x061c },                         /* Arabic letter mark */
	{ 0x06dd, 0x06dd },                         /* end of ayah */
	{ 0x070f, 0x070f },                         /* Syriac abbreviation mark */
	{ 0x0890, 0x0891 },                         /* Arabic pound and piastre above */
	{ 0x08e2, 0x08e2 },                         /* Arabic disputed end of ayah */
	{ 0x1680, 0x1680 },                         /* Ogham space */
	{ 0x200e, 0x200f },                         /* direction marks */
	{ 0x2028, 0x202e },                         /* line and paragraph separators, embeddings */
	{ 0x2066, 0x2069 },                         /* isolates */
	{ 0x2ff0, 0x2ffb },                         /* ideographic description */
	{ 0xfff9, 0xfffd },                         /* annotations, replacement characters */
	{ 0x110bd, 0x110bd },                       /* Kaithi number signs */
	{ 0x110cd, 0x110cd }, { 0x13430, 0x1343f }, /* hieroglyph format controls */
	{ 0xe0001, 0xe007f },                       /* tags */
};

static bool is_kept_out(int32_t point)
{
	utf8proc_category_t category = utf8proc_category(point);

	if (point < 0x80)
		return false;
	if (category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_CC ||
			category == UTF8PROC_CATEGORY_CS || category == UTF8PROC_CATEGORY_CO)
		return true;
	for (size_t i = 0; i < sizeof(kept_out) / sizeof(*kept_out); i++) {
		if (point >= kept_out[i][0] && point <= kept_out[i][1])
			return true;
	}
	return false;
}

/* What one code point becomes where that is not its NFKC case folding; else 0. */
static int32_t exception(int32_t point)
{
	switch (point) {
	case 0x3002: /* the full stops of other scripts */
	case 0xff0e:
	case 0xff61:
		return '.';
	case 0x1e9e: /* capital sharp s: since Unicode 15.1 */
		return 0xdf;
	case 0xdf: /* the four that differ from IDNA 2003 */
	case 0x3c2:
	case ZWNJ:
	case ZWJ:
		return point;
	default:
		return 0;
	}
}

/* Appends what one code point becomes; -1 when it may not be in a name, -2 without room. */
static int map_point(int32_t point, int32_t *points, size_t room)
{
	int32_t other = exception(point);
	int boundary = 0;

	if (room == 0)
		return -2;
	if (other) {
		points[0] = other;
		return 1;
	}
	if (is_kept_out(point))
		return -1;
	utf8proc_ssize_t len = utf8proc_decompose_char(point, points, (utf8proc_ssize_t)room, fold,
			&boundary);

	if (len < 0)
		return -1;
	if ((size_t)len > room)
		return -2;
	/* Ellipses, "1." in a circle: no dots but those that somebody wrote. */
	for (int i = 0; point >= 0x80 && i < len; i++) {
		if (points[i] == '.' || points[i] == 0x3002)
			return -1;
	}
	return (int)len;
}

static const utf8proc_property_t *property(int32_t point)
{
	return utf8proc_get_property(point);
}

/*
 * NFC.  utf8proc_normalize_utf32 composes what lies in order and does not put it in
 * order: marks that somebody wrote the other way round would be another name.
 */
static size_t normalize(int32_t *points, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		int32_t point = points[i];
		utf8proc_propval_t class = property(point)->combining_class;
		size_t to = i;

		for (; class > 0 && to > 0 && property(points[to - 1])->combining_class > class;
				to--)
			points[to] = points[to - 1];
		points[to] = point;
	}
	return (size_t)utf8proc_normalize_utf32(points, (utf8proc_ssize_t)count, nfc);
}

/* The code points of a name, mapped and in NFC. */
static ward_err map_name(ward_str utf8, int32_t *points, size_t *count, struct ward_error *error)
{
	size_t len = 0;

	while (utf8.len > 0) {
		int32_t point;
		utf8proc_ssize_t used = utf8proc_iterate((const uint8_t *)utf8.ptr,
				(utf8proc_ssize_t)utf8.len, &point);
		int added;

		if (used <= 0)
			return ward_fail(error, WARD_E_FORMAT, "the host is not UTF-8");
		added = map_point(point, points + len, LINK_POINTS_MAX - len);
		if (added == -1)
			return ward_fail(error, WARD_E_FORMAT, "U+%04X may not be in a host name",
					(unsigned)point);
		if (added < 0)
			return ward_fail(error, WARD_E_LIMIT, "the host name is too long");
		len += (size_t)added;
		utf8 = (ward_str){ utf8.ptr + used, utf8.len - (size_t)used };
	}
	*count = normalize(points, len);
	return WARD_OK;
}

static bool is_mark(int32_t point)
{
	utf8proc_category_t category = utf8proc_category(point);

	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
	       category == UTF8PROC_CATEGORY_ME;
}

static bool is_transparent(int32_t point)
{
	utf8proc_category_t category = utf8proc_category(point);

	return point != ZWNJ && point != ZWJ &&
	       (category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME ||
			       category == UTF8PROC_CATEGORY_CF);
}

/* RFC 5892, appendix A.1 and A.2: after a virama, or where letters would join without it. */
static bool joiner_is_allowed(const int32_t *points, size_t count, size_t at)
{
	size_t before = at;
	size_t after = at + 1;

	if (at > 0 && property(points[at - 1])->combining_class == 9)
		return true;
	if (points[at] == ZWJ)
		return false;
	while (before > 0 && is_transparent(points[before - 1]))
		before--;
	while (after < count && is_transparent(points[after]))
		after++;
	return before > 0 && after < count && link_joining(points[before - 1]) & LINK_JOINS_AFTER &&
	       link_joining(points[after]) & LINK_JOINS_BEFORE;
}

static unsigned bidi(int32_t point)
{
	return 1u << property(point)->bidi_class;
}

enum {
	BIDI_L = 1 << UTF8PROC_BIDI_CLASS_L,
	BIDI_R = 1 << UTF8PROC_BIDI_CLASS_R | 1 << UTF8PROC_BIDI_CLASS_AL,
	BIDI_EN = 1 << UTF8PROC_BIDI_CLASS_EN,
	BIDI_AN = 1 << UTF8PROC_BIDI_CLASS_AN,
	BIDI_NSM = 1 << UTF8PROC_BIDI_CLASS_NSM,
	BIDI_BOTH = BIDI_EN | BIDI_NSM | 1 << UTF8PROC_BIDI_CLASS_ES | 1 << UTF8PROC_BIDI_CLASS_ET |
		    1 << UTF8PROC_BIDI_CLASS_CS | 1 << UTF8PROC_BIDI_CLASS_BN |
		    1 << UTF8PROC_BIDI_CLASS_ON,
};

/* RFC 5893, section 2: what keeps a label's letters in order on the screen. */
static bool bidi_rule_holds(const int32_t *points, size_t count)
{
	unsigned seen = 0;
	size_t end = count;
	unsigned first = bidi(points[0]);

	for (size_t i = 0; i < count; i++)
		seen |= bidi(points[i]);
	while (end > 0 && bidi(points[end - 1]) == BIDI_NSM)
		end--;
	unsigned last = end > 0 ? bidi(points[end - 1]) : 0;

	if (first & BIDI_R)
		return !(seen & ~(unsigned)(BIDI_R | BIDI_AN | BIDI_BOTH)) &&
		       last & (BIDI_R | BIDI_EN | BIDI_AN) && !(seen & BIDI_EN && seen & BIDI_AN);
	if (first & BIDI_L)
		return !(seen & ~(unsigned)(BIDI_L | BIDI_BOTH)) && last & (BIDI_L | BIDI_EN);
	return false;
}

static bool is_right_to_left(const int32_t *points, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bidi(points[i]) & (BIDI_R | BIDI_AN))
			return true;
	}
	return false;
}

/* What UTS 46 asks of each label, but for its direction. */
static bool label_holds(const int32_t *points, size_t count)
{
	if (count > 0 && is_mark(points[0]))
		return false;
	if (count >= 4 && points[0] == 'x' && points[1] == 'n' && points[2] == '-' &&
			points[3] == '-')
		return false;
	for (size_t i = 0; i < count; i++) {
		if ((points[i] == ZWNJ || points[i] == ZWJ) && !joiner_is_allowed(points, count, i))
			return false;
	}
	return true;
}

/* Would mapping leave it as it is? */
static bool is_mapped(const int32_t *points, size_t count)
{
	int32_t again[LINK_POINTS_MAX];
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		int added = points[i] == '.' ? -1
					     : map_point(points[i], again + len,
							       LINK_POINTS_MAX - len);

		if (added < 0)
			return false;
		len += (size_t)added;
	}
	len = normalize(again, len);
	return len == count && memcmp(points, again, count * sizeof(*points)) == 0;
}

size_t link_label_read(ward_str digits, int32_t *points, size_t room)
{
	size_t count = link_punycode_read(digits, points, room);
	bool ascii = true;

	for (size_t i = 0; i < count; i++)
		ascii = ascii && points[i] < 0x80;
	return !ascii && is_mapped(points, count) && label_holds(points, count) ? count : 0;
}

/* One label of a mapped name. */
struct label {
	const int32_t *points;
	size_t count;
};

static struct label label_cut(struct label *rest, bool *more)
{
	struct label label = { rest->points, 0 };

	while (label.count < rest->count && rest->points[label.count] != '.')
		label.count++;
	*more = label.count < rest->count;
	if (*more) {
		rest->points += label.count + 1;
		rest->count -= label.count + 1;
	}
	return label;
}

/* True of "xn--..."; `ascii` is then what it says, of up to 63 bytes and more. */
static bool is_a_label(struct label label, char *ascii)
{
	static const char mark[] = "xn--";

	for (size_t i = 0; i < label.count; i++) {
		if (i < 4 && label.points[i] != mark[i])
			return false;
		ascii[i] = (char)(label.points[i] < 0x80 ? label.points[i] : 0x80);
	}
	return label.count >= 4;
}

static bool is_ascii(struct label label)
{
	for (size_t i = 0; i < label.count; i++) {
		if (label.points[i] >= 0x80)
			return false;
	}
	return true;
}

/* The letters of a label, whichever way it is written; false when it is none. */
static bool label_letters(struct label label, int32_t *letters, struct label *out)
{
	char ascii[LINK_POINTS_MAX];

	*out = label;
	if (!is_a_label(label, ascii))
		return label_holds(label.points, label.count);
	out->points = letters;
	out->count = link_label_read((ward_str){ ascii + 4, label.count - 4 }, letters,
			LINK_POINTS_MAX);
	return out->count > 0;
}

/* Every label is checked in its letters; of a name with any from right to left, their order too. */
static ward_err check_name(struct label name, struct ward_error *error)
{
	int32_t letters[LINK_POINTS_MAX];
	struct label label;
	bool right_to_left = false;

	for (int pass = 0; pass < 2; pass++) {
		struct label rest = name;

		for (bool more = true; more;) {
			struct label part = label_cut(&rest, &more);

			if (!label_letters(part, letters, &label))
				return ward_fail(error, WARD_E_FORMAT,
						"a label of the host breaks the rules of UTS 46");
			right_to_left = right_to_left ||
					is_right_to_left(label.points, label.count);
			if (pass == 1 && label.count > 0 &&
					!bidi_rule_holds(label.points, label.count))
				return ward_fail(error, WARD_E_FORMAT,
						"a label of the host mixes directions");
		}
		if (!right_to_left)
			break;
	}
	return WARD_OK;
}

ward_err link_idna_to_ascii(ward_str utf8, struct ward_buf *out, struct ward_error *error)
{
	int32_t points[LINK_POINTS_MAX];
	struct label name = { points, 0 };
	ward_err err = map_name(utf8, points, &name.count, error);

	if (!err)
		err = check_name(name, error);
	for (bool more = true; !err && more;) {
		struct label label = label_cut(&name, &more);

		if (is_ascii(label)) {
			for (size_t i = 0; i < label.count; i++)
				ward_buf_char(out, (char)label.points[i]);
		} else {
			ward_buf_str(out, WARD_STR("xn--"));
			if (!link_punycode_write(label.points, label.count, out))
				return ward_fail(error, WARD_E_LIMIT, "the host name is too long");
		}
		if (more)
			ward_buf_char(out, '.');
	}
	return err;
}
