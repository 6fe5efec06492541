#include "api/opening.h"

#include "api/door.h"
#include "people/people_login.h"
#include "vault/vault_keys.h"

enum { REASON_MAX = 128 };

unsigned opening_left(const struct request *request)
{
	struct people_login *login = request_login(request);

	return login ? people_ring_left(people_login_ring(login),
				       ward_str_from(request->session.id))
		     : 0;
}

static void tell_locked(struct request *request)
{
	request_trouble(request, PROBLEM_LOCKED,
			"Unlock it by POST /v1/session/unlock, and ask again.");
}

bool opening_may(struct request *request)
{
	if (!door_have_intake(request))
		return false;
	if (!request_vault(request) || !request_login(request)) {
		request_trouble(request, PROBLEM_NO_STORE,
				"Nothing was lost: ask again in a while.");
		request->answer.retry_after_s = 5;
		return false;
	}
	if (opening_left(request) > 0)
		return true;
	tell_locked(request);
	return false;
}

/* ---- the keys of the person's roles ---- */

struct unlocking {
	struct vault *vault;
	struct vault_actor actor;
	struct vault_access *access;
	bool borrowed;
};

static ward_err unlock(void *context, const uint8_t public_key[PEOPLE_KEY_SIZE],
		const uint8_t secret_key[PEOPLE_KEY_SIZE], struct ward_error *error)
{
	struct unlocking *unlocking = context;

	(void)public_key;
	unlocking->borrowed = true;
	return vault_unlock(unlocking->vault, &unlocking->actor, secret_key, &unlocking->access,
			error);
}

static void tell_failed(struct request *request, const struct ward_error *error)
{
	switch (error->code) {
	case WARD_E_DENIED:
		request_trouble(request, PROBLEM_PERMISSION,
				"No key of a role that opens this was given to you; who has it can "
				"give it.");
		return;
	case WARD_E_NOT_FOUND:
		request_trouble(request, PROBLEM_NO_VIEW,
				"It was destroyed when its time was over.");
		return;
	case WARD_E_LIMIT:
		request_trouble(request, PROBLEM_NO_VIEW, "It is larger than what is opened here.");
		return;
	case WARD_OK:
	case WARD_E_NOMEM:
	case WARD_E_IO:
	case WARD_E_FORMAT:
	case WARD_E_UNSUPPORTED:
	case WARD_E_EXISTS:
	case WARD_E_CONFLICT:
	case WARD_E_TIMEOUT:
	case WARD_E_WORKER:
	case WARD_E_CORRUPT:
	case WARD_E_ARGUMENT:
	case WARD_ERR_COUNT:
		break;
	}
	door_failed(request, error);
}

struct vault_access *opening_access(struct request *request, char actor[OPENING_ACTOR_MAX])
{
	struct unlocking unlocking = { .vault = request_vault(request) };
	struct ward_error error;

	(void)snprintf(actor, OPENING_ACTOR_MAX, "person:%s", request->person.id);
	unlocking.actor = (struct vault_actor){ ward_str_from(actor),
		ward_str_from(request->person.roles) };
	ward_err err = people_ring_borrow(people_login_ring(request_login(request)),
			ward_str_from(request->session.id), unlock, &unlocking, &error);

	if (!err)
		return unlocking.access;
	if (err == WARD_E_DENIED && !unlocking.borrowed)
		tell_locked(request);
	else
		tell_failed(request, &error);
	return NULL;
}

/* ---- the content ---- */

static struct vault_opening opening_of(const struct opening *opening, char reason[REASON_MAX])
{
	(void)snprintf(reason, REASON_MAX, "to work on the job %.*s",
			WARD_FMT(opening->looking->job));
	return (struct vault_opening){ .item = opening->looking->item.payload,
		.level = ward_str_from(opening->level),
		.reason = opening->reason.len > 0 ? opening->reason : ward_str_from(reason) };
}

bool opening_memory(struct request *request, const struct opening *opening, uint64_t bytes_max,
		int *fd)
{
	char actor[OPENING_ACTOR_MAX], reason[REASON_MAX];
	struct vault_opening wanted = opening_of(opening, reason);
	struct vault_access *access = opening_access(request, actor);
	struct ward_error error;

	if (!access)
		return false;
	ward_err err = vault_open_memory(request_vault(request), access, &wanted, bytes_max, fd,
			&error);

	vault_access_free(access);
	if (err)
		tell_failed(request, &error);
	return !err;
}

static ward_err take_text(void *context, ward_bytes plain, struct ward_error *error)
{
	struct ward_buf *text = context;
	size_t room = text->cap - text->len;

	(void)error;
	ward_buf_add(text, plain.ptr, plain.len < room ? plain.len : room);
	return WARD_OK;
}

bool opening_text(struct request *request, const struct opening *opening, struct ward_buf *text)
{
	char actor[OPENING_ACTOR_MAX], reason[REASON_MAX];
	struct vault_opening wanted = opening_of(opening, reason);
	struct vault_access *access = opening_access(request, actor);
	struct ward_error error;

	if (!access)
		return false;
	ward_err err = vault_open(request_vault(request), access, &wanted, take_text, text, &error);

	vault_access_free(access);
	if (err)
		tell_failed(request, &error);
	return !err;
}
