/*
 * ward-bucket - reads one page of a bucket's list, in a jail
 *
 * Started by the agent for one page, with a socket and shared memory and
 * nothing else; it closes the walls, and reads not one byte of the page before.
 */
#include "agent/s3_list.h"
#include "box/errand.h"
#include "box/jail.h"
#include "box/wire.h"

#include <stdio.h>

enum { EXIT_NOT_STARTED_BY_WARD = 2, EXIT_NO_WALLS = 3, EXIT_BAD_ORDER = 4 };

/* Of the objects and their texts. */
#define PAGE_MEMORY ((size_t)64 << 20)

int main(void)
{
	struct errand_work work;
	struct ward_arena arena;
	struct s3_page page;
	ward_bytes xml;
	size_t len = 0;

	if (!errand_begin(&work, S3_ANSWER_MAX)) {
		fprintf(stderr, "ward-bucket is started by ward itself; there is nothing to do "
				"here by hand\n");
		return EXIT_NOT_STARTED_BY_WARD;
	}
	s3_list_prepare();
	if (!(jail_close(false) & WIRE_WALL_SECCOMP))
		return EXIT_NO_WALLS;
	if (!errand_hear(&work, &xml))
		return EXIT_BAD_ORDER;
	ward_arena_init(&arena, PAGE_MEMORY);
	bool good = s3_list_read(&arena, xml, &page, NULL) == WARD_OK &&
		    s3_page_write(&page, errand_room(&work), S3_ANSWER_MAX, &len);

	return errand_say(good ? len : 0) ? 0 : EXIT_BAD_ORDER;
}
