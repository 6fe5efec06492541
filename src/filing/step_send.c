/* What is sent: the report, a file's bytes, a file's details. */
#include "filing/step.h"

#include <ward/hash.h>

#include <inttypes.h>

/* Larger than any document that passes the rules and the draft's own bound. */
enum { DOCUMENT_MAX = 64 << 20 };

static ward_err write_document(struct step *step, const struct filing_node *root,
		ward_str *document, struct ward_error *error)
{
	struct ward_buf xml;

	ward_buf_init(&xml, DOCUMENT_MAX);
	filing_write(root, &xml);
	*document = ward_arena_str(step->arena, ward_buf_text(&xml));
	bool failed = xml.failed || !document->ptr;

	ward_buf_free(&xml);
	return failed ? ward_fail(error, WARD_E_LIMIT, "the report is too large") : WARD_OK;
}

static ward_err check(struct step *step, const struct filing_draft *draft,
		const struct filing_check *options, struct ward_error *error)
{
	struct filing_findings findings = { .arena = step->arena };

	filing_check_draft(draft, options, &findings);
	if (filing_sound(&findings))
		return WARD_OK;
	for (const struct filing_finding *each = findings.first; each; each = each->next) {
		if (each->severity == FILING_ERROR)
			return ward_fail(error, WARD_E_FORMAT, "%.120s: %.100s", each->path,
					each->says);
	}
	return ward_fail(error, WARD_E_NOMEM, "the report could not be checked");
}

ward_err send_report(struct step *step, ward_str *document, struct ward_error *error)
{
	struct filing_check options = { step->now, false, 0 };
	ward_err err = check(step, &step->draft, &options, error);

	return err ? err : write_document(step, step->draft.report, document, error);
}

/* ---- details ---- */

static ward_err set(struct step *step, struct filing_node *details, const char *name, ward_str text,
		struct ward_error *error)
{
	filing_remove(details, name);
	return filing_add_text(step->arena, details, name, text, error);
}

static ward_str word(bool yes)
{
	return yes ? WARD_STR("true") : WARD_STR("false");
}

ward_err send_details(struct step *step, ward_str *document, struct ward_error *error)
{
	struct filing_check options = { step->now, true, (uint64_t)step->row.report };
	struct filing_file *file = step->draft.files;
	char number[24];

	while (file && file->index != (unsigned)step->file.number)
		file = file->next;
	if (!file)
		return ward_fail(error, WARD_E_CORRUPT, "the draft has no such file");
	snprintf(number, sizeof(number), "%" PRId64, step->row.report);
	ward_err err = set(step, file->details, "reportId", ward_str_from(number), error);

	if (!err)
		err = set(step, file->details, "fileId", step->file.file, error);
	if (!err)
		err = set(step, file->details, "fileViewedByEsp", word(step->file.viewed), error);
	if (!err)
		err = set(step, file->details, "exifViewedByEsp",
				word(step->file.viewed && step->file.exif_viewed), error);
	if (err)
		return err;
	/* This file alone: the others have no ids yet. */
	struct filing_file one = *file;
	struct filing_draft draft = { step->draft.report, &one, step->draft.file_count };

	one.next = NULL;
	err = check(step, &draft, &options, error);
	return err ? err : write_document(step, file->details, document, error);
}

/* ---- items ---- */

ward_err send_probe(struct step *step, struct ward_error *error)
{
	const struct filing_source *source = &step->filing->options.source;
	ward_err err = WARD_OK;

	for (const struct filing_file *file = step->draft.files; file && !err; file = file->next) {
		void *stream = NULL;

		if (step->has_file && file->index != (unsigned)step->file.number)
			continue;
		err = source->open(source->context, file->item, &stream, error);
		if (!err)
			source->close(stream);
	}
	return err;
}

struct sending {
	const struct filing_source *source;
	struct ward_digester *digester;
	void *stream;
};

ward_err sending_open(struct step *step, struct sending **sending, struct ward_error *error)
{
	const struct filing_source *source = &step->filing->options.source;
	struct sending *made = ward_new(step->arena, struct sending, 1);

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->source = source;
	made->digester = ward_digester_new();
	if (!made->digester)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	ward_err err = source->open(source->context, step->file.item, &made->stream, error);

	if (err)
		ward_digester_free(made->digester);
	else
		*sending = made;
	return err;
}

ward_err sending_read(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	struct sending *sending = context;
	ward_err err = sending->source->read(sending->stream, into, room, len, error);

	if (!err)
		ward_digester_update(sending->digester, (ward_bytes){ into, *len });
	return err;
}

void sending_close(struct step *step, struct sending *sending)
{
	struct ward_digests digests;
	char md5[33], sha256[65];

	if (!sending)
		return;
	sending->source->close(sending->stream);
	ward_digester_finish(sending->digester, &digests);
	ward_digester_free(sending->digester);
	ward_hex_format(digests.md5, 16, md5);
	ward_hex_format(digests.sha256, 32, sha256);
	step->md5 = ward_arena_str(step->arena, ward_str_from(md5));
	step->sha256 = ward_arena_str(step->arena, ward_str_from(sha256));
	step->file.size = (int64_t)digests.bytes;
}
