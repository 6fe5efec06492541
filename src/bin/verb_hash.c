/* ward hash - the signals of files: digests of all, PDQ hashes of pictures, two hashes of videos */
#include "base/json.h"
#include "bin/cli.h"
#include "bin/compare_torrent.h"
#include "bin/files.h"
#include "bin/hash_video.h"
#include "bin/known.h"
#include "bin/picture.h"
#include "bin/scan_print.h"

#include <ward/sharing.h>

struct hash_run {
	const struct cli *cli;
	struct picture_reader reader;
	struct hash_video video;
	ward_signal torrent[2]; /* a torrent's own signals, with --sharing */
	size_t torrent_count;
	struct ward_buf text;
	bool json;
	bool exact;
	bool sharing;
	unsigned troubles;
};

static void write_pdq(struct json *json, const char *name, const ward_pdq *hash)
{
	char text[65];

	json_key_text(json, name, hash ? ward_pdq_format(*hash, text) : NULL);
}

static void write_number(struct json *json, const char *name, bool known, int64_t value)
{
	json_key(json, name);
	if (known)
		json_int(json, value);
	else
		json_null(json);
}

static void write_digests(struct json *json, const struct ward_item *item)
{
	static const ward_signal_kind kinds[] = { WARD_SIGNAL_MD5, WARD_SIGNAL_SHA1,
		WARD_SIGNAL_SHA256 };
	char text[WARD_SIGNAL_TEXT_MAX];

	for (size_t i = 0; i < 3; i++) {
		ward_signal signal = ward_digests_signal(&item->digests, kinds[i]);

		json_key_text(json, ward_signal_kind_name(kinds[i]),
				ward_signal_format(&signal, text));
	}
}

/* Of a torrent, its own; null for other files. */
static void write_torrent(struct json *json, const struct hash_run *run, ward_signal_kind kind)
{
	char text[WARD_SIGNAL_TEXT_MAX];
	const ward_signal *signal = NULL;

	for (size_t i = 0; i < run->torrent_count; i++) {
		if (run->torrent[i].kind == kind)
			signal = &run->torrent[i];
	}
	json_key_text(json, ward_signal_kind_name(kind),
			signal ? ward_signal_format(signal, text) : NULL);
}

/* Null where a file has none: an empty one in BitTorrent. */
static void write_sharing(struct json *json, const struct hash_run *run,
		const struct ward_item *item)
{
	char text[WARD_SIGNAL_TEXT_MAX];

	for (unsigned i = 0; i < WARD_SHARING_KINDS; i++) {
		ward_signal_kind kind = ward_sharing_kind(i);
		ward_signal signal;

		json_key_text(json, ward_signal_kind_name(kind),
				ward_sharing_signal(&item->sharing, kind, &signal)
						? ward_signal_format(&signal, text)
						: NULL);
	}
	write_torrent(json, run, WARD_SIGNAL_BTIH);
	write_torrent(json, run, WARD_SIGNAL_BTMH);
}

static void write_512(struct json *json, const struct ward_frame_hash *frame)
{
	char text[65];

	write_pdq(json, "pdq512", frame ? &frame->pdq512.hash : NULL);
	write_number(json, "quality512", frame, frame ? frame->pdq512.quality : 0);
	json_key(json, "dihedral512");
	if (!frame) {
		json_null(json);
		return;
	}
	json_array(json);
	for (int i = 0; i < WARD_DIHEDRAL_COUNT; i++)
		json_str(json, ward_str_from(ward_pdq_format(frame->dihedral512[i], text)));
	json_array_end(json);
}

/*
 * Every object has the same names, null where a file has no such thing, so
 * that a table can be made of them.  Orientation is EXIF's; a picture that
 * names none is upright, 1.
 */
static void write_object(struct hash_run *run, const char *path, const struct ward_item *item)
{
	const struct ward_picture_facts *facts = &item->facts;
	const struct ward_frame_hash *frame = picture_first(item);
	bool picture = facts->width > 0;
	struct json json = json_to(&run->text);

	json_object(&json);
	scan_print_path(&json, path);
	json_key_uint(&json, "bytes", item->bytes);
	json_key_text(&json, "kind", ward_media_name(item->kind));
	write_number(&json, "width", picture, facts->width);
	write_number(&json, "height", picture, facts->height);
	write_number(&json, "orientation", picture, facts->orientation ? facts->orientation : 1);
	write_digests(&json, item);
	if (run->sharing)
		write_sharing(&json, run, item);
	write_pdq(&json, "pdq", frame ? &frame->pdq.hash : NULL);
	write_number(&json, "quality", frame, frame ? frame->pdq.quality : 0);
	write_pdq(&json, "inner", frame && frame->has_inner ? &frame->inner.hash : NULL);
	write_number(&json, "quality_inner", frame && frame->has_inner,
			frame ? frame->inner.quality : 0);
	if (run->exact)
		write_512(&json, frame && frame->has_512 ? frame : NULL);
	else
		write_number(&json, "scale", frame, frame ? frame->scale : 0);
	hash_video_members(&run->video, &json);
	if (item->err) {
		json_key_text(&json, "error", ward_err_name(item->err));
		json_key_str(&json, "message", item->message);
	} else if (run->video.err) {
		json_key_text(&json, "error", ward_err_name(run->video.err));
		json_key_text(&json, "message", run->video.error.message);
	}
	json_object_end(&json);
	ward_buf_char(&run->text, '\n');
}

/* Lines like md5sum's: hash, quality, name; a digest where there is no PDQ hash. */
static void write_line(struct hash_run *run, const char *path, const struct ward_item *item)
{
	const struct ward_frame_hash *frame = picture_first(item);
	ward_signal digest = ward_digests_signal(&item->digests, WARD_SIGNAL_SHA256);
	char text[WARD_SIGNAL_TEXT_MAX];

	if (frame)
		ward_buf_printf(&run->text, "pdq:%s  quality %3d  ",
				ward_pdq_format(frame->pdq.hash, text), frame->pdq.quality);
	else
		ward_buf_printf(&run->text, "sha256:%s  %s  ", ward_signal_format(&digest, text),
				ward_media_name(item->kind));
	scan_print_text(&run->text, ward_str_from(path));
	if (item->err) {
		ward_buf_str(&run->text, WARD_STR("  ("));
		scan_print_text(&run->text, item->message);
		ward_buf_char(&run->text, ')');
	}
	ward_buf_char(&run->text, '\n');
}

static void write_sharing_line(struct hash_run *run, const char *path, const ward_signal *signal)
{
	char text[WARD_SIGNAL_TEXT_MAX];

	ward_buf_printf(&run->text, "%s:%s  ", ward_signal_kind_name(signal->kind),
			ward_signal_format(signal, text));
	scan_print_text(&run->text, ward_str_from(path));
	ward_buf_char(&run->text, '\n');
}

/* One line a hash, in the form that "ward list import" and "ward match" read. */
static void write_sharing_lines(struct hash_run *run, const char *path,
		const struct ward_item *item)
{
	for (unsigned i = 0; i < WARD_SHARING_KINDS; i++) {
		ward_signal_kind kind = ward_sharing_kind(i);
		ward_signal signal;

		if (ward_sharing_signal(&item->sharing, kind, &signal))
			write_sharing_line(run, path, &signal);
	}
	for (size_t i = 0; i < run->torrent_count; i++)
		write_sharing_line(run, path, &run->torrent[i]);
}

/* What kept a video from being read, or from being read to its end. */
static bool tell_video(struct hash_run *run, const char *path)
{
	const struct hash_video *video = &run->video;
	struct ward_buf name;

	if (!video->err && !video->partial)
		return false;
	if (run->json)
		return true;
	ward_buf_init(&name, 65536);
	scan_print_text(&name, ward_str_from(path));
	cli_fail(run->cli, "%s: %s%s", ward_buf_text(&name).ptr,
			video->err ? "" : "only what comes before this was hashed: ",
			video->error.message);
	ward_buf_free(&name);
	return true;
}

/* A file that was read: its line, object, or lines. */
static void tell_item(struct hash_run *run, const char *path, const struct ward_item *item)
{
	const struct hash_video *video = &run->video;

	ward_buf_clear(&run->text);
	if (run->json)
		write_object(run, path, item);
	else if (video->frames.count > 0 || video->has_feature)
		hash_video_lines(video, path, &run->text);
	else
		write_line(run, path, item);
	if (run->sharing && !run->json)
		write_sharing_lines(run, path, item);
	if (run->json || !video->output || strcmp(video->output, "-") != 0)
		fputs(ward_buf_text(&run->text).ptr, stdout);
}

/* A file that only begins like a torrent has no more than any other. */
static void read_torrent(struct hash_run *run, int fd, uint64_t size)
{
	struct ward_torrent *torrent;
	uint8_t *bytes;

	if (torrent_open(fd, size, &torrent, &bytes, NULL))
		return;
	run->torrent_count = ward_torrent_signals(torrent, run->torrent);
	ward_torrent_free(torrent);
	free(bytes);
}

static void also_video(void *context, const struct ward_item *item, int fd, uint64_t size)
{
	struct hash_run *run = context;

	hash_video_read(&run->video, item->kind, fd, size);
	run->torrent_count = 0;
	if (run->sharing && item->kind == WARD_MEDIA_TORRENT)
		read_torrent(run, fd, size);
}

static void fail_path(struct hash_run *run, const char *path, const struct ward_error *error)
{
	run->troubles++;
	ward_buf_clear(&run->text);
	if (run->json) {
		scan_print_failure(&run->text, SCAN_JSON, path, error);
		fputs(ward_buf_text(&run->text).ptr, stdout);
		return;
	}
	scan_print_text(&run->text, ward_str_from(path));
	cli_fail(run->cli, "%s: %s", ward_buf_text(&run->text).ptr, error->message);
}

static bool hash_path(void *context, const char *path, uint64_t size,
		const struct ward_error *trouble)
{
	struct hash_run *run = context;
	const struct ward_item *item;
	struct ward_error error;

	(void)size;
	if (trouble) {
		fail_path(run, path, trouble);
	} else if (picture_read(&run->reader, path, &item, &error) != WARD_OK) {
		fail_path(run, path, &error);
	} else {
		tell_item(run, path, item);
		run->troubles += item->err != WARD_OK;
		run->troubles += tell_video(run, path);
		if (hash_video_write(&run->video, path, &error) != WARD_OK)
			run->troubles += cli_fail(run->cli, "%s", error.message) != CLI_OK;
	}
	return !ferror(stdout);
}

static void close_run(struct hash_run *run)
{
	hash_video_close(&run->video);
	picture_reader_close(&run->reader);
}

static ward_err open_run(struct hash_run *run, struct ward_error *error)
{
	ward_err err = picture_reader_open(&run->reader, run->exact, error);

	if (!err)
		err = known_set(run->cli, &run->reader.options, error);
	if (!err)
		err = hash_video_open(&run->video, run->cli, error);
	run->reader.also = also_video;
	run->reader.context = run;
	/* Archives are looked into by scan alone; ward.conf's switch does not change that. */
	run->reader.options.archives = false;
	run->reader.options.borders = true;
	run->reader.options.sharing = run->sharing;
	if (err)
		close_run(run);
	return err;
}

static int run_hash(struct cli *cli)
{
	struct hash_run run = {
		.cli = cli,
		.json = cli_flag(cli, "json"),
		.exact = cli_flag(cli, "exact"),
		.sharing = cli_flag(cli, "sharing"),
	};
	const struct files_options walk = { .hidden = cli_flag(cli, "hidden") };
	struct files_skipped skipped = { 0 };
	struct ward_error error;

	if (cli->arg_count == 0)
		return cli_usage(cli, "which files? (- is standard input)");
	if (open_run(&run, &error) != WARD_OK)
		return error.code == WARD_E_ARGUMENT ? cli_usage(cli, "%s", error.message)
						     : cli_fail_error(cli, &error);
	ward_buf_init(&run.text, (size_t)1 << 30);
	for (int i = 0; i < cli->arg_count; i++) {
		bool go_on = strcmp(cli->args[i], "-") == 0
					     ? hash_path(&run, "-", 0, NULL)
					     : files_walk(cli->args[i], &walk, hash_path, &run,
							       &skipped);

		if (!go_on)
			break;
	}
	ward_buf_free(&run.text);
	close_run(&run);
	return run.troubles ? CLI_TROUBLE : CLI_OK;
}

static const struct cli_option options[] = {
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ "exact", 0, CLI_FLAG, NULL, "every pixel, and the hashes of all orientations", 0, 0 },
	{ "sharing", 0, CLI_FLAG, NULL, "also what file-sharing networks call them", 0, 0 },
	{ "vpdq", 0, CLI_FLAG, NULL, "of videos: the hashes of their frames", 0, 0 },
	{ "tmk", 0, CLI_FLAG, NULL, "of videos: TMK+PDQF, one feature of the whole", 0, 0 },
	{ "seconds", 0, CLI_TEXT, "N", "--vpdq: from one frame to the next (default: 1)", 0, 0 },
	{ "output", 'o', CLI_TEXT, "FOLDER", "write those as files here; - is standard output", 0,
			0 },
	{ "set", 0, CLI_MANY, "NAME=VALUE", "a setting of ward.conf's scan section, for this time",
			0, 0 },
	{ "hidden", 0, CLI_FLAG, NULL, "in folders, also names that begin with a dot", 0, 0 },
	{ 0 },
};

const struct cli_verb verb_hash = {
	.name = "hash",
	.arguments = "FILE|FOLDER|-...",
	.options = options,
	.run = run_hash,
};
