/*
 * load ADDRESS PORT PATH FILE CONNECTIONS REQUESTS [KEY] - so many uploads, so many at a time
 *
 * POSTs FILE to PATH over CONNECTIONS kept-alive connections, each a thread
 * that asks, waits for the whole answer, and asks again, until REQUESTS are
 * answered.  Prints one JSON line: requests a second over all, and the time
 * from the first byte sent to the last byte read at the median, the 99th of a
 * hundred and the longest.  An answer that is not 200 is counted, and its time
 * is not.  It speaks to the address it is given and to nothing else; bench/run
 * gives it the loopback address of a wardd of its own.
 */
#include "base/clock.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256

static struct {
	struct sockaddr_in to;
	struct file_map file;
	char head[1024];
	size_t head_len;
	uint64_t requests;
	atomic_uint_fast64_t begun;
	atomic_uint_fast64_t refused;
	uint32_t *times_us; /* by request; 0 where it was refused */
} load;

static void stop(const char *why)
{
	fprintf(stderr, "load: %s\n", why);
	exit(2);
}

static int connect_one(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&load.to, sizeof(load.to)) < 0)
		stop("cannot connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void send_request(int fd)
{
	struct iovec parts[2] = { { load.head, load.head_len },
		{ (void *)(uintptr_t)load.file.ptr, load.file.len } };
	size_t at = 0;

	while (at < 2) {
		ssize_t sent = writev(fd, parts + at, (int)(2 - at));

		if (sent <= 0)
			stop("the connection broke while a request was sent");
		for (size_t left = (size_t)sent; at < 2; at++) {
			size_t taken = left < parts[at].iov_len ? left : parts[at].iov_len;

			parts[at].iov_base = (uint8_t *)parts[at].iov_base + taken;
			parts[at].iov_len -= taken;
			left -= taken;
			if (parts[at].iov_len > 0)
				break;
		}
	}
}

/* Where the answer's body ends, counted from its first byte; 0 while that is not known. */
static size_t answer_len(const char *text, size_t len)
{
	const char *end = memmem(text, len, "\r\n\r\n", 4);

	if (!end)
		return 0;
	const char *field = memmem(text, (size_t)(end - text), "Content-Length: ", 16);

	if (!field)
		stop("an answer does not state its length");
	return (size_t)(end - text) + 4 + strtoul(field + 16, NULL, 10);
}

/* True when it is a 200. */
static bool read_answer(int fd)
{
	static _Thread_local char text[1 << 20];
	size_t len = 0, whole = 0;

	while (whole == 0 || len < whole) {
		ssize_t got = read(fd, text + len, sizeof(text) - len);

		if (got <= 0)
			stop("the connection broke while an answer was read");
		len += (size_t)got;
		whole = whole > 0 ? whole : answer_len(text, len);
	}
	return len > 12 && memcmp(text + 9, "200", 3) == 0;
}

static void *ask(void *ignored)
{
	int fd = connect_one();
	uint64_t number;

	while ((number = atomic_fetch_add(&load.begun, 1)) < load.requests) {
		uint64_t start = clock_ticks_us();

		send_request(fd);
		if (read_answer(fd))
			load.times_us[number] = (uint32_t)(clock_ticks_us() - start);
		else
			atomic_fetch_add(&load.refused, 1);
	}
	close(fd);
	return ignored;
}

static int by_value(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}

static void print(double seconds, uint64_t connections)
{
	uint64_t refused = load.refused, answered = load.requests - refused;

	if (answered == 0)
		stop("nothing was answered with 200");
	/* The refused are zeroes, and so the first. */
	qsort(load.times_us, load.requests, sizeof(*load.times_us), by_value);
	const uint32_t *times = load.times_us + refused;

	printf("{\"bench\":\"api\",\"connections\":%llu,\"requests\":%llu,\"refused\":%llu,"
	       "\"bytes\":%zu,\"per_s\":%.1f,\"median_ms\":%.2f,\"p99_ms\":%.2f,\"most_ms\":%.2f}"
	       "\n",
			(unsigned long long)connections, (unsigned long long)load.requests,
			(unsigned long long)refused, load.file.len, (double)answered / seconds,
			times[answered / 2] / 1e3, times[answered * 99 / 100] / 1e3,
			times[answered - 1] / 1e3);
}

static void read_arguments(int argc, char **argv, uint64_t *connections)
{
	struct ward_error error;
	uint64_t port;

	if (argc < 7 || !ward_u64_parse(ward_str_from(argv[2]), &port) || port > 65535 ||
			inet_pton(AF_INET, argv[1], &load.to.sin_addr) != 1 ||
			!ward_u64_parse(ward_str_from(argv[5]), connections) || *connections < 1 ||
			*connections > CONNECTIONS_MAX ||
			!ward_u64_parse(ward_str_from(argv[6]), &load.requests) ||
			load.requests < 1 || load.requests > 10000000)
		stop("usage: load ADDRESS PORT PATH FILE CONNECTIONS REQUESTS [KEY]");
	if (file_map_open(argv[4], &load.file, &error))
		stop(error.message);
	load.to.sin_family = AF_INET;
	load.to.sin_port = htons((uint16_t)port);
	int len = snprintf(load.head, sizeof(load.head),
			"POST %s HTTP/1.1\r\nHost: %s:%llu\r\n%s%s%s"
			"Content-Type: application/octet-stream\r\nContent-Length: %zu\r\n\r\n",
			argv[3], argv[1], (unsigned long long)port,
			argc > 7 ? "Authorization: Bearer " : "", argc > 7 ? argv[7] : "",
			argc > 7 ? "\r\n" : "", load.file.len);

	if (len < 0 || (size_t)len >= sizeof(load.head))
		stop("the path or the key is too long");
	load.head_len = (size_t)len;
}

int main(int argc, char **argv)
{
	pthread_t threads[CONNECTIONS_MAX];
	uint64_t connections;

	read_arguments(argc, argv, &connections);
	load.times_us = calloc(load.requests, sizeof(*load.times_us));
	if (!load.times_us)
		stop("no memory");
	uint64_t start = clock_ticks_us();

	for (uint64_t i = 0; i < connections; i++) {
		if (pthread_create(&threads[i], NULL, ask, NULL))
			stop("no thread");
	}
	for (uint64_t i = 0; i < connections; i++)
		pthread_join(threads[i], NULL);
	print((double)(clock_ticks_us() - start) / 1e6, connections);
	free(load.times_us);
	file_map_close(&load.file);
	return 0;
}
