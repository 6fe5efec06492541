#include "oblivious/table.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
	SHELF_MEAN = 96, /* entries of a shelf, at least, as soon as there are two shelves */
	COMMON_MIN = 64,
	ENTRIES_MAX = 100 * 1000 * 1000,
	THREADS_MAX = 64,
	NO_SHELF = 1, /* of an item: in the common part */
};

struct item {
	uint8_t input[OBLIVIOUS_INPUT];
	uint32_t shelf;
	uint8_t marks;
	uint8_t where;
};

struct oblivious_draft {
	struct item *items;
	size_t count, room;
};

struct oblivious_table {
	struct oblivious_info info;
	struct oprf_key key;
	uint8_t message[OBLIVIOUS_INFO];
	uint8_t *shelves, *common;
	struct oblivious_table_facts facts;
};

/* ---- the draft ---- */

struct oblivious_draft *oblivious_draft_new(void)
{
	return calloc(1, sizeof(struct oblivious_draft));
}

void oblivious_draft_free(struct oblivious_draft *draft)
{
	if (!draft)
		return;
	free(draft->items);
	free(draft);
}

size_t oblivious_draft_count(const struct oblivious_draft *draft)
{
	return draft->count;
}

static ward_err add_item(struct oblivious_draft *draft, const struct item *item,
		struct ward_error *error)
{
	if (draft->count == ENTRIES_MAX)
		return ward_fail(error, WARD_E_LIMIT, "more than %d entries", ENTRIES_MAX);
	if (draft->count == draft->room) {
		size_t room = draft->room ? draft->room * 2 : 1024;
		struct item *items = realloc(draft->items, room * sizeof(*items));

		if (!items)
			return ward_fail(error, WARD_E_NOMEM, "out of memory");
		draft->items = items;
		draft->room = room;
	}
	draft->items[draft->count++] = *item;
	return WARD_OK;
}

ward_err oblivious_draft_add(struct oblivious_draft *draft, ward_str host, ward_str path,
		enum oblivious_mark mark, struct ward_error *error)
{
	struct item item = { .shelf = oblivious_shelf(host), .marks = (uint8_t)mark };

	oblivious_input(host, path, item.input);
	if (mark == OBLIVIOUS_DOMAIN && !oblivious_site_holds_below(host))
		item.where = NO_SHELF;
	return add_item(draft, &item, error);
}

ward_err oblivious_draft_add_hash(struct oblivious_draft *draft,
		const uint8_t input[OBLIVIOUS_INPUT], struct ward_error *error)
{
	struct item item = { .marks = OBLIVIOUS_HASH, .where = NO_SHELF };

	memcpy(item.input, input, sizeof(item.input));
	return add_item(draft, &item, error);
}

static int by_input(const void *left, const void *right)
{
	return memcmp(((const struct item *)left)->input, ((const struct item *)right)->input,
			OBLIVIOUS_INPUT);
}

/* One item an expression, with the marks of all; where one of them has no shelf, none has. */
static void merge(struct oblivious_draft *draft)
{
	size_t kept = 0;

	if (draft->count == 0)
		return;
	qsort(draft->items, draft->count, sizeof(*draft->items), by_input);
	for (size_t i = 1; i < draft->count; i++) {
		struct item *last = &draft->items[kept], *item = &draft->items[i];

		if (by_input(last, item) == 0) {
			last->marks |= item->marks;
			last->where |= item->where;
		} else {
			draft->items[++kept] = *item;
		}
	}
	draft->count = kept + 1;
}

/* ---- evaluating ---- */

struct work {
	pthread_t thread;
	const struct oprf_key *key;
	const struct item *items;
	uint8_t *slots;
	size_t count;
	bool ok;
};

static void *evaluate(void *context)
{
	struct work *work = context;
	uint8_t output[OPRF_OUTPUT];

	work->ok = true;
	for (size_t i = 0; i < work->count && work->ok; i++) {
		const struct item *item = &work->items[i];

		work->ok = oprf_compute(work->key, (ward_bytes){ item->input, OBLIVIOUS_INPUT },
					   output, NULL) == WARD_OK;
		oblivious_slot_write(output, item->marks, work->slots + i * OBLIVIOUS_SLOT);
	}
	sodium_memzero(output, sizeof(output));
	return NULL;
}

/* A slot for each item, in their order. */
static ward_err evaluate_all(const struct oprf_key *key, const struct oblivious_draft *draft,
		unsigned threads, uint8_t *slots, struct ward_error *error)
{
	struct work works[THREADS_MAX] = { 0 };
	size_t count = threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;
	size_t each = draft->count / count + 1, done = 0, started = 0;
	bool ok = true;

	for (; started < count && done < draft->count && ok; started++) {
		struct work *work = &works[started];

		*work = (struct work){ .key = key,
			.items = draft->items + done,
			.slots = slots + done * OBLIVIOUS_SLOT,
			.count = draft->count - done < each ? draft->count - done : each };
		done += work->count;
		ok = pthread_create(&work->thread, NULL, evaluate, work) == 0;
		if (!ok)
			break;
	}
	for (size_t i = 0; i < started; i++) {
		pthread_join(works[i].thread, NULL);
		ok = ok && works[i].ok;
	}
	return ok ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "the list could not be evaluated");
}

/* ---- putting up the shelves ---- */

static void choose_sizes(struct oblivious_info *info, size_t on_shelves)
{
	size_t slots = OBLIVIOUS_SLOTS_MIN;

	while (info->bits < OBLIVIOUS_BITS_MAX && on_shelves >> (info->bits + 1) >= SHELF_MEAN)
		info->bits++;
	/* More than the mean by so much is met by chance less than once in 10^12 shelves. */
	while (slots < OBLIVIOUS_SLOTS_MAX && slots / 2 < on_shelves >> info->bits)
		slots *= 2;
	info->slots = (uint16_t)slots;
}

static size_t shelf_of(const struct oblivious_info *info, const struct item *item)
{
	return info->bits == 0 ? 0 : item->shelf >> (32 - info->bits);
}

static int by_bytes(const void *left, const void *right)
{
	return memcmp(left, right, OBLIVIOUS_SLOT);
}

/* Puts a slot on its shelf; false when that is full. */
static bool put_up(struct oblivious_table *table, uint16_t *held, size_t shelf, const uint8_t *slot)
{
	size_t slots = table->info.slots;

	if (held[shelf] == slots)
		return false;
	memcpy(table->shelves + (shelf * slots + held[shelf]) * OBLIVIOUS_SLOT, slot,
			OBLIVIOUS_SLOT);
	held[shelf]++;
	if (held[shelf] > table->facts.fullest)
		table->facts.fullest = held[shelf];
	return true;
}

/* Fills up with what looks like the rest, and sorts, so that a place tells nothing. */
static void fill_up(uint8_t *slots, size_t held, size_t count)
{
	randombytes_buf(slots + held * OBLIVIOUS_SLOT, (count - held) * OBLIVIOUS_SLOT);
	qsort(slots, count, OBLIVIOUS_SLOT, by_bytes);
}

/* The common part is gathered at the beginning of `slots`. */
static size_t put_all_up(struct oblivious_table *table, const struct oblivious_draft *draft,
		uint16_t *held, uint8_t *slots)
{
	size_t common = 0;

	for (size_t i = 0; i < draft->count; i++) {
		const struct item *item = &draft->items[i];
		const uint8_t *slot = slots + i * OBLIVIOUS_SLOT;

		if (item->where == NO_SHELF ||
				!put_up(table, held, shelf_of(&table->info, item), slot)) {
			memmove(slots + common * OBLIVIOUS_SLOT, slot, OBLIVIOUS_SLOT);
			common++;
		}
	}
	for (size_t shelf = 0; shelf < (size_t)1 << table->info.bits; shelf++)
		fill_up(table->shelves + shelf * table->info.slots * OBLIVIOUS_SLOT, held[shelf],
				table->info.slots);
	return common;
}

static ward_err make_common(struct oblivious_table *table, const uint8_t *slots, size_t held,
		struct ward_error *error)
{
	size_t room = COMMON_MIN;

	while (room < held)
		room *= 2;
	if (room > OBLIVIOUS_COMMON_MAX)
		return ward_fail(error, WARD_E_LIMIT,
				"%zu entries belong to no shelf; every client has to have all of "
				"those, and %d are the most",
				held, OBLIVIOUS_COMMON_MAX);
	table->common = malloc(room * OBLIVIOUS_SLOT);
	if (!table->common)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	memcpy(table->common, slots, held * OBLIVIOUS_SLOT);
	fill_up(table->common, held, room);
	table->info.common = (uint32_t)room;
	table->facts.common_held = held;
	crypto_hash_sha256(table->info.common_digest, table->common, room * OBLIVIOUS_SLOT);
	return WARD_OK;
}

/* ---- a table ---- */

static ward_err make_key(struct oblivious_table *table, struct ward_error *error)
{
	uint8_t seed[OPRF_SEED];

	randombytes_buf(seed, sizeof(seed));
	randombytes_buf(table->info.id, OBLIVIOUS_ID);
	ward_err err = oprf_key_derive(OPRF_VERIFIABLE, seed,
			(ward_bytes){ table->info.id, OBLIVIOUS_ID }, &table->key, error);

	sodium_memzero(seed, sizeof(seed));
	if (!err)
		memcpy(table->info.public_point, table->key.public_point, OPRF_POINT);
	return err;
}

static ward_err build(struct oblivious_table *table, const struct oblivious_draft *draft,
		unsigned threads, struct ward_error *error)
{
	size_t shelves = (size_t)1 << table->info.bits;
	uint8_t *slots = malloc((draft->count + 1) * OBLIVIOUS_SLOT);
	uint16_t *held = calloc(shelves, sizeof(*held));
	ward_err err = WARD_OK;

	table->shelves = malloc(shelves * table->info.slots * OBLIVIOUS_SLOT);
	if (!slots || !held || !table->shelves)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (!err)
		err = evaluate_all(&table->key, draft, threads, slots, error);
	if (!err) {
		size_t common = put_all_up(table, draft, held, slots);

		err = make_common(table, slots, common, error);
	}
	free(slots);
	free(held);
	return err;
}

static void count_items(struct oblivious_table *table, const struct oblivious_draft *draft)
{
	size_t on_shelves = 0;

	for (size_t i = 0; i < draft->count; i++) {
		on_shelves += draft->items[i].where != NO_SHELF;
		if (draft->items[i].marks & OBLIVIOUS_HASH)
			table->info.hashes = true;
	}
	table->facts.entries = draft->count;
	choose_sizes(&table->info, on_shelves);
}

ward_err oblivious_table_new(struct oblivious_draft *draft,
		const struct oblivious_table_options *options, struct oblivious_table **table,
		struct ward_error *error)
{
	struct oblivious_table *made = calloc(1, sizeof(*made));
	ward_err err;

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->info.starts = options->starts;
	made->info.ends = options->ends;
	memcpy(made->info.identity, options->identity_secret + 32, OBLIVIOUS_IDENTITY);
	merge(draft);
	count_items(made, draft);
	err = make_key(made, error);
	if (!err)
		err = build(made, draft, options->threads, error);
	if (err) {
		oblivious_table_free(made);
		return err;
	}
	oblivious_info_write(&made->info, options->identity_secret, made->message);
	*table = made;
	return WARD_OK;
}

void oblivious_table_free(struct oblivious_table *table)
{
	if (!table)
		return;
	free(table->shelves);
	free(table->common);
	oprf_key_wipe(&table->key);
	free(table);
}

const struct oblivious_info *oblivious_table_info(const struct oblivious_table *table)
{
	return &table->info;
}

const uint8_t *oblivious_table_message(const struct oblivious_table *table)
{
	return table->message;
}

ward_bytes oblivious_table_common(const struct oblivious_table *table)
{
	return (ward_bytes){ table->common, (size_t)table->info.common * OBLIVIOUS_SLOT };
}

struct oblivious_table_facts oblivious_table_facts(const struct oblivious_table *table)
{
	return table->facts;
}

ward_err oblivious_table_answer(const struct oblivious_table *table, ward_bytes bytes,
		uint8_t *answer, struct ward_error *error)
{
	uint8_t evaluated[OBLIVIOUS_BATCH * OPRF_POINT], proof[OPRF_PROOF];
	struct oblivious_request request;
	size_t shelf_len = (size_t)table->info.slots * OBLIVIOUS_SLOT;
	ward_err err = oblivious_request_read(bytes, &request, error);

	if (!err && memcmp(request.id, table->info.id, OBLIVIOUS_ID) != 0)
		return ward_fail(error, WARD_E_CONFLICT, "this table is no longer in force");
	if (!err && request.shelf >> table->info.bits)
		return ward_fail(error, WARD_E_FORMAT, "there is no such shelf");
	for (size_t i = 0; i < OBLIVIOUS_BATCH && !err; i++)
		err = oprf_evaluate(&table->key, request.blinded + i * OPRF_POINT,
				evaluated + i * OPRF_POINT, error);
	if (!err) {
		struct oprf_batch batch = { request.blinded, evaluated, OBLIVIOUS_BATCH };

		err = oprf_prove(&table->key, &batch, proof, error);
	}
	if (err)
		return err;
	struct oblivious_answer parts = { .evaluated = evaluated,
		.proof = proof,
		.shelf = table->shelves + request.shelf * shelf_len };

	memcpy(parts.id, table->info.id, OBLIVIOUS_ID);
	oblivious_answer_write(&parts, table->info.slots, answer);
	return WARD_OK;
}
