#include "api/serve.h"

#include "base/clock.h"

#include <sys/socket.h>

/* Told in our own words because the library can answer only whole requests. */
static const char too_slow[] =
		"HTTP/1.1 408 Request Timeout\r\n"
		"Content-Type: application/problem+json\r\n"
		"Content-Length: 149\r\n"
		"Connection: close\r\n\r\n"
		"{\"type\":\"urn:ward:problem:slow\",\"title\":\"The request did not arrive in "
		"time\",\"status\":408,\"detail\":\"Send the request faster, or less of it at "
		"once.\"}";

void peers_init(struct peers *peers, unsigned max, uint32_t request_ms, bool tls)
{
	*peers = (struct peers){ .max = max, .request_ms = request_ms, .tls = tls };
	pthread_mutex_init(&peers->mutex, NULL);
}

static void set_deadline(struct peer *peer, uint64_t ms)
{
	peer->since_us = clock_ticks_us();
	peer->deadline_us = peer->since_us + ms * 1000;
}

/*
 * The library closes a connection that was silent for PEER_IDLE_S; one that
 * sends a byte now and then is not silent, but it has not begun a request in
 * the time for being idle and for a request together.
 */
static uint64_t reading_ms(const struct peers *peers)
{
	return peers->request_ms + 1000 * PEER_IDLE_S;
}

/*
 * The socket stays the library's: it sees the end and closes.  It is ours to
 * touch because a connection is taken from the list before its socket is closed.
 */
static void cut(struct peers *peers, struct peer *peer)
{
	shutdown(peer->fd, SHUT_RDWR);
	peer->cut = true;
	peers->cut++;
}

static struct peer *find_idle(const struct peers *peers)
{
	struct peer *oldest = NULL;

	for (struct peer *peer = peers->first; peer; peer = peer->next) {
		if (!peer->cut && peer->phase == PEER_READING &&
				(!oldest || peer->since_us <= oldest->since_us))
			oldest = peer;
	}
	return oldest;
}

/* With the mutex held, and before the new one is in the list. */
static void make_room(struct peers *peers, struct peer *new_one)
{
	struct peer *idle;

	if (peers->count - peers->cut < peers->max)
		return;
	idle = find_idle(peers);
	new_one->surplus = !idle;
	if (!idle)
		return;
	cut(peers, idle);
	peers->evicted++;
}

void peers_add(struct peers *peers, struct peer *peer, int fd)
{
	*peer = (struct peer){ .fd = fd };
	/* A new connection is made to be used: it gets no time to be idle. */
	set_deadline(peer, peers->request_ms);
	pthread_mutex_lock(&peers->mutex);
	make_room(peers, peer);
	peer->next = peers->first;
	peer->link = &peers->first;
	if (peer->next)
		peer->next->link = &peer->next;
	peers->first = peer;
	peers->count++;
	pthread_mutex_unlock(&peers->mutex);
}

void peers_remove(struct peers *peers, struct peer *peer)
{
	pthread_mutex_lock(&peers->mutex);
	*peer->link = peer->next;
	if (peer->next)
		peer->next->link = peer->link;
	peers->count--;
	peers->cut -= peer->cut;
	pthread_mutex_unlock(&peers->mutex);
}

void peers_phase(struct peers *peers, struct peer *peer, enum peer_phase phase, uint32_t ms)
{
	pthread_mutex_lock(&peers->mutex);
	peer->phase = phase;
	set_deadline(peer, phase == PEER_READING ? reading_ms(peers) : ms);
	pthread_mutex_unlock(&peers->mutex);
}

static bool is_arriving(const struct peer *peer)
{
	return peer->phase == PEER_READING || peer->phase == PEER_BODY;
}

unsigned peers_sweep(struct peers *peers)
{
	uint64_t now = clock_ticks_us();
	unsigned count = 0;

	pthread_mutex_lock(&peers->mutex);
	for (struct peer *peer = peers->first; peer; peer = peer->next) {
		if (peer->cut || peer->phase == PEER_WORKING || now < peer->deadline_us)
			continue;
		if (is_arriving(peer) && !peers->tls)
			(void)send(peer->fd, too_slow, sizeof(too_slow) - 1,
					MSG_DONTWAIT | MSG_NOSIGNAL);
		cut(peers, peer);
		count++;
	}
	pthread_mutex_unlock(&peers->mutex);
	return count;
}

unsigned peers_evicted(struct peers *peers)
{
	pthread_mutex_lock(&peers->mutex);
	unsigned evicted = peers->evicted;

	peers->evicted = 0;
	pthread_mutex_unlock(&peers->mutex);
	return evicted;
}

void peers_cut_arriving(struct peers *peers)
{
	pthread_mutex_lock(&peers->mutex);
	for (struct peer *peer = peers->first; peer; peer = peer->next) {
		if (!peer->cut && is_arriving(peer))
			cut(peers, peer);
	}
	pthread_mutex_unlock(&peers->mutex);
}

unsigned peers_count(struct peers *peers)
{
	pthread_mutex_lock(&peers->mutex);
	unsigned count = peers->count;

	pthread_mutex_unlock(&peers->mutex);
	return count;
}
