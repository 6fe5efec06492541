#include "base/test.h"
#include "decode/collect.h"
#include "decode/document.h"

static struct collected got;
static struct ward_buf file;

static const char little_gif[] = "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
#define GIF_LEN (sizeof(little_gif) - 1)

static void put_u32(uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		ward_buf_char(&file, (char)(value >> 8 * i));
}

static void put_zeroes(size_t count)
{
	for (size_t i = 0; i < count; i++)
		ward_buf_char(&file, 0);
}

static void begin(uint32_t version)
{
	ward_buf_clear(&file);
	ward_buf_str(&file, WARD_STR("CMMM"));
	put_u32(version);
	put_u32(2);
	put_u32(24);
	put_u32(0);
	put_u32(0);
}

/* An entry named "ab" with two bytes of padding; `data_len` is what it says its picture has. */
static void add(uint32_t version, const char *data, size_t len, uint32_t data_len)
{
	uint32_t head = version == 21 ? 48 : 56;

	ward_buf_str(&file, WARD_STR("CMMM"));
	put_u32(head + 4 + 2 + (uint32_t)len);
	put_zeroes(version == 20 ? 16 : 8);
	put_u32(4);
	put_u32(2);
	put_u32(data_len);
	put_zeroes(version <= 21 ? 20 : 28);
	ward_buf_add(&file, "a\0b\0\0\0", 6);
	ward_buf_add(&file, data, len);
}

static ward_err read_file(void)
{
	uint8_t *copy;
	ward_bytes bytes = collect_copy((ward_bytes){ (uint8_t *)file.ptr, file.len }, &copy);

	collect_clear(&got);
	ward_err err = document_read(WARD_MEDIA_THUMBCACHE, bytes, &got.options, &got.sink,
			&got.error);

	free(copy);
	return err;
}

static void every_version_gives_its_pictures(void)
{
	static const uint32_t versions[] = { 20, 21, 26, 30, 31, 32 };

	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		begin(versions[i]);
		add(versions[i], little_gif, GIF_LEN, GIF_LEN);
		add(versions[i], "", 0, 0);
		put_zeroes(i); /* what is between entries */
		add(versions[i], "BM2", 3, 3);
		add(versions[i], little_gif, GIF_LEN, GIF_LEN);
		CHECK_EQ(read_file(), WARD_OK);
		CHECK_EQ(got.part_count, 2);
		CHECK_STR(got.part_names[1], "ab.gif");
		CHECK_EQ(got.part_bytes[1].len, GIF_LEN);
	}
}

static void what_is_behind_damage_is_seen_and_damage_told(void)
{
	begin(32);
	add(32, little_gif, GIF_LEN, 0xffffffffu);
	file.ptr[24 + 4] = 9; /* the entry's length: less than its head */
	add(32, little_gif, GIF_LEN, GIF_LEN);
	CHECK_EQ(read_file(), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 1);
	CHECK_EQ(got.part_bytes[0].len, GIF_LEN);
	/* One that breaks off gives what there is, and is damaged. */
	begin(32);
	add(32, little_gif, GIF_LEN, GIF_LEN);
	file.len -= 4;
	CHECK_EQ(read_file(), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 1);
	CHECK_EQ(got.part_bytes[0].len, GIF_LEN - 4);
}

static void a_file_without_entries_is_empty(void)
{
	begin(32);
	CHECK_EQ(read_file(), WARD_OK);
	CHECK_EQ(got.part_count, 0);
	file.len = 23;
	CHECK_EQ(read_file(), WARD_E_FORMAT);
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "every version gives its pictures", every_version_gives_its_pictures },
		{ "what is behind damage is seen, and the damage told",
				what_is_behind_damage_is_seen_and_damage_told },
		{ "a file without entries is empty", a_file_without_entries_is_empty },
	};

	collect_init(&got);
	ward_buf_init(&file, 1 << 20);
	int failed = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	ward_buf_free(&file);
	collect_clear(&got);
	return failed;
}
