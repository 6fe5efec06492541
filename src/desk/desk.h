/*
 * desk.h - what reports become when people work on them
 *
 *     route.h     where a job goes: the first rule that matches its facts
 *     queues.h    lines of work, and who works on each
 *     jobs.h      a thing to decide, with everything that came in about it
 *     policies.h  the operator's policy as a tree, and what it is called elsewhere
 *     decide.h    what a person makes of a job; undoing; labelling twice
 *     actions.h   what follows a decision, and how it leaves the house
 *     appeals.h   when whoever is touched by a decision disagrees; strikes
 *     exposure.h  what a person has had to look at, and how much they may
 *     check_in.h  how a person says to themselves how they are
 *     kept.h      what the vault keeps for jobs, as far as a person may know of it
 *
 * Only a decision makes an action, and only a person makes a decision: there
 * is no other way to a row of either.  All of this is done within a work of
 * the store (store.h), with its audit row.
 *
 * Text in what is handed out lies in the caller's arena.
 */
#ifndef DESK_H
#define DESK_H

#include <ward/base.h>

#include "base/id.h"
#include "store/store.h"

/* Who acts.  What the role allows is asked of people/permissions.h by the doors, before. */
struct desk_actor {
	ward_str person; /* people's id */
	ward_str role;
};

/* What is known of a report without looking at it; "" is not known. */
struct desk_facts {
	ward_str channel;  /* intake's: "api", "scan", "portal", ... */
	ward_str reporter; /* intake's: "public", "child", "trusted", ... */
	ward_str kind; /* of its gravest item: "media", "text", "account", "url", "conversation" */
	ward_str finding; /* scan's: "known", "near", "score", ... */
	ward_str list;    /* that held it */
	ward_str labels;  /* "scheme:code,scheme:code" */
	ward_str language;
	ward_str country;
	bool urgent;     /* a child may be in danger now */
	int64_t strikes; /* of the account, now */
};

enum { DESK_NAME_MAX = 64, DESK_WORDS_MAX = 4000, DESK_PRIORITY_URGENT = 100 };

#endif
