#include "bank/exclusion.h"

/* Sets `holds` when the list holds just this signal, and leaves it when not. */
static ward_err list_holds(const struct ward_list *list, const ward_signal *signal, bool *holds,
		struct ward_error *error)
{
	struct ward_hits hits = { .max = 1 };
	ward_err err = ward_list_search(list, signal, 0, &hits, error);

	/* A near PhotoDNA hash is not the same one. */
	if (!err && hits.count > 0 && hits.at[0].distance == 0)
		*holds = true;
	ward_hits_free(&hits);
	return err;
}

static ward_err any_holds(const struct exclusion *exclusion, const ward_signal *signal, bool *holds,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < exclusion->list_count && !*holds && !err; i++)
		err = list_holds(exclusion->lists[i], signal, holds, error);
	return err;
}

static ward_err ask_all(struct exclusion *exclusion, struct ward_error *error)
{
	bool holds = false;
	ward_err err = any_holds(exclusion, exclusion->asked, &holds, error);

	for (size_t i = 0; i < exclusion->look_count && !holds && !err; i++) {
		ward_signal look = ward_pdq_signal(exclusion->looks[i]);

		err = any_holds(exclusion, &look, &holds, error);
	}
	if (!err)
		exclusion->all = holds ? EXCLUSION_YES : EXCLUSION_NO;
	return err;
}

ward_err exclusion_mark(struct exclusion *exclusion, struct ward_hit *hit, struct ward_error *error)
{
	bool holds = false;
	ward_err err = WARD_OK;

	if (exclusion->all == EXCLUSION_UNKNOWN)
		err = ask_all(exclusion, error);
	if (!err && exclusion->all == EXCLUSION_NO)
		err = any_holds(exclusion, &hit->signal, &holds, error);
	if (!err)
		hit->excluded = holds || exclusion->all == EXCLUSION_YES;
	return err;
}
