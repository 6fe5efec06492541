/*
 * watch.h - `ward watch`: its options, which ward and ward-watch share, and what it says
 *
 * The work is ward-watch's, so that ward itself loads nothing that speaks to a network.
 */
#ifndef BIN_WATCH_H
#define BIN_WATCH_H

#include <ward/scan.h>

#include "bin/cli.h"
#include "live/live.h"

#define WATCH_ARGUMENTS "URL"

extern const struct cli_option watch_options[];

struct watch_totals {
	uint64_t frames;
	uint64_t dropped;
	uint64_t found; /* frames with a known or near signal */
	uint64_t known, near;
	uint64_t connections; /* that gave a frame */
	uint64_t failures;    /* to connect, or of a connection */
	uint64_t verdicts[WARD_VERDICT_KIND_COUNT];
	uint64_t lag_max_ms;
	uint64_t time_ms;
};

/* A frame and what came of it. */
struct watch_frame {
	uint64_t stream_ms; /* since the watch began */
	uint64_t lag_ms;    /* from when its bytes could be had to the verdict */
	uint64_t dropped;   /* so far */
	const struct ward_report *report;
};

/* An object; or, as text, a row for each finding. */
void watch_print_frame(struct ward_buf *out, bool json, const struct watch_frame *frame);
void watch_print_totals(struct ward_buf *out, bool json, const struct watch_totals *totals);

#endif
