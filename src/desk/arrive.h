/*
 * arrive.h - a report that was taken in becomes a job, in the same work
 *
 * This is what intake calls once a report's rows are there (intake_also), so
 * that no report is without its job.  The facts that routes ask for are read
 * from the report and its items; what nobody has looked at is not guessed.
 */
#ifndef DESK_ARRIVE_H
#define DESK_ARRIVE_H

#include "desk/desk.h"
#include "intake/intake.h"

/* An intake_also; the context is not used. */
ward_err desk_arrive(void *context, struct store_tx *tx, ward_str report, struct ward_error *error);

#endif
