#include "icap/request.h"

enum { BAD = 400, URI_TOO_LONG = 414, NO_SUCH_METHOD = 501, NO_SUCH_VERSION = 505, URI_MAX = 4096 };

static unsigned parse_version(ward_str version)
{
	if (ward_str_eq(version, WARD_STR("ICAP/1.0")))
		return 0;
	return version.len == 8 && ward_str_starts(version, WARD_STR("ICAP/")) &&
					       version.ptr[6] == '.'
			       ? NO_SUCH_VERSION
			       : BAD;
}

static unsigned parse_method(ward_str method, enum icap_verb *verb)
{
	static const ward_str names[] = {
		[ICAP_VERB_OPTIONS] = { "OPTIONS", 7 },
		[ICAP_VERB_REQMOD] = { "REQMOD", 6 },
		[ICAP_VERB_RESPMOD] = { "RESPMOD", 7 },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (ward_str_eq(method, names[i])) {
			*verb = (enum icap_verb)i;
			return 0;
		}
	}
	return icap_is_token(method) ? NO_SUCH_METHOD : BAD;
}

/* "icap://host:1344/req?x=y", or "/req". */
static unsigned parse_uri(ward_str uri, ward_str *path)
{
	static const ward_str schemes[] = { { "icap://", 7 }, { "icaps://", 8 } };

	if (uri.len > URI_MAX)
		return URI_TOO_LONG;
	for (size_t i = 0; i < 2; i++) {
		ward_str scheme = schemes[i];

		if (uri.len >= scheme.len &&
				ward_str_eq_nocase((ward_str){ uri.ptr, scheme.len }, scheme)) {
			const char *slash = memchr(uri.ptr + scheme.len, '/', uri.len - scheme.len);
			const char *end = uri.ptr + uri.len;

			uri.ptr = slash ? slash : end;
			uri.len = (size_t)(end - uri.ptr);
			break;
		}
		if (i == 1 && (uri.len == 0 || uri.ptr[0] != '/'))
			return BAD;
	}
	if (uri.len > 0) {
		uri.ptr++;
		uri.len--;
	}
	*path = ward_str_cut(&uri, '?');
	return 0;
}

/* What the Encapsulated field may name, in the order in which it follows. */
enum part { REQUEST_HEAD, RESPONSE_HEAD, BODY, NO_BODY, PARTS };

static bool part_from(ward_str name, enum icap_verb verb, enum part *part, bool *of_request)
{
	static const struct {
		ward_str name;
		enum part part;
		enum icap_verb verb;
	} rows[] = {
		{ { "req-hdr", 7 }, REQUEST_HEAD, ICAP_VERB_REQMOD },
		{ { "res-hdr", 7 }, RESPONSE_HEAD, ICAP_VERB_RESPMOD },
		{ { "req-body", 8 }, BODY, ICAP_VERB_REQMOD },
		{ { "res-body", 8 }, BODY, ICAP_VERB_RESPMOD },
		{ { "opt-body", 8 }, BODY, ICAP_VERB_OPTIONS },
		{ { "null-body", 9 }, NO_BODY, ICAP_VERB_OPTIONS },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!ward_str_eq_nocase(name, rows[i].name))
			continue;
		*part = rows[i].part;
		*of_request = rows[i].verb == verb || rows[i].part == NO_BODY ||
			      (rows[i].part == REQUEST_HEAD && verb == ICAP_VERB_RESPMOD);
		return true;
	}
	return false;
}

/* Offsets by part; SIZE_MAX where there is none. */
static unsigned parse_offsets(ward_str list, enum icap_verb verb, size_t at[PARTS])
{
	for (int i = 0; i < PARTS; i++)
		at[i] = SIZE_MAX;
	while (list.len > 0) {
		ward_str offset = ward_str_cut(&list, ',');
		ward_str name = ward_str_trim(ward_str_cut(&offset, '='));
		enum part part;
		bool fits;
		uint64_t number;

		if (!part_from(name, verb, &part, &fits) || !fits || at[part] != SIZE_MAX ||
				!ward_u64_parse(ward_str_trim(offset), &number) ||
				number > UINT32_MAX)
			return BAD;
		at[part] = (size_t)number;
	}
	/* Just one of the two says where the heads end. */
	return (at[BODY] == SIZE_MAX) == (at[NO_BODY] == SIZE_MAX) ? BAD : 0;
}

/*
 * They may be named in any order, but they lie as RFC 3507 says: request head, response head, body,
 * each where the one before it ends, the first at 0.
 */
static unsigned parse_encapsulated(ward_str list, size_t max, struct icap_request *request)
{
	size_t at[PARTS], end, response_at;
	unsigned status = parse_offsets(list, request->verb, at);

	if (status)
		return status;
	request->has_body = at[BODY] != SIZE_MAX;
	end = request->has_body ? at[BODY] : at[NO_BODY];
	response_at = at[RESPONSE_HEAD] != SIZE_MAX ? at[RESPONSE_HEAD] : end;
	if (response_at > end ||
			(at[REQUEST_HEAD] == SIZE_MAX ? response_at : at[REQUEST_HEAD]) != 0)
		return BAD;
	request->request_len = response_at;
	request->response_len = end - response_at;
	/* A head that is named and has no byte is none that can be read. */
	if ((at[REQUEST_HEAD] != SIZE_MAX && request->request_len == 0) ||
			(at[RESPONSE_HEAD] != SIZE_MAX && request->response_len == 0))
		return BAD;
	return request->request_len > max || request->response_len > max ? BAD : 0;
}

static unsigned parse_fields(size_t max, struct icap_request *request)
{
	ward_str rest = request->head.lines, name, value;
	bool encapsulated = false;
	uint64_t number;

	while (icap_head_next(&rest, &name, &value)) {
		if (ward_str_eq_nocase(name, WARD_STR("Encapsulated"))) {
			if (encapsulated || parse_encapsulated(value, max, request))
				return BAD;
			encapsulated = true;
		} else if (ward_str_eq_nocase(name, WARD_STR("Preview"))) {
			if (request->preview >= 0 || !ward_u64_parse(value, &number) ||
					number > INT32_MAX)
				return BAD;
			request->preview = (int64_t)number;
		} else if (ward_str_eq_nocase(name, WARD_STR("Allow"))) {
			request->allow_204 |= icap_list_has(value, WARD_STR("204"));
		} else if (ward_str_eq_nocase(name, WARD_STR("Connection"))) {
			request->close |= icap_list_has(value, WARD_STR("close"));
		}
	}
	/* Without it nobody knows what follows; only OPTIONS is mostly sent with nothing behind. */
	return encapsulated || request->verb == ICAP_VERB_OPTIONS ? 0 : BAD;
}

unsigned icap_request_parse(char *text, size_t len, size_t encapsulated_max,
		struct icap_request *request)
{
	ward_str line, method, uri;
	unsigned status;

	*request = (struct icap_request){ .preview = -1 };
	if (icap_head_open(text, len, &request->head, &line, NULL) != WARD_OK)
		return BAD;
	method = ward_str_cut(&line, ' ');
	uri = ward_str_cut(&line, ' ');
	status = parse_version(line);
	if (!status)
		status = parse_method(method, &request->verb);
	if (!status)
		status = parse_uri(uri, &request->path);
	return status ? status : parse_fields(encapsulated_max, request);
}
