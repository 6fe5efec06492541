/*
 * opinions.h - what people said about listed signals
 *
 * A journal of JSON lines, oldest first, which is only ever added to, and
 * synced after each.  The last opinion of each person on a signal counts.
 * When a writer is killed, the last line may be torn: a reader passes over
 * it, and the next writer takes it away.  Opinions are on signals, so they
 * outlive the versions of the list.  The journal has a lock of its own, held
 * for a moment, so that people need not wait for an import.
 */
#ifndef BANK_OPINIONS_H
#define BANK_OPINIONS_H

#include <ward/bank.h>

#define OPINIONS_NAME      "opinions.jsonl"
#define OPINIONS_BYTES_MAX ((size_t)1 << 30)

/* How many people affirm and dispute a signal now. */
struct opinion_count {
	ward_signal signal;
	uint32_t affirmed;
	uint32_t disputed;
};

struct opinions {
	struct opinion_count *at; /* in the order of signals */
	size_t count;
};

/* ARGUMENT says what is missing. */
ward_err opinion_check(const struct ward_opinion *opinion, struct ward_error *error) WARD_MUST_USE;
/* One line, without its end. */
void opinion_format(const struct ward_opinion *opinion, struct ward_buf *buf);
ward_err opinion_parse(ward_str line, struct ward_opinion *opinion,
		struct ward_error *error) WARD_MUST_USE;

/* Counts a journal; what follows the last end of line is passed over. */
ward_err opinions_parse(ward_str journal, struct opinions *opinions,
		struct ward_error *error) WARD_MUST_USE;
/* The journal of a list's folder; none is no opinions. */
ward_err opinions_read(const char *folder, struct opinions *opinions,
		struct ward_error *error) WARD_MUST_USE;
void opinions_free(struct opinions *opinions);

/* NULL when nobody said anything about the signal. */
const struct opinion_count *opinions_find(const struct opinions *opinions,
		const ward_signal *signal);

#endif
