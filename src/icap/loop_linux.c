#include "icap/loop.h"

#include "base/clock.h"
#include "icap/ticket.h"
#include "net/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	EVENTS = 256,
	READ_SIZE = 65536,
	READS = 4,    /* of one connection, before the next has its turn */
	ACCEPTS = 64, /* likewise */
	SWEEP_US = 1000000,
	WAIT_TICK_MS = 5,
	BACKLOG = 4096,
	LINGER_US = 2000000,
	LINGER_BYTES = 4 << 20,
	ACCEPT_AGAIN_US = 100000,
};

struct peer {
	struct icap_connection connection;
	struct peer *next, *before; /* of all */
	struct peer *next_waiting;
	int fd;
	uint32_t interest;
	bool in_waiting;
	bool shut; /* all was said; what it still sends is dropped for a while */
	uint32_t linger_bytes;
	uint64_t linger_until_us;
};

struct icap_loop {
	struct icap_engine engine;
	struct icap_shared *shared;
	int epoll, wake;
	bool listens;
	uint64_t listen_again_us;
	struct peer *peers, *waiting, *dead;
	uint64_t sweep_us;
	uint8_t buffer[READ_SIZE];
};

static void wake_up(void *context)
{
	struct icap_loop *loop = context;
	uint64_t one = 1;

	/* It fails only when the counter is full, and then the thread wakes all the same. */
	ssize_t ignored = write(loop->wake, &one, sizeof(one));

	(void)ignored;
}

void icap_loop_wake(struct icap_loop *loop)
{
	wake_up(loop);
}

static bool watch(struct icap_loop *loop, int operation, int fd, uint32_t events, void *who)
{
	struct epoll_event event = { .events = events, .data.ptr = who };

	return epoll_ctl(loop->epoll, operation, fd, &event) == 0;
}

/* Each thread hears of new connections; one of those that sleep is woken. */
static void listen_on(struct icap_loop *loop, bool on)
{
	if (on == loop->listens)
		return;
	loop->listens = on;
	if (on)
		(void)watch(loop, EPOLL_CTL_ADD, loop->shared->listener, EPOLLIN | EPOLLEXCLUSIVE,
				loop->shared);
	else
		(void)watch(loop, EPOLL_CTL_DEL, loop->shared->listener, 0, NULL);
}

ward_err icap_loop_new(struct icap_shared *shared, struct icap_loop **result,
		struct ward_error *error)
{
	struct icap_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a thread of the ICAP server");
	loop->shared = shared;
	loop->engine.options = shared->options;
	loop->engine.now_us = clock_ticks_us();
	loop->engine.home = icap_home_new(wake_up, loop);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!loop->engine.home || loop->epoll < 0 || loop->wake < 0 ||
			!watch(loop, EPOLL_CTL_ADD, loop->wake, EPOLLIN, loop)) {
		icap_loop_free(loop);
		return ward_fail(error, WARD_E_IO, "cannot make a thread of the ICAP server");
	}
	*result = loop;
	return WARD_OK;
}

/* ---- one peer ---- */

static struct peer *peer_new(struct icap_loop *loop, int fd)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	peer->fd = fd;
	peer->interest = EPOLLIN;
	icap_connection_init(&peer->connection, &loop->engine);
	if (!watch(loop, EPOLL_CTL_ADD, fd, peer->interest, peer)) {
		free(peer);
		return NULL;
	}
	peer->next = loop->peers;
	if (loop->peers)
		loop->peers->before = peer;
	loop->peers = peer;
	icap_count(&loop->engine.counters.connections, 1);
	return peer;
}

/* Its memory stays until the events at hand, which may name it, are done with. */
static void peer_close(struct icap_loop *loop, struct peer *peer)
{
	if (peer->fd < 0)
		return;
	close(peer->fd);
	peer->fd = -1;
	icap_connection_clear(&peer->connection);
	if (peer->before)
		peer->before->next = peer->next;
	else
		loop->peers = peer->next;
	if (peer->next)
		peer->next->before = peer->before;
	icap_count(&loop->engine.counters.connections, (uint64_t)-1);
	atomic_fetch_sub(&loop->shared->connections, 1);
	if (!peer->in_waiting) {
		peer->next = loop->dead;
		loop->dead = peer;
	}
}

static void free_dead(struct icap_loop *loop)
{
	while (loop->dead) {
		struct peer *peer = loop->dead;

		loop->dead = peer->next;
		free(peer);
	}
}

static void set_interest(struct icap_loop *loop, struct peer *peer, uint32_t interest)
{
	if (interest == peer->interest)
		return;
	if (watch(loop, EPOLL_CTL_MOD, peer->fd, interest, peer))
		peer->interest = interest;
	else
		peer_close(loop, peer);
}

/* False when the other side is gone. */
static bool send_out(struct peer *peer)
{
	ward_bytes out = icap_connection_out(&peer->connection);

	while (out.len > 0 && !peer->connection.cut) {
		ssize_t sent = send(peer->fd, out.ptr, out.len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN;
		icap_connection_sent(&peer->connection, (size_t)sent);
		out = icap_connection_out(&peer->connection);
	}
	return true;
}

/* What a client still sends that was answered before it was done would else undo the answer. */
static bool drop_what_comes(struct icap_loop *loop, struct peer *peer)
{
	ssize_t got = recv(peer->fd, loop->buffer, sizeof(loop->buffer), 0);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	peer->linger_bytes += (uint32_t)got;
	return got > 0 && peer->linger_bytes < LINGER_BYTES;
}

static bool read_in(struct icap_loop *loop, struct peer *peer)
{
	for (int i = 0; i < READS && icap_connection_wants(&peer->connection); i++) {
		ssize_t got = recv(peer->fd, loop->buffer, sizeof(loop->buffer), 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN;
		if (got == 0) {
			icap_connection_eof(&peer->connection);
			break;
		}
		icap_connection_take(&peer->connection, (ward_bytes){ loop->buffer, (size_t)got });
		if ((size_t)got < sizeof(loop->buffer))
			break;
	}
	return true;
}

/* All is said.  True when it can be closed now. */
static bool is_done(struct icap_loop *loop, struct peer *peer)
{
	struct icap_connection *connection = &peer->connection;

	if (connection->cut)
		return true;
	if (connection->state != ICAP_STATE_DONE || icap_connection_out(connection).len > 0)
		return false;
	if (!connection->linger || connection->eof)
		return true;
	peer->shut = true;
	peer->linger_until_us = loop->engine.now_us + LINGER_US;
	return shutdown(peer->fd, SHUT_WR) < 0;
}

/* After anything that happened to it: sends what can be sent, and says what it waits for now. */
static void settle(struct icap_loop *loop, struct peer *peer, bool unread)
{
	struct icap_connection *connection = &peer->connection;
	uint32_t interest = peer->interest & EPOLLIN;

	if (!send_out(peer) || is_done(loop, peer)) {
		peer_close(loop, peer);
		return;
	}
	if (peer->shut || (icap_connection_wants(connection) && !connection->eof))
		interest = EPOLLIN;
	else if (unread || connection->eof)
		/* Asked only when it matters: most that do not want any are about to. */
		interest = 0;
	if (icap_connection_out(connection).len > 0)
		interest |= EPOLLOUT;
	set_interest(loop, peer, interest);
	if (peer->fd >= 0 && !peer->in_waiting && icap_connection_waits(connection)) {
		peer->in_waiting = true;
		peer->next_waiting = loop->waiting;
		loop->waiting = peer;
	}
}

static void serve(struct icap_loop *loop, struct peer *peer, uint32_t events)
{
	bool unread = false;

	if (peer->fd < 0)
		return;
	if (events & (EPOLLERR | EPOLLHUP)) {
		peer_close(loop, peer);
		return;
	}
	if (events & EPOLLIN) {
		unread = !peer->shut && !icap_connection_wants(&peer->connection);
		if (!(peer->shut ? drop_what_comes(loop, peer) : read_in(loop, peer))) {
			peer_close(loop, peer);
			return;
		}
	}
	settle(loop, peer, unread);
}

/* ---- new ones ---- */

static void refuse(struct icap_loop *loop, int fd)
{
	static const char words[] = "ICAP/1.0 503 Service Overloaded\r\nConnection: close\r\n"
				    "Encapsulated: null-body=0\r\n\r\n";
	ssize_t ignored = send(fd, words, sizeof(words) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);

	(void)ignored;
	close(fd);
	icap_count(&loop->engine.counters.refused, 1);
	atomic_fetch_sub(&loop->shared->connections, 1);
}

static void take_peer(struct icap_loop *loop, int fd)
{
	int one = 1;

	icap_count(&loop->engine.counters.accepted, 1);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (atomic_fetch_add(&loop->shared->connections, 1) >=
					loop->shared->options->connections_max ||
			!peer_new(loop, fd))
		refuse(loop, fd);
}

static void accept_some(struct icap_loop *loop)
{
	for (int i = 0; i < ACCEPTS && loop->listens; i++) {
		int fd = accept4(loop->shared->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			take_peer(loop, fd);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
				errno == ENOMEM) {
			/* It would be told again at once, and nothing could be done about it. */
			listen_on(loop, false);
			loop->listen_again_us = loop->engine.now_us + ACCEPT_AGAIN_US;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			return;
		}
	}
}

/* ---- time ---- */

static void tick(struct icap_loop *loop, struct peer *peer)
{
	if (peer->shut) {
		if (loop->engine.now_us >= peer->linger_until_us)
			peer_close(loop, peer);
		return;
	}
	icap_connection_tick(&peer->connection);
	settle(loop, peer, false);
}

static void sweep(struct icap_loop *loop)
{
	struct peer *next;

	for (struct peer *peer = loop->peers; peer; peer = next) {
		next = peer->next;
		if (loop->engine.stopping && icap_connection_is_idle(&peer->connection))
			peer_close(loop, peer);
		else
			tick(loop, peer);
	}
	loop->sweep_us = loop->engine.now_us + SWEEP_US;
}

/* Those for which a millisecond matters. */
static void tick_waiting(struct icap_loop *loop)
{
	struct peer **at = &loop->waiting;

	while (*at) {
		struct peer *peer = *at;

		if (peer->fd >= 0 && icap_connection_waits(&peer->connection))
			tick(loop, peer);
		if (peer->fd >= 0 && icap_connection_waits(&peer->connection)) {
			at = &peer->next_waiting;
			continue;
		}
		*at = peer->next_waiting;
		peer->in_waiting = false;
		if (peer->fd < 0) {
			peer->next = loop->dead;
			loop->dead = peer;
		}
	}
}

static void settle_tickets(struct icap_loop *loop)
{
	struct icap_connection *connection;
	uint64_t count;
	bool forgotten;

	while (read(loop->wake, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	do {
		connection = icap_home_settle(loop->engine.home, &forgotten);
		/* A connection is the first thing in its peer. */
		if (connection)
			settle(loop, (struct peer *)(void *)connection, false);
	} while (connection || forgotten);
}

static void look_at_time(struct icap_loop *loop)
{
	if (!loop->engine.stopping && atomic_load(&loop->shared->stopping)) {
		loop->engine.stopping = true;
		listen_on(loop, false);
		loop->sweep_us = 0;
	}
	if (!loop->engine.stopping && loop->engine.now_us >= loop->listen_again_us)
		listen_on(loop, true);
	tick_waiting(loop);
	if (loop->engine.now_us >= loop->sweep_us)
		sweep(loop);
}

static int timeout_ms(const struct icap_loop *loop)
{
	uint64_t now = loop->engine.now_us, at = loop->sweep_us;

	if (!loop->listens && !loop->engine.stopping && loop->listen_again_us < at)
		at = loop->listen_again_us;
	if (loop->waiting || loop->engine.stopping)
		return WAIT_TICK_MS;
	return at <= now ? 0 : (int)((at - now) / 1000 + 1);
}

static void handle(struct icap_loop *loop, const struct epoll_event *event)
{
	if (event->data.ptr == loop->shared)
		accept_some(loop);
	else if (event->data.ptr == loop)
		settle_tickets(loop);
	else
		serve(loop, event->data.ptr, event->events);
}

bool icap_loop_run(struct icap_loop *loop)
{
	struct epoll_event events[EVENTS];
	bool drained;

	look_at_time(loop);
	do {
		int count = epoll_wait(loop->epoll, events, EVENTS, timeout_ms(loop));

		loop->engine.now_us = clock_ticks_us();
		for (int i = 0; i < count; i++)
			handle(loop, &events[i]);
		look_at_time(loop);
		free_dead(loop);
	} while (!loop->engine.stopping ||
			(loop->peers && loop->engine.now_us <
							atomic_load(&loop->shared->stop_until_us)));
	drained = !loop->peers;
	while (loop->peers)
		peer_close(loop, loop->peers);
	tick_waiting(loop);
	free_dead(loop);
	return drained;
}

void icap_loop_count(const struct icap_loop *loop, struct icap_counters *counters)
{
	const uint64_t *from = (const void *)&loop->engine.counters;
	uint64_t *to = (void *)counters;

	_Static_assert(sizeof(*counters) % sizeof(*to) == 0, "all of them are of one kind");
	for (size_t i = 0; i < sizeof(*counters) / sizeof(*to); i++)
		to[i] += __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

void icap_loop_free(struct icap_loop *loop)
{
	if (!loop)
		return;
	icap_home_close(loop->engine.home);
	if (loop->epoll >= 0)
		close(loop->epoll);
	if (loop->wake >= 0)
		close(loop->wake);
	free(loop);
}

/* ---- where it listens ---- */

ward_err icap_listen(const char *where, int *listener, uint16_t *port, struct ward_error *error)
{
	static const char who[] = "the ICAP server";
	struct listening listening;
	ward_err err = listening_parse(where, who, &listening, error);

	if (!err)
		err = listening_open(&listening, who, error);
	if (err)
		return err;
	*listener = listening.fd;
	*port = listening.port;
	return WARD_OK;
}

void icap_listen_end(int listener)
{
	if (listener >= 0)
		(void)shutdown(listener, SHUT_RD);
}

void icap_listen_close(int listener)
{
	if (listener >= 0)
		close(listener);
}
