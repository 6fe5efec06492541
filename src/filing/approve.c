/* What lets a report go: persons, by hand or upon a decision, and the rules once more. */
#include "base/clock.h"
#include "base/tree.h"
#include "filing/log.h"
#include "filing/rows.h"

struct approving {
	const struct filing *filing;
	struct ward_arena *arena;
	const struct filing_actor *actor;
	ward_str id, person, second, reason, sha256;
	ward_str action; /* of desk, which said who decided; "" else */
	ward_str job;    /* that it is about; "" else */
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
	/* A package says on each page that it is a test: a real report must not. */
	if (row->environment != rows_environment_of(approving->filing, row->authority))
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
	if (approving->action.len > 0 && row->action.len == 0)
		row->action = approving->action;
	if (row->job.len == 0)
		row->job = approving->job;
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

/* By hand, of what was made by hand: a report of a job follows a decision. */
static ward_err approve_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct approving *approving = context;
	struct filing_row row;
	ward_err err = rows_get(tx, approving->id, approving->arena, &row, error);

	if (!err && row.job.len > 0)
		err = ward_fail(error, WARD_E_DENIED,
				"this report is of a job: it is approved at the desk");
	return err ? err : approve(approving, tx, error);
}

static struct approving approving_of(const struct filing *filing, struct ward_arena *arena,
		const struct filing_actor *actor, ward_str id,
		const struct filing_approval *approval)
{
	return (struct approving){ .filing = filing,
		.arena = arena,
		.actor = actor,
		.id = id,
		.person = approval->person,
		.second = approval->second,
		.reason = approval->reason,
		.sha256 = approval->sha256 };
}

static ward_err check_approval(const struct filing_approval *approval, struct ward_error *error)
{
	if (approval->person.len == 0 || approval->person.len > 255)
		return ward_fail(error, WARD_E_ARGUMENT, "who approves? A name is wanted");
	if (ward_str_eq(approval->person, approval->second))
		return ward_fail(error, WARD_E_DENIED, "two persons are wanted, and this is one");
	if (approval->reason.len > FILING_WORDS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a reason has at most %d bytes",
				FILING_WORDS_MAX);
	return WARD_OK;
}

ward_err filing_approve(struct filing *filing, const struct filing_actor *actor, ward_str id,
		const struct filing_approval *approval, unsigned *left, struct ward_error *error)
{
	struct ward_arena arena;
	struct approving approving = approving_of(filing, &arena, actor, id, approval);
	ward_err err = check_approval(approval, error);

	if (err)
		return err;
	ward_arena_init(&arena, (size_t)128 << 20);
	err = store_write(filing->options.store, approve_work, &approving, error);

	ward_arena_free(&arena);
	if (!err)
		*left = (unsigned)approving.left;
	return err;
}

bool filing_row_is_ncmec(const struct filing_row *row)
{
	return ward_str_eq(row->authority, WARD_STR("ncmec"));
}

static bool is_for(const struct desk_action *action, ward_str authority)
{
	struct json_t *parameters = tree_read(action->parameters, NULL);
	bool yes = ward_str_eq(tree_text(tree_member(parameters, "authority")), authority);

	tree_free(parameters);
	return yes;
}

bool filing_is_ncmec(const struct desk_action *action)
{
	return is_for(action, WARD_STR("ncmec"));
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

/* Another job's report is none of this decision's, and another authority's neither. */
static ward_err check_asked_for(struct store_tx *tx, const struct approving *approving,
		const struct desk_action *action, struct ward_error *error)
{
	struct filing_row row;
	ward_err err = rows_get(tx, approving->id, approving->arena, &row, error);

	if (!err && row.job.len > 0 && !ward_str_eq(row.job, approving->job))
		err = ward_fail(error, WARD_E_DENIED, "the action names a report of another job");
	if (!err && !is_for(action, row.authority))
		err = ward_fail(error, WARD_E_DENIED,
				"the action names a report for another authority");
	return err;
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
	approving->job = found.job;
	err = check_asked_for(tx, approving, &found, error);
	return err ? err : approve(approving, tx, error);
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

	if (taking.approving.id.len == 0 || taking.approving.sha256.len == 0)
		err = ward_fail(error, WARD_E_FORMAT, "the action names no draft and its digest");
	else
		err = store_write(filing->options.store, take_work, &taking, error);

	ward_arena_free(&arena);
	tree_free(parameters);
	return err;
}

/* Of those that stand, the one that is nobody's yet; else "" in `unused`. */
static ward_err find_asking(struct store_tx *tx, struct ward_arena *arena,
		const struct filing_row *row, bool *asked, ward_str *unused,
		struct ward_error *error)
{
	struct desk_action *actions = NULL;
	char taken[ID_TEXT_MAX];
	size_t count = 0;
	ward_err err = desk_action_of_job(tx, row->job, arena, &actions, &count, error);

	*asked = false;
	*unused = WARD_STR("");
	for (size_t i = 0; i < count && !err; i++) {
		const struct desk_action *action = &actions[i];

		if (!ward_str_eq(action->kind, WARD_STR("report")) ||
				action->state == DESK_ACTION_WAITING ||
				action->state == DESK_ACTION_UNDONE ||
				!is_for(action, row->authority))
			continue;
		*asked = true;
		err = rows_by_action(tx, action->id, taken, error);
		if (err == WARD_E_NOT_FOUND) {
			*unused = action->id;
			err = WARD_OK;
		}
	}
	return err;
}

/* A decision on the report's job that asks for one; its action, unless another report has it. */
static ward_err check_asked(struct approving *approving, struct store_tx *tx,
		struct filing_row *row, struct ward_error *error)
{
	bool asked = false;
	ward_err err = rows_get(tx, approving->id, approving->arena, row, error);

	if (!err && row->job.len == 0)
		err = ward_fail(error, WARD_E_DENIED,
				"this report is of no job: it is approved where it was made");
	if (!err)
		err = find_asking(tx, approving->arena, row, &asked, &approving->action, error);
	if (!err && !asked)
		err = ward_fail(error, WARD_E_DENIED,
				"no decision on its job asks for a report: decide the job first");
	return err;
}

typedef ward_err approving_step(struct approving *approving, struct store_tx *tx,
		struct ward_error *error);

static ward_err look(struct approving *approving, struct store_tx *tx, struct ward_error *error)
{
	struct filing_row row;
	ward_err err = rows_get(tx, approving->id, approving->arena, &row, error);

	return err ? err : may_approve(approving, &row, error);
}

/* One step with a report that a decision asks for; `left` may be NULL. */
static ward_err with_asked(const struct filing *filing, struct store_tx *tx,
		const struct filing_actor *actor, ward_str id,
		const struct filing_approval *approval, approving_step *step, unsigned *left,
		struct ward_error *error)
{
	struct ward_arena arena;
	struct filing_row row;
	ward_err err = check_approval(approval, error);

	if (err)
		return err;
	ward_arena_init(&arena, (size_t)128 << 20);
	struct approving approving = approving_of(filing, &arena, actor, id, approval);

	err = check_asked(&approving, tx, &row, error);
	if (!err)
		err = step(&approving, tx, error);
	ward_arena_free(&arena);
	if (!err && left)
		*left = (unsigned)approving.left;
	return err;
}

ward_err filing_approvable(struct filing *filing, struct store_tx *tx, ward_str id,
		const struct filing_approval *approval, struct ward_error *error)
{
	return with_asked(filing, tx, NULL, id, approval, look, NULL, error);
}

ward_err filing_approve_within(struct filing *filing, struct store_tx *tx,
		const struct filing_actor *actor, ward_str id,
		const struct filing_approval *approval, unsigned *left, struct ward_error *error)
{
	return with_asked(filing, tx, actor, id, approval, approve, left, error);
}
