#include "net/fetch.h"

#include "net/address.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

struct transfer {
	const struct fetch_options *options;
	struct spill *to;
	bool denied;
	bool too_large;
	struct ward_error error; /* of the spill */
};

void fetch_prepare(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = context;
	bool (*allow)(const struct sockaddr *) = transfer->options->allow;

	if (purpose != CURLSOCKTYPE_IPCXN || !(allow ? allow : address_is_public)(&address->addr)) {
		transfer->denied = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t len = size * count;

	if (transfer->to->size + len > transfer->options->bytes_max) {
		transfer->too_large = true;
		return 0;
	}
	return spill_write(transfer->to, (ward_bytes){ (const uint8_t *)bytes, len },
			       &transfer->error)
			       ? 0
			       : len;
}

static ward_err explain(CURLcode code, const struct transfer *transfer, struct ward_error *error)
{
	if (transfer->error.code)
		return ward_fail(error, transfer->error.code, "%s", transfer->error.message);
	if (transfer->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return ward_fail(error, WARD_E_LIMIT, "what the url names is larger than allowed");
	if (transfer->denied)
		return ward_fail(error, WARD_E_DENIED,
				"the url leads to an address that is not on the public Internet");
	if (code == CURLE_OPERATION_TIMEDOUT)
		return ward_fail(error, WARD_E_TIMEOUT, "the url's server took too long");
	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
		return ward_fail(error, WARD_E_ARGUMENT, "the url is no http or https URL");
	if (code == CURLE_TOO_MANY_REDIRECTS)
		return ward_fail(error, WARD_E_LIMIT, "the url redirects too often");
	if (code == CURLE_HTTP_RETURNED_ERROR)
		return ward_fail(error, WARD_E_NOT_FOUND,
				"the url's server does not give the file");
	return ward_fail(error, WARD_E_IO, "the url cannot be fetched (%s)",
			curl_easy_strerror(code));
}

/* False when an option is unknown to the library we run with. */
static bool set_options(CURL *curl, const char *url, struct transfer *transfer)
{
	const struct fetch_options *options = transfer->options;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(curl, CURLOPT_URL, url);
	bad |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(curl, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, options->redirects_max > 0 ? 1L : 0L);
	bad |= curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)options->redirects_max);
	bad |= curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)options->time_ms);
	bad |= curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)options->bytes_max);
	bad |= curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "ward");
	bad |= curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	bad |= curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	return bad == CURLE_OK;
}

/* The library would guess a scheme from the host's name. */
static bool names_scheme(ward_str url)
{
	ward_str scheme = ward_str_cut(&url, ':');

	return (ward_str_eq_nocase(scheme, WARD_STR("http")) ||
			       ward_str_eq_nocase(scheme, WARD_STR("https"))) &&
	       ward_str_starts(url, WARD_STR("//"));
}

ward_err fetch(const char *url, const struct fetch_options *options, struct spill *to,
		struct ward_error *error)
{
	struct transfer transfer = { .options = options, .to = to };
	long status = 0;

	if (!names_scheme(ward_str_from(url)))
		return ward_fail(error, WARD_E_ARGUMENT, "the url is no http or https URL");
	CURL *curl = curl_easy_init();

	if (!curl)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (!set_options(curl, url, &transfer)) {
		curl_easy_cleanup(curl);
		return ward_fail(error, WARD_E_UNSUPPORTED, "this libcurl cannot be made safe");
	}
	CURLcode code = curl_easy_perform(curl);

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	if (code == CURLE_OK && status >= 300)
		code = CURLE_HTTP_RETURNED_ERROR;
	if (code != CURLE_OK)
		return explain(code, &transfer, error);
	return to->fd < 0 ? spill_open(to, 0, error) : WARD_OK;
}
