#include "desk/deliver.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "desk/rows.h"
#include "net/call.h"

bool desk_call_is_done(unsigned status)
{
	return status >= 200 && status < 300;
}

bool desk_call_is_hopeless(unsigned status)
{
	return status >= 400 && status < 500 && status != 408 && status != 409 && status != 425 &&
	       status != 429;
}

/* ---- what is sent ---- */

struct parcel {
	struct ward_arena arena;
	struct desk_action action;
	ward_str url, subject, policy, labels;
};

static ward_err read_parcel(struct desk_reading *reading, void *row)
{
	struct parcel *parcel = row;

	parcel->url = desk_row_text(reading, 0);
	parcel->subject = desk_row_text(reading, 1);
	parcel->policy = desk_row_text(reading, 2);
	parcel->labels = desk_row_text(reading, 3);
	return WARD_OK;
}

static ward_err take_parcel(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct parcel *parcel = context;

	/* The work may be called again. */
	ward_arena_free(&parcel->arena);
	ward_arena_init(&parcel->arena, 1 << 20);
	ward_err err = desk_action_next(tx, WARD_STR(""), DESK_CALL_LEASE_S, &parcel->arena,
			&parcel->action, error);

	if (err)
		return err;
	return desk_row_read(tx,
			"SELECT k.url, j.subject, d.policy, d.labels FROM desk_actions a "
			"JOIN desk_action_kinds k ON k.name = a.kind JOIN desk_jobs j ON j.id = "
			"a.job "
			"JOIN desk_decisions d ON d.id = a.decision WHERE a.id = $1",
			STORE_VALUES(store_text(parcel->action.id)), &parcel->arena, read_parcel,
			parcel, "the action is gone", error);
}

static void write_labels(struct json *json, ward_str labels)
{
	json_key(json, "labels");
	json_array(json);
	while (labels.len > 0)
		json_str(json, ward_str_cut(&labels, ','));
	json_array_end(json);
}

static void write_body(const struct parcel *parcel, struct ward_buf *body)
{
	const struct desk_action *action = &parcel->action;
	struct json json = json_to(body);

	json_object(&json);
	json_key_str(&json, "action", action->id);
	json_key_str(&json, "kind", action->kind);
	json_key_str(&json, "job", action->job);
	json_key_str(&json, "decision", action->decision);
	json_key_str(&json, "subject", parcel->subject);
	json_key_str(&json, "policy", parcel->policy);
	write_labels(&json, parcel->labels);
	json_key(&json, "parameters");
	json_raw(&json, action->parameters);
	json_key_int(&json, "try", action->tries);
	json_object_end(&json);
}

/* ---- sending ---- */

enum { SIGNATURE_MAX = 256 };

static void write_signature(const struct signer *signer, ward_str body, char header[SIGNATURE_MAX])
{
	uint8_t signature[SIGNER_SIGNATURE_SIZE];
	char key_text[2 * SIGNER_KEY_SIZE + 1], text[2 * SIGNER_SIGNATURE_SIZE + 1];
	long long now = (long long)clock_now();
	struct ward_buf message;

	ward_buf_init(&message, body.len + 64);
	ward_buf_printf(&message, "%lld.", now);
	ward_buf_str(&message, body);
	ward_str signed_text = ward_buf_text(&message);

	signer_sign(signer, "ward.call",
			(ward_bytes){ (const uint8_t *)signed_text.ptr, signed_text.len },
			signature);
	ward_buf_free(&message);
	ward_hex_format(signer_public(signer), SIGNER_KEY_SIZE, key_text);
	ward_hex_format(signature, sizeof(signature), text);
	(void)snprintf(header, SIGNATURE_MAX, "Ward-Signature: t=%lld,key=%s,sig=%s", now, key_text,
			text);
}

struct outcome {
	const struct parcel *parcel;
	bool done, hopeless;
	char answer[32];
};

static void send_parcel(const struct parcel *parcel, const struct signer *signer,
		struct outcome *outcome)
{
	char id[ID_TEXT_MAX + 16], signature[SIGNATURE_MAX];
	const char *headers[] = { id, signature };
	struct ward_error error;
	struct ward_buf body;
	unsigned status = 0;

	ward_buf_init(&body, 1 << 20);
	write_body(parcel, &body);
	(void)snprintf(id, sizeof(id), "Ward-Action: %.*s", WARD_FMT(parcel->action.id));
	write_signature(signer, ward_buf_text(&body), signature);
	ward_err err = body.failed ? WARD_E_LIMIT
				   : call_post(&(struct call){ .url = parcel->url.ptr,
							       .type = "application/json",
							       .body = ward_buf_text(&body),
							       .headers = headers,
							       .header_count = 2,
							       .time_ms = DESK_CALL_MS },
						     &status, &error);

	ward_buf_free(&body);
	outcome->done = !err && desk_call_is_done(status);
	outcome->hopeless = err == WARD_E_LIMIT || err == WARD_E_ARGUMENT ||
			    (!err && desk_call_is_hopeless(status));
	if (err)
		desk_copy(outcome->answer, sizeof(outcome->answer),
				ward_str_from(ward_err_name(err)));
	else
		(void)snprintf(outcome->answer, sizeof(outcome->answer), "%u", status);
}

static ward_err keep_outcome(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct outcome *outcome = context;

	return desk_action_tried(tx, outcome->parcel->action.id, outcome->done, outcome->hopeless,
			ward_str_from(outcome->answer), error);
}

/* Asked first, because a work, also of nothing, has others wait. */
static ward_err look_for_one(struct store *store, struct ward_error *error)
{
	struct store_tx *tx;
	bool due = false;
	ward_err err = store_read(store, &tx, error);

	if (err)
		return err;
	err = desk_action_is_due(tx, WARD_STR(""), &due, error);
	store_read_end(tx);
	if (!err && !due)
		return ward_fail(error, WARD_E_NOT_FOUND, "no action is due");
	return err;
}

ward_err desk_deliver(struct store *store, const struct signer *signer, struct ward_error *error)
{
	struct parcel parcel = { .url = { NULL, 0 } };
	struct outcome outcome = { .parcel = &parcel };

	ward_err err = look_for_one(store, error);

	if (err)
		return err;
	ward_arena_init(&parcel.arena, 1 << 20);
	err = store_write(store, take_parcel, &parcel, error);

	if (!err) {
		send_parcel(&parcel, signer, &outcome);
		err = store_write(store, keep_outcome, &outcome, error);
	}
	ward_arena_free(&parcel.arena);
	return err;
}
