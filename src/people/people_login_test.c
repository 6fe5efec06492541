#include "people/people_login.h"

#include <unistd.h>

#include "base/clock_fake.h"
#include "base/test.h"
#include "people/people_totp.h"
#include "store/store_test.h"

#define PASSWORD WARD_STR("a lamp on the hill")
#define HERE     WARD_STR("192.0.2.7")

static struct store *store;
static struct people_login *login;
static struct ward_error error;
static char folder[64];
static char person_id[ID_TEXT_MAX], invitation[PEOPLE_CODE_MAX];
static struct people_step step;
static struct people_codes codes;
static uint8_t secret[PEOPLE_TOTP_SECRET];

/* ---- a person who works here ---- */

static ward_err add_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct people_new person = { WARD_STR("mara"), WARD_STR("Mara Licht"),
		WARD_STR("reviewer") };

	(void)context;
	return people_add(tx, &(struct people_actor){ 0 }, &person, person_id, invitation, failure);
}

static bool begin(void)
{
	struct people_login_options options = { .site = "lighthouse",
		.keys_folder = folder,
		.times = { .idle_s = 1800, .all_s = 12 * 3600 } };

	clock_fake_pass(3600);
	people_login_free(login);
	login = NULL;
	store_free(store);
	store = options.store = store_fresh();
	return store_write(store, add_work, NULL, &error) == WARD_OK &&
	       people_login_new(&options, &login, &error) == WARD_OK;
}

/* What a device does with the text. */
static void learn_secret(const char *text)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t bits = 0;
	unsigned have = 0;
	size_t at = 0;

	for (; *text; text++) {
		bits = bits << 5 | (uint32_t)(strchr(alphabet, *text) - alphabet);
		have += 5;
		if (have >= 8) {
			have -= 8;
			secret[at++] = (uint8_t)(bits >> have);
		}
	}
}

static ward_str code_now(int64_t later)
{
	static char text[8];

	snprintf(text, sizeof(text), "%06u",
			people_totp_code((ward_bytes){ secret, sizeof(secret) },
					(uint64_t)((clock_now() + later) / 30), 6));
	return ward_str_from(text);
}

static bool enrol(void)
{
	struct people_device device;
	struct people_session session;

	if (people_login_invitation(login, HERE, ward_str_from(invitation), PASSWORD, &step,
			    &error) != WARD_OK)
		return false;
	session = step.session;
	if (people_totp_begin(login, &session, &device, &error) != WARD_OK)
		return false;
	learn_secret(device.secret);
	return people_totp_confirm(login, HERE, &session, code_now(0), &step, &codes, &error) ==
	       WARD_OK;
}

static ward_err password(const char *name, ward_str word)
{
	return people_login_password(login, HERE, ward_str_from(name), word, &step, &error);
}

static ward_err totp(ward_str code)
{
	char ticket[PEOPLE_TOKEN_MAX];

	memcpy(ticket, step.ticket, sizeof(ticket));
	ward_err err = people_login_totp(login, HERE, ward_str_from(ticket), code, &step, &error);

	if (err)
		memcpy(step.ticket, ticket, sizeof(ticket));
	return err;
}

static bool lives(const char *token)
{
	struct people_session session;
	struct store_tx *tx;

	if (store_read(store, &tx, &error) != WARD_OK)
		return false;
	ward_err err = people_session_find(tx, ward_str_from(token), people_login_times(login),
			&session, &error);

	store_read_end(tx);
	return err == WARD_OK;
}

/* ---- invitations ---- */

static void an_invitation_leads_to_a_password_a_device_and_a_session(void)
{
	char enrolling[PEOPLE_TOKEN_MAX];

	CHECK(begin());
	CHECK_EQ(people_login_invitation(login, HERE, ward_str_from(invitation), PASSWORD, &step,
				 &error),
			WARD_OK);
	CHECK(step.session.enrolling);
	CHECK(!people_may(step.session.permissions, PEOPLE_ANYONE));
	memcpy(enrolling, step.token, sizeof(enrolling));
	/* A password alone is no log-in yet. */
	CHECK_EQ(password("mara", PASSWORD), WARD_E_DENIED);
	CHECK(enrol());
	CHECK(!step.session.enrolling);
	CHECK(people_may(step.session.permissions, PEOPLE_JOB_TAKE));
	CHECK(lives(step.token));
	/* What was held before opens nothing: a token that somebody fixed is worth nothing. */
	CHECK(!lives(enrolling));
	/* Used up. */
	CHECK_EQ(people_login_invitation(login, HERE, ward_str_from(invitation), PASSWORD, &step,
				 &error),
			WARD_E_DENIED);
}

static void an_invitation_is_over_after_a_week(void)
{
	CHECK(begin());
	clock_fake_pass(7 * 24 * 3600);
	CHECK_EQ(people_login_invitation(login, HERE, ward_str_from(invitation), PASSWORD, &step,
				 &error),
			WARD_E_DENIED);
}

static void a_poor_password_is_told_and_the_invitation_stays(void)
{
	CHECK(begin());
	CHECK_EQ(people_login_invitation(login, HERE, ward_str_from(invitation),
				 WARD_STR("maramaramara"), &step, &error),
			WARD_E_ARGUMENT);
	CHECK(enrol());
}

/* ---- logging in ---- */

static void a_password_and_a_code_open_a_session(void)
{
	CHECK(begin() && enrol());
	clock_fake_pass(60);
	CHECK_EQ(password("mara", PASSWORD), WARD_OK);
	CHECK_STR(step.token, "");
	CHECK(step.totp && step.recovery && !step.passkey);
	CHECK_EQ(totp(code_now(0)), WARD_OK);
	CHECK(lives(step.token));
	CHECK_STR(step.session.how, "password+totp");
	CHECK_EQ(people_logout(login, &step.session, &error), WARD_OK);
	CHECK(!lives(step.token));
}

static void every_wrong_proof_has_the_same_answer(void)
{
	char said[240];

	CHECK(begin() && enrol());
	clock_fake_pass(60);
	CHECK_EQ(password("mara", WARD_STR("a lamp on the hall")), WARD_E_DENIED);
	memcpy(said, error.message, sizeof(said));
	CHECK_EQ(password("nobody", PASSWORD), WARD_E_DENIED);
	CHECK_STR(error.message, said);
	CHECK_EQ(password("", PASSWORD), WARD_E_DENIED);
	CHECK_STR(error.message, said);
	CHECK_EQ(password("mara", WARD_STR("")), WARD_E_DENIED);
	CHECK_STR(error.message, said);
	CHECK_EQ(password("mara", PASSWORD), WARD_OK);
	CHECK_EQ(totp(WARD_STR("000000")), WARD_E_DENIED);
	CHECK_STR(error.message, said);
}

static void a_code_is_taken_once_by_whomever(void)
{
	CHECK(begin() && enrol());
	/* The one that confirmed the device is used, too. */
	CHECK_EQ(password("mara", PASSWORD), WARD_OK);
	CHECK_EQ(totp(code_now(0)), WARD_E_DENIED);
	CHECK_EQ(totp(code_now(30)), WARD_OK);
	CHECK_EQ(password("mara", PASSWORD), WARD_OK);
	CHECK_EQ(totp(code_now(30)), WARD_E_DENIED);
	CHECK_EQ(totp(code_now(0)), WARD_E_DENIED);
}

static void a_ticket_is_good_for_a_few_tries_and_minutes(void)
{
	CHECK(begin() && enrol());
	clock_fake_pass(60);
	CHECK_EQ(password("mara", PASSWORD), WARD_OK);
	for (int i = 0; i < PEOPLE_RECOVERY_CODES; i++) {
		if (totp(WARD_STR("000000")) == WARD_E_LIMIT)
			clock_fake_pass(step.wait_s);
	}
	CHECK_EQ(totp(code_now(0)), WARD_E_DENIED);
	CHECK(strstr(error.message, "begin with your password"));
	clock_fake_pass(600);
	CHECK_EQ(password("mara", PASSWORD), WARD_OK);
	clock_fake_pass(300);
	CHECK_EQ(totp(code_now(0)), WARD_E_DENIED);
	CHECK_EQ(people_login_totp(login, HERE, WARD_STR("no ticket"), code_now(0), &step, &error),
			WARD_E_DENIED);
}

static void who_guesses_codes_with_the_right_password_waits(void)
{
	int tries = 0;

	CHECK(begin() && enrol());
	clock_fake_pass(60);
	/* The password does not set the count back. */
	while (tries < 100 && password("mara", PASSWORD) == WARD_OK &&
			totp(WARD_STR("000000")) == WARD_E_DENIED)
		tries++;
	CHECK(tries < 5);
	CHECK(step.wait_s > 0);
}

static void a_recovery_code_opens_once(void)
{
	char ticket[PEOPLE_TOKEN_MAX];

	CHECK(begin() && enrol());
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(password("mara", PASSWORD), WARD_OK);
		memcpy(ticket, step.ticket, sizeof(ticket));
		CHECK_EQ(people_login_recovery(login, HERE, ward_str_from(ticket),
					 ward_str_from(codes.at[3]), &step, &error),
				i == 0 ? WARD_OK : WARD_E_DENIED);
	}
	/* Another still does; and new ones put an end to it. */
	CHECK_EQ(people_login_recovery(login, HERE, ward_str_from(ticket),
				 ward_str_from(codes.at[4]), &step, &error),
			WARD_OK);
	CHECK_STR(step.session.how, "password+recovery");
	struct people_session session = step.session;
	struct people_codes renewed;

	CHECK_EQ(people_recovery_renew(login, &session, &renewed, &error), WARD_OK);
	CHECK_EQ(password("mara", PASSWORD), WARD_OK);
	memcpy(ticket, step.ticket, sizeof(ticket));
	CHECK_EQ(people_login_recovery(login, HERE, ward_str_from(ticket),
				 ward_str_from(codes.at[5]), &step, &error),
			WARD_E_DENIED);
	CHECK_EQ(people_login_recovery(login, HERE, ward_str_from(ticket),
				 ward_str_from(renewed.at[5]), &step, &error),
			WARD_OK);
}

static ward_err off_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	return people_set_off(tx, &(struct people_actor){ 0 }, ward_str_from(person_id),
			*(bool *)context, failure);
}

static void who_is_off_does_not_get_in_between_the_steps_either(void)
{
	bool off = true;

	CHECK(begin() && enrol());
	clock_fake_pass(60);
	CHECK_EQ(password("mara", PASSWORD), WARD_OK);
	CHECK_EQ(store_write(store, off_work, &off, &error), WARD_OK);
	CHECK_EQ(totp(code_now(0)), WARD_E_DENIED);
	CHECK_EQ(password("mara", PASSWORD), WARD_E_DENIED);
	off = false;
	CHECK_EQ(store_write(store, off_work, &off, &error), WARD_OK);
	clock_fake_pass(60);
	CHECK_EQ(password("mara", PASSWORD), WARD_OK);
	CHECK_EQ(totp(code_now(0)), WARD_OK);
}

static ward_err reset_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	(void)context;
	return people_reset(tx, &(struct people_actor){ 0 }, ward_str_from(person_id), invitation,
			failure);
}

static void who_is_invited_anew_loses_what_they_had(void)
{
	CHECK(begin() && enrol());
	CHECK_EQ(store_write(store, reset_work, NULL, &error), WARD_OK);
	/* Until the code is used, nothing changes. */
	CHECK(lives(step.token));
	CHECK_EQ(people_login_invitation(login, HERE, ward_str_from(invitation),
				 WARD_STR("another lamp, another hill"), &step, &error),
			WARD_OK);
	CHECK_EQ(password("mara", PASSWORD), WARD_E_DENIED);
	CHECK_EQ(password("mara", WARD_STR("another lamp, another hill")), WARD_E_DENIED);
	CHECK(enrol());
	clock_fake_pass(60);
	CHECK_EQ(password("mara", PASSWORD), WARD_OK);
	CHECK_EQ(totp(code_now(0)), WARD_OK);
}

static void a_new_invitation_ends_what_was_begun_with_the_old_one(void)
{
	struct people_device device;
	struct people_session begun;
	char token[PEOPLE_TOKEN_MAX];

	CHECK(begin());
	CHECK_EQ(people_login_invitation(login, HERE, ward_str_from(invitation), PASSWORD, &step,
				 &error),
			WARD_OK);
	begun = step.session;
	memcpy(token, step.token, sizeof(token));
	CHECK_EQ(people_totp_begin(login, &begun, &device, &error), WARD_OK);
	learn_secret(device.secret);
	CHECK_EQ(store_write(store, reset_work, NULL, &error), WARD_OK);
	CHECK(!lives(token));
	/* Nor does a request that was on its way get in by it, or use the new invitation up. */
	CHECK(people_totp_confirm(login, HERE, &begun, code_now(0), &step, &codes, &error) !=
			WARD_OK);
	CHECK(enrol());
}

static void a_new_password_wants_the_old_one_and_ends_other_sessions(void)
{
	char first[PEOPLE_TOKEN_MAX];
	struct people_session session;
	unsigned wait_s;

	CHECK(begin() && enrol());
	memcpy(first, step.token, sizeof(first));
	session = step.session;
	CHECK_EQ(people_reprove(login, HERE, &session, WARD_STR("not this one at all"), &wait_s,
				 &error),
			WARD_E_DENIED);
	CHECK_EQ(people_reprove(login, HERE, &session, PASSWORD, &wait_s, &error), WARD_OK);
	CHECK_EQ(people_change_password(login, &session, WARD_STR("short"), &step, &error),
			WARD_E_ARGUMENT);
	CHECK_EQ(people_change_password(login, &session, WARD_STR("another lamp, another hill"),
				 &step, &error),
			WARD_OK);
	CHECK(lives(step.token));
	CHECK(!lives(first));
	CHECK_EQ(password("mara", PASSWORD), WARD_E_DENIED);
	CHECK_EQ(password("mara", WARD_STR("another lamp, another hill")), WARD_OK);
}

/* ---- the vault key ---- */

static ward_err nothing(void *context, const uint8_t public_key[PEOPLE_KEY_SIZE],
		const uint8_t secret_key[PEOPLE_KEY_SIZE], struct ward_error *failure)
{
	(void)context;
	(void)public_key;
	(void)secret_key;
	(void)failure;
	return WARD_OK;
}

static bool unlocked(const struct people_session *session)
{
	return people_ring_borrow(people_login_ring(login), ward_str_from(session->id), nothing,
			       NULL, &error) == WARD_OK;
}

static void the_vault_key_is_the_sessions_and_goes_with_it(void)
{
	ward_str phrase = WARD_STR("seven grey gulls at noon");
	struct people_session session;
	unsigned wait_s;
	bool off = true;

	CHECK(begin() && enrol());
	session = step.session;
	CHECK_EQ(people_key_unlock(login, HERE, &session, phrase, &wait_s, &error),
			WARD_E_NOT_FOUND);
	CHECK_EQ(people_key_set(login, HERE, &session, WARD_STR(""), phrase, &wait_s, &error),
			WARD_OK);
	CHECK_EQ(people_key_set(login, HERE, &session, WARD_STR(""), phrase, &wait_s, &error),
			WARD_E_EXISTS);
	CHECK_EQ(people_key_unlock(login, HERE, &session, WARD_STR("seven grey gulls"), &wait_s,
				 &error),
			WARD_E_DENIED);
	CHECK(!unlocked(&session));
	CHECK_EQ(people_key_unlock(login, HERE, &session, phrase, &wait_s, &error), WARD_OK);
	CHECK(unlocked(&session));
	people_login_tick(login);
	CHECK(unlocked(&session));
	CHECK_EQ(people_logout(login, &session, &error), WARD_OK);
	CHECK(!unlocked(&session));
	/* A session that somebody else ends takes its key with it, too. */
	clock_fake_pass(60);
	CHECK_EQ(password("mara", PASSWORD), WARD_OK);
	CHECK_EQ(totp(code_now(0)), WARD_OK);
	session = step.session;
	CHECK_EQ(people_key_unlock(login, HERE, &session, phrase, &wait_s, &error), WARD_OK);
	CHECK_EQ(store_write(store, off_work, &off, &error), WARD_OK);
	people_login_tick(login);
	CHECK(!unlocked(&session));
}

static const struct test_case cases[] = {
	{ "an invitation leads to a password, a device and a session",
			an_invitation_leads_to_a_password_a_device_and_a_session },
	{ "an invitation is over after a week", an_invitation_is_over_after_a_week },
	{ "a poor password is told, and the invitation stays",
			a_poor_password_is_told_and_the_invitation_stays },
	{ "a password and a code open a session", a_password_and_a_code_open_a_session },
	{ "every wrong proof has the same answer", every_wrong_proof_has_the_same_answer },
	{ "a code is taken once, by whomever", a_code_is_taken_once_by_whomever },
	{ "a ticket is good for a few tries and minutes",
			a_ticket_is_good_for_a_few_tries_and_minutes },
	{ "who guesses codes with the right password waits",
			who_guesses_codes_with_the_right_password_waits },
	{ "a recovery code opens once", a_recovery_code_opens_once },
	{ "who is off does not get in between the steps, either",
			who_is_off_does_not_get_in_between_the_steps_either },
	{ "who is invited anew loses what they had", who_is_invited_anew_loses_what_they_had },
	{ "a new invitation ends what was begun with the old one",
			a_new_invitation_ends_what_was_begun_with_the_old_one },
	{ "a new password wants the old one, and ends other sessions",
			a_new_password_wants_the_old_one_and_ends_other_sessions },
	{ "the vault key is the session's, and goes with it",
			the_vault_key_is_the_sessions_and_goes_with_it },
};

int main(void)
{
	char path[128];

	snprintf(folder, sizeof(folder), "/tmp/ward-login-XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	int status = test_run(cases, sizeof(cases) / sizeof(*cases));

	people_login_free(login);
	store_free(store);
	snprintf(path, sizeof(path), "%s/people.key", folder);
	unlink(path);
	rmdir(folder);
	return status;
}
