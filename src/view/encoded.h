/*
 * encoded.h - is this a view as our worker writes it, and nothing else?
 *
 * The bytes come from a process that has read a hostile file.  They are about
 * to go to a browser, so their shape is checked to the last byte: which parts
 * there are, in which order, and that they say the size that was announced.
 * Pixels are not decoded.
 */
#ifndef VIEW_ENCODED_H
#define VIEW_ENCODED_H

#include <ward/media.h>

/* Fails with WORKER and what is wrong. */
ward_err encoded_check(ward_bytes bytes, const struct ward_view_facts *facts,
		struct ward_error *error) WARD_MUST_USE;

#endif
