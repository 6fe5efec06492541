/*
 * changed.h - which entries a writer has added or taken back, by their place
 *
 * Two entries have the same place with a chance of 2^-60.
 */
#ifndef SITE_CHANGED_H
#define SITE_CHANGED_H

#include <ward/base.h>

struct site_changed {
	uint64_t *slots; /* the place, in its lowest bit whether it was added; 0 is empty */
	size_t count, room;
	bool gathered; /* whether all that was added so far is in it */
};

ward_err site_changed_put(struct site_changed *changed, uint64_t place, bool added,
		struct ward_error *error) WARD_MUST_USE;
/* 0 when there is none; else the lowest bit says whether it was added. */
uint64_t site_changed_find(const struct site_changed *changed, uint64_t place);

#endif
