/*
 * link.h - addresses of the web, and when two spellings are the same one
 *
 * A link can be written in many ways that a browser takes to the same page:
 * with escapes, dots, other digits for an address, letters of any script.  A
 * list can only be asked about one of them.  Reading a link here gives that one,
 * the canonical form, beside the text as it came.
 *
 * Three sets of rules are kept apart, because their publishers differ:
 *
 *   SAFE_BROWSING  Google Safe Browsing v4, "URLs and Hashing": what publishers
 *                  of hashed lists compute.
 *   WHATWG         the URL Standard with UTS 46, as browsers do it.
 *   LOOKUP         what ward's own lists hold and are asked by: the host as the
 *                  URL Standard has it (A-labels, any spelling of an address),
 *                  then Safe Browsing's rules for path and query, which undo
 *                  escapes that a server undoes too.  Backslashes are slashes,
 *                  as browsers take them.
 *
 * Nothing is kept between calls and nothing is shared: call from any thread.
 * Text that is read is bounded by WARD_LINK_MAX; what does not fit is LIMIT.
 */
#ifndef WARD_LINK_H
#define WARD_LINK_H

#include <ward/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WARD_LINK_MAX 65536 /* bytes of a link as it comes */
/* A cap for `memory` below that is enough for every link. */
#define WARD_LINK_MEMORY_MAX ((size_t)8 * WARD_LINK_MAX)

typedef enum ward_link_rules {
	WARD_LINK_LOOKUP = 0,
	WARD_LINK_SAFE_BROWSING,
	WARD_LINK_WHATWG,
} ward_link_rules;

typedef enum ward_host_kind {
	WARD_HOST_NONE = 0, /* WHATWG only: "mailto:", "file:" and the like */
	WARD_HOST_NAME,
	WARD_HOST_IPV4, /* dotted decimal, whatever it was written as */
	WARD_HOST_IPV6, /* in brackets, RFC 5952 */
} ward_host_kind;

struct ward_link {
	ward_str original; /* as it came; the caller's */
	/* The rest is borrowed from the buffer that it was read into. */
	ward_str url;    /* the whole canonical form */
	ward_str scheme; /* "http"; without one in the text, "http" (not WHATWG) */
	ward_str host;   /* lower case; A-labels; without port */
	ward_str path;   /* begins with '/', when there is a host */
	ward_str query;  /* behind '?' */
	bool has_query;  /* "/q?" has one, an empty one: but LOOKUP and SAFE_BROWSING drop it when
			  * they build expressions */
	/* WHATWG only */
	ward_str user, password, fragment;
	bool has_fragment;
	ward_host_kind host_kind;
	uint8_t address[16]; /* of IPV4 the first 4, of IPV6 all */
	uint16_t port;       /* 0: the scheme's own, or none */
};

/*
 * Reads a link.  `memory` is cleared first and then holds the link's text; use
 * one buffer for many links and nothing is allocated after the first.  FORMAT
 * says why it is no link.
 */
WARD_API ward_err ward_link_read(ward_str text, ward_link_rules rules, struct ward_buf *memory,
		struct ward_link *link, struct ward_error *error) WARD_MUST_USE;
/* A link that may be relative to `base` (WHATWG). */
WARD_API ward_err ward_link_join(ward_str text, const struct ward_link *base,
		struct ward_buf *memory, struct ward_link *link,
		struct ward_error *error) WARD_MUST_USE;

/* ---- hosts ---- */

/*
 * A host name alone, as the URL Standard's "host parser" has it (A-labels, an
 * address in any spelling), for lists of names.  FORMAT when it is none.
 */
WARD_API ward_err ward_host_read(ward_str text, struct ward_buf *memory, ward_str *host,
		ward_host_kind *kind, uint8_t address[16], struct ward_error *error) WARD_MUST_USE;
/* The host as people read it (U-labels) where that is safe to show; else as it is. */
WARD_API ward_err ward_host_display(ward_str host, struct ward_buf *memory, ward_str *display,
		struct ward_error *error) WARD_MUST_USE;
/* The part that somebody registered ("example.co.uk" of "www.example.co.uk"); "" when there is
 * none: it is a public suffix, or an address. */
WARD_API ward_str ward_host_registered(ward_str host);
/* "co.uk", "github.io", "uk": what the list has; "intranet" is none. */
WARD_API bool ward_host_is_suffix(ward_str host);
/* The name one level up ("b.c" of "a.b.c"); "" when there is none. */
WARD_API ward_str ward_host_parent(ward_str host);

/* An address and how many of its first bits count: "192.0.2.0/24", "2001:db8::/32", "192.0.2.7". */
struct ward_network {
	ward_host_kind kind;
	uint8_t address[16];
	uint8_t bits;
};
WARD_API bool ward_network_read(ward_str text, struct ward_network *network) WARD_MUST_USE;
WARD_API bool ward_network_has(const struct ward_network *network, ward_host_kind kind,
		const uint8_t address[16]);

/* ---- expressions: what a hashed list is asked by ---- */

#define WARD_LINK_EXPRESSIONS_MAX 30

/*
 * Up to 5 hosts x 6 paths: "a.b.c/1/2.html?q", "a.b.c/1/2.html", "a.b.c/", "a.b.c/1/", "b.c/…".
 * Gives each to `visit` as two pieces (the host, the path with its query); returns how many.
 */
typedef void ward_expression_visit(void *context, ward_str host, ward_str path);
WARD_API size_t ward_link_expressions(const struct ward_link *link, ward_expression_visit *visit,
		void *context);

/* ---- finding links ---- */

typedef enum ward_links_in {
	WARD_LINKS_IN_TEXT = 0, /* "see www.example.org/page, and …" */
	WARD_LINKS_IN_HTML,     /* attributes that lead somewhere or load something; and its text */
} ward_links_in;

struct ward_found_link {
	ward_str text;  /* as it stands there; in HTML with its references undone */
	size_t offset;  /* of it in what was searched, in bytes */
	ward_str where; /* of HTML: "a href", "img src", "text"; else "text" */
	bool loads;     /* the page shows or runs it, rather than leads to it */
};

/*
 * Every link, in order, as it is written: relative ones are the caller's to
 * join with `base` as `found->text` (a <base href> is told as where "base href").
 * False from `visit` ends the search.  UTF-8; broken sequences are passed over.
 */
typedef bool ward_links_visit(void *context, const struct ward_found_link *found);
WARD_API ward_err ward_links_find(ward_str text, ward_links_in in, ward_links_visit *visit,
		void *context, struct ward_error *error) WARD_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
