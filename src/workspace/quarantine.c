#include "workspace/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

/* Written when so much has gathered; a record is at most some megabytes of it. */
enum { GATHER = 1 << 16, TEXT_MAX = 64 << 20, TRIES_MAX = 1000 };

void quarantine_begin(struct quarantine *quarantine, const char *folder, const char *name)
{
	*quarantine = (struct quarantine){ .folder = folder, .name = name, .fd = -1 };
	ward_buf_init(&quarantine->text, TEXT_MAX);
}

/* "2026-03-01T00:00:00Z" without its marks, so that it can be a file's name everywhere. */
static void time_word(char out[CLOCK_TEXT_MAX])
{
	char text[CLOCK_TEXT_MAX];
	size_t len = 0;

	clock_format(clock_now(), text);
	for (const char *at = text; *at; at++) {
		if (*at != '-' && *at != ':')
			out[len++] = *at;
	}
	out[len] = '\0';
}

/* Two imports within a second have files of their own. */
static ward_err make_file(struct quarantine *quarantine, struct ward_error *error)
{
	char when[CLOCK_TEXT_MAX], again[16] = "";

	time_word(when);
	/* It may have been cleared away with what was in it. */
	(void)mkdir(quarantine->folder, 0700);
	for (int i = 2; i < TRIES_MAX && quarantine->fd < 0; i++) {
		int len = snprintf(quarantine->path, sizeof(quarantine->path), "%s/%s-%s%s.jsonl",
				quarantine->folder, quarantine->name, when, again);

		if (len < 0 || (size_t)len >= sizeof(quarantine->path))
			return ward_fail(error, WARD_E_ARGUMENT,
					"the workspace's path is too long");
		quarantine->fd = open(quarantine->path,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (quarantine->fd < 0 && errno != EEXIST)
			break;
		snprintf(again, sizeof(again), "-%d", i);
	}
	if (quarantine->fd >= 0)
		return WARD_OK;
	ward_err err = ward_fail(error, WARD_E_IO, "cannot make %s: %s; nothing was imported",
			quarantine->path, strerror(errno));

	quarantine->path[0] = '\0';
	return err;
}

static ward_err write_out(struct quarantine *quarantine, struct ward_error *error)
{
	if (quarantine->text.failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the quarantine");
	ward_err err = file_write_all(quarantine->fd, quarantine->text.ptr, quarantine->text.len,
			NULL);

	/* What a list lacks must be told somewhere, so it does not come to be without this. */
	if (err)
		err = ward_fail(error, WARD_E_IO, "cannot write %s: %s; nothing was imported",
				quarantine->path, strerror(errno));

	ward_buf_clear(&quarantine->text);
	return err;
}

static void write_raw(struct ward_buf *out, struct json *json, ward_bytes raw)
{
	ward_str text = { (const char *)raw.ptr, raw.len };

	if (ward_utf8_valid(text) && !memchr(text.ptr ? text.ptr : "", '\0', text.len)) {
		json_key_str(json, "raw", text);
		return;
	}
	char *base64 = malloc(4 * ((raw.len + 2) / 3) + 1);

	if (!base64) {
		out->failed = true;
		return;
	}
	ward_base64_format(raw.ptr, raw.len, base64);
	json_key_text(json, "raw_base64", base64);
	free(base64);
}

ward_err quarantine_add(struct quarantine *quarantine, size_t source,
		const struct exchange_record *record, const ward_signal *signal,
		struct ward_error *error)
{
	char text[WARD_SIGNAL_TEXT_MAX];
	struct json json = json_to(&quarantine->text);
	ward_err err = quarantine->fd < 0 ? make_file(quarantine, error) : WARD_OK;

	if (err)
		return err;
	json_object(&json);
	json_key_uint(&json, "source", source);
	json_key_uint(&json, "record", record->record.number);
	if (record->line > 0)
		json_key_uint(&json, "line", record->line);
	json_key_text(&json, "reason", record->bad);
	if (signal) {
		json_key_text(&json, "kind", ward_signal_kind_name(signal->kind));
		json_key_text(&json, "signal", ward_signal_format(signal, text));
	} else {
		write_raw(&quarantine->text, &json, record->raw);
	}
	json_object_end(&json);
	ward_buf_char(&quarantine->text, '\n');
	return quarantine->text.len < GATHER && !quarantine->text.failed
			       ? WARD_OK
			       : write_out(quarantine, error);
}

ward_err quarantine_add_line(struct quarantine *quarantine, const struct quarantine_line *line,
		struct ward_error *error)
{
	struct json json = json_to(&quarantine->text);
	ward_err err = quarantine->fd < 0 ? make_file(quarantine, error) : WARD_OK;

	if (err)
		return err;
	json_object(&json);
	json_key_uint(&json, "source", line->source);
	json_key_uint(&json, "record", line->record);
	if (line->line > 0)
		json_key_uint(&json, "line", line->line);
	json_key_text(&json, "reason", line->reason);
	write_raw(&quarantine->text, &json, line->raw);
	json_object_end(&json);
	ward_buf_char(&quarantine->text, '\n');
	return quarantine->text.len < GATHER && !quarantine->text.failed
			       ? WARD_OK
			       : write_out(quarantine, error);
}

ward_err quarantine_finish(struct quarantine *quarantine, struct ward_error *error)
{
	if (quarantine->fd < 0)
		return WARD_OK;
	ward_err err = write_out(quarantine, error);

	if (!err && fsync(quarantine->fd) < 0)
		err = ward_fail(error, WARD_E_IO, "cannot write %s: %s", quarantine->path,
				strerror(errno));
	return err ? err : file_sync_folder(quarantine->folder, error);
}

void quarantine_end(struct quarantine *quarantine, bool keep)
{
	ward_buf_free(&quarantine->text);
	if (quarantine->fd < 0)
		return;
	close(quarantine->fd);
	if (!keep)
		unlink(quarantine->path);
	quarantine->fd = -1;
}
