/*
 * tell.h - a mail in which something was found, told to wardd once
 *
 * A report is put into the agent's spool, durably, before the mail server is
 * answered.  Its key is drawn from the mail's body, its Message-ID and Date, its envelope, and
 * from all that the report says: wardd refuses another text under a key that it has seen.  The
 * same mail that is handed in again, because it was refused or put off, is the same report; one
 * that the mail server keeps is told with the id under which it does, each time it is kept.
 * It holds no part of the mail: that id, the sender as an account, and what was found in codes.
 */
#ifndef MILTER_TELL_H
#define MILTER_TELL_H

#include "agent/spool.h"
#include "milter/decide.h"

struct milter_envelope {
	char sender[321];   /* RFC 5321: 64 + 1 + 255; "" is nobody, or one that cannot be told
			       exactly */
	uint8_t body[32];   /* its SHA-256 */
	uint8_t others[32]; /* a digest of recipients, sender and some fields, whatever their order
			     */
	uint32_t count;
	char id[64]; /* the mail server's, "" while it has none */
};

void milter_envelope_begin(struct milter_envelope *envelope, const char *sender);
void milter_envelope_add(struct milter_envelope *envelope, const char *recipient);
/* Of the mail's head; other fields are passed over. */
void milter_envelope_field(struct milter_envelope *envelope, const char *name, const char *value);

/* For idempotency: "milter-" and 64 hexadecimal digits, of a mail and what is told of it. */
enum { MILTER_KEY_MAX = 7 + 64 + 1 };
void milter_key(const struct milter_envelope *envelope, ward_str told, char key[MILTER_KEY_MAX]);

/* Durable when it returns; as agent_spool_add. */
ward_err milter_tell(struct agent_spool *spool, const struct milter_envelope *envelope,
		struct milter_outcome *outcome, enum milter_action action,
		struct ward_error *error) WARD_MUST_USE;

#endif
