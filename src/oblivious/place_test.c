/* What is asked for beside what publishers of hashes compute; and lists as tables. */
#include "oblivious/lists.h"

#include <stdlib.h>

#include "base/test.h"

struct seen {
	const struct oblivious_asks *asks;
	size_t count, missing;
};

static void look_for(void *context, ward_str host, ward_str path)
{
	struct seen *seen = context;
	uint8_t input[OBLIVIOUS_INPUT];
	bool found = false;

	oblivious_input(host, path, input);
	for (size_t i = 0; i < seen->asks->count; i++)
		found = found || (memcmp(seen->asks->at[i].input, input, sizeof(input)) == 0 &&
						 (seen->asks->at[i].marks & OBLIVIOUS_HASH));
	seen->count++;
	seen->missing += !found;
}

static void every_expression_of_a_link_is_asked_for(void)
{
	static const char *const links[] = { "http://a.b.c/1/2.html?param=1",
		"http://a.b.c.d.e.f.g/1.html", "http://1.2.3.4/1/", "http://example.co.uk/1",
		"http://a.b.c.d.e.f.g.h.i.j/1/2/3/4/5/6.html?q", "http://example.org/",
		"http://[2001:db8::1]/a/b?c", "http://localhost/x" };
	struct ward_buf memory;
	size_t total = 0;

	ward_buf_init(&memory, 1 << 20);
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		struct oblivious_asks asks;
		struct ward_link link;
		struct seen seen = { .asks = &asks };

		CHECK_EQ(ward_link_read(ward_str_from(links[i]), WARD_LINK_LOOKUP, &memory, &link,
					 NULL),
				WARD_OK);
		CHECK_EQ(oblivious_asks_make(&link, true, &asks, NULL), WARD_OK);
		CHECK(ward_link_expressions(&link, look_for, &seen) > 0);
		CHECK_EQ(seen.missing, 0);
		total += seen.count;
	}
	ward_buf_free(&memory);
	CHECK(total > 50);
}

static bool add(struct ward_site_writer *writer, const char *text, int64_t expires)
{
	struct ward_site_entry entry = { 0 };
	struct ward_buf memory;

	ward_buf_init(&memory, 1 << 16);
	bool ok = ward_site_entry_read(ward_str_from(text), WARD_SITE_BARE_DOMAIN, &memory, &entry,
				  NULL) == WARD_OK;

	entry.expires = expires;
	ok = ok && ward_site_writer_add(writer, &entry, NULL) == WARD_OK;
	ward_buf_free(&memory);
	return ok;
}

static void a_lists_entries_are_taken_and_what_cannot_be_asked_for_is_counted(void)
{
	static const char *const entries[] = { "lighthouse.example", "=exact.example.org",
		"example.com/lamp", "example.com/tower/...", "192.0.2.7", "192.0.2.0/24",
		"2001:db8::1", "2001:db8::/32",
		"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"sha256:0123456789abcdef" };
	char folder[] = "/tmp/ward-oblivious-XXXXXX";
	struct oblivious_draft *draft = oblivious_draft_new();
	struct oblivious_listed listed = { 0 };
	struct ward_site_writer *writer;
	struct ward_site_list *list;
	struct ward_site_info info;

	CHECK(draft && mkdtemp(folder) && ward_site_info_init(&info, WARD_STR("places")));
	CHECK_EQ(ward_site_create(folder, &info, &writer, NULL), WARD_OK);
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++)
		CHECK(add(writer, entries[i], 0));
	CHECK(add(writer, "over.example", 1000));
	CHECK_EQ(ward_site_writer_commit(writer, NULL), WARD_OK);
	CHECK_EQ(ward_site_list_open(folder, &list, NULL), WARD_OK);
	CHECK_EQ(oblivious_lists_add(draft, list, 2000, &listed, NULL), WARD_OK);
	CHECK_EQ(listed.taken, 7);
	CHECK_EQ(listed.networks, 2);
	CHECK_EQ(listed.hashes, 1);
	CHECK_EQ(listed.expired, 1);
	CHECK_EQ(oblivious_draft_count(draft), 7);
	ward_site_list_free(list);
	oblivious_draft_free(draft);
	CHECK_EQ(ward_site_delete(folder, NULL), WARD_OK);
}

static const struct test_case cases[] = {
	{ "every expression of a link is asked for", every_expression_of_a_link_is_asked_for },
	{ "a list's entries are taken, and what cannot be asked for is counted",
			a_lists_entries_are_taken_and_what_cannot_be_asked_for_is_counted },
};
TEST_MAIN(cases)
