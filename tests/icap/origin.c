/*
 * icap_origin [ADDRESS:PORT] - a web server of pages of any size, as small as can be
 *
 * GET /N is N bytes of text; anything else is 1000.  /N.png says that it is a picture.  One thread;
 * connections are kept.  Prints "ready PORT".
 */
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 16384, PAGE_MAX = 1 << 20, PEERS_MAX = 65536 };

struct peer {
	int fd;
	size_t len;  /* of the request so far */
	size_t left; /* of the page, not yet sent */
	char head[HEAD_MAX];
	char out[256];
	size_t out_len, out_at;
};

static char page[PAGE_MAX];
static struct peer *peers[PEERS_MAX]; /* by descriptor */

static _Noreturn void stop(const char *why)
{
	fprintf(stderr, "icap_origin: %s\n", why);
	exit(2);
}

static bool watch(int epoll, int operation, struct peer *peer, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = peer };

	return epoll_ctl(epoll, operation, peer->fd, &event) == 0;
}

static void begin_answer(struct peer *peer)
{
	const char *path = strchr(peer->head, ' ');
	char *end;
	size_t size = path && path[1] == '/' ? strtoul(path + 2, &end, 10) : 0;
	bool picture = size > 0 && strncmp(end, ".png", 4) == 0;

	peer->left = size > 0 && size <= PAGE_MAX ? size : 1000;
	peer->out_len = (size_t)snprintf(peer->out, sizeof(peer->out),
			"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
			picture ? "image/png" : "text/html", peer->left);
	peer->out_at = 0;
}

/* -1: gone; 0: all is sent; 1: more when it takes it. */
static int send_some(struct peer *peer)
{
	while (peer->out_at < peer->out_len || peer->left > 0) {
		bool head = peer->out_at < peer->out_len;
		ssize_t sent = head ? send(peer->fd, peer->out + peer->out_at,
						      peer->out_len - peer->out_at,
						      MSG_NOSIGNAL | (peer->left ? MSG_MORE : 0))
				    : send(peer->fd, page, peer->left, MSG_NOSIGNAL);

		if (sent < 0)
			return 1;
		if (head)
			peer->out_at += (size_t)sent;
		else
			peer->left -= (size_t)sent;
	}
	return 0;
}

static bool serve(int epoll, struct peer *peer, uint32_t events)
{
	const char *end;

	if (events & EPOLLIN) {
		ssize_t got = recv(peer->fd, peer->head + peer->len, HEAD_MAX - 1 - peer->len, 0);

		if (got <= 0)
			return false;
		peer->len += (size_t)got;
		peer->head[peer->len] = '\0';
		end = strstr(peer->head, "\r\n\r\n");
		if (!end)
			return peer->len < HEAD_MAX - 1;
		begin_answer(peer);
		peer->len = 0;
	}
	return watch(epoll, EPOLL_CTL_MOD, peer, send_some(peer) > 0 ? EPOLLOUT : EPOLLIN);
}

static int listen_on(const char *where)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	char host[64];
	uint16_t port;
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	if (!address_parse(ward_str_from(where), host, sizeof(host), &port) ||
			inet_pton(AF_INET, host, &address.sin_addr) != 1)
		stop("usage: icap_origin [ADDRESS:PORT]");
	address.sin_port = htons(port);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, len) < 0 ||
			listen(fd, 1024) < 0 ||
			getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		stop("cannot listen");
	printf("ready %u\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

static void take_peer(int epoll, int listener)
{
	int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

	if (fd < 0 || fd >= PEERS_MAX)
		return;
	struct peer *peer = peers[fd] = calloc(1, sizeof(*peer));

	if (!peer)
		stop("no memory");
	peer->fd = fd;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!watch(epoll, EPOLL_CTL_ADD, peer, EPOLLIN))
		stop("cannot watch a connection");
}

int main(int argc, char **argv)
{
	int listener = listen_on(argc > 1 ? argv[1] : "127.0.0.1:0"), epoll = epoll_create1(0);
	struct peer door = { .fd = listener };
	struct epoll_event events[64];

	memset(page, 'x', sizeof(page));
	if (epoll < 0 || !watch(epoll, EPOLL_CTL_ADD, &door, EPOLLIN))
		stop("cannot watch");
	for (;;) {
		int count = epoll_wait(epoll, events, 64, -1);

		for (int i = 0; i < count; i++) {
			struct peer *peer = events[i].data.ptr;

			if (peer == &door) {
				take_peer(epoll, listener);
			} else if (!serve(epoll, peer, events[i].events)) {
				peers[peer->fd] = NULL;
				close(peer->fd);
				free(peer);
			}
		}
	}
}
