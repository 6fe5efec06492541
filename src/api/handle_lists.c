#include "api/handlers.h"
#include "api/listing.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };

void handle_lists(struct request *request)
{
	struct ward_bank_view *view = live_view(request_live(request));
	struct json json = request_json(request);

	json_object(&json);
	json_key(&json, "lists");
	json_array(&json);
	for (size_t i = 0; i < ward_bank_list_count(view); i++)
		listing_json(&json, ward_bank_list(view, i));
	json_array_end(&json);
	json_object_end(&json);
	ward_buf_char(&request->answer.text, '\n');
	ward_bank_release(view);
}

void handle_list(struct request *request)
{
	struct ward_bank_view *view = live_view(request_live(request));
	const struct ward_list *list = listing_find(request, view);

	if (list) {
		struct json json = request_json(request);

		listing_json(&json, list);
		ward_buf_char(&request->answer.text, '\n');
	}
	ward_bank_release(view);
}

/*
 * The cursor is the place in the list's current version; it goes with the
 * version's word, so that a page of another version is not taken for the next.
 */
static bool read_cursor(struct request *request, const struct ward_list *list, uint64_t *cursor)
{
	ward_str text = request_query(request, "cursor");
	ward_str version = text;
	size_t dot = text.len;

	*cursor = 0;
	if (text.len == 0)
		return true;
	while (dot > 0 && text.ptr[dot - 1] != '.')
		dot--;
	version.len = dot > 0 ? dot - 1 : 0;
	if (dot > 0 && ward_u64_parse((ward_str){ text.ptr + dot, text.len - dot }, cursor) &&
			ward_str_eq(version, ward_str_from(ward_list_version(list))))
		return true;
	request_trouble(request, PROBLEM_CONFLICT,
			"The list has changed since this cursor was given; begin without one.");
	return false;
}

static void write_entries(struct request *request, const struct ward_list *list, uint64_t cursor,
		int64_t limit)
{
	struct ward_record record;
	struct json json = request_json(request);
	bool more = true;
	char text[256];

	json_object(&json);
	json_key(&json, "entries");
	json_array(&json);
	while (limit-- > 0 && (more = ward_list_next(list, &cursor, &record)))
		listing_record(&json, list, &record);
	json_array_end(&json);
	snprintf(text, sizeof(text), "%s.%llu", ward_list_version(list),
			(unsigned long long)cursor);
	json_key_text(&json, "next", more ? text : NULL);
	json_object_end(&json);
	ward_buf_char(&request->answer.text, '\n');
}

void handle_list_entries(struct request *request)
{
	struct ward_bank_view *view = live_view(request_live(request));
	const struct ward_list *list = listing_find(request, view);
	int64_t limit = PAGE_DEFAULT;
	uint64_t cursor;

	if (list && request_number(request, "limit", 1, PAGE_MAX, &limit) &&
			read_cursor(request, list, &cursor))
		write_entries(request, list, cursor, limit);
	ward_bank_release(view);
}
