/* Torrents, written here by the letter of BEP 3 and BEP 52. */
#include "base/test.h"
#include <ward/sharing.h>

#include <stdlib.h>

static struct ward_error error;
static struct ward_torrent *torrent;

static bool read_text(const char *text, size_t len)
{
	ward_torrent_free(torrent);
	torrent = NULL;
	return !ward_torrent_read((ward_bytes){ (const uint8_t *)text, len }, &torrent, &error);
}

#define READ(text) read_text(text, sizeof(text) - 1)

#define TWENTY    "aaaaaaaaaaaaaaaaaaaa"
#define THIRTYTWO "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static bool signal_is(const ward_signal *signal, const char *want)
{
	char text[WARD_SIGNAL_TEXT_MAX + 16], value[WARD_SIGNAL_TEXT_MAX];

	snprintf(text, sizeof(text), "%s:%s", ward_signal_kind_name(signal->kind),
			ward_signal_format(signal, value));
	if (strcmp(text, want) != 0)
		printf("# got %s\n", text);
	return strcmp(text, want) == 0;
}

static void done(void)
{
	ward_torrent_free(torrent);
	torrent = NULL;
}

/* SHA-1 and SHA-256 of the description were computed by sha1sum and sha256sum. */
static void a_torrent_of_version_1_has_the_sha1_of_its_description(void)
{
	ward_signal own[2];

	CHECK(READ("d8:announce3:abc4:infod6:lengthi5e4:name5:a.txt12:piece "
		   "lengthi16384e6:pieces20:" TWENTY "ee"));
	CHECK_EQ(ward_torrent_signals(torrent, own), 1);
	CHECK(signal_is(&own[0], "btih:7faf75b2447f88700c68f1eceda713cd90a0127a"));
	CHECK_EQ(ward_torrent_file_count(torrent), 1);
	CHECK(ward_str_eq(ward_torrent_file(torrent, 0)->path, WARD_STR("a.txt")));
	CHECK_EQ(ward_torrent_file(torrent, 0)->bytes, 5);
	done();
}

static void files_lie_one_behind_another_with_the_digests_their_maker_put_there(void)
{
	const struct ward_torrent_file *file;

	CHECK(READ("d4:infod5:filesl"
		   "d6:lengthi10e6:md5sum32:0123456789abcdef0123456789abcdef4:pathl1:a1:bee"
		   "d4:attr1:p6:lengthi6e4:pathl4:.pad1:6ee"
		   "d4:ed2k16:0123456789abcdef6:lengthi7e4:pathl1:ce4:sha120:" TWENTY "e"
		   "e4:name1:n12:piece lengthi16e6:pieces40:" TWENTY TWENTY "ee"));
	CHECK_EQ(ward_torrent_file_count(torrent), 3);
	file = ward_torrent_file(torrent, 0);
	CHECK(ward_str_eq(file->path, WARD_STR("a/b")));
	CHECK_EQ(file->signal_count, 1);
	CHECK(signal_is(&file->signals[0], "md5:0123456789abcdef0123456789abcdef"));
	CHECK(ward_torrent_file(torrent, 1)->padding);
	file = ward_torrent_file(torrent, 2);
	CHECK_EQ(file->offset, 16);
	CHECK_EQ(file->signal_count, 2);
	CHECK_EQ(file->signals[0].kind, WARD_SIGNAL_SHA1);
	CHECK_EQ(file->signals[1].kind, WARD_SIGNAL_ED2K);
	done();
}

static void version_2_has_a_tree_of_names_and_a_root_for_each_file(void)
{
	ward_signal own[2];
	const struct ward_torrent_file *file;

	CHECK(READ("d4:infod9:file treed1:ad1:bd0:d6:lengthi9e11:pieces root32:" THIRTYTWO
		   "eee1:cd0:d6:lengthi0eeee12:meta versioni2e4:name1:n12:piece lengthi16384eee"));
	CHECK_EQ(ward_torrent_signals(torrent, own), 1);
	CHECK_EQ(own[0].kind, WARD_SIGNAL_BTMH);
	CHECK_EQ(ward_torrent_file_count(torrent), 2);
	file = ward_torrent_file(torrent, 0);
	CHECK(ward_str_eq(file->path, WARD_STR("a/b")));
	CHECK_EQ(file->signals[0].kind, WARD_SIGNAL_BTROOT);
	CHECK(ward_str_eq(ward_torrent_file(torrent, 1)->path, WARD_STR("c")));
	CHECK_EQ(ward_torrent_file(torrent, 1)->signal_count, 0);
	done();
}

static void a_torrent_of_both_versions_tells_of_each_file_once(void)
{
	ward_signal own[2];

	CHECK(READ("d4:infod9:file treed1:nd0:d6:lengthi9e11:pieces root32:" THIRTYTWO
		   "eee6:lengthi9e12:meta versioni2e4:name1:n12:piece "
		   "lengthi16384e6:pieces20:" TWENTY "ee"));
	CHECK_EQ(ward_torrent_signals(torrent, own), 2);
	CHECK_EQ(own[0].kind, WARD_SIGNAL_BTIH);
	CHECK_EQ(own[1].kind, WARD_SIGNAL_BTMH);
	CHECK_EQ(ward_torrent_file_count(torrent), 1);
	CHECK_EQ(ward_torrent_file(torrent, 0)->signals[0].kind, WARD_SIGNAL_BTROOT);
	done();
}

static void what_is_no_torrent_says_why(void)
{
	static const char *const texts[] = { "", "d", "i1e", "de", "d4:infoi1ee", "d4:infodee",
		"d4:infod6:pieces99:" TWENTY "ee", "d1:a", "di1ei2ee", "d4:infodeex" };
	char deep[201];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		CHECK(!read_text(texts[i], strlen(texts[i])));
		CHECK_EQ(error.code, WARD_E_FORMAT);
	}
	memset(deep, 'l', 100);
	memset(deep + 100, 'e', 100);
	CHECK(!read_text(deep, 200));
	done();
}

static void what_is_wrong_with_its_files_does_not_hide_its_own_hash(void)
{
	static const char *const texts[] = { "d4:infod6:pieces20:" TWENTY "ee",
		"d4:infod6:lengthi-5e12:piece lengthi16e6:pieces20:" TWENTY "ee",
		"d4:infod6:lengthi5e12:piece lengthi0e6:pieces20:" TWENTY "ee",
		"d4:infod6:lengthi99999999999999999e12:piece lengthi16e6:pieces20:" TWENTY "ee" };
	ward_signal own[2];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		CHECK(read_text(texts[i], strlen(texts[i])));
		CHECK_EQ(ward_torrent_signals(torrent, own), 1);
		CHECK(ward_torrent_trouble(torrent));
		CHECK_EQ(ward_torrent_trouble(torrent)->code, WARD_E_FORMAT);
	}
	CHECK(READ("d4:infod6:lengthi5e4:name5:a.txt12:piece lengthi16384e6:pieces20:" TWENTY
		   "ee"));
	CHECK(!ward_torrent_trouble(torrent));
	done();
}

/* ---- is this file in it? ---- */

static uint8_t bytes[100];

static ward_err give(void *context, uint64_t offset, uint8_t *to, size_t size,
		struct ward_error *why)
{
	const uint8_t *from = context;

	(void)why;
	if (offset + size > sizeof(bytes))
		abort();
	memcpy(to, from + offset, size);
	return WARD_OK;
}

/* A file of 10 bytes, then one of 100 with these bytes, in pieces of 16. */
static bool read_pieces(void)
{
	static char text[600];
	uint8_t all[112] = { 0 };
	int len = snprintf(text, sizeof(text),
			"d4:infod5:filesld6:lengthi10e4:pathl1:aeed6:lengthi100e4:pathl1:beee"
			"4:name1:n12:piece lengthi16e6:pieces140:");

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	memcpy(all + 10, bytes, 100);
	for (size_t i = 0; i < 7; i++) {
		struct ward_digests digests;

		if (ward_digest((ward_bytes){ all + 16 * i, 16 }, &digests))
			abort();
		memcpy(text + len, digests.sha1, 20);
		len += 20;
	}
	text[len] = text[len + 1] = 'e';
	return read_text(text, (size_t)len + 2);
}

static void a_file_is_found_by_the_pieces_that_lie_within_it(void)
{
	struct ward_torrent_match match;
	uint8_t other[100];
	bool found;

	CHECK(read_pieces());
	CHECK(!ward_torrent_find(torrent, 100, give, bytes, &match, &found, &error));
	CHECK(found);
	CHECK_EQ(match.file, 1);
	/* From byte 16 to 96 of all: the first and the last piece are shared. */
	CHECK_EQ(match.pieces, 5);
	CHECK_EQ(match.equal, 5);
	memcpy(other, bytes, sizeof(other));
	other[60] ^= 1;
	CHECK(!ward_torrent_find(torrent, 100, give, other, &match, &found, &error));
	CHECK(!found);
	CHECK_EQ(match.equal, 3);
	CHECK(!ward_torrent_find(torrent, 99, give, bytes, &match, &found, &error));
	CHECK(!found && match.file == SIZE_MAX);
	CHECK(!ward_torrent_find(torrent, 10, give, bytes, &match, &found, &error));
	CHECK(!found && match.pieces == 0);
	done();
}

static void a_file_is_found_by_its_root(void)
{
	static char text[300];
	struct ward_sharing_hasher *hasher = ward_sharing_hasher_new();
	struct ward_sharing_hashes hashes;
	struct ward_torrent_match match;
	bool found;
	int len = snprintf(text, sizeof(text),
			"d4:infod9:file treed1:nd0:d6:lengthi100e11:pieces root32:");

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	ward_sharing_hasher_update(hasher, (ward_bytes){ bytes, sizeof(bytes) });
	ward_sharing_hasher_finish(hasher, &hashes);
	ward_sharing_hasher_free(hasher);
	memcpy(text + len, hashes.btroot, 32);
	len += 32;
	len += snprintf(text + len, sizeof(text) - (size_t)len,
			"eee12:meta versioni2e4:name1:n12:piece lengthi16384eee");
	CHECK(read_text(text, (size_t)len));
	CHECK(!ward_torrent_find(torrent, 100, give, bytes, &match, &found, &error));
	CHECK(found && match.root);
	bytes[0] ^= 1;
	CHECK(!ward_torrent_find(torrent, 100, give, bytes, &match, &found, &error));
	CHECK(!found);
	done();
}

static const struct test_case cases[] = {
	{ "a torrent of version 1 has the SHA-1 of its description",
			a_torrent_of_version_1_has_the_sha1_of_its_description },
	{ "files lie one behind another, with the digests their maker put there",
			files_lie_one_behind_another_with_the_digests_their_maker_put_there },
	{ "version 2 has a tree of names, and a root for each file",
			version_2_has_a_tree_of_names_and_a_root_for_each_file },
	{ "a torrent of both versions tells of each file once",
			a_torrent_of_both_versions_tells_of_each_file_once },
	{ "what is no torrent says why", what_is_no_torrent_says_why },
	{ "what is wrong with its files does not hide its own hash",
			what_is_wrong_with_its_files_does_not_hide_its_own_hash },
	{ "a file is found by the pieces that lie within it",
			a_file_is_found_by_the_pieces_that_lie_within_it },
	{ "a file is found by its root", a_file_is_found_by_its_root },
};
TEST_MAIN(cases)
