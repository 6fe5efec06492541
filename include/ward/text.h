/*
 * text.h - words of a page or a message, and which of an operator's terms are among them
 *
 * Who hides a word writes it so that a person reads it and a machine does not:
 * other cases, widths and alphabets, marks, digits for letters, b.o.a.t,
 * invisible characters between.  Folding undoes that: text becomes words in one
 * plain spelling with one space between, and every byte of it is known by where
 * it stood.  Terms are folded the same way, so that they meet.
 *
 *     page bytes → encoding → HTML → fold → terms → hits → score
 *
 * A list of terms is the operator's: words and phrases with weights, categories,
 * and contexts in which they count; the project ships none but made-up ones.
 * Compiled, a list is immutable and may be shared by all threads; a page reader
 * belongs to one.
 *
 * A score says how much a page looks like what the list's makers described, with
 * every part shown.  It is a heuristic (WARD_FINDING_SCORE): it may hold and
 * queue; it blocks only where the operator's policy says so for a profile.
 */
#ifndef WARD_TEXT_H
#define WARD_TEXT_H

#include <ward/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- folding ---- */

/*
 * What is always undone: case; compatibility forms (NFKC's: widths, ligatures,
 * circled and mathematical letters); marks on Latin, Greek, Cyrillic, Arabic and
 * Hebrew letters; letters of other alphabets that look like Latin ones; digits of
 * any script become 0-9; what is invisible goes; digits and signs that stand for
 * letters inside words (b0at, bo@t; numbers stay numbers); single letters with
 * something between (b.o.a.t).  All that is no letter, digit or pictograph is a
 * space, and a run of it one space.  Folding what was folded changes nothing.
 */
enum {
	WARD_FOLD_REPEATS = 1u << 0, /* also boooat: a letter that is repeated counts once */
};

struct ward_fold; /* belongs to one thread; reused, nothing is allocated after the largest text */

/* NULL without memory. */
WARD_API struct ward_fold *ward_fold_new(unsigned options);
WARD_API void ward_fold_free(struct ward_fold *fold);
/*
 * Folds a whole text of at most 1 GiB; `folded` is borrowed until the next call.
 * Bytes that are no UTF-8 are taken as spaces.  Fails without memory alone.
 */
WARD_API ward_err ward_fold_text(struct ward_fold *fold, ward_str text, ward_str *folded,
		struct ward_error *error) WARD_MUST_USE;

struct ward_fold_span {
	size_t offset, len; /* in the text that was folded, which must still be there */
};
/* Where `len` folded bytes at `offset` stood. */
WARD_API struct ward_fold_span ward_fold_source(const struct ward_fold *fold, size_t offset,
		size_t len);

/* ---- lists of terms ---- */

typedef enum ward_term_kind {
	WARD_TERM_WEIGHTED = 0,
	WARD_TERM_BANNED,    /* the list says that one of it is enough */
	WARD_TERM_EXCEPTION, /* the list says that a page with it is harmless */
	WARD_TERM_KIND_COUNT
} ward_term_kind;

WARD_API const char *ward_term_kind_name(ward_term_kind kind); /* "weighted", ... */

#define WARD_TERM_PARTS_MAX 8   /* of a combination */
#define WARD_TERM_BYTES_MAX 255 /* of a part, folded */
#define WARD_TERMS_MAX      1000000

struct ward_term {
	ward_str text; /* as the list has it; of a combination its first part */
	ward_str with[WARD_TERM_PARTS_MAX - 1]; /* it counts only where these are, too */
	size_t with_count;
	uint32_t within;   /* at most so many words apart; 0 is anywhere on the page */
	ward_str category; /* "" is none */
	ward_str language; /* "en,de"; "" is any: told, not judged */
	ward_term_kind kind;
	bool part;     /* also inside of words */
	double weight; /* negative: what makes a page less of it */
};

typedef enum ward_term_format {
	/*
	 * UTF-8, one term a line; behind it, each behind a TAB, in any order:
	 * weight=NUMBER (10) category=NAME language=CODES context=word|part kind=...
	 * with=TERM (again for more) within=WORDS.  "#" begins a comment line.
	 */
	WARD_TERM_FORMAT_WARD = 0,
	WARD_TERM_FORMAT_E2_WEIGHTED, /* e2guardian: <a><100>, <a>,<b><50> */
	WARD_TERM_FORMAT_E2_BANNED,   /* <a>, <a>,<b> */
	WARD_TERM_FORMAT_E2_EXCEPTION,
} ward_term_format;

struct ward_term_list; /* terms that are being collected, by one thread */

WARD_API struct ward_term_list *ward_term_list_new(unsigned fold_options); /* NULL: no memory */
WARD_API void ward_term_list_free(struct ward_term_list *list);
/* Adds all of a list.  FORMAT says which line is wrong; then nothing of it was added. */
WARD_API ward_err ward_term_list_read(struct ward_term_list *list, ward_str text,
		ward_term_format format, struct ward_error *error) WARD_MUST_USE;
WARD_API size_t ward_term_list_count(const struct ward_term_list *list);
WARD_API struct ward_term ward_term_list_at(const struct ward_term_list *list, size_t index);

typedef enum ward_term_doubt {
	WARD_TERM_SAME = 0, /* folds to what `other` folds to */
	WARD_TERM_SHORT,    /* fewer than three letters, or two of a script without spaces */
	WARD_TERM_INSIDE,   /* counts inside of words, and stands inside of `other` */
	WARD_TERM_NUMBER,   /* nothing but digits */
	WARD_TERM_DOUBT_COUNT
} ward_term_doubt;

WARD_API const char *ward_term_doubt_name(ward_term_doubt doubt); /* "same", "short", ... */

/* What a person should look at before a list is used: in order of the terms. */
typedef void ward_term_doubts(void *context, ward_term_doubt doubt, size_t term, size_t other);
WARD_API ward_err ward_term_list_check(struct ward_term_list *list, ward_term_doubts *visit,
		void *context, struct ward_error *error) WARD_MUST_USE;

struct ward_terms; /* compiled; immutable */

WARD_API ward_err ward_terms_compile(const struct ward_term_list *list, struct ward_terms **terms,
		struct ward_error *error) WARD_MUST_USE;
/*
 * The compiled form, the same on all CPUs of this byte order.  Loading copies it
 * and checks it; a damaged file is CORRUPT.
 */
WARD_API ward_err ward_terms_save(const struct ward_terms *terms, struct ward_buf *out,
		struct ward_error *error) WARD_MUST_USE;
WARD_API ward_err ward_terms_load(ward_bytes file, struct ward_terms **terms,
		struct ward_error *error) WARD_MUST_USE;
WARD_API void ward_terms_free(struct ward_terms *terms);
WARD_API size_t ward_terms_count(const struct ward_terms *terms);
WARD_API struct ward_term ward_terms_at(const struct ward_terms *terms, size_t index);
WARD_API const char *ward_terms_version(const struct ward_terms *terms); /* changes with them */

/* ---- a page ---- */

typedef enum ward_page_where {
	WARD_PAGE_TEXT = 0,
	WARD_PAGE_TITLE,
	WARD_PAGE_DESCRIPTION, /* <meta name=description, keywords> and of previews */
	WARD_PAGE_ALT,         /* alt, title, aria-label, placeholder, value of buttons */
	WARD_PAGE_HIDDEN,      /* there, and not shown: hidden, display:none */
	WARD_PAGE_WHERE_COUNT
} ward_page_where;

WARD_API const char *ward_page_where_name(ward_page_where where); /* "text", "title", ... */

struct ward_page_hit {
	uint32_t term; /* for ward_terms_at */
	ward_page_where where;
	size_t offset; /* in the page's bytes, when they are UTF-8; else in them made UTF-8 */
	size_t len;
	uint32_t word;    /* which word of the page */
	ward_str excerpt; /* a few words around it, for the operator's eyes alone: not for logs */
};

/* What the caller knows of the page. */
struct ward_page_facts {
	uint32_t listed_links; /* links on it that a site list holds */
	uint32_t pictures;     /* pictures on it with a finding */
	unsigned host;         /* WARD_HOST_FACT_... */
};

enum {
	WARD_HOST_FACT_ADDRESS = 1u << 0, /* an address in place of a name */
	WARD_HOST_FACT_DIGITS = 1u << 1,  /* three digits or more in one label */
	WARD_HOST_FACT_MIXED = 1u << 2,   /* a label mixes Latin with letters that look like it */
	WARD_HOST_FACT_DEEP = 1u << 3,    /* more than four labels */
	WARD_HOST_FACT_NEW = 1u << 4,     /* the caller's word: it has not been there for long */
};
/* Of a host as people read it, or in A-labels (then MIXED is "xn--" alone); never NEW. */
WARD_API unsigned ward_page_host_facts(ward_str host);

/* Parts add up to the total. */
struct ward_page_score {
	double total;
	double terms;    /* each term's weight, again by half for each time it comes back */
	double density;  /* up to as much as `terms`: hits among few words */
	double harmless; /* negative: terms of negative weight, in the same way */
	double links;
	double pictures;
	double host;
	bool banned;    /* a term of that kind was there */
	bool exception; /* likewise; terms, density and harmless are 0 for it */
};

#define WARD_PAGE_HITS_MAX 256

struct ward_page_result {
	const struct ward_page_hit *hits; /* in order of where they stand */
	size_t hit_count;
	uint64_t hit_total; /* also those beyond WARD_PAGE_HITS_MAX; of one term at most 256 */
	uint64_t bytes;     /* that were fed */
	uint64_t words;
	bool cut; /* longer than options.bytes_max; the rest was not looked at */
	/* So full of words of the list that not every combination of them was looked for to the
	 * end. */
	bool crowded;
	bool html;
	char encoding[24];       /* "utf-8", "windows-1251", ...: what it was read as */
	const char *encoding_by; /* "bom", "header", "meta", "utf-8", "default" */
	struct ward_page_score score;
};

struct ward_page_options {
	size_t bytes_max;   /* of a page; 0 is 4 MiB */
	size_t excerpt_max; /* bytes of an excerpt; 0 is 120 */
	bool score_only;    /* hits are counted and not told: to find where they stood takes longer
			       than all else on a page that is full of them */
	/* Sees links as they come by: as in link.h's ward_links_find, by the caller; may be NULL.
	 */
	void (*link)(void *context, ward_str value, const char *tag, const char *attribute,
			size_t offset);
	void *context;
};

struct ward_page;

/* NULL without memory.  `terms` (may be NULL: then there are no hits) must live as long. */
WARD_API struct ward_page *ward_page_new(const struct ward_terms *terms,
		const struct ward_page_options *options);
WARD_API void ward_page_free(struct ward_page *page);
/*
 * Begins a page.  `content_type` as HTTP has it ("text/html; charset=utf-8"); ""
 * is looked at.  HTML and plain text are read; of other types nothing is text.
 */
WARD_API void ward_page_begin(struct ward_page *page, ward_str content_type);
/* The next bytes.  Once it fails it keeps failing until the next begin: NOMEM alone. */
WARD_API ward_err ward_page_feed(struct ward_page *page, ward_bytes piece,
		struct ward_error *error) WARD_MUST_USE;
/* The result is borrowed until the next begin. */
WARD_API ward_err ward_page_end(struct ward_page *page, const struct ward_page_facts *facts,
		const struct ward_page_result **result, struct ward_error *error) WARD_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
