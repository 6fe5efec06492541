#include "people/people_id_token.h"

#include <sodium.h>

#include "base/tree.h"

enum { AUDIENCES_MAX = 16, METHODS_MAX = 32 };

static bool is_word(const struct json_t *claims, const char *name, ward_str wanted)
{
	const struct json_t *value = tree_member(claims, name);

	return tree_is_text(value) && ward_str_eq(tree_text(value), wanted);
}

/* Seconds since 1970; they may have a fraction. */
static bool read_time(const struct json_t *claims, const char *name, int64_t *when)
{
	double number;

	if (!tree_number(tree_member(claims, name), &number) || !(number >= 0 && number < 1e12))
		return false;
	*when = (int64_t)number;
	return true;
}

/* ---- to whom it is said ---- */

/* To us and to nobody else: what another client was given could be handed on to us. */
static bool is_for_us(const struct json_t *claims, ward_str client_id)
{
	const struct json_t *audience = tree_member(claims, "aud");
	size_t count = tree_count(audience);
	bool ours = is_word(claims, "aud", client_id);

	if (tree_is_array(audience)) {
		ours = count > 0 && count <= AUDIENCES_MAX;
		for (size_t i = 0; ours && i < count; i++)
			ours = tree_is_text(tree_at(audience, i)) &&
			       ward_str_eq(tree_text(tree_at(audience, i)), client_id);
	}
	return ours &&
	       (tree_is_null(tree_member(claims, "azp")) || is_word(claims, "azp", client_id));
}

static ward_err check_parties(const struct json_t *claims, const struct people_id_rules *rules,
		struct ward_error *error)
{
	if (!is_word(claims, "iss", rules->issuer))
		return ward_fail(error, WARD_E_DENIED, "the token is of another issuer");
	if (!is_for_us(claims, rules->client_id))
		return ward_fail(error, WARD_E_DENIED, "the token is not for us, or not alone");
	if (rules->nonce.len == 0 || !is_word(claims, "nonce", rules->nonce))
		return ward_fail(error, WARD_E_DENIED, "the token answers another question");
	return WARD_OK;
}

/* ---- when it is said ---- */

static ward_err check_times(const struct json_t *claims, const struct people_id_rules *rules,
		struct ward_error *error)
{
	int64_t ends, made, from = 0, proved;

	if (!read_time(claims, "exp", &ends) || !read_time(claims, "iat", &made))
		return ward_fail(error, WARD_E_DENIED,
				"the token does not say when it was made, or until when it holds");
	if (rules->now - rules->skew_s >= ends)
		return ward_fail(error, WARD_E_DENIED, "the token is over");
	if (made > rules->now + rules->skew_s)
		return ward_fail(error, WARD_E_DENIED,
				"the token is of the future: one of the clocks is wrong");
	if (made < rules->now - rules->skew_s - PEOPLE_ID_TOKEN_AGE_S)
		return ward_fail(error, WARD_E_DENIED, "the token was made long ago");
	if (!tree_is_null(tree_member(claims, "nbf")) &&
			(!read_time(claims, "nbf", &from) || from > rules->now + rules->skew_s))
		return ward_fail(error, WARD_E_DENIED, "the token does not hold yet");
	if (rules->auth_after > 0 && (!read_time(claims, "auth_time", &proved) ||
						     proved < rules->auth_after - rules->skew_s ||
						     proved > rules->now + rules->skew_s))
		return ward_fail(error, WARD_E_DENIED,
				"the provider did not ask the person anew, or does not say so");
	return WARD_OK;
}

/* ---- beside what it came ---- */

/* The left half of the digest that goes with the signature (Core 3.1.3.6). */
static bool hash_fits(ward_str claimed, ward_str access_token, enum people_jwt_algorithm algorithm)
{
	uint8_t digest[crypto_hash_sha512_BYTES];
	char wanted[64];
	size_t half = crypto_hash_sha256_BYTES / 2;

	if (algorithm == PEOPLE_JWT_EDDSA) {
		/* Ed25519 has SHA-512 within. */
		crypto_hash_sha512(digest, (const uint8_t *)access_token.ptr, access_token.len);
		half = crypto_hash_sha512_BYTES / 2;
	} else {
		crypto_hash_sha256(digest, (const uint8_t *)access_token.ptr, access_token.len);
	}
	sodium_bin2base64(wanted, sizeof(wanted), digest, half,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return ward_str_eq(claimed, ward_str_from(wanted));
}

static ward_err check_hash(const struct json_t *claims, const struct people_id_rules *rules,
		enum people_jwt_algorithm algorithm, struct ward_error *error)
{
	const struct json_t *claimed = tree_member(claims, "at_hash");

	if (tree_is_null(claimed) ||
			(rules->access_token.len > 0 && tree_is_text(claimed) &&
					hash_fits(tree_text(claimed), rules->access_token,
							algorithm)))
		return WARD_OK;
	return ward_fail(error, WARD_E_DENIED, "the token belongs to another access token");
}

/* ---- of whom, and how they proved it ---- */

bool people_subject_valid(ward_str subject)
{
	if (subject.len == 0 || subject.len >= PEOPLE_SUBJECT_MAX)
		return false;
	for (size_t i = 0; i < subject.len; i++) {
		if (subject.ptr[i] <= ' ' || subject.ptr[i] > '~')
			return false;
	}
	return true;
}

static bool has_word(ward_str words, ward_str word)
{
	while (words.len > 0 && word.len > 0) {
		if (ward_str_eq(ward_str_cut(&words, ' '), word))
			return true;
	}
	return false;
}

static bool says_second(const struct json_t *claims, const struct people_id_rules *rules)
{
	const struct json_t *methods = tree_member(claims, "amr");
	bool says = has_word(rules->acr, tree_text(tree_member(claims, "acr")));

	for (size_t i = 0; !says && tree_is_array(methods) && i < tree_count(methods) &&
			   i < METHODS_MAX;
			i++)
		says = has_word(rules->amr, tree_text(tree_at(methods, i)));
	return says;
}

static ward_err check_claims(const struct json_t *claims, const struct people_id_rules *rules,
		enum people_jwt_algorithm algorithm, struct ward_error *error)
{
	ward_err err = check_parties(claims, rules, error);

	if (!err)
		err = check_times(claims, rules, error);
	if (!err)
		err = check_hash(claims, rules, algorithm, error);
	if (!err && !people_subject_valid(tree_text(tree_member(claims, "sub"))))
		err = ward_fail(error, WARD_E_DENIED, "the token does not say of whom it speaks");
	return err;
}

ward_err people_id_token_read(const struct people_keyset *set, ward_str token,
		const struct people_id_rules *rules, struct people_id *id, struct ward_error *error)
{
	enum people_jwt_algorithm algorithm;
	struct json_t *claims;
	ward_err err = people_jwt_open(set, token, &claims, &algorithm, error);

	if (err)
		return err;
	err = check_claims(claims, rules, algorithm, error);
	if (!err) {
		snprintf(id->subject, sizeof(id->subject), "%.*s",
				WARD_FMT(tree_text(tree_member(claims, "sub"))));
		id->second = says_second(claims, rules);
	}
	tree_free(claims);
	return err;
}
