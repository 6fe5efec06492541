/* The half of an errand that runs within the jail. */
#include "box/errand.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box/wire.h"

bool errand_begin(struct errand_work *work, size_t answer_max)
{
	struct stat socket, shared;

	if (fstat(WIRE_SOCKET_FD, &socket) < 0 || !S_ISSOCK(socket.st_mode) ||
			fstat(WIRE_MEMORY_FD, &shared) < 0 || shared.st_size <= (off_t)answer_max)
		return false;
	*work = (struct errand_work){ .size = (size_t)shared.st_size, .answer_max = answer_max };
	work->memory = mmap(NULL, work->size, PROT_READ | PROT_WRITE, MAP_SHARED, WIRE_MEMORY_FD,
			0);
	return work->memory != MAP_FAILED;
}

bool errand_hear(struct errand_work *work, ward_bytes *question)
{
	uint64_t word = 0;
	struct iovec piece = { &word, sizeof(word) };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

	if (recvmsg(WIRE_SOCKET_FD, &message, 0) != sizeof(word) ||
			word != work->size - work->answer_max)
		return false;
	work->question_len = (size_t)word;
	*question = (ward_bytes){ work->memory, work->question_len };
	return true;
}

uint8_t *errand_room(const struct errand_work *work)
{
	return work->memory + work->question_len;
}

bool errand_say(size_t len)
{
	uint64_t word = len;
	struct iovec piece = { &word, sizeof(word) };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

	return sendmsg(WIRE_SOCKET_FD, &message, MSG_NOSIGNAL) == sizeof(word);
}
