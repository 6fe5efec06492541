#include "people/people_provider.h"

#include <pthread.h>
#include <sodium.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "net/inquire.h"

enum {
	WORDS_MAX = 256,
	PATH_ROOM = 4096,
	SECRET_MAX = 1024,
	CODE_MAX = 4096,
	FORM_MAX = 16384,
	FRESH_MS = 600000,   /* so long an answer is taken for what is so */
	AWAY_MS = 5000,      /* so long nobody asks again one that did not answer */
	KEYS_LEAST_MS = 200, /* between two looks for a key that is not there */
	REDEEM_MAX = 4,      /* at once: each may wait for the provider, and others wait for us */
};

/* What was asked for, and when. */
struct known {
	uint64_t at_us, failed_us; /* 0: never */
	struct people_discovery discovery;
	struct people_keyset *keys; /* NULL: not yet */
	uint64_t keys_us;
	unsigned redeeming;
};

struct people_provider {
	char issuer[WORDS_MAX], client_id[WORDS_MAX], name[WORDS_MAX], acr[WORDS_MAX],
			amr[WORDS_MAX];
	char secret_path[PATH_ROOM];
	bool trust_second;
	uint32_t time_ms;
	int64_t skew_s;
	pthread_mutex_t asking; /* held while the provider is asked what it is */
	pthread_mutex_t mutex;  /* for `known`, never while somebody is asked */
	struct known known;
};

/* ---- its life ---- */

static bool keep(char *to, size_t room, const char *text)
{
	int len = snprintf(to, room, "%s", text);

	return len >= 0 && (size_t)len < room;
}

ward_err people_provider_new(const struct people_provider_options *options,
		struct people_provider **provider, struct ward_error *error)
{
	struct people_provider *made;
	ward_str issuer = ward_str_from(options->issuer);

	if (!inquire_may(options->issuer) || memchr(issuer.ptr, '?', issuer.len))
		return ward_fail(error, WARD_E_ARGUMENT,
				"oidc { issuer } is https://HOST, as the provider calls itself");
	if (!options->client_id[0])
		return ward_fail(error, WARD_E_ARGUMENT,
				"oidc { client_id } is missing: what the provider calls ward");
	made = calloc(1, sizeof(*made));
	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	pthread_mutex_init(&made->asking, NULL);
	pthread_mutex_init(&made->mutex, NULL);
	made->trust_second = options->trust_second;
	made->time_ms = options->time_ms;
	made->skew_s = options->skew_s;
	if (!keep(made->issuer, sizeof(made->issuer), options->issuer) ||
			!keep(made->client_id, sizeof(made->client_id), options->client_id) ||
			!keep(made->name, sizeof(made->name), options->name) ||
			!keep(made->acr, sizeof(made->acr), options->acr) ||
			!keep(made->amr, sizeof(made->amr), options->amr) ||
			!keep(made->secret_path, sizeof(made->secret_path), options->secret_path)) {
		people_provider_free(made);
		return ward_fail(error, WARD_E_ARGUMENT, "a setting of oidc { } is too long");
	}
	*provider = made;
	return WARD_OK;
}

void people_provider_free(struct people_provider *provider)
{
	if (!provider)
		return;
	people_keyset_free(provider->known.keys);
	pthread_mutex_destroy(&provider->asking);
	pthread_mutex_destroy(&provider->mutex);
	free(provider);
}

const char *people_provider_issuer(const struct people_provider *provider)
{
	return provider->issuer;
}

const char *people_provider_name(const struct people_provider *provider)
{
	return provider->name;
}

/* ---- our secret ---- */

/* It is read each time, so that it can be changed while we run. */
static ward_err read_secret(const struct people_provider *provider, char secret[SECRET_MAX],
		struct ward_error *error)
{
	struct stat about;
	char *text;
	size_t len;

	if (stat(provider->secret_path, &about) < 0)
		return ward_fail(error, WARD_E_IO, "oidc { secret_file } cannot be read");
	if (about.st_mode & 077)
		return ward_fail(error, WARD_E_DENIED,
				"oidc { secret_file } can be read by others: chmod 600 it");
	ward_err err = file_read(provider->secret_path, SECRET_MAX, &text, &len, error);

	if (err)
		return ward_fail(error, err, "oidc { secret_file } cannot be read");
	ward_str trimmed = ward_str_trim((ward_str){ text, len });

	if (trimmed.len == 0 || trimmed.len >= SECRET_MAX)
		err = ward_fail(error, WARD_E_FORMAT, "oidc { secret_file } holds no secret");
	else
		snprintf(secret, SECRET_MAX, "%.*s", WARD_FMT(trimmed));
	sodium_memzero(text, len);
	free(text);
	return err;
}

ward_err people_provider_check(const struct people_provider *provider, struct ward_error *error)
{
	char secret[SECRET_MAX];
	ward_err err = read_secret(provider, secret, error);

	sodium_memzero(secret, sizeof(secret));
	return err;
}

/* ---- what the provider is ---- */

static bool is_fresh(uint64_t at_us, uint64_t now_us, unsigned ms)
{
	return at_us > 0 && now_us - at_us < (uint64_t)ms * 1000;
}

static ward_err ask(const struct people_provider *provider, const char *url, size_t len_max,
		struct ward_buf *body, struct ward_error *error)
{
	struct inquiry inquiry = { .url = url, .time_ms = provider->time_ms };
	unsigned status = 0;

	ward_buf_init(body, len_max);
	ward_err err = inquire(&inquiry, &status, body, error);

	if (!err && status != 200)
		err = ward_fail(error, WARD_E_IO, "the provider answers with %u", status);
	return err;
}

static ward_err ask_discovery(const struct people_provider *provider,
		struct people_discovery *discovery, struct ward_error *error)
{
	char url[WORDS_MAX + 64];
	ward_str issuer = ward_str_from(provider->issuer);
	struct ward_buf body;

	snprintf(url, sizeof(url), "%s%s.well-known/openid-configuration", provider->issuer,
			ward_str_ends(issuer, WARD_STR("/")) ? "" : "/");
	ward_err err = ask(provider, url, PEOPLE_DISCOVERY_TEXT_MAX, &body, error);

	if (!err)
		err = people_discovery_read(ward_buf_text(&body), issuer, discovery, error);
	ward_buf_free(&body);
	return err;
}

/* What is known of it, when that is not too old; else WARD_E_NOT_FOUND, or why nobody asks now. */
static ward_err look(struct people_provider *provider, struct people_discovery *discovery,
		struct ward_error *error)
{
	uint64_t now_us = clock_ticks_us();
	ward_err err = WARD_OK;

	pthread_mutex_lock(&provider->mutex);
	if (is_fresh(provider->known.at_us, now_us, FRESH_MS))
		*discovery = provider->known.discovery;
	else if (is_fresh(provider->known.failed_us, now_us, AWAY_MS))
		err = ward_fail(error, WARD_E_IO, "the provider did not answer a moment ago");
	else
		err = ward_fail(error, WARD_E_NOT_FOUND, "it is not known yet");
	pthread_mutex_unlock(&provider->mutex);
	return err;
}

/* What was known of it until now, while somebody else is asking. */
static ward_err look_back(struct people_provider *provider, struct people_discovery *discovery,
		struct ward_error *error)
{
	pthread_mutex_lock(&provider->mutex);
	bool known = provider->known.at_us > 0;

	if (known)
		*discovery = provider->known.discovery;
	pthread_mutex_unlock(&provider->mutex);
	return known ? WARD_OK
		     : ward_fail(error, WARD_E_IO, "the provider is being asked; try again");
}

static ward_err discover(struct people_provider *provider, struct people_discovery *discovery,
		struct ward_error *error)
{
	ward_err err = look(provider, discovery, error);

	if (err != WARD_E_NOT_FOUND)
		return err;
	if (pthread_mutex_trylock(&provider->asking) != 0)
		return look_back(provider, discovery, error);
	err = ask_discovery(provider, discovery, error);
	pthread_mutex_lock(&provider->mutex);
	if (err) {
		provider->known.failed_us = clock_ticks_us();
	} else {
		provider->known.discovery = *discovery;
		provider->known.at_us = clock_ticks_us();
	}
	pthread_mutex_unlock(&provider->mutex);
	pthread_mutex_unlock(&provider->asking);
	return err;
}

/* ---- its keys ---- */

static ward_err ask_keys(struct people_provider *provider, const char *url,
		struct ward_error *error)
{
	struct people_keyset *keys = NULL;
	struct ward_buf body;
	ward_err err = ask(provider, url, PEOPLE_KEYSET_TEXT_MAX, &body, error);

	if (!err)
		err = people_keyset_read(ward_buf_text(&body), &keys, error);
	ward_buf_free(&body);
	if (err)
		return err;
	pthread_mutex_lock(&provider->mutex);
	people_keyset_free(provider->known.keys);
	provider->known.keys = keys;
	provider->known.keys_us = clock_ticks_us();
	pthread_mutex_unlock(&provider->mutex);
	return WARD_OK;
}

/* NOT_FOUND when the token's key is not among those that are known, or these are too old. */
static ward_err try_keys(struct people_provider *provider, ward_str token,
		const struct people_id_rules *rules, struct people_id *id, struct ward_error *error)
{
	ward_err err;

	pthread_mutex_lock(&provider->mutex);
	if (provider->known.keys && is_fresh(provider->known.keys_us, clock_ticks_us(), FRESH_MS))
		err = people_id_token_read(provider->known.keys, token, rules, id, error);
	else
		err = ward_fail(error, WARD_E_NOT_FOUND, "there are no keys yet");
	pthread_mutex_unlock(&provider->mutex);
	return err;
}

static bool may_ask_keys(struct people_provider *provider)
{
	pthread_mutex_lock(&provider->mutex);
	bool may = !is_fresh(provider->known.keys_us, clock_ticks_us(), KEYS_LEAST_MS);

	pthread_mutex_unlock(&provider->mutex);
	return may;
}

static ward_err read_token(struct people_provider *provider,
		const struct people_discovery *discovery, ward_str token,
		const struct people_id_rules *rules, struct people_id *id, struct ward_error *error)
{
	ward_err err = try_keys(provider, token, rules, id, error);

	if (err == WARD_E_NOT_FOUND && may_ask_keys(provider)) {
		err = ask_keys(provider, discovery->keys, error);
		if (!err)
			err = try_keys(provider, token, rules, id, error);
	}
	return err == WARD_E_NOT_FOUND ? ward_fail(error, WARD_E_DENIED,
							 "the token is signed with a key that the "
							 "provider does not name")
				       : err;
}

/* ---- text of addresses and forms ---- */

static void add_encoded(struct ward_buf *out, ward_str text)
{
	static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789-._~";

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] && strchr(kept, text.ptr[i]))
			ward_buf_char(out, text.ptr[i]);
		else
			ward_buf_printf(out, "%%%02X", (unsigned char)text.ptr[i]);
	}
}

static void add_field(struct ward_buf *out, const char *name, ward_str value)
{
	if (out->len > 0 && out->ptr[out->len - 1] != '?')
		ward_buf_char(out, '&');
	ward_buf_printf(out, "%s=", name);
	add_encoded(out, value);
}

/* An address that may have a question in it already. */
static void begin_question(struct ward_buf *out, const char *address)
{
	ward_buf_str(out, ward_str_from(address));
	if (!strchr(address, '?'))
		ward_buf_char(out, '?');
}

bool people_provider_logout(struct people_provider *provider, struct ward_buf *address)
{
	bool known;

	pthread_mutex_lock(&provider->mutex);
	known = provider->known.at_us > 0 && provider->known.discovery.logout[0];
	if (known) {
		begin_question(address, provider->known.discovery.logout);
		add_field(address, "client_id", ward_str_from(provider->client_id));
	}
	pthread_mutex_unlock(&provider->mutex);
	return known && !address->failed;
}

/* ---- going there ---- */

static void challenge_of(const char *verifier, char challenge[PEOPLE_TOKEN_MAX])
{
	uint8_t digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(digest, (const uint8_t *)verifier, strlen(verifier));
	sodium_bin2base64(challenge, PEOPLE_TOKEN_MAX, digest, sizeof(digest),
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

ward_err people_provider_address(struct people_provider *provider, const struct people_flow *flow,
		struct ward_buf *address, struct ward_error *error)
{
	struct people_discovery discovery;
	char challenge[PEOPLE_TOKEN_MAX];
	ward_err err = discover(provider, &discovery, error);

	if (err)
		return err;
	challenge_of(flow->verifier, challenge);
	begin_question(address, discovery.authorization);
	add_field(address, "response_type", WARD_STR("code"));
	add_field(address, "response_mode", WARD_STR("query"));
	add_field(address, "client_id", ward_str_from(provider->client_id));
	add_field(address, "redirect_uri", ward_str_from(flow->redirect));
	/* Who it is, and nothing about them. */
	add_field(address, "scope", WARD_STR("openid"));
	add_field(address, "state", ward_str_from(flow->state));
	add_field(address, "nonce", ward_str_from(flow->nonce));
	add_field(address, "code_challenge", ward_str_from(challenge));
	add_field(address, "code_challenge_method", WARD_STR("S256"));
	if (provider->trust_second && provider->acr[0])
		add_field(address, "acr_values", ward_str_from(provider->acr));
	if (flow->fresh) {
		add_field(address, "prompt", WARD_STR("login"));
		add_field(address, "max_age", WARD_STR("0"));
	}
	return address->failed ? ward_fail(error, WARD_E_LIMIT, "the address is too long")
			       : WARD_OK;
}

/* ---- coming back ---- */

/* Who answers must be who was asked, when answers say so (RFC 9207). */
static ward_err check_return(const struct people_provider *provider,
		const struct people_discovery *discovery, const struct people_return *came,
		struct ward_error *error)
{
	ward_str issuer = ward_str_from(provider->issuer);

	if (came->issuer.len > 0 ? !ward_str_eq(came->issuer, issuer) : discovery->says_issuer)
		return ward_fail(error, WARD_E_DENIED, "another provider answers than was asked");
	if (came->trouble.len > 0)
		return ward_fail(error, WARD_E_DENIED, "the provider gives no code");
	if (came->code.len == 0 || came->code.len > CODE_MAX)
		return ward_fail(error, WARD_E_DENIED, "the answer has no code");
	return WARD_OK;
}

/* "Basic ..." of client and secret, each encoded as in a form (RFC 6749, 2.3.1). */
static bool write_basic(const struct people_provider *provider, const char *secret,
		struct ward_buf *out)
{
	struct ward_buf pair;
	bool whole;

	ward_buf_init(&pair, 4 * (WORDS_MAX + SECRET_MAX));
	add_encoded(&pair, ward_str_from(provider->client_id));
	ward_buf_char(&pair, ':');
	add_encoded(&pair, ward_str_from(secret));
	ward_buf_str(out, WARD_STR("Basic "));
	char *room = ward_buf_reserve(out, 4 * ((pair.len + 2) / 3) + 1);

	whole = room && !pair.failed;
	if (whole) {
		ward_base64_format((const uint8_t *)pair.ptr, pair.len, room);
		out->len += strlen(room);
	}
	if (pair.ptr)
		sodium_memzero(pair.ptr, pair.len);
	ward_buf_free(&pair);
	return whole;
}

static void write_form(const struct people_provider *provider, const struct people_flow *flow,
		ward_str code, const char *secret, struct ward_buf *form)
{
	add_field(form, "grant_type", WARD_STR("authorization_code"));
	add_field(form, "code", code);
	add_field(form, "redirect_uri", ward_str_from(flow->redirect));
	add_field(form, "code_verifier", ward_str_from(flow->verifier));
	if (secret) {
		add_field(form, "client_id", ward_str_from(provider->client_id));
		add_field(form, "client_secret", ward_str_from(secret));
	}
}

static void wipe(struct ward_buf *buf)
{
	if (buf->ptr)
		sodium_memzero(buf->ptr, buf->room);
	ward_buf_free(buf);
}

static ward_err ask_token(const struct people_provider *provider,
		const struct people_discovery *discovery, const struct people_flow *flow,
		ward_str code, struct ward_buf *body, struct ward_error *error)
{
	struct ward_buf form, basic;
	char secret[SECRET_MAX];
	unsigned status = 0;
	ward_err err = read_secret(provider, secret, error);

	/* The operator's to mend, and nothing about who logs in. */
	if (err)
		return ward_fail(error, WARD_E_IO, "%s", error->message);
	ward_buf_init(&form, FORM_MAX);
	ward_buf_init(&basic, FORM_MAX);
	write_form(provider, flow, code, discovery->basic ? NULL : secret, &form);
	if ((discovery->basic && !write_basic(provider, secret, &basic)) || form.failed)
		err = ward_fail(error, WARD_E_LIMIT, "the code is too long");
	sodium_memzero(secret, sizeof(secret));
	struct inquiry inquiry = {
		.url = discovery->token,
		.form = ward_buf_text(&form),
		.authorization = discovery->basic ? ward_buf_text(&basic).ptr : NULL,
		.time_ms = provider->time_ms,
	};

	if (!err)
		err = inquire(&inquiry, &status, body, error);
	wipe(&form);
	wipe(&basic);
	if (!err && status == 400)
		return ward_fail(error, WARD_E_DENIED, "the provider does not redeem the code");
	if (!err && status != 200)
		return ward_fail(error, WARD_E_IO, "the provider answers the code with %u", status);
	return err;
}

static ward_err read_answer(struct people_provider *provider,
		const struct people_discovery *discovery, const struct people_flow *flow,
		ward_str answer, struct people_id *id, struct ward_error *error)
{
	struct people_id_rules rules = {
		.issuer = ward_str_from(provider->issuer),
		.client_id = ward_str_from(provider->client_id),
		.nonce = ward_str_from(flow->nonce),
		.now = clock_now(),
		.skew_s = provider->skew_s,
		.auth_after = flow->fresh ? flow->begun_at : 0,
		.acr = ward_str_from(provider->acr),
		.amr = ward_str_from(provider->amr),
	};
	struct people_grant grant;
	struct ward_arena arena;

	ward_arena_init(&arena, 256 * 1024);
	ward_err err = people_grant_read(answer, &arena, &grant, error);

	if (!err) {
		rules.access_token = grant.access_token;
		err = read_token(provider, discovery, grant.id_token, &rules, id, error);
	}
	if (!err)
		id->second = id->second && provider->trust_second;
	ward_arena_free(&arena);
	return err;
}

static bool take_place(struct people_provider *provider)
{
	pthread_mutex_lock(&provider->mutex);
	bool free_place = provider->known.redeeming < REDEEM_MAX;

	provider->known.redeeming += free_place;
	pthread_mutex_unlock(&provider->mutex);
	return free_place;
}

static void give_place(struct people_provider *provider)
{
	pthread_mutex_lock(&provider->mutex);
	provider->known.redeeming--;
	pthread_mutex_unlock(&provider->mutex);
}

static ward_err redeem(struct people_provider *provider, const struct people_discovery *discovery,
		const struct people_flow *flow, ward_str code, struct people_id *id,
		struct ward_error *error)
{
	struct ward_buf body;

	if (!take_place(provider))
		return ward_fail(error, WARD_E_IO, "the provider has not answered others yet");
	ward_buf_init(&body, PEOPLE_GRANT_TEXT_MAX);
	ward_err err = ask_token(provider, discovery, flow, code, &body, error);

	if (!err)
		err = read_answer(provider, discovery, flow, ward_buf_text(&body), id, error);
	wipe(&body);
	give_place(provider);
	return err;
}

ward_err people_provider_redeem(struct people_provider *provider, const struct people_flow *flow,
		const struct people_return *came, struct people_id *id, struct ward_error *error)
{
	struct people_discovery discovery;
	ward_err err = discover(provider, &discovery, error);

	if (!err)
		err = check_return(provider, &discovery, came, error);
	return err ? err : redeem(provider, &discovery, flow, came->code, id, error);
}
