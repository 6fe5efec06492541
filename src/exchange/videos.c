/*
 * Videos: the files that vPDQ's and TMK's own tools write, each of one video and so one record,
 * and the same within records of other formats.
 */
#include "exchange/format.h"

/* A file of vPDQ: a day and a half at ten frames a second. */
#define VPDQ_FILE_MAX ((size_t)128 << 20)

void record_forget_video(struct exchange_reader *reader)
{
	ward_vpdq_free(&reader->frames);
	free(reader->tmk);
	reader->tmk = NULL;
}

bool record_vpdq(struct exchange_reader *reader, struct exchange_record *record, ward_str signal)
{
	ward_vpdq_free(&reader->frames);
	record->record.frames = NULL;
	if (ward_vpdq_read_signal(signal, &reader->frames, NULL))
		return false;
	record->record.frames = &reader->frames;
	return true;
}

static ward_err take_tmk(struct exchange_reader *reader, struct exchange_record *record,
		ward_bytes file, struct ward_error *why)
{
	ward_err err;

	if (!reader->tmk)
		reader->tmk = malloc(sizeof(*reader->tmk));
	if (!reader->tmk)
		return ward_fail(why, WARD_E_NOMEM, "no memory for a TMK feature");
	err = ward_tmk_read(file, reader->tmk, why);
	record->record.tmk = err ? NULL : reader->tmk;
	return err;
}

bool record_tmk(struct exchange_reader *reader, struct exchange_record *record, ward_str base64)
{
	/* Four letters for three bytes, the last ones padded. */
	bool fits = base64.len == (size_t)(WARD_TMK_BYTES + 2) / 3 * 4;
	uint8_t *file = fits ? malloc(WARD_TMK_BYTES) : NULL;
	bool good = file && ward_base64_parse(base64, file, WARD_TMK_BYTES) &&
		    take_tmk(reader, record, (ward_bytes){ file, WARD_TMK_BYTES }, NULL) == WARD_OK;

	free(file);
	return good;
}

/* ---- files ---- */

/* The whole of the input is one record; what is wrong with it is said of it. */
static void say_bad(struct exchange_reader *reader, struct exchange_record *record,
		const struct ward_error *why)
{
	ward_buf_clear(&reader->text);
	ward_buf_str(&reader->text, ward_str_from(why->message));
	ward_buf_char(&reader->text, '\0');
	record->bad = reader->text.failed ? "it cannot be read" : reader->text.ptr;
}

static ward_err tmk_next(struct exchange_reader *reader, struct exchange_record *record, bool *more,
		struct ward_error *error)
{
	struct ward_error why = { 0 };
	ward_bytes seen;
	ward_err err = input_see(&reader->input, WARD_TMK_BYTES + 1, &seen, error);

	*more = !err && seen.len > 0;
	if (!*more)
		return err;
	record->raw = (ward_bytes){ seen.ptr, seen.len < 64 ? seen.len : 64 };
	err = take_tmk(reader, record, seen, &why);
	if (err)
		say_bad(reader, record, &why);
	else
		record_done(reader, record, NULL);
	/* All of it, so that there is no more. */
	for (err = WARD_OK; !err && seen.len > 0;) {
		input_consume(&reader->input, seen.len);
		err = input_see(&reader->input, 1, &seen, error);
	}
	return err;
}

static ward_err read_all(struct exchange_reader *reader, struct ward_buf *all,
		struct ward_error *error)
{
	ward_bytes seen = { NULL, 1 };
	ward_err err = WARD_OK;

	while (!err && seen.len > 0) {
		err = input_see(&reader->input, 1, &seen, error);
		if (!err) {
			ward_buf_str(all, (ward_str){ (const char *)seen.ptr, seen.len });
			input_consume(&reader->input, seen.len);
		}
	}
	return err;
}

static ward_err vpdq_next(struct exchange_reader *reader, struct exchange_record *record,
		bool *more, struct ward_error *error)
{
	struct ward_error why = { 0 };
	struct ward_buf all;
	ward_err err;

	ward_buf_init(&all, VPDQ_FILE_MAX);
	err = read_all(reader, &all, error);
	*more = !err && all.len > 0;
	if (*more) {
		ward_str text = ward_str_trim(ward_buf_text(&all));
		ward_err bad;

		ward_vpdq_free(&reader->frames);
		if (all.failed)
			bad = ward_fail(&why, WARD_E_LIMIT, "a file of vPDQ is at most %zu bytes",
					VPDQ_FILE_MAX);
		else if (ward_str_starts(text, WARD_STR("[")))
			bad = ward_vpdq_read_signal(text, &reader->frames, &why);
		else
			bad = ward_vpdq_read(ward_buf_text(&all), &reader->frames, &why);
		if (bad)
			say_bad(reader, record, &why);
		else
			record->record.frames = &reader->frames;
		record_done(reader, record, record->bad);
	}
	ward_buf_free(&all);
	return err;
}

bool video_is_tmk(ward_str text)
{
	return ward_str_starts(text, WARD_STR("TMK1FVEC"));
}

/* "number,quality,hash,seconds", or an array whose first string is "hash,quality,seconds". */
bool video_is_vpdq(ward_str text)
{
	ward_str line = ward_str_trim(ward_str_cut(&text, '\n'));
	uint64_t number;
	uint8_t quality;
	ward_pdq hash;

	if (ward_str_starts(line, WARD_STR("["))) {
		line = ward_str_trim((ward_str){ line.ptr + 1, line.len - 1 });
		return ward_str_starts(line, WARD_STR("\"")) && line.len > 66 &&
		       ward_pdq_parse((ward_str){ line.ptr + 1, 64 }, &hash) && line.ptr[65] == ',';
	}
	return ward_u64_parse(ward_str_cut(&line, ','), &number) &&
	       record_quality(ward_str_cut(&line, ','), &quality) &&
	       ward_pdq_parse(ward_str_cut(&line, ','), &hash) && line.len > 0;
}

bool video_is_line(ward_str line)
{
	return ward_str_starts(line, WARD_STR("vpdq ["));
}

const struct exchange_reading reading_tmk = { .next = tmk_next };
const struct exchange_reading reading_vpdq = { .next = vpdq_next };
