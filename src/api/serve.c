#include "api/serve.h"

#include "api/handlers.h"
#include "api/scanning.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/fetch.h"

#include <inttypes.h>

/* Of a streamed body on its way to the thread that reads it. */
enum { STREAM_ROOM = 256 * 1024 };

/* ---- the answer goes out ---- */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	/* Without memory for a header the answer goes without it. */
	(void)MHD_add_response_header(response, name, value);
}

static void add_headers(const struct request *request, struct MHD_Response *response)
{
	const struct answer *answer = &request->answer;
	char text[32];

	add_header(response, "Content-Type", answer->type);
	add_header(response, "X-Request-Id", request->id);
	add_header(response, "X-Content-Type-Options", "nosniff");
	add_header(response, "Cache-Control", answer->cache ? answer->cache : "no-store");
	add_header(response, "Referrer-Policy", "no-referrer");
	add_header(response, "Cross-Origin-Resource-Policy", "same-origin");
	add_header(response, "Content-Security-Policy",
			answer->policy ? answer->policy
				       : "default-src 'none'; frame-ancestors 'none'");
	if (request->server->tls)
		add_header(response, "Strict-Transport-Security", "max-age=31536000");
	if (answer->tag) {
		snprintf(text, sizeof(text), "\"%s\"", answer->tag);
		add_header(response, "ETag", text);
	}
	if (answer->encoding) {
		add_header(response, "Vary", "Accept-Encoding");
		if (strcmp(answer->encoding, "identity") != 0)
			add_header(response, "Content-Encoding", answer->encoding);
	}
	if (answer->retry_after_s > 0) {
		snprintf(text, sizeof(text), "%u", answer->retry_after_s);
		add_header(response, "Retry-After", text);
	}
	if (answer->allow)
		add_header(response, "Allow", answer->allow);
	if (answer->cookie[0])
		add_header(response, "Set-Cookie", answer->cookie);
	if (answer->location[0])
		add_header(response, "Location", answer->location);
	if (answer->view[0])
		add_header(response, "Ward-View", answer->view);
	if (answer->file_name[0]) {
		char kept[FILE_NAME_MAX + 32];

		snprintf(kept, sizeof(kept), "attachment; filename=\"%s\"", answer->file_name);
		add_header(response, "Content-Disposition", kept);
	}
	if (answer->status == 401) {
		add_header(response, "WWW-Authenticate", "Bearer");
		if (answer->may_authenticate)
			add_header(response, "WWW-Authenticate", "Basic realm=\"ward\"");
	}
	if (answer->close || request->server->stopping)
		add_header(response, "Connection", "close");
}

/* A text that is wiped when the library has sent it, or could not. */
struct secret {
	size_t room;
	char *text;
};

static void wipe(void *context)
{
	struct secret *secret = context;

	explicit_bzero(secret->text, secret->room);
	free(secret->text);
	free(secret);
}

/* The library takes the text over; it was made with malloc. */
static struct MHD_Response *hand_text_over(struct answer *answer)
{
	struct secret *secret;

	if (!answer->secret || !answer->text.ptr)
		return MHD_create_response_from_buffer(answer->text.len, answer->text.ptr,
				MHD_RESPMEM_MUST_FREE);
	secret = malloc(sizeof(*secret));
	if (!secret)
		return NULL;
	*secret = (struct secret){ answer->text.room, answer->text.ptr };
	struct MHD_Response *response =
			MHD_create_response_from_buffer_with_free_callback_cls(answer->text.len,
					answer->text.ptr, wipe, secret);

	if (!response)
		free(secret);
	return response;
}

/* The library takes the file over, and reads it as it is sent. */
static struct MHD_Response *hand_file_over(struct answer *answer)
{
	struct MHD_Response *response =
			MHD_create_response_from_fd64(answer->file_bytes, answer->file);

	answer->has_file = response == NULL;
	return response;
}

/* How long the answer may take to be sent. */
static uint32_t writing_ms(const struct request *request)
{
	uint64_t ms = request->server->peers.request_ms +
		      request->answer.file_bytes / FILE_SLOWEST_PER_MS;

	return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

static enum MHD_Result send_answer(struct request *request)
{
	struct answer *answer = &request->answer;
	struct MHD_Response *response;
	enum MHD_Result result;

	if (answer->text.failed)
		request_trouble(request, PROBLEM_INTERNAL,
				"The answer would be too large; ask for less at once.");
	bool text = !answer->has_file;

	response = text ? hand_text_over(answer) : hand_file_over(answer);
	if (!response)
		return MHD_NO;
	if (text) {
		answer->text.ptr = NULL;
		answer->text.len = answer->text.room = 0;
	}
	add_headers(request, response);
	peers_phase(&request->server->peers, request->peer, PEER_WRITING, writing_ms(request));
	result = MHD_queue_response(request->connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

/*
 * A refusal stands before the body has come.  Who asked whether to send it is
 * told at once; for others what comes is passed over up to a bound, because
 * one who is still sending would not see an answer.
 */
static enum MHD_Result refuse(struct request *request, uint64_t pass_over_max)
{
	ward_str expect = request_header(request, "Expect");
	bool chunked = request_header(request, "Transfer-Encoding").len > 0;

	if (expect.len == 0 && request->body_expected <= pass_over_max &&
			(request->body_expected > 0 || chunked) && !request->answer.close) {
		request->discard = true;
		request->phase = PHASE_DONE;
		return MHD_YES;
	}
	return send_answer(request);
}

/* ---- the lanes ---- */

static void drop_use(struct request *request)
{
	pthread_mutex_lock(&request->server->mutex);
	bool last = --request->uses == 0;

	pthread_mutex_unlock(&request->server->mutex);
	if (last)
		request_free(request);
}

void serve_done(struct request *request)
{
	struct server *server = request->server;

	pthread_mutex_lock(&server->mutex);
	request->phase = PHASE_DONE;
	if (request->suspended) {
		request->suspended = false;
		MHD_resume_connection(request->connection);
	}
	pthread_mutex_unlock(&server->mutex);
	drop_use(request);
}

static void busy(struct request *request)
{
	request_trouble(request, PROBLEM_BUSY, "Nothing was lost: send it again.");
	request->answer.retry_after_s = 1;
}

/* The pictures of a report are hashed by a scan thread before it is taken in. */
static bool is_to_be_hashed(const struct request *request)
{
	return request->multipart && request->route->lane == ROUTE_DESK && !request->hashed;
}

static void hash_first(struct request *request, struct ward_scanner *scanner)
{
	request->hashed = true;
	if (session_resolve(request)) {
		request->scanner = scanner;
		scanning_hash_parts(request);
		request->scanner = NULL;
		if (lane_put(serve_lane(request), request))
			return;
		busy(request);
	}
	serve_done(request);
}

void serve_run(void *context, void *tool, void *job)
{
	struct request *request = job;

	(void)context;
	if (is_to_be_hashed(request)) {
		hash_first(request, tool);
		return;
	}
	if (request_time_left(request) == 0 && !request->stream) {
		request_trouble(request, PROBLEM_BUSY, "Nothing was lost: send it again.");
		request->answer.retry_after_s = 1;
	} else if (session_resolve(request)) {
		bool views = request->route->lane == ROUTE_VIEWS;

		request->scanner = views ? NULL : tool;
		request->box = views ? tool : NULL;
		request->route->handle(request);
		request->scanner = NULL;
		request->box = NULL;
	}
	if (request->stream)
		stream_close(request->stream);
	serve_done(request);
}

struct lane *serve_lane(const struct request *request)
{
	struct server *server = request->server;

	switch (request->route->lane) {
	case ROUTE_SCAN:
		return server->scans;
	case ROUTE_LISTS:
		return server->lists;
	case ROUTE_DESK:
		return server->desks;
	case ROUTE_LOGIN:
		return server->logins;
	case ROUTE_VIEWS:
		return server->views;
	case ROUTE_AT_ONCE:
		break;
	}
	return NULL;
}

static void fetch_trouble(struct request *request, const struct ward_error *error)
{
	enum problem problem = error->code == WARD_E_DENIED     ? PROBLEM_FETCH_DENIED
			       : error->code == WARD_E_TIMEOUT  ? PROBLEM_FETCH_SLOW
			       : error->code == WARD_E_LIMIT    ? PROBLEM_TOO_LARGE
			       : error->code == WARD_E_ARGUMENT ? PROBLEM_BAD_REQUEST
								: PROBLEM_FETCH_FAILED;

	request_trouble(request, problem, "%s.", error->message);
}

void serve_fetch(void *context, void *tool, void *job)
{
	struct request *request = job;
	const struct settings *settings = request->snapshot->settings;
	uint32_t left = request_time_left(request);
	struct fetch_options options = {
		.bytes_max = settings->fetch_bytes_max,
		.time_ms = settings->fetch_ms < left ? settings->fetch_ms : left,
		.redirects_max = settings->fetch_redirects_max,
	};
	struct ward_error error = { 0 };
	char url[4096];

	(void)context;
	(void)tool;
	snprintf(url, sizeof(url), "%.*s", WARD_FMT(request->url));
	if (request->url.len >= sizeof(url) || strlen(url) < request->url.len)
		(void)ward_fail(&error, WARD_E_ARGUMENT, "the url is no http or https URL");
	else if (options.time_ms == 0)
		(void)ward_fail(&error, WARD_E_TIMEOUT, "there was no time left to fetch the url");
	else
		(void)!fetch(url, &options, &request->parts[0].spill, &error);
	if (error.code)
		fetch_trouble(request, &error);
	else if (!lane_put(serve_lane(request), request))
		busy(request);
	else
		return;
	serve_done(request);
}

/* The body is whole: the request waits for a lane, and its connection sleeps. */
static enum MHD_Result hand_over(struct request *request)
{
	struct server *server = request->server;
	struct lane *lane = request->url.len > 0 ? server->fetches : serve_lane(request);

	peers_phase(&server->peers, request->peer, PEER_WORKING, 0);
	pthread_mutex_lock(&server->mutex);
	request->phase = PHASE_LANE;
	request->suspended = true;
	request->uses++;
	MHD_suspend_connection(request->connection);
	pthread_mutex_unlock(&server->mutex);
	if (is_to_be_hashed(request) && lane_put(server->scans, request))
		return MHD_YES;
	/* No report is turned away for want of a hash. */
	request->hashed = true;
	if (!lane_put(lane, request)) {
		busy(request);
		serve_done(request);
	}
	return MHD_YES;
}

/* ---- the body arrives ---- */

static struct part *add_part(struct request *request)
{
	if (!request->parts)
		request->parts = calloc(request->multipart ? PARTS_MAX : 1, sizeof(struct part));
	if (!request->parts)
		return NULL;
	struct part *part = &request->parts[request->part_count++];

	spill_init(&part->spill, &request->server->place);
	return part;
}

/* The refusal takes the body's place; the rest of it is passed over. */
static void spoil(struct request *request, const struct ward_error *error)
{
	request_failure(request, error);
	request->discard = true;
	request->phase = PHASE_DONE;
}

static ward_err take_event(struct request *request, const struct multipart_event *event,
		struct ward_error *error)
{
	struct part *part;

	switch (event->kind) {
	case MULTIPART_PART:
		part = add_part(request);
		if (!part)
			return ward_fail(error, WARD_E_NOMEM, "out of memory");
		snprintf(part->field, sizeof(part->field), "%.*s", WARD_FMT(event->name));
		part->is_file = event->is_file;
		return spill_open(&part->spill, 0, error);
	case MULTIPART_DATA:
		return spill_write(&request->parts[request->part_count - 1].spill, event->data,
				error);
	case MULTIPART_MORE:
	case MULTIPART_PART_END:
	case MULTIPART_END:
		break;
	}
	return WARD_OK;
}

static ward_err take_multipart(struct request *request, ward_bytes bytes, struct ward_error *error)
{
	struct multipart_event event;
	ward_err err;

	do {
		err = multipart_next(request->multipart, &bytes, &event, error);
		if (!err)
			err = take_event(request, &event, error);
	} while (!err && event.kind != MULTIPART_MORE);
	return err;
}

static ward_err take_raw(struct request *request, ward_bytes bytes, struct ward_error *error)
{
	struct part *part = request->parts;

	if (!part) {
		part = add_part(request);
		if (!part)
			return ward_fail(error, WARD_E_NOMEM, "out of memory");
		part->is_file = true;
		ward_err err = spill_open(&part->spill, request->body_expected, error);

		if (err)
			return err;
	}
	return spill_write(&part->spill, bytes, error);
}

static ward_err take_text(struct request *request, ward_bytes bytes, struct ward_error *error)
{
	ward_buf_add(&request->text, bytes.ptr, bytes.len);
	return request->text.failed ? ward_fail(error, WARD_E_NOMEM, "out of memory") : WARD_OK;
}

static enum MHD_Result take_stream(struct request *request, ward_bytes bytes, size_t *left)
{
	struct server *server = request->server;

	pthread_mutex_lock(&server->mutex);
	size_t taken = stream_offer(request->stream, bytes);

	*left = bytes.len - taken;
	if (taken == 0) {
		request->suspended = true;
		MHD_suspend_connection(request->connection);
	}
	pthread_mutex_unlock(&server->mutex);
	request->body_bytes += taken;
	/* As long as it comes, it may take its time. */
	peers_phase(&server->peers, request->peer, taken > 0 ? PEER_BODY : PEER_WORKING,
			server->peers.request_ms);
	return MHD_YES;
}

static void stream_has_room(void *context)
{
	struct request *request = context;

	pthread_mutex_lock(&request->server->mutex);
	if (request->suspended && request->phase == PHASE_BODY) {
		request->suspended = false;
		MHD_resume_connection(request->connection);
	}
	pthread_mutex_unlock(&request->server->mutex);
}

static bool is_done(struct request *request)
{
	pthread_mutex_lock(&request->server->mutex);
	bool done = request->phase == PHASE_DONE;

	pthread_mutex_unlock(&request->server->mutex);
	return done;
}

static enum MHD_Result take(struct request *request, ward_bytes bytes, size_t *left)
{
	struct ward_error error;
	ward_err err = WARD_OK;
	bool too_large = request->body_bytes + bytes.len > request->body_max;

	*left = 0;
	/* A stream's answer is its reader's to write, also this one. */
	if (request->stream && too_large)
		stream_break(request->stream, WARD_E_LIMIT);
	if (request->stream && !is_done(request))
		return take_stream(request, bytes, left);
	if (too_large && !request->stream && !request->discard) {
		(void)ward_fail(&error, WARD_E_LIMIT, "A body here is at most %" PRIu64 " bytes.",
				request->body_max);
		spoil(request, &error);
	}
	request->body_bytes += bytes.len;
	if (request->discard || request->stream)
		return MHD_YES;
	if (request->multipart)
		err = take_multipart(request, bytes, &error);
	else if (request->route->body == ROUTE_FILES)
		err = take_raw(request, bytes, &error);
	else if (request->route->body != ROUTE_NO_BODY)
		err = take_text(request, bytes, &error);
	if (err)
		spoil(request, &error);
	return MHD_YES;
}

/* ---- a request begins ---- */

static bool begin_multipart(struct request *request, ward_str type)
{
	struct ward_error error;

	request->multipart = malloc(sizeof(*request->multipart));
	if (!request->multipart) {
		request_trouble(request, PROBLEM_INTERNAL, "Out of memory; send it again.");
		return false;
	}
	if (multipart_begin(request->multipart, type, PARTS_MAX, &error) == WARD_OK)
		return true;
	request_failure(request, &error);
	return false;
}

/* A stream's reader begins at once, beside the body. */
static bool begin_stream(struct request *request)
{
	if (!plan_list_import(request))
		return false;
	request->stream = stream_new(STREAM_ROOM, stream_has_room, request);
	if (!request->stream) {
		request_trouble(request, PROBLEM_INTERNAL, "Out of memory; send it again.");
		return false;
	}
	request->uses++;
	if (lane_put(request->server->lists, request))
		return true;
	request->uses--;
	busy(request);
	return false;
}

static bool begin_body(struct request *request)
{
	ward_str type = request_header(request, "Content-Type");
	enum route_body body = request->route->body;

	if ((body == ROUTE_FILES || body == ROUTE_SIGNALS) && multipart_is(type))
		return begin_multipart(request, type);
	if (body != ROUTE_NO_BODY && ward_str_starts(type, WARD_STR("multipart/"))) {
		request_trouble(request, PROBLEM_MEDIA_TYPE,
				body == ROUTE_FILES || body == ROUTE_SIGNALS
						? "Send multipart/form-data, or the file as it is."
						: "Send the body as it is, not in parts.");
		return false;
	}
	if (body == ROUTE_STREAM)
		return begin_stream(request);
	ward_buf_init(&request->text, (size_t)request->body_max + 1);
	if (request->url.len > 0 && !add_part(request)) {
		request_trouble(request, PROBLEM_INTERNAL, "Out of memory; send it again.");
		return false;
	}
	return true;
}

static enum MHD_Result begin(struct server *server, struct MHD_Connection *connection,
		const char *method, const char *path, void **kept)
{
	const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct request *request = request_new(server, connection);

	if (!request || !info || !info->socket_context)
		return MHD_NO;
	*kept = request;
	request->peer = info->socket_context;
	server->in_flight++;
	peers_phase(&server->peers, request->peer, PEER_BODY, server->peers.request_ms);
	if (!admit(request, method, path) || !begin_body(request))
		return refuse(request, 4 * request->snapshot->settings->body_max);
	return MHD_YES;
}

/* ---- a request is whole ---- */

static enum MHD_Result finish_stream(struct request *request)
{
	struct server *server = request->server;

	stream_end(request->stream);
	peers_phase(&server->peers, request->peer, PEER_WORKING, 0);
	pthread_mutex_lock(&server->mutex);
	bool done = request->phase == PHASE_DONE;

	if (!done) {
		request->phase = PHASE_LANE;
		request->suspended = true;
		MHD_suspend_connection(request->connection);
	}
	pthread_mutex_unlock(&server->mutex);
	return done ? send_answer(request) : MHD_YES;
}

static enum MHD_Result finish(struct request *request)
{
	struct ward_error error;

	if (request->discard || is_done(request))
		return send_answer(request);
	if (request->stream)
		return finish_stream(request);
	if (request->multipart && multipart_finish(request->multipart, &error) != WARD_OK) {
		request_failure(request, &error);
		return send_answer(request);
	}
	if (request->route->lane == ROUTE_AT_ONCE) {
		request->route->handle(request);
		return send_answer(request);
	}
	return hand_over(request);
}

enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url,
		const char *method, const char *version, const char *upload, size_t *upload_size,
		void **kept)
{
	struct request *request = *kept;

	(void)version;
	if (!request)
		return begin(context, connection, method, url, kept);
	if (*upload_size > 0)
		return take(request, (ward_bytes){ (const uint8_t *)upload, *upload_size },
				upload_size);
	return finish(request);
}

/* ---- a request is over ---- */

void serve_completed(void *context, struct MHD_Connection *connection, void **kept,
		enum MHD_RequestTerminationCode how)
{
	struct server *server = context;
	struct request *request = *kept;
	bool whole = how == MHD_REQUEST_TERMINATED_COMPLETED_OK;

	(void)connection;
	if (!request)
		return;
	*kept = NULL;
	uint64_t time_us = clock_ticks_us() - request->begun_us;
	unsigned status = whole ? request->answer.status : 0;

	if (request->stream && !is_done(request))
		stream_break(request->stream, WARD_E_IO);
	if (whole)
		metrics_request(server->metrics, request->route, status, time_us);
	else
		metrics_cut(server->metrics);
	log_info("request",
			"id=%s method=%s route=%s status=%u us=%" PRIu64 " in=%" PRIu64 " key=%s",
			request->id, request->route ? request->route->method : "-",
			request->route ? request->route->path : "-", status, time_us,
			request->body_bytes, request->key_name);
	peers_phase(&server->peers, request->peer, PEER_READING, 0);
	server->in_flight--;
	drop_use(request);
}

void serve_connection(void *context, struct MHD_Connection *connection, void **kept,
		enum MHD_ConnectionNotificationCode code)
{
	struct server *server = context;
	const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		struct peer *peer = malloc(sizeof(*peer));

		/* Without one, its requests are turned away. */
		if (peer && info)
			peers_add(&server->peers, peer, info->connect_fd);
		*kept = peer;
	} else if (*kept) {
		peers_remove(&server->peers, *kept);
		free(*kept);
		*kept = NULL;
	}
}
