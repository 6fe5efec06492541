/*
 * checkpoint.h - a signature over the log as it stood, and the file of them
 *
 * A checkpoint says: row `number` had this digest at that time; as each row
 * holds the digest of the one before, it vouches for all rows up to it.  The
 * file beside the store holds one a line, as JSON:
 *
 *     {"number":1042,"at":"2026-03-01T00:00:00Z","digest":"<64 digits>",
 *      "key":"<64 digits>","signature":"<base64>"}
 *
 * without the break shown here.  A line has one spelling only: what does not
 * print as it was read is no checkpoint, so there is no byte of the file that
 * could be changed without a word about it.  Lines stand in the order of their
 * numbers; one may stand there again right behind itself, as in a copy that
 * gets the newest each day, also on a day without a new one.  The file may be
 * copied elsewhere at any time; the farther away, the more it proves.
 */
#ifndef AUDIT_CHECKPOINT_H
#define AUDIT_CHECKPOINT_H

#include "audit/signer.h"
#include "store/store.h"

#define CHECKPOINT_KIND "ward.checkpoint"

enum { CHECKPOINT_LINE_MAX = 400 };

struct checkpoint {
	uint64_t number;
	int64_t at;
	uint8_t digest[32];
	uint8_t key[SIGNER_KEY_SIZE];
	uint8_t signature[SIGNER_SIGNATURE_SIZE];
};

/* Signs number, time and digest: sets key and signature. */
void checkpoint_sign(struct checkpoint *checkpoint, const struct signer *signer);
/* True when the signature is by the key that the checkpoint names. */
bool checkpoint_holds(const struct checkpoint *checkpoint) WARD_MUST_USE;

/* The line, without a line feed; returns `out`. */
const char *checkpoint_format(const struct checkpoint *checkpoint, char out[CHECKPOINT_LINE_MAX]);
/* True when `line`, without its line feed, is what checkpoint_format would write. */
bool checkpoint_parse(ward_str line, struct checkpoint *checkpoint) WARD_MUST_USE;

/* ---- the file ---- */

/*
 * Reads a text of lines and calls for each in turn.  A last line without its
 * line feed was not written to its end: it is passed over, and `torn` is set.
 * CORRUPT, with the line, for what is no checkpoint or does not follow.
 */
ward_err checkpoint_read(ward_str text, bool (*each)(void *context, const struct checkpoint *),
		void *context, bool *torn, struct ward_error *error) WARD_MUST_USE;

/*
 * Appends durably, unless the last line says the same.  What an append that was
 * cut short left behind the last line feed is taken away first: nobody was told
 * that it is kept.  The caller has the file locked (checkpoint_lock).
 */
ward_err checkpoint_append(int fd, const struct checkpoint *checkpoint,
		struct ward_error *error) WARD_MUST_USE;
/* Opens the file for appending, made with its folder where it is not there, and waits to be alone
 * with it.  -1 with `error` set. */
int checkpoint_lock(const char *path, struct ward_error *error);

/* ---- the store ---- */

/* The newest checkpoint of the store.  NOT_FOUND when there is none. */
ward_err checkpoint_newest(struct store_tx *tx, struct checkpoint *checkpoint,
		struct ward_error *error) WARD_MUST_USE;

#define CHECKPOINT_COLUMNS "number, at, digest, key, signature"
/* Takes CHECKPOINT_COLUMNS; false when one of them has another length. */
bool checkpoint_take(const struct store_rows *rows, struct checkpoint *checkpoint) WARD_MUST_USE;

#endif
