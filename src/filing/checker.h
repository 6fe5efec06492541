/*
 * checker.h - what the parts of the check share; for this module alone
 *
 * check.c walks the tree and asks of each value its own rule; cross.c holds a
 * small function for each thing that one field says about another; batch.c
 * what a batch may not hold.
 */
#ifndef FILING_CHECKER_H
#define FILING_CHECKER_H

#include "filing/check.h"

struct checker {
	const struct filing_check *check;
	struct filing_findings *findings;
	const struct filing_draft *draft;
	const char *prefix; /* what the root is called in paths */
	bool batched;
};

/* A node or one of its attributes, and the rule it is asked about. */
struct place {
	const struct filing_node *node;
	const char *attribute; /* NULL: the node itself */
	unsigned rule;
};

struct value_kind {
	enum filing_value value;
	const char *const *words;
	enum filing_pattern pattern;
};

const char *checker_path(const struct checker *checker, const struct place *place);
void checker_say(const struct checker *checker, const struct place *place, const char *says);
/* Of a part that is not there, or too often: at its node's place and name. */
void checker_say_part(const struct checker *checker, const struct filing_node *node,
		const struct filing_part *part, const char *says);
/* False when a fault was found. */
bool checker_value(const struct checker *checker, const struct place *place,
		const struct filing_rule *rule, const struct value_kind *kind, ward_str text);
void checker_node(const struct checker *checker, const struct filing_node *node);

/* ---- cross.c ---- */

/* Of a node that is sound by itself; false when a fault was found. */
bool checker_cross(const struct checker *checker, const struct place *place,
		const struct filing_node *node);
/* Of an attribute, also of one that is not set (`text.ptr` is NULL). */
void checker_cross_attribute(const struct checker *checker, const struct place *place,
		ward_str text);
/* Of a part that is not there, and that others may want. */
void checker_cross_missing(const struct checker *checker, const struct filing_node *node,
		const struct filing_part *part);

/* ---- batch.c ---- */

void checker_batch(const struct checker *checker);

#endif
