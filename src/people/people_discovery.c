#include "people/people_discovery.h"

#include "base/tree.h"
#include "net/inquire.h"
#include "people/people_jwt.h"

enum { WORDS_MAX = 200 };

static bool has_word(const struct json_t *list, const char *word)
{
	for (size_t i = 0; tree_is_array(list) && i < tree_count(list) && i < WORDS_MAX; i++) {
		if (ward_str_eq(tree_text(tree_at(list, i)), ward_str_from(word)))
			return true;
	}
	return false;
}

/* An issuer on this machine may have addresses without TLS; no other may. */
static bool read_url(const struct json_t *root, const char *name, ward_str issuer,
		char out[PEOPLE_URL_MAX])
{
	ward_str text = tree_text(tree_member(root, name));

	if (text.len == 0 || text.len >= PEOPLE_URL_MAX || memchr(text.ptr, '\0', text.len))
		return false;
	snprintf(out, PEOPLE_URL_MAX, "%.*s", WARD_FMT(text));
	return inquire_may(out) && (ward_str_starts(text, WARD_STR("https://")) ||
						   ward_str_starts(issuer, WARD_STR("http://")));
}

static bool signs_well(const struct json_t *root)
{
	const struct json_t *list = tree_member(root, "id_token_signing_alg_values_supported");

	for (unsigned i = 0; i < PEOPLE_JWT_ALGORITHMS; i++) {
		if (has_word(list, people_jwt_algorithm_name((enum people_jwt_algorithm)i)))
			return true;
	}
	return false;
}

/* What a document leaves out has a default; that of client authentication is basic. */
static ward_err read_abilities(const struct json_t *root, struct people_discovery *read,
		struct ward_error *error)
{
	const struct json_t *ways = tree_member(root, "token_endpoint_auth_methods_supported");
	const struct json_t *proofs = tree_member(root, "code_challenge_methods_supported");

	read->basic = tree_is_null(ways) || has_word(ways, "client_secret_basic");
	if (!read->basic && !has_word(ways, "client_secret_post"))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the provider takes neither client_secret_basic nor "
				"client_secret_post");
	if (!has_word(tree_member(root, "response_types_supported"), "code") ||
			(!tree_is_null(proofs) && !has_word(proofs, "S256")))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the provider does not give codes with a proof (PKCE, S256)");
	if (!signs_well(root))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the provider signs in no way that is taken here (RS256, PS256, "
				"ES256, EdDSA)");
	return WARD_OK;
}

static ward_err read_document(const struct json_t *root, ward_str issuer,
		struct people_discovery *read, struct ward_error *error)
{
	if (!ward_str_eq(tree_text(tree_member(root, "issuer")), issuer))
		return ward_fail(error, WARD_E_FORMAT,
				"the provider calls itself by another name than oidc { issuer }");
	if (!read_url(root, "authorization_endpoint", issuer, read->authorization) ||
			!read_url(root, "token_endpoint", issuer, read->token) ||
			!read_url(root, "jwks_uri", issuer, read->keys))
		return ward_fail(error, WARD_E_FORMAT,
				"the provider names no addresses that can be asked (https)");
	if (!read_url(root, "end_session_endpoint", issuer, read->logout))
		read->logout[0] = '\0';
	read->says_issuer = false;
	if (!tree_bool(tree_member(root, "authorization_response_iss_parameter_supported"),
			    &read->says_issuer))
		read->says_issuer = false;
	return read_abilities(root, read, error);
}

ward_err people_discovery_read(ward_str text, ward_str issuer, struct people_discovery *discovery,
		struct ward_error *error)
{
	struct people_discovery read = { .basic = false };
	struct ward_error why;
	struct json_t *root = text.len <= PEOPLE_DISCOVERY_TEXT_MAX ? tree_read(text, &why) : NULL;
	ward_err err;

	if (!root)
		return ward_fail(error, WARD_E_FORMAT,
				"what the provider says of itself is no JSON object");
	err = read_document(root, issuer, &read, error);
	tree_free(root);
	if (!err)
		*discovery = read;
	return err;
}

/* ---- what a code is redeemed for ---- */

static ward_err read_grant(const struct json_t *root, struct ward_arena *arena,
		struct people_grant *read, struct ward_error *error)
{
	ward_str type = tree_text(tree_member(root, "token_type"));
	ward_str id_token = tree_text(tree_member(root, "id_token"));
	ward_str access = tree_text(tree_member(root, "access_token"));

	if (!ward_str_eq_nocase(type, WARD_STR("Bearer")) || id_token.len == 0 ||
			id_token.len > PEOPLE_JWT_MAX || access.len > PEOPLE_ACCESS_MAX)
		return ward_fail(error, WARD_E_FORMAT,
				"the provider gives no ID token for the code");
	read->id_token = ward_arena_str(arena, id_token);
	read->access_token = ward_arena_str(arena, access);
	return read->id_token.ptr && read->access_token.ptr
			       ? WARD_OK
			       : ward_fail(error, WARD_E_NOMEM, "out of memory");
}

ward_err people_grant_read(ward_str text, struct ward_arena *arena, struct people_grant *grant,
		struct ward_error *error)
{
	struct people_grant read;
	struct ward_error why;
	struct json_t *root = text.len <= PEOPLE_GRANT_TEXT_MAX ? tree_read(text, &why) : NULL;
	ward_err err;

	if (!root)
		return ward_fail(error, WARD_E_FORMAT,
				"what the provider gives for the code is no JSON object");
	err = read_grant(root, arena, &read, error);
	tree_free(root);
	if (!err)
		*grant = read;
	return err;
}
