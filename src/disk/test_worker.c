/*
 * A worker for disk_test.c that does what the first byte of the image says:
 *
 *   'a'  tells three volumes; falls when it opens the second, until it is told not to
 *   's'  begins an answer, and says nothing more
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "box/wire.h"
#include "disk/answer.h"
#include "disk/wire.h"

static bool shut[DISK_OPENED_MAX];

static void say(struct disk_word word)
{
	word.magic = DISK_MAGIC;
	if (send(WIRE_SOCKET_FD, &word, sizeof(word), MSG_NOSIGNAL) != (ssize_t)sizeof(word))
		_exit(1);
}

static struct disk_ask hear(int *fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct disk_ask ask = { 0 };
	struct iovec piece = { &ask, sizeof(ask) };
	struct msghdr message = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };

	if (recvmsg(WIRE_SOCKET_FD, &message, 0) != (ssize_t)sizeof(ask))
		_exit(0);
	if (message.msg_controllen >= sizeof(struct cmsghdr))
		memcpy(fd, CMSG_DATA(&control.head), sizeof(*fd));
	return ask;
}

static void send_batch(uint8_t *window, struct ward_buf *batch)
{
	int fd = -1;

	memcpy(window, batch->ptr, batch->len);
	say((struct disk_word){ .kind = DISK_BATCH, .len = batch->len });
	ward_buf_clear(batch);
	if (hear(&fd).kind != DISK_NEXT)
		_exit(1);
}

static void tell_volumes(uint8_t *window)
{
	struct ward_buf batch;

	ward_buf_init(&batch, DISK_WINDOW);
	for (size_t i = 0; i < 3; i++) {
		struct disk_volume volume = { .offset = i * 10, .len = 10, .readable = !shut[i] };

		if (shut[i])
			volume.trouble = WARD_STR("shut");
		if (!shut[i] && batch.len > 0)
			send_batch(window, &batch);
		if (!shut[i])
			say((struct disk_word){ .kind = DISK_OPENING, .len = i });
		if (i == 1 && !shut[i])
			raise(SIGKILL);
		disk_answer_volume(&batch, &volume);
	}
	send_batch(window, &batch);
	say((struct disk_word){ .kind = DISK_END });
}

int main(void)
{
	uint8_t *window = mmap(NULL, DISK_WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED,
			WIRE_MEMORY_FD, 0);
	struct disk_ask ask;
	uint64_t size = 0;
	char way = 0;
	int fd = -1;

	while ((ask = hear(&fd)).kind != DISK_BEGIN) {
		if (ask.kind == DISK_SHUT)
			shut[ask.volume] = true;
		else if (size == 0 && pread(fd, &way, 1, 0) != 1)
			return 1;
		size += ask.kind == DISK_SEGMENT ? ask.len : 0;
	}
	say((struct disk_word){ .kind = DISK_READY, .walls = WIRE_WALL_SECCOMP, .len = size });
	while (hear(&fd).kind == DISK_VOLUMES) {
		if (way == 's')
			pause();
		tell_volumes(window);
	}
	return 0;
}
