/*
 * authority.h - an authority that is not NCMEC, as data
 *
 * What the pages of a report for it say, what fields are called there, and how
 * it takes reports: a JSON file (data/authorities).  Four are built in; a file
 * "authorities/ID.json" in the workspace adds one, or takes the place of one.
 *
 * An authority is immutable; share it.
 */
#ifndef FILING_AUTHORITY_H
#define FILING_AUTHORITY_H

#include <ward/base.h>

struct json_t;

enum { FILING_AUTHORITY_ID_MAX = 32, FILING_AUTHORITY_TEXT_MAX = 1 << 20 };

struct filing_authority {
	ward_str id;        /* "ncecc" */
	ward_str authority; /* its name */
	ward_str title;     /* of the pages */
	ward_str intro;
	ward_str delivery; /* how a person hands a report over */
	ward_str clock;    /* a legal clock's code: how long its reports are kept here */
	const struct json_t *labels;
	ward_str text; /* the file itself */
};

/* Reads an authority's file.  FORMAT when it is none. */
ward_err filing_authority_read(ward_str text, struct filing_authority **read,
		struct ward_error *error) WARD_MUST_USE;
/* NULL is fine. */
void filing_authority_free(struct filing_authority *read);

/* Its clock; of one whose file is gone (NULL), that of the law that reports to NCMEC are kept by.
 */
ward_str filing_authority_clock(const struct filing_authority *authority);

/* Small letters, digits and "_-", "ncmec" not among them: what an action may name. */
bool filing_authority_is_id(ward_str id) WARD_MUST_USE;
/* By its id; `workspace` is the folder that may have files of its own, or NULL.  NOT_FOUND. */
ward_err filing_authority_find(const char *workspace, ward_str id, struct filing_authority **read,
		struct ward_error *error) WARD_MUST_USE;

/* Receives one; what it points at is gone behind the call.  False ends the telling. */
typedef bool filing_authority_told(void *context, const struct filing_authority *authority);

/*
 * Those that are built in, then the workspace's own (NULL: none); each once, as
 * filing_authority_find finds it.  A file that is no authority is passed over: whoever names it is
 * told.
 */
void filing_authority_each(const char *workspace, filing_authority_told *tell, void *context);

/* The kinds of incident that NCMEC knows, in its own words; ends with NULL. */
const char *const *filing_incidents(void);

#endif
