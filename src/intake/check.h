/*
 * check.h - is a report that comes in one that can be kept?
 */
#ifndef INTAKE_CHECK_H
#define INTAKE_CHECK_H

#include "intake/intake.h"

/* ARGUMENT or LIMIT with a sentence for whoever sent it, which repeats nothing of what they sent.
 */
ward_err intake_check(const struct intake_new *report, struct ward_error *error) WARD_MUST_USE;

enum { INTAKE_SERVICE_MAX = 100 };

/* What an account or address is looked up by. */
struct intake_form {
	struct ward_buf text; /* ward_buf_free */
	char host[256];
};

/* False when the item has no form: it is of another kind, or an address of no host. */
bool intake_form(const struct intake_item_new *item, struct intake_form *form) WARD_MUST_USE;

#endif
