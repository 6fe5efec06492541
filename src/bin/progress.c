#include "bin/progress.h"

#include <inttypes.h>

#include "base/clock.h"

#define BAR_WIDTH 24

void progress_begin(struct progress *progress, bool shown)
{
	*progress = (struct progress){ .shown = shown, .started_us = clock_ticks_us() };
}

const char *progress_bytes(uint64_t bytes, char out[PROGRESS_TEXT_MAX])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	double value = (double)bytes;
	int unit = 0;

	while (value >= 999.5 && unit < 5) {
		value /= 1000;
		unit++;
	}
	snprintf(out, PROGRESS_TEXT_MAX, unit > 0 && value < 99.95 ? "%.1f %s" : "%.0f %s", value,
			units[unit]);
	return out;
}

static void format_time(uint64_t seconds, char out[PROGRESS_TEXT_MAX])
{
	if (seconds >= 3600)
		snprintf(out, PROGRESS_TEXT_MAX, "%" PRIu64 ":%02u:%02u", seconds / 3600,
				(unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
	else
		snprintf(out, PROGRESS_TEXT_MAX, "%u:%02u", (unsigned)(seconds / 60),
				(unsigned)(seconds % 60));
}

/*
 * How much is done, 0..1.  A file costs something besides its bytes; 64 kB is
 * about what opening one and asking the lists takes.
 */
static double share(struct progress_count done, struct progress_count total)
{
	double whole = (double)total.bytes + 65536.0 * (double)total.files;
	double part = (double)done.bytes + 65536.0 * (double)done.files;

	if (whole <= 0)
		return 0;
	return part < whole ? part / whole : 1;
}

static void draw_bar(double part)
{
	int full = (int)(part * BAR_WIDTH);

	fputc('[', stderr);
	for (int i = 0; i < BAR_WIDTH; i++)
		fputc(i < full ? '#' : '.', stderr);
	fprintf(stderr, "] %3d%%  ", (int)(part * 100));
}

static void draw_left(double part, uint64_t took_us)
{
	char left[PROGRESS_TEXT_MAX];

	if (part <= 0.001 || part >= 1)
		return;
	format_time((uint64_t)((double)took_us * (1 - part) / part / 1e6), left);
	fprintf(stderr, "  %s left", left);
}

void progress_draw(struct progress *progress, struct progress_count done,
		struct progress_count total, bool counting, uint64_t found)
{
	char bytes[PROGRESS_TEXT_MAX], all[PROGRESS_TEXT_MAX], rate[PROGRESS_TEXT_MAX];
	uint64_t took_us = clock_ticks_us() - progress->started_us + 1;
	double part = share(done, total);

	if (!progress->shown)
		return;
	fputs("\r\033[K", stderr);
	if (!counting)
		draw_bar(part);
	progress_bytes(done.bytes, bytes);
	progress_bytes(total.bytes, all);
	progress_bytes((uint64_t)((double)done.bytes * 1e6 / (double)took_us), rate);
	fprintf(stderr, "%" PRIu64 " of %" PRIu64 "%s files  %s of %s%s  %s/s  %" PRIu64 " found",
			done.files, total.files, counting ? "+" : "", bytes, all,
			counting ? "+" : "", rate, found);
	if (!counting)
		draw_left(part, took_us);
	fflush(stderr);
	progress->drawn = true;
}

void progress_draw_share(struct progress *progress, uint64_t done, uint64_t total, bool bytes,
		const char *says)
{
	char shown[PROGRESS_TEXT_MAX], rate[PROGRESS_TEXT_MAX];
	uint64_t now_us = clock_ticks_us();
	uint64_t took_us = now_us - progress->started_us + 1;
	double part = total > 0 && done < total ? (double)done / (double)total : 1;

	if (!progress->shown || (progress->drawn && now_us - progress->drawn_us < 100000))
		return;
	fputs("\r\033[K", stderr);
	if (total > 0)
		draw_bar(part);
	fputs(says, stderr);
	if (bytes) {
		progress_bytes(done, shown);
		progress_bytes((uint64_t)((double)done * 1e6 / (double)took_us), rate);
		fprintf(stderr, "  %s  %s/s", shown, rate);
		if (total > 0)
			draw_left(part, took_us);
	}
	fflush(stderr);
	progress->drawn = true;
	progress->drawn_us = now_us;
}

void progress_clear(struct progress *progress)
{
	if (!progress->drawn)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	progress->drawn = false;
}
