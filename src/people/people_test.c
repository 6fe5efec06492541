#include "people/people.h"

#include <sodium.h>

#include "audit/audit.h"
#include "base/clock_fake.h"
#include "base/test.h"
#include "people/people_keys.h"
#include "people/people_second.h"
#include "people/people_session.h"
#include "store/store_test.h"

/*
 * Each call below is one work of the store, so that a case reads as what
 * people do one after the other.
 */
struct call {
	ward_err (*run)(struct call *call, struct store_tx *tx, struct ward_error *error);
	struct people_actor actor;
	const char *id, *text, *more;
	bool flag;
	const struct people_act *act;
	people_permissions set;
	char *out, *code;
	struct people_session *session;
	const struct people_sealed *sealed;
};

static struct store *store;
static struct ward_error error;
static const struct people_actor operator= { 0 };
static const struct people_times times = { .idle_s = 1800, .all_s = 12 * 3600 };
static struct ward_arena arena;

static ward_err run_call(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct call *call = context;

	return call->run(call, tx, failure);
}

static ward_err do_call(struct call call)
{
	error.message[0] = '\0';
	return store_write(store, run_call, &call, &error);
}

static void begin(void)
{
	clock_fake_set(1767225600);
	store_free(store);
	store = store_fresh();
	ward_arena_free(&arena);
	ward_arena_init(&arena, (size_t)32 << 20);
}

/* ---- the calls ---- */

static ward_err call_add(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	struct people_new person = { ward_str_from(call->id), ward_str_from(call->text),
		ward_str_from(call->more) };

	return people_add(tx, &call->actor, &person, call->out, call->code, failure);
}

static ward_err add(const char *login, const char *roles, char id[ID_TEXT_MAX])
{
	static char code[PEOPLE_CODE_MAX];

	return do_call((struct call){ .run = call_add,
			.id = login,
			.text = "Mara Licht",
			.more = roles,
			.out = id,
			.code = code });
}

/* As one who has set up a passkey: active. */
static ward_err call_activate(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	return store_run(tx,
			"INSERT INTO people_passkeys (id, person, credential, public_key, counter, "
			"label, created_at, used_at) VALUES ($1, $1, $2, $2, 0, 'lamp', 0, 0)",
			STORE_VALUES(store_string(call->id),
					store_blob((ward_bytes){ (const uint8_t *)call->id,
							strlen(call->id) })),
			NULL, failure);
}

static bool add_active(const char *login, const char *roles, char id[ID_TEXT_MAX])
{
	return add(login, roles, id) == WARD_OK &&
	       do_call((struct call){ .run = call_activate, .id = id }) == WARD_OK;
}

static struct people_actor actor(const char *id)
{
	return (struct people_actor){ ward_str_from(id), WARD_STR("admin") };
}

static ward_err call_roles(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	return people_set_roles(tx, &call->actor, ward_str_from(call->id),
			ward_str_from(call->text), failure);
}

static ward_err set_roles(struct people_actor by, const char *id, const char *roles)
{
	return do_call((struct call){ .run = call_roles, .actor = by, .id = id, .text = roles });
}

static ward_err call_off(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	return people_set_off(tx, &call->actor, ward_str_from(call->id), call->flag, failure);
}

static ward_err set_off(struct people_actor by, const char *id, bool off)
{
	return do_call((struct call){ .run = call_off, .actor = by, .id = id, .flag = off });
}

static ward_err call_role(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	struct people_own_role role = { ward_str_from(call->id), call->set,
		WARD_STR("for the night") };

	return people_role_set(tx, &call->actor, &role, failure);
}

static ward_err set_role(struct people_actor by, const char *name, people_permissions set)
{
	return do_call((struct call){ .run = call_role, .actor = by, .id = name, .set = set });
}

static ward_err call_open(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	return people_session_open(tx, ward_str_from(call->id), "passkey", call->flag, &times,
			call->out, call->session, failure);
}

static ward_err call_find(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	return people_session_find(tx, ward_str_from(call->text), &times, call->session, failure);
}

static ward_err call_used(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	return people_session_used(tx, call->session, failure);
}

static ward_err find(const char *token, struct people_session *session)
{
	return do_call((struct call){ .run = call_find, .text = token, .session = session });
}

static struct person get(const char *id)
{
	struct person person = { 0 };
	struct store_tx *tx;

	if (store_read(store, &tx, &error) == WARD_OK) {
		if (people_get(tx, ward_str_from(id), &arena, &person, &error) != WARD_OK)
			printf("# %s\n", error.message);
		store_read_end(tx);
	}
	return person;
}

static bool is(ward_str text, const char *wanted)
{
	return ward_str_eq(text, ward_str_from(wanted));
}

/* ---- persons ---- */

static void a_person_is_invited_under_a_pseudonym(void)
{
	char id[ID_TEXT_MAX], other[ID_TEXT_MAX];

	begin();
	CHECK_EQ(add("mara", "reviewer", id), WARD_OK);
	CHECK_EQ(add("jon", "lists,supervisor", other), WARD_OK);
	struct person person = get(id);

	CHECK(is(person.login, "mara"));
	CHECK(is(person.pseudonym, "reviewer 1"));
	CHECK(is(person.roles, "reviewer"));
	CHECK_EQ(person.state, PEOPLE_INVITED);
	CHECK(people_may(person.permissions, PEOPLE_JOB_DECIDE));
	CHECK(!people_may(person.permissions, PEOPLE_PEOPLE_CHANGE));
	person = get(other);
	CHECK(is(person.pseudonym, "lists 2"));
	CHECK(is(person.roles, "lists,supervisor"));
	CHECK(people_may(person.permissions, PEOPLE_LIST_CHANGE));
	CHECK(people_may(person.permissions, PEOPLE_STATS_READ));
}

static ward_err call_pseudonym(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	return people_set_pseudonym(tx, &call->actor, ward_str_from(call->id),
			ward_str_from(call->text), failure);
}

static void a_pseudonym_that_somebody_took_keeps_nobody_out(void)
{
	char id[ID_TEXT_MAX], other[ID_TEXT_MAX];

	begin();
	CHECK_EQ(add("mara", "reviewer", id), WARD_OK);
	CHECK_EQ(do_call((struct call){ .run = call_pseudonym, .id = id, .text = "reviewer 2" }),
			WARD_OK);
	CHECK_EQ(add("jon", "reviewer", other), WARD_OK);
	CHECK(is(get(other).pseudonym, "reviewer 3"));
	CHECK_EQ(add("eva", "lists", other), WARD_OK);
	CHECK(is(get(other).pseudonym, "lists 4"));
}

static void a_login_is_one_persons_and_a_plain_word(void)
{
	char id[ID_TEXT_MAX];

	begin();
	CHECK_EQ(add("mara", "reviewer", id), WARD_OK);
	CHECK_EQ(add("mara", "lists", id), WARD_E_EXISTS);
	CHECK_EQ(add("Mara", "lists", id), WARD_E_ARGUMENT);
	CHECK_EQ(add("", "lists", id), WARD_E_ARGUMENT);
	CHECK_EQ(add("a b", "lists", id), WARD_E_ARGUMENT);
	CHECK_EQ(add(".a", "lists", id), WARD_E_ARGUMENT);
	CHECK_EQ(add("m@example.org", "lists", id), WARD_OK);
}

static void roles_of_one_person_never_reach_content_and_people(void)
{
	char id[ID_TEXT_MAX];

	begin();
	CHECK_EQ(add("a", "admin,reviewer", id), WARD_E_ARGUMENT);
	CHECK(strstr(error.message, "never go to one person"));
	CHECK_EQ(add("a", "admin,supervisor", id), WARD_OK);
	CHECK_EQ(set_roles(operator, id, "admin,trainee"), WARD_E_ARGUMENT);
	CHECK(is(get(id).roles, "admin,supervisor"));
	CHECK_EQ(set_roles(operator, id, "keeper"), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "there is no role \"keeper\"");
	CHECK_EQ(set_roles(operator, id, ""), WARD_E_ARGUMENT);
	CHECK_EQ(set_roles(operator, id, "lists,,admin"), WARD_E_ARGUMENT);
}

static void an_operators_own_role_holds_to_the_same(void)
{
	char id[ID_TEXT_MAX];

	begin();
	CHECK_EQ(set_role(operator, "night", PEOPLE_BIT(PEOPLE_STATS_READ)), WARD_OK);
	CHECK_EQ(set_role(operator, "admin", PEOPLE_BIT(PEOPLE_STATS_READ)), WARD_E_EXISTS);
	CHECK_EQ(set_role(operator, "both",
				 PEOPLE_BIT(PEOPLE_ITEM_FACTS) | PEOPLE_BIT(PEOPLE_PEOPLE_SEE) |
						 PEOPLE_BIT(PEOPLE_PEOPLE_CHANGE)),
			WARD_E_ARGUMENT);
	CHECK_EQ(add("a", "admin,night", id), WARD_OK);
	CHECK(people_may(get(id).permissions, PEOPLE_STATS_READ));
	/* The role may not be widened under an admin who has it. */
	CHECK_EQ(set_role(operator, "night", PEOPLE_BIT(PEOPLE_ITEM_FACTS)), WARD_E_ARGUMENT);
	CHECK(!people_may(get(id).permissions, PEOPLE_ITEM_FACTS));
	CHECK_EQ(set_role(operator, "night", PEOPLE_BIT(PEOPLE_AUDIT_READ)), WARD_OK);
	CHECK(people_may(get(id).permissions, PEOPLE_AUDIT_READ));
}

static void nobody_changes_their_own_roles_or_switches_themselves_off(void)
{
	char id[ID_TEXT_MAX], other[ID_TEXT_MAX];

	begin();
	CHECK(add_active("a", "admin", id));
	CHECK(add_active("b", "admin", other));
	CHECK_EQ(set_roles(actor(id), id, "lists"), WARD_E_DENIED);
	CHECK_EQ(set_off(actor(id), id, true), WARD_E_DENIED);
	CHECK_EQ(set_roles(actor(id), other, "lists"), WARD_OK);
	CHECK(is(get(other).roles, "lists"));
}

static void nobody_widens_a_role_that_they_have(void)
{
	people_permissions lets_in =
			PEOPLE_BIT(PEOPLE_PEOPLE_SEE) | PEOPLE_BIT(PEOPLE_PEOPLE_CHANGE);
	char id[ID_TEXT_MAX], other[ID_TEXT_MAX];

	begin();
	CHECK_EQ(set_role(operator, "office", lets_in), WARD_OK);
	CHECK(add_active("a", "office", id));
	CHECK(add_active("b", "admin", other));
	CHECK_EQ(set_role(actor(id), "office", lets_in | PEOPLE_BIT(PEOPLE_AUDIT_READ)),
			WARD_E_DENIED);
	CHECK(!people_may(get(id).permissions, PEOPLE_AUDIT_READ));
	CHECK_EQ(set_role(actor(other), "office", lets_in | PEOPLE_BIT(PEOPLE_AUDIT_READ)),
			WARD_OK);
	CHECK(people_may(get(id).permissions, PEOPLE_AUDIT_READ));
}

static void somebody_is_left_who_can_let_people_in(void)
{
	char id[ID_TEXT_MAX], lists[ID_TEXT_MAX];

	begin();
	CHECK(add_active("a", "admin", id));
	CHECK(add_active("l", "lists", lists));
	CHECK_EQ(set_off(actor(lists), id, true), WARD_E_CONFLICT);
	CHECK_EQ(set_roles(actor(lists), id, "supervisor"), WARD_E_CONFLICT);
	CHECK_EQ(get(id).state, PEOPLE_ACTIVE);
	/* At the machine itself one always can. */
	CHECK_EQ(set_off(operator, id, true), WARD_OK);
	CHECK_EQ(get(id).state, PEOPLE_OFF);
}

static ward_err call_forget(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	unsigned count = 0;
	ward_err err = people_forget(tx, clock_now() - 3600, &count, failure);

	*call->out = (char)('0' + count);
	return err;
}

static void who_left_is_forgotten_when_it_is_time_but_for_the_pseudonym(void)
{
	char id[ID_TEXT_MAX], count;

	begin();
	CHECK(add_active("a", "reviewer", id));
	CHECK_EQ(set_off(operator, id, true), WARD_OK);
	CHECK_EQ(do_call((struct call){ .run = call_forget, .out = &count }), WARD_OK);
	CHECK_EQ(count, '0');
	clock_fake_pass(3601);
	CHECK_EQ(do_call((struct call){ .run = call_forget, .out = &count }), WARD_OK);
	CHECK_EQ(count, '1');
	struct person person = get(id);

	CHECK(is(person.pseudonym, "reviewer 1"));
	CHECK(is(person.name, ""));
	CHECK(is(person.login, ""));
	CHECK_EQ(person.passkeys, 0);
	CHECK_EQ(do_call((struct call){ .run = call_forget, .out = &count }), WARD_OK);
	CHECK_EQ(count, '0');
}

/* ---- the audit ---- */

struct seen {
	char actions[512];
	bool name_told;
};

static bool see(void *context, const struct audit_row *row)
{
	struct seen *seen = context;
	size_t len = strlen(seen->actions);

	snprintf(seen->actions + len, sizeof(seen->actions) - len, "%.*s ",
			WARD_FMT(row->entry.action));
	for (size_t i = 0; i + 4 <= row->entry.detail.len; i++)
		seen->name_told |= memcmp(row->entry.detail.ptr + i, "Mara", 4) == 0;
	return true;
}

static void every_change_is_in_the_audit_and_no_name_is(void)
{
	char id[ID_TEXT_MAX], object[64];
	struct seen seen = { .actions = "" };
	struct store_tx *tx;

	begin();
	CHECK_EQ(add("mara", "reviewer", id), WARD_OK);
	CHECK_EQ(set_roles(operator, id, "senior"), WARD_OK);
	CHECK_EQ(set_off(operator, id, true), WARD_OK);
	CHECK_EQ(set_off(operator, id, false), WARD_OK);
	snprintf(object, sizeof(object), "person:%s", id);
	struct audit_question question = { .object = ward_str_from(object), .rows_max = 10 };

	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(audit_read(tx, &question, see, &seen, &error), WARD_OK);
	store_read_end(tx);
	CHECK_STR(seen.actions, "person.on person.off person.roles person.invited ");
	CHECK(!seen.name_told);
}

/* ---- sessions ---- */

static bool open_session(const char *id, char token[PEOPLE_TOKEN_MAX],
		struct people_session *session)
{
	return do_call((struct call){ .run = call_open,
			       .id = id,
			       .out = token,
			       .session = session }) == WARD_OK;
}

static void a_session_is_found_by_its_token_alone(void)
{
	char id[ID_TEXT_MAX], token[PEOPLE_TOKEN_MAX];
	struct people_session session, found;

	begin();
	CHECK(add_active("a", "reviewer", id));
	CHECK(open_session(id, token, &session));
	CHECK_EQ(strlen(token), 43);
	CHECK_EQ(find(token, &found), WARD_OK);
	CHECK_STR(found.person, id);
	CHECK_STR(found.id, session.id);
	CHECK_STR(found.roles, "reviewer");
	CHECK_STR(found.pseudonym, "reviewer 1");
	CHECK(people_may(found.permissions, PEOPLE_ANYONE));
	CHECK(people_may(found.permissions, PEOPLE_ENROLLING));
	CHECK(people_may(found.permissions, PEOPLE_JOB_TAKE));
	/* Neither its id nor any other word. */
	CHECK_EQ(find(session.id, &found), WARD_E_NOT_FOUND);
	CHECK_EQ(find("", &found), WARD_E_NOT_FOUND);
	for (size_t i = 0; i < 43; i++) {
		char kept = token[i];

		token[i] = kept == 'A' ? 'B' : 'A';
		CHECK_EQ(find(token, &found), WARD_E_NOT_FOUND);
		token[i] = kept;
	}
	CHECK_EQ(find(token, &found), WARD_OK);
}

static void a_session_ends_when_it_is_idle_and_in_any_case(void)
{
	char id[ID_TEXT_MAX], token[PEOPLE_TOKEN_MAX];
	struct people_session session;

	begin();
	CHECK(add_active("a", "reviewer", id));
	CHECK(open_session(id, token, &session));
	clock_fake_pass(times.idle_s - 1);
	CHECK_EQ(find(token, &session), WARD_OK);
	clock_fake_pass(1);
	CHECK_EQ(find(token, &session), WARD_E_NOT_FOUND);
	CHECK(open_session(id, token, &session));
	int64_t lasted = 0;

	/* In use all the time. */
	while (find(token, &session) == WARD_OK && lasted <= times.all_s) {
		CHECK_EQ(do_call((struct call){ .run = call_used, .session = &session }), WARD_OK);
		clock_fake_pass(1200);
		lasted += 1200;
	}
	CHECK_EQ(lasted, times.all_s);
}

static void a_session_ends_with_its_persons_roles(void)
{
	char id[ID_TEXT_MAX], token[PEOPLE_TOKEN_MAX];
	struct people_session session;

	begin();
	CHECK(add_active("a", "reviewer", id));
	CHECK(open_session(id, token, &session));
	CHECK_EQ(set_roles(operator, id, "senior"), WARD_OK);
	CHECK_EQ(find(token, &session), WARD_E_NOT_FOUND);
	CHECK(open_session(id, token, &session));
	CHECK_EQ(set_off(operator, id, true), WARD_OK);
	CHECK_EQ(find(token, &session), WARD_E_NOT_FOUND);
	CHECK(!open_session(id, token, &session));
}

static void one_who_is_enrolling_may_nothing_else(void)
{
	char id[ID_TEXT_MAX], token[PEOPLE_TOKEN_MAX];
	struct people_session session;

	begin();
	CHECK_EQ(add("a", "reviewer", id), WARD_OK);
	CHECK_EQ(do_call((struct call){ .run = call_open,
				 .id = id,
				 .flag = true,
				 .out = token,
				 .session = &session }),
			WARD_OK);
	CHECK(session.enrolling);
	CHECK(session.permissions == PEOPLE_BIT(PEOPLE_ENROLLING));
	CHECK_EQ(session.ends_at, clock_now() + PEOPLE_ENROL_S);
}

static void the_csrf_word_goes_with_one_token(void)
{
	char word[PEOPLE_CSRF_MAX];
	ward_str token = WARD_STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

	people_csrf(token, word);
	CHECK(people_csrf_fits(token, ward_str_from(word)));
	CHECK(!people_csrf_fits(WARD_STR("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
			ward_str_from(word)));
	CHECK(!people_csrf_fits(token, WARD_STR("")));
	CHECK(!people_csrf_fits(token, token));
	word[3] ^= 1;
	CHECK(!people_csrf_fits(token, ward_str_from(word)));
}

/* ---- two persons ---- */

static const struct people_act export_it = { .kind = { "vault.export", 12 },
	.object = { "item:7", 6 },
	.detail = { "{\"to\":\"unit\"}", 13 },
	.second = PEOPLE_VAULT_EXPORT_SECOND,
	.wait_s = 3600 };

static ward_err call_propose(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	return people_second_propose(tx, &call->actor, call->act, WARD_STR("asked for by 12/34"),
			call->out, failure);
}

static ward_err propose(const char *id, const struct people_act *act, char out[ID_TEXT_MAX])
{
	return do_call((struct call){ .run = call_propose,
			.actor = actor(id),
			.act = act,
			.out = out });
}

static ward_err call_answer(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	return people_second_answer(tx, &call->actor, call->set, ward_str_from(call->id),
			call->flag, WARD_STR("seen the letter"), failure);
}

static ward_err answer(const char *id, const char *second, bool confirm)
{
	return do_call((struct call){ .run = call_answer,
			.actor = actor(id),
			.id = second,
			.set = get(id).permissions,
			.flag = confirm });
}

static ward_err call_use(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	char id[ID_TEXT_MAX];

	return people_second_use(tx, &call->actor, call->act, id, failure);
}

static ward_err use(const char *id, const struct people_act *act)
{
	return do_call((struct call){ .run = call_use, .actor = actor(id), .act = act });
}

struct team {
	char senior[ID_TEXT_MAX], other[ID_TEXT_MAX], reviewer[ID_TEXT_MAX];
};

static bool team(struct team *team)
{
	begin();
	return add_active("s", "senior", team->senior) && add_active("o", "senior", team->other) &&
	       add_active("r", "reviewer", team->reviewer);
}

static void an_act_of_two_wants_another_person_who_may(void)
{
	char second[ID_TEXT_MAX];
	struct team all;

	CHECK(team(&all));
	CHECK_EQ(use(all.senior, &export_it), WARD_E_DENIED);
	CHECK_EQ(propose(all.senior, &export_it, second), WARD_OK);
	CHECK_EQ(use(all.senior, &export_it), WARD_E_DENIED);
	CHECK_EQ(answer(all.senior, second, true), WARD_E_DENIED);
	CHECK(strstr(error.message, "another person"));
	CHECK_EQ(answer(all.reviewer, second, true), WARD_E_DENIED);
	CHECK(strstr(error.message, "vault.export.second"));
	CHECK_EQ(use(all.senior, &export_it), WARD_E_DENIED);
	CHECK_EQ(answer(all.other, second, true), WARD_OK);
	/* The one who confirmed it does not do it, either. */
	CHECK_EQ(use(all.other, &export_it), WARD_E_DENIED);
	CHECK_EQ(use(all.senior, &export_it), WARD_OK);
	CHECK_EQ(use(all.senior, &export_it), WARD_E_DENIED);
}

static void what_is_done_is_what_was_confirmed(void)
{
	struct people_act other = export_it;
	char second[ID_TEXT_MAX];
	struct team all;

	CHECK(team(&all));
	CHECK_EQ(propose(all.senior, &export_it, second), WARD_OK);
	CHECK_EQ(answer(all.other, second, true), WARD_OK);
	other.object = WARD_STR("item:8");
	CHECK_EQ(use(all.senior, &other), WARD_E_DENIED);
	other = export_it;
	other.detail = WARD_STR("{\"to\":\"else\"}");
	CHECK_EQ(use(all.senior, &other), WARD_E_DENIED);
	other = export_it;
	other.kind = WARD_STR("vault.destroy");
	CHECK_EQ(use(all.senior, &other), WARD_E_DENIED);
	other = export_it;
	other.second = PEOPLE_STATS_READ;
	CHECK_EQ(use(all.senior, &other), WARD_E_DENIED);
	CHECK_EQ(use(all.senior, &export_it), WARD_OK);
}

static void what_nobody_confirms_or_uses_in_time_is_over(void)
{
	char second[ID_TEXT_MAX], again[ID_TEXT_MAX];
	struct team all;

	CHECK(team(&all));
	CHECK_EQ(propose(all.senior, &export_it, second), WARD_OK);
	CHECK_EQ(propose(all.senior, &export_it, again), WARD_OK);
	CHECK_STR(again, second);
	clock_fake_pass(3600);
	CHECK_EQ(answer(all.other, second, true), WARD_E_CONFLICT);
	CHECK_EQ(propose(all.senior, &export_it, again), WARD_OK);
	CHECK(strcmp(again, second) != 0);
	CHECK_EQ(answer(all.other, again, true), WARD_OK);
	clock_fake_pass(3599);
	CHECK_EQ(answer(all.other, again, true), WARD_E_CONFLICT);
	clock_fake_pass(1);
	CHECK_EQ(use(all.senior, &export_it), WARD_E_DENIED);
}

static void a_confirmation_is_worth_what_its_person_still_may(void)
{
	char second[ID_TEXT_MAX];
	struct team all;

	CHECK(team(&all));
	CHECK_EQ(propose(all.senior, &export_it, second), WARD_OK);
	CHECK_EQ(answer(all.other, second, true), WARD_OK);
	CHECK_EQ(set_off(operator, all.other, true), WARD_OK);
	CHECK_EQ(use(all.senior, &export_it), WARD_E_DENIED);
	CHECK_EQ(set_off(operator, all.other, false), WARD_OK);
	CHECK_EQ(set_roles(operator, all.other, "reviewer"), WARD_OK);
	CHECK_EQ(use(all.senior, &export_it), WARD_E_DENIED);
	CHECK_EQ(set_roles(operator, all.other, "supervisor"), WARD_OK);
	CHECK_EQ(use(all.senior, &export_it), WARD_OK);
}

static void what_is_proposed_again_is_not_held_up_by_a_confirmation_that_is_worth_nothing(void)
{
	char second[ID_TEXT_MAX], again[ID_TEXT_MAX];
	struct team all;

	CHECK(team(&all));
	CHECK(add_active("t", "senior", all.reviewer));
	CHECK_EQ(propose(all.senior, &export_it, second), WARD_OK);
	CHECK_EQ(answer(all.other, second, true), WARD_OK);
	CHECK_EQ(set_off(operator, all.other, true), WARD_OK);
	CHECK_EQ(use(all.senior, &export_it), WARD_E_DENIED);
	CHECK(strstr(error.message, "propose it again"));
	clock_fake_pass(60);
	CHECK_EQ(propose(all.senior, &export_it, again), WARD_OK);
	CHECK_EQ(answer(all.reviewer, again, true), WARD_OK);
	CHECK_EQ(use(all.senior, &export_it), WARD_OK);
	CHECK_EQ(use(all.senior, &export_it), WARD_E_DENIED);
}

static void what_is_refused_is_not_done(void)
{
	char second[ID_TEXT_MAX];
	struct team all;

	CHECK(team(&all));
	CHECK_EQ(propose(all.senior, &export_it, second), WARD_OK);
	CHECK_EQ(answer(all.other, second, false), WARD_OK);
	CHECK_EQ(answer(all.other, second, true), WARD_E_CONFLICT);
	CHECK_EQ(use(all.senior, &export_it), WARD_E_DENIED);
}

static size_t waiting_for(const char *id)
{
	struct people_second_list list = { 0 };
	struct store_tx *tx;

	if (store_read(store, &tx, &error) != WARD_OK)
		return 99;
	if (people_second_waiting(tx, ward_str_from(id), get(id).permissions, &arena, &list,
			    &error) != WARD_OK)
		list.count = 99;
	store_read_end(tx);
	return list.count;
}

static void each_sees_what_waits_for_them(void)
{
	char second[ID_TEXT_MAX];
	struct team all;

	CHECK(team(&all));
	CHECK_EQ(propose(all.senior, &export_it, second), WARD_OK);
	CHECK_EQ(waiting_for(all.senior), 0);
	CHECK_EQ(waiting_for(all.other), 1);
	CHECK_EQ(waiting_for(all.reviewer), 0);
	CHECK_EQ(answer(all.other, second, true), WARD_OK);
	CHECK_EQ(waiting_for(all.other), 0);
}

/* ---- keys ---- */

static ward_err call_keep(struct call *call, struct store_tx *tx, struct ward_error *failure)
{
	return people_keys_keep(tx, &call->actor, ward_str_from(call->id), call->sealed, call->flag,
			failure);
}

static ward_err keep_key(const char *id, const struct people_sealed *sealed, bool replace)
{
	return do_call((struct call){ .run = call_keep,
			.actor = actor(id),
			.id = id,
			.sealed = sealed,
			.flag = replace });
}

static ward_err load_key(const char *id, struct people_sealed *sealed)
{
	struct store_tx *tx;
	ward_err err = store_read(store, &tx, &error);

	if (!err) {
		err = people_keys_load(tx, ward_str_from(id), sealed, &error);
		store_read_end(tx);
	}
	return err;
}

static void a_key_is_kept_once_and_replaced_only_when_asked(void)
{
	char id[ID_TEXT_MAX];
	struct people_sealed first, second, loaded;

	begin();
	CHECK(add_active("a", "reviewer", id));
	struct person person = get(id);

	CHECK(!person.has_key);
	CHECK_EQ(load_key(id, &loaded), WARD_E_NOT_FOUND);
	CHECK_EQ(people_keys_make(WARD_STR("too short"), &person, &first, &error), WARD_E_ARGUMENT);
	CHECK_EQ(people_keys_make(WARD_STR("a lamp on a distant hill"), &person, &first, &error),
			WARD_OK);
	CHECK_EQ(people_keys_change(&first, WARD_STR("a lamp on a distant hill"),
				 WARD_STR("another lamp, another hill"), &person, &second, &error),
			WARD_OK);
	CHECK_EQ(keep_key(id, &first, false), WARD_OK);
	CHECK_EQ(keep_key(id, &second, false), WARD_E_EXISTS);
	CHECK_EQ(keep_key(id, &second, true), WARD_OK);
	CHECK_EQ(load_key(id, &loaded), WARD_OK);
	CHECK_EQ(loaded.len, second.len);
	CHECK(memcmp(loaded.bytes, second.bytes, second.len) == 0);
	/* A new phrase, the same pair. */
	CHECK(memcmp(loaded.public_key, first.public_key, PEOPLE_KEY_SIZE) == 0);
	CHECK(get(id).has_key);
}

static const struct test_case cases[] = {
	{ "a person is invited under a pseudonym", a_person_is_invited_under_a_pseudonym },
	{ "a pseudonym that somebody took keeps nobody out",
			a_pseudonym_that_somebody_took_keeps_nobody_out },
	{ "a login is one person's, and a plain word", a_login_is_one_persons_and_a_plain_word },
	{ "roles of one person never reach content and people",
			roles_of_one_person_never_reach_content_and_people },
	{ "an operator's own role holds to the same", an_operators_own_role_holds_to_the_same },
	{ "nobody changes their own roles or switches themselves off",
			nobody_changes_their_own_roles_or_switches_themselves_off },
	{ "nobody widens a role that they have", nobody_widens_a_role_that_they_have },
	{ "somebody is left who can let people in", somebody_is_left_who_can_let_people_in },
	{ "who left is forgotten when it is time, but for the pseudonym",
			who_left_is_forgotten_when_it_is_time_but_for_the_pseudonym },
	{ "every change is in the audit, and no name is",
			every_change_is_in_the_audit_and_no_name_is },
	{ "a session is found by its token alone", a_session_is_found_by_its_token_alone },
	{ "a session ends when it is idle, and in any case",
			a_session_ends_when_it_is_idle_and_in_any_case },
	{ "a session ends with its person's roles", a_session_ends_with_its_persons_roles },
	{ "one who is enrolling may nothing else", one_who_is_enrolling_may_nothing_else },
	{ "the CSRF word goes with one token", the_csrf_word_goes_with_one_token },
	{ "an act of two wants another person who may",
			an_act_of_two_wants_another_person_who_may },
	{ "what is done is what was confirmed", what_is_done_is_what_was_confirmed },
	{ "what nobody confirms or uses in time is over",
			what_nobody_confirms_or_uses_in_time_is_over },
	{ "a confirmation is worth what its person still may",
			a_confirmation_is_worth_what_its_person_still_may },
	{ "what is proposed again is not held up by a confirmation that is worth nothing",
			what_is_proposed_again_is_not_held_up_by_a_confirmation_that_is_worth_nothing },
	{ "what is refused is not done", what_is_refused_is_not_done },
	{ "each sees what waits for them", each_sees_what_waits_for_them },
	{ "a key is kept once, and replaced only when asked",
			a_key_is_kept_once_and_replaced_only_when_asked },
};

int main(void)
{
	if (sodium_init() < 0)
		return 1;
	int status = test_run(cases, sizeof(cases) / sizeof(*cases));

	store_free(store);
	ward_arena_free(&arena);
	return status;
}
