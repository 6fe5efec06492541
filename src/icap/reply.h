/*
 * reply.h - the words we answer with
 *
 * Each is written whole behind `out`.
 */
#ifndef ICAP_REPLY_H
#define ICAP_REPLY_H

#include "icap/connection.h"

/* An ICAP response with nothing inside. */
void icap_reply_status(struct icap_connection *connection, const struct icap_service *service,
		unsigned status, bool close, struct ward_buf *out);
void icap_reply_continue(struct ward_buf *out);
void icap_reply_options(struct icap_connection *connection, const struct icap_service *service,
		bool close, struct ward_buf *out);
/* 200 with an HTTP response inside; `bodyless` (HEAD was asked for) keeps its length alone. */
void icap_reply_answer(const struct icap_exchange *exchange, const struct icap_answer *answer,
		bool bodyless, struct ward_buf *out);
/* 200 with the head that came, or the one that takes its place; the body follows in chunks. */
void icap_reply_echo(const struct icap_exchange *exchange, struct ward_buf *out);
/* The size line of a chunk; behind its bytes comes CR LF. */
void icap_reply_chunk(size_t len, struct ward_buf *out);
void icap_reply_last_chunk(struct ward_buf *out);

/* A request's head that asks for another URL; false when that is no http URL we can write. */
bool icap_reply_rewrite(const struct icap_head *head, ward_str url, struct ward_buf *out);

/* In place of what cannot be read, and of what could not be looked at. */
extern const struct icap_answer icap_answer_bad_request, icap_answer_bad_response,
		icap_answer_unchecked;

#endif
