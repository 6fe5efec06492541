/*
 * check_in.h - how a person says to themselves how they are
 *
 * Once a week three questions; the answers are for the person alone.  They are
 * sealed to the person's own key before they are kept (a sealed box, X25519
 * and XSalsa20-Poly1305), so that neither a supervisor nor the operator nor a
 * backup can read them.  What others may know is how many people have
 * answered in a week, when there are at least five of them; weeks are whole,
 * so that nobody can be found out by asking for two spans that differ by one
 * person.
 */
#ifndef DESK_CHECK_IN_H
#define DESK_CHECK_IN_H

#include "desk/desk.h"

enum {
	CHECK_IN_KEY = 32, /* bytes of a public or a secret key */
	CHECK_IN_BYTES_MAX = 4096,
	CHECK_IN_PEOPLE_LEAST = 5, /* or their number is not told */
	CHECK_IN_WEEK_S = 7 * 86400,
};

/* Weeks are counted from the Monday before 1970-01-01; they begin on Monday, 00:00 UTC. */
int64_t check_in_week(int64_t now);

/* `answers` is text of the caller's own form.  No audit row: nobody need know. */
ward_err check_in_add(struct store_tx *tx, ward_str person, const uint8_t public_key[CHECK_IN_KEY],
		ward_str answers, char id[ID_TEXT_MAX], struct ward_error *error) WARD_MUST_USE;

struct check_in {
	ward_str id;
	int64_t at;
	ward_bytes sealed;
};
struct check_ins {
	struct check_in *at;
	size_t count;
};
/* The person's own, newest first. */
ward_err check_in_list(struct store_tx *tx, ward_str person, unsigned rows_max,
		struct ward_arena *arena, struct check_ins *list,
		struct ward_error *error) WARD_MUST_USE;
/* DENIED when it was sealed for another key, or was changed. */
ward_err check_in_open(ward_bytes sealed, const uint8_t public_key[CHECK_IN_KEY],
		const uint8_t secret_key[CHECK_IN_KEY], struct ward_buf *answers,
		struct ward_error *error) WARD_MUST_USE;
/* The person takes one back.  NOT_FOUND when it is not theirs. */
ward_err check_in_remove(struct store_tx *tx, ward_str person, ward_str id,
		struct ward_error *error) WARD_MUST_USE;

/*
 * How many people answered in a week; `told` is false, and the number 0, when
 * they were too few, or while the week is not over: who is seen to answer
 * would be known by the number that grows.
 */
ward_err check_in_count(struct store_tx *tx, int64_t week, bool *told, int64_t *people,
		struct ward_error *error) WARD_MUST_USE;

/* True when it is time to ask again: no answer in this week. */
ward_err check_in_due(struct store_tx *tx, ward_str person, bool *due,
		struct ward_error *error) WARD_MUST_USE;

#endif
