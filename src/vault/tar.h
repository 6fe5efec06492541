/*
 * tar.h - the little of tar that a package needs: files, one behind the other
 *
 * POSIX ustar, regular files alone, with a name of at most 99 printable
 * characters and a size below 8 GiB; owner, times and modes are always the
 * same.  So a header follows from a name and a size: the reader makes it again
 * and compares, and there is no byte in a package that could be another one.
 * Two blocks of zeroes end it, and nothing comes behind them.
 *
 * The reader takes bytes from strangers; it holds one block.
 */
#ifndef TAR_H
#define TAR_H

#include "vault/vault.h"

enum { TAR_BLOCK = 512, TAR_NAME_ROOM = 100 };

/* ---- writing ---- */

/* LIMIT when the name or the size does not fit. */
ward_err tar_header(const char *name, uint64_t size, uint8_t block[TAR_BLOCK],
		struct ward_error *error) WARD_MUST_USE;
/* How many zeroes come behind so many bytes. */
size_t tar_padding(uint64_t size);

/* ---- reading ---- */

struct tar_reader {
	vault_source *read;
	void *context;
	uint64_t left;  /* of the file that is read */
	size_t padding; /* behind it */
	bool ended;
};

struct tar_file {
	char name[TAR_NAME_ROOM];
	uint64_t size;
};

struct tar_reader tar_reader_from(vault_source *read, void *context);

/*
 * Goes to the next file; the one before was read to its end (CORRUPT
 * otherwise).  NOT_FOUND behind the last one, when that is also the end of
 * the input; FORMAT for what is no such tar.
 */
ward_err tar_next(struct tar_reader *reader, struct tar_file *file,
		struct ward_error *error) WARD_MUST_USE;
/* Bytes of the file, as a vault_source whose context is the reader; *len 0 is its end. */
ward_err tar_read(void *reader, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error) WARD_MUST_USE;

#endif
