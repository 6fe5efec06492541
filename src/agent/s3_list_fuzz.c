/* Any bytes for a bucket's list: read within its bounds, or refused. */
#include "agent/s3_list.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_arena arena;
	struct ward_error error;
	struct s3_page page;

	ward_arena_init(&arena, (size_t)16 << 20);
	if (s3_list_read(&arena, (ward_bytes){ data, size }, &page, &error) == WARD_OK) {
		if (page.count > S3_PAGE_OBJECTS)
			abort();
		for (size_t i = 0; i < page.count; i++) {
			size_t len = strlen(page.objects[i].key);

			if (len == 0 || len > S3_KEY_MAX || !page.objects[i].etag)
				abort();
		}
	}
	ward_arena_free(&arena);
	return 0;
}
