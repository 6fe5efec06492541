#include "base/test.h"
#include "disk/answer.h"

#define IMAGE ((uint64_t)1 << 20)

static struct ward_buf written(const struct disk_entry *entry, const struct disk_run *runs)
{
	struct ward_buf out;

	ward_buf_init(&out, 4096);
	disk_answer_entry(&out, entry, runs);
	return out;
}

static ward_err read_back(struct ward_buf *text, struct disk_record *record)
{
	ward_bytes rest = { (const uint8_t *)text->ptr, text->len };

	return disk_answer_read(&rest, IMAGE, record, NULL);
}

static struct disk_entry sample(void)
{
	return (struct disk_entry){ .inode = 12,
		.size = 1536,
		.modified = -5,
		.created = 7,
		.flags = DISK_DELETED | DISK_PLAIN,
		.attr_type = 128,
		.attr_id = 3,
		.path = WARD_STR("/keeper/lamp.png"),
		.run_count = 2 };
}

static void an_entry_comes_back_as_it_was_told(void)
{
	const struct disk_run runs[] = { { 4096, 1024 }, { DISK_NOWHERE, 512 } };
	struct disk_entry entry = sample();
	struct ward_buf out = written(&entry, runs);
	struct disk_record record;
	ward_err err = read_back(&out, &record);

	CHECK_EQ(err, WARD_OK);
	CHECK_EQ(record.kind, DISK_ENTRY);
	CHECK_EQ(record.entry.inode, 12);
	CHECK_EQ(record.entry.modified, -5);
	CHECK_EQ(record.entry.flags, DISK_DELETED | DISK_PLAIN);
	CHECK(ward_str_eq(record.entry.path, WARD_STR("/keeper/lamp.png")));
	CHECK_EQ(disk_run_at(&record.entry, 0).offset, 4096);
	CHECK_EQ(disk_run_at(&record.entry, 1).len, 512);
	CHECK(disk_run_at(&record.entry, 1).offset == DISK_NOWHERE);
	ward_buf_free(&out);
}

static ward_err of_runs(struct disk_run first, struct disk_run second)
{
	const struct disk_run runs[] = { first, second };
	struct disk_entry entry = sample();
	struct ward_buf out = written(&entry, runs);
	struct disk_record record;
	ward_err err = read_back(&out, &record);

	ward_buf_free(&out);
	return err;
}

static void runs_outside_the_image_are_refused(void)
{
	CHECK_EQ(of_runs((struct disk_run){ IMAGE - 1024, 1024 }, (struct disk_run){ 0, 512 }),
			WARD_OK);
	CHECK_EQ(of_runs((struct disk_run){ IMAGE - 1023, 1024 }, (struct disk_run){ 0, 512 }),
			WARD_E_FORMAT);
	CHECK_EQ(of_runs((struct disk_run){ UINT64_MAX - 1, 1024 }, (struct disk_run){ 0, 512 }),
			WARD_E_FORMAT);
}

static void runs_that_are_not_the_file_are_refused(void)
{
	CHECK_EQ(of_runs((struct disk_run){ 0, 1024 }, (struct disk_run){ 0, 511 }), WARD_E_FORMAT);
	CHECK_EQ(of_runs((struct disk_run){ 0, 1536 }, (struct disk_run){ 0, 0 }), WARD_E_FORMAT);
	CHECK_EQ(of_runs((struct disk_run){ DISK_NOWHERE, UINT64_MAX },
				 (struct disk_run){ 0, 1537 }),
			WARD_E_FORMAT);
}

static void half_a_record_is_refused(void)
{
	const struct disk_run runs[] = { { 4096, 1024 }, { 0, 512 } };
	struct disk_entry entry = sample();
	struct ward_buf out = written(&entry, runs);
	struct disk_record record;
	bool any = false;

	for (size_t len = 0; len < out.len; len++) {
		ward_bytes rest = { (const uint8_t *)out.ptr, len };

		any |= disk_answer_read(&rest, IMAGE, &record, NULL) == WARD_OK;
	}
	ward_buf_free(&out);
	CHECK(!any);
}

static void a_volume_and_a_trouble_come_back(void)
{
	struct ward_buf out;
	struct disk_record volume, trouble;

	ward_buf_init(&out, 4096);
	disk_answer_volume(&out, &(struct disk_volume){ .offset = 512,
						 .len = 1024,
						 .readable = true,
						 .container = 3,
						 .number = 2,
						 .system = WARD_STR("ext4") });
	disk_answer_trouble(&out, &(struct disk_trouble){ WARD_E_IO, WARD_STR("/a"),
						  WARD_STR("cannot be read") });
	ward_bytes rest = { (const uint8_t *)out.ptr, out.len };
	ward_err first = disk_answer_read(&rest, IMAGE, &volume, NULL);
	ward_err second = disk_answer_read(&rest, IMAGE, &trouble, NULL);

	CHECK_EQ(first, WARD_OK);
	CHECK_EQ(second, WARD_OK);
	CHECK_EQ(rest.len, 0);
	CHECK_EQ(volume.volume.len, 1024);
	CHECK(ward_str_eq(volume.volume.system, WARD_STR("ext4")));
	CHECK_EQ(volume.volume.container, 3);
	CHECK_EQ(volume.volume.number, 2);
	CHECK_EQ(trouble.trouble.err, WARD_E_IO);
	CHECK(ward_str_eq(trouble.trouble.message, WARD_STR("cannot be read")));
	ward_buf_free(&out);
}

static void a_volume_with_a_number_in_no_container_is_refused(void)
{
	struct ward_buf out;
	struct disk_record record;

	ward_buf_init(&out, 4096);
	disk_answer_volume(&out, &(struct disk_volume){ .offset = 512, .len = 1024, .number = 2 });
	ward_bytes rest = { (const uint8_t *)out.ptr, out.len };

	CHECK_EQ(disk_answer_read(&rest, IMAGE, &record, NULL), WARD_E_FORMAT);
	ward_buf_free(&out);
}

static const struct test_case cases[] = {
	{ "an entry comes back as it was told", an_entry_comes_back_as_it_was_told },
	{ "runs outside the image are refused", runs_outside_the_image_are_refused },
	{ "runs that are not the file are refused", runs_that_are_not_the_file_are_refused },
	{ "half a record is refused", half_a_record_is_refused },
	{ "a volume and a trouble come back", a_volume_and_a_trouble_come_back },
	{ "a volume with a number in no container is refused",
			a_volume_with_a_number_in_no_container_is_refused },
};
TEST_MAIN(cases)
