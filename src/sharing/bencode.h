/*
 * bencode.h - values of BitTorrent's notation, where they lie (BEP 3)
 *
 * A value is a number i-12e, bytes 4:abcd, a list l...e or a dictionary d...e.  Nothing is copied
 * and nothing is kept: a value is the bytes that spell it, which is what its hash is of.  All of
 * a value is checked once, by bencode_read; what is taken out of it afterwards cannot fail
 * to be well-formed.
 */
#ifndef SHARING_BENCODE_H
#define SHARING_BENCODE_H

#include <ward/base.h>

/* Lists and dictionaries within each other; a torrent's file tree is as deep as its folders. */
#define BENCODE_DEPTH_MAX 64

/* The bytes from `at` to before `end`; none is no value. */
struct bencode {
	const uint8_t *at;
	const uint8_t *end;
};

/*
 * The one value that the bytes are.  False when they are none, or more than one, a dictionary has
 * a key that is no text, or it is nested deeper than allowed.
 */
bool bencode_read(ward_bytes bytes, struct bencode *value) WARD_MUST_USE;

bool bencode_is_dict(struct bencode value);
bool bencode_is_list(struct bencode value);
/* False when it is of another kind; of a number, when it does not fit or is negative. */
bool bencode_text(struct bencode value, ward_str *text) WARD_MUST_USE;
bool bencode_size(struct bencode value, uint64_t *size) WARD_MUST_USE;

/* The first value under a name; no value when there is none. */
struct bencode bencode_get(struct bencode dict, const char *name);

/* Begins zeroed; false at the end.  In a list `key` stays as it is. */
struct bencode_walk {
	const uint8_t *next;
};

bool bencode_next(struct bencode container, struct bencode_walk *walk, ward_str *key,
		struct bencode *value) WARD_MUST_USE;

#endif
