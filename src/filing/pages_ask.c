#include "filing/pages_order.h"

#include "base/json.h"
#include "box/errand.h"

enum { MEMORY_MAX = 1 << 30, FACTS_MAX = 4096 };

static void add_text(struct ward_buf *order, ward_str text)
{
	for (unsigned shift = 0; shift < 32; shift += 8)
		ward_buf_char(order, (char)((text.len >> shift) & 0xff));
	ward_buf_str(order, text);
}

static void write_order(const struct filing_authority *authority, ward_str draft,
		const struct filing_package_facts *facts, struct ward_buf *order)
{
	struct ward_buf text;

	ward_buf_init(&text, FACTS_MAX);
	struct json json = json_to(&text);

	json_object(&json);
	json_key_str(&json, "id", facts->id);
	json_key_int(&json, "at", facts->at);
	json_key_bool(&json, "test", facts->test);
	json_object_end(&json);
	order->failed |= text.failed;
	add_text(order, ward_buf_text(&text));
	add_text(order, authority->text);
	add_text(order, draft);
	ward_buf_free(&text);
}

ward_err pages_ask(const struct filing_authority *authority, ward_str draft,
		const struct filing_package_facts *facts, struct ward_buf *pages,
		struct ward_error *error)
{
	static const struct errand errand = { "WARD_PAGES", "ward-pages", "a report's pages",
		PAGES_BYTES_MAX, PAGES_TIME_S, MEMORY_MAX };
	struct ward_buf order;
	char *answer = NULL;
	size_t len = 0;

	ward_buf_init(&order, PAGES_ORDER_MAX);
	write_order(authority, draft, facts, &order);
	ward_str text = ward_buf_text(&order);
	ward_err err = order.failed ? ward_fail(error, WARD_E_LIMIT,
						      "the report is too large for pages")
				    : errand_run(&errand,
						      (ward_bytes){ (const uint8_t *)text.ptr,
								      text.len },
						      &answer, &len, error);

	if (!err && (len < 5 || memcmp(answer, "%PDF-", 5) != 0))
		err = ward_fail(error, WARD_E_FORMAT, "what ward-pages answered is no PDF");
	if (!err)
		ward_buf_add(pages, answer, len);
	if (!err && pages->failed)
		err = ward_fail(error, WARD_E_LIMIT, "the pages are too large");
	/* People's data, both. */
	if (answer)
		explicit_bzero(answer, len);
	free(answer);
	if (order.ptr)
		explicit_bzero(order.ptr, order.len);
	ward_buf_free(&order);
	return err;
}
