#include "live/live_tls.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

enum { PIECE_BYTES = 16384, LOOK_MS = 200 };

/* Bytes on their way from one end to the other. */
struct piece {
	char bytes[PIECE_BYTES];
	size_t at, len;
};

enum moved { MOVED, WAITS, GONE };

static enum moved of_curl(CURLcode code, size_t len)
{
	if (code == CURLE_AGAIN)
		return WAITS;
	return code == CURLE_OK && len > 0 ? MOVED : GONE;
}

static enum moved of_socket(ssize_t len)
{
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return WAITS;
	return len > 0 ? MOVED : GONE;
}

/* Reads when nothing is left of what was read before, writes what is left. */
static enum moved to_reader(CURL *curl, int fd, struct piece *piece)
{
	if (piece->at == piece->len) {
		CURLcode code = curl_easy_recv(curl, piece->bytes, PIECE_BYTES, &piece->len);
		enum moved moved = of_curl(code, piece->len);

		piece->at = 0;
		if (moved != MOVED) {
			piece->len = 0;
			return moved;
		}
	}
	ssize_t sent = send(fd, piece->bytes + piece->at, piece->len - piece->at,
			MSG_NOSIGNAL | MSG_DONTWAIT);

	piece->at += sent > 0 ? (size_t)sent : 0;
	return of_socket(sent);
}

static enum moved to_server(CURL *curl, int fd, struct piece *piece)
{
	size_t sent = 0;

	if (piece->at == piece->len) {
		ssize_t got = recv(fd, piece->bytes, PIECE_BYTES, MSG_DONTWAIT);
		enum moved moved = of_socket(got);

		piece->at = 0;
		piece->len = moved == MOVED ? (size_t)got : 0;
		if (moved != MOVED)
			return moved;
	}
	CURLcode code = curl_easy_send(curl, piece->bytes + piece->at, piece->len - piece->at,
			&sent);

	piece->at += sent;
	return of_curl(code, sent);
}

static short events(bool may_read, bool must_write)
{
	return (short)((may_read ? POLLIN : 0) | (must_write ? POLLOUT : 0));
}

void live_tls_carry(CURL *curl, int fd, const atomic_bool *closing)
{
	static _Thread_local struct piece down, up;
	curl_socket_t server = CURL_SOCKET_BAD;
	enum moved from = MOVED, to = MOVED;

	down.at = down.len = up.at = up.len = 0;
	if (curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &server) != CURLE_OK ||
			server == CURL_SOCKET_BAD)
		return;
	while (!*closing && from != GONE && to != GONE) {
		from = to_reader(curl, fd, &down);
		to = from == GONE ? GONE : to_server(curl, fd, &up);
		if (from == MOVED || to == MOVED)
			continue;
		bool down_waits = down.at < down.len, up_waits = up.at < up.len;
		struct pollfd ends[2] = {
			{ .fd = fd, .events = events(!up_waits, down_waits) },
			{ .fd = server, .events = events(!down_waits, up_waits) },
		};

		(void)poll(ends, 2, LOOK_MS);
	}
}
