#include "agent/mounts.h"

#include "base/test.h"

static struct mounts mounts;
static struct ward_error error;

static bool parse(const char *text)
{
	mounts_free(&mounts);
	return mounts_parse(ward_str_from(text), &mounts, &error) == WARD_OK;
}

static const char table[] =
		"22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
		"23 22 0:21 / /proc rw,nosuid - proc proc rw\n"
		"40 22 8:17 / /media/a\\040stick rw,nosuid shared:9 master:2 - vfat /dev/sdb1 rw\n"
		"41 22 0:50 / /srv/share rw - nfs4 server:/share rw,vers=4.2\n"
		"42 22 0:51 / /srv/dav rw - fuse.rclone x rw\n"
		"43 22 0:52 / /mnt/ntfs rw - fuseblk /dev/sdc1 rw\n"
		"44 41 0:53 / /srv/share/inner rw - tmpfs none rw\n";

static void each_mount_has_its_place_and_kind(void)
{
	CHECK(parse(table));
	CHECK_EQ(mounts.count, 7);
	CHECK_STR(mounts.at[2].path, "/media/a stick");
	CHECK_STR(mounts.at[2].type, "vfat");
	CHECK(mounts.at[1].pseudo && !mounts.at[2].pseudo);
	CHECK(mounts.at[3].remote && mounts.at[4].remote);
	CHECK(!mounts.at[5].remote && !mounts.at[0].remote);
	CHECK(mounts_has(&mounts, 40, "/media/a stick"));
	CHECK(!mounts_has(&mounts, 39, "/media/a stick"));
}

static void the_innermost_mount_is_found(void)
{
	CHECK(parse(table));
	CHECK_STR(mounts_find(&mounts, "/srv/anna/a.png")->path, "/");
	CHECK_STR(mounts_find(&mounts, "/srv/share/a.png")->path, "/srv/share");
	CHECK_STR(mounts_find(&mounts, "/srv/shared/a.png")->path, "/");
	CHECK_STR(mounts_find(&mounts, "/srv/share/inner/a")->path, "/srv/share/inner");
}

static void lines_that_make_no_sense_are_passed_over(void)
{
	CHECK(parse("\n1\nx y z\n5 1 0:1 / /a rw\n6 1 0:1 / /b rw - \n7 1 0:1 / \\ rw - x y\n"
		    "8 1 0:1 / /c\\04 rw - tmpfs none rw"));
	CHECK_EQ(mounts.count, 1);
	CHECK_STR(mounts.at[0].path, "/c\\04");
}

static void this_system_has_a_root(void)
{
	mounts_free(&mounts);
	CHECK_EQ(mounts_read(&mounts, &error), WARD_OK);
	CHECK(mounts_find(&mounts, "/") != NULL);
	mounts_free(&mounts);
}

static const struct test_case cases[] = {
	{ "each mount has its place and kind", each_mount_has_its_place_and_kind },
	{ "the innermost mount is found", the_innermost_mount_is_found },
	{ "lines that make no sense are passed over", lines_that_make_no_sense_are_passed_over },
	{ "this system has a root", this_system_has_a_root },
};
TEST_MAIN(cases)
