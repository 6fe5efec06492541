/*
 * serve.h - the inside of the server, shared by its parts
 *
 *     server.c   threads, start, stop, what happens now and then
 *     serve.c    a request's way: begin, body, lane, answer (libmicrohttpd's callbacks)
 *     peer.c     connections, and when each has had its time
 *     admit.c    who may: keys, scopes, rates, sizes
 *     request.c  what handlers see
 *     chores.c   what is done without being asked
 *     sender.c   reports leave; carrier.c: holds and lists (carry.h)
 *     mailbox.c  mails become reports
 */
#ifndef API_SERVE_H
#define API_SERVE_H

#include <microhttpd.h>
#include <pthread.h>

#include "api/access.h"
#include "api/request.h"
#include "api/server.h"
#include "api/session.h"
#include "audit/signer.h"
#include "intake/intake.h"
#include "net/lane.h"
#include "people/people_login.h"
#include "store/store.h"

/* ---- connections ---- */

enum peer_phase {
	PEER_READING = 0, /* idle, or its header arrives */
	PEER_BODY,        /* the body arrives */
	PEER_WORKING,     /* it waits for us */
	PEER_WRITING,     /* the answer goes out */
};

struct peer {
	struct peer *next, **link;
	int fd;
	enum peer_phase phase;
	uint64_t since_us; /* that it is in this phase */
	uint64_t deadline_us;
	bool cut;
	bool surplus; /* there were too many already, and none of them idle */
};

struct peers {
	pthread_mutex_t mutex;
	struct peer *first;
	unsigned count, cut; /* the cut ones are still counted, until the library lets them go */
	unsigned max;
	unsigned evicted; /* since the last peers_evicted */
	uint32_t request_ms;
	bool tls;
};

/* An idle connection is closed after so long. */
enum { PEER_IDLE_S = 15 };

void peers_init(struct peers *peers, unsigned max, uint32_t request_ms, bool tls);
/*
 * One too many takes the place of the one that was idle longest: who holds
 * connections open without asking anything keeps nobody out.  When none is
 * idle it is marked as surplus, and its requests are to be refused.
 */
void peers_add(struct peers *peers, struct peer *peer, int fd);
void peers_remove(struct peers *peers, struct peer *peer);
/* The next step, and so many milliseconds for it. */
void peers_phase(struct peers *peers, struct peer *peer, enum peer_phase phase, uint32_t ms);
/* Cuts those whose time is over, and returns how many. */
unsigned peers_sweep(struct peers *peers);
/* How many idle ones made room since this was asked last. */
unsigned peers_evicted(struct peers *peers);
/* Those whose request is not whole: nobody waits for it any more. */
void peers_cut_arriving(struct peers *peers);
unsigned peers_count(struct peers *peers);

/* ---- the server ---- */

struct server {
	struct MHD_Daemon *daemon;
	struct live *live;
	struct metrics *metrics;
	struct rates *rates;
	struct lane *scans, *lists, *fetches, *desks, *logins, *views;
	struct chores *chores;
	struct sender *sender;
	struct carrier *carrier;
	struct mailbox *mailbox;
	/* Opened when the server starts, or later when it is not there then; for the server's life.
	 */
	_Atomic(struct store *) store;
	uint64_t store_tried_us;
	struct vault *vault;
	_Atomic(struct intake *) intake;      /* with the store */
	_Atomic(struct people_login *) login; /* with the store */
	_Atomic uint64_t
			scan_away_us; /* a scan's report could last not be kept then; 0: it could */
	struct session_seen *seen;
	uint64_t people_tidied_us;
	struct signer *signer; /* the installation's */
	struct spill_place place;
	struct server_network network;
	char run[ID_TEXT_MAX]; /* this life of the daemon, for what is counted in it */
	struct peers peers;
	pthread_mutex_t mutex; /* of phases of requests, and of suspending */
	bool demo;
	bool tls;
	char address[128];
	int64_t started;
	uint32_t refresh_ms;
	uint64_t refreshed_us;
	bool refresh_failed; /* said once, not every second */
	_Atomic bool stopping;
	uint64_t stop_by_us;
	_Atomic unsigned in_flight;
};

/* ---- server.c ---- */

/* Tries to open the store, when it is not there; may wait for a server. */
void serve_look_for_store(struct server *server);

/* ---- serve.c: what libmicrohttpd calls ---- */

enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url,
		const char *method, const char *version, const char *upload, size_t *upload_size,
		void **request);
void serve_completed(void *context, struct MHD_Connection *connection, void **request,
		enum MHD_RequestTerminationCode how);
void serve_connection(void *context, struct MHD_Connection *connection, void **peer,
		enum MHD_ConnectionNotificationCode code);
/* The handler is through. */
void serve_done(struct request *request);
/* Whose threads work on it; NULL for what is done at once. */
struct lane *serve_lane(const struct request *request);
/* What a lane's thread does with a request. */
void serve_run(void *context, void *tool, void *job);
void serve_fetch(void *context, void *tool, void *job);

/* ---- admit.c ---- */

/* False with the problem written. */
bool admit(struct request *request, const char *method, const char *path) WARD_MUST_USE;

/* ---- request.c ---- */

struct request *request_new(struct server *server, struct MHD_Connection *connection);
void request_free(struct request *request);

#endif
