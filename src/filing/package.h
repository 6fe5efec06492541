/*
 * package.h - a report as files for an authority that is not NCMEC
 *
 * The same draft, said three ways: report.json and report.xml for programs,
 * report.pdf for people, and MANIFEST with the SHA-256 of each.  What the
 * pages say and what fields are called is a data file of the authority; a
 * field that it has no name for goes by the schema's, so that nothing is left
 * out.  No file is part of it: evidence travels sealed.
 *
 * The pages are laid out by ward-pages, a process of its own in a jail
 * (pages_order.h), for the service and the command line alike.  When it cannot
 * make them the package is made without: a report that waits for its looks is
 * a child not helped, and all that the pages would say is in report.json.
 * MISSING.txt says so then, is in the MANIFEST, and whoever made it is told.
 */
#ifndef FILING_PACKAGE_H
#define FILING_PACKAGE_H

#include "filing/authority.h"
#include "filing/draft.h"

struct filing_package_facts {
	ward_str id;        /* of the report here */
	ward_str reference; /* the installation's own */
	int64_t at;         /* when it was approved; it is the date of the pages */
	bool test;          /* every page says so */
};

struct filing_package {
	struct ward_buf json, xml, pages, missing, manifest;
	bool has_pages;
	struct ward_error why; /* that it has none */
};

/* Of the text of a draft.  LIMIT when it is too large. */
ward_err filing_package_make(const struct filing_authority *authority, ward_str draft,
		const struct filing_package_facts *facts, struct filing_package *package,
		struct ward_error *error) WARD_MUST_USE;
/* Of what was made, and of what was zeroed. */
void filing_package_free(struct filing_package *package);

/* As one tar. */
ward_err filing_package_tar(struct filing_package *package, struct ward_buf *tar,
		struct ward_error *error) WARD_MUST_USE;
/* Into a folder that is made (0700) and has none of its files yet: EXISTS. */
ward_err filing_package_write(struct filing_package *package, const char *folder,
		struct ward_error *error) WARD_MUST_USE;

#endif
