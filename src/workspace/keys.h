/*
 * keys.h - who may ask the service what, and how often
 *
 * A key is a random token of 256 bits, shown once when it is made.  The file
 * keeps only its SHA-256, its name, scopes and rate: who reads the file can
 * use none of them.  The file is replaced atomically; a daemon notices.
 *
 * A table of keys is immutable once read; share it.
 */
#ifndef KEYS_H
#define KEYS_H

#include <ward/base.h>

enum key_scope {
	KEY_SCAN = 1u << 0,    /* scan, hash, match, compare */
	KEY_READ = 1u << 1,    /* see lists and their entries */
	KEY_WRITE = 1u << 2,   /* import, change, remove lists; opinions */
	KEY_METRICS = 1u << 3, /* /metrics and the status page */
	KEY_REPORT = 1u << 4,  /* send reports, and see what became of them */
	KEY_ASK = 1u << 5,     /* private look-up: ask whether a link is listed */
	KEY_ALL = (1u << 6) - 1,
};

#define KEY_NAME_MAX  64
#define KEY_TOKEN_MAX 80 /* "ward_" and 43 characters of base64url, with room */

struct key {
	char name[KEY_NAME_MAX]; /* as a list's name */
	uint32_t scopes;
	uint32_t rate;   /* requests a minute; 0 is no limit */
	int64_t expires; /* Unix seconds; 0 is never */
	int64_t created;
	uint8_t digest[32];
};

struct keys;

/* The table in a text of keys; `path` names it in an error (CORRUPT). */
ward_err keys_parse(ward_str text, const char *path, struct keys **keys,
		struct ward_error *error) WARD_MUST_USE;
/* The text that keys_parse reads. */
void keys_format(const struct keys *keys, struct ward_buf *out);
/* A missing file is an empty table. */
ward_err keys_read(const char *path, struct keys **keys, struct ward_error *error) WARD_MUST_USE;
void keys_free(struct keys *keys);
size_t keys_count(const struct keys *keys);
const struct key *keys_at(const struct keys *keys, size_t index);
/* The key of this token, in time that does not tell how near a guess was; NULL: none, or expired.
 */
const struct key *keys_check(const struct keys *keys, ward_str token, int64_t now);

/* Makes a key and puts its token into `token`.  EXISTS when the name is taken. */
ward_err keys_add(const char *path, const struct key *like, char token[KEY_TOKEN_MAX],
		struct ward_error *error) WARD_MUST_USE;
ward_err keys_remove(const char *path, ward_str name, struct ward_error *error) WARD_MUST_USE;

/* "scan,read" to bits; false when a word is none of scan read write metrics all. */
bool key_scopes_parse(ward_str text, uint32_t *scopes) WARD_MUST_USE;
/* Bits to "scan,read". */
void key_scopes_format(uint32_t scopes, char *out, size_t room);

#endif
