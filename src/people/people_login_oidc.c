/*
 * Logging in through a provider: what its word opens here, and for whom.
 */
#include <sodium.h>

#include "base/clock.h"
#include "people/inner.h"
#include "people/login_inner.h"
#include "people/login_oidc.h"
#include "people/people_login_oidc.h"

/* ---- setting out ---- */

struct people_provider *people_login_provider(const struct people_login *login)
{
	return login->provider;
}

static ward_err check_invitation(struct people_login *login, ward_str code,
		struct ward_error *error)
{
	struct login_invited invited;
	struct store_tx *tx;
	ward_err err = store_read(login->store, &tx, error);

	if (err)
		return err;
	err = login_invitation(tx, code, &invited, error);
	store_read_end(tx);
	return err;
}

static void fill_flow(const struct people_oidc_begin *begin, struct people_flow *flow)
{
	*flow = (struct people_flow){ .fresh = begin->fresh, .begun_at = clock_now() };
	snprintf(flow->redirect, sizeof(flow->redirect), "%s", begin->redirect);
	if (begin->session) {
		flow->kind = PEOPLE_FLOW_LINK;
		memcpy(flow->person, begin->session->person, sizeof(flow->person));
		memcpy(flow->session, begin->session->id, sizeof(flow->session));
	} else if (begin->invitation.len > 0) {
		flow->kind = PEOPLE_FLOW_INVITED;
		snprintf(flow->invitation, sizeof(flow->invitation), "%.*s",
				WARD_FMT(begin->invitation));
	}
}

ward_err people_oidc_begin(struct people_login *login, ward_str place,
		const struct people_oidc_begin *begin, struct ward_buf *address,
		char token[PEOPLE_TOKEN_MAX], unsigned *wait_s, struct ward_error *error)
{
	struct people_flow flow;

	*wait_s = 0;
	if (!login->provider)
		return ward_fail(error, WARD_E_NOT_FOUND, "no identity provider is set up here");
	ward_err err = login_try(login, WARD_STR(""), place, wait_s, error);

	if (!err && begin->invitation.len > 0)
		err = begin->invitation.len < sizeof(flow.invitation)
				      ? check_invitation(login, begin->invitation, error)
				      : login_denied(error);
	if (err)
		return err;
	fill_flow(begin, &flow);
	/* Its words are in the address. */
	people_flow_begin(login->flows, &flow, clock_ticks_us(), token);
	err = people_provider_address(login->provider, &flow, address, error);
	sodium_memzero(&flow, sizeof(flow));
	/* That is nobody's guess. */
	if (err)
		login_well(login, WARD_STR(""), place);
	return err;
}

/* ---- who came back ---- */

struct coming {
	struct people_login *login;
	const struct people_flow *flow;
	const struct people_id *id;
	struct people_account account;
	struct people_step *step;
	struct people_flow_end *end;
};

/* Nothing opens, and the audit says why; the account is told by a digest, which finds it again. */
static ward_err refuse(struct coming *coming, struct store_tx *tx, const char *person,
		const char *why, const char *sentence, struct ward_error *error)
{
	uint8_t digest[crypto_hash_sha256_BYTES];
	char object[80], hex[2 * 16 + 1], detail[64];
	crypto_hash_sha256_state state;

	coming->end->stage = PEOPLE_FLOW_REFUSED;
	snprintf(coming->end->detail, sizeof(coming->end->detail), "%s", sentence);
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)coming->account.issuer.ptr,
			coming->account.issuer.len);
	crypto_hash_sha256_update(&state, (const uint8_t *)"\n", 1);
	crypto_hash_sha256_update(&state, (const uint8_t *)coming->account.subject.ptr,
			coming->account.subject.len);
	crypto_hash_sha256_final(&state, digest);
	ward_hex_format(digest, 16, hex);
	if (person[0])
		snprintf(object, sizeof(object), "person:%s", person);
	else
		snprintf(object, sizeof(object), "account:%s", hex);
	snprintf(detail, sizeof(detail), "{\"how\":\"oidc\",\"why\":\"%s\"}", why);
	return audit_add(tx,
			&(struct audit_entry){
					.actor = WARD_STR("system"),
					.role = WARD_STR(""),
					.action = WARD_STR("person.refused"),
					.object = ward_str_from(object),
					.digest = WARD_STR(""),
					.reason = WARD_STR(""),
					.detail = ward_str_from(detail),
			},
			error);
}

/* ---- what the person has here ---- */

struct standing {
	char login[PEOPLE_LOGIN_MAX];
	bool totp, recovery, passkey;
	bool invited; /* there is an invitation that is good */
};

static ward_err read_standing(struct store_tx *tx, const char *person, struct standing *standing,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT p.login, "
			"(SELECT COUNT(*) FROM people_totp t WHERE t.person = p.id AND "
			"t.confirmed = 1), "
			"(SELECT COUNT(*) FROM people_recovery r WHERE r.person = p.id AND "
			"r.used_at = 0), "
			"(SELECT COUNT(*) FROM people_passkeys k WHERE k.person = p.id), "
			"(SELECT COUNT(*) FROM people_invitations v WHERE v.person = p.id AND "
			"v.ends_at > $2) FROM people p WHERE p.id = $1",
			STORE_VALUES(store_string(person), store_int(clock_now())), &rows, error);

	if (err)
		return err;
	snprintf(standing->login, sizeof(standing->login), "%.*s",
			WARD_FMT(store_get_text(rows, 0)));
	standing->totp = store_get_int(rows, 1) > 0;
	standing->recovery = store_get_int(rows, 2) > 0;
	standing->passkey = store_get_int(rows, 3) > 0;
	standing->invited = store_get_int(rows, 4) > 0;
	return store_rows_end(rows, error);
}

static ward_err open_whole(struct coming *coming, struct store_tx *tx, const char *person,
		struct ward_error *error)
{
	coming->end->stage = PEOPLE_FLOW_IN;
	return login_open(coming->login, tx, ward_str_from(person),
			coming->flow->fresh ? "oidc+fresh" : "oidc", coming->step, error);
}

/* The provider's word is the first step; the second is one of ours. */
static void ask_second(struct coming *coming, const char *person, const struct standing *standing)
{
	struct people_flow_end *end = coming->end;
	struct people_ticket ticket = { .oidc = true };

	memcpy(ticket.person, person, strlen(person) + 1);
	memcpy(ticket.login, standing->login, sizeof(ticket.login));
	people_ticket_give(coming->login->tickets, PEOPLE_TICKET_PASSWORD, &ticket,
			clock_ticks_us(), end->ticket);
	end->stage = PEOPLE_FLOW_SECOND;
	end->totp = standing->totp;
	end->recovery = standing->recovery;
	end->passkey = standing->passkey;
}

/* One who has not joined yet sets up a second factor before anything else. */
static ward_err open_enrolling(struct coming *coming, struct store_tx *tx, ward_str person,
		struct ward_error *error)
{
	struct people_step *step = coming->step;
	ward_err err = people_session_open(tx, person, "oidc+invitation", true,
			&coming->login->times, step->token, &step->session, error);

	coming->end->stage = PEOPLE_FLOW_IN;
	if (err)
		return err;
	struct people_actor actor = people_session_actor(&step->session);

	return people_tell(tx, &actor, "person.accepted", "person", person, WARD_STR(""),
			WARD_STR("{\"how\":\"oidc\"}"), error);
}

static ward_err use_up_invitation(struct store_tx *tx, ward_str person, struct ward_error *error)
{
	return store_run(tx, "DELETE FROM people_invitations WHERE person = $1",
			STORE_VALUES(store_text(person)), NULL, error);
}

/*
 * An account that was linked before the person has joined, by an admin: what is left of earlier
 * beginnings goes, and the invitation stands for what its code would have shown.
 */
static ward_err join(struct coming *coming, struct store_tx *tx, const struct login_identity *found,
		struct ward_error *error)
{
	ward_str person = ward_str_from(found->person);
	ward_err err = login_forget_words(tx, person, error);

	if (!err)
		err = login_identity_used(tx, found->id, coming->id->second, error);
	if (err || !coming->id->second)
		return err ? err : open_enrolling(coming, tx, person, error);
	err = use_up_invitation(tx, person, error);
	return err ? err : open_whole(coming, tx, found->person, error);
}

static ward_err enter(struct coming *coming, struct store_tx *tx, struct ward_error *error)
{
	struct login_identity found;
	struct standing standing = { .invited = false };
	ward_err err = login_identity_find(tx, &coming->account, &found, error);

	if (err == WARD_E_NOT_FOUND)
		return refuse(coming, tx, "", "unlinked",
				"This account is linked to nobody here. Whoever lets people in "
				"invites you first; then log in through your invitation.",
				error);
	if (!err && found.off)
		return refuse(coming, tx, found.person, "off",
				"You may not log in here now. Ask whoever lets people in.", error);
	if (!err)
		err = read_standing(tx, found.person, &standing, error);
	if (err)
		return err;
	bool joined = standing.totp || standing.passkey || found.second;

	if (!joined && standing.invited)
		return join(coming, tx, &found, error);
	if (!joined || !(coming->id->second || standing.totp || standing.passkey))
		return refuse(coming, tx, found.person, "no-second-factor",
				"You have no second factor here, and no invitation that is still "
				"good. Ask whoever lets people in for a new one.",
				error);
	err = login_identity_used(tx, found.id, coming->id->second, error);
	if (!err && coming->id->second)
		return open_whole(coming, tx, found.person, error);
	if (!err)
		ask_second(coming, found.person, &standing);
	return err;
}

/* ---- by an invitation ---- */

/* The account is the person's, by their own act. */
static ward_err keep_account(struct coming *coming, struct store_tx *tx, ward_str id,
		struct ward_error *error)
{
	struct person person = { 0 };
	struct ward_arena arena;

	ward_arena_init(&arena, 64 * 1024);
	ward_err err = people_get(tx, id, &arena, &person, error);

	if (!err)
		err = login_identity_keep(tx, &(struct people_actor){ person.id, person.roles }, id,
				&coming->account, error);
	ward_arena_free(&arena);
	return err;
}

static ward_err enter_invited(struct coming *coming, struct store_tx *tx, struct ward_error *error)
{
	struct login_invited invited;
	struct login_identity found;
	ward_err err = login_invitation(tx, ward_str_from(coming->flow->invitation), &invited,
			error);
	ward_str person = ward_str_from(invited.person);

	if (err == WARD_E_DENIED)
		return refuse(coming, tx, "", "invitation",
				"This invitation is not good, or not any more. Ask whoever invited "
				"you for a new one.",
				error);
	if (!err && invited.anew)
		err = login_forget_proofs(tx, person, error);
	/* Whoever began with the same code before loses what they hold. */
	if (!err)
		err = people_end_sessions(tx, person, WARD_STR(""), error);
	if (err)
		return err;
	err = keep_account(coming, tx, person, error);
	if (!err)
		err = login_identity_find(tx, &coming->account, &found, error);
	return err ? err : join(coming, tx, &found, error);
}

/* ---- within a session ---- */

static ward_err link_own(struct coming *coming, struct store_tx *tx, struct ward_error *error)
{
	const struct people_flow *flow = coming->flow;
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT 1 FROM people_sessions s JOIN people p ON p.id = s.person "
			"WHERE s.id = $1 AND s.person = $2 AND s.ends_at > $3 AND p.off = 0",
			STORE_VALUES(store_string(flow->session), store_string(flow->person),
					store_int(clock_now())),
			&rows, error);

	if (err == WARD_E_NOT_FOUND)
		return refuse(coming, tx, flow->person, "session",
				"Your session ended meanwhile. Log in and begin anew.", error);
	if (!err)
		err = store_rows_end(rows, error);
	if (!err)
		err = keep_account(coming, tx, ward_str_from(flow->person), error);
	coming->end->stage = PEOPLE_FLOW_LINKED;
	return err;
}

static ward_err come_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct coming *coming = context;

	memset(coming->step, 0, sizeof(*coming->step));
	if (coming->flow->kind == PEOPLE_FLOW_LINK)
		return link_own(coming, tx, error);
	return coming->flow->kind == PEOPLE_FLOW_INVITED ? enter_invited(coming, tx, error)
							 : enter(coming, tx, error);
}

static ward_err taken_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	return refuse(context, tx, "", "taken",
			"This account is linked to somebody else here. Log in at the provider as "
			"yourself, and begin anew.",
			error);
}

/* ---- coming back ---- */

static void set_refused(struct people_flow_end *end, const char *sentence)
{
	*end = (struct people_flow_end){ .stage = PEOPLE_FLOW_REFUSED };
	snprintf(end->detail, sizeof(end->detail), "%s", sentence);
}

/* What is amiss with the provider's answer is for the log; the person is told what to do. */
static void tell_trouble(const struct people_return *came, const struct ward_error *why,
		struct people_flow_end *end)
{
	if (why->code != WARD_E_DENIED)
		set_refused(end, "The identity provider does not answer as it should. Log in "
				 "another way, or try again in a while.");
	else if (came->trouble.len > 0)
		set_refused(end, "The identity provider did not let you in, or you turned back. "
				 "Begin anew when you want to.");
	else
		set_refused(end, "What the identity provider said did not hold. Begin anew; if it "
				 "happens again, tell whoever runs this.");
}

static ward_err let_in(struct coming *coming, struct ward_error *error)
{
	struct people_login *login = coming->login;
	ward_err err = store_write(login->store, come_work, coming, error);

	if (err != WARD_E_EXISTS)
		return err;
	/* All of that work was undone. */
	memset(coming->step, 0, sizeof(*coming->step));
	return store_write(login->store, taken_work, coming, error);
}

/* The store's own trouble is for the log, too. */
static void let_in_or_say(struct coming *coming, struct ward_error *why)
{
	ward_err err = let_in(coming, why);

	if (err == WARD_E_CONFLICT)
		set_refused(coming->end, "You have as many linked accounts as a person may have. "
					 "Unlink one first.");
	else if (err)
		set_refused(coming->end, "ward cannot keep anything now. Nothing was lost: try "
					 "again in a while.");
	else
		why->code = WARD_OK;
}

bool people_oidc_finish(struct people_login *login, ward_str place, ward_str token,
		const struct people_return *came, struct people_step *step, struct ward_error *why)
{
	struct people_flow_end end = { .stage = PEOPLE_FLOW_WAITING };
	struct people_flow flow;
	struct people_id id;
	struct coming coming = { .login = login,
		.flow = &flow,
		.id = &id,
		.step = step,
		.end = &end };

	memset(step, 0, sizeof(*step));
	why->code = WARD_OK;
	if (!login->provider || !people_flow_take(login->flows, token, came->state,
						clock_ticks_us(), &flow))
		return false;
	ward_err err = people_provider_redeem(login->provider, &flow, came, &id, why);

	if (err) {
		tell_trouble(came, why, &end);
	} else {
		coming.account = (struct people_account){
			ward_str_from(people_provider_issuer(login->provider)),
			ward_str_from(id.subject),
		};
		let_in_or_say(&coming, why);
	}
	if (end.stage != PEOPLE_FLOW_REFUSED)
		login_well(login, WARD_STR(""), place);
	people_flow_end(login->flows, token, &end);
	sodium_memzero(&flow, sizeof(flow));
	return end.stage == PEOPLE_FLOW_IN;
}

bool people_oidc_look(struct people_login *login, ward_str token, struct people_flow_end *end)
{
	return people_flow_look(login->flows, token, clock_ticks_us(), end);
}
