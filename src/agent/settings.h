/*
 * settings.h - what agent.conf says: where the agent looks, and what it does
 *
 *     agent { workspace = /var/lib/ward; folder = /var/lib/ward-agent }
 *     watch "homes" { folder = /home; exclude = "*.iso" }
 *     watch "mail" { folder = /var/mail/anna; kind = maildir; act = tell }
 *     bucket "uploads" { url = https://s3.example.org/uploads; keys = /etc/ward/uploads.keys }
 *     media { folder = /media; folder = /run/media }
 *     act { block = hold; hold = tell }
 *     quarantine { key = x25519:BASE64 }
 *     wardd { url = https://ward.example.org; token = /etc/ward/agent.token }
 *     limits { workers = 1; settle = 2s }
 *
 * The form is ward.conf's (workspace/conf.h); which lists are asked and what a
 * finding comes to stands in the workspace's own ward.conf.  Every setting is
 * a row of a table in settings.c; the man page is tested against it.
 *
 * Settings are immutable once read.
 */
#ifndef AGENT_SETTINGS_H
#define AGENT_SETTINGS_H

#include "agent/held.h"

enum {
	AGENT_BUCKETS_MAX = 16,
	AGENT_WATCHES_MAX = 64,
	AGENT_EXCLUDES_MAX = 64,
	AGENT_ROOTS_MAX = 16
};

/* What is done about a file. */
enum agent_act {
	AGENT_NOTHING, /* it is counted */
	AGENT_TELL,    /* wardd is told */
	AGENT_HOLD,    /* and the file is taken into the quarantine */
};

struct agent_watch {
	const char *name;
	const char *folder;
	bool maildir;        /* of it new/ and cur/ alone, and those of its .Folders */
	enum agent_act most; /* AGENT_TELL: nothing is ever taken from here */
	uint32_t every_ms;   /* swept again so often; 0: where others' changes are not seen, limits'
			      */
	const char *exclude[AGENT_EXCLUDES_MAX];
	size_t exclude_count;
};

/* A bucket of objects (agent/s3.h); nothing is ever taken from there. */
struct agent_bucket {
	const char *name;
	const char *url, *region, *prefix;
	const char *keys;
	uint64_t bytes_max;
	uint32_t every_ms, time_ms;
};

struct agent_settings {
	const char *workspace;
	const char *folder; /* what the agent keeps for itself */
	const char *name;   /* of this machine, in reports; "" is its host name */
	struct agent_watch watches[AGENT_WATCHES_MAX];
	size_t watch_count;
	struct agent_bucket buckets[AGENT_BUCKETS_MAX];
	size_t bucket_count;
	struct agent_watch media; /* what holds for each medium; its folder is NULL */
	const char *roots[AGENT_ROOTS_MAX];
	size_t root_count;
	enum agent_act on_block, on_hold;
	const char *quarantine;
	uint8_t keys[HELD_KEYS_MAX][PAIR_KEY];
	size_t key_count;
	const char *spool;
	uint64_t spool_bytes_max;
	const char *url, *token;
	uint32_t workers;
	uint32_t worker_idle_ms; /* then a worker is ended */
	uint32_t settle_ms;      /* a file is looked at when it was left alone so long */
	uint32_t every_ms;       /* folders of other machines are swept again */
	uint32_t refresh_ms;     /* lists are looked at, the status is written */
	uint64_t remember;       /* so many files that were looked at */
	uint32_t load_percent;   /* sweeps wait above this load a processor; 0: never */
	bool battery_waits;      /* sweeps wait without mains */
	bool whole;              /* file systems as a whole, where the system lets us */
};

/*
 * Reads a text; everything lives in the arena.  An error names the file, the
 * line, and what to write instead.
 */
ward_err agent_settings_read(struct ward_arena *arena, const char *file, ward_str text,
		struct agent_settings *settings, struct ward_error *error) WARD_MUST_USE;
/* The same of a file. */
ward_err agent_settings_open(struct ward_arena *arena, const char *path,
		struct agent_settings *settings, struct ward_error *error) WARD_MUST_USE;

/* May a file of this path be looked at: within the watch, and not excluded? */
bool agent_watch_covers(const struct agent_watch *watch, const char *path);
/* Is this folder, or all that is in it, passed over? */
bool agent_watch_excludes(const struct agent_watch *watch, const char *path);
/* The watch whose folder is the innermost around the path; NULL: none. */
const struct agent_watch *agent_settings_watch(const struct agent_settings *settings,
		const char *path);
/* Is it the agent's own: its folder, spool, quarantine, or the workspace? */
bool agent_settings_is_own(const struct agent_settings *settings, const char *path);

/* "watch.folder": the names of all settings, for the man page; NULL behind the last. */
const char *agent_settings_word(size_t index);

#endif
