/*
 * ward vault: why items are kept, and the end of what is due
 */
#include <inttypes.h>

#include "base/clock.h"
#include "bin/vaults.h"

/* ---- hold, renew ---- */

struct hold_change {
	struct vault *vault;
	struct hold_wish wish;
	struct vault_actor actor;
	ward_str id; /* of one that is there */
	char made[ID_TEXT_MAX];
};

static ward_err place_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct hold_change *change = context;

	return hold_place(change->vault, tx, &change->wish, &change->actor, change->made, error);
}

static ward_err renew_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct hold_change *change = context;

	return hold_renew(change->vault, tx, change->id, change->wish.reference, &change->actor,
			error);
}

static int do_change(struct cli *cli, store_work *work, struct hold_change *change)
{
	struct vault_person person = { .ring = NULL };
	struct vault_scene scene;
	struct ward_error error;

	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = vault_person_prove(cli, &scene, "as", PEOPLE_VAULT_HOLD, &person, &error);

	if (!err) {
		change->vault = scene.vault;
		change->actor = vault_person_actor(&person);
		err = store_write(scene.store, work, change, &error);
	}
	vault_person_leave(&person);
	vault_scene_close(&scene);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

int vault_run_hold(struct cli *cli)
{
	const char *until = cli_text(cli, "until"), *basis = cli_text(cli, "basis");
	struct hold_change change = {
		.wish = { .basis = ward_str_from(basis),
				.reference = ward_str_from(cli_text(cli, "reference")),
				.reason = ward_str_from(cli_text(cli, "reason")) },
	};

	if (cli->arg_count != 1)
		return cli_usage(cli, "which item?");
	if (!basis)
		return cli_usage(cli, "--basis CODE is wanted: \"ward vault clocks\" shows them");
	if (until && !clock_parse(ward_str_from(until), &change.wish.until))
		return cli_usage(cli, "--until wants a date as 2027-03-01");
	change.wish.item = ward_str_from(cli->args[0]);
	int status = do_change(cli, place_work, &change);

	if (status == CLI_OK)
		printf("%s\n", change.made);
	return status;
}

int vault_run_renew(struct cli *cli)
{
	struct hold_change change = {
		.wish = { .reference = ward_str_from(cli_text(cli, "reference")) },
	};

	if (cli->arg_count != 1)
		return cli_usage(cli, "which hold?  \"ward vault holds\" shows their ids");
	change.id = ward_str_from(cli->args[0]);
	return do_change(cli, renew_work, &change);
}

/* ---- release ---- */

struct release {
	const char *id;
	const struct vault_pair *pair;
	ward_str reason;
};

static ward_err release_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct release *release = context;

	return hold_release(tx, ward_str_from(release->id), release->pair, release->reason, error);
}

int vault_run_release(struct cli *cli)
{
	struct vault_scene scene;
	struct ward_error error;
	struct vault_two two;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which hold?  \"ward vault holds\" shows their ids");
	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = vault_two_prove(cli, &scene, PEOPLE_VAULT_HOLD, PEOPLE_VAULT_HOLD, &two,
			&error);

	if (!err) {
		struct release release = { cli->args[0], &two.pair,
			ward_str_from(cli_text(cli, "reason")) };

		err = store_write(scene.store, release_work, &release, &error);
		vault_two_leave(&two);
	}
	vault_scene_close(&scene);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

/* ---- purge ---- */

enum { PURGE_MAX = 1000 };

struct due {
	char ids[PURGE_MAX][ID_TEXT_MAX];
	ward_str names[PURGE_MAX];
	size_t count;
	bool quiet;
};

static bool take_due(void *context, const struct vault_facts *facts)
{
	struct due *due = context;
	char when[CLOCK_TEXT_MAX];

	if (due->count == PURGE_MAX)
		return false;
	memcpy(due->ids[due->count], facts->id, ID_TEXT_MAX);
	due->names[due->count] = ward_str_from(due->ids[due->count]);
	due->count++;
	if (!due->quiet)
		printf("%s  %.10s  %10" PRIu64 "  %-20s  %s\n", facts->id,
				clock_format(facts->sealed_at, when), facts->digests.bytes,
				facts->kind, facts->origin);
	return true;
}

static ward_err find_due(struct vault_scene *scene, struct due *due, struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(scene->store, &tx, error);

	if (err)
		return err;
	err = vault_due(tx, WARD_STR(""), PURGE_MAX, take_due, due, error);
	store_read_end(tx);
	return err;
}

/* Those that are named, or all that are due. */
static ward_err destroy(const struct cli *cli, struct vault_scene *scene, struct due *due,
		struct ward_error *error)
{
	struct vault_two two;
	ward_err err = WARD_OK;

	due->quiet = true;
	if (cli->arg_count > PURGE_MAX)
		return ward_fail(error, WARD_E_LIMIT, "at most %d items at a time", PURGE_MAX);
	for (int i = 0; i < cli->arg_count; i++)
		due->names[due->count++] = ward_str_from(cli->args[i]);
	if (cli->arg_count == 0)
		err = find_due(scene, due, error);
	if (err || due->count == 0)
		return err;
	err = vault_two_prove(cli, scene, PEOPLE_VAULT_DESTROY, PEOPLE_VAULT_DESTROY_SECOND, &two,
			error);
	if (err)
		return err;
	err = vault_destroy(scene->vault, due->names, due->count, &two.pair,
			ward_str_from(cli_text(cli, "reason")), error);
	vault_two_leave(&two);
	return err;
}

int vault_run_purge(struct cli *cli)
{
	bool destroys = cli_flag(cli, "destroy");
	struct due *due;
	struct vault_scene scene;
	struct ward_error error;

	if (!destroys && cli->arg_count > 0)
		return cli_usage(cli, "items are named with --destroy; without it, what is due is "
				      "listed");
	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	due = calloc(1, sizeof(*due));
	ward_err err = !due       ? ward_fail(&error, WARD_E_NOMEM, "no memory to purge")
		       : destroys ? destroy(cli, &scene, due, &error)
				  : find_due(&scene, due, &error);
	size_t count = due ? due->count : 0;

	free(due);
	vault_scene_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	if (destroys)
		fprintf(stderr, "%zu items were destroyed.\n", count);
	else if (count == 0)
		fprintf(stderr, "Nothing is due.\n");
	else
		fprintf(stderr,
				"%zu items are due.  Two persons destroy them: ward vault purge "
				"--destroy --as LOGIN --second LOGIN --reason WORDS\n",
				count);
	return CLI_OK;
}
