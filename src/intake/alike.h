/*
 * alike.h - what an item is like that was there before
 *
 * Three questions, of which the first that has an answer counts: are the bytes
 * the same; is the address or account the same; does the picture look the same
 * (PDQ within 31 bits) as one that waits for a decision.
 *
 * Looking the same is no chain: an item is compared with those alone that were
 * first of their kind, so that all that are joined lie within 31 bits of one
 * picture, and not of each other's neighbours.
 */
#ifndef INTAKE_ALIKE_H
#define INTAKE_ALIKE_H

#include "intake/intake.h"

enum { ALIKE_DISTANCE = WARD_PDQ_RADIUS, ALIKE_PDQ_SIZE = 32 };

struct alike_item {
	ward_str id;
	const uint8_t *sha256;   /* NULL: there is no payload */
	const uint8_t *form_key; /* SHA-256 of kind and form; NULL: it has none */
	bool has_pdq;
	ward_pdq pdq;
	unsigned pdq_quality;
};

struct alike {
	char first[ID_TEXT_MAX]; /* the item's own id when it is like none */
	const char *how;         /* "", "digest", "form", "near" */
	bool apart;              /* a picture that looks like none: alike_keep is to be called */
};

/* Within the work that adds the item, before its row is there. */
ward_err alike_find(struct store_tx *tx, const struct alike_item *item, struct alike *alike,
		struct ward_error *error) WARD_MUST_USE;
/* Behind its row: others will be compared with this picture, and be told `first`. */
ward_err alike_keep(struct store_tx *tx, const struct alike_item *item, ward_str first,
		struct ward_error *error) WARD_MUST_USE;
/* No longer. */
ward_err alike_forget(struct store_tx *tx, ward_str item, struct ward_error *error) WARD_MUST_USE;
/* Neither with any of the report's that came as a hash, without a picture. */
ward_err alike_forget_hashes(struct store_tx *tx, ward_str report,
		struct ward_error *error) WARD_MUST_USE;

/*
 * All pictures there are that look like one, decided or not: for somebody who
 * searches, by looking at each.  The nearest first, and the older of two.
 */
enum { ALIKE_NEAR_MAX = 200 };

struct alike_near {
	ward_str item;
	int64_t distance;
};
struct alike_near_list {
	struct alike_near *at;
	size_t count;
};
ward_err alike_near(struct store_tx *tx, ward_pdq pdq, struct ward_arena *arena,
		struct alike_near_list *list, struct ward_error *error) WARD_MUST_USE;

#endif
