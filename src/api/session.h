/*
 * session.h - the session that comes with a request
 *
 * A person's browser sends the session's cookie by itself, also when another
 * site's page makes it ask; so whatever changes something must bring the
 * session's word in X-Ward-Token (CSRF), and say that it comes from our own
 * origin.  That is looked at before a body is taken.  Whether there is such a
 * session, and what it may, is asked of the store by the thread that works on
 * the request: ending a session is at once.
 *
 * The cookie is `__Host-ward` (Secure, HttpOnly, SameSite=Strict) where people
 * come over HTTPS, and `ward`, without Secure, over plain HTTP on the machine
 * itself.  Anywhere else people cannot log in.
 */
#ifndef API_SESSION_H
#define API_SESSION_H

#include "api/request.h"

/* Is there a cookie that could be one?  Puts it into the request. */
bool session_is_sent(struct request *request) WARD_MUST_USE;
/* Does the request come from our own page?  False with a problem. */
bool session_check_origin(struct request *request) WARD_MUST_USE;
/* Origin, and the word that goes with the session where one is wanted.  False with a problem. */
bool session_admit(struct request *request) WARD_MUST_USE;
/* Is one sent that this process has not seen in use?  Then it may be a stranger's invention. */
bool session_is_unknown(const struct request *request);
/* In a lane: looks it up, and whether it may do this.  False with a problem.  True without one. */
bool session_resolve(struct request *request) WARD_MUST_USE;

/* The answer gives the browser this token, or takes it back. */
void session_give(struct request *request, const char *token);
void session_take_back(struct request *request);
/*
 * The cookie of a log-in that goes through a provider.  It has to come along when the provider
 * sends the browser back, so it is SameSite=Lax; it opens nothing, and ends with the log-in.
 */
void session_flow_give(struct request *request, const char *token);
bool session_flow_sent(const struct request *request, char token[PEOPLE_TOKEN_MAX]) WARD_MUST_USE;
/* Where it comes from, for counting who guesses; "" for this machine. */
void session_place(const struct request *request, char place[64]);

/* What browsers call us, for passkeys; false when that is no name a passkey could be bound to. */
struct people_place;
bool session_people_place(const struct request *request, struct people_place *place) WARD_MUST_USE;

/* ---- tokens that were seen in use, by digest ---- */

struct session_seen;

struct session_seen *session_seen_new(void);
void session_seen_free(struct session_seen *seen);

#endif
