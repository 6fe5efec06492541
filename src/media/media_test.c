#include "base/test.h"

#include <stdlib.h>
#include <ward/media.h>

/* The kind of a literal, without its NUL. */
#define KIND_OF(literal) \
	ward_media_identify((ward_bytes){ (const uint8_t *)(literal), sizeof(literal) - 1 })

static void knows_each_picture_by_its_mark(void)
{
	CHECK_EQ(KIND_OF("\xff\xd8\xff\xe0\0\x10JFIF"), WARD_MEDIA_JPEG);
	CHECK_EQ(KIND_OF("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), WARD_MEDIA_PNG);
	CHECK_EQ(KIND_OF("GIF87a\1\0\1\0"), WARD_MEDIA_GIF);
	CHECK_EQ(KIND_OF("GIF89a\1\0\1\0"), WARD_MEDIA_GIF);
	CHECK_EQ(KIND_OF("RIFF\x20\0\0\0WEBPVP8 "), WARD_MEDIA_WEBP);
	CHECK_EQ(KIND_OF("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), WARD_MEDIA_BMP);
	CHECK_EQ(KIND_OF("BM\0\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0"), WARD_MEDIA_BMP); /* OS/2 */
	CHECK_EQ(KIND_OF("BM\0\0\0\0\0\0\0\0\x8a\0\0\0\x7c\0\0\0"), WARD_MEDIA_BMP);
	CHECK_EQ(KIND_OF("BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0"), WARD_MEDIA_BMP);
	CHECK_EQ(KIND_OF("II*\0\x08\0\0\0"), WARD_MEDIA_TIFF);
	CHECK_EQ(KIND_OF("MM\0*\0\0\0\x08"), WARD_MEDIA_TIFF);
	CHECK_EQ(KIND_OF("II+\0\x08\0\0\0"), WARD_MEDIA_TIFF);
	CHECK_EQ(KIND_OF("MM\0+\0\x08\0\0"), WARD_MEDIA_TIFF);
	CHECK_EQ(KIND_OF("P6\n4 4\n255\n"), WARD_MEDIA_PNM);
	CHECK_EQ(KIND_OF("P1 # made by hand\n#again\n4\t4\n0 1 1 0"), WARD_MEDIA_PNM);
}

static void reads_the_brands_of_iso_media(void)
{
	CHECK_EQ(KIND_OF("\0\0\0\x18"
			 "ftypheic\0\0\0\0mif1heic"),
			WARD_MEDIA_HEIF);
	CHECK_EQ(KIND_OF("\0\0\0\x18"
			 "ftypmif1\0\0\0\0mif1heic"),
			WARD_MEDIA_HEIF);
	CHECK_EQ(KIND_OF("\0\0\0\x1c"
			 "ftypmif1\0\0\0\0mif1avifmiaf"),
			WARD_MEDIA_AVIF);
	CHECK_EQ(KIND_OF("\0\0\0\x18"
			 "ftypavis\0\0\0\0msf1avis"),
			WARD_MEDIA_AVIF);
	CHECK_EQ(KIND_OF("\0\0\0\x14"
			 "ftypmif1\0\0\0\0mif1"),
			WARD_MEDIA_HEIF);
	CHECK_EQ(KIND_OF("\0\0\0\x18"
			 "ftypisom\0\0\2\0isommp41"),
			WARD_MEDIA_VIDEO);
	CHECK_EQ(KIND_OF("\0\0\0\x14"
			 "ftypqt  \0\0\2\0qt  "),
			WARD_MEDIA_VIDEO);
	CHECK_EQ(KIND_OF("\0\0\0\x18"
			 "ftypM4A \0\0\0\0M4A mp42"),
			WARD_MEDIA_AUDIO);
	CHECK_EQ(KIND_OF("\0\0\0\x18"
			 "ftypmsf1\0\0\0\0msf1avis"),
			WARD_MEDIA_AVIF);
	static const char brands[][5] = { "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs" };
	char sequence[] = "\0\0\0\x18"
			  "ftypmsf1\0\0\0\0msf1....";

	for (size_t i = 0; i < sizeof(brands) / sizeof(*brands); i++) {
		memcpy(sequence + 20, brands[i], 4);
		CHECK_EQ(KIND_OF(sequence), WARD_MEDIA_HEIF);
	}
	/* A brand behind the box is no brand. */
	CHECK_EQ(KIND_OF("\0\0\0\x14"
			 "ftypisom\0\0\2\0isomheic"),
			WARD_MEDIA_VIDEO);
	/* A film's name on a picture: what a viewer could show wins. */
	CHECK_EQ(KIND_OF("\0\0\0\x18"
			 "ftypisom\0\0\2\0isomheic"),
			WARD_MEDIA_HEIF);
}

#define DIGITS_70 "0000000000000000000000000000000000000000000000000000000000000000000000"

static void knows_archives_and_compressed_streams(void)
{
	CHECK_EQ(KIND_OF("PK\3\4\x14\0\0\0"), WARD_MEDIA_ZIP);
	CHECK_EQ(KIND_OF("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), WARD_MEDIA_ZIP);
	CHECK_EQ(KIND_OF("7z\xbc\xaf\x27\x1c\0\4"), WARD_MEDIA_SEVENZIP);
	CHECK_EQ(KIND_OF("\x1f\x8b\x08\0\0\0\0\0"), WARD_MEDIA_GZIP);
	CHECK_EQ(KIND_OF("BZh9\x31\x41\x59\x26\x53\x59"), WARD_MEDIA_GZIP);
	CHECK_EQ(KIND_OF("\xfd"
			 "7zXZ\0\0\4"),
			WARD_MEDIA_GZIP);
	CHECK_EQ(KIND_OF("\x28\xb5\x2f\xfd\x20"), WARD_MEDIA_GZIP);
	CHECK_EQ(KIND_OF("Rar!\x1a\x07\0"), WARD_MEDIA_RAR);
	CHECK_EQ(KIND_OF("Rar!\x1a\x07\1\0"), WARD_MEDIA_RAR);
	CHECK_EQ(KIND_OF("!BDN\1\2\3\4SM\x17\0"), WARD_MEDIA_PST);
	CHECK_EQ(KIND_OF("!BDN\1\2\3\4SO\x17\0"), WARD_MEDIA_PST);
	CHECK_EQ(KIND_OF("!BDN is no mark alone"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("MSCF\0\0\0\0\x40"), WARD_MEDIA_CAB);
	CHECK_EQ(KIND_OF("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), WARD_MEDIA_OLE);
	CHECK_EQ(KIND_OF("SQLite format 3\0\x10"), WARD_MEDIA_SQLITE);
	CHECK_EQ(KIND_OF("{\\rtf1 The lamp.}"), WARD_MEDIA_RTF);
	CHECK_EQ(KIND_OF("SQLite format 3 is no mark"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("\0\0\0\1Bud1\0\0\x10\0"), WARD_MEDIA_DS_STORE);
	CHECK_EQ(KIND_OF("CMMM\x20\0\0\0\3\0\0\0\x18\0\0\0\0\0\0\0\0\0\0\0"),
			WARD_MEDIA_THUMBCACHE);
	CHECK_EQ(KIND_OF("CMMM is what this text begins with"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("!<arch>\ndebian-binary"), WARD_MEDIA_AR);
	CHECK_EQ(KIND_OF("\x23\x10-lh5-\0\0\0\0\0\0\0\0\0\0\0\0\x20\1\1a"), WARD_MEDIA_LHA);
	CHECK_EQ(KIND_OF("\x04\x22\x4d\x18\x64"), WARD_MEDIA_GZIP);
	CHECK_EQ(KIND_OF("LZIP\1\x0c"), WARD_MEDIA_GZIP);
	CHECK_EQ(KIND_OF("\x1f\x9d\x90\x61\xc4"), WARD_MEDIA_GZIP);
	CHECK_EQ(KIND_OF("\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0\x30"), WARD_MEDIA_GZIP);
	/* Six digits are text, unless all of a header stands behind them. */
	CHECK_EQ(KIND_OF("070707 is a number of a house"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("070707" DIGITS_70), WARD_MEDIA_CPIO);
	CHECK_EQ(KIND_OF("070701" DIGITS_70 "00000000000000000000000000000000aF"), WARD_MEDIA_CPIO);
}

static void knows_an_image_of_a_disc_when_it_sees_enough_of_it(void)
{
	static uint8_t head[WARD_MEDIA_HEAD_DISC];

	memcpy(head + 32768, "\1CD001\1", 7);
	CHECK_EQ(ward_media_identify((ward_bytes){ head, sizeof(head) }), WARD_MEDIA_ISO);
	CHECK_EQ(ward_media_identify((ward_bytes){ head, 32773 }), WARD_MEDIA_UNKNOWN);
	memset(head, 'a', 32768);
	CHECK_EQ(ward_media_identify((ward_bytes){ head, sizeof(head) }), WARD_MEDIA_ISO);
	memcpy(head + 32768, "\0BEA01\1", 7);
	CHECK_EQ(ward_media_identify((ward_bytes){ head, sizeof(head) }), WARD_MEDIA_UDF);
	memcpy(head + 32768, "\1CD001\1", 7);
	/* What is behind another mark is no disc. */
	memcpy(head, "GIF89a", 6);
	CHECK_EQ(ward_media_identify((ward_bytes){ head, sizeof(head) }), WARD_MEDIA_GIF);
}

static void knows_a_tar_by_its_sum_with_or_without_magic(void)
{
	uint8_t block[512] = "lighthouse.ppm";
	unsigned sum = 0;

	snprintf((char *)block + 100, 8, "%07o", 0644);
	snprintf((char *)block + 124, 12, "%011o", 1200);
	memset(block + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += block[i];
	snprintf((char *)block + 148, 8, "%06o", sum);
	CHECK_EQ(ward_media_identify((ward_bytes){ block, sizeof(block) }), WARD_MEDIA_TAR);
	CHECK(ward_media_identify((ward_bytes){ block, sizeof(block) - 1 }) != WARD_MEDIA_TAR);
	block[0]++;
	CHECK(ward_media_identify((ward_bytes){ block, sizeof(block) }) != WARD_MEDIA_TAR);
}

static void knows_films_and_sound(void)
{
	CHECK_EQ(KIND_OF("d8:announce3:abc4:infod"), WARD_MEDIA_TORRENT);
	CHECK_EQ(KIND_OF("d4:infod6:length"), WARD_MEDIA_TORRENT);
	CHECK_EQ(KIND_OF("d4:word4:infoe, and more"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("\x1a\x45\xdf\xa3\x01"), WARD_MEDIA_VIDEO);
	CHECK_EQ(KIND_OF("RIFF\x20\0\0\0AVI LIST"), WARD_MEDIA_VIDEO);
	CHECK_EQ(KIND_OF("RIFF\x20\0\0\0WAVEfmt "), WARD_MEDIA_AUDIO);
	CHECK_EQ(KIND_OF("FORM\0\0\0\x20"
			 "AIFFCOMM"),
			WARD_MEDIA_AUDIO);
	CHECK_EQ(KIND_OF("fLaC\0\0\0\x22"), WARD_MEDIA_AUDIO);
	CHECK_EQ(KIND_OF("ID3\4\0\0\0\0\0\x0a"), WARD_MEDIA_AUDIO);
	CHECK_EQ(KIND_OF("OggS\0\2\0\0\0\0\0\0\0\0abcdefghijkl\1\x1e\1vorbis"), WARD_MEDIA_AUDIO);
	CHECK_EQ(KIND_OF("OggS\0\2\0\0\0\0\0\0\0\0abcdefghijkl\1\x2a\x80theora"), WARD_MEDIA_VIDEO);
}

static void wants_frames_of_sound_to_follow_each_other(void)
{
	/* MPEG 1 layer 3, 128 kbit/s, 44.1 kHz: 417 bytes a frame. */
	uint8_t sound[1300] = { 0 };

	for (int at = 0; at < 1300; at += 417)
		memcpy(sound + at, "\xff\xfb\x90\x00", 4);
	CHECK_EQ(ward_media_identify((ward_bytes){ sound, sizeof(sound) }), WARD_MEDIA_AUDIO);
	sound[417] = 0;
	CHECK_EQ(ward_media_identify((ward_bytes){ sound, sizeof(sound) }), WARD_MEDIA_UNKNOWN);
}

static void wants_a_transport_stream_in_step(void)
{
	uint8_t stream[188 * 6] = { 0 };

	for (int i = 0; i < 6; i++)
		stream[i * 188] = 0x47;
	CHECK_EQ(ward_media_identify((ward_bytes){ stream, sizeof(stream) }), WARD_MEDIA_VIDEO);
	stream[3 * 188] = 0x48;
	CHECK_EQ(ward_media_identify((ward_bytes){ stream, sizeof(stream) }), WARD_MEDIA_UNKNOWN);
}

static void words_are_text_and_may_end_within_a_character(void)
{
	CHECK_EQ(KIND_OF("A lighthouse by the sea.\r\n\tIt turns.\n"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("\xef\xbb\xbfwith a mark"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("Leuchtt\xc3\xbcrme \xe2\x82"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("caf\xe9 in Latin-1"), WARD_MEDIA_UNKNOWN);
	CHECK_EQ(KIND_OF("a NUL \0 within"), WARD_MEDIA_UNKNOWN);
	CHECK_EQ(KIND_OF("an escape \x1b[1m"), WARD_MEDIA_UNKNOWN);
	CHECK_EQ(KIND_OF("P3 is where we park"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("BMW builds cars, and so on"), WARD_MEDIA_TEXT);
}

static void finds_a_pdf_behind_a_few_bytes(void)
{
	CHECK_EQ(KIND_OF("%PDF-1.7\n"), WARD_MEDIA_PDF);
	CHECK_EQ(KIND_OF("\0\0\0 %PDF-1.4\n"), WARD_MEDIA_PDF);
}

#define SENT "From keeper@lighthouse.example Sat Jan  3 01:05:34 1996\n"

static void a_mail_is_known_by_its_header(void)
{
	CHECK_EQ(KIND_OF("Return-Path: <>\r\nFrom: a\r\nTo: b\r\n\r\nwords"), WARD_MEDIA_MAIL);
	CHECK_EQ(KIND_OF("MIME-Version: 1.0\nSubject: the\n\tlamp\nX-Lamp: lit\nfrom: a\n\n\0\1"),
			WARD_MEDIA_MAIL);
	CHECK_EQ(KIND_OF("Received: by lamp\nMessage-ID: <1@lamp>\nDate: today"), WARD_MEDIA_MAIL);
	CHECK_EQ(KIND_OF("Subject: caf\xe9\nFrom: a\nMessage-Id: <1>\n\n"), WARD_MEDIA_MAIL);
	CHECK_EQ(KIND_OF(SENT "From: a\nTo: b\n\nwords\n"), WARD_MEDIA_MBOX);
	CHECK_EQ(KIND_OF("From - Sat Jan  3 01:05:34 1996\r\nFrom: a\r\nDate: b\r\n\r\n"),
			WARD_MEDIA_MBOX);
	CHECK_EQ(KIND_OF("From 17@x Mon Jan 01 12:00:00 +0000 2024\nX-Gmail-Labels: a\nTo: b\n"),
			WARD_MEDIA_MBOX);
}

static void apples_mail_begins_with_its_length(void)
{
	CHECK_EQ(KIND_OF("47        \nFrom: a\nTo: b\nMessage-ID: <1>\n\nwords\n<plist>"),
			WARD_MEDIA_MAIL);
	CHECK_EQ(KIND_OF("47 a\nFrom: a\nTo: b\nMessage-ID: <1>\n\nwords\n"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("47\n"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("9\nFrom: a\nTo: b\nMessage-ID: <1>\n\nwords\n"), WARD_MEDIA_TEXT);
}

static void text_that_looks_like_mail_stays_text(void)
{
	CHECK_EQ(KIND_OF("To: the keeper\nFrom: the harbour\nSubject: lamp\nDate: May\n\nHi.\n"),
			WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("From here on it goes up.\nTo: the top\nDate: May\n"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF(SENT "wrote a letter, and From: him\nit came.\n"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF(SENT), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("Sat Jan  3 01:05:34 1996\nFrom: a\nTo: b\n"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("HTTP/1.1 200 OK\nDate: today\nContent-Type: text/html\n"
			 "Message-ID: <1>\n"),
			WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("Message-ID: <1>\nMessage-ID: <2>\nMessage-ID: <3>\n\n"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("From: a\nTo: b\nMessage-ID: <1>\nno field\n\n"), WARD_MEDIA_TEXT);
	CHECK_EQ(KIND_OF("From: a\nTo: \1b\nMessage-ID: <1>\n\n"), WARD_MEDIA_UNKNOWN);
	CHECK_EQ(KIND_OF("\nFrom: a\nTo: b\nMessage-ID: <1>\n\n"), WARD_MEDIA_TEXT);
}

static void a_short_look_never_reads_past_its_end(void)
{
	static const char *const starts[] = { "\xff\xd8\xff\xe0", "\x89PNG\r\n\x1a\n",
		"RIFF\x20\x20\x20\x20WEBP", "    ftypheic    mif1heic", "BM      ", "P6 4 4 255 ",
		"OggS", "FORM    AIFF", "BZh91AY&SY", "ID3\4    ", "%PDF-1.4",
		SENT "From: a\nTo: b\n" };

	CHECK_EQ(ward_media_identify((ward_bytes){ NULL, 0 }), WARD_MEDIA_EMPTY);
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		for (size_t len = 1; len <= strlen(starts[i]); len++) {
			/* Of exactly that size, so that a sanitizer sees a read behind it. */
			uint8_t *copy = malloc(len);

			CHECK(copy != NULL);
			memcpy(copy, starts[i], len);
			CHECK(ward_media_identify((ward_bytes){ copy, len }) != WARD_MEDIA_EMPTY);
			free(copy);
		}
	}
}

static void every_kind_has_a_name_and_a_type(void)
{
	for (int i = 0; i < WARD_MEDIA_KIND_COUNT; i++) {
		CHECK(ward_media_name((ward_media_kind)i)[0] != 0);
		CHECK(strchr(ward_media_mime((ward_media_kind)i), '/') != NULL);
		for (int j = 0; j < i; j++)
			CHECK(strcmp(ward_media_name((ward_media_kind)i),
					      ward_media_name((ward_media_kind)j)) != 0);
	}
	CHECK_STR(ward_media_name((ward_media_kind)999), "unknown");
	CHECK_STR(ward_media_name(WARD_MEDIA_JPEG), "jpeg");
	CHECK_STR(ward_media_mime(WARD_MEDIA_JPEG), "image/jpeg");
	CHECK(ward_media_is_picture(WARD_MEDIA_PNM) && !ward_media_is_archive(WARD_MEDIA_PNM));
	CHECK(ward_media_is_archive(WARD_MEDIA_GZIP) && !ward_media_is_picture(WARD_MEDIA_GZIP));
	CHECK(ward_media_is_archive(WARD_MEDIA_RAR) && ward_media_is_archive(WARD_MEDIA_AR));
	CHECK(ward_media_is_document(WARD_MEDIA_MBOX) && ward_media_is_archive(WARD_MEDIA_MBOX));
	CHECK(!ward_media_is_document(WARD_MEDIA_ZIP));
}

static void the_default_limits_are_the_published_ones(void)
{
	struct ward_limits limits = ward_limits_default();

	CHECK_EQ(limits.bytes_max, (uint64_t)4 << 30);
	CHECK_EQ(limits.pixels_max, 1000000000);
	CHECK_EQ(limits.memory_max, (uint64_t)6 << 30);
	CHECK_EQ(limits.frames_max, 1000);
	CHECK_EQ(limits.parts_max, 100000);
	CHECK_EQ(limits.depth_max, 8);
	CHECK_EQ(limits.time_ms, 60000);
}

static void an_image_fits_only_when_its_last_row_does(void)
{
	uint8_t pixel = 0;
	struct ward_image image = { &pixel, 10, 3, 4, 3 };

	CHECK(ward_image_fits(&image, 3 * 10 + 9)); /* the last row needs no padding */
	CHECK(!ward_image_fits(&image, 3 * 10 + 8));
	image.stride = 8;
	CHECK(!ward_image_fits(&image, 1000));
	image = (struct ward_image){ &pixel, SIZE_MAX / 2, 3, 4, 3 };
	CHECK(!ward_image_fits(&image, SIZE_MAX));
	image = (struct ward_image){ &pixel, 100, 3, 4, 2 };
	CHECK(!ward_image_fits(&image, 1000));
	image = (struct ward_image){ &pixel, 100, 0, 4, 1 };
	CHECK(!ward_image_fits(&image, 1000));
	image = (struct ward_image){ NULL, 100, 3, 4, 1 };
	CHECK(!ward_image_fits(&image, 1000));
}

static void levels_are_named_l0_to_l5(void)
{
	ward_view_level level = WARD_LEVEL_COUNT;

	for (int i = 0; i < WARD_LEVEL_COUNT; i++) {
		CHECK(ward_view_level_parse(ward_str_from(ward_view_level_name((ward_view_level)i)),
				&level));
		CHECK_EQ(level, i);
	}
	CHECK(ward_view_level_parse(WARD_STR("l3"), &level));
	CHECK_EQ(level, WARD_LEVEL_REDUCED);
	CHECK(!ward_view_level_parse(WARD_STR("L6"), &level));
	CHECK(!ward_view_level_parse(WARD_STR(""), &level));
	CHECK(!ward_view_level_parse(WARD_STR("3"), &level));
	CHECK_STR(ward_view_level_name(WARD_LEVEL_COUNT), "?");
}

static void facts_alone_have_no_view(void)
{
	struct ward_view_options options = { .level = WARD_LEVEL_FACTS };

	CHECK_EQ(ward_view_side(&options), 0);
	options.level = WARD_LEVEL_SMALL;
	CHECK_EQ(ward_view_side(&options), 320);
	options.side_max = 2000; /* never more than the level's own */
	CHECK_EQ(ward_view_side(&options), 320);
	options.side_max = 200;
	CHECK_EQ(ward_view_side(&options), 200);
}

static const struct test_case cases[] = {
	{ "levels are named L0 to L5", levels_are_named_l0_to_l5 },
	{ "facts alone have no view, and no view is larger than its level's",
			facts_alone_have_no_view },
	{ "knows each picture by its mark", knows_each_picture_by_its_mark },
	{ "reads the brands of ISO media", reads_the_brands_of_iso_media },
	{ "knows archives and compressed streams", knows_archives_and_compressed_streams },
	{ "knows an image of a disc when it sees enough of it",
			knows_an_image_of_a_disc_when_it_sees_enough_of_it },
	{ "knows a tar by its sum, with or without magic",
			knows_a_tar_by_its_sum_with_or_without_magic },
	{ "knows films and sound", knows_films_and_sound },
	{ "wants frames of sound to follow each other",
			wants_frames_of_sound_to_follow_each_other },
	{ "wants a transport stream in step", wants_a_transport_stream_in_step },
	{ "words are text, and may end within a character",
			words_are_text_and_may_end_within_a_character },
	{ "finds a PDF behind a few bytes", finds_a_pdf_behind_a_few_bytes },
	{ "a mail is known by its header", a_mail_is_known_by_its_header },
	{ "Apple's mail begins with its length", apples_mail_begins_with_its_length },
	{ "text that looks like mail stays text", text_that_looks_like_mail_stays_text },
	{ "a short look never reads past its end", a_short_look_never_reads_past_its_end },
	{ "every kind has a name and a type", every_kind_has_a_name_and_a_type },
	{ "the default limits are the published ones", the_default_limits_are_the_published_ones },
	{ "an image fits only when its last row does", an_image_fits_only_when_its_last_row_does },
};
TEST_MAIN(cases)
