/*
 * A draft of what is known of a job: when it came in, its addresses and
 * accounts, its files with their digests.  People make a report of it.
 */
#include "api/filings.h"
#include "base/clock.h"
#include "desk/jobs.h"
#include "intake/intake.h"

enum { ARENA_MAX = 32 << 20 };

struct known {
	struct intake_item *items;
	size_t count;
	int64_t at; /* when the first of its reports came in */
};

static ward_err read_known(struct store_tx *tx, ward_str job, struct ward_arena *arena,
		struct known *known, struct ward_error *error)
{
	struct desk_names items = { 0 }, reports = { 0 };
	struct intake_report report;
	ward_err err = desk_job_items(tx, job, arena, &items, error);

	if (!err)
		err = desk_job_reports(tx, job, arena, &reports, error);
	if (err)
		return err;
	known->items = ward_new(arena, struct intake_item, items.count + 1);
	if (!known->items)
		return ward_fail(error, WARD_E_NOMEM, "the job has too many items for a draft");
	for (size_t i = 0; i < items.count && !err; i++) {
		err = intake_item_get(tx, items.at[i], arena, &known->items[known->count], error);
		known->count += !err;
		/* Withdrawn meanwhile. */
		if (err == WARD_E_NOT_FOUND)
			err = WARD_OK;
	}
	for (size_t i = 0; i < reports.count && !err; i++) {
		err = intake_get(tx, reports.at[i], arena, &report, error);
		if (!err && (known->at == 0 || report.at < known->at))
			known->at = report.at;
		if (err == WARD_E_NOT_FOUND)
			err = WARD_OK;
	}
	return err;
}

static bool is_kind(const struct intake_item *item, const char *kind)
{
	return ward_str_eq(item->kind, ward_str_from(kind));
}

static bool has_kind(const struct known *known, const char *kind)
{
	for (size_t i = 0; i < known->count; i++) {
		if (is_kind(&known->items[i], kind) && known->items[i].form.len > 0)
			return true;
	}
	return false;
}

static void write_summary(struct json *json, const struct known *known, ward_str incident,
		ward_str email)
{
	char when[CLOCK_TEXT_MAX];

	json_key(json, "incidentSummary");
	json_object(json);
	json_key_str(json, "incidentType", incident);
	json_key_text(json, "incidentDateTime",
			clock_format(known->at > 0 ? known->at : clock_now() - 1, when));
	json_object_end(json);
	if (email.len == 0)
		return;
	json_key(json, "reporter");
	json_object(json);
	json_key(json, "reportingPerson");
	json_object(json);
	json_key_str(json, "email", email);
	json_object_end(json);
	json_object_end(json);
}

static void write_addresses(struct json *json, const struct known *known)
{
	if (!has_kind(known, "url"))
		return;
	json_key(json, "internetDetails");
	json_array(json);
	json_object(json);
	json_key(json, "webPageIncident");
	json_object(json);
	json_key(json, "url");
	json_array(json);
	for (size_t i = 0; i < known->count; i++) {
		if (is_kind(&known->items[i], "url") && known->items[i].form.len > 0)
			json_str(json, known->items[i].form);
	}
	json_array_end(json);
	json_object_end(json);
	json_object_end(json);
	json_array_end(json);
}

/* A report is about one person or user; others are for people to add. */
static void write_account(struct json *json, const struct known *known)
{
	for (size_t i = 0; i < known->count; i++) {
		ward_str form = known->items[i].form, rest = form;

		if (!is_kind(&known->items[i], "account") || form.len == 0)
			continue;
		/* "service/name" */
		(void)ward_str_cut(&rest, '/');
		json_key(json, "personOrUserReported");
		json_object(json);
		json_key_str(json, "espIdentifier", rest.len > 0 ? rest : form);
		json_object_end(json);
		return;
	}
}

static void write_files(struct json *json, const struct known *known)
{
	char md5[33], sha256[65];

	json_key(json, "files");
	json_array(json);
	for (size_t i = 0; i < known->count; i++) {
		const struct intake_item *item = &known->items[i];

		if (!is_kind(item, "media") || item->payload.len == 0)
			continue;
		json_object(json);
		json_key_str(json, "item", item->payload);
		if (item->has_digests) {
			ward_hex_format(item->md5, sizeof(item->md5), md5);
			ward_hex_format(item->sha256, sizeof(item->sha256), sha256);
			json_key_text(json, "md5", md5);
			json_key_text(json, "sha256", sha256);
		}
		json_key(json, "details");
		json_object(json);
		json_object_end(json);
		json_object_end(json);
	}
	json_array_end(json);
}

ward_err filings_begin(struct store_tx *tx, ward_str job, ward_str incident, ward_str email,
		struct ward_buf *out, struct ward_error *error)
{
	struct known known = { 0 };
	struct ward_arena arena;
	struct json json = json_to(out);

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = read_known(tx, job, &arena, &known, error);

	if (!err) {
		json_object(&json);
		json_key(&json, "report");
		json_object(&json);
		write_summary(&json, &known, incident, email);
		write_addresses(&json, &known);
		write_account(&json, &known);
		json_object_end(&json);
		write_files(&json, &known);
		json_object_end(&json);
	}
	ward_arena_free(&arena);
	return err || !out->failed ? err
				   : ward_fail(error, WARD_E_LIMIT, "the draft would be too large");
}
