/*
 * errand.h - one question to a program of ours that sits in a jail, and its answer
 *
 * The program is started for one question, with shared memory that holds it
 * and room for the answer behind it, a socket, and nothing else.  It prepares
 * itself, closes its walls (jail.h), and hears over the socket how long the
 * question is; it says how long the answer is, and is ended.  The answer is
 * copied when nobody writes to it any more, and is believed as little as a
 * stranger's.
 *
 * The parent's half is for any thread; the program's is linked with the jail.
 */
#ifndef BOX_ERRAND_H
#define BOX_ERRAND_H

#include <ward/base.h>

struct errand {
	const char *variable; /* of the environment, which may name the program */
	const char *program;  /* "ward-mail", found as process_find finds it */
	const char *what;     /* for the sentence of a failure: "the mail" */
	size_t answer_max;    /* the room behind the question */
	unsigned time_s;      /* from its start; of the processor, too */
	uint64_t memory_max;  /* of its address space */
};

/*
 * `*answer` is from malloc, of `*len` bytes, more than none.  NOT_FOUND when
 * the program is not there; TIMEOUT; WORKER when it died; FORMAT when it had no answer.
 */
ward_err errand_run(const struct errand *errand, ward_bytes question, char **answer, size_t *len,
		struct ward_error *error) WARD_MUST_USE;

/* ---- within the program ---- */

struct errand_work {
	uint8_t *memory;
	size_t size, answer_max, question_len;
};

/* Takes the shared memory; false when it was not started by ward.  Before the walls. */
bool errand_begin(struct errand_work *work, size_t answer_max) WARD_MUST_USE;
/* Waits for the question; false when it makes no sense.  Behind the walls. */
bool errand_hear(struct errand_work *work, ward_bytes *question) WARD_MUST_USE;
/* Where the answer goes: `answer_max` bytes. */
uint8_t *errand_room(const struct errand_work *work);
/* 0: there is no answer. */
bool errand_say(size_t len) WARD_MUST_USE;

#endif
