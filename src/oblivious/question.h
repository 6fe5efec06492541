/*
 * question.h - the client's side: one link, one request, and what the answer means
 *
 * A question holds what was asked for and the blinds that hide it; it is used
 * for one request, because the same blinded point sent twice would tell the
 * server that the same was asked twice.  Its memory is wiped when it is freed.
 * A question belongs to one thread.
 */
#ifndef OBLIVIOUS_QUESTION_H
#define OBLIVIOUS_QUESTION_H

#include "oblivious/wire.h"

struct oblivious_question;

/* Blinds what is asked for the link, and fills the batch up with what nobody asks for. */
ward_err oblivious_question_new(const struct ward_link *link, const struct oblivious_info *info,
		struct oblivious_question **question, struct ward_error *error) WARD_MUST_USE;
void oblivious_question_free(struct oblivious_question *question);
/* OBLIVIOUS_REQUEST bytes to send. */
ward_bytes oblivious_question_request(const struct oblivious_question *question);

struct oblivious_verdict {
	uint8_t marks; /* of the entries that hold the link: 0 is not listed */
	bool whole;    /* false: it has more that could be listed than a question has room for */
};

/* DENIED when it is not what info was signed for, FORMAT when it is no common part. */
ward_err oblivious_common_check(const struct oblivious_info *info, ward_bytes common,
		struct ward_error *error) WARD_MUST_USE;
/*
 * Reads the answer.  `common` has been checked against this info.  DENIED when the server did not
 * use the key that info names, FORMAT for what is no answer, or another table's common part.
 */
ward_err oblivious_question_judge(const struct oblivious_question *question,
		const struct oblivious_info *info, ward_bytes common, ward_bytes answer,
		struct oblivious_verdict *verdict, struct ward_error *error) WARD_MUST_USE;

#endif
