/*
 * ward site ask - is a link listed by a server that shall not learn which link it is?
 */
#include <sodium.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "bin/scan_print.h"
#include "bin/sites_far.h"
#include "net/inquire.h"
#include "oblivious/question.h"

enum {
	TIME_MS = 20000,
	URL_ROOM = 4096,
	TOKEN_MAX = 256,
	COMMON_BYTES_MAX = OBLIVIOUS_COMMON_MAX * OBLIVIOUS_SLOT,
	ANSWER_MAX = OBLIVIOUS_ANSWER_HEAD + OBLIVIOUS_SLOTS_MAX * OBLIVIOUS_SLOT,
};

struct asker {
	const struct cli *cli;
	const char *server;
	char authorization[TOKEN_MAX + 16];
	bool has_identity;
	uint8_t identity[OBLIVIOUS_IDENTITY];
	bool has_table; /* info and common belong together, and have been checked */
	struct oblivious_info info;
	struct ward_buf common, answer, memory;
	bool any_listed;
};

/* ---- what the verb was given ---- */

/* Not on the command line, where everybody on the machine reads it. */
static ward_err read_token(struct asker *asker, struct ward_error *error)
{
	const char *file = cli_text(asker->cli, "key"), *token = getenv("WARD_KEY");
	char *text = NULL;
	size_t len = 0;
	ward_err err = WARD_OK;

	if (file)
		err = file_read(file, TOKEN_MAX, &text, &len, error);
	if (err)
		return err;
	ward_str trimmed = ward_str_trim(file ? (ward_str){ text, len } : ward_str_from(token));

	if (trimmed.len == 0)
		err = ward_fail(error, WARD_E_ARGUMENT,
				"give the API key you got from the server's operator: --key FILE, "
				"or $WARD_KEY");
	else if (trimmed.len > TOKEN_MAX)
		err = ward_fail(error, WARD_E_ARGUMENT, "this is no API key");
	else
		snprintf(asker->authorization, sizeof(asker->authorization), "Bearer %.*s",
				WARD_FMT(trimmed));
	if (text)
		explicit_bzero(text, len);
	free(text);
	return err;
}

/* ---- asking ---- */

static ward_err ask_server(struct asker *asker, const char *path, ward_bytes request,
		struct ward_buf *body, struct ward_error *error)
{
	char url[URL_ROOM];
	unsigned status = 0;
	size_t len = strlen(asker->server);
	struct inquiry inquiry = { .url = url,
		.bytes = request,
		.authorization = asker->authorization,
		.time_ms = TIME_MS };

	while (len > 0 && asker->server[len - 1] == '/')
		len--;
	if ((size_t)snprintf(url, sizeof(url), "%.*s/v1/site/oblivious%s", (int)len, asker->server,
			    path) >= sizeof(url))
		return ward_fail(error, WARD_E_ARGUMENT, "the server's address is too long");
	ward_err err = inquire(&inquiry, &status, body, error);

	if (err || status == 200)
		return err;
	if (status == 401)
		return ward_fail(error, WARD_E_DENIED, "the server does not know this API key");
	if (status == 409)
		return ward_fail(error, WARD_E_CONFLICT, "the server has another table by now");
	if (status == 429)
		return ward_fail(error, WARD_E_LIMIT,
				"the key's quota for this hour is used up; ask again later");
	return ward_fail(error, WARD_E_IO, "the server answers with status %u", status);
}

static ward_err check_common(const struct asker *asker, struct ward_buf *body,
		struct ward_error *error)
{
	return oblivious_common_check(&asker->info,
			(ward_bytes){ (const uint8_t *)body->ptr, body->len }, error);
}

/* One file a server: the next table's takes the place of the last one's. */
static bool cache_path(const struct asker *asker, char path[URL_ROOM])
{
	const char *folder = cli_text(asker->cli, "cache");
	char identity[2 * OBLIVIOUS_IDENTITY + 1];

	ward_hex_format(asker->info.identity, OBLIVIOUS_IDENTITY, identity);
	return folder &&
	       (size_t)snprintf(path, URL_ROOM, "%s/%s.common", folder, identity) < URL_ROOM;
}

/* True when it was kept from another time, whole. */
static bool read_cached(struct asker *asker, const char *path)
{
	char *text = NULL;
	size_t len = 0;

	if (file_read(path, COMMON_BYTES_MAX, &text, &len, NULL) != WARD_OK)
		return false;
	ward_buf_clear(&asker->common);
	ward_buf_add(&asker->common, text, len);
	free(text);
	return !asker->common.failed && check_common(asker, &asker->common, NULL) == WARD_OK;
}

/* What cannot be kept is fetched again the next time: no reason to leave a question without its
 * answer. */
static void keep_common(const struct asker *asker, const char *path)
{
	struct ward_error error;
	ward_err err = file_make_folders(cli_text(asker->cli, "cache"), 0700, &error);

	if (!err)
		err = file_replace(path,
				(ward_bytes){ (const uint8_t *)asker->common.ptr,
						asker->common.len },
				0600, &error);
	if (err)
		fprintf(stderr, "ward site ask: nothing is kept for the next time: %s\n",
				error.message);
}

static ward_err fetch_common(struct asker *asker, struct ward_error *error)
{
	char digest[65], where[96], path[URL_ROOM];

	ward_hex_format(asker->info.common_digest, 32, digest);
	bool cached = cache_path(asker, path);

	if (cached && read_cached(asker, path))
		return WARD_OK;
	snprintf(where, sizeof(where), "/common/%s", digest);
	ward_err err = ask_server(asker, where, (ward_bytes){ 0 }, &asker->common, error);

	if (!err)
		err = check_common(asker, &asker->common, error);
	if (!err && cached)
		keep_common(asker, path);
	return err;
}

static ward_err fetch_info(struct asker *asker, struct ward_error *error)
{
	ward_err err = ask_server(asker, "", (ward_bytes){ 0 }, &asker->answer, error);

	asker->has_table = false;
	if (!err)
		err = oblivious_info_read((ward_bytes){ (const uint8_t *)asker->answer.ptr,
							  asker->answer.len },
				asker->has_identity ? asker->identity : NULL, clock_now(),
				&asker->info, error);
	if (!err)
		err = fetch_common(asker, error);
	asker->has_table = !err;
	return err;
}

static ward_err ask_once(struct asker *asker, const struct ward_link *link,
		struct oblivious_verdict *verdict, struct ward_error *error)
{
	struct oblivious_question *question = NULL;
	ward_err err = oblivious_question_new(link, &asker->info, &question, error);

	if (!err)
		err = ask_server(asker, "", oblivious_question_request(question), &asker->answer,
				error);
	if (!err)
		err = oblivious_question_judge(question, &asker->info,
				(ward_bytes){ (const uint8_t *)asker->common.ptr,
						asker->common.len },
				(ward_bytes){ (const uint8_t *)asker->answer.ptr,
						asker->answer.len },
				verdict, error);
	oblivious_question_free(question);
	return err;
}

/* A table that has ended meanwhile is asked for once more. */
static ward_err ask_link(struct asker *asker, const char *url, struct oblivious_verdict *verdict,
		struct ward_error *error)
{
	struct ward_link link;
	ward_err err = ward_link_read(ward_str_from(url), WARD_LINK_LOOKUP, &asker->memory, &link,
			error);

	/* It could not be had for the link before this one. */
	if (!err && !asker->has_table)
		err = fetch_info(asker, error);
	if (!err)
		err = ask_once(asker, &link, verdict, error);
	if (err == WARD_E_CONFLICT) {
		err = fetch_info(asker, error);
		if (!err)
			err = ask_once(asker, &link, verdict, error);
	}
	return err;
}

/* ---- telling ---- */

static const char *const kinds[] = { "page", "prefix", "host", "domain", "hash" };

static void print_json(const char *url, const struct oblivious_verdict *verdict)
{
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, 8 * WARD_LINK_MAX);
	json = json_to(&text);
	json_object(&json);
	json_key_text(&json, "url", url);
	json_key_bool(&json, "listed", verdict->marks != 0);
	json_key(&json, "kinds");
	json_array(&json);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (verdict->marks & 1u << i)
			json_str(&json, ward_str_from(kinds[i]));
	json_array_end(&json);
	json_key_bool(&json, "whole", verdict->whole);
	json_object_end(&json);
	puts(ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

static void print_words(const char *url, const struct oblivious_verdict *verdict)
{
	struct ward_buf text;
	bool first = true;

	ward_buf_init(&text, 8 * WARD_LINK_MAX);
	fputs(verdict->marks             ? "listed\t"
			: verdict->whole ? "not listed\t"
					 : "not known\t",
			stdout);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!(verdict->marks & 1u << i))
			continue;
		printf("%s%s", first ? "" : ",", kinds[i]);
		first = false;
	}
	/* What was given may come from a file, and must not speak to the terminal. */
	scan_print_text(&text, ward_str_from(url));
	printf("\t%s\n", ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

static int ask_all(struct asker *asker)
{
	const struct cli *cli = asker->cli;
	bool trouble = false;

	for (int i = 0; i < cli->arg_count; i++) {
		struct oblivious_verdict verdict;
		struct ward_error error;

		if (ask_link(asker, cli->args[i], &verdict, &error) != WARD_OK) {
			cli_fail(cli, "link %d: %s", i + 1, error.message);
			trouble = true;
			continue;
		}
		/* What was not asked for may be listed: that is trouble, not "not listed". */
		if (!verdict.marks && !verdict.whole) {
			cli_fail(cli,
					"link %d has more parts than are asked for, and none of "
					"those "
					"that are is listed",
					i + 1);
			trouble = true;
		}
		if (cli_flag(cli, "json"))
			print_json(cli->args[i], &verdict);
		else
			print_words(cli->args[i], &verdict);
		asker->any_listed = asker->any_listed || verdict.marks != 0;
	}
	return trouble ? CLI_TROUBLE : asker->any_listed ? CLI_FOUND : CLI_OK;
}

/* ---- the action ---- */

static int ask(struct asker *asker)
{
	struct ward_error error;

	if (!oprf_prepare())
		return cli_fail(asker->cli, "there is no source of randomness");
	if (read_token(asker, &error) != WARD_OK || fetch_info(asker, &error) != WARD_OK)
		return cli_fail_error(asker->cli, &error);
	if (!asker->has_identity) {
		char hex[2 * OBLIVIOUS_IDENTITY + 1];

		ward_hex_format(asker->info.identity, OBLIVIOUS_IDENTITY, hex);
		fprintf(stderr,
				"ward site ask: the server says that it is %s; with --identity it "
				"has to be\n",
				hex);
	}
	return ask_all(asker);
}

int sites_far_ask(struct cli *cli)
{
	struct asker asker = { .cli = cli, .server = cli_text(cli, "server") };
	const char *identity = cli_text(cli, "identity");

	if (cli->arg_count < 1)
		return cli_usage(cli, "which link?");
	if (!asker.server || !inquire_may(asker.server))
		return cli_usage(cli, "--server wants https://..., or http://127.0.0.1:PORT");
	asker.has_identity = identity != NULL;
	if (identity && !ward_hex_parse(ward_str_from(identity), asker.identity,
					OBLIVIOUS_IDENTITY))
		return cli_usage(cli, "--identity wants 64 hex digits");
	ward_buf_init(&asker.common, COMMON_BYTES_MAX);
	ward_buf_init(&asker.answer, ANSWER_MAX);
	ward_buf_init(&asker.memory, 8 * WARD_LINK_MAX);
	int status = ask(&asker);

	ward_buf_free(&asker.common);
	ward_buf_free(&asker.answer);
	ward_buf_free(&asker.memory);
	explicit_bzero(asker.authorization, sizeof(asker.authorization));
	return status;
}
