#include "intake/check.h"

#include "base/tree.h"
#include "intake/url_form.h"

/* ---- texts ---- */

static ward_err check_text(ward_str text, size_t len_max, const char *what,
		struct ward_error *error)
{
	if (text.len > len_max)
		return ward_fail(error, WARD_E_LIMIT, "%s has at most %zu bytes", what, len_max);
	if (text.len > 0 && (memchr(text.ptr, '\0', text.len) || !ward_utf8_valid(text)))
		return ward_fail(error, WARD_E_ARGUMENT, "%s is UTF-8 text without NUL", what);
	return WARD_OK;
}

static bool is_country(ward_str text)
{
	return text.len == 0 || (text.len == 2 && text.ptr[0] >= 'A' && text.ptr[0] <= 'Z' &&
						text.ptr[1] >= 'A' && text.ptr[1] <= 'Z');
}

/* Letters, digits and dashes: "pt-BR". */
static bool is_language(ward_str text)
{
	bool good = text.len <= 35;

	for (size_t i = 0; good && i < text.len; i++) {
		char c = text.ptr[i];

		good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		       (c == '-' && i > 0);
	}
	return good;
}

/* "image/png": as a claim, and so that it can be shown. */
static bool is_type(ward_str text)
{
	bool good = text.len < VAULT_KIND_MAX;

	for (size_t i = 0; good && i < text.len; i++)
		good = text.ptr[i] > 0x20 && text.ptr[i] < 0x7f && text.ptr[i] != '"';
	return good;
}

static ward_err check_context(ward_str text, struct ward_error *error)
{
	ward_err err = check_text(text, INTAKE_CONTEXT_MAX, "the context", error);

	if (err || text.len == 0)
		return err;
	struct json_t *tree = tree_read(text, NULL);

	tree_free(tree);
	return tree ? WARD_OK : ward_fail(error, WARD_E_ARGUMENT, "the context is a JSON object");
}

/* ---- items ---- */

static ward_err check_item(const struct intake_item_new *item, size_t number,
		struct ward_error *error)
{
	static const size_t most[INTAKE_KINDS] = { 0, INTAKE_TEXT_MAX, INTAKE_ACCOUNT_MAX,
		INTAKE_URL_MAX, INTAKE_TEXT_MAX };
	bool has_bytes = item->from_fd || item->bytes.len > 0;
	char what[40];

	snprintf(what, sizeof(what), "item %zu", number);
	if (!is_type(item->type))
		return ward_fail(error, WARD_E_ARGUMENT, "the type of %s is as \"image/png\"",
				what);
	if (item->kind == INTAKE_MEDIA && !has_bytes && !item->has_pdq)
		return ward_fail(error, WARD_E_ARGUMENT, "%s has neither content nor a hash", what);
	if (item->kind == INTAKE_MEDIA)
		return item->text.len == 0 ? WARD_OK
					   : ward_fail(error, WARD_E_ARGUMENT,
							     "%s is media, and has no text", what);
	if (item->has_pdq)
		return ward_fail(error, WARD_E_ARGUMENT, "%s is no picture, and has a hash of one",
				what);
	if (item->kind == INTAKE_CONVERSATION && has_bytes)
		return WARD_OK;
	if (has_bytes)
		return ward_fail(error, WARD_E_ARGUMENT, "%s is a text, and is given as one", what);
	if (ward_str_trim(item->text).len == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "%s is empty", what);
	return check_text(item->text, most[item->kind], what, error);
}

ward_err intake_check(const struct intake_new *report, struct ward_error *error)
{
	ward_err err = check_context(report->context, error);

	if (!err)
		err = check_text(report->contact, INTAKE_CONTACT_MAX, "the contact", error);
	if (!err)
		err = check_text(report->once, INTAKE_ONCE_MAX, "the idempotency key", error);
	if (!err && !is_country(report->jurisdiction))
		err = ward_fail(error, WARD_E_ARGUMENT, "a jurisdiction is a country, as \"FR\"");
	if (!err && !is_language(report->language))
		err = ward_fail(error, WARD_E_ARGUMENT, "a language is a tag, as \"pt-BR\"");
	if (!err && report->item_count == 0)
		err = ward_fail(error, WARD_E_ARGUMENT, "a report has at least one item");
	if (!err && report->item_count > INTAKE_ITEMS_MAX)
		err = ward_fail(error, WARD_E_LIMIT, "a report has at most %d items",
				INTAKE_ITEMS_MAX);
	for (size_t i = 0; !err && i < report->item_count; i++)
		err = check_item(&report->items[i], i + 1, error);
	return err;
}

/* ---- forms ---- */

/* "Service/@name" is "service/name"; of a name alone the service is not known. */
static bool account_form(ward_str text, struct intake_form *form)
{
	ward_str name = ward_str_trim(text), service = { "", 0 };
	const char *slash = memchr(name.ptr, '/', name.len);

	if (slash && (size_t)(slash - name.ptr) <= INTAKE_SERVICE_MAX)
		service = ward_str_trim(ward_str_cut(&name, '/'));
	name = ward_str_trim(name);
	if (name.len > 1 && name.ptr[0] == '@') {
		name.ptr++;
		name.len--;
	}
	for (size_t i = 0; i < service.len; i++) {
		char c = service.ptr[i];

		form->host[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	form->host[service.len] = '\0';
	ward_buf_printf(&form->text, "%s/%.*s", form->host, WARD_FMT(name));
	return name.len > 0 && !form->text.failed;
}

static bool address_form(ward_str text, struct intake_form *form)
{
	struct url_form *made = malloc(sizeof(*made));
	bool good = made && url_form(text, made);

	if (good) {
		snprintf(form->host, sizeof(form->host), "%s", made->host);
		ward_buf_str(&form->text, ward_str_from(made->text));
	}
	free(made);
	return good && !form->text.failed;
}

bool intake_form(const struct intake_item_new *item, struct intake_form *form)
{
	form->host[0] = '\0';
	ward_buf_init(&form->text, URL_FORM_MAX);
	bool good = item->kind == INTAKE_ACCOUNT ? account_form(item->text, form)
		    : item->kind == INTAKE_URL   ? address_form(item->text, form)
						 : false;

	if (!good)
		ward_buf_free(&form->text);
	return good;
}
