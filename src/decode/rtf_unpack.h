/*
 * rtf_unpack.h - [MS-OXRTFCP]: bodies of Outlook's messages, in RTF that is packed
 *
 * What comes out is RTF as it was written: links stand in it in words, those
 * behind a text too.  One byte more gives at most nine; no more is written than
 * the head tells.
 */
#ifndef DECODE_RTF_UNPACK_H
#define DECODE_RTF_UNPACK_H

#include <ward/base.h>

/* Appends the RTF; false when it is none, or breaks off: what there is stands. */
bool rtf_unpack(ward_bytes packed, struct ward_buf *out) WARD_MUST_USE;

#endif
