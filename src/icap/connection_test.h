/* connection_test.h - a conversation without a socket, for the tests and the fuzz targets */
#ifndef ICAP_CONNECTION_TEST_H
#define ICAP_CONNECTION_TEST_H

#include <stdio.h>

#include "icap/ticket.h"

/* What the owner does is said by the path of the URL: "http://host/look-block" and the like. */
struct talk {
	struct icap_options options;
	struct icap_owner owner;
	struct spill_place place;
	struct icap_engine engine;
	struct icap_connection connection;
	struct icap_ticket *ticket; /* waits to be answered */
	struct ward_buf said;       /* all that was sent */
	char seen[1024];            /* of the message, one line a request */
	size_t looked;              /* bytes that the sink was given */
	int live;                   /* exchanges whose `gone` is to come */
	struct ward_buf file;       /* what lay in the file of the last body */
	bool want_file;
};

static const struct icap_service talk_services[] = {
	{ .path = "req", .method = ICAP_REQMOD, .body_max = 100000, .preview = 4 },
	{ .path = "res",
			.method = ICAP_RESPMOD,
			.body_max = 100000,
			.preview = 1024,
			.transfer_ignore = "css, js",
			.wait_ms = 1000 },
	{ .path = "open",
			.method = ICAP_RESPMOD,
			.fail = ICAP_FAIL_OPEN,
			.over = ICAP_OVER_PASS,
			.body_max = 8,
			.preview = -1,
			.wait_ms = 1000 },
	{ .path = "reqopen",
			.method = ICAP_REQMOD,
			.fail = ICAP_FAIL_OPEN,
			.over = ICAP_OVER_PASS,
			.body_max = 8,
			.preview = 4,
			.wait_ms = 1000 },
	{ .path = "nudge",
			.method = ICAP_RESPMOD,
			.body_max = 100000,
			.preview = 4,
			.nudge_ms = 100,
			.wait_ms = 1000 },
	{ .path = "drip",
			.method = ICAP_RESPMOD,
			.body_max = 100000,
			.preview = 4,
			.trickle_ms = 10,
			.wait_ms = 1000 },
};

static const struct icap_answer talk_page = { 403, { "Forbidden", 9 },
	{ "Content-Type: text/plain\r\n", 26 }, { "stop\n", 5 } };

static inline bool talk_is(const char *word, ward_str url)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= url.len; i++) {
		if (memcmp(url.ptr + i, word, len) == 0)
			return true;
	}
	return false;
}

static inline struct icap_verdict talk_say(ward_str url)
{
	struct icap_verdict verdict = { .kind = ICAP_PASS };

	if (talk_is("block", url))
		verdict = (struct icap_verdict){ .kind = ICAP_ANSWER, .answer = &talk_page };
	else if (talk_is("fail", url))
		verdict.kind = ICAP_FAIL;
	else if (talk_is("safe", url))
		verdict = (struct icap_verdict){ .kind = ICAP_REWRITE,
			.url = WARD_STR("http://safe.example/x?y=1") };
	return verdict;
}

/* What an exchange remembers. */
struct talk_own {
	struct talk *talk;
	char url[256];
};

static inline ward_str talk_url(const struct talk_own *own)
{
	return ward_str_from(own->url);
}

static inline struct icap_verdict talk_begin(void *context, const struct icap_message *message,
		void **own_out)
{
	struct talk *talk = context;
	struct talk_own *own = calloc(1, sizeof(*own));
	size_t at = strlen(talk->seen);
	ward_str url = message->url.len > 0 ? message->url : message->content_type;

	snprintf(talk->seen + at, sizeof(talk->seen) - at, "%.*s %.*s %u %.*s %lld %d %.*s %.*s\n",
			WARD_FMT(message->method), WARD_FMT(message->url), message->status,
			WARD_FMT(message->content_type), (long long)message->content_length,
			message->has_body, WARD_FMT(message->client), WARD_FMT(message->user));
	if (!own)
		return (struct icap_verdict){ .kind = ICAP_FAIL };
	own->talk = talk;
	snprintf(own->url, sizeof(own->url), "%.*s", WARD_FMT(url));
	*own_out = own;
	talk->live++;
	if (talk_is("wait-first", url)) {
		talk->ticket = icap_exchange_ticket(message->exchange);
		return (struct icap_verdict){ .kind = ICAP_WAIT };
	}
	if (talk_is("look", url))
		return (struct icap_verdict){ .kind = ICAP_LOOK };
	if (talk_is("peek", url))
		return (struct icap_verdict){ .kind = ICAP_PREVIEW };
	return talk_say(url);
}

static inline void talk_piece(void *context, void *own, ward_bytes piece)
{
	struct talk *talk = context;

	(void)own;
	talk->looked += piece.len;
}

static inline void talk_keep_file(struct talk *talk, int fd, uint64_t size)
{
	char bytes[4096];
	ssize_t got;

	ward_buf_clear(&talk->file);
	for (uint64_t at = 0; at < size; at += (uint64_t)got) {
		got = pread(fd, bytes, sizeof(bytes), (off_t)at);
		if (got <= 0)
			return;
		ward_buf_add(&talk->file, bytes, (size_t)got);
	}
}

static inline struct icap_verdict talk_end(void *context, void *own_in,
		const struct icap_body *body)
{
	struct talk *talk = context;
	const struct talk_own *own = own_in;

	if (!body->whole && talk_is("more", talk_url(own)))
		return (struct icap_verdict){ .kind = ICAP_LOOK };
	if (talk_is("wait", talk_url(own))) {
		talk->ticket = icap_exchange_ticket(body->exchange);
		if (talk->want_file)
			talk_keep_file(talk, icap_ticket_file(talk->ticket, NULL), body->size);
		return (struct icap_verdict){ .kind = ICAP_WAIT };
	}
	return talk_say(talk_url(own));
}

static inline void talk_gone(void *context, void *own)
{
	struct talk *talk = context;

	talk->live--;
	free(own);
}

static inline void talk_istag(void *context, const struct icap_service *service,
		char istag[ICAP_ISTAG_MAX])
{
	(void)context;
	(void)service;
	snprintf(istag, ICAP_ISTAG_MAX, "v1");
}

static inline void talk_open(struct talk *talk)
{
	*talk = (struct talk){ 0 };
	talk->place = (struct spill_place){ .folder = "/tmp",
		.small_max = 1 << 20,
		.memory_max = 1 << 26 };
	talk->owner = (struct icap_owner){ talk, talk_begin, talk_piece, talk_end, talk_gone,
		talk_istag };
	talk->options = (struct icap_options){ .services = talk_services,
		.service_count = sizeof(talk_services) / sizeof(*talk_services),
		.owner = &talk->owner,
		.place = &talk->place };
	icap_options_fill(&talk->options);
	talk->engine = (struct icap_engine){ .options = &talk->options,
		.now_us = 1000000,
		.home = icap_home_new(NULL, NULL) };
	icap_connection_init(&talk->connection, &talk->engine);
	ward_buf_init(&talk->said, (size_t)1 << 28);
	ward_buf_init(&talk->file, (size_t)1 << 28);
}

/* As a socket that takes everything would. */
static inline void talk_hear(struct talk *talk)
{
	ward_bytes out;

	while ((out = icap_connection_out(&talk->connection)).len > 0) {
		ward_buf_add(&talk->said, out.ptr, out.len);
		icap_connection_sent(&talk->connection, out.len);
	}
}

static inline void talk_tell(struct talk *talk, const char *bytes, size_t len)
{
	icap_connection_take(&talk->connection, (ward_bytes){ (const uint8_t *)bytes, len });
	talk_hear(talk);
}

/* The verdict that was waited for, as its URL says it. */
static inline void talk_answer(struct talk *talk, const struct icap_verdict *verdict)
{
	bool forgotten;

	if (!talk->ticket)
		return;
	icap_ticket_answer(talk->ticket, verdict);
	talk->ticket = NULL;
	while (icap_home_settle(talk->engine.home, &forgotten) || forgotten)
		;
	talk_hear(talk);
}

static inline void talk_close(struct talk *talk)
{
	icap_connection_clear(&talk->connection);
	icap_home_close(talk->engine.home);
	ward_buf_free(&talk->said);
	ward_buf_free(&talk->file);
}

#endif
