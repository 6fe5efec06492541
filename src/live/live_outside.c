#include "live/live_outside.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "live/live_tls.h"
#include "net/address.h"

enum {
	AT_ONCE = 8, /* a master playlist's renditions, sound, and a playlist beside them */
	CONNECT_MS = 5000,
	REDIRECTS = 5,
	SLOW_BYTES = 1, /* a second, for so long: */
	SLOW_S = 20,
};

/*
 * Asked for so many at once, and so many a second from then on.  A stream with pieces of half a
 * second, a picture and a sound playlist asks for 8 a second.
 */
enum { ASKS_MAX = 200, ASKS_A_SECOND = 20 };

struct slot {
	struct live_outside *outside;
	pthread_t thread;
	bool begun;       /* the thread is to be joined */
	atomic_bool over; /* and will not make us wait */
	CURL *curl;       /* kept for its connections */
	struct live_message asked;
	int fd;              /* where bytes go; -1 until the first */
	uint64_t skip, left; /* of the bytes that come: those before what was asked for, and these
			      */
	bool answered;
	bool denied;
};

struct live_outside {
	struct live_outside_options options;
	atomic_bool closing, denied, untrusted;
	struct slot slots[AT_ONCE];
	double asks; /* that may be made now */
	uint64_t asked_us;
};

static void reply(struct slot *slot, ward_err err, int fd)
{
	const struct live_word word = { .kind = LIVE_REPLY, .err = (uint32_t)err };

	slot->answered = true;
	/* A reader that is gone is noticed where it is listened to. */
	if (!live_say(slot->outside->options.socket, &word, (ward_str){ "", 0 }, fd))
		slot->outside->closing = true;
}

static bool may_connect(struct slot *slot, const struct sockaddr *address)
{
	if (slot->outside->options.allow(address))
		return true;
	slot->denied = true;
	slot->outside->denied = true;
	return false;
}

/* ---- files of the web ---- */

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	if (purpose != CURLSOCKTYPE_IPCXN || !may_connect(context, &address->addr))
		return CURL_SOCKET_BAD;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool hand_over(struct slot *slot)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return false;
	slot->fd = pair[0];
	reply(slot, WARD_OK, pair[1]);
	close(pair[1]);
	return true;
}

/* Waits where the reader is slow, which stops the server in its turn. */
static bool send_all(struct slot *slot, const char *bytes, size_t len)
{
	size_t done = 0;

	while (done < len && !slot->outside->closing) {
		struct pollfd ready = { .fd = slot->fd, .events = POLLOUT };
		ssize_t sent = send(slot->fd, bytes + done, len - done,
				MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent > 0)
			done += (size_t)sent;
		else if (sent < 0 && errno == EAGAIN)
			(void)poll(&ready, 1, 200);
		else if (sent < 0 && errno != EINTR)
			return false;
	}
	return done == len;
}

/* A server that knows no ranges answers with the whole, of which the part is taken here. */
static void begin_bytes(struct slot *slot)
{
	const struct live_word *asked = &slot->asked.word;
	long status = 0;

	(void)curl_easy_getinfo(slot->curl, CURLINFO_RESPONSE_CODE, &status);
	slot->skip = status == 200 ? asked->from : 0;
	slot->left = asked->until > asked->from ? asked->until - asked->from : UINT64_MAX;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
	struct slot *slot = context;
	size_t all = size * count, len = all;

	if (slot->fd < 0) {
		if (!hand_over(slot))
			return 0;
		begin_bytes(slot);
	}
	size_t skip = slot->skip < len ? (size_t)slot->skip : len;

	slot->skip -= skip;
	len -= skip;
	bool over = len >= slot->left;

	len = over ? (size_t)slot->left : len;
	slot->left -= len;
	/* What is not wanted any more is not waited for. */
	return send_all(slot, bytes + skip, len) && !(over && skip + len < all) ? all : 0;
}

static int is_closing(void *context, curl_off_t all, curl_off_t now, curl_off_t all_up,
		curl_off_t now_up)
{
	struct slot *slot = context;

	(void)all;
	(void)now;
	(void)all_up;
	(void)now_up;
	return slot->outside->closing;
}

/* Of every transfer: whom it may speak to, how long it may take, and what is trusted. */
static CURLcode set_bounds(struct slot *slot)
{
	CURL *curl = slot->curl;
	CURLcode bad = CURLE_OK;

	curl_easy_reset(curl);
	bad |= curl_easy_setopt(curl, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	bad |= curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	bad |= curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	bad |= curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, slot);
	bad |= curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	bad |= curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, is_closing);
	bad |= curl_easy_setopt(curl, CURLOPT_XFERINFODATA, slot);
	if (slot->outside->options.ca_file)
		bad |= curl_easy_setopt(curl, CURLOPT_CAINFO, slot->outside->options.ca_file);
	return bad;
}

static bool set_options(struct slot *slot)
{
	CURL *curl = slot->curl;
	CURLcode bad = set_bounds(slot);
	char range[48];

	bad |= curl_easy_setopt(curl, CURLOPT_URL, slot->asked.text);
	bad |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS);
	bad |= curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
	bad |= curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
	bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "ward");
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, slot);
	if (slot->asked.word.until > slot->asked.word.from || slot->asked.word.from > 0) {
		uint64_t from = slot->asked.word.from, until = slot->asked.word.until;

		if (until > from)
			snprintf(range, sizeof(range), "%llu-%llu", (unsigned long long)from,
					(unsigned long long)until - 1);
		else
			snprintf(range, sizeof(range), "%llu-", (unsigned long long)from);
		bad |= curl_easy_setopt(curl, CURLOPT_RANGE, range);
	}
	return bad == CURLE_OK;
}

static CURLcode perform(struct slot *slot)
{
	CURLcode code = curl_easy_perform(slot->curl);

	if (code == CURLE_PEER_FAILED_VERIFICATION)
		slot->outside->untrusted = true;
	return code;
}

static void fetch_one(struct slot *slot)
{
	if (!slot->curl)
		slot->curl = curl_easy_init();
	CURLcode code = slot->curl && set_options(slot) ? perform(slot) : CURLE_FAILED_INIT;

	/* An empty file is one. */
	if (code == CURLE_OK && slot->fd < 0)
		(void)hand_over(slot);
	if (slot->fd >= 0)
		close(slot->fd);
	slot->fd = -1;
	if (!slot->answered)
		reply(slot, slot->denied ? WARD_E_DENIED : WARD_E_IO, -1);
}

/* ---- connections ---- */

static bool connect_within(int fd, const struct addrinfo *to, const atomic_bool *closing)
{
	uint64_t until = clock_ticks_us() + (uint64_t)CONNECT_MS * 1000;
	int trouble = 0;
	socklen_t len = sizeof(trouble);

	if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
		return true;
	if (errno != EINPROGRESS)
		return false;
	while (!*closing && clock_ticks_us() < until) {
		struct pollfd ready = { .fd = fd, .events = POLLOUT };

		if (poll(&ready, 1, 200) > 0)
			return getsockopt(fd, SOL_SOCKET, SO_ERROR, &trouble, &len) == 0 &&
			       trouble == 0;
	}
	return false;
}

static int dial(struct slot *slot, const struct addrinfo *to)
{
	int fd = may_connect(slot, to->ai_addr)
				 ? socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
						   to->ai_protocol)
				 : -1;

	if (fd >= 0 && !connect_within(fd, to, &slot->outside->closing)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void dial_one(struct slot *slot)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	char port[8];
	int fd = -1;

	snprintf(port, sizeof(port), "%u", (unsigned)slot->asked.word.number);
	if (getaddrinfo(slot->asked.text, port, &hints, &found) == 0) {
		for (const struct addrinfo *to = found; to && fd < 0; to = to->ai_next)
			fd = dial(slot, to);
		freeaddrinfo(found);
	}
	reply(slot, fd >= 0 ? WARD_OK : slot->denied ? WARD_E_DENIED : WARD_E_IO, fd);
	if (fd >= 0)
		close(fd);
}

/* ---- connections by TLS ---- */

static bool connect_tls(struct slot *slot)
{
	char url[LIVE_TEXT_MAX + 32];

	snprintf(url, sizeof(url),
			strchr(slot->asked.text, ':') ? "https://[%s]:%u" : "https://%s:%u",
			slot->asked.text, (unsigned)slot->asked.word.number);
	if (!slot->curl)
		slot->curl = curl_easy_init();
	return slot->curl && set_bounds(slot) == CURLE_OK &&
	       curl_easy_setopt(slot->curl, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(slot->curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	       /* Nothing is said over it but what the reader says. */
	       curl_easy_setopt(slot->curl, CURLOPT_SSL_ENABLE_ALPN, 0L) == CURLE_OK &&
	       curl_easy_setopt(slot->curl, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK &&
	       perform(slot) == CURLE_OK;
}

static void dial_tls(struct slot *slot)
{
	int pair[2];

	if (!connect_tls(slot) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		reply(slot, slot->denied ? WARD_E_DENIED : WARD_E_IO, -1);
		return;
	}
	reply(slot, WARD_OK, pair[1]);
	close(pair[1]);
	live_tls_carry(slot->curl, pair[0], &slot->outside->closing);
	close(pair[0]);
	/* Of such a connection nothing is left to be used again. */
	curl_easy_cleanup(slot->curl);
	slot->curl = NULL;
}

/* ---- asking ---- */

static void *get(void *context)
{
	struct slot *slot = context;

	if (slot->asked.word.kind == LIVE_OPEN)
		fetch_one(slot);
	else if (slot->outside->options.tls)
		dial_tls(slot);
	else
		dial_one(slot);
	slot->over = true;
	return NULL;
}

static bool may_ask(struct live_outside *outside)
{
	uint64_t now = clock_ticks_us();

	outside->asks += (double)(now - outside->asked_us) / 1e6 * ASKS_A_SECOND;
	if (outside->asks > ASKS_MAX)
		outside->asks = ASKS_MAX;
	outside->asked_us = now;
	if (outside->asks < 1)
		return false;
	outside->asks -= 1;
	return true;
}

static struct slot *free_slot(struct live_outside *outside)
{
	for (size_t i = 0; i < AT_ONCE; i++) {
		struct slot *slot = &outside->slots[i];

		if (slot->begun && slot->over) {
			pthread_join(slot->thread, NULL);
			slot->begun = false;
		}
		if (!slot->begun)
			return slot;
	}
	return NULL;
}

static bool makes_sense(const struct live_message *message)
{
	const struct live_word *word = &message->word;

	if (word->text_len == 0 || strlen(message->text) != word->text_len)
		return false;
	if (word->kind == LIVE_DIAL)
		return word->number > 0 && word->number <= UINT16_MAX;
	/* The library would guess a scheme from the host's name. */
	return word->kind == LIVE_OPEN &&
	       (strncmp(message->text, "http://", 7) == 0 ||
			       strncmp(message->text, "https://", 8) == 0);
}

bool live_outside_ask(struct live_outside *outside, const struct live_message *message)
{
	struct slot nobody = { .outside = outside };

	if (!makes_sense(message))
		return false;
	if (message->word.kind == LIVE_DIAL && !outside->options.dials) {
		reply(&nobody, WARD_E_DENIED, -1);
		return true;
	}
	struct slot *slot = may_ask(outside) ? free_slot(outside) : NULL;

	if (!slot) {
		reply(&nobody, WARD_E_LIMIT, -1);
		return true;
	}
	slot->outside = outside;
	slot->asked = *message;
	slot->fd = -1;
	slot->answered = slot->denied = false;
	slot->over = false;
	slot->begun = pthread_create(&slot->thread, NULL, get, slot) == 0;
	if (!slot->begun)
		reply(slot, WARD_E_NOMEM, -1);
	return true;
}

bool live_outside_denied(const struct live_outside *outside)
{
	return outside->denied;
}

bool live_outside_untrusted(const struct live_outside *outside)
{
	return outside->untrusted;
}

struct live_outside *live_outside_new(const struct live_outside_options *options)
{
	struct live_outside *outside = calloc(1, sizeof(*outside));

	if (!outside)
		return NULL;
	outside->options = *options;
	if (!outside->options.allow)
		outside->options.allow = address_is_public;
	outside->asks = ASKS_MAX;
	outside->asked_us = clock_ticks_us();
	return outside;
}

void live_outside_free(struct live_outside *outside)
{
	if (!outside)
		return;
	outside->closing = true;
	for (size_t i = 0; i < AT_ONCE; i++) {
		struct slot *slot = &outside->slots[i];

		if (slot->begun)
			pthread_join(slot->thread, NULL);
		curl_easy_cleanup(slot->curl);
	}
	free(outside);
}
