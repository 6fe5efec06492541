/*
 * ward agent held - what was taken away: list it, give it back
 */
#include <inttypes.h>
#include <sodium.h>

#include "base/clock.h"
#include "base/json.h"
#include "bin/agent.h"
#include "bin/scan_print.h"

struct listing {
	const struct cli *cli;
	const char *folder;
	const uint8_t *secret; /* NULL: names are not known */
	bool trouble;
};

static void print_json(const struct held_facts *facts, const char *path)
{
	char when[CLOCK_TEXT_MAX];
	struct ward_buf text;

	ward_buf_init(&text, 1 << 16);
	struct json json = json_to(&text);

	json_object(&json);
	json_key_text(&json, "id", facts->id);
	json_key_text(&json, "at", clock_format(facts->at, when));
	json_key_uint(&json, "bytes", facts->bytes);
	if (path)
		scan_print_path(&json, path);
	json_object_end(&json);
	puts(ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

static void print_row(const struct held_facts *facts, const char *path)
{
	char when[CLOCK_TEXT_MAX];
	struct ward_buf text;

	ward_buf_init(&text, 1 << 16);
	if (path)
		scan_print_text(&text, ward_str_from(path));
	printf("%s  %s  %12" PRIu64 "  %s\n", facts->id, clock_format(facts->at, when),
			facts->bytes, ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

static bool print_one(void *context, const struct held_facts *facts)
{
	struct listing *listing = context;
	struct ward_error error;
	struct held_meta meta = { .path = "" };

	if (listing->secret && held_read(listing->folder, facts->id, listing->secret, -1, &meta,
					       &error) != WARD_OK) {
		cli_fail(listing->cli, "%s: %s", facts->id, error.message);
		listing->trouble = true;
	}
	const char *path = meta.path[0] ? meta.path : NULL;

	if (cli_flag(listing->cli, "json"))
		print_json(facts, path);
	else
		print_row(facts, path);
	return true;
}

static int list(struct cli *cli, const char *folder, const uint8_t *secret)
{
	struct listing listing = { cli, folder, secret, false };
	struct ward_error error;
	ward_err err = held_list(folder, print_one, &listing, &error);

	if (err)
		return cli_fail_error(cli, &error);
	return listing.trouble ? CLI_TROUBLE : CLI_OK;
}

static int restore(struct cli *cli, const char *folder, const uint8_t *secret)
{
	struct held_meta meta;
	struct ward_error error;

	if (!secret)
		return cli_usage(cli, "restoring wants the secret key: --key FILE");
	if (held_restore(folder, cli->args[2], secret, cli_text(cli, "to"), cli_flag(cli, "keep"),
			    &meta, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (meta.attributes_lost > 0)
		(void)cli_fail(cli, "%" PRIu32 " extended attributes of it could not be given back",
				meta.attributes_lost);
	struct ward_buf text;

	ward_buf_init(&text, 1 << 16);
	scan_print_text(&text,
			ward_str_from(cli_text(cli, "to") ? cli_text(cli, "to") : meta.path));
	printf("%s\n", ward_buf_text(&text).ptr);
	ward_buf_free(&text);
	return CLI_OK;
}

int agent_held(struct cli *cli, const struct agent_settings *settings)
{
	bool lists = cli->arg_count == 2 && strcmp(cli->args[1], "list") == 0;
	bool restores = cli->arg_count == 3 && strcmp(cli->args[1], "restore") == 0;
	const char *key = cli_text(cli, "key");
	uint8_t secret[PAIR_KEY];
	struct ward_error error;
	int status;

	if (!lists && !restores)
		return cli_usage(cli, "it is held list, or held restore ID");
	if (key && pair_secret_read(key, secret, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	status = lists ? list(cli, settings->quarantine, key ? secret : NULL)
		       : restore(cli, settings->quarantine, key ? secret : NULL);
	sodium_memzero(secret, sizeof(secret));
	return status;
}
