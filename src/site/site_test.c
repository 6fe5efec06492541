#include "site/site_test.h"

#include "base/clock_fake.h"

#define PLACES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* ---- what holds what ---- */

static void each_kind_holds_what_it_says(void)
{
	static const struct {
		const char *place, *link;
		bool held;
	} rows[] = {
		{ "site.test/a/b", "http://site.test/a/b", true },
		{ "site.test/a/b", "https://SITE.test:8443/a/./b#top", true },
		{ "site.test/a/b", "http://site.test/a/b?x=1", true },
		{ "site.test/a/b", "http://site.test/a/b/", false },
		{ "site.test/a/b", "http://site.test/a/bc", false },
		{ "site.test/a/b", "http://www.site.test/a/b", false },
		{ "site.test/a?x=1", "http://site.test/a?x=1", true },
		{ "site.test/a?x=1", "http://site.test/a?x=2", false },
		{ "site.test/a?x=1", "http://site.test/a", false },
		{ "site.test/a/...", "http://site.test/a/", true },
		{ "site.test/a/...", "http://site.test/a/b?c", true },
		{ "site.test/a/...", "http://site.test/a", false },
		{ "site.test/a/...", "http://site.test/ab", false },
		{ "site.test/a/*", "http://site.test/a/b/c/d", true },
		{ "site.test/...", "http://site.test/anything", true },
		{ "=site.test", "http://site.test/anything?at=all", true },
		{ "=site.test", "http://www.site.test/", false },
		{ "site.test", "http://site.test", true },
		{ "site.test", "http://a.b.site.test/c", true },
		{ "site.test", "http://notsite.test/", false },
		{ "site.test", "http://site.test.example/", false },
		{ "*.site.test", "http://site.test/", true },
		{ "test", "http://site.test/", true },
		{ "192.0.2.0/24", "http://192.0.2.77/x", true },
		{ "192.0.2.0/24", "http://0xc0000207/", true },
		{ "192.0.2.0/24", "http://192.0.3.1/", false },
		{ "192.0.2.7", "http://192.0.2.7/x", true },
		{ "192.0.2.7", "http://192.0.2.8/x", false },
		{ "0.0.0.0/0", "http://198.51.100.1/", true },
		{ "2001:db8::/32", "http://[2001:db8:1::5]/x", true },
		{ "2001:db8::/32", "http://[2001:db9::5]/x", false },
		{ "=192.0.2.7", "http://192.0.2.7/x", true },
		{ "192.0.2.7/x", "http://192.0.2.7/x", true },
		{ "192.0.2.7/x", "http://192.0.2.7/y", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ward_site_view *view;
		int count;

		fresh_folder();
		CHECK(make("a", PLACES(rows[i].place)));
		view = open_view();
		CHECK(view);
		count = ask(view, rows[i].link, 0);
		ward_site_view_free(view);
		if (count != rows[i].held)
			printf("# %s asked of %s\n", rows[i].link, rows[i].place);
		CHECK_EQ(count, rows[i].held);
	}
}

static void the_most_exact_entry_comes_first(void)
{
	static const char *const order[] = { "a.site.test/x/y?q", "a.site.test/x/y",
		"a.site.test/x/...", "a.site.test/...", "=a.site.test", "a.site.test",
		"site.test" };
	struct ward_site_view *view;

	fresh_folder();
	CHECK(make("l", PLACES("site.test", "a.site.test", "=a.site.test", "a.site.test/...",
					"a.site.test/x/...", "a.site.test/x/y", "a.site.test/x/y?q",
					"a.site.test/x/y?r", "b.site.test")));
	view = open_view();
	CHECK(view);
	CHECK_EQ(ask(view, "http://a.site.test/x/y?q", 0), 7);
	for (size_t i = 0; i < 7; i++)
		CHECK_STR(written(i), order[i]);
	ward_site_view_free(view);
}

static void all_networks_around_an_address_are_told_the_smallest_first(void)
{
	struct ward_site_view *view;

	fresh_folder();
	CHECK(make("n", PLACES("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "10.2.0.0/16")));
	view = open_view();
	CHECK_EQ(ask(view, "http://10.1.2.3/", 0), 3);
	CHECK_STR(written(0), "10.1.2.3");
	CHECK_STR(written(1), "10.1.0.0/16");
	CHECK_STR(written(2), "10.0.0.0/8");
	ward_site_view_free(view);
}

static void sha256_of(const char *salt, const char *text, char hex[65])
{
	const ward_bytes pieces[2] = { { (const uint8_t *)salt, strlen(salt) },
		{ (const uint8_t *)text, strlen(text) } };
	uint8_t digest[32];

	ward_sha256(pieces, 2, digest);
	ward_hex_format(digest, 32, hex);
}

static void hashes_hold_expressions_with_the_lists_salt(void)
{
	struct ward_site_info info = info_of("h");
	struct ward_site_writer *writer = NULL;
	struct ward_site_view *view;
	char hex[65], text[80];

	fresh_folder();
	memcpy(info.salt, "pepper", 6);
	info.salt_len = 6;
	CHECK(!ward_site_create(in_folder("h"), &info, &writer, &error));
	sha256_of("pepper", "site.test/a/", hex);
	snprintf(text, sizeof(text), "sha256:%.8s", hex);
	CHECK(add(writer, text));
	sha256_of("pepper", "b.test/", hex);
	snprintf(text, sizeof(text), "sha256:%s", hex);
	CHECK(add(writer, text));
	sha256_of("", "c.test/", hex);
	snprintf(text, sizeof(text), "sha256:%s", hex);
	CHECK(add(writer, text));
	CHECK(commit(writer));
	view = open_view();
	CHECK_EQ(ask(view, "http://www.site.test/a/b", 0), 1);
	CHECK(!hits.at[0].certain);
	CHECK_EQ(hits.at[0].kind, WARD_SITE_HASH);
	CHECK_EQ(ask(view, "http://site.test/b", 0), 0);
	CHECK_EQ(ask(view, "http://x.b.test/b", 0), 1);
	CHECK(hits.at[0].certain);
	CHECK_EQ(ask(view, "http://c.test/", 0), 0);
	ward_site_ask_host(view, WARD_STR("x.b.test"), WARD_HOST_NAME, NULL, 0, &hits);
	CHECK_EQ(hits.total, 1);
	ward_site_view_free(view);
}

/* What the first hit for the link stands for; "-" when there is none. */
static const char *place_behind(const char *expression, const char *url)
{
	static char said[256];
	struct ward_site_info info = info_of("h");
	struct ward_site_writer *writer = NULL;
	struct ward_site_view *view;
	struct ward_buf memory, out;
	struct ward_link link;
	char hex[65], text[80];

	fresh_folder();
	memcpy(info.salt, "pepper", 6);
	info.salt_len = 6;
	sha256_of("pepper", expression, hex);
	snprintf(text, sizeof(text), "sha256:%.32s", hex);
	if (ward_site_create(in_folder("h"), &info, &writer, &error) || !add(writer, text) ||
			!commit(writer))
		return "no list";
	view = open_view();
	ward_buf_init(&memory, WARD_LINK_MEMORY_MAX);
	ward_buf_init(&out, sizeof(said));
	snprintf(said, sizeof(said), "-");
	if (ask(view, url, 0) == 1 &&
			!ward_link_read(ward_str_from(url), WARD_LINK_LOOKUP, &memory, &link,
					&error) &&
			ward_site_hit_place(&hits.at[0], &link, &out))
		snprintf(said, sizeof(said), "%s", ward_buf_text(&out).ptr);
	ward_buf_free(&out);
	ward_buf_free(&memory);
	ward_site_view_free(view);
	return said;
}

static void a_link_tells_what_a_hash_stands_for(void)
{
	CHECK_STR(place_behind("b.test/", "http://x.b.test/c/d?e"), "b.test");
	CHECK_STR(place_behind("b.test/", "http://b.test/"), "b.test");
	CHECK_STR(place_behind("192.0.2.7/", "http://192.0.2.7/c"), "192.0.2.7");
	CHECK_STR(place_behind("b.test/c/", "http://b.test/c/d"), "b.test/c/...");
	CHECK_STR(place_behind("b.test/c/", "http://x.b.test/c/d"), "x.b.test/c/...");
	CHECK_STR(place_behind("b.test/c/d", "http://b.test/c/d?e"), "b.test/c/d");
	CHECK_STR(place_behind("b.test/c/d?e=/", "http://b.test/c/d?e=/"), "b.test/c/d?e=/");
	/* Deeper than folders are asked for, it is that page alone. */
	CHECK_STR(place_behind("b.test/1/2/3/4/5/", "http://b.test/1/2/3/4/5/"),
			"b.test/1/2/3/4/5/");
	CHECK_STR(place_behind("b.test/c", "http://b.test/d"), "-");
}

static void an_entry_with_words_of_its_own_stands_for_itself(void)
{
	struct ward_site_view *view;
	struct ward_buf memory, out;
	struct ward_link link;

	fresh_folder();
	CHECK(make("l", PLACES("site.test")));
	view = open_view();
	ward_buf_init(&memory, WARD_LINK_MEMORY_MAX);
	ward_buf_init(&out, 256);
	CHECK_EQ(ask(view, "http://site.test/", 0), 1);
	CHECK(!ward_link_read(WARD_STR("http://site.test/"), WARD_LINK_LOOKUP, &memory, &link,
			&error));
	CHECK(!ward_site_hit_place(&hits.at[0], &link, &out) && out.len == 0);
	ward_buf_free(&out);
	ward_buf_free(&memory);
	ward_site_view_free(view);
}

static void a_name_alone_is_asked_as_dns_does(void)
{
	static const uint8_t address[16] = { 192, 0, 2, 1 };
	struct ward_site_view *view;

	fresh_folder();
	CHECK(make("d", PLACES("site.test", "=a.site.test", "a.site.test/page", "192.0.2.0/24")));
	view = open_view();
	ward_site_ask_host(view, WARD_STR("a.site.test"), WARD_HOST_NAME, NULL, 0, &hits);
	CHECK_EQ(hits.total, 2);
	CHECK_STR(written(0), "=a.site.test");
	ward_site_ask_host(view, WARD_STR("192.0.2.1"), WARD_HOST_IPV4, address, 0, &hits);
	CHECK_EQ(hits.total, 1);
	CHECK(ward_site_host_has_pages(view, WARD_STR("a.site.test"), 0));
	CHECK(!ward_site_host_has_pages(view, WARD_STR("site.test"), 0));
	CHECK(!ward_site_host_has_pages(view, WARD_STR("b.test"), 0));
	ward_site_view_free(view);
}

/* What DNS or a program hands over need not be canonical: "." alone, or as many as fit. */
static void a_name_of_dots_is_no_place_and_no_harm(void)
{
	struct ward_site_view *view;
	static char dots[300];

	fresh_folder();
	CHECK(make("d", PLACES("site.test", "a.site.test/page")));
	view = open_view();
	memset(dots, '.', sizeof(dots));
	for (size_t len = 1; len <= sizeof(dots); len++) {
		ward_site_ask_host(view, (ward_str){ dots, len }, WARD_HOST_NAME, NULL, 0, &hits);
		CHECK_EQ(hits.total, 0);
		CHECK(!ward_site_host_has_pages(view, (ward_str){ dots, len }, 0));
	}
	ward_site_view_free(view);
}

static bool make_many(const char *name, ward_site_sense sense)
{
	struct ward_site_info info = info_of(name);
	struct ward_site_writer *writer = NULL;
	char path[160];
	size_t len = (size_t)snprintf(path, sizeof(path), "site.test/");
	bool good;

	info.sense = sense;
	info.mandatory = true;
	good = !ward_site_create(in_folder(name), &info, &writer, &error);
	for (int i = 0; i < 60 && good; i++) {
		snprintf(path + len, sizeof(path) - len, "...");
		good = add(writer, path);
		len += (size_t)snprintf(path + len, sizeof(path) - len, "p/");
	}
	return good && add(writer, "site.test") && add(writer, "=site.test") &&
	       add(writer, "test") && commit(writer);
}

/* Each of two lists by law has as many hits as there is room for; that which blocks decides. */
static void what_blocks_by_law_is_never_beyond_the_room(void)
{
	struct ward_site_view *view;
	char link[200] = "http://site.test/";

	fresh_folder();
	CHECK(make_many("a", WARD_SITE_LOG));
	CHECK(make_many("b", WARD_SITE_BLOCK));
	for (int i = 0; i < 60; i++)
		memcpy(link + strlen(link), "p/", 3);
	view = open_view();
	CHECK_EQ(ask(view, link, 0), 2 * 63);
	CHECK_EQ(hits.count, WARD_SITE_HITS_MAX);
	CHECK_STR(ward_site_list_info(hits.at[0].list)->name, "b");
	CHECK_STR(ward_site_list_info(hits.at[62].list)->name, "b");
	ward_site_view_free(view);
}

/* ---- changes ---- */

/* So that a small delta is one. */
static bool make_large(const char *name)
{
	struct ward_site_writer *writer = begin(name);
	bool good = writer;
	char text[64];

	for (int i = 0; good && i < 400; i++) {
		snprintf(text, sizeof(text), "n%d.test", i);
		good = add(writer, text);
	}
	good = good && add(writer, "p.test/one") && add(writer, "p.test/two");
	return good && commit(writer);
}

static void what_is_added_and_taken_back_is_in_force_at_once(void)
{
	struct ward_site_writer *writer;
	struct ward_site_view *view;
	bool removed = true;

	fresh_folder();
	CHECK(make_large("c"));
	writer = change("c");
	CHECK(writer);
	CHECK(add(writer, "new.test") && add(writer, "p.test/three"));
	CHECK(take_back(writer, "n7.test", &removed) && removed);
	CHECK(take_back(writer, "n7.test", &removed) && !removed);
	CHECK(take_back(writer, "=n8.test", &removed) && !removed);
	CHECK(take_back(writer, "never.test", &removed) && !removed);
	CHECK(take_back(writer, "new.test", &removed) && removed);
	CHECK(add(writer, "new.test"));
	CHECK(take_back(writer, "p.test/one", &removed) && removed);
	CHECK(commit(writer));
	CHECK_EQ(access(in_folder("c/delta.site"), F_OK), 0);
	view = open_view();
	CHECK_EQ(ask(view, "http://n7.test/", 0), 0);
	CHECK_EQ(ask(view, "http://new.test/", 0), 1);
	CHECK_EQ(ask(view, "http://n8.test/", 0), 1);
	CHECK_EQ(ask(view, "http://p.test/one", 0), 0);
	CHECK_EQ(ask(view, "http://p.test/two", 0), 1);
	CHECK_EQ(ask(view, "http://p.test/three", 0), 1);
	CHECK_EQ(ward_site_list_entries(ward_site_view_list(view, 0)), 402);
	CHECK_EQ(ward_site_list_count(ward_site_view_list(view, 0), WARD_SITE_PAGE), 2);
	CHECK(!ward_site_list_verify(ward_site_view_list(view, 0), &error));
	ward_site_view_free(view);
}

static void a_compacted_list_answers_the_same(void)
{
	struct ward_site_writer *writer;
	struct ward_site_view *view;
	bool removed;

	fresh_folder();
	CHECK(make_large("c"));
	writer = change("c");
	CHECK(add(writer, "new.test") && take_back(writer, "n7.test", &removed) && commit(writer));
	CHECK(!ward_site_compact(in_folder("c"), &error));
	CHECK(access(in_folder("c/delta.site"), F_OK) < 0);
	view = open_view();
	CHECK_EQ(ask(view, "http://n7.test/", 0), 0);
	CHECK_EQ(ask(view, "http://new.test/", 0), 1);
	CHECK_EQ(ward_site_list_entries(ward_site_view_list(view, 0)), 402);
	CHECK(!ward_site_list_verify(ward_site_view_list(view, 0), &error));
	ward_site_view_free(view);
}

static void a_delta_past_an_eighth_becomes_a_base(void)
{
	struct ward_site_writer *writer;
	struct ward_site_list *list;
	char text[64];

	fresh_folder();
	CHECK(make_large("c"));
	for (int round = 0; round < 3; round++) {
		writer = change("c");
		CHECK(writer);
		for (int i = 0; i < 20; i++) {
			snprintf(text, sizeof(text), "r%d-%d.test", round, i);
			CHECK(add(writer, text));
		}
		CHECK(commit(writer));
		CHECK_EQ(access(in_folder("c/delta.site"), F_OK) == 0, round < 2);
	}
	list = open_list("c");
	CHECK_EQ(ward_site_list_entries(list), 462);
	ward_site_list_free(list);
}

static void of_entries_with_one_key_the_last_counts(void)
{
	struct ward_site_entry entry;
	struct ward_site_writer *writer;
	struct ward_site_view *view;

	fresh_folder();
	writer = begin("d");
	CHECK(writer);
	for (int i = 0; i < 3; i++) {
		static const char *const reasons[] = { "first", "second", "third" };

		CHECK(read_entry("site.test", &entry));
		entry.reason = ward_str_from(reasons[i]);
		CHECK(!ward_site_writer_add(writer, &entry, &error));
	}
	CHECK(commit(writer));
	view = open_view();
	CHECK_EQ(ask(view, "http://site.test/", 0), 1);
	CHECK(ward_str_eq(hits.at[0].reason, WARD_STR("third")));
	ward_site_view_free(view);
}

static void everything_said_of_an_entry_comes_back(void)
{
	static struct ward_site_cursor cursor, walking;
	struct ward_site_info info = info_of("e");
	struct ward_site_entry entry;
	struct ward_site_writer *writer = NULL;
	struct ward_site_view *view;

	fresh_folder();
	snprintf(info.category, sizeof(info.category), "games");
	CHECK(!ward_site_create(in_folder("e"), &info, &writer, &error));
	CHECK(read_entry("HTTP://Site.Test/A%41", &entry));
	CHECK(ward_str_eq(entry.original, WARD_STR("HTTP://Site.Test/A%41")));
	entry.category = WARD_STR("abuse");
	entry.class_code = WARD_STR("ward:boat");
	entry.reason = WARD_STR("hotline-confirmed");
	entry.ref = WARD_STR("id-7");
	entry.expires = 5000;
	CHECK(!ward_site_writer_add(writer, &entry, &error));
	CHECK(add(writer, "other.test"));
	CHECK(commit(writer));
	view = open_view();
	CHECK_EQ(ask(view, "http://site.test/AA", 100), 1);
	CHECK(ward_str_eq(hits.at[0].category, WARD_STR("abuse")));
	CHECK(ward_str_eq(hits.at[0].class_code, WARD_STR("ward:boat")));
	CHECK_EQ(hits.at[0].expires, 5000);
	ward_site_hit_entry(&hits.at[0], &cursor, &entry);
	CHECK(ward_str_eq(entry.key, WARD_STR("site.test/AA")));
	CHECK(ward_str_eq(entry.original, WARD_STR("HTTP://Site.Test/A%41")));
	CHECK(ward_str_eq(entry.ref, WARD_STR("id-7")));
	CHECK(ward_str_eq(entry.reason, WARD_STR("hotline-confirmed")));
	CHECK_EQ(ask(view, "http://other.test/", 100), 1);
	CHECK(ward_str_eq(hits.at[0].category, WARD_STR("games")));
	walking = (struct ward_site_cursor){ 0 };
	CHECK(ward_site_list_next(ward_site_view_list(view, 0), &walking, &entry));
	CHECK(ward_str_eq(entry.key, WARD_STR("other.test")) && entry.category.len == 0);
	CHECK(ward_site_list_next(ward_site_view_list(view, 0), &walking, &entry));
	CHECK(ward_str_eq(entry.key, WARD_STR("site.test/AA")));
	CHECK(!ward_site_list_next(ward_site_view_list(view, 0), &walking, &entry));
	ward_site_view_free(view);
}

/* ---- time ---- */

static void what_has_expired_is_no_hit(void)
{
	struct ward_site_info info = info_of("t");
	struct ward_site_entry entry;
	struct ward_site_writer *writer = NULL;
	struct ward_site_view *view;

	fresh_folder();
	clock_fake_set(1000);
	info.expires = 9000;
	info.entry_life_s = 500;
	CHECK(!ward_site_create(in_folder("t"), &info, &writer, &error));
	CHECK(add(writer, "life.test") && add(writer, "page.test/a"));
	CHECK(read_entry("own.test", &entry));
	entry.expires = 2000;
	CHECK(!ward_site_writer_add(writer, &entry, &error));
	CHECK(commit(writer));
	view = open_view();
	CHECK_EQ(ask(view, "http://life.test/", 1499), 1);
	CHECK_EQ(hits.at[0].expires, 1500);
	CHECK_EQ(ask(view, "http://life.test/", 1500), 0);
	CHECK(ward_site_host_has_pages(view, WARD_STR("page.test"), 1499));
	CHECK(!ward_site_host_has_pages(view, WARD_STR("page.test"), 1500));
	CHECK_EQ(ask(view, "http://own.test/", 1999), 1);
	CHECK_EQ(ask(view, "http://own.test/", 2000), 0);
	ward_site_view_free(view);
	info.entry_life_s = 0;
	CHECK(!ward_site_create(in_folder("t"), &info, &writer, &error));
	CHECK(add(writer, "life.test") && commit(writer));
	view = open_view();
	CHECK_EQ(ask(view, "http://life.test/", 8999), 1);
	CHECK_EQ(hits.at[0].expires, 9000);
	CHECK_EQ(ask(view, "http://life.test/", 9000), 0);
	ward_site_view_free(view);
}

static void a_list_gets_younger_by_news_alone(void)
{
	struct ward_site_writer *writer = NULL;
	struct ward_site_info info;
	struct ward_site_list *list;

	fresh_folder();
	clock_fake_set(1000);
	CHECK(make_large("y"));
	clock_fake_set(2000);
	list = open_list("y");
	info = *ward_site_list_info(list);
	ward_site_list_free(list);
	snprintf(info.source, sizeof(info.source), "an office");
	info.enabled = false;
	CHECK(!ward_site_change(in_folder("y"), &info, &writer, &error) && commit(writer));
	list = open_list("y");
	CHECK_STR(ward_site_list_info(list)->source, "an office");
	CHECK_EQ(ward_site_list_info(list)->changed, 1000);
	CHECK_EQ(ward_site_list_info(list)->created, 1000);
	CHECK_EQ(ward_site_list_entries(list), 402);
	ward_site_list_free(list);
	CHECK(!ward_site_compact(in_folder("y"), &error));
	writer = change("y");
	CHECK(writer && add(writer, "new.test") && commit(writer));
	list = open_list("y");
	CHECK_STR(ward_site_list_info(list)->source, "an office");
	CHECK(!ward_site_list_info(list)->enabled);
	CHECK_EQ(ward_site_list_info(list)->changed, 2000);
	ward_site_list_free(list);
}

/* ---- files ---- */

static bool copy(const char *from, const char *to)
{
	char source[128], bytes[65536];
	FILE *in, *out;
	size_t len;
	bool good;

	snprintf(source, sizeof(source), "%s", in_folder(from));
	in = fopen(source, "r");
	out = fopen(in_folder(to), "w");
	if (!in || !out)
		return false;
	while ((len = fread(bytes, 1, sizeof(bytes), in)) > 0) {
		if (fwrite(bytes, 1, len, out) != len)
			return false;
	}
	good = fclose(out) == 0;
	fclose(in);
	return good;
}

static void a_delta_on_another_base_is_passed_over(void)
{
	struct ward_site_writer *writer;
	struct ward_site_view *view;

	fresh_folder();
	CHECK(make_large("s"));
	writer = change("s");
	CHECK(writer && add(writer, "new.test") && commit(writer));
	CHECK(copy("s/delta.site", "kept"));
	CHECK(make_large("s"));
	CHECK(access(in_folder("s/delta.site"), F_OK) < 0);
	CHECK(copy("kept", "s/delta.site"));
	view = open_view();
	CHECK(view);
	CHECK_EQ(ask(view, "http://new.test/", 0), 0);
	CHECK_EQ(ask(view, "http://n1.test/", 0), 1);
	ward_site_view_free(view);
	writer = change("s");
	CHECK(writer && add(writer, "newer.test") && commit(writer));
	view = open_view();
	CHECK_EQ(ask(view, "http://new.test/", 0), 0);
	CHECK_EQ(ask(view, "http://newer.test/", 0), 1);
	ward_site_view_free(view);
}

static void a_second_writer_is_told_to_wait(void)
{
	struct ward_site_writer *writer, *second;

	fresh_folder();
	CHECK(make("w", PLACES("site.test")));
	writer = change("w");
	CHECK(writer);
	second = change("w");
	CHECK(!second);
	CHECK_EQ(error.code, WARD_E_CONFLICT);
	ward_site_writer_cancel(writer);
	writer = change("w");
	CHECK(writer);
	ward_site_writer_cancel(writer);
}

static void a_view_knows_when_it_is_no_longer_current(void)
{
	struct ward_site_writer *writer;
	struct ward_site_view *view;

	fresh_folder();
	CHECK(make_large("a"));
	CHECK(mkdir(in_folder("begun"), 0700) == 0);
	view = open_view();
	CHECK(ward_site_view_is_current(view));
	writer = change("a");
	CHECK(writer && add(writer, "x.test") && commit(writer));
	CHECK(!ward_site_view_is_current(view));
	ward_site_view_free(view);
	view = open_view();
	CHECK_EQ(ward_site_view_lists(view), 1);
	/* Its folder was there before, and so the folder of lists does not change. */
	CHECK(make("begun", PLACES("y.test")));
	CHECK(!ward_site_view_is_current(view));
	ward_site_view_free(view);
	view = open_view();
	CHECK_EQ(ward_site_view_lists(view), 2);
	CHECK(!ward_site_delete(in_folder("a"), &error));
	CHECK(!ward_site_view_is_current(view));
	ward_site_view_free(view);
}

static void note_damaged(void *context, ward_str name, const struct ward_error *why)
{
	snprintf(context, 32, "%.*s %s", WARD_FMT(name), ward_err_name(why->code));
}

static void a_damaged_list_is_told_and_the_others_are_asked(void)
{
	struct ward_site_view *view = NULL;
	char told[32] = "";
	FILE *file;

	fresh_folder();
	CHECK(make("good", PLACES("site.test")) && make("bad", PLACES("site.test")));
	file = fopen(in_folder("bad/base.site"), "r+");
	CHECK(file && fseek(file, 40, SEEK_SET) == 0 && fputs("damage", file) >= 0);
	CHECK(fclose(file) == 0);
	CHECK_EQ(ward_site_view_open(folder, NULL, NULL, &view, &error), WARD_E_CORRUPT);
	CHECK(!ward_site_view_open(folder, note_damaged, told, &view, &error));
	CHECK_STR(told, "bad corrupt");
	CHECK_EQ(ask(view, "http://site.test/", 0), 1);
	CHECK(ward_site_view_is_current(view));
	CHECK(make("bad", PLACES("b.test")));
	CHECK(!ward_site_view_is_current(view));
	ward_site_view_free(view);
}

static void lists_of_one_folder_are_asked_at_the_same_places(void)
{
	struct ward_site_view *view;

	fresh_folder();
	CHECK(make("a", PLACES("site.test", "a.test")) && make("b", PLACES("site.test")));
	CHECK(make("a", PLACES("site.test", "c.test")));
	view = open_view();
	CHECK_EQ(ask(view, "http://www.site.test/x", 0), 2);
	CHECK_STR(ward_site_list_info(hits.at[0].list)->name, "a");
	CHECK_STR(ward_site_list_info(hits.at[1].list)->name, "b");
	ward_site_view_free(view);
}

static void a_list_that_is_deleted_is_gone(void)
{
	fresh_folder();
	CHECK(make("a", PLACES("site.test")));
	CHECK(!ward_site_delete(in_folder("a"), &error));
	CHECK(access(in_folder("a"), F_OK) < 0);
	CHECK(!open_list("a"));
	CHECK_EQ(error.code, WARD_E_NOT_FOUND);
	CHECK_EQ(ward_site_delete(in_folder("a"), &error), WARD_E_NOT_FOUND);
	CHECK(!change("a"));
	CHECK_EQ(error.code, WARD_E_NOT_FOUND);
}

static const struct test_case cases[] = {
	{ "each kind holds what it says, and nothing else", each_kind_holds_what_it_says },
	{ "the most exact entry comes first", the_most_exact_entry_comes_first },
	{ "all networks around an address are told, the smallest first",
			all_networks_around_an_address_are_told_the_smallest_first },
	{ "hashes hold expressions with the list's salt",
			hashes_hold_expressions_with_the_lists_salt },
	{ "what blocks by law is never beyond the room",
			what_blocks_by_law_is_never_beyond_the_room },
	{ "a name of dots is no place and no harm", a_name_of_dots_is_no_place_and_no_harm },
	{ "a link tells what a hash stands for", a_link_tells_what_a_hash_stands_for },
	{ "an entry with words of its own stands for itself",
			an_entry_with_words_of_its_own_stands_for_itself },
	{ "a name alone is asked as DNS does", a_name_alone_is_asked_as_dns_does },
	{ "what is added and taken back is in force at once",
			what_is_added_and_taken_back_is_in_force_at_once },
	{ "a compacted list answers the same", a_compacted_list_answers_the_same },
	{ "a delta past an eighth becomes a base", a_delta_past_an_eighth_becomes_a_base },
	{ "of entries with one key the last counts", of_entries_with_one_key_the_last_counts },
	{ "everything said of an entry comes back", everything_said_of_an_entry_comes_back },
	{ "what has expired is no hit", what_has_expired_is_no_hit },
	{ "a list gets younger by news alone", a_list_gets_younger_by_news_alone },
	{ "a delta on another base is passed over", a_delta_on_another_base_is_passed_over },
	{ "a second writer is told to wait", a_second_writer_is_told_to_wait },
	{ "a view knows when it is no longer current", a_view_knows_when_it_is_no_longer_current },
	{ "a damaged list is told, and the others are asked",
			a_damaged_list_is_told_and_the_others_are_asked },
	{ "lists of one folder are asked at the same places",
			lists_of_one_folder_are_asked_at_the_same_places },
	{ "a list that is deleted is gone", a_list_that_is_deleted_is_gone },
};
TEST_MAIN(cases)
