/*
 * agent.h - watches folders, looks at what changes, and does what the policy says
 *
 *     kernel → due → queue → lookers → act → spool → wardd
 *     sweep  ─────────┘                 └→ quarantine
 *
 * One thread hears of changes and waits until a file is left alone; one sweeps
 * sources when they are due; a few look, each with a scanner whose jailed
 * worker is started for the first file and ended when there was nothing to do
 * for a while; one sends.  No byte of a file is parsed here.
 *
 * Of a file that is to be held, a sealed copy is made and read back first,
 * then it has its name, then the report is durable and ready, then the
 * original goes, and then the report may be sent: at any moment the file is
 * there, or a copy that can be restored is; no file goes that nobody will be
 * told of, and nobody is told of one that stays that it was held.  When the
 * disk is full the file stays, and it is tried again.
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include "agent/sender.h"
#include "agent/settings.h"
#include "agent/source.h"

#include <ward/scan.h>

#include <signal.h>

struct agent;

/* What files are compared with, as `ward scan` has it; borrowed. */
struct agent_known {
	struct ward_bank *bank;
	const struct ward_policy *policy;
	struct ward_scan_options options;
	uint64_t basis; /* stands for what else decides what is found: program and options */
};

struct agent_options {
	const struct agent_settings *settings; /* borrowed */
	struct agent_known known;
	/* An event for the log: a word, and an id or a sentence; never a file's name. */
	void (*says)(void *context, const char *event, const char *what);
	void *context;
	agent_post *post;   /* NULL: call_post */
	const char *worker; /* as in ward_scanner_options */
};

/*
 * Opens spool and quarantine, finds what is to be watched, and starts threads.
 * CONFLICT when an agent runs already on these folders.
 */
ward_err agent_new(const struct agent_options *options, struct agent **agent,
		struct ward_error *error) WARD_MUST_USE;
/* Another place to sweep, before agent_run; it is borrowed.  0 ms: once. */
ward_err agent_add_source(struct agent *agent, const struct source *source, uint32_t every_ms,
		struct ward_error *error) WARD_MUST_USE;
/* Until *stop is set (by a handler of a signal, which wakes it). */
void agent_run(struct agent *agent, const volatile sig_atomic_t *stop);
/* Ends the threads behind the files in hand. */
void agent_free(struct agent *agent);

/* ---- status: FOLDER/status.json, which the agent writes and anybody who may reads ---- */

#define AGENT_STATUS "status.json"

#endif
