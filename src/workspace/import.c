/*
 * Sources in, one new version of a list out.  The version becomes visible in
 * one step at the end (bank.h); the quarantine file is durable before it, so
 * that what a version lacks is always told somewhere.
 */
#include "workspace/workspace.h"

#include <inttypes.h>

#include "exchange/schemes.h"
#include "workspace/latest.h"
#include "workspace/quarantine.h"

/* How many records pass between two looks at the progress. */
enum { PROGRESS_EVERY = 1024 };

struct importing {
	const struct workspace_import *import;
	struct workspace_imported result;
	struct ward_list_writer *writer;
	struct quarantine quarantine;
	struct latest latest; /* of a source that keys its records */
	struct {
		char text[256];
		size_t len;
		bool unknown;
	} labels;             /* the last labels looked at: mostly the next record's, too */
	size_t source;        /* which is being read */
	uint64_t first;       /* the number of its first record */
	uint64_t bytes_done;  /* of the sources before it */
	uint64_t bytes_total; /* 0: unknown */
};

/* ---- what is no fingerprint of anything ---- */

static bool is_zero(const ward_signal *signal)
{
	size_t size = ward_signal_size(signal->kind);
	uint8_t any = 0;

	for (size_t i = 0; i < size; i++)
		any |= signal->bytes[i];
	return any == 0;
}

/* The digest of no bytes: on a list of known-bad files it would make every empty file one. */
static bool is_of_nothing(const ward_signal *signal)
{
	static const struct {
		ward_signal_kind kind;
		const char *text;
	} nothing[] = {
		{ WARD_SIGNAL_MD5, "d41d8cd98f00b204e9800998ecf8427e" },
		{ WARD_SIGNAL_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
		{ WARD_SIGNAL_SHA256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852"
				      "b855" },
	};

	for (size_t i = 0; i < sizeof(nothing) / sizeof(*nothing); i++) {
		char text[WARD_SIGNAL_TEXT_MAX];

		if (signal->kind == nothing[i].kind)
			return strcmp(ward_signal_format(signal, text), nothing[i].text) == 0;
	}
	return false;
}

static const char *why_degenerate(const struct workspace_import *import, const ward_signal *signal)
{
	if (is_zero(signal))
		return "all zero: this is what a tool writes that failed";
	if (signal->kind == WARD_SIGNAL_PDQ && ward_pdq_is_degenerate(ward_pdq_from_signal(signal)))
		return "far from 128 ones: no picture has such a hash";
	if (import->info.sense == WARD_SENSE_DENY && is_of_nothing(signal))
		return "the digest of the empty file";
	return NULL;
}

/* ---- labels that no scheme knows: kept, and told ---- */

/* A scheme that the list calls its own may be anybody's. */
static bool is_unknown(const struct importing *importing, ward_str label)
{
	const char *own = importing->import->info.scheme;
	enum scheme_answer answer = scheme_check(label);
	ward_str scheme = ward_str_cut(&label, ':');

	return answer == SCHEME_NOT_ITS ||
	       (answer == SCHEME_UNKNOWN && !ward_str_eq(scheme, ward_str_from(own)));
}

static bool any_unknown(struct importing *importing, ward_str labels)
{
	ward_str last = { importing->labels.text, importing->labels.len }, rest = labels;
	bool unknown = false;

	if (ward_str_eq(labels, last))
		return importing->labels.unknown;
	while (rest.len > 0 && !unknown)
		unknown = is_unknown(importing, ward_str_cut(&rest, ' '));
	if (labels.len > 0 && labels.len <= sizeof(importing->labels.text)) {
		memcpy(importing->labels.text, labels.ptr, labels.len);
		importing->labels.len = labels.len;
		importing->labels.unknown = unknown;
	}
	return unknown;
}

/* ---- records ---- */

/* What is told of records that the list took. */
static void count_added(struct importing *importing, const struct exchange_record *told)
{
	struct workspace_imported *result = &importing->result;
	const struct ward_record *record = &told->record;

	result->added++;
	result->guessed += told->guessed;
	for (size_t i = 0; i < record->signal_count; i++)
		result->signals[record->signals[i].kind]++;
	result->vpdq += record->frames != NULL;
	result->tmk += record->tmk != NULL;
	if (any_unknown(importing, record->labels) && result->unknown_labels++ == 0)
		result->unknown_label_first = record->number;
}

static ward_err remove_listed(struct importing *importing, ward_str ref, uint64_t *count,
		struct ward_error *error)
{
	uint64_t removed = 0;
	ward_err err = importing->import->delta ? ward_list_writer_remove_ref(importing->writer,
								  ref, &removed, error)
						: WARD_OK;

	*count += err ? 0 : removed;
	return err;
}

/* A record of what is listed already, or was told of before in this import, takes its place. */
static ward_err supersede(struct importing *importing, const struct exchange_record *told,
		struct ward_error *error)
{
	uint64_t before = 0;
	bool had = false;
	ward_err err;

	if (!told->keyed || told->record.ref.len == 0)
		return WARD_OK;
	err = latest_put(&importing->latest, told->record.ref, told->record.number, &had, &before,
			error);
	if (err)
		return err;
	if (!had)
		return remove_listed(importing, told->record.ref, &importing->result.replaced,
				error);
	importing->result.replaced++;
	return ward_list_writer_drop(importing->writer, before, error);
}

/* What was listed under a ref goes out of the list it is added to, and out of this import. */
static ward_err take_back(struct importing *importing, ward_str ref, struct ward_error *error)
{
	uint64_t before = 0;
	bool had = false;
	ward_err err;

	if (ref.len == 0)
		return WARD_OK;
	err = remove_listed(importing, ref, &importing->result.removed, error);
	if (!err)
		err = latest_take(&importing->latest, ref, &had, &before, error);
	if (err || !had)
		return err;
	importing->result.removed++;
	return ward_list_writer_drop(importing->writer, before, error);
}

static ward_err put_aside(struct importing *importing, const struct exchange_record *record,
		const ward_signal *signal, struct ward_error *error)
{
	if (importing->import->bad)
		importing->import->bad(importing->import->context, importing->source, record);
	return quarantine_add(&importing->quarantine, importing->source, record, signal, error);
}

/* Takes out of a good record what says nothing. */
static ward_err sift(struct importing *importing, struct exchange_record *told,
		struct ward_error *error)
{
	struct ward_record *record = &told->record;
	uint8_t quality = record->quality;
	size_t kept = 0;
	ward_err err = WARD_OK;

	for (size_t i = 0; i < record->signal_count && !err; i++) {
		const ward_signal signal = record->signals[i];

		told->bad = why_degenerate(importing->import, &signal);
		if (told->bad) {
			importing->result.degenerate++;
		} else if (signal.kind == WARD_SIGNAL_PDQ && quality < WARD_PDQ_QUALITY_MIN) {
			told->bad = "a hash of quality below 50 says too little";
			importing->result.low_quality++;
		}
		if (told->bad)
			err = put_aside(importing, told, &signal, error);
		else
			record->signals[kept++] = signal;
	}
	told->bad = NULL;
	record->signal_count = kept;
	return err;
}

/* A video of which no frame says anything would never be found by its frames. */
static ward_err sift_video(struct importing *importing, struct exchange_record *told,
		struct ward_error *error)
{
	const struct ward_vpdq *frames = told->record.frames;
	bool good = false;
	ward_err err;

	for (size_t i = 0; frames && i < frames->count && !good; i++)
		good = frames->frames[i].quality >= WARD_PDQ_QUALITY_MIN &&
		       !ward_pdq_is_degenerate(frames->frames[i].hash);
	if (!frames || good)
		return WARD_OK;
	importing->result.low_quality++;
	told->record.frames = NULL;
	told->bad = "no frame of the video says enough";
	err = put_aside(importing, told, NULL, error);
	told->bad = NULL;
	return err;
}

static bool has_label(ward_str labels, ward_str wanted)
{
	while (labels.len > 0) {
		if (ward_str_eq(ward_str_cut(&labels, ' '), wanted))
			return true;
	}
	return false;
}

static bool is_wanted(const struct workspace_import *import, ward_str labels)
{
	for (size_t i = 0; i < import->only_count; i++) {
		if (has_label(labels, import->only[i]))
			return true;
	}
	return import->only_count == 0;
}

static bool is_harmless(const struct workspace_import *import, ward_str labels)
{
	bool harmless = false;

	if (import->only_count > 0 || import->info.sense != WARD_SENSE_DENY)
		return false;
	while (labels.len > 0 && !harmless)
		harmless = scheme_harmless(ward_str_cut(&labels, ' '));
	return harmless;
}

/*
 * Whether the record belongs on the list.  One that was listed, and is no longer
 * what is wanted of its source, goes.
 */
static ward_err choose(struct importing *importing, struct exchange_record *told, bool *chosen,
		struct ward_error *error)
{
	const struct workspace_import *import = importing->import;
	ward_err err = WARD_OK;

	*chosen = true;
	if (is_harmless(import, told->record.labels)) {
		*chosen = false;
		importing->result.harmless++;
		told->bad = "its source calls it harmless";
		told->record.signal_count = 0;
		err = put_aside(importing, told, NULL, error);
	} else if (!is_wanted(import, told->record.labels)) {
		*chosen = false;
		importing->result.passed_over++;
	}
	if (!err && !*chosen && told->keyed)
		err = take_back(importing, told->record.ref, error);
	return err;
}

/* A record that the list cannot hold (labels as long as a book) is bad like any other. */
static ward_err add_record(struct importing *importing, struct exchange_record *told,
		struct ward_error *error)
{
	struct ward_error why;
	ward_err err = ward_list_writer_add(importing->writer, &told->record, &why);

	if (!err) {
		count_added(importing, told);
		return supersede(importing, told, error);
	}
	if (err != WARD_E_ARGUMENT && err != WARD_E_LIMIT)
		return ward_fail(error, err, "%s", why.message);
	importing->result.bad++;
	told->bad = why.message;
	err = put_aside(importing, told,
			told->record.signal_count ? &told->record.signals[0] : NULL, error);
	told->bad = NULL; /* its words end here */
	return err;
}

static ward_err take_record(struct importing *importing, struct exchange_record *record,
		struct ward_error *error)
{
	bool chosen;
	ward_err err;

	record->record.number = importing->first + importing->result.records++;
	if (record->removed) {
		importing->result.tombstones++;
		return take_back(importing, record->record.ref, error);
	}
	if (record->bad) {
		importing->result.bad++;
		return put_aside(importing, record, NULL, error);
	}
	err = choose(importing, record, &chosen, error);
	if (err || !chosen)
		return err;
	if (record->partly) {
		importing->result.partly++;
		record->bad = record->partly;
		err = put_aside(importing, record, NULL, error);
		record->bad = NULL;
		if (err)
			return err;
	}
	if (!importing->import->keep_degenerate)
		err = sift(importing, record, error);
	if (!err && !importing->import->keep_degenerate)
		err = sift_video(importing, record, error);
	if (err || (record->record.signal_count == 0 && !record->record.frames &&
				   !record->record.tmk))
		return err;
	return add_record(importing, record, error);
}

/* ---- sources ---- */

static ward_err open_source(const struct importing *importing,
		const struct workspace_source *source, struct exchange_reader **reader,
		struct ward_error *error)
{
	struct exchange_read_options options = importing->import->read;

	if (!options.scheme)
		options.scheme = importing->import->info.scheme;
	return source->fd >= 0 ? exchange_reader_open(source->fd, &options, reader, error)
			       : exchange_reader_from(source->read, source->context, &options,
						 reader, error);
}

static void tell_progress(const struct importing *importing, const struct exchange_reader *reader)
{
	const struct workspace_import *import = importing->import;

	if (import->progress)
		import->progress(import->context,
				importing->bytes_done + exchange_reader_at(reader),
				importing->bytes_total);
}

static ward_err say_where(const struct workspace_source *source, ward_err err,
		const struct ward_error *why, struct ward_error *error)
{
	return ward_fail(error, err, "%s%s%s", source->name ? source->name : "",
			source->name ? ": " : "", why->message);
}

/* A file of one video has no id in it: its name is one, without folders and ending. */
static void name_after_file(const struct workspace_source *source, enum exchange_format format,
		struct exchange_record *told, char name[256])
{
	const char *last = source->name ? strrchr(source->name, '/') : NULL;
	const char *ending;
	int len;

	if ((format != EXCHANGE_VPDQ && format != EXCHANGE_TMK) || told->record.ref.len > 0 ||
			!source->name)
		return;
	last = last ? last + 1 : source->name;
	ending = strrchr(last, '.');
	len = snprintf(name, 256, "%.*s", ending && ending > last ? (int)(ending - last) : 255,
			last);
	if (len > 0 && len < 256 && strcmp(name, "-") != 0)
		told->record.ref = ward_str_from(name);
}

static ward_err read_source(struct importing *importing, const struct workspace_source *source,
		struct ward_error *error)
{
	struct exchange_reader *reader;
	struct exchange_record record;
	bool more = true;
	char name[256];
	struct ward_error why = { 0 };
	ward_err err = open_source(importing, source, &reader, &why);

	if (err)
		return say_where(source, err, &why, error);
	for (uint64_t count = 0; !err; count++) {
		err = exchange_reader_next(reader, &record, &more, &why);
		if (err)
			err = say_where(source, err, &why, error);
		if (err || !more)
			break;
		name_after_file(source, exchange_reader_format(reader), &record, name);
		err = take_record(importing, &record, error);
		if (count % PROGRESS_EVERY == 0)
			tell_progress(importing, reader);
	}
	tell_progress(importing, reader);
	importing->result.format = exchange_reader_format(reader);
	importing->bytes_done += exchange_reader_at(reader);
	exchange_reader_free(reader);
	return err;
}

/* A delta goes on where the list's numbers end; a new version begins at 0. */
static ward_err open_writer(struct importing *importing, const char *folder,
		struct ward_error *error)
{
	const struct workspace_import *import = importing->import;
	ward_err err = import->delta ? ward_list_change(folder, &importing->writer, error)
				     : ward_list_create(folder, &import->info, &importing->writer,
						       error);

	if (!err && import->delta)
		importing->first = ward_list_writer_next(importing->writer);
	if (!err && import->compiling)
		ward_list_writer_on_progress(importing->writer, import->compiling, import->context);
	return err;
}

/* How many entries the list has that is to be replaced; 0 when there is none, or a broken one. */
static uint64_t entries_there(const char *folder)
{
	struct ward_error ignored;
	struct ward_list *list;
	uint64_t entries = 0;

	if (ward_list_open(folder, &list, &ignored) == WARD_OK) {
		entries = ward_list_entries(list);
		ward_list_free(list);
	}
	return entries;
}

/* A file of the wrong format, or of a broken download, must not make a good list an empty one. */
static ward_err check_any(const struct importing *importing, const char *folder,
		struct ward_error *error)
{
	const struct workspace_import *import = importing->import;
	const struct workspace_imported *result = &importing->result;
	uint64_t left = result->added - (import->delta ? 0 : result->removed + result->replaced);

	uint64_t others = result->tombstones + result->passed_over + result->harmless;
	bool nothing_bad = result->records == others || result->added > 0;

	if (!import->delta && !import->allow_empty && left == 0 && nothing_bad &&
			entries_there(folder) > 0)
		return ward_fail(error, WARD_E_FORMAT,
				"there is no record to put in the place of the list's %" PRIu64
				", so nothing was imported; %s says that it is meant",
				entries_there(folder),
				import->allow_empty_called ? import->allow_empty_called
							   : "allow_empty");
	if (nothing_bad)
		return WARD_OK;
	return ward_fail(error, WARD_E_FORMAT,
			"none of %" PRIu64
			" records could be used, so nothing was imported; is the "
			"format right? (%s was read)",
			result->records, exchange_format_name(result->format));
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

ward_err workspace_import(const struct workspace *workspace, const struct workspace_import *import,
		const struct workspace_source *sources, size_t count,
		struct workspace_imported *result, struct ward_error *error)
{
	struct importing importing = { .import = import, .bytes_total = total_of(sources, count) };
	char folder[4096], aside[4096];
	ward_err err = workspace_list_folder(workspace, ward_str_from(import->info.name), folder,
			sizeof(folder), error);

	if (err)
		return err;
	snprintf(aside, sizeof(aside), "%s/quarantine", workspace_folder(workspace));
	quarantine_begin(&importing.quarantine, aside, import->info.name);
	err = open_writer(&importing, folder, error);
	for (size_t i = 0; i < count && !err; i++) {
		importing.source = i;
		err = read_source(&importing, &sources[i], error);
	}
	if (!err)
		err = check_any(&importing, folder, error);
	if (!err)
		err = quarantine_finish(&importing.quarantine, error);
	if (!err)
		err = ward_list_writer_commit(importing.writer, error);
	ward_list_writer_free(importing.writer);
	latest_free(&importing.latest);
	if (!err) {
		*result = importing.result;
		memcpy(result->quarantine, importing.quarantine.path, sizeof(result->quarantine));
	}
	quarantine_end(&importing.quarantine, !err);
	return err;
}
