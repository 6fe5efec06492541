/*
 * policy_findings.h - findings written as JSON, for trying a policy without files
 *
 * A text holds any number of values, one behind the other; each is a finding
 *
 *     {"kind":"near","list":"partner","labels":["industry:A1"],"distance":12,"disputed":0}
 *
 * or an array of findings, or an object with "findings" (and perhaps "path"),
 * which is what `ward scan --json` prints.  What a policy does not look at is
 * passed over.
 */
#ifndef POLICY_FINDINGS_H
#define POLICY_FINDINGS_H

#include <stdio.h>

#include <ward/scan.h>

struct policy_findings {
	struct ward_arena arena; /* holds all below */
	ward_str path;           /* "" when none is told */
	struct ward_finding *at;
	size_t count;
};

/*
 * Reads the next value; *more is false at the end.  The caller frees the arena
 * after each.  An error says what is wrong and where, not what stands there.
 */
ward_err policy_findings_read(FILE *file, struct policy_findings *findings, bool *more,
		struct ward_error *error) WARD_MUST_USE;

#endif
