/*
 * site_names.h - what DNS is to say about the names of site lists
 *
 * A resolver knows names alone.  Of all lists of a view this makes one sorted
 * set in which each name stands with what is answered for it:
 *
 *     block   it is listed, and nothing allows it
 *     allow   something allows it, and a name above it is blocked
 *     steer   a page of it is listed: its address is to be the proxy's, which
 *             blocks that page alone.  Never a block.
 *     safe    a search engine's, answered by the host it publishes for that
 *
 * Judged as the gate does without a person: a mandatory list's block first, then
 * allowing lists, then blocking ones; lists that only log say nothing.  A name
 * that the domain above it answers for in the same way is not in the set, so a
 * list that names both "a.b" and "b" costs what "b" costs.  Networks and hashes
 * name no host and are counted as left out; so are hosts that DNS has no room for,
 * or whose signs mean something in a server's file (letters, digits, - and _ are taken).
 *
 * Sorted by labels from the right, a name before those below it: "b", "a.b",
 * "c.b".  About 40 bytes a name; immutable when made, for any number of threads.
 */
#ifndef EXCHANGE_SITE_NAMES_H
#define EXCHANGE_SITE_NAMES_H

#include <ward/site.h>

enum exchange_site_action {
	EXCHANGE_SITE_BLOCKS = 0,
	EXCHANGE_SITE_ALLOWS,
	EXCHANGE_SITE_STEERS,
	EXCHANGE_SITE_SAFE,
};

enum exchange_safe_search {
	EXCHANGE_SAFE_OFF = 0,
	EXCHANGE_SAFE_MODERATE, /* YouTube's milder mode; search engines have but one */
	EXCHANGE_SAFE_STRICT,
};

/* What a blocked name is answered with. */
enum exchange_site_answer {
	EXCHANGE_SITE_NXDOMAIN = 0,
	EXCHANGE_SITE_PAGE, /* the block page's address */
};

#define EXCHANGE_SITE_ADDRESS_MAX 46 /* an address's text with its NUL */
#define EXCHANGE_SITE_NAME_MAX    256

/* Zeroed: NXDOMAIN, no steering, no safe search, no hidden lists. */
struct exchange_site_dns {
	int64_t now; /* Unix seconds: what has expired by then is left out */
	enum exchange_site_answer answer;
	char page4[EXCHANGE_SITE_ADDRESS_MAX]; /* of PAGE; "" is none of that family */
	char page6[EXCHANGE_SITE_ADDRESS_MAX];
	bool steer;
	char steer4[EXCHANGE_SITE_ADDRESS_MAX]; /* the proxy's; the CDB needs none: the server */
	char steer6[EXCHANGE_SITE_ADDRESS_MAX]; /* that reads it is told */
	enum exchange_safe_search safe;
	bool hidden;                       /* lists that are hidden, too */
	char zone[EXCHANGE_SITE_NAME_MAX]; /* of RPZ; "" is "rpz.ward" */
	uint32_t ttl;                      /* of what is answered; 0 is 60 seconds */
	/*
	 * Does a rule of the operator let some people, or at some hours, have what such an entry
	 * blocks?  DNS knows neither; so its name is steered, where there is steering, and the
	 * proxy, which knows, has the word.  NULL: there is no such rule.
	 */
	bool (*is_softened)(void *context, const struct ward_site_info *info, ward_str category,
			ward_str class_code);
	void *context;
};

struct exchange_site_name {
	char name[EXCHANGE_SITE_NAME_MAX]; /* canonical, without a dot at the end */
	bool below;                        /* with all below it */
	enum exchange_site_action action;
	bool mandatory; /* blocked by law or order: Extended DNS Error 16, not 15 (RFC 8914) */
	ward_str safe;  /* the published host, of SAFE */
	/*
	 * Of one that stands below a name that is in the set with all below: the index of that
	 * name; else its own.
	 */
	size_t above;
};

struct exchange_site_names;

ward_err exchange_site_names_new(const struct ward_site_view *view,
		const struct exchange_site_dns *options, struct exchange_site_names **names,
		struct ward_error *error) WARD_MUST_USE;
void exchange_site_names_free(struct exchange_site_names *names);
size_t exchange_site_names_count(const struct exchange_site_names *names);
void exchange_site_names_at(const struct exchange_site_names *names, size_t index,
		struct exchange_site_name *name);
/* Entries that name no host. */
uint64_t exchange_site_names_left_out(const struct exchange_site_names *names);

/* The index-th name of the table with its published host; false behind the last. */
bool exchange_safe_search_at(size_t index, enum exchange_safe_search mode, ward_str *name,
		ward_str *host);
/* The whole table, of any mode, for who asks it often.  In lower case. */
enum { EXCHANGE_SAFE_PAIRS_MAX = 512 };
struct exchange_safe_pairs {
	struct exchange_safe_pair {
		ward_str name, host;
	} at[EXCHANGE_SAFE_PAIRS_MAX];
	size_t count;
};
void exchange_safe_search_all(struct exchange_safe_pairs *pairs);
/* "moderate", "strict"; false for others. */
bool exchange_safe_search_from(ward_str word, enum exchange_safe_search *mode);

#endif
