/*
 * release.h - an item for one report: what a program that sends reports may open
 *
 * Reports leave at night, too, when nobody is logged in, and the program that
 * sends them holds no role: a role's key would open all that the role may see.
 * It has a pair of its own instead, whose secret half is a file that only the
 * service's user can read, and which opens nothing by itself.  When a person
 * who holds a role approves a report, they release its items: the key of each
 * is wrapped to the sender's public half, for this report and no other.  The
 * release ends with the report.
 *
 * So whoever steals the machine with that file has the items of reports that
 * were under way at that time, and no others; and a program gone astray cannot
 * open what no person released to it.
 *
 * A vault_sender is immutable; share it between threads.
 */
#ifndef VAULT_RELEASE_H
#define VAULT_RELEASE_H

#include "vault/vault.h"

enum { VAULT_PURPOSE_MAX = 64 };

struct vault_sender;

/*
 * Makes the pair, by two persons: the file of the secret half (0600), and the
 * rows of the public one ("sender.made").  One that was there before is
 * retired, and what was released to it is released no more.
 */
ward_err vault_sender_make(struct vault *vault, const char *path, const struct vault_pair *persons,
		ward_str reason, struct ward_error *error) WARD_MUST_USE;

/* NOT_FOUND without the file; DENIED when others can read it, or it is not the vault's sender. */
ward_err vault_sender_read(struct vault *vault, const char *path, struct vault_sender **sender,
		struct ward_error *error) WARD_MUST_USE;
/* Wipes it.  NULL is fine. */
void vault_sender_free(struct vault_sender *sender);

/*
 * Releases items for a purpose ("filing:ID"), by somebody who can open them:
 * all or none, a row of the log each ("item.released").  Once more changes
 * nothing but the sender.  NOT_FOUND when the vault has no sender.
 */
ward_err vault_release(struct vault *vault, const struct vault_access *access,
		const ward_str *items, size_t count, ward_str purpose, ward_str reason,
		struct ward_error *error) WARD_MUST_USE;
/* Whether all of them are released for it. */
ward_err vault_is_released(struct store_tx *tx, const ward_str *items, size_t count,
		ward_str purpose, bool *released, struct ward_error *error) WARD_MUST_USE;
/* What was released for it is not, any more. */
ward_err vault_release_end(struct store_tx *tx, ward_str purpose,
		struct ward_error *error) WARD_MUST_USE;
/* Each purpose for which something is released since before then; false from `each` ends. */
ward_err vault_release_list(struct store_tx *tx, int64_t before,
		bool (*each)(void *context, ward_str purpose), void *context,
		struct ward_error *error) WARD_MUST_USE;

/* What the sender may open for this purpose, as this actor. */
ward_err vault_sender_access(const struct vault_sender *sender, const struct vault_actor *actor,
		ward_str purpose, struct vault_access **access,
		struct ward_error *error) WARD_MUST_USE;

/* ---- an item's bytes, asked for a piece at a time ---- */

/*
 * vault_open gives the bytes out; who sends them wants to ask for them.  Bytes
 * are verified before they are given, but only the end of them (*len 0) says
 * that they were all.  Opening looks whether the access opens the item; the
 * row of the log is made by the first read.  All of it belongs to one thread.
 */
struct vault_pull;

ward_err vault_pull_open(struct vault *vault, struct vault_access *access,
		const struct vault_opening *opening, struct vault_pull **pull,
		struct ward_error *error) WARD_MUST_USE;
ward_err vault_pull_read(struct vault_pull *pull, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error) WARD_MUST_USE;
void vault_pull_close(struct vault_pull *pull);

#endif
