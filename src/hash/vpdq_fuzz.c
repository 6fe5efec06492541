/*
 * Any text as vPDQ's file or signal: the first byte picks which.  What is read
 * prints and is read again as the same frames, and compares as the same video.
 */
#include <ward/vpdq.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef ward_err reads(ward_str text, struct ward_vpdq *list, struct ward_error *error);
typedef void writes(const struct ward_vpdq *list, struct ward_buf *out);

/* What is printed has fewer digits; from then on it stays as it is. */
static void goes_round(const struct ward_vpdq *list, reads *read, writes *write)
{
	struct ward_vpdq again = { 0 };
	struct ward_buf first, second;
	struct ward_error error = { 0 };

	ward_buf_init(&first, (size_t)1 << 26);
	ward_buf_init(&second, (size_t)1 << 26);
	write(list, &first);
	/* A time beyond any number's fifteen digits is refused when it comes back. */
	if (!first.failed && read(ward_buf_text(&first), &again, &error) == WARD_OK) {
		assert(again.count == list->count);
		for (size_t i = 0; i < list->count; i++) {
			assert(ward_pdq_distance(again.frames[i].hash, list->frames[i].hash) == 0);
			assert(again.frames[i].quality == list->frames[i].quality);
		}
		write(&again, &second);
		assert(!second.failed &&
				ward_str_eq(ward_buf_text(&first), ward_buf_text(&second)));
	}
	ward_vpdq_free(&again);
	ward_buf_free(&first);
	ward_buf_free(&second);
}

static void compares_with_itself(const struct ward_vpdq *list, uint8_t flags)
{
	const struct ward_vpdq_rule rule = { .distance = 1,
		.quality_min = flags,
		.below = true,
		.repetitions = (flags & 1) != 0 };
	struct ward_vpdq_match match;
	struct ward_error error;

	if (list->count > 1000 || ward_vpdq_compare(list, list, &rule, &match, &error) != WARD_OK)
		return;
	assert(match.frames[0] <= list->count && match.frames[0] == match.frames[1]);
	assert(match.found[0] == match.frames[0] && match.found[1] == match.frames[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_vpdq list = { 0 };
	struct ward_error error = { 0 };

	if (size == 0)
		return 0;
	ward_str text = { (const char *)data + 1, size - 1 };
	bool signal = (data[0] & 128) != 0;
	reads *read = signal ? ward_vpdq_read_signal : ward_vpdq_read;

	if (read(text, &list, &error) != WARD_OK) {
		assert(error.message[0] != 0 && list.count == 0);
		return 0;
	}
	assert(list.count > 0);
	goes_round(&list, ward_vpdq_read, ward_vpdq_write);
	goes_round(&list, ward_vpdq_read_signal, ward_vpdq_write_signal);
	compares_with_itself(&list, data[0] & 127);
	ward_vpdq_free(&list);
	return 0;
}
