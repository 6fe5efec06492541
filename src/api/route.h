/*
 * route.h - what the service answers: one table
 *
 * Each row is one method on one path, the scope a key needs for it, the
 * permission a person's session needs for it, how its body is taken and where
 * it is worked on.  A row with neither is open; one with both lets in whoever
 * has either.  `wardd --routes` prints the table,
 * api/openapi.yaml is tested against it both ways, and metrics and the access
 * log speak of requests by it, never by the path that was asked.
 */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include <ward/base.h>

#include "people/permissions.h"
#include "workspace/keys.h"

struct request;

enum route_body {
	ROUTE_NO_BODY = 0, /* what comes is not kept */
	ROUTE_FILES,       /* one raw file, or the parts of multipart/form-data; or url= */
	ROUTE_JSON,        /* a JSON text, kept whole */
	ROUTE_SIGNALS,     /* files when it is multipart, else JSON */
	ROUTE_STREAM,      /* handed to the handler while it arrives */
};

enum route_lane {
	ROUTE_AT_ONCE = 0, /* by the network's own thread: answers also when all else is busy */
	ROUTE_SCAN,        /* by a scan thread, with its scanner */
	ROUTE_LISTS,       /* by the one thread that changes lists */
	ROUTE_DESK,        /* by one of many threads that wait for the store */
	ROUTE_LOGIN,       /* by one of two: what proves who somebody is takes memory */
	ROUTE_VIEWS,       /* by one of a few that open what is sealed, each with its worker */
};

enum { ROUTE_PARAMETERS_MAX = 3, ROUTE_PARAMETER_MAX = 128 };

struct route {
	const char *method;
	const char *path;                  /* "{name}" stands for one segment */
	uint32_t scope;                    /* one enum key_scope; 0: no key lets in */
	enum people_permission permission; /* PEOPLE_NOBODY: no session lets in */
	enum route_body body;
	enum route_lane lane;
	void (*handle)(struct request *request);
};

/* What stood in the path's braces. */
struct route_parameters {
	char at[ROUTE_PARAMETERS_MAX][ROUTE_PARAMETER_MAX];
};

extern const struct route routes[];
size_t routes_count(void);
/* Neither a key nor a session is needed. */
bool route_is_open(const struct route *route);
/* "job.take"; "-" when no session lets in. */
const char *route_permission_name(const struct route *route);
/* "-", "files", "json", "signals", "stream"; "at-once", "scan", "lists", "desk", "login", "views".
 */
const char *route_body_name(enum route_body body);
const char *route_lane_name(enum route_lane lane);

enum route_outcome { ROUTE_FOUND = 0, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/*
 * Finds the row.  With NO_METHOD, `allow` (of `room` bytes) holds the methods that the path has,
 * as for an Allow header.
 */
enum route_outcome route_find(const char *method, const char *path, const struct route **route,
		struct route_parameters *parameters, char *allow, size_t room);

/* The answers of HMA's clones have shapes of their own. */
bool route_is_hma(const char *path);

#endif
