/*
 * manifest.h - the one small file that says what a list is now
 *
 * JSON: what the list says about itself, the version's name, the next free
 * record number, and the segments in their order.  It is replaced as a whole
 * (base/file.h), and its last line is a checksum of the lines before it, so
 * that a damaged one is known.  Reading and writing take text, not paths.
 */
#ifndef BANK_MANIFEST_H
#define BANK_MANIFEST_H

#include "base/id.h"
#include <ward/bank.h>

#define MANIFEST_NAME         "manifest.json"
#define MANIFEST_BYTES_MAX    ((size_t)1 << 20)
#define MANIFEST_SEGMENTS_MAX 256
#define SEGMENT_FILE_MAX      48 /* an id and ".seg" */

struct manifest {
	struct ward_list_info info;
	char version[ID_TEXT_MAX];
	uint64_t next; /* no record has or had this number or one above it */
	size_t segment_count;
	char segments[MANIFEST_SEGMENTS_MAX][SEGMENT_FILE_MAX];
};

#define MANIFEST_FORMAT 1
#define MANIFEST_TEXTS  5

/* The texts of a list's description, with their names in the manifest. */
struct manifest_text {
	const char *key;
	size_t offset; /* in struct ward_list_info */
	size_t room;
};

extern const struct manifest_text manifest_texts[MANIFEST_TEXTS];

/* The list's tag; one from before tags were drawn has that of the name it was made under. */
uint32_t manifest_tag(const struct manifest *manifest);

/* Whether a list may be called so. */
bool list_name_valid(ward_str name);
/* Sentences for what is wrong; also in memory a text without its NUL is wrong. */
ward_err list_info_check(const struct ward_list_info *info, struct ward_error *error) WARD_MUST_USE;

/* CORRUPT says what is wrong with the text. */
ward_err manifest_parse(ward_str text, struct manifest *manifest,
		struct ward_error *error) WARD_MUST_USE;
/* Sets `buf->failed` without memory. */
void manifest_format(const struct manifest *manifest, struct ward_buf *buf);

/* ---- in the list's folder ---- */

ward_err manifest_read(const char *folder, struct manifest *manifest,
		struct ward_error *error) WARD_MUST_USE;
/* Gives it a new version name and replaces the old one, durably. */
ward_err manifest_replace(const char *folder, struct manifest *manifest,
		struct ward_error *error) WARD_MUST_USE;

#endif
