/* Imports of places from memory, and what is kept of them that could not be used. */
#include "workspace/site_import.h"

#include <unistd.h>

#include "base/file.h"
#include "base/test.h"

static char folder[64];
static struct workspace *workspace;
static struct workspace_site_imported result;
static struct ward_error error;

static void new_workspace(void)
{
	snprintf(folder, sizeof(folder), "/tmp/ward-sites-XXXXXX");
	if (!mkdtemp(folder) || workspace_init(folder, &error) != WARD_OK ||
			workspace_open(folder, &workspace, &error) != WARD_OK)
		abort();
}

static void remove_workspace(void)
{
	char command[96];
	FILE *done;

	workspace_free(workspace);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	done = popen(command, "r");
	if (done)
		pclose(done);
}

static ward_err read_text(void *context, uint8_t *to, size_t room, size_t *got,
		struct ward_error *why)
{
	ward_str *left = context;
	size_t len = left->len < room ? left->len : room;

	(void)why;
	if (len > 0)
		memcpy(to, left->ptr, len);
	*left = (ward_str){ left->ptr + len, left->len - len };
	*got = len;
	return WARD_OK;
}

static ward_err import(const char *name, const char *text, bool hidden)
{
	struct workspace_site_import wants = { .shrink_max = 50 };
	ward_str left = ward_str_from(text);
	struct workspace_source source = { .fd = -1, .read = read_text, .context = &left };

	if (!ward_site_info_init(&wants.info, ward_str_from(name)))
		return WARD_E_ARGUMENT;
	wants.info.hidden = hidden;
	return workspace_site_import(workspace, &wants, &source, 1, &result, &error);
}

/* The quarantine of the last import. */
static const char *put_aside(void)
{
	static char said[4096];
	char *text = NULL;
	size_t len = 0;

	said[0] = '\0';
	if (file_read(result.quarantine, sizeof(said) - 1, &text, &len, &error) == WARD_OK)
		snprintf(said, sizeof(said), "%.*s", (int)len, text);
	free(text);
	return said;
}

#define LINES "||quay.example^\n||lamp.example^$script\n@@||pier.example^\n"

static void what_cannot_be_used_is_kept_with_its_reason(void)
{
	new_workspace();
	CHECK_EQ(import("open", LINES, false), WARD_OK);
	CHECK(result.added == 1 && result.unsupported == 1 && result.exceptions == 1);
	CHECK(strstr(put_aside(), "\"line\":2"));
	CHECK(strstr(put_aside(), "the rule holds only under a condition"));
	CHECK(strstr(put_aside(), "lamp.example") && strstr(put_aside(), "pier.example"));
	remove_workspace();
}

static void of_a_hidden_list_no_name_is_kept_beside_it(void)
{
	new_workspace();
	CHECK_EQ(import("dark", LINES, true), WARD_OK);
	CHECK(result.added == 1 && result.unsupported == 1 && result.exceptions == 1);
	CHECK(strstr(put_aside(), "\"line\":2"));
	CHECK(strstr(put_aside(), "the rule holds only under a condition"));
	CHECK(!strstr(put_aside(), "example"));
	remove_workspace();
}

static const struct test_case cases[] = {
	{ "what cannot be used is kept with its reason",
			what_cannot_be_used_is_kept_with_its_reason },
	{ "of a hidden list no name is kept beside it",
			of_a_hidden_list_no_name_is_kept_beside_it },
};
TEST_MAIN(cases)
