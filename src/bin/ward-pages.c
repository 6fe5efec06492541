/*
 * ward-pages - lays one report out on pages, in a jail
 *
 * Started for one report, with a socket and shared memory and nothing else; it
 * loads its fonts, closes the walls, and reads not one byte of the report
 * before.  A report holds strangers' words, and what shapes them is large.
 */
#include "box/errand.h"
#include "box/jail.h"
#include "box/wire.h"
#include "filing/pages_order.h"

enum { EXIT_NOT_STARTED_BY_WARD = 2, EXIT_NO_WALLS = 3, EXIT_BAD_ORDER = 4, EXIT_NO_FONTS = 5 };

/* The length of the pages in the room for the answer; 0: there are none. */
static size_t answer(const struct errand_work *work, ward_bytes order)
{
	struct ward_error error;
	struct ward_buf out;

	ward_buf_init(&out, PAGES_BYTES_MAX);
	ward_err err = pages_draw(order, &out, &error);
	ward_str text = ward_buf_text(&out);
	size_t len = err || text.len > work->answer_max ? 0 : text.len;

	if (len > 0)
		memcpy(errand_room(work), text.ptr, len);
	ward_buf_free(&out);
	return len;
}

int main(void)
{
	struct errand_work work;
	ward_bytes order;

	if (!errand_begin(&work, PAGES_BYTES_MAX)) {
		fprintf(stderr, "ward-pages is started by ward itself; there is nothing to do "
				"here by hand\n");
		return EXIT_NOT_STARTED_BY_WARD;
	}
	if (!pages_prepare())
		return EXIT_NO_FONTS;
	/* pango asks for each face in a thread of its own, and cairo whether its file is there. */
	if (!(jail_close_but(JAIL_THREADS | JAIL_LOADED_FILES) & WIRE_WALL_SECCOMP))
		return EXIT_NO_WALLS;
	if (!errand_hear(&work, &order))
		return EXIT_BAD_ORDER;
	return errand_say(answer(&work, order)) ? 0 : EXIT_BAD_ORDER;
}
