/*
 * gate.h - how much comes in, when nobody may be known
 *
 * Without an address, a cookie or a script there is nobody to slow down, so
 * the whole is: so many reports a minute, with ten minutes' worth saved up for
 * a rush.  What tells a person from a program is time.  Nobody reads and
 * answers four steps in a few seconds, so a form younger than GATE_SOON_S is
 * asked to be sent once more, and one younger than GATE_SLOW_S may take only
 * from the upper half of what is saved up.  A program that sends at once can
 * therefore never use up what is kept for people; one that waits can, and then
 * reports wait, too: nothing of them is lost, they stay in their pages
 * (docs/decisions/0017-portal.md).
 *
 * Any thread may ask.
 */
#ifndef PORTAL_GATE_H
#define PORTAL_GATE_H

#include <pthread.h>

#include <ward/base.h>

enum { GATE_SOON_S = 4, GATE_SLOW_S = 60, GATE_MINUTES = 10 };

struct gate {
	pthread_mutex_t mutex;
	double level, room, per_second;
	uint64_t looked_us;
};

/* Full at first: `room` may come at once, and `per_second` from then on. */
void gate_init(struct gate *gate, double per_second, double room);

/* Takes one; 0, or in how many seconds it could.  `reserved` of the room stays for others. */
unsigned gate_take(struct gate *gate, double reserved);

/* Gives one back: what it was taken for did not happen. */
void gate_give(struct gate *gate);

/* A report of this age, in seconds; 0, or in how many seconds it may be tried again. */
unsigned gate_report(struct gate *gate, int64_t age_s);

#endif
