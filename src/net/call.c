#include "net/call.h"

#include "net/inquire.h"

#include <curl/curl.h>

enum { ANSWER_MAX = 65536 };

/* Bytes are counted, not kept; an answer that goes on is cut off. */
static size_t drop_bytes(char *bytes, size_t size, size_t count, void *context)
{
	size_t *seen = context;

	(void)bytes;
	*seen += size * count;
	return *seen > ANSWER_MAX ? 0 : size * count;
}

/* What looks like this machine may be a name and a password before the true host. */
static bool is_callable(const char *address)
{
	ward_str url = ward_str_from(address);

	return ward_str_starts(url, WARD_STR("https://")) ||
	       ((ward_str_starts(url, WARD_STR("http://127.0.0.1:")) ||
				ward_str_starts(url, WARD_STR("http://[::1]:"))) &&
			       inquire_may(address));
}

static bool set_options(CURL *curl, const struct call *call, struct curl_slist *headers,
		size_t *seen)
{
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(curl, CURLOPT_URL, call->url);
	bad |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(curl, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)call->time_ms);
	bad |= curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "ward");
	bad |= curl_easy_setopt(curl, CURLOPT_POST, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body.ptr);
	bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
	bad |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_bytes);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, seen);
	return bad == CURLE_OK;
}

static struct curl_slist *add_header(struct curl_slist *headers, const char *text)
{
	struct curl_slist *more = curl_slist_append(headers, text);

	if (!more)
		curl_slist_free_all(headers);
	return more;
}

/* NULL without memory. */
static struct curl_slist *make_headers(const struct call *call)
{
	char type[128];
	struct ward_buf text;

	ward_buf_init(&text, sizeof(type));
	ward_buf_printf(&text, "Content-Type: %s", call->type);
	/* "Expect:" would make curl wait a second for servers that do not know it. */
	struct curl_slist *headers =
			text.failed ? NULL : add_header(NULL, ward_buf_text(&text).ptr);

	ward_buf_free(&text);
	if (headers)
		headers = add_header(headers, "Expect:");
	for (size_t i = 0; i < call->header_count && headers; i++)
		headers = add_header(headers, call->headers[i]);
	return headers;
}

static ward_err perform(CURL *curl, unsigned *status, size_t seen, struct ward_error *error)
{
	CURLcode code = curl_easy_perform(curl);
	long said = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &said);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return ward_fail(error, WARD_E_TIMEOUT, "the other side took too long");
	/* An answer that was too long is an answer. */
	if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && seen > ANSWER_MAX))
		return ward_fail(error, WARD_E_IO, "the call did not come through (%s)",
				curl_easy_strerror(code));
	*status = (unsigned)said;
	return WARD_OK;
}

ward_err call_post(const struct call *call, unsigned *status, struct ward_error *error)
{
	size_t seen = 0;

	if (!is_callable(call->url))
		return ward_fail(error, WARD_E_ARGUMENT,
				"the address is not https, nor http on this machine");
	struct curl_slist *headers = make_headers(call);
	CURL *curl = headers ? curl_easy_init() : NULL;
	ward_err err;

	if (!curl)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	else if (!set_options(curl, call, headers, &seen))
		err = ward_fail(error, WARD_E_UNSUPPORTED, "this libcurl cannot be made safe");
	else
		err = perform(curl, status, seen, error);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return err;
}
