/* A report for another authority: taken out by a person, said to be sent, answered. */
#include "api/filings.h"
#include "api/handlers.h"
#include "api/opening.h"
#include "api/serve.h"
#include "base/clock.h"
#include "filing/handover.h"

struct handing {
	struct request *request;
	struct filing_actor actor;
	struct filing_row row;
	struct filing_package_row package;
	struct filing_sending sending;
	ward_str words; /* a reason, or the authority's answer */
	char name[ID_TEXT_MAX + 8];
};

/* The row that the path names, with its package; false with a problem.  The arena is the look's. */
static bool see(struct handing *handing, struct door_look *look)
{
	struct request *request = handing->request;
	struct filing_question viewer = filings_viewer(request);

	handing->actor = filings_actor(request, handing->name);
	if (!door_look(request, look))
		return false;
	ward_err err = filing_see(look->tx, &viewer, door_path(request, 0), &look->arena,
			&handing->row, &look->error);

	if (!err)
		err = filing_package_of(look->tx, handing->row.id, &look->arena, &handing->package,
				&look->error);
	if (err == WARD_E_NOT_FOUND && handing->row.id.len > 0)
		err = ward_fail(&look->error, WARD_E_CONFLICT, "this report has no package yet");
	store_read_end(look->tx);
	if (!err)
		return true;
	door_failed(request, &look->error);
	ward_arena_free(&look->arena);
	return false;
}

/* ---- taking it out ---- */

static ward_err downloaded_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct handing *handing = context;

	return filing_downloaded(tx, &handing->actor, handing->row.id, handing->words, error);
}

static bool open_package(struct handing *handing, struct ward_buf *text)
{
	struct request *request = handing->request;
	const struct filing_package_row *package = &handing->package;
	struct desk_looking looking = { .job = handing->row.job };

	looking.item.payload = package->item;
	const struct opening opening = { &looking, "filing", handing->words };

	ward_buf_clear(text);
	if (!ward_buf_reserve(text, (size_t)package->bytes + 1)) {
		request_trouble(request, PROBLEM_INTERNAL, "Out of memory; ask again.");
		return false;
	}
	if (!opening_text(request, &opening, text))
		return false;
	if (text->len == (size_t)package->bytes)
		return true;
	request_failure(request, &(struct ward_error){ .code = WARD_E_CORRUPT });
	return false;
}

/* It is given out when it is durable that it was. */
static void download(struct handing *handing)
{
	struct request *request = handing->request;
	struct answer *answer = &request->answer;
	struct ward_buf text;

	ward_buf_init(&text, (size_t)handing->package.bytes + 1);
	if (open_package(handing, &text) && door_write(request, downloaded_work, handing)) {
		request_secret(request, text.len + 1);
		ward_buf_str(&answer->text, ward_buf_text(&text));
		answer->status = 200;
		answer->type = "application/x-tar";
		if (answer->text.failed) {
			ward_buf_clear(&answer->text);
			request_trouble(request, PROBLEM_INTERNAL, "Out of memory; ask again.");
		}
	}
	if (text.ptr)
		explicit_bzero(text.ptr, text.len);
	ward_buf_free(&text);
}

void handle_filing_download(struct request *request)
{
	struct handing handing = { .request = request, .words = WARD_STR("") };
	struct json_t *body = door_object(request);
	struct door_look look;

	if (!body || !door_text(request, body, "reason", &handing.words)) {
		/* The problem is written. */
	} else if (handing.words.len == 0 || !ward_utf8_valid(handing.words)) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "Say why: \"reason\".");
	} else if (see(&handing, &look)) {
		if (handing.package.item.len == 0)
			request_trouble(request, PROBLEM_CONFLICT,
					"Its package was written into a folder, by hand.");
		else if (opening_may(request))
			download(&handing);
		ward_arena_free(&look.arena);
	}
	tree_free(body);
}

/* ---- what the person says of it ---- */

/* Said by them, held for the authority's time: both, or neither. */
static ward_err sent_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct handing *handing = context;
	struct filing_authority *authority = NULL;
	ward_err err = filing_mark_sent(tx, &handing->actor, handing->row.id, &handing->sending,
			error);

	if (err)
		return err;
	err = filing_authority_find(workspace_folder(handing->request->snapshot->workspace),
			handing->row.authority, &authority, error);
	/* One whose file was taken away since is sent, and its files are held, all the same. */
	if (!err || err == WARD_E_NOT_FOUND)
		err = filings_hold(handing->request->server->vault, tx,
				&(struct filings_held){ handing->row.id,
						filing_authority_clock(authority),
						handing->sending.reference,
						WARD_STR("it was reported to an authority") },
				error);
	filing_authority_free(authority);
	return err;
}

void handle_filing_sent(struct request *request)
{
	struct handing handing = { .request = request };
	struct json_t *body = door_object(request);
	ward_str at = WARD_STR("");
	struct door_look look;

	if (!body || !door_text(request, body, "at", &at) ||
			!door_text(request, body, "reference", &handing.sending.reference) ||
			!door_text(request, body, "way", &handing.sending.way)) {
		/* The problem is written. */
	} else if (!clock_parse(at, &handing.sending.at)) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"Say when it was sent: \"at\" is a date, or a date and a time.");
	} else if (see(&handing, &look)) {
		if (door_have_intake(request) && door_write(request, sent_work, &handing))
			door_done(request);
		ward_arena_free(&look.arena);
	}
	tree_free(body);
}

static ward_err acknowledge_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct handing *handing = context;

	return filing_acknowledge(tx, &handing->actor, handing->row.id, handing->words, error);
}

void handle_filing_acknowledged(struct request *request)
{
	struct handing handing = { .request = request, .words = WARD_STR("") };
	struct json_t *body = door_object(request);
	struct door_look look;

	if (body && door_text(request, body, "text", &handing.words) && see(&handing, &look)) {
		if (door_write(request, acknowledge_work, &handing))
			door_done(request);
		ward_arena_free(&look.arena);
	}
	tree_free(body);
}
