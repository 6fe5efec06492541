#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"

/* As the system wants it. */
union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

ward_err listening_parse(const char *where, const char *who, struct listening *listening,
		struct ward_error *error)
{
	struct listening read = { .fd = -1 };

	if (!where || !address_parse(ward_str_from(where), read.host, sizeof(read.host),
				      &read.port))
		return ward_fail(error, WARD_E_ARGUMENT,
				"%s listens on an address like 127.0.0.1:8750 or [::1]:8750", who);
	read.v6 = strchr(read.host, ':') != NULL;
	*listening = read;
	return WARD_OK;
}

static socklen_t fill(const struct listening *listening, union address *address)
{
	memset(address, 0, sizeof(*address));
	if (listening->v6) {
		address->in6.sin6_family = AF_INET6;
		address->in6.sin6_port = htons(listening->port);
		inet_pton(AF_INET6, listening->host, &address->in6.sin6_addr);
		return sizeof(address->in6);
	}
	address->in.sin_family = AF_INET;
	address->in.sin_port = htons(listening->port);
	inet_pton(AF_INET, listening->host, &address->in.sin_addr);
	return sizeof(address->in);
}

ward_err listening_open(struct listening *listening, const char *who, struct ward_error *error)
{
	union address address;
	socklen_t len = fill(listening, &address);
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int yes = 1;
	ward_err err = WARD_OK;

	if (fd < 0)
		return ward_fail(error, WARD_E_IO, "cannot make a socket: %s", strerror(errno));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (listening->v6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	if (bind(fd, &address.any, len) < 0 || listen(fd, SOMAXCONN) < 0)
		err = ward_fail(error, WARD_E_IO, "%s cannot listen on %s port %u: %s", who,
				listening->host, listening->port,
				errno == EADDRINUSE ? "another program does" : strerror(errno));
	else if (getsockname(fd, &address.any, &len) < 0)
		err = ward_fail(error, WARD_E_IO, "cannot tell the port: %s", strerror(errno));
	if (err) {
		close(fd);
		return err;
	}
	listening->port = ntohs(listening->v6 ? address.in6.sin6_port : address.in.sin_port);
	listening->fd = fd;
	return WARD_OK;
}

void listening_close(struct listening *listening)
{
	if (listening->fd >= 0)
		close(listening->fd);
	listening->fd = -1;
}

const char *listening_text(const struct listening *listening, char out[LISTENING_TEXT])
{
	snprintf(out, LISTENING_TEXT, "%s%s%s:%u", listening->v6 ? "[" : "", listening->host,
			listening->v6 ? "]" : "", listening->port);
	return out;
}
