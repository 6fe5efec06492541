/*
 * site_lift.h - a lifted block: decided in the store, then done on the list "allowed"
 *
 * A row and a list cannot change in one step, so the row goes first and says
 * that the lift is decided; then the list is changed, and then the row says that
 * it is done.  Killed in between, a program leaves a decision that is still to be
 * done, which is done again at the next start and each minute; doing it twice is
 * fine.  What nobody decided is on no list at any time.
 */
#ifndef API_SITE_LIFT_H
#define API_SITE_LIFT_H

#include "intake/site_appeals.h"
#include "workspace/workspace.h"

/* Could it be done?  Asked before it is decided; says why not. */
ward_err site_lift_check(const struct workspace *workspace, const struct intake_site_appeal *appeal,
		struct ward_error *error) WARD_MUST_USE;
/*
 * Does all that is decided and not done.  What fails is left for the next time, and is the error;
 * `done` counts the others.
 */
ward_err site_lift_due(const struct workspace *workspace, struct store *store, uint64_t *done,
		struct ward_error *error) WARD_MUST_USE;

#endif
