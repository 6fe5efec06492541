/*
 * base.h - the words the rest of ward is written in
 *
 * Errors are values: a function that can fail returns ward_err and fills the
 * caller's ward_error with one sentence a person can act on.  Outputs are set
 * on success and untouched on failure.  Text and bytes travel as pointer and
 * length, borrowed.  Memory for a piece of work comes from one arena with a
 * cap and goes back all at once.  Sizes from outside are added and multiplied
 * with ckd_add and ckd_mul; binary input is read through ward_reader.
 *
 * Nothing here is shared between threads unless it is const.
 */
#ifndef WARD_BASE_H
#define WARD_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WARD_API               __attribute__((visibility("default")))
#define WARD_MUST_USE          __attribute__((warn_unused_result))
#define WARD_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* ---- checked sizes: true when the result did not fit (as C23's <stdckdint.h>) ---- */

#ifndef ckd_add
#define ckd_add(result, a, b) __builtin_add_overflow((a), (b), (result))
#define ckd_sub(result, a, b) __builtin_sub_overflow((a), (b), (result))
#define ckd_mul(result, a, b) __builtin_mul_overflow((a), (b), (result))
#endif

/* ---- errors ---- */

typedef enum ward_err {
	WARD_OK = 0,
	WARD_E_NOMEM,       /* out of memory, or an arena or buffer reached its cap */
	WARD_E_FORMAT,      /* the input is not what it claims to be */
	WARD_E_LIMIT,       /* well-formed, but larger than we agreed to handle */
	WARD_E_UNSUPPORTED, /* well-formed, and of a kind we do not read */
	WARD_E_IO,          /* the system could not read or write */
	WARD_E_NOT_FOUND,   /* there is no such thing */
	WARD_E_EXISTS,      /* there is one already */
	WARD_E_CONFLICT,    /* somebody else changed it meanwhile */
	WARD_E_DENIED,      /* not allowed */
	WARD_E_TIMEOUT,     /* it took longer than we agreed to wait */
	WARD_E_WORKER,      /* the jailed worker died on this input */
	WARD_E_CORRUPT,     /* our own file does not hold what we wrote */
	WARD_E_ARGUMENT,    /* the caller asked for something that makes no sense */
	WARD_ERR_COUNT
} ward_err;

struct ward_error {
	ward_err code;
	char message[240];
};

/* Records the failure in `error` (which may be NULL) and returns `code`. */
WARD_API ward_err ward_fail(struct ward_error *error, ward_err code, const char *fmt, ...)
		WARD_PRINTF(3, 4);

/* A short stable word for programs: "nomem", "format", ...; "ok" for success. */
WARD_API const char *ward_err_name(ward_err code);

/* ---- borrowed text and bytes ---- */

/* Not NUL-terminated, never freed, valid as long as its owner. */
typedef struct ward_str {
	const char *ptr;
	size_t len;
} ward_str;

typedef struct ward_bytes {
	const uint8_t *ptr;
	size_t len;
} ward_bytes;

#ifdef __cplusplus
#define WARD_STR(literal) (ward_str{ (literal), sizeof(literal) - 1 })
#else
#define WARD_STR(literal) ((ward_str){ (literal), sizeof(literal) - 1 })
#endif

/* "%.*s" arguments for a ward_str. */
#define WARD_FMT(str) (int)(str).len, (str).ptr

WARD_API ward_str ward_str_from(const char *text); /* NULL is the empty string */
WARD_API bool ward_str_eq(ward_str a, ward_str b);
WARD_API bool ward_str_eq_nocase(ward_str a, ward_str b); /* ASCII letters only */
WARD_API bool ward_str_starts(ward_str text, ward_str prefix);
WARD_API bool ward_str_ends(ward_str text, ward_str suffix);
WARD_API int ward_str_cmp(ward_str a, ward_str b); /* by bytes, like memcmp */
WARD_API ward_str ward_str_trim(ward_str text);    /* without ASCII white space around it */

/* Takes what precedes the first `at` off the front of `rest`, and the `at` too. */
WARD_API ward_str ward_str_cut(ward_str *rest, char at);

/* True, with `value` set, when all of `text` is one decimal number that fits. */
WARD_API bool ward_u64_parse(ward_str text, uint64_t *value) WARD_MUST_USE;
WARD_API bool ward_i64_parse(ward_str text, int64_t *value) WARD_MUST_USE;

/* True when `text` is exactly 2*len hexadecimal digits, either case; then `out` holds them. */
WARD_API bool ward_hex_parse(ward_str text, uint8_t *out, size_t len) WARD_MUST_USE;
/* Writes 2*len lower-case digits and a NUL: `out` has room for 2*len + 1. */
WARD_API void ward_hex_format(const uint8_t *bytes, size_t len, char *out);

/* Base64 (RFC 4648, padding optional) of exactly `len` bytes. */
WARD_API bool ward_base64_parse(ward_str text, uint8_t *out, size_t len) WARD_MUST_USE;
/* Room for 4*((len+2)/3) + 1. */
WARD_API void ward_base64_format(const uint8_t *bytes, size_t len, char *out);

/* Base32 (RFC 4648) without padding, in either case, of exactly `len` bytes. */
WARD_API bool ward_base32_parse(ward_str text, uint8_t *out, size_t len) WARD_MUST_USE;
/* Capitals.  Room for (8*len + 4)/5 + 1. */
WARD_API void ward_base32_format(const uint8_t *bytes, size_t len, char *out);

/* True when all of `text` is well-formed UTF-8 (no surrogates, no over-long forms). */
WARD_API bool ward_utf8_valid(ward_str text);

/* ---- an arena: many allocations, one free ---- */

struct ward_arena_block;

struct ward_arena {
	struct ward_arena_block *blocks;
	uint8_t *next;
	uint8_t *end;
	size_t used; /* bytes taken from the system so far */
	size_t cap;
};

/* Takes nothing yet; at most about `cap` bytes ever. */
WARD_API void ward_arena_init(struct ward_arena *arena, size_t cap);
/* Gives everything back; the arena is as after ward_arena_init. */
WARD_API void ward_arena_free(struct ward_arena *arena);

/* Zeroed and aligned for any type; NULL when the cap or the memory is reached. */
WARD_API void *ward_arena_alloc(struct ward_arena *arena, size_t count, size_t size) WARD_MUST_USE;
#define ward_new(arena, type, count) ((type *)ward_arena_alloc((arena), (count), sizeof(type)))

/* A copy that lives in the arena, NUL-terminated behind its length; ptr is NULL without room. */
WARD_API ward_str ward_arena_str(struct ward_arena *arena, ward_str text);
WARD_API char *ward_arena_printf(struct ward_arena *arena, const char *fmt, ...) WARD_PRINTF(2, 3);

/* ---- a buffer that grows up to a cap ---- */

/* A write that does not fit sets `failed`, which sticks: ask once, at the end. */
struct ward_buf {
	char *ptr;
	size_t len;
	size_t room;
	size_t cap;
	bool failed;
};

WARD_API void ward_buf_init(struct ward_buf *buf, size_t cap);
WARD_API void ward_buf_free(struct ward_buf *buf);
WARD_API void ward_buf_clear(struct ward_buf *buf); /* empty, keeps its memory, forgets failure */
WARD_API void ward_buf_add(struct ward_buf *buf, const void *bytes, size_t len);
WARD_API void ward_buf_str(struct ward_buf *buf, ward_str text);
WARD_API void ward_buf_char(struct ward_buf *buf, char c);
WARD_API void ward_buf_printf(struct ward_buf *buf, const char *fmt, ...) WARD_PRINTF(2, 3);
/* Room for `len` more bytes at the end, to be filled and then counted by the caller; or NULL. */
WARD_API char *ward_buf_reserve(struct ward_buf *buf, size_t len);
/* What was written, NUL-terminated behind its length.  Borrowed until the next write. */
WARD_API ward_str ward_buf_text(struct ward_buf *buf);

/* ---- a reader of binary input: failure sticks, zeroes follow ---- */

struct ward_reader {
	const uint8_t *next;
	const uint8_t *end;
	bool failed;
};

WARD_API struct ward_reader ward_reader_from(ward_bytes bytes);
WARD_API uint8_t ward_read_u8(struct ward_reader *reader);
WARD_API uint16_t ward_read_u16le(struct ward_reader *reader);
WARD_API uint32_t ward_read_u32le(struct ward_reader *reader);
WARD_API uint64_t ward_read_u64le(struct ward_reader *reader);
WARD_API uint16_t ward_read_u16be(struct ward_reader *reader);
WARD_API uint32_t ward_read_u32be(struct ward_reader *reader);
WARD_API ward_bytes ward_read_bytes(struct ward_reader *reader, size_t len); /* borrowed */
WARD_API size_t ward_reader_left(const struct ward_reader *reader);

#ifdef __cplusplus
}
#endif
#endif
