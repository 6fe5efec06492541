/* What is written of site lists for resolvers, proxies and eyes. */
#include <cdb.h>
#include <fcntl.h>

#include "base/clock_fake.h"
#include "exchange/site_test.h"
#include "exchange/site_write.h"

#define NOW 1772323200 /* 2026-03-01 */

static struct exchange_site_dns plain(void)
{
	return (struct exchange_site_dns){ .now = NOW };
}

static struct exchange_site_dns steering(void)
{
	struct exchange_site_dns options = { .now = NOW,
		.steer = true,
		.answer = EXCHANGE_SITE_PAGE };

	snprintf(options.page4, sizeof(options.page4), "192.0.2.1");
	snprintf(options.page6, sizeof(options.page6), "2001:db8::1");
	snprintf(options.steer4, sizeof(options.steer4), "192.0.2.2");
	return options;
}

static void allows(struct ward_site_info *info)
{
	info->sense = WARD_SITE_ALLOW;
}

static void logs(struct ward_site_info *info)
{
	info->sense = WARD_SITE_LOG;
}

static void mandatory(struct ward_site_info *info)
{
	info->mandatory = true;
}

static void hidden(struct ward_site_info *info)
{
	info->hidden = true;
}

static struct exchange_site_written last;

static const char *written_to(enum exchange_site_output output, struct exchange_site_dns options,
		const char *name)
{
	struct ward_site_view *view = test_view();
	const char *path = test_path(name);
	struct ward_error error;

	if (exchange_site_write(output, view, &options, path, &last, &error)) {
		static char why[256];

		snprintf(why, sizeof(why), "%s", error.message);
		ward_site_view_free(view);
		return why;
	}
	ward_site_view_free(view);
	return test_read(path);
}

static const char *written(enum exchange_site_output output, struct exchange_site_dns options)
{
	return written_to(output, options, "out");
}

static void a_cdb_holds_names_and_parents_and_says_what_is_answered(void)
{
	static const struct {
		const char *key;
		size_t len;
		const char *value;
	} wants[] = {
		{ "\4quay\7example\0", 14, "nx15" },
		{ "\4pier\7example\0", 14, "nx16" },
		{ "lamp.example", 12, "nx15" },
		{ "old.quay.example", 16, "allow" },
		{ "buoy.example", 12, "steer" },
		{ "\4buoy\7example\0", 14, "pass+" },
		{ "\4lamp\7example\0", 14, "pass+" },
		{ "\3old\4quay\7example\0", 18, "nx15+" },
		{ "shop.quay.example", 17, NULL },
		{ "\4dune\7example\0", 14, NULL },
	};
	struct exchange_site_dns options = plain();
	struct cdb cdb;

	CHECK(test_begin());
	CHECK_EQ(test_list("a",
				 "quay.example\nshop.quay.example\n=lamp.example\n"
				 "buoy.example/a\nquay.example/b\n192.0.2.0/24",
				 NULL),
			WARD_OK);
	CHECK_EQ(test_list("b", "pier.example", mandatory), WARD_OK);
	CHECK_EQ(test_list("c", "=old.quay.example\npier.example\nfar.example", allows), WARD_OK);
	CHECK_EQ(test_list("d", "dune.example", logs), WARD_OK);
	options.steer = true;
	written(EXCHANGE_SITE_OUT_CDB, options);
	CHECK_EQ(last.names, 5);
	CHECK_EQ(last.left_out, 1);
	int fd = open(test_path("out"), O_RDONLY);

	CHECK(fd >= 0 && cdb_init(&cdb, fd) == 0);
	for (size_t i = 0; i < sizeof(wants) / sizeof(*wants); i++) {
		int found = cdb_find(&cdb, wants[i].key, (unsigned)wants[i].len);

		CHECK_EQ(found, wants[i].value ? 1 : 0);
		if (wants[i].value) {
			CHECK_EQ(cdb_datalen(&cdb), strlen(wants[i].value));
			CHECK(memcmp(cdb_getdata(&cdb), wants[i].value, cdb_datalen(&cdb)) == 0);
		}
	}
	cdb_free(&cdb);
	close(fd);
	test_end();
}

static bool softens(void *context, const struct ward_site_info *info, ward_str category,
		ward_str class_code)
{
	(void)category;
	(void)class_code;
	return strcmp(info->name, context) == 0;
}

static void what_a_rule_softens_is_steered_where_there_is_steering(void)
{
	static char list[] = "a";
	struct exchange_site_dns options = plain();
	struct cdb cdb;

	CHECK(test_begin());
	CHECK_EQ(test_list("a", "quay.example\n=lamp.example", NULL), WARD_OK);
	CHECK_EQ(test_list("b", "pier.example\nlamp.example", mandatory), WARD_OK);
	options.is_softened = softens;
	options.context = list;
	/* Without a proxy nobody else has the word. */
	written(EXCHANGE_SITE_OUT_CDB, options);
	for (int steer = 0; steer < 2; steer++) {
		int fd = open(test_path("out"), O_RDONLY);

		CHECK(fd >= 0 && cdb_init(&cdb, fd) == 0);
		CHECK_EQ(cdb_find(&cdb, "\4quay\7example\0", 14), 1);
		CHECK_EQ(cdb_datalen(&cdb), steer ? 5 : 4);
		CHECK(memcmp(cdb_getdata(&cdb), steer ? "steer" : "nx15", cdb_datalen(&cdb)) == 0);
		CHECK_EQ(cdb_find(&cdb, "\4lamp\7example\0", 14), 1);
		CHECK(memcmp(cdb_getdata(&cdb), "nx16", 4) == 0);
		cdb_free(&cdb);
		close(fd);
		options.steer = true;
		written(EXCHANGE_SITE_OUT_CDB, options);
	}
	test_end();
}

static void a_file_is_always_younger_by_a_second_than_the_one_it_replaces(void)
{
	struct stat first, second, third;

	CHECK(test_begin());
	CHECK_EQ(test_list("a", "quay.example", NULL), WARD_OK);
	written(EXCHANGE_SITE_OUT_CDB, plain());
	CHECK_EQ(stat(test_path("out"), &first), 0);
	written(EXCHANGE_SITE_OUT_CDB, plain());
	CHECK_EQ(stat(test_path("out"), &second), 0);
	written(EXCHANGE_SITE_OUT_CDB, plain());
	CHECK_EQ(stat(test_path("out"), &third), 0);
	CHECK(second.st_mtim.tv_sec > first.st_mtim.tv_sec);
	CHECK(third.st_mtim.tv_sec > second.st_mtim.tv_sec);
	test_end();
}

/* Whoever has the old file mapped need not be the one who frees it. */
static void a_cdb_file_that_is_replaced_stays_for_one_version_more(void)
{
	struct stat first, second, old;

	CHECK(test_begin());
	CHECK_EQ(test_list("a", "quay.example", NULL), WARD_OK);
	written(EXCHANGE_SITE_OUT_CDB, plain());
	CHECK(stat(test_path("out.old"), &old) < 0);
	CHECK_EQ(stat(test_path("out"), &first), 0);
	written(EXCHANGE_SITE_OUT_CDB, plain());
	CHECK_EQ(stat(test_path("out.old"), &old), 0);
	CHECK_EQ(old.st_ino, first.st_ino);
	CHECK_EQ(stat(test_path("out"), &second), 0);
	written(EXCHANGE_SITE_OUT_CDB, plain());
	CHECK_EQ(stat(test_path("out.old"), &old), 0);
	CHECK_EQ(old.st_ino, second.st_ino);
	test_end();
}

static void what_is_hidden_is_read_by_the_group_of_a_folder_that_hands_it_on(void)
{
	struct exchange_site_dns options = plain();
	struct stat file;
	mode_t before = umask(077);

	CHECK(test_begin());
	CHECK_EQ(test_list("a", "quay.example", NULL), WARD_OK);
	options.hidden = true;
	CHECK_EQ(mkdir(test_path("dns"), 0700), 0);
	for (int shared = 0; shared < 2; shared++) {
		written_to(EXCHANGE_SITE_OUT_CDB, options, "dns/out");
		CHECK_EQ(stat(test_path("dns/out"), &file), 0);
		CHECK_EQ(file.st_mode & 0777, shared ? 0640 : 0600);
		CHECK_EQ(chmod(test_path("dns"), 02750), 0);
	}
	test_end();
	umask(before);
}

static const char *zone_body(const char *zone)
{
	const char *body = strstr(zone, "@ NS localhost.\n");

	return body ? body + strlen("@ NS localhost.\n") : zone;
}

static void a_zone_blocks_names_with_their_children_and_excepts_what_is_allowed(void)
{
	CHECK(test_begin());
	CHECK_EQ(test_list("a", "quay.example\nshop.quay.example\n=lamp.example", NULL), WARD_OK);
	CHECK_EQ(test_list("c", "=a.b.quay.example\nold.quay.example", allows), WARD_OK);
	CHECK_STR(zone_body(written(EXCHANGE_SITE_OUT_RPZ, plain())),
			"lamp.example CNAME .\n"
			"quay.example CNAME .\n*.quay.example CNAME .\n"
			"b.quay.example CNAME .\n*.b.quay.example CNAME .\n"
			"a.b.quay.example CNAME rpz-passthru.\n*.a.b.quay.example CNAME .\n"
			"old.quay.example CNAME rpz-passthru.\n"
			"*.old.quay.example CNAME rpz-passthru.\n");
	test_end();
}

/* Browsers take such hosts; one of them in a zone, and a server would refuse the whole. */
static void a_name_that_dns_has_no_room_for_keeps_no_server_from_the_rest(void)
{
	static const enum exchange_site_output outputs[] = { EXCHANGE_SITE_OUT_RPZ,
		EXCHANGE_SITE_OUT_HOSTS, EXCHANGE_SITE_OUT_DNSMASQ, EXCHANGE_SITE_OUT_CDB };
	char lines[400], label[65] = { 0 };

	CHECK(test_begin());
	memset(label, 'a', 64);
	snprintf(lines, sizeof(lines), "%s.example\na;b.example\na$b.example\nlamp.example", label);
	CHECK_EQ(test_list("a", lines, NULL), WARD_OK);
	for (size_t i = 0; i < sizeof(outputs) / sizeof(*outputs); i++) {
		const char *text = written(outputs[i], plain());

		CHECK_EQ(last.names, 1);
		CHECK_EQ(last.left_out, 3);
		CHECK(!strstr(text, label) && !strstr(text, "b.example"));
	}
	CHECK(strstr(written(EXCHANGE_SITE_OUT_RPZ, plain()), "\nlamp.example"));
	test_end();
}

static void hosts_with_a_listed_page_are_steered_and_never_blocked(void)
{
	CHECK(test_begin());
	CHECK_EQ(test_list("a",
				 "quay.example/a\npier.example/b/...\nlamp.example\n"
				 "sub.lamp.example/c",
				 NULL),
			WARD_OK);
	CHECK_STR(zone_body(written(EXCHANGE_SITE_OUT_RPZ, steering())),
			"lamp.example A 192.0.2.1\nlamp.example AAAA 2001:db8::1\n"
			"*.lamp.example A 192.0.2.1\n*.lamp.example AAAA 2001:db8::1\n"
			"pier.example A 192.0.2.2\nquay.example A 192.0.2.2\n");
	CHECK_STR(zone_body(written(EXCHANGE_SITE_OUT_RPZ, plain())),
			"lamp.example CNAME .\n*.lamp.example CNAME .\n");
	CHECK_EQ(last.left_out, 3);
	test_end();
}

static void engines_are_answered_by_the_host_that_they_publish(void)
{
	struct exchange_site_dns options = plain();
	const char *zone;

	CHECK(test_begin());
	CHECK_EQ(test_list("a", "www.bing.com", NULL), WARD_OK);
	options.safe = EXCHANGE_SAFE_STRICT;
	zone = written(EXCHANGE_SITE_OUT_RPZ, options);
	CHECK(strstr(zone, "\nwww.google.co.uk CNAME forcesafesearch.google.com.\n"));
	CHECK(strstr(zone, "\nwww.youtube.com CNAME restrict.youtube.com.\n"));
	CHECK(strstr(zone, "\nduckduckgo.com CNAME safe.duckduckgo.com.\n"));
	/* What is blocked stays blocked. */
	CHECK(strstr(zone, "\nwww.bing.com CNAME .\n"));
	CHECK(!strstr(zone, "\nwww.bing.com CNAME strict"));
	options.safe = EXCHANGE_SAFE_MODERATE;
	CHECK(strstr(written(EXCHANGE_SITE_OUT_RPZ, options),
			"\nwww.youtube.com CNAME restrictmoderate.youtube.com.\n"));
	test_end();
}

static void a_serial_never_falls_and_a_zone_that_says_the_same_is_left_as_it_is(void)
{
	struct exchange_site_written first, second, third;

	CHECK(test_begin());
	CHECK_EQ(test_list("a", "quay.example", NULL), WARD_OK);
	clock_fake_set(NOW);
	written(EXCHANGE_SITE_OUT_RPZ, plain());
	first = last;
	CHECK_EQ(first.serial, NOW);
	clock_fake_set(NOW + 9999);
	written(EXCHANGE_SITE_OUT_RPZ, plain());
	second = last;
	CHECK(second.unchanged && second.serial == first.serial);
	CHECK_EQ(test_list("a", "pier.example", NULL), WARD_OK);
	clock_fake_set(NOW - 86400);
	written(EXCHANGE_SITE_OUT_RPZ, plain());
	third = last;
	CHECK(!third.unchanged && (int32_t)(third.serial - first.serial) > 0);
	clock_fake_set(NOW);
	test_end();
}

static void what_changed_is_told_as_updates_that_start_from_the_serial_before(void)
{
	struct exchange_site_dns options = plain();
	struct exchange_site_written told;
	struct ward_error error;
	struct ward_site_view *view;
	char wants[1024];

	CHECK(test_begin());
	CHECK_EQ(test_list("a", "quay.example\n=lamp.example", NULL), WARD_OK);
	view = test_view();
	CHECK_EQ(exchange_site_rpz_write(view, &options, test_path("zone"), test_path("up"), &told,
				 &error),
			WARD_E_NOT_FOUND);
	clock_fake_set(NOW);
	CHECK_EQ(exchange_site_rpz_write(view, &options, test_path("zone"), NULL, &told, &error),
			WARD_OK);
	ward_site_view_free(view);
	CHECK_EQ(test_list("a", "quay.example\n=pier.example", NULL), WARD_OK);
	clock_fake_set(NOW + 100000);
	view = test_view();
	CHECK_EQ(exchange_site_rpz_write(view, &options, test_path("zone"), test_path("up"), &told,
				 &error),
			WARD_OK);
	ward_site_view_free(view);
	snprintf(wants, sizeof(wants),
			"zone rpz.ward.\n"
			"prereq yxrrset rpz.ward. IN SOA localhost. hostmaster.localhost. %d 3600 "
			"600 604800 60\n"
			"update delete lamp.example.rpz.ward. CNAME .\n"
			"update add pier.example.rpz.ward. 60 CNAME .\n"
			"update add rpz.ward. 60 SOA localhost. hostmaster.localhost. %d 3600 600 "
			"604800 60\nsend\n",
			NOW, NOW + 100000);
	CHECK_STR(test_read(test_path("up")), wants);
	clock_fake_set(NOW);
	test_end();
}

static void each_format_says_no_more_than_the_lists_do(void)
{
	const char *text;

	CHECK(test_begin());
	CHECK_EQ(test_list("a",
				 "quay.example\n=lamp.example\npier.example/a.b\n"
				 "pier.example/old/...\n192.0.2.0/24\n2001:db8::/32",
				 NULL),
			WARD_OK);
	CHECK_EQ(test_list("c", "=a.quay.example\n198.51.100.7", allows), WARD_OK);
	CHECK_STR(written(EXCHANGE_SITE_OUT_HOSTS, plain()),
			"0.0.0.0 lamp.example\n:: lamp.example\n0.0.0.0 quay.example\n:: "
			"quay.example\n");
	CHECK_STR(written(EXCHANGE_SITE_OUT_DNSMASQ, plain()),
			"address=/lamp.example/\nserver=/*.lamp.example/#\naddress=/quay.example/\n"
			"server=/a.quay.example/#\naddress=/*.a.quay.example/\n");
	CHECK_STR(written(EXCHANGE_SITE_OUT_UNBOUND, plain()),
			"server:\nlocal-zone: \"lamp.example.\" transparent\n"
			"local-data: \"lamp.example. 60 A 0.0.0.0\"\n"
			"local-data: \"lamp.example. 60 AAAA ::\"\n"
			"local-zone: \"quay.example.\" always_nxdomain\n");
	CHECK_STR(written(EXCHANGE_SITE_OUT_SQUID, plain()), "lamp.example\n.quay.example\n");
	CHECK_STR(written(EXCHANGE_SITE_OUT_E2GUARDIAN, plain()), "quay.example\n");
	CHECK_STR(written(EXCHANGE_SITE_OUT_SQUID_URLS, plain()),
			"^https?://pier\\.example(:[0-9]+)?/a\\.b([?].*)?$\n"
			"^https?://pier\\.example(:[0-9]+)?/old([/?]|$)\n");
	CHECK_STR(written(EXCHANGE_SITE_OUT_E2GUARDIAN_URLS, plain()),
			"pier.example/a.b\npier.example/old\n");
	text = written(EXCHANGE_SITE_OUT_NFT, plain());
	CHECK(strstr(text, "add element inet ward block4 { 192.0.2.0/24 }\n"));
	CHECK(strstr(text, "add element inet ward block6 { 2001:db8::/32 }\n"));
	CHECK(strstr(text, "add element inet ward allow4 { 198.51.100.7"));
	test_end();
}

static void what_is_allowed_or_only_counted_is_not_blocked_unless_by_law(void)
{
	const char *text;

	CHECK(test_begin());
	CHECK_EQ(test_list("a",
				 "pier.example/a\npier.example/b\nquay.example/c/...\n"
				 "quay.example/d/...\n192.0.2.0/24",
				 NULL),
			WARD_OK);
	CHECK_EQ(test_list("good", "pier.example/a\nquay.example/c/\nquay.example/d/...", allows),
			WARD_OK);
	CHECK_EQ(test_list("law", "pier.example/a\n198.51.100.0/24", mandatory), WARD_OK);
	CHECK_EQ(test_list("seen", "lamp.example/x\n203.0.113.0/24", logs), WARD_OK);
	/* Of the law's page alone, whoever else lists it; all below a page that is allowed. */
	CHECK_STR(written(EXCHANGE_SITE_OUT_SQUID_URLS, plain()),
			"^https?://pier\\.example(:[0-9]+)?/a([?].*)?$\n"
			"^https?://pier\\.example(:[0-9]+)?/b([?].*)?$\n"
			"^https?://quay\\.example(:[0-9]+)?/c([/?]|$)\n");
	CHECK_STR(written(EXCHANGE_SITE_OUT_E2GUARDIAN_URLS, plain()),
			"pier.example/a\npier.example/b\nquay.example/c\n");
	text = written(EXCHANGE_SITE_OUT_NFT, plain());
	CHECK(strstr(text, "ward block4 { 192.0.2.0/24 }\n"));
	CHECK(!strstr(text, "ward order4 { 192.0.2.0/24 }\n"));
	CHECK(strstr(text, "ward block4 { 198.51.100.0/24 }\n"));
	CHECK(strstr(text, "ward order4 { 198.51.100.0/24 }\n"));
	CHECK(!strstr(text, "203.0.113.0"));
	test_end();
}

static void what_is_written_for_ward_reads_back_the_same(void)
{
	const char *text;

	CHECK(test_begin());
	CHECK_EQ(test_list("a", "quay.example\n=lamp.example\npier.example/old/...", NULL),
			WARD_OK);
	text = written(EXCHANGE_SITE_OUT_LINES, plain());
	CHECK(strstr(text, "quay.example\n"));
	CHECK(strstr(text, "=lamp.example\n"));
	CHECK(strstr(text, "pier.example/old/...\n"));
	text = written(EXCHANGE_SITE_OUT_JSON, plain());
	CHECK(strstr(text, "{\"entry\":\"=lamp.example\",\"kind\":\"host\",\"list\":\"a\","
			   "\"sense\":\"block\"}\n"));
	CHECK(strstr(written(EXCHANGE_SITE_OUT_CSV, plain()), "\n=lamp.example,,,,,,a\n"));
	test_end();
}

static void hidden_lists_are_written_only_when_asked_for_and_only_for_machines(void)
{
	struct exchange_site_dns options = plain();
	struct stat st;

	CHECK(test_begin());
	CHECK_EQ(test_list("a", "quay.example", hidden), WARD_OK);
	CHECK_STR(zone_body(written(EXCHANGE_SITE_OUT_RPZ, options)), "");
	options.hidden = true;
	CHECK(strstr(written(EXCHANGE_SITE_OUT_RPZ, options), "quay.example CNAME .\n"));
	CHECK_EQ(stat(test_path("out"), &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	CHECK_STR(written(EXCHANGE_SITE_OUT_LINES, options),
			"hidden lists are written only for machines, not as lines");
	test_end();
}

static void a_hashed_list_holds_no_names_and_what_it_cannot_say_is_left_out(void)
{
	struct exchange_site_dns options = plain();
	struct exchange_site_hashing hashing = { .bits = 64, .salt_len = 2, .salt = { 0xab, 1 } };
	struct exchange_site_written told;
	struct ward_error error;
	struct ward_site_view *view;

	CHECK(test_begin());
	CHECK_EQ(test_list("a", "quay.example\n=lamp.example\npier.example/a\npier.example/", NULL),
			WARD_OK);
	view = test_view();
	CHECK_EQ(exchange_site_hashed_write(view, &options, &hashing, test_path("out"), &told,
				 &error),
			WARD_OK);
	CHECK(told.names == 2 && told.left_out == 2);
	/* sha256(ab01 "pier.example/a"), sha256(ab01 "quay.example/") */
	CHECK_STR(test_read(test_path("out")), "{\"salt\":\"ab01\"}\n"
					       "{\"entry\":\"sha256:656abb08eff8438d\"}\n"
					       "{\"entry\":\"sha256:80a53d83df4d59e8\"}\n");
	ward_site_view_free(view);
	/* Deeper than what is asked about, by one: found of itself alone. */
	CHECK_EQ(test_list("a",
				 "b.c.d.e.quay.example\nc.d.e.quay.example\n"
				 "pier.example/a/b/c/...\npier.example/a/b/c/d/...",
				 NULL),
			WARD_OK);
	view = test_view();
	CHECK_EQ(exchange_site_hashed_write(view, &options, &hashing, test_path("out"), &told,
				 &error),
			WARD_OK);
	CHECK(told.names == 4 && told.left_out == 2);
	hashing.bits = 12;
	CHECK_EQ(exchange_site_hashed_write(view, &options, &hashing, test_path("out"), &told,
				 &error),
			WARD_E_ARGUMENT);
	ward_site_view_free(view);
	test_end();
}

/* The text of its entries stops making sense in the middle: what is behind is not gone. */
static void a_damaged_list_is_an_error_and_the_old_file_stays(void)
{
	static char many[200000];
	static uint8_t bytes[1 << 20];
	struct exchange_site_dns options = { .now = 1 };
	struct ward_site_view *view;
	struct ward_site_list *list;
	size_t len = 0;
	FILE *file;

	CHECK(test_begin());
	for (int i = 0; i < 2000; i++)
		len += (size_t)snprintf(many + len, sizeof(many) - len, "%squay%d.example",
				i ? "\n" : "", i);
	CHECK_EQ(test_list("mine", many, NULL), WARD_OK);
	file = fopen(test_path("sites/mine/base.site"), "r+");
	CHECK(file);
	len = fread(bytes, 1, sizeof(bytes), file);
	/* Behind the head, among the entries. */
	CHECK(len > 20000 && fseek(file, 8000, SEEK_SET) == 0);
	memset(bytes, 0xff, 64);
	CHECK_EQ(fwrite(bytes, 1, 64, file), 64);
	fclose(file);
	CHECK_EQ(ward_site_list_open(test_path("sites/mine"), &list, NULL), WARD_OK);
	CHECK_EQ(ward_site_view_new(&list, 1, &view, NULL), WARD_OK);
	for (int output = 0; output < EXCHANGE_SITE_OUT_COUNT; output++) {
		struct ward_error error = { 0 };

		CHECK_EQ(file_replace(test_path("out"), (ward_bytes){ bytes, 3 }, 0600, &error),
				WARD_OK);
		CHECK_EQ(exchange_site_write((enum exchange_site_output)output, view, &options,
					 test_path("out"), NULL, &error),
				WARD_E_CORRUPT);
		CHECK_EQ(strlen(test_read(test_path("out"))), 3);
	}
	CHECK_EQ(exchange_site_hashed_write(view, &options,
				 &(struct exchange_site_hashing){ .bits = 64 }, test_path("out"),
				 NULL, NULL),
			WARD_E_CORRUPT);
	ward_site_view_free(view);
	test_end();
}

static const struct test_case cases[] = {
	{ "a CDB holds names with what is below them, and says what is answered",
			a_cdb_holds_names_and_parents_and_says_what_is_answered },
	{ "what a rule softens is steered, where there is steering",
			what_a_rule_softens_is_steered_where_there_is_steering },
	{ "a file is always younger by a second than the one it replaces",
			a_file_is_always_younger_by_a_second_than_the_one_it_replaces },
	{ "a CDB file that is replaced stays for one version more",
			a_cdb_file_that_is_replaced_stays_for_one_version_more },
	{ "what is hidden is read by the group of a folder that hands it on",
			what_is_hidden_is_read_by_the_group_of_a_folder_that_hands_it_on },
	{ "a zone blocks names with their children and excepts what is allowed",
			a_zone_blocks_names_with_their_children_and_excepts_what_is_allowed },
	{ "a name that DNS has no room for keeps no server from the rest",
			a_name_that_dns_has_no_room_for_keeps_no_server_from_the_rest },
	{ "hosts with a listed page are steered and never blocked",
			hosts_with_a_listed_page_are_steered_and_never_blocked },
	{ "search engines are answered by the host that they publish",
			engines_are_answered_by_the_host_that_they_publish },
	{ "a serial never falls, and a zone that says the same is left as it is",
			a_serial_never_falls_and_a_zone_that_says_the_same_is_left_as_it_is },
	{ "what changed is told as updates that start from the serial before",
			what_changed_is_told_as_updates_that_start_from_the_serial_before },
	{ "each format says no more than the lists do",
			each_format_says_no_more_than_the_lists_do },
	{ "what is allowed, or only counted, is not blocked, unless by law",
			what_is_allowed_or_only_counted_is_not_blocked_unless_by_law },
	{ "what is written for ward reads back the same",
			what_is_written_for_ward_reads_back_the_same },
	{ "hidden lists are written only when asked for, and only for machines",
			hidden_lists_are_written_only_when_asked_for_and_only_for_machines },
	{ "a hashed list holds no names, and what it cannot say is left out",
			a_hashed_list_holds_no_names_and_what_it_cannot_say_is_left_out },
	{ "a damaged list is an error, and the old file stays",
			a_damaged_list_is_an_error_and_the_old_file_stays },
};
TEST_MAIN(cases)
