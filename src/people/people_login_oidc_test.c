/* A provider of our own on 127.0.0.1, which says what a case wants it to say. */
#include "people/people_login_oidc.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock_fake.h"
#include "base/file.h"
#include "people/people_identity.h"
#include "people/people_jwt_make.h"
#include "people/people_totp.h"
#include "store/store_test.h"

#include "base/test.h"

#define HERE WARD_STR("192.0.2.7")

/* ---- the provider ---- */

static unsigned port;
static int listener;
static EVP_PKEY *key;
/* What it says; set while nobody asks. */
static struct {
	char nonce[PEOPLE_TOKEN_MAX];
	const char *subject, *more;
	bool away;
	char heard[8192]; /* at the token endpoint */
	unsigned asked, keys_asked;
} said;

static void write_discovery(char *out, size_t room)
{
	snprintf(out, room,
			"{\"issuer\":\"http://127.0.0.1:%u\","
			"\"authorization_endpoint\":\"http://127.0.0.1:%u/auth?tenant=7\","
			"\"token_endpoint\":\"http://127.0.0.1:%u/token\","
			"\"jwks_uri\":\"http://127.0.0.1:%u/keys\","
			"\"end_session_endpoint\":\"http://127.0.0.1:%u/end\","
			"\"response_types_supported\":[\"code\"],"
			"\"id_token_signing_alg_values_supported\":[\"EdDSA\"]}",
			port, port, port, port, port);
}

static void write_keys(char *out, size_t room)
{
	char jwk[MAKE_TEXT_MAX];

	make_jwk(key, "a", "", jwk);
	snprintf(out, room, "{\"keys\":[%s]}", jwk);
	said.keys_asked++;
}

static void write_token(char *out, size_t room)
{
	char claims[2048], token[MAKE_TEXT_MAX];

	snprintf(claims, sizeof(claims),
			"{\"iss\":\"http://127.0.0.1:%u\",\"aud\":\"ward\",\"sub\":\"%s\","
			"\"exp\":%lld,\"iat\":%lld,\"nonce\":\"%s\"%s}",
			port, said.subject, (long long)clock_now() + 300, (long long)clock_now(),
			said.nonce, said.more);
	make_token(key, PEOPLE_JWT_EDDSA, "{\"alg\":\"EdDSA\",\"kid\":\"a\"}", claims, token);
	snprintf(out, room,
			"{\"token_type\":\"Bearer\",\"access_token\":\"x\",\"id_token\":\"%s\"}",
			token);
	said.asked++;
}

static void answer(int fd)
{
	static char request[8192], text[2 * MAKE_TEXT_MAX], whole[3 * MAKE_TEXT_MAX];
	ssize_t len = read(fd, request, sizeof(request) - 1);

	request[len > 0 ? len : 0] = '\0';
	if (said.away)
		return;
	if (strncmp(request, "GET /.well-known/openid-configuration ", 38) == 0) {
		write_discovery(text, sizeof(text));
	} else if (strncmp(request, "GET /keys ", 10) == 0) {
		write_keys(text, sizeof(text));
	} else if (strncmp(request, "POST /token ", 12) == 0) {
		snprintf(said.heard, sizeof(said.heard), "%s", request);
		write_token(text, sizeof(text));
	} else {
		return;
	}
	int total = snprintf(whole, sizeof(whole),
			"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(text), text);

	if (send(fd, whole, (size_t)total, MSG_NOSIGNAL) != total)
		return;
}

static void *serve(void *nothing)
{
	int fd;

	(void)nothing;
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		answer(fd);
		close(fd);
	}
	return NULL;
}

static bool start_server(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	pthread_t thread;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)(void *)&address, size) < 0 ||
			listen(listener, 16) < 0 ||
			getsockname(listener, (struct sockaddr *)(void *)&address, &size) < 0)
		return false;
	port = ntohs(address.sin_port);
	return pthread_create(&thread, NULL, serve, NULL) == 0;
}

/* ---- an installation with one person who is invited ---- */

static struct store *store;
static struct people_login *login;
static struct ward_error error;
static char folder[64], secret_path[96];
static char person_id[ID_TEXT_MAX], invitation[PEOPLE_CODE_MAX];
static struct people_step step;
static struct people_flow_end end;

static ward_err add_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct people_new person = { WARD_STR("mara"), WARD_STR("Mara Licht"),
		WARD_STR("reviewer") };

	(void)context;
	return people_add(tx, &(struct people_actor){ 0 }, &person, person_id, invitation, failure);
}

static bool begin(bool trust)
{
	char issuer[64];
	struct people_provider_options provider = {
		.issuer = issuer,
		.client_id = "ward",
		.secret_path = secret_path,
		.name = "the harbour",
		.acr = "",
		.amr = "mfa",
		.trust_second = trust,
		.time_ms = 500,
		.skew_s = 5,
	};
	struct people_login_options options = { .site = "lighthouse",
		.keys_folder = folder,
		.times = { .idle_s = 1800, .all_s = 12 * 3600 } };

	clock_fake_pass(7200);
	memset(&said, 0, sizeof(said));
	said.subject = "mara-1";
	said.more = ",\"amr\":[\"pwd\",\"mfa\"]";
	people_login_free(login);
	login = NULL;
	store_free(store);
	store = options.store = store_fresh();
	snprintf(issuer, sizeof(issuer), "http://127.0.0.1:%u", port);
	return store_write(store, add_work, NULL, &error) == WARD_OK &&
	       people_provider_new(&provider, &options.provider, &error) == WARD_OK &&
	       people_login_new(&options, &login, &error) == WARD_OK;
}

/* A field of the address, which has no letters that are encoded. */
static bool field(const char *address, const char *name, char out[PEOPLE_TOKEN_MAX])
{
	char wanted[32];

	snprintf(wanted, sizeof(wanted), "&%s=", name);
	const char *at = strstr(address, wanted);

	if (!at)
		return false;
	at += strlen(wanted);
	snprintf(out, PEOPLE_TOKEN_MAX, "%.*s", (int)strcspn(at, "&"), at);
	return true;
}

/* All the way; true when it led to a session.  Otherwise `end` has what came of it. */
static bool journey(const struct people_oidc_begin *options)
{
	char token[PEOPLE_TOKEN_MAX], state[PEOPLE_TOKEN_MAX];
	struct people_return came = { .code = WARD_STR("a-code") };
	struct ward_buf address;
	unsigned wait_s;

	memset(&end, 0, sizeof(end));
	ward_buf_init(&address, 8192);
	ward_err err = people_oidc_begin(login, HERE, options, &address, token, &wait_s, &error);
	bool found = !err && field(ward_buf_text(&address).ptr, "nonce", said.nonce) &&
		     field(ward_buf_text(&address).ptr, "state", state);

	ward_buf_free(&address);
	if (!found)
		return false;
	came.state = ward_str_from(state);
	if (people_oidc_finish(login, HERE, ward_str_from(token), &came, &step, &error))
		return true;
	if (!people_oidc_look(login, ward_str_from(token), &end))
		end.stage = PEOPLE_FLOW_WAITING;
	return false;
}

static bool log_in(void)
{
	return journey(&(struct people_oidc_begin){ .redirect = "http://127.0.0.1/r" });
}

static bool log_in_invited(void)
{
	return journey(&(struct people_oidc_begin){ .redirect = "http://127.0.0.1/r",
			.invitation = ward_str_from(invitation) });
}

static const char *state_of(void)
{
	struct person person = { .state = PEOPLE_OFF };
	struct ward_arena arena;
	struct store_tx *tx;

	if (store_read(store, &tx, &error) != WARD_OK)
		return "?";
	ward_arena_init(&arena, 64 * 1024);
	ward_err err = people_get(tx, ward_str_from(person_id), &arena, &person, &error);

	store_read_end(tx);
	ward_arena_free(&arena);
	return err ? "?" : people_state_name(person.state);
}

/* ---- the work of a store, one at a time ---- */

struct work {
	const char *subject;
	bool off, unlink, own, anew, forget;
	char id[ID_TEXT_MAX];
};

static ward_err first_identity(struct store_tx *tx, char id[ID_TEXT_MAX],
		struct ward_error *failure)
{
	struct people_identity *rows;
	struct ward_arena arena;
	size_t count = 0;

	ward_arena_init(&arena, 64 * 1024);
	ward_err err = people_identity_list(tx, ward_str_from(person_id), &arena, &rows, &count,
			failure);

	if (!err && count == 0)
		err = WARD_E_NOT_FOUND;
	if (!err)
		snprintf(id, ID_TEXT_MAX, "%.*s", WARD_FMT(rows[0].id));
	ward_arena_free(&arena);
	return err;
}

static ward_err run_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct work *work = context;
	char issuer[64];
	struct people_actor actor = { .person = work->own ? ward_str_from(person_id)
							  : WARD_STR("") };

	snprintf(issuer, sizeof(issuer), "http://127.0.0.1:%u", port);
	struct people_account account = { ward_str_from(issuer), ward_str_from(work->subject) };

	unsigned forgotten;

	if (work->forget)
		return people_forget(tx, clock_now() + 1, &forgotten, failure);
	if (work->off)
		return people_set_off(tx, &actor, ward_str_from(person_id), true, failure);
	if (work->anew)
		return people_reset(tx, &actor, ward_str_from(person_id), invitation, failure);
	if (!work->unlink)
		return people_identity_link(tx, &actor, ward_str_from(person_id), &account,
				failure);
	ward_err err = first_identity(tx, work->id, failure);

	return err ? err
		   : people_identity_unlink(tx, &actor, ward_str_from(person_id),
				     ward_str_from(work->id), WARD_STR(""), failure);
}

static ward_err do_work(struct work work)
{
	return store_write(store, run_work, &work, &error);
}

static bool lives(const struct people_step *at)
{
	struct people_session session;
	struct store_tx *tx;

	if (store_read(store, &tx, &error) != WARD_OK)
		return false;
	ward_err err = people_session_find(tx, ward_str_from(at->token), people_login_times(login),
			&session, &error);

	store_read_end(tx);
	return err == WARD_OK;
}

static int64_t count_of(const char *sql)
{
	struct store_rows *rows;
	struct store_tx *tx;
	int64_t count = -1;

	if (store_read(store, &tx, &error) != WARD_OK)
		return -1;
	if (store_one(tx, sql, STORE_NO_VALUES, &rows, &error) == WARD_OK) {
		count = store_get_int(rows, 0);
		(void)!store_rows_end(rows, &error);
	}
	store_read_end(tx);
	return count;
}

/* Sets up a code generator in the session of `step`. */
static bool enrol(uint8_t secret[PEOPLE_TOTP_SECRET])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	struct people_session session = step.session;
	struct people_device device;
	struct people_codes codes;
	uint32_t bits = 0;
	unsigned have = 0;
	size_t at = 0;
	char code[8];

	if (people_totp_begin(login, &session, &device, &error) != WARD_OK)
		return false;
	for (const char *text = device.secret; *text; text++) {
		bits = bits << 5 | (uint32_t)(strchr(alphabet, *text) - alphabet);
		have += 5;
		if (have >= 8) {
			have -= 8;
			secret[at++] = (uint8_t)(bits >> have);
		}
	}
	snprintf(code, sizeof(code), "%06u",
			people_totp_code((ward_bytes){ secret, PEOPLE_TOTP_SECRET },
					(uint64_t)(clock_now() / 30), 6));
	return people_totp_confirm(login, HERE, &session, ward_str_from(code), &step, &codes,
			       &error) == WARD_OK;
}

/* ---- the cases ---- */

static void a_stranger_is_told_why(void)
{
	CHECK(begin(true));
	CHECK(!log_in());
	CHECK_EQ(end.stage, PEOPLE_FLOW_REFUSED);
	CHECK(strstr(end.detail, "linked to nobody here"));
	CHECK_EQ(count_of("SELECT COUNT(*) FROM audit_rows WHERE action = 'person.refused'"), 1);
	CHECK_EQ(count_of("SELECT COUNT(*) FROM people_sessions"), 0);
}

static void who_is_invited_joins(void)
{
	uint8_t secret[PEOPLE_TOTP_SECRET];
	char code[8];

	CHECK(begin(false));
	CHECK(log_in_invited());
	CHECK(step.session.enrolling && step.session.permissions == PEOPLE_BIT(PEOPLE_ENROLLING));
	CHECK_STR(step.session.how, "oidc+invitation");
	CHECK_STR(state_of(), "invited");
	CHECK(enrol(secret));
	CHECK_STR(step.session.how, "oidc+totp");
	CHECK_STR(state_of(), "active");
	CHECK(!log_in_invited());
	/* The second factor is ours, whatever the provider says of its own. */
	clock_fake_pass(60);
	CHECK(!log_in());
	CHECK_EQ(end.stage, PEOPLE_FLOW_SECOND);
	CHECK(end.totp && end.recovery && !end.passkey);
	snprintf(code, sizeof(code), "%06u",
			people_totp_code((ward_bytes){ secret, sizeof(secret) },
					(uint64_t)(clock_now() / 30), 6));
	CHECK_EQ(people_login_totp(login, HERE, ward_str_from(end.ticket), ward_str_from(code),
				 &step, &error),
			WARD_OK);
	CHECK_STR(step.session.how, "oidc+totp");
	/* Who has no password proves it so, for a while. */
	unsigned wait_s;

	CHECK_EQ(people_reprove(login, HERE, &step.session, WARD_STR(""), &wait_s, &error),
			WARD_OK);
	clock_fake_pass(PEOPLE_FRESH_S);
	CHECK_EQ(people_reprove(login, HERE, &step.session, WARD_STR(""), &wait_s, &error),
			WARD_E_DENIED);
}

static void a_trusted_second_factor_is_enough(void)
{
	unsigned wait_s;

	CHECK(begin(true));
	CHECK(log_in_invited());
	CHECK(!step.session.enrolling);
	CHECK_STR(step.session.how, "oidc");
	CHECK_STR(state_of(), "active");
	CHECK_EQ(people_reprove(login, HERE, &step.session, WARD_STR(""), &wait_s, &error),
			WARD_E_DENIED);
	CHECK(log_in());
	/* When it says of none, there has to be one of ours. */
	said.more = "";
	CHECK(!log_in());
	CHECK_EQ(end.stage, PEOPLE_FLOW_REFUSED);
	CHECK(strstr(end.detail, "no second factor here"));
}

static void a_fresh_log_in_is_one(void)
{
	struct people_oidc_begin options = { .redirect = "http://127.0.0.1/r", .fresh = true };
	char more[96];
	unsigned wait_s;

	CHECK(begin(true));
	CHECK(log_in_invited());
	CHECK(!journey(&options));
	CHECK_EQ(end.stage, PEOPLE_FLOW_REFUSED);
	snprintf(more, sizeof(more), ",\"amr\":[\"mfa\"],\"auth_time\":%lld",
			(long long)clock_now() - 6);
	said.more = more;
	CHECK(!journey(&options));
	snprintf(more, sizeof(more), ",\"amr\":[\"mfa\"],\"auth_time\":%lld",
			(long long)clock_now());
	CHECK(journey(&options));
	CHECK_STR(step.session.how, "oidc+fresh");
	CHECK_EQ(people_reprove(login, HERE, &step.session, WARD_STR(""), &wait_s, &error),
			WARD_OK);
}

static void an_admin_links_before_one_has_joined(void)
{
	uint8_t secret[PEOPLE_TOTP_SECRET];

	CHECK(begin(false));
	CHECK_EQ(do_work((struct work){ .subject = "a b" }), WARD_E_ARGUMENT);
	CHECK_EQ(do_work((struct work){ .subject = "mara-1" }), WARD_OK);
	CHECK_EQ(do_work((struct work){ .subject = "mara-1" }), WARD_OK);
	CHECK_STR(state_of(), "invited");
	CHECK(log_in());
	CHECK(step.session.enrolling);
	CHECK(enrol(secret));
	CHECK_STR(state_of(), "active");
	CHECK_EQ(do_work((struct work){ .subject = "other-1" }), WARD_E_CONFLICT);
	/* One's own last way in stays; an admin takes it, and the sessions are over. */
	CHECK_EQ(do_work((struct work){ .unlink = true, .own = true }), WARD_E_CONFLICT);
	CHECK(lives(&step));
	CHECK_EQ(do_work((struct work){ .unlink = true }), WARD_OK);
	CHECK(!lives(&step));
	CHECK_EQ(do_work((struct work){ .unlink = true }), WARD_E_NOT_FOUND);
	CHECK(!log_in());
}

static void a_link_without_a_good_invitation_opens_nothing(void)
{
	CHECK(begin(true));
	CHECK_EQ(do_work((struct work){ .subject = "mara-1" }), WARD_OK);
	clock_fake_pass(8 * 24 * 3600);
	CHECK(!log_in());
	CHECK(strstr(end.detail, "no invitation"));
	CHECK(!log_in_invited());
	CHECK_EQ(do_work((struct work){ .off = true }), WARD_OK);
	CHECK(!log_in());
	CHECK(strstr(end.detail, "may not log in here now"));
	/* And in the end the account is forgotten with the name. */
	CHECK_EQ(do_work((struct work){ .forget = true }), WARD_OK);
	CHECK_EQ(count_of("SELECT COUNT(*) FROM people_identities"), 0);
	CHECK(!log_in());
	CHECK(strstr(end.detail, "linked to nobody here"));
}

/* An invitation that went astray: whoever began with it must not use its successor up. */
static void a_new_invitation_ends_what_was_linked_by_the_old_one(void)
{
	uint8_t secret[PEOPLE_TOTP_SECRET];

	CHECK(begin(false));
	CHECK(log_in_invited());
	CHECK(step.session.enrolling);
	CHECK_EQ(do_work((struct work){ .anew = true }), WARD_OK);
	CHECK(!lives(&step));
	CHECK(!log_in());
	CHECK(strstr(end.detail, "linked to nobody here"));
	/* Of one who has joined all stays until the new one is used; then nothing does. */
	CHECK(log_in_invited());
	CHECK(enrol(secret));
	CHECK_EQ(do_work((struct work){ .anew = true }), WARD_OK);
	CHECK(!log_in());
	CHECK_EQ(end.stage, PEOPLE_FLOW_SECOND);
	said.subject = "mara-2";
	CHECK(log_in_invited());
	CHECK(step.session.enrolling);
	said.subject = "mara-1";
	CHECK(!log_in());
	CHECK(strstr(end.detail, "linked to nobody here"));
	/* What an admin has linked, and nobody has used, stays. */
	CHECK(begin(false));
	CHECK_EQ(do_work((struct work){ .subject = "mara-1" }), WARD_OK);
	CHECK_EQ(do_work((struct work){ .anew = true }), WARD_OK);
	CHECK(log_in());
}

static void an_account_is_one_persons(void)
{
	CHECK(begin(true));
	CHECK(log_in_invited());
	said.subject = "other-1";
	struct people_session kept = step.session;
	struct people_oidc_begin link = { .redirect = "http://127.0.0.1/r", .session = &kept };

	CHECK(!journey(&link));
	CHECK_EQ(end.stage, PEOPLE_FLOW_LINKED);
	CHECK_EQ(count_of("SELECT COUNT(*) FROM people_identities"), 2);
	CHECK(!journey(&link));
	CHECK_EQ(end.stage, PEOPLE_FLOW_LINKED);
	CHECK_EQ(count_of("SELECT COUNT(*) FROM people_identities"), 2);
	/* Eight, and no more. */
	static const char *const subjects[] = { "a", "b", "c", "d", "e", "f", "g" };

	for (size_t i = 0; i < 7; i++) {
		said.subject = subjects[i];
		CHECK(!journey(&link));
	}
	CHECK_EQ(end.stage, PEOPLE_FLOW_REFUSED);
	CHECK_EQ(count_of("SELECT COUNT(*) FROM people_identities"), PEOPLE_IDENTITIES_MAX);
	/* A session that is over links nothing. */
	CHECK_EQ(people_logout(login, &kept, &error), WARD_OK);
	CHECK(!journey(&link));
	CHECK(strstr(end.detail, "session ended"));
}

static void our_secret_is_shown_and_kept(void)
{
	CHECK(begin(true));
	CHECK(log_in_invited());
	/* "ward:a lamp: /+%", each encoded first. */
	CHECK(strstr(said.heard,
			"Authorization: Basic d2FyZDphJTIwbGFtcCUzQSUyMCUyRiUyQiUyNQ==\r\n"));
	CHECK(strstr(said.heard, "grant_type=authorization_code&code=a-code&redirect_uri="
				 "http%3A%2F%2F127.0.0.1%2Fr&code_verifier="));
	CHECK(!strstr(said.heard, "client_secret"));
	chmod(secret_path, 0640);
	unsigned asked = said.asked;

	CHECK(!log_in());
	chmod(secret_path, 0600);
	CHECK_EQ(end.stage, PEOPLE_FLOW_REFUSED);
	CHECK_EQ(said.asked, asked);
	CHECK(log_in());
}

static void a_new_key_is_looked_for(void)
{
	CHECK(begin(true));
	CHECK(log_in_invited());
	CHECK(log_in());
	CHECK_EQ(said.keys_asked, 1);
	EVP_PKEY *old = key;

	/* Under the same name it is a wrong signature: a provider gives its keys new names. */
	key = make_key(PEOPLE_JWT_EDDSA);
	usleep(250000);
	CHECK(!log_in());
	CHECK_EQ(said.keys_asked, 1);
	EVP_PKEY_free(key);
	key = old;
	CHECK(log_in());
}

static void a_provider_that_is_away_is_left_alone(void)
{
	struct people_oidc_begin options = { .redirect = "http://127.0.0.1/r" };
	char token[PEOPLE_TOKEN_MAX];
	struct ward_buf address;
	unsigned wait_s;

	CHECK(begin(true));
	said.away = true;
	ward_buf_init(&address, 8192);
	/* Many more than one place may try in vain: it is nobody's guess. */
	for (int i = 0; i < 40; i++)
		CHECK_EQ(people_oidc_begin(login, HERE, &options, &address, token, &wait_s, &error),
				WARD_E_IO);
	CHECK(!people_provider_logout(people_login_provider(login), &address));
	ward_buf_free(&address);
}

static void guesses_wait(void)
{
	struct people_oidc_begin options = { .redirect = "http://127.0.0.1/r",
		.invitation = WARD_STR("no-code") };
	char token[PEOPLE_TOKEN_MAX];
	struct ward_buf address;
	unsigned wait_s = 0;
	int tries = 0;

	CHECK(begin(true));
	ward_buf_init(&address, 8192);
	while (people_oidc_begin(login, HERE, &options, &address, token, &wait_s, &error) ==
					WARD_E_DENIED &&
			tries < 100)
		tries++;
	ward_buf_free(&address);
	CHECK_EQ(error.code, WARD_E_LIMIT);
	CHECK(tries >= 30 && tries < 40 && wait_s > 0);
}

static const struct test_case cases[] = {
	{ "a stranger is told why, opens nothing, and is in the audit", a_stranger_is_told_why },
	{ "who is invited joins, and then a factor of ward's own is asked", who_is_invited_joins },
	{ "a second factor that is trusted is enough, when there was one",
			a_trusted_second_factor_is_enough },
	{ "a fresh log-in is one, and proves anew who it is", a_fresh_log_in_is_one },
	{ "an admin links an account before one has joined, and not behind that",
			an_admin_links_before_one_has_joined },
	{ "a link without an invitation that is good opens nothing, nor to one who is off",
			a_link_without_a_good_invitation_opens_nothing },
	{ "a new invitation ends what was linked by the old one",
			a_new_invitation_ends_what_was_linked_by_the_old_one },
	{ "within a session one links up to eight accounts", an_account_is_one_persons },
	{ "our secret is shown as the standard has it, and not when others can read it",
			our_secret_is_shown_and_kept },
	{ "keys are asked for once, and a key under an old name is none", a_new_key_is_looked_for },
	{ "a provider that is away is left alone for a while",
			a_provider_that_is_away_is_left_alone },
	{ "who guesses invitations in this way waits, too", guesses_wait },
};

int main(void)
{
	snprintf(folder, sizeof(folder), "/tmp/ward-oidc-XXXXXX");
	if (sodium_init() < 0 || !mkdtemp(folder) || !start_server())
		return 1;
	snprintf(secret_path, sizeof(secret_path), "%s/oidc.secret", folder);
	if (file_replace(secret_path, (ward_bytes){ (const uint8_t *)"a lamp: /+%\n", 12 }, 0600,
			    &error) != WARD_OK)
		return 1;
	clock_fake_set(1800000000);
	key = make_key(PEOPLE_JWT_EDDSA);
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	people_login_free(login);
	store_free(store);
	EVP_PKEY_free(key);
	unlink(secret_path);
	snprintf(secret_path, sizeof(secret_path), "%s/people.key", folder);
	unlink(secret_path);
	rmdir(folder);
	return failed;
}
