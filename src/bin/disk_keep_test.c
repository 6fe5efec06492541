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

static const struct test_case cases[] = {
	{ "what there is no room for leaves what is before it",
			what_there_is_no_room_for_leaves_what_is_before_it },
};

int main(void)
{
	/* A write then fails, as on a full disk. */
	(void)signal(SIGXFSZ, SIG_IGN);
	return test_run(cases, sizeof(cases) / sizeof(*cases));
}
