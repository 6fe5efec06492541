/*
 * What the jail costs: jobs a second of a warm worker on a tiny picture, and
 * milliseconds to start one.  Prints one JSON line.  The argument is a worker
 * and, when it is not the tests' own, a file for its job.
 */
#include <ward/box.h>

#include <unistd.h>

#include "base/clock.h"

static ward_err one_job(struct ward_box *box, int fd, uint64_t size, struct ward_error *error)
{
	const struct ward_decode_options options = { .limits = ward_limits_default() };
	struct ward_event event = { .kind = WARD_EVENT_FACTS };
	ward_err err = ward_box_start(box, WARD_JOB_PICTURE, WARD_MEDIA_PNM, fd, size, &options,
			error);

	while (!err && event.kind != WARD_EVENT_END)
		err = ward_box_next(box, &event, error);
	return err ? err : event.err;
}

int main(int argc, char **argv)
{
	const struct ward_box_options options = { .worker = argc > 1 ? argv[1] : NULL,
		.jobs_max = 1000000 };
	static const char job[] = "good";
	struct ward_error error = { 0 };
	struct ward_box *box = ward_box_new(&options);
	int fd = ward_box_memory((ward_bytes){ (const uint8_t *)job, 4 }, &error);
	int jobs = 0;
	uint64_t began, took;
	ward_err err;

	if (!box || fd < 0)
		return 2;
	began = clock_ticks_us();
	for (int i = 0; i < 20 && !error.code; i++) {
		err = one_job(box, fd, 4, &error);
		ward_box_free(box);
		box = ward_box_new(&options);
	}
	uint64_t spawn_us = (clock_ticks_us() - began) / 20;

	err = one_job(box, fd, 4, &error);
	began = clock_ticks_us();
	do {
		for (int i = 0; i < 1000 && !err; i++)
			err = one_job(box, fd, 4, &error);
		jobs += 1000;
		took = clock_ticks_us() - began;
	} while (!err && took < 2000000);
	if (err) {
		fprintf(stderr, "%s\n", error.message);
		return 2;
	}
	printf("{\"bench\":\"box\",\"jobs_per_second\":%.0f,\"spawn_ms\":%.2f}\n",
			jobs * 1e6 / (double)took, (double)spawn_us / 1000);
	ward_box_free(box);
	close(fd);
	return 0;
}
