/*
 * Any bytes for a bucket's list: read within its bounds and written for the agent as it was read,
 * or refused.  With a first byte of 1, what a jailed reader that is another's might write.
 */
#include "agent/s3_list.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t written[S3_ANSWER_MAX];

static void check(const struct s3_page *page)
{
	if (page->count > S3_PAGE_OBJECTS || (page->next && page->next[0] == '\0'))
		abort();
	for (size_t i = 0; i < page->count; i++) {
		size_t len = strlen(page->objects[i].key);

		if (len == 0 || len > S3_KEY_MAX || !page->objects[i].etag)
			abort();
	}
}

static void check_same(const struct s3_page *a, const struct s3_page *b)
{
	if (a->count != b->count || a->passed != b->passed || !a->next != !b->next ||
			(a->next && strcmp(a->next, b->next) != 0))
		abort();
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->objects[i].key, b->objects[i].key) != 0 ||
				strncmp(a->objects[i].etag, b->objects[i].etag, S3_ETAG_MAX) != 0 ||
				a->objects[i].size != b->objects[i].size ||
				a->objects[i].changed != b->objects[i].changed)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_arena arena;
	struct ward_error error;
	struct s3_page page, again;
	size_t len;

	ward_arena_init(&arena, (size_t)32 << 20);
	if (size > 0 && data[0] == 1) {
		if (s3_page_read(&arena, (ward_bytes){ data + 1, size - 1 }, &page, &error) ==
				WARD_OK)
			check(&page);
	} else if (s3_list_read(&arena, (ward_bytes){ data, size }, &page, &error) == WARD_OK) {
		check(&page);
		if (!s3_page_write(&page, written, sizeof(written), &len) ||
				s3_page_read(&arena, (ward_bytes){ written, len }, &again,
						&error) != WARD_OK)
			abort();
		check_same(&page, &again);
	}
	ward_arena_free(&arena);
	return 0;
}
