#include "api/serve.h"

#include "base/clock.h"
#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

/* Of one answer; the reports of archives with very many members are the largest. */
#define ANSWER_MAX ((size_t)64 << 20)

struct request *request_new(struct server *server, struct MHD_Connection *connection)
{
	struct request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->server = server;
	request->connection = connection;
	request->uses = 1;
	request->key_name = "-";
	request->begun_us = clock_ticks_us();
	request->snapshot = live_acquire(server->live);
	id_new(request->id);
	ward_buf_init(&request->answer.text, ANSWER_MAX);
	return request;
}

void request_free(struct request *request)
{
	for (size_t i = 0; i < request->part_count; i++)
		spill_close(&request->parts[i].spill);
	live_release(request->server->live, request->snapshot);
	stream_free(request->stream);
	if (request->answer.secret && request->answer.text.ptr)
		explicit_bzero(request->answer.text.ptr, request->answer.text.room);
	if (request->answer.has_file)
		close(request->answer.file);
	ward_buf_free(&request->answer.text);
	ward_buf_free(&request->text);
	free(request->multipart);
	free(request->parts);
	free(request->plan);
	free(request);
}

/* ---- what was asked ---- */

static ward_str look_up(const struct request *request, enum MHD_ValueKind kind, const char *name,
		bool *given)
{
	const char *value = NULL;
	size_t len = 0;

	*given = MHD_lookup_connection_value_n(request->connection, kind, name, strlen(name),
				 &value, &len) == MHD_YES;
	return (ward_str){ value ? value : "", value ? len : 0 };
}

ward_str request_header(const struct request *request, const char *name)
{
	bool given;

	return look_up(request, MHD_HEADER_KIND, name, &given);
}

ward_str request_query(const struct request *request, const char *name)
{
	bool given;

	return look_up(request, MHD_GET_ARGUMENT_KIND, name, &given);
}

bool request_flag(struct request *request, const char *name, bool *value)
{
	static const char *const yes[] = { "", "1", "true", "yes", "on" };
	static const char *const no[] = { "0", "false", "no", "off" };
	bool given;
	ward_str text = look_up(request, MHD_GET_ARGUMENT_KIND, name, &given);

	if (!given)
		return true;
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
		if (ward_str_eq_nocase(text, ward_str_from(yes[i])))
			return *value = true;
	}
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++) {
		if (ward_str_eq_nocase(text, ward_str_from(no[i]))) {
			*value = false;
			return true;
		}
	}
	request_trouble(request, PROBLEM_BAD_REQUEST, "\"%s\" is true or false.", name);
	return false;
}

bool request_number(struct request *request, const char *name, int64_t min, int64_t max,
		int64_t *value)
{
	ward_str text = request_query(request, name);
	int64_t number;

	if (text.len == 0)
		return true;
	if (ward_i64_parse(text, &number) && number >= min && number <= max) {
		*value = number;
		return true;
	}
	request_trouble(request, PROBLEM_BAD_REQUEST,
			"\"%s\" is a whole number from %" PRId64 " to %" PRId64 ".", name, min,
			max);
	return false;
}

struct people_login *request_login(const struct request *request)
{
	return request->server->login;
}

struct store *request_store(const struct request *request)
{
	return request->server->store;
}

struct vault *request_vault(const struct request *request)
{
	/* What takes reports in is there once the vault is. */
	return request->server->intake ? request->server->vault : NULL;
}

struct intake *request_intake(const struct request *request)
{
	return request->server->intake;
}

const struct server_network *request_network(const struct request *request)
{
	return &request->server->network;
}

const struct signer *request_signer(const struct request *request)
{
	return request->server->signer;
}

const struct settings *request_settings(const struct request *request)
{
	return request->snapshot->settings;
}

struct live *request_live(const struct request *request)
{
	return request->server->live;
}

struct metrics *request_metrics(const struct request *request)
{
	return request->server->metrics;
}

struct metrics_now request_now(const struct request *request)
{
	struct server *server = request->server;

	return (struct metrics_now){
		.started = server->started,
		.connections = peers_count(&server->peers),
		.in_flight = server->in_flight,
		.scan_waiting = lane_waiting(server->scans),
		.scan_running = lane_running(server->scans),
		.lists_waiting = lane_waiting(server->lists),
		.lists_running = lane_running(server->lists),
		.desk_waiting = lane_waiting(server->desks),
		.desk_running = lane_running(server->desks),
		.views_waiting = lane_waiting(server->views),
		.views_running = lane_running(server->views),
		.store = server->store != NULL,
		.spill_bytes = server->place.memory_used,
		.ready = !server->stopping,
	};
}

bool request_is_stopping(const struct request *request)
{
	return request->server->stopping;
}

uint32_t request_time_left(const struct request *request)
{
	uint64_t spent_ms = (clock_ticks_us() - request->begun_us) / 1000;
	uint32_t all_ms = request->snapshot->settings->request_ms;

	return spent_ms < all_ms ? all_ms - (uint32_t)spent_ms : 0;
}

/* ---- the answer ---- */

struct json request_json(struct request *request)
{
	request->answer.status = 200;
	request->answer.type = "application/json";
	ward_buf_clear(&request->answer.text);
	return json_to(&request->answer.text);
}

void request_file(struct request *request, int fd, uint64_t bytes, const char *type,
		const char *name)
{
	struct answer *answer = &request->answer;

	ward_buf_clear(&answer->text);
	answer->status = 200;
	answer->type = type;
	answer->has_file = true;
	answer->file = fd;
	answer->file_bytes = bytes;
	snprintf(answer->file_name, sizeof(answer->file_name), "%s", name);
}

void request_secret(struct request *request, size_t most)
{
	/* At once, so that growing leaves no copies behind. */
	request->answer.secret = true;
	ward_buf_clear(&request->answer.text);
	(void)ward_buf_reserve(&request->answer.text, most);
}

void request_trouble(struct request *request, enum problem problem, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	struct json json = request_json(request);

	request->answer.status = problem_status(problem);
	if (request->hma) {
		json_object(&json);
		json_key_text(&json, "message", text);
		json_object_end(&json);
	} else {
		request->answer.type = "application/problem+json";
		problem_json(&json, problem, text, request->id);
	}
	ward_buf_char(&request->answer.text, '\n');
}

void request_failure(struct request *request, const struct ward_error *error)
{
	enum problem problem = problem_of(error->code);

	if (problem_is_theirs(problem)) {
		request_trouble(request, problem, "%s", problem_says(error));
		return;
	}
	log_error("request_failed", "id=%s code=%s", request->id, ward_err_name(error->code));
	request_trouble(request, problem,
			"The operator finds the reason in the log, under this request's id.");
}

void request_refresh(struct request *request)
{
	struct ward_error error;

	if (live_refresh(request->server->live, false, &error) != WARD_OK)
		log_error("refresh_failed", "code=%s", ward_err_name(error.code));
}
