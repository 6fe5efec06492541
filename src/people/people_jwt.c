#include "people/people_jwt.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include "base/tree.h"

enum {
	EC_SIZE = 32,       /* of a coordinate, and of half a signature, of P-256 */
	ED_SIZE = 32,       /* of a key of Ed25519 */
	RSA_SIZE_MAX = 512, /* bytes: 4096 bits */
	RSA_SIZE_MIN = 256,
	SIGNATURE_MAX = RSA_SIZE_MAX,
	TRIES_MAX = 8, /* keys of one name that are tried */
};

struct set_key {
	char kid[PEOPLE_KID_MAX]; /* "": it has none */
	bool algorithms[PEOPLE_JWT_ALGORITHMS];
	EVP_PKEY *key;
};

struct people_keyset {
	size_t count;
	struct set_key keys[PEOPLE_KEYSET_MAX];
};

static const char *const names[] = { "RS256", "PS256", "ES256", "EdDSA" };

const char *people_jwt_algorithm_name(enum people_jwt_algorithm algorithm)
{
	return (unsigned)algorithm < PEOPLE_JWT_ALGORITHMS ? names[algorithm] : NULL;
}

/* Without padding, and without anything that is not of the alphabet. */
static bool decode(ward_str text, uint8_t *out, size_t room, size_t *len)
{
	return text.len > 0 && sodium_base642bin(out, room, text.ptr, text.len, NULL, len, NULL,
					       sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

/* ---- keys (RFC 7517, RFC 7518 section 6, RFC 8037) ---- */

static bool is_word(const struct json_t *object, const char *name, const char *wanted)
{
	const struct json_t *value = tree_member(object, name);

	return tree_is_text(value) && ward_str_eq(tree_text(value), ward_str_from(wanted));
}

static bool member_bytes(const struct json_t *object, const char *name, uint8_t *out, size_t room,
		size_t *len)
{
	return decode(tree_text(tree_member(object, name)), out, room, len);
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (!context || EVP_PKEY_fromdata_init(context) <= 0 ||
			EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

/* 2048 to 4096 bits, an exponent that is odd, more than 1, and small. */
static EVP_PKEY *rsa_key(const struct json_t *object)
{
	uint8_t n[RSA_SIZE_MAX], e[4];
	size_t n_len, e_len;
	EVP_PKEY *key = NULL;

	if (!member_bytes(object, "n", n, sizeof(n), &n_len) || n_len < RSA_SIZE_MIN ||
			!(n[0] & 0x80) || !(n[n_len - 1] & 1) ||
			!member_bytes(object, "e", e, sizeof(e), &e_len) || !(e[e_len - 1] & 1) ||
			(e_len == 1 && e[0] == 1))
		return NULL;
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *big_n = BN_bin2bn(n, (int)n_len, NULL), *big_e = BN_bin2bn(e, (int)e_len, NULL);

	if (builder && big_n && big_e &&
			OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, big_n) &&
			OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, big_e)) {
		OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);

		key = params ? from_params("RSA", params) : NULL;
		OSSL_PARAM_free(params);
	}
	OSSL_PARAM_BLD_free(builder);
	BN_free(big_n);
	BN_free(big_e);
	return key;
}

/* A point on P-256; one that is not on the curve makes no key. */
static EVP_PKEY *ec_key(const struct json_t *object)
{
	uint8_t point[1 + 2 * EC_SIZE] = { 4 };
	char group[] = "prime256v1";
	size_t x_len, y_len;

	if (!is_word(object, "crv", "P-256") ||
			!member_bytes(object, "x", point + 1, EC_SIZE, &x_len) ||
			!member_bytes(object, "y", point + 1 + EC_SIZE, EC_SIZE, &y_len) ||
			x_len != EC_SIZE || y_len != EC_SIZE)
		return NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};

	return from_params("EC", params);
}

static EVP_PKEY *ed_key(const struct json_t *object)
{
	uint8_t x[ED_SIZE];
	size_t len;

	if (!is_word(object, "crv", "Ed25519") || !member_bytes(object, "x", x, sizeof(x), &len) ||
			len != ED_SIZE)
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x, len);
}

/* What a key may be for, as far as it says. */
static bool is_for_verifying(const struct json_t *object)
{
	const struct json_t *uses = tree_member(object, "key_ops");
	bool verifies = tree_is_null(uses);

	for (size_t i = 0; tree_is_array(uses) && i < tree_count(uses); i++)
		verifies = verifies || ward_str_eq(tree_text(tree_at(uses, i)), WARD_STR("verify"));
	return verifies &&
	       (tree_is_null(tree_member(object, "use")) || is_word(object, "use", "sig"));
}

/* The algorithms that this key is good for: those of its kind, or the one that it names. */
static void find_algorithms(const struct json_t *object, bool algorithms[PEOPLE_JWT_ALGORITHMS])
{
	static const char *const kinds[] = { "RSA", "RSA", "EC", "OKP" };
	bool any = tree_is_null(tree_member(object, "alg"));

	for (size_t i = 0; i < PEOPLE_JWT_ALGORITHMS; i++)
		algorithms[i] = is_word(object, "kty", kinds[i]) &&
				(any || is_word(object, "alg", names[i]));
	/* RFC 9864 gives EdDSA with Ed25519 a name of its own. */
	if (is_word(object, "kty", "OKP") && is_word(object, "alg", "Ed25519"))
		algorithms[PEOPLE_JWT_EDDSA] = true;
}

/* False for a key that is passed over. */
static bool read_key(const struct json_t *object, struct set_key *key)
{
	const struct json_t *kid = tree_member(object, "kid");
	ward_str name = tree_text(kid);

	*key = (struct set_key){ .key = NULL };
	if (!tree_is_object(object) || !is_for_verifying(object) || name.len >= PEOPLE_KID_MAX ||
			(!tree_is_null(kid) && !tree_is_text(kid)) ||
			(name.len > 0 && memchr(name.ptr, '\0', name.len)))
		return false;
	memcpy(key->kid, name.len > 0 ? name.ptr : "", name.len);
	find_algorithms(object, key->algorithms);
	if (key->algorithms[PEOPLE_JWT_RS256] || key->algorithms[PEOPLE_JWT_PS256])
		key->key = rsa_key(object);
	else if (key->algorithms[PEOPLE_JWT_ES256])
		key->key = ec_key(object);
	else if (key->algorithms[PEOPLE_JWT_EDDSA])
		key->key = ed_key(object);
	return key->key != NULL;
}

ward_err people_keyset_read(ward_str text, struct people_keyset **set, struct ward_error *error)
{
	struct people_keyset *made;
	struct ward_error why;

	if (text.len > PEOPLE_KEYSET_TEXT_MAX)
		return ward_fail(error, WARD_E_LIMIT, "the provider's keys are too many");
	struct json_t *root = tree_read(text, &why);
	const struct json_t *keys = tree_member(root, "keys");

	made = calloc(1, sizeof(*made));
	for (size_t i = 0; made && i < tree_count(keys) && made->count < PEOPLE_KEYSET_MAX; i++)
		made->count += read_key(tree_at(keys, i), &made->keys[made->count]);
	tree_free(root);
	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (made->count == 0) {
		people_keyset_free(made);
		return ward_fail(error, WARD_E_FORMAT,
				"the provider names no key of a kind that is taken here (RSA of "
				"2048 bits and more, P-256, Ed25519)");
	}
	*set = made;
	return WARD_OK;
}

void people_keyset_free(struct people_keyset *set)
{
	for (size_t i = 0; set && i < set->count; i++)
		EVP_PKEY_free(set->keys[i].key);
	free(set);
}

size_t people_keyset_count(const struct people_keyset *set)
{
	return set->count;
}

/* ---- signatures (RFC 7518 section 3, RFC 8037) ---- */

/* Two numbers of 32 bytes, as OpenSSL wants them. */
static int ec_signature(ward_bytes signature, uint8_t **der)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = NULL, *s = NULL;
	int len = -1;

	if (signature.len == 2 * (size_t)EC_SIZE && pair) {
		r = BN_bin2bn(signature.ptr, EC_SIZE, NULL);
		s = BN_bin2bn(signature.ptr + EC_SIZE, EC_SIZE, NULL);
	}
	if (r && s && ECDSA_SIG_set0(pair, r, s)) {
		len = i2d_ECDSA_SIG(pair, der);
		r = s = NULL;
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(pair);
	return len;
}

static bool set_padding(EVP_PKEY_CTX *context, enum people_jwt_algorithm algorithm)
{
	if (algorithm == PEOPLE_JWT_RS256)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
	if (algorithm == PEOPLE_JWT_PS256)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) > 0 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
	return true;
}

static bool verifies(EVP_PKEY *key, enum people_jwt_algorithm algorithm, ward_str message,
		ward_bytes signature)
{
	const EVP_MD *digest = algorithm == PEOPLE_JWT_EDDSA ? NULL : EVP_sha256();
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *inner = NULL;
	uint8_t *der = NULL;
	bool fits = context && EVP_DigestVerifyInit(context, &inner, digest, NULL, key) == 1 &&
		    set_padding(inner, algorithm);

	if (fits && algorithm == PEOPLE_JWT_ES256) {
		int len = ec_signature(signature, &der);

		fits = len > 0;
		signature = (ward_bytes){ der, fits ? (size_t)len : 0 };
	}
	fits = fits && EVP_DigestVerify(context, signature.ptr, signature.len,
				       (const uint8_t *)message.ptr, message.len) == 1;
	OPENSSL_free(der);
	EVP_MD_CTX_free(context);
	return fits;
}

/* ---- a token ---- */

struct token {
	ward_str head, claims, signature; /* as they came */
	ward_str signed_text;
	enum people_jwt_algorithm algorithm;
	char kid[PEOPLE_KID_MAX];
};

static bool split(ward_str text, struct token *token)
{
	ward_str rest = text;

	if (text.len > PEOPLE_JWT_MAX)
		return false;
	token->head = ward_str_cut(&rest, '.');
	token->claims = ward_str_cut(&rest, '.');
	token->signature = rest;
	if (token->head.len == 0 || token->claims.len == 0 || token->signature.len == 0 ||
			memchr(rest.ptr, '.', rest.len))
		return false;
	token->signed_text = (ward_str){ text.ptr, token->head.len + 1 + token->claims.len };
	return true;
}

/* A part as an object; NULL when it is none. */
static struct json_t *read_part(ward_str part)
{
	uint8_t *bytes = malloc(part.len + 1);
	struct json_t *root = NULL;
	struct ward_error why;
	size_t len;

	if (bytes && decode(part, bytes, part.len, &len))
		root = tree_read((ward_str){ (const char *)bytes, len }, &why);
	free(bytes);
	return root;
}

static bool read_algorithm(const struct json_t *head, enum people_jwt_algorithm *algorithm)
{
	for (unsigned i = 0; i < PEOPLE_JWT_ALGORITHMS; i++) {
		if (is_word(head, "alg", names[i])) {
			*algorithm = (enum people_jwt_algorithm)i;
			return true;
		}
	}
	return false;
}

/* A token of another kind ("at+jwt", "logout+jwt") says so; what is critical we do not know. */
static bool is_plain(const struct json_t *head)
{
	const struct json_t *type = tree_member(head, "typ");

	return tree_is_null(tree_member(head, "crit")) && tree_is_null(tree_member(head, "b64")) &&
	       tree_is_null(tree_member(head, "zip")) && tree_is_null(tree_member(head, "enc")) &&
	       (tree_is_null(type) || ward_str_eq_nocase(tree_text(type), WARD_STR("JWT")));
}

static ward_err read_head(struct token *token, struct ward_error *error)
{
	struct json_t *head = read_part(token->head);
	const struct json_t *kid = tree_member(head, "kid");
	ward_str name = tree_text(kid);
	ward_err err = WARD_OK;

	if (!head || !is_plain(head) || name.len >= PEOPLE_KID_MAX ||
			(!tree_is_null(kid) && name.len == 0) ||
			(name.len > 0 && memchr(name.ptr, '\0', name.len)))
		err = ward_fail(error, WARD_E_DENIED, "the token's head is not as it should be");
	else if (!read_algorithm(head, &token->algorithm))
		err = ward_fail(error, WARD_E_DENIED,
				"the token is signed in a way that is not taken here (RS256, "
				"PS256, ES256, EdDSA)");
	else
		snprintf(token->kid, sizeof(token->kid), "%.*s", WARD_FMT(name));
	tree_free(head);
	return err;
}

/* With a name, the keys of that name; without one, the one key that it can be. */
static ward_err check_signature(const struct people_keyset *set, const struct token *token,
		struct ward_error *error)
{
	uint8_t bytes[SIGNATURE_MAX];
	size_t len = 0, candidates = 0;
	bool fits = false;

	if (!decode(token->signature, bytes, sizeof(bytes), &len))
		return ward_fail(error, WARD_E_DENIED, "the token's signature is none");
	for (size_t i = 0; i < set->count && !fits && candidates < TRIES_MAX; i++) {
		const struct set_key *key = &set->keys[i];

		if (!key->algorithms[token->algorithm] ||
				(token->kid[0] && strcmp(key->kid, token->kid) != 0))
			continue;
		candidates++;
		fits = verifies(key->key, token->algorithm, token->signed_text,
				(ward_bytes){ bytes, len });
	}
	if (fits)
		return WARD_OK;
	if (candidates == 0 || !token->kid[0])
		return ward_fail(error, WARD_E_NOT_FOUND,
				"the token is signed with a key that the provider does not name");
	return ward_fail(error, WARD_E_DENIED, "the token's signature is not right");
}

ward_err people_jwt_open(const struct people_keyset *set, ward_str text, struct json_t **claims,
		enum people_jwt_algorithm *algorithm, struct ward_error *error)
{
	struct token token = { .kid = "" };
	ward_err err = split(text, &token)
				       ? WARD_OK
				       : ward_fail(error, WARD_E_DENIED,
							 "that is no signed token, or too long");

	if (!err)
		err = read_head(&token, error);
	if (!err)
		err = check_signature(set, &token, error);
	if (err)
		return err;
	struct json_t *root = read_part(token.claims);

	if (!root)
		return ward_fail(error, WARD_E_DENIED, "what the token says is no JSON object");
	*claims = root;
	*algorithm = token.algorithm;
	return WARD_OK;
}
