#include "oblivious/door.h"

#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/guests.h"
#include "net/listen.h"

enum {
	CONNECTION_MEMORY = 32 * 1024,
	CONNECTIONS_MAX = 512,
	CONNECTIONS_SPARE = 64, /* that are cut and not closed yet */
	REQUEST_S = 10,
	ANSWER_S = 1800, /* the common part may be large, and who gets it has a key */
	THREADS_MAX = 8,
	RETRY_MAX_S = 3600,
};

#define PATH        "/v1/site/oblivious"
#define PATH_COMMON PATH "/common/"

/* A table and those who are using it; the last one frees it. */
struct shared {
	struct oblivious_door *door;
	struct oblivious_table *table;
	unsigned uses;
};

struct oblivious_door {
	struct oblivious_door_options options;
	struct MHD_Daemon *daemon;
	struct oblivious_quota *quota;
	pthread_mutex_t mutex;
	struct shared *shared;
	struct guests guests;
	char address[128];
	_Atomic uint64_t answered, refused, over_quota, too_slow;
};

/* ---- the table in force ---- */

static struct shared *hold(struct oblivious_door *door)
{
	pthread_mutex_lock(&door->mutex);
	struct shared *shared = door->shared;

	shared->uses++;
	pthread_mutex_unlock(&door->mutex);
	return shared;
}

/* Also what the library calls when it is done with a response that lends from the table. */
static void let_go(void *held)
{
	struct shared *shared = held;

	pthread_mutex_lock(&shared->door->mutex);
	bool last = --shared->uses == 0;

	pthread_mutex_unlock(&shared->door->mutex);
	if (!last)
		return;
	oblivious_table_free(shared->table);
	free(shared);
}

void oblivious_door_put(struct oblivious_door *door, struct oblivious_table *table)
{
	struct shared *next = malloc(sizeof(*next)), *last;

	if (!next) {
		/* The one in force stays; its end makes clients say that it is over. */
		oblivious_table_free(table);
		return;
	}
	*next = (struct shared){ door, table, 1 };
	pthread_mutex_lock(&door->mutex);
	last = door->shared;
	door->shared = next;
	pthread_mutex_unlock(&door->mutex);
	if (last)
		let_go(last);
}

/* ---- a request ---- */

struct visit {
	char key[OBLIVIOUS_QUOTA_NAME];
	struct guest *guest;
	bool post, done;
	size_t len;
	uint8_t body[OBLIVIOUS_REQUEST + 1]; /* one more shows that there was more */
};

static void add_headers(struct MHD_Response *response, const char *type, const char *cache)
{
	(void)MHD_add_response_header(response, "Content-Type", type);
	(void)MHD_add_response_header(response, "Cache-Control", cache);
	(void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	(void)MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
}

static enum MHD_Result refuse(struct oblivious_door *door, struct MHD_Connection *connection,
		unsigned status, const char *code, uint32_t retry_s)
{
	char text[128];

	int len = snprintf(text, sizeof(text), "{\"status\":%u,\"code\":\"%s\"}\n", status, code);
	struct MHD_Response *response =
			MHD_create_response_from_buffer((size_t)len, text, MHD_RESPMEM_MUST_COPY);

	if (!response)
		return MHD_NO;
	door->refused++;
	add_headers(response, "application/problem+json", "no-store");
	if (status == 401)
		(void)MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
	if (status == 405)
		(void)MHD_add_response_header(response, "Allow", "GET, HEAD, POST");
	if (retry_s > 0) {
		snprintf(text, sizeof(text), "%" PRIu32, retry_s);
		(void)MHD_add_response_header(response, "Retry-After", text);
	}
	enum MHD_Result result = MHD_queue_response(connection, status, response);

	MHD_destroy_response(response);
	return result;
}

/* `done` gets `owner` when the bytes are no longer needed. */
static enum MHD_Result give(struct oblivious_door *door, struct MHD_Connection *connection,
		ward_bytes bytes, void (*done)(void *owner), void *owner, const char *cache)
{
	struct MHD_Response *response =
			MHD_create_response_from_buffer_with_free_callback_cls(bytes.len,
					(void *)(uintptr_t)bytes.ptr, done, owner);

	if (!response) {
		done(owner);
		return MHD_NO;
	}
	add_headers(response, "application/octet-stream", cache);
	door->answered++;
	enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);

	MHD_destroy_response(response);
	return result;
}

static bool is_common(const struct oblivious_info *info, const char *path)
{
	size_t len = strlen(PATH_COMMON);
	uint8_t wanted[32];

	return strncmp(path, PATH_COMMON, len) == 0 &&
	       ward_hex_parse(ward_str_from(path + len), wanted, sizeof(wanted)) &&
	       memcmp(wanted, info->common_digest, sizeof(wanted)) == 0;
}

static enum MHD_Result serve_get(struct oblivious_door *door, struct MHD_Connection *connection,
		const char *path)
{
	struct shared *shared = hold(door);
	const struct oblivious_info *info = oblivious_table_info(shared->table);
	int64_t left = info->ends - clock_now();
	char cache[64];

	snprintf(cache, sizeof(cache), "private, immutable, max-age=%" PRId64, left > 0 ? left : 0);
	if (strcmp(path, PATH) == 0)
		return give(door, connection,
				(ward_bytes){ oblivious_table_message(shared->table),
						OBLIVIOUS_INFO },
				let_go, shared, "no-store");
	/* Lent, not copied: it may be large, and who reads slowly would hold a copy for each. */
	if (is_common(info, path))
		return give(door, connection, oblivious_table_common(shared->table), let_go, shared,
				cache);
	let_go(shared);
	return refuse(door, connection, MHD_HTTP_NOT_FOUND, "not_found", 0);
}

static enum MHD_Result serve_post(struct oblivious_door *door, struct MHD_Connection *connection,
		const struct visit *visit)
{
	struct shared *shared = hold(door);
	size_t len = oblivious_answer_len(oblivious_table_info(shared->table));
	uint8_t *answer = malloc(len);
	ward_err err = WARD_E_NOMEM;

	if (answer)
		err = oblivious_table_answer(shared->table, (ward_bytes){ visit->body, visit->len },
				answer, NULL);
	let_go(shared);
	if (!err)
		return give(door, connection, (ward_bytes){ answer, len }, free, answer,
				"no-store");
	free(answer);
	if (err == WARD_E_CONFLICT)
		return refuse(door, connection, MHD_HTTP_CONFLICT, "table_over", 0);
	return err == WARD_E_FORMAT ? refuse(door, connection, MHD_HTTP_BAD_REQUEST, "format", 0)
				    : MHD_NO;
}

/* Who asks, from "Authorization: Bearer KEY". */
static bool find_key(struct oblivious_door *door, struct MHD_Connection *connection,
		char name[OBLIVIOUS_QUOTA_NAME])
{
	ward_str text = ward_str_from(
			MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization"));
	ward_str word = ward_str_cut(&text, ' ');

	return ward_str_eq_nocase(word, WARD_STR("Bearer")) &&
	       door->options.who(door->options.context, ward_str_trim(text), name);
}

/* Before the body is read; sets visit->done when it has answered. */
static enum MHD_Result admit(struct oblivious_door *door, struct MHD_Connection *connection,
		const char *method, const char *path, struct visit *visit)
{
	bool get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;

	visit->post = strcmp(method, "POST") == 0;
	visit->done = true;
	if (!get && !visit->post)
		return refuse(door, connection, MHD_HTTP_METHOD_NOT_ALLOWED, "method", 0);
	if (!find_key(door, connection, visit->key))
		return refuse(door, connection, MHD_HTTP_UNAUTHORIZED, "unauthorized", 0);
	guests_known(&door->guests, visit->guest);
	if (visit->post && strcmp(path, PATH) != 0)
		return refuse(door, connection, MHD_HTTP_NOT_FOUND, "not_found", 0);
	visit->done = false;
	return MHD_YES;
}

static enum MHD_Result finish(struct oblivious_door *door, struct MHD_Connection *connection,
		const char *path, struct visit *visit)
{
	visit->done = true;
	if (!visit->post)
		return serve_get(door, connection, path);
	if (visit->len > OBLIVIOUS_REQUEST)
		return refuse(door, connection, MHD_HTTP_CONTENT_TOO_LARGE, "too_large", 0);
	uint32_t wait = oblivious_quota_take(door->quota, visit->key, clock_now());

	if (wait > 0) {
		door->over_quota++;
		return refuse(door, connection, MHD_HTTP_TOO_MANY_REQUESTS, "quota",
				wait < RETRY_MAX_S ? wait : RETRY_MAX_S);
	}
	return serve_post(door, connection, visit);
}

static enum MHD_Result begin(struct oblivious_door *door, struct MHD_Connection *connection,
		const char *method, const char *path, void **request)
{
	const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct visit *visit = info && info->socket_context ? calloc(1, sizeof(*visit)) : NULL;

	if (!visit)
		return MHD_NO;
	*request = visit;
	visit->guest = info->socket_context;
	guests_reading(&door->guests, visit->guest);
	enum MHD_Result result = admit(door, connection, method, path, visit);

	if (visit->done)
		guests_writing(&door->guests, visit->guest);
	return result;
}

static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *path,
		const char *method, const char *version, const char *upload, size_t *upload_size,
		void **request)
{
	struct oblivious_door *door = context;
	struct visit *visit = *request;

	(void)version;
	if (!visit)
		return begin(door, connection, method, path, request);
	if (*upload_size > 0) {
		size_t room = sizeof(visit->body) - visit->len;
		size_t len = *upload_size < room ? *upload_size : room;

		memcpy(visit->body + visit->len, upload, len);
		visit->len += len;
		*upload_size = 0;
		return MHD_YES;
	}
	if (visit->done)
		return MHD_YES;
	guests_working(&door->guests, visit->guest);
	enum MHD_Result result = finish(door, connection, path, visit);

	guests_writing(&door->guests, visit->guest);
	return result;
}

static void completed(void *context, struct MHD_Connection *connection, void **request,
		enum MHD_RequestTerminationCode how)
{
	struct oblivious_door *door = context;
	struct visit *visit = *request;

	(void)connection;
	(void)how;
	if (visit)
		guests_idle(&door->guests, visit->guest);
	free(visit);
	*request = NULL;
}

/* A guest for each connection; without memory for one it is not served (begin). */
static void connected(void *context, struct MHD_Connection *connection, void **kept,
		enum MHD_ConnectionNotificationCode code)
{
	struct oblivious_door *door = context;
	const union MHD_ConnectionInfo *socket = MHD_get_connection_info(connection,
						       MHD_CONNECTION_INFO_CONNECTION_FD),
				       *peer = MHD_get_connection_info(connection,
						       MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	if (code != MHD_CONNECTION_NOTIFY_STARTED) {
		if (*kept)
			guests_remove(&door->guests, *kept);
		free(*kept);
		*kept = NULL;
		return;
	}
	struct guest *guest = socket ? malloc(sizeof(*guest)) : NULL;

	/* Here, too: who ticks may be making a table just now. */
	oblivious_door_tick(door);
	if (guest)
		guests_add(&door->guests, guest, socket->connect_fd,
				peer ? peer->client_addr : NULL);
	*kept = guest;
}

/* ---- start and end ---- */

/* The library's words may hold what was sent, or by whom. */
static void on_library_words(void *context, const char *fmt, va_list args) WARD_PRINTF(2, 0);

static void on_library_words(void *context, const char *fmt, va_list args)
{
	(void)context;
	(void)fmt;
	(void)args;
}

static unsigned thread_count(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors < 2 ? 2 : processors > THREADS_MAX ? THREADS_MAX : (unsigned)processors;
}

static ward_err start_daemon(struct oblivious_door *door,
		const struct oblivious_door_options *options, struct listening *place,
		struct ward_error *error)
{
	bool tls = options->certificate && options->private_key;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG |
			 (place->v6 ? MHD_USE_IPv6 : 0) | (tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem secure[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->private_key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0,
				(void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	door->daemon = MHD_start_daemon(flags, place->port, NULL, NULL, serve, door,
			MHD_OPTION_EXTERNAL_LOGGER, on_library_words, NULL,
			MHD_OPTION_LISTEN_SOCKET, place->fd, MHD_OPTION_THREAD_POOL_SIZE,
			thread_count(), MHD_OPTION_NOTIFY_COMPLETED, completed, door,
			MHD_OPTION_NOTIFY_CONNECTION, connected, door, MHD_OPTION_CONNECTION_LIMIT,
			door->guests.max + CONNECTIONS_SPARE, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
			(size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
			(unsigned)GUEST_IDLE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY,
			tls ? secure : none, MHD_OPTION_END);
	if (!door->daemon)
		return ward_fail(error, tls ? WARD_E_ARGUMENT : WARD_E_IO, "%s",
				tls ? "cannot speak TLS: certificate and key are no PEM texts, or "
				      "do not belong together"
				    : "cannot start the HTTP service");
	place->fd = -1; /* the library's from here on */
	snprintf(door->address, sizeof(door->address), "%s://%s%s%s:%u", tls ? "https" : "http",
			place->v6 ? "[" : "", place->host, place->v6 ? "]" : "", place->port);
	return WARD_OK;
}

ward_err oblivious_door_start(const struct oblivious_door_options *options,
		struct oblivious_table *table, struct oblivious_door **started,
		struct ward_error *error)
{
	struct oblivious_door *door = calloc(1, sizeof(*door));
	struct listening place = { .fd = -1 };
	ward_err err = WARD_OK;

	if (!door)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	door->options = *options;
	door->options.certificate = door->options.private_key = NULL;
	pthread_mutex_init(&door->mutex, NULL);
	guests_init(&door->guests,
			options->connections_max ? options->connections_max : CONNECTIONS_MAX,
			options->request_s ? options->request_s : REQUEST_S);
	door->guests.keyed = true;
	door->guests.writing_s = ANSWER_S;
	door->guests.peer_max = options->peer_max ? options->peer_max : (door->guests.max + 7) / 8;
	door->quota = oblivious_quota_new(options->quota);
	door->shared = malloc(sizeof(*door->shared));
	if (!door->quota || !door->shared)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	else
		*door->shared = (struct shared){ door, table, 1 };
	if (!err)
		err = listening_parse(options->listen, "it", &place, error);
	if (!err)
		err = listening_open(&place, "it", error);
	if (!err)
		err = start_daemon(door, options, &place, error);
	listening_close(&place);
	if (err) {
		free(door->shared);
		door->shared = NULL;
		oblivious_door_free(door);
		return err;
	}
	*started = door;
	return WARD_OK;
}

const char *oblivious_door_address(const struct oblivious_door *door)
{
	return door->address;
}

struct oblivious_door_stats oblivious_door_stats(const struct oblivious_door *door)
{
	return (struct oblivious_door_stats){ door->answered, door->refused, door->over_quota,
		door->too_slow };
}

void oblivious_door_tick(struct oblivious_door *door)
{
	door->too_slow += guests_sweep(&door->guests);
}

void oblivious_door_free(struct oblivious_door *door)
{
	if (!door)
		return;
	if (door->daemon)
		MHD_stop_daemon(door->daemon);
	if (door->shared)
		let_go(door->shared);
	oblivious_quota_free(door->quota);
	pthread_mutex_destroy(&door->mutex);
	free(door);
}
