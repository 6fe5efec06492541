/*
 * ward-mail - takes one mail apart, in a jail
 *
 * Started by whatever takes mails in, for one mail, with a socket and shared
 * memory and nothing else; it loads what it needs, closes the walls, and reads
 * not one byte of the mail before.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box/jail.h"
#include "box/wire.h"
#include "intake/mail.h"
#include "intake/mail_parts.h"

enum { EXIT_NOT_STARTED_BY_WARD = 2, EXIT_NO_WALLS = 3, EXIT_BAD_ORDER = 4 };

static bool hear(uint64_t *word)
{
	struct iovec piece = { word, sizeof(*word) };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

	return recvmsg(WIRE_SOCKET_FD, &message, 0) == sizeof(*word);
}

static bool say(uint64_t word)
{
	struct iovec piece = { &word, sizeof(word) };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

	return sendmsg(WIRE_SOCKET_FD, &message, MSG_NOSIGNAL) == sizeof(word);
}

int main(void)
{
	struct stat socket, shared;
	uint64_t mail = 0;
	size_t len = 0;

	if (fstat(WIRE_SOCKET_FD, &socket) < 0 || !S_ISSOCK(socket.st_mode) ||
			fstat(WIRE_MEMORY_FD, &shared) < 0 || shared.st_size <= MAIL_ANSWER_MAX) {
		fprintf(stderr, "ward-mail is started by ward itself; there is nothing to do here "
				"by hand\n");
		return EXIT_NOT_STARTED_BY_WARD;
	}
	void *memory = mmap(NULL, (size_t)shared.st_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			WIRE_MEMORY_FD, 0);

	if (memory == MAP_FAILED)
		return EXIT_NOT_STARTED_BY_WARD;
	mail_parts_prepare();
	if (!(jail_close(false) & WIRE_WALL_SECCOMP))
		return EXIT_NO_WALLS;
	if (!hear(&mail) || mail != (uint64_t)shared.st_size - MAIL_ANSWER_MAX)
		return EXIT_BAD_ORDER;
	bool good = mail_parts_write((ward_bytes){ memory, mail }, (uint8_t *)memory + mail,
			MAIL_ANSWER_MAX, &len);

	return say(good ? len : 0) ? 0 : EXIT_BAD_ORDER;
}
