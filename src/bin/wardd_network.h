/*
 * wardd_network.h - what a network is served with: the gate, the proxies' door, files for resolvers
 *
 * The gate is there in every installation: the API asks it about links.  The door and
 * the files are there when ward.conf says so.
 */
#ifndef WARDD_NETWORK_H
#define WARDD_NETWORK_H

#include <ward/base.h>

#include "api/server.h"

struct wardd_network;

/* Could it be opened?  Reads what ward.conf says of networks, lists and terms, and listens nowhere.
 */
ward_err wardd_network_check(const char *folder, struct ward_error *error) WARD_MUST_USE;
/* Opens site lists, terms and rules; nothing listens yet. */
ward_err wardd_network_open(const char *folder, struct wardd_network **network,
		struct ward_error *error) WARD_MUST_USE;
/* For server_options. */
struct server_network wardd_network_of(struct wardd_network *network);
/* The door opens; the files are written. */
ward_err wardd_network_start(struct wardd_network *network, struct ward_error *error) WARD_MUST_USE;
/* A few times a second: sees changed lists and terms, writes the files anew. */
void wardd_network_tick(struct wardd_network *network);
/* Reads ward.conf's rules of sites again.  What cannot be read stays as it was. */
void wardd_network_reload(struct wardd_network *network);
/* What was begun at the door ends, or its time does. */
void wardd_network_stop(struct wardd_network *network);
void wardd_network_free(struct wardd_network *network);

#endif
