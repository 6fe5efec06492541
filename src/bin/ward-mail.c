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

/* What the parent shares, for as long as the process lives; NULL when it did not start us. */
static uint8_t *shared_memory(size_t *size)
{
	struct stat socket, shared;

	if (fstat(WIRE_SOCKET_FD, &socket) < 0 || !S_ISSOCK(socket.st_mode) ||
			fstat(WIRE_MEMORY_FD, &shared) < 0 || shared.st_size <= MAIL_ANSWER_MAX)
		return NULL;
	void *memory = mmap(NULL, (size_t)shared.st_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			WIRE_MEMORY_FD, 0);

	if (memory == MAP_FAILED)
		return NULL;
	*size = (size_t)shared.st_size;
	return memory;
}

int main(void)
{
	size_t size = 0, len = 0;
	uint8_t *memory = shared_memory(&size);
	uint64_t mail = 0;

	if (!memory) {
		fprintf(stderr, "ward-mail is started by ward itself; there is nothing to do here "
				"by hand\n");
		return EXIT_NOT_STARTED_BY_WARD;
	}
	mail_parts_prepare();
	if (!(jail_close(false) & WIRE_WALL_SECCOMP))
		return EXIT_NO_WALLS;
	if (!hear(&mail) || mail != size - MAIL_ANSWER_MAX)
		return EXIT_BAD_ORDER;
	bool good = mail_parts_write((ward_bytes){ memory, mail }, memory + mail, MAIL_ANSWER_MAX,
			&len);

	return say(good ? len : 0) ? 0 : EXIT_BAD_ORDER;
}
