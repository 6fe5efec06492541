#include "vault/tar.h"

#include <assert.h>

/* ---- the header (POSIX.1-2001, pax, "ustar Interchange Format") ---- */

enum {
	MODE_AT = 100,
	USER_AT = 108,
	GROUP_AT = 116,
	SIZE_AT = 124,
	TIME_AT = 136,
	SUM_AT = 148,
	TYPE_AT = 156,
	MAGIC_AT = 257,
	SIZE_DIGITS = 11,
};

#define SIZE_LIMIT ((uint64_t)1 << 33) /* 11 octal digits */

static void put_octal(uint8_t *at, unsigned digits, uint64_t value)
{
	for (unsigned i = digits; i > 0; i--) {
		at[i - 1] = (uint8_t)('0' + (value & 7));
		value >>= 3;
	}
}

/* A name within the folder that it is unpacked in: letters, digits, and . - _ / between. */
static bool is_name(const char *name, size_t len)
{
	bool good = len > 0 && len < TAR_NAME_ROOM && name[0] != '/' && name[0] != '.';

	for (size_t i = 0; good && i < len; i++) {
		char c = name[i];

		good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		       c == '.' || c == '-' || c == '_' || c == '/';
		if (c == '/' && i + 1 < len && (name[i + 1] == '.' || name[i + 1] == '/'))
			good = false;
	}
	return good;
}

ward_err tar_header(const char *name, uint64_t size, uint8_t block[TAR_BLOCK],
		struct ward_error *error)
{
	size_t len = strlen(name);
	unsigned sum = 0;

	if (!is_name(name, len))
		return ward_fail(error, WARD_E_LIMIT, "a file's name does not fit into a package");
	if (size >= SIZE_LIMIT)
		return ward_fail(error, WARD_E_LIMIT,
				"a file of 8 GiB or more does not fit into a package");
	memset(block, 0, TAR_BLOCK);
	memcpy(block, name, len);
	put_octal(block + MODE_AT, 7, 0600);
	put_octal(block + USER_AT, 7, 0);
	put_octal(block + GROUP_AT, 7, 0);
	put_octal(block + SIZE_AT, SIZE_DIGITS, size);
	put_octal(block + TIME_AT, SIZE_DIGITS, 0);
	memset(block + SUM_AT, ' ', 8);
	block[TYPE_AT] = '0';
	memcpy(block + MAGIC_AT,
			"ustar\0"
			"00",
			8);
	for (int i = 0; i < TAR_BLOCK; i++)
		sum += block[i];
	put_octal(block + SUM_AT, 6, sum);
	block[SUM_AT + 6] = '\0';
	return WARD_OK;
}

size_t tar_padding(uint64_t size)
{
	return (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

/* ---- reading ---- */

static ward_err fail_format(struct ward_error *error)
{
	return ward_fail(error, WARD_E_FORMAT, "this is no package of ward's");
}

struct tar_reader tar_reader_from(vault_source *read, void *context)
{
	return (struct tar_reader){ .read = read, .context = context };
}

static ward_err fill(struct tar_reader *reader, uint8_t *into, size_t want, size_t *have,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (*have = 0; !err && *have < want;) {
		size_t got = 0;

		err = reader->read(reader->context, into + *have, want - *have, &got, error);
		if (got == 0)
			break;
		assert(got <= want - *have);
		*have += got;
	}
	return err;
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= bytes[i];
	return any == 0;
}

/* Behind the first block of zeroes: a second one, and nothing. */
static ward_err read_end(struct tar_reader *reader, uint8_t block[TAR_BLOCK],
		struct ward_error *error)
{
	size_t have;
	ward_err err = fill(reader, block, TAR_BLOCK, &have, error);

	if (!err && (have < TAR_BLOCK || !all_zero(block, TAR_BLOCK)))
		err = fail_format(error);
	if (!err)
		err = fill(reader, block, 1, &have, error);
	if (!err && have > 0)
		err = ward_fail(error, WARD_E_CORRUPT,
				"there is something behind the package's end");
	if (err)
		return err;
	reader->ended = true;
	return ward_fail(error, WARD_E_NOT_FOUND, "the package has no further file");
}

static ward_err parse_header(const uint8_t block[TAR_BLOCK], struct tar_file *file,
		struct ward_error *error)
{
	uint8_t again[TAR_BLOCK];
	struct tar_file read = { .size = 0 };

	memcpy(read.name, block, TAR_NAME_ROOM - 1);
	for (int i = 0; i < SIZE_DIGITS; i++) {
		uint8_t digit = block[SIZE_AT + i];

		if (digit < '0' || digit > '7')
			return fail_format(error);
		read.size = read.size << 3 | (uint64_t)(digit - '0');
	}
	if (tar_header(read.name, read.size, again, NULL) || memcmp(again, block, TAR_BLOCK) != 0)
		return fail_format(error);
	*file = read;
	return WARD_OK;
}

ward_err tar_next(struct tar_reader *reader, struct tar_file *file, struct ward_error *error)
{
	uint8_t block[TAR_BLOCK];
	struct tar_file read;
	size_t have;

	if (reader->ended)
		return ward_fail(error, WARD_E_NOT_FOUND, "the package has no further file");
	if (reader->left > 0)
		return ward_fail(error, WARD_E_CORRUPT, "a file of the package was not read");
	ward_err err = fill(reader, block, reader->padding, &have, error);

	if (!err && have < reader->padding)
		err = fail_format(error);
	if (!err && !all_zero(block, have))
		err = ward_fail(error, WARD_E_CORRUPT,
				"there is something between the package's files");
	reader->padding = 0;
	if (!err)
		err = fill(reader, block, TAR_BLOCK, &have, error);
	if (!err && have < TAR_BLOCK)
		err = fail_format(error);
	if (!err && all_zero(block, TAR_BLOCK))
		return read_end(reader, block, error);
	if (!err)
		err = parse_header(block, &read, error);
	if (err)
		return err;
	reader->left = read.size;
	reader->padding = tar_padding(read.size);
	*file = read;
	return WARD_OK;
}

ward_err tar_read(void *context, uint8_t *into, size_t room, size_t *len, struct ward_error *error)
{
	struct tar_reader *reader = context;
	size_t got = 0;

	*len = 0;
	if (reader->left == 0 || room == 0)
		return WARD_OK;
	if (room > reader->left)
		room = (size_t)reader->left;
	ward_err err = reader->read(reader->context, into, room, &got, error);

	if (!err && got == 0)
		err = ward_fail(error, WARD_E_FORMAT, "the package ends in the middle of a file");
	if (err)
		return err;
	assert(got <= room);
	reader->left -= got;
	*len = got;
	return WARD_OK;
}
