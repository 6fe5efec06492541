/*
 * ward list switch - one entry is switched off, for a time or for good, and on again
 */
#include "base/clock.h"
#include "bin/lists.h"

static bool read_until(const struct cli *cli, bool off, int64_t *until)
{
	const char *text = cli_text(cli, "until");

	*until = off ? WARD_OFF_FOR_GOOD : 0;
	if (!text)
		return true;
	if (!off) {
		cli_usage(cli, "--until is for an entry that is switched off");
		return false;
	}
	if (clock_parse(ward_str_from(text), until) && *until > clock_now())
		return true;
	cli_usage(cli, "--until wants a date to come, as 2027-03-01, or a date and time");
	return false;
}

static bool read_remark(const struct cli *cli, struct ward_remark *remark)
{
	bool off = strcmp(cli->args[2], "off") == 0;

	if (!ward_u64_parse(ward_str_from(cli->args[1]), &remark->entry)) {
		cli_usage(cli, "the second argument is an entry's number, as \"ward list show\" "
			       "tells it");
		return false;
	}
	if (!off && strcmp(cli->args[2], "on") != 0) {
		cli_usage(cli, "an entry is switched off or on");
		return false;
	}
	return read_until(cli, off, &remark->off_until);
}

/* A note that is not given stays. */
static ward_err change(const struct cli *cli, const char *folder, struct ward_remark *remark,
		struct ward_error *error)
{
	struct ward_list *list;
	ward_err err = ward_list_open(folder, &list, error);

	if (err)
		return err;
	remark->note = cli_text(cli, "note");
	if (!remark->note)
		remark->note = ward_list_remark_on(list, remark->entry).note;
	err = ward_list_remark(folder, remark, error);
	ward_list_free(list);
	return err;
}

int lists_switch(struct cli *cli)
{
	char folder[LIST_PATH];
	struct ward_remark remark;
	struct ward_error error;

	if (cli->arg_count != 3)
		return cli_usage(cli, "a list, the number of an entry, and off or on are wanted");
	if (!read_remark(cli, &remark))
		return CLI_TROUBLE;
	if (lists_find_first(cli, folder, &error) != WARD_OK ||
			change(cli, folder, &remark, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	return CLI_OK;
}
