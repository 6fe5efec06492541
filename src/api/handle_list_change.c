#include "api/ask.h"
#include "api/handlers.h"
#include "api/listing.h"
#include "base/clock.h"
#include "base/tree.h"

#include <inttypes.h>

/* The folder of the path's list, which need not exist.  False with a problem. */
static bool find_folder(struct request *request, char *path, size_t room)
{
	struct ward_error error;

	if (workspace_list_folder(request->snapshot->workspace,
			    ward_str_from(request->parameters.at[0]), path, room,
			    &error) == WARD_OK)
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST,
			"A list's name is letters, digits, \".\", \"_\" and \"-\", and begins with "
			"a letter or digit.");
	return false;
}

/* What the list says about itself now; false with a problem when there is none. */
static bool read_info(struct request *request, struct ward_list_info *info)
{
	struct ward_bank_view *view = live_view(request_live(request));
	const struct ward_list *list = listing_find(request, view);

	if (list)
		*info = *ward_list_info(list);
	ward_bank_release(view);
	return list != NULL;
}

/* The answer is the list as it is now. */
static void answer_list(struct request *request)
{
	request_refresh(request);
	handle_list(request);
}

/* ---- import ---- */

struct plan {
	struct workspace_import import;
	bool replaces; /* a list that is there */
};

static bool plan_info(struct request *request, struct ward_list_info *info)
{
	struct {
		const char *name;
		char *to;
		size_t room;
	} texts[] = {
		{ "source", info->source, sizeof(info->source) },
		{ "licence", info->licence, sizeof(info->licence) },
	};
	ward_str scheme = request_query(request, "scheme");
	ward_str labels = request_query(request, "label");
	ward_str sense = request_query(request, "sense");
	int64_t radius = info->radius;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		ward_str text = request_query(request, texts[i].name);

		if (text.len > 0 && !listing_text(text, texts[i].to, texts[i].room)) {
			request_trouble(request, PROBLEM_BAD_REQUEST,
					"\"%s\" is a text of less than %zu bytes.", texts[i].name,
					texts[i].room);
			return false;
		}
	}
	if (scheme.len > 0 && !listing_scheme(scheme, info->scheme, sizeof(info->scheme))) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "\"scheme\" is %s.",
				listing_scheme_is);
		return false;
	}
	if (labels.len > 0 &&
			!listing_labels(labels, info->default_label, sizeof(info->default_label))) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "\"label\" is %s.",
				listing_labels_are);
		return false;
	}
	if (sense.len > 0 && !listing_sense(sense, &info->sense)) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"sense\" is deny, allow or exclude.");
		return false;
	}
	if (!request_number(request, "radius", 0, WARD_PDQ_RADIUS_MAX, &radius))
		return false;
	info->radius = (int)radius;
	return true;
}

static bool plan_format(struct request *request, struct exchange_read_options *read)
{
	ward_str format = request_query(request, "format");
	ward_str type = request_query(request, "type");

	if (format.len > 0)
		read->format = exchange_format_from(format);
	if (type.len > 0)
		read->kind = ward_signal_kind_from(type);
	if (read->format == EXCHANGE_FORMAT_COUNT) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"format\" is auto, text, csv, tsv, jsonl, threatexchange, vics, "
				"ncmec, nsrl, hashkeeper, md5sum, vpdq or tmk.");
		return false;
	}
	if (type.len > 0 && read->kind == WARD_SIGNAL_NONE) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"type\" is md5, sha1, sha256, pdq or photodna.");
		return false;
	}
	return true;
}

_Bool plan_list_import(struct request *request)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct ward_bank_view *view = live_view(request_live(request));
	const struct ward_list *list =
			ward_bank_find(view, ward_str_from(request->parameters.at[0]));
	char path[4096];
	bool fine = plan != NULL;

	if (!fine)
		request_trouble(request, PROBLEM_INTERNAL, "Out of memory; send it again.");
	request->plan = plan;
	/* A list that is there keeps what it says about itself, where the query does not. */
	if (fine && list) {
		plan->import.info = *ward_list_info(list);
		plan->replaces = true;
	}
	ward_bank_release(view);
	if (!fine || !find_folder(request, path, sizeof(path)))
		return false;
	plan->import.allow_empty_called = "\"allow_empty\"";
	if (!plan->replaces && !ward_list_info_init(&plan->import.info,
					       ward_str_from(request->parameters.at[0])))
		return false;
	if (!request_flag(request, "delta", &plan->import.delta) ||
			!request_flag(request, "keep_degenerate", &plan->import.keep_degenerate) ||
			!request_flag(request, "allow_empty", &plan->import.allow_empty) ||
			!plan_info(request, &plan->import.info) ||
			!plan_format(request, &plan->import.read))
		return false;
	if (plan->import.delta && !plan->replaces) {
		request_trouble(request, PROBLEM_NOT_FOUND,
				"There is no such list to add to; leave \"delta\" out to make it.");
		return false;
	}
	return true;
}

/* The body of an import, on its way in. */
struct incoming {
	struct request *request;
	bool begun; /* a byte came, or none need come */
};

/*
 * A body without a byte is a mistake of whoever sends it, such as a file that
 * was not there; taken as a list of nothing it would end all matching by the
 * list it replaces.
 */
static ward_err read_incoming(void *context, uint8_t *to, size_t room, size_t *got,
		struct ward_error *error)
{
	struct incoming *incoming = context;
	size_t count = 0;
	ward_err err = stream_read(incoming->request->stream, to, room, &count, error);

	if (err == WARD_E_LIMIT)
		return ward_fail(error, err, "A body here is at most %" PRIu64 " bytes.",
				incoming->request->body_max);
	if (!err && count == 0 && !incoming->begun)
		return ward_fail(error, WARD_E_FORMAT,
				"The body is empty, so nothing was imported: send the list, or "
				"\"allow_empty\" with it if that is meant.");
	if (!err) {
		incoming->begun = true;
		*got = count;
	}
	return err;
}

static void write_imported(struct json *json, const struct workspace_imported *done)
{
	const char *file = strrchr(done->quarantine, '/');

	workspace_imported_json(json, done);
	/* Its name alone: where the workspace lies is nobody's business. */
	json_key_text(json, "quarantine",
			done->quarantine[0] ? (file ? file + 1 : done->quarantine) : NULL);
}

void handle_list_import(struct request *request)
{
	struct plan *plan = request->plan;
	struct incoming incoming = { .request = request, .begun = plan->import.allow_empty };
	struct workspace_source source = { .fd = -1,
		.size = request->body_expected,
		.read = read_incoming,
		.context = &incoming };
	struct workspace_imported done = { 0 };
	struct ward_error error;

	if (workspace_import(request->snapshot->workspace, &plan->import, &source, 1, &done,
			    &error) != WARD_OK) {
		request_failure(request, &error);
		return;
	}
	request_refresh(request);
	struct ward_bank_view *view = live_view(request_live(request));
	const struct ward_list *list = listing_find(request, view);

	if (list) {
		struct json json = request_json(request);

		request->answer.status = plan->replaces ? 200 : 201;
		json_object(&json);
		write_imported(&json, &done);
		json_key(&json, "list");
		listing_json(&json, list);
		json_object_end(&json);
		ward_buf_char(&request->answer.text, '\n');
	}
	ward_bank_release(view);
}

/* ---- the rest ---- */

void handle_list_change(struct request *request)
{
	struct ward_list_info info;
	struct ward_error error;
	char path[4096];

	if (!find_folder(request, path, sizeof(path)) || !read_info(request, &info))
		return;
	if (listing_patch(ward_buf_text(&request->text), &info, &error) ||
			ward_list_set_info(path, &info, &error))
		request_failure(request, &error);
	else
		answer_list(request);
}

void handle_list_delete(struct request *request)
{
	struct ward_list_info info;
	struct ward_error error;
	char path[4096];

	if (!find_folder(request, path, sizeof(path)) || !read_info(request, &info))
		return;
	if (ward_list_delete(path, &error)) {
		request_failure(request, &error);
		return;
	}
	request_refresh(request);
	struct json json = request_json(request);

	json_object(&json);
	json_key_text(&json, "deleted", info.name);
	json_object_end(&json);
	ward_buf_char(&request->answer.text, '\n');
}

static ward_str member(const struct json_t *root, const char *name)
{
	return tree_text(tree_member(root, name));
}

static bool is_text_or_none(const struct json_t *root, const char *name)
{
	const struct json_t *value = tree_member(root, name);

	return tree_is_null(value) || tree_is_text(value);
}

static ward_err read_opinion(struct request *request, struct ward_opinion *opinion,
		struct ward_error *error)
{
	struct ward_error own;
	struct json_t *root = tree_read(ward_buf_text(&request->text), &own);
	ward_str kind = member(root, "kind"), who = member(root, "who");
	ward_err err = WARD_OK;

	*opinion = (struct ward_opinion){ .when = clock_now() };
	if (!root)
		err = ward_fail(error, own.code, "%s", own.message);
	else if (ward_str_eq(kind, WARD_STR("affirm")))
		opinion->kind = WARD_OPINION_AFFIRM;
	else if (ward_str_eq(kind, WARD_STR("dispute")))
		opinion->kind = WARD_OPINION_DISPUTE;
	else
		err = ward_fail(error, WARD_E_ARGUMENT, "\"kind\" is affirm or dispute");
	if (!err)
		err = ask_one(root, &opinion->signal, error);
	if (!err && (!is_text_or_none(root, "who") || !is_text_or_none(root, "reason") ||
				    !listing_text(who.len > 0 ? who
							      : ward_str_from(request->key_name),
						    opinion->who, sizeof(opinion->who)) ||
				    !listing_text(member(root, "reason"), opinion->reason,
						    sizeof(opinion->reason))))
		err = ward_fail(error, WARD_E_ARGUMENT,
				"\"who\" (less than 64 bytes) and \"reason\" (less than 256) are "
				"texts");
	if (!err && opinion->kind == WARD_OPINION_DISPUTE && !opinion->reason[0])
		err = ward_fail(error, WARD_E_ARGUMENT, "a dispute needs a \"reason\"");
	tree_free(root);
	return err;
}

void handle_list_opinion(struct request *request)
{
	struct ward_opinion opinion;
	struct ward_list_info info;
	struct ward_error error;
	char path[4096];

	if (!find_folder(request, path, sizeof(path)) || !read_info(request, &info))
		return;
	if (read_opinion(request, &opinion, &error) || ward_list_opine(path, &opinion, &error)) {
		request_failure(request, &error);
		return;
	}
	request_refresh(request);
	struct json json = request_json(request);

	request->answer.status = 201;
	json_object(&json);
	json_key_text(&json, "list", info.name);
	json_key_text(&json, "kind", opinion.kind == WARD_OPINION_AFFIRM ? "affirm" : "dispute");
	json_key_text(&json, "who", opinion.who);
	json_object_end(&json);
	ward_buf_char(&request->answer.text, '\n');
}
