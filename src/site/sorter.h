/*
 * sorter.h - records of any number in order of their key, with little memory
 *
 * What fits is sorted in memory; more is written in sorted runs to files
 * without names in the given folder (base/spool.h) and merged.  Of records with
 * one key the one added last comes last.  One thread at a time.
 */
#ifndef SITE_SORTER_H
#define SITE_SORTER_H

#include "base/spool.h"

struct site_sorter;

struct site_record {
	ward_bytes key, value; /* borrowed from the sorter */
};

/* `folder` is borrowed.  NULL without memory. */
struct site_sorter *site_sorter_new(const char *folder);
void site_sorter_free(struct site_sorter *sorter);
ward_err site_sorter_add(struct site_sorter *sorter, ward_bytes key, ward_bytes value,
		struct ward_error *error) WARD_MUST_USE;
uint64_t site_sorter_count(const struct site_sorter *sorter);
/* Every record, those of one key in the order they were added; before they are sorted. */
typedef ward_err site_record_visit(void *context, const struct site_record *record,
		struct ward_error *error);
ward_err site_sorter_each(struct site_sorter *sorter, site_record_visit *visit, void *context,
		struct ward_error *error) WARD_MUST_USE;
/* From here on records are read. */
ward_err site_sorter_sort(struct site_sorter *sorter, struct ward_error *error) WARD_MUST_USE;
/* False at the end. */
bool site_sorter_next(struct site_sorter *sorter, struct site_record *record) WARD_MUST_USE;

#endif
