/*
 * ease.h - being a process that nobody at the machine feels
 */
#ifndef AGENT_EASE_H
#define AGENT_EASE_H

#include <ward/base.h>

/* The lowest priority for processor and disk, for this process and those it starts. */
void ease_begin(void);
/*
 * Programs that are started from now on have none of root's rights, whoever we are: a worker that
 * is broken into is no more than its jail lets it be.  What we have ourselves stays.
 */
void ease_children(void);
/* Gives freed memory back to the system. */
void ease_memory(void);
/* Is the machine busy (load of the last minute, percent of a processor's), or without mains? */
bool ease_is_busy(uint32_t load_percent);
bool ease_is_on_battery(void);

#endif
