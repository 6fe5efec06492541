/*
 * opening.h - the content of an item for one request
 *
 * The person's secret key is borrowed from the ring for as long as it takes to
 * open the keys of their roles; those open the item, and are wiped with the
 * opening.  Who reads what, and why, is in the log before the first byte is out.
 *
 * Whatever fails is told by a problem, and the answer is false.
 */
#ifndef API_OPENING_H
#define API_OPENING_H

#include "api/request.h"
#include "desk/looking.h"

/* Whether the vault is there, and unlocked in this session. */
bool opening_may(struct request *request) WARD_MUST_USE;
/* Seconds for which it stays so; 0: it is locked. */
unsigned opening_left(const struct request *request);

/*
 * The keys of the person's roles, as the ring lends them; NULL with a problem.  `actor` is the
 * caller's, to live as long as what is given.
 */
enum { OPENING_ACTOR_MAX = ID_TEXT_MAX + 8 };
struct vault_access *opening_access(struct request *request,
		char actor[OPENING_ACTOR_MAX]) WARD_MUST_USE;

struct opening {
	const struct desk_looking *looking;
	const char *level;
	ward_str reason; /* "" is: to work on the job */
};

/* Into memory, for the worker; the descriptor is the caller's. */
bool opening_memory(struct request *request, const struct opening *opening, uint64_t bytes_max,
		int *fd) WARD_MUST_USE;
/* The first bytes of it, as many as `text` has room for; all of it is verified. */
bool opening_text(struct request *request, const struct opening *opening,
		struct ward_buf *text) WARD_MUST_USE;

#endif
