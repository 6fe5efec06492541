/*
 * id.h - random ids
 *
 * 128 bits from the system's generator, the first 48 of them the time in
 * milliseconds (RFC 9562, version 7), so that ids sort by age.
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
