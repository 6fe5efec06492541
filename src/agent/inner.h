/*
 * inner.h - what the parts of a running agent share: agent.c, look.c, act.c, places.c, listen.c,
 * sweep.c, status.c
 */
#ifndef AGENT_INNER_H
#define AGENT_INNER_H

#include "agent/agent.h"
#include "agent/due.h"
#include "agent/looked.h"
#include "agent/mounts.h"
#include "agent/notice.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
	PLACES_MAX = 256,
	QUEUE_MAX = 256, /* files that wait for a looker; a sweep then waits, too */
	DUE_MAX = 65536, /* files that were heard of; beyond, a sweep finds them */
	STAYS_MAX = 1024,
	RETRY_MS = 60000,     /* what could not be done is tried again */
	LATEST_MS = 86400000, /* and again, later each time, but within a day */
	TOLD_MAX = 256,
};

/* A source, how it is heard, and when it is swept. */
struct place {
	struct source source;
	struct source_folder folder;
	char *path; /* of a folder; NULL of another source */
	const struct agent_watch *watch;
	bool used, gone; /* gone: it is not mounted any more */
	unsigned users; /* tasks and sweeps that lend from it: until they end its slot is no other's
			 */
	bool remote;
	bool on_demand;    /* what is there is mounted when somebody asks: not by us */
	bool missing;      /* its folder is not there, or is no folder */
	bool limited;      /* there were too few watches for all of it */
	bool partly;       /* for this or another reason not all of it is heard */
	bool again;        /* the hearing thread is asked to listen anew */
	bool wanted;       /* a sweep, as soon as may be */
	bool vain;         /* what it did not get at in its last sweep is tried again */
	unsigned tries;    /* sweeps in a row that were in vain */
	uint32_t every_ms; /* 0: once */
	uint64_t next_ms;
	int64_t swept_at; /* Unix seconds */
	uint64_t device;  /* which folder it is that is listened to */

	/* of the hearing thread alone */
	uint64_t number;   /* and its inode's */
	uint64_t mount_id; /* what is mounted there, or around it */
	uint64_t begun_on; /* what was when it was begun with */
	bool medium;       /* it is a place because something is mounted there */
	bool whole;        /* by fanotify, as `mark`; else by inotify, from `watching` on */
	int mark, watching;
};

struct task {
	struct place *place;
	char *name;
	bool heard; /* of a change to it, and not only that it is there */
};

struct agent {
	const struct agent_settings *settings;
	struct agent_options options;
	char name[72];
	struct looked *looked;
	struct held *held; /* NULL: nothing is held */
	struct agent_spool *spool;
	struct agent_sender *sender; /* NULL: wardd is not named */
	pthread_mutex_t act;         /* one file at a time is acted on */
	/* With `act`: files of which it was told that they stay; again and again it would only fill
	 * the spool. */
	uint64_t stays[STAYS_MAX];
	size_t stays_count;

	/* of the hearing thread alone */
	struct due *due;
	struct notice *notice;
	struct notice_whole *whole;
	uint64_t refreshed_ms;
	const char *adding; /* the place that is listened to anew */
	bool crowded;       /* not every mount has found a place */
	uint64_t aside;     /* reports of which it was said that they were put aside */

	pthread_mutex_t mutex; /* of all that follows */
	pthread_cond_t filled, emptied, sweeps;
	uint64_t generation; /* of the lists (basis.h) */
	struct mounts mounts;
	struct place places[PLACES_MAX];
	struct task queue[QUEUE_MAX];
	size_t queue_first, queue_count;
	bool stopped;
	unsigned lookers; /* with a scanner */
	char trouble[240];
	int64_t trouble_at;
	/* What was said, and when: again and again it would only fill the journal. */
	struct {
		uint64_t what, at_ms;
	} told_once[TOLD_MAX];

	pthread_t sweeper;
	bool sweeping;
	pthread_t threads[64];
	unsigned thread_count;

	/* What was done, and not. */
	atomic_ullong looked_at, found, held_count, told, failed, passed, restored, retried, lost;
	atomic_ullong not_opened, too_long;
	int64_t since;
};

/* look.c: threads that look, and what they look at. */
void *look_thread(void *agent);
/* Takes the name over; waits for room.  False when the agent stops: it is freed. */
bool look_put(struct agent *agent, struct place *place, char *name, bool heard);

/* act.c: what comes of a file.  True when nothing is left to do about it as it is now. */
bool act_on(struct agent *agent, const struct place *place, const char *path,
		const struct source_file *file, const struct ward_report *report);

/* places.c: what is watched. */
ward_err places_begin(struct agent *agent, struct ward_error *error) WARD_MUST_USE;
void places_mounts(struct agent *agent); /* the table of mounts changed */
/* The same with a table that was read; takes it over. */
void places_mounted(struct agent *agent, struct mounts *mounts);
/* Are they still what is listened to?  Those that are others by now are listened to anew. */
void places_check(struct agent *agent);
bool places_enters(void *agent, const char *path);
/* The place of a file that is covered; NULL: it is none of ours. */
struct place *places_of(struct agent *agent, const char *path);
/* With the mutex held: the innermost around a path. */
struct place *places_around(struct agent *agent, const char *path);
void places_want_all(struct agent *agent);

/* listen.c: how a place is heard. */
void place_check(struct agent *agent, struct place *place);
void place_stop(struct agent *agent, struct place *place);
/* Has its watch gone, with its folder? */
bool place_has_fallen(const struct agent *agent, const struct place *place);
/* With the mutex held: what is mounted there now. */
void place_look_at_mount(struct agent *agent, struct place *place);
/* The folder as it is now. */
ward_err place_now(const struct place *place, struct stat *st,
		struct ward_error *error) WARD_MUST_USE;
/* It is counted, told of, and swept for again: later each time that this is in vain. */
void place_not_opened(struct agent *agent, struct place *place, const struct ward_error *error);
/* As notice_to and source_folder have them: what was not heard, and what was not got at. */
void places_deaf(void *agent, const char *folder, const struct ward_error *error);
void places_missed(void *agent, const char *path, const struct ward_error *error);

/* sweep.c */
void *sweep_thread(void *agent);

/* status.c */
void status_write(struct agent *agent);
void status_aside(struct agent *agent); /* says so when reports were put aside */
void agent_trouble(struct agent *agent, const char *event, const struct ward_error *error);
/* Told for the log once a day for the same error about the same thing. */
void agent_trouble_once(struct agent *agent, const char *event, const struct ward_error *error,
		const char *about);

uint64_t agent_ms(void);

#endif
