#include "net/multipart.h"

/* Where in the body the next byte is. */
enum {
	PREAMBLE = 0, /* before the first boundary; passed over */
	BOUNDARY,     /* behind one: "--" ends the body, a line end begins a part */
	BOUNDARY_DASH,
	BOUNDARY_CR,
	HEADERS,
	BODY,
	EPILOGUE,
};

/* ---- the content type ---- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_boundary_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("'()+_,-./:=? ", c));
}

static ward_str skip_space(ward_str text)
{
	while (text.len > 0 && is_space(text.ptr[0]))
		text = (ward_str){ text.ptr + 1, text.len - 1 };
	return text;
}

/*
 * Takes one ";name=value" off the front; the value is unquoted into `value`
 * (browsers write %22 for a quotation mark, others a backslash: the first is
 * left as it is, the second undone).  False at the end or when it is no parameter.
 */
static bool take_parameter(ward_str *rest, ward_str *name, char *value, size_t room, size_t *len)
{
	ward_str text = skip_space(*rest);
	size_t at = 0;
	bool quoted, closed = false;

	*len = 0;
	if (text.len == 0 || text.ptr[0] != ';')
		return false;
	text = skip_space((ward_str){ text.ptr + 1, text.len - 1 });
	while (at < text.len && text.ptr[at] != '=' && text.ptr[at] != ';')
		at++;
	if (at == 0 || at == text.len || text.ptr[at] == ';')
		return false;
	*name = ward_str_trim((ward_str){ text.ptr, at });
	text = (ward_str){ text.ptr + at + 1, text.len - at - 1 };
	quoted = text.len > 0 && text.ptr[0] == '"';
	for (at = quoted; at < text.len; at++) {
		char c = text.ptr[at];

		if (quoted ? c == '"' : c == ';') {
			closed = true;
			break;
		}
		if (quoted && c == '\\' && at + 1 < text.len)
			c = text.ptr[++at];
		if (*len == room)
			return false;
		value[(*len)++] = c;
	}
	if (quoted && !closed)
		return false;
	at += quoted;
	while (!quoted && *len > 0 && is_space(value[*len - 1]))
		(*len)--;
	*rest = (ward_str){ text.ptr + at, text.len - at };
	return true;
}

static ward_str take_token(ward_str *rest)
{
	size_t at = 0;

	while (at < rest->len && rest->ptr[at] != ';')
		at++;
	ward_str token = ward_str_trim((ward_str){ rest->ptr, at });

	*rest = (ward_str){ rest->ptr + at, rest->len - at };
	return token;
}

bool multipart_is(ward_str content_type)
{
	return ward_str_eq_nocase(take_token(&content_type), WARD_STR("multipart/form-data"));
}

ward_err multipart_begin(struct multipart *multipart, ward_str content_type, size_t parts_max,
		struct ward_error *error)
{
	char boundary[MULTIPART_BOUNDARY_MAX];
	ward_str name;
	size_t len = 0;
	bool found = false;

	(void)take_token(&content_type);
	while (!found && take_parameter(&content_type, &name, boundary, sizeof(boundary), &len))
		found = ward_str_eq_nocase(name, WARD_STR("boundary"));
	for (size_t i = 0; i < len && found; i++)
		found = is_boundary_char(boundary[i]);
	if (!found || len == 0 || boundary[len - 1] == ' ')
		return ward_fail(error, WARD_E_FORMAT,
				"multipart/form-data wants a boundary of 1 to 70 characters");
	memset(multipart, 0, sizeof(*multipart));
	multipart->parts_max = parts_max;
	memcpy(multipart->delimiter, "\r\n--", 4);
	memcpy(multipart->delimiter + 4, boundary, len);
	multipart->delimiter_len = len + 4;
	return WARD_OK;
}

/* ---- the headers of a part ---- */

static ward_err read_disposition(struct multipart *multipart, ward_str value,
		struct ward_error *error)
{
	char text[MULTIPART_NAME_MAX];
	bool named = false;
	ward_str name;
	size_t len;

	if (!ward_str_eq_nocase(take_token(&value), WARD_STR("form-data")))
		return ward_fail(error, WARD_E_FORMAT, "a part is not form-data");
	while (take_parameter(&value, &name, text, sizeof(text), &len)) {
		if (ward_str_eq_nocase(name, WARD_STR("name")) && !named) {
			memcpy(multipart->name, text, len);
			multipart->name_len = len;
			named = true;
		} else if (ward_str_eq_nocase(name, WARD_STR("filename")) ||
				ward_str_eq_nocase(name, WARD_STR("filename*"))) {
			multipart->is_file = true;
		}
	}
	if (ward_str_trim(value).len > 0)
		return ward_fail(error, WARD_E_FORMAT,
				"a part's Content-Disposition cannot be read (values are at most "
				"%d bytes)",
				MULTIPART_NAME_MAX);
	if (!named)
		return ward_fail(error, WARD_E_FORMAT, "a part has no name");
	return WARD_OK;
}

static ward_err read_header(struct multipart *multipart, ward_str line, bool *disposed,
		struct ward_error *error)
{
	ward_str value = line;
	ward_str name = ward_str_cut(&value, ':');

	value = ward_str_trim(value);
	if (name.len == line.len || name.len == 0 || is_space(name.ptr[0]))
		return ward_fail(error, WARD_E_FORMAT, "a part's header line cannot be read");
	if (ward_str_eq_nocase(name, WARD_STR("Content-Disposition"))) {
		if (*disposed)
			return ward_fail(error, WARD_E_FORMAT,
					"a part has two Content-Dispositions");
		*disposed = true;
		return read_disposition(multipart, value, error);
	}
	/* Files inside a part would be looked at as one, of no known kind. */
	if (ward_str_eq_nocase(name, WARD_STR("Content-Type")) && value.len >= 10 &&
			ward_str_eq_nocase((ward_str){ value.ptr, 10 }, WARD_STR("multipart/")))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"a part holds parts itself; send each file as a part of the form");
	if (ward_str_eq_nocase(name, WARD_STR("Content-Transfer-Encoding")) &&
			!ward_str_eq_nocase(value, WARD_STR("binary")) &&
			!ward_str_eq_nocase(value, WARD_STR("8bit")) &&
			!ward_str_eq_nocase(value, WARD_STR("7bit")))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"a part is encoded for transfer; send its bytes as they are");
	return WARD_OK;
}

static ward_err read_headers(struct multipart *multipart, struct ward_error *error)
{
	ward_str text = { multipart->headers, multipart->headers_len - 2 }; /* the empty line */
	bool disposed = false;
	ward_err err = WARD_OK;

	multipart->name_len = 0;
	multipart->is_file = false;
	if (memchr(text.ptr, '\0', text.len))
		return ward_fail(error, WARD_E_FORMAT, "a part's headers hold a NUL");
	while (text.len > 0 && !err) {
		ward_str line = ward_str_cut(&text, '\n');

		if (line.len == 0 || line.ptr[line.len - 1] != '\r')
			return ward_fail(error, WARD_E_FORMAT,
					"a part's header line cannot be read");
		line.len--;
		err = read_header(multipart, line, &disposed, error);
	}
	if (!err && !disposed)
		return ward_fail(error, WARD_E_FORMAT, "a part has no Content-Disposition");
	return err;
}

/* Sets `whole` when the empty line has come; FORMAT when it does not come in time. */
static ward_err take_headers(struct multipart *multipart, ward_bytes *input, bool *whole,
		struct ward_error *error)
{
	*whole = false;
	while (input->len > 0 && !*whole) {
		if (multipart->headers_len == MULTIPART_HEADERS_MAX)
			return ward_fail(error, WARD_E_FORMAT,
					"a part's headers are longer than %d bytes",
					MULTIPART_HEADERS_MAX);
		multipart->headers[multipart->headers_len++] = (char)input->ptr[0];
		*input = (ward_bytes){ input->ptr + 1, input->len - 1 };
		size_t len = multipart->headers_len;
		const char *end = multipart->headers + len;

		*whole = (len == 2 && memcmp(end - 2, "\r\n", 2) == 0) ||
			 (len >= 4 && memcmp(end - 4, "\r\n\r\n", 4) == 0);
	}
	return WARD_OK;
}

/* ---- the body of a part ---- */

/*
 * How many bytes of the input are surely data.  The delimiter holds one CR,
 * at its beginning, so a match can only begin at a CR, and one that fails has
 * no other inside it.
 */
static size_t find_delimiter(const struct multipart *multipart, ward_bytes input)
{
	const uint8_t *at = input.ptr;
	const uint8_t *end = input.ptr + input.len;

	while ((at = memchr(at, '\r', (size_t)(end - at)))) {
		size_t len = (size_t)(end - at);

		if (len > multipart->delimiter_len)
			len = multipart->delimiter_len;
		if (memcmp(at, multipart->delimiter, len) == 0)
			return (size_t)(at - input.ptr);
		at++;
	}
	return input.len;
}

/* Continues a match.  True when the delimiter is whole; `failed` when the next byte is another. */
static bool match_delimiter(struct multipart *multipart, ward_bytes *input, bool *failed)
{
	*failed = false;
	while (input->len > 0 && multipart->matched < multipart->delimiter_len) {
		if ((char)input->ptr[0] != multipart->delimiter[multipart->matched]) {
			*failed = true;
			return false;
		}
		multipart->matched++;
		*input = (ward_bytes){ input->ptr + 1, input->len - 1 };
	}
	return multipart->matched == multipart->delimiter_len;
}

/* PART_END, DATA or MORE; of the preamble, too. */
static enum multipart_event_kind take_body(struct multipart *multipart, ward_bytes *input,
		ward_bytes *data)
{
	bool failed;

	if (multipart->matched == 0) {
		size_t len = find_delimiter(multipart, *input);

		*data = (ward_bytes){ input->ptr, len };
		*input = (ward_bytes){ input->ptr + len, input->len - len };
		if (len > 0)
			return MULTIPART_DATA;
	}
	if (match_delimiter(multipart, input, &failed)) {
		multipart->matched = 0;
		multipart->state = BOUNDARY;
		return MULTIPART_PART_END;
	}
	if (failed) {
		/* What was held back is data after all, and equal to this. */
		*data = (ward_bytes){ (const uint8_t *)multipart->delimiter, multipart->matched };
		multipart->matched = 0;
		return MULTIPART_DATA;
	}
	return MULTIPART_MORE;
}

/* ---- behind a boundary ---- */

static ward_err take_boundary_end(struct multipart *multipart, char c, struct ward_error *error)
{
	if (multipart->state == BOUNDARY_DASH && c == '-') {
		multipart->state = EPILOGUE;
		return WARD_OK;
	}
	if (multipart->state == BOUNDARY_CR && c == '\n') {
		if (multipart->parts == multipart->parts_max)
			return ward_fail(error, WARD_E_LIMIT,
					"the body has more than %zu parts; send several requests",
					multipart->parts_max);
		multipart->parts++;
		multipart->headers_len = 0;
		multipart->state = HEADERS;
		return WARD_OK;
	}
	if (multipart->state == BOUNDARY && c == '-') {
		multipart->state = BOUNDARY_DASH;
		return WARD_OK;
	}
	if (multipart->state == BOUNDARY && c == '\r') {
		multipart->state = BOUNDARY_CR;
		return WARD_OK;
	}
	if (multipart->state == BOUNDARY && is_space(c))
		return WARD_OK;
	return ward_fail(error, WARD_E_FORMAT, "a boundary is followed by something else");
}

ward_err multipart_next(struct multipart *multipart, ward_bytes *input,
		struct multipart_event *event, struct ward_error *error)
{
	bool whole;
	ward_err err;

	if (!multipart->anything && input->len > 0) {
		/* The first boundary may stand at the very beginning, without a line end. */
		multipart->anything = true;
		multipart->matched = input->ptr[0] == '-' ? 2 : 0;
	}
	while (input->len > 0) {
		*event = (struct multipart_event){ 0 };
		switch (multipart->state) {
		case PREAMBLE:
			(void)take_body(multipart, input, &event->data);
			break;
		case HEADERS:
			err = take_headers(multipart, input, &whole, error);
			if (!err && whole)
				err = read_headers(multipart, error);
			if (err)
				return err;
			if (!whole)
				break;
			multipart->state = BODY;
			event->kind = MULTIPART_PART;
			event->name = (ward_str){ multipart->name, multipart->name_len };
			event->is_file = multipart->is_file;
			return WARD_OK;
		case BODY:
			event->kind = take_body(multipart, input, &event->data);
			if (event->kind != MULTIPART_MORE)
				return WARD_OK;
			break;
		case EPILOGUE:
			*input = (ward_bytes){ input->ptr + input->len, 0 };
			break;
		default: /* behind a boundary */
			err = take_boundary_end(multipart, (char)input->ptr[0], error);
			if (err)
				return err;
			*input = (ward_bytes){ input->ptr + 1, input->len - 1 };
			if (multipart->state == EPILOGUE) {
				event->kind = MULTIPART_END;
				return WARD_OK;
			}
		}
	}
	*event = (struct multipart_event){ 0 };
	return WARD_OK;
}

ward_err multipart_finish(const struct multipart *multipart, struct ward_error *error)
{
	if (multipart->state == EPILOGUE)
		return WARD_OK;
	return ward_fail(error, WARD_E_FORMAT, "the multipart body ends before its last boundary");
}
