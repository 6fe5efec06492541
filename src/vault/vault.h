/*
 * vault.h - what came in, sealed: nobody reads it without a key, a reason and a row of the log
 *
 * Each thing (an item) is sealed when it arrives, under a key of its own, into
 * a file of its own.  The item's key is wrapped to the public halves of the
 * roles that may open it ("review", "filing"), of the master key and of the
 * backup key; no secret is needed to seal, so reports are taken while nobody
 * is logged in.  The secret half of a role is wrapped to each person who is
 * entitled to it; those of the master and the backup key are cut into shares
 * (vault_keys.h).  Whoever opens an item does it as somebody, for a reason,
 * and the row of the log is durable before the first byte is given out.
 *
 *     vault_keys.h  roles, who holds them, shares, rotation
 *     holds.h       why an item is kept and how long; what is due; destroying
 *     package.h     one signed file with items in it, and how anybody checks it
 *
 * An arriving item is sealed and made durable as a file first (vault_seal),
 * outside of any transaction; its row is added within the caller's work
 * (vault_put), together with the report it belongs to.  So a row always has
 * its file.  A file without a row is an orphan, which vault_sweep removes when
 * it is old enough that nobody can still be about to add its row.
 *
 * The custody of an item is its rows in the log: audit_read for "item:ID".
 *
 * A vault may be used by any thread; a vault_sealed belongs to one at a time;
 * a vault_access is immutable, shared by count.
 */
#ifndef VAULT_H
#define VAULT_H

#include <ward/base.h>
#include <ward/hash.h>

#include "base/id.h"
#include "seal/sealed.h"
#include "store/store.h"

struct vault;

enum { VAULT_KIND_MAX = 128, VAULT_ORIGIN_MAX = 128, VAULT_SECRET_SIZE = 32 };

/* `folder` is the workspace's vault/, and is made when it is not there.  The store is borrowed. */
ward_err vault_new(const char *folder, struct store *store, struct vault **vault,
		struct ward_error *error) WARD_MUST_USE;
/*
 * The workspace's own: its vault/, and its table of legal clocks where it has one, by which
 * whatever comes in is kept.  Every program that opens a workspace's vault opens it so.
 */
ward_err vault_of_workspace(const char *workspace, struct store *store, struct vault **vault,
		struct ward_error *error) WARD_MUST_USE;
void vault_free(struct vault *vault);
struct store *vault_store(const struct vault *vault);

/* Who acts, as the log names them: "person:ID", "key:NAME", "system". */
struct vault_actor {
	ward_str actor;
	ward_str role; /* a person's role at this time; "" for others */
};

/*
 * Where two persons are wanted: DENIED when they are one, or are no persons.  `use` (may be NULL)
 * is called within the work that does the act, to use the second one's confirmation up
 * (people_second.h); its error undoes the act.
 */
struct vault_pair {
	struct vault_actor first, second;
	ward_err (*use)(void *context, struct store_tx *tx, struct ward_error *error);
	void *context;
};

/* ---- sealing ---- */

typedef sealed_source vault_source;

struct vault_arrival {
	/* The bytes: `read` when it is set, else `fd` from where it stands when `from_fd`, else
	 * these. */
	vault_source *read;
	void *context;
	bool from_fd;
	int fd;
	ward_bytes bytes;
	uint64_t bytes_max; /* LIMIT beyond; 0 is as much as the disk holds */

	ward_str kind;   /* a media type; a claim of whoever sent it, for people to read */
	ward_str origin; /* what it came with: "report:ID" */
	ward_str basis;  /* why it is kept: a legal clock (holds.h); "" is "own" */
	ward_str roles;  /* whose keys open it: "review,filing"; "" is every role there is */
};

/* What is known of an item without opening it. */
struct vault_facts {
	char id[ID_TEXT_MAX];
	char kind[VAULT_KIND_MAX];
	char origin[VAULT_ORIGIN_MAX];
	struct ward_digests digests; /* of the plain bytes, and how many they are */
	uint64_t sealed_bytes;       /* of the file */
	uint8_t sealed_sha256[32];
	int64_t sealed_at;
	int64_t destroyed_at; /* 0: it is there */
};

struct vault_sealed;

/*
 * Reads all of the source, digests and seals it as it goes, and makes the file
 * durable.  Nothing is kept of plain bytes but a chunk.  NOT_FOUND when the
 * vault has no keys yet or there is no such role or basis; LIMIT; IO also when
 * the disk is full, and then nothing is left behind.
 */
ward_err vault_seal(struct vault *vault, const struct vault_arrival *arrival,
		struct vault_sealed **sealed, struct ward_error *error) WARD_MUST_USE;
/* Borrowed from `sealed`. */
const struct vault_facts *vault_sealed_facts(const struct vault_sealed *sealed);

/*
 * Within the caller's work: adds the item's row, the wraps of its key, its
 * first hold, and the row of the log ("item.sealed").  Can be repeated, as
 * works are.  When keys were rotated since it was sealed, its key is wrapped
 * anew.
 */
ward_err vault_put(struct store_tx *tx, struct vault_sealed *sealed,
		const struct vault_actor *actor, struct ward_error *error) WARD_MUST_USE;

/*
 * Wipes the key.  The file stays when vault_put was ever called (whether the
 * work was kept in the end is not known here), else it is removed.  NULL is fine.
 */
void vault_sealed_free(struct vault_sealed *sealed);

/* ---- looking, without opening ---- */

ward_err vault_facts_get(struct store_tx *tx, ward_str item, struct vault_facts *facts,
		struct ward_error *error) WARD_MUST_USE;

struct vault_question {
	ward_str origin; /* "" is any */
	ward_str before; /* items older than this one; "" is all: the next page */
	unsigned items_max;
};

/* Newest first.  `facts` is borrowed until `each` returns; false from it ends. */
ward_err vault_list(struct store_tx *tx, const struct vault_question *question,
		bool (*each)(void *context, const struct vault_facts *facts), void *context,
		struct ward_error *error) WARD_MUST_USE;

/* ---- access: the role keys that somebody has unlocked ---- */

/*
 * Made by vault_unlock and vault_unlock_shares (vault_keys.h).  The keys lie
 * in locked memory and are wiped with the last hold on it.
 */
struct vault_access;

struct vault_access *vault_access_keep(struct vault_access *access); /* returns it */
void vault_access_free(struct vault_access *access);                 /* NULL is fine */
/* True when it holds the key of this role. */
bool vault_access_has(const struct vault_access *access, ward_str role) WARD_MUST_USE;
struct vault_actor vault_access_actor(const struct vault_access *access); /* borrowed */

/* ---- opening ---- */

struct vault_opening {
	ward_str item;
	ward_str level;  /* how much of it will be seen: "L0".."L5"; or "filing", "export", "match"
			  */
	ward_str reason; /* wanted */
};

/* Takes plain bytes.  Its error ends the opening and is returned. */
typedef sealed_sink vault_sink;

/*
 * Adds the row of the log ("item.opened") by a store_write of its own, then
 * hands out the plain bytes, chunk by chunk, each of them verified.  Only
 * WARD_OK says that they were all, and are what was sealed: until then `sink`
 * must not take them for the whole.  CORRUPT when the file is not what was
 * sealed (which adds "item.damaged"); DENIED when none of the access's keys
 * opens it; NOT_FOUND also when it was destroyed; ARGUMENT without a reason.
 */
ward_err vault_open(struct vault *vault, const struct vault_access *access,
		const struct vault_opening *opening, vault_sink *sink, void *context,
		struct ward_error *error) WARD_MUST_USE;

/*
 * The same into a nameless file in memory that cannot be changed any more, for
 * the worker: the descriptor, at its beginning, is the caller's to close.
 * Nothing is handed out unless all of it was verified.  LIMIT when the item is
 * larger than `bytes_max`.
 */
ward_err vault_open_memory(struct vault *vault, const struct vault_access *access,
		const struct vault_opening *opening, uint64_t bytes_max, int *fd,
		struct ward_error *error) WARD_MUST_USE;

/* ---- care ---- */

enum { VAULT_ORPHAN_S = 24 * 60 * 60 };

struct vault_swept {
	uint64_t files;    /* looked at */
	uint64_t orphans;  /* removed: no row, and older than `age_s` */
	uint64_t younger;  /* no row yet */
	uint64_t finished; /* removed: of items destroyed before */
};

/* Removes orphans, and what an interrupted destruction left.  For now and then. */
ward_err vault_sweep(struct vault *vault, int64_t age_s, struct vault_swept *swept,
		struct ward_error *error) WARD_MUST_USE;

struct vault_checked {
	uint64_t items;     /* looked at */
	uint64_t bytes;     /* of their files */
	uint64_t missing;   /* a row without its file */
	uint64_t damaged;   /* a file with another size or digest than its row says */
	uint64_t unwrapped; /* the master, the backup key or every role's does not open it */
	uint64_t strange;   /* its row is not what the log says was sealed */
	uint64_t orphans;   /* a file without a row */
};

/*
 * Reads every file and compares its digest with its row; needs no key.  Calls
 * for each thing that is wrong, with a word for it: "missing", "damaged",
 * "unwrapped", "strange", "orphan", and the id.
 */
ward_err vault_check(struct vault *vault,
		void (*each)(void *context, const char *what, const char *id), void *context,
		struct vault_checked *checked, struct ward_error *error) WARD_MUST_USE;

#endif
