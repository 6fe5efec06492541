/*
 * page.h - one signed page: read and checked, or made (site_pages.h tells its form)
 */
#ifndef EXCHANGE_PAGE_H
#define EXCHANGE_PAGE_H

#include "exchange/site_pages.h"

struct json_t; /* jansson's */

#define PAGE_DOMAIN    "ward-site-page-1\n"
#define PAGE_SIG_OPEN  ",\"sig\":\"ed25519:"
#define PAGE_SIG_CLOSE "\"}"
#define PAGE_SIG_HEX   128

struct page {
	struct json_t *root;
	const struct json_t *changes;
	ward_str urn;
	uint64_t seq;
	bool has_prev;
	uint8_t prev[32];
	uint8_t hash[32]; /* of its line */
	int64_t from, expires;
	uint64_t part, parts; /* of a snapshot; 0 of a page of changes */
	uint8_t salt[32];
	size_t salt_len;
};

/*
 * Checks the signature before anything of the page is believed.  FORMAT:
 * truncated, unsigned, or signed and no page; DENIED: another key's, or altered.
 */
ward_err exchange_page_read(ward_str line, const uint8_t key[32], struct page *page,
		struct ward_error *error) WARD_MUST_USE;
void exchange_page_free(struct page *page);

/* A change as an entry.  `memory` and `text` hold what it is made of.  False says `why`. */
struct page_change {
	bool retract;
	struct ward_site_entry entry;
};
bool exchange_page_change(const struct json_t *object, struct ward_buf *memory,
		struct ward_buf *text, struct page_change *change, struct ward_error *why);

/* Begins a page's text behind what is in `out`; exchange_page_end signs what was begun. */
struct page_making {
	struct ward_buf *out;
	size_t begun, body; /* where the page begins, and its changes */
	uint64_t changes;
};
void exchange_page_begin(struct page_making *making, struct ward_buf *out, const struct page *page,
		const uint8_t key[32]);
void exchange_page_add(struct page_making *making, bool retract, ward_str kind, ward_str key,
		const struct ward_site_entry *entry);
/* Signs it, ends its line and sets `hash` to the digest of it.  NOMEM, or LIMIT. */
ward_err exchange_page_end(struct page_making *making, const uint8_t secret[64], uint8_t hash[32],
		struct ward_error *error) WARD_MUST_USE;

#endif
