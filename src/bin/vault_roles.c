/*
 * ward vault: its keys, who holds them, and how they change
 */
#include <inttypes.h>
#include <sodium.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "bin/vaults.h"

/* ---- init ---- */

/* "2/3" */
static bool read_counts(const char *text, unsigned *needed, unsigned *count)
{
	ward_str rest = ward_str_from(text);
	uint64_t first, second;

	if (!ward_u64_parse(ward_str_cut(&rest, '/'), &first) || !ward_u64_parse(rest, &second) ||
			first > 255 || second > 255)
		return false;
	*needed = (unsigned)first;
	*count = (unsigned)second;
	return true;
}

/* Each "ROLE=LOGIN": everybody is found before a key is made. */
struct grant {
	ward_str role;
	char actor[ID_TEXT_MAX + 8];
	uint8_t public_key[PEOPLE_KEY_SIZE];
};

enum { GRANTS_MAX = 64 };

static ward_err read_grants(const struct cli *cli, struct vault_scene *scene, struct grant *grants,
		unsigned *count, struct ward_error *error)
{
	const char *text;
	ward_err err = WARD_OK;

	*count = 0;
	while (!err && (text = cli_many(cli, "give", (int)*count))) {
		ward_str login = ward_str_from(text);

		if (*count == GRANTS_MAX)
			return ward_fail(error, WARD_E_LIMIT, "--give is given too often");
		grants[*count].role = ward_str_cut(&login, '=');
		if (login.len == 0)
			return ward_fail(error, WARD_E_ARGUMENT, "--give wants ROLE=LOGIN");
		err = vault_holder_find(scene, login.ptr, grants[*count].actor,
				grants[*count].public_key, error);
		(*count)++;
	}
	return err;
}

static ward_err init(const struct cli *cli, struct vault_scene *scene,
		const struct vault_plan *plan, unsigned *given, struct ward_error *error)
{
	struct vault_actor actor = { WARD_STR("operator"), WARD_STR("") };
	struct grant grants[GRANTS_MAX];
	struct vault_access *access;
	ward_err err = read_grants(cli, scene, grants, given, error);

	if (!err)
		err = vault_keys_make(scene->vault, plan, &actor, vault_shares_print, NULL, &access,
				error);
	if (err)
		return err;
	for (unsigned i = 0; !err && i < *given; i++)
		err = vault_key_give(scene->vault, access, grants[i].role,
				ward_str_from(grants[i].actor), grants[i].public_key, error);
	vault_access_free(access);
	return err;
}

int vault_run_init(struct cli *cli)
{
	const char *roles = cli_text(cli, "roles"), *master = cli_text(cli, "master"),
		   *backup = cli_text(cli, "backup");
	struct vault_plan plan = { .roles = ward_str_from(roles ? roles : "review,filing") };
	struct vault_scene scene;
	struct ward_error error;
	unsigned given = 0;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (!read_counts(master ? master : "2/3", &plan.master_needed, &plan.master_count) ||
			!read_counts(backup ? backup : "3/5", &plan.backup_needed,
					&plan.backup_count))
		return cli_usage(cli, "--master and --backup want NEEDED/COUNT, as 2/3");
	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = init(cli, &scene, &plan, &given, &error);

	vault_scene_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	fprintf(stderr, "These shares are not kept and cannot be shown again.  Give each to "
			"another "
			"person, on\npaper; those of \"backup\" to people outside of the house.\n");
	if (given == 0)
		fprintf(stderr, "Nobody holds a role yet: \"ward vault unlock\" gives one, with "
				"shares.\n");
	return CLI_OK;
}

/* ---- keys ---- */

struct listing {
	bool json;
	struct store_tx *tx;
	struct vault_key *keys; /* every generation that there ever was */
	size_t count, room;
	bool failed;
};

static bool take_key(void *context, const struct vault_key *key)
{
	struct listing *listing = context;

	if (listing->count == listing->room) {
		size_t room = 2 * listing->room + 16;
		struct vault_key *more = reallocarray(listing->keys, room, sizeof(*more));

		listing->failed = !more;
		if (!more)
			return false;
		listing->keys = more;
		listing->room = room;
	}
	listing->keys[listing->count++] = *key;
	return true;
}

static bool put_holder(void *context, ward_str holder, int64_t since)
{
	(void)since;
	json_str(context, holder);
	return true;
}

static bool print_holder(void *context, ward_str holder, int64_t since)
{
	char when[CLOCK_TEXT_MAX];

	(void)context;
	printf("    %.*s  since %.10s\n", WARD_FMT(holder), clock_format(since, when));
	return true;
}

static ward_err print_key_json(struct listing *listing, const struct vault_key *key,
		struct ward_error *error)
{
	char when[CLOCK_TEXT_MAX];
	struct ward_buf text;

	ward_buf_init(&text, 1 << 20);
	struct json json = json_to(&text);

	json_object(&json);
	json_key_text(&json, "name", key->name);
	json_key_uint(&json, "generation", key->generation);
	json_key_text(&json, "made_at", clock_format(key->made_at, when));
	json_key_text(&json, "retired_at",
			key->retired_at ? clock_format(key->retired_at, when) : NULL);
	json_key_uint(&json, "items", key->items);
	if (key->split) {
		json_key_uint(&json, "needed", key->needed);
		json_key_uint(&json, "shares", key->count);
	}
	json_key(&json, "holders");
	json_array(&json);
	ward_err err = key->split || key->retired_at
				       ? WARD_OK
				       : vault_holder_list(listing->tx, ward_str_from(key->name),
							 put_holder, &json, error);

	json_array_end(&json);
	json_object_end(&json);
	if (!err && text.failed)
		err = ward_fail(error, WARD_E_LIMIT, "the key \"%s\" has too many holders to list",
				key->name);
	if (!err)
		puts(ward_buf_text(&text).ptr);
	ward_buf_free(&text);
	return err;
}

static ward_err print_key(struct listing *listing, const struct vault_key *key,
		struct ward_error *error)
{
	char what[64] = "held by";

	if (listing->json)
		return print_key_json(listing, key, error);
	if (key->split)
		snprintf(what, sizeof(what), "opened by %u of %u shares", key->needed, key->count);
	if (key->retired_at)
		snprintf(what, sizeof(what), "%s", "replaced");
	printf("%-12s  %3u  %10" PRIu64 " items  %s\n", key->name, key->generation, key->items,
			what);
	return key->split || key->retired_at
			       ? WARD_OK
			       : vault_holder_list(listing->tx, ward_str_from(key->name),
						 print_holder, NULL, error);
}

int vault_run_keys(struct cli *cli)
{
	struct listing listing = { .json = cli_flag(cli, "json") };
	struct vault_scene scene;
	struct ward_error error;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = store_read(scene.store, &listing.tx, &error);

	if (!err)
		err = vault_key_list(listing.tx, take_key, &listing, &error);
	if (!err && listing.failed)
		err = ward_fail(&error, WARD_E_NOMEM, "no memory to list the keys");
	for (size_t i = 0; !err && i < listing.count; i++)
		err = print_key(&listing, &listing.keys[i], &error);
	store_read_end(listing.tx);
	vault_scene_close(&scene);
	free(listing.keys);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

/* ---- give, take, unlock ---- */

static ward_err give(const struct cli *cli, struct vault_scene *scene, struct ward_error *error)
{
	struct vault_access *access = NULL;
	uint8_t public_key[PEOPLE_KEY_SIZE];
	char actor[ID_TEXT_MAX + 8];
	struct vault_person person;
	ward_err err = vault_holder_find(scene, cli->args[1], actor, public_key, error);

	if (!err)
		err = vault_person_prove(cli, scene, "as", PEOPLE_VAULT_KEYS, &person, error);
	if (err)
		return err;
	err = vault_person_access(scene, &person, &access, error);
	if (!err)
		err = vault_key_give(scene->vault, access, ward_str_from(cli->args[0]),
				ward_str_from(actor), public_key, error);
	vault_access_free(access);
	vault_person_leave(&person);
	return err;
}

int vault_run_give(struct cli *cli)
{
	int status;

	if (cli->arg_count != 2)
		return cli_usage(cli, "a role and a login are wanted");
	status = vault_scene_do(cli, give);
	if (status != CLI_OK)
		return status;
	fprintf(stderr, "%s holds \"%s\" from their next unlocking on.\n", cli->args[1],
			cli->args[0]);
	return CLI_OK;
}

static ward_err take(const struct cli *cli, struct vault_scene *scene, struct ward_error *error)
{
	uint8_t public_key[PEOPLE_KEY_SIZE];
	char actor[ID_TEXT_MAX + 8];
	struct vault_person person;
	ward_err err = vault_holder_find(scene, cli->args[1], actor, public_key, error);

	if (!err)
		err = vault_person_prove(cli, scene, "as", PEOPLE_VAULT_KEYS, &person, error);
	if (err)
		return err;
	struct vault_actor by = vault_person_actor(&person);

	err = vault_key_take(scene->vault, &by, ward_str_from(cli->args[0]), ward_str_from(actor),
			ward_str_from(cli_text(cli, "reason")), error);
	vault_person_leave(&person);
	return err;
}

int vault_run_take(struct cli *cli)
{
	int status;

	if (cli->arg_count != 2)
		return cli_usage(cli, "a role and a login are wanted");
	status = vault_scene_do(cli, take);
	if (status != CLI_OK)
		return status;
	fprintf(stderr,
			"%s holds \"%s\" no more.  If they may have kept a copy, rotate it: ward "
			"vault rotate %s\n",
			cli->args[1], cli->args[0], cli->args[0]);
	return CLI_OK;
}

static ward_err unlock_for(const struct cli *cli, struct vault_scene *scene,
		struct ward_error *error)
{
	struct vault_access *access = NULL;
	uint8_t public_key[PEOPLE_KEY_SIZE];
	char actor[ID_TEXT_MAX + 8];
	struct vault_two two;
	ward_err err = vault_holder_find(scene, cli->args[1], actor, public_key, error);

	if (!err)
		err = vault_two_prove(cli, scene, PEOPLE_VAULT_KEYS, PEOPLE_VAULT_KEYS_SECOND, &two,
				error);
	if (err)
		return err;
	ward_str role = ward_str_from(cli->args[0]);

	err = vault_shares_access(cli, scene, &two.pair, &access, error);
	if (!err && cli_flag(cli, "new-role"))
		err = vault_key_add_role(scene->vault, access, role, error);
	if (!err)
		err = vault_key_give(scene->vault, access, role, ward_str_from(actor), public_key,
				error);
	vault_access_free(access);
	vault_two_leave(&two);
	return err;
}

int vault_run_unlock(struct cli *cli)
{
	int status;

	if (cli->arg_count != 2)
		return cli_usage(cli, "a role and the login of who shall hold it are wanted");
	if (!cli_many(cli, "share", 0))
		return cli_usage(cli, "--share FILE is wanted, once for each share");
	status = vault_scene_do(cli, unlock_for);
	if (status != CLI_OK)
		return status;
	fprintf(stderr, "%s holds \"%s\" from their next unlocking on.\n", cli->args[1],
			cli->args[0]);
	return CLI_OK;
}

/* ---- rotate ---- */

/* Roles by who holds them; split keys by shares and two persons. */
static ward_err rotate_access(const struct cli *cli, struct vault_scene *scene,
		struct vault_two *two, struct vault_access **access, struct ward_error *error)
{
	if (cli_many(cli, "share", 0)) {
		ward_err err = vault_two_prove(cli, scene, PEOPLE_VAULT_KEYS,
				PEOPLE_VAULT_KEYS_SECOND, two, error);

		return err ? err : vault_shares_access(cli, scene, &two->pair, access, error);
	}
	*two = (struct vault_two){ .pair = { .use = NULL } };
	ward_err err = vault_person_prove(cli, scene, "as", PEOPLE_VAULT_KEYS, &two->first, error);

	return err ? err : vault_person_access(scene, &two->first, access, error);
}

static ward_err rotate(const struct cli *cli, struct vault_scene *scene,
		struct vault_rotated *rotated, struct ward_error *error)
{
	const char *login = cli_text(cli, "without");
	struct vault_access *access = NULL;
	char without[ID_TEXT_MAX + 8] = "";
	uint8_t public_key[PEOPLE_KEY_SIZE];
	struct vault_two two = { .pair = { .use = NULL } };
	ward_err err = login ? vault_holder_find(scene, login, without, public_key, error)
			     : WARD_OK;

	if (!err)
		err = rotate_access(cli, scene, &two, &access, error);
	if (!err)
		err = vault_key_rotate(scene->vault, access, ward_str_from(cli->args[0]),
				ward_str_from(without), vault_shares_print, NULL, rotated, error);
	vault_access_free(access);
	vault_two_leave(&two);
	return err;
}

int vault_run_rotate(struct cli *cli)
{
	struct vault_rotated rotated;
	struct vault_scene scene;
	struct ward_error error;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which key?  \"ward vault keys\" shows them");
	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = rotate(cli, &scene, &rotated, &error);

	vault_scene_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	fprintf(stderr, "%s \"%s\" is of generation %u; %" PRIu64 " items were moved to it.\n",
			rotated.taken_up ? "A rotation was taken up:" : "The key", cli->args[0],
			rotated.generation, rotated.items);
	if (rotated.taken_up && cli_text(cli, "without"))
		fprintf(stderr, "Nobody was left out by it: rotate again, --without %s.\n",
				cli_text(cli, "without"));
	return CLI_OK;
}

/* ---- shares ---- */

static int look_at(struct cli *cli, struct vault_scene *scene, const char *path)
{
	struct vault_share_facts facts;
	struct ward_error error;
	char *text;
	size_t len;

	if (file_read(path, 8192, &text, &len, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = vault_share_look(scene->vault, (ward_str){ text, len }, &facts, &error);

	sodium_memzero(text, len);
	free(text);
	if (err) {
		printf("%s: %s\n", path, error.message);
		return CLI_FOUND;
	}
	if (!facts.key[0])
		printf("%s: share %u of %u of a key that this vault never had\n", path,
				facts.number, facts.count);
	else
		printf("%s: share %u of %u of the key \"%s\", generation %u%s; any %u open it\n",
				path, facts.number, facts.count, facts.key, facts.generation,
				facts.retired ? ", which was replaced" : "", facts.needed);
	return facts.key[0] && !facts.retired ? CLI_OK : CLI_FOUND;
}

int vault_run_shares(struct cli *cli)
{
	struct vault_scene scene;
	struct ward_error error;
	int status = CLI_OK;

	if (cli->arg_count == 0)
		return cli_usage(cli, "a file with a share is wanted, or several");
	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	for (int i = 0; i < cli->arg_count; i++) {
		int one = look_at(cli, &scene, cli->args[i]);

		status = one > status ? one : status;
	}
	vault_scene_close(&scene);
	return status;
}
