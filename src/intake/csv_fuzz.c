/*
 * Any text as a table.  Each record is taken from what is left, which gets less, to the end.
 */
#include "intake/csv.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_str text = { (const char *)data, size };
	struct csv_record record;
	struct ward_arena arena;
	uint64_t line = 1;
	ward_err err = WARD_OK;

	ward_arena_init(&arena, 1 << 20);
	while (!err) {
		size_t left = text.len, sum = 0;

		err = csv_next(&text, &line, &arena, &record, NULL);
		assert(err || text.len < left);
		for (size_t i = 0; !err && i < record.count; i++) {
			sum += record.fields[i].len;
			for (size_t j = 0; j < record.fields[i].len; j++)
				(void)*(const volatile char *)&record.fields[i].ptr[j];
		}
		assert(err || (record.count > 0 && record.line <= line && sum <= left - text.len));
	}
	assert(err == WARD_E_NOT_FOUND ? text.len == 0 : err != WARD_OK);
	ward_arena_free(&arena);
	return 0;
}
