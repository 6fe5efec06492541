#include "desk/decide.h"

#include <stdlib.h>
#include <string.h>

#include "desk/rows.h"

struct desk_agreement desk_kappa(const uint32_t (*pairs)[2], size_t count)
{
	struct desk_agreement result = { .pairs = (int64_t)count };
	uint32_t labels = 0;

	for (size_t i = 0; i < count; i++) {
		result.agreed += pairs[i][0] == pairs[i][1];
		for (int side = 0; side < 2; side++) {
			if (pairs[i][side] >= labels)
				labels = pairs[i][side] + 1;
		}
	}
	uint64_t(*shares)[2] = count >= 2 ? calloc(labels, sizeof(*shares)) : NULL;

	if (!shares)
		return result;
	for (size_t i = 0; i < count; i++) {
		shares[pairs[i][0]][0]++;
		shares[pairs[i][1]][1]++;
	}
	double expected = 0, all = (double)count;

	for (uint32_t i = 0; i < labels; i++)
		expected += (double)shares[i][0] / all * ((double)shares[i][1] / all);
	free(shares);
	if (expected < 1) {
		result.has_kappa = true;
		result.kappa = ((double)result.agreed / all - expected) / (1 - expected);
	}
	return result;
}

/* ---- from the store: labels become small numbers as they are met ---- */

enum { LABELS_MAX = 2000, PAIRS_MAX = 100000, LABEL_MAX = 96 };

struct labels {
	char (*at)[LABEL_MAX];
	uint32_t count;
};

static uint32_t number_of(struct labels *labels, ward_str outcome, ward_str policy)
{
	char text[LABEL_MAX];
	size_t len = outcome.len < 16 ? outcome.len : 16;

	memset(text, 0, sizeof(text));
	memcpy(text, outcome.ptr, len);
	text[len++] = ' ';
	desk_copy(text + len, sizeof(text) - len, policy);
	for (uint32_t i = 0; i < labels->count; i++) {
		if (memcmp(labels->at[i], text, sizeof(text)) == 0)
			return i;
	}
	/* There are at most DESK_POLICIES_MAX policies and three outcomes. */
	if (labels->count < LABELS_MAX)
		memcpy(labels->at[labels->count++], text, sizeof(text));
	return labels->count - 1;
}

static ward_err read_pairs(struct store_tx *tx, ward_str queue, int64_t since,
		struct labels *labels, uint32_t (*pairs)[2], size_t *count,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(tx,
			"SELECT a.outcome, a.policy, b.outcome, b.policy FROM desk_decisions a "
			"JOIN desk_decisions b ON b.job = a.job AND b.pass = 2 AND b.undone_at IS "
			"NULL "
			"JOIN desk_jobs j ON j.id = a.job "
			"WHERE a.pass = 1 AND a.undone_at IS NULL AND b.at >= $1 "
			"AND ($2 = '' OR j.queue = $2) ORDER BY b.at DESC LIMIT $3",
			STORE_VALUES(store_int(since), store_text(queue), store_int(PAIRS_MAX)),
			&rows, error);

	if (err)
		return err;
	while (*count < PAIRS_MAX && store_next(rows)) {
		pairs[*count][0] =
				number_of(labels, store_get_text(rows, 0), store_get_text(rows, 1));
		pairs[*count][1] =
				number_of(labels, store_get_text(rows, 2), store_get_text(rows, 3));
		++*count;
	}
	return store_rows_end(rows, error);
}

ward_err desk_agreement(struct store_tx *tx, ward_str queue, int64_t since,
		struct desk_agreement *agreement, struct ward_error *error)
{
	struct labels labels = { .at = malloc(LABELS_MAX * sizeof(*labels.at)) };
	uint32_t(*pairs)[2] = malloc(PAIRS_MAX * sizeof(*pairs));
	size_t count = 0;
	ward_err err = labels.at && pairs ? WARD_OK
					  : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (!err)
		err = read_pairs(tx, queue, since, &labels, pairs, &count, error);
	if (!err)
		*agreement = desk_kappa((const uint32_t(*)[2])pairs, count);
	free(pairs);
	free(labels.at);
	return err;
}
