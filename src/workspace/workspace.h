/*
 * workspace.h - one folder that holds an installation
 *
 *     ward.conf     settings and policy rules
 *     lists/NAME/   compiled lists (ward/bank.h)
 *     sites/NAME/   compiled lists of places on the web (ward/site.h)
 *     publishers/   which signed page of a list was in force here (workspace/publisher.h)
 *     quarantine/   records an import could not use, one file an import
 *     keys/         API keys, hashed; the key the installation signs with (audit/signer.h)
 *     ward.db       the store, unless it is on a server (store/store.h)
 *     audit/        checkpoints of the log (audit/checkpoint.h)
 *     vault/        sealed evidence (vault/vault.h)
 *     legal-clocks.json   the operator's own table of legal clocks, if there is one (vault/legal.h)
 *
 * Everything is made with mode 0700 or 0600.  A workspace is opened by every
 * program; changing lists while a daemon runs is safe, it notices.
 *
 * A workspace handle belongs to one thread; what it hands out is immutable.
 */
#ifndef WORKSPACE_H
#define WORKSPACE_H

#include <ward/scan.h>
#include <ward/site.h>

#include "base/json.h"
#include "exchange/exchange.h"
#include "gate/gate_live.h"
#include "store/store.h"
#include "workspace/settings.h"

struct workspace;

/*
 * Makes a workspace with a commented ward.conf and a store.  EXISTS when there is one; other files
 * stay.
 */
ward_err workspace_init(const char *folder, struct ward_error *error) WARD_MUST_USE;

/* Reads ward.conf.  A mistake in it is an error that says where (line) and what to write instead.
 */
ward_err workspace_open(const char *folder, struct workspace **workspace,
		struct ward_error *error) WARD_MUST_USE;
void workspace_free(struct workspace *workspace);
const char *workspace_folder(const struct workspace *workspace);
const char *workspace_lists(const struct workspace *workspace); /* the folder of lists */
const char *workspace_sites(const struct workspace *workspace); /* the folder of site lists */
const char *workspace_keys(const struct workspace *workspace);  /* the file of keys */
const struct settings *workspace_settings(const struct workspace *workspace);
/* From ward.conf's rules, or the default; shared, lives as long as the workspace. */
const struct ward_policy *workspace_policy(const struct workspace *workspace);
/* The gate's, from ward.conf; as the policy. */
const struct gate_rules *workspace_gate_rules(const struct workspace *workspace);

/* words.c: opens the workspace's site lists and terms, by rules that are taken over. */
ward_err workspace_gate(const struct workspace *workspace, struct gate_rules_owner rules,
		struct gate_live **live, struct ward_error *error) WARD_MUST_USE;
/* Has a scan look these up in texts; the state is to be held until it has ended. */
void workspace_scan_words(const struct gate_state *state, struct ward_scan_options *options);

/*
 * Opens the store that ward.conf names.  Without `make`, one that is not there is NOT_FOUND and an
 * older one UNSUPPORTED, and the sentence says what to do; with it, it is made or brought to this
 * version.  A store that has gone is never made anew unasked: its absence must be seen.
 */
ward_err workspace_store(const struct workspace *workspace, bool make, struct store **store,
		struct ward_error *error) WARD_MUST_USE;
/* An older one stays older: for a backup before it is brought to this version, and nothing else. */
ward_err workspace_store_as_it_is(const struct workspace *workspace, struct store **store,
		struct ward_error *error) WARD_MUST_USE;

/* "WORKSPACE/lists/NAME"; ARGUMENT when the name is not a list's name. */
ward_err workspace_list_folder(const struct workspace *workspace, ward_str name, char *path,
		size_t room, struct ward_error *error) WARD_MUST_USE;

/* "WORKSPACE/sites/NAME"; ARGUMENT when the name is not a site list's name. */
ward_err workspace_site_folder(const struct workspace *workspace, ward_str name, char *path,
		size_t room, struct ward_error *error) WARD_MUST_USE;

/*
 * Gives a list another name (ward_list_rename).  A rule that names it would
 * match nothing any more, and what it blocks would pass: so ARGUMENT, with the
 * rule's name, unless some rule names the new name already.
 */
ward_err workspace_list_rename(const struct workspace *workspace, ward_str name, ward_str new_name,
		struct ward_error *error) WARD_MUST_USE;

/* Could workspace_site_allow do it?  The same failures, and nothing is changed. */
ward_err workspace_site_may_allow(const struct workspace *workspace, ward_str place,
		ward_site_bare bare, struct ward_error *error) WARD_MUST_USE;
/*
 * Puts a place on the operator's own list "allowed", which is made when it is not there; one that
 * is on it already stays.  FORMAT for what is no place, and with WARD_SITE_BARE_HOST for all but
 * one host or address; CONFLICT when a list of that name does not allow.  `ref` is an id of ours.
 */
ward_err workspace_site_allow(const struct workspace *workspace, ward_str place,
		ward_site_bare bare, ward_str ref, struct ward_error *error) WARD_MUST_USE;

/* ---- importing ---- */

/*
 * What is left out of a list, because it says nothing of a picture and would
 * match what it should not: PDQ hashes of quality below 50, or with fewer than
 * 64 or more than 192 ones (hash.h says why); fingerprints that are all zero,
 * which is what broken tools write; on a list of known-bad files, the digests
 * of the empty file.  Each goes to the quarantine; what else the record holds
 * stays in.
 */
struct workspace_import {
	struct exchange_read_options read;
	struct ward_list_info info; /* of a list that is made or replaced; its name says which */
	bool delta;                 /* add to what is there, instead of replacing it */
	bool keep_degenerate;       /* what is described above, too */
	const ward_str *only; /* take records with one of these labels, and pass over others */
	size_t only_count;    /* 0: take all, but on a deny list those of no harm */
	bool allow_empty;     /* files without a record may replace a list that has some */
	const char *allow_empty_called; /* what the asker sets it by, for the refusal */
	/*
	 * Called for each bad record, and for each that lost a signal: `record->bad` is why.
	 * `source` is its place among the sources.
	 */
	void (*bad)(void *context, size_t source, const struct exchange_record *record);
	ward_progress *progress;  /* now and then while reading: bytes done of total (0: unknown) */
	ward_progress *compiling; /* then, while the version is made: parts done of total */
	void *context;
};

struct workspace_imported {
	uint64_t records;        /* read, bad ones included */
	uint64_t added;          /* records with a signal or a video left */
	uint64_t bad;            /* records that could not be parsed */
	uint64_t partly;         /* records added without a part that could not be parsed */
	uint64_t removed;        /* entries taken out by tombstones */
	uint64_t replaced;       /* entries that a later record of the same thing replaced */
	uint64_t tombstones;     /* records that only take something back */
	uint64_t degenerate;     /* signals left out: of no picture, zero, of the empty file */
	uint64_t low_quality;    /* left out: PDQ below 50, videos of such frames alone */
	uint64_t harmless;       /* records left out of a deny list: their source calls them so */
	uint64_t passed_over;    /* records without a label that was asked for */
	uint64_t guessed;        /* records with 64 digits of no kind, taken for PDQ */
	uint64_t unknown_labels; /* records, all added, with a label that no scheme knows */
	uint64_t unknown_label_first;             /* the number of the first of them */
	uint64_t signals[WARD_SIGNAL_KIND_COUNT]; /* added, of each kind */
	uint64_t vpdq, tmk;                       /* records with either, added */
	enum exchange_format format;              /* of the last source */
	char quarantine[4096]; /* the file that holds what was left out; "" when nothing was */
};

/* One thing to import: a descriptor with its size (0: unknown), or any source of bytes. */
struct workspace_source {
	int fd;           /* -1: `read` is used */
	const char *name; /* for errors; may be NULL */
	uint64_t size;
	exchange_source *read;
	void *context;
};

/* Imports sources one behind the other into one version; nothing is visible before all is durable.
 */
ward_err workspace_import(const struct workspace *workspace, const struct workspace_import *import,
		const struct workspace_source *sources, size_t count,
		struct workspace_imported *result, struct ward_error *error) WARD_MUST_USE;

/* Members of an object that is begun: format and counts, the same wherever an import is told of. */
void workspace_imported_json(struct json *json, const struct workspace_imported *imported);

#endif
