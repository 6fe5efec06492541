/*
 * find.h - links in running text, and in the attributes and styles of HTML
 */
#ifndef LINK_FIND_H
#define LINK_FIND_H

#include <ward/link.h>

/* A search under way.  `stopped` once the visitor had enough. */
struct link_search {
	ward_links_visit *visit;
	void *context;
	bool stopped;
	const char *where;
	bool loads;
	/* Where a byte of the text stood in what is searched; NULL: `offset` is added. */
	size_t (*place)(const struct link_search *search, size_t at);
	size_t offset;
};

/* Tells one link, `at` bytes into the text; blanks around it and links of no use are left out. */
void link_found(struct link_search *search, ward_str text, size_t at);

/* Links as people write them, in UTF-8.  `quotes`: a ' ends one, as in a script. */
void link_find_in_text(struct link_search *search, ward_str text, bool quotes);
/* url(...) and @import of a style sheet. */
void link_find_in_css(struct link_search *search, ward_str css);
/* "a.png 1x, b.png 2x" */
void link_find_in_srcset(struct link_search *search, ward_str list);
/* "5; url=..." */
void link_find_in_refresh(struct link_search *search, ward_str content);
/* "a b c" */
void link_find_in_list(struct link_search *search, ward_str list);

ward_err link_find_in_html(struct link_search *search, ward_str html,
		struct ward_error *error) WARD_MUST_USE;

#endif
