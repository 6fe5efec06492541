#include "oblivious/question.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct oblivious_question {
	struct oblivious_asks asks;
	uint8_t blinds[OBLIVIOUS_BATCH][OPRF_SCALAR];
	uint8_t blinded[OBLIVIOUS_BATCH * OPRF_POINT];
	uint8_t request[OBLIVIOUS_REQUEST];
	/* Where the i-th ask stands in the batch: the order shall not tell how many there are. */
	uint8_t place[OBLIVIOUS_BATCH];
};

/* A random order (Fisher and Yates). */
static void shuffle(uint8_t place[OBLIVIOUS_BATCH])
{
	for (size_t i = 0; i < OBLIVIOUS_BATCH; i++)
		place[i] = (uint8_t)i;
	for (uint32_t i = OBLIVIOUS_BATCH - 1; i > 0; i--) {
		uint32_t other = randombytes_uniform(i + 1);
		uint8_t kept = place[i];

		place[i] = place[other];
		place[other] = kept;
	}
}

static ward_bytes input_of(const struct oblivious_question *question, size_t index)
{
	return (ward_bytes){ question->asks.at[index].input, OBLIVIOUS_INPUT };
}

/*
 * Beside what is asked for, random inputs without marks, until the batch is full.  They are blinded
 * and looked for like the rest, so that the time a client takes does not tell how many are meant.
 */
static void fill_asks(struct oblivious_asks *asks)
{
	for (size_t i = asks->count; i < OBLIVIOUS_BATCH; i++) {
		randombytes_buf(asks->at[i].input, OBLIVIOUS_INPUT);
		asks->at[i].marks = 0;
	}
}

static ward_err blind_all(struct oblivious_question *question, struct ward_error *error)
{
	ward_err err = WARD_OK;

	shuffle(question->place);
	for (size_t i = 0; i < OBLIVIOUS_BATCH && !err; i++) {
		uint8_t *to = question->blinded + (size_t)question->place[i] * OPRF_POINT;

		oprf_blind_random(question->blinds[i]);
		err = oprf_blind(OPRF_VERIFIABLE, input_of(question, i), question->blinds[i], to,
				error);
	}
	return err;
}

ward_err oblivious_question_new(const struct ward_link *link, const struct oblivious_info *info,
		struct oblivious_question **question, struct ward_error *error)
{
	struct oblivious_question *made = calloc(1, sizeof(*made));
	ward_err err;

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	err = oblivious_asks_make(link, info->hashes, &made->asks, error);
	if (!err) {
		fill_asks(&made->asks);
		err = blind_all(made, error);
	}
	if (err) {
		oblivious_question_free(made);
		return err;
	}
	struct oblivious_request request = { .blinded = made->blinded };

	memcpy(request.id, info->id, OBLIVIOUS_ID);
	if (info->bits > 0)
		request.shelf = oblivious_shelf(link->host) >> (32 - info->bits);
	oblivious_request_write(&request, made->request);
	*question = made;
	return WARD_OK;
}

void oblivious_question_free(struct oblivious_question *question)
{
	if (!question)
		return;
	sodium_memzero(question, sizeof(*question));
	free(question);
}

ward_bytes oblivious_question_request(const struct oblivious_question *question)
{
	return (ward_bytes){ question->request, OBLIVIOUS_REQUEST };
}

static ward_err check_size(const struct oblivious_info *info, ward_bytes common,
		struct ward_error *error)
{
	return common.len == (size_t)info->common * OBLIVIOUS_SLOT
			       ? WARD_OK
			       : ward_fail(error, WARD_E_FORMAT,
						 "the common part is of another size");
}

ward_err oblivious_common_check(const struct oblivious_info *info, ward_bytes common,
		struct ward_error *error)
{
	uint8_t digest[32];
	ward_err err = check_size(info, common, error);

	if (err)
		return err;
	crypto_hash_sha256(digest, common.ptr, common.len);
	return memcmp(digest, info->common_digest, sizeof(digest)) == 0
			       ? WARD_OK
			       : ward_fail(error, WARD_E_DENIED,
						 "the common part is not the one that was signed");
}

/* The marks of every slot that is this expression's. */
static uint8_t look(const uint8_t *slots, size_t count, const uint8_t output[OPRF_OUTPUT])
{
	uint8_t marks = 0;

	for (size_t i = 0; i < count; i++)
		marks |= oblivious_slot_read(slots + i * OBLIVIOUS_SLOT, output);
	return marks;
}

ward_err oblivious_question_judge(const struct oblivious_question *question,
		const struct oblivious_info *info, ward_bytes common, ward_bytes bytes,
		struct oblivious_verdict *verdict, struct ward_error *error)
{
	struct oblivious_answer answer = { 0 };
	uint8_t output[OPRF_OUTPUT], marks = 0;
	ward_err err = check_size(info, common, error);

	if (!err)
		err = oblivious_answer_read(bytes, info, &answer, error);
	if (!err) {
		struct oprf_batch batch = { question->blinded, answer.evaluated, OBLIVIOUS_BATCH };

		err = oprf_verify(info->public_point, &batch, answer.proof, error);
	}
	for (size_t i = 0; i < OBLIVIOUS_BATCH && !err; i++) {
		const uint8_t *point = answer.evaluated + (size_t)question->place[i] * OPRF_POINT;

		err = oprf_finalize(input_of(question, i), question->blinds[i], point, output,
				error);
		if (err)
			break;
		uint8_t found = look(answer.shelf, info->slots, output) |
				look(common.ptr, info->common, output);

		marks |= found & question->asks.at[i].marks;
	}
	sodium_memzero(output, sizeof(output));
	if (!err)
		*verdict = (struct oblivious_verdict){ marks, question->asks.whole };
	return err;
}
