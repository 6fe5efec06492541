#include "people/people_second.h"

#include "base/clock.h"
#include "base/json.h"
#include "people/inner.h"

enum { KIND_MAX = 64, OBJECT_MAX = 128, DETAIL_MAX = 4000, WAIT_MAX_S = 30 * 24 * 3600 };

static const char *const states[] = { "waiting", "confirmed", "refused", "withdrawn", "used",
	"over" };

const char *people_second_state_name(enum people_second_state state)
{
	return states[state];
}

/* ---- reading ---- */

#define SECOND                                                                               \
	"SELECT id, kind, object, detail, reason, second, state, proposed_by, answered_by, " \
	"answer, proposed_at, answered_at, ends_at FROM people_seconds "

static enum people_second_state read_state(ward_str word, int64_t ends_at)
{
	for (size_t i = 0; i < PEOPLE_SECOND_OVER; i++) {
		if (!ward_str_eq(word, ward_str_from(states[i])))
			continue;
		bool open = i == PEOPLE_SECOND_WAITING || i == PEOPLE_SECOND_CONFIRMED;

		return open && ends_at <= clock_now() ? PEOPLE_SECOND_OVER
						      : (enum people_second_state)i;
	}
	return PEOPLE_SECOND_OVER;
}

static ward_err read_second(struct store_rows *rows, struct ward_arena *arena,
		struct people_second *second, struct ward_error *error)
{
	struct people_second read = {
		.proposed_at = store_get_int(rows, 10),
		.answered_at = store_get_int(rows, 11),
		.ends_at = store_get_int(rows, 12),
	};
	ward_str *const texts[] = { &read.id, &read.kind, &read.object, &read.detail,
		&read.reason };
	ward_str *const more[] = { &read.proposed_by, &read.answered_by, &read.answer };
	ward_err err = WARD_OK;

	for (unsigned i = 0; !err && i < 5; i++)
		err = people_keep_text(rows, i, arena, texts[i], error);
	for (unsigned i = 0; !err && i < 3; i++)
		err = people_keep_text(rows, 7 + i, arena, more[i], error);
	/* A permission of a newer ward is nobody's here. */
	if (!people_permission_parse(store_get_text(rows, 5), &read.second))
		read.second = PEOPLE_NOBODY;
	read.state = read_state(store_get_text(rows, 6), read.ends_at);
	if (!err)
		*second = read;
	return err;
}

ward_err people_second_get(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct people_second *second, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, SECOND "WHERE id = $1", STORE_VALUES(store_text(id)), &rows,
			error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "nothing of this id waits for a second person");
	if (err)
		return err;
	err = read_second(rows, arena, second, error);
	ward_err end = store_rows_end(rows, err ? NULL : error);

	return err ? err : end;
}

/* Of the rows, those that `keep` wants. */
static ward_err read_list(struct store_rows *rows, people_permissions may, ward_str not_of,
		struct ward_arena *arena, struct people_second_list *list, struct ward_error *error)
{
	enum { LIST_MAX = 500 };
	struct people_second *at = ward_new(arena, struct people_second, LIST_MAX);
	size_t count = 0;
	ward_err err = at ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");

	while (!err && count < LIST_MAX && store_next(rows)) {
		struct people_second *second = &at[count];

		err = read_second(rows, arena, second, error);
		if (!err && not_of.len > 0)
			count += second->state == PEOPLE_SECOND_WAITING &&
				 people_may(may, second->second) &&
				 !ward_str_eq(second->proposed_by, not_of);
		else
			count += !err;
	}
	ward_err end = store_rows_end(rows, err ? NULL : error);

	err = err ? err : end;
	if (!err)
		*list = (struct people_second_list){ at, count };
	return err;
}

ward_err people_second_waiting(struct store_tx *tx, ward_str person, people_permissions may,
		struct ward_arena *arena, struct people_second_list *list, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(tx,
			SECOND "WHERE state = 'waiting' AND ends_at > $1 ORDER BY proposed_at, id",
			STORE_VALUES(store_int(clock_now())), &rows, error);

	return err ? err : read_list(rows, may, person, arena, list, error);
}

ward_err people_second_own(struct store_tx *tx, ward_str person, struct ward_arena *arena,
		struct people_second_list *list, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(tx,
			SECOND "WHERE proposed_by = $1 ORDER BY proposed_at DESC, id DESC LIMIT "
			       "200",
			STORE_VALUES(store_text(person)), &rows, error);

	return err ? err : read_list(rows, 0, WARD_STR(""), arena, list, error);
}

/* ---- proposing ---- */

static ward_err check_act(const struct people_act *act, struct ward_error *error)
{
	ward_err err = people_check_text(act->kind, KIND_MAX, "a kind of act", error);

	if (!err)
		err = people_check_text(act->object, OBJECT_MAX, "what an act is about", error);
	if (!err && act->detail.len > 0)
		err = people_check_text(act->detail, DETAIL_MAX, "the details of an act", error);
	if (!err && (act->second == PEOPLE_NOBODY ||
				    (int)act->second >= (int)PEOPLE_PERMISSION_COUNT ||
				    act->wait_s <= 0 || act->wait_s > WAIT_MAX_S))
		return ward_fail(error, WARD_E_ARGUMENT,
				"an act for two persons names a permission, and waits for at most "
				"30 days");
	return err;
}

/* One in this state, the newest answered: NOT_FOUND when there is none. */
static ward_err find_same(struct store_tx *tx, const struct people_actor *actor,
		const struct people_act *act, const char *state, char id[ID_TEXT_MAX],
		char answered_by[ID_TEXT_MAX], struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT id, answered_by FROM people_seconds WHERE kind = $1 AND "
			"object = $2 AND state = $3 AND proposed_by = $4 AND detail = $5 AND "
			"second = $6 AND ends_at > $7 "
			"ORDER BY answered_at DESC, proposed_at, id LIMIT 1",
			STORE_VALUES(store_text(act->kind), store_text(act->object),
					store_string(state), store_text(actor->person),
					store_text(act->detail),
					store_string(people_permission_name(act->second)),
					store_int(clock_now())),
			&rows, error);

	if (err)
		return err;
	snprintf(id, ID_TEXT_MAX, "%.*s", WARD_FMT(store_get_text(rows, 0)));
	snprintf(answered_by, ID_TEXT_MAX, "%.*s", WARD_FMT(store_get_text(rows, 1)));
	return store_rows_end(rows, error);
}

/* `what` happened to the act; its row says to which, and the audit of the object can be read. */
static ward_err tell(struct store_tx *tx, const struct people_actor *actor, const char *what,
		const char *id, ward_str kind, ward_str object, ward_str reason,
		struct ward_error *error)
{
	struct ward_buf detail;
	struct json json;

	ward_buf_init(&detail, 1024);
	json = json_to(&detail);
	json_object(&json);
	json_key_text(&json, "kind", "second");
	json_key_str(&json, "act", kind);
	json_key_str(&json, "object", object);
	json_object_end(&json);
	ward_err err = detail.failed ? ward_fail(error, WARD_E_NOMEM, "out of memory")
				     : people_tell(tx, actor, what, "second", ward_str_from(id),
						       reason, ward_buf_text(&detail), error);

	ward_buf_free(&detail);
	return err;
}

ward_err people_second_propose(struct store_tx *tx, const struct people_actor *actor,
		const struct people_act *act, ward_str reason, char id[ID_TEXT_MAX],
		struct ward_error *error)
{
	int64_t now = clock_now();
	char nobody[ID_TEXT_MAX];
	ward_err err = check_act(act, error);

	if (!err)
		err = people_check_text(reason, PEOPLE_REASON_MAX, "a reason", error);
	if (!err)
		err = people_need(tx, actor->person, error);
	if (err)
		return err;
	err = find_same(tx, actor, act, "waiting", id, nobody, error);
	if (err != WARD_E_NOT_FOUND)
		return err;
	id_new(id);
	err = store_run(tx,
			"INSERT INTO people_seconds (id, kind, object, detail, reason, second, "
			"state, proposed_by, proposed_at, wait_s, ends_at, answered_by, "
			"answered_at, answer) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, "
			"$9, $10, NULL, 0, '')",
			STORE_VALUES(store_string(id), store_text(act->kind),
					store_text(act->object), store_text(act->detail),
					store_text(reason),
					store_string(people_permission_name(act->second)),
					store_text(actor->person), store_int(now),
					store_int(act->wait_s), store_int(now + act->wait_s)),
			NULL, error);
	return err ? err
		   : tell(tx, actor, "second.proposed", id, act->kind, act->object, reason, error);
}

/* ---- answering ---- */

struct waiting {
	char proposed_by[ID_TEXT_MAX];
	char kind[KIND_MAX + 1], object[OBJECT_MAX + 1];
	enum people_permission second;
	enum people_second_state state;
	int64_t wait_s;
};

static ward_err load(struct store_tx *tx, ward_str id, struct waiting *waiting,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT proposed_by, kind, object, second, state, wait_s, ends_at "
			"FROM people_seconds WHERE id = $1",
			STORE_VALUES(store_text(id)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "nothing of this id waits for a second person");
	if (err)
		return err;
	snprintf(waiting->proposed_by, sizeof(waiting->proposed_by), "%.*s",
			WARD_FMT(store_get_text(rows, 0)));
	snprintf(waiting->kind, sizeof(waiting->kind), "%.*s", WARD_FMT(store_get_text(rows, 1)));
	snprintf(waiting->object, sizeof(waiting->object), "%.*s",
			WARD_FMT(store_get_text(rows, 2)));
	if (!people_permission_parse(store_get_text(rows, 3), &waiting->second))
		waiting->second = PEOPLE_NOBODY;
	waiting->state = read_state(store_get_text(rows, 4), store_get_int(rows, 6));
	waiting->wait_s = store_get_int(rows, 5);
	return store_rows_end(rows, error);
}

static ward_err set_state(struct store_tx *tx, ward_str id, const char *state, ward_str by,
		ward_str answer, int64_t ends_at, struct ward_error *error)
{
	uint64_t changed = 0;
	ward_err err = store_run(tx,
			"UPDATE people_seconds SET state = $2, answered_by = $3, "
			"answered_at = $4, answer = $5, ends_at = $6 "
			"WHERE id = $1 AND state = 'waiting'",
			STORE_VALUES(store_text(id), store_string(state), store_text(by),
					store_int(clock_now()), store_text(answer),
					store_int(ends_at)),
			&changed, error);

	return !err && changed == 0 ? ward_fail(error, WARD_E_CONFLICT, "it waits no more") : err;
}

ward_err people_second_answer(struct store_tx *tx, const struct people_actor *actor,
		people_permissions may, ward_str id, bool confirm, ward_str reason,
		struct ward_error *error)
{
	struct waiting waiting;
	ward_err err = load(tx, id, &waiting, error);

	if (err)
		return err;
	if (ward_str_eq(actor->person, ward_str_from(waiting.proposed_by)))
		return ward_fail(error, WARD_E_DENIED,
				"whoever proposed it does not answer it; that is another person's "
				"part");
	if (!people_may(may, waiting.second))
		return ward_fail(error, WARD_E_DENIED, "answering this wants \"%s\"",
				people_permission_name(waiting.second));
	if (waiting.state != PEOPLE_SECOND_WAITING)
		return ward_fail(error, WARD_E_CONFLICT, "it waits no more");
	err = people_check_text(reason, PEOPLE_REASON_MAX, "a reason", error);
	if (!err)
		err = set_state(tx, id,
				states[confirm ? PEOPLE_SECOND_CONFIRMED : PEOPLE_SECOND_REFUSED],
				actor->person, reason, clock_now() + waiting.wait_s, error);
	if (err)
		return err;
	char text[ID_TEXT_MAX];

	snprintf(text, sizeof(text), "%.*s", WARD_FMT(id));
	return tell(tx, actor, confirm ? "second.confirmed" : "second.refused", text,
			ward_str_from(waiting.kind), ward_str_from(waiting.object), reason, error);
}

ward_err people_second_withdraw(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		struct ward_error *error)
{
	struct waiting waiting;
	char text[ID_TEXT_MAX];
	uint64_t changed = 0;
	ward_err err = load(tx, id, &waiting, error);

	if (err)
		return err;
	if (!ward_str_eq(actor->person, ward_str_from(waiting.proposed_by)))
		return ward_fail(error, WARD_E_DENIED, "only whoever proposed it takes it back");
	/* Also what was confirmed, as long as it was not used. */
	err = store_run(tx,
			"UPDATE people_seconds SET state = 'withdrawn' WHERE id = $1 AND "
			"(state = 'waiting' OR state = 'confirmed')",
			STORE_VALUES(store_text(id)), &changed, error);
	if (!err && changed == 0)
		return ward_fail(error, WARD_E_CONFLICT, "it waits no more");
	snprintf(text, sizeof(text), "%.*s", WARD_FMT(id));
	return err ? err
		   : tell(tx, actor, "second.withdrawn", text, ward_str_from(waiting.kind),
				     ward_str_from(waiting.object), WARD_STR(""), error);
}

/* ---- using ---- */

ward_err people_second_use(struct store_tx *tx, const struct people_actor *actor,
		const struct people_act *act, char id[ID_TEXT_MAX], struct ward_error *error)
{
	char answered_by[ID_TEXT_MAX];
	people_permissions now = 0;
	uint64_t changed = 0;
	ward_err err = check_act(act, error);

	if (!err)
		err = find_same(tx, actor, act, "confirmed", id, answered_by, error);
	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, WARD_E_DENIED,
				"this wants two persons: propose it, and let somebody confirm it "
				"who has \"%s\"",
				people_permission_name(act->second));
	if (!err)
		err = people_permissions_of(tx, ward_str_from(answered_by), &now, error);
	if (err)
		return err;
	if (!people_may(now, act->second) || ward_str_eq(ward_str_from(answered_by), actor->person))
		return ward_fail(error, WARD_E_DENIED,
				"whoever confirmed it may not any more; propose it again");
	err = store_run(tx,
			"UPDATE people_seconds SET state = 'used' WHERE id = $1 AND "
			"state = 'confirmed'",
			STORE_VALUES(store_string(id)), &changed, error);
	if (!err && changed == 0)
		return ward_fail(error, WARD_E_CONFLICT, "it was used already");
	return err ? err
		   : tell(tx, actor, "second.used", id, act->kind, act->object, WARD_STR(""),
				     error);
}
