#include "desk/policies.h"

#include "desk/rows.h"

#define POLICY_COLUMNS "code, parent, place, title, help, labels, severe, weight, active"

static ward_err read_policy(struct desk_reading *reading, void *row)
{
	struct store_rows *rows = reading->rows;
	struct desk_policy *policy = row;

	*policy = (struct desk_policy){
		.code = desk_row_text(reading, 0),
		.parent = desk_row_text(reading, 1),
		.place = store_get_int(rows, 2),
		.title = desk_row_text(reading, 3),
		.help = desk_row_text(reading, 4),
		.labels = desk_row_text(reading, 5),
		.severe = store_get_int(rows, 6) != 0,
		.weight = store_get_int(rows, 7),
		.active = store_get_int(rows, 8) != 0,
	};
	return WARD_OK;
}

/* A parent's code is the beginning of its children's, so the order of codes is that of a tree;
 * among the children of one parent the place counts, and is the work of whoever shows them. */
ward_err desk_policy_list(struct store_tx *tx, struct ward_arena *arena,
		struct desk_policy **policies, size_t *count, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_policy),
		.max = DESK_POLICIES_MAX };
	ward_err err = desk_rows_read(tx,
			"SELECT " POLICY_COLUMNS " FROM desk_policies ORDER BY code",
			STORE_NO_VALUES, &array, read_policy, error);

	if (!err) {
		*policies = array.at;
		*count = array.count;
	}
	return err;
}

ward_err desk_policy_get(struct store_tx *tx, ward_str code, struct ward_arena *arena,
		struct desk_policy *policy, struct ward_error *error)
{
	return desk_row_read(tx, "SELECT " POLICY_COLUMNS " FROM desk_policies WHERE code = $1",
			STORE_VALUES(store_text(code)), arena, read_policy, policy,
			"there is no such policy", error);
}

static bool is_label_part(ward_str text)
{
	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
				c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

bool desk_labels_valid(ward_str labels)
{
	if (labels.len > DESK_WORDS_MAX)
		return false;
	while (labels.len > 0) {
		bool more = ward_str_ends(labels, WARD_STR(","));
		ward_str label = ward_str_cut(&labels, ',');
		ward_str scheme = ward_str_cut(&label, ':');

		if (!is_label_part(scheme) || !is_label_part(label) || (more && labels.len == 0))
			return false;
	}
	return true;
}

/* "a.b" of "a.b.c"; "" of "a". */
static ward_str parent_of(ward_str code)
{
	while (code.len > 0 && code.ptr[code.len - 1] != '.')
		code.len--;
	if (code.len > 0)
		code.len--;
	return code;
}

static ward_err check_policy(struct store_tx *tx, const struct desk_policy *policy,
		struct ward_error *error)
{
	ward_str parent = parent_of(policy->code);
	int64_t there = 1;
	ward_err err = desk_words_check(policy->title, "a policy's title", true, error);

	if (err)
		return err;
	if (!desk_is_name(policy->code) || ward_str_ends(policy->code, WARD_STR(".")))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a policy's code is short words of small letters, digits and _- "
				"with dots "
				"between them");
	if (!desk_labels_valid(policy->labels))
		return ward_fail(error, WARD_E_ARGUMENT,
				"labels are \"scheme:code\" with a comma between them");
	if (policy->weight < 0 || policy->weight > 1000)
		return ward_fail(error, WARD_E_ARGUMENT, "a weight is 0 to 1000");
	err = desk_words_check(policy->help, "a policy's help", false, error);
	if (!err && parent.len > 0)
		err = desk_number(tx, "SELECT 1 FROM desk_policies WHERE code = $1",
				STORE_VALUES(store_text(parent)), &there, error);
	if (!err && there == 0)
		return ward_fail(error, WARD_E_ARGUMENT,
				"its parent \"%.*s\" is not there: make that first",
				WARD_FMT(parent));
	return err;
}

ward_err desk_policy_put(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_policy *policy, struct ward_error *error)
{
	ward_str parent = parent_of(policy->code);
	ward_err err = check_policy(tx, policy, error);

	if (!err)
		err = store_run(tx,
				"INSERT INTO desk_policies (" POLICY_COLUMNS ") "
				"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
				"ON CONFLICT (code) DO UPDATE SET place = $3, title = $4, help = "
				"$5, "
				"labels = $6, severe = $7, weight = $8, active = $9",
				STORE_VALUES(store_text(policy->code),
						parent.len > 0 ? store_text(parent) : store_null(),
						store_int(policy->place), store_text(policy->title),
						store_text(policy->help),
						store_text(policy->labels),
						store_int(policy->severe),
						store_int(policy->weight),
						store_int(policy->active)),
				NULL, error);
	return err ? err
		   : desk_audit(tx, actor, "policy.changed", "policy", policy->code, WARD_STR(""),
				     WARD_STR(""), error);
}
