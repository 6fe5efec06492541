#include "intake/intake.h"

#include <sodium.h>

#include "intake/inner.h"
#include "intake/secret.h"

ward_err intake_open(const char *keys, struct store *store, struct vault *vault, intake_also *also,
		void *context, struct intake **intake, struct ward_error *error)
{
	if (sodium_init() < 0)
		return ward_fail(error, WARD_E_IO, "libsodium does not start");
	struct intake *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the intake");
	made->store = store;
	made->vault = vault;
	made->also = also;
	made->context = context;
	ward_err err = intake_secret(keys, made->secret, error);

	if (err) {
		intake_free(made);
		return err;
	}
	*intake = made;
	return WARD_OK;
}

void intake_free(struct intake *intake)
{
	if (!intake)
		return;
	sodium_memzero(intake->secret, sizeof(intake->secret));
	free(intake);
}

struct store *intake_store(const struct intake *intake)
{
	return intake->store;
}

void intake_digest(const struct intake *intake, const char *kind, const ward_str *texts,
		size_t count, uint8_t digest[32])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, intake->secret, sizeof(intake->secret), 32);
	crypto_generichash_update(&state, (const uint8_t *)kind, strlen(kind) + 1);
	for (size_t i = 0; i < count; i++) {
		crypto_generichash_update(&state, (const uint8_t *)texts[i].ptr, texts[i].len);
		crypto_generichash_update(&state, (const uint8_t *)"", 1);
	}
	crypto_generichash_final(&state, digest, 32);
}

ward_err intake_seal_text(const struct intake *intake, ward_str text, ward_str type,
		ward_str report, struct vault_sealed **sealed, struct ward_error *error)
{
	char origin[ID_TEXT_MAX + 8];

	snprintf(origin, sizeof(origin), "report:%.*s", WARD_FMT(report));
	return vault_seal(intake->vault,
			&(struct vault_arrival){ .bytes = { (const uint8_t *)text.ptr, text.len },
					.kind = type,
					.origin = ward_str_from(origin) },
			sealed, error);
}
