/*
 * compare_torrent.h - for `ward compare`: a .torrent and a file that may be one of those it tells
 * of
 */
#ifndef BIN_COMPARE_TORRENT_H
#define BIN_COMPARE_TORRENT_H

#include "bin/cli.h"

#include <ward/sharing.h>

/* True when one of the two is a torrent and the other a file: then all was told, and `status` is
 * the verb's. */
bool compare_torrent(struct cli *cli, int *status);

/* The torrent in an open file, whose bytes are `*bytes`, from malloc, and stay as long as it. */
ward_err torrent_open(int fd, uint64_t size, struct ward_torrent **torrent, uint8_t **bytes,
		struct ward_error *error) WARD_MUST_USE;

#endif
