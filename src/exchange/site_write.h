/*
 * site_write.h - site lists as others read them
 *
 *     names, as site_names.h judges them:
 *     cdb          dnsdist's key-value store (site_cdb.c tells its keys)
 *     rpz          a response policy zone, for Unbound, BIND, Knot and PowerDNS
 *     hosts        "0.0.0.0 name"
 *     dnsmasq      "address=/name/"
 *     unbound      local-zone and local-data, where RPZ is not to be had
 *     squid        dstdomain
 *     e2guardian   a list of sites
 *
 *     entries, as the lists hold them:
 *     squid-urls   url_regex
 *     e2guardian-urls
 *     nft          sets of the networks
 *     json, csv, lines
 *
 * What a format cannot say is left out and counted; it never says more.  Lists
 * that are hidden are left out unless they are asked for, and then the file is
 * its owner's alone.  A file is written beside the one it replaces and renamed.
 */
#ifndef EXCHANGE_SITE_WRITE_H
#define EXCHANGE_SITE_WRITE_H

#include "exchange/site_names.h"

enum exchange_site_output {
	EXCHANGE_SITE_OUT_CDB = 0,
	EXCHANGE_SITE_OUT_RPZ,
	EXCHANGE_SITE_OUT_HOSTS,
	EXCHANGE_SITE_OUT_DNSMASQ,
	EXCHANGE_SITE_OUT_UNBOUND,
	EXCHANGE_SITE_OUT_SQUID,
	EXCHANGE_SITE_OUT_E2GUARDIAN,
	EXCHANGE_SITE_OUT_SQUID_URLS,
	EXCHANGE_SITE_OUT_E2GUARDIAN_URLS,
	EXCHANGE_SITE_OUT_NFT,
	EXCHANGE_SITE_OUT_JSON,
	EXCHANGE_SITE_OUT_CSV,
	EXCHANGE_SITE_OUT_LINES,
	EXCHANGE_SITE_OUT_COUNT
};

const char *exchange_site_output_name(enum exchange_site_output output);
/* EXCHANGE_SITE_OUT_COUNT when there is none of this name. */
enum exchange_site_output exchange_site_output_from(ward_str name);
/* For a machine, not for eyes: only these may hold lists that are hidden. */
bool exchange_site_output_is_for_machines(enum exchange_site_output output);

struct exchange_site_written {
	uint64_t names;    /* names or entries that were written */
	uint64_t left_out; /* that the format has no place for */
	uint32_t serial;   /* of RPZ */
	bool unchanged;    /* of RPZ: the file says the same already, and was left as it is */
};

/* `written` may be NULL everywhere. */
ward_err exchange_site_cdb_write(const struct ward_site_view *view,
		const struct exchange_site_dns *options, const char *path,
		struct exchange_site_written *written, struct ward_error *error) WARD_MUST_USE;

/*
 * The zone's serial is the time, or one more than that of the file that is
 * there, whichever is more, so it never falls (RFC 1982); a zone that says what
 * the file says already is not written.  With `update`, what changed since that
 * file is also written there, as nsupdate reads it, for a server that takes
 * dynamic updates: NOT_FOUND when there is no such file to start from.
 */
ward_err exchange_site_rpz_write(const struct ward_site_view *view,
		const struct exchange_site_dns *options, const char *path, const char *update,
		struct exchange_site_written *written, struct ward_error *error) WARD_MUST_USE;

/* Any format.  A path of NULL is standard output, except for CDB. */
ward_err exchange_site_write(enum exchange_site_output output, const struct ward_site_view *view,
		const struct exchange_site_dns *options, const char *path,
		struct exchange_site_written *written, struct ward_error *error) WARD_MUST_USE;

/* ---- hashed lists ---- */

struct exchange_site_hashing {
	uint32_t bits; /* 32..256, whole bytes; of each hash that is given away */
	uint8_t salt[32];
	size_t salt_len;
};

/*
 * JSON Lines of hashes alone: a line with the salt, then the SHA-256 of the salt
 * and of an expression, as Safe Browsing has it ("host/", "host/path"), of each
 * entry, sorted, so that their order tells nothing.  Names below a domain and
 * links below a prefix have that expression, too.  Networks, hosts taken exactly
 * and hashes are left out; what is found only in part (site_expression.h) is
 * written, and counted as left out.
 */
ward_err exchange_site_hashed_write(const struct ward_site_view *view,
		const struct exchange_site_dns *options,
		const struct exchange_site_hashing *hashing, const char *path,
		struct exchange_site_written *written, struct ward_error *error) WARD_MUST_USE;

#endif
