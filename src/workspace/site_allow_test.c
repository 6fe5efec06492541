/* What an answer to "this is a mistake" puts on the operator's own list. */
#include "workspace/workspace.h"

#include "base/test.h"

static char folder[32];
static struct workspace *workspace;
static struct ward_error error;

static void new_workspace(void)
{
	memcpy(folder, "/tmp/ward-allows-XXXXXX", 24);
	if (!mkdtemp(folder) || workspace_init(folder, &error) != WARD_OK ||
			workspace_open(folder, &workspace, &error) != WARD_OK)
		abort();
}

static ward_err allow(const char *place, ward_site_bare bare)
{
	return workspace_site_allow(workspace, ward_str_from(place), bare, WARD_STR("one"), &error);
}

/* Entries of a kind on the list; 99 without a list. */
static uint64_t held(ward_site_kind kind)
{
	struct ward_site_list *list;
	char path[4096];
	uint64_t count = 99;

	if (workspace_site_folder(workspace, WARD_STR("allowed"), path, sizeof(path), NULL) !=
			WARD_OK)
		return count;
	if (ward_site_list_open(path, &list, NULL) == WARD_OK) {
		count = ward_site_list_count(list, kind);
		ward_site_list_free(list);
	}
	return count;
}

static void a_place_is_put_on_it_once(void)
{
	new_workspace();
	CHECK_EQ(held(WARD_SITE_DOMAIN), 99);
	CHECK_EQ(allow("pier.example", WARD_SITE_BARE_DOMAIN), WARD_OK);
	CHECK_EQ(allow("pier.example", WARD_SITE_BARE_DOMAIN), WARD_OK);
	CHECK_EQ(allow("pier.example/lamp", WARD_SITE_BARE_DOMAIN), WARD_OK);
	CHECK_EQ(allow("pier.example", WARD_SITE_BARE_HOST), WARD_OK);
	CHECK_EQ(held(WARD_SITE_DOMAIN), 1);
	CHECK_EQ(held(WARD_SITE_PAGE), 1);
	CHECK_EQ(held(WARD_SITE_HOST), 1);
	workspace_free(workspace);
}

static void where_a_host_is_meant_nothing_wider_is_allowed(void)
{
	static const char *const wider[] = { "*.example", ".example", "0.0.0.0/0", "192.0.2.0/24",
		"2001:db8::/32", "::/0", "pier.example/...", "pier.example/lamp",
		"sha256:0123456789abcdef", "" };

	new_workspace();
	for (size_t i = 0; i < sizeof(wider) / sizeof(*wider); i++)
		CHECK_EQ(allow(wider[i], WARD_SITE_BARE_HOST), WARD_E_FORMAT);
	CHECK_EQ(held(WARD_SITE_DOMAIN), 99);
	CHECK_EQ(allow("192.0.2.7", WARD_SITE_BARE_HOST), WARD_OK);
	CHECK_EQ(allow("2001:db8::7", WARD_SITE_BARE_HOST), WARD_OK);
	CHECK_EQ(held(WARD_SITE_NETWORK), 2);
	CHECK_EQ(held(WARD_SITE_DOMAIN), 0);
	workspace_free(workspace);
}

static void a_list_of_that_name_that_blocks_is_not_added_to(void)
{
	struct ward_site_writer *writer;
	struct ward_site_info info;
	char path[4096];

	new_workspace();
	CHECK(ward_site_info_init(&info, WARD_STR("allowed")));
	info.sense = WARD_SITE_BLOCK;
	CHECK_EQ(workspace_site_folder(workspace, WARD_STR("allowed"), path, sizeof(path), NULL),
			WARD_OK);
	CHECK_EQ(ward_site_create(path, &info, &writer, NULL), WARD_OK);
	CHECK_EQ(ward_site_writer_commit(writer, NULL), WARD_OK);
	CHECK_EQ(allow("pier.example", WARD_SITE_BARE_DOMAIN), WARD_E_CONFLICT);
	CHECK_EQ(held(WARD_SITE_DOMAIN), 0);
	workspace_free(workspace);
}

static const struct test_case cases[] = {
	{ "a place is put on it once", a_place_is_put_on_it_once },
	{ "where a host is meant, nothing wider is allowed",
			where_a_host_is_meant_nothing_wider_is_allowed },
	{ "a list of that name that blocks is not added to",
			a_list_of_that_name_that_blocks_is_not_added_to },
};
TEST_MAIN(cases)
