/*
 * head.h - the head of a message: its first line and its fields
 *
 * The same grammar thrice: an ICAP request, an HTTP request, an HTTP response.  It is read strictly
 * (RFC 9112): lines end with CR LF, names are tokens with nothing before the colon, and what two
 * readers could read in two ways (two lengths, two hosts) is an error, because then a list looks
 * at one page and the origin serves another.  A folded line is joined with spaces, in place.
 *
 * Nothing is kept beside the text: a field is found by walking it, which for the dozen fields of a
 * request costs less than a table would.
 */
#ifndef ICAP_HEAD_H
#define ICAP_HEAD_H

#include "icap/icap.h"

enum { ICAP_HEAD_FIELDS_MAX = 256 };

/* Where the head that `text` begins with ends, its empty line included; 0 while it has no end. */
size_t icap_head_end(ward_str text, size_t searched);

/*
 * All of `text` is a head up to its empty line; its fields are checked and unfolded.  `first` gets
 * the first line without its end.  FORMAT, or LIMIT for too many fields.
 */
ward_err icap_head_open(char *text, size_t len, struct icap_head *head, ward_str *first,
		struct ward_error *error) WARD_MUST_USE;

/* An HTTP request or response; FORMAT and LIMIT as above, and for what could be read in two ways.
 */
ward_err icap_head_request(char *text, size_t len, struct icap_head *head,
		struct ward_error *error) WARD_MUST_USE;
ward_err icap_head_response(char *text, size_t len, struct icap_head *head,
		struct ward_error *error) WARD_MUST_USE;

/* Content-Length; -1: not told.  Of a head that was read. */
int64_t icap_head_length(const struct icap_head *head);

/*
 * What the request asks for, as in struct icap_message; "" when it does not say.  `room` gets it
 * where it is not in the head as a whole.  False when it cannot be told: FORMAT.
 */
bool icap_head_url(const struct icap_head *head, struct ward_buf *room, ward_str *url);

/* The user's name as a field gives it, through `room` when it was in base64. */
ward_str icap_head_user(const struct icap_head *icap, struct ward_buf *room);

/* Is `word` one of a comma-separated list's? */
bool icap_list_has(ward_str list, ward_str word);
bool icap_is_token(ward_str text);

#endif
