/*
 * video_search.h - one list asked for videos; video_lists.c asks all
 */
#ifndef BANK_VIDEO_SEARCH_H
#define BANK_VIDEO_SEARCH_H

#include "bank/list.h"

/* A question, made ready once for all lists. */
struct video_asked {
	const struct ward_video_question *question;
	const struct ward_vpdq *frames; /* those that count, in their order; repeated ones too */
	ward_pdq *hashes;               /* of them, each once */
	size_t hash_count;
};

/* Calls with each alike video of the list; spans are not laid yet.  A failure ends the search. */
typedef ward_err video_found(void *context, struct ward_video_hit *hit,
		const struct segment *segment, uint32_t index, struct ward_error *error);

ward_err video_search_list(const struct ward_list *list, const struct video_asked *asked,
		int radius, video_found *found, void *context,
		struct ward_error *error) WARD_MUST_USE;

#endif
