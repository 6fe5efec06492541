/*
 * ward-fetch [--private] URL - one file from the web to standard output
 *
 * Stands beside ward, which runs it, so that ward itself loads no library that
 * speaks to the network.  Bounded as net/fetch.h tells.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "net/fetch.h"

enum { TIME_MS = 300000, REDIRECTS_MAX = 3, TROUBLE = 2 };

#define FILE_MAX ((uint64_t)4 << 30)

static bool any_address(const struct sockaddr *address)
{
	(void)address;
	return true;
}

/* What was fetched is whole before any of it is handed on. */
static ward_err hand_on(int fd, struct ward_error *error)
{
	char piece[65536];
	ssize_t len = 0;
	ward_err err = WARD_OK;

	if (fd < 0)
		return WARD_OK;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return ward_fail(error, WARD_E_IO, "cannot read what was fetched");
	while (!err && (len = read(fd, piece, sizeof(piece))) > 0)
		err = file_write_all(STDOUT_FILENO, piece, (size_t)len, error);
	if (!err && len < 0)
		err = ward_fail(error, WARD_E_IO, "cannot read what was fetched: %s",
				strerror(errno));
	return err;
}

int main(int argc, char **argv)
{
	bool private = argc == 3 && strcmp(argv[1], "--private") == 0;
	struct fetch_options options = { .bytes_max = FILE_MAX,
		.time_ms = TIME_MS,
		.redirects_max = REDIRECTS_MAX,
		.allow = private ? any_address : NULL };
	struct spill_place place = { .folder = "/tmp",
		.small_max = 1 << 20,
		.memory_max = 1 << 20 };
	struct spill spill;
	struct ward_error error;
	ward_err err;

	if (argc != 2 && !private) {
		fprintf(stderr, "ward-fetch: an address is wanted\n");
		return TROUBLE;
	}
	spill_init(&spill, &place);
	fetch_prepare();
	err = fetch(argv[argc - 1], &options, &spill, &error);
	if (!err)
		err = hand_on(spill.fd, &error);
	spill_close(&spill);
	if (err)
		fprintf(stderr, "ward-fetch: %s\n", error.message);
	return err ? TROUBLE : 0;
}
