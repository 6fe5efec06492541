/*
 * page_text.h - the status page's sentences, in each language it speaks
 */
#ifndef API_PAGE_TEXT_H
#define API_PAGE_TEXT_H

#include <ward/base.h>

enum page_word {
	PAGE_TITLE = 0,
	PAGE_SKIP,
	PAGE_READY,
	PAGE_STOPPING,
	PAGE_DEMO,
	PAGE_NOW,
	PAGE_UPTIME,
	PAGE_REQUESTS,
	PAGE_SCANS_ALLOWED,
	PAGE_SCANS_HELD,
	PAGE_SCANS_BLOCKED,
	PAGE_WAITING,
	PAGE_RUNNING,
	PAGE_JAIL,
	PAGE_RESTARTS,
	PAGE_MEMORY,
	PAGE_VERSION,
	PAGE_LISTS,
	PAGE_NO_LISTS,
	PAGE_NAME,
	PAGE_SENSE,
	PAGE_ENTRIES,
	PAGE_HASHES,
	PAGE_CHANGED,
	PAGE_STATE,
	PAGE_ON,
	PAGE_OFF,
	PAGE_DENY,
	PAGE_ALLOW,
	PAGE_EXCLUDE,
	PAGE_TRY,
	PAGE_TRY_SAYS,
	PAGE_DAYS,
	PAGE_HOURS,
	PAGE_MINUTES,
	PAGE_LANGUAGE,
	PAGE_WORDS
};

struct page_language {
	const char *code; /* BCP 47 */
	const char *name; /* in itself */
	bool right_to_left;
	const char *words[PAGE_WORDS];
};

extern const struct page_language page_languages[];
size_t page_language_count(void);
/* The one asked for by ?lang=, else the first acceptable one, else English. */
const struct page_language *page_language_find(ward_str asked, ward_str accept);

#endif
