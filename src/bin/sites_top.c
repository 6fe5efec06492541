/*
 * ward site top - what was noted and blocked on the networks, in numbers
 */
#include <inttypes.h>

#include "base/clock.h"
#include "bin/known.h"
#include "bin/scan_print.h"
#include "bin/sites.h"
#include "measure/sites.h"

enum { DAY_S = 86400, DAYS = 30, HOSTS = 20, OUT_MAX = 1 << 22 };

struct top {
	const struct measure_site_count *counts;
	const struct measure_site_host *hosts;
	size_t count_count, host_count;
	int64_t from, to;
};

/* ---- telling ---- */

static void day_text(int64_t day, char out[CLOCK_TEXT_MAX])
{
	clock_format(day * DAY_S, out);
	out[10] = '\0'; /* the date alone */
}

static void print_counts(const struct top *top)
{
	char day[CLOCK_TEXT_MAX];

	if (top->count_count == 0) {
		fprintf(stderr, "Nothing was noted or blocked in these days.\n");
		return;
	}
	printf("%-10s  %-20s  %-9s  %-6s  %12s\n", "DAY", "LIST", "CAUSE", "ANSWER", "TIMES");
	for (size_t i = 0; i < top->count_count; i++) {
		const struct measure_site_count *row = &top->counts[i];

		day_text(row->day, day);
		printf("%s  %-20.*s  %-9.*s  %-6.*s  %12" PRId64 "\n", day,
				row->list.len ? (int)row->list.len : 1,
				row->list.len ? row->list.ptr : "-", WARD_FMT(row->cause),
				WARD_FMT(row->act), row->count);
	}
}

static void print_hosts(const struct top *top)
{
	struct ward_buf line;

	if (top->host_count == 0) {
		fprintf(stderr, "No host was asked for by enough different clients to be told "
				"of.\n");
		return;
	}
	ward_buf_init(&line, OUT_MAX);
	ward_buf_printf(&line, "\n%12s  %-20s  %s\n", "TIMES", "LIST", "HOST");
	for (size_t i = 0; i < top->host_count; i++) {
		const struct measure_site_host *row = &top->hosts[i];

		ward_buf_printf(&line, "%12" PRId64 "  %-20.*s  ", row->count,
				row->list.len ? (int)row->list.len : 1,
				row->list.len ? row->list.ptr : "-");
		scan_print_text(&line, row->host);
		ward_buf_char(&line, '\n');
	}
	fputs(ward_buf_text(&line).ptr, stdout);
	ward_buf_free(&line);
}

static void print_json(const struct top *top)
{
	struct ward_buf text;
	struct json json;
	char day[CLOCK_TEXT_MAX];

	ward_buf_init(&text, OUT_MAX);
	json = json_to(&text);
	json_object(&json);
	json_key(&json, "counts");
	json_array(&json);
	for (size_t i = 0; i < top->count_count; i++) {
		day_text(top->counts[i].day, day);
		json_object(&json);
		json_key_text(&json, "day", day);
		json_key_str(&json, "list", top->counts[i].list);
		json_key_str(&json, "cause", top->counts[i].cause);
		json_key_str(&json, "answer", top->counts[i].act);
		json_key_int(&json, "count", top->counts[i].count);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_key(&json, "hosts");
	json_array(&json);
	for (size_t i = 0; i < top->host_count; i++) {
		json_object(&json);
		json_key_str(&json, "host", top->hosts[i].host);
		json_key_str(&json, "list", top->hosts[i].list);
		json_key_int(&json, "count", top->hosts[i].count);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
	printf("%s\n", ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

/* ---- asking ---- */

static ward_err ask(struct store *store, size_t most, struct ward_arena *arena, struct top *top,
		struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(store, &tx, error);

	if (err)
		return err;
	err = measure_sites_counts(tx, top->from, top->to, arena, &top->counts, &top->count_count,
			error);
	if (!err)
		err = measure_sites_hosts(tx, top->from, top->to, most, arena, &top->hosts,
				&top->host_count, error);
	store_read_end(tx);
	return err;
}

static int tell(struct cli *cli, const struct workspace *workspace)
{
	struct top top = { .to = clock_now() / DAY_S };
	struct store *store = NULL;
	struct ward_arena arena;
	struct ward_error error;
	ward_err err = workspace_store(workspace, false, &store, &error);

	if (err)
		return cli_fail_error(cli, &error);
	top.from = top.to - cli_number(cli, "days", DAYS) + 1;
	ward_arena_init(&arena, OUT_MAX);
	err = ask(store, (size_t)cli_number(cli, "count", HOSTS), &arena, &top, &error);
	if (!err && cli_flag(cli, "json")) {
		print_json(&top);
	} else if (!err) {
		print_counts(&top);
		print_hosts(&top);
	}
	ward_arena_free(&arena);
	store_free(store);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

int sites_top(struct cli *cli)
{
	struct workspace *workspace;
	struct ward_error error;
	int status;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	status = tell(cli, workspace);
	workspace_free(workspace);
	return status;
}
