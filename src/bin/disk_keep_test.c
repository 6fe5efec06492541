/* What a run found is kept whole, or not at all, when there is no room for it. */
#include <sys/resource.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"
#include "bin/disk_kept.h"

static struct ward_error error;

/* A file may have so many bytes; 0: as many as it likes. */
static bool let_grow(rlim_t bytes)
{
	const struct rlimit limit = { bytes ? bytes : RLIM_INFINITY, RLIM_INFINITY };

	return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

static ward_err keep_unread(struct disk_keep *keep, const char *path)
{
	struct ward_error why;

	(void)ward_fail(&why, WARD_E_IO, "a sector of it cannot be read");
	return disk_keep_unread(keep, path, &why, &error);
}

static void check_read(const char *path)
{
	struct disk_kept kept;
	struct file_map map;

	CHECK_EQ(file_map_open(path, &map, &error), WARD_OK);
	CHECK_EQ(disk_kept_read((ward_bytes){ map.ptr, map.len }, &kept, &error), WARD_OK);
	CHECK_EQ(kept.row_count, 1);
	CHECK(ward_str_eq(kept.rows[0].path, WARD_STR("p1:/first")));
	CHECK(kept.report.cut_short);
	disk_kept_free(&kept);
	file_map_close(&map);
}

static void what_there_is_no_room_for_leaves_what_is_before_it(void)
{
	char folder[] = "/tmp/ward-keep-XXXXXX", state[64], finds[64];
	struct disk_account image = { .path = "lighthouse.dd" };
	struct disk_report report = { .image_count = 1, .images = &image };
	struct disk_keep *keep = NULL;
	char *text = NULL;
	size_t len = 0;

	CHECK(mkdtemp(folder));
	snprintf(state, sizeof(state), "%s/state", folder);
	snprintf(finds, sizeof(finds), "%s/state.finds", folder);
	CHECK_EQ(disk_keep_open(state, true, &report, &keep, &error), WARD_OK);
	CHECK_EQ(keep_unread(keep, "p1:/first"), WARD_OK);
	CHECK_EQ(file_read(finds, 4096, &text, &len, &error), WARD_OK);
	free(text);
	CHECK(let_grow(len + 20));
	CHECK_EQ(keep_unread(keep, "p1:/second"), WARD_E_IO);
	CHECK(let_grow(0));
	/* There is room again; but what is missing stays so, and it has no end. */
	CHECK_EQ(keep_unread(keep, "p1:/third"), WARD_E_IO);
	CHECK_EQ(disk_keep_end(keep, &report, &error), WARD_E_IO);
	disk_keep_free(keep);
	check_read(finds);
	(void)unlink(finds);
	(void)rmdir(folder);
}

/* A run that a list changed before adds nothing to those before it: not even when the state knows.
 */
static void what_other_lists_found_is_not_mixed_in(void)
{
	char folder[] = "/tmp/ward-keep-XXXXXX", state[64], finds[64];
	struct disk_account image = { .path = "lighthouse.dd" };
	struct ward_list_info info = { .name = "towers" };
	const char *const versions[] = { "1", "1", "2" };
	const size_t rows[] = { 1, 2, 1 };

	CHECK(mkdtemp(folder));
	snprintf(state, sizeof(state), "%s/state", folder);
	snprintf(finds, sizeof(finds), "%s/state.finds", folder);
	for (size_t i = 0; i < 3; i++) {
		const char path[] = { 'p', (char)('1' + i), ':', '/', 'x', 0 };
		struct disk_report_list list = { &info, versions[i], 7 };
		struct disk_report report = { .image_count = 1,
			.images = &image,
			.list_count = 1,
			.lists = &list };
		struct disk_keep *keep = NULL;
		struct disk_kept kept;
		struct file_map map;
		size_t count = 0;

		CHECK_EQ(disk_keep_open(state, i == 0, &report, &keep, &error), WARD_OK);
		CHECK_EQ(keep_unread(keep, path), WARD_OK);
		disk_keep_free(keep);
		CHECK_EQ(file_map_open(finds, &map, &error), WARD_OK);
		CHECK_EQ(disk_kept_read((ward_bytes){ map.ptr, map.len }, &kept, &error), WARD_OK);
		for (size_t row = 0; row < kept.row_count; row++)
			count += !kept.rows[row].replaced;
		CHECK_EQ(count, rows[i]);
		disk_kept_free(&kept);
		file_map_close(&map);
	}
	(void)unlink(finds);
	(void)rmdir(folder);
}

static const struct test_case cases[] = {
	{ "what there is no room for leaves what is before it",
			what_there_is_no_room_for_leaves_what_is_before_it },
	{ "what other lists found is not mixed in", what_other_lists_found_is_not_mixed_in },
};

int main(void)
{
	/* A write then fails, as on a full disk. */
	(void)signal(SIGXFSZ, SIG_IGN);
	return test_run(cases, sizeof(cases) / sizeof(*cases));
}
