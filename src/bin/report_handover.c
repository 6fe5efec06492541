/*
 * ward report: packages for other authorities, and what a person does with them
 */
#include "bin/report.h"

#include "base/clock.h"
#include "base/file.h"
#include "filing/handover.h"
#include "filing/package.h"

enum { ARENA_MAX = 256 << 20 };

/* ---- the package ---- */

/* A name of an authority, or the path of a file like theirs. */
static ward_err read_authority(const struct report_scene *scene, const char *name,
		struct filing_authority **read, struct ward_error *error)
{
	char *text;
	size_t len;

	if (!strchr(name, '/'))
		return filing_authority_find(workspace_folder(scene->workspace),
				ward_str_from(name), read, error);
	ward_err err = file_read(name, FILING_AUTHORITY_TEXT_MAX, &text, &len, error);

	if (err)
		return err;
	err = filing_authority_read((ward_str){ text, len }, read, error);
	free(text);
	return err;
}

ward_err report_know_authority(const struct report_scene *scene, const char *name,
		struct ward_error *error)
{
	struct filing_authority *authority = NULL;
	ward_err err = filing_authority_find(workspace_folder(scene->workspace),
			ward_str_from(name), &authority, error);

	filing_authority_free(authority);
	return err;
}

static ward_err write_package(const struct filing_authority *authority,
		const struct filing_row *row, const char *folder, bool *whole,
		struct ward_error *error)
{
	struct filing_package package;
	ward_err err = filing_package_make(authority, row->draft,
			&(struct filing_package_facts){ row->id, row->reference, row->approved_at,
					row->environment != FILING_PRODUCTION },
			&package, error);

	if (err)
		return err;
	err = filing_package_write(&package, folder, error);
	*whole = package.has_pages;
	if (!err && !package.has_pages)
		fprintf(stderr,
				"The pages are missing (%s); MISSING.txt says so. Write it once "
				"more, into another folder.\n",
				package.why.message);
	filing_package_free(&package);
	return err;
}

struct taking {
	struct filing_actor actor;
	struct filing_row *row;
	bool pages;
};

/* It lies in the person's folder, which is as if they had taken it out. */
static ward_err take_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct taking *taking = context;
	struct filing_package_made made = { { "", 0 }, { "", 0 }, 0, taking->pages };
	ward_err err = filing_package_keep(tx, &taking->actor, taking->row, &made, error);

	return err ? err
		   : filing_downloaded(tx, &taking->actor, taking->row->id,
				     WARD_STR("written into a folder"), error);
}

/* Which authority's words: those of its own, or of a report to NCMEC those that are asked for. */
static ward_err choose(const struct report_scene *scene, const struct cli *cli,
		const struct filing_row *row, struct filing_authority **authority,
		struct ward_error *error)
{
	const char *name = cli_text(cli, "for");
	char own[FILING_AUTHORITY_ID_MAX];

	/* Like NCMEC's, what leaves the house is a person's decision. */
	if (row->approved_at == 0)
		return ward_fail(error, WARD_E_DENIED, "this draft is not approved");
	if (filing_row_is_ncmec(row))
		return read_authority(scene, name ? name : "generic", authority, error);
	if (row->job.len > 0)
		return ward_fail(error, WARD_E_DENIED,
				"this report is of a job: its package is sealed, and taken out at "
				"the desk");
	if (name)
		return ward_fail(error, WARD_E_ARGUMENT,
				"this report is for another authority already: --for is of reports "
				"to NCMEC");
	snprintf(own, sizeof(own), "%.*s", WARD_FMT(row->authority));
	return read_authority(scene, own, authority, error);
}

static ward_err package(struct report_scene *scene, const struct cli *cli, bool *whole,
		struct ward_error *error)
{
	struct filing_authority *authority = NULL;
	struct ward_arena arena;
	struct filing_row row;

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = filing_get(scene->filing, ward_str_from(cli->args[0]), &arena, &row, error);

	if (!err)
		err = choose(scene, cli, &row, &authority, error);
	if (!err)
		err = write_package(authority, &row, cli_text(cli, "output"), whole, error);
	if (!err && !filing_row_is_ncmec(&row) && row.state == FILING_APPROVED) {
		struct taking taking = { report_actor(scene), &row, *whole };

		err = store_write(scene->store, take_work, &taking, error);
	}
	filing_authority_free(authority);
	ward_arena_free(&arena);
	return err;
}

int report_run_package(struct cli *cli)
{
	struct report_scene scene;
	struct ward_error error;
	bool whole = true;

	if (cli->arg_count != 1 || !cli_text(cli, "output"))
		return cli_usage(cli, "one report and the folder for its package (-o) are wanted");
	if (report_open(cli, REPORT_LOOKS, &scene, &error))
		return cli_fail_error(cli, &error);
	ward_err err = package(&scene, cli, &whole, &error);

	report_close(&scene);
	return err ? cli_fail_error(cli, &error) : whole ? CLI_OK : CLI_FOUND;
}

/* ---- what a person says of it ---- */

struct saying {
	struct filing_actor actor;
	ward_str id, text;
	struct filing_sending sending;
};

/* Of a job's report the desk knows who says so; here anybody who may write to the store. */
static ward_err check_by_hand(const struct report_scene *scene, ward_str id,
		struct ward_error *error)
{
	struct ward_arena arena;
	struct filing_row row;

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = filing_get(scene->filing, id, &arena, &row, error);

	if (!err && row.job.len > 0)
		err = ward_fail(error, WARD_E_DENIED,
				"this report is of a job: that is said at the desk");
	ward_arena_free(&arena);
	return err;
}

static ward_err sent_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct saying *saying = context;

	return filing_mark_sent(tx, &saying->actor, saying->id, &saying->sending, error);
}

static ward_err answered_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct saying *saying = context;

	return filing_acknowledge(tx, &saying->actor, saying->id, saying->text, error);
}

static int say(struct cli *cli, struct saying *saying, store_work *work)
{
	struct report_scene scene;
	struct ward_error error;

	if (report_open(cli, REPORT_LOOKS, &scene, &error))
		return cli_fail_error(cli, &error);
	saying->id = ward_str_from(cli->args[0]);
	saying->actor = report_actor(&scene);
	ward_err err = check_by_hand(&scene, saying->id, &error);

	if (!err)
		err = store_write(scene.store, work, saying, &error);
	report_close(&scene);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

int report_run_sent(struct cli *cli)
{
	const char *at = cli_text(cli, "at"), *number = cli_text(cli, "number"),
		   *way = cli_text(cli, "way");
	struct saying saying = { .sending = { .at = clock_now() } };

	if (cli->arg_count != 1 || !number || !way)
		return cli_usage(cli,
				"one report, its --number and the --way it was sent are wanted");
	if (at && !clock_parse(ward_str_from(at), &saying.sending.at))
		return cli_usage(cli, "--at wants a date as 2026-03-01");
	saying.sending.reference = ward_str_from(number);
	saying.sending.way = ward_str_from(way);
	return say(cli, &saying, sent_work);
}

int report_run_answered(struct cli *cli)
{
	struct saying saying = { .text = WARD_STR("") };
	struct ward_error error;
	char *text;
	size_t len;

	if (cli->arg_count != 2)
		return cli_usage(cli, "one report, and the file with what the authority answered");
	if (report_read(cli->args[1], FILING_RECEIPT_MAX, &text, &len, &error))
		return cli_fail_error(cli, &error);
	saying.text = (ward_str){ text, len };
	int status = say(cli, &saying, answered_work);

	free(text);
	return status;
}

bool report_print_answer(struct report_scene *scene, ward_str id)
{
	struct filing_package_row package = { .receipt = WARD_STR("") };
	struct ward_arena arena;
	struct ward_error error;
	struct store_tx *tx;

	if (store_read(scene->store, &tx, &error))
		return false;
	ward_arena_init(&arena, ARENA_MAX);
	bool found = filing_package_of(tx, id, &arena, &package, &error) == WARD_OK &&
		     package.receipt.len > 0;

	store_read_end(tx);
	if (found)
		fwrite(package.receipt.ptr, 1, package.receipt.len, stdout);
	ward_arena_free(&arena);
	return found;
}
