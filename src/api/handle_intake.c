#include "api/door.h"
#include "api/handlers.h"
#include "api/scanning.h"
#include "desk/jobs.h"
#include "intake/intake.h"

#include <ward/hash.h>

#include <unistd.h>

/*
 * A report is a JSON object, as the body or as the part "report" of a form whose other parts are
 * the files that its items name.
 */

enum { REPORT_MAX = 4 << 20, ITEMS_MAX = 200, ONCE_HEADER_MAX = INTAKE_ONCE_MAX };

struct asked_report {
	struct request *request;
	struct ward_buf text; /* of the part "report" */
	struct json_t *body;
	struct intake_item_new items[ITEMS_MAX];
	struct ward_picture_facts facts[ITEMS_MAX]; /* of videos, by the items' places */
	struct intake_new report;
	struct ward_buf context;
	char actor[KEY_NAME_MAX + 8];
	uint8_t sha256[32];
};

/* ---- reading the body ---- */

static ward_err read_part(const struct part *part, struct ward_buf *to)
{
	uint8_t piece[65536];
	off_t at = 0;

	while ((uint64_t)at < part->spill.size) {
		ssize_t got = pread(part->spill.fd, piece, sizeof(piece), at);

		if (got <= 0)
			return WARD_E_IO;
		ward_buf_add(to, piece, (size_t)got);
		at += got;
	}
	return to->failed ? WARD_E_LIMIT : WARD_OK;
}

static struct part *find_part(const struct request *request, ward_str field)
{
	for (size_t i = 0; i < request->part_count; i++) {
		if (ward_str_eq(ward_str_from(request->parts[i].field), field))
			return &request->parts[i];
	}
	return NULL;
}

static bool read_body(struct asked_report *asked)
{
	struct request *request = asked->request;
	struct ward_error error = { .code = WARD_OK };
	ward_str text;

	if (request->multipart) {
		const struct part *part = find_part(request, WARD_STR("report"));

		if (!part || read_part(part, &asked->text)) {
			request_trouble(request, PROBLEM_BAD_REQUEST,
					"A form has the report, in JSON, as its part \"report\".");
			return false;
		}
		text = ward_buf_text(&asked->text);
	} else {
		text = ward_buf_text(&request->text);
	}
	asked->body = tree_read(text, &error);
	if (!asked->body)
		request_trouble(request, PROBLEM_BAD_REQUEST, "The report is not a JSON object.");
	return asked->body != NULL;
}

/* What came, as a whole: the same again is the same report. */
static bool digest_body(struct asked_report *asked)
{
	struct ward_digester *digester = ward_digester_new();
	struct ward_digests digests;
	struct request *request = asked->request;
	uint8_t piece[65536];
	bool fine = digester != NULL;

	if (fine && !request->multipart) {
		ward_str text = ward_buf_text(&request->text);

		ward_digester_update(digester, (ward_bytes){ (const uint8_t *)text.ptr, text.len });
	}
	for (size_t i = 0; fine && i < request->part_count; i++) {
		const struct part *part = &request->parts[i];
		ssize_t got = 1;

		/* With its name, so that bytes moved from one part to another are not the same. */
		ward_digester_update(digester, (ward_bytes){ (const uint8_t *)part->field,
							       strlen(part->field) + 1 });
		for (off_t at = 0; got > 0 && (uint64_t)at < part->spill.size; at += got) {
			got = pread(part->spill.fd, piece, sizeof(piece), at);
			if (got > 0)
				ward_digester_update(digester, (ward_bytes){ piece, (size_t)got });
		}
		fine = got > 0;
	}
	if (fine) {
		ward_digester_finish(digester, &digests);
		memcpy(asked->sha256, digests.sha256, sizeof(asked->sha256));
	}
	ward_digester_free(digester);
	if (!fine)
		request_trouble(request, PROBLEM_INTERNAL,
				"What was sent cannot be read; send it again.");
	return fine;
}

/* ---- items ---- */

static bool item_trouble(struct request *request, size_t index, const char *says)
{
	request_trouble(request, PROBLEM_BAD_REQUEST, "Item %zu: %s.", index, says);
	return false;
}

static bool read_pdq(struct request *request, size_t index, const struct json_t *from,
		struct intake_item_new *item)
{
	const struct json_t *value = tree_member(from, "pdq");
	int64_t quality = 100;

	if (tree_is_null(value))
		return true;
	if (!tree_is_text(value) || !ward_pdq_parse(tree_text(value), &item->pdq))
		return item_trouble(request, index, "\"pdq\" is 64 hexadecimal digits");
	if (!tree_is_null(tree_member(from, "pdq_quality")) &&
			!tree_int(tree_member(from, "pdq_quality"), 0, 100, &quality))
		return item_trouble(request, index, "\"pdq_quality\" is 0 to 100");
	item->has_pdq = true;
	item->pdq_quality = (unsigned)quality;
	return true;
}

static bool read_file(struct asked_report *asked, size_t index, const struct json_t *from,
		struct intake_item_new *item)
{
	struct request *request = asked->request;
	const struct json_t *file = tree_member(from, "file");

	if (tree_is_null(file))
		return true;
	struct part *part = tree_is_text(file) ? find_part(request, tree_text(file)) : NULL;
	struct ward_error error;

	if (!part)
		return item_trouble(request, index, "\"file\" names a part of the form");
	if (part->spill.fd < 0 && spill_open(&part->spill, 0, &error))
		return item_trouble(request, index, "the file cannot be kept");
	if (lseek(part->spill.fd, 0, SEEK_SET) != 0)
		return item_trouble(request, index, "the file cannot be read");
	item->from_fd = true;
	item->fd = part->spill.fd;
	asked->facts[index] = part->facts;
	/* What we have seen ourselves is better than what is said. */
	if (part->has_pdq) {
		item->has_pdq = true;
		item->pdq = part->pdq.hash;
		item->pdq_quality = (unsigned)part->pdq.quality;
	}
	return true;
}

static bool read_item(struct asked_report *asked, size_t index, const struct json_t *from,
		struct intake_item_new *item)
{
	struct request *request = asked->request;
	ward_str kind = tree_text(tree_member(from, "kind"));

	if (!tree_is_object(from) || !intake_kind_parse(kind, &item->kind))
		return item_trouble(request, index,
				"its \"kind\" is media, text, account, url or conversation");
	item->text = tree_text(tree_member(from, "text"));
	item->type = tree_text(tree_member(from, "type"));
	return read_pdq(request, index, from, item) && read_file(asked, index, from, item);
}

static bool read_items(struct asked_report *asked)
{
	const struct json_t *items = tree_member(asked->body, "items");
	size_t count = tree_count(items);

	if (!tree_is_array(items) || count == 0 || count > ITEMS_MAX) {
		request_trouble(asked->request, PROBLEM_BAD_REQUEST,
				"\"items\" is an array of 1 to %d items.", ITEMS_MAX);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (!read_item(asked, i, tree_at(items, i), &asked->items[i]))
			return false;
	}
	asked->report.items = asked->items;
	asked->report.item_count = count;
	return true;
}

/* ---- the report ---- */

static bool read_who(struct asked_report *asked)
{
	struct request *request = asked->request;
	struct intake_new *report = &asked->report;
	ward_str reporter = WARD_STR("member"), urgency = WARD_STR("any");

	if (!door_text(request, asked->body, "reporter", &reporter) ||
			!door_text(request, asked->body, "urgency", &urgency) ||
			!door_text(request, asked->body, "country", &report->jurisdiction) ||
			!door_text(request, asked->body, "language", &report->language) ||
			!door_text(request, asked->body, "contact", &report->contact) ||
			!door_flag(request, asked->body, "receipt", &report->receipt_wanted))
		return false;
	if (!intake_reporter_parse(reporter, &report->reporter)) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"reporter\" is public, member, trusted, helpline, police, "
				"hotline, "
				"automatic, child, parent or teacher.");
		return false;
	}
	if (!intake_urgency_parse(urgency, &report->urgency)) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "\"urgency\" is any, soon or now.");
		return false;
	}
	return true;
}

static bool read_context(struct asked_report *asked)
{
	const struct json_t *context = tree_member(asked->body, "context");

	if (tree_is_null(context))
		return true;
	tree_write(context, &asked->context);
	if (!tree_is_object(context) || asked->context.failed) {
		request_trouble(asked->request, PROBLEM_BAD_REQUEST,
				"\"context\" is an object of codes and numbers, of at most %d "
				"bytes.",
				INTAKE_CONTEXT_MAX);
		return false;
	}
	asked->report.context = ward_buf_text(&asked->context);
	return true;
}

static bool read_report(struct asked_report *asked)
{
	struct request *request = asked->request;
	bool person = request->person.id[0] != '\0';

	asked->report.channel = person ? INTAKE_CONSOLE : INTAKE_API;
	asked->report.holder = ward_str_from(person ? request->person.id : request->key_name);
	(void)snprintf(asked->actor, sizeof(asked->actor), person ? "person:%s" : "key:%s",
			person ? request->person.id : request->key_name);
	asked->report.actor = (struct vault_actor){ ward_str_from(asked->actor),
		ward_str_from(request->person.roles) };
	asked->report.once = request_header(request, "Idempotency-Key");
	asked->report.body_sha256 = asked->sha256;
	if (asked->report.once.len > ONCE_HEADER_MAX) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"An Idempotency-Key has at most %d bytes.", ONCE_HEADER_MAX);
		return false;
	}
	return read_body(asked) && read_items(asked) && read_who(asked) && read_context(asked) &&
	       digest_body(asked);
}

void handle_intake_add(struct request *request)
{
	struct asked_report *asked = calloc(1, sizeof(*asked));
	struct intake_added added;
	struct ward_error error;

	if (!asked) {
		request_trouble(request, PROBLEM_INTERNAL, "Out of memory; send it again.");
		return;
	}
	asked->request = request;
	ward_buf_init(&asked->text, REPORT_MAX);
	ward_buf_init(&asked->context, INTAKE_CONTEXT_MAX);
	if (!door_have_intake(request) || !read_report(asked)) {
		/* It is told. */
	} else if (intake_add(request_intake(request), &asked->report, &added, &error)) {
		door_failed(request, &error);
	} else {
		if (!added.again)
			scanning_know(request, added.report, asked->facts, ITEMS_MAX);
		struct json json = request_json(request);

		json_object(&json);
		json_key_text(&json, "report", added.report);
		json_key_bool(&json, "again", added.again);
		json_key_text(&json, "receipt", added.receipt[0] ? added.receipt : NULL);
		json_object_end(&json);
		request->answer.status = added.again ? 200 : 201;
	}
	tree_free(asked->body);
	ward_buf_free(&asked->text);
	ward_buf_free(&asked->context);
	free(asked);
}

/* ---- what became of it ---- */

static void write_item(struct json *json, const struct intake_item *item)
{
	char text[65];

	json_object(json);
	json_key_str(json, "id", item->id);
	json_key_str(json, "kind", item->kind);
	json_key_int(json, "bytes", item->bytes);
	json_key(json, "sha256");
	if (item->has_digests) {
		ward_hex_format(item->sha256, sizeof(item->sha256), text);
		json_str(json, ward_str_from(text));
	} else {
		json_null(json);
	}
	json_key_str(json, "first", item->first);
	door_key_text(json, "alike", item->alike);
	json_object_end(json);
}

static void write_report(struct request *request, const struct intake_report *report,
		const struct intake_item_list *items)
{
	struct json json = request_json(request);

	json_object(&json);
	json_key_str(&json, "report", report->id);
	door_key_time(&json, "at", report->at);
	json_key_str(&json, "channel", report->channel);
	json_key_str(&json, "reporter", report->reporter);
	json_key_text(&json, "urgency", intake_urgency_name(report->urgency));
	json_key_text(&json, "state", intake_state_name(report->state));
	json_key(&json, "items");
	json_array(&json);
	for (size_t i = 0; i < items->count; i++)
		write_item(&json, &items->at[i]);
	json_array_end(&json);
	json_object_end(&json);
}

/*
 * A key sees what it sent, since it was made: another one may have had its name.  A person sees
 * what has become a job in a queue of theirs.
 */
static ward_err check_seen(const struct request *request, struct door_look *look,
		const struct intake_report *report)
{
	struct desk_job_list jobs = { .count = 0 };
	ward_err err = WARD_OK;
	bool seen;

	if (request->person.id[0] != '\0') {
		err = desk_job_search(look->tx, WARD_STR("report"), report->id,
				door_actor(request).person, 1, &look->arena, &jobs, &look->error);
		seen = jobs.count > 0;
	} else {
		seen = ward_str_eq(report->channel, WARD_STR("api")) &&
		       ward_str_eq(report->holder, ward_str_from(request->key_name)) &&
		       report->at >= request->key_created;
	}
	return err || seen ? err
			   : ward_fail(&look->error, WARD_E_NOT_FOUND, "there is no such report");
}

void handle_intake_get(struct request *request)
{
	struct intake_item_list items = { .count = 0 };
	struct intake_report report;
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = intake_get(look.tx, door_path(request, 0), &look.arena, &report,
			&look.error);

	if (!err)
		err = check_seen(request, &look, &report);
	if (!err)
		err = intake_items(look.tx, report.id, &look.arena, &items, &look.error);
	if (!err)
		write_report(request, &report, &items);
	door_look_end(request, &look, err);
}
