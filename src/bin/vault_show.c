/*
 * ward vault: what is in it, without opening anything
 */
#include <inttypes.h>

#include "audit/audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "bin/vaults.h"

enum { PAGE = 200, LINE_ROOM = 1 << 16, MAX_DEFAULT = 50 };

static void put(struct ward_buf *text)
{
	puts(ward_buf_text(text).ptr);
	ward_buf_free(text);
}

static void put_digest(struct json *json, const char *name, const uint8_t *bytes, size_t len)
{
	char hex[65];

	ward_hex_format(bytes, len, hex);
	json_key_text(json, name, hex);
}

static void put_facts(struct json *json, const struct vault_facts *facts)
{
	const struct ward_digests *digests = &facts->digests;
	char when[CLOCK_TEXT_MAX];

	json_key_text(json, "id", facts->id);
	json_key_text(json, "kind", facts->kind);
	json_key_text(json, "origin", facts->origin);
	json_key_uint(json, "bytes", digests->bytes);
	put_digest(json, "md5", digests->md5, sizeof(digests->md5));
	put_digest(json, "sha1", digests->sha1, sizeof(digests->sha1));
	put_digest(json, "sha256", digests->sha256, sizeof(digests->sha256));
	json_key_uint(json, "sealed_bytes", facts->sealed_bytes);
	put_digest(json, "sealed_sha256", facts->sealed_sha256, 32);
	json_key_text(json, "sealed_at", clock_format(facts->sealed_at, when));
	json_key_text(json, "destroyed_at",
			facts->destroyed_at ? clock_format(facts->destroyed_at, when) : NULL);
}

/* ---- ls ---- */

struct listed {
	bool json;
	unsigned count;
};

static bool print_facts(void *context, const struct vault_facts *facts)
{
	struct listed *listed = context;
	char when[CLOCK_TEXT_MAX];

	listed->count++;
	if (listed->json) {
		struct ward_buf text;

		ward_buf_init(&text, LINE_ROOM);
		struct json json = json_to(&text);

		json_object(&json);
		put_facts(&json, facts);
		json_object_end(&json);
		put(&text);
		return true;
	}
	printf("%s  %.10s  %10" PRIu64 "  %-20s  %s%s\n", facts->id,
			clock_format(facts->sealed_at, when), facts->digests.bytes, facts->kind,
			facts->origin, facts->destroyed_at ? "  (destroyed)" : "");
	return true;
}

int vault_run_ls(struct cli *cli)
{
	struct vault_question question = { .origin = ward_str_from(cli_text(cli, "origin")),
		.before = ward_str_from(cli_text(cli, "before")),
		.items_max = (unsigned)cli_number(cli, "max", MAX_DEFAULT) };
	struct listed listed = { .json = cli_flag(cli, "json") };
	struct store_tx *tx = NULL;
	struct vault_scene scene;
	struct ward_error error;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = store_read(scene.store, &tx, &error);

	if (!err)
		err = vault_list(tx, &question, print_facts, &listed, &error);
	store_read_end(tx);
	vault_scene_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	if (listed.count == 0 && !listed.json)
		fprintf(stderr, "There is no such item.\n");
	return CLI_OK;
}

/* ---- holds ---- */

static void put_hold(struct json *json, const struct hold *hold)
{
	char when[CLOCK_TEXT_MAX];

	json_object(json);
	json_key_text(json, "id", hold->id);
	json_key_text(json, "item", hold->item);
	json_key_text(json, "basis", hold->basis);
	json_key_text(json, "reference", hold->reference);
	json_key_bool(json, "authority", hold->authority);
	json_key_text(json, "start", clock_format(hold->start_at, when));
	json_key_text(json, "end", clock_format(hold->end_at, when));
	json_key_uint(json, "renewals", hold->renewals);
	json_key_text(json, "state", hold_state_name(hold->state));
	json_object_end(json);
}

static bool print_hold(void *context, const struct hold *hold)
{
	struct listed *listed = context;
	char when[CLOCK_TEXT_MAX];

	listed->count++;
	if (listed->json) {
		struct ward_buf text;

		ward_buf_init(&text, LINE_ROOM);
		struct json json = json_to(&text);

		put_hold(&json, hold);
		put(&text);
		return true;
	}
	printf("%s  %s  %-12s  until %.10s  %-8s  %s\n", hold->id, hold->item, hold->basis,
			clock_format(hold->end_at, when), hold_state_name(hold->state),
			hold->reference);
	return true;
}

int vault_run_holds(struct cli *cli)
{
	struct hold_question question = { .active = !cli_flag(cli, "all"),
		.after = ward_str_from(cli_text(cli, "after")),
		.holds_max = (unsigned)cli_number(cli, "max", MAX_DEFAULT) };
	struct listed listed = { .json = cli_flag(cli, "json") };
	const char *before = cli_text(cli, "ends-before");
	struct store_tx *tx = NULL;
	struct vault_scene scene;
	struct ward_error error;

	if (cli->arg_count > 1)
		return cli_usage(cli, "one item, or none, is wanted");
	if (cli->arg_count == 1)
		question.item = ward_str_from(cli->args[0]);
	if (before && !clock_parse(ward_str_from(before), &question.ends_before))
		return cli_usage(cli, "--ends-before wants a date as 2027-03-01");
	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = store_read(scene.store, &tx, &error);

	if (!err)
		err = hold_list(tx, &question, print_hold, &listed, &error);
	store_read_end(tx);
	vault_scene_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	if (listed.count == 0 && !listed.json)
		fprintf(stderr, "There is no such hold.\n");
	return CLI_OK;
}

/* ---- show ---- */

static bool add_hold(void *context, const struct hold *hold)
{
	put_hold(context, hold);
	return true;
}

static bool add_row(void *context, const struct audit_row *row)
{
	struct json *json = context;
	char when[CLOCK_TEXT_MAX];

	json_object(json);
	json_key_uint(json, "number", row->number);
	json_key_text(json, "at", clock_format(row->at, when));
	json_key_str(json, "actor", row->entry.actor);
	json_key_str(json, "role", row->entry.role);
	json_key_str(json, "action", row->entry.action);
	json_key_str(json, "reason", row->entry.reason);
	if (row->entry.detail.len > 0) {
		json_key(json, "detail");
		json_raw(json, row->entry.detail);
	}
	json_object_end(json);
	return true;
}

static ward_err put_destruction(struct store_tx *tx, ward_str item, struct json *json,
		struct ward_error *error)
{
	struct vault_destruction record;
	char when[CLOCK_TEXT_MAX];
	ward_err err = vault_destruction_get(tx, item, &record, error);

	json_key(json, "destruction");
	if (err == WARD_E_NOT_FOUND)
		json_null(json);
	if (err)
		return err == WARD_E_NOT_FOUND ? WARD_OK : err;
	json_object(json);
	json_key_text(json, "at", clock_format(record.at, when));
	json_key_text(json, "method", record.method);
	json_key_text(json, "first", record.first);
	json_key_text(json, "second", record.second);
	json_key_text(json, "reason", record.reason);
	json_key_text(json, "bases", record.bases);
	json_object_end(json);
	return WARD_OK;
}

static ward_err show(struct store_tx *tx, const char *id, struct json *json,
		struct ward_error *error)
{
	struct vault_facts facts;
	char object[80];
	ward_str item = ward_str_from(id);
	ward_err err = vault_facts_get(tx, item, &facts, error);

	if (err)
		return err;
	snprintf(object, sizeof(object), "item:%s", facts.id);
	json_object(json);
	put_facts(json, &facts);
	json_key(json, "holds");
	json_array(json);
	err = hold_list(tx, &(struct hold_question){ .item = item, .holds_max = PAGE }, add_hold,
			json, error);
	json_array_end(json);
	if (!err)
		err = put_destruction(tx, item, json, error);
	json_key(json, "custody");
	json_array(json);
	if (!err)
		err = audit_read(tx,
				&(struct audit_question){ .object = ward_str_from(object),
						.rows_max = 10000 },
				add_row, json, error);
	json_array_end(json);
	json_object_end(json);
	return err;
}

/* One form for people and programs: what is known of an item is a record, and is read as one. */
int vault_run_show(struct cli *cli)
{
	struct store_tx *tx = NULL;
	struct vault_scene scene;
	struct ward_error error;
	struct ward_buf text;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which item?");
	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_buf_init(&text, 64 << 20);
	struct json json = json_to(&text);
	ward_err err = store_read(scene.store, &tx, &error);

	if (!err)
		err = show(tx, cli->args[0], &json, &error);
	if (!err && text.failed)
		err = ward_fail(&error, WARD_E_LIMIT, "the item's custody is too long to be shown");
	if (!err)
		puts(ward_buf_text(&text).ptr);
	ward_buf_free(&text);
	store_read_end(tx);
	vault_scene_close(&scene);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

/* ---- clocks ---- */

static void format_period(struct legal_period period, char out[40])
{
	int len = 0;

	out[0] = '\0';
	if (period.years > 0)
		len += snprintf(out, 40, "%u years ", period.years);
	if (period.months > 0)
		len += snprintf(out + len, (size_t)(40 - len), "%u months ", period.months);
	if (period.days > 0)
		len += snprintf(out + len, (size_t)(40 - len), "%u days ", period.days);
	if (len > 0)
		out[len - 1] = '\0';
}

static void print_clock(const struct legal_clock *clock)
{
	char keep[40], renew[40];

	format_period(clock->keep, keep);
	format_period(clock->renew, renew);
	printf("%-12s  %-2s  %s, from when %s%s%s%s\n              %s\n", clock->code, clock->place,
			keep, clock->trigger, renew[0] ? "; renewed by " : "", renew,
			clock->authority ? "; nobody is told" : "", clock->source);
}

int vault_run_clocks(struct cli *cli)
{
	struct vault_scene scene;
	struct ward_error error;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	const struct legal *legal = vault_legal(scene.vault);

	for (size_t i = 0; i < legal_count(legal); i++)
		print_clock(legal_at(legal, i));
	fprintf(stderr, "%s\n", legal_notice(legal));
	vault_scene_close(&scene);
	return CLI_OK;
}

/* ---- check ---- */

static void tell(void *context, const char *what, const char *id)
{
	(void)context;
	printf("%-9s  %s\n", what, id);
}

static void print_checked_json(const struct vault_checked *checked)
{
	struct ward_buf text;

	ward_buf_init(&text, LINE_ROOM);
	struct json json = json_to(&text);

	json_object(&json);
	json_key_uint(&json, "items", checked->items);
	json_key_uint(&json, "bytes", checked->bytes);
	json_key_uint(&json, "missing", checked->missing);
	json_key_uint(&json, "damaged", checked->damaged);
	json_key_uint(&json, "unwrapped", checked->unwrapped);
	json_key_uint(&json, "strange", checked->strange);
	json_key_uint(&json, "orphans", checked->orphans);
	json_object_end(&json);
	put(&text);
}

int vault_run_check(struct cli *cli)
{
	struct vault_checked checked;
	struct vault_swept swept;
	struct vault_scene scene;
	struct ward_error error;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (vault_scene_open(cli, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = cli_flag(cli, "sweep")
				       ? vault_sweep(scene.vault, VAULT_ORPHAN_S, &swept, &error)
				       : WARD_OK;

	if (!err)
		err = vault_check(scene.vault, tell, NULL, &checked, &error);
	vault_scene_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	if (cli_flag(cli, "json"))
		print_checked_json(&checked);
	uint64_t wrong = checked.missing + checked.damaged + checked.unwrapped + checked.strange;

	fprintf(stderr,
			"%" PRIu64 " items, %" PRIu64 " bytes: %" PRIu64 " are not as they should "
			"be; %" PRIu64 " files have no row.\n",
			checked.items, checked.bytes, wrong, checked.orphans);
	return wrong > 0 ? CLI_FOUND : CLI_OK;
}
