/* What persons do with a report: draft, take back, send again.  approve.c has what lets it go. */
#include "filing/rows.h"

#include "audit/audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "filing/log.h"
#include "filing/retention.h"

#include <ward/hash.h>

#include <inttypes.h>

ward_err filing_new(const struct filing_options *options, struct filing **filing,
		struct ward_error *error)
{
	struct filing *made;

	if (options->wire && filing_wire_environment(options->wire) != options->environment)
		return ward_fail(error, WARD_E_ARGUMENT,
				"the wire and the reports are of different environments");
	made = calloc(1, sizeof(*made));
	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->options = *options;
	*filing = made;
	return WARD_OK;
}

void filing_free(struct filing *filing)
{
	free(filing);
}

/* ---- the log ---- */

static ward_str or_empty(ward_str text)
{
	return text.ptr ? text : WARD_STR("");
}

ward_err filing_log(struct store_tx *tx, const struct filing_actor *actor, const char *action,
		const struct filing_row *row, const struct filing_log_words *words,
		struct ward_error *error)
{
	char object[ID_TEXT_MAX + 16];
	struct ward_buf detail;
	struct json json;

	ward_buf_init(&detail, 1024);
	json = json_to(&detail);
	json_object(&json);
	json_key_text(&json, "environment", filing_environment_name(row->environment));
	if (!filing_row_is_ncmec(row))
		json_key_str(&json, "authority", row->authority);
	if (row->report > 0)
		json_key_int(&json, "report", row->report);
	if (row->code != 0)
		json_key_int(&json, "code", row->code);
	if (row->alert.len > 0)
		json_key_str(&json, "alert", row->alert);
	json_object_end(&json);
	snprintf(object, sizeof(object), "filing:%.*s", WARD_FMT(row->id));
	ward_err err = audit_add(tx,
			&(struct audit_entry){
					.actor = actor->actor,
					.role = actor->role,
					.action = ward_str_from(action),
					.object = ward_str_from(object),
					.digest = or_empty(words->digest),
					.reason = or_empty(words->reason),
					.detail = ward_buf_text(&detail),
			},
			error);

	ward_buf_free(&detail);
	return err;
}

ward_str filing_sha256(struct ward_arena *arena, ward_bytes bytes)
{
	struct ward_digests digests;
	char text[65];

	if (ward_digest(bytes, &digests) != WARD_OK)
		return (ward_str){ NULL, 0 };
	ward_hex_format(digests.sha256, 32, text);
	return ward_arena_str(arena, ward_str_from(text));
}

/* ---- drafts ---- */

struct putting {
	const struct filing *filing;
	const struct filing_actor *actor;
	struct ward_arena *arena;
	ward_str reference, text, sha256, job, was, authority;
	bool only_new;
	const struct filing_draft *draft;
	char id[ID_TEXT_MAX];
	bool made;
};

static int64_t persons_for(const struct filing_draft *draft)
{
	return filing_draft_batched(draft) || filing_draft_escalated(draft) ? 2 : 1;
}

static ward_err put_new(struct putting *putting, struct store_tx *tx, struct ward_error *error)
{
	bool ended = false;
	struct filing_row row = {
		.id = ward_str_from(id_new(putting->id)),
		.reference = putting->reference,
		.authority = putting->authority,
		.environment = rows_environment_of(putting->filing, putting->authority),
		.state = FILING_DRAFT,
		.draft = putting->text,
		.draft_sha256 = putting->sha256,
		.persons = persons_for(putting->draft),
		.job = putting->job,
	};
	ward_err err = filing_has_ended(tx, putting->reference, &ended, error);

	if (!err && ended)
		err = ward_fail(error, WARD_E_CONFLICT,
				"a report with this reference was sent, and removed when its time "
				"was over");
	if (!err)
		err = rows_insert(tx, &row, error);
	putting->made = true;
	if (!err)
		err = rows_files_put(tx, row.id, putting->draft, error);
	if (!err)
		err = filing_log(tx, putting->actor, "report.drafted", &row,
				&(struct filing_log_words){ .digest = putting->sha256 }, error);
	return err;
}

/* Before it is on its way, and when it failed with nothing left open. */
static bool may_change(const struct filing_row *row)
{
	return row->state == FILING_DRAFT || row->state == FILING_APPROVED ||
	       (row->state == FILING_FAILED && row->report == 0);
}

static ward_err put_again(struct putting *putting, struct store_tx *tx, struct ward_error *error)
{
	struct filing_row row;
	ward_err err = rows_get(tx, ward_str_from(putting->id), putting->arena, &row, error);

	putting->made = false;
	if (!err && !ward_str_eq(row.job, putting->job))
		err = ward_fail(error, WARD_E_CONFLICT, "this reference is of another job");
	if (!err && !ward_str_eq(row.authority, putting->authority))
		err = ward_fail(error, WARD_E_CONFLICT,
				"this reference is of a report for another authority");
	if (!err && putting->was.len > 0 && !ward_str_eq_nocase(putting->was, row.draft_sha256))
		err = ward_fail(error, WARD_E_CONFLICT,
				"the draft was changed by somebody else; look at it again");
	if (err || putting->only_new || ward_str_eq(row.draft_sha256, putting->sha256))
		return err;
	if (row.environment != rows_environment_of(putting->filing, row.authority))
		return ward_fail(error, WARD_E_CONFLICT, "this reference is of the %s environment",
				filing_environment_name(row.environment));
	if (!may_change(&row))
		return ward_fail(error, WARD_E_CONFLICT,
				"this report is %s; its draft cannot be changed any more",
				filing_state_name(row.state));
	row.state = FILING_DRAFT;
	row.draft = putting->text;
	row.draft_sha256 = putting->sha256;
	row.persons = persons_for(putting->draft);
	row.alert = row.message = WARD_STR("");
	row.approved_at = 0;
	err = rows_update(tx, &row, error);
	if (!err)
		err = rows_files_put(tx, row.id, putting->draft, error);
	return err ? err
		   : filing_log(tx, putting->actor, "report.drafted", &row,
				     &(struct filing_log_words){ .digest = putting->sha256 },
				     error);
}

static ward_err put_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct putting *putting = context;
	ward_err err = rows_by_reference(tx, putting->reference, putting->id, error);

	if (err == WARD_E_NOT_FOUND)
		return put_new(putting, tx, error);
	return err ? err : put_again(putting, tx, error);
}

ward_err filing_draft_keep(struct filing *filing, const struct filing_actor *actor,
		const struct filing_draft_new *draft, char id[ID_TEXT_MAX], bool *made,
		struct ward_error *error)
{
	struct ward_arena arena;
	struct filing_findings findings = { .arena = &arena };
	struct filing_draft read;
	ward_str reference = draft->reference, text = draft->draft;
	struct putting putting = { .filing = filing,
		.actor = actor,
		.arena = &arena,
		.reference = reference,
		.text = text,
		.job = draft->job,
		.was = draft->was_sha256,
		.only_new = draft->only_new,
		.authority = draft->authority.len > 0 ? draft->authority : WARD_STR("ncmec"),
		.draft = &read };

	if (reference.len == 0 || reference.len > 255 || !ward_utf8_valid(reference))
		return ward_fail(error, WARD_E_ARGUMENT, "a reference is 1 to 255 characters");
	ward_arena_init(&arena, (size_t)128 << 20);
	ward_err err = filing_draft_read(&arena, text, &read, &findings, error);

	putting.sha256 = filing_sha256(&arena, (ward_bytes){ (const uint8_t *)text.ptr, text.len });
	if (!err && !putting.sha256.ptr)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (!err)
		err = store_write(filing->options.store, put_work, &putting, error);
	if (!err) {
		memcpy(id, putting.id, ID_TEXT_MAX);
		*made = putting.made;
	}
	ward_arena_free(&arena);
	return err;
}

ward_err filing_draft_put(struct filing *filing, const struct filing_actor *actor,
		ward_str reference, ward_str draft, char id[ID_TEXT_MAX], struct ward_error *error)
{
	bool made;

	return filing_draft_keep(filing, actor,
			&(struct filing_draft_new){ .reference = reference, .draft = draft }, id,
			&made, error);
}

/* ---- taking back, and sending again ---- */

struct changing {
	const struct filing *filing;
	struct ward_arena *arena;
	const struct filing_actor *actor;
	ward_str id, reason;
};

static ward_err retract_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct changing *changing = context;
	struct filing_row row;
	ward_err err = rows_get(tx, changing->id, changing->arena, &row, error);

	if (err)
		return err;
	if (row.state == FILING_FINISHED)
		return ward_fail(error, WARD_E_CONFLICT,
				"this report is finished; NCMEC takes none back then");
	if (row.state == FILING_SENT || row.state == FILING_ACKNOWLEDGED)
		return ward_fail(error, WARD_E_CONFLICT,
				"this report was sent; ask the authority to take it back");
	if (row.state == FILING_RETRACTED || row.state == FILING_ABANDONED)
		return WARD_OK;
	if (row.report == 0 && row.state != FILING_OPENING) {
		row.state = FILING_ABANDONED;
	} else if (row.state == FILING_FAILED || row.state == FILING_RETRACTING) {
		row.state = FILING_RETRACTING;
		row.after_retract = WARD_STR("retracted");
		row.tries = 0;
	} else {
		row.wish = WARD_STR("retract");
	}
	row.due_at = clock_now();
	err = rows_update(tx, &row, error);
	return err ? err
		   : filing_log(tx, changing->actor, "report.retract_wanted", &row,
				     &(struct filing_log_words){ .reason = changing->reason },
				     error);
}

static ward_err again_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct changing *changing = context;
	struct filing_row row;
	ward_err err = rows_get(tx, changing->id, changing->arena, &row, error);

	if (err)
		return err;
	if (row.state != FILING_FAILED)
		return ward_fail(error, WARD_E_CONFLICT, "this report is %s, not failed",
				filing_state_name(row.state));
	if (row.approvals < row.persons)
		return ward_fail(error, WARD_E_DENIED, "this draft is not approved");
	row.state = row.report > 0 ? FILING_RETRACTING : FILING_APPROVED;
	row.after_retract = row.report > 0 ? WARD_STR("again") : WARD_STR("");
	row.tries = 0;
	row.due_at = clock_now();
	row.alert = row.message = WARD_STR("");
	err = rows_update(tx, &row, error);
	return err ? err
		   : filing_log(tx, changing->actor, "report.again", &row,
				     &(struct filing_log_words){ .reason = changing->reason },
				     error);
}

static ward_err change(struct filing *filing, const struct filing_actor *actor, ward_str id,
		ward_str reason, store_work *work, struct ward_error *error)
{
	struct ward_arena arena;
	struct changing changing = { filing, &arena, actor, id, reason };

	if (reason.len > FILING_WORDS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a reason has at most %d bytes",
				FILING_WORDS_MAX);
	ward_arena_init(&arena, (size_t)64 << 20);
	ward_err err = store_write(filing->options.store, work, &changing, error);

	ward_arena_free(&arena);
	return err;
}

ward_err filing_retract(struct filing *filing, const struct filing_actor *actor, ward_str id,
		ward_str reason, struct ward_error *error)
{
	return change(filing, actor, id, reason, retract_work, error);
}

ward_err filing_again(struct filing *filing, const struct filing_actor *actor, ward_str id,
		struct ward_error *error)
{
	return filing_repeat(filing, actor, id, WARD_STR(""), error);
}

ward_err filing_repeat(struct filing *filing, const struct filing_actor *actor, ward_str id,
		ward_str reason, struct ward_error *error)
{
	return change(filing, actor, id, reason, again_work, error);
}
