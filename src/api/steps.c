#include "api/steps.h"

#include "base/json.h"

/* A confirmation is good for so long, and as long again once it is given. */
enum { SECOND_WAIT_S = 4 * 60 * 60, LABELS_MAX = 1000 };

const struct step steps[STEPS_COUNT] = {
	{ "L1", WARD_LEVEL_MOSAIC, false, false, PEOPLE_ITEM_VIEW_L1 },
	{ "L2", WARD_LEVEL_BLURRED, false, false, PEOPLE_ITEM_VIEW_L2 },
	{ "reveal", WARD_LEVEL_BLURRED, true, true, PEOPLE_ITEM_VIEW_L4 },
	{ "L3", WARD_LEVEL_REDUCED, false, false, PEOPLE_ITEM_VIEW_L3 },
	{ "L4", WARD_LEVEL_SMALL, false, true, PEOPLE_ITEM_VIEW_L4 },
	{ "L5", WARD_LEVEL_CLEAR, false, true, PEOPLE_ITEM_VIEW_CLEAR },
};

const struct step *step_find(ward_view_level level, bool reveal)
{
	for (size_t i = 0; i < STEPS_COUNT; i++) {
		if (steps[i].level == level && steps[i].reveal == reveal)
			return &steps[i];
	}
	return NULL;
}

enum exposure_why step_why(const struct step *step, const struct exposure_ladder *ladder)
{
	return step->reveal ? ladder->reveal : ladder->picture[step->level];
}

bool step_needs_second(const struct step *step, const struct desk_looking *looking)
{
	return step->clear && looking->severe;
}

/* As many labels as a person reads. */
static ward_str some_labels(ward_str labels)
{
	while (labels.len > LABELS_MAX) {
		labels.len--;
		while (labels.len > 0 && labels.ptr[labels.len] != ',')
			labels.len--;
	}
	return labels;
}

ward_err step_act(const struct step *step, const struct desk_looking *looking,
		char object[STEP_OBJECT_MAX], struct ward_buf *detail, struct people_act *act,
		struct ward_error *error)
{
	ward_str labels = looking->labels.len > 0 ? looking->labels : looking->facts.labels;
	struct json json = json_to(detail);

	json_object(&json);
	json_key_text(&json, "step", step->name);
	json_key_str(&json, "job", looking->job);
	json_key_str(&json, "finding", looking->facts.finding);
	json_key_str(&json, "labels", some_labels(labels));
	json_object_end(&json);
	if (detail->failed)
		return ward_fail(error, WARD_E_LIMIT, "the facts of the item are too long");
	(void)snprintf(object, STEP_OBJECT_MAX, "item:%.*s", WARD_FMT(looking->item.id));
	*act = (struct people_act){ .kind = WARD_STR("item.severe"),
		.object = ward_str_from(object),
		.detail = ward_buf_text(detail),
		.second = PEOPLE_ITEM_SEVERE_SECOND,
		.wait_s = SECOND_WAIT_S };
	return WARD_OK;
}
