#include "disk/virtual_kind.h"

#include <zlib.h>
#include <zstd.h>

enum { PAGE = 64 << 10, PAGES = 64 };

struct page {
	size_t file;
	uint64_t at;
	size_t len; /* 0: holds nothing */
	uint8_t bytes[PAGE];
};

const char disk_two_faces[] = "it begins as a packed disk and as a plain one: only the first was "
			      "read; give it with --raw to read the other";

static const struct virtual_kind *const kinds[] = { &virtual_qcow, &virtual_vmdk, &virtual_vhdx,
	&virtual_vdi, &virtual_vhd };

/* ---- numbers and bytes ---- */

uint32_t virtual_u32be(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

uint64_t virtual_u64be(const uint8_t *bytes)
{
	return (uint64_t)virtual_u32be(bytes) << 32 | virtual_u32be(bytes + 4);
}

uint32_t virtual_u32le(const uint8_t *bytes)
{
	return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 |
	       bytes[0];
}

uint64_t virtual_u64le(const uint8_t *bytes)
{
	return (uint64_t)virtual_u32le(bytes + 4) << 32 | virtual_u32le(bytes);
}

uint64_t virtual_file_len(const struct virtual *disk, size_t file)
{
	return disk->source.file_len(disk->source.context, file);
}

bool virtual_bytes(const struct virtual *disk, size_t file, uint64_t at, uint8_t *to, size_t len)
{
	return file < disk->source.files &&
	       disk->source.read(disk->source.context, file, at, to, len);
}

bool virtual_begins(const struct disk_source *source, const void *magic, size_t len)
{
	uint8_t head[32];

	return len <= sizeof(head) && source->files > 0 &&
	       source->read(source->context, 0, 0, head, len) && memcmp(head, magic, len) == 0;
}

static const struct page *page_of(struct virtual *disk, size_t file, uint64_t at)
{
	uint64_t number = at / PAGE, end = virtual_file_len(disk, file);
	struct page *page = &disk->pages[(number + file) % PAGES];

	at = number * PAGE;
	if (page->len && page->file == file && page->at == at)
		return page;
	page->len = 0;
	if (at >= end)
		return NULL;
	size_t len = end - at < PAGE ? (size_t)(end - at) : PAGE;

	if (!virtual_bytes(disk, file, at, page->bytes, len))
		return NULL;
	page->file = file;
	page->at = at;
	page->len = len;
	return page;
}

bool virtual_table(struct virtual *disk, size_t file, uint64_t at, uint8_t *to, size_t len)
{
	while (len > 0) {
		const struct page *page =
				file < disk->source.files ? page_of(disk, file, at) : NULL;

		if (!page || at - page->at >= page->len)
			return false;
		size_t within = (size_t)(at - page->at);
		size_t some = len < page->len - within ? len : page->len - within;

		memcpy(to, page->bytes + within, some);
		to += some;
		at += some;
		len -= some;
	}
	return true;
}

/* ---- from open to free ---- */

static const struct virtual_kind *kind_of(const struct disk_source *source)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (kinds[i]->is(source))
			return kinds[i];
	}
	return NULL;
}

bool virtual_is(const struct disk_source *source)
{
	return kind_of(source) != NULL;
}

static ward_err open_kind(struct virtual *disk, struct ward_error *error)
{
	const struct virtual_kind *kind = kind_of(&disk->source);

	disk->kind = kind;
	disk->pages = calloc(PAGES, sizeof(*disk->pages));
	disk->stored = malloc(VIRTUAL_PACKED_MAX + 512);
	disk->plain = malloc(VIRTUAL_PACKED_MAX);
	if (!disk->pages || !disk->stored || !disk->plain)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	ward_err err = kind ? kind->open(disk, error)
			    : ward_fail(error, WARD_E_FORMAT, "it is no virtual disk");

	if (!err && (disk->size == 0 || disk->size > INT64_MAX))
		err = ward_fail(error, WARD_E_FORMAT, "the virtual disk's size makes no sense");
	/* A fixed VHD begins as its disk does: both are the same. */
	bool fixed = kind == &virtual_vhd && disk->vhd.fixed;

	if (!err && !fixed && disk_source_is_disk(&disk->source))
		disk->remark = disk_two_faces;
	return err;
}

ward_err virtual_open(const struct disk_source *source, struct virtual **disk,
		struct ward_error *error)
{
	struct virtual *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->source = *source;
	ward_err err = open_kind(made, error);

	if (err)
		virtual_free(made);
	else
		*disk = made;
	return err;
}

void virtual_free(struct virtual *disk)
{
	if (!disk)
		return;
	/* As it was opened: what the source says now may be something else. */
	if (disk->kind && disk->kind->close)
		disk->kind->close(disk);
	free(disk->pages);
	free(disk->stored);
	free(disk->plain);
	free(disk);
}

uint64_t virtual_size(const struct virtual *disk)
{
	return disk->size;
}

const char *virtual_remark(const struct virtual *disk)
{
	return disk->remark;
}

/* ---- pieces ---- */

static bool inflate_piece(struct virtual *disk, const struct virtual_piece *piece, size_t stored)
{
	int window_bits = piece->packing == VIRTUAL_ZLIB ? 15 : -15;
	z_stream stream = { .next_in = disk->stored,
		.avail_in = (uInt)stored,
		.next_out = disk->plain,
		.avail_out = (uInt)piece->whole };

	if (inflateInit2(&stream, window_bits) != Z_OK)
		return false;
	int status = inflate(&stream, Z_FINISH);

	/* What follows it up to the end of the sector is not its. */
	(void)inflateEnd(&stream);
	return (status == Z_STREAM_END || status == Z_BUF_ERROR) &&
	       piece->whole - stream.avail_out >= piece->len;
}

static bool unzstd_piece(struct virtual *disk, size_t stored, size_t want)
{
	ZSTD_DStream *stream = ZSTD_createDStream();
	ZSTD_inBuffer in = { disk->stored, stored, 0 };
	ZSTD_outBuffer out = { disk->plain, want, 0 };
	size_t left = 1;

	while (stream && left != 0 && !ZSTD_isError(left) && out.pos < want) {
		size_t before = in.pos + out.pos;

		left = ZSTD_decompressStream(stream, &out, &in);
		if (in.pos + out.pos == before)
			break;
	}
	ZSTD_freeDStream(stream);
	return out.pos == want;
}

static bool unpack(struct virtual *disk, const struct virtual_piece *piece)
{
	uint64_t end = virtual_file_len(disk, piece->file), stored = piece->stored;

	if (disk->last.len && disk->last.from == piece->from)
		return true;
	disk->last.len = 0;
	if (piece->whole > VIRTUAL_PACKED_MAX || piece->len > piece->whole || piece->at >= end)
		return false;
	if (stored > VIRTUAL_PACKED_MAX + 512)
		return false;
	if (stored > end - piece->at)
		stored = end - piece->at;
	if (!virtual_bytes(disk, piece->file, piece->at, disk->stored, (size_t)stored))
		return false;
	if (piece->packing == VIRTUAL_ZSTD ? !unzstd_piece(disk, (size_t)stored, (size_t)piece->len)
					   : !inflate_piece(disk, piece, (size_t)stored))
		return false;
	disk->last = *piece;
	return true;
}

bool virtual_read(struct virtual *disk, uint64_t at, uint8_t *to, size_t len)
{
	if (at > disk->size || len > disk->size - at)
		return false;
	while (len > 0) {
		struct virtual_piece piece = { 0 };

		if (!disk->find(disk, at, &piece) || at < piece.from ||
				at - piece.from >= piece.len)
			return false;
		uint64_t within = at - piece.from;
		size_t some = len < piece.len - within ? len : (size_t)(piece.len - within);

		if (piece.packing == VIRTUAL_ZERO)
			memset(to, 0, some);
		else if (piece.packing == VIRTUAL_PLAIN) {
			if (piece.at > UINT64_MAX - within ||
					!virtual_bytes(disk, piece.file, piece.at + within, to,
							some))
				return false;
		} else if (unpack(disk, &piece))
			memcpy(to, disk->plain + within, some);
		else
			return false;
		to += some;
		at += some;
		len -= some;
	}
	return true;
}
