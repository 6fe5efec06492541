/* inner.h - what the parts of a running agent share: agent.c, look.c, act.c, places.c, status.c */
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
	NOT_HELD_MAX = 1024,
	RETRY_MS = 60000, /* what could not be done is tried again */
};

/* A source, and when it is swept. */
struct place {
	struct source source;
	struct source_folder folder;
	char *path; /* of a folder; NULL of another source */
	const struct agent_watch *watch;
	bool used, gone; /* gone: it is not mounted any more */
	bool remote, whole;
	bool wanted;       /* a sweep, as soon as may be */
	uint32_t every_ms; /* 0: once */
	uint64_t next_ms;
	int64_t swept_at; /* Unix seconds */
};

struct task {
	struct place *place;
	char *name;
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
	/* With `act`: files of which it was told that they could not be held; again and again it
	 * would only fill the spool. */
	uint64_t not_held[NOT_HELD_MAX];
	size_t not_held_count;

	/* of the hearing thread alone */
	struct due *due;
	struct notice *notice;
	struct notice_whole *whole;
	uint64_t refreshed_ms;
	const char *adding; /* the place that is begun with */

	pthread_mutex_t mutex; /* of all that follows */
	pthread_cond_t filled, emptied, sweeps;
	uint64_t generation; /* of the lists: what was looked at with older ones is not remembered
			      */
	struct mounts mounts;
	struct place places[PLACES_MAX];
	struct task queue[QUEUE_MAX];
	size_t queue_first, queue_count;
	bool stopped;
	unsigned lookers; /* with a scanner */
	char trouble[240];
	int64_t trouble_at;

	pthread_t sweeper;
	bool sweeping;
	pthread_t threads[64];
	unsigned thread_count;

	/* What was done, and not. */
	atomic_ullong looked_at, found, held_count, told, failed, passed, restored, retried, lost;
	int64_t since;
};

/* look.c: threads that look, and what they look at. */
void *look_thread(void *agent);
/* Takes the name over; waits for room.  False when the agent stops: it is freed. */
bool look_put(struct agent *agent, struct place *place, char *name);

/* act.c: what comes of a file.  True when nothing is left to do about it as it is now. */
bool act_on(struct agent *agent, const struct place *place, const char *path,
		const struct source_file *file, const struct ward_report *report);

/* places.c: what is watched, and sweeps. */
ward_err places_begin(struct agent *agent, struct ward_error *error) WARD_MUST_USE;
void places_mounts(struct agent *agent); /* the table of mounts changed */
bool places_enters(void *agent, const char *path);
struct place *places_of(struct agent *agent, const char *path);
void places_want_all(struct agent *agent);
void *sweep_thread(void *agent);

/* status.c */
void status_write(struct agent *agent);
void agent_trouble(struct agent *agent, const char *event, const struct ward_error *error);
uint64_t agent_basis(struct agent *agent);

uint64_t agent_ms(void);

#endif
