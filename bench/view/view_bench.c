/*
 * view_bench WORKER FILE - what a view costs, by level, in the jail
 *
 * Beside it the plain decode of the same file, also in the jail: every pixel,
 * and nothing done with it.  Engines take turns; a time is the median of the
 * rounds.  Prints one JSON line for each.
 */
#include <ward/view.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum { ROUNDS = 15, MIDDLE = ROUNDS / 2 };

struct engine {
	const char *name;
	struct ward_view_options want; /* L0: the plain decode */
	uint64_t us[ROUNDS];
	size_t bytes;
	uint32_t width, height;
};

static struct engine engines[] = {
	{ .name = "decode" },
	{ .name = "L1", .want = { .level = WARD_LEVEL_MOSAIC } },
	{ .name = "L2", .want = { .level = WARD_LEVEL_BLURRED } },
	{ .name = "L2 reveal",
			.want = { .level = WARD_LEVEL_BLURRED,
					.reveal = true,
					.reveal_x = 500,
					.reveal_y = 400 } },
	{ .name = "L3", .want = { .level = WARD_LEVEL_REDUCED } },
	{ .name = "L4", .want = { .level = WARD_LEVEL_SMALL } },
	{ .name = "L4 colour", .want = { .level = WARD_LEVEL_SMALL, .colour = true } },
	{ .name = "L5", .want = { .level = WARD_LEVEL_CLEAR } },
	{ .name = "L5 colour", .want = { .level = WARD_LEVEL_CLEAR, .colour = true } },
};

enum { ENGINES = sizeof(engines) / sizeof(*engines) };

static struct {
	struct ward_box *box;
	struct ward_limits limits;
	struct ward_buf out;
	ward_media_kind kind;
	uint64_t size;
	int fd;
} bench;

static _Noreturn void stop(const char *why)
{
	fprintf(stderr, "view_bench: %s\n", why);
	exit(2);
}

static void decode(void)
{
	const struct ward_decode_options options = { .limits = bench.limits };
	struct ward_event event = { .kind = WARD_EVENT_FACTS };
	struct ward_error error;
	ward_err err = ward_box_start(bench.box, WARD_JOB_PICTURE, bench.kind, bench.fd, bench.size,
			&options, &error);

	while (!err && event.kind != WARD_EVENT_END)
		err = ward_box_next(bench.box, &event, &error);
	if (err || event.err)
		stop(err ? error.message : event.message);
}

static void run(struct engine *engine)
{
	struct ward_view view;
	struct ward_error error;

	if (engine->want.level == WARD_LEVEL_FACTS) {
		decode();
		return;
	}
	if (ward_view_render(bench.box, bench.fd, bench.size, bench.kind, &bench.limits,
			    &engine->want, &view, &bench.out, &error))
		stop(error.message);
	engine->bytes = bench.out.len;
	engine->width = view.view.width;
	engine->height = view.view.height;
}

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static void open_file(const char *worker, const char *path)
{
	const struct ward_box_options options = { .worker = worker };
	uint8_t head[WARD_MEDIA_HEAD];
	struct stat st;

	bench.fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = bench.fd < 0 ? -1 : pread(bench.fd, head, sizeof(head), 0);

	if (got < 0 || fstat(bench.fd, &st) < 0)
		stop("cannot read the file");
	bench.size = (uint64_t)st.st_size;
	bench.kind = ward_media_identify((ward_bytes){ head, (size_t)got });
	bench.limits = ward_limits_default();
	bench.box = ward_box_new(&options);
	if (!bench.box)
		stop("no memory");
	ward_buf_init(&bench.out, WARD_VIEW_BYTES);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		stop("usage: view_bench WORKER FILE");
	open_file(argv[1], argv[2]);
	for (int round = -1; round < ROUNDS; round++) {
		for (int i = 0; i < ENGINES; i++) {
			uint64_t start = clock_ticks_us();

			run(&engines[i]);
			if (round >= 0) /* the first warms up */
				engines[i].us[round] = clock_ticks_us() - start;
		}
	}
	for (int i = 0; i < ENGINES; i++) {
		qsort(engines[i].us, ROUNDS, sizeof(uint64_t), by_value);
		printf("{\"bench\":\"view\",\"engine\":\"%s\",\"ms\":%.2f,\"bytes\":%zu,\"width\":%"
		       "u,"
		       "\"height\":%u}\n",
				engines[i].name, (double)engines[i].us[MIDDLE] / 1e3,
				engines[i].bytes, engines[i].width, engines[i].height);
	}
	ward_buf_free(&bench.out);
	ward_box_free(bench.box);
	close(bench.fd);
	return 0;
}
