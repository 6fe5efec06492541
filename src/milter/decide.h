/*
 * decide.h - what came of looking at a mail, and what is done with it
 *
 * Of a report what is needed later is taken in codes and numbers alone: no
 * words, no names of files.  What is done is the operator's choice for each
 * verdict of the policy, for mails that are too large, and for those that could
 * not be looked at; a mail in which something was found is never let through
 * because of what else went wrong.
 */
#ifndef MILTER_DECIDE_H
#define MILTER_DECIDE_H

#include <ward/scan.h>

enum milter_action {
	MILTER_PASS = 0, /* goes on */
	MILTER_HOLD,     /* kept by the mail server, neither delivered nor deleted */
	MILTER_REJECT,   /* refused, with words that say nothing */
	MILTER_DEFER,    /* refused for now: the other side tries again */
	MILTER_ACTIONS
};

const char *milter_action_name(enum milter_action action); /* "pass", "hold", ... */
bool milter_action_from(ward_str name, enum milter_action *action) WARD_MUST_USE;

struct milter_rules {
	enum milter_action block, hold; /* the policy's verdicts */
	enum milter_action large;       /* over the bound: not looked at */
	enum milter_action failed;      /* could not be looked at, or not in time */
};

/* Hold what is found and what is too large, and have the rest tried again. */
struct milter_rules milter_rules_default(void);

enum milter_state { MILTER_LOOKED, MILTER_LARGE, MILTER_FAILED };

enum { MILTER_CONTEXT_MAX = 16 << 10 };

struct milter_outcome {
	enum milter_state state;
	ward_verdict_kind verdict;
	bool found; /* what a list knows, or is near it, is why the verdict is what it is */
	struct ward_buf findings; /* JSON: an array of what was found, in codes */
	struct ward_buf context;  /* JSON: an object, as a report's context is */
	struct ward_error error;  /* why it could not be looked at */
};

void milter_outcome_init(struct milter_outcome *outcome);
void milter_outcome_free(struct milter_outcome *outcome);
/* What a scan's report says. */
void milter_outcome_read(struct milter_outcome *outcome, const struct ward_report *report);

enum milter_action milter_decide(const struct milter_rules *rules,
		const struct milter_outcome *outcome);

/* "checked", or "unchecked": what the mail's field says.  Never what was found. */
const char *milter_says(const struct milter_outcome *outcome);

#endif
