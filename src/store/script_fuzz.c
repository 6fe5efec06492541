/* Any text as a migration: statements for both engines, or an error. */
#include "store/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (enum store_engine engine = STORE_SQLITE; engine <= STORE_POSTGRESQL; engine++) {
		ward_str rest = { (const char *)data, size };
		struct ward_error error = { 0 };
		struct ward_buf statement;
		size_t before = size + 1;
		ward_err err;

		ward_buf_init(&statement, 4096);
		while (!(err = script_next(&rest, engine, &statement, &error))) {
			if (rest.len >= before)
				abort();
			before = rest.len;
		}
		if (err != WARD_E_NOT_FOUND && !error.message[0])
			abort();
		ward_buf_free(&statement);
	}
	return 0;
}
