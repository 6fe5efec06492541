/*
 * json.h - writing JSON, one call a token
 *
 * A writer appends to a buffer and puts the commas itself.  Text that is not
 * valid UTF-8 is written with U+FFFD in place of each bad byte, so the output
 * is always JSON.  Reading is jansson's (trees) and yajl's (streams) work.
 */
#ifndef JSON_H
#define JSON_H

#include <ward/base.h>

struct json {
	struct ward_buf *buf;
	bool comma; /* the next value needs one */
	int depth;
};

struct json json_to(struct ward_buf *buf);

void json_object(struct json *json);
void json_object_end(struct json *json);
void json_array(struct json *json);
void json_array_end(struct json *json);
/* Inside an object: the name of the value that follows. */
void json_key(struct json *json, const char *name);

void json_str(struct json *json, ward_str text);
void json_int(struct json *json, int64_t value);
void json_uint(struct json *json, uint64_t value);
void json_double(struct json *json, double value, int digits);
/* With as many digits as it takes to read the very same number back, and with a point. */
void json_real(struct json *json, double value);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);
/* Text that is JSON already. */
void json_raw(struct json *json, ward_str text);

/* Name and value in one. */
void json_key_str(struct json *json, const char *name, ward_str text);
void json_key_text(struct json *json, const char *name, const char *text); /* NULL is null */
void json_key_int(struct json *json, const char *name, int64_t value);
void json_key_uint(struct json *json, const char *name, uint64_t value);
void json_key_bool(struct json *json, const char *name, bool value);

#endif
