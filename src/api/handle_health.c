#include "api/handlers.h"
#include "api/openapi.h"
#include "api/request.h"
#include "api/site_counts.h"

static void plain(struct request *request, unsigned status, const char *word)
{
	request->answer.status = status;
	request->answer.type = "text/plain; charset=utf-8";
	ward_buf_clear(&request->answer.text);
	ward_buf_printf(&request->answer.text, "%s\n", word);
}

void handle_live(struct request *request)
{
	plain(request, 200, "live");
}

void handle_ready(struct request *request)
{
	if (request_is_stopping(request))
		plain(request, 503, "stopping");
	else
		plain(request, 200, "ready");
}

void handle_openapi(struct request *request)
{
	request->answer.status = 200;
	request->answer.type = "application/yaml";
	ward_buf_clear(&request->answer.text);
	ward_buf_add(&request->answer.text, openapi_yaml, openapi_yaml_len);
}

void handle_metrics(struct request *request)
{
	struct metrics_now now = request_now(request);
	struct ward_bank_view *view = live_view(request_live(request));

	now.view = view;
	request->answer.status = 200;
	request->answer.type = "text/plain; version=0.0.4; charset=utf-8";
	ward_buf_clear(&request->answer.text);
	metrics_write(request_metrics(request), &now, &request->answer.text);
	site_metrics_write(request_network(request), &request->answer.text);
	ward_bank_release(view);
}
