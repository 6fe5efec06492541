/*
 * steps.h - the ladder's steps as they are asked for, and what each wants: one table
 */
#ifndef API_STEPS_H
#define API_STEPS_H

#include <ward/media.h>

#include "desk/exposure.h"
#include "desk/looking.h"
#include "people/people_second.h"

struct step {
	const char *name; /* "L1", "reveal" */
	ward_view_level level;
	bool reveal;
	bool clear; /* all or a disc of it: wants a reason, and is counted */
	enum people_permission permission;
};

enum { STEPS_COUNT = 6, STEP_OBJECT_MAX = ID_TEXT_MAX + 8, STEP_DETAIL_MAX = 4000 };

extern const struct step steps[STEPS_COUNT];

/* NULL when there is no such step. */
const struct step *step_find(ward_view_level level, bool reveal);
/* What the rules said of it. */
enum exposure_why step_why(const struct step *step, const struct exposure_ladder *ladder);
/* Whether a second person has to agree. */
bool step_needs_second(const struct step *step, const struct desk_looking *looking);

/*
 * The act that the second person confirms: this step of this item, with the facts that made it
 * severe.  `object` and `detail` hold its texts.  LIMIT when the facts are too long.
 */
ward_err step_act(const struct step *step, const struct desk_looking *looking,
		char object[STEP_OBJECT_MAX], struct ward_buf *detail, struct people_act *act,
		struct ward_error *error) WARD_MUST_USE;

#endif
