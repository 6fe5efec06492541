#include "api/handlers.h"
#include "api/hma.h"

static void answer_word(struct request *request, unsigned status, const char *word)
{
	request->answer.status = status;
	request->answer.type = "text/html; charset=utf-8";
	ward_buf_clear(&request->answer.text);
	ward_buf_str(&request->answer.text, ward_str_from(word));
}

void handle_hma_status(struct request *request)
{
	bool ready = !request_is_stopping(request);

	answer_word(request, ready ? 200 : 503, ready ? "I-AM-ALIVE" : "INDEX-NOT-LOADED");
}

/* Whoever can answer is alive; only a dead one is to be started again. */
void handle_hma_livez(struct request *request)
{
	answer_word(request, 200, "OK");
}

void handle_hma_readyz(struct request *request)
{
	bool ready = !request_is_stopping(request);

	answer_word(request, ready ? 200 : 503, ready ? "READY" : "INDEX-NOT-LOADED");
}

/* Without the prefix, as HMA would name them. */
void handle_hma_site_map(struct request *request)
{
	struct json json = request_json(request);
	const char *last = "";

	json_array(&json);
	for (size_t i = 0; i < routes_count(); i++) {
		if (!route_is_hma(routes[i].path) || strcmp(routes[i].path, last) == 0)
			continue;
		last = routes[i].path;
		json_str(&json, ward_str_from(last + strlen("/hma")));
	}
	json_array_end(&json);
}

void handle_hma_signal_types(struct request *request)
{
	static const char *const types[] = { "pdq", "video_md5" };
	struct json json = request_json(request);

	json_array(&json);
	for (size_t i = 0; i < 2; i++) {
		json_object(&json);
		json_key_text(&json, "name", types[i]);
		json_key(&json, "enabled_ratio");
		json_raw(&json, WARD_STR("1.0"));
		json_object_end(&json);
	}
	json_array_end(&json);
}

/* The types are matched always: a ratio other than 1 is refused. */
void handle_hma_signal_type_change(struct request *request)
{
	struct json_t *root = hma_read_object(request);
	ward_str type = ward_str_from(request->parameters.at[0]);
	double ratio = 0;

	if (!root)
		return;
	if (!ward_str_eq(type, WARD_STR("pdq")) && !ward_str_eq(type, WARD_STR("video_md5")))
		request_trouble(request, PROBLEM_NOT_FOUND, "No such signal type");
	else if (!hma_number(tree_member(root, "enabled_ratio"), &ratio) ||
			!(ratio >= 0 && ratio <= 1))
		hma_refuse(request, "enabled_ratio is a number from 0 to 1");
	else if (ratio < 1)
		request_trouble(request, PROBLEM_NOT_IMPLEMENTED,
				"a signal type is always matched; switch banks off instead");
	else
		request->answer.status = 204;
	tree_free(root);
}

void handle_hma_content_types(struct request *request)
{
	static const char *const types[] = { "photo", "video" };
	struct json json = request_json(request);

	json_array(&json);
	for (size_t i = 0; i < 2; i++) {
		json_object(&json);
		json_key_text(&json, "name", types[i]);
		json_key_bool(&json, "enabled", true);
		json_object_end(&json);
	}
	json_array_end(&json);
}

/* Lists come by "ward list import", not by exchanges that the daemon fetches. */
void handle_hma_exchanges(struct request *request)
{
	struct json json = request_json(request);

	json_array(&json);
	json_array_end(&json);
}

void handle_hma_signal_index(struct request *request)
{
	static const ward_signal_kind kinds[] = { WARD_SIGNAL_PDQ, WARD_SIGNAL_MD5 };
	struct ward_bank_view *view = live_view(request_live(request));
	struct json json = request_json(request);

	json_object(&json);
	for (size_t i = 0; i < 2; i++) {
		uint64_t size = 0;
		int64_t built = -1;

		for (size_t k = 0; k < ward_bank_list_count(view); k++) {
			const struct ward_list *list = ward_bank_list(view, k);

			size += ward_list_signals(list, kinds[i]);
			if (ward_list_info(list)->changed > built)
				built = ward_list_info(list)->changed;
		}
		json_key(&json, hma_type(kinds[i]));
		json_object(&json);
		json_key_uint(&json, "db_size", size);
		json_key_uint(&json, "index_size", size);
		/* A list is compiled before it is seen. */
		json_key_bool(&json, "index_out_of_date", false);
		json_key_int(&json, "newest_db_item", size > 0 ? built : -1);
		json_key_int(&json, "index_built_to", size > 0 ? built : -1);
		json_object_end(&json);
	}
	json_object_end(&json);
	ward_bank_release(view);
}
