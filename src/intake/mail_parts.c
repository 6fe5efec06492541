/* The only file that sees gmime's headers. */
#include "intake/mail_parts.h"

#include <gmime/gmime.h>
#include <iconv.h>

enum { PARTS = 200, NESTED = 12, PART_BYTES = 64 << 20 };

struct writing {
	uint8_t *out;
	size_t len, room;
	unsigned parts, depth;
	bool failed;
};

static void put(struct writing *writing, const void *bytes, size_t len)
{
	writing->failed = writing->failed || len > writing->room - writing->len;
	if (writing->failed)
		return;
	memcpy(writing->out + writing->len, bytes, len);
	writing->len += len;
}

static void put_length(struct writing *writing, size_t len)
{
	uint8_t bytes[4];

	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(len >> 8 * i);
	put(writing, bytes, sizeof(bytes));
}

static void put_part(struct writing *writing, bool text, const char *type, const void *bytes,
		size_t len)
{
	if (len == 0)
		return;
	/* A part that is left out would be lost unseen: the whole mail is the item then. */
	if (len > PART_BYTES || writing->parts == PARTS) {
		writing->failed = true;
		return;
	}
	writing->parts++;
	put(writing, text ? "T" : "A", 1);
	put_length(writing, strlen(type));
	put_length(writing, len);
	put(writing, type, strlen(type));
	put(writing, bytes, len);
}

/* A text that is shown with the mail is words; one that is attached is a file. */
static bool is_words(GMimeObject *part)
{
	const char *disposition = g_mime_object_get_disposition(part);

	return GMIME_IS_TEXT_PART(part) &&
	       (!disposition || g_ascii_strcasecmp(disposition, "attachment") != 0);
}

static bool write_words(struct writing *writing, GMimeObject *part, const char *type)
{
	char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
	bool good = text && g_utf8_validate(text, -1, NULL);

	if (good)
		put_part(writing, true, type, text, strlen(text));
	g_free(text);
	return good;
}

static void write_file(struct writing *writing, GMimeObject *part, const char *type)
{
	GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
	GMimeStream *stream = g_mime_stream_mem_new();

	if (content && g_mime_data_wrapper_write_to_stream(content, stream) >= 0) {
		GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));

		put_part(writing, false, type, bytes->data, bytes->len);
	}
	g_object_unref(stream);
}

static void write_object(struct writing *writing, GMimeObject *part);

static void write_inside(struct writing *writing, GMimeObject *part)
{
	if (writing->depth == NESTED) {
		writing->failed = true;
		return;
	}
	writing->depth++;
	if (GMIME_IS_MULTIPART(part)) {
		GMimeMultipart *parts = GMIME_MULTIPART(part);

		for (int i = 0; i < g_mime_multipart_get_count(parts); i++)
			write_object(writing, g_mime_multipart_get_part(parts, i));
	} else {
		GMimeMessage *inside = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));

		if (inside)
			write_object(writing, g_mime_message_get_mime_part(inside));
	}
	writing->depth--;
}

static void write_object(struct writing *writing, GMimeObject *part)
{
	if (!part)
		return;
	if (GMIME_IS_MULTIPART(part) || GMIME_IS_MESSAGE_PART(part)) {
		write_inside(writing, part);
		return;
	}
	if (!GMIME_IS_PART(part))
		return;
	char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
	const char *said = type && strlen(type) < 100 ? type : "application/octet-stream";

	/* Words in a character set that is not known are kept as the bytes they are. */
	if (!is_words(part) || !write_words(writing, part, said))
		write_file(writing, part, said);
	g_free(type);
}

/* ---- character sets ---- */

/*
 * What mails are written in.  A conversion is a file that the C library loads;
 * one that is open stays loaded, and the jail has no files.
 */
static const char *const sets[] = { "iso-8859-1", "iso-8859-2", "iso-8859-3", "iso-8859-4",
	"iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-9", "iso-8859-10",
	"iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "windows-1250", "windows-1251",
	"windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256",
	"windows-1257", "windows-1258", "koi8-r", "koi8-u", "gb18030", "gbk", "gb2312", "big5",
	"big5-hkscs", "iso-2022-jp", "shift_jis", "cp932", "euc-jp", "euc-kr", "iso-2022-kr",
	"cp949", "tis-620", "utf-7", "utf-16", "utf-16le", "utf-16be", "utf-32", "macintosh" };

/* Never closed: that is what keeps them loaded. */
static iconv_t kept[sizeof(sets) / sizeof(*sets)];

void mail_parts_prepare(void)
{
	g_mime_init();
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		kept[i] = iconv_open("UTF-8", sets[i]);
}

/* ---- all of it ---- */

bool mail_parts_write(ward_bytes mail, uint8_t *out, size_t room, size_t *len)
{
	struct writing writing = { .out = out, .room = room };
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer((const char *)mail.ptr, mail.len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	if (message)
		write_object(&writing, g_mime_message_get_mime_part(message));
	put(&writing, "E", 1);
	bool good = message && !writing.failed;

	if (message)
		g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
	*len = good ? writing.len : 0;
	return good;
}
