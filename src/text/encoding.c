#include "text/encoding.h"

#include "text/html.h"
#include "text/utf8.h"

#include <errno.h>
#include <iconv.h>

/* The WHATWG's names and labels (Encoding, 4.2), with what glibc calls the same or a superset. */
static const struct {
	const char *name, *system, *labels;
} encodings[] = {
	{ "utf-8", NULL,
			"unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 "
			"x-unicode20utf8" },
	{ "ibm866", "CP866", "866 cp866 csibm866 ibm866" },
	{ "iso-8859-2", "ISO-8859-2",
			"csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 "
			"iso_8859-2:1987 l2 latin2" },
	{ "iso-8859-3", "ISO-8859-3",
			"csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 "
			"iso_8859-3:1988 l3 latin3" },
	{ "iso-8859-4", "ISO-8859-4",
			"csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 "
			"iso_8859-4:1988 l4 latin4" },
	{ "iso-8859-5", "ISO-8859-5",
			"csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 "
			"iso_8859-5 iso_8859-5:1988" },
	{ "iso-8859-6", "ISO-8859-6",
			"arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 "
			"iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 "
			"iso_8859-6 iso_8859-6:1987" },
	{ "iso-8859-7", "ISO-8859-7",
			"csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 "
			"iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek" },
	{ "iso-8859-8", "ISO-8859-8",
			"csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 "
			"iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual" },
	{ "iso-8859-8-i", "ISO-8859-8", "csiso88598i iso-8859-8-i logical" },
	{ "iso-8859-10", "ISO-8859-10",
			"csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6" },
	{ "iso-8859-13", "ISO-8859-13", "iso-8859-13 iso8859-13 iso885913" },
	{ "iso-8859-14", "ISO-8859-14", "iso-8859-14 iso8859-14 iso885914" },
	{ "iso-8859-15", "ISO-8859-15",
			"csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9" },
	{ "iso-8859-16", "ISO-8859-16", "iso-8859-16" },
	{ "koi8-r", "KOI8-R", "cskoi8r koi koi8 koi8-r koi8_r" },
	{ "koi8-u", "KOI8-U", "koi8-ru koi8-u" },
	{ "macintosh", "MACINTOSH", "csmacintosh mac macintosh x-mac-roman" },
	{ "windows-874", "CP874", "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874" },
	{ "windows-1250", "CP1250", "cp1250 windows-1250 x-cp1250" },
	{ "windows-1251", "CP1251", "cp1251 windows-1251 x-cp1251" },
	{ "windows-1252", "CP1252",
			"ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 "
			"iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 "
			"us-ascii windows-1252 x-cp1252 x-user-defined" },
	{ "windows-1253", "CP1253", "cp1253 windows-1253 x-cp1253" },
	{ "windows-1254", "CP1254",
			"cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 "
			"iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254" },
	{ "windows-1255", "CP1255", "cp1255 windows-1255 x-cp1255" },
	{ "windows-1256", "CP1256", "cp1256 windows-1256 x-cp1256" },
	{ "windows-1257", "CP1257", "cp1257 windows-1257 x-cp1257" },
	{ "windows-1258", "CP1258", "cp1258 windows-1258 x-cp1258" },
	{ "x-mac-cyrillic", "MAC-CYRILLIC", "x-mac-cyrillic x-mac-ukrainian" },
	{ "gbk", "GB18030",
			"chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 "
			"x-gbk" },
	{ "gb18030", "GB18030", "gb18030" },
	{ "big5", "BIG5-HKSCS", "big5 big5-hkscs cn-big5 csbig5 x-x-big5" },
	{ "euc-jp", "EUC-JP", "cseucpkdfmtjapanese euc-jp x-euc-jp" },
	{ "iso-2022-jp", "ISO-2022-JP", "csiso2022jp iso-2022-jp" },
	{ "shift_jis", "CP932",
			"csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis" },
	{ "euc-kr", "UHC",
			"cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 "
			"ks_c_5601-1989 ksc5601 ksc_5601 windows-949" },
	{ "utf-16be", "UTF-16BE", "unicodefffe utf-16be" },
	{ "utf-16le", "UTF-16LE",
			"csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le" },
};

#define ENCODINGS (sizeof(encodings) / sizeof(*encodings))

bool encoding_find(ward_str label, struct encoding *encoding)
{
	label = ward_str_trim(label);
	for (size_t i = 0; i < ENCODINGS && label.len > 0; i++) {
		ward_str labels = ward_str_from(encodings[i].labels);

		while (labels.len > 0) {
			if (ward_str_eq_nocase(ward_str_cut(&labels, ' '), label)) {
				*encoding = (struct encoding){ .name = encodings[i].name,
					.system = encodings[i].system };
				return true;
			}
		}
	}
	return false;
}

ward_str encoding_of_type(ward_str content_type)
{
	while (content_type.len > 0) {
		ward_str value = ward_str_trim(ward_str_cut(&content_type, ';'));
		ward_str name = ward_str_trim(ward_str_cut(&value, '='));

		value = ward_str_trim(value);
		if (!ward_str_eq_nocase(name, WARD_STR("charset")))
			continue;
		if (value.len > 0 && (value.ptr[0] == '"' || value.ptr[0] == '\'')) {
			char quote = value.ptr[0];

			ward_str_cut(&value, quote);
			value = ward_str_cut(&value, quote);
		}
		return value;
	}
	return WARD_STR("");
}

/* ---- choosing ---- */

static bool read_mark(ward_bytes head, struct encoding *encoding)
{
	static const struct {
		uint8_t bytes[3], len;
		const char *label;
	} marks[] = {
		{ { 0xef, 0xbb, 0xbf }, 3, "utf-8" },
		{ { 0xfe, 0xff }, 2, "utf-16be" },
		{ { 0xff, 0xfe }, 2, "utf-16le" },
	};

	for (size_t i = 0; i < 3; i++) {
		if (head.len >= marks[i].len &&
				memcmp(head.ptr, marks[i].bytes, marks[i].len) == 0 &&
				encoding_find(ward_str_from(marks[i].label), encoding)) {
			encoding->mark_len = marks[i].len;
			return true;
		}
	}
	return false;
}

static ward_str skip_blanks(ward_str text)
{
	while (text.len > 0 && (utf8_is_space((uint8_t)*text.ptr)))
		text = (ward_str){ text.ptr + 1, text.len - 1 };
	return text;
}

/*
 * The charset that a meta's content names, which needs no ';' before it: HTML, 2.5.3,
 * "extracting a character encoding from a meta element".
 */
static ward_str encoding_of_meta(ward_str content)
{
	static const ward_str word = { "charset", 7 };

	while (content.len >= word.len) {
		ward_str value = { content.ptr + word.len, content.len - word.len };
		size_t len = 0;

		if (!ward_str_eq_nocase((ward_str){ content.ptr, word.len }, word)) {
			content = (ward_str){ content.ptr + 1, content.len - 1 };
			continue;
		}
		content = value = skip_blanks(value);
		if (value.len == 0 || *value.ptr != '=')
			continue;
		value = skip_blanks((ward_str){ value.ptr + 1, value.len - 1 });
		if (value.len > 0 && (*value.ptr == '"' || *value.ptr == '\'')) {
			const char *end = memchr(value.ptr + 1, *value.ptr, value.len - 1);

			return end ? (ward_str){ value.ptr + 1, (size_t)(end - value.ptr) - 1 }
				   : WARD_STR("");
		}
		while (len < value.len && !utf8_is_space((uint8_t)value.ptr[len]) &&
				value.ptr[len] != ';')
			len++;
		return (ward_str){ value.ptr, len };
	}
	return WARD_STR("");
}

/* <meta charset=...>, or <meta http-equiv=content-type content="...; charset=...">. */
static void see_meta(void *context, const struct html_tag *tag)
{
	struct encoding *found = context;
	ward_str label = ward_html_attribute(tag, "charset");

	if (found->name || tag->end || !ward_str_eq(tag->name, WARD_STR("meta")))
		return;
	if (!label.ptr && ward_str_eq_nocase(ward_html_attribute(tag, "http-equiv"),
					  WARD_STR("content-type")))
		label = encoding_of_meta(ward_html_attribute(tag, "content"));
	/* Whoever reads this tag byte by byte is not reading UTF-16. */
	if (label.ptr && encoding_find(label, found) &&
			ward_str_starts(ward_str_from(found->name), WARD_STR("utf-16")))
		*found = (struct encoding){ .name = "utf-8" };
}

static bool read_meta(ward_bytes head, struct encoding *encoding)
{
	static const char *const wanted[] = { "charset", "http-equiv", "content", NULL };
	struct encoding found = { 0 };
	const struct html_sink sink = { NULL, see_meta, &found };
	struct ward_html *html = ward_html_new(&sink);

	if (!html)
		return false;
	ward_html_want(html, wanted);
	ward_html_feed(html, head);
	ward_html_free(html);
	if (found.name)
		*encoding = found;
	return found.name != NULL;
}

/*
 * <?xml encoding="...">, which counts in HTML where no meta says anything, and one in
 * UTF-16 without a mark: HTML, 13.2.3.2, "prescan" and "get an XML encoding".
 */
static bool read_xml(ward_bytes head, struct encoding *encoding)
{
	static const ward_str word = { "encoding", 8 };
	ward_str rest = { (const char *)head.ptr, head.len };
	ward_str declaration = ward_str_cut(&rest, '>');
	const char *end;

	if (head.len >= 6 && memcmp(head.ptr, "<\0?\0x\0", 6) == 0)
		return encoding_find(WARD_STR("utf-16le"), encoding);
	if (head.len >= 6 && memcmp(head.ptr, "\0<\0?\0x", 6) == 0)
		return encoding_find(WARD_STR("utf-16be"), encoding);
	if (!ward_str_starts(declaration, WARD_STR("<?xml")) || declaration.len == head.len)
		return false;
	while (declaration.len > 0 && !ward_str_starts(declaration, word))
		declaration = (ward_str){ declaration.ptr + 1, declaration.len - 1 };
	if (declaration.len == 0)
		return false;
	ward_str_cut(&declaration, 'g');
	declaration = skip_blanks(declaration);
	if (declaration.len == 0 || *declaration.ptr != '=')
		return false;
	declaration = skip_blanks((ward_str){ declaration.ptr + 1, declaration.len - 1 });
	if (declaration.len == 0 || (*declaration.ptr != '"' && *declaration.ptr != '\''))
		return false;
	end = memchr(declaration.ptr + 1, *declaration.ptr, declaration.len - 1);
	if (!end || !encoding_find((ward_str){ declaration.ptr + 1,
						   (size_t)(end - declaration.ptr) - 1 },
				    encoding))
		return false;
	if (ward_str_starts(ward_str_from(encoding->name), WARD_STR("utf-16")))
		*encoding = (struct encoding){ .name = "utf-8" };
	return true;
}

/* A sequence that the head's end cuts is no fault. */
static bool is_utf8(ward_bytes head)
{
	size_t cut = head.len >= ENCODING_HEAD ? 3 : 0;

	for (size_t i = 0; i <= cut; i++) {
		if (ward_utf8_valid((ward_str){ (const char *)head.ptr, head.len - i }))
			return true;
	}
	return false;
}

struct encoding encoding_choose(ward_bytes head, ward_str content_type, bool html)
{
	struct encoding encoding = { 0 };

	if (read_mark(head, &encoding)) {
		encoding.by = "bom";
	} else if (encoding_find(encoding_of_type(content_type), &encoding)) {
		encoding.by = "header";
	} else if (html && (read_meta(head, &encoding) || read_xml(head, &encoding))) {
		encoding.by = "meta";
	} else if (is_utf8(head)) {
		encoding = (struct encoding){ .name = "utf-8", .by = "utf-8" };
	} else {
		encoding = (struct encoding){ .name = "windows-1252",
			.system = "CP1252",
			.by = "default" };
	}
	return encoding;
}

/* ---- decoding ---- */

#define REST_MAX 16 /* of a character that the end of a piece cuts */

struct ward_decoder {
	iconv_t iconv; /* (iconv_t)-1: UTF-8 */
	uint8_t rest[REST_MAX];
	size_t rest_len;
};

struct ward_decoder *ward_decoder_new(const struct encoding *encoding)
{
	struct ward_decoder *decoder = calloc(1, sizeof(*decoder));

	if (!decoder)
		return NULL;
	decoder->iconv = (iconv_t)-1;
	if (!encoding->system)
		return decoder;
	decoder->iconv = iconv_open("UTF-8", encoding->system);
	if (decoder->iconv == (iconv_t)-1) {
		free(decoder);
		return NULL;
	}
	return decoder;
}

void ward_decoder_free(struct ward_decoder *decoder)
{
	if (decoder && decoder->iconv != (iconv_t)-1)
		iconv_close(decoder->iconv);
	free(decoder);
}

/* Converts what it can; returns how many bytes are left, of a character that is cut. */
static size_t convert(struct ward_decoder *decoder, const uint8_t *bytes, size_t len,
		struct ward_buf *out)
{
	char *in = (char *)(uintptr_t)bytes;

	while (len > 0 && !out->failed) {
		char text[4096], *to = text;
		size_t room = sizeof(text);
		size_t done = iconv(decoder->iconv, &in, &len, &to, &room);
		int trouble = done == (size_t)-1 ? errno : 0;

		ward_buf_add(out, text, (size_t)(to - text));
		if (trouble == EINVAL && len < REST_MAX)
			return len;
		if (trouble && trouble != E2BIG) {
			ward_buf_str(out, WARD_STR("\xef\xbf\xbd"));
			in++;
			len--;
		}
	}
	return 0;
}

/* The rest of the last piece, made longer byte by byte until it is a character or none. */
static void finish_rest(struct ward_decoder *decoder, ward_bytes *piece, struct ward_buf *out)
{
	while (decoder->rest_len > 0 && piece->len > 0) {
		uint8_t bytes[REST_MAX + 1];
		size_t len = decoder->rest_len + 1, left;

		memcpy(bytes, decoder->rest, decoder->rest_len);
		bytes[decoder->rest_len] = *piece->ptr;
		piece->ptr++;
		piece->len--;
		left = convert(decoder, bytes, len, out);
		memcpy(decoder->rest, bytes + len - left, left);
		decoder->rest_len = left;
	}
}

void ward_decoder_feed(struct ward_decoder *decoder, ward_bytes piece, struct ward_buf *out)
{
	size_t left;

	if (decoder->iconv == (iconv_t)-1) {
		ward_buf_add(out, piece.ptr, piece.len);
		return;
	}
	finish_rest(decoder, &piece, out);
	if (piece.len == 0)
		return;
	left = convert(decoder, piece.ptr, piece.len, out);
	memcpy(decoder->rest, piece.ptr + piece.len - left, left);
	decoder->rest_len = left;
}

void ward_decoder_end(struct ward_decoder *decoder, struct ward_buf *out)
{
	char text[64], *to = text;
	size_t room = sizeof(text);

	/* Of Vietnamese and Hebrew the last letter is held back, as a mark may follow it. */
	if (decoder->iconv != (iconv_t)-1) {
		iconv(decoder->iconv, NULL, NULL, &to, &room);
		ward_buf_add(out, text, (size_t)(to - text));
	}
	if (decoder->rest_len > 0)
		ward_buf_str(out, WARD_STR("\xef\xbf\xbd"));
	decoder->rest_len = 0;
}
