#include "icap/head.h"

enum { NAME_MAX_BYTES = 256, USER_MAX = 512 };

/* RFC 9110 token: letters, digits and these. */
static bool is_token_char(unsigned char c)
{
	static const bool marks[128] = { ['!'] = 1,
		['#'] = 1,
		['$'] = 1,
		['%'] = 1,
		['&'] = 1,
		['\''] = 1,
		['*'] = 1,
		['+'] = 1,
		['-'] = 1,
		['.'] = 1,
		['^'] = 1,
		['_'] = 1,
		['`'] = 1,
		['|'] = 1,
		['~'] = 1 };

	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c < 128 && marks[c]);
}

bool icap_is_token(ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!is_token_char((unsigned char)text.ptr[i]))
			return false;
	}
	return text.len > 0;
}

size_t icap_head_end(ward_str text, size_t searched)
{
	/* The end may have begun in what was searched before. */
	size_t at = searched > 3 ? searched - 3 : 0;

	while (at + 4 <= text.len) {
		const char *found = memchr(text.ptr + at, '\r', text.len - at - 3);

		if (!found)
			return 0;
		if (memcmp(found, "\r\n\r\n", 4) == 0)
			return (size_t)(found - text.ptr) + 4;
		at = (size_t)(found - text.ptr) + 1;
	}
	return 0;
}

/* Takes a line off the front; false when it does not end with CR LF or holds NUL, CR or LF. */
static bool cut_line(ward_str *rest, ward_str *line)
{
	const char *end = memchr(rest->ptr, '\r', rest->len);

	if (!end || (size_t)(end - rest->ptr) + 1 >= rest->len || end[1] != '\n')
		return false;
	*line = (ward_str){ rest->ptr, (size_t)(end - rest->ptr) };
	rest->ptr = end + 2;
	rest->len -= line->len + 2;
	return !memchr(line->ptr, '\n', line->len) && !memchr(line->ptr, '\0', line->len);
}

static bool field_of(ward_str line, ward_str *name, ward_str *value)
{
	const char *colon = memchr(line.ptr, ':', line.len);

	if (!colon)
		return false;
	*name = (ward_str){ line.ptr, (size_t)(colon - line.ptr) };
	*value = ward_str_trim((ward_str){ colon + 1, line.len - name->len - 1 });
	return true;
}

bool icap_head_next(ward_str *rest, ward_str *name, ward_str *value)
{
	ward_str line;

	return rest->len > 0 && cut_line(rest, &line) && field_of(line, name, value);
}

bool icap_head_find(const struct icap_head *head, ward_str wanted, ward_str *value)
{
	ward_str rest = head->lines, name, found;

	while (icap_head_next(&rest, &name, &found)) {
		if (name.len == wanted.len && ward_str_eq_nocase(name, wanted)) {
			*value = found;
			return true;
		}
	}
	return false;
}

/* A line that begins with white space goes on with the one before it: spaces join them. */
static void unfold(char *text, size_t from, size_t len)
{
	for (size_t i = from; i + 3 < len; i++) {
		if (text[i] == '\r' && text[i + 1] == '\n' &&
				(text[i + 2] == ' ' || text[i + 2] == '\t'))
			text[i] = text[i + 1] = ' ';
	}
}

static ward_err check_fields(ward_str rest, struct ward_error *error)
{
	ward_str line, name, value;

	for (int count = 1; rest.len > 0; count++) {
		if (count > ICAP_HEAD_FIELDS_MAX)
			return ward_fail(error, WARD_E_LIMIT, "a head has more than %d fields",
					ICAP_HEAD_FIELDS_MAX);
		if (!cut_line(&rest, &line))
			return ward_fail(error, WARD_E_FORMAT,
					"a line of a head does not end well");
		if (!field_of(line, &name, &value) || !icap_is_token(name) ||
				name.len > NAME_MAX_BYTES)
			return ward_fail(error, WARD_E_FORMAT,
					"a field of a head has no good name");
	}
	return WARD_OK;
}

ward_err icap_head_open(char *text, size_t len, struct icap_head *head, ward_str *first,
		struct ward_error *error)
{
	ward_str rest = { text, len };
	ward_err err;

	if (len < 4 || memcmp(text + len - 4, "\r\n\r\n", 4) != 0)
		return ward_fail(error, WARD_E_FORMAT, "a head has no end");
	rest.len -= 2;
	if (!cut_line(&rest, first))
		return ward_fail(error, WARD_E_FORMAT,
				"the first line of a head does not end well");
	if (rest.len > 0 && (rest.ptr[0] == ' ' || rest.ptr[0] == '\t'))
		return ward_fail(error, WARD_E_FORMAT, "the first field of a head is folded");
	unfold(text, first->len + 2, len - 2);
	err = check_fields(rest, error);
	if (!err)
		*head = (struct icap_head){ .text = { text, len }, .lines = rest };
	return err;
}

/* "HTTP/1.1"; some write HTTP/2 behind a gateway. */
static bool is_http_version(ward_str text)
{
	return (text.len == 8 || text.len == 6) && ward_str_starts(text, WARD_STR("HTTP/")) &&
	       text.ptr[5] >= '1' && text.ptr[5] <= '3' &&
	       (text.len == 6 || (text.ptr[6] == '.' && text.ptr[7] >= '0' && text.ptr[7] <= '9'));
}

/* What may stand in a request's target: no white space, no controls. */
static bool is_target(ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c <= ' ' || c == 127)
			return false;
	}
	return text.len > 0;
}

/* A host with a port, perhaps, as in Host and CONNECT. */
static bool is_authority(ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (strchr("/\\?#@,", text.ptr[i]))
			return false;
	}
	return is_target(text);
}

/* Fields that say where a message ends or whom it is for: once, and without contradiction. */
static ward_err check_sense(const struct icap_head *head, bool is_request, struct ward_error *error)
{
	ward_str rest = head->lines, name, value, length = { 0 };
	bool has_length = false, has_coding = false, has_host = false;
	uint64_t number;

	while (icap_head_next(&rest, &name, &value)) {
		if (ward_str_eq_nocase(name, WARD_STR("Content-Length"))) {
			if (!ward_u64_parse(value, &number) || number > INT64_MAX ||
					(has_length && !ward_str_eq(length, value)))
				return ward_fail(error, WARD_E_FORMAT,
						"a message does not say one length");
			has_length = true;
			length = value;
		} else if (ward_str_eq_nocase(name, WARD_STR("Transfer-Encoding"))) {
			if (has_coding || !ward_str_eq_nocase(value, WARD_STR("chunked")))
				return ward_fail(error, WARD_E_FORMAT,
						"a message has an unknown coding");
			has_coding = true;
		} else if (is_request && ward_str_eq_nocase(name, WARD_STR("Host"))) {
			if (has_host || !is_authority(value))
				return ward_fail(error, WARD_E_FORMAT,
						"a request does not name one host");
			has_host = true;
		}
	}
	if (has_length && has_coding)
		return ward_fail(error, WARD_E_FORMAT, "a message says its end in two ways");
	return WARD_OK;
}

ward_err icap_head_request(char *text, size_t len, struct icap_head *head, struct ward_error *error)
{
	ward_str line, method, target;
	ward_err err = icap_head_open(text, len, head, &line, error);

	if (err)
		return err;
	method = ward_str_cut(&line, ' ');
	target = ward_str_cut(&line, ' ');
	if (!icap_is_token(method) || !is_target(target) || !is_http_version(line))
		return ward_fail(error, WARD_E_FORMAT, "that is no first line of an HTTP request");
	head->method = method;
	head->target = target;
	return check_sense(head, true, error);
}

ward_err icap_head_response(char *text, size_t len, struct icap_head *head,
		struct ward_error *error)
{
	ward_str line, status;
	uint64_t number;
	ward_err err = icap_head_open(text, len, head, &line, error);

	if (err)
		return err;
	if (!is_http_version(ward_str_cut(&line, ' ')))
		return ward_fail(error, WARD_E_FORMAT, "that is no first line of an HTTP response");
	status = ward_str_cut(&line, ' ');
	if (status.len != 3 || !ward_u64_parse(status, &number) || number < 100)
		return ward_fail(error, WARD_E_FORMAT, "a response has no status");
	head->status = (unsigned)number;
	return check_sense(head, false, error);
}

int64_t icap_head_length(const struct icap_head *head)
{
	ward_str value;
	uint64_t number;

	if (!icap_head_find(head, WARD_STR("Content-Length"), &value) ||
			!ward_u64_parse(value, &number))
		return -1;
	return (int64_t)number;
}

/* A scheme and "://" in front. */
static bool is_absolute(ward_str target)
{
	size_t at = 0;

	while (at < target.len && is_token_char((unsigned char)target.ptr[at]))
		at++;
	return at > 0 && target.len > at + 3 && memcmp(target.ptr + at, "://", 3) == 0;
}

bool icap_head_url(const struct icap_head *head, struct ward_buf *room, ward_str *url)
{
	ward_str host, target = head->target;
	size_t at = room->len;

	if (ward_str_eq(head->method, WARD_STR("CONNECT"))) {
		if (!is_authority(target))
			return false;
		ward_buf_printf(room, "https://%.*s/", WARD_FMT(target));
	} else if (is_absolute(target)) {
		*url = target;
		return true;
	} else {
		if (!icap_head_find(head, WARD_STR("Host"), &host) ||
				(target.ptr[0] != '/' && !ward_str_eq(target, WARD_STR("*"))))
			return false;
		if (target.ptr[0] == '*')
			target = WARD_STR("/");
		ward_buf_printf(room, "http://%.*s%.*s", WARD_FMT(host), WARD_FMT(target));
	}
	if (room->failed)
		return false;
	*url = (ward_str){ room->ptr + at, room->len - at };
	return true;
}

static bool is_printable(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] < ' ' || bytes[i] == 127)
			return false;
	}
	return ward_utf8_valid((ward_str){ (const char *)bytes, len });
}

/*
 * draft-stecher-icap-subid: X-Authenticated-User is base64 of "Local://name" or the like; Squid
 * with icap_client_username_encode writes base64 of the bare name.  What is no base64 of a
 * printable text is taken as it stands.
 */
static ward_str decode_user(ward_str value, struct ward_buf *room)
{
	uint8_t bytes[USER_MAX];
	size_t padding = ward_str_ends(value, WARD_STR("=="))  ? 2
			 : ward_str_ends(value, WARD_STR("=")) ? 1
							       : 0;
	size_t len = value.len / 4 * 3 - padding, from = 0, at = room->len;

	if (value.len == 0 || value.len % 4 != 0 || len > sizeof(bytes) ||
			!ward_base64_parse(value, bytes, len) || !is_printable(bytes, len))
		return value;
	for (size_t i = 0; i + 3 <= len && from == 0; i++) {
		if (memcmp(bytes + i, "://", 3) == 0)
			from = i + 3;
	}
	ward_buf_add(room, bytes + from, len - from);
	return room->failed ? value : (ward_str){ room->ptr + at, len - from };
}

ward_str icap_head_user(const struct icap_head *icap, struct ward_buf *room)
{
	ward_str value;

	if (icap_head_find(icap, WARD_STR("X-Authenticated-User"), &value))
		return decode_user(value, room);
	if (icap_head_find(icap, WARD_STR("X-Client-Username"), &value))
		return value;
	return WARD_STR("");
}

bool icap_list_has(ward_str list, ward_str word)
{
	while (list.len > 0) {
		if (ward_str_eq_nocase(ward_str_trim(ward_str_cut(&list, ',')), word))
			return true;
	}
	return false;
}
