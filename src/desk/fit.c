#include "desk/fit.h"

#include "base/tree.h"
#include "desk/policies.h"

/* Of all policies with all their labels. */
enum { LABELS_MAX = 8 << 20 };

bool desk_labels_meet(ward_str one, ward_str other)
{
	while (one.len > 0) {
		ward_str label = ward_str_trim(ward_str_cut(&one, ',')), rest = other;

		while (label.len > 0 && rest.len > 0) {
			if (ward_str_eq(ward_str_trim(ward_str_cut(&rest, ',')), label))
				return true;
		}
	}
	return false;
}

static void add_labels(struct ward_buf *to, ward_str labels)
{
	if (labels.len == 0)
		return;
	if (to->len > 0)
		ward_buf_char(to, ',');
	ward_buf_str(to, labels);
}

static ward_err keep_labels(struct ward_buf *from, struct ward_arena *arena, ward_str *labels,
		struct ward_error *error)
{
	*labels = ward_arena_str(arena, ward_buf_text(from));
	return from->failed || !labels->ptr
			       ? ward_fail(error, WARD_E_NOMEM, "the labels do not fit")
			       : WARD_OK;
}

struct policies {
	struct desk_policy *at;
	size_t count;
};

static ward_err severe_of(const struct policies *policies, struct ward_arena *arena,
		ward_str *labels, struct ward_error *error)
{
	struct ward_buf text;

	ward_buf_init(&text, LABELS_MAX);
	for (size_t i = 0; i < policies->count; i++) {
		if (policies->at[i].severe && policies->at[i].active)
			add_labels(&text, policies->at[i].labels);
	}
	ward_err err = keep_labels(&text, arena, labels, error);

	ward_buf_free(&text);
	return err;
}

/* "harm" stands for "harm.known", too. */
static bool stands_for(ward_str theme, ward_str code)
{
	return ward_str_starts(code, theme) &&
	       (code.len == theme.len || code.ptr[theme.len] == '.');
}

static ward_err unwanted_of(const struct exposure_themes *themes, const struct policies *policies,
		struct ward_arena *arena, ward_str *labels, struct ward_error *error)
{
	struct ward_buf text;

	ward_buf_init(&text, LABELS_MAX);
	for (size_t t = 0; t < themes->count; t++) {
		add_labels(&text, themes->at[t]);
		for (size_t i = 0; i < policies->count; i++) {
			if (stands_for(themes->at[t], policies->at[i].code))
				add_labels(&text, policies->at[i].labels);
		}
	}
	ward_err err = keep_labels(&text, arena, labels, error);

	ward_buf_free(&text);
	return err;
}

ward_err desk_severe_labels(struct store_tx *tx, struct ward_arena *arena, ward_str *labels,
		struct ward_error *error)
{
	struct policies policies;
	ward_err err = desk_policy_list(tx, arena, &policies.at, &policies.count, error);

	return err ? err : severe_of(&policies, arena, labels, error);
}

ward_err desk_fit_begin(struct store_tx *tx, ward_str person, const struct exposure_rules *rules,
		struct ward_arena *arena, struct desk_fit *fit, struct ward_error *error)
{
	struct exposure_themes themes;
	struct exposure_today today;
	struct policies policies;
	struct desk_fit found;
	ward_err err = exposure_today(tx, person, rules, &today, error);

	if (!err)
		err = exposure_themes(tx, person, arena, &themes, error);
	if (!err)
		err = desk_policy_list(tx, arena, &policies.at, &policies.count, error);
	if (!err)
		err = severe_of(&policies, arena, &found.severe, error);
	if (!err)
		err = unwanted_of(&themes, &policies, arena, &found.unwanted, error);
	if (err)
		return err;
	found.may_severe = today.may_severe;
	*fit = found;
	return WARD_OK;
}

bool desk_fit_is_any(const struct desk_fit *fit)
{
	return (fit->may_severe || fit->severe.len == 0) && fit->unwanted.len == 0;
}

enum desk_fits desk_fit_ask(const struct desk_fit *fit, ward_str facts, bool known)
{
	struct json_t *root = desk_fit_is_any(fit) ? NULL : tree_read(facts, NULL);
	ward_str labels = root ? tree_text(tree_member(root, "labels")) : WARD_STR("");
	enum desk_fits fits = DESK_FITS;

	if (!fit->may_severe && !known && desk_labels_meet(labels, fit->severe))
		fits = DESK_FITS_TOO_SEVERE;
	else if (desk_labels_meet(labels, fit->unwanted))
		fits = DESK_FITS_UNWANTED;
	tree_free(root);
	return fits;
}
