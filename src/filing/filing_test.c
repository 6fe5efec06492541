#include "filing/server_test.h"

#include "audit/audit.h"

#include "base/test.h"

static struct server server;
static struct client client;

static bool fresh(void)
{
	clock_fake_set(1767225600);
	server_tell(&server, "{\"forget\":true,\"faults\":[],\"clock\":0,\"random\":0}");
	return client_on(&client, &server, store_fresh());
}

/* The n-th call row's verb and outcome, as "submit answered 0". */
static const char *call_said(const char *id, size_t n)
{
	static char text[128];
	struct filing_call_row *calls;
	struct ward_arena arena;
	struct ward_error error;
	size_t count = 0;

	ward_arena_init(&arena, (size_t)16 << 20);
	snprintf(text, sizeof(text), "none");
	if (filing_calls(client.filing, ward_str_from(id), &arena, &calls, &count, &error) ==
					WARD_OK &&
			n < count)
		snprintf(text, sizeof(text), "%.*s %.*s %" PRId64, WARD_FMT(calls[n].call),
				WARD_FMT(calls[n].outcome), calls[n].code);
	ward_arena_free(&arena);
	return text;
}

static bool verify_audit(void)
{
	struct audit_verified verified;
	struct ward_error error;

	return audit_verify(client.store, NULL, NULL, &verified, &error) == WARD_OK &&
	       verified.bad_row == 0 && verified.rows > 0;
}

/* ---- the way through ---- */

static void a_report_with_two_files_is_filed(void)
{
	char id[ID_TEXT_MAX];
	struct filing_call_row *calls;
	struct ward_arena arena;
	struct ward_error error;
	size_t count;

	CHECK(fresh());
	CHECK(client_put(&client, "case-1", "", FILES_TWO, id));
	CHECK_EQ(client_run(&client, id), FILING_FINISHED);
	CHECK_EQ(server_count(&server, "case-1", "finished"), 1);
	CHECK_EQ(server_count(&server, "", "open"), 0);
	CHECK_STR(call_said(id, 0), "submit answered 0");
	CHECK_STR(call_said(id, 1), "upload answered 0");
	CHECK_STR(call_said(id, 2), "upload answered 0");
	CHECK_STR(call_said(id, 3), "fileinfo answered 0");
	CHECK_STR(call_said(id, 4), "fileinfo answered 0");
	CHECK_STR(call_said(id, 5), "finish answered 0");
	/* The receipt is there as it came, and so is what was sent. */
	ward_arena_init(&arena, (size_t)16 << 20);
	CHECK_EQ(filing_calls(client.filing, ward_str_from(id), &arena, &calls, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 6);
	CHECK(strncmp((const char *)calls[5].reply.ptr, "<reportDoneResponse>", 20) == 0);
	CHECK(ward_str_starts(calls[5].request_id, WARD_STR("req-")));
	CHECK(strstr((const char *)calls[0].sent.ptr, "<platform>case-1</platform>") != NULL);
	ward_arena_free(&arena);
	CHECK(verify_audit());
	client_free(&client);
}

static void what_was_viewed_is_what_was_counted(void)
{
	char id[ID_TEXT_MAX];
	const char *details;
	json_t *held, *files;

	CHECK(fresh());
	CHECK(client_put(&client, "case-2", "", FILES_TWO, id));
	CHECK_EQ(client_run(&client, id), FILING_FINISHED);
	held = server_control(&server, NULL);
	files = json_object_get(json_array_get(json_object_get(held, "reports"), 0), "files");
	CHECK_EQ(json_array_size(files), 2);
	details = json_string_value(json_object_get(json_array_get(files, 0), "details"));
	CHECK(strstr(details, "<fileViewedByEsp>true</fileViewedByEsp>") != NULL);
	CHECK(strstr(details, "<exifViewedByEsp>false</exifViewedByEsp>") != NULL);
	details = json_string_value(json_object_get(json_array_get(files, 1), "details"));
	CHECK(strstr(details, "<fileViewedByEsp>false</fileViewedByEsp>") != NULL);
	CHECK_EQ(json_integer_value(json_object_get(json_array_get(files, 1), "size")), 70000);
	json_decref(held);
	client_free(&client);
}

static void a_large_file_is_streamed(void)
{
	char id[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(client_put(&client, "case-3", "", "{\"item\":\"bytes:20000000\",\"details\":{}}",
			id));
	CHECK_EQ(client_run(&client, id), FILING_FINISHED);
	client_free(&client);
}

static void the_same_reference_is_one_report(void)
{
	char first[ID_TEXT_MAX], second[ID_TEXT_MAX];
	struct ward_error error;

	CHECK(fresh());
	CHECK(client_put(&client, "case-4", "", "", first));
	CHECK_EQ(filing_draft_put(client.filing, &test_actor, WARD_STR("case-4"),
				 ward_str_from(draft_text("case-4", "", "")), second, &error),
			WARD_OK);
	CHECK_STR(second, first);
	CHECK_EQ(client_run(&client, first), FILING_FINISHED);
	CHECK_EQ(filing_draft_put(client.filing, &test_actor, WARD_STR("case-4"),
				 ward_str_from(draft_text("other", "", "")), second, &error),
			WARD_E_CONFLICT);
	client_free(&client);
}

/* ---- what NCMEC may say ---- */

static void every_code_of_every_call_ends_as_it_should(void)
{
	static const char *const calls[] = { "submit", "upload", "fileinfo", "finish" };

	for (size_t c = 0; c < 4; c++) {
		for (unsigned i = 0; i <= filing_code_count; i++) {
			int code = i < filing_code_count ? filing_codes[i].code : 7777;
			enum filing_code_class class = filing_code_of(code).class;
			char told[256], id[ID_TEXT_MAX], name[64];

			if (code == 0)
				continue;
			CHECK(fresh());
			snprintf(told, sizeof(told),
					"{\"faults\":[{\"call\":\"%s\",\"kind\":\"code\",\"code\":%"
					"d}]}",
					calls[c], code);
			server_tell(&server, told);
			snprintf(name, sizeof(name), "%s-%d", calls[c], code);
			CHECK(client_put(&client, name, "", FILES_TWO, id));
			enum filing_state state = client_run(&client, id);
			struct filing_row row = client_row(&client, id);
			bool again = class == FILING_CODE_SERVER ||
				     (c > 0 && (code == 5001 || code == 5101));
			/* One that is finished already needs no more, and a person looks at it. */
			bool done = c > 0 && code == 5102;

			if ((state == FILING_FINISHED) != (again || done))
				printf("# %s: %s, %.*s\n", name, filing_state_name(state),
						WARD_FMT(row.message));
			CHECK_EQ(state, again || done ? FILING_FINISHED : FILING_FAILED);
			CHECK(again ? row.alert.len == 0 : row.alert.len > 0);
			CHECK_EQ(server_count(&server, name, "finished"), again);
			CHECK(again || row.code == code);
			/* What we may touch is not left open; 5102 claimed that it is finished. */
			if (class != FILING_CODE_AUTH && !done && !again)
				CHECK_EQ(server_count(&server, name, "open"), 0);
			client_free(&client);
		}
	}
}

static void no_access_stops_and_is_told(void)
{
	char id[ID_TEXT_MAX];
	struct ward_error error;

	CHECK(fresh());
	server_tell(&server, "{\"faults\":[{\"call\":\"submit\",\"kind\":\"empty_401\"}]}");
	CHECK(client_put(&client, "case-5", "", "", id));
	CHECK_EQ(client_run(&client, id), FILING_FAILED);
	struct filing_row row = client_row(&client, id);

	CHECK_EQ(row.code, 2000);
	CHECK(ward_str_eq(row.alert, WARD_STR("access")));
	/* With the account mended a person sends it again. */
	CHECK_EQ(filing_again(client.filing, &test_actor, ward_str_from(id), &error), WARD_OK);
	CHECK_EQ(client_run(&client, id), FILING_FINISHED);
	CHECK_EQ(server_count(&server, "case-5", "finished"), 1);
	client_free(&client);
}

static void an_answer_of_any_kind_that_is_lost_files_once(void)
{
	static const char *const calls[] = { "submit", "upload", "fileinfo", "finish", "retract" };
	static const char *const kinds[] = { "lose_before", "lose_after", "cut", "truncate",
		"garbage", "html", "huge" };

	for (size_t c = 0; c < 5; c++) {
		for (size_t k = 0; k < 7; k++) {
			char told[300], id[ID_TEXT_MAX], name[64];

			CHECK(fresh());
			/* To have it retracted, an upload is lost, too. */
			snprintf(told, sizeof(told),
					"{\"faults\":[{\"call\":\"%s\",\"kind\":\"%s\"}%s]}",
					calls[c], kinds[k],
					c == 4 ? ",{\"call\":\"upload\",\"kind\":\"lose_after\"}"
					       : "");
			server_tell(&server, told);
			snprintf(name, sizeof(name), "%s-%s", calls[c], kinds[k]);
			CHECK(client_put(&client, name, "", FILES_TWO, id));
			enum filing_state state = client_run(&client, id);

			if (state != FILING_FINISHED)
				printf("# %s: %s\n", name, filing_state_name(state));
			CHECK_EQ(state, FILING_FINISHED);
			CHECK_EQ(server_count(&server, name, "finished"), 1);
			/* Only a lost answer to submit leaves one open, and the calls tell of it.
			 */
			size_t open = server_count(&server, name, "open");

			CHECK(open == 0 || (c == 0 && open == 1 &&
							   strncmp(call_said(id, 0), "submit ",
									   7) == 0 &&
							   strstr(call_said(id, 0), " -1")));
			client_free(&client);
		}
	}
}

static void a_finish_without_its_answer_is_finished_and_told(void)
{
	char id[ID_TEXT_MAX];

	CHECK(fresh());
	server_tell(&server, "{\"faults\":[{\"call\":\"finish\",\"kind\":\"lose_after\"}]}");
	CHECK(client_put(&client, "case-6", "", FILES_TWO, id));
	CHECK_EQ(client_run(&client, id), FILING_FINISHED);
	CHECK(ward_str_eq(client_row(&client, id).alert, WARD_STR("receipt_missing")));
	CHECK_STR(call_said(id, 5), "finish unknown -1");
	CHECK_STR(call_said(id, 6), "finish answered 5102");
	client_free(&client);
}

static void other_bytes_than_were_sent_are_retracted(void)
{
	char id[ID_TEXT_MAX];

	CHECK(fresh());
	server_tell(&server, "{\"faults\":[{\"call\":\"upload\",\"kind\":\"wrong_md5\"}]}");
	CHECK(client_put(&client, "case-7", "", FILES_TWO, id));
	CHECK_EQ(client_run(&client, id), FILING_FINISHED);
	CHECK_EQ(server_count(&server, "case-7", "retracted"), 1);
	CHECK_EQ(server_count(&server, "case-7", "finished"), 1);
	client_free(&client);
}

static void an_answer_that_takes_too_long_is_not_waited_for(void)
{
	char id[ID_TEXT_MAX];

	CHECK(fresh());
	server_tell(&server,
			"{\"faults\":[{\"call\":\"finish\",\"kind\":\"slow\",\"seconds\":4}]}");
	CHECK(client_put(&client, "case-8", "", "", id));
	CHECK_EQ(client_run(&client, id), FILING_FINISHED);
	CHECK_EQ(server_count(&server, "case-8", "finished"), 1);
	client_free(&client);
}

static void a_server_in_trouble_is_tried_ten_times_and_a_person_told(void)
{
	char id[ID_TEXT_MAX];
	struct ward_error error;
	int64_t from;

	CHECK(fresh());
	from = clock_now();
	server_tell(&server, "{\"faults\":[{\"call\":\"submit\",\"kind\":\"code\",\"code\":1000,"
			     "\"times\":10}]}");
	CHECK(client_put(&client, "case-9", "", "", id));
	CHECK_EQ(client_run(&client, id), FILING_FAILED);
	CHECK(ward_str_eq(client_row(&client, id).alert, WARD_STR("tries")));
	/* 1, 5 and then 25 minutes, all within a day. */
	CHECK_EQ(clock_now() - from, 60 + 300 + 7 * 1500);
	CHECK_STR(call_said(id, 9), "submit answered 1000");
	CHECK_STR(call_said(id, 10), "none");
	CHECK_EQ(filing_again(client.filing, &test_actor, ward_str_from(id), &error), WARD_OK);
	CHECK_EQ(client_run(&client, id), FILING_FINISHED);
	client_free(&client);
}

static void nobody_there_is_tried_again(void)
{
	char id[ID_TEXT_MAX];
	struct server nobody = { 0, 0, 9 };
	struct ward_error error;
	bool more;

	CHECK(fresh());
	client_free(&client);
	CHECK(client_on(&client, &nobody, store_fresh()));
	CHECK(client_put(&client, "case-10", "", "", id));
	CHECK_EQ(filing_step(client.filing, ward_str_from(id), &more, &error), WARD_OK);
	CHECK(!more);
	CHECK_STR(call_said(id, 0), "submit not_sent -1");
	CHECK_EQ(client_row(&client, id).due_at, clock_now() + 60);
	client_free(&client);
}

/* ---- time ---- */

static bool step_to(const char *id, enum filing_state state)
{
	for (int i = 0; i < 50; i++) {
		struct ward_error error;
		bool more;

		if (client_row(&client, id).state == state)
			return true;
		if (filing_step(client.filing, ward_str_from(id), &more, &error))
			return false;
	}
	return false;
}

static void a_report_that_was_open_too_long_is_begun_anew(void)
{
	static const enum filing_state states[] = { FILING_OPEN, FILING_UPLOADING, FILING_DETAILING,
		FILING_FINISHING };

	for (size_t i = 0; i < 4; i++) {
		char id[ID_TEXT_MAX], name[32];

		/* NCMEC has deleted it; or it is our clock alone that says so. */
		for (int deleted = 0; deleted < 2; deleted++) {
			CHECK(fresh());
			snprintf(name, sizeof(name), "old-%zu-%d", i, deleted);
			CHECK(client_put(&client, name, "", FILES_TWO, id));
			CHECK(step_to(id, states[i]));
			clock_fake_pass(25 * 3600);
			if (deleted)
				server_tell(&server, "{\"clock\":90000}");
			CHECK_EQ(client_run(&client, id), FILING_FINISHED);
			CHECK_EQ(server_count(&server, name, "finished"), 1);
			CHECK_EQ(server_count(&server, name, "open"), 0);
			client_free(&client);
		}
	}
}

static void a_clock_that_jumps_holds_nothing_up(void)
{
	static const int64_t jumps[] = { -400 * 86400, -3600, 3600, 400 * 86400 };

	for (size_t i = 0; i < 4; i++) {
		for (int state = FILING_APPROVED; state <= FILING_FINISHING; state++) {
			char id[ID_TEXT_MAX], name[32];

			if (state == FILING_OPENING)
				continue;
			CHECK(fresh());
			clock_fake_set(1800000000);
			snprintf(name, sizeof(name), "jump-%zu-%d", i, state);
			CHECK(client_put(&client, name, "", FILES_TWO, id));
			CHECK(step_to(id, (enum filing_state)state));
			clock_fake_pass(jumps[i]);
			/* Back in time the incident would lie ahead: a person is asked. */
			enum filing_state end = client_run(&client, id);
			bool ahead = clock_now() < 1764547200;

			if (ahead ? end == FILING_FINISHED && state <= FILING_APPROVED
				  : end != FILING_FINISHED)
				printf("# %s: %s\n", name, filing_state_name(end));
			CHECK(ahead || end == FILING_FINISHED);
			CHECK(server_count(&server, name, "finished") == (end == FILING_FINISHED));
			CHECK_EQ(server_count(&server, name, "open"), 0);
			client_free(&client);
		}
	}
}

/* ---- persons ---- */

static void a_draft_that_breaks_a_rule_is_not_approved(void)
{
	struct filing_approval approval = { WARD_STR("ada"), WARD_STR(""), WARD_STR(""),
		WARD_STR("") };
	char id[ID_TEXT_MAX];
	struct ward_error error;
	unsigned left;

	CHECK(fresh());
	CHECK_EQ(filing_draft_put(client.filing, &test_actor, WARD_STR("bad"),
				 WARD_STR("{\"report\":{}}"), id, &error),
			WARD_OK);
	CHECK_EQ(filing_approve(client.filing, &test_actor, ward_str_from(id), &approval, &left,
				 &error),
			WARD_E_FORMAT);
	CHECK(strstr(error.message, "report.incidentSummary") != NULL);
	CHECK_EQ(client_row(&client, id).state, FILING_DRAFT);
	client_free(&client);
}

static void an_escalated_report_wants_two_persons(void)
{
	static const char escalated[] =
			"{\"report\":{\"incidentSummary\":{\"incidentType\":\"Misleading "
			"Domain Name\",\"platform\":\"p\",\"escalateToHighPriority\":\"x\","
			"\"incidentDateTime\":\"2025-12-01T00:00:00Z\"},\"reporter\":{"
			"\"reportingPerson\":{\"email\":\"desk@harbour.example\"}}}}";
	struct filing_approval ada = { WARD_STR("ada"), WARD_STR("r"), WARD_STR(""), WARD_STR("") };
	struct filing_approval bo = { WARD_STR("bo"), WARD_STR("r"), WARD_STR(""), WARD_STR("") };
	char id[ID_TEXT_MAX], due[ID_TEXT_MAX];
	struct ward_error error;
	unsigned left;

	CHECK(fresh());
	CHECK_EQ(filing_draft_put(client.filing, &test_actor, WARD_STR("two"),
				 ward_str_from(escalated), id, &error),
			WARD_OK);
	CHECK_EQ(filing_approve(client.filing, &test_actor, ward_str_from(id), &ada, &left, &error),
			WARD_OK);
	CHECK_EQ(left, 1);
	/* The same person is one person. */
	CHECK_EQ(filing_approve(client.filing, &test_actor, ward_str_from(id), &ada, &left, &error),
			WARD_OK);
	CHECK_EQ(left, 1);
	CHECK_EQ(filing_due(client.filing, due, &error), WARD_E_NOT_FOUND);
	/* Another text takes the approval away. */
	CHECK_EQ(filing_draft_put(client.filing, &test_actor, WARD_STR("two"),
				 WARD_STR("{\"report\":{}}"), id, &error),
			WARD_OK);
	CHECK_EQ(filing_draft_put(client.filing, &test_actor, WARD_STR("two"),
				 ward_str_from(escalated), id, &error),
			WARD_OK);
	bo.sha256 = WARD_STR("00");
	CHECK_EQ(filing_approve(client.filing, &test_actor, ward_str_from(id), &bo, &left, &error),
			WARD_E_DENIED);
	bo.sha256 = WARD_STR("");
	CHECK_EQ(filing_approve(client.filing, &test_actor, ward_str_from(id), &bo, &left, &error),
			WARD_OK);
	CHECK_EQ(left, 0);
	CHECK_EQ(filing_due(client.filing, due, &error), WARD_OK);
	CHECK_STR(due, id);
	CHECK_EQ(client_run(&client, id), FILING_FINISHED);
	client_free(&client);
}

static void an_action_that_no_decision_made_is_refused(void)
{
	struct desk_action action = { .id = WARD_STR("0190-none"),
		.job = WARD_STR("0190-job"),
		.kind = WARD_STR("report"),
		.state = DESK_ACTION_DUE,
		.person = WARD_STR("ada") };
	char id[ID_TEXT_MAX], parameters[256];
	struct ward_error error;

	CHECK(fresh());
	CHECK_EQ(filing_draft_put(client.filing, &test_actor, WARD_STR("act"),
				 ward_str_from(draft_text("act", "", "")), id, &error),
			WARD_OK);
	snprintf(parameters, sizeof(parameters),
			"{\"authority\":\"ncmec\",\"incident\":\"x\",\"filing\":\"%s\",\"sha256\":"
			"\"%.*s\"}",
			id, WARD_FMT(client_row(&client, id).draft_sha256));
	action.parameters = ward_str_from(parameters);
	CHECK_EQ(filing_take(client.filing, &action, &error), WARD_E_DENIED);
	CHECK_EQ(client_row(&client, id).state, FILING_DRAFT);
	client_free(&client);
}

static void what_a_person_wants_back_is_retracted(void)
{
	for (int state = FILING_APPROVED; state <= FILING_FINISHED; state++) {
		char id[ID_TEXT_MAX], name[32];
		struct ward_error error;

		if (state == FILING_OPENING)
			continue;
		CHECK(fresh());
		snprintf(name, sizeof(name), "back-%d", state);
		CHECK(client_put(&client, name, "", FILES_TWO, id));
		CHECK(step_to(id, (enum filing_state)state));
		ward_err err = filing_retract(client.filing, &test_actor, ward_str_from(id),
				WARD_STR("a mistake"), &error);

		CHECK_EQ(err, state == FILING_FINISHED ? WARD_E_CONFLICT : WARD_OK);
		enum filing_state end = client_run(&client, id);

		CHECK_EQ(end, state == FILING_FINISHED     ? FILING_FINISHED
				: state == FILING_APPROVED ? FILING_ABANDONED
							   : FILING_RETRACTED);
		CHECK_EQ(server_count(&server, name, "open"), 0);
		CHECK_EQ(server_count(&server, name, "finished"), state == FILING_FINISHED);
		client_free(&client);
	}
}

/* ---- evidence ---- */

static void evidence_that_cannot_be_read_opens_nothing(void)
{
	char id[ID_TEXT_MAX];
	struct ward_error error;
	bool more;

	CHECK(fresh());
	CHECK(client_put(&client, "locked", "", "{\"item\":\"locked\",\"details\":{}}", id));
	CHECK_EQ(filing_step(client.filing, ward_str_from(id), &more, &error), WARD_OK);
	CHECK_EQ(client_row(&client, id).state, FILING_APPROVED);
	CHECK(ward_str_eq(client_row(&client, id).alert, WARD_STR("evidence")));
	CHECK_STR(call_said(id, 0), "none");
	client_free(&client);
	CHECK(fresh());
	CHECK(client_put(&client, "broken", "", "{\"item\":\"broken:900000\",\"details\":{}}", id));
	CHECK_EQ(client_run(&client, id), FILING_FAILED);
	CHECK_EQ(server_count(&server, "broken", "finished"), 0);
	CHECK_EQ(server_count(&server, "broken", "open"), 0);
	client_free(&client);
}

static void an_item_that_is_another_by_now_is_not_reported(void)
{
	char id[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(client_put(&client, "changed", "",
			"{\"item\":\"bytes:9\",\"md5\":\"00000000000000000000000000000000\","
			"\"details\":{}}",
			id));
	CHECK_EQ(client_run(&client, id), FILING_FAILED);
	CHECK(ward_str_eq(client_row(&client, id).alert, WARD_STR("evidence")));
	CHECK_EQ(server_count(&server, "changed", "retracted"), 1);
	CHECK_EQ(server_count(&server, "changed", "finished"), 0);
	client_free(&client);
}

/* ---- environments ---- */

static void test_and_production_do_not_mix(void)
{
	struct filing_wire_options options = { .environment = FILING_PRODUCTION,
		.url = WARD_STR("https://h.example/ispws") };
	struct filing_options production = { .environment = FILING_PRODUCTION };
	struct filing_wire *wire;
	struct filing *filing;
	struct ward_error error;
	char id[ID_TEXT_MAX], due[ID_TEXT_MAX];
	struct filing_approval approval = { WARD_STR("ada"), WARD_STR(""), WARD_STR(""),
		WARD_STR("") };
	unsigned left;

	CHECK(fresh());
	/* Production has one address; no other gets its reports. */
	CHECK_EQ(filing_wire_new(&options, &wire, &error), WARD_E_ARGUMENT);
	options.url = WARD_STR("http://h.example/ispws");
	options.environment = FILING_TEST;
	CHECK_EQ(filing_wire_new(&options, &wire, &error), WARD_E_ARGUMENT);
	production.store = client.store;
	production.wire = client.wire;
	CHECK_EQ(filing_new(&production, &filing, &error), WARD_E_ARGUMENT);
	/* A report of the test environment is none of production's. */
	production.wire = NULL;
	CHECK_EQ(filing_new(&production, &filing, &error), WARD_OK);
	CHECK(client_put(&client, "env", "", "", id));
	CHECK_EQ(filing_due(client.filing, due, &error), WARD_OK);
	CHECK_EQ(filing_due(filing, due, &error), WARD_E_NOT_FOUND);
	CHECK_EQ(filing_approve(filing, &test_actor, ward_str_from(id), &approval, &left, &error),
			WARD_E_CONFLICT);
	filing_free(filing);
	client_free(&client);
}

static void the_account_and_the_schema_are_asked_for(void)
{
	struct ward_arena arena;
	struct filing_reply reply;
	struct ward_error error;
	char sha256[65];
	bool same;

	CHECK(fresh());
	ward_arena_init(&arena, (size_t)1 << 24);
	CHECK_EQ(filing_status(client.wire, &arena, &reply, &error), WARD_OK);
	CHECK_EQ(reply.code, 0);
	CHECK(strstr(reply.description.ptr, "harbour") != NULL);
	ward_arena_free(&arena);
	CHECK_EQ(filing_drift(client.wire, &same, sha256, &error), WARD_OK);
	CHECK(same);
	server_tell(&server, "{\"faults\":[{\"call\":\"xsd\",\"kind\":\"drift\"}]}");
	CHECK_EQ(filing_drift(client.wire, &same, sha256, &error), WARD_OK);
	CHECK(!same);
	server_tell(&server, "{\"faults\":[{\"call\":\"xsd\",\"kind\":\"empty_401\"}]}");
	CHECK_EQ(filing_drift(client.wire, &same, sha256, &error), WARD_E_DENIED);
	client_free(&client);
}

/* ---- all at once ---- */

static void random_trouble_files_each_report_once_or_tells_a_person(void)
{
	unsigned finished = 0;

	for (unsigned seed = 1; seed <= 40; seed++) {
		char told[128], id[ID_TEXT_MAX], name[32];
		struct ward_error error;

		CHECK(fresh());
		snprintf(told, sizeof(told), "{\"random\":0.3,\"seed\":%u}", seed);
		server_tell(&server, told);
		snprintf(name, sizeof(name), "random-%u", seed);
		CHECK(client_put(&client, name, "", FILES_TWO, id));
		enum filing_state state = client_run(&client, id);

		CHECK(state == FILING_FINISHED || state == FILING_FAILED);
		CHECK_EQ(server_count(&server, name, "finished"), state == FILING_FINISHED);
		/* In quiet, a person sends what failed again. */
		server_tell(&server, "{\"random\":0}");
		if (state == FILING_FAILED) {
			CHECK_EQ(filing_again(client.filing, &test_actor, ward_str_from(id),
						 &error),
					WARD_OK);
			CHECK_EQ(client_run(&client, id), FILING_FINISHED);
			CHECK_EQ(server_count(&server, name, "finished"), 1);
		}
		finished += state == FILING_FINISHED;
		CHECK(verify_audit());
		client_free(&client);
	}
	printf("# %u of 40 were filed without a person\n", finished);
}

static const struct test_case cases[] = {
	{ "a report with two files is filed, and its receipts are kept",
			a_report_with_two_files_is_filed },
	{ "what was viewed is what was counted", what_was_viewed_is_what_was_counted },
	{ "a large file is streamed", a_large_file_is_streamed },
	{ "the same reference is one report", the_same_reference_is_one_report },
	{ "every code of every call ends as it should",
			every_code_of_every_call_ends_as_it_should },
	{ "no access stops, and a person is told", no_access_stops_and_is_told },
	{ "an answer that is lost, of any kind, files once",
			an_answer_of_any_kind_that_is_lost_files_once },
	{ "a finish without its answer is finished, and told",
			a_finish_without_its_answer_is_finished_and_told },
	{ "other bytes than were sent are retracted", other_bytes_than_were_sent_are_retracted },
	{ "an answer that takes too long is not waited for",
			an_answer_that_takes_too_long_is_not_waited_for },
	{ "a server in trouble is tried ten times, and a person told",
			a_server_in_trouble_is_tried_ten_times_and_a_person_told },
	{ "nobody there is tried again", nobody_there_is_tried_again },
	{ "a report that was open too long is begun anew",
			a_report_that_was_open_too_long_is_begun_anew },
	{ "a clock that jumps holds nothing up", a_clock_that_jumps_holds_nothing_up },
	{ "a draft that breaks a rule is not approved",
			a_draft_that_breaks_a_rule_is_not_approved },
	{ "an escalated report wants two persons", an_escalated_report_wants_two_persons },
	{ "an action that no decision made is refused",
			an_action_that_no_decision_made_is_refused },
	{ "what a person wants back is retracted", what_a_person_wants_back_is_retracted },
	{ "evidence that cannot be read opens nothing",
			evidence_that_cannot_be_read_opens_nothing },
	{ "an item that is another by now is not reported",
			an_item_that_is_another_by_now_is_not_reported },
	{ "test and production do not mix", test_and_production_do_not_mix },
	{ "the account and the schema are asked for", the_account_and_the_schema_are_asked_for },
	{ "random trouble files each report once, or tells a person",
			random_trouble_files_each_report_once_or_tells_a_person },
};

int main(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (!server_can_run()) {
		printf("1..0 # SKIP python3 or xmllint is not installed\n");
		return 0;
	}
	if (!server_start(&server)) {
		printf("Bail out! tests/cybertip_server.py does not start\n");
		return 1;
	}
	int status = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	server_stop(&server);
	return status;
}
