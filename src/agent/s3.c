#include "agent/s3.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/s3_page.h"
#include "base/checksum.h"
#include "base/file.h"
#include "net/inquire.h"
#include "net/spill.h"

enum {
	KEYS_MAX = 4096,
	PAGES_MAX = 1000000, /* of one sweep: 10^9 objects */
	SMALL_MAX = 1 << 20, /* in memory */
};

#define URL_MAX     ((size_t)16 << 10)
#define PAGE_MEMORY ((size_t)32 << 20)

/* Of no bytes at all: what every request here has as its body. */
#define NOTHING_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

bool s3_may(const char *url)
{
	ward_str text = ward_str_from(url);

	if (strpbrk(url, "?#@ ") || !inquire_may(url))
		return false;
	return ward_str_starts(text, WARD_STR("https://")) ||
	       ward_str_starts(text, WARD_STR("http://127.0.0.1:")) ||
	       ward_str_starts(text, WARD_STR("http://[::1]:"));
}

/* ---- one request ---- */

struct answer {
	struct ward_buf *page; /* or: */
	struct spill *spill;
	uint64_t seen, bytes_max;
	struct ward_error error;
	ward_err failed;
	char etag[S3_ETAG_MAX + 1];
	int64_t changed;
};

static size_t on_bytes(char *bytes, size_t size, size_t count, void *context)
{
	struct answer *answer = context;
	size_t len = size * count;

	if (len > answer->bytes_max - answer->seen) {
		answer->failed = ward_fail(&answer->error, WARD_E_LIMIT,
				"an answer of the bucket is larger than is read");
		return 0;
	}
	answer->seen += len;
	if (answer->page) {
		ward_buf_add(answer->page, bytes, len);
		if (answer->page->failed)
			answer->failed = ward_fail(&answer->error, WARD_E_NOMEM, "out of memory");
	} else {
		answer->failed = spill_write(answer->spill,
				(ward_bytes){ (const uint8_t *)bytes, len }, &answer->error);
	}
	return answer->failed ? 0 : len;
}

static size_t on_field(char *bytes, size_t size, size_t count, void *context)
{
	struct answer *answer = context;
	ward_str value = { bytes, size * count };
	ward_str name = ward_str_cut(&value, ':');
	char text[64];

	value = ward_str_trim(value);
	if (ward_str_eq_nocase(name, WARD_STR("etag")))
		snprintf(answer->etag, sizeof(answer->etag), "%.*s",
				(int)(value.len < S3_ETAG_MAX ? value.len : S3_ETAG_MAX),
				value.ptr);
	if (ward_str_eq_nocase(name, WARD_STR("last-modified")) && value.len < sizeof(text)) {
		snprintf(text, sizeof(text), "%.*s", WARD_FMT(value));
		time_t when = curl_getdate(text, NULL);

		answer->changed = when < 0 ? 0 : (int64_t)when;
	}
	return size * count;
}

/* "ID:SECRET", one line. */
static ward_err read_keys(const struct s3_bucket *bucket, char keys[KEYS_MAX],
		struct ward_error *error)
{
	char *text;
	size_t len;
	ward_err err = file_read(bucket->keys, KEYS_MAX - 1, &text, &len, error);

	if (err)
		return err;
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	bool good = len > 0 && memchr(text, ':', len) && !memchr(text, '\n', len) &&
		    !memchr(text, '\0', len);

	if (good) {
		memcpy(keys, text, len);
		keys[len] = '\0';
	}
	sodium_memzero(text, len);
	free(text);
	return good ? WARD_OK
		    : ward_fail(error, WARD_E_FORMAT, "the bucket's keys are one line, ID:SECRET");
}

static bool set_options(CURL *curl, const struct s3_bucket *bucket, const char *url,
		const char *keys, const char *signer, struct curl_slist *fields,
		struct answer *answer)
{
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(curl, CURLOPT_URL, url);
	/* Keys of objects may hold "/../". */
	bad |= curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(curl, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	bad |= curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)bucket->time_ms);
	bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "ward");
	bad |= curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, signer);
	bad |= curl_easy_setopt(curl, CURLOPT_USERPWD, keys);
	bad |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	bad |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_field);
	bad |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
	/* What refuses us has a page of its own, which is not read. */
	bad |= curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	return bad == CURLE_OK;
}

static ward_err perform(CURL *curl, const struct answer *answer, struct ward_error *error)
{
	CURLcode code = curl_easy_perform(curl);
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (answer->failed)
		return ward_fail(error, answer->failed, "%s", answer->error.message);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return ward_fail(error, WARD_E_TIMEOUT, "the bucket took too long");
	if (status == 404)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no such bucket or object");
	if (status == 401 || status == 403)
		return ward_fail(error, WARD_E_DENIED, "the bucket refuses us (%ld)", status);
	if (code != CURLE_OK || status != 200)
		return ward_fail(error, WARD_E_IO, "the bucket does not answer well (%ld: %s)",
				status, curl_easy_strerror(code));
	return WARD_OK;
}

static ward_err ask(const struct s3_bucket *bucket, const char *url, struct answer *answer,
		struct ward_error *error)
{
	char signer[160], keys[KEYS_MAX];

	if (!s3_may(bucket->url))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a bucket's address is https, or http on this machine");
	ward_err err = read_keys(bucket, keys, error);

	if (err)
		return err;
	snprintf(signer, sizeof(signer), "aws:amz:%s:s3",
			bucket->region ? bucket->region : "us-east-1");
	struct curl_slist *fields =
			curl_slist_append(NULL, "x-amz-content-sha256: " NOTHING_SHA256);
	CURL *curl = fields ? curl_easy_init() : NULL;

	if (!curl)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	else if (!set_options(curl, bucket, url, keys, signer, fields, answer))
		err = ward_fail(error, WARD_E_UNSUPPORTED, "this libcurl cannot sign requests");
	else
		err = perform(curl, answer, error);
	curl_easy_cleanup(curl);
	curl_slist_free_all(fields);
	sodium_memzero(keys, sizeof(keys));
	return err;
}

/* ---- addresses ---- */

/* RFC 3986's unreserved letters stay, as the signature wants it; in a path slashes, too. */
static void add_encoded(struct ward_buf *url, const char *text, bool path)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
			     c == '~' || (path && c == '/');

		if (plain)
			ward_buf_char(url, (char)c);
		else
			ward_buf_printf(url, "%%%02X", c);
	}
}

static void add_base(struct ward_buf *url, const struct s3_bucket *bucket)
{
	ward_str base = ward_str_from(bucket->url);

	while (base.len > 0 && base.ptr[base.len - 1] == '/')
		base.len--;
	ward_buf_str(url, base);
}

/* In the order that the signature sorts them into. */
static void write_list_url(struct ward_buf *url, const struct s3_bucket *bucket, const char *token)
{
	ward_buf_clear(url);
	add_base(url, bucket);
	ward_buf_str(url, WARD_STR("/?"));
	if (token) {
		ward_buf_str(url, WARD_STR("continuation-token="));
		add_encoded(url, token, false);
		ward_buf_char(url, '&');
	}
	ward_buf_str(url, WARD_STR("encoding-type=url&list-type=2&max-keys=1000"));
	if (bucket->prefix && bucket->prefix[0] != '\0') {
		ward_buf_str(url, WARD_STR("&prefix="));
		add_encoded(url, bucket->prefix, false);
	}
}

/* ---- a sweep ---- */

static struct stat stat_of(const char *etag, uint64_t size, int64_t changed)
{
	struct stat st = { .st_mode = S_IFREG, .st_nlink = 1, .st_size = (off_t)size };

	st.st_ino = (ino_t)checksum_of(etag, strlen(etag));
	st.st_mtim.tv_sec = (time_t)changed;
	st.st_ctim.tv_sec = (time_t)changed;
	return st;
}

/* Those that are too large are not asked for: they would be fetched again with each sweep. */
static bool tell(const struct s3_bucket *bucket, const struct s3_page *page, source_visit *visit,
		void *to, uint64_t *too_large)
{
	char name[S3_KEY_MAX + 128];

	for (size_t i = 0; i < page->count; i++) {
		const struct s3_object *object = &page->objects[i];
		struct stat st = stat_of(object->etag, object->size, object->changed);

		if (object->size > bucket->bytes_max) {
			++*too_large;
			continue;
		}
		snprintf(name, sizeof(name), "s3:%.100s/%s", bucket->name, object->key);
		if (object->size > 0 && !visit(to, name, &st))
			return false;
	}
	return true;
}

/* `token` is where it goes on; on return the next one's, or NULL. */
static ward_err sweep_page(const struct s3_bucket *bucket, char **token, source_visit *visit,
		void *to, uint64_t *too_large, struct ward_error *error)
{
	struct ward_buf url, text;
	struct ward_arena arena;
	struct s3_page page = { .next = NULL };
	char *next = NULL;

	ward_buf_init(&url, URL_MAX);
	ward_buf_init(&text, S3_PAGE_BYTES);
	ward_arena_init(&arena, PAGE_MEMORY);
	write_list_url(&url, bucket, *token);
	struct answer answer = { .page = &text, .bytes_max = S3_PAGE_BYTES };
	ward_err err = url.failed ? ward_fail(error, WARD_E_ARGUMENT,
						    "a bucket's address is too long")
				  : ask(bucket, ward_buf_text(&url).ptr, &answer, error);

	if (err == WARD_E_LIMIT)
		err = ward_fail(error, WARD_E_FORMAT, "a page of the bucket's list is too large");
	if (!err)
		err = s3_page_ask(&arena, (ward_bytes){ (const uint8_t *)text.ptr, text.len },
				&page, error);
	if (!err && tell(bucket, &page, visit, to, too_large) && page.next) {
		/* A server that says the same again would keep us for ever. */
		if (*token && strcmp(*token, page.next) == 0)
			err = ward_fail(error, WARD_E_FORMAT, "the bucket's list does not go on");
		else if (!(next = strdup(page.next)))
			err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	free(*token);
	*token = next;
	ward_arena_free(&arena);
	ward_buf_free(&text);
	ward_buf_free(&url);
	return err;
}

ward_err s3_sweep(void *context, source_visit *visit, void *to, struct ward_error *error)
{
	const struct s3_bucket *bucket = context;
	char *token = NULL;
	uint64_t too_large = 0;
	int pages = 0;
	ward_err err;

	do {
		err = sweep_page(bucket, &token, visit, to, &too_large, error);
	} while (!err && token && ++pages < PAGES_MAX);
	free(token);
	if (!err && too_large > 0)
		err = ward_fail(error, WARD_E_LIMIT,
				"%" PRIu64 " objects of the bucket are larger than its bytes_max: "
				"nobody looks at them",
				too_large);
	return err;
}

/* ---- an object ---- */

static const char *key_of(const struct s3_bucket *bucket, const char *name)
{
	char start[128];
	int len = snprintf(start, sizeof(start), "s3:%.100s/", bucket->name);

	return strncmp(name, start, (size_t)len) == 0 && name[len] != '\0' ? name + len : NULL;
}

ward_err s3_open(void *context, const char *name, struct source_file *file,
		struct ward_error *error)
{
	const struct s3_bucket *bucket = context;
	const char *key = key_of(bucket, name);
	/* Of one: the descriptor is given away, and what it takes with it. */
	struct spill_place place = { .folder = "/var/tmp",
		.small_max = SMALL_MAX,
		.memory_max = SMALL_MAX };
	struct ward_buf url;
	struct spill spill;

	if (!key)
		return ward_fail(error, WARD_E_ARGUMENT, "this is no object of the bucket");
	ward_buf_init(&url, URL_MAX);
	add_base(&url, bucket);
	ward_buf_char(&url, '/');
	add_encoded(&url, key, true);
	spill_init(&spill, &place);
	struct answer answer = { .spill = &spill, .bytes_max = bucket->bytes_max };
	ward_err err = url.failed ? ward_fail(error, WARD_E_LIMIT,
						    "an object's address is too long")
				  : ask(bucket, ward_buf_text(&url).ptr, &answer, error);

	ward_buf_free(&url);
	if (!err && spill.fd < 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "the object is empty");
	if (!err && lseek(spill.fd, 0, SEEK_SET) != 0)
		err = ward_fail(error, WARD_E_IO, "an object cannot be read");
	if (err) {
		spill_close(&spill);
		return err;
	}
	*file = (struct source_file){ .fd = spill.fd,
		.st = stat_of(answer.etag, answer.seen, answer.changed),
		.folder = -1,
		.name = key };
	return WARD_OK;
}
