/* held_form.h - the bytes of a held file, for held.c and held_read.c */
#ifndef AGENT_HELD_FORM_H
#define AGENT_HELD_FORM_H

#include "agent/held.h"
#include "agent/held_attributes.h"
#include "seal/wrap.h"

enum {
	HELD_HEAD = 48,
	HELD_VERSION = 2,
	HELD_VERSION_AT = 8,
	HELD_COUNT_AT = 9,
	HELD_ID_AT = 16,
	HELD_TIME_AT = 32,
	HELD_SIZE_AT = 40,
	HELD_WRAPPED = PAIR_KEY + WRAP_SIZE,
	HELD_META = 48,
	HELD_META_1 = 40, /* of version 1 */
	HELD_META_MAX = HELD_META + HELD_PATH_MAX + HELD_ATTRIBUTES_MAX,
};

extern const uint8_t held_magic[8];

struct held_purpose {
	struct wrap_purpose purpose;
	char under[2 * PAIR_KEY + 1];
};
/* What a wrap is for; `purpose` lends from itself and from `id`. */
void held_purpose_of(struct held_purpose *purpose, const char *id, const uint8_t key[PAIR_KEY]);

/* "FOLDER/ID.held" */
ward_err held_path(const char *folder, const char *id, const char *end, char path[HELD_PATH_MAX],
		struct ward_error *error) WARD_MUST_USE;

/* The sealed bytes of a copy, from `at` on, for sealed_open; `context` is this. */
struct held_bytes {
	int fd;
	uint64_t at;
};
ward_err held_bytes_read(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error);

#endif
