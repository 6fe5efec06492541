/*
 * server_test.h - for tests: tests/cybertip_server.py as a child, and reports to send to it
 *
 * The clock is clock_fake's.  Items are made by their names: "bytes:N" is N
 * bytes of a pattern, "seen:N" the same and was viewed, "broken:N" cannot be
 * read to its end, "locked" cannot be opened.
 */
#ifndef SERVER_TEST_H
#define SERVER_TEST_H

#include "base/clock_fake.h"
#include "filing/filing.h"
#include "store/store_test.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct server {
	pid_t pid;
	int in; /* it ends when this is closed */
	unsigned port;
};

/* False where there is no python3 or xmllint. */
/* What a test of this server wants of the machine.  Where it is there, a server that does not start
 * is a fault and no reason to skip. */
static inline bool server_can_run(void)
{
	static char sh[] = "sh", dash_c[] = "-c";
	static char command[] = "command -v python3 >/dev/null && command -v xmllint >/dev/null";
	char *words[] = { sh, dash_c, command, NULL };
	int status = -1;
	pid_t pid;

	return posix_spawnp(&pid, "sh", NULL, NULL, words, environ) == 0 &&
	       waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool server_start(struct server *server)
{
	static char sh[] = "sh", dash_c[] = "-c";
	static char command[4096];
	char *words[] = { sh, dash_c, command, NULL };
	char line[32] = "";
	int in[2], out[2];
	posix_spawn_file_actions_t actions;

	snprintf(command, sizeof(command), "exec python3 '%s/tests/cybertip_server.py'",
			getenv("WARD_SOURCE_ROOT"));
	if (pipe(in) != 0 || pipe(out) != 0)
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	posix_spawn_file_actions_addclose(&actions, in[1]);
	posix_spawn_file_actions_addclose(&actions, out[0]);
	bool started = posix_spawnp(&server->pid, "sh", &actions, NULL, words, environ) == 0;

	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	server->in = in[1];
	/* The number and the end of its line may come in two pieces. */
	for (size_t at = 0; started && at < sizeof(line) - 1 && !strchr(line, '\n'); at++) {
		if (read(out[0], line + at, 1) != 1)
			break;
	}

	close(out[0]);
	server->port = (unsigned)strtoul(line, NULL, 10);
	return server->port != 0;
}

static void server_stop(struct server *server)
{
	close(server->in);
	waitpid(server->pid, NULL, 0);
}

static size_t server_take(char *bytes, size_t size, size_t count, void *context)
{
	ward_buf_add(context, bytes, size * count);
	return size * count;
}

/* Tells it something (NULL: nothing) and returns what it holds. */
static inline json_t *server_control(const struct server *server, const char *told)
{
	CURL *curl = curl_easy_init();
	struct ward_buf body;
	char url[64];

	ward_buf_init(&body, (size_t)64 << 20);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/control", server->port);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, server_take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
	if (told)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, told);
	CURLcode code = curl_easy_perform(curl);
	json_t *value = code == CURLE_OK ? json_loads(ward_buf_text(&body).ptr, 0, NULL) : NULL;

	curl_easy_cleanup(curl);
	ward_buf_free(&body);
	return value;
}

static inline void server_tell(const struct server *server, const char *told)
{
	json_decref(server_control(server, told));
}

/* How many reports of a reference are in a state; "" is any reference. */
static inline size_t server_count(const struct server *server, const char *reference,
		const char *state)
{
	json_t *held = server_control(server, NULL), *report;
	size_t count = 0, i;

	json_array_foreach(json_object_get(held, "reports"), i, report)
	{
		const char *name = json_string_value(json_object_get(report, "reference"));
		const char *is = json_string_value(json_object_get(report, "state"));

		if ((reference[0] == '\0' || strcmp(name, reference) == 0) &&
				strcmp(is, state) == 0)
			count++;
	}
	json_decref(held);
	return count;
}

/* ---- items ---- */

struct item {
	uint64_t size, at;
	bool broken;
};

static ward_err item_open(void *context, ward_str name, void **stream, struct ward_error *error)
{
	struct item *item = calloc(1, sizeof(*item));
	ward_str rest = name;
	ward_str kind = ward_str_cut(&rest, ':');

	(void)context;
	if (!item || ward_str_eq(kind, WARD_STR("locked")) || !ward_u64_parse(rest, &item->size)) {
		free(item);
		return ward_fail(error, WARD_E_DENIED, "the vault is locked");
	}
	item->broken = ward_str_eq(kind, WARD_STR("broken"));
	*stream = item;
	return WARD_OK;
}

static ward_err item_read(void *stream, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	struct item *item = stream;
	uint64_t left = item->size - item->at;

	if (item->broken && item->at > item->size / 2)
		return ward_fail(error, WARD_E_CORRUPT, "the item is damaged");
	*len = left < room ? (size_t)left : room;
	if (item->broken && *len > item->size / 4 + 1)
		*len = (size_t)item->size / 4 + 1;
	for (size_t i = 0; i < *len; i++)
		into[i] = (uint8_t)((item->at + i) * 31 >> 3);
	item->at += *len;
	return WARD_OK;
}

static void item_close(void *stream)
{
	free(stream);
}

static ward_err item_exposure(void *context, ward_str name, bool *viewed, bool *exif,
		struct ward_error *error)
{
	(void)context;
	(void)error;
	*viewed = ward_str_starts(name, WARD_STR("seen:"));
	*exif = false;
	return WARD_OK;
}

/* ---- a client ---- */

struct client {
	struct store *store;
	struct filing_wire *wire;
	struct filing *filing;
};

static bool client_on(struct client *client, const struct server *server, struct store *store)
{
	char url[64];
	struct ward_error error;

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/ispws", server->port);
	struct filing_wire_options wire = {
		.url = ward_str_from(url),
		.user = WARD_STR("harbour"),
		.password = WARD_STR("lamp:and sea"),
		.connect_ms = 2000,
		.call_ms = 3000,
		.stall_ms = 20000,
	};

	*client = (struct client){ .store = store };
	if (!store || filing_wire_new(&wire, &client->wire, &error))
		return false;
	struct filing_options options = {
		.store = client->store,
		.wire = client->wire,
		.source = { item_open, item_read, item_close, item_exposure, NULL },
		.alone = true,
	};

	return filing_new(&options, &client->filing, &error) == WARD_OK;
}

static inline void client_free(struct client *client)
{
	filing_free(client->filing);
	filing_wire_free(client->wire);
	store_free(client->store);
}

static const struct filing_actor test_actor = { { "command:test", 12 }, { "", 0 } };

/* A draft whose platform is the reference, so that the server can count. */
static inline const char *draft_text(const char *reference, const char *more, const char *files)
{
	static char text[65536];

	snprintf(text, sizeof(text),
			"{\"report\":{\"incidentSummary\":{\"incidentType\":\"Misleading Domain "
			"Name\","
			"\"platform\":\"%s\",\"incidentDateTime\":\"2025-12-01T00:00:00Z\"},"
			"\"reporter\":{"
			"\"reportingPerson\":{\"email\":\"desk@harbour.example\"}}%s},\"files\":[%"
			"s]}",
			reference, more, files);
	return text;
}

#define FILES_TWO                                                                \
	"{\"item\":\"seen:1000\",\"details\":{\"originalFileName\":\"a.png\"}}," \
	"{\"item\":\"bytes:70000\",\"details\":{\"fileRelevance\":\"Supplemental Reported\"}}"

/* Drafts and approves; true with the id. */
static inline bool client_put(struct client *client, const char *reference, const char *more,
		const char *files, char id[ID_TEXT_MAX])
{
	struct filing_approval approval = { WARD_STR("ada"), WARD_STR("looked at"), WARD_STR(""),
		WARD_STR("") };
	struct ward_error error;
	unsigned left;
	ward_err err = filing_draft_put(client->filing, &test_actor, ward_str_from(reference),
			ward_str_from(draft_text(reference, more, files)), id, &error);

	if (!err)
		err = filing_approve(client->filing, &test_actor, ward_str_from(id), &approval,
				&left, &error);
	if (err)
		printf("# %s\n", error.message);
	return !err;
}

/* A row whose texts stay until the next call. */
static inline struct filing_row client_row(struct client *client, const char *id)
{
	static struct ward_arena arena;
	struct filing_row row = { .state = FILING_STATE_COUNT };
	struct ward_error error;

	ward_arena_free(&arena);
	ward_arena_init(&arena, (size_t)16 << 20);
	if (filing_get(client->filing, ward_str_from(id), &arena, &row, &error))
		printf("# %s\n", error.message);
	return row;
}

/* Steps, and lets time pass, until nothing is left to do; returns the state. */
static inline enum filing_state client_run(struct client *client, const char *id)
{
	for (int i = 0; i < 400; i++) {
		struct filing_row row = client_row(client, id);
		struct ward_error error;
		bool more;

		if (filing_state_final(row.state))
			return row.state;
		if (row.due_at > clock_now())
			clock_fake_pass(row.due_at - clock_now());
		if (filing_step(client->filing, ward_str_from(id), &more, &error)) {
			printf("# %s\n", error.message);
			return FILING_STATE_COUNT;
		}
	}
	return FILING_STATE_COUNT;
}

#endif
