/*
 * Where a TIFF (revision 6.0) ends: nowhere does it say so.  Its end is the
 * furthest byte that its directories name: they themselves, values that they
 * keep elsewhere, strips, tiles, and the directories below them.  What only a
 * camera's maker knows may lie behind that, and is looked at as what it is.
 */
#include "decode/find_length.h"

/* More directories than pages are looked at anyway; so a circle ends. */
#define DIRECTORIES_MAX 4096

enum {
	STRIP_AT = 273,
	STRIP_LEN = 279,
	TILE_AT = 324,
	TILE_LEN = 325,
	JPEG_AT = 513,
	JPEG_LEN = 514,
	BELOW = 330,
	EXIF = 34665,
	GPS = 34853
};

struct tiff_walk {
	struct find_walk *walk;
	bool little;
	uint64_t end;
	uint32_t waiting[64]; /* directories that are still to be read */
	size_t count;
};

/* The values of an entry. */
struct values {
	uint32_t count;
	unsigned size;
	size_t at;
};

static uint32_t number_at(const struct tiff_walk *tiff, size_t at, unsigned size)
{
	uint32_t number = 0;

	if (at > tiff->walk->bytes.len || size > tiff->walk->bytes.len - at)
		return 0;
	for (unsigned i = 0; i < size; i++)
		number = number << 8 |
			 tiff->walk->bytes.ptr[at + (tiff->little ? size - 1 - i : i)];
	return number;
}

static void reach(struct tiff_walk *tiff, uint64_t end)
{
	if (end > tiff->end)
		tiff->end = end;
}

static void wait_for(struct tiff_walk *tiff, uint32_t at)
{
	if (at > 0 && tiff->count < sizeof(tiff->waiting) / sizeof(*tiff->waiting))
		tiff->waiting[tiff->count++] = at;
}

/* At the values of the entry at `at`; those of more than four bytes are elsewhere. */
static struct values values_of(struct tiff_walk *tiff, size_t at)
{
	static const uint8_t sizes[14] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4 };
	uint32_t type = number_at(tiff, at + 2, 2);
	struct values values = {
		.count = number_at(tiff, at + 4, 4),
		.size = type < sizeof(sizes) ? sizes[type] : 0,
		.at = at + 8,
	};
	uint64_t len = (uint64_t)values.count * values.size;

	if (len > 4) {
		values.at = number_at(tiff, at + 8, 4);
		reach(tiff, values.at + len);
	}
	return values;
}

static uint32_t value(const struct tiff_walk *tiff, const struct values *values, uint32_t i)
{
	return values->size == 2 || values->size == 4
			       ? number_at(tiff, values->at + (size_t)i * values->size,
						 values->size)
			       : 0;
}

/* Pieces, by where they are and how long they are. */
static void reach_pieces(struct tiff_walk *tiff, const struct values *at, const struct values *len)
{
	for (uint32_t i = 0; i < at->count && i < len->count && tiff->walk->steps > 0; i++) {
		tiff->walk->steps--;
		reach(tiff, (uint64_t)value(tiff, at, i) + value(tiff, len, i));
	}
}

static void read_directory(struct tiff_walk *tiff, size_t at)
{
	struct values pieces[6] = { { .count = 0 } };
	static const uint16_t tags[6] = { STRIP_AT, STRIP_LEN, TILE_AT, TILE_LEN, JPEG_AT,
		JPEG_LEN };
	uint32_t entries = number_at(tiff, at, 2);

	reach(tiff, (uint64_t)at + 2 + 12 * (uint64_t)entries + 4);
	for (uint32_t i = 0; i < entries && tiff->walk->steps > 0; i++) {
		size_t entry = at + 2 + 12 * (size_t)i;
		uint32_t tag = number_at(tiff, entry, 2);
		struct values values = values_of(tiff, entry);

		tiff->walk->steps--;
		for (size_t k = 0; k < 6; k++) {
			if (tag == tags[k])
				pieces[k] = values;
		}
		for (uint32_t k = 0; (tag == BELOW || tag == EXIF || tag == GPS) &&
				     k < values.count && k < 64;
				k++)
			wait_for(tiff, value(tiff, &values, k));
	}
	for (size_t k = 0; k < 6; k += 2)
		reach_pieces(tiff, &pieces[k], &pieces[k + 1]);
	wait_for(tiff, number_at(tiff, at + 2 + 12 * (size_t)entries, 4));
}

size_t find_tiff_len(struct find_walk *walk)
{
	struct tiff_walk tiff = { .walk = walk, .end = 8 };

	if (walk->bytes.len < 16)
		return 0;
	tiff.little = walk->bytes.ptr[0] == 'I';
	wait_for(&tiff, number_at(&tiff, 4, 4));
	for (int i = 0; i < DIRECTORIES_MAX && tiff.count > 0 && walk->steps > 0; i++)
		read_directory(&tiff, tiff.waiting[--tiff.count]);
	/* One that goes beyond the bytes, or all too deep, says nothing of what is behind it. */
	if (tiff.end > walk->bytes.len || tiff.count > 0)
		return 0;
	walk->is_whole = true;
	return (size_t)tiff.end;
}
