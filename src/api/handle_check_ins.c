/*
 * What a person says to themselves: sealed to their own key, told to nobody else, logged nowhere.
 */
#include "desk/check_in.h"

#include "api/door.h"
#include "api/handlers.h"
#include "api/opening.h"
#include "people/people_login.h"

enum { CHECK_INS_TOLD = 100, ANSWER_MAX = CHECK_INS_TOLD * (CHECK_IN_BYTES_MAX + 200) + 200 };

_Static_assert((int)CHECK_IN_KEY == (int)PEOPLE_KEY_SIZE, "the person's key pair seals them");

/* ---- reading ---- */

struct telling {
	struct request *request;
	const struct check_ins *list;
	bool due;
};

/* One that this key does not open was sealed to an earlier one. */
static void json_answers(struct json *json, ward_bytes sealed,
		const uint8_t public_key[PEOPLE_KEY_SIZE],
		const uint8_t secret_key[PEOPLE_KEY_SIZE])
{
	struct ward_buf answers;

	ward_buf_init(&answers, CHECK_IN_BYTES_MAX);
	json_key(json, "answers");
	if (secret_key && ward_buf_reserve(&answers, CHECK_IN_BYTES_MAX) &&
			check_in_open(sealed, public_key, secret_key, &answers, NULL) == WARD_OK)
		json_raw(json, ward_buf_text(&answers));
	else
		json_null(json);
	if (answers.ptr)
		explicit_bzero(answers.ptr, answers.len);
	ward_buf_free(&answers);
}

/* Without a secret half the times alone are told. */
static ward_err tell(void *context, const uint8_t public_key[PEOPLE_KEY_SIZE],
		const uint8_t secret_key[PEOPLE_KEY_SIZE], struct ward_error *error)
{
	const struct telling *telling = context;
	struct json json = request_json(telling->request);

	(void)error;
	json_object(&json);
	json_key_bool(&json, "unlocked", secret_key != NULL);
	json_key_bool(&json, "due", telling->due);
	json_key(&json, "check_ins");
	json_array(&json);
	for (size_t i = 0; i < telling->list->count; i++) {
		const struct check_in *one = &telling->list->at[i];

		json_object(&json);
		json_key_str(&json, "id", one->id);
		door_key_time(&json, "at", one->at);
		json_answers(&json, one->sealed, public_key, secret_key);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
	return WARD_OK;
}

void handle_check_ins(struct request *request)
{
	ward_str person = door_actor(request).person;
	struct people_login *login = request_login(request);
	struct check_ins list;
	struct telling telling = { .request = request, .list = &list };
	struct ward_error error;
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = check_in_list(look.tx, person, CHECK_INS_TOLD, &look.arena, &list,
			&look.error);

	if (!err)
		err = check_in_due(look.tx, person, &telling.due, &look.error);
	if (!err)
		request_secret(request, ANSWER_MAX);
	if (!err && (!login || people_ring_borrow(people_login_ring(login),
					       ward_str_from(request->session.id), tell, &telling,
					       &error) != WARD_OK))
		err = tell(&telling, NULL, NULL, &look.error);
	door_look_end(request, &look, err);
}

/* ---- writing ---- */

struct saying {
	struct request *request;
	struct ward_buf answers;
	char id[ID_TEXT_MAX];
};

static ward_err add_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct saying *saying = context;
	ward_str person = door_actor(saying->request).person;
	struct people_sealed sealed;
	ward_err err = people_keys_load(tx, person, &sealed, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, WARD_E_CONFLICT,
				"set a vault phrase first: what you say is sealed to your own key");
	return err ? err
		   : check_in_add(tx, person, sealed.public_key, ward_buf_text(&saying->answers),
				     saying->id, error);
}

static bool read_answers(struct saying *saying, const struct json_t *body)
{
	const struct json_t *answers = tree_member(body, "answers");

	if (tree_is_object(answers))
		tree_write(answers, &saying->answers);
	if (tree_is_object(answers) && !saying->answers.failed)
		return true;
	request_trouble(saying->request, PROBLEM_BAD_REQUEST,
			"\"answers\" is an object of at most %d bytes.", CHECK_IN_BYTES_MAX);
	return false;
}

void handle_check_in(struct request *request)
{
	struct saying saying = { .request = request };
	struct json_t *body = door_object(request);

	ward_buf_init(&saying.answers, CHECK_IN_BYTES_MAX);
	if (body && read_answers(&saying, body) && door_write(request, add_work, &saying)) {
		struct json json = request_json(request);

		json_object(&json);
		json_key_text(&json, "id", saying.id);
		json_object_end(&json);
		request->answer.status = 201;
	}
	tree_free(body);
	if (saying.answers.ptr)
		explicit_bzero(saying.answers.ptr, saying.answers.room);
	if (request->text.ptr)
		explicit_bzero(request->text.ptr, request->text.room);
	ward_buf_free(&saying.answers);
}

static ward_err remove_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct request *request = context;

	return check_in_remove(tx, door_actor(request).person, door_path(request, 0), error);
}

void handle_check_in_remove(struct request *request)
{
	if (door_write(request, remove_work, request))
		door_no_content(request);
}
