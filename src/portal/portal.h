/*
 * portal.h - the public's door: report, get help, come back, stop a picture
 *
 * A listener of its own with plain pages that need no script.  It shares
 * nothing with the API: no key, no session, no route, no list; what it can do
 * to the rest of ward is the functions of struct portal_intake.  It keeps
 * nothing about who asks: no cookie is set, no address is read, logged or
 * counted, and a report that is being written lives in the reporter's own page
 * (draft.h), not here.
 *
 * portal_start to portal_free are for the program's first thread.
 */
#ifndef PORTAL_H
#define PORTAL_H

#include "portal/block.h"

/* ---- what the portal asks of intake ---- */

/* Of a picture that never left its owner's device. */
struct portal_hash {
	uint8_t pdq[32];  /* in the order of its 64 digits */
	unsigned quality; /* 0 to 100 */
};

/*
 * A report as its writer left it.  Words in quotes are fixed; "" is not said.
 * Texts are clean (form.h) and bounded (draft.h), and valid during the call.
 */
struct portal_report {
	const char *key; /* the same for the same form, said the same, sent twice: file it once */
	const char *receipt; /* what the reporter will come back with; keep only a hash of it */
	const char *language;
	const char *what; /* "site", "picture", "account", "conversation", "own_picture" */
	ward_str address;
	const char *place;         /* "website", "social", ... (draft.c) */
	const char *topic;         /* "material", "grooming", ... */
	const char *when;          /* "today", "yesterday", "week", "earlier", "unknown" */
	ward_str date, time, zone; /* "2026-03-31", "18:30", "+01:00" */
	ward_str words;
	const char *contact; /* "none", "code", "mail" */
	ward_str mail;
	const struct portal_hash *hashes;
	size_t hash_count;
};

enum portal_state { PORTAL_RECEIVED = 0, PORTAL_READING, PORTAL_DONE, PORTAL_WITHDRAWN };

struct portal_message {
	ward_str text;
	int64_t at;
};

struct portal_answer {
	enum portal_state state;
	const struct portal_message *answers, *additions;
	size_t answer_count, addition_count;
};

/* What somebody says of a page that was blocked (block.h: the token's texts). */
struct portal_mistake {
	const char *key;     /* the same for the same form */
	const char *blocked; /* "abuse", "category", "held", "time" */
	bool ordered;
	ward_str list, entry, host;
	const char *language;
	ward_str words, contact;
};

struct portal_counts {
	unsigned days; /* the time they are of */
	uint64_t reports, done, withdrawn;
};

/*
 * All are called from one thread of the portal's, one at a time.  A receipt
 * that is not known (any more) is WARD_E_NOT_FOUND.
 */
struct portal_intake {
	void *context;
	/* Durable when it returns.  A key that was filed already is success, and changes nothing.
	 */
	ward_err (*file)(void *context, const struct portal_report *report,
			struct ward_error *error);
	/* What the reporter may know; texts live in the arena. */
	ward_err (*read)(void *context, const char *receipt, struct ward_arena *arena,
			struct portal_answer *answer, struct ward_error *error);
	/* More words; of the same key once. */
	ward_err (*add)(void *context, const char *receipt, const char *key, ward_str words,
			struct ward_error *error);
	ward_err (*withdraw)(void *context, const char *receipt, struct ward_error *error);
	/* Asked once a day: a number that grows at once would tell that somebody has just reported.
	 */
	ward_err (*count)(void *context, struct portal_counts *counts, struct ward_error *error);
	/* Durable when it returns; of the same key once. */
	ward_err (*mistake)(void *context, const struct portal_mistake *mistake,
			struct ward_error *error);
};

/* ---- what the portal asks of who blocks ---- */

/* Why a host is closed; texts are valid during the request ("" is not said). */
struct portal_why {
	enum portal_block_reason reason;
	bool ordered;
	ward_str list, entry; /* what an appeal is about */
	ward_str category, until;
	bool hidden; /* the host is not shown */
};

/* ---- the door ---- */

enum { PORTAL_KEY_LEN = 32 };

struct portal_options {
	const char *listen; /* "127.0.0.1:8780" */
	const char *owner;  /* who runs it; NULL: not said */
	const char *leave;  /* where the quick exit leads; NULL: an encyclopedia */
	const char *certificate, *private_key; /* PEM texts; NULL: plain HTTP, behind a proxy */
	uint8_t key[PORTAL_KEY_LEN];           /* portal_key */
	unsigned connections_max;              /* 0: 512 */
	unsigned reports_per_minute;           /* 0: 60 */
	/* Reports are not taken: help, what is said of block pages, and nothing else, is here. */
	bool no_reports;
	unsigned request_s;      /* for a request to arrive whole; 0: 30 */
	ward_str helplines;      /* JSON; ptr NULL: the built-in ones */
	ward_str script, module; /* stop.js and pdq.wasm; empty: the page does without */
	struct portal_intake intake;
	/*
	 * With `block` names that lead here and are not ours are taken for blocked ones: DNS
	 * answers with the portal's address.  `address` is ours, as people write it
	 * ("https://help.example.org"), and needed then.
	 */
	bool block;
	const char *address;
	const char *contact, *authority, *country; /* of block pages; NULL: not said */
	ward_str stop_page;                        /* JSON; ptr NULL: the built-in one */
	/* Called from several threads; NULL, or false: of a kind that the operator closes. */
	bool (*why)(void *context, ward_str host, struct portal_why *why);
	void *why_context;
};

struct portal;

/*
 * The key that seals forms and makes receipts, from its file; made (mode 0600)
 * when there is none.  Without the old key, forms that are open in browsers
 * have to be begun again; receipts that were given out stay good.
 */
ward_err portal_key(const char *path, uint8_t key[PORTAL_KEY_LEN],
		struct ward_error *error) WARD_MUST_USE;

/* Copies the options; the intake's context must outlive the portal. */
ward_err portal_start(const struct portal_options *options, struct portal **portal,
		struct ward_error *error) WARD_MUST_USE;
/* "http://127.0.0.1:8780" */
const char *portal_address(const struct portal *portal);
/* A few times a second: cuts what is too slow. */
void portal_tick(struct portal *portal);

/* Since the start; for metrics. */
struct portal_stats {
	uint64_t pages, refused, filed, full, too_slow;
};
struct portal_stats portal_stats(const struct portal *portal);

/* No new connections; what is being filed is finished, then everything ends. */
void portal_free(struct portal *portal);

#endif
