/*
 * basis.h - all that decides what comes of a file, besides its own bytes
 *
 * A file that was looked at is passed by from then on (looked.h), as long as
 * the basis is the one that it was looked at on: the program, ward.conf's
 * limits and ways to look, the rules of its policy, the lists, and what
 * agent.conf lets be done.  When one of them is another, all is looked at again.
 *
 * What is being looked at while the lists change was, in part, looked at with
 * the old ones: it bears the number of the generation in which its look began,
 * and is remembered only when that is still the one.
 *
 * Any thread may call.
 */
#ifndef AGENT_BASIS_H
#define AGENT_BASIS_H

#include <ward/base.h>

struct agent;

uint64_t basis_of(const struct agent *agent);
/* Begins a generation: all that was looked at is forgotten. */
void basis_renew(struct agent *agent);

uint64_t basis_generation(struct agent *agent);
/* A file with nothing left to do about it, which was looked at in that generation. */
void basis_remember(struct agent *agent, uint64_t key, uint64_t generation);

#endif
