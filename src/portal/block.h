/*
 * block.h - the page that stands in place of one that was blocked
 *
 * It says why, in the reader's language, plainly and without blame; where help
 * is, when what was blocked is abuse; and how to say that it is a mistake.  It
 * is one text that needs nothing else: no script, no cookie, no style sheet, no
 * picture, because it is shown in another site's name, where nothing of ours
 * can be fetched.  Whoever shows it keeps nothing of who asked for what.
 *
 * What the page was blocked for travels in a sealed token, so that neither an
 * address bar, a log nor a proxy reads it there; only the portal opens it.
 *
 * Everything here is a pure function of what it is given, for any thread.
 */
#ifndef PORTAL_BLOCK_H
#define PORTAL_BLOCK_H

#include "portal/helplines.h"
#include "portal/language.h"

enum portal_block_reason {
	PORTAL_BLOCK_ABUSE = 0, /* on a list of child sexual abuse material */
	PORTAL_BLOCK_CATEGORY,  /* of a kind that the operator does not allow */
	PORTAL_BLOCK_HELD,      /* nobody has listed it, a program holds it for a person */
	PORTAL_BLOCK_TIME,      /* not at this time, or not from here */
	PORTAL_BLOCK_REASONS
};

const char *portal_block_reason_name(enum portal_block_reason reason); /* "abuse", ... */

struct portal_stop; /* the words for PORTAL_BLOCK_ABUSE, from data/stop-page.json or a file like it
		     */

/* FORMAT says what is missing: a title and one to PORTAL_STOP_LINES texts in each language. */
ward_err portal_stop_read(ward_str json, struct portal_stop **stop,
		struct ward_error *error) WARD_MUST_USE;
void portal_stop_free(struct portal_stop *stop);

extern const uint8_t portal_stop_builtin[];
extern const size_t portal_stop_builtin_len;

enum { PORTAL_STOP_LINES = 8, PORTAL_BLOCK_TEXT_MAX = 512, PORTAL_BLOCK_PAGE_MAX = 256 * 1024 };

/* Texts that are "" are not said.  All are the caller's, and shown as text. */
struct portal_block {
	enum portal_block_reason reason;
	bool ordered; /* a law or an order wants it: no appeal opens it, and the status is 451 */
	ward_str authority; /* whom to ask about that */
	ward_str category;  /* in people's words: "Games" */
	ward_str until;     /* of a time: "16:00" */
	ward_str owner, contact;
	ward_str host;    /* "" for lists that name nothing */
	ward_str token;   /* portal_block_seal; "" and no appeal is offered */
	bool no_reports;  /* the portal takes none, so none is linked to */
	ward_str base;    /* "https://help.example.org", the portal's own; "" and nothing of it is
			     linked */
	ward_str country; /* whose helplines: "FR" */
	const struct helplines *helplines; /* NULL: none */
	const struct portal_stop *stop;
};

/* 403, or 451 of what is ordered. */
unsigned portal_block_status(const struct portal_block *block);
/* Of the page: to be sent with it, with Referrer-Policy no-referrer and Cache-Control no-store. */
extern const char portal_block_policy[];
/* The whole page, behind what `out` holds; out->failed when it or the memory did not do. */
void portal_block_page(const struct portal_block *block, const struct language *language,
		struct ward_buf *out);

/* ---- the token ---- */

struct portal_block_about {
	enum portal_block_reason reason;
	bool ordered;
	ward_str list;  /* the list's name, or "rule" */
	ward_str entry; /* the entry as its list writes it, or the rule's name */
	ward_str host;  /* that the page may show; "" */
	ward_str authority;
};

enum { PORTAL_TOKEN_KEY = 32, PORTAL_TOKEN_LIFE_S = 7 * 24 * 3600, PORTAL_ENTRY_MAX = 2048 };

/* The key for tokens, from the portal's (portal_key). */
void portal_block_key(const uint8_t portal_key[PORTAL_TOKEN_KEY], uint8_t key[PORTAL_TOKEN_KEY]);
/* Base64 for addresses, behind what `out` holds. */
void portal_block_seal(const struct portal_block_about *about, const uint8_t key[PORTAL_TOKEN_KEY],
		int64_t now, struct ward_buf *out);
/* False for what is no token of ours, changed, or older than a week.  Texts lie in the arena. */
bool portal_block_open(ward_str token, const uint8_t key[PORTAL_TOKEN_KEY], int64_t now,
		struct ward_arena *arena, struct portal_block_about *about) WARD_MUST_USE;

#endif
