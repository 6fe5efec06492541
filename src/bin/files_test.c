/* Walking: order, what is left out, and what must not be passed over. */
#include "bin/files.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"

static char top[] = "/tmp/ward-files-XXXXXX";
static char seen_paths[8192];
static int troubles;
static uint64_t bytes;

static bool note(void *context, const char *path, uint64_t size, const struct ward_error *trouble)
{
	size_t len = strlen(seen_paths);
	const int *most = context;

	if (trouble) {
		troubles++;
		return true;
	}
	bytes += size;
	/* Without the temporary folder's name. */
	if (strncmp(path, top, strlen(top)) == 0)
		path += strlen(top);
	snprintf(seen_paths + len, sizeof(seen_paths) - len, "%s ", path);
	return !most || --*(int *)context > 0;
}

static const char *in_top(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

static void write_text(const char *name, const char *text, size_t len)
{
	FILE *file = fopen(in_top(name), "w");

	if (file) {
		fwrite(text, 1, len, file);
		fclose(file);
	}
}

static bool link_to(const char *target, const char *name)
{
	return symlink(target, in_top(name)) == 0;
}

static void begin(void)
{
	seen_paths[0] = '\0';
	troubles = 0;
	bytes = 0;
}

static void walk(const char *name, struct files_options options, struct files_skipped *skipped)
{
	char path[512];

	snprintf(path, sizeof(path), "%s", in_top(name));
	begin();
	(void)files_walk(path, &options, note, NULL, skipped);
}

static void makes_a_tree(void)
{
	CHECK(mkdtemp(top));
	CHECK_EQ(mkdir(in_top("b"), 0700), 0);
	CHECK_EQ(mkdir(in_top("b/.git"), 0700), 0);
	CHECK_EQ(mkdir(in_top("d"), 0700), 0);
	write_text("c", "12345", 5);
	write_text("a", "123", 3);
	write_text(".hidden", "1", 1);
	write_text("b/2", "", 0);
	write_text("b/1", "", 0);
	write_text("b/.git/x", "", 0);
	write_text("with\nnewline", "", 0);
	CHECK(link_to("c", "link"));
	CHECK(link_to("..", "d/up"));
	CHECK(link_to("nowhere", "d/dangling"));
	CHECK_EQ(mkfifo(in_top("pipe"), 0600), 0);
}

static void files_come_in_order_of_name(void)
{
	struct files_skipped skipped = { 0 };

	walk("", (struct files_options){ .sizes = true }, &skipped);
	CHECK_STR(seen_paths, "/a /b/1 /b/2 /c /with\nnewline ");
	CHECK_EQ(troubles, 0);
	CHECK_EQ(bytes, 8);
	CHECK_EQ(skipped.hidden, 2);
	CHECK_EQ(skipped.links, 3);
	CHECK_EQ(skipped.special, 1);
}

static void hidden_names_come_when_asked_for(void)
{
	struct files_skipped skipped = { 0 };

	walk("", (struct files_options){ .hidden = true }, &skipped);
	CHECK_STR(seen_paths, "/.hidden /a /b/.git/x /b/1 /b/2 /c /with\nnewline ");
	CHECK_EQ(skipped.hidden, 0);
}

static void links_are_followed_but_not_in_circles(void)
{
	struct files_skipped skipped = { 0 };

	walk("d", (struct files_options){ .follow = true }, &skipped);
	/* d/up is the top; in it, d again is a circle, and so is trouble, like the dangling one. */
	CHECK_STR(seen_paths, "/d/up/a /d/up/b/1 /d/up/b/2 /d/up/c /d/up/link "
			      "/d/up/with\nnewline ");
	CHECK_EQ(troubles, 2);
}

static void a_named_link_is_followed(void)
{
	struct files_skipped skipped = { 0 };

	walk("link", (struct files_options){ 0 }, &skipped);
	CHECK_STR(seen_paths, "/link ");
}

static void what_is_not_there_is_trouble(void)
{
	struct files_skipped skipped = { 0 };

	walk("nowhere", (struct files_options){ 0 }, &skipped);
	CHECK_EQ(troubles, 1);
	walk("pipe", (struct files_options){ 0 }, &skipped);
	CHECK_EQ(troubles, 1);
	CHECK_STR(seen_paths, "");
}

static void a_walk_ends_when_the_visitor_says_so(void)
{
	struct files_skipped skipped = { 0 };
	struct files_options options = { 0 };
	int most = 2;

	begin();
	CHECK(!files_walk(top, &options, note, &most, &skipped));
	CHECK_STR(seen_paths, "/a /b/1 ");
}

static void names_come_from_a_file(void)
{
	struct files_skipped skipped = { 0 };
	struct files_options options = { 0 };
	struct ward_error error;
	char names[2048], path[600];
	int len;

	snprintf(path, sizeof(path), "%s/names", top);
	len = snprintf(names, sizeof(names), "%s/c\n\n%s/b\n%s/nowhere\n%s/a", top, top, top, top);
	write_text("names", names, (size_t)len);
	begin();
	CHECK_EQ(files_from(path, '\n', &options, note, NULL, &skipped, &error), WARD_OK);
	CHECK_STR(seen_paths, "/c /b/1 /b/2 /a ");
	CHECK_EQ(troubles, 1);
	len = snprintf(names, sizeof(names), "%s/with\nnewline%c%s/a", top, 0, top);
	write_text("names", names, (size_t)len);
	begin();
	CHECK_EQ(files_from(path, '\0', &options, note, NULL, &skipped, &error), WARD_OK);
	CHECK_STR(seen_paths, "/with\nnewline /a ");
	CHECK_EQ(files_from("/nowhere/names", '\n', &options, note, NULL, &skipped, &error),
			WARD_E_IO);
}

static void takes_the_tree_away(void)
{
	static const char *const names[] = { "names", "pipe", "d/dangling", "d/up", "link",
		"with\nnewline", "b/.git/x", "b/1", "b/2", ".hidden", "a", "c" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		CHECK_EQ(unlink(in_top(names[i])), 0);
	CHECK_EQ(rmdir(in_top("b/.git")), 0);
	CHECK_EQ(rmdir(in_top("b")), 0);
	CHECK_EQ(rmdir(in_top("d")), 0);
	CHECK_EQ(rmdir(top), 0);
}

static const struct test_case cases[] = {
	{ "makes a tree", makes_a_tree },
	{ "files come in order of name", files_come_in_order_of_name },
	{ "hidden names come when asked for", hidden_names_come_when_asked_for },
	{ "links are followed but not in circles", links_are_followed_but_not_in_circles },
	{ "a named link is followed", a_named_link_is_followed },
	{ "what is not there is trouble", what_is_not_there_is_trouble },
	{ "a walk ends when the visitor says so", a_walk_ends_when_the_visitor_says_so },
	{ "names come from a file", names_come_from_a_file },
	{ "takes the tree away", takes_the_tree_away },
};
TEST_MAIN(cases)
