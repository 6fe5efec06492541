#include "api/door.h"
#include "api/handlers.h"
#include "base/clock.h"
#include "measure/tell.h"

static bool wants_csv(struct request *request, bool *csv)
{
	ward_str format = request_query(request, "format");
	ward_str accept = request_header(request, "Accept");

	*csv = ward_str_eq(format, WARD_STR("csv")) ||
	       (format.len == 0 && ward_str_starts(accept, WARD_STR("text/csv")));
	if (format.len == 0 || *csv || ward_str_eq(format, WARD_STR("json")))
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST, "\"format\" is json or csv.");
	return false;
}

static bool read_question(struct request *request, struct measure_question *question)
{
	const struct measure_asked asked = {
		.from = request_query(request, "from"),
		.to = request_query(request, "to"),
		.step = request_query(request, "step"),
		.metrics = request_query(request, "metric"),
		.by = request_query(request, "by"),
	};
	struct ward_error error;

	if (measure_question_read(&asked, clock_now(), question, &error) == WARD_OK)
		return true;
	door_failed(request, &error);
	return false;
}

static void write_answer(struct request *request, const struct measure_answer *answer, bool csv)
{
	(void)request_json(request);
	if (csv) {
		request->answer.type = "text/csv; charset=utf-8";
		measure_write_csv(answer, &request->answer.text);
	} else {
		measure_write_json(answer, &request->answer.text);
	}
	if (request->answer.text.failed)
		request_trouble(request, PROBLEM_TOO_LARGE,
				"This is too much for one answer; ask for fewer metrics, or for "
				"longer periods.");
}

void handle_stats(struct request *request)
{
	struct measure_question question;
	struct measure_answer answer;
	struct ward_arena arena;
	struct ward_error error;
	struct store_tx *tx;
	bool csv;

	if (!wants_csv(request, &csv) || !read_question(request, &question) ||
			!door_read(request, &tx))
		return;
	ward_arena_init(&arena, MEASURE_ARENA);
	if (measure_ask(tx, &question, &arena, &answer, &error) == WARD_OK)
		write_answer(request, &answer, csv);
	else
		door_failed(request, &error);
	ward_arena_free(&arena);
	store_read_end(tx);
}

void handle_stats_catalogue(struct request *request)
{
	(void)request_json(request);
	measure_write_catalogue_json(&request->answer.text);
}
