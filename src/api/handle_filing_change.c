/* Reports to authorities: begun, changed, approved, taken back, sent again. */
#include "api/filings.h"
#include "api/handlers.h"
#include "desk/jobs.h"
#include "filing/handover.h"
#include "people/people_second.h"

/* A usual package is 20 kB; a larger one grows. */
enum { CONFIRM_S = 24 * 3600, PACKAGE_ROOM = 1 << 20 };

/* ---- the draft ---- */

/* What is kept by now, and what is wrong with it. */
static void answer_checked(struct request *request, const char *id, unsigned status)
{
	struct filing_question viewer = filings_viewer(request);
	struct filing_row row;
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = filing_see(look.tx, &viewer, ward_str_from(id), &look.arena, &row,
			&look.error);

	if (!err) {
		struct json json = request_json(request);

		err = filings_checked_json(&json, &row, &look.error);
		request->answer.status = status;
	}
	door_look_end(request, &look, err);
}

/* The draft as text; false with a problem.  Whoever asked frees `text`. */
static bool read_draft(struct request *request, const struct json_t *body, struct ward_buf *text)
{
	const struct json_t *draft = tree_member(body, "draft");

	if (!tree_is_object(draft)) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "\"draft\" is an object.");
		return false;
	}
	tree_write(draft, text);
	if (!text->failed)
		return true;
	request_trouble(request, PROBLEM_TOO_LARGE, "The draft is too large.");
	return false;
}

/* One that is there stays: another draft is a PUT, from the one that was looked at. */
static ward_err keep_new(struct filing *filing, const struct filing_actor *actor,
		const struct filing_draft_new *draft, bool given, char id[ID_TEXT_MAX], bool *made,
		struct ward_error *error)
{
	struct filing_draft_new wanted = *draft;
	struct ward_arena arena;
	struct filing_row row;

	wanted.only_new = true;
	ward_err err = filing_draft_keep(filing, actor, &wanted, id, made, error);

	if (err || *made || !given)
		return err;
	ward_arena_init(&arena, 64 << 20);
	err = filing_get(filing, ward_str_from(id), &arena, &row, error);
	if (!err && !ward_str_eq(row.draft, draft->draft))
		err = ward_fail(error, WARD_E_CONFLICT,
				"the job has another draft already: look at it, and change it");
	ward_arena_free(&arena);
	return err;
}

static void keep_draft(struct request *request, const struct filing_draft_new *draft, bool creates,
		bool given)
{
	struct filing *filing = filings_open(request);
	char id[ID_TEXT_MAX], name[ID_TEXT_MAX + 8];
	struct filing_actor actor = filings_actor(request, name);
	struct ward_error error;
	bool made = false;

	if (!filing)
		return;
	ward_err err = creates ? keep_new(filing, &actor, draft, given, id, &made, &error)
			       : filing_draft_keep(filing, &actor, draft, id, &made, &error);

	if (err)
		door_failed(request, &error);
	else
		answer_checked(request, id, creates && made ? 201 : 200);
	filing_free(filing);
}

static bool is_name(ward_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (!plain && (i == 0 || !(c == '.' || c == '_' || c == '-')))
			return false;
	}
	return name.len <= 64;
}

/* Of a job that the person may see: what was sent, or what is known of it. */
static bool begin_draft(struct request *request, const struct json_t *body, ward_str job,
		struct ward_buf *text)
{
	struct filing_question viewer = filings_viewer(request);
	struct desk_job found;
	struct door_look look;
	bool seen = false;

	if (!door_look(request, &look))
		return false;
	ward_err err = desk_job_get(look.tx, job, door_actor(request).person, &look.arena, &found,
			&look.error);

	/* Who labels a second time, blindly, does not learn whether the first one reports. */
	if (!err)
		err = filing_job_seen(look.tx, &viewer, job, &seen, &look.error);
	if (!err && !seen)
		err = ward_fail(&look.error, WARD_E_CONFLICT,
				"the job waits for a second look: decide it first");
	if (!err && tree_is_null(tree_member(body, "draft")))
		err = filings_begin(look.tx, job, WARD_STR(""),
				ward_str_from(request_settings(request)->cybertip_email), text,
				&look.error);
	door_look_end(request, &look, err);
	return !err && (text->len > 0 || read_draft(request, body, text));
}

/* False with a problem. */
static bool is_authority(struct request *request, ward_str id)
{
	struct filing_authority *authority = NULL;
	struct ward_error error;

	if (ward_str_eq(id, WARD_STR("ncmec")))
		return true;
	ward_err err = filing_authority_find(workspace_folder(request->snapshot->workspace), id,
			&authority, &error);

	filing_authority_free(authority);
	if (err == WARD_E_NOT_FOUND)
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"authority\" is ncmec, or one that this installation knows.");
	else if (err)
		request_failure(request, &(struct ward_error){ .code = WARD_E_CORRUPT });
	return !err;
}

void handle_filing_new(struct request *request)
{
	struct json_t *body = door_object(request);
	ward_str job = WARD_STR(""), name = WARD_STR(""), authority = WARD_STR("ncmec");
	char reference[256];
	struct ward_buf text;

	ward_buf_init(&text, FILING_DRAFT_MAX);
	if (!body || !door_text(request, body, "job", &job) ||
			!door_text(request, body, "name", &name) ||
			!door_text(request, body, "authority", &authority)) {
		/* The problem is written. */
	} else if (job.len == 0 || job.len >= ID_TEXT_MAX || !is_name(name)) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"job\" is a job's id, and \"name\" a short word of small "
				"letters, digits and \"._-\".");
	} else if (is_authority(request, authority) && begin_draft(request, body, job, &text)) {
		filings_reference(job, authority, name, reference);
		keep_draft(request,
				&(struct filing_draft_new){ .reference = ward_str_from(reference),
						.draft = ward_buf_text(&text),
						.job = job,
						.authority = authority },
				true, !tree_is_null(tree_member(body, "draft")));
	}
	ward_buf_free(&text);
	tree_free(body);
}

/* The row that the path names, with what it was when it was looked at. */
static bool see(struct request *request, struct door_look *look, struct filing_row *row)
{
	struct filing_question viewer = filings_viewer(request);

	if (!door_look(request, look))
		return false;
	ward_err err = filing_see(look->tx, &viewer, door_path(request, 0), &look->arena, row,
			&look->error);

	store_read_end(look->tx);
	if (!err)
		return true;
	door_failed(request, &look->error);
	ward_arena_free(&look->arena);
	return false;
}

void handle_filing_put(struct request *request)
{
	struct json_t *body = door_object(request);
	ward_str was = WARD_STR("");
	struct filing_row row;
	struct door_look look;
	struct ward_buf text;

	ward_buf_init(&text, FILING_DRAFT_MAX);
	if (body && door_text(request, body, "sha256", &was) && read_draft(request, body, &text) &&
			see(request, &look, &row)) {
		keep_draft(request,
				&(struct filing_draft_new){ .reference = row.reference,
						.draft = ward_buf_text(&text),
						.job = row.job,
						.was_sha256 = was,
						.authority = row.authority },
				false, true);
		ward_arena_free(&look.arena);
	}
	ward_buf_free(&text);
	tree_free(body);
}

/* ---- approving ---- */

struct approving {
	struct request *request;
	struct filing *filing;
	struct filing_actor actor;
	struct filing_approval approval;
	struct ward_arena arena;
	bool proposed;
	char second[ID_TEXT_MAX]; /* what was proposed, or was confirmed */
};

/* Two persons: when the draft wants it, and when a child may be in danger now. */
static ward_err wants_two(struct approving *approving, struct store_tx *tx, bool *two,
		struct ward_error *error)
{
	struct request *request = approving->request;
	struct filing_question viewer = filings_viewer(request);
	struct filing_row row;
	struct desk_job job = { .urgent = false };
	ward_err err = filing_see(tx, &viewer, door_path(request, 0), &approving->arena, &row,
			error);

	if (!err && row.state != FILING_DRAFT)
		err = ward_fail(error, WARD_E_CONFLICT, "this report is %s",
				filing_state_name(row.state));
	if (!err && !ward_str_eq_nocase(row.draft_sha256, approving->approval.sha256))
		err = ward_fail(error, WARD_E_CONFLICT,
				"the draft was changed since it was looked at");
	if (!err && row.job.len > 0)
		err = desk_job_get(tx, row.job, viewer.viewer, &approving->arena, &job, error);
	if (!err)
		*two = row.persons > 1 || job.urgent;
	return err;
}

/* Before a file is released for it, and a colleague is asked. */
static bool check(struct approving *approving)
{
	struct door_look look;
	bool two;

	if (!door_look(approving->request, &look))
		return false;
	ward_err err = wants_two(approving, look.tx, &two, &look.error);

	if (!err)
		err = filing_approvable(approving->filing, look.tx,
				door_path(approving->request, 0), &approving->approval,
				&look.error);
	door_look_end(approving->request, &look, err);
	return !err;
}

/* Uses the confirmation up, or proposes. */
static ward_err ask_second(struct approving *approving, struct store_tx *tx,
		struct ward_error *error)
{
	struct request *request = approving->request;
	struct people_actor actor = { ward_str_from(request->person.id),
		ward_str_from(request->person.roles) };
	char object[ID_TEXT_MAX + 16], detail[128];
	struct people_act act = { .kind = WARD_STR("report.urgent"),
		.second = PEOPLE_REPORT_URGENT_SECOND,
		.wait_s = CONFIRM_S };
	struct people_second second = { .proposed_at = 0 };
	ward_str filing = door_path(request, 0), sha256 = approving->approval.sha256;

	snprintf(object, sizeof(object), "filing:%.*s", WARD_FMT(filing));
	snprintf(detail, sizeof(detail), "{\"sha256\":\"%.*s\"}",
			(int)(sha256.len < 64 ? sha256.len : 64), sha256.ptr);
	act.object = ward_str_from(object);
	act.detail = ward_str_from(detail);
	ward_err err = people_second_use(tx, &actor, &act, approving->second, error);

	if (err == WARD_E_DENIED) {
		approving->proposed = true;
		return people_second_propose(tx, &actor, &act, approving->approval.reason,
				approving->second, error);
	}
	if (!err)
		err = people_second_get(tx, ward_str_from(approving->second), &approving->arena,
				&second, error);
	if (!err)
		approving->approval.second = second.answered_by;
	return err;
}

static ward_err approve_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct approving *approving = context;
	unsigned left = 0;
	bool two = false;

	approving->proposed = false;
	approving->approval.second = WARD_STR("");
	ward_err err = wants_two(approving, tx, &two, error);

	if (!err && two)
		err = ask_second(approving, tx, error);
	if (!err && !approving->proposed)
		err = filing_approve_within(approving->filing, tx, &approving->actor,
				door_path(approving->request, 0), &approving->approval, &left,
				error);
	return err;
}

static void approve(struct approving *approving)
{
	struct request *request = approving->request;
	struct filing_row row;
	struct door_look look;

	if (!check(approving) || !see(request, &look, &row))
		return;
	bool fine = filings_release(request, &row);

	ward_arena_free(&look.arena);
	if (!fine || !door_write(request, approve_work, approving))
		return;
	if (!approving->proposed) {
		door_done(request);
		return;
	}
	struct json json = request_json(request);

	request->answer.status = 202;
	json_object(&json);
	json_key_text(&json, "second", approving->second);
	json_object_end(&json);
}

static bool is_sha256(ward_str text)
{
	uint8_t bytes[32];

	return ward_hex_parse(text, bytes, sizeof(bytes));
}

void handle_filing_approve(struct request *request)
{
	struct json_t *body = door_object(request);
	char name[ID_TEXT_MAX + 8];
	struct approving approving = { .request = request,
		.actor = filings_actor(request, name),
		.approval = { .person = ward_str_from(request->person.id) } };

	ward_arena_init(&approving.arena, 64 << 20);
	if (!body || !door_text(request, body, "sha256", &approving.approval.sha256) ||
			!door_text(request, body, "reason", &approving.approval.reason)) {
		/* The problem is written. */
	} else if (!is_sha256(approving.approval.sha256)) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"Say which draft: \"sha256\" is 64 digits of the one that was "
				"looked at.");
	} else {
		approving.filing = filings_open(request);
		if (approving.filing)
			approve(&approving);
		filing_free(approving.filing);
	}
	ward_arena_free(&approving.arena);
	tree_free(body);
}

/* ---- back, and again ---- */

/* The reason of the body; false with a problem. */
static bool read_reason(struct request *request, const struct json_t *body, ward_str *reason)
{
	if (!body || !door_text(request, body, "reason", reason))
		return false;
	if (reason->len > 0 && ward_utf8_valid(*reason))
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST, "Say why: \"reason\".");
	return false;
}

void handle_filing_retract(struct request *request)
{
	struct json_t *body = door_object(request);
	ward_str reason = WARD_STR("");
	char name[ID_TEXT_MAX + 8];
	struct filing_actor actor = filings_actor(request, name);
	struct filing_row row;
	struct door_look look;
	struct ward_error error;
	struct filing *filing;

	if (read_reason(request, body, &reason) && see(request, &look, &row)) {
		ward_arena_free(&look.arena);
		filing = filings_open(request);
		if (filing && filing_retract(filing, &actor, door_path(request, 0), reason, &error))
			door_failed(request, &error);
		else if (filing)
			door_done(request);
		filing_free(filing);
	}
	tree_free(body);
}

struct making_again {
	struct request *request;
	ward_str id, reason;
};

static ward_err make_again(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct making_again *again = context;
	char name[ID_TEXT_MAX + 8];
	struct filing_actor actor = filings_actor(again->request, name);

	return filing_package_again(tx, &actor, again->id, again->reason, error);
}

/* One that waits for its files is released, and goes on by itself. */
static void repeat(struct request *request, const struct filing_row *row, ward_str reason)
{
	bool waits = row->state == FILING_APPROVED && row->alert.len > 0;
	struct filing *filing = filings_open(request);
	char name[ID_TEXT_MAX + 8];
	struct filing_actor actor = filings_actor(request, name);
	struct ward_error error;

	if (!filing)
		return;
	if (!waits && filing_repeat(filing, &actor, row->id, reason, &error))
		door_failed(request, &error);
	else
		door_done(request);
	filing_free(filing);
}

void handle_filing_again(struct request *request)
{
	struct json_t *body = door_object(request);
	ward_str reason = WARD_STR("");
	struct filing_row row;
	struct door_look look;

	if (read_reason(request, body, &reason) && see(request, &look, &row)) {
		struct making_again making = { request, row.id, reason };

		if (!filing_row_is_ncmec(&row)) {
			if (door_write(request, make_again, &making))
				door_done(request);
		} else if (row.state == FILING_DRAFT || filings_release(request, &row)) {
			repeat(request, &row, reason);
		}
		ward_arena_free(&look.arena);
	}
	tree_free(body);
}

/* ---- for another authority ---- */

void handle_filing_package(struct request *request)
{
	struct answer *answer = &request->answer;
	ward_str name = request_query(request, "for");
	struct filing_row row;
	struct door_look look;
	struct ward_error error;

	if (!see(request, &look, &row))
		return;
	request_secret(request, PACKAGE_ROOM);
	if (row.approved_at == 0) {
		request_trouble(request, PROBLEM_CONFLICT,
				"This draft is not approved: what leaves the house is decided "
				"first.");
	} else if (!filing_row_is_ncmec(&row)) {
		request_trouble(request, PROBLEM_CONFLICT,
				"Its package is made and sealed: POST \xe2\x80\xa6/download takes "
				"it out.");
	} else if (filings_package(request, &row, name.len > 0 ? name : WARD_STR("generic"),
				   &answer->text, &error)) {
		door_failed(request, &error);
	} else {
		answer->status = 200;
		answer->type = "application/x-tar";
	}
	ward_arena_free(&look.arena);
}
