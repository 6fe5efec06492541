/*
 * site_pages.h - lists that a publisher signs, page by page
 *
 * A feed is text, one page a line, each a JSON object:
 *
 *   {"list":"urn:ward:list:harbour","seq":12,"prev":"sha256:…","from":"2026-03-01T00:00:00Z",
 *    "expires":"2026-03-08T00:00:00Z","key":"ed25519:…",
 *    "changes":[{"op":"add","kind":"url","key":"host.example/page","category":"games",
 *                "class":{"scheme":"local","code":"a"},"reason":"…","ref":"…","expires":"…"},
 *               {"op":"retract","kind":"domain","key":"host.example"}],
 *    "sig":"ed25519:…"}
 *
 * `seq` counts pages from 1 without a gap; `prev` is the SHA-256 of the line of
 * the page before, without its line end ("" in the first).  Kinds are url,
 * prefix, host, domain, network and sha256.  A snapshot is one or more pages
 * with "snapshot":{"part":1,"parts":3}; together they hold the whole list, and
 * who is behind may begin there.  Pages of hashes have "salt":"hex" as well.
 *
 * What is signed: the bytes "ward-site-page-1", a line feed, and all bytes of
 * the line up to and without `,"sig":`.  The signature is the last member,
 * written exactly as `,"sig":"ed25519:` with 128 lower-case hex digits and `"}`:
 * so nothing has to be put in order before it can be checked, and there is no
 * second spelling of a page.
 *
 * A feed is applied as a whole or not at all: whatever is wrong with any page,
 * the list in force stays.  A file may hold pages that were applied before; they
 * are checked and passed over.
 */
#ifndef EXCHANGE_SITE_PAGES_H
#define EXCHANGE_SITE_PAGES_H

#include <ward/site.h>

#include "exchange/site_write.h"

#define EXCHANGE_PAGE_MAX     ((size_t)8 << 20) /* bytes of a page */
#define EXCHANGE_PAGE_CHANGES 10000             /* in a page that is made here */
#define EXCHANGE_KEY_TEXT     (8 + 64 + 1)      /* "ed25519:" and hex */

struct exchange_pages_applied {
	uint64_t pages;     /* that were new */
	uint64_t passed;    /* that were in force already */
	uint64_t added;     /* entries */
	uint64_t retracted; /* entries that were there and are not any more */
	uint64_t bad;       /* changes that could not be used */
	uint64_t sequence;  /* in force now */
	bool snapshot;      /* the list was replaced */
};

/* A change that could not be used, and why; the page is signed nevertheless. */
typedef void exchange_pages_bad(void *context, uint64_t sequence, size_t change, const char *why);

struct exchange_pages_options {
	int64_t now;
	const char *version; /* of the list that `info` was read of; "" when there was none */
	/*
	 * The newest page that was ever in force here, also in a list that was removed since: what
	 * is older than that is no beginning.  0: none.
	 */
	uint64_t seen;
	uint8_t seen_page[32];   /* SHA-256 of its line */
	exchange_pages_bad *bad; /* may be NULL */
	void *context;
};

/*
 * Applies the feed in `fd` (a file that can be read twice) to the list in
 * `folder`.  `info` is what the list says about itself, or is to say when there
 * is none; it has a publisher and a URN.
 *
 * Refused, each with its word: FORMAT "truncated", "unsigned"; DENIED "another
 * key", "altered", "another list"; CONFLICT "a gap", "does not follow", "older"
 * than what is in force, or was before the list was removed, and when somebody
 * else changed the list since `info` was read; EXISTS "in force already"; TIMEOUT "expired";
 * ARGUMENT without a publisher.
 */
ward_err exchange_pages_apply(const char *folder, const struct ward_site_info *info, int fd,
		const struct exchange_pages_options *options,
		struct exchange_pages_applied *applied, struct ward_error *error) WARD_MUST_USE;

/* ---- the publisher's side ---- */

struct exchange_pages_signing {
	const char *urn;
	const uint8_t *seed; /* 32 bytes: the secret */
	int64_t now;
	int64_t life_s; /* until the list expires, when no page follows; 0: never */
	bool snapshot;  /* begin the feed anew with all that the list holds */
	bool hashed;
	struct exchange_site_hashing hashing;
};

struct exchange_pages_signed {
	uint64_t pages, added, retracted, left_out, sequence;
};

/*
 * Brings the feed at `path` to what the list holds: pages with what was added
 * and what is gone behind those that are there, or a snapshot where there is no
 * feed.  Nothing changed and not half of its life over: no page.  The feed is
 * replaced as a whole.  CORRUPT or DENIED when the feed that is there is not
 * this key's, unbroken; CONFLICT when somebody else signs it just now.
 */
ward_err exchange_pages_sign(const struct ward_site_list *list, const char *path,
		const struct exchange_pages_signing *signing, struct exchange_pages_signed *result,
		struct ward_error *error) WARD_MUST_USE;

/* ---- keys ---- */

/* "ed25519:" and 64 hex digits, or the digits alone. */
bool exchange_key_parse(ward_str text, uint8_t key[32]) WARD_MUST_USE;
void exchange_key_format(const uint8_t key[32], char out[EXCHANGE_KEY_TEXT]);
/* A new secret; and the public key of one. */
ward_err exchange_key_make(uint8_t seed[32], struct ward_error *error) WARD_MUST_USE;
ward_err exchange_key_public(const uint8_t seed[32], uint8_t key[32],
		struct ward_error *error) WARD_MUST_USE;

#endif
