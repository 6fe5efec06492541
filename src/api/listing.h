/*
 * listing.h - a list as JSON, and JSON as what a list says about itself
 */
#ifndef API_LISTING_H
#define API_LISTING_H

#include "api/request.h"

/* An object: its information and its counts. */
void listing_json(struct json *json, const struct ward_list *list);
/* One entry as an object. */
void listing_record(struct json *json, const struct ward_list *list,
		const struct ward_record *record);

/* The list of the path's first parameter; NULL, with a problem, when there is none. */
const struct ward_list *listing_find(struct request *request, const struct ward_bank_view *view);

/* Sets what the object says; ARGUMENT for a member that is unknown or makes no sense. */
ward_err listing_patch(ward_str json, struct ward_list_info *info,
		struct ward_error *error) WARD_MUST_USE;

bool listing_sense(ward_str word, ward_list_sense *sense) WARD_MUST_USE;
/* Copies a text that fits, is UTF-8, and has no control characters. */
bool listing_text(ward_str text, char *to, size_t room) WARD_MUST_USE;
/* Likewise, of a word that can stand before a label's colon; or of nothing. */
bool listing_scheme(ward_str word, char *to, size_t room) WARD_MUST_USE;
extern const char listing_scheme_is[]; /* what such a word is, for people */
/* The same of labels. */
bool listing_labels(ward_str text, char *to, size_t room) WARD_MUST_USE;
extern const char listing_labels_are[];

#endif
