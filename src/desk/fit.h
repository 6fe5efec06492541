/*
 * fit.h - whether a job is one for this person: what they may still see today, what they do not
 * want
 *
 * Before anybody has looked, what a job is about is known by its labels alone.
 * A label of a policy that is severe makes it severe; so does what was decided
 * about it.  Themes are a person's own choice (exposure.h): labels, or policies,
 * which stand for their labels and for the policies beneath them.
 */
#ifndef DESK_FIT_H
#define DESK_FIT_H

#include "desk/exposure.h"

/* A person as they are now; text lies in the arena. */
struct desk_fit {
	bool may_severe;
	ward_str severe;   /* labels, a comma between them */
	ward_str unwanted; /* the same */
};

enum desk_fits {
	DESK_FITS = 0,
	DESK_FITS_TOO_SEVERE, /* for today */
	DESK_FITS_UNWANTED,
};

ward_err desk_fit_begin(struct store_tx *tx, ward_str person, const struct exposure_rules *rules,
		struct ward_arena *arena, struct desk_fit *fit,
		struct ward_error *error) WARD_MUST_USE;
/* Nothing has to be asked of any job. */
bool desk_fit_is_any(const struct desk_fit *fit);
/* `facts` is a job's (route.h); one that is `known` nobody has to look at. */
enum desk_fits desk_fit_ask(const struct desk_fit *fit, ward_str facts, bool known);

/* The labels of all policies in use that are severe, a comma between them. */
ward_err desk_severe_labels(struct store_tx *tx, struct ward_arena *arena, ward_str *labels,
		struct ward_error *error) WARD_MUST_USE;
/* Whether two lists of labels have one in common. */
bool desk_labels_meet(ward_str one, ward_str other);

#endif
