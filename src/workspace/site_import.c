#include "workspace/site_import.h"

#include <inttypes.h>
#include <string.h>

#include "workspace/quarantine.h"

enum { PROGRESS_EVERY = 1024, EXCEPTIONS_MAX = 64 << 20 };

struct importing {
	const struct workspace_site_import *import;
	struct workspace_site_imported result;
	struct ward_site_writer *writer;
	struct ward_site_info info;
	struct quarantine quarantine;
	struct ward_buf exceptions; /* entries, one a line: they count when all is added */
	size_t source;
	uint64_t bytes_done, bytes_total;
};

/* ---- records ---- */

static ward_err put_aside(struct importing *importing, const struct exchange_site_record *record,
		struct ward_error *error)
{
	struct quarantine_line line = { .source = importing->source,
		.record = record->number,
		.line = record->line,
		.reason = record->bad,
		.raw = { (const uint8_t *)"", 0 } };

	/* What is on a hidden list is told to nobody: its line in the source says where to look. */
	if (!importing->info.hidden)
		line.raw = record->raw;

	if (importing->import->bad)
		importing->import->bad(importing->import->context, importing->source, record);
	return quarantine_add_line(&importing->quarantine, &line, error);
}

static ward_err leave_out(struct importing *importing, struct exchange_site_record *record,
		struct ward_error *error)
{
	if (record->unsupported)
		importing->result.unsupported++;
	else
		importing->result.bad++;
	return put_aside(importing, record, error);
}

/* What the list cannot hold (a key as long as a book) is bad like any other. */
static ward_err judge(struct importing *importing, struct exchange_site_record *record,
		ward_err err, const struct ward_error *why, struct ward_error *error)
{
	if (err != WARD_E_ARGUMENT && err != WARD_E_LIMIT && err != WARD_E_FORMAT &&
			err != WARD_E_UNSUPPORTED)
		return ward_fail(error, err, "%s", why->message);
	record->bad = why->message;
	err = leave_out(importing, record, error);
	record->bad = NULL; /* its words end here */
	return err;
}

static ward_err take_record(struct importing *importing, struct exchange_site_record *record,
		struct ward_error *error)
{
	struct workspace_site_imported *result = &importing->result;
	struct ward_error why = { 0 };
	bool removed = false;
	ward_err err;

	result->records++;
	if (record->bad)
		return leave_out(importing, record, error);
	if (record->op == EXCHANGE_SITE_EXCEPT) {
		ward_site_entry_write(&record->entry, &importing->exceptions);
		ward_buf_char(&importing->exceptions, '\n');
		return WARD_OK;
	}
	err = record->op == EXCHANGE_SITE_REMOVE
			      ? ward_site_writer_remove(importing->writer, &record->entry, &removed,
						&why)
			      : ward_site_writer_add(importing->writer, &record->entry, &why);
	if (err)
		return judge(importing, record, err, &why, error);
	result->removed += removed;
	result->added += record->op == EXCHANGE_SITE_ADD;
	result->widened += record->widened;
	result->walled += record->walled;
	return WARD_OK;
}

/* An exception takes the very same entry out.  Another is the business of an allowing list. */
static ward_err take_exceptions(struct importing *importing, struct ward_error *error)
{
	ward_str rest = ward_buf_text(&importing->exceptions);
	struct ward_buf memory;
	ward_err err = WARD_OK;

	if (importing->exceptions.failed)
		return ward_fail(error, WARD_E_NOMEM, "the source makes too many exceptions");
	ward_buf_init(&memory, (size_t)4 << 20);
	while (!err && rest.len > 0) {
		ward_str line = ward_str_cut(&rest, '\n');
		struct exchange_site_record record = { .raw = { (const uint8_t *)line.ptr,
								       line.len } };
		bool removed = false;

		err = ward_site_entry_read(line, WARD_SITE_BARE_DOMAIN, &memory, &record.entry,
				error);
		if (!err)
			err = ward_site_writer_remove(importing->writer, &record.entry, &removed,
					error);
		if (!err && removed) {
			importing->result.excepted++;
		} else if (!err) {
			importing->result.exceptions++;
			record.bad = "an exception: it belongs on an allowing list";
			err = put_aside(importing, &record, error);
		}
	}
	ward_buf_free(&memory);
	return err;
}

/* ---- sources ---- */

static ward_err say_where(const struct workspace_source *source, ward_err err,
		const struct ward_error *why, struct ward_error *error)
{
	return ward_fail(error, err, "%s%s%s", source->name ? source->name : "",
			source->name ? ": " : "", why->message);
}

static void tell_progress(const struct importing *importing,
		const struct exchange_site_reader *reader)
{
	const struct workspace_site_import *import = importing->import;

	if (import->progress)
		import->progress(import->context,
				importing->bytes_done + exchange_site_reader_at(reader),
				importing->bytes_total);
}

/* Hashes mean nothing without their salt, and a list has one salt. */
static ward_err check_salt(const struct importing *importing,
		const struct exchange_site_reader *reader, struct ward_error *error)
{
	uint8_t salt[32];
	size_t len = exchange_site_reader_salt(reader, salt);

	if (len == 0 || (len == importing->info.salt_len &&
					memcmp(salt, importing->info.salt, len) == 0))
		return WARD_OK;
	return ward_fail(error, WARD_E_CONFLICT,
			"the hashes have another salt than the list: give it with --salt");
}

static ward_err read_source(struct importing *importing, const struct workspace_source *source,
		struct ward_error *error)
{
	const struct exchange_site_options *options = &importing->import->read;
	struct exchange_site_reader *reader;
	struct exchange_site_record record;
	struct ward_error why = { 0 };
	bool more = true;
	ward_err err = source->fd >= 0 ? exchange_site_reader_open(source->fd, options, &reader,
							 &why)
				       : exchange_site_reader_from(source->read, source->context,
							 options, &reader, &why);

	if (err)
		return say_where(source, err, &why, error);
	for (uint64_t count = 0; !err; count++) {
		err = exchange_site_reader_next(reader, &record, &more, &why);
		if (err)
			err = say_where(source, err, &why, error);
		if (err || !more)
			break;
		err = take_record(importing, &record, error);
		if (count % PROGRESS_EVERY == 0)
			tell_progress(importing, reader);
	}
	tell_progress(importing, reader);
	if (!err)
		err = check_salt(importing, reader, error);
	importing->result.format = exchange_site_reader_format(reader);
	importing->bytes_done += exchange_site_reader_at(reader);
	exchange_site_reader_free(reader);
	return err;
}

/* ---- the list ---- */

static uint64_t entries_of(const char *folder)
{
	struct ward_error ignored;
	struct ward_site_list *list;
	uint64_t entries = 0;

	if (ward_site_list_open(folder, &list, &ignored) == WARD_OK) {
		entries = ward_site_list_entries(list);
		ward_site_list_free(list);
	}
	return entries;
}

static ward_err check_outcome(const struct importing *importing, struct ward_error *error)
{
	const struct workspace_site_import *import = importing->import;
	const struct workspace_site_imported *result = &importing->result;
	uint64_t left = result->added -
			(result->excepted < result->added ? result->excepted : result->added);

	if (result->records > 0 && result->bad == result->records)
		return ward_fail(error, WARD_E_FORMAT,
				"none of %" PRIu64
				" records could be used, so nothing was imported; is the "
				"format right? (%s was read)",
				result->records, exchange_site_format_name(result->format));
	if (import->delta || result->before == 0)
		return WARD_OK;
	if (left == 0 && !import->allow_empty)
		return ward_fail(error, WARD_E_FORMAT,
				"there is no entry to put in the place of the list's %" PRIu64
				", so nothing was imported; --allow-empty says that it is meant",
				result->before);
	if (left > 0 && !import->force &&
			(double)left < (double)result->before * (100 - import->shrink_max) / 100.0)
		return ward_fail(error, WARD_E_FORMAT,
				"the list would shrink from %" PRIu64 " entries to %" PRIu64
				", by more than %u %%, so nothing was imported; --force says that "
				"it is meant",
				result->before, left, import->shrink_max);
	return WARD_OK;
}

static uint64_t total_of(const struct workspace_source *sources, size_t count)
{
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++) {
		if (sources[i].size == 0 || ckd_add(&total, total, sources[i].size))
			return 0;
	}
	return total;
}

static ward_err import_all(struct importing *importing, const struct workspace_source *sources,
		size_t count, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < count && !err; i++) {
		importing->source = i;
		err = read_source(importing, &sources[i], error);
	}
	if (!err)
		err = take_exceptions(importing, error);
	if (!err)
		err = check_outcome(importing, error);
	if (!err && !importing->import->dry_run)
		err = quarantine_finish(&importing->quarantine, error);
	if (err || importing->import->dry_run) {
		ward_site_writer_cancel(importing->writer);
		return err;
	}
	return ward_site_writer_commit(importing->writer, error);
}

ward_err workspace_site_import(const struct workspace *workspace,
		const struct workspace_site_import *import, const struct workspace_source *sources,
		size_t count, struct workspace_site_imported *result, struct ward_error *error)
{
	struct importing importing = { .import = import,
		.info = import->info,
		.bytes_total = total_of(sources, count) };
	char folder[4096], aside[4096];
	ward_err err = workspace_site_folder(workspace, ward_str_from(import->info.name), folder,
			sizeof(folder), error);

	if (err)
		return err;
	importing.result.before = entries_of(folder);
	err = import->delta ? ward_site_change(folder, &import->info, &importing.writer, error)
			    : ward_site_create(folder, &import->info, &importing.writer, error);
	if (err)
		return err;
	snprintf(aside, sizeof(aside), "%s/quarantine", workspace_folder(workspace));
	quarantine_begin(&importing.quarantine, aside, import->info.name);
	ward_buf_init(&importing.exceptions, EXCEPTIONS_MAX);
	err = import_all(&importing, sources, count, error);
	ward_buf_free(&importing.exceptions);
	if (!err) {
		*result = importing.result;
		result->after = import->dry_run ? result->added : entries_of(folder);
		if (!import->dry_run)
			memcpy(result->quarantine, importing.quarantine.path,
					sizeof(result->quarantine));
	}
	quarantine_end(&importing.quarantine, !err && !import->dry_run);
	return err;
}
