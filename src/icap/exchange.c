#include "icap/reply.h"
#include "icap/ticket.h"

/*
 * A verdict that is known before a body without a preview has arrived: a short one is let in first,
 * because a client that is interrupted gives the connection up.
 */
enum { DRAIN_MAX = 65536, PIECE = 65536 };

static void pass(struct icap_exchange *exchange);
static void apply(struct icap_exchange *exchange, const struct icap_verdict *verdict);

static struct icap_counters *counters(struct icap_exchange *exchange)
{
	return &exchange->connection->engine->counters;
}

static size_t backlog(const struct icap_connection *connection)
{
	return connection->out.len - connection->out_at;
}

/* The answer is written. */
static void finish(struct icap_exchange *exchange)
{
	struct icap_connection *connection = exchange->connection;
	bool close = exchange->request.close || connection->engine->stopping;

	icap_exchange_clear(exchange);
	ward_buf_clear(&connection->in);
	connection->began_us = connection->engine->now_us;
	connection->state = close ? ICAP_STATE_DONE : ICAP_STATE_HEAD;
}

/* It can be neither finished nor replaced: what was sent ends without its end. */
static void cut(struct icap_exchange *exchange)
{
	struct icap_connection *connection = exchange->connection;

	icap_exchange_clear(exchange);
	connection->state = ICAP_STATE_DONE;
}

void icap_exchange_clear(struct icap_exchange *exchange)
{
	const struct icap_owner *owner = exchange->connection->engine->options->owner;

	if (exchange->waiting)
		icap_count(&counters(exchange)->waiting, (uint64_t)-1);
	exchange->waiting = false;
	if (exchange->ticket)
		icap_ticket_forget(exchange->ticket);
	exchange->ticket = NULL;
	if (exchange->own && owner->gone)
		owner->gone(owner->context, exchange->own);
	exchange->own = NULL;
	icap_hold_clear(&exchange->hold);
	ward_buf_free(&exchange->reply);
	ward_buf_free(&exchange->url_words);
	ward_buf_free(&exchange->user_words);
}

/* ---- sending back ---- */

void icap_exchange_pump(struct icap_exchange *exchange)
{
	struct ward_buf *out = &exchange->connection->out;

	if (exchange->mode != ICAP_MODE_ECHO || !exchange->begun)
		return;
	while (icap_hold_left(&exchange->hold) > 0 &&
			backlog(exchange->connection) < ICAP_OUT_LOW) {
		uint64_t left = icap_hold_left(&exchange->hold);
		size_t len = left < PIECE ? (size_t)left : PIECE;

		icap_reply_chunk(len, out);
		if (!icap_hold_send(&exchange->hold, len, out)) {
			/* A chunk without its bytes must not be taken for one. */
			exchange->connection->cut = true;
			cut(exchange);
			return;
		}
		ward_buf_str(out, WARD_STR("\r\n"));
	}
	if (icap_hold_left(&exchange->hold) > 0)
		return;
	icap_hold_clear(&exchange->hold);
	if (exchange->phase == ICAP_PHASE_ENDED) {
		icap_reply_last_chunk(out);
		finish(exchange);
	}
}

/* Behind what is held, or when the client does not take it: it may send all before it reads any. */
static void echo_piece(struct icap_exchange *exchange, ward_bytes piece)
{
	struct ward_buf *out = &exchange->connection->out;

	if (icap_hold_left(&exchange->hold) > 0 || backlog(exchange->connection) > ICAP_OUT_LOW) {
		if (icap_hold_add(&exchange->hold, piece, NULL) != WARD_OK)
			cut(exchange);
		return;
	}
	icap_reply_chunk(piece.len, out);
	ward_buf_add(out, piece.ptr, piece.len);
	ward_buf_str(out, WARD_STR("\r\n"));
}

/* The client waits behind its preview; it is told to go on. */
static void go_on(struct icap_exchange *exchange)
{
	icap_reply_continue(&exchange->connection->out);
	exchange->phase = ICAP_PHASE_REST;
	exchange->chunks = (struct icap_chunks){ 0 };
}

static void echo(struct icap_exchange *exchange)
{
	exchange->mode = ICAP_MODE_ECHO;
	/* Nothing may be sent while the preview arrives, and behind it first this. */
	if (exchange->phase == ICAP_PHASE_PREVIEW)
		return;
	if (exchange->phase == ICAP_PHASE_ASKED)
		go_on(exchange);
	if (!exchange->begun) {
		exchange->begun = true;
		icap_reply_echo(exchange, &exchange->connection->out);
	}
	if (exchange->phase == ICAP_PHASE_NONE)
		finish(exchange);
	else
		icap_exchange_pump(exchange);
}

/* ---- what a verdict makes ---- */

static void say_204(struct icap_exchange *exchange)
{
	icap_reply_status(exchange->connection, exchange->service, 204, exchange->request.close,
			&exchange->connection->out);
	finish(exchange);
}

static bool is_over(enum icap_phase phase)
{
	return phase == ICAP_PHASE_NONE || phase == ICAP_PHASE_ASKED || phase == ICAP_PHASE_ENDED;
}

static void drain(struct icap_exchange *exchange, enum icap_then then)
{
	icap_hold_clear(&exchange->hold);
	exchange->mode = ICAP_MODE_DRAIN;
	exchange->then = then;
}

/*
 * 204 where the client can still send what it has: behind a preview always, else where it said so.
 * A preview without a body is one, too.
 */
static bool may_204(const struct icap_exchange *exchange)
{
	return exchange->request.allow_204 || exchange->phase == ICAP_PHASE_PREVIEW ||
	       exchange->phase == ICAP_PHASE_ASKED || exchange->previewed ||
	       (exchange->phase == ICAP_PHASE_NONE && exchange->request.preview >= 0);
}

static void pass(struct icap_exchange *exchange)
{
	exchange->look = ICAP_LOOK_NONE;
	if (exchange->begun || !may_204(exchange)) {
		if (!exchange->begun)
			icap_count(&counters(exchange)->passed_200, 1);
		if (exchange->broken) {
			/* The part that was held is lost. */
			icap_connection_refuse(exchange->connection, 500);
			return;
		}
		echo(exchange);
		return;
	}
	icap_count(&counters(exchange)->passed_204, 1);
	if (is_over(exchange->phase))
		say_204(exchange);
	else
		drain(exchange, ICAP_THEN_204);
}

static void say_reply(struct icap_exchange *exchange)
{
	ward_buf_add(&exchange->connection->out, exchange->reply.ptr, exchange->reply.len);
	if (exchange->reply.failed)
		exchange->connection->out.failed = true;
	exchange->then = ICAP_THEN_NOTHING;
}

static void answer(struct icap_exchange *exchange, const struct icap_answer *with)
{
	bool bodyless = ward_str_eq(exchange->message.method, WARD_STR("HEAD"));

	exchange->look = ICAP_LOOK_NONE;
	if (exchange->begun) {
		cut(exchange);
		return;
	}
	if (is_over(exchange->phase)) {
		icap_reply_answer(exchange, with, bodyless, &exchange->connection->out);
		finish(exchange);
		return;
	}
	ward_buf_clear(&exchange->reply);
	icap_reply_answer(exchange, with, bodyless, &exchange->reply);
	drain(exchange, ICAP_THEN_REPLY);
	if (exchange->phase == ICAP_PHASE_REST && exchange->message.content_length > DRAIN_MAX)
		say_reply(exchange);
}

static void close_it(struct icap_exchange *exchange)
{
	answer(exchange, exchange->service->closed ? exchange->service->closed
						   : &icap_answer_unchecked);
}

static void fail(struct icap_exchange *exchange)
{
	bool open = exchange->service->fail == ICAP_FAIL_OPEN;

	icap_count(open ? &counters(exchange)->failed_open : &counters(exchange)->failed_closed, 1);
	if (open)
		pass(exchange);
	else
		close_it(exchange);
}

static void too_large(struct icap_exchange *exchange)
{
	icap_count(&counters(exchange)->over, 1);
	if (exchange->service->over == ICAP_OVER_PASS)
		pass(exchange);
	else
		close_it(exchange);
}

static void rewrite(struct icap_exchange *exchange, ward_str url)
{
	ward_buf_clear(&exchange->reply);
	if (exchange->service->method != ICAP_REQMOD || exchange->begun || exchange->broken ||
			!icap_reply_rewrite(&exchange->message.request, url, &exchange->reply)) {
		fail(exchange);
		return;
	}
	icap_count(&counters(exchange)->rewritten, 1);
	exchange->rewritten = true;
	exchange->look = ICAP_LOOK_NONE;
	echo(exchange);
}

static void show_end(struct icap_exchange *exchange)
{
	const struct icap_owner *owner = exchange->connection->engine->options->owner;
	const struct icap_body body = {
		.exchange = exchange,
		.size = exchange->hold.size,
		.whole = exchange->phase == ICAP_PHASE_ENDED || exchange->phase == ICAP_PHASE_NONE,
		.bytes = icap_hold_bytes(&exchange->hold),
	};
	struct icap_verdict verdict = { .kind = ICAP_FAIL };

	exchange->look = ICAP_LOOK_NONE;
	if (owner->end) {
		exchange->called = true;
		verdict = owner->end(owner->context, exchange->own, &body);
		exchange->called = false;
	}
	if (verdict.kind == ICAP_PREVIEW || (verdict.kind == ICAP_LOOK && body.whole))
		verdict.kind = ICAP_FAIL;
	apply(exchange, &verdict);
}

static void look(struct icap_exchange *exchange, enum icap_look how)
{
	int64_t length = exchange->message.content_length;

	if (how == ICAP_LOOK_WHOLE && length > 0 &&
			(uint64_t)length > exchange->service->body_max) {
		too_large(exchange);
		return;
	}
	exchange->mode = ICAP_MODE_HOLD;
	exchange->look = how;
	if (exchange->phase == ICAP_PHASE_NONE)
		show_end(exchange);
	else if (exchange->phase == ICAP_PHASE_ASKED)
		go_on(exchange);
}

static void wait_for(struct icap_exchange *exchange)
{
	uint32_t ms = exchange->service->wait_ms > 0 ? exchange->service->wait_ms : 30000;

	if (!exchange->ticket) {
		fail(exchange);
		return;
	}
	exchange->waiting = true;
	exchange->wait_until_us = exchange->connection->engine->now_us + (uint64_t)ms * 1000;
	icap_count(&counters(exchange)->waiting, 1);
}

static void apply(struct icap_exchange *exchange, const struct icap_verdict *verdict)
{
	switch (verdict->kind) {
	case ICAP_PASS:
		pass(exchange);
		break;
	case ICAP_ANSWER:
		if (!verdict->answer) {
			fail(exchange);
			break;
		}
		icap_count(&counters(exchange)->answered, 1);
		answer(exchange, verdict->answer);
		break;
	case ICAP_REWRITE:
		rewrite(exchange, verdict->url);
		break;
	case ICAP_PREVIEW:
		look(exchange, ICAP_LOOK_PREVIEW);
		break;
	case ICAP_LOOK:
		look(exchange, ICAP_LOOK_WHOLE);
		break;
	case ICAP_WAIT:
		wait_for(exchange);
		break;
	case ICAP_FAIL:
	default:
		fail(exchange);
		break;
	}
}

static void stop_waiting(struct icap_exchange *exchange)
{
	exchange->waiting = false;
	icap_count(&counters(exchange)->waiting, (uint64_t)-1);
}

void icap_exchange_settle(struct icap_exchange *exchange, const struct icap_verdict *verdict)
{
	/* Between taking a ticket and returning ICAP_WAIT nothing can be settled: one thread does
	 * both. */
	if (!exchange->waiting)
		return;
	stop_waiting(exchange);
	if (verdict->kind == ICAP_PREVIEW || verdict->kind == ICAP_LOOK ||
			verdict->kind == ICAP_WAIT)
		fail(exchange);
	else
		apply(exchange, verdict);
}

void icap_exchange_late(struct icap_exchange *exchange)
{
	stop_waiting(exchange);
	icap_ticket_forget(exchange->ticket);
	exchange->ticket = NULL;
	icap_count(&counters(exchange)->late, 1);
	fail(exchange);
}

/* Can a held body be begun to be sent before its verdict?  Behind a preview alone, and not in
 * pieces. */
static bool may_begin(const struct icap_exchange *exchange)
{
	return exchange->mode == ICAP_MODE_HOLD && exchange->service->method == ICAP_RESPMOD &&
	       !exchange->broken && !exchange->previewed &&
	       (exchange->phase == ICAP_PHASE_REST || exchange->phase == ICAP_PHASE_ENDED);
}

static void begin_early(struct icap_exchange *exchange)
{
	if (exchange->begun)
		return;
	exchange->begun = true;
	icap_count(&counters(exchange)->passed_200, 1);
	icap_reply_echo(exchange, &exchange->connection->out);
}

void icap_exchange_nudge(struct icap_exchange *exchange)
{
	if (!may_begin(exchange) || exchange->phase != ICAP_PHASE_REST || exchange->begun)
		return;
	icap_count(&counters(exchange)->nudged, 1);
	begin_early(exchange);
}

void icap_exchange_trickle(struct icap_exchange *exchange)
{
	struct ward_buf *out = &exchange->connection->out;

	if (!may_begin(exchange) || icap_hold_left(&exchange->hold) == 0 ||
			backlog(exchange->connection) > 0)
		return;
	begin_early(exchange);
	icap_reply_chunk(1, out);
	if (!icap_hold_send(&exchange->hold, 1, out))
		out->failed = true;
	ward_buf_str(out, WARD_STR("\r\n"));
}

/* ---- what the client sends ---- */

/* How many more bytes are looked at: the same number however the body is cut. */
static uint64_t room_left(const struct icap_exchange *exchange)
{
	uint64_t max = exchange->service->body_max;

	if (exchange->look == ICAP_LOOK_NONE)
		return UINT64_MAX;
	/* Without a preview the beginning is enough all the same. */
	if (exchange->look == ICAP_LOOK_PREVIEW)
		max = exchange->phase == ICAP_PHASE_PREVIEW ? (uint64_t)exchange->request.preview
		      : exchange->service->preview > 0      ? (uint64_t)exchange->service->preview
							    : 0;
	return max > exchange->hold.size ? max - exchange->hold.size : 0;
}

static bool hold_some(struct icap_exchange *exchange, ward_bytes some)
{
	const struct icap_owner *owner = exchange->connection->engine->options->owner;

	if (some.len == 0)
		return true;
	if (icap_hold_add(&exchange->hold, some, NULL) != WARD_OK) {
		exchange->broken = true;
		fail(exchange);
		return false;
	}
	if (exchange->look != ICAP_LOOK_NONE && owner->piece)
		owner->piece(owner->context, exchange->own, some);
	return true;
}

static void hold_piece(struct icap_exchange *exchange, ward_bytes piece)
{
	uint64_t room = room_left(exchange);
	ward_bytes some = { piece.ptr, piece.len < room ? piece.len : (size_t)room };
	ward_bytes rest = { piece.ptr + some.len, piece.len - some.len };

	if (!hold_some(exchange, some))
		rest = piece; /* what was decided now has all of it */
	else if (exchange->look == ICAP_LOOK_PREVIEW && exchange->phase == ICAP_PHASE_REST &&
			some.len == room)
		show_end(exchange);
	else if (rest.len > 0)
		too_large(exchange);
	if (rest.len > 0 && exchange->connection->state == ICAP_STATE_BUSY)
		icap_exchange_piece(exchange, rest);
}

void icap_exchange_piece(struct icap_exchange *exchange, ward_bytes piece)
{
	switch (exchange->mode) {
	case ICAP_MODE_HOLD:
		hold_piece(exchange, piece);
		break;
	case ICAP_MODE_ECHO:
		if (exchange->begun)
			echo_piece(exchange, piece);
		else if (icap_hold_add(&exchange->hold, piece, NULL) != WARD_OK)
			icap_connection_refuse(exchange->connection, 500);
		break;
	case ICAP_MODE_DRAIN:
		exchange->drained += piece.len;
		if (exchange->then == ICAP_THEN_REPLY && exchange->phase == ICAP_PHASE_REST &&
				exchange->drained > DRAIN_MAX)
			say_reply(exchange);
		break;
	}
}

void icap_exchange_stop(struct icap_exchange *exchange)
{
	bool preview = exchange->phase == ICAP_PHASE_PREVIEW;

	exchange->previewed = preview && exchange->chunks.ieof;
	exchange->phase = preview && !exchange->previewed ? ICAP_PHASE_ASKED : ICAP_PHASE_ENDED;
	switch (exchange->mode) {
	case ICAP_MODE_HOLD:
		if (exchange->phase == ICAP_PHASE_ASKED && exchange->look == ICAP_LOOK_WHOLE)
			go_on(exchange);
		else
			show_end(exchange);
		break;
	case ICAP_MODE_ECHO:
		echo(exchange);
		break;
	case ICAP_MODE_DRAIN:
		if (exchange->then == ICAP_THEN_204) {
			say_204(exchange);
			break;
		}
		if (exchange->then == ICAP_THEN_REPLY)
			say_reply(exchange);
		finish(exchange);
		break;
	}
}

int icap_exchange_file(struct icap_exchange *exchange, struct ward_error *error)
{
	if (exchange->broken) {
		(void)ward_fail(error, WARD_E_IO, "the body could not be kept");
		return -1;
	}
	return icap_hold_file(&exchange->hold, error);
}

/* ---- its heads ---- */

/* False when one of them cannot be read, or does not say what it is about. */
static bool read_heads(struct icap_exchange *exchange, char *heads)
{
	struct icap_message *message = &exchange->message;
	const struct icap_request *request = &exchange->request;
	bool is_request = exchange->service->method == ICAP_REQMOD;
	char *response = heads + request->request_len;

	if (request->request_len > 0) {
		if (icap_head_request(heads, request->request_len, &message->request, NULL) !=
				WARD_OK)
			return false;
		message->method = message->request.method;
		/* A response may be looked at without knowing of what. */
		if (!icap_head_url(&message->request, &exchange->url_words, &message->url) &&
				is_request)
			return false;
	} else if (is_request) {
		return false;
	}
	if (request->response_len > 0) {
		if (icap_head_response(response, request->response_len, &message->response, NULL) !=
				WARD_OK)
			return false;
		message->status = message->response.status;
	}
	return true;
}

static void describe(struct icap_exchange *exchange)
{
	struct icap_message *message = &exchange->message;
	const struct icap_head *of = exchange->service->method == ICAP_REQMOD ? &message->request
									      : &message->response;

	message->exchange = exchange;
	message->service = exchange->service;
	message->icap = exchange->request.head;
	message->has_body = exchange->request.has_body;
	(void)icap_head_find(&message->icap, WARD_STR("X-Client-IP"), &message->client);
	message->user = icap_head_user(&message->icap, &exchange->user_words);
	(void)icap_head_find(of, WARD_STR("Content-Type"), &message->content_type);
	message->content_length = icap_head_length(of);
}

static void ask(struct icap_exchange *exchange)
{
	const struct icap_owner *owner = exchange->connection->engine->options->owner;
	struct icap_verdict verdict;

	describe(exchange);
	exchange->called = true;
	verdict = owner->begin(owner->context, &exchange->message, &exchange->own);
	exchange->called = false;
	apply(exchange, &verdict);
}

/* What cannot be read is never passed to an origin that might read it in another way. */
static void refuse_heads(struct icap_exchange *exchange)
{
	icap_count(&counters(exchange)->broken, 1);
	exchange->message.content_length = -1;
	if (exchange->service->method == ICAP_REQMOD) {
		answer(exchange, &icap_answer_bad_request);
	} else if (exchange->service->fail == ICAP_FAIL_OPEN) {
		icap_count(&counters(exchange)->failed_open, 1);
		pass(exchange);
	} else {
		icap_count(&counters(exchange)->failed_closed, 1);
		answer(exchange, &icap_answer_bad_response);
	}
}

void icap_exchange_start(struct icap_exchange *exchange)
{
	struct ward_buf *in = &exchange->connection->in;
	const struct icap_request *request = &exchange->request;
	char *heads = in->ptr + request->head.text.len;

	exchange->request_head = (ward_str){ heads, request->request_len };
	exchange->response_head = (ward_str){ heads + request->request_len, request->response_len };
	exchange->phase = !request->has_body      ? ICAP_PHASE_NONE
			  : request->preview >= 0 ? ICAP_PHASE_PREVIEW
						  : ICAP_PHASE_REST;
	if (read_heads(exchange, heads))
		ask(exchange);
	else
		refuse_heads(exchange);
}
