#include "icap/ticket.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct icap_ticket {
	struct icap_home *home;
	struct icap_exchange *exchange; /* of the home's thread alone; NULL: forgotten */
	struct icap_ticket *next;
	int fd;
	struct icap_verdict verdict;
	struct icap_answer answer;
	char *words; /* all that the verdict points at */
};

struct icap_home *icap_home_new(void (*wake)(void *context), void *context)
{
	struct icap_home *home = calloc(1, sizeof(*home));

	if (!home)
		return NULL;
	pthread_mutex_init(&home->lock, NULL);
	home->users = 1;
	home->wake = wake;
	home->context = context;
	return home;
}

static void leave(struct icap_home *home)
{
	pthread_mutex_lock(&home->lock);
	bool last = --home->users == 0;

	pthread_mutex_unlock(&home->lock);
	if (last) {
		pthread_mutex_destroy(&home->lock);
		free(home);
	}
}

static void ticket_free(struct icap_ticket *ticket)
{
	struct icap_home *home = ticket->home;

	if (ticket->fd >= 0)
		close(ticket->fd);
	free(ticket->words);
	free(ticket);
	leave(home);
}

void icap_home_close(struct icap_home *home)
{
	struct icap_ticket *ticket;

	if (!home)
		return;
	pthread_mutex_lock(&home->lock);
	home->closed = true;
	ticket = home->first;
	home->first = home->last = NULL;
	pthread_mutex_unlock(&home->lock);
	while (ticket) {
		struct icap_ticket *next = ticket->next;

		ticket_free(ticket);
		ticket = next;
	}
	leave(home);
}

struct icap_ticket *icap_ticket_new(struct icap_home *home, struct icap_exchange *exchange)
{
	struct icap_ticket *ticket = calloc(1, sizeof(*ticket));

	if (!ticket)
		return NULL;
	ticket->home = home;
	ticket->exchange = exchange;
	ticket->fd = -1;
	pthread_mutex_lock(&home->lock);
	home->users++;
	pthread_mutex_unlock(&home->lock);
	return ticket;
}

void icap_ticket_forget(struct icap_ticket *ticket)
{
	ticket->exchange = NULL;
}

struct icap_ticket *icap_exchange_ticket(struct icap_exchange *exchange)
{
	if (!exchange->called || exchange->ticket)
		return NULL;
	exchange->ticket = icap_ticket_new(exchange->connection->engine->home, exchange);
	return exchange->ticket;
}

/* Asked in the callback that took it, while the exchange is there. */
int icap_ticket_file(struct icap_ticket *ticket, struct ward_error *error)
{
	int fd;

	if (ticket->fd >= 0)
		return ticket->fd;
	if (!ticket->exchange || !ticket->exchange->called) {
		(void)ward_fail(error, WARD_E_ARGUMENT, "a ticket's file is asked for too late");
		return -1;
	}
	fd = icap_exchange_file(ticket->exchange, error);
	if (fd < 0)
		return -1;
	ticket->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (ticket->fd < 0)
		(void)ward_fail(error, WARD_E_IO, "cannot keep a body: %s", strerror(errno));
	return ticket->fd;
}

static ward_str keep(char **at, ward_str text)
{
	ward_str kept = { *at, text.len };

	if (text.len > 0)
		memcpy(*at, text.ptr, text.len);
	*at += text.len;
	return kept;
}

/* Without memory for it there is no verdict, which is ICAP_FAIL. */
static void keep_verdict(struct icap_ticket *ticket, const struct icap_verdict *verdict)
{
	const struct icap_answer none = { 0 };
	const struct icap_answer *answer = verdict->answer ? verdict->answer : &none;
	size_t len = verdict->url.len + answer->reason.len + answer->headers.len + answer->body.len;
	char *at = ticket->words = malloc(len > 0 ? len : 1);

	ticket->verdict = (struct icap_verdict){ .kind = ICAP_FAIL };
	if (!at)
		return;
	ticket->verdict.kind = verdict->kind;
	ticket->verdict.url = keep(&at, verdict->url);
	ticket->answer = (struct icap_answer){ answer->status, keep(&at, answer->reason),
		keep(&at, answer->headers), keep(&at, answer->body) };
	ticket->verdict.answer = verdict->answer ? &ticket->answer : NULL;
}

void icap_ticket_answer(struct icap_ticket *ticket, const struct icap_verdict *verdict)
{
	struct icap_home *home = ticket->home;

	keep_verdict(ticket, verdict);
	pthread_mutex_lock(&home->lock);
	bool closed = home->closed;

	if (!closed) {
		if (home->last)
			home->last->next = ticket;
		else
			home->first = ticket;
		home->last = ticket;
		/* Under the lock: a home that closes waits for it, and its thread is still there.
		 */
		if (home->wake)
			home->wake(home->context);
	}
	pthread_mutex_unlock(&home->lock);
	if (closed)
		ticket_free(ticket);
}

struct icap_connection *icap_home_settle(struct icap_home *home, bool *forgotten)
{
	struct icap_connection *connection = NULL;

	pthread_mutex_lock(&home->lock);
	struct icap_ticket *ticket = home->first;

	if (ticket) {
		home->first = ticket->next;
		if (!home->first)
			home->last = NULL;
	}
	pthread_mutex_unlock(&home->lock);
	*forgotten = ticket && !ticket->exchange;
	if (!ticket)
		return NULL;
	if (ticket->exchange) {
		connection = ticket->exchange->connection;
		ticket->exchange->ticket = NULL;
		icap_connection_settle(connection, &ticket->verdict);
	}
	ticket_free(ticket);
	return connection;
}
