/*
 * draft.h - a report that is being written, and how it travels
 *
 * Between one step and the next nothing is kept here: the draft goes out in
 * the page as a sealed text (a hidden field) and comes back with the next
 * step.  It is sealed with libsodium's secretbox, so nobody can read it from a
 * saved page or change what was answered in steps before; it is good for a
 * day.  Its key, random, and what it says make a report that is sent twice the
 * same report; whoever goes back and sends other words has made another one.
 *
 * Texts are borrowed: from the form, or from the arena a draft was opened into.
 */
#ifndef PORTAL_DRAFT_H
#define PORTAL_DRAFT_H

#include "portal/form.h"
#include "portal/says.h"

enum step { STEP_WHAT = 0, STEP_WHERE, STEP_SEEN, STEP_CONTACT, STEP_CHECK, STEP_COUNT };

enum {
	DRAFT_KEY_LEN = 16,
	DRAFT_ADDRESS_MAX = 2000, /* characters */
	DRAFT_WORDS_MAX = 4000,
	DRAFT_MAIL_MAX = 254,
	DRAFT_LIFE_S = 24 * 3600,
};

struct draft {
	int64_t begun;
	uint8_t key[DRAFT_KEY_LEN];
	enum step at;
	bool checked; /* all steps were done once */
	/* rows of the tables below, from 1; 0: not answered */
	uint8_t what, place, topic, when, contact;
	bool none; /* "I have no address" */
	ward_str address, date, time, zone, words, mail;
};

/* ---- what can be chosen: the value in forms and reports, and what people read ---- */

struct option {
	const char *value;
	enum say says;
};

extern const struct option draft_whats[]; /* the last one is a picture of one's own */
extern const struct option draft_places[];
extern const struct option draft_topics[];
extern const struct option draft_whens[];
extern const struct option draft_contacts[];
extern const char *const draft_zones[];
enum {
	DRAFT_WHATS = 4,
	DRAFT_OWN_PICTURE = 5,
	DRAFT_PLACES = 10,
	DRAFT_TOPICS = 6,
	DRAFT_WHENS = 5,
	DRAFT_CONTACTS = 3,
	DRAFT_ZONES = 38,
};

/* ---- a step ---- */

/* A new one, begun now, with a key of its own. */
struct draft draft_new(void);

const char *step_name(enum step step);
/* False when it is none. */
bool step_named(ward_str name, enum step *step) WARD_MUST_USE;

/* Takes the step's fields from its form; what the form does not say becomes empty. */
void draft_take(struct draft *draft, enum step step, const struct form *form);

/* What is missing or wrong in a step. */
struct draft_needs {
	bool what, address, address_long, place, topic, date, words_long, mail;
};
struct draft_needs draft_needs(const struct draft *draft, enum step step);
bool draft_is_good(const struct draft *draft, enum step step);
/* The first step that is not; STEP_CHECK when all are. */
enum step draft_first_bad(const struct draft *draft);

/* Do the words hold something like an e-mail address or a telephone number? */
bool draft_is_private(ward_str words);

/* ---- on its way ---- */

/*
 * What one sending of it is known by: of its key, of all it says, and of what
 * goes with it.  False without memory.
 */
bool draft_sending(const struct draft *draft, ward_bytes with,
		uint8_t sending[DRAFT_KEY_LEN]) WARD_MUST_USE;

/* The sealed text, from the arena; ptr is NULL without room. */
ward_str draft_seal(const struct draft *draft, const uint8_t key[32], struct ward_arena *arena);
/*
 * Fails with WARD_E_FORMAT when it is not ours, with WARD_E_TIMEOUT when it is
 * too old.
 */
ward_err draft_open(ward_str sealed, const uint8_t key[32], int64_t now, struct ward_arena *arena,
		struct draft *draft, struct ward_error *error) WARD_MUST_USE;

#endif
