#include "bin/hash_video.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "bin/known.h"
#include "bin/scan_print.h"

/* A film takes longer than a picture; --set time_max says otherwise. */
#define TIME_MS ((uint32_t)3600 * 1000)

/* A line of vPDQ has about a hundred bytes. */
#define TEXT_MAX (WARD_VPDQ_FRAMES_MAX * 128)

/* ---- options ---- */

/* "0.25", "1", "90": up to a day, by thousandths. */
static bool parse_seconds(ward_str text, float *seconds)
{
	uint64_t whole, part = 0;
	ward_str head = ward_str_cut(&text, '.');
	uint64_t unit = 1;

	for (size_t i = 0; i < text.len && i < 3; i++)
		unit *= 10;
	if (!ward_u64_parse(head, &whole) || whole > 86400 || text.len > 3 ||
			(text.len > 0 && !ward_u64_parse(text, &part)))
		return false;
	*seconds = (float)((double)(whole * unit + part) / (double)unit);
	return true;
}

static ward_err read_limits(struct hash_video *video, const struct cli *cli,
		struct ward_error *error)
{
	struct ward_scan_options options = ward_scan_options_default();

	options.limits.time_ms = TIME_MS;
	options.limits.frames_max = WARD_VPDQ_FRAMES_MAX;
	ward_err err = known_set(cli, &options, error);

	video->limits = options.limits;
	return err;
}

static ward_err check(const struct hash_video *video, const struct cli *cli,
		struct ward_error *error)
{
	bool any = video->vpdq || video->tmk;

	if (!any && (video->output || cli_text(cli, "seconds")))
		return ward_fail(error, WARD_E_ARGUMENT,
				"--output and --seconds go with --vpdq or --tmk");
	if (video->output && strcmp(video->output, "-") == 0 &&
			(video->vpdq == video->tmk || cli->arg_count != 1 || cli_flag(cli, "json")))
		return ward_fail(error, WARD_E_ARGUMENT,
				"to standard output goes one hash of one file");
	return WARD_OK;
}

ward_err hash_video_open(struct hash_video *video, const struct cli *cli, struct ward_error *error)
{
	const char *seconds = cli_text(cli, "seconds");

	*video = (struct hash_video){
		.vpdq = cli_flag(cli, "vpdq"),
		.tmk = cli_flag(cli, "tmk"),
		.output = cli_text(cli, "output"),
		.seconds = 1,
	};
	if (seconds && !parse_seconds(ward_str_from(seconds), &video->seconds))
		return ward_fail(error, WARD_E_ARGUMENT,
				"--seconds wants a number, as 1 or 0.25, up to 86400");
	ward_err err = check(video, cli, error);

	if (!err && (video->vpdq || video->tmk))
		err = read_limits(video, cli, error);
	if (err || (!video->vpdq && !video->tmk))
		return err;
	video->box = ward_box_new(NULL);
	video->feature = malloc(sizeof(*video->feature));
	if (video->box && video->feature)
		return WARD_OK;
	hash_video_close(video);
	return ward_fail(error, WARD_E_NOMEM, "out of memory");
}

void hash_video_close(struct hash_video *video)
{
	ward_box_free(video->box);
	ward_vpdq_free(&video->frames);
	free(video->feature);
	*video = (struct hash_video){ 0 };
}

/* ---- hashing ---- */

/* Both hashes of one video are partial for one reason; the first is told. */
static void keep(struct hash_video *video, ward_err err, const struct ward_video_facts *facts,
		const struct ward_error *error)
{
	if (err && !video->err) {
		video->err = err;
		video->error = *error;
	}
	if (err || !facts->partial)
		return;
	if (!video->partial && !video->err)
		video->error = facts->why;
	video->partial = true;
}

static void name_feature(struct hash_video *video)
{
	struct ward_buf out;
	uint8_t digest[32];

	ward_buf_init(&out, WARD_TMK_BYTES);
	ward_tmk_write(video->feature, &out);
	const ward_bytes file = { (const uint8_t *)out.ptr, out.len };

	ward_sha256(&file, 1, digest);
	ward_hex_format(digest, sizeof(digest), video->feature_sha256);
	ward_buf_free(&out);
}

void hash_video_read(struct hash_video *video, ward_media_kind kind, int fd, uint64_t size)
{
	const struct ward_video file = { .fd = fd, .size = size, .limits = video->limits };
	struct ward_video_facts facts = { .frames = 0 };
	struct ward_error error = { 0 };

	ward_vpdq_free(&video->frames);
	video->has_feature = video->partial = false;
	video->err = WARD_OK;
	video->error = (struct ward_error){ 0 };
	video->is_video = kind == WARD_MEDIA_VIDEO && (video->vpdq || video->tmk);
	if (video->is_video && video->vpdq)
		keep(video,
				ward_video_vpdq(video->box, &file, video->seconds, &video->frames,
						&facts, &error),
				&facts, &error);
	if (video->is_video && video->tmk) {
		ward_err err = ward_video_tmk(video->box, &file, video->feature, &facts, &error);

		keep(video, err, &facts, &error);
		video->has_feature = !err;
	}
	if (video->has_feature)
		name_feature(video);
}

/* ---- files ---- */

/* Never over another: two videos of one name may lie in different folders. */
static ward_err write_new(const char *path, ward_str bytes, struct ward_error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0)
		return ward_fail(error, errno == EEXIST ? WARD_E_EXISTS : WARD_E_IO, "%s: %s", path,
				errno == EEXIST ? "is there already, and is kept"
						: strerror(errno));
	ward_err err = file_write_all(fd, bytes.ptr, bytes.len, error);

	if (close(fd) < 0 && !err)
		err = ward_fail(error, WARD_E_IO, "%s: %s", path, strerror(errno));
	if (err)
		(void)unlink(path);
	return err;
}

static ward_err write_one(const struct hash_video *video, const char *path, const char *ending,
		ward_str bytes, struct ward_error *error)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct ward_buf to;
	ward_err err;

	if (strcmp(video->output, "-") == 0)
		return fwrite(bytes.ptr, 1, bytes.len, stdout) == bytes.len
				       ? WARD_OK
				       : ward_fail(error, WARD_E_IO, "cannot be written: %s",
							 strerror(errno));
	ward_buf_init(&to, 65536);
	ward_buf_printf(&to, "%s/%s%s", video->output, strcmp(path, "-") == 0 ? "stdin" : name,
			ending);
	err = to.failed ? ward_fail(error, WARD_E_NOMEM, "a name is too long")
			: write_new(ward_buf_text(&to).ptr, bytes, error);
	ward_buf_free(&to);
	return err;
}

ward_err hash_video_write(struct hash_video *video, const char *path, struct ward_error *error)
{
	ward_err err = WARD_OK;
	struct ward_buf out;

	if (!video->output)
		return WARD_OK;
	ward_buf_init(&out, TEXT_MAX);
	if (video->frames.count > 0) {
		ward_vpdq_write(&video->frames, &out);
		err = out.failed ? ward_fail(error, WARD_E_NOMEM, "out of memory")
				 : write_one(video, path, ".vpdq", ward_buf_text(&out), error);
	}
	if (!err && video->has_feature) {
		ward_buf_clear(&out);
		ward_tmk_write(video->feature, &out);
		err = out.failed ? ward_fail(error, WARD_E_NOMEM, "out of memory")
				 : write_one(video, path, ".tmk", ward_buf_text(&out), error);
	}
	ward_buf_free(&out);
	return err;
}

/* ---- printing ---- */

void hash_video_lines(const struct hash_video *video, const char *path, struct ward_buf *out)
{
	char hash[65];

	for (size_t i = 0; i < video->frames.count; i++) {
		const struct ward_vpdq_frame *frame = &video->frames.frames[i];

		ward_buf_printf(out, "pdq:%s  quality %3d  frame %u  %.3f s  ",
				ward_pdq_format(frame->hash, hash), frame->quality,
				(unsigned)frame->number, frame->time_s);
		scan_print_text(out, ward_str_from(path));
		ward_buf_char(out, '\n');
	}
	if (!video->has_feature)
		return;
	ward_buf_printf(out, "tmk of %u frames, its file sha256:%s  ",
			(unsigned)video->feature->frames, video->feature_sha256);
	scan_print_text(out, ward_str_from(path));
	ward_buf_char(out, '\n');
}

static void write_vpdq(const struct hash_video *video, struct json *json)
{
	struct ward_buf signal;

	ward_buf_init(&signal, TEXT_MAX);
	if (video->frames.count > 0)
		ward_vpdq_write_signal(&video->frames, &signal);
	json_key(json, "vpdq");
	if (video->frames.count > 0 && !signal.failed)
		json_raw(json, ward_buf_text(&signal));
	else
		json_null(json);
	ward_buf_free(&signal);
}

void hash_video_members(const struct hash_video *video, struct json *json)
{
	if (video->vpdq)
		write_vpdq(video, json);
	if (video->tmk) {
		json_key(json, "tmk_frames");
		if (video->has_feature)
			json_uint(json, video->feature->frames);
		else
			json_null(json);
		json_key_text(json, "tmk_sha256",
				video->has_feature ? video->feature_sha256 : NULL);
	}
	if (video->vpdq || video->tmk)
		json_key_text(json, "partial", video->partial ? video->error.message : NULL);
}
