/*
 * multipart.h - a multipart/form-data body, taken apart as it arrives
 *
 * The caller feeds whatever bytes have come and pulls events until the parser
 * wants more.  Nothing is kept but the headers of the part at hand and the few
 * bytes that may be the beginning of a boundary, so a body of any size passes
 * through in constant memory, however it is cut.
 *
 * It parses what strangers send: a part that cannot be understood, or whose
 * bytes are encoded so that they would not be what was sent (base64), or hold
 * parts themselves, fails the body as a whole; nothing is skipped.  Errors repeat none of it.
 */
#ifndef NET_MULTIPART_H
#define NET_MULTIPART_H

#include <ward/base.h>

enum { MULTIPART_BOUNDARY_MAX = 70, MULTIPART_HEADERS_MAX = 8192, MULTIPART_NAME_MAX = 256 };

enum multipart_event_kind {
	MULTIPART_MORE = 0, /* all input is used: feed more */
	MULTIPART_PART,     /* a part begins: `name`, `is_file` */
	MULTIPART_DATA,     /* its next bytes */
	MULTIPART_PART_END,
	MULTIPART_END, /* the closing boundary was seen; what follows is passed over */
};

struct multipart_event {
	enum multipart_event_kind kind;
	ward_str name;   /* of the form's field; valid until the next part */
	bool is_file;    /* a file name was given, even an empty one */
	ward_bytes data; /* valid until the next call */
};

struct multipart {
	char delimiter[MULTIPART_BOUNDARY_MAX + 4]; /* CR LF "--" and the boundary */
	size_t delimiter_len;
	int state;
	size_t matched; /* bytes of the delimiter seen at the input's last end */
	size_t parts, parts_max;
	bool anything; /* any byte was seen: the first boundary needs no line end before it */
	char headers[MULTIPART_HEADERS_MAX];
	size_t headers_len;
	char name[MULTIPART_NAME_MAX];
	size_t name_len;
	bool is_file;
};

/* True when the content type is multipart/form-data; then its boundary may still be wrong. */
bool multipart_is(ward_str content_type);

/* Fails with FORMAT when the content type names no usable boundary. */
ward_err multipart_begin(struct multipart *multipart, ward_str content_type, size_t parts_max,
		struct ward_error *error) WARD_MUST_USE;

/* Takes bytes off the front of `input`.  FORMAT, LIMIT (too many parts) or UNSUPPORTED. */
ward_err multipart_next(struct multipart *multipart, ward_bytes *input,
		struct multipart_event *event, struct ward_error *error) WARD_MUST_USE;

/* To be asked when the body is over: FORMAT when it ends before its closing boundary. */
ward_err multipart_finish(const struct multipart *multipart,
		struct ward_error *error) WARD_MUST_USE;

#endif
