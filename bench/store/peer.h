/*
 * peer.h - the same works without ward's store: one transaction each
 *
 * A peer is what a program does that uses the engine's own library and
 * commits each work for itself, with the engine as durable as ward's.
 */
#ifndef PEER_H
#define PEER_H

#include <ward/base.h>

struct peer {
	const char *name;
	bool (*start)(const char *place, unsigned threads); /* makes the tables */
	bool (*work)(unsigned thread, int64_t id, const uint8_t *bytes, size_t len);
	void (*stop)(void);
};

extern const struct peer peer_sqlite, peer_postgresql;

#endif
