#include "live/live_wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

bool live_say(int socket, const struct live_word *word, ward_str text, int fd)
{
	struct live_word copy = *word;
	struct iovec pieces[2] = { { &copy, sizeof(copy) },
		{ (void *)(uintptr_t)text.ptr, text.len } };
	union control control = { .room = { 0 } };
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = text.len > 0 ? 2 : 1 };
	ssize_t sent;

	if (text.len > LIVE_TEXT_MAX)
		return false;
	copy.magic = LIVE_MAGIC;
	copy.text_len = (uint32_t)text.len;
	if (fd >= 0) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);

		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &fd, sizeof(int));
	}
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)(sizeof(copy) + text.len);
}

static int fd_of(struct msghdr *header)
{
	struct cmsghdr *head = header->msg_controllen > 0 ? CMSG_FIRSTHDR(header) : NULL;
	int fd = -1;

	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
			head->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(head), sizeof(int));
	return fd;
}

static bool is_good(const struct live_message *message, ssize_t got)
{
	const struct live_word *word = &message->word;

	return got >= (ssize_t)sizeof(*word) && word->magic == LIVE_MAGIC && word->kind > 0 &&
	       word->kind < LIVE_KIND_COUNT && word->text_len <= LIVE_TEXT_MAX &&
	       (size_t)got == sizeof(*word) + word->text_len;
}

enum live_heard live_hear(int socket, bool wait, struct live_message *message, int *fd)
{
	struct iovec pieces[2] = { { &message->word, sizeof(message->word) },
		{ message->text, LIVE_TEXT_MAX } };
	union control control;
	struct msghdr header = { .msg_iov = pieces, .msg_iovlen = 2 };
	ssize_t got;

	if (fd) {
		header.msg_control = control.room;
		header.msg_controllen = sizeof(control.room);
	}
	/*
	 * An end that goes without having read what was said to it leaves an error, once, before
	 * what it said itself.
	 */
	do
		got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
	while (got < 0 && ((errno == EINTR && wait) || errno == ECONNRESET));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return LIVE_NOTHING;
	int came = fd && got > 0 ? fd_of(&header) : -1;

	if (got <= 0 || !is_good(message, got)) {
		if (came >= 0)
			close(came);
		return LIVE_GONE;
	}
	message->text[message->word.text_len] = '\0';
	if (fd)
		*fd = came;
	return LIVE_HEARD;
}
