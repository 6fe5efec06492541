/*
 * talk.h - what reporter and desk write to each other, by receipt
 *
 * What the desk writes is sealed to the receipt's key: nobody reads it but who
 * has the receipt, the desk neither once it is written.  What the reporter
 * writes is sealed twice: so that they can read it again, and in the vault for
 * the desk.
 *
 * Finding a report by its receipt takes some ten milliseconds, on purpose;
 * doors bound how many are asked for at once.
 */
#ifndef INTAKE_TALK_H
#define INTAKE_TALK_H

#include "intake/intake.h"

enum { INTAKE_WORDS_MAX = 20000, INTAKE_TALK_MAX = 200 /* of a report */ };

struct intake_words {
	int64_t at;
	bool by_reporter;
	ward_str text;
};

struct intake_talk {
	ward_str report;
	enum intake_state state;
	struct intake_words *at; /* the oldest first */
	size_t count;
};

/* NOT_FOUND when no report has this receipt.  Text lies in the arena. */
ward_err intake_talk(struct intake *intake, ward_str receipt, struct ward_arena *arena,
		struct intake_talk *talk, struct ward_error *error) WARD_MUST_USE;

/*
 * More words of the reporter's; of the same `once` ("" is none) they are added
 * once.  CONFLICT when the report was withdrawn; LIMIT when there are too many.
 */
ward_err intake_talk_add(struct intake *intake, ward_str receipt, ward_str once, ward_str words,
		struct ward_error *error) WARD_MUST_USE;

/*
 * The reporter takes it back: what was written is forgotten, hashes that came
 * without a picture are compared with nothing any more, and the desk is told
 * by the report's state.  Once more is success.
 */
ward_err intake_withdraw(struct intake *intake, ward_str receipt,
		struct ward_error *error) WARD_MUST_USE;

/* The desk's answer.  NOT_FOUND when the report has no receipt: nobody would come to read it. */
ward_err intake_answer(struct store_tx *tx, const struct vault_actor *actor, ward_str report,
		ward_str words, struct ward_error *error) WARD_MUST_USE;

#endif
