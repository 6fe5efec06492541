#include "icap/reply.h"

#define PLAIN "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
#define TEXT(literal)                          \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

const struct icap_answer icap_answer_bad_request = {
	400,
	TEXT("Bad Request"),
	TEXT(PLAIN),
	TEXT("The request could not be read.\n"),
};
const struct icap_answer icap_answer_bad_response = {
	502,
	TEXT("Bad Gateway"),
	TEXT(PLAIN),
	TEXT("The answer of the other side could not be read.\n"),
};
const struct icap_answer icap_answer_unchecked = {
	503,
	TEXT("Service Unavailable"),
	TEXT(PLAIN "Retry-After: 10\r\n"),
	TEXT("This could not be checked, and so it is not passed on. Please try again.\n"),
};

static ward_str status_line(unsigned status)
{
	static const struct {
		unsigned status;
		ward_str line;
	} rows[] = {
		{ 200, TEXT("ICAP/1.0 200 OK\r\n") },
		{ 204, TEXT("ICAP/1.0 204 No Content\r\n") },
		{ 400, TEXT("ICAP/1.0 400 Bad Request\r\n") },
		{ 404, TEXT("ICAP/1.0 404 Service Not Found\r\n") },
		{ 405, TEXT("ICAP/1.0 405 Method Not Allowed For Service\r\n") },
		{ 408, TEXT("ICAP/1.0 408 Request Timeout\r\n") },
		{ 413, TEXT("ICAP/1.0 413 Request Entity Too Large\r\n") },
		{ 414, TEXT("ICAP/1.0 414 Request-URI Too Long\r\n") },
		{ 501, TEXT("ICAP/1.0 501 Method Not Implemented\r\n") },
		{ 503, TEXT("ICAP/1.0 503 Service Overloaded\r\n") },
		{ 505, TEXT("ICAP/1.0 505 ICAP Version Not Supported\r\n") },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].status == status)
			return rows[i].line;
	}
	return (ward_str)TEXT("ICAP/1.0 500 Internal Server Error\r\n");
}

/* What the owner gives is made fit for a quoted string of at most 32 bytes. */
static void add_istag(const struct icap_options *options, const struct icap_service *service,
		struct ward_buf *out)
{
	char istag[ICAP_ISTAG_MAX] = "ward";
	size_t len = 0;

	if (options->owner->istag)
		options->owner->istag(options->owner->context, service, istag);
	for (; len + 1 < sizeof(istag) && istag[len]; len++) {
		if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_",
				    istag[len]))
			istag[len] = '_';
	}
	ward_buf_str(out, WARD_STR("ISTag: \""));
	ward_buf_add(out, istag, len);
	ward_buf_str(out, WARD_STR("\"\r\n"));
}

static void begin(const struct icap_options *options, const struct icap_service *service,
		unsigned status, bool close, struct ward_buf *out)
{
	ward_buf_str(out, status_line(status));
	add_istag(options, service, out);
	if (close)
		ward_buf_str(out, WARD_STR("Connection: close\r\n"));
}

void icap_reply_status(struct icap_connection *connection, const struct icap_service *service,
		unsigned status, bool close, struct ward_buf *out)
{
	begin(connection->engine->options, service, status, close, out);
	ward_buf_str(out, WARD_STR("Encapsulated: null-body=0\r\n\r\n"));
}

void icap_reply_continue(struct ward_buf *out)
{
	ward_buf_str(out, WARD_STR("ICAP/1.0 100 Continue\r\n\r\n"));
}

static void add_transfer(const char *field, const char *extensions, struct ward_buf *out)
{
	if (extensions)
		ward_buf_printf(out, "%s: %s\r\n", field, extensions);
}

void icap_reply_options(struct icap_connection *connection, const struct icap_service *service,
		bool close, struct ward_buf *out)
{
	const struct icap_options *options = connection->engine->options;

	begin(options, service, 200, close, out);
	ward_buf_printf(out,
			"Methods: %s\r\nService: %s\r\nMax-Connections: %u\r\nOptions-TTL: %u\r\n",
			service->method == ICAP_REQMOD ? "REQMOD" : "RESPMOD", options->name,
			options->client_connections, options->options_ttl_s);
	ward_buf_str(out, WARD_STR("Allow: 204\r\n"));
	if (service->preview >= 0)
		ward_buf_printf(out, "Preview: %d\r\nTransfer-Preview: *\r\n",
				(int)service->preview);
	add_transfer("Transfer-Ignore", service->transfer_ignore, out);
	add_transfer("Transfer-Complete",
			service->transfer_complete ? service->transfer_complete
			: service->preview < 0     ? "*"
						   : NULL,
			out);
	ward_buf_str(out, WARD_STR("Encapsulated: null-body=0\r\n\r\n"));
}

void icap_reply_chunk(size_t len, struct ward_buf *out)
{
	char text[sizeof(len) * 2 + 2];
	size_t at = sizeof(text);

	text[--at] = '\n';
	text[--at] = '\r';
	do {
		text[--at] = "0123456789abcdef"[len & 15];
		len >>= 4;
	} while (len > 0);
	ward_buf_add(out, text + at, sizeof(text) - at);
}

void icap_reply_last_chunk(struct ward_buf *out)
{
	ward_buf_str(out, WARD_STR("0\r\n\r\n"));
}

void icap_reply_answer(const struct icap_exchange *exchange, const struct icap_answer *answer,
		bool bodyless, struct ward_buf *out)
{
	char line[64], length[64];
	bool has_body = answer->body.len > 0 && !bodyless;
	int line_len = snprintf(line, sizeof(line), "HTTP/1.1 %u ", answer->status % 1000);
	int length_len = snprintf(length, sizeof(length), "Content-Length: %zu\r\n\r\n",
			answer->body.len);
	size_t head = (size_t)line_len + answer->reason.len + 2 + answer->headers.len +
		      (size_t)length_len;

	begin(exchange->connection->engine->options, exchange->service, 200,
			exchange->request.close, out);
	ward_buf_printf(out, "Encapsulated: res-hdr=0, %s=%zu\r\n\r\n",
			has_body ? "res-body" : "null-body", head);
	ward_buf_add(out, line, (size_t)line_len);
	ward_buf_str(out, answer->reason);
	ward_buf_str(out, WARD_STR("\r\n"));
	ward_buf_str(out, answer->headers);
	ward_buf_add(out, length, (size_t)length_len);
	if (!has_body)
		return;
	icap_reply_chunk(answer->body.len, out);
	ward_buf_str(out, answer->body);
	ward_buf_str(out, WARD_STR("\r\n"));
	icap_reply_last_chunk(out);
}

void icap_reply_echo(const struct icap_exchange *exchange, struct ward_buf *out)
{
	bool is_request = exchange->service->method == ICAP_REQMOD;
	ward_str head = exchange->rewritten ? (ward_str){ exchange->reply.ptr, exchange->reply.len }
			: is_request        ? exchange->request_head
					    : exchange->response_head;
	const char *body = exchange->phase == ICAP_PHASE_NONE ? "null-body"
			   : is_request                       ? "req-body"
							      : "res-body";

	begin(exchange->connection->engine->options, exchange->service, 200,
			exchange->request.close, out);
	if (head.len > 0)
		ward_buf_printf(out, "Encapsulated: %s=0, %s=%zu\r\n\r\n",
				is_request ? "req-hdr" : "res-hdr", body, head.len);
	else
		ward_buf_printf(out, "Encapsulated: %s=0\r\n\r\n", body);
	ward_buf_str(out, head);
}

/* "https://host:port/path" to its parts; false when it is none that a request can ask for. */
static bool cut_url(ward_str url, ward_str *authority, ward_str *path)
{
	static const ward_str schemes[] = { TEXT("http://"), TEXT("https://") };

	for (size_t i = 0; i < url.len; i++) {
		unsigned char c = (unsigned char)url.ptr[i];

		if (c <= ' ' || c == 127 || c == '#')
			return false;
	}
	for (size_t i = 0; i < 2; i++) {
		size_t len = schemes[i].len;

		if (url.len <= len || !ward_str_eq_nocase((ward_str){ url.ptr, len }, schemes[i]))
			continue;
		url.ptr += len;
		url.len -= len;
		authority->ptr = url.ptr;
		authority->len = 0;
		while (authority->len < url.len && !strchr("/?", url.ptr[authority->len]))
			authority->len++;
		*path = (ward_str){ url.ptr + authority->len, url.len - authority->len };
		return authority->len > 0 && !memchr(authority->ptr, '@', authority->len);
	}
	return false;
}

static bool has_port(ward_str authority)
{
	size_t at = authority.len;

	while (at > 0 && authority.ptr[at - 1] >= '0' && authority.ptr[at - 1] <= '9')
		at--;
	return at > 0 && at < authority.len && authority.ptr[at - 1] == ':';
}

static void add_target(const struct icap_head *head, ward_str url, ward_str authority,
		ward_str path, struct ward_buf *out)
{
	if (ward_str_eq(head->method, WARD_STR("CONNECT"))) {
		ward_buf_str(out, authority);
		if (!has_port(authority))
			ward_buf_str(out, WARD_STR(":443"));
	} else if (head->target.ptr[0] != '/') {
		ward_buf_str(out, url);
	} else {
		if (path.len == 0 || path.ptr[0] != '/')
			ward_buf_char(out, '/');
		ward_buf_str(out, path);
	}
}

bool icap_reply_rewrite(const struct icap_head *head, ward_str url, struct ward_buf *out)
{
	ward_str rest = head->lines, name, value, authority, path;
	const char *behind = head->target.ptr + head->target.len; /* " HTTP/1.1\r\n" */

	if (head->text.len == 0 || !cut_url(url, &authority, &path))
		return false;
	ward_buf_str(out, head->method);
	ward_buf_char(out, ' ');
	add_target(head, url, authority, path, out);
	ward_buf_add(out, behind, (size_t)(head->lines.ptr - behind));
	ward_buf_str(out, WARD_STR("Host: "));
	ward_buf_str(out, authority);
	ward_buf_str(out, WARD_STR("\r\n"));
	while (icap_head_next(&rest, &name, &value)) {
		if (ward_str_eq_nocase(name, WARD_STR("Host")))
			continue;
		ward_buf_str(out, name);
		ward_buf_str(out, WARD_STR(": "));
		ward_buf_str(out, value);
		ward_buf_str(out, WARD_STR("\r\n"));
	}
	ward_buf_str(out, WARD_STR("\r\n"));
	return !out->failed;
}
