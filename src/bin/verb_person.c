/*
 * ward person - who works here, as the operator at the machine sees to it
 *
 * The first person who lets others in is added here; from then on people do
 * this in the console, where the audit says who did.  What is done here is the
 * operator's, and the audit says that.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/json.h"
#include "bin/cli.h"
#include "bin/known.h"
#include "people/people.h"
#include "people/people_session.h"

#define ARENA_MAX ((size_t)32 << 20)

/* What every action works on. */
struct scene {
	struct workspace *workspace;
	struct store *store;
	struct ward_arena arena;
};

static void scene_close(struct scene *scene)
{
	store_free(scene->store);
	workspace_free(scene->workspace);
	ward_arena_free(&scene->arena);
}

static ward_err scene_open(const struct cli *cli, struct scene *scene, struct ward_error *error)
{
	*scene = (struct scene){ .store = NULL };
	ward_arena_init(&scene->arena, ARENA_MAX);
	ward_err err = known_workspace(cli, &scene->workspace, error);

	if (!err)
		err = workspace_store(scene->workspace, false, &scene->store, error);
	if (err)
		scene_close(scene);
	return err;
}

/* One change: who it is about, and what is to be. */
struct change {
	ward_err (*run)(struct store_tx *tx, struct change *change, struct ward_error *error);
	struct people_new person;
	ward_str login, roles;
	bool off;
	char id[ID_TEXT_MAX], code[PEOPLE_CODE_MAX];
};

static const struct people_actor the_operator = { 0 };

static ward_err work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct change *change = context;

	return change->run(tx, change, error);
}

static ward_err find_id(struct store_tx *tx, struct change *change, struct ward_error *error)
{
	struct person person = { 0 };
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = people_find(tx, change->login, &arena, &person, error);

	if (!err)
		snprintf(change->id, sizeof(change->id), "%.*s", WARD_FMT(person.id));
	ward_arena_free(&arena);
	return err;
}

/* Opens, does the change, closes. */
static int do_change(const struct cli *cli, struct change *change, struct workspace **workspace)
{
	struct ward_error error;
	struct scene scene;

	if (scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = store_write(scene.store, work, change, &error);

	if (!err && workspace) {
		*workspace = scene.workspace;
		scene.workspace = NULL;
	}
	scene_close(&scene);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

/* ---- add and reset: an invitation ---- */

/* A link to the console: where people's browsers call, or this machine; any free port has none. */
static void print_invitation(const struct workspace *workspace, const char *login, const char *code)
{
	const struct settings *settings = workspace_settings(workspace);

	if (settings->people_origin[0])
		printf("%s/console/#join=%s\n", settings->people_origin, code);
	else if (settings->port != 0)
		printf("%s://localhost:%u/console/#join=%s\n",
				settings->certificate[0] ? "https" : "http",
				(unsigned)settings->port, code);
	else
		printf("%s\n", code);
	fflush(stdout);
	fprintf(stderr,
			"This is the invitation of \"%s\".  It is good once, for seven days, and "
			"cannot be\nshown again.  Give it to them in person or by another safe "
			"way.\n",
			login);
}

static ward_err run_add_work(struct store_tx *tx, struct change *change, struct ward_error *error)
{
	return people_add(tx, &the_operator, &change->person, change->id, change->code, error);
}

static int run_add(struct cli *cli)
{
	const char *name = cli_text(cli, "name"), *roles = cli_text(cli, "role");
	struct workspace *workspace = NULL;

	if (cli->arg_count != 1)
		return cli_usage(cli, "one login is wanted: what will they type to log in?");
	if (!name || !roles)
		return cli_usage(cli, "--name and --role are wanted, as --name \"Mara Licht\" "
				      "--role admin");
	struct change change = { .run = run_add_work,
		.person = { ward_str_from(cli->args[0]), ward_str_from(name),
				ward_str_from(roles) } };
	int status = do_change(cli, &change, &workspace);

	if (status == CLI_OK)
		print_invitation(workspace, cli->args[0], change.code);
	workspace_free(workspace);
	return status;
}

static ward_err run_reset_work(struct store_tx *tx, struct change *change, struct ward_error *error)
{
	ward_err err = find_id(tx, change, error);

	return err ? err
		   : people_reset(tx, &the_operator, ward_str_from(change->id), change->code,
				     error);
}

static int run_reset(struct cli *cli)
{
	struct workspace *workspace = NULL;

	if (cli->arg_count != 1)
		return cli_usage(cli, "whose? Give their login");
	struct change change = { .run = run_reset_work, .login = ward_str_from(cli->args[0]) };
	int status = do_change(cli, &change, &workspace);

	if (status == CLI_OK)
		print_invitation(workspace, cli->args[0], change.code);
	workspace_free(workspace);
	return status;
}

/* ---- role, off ---- */

static ward_err run_role_work(struct store_tx *tx, struct change *change, struct ward_error *error)
{
	ward_err err = find_id(tx, change, error);

	return err ? err
		   : people_set_roles(tx, &the_operator, ward_str_from(change->id), change->roles,
				     error);
}

static int run_role(struct cli *cli)
{
	if (cli->arg_count != 2)
		return cli_usage(cli, "a login and roles are wanted, as mara lists,supervisor");
	struct change change = { .run = run_role_work,
		.login = ward_str_from(cli->args[0]),
		.roles = ward_str_from(cli->args[1]) };
	int status = do_change(cli, &change, NULL);

	if (status == CLI_OK)
		fprintf(stderr, "\"%s\" has these roles from now on; their sessions are over.\n",
				cli->args[0]);
	return status;
}

static ward_err run_off_work(struct store_tx *tx, struct change *change, struct ward_error *error)
{
	ward_err err = find_id(tx, change, error);

	return err ? err
		   : people_set_off(tx, &the_operator, ward_str_from(change->id), change->off,
				     error);
}

static int run_off(struct cli *cli)
{
	if (cli->arg_count != 1)
		return cli_usage(cli, "who? Give their login");
	struct change change = { .run = run_off_work,
		.login = ward_str_from(cli->args[0]),
		.off = !cli_flag(cli, "undo") };
	int status = do_change(cli, &change, NULL);

	if (status == CLI_OK)
		fprintf(stderr,
				change.off ? "\"%s\" cannot log in any more; their sessions are "
					     "over.\n"
					   : "\"%s\" can log in again.\n",
				cli->args[0]);
	return status;
}

/* ---- ls and show ---- */

static void print_json(const struct person *person)
{
	char when[CLOCK_TEXT_MAX];
	ward_str roles = person->roles;
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, 64 * 1024);
	json = json_to(&text);
	json_object(&json);
	json_key_str(&json, "id", person->id);
	json_key_str(&json, "pseudonym", person->pseudonym);
	json_key_str(&json, "login", person->login);
	json_key_str(&json, "name", person->name);
	json_key_text(&json, "state", people_state_name(person->state));
	json_key(&json, "roles");
	json_array(&json);
	while (roles.len > 0)
		json_str(&json, ward_str_cut(&roles, ','));
	json_array_end(&json);
	json_key_bool(&json, "totp", person->has_totp);
	json_key_int(&json, "passkeys", person->passkeys);
	json_key_int(&json, "recovery_left", person->recovery_left);
	json_key_bool(&json, "vault_key", person->has_key);
	json_key_text(&json, "created", clock_format(person->created_at, when));
	json_key_text(&json, "seen", person->seen_at ? clock_format(person->seen_at, when) : NULL);
	json_object_end(&json);
	puts(ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

static void print_line(const struct person *person)
{
	char seen[CLOCK_TEXT_MAX] = "never";

	if (person->seen_at)
		clock_format(person->seen_at, seen);
	printf("%-16.*s  %-20.*s  %-8s  %-10.10s  %.*s\n", WARD_FMT(person->login),
			WARD_FMT(person->pseudonym), people_state_name(person->state), seen,
			WARD_FMT(person->roles));
}

static int run_ls(struct cli *cli)
{
	struct people_list list = { 0 };
	struct ward_error error;
	struct scene scene;
	struct store_tx *tx;
	bool json = cli_flag(cli, "json");

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = store_read(scene.store, &tx, &error);

	if (!err) {
		err = people_list(tx, &scene.arena, &list, &error);
		store_read_end(tx);
	}
	if (!err && !json && list.count > 0)
		printf("%-16s  %-20s  %-8s  %-10s  %s\n", "LOGIN", "PSEUDONYM", "STATE", "SEEN",
				"ROLES");
	for (size_t i = 0; !err && i < list.count; i++) {
		if (json)
			print_json(&list.at[i]);
		else
			print_line(&list.at[i]);
	}
	if (!err && !json && list.count == 0)
		fprintf(stderr, "Nobody works here yet; \"ward person add\" invites the first.\n");
	scene_close(&scene);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

static void print_person(const struct person *person)
{
	char created[CLOCK_TEXT_MAX], seen[CLOCK_TEXT_MAX] = "never";

	if (person->seen_at)
		clock_format(person->seen_at, seen);
	printf("login:      %.*s\nname:       %.*s\npseudonym:  %.*s\nstate:      %s\n",
			WARD_FMT(person->login), WARD_FMT(person->name),
			WARD_FMT(person->pseudonym), people_state_name(person->state));
	printf("roles:      %.*s\nlogs in by: %s%s%s\n", WARD_FMT(person->roles),
			person->has_totp ? "password and code" : "",
			person->has_totp && person->passkeys ? ", " : "",
			person->passkeys ? "passkey" : "");
	printf("vault key:  %s\ninvited:    %s\nseen:       %s\nid:         %.*s\n",
			person->has_key ? "yes" : "no", clock_format(person->created_at, created),
			seen, WARD_FMT(person->id));
}

static int run_show(struct cli *cli)
{
	struct person person = { 0 };
	struct ward_error error;
	struct scene scene;
	struct store_tx *tx;

	if (cli->arg_count != 1)
		return cli_usage(cli, "who? Give their login");
	if (scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = store_read(scene.store, &tx, &error);

	if (!err) {
		err = people_find(tx, ward_str_from(cli->args[0]), &scene.arena, &person, &error);
		store_read_end(tx);
	}
	if (!err && cli_flag(cli, "json"))
		print_json(&person);
	else if (!err)
		print_person(&person);
	scene_close(&scene);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

/* ---- the verb ---- */

static const struct cli_option add_options[] = {
	{ "name", 'n', CLI_TEXT, "NAME", "what they are called; stays within", 0, 0 },
	{ "role", 'r', CLI_TEXT, "ROLES", "admin, reviewer, ...; commas between", 0, 0 },
	{ 0 },
};
static const struct cli_option off_options[] = {
	{ "undo", 'u', CLI_FLAG, NULL, "let them log in again", 0, 0 },
	{ 0 },
};
static const struct cli_option ls_options[] = {
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};
static const struct cli_option show_options[] = {
	{ "json", 0, CLI_FLAG, NULL, "one object", 0, 0 },
	{ 0 },
};

static const struct cli_verb actions[] = {
	{ .name = "add",
			.arguments = "LOGIN",
			.says = "Invite a person, and print the invitation, once",
			.options = add_options,
			.run = run_add },
	{ .name = "ls",
			.arguments = "",
			.says = "Show who works here",
			.options = ls_options,
			.run = run_ls },
	{ .name = "show",
			.arguments = "LOGIN",
			.says = "Show one person",
			.options = show_options,
			.run = run_show },
	{ .name = "role",
			.arguments = "LOGIN ROLES",
			.says = "Give a person these roles in place of theirs",
			.run = run_role },
	{ .name = "reset",
			.arguments = "LOGIN",
			.says = "Invite a person anew who cannot log in any more",
			.run = run_reset },
	{ .name = "off",
			.arguments = "LOGIN",
			.says = "Let a person not log in any more",
			.options = off_options,
			.run = run_off },
	{ 0 },
};

const struct cli_verb verb_person = {
	.name = "person",
	.arguments = "",
	.actions = actions,
};
