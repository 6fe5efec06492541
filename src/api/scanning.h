/*
 * scanning.h - scanning the files of a request
 */
#ifndef API_SCANNING_H
#define API_SCANNING_H

#include "api/request.h"

/*
 * As ward.conf says and the query changes it (radius, any_orientation, exact,
 * archives), within the time that is left.  False with a problem.
 */
bool scanning_options(struct request *request, struct ward_scan_options *options) WARD_MUST_USE;

/* Is there a file at all?  False with a problem. */
bool scanning_has_files(struct request *request) WARD_MUST_USE;

/* One file of the request; the report is borrowed until the next. */
ward_err scanning_file(struct request *request, const struct part *part,
		const struct ward_bank_view *view, const struct ward_scan_options *options,
		const struct ward_report **report, struct ward_error *error) WARD_MUST_USE;

/*
 * Hashes the pictures among the files of a form, as far as there is time: part.pdq.  What is no
 * picture, or cannot be read, has none; a video has facts.
 */
void scanning_hash_parts(struct request *request);

/*
 * Keeps what a report's videos are, for who will be shown them: `facts` are by the items' places,
 * of kind VIDEO where there are some.  The report stands, whatever becomes of this.
 */
void scanning_know(struct request *request, const char *report,
		const struct ward_picture_facts *facts, size_t count);

#endif
