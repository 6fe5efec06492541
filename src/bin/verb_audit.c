/*
 * ward audit - the log of what was done: read it, sign it, prove it
 */
#include <inttypes.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/checkpoint.h"
#include "base/clock.h"
#include "base/json.h"
#include "bin/cli.h"
#include "bin/known.h"

enum { PATH_ROOM = 4096, ROWS_DEFAULT = 50, LINE_ROOM = 65536 };

/* What every action works on. */
struct scene {
	struct workspace *workspace;
	struct store *store;
	char checkpoints[PATH_ROOM], keys[PATH_ROOM], public_key[PATH_ROOM];
};

static ward_err path_in(const struct scene *scene, const char *name, char path[PATH_ROOM],
		struct ward_error *error)
{
	int len = snprintf(path, PATH_ROOM, "%s/%s", workspace_folder(scene->workspace), name);

	return len > 0 && len < PATH_ROOM ? WARD_OK
					  : ward_fail(error, WARD_E_ARGUMENT,
							    "the workspace's path is too long");
}

static void scene_close(struct scene *scene)
{
	store_free(scene->store);
	workspace_free(scene->workspace);
}

static ward_err scene_open(const struct cli *cli, struct scene *scene, struct ward_error *error)
{
	*scene = (struct scene){ .store = NULL };
	ward_err err = known_workspace(cli, &scene->workspace, error);

	if (!err)
		err = path_in(scene, "audit/checkpoints", scene->checkpoints, error);
	if (!err)
		err = path_in(scene, "keys", scene->keys, error);
	if (!err)
		err = path_in(scene, "keys/signing.pub", scene->public_key, error);
	if (!err)
		err = workspace_store(scene->workspace, false, &scene->store, error);
	if (err)
		scene_close(scene);
	return err;
}

static void put(struct ward_buf *text)
{
	puts(ward_buf_text(text).ptr);
	ward_buf_free(text);
}

/* ---- verify ---- */

static void print_verified_json(const struct audit_verified *found)
{
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, LINE_ROOM);
	json = json_to(&text);
	json_object(&json);
	json_key_bool(&json, "well", found->what[0] == '\0');
	json_key_text(&json, "what", found->what[0] ? found->what : NULL);
	json_key(&json, "row");
	if (found->bad_row > 0)
		json_uint(&json, found->bad_row);
	else
		json_null(&json);
	json_key_uint(&json, "rows", found->rows);
	json_key_uint(&json, "checkpoints", found->checkpoints);
	json_key_uint(&json, "checkpoints_in_file", found->filed);
	json_key_uint(&json, "newest_signed", found->newest_signed);
	json_key_uint(&json, "clock_set_back", found->clock_back);
	json_key_bool(&json, "half_line", found->torn);
	json_object_end(&json);
	put(&text);
}

static void print_verified(const struct audit_verified *found)
{
	if (found->what[0])
		printf("WRONG: %s\n%" PRIu64 " rows before it are as they were written\n",
				found->what, found->rows);
	else
		printf("%" PRIu64 " rows, %" PRIu64 " checkpoints (%" PRIu64
		       " of them in the file): all as they were written\n",
				found->rows, found->checkpoints, found->filed);
	if (!found->what[0] && found->newest_signed < found->rows)
		printf("note: the newest %" PRIu64 " rows are linked and not signed yet\n",
				found->rows - found->newest_signed);
	if (found->clock_back > 0)
		printf("note: the clock was set back %" PRIu64 " times, first at row %" PRIu64 "\n",
				found->clock_back, found->clock_back_row);
	if (found->torn)
		printf("note: the last line of the file was not written to its end\n");
}

/* The key to trust: one that is given, or the workspace's own where it has one. */
static ward_err find_key(const struct cli *cli, const struct scene *scene,
		uint8_t key[SIGNER_KEY_SIZE], bool *some, struct ward_error *error)
{
	const char *path = cli_text(cli, "key");

	*some = path || access(scene->public_key, F_OK) == 0;
	return *some ? signer_read_public(path ? path : scene->public_key, key, error) : WARD_OK;
}

static ward_err verify(const struct cli *cli, struct audit_verified *found,
		struct ward_error *error)
{
	const char *path = cli_text(cli, "checkpoints");
	uint8_t key[SIGNER_KEY_SIZE];
	struct scene scene;
	bool some;
	ward_err err = scene_open(cli, &scene, error);

	if (err)
		return err;
	if (path && access(path, R_OK) != 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "cannot read %s", path);
	if (!err)
		err = find_key(cli, &scene, key, &some, error);
	if (!err)
		err = audit_verify(scene.store, path ? path : scene.checkpoints, some ? key : NULL,
				found, error);
	scene_close(&scene);
	return err;
}

static int run_verify(struct cli *cli)
{
	struct audit_verified found;
	struct ward_error error;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (verify(cli, &found, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (cli_flag(cli, "json"))
		print_verified_json(&found);
	else
		print_verified(&found);
	return found.what[0] ? CLI_FOUND : CLI_OK;
}

/* ---- show ---- */

static void key_or_null(struct json *json, const char *name, ward_str text)
{
	json_key(json, name);
	if (text.len > 0)
		json_str(json, text);
	else
		json_null(json);
}

static bool print_row_json(void *context, const struct audit_row *row)
{
	const struct audit_entry *entry = &row->entry;
	char when[CLOCK_TEXT_MAX], self[65];
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, LINE_ROOM);
	json = json_to(&text);
	ward_hex_format(row->self, sizeof(row->self), self);
	json_object(&json);
	json_key_uint(&json, "number", row->number);
	json_key_text(&json, "at", clock_format(row->at, when));
	json_key_str(&json, "actor", entry->actor);
	key_or_null(&json, "role", entry->role);
	json_key_str(&json, "action", entry->action);
	key_or_null(&json, "object", entry->object);
	key_or_null(&json, "digest", entry->digest);
	key_or_null(&json, "reason", entry->reason);
	/* As text: what the row holds, not what a reader makes of it. */
	key_or_null(&json, "detail", entry->detail);
	json_key_text(&json, "self", self);
	json_object_end(&json);
	put(&text);
	++*(unsigned *)context;
	return true;
}

/* Words of persons go to a terminal: what steers one is shown as a question mark. */
static void print_words(const char *before, ward_str text)
{
	if (text.len == 0)
		return;
	fputs(before, stdout);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		/* C1 controls are 0xc2 0x80 to 0xc2 0x9f in UTF-8. */
		bool steers = c < 0x20 || c == 0x7f ||
			      (c == 0xc2 && i + 1 < text.len &&
					      (unsigned char)text.ptr[i + 1] < 0xa0);

		i += steers && c == 0xc2;
		putchar(steers ? '?' : c);
	}
}

static bool print_row(void *context, const struct audit_row *row)
{
	const struct audit_entry *entry = &row->entry;
	char when[CLOCK_TEXT_MAX];

	printf("%6" PRIu64 "  %s", row->number, clock_format(row->at, when));
	print_words("  ", entry->actor);
	print_words(" as ", entry->role);
	print_words("  ", entry->action);
	print_words("  ", entry->object);
	print_words("  ", entry->detail);
	print_words("  because: ", entry->reason);
	putchar('\n');
	++*(unsigned *)context;
	return true;
}

static bool read_time(const struct cli *cli, const char *name, int64_t *when)
{
	const char *text = cli_text(cli, name);

	if (!text || clock_parse(ward_str_from(text), when))
		return true;
	cli_usage(cli, "--%s wants a date as 2027-03-01, or a date and time", name);
	return false;
}

static bool read_question(const struct cli *cli, struct audit_question *question)
{
	*question = (struct audit_question){
		.object = ward_str_from(cli_text(cli, "object")),
		.actor = ward_str_from(cli_text(cli, "actor")),
		.action = ward_str_from(cli_text(cli, "action")),
		.before = (uint64_t)cli_number(cli, "before", 0),
		.rows_max = (unsigned)cli_number(cli, "max", ROWS_DEFAULT),
	};
	return read_time(cli, "since", &question->since) &&
	       read_time(cli, "until", &question->until);
}

static int run_show(struct cli *cli)
{
	struct audit_question question;
	struct store_tx *tx = NULL;
	struct ward_error error;
	struct scene scene;
	unsigned count = 0;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (!read_question(cli, &question))
		return CLI_TROUBLE;
	if (scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = store_read(scene.store, &tx, &error);

	if (!err)
		err = audit_read(tx, &question, cli_flag(cli, "json") ? print_row_json : print_row,
				&count, &error);
	store_read_end(tx);
	scene_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	if (count == 0 && !cli_flag(cli, "json"))
		fprintf(stderr, "There is no such row.\n");
	return CLI_OK;
}

/* ---- checkpoint ---- */

static ward_err sign(const struct scene *scene, struct checkpoint *made, struct ward_error *error)
{
	struct signer *signer = NULL;
	struct store_tx *tx = NULL;
	ward_err err = signer_make(scene->keys, error);

	if (!err)
		err = signer_open(scene->keys, &signer, error);
	if (!err)
		err = audit_checkpoint(scene->store, signer, scene->checkpoints, error);
	if (!err)
		err = store_read(scene->store, &tx, error);
	if (!err)
		err = checkpoint_newest(tx, made, error);
	store_read_end(tx);
	signer_free(signer);
	return err;
}

static int run_checkpoint(struct cli *cli)
{
	char line[CHECKPOINT_LINE_MAX];
	struct checkpoint made;
	struct ward_error error;
	struct scene scene;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = sign(&scene, &made, &error);

	scene_close(&scene);
	if (err == WARD_E_NOT_FOUND)
		return cli_fail(cli, "the log is empty: there is nothing to sign");
	if (err)
		return cli_fail_error(cli, &error);
	puts(checkpoint_format(&made, line));
	return CLI_OK;
}

/* ---- key ---- */

static int run_key(struct cli *cli)
{
	char path[PATH_ROOM], text[64];
	struct scene scene = { .store = NULL };
	uint8_t key[SIGNER_KEY_SIZE];
	struct ward_error error;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	ward_err err = known_workspace(cli, &scene.workspace, &error);

	if (!err)
		err = path_in(&scene, "keys", path, &error);
	if (!err)
		err = signer_make(path, &error);
	if (!err)
		err = path_in(&scene, "keys/signing.pub", path, &error);
	if (!err)
		err = signer_read_public(path, key, &error);
	scene_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	ward_base64_format(key, sizeof(key), text);
	printf("ed25519:%s\n", text);
	return CLI_OK;
}

/* ---- the verb ---- */

static const struct cli_option verify_options[] = {
	{ "checkpoints", 'c', CLI_TEXT, "FILE",
			"a copy of the checkpoints that was kept elsewhere (default: the "
			"workspace's)",
			0, 0 },
	{ "key", 'k', CLI_TEXT, "FILE", "the public key to trust (default: keys/signing.pub)", 0,
			0 },
	{ "json", 0, CLI_FLAG, NULL, "one object", 0, 0 },
	{ 0 },
};
static const struct cli_option show_options[] = {
	{ "object", 'o', CLI_TEXT, "ID", "rows about this: item:ID, report:ID", 0, 0 },
	{ "actor", 'a', CLI_TEXT, "WHO", "rows of this one: person:ID, key:NAME, system", 0, 0 },
	{ "action", 'A', CLI_TEXT, "WORD",
			"rows of this act: item.opened; \"item.\" is all of item", 0, 0 },
	{ "since", 0, CLI_TEXT, "DATE", "rows from this time on", 0, 0 },
	{ "until", 0, CLI_TEXT, "DATE", "rows before this time", 0, 0 },
	{ "before", 'b', CLI_NUMBER, "N", "rows with a smaller number: the next page", 1,
			INT64_MAX },
	{ "max", 'n', CLI_NUMBER, "N", "at most so many (default: 50)", 1, 1000000000 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};

static const struct cli_verb actions[] = {
	{ .name = "verify",
			.arguments = "",
			.says = "Prove that no row was changed, added or removed",
			.options = verify_options,
			.run = run_verify },
	{ .name = "show",
			.arguments = "",
			.says = "Show rows, newest first",
			.options = show_options,
			.run = run_show },
	{ .name = "checkpoint",
			.arguments = "",
			.says = "Sign the newest row, and print what to keep elsewhere",
			.run = run_checkpoint },
	{ .name = "key",
			.arguments = "",
			.says = "Print the public key that checkpoints are checked with",
			.run = run_key },
	{ 0 },
};

const struct cli_verb verb_audit = {
	.name = "audit",
	.arguments = "",
	.actions = actions,
};
