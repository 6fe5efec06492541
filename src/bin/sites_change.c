/*
 * ward site add, remove, set, compact, rm - lists of places change
 */
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "bin/known.h"
#include "bin/sites.h"
#include "workspace/publisher.h"

/* ---- places ---- */

/* A writer with what is read of the command line for each of its entries. */
struct changing {
	const struct cli *cli;
	struct ward_site_writer *writer;
	struct ward_site_entry said; /* category and so on */
	ward_site_bare bare;
	bool removes;
	uint64_t done, absent;
	struct ward_buf memory;
};

static ward_err change_one(struct changing *changing, ward_str text, struct ward_error *error)
{
	struct ward_site_entry entry = changing->said;
	bool removed = false;
	ward_err err = ward_site_entry_read(text, changing->bare, &changing->memory, &entry, error);

	if (err || !changing->removes) {
		if (!err)
			err = ward_site_writer_add(changing->writer, &entry, error);
		changing->done += !err;
		return err;
	}
	err = ward_site_writer_remove(changing->writer, &entry, &removed, error);
	changing->done += removed;
	changing->absent += !err && !removed;
	return err;
}

/* One a line; empty lines and those that begin with '#' are passed over. */
static ward_err change_lines(struct changing *changing, struct ward_error *error)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len = 0;
	ward_err err = WARD_OK;

	for (uint64_t number = 1; !err && (len = getline(&line, &room, stdin)) >= 0; number++) {
		ward_str text = ward_str_trim((ward_str){ line, (size_t)len });
		struct ward_error why;

		if (text.len == 0 || text.ptr[0] == '#')
			continue;
		err = change_one(changing, text, &why);
		if (err)
			err = ward_fail(error, err, "line %" PRIu64 ": %s", number, why.message);
	}
	/* Half of what was meant is not put in force. */
	if (!err && !feof(stdin))
		err = ward_fail(error, WARD_E_IO, "cannot read the places: %s", strerror(errno));
	free(line);
	return err;
}

static ward_err change_all(struct changing *changing, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (int i = 1; i < changing->cli->arg_count && !err; i++) {
		const char *place = changing->cli->args[i];

		err = strcmp(place, "-") == 0 ? change_lines(changing, error)
					      : change_one(changing, ward_str_from(place), error);
	}
	return err;
}

static bool read_options(struct changing *changing)
{
	const struct cli *cli = changing->cli;
	const char *bare = cli_text(cli, "bare"), *expires = cli_text(cli, "expires");

	if (bare && strcmp(bare, "host") == 0)
		changing->bare = WARD_SITE_BARE_HOST;
	else if (bare && strcmp(bare, "page") == 0)
		changing->bare = WARD_SITE_BARE_PAGE;
	else if (bare && strcmp(bare, "domain") != 0)
		return cli_usage(cli, "--bare wants domain, host or page"), false;
	if (changing->removes)
		return true;
	if (expires && !clock_parse(ward_str_from(expires), &changing->said.expires))
		return cli_usage(cli, "--expires wants a date as 2027-03-01, or a date and time"),
		       false;
	changing->said.category = ward_str_from(cli_text(cli, "category"));
	changing->said.class_code = ward_str_from(cli_text(cli, "class"));
	changing->said.reason = ward_str_from(cli_text(cli, "reason"));
	changing->said.ref = ward_str_from(cli_text(cli, "ref"));
	return true;
}

/* A list that is not there is made by what is added to it. */
static ward_err begin(struct changing *changing, const char *folder, struct ward_error *error)
{
	struct ward_site_info info;
	ward_err err = ward_site_change(folder, NULL, &changing->writer, error);

	if (err == WARD_E_NOT_FOUND && changing->removes)
		return ward_fail(error, err,
				"there is no site list named %s; \"ward site ls\" shows them",
				changing->cli->args[0]);
	if (err != WARD_E_NOT_FOUND)
		return err;
	if (!ward_site_info_init(&info, ward_str_from(changing->cli->args[0])))
		return ward_fail(error, WARD_E_ARGUMENT, "this is no list's name");
	return ward_site_create(folder, &info, &changing->writer, error);
}

static int change(struct cli *cli, bool removes)
{
	struct changing changing = { .cli = cli, .removes = removes };
	char folder[SITES_PATH];
	struct ward_error error;
	ward_err err;

	if (cli->arg_count < 2)
		return cli_usage(cli, "which list, and which places?");
	if (!read_options(&changing))
		return CLI_TROUBLE;
	if (sites_find_first(cli, folder, &error) != WARD_OK ||
			begin(&changing, folder, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_buf_init(&changing.memory, (size_t)4 * WARD_LINK_MAX);
	err = change_all(&changing, &error);
	ward_buf_free(&changing.memory);
	if (err || changing.done == 0)
		ward_site_writer_cancel(changing.writer);
	else
		err = ward_site_writer_commit(changing.writer, &error);
	if (err)
		return cli_fail_error(cli, &error);
	printf("%" PRIu64 " %s %s\n", changing.done, changing.done == 1 ? "entry" : "entries",
			removes ? "removed" : "added");
	if (changing.absent > 0)
		fprintf(stderr, "%" PRIu64 " of them %s not there.\n", changing.absent,
				changing.absent == 1 ? "was" : "were");
	return CLI_OK;
}

int sites_add(struct cli *cli)
{
	return change(cli, false);
}

int sites_remove(struct cli *cli)
{
	return change(cli, true);
}

/* ---- set ---- */

static bool take_text(const char *value, char *out, size_t room)
{
	if (strlen(value) >= room)
		return false;
	/* What is kept in a file has no rest of what was there. */
	memset(out, 0, room);
	snprintf(out, room, "%s", value);
	return true;
}

static bool take_bool(const char *value, bool *out)
{
	static const char *const words[] = { "no", "off", "false", "yes", "on", "true" };

	for (int i = 0; i < 6; i++) {
		if (strcmp(value, words[i]) == 0) {
			*out = i >= 3;
			return true;
		}
	}
	return false;
}

static bool take_sense(const char *value, ward_site_sense *out)
{
	for (int i = 0; i < WARD_SITE_SENSE_COUNT; i++) {
		if (strcmp(value, ward_site_sense_name((ward_site_sense)i)) == 0) {
			*out = (ward_site_sense)i;
			return true;
		}
	}
	return false;
}

static bool take_publisher(const char *value, struct ward_site_info *info)
{
	info->has_publisher = strcmp(value, "none") != 0;
	memset(info->publisher, 0, sizeof(info->publisher));
	return !info->has_publisher ||
	       ward_hex_parse(ward_str_from(value), info->publisher, sizeof(info->publisher));
}

static bool take_salt(const char *value, struct ward_site_info *info)
{
	size_t len = strlen(value) / 2;

	if (strcmp(value, "none") == 0)
		len = 0;
	else if (len > sizeof(info->salt) || !ward_hex_parse(ward_str_from(value), info->salt, len))
		return false;
	info->salt_len = (uint8_t)len;
	return true;
}

static bool take_life(const char *value, int64_t *out, const char *none)
{
	if (strcmp(value, none) == 0) {
		*out = 0;
		return true;
	}
	return sites_seconds(value, out);
}

static bool take_expiry(const char *value, int64_t *out)
{
	if (strcmp(value, "never") == 0) {
		*out = 0;
		return true;
	}
	return clock_parse(ward_str_from(value), out);
}

/* NULL when it was taken; else what is wanted. */
static const char *take(struct ward_site_info *info, const char *key, const char *value)
{
	if (strcmp(key, "source") == 0)
		return take_text(value, info->source, sizeof(info->source)) ? NULL : "255 bytes";
	if (strcmp(key, "licence") == 0)
		return take_text(value, info->licence, sizeof(info->licence)) ? NULL : "255 bytes";
	if (strcmp(key, "category") == 0)
		return take_text(value, info->category, sizeof(info->category)) ? NULL : "63 bytes";
	if (strcmp(key, "class") == 0)
		return take_text(value, info->class_code, sizeof(info->class_code)) ? NULL
										    : "63 bytes";
	if (strcmp(key, "urn") == 0)
		return take_text(value, info->urn, sizeof(info->urn)) ? NULL : "255 bytes";
	if (strcmp(key, "sense") == 0)
		return take_sense(value, &info->sense) ? NULL : "block, allow or log";
	if (strcmp(key, "mandatory") == 0)
		return take_bool(value, &info->mandatory) ? NULL : "yes or no";
	if (strcmp(key, "hidden") == 0)
		return take_bool(value, &info->hidden) ? NULL : "yes or no";
	if (strcmp(key, "enabled") == 0)
		return take_bool(value, &info->enabled) ? NULL : "yes or no";
	if (strcmp(key, "expires") == 0)
		return take_expiry(value, &info->expires) ? NULL : "a date, or never";
	if (strcmp(key, "stale-after") == 0)
		return take_life(value, &info->stale_after_s, "never") ? NULL
								       : "12h, 7d, ... or never";
	if (strcmp(key, "entry-life") == 0)
		return take_life(value, &info->entry_life_s, "none") ? NULL
								     : "12h, 7d, ... or none";
	if (strcmp(key, "publisher") == 0)
		return take_publisher(value, info) ? NULL : "64 hex digits, or none";
	if (strcmp(key, "salt") == 0)
		return take_salt(value, info) ? NULL : "up to 64 hex digits, or none";
	return "another key: source, licence, category, class, urn, sense, mandatory, hidden, "
	       "enabled, expires, stale-after, entry-life, publisher or salt";
}

static bool take_all(const struct cli *cli, struct ward_site_info *info)
{
	for (int i = 1; i < cli->arg_count; i++) {
		ward_str value = ward_str_from(cli->args[i]);
		ward_str key = ward_str_cut(&value, '=');
		char name[24];
		const char *wanted;

		snprintf(name, sizeof(name), "%.*s", WARD_FMT(key));
		if (key.len == strlen(cli->args[i]))
			return cli_usage(cli, "%s wants =VALUE behind it", name), false;
		wanted = take(info, name, value.ptr);
		if (wanted)
			return cli_usage(cli, "%s wants %s", name, wanted), false;
	}
	return true;
}

/* All that is said of a list is written anew: also the page in force, which must be the same still.
 */
static ward_err put_said(const char *folder, const struct ward_site_info *info, const char *version,
		struct ward_error *error)
{
	struct ward_site_writer *writer;
	ward_err err = ward_site_change(folder, info, &writer, error);

	if (err)
		return err;
	err = ward_site_writer_expect(writer, version, error);
	if (err) {
		ward_site_writer_cancel(writer);
		return err;
	}
	return ward_site_writer_commit(writer, error);
}

int sites_set(struct cli *cli)
{
	struct ward_site_list *list;
	struct ward_site_info info;
	char folder[SITES_PATH], version[WARD_SITE_VERSION_MAX];
	struct ward_error error;

	if (cli->arg_count < 2)
		return cli_usage(cli, "which list, and what of it?");
	if (sites_find_first(cli, folder, &error) != WARD_OK ||
			ward_site_list_open(folder, &list, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	info = *ward_site_list_info(list);
	snprintf(version, sizeof(version), "%s", ward_site_list_version(list));
	ward_site_list_free(list);
	if (!take_all(cli, &info))
		return CLI_TROUBLE;
	if (put_said(folder, &info, version, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	return CLI_OK;
}

/* ---- whole lists ---- */

int sites_compact(struct cli *cli)
{
	char folder[SITES_PATH];
	struct ward_error error;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which list? \"ward site ls\" shows their names");
	if (sites_find_first(cli, folder, &error) != WARD_OK ||
			ward_site_compact(folder, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	return CLI_OK;
}

static bool asked(const char *name)
{
	char answer[8] = "";

	fprintf(stderr, "Remove the site list %s with all its entries? [y/N] ", name);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

/* Which of its publisher's pages was in force outlasts it; a damaged list cannot tell. */
static ward_err note_page(const struct cli *cli, const char *folder, struct ward_error *error)
{
	struct workspace *workspace;
	struct ward_site_list *list;
	ward_err err;

	if (ward_site_list_open(folder, &list, error) != WARD_OK)
		return WARD_OK;
	err = known_workspace(cli, &workspace, error);
	if (!err) {
		err = workspace_page_note(workspace, ward_site_list_info(list), error);
		workspace_free(workspace);
	}
	ward_site_list_free(list);
	return err;
}

int sites_rm(struct cli *cli)
{
	char folder[SITES_PATH];
	struct ward_error error;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which list? \"ward site ls\" shows their names");
	if (sites_find_first(cli, folder, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (!cli_flag(cli, "yes") && !isatty(STDIN_FILENO))
		return cli_usage(cli, "this removes the whole list; --yes says that it is meant");
	if (!cli_flag(cli, "yes") && !asked(cli->args[0]))
		return cli_fail(cli, "nothing was removed");
	if (note_page(cli, folder, &error) != WARD_OK ||
			ward_site_delete(folder, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	fprintf(stderr, "The site list %s is gone.\n", cli->args[0]);
	return CLI_OK;
}
