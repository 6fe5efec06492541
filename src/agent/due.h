/*
 * due.h - files that changed, each to be looked at once it is left alone
 *
 * A file that is still being written changes again and again; it is due when
 * nothing was heard of it for a while.  One that never rests is due all the
 * same after ten times as long.  Each path is there once.  Bounded: what does
 * not fit is found by a sweep.
 *
 * One thread at a time.
 */
#ifndef AGENT_DUE_H
#define AGENT_DUE_H

#include <ward/base.h>

struct due;

struct due *due_new(uint32_t settle_ms, size_t max); /* NULL: no memory */
void due_free(struct due *due);
/* Something was heard of it.  False when there is no room: then a sweep is wanted. */
bool due_touch(struct due *due, const char *path, uint64_t now_ms) WARD_MUST_USE;
/* The next that is due, from malloc; NULL when none is yet. */
char *due_take(struct due *due, uint64_t now_ms);
/* Milliseconds until one is due; -1: nothing waits. */
int due_wait(const struct due *due, uint64_t now_ms);
size_t due_count(const struct due *due);

#endif
