/*
 * ask.h - what a look-up asks, read from JSON or from a query
 *
 *     {"signals": ["pdq:…", {"type": "md5", "signal": "…"}, …],
 *      "lists": ["NAME", …], "radius": 31, "max": 1000}
 *
 * Reading is all that is done here: texts that strangers wrote become
 * signals, or a sentence that says which one is wrong and repeats none of it.
 */
#ifndef API_ASK_H
#define API_ASK_H

#include <ward/bank.h>

enum {
	ASK_SIGNALS_MAX = 10000,
	ASK_LISTS_MAX = 64,
	ASK_HITS_MAX = 100000,
	ASK_HITS_DEFAULT = 1000
};

struct ask {
	ward_signal *signals;
	size_t count;
	char lists[ASK_LISTS_MAX][WARD_LIST_NAME_MAX];
	size_t list_count; /* 0: all */
	int radius;        /* negative: each list's own */
	size_t hits_max;   /* of each signal */
};

/* ARGUMENT or NOMEM; to be freed in either case. */
ward_err ask_read(ward_str json, struct ask *ask, struct ward_error *error) WARD_MUST_USE;
/* "NAME,NAME" */
ward_err ask_lists(ward_str names, struct ask *ask, struct ward_error *error) WARD_MUST_USE;
void ask_free(struct ask *ask);

/* A signal by its type ("" or "auto": by its form). ARGUMENT says what is missing. */
ward_err ask_signal(ward_str type, ward_str text, ward_signal *signal,
		struct ward_error *error) WARD_MUST_USE;

struct json_t;

/* A signal as a text, or as {"type": …, "signal": …}. */
ward_err ask_one(const struct json_t *value, ward_signal *signal,
		struct ward_error *error) WARD_MUST_USE;

/* {"a": SIGNAL, "b": SIGNAL}, each a text or an object as above. */
ward_err ask_pair(ward_str json, ward_signal pair[2], struct ward_error *error) WARD_MUST_USE;

#endif
