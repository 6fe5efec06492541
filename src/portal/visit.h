/*
 * visit.h - one request, from its first line to its answer; the inside of the portal
 *
 *     server.c         start, stop, what happens now and then
 *     serve.c          a request's way (libmicrohttpd's callbacks)
 *     visit.c          what handlers use: the frame, the answer, problems
 *     route.c          which page is where
 *     handle_pages.c   pages that are read
 *     handle_report.c  the four steps, and sending
 *     handle_back.c    coming back with code words
 *     handle_stop.c    hashes of a picture that stays where it is
 *     handle_block.c   in place of blocked pages, and what is said of them
 *
 * A handler runs on a network thread and writes the answer, or names an errand:
 * that runs on the clerk's thread, speaks to intake, and writes the answer.
 */
#ifndef PORTAL_VISIT_H
#define PORTAL_VISIT_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "net/guests.h"
#include "portal/clerk.h"
#include "portal/draft.h"
#include "portal/gate.h"
#include "portal/helplines.h"
#include "portal/pages.h"
#include "portal/portal.h"
#include "portal/receipt.h"

/* Of a form as it arrives: the longest texts, each byte as %XX, and a sealed draft. */
enum { VISIT_BODY_MAX = 192 * 1024, VISIT_PAGE_MAX = 1 << 20, VISIT_MEMORY_MAX = 4 << 20 };

struct portal {
	struct MHD_Daemon *daemon;
	struct clerk *clerk;
	struct guests guests;
	struct gate reports, guesses, mistakes;
	struct helplines *helplines;
	struct portal_intake intake;
	/* of one key, one for each use */
	uint8_t draft_key[32], visit_key[32], receipt_key[32], once_key[32], token_key[32];
	char *owner, *leave;
	bool no_reports;
	/* of block pages */
	bool block;
	char *home, *home_host, *contact, *authority, *country;
	struct portal_stop *stop;
	bool (*why)(void *context, ward_str host, struct portal_why *why);
	void *why_context;
	ward_str script, module; /* ours */
	bool tls;
	char address[128];
	_Atomic bool stopping;
	_Atomic unsigned in_flight;
	_Atomic uint64_t pages, refused, filed, full, too_slow;
	_Atomic int64_t told_full; /* when the log was told that too much comes in */
	/* the clerk's: what the public is told of reports, and the day of which it is; from 1 */
	struct portal_counts counts;
	int64_t counts_day;
};

struct route;

enum visit_phase { VISIT_READING = 0, VISIT_ERRAND, VISIT_DONE };

struct visit {
	struct portal *portal;
	struct MHD_Connection *connection;
	struct guest *guest;
	const struct route *route;
	const struct language *language;
	bool post;
	struct ward_buf body;
	struct ward_arena arena;
	struct form form;
	_Atomic enum visit_phase phase;
	/* the answer */
	unsigned status; /* 0: none yet */
	const char *type, *policy, *allow;
	char location[64];
	bool negotiated; /* it depends on Accept-Language */
	bool lasting;    /* a file that is the same for everybody */
	bool foreign;    /* in another site's name */
	unsigned retry_after_s;
	ward_str fixed; /* a file's bytes; else the page: */
	struct ward_buf page;
	/* the errand */
	void (*errand)(struct visit *visit);
	struct draft draft;
	struct portal_hash *hashes;
	size_t hash_count;
	struct receipt receipts[LANGUAGE_COUNT];
	size_t receipt_count;
	uint8_t sending[DRAFT_KEY_LEN]; /* makes the receipt */
	char once[2 * DRAFT_KEY_LEN + 1];
	ward_str words, contact;
	struct portal_block_about about;
	bool add, too_long, withdraw, guessed;
};

/* ---- serve.c ---- */

enum MHD_Result visit_serve(void *context, struct MHD_Connection *connection, const char *url,
		const char *method, const char *version, const char *upload, size_t *upload_size,
		void **kept);
void visit_completed(void *context, struct MHD_Connection *connection, void **kept,
		enum MHD_RequestTerminationCode how);
void visit_connection(void *context, struct MHD_Connection *connection, void **kept,
		enum MHD_ConnectionNotificationCode code);
/* What the clerk does with a visit. */
void visit_errand(void *visit);

/* ---- visit.c ---- */

struct frame visit_frame(const struct visit *visit, enum say title);
/* A page of this status; write it into visit->page. */
void visit_begin(struct visit *visit, unsigned status);
void visit_problem(struct visit *visit, unsigned status, enum say says);
/* A number as text, in the arena. */
ward_str visit_number(struct visit *visit, uint64_t number);
/* "" when there is none. */
ward_str visit_query(const struct visit *visit, const char *name);
/* Fills `sending` and `once`, what intake sees of it; false without memory, and the page says so.
 */
bool visit_sends(struct visit *visit, const struct draft *draft, ward_bytes with);
/* Too much comes in: counted, and told to the log once a minute. */
void visit_is_full(struct visit *visit, const char *what);

/* ---- handle_pages.c ---- */

void handle_first(struct visit *visit);
void handle_plain(struct visit *visit);
void handle_help(struct visit *visit);
void handle_transparency(struct visit *visit);
void handle_file(struct visit *visit);
/* Numbers by country; from a report when `writing`. */
void handle_help_page(struct visit *visit, ward_str country, bool writing, ward_str token);

/* ---- handle_report.c ---- */

void handle_report(struct visit *visit);
void handle_report_step(struct visit *visit);
/* On the clerk's thread: files visit->draft, with hashes when there are some, and thanks. */
void handle_send(struct visit *visit);

/* ---- handle_back.c, handle_stop.c ---- */

void handle_back(struct visit *visit);
void handle_back_form(struct visit *visit);
void handle_stop(struct visit *visit);
void handle_stop_form(struct visit *visit);

/* ---- handle_block.c ---- */

/* Does this request come in the name of a host that is not ours? */
bool visit_is_blocked(const struct visit *visit);
/* The page in its place. */
void handle_blocked(struct visit *visit);
void handle_mistake(struct visit *visit);
void handle_mistake_form(struct visit *visit);

#endif
