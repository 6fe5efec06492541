#include "people/people.h"

#include <inttypes.h>

#include "base/clock.h"
#include "people/inner.h"

const char *people_state_name(enum people_state state)
{
	static const char *const names[] = { "invited", "active", "off" };

	return names[state];
}

/* ---- what the parts share ---- */

ward_err people_tell(struct store_tx *tx, const struct people_actor *actor, const char *action,
		const char *kind, ward_str object, ward_str reason, ward_str detail,
		struct ward_error *error)
{
	char who[ID_TEXT_MAX + 16], what[160];

	if (actor->person.len > 0)
		snprintf(who, sizeof(who), "person:%.*s", WARD_FMT(actor->person));
	else
		snprintf(who, sizeof(who), "operator");
	snprintf(what, sizeof(what), "%s:%.*s", kind, WARD_FMT(object));
	return audit_add(tx,
			&(struct audit_entry){
					.actor = ward_str_from(who),
					.role = actor->roles,
					.action = ward_str_from(action),
					.object = ward_str_from(what),
					.reason = reason,
					.detail = detail,
			},
			error);
}

ward_err people_keep_text(struct store_rows *rows, unsigned column, struct ward_arena *arena,
		ward_str *text, struct ward_error *error)
{
	ward_str kept = ward_arena_str(arena, store_get_text(rows, column));

	if (!kept.ptr)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	*text = kept;
	return WARD_OK;
}

ward_err people_check_text(ward_str text, size_t len_max, const char *what,
		struct ward_error *error)
{
	bool plain = text.len > 0 && text.len <= len_max && ward_utf8_valid(text);

	for (size_t i = 0; plain && i < text.len; i++)
		plain = (unsigned char)text.ptr[i] >= 0x20 && text.ptr[i] != 0x7f;
	if (!plain)
		return ward_fail(error, WARD_E_ARGUMENT,
				"%s is text on one line, of 1 to %zu bytes of UTF-8", what,
				len_max);
	return WARD_OK;
}

ward_err people_need(struct store_tx *tx, ward_str id, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT 1 FROM people WHERE id = $1",
			STORE_VALUES(store_text(id)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "there is no such person");
	return err ? err : store_rows_end(rows, error);
}

ward_err people_touch(struct store_tx *tx, ward_str id, struct ward_error *error)
{
	return store_run(tx, "UPDATE people SET changed_at = $2 WHERE id = $1",
			STORE_VALUES(store_text(id), store_int(clock_now())), NULL, error);
}

/* ---- asking ---- */

#define PERSON                                                                               \
	"SELECT p.id, p.login, p.name, p.pseudonym, p.off, p.created_at, p.changed_at, "     \
	"p.seen_at, "                                                                        \
	"(SELECT COUNT(*) FROM people_passwords x WHERE x.person = p.id), "                  \
	"(SELECT COUNT(*) FROM people_totp x WHERE x.person = p.id AND x.confirmed = 1), "   \
	"(SELECT COUNT(*) FROM people_keys x WHERE x.person = p.id), "                       \
	"(SELECT COUNT(*) FROM people_passkeys x WHERE x.person = p.id), "                   \
	"(SELECT COUNT(*) FROM people_recovery x WHERE x.person = p.id AND x.used_at = 0), " \
	"(SELECT COUNT(*) FROM people_identities x WHERE x.person = p.id), "                 \
	"(SELECT COUNT(*) FROM people_identities x WHERE x.person = p.id AND x.second = 1) " \
	"FROM people p "

static ward_err read_person(struct store_rows *rows, struct ward_arena *arena,
		struct person *person, struct ward_error *error)
{
	struct person read = {
		.created_at = store_get_int(rows, 5),
		.changed_at = store_get_int(rows, 6),
		.seen_at = store_get_int(rows, 7),
		.has_password = store_get_int(rows, 8) > 0,
		.has_totp = store_get_int(rows, 9) > 0,
		.has_key = store_get_int(rows, 10) > 0,
		.passkeys = store_get_int(rows, 11),
		.recovery_left = store_get_int(rows, 12),
		.identities = store_get_int(rows, 13),
	};
	/* A first factor and a second, or what is both. */
	bool proven = ((read.has_password || read.identities > 0) && read.has_totp) ||
		      read.passkeys > 0 || store_get_int(rows, 14) > 0;
	ward_str *const texts[] = { &read.id, &read.login, &read.name, &read.pseudonym };
	ward_err err = WARD_OK;

	read.state = store_get_int(rows, 4) ? PEOPLE_OFF : proven ? PEOPLE_ACTIVE : PEOPLE_INVITED;
	for (unsigned i = 0; !err && i < 4; i++)
		err = people_keep_text(rows, i, arena, texts[i], error);
	if (!err)
		*person = read;
	return err;
}

static int by_letters(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Their roles and what these allow together. */
static ward_err add_roles(struct store_tx *tx, struct ward_arena *arena, struct person *person,
		struct ward_error *error)
{
	char names[PEOPLE_ROLES_MAX][PEOPLE_ROLE_NAME_MAX];
	char text[PEOPLE_ROLES_MAX * PEOPLE_ROLE_NAME_MAX];
	size_t count = 0, len = 0;
	struct store_rows *rows;
	ward_err err = store_query(tx, "SELECT role FROM people_roles WHERE person = $1",
			STORE_VALUES(store_text(person->id)), &rows, error);

	if (err)
		return err;
	while (count < PEOPLE_ROLES_MAX && store_next(rows))
		snprintf(names[count++], PEOPLE_ROLE_NAME_MAX, "%.*s",
				WARD_FMT(store_get_text(rows, 0)));
	err = store_rows_end(rows, error);
	/* Sorted here: a server may sort by a language's rules. */
	qsort(names, count, sizeof(names[0]), by_letters);
	person->permissions = 0;
	for (size_t i = 0; !err && i < count; i++) {
		people_permissions set = 0;

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i > 0 ? "," : "",
				names[i]);
		err = people_role_permissions(tx, ward_str_from(names[i]), &set, error);
		person->permissions |= set;
	}
	if (err)
		return err;
	person->roles = ward_arena_str(arena, (ward_str){ text, len });
	return person->roles.ptr ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");
}

static ward_err get_by(struct store_tx *tx, const char *sql, ward_str value,
		struct ward_arena *arena, struct person *person, struct ward_error *error)
{
	struct person read = { 0 };
	struct store_rows *rows;
	ward_err err = store_one(tx, sql, STORE_VALUES(store_text(value)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "there is no such person");
	if (err)
		return err;
	err = read_person(rows, arena, &read, error);
	ward_err end = store_rows_end(rows, err ? NULL : error);

	err = err ? err : end;
	if (!err)
		err = add_roles(tx, arena, &read, error);
	if (!err)
		*person = read;
	return err;
}

ward_err people_get(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct person *person, struct ward_error *error)
{
	return get_by(tx, PERSON "WHERE p.id = $1", id, arena, person, error);
}

ward_err people_find(struct store_tx *tx, ward_str login, struct ward_arena *arena,
		struct person *person, struct ward_error *error)
{
	return get_by(tx, PERSON "WHERE p.login = $1", login, arena, person, error);
}

/* ---- lists ---- */

/* Doubles its room when it is full. */
static ward_err append(struct people_list *list, size_t *room, const struct person *person,
		struct ward_arena *arena, struct ward_error *error)
{
	if (list->count == *room) {
		size_t more = *room ? *room * 2 : 16;
		struct person *at = ward_new(arena, struct person, more);

		if (!at)
			return ward_fail(error, WARD_E_NOMEM, "out of memory");
		if (list->count > 0)
			memcpy(at, list->at, list->count * sizeof(*at));
		list->at = at;
		*room = more;
	}
	list->at[list->count++] = *person;
	return WARD_OK;
}

ward_err people_list(struct store_tx *tx, struct ward_arena *arena, struct people_list *list,
		struct ward_error *error)
{
	struct people_list read = { 0 };
	struct store_rows *rows;
	struct person person;
	size_t room = 0;
	ward_err err = store_query(tx, PERSON "ORDER BY p.off, p.number", STORE_NO_VALUES, &rows,
			error);

	if (err)
		return err;
	while (!err && store_next(rows)) {
		err = read_person(rows, arena, &person, error);
		if (!err)
			err = append(&read, &room, &person, arena, error);
	}
	ward_err end = store_rows_end(rows, err ? NULL : error);

	err = err ? err : end;
	for (size_t i = 0; !err && i < read.count; i++)
		err = add_roles(tx, arena, &read.at[i], error);
	if (!err)
		*list = read;
	return err;
}

ward_err people_who_may(struct store_tx *tx, enum people_permission permission,
		struct ward_arena *arena, struct people_list *list, struct ward_error *error)
{
	struct people_list all = { 0 };
	ward_err err = people_list(tx, arena, &all, error);
	size_t count = 0;

	if (err)
		return err;
	for (size_t i = 0; i < all.count; i++) {
		if (all.at[i].state == PEOPLE_ACTIVE &&
				people_may(all.at[i].permissions, permission))
			all.at[count++] = all.at[i];
	}
	*list = (struct people_list){ all.at, count };
	return WARD_OK;
}

ward_err people_pseudonym(struct store_tx *tx, ward_str id, char pseudonym[PEOPLE_PSEUDONYM_MAX],
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT pseudonym FROM people WHERE id = $1",
			STORE_VALUES(store_text(id)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "there is no such person");
	if (err)
		return err;
	snprintf(pseudonym, PEOPLE_PSEUDONYM_MAX, "%.*s", WARD_FMT(store_get_text(rows, 0)));
	return store_rows_end(rows, error);
}
