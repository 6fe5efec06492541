/*
 * tell.h - what wardd is told of a file: a report as POST /v1/reports takes it
 *
 * Codes and numbers are the report's context; the picture's PDQ hash is an
 * item, so that what looks alike becomes one job; the file's path is an item
 * of its own, which wardd seals as it comes in.  The file itself stays here.
 *
 * The same finding about the same file is, to the letter, the same text under
 * the same key: it counts once, however often it is sent.
 */
#ifndef AGENT_TELL_H
#define AGENT_TELL_H

#include "agent/spool.h"

#include <ward/scan.h>

struct tell_about {
	const char *agent;  /* the machine's name */
	const char *watch;  /* where it was found */
	const char *action; /* "held", "told", "stays", "not_held" */
	const char *held;   /* the quarantine's id; "" is none */
	const char *path;
	uint64_t bytes;
	const struct ward_report *report;
};

/* Writes the text into `body`, and its key.  LIMIT when it is too long. */
ward_err tell_write(const struct tell_about *about, struct ward_buf *body,
		char key[AGENT_SPOOL_KEY_MAX + 1], struct ward_error *error) WARD_MUST_USE;

#endif
