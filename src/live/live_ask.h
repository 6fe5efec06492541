/*
 * live_ask.h - how the jailed reader of live streams comes to its connections
 *
 * It can make none.  What it wants to read it asks of the program that started
 * it: a file of the web by its address, or a connection to a host and port, for
 * the protocols that FFmpeg speaks itself.  For those this file takes the place
 * of the C library's getaddrinfo, socket and connect: to resolve a name is to
 * ask for the connection, which then is a socket, and connected.
 *
 * One thread; one stream a process.
 */
#ifndef LIVE_ASK_H
#define LIVE_ASK_H

#include "live/live_wire.h"

/* Waits for the START and its address.  False when that makes no sense. */
bool live_ask_begin(char address[LIVE_TEXT_MAX + 1], uint32_t *interval_ms) WARD_MUST_USE;

/* A descriptor to read the bytes from; negative when there is none.  `until` 0 is all. */
int live_ask_open(const char *address, uint64_t from, uint64_t until) WARD_MUST_USE;

/* Tells a frame in the shared memory, if the one before was taken; waits for that at most so long.
 */
bool live_ask_room(uint32_t wait_ms) WARD_MUST_USE;
bool live_tell_frame(const struct live_word *frame) WARD_MUST_USE;
void live_tell_end(ward_err err, const char *sentence);

#endif
