/* Any bytes are some form, whose texts are clean and no longer than three times the bytes. */
#include <assert.h>

#include "portal/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct form form;
	struct ward_arena arena;
	struct ward_error error;
	size_t total = 0;

	ward_arena_init(&arena, 1 << 22);
	if (form_parse((ward_str){ (const char *)data, size }, &arena, &form, &error) == WARD_OK) {
		for (size_t i = 0; i < form.count; i++) {
			ward_str value = form.fields[i].value;

			assert(ward_utf8_valid(value) && ward_utf8_valid(form.fields[i].name));
			assert(value.len == 0 || !memchr(value.ptr, '\r', value.len));
			assert(form_length(value) <= value.len);
			total += value.len + form.fields[i].name.len;
		}
		assert(total <= 3 * size);
	}
	ward_arena_free(&arena);
	return 0;
}
