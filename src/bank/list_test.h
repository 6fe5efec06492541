/*
 * list_test.h - a folder for a test's lists, and signals drawn by code
 */
#ifndef BANK_LIST_TEST_H
#define BANK_LIST_TEST_H

#include "base/test.h"
#include "base/test_folder.h"
#include <ward/bank.h>

static struct ward_error error;

static inline void fresh_list_folder(void)
{
	fresh_folder();
	error = (struct ward_error){ 0 };
}

static inline struct ward_list_info info_of(const char *name)
{
	struct ward_list_info info;

	if (!ward_list_info_init(&info, ward_str_from(name)))
		abort();
	return info;
}

static inline ward_pdq pdq_of(uint64_t seed)
{
	ward_pdq hash;

	for (int i = 0; i < 4; i++) {
		uint64_t z = seed = seed * 4 + (uint64_t)i + 0x9e3779b97f4a7c15;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		hash.word[i] = z ^ z >> 31;
	}
	return hash;
}

static inline ward_pdq flipped(ward_pdq hash, int bits)
{
	for (int i = 0; i < bits; i++)
		hash.word[i % 4] ^= (uint64_t)1 << (i * 7 % 61);
	return hash;
}

static inline ward_signal digest_of(ward_signal_kind kind, uint64_t seed)
{
	ward_signal signal = { .kind = kind };
	ward_pdq bits = pdq_of(seed * 31 + kind);

	memcpy(signal.bytes, &bits, ward_signal_size(kind) < 32 ? ward_signal_size(kind) : 32);
	return signal;
}

static inline struct ward_list_writer *begin(const char *name)
{
	struct ward_list_writer *writer = NULL;
	struct ward_list_info info = info_of(name);

	if (ward_list_create(in_folder(name), &info, &writer, &error))
		printf("# %s\n", error.message);
	return writer;
}

static inline bool add(struct ward_list_writer *writer, uint64_t number, ward_signal signal,
		const char *labels)
{
	struct ward_record record = { .number = number, .signal_count = 1, .quality = 255 };

	record.signals[0] = signal;
	record.labels = ward_str_from(labels);
	return !ward_list_writer_add(writer, &record, &error);
}

static inline bool commit(struct ward_list_writer *writer)
{
	ward_err err = ward_list_writer_commit(writer, &error);

	if (err)
		printf("# %s\n", error.message);
	ward_list_writer_free(writer);
	return !err;
}

static inline bool add_with_ref(struct ward_list_writer *writer, uint64_t number,
		ward_signal signal, const char *ref)
{
	struct ward_record record = { .number = number, .signal_count = 1, .quality = 255 };

	record.signals[0] = signal;
	record.ref = ward_str_from(ref);
	return !ward_list_writer_add(writer, &record, &error);
}

static inline struct ward_list_writer *change(const char *name)
{
	struct ward_list_writer *writer = NULL;

	if (ward_list_change(in_folder(name), &writer, &error))
		printf("# %s\n", error.message);
	return writer;
}

static inline struct ward_list *open_list(const char *name)
{
	struct ward_list *list = NULL;

	if (ward_list_open(in_folder(name), &list, &error))
		printf("# %s\n", error.message);
	return list;
}

/* How many entries the list as it is now has on or near the signal. */
static inline uint64_t count_hits(const char *name, ward_signal signal)
{
	struct ward_hits hits = { .max = 1 };
	struct ward_list *list = open_list(name);
	uint64_t total = UINT64_MAX;

	if (list && !ward_list_search(list, &signal, -1, &hits, &error))
		total = hits.total;
	ward_hits_free(&hits);
	ward_list_free(list);
	return total;
}

#endif
