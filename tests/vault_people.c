/*
 * What the scenario of the vault needs and no command does: people who have
 * set a vault phrase, and an item that came in.
 *
 *     vault_people person WORKSPACE LOGIN ROLES PHRASE
 *     vault_people item WORKSPACE FILE ORIGIN       prints the item's id
 */
#include <fcntl.h>
#include <unistd.h>

#include "people/people.h"
#include "people/people_keys.h"
#include "vault/vault.h"

static struct ward_error error;

struct person_work {
	char **words; /* LOGIN ROLES PHRASE */
	struct people_sealed sealed;
};

/* Somebody who logs in by a passkey is active without a password. */
static ward_err person_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct person_work *work = context;
	struct people_actor operator_ = { .person = { NULL, 0 } };
	struct people_new person = { ward_str_from(work->words[0]), ward_str_from(work->words[0]),
		ward_str_from(work->words[1]) };
	char id[ID_TEXT_MAX], code[PEOPLE_CODE_MAX];
	ward_err err = people_add(tx, &operator_, &person, id, code, failure);

	if (!err)
		err = store_run(tx,
				"INSERT INTO people_passkeys (id, person, credential, public_key, "
				"counter, label, created_at, used_at) "
				"VALUES ($1, $1, $2, $2, 0, 'lamp', 0, 0)",
				STORE_VALUES(store_string(id),
						store_blob((ward_bytes){ (const uint8_t *)id,
								strlen(id) })),
				NULL, failure);
	return err ? err
		   : people_keys_keep(tx, &operator_, ward_str_from(id), &work->sealed, false,
				     failure);
}

static ward_err add_person(struct store *store, char **words)
{
	struct person_work work = { .words = words };
	struct person person = { .login = ward_str_from(words[0]),
		.name = ward_str_from(words[0]) };
	ward_err err = people_keys_make(ward_str_from(words[2]), &person, &work.sealed, &error);

	return err ? err : store_write(store, person_work, &work, &error);
}

static ward_err item_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct vault_actor actor = { WARD_STR("key:platform"), WARD_STR("") };

	return vault_put(tx, context, &actor, failure);
}

static ward_err add_item(struct store *store, const char *workspace, char **words)
{
	struct vault_arrival arrival = { .from_fd = true,
		.fd = open(words[0], O_RDONLY | O_CLOEXEC),
		.kind = WARD_STR("text/plain"),
		.origin = ward_str_from(words[1]) };
	struct vault_sealed *sealed = NULL;
	struct vault *vault = NULL;
	char folder[4096];

	snprintf(folder, sizeof(folder), "%s/vault", workspace);
	ward_err err = vault_new(folder, store, &vault, &error);

	if (!err)
		err = vault_seal(vault, &arrival, &sealed, &error);
	if (!err)
		err = store_write(store, item_work, sealed, &error);
	if (!err)
		printf("%s\n", vault_sealed_facts(sealed)->id);
	vault_sealed_free(sealed);
	vault_free(vault);
	close(arrival.fd);
	return err;
}

int main(int argc, char **argv)
{
	char place[4096];
	struct store *store;

	if (argc < 5)
		return 2;
	snprintf(place, sizeof(place), "%s/ward.db", argv[2]);
	ward_err err = store_open(&(struct store_options){ .place = place }, &store, &error);

	if (!err) {
		err = strcmp(argv[1], "person") == 0 && argc == 6
				      ? add_person(store, argv + 3)
				      : add_item(store, argv[2], argv + 3);
		store_free(store);
	}
	if (err)
		fprintf(stderr, "vault_people: %s\n", error.message);
	return err ? 1 : 0;
}
