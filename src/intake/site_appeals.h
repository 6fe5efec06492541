/*
 * site_appeals.h - what people say of pages that were blocked: "this is a mistake"
 *
 * An appeal names the list's entry or the rule that blocked, never who wrote
 * it; how to reach them, when they said so, is kept apart and goes first.  A
 * person settles it: the block is kept, or lifted.  What lifting means, an entry
 * of the operator's own list, is the caller's to do when that is durable here,
 * and to tell then (api/site_lift.h); of what a law orders nothing is lifted.
 */
#ifndef INTAKE_SITE_APPEALS_H
#define INTAKE_SITE_APPEALS_H

#include "intake/intake.h"

enum intake_site_state { INTAKE_SITE_OPEN = 0, INTAKE_SITE_KEPT, INTAKE_SITE_LIFTED };
const char *intake_site_state_name(enum intake_site_state state); /* "open", "kept", "lifted" */
bool intake_site_state_parse(ward_str text, enum intake_site_state *state) WARD_MUST_USE;

enum {
	INTAKE_SITE_WORDS_MAX = 16000, /* bytes */
	INTAKE_SITE_CONTACT_MAX = 1020,
	INTAKE_SITE_CONTACT_DAYS = 30,
	INTAKE_SITE_DAYS = 180,
};

struct intake_site_appeal_new {
	ward_str once; /* the same of the same form */
	ward_str blocked, list, entry, host, language, words;
	bool ordered;
	ward_str contact; /* "" is none */
};

/* One of the same `once` is success, and changes nothing. */
ward_err intake_site_appeal_add(struct store_tx *tx, const struct intake_site_appeal_new *appeal,
		char id[ID_TEXT_MAX], struct ward_error *error) WARD_MUST_USE;

struct intake_site_appeal {
	ward_str id, blocked, list, entry, host, language, words, contact;
	int64_t at;
	bool ordered;
	enum intake_site_state state;
	ward_str person, reason; /* "" before it is settled */
	int64_t settled_at;
	int64_t applied_at; /* of a lift: when the list held it; 0 is not yet */
};

/* Of a state, the oldest first, behind the id `after`.  Texts lie in the arena. */
ward_err intake_site_appeal_list(struct store_tx *tx, enum intake_site_state state, ward_str after,
		unsigned rows_max, struct ward_arena *arena, struct intake_site_appeal **appeals,
		size_t *count, struct ward_error *error) WARD_MUST_USE;
ward_err intake_site_appeal_get(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct intake_site_appeal *appeal, struct ward_error *error) WARD_MUST_USE;
/* Those that are lifted and not applied, the oldest first, behind the id `after`. */
ward_err intake_site_appeal_due(struct store_tx *tx, ward_str after, unsigned rows_max,
		struct ward_arena *arena, struct intake_site_appeal **appeals, size_t *count,
		struct ward_error *error) WARD_MUST_USE;
/* A lift is in force; one that was told before keeps its time. */
ward_err intake_site_appeal_applied(struct store_tx *tx, ward_str id,
		struct ward_error *error) WARD_MUST_USE;
/*
 * What lifting allows: the entry as its list writes it, or, where a rule or DNS alone blocked, the
 * host (`whole_domain` is then false).  CONFLICT when there is no place to allow: a rule that names
 * none, or a hash.
 */
ward_err intake_site_appeal_place(const struct intake_site_appeal *appeal, ward_str *place,
		bool *whole_domain, struct ward_error *error) WARD_MUST_USE;
/* CONFLICT when it is settled already; DENIED for lifting what is ordered. */
ward_err intake_site_appeal_settle(struct store_tx *tx, const struct vault_actor *actor,
		ward_str id, bool lift, ward_str reason, struct ward_error *error) WARD_MUST_USE;
/* Removes what has had its time; `removed` counts both kinds. */
ward_err intake_site_appeal_tidy(struct store_tx *tx, int64_t now, uint64_t *removed,
		struct ward_error *error) WARD_MUST_USE;

#endif
