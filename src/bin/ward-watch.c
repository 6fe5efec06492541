/*
 * ward-watch - looks at a live stream as it runs
 *
 * One picture at a time is hashed, looked up and judged; the reader drops what
 * is due meanwhile, so nothing queues.  A stream that ends or breaks is
 * connected to again, with longer and longer breaks between.  The first Ctrl-C
 * (or SIGTERM, SIGHUP) ends the watch, which is the ordinary end of one: the
 * totals are told, and the exit status is that of what was found.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bin/known.h"
#include "bin/verbs.h"
#include "bin/watch.h"

enum {
	EVERY_MS = 1000,
	TRIES = 10,
	STALL_S = 20,
	LOOK_MS = 500,  /* how soon a signal between two waits is noticed at the latest */
	PAUSE_MS = 500, /* before it is tried again; doubled each time, until: */
	PAUSE_MAX_MS = 30000,
	LISTS_MS = 1000, /* how often it is looked whether the lists have changed */
};

/* FFmpeg's libraries, their tables, and pictures of 4096 x 2304 with what their decoder keeps. */
#define READER_MEMORY ((uint64_t)1 << 30)

#define OUTPUT_MAX ((size_t)64 << 20)

static volatile sig_atomic_t stopped;

struct watch {
	const struct cli *cli;
	const char *address;
	bool json, found_only;
	struct known known;
	struct ward_scan_options options;
	struct live_options live;
	struct ward_scanner *scanner;
	struct ward_buf text;
	struct watch_totals totals;
	uint64_t begun_us, until_us;
	uint64_t lists_us;      /* looked at last */
	uint64_t first_us;      /* the first frame of all came; 0: none did */
	uint64_t base_ms;       /* of this connection's first frame, since then */
	uint64_t failed_on_end; /* connections, without a good one between */
};

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

static void catch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = stop };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		struct sigaction before;

		/* What was ignored when we were started (nohup) stays so; a second one kills. */
		action.sa_flags = (int)SA_RESETHAND;
		if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			(void)sigaction(numbers[i], &action, NULL);
	}
}

static bool is_over(const struct watch *watch)
{
	return stopped || clock_ticks_us() >= watch->until_us;
}

/* ---- one frame ---- */

static void put(struct watch *watch)
{
	fwrite(watch->text.ptr, 1, watch->text.len, stdout);
	/* A reader that went away ends the watch. */
	if (fflush(stdout) != 0)
		stopped = 1;
}

static bool count(struct watch *watch, const struct watch_frame *frame)
{
	const struct ward_report *report = frame->report;
	struct watch_totals *totals = &watch->totals;
	bool known = false, near = false;

	for (size_t i = 0; i < report->finding_count; i++) {
		known = known || report->findings[i].kind == WARD_FINDING_KNOWN;
		near = near || report->findings[i].kind == WARD_FINDING_NEAR;
	}
	totals->frames++;
	totals->known += known;
	totals->near += !known && near;
	totals->found += known || near;
	totals->verdicts[report->verdict.kind]++;
	if (frame->lag_ms > totals->lag_max_ms)
		totals->lag_max_ms = frame->lag_ms;
	return report->finding_count > 0;
}

/* A list that was imported meanwhile is asked from the next frame on. */
static void look_at_lists(struct watch *watch)
{
	uint64_t now = clock_ticks_us();
	struct ward_error error;
	bool changed;

	if (now - watch->lists_us < (uint64_t)LISTS_MS * 1000)
		return;
	watch->lists_us = now;
	if (ward_bank_refresh(watch->known.bank, &changed, &error) != WARD_OK) {
		cli_fail_error(watch->cli, &error);
		return;
	}
	if (!changed)
		return;
	ward_bank_release(watch->known.view);
	watch->known.view = ward_bank_acquire(watch->known.bank);
}

static ward_err look(struct watch *watch, const struct live_frame *given, struct ward_error *error)
{
	struct watch_frame frame = { .stream_ms = watch->base_ms + given->stream_ms,
		.dropped = watch->totals.dropped + given->dropped };

	watch->options.now = clock_now();
	ward_err err = ward_scan_image(watch->scanner, &given->image, watch->known.view,
			watch->known.policy, &watch->options, &frame.report, error);

	if (err)
		return err;
	frame.lag_ms = (clock_ticks_us() - given->arrived_us) / 1000 + given->behind_ms;
	bool any = count(watch, &frame);

	ward_buf_clear(&watch->text);
	if (any || (watch->json && !watch->found_only))
		watch_print_frame(&watch->text, watch->json, &frame);
	put(watch);
	return WARD_OK;
}

/* ---- one connection ---- */

static void begin_time(struct watch *watch)
{
	uint64_t now = clock_ticks_us();

	if (watch->first_us == 0)
		watch->first_us = now;
	watch->base_ms = (now - watch->first_us) / 1000;
	watch->totals.connections++;
}

static ward_err follow(struct watch *watch, struct live *live, struct ward_error *error)
{
	struct live_frame frame = { .dropped = 0 };
	uint64_t dropped = 0;
	bool any = false, come;
	ward_err err = WARD_OK;

	while (!err && !is_over(watch)) {
		err = live_next(live, LOOK_MS, &frame, &come, error);
		if (err || !come)
			continue;
		if (!any)
			begin_time(watch);
		any = true;
		dropped = frame.dropped;
		look_at_lists(watch);
		err = look(watch, &frame, error);
		live_taken(live);
	}
	watch->totals.dropped += dropped;
	return err;
}

static ward_err connect_once(struct watch *watch, struct ward_error *error)
{
	struct live *live = NULL;
	ward_err err = live_open(watch->address, &watch->live, &live, error);

	if (!err)
		err = follow(watch, live, error);
	live_close(live);
	return err;
}

/* ---- again and again ---- */

static void pause_for(const struct watch *watch, uint64_t ms)
{
	uint64_t until = clock_ticks_us() + ms * 1000;

	while (!is_over(watch) && clock_ticks_us() < until)
		(void)poll(NULL, 0, 50);
}

static uint64_t pause_before(uint64_t failures)
{
	uint64_t ms = PAUSE_MS;

	for (uint64_t i = 1; i < failures && ms < PAUSE_MAX_MS; i++)
		ms *= 2;
	return ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS;
}

/*
 * What no second try changes.  An address that gave pictures once is a stream, whatever it says
 * now: a page in its place ("back soon"), or a name that leads elsewhere for a while, is a failure
 * like another.
 */
static bool is_final(const struct watch *watch, ward_err err)
{
	if (err == WARD_E_ARGUMENT || err == WARD_E_NOMEM)
		return true;
	return watch->first_us == 0 && (err == WARD_E_DENIED || err == WARD_E_UNSUPPORTED);
}

/* False when it was given up. */
static bool watch_all(struct watch *watch)
{
	uint64_t tries = (uint64_t)cli_number(watch->cli, "tries", TRIES);
	struct ward_error error = { 0 };

	while (!is_over(watch)) {
		uint64_t frames = watch->totals.frames;
		ward_err err = connect_once(watch, &error);

		if (!err || is_over(watch))
			break;
		watch->totals.failures++;
		/* One that gave pictures begins anew with the shortest break. */
		watch->failed_on_end = watch->totals.frames > frames ? 1 : watch->failed_on_end + 1;
		cli_fail_error(watch->cli, &error);
		if (is_final(watch, err) || (tries > 0 && watch->failed_on_end >= tries))
			return false;
		pause_for(watch, pause_before(watch->failed_on_end));
	}
	return true;
}

/* ---- the verb ---- */

static bool any_address(const struct sockaddr *address)
{
	(void)address;
	return true;
}

static ward_err prepare(struct watch *watch, struct ward_error *error)
{
	const struct cli *cli = watch->cli;
	ward_err err = known_open(cli, &watch->known, error);

	if (err)
		return err;
	err = known_look(cli, &watch->known, &watch->options, error);
	if (err)
		return err;
	watch->live = (struct live_options){
		.interval_ms = (uint32_t)cli_number(cli, "every", EVERY_MS),
		.stall_ms = (uint32_t)cli_number(cli, "stall", STALL_S) * 1000,
		.memory_max = READER_MEMORY,
		.allow = cli_flag(cli, "private") ? any_address : NULL,
		.ca_file = cli_text(cli, "ca-file"),
	};
	/* A picture an hour is no stall. */
	if (watch->live.stall_ms < 4 * watch->live.interval_ms)
		watch->live.stall_ms = 4 * watch->live.interval_ms;
	/* It would be said of each connection that it cannot be trusted. */
	if (watch->live.ca_file && access(watch->live.ca_file, R_OK) != 0)
		return ward_fail(error, WARD_E_IO, "%s: %s", watch->live.ca_file, strerror(errno));
	watch->scanner = ward_scanner_new(NULL);
	return watch->scanner ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");
}

static void begin(struct watch *watch)
{
	int64_t seconds = cli_number(watch->cli, "for", 0);

	watch->begun_us = clock_ticks_us();
	watch->until_us = seconds > 0 ? watch->begun_us + (uint64_t)seconds * 1000000 : UINT64_MAX;
	watch->lists_us = watch->begun_us;
}

static int end(struct watch *watch, bool good)
{
	struct watch_totals *totals = &watch->totals;

	totals->time_ms = (clock_ticks_us() - watch->begun_us) / 1000;
	ward_buf_clear(&watch->text);
	watch_print_totals(&watch->text, watch->json, totals);
	put(watch);
	if (!good)
		return cli_fail(watch->cli, "given up");
	if (totals->frames == 0)
		return cli_fail(watch->cli, "not one picture was seen");
	return totals->found > 0 || totals->frames > totals->verdicts[WARD_ALLOW] ? CLI_FOUND
										  : CLI_OK;
}

static int run_watch(struct cli *cli)
{
	static struct watch watch;
	struct ward_error error;
	int status;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which stream? One http, https, rtmp, rtmps, rtsp or rtsps "
				      "address");
	watch.cli = cli;
	watch.address = cli->args[0];
	watch.json = cli_flag(cli, "json");
	watch.found_only = cli_flag(cli, "found");
	live_prepare();
	ward_buf_init(&watch.text, OUTPUT_MAX);
	if (prepare(&watch, &error) == WARD_OK) {
		catch_signals();
		begin(&watch);
		status = end(&watch, watch_all(&watch));
	} else {
		status = cli_fail_error(cli, &error);
	}
	ward_scanner_free(watch.scanner);
	ward_buf_free(&watch.text);
	known_close(&watch.known);
	return status;
}

static const struct cli_verb verb = {
	.name = "watch",
	.arguments = WATCH_ARGUMENTS,
	.options = watch_options,
	.run = run_watch,
};
static const struct verb_row rows[] = {
	{ "watch", "Look at a live stream as it runs, some pictures a second", &verb }, { 0 }
};

int main(int argc, char **argv)
{
	return verbs_main(rows, argc, argv);
}
