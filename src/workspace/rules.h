/*
 * rules.h - the policy rules of ward.conf
 *
 *     rule "disputed" {
 *             finding = known near;   # any of them; left out: any finding
 *             list = partner;         # a list's name
 *             label = "industry:A1";  # one of the hit's labels; "industry:" is any of a scheme
 *             distance_max = 20;
 *             disputed_max = 0;       # matches while at most so many people dispute it
 *             score_min = 0.8;        # of a score
 *             verdict = hold;         # allow, hold or block
 *             queue = review;         # where a person should look
 *             priority = 50;          # 0..100, higher sooner
 *     }
 *
 * The first rule of the file that matches any finding decides.  A file with
 * no rule has the default policy; a file with one has exactly its own.
 */
#ifndef RULES_H
#define RULES_H

#include <ward/scan.h>

#include "workspace/conf.h"

/* The policy of the tree's rules.  An error says the line and what to write instead. */
ward_err rules_read(const struct conf_node *first, struct ward_policy **policy,
		struct ward_error *error) WARD_MUST_USE;

/* Writes a rule as it stands in ward.conf. */
void rule_format(struct ward_buf *out, const struct ward_rule *rule);

#endif
