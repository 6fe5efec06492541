/*
 * ward site check - what somebody on the network gets who asks for a link, and why
 */
#include <inttypes.h>

#include "base/clock.h"
#include "bin/known.h"
#include "bin/scan_print.h"
#include "bin/sites.h"
#include "gate/gate_json.h"

enum { LINE_MAX_TEXT = 1 << 20, LINK_ROOM = WARD_LINK_MEMORY_MAX };

/* What is asked, for every link. */
struct checking {
	const struct cli *cli;
	const struct gate_rules *rules;
	struct ward_site_view *view;
	size_t group;
	int64_t now;
	struct gate_time time;
	bool json, hidden, tunnel;
	struct ward_buf memory, out;
};

/* ---- words ---- */

static const char *group_name(const struct checking *checking)
{
	return checking->group < checking->rules->group_count
			       ? checking->rules->groups[checking->group].name
			       : "";
}

/* Why this hit did not come to more than it did. */
static const char *standing(const struct gate_answer *answer, const struct ward_site_hits *hits,
		size_t which)
{
	const struct ward_site_hit *hit = &hits->at[which];

	if (answer->hit == which)
		return "decides";
	if (!hit->certain)
		return "a guess: too few bits of a hash agree; ask the publisher";
	return answer->rule != SIZE_MAX ? "a rule decides" : "another entry decides";
}

/* ---- for people ---- */

static void put(struct checking *checking)
{
	fputs(ward_buf_text(&checking->out).ptr, stdout);
	ward_buf_clear(&checking->out);
}

static void print_hit(struct checking *checking, const struct gate_answer *answer,
		const struct ward_site_hits *hits, size_t which)
{
	const struct ward_site_hit *hit = &hits->at[which];
	const struct ward_site_info *info = ward_site_list_info(hit->list);
	struct ward_buf *out = &checking->out;
	char until[CLOCK_TEXT_MAX];

	ward_buf_printf(out, "  list %s (%s%s): %s ", info->name, ward_site_sense_name(info->sense),
			info->mandatory ? ", mandatory" : "", ward_site_kind_name(hit->kind));
	gate_write_entry(hit, checking->hidden, out);
	if (hit->category.len > 0)
		ward_buf_printf(out, ", category %.*s", WARD_FMT(hit->category));
	if (hit->class_code.len > 0)
		ward_buf_printf(out, ", class %.*s", WARD_FMT(hit->class_code));
	if (hit->reason.len > 0)
		ward_buf_printf(out, ", reason %.*s", WARD_FMT(hit->reason));
	if (hit->expires != 0)
		ward_buf_printf(out, ", until %s", clock_format(hit->expires, until));
	ward_buf_printf(out, ": %s\n", standing(answer, hits, which));
}

/* A rule's first hit that it matches, or what it wants and does not find. */
static const char *rule_misses(const struct checking *checking, const struct gate_rule *rule,
		const struct ward_site_hits *hits)
{
	const char *misses = gate_rule_misses(checking->rules, rule, NULL, checking->group,
			checking->time);

	for (size_t i = 0; misses && i < hits->count; i++)
		misses = gate_rule_misses(checking->rules, rule, &hits->at[i], checking->group,
				checking->time);
	return misses;
}

static void print_rules(struct checking *checking, const struct gate_answer *answer,
		const struct ward_site_hits *hits)
{
	struct ward_buf *out = &checking->out;

	for (size_t i = 0; i < checking->rules->rule_count; i++) {
		const struct gate_rule *rule = &checking->rules->rules[i];
		const char *misses = rule_misses(checking, rule, hits);

		ward_buf_printf(out, "  rule \"%s\" (%s): ", rule->name, gate_act_name(rule->act));
		if (answer->rule == i)
			ward_buf_str(out, WARD_STR("decides\n"));
		else if (misses)
			ward_buf_printf(out, "does not match (%s)\n", misses);
		else
			ward_buf_str(out, WARD_STR("matches, and does not decide\n"));
	}
}

static void print_answer(struct checking *checking, ward_str text, const struct ward_link *link,
		const struct ward_site_hits *hits, const struct gate_answer *answer)
{
	struct ward_buf *out = &checking->out;

	ward_buf_printf(out, "%s  ", gate_act_name(answer->act));
	scan_print_text(out, text);
	ward_buf_printf(out, "\n  asked as %.*s", WARD_FMT(link->host));
	if (!checking->tunnel)
		ward_buf_printf(out, "%.*s%s%.*s", WARD_FMT(link->path), link->has_query ? "?" : "",
				WARD_FMT(link->query));
	ward_buf_printf(out, "; group %s; profile %s; cause %s\n",
			group_name(checking)[0] ? group_name(checking) : "none",
			gate_profile_of(checking->rules, checking->group)->name,
			gate_cause_name(answer->cause));
	for (size_t i = 0; i < hits->count; i++)
		print_hit(checking, answer, hits, i);
	if (hits->total > hits->count)
		ward_buf_printf(out, "  and %zu more entries\n", hits->total - hits->count);
	print_rules(checking, answer, hits);
	put(checking);
}

/* ---- for programs ---- */

static void answer_json(struct checking *checking, ward_str text, const struct ward_link *link,
		const struct ward_site_hits *hits, const struct gate_answer *answer)
{
	struct json json = json_to(&checking->out);

	gate_json_answer(&json, &(struct gate_told){ checking->rules, checking->group, text, link,
						hits, answer, checking->hidden });
	ward_buf_char(&checking->out, '\n');
	put(checking);
}

/* ---- one link ---- */

static int check_link(struct checking *checking, ward_str text)
{
	struct ward_site_hits hits;
	struct gate_answer answer;
	struct ward_error error;
	struct ward_link link;

	if (ward_link_read(text, WARD_LINK_LOOKUP, &checking->memory, &link, &error) != WARD_OK)
		return cli_fail_error(checking->cli, &error);
	if (checking->tunnel)
		ward_site_ask_host(checking->view, link.host, link.host_kind, link.address,
				checking->now, &hits);
	else
		ward_site_ask(checking->view, &link, checking->now, &hits);
	answer = gate_judge(checking->rules, &hits, checking->group, checking->time);
	if (checking->json)
		answer_json(checking, text, &link, &hits, &answer);
	else
		print_answer(checking, text, &link, &hits, &answer);
	return answer.act == GATE_BLOCK ? CLI_FOUND : CLI_OK;
}

static int worse(int a, int b)
{
	return a > b ? a : b;
}

static int check_lines(struct checking *checking)
{
	int status = CLI_OK;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, stdin)) >= 0) {
		ward_str text = ward_str_trim((ward_str){ line, (size_t)len });

		if (text.len > 0)
			status = worse(status, check_link(checking, text));
	}
	free(line);
	return status;
}

static int check_all(struct checking *checking)
{
	const struct cli *cli = checking->cli;
	int status = CLI_OK;

	for (int i = 0; i < cli->arg_count; i++) {
		if (strcmp(cli->args[i], "-") == 0)
			status = worse(status, check_lines(checking));
		else
			status = worse(status, check_link(checking, ward_str_from(cli->args[i])));
	}
	return status;
}

/* ---- who asks, and when ---- */

static int read_who(struct checking *checking)
{
	const struct cli *cli = checking->cli;
	const char *group = cli_text(cli, "group"), *address = cli_text(cli, "client");
	struct gate_client client = { .user = ward_str_from(cli_text(cli, "user")) };
	struct ward_network network;

	if (group && (address || client.user.len > 0))
		return cli_usage(cli, "--group, or --client and --user, not both");
	if (address) {
		if (!ward_network_read(ward_str_from(address), &network))
			return cli_usage(cli, "--client wants an address");
		client.kind = network.kind;
		memcpy(client.address, network.address, sizeof(client.address));
	}
	checking->group = gate_group_of(checking->rules, &client);
	for (size_t i = 0; group; i++) {
		if (i == checking->rules->group_count)
			return cli_usage(cli, "ward.conf has no group of this name");
		if (strcmp(group, checking->rules->groups[i].name) == 0) {
			checking->group = i;
			break;
		}
	}
	return CLI_OK;
}

static int read_when(struct checking *checking)
{
	const char *at = cli_text(checking->cli, "at");

	checking->now = clock_now();
	if (at && !clock_parse(ward_str_from(at), &checking->now))
		return cli_usage(checking->cli, "--at wants a time, as 2026-03-01T10:30:00+01:00");
	checking->time = gate_time_of(checking->now);
	return CLI_OK;
}

static int check_in(struct checking *checking, const struct workspace *workspace)
{
	struct ward_error error;
	int status = read_who(checking);

	if (status == CLI_OK)
		status = read_when(checking);
	if (status != CLI_OK)
		return status;
	if (ward_site_view_open(workspace_sites(workspace), NULL, NULL, &checking->view, &error) !=
			WARD_OK)
		return cli_fail_error(checking->cli, &error);
	status = check_all(checking);
	ward_site_view_free(checking->view);
	return status;
}

int sites_check(struct cli *cli)
{
	struct checking checking = { .cli = cli,
		.json = cli_flag(cli, "json"),
		.hidden = cli_flag(cli, "hidden"),
		.tunnel = cli_flag(cli, "tunnel") };
	struct workspace *workspace;
	struct ward_error error;
	int status;

	if (cli->arg_count == 0)
		return cli_usage(cli, "which links? \"-\" reads them from standard input");
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	checking.rules = workspace_gate_rules(workspace);
	ward_buf_init(&checking.memory, LINK_ROOM);
	ward_buf_init(&checking.out, LINE_MAX_TEXT);
	status = check_in(&checking, workspace);
	ward_buf_free(&checking.memory);
	ward_buf_free(&checking.out);
	workspace_free(workspace);
	return status;
}
