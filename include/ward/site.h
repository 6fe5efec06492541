/*
 * site.h - lists of places on the web, and the one question asked of them
 *
 * A site list names places: a page, all below a path, a host, a domain with all
 * its hosts, a network of addresses; or it names none of them and holds only
 * hashes, so that whoever has the list does not learn what is on it.  Its
 * compiled form is one immutable file, mapped read-only and opened in
 * milliseconds at any size, with at most one more beside it: the delta, what
 * was added and taken back since.  A new version is written beside the old one
 * and put in its place by a rename: a reader has the old one or the new one.
 *
 * The question is which entries hold a link.  The answer is every one of them
 * with what its list says of it; what follows is the gate's to judge by the
 * operator's rules (src/gate).
 *
 *     entry            written         holds
 *     page             h/p, h/p?q      that page of that host; without a query, with any
 *     prefix           h/p/...         what begins so, at the end of a path's part
 *     host             =h              all of exactly that host
 *     domain           h               all of that host and of those below it
 *     network          192.0.2.0/24    all of hosts written as such an address
 *     hash             (its digits)    an expression (link.h) with that SHA-256, or its beginning
 *
 * Schemes and ports are not part of a place.  All text is in the canonical form
 * of WARD_LINK_LOOKUP; ward_site_entry_read makes it so.
 *
 * What is mapped is not trusted: damaged bytes give a wrong answer or none,
 * never a read outside of the file, and ward_site_list_verify finds them.  A list
 * and a view may be asked by any number of threads at once; a writer belongs to
 * one, and one writer at a time changes a list (the second gets CONFLICT).
 */
#ifndef WARD_SITE_H
#define WARD_SITE_H

#include <ward/base.h>
#include <ward/link.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a list says about itself ---- */

typedef enum ward_site_sense {
	WARD_SITE_BLOCK = 0,
	WARD_SITE_ALLOW, /* never blocked on account of a list that is not mandatory */
	WARD_SITE_LOG,   /* counted, nothing else */
	WARD_SITE_SENSE_COUNT
} ward_site_sense;

WARD_API const char *ward_site_sense_name(ward_site_sense sense); /* "block", "allow", "log" */

#define WARD_SITE_NAME_MAX 64
#define WARD_SITE_TEXT_MAX 256

struct ward_site_info {
	char name[WARD_SITE_NAME_MAX];       /* [A-Za-z0-9][A-Za-z0-9._-]* */
	char source[WARD_SITE_TEXT_MAX];     /* who made it */
	char licence[WARD_SITE_TEXT_MAX];    /* what the operator may do with it */
	char category[WARD_SITE_NAME_MAX];   /* of entries that name none: "abuse", "games" */
	char class_code[WARD_SITE_NAME_MAX]; /* "scheme:code" of entries that name none; "" is none
					      */
	ward_site_sense sense;
	bool mandatory; /* by law or order: no allowing list and no person's appeal is stronger */
	bool hidden; /* its names are told to nobody: not by check, top, exports for people, or logs
		      */
	bool enabled;
	/*
	 * Lists with a publisher: an update must be signed by this key, carry a higher number than
	 * the one in force, and follow it (exchange/site_pages.h).
	 */
	bool has_publisher;
	uint8_t publisher[32];        /* Ed25519 */
	char urn[WARD_SITE_TEXT_MAX]; /* the publisher's name for it: "urn:ward:list:..." */
	uint64_t sequence;            /* of the version in force; 0 is none */
	uint8_t last[32];             /* SHA-256 of the page that brought it */
	int64_t issued;               /* by the publisher, or read: Unix seconds */
	int64_t expires;              /* the whole list; 0 is never */
	int64_t stale_after_s;        /* of an older one it is told that it is stale; 0 never */
	int64_t entry_life_s;         /* of entries that name no end; 0 is without end */
	/* of hash entries: SHA-256(salt, expression) */
	uint8_t salt[32];
	uint8_t salt_len;
	int64_t created, changed; /* Unix seconds, by the writer */
};

/* Seconds since the publisher issued it, or, without one, since it was changed. */
WARD_API int64_t ward_site_info_age(const struct ward_site_info *info, int64_t now);
/* Is it older than `stale_after_s`?  Has the whole of it expired? */
WARD_API bool ward_site_info_is_stale(const struct ward_site_info *info, int64_t now);
WARD_API bool ward_site_info_has_expired(const struct ward_site_info *info, int64_t now);

/* Block, enabled, no expiry.  False when the name is not a list name. */
WARD_API bool ward_site_info_init(struct ward_site_info *info, ward_str name) WARD_MUST_USE;

/* ---- one entry: what importers hand in and exports read ---- */

typedef enum ward_site_kind {
	WARD_SITE_PAGE = 0,
	WARD_SITE_PREFIX,
	WARD_SITE_HOST,
	WARD_SITE_DOMAIN,
	WARD_SITE_NETWORK,
	WARD_SITE_HASH,
	WARD_SITE_KIND_COUNT
} ward_site_kind;

WARD_API const char *ward_site_kind_name(ward_site_kind kind); /* "page", ... */

struct ward_site_entry {
	ward_site_kind kind;
	ward_str key; /* canonical: as written above, without '=' and "..."; of hashes lower-case
			 hex */
	ward_str original; /* as the source wrote it, when it differs and is to be kept; else "" */
	ward_str category; /* "": the list's */
	ward_str class_code; /* "": the list's */
	ward_str reason;     /* a word of the source's: "hotline-confirmed"; "" */
	ward_str ref;        /* the source's own id; "" */
	int64_t expires;     /* Unix seconds; 0: the list's rule */
};

/* How a name without a path is to be taken. */
typedef enum ward_site_bare {
	WARD_SITE_BARE_DOMAIN = 0, /* with all below it */
	WARD_SITE_BARE_HOST,
	WARD_SITE_BARE_PAGE, /* its front page */
} ward_site_bare;

/*
 * An entry from what a person or a list writes: a URL or a place with or without
 * scheme, "*.h" or ".h" (domain), "=h", "h/p/..." (prefix; also with a star in place
 * of the dots), an address or network, 8..64 hex digits behind "sha256:".  Sets kind and key, and
 * original where it differs; the rest stays.  FORMAT says what is wrong with it.
 */
WARD_API ward_err ward_site_entry_read(ward_str text, ward_site_bare bare, struct ward_buf *memory,
		struct ward_site_entry *entry, struct ward_error *error) WARD_MUST_USE;
/* As it is written above ("=h", "h/p/...", "sha256:..."): reading gives the same entry again. */
WARD_API void ward_site_entry_write(const struct ward_site_entry *entry, struct ward_buf *out);

/* ---- writing ---- */

struct ward_site_writer;

/* Begins a version that replaces all entries; `folder` holds one list and is made when missing. */
WARD_API ward_err ward_site_create(const char *folder, const struct ward_site_info *info,
		struct ward_site_writer **writer, struct ward_error *error) WARD_MUST_USE;
/* Begins a delta on the version in force; `info` NULL keeps what is said there. */
WARD_API ward_err ward_site_change(const char *folder, const struct ward_site_info *info,
		struct ward_site_writer **writer, struct ward_error *error) WARD_MUST_USE;
/*
 * CONFLICT unless the writer follows this version (ward_site_list_version; "" when there was
 * none): so nothing is said of a list by one who read what it said before somebody changed it.
 */
WARD_API ward_err ward_site_writer_expect(const struct ward_site_writer *writer,
		const char *version, struct ward_error *error) WARD_MUST_USE;
/* An entry that is there already, or was added before, is replaced. */
WARD_API ward_err ward_site_writer_add(struct ward_site_writer *writer,
		const struct ward_site_entry *entry, struct ward_error *error) WARD_MUST_USE;
/* Takes the entry of this kind and key back; `removed` says whether there was one. */
WARD_API ward_err ward_site_writer_remove(struct ward_site_writer *writer,
		const struct ward_site_entry *entry, bool *removed,
		struct ward_error *error) WARD_MUST_USE;
/* Compiles, syncs and puts in force; frees the writer in any case.  A delta that has grown past an
 * eighth of the list is merged into a new version. */
WARD_API ward_err ward_site_writer_commit(struct ward_site_writer *writer,
		struct ward_error *error) WARD_MUST_USE;
WARD_API void ward_site_writer_cancel(struct ward_site_writer *writer);
/* Merges the delta now. */
WARD_API ward_err ward_site_compact(const char *folder, struct ward_error *error) WARD_MUST_USE;
WARD_API ward_err ward_site_delete(const char *folder, struct ward_error *error) WARD_MUST_USE;

/* ---- reading one list ---- */

struct ward_site_list;

WARD_API ward_err ward_site_list_open(const char *folder, struct ward_site_list **list,
		struct ward_error *error) WARD_MUST_USE;
WARD_API void ward_site_list_free(struct ward_site_list *list);
WARD_API const struct ward_site_info *ward_site_list_info(const struct ward_site_list *list);
/* A word that changes with every version and delta: an ISTag is made of them. */
#define WARD_SITE_VERSION_MAX 34
WARD_API const char *ward_site_list_version(const struct ward_site_list *list);
WARD_API uint64_t ward_site_list_entries(const struct ward_site_list *list); /* in force */
WARD_API uint64_t ward_site_list_count(const struct ward_site_list *list, ward_site_kind kind);
WARD_API uint64_t ward_site_list_bytes(const struct ward_site_list *list); /* of its files */
/*
 * Walks all entries that are in force, in order of key; `cursor` starts zeroed.
 * False at the end, and where the list is damaged; ward_site_list_end tells which.
 * Text is borrowed from the cursor until the next step.
 */
struct ward_site_cursor {
	uint64_t base, delta;
	char text[2 * WARD_LINK_MAX];
};
WARD_API bool ward_site_list_next(const struct ward_site_list *list,
		struct ward_site_cursor *cursor, struct ward_site_entry *entry) WARD_MUST_USE;
/* Behind the last step: CORRUPT when it was the last because the rest cannot be read. */
WARD_API ward_err ward_site_list_end(const struct ward_site_list *list,
		const struct ward_site_cursor *cursor, struct ward_error *error) WARD_MUST_USE;
/* Reads everything and compares checksums and structure.  CORRUPT says what and where. */
WARD_API ward_err ward_site_list_verify(const struct ward_site_list *list,
		struct ward_error *error) WARD_MUST_USE;

/* ---- the question ---- */

struct ward_site_hit {
	const struct ward_site_list *list;
	ward_site_kind kind;
	uint64_t entry;    /* its place in the list, for ward_site_hit_entry */
	ward_str category; /* the entry's, or the list's; borrowed from the list */
	ward_str class_code;
	ward_str reason;
	int64_t expires; /* 0 is never.  Entries that have expired are no hits. */
	/* Of hashes: false when fewer than 64 bits agree, which happens by chance: ask the
	 * publisher. */
	bool certain;
};

#define WARD_SITE_HITS_MAX 64

struct ward_site_hits {
	struct ward_site_hit at[WARD_SITE_HITS_MAX];
	size_t count;
	size_t total; /* also those beyond the room */
};

/* Lists that are asked together.  Immutable; holds its lists and frees them. */
struct ward_site_view;

WARD_API ward_err ward_site_view_new(struct ward_site_list *const *lists, size_t count,
		struct ward_site_view **view, struct ward_error *error) WARD_MUST_USE;
/* Opens every list in a folder of lists; those that are damaged are told to `damaged` and left out
 * (it may be NULL: then they are an error). */
typedef void ward_site_damaged(void *context, ward_str name, const struct ward_error *error);
WARD_API ward_err ward_site_view_open(const char *folder, ward_site_damaged *damaged, void *context,
		struct ward_site_view **view, struct ward_error *error) WARD_MUST_USE;
/* Has anything in the folder changed since?  A few stat calls. */
WARD_API bool ward_site_view_is_current(const struct ward_site_view *view);
WARD_API void ward_site_view_free(struct ward_site_view *view);
WARD_API size_t ward_site_view_lists(const struct ward_site_view *view);
WARD_API const struct ward_site_list *ward_site_view_list(const struct ward_site_view *view,
		size_t index);

/*
 * Every entry of every enabled list, not expired at `now` (Unix seconds), that
 * holds the link (read by WARD_LINK_LOOKUP): mandatory lists first, then allowing
 * ones, blocking ones, logging ones, so that what decides is never beyond the room;
 * the most exact entry of a list first.  Cannot fail; allocates nothing.
 */
WARD_API void ward_site_ask(const struct ward_site_view *view, const struct ward_link *link,
		int64_t now, struct ward_site_hits *hits);
/* The same for a name alone, as DNS asks: host, domain, network and whole-host hash entries. */
WARD_API void ward_site_ask_host(const struct ward_site_view *view, ward_str host,
		ward_host_kind kind, const uint8_t address[16], int64_t now,
		struct ward_site_hits *hits);
/* Does any enabled list hold a page or prefix of exactly this host (two-stage steering)? */
WARD_API bool ward_site_host_has_pages(const struct ward_site_view *view, ward_str host,
		int64_t now);
/* The whole entry behind a hit.  Text is borrowed from the cursor. */
WARD_API void ward_site_hit_entry(const struct ward_site_hit *hit, struct ward_site_cursor *cursor,
		struct ward_site_entry *entry);
/*
 * Of a hash, whose entry says nothing to people: appends the part of the link (the
 * one that was asked for) that it stands for, written as an entry that holds the
 * link.  False, and nothing is appended, when it is no hash or not of this link.
 */
WARD_API bool ward_site_hit_place(const struct ward_site_hit *hit, const struct ward_link *link,
		struct ward_buf *out);

#ifdef __cplusplus
}
#endif
#endif
