/*
 * permissions.h - what may be done, and which role may do it: one table
 *
 * A permission is a fine noun ("job.decide") with a sentence that says what it
 * lets a person do.  A role is a set of them.  The same table is read by the
 * routes of the API, by the tests that ask every route in every role, by
 * `wardd --permissions` and, through it, by the console.
 *
 * An operator adds roles of their own, made of these permissions
 * (people.h).  What nobody can make is a role that shows content, or moves it,
 * and also decides who may: whoever can let people in sees nothing, and
 * whoever sees lets nobody in.  That holds for a role and for all the roles of
 * one person together.
 */
#ifndef PEOPLE_PERMISSIONS_H
#define PEOPLE_PERMISSIONS_H

#include <ward/base.h>

/* The order is not kept anywhere: the store and the API speak by name. */
enum people_permission {
	PEOPLE_NOBODY = 0, /* no session may */
	/* the queue and its jobs */
	PEOPLE_QUEUE_SEE,
	PEOPLE_JOB_TAKE,
	PEOPLE_JOB_DECIDE,
	PEOPLE_JOB_PRACTISE,
	PEOPLE_JOB_SECOND,
	PEOPLE_JOB_BULK,
	PEOPLE_JOB_SEARCH,
	PEOPLE_JOB_ASSIGN,
	PEOPLE_ACTION_SECOND,
	PEOPLE_APPEAL_DECIDE,
	/* what a person gets to see of an item, step by step */
	PEOPLE_ITEM_FACTS,
	PEOPLE_ITEM_VIEW_L1,
	PEOPLE_ITEM_VIEW_L2,
	PEOPLE_ITEM_VIEW_L3,
	PEOPLE_ITEM_VIEW_L4,
	PEOPLE_ITEM_VIEW_CLEAR,
	PEOPLE_ITEM_VIEW_SEVERE,
	PEOPLE_ITEM_SOUND,
	PEOPLE_ITEM_SEVERE_SECOND,
	/* what is kept */
	PEOPLE_VAULT_EXPORT,
	PEOPLE_VAULT_EXPORT_SECOND,
	PEOPLE_VAULT_HOLD,
	PEOPLE_VAULT_DESTROY,
	PEOPLE_VAULT_DESTROY_SECOND,
	PEOPLE_VAULT_KEYS,
	PEOPLE_VAULT_KEYS_SECOND,
	/* reports to authorities */
	PEOPLE_REPORT_SEE,
	PEOPLE_REPORT_PREPARE,
	PEOPLE_REPORT_APPROVE,
	PEOPLE_REPORT_RETRACT,
	PEOPLE_REPORT_URGENT_SECOND,
	/* what comes in */
	PEOPLE_INTAKE_ADD,
	PEOPLE_INTAKE_IMPORT,
	/* lists of known signals */
	PEOPLE_LIST_SEE,
	PEOPLE_LIST_CHANGE,
	PEOPLE_LIST_PUBLISH,
	PEOPLE_LIST_PUBLISH_SECOND,
	/* how work is done */
	PEOPLE_QUEUE_CHANGE,
	PEOPLE_POLICY_SEE,
	PEOPLE_POLICY_CHANGE,
	PEOPLE_SETTINGS_SEE,
	PEOPLE_SETTINGS_CHANGE,
	PEOPLE_KEY_CHANGE,
	/* people */
	PEOPLE_PEOPLE_SEE,
	PEOPLE_PEOPLE_CHANGE,
	PEOPLE_PEOPLE_RESET,
	PEOPLE_PEOPLE_RESET_SECOND,
	PEOPLE_EXPOSURE_TEAM,
	PEOPLE_EXPOSURE_BUDGET,
	/* what was done */
	PEOPLE_AUDIT_READ,
	PEOPLE_STATS_READ,
	/* Not in the table and in no role: every session of a person has the first ... */
	PEOPLE_ANYONE,
	/* ... and also one of somebody who has yet to set up a second factor, the second. */
	PEOPLE_ENROLLING,
};

enum { PEOPLE_PERMISSION_COUNT = PEOPLE_ANYONE };

/* A set of permissions: bit N is the one whose number is N. */
typedef uint64_t people_permissions;
#define PEOPLE_BIT(permission) ((people_permissions)1 << (permission))

/* What a permission has to do with content. */
enum people_reach {
	PEOPLE_REACH_OFFICE = 0, /* nothing */
	PEOPLE_REACH_CONTENT,    /* shows it, moves it out, or destroys it */
	PEOPLE_REACH_PEOPLE,     /* decides who may do what */
};

struct people_permission_row {
	enum people_permission permission;
	const char *name; /* "item.view.L1" */
	enum people_reach reach;
	people_permissions with; /* it makes no sense without these: a role with it has them */
	const char *says;
};

/* Rows in the order of the enum, from PEOPLE_QUEUE_SEE on; NULL behind the last. */
const struct people_permission_row *people_permission_at(size_t index);
const char *people_permission_name(enum people_permission permission);
bool people_permission_parse(ward_str name, enum people_permission *permission) WARD_MUST_USE;

/* ---- roles ---- */

enum { PEOPLE_ROLE_NAME_MAX = 32 };

struct people_role_row {
	const char *name; /* "reviewer" */
	people_permissions permissions;
	const char *says;
};

/* The roles that come with ward; NULL behind the last. */
const struct people_role_row *people_role_at(size_t index);
const struct people_role_row *people_role_find(ward_str name);
/* a-z first, then a-z, 0-9 and -; at most 31 characters. */
bool people_role_name_valid(ward_str name);

bool people_may(people_permissions set, enum people_permission permission);
/*
 * ARGUMENT, in a sentence, when the set reaches both content and people, or
 * has a permission without one that it makes no sense without.
 */
ward_err people_permissions_check(people_permissions set, struct ward_error *error) WARD_MUST_USE;

/* "queue.see job.take": names with blanks between; ARGUMENT names the number of a wrong one. */
ward_err people_permissions_parse(ward_str text, people_permissions *set,
		struct ward_error *error) WARD_MUST_USE;
void people_permissions_format(people_permissions set, struct ward_buf *out);

/* The whole table as JSON: permissions, and the roles that come with ward. */
void people_permissions_json(struct ward_buf *out);

#endif
