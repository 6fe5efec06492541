#include "base/json.h"

#include <inttypes.h>
#include <math.h>

struct json json_to(struct ward_buf *buf)
{
	return (struct json){ .buf = buf };
}

static void before_value(struct json *json)
{
	if (json->comma)
		ward_buf_char(json->buf, ',');
	json->comma = true;
}

static void open_with(struct json *json, char c)
{
	before_value(json);
	ward_buf_char(json->buf, c);
	json->comma = false;
	json->depth++;
}

static void close_with(struct json *json, char c)
{
	ward_buf_char(json->buf, c);
	json->comma = true;
	json->depth--;
}

void json_object(struct json *json)
{
	open_with(json, '{');
}

void json_object_end(struct json *json)
{
	close_with(json, '}');
}

void json_array(struct json *json)
{
	open_with(json, '[');
}

void json_array_end(struct json *json)
{
	close_with(json, ']');
}

/* How many bytes of one well-formed character stand at the front; 0 when none does. */
static size_t character(ward_str text)
{
	for (size_t len = 1; len <= 4 && len <= text.len; len++) {
		if (ward_utf8_valid((ward_str){ text.ptr, len }))
			return len;
	}
	return 0;
}

static void quoted(struct json *json, ward_str text)
{
	struct ward_buf *buf = json->buf;

	ward_buf_char(buf, '"');
	while (text.len > 0) {
		unsigned char c = (unsigned char)text.ptr[0];
		size_t len = 1;

		if (c == '"' || c == '\\')
			ward_buf_printf(buf, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			ward_buf_printf(buf, "\\u%04x", c);
		else if (c < 0x80)
			ward_buf_char(buf, (char)c);
		else if ((len = character(text)) > 0)
			ward_buf_add(buf, text.ptr, len);
		else
			ward_buf_str(buf, WARD_STR("\xef\xbf\xbd"));
		if (len == 0)
			len = 1;
		text.ptr += len;
		text.len -= len;
	}
	ward_buf_char(buf, '"');
}

void json_key(struct json *json, const char *name)
{
	before_value(json);
	quoted(json, ward_str_from(name));
	ward_buf_char(json->buf, ':');
	json->comma = false;
}

void json_str(struct json *json, ward_str text)
{
	before_value(json);
	quoted(json, text);
}

void json_int(struct json *json, int64_t value)
{
	before_value(json);
	ward_buf_printf(json->buf, "%" PRId64, value);
}

void json_uint(struct json *json, uint64_t value)
{
	before_value(json);
	ward_buf_printf(json->buf, "%" PRIu64, value);
}

void json_double(struct json *json, double value, int digits)
{
	before_value(json);
	if (isfinite(value))
		ward_buf_printf(json->buf, "%.*f", digits, value);
	else
		ward_buf_str(json->buf, WARD_STR("null"));
}

void json_real(struct json *json, double value)
{
	char text[40];
	int digits = 1;

	before_value(json);
	if (!isfinite(value)) {
		ward_buf_str(json->buf, WARD_STR("null"));
		return;
	}
	do
		snprintf(text, sizeof(text), "%.*g", digits, value);
	while (digits++ < 17 && strtod(text, NULL) != value);
	ward_buf_str(json->buf, ward_str_from(text));
	if (!strpbrk(text, ".e"))
		ward_buf_str(json->buf, WARD_STR(".0"));
}

void json_bool(struct json *json, bool value)
{
	before_value(json);
	ward_buf_str(json->buf, value ? WARD_STR("true") : WARD_STR("false"));
}

void json_null(struct json *json)
{
	before_value(json);
	ward_buf_str(json->buf, WARD_STR("null"));
}

void json_raw(struct json *json, ward_str text)
{
	before_value(json);
	ward_buf_str(json->buf, text);
}

void json_key_str(struct json *json, const char *name, ward_str text)
{
	json_key(json, name);
	json_str(json, text);
}

void json_key_text(struct json *json, const char *name, const char *text)
{
	json_key(json, name);
	if (text)
		json_str(json, ward_str_from(text));
	else
		json_null(json);
}

void json_key_int(struct json *json, const char *name, int64_t value)
{
	json_key(json, name);
	json_int(json, value);
}

void json_key_uint(struct json *json, const char *name, uint64_t value)
{
	json_key(json, name);
	json_uint(json, value);
}

void json_key_bool(struct json *json, const char *name, bool value)
{
	json_key(json, name);
	json_bool(json, value);
}
