#include "site/site_test.h"

static void what_is_written_is_read_as_what_it_means(void)
{
	static const struct {
		const char *text;
		ward_site_bare bare;
		const char *written;
		ward_site_kind kind;
	} rows[] = {
		{ "Site.TEST", WARD_SITE_BARE_DOMAIN, "site.test", WARD_SITE_DOMAIN },
		{ "site.test", WARD_SITE_BARE_HOST, "=site.test", WARD_SITE_HOST },
		{ "site.test", WARD_SITE_BARE_PAGE, "site.test/", WARD_SITE_PAGE },
		{ "http://site.test", WARD_SITE_BARE_DOMAIN, "site.test", WARD_SITE_DOMAIN },
		{ "http://site.test:8080", WARD_SITE_BARE_HOST, "=site.test", WARD_SITE_HOST },
		{ "http://site.test/", WARD_SITE_BARE_DOMAIN, "site.test/", WARD_SITE_PAGE },
		{ "https://site.test?q=1", WARD_SITE_BARE_DOMAIN, "site.test/?q=1",
				WARD_SITE_PAGE },
		{ "site.test/a%41/../b", WARD_SITE_BARE_DOMAIN, "site.test/b", WARD_SITE_PAGE },
		{ "site.test/a?", WARD_SITE_BARE_DOMAIN, "site.test/a", WARD_SITE_PAGE },
		{ "site.test/a#part", WARD_SITE_BARE_DOMAIN, "site.test/a", WARD_SITE_PAGE },
		{ "*.site.test", WARD_SITE_BARE_HOST, "site.test", WARD_SITE_DOMAIN },
		{ ".site.test", WARD_SITE_BARE_PAGE, "site.test", WARD_SITE_DOMAIN },
		{ "=www.site.test", WARD_SITE_BARE_DOMAIN, "=www.site.test", WARD_SITE_HOST },
		{ "site.test/a/...", WARD_SITE_BARE_DOMAIN, "site.test/a/...", WARD_SITE_PREFIX },
		{ "http://site.test/*", WARD_SITE_BARE_DOMAIN, "site.test/...", WARD_SITE_PREFIX },
		{ "192.0.2.77/24", WARD_SITE_BARE_DOMAIN, "192.0.2.0/24", WARD_SITE_NETWORK },
		{ "192.0.2.7", WARD_SITE_BARE_DOMAIN, "192.0.2.7", WARD_SITE_NETWORK },
		{ "http://0xc0.0.2.7", WARD_SITE_BARE_HOST, "192.0.2.7", WARD_SITE_NETWORK },
		{ "http://192.0.2.7/x", WARD_SITE_BARE_DOMAIN, "192.0.2.7/x", WARD_SITE_PAGE },
		{ "=192.0.2.7", WARD_SITE_BARE_DOMAIN, "=192.0.2.7", WARD_SITE_HOST },
		{ "2001:DB8::/32", WARD_SITE_BARE_DOMAIN, "2001:db8::/32", WARD_SITE_NETWORK },
		{ "http://[2001:db8::1]", WARD_SITE_BARE_DOMAIN, "2001:db8::1", WARD_SITE_NETWORK },
		{ "http://[2001:db8::1]/x", WARD_SITE_BARE_DOMAIN, "[2001:db8::1]/x",
				WARD_SITE_PAGE },
		{ "sha256:00112233AABB", WARD_SITE_BARE_DOMAIN, "sha256:00112233aabb",
				WARD_SITE_HASH },
		{ "b\303\274cher.test", WARD_SITE_BARE_DOMAIN, "xn--bcher-kva.test",
				WARD_SITE_DOMAIN },
	};

	fresh_folder();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ward_site_entry entry = { 0 };
		struct ward_buf out;
		bool good;

		ward_buf_init(&out, 4096);
		good = !ward_site_entry_read(ward_str_from(rows[i].text), rows[i].bare,
				&entry_memory, &entry, &error);
		if (good)
			ward_site_entry_write(&entry, &out);
		good = good && entry.kind == rows[i].kind &&
		       ward_str_eq(ward_buf_text(&out), ward_str_from(rows[i].written));
		if (!good)
			printf("# %s is read as %s\n", rows[i].text, ward_buf_text(&out).ptr);
		ward_buf_free(&out);
		CHECK(good);
	}
}

static void what_is_no_place_is_refused_with_a_sentence(void)
{
	static const char *const texts[] = { "", "   ", "sha256:0011", "sha256:001122334",
		"sha256:xyz", "http://", "=", "*.192.0.2.7", "site.test/a?x/...", "ho st.test" };

	fresh_folder();
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct ward_site_entry entry = { .kind = WARD_SITE_HASH };

		error = (struct ward_error){ 0 };
		if (!ward_site_entry_read(ward_str_from(texts[i]), WARD_SITE_BARE_DOMAIN,
				    &entry_memory, &entry, &error))
			printf("# \"%s\" was taken\n", texts[i]);
		CHECK(error.code != WARD_OK && error.message[0]);
		CHECK_EQ(entry.kind, WARD_SITE_HASH);
	}
}

static void a_writer_refuses_keys_that_are_not_canonical(void)
{
	static const struct {
		ward_site_kind kind;
		const char *key;
	} rows[] = {
		{ WARD_SITE_PAGE, "site.test" },
		{ WARD_SITE_PREFIX, "site.test/a" },
		{ WARD_SITE_PREFIX, "site.test/a?b/" },
		{ WARD_SITE_DOMAIN, "site.test/" },
		{ WARD_SITE_DOMAIN, "192.0.2.7" },
		{ WARD_SITE_DOMAIN, "" },
		{ WARD_SITE_HOST, "a b" },
		{ WARD_SITE_HOST, "a\006b" },
		{ WARD_SITE_HASH, "001122" },
		{ WARD_SITE_NETWORK, "site.test" },
	};
	struct ward_site_writer *writer;

	fresh_folder();
	writer = begin("w");
	CHECK(writer);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ward_site_entry entry = { .kind = rows[i].kind,
			.key = ward_str_from(rows[i].key) };

		CHECK_EQ(ward_site_writer_add(writer, &entry, &error), WARD_E_ARGUMENT);
	}
	ward_site_writer_cancel(writer);
}

static const struct test_case cases[] = {
	{ "what is written is read as what it means", what_is_written_is_read_as_what_it_means },
	{ "what is no place is refused with a sentence",
			what_is_no_place_is_refused_with_a_sentence },
	{ "a writer refuses keys that are not canonical",
			a_writer_refuses_keys_that_are_not_canonical },
};
TEST_MAIN(cases)
