/*
 * ward-mail - takes one mail apart, in a jail
 *
 * Started by whatever takes mails in, for one mail, with a socket and shared
 * memory and nothing else; it loads what it needs, closes the walls, and reads
 * not one byte of the mail before.
 */
#include "box/errand.h"
#include "box/jail.h"
#include "box/wire.h"
#include "intake/mail.h"
#include "intake/mail_parts.h"

enum { EXIT_NOT_STARTED_BY_WARD = 2, EXIT_NO_WALLS = 3, EXIT_BAD_ORDER = 4 };

int main(void)
{
	struct errand_work work;
	ward_bytes mail;
	size_t len = 0;

	if (!errand_begin(&work, MAIL_ANSWER_MAX)) {
		fprintf(stderr, "ward-mail is started by ward itself; there is nothing to do here "
				"by hand\n");
		return EXIT_NOT_STARTED_BY_WARD;
	}
	mail_parts_prepare();
	if (!(jail_close(false) & WIRE_WALL_SECCOMP))
		return EXIT_NO_WALLS;
	if (!errand_hear(&work, &mail))
		return EXIT_BAD_ORDER;
	bool good = mail_parts_write(mail, errand_room(&work), MAIL_ANSWER_MAX, &len);

	return errand_say(good ? len : 0) ? 0 : EXIT_BAD_ORDER;
}
