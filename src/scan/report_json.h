/*
 * report_json.h - a report as JSON: the one shape that command, daemon and bindings share
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "base/json.h"

#include <ward/scan.h>

/*
 * Writes the members of an object that the caller has opened: "verdict",
 * "findings", "items", "time_us".
 */
void report_json(struct json *json, const struct ward_report *report);

/* One finding, and one item, as an object. */
void report_json_finding(struct json *json, const struct ward_finding *finding);
void report_json_item(struct json *json, const struct ward_item *item);

/* Space-separated labels as an array of strings. */
void report_json_labels(struct json *json, ward_str labels);

/*
 * Members of an object that is begun: "off_until" of an entry that is or was switched off, null
 * when that is for good; "note" of one that has one.
 */
void report_json_remark(struct json *json, const struct ward_list *list, uint64_t entry);

/* Likewise what the entry has of a video: "vpdq_frames" and "seconds", "tmk_frames". */
void report_json_video(struct json *json, const struct ward_list *list, uint64_t entry);

/* Likewise how a listed video is alike: shares, stretches, scores. */
void report_json_alike(struct json *json, const struct ward_video_hit *video);

/* Likewise, of a list's counts by kind: "vpdq" and "tmk" entries. */
void report_json_video_counts(struct json *json, uint64_t vpdq, uint64_t tmk);

#endif
