#include "api/two.h"

#include "api/door.h"
#include "desk/jobs.h"
#include "desk/looking.h"

enum { CONFIRM_S = 24 * 3600, DETAIL_MAX = 4000 };

static struct people_actor actor_of(const struct request *request)
{
	return (struct people_actor){ ward_str_from(request->person.id),
		ward_str_from(request->person.roles) };
}

struct json two_begin(struct two *two, struct request *request, const struct two_kind *kind,
		ward_str id)
{
	*two = (struct two){ .request = request };
	ward_buf_init(&two->detail, DETAIL_MAX);
	(void)snprintf(two->object, sizeof(two->object), "%s:%.*s", kind->noun,
			(int)(id.len < ID_TEXT_MAX ? id.len : ID_TEXT_MAX), id.ptr);
	(void)snprintf(two->first, sizeof(two->first), "person:%s", request->person.id);
	two->act = (struct people_act){ .kind = ward_str_from(kind->kind),
		.object = ward_str_from(two->object),
		.second = kind->second,
		.wait_s = CONFIRM_S };
	struct json json = json_to(&two->detail);

	json_object(&json);
	return json;
}

/* ---- is it confirmed? ---- */

static bool is_this(const struct two *two, const struct people_second *second)
{
	return second->state == PEOPLE_SECOND_CONFIRMED && second->second == two->act.second &&
	       ward_str_eq(second->kind, two->act.kind) &&
	       ward_str_eq(second->object, two->act.object) &&
	       ward_str_eq(second->detail, two->act.detail);
}

/* The one that people_second_use would use. */
static void choose(struct two *two, const struct people_second_list *own)
{
	const struct people_second *chosen = NULL;

	for (size_t i = 0; i < own->count; i++) {
		if (is_this(two, &own->at[i]) &&
				(!chosen || own->at[i].answered_at > chosen->answered_at))
			chosen = &own->at[i];
	}
	if (!chosen)
		return;
	(void)snprintf(two->id, sizeof(two->id), "%.*s", WARD_FMT(chosen->id));
	(void)snprintf(two->second, sizeof(two->second), "person:%.*s",
			WARD_FMT(chosen->answered_by));
}

static bool look_for_it(struct two *two)
{
	struct people_second_list own = { 0 };
	struct door_look look;

	if (!door_look(two->request, &look))
		return false;
	ward_err err = people_second_own(look.tx, ward_str_from(two->request->person.id),
			&look.arena, &own, &look.error);

	if (!err)
		choose(two, &own);
	door_look_end(two->request, &look, err);
	return !err;
}

/* ---- no: then it is proposed ---- */

struct proposal {
	struct two *two;
	ward_str reason;
	char id[ID_TEXT_MAX];
};

static ward_err propose_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct proposal *proposal = context;
	struct people_actor actor = actor_of(proposal->two->request);

	return people_second_propose(tx, &actor, &proposal->two->act, proposal->reason,
			proposal->id, error);
}

static void propose(struct two *two, ward_str reason)
{
	struct proposal proposal = { .two = two, .reason = reason };

	if (!door_write(two->request, propose_work, &proposal))
		return;
	struct json json = request_json(two->request);

	two->request->answer.status = 202;
	json_object(&json);
	json_key_text(&json, "second", proposal.id);
	json_object_end(&json);
}

bool two_ask(struct two *two, struct json *json, ward_str reason)
{
	/* The reason is what the second person agrees to, and what the record says for good. */
	json_key_str(json, "reason", reason);
	json_object_end(json);
	two->act.detail = ward_buf_text(&two->detail);
	if (two->detail.failed) {
		request_trouble(two->request, PROBLEM_TOO_LARGE,
				"Say it in fewer words: this is more than a colleague is shown.");
		return false;
	}
	if (!look_for_it(two))
		return false;
	if (two->id[0])
		return true;
	propose(two, reason);
	return false;
}

/* ---- yes: it is used up by the act ---- */

ward_err two_use(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct two *two = context;
	struct people_actor actor = actor_of(two->request);
	char used[ID_TEXT_MAX];
	ward_err err = people_second_use(tx, &actor, &two->act, used, error);

	if (!err && strcmp(used, two->id) != 0)
		err = ward_fail(error, WARD_E_CONFLICT,
				"it was confirmed once more meanwhile: ask again");
	return err;
}

struct vault_pair two_pair(struct two *two)
{
	ward_str roles = ward_str_from(two->request->person.roles);

	return (struct vault_pair){ .first = { ward_str_from(two->first), roles },
		.second = { ward_str_from(two->second), WARD_STR("") },
		.use = two_use,
		.context = two };
}

void two_end(struct two *two)
{
	ward_buf_free(&two->detail);
}

/* ---- who learns of it ---- */

ward_err two_is_told(const struct request *request, struct store_tx *tx, ward_str object,
		struct ward_arena *arena, bool *told, struct ward_error *error)
{
	ward_str id = object, noun = ward_str_cut(&id, ':');
	ward_str person = ward_str_from(request->person.id);
	ward_err err = WARD_OK;

	if (ward_str_eq(noun, WARD_STR("job"))) {
		struct desk_job job;

		err = desk_job_get(tx, id, person, arena, &job, error);
	} else if (ward_str_eq(noun, WARD_STR("item"))) {
		struct desk_looking looking;

		err = desk_looking(tx, id, person, arena, &looking, error);
	}
	*told = err == WARD_OK;
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}
