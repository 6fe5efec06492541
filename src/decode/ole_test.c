#include "base/test.h"
#include "decode/collect.h"
#include "decode/document.h"
#include "decode/ole.h"

#include <stdlib.h>
#include <zlib.h>

/*
 * Sectors of 512 bytes: the table, the directory of four entries, the table of
 * small sectors, they themselves, and a stream of nine sectors.
 */
enum { SECTOR = 512, TABLE = 1, DIRECTORY = 2, SMALL_TABLE = 3, SMALL = 4, LARGE = 5 };
enum { LARGE_SECTORS = 9, FILE_BYTES = SECTOR * (LARGE + LARGE_SECTORS) };

#define END_OF_CHAIN 0xfffffffeu

static uint8_t image[FILE_BYTES];
static struct ole ole;
static struct collected got;

static void put(size_t at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		image[at + i] = (uint8_t)(value >> 8 * i);
}

/* The place of an entry's field. */
static size_t field(uint32_t entry, size_t at)
{
	return (size_t)SECTOR * DIRECTORY + 128 * (size_t)entry + at;
}

static void put_entry(uint32_t number, const char *name, uint8_t type, uint32_t start,
		uint32_t size)
{
	size_t at = field(number, 0), len = strlen(name);

	for (size_t i = 0; i < len; i++)
		image[at + 2 * i] = (uint8_t)name[i];
	image[at + 64] = (uint8_t)(2 * len + 2);
	image[at + 66] = type;
	put(at + 68, OLE_NONE);
	put(at + 72, OLE_NONE);
	put(at + 76, OLE_NONE);
	put(at + 116, start);
	put(at + 120, size);
}

/* "Folder", and in it "small" of 100 bytes 's' and "large" of 4600 bytes 'l'. */
static void build(void)
{
	static const uint8_t mark[] = { 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1 };

	memset(image, 0, sizeof(image));
	memcpy(image, mark, sizeof(mark));
	image[26] = 3;
	image[30] = 9;
	image[32] = 6;
	put(44, 1);
	put(48, DIRECTORY - 1);
	put(56, 4096);
	put(60, SMALL_TABLE - 1);
	put(64, 1);
	put(68, END_OF_CHAIN);
	for (size_t i = 0; i < 109; i++)
		put(76 + 4 * i, i == 0 ? TABLE - 1 : OLE_NONE);
	for (size_t i = 0; i < 128; i++)
		put(SECTOR * TABLE + 4 * i, END_OF_CHAIN);
	for (uint32_t i = 0; i + 1 < LARGE_SECTORS; i++)
		put(SECTOR * TABLE + 4 * (LARGE - 1 + (size_t)i), LARGE + i);
	put_entry(0, "Root Entry", OLE_ROOT, SMALL - 1, 512);
	put_entry(1, "Folder", OLE_STORAGE, 0, 0);
	put_entry(2, "small", OLE_STREAM, 1, 100);
	put_entry(3, "large", OLE_STREAM, LARGE - 1, 4600);
	put(field(0, 76), 1);
	put(field(1, 76), 2);
	put(field(2, 72), 3);
	put(SECTOR * SMALL_TABLE + 4, 2);
	put(SECTOR * SMALL_TABLE + 8, END_OF_CHAIN);
	memset(image + SECTOR * SMALL + 64, 's', 100);
	memset(image + (size_t)SECTOR * LARGE, 'l', 4600);
}

static ward_err open_image(size_t len)
{
	struct ward_error error;

	return ole_open(&ole, (ward_bytes){ image, len }, &error);
}

/* How much of a stream there is when all of it is one letter; -1 when it is not. */
static int read_letters(uint32_t entry, char letter, bool *whole)
{
	struct ward_buf out;
	int len;

	ward_buf_init(&out, SIZE_MAX);
	*whole = ole_read(&ole, entry, &out);
	len = (int)out.len;
	for (size_t i = 0; i < out.len; i++)
		len = out.ptr[i] == letter ? len : -1;
	ward_buf_free(&out);
	return len;
}

static void streams_are_read_by_their_chains(void)
{
	bool whole;

	build();
	CHECK_EQ(open_image(FILE_BYTES), WARD_OK);
	CHECK_EQ(ole.entry_count, 4);
	CHECK(!ole.is_damaged);
	CHECK_EQ(ole_find(&ole, 0, "folder"), 1);
	CHECK_EQ(ole_find(&ole, 1, "small"), 2);
	CHECK_EQ(ole_find(&ole, 0, "small"), OLE_NONE);
	CHECK_EQ(read_letters(2, 's', &whole), 100);
	CHECK(whole);
	CHECK_EQ(read_letters(3, 'l', &whole), 4600);
	CHECK(whole);
	ole_close(&ole);
}

static void what_is_no_tree_is_refused(void)
{
	build();
	CHECK_EQ(open_image(511), WARD_E_FORMAT);
	CHECK_EQ(open_image(512), WARD_E_FORMAT);
	image[30] = 10;
	CHECK_EQ(open_image(FILE_BYTES), WARD_E_FORMAT);
	image[30] = 12; /* of version 4, which this is not */
	CHECK_EQ(open_image(FILE_BYTES), WARD_E_FORMAT);
	build();
	image[field(0, 66)] = OLE_STREAM;
	CHECK_EQ(open_image(FILE_BYTES), WARD_E_FORMAT);
}

static void circles_end(void)
{
	bool whole;

	/* The large stream's chain leads to its first sector; it says that it is 4 GiB long. */
	build();
	put(SECTOR * TABLE + 4 * (LARGE - 1), LARGE - 1);
	put(field(3, 120), 0xffffffffu);
	CHECK_EQ(open_image(FILE_BYTES), WARD_OK);
	CHECK_EQ(read_letters(3, 'l', &whole), FILE_BYTES);
	CHECK(!whole);
	ole_close(&ole);
	/* So do the directory's, and the small table's. */
	build();
	put(SECTOR * TABLE + 4 * (DIRECTORY - 1), DIRECTORY - 1);
	put(SECTOR * TABLE + 4 * (SMALL_TABLE - 1), SMALL_TABLE - 1);
	CHECK_EQ(open_image(FILE_BYTES), WARD_OK);
	CHECK(ole.is_damaged);
	CHECK(ole.entry_count <= FILE_BYTES / 128);
	ole_close(&ole);
	/* A storage is its own child, a stream its own brother. */
	build();
	put(field(1, 76), 1);
	put(field(2, 68), 2);
	CHECK_EQ(open_image(FILE_BYTES), WARD_OK);
	CHECK(ole.is_damaged);
	CHECK(!ole.entries[2].is_reached);
	ole_close(&ole);
}

static void overlapping_streams_give_no_more_than_the_file_has(void)
{
	bool whole;
	int sum = 0;

	build();
	CHECK_EQ(open_image(FILE_BYTES), WARD_OK);
	for (int i = 0; i < 3; i++)
		sum += read_letters(3, 'l', &whole);
	CHECK_EQ(sum, FILE_BYTES);
	CHECK(!whole);
	ole_close(&ole);
}

static void tables_beyond_the_file_are_trouble(void)
{
	build();
	put(44, 0xffffffffu);
	put(68, 7);
	CHECK_EQ(open_image(FILE_BYTES), WARD_OK);
	CHECK(ole.is_damaged);
	ole_close(&ole);
	build();
	put(76, 0x00ffffffu);
	CHECK_EQ(open_image(FILE_BYTES), WARD_OK);
	CHECK_EQ(ole_find(&ole, 1, "large"), 3);
	ole_close(&ole);
}

/* ---- as a document ---- */

static const uint8_t little_gif[] = "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";

static ward_err read_document(void)
{
	collect_clear(&got);
	return document_read(WARD_MEDIA_OLE, (ward_bytes){ image, sizeof(image) }, &got.options,
			&got.sink, &got.error);
}

static void pictures_in_streams_are_members(void)
{
	size_t len = sizeof(little_gif) - 1;

	build();
	memcpy(image + (size_t)SECTOR * LARGE + 100, little_gif, len);
	memcpy(image + (size_t)SECTOR * LARGE + 900, little_gif, len);
	memcpy(image + SECTOR * SMALL + 64, little_gif, len);
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 3);
	CHECK_STR(got.part_names[0], "Folder/small");
	CHECK_EQ(got.part_bytes[0].len, 100);
	CHECK_STR(got.part_names[1], "Folder/large picture 1.gif");
	CHECK_EQ(got.part_bytes[1].len, len);
	CHECK_STR(got.part_names[2], "Folder/large picture 2.gif");
}

static void entries_that_were_cut_off_are_looked_at(void)
{
	build();
	put(field(0, 76), OLE_NONE);
	memcpy(image + SECTOR * SMALL + 64, little_gif, sizeof(little_gif) - 1);
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK_STR(got.part_names[0], "small");
}

static void limits_of_parts_and_bytes_hold(void)
{
	build();
	memcpy(image + SECTOR * SMALL + 64, little_gif, sizeof(little_gif) - 1);
	memcpy(image + (size_t)SECTOR * LARGE, little_gif, sizeof(little_gif) - 1);
	collect_clear(&got);
	got.options.limits.parts_max = 1;
	CHECK_EQ(read_document(), WARD_E_LIMIT);
	got.options.limits.parts_max = 9;
	got.options.limits.bytes_max = 99;
	CHECK_EQ(read_document(), WARD_E_LIMIT);
	got.options.limits = ward_limits_default();
}

/* A DIB of 1 bit, with its two colours, in a record of Office. */
static void a_dib_gets_the_head_that_it_lacks(void)
{
	uint8_t *record = image + (size_t)SECTOR * LARGE + 32;

	build();
	memset(record, 0, 100);
	record[0] = 0x80;
	record[1] = 0x7a;
	record[2] = 0x1f;
	record[3] = 0xf0;
	record[4] = 17 + 52;
	record[25] = 40; /* its head */
	record[29] = 1;
	record[33] = 1;
	record[37] = 1;
	record[39] = 1;
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK_STR(got.part_names[0], "Folder/large picture 1.bmp");
	CHECK_EQ(got.part_bytes[0].len, 14 + 52);
	CHECK_EQ(got.part_bytes[0].ptr[10], 14 + 40 + 8);
}

/* ---- what lies in records of Office ---- */

static uint8_t *const large = image + (size_t)SECTOR * LARGE;

static void put_record(size_t at, uint16_t instance, uint16_t type, uint32_t len)
{
	put((size_t)(large - image) + at, instance | (uint32_t)type << 16);
	put((size_t)(large - image) + at + 4, len);
}

/* A false TIFF jumped over what was in its length. */
static void a_record_that_is_no_tiff_hides_nothing(void)
{
	build();
	put_record(8, 0x6e40, 0xf029, 2000);
	put_record(80, 0x6e40, 0xf029, 17 + 60);
	memcpy(large + 80 + 8 + 17, "II*\0", 4);
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK_STR(got.part_names[0], "Folder/large picture 1.tif");
	CHECK_EQ(got.part_bytes[0].len, 60);
}

static void an_object_that_is_no_package_is_behind_its_length(void)
{
	build();
	put_entry(2, "\1Ole10Native", OLE_STREAM, 1, 100);
	image[field(2, 0)] = 1;
	memcpy(image + SECTOR * SMALL + 64, "\x60\0\0\0%PDF-1.4 of a chart", 23);
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK_STR(got.part_names[0], "Folder/Ole10Native");
	CHECK_EQ(got.part_bytes[0].len, 96);
	CHECK_EQ(memcmp(got.part_bytes[0].ptr, "%PDF", 4), 0);
}

/* Packs `inside` into the large stream at `at`; its length is the answer. */
static uint32_t pack(size_t at, const uint8_t *inside, size_t len)
{
	uLongf packed = 4600 - at;

	if (compress(large + at, &packed, inside, len) != Z_OK)
		abort();
	return (uint32_t)packed;
}

static void an_object_that_powerpoint_packed_is_unpacked(void)
{
	static const uint8_t object[600] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more";

	build();
	put_record(50, 0x10, 0x1011, 4 + pack(62, object, sizeof(object)));
	/* One that is not packed, and one that is none. */
	put_record(1000, 0, 0x1011, sizeof(object));
	memcpy(large + 1008, object, sizeof(object));
	put_record(2000, 0x10, 0x1011, 500);
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 2);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(got.part_bytes[i].len, sizeof(object));
		CHECK_EQ(memcmp(got.part_bytes[i].ptr, object, sizeof(object)), 0);
	}
	CHECK_STR(got.part_names[1], "Folder/large picture 2.ole");
	got.options.limits.bytes_max = sizeof(object) + 99;
	CHECK_EQ(read_document(), WARD_E_LIMIT);
	got.options.limits = ward_limits_default();
}

static void put_word(uint8_t *at, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(word >> 8 * i);
}

/* The head of a DIB of 8 x 16 pixels. */
static void put_dib(uint8_t *at)
{
	put_word(at, 40);
	put_word(at + 4, 8);
	put_word(at + 8, 16);
	put_word(at + 12, 1 | 24 << 16);
}

enum { SAMPLES = 8 * 16 * 3 };

/* A metafile as Office keeps it: behind a digest, its bounds, and how it is packed. */
static void put_metafile(uint16_t instance, uint16_t type, const uint8_t *drawing, size_t len)
{
	build();
	uint32_t packed = pack(8 + 16 + 34, drawing, len);

	put_record(0, instance, type, 16 + 34 + packed);
	put_word(large + 8 + 16 + 28, packed);
	large[8 + 16 + 32] = 0;
	large[8 + 16 + 33] = 0xfe;
}

static bool is_bmp(uint32_t part, size_t colours)
{
	const struct ward_buf *bytes = &got.part_bytes[part];

	return got.part_count > part && bytes->len == 14 + 40 + colours + SAMPLES &&
	       memcmp(bytes->ptr, "BM", 2) == 0 && (size_t)(uint8_t)bytes->ptr[10] == 54 + colours;
}

static void bitmaps_of_drawings_are_told(void)
{
	uint8_t emf[88 + 80 + 40 + SAMPLES + 8 + sizeof(little_gif)] = { 0 };
	uint8_t wmf[18 + 28 + 40 + SAMPLES] = { 0 };

	put_word(emf, 1);
	put_word(emf + 4, 88);
	memcpy(emf + 40, " EMF", 4);
	put_word(emf + 88, 81);
	put_word(emf + 92, 80 + 40 + SAMPLES);
	put_word(emf + 88 + 48, 80);
	put_word(emf + 88 + 52, 40);
	put_word(emf + 88 + 56, 120);
	put_word(emf + 88 + 60, SAMPLES);
	put_dib(emf + 88 + 80);
	/* In a comment, a picture as it is. */
	put_word(emf + 88 + 120 + SAMPLES, 70);
	put_word(emf + 88 + 124 + SAMPLES, 8 + sizeof(little_gif));
	memcpy(emf + 88 + 128 + SAMPLES, little_gif, sizeof(little_gif));
	put_metafile(0x3d40, 0xf01a, emf, sizeof(emf));
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 2);
	CHECK(is_bmp(0, 0));
	CHECK_STR(got.part_names[0], "Folder/large drawing 1 bitmap 1.bmp");
	CHECK_STR(got.part_names[1], "Folder/large drawing 1 picture 1.gif");
	/* A record that says that its bitmap is beyond it has none. */
	put_word(emf + 88 + 60, SAMPLES + 1);
	put_metafile(0x3d40, 0xf01a, emf, sizeof(emf));
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	/* A length that lies hides what is behind it, which is told; behind the end there is
	 * nothing. */
	put_word(emf + 88 + 124 + SAMPLES, 7);
	put_metafile(0x3d40, 0xf01a, emf, sizeof(emf));
	CHECK_EQ(read_document(), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 1);
	put_word(emf + 88, 14);
	put_metafile(0x3d40, 0xf01a, emf, sizeof(emf));
	CHECK_EQ(read_document(), WARD_OK);

	put_word(wmf, 0x00090001);
	put_word(wmf + 4, 0x0300);
	put_word(wmf + 18, (28 + 40 + SAMPLES) / 2);
	put_word(wmf + 22, 0x0f43);
	put_dib(wmf + 18 + 28);
	put_metafile(0x2160, 0xf01b, wmf, sizeof(wmf));
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK(is_bmp(0, 0));
	put_word(wmf + 18, sizeof(wmf));
	put_metafile(0x2160, 0xf01b, wmf, sizeof(wmf));
	CHECK_EQ(read_document(), WARD_E_FORMAT);
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "streams are read by their chains, large and small",
				streams_are_read_by_their_chains },
		{ "what is no tree is refused", what_is_no_tree_is_refused },
		{ "circles in chains and in the tree end", circles_end },
		{ "overlapping streams give no more bytes than the file has",
				overlapping_streams_give_no_more_than_the_file_has },
		{ "tables beyond the file are trouble", tables_beyond_the_file_are_trouble },
		{ "pictures in streams are members", pictures_in_streams_are_members },
		{ "entries that were cut off the tree are looked at",
				entries_that_were_cut_off_are_looked_at },
		{ "limits of parts and bytes hold", limits_of_parts_and_bytes_hold },
		{ "a DIB gets the head that it lacks", a_dib_gets_the_head_that_it_lacks },
		{ "a record that is no TIFF hides nothing",
				a_record_that_is_no_tiff_hides_nothing },
		{ "an object that is no package is behind its length",
				an_object_that_is_no_package_is_behind_its_length },
		{ "an object that PowerPoint packed is unpacked",
				an_object_that_powerpoint_packed_is_unpacked },
		{ "bitmaps of drawings are told", bitmaps_of_drawings_are_told },
	};

	collect_init(&got);
	return test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));
}
