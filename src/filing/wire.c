#include "filing/wire.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <sodium.h>

/* NCMEC's documentation, page of 2025-06-11. */
static const char *const urls[] = {
	[FILING_TEST] = "https://exttest.cybertip.org/ispws",
	[FILING_PRODUCTION] = "https://report.cybertip.org/ispws",
};

struct filing_wire {
	struct filing_wire_options options;
	char *url, *user, *password;
};

static const char *const paths[] = {
	[FILING_CALL_STATUS] = "status",
	[FILING_CALL_XSD] = "xsd",
	[FILING_CALL_SUBMIT] = "submit",
	[FILING_CALL_UPLOAD] = "upload",
	[FILING_CALL_FILEINFO] = "fileinfo",
	[FILING_CALL_FINISH] = "finish",
	[FILING_CALL_RETRACT] = "retract",
};

const char *filing_environment_name(enum filing_environment environment)
{
	return environment == FILING_PRODUCTION ? "production" : "test";
}

const char *filing_outcome_name(enum filing_outcome outcome)
{
	return outcome == FILING_ANSWERED   ? "answered"
	       : outcome == FILING_NOT_SENT ? "not_sent"
					    : "unknown";
}

/* ---- a wire ---- */

/* With its port and a path: a name before an "@" may look like this machine and is none. */
static bool is_local(ward_str url)
{
	static const char *const heads[] = { "http://127.0.0.1:", "http://[::1]:" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		ward_str rest = url, head = ward_str_from(heads[i]);
		uint64_t port;

		if (!ward_str_starts(url, head))
			continue;
		rest.ptr += head.len;
		rest.len -= head.len;
		return ward_u64_parse(ward_str_cut(&rest, '/'), &port) && port <= 65535;
	}
	return false;
}

static char *copy_of(ward_str text)
{
	char *copy = malloc(text.len + 1);

	if (copy) {
		memcpy(copy, text.ptr ? text.ptr : "", text.len);
		copy[text.len] = '\0';
	}
	return copy;
}

ward_err filing_wire_new(const struct filing_wire_options *options, struct filing_wire **wire,
		struct ward_error *error)
{
	ward_str url = options->url.len > 0 ? options->url
					    : ward_str_from(urls[options->environment]);

	if (options->url.len > 0 && options->environment == FILING_PRODUCTION)
		return ward_fail(error, WARD_E_ARGUMENT,
				"reports of production go to NCMEC's own address; leave the url "
				"out");
	if (!ward_str_starts(url, WARD_STR("https://")) && !is_local(url))
		return ward_fail(error, WARD_E_ARGUMENT,
				"reports are sent by https, or by http to this machine");
	struct filing_wire *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->options = *options;
	made->url = copy_of(url);
	made->user = copy_of(options->user);
	made->password = copy_of(options->password);
	if (!made->url || !made->user || !made->password) {
		filing_wire_free(made);
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	*wire = made;
	return WARD_OK;
}

void filing_wire_free(struct filing_wire *wire)
{
	if (!wire)
		return;
	if (wire->password)
		sodium_memzero(wire->password, strlen(wire->password));
	free(wire->url);
	free(wire->user);
	free(wire->password);
	free(wire);
}

enum filing_environment filing_wire_environment(const struct filing_wire *wire)
{
	return wire->options.environment;
}

/* ---- one call ---- */

struct transfer {
	const struct filing_request *request;
	struct filing_answer *answer;
	bool too_large;
};

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;

	ward_buf_add(&transfer->answer->body, bytes, size * count);
	transfer->too_large |= transfer->answer->body.failed;
	return transfer->too_large ? 0 : size * count;
}

/* Of another program's header, printable characters alone. */
static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	ward_str line = { bytes, size * count };
	ward_str name = ward_str_cut(&line, ':');
	size_t len = 0;

	if (!ward_str_eq_nocase(name, WARD_STR("Request-ID")))
		return size * count;
	line = ward_str_trim(line);
	for (size_t i = 0; i < line.len && len + 1 < FILING_REQUEST_ID_MAX; i++) {
		if (line.ptr[i] > ' ' && line.ptr[i] < 0x7f)
			transfer->answer->request_id[len++] = line.ptr[i];
	}
	transfer->answer->request_id[len] = '\0';
	return size * count;
}

static size_t give_bytes(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t len = 0;

	if (transfer->request->read(transfer->request->context, (uint8_t *)bytes, size * count,
			    &len, &transfer->answer->error)) {
		transfer->answer->read_failed = true;
		return CURL_READFUNC_ABORT;
	}
	return len;
}

/* The form of an upload.  The name tells nothing: the true one, if any, is in the details. */
static curl_mime *make_form(CURL *curl, struct transfer *transfer)
{
	curl_mime *form = curl_mime_init(curl);
	curl_mimepart *id = form ? curl_mime_addpart(form) : NULL;
	curl_mimepart *file = form ? curl_mime_addpart(form) : NULL;
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, transfer->request->report_id);
	if (id && file && curl_mime_name(id, "id") == CURLE_OK &&
			curl_mime_data(id, number, CURL_ZERO_TERMINATED) == CURLE_OK &&
			curl_mime_name(file, "file") == CURLE_OK &&
			curl_mime_filename(file, "file") == CURLE_OK &&
			curl_mime_type(file, "application/octet-stream") == CURLE_OK &&
			curl_mime_data_cb(file, -1, give_bytes, NULL, NULL, transfer) == CURLE_OK)
		return form;
	curl_mime_free(form);
	return NULL;
}

static int look_at_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct filing_wire_options *options = context;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return options->stop(options->context);
}

static bool set_common(CURL *curl, const struct filing_wire *wire, struct transfer *transfer)
{
	const struct filing_wire_options *options = &wire->options;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(curl, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	bad |= curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "ward");
	bad |= curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	bad |= curl_easy_setopt(curl, CURLOPT_USERNAME, wire->user);
	bad |= curl_easy_setopt(curl, CURLOPT_PASSWORD, wire->password);
	bad |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
			options->connect_ms ? (long)options->connect_ms : 30000L);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	bad |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	bad |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
	if (options->stop) {
		bad |= curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
		bad |= curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_at_stop);
		bad |= curl_easy_setopt(curl, CURLOPT_XFERINFODATA, options);
	}
	return bad == CURLE_OK;
}

/* A file takes as long as it takes, if only something moves; curl counts that in whole seconds. */
static bool set_times(CURL *curl, const struct filing_wire *wire, enum filing_call call)
{
	uint32_t call_ms = wire->options.call_ms ? wire->options.call_ms : 120000;
	uint32_t stall_ms = wire->options.stall_ms ? wire->options.stall_ms : 600000;

	if (call != FILING_CALL_UPLOAD)
		return curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)call_ms) == CURLE_OK;
	return curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)(stall_ms + 999) / 1000) ==
			       CURLE_OK;
}

static bool set_body(CURL *curl, const struct filing_request *request, char form[64])
{
	ward_str document = request->document;

	if (request->call == FILING_CALL_STATUS || request->call == FILING_CALL_XSD)
		return curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L) == CURLE_OK;
	if (request->call == FILING_CALL_FINISH || request->call == FILING_CALL_RETRACT) {
		snprintf(form, 64, "id=%" PRIu64, request->report_id);
		document = ward_str_from(form);
	}
	return curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)document.len) ==
			       CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POSTFIELDS, document.ptr) == CURLE_OK;
}

/* Failures in which no byte of the request has left; of all others we cannot know. */
static bool nothing_left(CURL *curl, CURLcode code)
{
	long sent = 0;

	curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &sent);
	return sent == 0 && (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
					    code == CURLE_SSL_CONNECT_ERROR ||
					    code == CURLE_PEER_FAILED_VERIFICATION ||
					    code == CURLE_OPERATION_TIMEDOUT);
}

static void conclude(CURL *curl, CURLcode code, const struct transfer *transfer)
{
	struct filing_answer *answer = transfer->answer;
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	answer->status = status > 0 && status < 1000 ? (unsigned)status : 0;
	if (code == CURLE_OK) {
		answer->outcome = FILING_ANSWERED;
		return;
	}
	answer->outcome = nothing_left(curl, code) ? FILING_NOT_SENT : FILING_UNKNOWN;
	if (answer->read_failed)
		return;
	if (transfer->too_large)
		(void)ward_fail(&answer->error, WARD_E_LIMIT,
				"the answer is longer than any answer");
	else
		(void)ward_fail(&answer->error, WARD_E_IO, "NCMEC could not be spoken to (%s)",
				curl_easy_strerror(code));
}

static struct curl_slist *make_headers(enum filing_call call)
{
	/* Without "Expect:" libcurl would wait a second for leave to send. */
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");

	if (headers && (call == FILING_CALL_SUBMIT || call == FILING_CALL_FILEINFO)) {
		struct curl_slist *more =
				curl_slist_append(headers, "Content-Type: text/xml; charset=utf-8");

		if (more)
			return more;
		curl_slist_free_all(headers);
		return NULL;
	}
	return headers;
}

static bool set_all(CURL *curl, const struct filing_wire *wire, struct transfer *transfer,
		const struct curl_slist *headers, curl_mime *form, char body[64])
{
	char url[512];
	enum filing_call call = transfer->request->call;
	int len = snprintf(url, sizeof(url), "%s/%s", wire->url, paths[call]);

	if (!headers || len < 0 || (size_t)len >= sizeof(url) ||
			!set_common(curl, wire, transfer) || !set_times(curl, wire, call) ||
			curl_easy_setopt(curl, CURLOPT_URL, url) != CURLE_OK ||
			curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK)
		return false;
	if (call == FILING_CALL_UPLOAD)
		return form && curl_easy_setopt(curl, CURLOPT_MIMEPOST, form) == CURLE_OK;
	return set_body(curl, transfer->request, body);
}

void filing_wire_call(const struct filing_wire *wire, const struct filing_request *request,
		struct filing_answer *answer)
{
	struct transfer transfer = { request, answer, false };
	char body[64];

	*answer = (struct filing_answer){ .outcome = FILING_NOT_SENT };
	ward_buf_init(&answer->body, FILING_REPLY_MAX);
	CURL *curl = curl_easy_init();

	if (!curl) {
		(void)ward_fail(&answer->error, WARD_E_NOMEM, "out of memory");
		return;
	}
	struct curl_slist *headers = make_headers(request->call);
	curl_mime *form = request->call == FILING_CALL_UPLOAD ? make_form(curl, &transfer) : NULL;

	if (set_all(curl, wire, &transfer, headers, form, body))
		conclude(curl, curl_easy_perform(curl), &transfer);
	else
		(void)ward_fail(&answer->error, WARD_E_UNSUPPORTED,
				"this libcurl cannot make such a call");
	curl_easy_cleanup(curl);
	curl_mime_free(form);
	curl_slist_free_all(headers);
}

void filing_answer_free(struct filing_answer *answer)
{
	ward_buf_free(&answer->body);
}

ward_err filing_answer_read(struct ward_arena *arena, enum filing_call call,
		const struct filing_answer *answer, struct filing_reply *reply,
		struct ward_error *error)
{
	struct filing_findings findings = { .arena = arena };
	struct ward_buf body = answer->body;
	struct filing_reply read = { 0 };

	if (answer->outcome != FILING_ANSWERED)
		return ward_fail(error, WARD_E_FORMAT, "%s", answer->error.message);
	ward_err err = filing_reply_read(arena, call, (ward_str){ body.ptr, body.len }, &read,
			&findings, error);

	/* A refusal by HTTP alone says the same as its code. */
	if (answer->status == 401 && (err || read.code == 0)) {
		*reply = (struct filing_reply){ .code = FILING_CODE_NO_ACCESS };
		return WARD_OK;
	}
	if (err)
		return err;
	if (read.code == 0 && answer->status != 200)
		return ward_fail(error, WARD_E_FORMAT, "the answer contradicts itself (HTTP %u)",
				answer->status);
	*reply = read;
	return WARD_OK;
}
