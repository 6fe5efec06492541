#include "base/test.h"

#include <unistd.h>

#include "icap/connection_test.h"

/* ---- making requests ---- */

static char request[400000];
static size_t request_len;

static void put(const char *text)
{
	size_t len = strlen(text);

	memcpy(request + request_len, text, len);
	request_len += len;
	request[request_len] = '\0';
}

/* An ICAP request with these heads and, unless it is NULL, this body, already in chunks. */
static void make(const char *start, const char *fields, const char *http_request,
		const char *http_response, const char *chunks)
{
	char line[256];
	size_t at = strlen(http_request), end = at + strlen(http_response);
	bool is_request = strncmp(start, "REQ", 3) == 0;

	put(start);
	put(" ICAP/1.0\r\nHost: icap.example\r\n");
	put(fields);
	put("Encapsulated: ");
	if (at > 0)
		put("req-hdr=0, ");
	if (end > at) {
		snprintf(line, sizeof(line), "res-hdr=%zu, ", at);
		put(line);
	}
	snprintf(line, sizeof(line), "%s=%zu\r\n\r\n",
			!chunks      ? "null-body"
			: is_request ? "req-body"
				     : "res-body",
			end);
	put(line);
	put(http_request);
	put(http_response);
	put(chunks ? chunks : "");
}

static void get(const char *fields, const char *url)
{
	char head[512];

	snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nHost: host.example\r\n\r\n", url);
	make("REQMOD icap://icap.example/req", fields, head, "", NULL);
}

static void post(const char *service, const char *fields, const char *url, const char *chunks)
{
	char head[512], start[128];

	snprintf(head, sizeof(head), "POST %s HTTP/1.1\r\nHost: host.example\r\n\r\n", url);
	snprintf(start, sizeof(start), "REQMOD icap://icap.example/%s", service);
	make(start, fields, head, "", chunks);
}

#define PAGE "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"

static void response(const char *service, const char *fields, const char *url, const char *chunks)
{
	char head[512], start[128];

	snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nHost: host.example\r\n\r\n", url);
	snprintf(start, sizeof(start), "RESPMOD icap://icap.example/%s", service);
	make(start, fields, head, PAGE, chunks);
}

/* ---- talking ---- */

static struct talk talk;
static char said[400000];

static void begin(void)
{
	request_len = 0;
	request[0] = '\0';
}

static void take_said(void)
{
	ward_str text = ward_buf_text(&talk.said);

	snprintf(said, sizeof(said), "%.*s", WARD_FMT(text));
}

/* Says the request in steps of so many bytes; what is answered is then in `said`. */
static void say_in_steps(size_t step)
{
	talk_open(&talk);
	for (size_t at = 0; at < request_len; at += step)
		talk_tell(&talk, request + at, request_len - at < step ? request_len - at : step);
	take_said();
}

static void say(void)
{
	say_in_steps(request_len);
}

/* Ends the conversation; every exchange was given back. */
static int ended(void)
{
	talk_close(&talk);
	return talk.live;
}

static bool has(const char *words)
{
	bool found = strstr(said, words) != NULL;

	if (!found)
		printf("# \"%s\" is not in what was said:\n# %s\n", words, said);
	return found;
}

static int count_of(const char *words)
{
	int count = 0;

	for (const char *at = said; (at = strstr(at, words)); at++)
		count++;
	return count;
}

#define NO_CONTENT "ICAP/1.0 204 No Content\r\nISTag: \"v1\"\r\nEncapsulated: null-body=0\r\n\r\n"
#define OK(encapsulated) \
	"ICAP/1.0 200 OK\r\nISTag: \"v1\"\r\nEncapsulated: " encapsulated "\r\n\r\n"
#define STOP                                                                              \
	OK("res-hdr=0, res-body=71")                                                      \
	"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n" \
	"5\r\nstop\n\r\n0\r\n\r\n"

/* ---- OPTIONS ---- */

static void options_say_what_a_service_does(void)
{
	begin();
	put("OPTIONS icap://icap.example/res ICAP/1.0\r\nHost: icap.example\r\n\r\n");
	say();
	CHECK_STR(said, "ICAP/1.0 200 OK\r\nISTag: \"v1\"\r\nMethods: RESPMOD\r\nService: ward\r\n"
			"Max-Connections: 1000\r\nOptions-TTL: 60\r\nAllow: 204\r\nPreview: "
			"1024\r\n"
			"Transfer-Preview: *\r\nTransfer-Ignore: css, js\r\n"
			"Encapsulated: null-body=0\r\n\r\n");
	CHECK_EQ(talk.engine.counters.options, 1);
	CHECK_EQ(ended(), 0);
}

static void options_without_a_preview_want_all(void)
{
	begin();
	put("OPTIONS icap://icap.example/open?x=1 ICAP/1.0\r\nHost: a\r\n"
	    "Encapsulated: opt-body=0\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
	get("Allow: 204\r\n", "http://host.example/");
	say();
	CHECK(has("Transfer-Complete: *\r\n"));
	CHECK(!strstr(said, "Preview:"));
	CHECK(has(NO_CONTENT));
	CHECK_EQ(ended(), 0);
}

/* ---- what is asked ---- */

static void a_request_is_told_whole(void)
{
	begin();
	make("REQMOD icap://icap.example/req",
			"X-Client-IP: 192.0.2.7\r\nX-Client-Username: ann\r\nAllow: 204\r\n",
			"POST /a?b=c HTTP/1.1\r\nhost: Host.example:8080\r\nContent-type: "
			"text/plain\r\n"
			"Content-Length: 3\r\n\r\n",
			"", "3\r\nabc\r\n0\r\n\r\n");
	say();
	CHECK_STR(talk.seen,
			"POST http://Host.example:8080/a?b=c 0 text/plain 3 1 192.0.2.7 ann\n");
	CHECK_STR(said, NO_CONTENT);
	CHECK_EQ(ended(), 0);
}

static void a_response_is_told_whole(void)
{
	begin();
	make("RESPMOD /res", "X-Authenticated-User: TG9jYWw6Ly9hbm4=\r\nPreview: 0\r\n",
			"GET http://host.example/p HTTP/1.1\r\nHost: other.example\r\n\r\n",
			"HTTP/1.1 404 Not Found\r\nContent-Type: image/png\r\nContent-Length: "
			"9\r\n\r\n",
			"0\r\n\r\n");
	say();
	CHECK_STR(talk.seen, "GET http://host.example/p 404 image/png 9 1  ann\n");
	CHECK_STR(said, NO_CONTENT);
	CHECK_EQ(ended(), 0);
}

static void a_tunnel_is_told_by_its_host(void)
{
	begin();
	make("REQMOD icap://icap.example/req", "Allow: 204\r\n",
			"CONNECT host.example:443 HTTP/1.1\r\nHost: host.example:443\r\n\r\n", "",
			NULL);
	say();
	CHECK_STR(talk.seen, "CONNECT https://host.example:443/ 0  -1 0  \n");
	CHECK_EQ(ended(), 0);
}

/* Both are made of what was sent, and the one must not move when the other grows. */
static void a_long_tunnel_of_a_named_user_is_told_whole(void)
{
#define LABEL "a2345678901234567890123456789012345678901234567890"
#define LONG  LABEL "." LABEL ".example"
	begin();
	make("REQMOD icap://icap.example/req",
			"Allow: 204\r\nX-Authenticated-User: "
			"TG9jYWw6Ly9hbm5hbGlzYS5mcm9tLnRoZS5oYXJib3VyLm9mLnRoZS5vdGhlci50b3du"
			"\r\n",
			"CONNECT " LONG ":443 HTTP/1.1\r\nHost: " LONG ":443\r\n\r\n", "", NULL);
	say();
	CHECK_STR(talk.seen, "CONNECT https://" LONG ":443/ 0  -1 0  "
			     "annalisa.from.the.harbour.of.the.other.town\n");
	CHECK_EQ(ended(), 0);
#undef LONG
#undef LABEL
}

/* ---- passing ---- */

static void what_passes_without_204_comes_back_unchanged(void)
{
	begin();
	get("", "/index.html");
	say();
	CHECK_STR(said, OK("req-hdr=0, null-body=48") "GET /index.html HTTP/1.1\r\nHost: "
						      "host.example\r\n\r\n");
	CHECK_EQ(talk.engine.counters.passed_200, 1);
	CHECK_EQ(ended(), 0);
}

static void a_body_that_passes_without_204_comes_back_in_chunks(void)
{
	begin();
	post("req", "", "/form",
			"5;name=\"x;ieof\"\r\nhello\r\n7\r\n, world\r\n0\r\nTrailer: x\r\n\r\n");
	say();
	CHECK_STR(said, OK("req-hdr=0, req-body=43") "POST /form HTTP/1.1\r\nHost: "
						     "host.example\r\n\r\n"
						     "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n");
	CHECK_EQ(ended(), 0);
}

static void a_response_without_its_heads_comes_back(void)
{
	begin();
	make("RESPMOD icap://icap.example/res", "", "", "", "2\r\nhi\r\n0\r\n\r\n");
	say();
	CHECK_STR(said, OK("res-body=0") "2\r\nhi\r\n0\r\n\r\n");
	CHECK_EQ(ended(), 0);
}

static void a_preview_is_answered_204_before_the_rest(void)
{
	begin();
	post("req", "Preview: 4\r\n", "/form", "4\r\nabcd\r\n0\r\n\r\n");
	get("Allow: 204\r\n", "/next");
	say();
	CHECK_STR(said, NO_CONTENT NO_CONTENT);
	CHECK_EQ(talk.engine.counters.passed_204, 2);
	CHECK_EQ(ended(), 0);
}

static void a_body_is_let_in_before_204(void)
{
	begin();
	post("req", "Allow: 204\r\n", "/form", "4\r\nabcd\r\n");
	say();
	CHECK_STR(said, "");
	talk_tell(&talk, "0\r\n\r\n", 5);
	take_said();
	CHECK_STR(said, NO_CONTENT);
	CHECK_EQ(ended(), 0);
}

/* ---- answering ---- */

static void a_blocked_page_is_answered_in_its_place(void)
{
	begin();
	get("Allow: 204\r\n", "http://host.example/block");
	get("Allow: 204\r\n", "http://host.example/other");
	say();
	CHECK_STR(said, STOP NO_CONTENT);
	CHECK_EQ(talk.engine.counters.answered, 1);
	CHECK_EQ(ended(), 0);
}

static void head_is_answered_without_a_body(void)
{
	begin();
	make("REQMOD icap://icap.example/req", "",
			"HEAD http://host.example/block HTTP/1.1\r\nHost: host.example\r\n\r\n", "",
			NULL);
	say();
	CHECK_STR(said, OK("res-hdr=0, null-body=71") "HTTP/1.1 403 Forbidden\r\n"
						      "Content-Type: text/plain\r\nContent-Length: "
						      "5\r\n\r\n");
	CHECK_EQ(ended(), 0);
}

static void a_blocked_upload_is_let_in_while_it_is_short(void)
{
	char chunk[9000];
	int chunks = 0, len = snprintf(chunk, sizeof(chunk), "2000\r\n%08192d\r\n", 0);

	CHECK_EQ(len, 6 + 8192 + 2);
	begin();
	post("req", "", "/block", "");
	say();
	while (said[0] == '\0' && chunks < 20) {
		talk_tell(&talk, chunk, (size_t)len);
		take_said();
		chunks++;
	}
	CHECK_EQ(chunks, 9);
	CHECK_STR(said, STOP);
	talk_tell(&talk, "0\r\n\r\n", 5);
	begin();
	get("Allow: 204\r\n", "/next");
	talk_tell(&talk, request, request_len);
	take_said();
	CHECK_STR(said, STOP NO_CONTENT);
	CHECK_EQ(ended(), 0);
}

static void a_request_is_sent_elsewhere(void)
{
	begin();
	get("Allow: 204\r\n", "/safe");
	get("Allow: 204\r\n", "http://host.example/safe?q=1");
	say();
	CHECK_STR(said, OK("req-hdr=0, null-body=43") "GET /x?y=1 HTTP/1.1\r\nHost: "
						      "safe.example\r\n\r\n" OK(
								      "req-hdr=0, "
								      "null-body=62") "GET "
										      "http:/"
										      "/safe."
										      "exampl"
										      "e/"
										      "x?y=1 "
										      "HTTP/"
										      "1."
										      "1\r\nH"
										      "ost: "
										      "safe."
										      "exampl"
										      "e\r\n"
										      "\r\n");
	CHECK_EQ(talk.engine.counters.rewritten, 2);
	CHECK_EQ(ended(), 0);
}

static void a_form_is_sent_elsewhere_with_its_body(void)
{
	begin();
	post("req", "Preview: 4\r\nAllow: 204\r\n", "/safe", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	talk_tell(&talk, "2\r\nef\r\n0\r\n\r\n", 12);
	take_said();
	CHECK_STR(said, "ICAP/1.0 100 Continue\r\n\r\n" OK(
					"req-hdr=0, req-body=44") "POST /x?y=1 HTTP/1.1\r\nHost: "
								  "safe.example\r\n\r\n"
								  "4\r\nabcd\r\n2\r\nef\r\n0\r\n\r"
								  "\n");
	CHECK_EQ(ended(), 0);
}

/* ---- looking ---- */

static void a_body_is_looked_at_and_then_204(void)
{
	begin();
	response("res", "Allow: 204\r\nPreview: 4\r\n", "/look", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	CHECK_STR(said, "ICAP/1.0 100 Continue\r\n\r\n");
	talk_tell(&talk, "3\r\nefg\r\n0\r\n\r\n", 13);
	take_said();
	CHECK_STR(said, "ICAP/1.0 100 Continue\r\n\r\n" NO_CONTENT);
	CHECK_EQ(talk.looked, 7);
	CHECK_EQ(ended(), 0);
}

static void a_body_that_was_all_preview_needs_no_more(void)
{
	begin();
	response("res", "Preview: 1024\r\n", "/look", "4\r\nabcd\r\n0; ieof\r\n\r\n");
	response("res", "Preview: 1024\r\n", "/look-block", "4\r\nabcd\r\n0;ieof\r\n\r\n");
	say();
	CHECK_STR(said, NO_CONTENT STOP);
	CHECK_EQ(ended(), 0);
}

static void a_body_that_was_looked_at_comes_back_where_204_is_not_allowed(void)
{
	begin();
	response("res", "Preview: 4\r\n", "/look", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	talk_tell(&talk, "3\r\nefg\r\n0\r\n\r\n", 13);
	take_said();
	CHECK_STR(said, "ICAP/1.0 100 Continue\r\n\r\n" OK("res-hdr=0, res-body=44") PAGE
			"7\r\nabcdefg\r\n0\r\n\r\n");
	CHECK_EQ(ended(), 0);
}

static void a_look_at_the_beginning_may_be_enough(void)
{
	begin();
	response("res", "Preview: 4\r\n", "/peek", "4\r\nabcd\r\n0\r\n\r\n");
	response("res", "Preview: 4\r\n", "/peek-block", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	CHECK_STR(said, NO_CONTENT STOP);
	CHECK_EQ(talk.looked, 8);
	CHECK_EQ(ended(), 0);
}

static void a_look_at_the_beginning_may_want_more(void)
{
	begin();
	response("res", "Preview: 4\r\n", "/peek-more-block", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	CHECK_STR(said, "ICAP/1.0 100 Continue\r\n\r\n");
	talk_tell(&talk, "3\r\nefg\r\n0\r\n\r\n", 13);
	take_said();
	CHECK_STR(said, "ICAP/1.0 100 Continue\r\n\r\n" STOP);
	CHECK_EQ(talk.looked, 7);
	CHECK_EQ(ended(), 0);
}

static void without_a_preview_the_beginning_is_enough_too(void)
{
	begin();
	post("req", "", "/peek", "3\r\nabc\r\n3\r\ndef\r\n");
	say();
	talk_tell(&talk, "1\r\ng\r\n0\r\n\r\n", 11);
	take_said();
	CHECK(has("4\r\nabcd\r\n2\r\nef\r\n1\r\ng\r\n0\r\n\r\n"));
	CHECK_EQ(talk.looked, 4);
	CHECK_EQ(ended(), 0);
}

static void nothing_to_look_at_is_looked_at_all_the_same(void)
{
	begin();
	get("Allow: 204\r\n", "/look-block");
	get("Allow: 204\r\n", "/peek");
	say();
	CHECK_STR(said, STOP NO_CONTENT);
	CHECK_EQ(ended(), 0);
}

/* ---- waiting ---- */

static void what_is_pipelined_waits_for_a_slow_verdict(void)
{
	struct icap_verdict block = { .kind = ICAP_ANSWER, .answer = &talk_page };

	begin();
	response("res", "Allow: 204\r\n", "/look-wait", "4\r\nabcd\r\n0\r\n\r\n");
	get("Allow: 204\r\n", "/next");
	say();
	CHECK_STR(said, "");
	CHECK(!icap_connection_wants(&talk.connection));
	CHECK_EQ(talk.engine.counters.waiting, 1);
	talk_answer(&talk, &block);
	take_said();
	CHECK_STR(said, STOP NO_CONTENT);
	CHECK_EQ(talk.engine.counters.waiting, 0);
	CHECK_EQ(ended(), 0);
}

static void a_verdict_may_be_waited_for_before_the_body(void)
{
	begin();
	post("req", "Preview: 4\r\n", "/wait-first", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	CHECK_STR(said, "");
	talk_answer(&talk, &(struct icap_verdict){ .kind = ICAP_PASS });
	take_said();
	CHECK_STR(said, NO_CONTENT);
	CHECK_EQ(ended(), 0);
}

static void a_late_verdict_changes_nothing(void)
{
	begin();
	response("res", "Allow: 204\r\n", "/look-wait", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	talk.engine.now_us += 999000;
	icap_connection_tick(&talk.connection);
	talk_hear(&talk);
	CHECK_EQ(talk.said.len, 0);
	talk.engine.now_us += 1000;
	icap_connection_tick(&talk.connection);
	talk_hear(&talk);
	take_said();
	CHECK(has("HTTP/1.1 503 Service Unavailable\r\n"));
	CHECK_EQ(talk.engine.counters.late, 1);
	CHECK_EQ(talk.engine.counters.failed_closed, 1);
	size_t len = talk.said.len;

	talk_answer(&talk, &(struct icap_verdict){ .kind = ICAP_PASS });
	CHECK_EQ(talk.said.len, len);
	CHECK_EQ(ended(), 0);
}

static void no_verdict_in_time_passes_where_the_service_fails_open(void)
{
	begin();
	response("open", "", "/look-wait", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	talk.engine.now_us += 1000000;
	icap_connection_tick(&talk.connection);
	talk_hear(&talk);
	take_said();
	CHECK_STR(said, OK("res-hdr=0, res-body=44") PAGE "4\r\nabcd\r\n0\r\n\r\n");
	CHECK_EQ(talk.engine.counters.failed_open, 1);
	talk_answer(&talk, &(struct icap_verdict){ .kind = ICAP_PASS });
	CHECK_EQ(ended(), 0);
}

static void a_client_that_leaves_takes_its_ticket_with_it(void)
{
	begin();
	response("res", "", "/look-wait", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	icap_connection_clear(&talk.connection);
	CHECK_EQ(talk.live, 0);
	CHECK_EQ(talk.engine.counters.waiting, 0);
	talk_answer(&talk, &(struct icap_verdict){ .kind = ICAP_PASS });
	CHECK_EQ(ended(), 0);
}

static void a_ticket_outlives_its_server(void)
{
	struct icap_verdict block = { .kind = ICAP_ANSWER, .answer = &talk_page };

	begin();
	response("res", "", "/look-wait", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	struct icap_ticket *ticket = talk.ticket;

	CHECK_EQ(ended(), 0);
	icap_ticket_answer(ticket, &block);
}

static void a_ticket_has_the_body_as_a_file(void)
{
	begin();
	response("res", "Allow: 204\r\n", "/look-wait", "4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n");
	talk_open(&talk);
	talk.want_file = true;
	talk_tell(&talk, request, request_len);
	CHECK_STR(ward_buf_text(&talk.file).ptr, "abcdefg");
	talk_answer(&talk, &(struct icap_verdict){ .kind = ICAP_PASS });
	CHECK_EQ(ended(), 0);
}

static void a_half_closed_client_still_hears_the_answer(void)
{
	begin();
	response("res", "Allow: 204\r\n", "/look-wait", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	icap_connection_eof(&talk.connection);
	CHECK_EQ(talk.connection.state, ICAP_STATE_BUSY);
	talk_answer(&talk, &(struct icap_verdict){ .kind = ICAP_PASS });
	take_said();
	CHECK_STR(said, NO_CONTENT);
	CHECK_EQ(talk.connection.state, ICAP_STATE_DONE);
	CHECK_EQ(ended(), 0);
}

static void a_half_closed_client_is_let_go_when_it_has_all_of_a_long_answer(void)
{
	enum { PIECES = 50, PIECE = 4000 };
	static char piece[PIECE + 16];

	begin();
	response("res", "", "/pass", "");
	talk_open(&talk);
	icap_connection_take(&talk.connection,
			(ward_bytes){ (const uint8_t *)request, request_len });
	snprintf(piece, sizeof(piece), "fa0\r\n%04000d\r\n", 0);
	for (int i = 0; i < PIECES; i++)
		icap_connection_take(&talk.connection,
				(ward_bytes){ (const uint8_t *)piece, strlen(piece) });
	icap_connection_take(&talk.connection, (ward_bytes){ (const uint8_t *)"0\r\n\r\n", 5 });
	icap_connection_eof(&talk.connection);
	CHECK_EQ(talk.connection.state, ICAP_STATE_BUSY);
	talk_hear(&talk);
	CHECK(talk.said.len > (size_t)PIECES * PIECE);
	CHECK_EQ(talk.connection.state, ICAP_STATE_DONE);
	CHECK_EQ(ended(), 0);
}

static void half_a_request_is_none(void)
{
	begin();
	response("res", "Allow: 204\r\n", "/look", "4\r\nab");
	say();
	icap_connection_eof(&talk.connection);
	CHECK_EQ(talk.connection.state, ICAP_STATE_DONE);
	CHECK_EQ(talk.said.len, 0);
	CHECK_EQ(ended(), 0);
}

/* ---- failing, and what is too large ---- */

static void what_fails_goes_by_the_service(void)
{
	begin();
	get("Allow: 204\r\n", "/fail");
	post("reqopen", "Allow: 204\r\n", "/fail", "1\r\na\r\n0\r\n\r\n");
	say();
	CHECK(has("HTTP/1.1 503 Service Unavailable\r\n"));
	CHECK(has(NO_CONTENT));
	CHECK_EQ(talk.engine.counters.failed_closed, 1);
	CHECK_EQ(talk.engine.counters.failed_open, 1);
	CHECK_EQ(ended(), 0);
}

static void a_body_that_grows_too_large_is_passed_on_as_it_comes(void)
{
	begin();
	response("open", "", "/look", "6\r\nabcdef\r\n6\r\nghijkl\r\n1\r\nm\r\n0\r\n\r\n");
	say();
	CHECK_STR(said, OK("res-hdr=0, res-body=44") PAGE
			"8\r\nabcdefgh\r\n4\r\nijkl\r\n1\r\nm\r\n0\r\n\r\n");
	CHECK_EQ(talk.engine.counters.over, 1);
	CHECK_EQ(ended(), 0);
}

static void a_body_that_is_too_large_is_blocked(void)
{
	begin();
	make("RESPMOD icap://icap.example/res", "Preview: 4\r\n",
			"GET /look HTTP/1.1\r\nHost: host.example\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n",
			"4\r\nabcd\r\n0\r\n\r\n");
	say();
	CHECK(has("HTTP/1.1 503 "));
	CHECK_EQ(count_of("ICAP/1.0"), 1);
	CHECK_EQ(ended(), 0);
}

static void a_large_body_comes_back_whole(void)
{
	static char body[300000];
	char chunk[32];
	size_t found = 0;

	for (size_t i = 0; i < 90000; i++)
		body[i] = (char)('a' + i % 23);
	begin();
	response("res", "", "/look", "");
	say();
	snprintf(chunk, sizeof(chunk), "%x\r\n", 90000U);
	talk_tell(&talk, chunk, strlen(chunk));
	talk_tell(&talk, body, 90000);
	talk_tell(&talk, "\r\n0\r\n\r\n", 7);
	take_said();
	/* Without the framing: it is all there, in order. */
	const char *at = strstr(said, PAGE) + strlen(PAGE);

	while (*at != '0') {
		size_t len = strtoul(at, NULL, 16);

		at = strchr(at, '\n') + 1;
		CHECK(memcmp(at, body + found, len) == 0);
		found += len;
		at += len + 2;
	}
	CHECK_EQ(found, 90000);
	CHECK_EQ(ended(), 0);
}

static void a_client_that_does_not_read_loses_nothing(void)
{
	static char piece[50000];
	char chunk[32];
	uint64_t sum = 0, want = 0;

	begin();
	response("res", "", "/pass", "");
	say();
	snprintf(chunk, sizeof(chunk), "%zx\r\n", sizeof(piece));
	for (int i = 0; i < 40; i++) {
		memset(piece, 'a' + i % 26, sizeof(piece));
		want += (uint64_t)('a' + i % 26) * sizeof(piece);
		icap_connection_take(&talk.connection,
				(ward_bytes){ (uint8_t *)chunk, strlen(chunk) });
		icap_connection_take(&talk.connection,
				(ward_bytes){ (uint8_t *)piece, sizeof(piece) });
		icap_connection_take(&talk.connection, (ward_bytes){ (const uint8_t *)"\r\n", 2 });
		CHECK(icap_connection_out(&talk.connection).len < 3 * ICAP_OUT_HIGH);
	}
	icap_connection_take(&talk.connection, (ward_bytes){ (const uint8_t *)"0\r\n\r\n", 5 });
	talk_hear(&talk);
	ward_str text = ward_buf_text(&talk.said);
	const char *at = strstr(text.ptr, "ICAP/1.0 200");

	at = at ? strstr(at, "text/html\r\n\r\n") : NULL;
	CHECK(at != NULL);
	at += 13;
	for (size_t len; (len = strtoul(at, NULL, 16)) > 0; at += len + 2) {
		at = strchr(at, '\n') + 1;
		for (size_t i = 0; i < len; i++)
			sum += (unsigned char)at[i];
	}
	CHECK_EQ(sum, want);
	CHECK_EQ(ended(), 0);
}

static void a_body_trickles_while_it_waits(void)
{
	begin();
	response("drip", "", "/look-wait", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	for (int i = 0; i < 2; i++) {
		talk.engine.now_us += 10000;
		icap_connection_tick(&talk.connection);
		talk_hear(&talk);
	}
	take_said();
	CHECK_STR(said, OK("res-hdr=0, res-body=44") PAGE "1\r\na\r\n1\r\nb\r\n");
	talk_answer(&talk, &(struct icap_verdict){ .kind = ICAP_PASS });
	take_said();
	CHECK_STR(said, OK("res-hdr=0, res-body=44") PAGE
			"1\r\na\r\n1\r\nb\r\n2\r\ncd\r\n0\r\n\r\n");
	CHECK_EQ(ended(), 0);
}

static void what_trickled_and_is_blocked_ends_without_its_end(void)
{
	struct icap_verdict block = { .kind = ICAP_ANSWER, .answer = &talk_page };

	begin();
	response("drip", "", "/look-wait", "4\r\nabcd\r\n0\r\n\r\n");
	say();
	talk.engine.now_us += 10000;
	icap_connection_tick(&talk.connection);
	talk_answer(&talk, &block);
	take_said();
	CHECK_STR(said, OK("res-hdr=0, res-body=44") PAGE "1\r\na\r\n");
	CHECK_EQ(talk.connection.state, ICAP_STATE_DONE);
	CHECK_EQ(ended(), 0);
}

static void a_body_that_stalls_is_helped_on(void)
{
	struct icap_verdict block = { .kind = ICAP_ANSWER, .answer = &talk_page };

	for (int blocked = 0; blocked < 2; blocked++) {
		begin();
		response("nudge", "Preview: 4\r\n", "/look-wait", "4\r\nabcd\r\n0\r\n\r\n");
		say();
		talk_tell(&talk, "2\r\nef\r\n", 7);
		talk.engine.now_us += 99000;
		icap_connection_tick(&talk.connection);
		talk_hear(&talk);
		take_said();
		CHECK_STR(said, "ICAP/1.0 100 Continue\r\n\r\n");
		talk.engine.now_us += 1000;
		icap_connection_tick(&talk.connection);
		talk_hear(&talk);
		CHECK_EQ(talk.engine.counters.nudged, 1);
		talk_tell(&talk, "1\r\ng\r\n0\r\n\r\n", 11);
		take_said();
		/* The head, and not a byte of the body. */
		CHECK_STR(said, "ICAP/1.0 100 Continue\r\n\r\n" OK("res-hdr=0, res-body=44") PAGE);
		talk_answer(&talk, blocked ? &block : &(struct icap_verdict){ .kind = ICAP_PASS });
		take_said();
		CHECK_EQ(strstr(said, "7\r\nabcdefg\r\n0\r\n\r\n") != NULL, !blocked);
		CHECK_EQ(strstr(said, "a") != NULL && strstr(said, "abc") == NULL, blocked);
		CHECK_EQ(talk.connection.state, blocked ? ICAP_STATE_DONE : ICAP_STATE_HEAD);
		CHECK_EQ(ended(), 0);
	}
}

static void a_body_that_stands_where_squid_gets_stuck_is_helped_on_at_once(void)
{
	static char body[65535];

	memset(body, 'x', sizeof(body));
	begin();
	response("nudge", "", "/look-wait", "ffff\r\n");
	say();
	talk_tell(&talk, body, sizeof(body));
	talk_tell(&talk, "\r\n", 2);
	talk.engine.now_us += 10000;
	icap_connection_tick(&talk.connection);
	talk_hear(&talk);
	CHECK_EQ(talk.engine.counters.nudged, 1);
	CHECK_EQ(ended(), 0);
}

/* ---- what is broken ---- */

static void broken_requests_are_refused_by_their_status(void)
{
	static const struct {
		const char *text, *status;
	} rows[] = {
		{ "GET / HTTP/1.1\r\n\r\n", "400" },
		{ "REQMOD icap://a/req ICAP/1.0\nHost: a\n\n", "400" },
		{ "REQMOD icap://a/req ICAP/1.1\r\nEncapsulated: null-body=0\r\n\r\n", "505" },
		{ "PATCHMOD icap://a/req ICAP/1.0\r\nEncapsulated: null-body=0\r\n\r\n", "501" },
		{ "REQMOD icap://a/none ICAP/1.0\r\nEncapsulated: null-body=0\r\n\r\n", "404" },
		{ "RESPMOD icap://a/req ICAP/1.0\r\nEncapsulated: null-body=0\r\n\r\n", "405" },
		{ "REQMOD icap://a/req ICAP/1.0\r\nHost: a\r\n\r\n", "400" },
		{ "REQMOD icap://a/req ICAP/1.0\r\nEncapsulated: req-hdr=0\r\n\r\n", "400" },
		{ "REQMOD icap://a/req ICAP/1.0\r\nEncapsulated: req-hdr=5, null-body=9\r\n\r\n",
				"400" },
		{ "REQMOD icap://a/req ICAP/1.0\r\nEncapsulated: res-hdr=0, null-body=9\r\n\r\n",
				"400" },
		{ "REQMOD icap://a/req ICAP/1.0\r\nEncapsulated: req-hdr=0, "
		  "null-body=199999\r\n\r\n",
				"400" },
		{ "REQMOD icap://a/req ICAP/1.0\r\nEncapsulated: req-hdr=0, req-hdr=0, "
		  "null-body=9\r\n\r\n",
				"400" },
		{ "REQMOD icap://a/req ICAP/1.0\r\nPreview: -1\r\nEncapsulated: "
		  "null-body=0\r\n\r\n",
				"400" },
		{ "REQMOD icap://a/req ICAP/1.0\r\nHost : a\r\nEncapsulated: null-body=0\r\n\r\n",
				"400" },
		{ "REQMOD gopher://a/req ICAP/1.0\r\nEncapsulated: null-body=0\r\n\r\n", "400" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char want[64];

		begin();
		put(rows[i].text);
		say();
		snprintf(want, sizeof(want), "ICAP/1.0 %s ", rows[i].status);
		if (strncmp(said, want, strlen(want)) != 0)
			printf("# %s\n", rows[i].text);
		CHECK(strncmp(said, want, strlen(want)) == 0);
		CHECK(has("Connection: close\r\n"));
		CHECK_EQ(talk.connection.state, ICAP_STATE_DONE);
		CHECK_EQ(ended(), 0);
	}
}

static void long_heads_and_addresses_are_refused(void)
{
	begin();
	put("REQMOD icap://a/");
	memset(request + request_len, 'x', 5000);
	request_len += 5000;
	put(" ICAP/1.0\r\nEncapsulated: null-body=0\r\n\r\n");
	say();
	CHECK(has("ICAP/1.0 414 "));
	CHECK_EQ(ended(), 0);
	begin();
	put("REQMOD icap://a/req ICAP/1.0\r\nX: ");
	memset(request + request_len, 'x', 140000);
	request_len += 140000;
	say();
	CHECK(has("ICAP/1.0 413 "));
	CHECK_EQ(ended(), 0);
}

static void broken_chunks_end_the_connection(void)
{
	static const char *const bodies[] = { "x\r\n", "5\nhello", "5\r\nhelloo\r\n",
		"10000000000000000\r\n", "\r\n", "-1\r\n", "0\r\nTrailer\n\r\n" };

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		begin();
		post("req", "Allow: 204\r\n", "/form", bodies[i]);
		say();
		CHECK(has("ICAP/1.0 400 "));
		CHECK_EQ(talk.connection.state, ICAP_STATE_DONE);
		CHECK_EQ(ended(), 0);
	}
}

static void a_preview_longer_than_it_says_is_refused(void)
{
	begin();
	post("req", "Preview: 4\r\n", "/form", "5\r\nabcde\r\n0\r\n\r\n");
	say();
	CHECK(has("ICAP/1.0 400 "));
	CHECK_EQ(ended(), 0);
}

static void a_request_that_cannot_be_read_is_never_passed(void)
{
	static const char *const heads[] = {
		"GET /block HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nContent-Length: "
		"6\r\n\r\n",
		("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n"),
		"POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: xchunked\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example/b\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"GET  / HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : a.example\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example\nX: y\r\n\r\n",
		"CONNECT a.example:443/b HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET a.example HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"nonsense",
	};

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		begin();
		make("REQMOD icap://icap.example/reqopen", "Allow: 204\r\n", heads[i], "", NULL);
		get("Allow: 204\r\n", "/next");
		say();
		CHECK(has("HTTP/1.1 400 Bad Request\r\n"));
		CHECK_EQ(count_of("204 No Content"), 1);
		CHECK_EQ(talk.engine.counters.broken, 1);
		CHECK_EQ(ended(), 0);
	}
}

static void a_response_that_cannot_be_read_goes_by_the_service(void)
{
	begin();
	make("RESPMOD icap://icap.example/open", "Allow: 204\r\n", "", "HTTP/1.1 abc\r\n\r\n",
			NULL);
	make("RESPMOD icap://icap.example/res", "Allow: 204\r\n", "", "HTTP/1.1 abc\r\n\r\n", NULL);
	make("RESPMOD icap://icap.example/open", "", "", "HTTP/1.1 abc\r\n\r\n",
			"1\r\na\r\n0\r\n\r\n");
	say();
	CHECK_EQ(strncmp(said, NO_CONTENT, strlen(NO_CONTENT)), 0);
	CHECK(has("HTTP/1.1 502 Bad Gateway\r\n"));
	CHECK(has("HTTP/1.1 abc\r\n\r\n1\r\na\r\n0\r\n\r\n"));
	CHECK_EQ(ended(), 0);
}

static void slow_clients_are_told_so(void)
{
	begin();
	put("REQMOD icap://a/req ICAP/1.0\r\n");
	say();
	talk.engine.now_us += 9000000;
	talk_tell(&talk, "X: y\r\n", 6);
	talk.engine.now_us += 1000000;
	icap_connection_tick(&talk.connection);
	talk_hear(&talk);
	take_said();
	CHECK(has("ICAP/1.0 408 "));
	CHECK_EQ(talk.engine.counters.timed_out, 1);
	CHECK_EQ(ended(), 0);
	begin();
	post("req", "", "/look", "5\r\nab");
	say();
	talk.engine.now_us += 30000000;
	icap_connection_tick(&talk.connection);
	talk_hear(&talk);
	take_said();
	CHECK(has("ICAP/1.0 408 "));
	CHECK_EQ(ended(), 0);
}

static void idle_clients_are_closed_in_silence_and_hold_nothing(void)
{
	begin();
	get("Allow: 204\r\n", "/");
	say();
	talk.engine.now_us += 1000000;
	icap_connection_tick(&talk.connection);
	CHECK(talk.connection.exchange == NULL && talk.connection.in.ptr == NULL &&
			talk.connection.out.ptr == NULL);
	talk.engine.now_us += 600000000;
	icap_connection_tick(&talk.connection);
	CHECK_EQ(talk.connection.state, ICAP_STATE_DONE);
	take_said();
	CHECK_STR(said, NO_CONTENT);
	CHECK_EQ(ended(), 0);
}

static void connection_close_is_heard(void)
{
	begin();
	get("Connection: close\r\nAllow: 204\r\n", "/");
	get("Allow: 204\r\n", "/");
	say();
	CHECK_STR(said, "ICAP/1.0 204 No Content\r\nISTag: \"v1\"\r\nConnection: close\r\n"
			"Encapsulated: null-body=0\r\n\r\n");
	CHECK_EQ(talk.connection.state, ICAP_STATE_DONE);
	CHECK_EQ(ended(), 0);
}

static void parts_may_be_named_in_any_order(void)
{
	begin();
	put("RESPMOD icap://a/res ICAP/1.0\r\nAllow: 204\r\n"
	    "Encapsulated: res-body=44 , res-hdr=19, req-hdr=0\r\n\r\n"
	    "GET /a HTTP/1.0\r\n\r\nHTTP/1.0 200 OK\r\nX: y\r\n\r\n1\r\na\r\n0\r\n\r\n");
	say();
	CHECK_STR(said, NO_CONTENT);
	CHECK_STR(talk.seen, "GET  200  -1 1  \n");
	CHECK_EQ(ended(), 0);
}

static void folded_fields_are_joined(void)
{
	begin();
	make("REQMOD icap://icap.example/req", "",
			"GET / HTTP/1.1\r\nHost:\r\n a.example\r\nX: b\r\n\tc\r\n\r\n", "", NULL);
	say();
	CHECK(has("Host:   a.example\r\nX: b  \tc\r\n\r\n"));
	CHECK_EQ(strncmp(talk.seen, "GET http://a.example/ ", 22), 0);
	CHECK_EQ(ended(), 0);
}

/* ---- cuts ---- */

/* One of each kind, with what a client says only once it was asked. */
static void every_kind(void)
{
	begin();
	put("OPTIONS icap://icap.example/req ICAP/1.0\r\nHost: a\r\n\r\n");
	get("Allow: 204\r\n", "/pass");
	get("", "/pass");
	get("Allow: 204\r\n", "/block");
	get("", "/safe");
	post("req", "", "/look", "3\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: r\r\n\r\n");
	post("req", "Preview: 4\r\n", "/pass", "4\r\nabcd\r\n0\r\n\r\n");
	post("req", "Preview: 4\r\n", "/peek-block", "4\r\nabcd\r\n0\r\n\r\n");
	response("res", "Preview: 1024\r\n", "/look", "4\r\nabcd\r\n0; ieof\r\n\r\n");
	response("res", "Preview: 4\r\nAllow: 204\r\n", "/look", "4\r\nabcd\r\n0\r\n\r\n");
	put("3;x=y\r\nefg\r\n0\r\n\r\n");
	response("open", "", "/look", "6\r\nabcdef\r\n6\r\nghijkl\r\n0\r\n\r\n");
	make("REQMOD icap://icap.example/req", "", "GET / HTTP/1.1\r\n\r\n", "",
			"1\r\na\r\n0\r\n\r\n");
	get("Connection: close\r\n", "/pass");
}

/* Chunks of what is streamed may be cut as they came, so they are joined before they are compared.
 */
static size_t without_chunks(char *text, size_t len)
{
	size_t to = 0;

	for (size_t at = 0; at < len;) {
		size_t digits = 0, size = 0;

		while (at + digits < len && strchr("0123456789abcdef", text[at + digits]) &&
				text[at + digits])
			digits++;
		if (digits > 0 && (at == 0 || text[at - 1] == '\n') && text[at + digits] == '\r') {
			size = strtoul(text + at, NULL, 16);
			at += digits + 2;
			memmove(text + to, text + at, size);
			to += size;
			at += size + 2;
		} else {
			text[to++] = text[at++];
		}
	}
	text[to] = '\0';
	return to;
}

static void a_cut_anywhere_changes_nothing(void)
{
	static char whole[100000], seen[1024];
	static struct icap_counters counters;

	every_kind();
	say();
	(void)without_chunks(said, strlen(said));
	snprintf(whole, sizeof(whole), "%s", said);
	snprintf(seen, sizeof(seen), "%s", talk.seen);
	counters = talk.engine.counters;
	CHECK_EQ(count_of("ICAP/1.0 "), 14);
	CHECK_EQ(ended(), 0);
	for (size_t cut = 1; cut < request_len; cut++) {
		talk_open(&talk);
		talk_tell(&talk, request, cut);
		talk_tell(&talk, request + cut, request_len - cut);
		take_said();
		(void)without_chunks(said, strlen(said));
		CHECK_STR(said, whole);
		CHECK_STR(talk.seen, seen);
		counters.bytes_out = talk.engine.counters.bytes_out;
		CHECK(memcmp(&counters, &talk.engine.counters, sizeof(counters)) == 0);
		CHECK_EQ(ended(), 0);
	}
}

static void bytes_one_by_one_change_nothing(void)
{
	static char whole[100000];

	every_kind();
	say();
	(void)without_chunks(said, strlen(said));
	snprintf(whole, sizeof(whole), "%s", said);
	CHECK_EQ(ended(), 0);
	for (size_t step = 1; step < 9; step++) {
		say_in_steps(step);
		(void)without_chunks(said, strlen(said));
		CHECK_STR(said, whole);
		CHECK_EQ(ended(), 0);
	}
}

static const struct test_case cases[] = {
	{ "OPTIONS say what a service does", options_say_what_a_service_does },
	{ "OPTIONS of a service without a preview want all", options_without_a_preview_want_all },
	{ "a request is told whole", a_request_is_told_whole },
	{ "a response is told whole", a_response_is_told_whole },
	{ "a tunnel is told by its host", a_tunnel_is_told_by_its_host },
	{ "a long tunnel of a named user is told whole",
			a_long_tunnel_of_a_named_user_is_told_whole },
	{ "what passes without 204 comes back unchanged",
			what_passes_without_204_comes_back_unchanged },
	{ "a body that passes without 204 comes back in chunks",
			a_body_that_passes_without_204_comes_back_in_chunks },
	{ "a response without its heads comes back", a_response_without_its_heads_comes_back },
	{ "a preview is answered 204 before the rest", a_preview_is_answered_204_before_the_rest },
	{ "a body is let in before 204", a_body_is_let_in_before_204 },
	{ "a blocked page is answered in its place", a_blocked_page_is_answered_in_its_place },
	{ "HEAD is answered without a body", head_is_answered_without_a_body },
	{ "a blocked upload is let in while it is short",
			a_blocked_upload_is_let_in_while_it_is_short },
	{ "a request is sent elsewhere", a_request_is_sent_elsewhere },
	{ "a form is sent elsewhere with its body", a_form_is_sent_elsewhere_with_its_body },
	{ "a body is looked at, and then 204", a_body_is_looked_at_and_then_204 },
	{ "a body that was all preview needs no more", a_body_that_was_all_preview_needs_no_more },
	{ "a body that was looked at comes back where 204 is not allowed",
			a_body_that_was_looked_at_comes_back_where_204_is_not_allowed },
	{ "a look at the beginning may be enough", a_look_at_the_beginning_may_be_enough },
	{ "a look at the beginning may want more", a_look_at_the_beginning_may_want_more },
	{ "without a preview the beginning is enough, too",
			without_a_preview_the_beginning_is_enough_too },
	{ "nothing to look at is looked at all the same",
			nothing_to_look_at_is_looked_at_all_the_same },
	{ "what is pipelined waits for a slow verdict",
			what_is_pipelined_waits_for_a_slow_verdict },
	{ "a verdict may be waited for before the body",
			a_verdict_may_be_waited_for_before_the_body },
	{ "a late verdict changes nothing", a_late_verdict_changes_nothing },
	{ "no verdict in time passes where the service fails open",
			no_verdict_in_time_passes_where_the_service_fails_open },
	{ "a client that leaves takes its ticket with it",
			a_client_that_leaves_takes_its_ticket_with_it },
	{ "a ticket outlives its server", a_ticket_outlives_its_server },
	{ "a ticket has the body as a file", a_ticket_has_the_body_as_a_file },
	{ "a half-closed client still hears the answer",
			a_half_closed_client_still_hears_the_answer },
	{ "a half-closed client is let go when it has all of a long answer",
			a_half_closed_client_is_let_go_when_it_has_all_of_a_long_answer },
	{ "half a request is none", half_a_request_is_none },
	{ "what fails goes by the service", what_fails_goes_by_the_service },
	{ "a body that grows too large is passed on as it comes",
			a_body_that_grows_too_large_is_passed_on_as_it_comes },
	{ "a body that is too large is blocked", a_body_that_is_too_large_is_blocked },
	{ "a large body comes back whole", a_large_body_comes_back_whole },
	{ "a client that does not read loses nothing", a_client_that_does_not_read_loses_nothing },
	{ "a body trickles while it waits", a_body_trickles_while_it_waits },
	{ "what trickled and is blocked ends without its end",
			what_trickled_and_is_blocked_ends_without_its_end },
	{ "a body that stalls is helped on", a_body_that_stalls_is_helped_on },
	{ "a body that stands where Squid gets stuck is helped on at once",
			a_body_that_stands_where_squid_gets_stuck_is_helped_on_at_once },
	{ "broken requests are refused by their status",
			broken_requests_are_refused_by_their_status },
	{ "long heads and addresses are refused", long_heads_and_addresses_are_refused },
	{ "broken chunks end the connection", broken_chunks_end_the_connection },
	{ "a preview longer than it says is refused", a_preview_longer_than_it_says_is_refused },
	{ "a request that cannot be read is never passed",
			a_request_that_cannot_be_read_is_never_passed },
	{ "a response that cannot be read goes by the service",
			a_response_that_cannot_be_read_goes_by_the_service },
	{ "slow clients are told so", slow_clients_are_told_so },
	{ "idle clients are closed in silence and hold nothing",
			idle_clients_are_closed_in_silence_and_hold_nothing },
	{ "Connection: close is heard", connection_close_is_heard },
	{ "parts may be named in any order", parts_may_be_named_in_any_order },
	{ "folded fields are joined", folded_fields_are_joined },
	{ "a cut anywhere changes nothing", a_cut_anywhere_changes_nothing },
	{ "bytes one by one change nothing", bytes_one_by_one_change_nothing },
};
TEST_MAIN(cases)
