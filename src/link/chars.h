/*
 * chars.h - what each byte may be in a link
 *
 * One table of bits, so that a scan costs a load and a test a byte.  The sets
 * are the URL Standard's ("percent-encode sets", "forbidden host code points")
 * and Safe Browsing's; bytes of 0x80 and more are in every set of what is
 * encoded.
 */
#ifndef LINK_CHARS_H
#define LINK_CHARS_H

#include <ward/base.h>

enum {
	LINK_HOST_FORBIDDEN = 1 << 0,   /* NUL, tab, LF, CR, space # / : < > ? @ [ \ ] ^ | */
	LINK_DOMAIN_FORBIDDEN = 1 << 1, /* those, C0 controls, % and DEL */
	/* Encoded in ... */
	LINK_ENCODE_C0 = 1 << 2,            /* an opaque path or host: controls, DEL */
	LINK_ENCODE_FRAGMENT = 1 << 3,      /* those, space " < > ` */
	LINK_ENCODE_QUERY = 1 << 4,         /* controls, DEL, space " # < > */
	LINK_ENCODE_SPECIAL_QUERY = 1 << 5, /* those and ' */
	LINK_ENCODE_PATH = 1 << 6,          /* of a query, and ? ^ ` { } */
	LINK_ENCODE_USERINFO = 1 << 7,      /* of a path, and / : ; = @ [ \ ] | */
	LINK_ENCODE_PLACE = 1 << 8,         /* Safe Browsing: up to 0x20, from 0x7f, # % */
	/* Nothing to do in ... */
	LINK_PLAIN_PATH = 1 << 9,   /* 0x21 to 0x7e without # % \ ? */
	LINK_PLAIN_QUERY = 1 << 10, /* 0x21 to 0x7e without # % */
	LINK_SCHEME = 1 << 11,      /* letters, digits, + - . */
};

extern const uint16_t link_chars[256];
/* The lower case of letters, digits, '-', '_' and '.'; else 0. */
extern const char link_host_chars[256];

static inline bool link_char_is(char c, unsigned set)
{
	return (link_chars[(uint8_t)c] & set) != 0;
}

static inline bool link_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool link_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char link_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* The value of a hexadecimal digit, or -1. */
static inline int link_hex(char c)
{
	if (link_is_digit(c))
		return c - '0';
	c = link_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
