/*
 * holds.h - why an item is kept, for how long, and how it ends
 *
 * A hold is a reason to keep an item until a day: it has a basis (a clock of
 * legal.h), and for an authority's the reference of their letter.  An item is
 * kept as long as one of its holds is active; with none it is due.  Nothing
 * is destroyed by itself: two persons destroy what is due, by which the wraps
 * of its key are deleted, its file is overwritten and removed, and a record
 * stays that says what it was (digests), when, how and by whom.
 *
 * While an authority's hold is active nobody outside is told either: ask
 * hold_forbids_notice before a notice leaves.
 *
 * A state is told by the time now, so a clock that goes back makes an item be
 * kept, and one that jumps ahead destroys nothing without two persons.
 */
#ifndef HOLDS_H
#define HOLDS_H

#include "vault/legal.h"
#include "vault/vault.h"

enum hold_state { HOLD_ACTIVE = 0, HOLD_EXPIRED, HOLD_RELEASED };
const char *hold_state_name(enum hold_state state); /* "active", "expired", "released" */

enum { HOLD_REFERENCE_MAX = 200 };

struct hold {
	char id[ID_TEXT_MAX];
	char item[ID_TEXT_MAX];
	char basis[LEGAL_CODE_MAX];
	char reference[HOLD_REFERENCE_MAX]; /* the authority's; or "" */
	bool authority;
	int64_t start_at, end_at;
	unsigned renewals;
	int64_t released_at; /* 0: it was not */
	enum hold_state state;
};

/* The clocks that this vault goes by; a workspace's own table takes the default one's place. */
const struct legal *vault_legal(const struct vault *vault);
/* Reads the workspace's own table, "WORKSPACE/legal-clocks.json"; without that file nothing
 * changes.
 */
ward_err vault_legal_load(struct vault *vault, const char *path,
		struct ward_error *error) WARD_MUST_USE;
/* Takes the table over.  Before the vault is shared. */
void vault_legal_set(struct vault *vault, struct legal *legal);

/*
 * Whether two persons may end a hold of this basis as the operator's own: a clock of no place
 * and of no authority.  One that the table has no more may have been a law's.
 */
bool hold_basis_is_own(const struct vault *vault, ward_str basis) WARD_MUST_USE;

struct hold_wish {
	ward_str item;
	ward_str basis;
	ward_str reference; /* wanted for an authority's */
	ward_str reason;
	int64_t until; /* 0: as the clock says; else a time ahead */
};

/* Adds "item.held".  NOT_FOUND when the item is not there, was destroyed, or has no such basis. */
ward_err hold_place(struct vault *vault, struct store_tx *tx, const struct hold_wish *wish,
		const struct vault_actor *actor, char id[ID_TEXT_MAX],
		struct ward_error *error) WARD_MUST_USE;
/* Prolongs by the clock's renewal, from its end.  CONFLICT when it is over or cannot be renewed. */
ward_err hold_renew(struct vault *vault, struct store_tx *tx, ward_str id, ward_str reference,
		const struct vault_actor *actor, struct ward_error *error) WARD_MUST_USE;
/* Ends it before its time, by two persons. */
ward_err hold_release(struct store_tx *tx, ward_str id, const struct vault_pair *persons,
		ward_str reason, struct ward_error *error) WARD_MUST_USE;

struct hold_question {
	ward_str item;       /* "" is any */
	int64_t ends_before; /* 0 is any */
	bool active;         /* only these */
	ward_str after;      /* the id of the last one of the page before; "" for the first */
	unsigned holds_max;
};
/* Oldest first. */
ward_err hold_list(struct store_tx *tx, const struct hold_question *question,
		bool (*each)(void *context, const struct hold *hold), void *context,
		struct ward_error *error) WARD_MUST_USE;

/* True when an authority's hold on the item, or on any with this origin, is active. */
ward_err hold_forbids_notice(struct store_tx *tx, ward_str item_or_origin, bool *forbidden,
		struct ward_error *error) WARD_MUST_USE;

/* ---- the end ---- */

/* Items without an active hold, oldest first, `after` as above. */
ward_err vault_due(struct store_tx *tx, ward_str after, unsigned items_max,
		bool (*each)(void *context, const struct vault_facts *facts), void *context,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Destroys items that are due, all or none of them: CONFLICT when one is held
 * again, or when the clock stands before the newest row of the log.  The keys
 * are gone when the rows are durable, and then the files are overwritten and
 * removed; IO when one of them could not be, though its item is destroyed.
 * vault_sweep takes up what is left of that, and after a crash.
 */
ward_err vault_destroy(struct vault *vault, const ward_str *items, size_t count,
		const struct vault_pair *persons, ward_str reason,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Destroys items that may not be due yet: with them end the holds by the operator's own rules,
 * which are clocks of no place and of no authority.  CONFLICT while another hold is active: what
 * a law or an authority asks for is released first, by two persons as well.
 */
ward_err vault_destroy_early(struct vault *vault, const ward_str *items, size_t count,
		const struct vault_pair *persons, ward_str reason,
		struct ward_error *error) WARD_MUST_USE;

/* What stays of a destroyed item, beside its facts. */
struct vault_destruction {
	int64_t at;
	char method[64];
	char first[201], second[201]; /* the approvers, as the log names them */
	char reason[4001];
	char bases[4096]; /* of the holds that it had: "own, us-2258a-h" */
};
ward_err vault_destruction_get(struct store_tx *tx, ward_str item,
		struct vault_destruction *destruction, struct ward_error *error) WARD_MUST_USE;

#endif
