/* The box, with a worker that misbehaves on request (test_worker.c; its path is the argument). */
#include <ward/box.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/test.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED true
#else
#define SANITIZED false
#endif

static const char *worker_path;

static struct ward_box *new_box(void)
{
	const struct ward_box_options options = { .worker = worker_path,
		.memory_max = (uint64_t)512 << 20 };

	return ward_box_new(&options);
}

/* How many jobs this box was given: the test worker needs it to lie convincingly. */
static uint32_t number_hint;

static ward_err start_bytes(struct ward_box *box, ward_job job, ward_bytes bytes, uint32_t time_ms,
		struct ward_error *error)
{
	struct ward_decode_options options = { .limits = ward_limits_default() };
	int fd = ward_box_memory(bytes, error);
	ward_err err;

	if (fd < 0)
		return WARD_E_IO;
	options.limits.time_ms = time_ms;
	options.limits.depth_max = number_hint;
	err = ward_box_start(box, job, WARD_MEDIA_PNM, fd, bytes.len, &options, error);
	close(fd);
	return err;
}

static ward_err start(struct ward_box *box, const char *word, uint32_t time_ms,
		struct ward_error *error)
{
	return start_bytes(box, WARD_JOB_PICTURE,
			(ward_bytes){ (const uint8_t *)word, strlen(word) }, time_ms, error);
}

struct outcome {
	ward_err err; /* of the box, or else of the end */
	unsigned facts, frames, parts, wrong;
	uint64_t bytes;
	struct ward_error error;
};

static void look_at_frame(const struct ward_frame *frame, struct outcome *outcome)
{
	const struct ward_image *image = &frame->image;
	size_t len = (size_t)image->width * image->height;

	outcome->frames++;
	for (size_t i = 0; i < len; i += 1 + len / 100)
		outcome->wrong += image->pixels[i] != (uint8_t)(i * 7 + frame->index);
}

/* Reads a job to its end. */
static struct outcome finish(struct ward_box *box)
{
	struct outcome outcome = { 0 };
	struct ward_event event = { .kind = WARD_EVENT_FACTS };

	while (!outcome.err && event.kind != WARD_EVENT_END) {
		outcome.err = ward_box_next(box, &event, &outcome.error);
		if (outcome.err)
			break;
		outcome.facts += event.kind == WARD_EVENT_FACTS;
		outcome.parts += event.kind == WARD_EVENT_PART;
		if (event.kind == WARD_EVENT_FRAME)
			look_at_frame(&event.frame, &outcome);
		if (event.kind == WARD_EVENT_DATA) {
			outcome.bytes += event.data.len;
			outcome.wrong += event.data.ptr[0] != event.data.ptr[event.data.len - 1];
		}
		if (event.kind == WARD_EVENT_END && event.err)
			outcome.err = ward_fail(&outcome.error, event.err, "%s", event.message);
	}
	return outcome;
}

static struct outcome run(struct ward_box *box, const char *word, uint32_t time_ms)
{
	struct outcome outcome = { 0 };

	outcome.err = start(box, word, time_ms, &outcome.error);
	return outcome.err ? outcome : finish(box);
}

static bool works(struct ward_box *box)
{
	struct outcome outcome = run(box, "good", 10000);

	if (outcome.err)
		printf("# %s\n", outcome.error.message);
	return !outcome.err && outcome.facts == 1 && outcome.frames == 1 && outcome.wrong == 0;
}

/* The deed kills the worker, the sentence says how, and the next job is served. */
static bool dies(const char *word, const char *sentence)
{
	struct ward_box *box = new_box();
	struct outcome outcome = { 0 };
	bool ok = box && works(box);

	number_hint = 2;
	if (ok)
		outcome = run(box, word, 10000);
	number_hint = 0;
	ok = ok && outcome.err == WARD_E_WORKER && strstr(outcome.error.message, sentence) &&
	     ward_box_pid(box) == 0;
	if (!ok)
		printf("# %s: %s: %s\n", word, ward_err_name(outcome.err), outcome.error.message);
	ok = ok && works(box);
	ward_box_free(box);
	return ok;
}

static void a_good_job_gives_facts_a_frame_and_an_end(void)
{
	struct ward_box *box = new_box();

	CHECK(box);
	CHECK_EQ(ward_box_pid(box), 0);
	CHECK(works(box));
	CHECK(ward_box_pid(box) > 0);
	int pid = ward_box_pid(box);

	CHECK(works(box));
	CHECK_EQ(ward_box_pid(box), pid);
	ward_box_free(box);
	CHECK(kill(pid, 0) < 0 && errno == ESRCH);
}

static void a_job_that_opens_a_file_is_killed_and_the_box_goes_on(void)
{
	CHECK(dies("open", "was killed by the jail (SIGSYS)"));
}

static void a_job_that_makes_a_socket_is_killed_and_the_box_goes_on(void)
{
	CHECK(dies("socket", "was killed by the jail (SIGSYS)"));
}

static void a_job_that_forks_is_killed_and_the_box_goes_on(void)
{
	CHECK(dies("fork", "was killed by the jail (SIGSYS)"));
}

static void a_job_that_runs_a_program_is_killed_and_the_box_goes_on(void)
{
	CHECK(dies("exec", "was killed by the jail (SIGSYS)"));
}

static void a_job_that_makes_executable_memory_is_killed(void)
{
	CHECK(dies("code", "was killed by the jail (SIGSYS)"));
}

static void a_job_that_signals_its_parent_is_killed(void)
{
	CHECK(dies("signal", "was killed by the jail (SIGSYS)"));
}

static void a_job_that_shrinks_the_shared_memory_is_killed(void)
{
	CHECK(dies("resize", "was killed by the jail (SIGSYS)"));
}

static void a_crash_is_told_by_its_signal(void)
{
	/* A sanitizer catches the bad read, opens a file for its report, and is killed for that. */
	CHECK(dies("crash", SANITIZED ? "the worker" : "crashed (SIGSEGV)"));
	CHECK(dies("abort", "crashed (SIGABRT)"));
}

static void a_worker_that_leaves_or_turns_away_is_replaced(void)
{
	CHECK(dies("leave", "stopped with status 0"));
	CHECK(dies("deaf", "was killed"));
}

static void a_worker_that_lies_about_a_frame_is_killed(void)
{
	CHECK(dies("height", "nonsense (a frame's size)"));
	CHECK(dies("offset", "nonsense (a frame's size)"));
	CHECK(dies("stride", "nonsense (a frame's size)"));
	CHECK(dies("channels", "nonsense (a frame's size)"));
}

static void a_worker_that_answers_out_of_order_is_killed(void)
{
	CHECK(dies("stranger", "nonsense (an answer to another job)"));
	CHECK(dies("early", "nonsense (a frame out of order)"));
	CHECK(dies("part", "nonsense (a member of a picture)"));
}

static void a_worker_that_talks_nonsense_is_killed(void)
{
	CHECK(dies("nonsense", "nonsense"));
	CHECK(dies("long", "nonsense"));
}

static void time_runs_out_for_one_that_spins_and_one_that_sleeps(void)
{
	static const char *const words[] = { "spin", "sleep" };
	struct ward_box *box = new_box();

	CHECK(box && works(box));
	for (int i = 0; i < 2; i++) {
		uint64_t began = clock_ticks_us();
		struct outcome outcome = run(box, words[i], 150);
		uint64_t took_ms = (clock_ticks_us() - began) / 1000;

		CHECK_EQ(outcome.err, WARD_E_TIMEOUT);
		CHECK(took_ms >= 150 && took_ms < 5000);
		CHECK_EQ(ward_box_pid(box), 0);
		CHECK(works(box));
	}
	ward_box_free(box);
}

static void time_runs_out_for_one_that_talks_without_end(void)
{
	static const uint8_t talk[] = { 254 };
	struct ward_decode_options options = { .limits = ward_limits_default() };
	struct ward_box *box = new_box();
	struct ward_error error;
	int fd = ward_box_memory((ward_bytes){ talk, 1 }, &error);

	CHECK(box && fd >= 0);
	options.limits.time_ms = 150;
	options.limits.depth_max = 1;
	options.limits.parts_max = UINT32_MAX;
	CHECK_EQ(ward_box_start(box, WARD_JOB_ARCHIVE, WARD_MEDIA_ZIP, fd, 1, &options, &error),
			WARD_OK);
	CHECK_EQ(finish(box).err, WARD_E_TIMEOUT);
	close(fd);
	CHECK(works(box));
	ward_box_free(box);
}

static void memory_runs_out_inside_the_worker_only(void)
{
	struct ward_box *box = new_box();
	struct outcome outcome;

	CHECK(box);
	if (!SANITIZED) { /* no limit fits a sanitizer's shadow */
		outcome = run(box, "allocate", 10000);
		CHECK_EQ(outcome.err, WARD_E_NOMEM);
	}
	outcome = run(box, "huge", 10000);
	CHECK_EQ(outcome.err, WARD_E_NOMEM);
	CHECK(works(box));
	ward_box_free(box);
}

static void a_sentence_from_the_worker_has_plain_characters_only(void)
{
	struct ward_box *box = new_box();
	struct outcome outcome;

	CHECK(box);
	outcome = run(box, "huge", 10000);
	CHECK_STR(outcome.error.message, "as asked: \"huge\"?");
	outcome = run(box, "a song", 10000);
	CHECK_EQ(outcome.err, WARD_E_UNSUPPORTED);
	CHECK_STR(outcome.error.message, "no such deed");
	outcome = run(box, "", 10000);
	CHECK_EQ(outcome.err, WARD_E_FORMAT);
	ward_box_free(box);
}

static void a_file_that_shrinks_while_it_is_read_is_a_finding(void)
{
	static uint8_t page[8192];
	struct ward_decode_options options = { .limits = ward_limits_default() };
	struct ward_box *box = new_box();
	struct ward_event event;
	struct ward_error error;
	char path[] = "/tmp/ward-box-XXXXXX";
	int fd = mkstemp(path);

	CHECK(box && fd >= 0);
	unlink(path);
	CHECK_EQ(write(fd, page, sizeof(page)), (ssize_t)sizeof(page));
	CHECK_EQ(ward_box_start(box, WARD_JOB_PICTURE, WARD_MEDIA_PNM, fd, sizeof(page), &options,
				 &error),
			WARD_OK);
	CHECK_EQ(ward_box_next(box, &event, &error), WARD_OK);
	CHECK_EQ(ward_box_next(box, &event, &error), WARD_OK);
	CHECK_EQ(event.kind, WARD_EVENT_FRAME);
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(ward_box_next(box, &event, &error), WARD_E_WORKER);
	CHECK(SANITIZED || strstr(error.message, "crashed (SIGBUS)"));
	CHECK_EQ(ward_box_start(box, WARD_JOB_PICTURE, WARD_MEDIA_PNM, fd, sizeof(page), &options,
				 &error),
			WARD_E_IO);
	CHECK_STR(error.message, "the file is shorter than it was");
	close(fd);
	CHECK(works(box));
	ward_box_free(box);
}

static uint64_t shared_blocks(void)
{
	uint64_t blocks = 0;

	/* The only large sparse memory file this program has open is the box's. */
	for (int fd = 3; fd < 64; fd++) {
		struct stat st;

		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 512 << 20)
			blocks = (uint64_t)st.st_blocks;
	}
	return blocks;
}

static void memory_of_a_large_picture_is_given_back(void)
{
	struct ward_box *box = new_box();
	struct outcome outcome;

	CHECK(box);
	outcome = run(box, "wide", 30000);
	CHECK_EQ(outcome.err, WARD_OK);
	CHECK_EQ(outcome.frames, 1);
	CHECK_EQ(outcome.wrong, 0);
	CHECK(shared_blocks() > 0);
	CHECK(shared_blocks() * 512 <= (uint64_t)64 << 20);
	CHECK(works(box));
	ward_box_free(box);
}

static void every_frame_of_many_arrives_unspoilt(void)
{
	struct ward_box *box = new_box();
	struct outcome outcome;

	CHECK(box);
	outcome = run(box, "frames", 30000);
	CHECK_EQ(outcome.err, WARD_OK);
	CHECK_EQ(outcome.frames, 900);
	CHECK_EQ(outcome.wrong, 0);
	ward_box_free(box);
}

static void members_of_an_archive_come_with_their_bytes(void)
{
	static const uint8_t sizes[] = { 1, 0, 255, 40, 3 };
	struct ward_box *box = new_box();
	struct outcome outcome;
	struct ward_error error;

	CHECK(box);
	CHECK_EQ(start_bytes(box, WARD_JOB_ARCHIVE, (ward_bytes){ sizes, sizeof(sizes) }, 10000,
				 &error),
			WARD_OK);
	outcome = finish(box);
	CHECK_EQ(outcome.err, WARD_OK);
	CHECK_EQ(outcome.parts, 5);
	CHECK_EQ(outcome.bytes, 44 << 16);
	CHECK_EQ(outcome.wrong, 0);
	ward_box_free(box);
}

static void a_job_cancelled_midway_leaves_the_worker_alive(void)
{
	struct ward_box *box = new_box();
	struct ward_event event;
	struct ward_error error;

	CHECK(box && works(box));
	int pid = ward_box_pid(box);

	for (int read = 0; read < 20; read++) {
		CHECK_EQ(start(box, "frames", 10000, &error), WARD_OK);
		for (int i = 0; i < read; i++)
			CHECK_EQ(ward_box_next(box, &event, &error), WARD_OK);
		ward_box_cancel(box);
		CHECK_EQ(ward_box_next(box, &event, &error), WARD_E_ARGUMENT);
	}
	CHECK(works(box));
	CHECK_EQ(ward_box_pid(box), pid);
	ward_box_free(box);
}

static void cancelling_a_job_that_does_not_listen_kills_it(void)
{
	struct ward_box *box = new_box();
	struct ward_error error;

	CHECK(box && works(box));
	CHECK_EQ(start(box, "spin", 10000, &error), WARD_OK);
	ward_box_cancel(box);
	CHECK_EQ(ward_box_pid(box), 0);
	CHECK(works(box));
	CHECK_EQ(start(box, "spin", 10000, &error), WARD_OK);
	CHECK(works(box)); /* a new job cancels the old one by itself */
	ward_box_free(box);
}

static void a_worker_killed_between_jobs_is_replaced_silently(void)
{
	struct ward_box *box = new_box();

	CHECK(box && works(box));
	int pid = ward_box_pid(box);

	kill(pid, SIGKILL);
	usleep(50000);
	CHECK(works(box));
	CHECK(ward_box_pid(box) != pid);
	ward_box_free(box);
}

/* It cannot have been this file's doing: the worker never saw it. */
static void a_job_that_a_killed_worker_never_took_goes_to_another(void)
{
	struct ward_box *box = new_box();
	struct ward_error error = { 0 };

	CHECK(works(box));
	int pid = ward_box_pid(box);

	kill(pid, SIGSTOP);
	CHECK_EQ(start(box, "good", 10000, &error), WARD_OK);
	kill(pid, SIGKILL);
	struct outcome outcome = finish(box);

	CHECK_EQ(outcome.err, WARD_OK);
	CHECK_EQ(outcome.frames, 1);
	CHECK(ward_box_pid(box) != pid);
	CHECK(works(box));
	ward_box_free(box);
}

static void a_worker_is_replaced_after_its_number_of_jobs(void)
{
	const struct ward_box_options options = { .worker = worker_path, .jobs_max = 3 };
	struct ward_box *box = ward_box_new(&options);
	int pids[7];

	CHECK(box);
	for (int i = 0; i < 7; i++) {
		CHECK(works(box));
		pids[i] = ward_box_pid(box);
	}
	CHECK(pids[0] == pids[2] && pids[2] != pids[3] && pids[3] == pids[5] && pids[5] != pids[6]);
	ward_box_free(box);
}

static void a_worker_that_cannot_be_started_is_named(void)
{
	const struct ward_box_options options = { .worker = "/nowhere/ward-worker" };
	const struct ward_box_options wrong = { .worker = "/bin/true" };
	struct ward_box *box = ward_box_new(&options);
	struct ward_error error;

	CHECK(box);
	CHECK_EQ(start(box, "good", 1000, &error), WARD_E_NOT_FOUND);
	CHECK(strstr(error.message, "/nowhere/ward-worker"));
	ward_box_free(box);
	box = ward_box_new(&wrong);
	CHECK(box);
	CHECK_EQ(start(box, "good", 1000, &error), WARD_E_WORKER);
	CHECK(strstr(error.message, "stopped with status 0"));
	ward_box_free(box);
}

static void a_file_beyond_the_limit_is_refused_before_any_work(void)
{
	struct ward_decode_options options = { .limits = ward_limits_default() };
	struct ward_box *box = new_box();
	struct ward_error error;
	int fd = ward_box_memory((ward_bytes){ (const uint8_t *)"good", 4 }, &error);

	CHECK(box && fd >= 0);
	options.limits.bytes_max = 3;
	CHECK_EQ(ward_box_start(box, WARD_JOB_PICTURE, WARD_MEDIA_PNM, fd, 4, &options, &error),
			WARD_E_LIMIT);
	CHECK_EQ(ward_box_pid(box), 0);
	close(fd);
	ward_box_free(box);
}

static void the_workers_budget_ends_frames_and_parts(void)
{
	static const uint8_t sizes[] = { 1, 1, 1, 1, 1, 1 };
	struct ward_decode_options options = { .limits = ward_limits_default() };
	struct ward_box *box = new_box();
	struct ward_error error;
	struct outcome outcome;
	int fd = ward_box_memory((ward_bytes){ (const uint8_t *)"frames", 6 }, &error);

	CHECK(box && fd >= 0);
	options.limits.frames_max = 10;
	CHECK_EQ(ward_box_start(box, WARD_JOB_PICTURE, WARD_MEDIA_PNM, fd, 6, &options, &error),
			WARD_OK);
	outcome = finish(box);
	CHECK_EQ(outcome.err, WARD_E_LIMIT);
	CHECK_EQ(outcome.frames, 10);
	close(fd);
	fd = ward_box_memory((ward_bytes){ sizes, sizeof(sizes) }, &error);
	options.limits.parts_max = 4;
	CHECK_EQ(ward_box_start(box, WARD_JOB_ARCHIVE, WARD_MEDIA_ZIP, fd, 6, &options, &error),
			WARD_OK);
	outcome = finish(box);
	CHECK_EQ(outcome.err, WARD_E_LIMIT);
	CHECK_EQ(outcome.parts, 4);
	options.limits.parts_max = 100;
	options.limits.bytes_max = 200000;
	CHECK_EQ(ward_box_start(box, WARD_JOB_ARCHIVE, WARD_MEDIA_ZIP, fd, 6, &options, &error),
			WARD_OK);
	outcome = finish(box);
	CHECK_EQ(outcome.err, WARD_E_LIMIT);
	CHECK(outcome.bytes <= 200000);
	close(fd);
	ward_box_free(box);
}

static int open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	return count;
}

static void two_hundred_jobs_leave_no_descriptor_and_no_child(void)
{
	static const char *const words[] = { "good", "crash", "frames", "nonsense", "open" };
	struct ward_box *box = new_box();
	int before = open_descriptors();

	CHECK(box);
	for (int i = 0; i < 200; i++)
		(void)run(box, words[i % 5], 10000);
	CHECK(works(box));
	CHECK(open_descriptors() <= before + 2); /* the socket and the memory */
	ward_box_free(box);
	CHECK_EQ(open_descriptors(), before);
	CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void *run_in_a_thread(void *bad)
{
	uintptr_t *count = (uintptr_t *)bad;
	struct ward_box *box = new_box();

	for (int i = 0; box && i < 60; i++) {
		if (i % 7 == 3)
			(void)run(box, "crash", 10000);
		*count += !works(box);
	}
	ward_box_free(box);
	return NULL;
}

static void two_threads_have_a_box_each(void)
{
	pthread_t threads[2];
	uintptr_t bad[2] = { 0, 0 };

	for (int i = 0; i < 2; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, run_in_a_thread, &bad[i]), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	CHECK_EQ(bad[0], 0);
	CHECK_EQ(bad[1], 0);
}

static void *start_in_a_thread(void *box)
{
	(void)works((struct ward_box *)box);
	return NULL;
}

static void a_box_outlives_the_thread_that_started_its_worker(void)
{
	struct ward_box *box = new_box();
	pthread_t thread;

	CHECK(box);
	CHECK_EQ(pthread_create(&thread, NULL, start_in_a_thread, box), 0);
	pthread_join(thread, NULL);
	usleep(50000);
	CHECK(works(box));
	ward_box_free(box);
}

static void a_worker_ends_when_its_program_is_killed(void)
{
	int pipe_ends[2];
	int worker = 0;

	CHECK_EQ(pipe(pipe_ends), 0);
	pid_t program = fork();

	if (program == 0) {
		struct ward_box *box = new_box();
		struct ward_error error;
		ward_err err = box ? start(box, "spin", 60000, &error) : WARD_E_NOMEM;
		int pid = err ? 0 : ward_box_pid(box);

		if (write(pipe_ends[1], &pid, sizeof(pid)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	CHECK_EQ(read(pipe_ends[0], &worker, sizeof(worker)), (ssize_t)sizeof(worker));
	CHECK(worker > 0 && kill(worker, 0) == 0);
	kill(program, SIGKILL);
	CHECK_EQ(waitpid(program, NULL, 0), program);
	/* A dead process whose new parent has not looked yet still has its number. */
	bool gone = false;

	for (int i = 0; i < 500 && !gone; i++) {
		char path[64], state = 'Z';

		snprintf(path, sizeof(path), "/proc/%d/stat", worker);
		FILE *file = fopen(path, "r");

		if (file && fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
			state = '?';
		if (file)
			fclose(file);
		gone = state == 'Z' || state == 'X';
		usleep(10000);
	}
	CHECK(gone);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

static void the_jail_is_named(void)
{
	CHECK(strstr(ward_box_jail(), "seccomp"));
}

static const struct test_case cases[] = {
	{ "a good job gives facts, a frame and an end", a_good_job_gives_facts_a_frame_and_an_end },
	{ "a job that opens a file is killed, and the box goes on",
			a_job_that_opens_a_file_is_killed_and_the_box_goes_on },
	{ "a job that makes a socket is killed, and the box goes on",
			a_job_that_makes_a_socket_is_killed_and_the_box_goes_on },
	{ "a job that forks is killed, and the box goes on",
			a_job_that_forks_is_killed_and_the_box_goes_on },
	{ "a job that runs a program is killed, and the box goes on",
			a_job_that_runs_a_program_is_killed_and_the_box_goes_on },
	{ "a job that makes executable memory is killed",
			a_job_that_makes_executable_memory_is_killed },
	{ "a job that signals its parent is killed", a_job_that_signals_its_parent_is_killed },
	{ "a job that shrinks the shared memory is killed",
			a_job_that_shrinks_the_shared_memory_is_killed },
	{ "a crash is told by its signal", a_crash_is_told_by_its_signal },
	{ "a worker that leaves or turns away is replaced",
			a_worker_that_leaves_or_turns_away_is_replaced },
	{ "a worker that lies about a frame is killed",
			a_worker_that_lies_about_a_frame_is_killed },
	{ "a worker that answers out of order is killed",
			a_worker_that_answers_out_of_order_is_killed },
	{ "a worker that talks nonsense is killed", a_worker_that_talks_nonsense_is_killed },
	{ "time runs out for one that spins and one that sleeps",
			time_runs_out_for_one_that_spins_and_one_that_sleeps },
	{ "time runs out for one that talks without end",
			time_runs_out_for_one_that_talks_without_end },
	{ "memory runs out inside the worker only", memory_runs_out_inside_the_worker_only },
	{ "a sentence from the worker has plain characters only",
			a_sentence_from_the_worker_has_plain_characters_only },
	{ "a file that shrinks while it is read is a finding",
			a_file_that_shrinks_while_it_is_read_is_a_finding },
	{ "memory of a large picture is given back", memory_of_a_large_picture_is_given_back },
	{ "every frame of many arrives unspoilt", every_frame_of_many_arrives_unspoilt },
	{ "members of an archive come with their bytes",
			members_of_an_archive_come_with_their_bytes },
	{ "a job cancelled midway leaves the worker alive",
			a_job_cancelled_midway_leaves_the_worker_alive },
	{ "cancelling a job that does not listen kills it",
			cancelling_a_job_that_does_not_listen_kills_it },
	{ "a worker killed between jobs is replaced silently",
			a_worker_killed_between_jobs_is_replaced_silently },
	{ "a job that a killed worker never took goes to another",
			a_job_that_a_killed_worker_never_took_goes_to_another },
	{ "a worker is replaced after its number of jobs",
			a_worker_is_replaced_after_its_number_of_jobs },
	{ "a worker that cannot be started is named", a_worker_that_cannot_be_started_is_named },
	{ "a file beyond the limit is refused before any work",
			a_file_beyond_the_limit_is_refused_before_any_work },
	{ "the worker's budget ends frames, parts and bytes",
			the_workers_budget_ends_frames_and_parts },
	{ "two hundred jobs leave no descriptor and no child",
			two_hundred_jobs_leave_no_descriptor_and_no_child },
	{ "two threads have a box each", two_threads_have_a_box_each },
	{ "a box outlives the thread that started its worker",
			a_box_outlives_the_thread_that_started_its_worker },
	{ "a worker ends when its program is killed", a_worker_ends_when_its_program_is_killed },
	{ "the jail is named", the_jail_is_named },
};

int main(int argc, char **argv)
{
	if (argc != 2) {
		printf("Bail out! usage: box_test PATH-OF-TEST-WORKER\n");
		return 1;
	}
	worker_path = argv[1];
	return test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));
}
