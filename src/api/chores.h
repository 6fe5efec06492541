/*
 * chores.h - what the service does by itself, now and then, in a thread of its own
 *
 *     each second   actions that are due leave (desk/deliver.h)
 *     each minute   the log's newest row is signed, when there is a new one (audit.h)
 *     each hour     who left long ago is forgotten, and who looked at what (chores_keep.h)
 *     each day      files that belong to no report are removed from the vault, and reports to
 *                   authorities whose time is over end
 *
 * Nothing waits for it.  A store that is away is looked for, which may take its time.
 */
#ifndef API_CHORES_H
#define API_CHORES_H

struct server;
struct chores;

/* NULL without memory or a thread. */
struct chores *chores_start(struct server *server);
/* Waits for what is under way: a call has ten seconds.  NULL is fine. */
void chores_stop(struct chores *chores);

#endif
