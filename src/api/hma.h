/*
 * hma.h - what the HMA-compatible routes share
 *
 * HMA (hasher-matcher-actioner, also called OpenMediaMatch) speaks of banks
 * that hold content, each with signals of named types.  Here a bank is a deny
 * list, its content an entry.  An entry's number counts within its list; HMA's
 * ids are one series, so an id is the number with the list's tag above it: 21
 * bits above 32, which a JSON number holds exactly.  It stays when a bank is
 * renamed.
 */
#ifndef API_HMA_H
#define API_HMA_H

#include "api/request.h"
#include "base/tree.h"

/* "pdq", "video_md5" and ward's own names; NONE for another. */
ward_signal_kind hma_kind(ward_str type);
/* "pdq" and "video_md5", as HMA calls them. */
const char *hma_type(ward_signal_kind kind);

uint64_t hma_id(const struct ward_list *list, uint64_t entry);
/* The entry of this id; false when the id is of another list. */
bool hma_entry(const struct ward_list *list, uint64_t id, uint64_t *entry) WARD_MUST_USE;

bool hma_is_bank(const struct ward_list *list);

/* ---- banks ---- */

/* The body's object; NULL with a 400. */
struct json_t *hma_read_object(struct request *request);
/* A number, or a text that is one. */
bool hma_number(const struct json_t *value, double *number) WARD_MUST_USE;
/* The bank that the path names; NULL with a 404. */
const struct ward_list *hma_find_bank(struct request *request, const struct ward_bank_view *view);
bool hma_read_info(struct request *request, struct ward_list_info *info) WARD_MUST_USE;
bool hma_find_folder(struct request *request, const char *name, char *path,
		size_t room) WARD_MUST_USE;
/* The share of look-ups that the bank takes part in: 0 when it is off. */
double hma_ratio(const struct ward_list_info *info);
void hma_write_bank(struct json *json, const struct ward_list_info *info);

/* A 400 in HMA's shape. */
void hma_refuse(struct request *request, const char *fmt, ...) WARD_PRINTF(2, 3);

enum { HMA_HASHES_MAX = 2 };

/* The hashes of one file, by type; a picture of low quality has an empty one, as in HMA. */
struct hma_hashes {
	size_t count;
	struct {
		ward_signal_kind kind;
		ward_signal signal; /* kind NONE: empty */
	} at[HMA_HASHES_MAX];
};

/* Hashes the request's one file, as its form's field (or content_type) says.  False with a 400. */
bool hma_hash_file(struct request *request, struct hma_hashes *hashes) WARD_MUST_USE;
/* {"pdq": "…"} */
void hma_write_hashes(struct json *json, const struct hma_hashes *hashes);

#endif
