#include "decode/document_job.h"

#include <gmime/gmime.h>

#include "media/identify_mail.h"

void document_prepare(void)
{
	(void)setenv("TZ", "UTC0", 1);
	tzset();
	document_sets_load();
	g_mime_init();
}

ward_str document_base_name(ward_str name)
{
	for (size_t i = name.len; i > 0; i--) {
		if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\')
			return (ward_str){ name.ptr + i, name.len - i };
	}
	return name;
}

ward_err document_part(struct document *document, ward_str name, bool encrypted)
{
	uint32_t parts_max = document->options->limits.parts_max;

	if (document->parts >= parts_max)
		return ward_fail(document->error, WARD_E_LIMIT,
				"the %s has more members than the limit of %u", document->what,
				parts_max);
	document->parts++;
	return document->sink->part(document->sink->context, name, encrypted);
}

ward_err document_data(struct document *document, ward_bytes bytes)
{
	uint64_t bytes_max = document->options->limits.bytes_max;

	if (bytes.len > bytes_max - document->bytes)
		return ward_fail(document->error, WARD_E_LIMIT,
				"the %s unpacks to more than the limit of %llu bytes, in member %u",
				document->what, (unsigned long long)bytes_max, document->parts);
	document->bytes += bytes.len;
	return bytes.len > 0 ? document->sink->data(document->sink->context, bytes) : WARD_OK;
}

void document_trouble(struct document *document, ward_err code, const char *sentence)
{
	if (!document->trouble)
		document->trouble = ward_fail(document->error, code, "%s", sentence);
}

static ward_err (*const readers[WARD_MEDIA_KIND_COUNT])(struct document *) = {
	[WARD_MEDIA_MBOX] = document_mbox,
	[WARD_MEDIA_PDF] = document_pdf,
	[WARD_MEDIA_OLE] = document_ole,
	[WARD_MEDIA_THUMBCACHE] = document_thumbcache,
	[WARD_MEDIA_SQLITE] = document_sqlite,
	[WARD_MEDIA_DS_STORE] = document_ds_store,
	[WARD_MEDIA_RTF] = document_rtf,
	[WARD_MEDIA_PST] = document_pst,
};

ward_err document_read(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, const struct decode_sink *sink,
		struct ward_error *error)
{
	struct ward_error unheard = { 0 };
	struct document document = {
		.file = file,
		.options = options,
		.sink = sink,
		.what = ward_media_name(kind),
		.error = error ? error : &unheard,
	};
	ward_err err;

	if (kind == WARD_MEDIA_MAIL)
		err = document_mail(&document, identify_mail_message(file), WARD_STR(""));
	else if ((unsigned)kind < WARD_MEDIA_KIND_COUNT && readers[kind])
		err = readers[kind](&document);
	else
		err = ward_fail(document.error, WARD_E_UNSUPPORTED, "%s is no document",
				ward_media_name(kind));
	return err ? err : document.trouble;
}
