/*
 * splits.h - what numbers are split by
 *
 * What a decision says of children is in its labels, "scheme:code": of the
 * schemes "age" (bands as the Internet Watch Foundation publishes them, all
 * under 18), "sex" and "made", and of the scales of gravity.  Of several
 * labels one counts: the youngest band, the gravest class.
 */
#ifndef MEASURE_SPLITS_H
#define MEASURE_SPLITS_H

#include "measure/metrics.h"

extern const struct measure_split measure_by_channel, measure_by_kind, measure_by_urgency,
		measure_by_reporter, measure_by_country, measure_by_queue, measure_by_policy,
		measure_by_outcome, measure_by_urgent, measure_by_severity, measure_by_age,
		measure_by_sex, measure_by_made, measure_by_action, measure_by_method,
		measure_by_basis, measure_by_authority, measure_by_recipient, measure_by_named,
		measure_by_list;

#endif
