/*
 * What is signed is the word's kind (signer.h) over number and time, each 8
 * bytes with the low one first, and the 32 bytes of the digest.
 */
#include "audit/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/clock.h"
#include "base/file.h"

enum { STATEMENT = 8 + 8 + 32, PATH_ROOM = 4096 };

/* ---- signing ---- */

static void statement(const struct checkpoint *checkpoint, uint8_t out[STATEMENT])
{
	for (unsigned i = 0; i < 8; i++) {
		out[i] = (uint8_t)(checkpoint->number >> 8 * i);
		out[8 + i] = (uint8_t)((uint64_t)checkpoint->at >> 8 * i);
	}
	memcpy(out + 16, checkpoint->digest, 32);
}

void checkpoint_sign(struct checkpoint *checkpoint, const struct signer *signer)
{
	uint8_t said[STATEMENT];

	statement(checkpoint, said);
	memcpy(checkpoint->key, signer_public(signer), sizeof(checkpoint->key));
	signer_sign(signer, CHECKPOINT_KIND, (ward_bytes){ said, sizeof(said) },
			checkpoint->signature);
}

bool checkpoint_holds(const struct checkpoint *checkpoint)
{
	uint8_t said[STATEMENT];

	statement(checkpoint, said);
	return signer_check(checkpoint->key, CHECKPOINT_KIND, (ward_bytes){ said, sizeof(said) },
			checkpoint->signature);
}

/* ---- a line ---- */

const char *checkpoint_format(const struct checkpoint *checkpoint, char out[CHECKPOINT_LINE_MAX])
{
	char at[CLOCK_TEXT_MAX], digest[65], key[65], signature[4 * ((64 + 2) / 3) + 1];

	ward_hex_format(checkpoint->digest, 32, digest);
	ward_hex_format(checkpoint->key, sizeof(checkpoint->key), key);
	ward_base64_format(checkpoint->signature, sizeof(checkpoint->signature), signature);
	snprintf(out, CHECKPOINT_LINE_MAX,
			"{\"number\":%" PRIu64 ",\"at\":\"%s\",\"digest\":\"%s\",\"key\":\"%s\","
			"\"signature\":\"%s\"}",
			checkpoint->number, clock_format(checkpoint->at, at), digest, key,
			signature);
	return out;
}

/* Takes `before` off the front of `rest`, and what follows up to `end`, which goes too. */
static ward_str field(ward_str *rest, ward_str before, char end)
{
	if (!ward_str_starts(*rest, before))
		return (ward_str){ "", 0 };
	rest->ptr += before.len;
	rest->len -= before.len;
	return ward_str_cut(rest, end);
}

bool checkpoint_parse(ward_str line, struct checkpoint *checkpoint)
{
	struct checkpoint read = { .number = 0 };
	char again[CHECKPOINT_LINE_MAX];
	ward_str rest = line;
	bool good = ward_u64_parse(field(&rest, WARD_STR("{\"number\":"), ','), &read.number);

	good = good && clock_parse(field(&rest, WARD_STR("\"at\":\""), '"'), &read.at);
	good = good && ward_hex_parse(field(&rest, WARD_STR(",\"digest\":\""), '"'), read.digest,
				       sizeof(read.digest));
	good = good && ward_hex_parse(field(&rest, WARD_STR(",\"key\":\""), '"'), read.key,
				       sizeof(read.key));
	good = good && ward_base64_parse(field(&rest, WARD_STR(",\"signature\":\""), '"'),
				       read.signature, sizeof(read.signature));
	/* Letters of the other case, a zero ahead of a number, a brace too few: all told here. */
	good = good && ward_str_eq(line, ward_str_from(checkpoint_format(&read, again)));
	if (good)
		*checkpoint = read;
	return good;
}

/* ---- the file ---- */

ward_err checkpoint_read(ward_str text, bool (*each)(void *context, const struct checkpoint *),
		void *context, bool *torn, struct ward_error *error)
{
	struct checkpoint checkpoint;
	ward_str last = { "", 0 };
	uint64_t before = 0;

	*torn = false;
	for (uint64_t number = 1; text.len > 0; number++) {
		if (!memchr(text.ptr, '\n', text.len)) {
			*torn = true;
			return WARD_OK;
		}
		ward_str line = ward_str_cut(&text, '\n');

		if (!checkpoint_parse(line, &checkpoint))
			return ward_fail(error, WARD_E_CORRUPT,
					"line %" PRIu64 " of the file of checkpoints is not as it "
					"was written",
					number);
		if (checkpoint.number <= before && !ward_str_eq(line, last))
			return ward_fail(error, WARD_E_CORRUPT,
					"line %" PRIu64 " of the file of checkpoints does not "
					"follow the one before",
					number);
		before = checkpoint.number;
		last = line;
		if (!each(context, &checkpoint))
			break;
	}
	return WARD_OK;
}

int checkpoint_lock(const char *path, struct ward_error *error)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_ROOM] = ".";

	if (slash && (size_t)(slash - path) < sizeof(folder))
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	if (slash && slash != path && file_make_folders(folder, 0700, error) != WARD_OK)
		return -1;
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX) != 0) {
		ward_fail(error, WARD_E_IO, "cannot write %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (file_sync_folder(folder, error) != WARD_OK) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The end of the file: what stands behind its last line feed is not counted in `size`. */
struct tail {
	char text[2 * CHECKPOINT_LINE_MAX];
	ward_str last; /* line */
	off_t size, torn;
};

static ward_err read_tail(int fd, struct tail *tail, struct ward_error *error)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return ward_fail(error, WARD_E_IO, "cannot read the file of checkpoints: %s",
				strerror(errno));
	off_t from = st.st_size > (off_t)sizeof(tail->text) ? st.st_size - (off_t)sizeof(tail->text)
							    : 0;
	ssize_t len = pread(fd, tail->text, (size_t)(st.st_size - from), from);

	if (len != st.st_size - from)
		return ward_fail(error, WARD_E_IO, "cannot read the file of checkpoints: %s",
				len < 0 ? strerror(errno) : "it became shorter");
	size_t end = (size_t)len;

	while (end > 0 && tail->text[end - 1] != '\n')
		end--;
	if (end == 0 && from > 0)
		return ward_fail(error, WARD_E_CORRUPT,
				"the file of checkpoints ends in what is no checkpoint");
	tail->size = from + (off_t)end;
	tail->torn = st.st_size - tail->size;
	size_t start = end > 0 ? end - 1 : 0;

	while (start > 0 && tail->text[start - 1] != '\n')
		start--;
	tail->last = (ward_str){ tail->text + start, end > 0 ? end - 1 - start : 0 };
	return WARD_OK;
}

ward_err checkpoint_append(int fd, const struct checkpoint *checkpoint, struct ward_error *error)
{
	char line[CHECKPOINT_LINE_MAX + 1];
	struct tail tail;
	ward_err err = read_tail(fd, &tail, error);

	checkpoint_format(checkpoint, line);
	if (err || ward_str_eq(tail.last, ward_str_from(line)))
		return err;
	size_t len = strlen(line);

	line[len] = '\n';
	if (tail.torn > 0 && ftruncate(fd, tail.size) != 0)
		return ward_fail(error, WARD_E_IO,
				"cannot take a half-written line off the file of checkpoints: %s",
				strerror(errno));
	err = file_write_all(fd, line, len + 1, error);
	if (!err && fsync(fd) != 0)
		err = ward_fail(error, WARD_E_IO, "cannot write the file of checkpoints: %s",
				strerror(errno));
	return err;
}

/* ---- the store ---- */

static bool take_blob(const struct store_rows *rows, unsigned column, uint8_t *out, size_t len)
{
	ward_bytes bytes = store_get_blob(rows, column);

	if (bytes.len == len)
		memcpy(out, bytes.ptr, len);
	return bytes.len == len;
}

bool checkpoint_take(const struct store_rows *rows, struct checkpoint *checkpoint)
{
	checkpoint->number = (uint64_t)store_get_int(rows, 0);
	checkpoint->at = store_get_int(rows, 1);
	return take_blob(rows, 2, checkpoint->digest, sizeof(checkpoint->digest)) &&
	       take_blob(rows, 3, checkpoint->key, sizeof(checkpoint->key)) &&
	       take_blob(rows, 4, checkpoint->signature, sizeof(checkpoint->signature));
}

ward_err checkpoint_newest(struct store_tx *tx, struct checkpoint *checkpoint,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT " CHECKPOINT_COLUMNS
			" FROM audit_checkpoints ORDER BY number DESC LIMIT 1",
			STORE_NO_VALUES, &rows, error);

	if (err)
		return err;
	bool good = checkpoint_take(rows, checkpoint);

	err = store_rows_end(rows, error);
	if (!err && !good)
		err = ward_fail(error, WARD_E_CORRUPT,
				"the newest checkpoint in the store is not as it was written");
	return err;
}

struct signing {
	const struct signer *signer;
	struct checkpoint made;
	bool some; /* the log is not empty */
};

static ward_err read_head(struct signing *signing, struct store_tx *tx, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT number, digest FROM audit_head", STORE_NO_VALUES,
			&rows, error);

	if (err)
		return err;
	signing->made = (struct checkpoint){ .number = (uint64_t)store_get_int(rows, 0),
		.at = clock_now() };
	signing->some = take_blob(rows, 1, signing->made.digest, 32);
	return store_rows_end(rows, error);
}

static ward_err keep(struct signing *signing, struct store_tx *tx, struct ward_error *error)
{
	const struct checkpoint *made = &signing->made;
	uint64_t changed;
	ward_err err = store_run(tx,
			"INSERT INTO audit_checkpoints (number, at, digest, key, signature) "
			"VALUES ($1, $2, $3, $4, $5) ON CONFLICT (number) DO NOTHING",
			STORE_VALUES(store_int((int64_t)made->number), store_int(made->at),
					store_blob((ward_bytes){ made->digest, 32 }),
					store_blob((ward_bytes){ made->key, sizeof(made->key) }),
					store_blob((ward_bytes){ made->signature,
							sizeof(made->signature) })),
			&changed, error);

	/* The row is signed already: what is in the store is what the file should have. */
	return err || changed > 0 ? err : checkpoint_newest(tx, &signing->made, error);
}

static ward_err sign_newest(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct signing *signing = context;
	ward_err err = read_head(signing, tx, error);

	if (err || !signing->some)
		return err;
	checkpoint_sign(&signing->made, signing->signer);
	return keep(signing, tx, error);
}

/*
 * The store first, then the file: so each line of the file has its like in the store, and verify
 * tells when it has not.  Alone with the file from before the work, so that its lines stand in
 * order.
 */
ward_err audit_checkpoint(struct store *store, const struct signer *signer, const char *path,
		struct ward_error *error)
{
	struct signing signing = { .signer = signer };
	int fd = path ? checkpoint_lock(path, error) : -1;

	if (path && fd < 0)
		return WARD_E_IO;
	ward_err err = store_write(store, sign_newest, &signing, error);

	if (!err && path && signing.some)
		err = checkpoint_append(fd, &signing.made, error);
	if (fd >= 0)
		close(fd);
	return err;
}
