#include "net/guests.h"

#include "base/clock.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

void guests_init(struct guests *guests, unsigned max, unsigned reading_s)
{
	*guests = (struct guests){ .max = max,
		.reading_s = reading_s,
		.writing_s = GUEST_WRITING_S };
	pthread_mutex_init(&guests->mutex, NULL);
}

/*
 * The socket stays the library's: it sees the end and closes.  It is ours to
 * touch because a guest leaves the list before its socket is closed.
 */
static void cut(struct guests *guests, struct guest *guest)
{
	shutdown(guest->fd, SHUT_RDWR);
	guest->cut = true;
	guests->cut++;
}

/* ---- who makes room ---- */

static bool same_peer(const struct guest *a, const struct guest *b)
{
	return a->has_peer && b->has_peer && memcmp(a->peer, b->peer, sizeof(a->peer)) == 0;
}

/* One address takes no more than its places from those who show no key either. */
static void limit_peer(struct guests *guests, const struct guest *new)
{
	struct guest *oldest = NULL;
	unsigned count = 0;

	for (struct guest *guest = guests->first; guest; guest = guest->next) {
		if (guest->cut || guest->known || !same_peer(guest, new))
			continue;
		count++;
		if (!oldest || guest->came_us < oldest->came_us)
			oldest = guest;
	}
	if (count >= guests->peer_max && oldest)
		cut(guests, oldest);
}

/* Who has shown no key goes before anybody who has; then who is idle. */
static bool goes_first(const struct guests *guests, const struct guest *a, const struct guest *b)
{
	if (guests->keyed && a->known != b->known)
		return b->known;
	return guests->keyed && !a->known ? a->came_us < b->came_us : a->since_us < b->since_us;
}

static void make_room(struct guests *guests)
{
	struct guest *first = NULL;

	if (guests->count - guests->cut < guests->max)
		return;
	for (struct guest *guest = guests->first; guest; guest = guest->next) {
		bool may_go = guest->idle || (guests->keyed && !guest->known);

		if (may_go && !guest->cut && (!first || goes_first(guests, guest, first)))
			first = guest;
	}
	if (first)
		cut(guests, first);
}

/* ---- coming and going ---- */

static void set_peer(struct guest *guest, const struct sockaddr *peer)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (!peer || (peer->sa_family != AF_INET && peer->sa_family != AF_INET6))
		return;
	guest->has_peer = true;
	if (peer->sa_family == AF_INET) {
		memcpy(&v4, peer, sizeof(v4));
		memcpy(guest->peer, &v4.sin_addr, sizeof(v4.sin_addr));
		return;
	}
	memcpy(&v6, peer, sizeof(v6));
	if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
		memcpy(guest->peer, v6.sin6_addr.s6_addr + 12, 4);
	else
		memcpy(guest->peer, v6.sin6_addr.s6_addr, sizeof(guest->peer));
}

static void set(struct guest *guest, bool idle, unsigned seconds)
{
	guest->idle = idle;
	guest->since_us = clock_ticks_us();
	guest->deadline_us = seconds > 0 ? guest->since_us + seconds * UINT64_C(1000000) : 0;
}

void guests_add(struct guests *guests, struct guest *guest, int fd, const struct sockaddr *peer)
{
	*guest = (struct guest){ .fd = fd };
	set(guest, true, guests->reading_s);
	guest->came_us = guest->since_us;
	set_peer(guest, peer);
	pthread_mutex_lock(&guests->mutex);
	if (guests->peer_max > 0)
		limit_peer(guests, guest);
	make_room(guests);
	guest->next = guests->first;
	guest->link = &guests->first;
	if (guest->next)
		guest->next->link = &guest->next;
	guests->first = guest;
	guests->count++;
	pthread_mutex_unlock(&guests->mutex);
}

void guests_remove(struct guests *guests, struct guest *guest)
{
	pthread_mutex_lock(&guests->mutex);
	*guest->link = guest->next;
	if (guest->next)
		guest->next->link = guest->link;
	guests->count--;
	guests->cut -= guest->cut;
	pthread_mutex_unlock(&guests->mutex);
}

static void set_locked(struct guests *guests, struct guest *guest, bool idle, unsigned seconds)
{
	pthread_mutex_lock(&guests->mutex);
	set(guest, idle, seconds);
	pthread_mutex_unlock(&guests->mutex);
}

void guests_reading(struct guests *guests, struct guest *guest)
{
	set_locked(guests, guest, false, guests->reading_s);
}

void guests_working(struct guests *guests, struct guest *guest)
{
	set_locked(guests, guest, false, 0);
}

void guests_writing(struct guests *guests, struct guest *guest)
{
	set_locked(guests, guest, false, guests->writing_s);
}

/* A header that comes a byte at a time must be there in the time for both. */
void guests_idle(struct guests *guests, struct guest *guest)
{
	set_locked(guests, guest, true, GUEST_IDLE_S + guests->reading_s);
}

void guests_known(struct guests *guests, struct guest *guest)
{
	pthread_mutex_lock(&guests->mutex);
	guest->known = true;
	pthread_mutex_unlock(&guests->mutex);
}

unsigned guests_sweep(struct guests *guests)
{
	uint64_t now = clock_ticks_us();
	unsigned count = 0;

	pthread_mutex_lock(&guests->mutex);
	for (struct guest *guest = guests->first; guest; guest = guest->next) {
		if (guest->cut || guest->deadline_us == 0 || now < guest->deadline_us)
			continue;
		cut(guests, guest);
		count++;
	}
	pthread_mutex_unlock(&guests->mutex);
	return count;
}
