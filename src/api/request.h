/*
 * request.h - one request, from its first line to its answer
 *
 * The network's thread makes it, fills it while the body arrives, and hands
 * it to a lane, whose thread runs the route's handler; the handler writes the
 * answer.  At any time one thread owns it; a streamed body's reading side is
 * the one exception, and struct stream is made for that.
 */
#ifndef API_REQUEST_H
#define API_REQUEST_H

#include "api/live.h"
#include "api/metrics.h"
#include "api/problem.h"
#include "api/route.h"
#include "api/stream.h"
#include "base/id.h"
#include "net/multipart.h"
#include "net/spill.h"
#include "people/people_session.h"

struct MHD_Connection;
struct server;
struct intake;
struct peer;
struct signer;
struct store;
struct vault;
struct ward_box;
struct people_login;

enum {
	PARTS_MAX = 100,
	FIELD_MAX = 64,
	COOKIE_MAX = 256,
	LOCATION_MAX = 512,
	VIEW_MAX = 1024,
	FILE_NAME_MAX = 80
};

/* Of a file that is sent, so many bytes a second at least: a slower one who asks is let go. */
enum { FILE_SLOWEST_PER_MS = 32 };

/* One file of the body: all of it when it is raw, else one part. */
struct part {
	char field[FIELD_MAX]; /* of the form; "" when the body is raw; cut when longer */
	bool is_file;          /* the form gave it a file name */
	struct spill spill;
	bool has_pdq; /* of a picture that came with a report: it was hashed on its way in */
	struct ward_pdq_result pdq;
	struct ward_picture_facts facts; /* of a video that came with one; else of kind unknown */
};

struct answer {
	unsigned status; /* 0: none yet */
	const char *type;
	struct ward_buf text;
	unsigned retry_after_s;
	bool close;              /* the connection, behind it */
	const char *allow;       /* for 405 */
	const char *policy;      /* a Content-Security-Policy; NULL: nothing is allowed */
	const char *cache;       /* a Cache-Control; NULL: it is kept nowhere */
	const char *tag;         /* of an ETag; NULL: none */
	const char *encoding;    /* a Content-Encoding of several there are; NULL: there is one */
	bool may_authenticate;   /* for 401: a browser may ask for the key */
	char cookie[COOKIE_MAX]; /* a Set-Cookie; "": none */
	char location[LOCATION_MAX]; /* of a redirect; "": none */
	char view[VIEW_MAX];         /* a Ward-View; "": none */
	bool secret;                 /* its memory is wiped behind it */
	bool has_file;               /* the body is this file, not the text */
	int file;                    /* at its beginning; ours until it is sent */
	uint64_t file_bytes;
	char file_name[FILE_NAME_MAX]; /* under which it is to be kept: letters, digits, "-." */
};

/* A person who is logged in; all "" when a key asks. */
struct request_person {
	char id[ID_TEXT_MAX];
	char roles[PEOPLE_ROLES_TEXT_MAX]; /* "lists,reviewer" */
	people_permissions permissions;
};

/* How far it is. */
enum phase {
	PHASE_BODY = 0, /* the body arrives */
	PHASE_LANE,     /* waits, or is worked on */
	PHASE_DONE,     /* the answer is written */
};

struct request {
	struct server *server;
	struct MHD_Connection *connection;
	struct peer *peer;
	char id[ID_TEXT_MAX];
	const struct route *route; /* NULL: none of ours */
	bool hma;
	struct route_parameters parameters;
	char allow[64];
	const struct snapshot *snapshot;
	const char *key_name;                 /* "-" without a key, "demo" for the demonstration */
	int64_t key_created;                  /* 0 without one */
	struct request_person person;         /* who asks, when it is a session */
	char session_token[PEOPLE_TOKEN_MAX]; /* what was sent; "": none */
	struct people_session session;        /* what it is, once it was looked up */
	uint64_t begun_us;
	/* the body */
	bool discard; /* the answer stands already; what comes is passed over */
	uint64_t body_bytes, body_max, body_expected;
	struct part *parts;
	size_t part_count;
	struct multipart *multipart;
	struct ward_buf text;
	struct stream *stream;
	void *plan; /* of a streamed body's handler; from malloc, freed with the request */
	ward_str url;
	bool hashed; /* its pictures were, or are not to be */
	/* the work */
	struct ward_scanner *scanner; /* the thread's, while the handler runs */
	struct ward_box *box;         /* the same, of a thread that shows views */
	enum phase phase;             /* this and the next two: with the server's mutex held */
	bool suspended;
	unsigned uses;
	struct answer answer;
};

/* ---- what was asked ---- */

/* "" when it is not there. */
ward_str request_header(const struct request *request, const char *name);
/* A parameter of the query, decoded; "" when it is not there (`given` may be NULL). */
ward_str request_query(const struct request *request, const char *name);
/* "1", "true", "yes", or nothing behind the name; false with a problem when it is another word. */
bool request_flag(struct request *request, const char *name, bool *value) WARD_MUST_USE;
/* A whole number within bounds; stays as it is when not given.  False with a problem else. */
bool request_number(struct request *request, const char *name, int64_t min, int64_t max,
		int64_t *value) WARD_MUST_USE;

/* How people log in; NULL as long as there is no store. */
struct people_login *request_login(const struct request *request);
/* The store, which any thread may use; NULL when the workspace has none. */
struct store *request_store(const struct request *request);
/* NULL while the store or the vault is away. */
struct vault *request_vault(const struct request *request);
/* What takes reports in; NULL while the store or the vault is away. */
struct intake *request_intake(const struct request *request);
const struct signer *request_signer(const struct request *request);
const struct server_network *request_network(const struct request *request);
const struct settings *request_settings(const struct request *request);
struct live *request_live(const struct request *request);
struct metrics *request_metrics(const struct request *request);
struct metrics_now request_now(const struct request *request);
bool request_is_stopping(const struct request *request);
/* Milliseconds until the request should be answered. */
uint32_t request_time_left(const struct request *request);

/* ---- the answer ---- */

/* 200 and application/json; write, and see that the end is json_object_end. */
struct json request_json(struct request *request);
void request_trouble(struct request *request, enum problem problem, const char *fmt, ...)
		WARD_PRINTF(3, 4);
/* A failure of ours: told when it is the asker's to mend, else logged. */
void request_failure(struct request *request, const struct ward_error *error);
/* Looks at lists and keys again, so that what was changed is there before the answer is. */
void request_refresh(struct request *request);
/* 200 and this file, whose descriptor is taken over, to be kept under this name. */
void request_file(struct request *request, int fd, uint64_t bytes, const char *type,
		const char *name);
/* From here on the answer holds what is nobody else's: `most` bytes, in memory that is wiped. */
void request_secret(struct request *request, size_t most);

#endif
