/*
 * ward site export - site lists as resolvers, proxies, firewalls and people read them
 */
#include <arpa/inet.h>
#include <inttypes.h>

#include "base/clock.h"
#include "bin/known.h"
#include "bin/sites.h"
#include "exchange/site_write.h"

enum { LISTS_MAX = 1024, BITS_DEFAULT = 256 };

/* ---- options ---- */

/* "192.0.2.1", "2001:db8::1", or one of each with a comma between. */
static bool take_addresses(const struct cli *cli, const char *option,
		char four[EXCHANGE_SITE_ADDRESS_MAX], char six[EXCHANGE_SITE_ADDRESS_MAX])
{
	ward_str rest = ward_str_from(cli_text(cli, option));

	while (rest.len > 0) {
		ward_str word = ward_str_trim(ward_str_cut(&rest, ','));
		char text[EXCHANGE_SITE_ADDRESS_MAX];
		uint8_t bytes[16];
		bool fits = word.len > 0 && word.len < sizeof(text);

		snprintf(text, sizeof(text), "%.*s", fits ? (int)word.len : 0,
				fits ? word.ptr : "");
		if (inet_pton(AF_INET, text, bytes) == 1) {
			inet_ntop(AF_INET, bytes, four, EXCHANGE_SITE_ADDRESS_MAX);
		} else if (inet_pton(AF_INET6, text, bytes) == 1) {
			inet_ntop(AF_INET6, bytes, six, EXCHANGE_SITE_ADDRESS_MAX);
		} else {
			cli_usage(cli,
					"--%s is an address, or one of each family with a comma "
					"between",
					option);
			return false;
		}
	}
	return true;
}

static bool take_zone(const struct cli *cli, struct exchange_site_dns *dns)
{
	const char *zone = cli_text(cli, "zone");
	size_t len = zone ? strlen(zone) : 0;
	bool good = len < sizeof(dns->zone) - 2;

	/* Its name stands in a zone file: nothing but a name may be in it. */
	for (size_t i = 0; i < len && good; i++)
		good = zone[i] == '.' || zone[i] == '-' || zone[i] == '_' ||
		       (zone[i] >= '0' && zone[i] <= '9') || (zone[i] >= 'a' && zone[i] <= 'z');
	while (len > 0 && zone[len - 1] == '.')
		len--;
	if (!good || (zone && len == 0)) {
		cli_usage(cli, "--zone is a name in small letters");
		return false;
	}
	snprintf(dns->zone, sizeof(dns->zone), "%.*s", (int)len, zone ? zone : "");
	return true;
}

static bool take_dns(const struct cli *cli, struct exchange_site_dns *dns)
{
	const char *safe = cli_text(cli, "safe-search");

	dns->now = clock_now();
	dns->hidden = cli_flag(cli, "hidden");
	dns->ttl = (uint32_t)cli_number(cli, "ttl", 0);
	dns->steer = cli_text(cli, "steer") != NULL;
	dns->answer = cli_text(cli, "page") ? EXCHANGE_SITE_PAGE : EXCHANGE_SITE_NXDOMAIN;
	if (safe && !exchange_safe_search_from(ward_str_from(safe), &dns->safe)) {
		cli_usage(cli, "--safe-search is strict or moderate");
		return false;
	}
	return take_addresses(cli, "page", dns->page4, dns->page6) &&
	       take_addresses(cli, "steer", dns->steer4, dns->steer6) && take_zone(cli, dns);
}

/* ---- lists ---- */

static ward_err open_named(const struct cli *cli, const struct workspace *workspace,
		struct ward_site_view **view, struct ward_error *error)
{
	struct ward_site_list *lists[LISTS_MAX] = { 0 };
	size_t count = 0;
	ward_err err = cli->arg_count - 1 <= LISTS_MAX
				       ? WARD_OK
				       : ward_fail(error, WARD_E_LIMIT, "too many lists");

	for (int i = 1; i < cli->arg_count && !err; i++) {
		char folder[SITES_PATH];

		err = workspace_site_folder(workspace, ward_str_from(cli->args[i]), folder,
				sizeof(folder), error);
		if (!err)
			err = ward_site_list_open(folder, &lists[count], error);
		count += !err;
	}
	if (!err)
		err = ward_site_view_new(lists, count, view, error);
	for (size_t i = 0; i < count && err; i++)
		ward_site_list_free(lists[i]);
	return err;
}

static ward_err open_view(const struct cli *cli, const struct workspace *workspace,
		struct ward_site_view **view, struct ward_error *error)
{
	/* A damaged list is no reason to answer as if it were not there. */
	return cli->arg_count > 1 ? open_named(cli, workspace, view, error)
				  : ward_site_view_open(workspace_sites(workspace), NULL, NULL,
						    view, error);
}

/* ---- the end ---- */

static void print_written(const struct cli *cli, const struct exchange_site_written *written)
{
	const char *path = cli_text(cli, "output");

	if (cli_flag(cli, "json")) {
		struct ward_buf text;
		struct json json;

		ward_buf_init(&text, 1 << 16);
		json = json_to(&text);
		json_object(&json);
		json_key_text(&json, "format", cli->args[0]);
		json_key_text(&json, "output", path);
		json_key_uint(&json, "written", written->names);
		json_key_uint(&json, "left_out", written->left_out);
		if (written->serial)
			json_key_uint(&json, "serial", written->serial);
		json_key_bool(&json, "unchanged", written->unchanged);
		json_object_end(&json);
		fprintf(path ? stdout : stderr, "%s\n", ward_buf_text(&text).ptr);
		ward_buf_free(&text);
		return;
	}
	fprintf(stderr, "%s: %" PRIu64 " written", cli->args[0], written->names);
	if (written->left_out)
		fprintf(stderr, ", %" PRIu64 " left out that it has no place for",
				written->left_out);
	if (written->serial)
		fprintf(stderr, ", serial %" PRIu32 "%s", written->serial,
				written->unchanged ? ": unchanged" : "");
	fputc('\n', stderr);
}

static int export_hashed(const struct cli *cli, const struct ward_site_view *view,
		const struct exchange_site_dns *dns, struct exchange_site_written *written,
		struct ward_error *error)
{
	struct exchange_site_hashing hashing = {
		.bits = (uint32_t)cli_number(cli, "bits", BITS_DEFAULT),
	};

	if (!sites_take_salt(cli, hashing.salt, &hashing.salt_len))
		return CLI_TROUBLE;
	return exchange_site_hashed_write(view, dns, &hashing, cli_text(cli, "output"), written,
			       error)
			       ? cli_fail_error(cli, error)
			       : CLI_OK;
}

static int export_view(const struct cli *cli, enum exchange_site_output output,
		const struct ward_site_view *view, const struct exchange_site_dns *dns)
{
	const char *path = cli_text(cli, "output"), *update = cli_text(cli, "update");
	struct exchange_site_written written = { 0 };
	struct ward_error error;
	int status = CLI_OK;

	if (cli_flag(cli, "hashed"))
		status = export_hashed(cli, view, dns, &written, &error);
	else if ((update ? exchange_site_rpz_write(view, dns, path, update, &written, &error)
			 : exchange_site_write(output, view, dns, path, &written, &error)) !=
			WARD_OK)
		status = cli_fail_error(cli, &error);
	if (status == CLI_OK)
		print_written(cli, &written);
	return status;
}

int sites_export(struct cli *cli)
{
	struct exchange_site_dns dns = { 0 };
	struct workspace *workspace = NULL;
	struct ward_site_view *view = NULL;
	struct ward_error error;
	enum exchange_site_output output;
	int status;

	if (cli->arg_count < 1)
		return cli_usage(cli, "a format is wanted");
	output = exchange_site_output_from(ward_str_from(cli->args[0]));
	if (output == EXCHANGE_SITE_OUT_COUNT)
		return cli_usage(cli, "there is no format \"%s\"", cli->args[0]);
	if (cli_text(cli, "update") && output != EXCHANGE_SITE_OUT_RPZ)
		return cli_usage(cli, "--update goes with rpz");
	if (cli_flag(cli, "hashed") && output != EXCHANGE_SITE_OUT_JSON)
		return cli_usage(cli, "--hashed goes with json");
	if (!take_dns(cli, &dns))
		return CLI_TROUBLE;
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (open_view(cli, workspace, &view, &error) != WARD_OK)
		status = cli_fail_error(cli, &error);
	else
		status = export_view(cli, output, view, &dns);
	ward_site_view_free(view);
	workspace_free(workspace);
	return status;
}
