/*
 * page_near.h - combinations whose parts must be near, on a page that says them too often
 *
 * Of each part of a term the first finds are kept, and that is enough to see that it
 * is there; it is not enough to see that two are near: a part that is said hundreds
 * of times in front would hide where it stands beside the other.  So combinations
 * that are not whole by what was kept, and of which something was left out, are
 * looked for once more, and every place of their parts is looked at.  Places are kept
 * by a part's text, not for each combination that has it, so they are bounded by
 * the page; what would take too long is told as `crowded`.
 */
#ifndef TEXT_PAGE_NEAR_H
#define TEXT_PAGE_NEAR_H

#include "text/page.h"

struct page_near;

/* NULL without memory. */
struct page_near *page_near_new(const struct ward_page *page, ward_str folded);
/* A combination to be looked for, in order of numbers; false when there is no room for more. */
bool page_near_add(struct page_near *near, uint32_t number, const struct ward_term *term);
/*
 * Looks for them.  Of each that is whole, its first find that makes it so is told.
 * False when not all could be looked for.
 */
bool page_near_find(struct page_near *near,
		void (*whole)(void *context, const struct page_found *found), void *context);
void page_near_free(struct page_near *near);

#endif
