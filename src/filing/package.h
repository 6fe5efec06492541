/*
 * package.h - a report as a folder for an authority that is not NCMEC
 *
 * The same draft, said three ways: report.json and report.xml for programs,
 * report.pdf for people, and MANIFEST with the SHA-256 of each.  What the
 * pages say and what fields are called is a data file of the authority
 * (data/authorities); a field that it has no name for goes by the schema's, so
 * that nothing is left out.  No file is part of it: evidence travels sealed.
 *
 * Text of every script is laid out by pango, right to left where it is, and
 * can be copied out of the pages again.
 */
#ifndef FILING_PACKAGE_H
#define FILING_PACKAGE_H

#include "filing/draft.h"

struct package_template;

/* Reads an authority's data file.  FORMAT when it is none. */
ward_err package_template_read(ward_str text, struct package_template **read,
		struct ward_error *error) WARD_MUST_USE;
/* NULL is fine. */
void package_template_free(struct package_template *read);

struct package_facts {
	ward_str id;        /* of the report here */
	ward_str reference; /* the installation's own */
	int64_t at;         /* when it was approved; it is the date of the pages */
	bool test;          /* every page says so */
};

/* The pages.  LIMIT when they are too many. */
ward_err package_pdf(const struct package_template *words, const struct filing_draft *draft,
		const struct package_facts *facts, struct ward_buf *out,
		struct ward_error *error) WARD_MUST_USE;

/* All four files, into a folder that is made (0700) and has none of them yet: EXISTS. */
ward_err filing_package_write(const struct package_template *words,
		const struct filing_draft *draft, const struct package_facts *facts,
		const char *folder, struct ward_error *error) WARD_MUST_USE;

#endif
