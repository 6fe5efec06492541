/*
 * What a server sends.  The first byte says what the rest is: info, which is
 * signed again so that the numbers behind the signature are reached; an answer;
 * or a link, whose host and path are made of the bytes.
 */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "oblivious/question.h"
#include "oblivious/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t identity[32], secret[64];
static struct oblivious_table *table;
static struct oblivious_question *question;

static void prepare(void)
{
	struct oblivious_draft *draft = oblivious_draft_new();
	struct oblivious_table_options options = { secret, 1000, 2000, 1 };
	struct ward_link link = { .host = WARD_STR("lighthouse.example"),
		.path = WARD_STR("/"),
		.host_kind = WARD_HOST_NAME };

	if (!oprf_prepare() || !draft)
		abort();
	crypto_sign_keypair(identity, secret);
	if (oblivious_table_new(draft, &options, &table, NULL) ||
			oblivious_question_new(&link, oblivious_table_info(table), &question, NULL))
		abort();
	oblivious_draft_free(draft);
}

static void try_info(const uint8_t *data, size_t size)
{
	uint8_t message[OBLIVIOUS_INFO];
	struct oblivious_info info;
	crypto_sign_state state;

	(void)!oblivious_info_read((ward_bytes){ data, size }, NULL, 1500, &info, NULL);
	if (size != sizeof(message))
		return;
	memcpy(message, data, size);
	memcpy(message + size - 64 - 32, identity, 32);
	crypto_sign_init(&state);
	crypto_sign_update(&state, (const uint8_t *)"ward private look-up, info", 27);
	crypto_sign_update(&state, message, size - 64);
	crypto_sign_final_create(&state, message + size - 64, NULL, secret);
	if (oblivious_info_read((ward_bytes){ message, size }, identity, 1500, &info, NULL))
		return;
	assert(info.bits <= OBLIVIOUS_BITS_MAX && info.slots <= OBLIVIOUS_SLOTS_MAX);
	assert(oblivious_answer_len(&info) <=
			OBLIVIOUS_ANSWER_HEAD + OBLIVIOUS_SLOTS_MAX * OBLIVIOUS_SLOT);
}

static void try_answer(const uint8_t *data, size_t size)
{
	const struct oblivious_info *info = oblivious_table_info(table);
	struct oblivious_verdict verdict;
	uint8_t *copy = malloc(size + 1);

	if (!copy)
		return;
	memcpy(copy, data, size);
	if (size >= 24)
		memcpy(copy + 8, info->id, OBLIVIOUS_ID);
	/* Nobody without the key makes an answer. */
	assert(oblivious_question_judge(question, info, oblivious_table_common(table),
			       (ward_bytes){ copy, size }, &verdict, NULL) != WARD_OK);
	free(copy);
}

static void try_link(const uint8_t *data, size_t size)
{
	size_t host = size / 3, path = host;
	struct ward_link link = { .host = { (const char *)data, host },
		.path = { (const char *)data + host, path },
		.query = { (const char *)data + host + path, size - host - path },
		.has_query = true,
		.host_kind = WARD_HOST_NAME };
	struct oblivious_asks asks;

	for (int hashes = 0; hashes < 2; hashes++)
		if (oblivious_asks_make(&link, hashes != 0, &asks, NULL) == WARD_OK)
			assert(asks.count > 0 && asks.count <= OBLIVIOUS_BATCH);
	ward_str site = oblivious_site(link.host);

	assert(site.len <= link.host.len);
	(void)oblivious_site_holds_below(link.host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!table)
		prepare();
	if (size == 0)
		return 0;
	if (data[0] % 3 == 0)
		try_info(data + 1, size - 1);
	else if (data[0] % 3 == 1)
		try_answer(data + 1, size - 1);
	else
		try_link(data + 1, size - 1);
	return 0;
}
