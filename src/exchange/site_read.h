/*
 * site_read.h - other people's lists of places, read record by record
 *
 * A reader turns a file of any format below into entries of a site list
 * (ward/site.h), one at a time, streaming, in bounded memory at any size.  A
 * record that makes no sense, or that says what a site list cannot say, is not
 * fatal: it is told as bad, with its line and the reason, and reading goes on.
 *
 *     format      one record is
 *     lines       a link, host, domain, address, network or "sha256:" hash a line
 *     hosts       "0.0.0.0 name name": each name, exactly
 *     adblock     "||name^" (a domain), "|http://name/page|", "@@||name^" (an exception)
 *     rpz         a QNAME trigger of a response policy zone
 *     dstdomain   Squid's: ".name" with all below it, "name" exactly
 *     regex       Squid's url_regex, where a pattern is literal
 *     domains     SquidGuard's and e2guardian's: a domain with all below it
 *     urls        theirs: a link and all that begins so
 *     csv         columns told by a header: url, host, domain, category, class, ...
 *     jsonl       an object a line; ward's own export
 *
 * Where a format says more than an entry can, the entry holds less, never more,
 * with one exception that is told as `widened`.  Nothing read is repeated in an
 * error.  A reader belongs to one thread.
 */
#ifndef EXCHANGE_SITE_READ_H
#define EXCHANGE_SITE_READ_H

#include <ward/site.h>

#include "exchange/exchange.h"

enum exchange_site_format {
	EXCHANGE_SITE_AUTO = 0, /* by content, never by the file's name */
	EXCHANGE_SITE_LINES,
	EXCHANGE_SITE_HOSTS,
	EXCHANGE_SITE_ADBLOCK,
	EXCHANGE_SITE_RPZ,
	EXCHANGE_SITE_DSTDOMAIN,
	EXCHANGE_SITE_REGEX,
	EXCHANGE_SITE_DOMAINS, /* only when asked for: its content is that of lines */
	EXCHANGE_SITE_URLS,    /* only when asked for */
	EXCHANGE_SITE_CSV,
	EXCHANGE_SITE_JSONL,
	EXCHANGE_SITE_PAGES, /* signed: told by content, and read by site_pages.h alone */
	EXCHANGE_SITE_FORMAT_COUNT
};

const char *exchange_site_format_name(enum exchange_site_format format);
/* EXCHANGE_SITE_FORMAT_COUNT when there is none of this name. */
enum exchange_site_format exchange_site_format_from(ward_str name);

struct exchange_site_options {
	enum exchange_site_format format;
	bool bare_given;     /* a name without a path is taken as `bare` says; else as the format */
	ward_site_bare bare; /* does: hosts and dstdomain exactly, all others with what is below */
	size_t record_max;   /* bytes of one; 0 is 128 KiB */
};

enum exchange_site_op {
	EXCHANGE_SITE_ADD = 0,
	EXCHANGE_SITE_REMOVE, /* the source takes it back */
	EXCHANGE_SITE_EXCEPT, /* the source excepts it from what else it lists */
};

struct exchange_site_record {
	struct ward_site_entry entry; /* text borrowed until the next call */
	enum exchange_site_op op;
	uint64_t number;  /* 0-based, bad ones counted */
	uint64_t line;    /* 1-based, where it begins */
	const char *bad;  /* why it cannot be used; NULL: it can */
	bool unsupported; /* it makes sense, and a site list has no place for it: `bad` says why */
	bool widened;     /* "*.name" without "name", which its entry holds, too */
	bool walled;      /* its zone shows a page of its own in place of the site */
	ward_bytes raw;   /* as read, for the quarantine */
};

struct exchange_site_reader;

ward_err exchange_site_reader_open(int fd, const struct exchange_site_options *options,
		struct exchange_site_reader **reader, struct ward_error *error) WARD_MUST_USE;
ward_err exchange_site_reader_from(exchange_source *source, void *context,
		const struct exchange_site_options *options, struct exchange_site_reader **reader,
		struct ward_error *error) WARD_MUST_USE;
void exchange_site_reader_free(struct exchange_site_reader *reader);
/* The format in use, after AUTO was settled. */
enum exchange_site_format exchange_site_reader_format(const struct exchange_site_reader *reader);
/* Bytes consumed, for progress. */
uint64_t exchange_site_reader_at(const struct exchange_site_reader *reader);
/* An RPZ's; 0 when none was read. */
uint32_t exchange_site_reader_serial(const struct exchange_site_reader *reader);
/* What the hashes of a JSON Lines file were salted with: its bytes, 32 at most; 0 is no salt. */
size_t exchange_site_reader_salt(const struct exchange_site_reader *reader, uint8_t salt[32]);

/* The next record; *more is false at the end.  Fails only when the file cannot be read on. */
ward_err exchange_site_reader_next(struct exchange_site_reader *reader,
		struct exchange_site_record *record, bool *more,
		struct ward_error *error) WARD_MUST_USE;

#endif
