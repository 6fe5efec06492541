/*
 * every.h - a thread that does its work every moment, until it is told to stop
 */
#ifndef API_EVERY_H
#define API_EVERY_H

#include <stdbool.h>

struct every;

/* NULL without memory or a thread. */
struct every *every_start(void (*work)(struct every *every, void *context), void *context);
/* Whoever works for long asks this between two steps. */
bool every_is_stopping(struct every *every);
/* Waits for the step that is under way.  NULL is fine. */
void every_stop(struct every *every);

#endif
