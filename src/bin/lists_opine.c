/*
 * ward list opine, opinions - what people say about listed signals
 */
#include "base/clock.h"
#include "bin/lists.h"
#include "bin/scan_print.h"

static bool copy_text(const struct cli *cli, const char *option, const char *otherwise, char *out,
		size_t room)
{
	const char *text = cli_text(cli, option);
	int len;

	if (!text)
		text = otherwise;
	len = snprintf(out, room, "%s", text ? text : "");
	bool good = len >= 0 && (size_t)len < room && ward_utf8_valid(ward_str_from(out));

	for (const char *at = out; good && *at; at++)
		good = (unsigned char)*at >= ' ' && *at != 0x7f;
	if (good)
		return true;
	cli_usage(cli, "--%s wants one line of at most %zu bytes", option, room - 1);
	return false;
}

static bool read_opinion(const struct cli *cli, struct ward_opinion *opinion)
{
	const char *kind = cli->args[2];

	*opinion = (struct ward_opinion){ .when = clock_now() };
	if (strcmp(kind, "affirm") != 0 && strcmp(kind, "dispute") != 0) {
		cli_usage(cli, "an opinion is affirm or dispute");
		return false;
	}
	opinion->kind = kind[0] == 'a' ? WARD_OPINION_AFFIRM : WARD_OPINION_DISPUTE;
	if (!lists_signal(cli->args[1], &opinion->signal)) {
		cli_usage(cli, "the second argument is no signal");
		return false;
	}
	if (!copy_text(cli, "who", getenv("USER"), opinion->who, sizeof(opinion->who)) ||
			!copy_text(cli, "reason", NULL, opinion->reason, sizeof(opinion->reason)))
		return false;
	if (!opinion->who[0]) {
		cli_usage(cli, "whose opinion is it? --who says");
		return false;
	}
	if (opinion->kind == WARD_OPINION_DISPUTE && !opinion->reason[0]) {
		cli_usage(cli, "a dispute needs --reason");
		return false;
	}
	return true;
}

/* An opinion on a signal that is not there would count for nothing, and seem to. */
static ward_err check_listed(const char *folder, const ward_signal *signal,
		struct ward_error *error)
{
	struct ward_hits hits = { .max = 1 };
	struct ward_list *list;
	ward_err err = ward_list_open(folder, &list, error);

	if (err)
		return err;
	err = ward_list_search(list, signal, 0, &hits, error);
	if (!err && (hits.count == 0 || hits.at[0].distance > 0))
		err = ward_fail(error, WARD_E_NOT_FOUND,
				"the list has no entry with this very signal; \"ward match\" shows "
				"what lies near it");
	ward_hits_free(&hits);
	ward_list_free(list);
	return err;
}

int lists_opine(struct cli *cli)
{
	char folder[LIST_PATH];
	struct ward_opinion opinion;
	struct ward_error error;

	if (cli->arg_count != 3)
		return cli_usage(cli, "a list, a signal, and affirm or dispute are wanted");
	if (!read_opinion(cli, &opinion))
		return CLI_TROUBLE;
	if (lists_find_first(cli, folder, &error) != WARD_OK ||
			check_listed(folder, &opinion.signal, &error) != WARD_OK ||
			ward_list_opine(folder, &opinion, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	return CLI_OK;
}

/* ---- opinions ---- */

struct showing {
	bool json;
	struct ward_buf text;
};

static void write_opinion(struct ward_buf *out, const struct ward_opinion *opinion)
{
	struct json json = json_to(out);
	char text[WARD_SIGNAL_TEXT_MAX], when[CLOCK_TEXT_MAX];

	json_object(&json);
	json_key_text(&json, "opinion",
			opinion->kind == WARD_OPINION_AFFIRM ? "affirm" : "dispute");
	json_key_text(&json, "type", ward_signal_kind_name(opinion->signal.kind));
	json_key_text(&json, "signal", ward_signal_format(&opinion->signal, text));
	json_key_text(&json, "who", opinion->who);
	json_key_text(&json, "reason", opinion->reason);
	json_key_text(&json, "when", clock_format(opinion->when, when));
	json_object_end(&json);
}

static void print_opinion(struct ward_buf *out, const struct ward_opinion *opinion)
{
	char text[WARD_SIGNAL_TEXT_MAX], when[CLOCK_TEXT_MAX];

	clock_format(opinion->when, when);
	ward_buf_printf(out, "%s  %s  %s:%s  ", when,
			opinion->kind == WARD_OPINION_AFFIRM ? "affirm " : "dispute",
			ward_signal_kind_name(opinion->signal.kind),
			ward_signal_format(&opinion->signal, text));
	scan_print_text(out, ward_str_from(opinion->who));
	ward_buf_str(out, WARD_STR("  "));
	scan_print_text(out, ward_str_from(opinion->reason));
}

static ward_err show_opinion(void *context, const struct ward_opinion *opinion,
		struct ward_error *error)
{
	struct showing *showing = context;

	if (showing->json)
		write_opinion(&showing->text, opinion);
	else
		print_opinion(&showing->text, opinion);
	return lists_put_line(&showing->text)
			       ? WARD_OK
			       : ward_fail(error, WARD_E_IO, "the output could not be written");
}

int lists_opinions(struct cli *cli)
{
	struct showing showing = { .json = cli_flag(cli, "json") };
	char folder[LIST_PATH];
	struct ward_error error;
	ward_err err;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which list? \"ward list ls\" shows their names");
	ward_buf_init(&showing.text, 1 << 16);
	err = lists_find_first(cli, folder, &error);
	if (!err)
		err = ward_list_opinions(folder, show_opinion, &showing, &error);
	ward_buf_free(&showing.text);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}
