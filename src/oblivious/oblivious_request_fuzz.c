/* What a client sends, in three forms: as it comes, to the right table, and with points that are
 * some. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "oblivious/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct oblivious_table *table;

static void prepare(void)
{
	uint8_t identity[32], secret[64];
	struct oblivious_draft *draft = oblivious_draft_new();
	struct oblivious_table_options options = { secret, 1, 2, 1 };

	if (!oprf_prepare() || !draft)
		abort();
	crypto_sign_keypair(identity, secret);
	if (oblivious_draft_add(draft, WARD_STR("lighthouse.example"), WARD_STR("/"),
			    OBLIVIOUS_DOMAIN, NULL) ||
			oblivious_table_new(draft, &options, &table, NULL))
		abort();
	oblivious_draft_free(draft);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t answer[OBLIVIOUS_ANSWER_HEAD + OBLIVIOUS_SLOTS_MIN * OBLIVIOUS_SLOT];
	uint8_t copy[OBLIVIOUS_REQUEST];

	if (!table)
		prepare();
	(void)!oblivious_table_answer(table, (ward_bytes){ data, size }, answer, NULL);
	if (size != sizeof(copy))
		return 0;
	memcpy(copy, data, size);
	memcpy(copy + 8, oblivious_table_info(table)->id, OBLIVIOUS_ID);
	(void)!oblivious_table_answer(table, (ward_bytes){ copy, size }, answer, NULL);
	for (size_t i = 0; i < OBLIVIOUS_BATCH; i++)
		if (copy[32 + i * OPRF_POINT] & 1)
			crypto_core_ristretto255_random(copy + 32 + i * OPRF_POINT);
	(void)!oblivious_table_answer(table, (ward_bytes){ copy, size }, answer, NULL);
	return 0;
}
