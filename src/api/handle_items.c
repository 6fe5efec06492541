/*
 * What is known of an item, and what this person may be shown of it: L0.
 */
#include "api/desk_json.h"
#include "api/door.h"
#include "api/exposure_rules.h"
#include "api/handlers.h"
#include "api/opening.h"
#include "api/steps.h"
#include "people/people_login.h"
#include "vault/vault.h"

enum {
	TEXT_TOLD_MAX = 256 * 1024,
	/* In JSON a byte is at most six: \u0001. */
	TEXT_JSON_MAX = 6 * TEXT_TOLD_MAX + 1024,
};

struct facts {
	struct request *request;
	struct desk_looking looking;
	bool destroyed;
	struct exposure_today today;
	struct exposure_ladder ladder;
	struct exposure_looks looks;
	struct ward_picture_facts picture; /* of kind unknown as long as nobody looked */
	struct people_second_list seconds; /* all that this person proposed */
	bool unlocked;
};

/* ---- reading ---- */

static ward_err read_vault(struct store_tx *tx, struct facts *facts, struct ward_error *error)
{
	struct vault_facts vault;
	ward_err err = vault_facts_get(tx, facts->looking.item.payload, &vault, error);

	facts->destroyed = err == WARD_E_NOT_FOUND || (!err && vault.destroyed_at != 0);
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

static ward_err read_exposure(struct store_tx *tx, const struct exposure_rules *rules,
		struct facts *facts, struct ward_error *error)
{
	ward_str person = door_actor(facts->request).person;
	ward_str payload = facts->looking.item.payload;
	ward_err err = exposure_today(tx, person, rules, &facts->today, error);

	if (!err)
		err = exposure_ladder(tx, person, rules, payload, facts->looking.severe,
				&facts->ladder, error);
	if (!err)
		err = exposure_looks(tx, person, payload, &facts->looks, error);
	if (!err)
		err = exposure_picture(tx, payload, &facts->picture, error);
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

static ward_err read_facts(struct door_look *look, struct facts *facts)
{
	struct request *request = facts->request;
	struct exposure_rules rules = exposure_rules_of(request_settings(request));
	ward_str person = door_actor(request).person;
	ward_err err = desk_looking(look->tx, door_path(request, 0), person, &look->arena,
			&facts->looking, &look->error);

	if (!err && facts->looking.item.payload.len > 0)
		err = read_vault(look->tx, facts, &look->error);
	if (!err)
		err = read_exposure(look->tx, &rules, facts, &look->error);
	if (!err)
		err = people_second_own(look->tx, person, &look->arena, &facts->seconds,
				&look->error);
	facts->unlocked = opening_left(request) > 0;
	return err;
}

/* ---- writing ---- */

static void json_digest(struct json *json, const char *name, bool has, const uint8_t *bytes,
		size_t len)
{
	char text[65];

	ward_hex_format(bytes, len, text);
	json_key_text(json, name, has ? text : NULL);
}

static void json_signals(struct json *json, const struct intake_item *item)
{
	ward_signal pdq = ward_pdq_signal(item->pdq);

	json_key_int(json, "bytes", item->bytes);
	json_digest(json, "md5", item->has_digests, item->md5, sizeof(item->md5));
	json_digest(json, "sha1", item->has_digests, item->sha1, sizeof(item->sha1));
	json_digest(json, "sha256", item->has_digests, item->sha256, sizeof(item->sha256));
	json_digest(json, "pdq", item->has_pdq, pdq.bytes, 32);
	json_key(json, "pdq_quality");
	if (item->has_pdq)
		json_int(json, item->pdq_quality);
	else
		json_null(json);
	door_key_text(json, "form", item->form);
	door_key_text(json, "host", item->host);
	json_key_str(json, "first", item->first);
	door_key_text(json, "alike", item->alike);
}

static void json_found(struct json *json, const struct desk_facts *facts)
{
	json_key(json, "found");
	json_object(json);
	door_key_text(json, "finding", facts->finding);
	door_key_text(json, "list", facts->list);
	desk_json_words(json, "labels", facts->labels);
	json_object_end(json);
}

static void json_decided(struct json *json, const struct desk_looking *looking)
{
	json_key(json, "decided");
	if (looking->decision.len == 0) {
		json_null(json);
		return;
	}
	json_object(json);
	json_key_str(json, "decision", looking->decision);
	door_key_time(json, "at", looking->decided_at);
	json_key_str(json, "outcome", looking->outcome);
	door_key_text(json, "policy", looking->policy);
	desk_json_words(json, "labels", looking->labels);
	json_object_end(json);
}

static void json_seen(struct json *json, const struct facts *facts)
{
	const struct ward_picture_facts *picture = &facts->picture;

	json_key(json, "picture");
	if (picture->kind == WARD_MEDIA_UNKNOWN) {
		json_null(json);
	} else {
		desk_json_picture(json, picture);
	}
	json_key(json, "views");
	json_object(json);
	json_key_int(json, "count", facts->looks.count);
	json_key_text(json, "highest", ward_view_level_name(facts->looks.highest));
	door_key_time(json, "last_at", facts->looks.last_at);
	json_object_end(json);
}

/* What this person proposed for this item, and can still be used. */
static bool is_of_item(const struct people_second *second, const struct desk_looking *looking)
{
	ward_str object = second->object;

	return (second->state == PEOPLE_SECOND_WAITING ||
			       second->state == PEOPLE_SECOND_CONFIRMED) &&
	       ward_str_eq(second->kind, WARD_STR("item.severe")) &&
	       ward_str_eq(ward_str_cut(&object, ':'), WARD_STR("item")) &&
	       ward_str_eq(object, looking->item.id);
}

static void json_seconds(struct json *json, const struct facts *facts)
{
	json_key(json, "seconds");
	json_array(json);
	for (size_t i = 0; i < facts->seconds.count; i++) {
		const struct people_second *second = &facts->seconds.at[i];
		struct json_t *detail = is_of_item(second, &facts->looking)
							? tree_read(second->detail, NULL)
							: NULL;

		if (!detail)
			continue;
		json_object(json);
		json_key_str(json, "id", second->id);
		json_key_text(json, "state", people_second_state_name(second->state));
		json_key_str(json, "step", tree_text(tree_member(detail, "step")));
		door_key_time(json, "ends", second->ends_at);
		json_object_end(json);
		tree_free(detail);
	}
	json_array_end(json);
}

/* ---- the ladder ---- */

struct rung {
	const char *why, *says; /* NULL: they may */
};

static struct rung ask_rung(const struct facts *facts, const struct step *step)
{
	const struct request *request = facts->request;
	bool shows = ward_str_eq(facts->looking.item.kind, WARD_STR("media")) &&
		     facts->looking.item.payload.len > 0 && !facts->destroyed;
	bool grave = step_needs_second(step, &facts->looking);
	enum exposure_why why = step_why(step, &facts->ladder);

	if (!shows)
		return (struct rung){ "kind", "there is no picture to be shown" };
	if (!door_may(request, step->permission))
		return (struct rung){ "role", "your roles do not allow this step" };
	if (grave && !door_may(request, PEOPLE_ITEM_VIEW_SEVERE))
		return (struct rung){ "role",
			"your roles do not allow this for the gravest class" };
	if (why == EXPOSURE_MAY)
		return (struct rung){ NULL, NULL };
	return (struct rung){ exposure_why_name(why), exposure_why_says(why) };
}

static void json_rung(struct json *json, const struct facts *facts, const struct step *step)
{
	struct rung rung = ask_rung(facts, step);

	json_object(json);
	json_key_text(json, "step", step->name);
	json_key_bool(json, "may", rung.why == NULL);
	json_key_text(json, "why", rung.why);
	json_key_text(json, "says", rung.says);
	json_key(json, "needs");
	json_array(json);
	if (!facts->unlocked)
		json_str(json, WARD_STR("unlock"));
	if (step->clear || facts->looking.known)
		json_str(json, WARD_STR("reason"));
	if (step_needs_second(step, &facts->looking))
		json_str(json, WARD_STR("second"));
	json_array_end(json);
	json_object_end(json);
}

static void json_ladder(struct json *json, const struct facts *facts)
{
	json_key_bool(json, "unlocked", facts->unlocked);
	json_key_bool(json, "quiet", facts->today.quiet_since != 0);
	json_seconds(json, facts);
	json_key(json, "ladder");
	json_array(json);
	for (size_t i = 0; i < STEPS_COUNT; i++)
		json_rung(json, facts, &steps[i]);
	json_array_end(json);
}

static void write_facts(struct request *request, const struct facts *facts)
{
	const struct desk_looking *looking = &facts->looking;
	const struct intake_item *item = &looking->item;
	struct json json = request_json(request);

	json_object(&json);
	json_key_str(&json, "id", item->id);
	json_key_str(&json, "job", looking->job);
	json_key_str(&json, "report", item->report);
	json_key_str(&json, "kind", item->kind);
	door_key_text(&json, "type", item->type);
	json_key_text(&json, "state",
			item->payload.len == 0 ? "none"
			: facts->destroyed     ? "destroyed"
					       : "here");
	json_signals(&json, item);
	door_key_time(&json, "first_at", looking->first_at);
	json_found(&json, &looking->facts);
	json_key_bool(&json, "severe", looking->severe);
	json_decided(&json, looking);
	json_seen(&json, facts);
	json_ladder(&json, facts);
	json_object_end(&json);
}

void handle_item(struct request *request)
{
	struct facts facts = { .request = request };
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = read_facts(&look, &facts);

	if (!err)
		write_facts(request, &facts);
	door_look_end(request, &look, err);
}

/* ---- the words of an item ---- */

static bool check_words(struct request *request, const struct facts *facts)
{
	const struct intake_item *item = &facts->looking.item;

	if (ward_str_eq(item->kind, WARD_STR("media")) || item->payload.len == 0) {
		request_trouble(request, PROBLEM_CONFLICT, "This item has no words.");
		return false;
	}
	if (facts->today.quiet_since != 0) {
		request_trouble(request, PROBLEM_EXPOSURE, "Not now: %s.",
				exposure_why_says(EXPOSURE_QUIET));
		return false;
	}
	return true;
}

static void write_words(struct request *request, const struct intake_item *item,
		struct ward_buf *text)
{
	request_secret(request, TEXT_JSON_MAX);
	struct json json = request_json(request);

	json_object(&json);
	json_key_str(&json, "kind", item->kind);
	json_key_int(&json, "bytes", item->bytes);
	json_key_str(&json, "text", ward_buf_text(text));
	json_key_bool(&json, "whole", (int64_t)text->len == item->bytes);
	json_object_end(&json);
}

static void answer_words(struct request *request, const struct facts *facts, ward_str reason)
{
	const struct opening opening = { &facts->looking, "L0", reason };
	struct ward_buf text;

	ward_buf_init(&text, TEXT_TOLD_MAX);
	if (!ward_buf_reserve(&text, TEXT_TOLD_MAX))
		request_trouble(request, PROBLEM_INTERNAL, "Out of memory; ask again.");
	else if (opening_text(request, &opening, &text))
		write_words(request, &facts->looking.item, &text);
	if (text.ptr)
		explicit_bzero(text.ptr, text.len);
	ward_buf_free(&text);
}

void handle_item_text(struct request *request)
{
	struct facts facts = { .request = request };
	struct json_t *body = door_object(request);
	ward_str reason = WARD_STR("");
	struct door_look look;

	if (body && door_text(request, body, "reason", &reason) && door_look(request, &look)) {
		ward_err err = read_facts(&look, &facts);

		/* The store is let go before the vault asks it for more. */
		store_read_end(look.tx);
		if (err)
			door_failed(request, &look.error);
		else if (check_words(request, &facts) && opening_may(request))
			answer_words(request, &facts, reason);
		ward_arena_free(&look.arena);
	}
	tree_free(body);
}
