#include "people/people.h"

#include "base/clock.h"
#include "people/inner.h"

enum { SAYS_MAX = 300, PERMISSIONS_TEXT_MAX = 4096 };

/* ---- what roles allow ---- */

ward_err people_role_permissions(struct store_tx *tx, ward_str name, people_permissions *set,
		struct ward_error *error)
{
	const struct people_role_row *role = people_role_find(name);
	struct store_rows *rows;
	struct ward_error why;

	if (role) {
		*set = role->permissions;
		return WARD_OK;
	}
	ward_err err = store_one(tx, "SELECT permissions FROM people_own_roles WHERE name = $1",
			STORE_VALUES(store_text(name)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "there is no such role");
	if (err)
		return err;
	/* A permission that a newer ward knows opens nothing here. */
	if (people_permissions_parse(store_get_text(rows, 0), set, &why) != WARD_OK)
		*set = 0;
	return store_rows_end(rows, error);
}

ward_err people_roles_permissions(struct store_tx *tx, ward_str roles, people_permissions *set,
		struct ward_error *error)
{
	people_permissions all = 0;
	size_t count = 0;
	ward_err err = WARD_OK;

	while (!err && roles.len > 0) {
		ward_str name = ward_str_cut(&roles, ',');
		people_permissions one = 0;

		if (++count > PEOPLE_ROLES_MAX)
			return ward_fail(error, WARD_E_ARGUMENT, "a person has at most %d roles",
					PEOPLE_ROLES_MAX);
		if (!people_role_name_valid(name))
			return ward_fail(error, WARD_E_ARGUMENT,
					"roles are words with commas between, as "
					"\"lists,reviewer\"");
		err = people_role_permissions(tx, name, &one, error);
		if (err == WARD_E_NOT_FOUND)
			return ward_fail(error, WARD_E_ARGUMENT, "there is no role \"%.*s\"",
					WARD_FMT(name));
		all |= one;
	}
	if (!err)
		*set = all;
	return err;
}

ward_err people_permissions_of(struct store_tx *tx, ward_str id, people_permissions *set,
		struct ward_error *error)
{
	char names[PEOPLE_ROLES_MAX][PEOPLE_ROLE_NAME_MAX];
	people_permissions all = 0;
	struct store_rows *rows;
	size_t count = 0;
	ward_err err = store_query(tx,
			"SELECT r.role FROM people_roles r JOIN people p ON p.id = r.person "
			"WHERE r.person = $1 AND p.off = 0",
			STORE_VALUES(store_text(id)), &rows, error);

	if (err)
		return err;
	while (count < PEOPLE_ROLES_MAX && store_next(rows))
		snprintf(names[count++], PEOPLE_ROLE_NAME_MAX, "%.*s",
				WARD_FMT(store_get_text(rows, 0)));
	err = store_rows_end(rows, error);
	for (size_t i = 0; !err && i < count; i++) {
		people_permissions one = 0;

		err = people_role_permissions(tx, ward_str_from(names[i]), &one, error);
		all |= one;
	}
	if (!err)
		*set = all;
	return err;
}

/* ---- roles of an operator's own ---- */

static ward_err check_role(const struct people_own_role *role, struct ward_error *error)
{
	if (!people_role_name_valid(role->name))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a role's name is a-z, then a-z, 0-9 and \"-\", at most %d "
				"characters",
				PEOPLE_ROLE_NAME_MAX - 1);
	if (people_role_find(role->name))
		return ward_fail(error, WARD_E_EXISTS,
				"this role comes with ward and stays as it is; give yours another "
				"name");
	ward_err err = people_check_text(role->says, SAYS_MAX, "what a role is for", error);

	return err ? err : people_permissions_check(role->permissions, error);
}

/* Nobody who has the role already may get by it what does not go together. */
static ward_err check_holders(struct store_tx *tx, const struct people_own_role *role,
		struct ward_error *error)
{
	char(*holders)[ID_TEXT_MAX] = NULL;
	struct store_rows *rows;
	size_t count = 0, room = 0;
	ward_err err = store_query(tx, "SELECT person FROM people_roles WHERE role = $1",
			STORE_VALUES(store_text(role->name)), &rows, error);

	if (err)
		return err;
	while (!err && store_next(rows)) {
		if (count == room) {
			size_t more = room ? 2 * room : 64;
			char(*at)[ID_TEXT_MAX] = realloc(holders, more * sizeof(*at));

			if (!at) {
				err = ward_fail(error, WARD_E_NOMEM, "out of memory");
				break;
			}
			holders = at;
			room = more;
		}
		snprintf(holders[count++], ID_TEXT_MAX, "%.*s", WARD_FMT(store_get_text(rows, 0)));
	}
	ward_err end = store_rows_end(rows, err ? NULL : error);

	err = err ? err : end;
	for (size_t i = 0; !err && i < count; i++) {
		people_permissions set = 0;

		/* Read after the change: what they have now. */
		err = people_permissions_of(tx, ward_str_from(holders[i]), &set, error);
		if (!err)
			err = people_permissions_check(set, error);
		/* What they hold in their hand was made for the role as it was. */
		if (!err)
			err = people_end_sessions(tx, ward_str_from(holders[i]), WARD_STR(""),
					error);
	}
	free(holders);
	return err;
}

/* As with their roles themselves: nobody changes what they may. */
static ward_err not_ones_own(struct store_tx *tx, const struct people_actor *actor, ward_str role,
		struct ward_error *error)
{
	struct store_rows *rows;

	if (actor->person.len == 0)
		return WARD_OK;
	ward_err err = store_one(tx,
			"SELECT COUNT(*) FROM people_roles WHERE person = $1 AND role = $2",
			STORE_VALUES(store_text(actor->person), store_text(role)), &rows, error);

	if (err)
		return err;
	bool has = store_get_int(rows, 0) > 0;

	err = store_rows_end(rows, error);
	return !err && has ? ward_fail(error, WARD_E_DENIED,
					     "nobody changes a role that they have; ask a "
					     "colleague")
			   : err;
}

ward_err people_role_set(struct store_tx *tx, const struct people_actor *actor,
		const struct people_own_role *role, struct ward_error *error)
{
	struct ward_buf names, detail;
	ward_err err = check_role(role, error);

	if (!err)
		err = not_ones_own(tx, actor, role->name, error);
	if (err)
		return err;
	ward_buf_init(&names, PERMISSIONS_TEXT_MAX);
	ward_buf_init(&detail, PERMISSIONS_TEXT_MAX + 64);
	people_permissions_format(role->permissions, &names);
	ward_buf_printf(&detail, "{\"permissions\":\"%s\"}", ward_buf_text(&names).ptr);
	err = names.failed || detail.failed
			      ? ward_fail(error, WARD_E_NOMEM, "out of memory")
			      : store_run(tx,
						"INSERT INTO people_own_roles (name, permissions, "
						"says, changed_at) VALUES ($1, $2, $3, $4) "
						"ON CONFLICT (name) DO UPDATE SET permissions = "
						"$2, "
						"says = $3, changed_at = $4",
						STORE_VALUES(store_text(role->name),
								store_text(ward_buf_text(&names)),
								store_text(role->says),
								store_int(clock_now())),
						NULL, error);
	if (!err)
		err = check_holders(tx, role, error);
	if (!err)
		err = people_tell(tx, actor, "role.changed", "role", role->name, WARD_STR(""),
				ward_buf_text(&detail), error);
	ward_buf_free(&names);
	ward_buf_free(&detail);
	return err;
}

ward_err people_role_remove(struct store_tx *tx, const struct people_actor *actor, ward_str name,
		struct ward_error *error)
{
	struct store_rows *rows;
	uint64_t changed;
	ward_err err;

	if (people_role_find(name))
		return ward_fail(error, WARD_E_CONFLICT, "this role comes with ward and stays");
	err = store_one(tx, "SELECT COUNT(*) FROM people_roles WHERE role = $1",
			STORE_VALUES(store_text(name)), &rows, error);
	if (err)
		return err;
	int64_t holders = store_get_int(rows, 0);

	err = store_rows_end(rows, error);
	if (!err && holders > 0)
		return ward_fail(error, WARD_E_CONFLICT,
				"somebody has this role; take it from them first");
	if (!err)
		err = store_run(tx, "DELETE FROM people_own_roles WHERE name = $1",
				STORE_VALUES(store_text(name)), &changed, error);
	if (!err && changed == 0)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no such role");
	return err ? err
		   : people_tell(tx, actor, "role.removed", "role", name, WARD_STR(""),
				     WARD_STR(""), error);
}

static ward_err read_role(struct store_rows *rows, struct ward_arena *arena,
		struct people_own_role *role, struct ward_error *error)
{
	ward_err err = people_keep_text(rows, 0, arena, &role->name, error);
	struct ward_error why;

	if (!err)
		err = people_keep_text(rows, 2, arena, &role->says, error);
	if (people_permissions_parse(store_get_text(rows, 1), &role->permissions, &why) != WARD_OK)
		role->permissions = 0;
	return err;
}

ward_err people_role_list(struct store_tx *tx, struct ward_arena *arena,
		struct people_own_role **roles, size_t *count, struct ward_error *error)
{
	struct people_own_role *at = NULL;
	struct store_rows *rows;
	size_t got = 0, room = 0;
	ward_err err = store_query(tx,
			"SELECT name, permissions, says FROM people_own_roles ORDER BY name",
			STORE_NO_VALUES, &rows, error);

	if (err)
		return err;
	while (!err && store_next(rows)) {
		if (got == room) {
			struct people_own_role *more = ward_new(arena, struct people_own_role,
					room ? 2 * room : 16);

			if (!more) {
				err = ward_fail(error, WARD_E_NOMEM, "out of memory");
				break;
			}
			if (got > 0)
				memcpy(more, at, got * sizeof(*at));
			at = more;
			room = room ? 2 * room : 16;
		}
		err = read_role(rows, arena, &at[got++], error);
	}
	ward_err end = store_rows_end(rows, err ? NULL : error);

	err = err ? err : end;
	if (!err) {
		*roles = at;
		*count = got;
	}
	return err;
}
