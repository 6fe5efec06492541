#include "bank/remarks.h"
#include "bank/folder.h"
#include "bank/list.h"
#include "base/checksum.h"
#include "base/file.h"
#include "base/json.h"

#include <inttypes.h>

/* ---- one remark ---- */

uint64_t remark_signals(const struct ward_record *record)
{
	uint64_t sum = record->video;

	for (size_t i = 0; i < record->signal_count; i++) {
		struct checksum one = checksum_begin();
		uint8_t kind = (uint8_t)record->signals[i].kind;

		checksum_add(&one, &kind, sizeof(kind));
		checksum_add(&one, record->signals[i].bytes,
				ward_signal_size(record->signals[i].kind));
		sum += checksum_end(&one);
	}
	return sum;
}

/* Of valid UTF-8: all bytes but those that go on with a character. */
static size_t count_characters(const char *text)
{
	size_t count = 0;

	for (const char *at = text; *at; at++)
		count += ((unsigned char)*at & 0xc0) != 0x80;
	return count;
}

ward_err ward_remark_check(const struct ward_remark *remark, struct ward_error *error)
{
	if (remark->entry > INT64_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "an entry's number is below 2^63");
	if (remark->off_until < 0)
		return ward_fail(error, WARD_E_ARGUMENT, "an entry is off until a time after 1970");
	if (!ward_utf8_valid(ward_str_from(remark->note)) ||
			count_characters(remark->note) > WARD_NOTE_CHARS_MAX)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a note is UTF-8 text of at most %d characters",
				WARD_NOTE_CHARS_MAX);
	return WARD_OK;
}

bool ward_remark_is_off(const struct ward_remark *remark, int64_t now)
{
	return remark->off_until == WARD_OFF_FOR_GOOD || (now > 0 && remark->off_until > now);
}

void remark_format(const struct remark *remark, struct ward_buf *buf)
{
	struct json json = json_to(buf);
	char signals[17];

	snprintf(signals, sizeof(signals), "%016" PRIx64, remark->signals);
	json_object(&json);
	json_key_uint(&json, "entry", remark->entry);
	json_key_text(&json, "signals", signals);
	json_key_int(&json, "off_until", remark->off_until);
	json_key_text(&json, "note", remark->note);
	json_object_end(&json);
}

/* ---- all of them ---- */

void remarks_free(struct remarks *remarks)
{
	for (size_t i = 0; i < remarks->count; i++)
		free(remarks->at[i].note);
	free(remarks->at);
	*remarks = (struct remarks){ 0 };
}

/* The place of the entry's remark, or where one would stand. */
static size_t place_of(const struct remarks *remarks, uint64_t entry)
{
	size_t from = 0, to = remarks->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (remarks->at[middle].entry < entry)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

const struct remark *remarks_find(const struct remarks *remarks, uint64_t entry)
{
	size_t place = place_of(remarks, entry);

	return place < remarks->count && remarks->at[place].entry == entry ? &remarks->at[place]
									   : NULL;
}

static void take_away(struct remarks *remarks, size_t place)
{
	free(remarks->at[place].note);
	remarks->count--;
	memmove(remarks->at + place, remarks->at + place + 1,
			(remarks->count - place) * sizeof(*remarks->at));
}

ward_err remarks_put(struct remarks *remarks, const struct ward_remark *remark, uint64_t signals,
		struct ward_error *error)
{
	size_t place = place_of(remarks, remark->entry);
	struct remark *at = realloc(remarks->at, (remarks->count + 1) * sizeof(*at));
	char *note = strdup(remark->note);

	if (at)
		remarks->at = at;
	if (!at || !note) {
		free(note);
		return ward_fail(error, WARD_E_NOMEM, "no memory for a remark");
	}
	if (remarks_find(remarks, remark->entry))
		take_away(remarks, place);
	if (remark->off_until == 0 && !note[0]) {
		free(note);
		return WARD_OK;
	}
	memmove(at + place + 1, at + place, (remarks->count - place) * sizeof(*at));
	at[place] = (struct remark){ remark->entry, signals, remark->off_until, note };
	remarks->count++;
	return WARD_OK;
}

struct ward_remark ward_list_remark_on(const struct ward_list *list, uint64_t entry)
{
	const struct remark *said = remarks_find(&list->remarks, entry);

	if (!said)
		return (struct ward_remark){ .entry = entry, .note = "" };
	return (struct ward_remark){ entry, said->off_until, said->note };
}

/* ---- in the list's folder ---- */

ward_err remarks_read(const char *folder, struct remarks *remarks, struct ward_error *error)
{
	struct ward_error why = { 0 };
	char path[4096], *text = NULL;
	size_t len = 0;
	ward_err err = folder_path(folder, REMARKS_NAME, path, error);

	if (!err)
		err = file_read(path, REMARKS_BYTES_MAX, &text, &len, error);
	if (err == WARD_E_NOT_FOUND) {
		*remarks = (struct remarks){ 0 };
		return WARD_OK;
	}
	if (err)
		return err;
	err = remarks_parse((ward_str){ text, len }, remarks, &why);
	free(text);
	return err ? ward_fail(error, err, "%s: %s", path, why.message) : WARD_OK;
}

ward_err remarks_write(const char *folder, const struct remarks *remarks, struct ward_error *error)
{
	struct ward_buf buf;
	char path[4096];
	ward_err err = folder_path(folder, REMARKS_NAME, path, error);

	if (err)
		return err;
	ward_buf_init(&buf, REMARKS_BYTES_MAX);
	for (size_t i = 0; i < remarks->count; i++) {
		remark_format(&remarks->at[i], &buf);
		ward_buf_char(&buf, '\n');
	}
	if (buf.failed) {
		err = ward_fail(error, WARD_E_LIMIT,
				"%zu remarks are more than are kept: %zu MB of them",
				remarks->count, REMARKS_BYTES_MAX >> 20);
	} else {
		ward_str text = ward_buf_text(&buf);

		err = file_replace(path, (ward_bytes){ (const uint8_t *)text.ptr, text.len }, 0640,
				error);
	}
	ward_buf_free(&buf);
	return err;
}
