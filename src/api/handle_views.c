/*
 * Views: a step is opened by the rules, the content is opened by the person's key, the worker
 * makes the view, and only when it is counted as shown it goes out.
 */
#include <ward/view.h>

#include <sys/stat.h>
#include <unistd.h>

#include "api/desk_json.h"
#include "api/door.h"
#include "api/exposure_rules.h"
#include "api/handlers.h"
#include "api/opening.h"
#include "api/steps.h"
#include "base/clock.h"
#include "base/log.h"

enum { ARENA = 8 << 20 };

struct viewing {
	struct request *request;
	struct desk_actor actor;
	struct exposure_rules rules;
	/* what is asked */
	const struct step *step;
	struct ward_view_options options;
	ward_str reason;
	/* what it is of */
	struct ward_arena arena;
	struct desk_looking looking;
	/* what came of it */
	struct exposure_step opened;
	bool proposed;
	char second[ID_TEXT_MAX];
	struct ward_view view;
};

/* ---- what is asked ---- */

static bool read_number(struct request *request, const struct json_t *body, const char *name,
		int64_t most, uint32_t *to)
{
	int64_t number = 0;

	if (!door_int(request, body, name, 0, most, &number))
		return false;
	*to = (uint32_t)number;
	return true;
}

static bool read_reveal(struct viewing *viewing, const struct json_t *body)
{
	const struct json_t *reveal = tree_member(body, "reveal");
	int64_t x = -1, y = -1;

	if (tree_is_null(reveal))
		return true;
	viewing->options.reveal = true;
	if (tree_int(tree_member(reveal, "x"), 0, WARD_VIEW_SIDE - 1, &x) &&
			tree_int(tree_member(reveal, "y"), 0, WARD_VIEW_SIDE - 1, &y)) {
		viewing->options.reveal_x = (uint32_t)x;
		viewing->options.reveal_y = (uint32_t)y;
		return true;
	}
	request_trouble(viewing->request, PROBLEM_BAD_REQUEST,
			"\"reveal\" has \"x\" and \"y\", pixels of the view.");
	return false;
}

/* One frame of a video, at a time that a sheet has told. */
static bool read_single(struct viewing *viewing, const struct json_t *body)
{
	struct ward_view_options *options = &viewing->options;

	options->single = !tree_is_null(tree_member(body, "at_ms"));
	return !options->single ||
	       read_number(viewing->request, body, "at_ms", UINT32_MAX, &options->single_ms);
}

static bool read_asked(struct viewing *viewing, const struct json_t *body)
{
	struct request *request = viewing->request;
	struct ward_view_options *options = &viewing->options;
	ward_str level = WARD_STR("");

	if (!door_text(request, body, "level", &level) ||
			!door_text(request, body, "reason", &viewing->reason) ||
			!door_flag(request, body, "colour", &options->colour) ||
			!read_number(request, body, "side", WARD_VIEW_SIDE_CLEAR,
					&options->side_max) ||
			!read_number(request, body, "cells", WARD_VIEW_CELLS_MOST,
					&options->cells) ||
			!read_number(request, body, "blur", WARD_VIEW_BLUR_MOST, &options->blur) ||
			!read_single(viewing, body) || !read_reveal(viewing, body))
		return false;
	viewing->step = ward_view_level_parse(level, &options->level)
					? step_find(options->level, options->reveal)
					: NULL;
	if (viewing->step && ward_view_side(options) > 0)
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST,
			"\"level\" is L1 to L5, and what else is asked belongs to it: cells to L1, "
			"blur and reveal to L2, colour and at_ms to L4 and L5.");
	return false;
}

/* ---- whether it may be ---- */

static bool check_permission(struct request *request, enum people_permission permission)
{
	if (door_may(request, permission))
		return true;
	request_trouble(request, PROBLEM_PERMISSION, "This wants the permission \"%s\".",
			people_permission_name(permission));
	return false;
}

static bool look_at_item(struct viewing *viewing)
{
	struct request *request = viewing->request;
	struct ward_error error;
	struct store_tx *tx;

	if (!door_read(request, &tx))
		return false;
	ward_err err = desk_looking(tx, door_path(request, 0), viewing->actor.person,
			&viewing->arena, &viewing->looking, &error);

	store_read_end(tx);
	if (err)
		door_failed(request, &error);
	return !err;
}

static bool check_item(struct viewing *viewing)
{
	const struct desk_looking *looking = &viewing->looking;
	struct request *request = viewing->request;

	if (!ward_str_eq(looking->item.kind, WARD_STR("media")) || looking->item.payload.len == 0) {
		request_trouble(request, PROBLEM_NO_VIEW, "There is no picture to be shown.");
		return false;
	}
	if (looking->known && viewing->reason.len == 0) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"This was decided before, so nobody has to look; say why as "
				"\"reason\".");
		return false;
	}
	return !step_needs_second(viewing->step, looking) ||
	       check_permission(request, PEOPLE_ITEM_VIEW_SEVERE);
}

/* ---- the step ---- */

/* Uses the second person's word up; without one it is proposed, and nothing is opened. */
static ward_err ask_second(struct viewing *viewing, struct store_tx *tx, struct ward_error *error)
{
	struct people_actor actor = people_session_actor(&viewing->request->session);
	char object[STEP_OBJECT_MAX];
	struct people_act act;
	struct ward_buf detail;

	ward_buf_init(&detail, STEP_DETAIL_MAX);
	ward_err err = step_act(viewing->step, &viewing->looking, object, &detail, &act, error);

	if (!err)
		err = people_second_use(tx, &actor, &act, viewing->second, error);
	viewing->proposed = err == WARD_E_DENIED;
	if (viewing->proposed)
		err = people_second_propose(tx, &actor, &act, viewing->reason, viewing->second,
				error);
	ward_buf_free(&detail);
	return err;
}

static ward_err open_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct viewing *viewing = context;
	const struct exposure_asked asked = { .item = viewing->looking.item.payload,
		.session = ward_str_from(viewing->request->session.id),
		.what = viewing->step->reveal ? EXPOSURE_REVEAL : EXPOSURE_PICTURE,
		.level = viewing->step->level,
		.severe = viewing->looking.severe,
		.reason = viewing->reason };
	struct exposure_ladder ladder;
	ward_err err = exposure_ladder(tx, viewing->actor.person, &viewing->rules, asked.item,
			asked.severe, &ladder, error);

	viewing->proposed = false;
	viewing->opened = (struct exposure_step){ .why = EXPOSURE_MAY };
	if (err)
		return err;
	/* What the rules refuse need not be asked of anybody. */
	viewing->opened.why = step_why(viewing->step, &ladder);
	if (viewing->opened.why != EXPOSURE_MAY)
		return ward_fail(error, WARD_E_DENIED, "%s",
				exposure_why_says(viewing->opened.why));
	if (step_needs_second(viewing->step, &viewing->looking))
		err = ask_second(viewing, tx, error);
	return err || viewing->proposed ? err
					: exposure_open(tx, &viewing->actor, &viewing->rules,
							  &asked, &viewing->opened, error);
}

/* What the rules said of a step that was refused; else what a module said. */
static void tell_refused(struct request *request, const struct exposure_step *step,
		const struct ward_error *error)
{
	if (error->code == WARD_E_DENIED && step->why != EXPOSURE_MAY)
		request_trouble(request, PROBLEM_EXPOSURE, "Not now: %s.",
				exposure_why_says(step->why));
	else
		door_failed(request, error);
}

static bool open_step(struct viewing *viewing)
{
	struct ward_error error;
	ward_err err = store_write(request_store(viewing->request), open_work, viewing, &error);

	if (err)
		tell_refused(viewing->request, &viewing->opened, &error);
	return !err;
}

static ward_err failed_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct viewing *viewing = context;

	return exposure_failed(tx, &viewing->actor, ward_str_from(viewing->opened.id), error);
}

/* Nothing was seen, so nothing is counted.  The quiet key may have been there before. */
static void give_back(struct viewing *viewing)
{
	struct ward_error error;
	ward_err err = store_write(request_store(viewing->request), failed_work, viewing, &error);

	if (err && err != WARD_E_CONFLICT)
		log_error("view_not_given_back", "request=%s code=%s", viewing->request->id,
				ward_err_name(err));
}

/* Of a video frames alone are seen, even where it says that it has one. */
static bool is_whole(const struct ward_view *view)
{
	return !view->view.partial && view->view.frames == 1 && view->picture.frames <= 1 &&
	       view->picture.kind != WARD_MEDIA_VIDEO;
}

static ward_err shown_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct viewing *viewing = context;
	const struct ward_view *view = &viewing->view;
	const struct exposure_shown shown = { .width = view->view.width,
		.height = view->view.height,
		.whole = is_whole(view),
		.picture = &view->picture };

	return exposure_shown(tx, &viewing->actor, ward_str_from(viewing->opened.id), &shown,
			error);
}

/* ---- the view ---- */

/* The worker's own words may be a file's; these are ours. */
static const char *why_no_view(ward_err err)
{
	switch (err) {
	case WARD_E_FORMAT:
		return "The file is damaged, or is no picture.";
	case WARD_E_UNSUPPORTED:
		return "Files of this kind cannot be shown.";
	case WARD_E_LIMIT:
		return "The file is larger than the limits allow.";
	case WARD_E_TIMEOUT:
		return "It took too long.";
	case WARD_E_WORKER:
		return "The worker that made the view has died of it, or was ended.";
	case WARD_OK:
	case WARD_E_NOMEM:
	case WARD_E_IO:
	case WARD_E_NOT_FOUND:
	case WARD_E_EXISTS:
	case WARD_E_CONFLICT:
	case WARD_E_DENIED:
	case WARD_E_CORRUPT:
	case WARD_E_ARGUMENT:
	case WARD_ERR_COUNT:
		break;
	}
	return NULL;
}

static ward_err render_fd(struct viewing *viewing, int fd, struct ward_buf *out,
		struct ward_error *error)
{
	struct request *request = viewing->request;
	struct ward_limits limits = request_settings(request)->limits;
	uint8_t head[WARD_MEDIA_HEAD];
	struct stat st;
	ssize_t got = pread(fd, head, sizeof(head), 0);
	uint32_t left = request_time_left(request);

	if (got < 0 || fstat(fd, &st) < 0)
		return ward_fail(error, WARD_E_IO, "an opened item cannot be read");
	ward_media_kind kind = ward_media_identify((ward_bytes){ head, (size_t)got });

	explicit_bzero(head, sizeof(head));
	if (viewing->options.single && kind != WARD_MEDIA_VIDEO)
		return ward_fail(error, WARD_E_UNSUPPORTED, "only videos have frames to choose");
	if (!ward_media_is_picture(kind) && kind != WARD_MEDIA_VIDEO)
		return ward_fail(error, WARD_E_UNSUPPORTED, "this is no picture");
	if (!request->box)
		return ward_fail(error, WARD_E_NOMEM, "there is no worker");
	if (limits.time_ms > left)
		limits.time_ms = left > 0 ? left : 1;
	return ward_view_render(request->box, fd, (uint64_t)st.st_size, kind, &limits,
			&viewing->options, &viewing->view, out, error);
}

static bool render(struct viewing *viewing, struct ward_buf *out)
{
	const struct opening opening = { &viewing->looking, viewing->step->name, viewing->reason };
	struct request *request = viewing->request;
	struct ward_error error;
	int fd;

	if (!opening_memory(request, &opening, request_settings(request)->limits.bytes_max, &fd))
		return false;
	ward_err err = render_fd(viewing, fd, out, &error);
	const char *why = why_no_view(err);

	close(fd);
	if (!err)
		return true;
	log_warn("no_view", "request=%s code=%s", request->id, ward_err_name(err));
	if (why)
		request_trouble(request, PROBLEM_NO_VIEW, "%s Nothing was counted.", why);
	else
		door_failed(request, &error);
	return false;
}

/* ---- the answer ---- */

static void json_times(struct json *json, const struct ward_view_facts *view)
{
	json_key_uint(json, "columns", view->columns);
	json_key(json, "times_ms");
	json_array(json);
	for (uint32_t i = 0; i < view->frames; i++)
		json_int(json, view->times_ms[i]);
	json_array_end(json);
}

static bool write_head(struct viewing *viewing)
{
	const struct ward_view_facts *view = &viewing->view.view;
	struct ward_buf text;

	ward_buf_init(&text, VIEW_MAX - 1);
	struct json json = json_to(&text);

	json_object(&json);
	json_key_text(&json, "view", viewing->opened.id);
	json_key_text(&json, "level", ward_view_level_name(viewing->step->level));
	door_key_time(&json, "until", viewing->opened.until);
	json_key_uint(&json, "width", view->width);
	json_key_uint(&json, "height", view->height);
	json_key_uint(&json, "frames", view->frames);
	json_times(&json, view);
	json_key_bool(&json, "partial", view->partial);
	json_key_bool(&json, "warn", viewing->opened.warn);
	json_key_bool(&json, "rest", viewing->opened.rest);
	json_key(&json, "picture");
	desk_json_picture(&json, &viewing->view.picture);
	json_object_end(&json);
	bool fits = !text.failed;

	if (fits)
		(void)snprintf(viewing->request->answer.view, VIEW_MAX, "%s",
				ward_buf_text(&text).ptr);
	ward_buf_free(&text);
	return fits;
}

/* Counted first: what goes out was counted, whatever becomes of the connection. */
static void send_view(struct viewing *viewing, const struct ward_buf *out)
{
	struct request *request = viewing->request;
	struct ward_error error;
	ward_err err = WARD_OK;

	request_secret(request, out->len);
	ward_buf_add(&request->answer.text, out->ptr, out->len);
	if (request->answer.text.failed || !write_head(viewing))
		err = ward_fail(&error, WARD_E_NOMEM, "the view does not fit");
	if (!err)
		err = store_write(request_store(request), shown_work, viewing, &error);
	if (!err) {
		request->answer.status = 200;
		request->answer.type = ward_media_mime(viewing->view.view.kind);
		return;
	}
	request->answer.view[0] = '\0';
	if (request->answer.text.len > 0)
		explicit_bzero(request->answer.text.ptr, request->answer.text.len);
	door_failed(request, &error);
	give_back(viewing);
}

/* Who has locked the vault or logged out meanwhile is not looking any more. */
static bool is_still_there(struct viewing *viewing)
{
	if (opening_may(viewing->request))
		return true;
	give_back(viewing);
	return false;
}

static void show(struct viewing *viewing)
{
	struct ward_buf out;

	/* All the room at once, so that growing leaves no copies behind. */
	ward_buf_init(&out, WARD_VIEW_BYTES);
	bool made = ward_buf_reserve(&out, WARD_VIEW_BYTES) && render(viewing, &out);

	if (made && is_still_there(viewing))
		send_view(viewing, &out);
	else if (out.failed)
		request_trouble(viewing->request, PROBLEM_INTERNAL, "Out of memory; ask again.");
	if (!made)
		give_back(viewing);
	if (out.ptr)
		explicit_bzero(out.ptr, made ? out.len : out.room);
	ward_buf_free(&out);
}

static void tell_proposed(struct viewing *viewing)
{
	struct json json = request_json(viewing->request);

	json_object(&json);
	json_key_text(&json, "second", viewing->second);
	json_object_end(&json);
	viewing->request->answer.status = 202;
}

void handle_view(struct request *request)
{
	struct viewing viewing = { .request = request,
		.actor = door_actor(request),
		.rules = exposure_rules_of(request_settings(request)),
		.reason = WARD_STR("") };
	struct json_t *body = door_object(request);

	ward_arena_init(&viewing.arena, ARENA);
	if (body && read_asked(&viewing, body) &&
			check_permission(request, viewing.step->permission) &&
			look_at_item(&viewing) && check_item(&viewing) && opening_may(request) &&
			open_step(&viewing)) {
		if (viewing.proposed)
			tell_proposed(&viewing);
		else
			show(&viewing);
	}
	ward_arena_free(&viewing.arena);
	tree_free(body);
}

/* ---- a view that is there ---- */

struct looking_on {
	struct request *request;
	struct exposure_step step;
};

/* The item is still one that they may know of. */
static ward_err check_seen(struct request *request, struct store_tx *tx, struct ward_error *error)
{
	struct desk_looking looking;
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA);
	ward_err err = desk_looking(tx, door_path(request, 0), door_actor(request).person, &arena,
			&looking, error);

	ward_arena_free(&arena);
	return err;
}

static ward_err look_on_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct looking_on *on = context;
	struct exposure_rules rules = exposure_rules_of(request_settings(on->request));
	struct desk_actor actor = door_actor(on->request);
	ward_err err = check_seen(on->request, tx, error);

	on->step = (struct exposure_step){ .why = EXPOSURE_MAY };
	return err ? err
		   : exposure_extend(tx, &actor, &rules, door_path(on->request, 1), &on->step,
				     error);
}

void handle_look_on(struct request *request)
{
	struct looking_on on = { .request = request };
	struct ward_error error;

	if (!door_have_store(request))
		return;
	if (store_write(request_store(request), look_on_work, &on, &error) != WARD_OK) {
		tell_refused(request, &on.step, &error);
		return;
	}
	struct json json = request_json(request);

	json_object(&json);
	json_key_text(&json, "view", on.step.id);
	door_key_time(&json, "until", on.step.until);
	json_key_bool(&json, "warn", on.step.warn);
	json_key_bool(&json, "rest", on.step.rest);
	json_object_end(&json);
}

static ward_err close_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct request *request = context;
	struct desk_actor actor = door_actor(request);

	/* Also of a job that was moved away meanwhile: what is over is never too much. */
	return exposure_close(tx, &actor, door_path(request, 1), error);
}

void handle_view_close(struct request *request)
{
	if (door_write(request, close_work, request))
		door_no_content(request);
}
