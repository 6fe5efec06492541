/* What persons do with a report: draft, approve, take back, send again. */
#include "filing/rows.h"

#include "audit/audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/tree.h"
#include "filing/log.h"

#include <ward/hash.h>

#include <inttypes.h>

enum { WORDS_MAX = 4000 };

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
	ward_str reference, text, sha256;
	const struct filing_draft *draft;
	char id[ID_TEXT_MAX];
};

static int64_t persons_for(const struct filing_draft *draft)
{
	return filing_draft_batched(draft) || filing_draft_escalated(draft) ? 2 : 1;
}

static ward_err put_new(struct putting *putting, struct store_tx *tx, struct ward_error *error)
{
	struct filing_row row = {
		.id = ward_str_from(id_new(putting->id)),
		.reference = putting->reference,
		.environment = putting->filing->options.environment,
		.state = FILING_DRAFT,
		.draft = putting->text,
		.draft_sha256 = putting->sha256,
		.persons = persons_for(putting->draft),
	};
	ward_err err = rows_insert(tx, &row, error);

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

	if (err || ward_str_eq(row.draft_sha256, putting->sha256))
		return err;
	if (row.environment != putting->filing->options.environment)
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

ward_err filing_draft_put(struct filing *filing, const struct filing_actor *actor,
		ward_str reference, ward_str draft, char id[ID_TEXT_MAX], struct ward_error *error)
{
	struct ward_arena arena;
	struct filing_findings findings = { .arena = &arena };
	struct filing_draft read;
	struct putting putting = { filing, actor, &arena, reference, draft, { NULL, 0 }, &read,
		"" };

	if (reference.len == 0 || reference.len > 255 || !ward_utf8_valid(reference))
		return ward_fail(error, WARD_E_ARGUMENT, "a reference is 1 to 255 characters");
	ward_arena_init(&arena, (size_t)128 << 20);
	ward_err err = filing_draft_read(&arena, draft, &read, &findings, error);

	putting.sha256 = filing_sha256(&arena,
			(ward_bytes){ (const uint8_t *)draft.ptr, draft.len });
	if (!err && !putting.sha256.ptr)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (!err)
		err = store_write(filing->options.store, put_work, &putting, error);
	if (!err)
		memcpy(id, putting.id, ID_TEXT_MAX);
	ward_arena_free(&arena);
	return err;
}

/* ---- approval ---- */

struct approving {
	const struct filing *filing;
	struct ward_arena *arena;
	const struct filing_actor *actor;
	ward_str id, person, second, reason, sha256, action;
	int64_t left;
};

/* The rules once more, at the moment it is let go. */
static ward_err check_rules(struct ward_arena *arena, const struct filing_row *row,
		struct ward_error *error)
{
	struct filing_check check = { clock_now(), false, 0 };
	struct filing_findings findings = { .arena = arena };
	struct filing_draft draft;
	ward_err err = filing_draft_read(arena, row->draft, &draft, &findings, error);

	if (err)
		return err;
	filing_check_draft(&draft, &check, &findings);
	if (filing_sound(&findings))
		return WARD_OK;
	for (const struct filing_finding *each = findings.first; each; each = each->next) {
		if (each->severity == FILING_ERROR)
			return ward_fail(error, WARD_E_FORMAT, "%.120s: %.100s", each->path,
					each->says);
	}
	return ward_fail(error, WARD_E_NOMEM, "the draft could not be checked");
}

static ward_err may_approve(struct approving *approving, const struct filing_row *row,
		struct ward_error *error)
{
	if (row->environment != approving->filing->options.environment)
		return ward_fail(error, WARD_E_CONFLICT, "this report is of the %s environment",
				filing_environment_name(row->environment));
	if (row->state != FILING_DRAFT)
		return ward_fail(error, WARD_E_CONFLICT, "this report is %s",
				filing_state_name(row->state));
	if (approving->sha256.len > 0 && !ward_str_eq_nocase(approving->sha256, row->draft_sha256))
		return ward_fail(error, WARD_E_DENIED,
				"the draft was changed behind the decision; look at it again");
	return check_rules(approving->arena, row, error);
}

static ward_err let_go(struct approving *approving, struct store_tx *tx, struct filing_row *row,
		struct ward_error *error)
{
	row->state = FILING_APPROVED;
	row->action = approving->action;
	row->approved_at = row->due_at = clock_now();
	row->tries = 0;
	row->alert = row->message = WARD_STR("");
	ward_err err = rows_update(tx, row, error);

	return err ? err
		   : filing_log(tx, approving->actor, "report.approved", row,
				     &(struct filing_log_words){ row->draft_sha256,
						     approving->reason },
				     error);
}

/* Adds the approvals of one or two persons; lets it go when they are enough. */
static ward_err approve(struct approving *approving, struct store_tx *tx, struct ward_error *error)
{
	struct filing_row row;
	ward_err err = rows_get(tx, approving->id, approving->arena, &row, error);

	if (!err)
		err = may_approve(approving, &row, error);
	if (!err)
		err = rows_approve(tx, row.id, approving->person, row.draft_sha256,
				approving->reason, error);
	if (!err && approving->second.len > 0)
		err = rows_approve(tx, row.id, approving->second, row.draft_sha256,
				approving->reason, error);
	if (!err)
		err = rows_get(tx, approving->id, approving->arena, &row, error);
	if (err)
		return err;
	approving->left = row.persons > row.approvals ? row.persons - row.approvals : 0;
	if (approving->left > 0 && approving->action.len > 0)
		return ward_fail(error, WARD_E_DENIED,
				"a report that is escalated or a batch wants two persons");
	if (approving->left > 0)
		return filing_log(tx, approving->actor, "report.approved_in_part", &row,
				&(struct filing_log_words){ row.draft_sha256, approving->reason },
				error);
	return let_go(approving, tx, &row, error);
}

static ward_err approve_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	return approve(context, tx, error);
}

ward_err filing_approve(struct filing *filing, const struct filing_actor *actor, ward_str id,
		const struct filing_approval *approval, unsigned *left, struct ward_error *error)
{
	struct ward_arena arena;
	struct approving approving = { filing, &arena, actor, id, approval->person, WARD_STR(""),
		approval->reason, approval->sha256, WARD_STR(""), 0 };

	if (approval->person.len == 0 || approval->person.len > 255)
		return ward_fail(error, WARD_E_ARGUMENT, "who approves? A name is wanted");
	if (approval->reason.len > WORDS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a reason has at most %d bytes", WORDS_MAX);
	ward_arena_init(&arena, (size_t)128 << 20);
	ward_err err = store_write(filing->options.store, approve_work, &approving, error);

	ward_arena_free(&arena);
	if (!err)
		*left = (unsigned)approving.left;
	return err;
}

/* What desk itself says of the action, not what the caller holds. */
static ward_err ask_desk(struct store_tx *tx, struct ward_arena *arena,
		const struct desk_action *action, struct desk_action *found,
		struct ward_error *error)
{
	struct desk_action *actions = NULL;
	size_t count = 0;
	ward_err err = desk_action_of_job(tx, action->job, arena, &actions, &count, error);

	for (size_t i = 0; i < count && !err; i++) {
		if (ward_str_eq(actions[i].id, action->id) &&
				ward_str_eq(actions[i].kind, WARD_STR("report")) &&
				ward_str_eq(actions[i].parameters, action->parameters) &&
				actions[i].state == DESK_ACTION_DUE) {
			*found = actions[i];
			return WARD_OK;
		}
	}
	return err ? err
		   : ward_fail(error, WARD_E_DENIED,
				     "no decision made this action, or it is not due");
}

struct taking {
	struct approving approving;
	const struct desk_action *action;
};

static ward_err take_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct taking *taking = context;
	struct approving *approving = &taking->approving;
	struct filing_actor actor = { WARD_STR(""), WARD_STR("") };
	char taken[ID_TEXT_MAX], name[96];
	struct desk_action found;
	ward_err err = rows_by_action(tx, taking->action->id, taken, error);

	if (err != WARD_E_NOT_FOUND)
		return err;
	err = ask_desk(tx, approving->arena, taking->action, &found, error);
	if (err)
		return err;
	snprintf(name, sizeof(name), "person:%.*s", WARD_FMT(found.person));
	actor.actor = ward_str_from(name);
	approving->actor = &actor;
	approving->person = found.person;
	approving->second = found.second_person;
	approving->action = found.id;
	return approve(approving, tx, error);
}

ward_err filing_take(struct filing *filing, const struct desk_action *action,
		struct ward_error *error)
{
	struct json_t *parameters = tree_read(action->parameters, error);
	struct ward_arena arena;
	struct taking taking = { { .filing = filing, .arena = &arena, .reason = WARD_STR("") },
		action };

	if (!parameters)
		return WARD_E_FORMAT;
	taking.approving.id = tree_text(tree_member(parameters, "filing"));
	taking.approving.sha256 = tree_text(tree_member(parameters, "sha256"));
	ward_arena_init(&arena, (size_t)128 << 20);
	ward_err err = WARD_OK;

	if (!ward_str_eq(tree_text(tree_member(parameters, "authority")), WARD_STR("ncmec")))
		err = ward_fail(error, WARD_E_UNSUPPORTED, "the action is for another authority");
	else if (taking.approving.id.len == 0 || taking.approving.sha256.len == 0)
		err = ward_fail(error, WARD_E_FORMAT, "the action names no draft and its digest");
	else
		err = store_write(filing->options.store, take_work, &taking, error);

	ward_arena_free(&arena);
	tree_free(parameters);
	return err;
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

	if (reason.len > WORDS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a reason has at most %d bytes", WORDS_MAX);
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
	return change(filing, actor, id, WARD_STR(""), again_work, error);
}
