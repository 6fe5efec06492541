/* term_list.h - terms as they are collected; how lists are read stands in term_read.c */
#ifndef TEXT_TERM_LIST_H
#define TEXT_TERM_LIST_H

#include <ward/text.h>

struct ward_term_list {
	struct ward_arena arena; /* the terms' texts */
	struct ward_term *terms;
	size_t count, room;
	unsigned fold_options;
	struct ward_fold *fold;
};

/* Adds a copy; FORMAT when nothing is left of a text that is folded, or it is too long. */
ward_err term_list_add(struct ward_term_list *list, const struct ward_term *term,
		struct ward_error *error) WARD_MUST_USE;

#endif
