/*
 * value.h - what a text may be: the types of the schema and the formats of the rules
 *
 * Pure functions on text, each strict: what they let pass, xmllint with the
 * schema lets pass, and NCMEC's own checks should.
 */
#ifndef FILING_VALUE_H
#define FILING_VALUE_H

#include "filing/schema.h"

/* Characters that will be written: code points, without those that XML cannot carry. */
uint64_t filing_length(ward_str text);
/* Nothing but blanks, or nothing. */
bool filing_blank(ward_str text);
/* True when something of the text cannot be carried by XML. */
bool filing_unwritable(ward_str text);

bool filing_boolean(ward_str text, bool *value) WARD_MUST_USE;
/* A date and time with seconds and a zone, as xs:dateTime has it. */
bool filing_datetime(ward_str text, int64_t *when) WARD_MUST_USE;
/* "2011-03-01" and nothing behind it. */
bool filing_date(ward_str text, int64_t *when) WARD_MUST_USE;
/* NULL when the text is of the type; else what it should be, for "…: wants %s". */
const char *filing_value_wrong(enum filing_value value, const char *const *words, ward_str text);
/* The same for a pattern. */
const char *filing_pattern_wrong(enum filing_pattern pattern, ward_str text);
/* The same for a format. */
const char *filing_format_wrong(enum filing_format format, ward_str text);

/* The part of an e-mail address before the last "@". */
ward_str filing_local_part(ward_str email);

#endif
