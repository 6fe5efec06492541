/* ward link - addresses of the web: one form of each, where they stand, what lists are asked by */
#include <ward/hash.h>

#include "base/json.h"
#include "bin/links.h"
#include "bin/scan_print.h"

struct link_run {
	const struct cli *cli;
	ward_link_rules rules;
	bool json;
	bool sha256;
	struct ward_buf memory; /* of the link */
	struct ward_buf letters;
	struct ward_buf text; /* of a line of output */
	unsigned troubles;
	void (*one)(struct link_run *run, const struct ward_link *link);
};

bool links_rules(const char *word, ward_link_rules *rules)
{
	static const char *const words[] = { "lookup", "safe-browsing", "whatwg" };
	static const ward_link_rules those[] = { WARD_LINK_LOOKUP, WARD_LINK_SAFE_BROWSING,
		WARD_LINK_WHATWG };

	*rules = WARD_LINK_LOOKUP;
	for (size_t i = 0; word && i < 3; i++) {
		if (strcmp(word, words[i]) == 0) {
			*rules = those[i];
			return true;
		}
	}
	return word == NULL;
}

static const char *host_kind(ward_host_kind kind)
{
	switch (kind) {
	case WARD_HOST_NAME:
		return "name";
	case WARD_HOST_IPV4:
		return "ipv4";
	case WARD_HOST_IPV6:
		return "ipv6";
	case WARD_HOST_NONE:
	default:
		return "none";
	}
}

static void write_parts(struct json *json, struct link_run *run, const struct ward_link *link)
{
	ward_str letters = link->host;

	json_key_str(json, "url", link->url);
	json_key_str(json, "scheme", link->scheme);
	json_key_text(json, "kind", host_kind(link->host_kind));
	json_key_str(json, "host", link->host);
	if (ward_host_display(link->host, &run->letters, &letters, NULL))
		letters = link->host;
	json_key_str(json, "display", letters);
	json_key_str(json, "registered", ward_host_registered(link->host));
	json_key_uint(json, "port", link->port);
	json_key_str(json, "path", link->path);
	json_key(json, "query");
	if (link->has_query)
		json_str(json, link->query);
	else
		json_null(json);
}

static void print_canonical(struct link_run *run, const struct ward_link *link)
{
	struct json json = json_to(&run->text);

	if (!run->json) {
		scan_print_text(&run->text, link->url);
		ward_buf_char(&run->text, '\n');
		return;
	}
	json_object(&json);
	json_key_str(&json, "original", link->original);
	write_parts(&json, run, link);
	json_object_end(&json);
	ward_buf_char(&run->text, '\n');
}

static void print_expression(void *context, ward_str host, ward_str path)
{
	struct link_run *run = context;
	struct ward_digests digests;
	char expression[WARD_LINK_MAX * 4];
	char hex[65] = "";
	int len = snprintf(expression, sizeof(expression), "%.*s%.*s", WARD_FMT(host),
			WARD_FMT(path));
	ward_str text = { expression,
		(size_t)len < sizeof(expression) ? (size_t)len : sizeof(expression) - 1 };

	if (run->sha256) {
		if (ward_digest((ward_bytes){ (const uint8_t *)text.ptr, text.len }, &digests)) {
			run->text.failed = true;
			return;
		}
		ward_hex_format(digests.sha256, sizeof(digests.sha256), hex);
	}
	if (run->json) {
		struct json json = json_to(&run->text);

		json_object(&json);
		json_key_str(&json, "expression", text);
		if (run->sha256)
			json_key_text(&json, "sha256", hex);
		json_object_end(&json);
	} else {
		ward_buf_printf(&run->text, "%s%s", hex, hex[0] ? "  " : "");
		scan_print_text(&run->text, text);
	}
	ward_buf_char(&run->text, '\n');
}

static void print_expressions(struct link_run *run, const struct ward_link *link)
{
	ward_link_expressions(link, print_expression, run);
}

/* What is wrong is said without the text: it may be nobody's to see on a screen or in a log. */
static void fail_link(struct link_run *run, const struct ward_error *error, uint64_t number)
{
	struct json json = json_to(&run->text);

	run->troubles++;
	if (!run->json) {
		cli_fail(run->cli, "link %llu: %s", (unsigned long long)number, error->message);
		return;
	}
	json_object(&json);
	json_key_uint(&json, "number", number);
	json_key_text(&json, "error", ward_err_name(error->code));
	json_key_text(&json, "message", error->message);
	json_object_end(&json);
	ward_buf_char(&run->text, '\n');
}

static bool read_one(struct link_run *run, ward_str text, uint64_t number)
{
	struct ward_link link;
	struct ward_error error;
	ward_err err = ward_link_read(text, run->rules, &run->memory, &link, &error);

	ward_buf_clear(&run->text);
	if (err)
		fail_link(run, &error, number);
	else
		run->one(run, &link);
	if (run->text.failed) {
		cli_fail(run->cli, "out of memory");
		run->troubles++;
		return false;
	}
	fwrite(run->text.ptr ? run->text.ptr : "", 1, run->text.len, stdout);
	return !ferror(stdout);
}

/* One a line; empty lines are passed over. */
static bool read_lines(struct link_run *run, uint64_t *number)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	bool go_on = true;

	while (go_on && (len = getline(&line, &room, stdin)) >= 0) {
		ward_str text = ward_str_trim((ward_str){ line, (size_t)len });

		if (text.len > 0)
			go_on = read_one(run, text, ++*number);
	}
	free(line);
	return go_on;
}

static int run_links(struct cli *cli,
		void (*one)(struct link_run *run, const struct ward_link *link))
{
	struct link_run run = { .cli = cli, .json = cli_flag(cli, "json"), .one = one };
	uint64_t number = 0;
	bool go_on = true;

	if (cli->arg_count == 0)
		return cli_usage(cli, "which links? (- is standard input, one a line)");
	if (!links_rules(cli_text(cli, "rules"), &run.rules))
		return cli_usage(cli, "rules are lookup, safe-browsing or whatwg");
	run.sha256 = one == print_expressions && cli_flag(cli, "sha256");
	ward_buf_init(&run.memory, WARD_LINK_MEMORY_MAX);
	ward_buf_init(&run.letters, WARD_LINK_MEMORY_MAX);
	ward_buf_init(&run.text, (size_t)64 * WARD_LINK_MEMORY_MAX);
	for (int i = 0; go_on && i < cli->arg_count; i++)
		go_on = strcmp(cli->args[i], "-") == 0
					? read_lines(&run, &number)
					: read_one(&run, ward_str_from(cli->args[i]), ++number);
	ward_buf_free(&run.memory);
	ward_buf_free(&run.letters);
	ward_buf_free(&run.text);
	return run.troubles ? CLI_TROUBLE : CLI_OK;
}

static int run_canonical(struct cli *cli)
{
	return run_links(cli, print_canonical);
}

static int run_expressions(struct cli *cli)
{
	return run_links(cli, print_expressions);
}

static const struct cli_option canonical_options[] = {
	{ "rules", 'r', CLI_TEXT, "RULES", "lookup, safe-browsing or whatwg (default: lookup)", 0,
			0 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line, with all parts", 0, 0 },
	{ 0 },
};
static const struct cli_option expressions_options[] = {
	{ "rules", 'r', CLI_TEXT, "RULES", "lookup, safe-browsing or whatwg (default: lookup)", 0,
			0 },
	{ "sha256", 0, CLI_FLAG, NULL, "the hash of each, as lists have it", 0, 0 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};

static const struct cli_verb actions[] = {
	{ .name = "canonical",
			.arguments = "LINK|-...",
			.says = "Print the one form of each link",
			.options = canonical_options,
			.run = run_canonical },
	{ .name = "find",
			.arguments = "FILE|-...",
			.says = "Print the links in texts, pages and mails",
			.options = links_find_options,
			.run = links_run_find },
	{ .name = "expressions",
			.arguments = "LINK|-...",
			.says = "Print what a list of hashes is asked by",
			.options = expressions_options,
			.run = run_expressions },
	{ 0 },
};

const struct cli_verb verb_link = {
	.name = "link",
	.arguments = "",
	.actions = actions,
};
