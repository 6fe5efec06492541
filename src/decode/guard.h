/*
 * guard.h - for codecs whose errors are a call that must not return
 *
 * The one place where such a codec's jump lands.  A step works on a struct
 * alone: its locals are gone after the jump, what is in the struct is not.
 */
#ifndef DECODE_GUARD_H
#define DECODE_GUARD_H

#include <setjmp.h>
#include <stdbool.h>

struct guard {
	jmp_buf landing;
};

/* True when `step` ran to its end; false when it was left by guard_leave. */
static inline bool guard_run(struct guard *guard, void (*step)(void *context), void *context)
{
	if (setjmp(guard->landing))
		return false;
	step(context);
	return true;
}

static inline _Noreturn void guard_leave(struct guard *guard)
{
	longjmp(guard->landing, 1);
}

#endif
