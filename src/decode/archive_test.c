/* What archives hand out, shown on archives that libarchive wrote into memory. */
#include "base/test.h"
#include "decode/collect.h"

#include <archive.h>
#include <archive_entry.h>

static struct collected got;

#define BYTES(literal) ((ward_bytes){ (const uint8_t *)(literal), sizeof(literal) - 1 })

static void start(void)
{
	collect_clear(&got);
	got.options = (struct ward_decode_options){ .limits = ward_limits_default() };
}

/* ---- writing ---- */

static struct {
	struct archive *archive;
	uint8_t bytes[1 << 20];
	size_t len;
} out;

static void set(int code)
{
	if (code < ARCHIVE_WARN) {
		printf("# %s\n", archive_error_string(out.archive));
		abort();
	}
}

static void begin_as(int format, int filter, const char *options)
{
	out.archive = archive_write_new();
	set(archive_write_set_format(out.archive, format));
	set(archive_write_add_filter(out.archive, filter));
	set(archive_write_set_bytes_per_block(out.archive, 0));
	if (options) {
		set(archive_write_set_options(out.archive, options));
		set(archive_write_set_passphrase(out.archive, "lamp"));
	}
	set(archive_write_open_memory(out.archive, out.bytes, sizeof(out.bytes), &out.len));
}

static void begin(int format)
{
	begin_as(format, ARCHIVE_FILTER_NONE, NULL);
}

static void add_entry(const char *name, unsigned type, const char *link, const void *bytes,
		size_t len)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, type);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)len);
	archive_entry_set_mtime(entry, 1000000000, 0);
	if (link && type == AE_IFLNK)
		archive_entry_set_symlink(entry, link);
	else if (link)
		archive_entry_set_hardlink(entry, link);
	set(archive_write_header(out.archive, entry));
	if (len > 0 && archive_write_data(out.archive, bytes, len) != (la_ssize_t)len)
		abort();
	archive_entry_free(entry);
}

static void add(const char *name, ward_bytes bytes)
{
	add_entry(name, AE_IFREG, NULL, bytes.ptr, bytes.len);
}

static ward_bytes written(void)
{
	set(archive_write_close(out.archive));
	archive_write_free(out.archive);
	return (ward_bytes){ out.bytes, out.len };
}

/* Where `text` lies in what was written. */
static uint8_t *find(const char *text)
{
	for (size_t i = 0; i + strlen(text) <= out.len; i++) {
		if (memcmp(out.bytes + i, text, strlen(text)) == 0)
			return out.bytes + i;
	}
	abort();
}

/* ---- asking ---- */

static bool part_is(uint32_t index, const char *name, const char *text)
{
	ward_str bytes = ward_buf_text(&got.part_bytes[index]);

	return index < got.part_count && strcmp(got.part_names[index], name) == 0 &&
	       ward_str_eq(bytes, ward_str_from(text));
}

static const struct {
	ward_media_kind kind;
	int format;
} writers[] = {
	{ WARD_MEDIA_ZIP, ARCHIVE_FORMAT_ZIP },
	{ WARD_MEDIA_TAR, ARCHIVE_FORMAT_TAR_USTAR },
	{ WARD_MEDIA_TAR, ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE },
	{ WARD_MEDIA_TAR, ARCHIVE_FORMAT_TAR_GNUTAR },
	{ WARD_MEDIA_SEVENZIP, ARCHIVE_FORMAT_7ZIP },
	{ WARD_MEDIA_CPIO, ARCHIVE_FORMAT_CPIO_POSIX },
	{ WARD_MEDIA_CPIO, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC },
};
#define WRITERS (sizeof(writers) / sizeof(*writers))

static void members_arrive_in_order_with_their_bytes(void)
{
	for (size_t i = 0; i < WRITERS; i++) {
		start();
		begin(writers[i].format);
		add("coast/lighthouse", BYTES("a lamp"));
		add("b", BYTES("bb"));
		CHECK_EQ(ward_media_identify(written()), writers[i].kind);
		CHECK_EQ(collect_archive(&got, writers[i].kind, (ward_bytes){ out.bytes, out.len }),
				WARD_OK);
		CHECK_EQ(got.part_count, 2);
		CHECK(part_is(0, "coast/lighthouse", "a lamp"));
		CHECK(part_is(1, "b", "bb"));
		CHECK_EQ(got.part_encrypted[0], false);
		CHECK_EQ(got.facts_told, 0);
	}
}

static void a_member_larger_than_a_block_is_whole(void)
{
	static uint8_t large[700001];

	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)(i * 7 / 1000);
	for (size_t i = 0; i < WRITERS; i++) {
		start();
		begin(writers[i].format);
		add("large", (ward_bytes){ large, sizeof(large) });
		CHECK_EQ(collect_archive(&got, writers[i].kind, written()), WARD_OK);
		CHECK_EQ(got.part_bytes[0].len, sizeof(large));
		CHECK_EQ(memcmp(got.part_bytes[0].ptr, large, sizeof(large)), 0);
	}
}

static const int filters[] = { ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_XZ,
	ARCHIVE_FILTER_ZSTD, ARCHIVE_FILTER_LZ4, ARCHIVE_FILTER_LZIP, ARCHIVE_FILTER_LZMA,
	ARCHIVE_FILTER_COMPRESS };
#define FILTERS (sizeof(filters) / sizeof(*filters))

static ward_bytes compressed(int filter, ward_bytes bytes)
{
	begin_as(ARCHIVE_FORMAT_RAW, filter, NULL);
	add("data", bytes);
	return written();
}

static void a_compressed_stream_is_one_member_without_a_name(void)
{
	for (size_t i = 0; i < FILTERS; i++) {
		start();
		CHECK_EQ(ward_media_identify(compressed(filters[i], BYTES("words, words"))),
				WARD_MEDIA_GZIP);
		CHECK_EQ(collect_archive(&got, WARD_MEDIA_GZIP, (ward_bytes){ out.bytes, out.len }),
				WARD_OK);
		CHECK_EQ(got.part_count, 1);
		CHECK(part_is(0, "", "words, words"));
	}
}

/* Of the first four: libarchive cannot write nothing as the others. */
static void a_compressed_stream_of_nothing_is_one_empty_member(void)
{
	for (size_t i = 0; i < 4; i++) {
		start();
		CHECK_EQ(collect_archive(&got, WARD_MEDIA_GZIP, compressed(filters[i], BYTES(""))),
				WARD_OK);
		CHECK_EQ(got.part_count, 1);
		CHECK(part_is(0, "", ""));
	}
}

static void gzip_may_have_stored_a_name(void)
{
	uint8_t file[200];
	ward_bytes plain = compressed(ARCHIVE_FILTER_GZIP, BYTES("words"));

	start();
	memcpy(file, plain.ptr, 10);
	file[3] |= 8;
	memcpy(file + 10, "data\xff", 6);
	memcpy(file + 16, plain.ptr + 10, plain.len - 10);
	CHECK_EQ(collect_archive(&got, WARD_MEDIA_GZIP, (ward_bytes){ file, plain.len + 6 }),
			WARD_OK);
	CHECK(part_is(0, "data\xff", "words"));
}

static void only_one_level_is_unpacked(void)
{
	static uint8_t inner[1000];
	ward_bytes stream = compressed(ARCHIVE_FILTER_GZIP, BYTES("words"));

	start();
	memcpy(inner, stream.ptr, stream.len);
	CHECK_EQ(collect_archive(&got, WARD_MEDIA_GZIP,
				 compressed(ARCHIVE_FILTER_BZIP2,
						 (ward_bytes){ inner, stream.len })),
			WARD_OK);
	CHECK_EQ(ward_media_identify((ward_bytes){ (uint8_t *)got.part_bytes[0].ptr,
				 got.part_bytes[0].len }),
			WARD_MEDIA_GZIP);
}

static void folders_and_links_are_no_members(void)
{
	for (size_t i = 0; i < WRITERS; i++) {
		start();
		begin(writers[i].format);
		add_entry("coast", AE_IFDIR, NULL, NULL, 0);
		add("coast/a", BYTES("a"));
		add_entry("coast/b", AE_IFLNK, "a", NULL, 0);
		if (writers[i].kind == WARD_MEDIA_TAR) {
			add_entry("coast/c", AE_IFREG, "coast/a", NULL, 0);
			add_entry("pipe", AE_IFIFO, NULL, NULL, 0);
		}
		CHECK_EQ(collect_archive(&got, writers[i].kind, written()), WARD_OK);
		CHECK_EQ(got.part_count, 1);
		CHECK(part_is(0, "coast/a", "a"));
	}
}

static void a_hard_link_that_brings_bytes_is_a_member(void)
{
	uint8_t *header = out.bytes + (size_t)4 * 512;

	start();
	begin(ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE);
	add("a", BYTES("a"));
	add("\xc3\xbc", BYTES("hidden")); /* its name needs two blocks before the header */
	ward_bytes file = written();

	/* The header's type, '0' for a file, becomes '1' with a target, and its sum follows. */
	header[156] = '1';
	header[157] = 'a';
	snprintf((char *)header + 148, 7, "%06o",
			(unsigned)strtoul((char *)header + 148, NULL, 8) + 1 + 'a');
	CHECK_EQ(collect_archive(&got, WARD_MEDIA_TAR, file), WARD_OK);
	CHECK_EQ(got.part_count, 2);
	CHECK(part_is(1, "\xc3\xbc", "hidden"));
}

static void names_are_any_bytes(void)
{
	start();
	begin(ARCHIVE_FORMAT_TAR_USTAR);
	add("\xff\xfe of \x80 bytes", BYTES("a"));
	CHECK_EQ(collect_archive(&got, WARD_MEDIA_TAR, written()), WARD_OK);
	CHECK(part_is(0, "\xff\xfe of \x80 bytes", "a"));
}

static void names_in_unicode_are_utf_8(void)
{
	for (size_t i = 0; i < WRITERS; i++) {
		start();
		begin(writers[i].format);
		add("m\xc3\xbcnze \xe2\x98\x83", BYTES("a"));
		CHECK_EQ(collect_archive(&got, writers[i].kind, written()), WARD_OK);
		CHECK(part_is(0, "m\xc3\xbcnze \xe2\x98\x83", "a"));
	}
}

static void encrypted_members_are_told_without_bytes(void)
{
	start();
	begin_as(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, "zip:encryption=traditional");
	add("a", BYTES("secret"));
	add("b", BYTES("secret, too"));
	CHECK_EQ(collect_archive(&got, WARD_MEDIA_ZIP, written()), WARD_OK);
	CHECK_EQ(got.part_count, 2);
	CHECK(part_is(0, "a", ""));
	CHECK(part_is(1, "b", ""));
	CHECK(got.part_encrypted[0] && got.part_encrypted[1]);
}

/* ---- trouble ---- */

static void a_damaged_member_is_told_by_number_and_those_behind_it_arrive(void)
{
	start();
	begin_as(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, "zip:compression=store");
	add("a", BYTES("first"));
	add("private", BYTES("damage"));
	add("c", BYTES("third"));
	ward_bytes file = written();

	memcpy(find("damage"), "DAMAGE", 6);
	CHECK_EQ(collect_archive(&got, WARD_MEDIA_ZIP, file), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 3);
	CHECK(part_is(2, "c", "third"));
	CHECK(strstr(got.error.message, "the zip archive, member 2: ") == got.error.message);
	CHECK(!strstr(got.error.message, "private"));
}

static void an_archive_that_breaks_off_gives_what_was_before(void)
{
	for (size_t i = 0; i < WRITERS; i++) {
		if (writers[i].kind == WARD_MEDIA_SEVENZIP)
			continue;
		start();
		begin_as(writers[i].format, ARCHIVE_FILTER_NONE,
				writers[i].kind == WARD_MEDIA_ZIP ? "zip:compression=store" : NULL);
		add("a", BYTES("first"));
		add("b", BYTES("second"));
		ward_bytes file = written();

		file.len = (size_t)(find("second") + 3 - out.bytes);
		CHECK_EQ(collect_archive(&got, writers[i].kind, file), WARD_E_FORMAT);
		CHECK_EQ(got.part_count, 2);
		CHECK(part_is(0, "a", "first"));
		CHECK(strstr(got.error.message, ", member 2: ") != NULL);
	}
	/* The list of what a 7z archive holds is at its end. */
	start();
	begin(ARCHIVE_FORMAT_7ZIP);
	add("a", BYTES("first"));
	ward_bytes file = written();

	file.len -= 4;
	CHECK_EQ(collect_archive(&got, WARD_MEDIA_SEVENZIP, file), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 0);
	CHECK(strstr(got.error.message, "the 7z archive cannot be read: ") == got.error.message);
}

/* The last of them, compress, does not say where it ends. */
static void a_stream_that_breaks_off_is_an_error(void)
{
	static uint8_t noise[5000];

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(i * i >> 3);
	for (size_t i = 0; i < FILTERS - 1; i++) {
		ward_bytes file = compressed(filters[i], (ward_bytes){ noise, sizeof(noise) });

		start();
		file.len -= file.len / 3;
		CHECK_EQ(collect_archive(&got, WARD_MEDIA_GZIP, file), WARD_E_FORMAT);
	}
}

static void what_is_no_archive_is_an_error(void)
{
	static const ward_media_kind kinds[] = { WARD_MEDIA_ZIP, WARD_MEDIA_TAR,
		WARD_MEDIA_SEVENZIP, WARD_MEDIA_GZIP };

	start();
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		CHECK_EQ(collect_archive(&got, kinds[i], BYTES("neither this nor that")),
				WARD_E_FORMAT);
		CHECK(got.error.message[0] != 0);
		CHECK_EQ(collect_archive(&got, kinds[i], BYTES("")), WARD_E_FORMAT);
		CHECK_EQ(got.part_count, 0);
	}
	CHECK_EQ(collect_archive(&got, WARD_MEDIA_JPEG, BYTES("x")), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message, "jpeg is not an archive that is opened here");
	CHECK_EQ(decode_archive(WARD_MEDIA_ZIP, BYTES("x"), &got.options, &got.sink, NULL),
			WARD_E_FORMAT);
}

static void more_members_than_agreed_end_the_job(void)
{
	for (size_t i = 0; i < WRITERS; i++) {
		start();
		got.options.limits.parts_max = 2;
		begin(writers[i].format);
		add("a", BYTES("a"));
		add("b", BYTES("b"));
		add("c", BYTES("c"));
		CHECK_EQ(collect_archive(&got, writers[i].kind, written()), WARD_E_LIMIT);
		CHECK(strstr(got.error.message, "archive has more members than the limit of 2"));
		CHECK_EQ(got.part_count, 2);
	}
}

static void a_bomb_ends_at_the_limit_of_all_bytes(void)
{
	static const uint8_t zeroes[1 << 16];

	for (size_t i = 0; i < WRITERS; i++) {
		if (writers[i].kind == WARD_MEDIA_TAR || writers[i].kind == WARD_MEDIA_CPIO)
			continue;
		start();
		got.options.limits.bytes_max = 1000000;
		begin(writers[i].format);
		for (int n = 0; n < 1000; n++)
			add("0", (ward_bytes){ zeroes, sizeof(zeroes) });
		CHECK_EQ(collect_archive(&got, writers[i].kind, written()), WARD_E_LIMIT);
		CHECK(strstr(got.error.message,
				"unpacks to more than the limit of 1000000 bytes, in member 16"));
	}
}

static void all_allowed_bytes_are_allowed(void)
{
	start();
	got.options.limits.bytes_max = 5;
	CHECK_EQ(collect_archive(&got, WARD_MEDIA_GZIP,
				 compressed(ARCHIVE_FILTER_GZIP, BYTES("words"))),
			WARD_OK);
	got.options.limits.bytes_max = 4;
	CHECK_EQ(collect_archive(&got, WARD_MEDIA_GZIP, (ward_bytes){ out.bytes, out.len }),
			WARD_E_LIMIT);
	CHECK(got.part_bytes[0].len <= 4);
}

static ward_err want_no_more(void *context, ward_bytes bytes)
{
	(void)context;
	(void)bytes;
	return WARD_E_CONFLICT;
}

static void a_sink_that_wants_no_more_ends_the_job(void)
{
	start();
	begin(ARCHIVE_FORMAT_ZIP);
	add("a", BYTES("a"));
	add("b", BYTES("b"));
	written();
	got.sink.data = want_no_more;
	CHECK_EQ(decode_archive(WARD_MEDIA_ZIP, (ward_bytes){ out.bytes, out.len }, &got.options,
				 &got.sink, &got.error),
			WARD_E_CONFLICT);
	CHECK_EQ(got.part_count, 1);
}

static const struct test_case cases[] = {
	{ "members arrive in order with their bytes", members_arrive_in_order_with_their_bytes },
	{ "a member larger than a block is whole", a_member_larger_than_a_block_is_whole },
	{ "a compressed stream is one member without a name",
			a_compressed_stream_is_one_member_without_a_name },
	{ "a compressed stream of nothing is one empty member",
			a_compressed_stream_of_nothing_is_one_empty_member },
	{ "gzip may have stored a name", gzip_may_have_stored_a_name },
	{ "only one level is unpacked", only_one_level_is_unpacked },
	{ "folders and links are no members", folders_and_links_are_no_members },
	{ "a hard link that brings bytes is a member", a_hard_link_that_brings_bytes_is_a_member },
	{ "names are any bytes", names_are_any_bytes },
	{ "names in Unicode are UTF-8", names_in_unicode_are_utf_8 },
	{ "encrypted members are told without bytes", encrypted_members_are_told_without_bytes },
	{ "a damaged member is told by number, and those behind it arrive",
			a_damaged_member_is_told_by_number_and_those_behind_it_arrive },
	{ "an archive that breaks off gives what was before",
			an_archive_that_breaks_off_gives_what_was_before },
	{ "a stream that breaks off is an error", a_stream_that_breaks_off_is_an_error },
	{ "what is no archive is an error", what_is_no_archive_is_an_error },
	{ "more members than agreed end the job", more_members_than_agreed_end_the_job },
	{ "a bomb ends at the limit of all bytes", a_bomb_ends_at_the_limit_of_all_bytes },
	{ "all allowed bytes are allowed", all_allowed_bytes_are_allowed },
	{ "a sink that wants no more ends the job", a_sink_that_wants_no_more_ends_the_job },
};

int main(void)
{
	collect_init(&got);
	decode_prepare();
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	collect_clear(&got);
	return failed;
}
