#include "net/inquire.h"

#include "net/address.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 3000 };

/* ---- where we ask ---- */

static bool part_is(CURLU *url, CURLUPart part, const char *wanted)
{
	char *text = NULL;
	bool is = curl_url_get(url, part, &text, 0) == CURLUE_OK && strcmp(text, wanted) == 0;

	curl_free(text);
	return is;
}

static bool has_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return has;
}

/* curl's own reading of it: what looks like a host here could be a name before an "@". */
static bool is_plain_and_here(CURLU *url)
{
	return part_is(url, CURLUPART_SCHEME, "http") &&
	       (part_is(url, CURLUPART_HOST, "127.0.0.1") ||
			       part_is(url, CURLUPART_HOST, "[::1]") ||
			       part_is(url, CURLUPART_HOST, "localhost"));
}

bool inquire_may(const char *text)
{
	CURLU *url = curl_url();
	bool may = url && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
		   (part_is(url, CURLUPART_SCHEME, "https") || is_plain_and_here(url)) &&
		   !has_part(url, CURLUPART_USER) && !has_part(url, CURLUPART_PASSWORD) &&
		   !has_part(url, CURLUPART_FRAGMENT);

	curl_url_cleanup(url);
	return may;
}

/* ---- asking ---- */

struct asking {
	struct ward_buf *body;
	bool plain;
	bool too_long;
};

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
	struct asking *asking = context;

	ward_buf_add(asking->body, bytes, size * count);
	asking->too_long = asking->body->failed;
	return asking->too_long ? 0 : size * count;
}

/* What is not encrypted does not leave this machine, whatever "localhost" may resolve to. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	const struct asking *asking = context;

	if (purpose != CURLSOCKTYPE_IPCXN ||
			(asking->plain && !address_is_loopback(&address->addr)))
		return CURL_SOCKET_BAD;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool set_options(CURL *curl, const struct inquiry *inquiry, struct curl_slist *headers,
		struct asking *asking)
{
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(curl, CURLOPT_URL, inquiry->url);
	bad |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(curl, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	bad |= curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)inquiry->time_ms);
	bad |= curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)asking->body->cap);
	bad |= curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "ward");
	bad |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	bad |= curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	bad |= curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, asking);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, asking);
	if (inquiry->form.len > 0) {
		bad |= curl_easy_setopt(curl, CURLOPT_POST, 1L);
		bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
				(curl_off_t)inquiry->form.len);
		bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDS, inquiry->form.ptr);
	} else if (inquiry->bytes.len > 0) {
		bad |= curl_easy_setopt(curl, CURLOPT_POST, 1L);
		bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
				(curl_off_t)inquiry->bytes.len);
		bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDS, inquiry->bytes.ptr);
	}
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
static struct curl_slist *make_headers(const struct inquiry *inquiry)
{
	struct curl_slist *headers = add_header(NULL, "Accept: application/json");
	struct ward_buf text;

	/* "Expect:" would make curl wait a second for servers that do not know it. */
	if (headers)
		headers = add_header(headers, "Expect:");
	if (headers && inquiry->form.len == 0 && inquiry->bytes.len > 0)
		headers = add_header(headers, "Content-Type: application/octet-stream");
	if (!headers || !inquiry->authorization)
		return headers;
	ward_buf_init(&text, 8192);
	ward_buf_printf(&text, "Authorization: %s", inquiry->authorization);
	if (text.failed) {
		curl_slist_free_all(headers);
		headers = NULL;
	} else {
		headers = add_header(headers, ward_buf_text(&text).ptr);
	}
	ward_buf_free(&text);
	return headers;
}

static ward_err perform(CURL *curl, const struct asking *asking, unsigned *status,
		struct ward_error *error)
{
	CURLcode code = curl_easy_perform(curl);
	long said = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &said);
	if (asking->too_long || code == CURLE_FILESIZE_EXCEEDED)
		return ward_fail(error, WARD_E_LIMIT, "the answer is longer than allowed");
	if (code == CURLE_OPERATION_TIMEDOUT)
		return ward_fail(error, WARD_E_TIMEOUT, "the other side took too long");
	if (code != CURLE_OK)
		return ward_fail(error, WARD_E_IO, "the other side cannot be asked (%s)",
				curl_easy_strerror(code));
	*status = (unsigned)said;
	return WARD_OK;
}

ward_err inquire(const struct inquiry *inquiry, unsigned *status, struct ward_buf *body,
		struct ward_error *error)
{
	struct asking asking = { .body = body };
	ward_err err;

	if (!inquire_may(inquiry->url))
		return ward_fail(error, WARD_E_ARGUMENT,
				"the address is not https, nor http on this machine");
	asking.plain = !ward_str_starts(ward_str_from(inquiry->url), WARD_STR("https:"));
	ward_buf_clear(body);
	struct curl_slist *headers = make_headers(inquiry);
	CURL *curl = headers ? curl_easy_init() : NULL;

	if (!curl)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	else if (!set_options(curl, inquiry, headers, &asking))
		err = ward_fail(error, WARD_E_UNSUPPORTED, "this libcurl cannot be made safe");
	else
		err = perform(curl, &asking, status, error);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return err;
}
