/*
 * ward-worker-video in its jail (the argument is ward-worker's path, beside
 * which it lies) shows of every drawn video what moving_view shows outside of
 * it: the jail takes nothing from FFmpeg that it needs.
 */
#include <ward/view.h>

#include <fcntl.h>
#include <libavformat/avio.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "box/jail.h"
#include "box/wire.h"
#include "decode/moving.h"
#include "decode/moving_make.h"
#include "decode/moving_view.h"

static struct ward_box *box;
static const struct ward_limits *limits;

static bool same_view(const char *name, const struct ward_view_options *want)
{
	char *text;
	ward_bytes file = moving_read(name, &text);
	struct ward_decode_options options = { .limits = *limits, .view = *want };
	struct ward_error error = { 0 };
	struct decode_view outside;
	struct ward_view inside;
	struct ward_buf a, b;
	int fd = ward_box_memory(file, &error);

	ward_buf_init(&a, WARD_VIEW_BYTES);
	ward_buf_init(&b, WARD_VIEW_BYTES);
	ward_err err = moving_view(file, &options, &outside, &a, &error);
	ward_err inside_err = ward_view_render(box, fd, file.len, WARD_MEDIA_VIDEO, limits, want,
			&inside, &b, &error);
	bool same = err == inside_err && a.len == b.len &&
		    (err || (memcmp(a.ptr, b.ptr, a.len) == 0 &&
					    inside.view.frames == outside.view.frames &&
					    memcmp(inside.view.times_ms, outside.view.times_ms,
							    sizeof(inside.view.times_ms)) == 0 &&
					    inside.picture.duration_ms ==
							    outside.picture.duration_ms &&
					    inside.picture.has_sound == outside.picture.has_sound));

	if (!same)
		printf("# %s: %s, in the jail %s (%s)\n", name, ward_err_name(err),
				ward_err_name(inside_err), error.message);
	close(fd);
	free(text);
	ward_buf_free(&a);
	ward_buf_free(&b);
	return same;
}

static void each_video_comes_out_of_the_jail_as_it_does_without(void)
{
	static const char *const names[] = { "a.mp4", "a.webm", "a.avi", "a.mov", "a.ts", "a.flv",
		"a.wmv", "a.mkv", "turned.mp4", "sound.mp4" };
	const struct ward_view_options blurred = { .level = WARD_LEVEL_BLURRED },
				       single = { .level = WARD_LEVEL_CLEAR,
					       .colour = true,
					       .single = true,
					       .single_ms = 2500 };
	int wrong = 0, pid = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		wrong += !same_view(names[i], &blurred) + !same_view(names[i], &single);
		pid = pid ? pid : ward_box_pid(box);
	}
	CHECK_EQ(wrong, 0);
	/* None of them made the jail kill it. */
	CHECK_EQ(ward_box_pid(box), pid);
}

static void facts_come_without_pictures(void)
{
	char *text;
	ward_bytes file = moving_read("a.mp4", &text);
	const struct ward_decode_options options = { .limits = *limits, .facts_only = true };
	struct ward_event event;
	struct ward_error error;
	int fd = ward_box_memory(file, &error);

	CHECK_EQ(ward_box_start(box, WARD_JOB_PICTURE, WARD_MEDIA_VIDEO, fd, file.len, &options,
				 &error),
			WARD_OK);
	close(fd);
	CHECK_EQ(ward_box_next(box, &event, &error), WARD_OK);
	CHECK_EQ(event.kind, WARD_EVENT_FACTS);
	CHECK_EQ(event.facts.width, MOVING_WIDTH);
	CHECK(event.facts.has_sound && event.facts.duration_ms > 5800);
	CHECK_EQ(ward_box_next(box, &event, &error), WARD_OK);
	CHECK_EQ(event.kind, WARD_EVENT_END);
	CHECK_EQ(event.err, WARD_OK);
	free(text);
}

/* What a process may do is what its status says: filters are closed, and can only be added to. */
static void its_walls_are_those_of_the_other_worker(void)
{
	char path[64], *text;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/status", ward_box_pid(box));
	CHECK_EQ(file_read(path, 1 << 16, &text, &len, NULL), WARD_OK);
	CHECK(strstr(text, "\nNoNewPrivs:\t1\n"));
	CHECK(strstr(text, "\nSeccomp:\t2\n"));
	CHECK(strstr(text, "\nThreads:\t1\n"));
	free(text);
	snprintf(path, sizeof(path), "/proc/%d/environ", ward_box_pid(box));
	text = NULL;
	CHECK(file_read(path, 1 << 16, &text, &len, NULL) != WARD_OK || len == 0);
	free(text);
}

/* What the real one prepares and closes, in a child, with its libraries loaded. */
static int in_its_jail(int (*run)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		moving_prepare();
		_exit(jail_close(false) & WIRE_WALL_SECCOMP ? run() : 99);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1000;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int do_nothing(void)
{
	return 0;
}

static int open_a_file(void)
{
	int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return 0;
	close(file);
	return 1;
}

static int open_by_ffmpeg(void)
{
	AVIOContext *io = NULL;

	return avio_open(&io, "file:/etc/passwd", AVIO_FLAG_READ) >= 0;
}

static int open_a_socket(void)
{
	int line = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (line < 0)
		return 0;
	close(line);
	return 1;
}

static int start_a_program(void)
{
	char *const nothing[] = { NULL };

	return execve("/bin/true", nothing, nothing);
}

static void it_opens_no_file_and_no_socket(void)
{
	CHECK_EQ(in_its_jail(do_nothing), 0);
	CHECK_EQ(in_its_jail(open_a_file), -SIGSYS);
	CHECK_EQ(in_its_jail(open_by_ffmpeg), -SIGSYS);
	CHECK_EQ(in_its_jail(open_a_socket), -SIGSYS);
	CHECK_EQ(in_its_jail(start_a_program), -SIGSYS);
}

static void where_it_is_not_installed_videos_are_one_more_kind_that_is_not_read(void)
{
	const struct ward_box_options options = { .worker = "/nowhere/ward-worker" };
	const struct ward_view_options want = { .level = WARD_LEVEL_BLURRED };
	struct ward_box *none = ward_box_new(&options);
	struct ward_error error;
	struct ward_view view;
	struct ward_buf out;
	char *text;
	ward_bytes file = moving_read("a.mp4", &text);
	int fd = ward_box_memory(file, &error);

	ward_buf_init(&out, WARD_VIEW_BYTES);
	CHECK_EQ(ward_view_render(none, fd, file.len, WARD_MEDIA_VIDEO, limits, &want, &view, &out,
				 &error),
			WARD_E_UNSUPPORTED);
	CHECK(strstr(error.message, "/nowhere/ward-worker-video"));
	close(fd);
	free(text);
	ward_buf_free(&out);
	ward_box_free(none);
}

static const struct test_case cases[] = {
	{ "each video comes out of the jail as it does without",
			each_video_comes_out_of_the_jail_as_it_does_without },
	{ "facts come without pictures", facts_come_without_pictures },
	{ "its walls are those of the other worker", its_walls_are_those_of_the_other_worker },
	{ "it opens no file and no socket", it_opens_no_file_and_no_socket },
	{ "where it is not installed, videos are one more kind that is not read",
			where_it_is_not_installed_videos_are_one_more_kind_that_is_not_read },
};

int main(int argc, char **argv)
{
	const struct ward_box_options options = { .worker = argc > 1 ? argv[1] : NULL };
	const struct ward_limits most = ward_limits_default();

	limits = &most;
	moving_prepare();
	box = ward_box_new(&options);
	if (!box || !moving_make_all()) {
		printf("Bail out! there is no worker, or no ffmpeg\n");
		return 1;
	}
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	moving_remove_all();
	ward_box_free(box);
	return failed;
}
