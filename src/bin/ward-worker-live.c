/*
 * ward-worker-live - the one program that reads live streams, in a jail
 *
 * It is handed what it reads (live/live_ask.h), and ends with its stream.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "box/jail.h"
#include "box/wire.h"
#include "live/live_ask.h"
#include "live/live_read.h"

enum { EXIT_NOT_STARTED_BY_WARD = 2, EXIT_NO_WALLS = 3, EXIT_BAD_ORDER = 4 };

static uint8_t *canvas; /* shared with who started us */

static bool take_memory(void)
{
	struct stat socket, shared;
	if (fstat(WIRE_SOCKET_FD, &socket) < 0 || !S_ISSOCK(socket.st_mode) ||
			fstat(WIRE_MEMORY_FD, &shared) < 0 || shared.st_size != (off_t)LIVE_MEMORY)
		return false;
	canvas = mmap(NULL, LIVE_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, WIRE_MEMORY_FD, 0);
	return canvas != MAP_FAILED;
}

int main(void)
{
	static char address[LIVE_TEXT_MAX + 1];
	struct ward_error error = { .message = "" };
	uint32_t interval_ms;

	if (!take_memory()) {
		fprintf(stderr, "ward-worker-live is started by ward itself; there is nothing to "
				"do here by hand\n");
		return EXIT_NOT_STARTED_BY_WARD;
	}
	live_read_prepare();
	unsigned walls = jail_close_but(JAIL_SOCKETS);

	if (!(walls & WIRE_WALL_SECCOMP))
		return EXIT_NO_WALLS;
	if (!live_say(WIRE_SOCKET_FD, &(struct live_word){ .kind = LIVE_HELLO, .number = walls },
			    (ward_str){ "", 0 }, -1) ||
			!live_ask_begin(address, &interval_ms))
		return EXIT_BAD_ORDER;
	ward_err err = live_read(address, interval_ms, canvas, &error);

	live_tell_end(err, err ? error.message : "the stream has ended");
	return 0;
}
