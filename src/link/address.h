/*
 * address.h - addresses in a link, in any spelling
 */
#ifndef LINK_ADDRESS_H
#define LINK_ADDRESS_H

#include <ward/base.h>

/* Is the last part of a host a number, so that it must be an address (URL Standard)? */
bool link_ends_in_number(ward_str host);
/* The URL Standard's: up to four parts, each decimal, octal (0...) or hexadecimal (0x...). */
bool link_ipv4_read(ward_str host, uint8_t address[4]) WARD_MUST_USE;
/* Safe Browsing's: parts too large for their place lose what is too much; a space ends it. */
bool link_ipv4_read_loose(ward_str host, uint8_t address[4]) WARD_MUST_USE;
/* Without brackets. */
bool link_ipv6_read(ward_str text, uint8_t address[16]) WARD_MUST_USE;

/* Decimal; a tenth of what printf takes. */
void link_number_write(unsigned number, struct ward_buf *out);
void link_ipv4_write(const uint8_t address[4], struct ward_buf *out);
void link_ipv6_write(const uint8_t address[16], struct ward_buf *out); /* RFC 5952, no brackets */

/* ::ffff:a.b.c.d: an IPv4 address in the dress of the other. */
bool link_ipv6_is_mapped(const uint8_t address[16]);

#endif
