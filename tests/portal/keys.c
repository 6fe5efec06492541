/* keys WORKSPACE - makes the keys of its vault for a test; the shares are shown to nobody. */
#include <sodium.h>

#include "vault/vault_keys.h"
#include "workspace/workspace.h"

static ward_err show(void *context, const char *key, const char *const *shares, unsigned count,
		struct ward_error *error)
{
	(void)context, (void)key, (void)shares, (void)count, (void)error;
	return WARD_OK;
}

int main(int argc, char **argv)
{
	const struct vault_plan plan = { WARD_STR("review,filing"), 2, 3, 2, 3 };
	const struct vault_actor maker = { WARD_STR("person:operator"), WARD_STR("") };
	struct workspace *workspace = NULL;
	struct store *store = NULL;
	struct vault *vault = NULL;
	struct vault_access *access = NULL;
	struct ward_error error;
	char folder[4096];
	ward_err err = argc == 2 && sodium_init() >= 0 ? WARD_OK : WARD_E_ARGUMENT;

	if (!err)
		err = workspace_open(argv[1], &workspace, &error);
	if (!err)
		err = workspace_store(workspace, false, &store, &error);
	if (!err) {
		snprintf(folder, sizeof(folder), "%s/vault", argv[1]);
		err = vault_new(folder, store, &vault, &error);
	}
	if (!err)
		err = vault_keys_make(vault, &plan, &maker, show, NULL, &access, &error);
	if (err)
		fprintf(stderr, "keys: %s\n", error.message);
	vault_access_free(access);
	vault_free(vault);
	store_free(store);
	workspace_free(workspace);
	return err ? 2 : 0;
}
