/*
 * id.h - ids that nobody else has, and that sort by age
 *
 * RFC 9562's version 7: 48 bits of time in milliseconds, 18 more of its fraction,
 * and 56 from the system's generator.  Of two that one thread makes, the later one is greater, as
 * long as nobody sets the clock back: the items of a report keep their order.
 */
#ifndef ID_H
#define ID_H

#include <ward/base.h>

#define ID_TEXT_MAX 37

/* "0190…-7…": 36 characters and a NUL; returns `out`. */
const char *id_new(char out[ID_TEXT_MAX]);

/* `len` random bytes; stops the program when the system has none to give. */
void id_random(void *out, size_t len);

#endif
