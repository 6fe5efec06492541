/*
 * One message: its tree of parts, leaf by leaf.  gmime reads it where it lies;
 * what a part holds is decoded block by block.
 *
 * The tree is walked to a depth that no mail has that a program wrote:
 * beyond it there is only who wants to see a reader fall.
 */
#include "decode/document_job.h"

#include <gmime/gmime.h>

/* Multiparts and messages within each other; forwarded again and again, a mail may have a dozen. */
#define NESTED_MAX 64

#define BLOCK_BYTES (64 << 10)

/* A winmail.dat is held as a whole. */
#define TNEF_BYTES_MAX ((size_t)1 << 30)

struct mail {
	struct document *document;
	unsigned depth;
	unsigned leaves;        /* of the message at hand */
	struct ward_buf prefix; /* of its parts' names */
	struct ward_buf name;
	uint8_t block[BLOCK_BYTES];
};

/* ---- names ---- */

/* What an unnamed part is called behind its number, so that people see what it may be. */
static const char *extension_of(GMimeObject *part)
{
	static const struct {
		const char *type, *subtype, *extension;
	} known[] = {
		{ "text", "plain", ".txt" },
		{ "text", "html", ".html" },
		{ "text", "calendar", ".ics" },
		{ "image", "jpeg", ".jpg" },
		{ "image", "png", ".png" },
		{ "image", "gif", ".gif" },
		{ "image", "webp", ".webp" },
		{ "application", "pdf", ".pdf" },
		{ "application", "zip", ".zip" },
		{ "video", "mp4", ".mp4" },
	};
	GMimeContentType *type = g_mime_object_get_content_type(part);

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (g_mime_content_type_is_type(type, known[i].type, known[i].subtype))
			return known[i].extension;
	}
	return "";
}

/* As the mail names it, else by its number; behind the prefix. */
static ward_str name_of(struct mail *mail, GMimeObject *part, const char *said)
{
	ward_str name = document_base_name(ward_str_from(said));

	ward_buf_clear(&mail->name);
	ward_buf_str(&mail->name, ward_buf_text(&mail->prefix));
	if (name.len > 0)
		ward_buf_str(&mail->name, name);
	else
		ward_buf_printf(&mail->name, "part %u%s", mail->leaves, extension_of(part));
	return ward_buf_text(&mail->name);
}

/* ---- one leaf ---- */

/* What the part holds, decoded as it is read; NULL when it holds nothing. */
static GMimeStream *open_content(GMimeObject *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
	GMimeStream *stream = content ? g_mime_data_wrapper_get_stream(content) : NULL;

	if (!stream)
		return NULL;
	GMimeContentEncoding encoding = g_mime_data_wrapper_get_encoding(content);
	GMimeStream *decoded = g_mime_stream_filter_new(stream);

	if (encoding == GMIME_CONTENT_ENCODING_BASE64 ||
			encoding == GMIME_CONTENT_ENCODING_UUENCODE ||
			encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE) {
		GMimeFilter *filter = g_mime_filter_basic_new(encoding, FALSE);

		g_mime_stream_filter_add(GMIME_STREAM_FILTER(decoded), filter);
		g_object_unref(filter);
	}
	g_mime_stream_reset(decoded);
	return decoded;
}

static ward_err tell_content(struct mail *mail, GMimeObject *part)
{
	GMimeStream *stream = open_content(part);
	ward_err err = WARD_OK;
	ssize_t got = 1;

	while (stream && !err && got > 0) {
		got = g_mime_stream_read(stream, (char *)mail->block, sizeof(mail->block));
		if (got > 0)
			err = document_data(mail->document,
					(ward_bytes){ mail->block, (size_t)got });
	}
	if (stream)
		g_object_unref(stream);
	return err;
}

/* True, with all of it in `bytes`, when it is what Outlook calls winmail.dat. */
static bool read_tnef(struct mail *mail, GMimeObject *part, struct ward_buf *bytes)
{
	GMimeContentType *type = g_mime_object_get_content_type(part);

	if (!g_mime_content_type_is_type(type, "application", "ms-tnef") &&
			!g_mime_content_type_is_type(type, "application", "vnd.ms-tnef"))
		return false;
	GMimeStream *stream = open_content(part);
	ssize_t got = 1;

	while (stream && got > 0 && !bytes->failed) {
		got = g_mime_stream_read(stream, (char *)mail->block, sizeof(mail->block));
		if (got > 0)
			ward_buf_add(bytes, mail->block, (size_t)got);
	}
	if (stream)
		g_object_unref(stream);
	return !bytes->failed &&
	       document_tnef_is((ward_bytes){ (uint8_t *)bytes->ptr, bytes->len });
}

static ward_err tell_tnef(struct mail *mail, ward_str name, const struct ward_buf *bytes)
{
	struct ward_buf prefix;

	ward_buf_init(&prefix, SIZE_MAX);
	ward_buf_str(&prefix, name);
	ward_buf_char(&prefix, '!');
	ward_err err = document_tnef(mail->document,
			(ward_bytes){ (uint8_t *)bytes->ptr, bytes->len }, ward_buf_text(&prefix));

	ward_buf_free(&prefix);
	return err;
}

/* S/MIME: what is sealed needs a key; what is only signed is wrapped all the same. */
static bool is_smime(GMimeObject *part, bool *encrypted)
{
	GMimeContentType *type = g_mime_object_get_content_type(part);

	if (!g_mime_content_type_is_type(type, "application", "pkcs7-mime") &&
			!g_mime_content_type_is_type(type, "application", "x-pkcs7-mime"))
		return false;
	const char *said = g_mime_content_type_get_parameter(type, "smime-type");

	*encrypted = !said || g_ascii_strcasecmp(said, "signed-data") != 0;
	return true;
}

static ward_err tell_leaf(struct mail *mail, GMimeObject *part)
{
	struct ward_buf bytes;
	bool encrypted = false;

	mail->leaves++;
	ward_str name = name_of(mail, part, g_mime_part_get_filename(GMIME_PART(part)));

	if (is_smime(part, &encrypted) && !encrypted)
		document_trouble(mail->document, WARD_E_UNSUPPORTED,
				"a part of the mail is signed in a way that hides what is in it");
	ward_buf_init(&bytes, TNEF_BYTES_MAX);
	ward_err err;

	if (read_tnef(mail, part, &bytes)) {
		err = tell_tnef(mail, name, &bytes);
	} else {
		err = document_part(mail->document, name, encrypted);
		if (!err && !encrypted)
			err = tell_content(mail, part);
	}
	ward_buf_free(&bytes);
	return err;
}

/* ---- the tree ---- */

static ward_err tell_object(struct mail *mail, GMimeObject *part);

/* A message within this one: its parts are behind its name. */
static ward_err tell_message(struct mail *mail, GMimeObject *part)
{
	GMimeMessage *inside = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
	GMimeContentDisposition *disposition = g_mime_object_get_content_disposition(part);
	const char *said = disposition ? g_mime_content_disposition_get_parameter(disposition,
							 "filename")
				       : NULL;
	size_t before = mail->prefix.len;

	mail->leaves++;
	if (!inside)
		return WARD_OK;
	ward_str name = name_of(mail, part, said);
	unsigned leaves = mail->leaves;

	ward_buf_clear(&mail->prefix);
	ward_buf_str(&mail->prefix, name);
	ward_buf_char(&mail->prefix, '!');
	mail->leaves = 0;
	ward_err err = tell_object(mail, g_mime_message_get_mime_part(inside));

	mail->leaves = leaves;
	mail->prefix.len = before;
	return err;
}

static ward_err tell_multipart(struct mail *mail, GMimeObject *part)
{
	GMimeMultipart *parts = GMIME_MULTIPART(part);
	int count = g_mime_multipart_get_count(parts);
	ward_err err = WARD_OK;

	if (GMIME_IS_MULTIPART_ENCRYPTED(part)) {
		mail->leaves++;
		return document_part(mail->document, name_of(mail, part, "encrypted"), true);
	}
	for (int i = 0; i < count && !err; i++)
		err = tell_object(mail, g_mime_multipart_get_part(parts, i));
	return err;
}

static ward_err tell_object(struct mail *mail, GMimeObject *part)
{
	ward_err err = WARD_OK;

	if (mail->depth == NESTED_MAX) {
		document_trouble(mail->document, WARD_E_LIMIT,
				"parts of the mail lie deeper within each other than 64");
		return WARD_OK;
	}
	mail->depth++;
	if (part && GMIME_IS_MULTIPART(part))
		err = tell_multipart(mail, part);
	else if (part && GMIME_IS_MESSAGE_PART(part))
		err = tell_message(mail, part);
	else if (part && GMIME_IS_PART(part))
		err = tell_leaf(mail, part);
	mail->depth--;
	return err;
}

/* ---- the message ---- */

static ward_err tell_parsed(struct mail *mail, ward_bytes message)
{
	/* Read where it lies; gmime has no word for memory that is not to be written. */
	GByteArray array = { (guint8 *)(uintptr_t)message.ptr, (guint)message.len };
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(&array);
	GMimeParser *parser;
	ward_err err = WARD_OK;

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *parsed = g_mime_parser_construct_message(parser, NULL);

	if (parsed) {
		err = tell_object(mail, g_mime_message_get_mime_part(parsed));
		g_object_unref(parsed);
	} else {
		document_trouble(mail->document, WARD_E_FORMAT, "a message cannot be read");
	}
	g_object_unref(parser);
	g_object_unref(stream);
	return err;
}

ward_err document_mail(struct document *document, ward_bytes message, ward_str prefix)
{
	struct mail *mail = calloc(1, sizeof(*mail));

	if (!mail)
		return ward_fail(document->error, WARD_E_NOMEM, "no memory to read the mail");
	/* The library counts with 32 bits, and some of them have a sign. */
	if (message.len > INT32_MAX) {
		document_trouble(document, WARD_E_LIMIT, "a message is larger than 2 GiB");
		free(mail);
		return WARD_OK;
	}
	mail->document = document;
	ward_buf_init(&mail->prefix, SIZE_MAX);
	ward_buf_init(&mail->name, SIZE_MAX);
	ward_buf_str(&mail->prefix, prefix);
	ward_err err = tell_parsed(mail, message);

	ward_buf_free(&mail->prefix);
	ward_buf_free(&mail->name);
	free(mail);
	return err;
}
