#include "portal/guests.h"

#include "base/clock.h"

#include <sys/socket.h>

void guests_init(struct guests *guests, unsigned max, unsigned reading_s)
{
	*guests = (struct guests){ .max = max, .reading_s = reading_s };
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

static void make_room(struct guests *guests)
{
	struct guest *oldest = NULL;

	if (guests->count - guests->cut < guests->max)
		return;
	for (struct guest *guest = guests->first; guest; guest = guest->next) {
		if (guest->idle && !guest->cut && (!oldest || guest->since_us < oldest->since_us))
			oldest = guest;
	}
	if (oldest)
		cut(guests, oldest);
}

static void set(struct guest *guest, bool idle, unsigned seconds)
{
	guest->idle = idle;
	guest->since_us = clock_ticks_us();
	guest->deadline_us = seconds > 0 ? guest->since_us + seconds * UINT64_C(1000000) : 0;
}

void guests_add(struct guests *guests, struct guest *guest, int fd)
{
	*guest = (struct guest){ .fd = fd };
	set(guest, true, guests->reading_s);
	pthread_mutex_lock(&guests->mutex);
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
	set_locked(guests, guest, false, GUEST_WRITING_S);
}

/* A header that comes a byte at a time must be there in the time for both. */
void guests_idle(struct guests *guests, struct guest *guest)
{
	set_locked(guests, guest, true, GUEST_IDLE_S + guests->reading_s);
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
