#include "icap/head.h"

#include "base/test.h"
#include "icap/chunk.h"
#include "icap/reply.h"

static struct ward_buf room;

/* A head of HTTP, as far as it can be read. */
static bool read_request(const char *text, struct icap_head *head)
{
	static char copy[4096];

	snprintf(copy, sizeof(copy), "%s", text);
	return icap_head_request(copy, strlen(copy), head, NULL) == WARD_OK;
}

static bool read_response(const char *text)
{
	static char copy[4096];
	struct icap_head head = { 0 };

	snprintf(copy, sizeof(copy), "%s", text);
	return icap_head_response(copy, strlen(copy), &head, NULL) == WARD_OK;
}

/* What the request asks for; "?" when it cannot be told. */
static const char *url_of(const char *text)
{
	static char url[4096];
	struct icap_head head = { 0 };
	ward_str found = { 0 };

	ward_buf_init(&room, 65536);
	snprintf(url, sizeof(url), "?");
	if (read_request(text, &head) && icap_head_url(&head, &room, &found))
		snprintf(url, sizeof(url), "%.*s", WARD_FMT(found));
	ward_buf_free(&room);
	return url;
}

static void a_url_is_told_as_the_proxy_asks_for_it(void)
{
	CHECK_STR(url_of("GET http://a.example/b?c#d HTTP/1.1\r\nHost: other\r\n\r\n"),
			"http://a.example/b?c#d");
	CHECK_STR(url_of("GET https://a.example HTTP/1.1\r\n\r\n"), "https://a.example");
	CHECK_STR(url_of("GET ftp://a.example/ HTTP/1.1\r\nHost: a\r\n\r\n"), "ftp://a.example/");
	CHECK_STR(url_of("GET //b HTTP/1.1\r\nHost: a.example\r\n\r\n"), "http://a.example//b");
	CHECK_STR(url_of("OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n"), "http://a.example/");
	CHECK_STR(url_of("CONNECT [::1]:443 HTTP/1.1\r\nHost: a\r\n\r\n"), "https://[::1]:443/");
	CHECK_STR(url_of("GET b HTTP/1.1\r\nHost: a.example\r\n\r\n"), "?");
	CHECK_STR(url_of("GET / HTTP/1.0\r\n\r\n"), "?");
	CHECK_STR(url_of("CONNECT a@b:443 HTTP/1.1\r\nHost: a\r\n\r\n"), "?");
}

static void what_can_be_read_in_two_ways_is_not_read(void)
{
	CHECK(read_response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"));
	CHECK(!read_response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 05\r\n\r\n"));
	CHECK(!read_response("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n"));
	CHECK(!read_response("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n"));
	CHECK(!read_response("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"));
	CHECK(!read_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
			     "Transfer-Encoding: chunked\r\n\r\n"));
	CHECK(!read_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"));
	CHECK(!read_response("HTTP/1.1 200 OK\r\n X: y\r\n\r\n"));
	CHECK(!read_response("HTTP/1.1 200 OK\r\nX y\r\n\r\n"));
	CHECK(!read_response("HTTP/1.1 200 OK\r\nX: y\rZ: 1\r\n\r\n"));
	CHECK(!read_response("HTTP/1.1 2000 OK\r\n\r\n"));
	CHECK(!read_response("HTTP/1.1 099 OK\r\n\r\n"));
	CHECK(!read_response("ICY 200 OK\r\n\r\n"));
	CHECK(read_response("HTTP/1.0 200\r\n\r\n"));
}

static void too_many_fields_are_too_many(void)
{
	static char text[8192];
	struct icap_head head = { 0 };
	size_t len = (size_t)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n");

	for (int i = 0; i < 257; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "X%d: y\r\n", i);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "\r\n");
	CHECK_EQ(icap_head_request(text, len, &head, NULL), WARD_E_LIMIT);
}

static const char *user_of(const char *fields)
{
	static char user[256];
	char text[512];
	struct icap_head head = { 0 };
	ward_str first, found;

	ward_buf_init(&room, 4096);
	int len = snprintf(text, sizeof(text), "OPTIONS * ICAP/1.0\r\n%s\r\n", fields);

	if (icap_head_open(text, (size_t)len, &head, &first, NULL) != WARD_OK)
		return "?";
	found = icap_head_user(&head, &room);
	snprintf(user, sizeof(user), "%.*s", WARD_FMT(found));
	ward_buf_free(&room);
	return user;
}

static void a_user_is_told_with_and_without_base64(void)
{
	CHECK_STR(user_of("X-Client-Username: ann\r\n"), "ann");
	CHECK_STR(user_of("X-Client-Username: YW5u\r\n"), "YW5u");
	CHECK_STR(user_of("X-Authenticated-User: YW5u\r\n"), "ann");
	CHECK_STR(user_of("X-Authenticated-User: TG9jYWw6Ly9hbm4=\r\n"), "ann");
	CHECK_STR(user_of("X-Authenticated-User: ann\r\n"), "ann");
	CHECK_STR(user_of("X-Authenticated-User: ann.lee\r\n"), "ann.lee");
	CHECK_STR(user_of("X-Authenticated-User: AAAA\r\n"), "AAAA");
	CHECK_STR(user_of(""), "");
}

static const char *rewritten(const char *text, const char *url)
{
	static char again[1024];
	struct icap_head head = { 0 };
	struct ward_buf out;
	bool done;

	ward_buf_init(&out, 4096);
	done = read_request(text, &head) && icap_reply_rewrite(&head, ward_str_from(url), &out);
	snprintf(again, sizeof(again), "%s", done ? ward_buf_text(&out).ptr : "?");
	ward_buf_free(&out);
	return again;
}

static void a_request_is_written_anew_for_another_address(void)
{
	CHECK_STR(rewritten("GET /a HTTP/1.1\r\nX: y\r\nHost: a\r\n\r\n", "https://b.example"),
			"GET / HTTP/1.1\r\nHost: b.example\r\nX: y\r\n\r\n");
	CHECK_STR(rewritten("GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "http://b.example?c"),
			"GET /?c HTTP/1.1\r\nHost: b.example\r\n\r\n");
	CHECK_STR(rewritten("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "https://b.example/"),
			"CONNECT b.example:443 HTTP/1.1\r\nHost: b.example\r\n\r\n");
	CHECK_STR(rewritten("GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "http://b.example/\r\nX: y"),
			"?");
	CHECK_STR(rewritten("GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "http://u@b.example/"), "?");
	CHECK_STR(rewritten("GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "ftp://b.example/"), "?");
	CHECK_STR(rewritten("GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "http:///b"), "?");
}

/* "body|E" with E for an end with ieof, e without, b for broken, m for more. */
static const char *chunks_of(const char *text)
{
	static char said[256];
	struct icap_chunks chunks = { 0 };
	ward_bytes input = { (const uint8_t *)text, strlen(text) }, piece;
	enum icap_chunk_event event;
	size_t len = 0;

	while ((event = icap_chunks_next(&chunks, &input, &piece)) == ICAP_CHUNK_DATA) {
		memcpy(said + len, piece.ptr, piece.len);
		len += piece.len;
	}
	snprintf(said + len, sizeof(said) - len, "|%c%.*s",
			event == ICAP_CHUNK_END      ? (chunks.ieof ? 'E' : 'e')
			: event == ICAP_CHUNK_BROKEN ? 'b'
						     : 'm',
			event == ICAP_CHUNK_END ? (int)input.len : 0, (const char *)input.ptr);
	return said;
}

static void chunks_end_where_they_say(void)
{
	CHECK_STR(chunks_of("3\r\nabc\r\n0\r\n\r\nnext"), "abc|enext");
	CHECK_STR(chunks_of("0003 \r\nabc\r\n000\r\n\r\n"), "abc|e");
	CHECK_STR(chunks_of("0; ieof\r\n\r\n"), "|E");
	CHECK_STR(chunks_of("0;a=b;IEOF ;c\r\n\r\n"), "|E");
	CHECK_STR(chunks_of("0;ieofx\r\n\r\n"), "|e");
	CHECK_STR(chunks_of("0;a=\"x;ieof\"\r\n\r\n"), "|e");
	CHECK_STR(chunks_of("1;ieof\r\na\r\n0\r\n\r\n"), "a|e");
	CHECK_STR(chunks_of("0\r\nA: b\r\nC: d\r\n\r\n"), "|e");
	CHECK_STR(chunks_of("3\r\nab"), "ab|m");
	CHECK_STR(chunks_of("3\r\nabcd\r\n"), "abc|b");
	CHECK_STR(chunks_of("3\nabc\n"), "|b");
	CHECK_STR(chunks_of("0x3\r\n"), "|b");
	CHECK_STR(chunks_of(";x\r\n"), "|b");
	CHECK_STR(chunks_of("8000000000000000\r\n"), "|b");
	CHECK_STR(chunks_of("0\r\n\n"), "|b");
}

/* How much is read of what begins so and has no end, before that is found broken; 0 if it is not.
 */
static size_t broken_after(const char *begin)
{
	static char text[20000];
	struct icap_chunks chunks = { 0 };
	ward_bytes piece, input = { (const uint8_t *)text, sizeof(text) };
	size_t len = strlen(begin);

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i < len ? begin[i] : 'x';
	return icap_chunks_next(&chunks, &input, &piece) == ICAP_CHUNK_BROKEN
			       ? sizeof(text) - input.len
			       : 0;
}

static void lines_and_trailers_without_an_end_are_broken(void)
{
	CHECK_EQ(broken_after("1;"), ICAP_CHUNK_LINE_MAX + 1);
	CHECK_EQ(broken_after("0\r\n"), ICAP_TRAILERS_MAX + 3);
}

static const struct test_case cases[] = {
	{ "a URL is told as the proxy asks for it", a_url_is_told_as_the_proxy_asks_for_it },
	{ "what can be read in two ways is not read", what_can_be_read_in_two_ways_is_not_read },
	{ "too many fields are too many", too_many_fields_are_too_many },
	{ "a user is told with and without base64", a_user_is_told_with_and_without_base64 },
	{ "a request is written anew for another address",
			a_request_is_written_anew_for_another_address },
	{ "chunks end where they say", chunks_end_where_they_say },
	{ "lines and trailers without an end are broken",
			lines_and_trailers_without_an_end_are_broken },
};
TEST_MAIN(cases)
