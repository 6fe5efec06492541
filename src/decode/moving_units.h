/*
 * moving_units.h - what a packet of H.264 or H.265 says that its picture is to others
 *
 * For moving_plan.h, and to be believed: of a packet that is left out nothing may be missed.  So
 * there is no answer, and all is decoded, where
 * - a packet is not one whole picture, or pictures are halves (fields of their own);
 * - it has units that say something about others: parameters that are not in the codec's record
 *   already, ends of sequences, layers of other views, film grain that lasts, or the word by which
 *   FFmpeg takes up the mistakes of an old x264;
 * - the first does not begin anew;
 * - H.264 counts a picture that is not used in a way that makes a decoder fill a gap.
 * H.265's word that a picture is of no use to others is one that decoders do not hold a video to:
 * they follow the list of pictures that each has.  One that is missing is complained of
 * (moving.c), but for a picture that begins a new order (`silent`).
 *
 * Syntax: ITU-T H.264 7.3, ITU-T H.265 7.3, ISO/IEC 14496-15 5.3 and 8.3.
 * Pure: no FFmpeg in here.  One thread.
 */
#ifndef DECODE_MOVING_UNITS_H
#define DECODE_MOVING_UNITS_H

#include "decode/moving_plan.h"

struct moving_units {
	bool h265;
	int length_bytes; /* of a unit's length: 1 to 4 */
	ward_bytes record;
	/* H.264 */
	bool fields;     /* a slice says whether its picture is one */
	int number_bits; /* of a picture's number among those that are used */
	uint32_t used;   /* the number of the last of them */
	bool begun;
};

/* From the codec's record, avcC or hvcC of version 1; it stays the caller's. */
bool moving_units_begin(struct moving_units *units, bool h265, ward_bytes record);

/* The next in the file's order; all but when and how it is shown.  False: there is no answer. */
bool moving_units_look(struct moving_units *units, ward_bytes bytes, struct moving_packet *packet);

#endif
