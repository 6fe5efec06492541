/*
 * people_tickets.h - what is remembered between two steps of a log-in
 *
 * Whoever has passed one step gets a ticket for the next: a random token of
 * which memory alone knows the digest, good for a few minutes and a few tries.
 * A challenge that an authenticator is to sign is remembered in the same way.
 *
 * Any thread may use them.
 */
#ifndef PEOPLE_TICKETS_H
#define PEOPLE_TICKETS_H

#include "base/id.h"
#include "people/people_session.h"

struct people_tickets;

enum {
	PEOPLE_TICKET_S = 300,
	PEOPLE_TICKET_TRIES = 5,
	PEOPLE_TICKETS_MAX = 4096, /* of a kind; the oldest makes room */
};

enum people_ticket_kind {
	PEOPLE_TICKET_PASSWORD = 0, /* the password was right */
	PEOPLE_TICKET_ASSERT,       /* a challenge for a passkey that is there */
	PEOPLE_TICKET_REGISTER,     /* a challenge for a new one */
	PEOPLE_TICKET_KINDS
};

struct people_ticket {
	char person[ID_TEXT_MAX]; /* "" when nobody is known yet */
	char login[PEOPLE_LOGIN_MAX];
	uint8_t challenge[32];
	bool oidc; /* the first step was a provider's word, not a password */
};

/* NULL without memory. */
struct people_tickets *people_tickets_new(void);
void people_tickets_free(struct people_tickets *tickets);

void people_ticket_give(struct people_tickets *tickets, enum people_ticket_kind kind,
		const struct people_ticket *ticket, uint64_t now_us, char token[PEOPLE_TOKEN_MAX]);
/*
 * True, with what is remembered, when there is such a ticket.  Each look is a try, and behind the
 * last one it is gone; with `once` the first is the last.
 */
bool people_ticket_look(struct people_tickets *tickets, enum people_ticket_kind kind,
		ward_str token, bool once, uint64_t now_us,
		struct people_ticket *ticket) WARD_MUST_USE;
/* It has served. */
void people_ticket_take(struct people_tickets *tickets, enum people_ticket_kind kind,
		ward_str token);

#endif
