/*
 * scan_intake.h - a scan whose rule names a queue becomes a report
 *
 * What the policy puts into a queue is for a person to look at, so the file is
 * sealed and a report is made of it before the verdict is told: whoever has
 * the answer knows that the desk has the file.  The same file, found by the
 * same rule and sent by the same key, is the same report.
 *
 * When the store or the vault is away the operator has chosen (`intake` in
 * ward.conf): the verdict is told without a report, or it is not told at all.
 * An installation whose vault has no keys keeps nothing.
 * A store that was away a moment ago is not waited for again by each scan.
 */
#ifndef API_SCAN_INTAKE_H
#define API_SCAN_INTAKE_H

#include "api/request.h"

enum scan_kept {
	SCAN_NOT_QUEUED = 0, /* nothing is to be kept */
	SCAN_KEPT,
	SCAN_NOT_KEPT, /* it should have been */
};

/* `id` is the report's, of one that is kept. */
enum scan_kept scan_intake(struct request *request, const struct part *part,
		const struct ward_report *report, char id[ID_TEXT_MAX]);

#endif
