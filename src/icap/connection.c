#include "icap/reply.h"

/* An answer is a page, a response sent back is in pieces: what is larger is a mistake. */
enum { OUT_MAX = 16 << 20, IN_FIRST = 2048, TAKE = 4096 };

/* What one that takes and does not give may have in files. */
#define ECHO_HOLD_MAX ((uint64_t)1 << 30)

void icap_options_fill(struct icap_options *options)
{
	const struct icap_options defaults = {
		.name = "ward",
		.threads = 2,
		.connections_max = 16384,
		.client_connections = 1000,
		.options_ttl_s = 60,
		.head_max = 131072,
		.idle_ms = 600000,
		.head_ms = 10000,
		.stall_ms = 30000,
	};

	options->name = options->name ? options->name : defaults.name;
	options->threads = options->threads ? options->threads : defaults.threads;
	options->connections_max = options->connections_max ? options->connections_max
							    : defaults.connections_max;
	options->client_connections = options->client_connections ? options->client_connections
								  : defaults.client_connections;
	options->options_ttl_s =
			options->options_ttl_s ? options->options_ttl_s : defaults.options_ttl_s;
	options->head_max = options->head_max ? options->head_max : defaults.head_max;
	options->idle_ms = options->idle_ms ? options->idle_ms : defaults.idle_ms;
	options->head_ms = options->head_ms ? options->head_ms : defaults.head_ms;
	options->stall_ms = options->stall_ms ? options->stall_ms : defaults.stall_ms;
}

void icap_connection_init(struct icap_connection *connection, struct icap_engine *engine)
{
	*connection = (struct icap_connection){ .engine = engine, .last_us = engine->now_us };
	ward_buf_init(&connection->in, (size_t)engine->options->head_max * 3 + TAKE);
	ward_buf_init(&connection->rest, OUT_MAX);
	ward_buf_init(&connection->out, OUT_MAX);
}

void icap_connection_clear(struct icap_connection *connection)
{
	if (connection->exchange && connection->state == ICAP_STATE_BUSY)
		icap_exchange_clear(connection->exchange);
	free(connection->exchange);
	connection->exchange = NULL;
	ward_buf_free(&connection->in);
	ward_buf_free(&connection->rest);
	ward_buf_free(&connection->out);
	connection->state = ICAP_STATE_DONE;
}

void icap_connection_slim(struct icap_connection *connection)
{
	free(connection->exchange);
	connection->exchange = NULL;
	ward_buf_free(&connection->in);
	ward_buf_free(&connection->out);
}

void icap_connection_refuse(struct icap_connection *connection, unsigned status)
{
	struct icap_exchange *exchange = connection->exchange;
	const struct icap_service *service = connection->engine->options->services;
	/* In the midst of an answer there is no place for another. */
	bool begun = connection->state == ICAP_STATE_BUSY &&
		     (exchange->begun || (exchange->mode == ICAP_MODE_DRAIN &&
							 exchange->then == ICAP_THEN_NOTHING));

	if (connection->state == ICAP_STATE_BUSY)
		icap_exchange_clear(exchange);
	if (!begun)
		icap_reply_status(connection, service, status, true, &connection->out);
	connection->state = ICAP_STATE_DONE;
	connection->linger = true;
}

static void broken(struct icap_connection *connection, unsigned status)
{
	icap_count(&connection->engine->counters.broken, 1);
	icap_connection_refuse(connection, status);
}

static bool make_exchange(struct icap_connection *connection)
{
	struct icap_exchange *exchange = connection->exchange;

	if (!exchange)
		exchange = connection->exchange = malloc(sizeof(*exchange));
	if (!exchange)
		return false;
	*exchange = (struct icap_exchange){ .connection = connection };
	icap_hold_init(&exchange->hold, connection->engine->options->place);
	ward_buf_init(&exchange->url_words, (size_t)1 << 18);
	ward_buf_init(&exchange->user_words, (size_t)1 << 18);
	ward_buf_init(&exchange->reply, OUT_MAX);
	return true;
}

static const struct icap_service *find_service(const struct icap_options *options, ward_str path)
{
	for (size_t i = 0; i < options->service_count; i++) {
		if (ward_str_eq(path, ward_str_from(options->services[i].path)))
			return &options->services[i];
	}
	return NULL;
}

static void count_request(struct icap_connection *connection, enum icap_verb verb)
{
	struct icap_counters *counters = &connection->engine->counters;

	icap_count(verb == ICAP_VERB_OPTIONS       ? &counters->options
			: verb == ICAP_VERB_REQMOD ? &counters->reqmod
						   : &counters->respmod,
			1);
}

static void begin_options(struct icap_connection *connection, struct icap_exchange *exchange)
{
	connection->state = ICAP_STATE_BUSY;
	/* A body of it means nothing to us: it is read, and then this is said. */
	exchange->mode = ICAP_MODE_DRAIN;
	exchange->then = ICAP_THEN_REPLY;
	exchange->phase = exchange->request.has_body ? ICAP_PHASE_REST : ICAP_PHASE_NONE;
	icap_reply_options(connection, exchange->service, exchange->request.close,
			&exchange->reply);
	if (!exchange->request.has_body)
		icap_exchange_stop(exchange);
}

static bool service_fits(const struct icap_exchange *exchange)
{
	enum icap_verb verb = exchange->request.verb;

	return verb == ICAP_VERB_OPTIONS ||
	       (verb == ICAP_VERB_REQMOD) == (exchange->service->method == ICAP_REQMOD);
}

/* Room for the heads that follow, so that what points into the first one stays true; else a status.
 */
static unsigned read_request(struct icap_connection *connection, size_t len,
		struct icap_request *request)
{
	struct ward_buf *in = &connection->in;
	size_t max = connection->engine->options->head_max;
	const char *before = in->ptr;
	unsigned status = icap_request_parse(in->ptr, len, max, request);

	if (status)
		return status;
	if (!ward_buf_reserve(in, request->request_len + request->response_len))
		return 503;
	return in->ptr == before ? 0 : icap_request_parse(in->ptr, len, max, request);
}

/* The ICAP head is here. */
static void open_request(struct icap_connection *connection, size_t len)
{
	struct icap_exchange *exchange;
	unsigned status = make_exchange(connection) ? 0 : 503;

	exchange = connection->exchange;
	if (!status)
		status = read_request(connection, len, &exchange->request);
	if (status) {
		broken(connection, status);
		return;
	}
	exchange->service = find_service(connection->engine->options, exchange->request.path);
	if (!exchange->service || !service_fits(exchange)) {
		icap_count(&connection->engine->counters.unknown, 1);
		icap_connection_refuse(connection, exchange->service ? 405 : 404);
		return;
	}
	count_request(connection, exchange->request.verb);
	if (exchange->request.verb == ICAP_VERB_OPTIONS)
		begin_options(connection, exchange);
	else
		connection->state = ICAP_STATE_HEADS;
}

/* Moves up to `len` bytes from `input` behind what is there of the heads; false without memory. */
static bool take_in(struct icap_connection *connection, ward_bytes *input, size_t len)
{
	if (len > input->len)
		len = input->len;
	if (connection->in.room == 0 && !ward_buf_reserve(&connection->in, IN_FIRST))
		return false;
	ward_buf_add(&connection->in, input->ptr, len);
	input->ptr += len;
	input->len -= len;
	return !connection->in.failed;
}

static void skip_lines(ward_bytes *input)
{
	while (input->len > 0 && (*input->ptr == '\r' || *input->ptr == '\n')) {
		input->ptr++;
		input->len--;
	}
}

static bool has_bare_end(const struct ward_buf *in)
{
	const char *end = memchr(in->ptr, '\n', in->len);

	return end && (end == in->ptr || end[-1] != '\r');
}

static bool step_head(struct icap_connection *connection, ward_bytes *input)
{
	struct ward_buf *in = &connection->in;
	size_t before = in->len, end;

	if (before == 0)
		skip_lines(input);
	if (input->len == 0)
		return false;
	if (connection->engine->stopping) {
		connection->state = ICAP_STATE_DONE;
		return false;
	}
	if (before == 0)
		connection->began_us = connection->engine->now_us;
	if (!take_in(connection, input, TAKE)) {
		icap_connection_refuse(connection, 503);
		return false;
	}
	end = icap_head_end((ward_str){ in->ptr, in->len }, before);
	if (end > connection->engine->options->head_max ||
			(end == 0 && in->len > connection->engine->options->head_max)) {
		broken(connection, 413);
		return false;
	}
	if (end == 0) {
		if (has_bare_end(in))
			broken(connection, 400);
		return connection->state == ICAP_STATE_HEAD && input->len > 0;
	}
	/* What was taken behind the end goes back. */
	input->ptr -= in->len - end;
	input->len += in->len - end;
	in->len = end;
	open_request(connection, end);
	return true;
}

static bool step_heads(struct icap_connection *connection, ward_bytes *input)
{
	struct icap_exchange *exchange = connection->exchange;
	size_t whole = exchange->request.head.text.len + exchange->request.request_len +
		       exchange->request.response_len;

	if (!take_in(connection, input, whole - connection->in.len)) {
		icap_connection_refuse(connection, 503);
		return false;
	}
	if (connection->in.len < whole)
		return false;
	connection->state = ICAP_STATE_BUSY;
	icap_exchange_start(exchange);
	return true;
}

static bool is_arriving(const struct icap_connection *connection)
{
	const struct icap_exchange *exchange = connection->exchange;

	return connection->state == ICAP_STATE_BUSY && !exchange->waiting &&
	       (exchange->phase == ICAP_PHASE_PREVIEW || exchange->phase == ICAP_PHASE_REST);
}

/* A client that says how much it shows must not show more. */
static bool preview_is_too_long(const struct icap_exchange *exchange, uint64_t seen)
{
	return exchange->phase == ICAP_PHASE_PREVIEW && seen > (uint64_t)exchange->request.preview;
}

static bool step_body(struct icap_connection *connection, ward_bytes *input)
{
	struct icap_exchange *exchange = connection->exchange;
	ward_bytes piece;

	if (!is_arriving(connection))
		return false;
	switch (icap_chunks_next(&exchange->chunks, input, &piece)) {
	case ICAP_CHUNK_DATA:
		exchange->seen += piece.len;
		if (preview_is_too_long(exchange, exchange->seen))
			broken(connection, 400);
		else
			icap_exchange_piece(exchange, piece);
		return true;
	case ICAP_CHUNK_END:
		icap_exchange_stop(exchange);
		return true;
	case ICAP_CHUNK_BROKEN:
		broken(connection, 400);
		return false;
	case ICAP_CHUNK_MORE:
	default:
		return false;
	}
}

static size_t backlog(const struct icap_connection *connection)
{
	return connection->out.len - connection->out_at;
}

static bool step(struct icap_connection *connection, ward_bytes *input)
{
	if (connection->out.failed) {
		icap_connection_clear(connection);
		connection->cut = true;
		return false;
	}
	/* A body that is sent back goes on: it is kept in a file instead. */
	if (backlog(connection) > ICAP_OUT_HIGH && connection->state != ICAP_STATE_BUSY)
		return false;
	switch (connection->state) {
	case ICAP_STATE_HEAD:
		return step_head(connection, input);
	case ICAP_STATE_HEADS:
		return step_heads(connection, input);
	case ICAP_STATE_BUSY:
		return step_body(connection, input);
	case ICAP_STATE_DONE:
	default:
		return false;
	}
}

/* Of what is over nothing is kept. */
static void keep_rest(struct icap_connection *connection, ward_bytes left, bool from_rest)
{
	struct ward_buf *rest = &connection->rest;

	if (connection->state == ICAP_STATE_DONE || left.len == 0) {
		ward_buf_free(rest);
	} else if (from_rest) {
		memmove(rest->ptr, left.ptr, left.len);
		rest->len = left.len;
	} else {
		ward_buf_add(rest, left.ptr, left.len);
		if (rest->failed)
			icap_connection_refuse(connection, 503);
	}
}

static void end_if_nothing_comes(struct icap_connection *connection)
{
	if (!connection->eof || !icap_connection_wants(connection))
		return;
	/* Half a request, or half a body, is none. */
	if (connection->state != ICAP_STATE_HEAD || connection->in.len > 0)
		icap_count(&connection->engine->counters.broken, 1);
	if (connection->state == ICAP_STATE_BUSY)
		icap_exchange_clear(connection->exchange);
	connection->state = ICAP_STATE_DONE;
}

static void run(struct icap_connection *connection, ward_bytes input, bool from_rest)
{
	while (step(connection, &input))
		;
	keep_rest(connection, input, from_rest);
	end_if_nothing_comes(connection);
}

static void run_rest(struct icap_connection *connection)
{
	ward_bytes rest = { (const uint8_t *)connection->rest.ptr, connection->rest.len };

	run(connection, rest, true);
}

void icap_connection_take(struct icap_connection *connection, ward_bytes bytes)
{
	icap_count(&connection->engine->counters.bytes_in, bytes.len);
	if (connection->state == ICAP_STATE_DONE)
		return;
	connection->last_us = connection->engine->now_us;
	if (connection->rest.len == 0) {
		run(connection, bytes, false);
		return;
	}
	ward_buf_add(&connection->rest, bytes.ptr, bytes.len);
	if (connection->rest.failed)
		icap_connection_refuse(connection, 503);
	else
		run_rest(connection);
}

void icap_connection_eof(struct icap_connection *connection)
{
	connection->eof = true;
	end_if_nothing_comes(connection);
}

bool icap_connection_wants(const struct icap_connection *connection)
{
	if (connection->state == ICAP_STATE_DONE || connection->rest.len > 0)
		return false;
	if (connection->state != ICAP_STATE_BUSY)
		return backlog(connection) <= ICAP_OUT_HIGH;
	return is_arriving(connection) &&
	       icap_hold_left(&connection->exchange->hold) <= ECHO_HOLD_MAX;
}

ward_bytes icap_connection_out(const struct icap_connection *connection)
{
	if (connection->out_at == connection->out.len)
		return (ward_bytes){ NULL, 0 };
	return (ward_bytes){ (const uint8_t *)connection->out.ptr + connection->out_at,
		backlog(connection) };
}

void icap_connection_sent(struct icap_connection *connection, size_t len)
{
	icap_count(&connection->engine->counters.bytes_out, len);
	connection->out_at += len;
	connection->last_us = connection->engine->now_us;
	if (connection->out_at == connection->out.len) {
		ward_buf_clear(&connection->out);
		connection->out_at = 0;
	}
	if (connection->state == ICAP_STATE_BUSY)
		icap_exchange_pump(connection->exchange);
	if (connection->rest.len > 0 && backlog(connection) <= ICAP_OUT_LOW)
		run_rest(connection);
	else
		end_if_nothing_comes(connection);
}

void icap_connection_settle(struct icap_connection *connection, const struct icap_verdict *verdict)
{
	connection->last_us = connection->engine->now_us;
	icap_exchange_settle(connection->exchange, verdict);
	run_rest(connection);
}

bool icap_connection_waits(const struct icap_connection *connection)
{
	const struct icap_exchange *exchange = connection->exchange;

	return connection->state == ICAP_STATE_BUSY &&
	       (exchange->waiting || exchange->service->trickle_ms > 0 ||
			       exchange->service->nudge_ms > 0);
}

bool icap_connection_is_idle(const struct icap_connection *connection)
{
	return connection->state == ICAP_STATE_HEAD && connection->in.len == 0 &&
	       backlog(connection) == 0;
}

/* ---- time ---- */

/*
 * Squid's buffer is 65535 bytes: a body that stands at just so many is stuck, and there is no need
 * to wait for what will not come (measured: 200 ms a picture become 10).
 */
enum { SQUID_BUFFER = 65535, SQUID_STUCK_US = 10000 };

static bool is_stuck(const struct icap_exchange *exchange, uint64_t quiet_us)
{
	uint64_t nudge_us = (uint64_t)exchange->service->nudge_ms * 1000;

	return nudge_us > 0 &&
	       (quiet_us >= nudge_us ||
			       (exchange->seen == SQUID_BUFFER && quiet_us >= SQUID_STUCK_US));
}

/* What a held body's client is given before the verdict, where the service has it so. */
static void help_on(struct icap_connection *connection)
{
	struct icap_exchange *exchange = connection->exchange;
	uint64_t now = connection->engine->now_us;

	if (connection->state != ICAP_STATE_BUSY)
		return;
	uint64_t trickle_us = (uint64_t)exchange->service->trickle_ms * 1000;

	if (is_stuck(exchange, now - connection->last_us))
		icap_exchange_nudge(exchange);
	if (exchange->trickle_us == 0)
		exchange->trickle_us = connection->began_us;
	if (trickle_us > 0 && now - exchange->trickle_us >= trickle_us) {
		exchange->trickle_us = now;
		icap_exchange_trickle(exchange);
	}
}

static void time_out(struct icap_connection *connection)
{
	icap_count(&connection->engine->counters.timed_out, 1);
	/* One that does not take what was said will not take this. */
	if (backlog(connection) > 0 || connection->state == ICAP_STATE_DONE) {
		icap_connection_clear(connection);
		connection->cut = true;
	} else {
		icap_connection_refuse(connection, 408);
	}
}

void icap_connection_tick(struct icap_connection *connection)
{
	const struct icap_options *options = connection->engine->options;
	uint64_t now = connection->engine->now_us, quiet = now - connection->last_us;
	struct icap_exchange *exchange = connection->exchange;

	if (connection->state == ICAP_STATE_BUSY && exchange->waiting) {
		if (now >= exchange->wait_until_us) {
			icap_exchange_late(exchange);
			run_rest(connection);
		} else {
			help_on(connection);
		}
		return;
	}
	help_on(connection);
	if (icap_connection_is_idle(connection)) {
		if (quiet >= (uint64_t)options->idle_ms * 1000)
			connection->state = ICAP_STATE_DONE;
		if (quiet >= 1000000)
			icap_connection_slim(connection);
		return;
	}
	if (quiet >= (uint64_t)options->stall_ms * 1000 ||
			(backlog(connection) == 0 &&
					(connection->state == ICAP_STATE_HEAD ||
							connection->state == ICAP_STATE_HEADS) &&
					now - connection->began_us >=
							(uint64_t)options->head_ms * 1000))
		time_out(connection);
}
