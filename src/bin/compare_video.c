#include "bin/compare_video.h"

#include <ward/video.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "bin/files.h"
#include "bin/scan_print.h"

/* Of a file of hashes; a video may be as large as any. */
#define HASHES_MAX ((size_t)1 << 28)

/* An hour, as for `ward hash`. */
#define TIME_MS ((uint32_t)3600 * 1000)

/* The share of either video from which two are alike: python-threatexchange's. */
#define ALIKE_PERCENT 80

/* One of the two, with what is known of it. */
struct side {
	const char *path;
	bool ours; /* a video, or hashes of one */
	bool is_video;
	struct ward_vpdq frames;
	struct ward_tmk *tmk;
	bool has_tmk;
};

struct result {
	bool vpdq, tmk;
	struct ward_vpdq_match match;
	double level1, level2;
	bool alike;
};

/* ---- reading ---- */

static bool begins(const char *text, size_t len, const char *with)
{
	return ward_str_starts((ward_str){ text, len }, ward_str_from(with));
}

/* What is no such text is something else; a TMK file that is broken is an error. */
static ward_err read_hashes(struct side *side, struct ward_error *error)
{
	char *text = NULL;
	size_t len = 0;
	ward_err err = file_read(side->path, HASHES_MAX, &text, &len, error);

	if (err)
		return err;
	const ward_str all = { text, len };

	if (begins(text, len, "TMK1")) {
		side->tmk = malloc(sizeof(*side->tmk));
		err = side->tmk ? ward_tmk_read((ward_bytes){ (const uint8_t *)text, len },
						  side->tmk, error)
				: ward_fail(error, WARD_E_NOMEM, "out of memory");
		side->ours = side->has_tmk = !err;
	} else if (begins(text, len, "[\"")) {
		side->ours = ward_vpdq_read_signal(all, &side->frames, NULL) == WARD_OK;
	} else {
		side->ours = ward_vpdq_read(all, &side->frames, NULL) == WARD_OK;
	}
	free(text);
	return err;
}

/* Whether a file begins like one of hashes: then it is worth to be read whole. */
static bool may_be_hashes(const char *head, size_t len)
{
	return begins(head, len, "TMK1") || begins(head, len, "[\"") ||
	       (len > 0 && head[0] >= '0' && head[0] <= '9');
}

static ward_err look_at(struct side *side, struct ward_error *error)
{
	char head[WARD_MEDIA_HEAD];
	int fd = files_open(side->path, O_RDONLY | O_NONBLOCK);
	struct stat st;

	/* What is no file may be a hash, which others read. */
	if (fd < 0)
		return WARD_OK;
	ssize_t got = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? pread(fd, head, sizeof(head), 0)
								 : 0;
	size_t len = got > 0 ? (size_t)got : 0;

	close(fd);
	side->is_video = ward_media_identify((ward_bytes){ (const uint8_t *)head, len }) ==
			 WARD_MEDIA_VIDEO;
	side->ours = side->is_video;
	return !side->is_video && may_be_hashes(head, len) ? read_hashes(side, error) : WARD_OK;
}

/* ---- hashing ---- */

static void tell_part(const struct cli *cli, const struct side *side,
		const struct ward_video_facts *facts)
{
	struct ward_buf name;

	if (!facts->partial)
		return;
	ward_buf_init(&name, 65536);
	scan_print_text(&name, ward_str_from(side->path));
	cli_fail(cli, "%s: only what comes before this is compared: %s", ward_buf_text(&name).ptr,
			facts->why.message);
	ward_buf_free(&name);
}

static ward_err hash_both(const struct cli *cli, struct side *side, struct ward_box *box,
		const struct ward_video *video, const struct side *other, struct ward_error *error)
{
	struct ward_video_facts facts = { .frames = 0 };
	ward_err err = WARD_OK;

	if (other->is_video || other->frames.count > 0)
		err = ward_video_vpdq(box, video, 1, &side->frames, &facts, error);
	if (!err && (other->is_video || other->has_tmk)) {
		side->tmk = malloc(sizeof(*side->tmk));
		err = side->tmk ? ward_video_tmk(box, video, side->tmk, &facts, error)
				: ward_fail(error, WARD_E_NOMEM, "out of memory");
		side->has_tmk = !err;
	}
	if (!err)
		tell_part(cli, side, &facts);
	return err;
}

/* Of a video, the hashes that the other side has, too. */
static ward_err hash_side(const struct cli *cli, struct side *side, struct ward_box *box,
		const struct side *other, struct ward_error *error)
{
	struct ward_video video = { .limits = ward_limits_default() };
	struct stat st;

	if (!side->is_video)
		return WARD_OK;
	video.limits.time_ms = TIME_MS;
	video.limits.frames_max = WARD_VPDQ_FRAMES_MAX;
	video.fd = files_open(side->path, O_RDONLY | O_NONBLOCK);
	if (video.fd < 0 || fstat(video.fd, &st) < 0) {
		if (video.fd >= 0)
			close(video.fd);
		return ward_fail(error, WARD_E_IO, "%s", strerror(errno));
	}
	video.size = (uint64_t)st.st_size;
	ward_err err = hash_both(cli, side, box, &video, other, error);

	close(video.fd);
	return err;
}

/* ---- comparing ---- */

static ward_err compare(const struct cli *cli, const struct side sides[2], struct result *result,
		struct ward_error *error)
{
	struct ward_vpdq_rule rule = ward_vpdq_rule_default();
	ward_err err = WARD_OK;

	rule.distance = (int)cli_number(cli, "radius", WARD_PDQ_RADIUS);
	*result = (struct result){
		.vpdq = sides[0].frames.count > 0 && sides[1].frames.count > 0,
		.tmk = sides[0].has_tmk && sides[1].has_tmk,
	};
	if (!result->vpdq && !result->tmk)
		return ward_fail(error, WARD_E_ARGUMENT,
				"the two are of different kinds and cannot be compared");
	if (result->vpdq)
		err = ward_vpdq_compare(&sides[0].frames, &sides[1].frames, &rule, &result->match,
				error);
	if (err)
		return err;
	if (result->tmk) {
		result->level1 = ward_tmk_level1(sides[0].tmk, sides[1].tmk);
		result->level2 = ward_tmk_level2(sides[0].tmk, sides[1].tmk);
	}
	result->alike = (result->tmk && result->level1 >= WARD_TMK_ALIKE &&
					result->level2 >= WARD_TMK_ALIKE) ||
			ward_vpdq_percent(&result->match, 0) >= ALIKE_PERCENT ||
			ward_vpdq_percent(&result->match, 1) >= ALIKE_PERCENT;
	return WARD_OK;
}

/* ---- printing ---- */

static void write_vpdq(struct json *json, const struct ward_vpdq_match *match)
{
	json_key(json, "vpdq");
	json_array(json);
	for (int side = 0; side < 2; side++) {
		json_object(json);
		json_key_uint(json, "frames", match->frames[side]);
		json_key_uint(json, "found", match->found[side]);
		json_key(json, "percent");
		json_double(json, ward_vpdq_percent(match, side), 2);
		json_object_end(json);
	}
	json_array_end(json);
}

static void print_json(const struct side sides[2], const struct result *result)
{
	static const char *const names[] = { "a", "b" };
	struct ward_buf text;

	ward_buf_init(&text, 1 << 20);
	struct json json = json_to(&text);

	json_object(&json);
	for (int i = 0; i < 2; i++) {
		json_key(&json, names[i]);
		json_object(&json);
		scan_print_path(&json, sides[i].path);
		json_object_end(&json);
	}
	json_key_bool(&json, "similar", result->alike);
	if (result->vpdq)
		write_vpdq(&json, &result->match);
	if (result->tmk) {
		json_key(&json, "tmk_level1");
		json_double(&json, result->level1, 6);
		json_key(&json, "tmk_level2");
		json_double(&json, result->level2, 6);
	}
	json_object_end(&json);
	ward_buf_char(&text, '\n');
	fputs(ward_buf_text(&text).ptr, stdout);
	ward_buf_free(&text);
}

static void print_words(const struct side sides[2], const struct result *result)
{
	const struct ward_vpdq_match *match = &result->match;

	for (int i = 0; i < 2; i++) {
		struct ward_buf name;

		ward_buf_init(&name, 65536);
		scan_print_text(&name, ward_str_from(sides[i].path));
		printf("%s\n", ward_buf_text(&name).ptr);
		if (result->vpdq)
			printf("    %zu of %zu different frames are in the other (%.1f %%)\n",
					match->found[i], match->frames[i],
					ward_vpdq_percent(match, i));
		ward_buf_free(&name);
	}
	if (result->tmk)
		printf("TMK: %.4f by the average of all frames, %.4f by their order in time.\n",
				result->level1, result->level2);
	printf("%s\n", result->alike ? "They are alike." : "They are not alike.");
}

/* ---- all of it ---- */

static ward_err run(const struct cli *cli, struct side sides[2], struct result *result,
		struct ward_error *error)
{
	struct ward_box *box = ward_box_new(NULL);
	ward_err err = box ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");

	for (int i = 0; i < 2 && !err; i++) {
		struct ward_error own = { 0 };

		err = hash_side(cli, &sides[i], box, &sides[1 - i], &own);
		if (err)
			err = ward_fail(error, err, "%s: %s", sides[i].path, own.message);
	}
	if (!err)
		err = compare(cli, sides, result, error);
	ward_box_free(box);
	return err;
}

static int tell(const struct cli *cli, const struct side sides[2], const struct result *result)
{
	if (cli_flag(cli, "json"))
		print_json(sides, result);
	else
		print_words(sides, result);
	return result->alike ? CLI_FOUND : CLI_OK;
}

bool compare_video(struct cli *cli, int *status)
{
	struct side sides[2] = { { .path = cli->args[0] }, { .path = cli->args[1] } };
	struct ward_error error = { 0 };
	struct result result = { .vpdq = false };
	ward_err err = look_at(&sides[0], &error);

	if (!err)
		err = look_at(&sides[1], &error);
	bool ours = err || (sides[0].ours && sides[1].ours);

	if (!err && ours)
		err = run(cli, sides, &result, &error);
	if (ours)
		*status = err ? cli_fail_error(cli, &error) : tell(cli, sides, &result);
	for (int i = 0; i < 2; i++) {
		ward_vpdq_free(&sides[i].frames);
		free(sides[i].tmk);
	}
	return ours;
}
