/*
 * ward list ls, show, export, verify - what the lists hold
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "bin/lists.h"
#include "bin/progress.h"
#include "bin/scan_print.h"

/* Of one line: an entry has 8 signals, and labels as a source writes them. */
#define LINE_MAX_TEXT ((size_t)1 << 24)

/* ---- ls ---- */

static void print_row(const struct ward_list *list)
{
	const struct ward_list_info *info = ward_list_info(list);
	char size[PROGRESS_TEXT_MAX], changed[CLOCK_TEXT_MAX];
	bool over = info->expires != 0 && info->expires <= clock_now();
	struct ward_buf text;

	progress_bytes(ward_list_bytes(list), size);
	clock_format(info->changed, changed);
	ward_buf_init(&text, LINE_MAX_TEXT);
	ward_buf_printf(&text, "%-20s  %-7s  %-7s  %12" PRIu64 "  %6d  %8s  %.10s  ", info->name,
			ward_list_sense_name(info->sense),
			!info->enabled ? "off"
			: over         ? "expired"
				       : "on",
			ward_list_entries(list), info->radius, size, changed);
	scan_print_text(&text, ward_str_from(info->source));
	(void)lists_put_line(&text);
	ward_buf_free(&text);
}

static void print_info_json(const struct ward_list *list)
{
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, LINE_MAX_TEXT);
	json = json_to(&text);
	lists_json_info(&json, list);
	(void)lists_put_line(&text);
	ward_buf_free(&text);
}

/* A list that cannot be opened is told and does not hide the others. */
static int print_lists(const struct cli *cli, const struct workspace *workspace,
		const struct names *names)
{
	bool json = cli_flag(cli, "json");
	int status = CLI_OK;

	if (!json && names->count > 0)
		printf("%-20s  %-7s  %-7s  %12s  %6s  %8s  %-10s  %s\n", "NAME", "SENSE", "STATE",
				"ENTRIES", "RADIUS", "SIZE", "CHANGED", "SOURCE");
	for (size_t i = 0; i < names->count; i++) {
		struct ward_error error;
		struct ward_list *list;

		if (lists_open(workspace, names->at[i], &list, &error) != WARD_OK) {
			status = cli_fail_error(cli, &error);
			continue;
		}
		if (json)
			print_info_json(list);
		else
			print_row(list);
		ward_list_free(list);
	}
	if (!json && names->count == 0)
		fprintf(stderr, "There are no lists; \"ward list import NAME FILE\" makes one.\n");
	return status;
}

int lists_ls(struct cli *cli)
{
	struct workspace *workspace;
	struct names names;
	struct ward_error error;
	int status;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted; \"ward list show NAME\" tells of "
				      "one list");
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (lists_names_read(workspace, &names, &error) != WARD_OK) {
		status = cli_fail_error(cli, &error);
	} else {
		status = print_lists(cli, workspace, &names);
		names_free(&names);
	}
	workspace_free(workspace);
	return status;
}

/* ---- show ---- */

static void print_line(const char *name, const char *text)
{
	struct ward_buf line;

	ward_buf_init(&line, LINE_MAX_TEXT);
	ward_buf_printf(&line, "%-12s ", name);
	scan_print_text(&line, ward_str_from(text[0] ? text : "-"));
	(void)lists_put_line(&line);
	ward_buf_free(&line);
}

static void print_time(const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	print_line(name, when ? clock_format(when, text) : "never");
}

static void print_counts(const struct ward_list *list)
{
	char size[PROGRESS_TEXT_MAX];

	printf("%-12s %" PRIu64 " in %s", "entries", ward_list_entries(list),
			progress_bytes(ward_list_bytes(list), size));
	if (ward_list_deltas(list) > 0)
		printf(" (%zu deltas on the base)", ward_list_deltas(list));
	printf("\n%-12s", "signals");
	for (int kind = 1; kind < WARD_SIGNAL_KIND_COUNT; kind++) {
		uint64_t count = ward_list_signals(list, (ward_signal_kind)kind);

		if (count > 0)
			printf(" %" PRIu64 " %s", count,
					ward_signal_kind_name((ward_signal_kind)kind));
	}
	if (ward_list_videos(list) > 0)
		printf(" %" PRIu64 " vpdq", ward_list_videos(list));
	if (ward_list_tmks(list) > 0)
		printf(" %" PRIu64 " tmk", ward_list_tmks(list));
	putchar('\n');
}

static void print_info(const struct ward_list *list)
{
	const struct ward_list_info *info = ward_list_info(list);

	print_line("name", info->name);
	print_line("sense", ward_list_sense_name(info->sense));
	print_line("enabled", info->enabled ? "yes" : "no");
	print_counts(list);
	printf("%-12s %d (photodna %" PRIu32 ")\n", "radius", info->radius,
			info->photodna_distance_max);
	print_line("source", info->source);
	print_line("scheme", info->scheme);
	print_line("label", info->default_label);
	print_line("licence", info->licence);
	print_time("expires", info->expires);
	print_time("created", info->created);
	print_time("changed", info->changed);
	print_line("version", ward_list_version(list));
}

static void print_remark(struct ward_buf *text, const struct ward_list *list, uint64_t entry)
{
	struct ward_remark remark = ward_list_remark_on(list, entry);
	char when[CLOCK_TEXT_MAX];

	if (remark.off_until == WARD_OFF_FOR_GOOD)
		ward_buf_str(text, WARD_STR("  off"));
	else if (ward_remark_is_off(&remark, clock_now()))
		ward_buf_printf(text, "  off until %s", clock_format(remark.off_until, when));
	if (remark.note[0]) {
		ward_buf_str(text, WARD_STR("  note "));
		scan_print_text(text, ward_str_from(remark.note));
	}
}

/* What follows an entry's first signal. */
static void print_entry(struct ward_buf *text, const struct ward_list *list,
		const struct ward_record *record)
{
	if (record->labels.len > 0) {
		ward_buf_str(text, WARD_STR("  "));
		scan_print_text(text, record->labels);
	}
	if (record->ref.len > 0) {
		ward_buf_str(text, WARD_STR("  ref "));
		scan_print_text(text, record->ref);
	}
	print_remark(text, list, record->number);
}

static void print_video(struct ward_buf *text, const struct ward_list *list,
		const struct ward_record *record, bool first)
{
	struct ward_vpdq frames = { 0 };
	struct ward_tmk *tmk = malloc(sizeof(*tmk));

	if (record->video && !ward_list_frames(list, record->number, &frames, NULL)) {
		ward_buf_printf(text, "%10" PRIu64 "  vpdq of %zu frames, %.0f s", record->number,
				frames.count, frames.frames[frames.count - 1].time_s);
		if (first)
			print_entry(text, list, record);
		(void)lists_put_line(text);
		first = false;
	}
	if (record->video && tmk && !ward_list_tmk(list, record->number, tmk, NULL)) {
		ward_buf_printf(text, "%10" PRIu64 "  tmk of %" PRIu32 " frames", record->number,
				tmk->frames);
		if (first)
			print_entry(text, list, record);
		(void)lists_put_line(text);
	}
	ward_vpdq_free(&frames);
	free(tmk);
}

static void print_record(struct ward_buf *text, const struct ward_list *list,
		const struct ward_record *record)
{
	char hex[WARD_SIGNAL_TEXT_MAX];

	for (size_t i = 0; i < record->signal_count; i++) {
		ward_buf_printf(text, "%10" PRIu64 "  %s:%s", record->number,
				ward_signal_kind_name(record->signals[i].kind),
				ward_signal_format(&record->signals[i], hex));
		if (i == 0)
			print_entry(text, list, record);
		(void)lists_put_line(text);
	}
	print_video(text, list, record, record->signal_count == 0);
}

static int print_entries(const struct cli *cli, const struct ward_list *list)
{
	uint64_t from = (uint64_t)cli_number(cli, "from", 0);
	uint64_t left = cli_flag(cli, "all") ? UINT64_MAX : (uint64_t)cli_number(cli, "count", 20);
	bool json = cli_flag(cli, "json");
	struct ward_record record;
	struct ward_buf text;
	uint64_t cursor = 0;

	ward_buf_init(&text, LINE_MAX_TEXT);
	while (left > 0 && ward_list_next(list, &cursor, &record)) {
		if (record.number < from)
			continue;
		left--;
		if (json) {
			struct json out = json_to(&text);

			lists_json_record(&out, list, &record);
			(void)lists_put_line(&text);
		} else {
			print_record(&text, list, &record);
		}
	}
	if (left == 0 && !json && cli_number(cli, "count", 20) > 0 &&
			ward_list_next(list, &cursor, &record))
		fprintf(stderr, "There are more: --from %" PRIu64 " goes on, --all prints all.\n",
				record.number);
	ward_buf_free(&text);
	return CLI_OK;
}

int lists_show(struct cli *cli)
{
	struct workspace *workspace;
	struct ward_error error;
	struct ward_list *list;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which list? \"ward list ls\" shows their names");
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = lists_open(workspace, cli->args[0], &list, &error);

	workspace_free(workspace);
	if (err)
		return cli_fail_error(cli, &error);
	if (cli_flag(cli, "json"))
		print_info_json(list);
	else
		print_info(list);
	if (!cli_flag(cli, "json"))
		putchar('\n');
	int status = print_entries(cli, list);

	ward_list_free(list);
	return status;
}

/* ---- export ---- */

struct export
{
	const struct cli *cli;
	const char *path; /* NULL: standard output */
	char beside[LIST_PATH];
	FILE *file;
};

static ward_err put_bytes(void *context, ward_bytes bytes, struct ward_error *error)
{
	struct export *export = context;

	if (fwrite(bytes.ptr, 1, bytes.len, export->file) == bytes.len)
		return WARD_OK;
	return ward_fail(error, WARD_E_IO, "cannot write %s: %s",
			export->path ? export->path : "the output", strerror(errno));
}

/* Beside the file that is wanted: it is complete, or it is as it was. */
static ward_err open_export(struct export *export, struct ward_error *error)
{
	int len = snprintf(export->beside, sizeof(export->beside), "%s.part", export->path);

	if (len < 0 || (size_t)len >= sizeof(export->beside))
		return ward_fail(error, WARD_E_ARGUMENT, "the file's path is too long");
	int fd = open(export->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	export->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (export->file)
		return WARD_OK;
	return ward_fail(error, WARD_E_IO, "cannot make %s: %s", export->beside, strerror(errno));
}

static ward_err close_export(struct export *export, ward_err err, struct ward_error *error)
{
	if (!export->path || !export->file)
		return err;
	bool good = fflush(export->file) == 0 && fsync(fileno(export->file)) == 0;

	good &= fclose(export->file) == 0;
	if (!err && !(good && rename(export->beside, export->path) == 0))
		err = ward_fail(error, WARD_E_IO, "cannot write %s: %s", export->path,
				strerror(errno));
	if (err)
		unlink(export->beside);
	return err;
}

/*
 * A file of VICS says at its beginning which country's categories it has: those
 * of the list's scheme, or of the first label that names one.
 */
static void find_profile(const struct ward_list *list, struct ward_list_info *info)
{
	struct ward_record record;
	uint64_t cursor = 0;
	bool found = ward_str_starts(ward_str_from(info->scheme), WARD_STR("vics-"));

	while (!found && ward_list_next(list, &cursor, &record)) {
		while (!found && record.labels.len > 0) {
			ward_str label = ward_str_cut(&record.labels, ' ');
			ward_str scheme = ward_str_cut(&label, ':');

			found = ward_str_starts(scheme, WARD_STR("vics-")) &&
				scheme.len < sizeof(info->scheme);
			if (found)
				snprintf(info->scheme, sizeof(info->scheme), "%.*s",
						WARD_FMT(scheme));
		}
	}
}

/* With its video, which a record that was read does not bring. */
static ward_err write_record(const struct ward_list *list, struct ward_record *record,
		struct exchange_writer *writer, struct ward_error *error)
{
	struct ward_vpdq frames = { 0 };
	struct ward_tmk *tmk = record->video ? malloc(sizeof(*tmk)) : NULL;
	struct ward_record whole = *record;
	ward_err err = WARD_OK;

	if (record->video) {
		if (!tmk)
			return ward_fail(error, WARD_E_NOMEM, "out of memory");
		err = ward_list_frames(list, record->number, &frames, error);
		whole.frames = err ? NULL : &frames;
		if (!err || err == WARD_E_NOT_FOUND)
			err = ward_list_tmk(list, record->number, tmk, error);
		whole.tmk = err ? NULL : tmk;
		err = err == WARD_E_NOT_FOUND ? WARD_OK : err;
	}
	if (!err)
		err = exchange_writer_add(writer, &whole, error);
	ward_vpdq_free(&frames);
	free(tmk);
	return err;
}

static ward_err write_records(const struct ward_list *list, enum exchange_format format,
		struct export *export, uint64_t *left_out, struct ward_error *error)
{
	struct exchange_writer *writer;
	struct ward_record record;
	struct ward_list_info info = *ward_list_info(list);
	uint64_t cursor = 0;

	if (format == EXCHANGE_VICS)
		find_profile(list, &info);
	ward_err err = exchange_writer_new(format, &info, put_bytes, export, &writer, error);

	if (err)
		return err;
	while (!err && ward_list_next(list, &cursor, &record))
		err = write_record(list, &record, writer, error);
	if (!err)
		err = exchange_writer_finish(writer, error);
	*left_out = exchange_writer_left_out(writer);
	exchange_writer_free(writer);
	return err;
}

int lists_export(struct cli *cli)
{
	struct export export = { .cli = cli, .path = cli_text(cli, "output"), .file = stdout };
	const char *format_name = cli_text(cli, "format");
	enum exchange_format format =
			exchange_format_from(ward_str_from(format_name ? format_name : "jsonl"));
	struct workspace *workspace;
	struct ward_error error;
	struct ward_list *list;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which list? \"ward list ls\" shows their names");
	if (format == EXCHANGE_FORMAT_COUNT || format == EXCHANGE_AUTO)
		return cli_usage(cli, "--format wants text, csv, tsv, jsonl, threatexchange, vics "
				      "or ncmec");
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = lists_open(workspace, cli->args[0], &list, &error);

	workspace_free(workspace);
	if (err)
		return cli_fail_error(cli, &error);
	if (export.path) {
		export.file = NULL;
		err = open_export(&export, &error);
	}
	uint64_t left_out = 0;

	if (!err)
		err = write_records(list, format, &export, &left_out, &error);
	err = close_export(&export, err, &error);
	ward_list_free(list);
	if (!err && left_out > 0)
		fprintf(stderr,
				"%" PRIu64
				" of the list's signals, videos and labels have no place in %s "
				"and were left out; jsonl keeps everything.\n",
				left_out, exchange_format_name(format));
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

/* ---- verify ---- */

static void tell_verifying(void *context, uint64_t done, uint64_t total)
{
	progress_draw_share(context, done, total, false, "verifying");
}

static int verify_one(const struct cli *cli, const struct workspace *workspace, const char *name)
{
	struct progress progress;
	struct ward_error error;
	struct ward_list *list;
	ward_err err = lists_open(workspace, name, &list, &error);

	if (err)
		return cli_fail_error(cli, &error);
	progress_begin(&progress, isatty(STDERR_FILENO) && !cli_flag(cli, "no-progress"));
	err = ward_list_verify(list, tell_verifying, &progress, &error);
	progress_clear(&progress);
	if (!err)
		printf("%s: %" PRIu64 " entries, sound\n", name, ward_list_entries(list));
	ward_list_free(list);
	return err ? cli_fail(cli, "%s: %s", name, error.message) : CLI_OK;
}

static int verify_all(const struct cli *cli, const struct workspace *workspace)
{
	struct names names;
	struct ward_error error;
	int status = CLI_OK;

	if (lists_names_read(workspace, &names, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	for (size_t i = 0; i < names.count; i++) {
		if (verify_one(cli, workspace, names.at[i]) != CLI_OK)
			status = CLI_TROUBLE;
	}
	names_free(&names);
	return status;
}

int lists_verify(struct cli *cli)
{
	struct workspace *workspace;
	struct ward_error error;
	int status = CLI_OK;

	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (cli->arg_count == 0)
		status = verify_all(cli, workspace);
	for (int i = 0; i < cli->arg_count; i++) {
		if (verify_one(cli, workspace, cli->args[i]) != CLI_OK)
			status = CLI_TROUBLE;
	}
	workspace_free(workspace);
	return status;
}
