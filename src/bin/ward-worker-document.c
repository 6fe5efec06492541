/*
 * ward-worker-document - the one program that reads documents, in a jail
 *
 * Beside ward-worker because of what it links (docs/decisions/0050-documents.md).
 */
#include "box/worker.h"
#include "decode/document.h"

static ward_err tell_part(void *context, ward_str name, bool encrypted)
{
	return worker_part(context, name, encrypted);
}

static ward_err tell_data(void *context, ward_bytes bytes)
{
	return worker_data(context, bytes);
}

static ward_err archive(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error)
{
	const struct decode_sink sink = { .context = worker, .part = tell_part, .data = tell_data };

	return document_read(kind, file, options, &sink, error);
}

static ward_err picture(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error)
{
	(void)worker;
	(void)kind;
	(void)file;
	(void)options;
	return ward_fail(error, WARD_E_UNSUPPORTED, "a document is no picture");
}

int main(void)
{
	static const struct worker_calls calls = {
		.prepare = document_prepare,
		.picture = picture,
		.archive = archive,
		.view = picture,
	};

	return worker_main(&calls);
}
