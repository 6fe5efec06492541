/* Strangers' lists of places, read record by record. */
#include "base/test.h"
#include "exchange/site_read.h"

#include <stdlib.h>

struct text {
	const char *at;
	size_t left;
	size_t piece;
};

static ward_err give(void *context, uint8_t *to, size_t room, size_t *got, struct ward_error *error)
{
	struct text *text = context;
	size_t some = text->piece < room ? text->piece : room;

	(void)error;
	*got = some < text->left ? some : text->left;
	if (*got > 0)
		memcpy(to, text->at, *got);
	text->at += *got;
	text->left -= *got;
	return WARD_OK;
}

/* What was read: "KIND ENTRY [-|!] [category=…] …" a record, or "bad LINE: WHY". */
static struct ward_buf said;
static enum exchange_site_format told;

static void word(const char *name, ward_str text)
{
	if (text.len > 0)
		ward_buf_printf(&said, " %s=%.*s", name, WARD_FMT(text));
}

static void tell(const struct exchange_site_record *record)
{
	const struct ward_site_entry *entry = &record->entry;

	if (record->bad) {
		ward_buf_printf(&said, "%s %d: %s\n", record->unsupported ? "unsupported" : "bad",
				(int)record->line, record->bad);
		return;
	}
	ward_buf_printf(&said, "%s%s ",
			record->op == EXCHANGE_SITE_EXCEPT   ? "except "
			: record->op == EXCHANGE_SITE_REMOVE ? "remove "
							     : "",
			ward_site_kind_name(entry->kind));
	ward_site_entry_write(entry, &said);
	word("category", entry->category);
	word("class", entry->class_code);
	word("reason", entry->reason);
	word("ref", entry->ref);
	if (entry->expires)
		ward_buf_printf(&said, " expires=%lld", (long long)entry->expires);
	ward_buf_printf(&said, "%s%s\n", record->widened ? " widened" : "",
			record->walled ? " walled" : "");
}

static void read_piece(const char *bytes, size_t len, size_t piece,
		const struct exchange_site_options *options)
{
	struct text text = { bytes, len, piece };
	struct ward_error error = { 0 };
	struct exchange_site_reader *reader = NULL;
	struct exchange_site_record record;
	bool more = true;

	ward_buf_clear(&said);
	if (exchange_site_reader_from(give, &text, options, &reader, &error)) {
		ward_buf_printf(&said, "%s", error.message);
		return;
	}
	told = exchange_site_reader_format(reader);
	while (more && !exchange_site_reader_next(reader, &record, &more, &error)) {
		if (more)
			tell(&record);
	}
	if (exchange_site_reader_serial(reader))
		ward_buf_printf(&said, "serial %u\n", exchange_site_reader_serial(reader));
	exchange_site_reader_free(reader);
}

/* In pieces of one byte, of seven and at once: all the same. */
static const char *read_all(const char *bytes, size_t len, struct exchange_site_options options)
{
	static char first[65536];

	said.cap = 65536;
	read_piece(bytes, len, 1, &options);
	snprintf(first, sizeof(first), "%s", ward_buf_text(&said).ptr);
	read_piece(bytes, len, 7, &options);
	if (strcmp(first, ward_buf_text(&said).ptr) != 0)
		return "differs in pieces of seven";
	read_piece(bytes, len, 1 << 20, &options);
	if (strcmp(first, ward_buf_text(&said).ptr) != 0)
		return "differs in one piece";
	return first;
}

#define READ_AS(text, ...) \
	read_all((text), sizeof(text) - 1, (struct exchange_site_options){ __VA_ARGS__ })
#define READ(text) READ_AS(text, .format = EXCHANGE_SITE_AUTO)

static void lines_hold_any_entry_and_comments_end_them(void)
{
	CHECK_STR(READ("\xef\xbb\xbf# a list\r\nlighthouse.example \r\n\r\n"
		       "http://pier.example/a#b\t# why\n=quay.example\n192.0.2.0/24\n"
		       "quay.example/old/...\n; more\nsha256:0011223344556677"),
			"domain lighthouse.example\npage pier.example/a\nhost =quay.example\n"
			"network 192.0.2.0/24\nprefix quay.example/old/...\n"
			"hash sha256:0011223344556677\n");
	CHECK_EQ(told, EXCHANGE_SITE_LINES);
	CHECK_STR(READ_AS("quay.example\n", .bare_given = true, .bare = WARD_SITE_BARE_PAGE),
			"page quay.example/\n");
}

static void a_bad_line_is_told_with_its_number_and_the_rest_is_read(void)
{
	CHECK_STR(READ_AS("quay.example\n[x\ntwo words.example\npier.example\n",
				  .format = EXCHANGE_SITE_LINES),
			"domain quay.example\nbad 2: what stands in brackets is no IPv6 address\n"
			"bad 3: there is more than one word in the line\ndomain pier.example\n");
}

static void a_line_without_an_end_is_bad_and_not_the_end(void)
{
	static char text[200000];

	memset(text, 'a', sizeof(text));
	memcpy(text + sizeof(text) - 14, "\nquay.example\n", 14);
	CHECK_STR(read_all(text, sizeof(text),
				  (struct exchange_site_options){ .format = EXCHANGE_SITE_LINES }),
			"bad 1: the line is too long\ndomain quay.example\n");
}

static void a_hosts_file_names_hosts_exactly_and_its_own_lines_are_passed_over(void)
{
	CHECK_STR(READ("127.0.0.1 localhost\nfe80::1%lo0 localhost\n::1 ip6-localhost "
		       "ip6-loopback\n"
		       "0.0.0.0 quay.example pier.example # two\n:: lamp.example\n"
		       "192.0.2.7 nas.example\n0.0.0.0 [x\nnonsense\n"),
			"host =quay.example\nhost =pier.example\nhost =lamp.example\n"
			"unsupported 6: the address is a machine's, so the names are not blocked "
			"by it\n"
			"bad 7: what stands in brackets is no IPv6 address\n"
			"bad 8: the line does not begin with an address\n");
	CHECK_EQ(told, EXCHANGE_SITE_HOSTS);
}

static void adblock_rules_for_hosts_are_read_and_others_are_told_as_unsupported(void)
{
	CHECK_STR(READ("[Adblock Plus 2.0]\n! a list\n||quay.example^\n||pier.example^$important\n"
		       "@@||lamp.example^\n|https://quay.example/page|\n||quay.example/old/^\n"
		       "||pier.example^$third-party\n||quay.*^\n/banner[0-9]/\n"
		       "quay.example##.box\n||pier.example/pic\n0.0.0.0 buoy.example\nfoo=bar\n"),
			"domain quay.example\ndomain pier.example\nexcept domain lamp.example\n"
			"page quay.example/page\nprefix quay.example/old/...\n"
			"unsupported 8: the rule holds only under a condition\n"
			"unsupported 9: a pattern is no place\n"
			"unsupported 10: a regular expression is no place\n"
			"unsupported 11: what hides parts of pages is no place\n"
			"unsupported 12: the beginning of a name in a path is no place\n"
			"host =buoy.example\nunsupported 14: a pattern is no place\n");
	CHECK_EQ(told, EXCHANGE_SITE_ADBLOCK);
}

#define ZONE_HEAD                                                                          \
	"$TTL 300\n@ IN SOA ns.zone.example. host.zone.example. (\n 2026010107 ; serial\n" \
	" 3600 600 86400 60 )\n\tIN NS ns.zone.example.\n"

static void a_name_with_its_wildcard_is_one_domain_and_alone_one_host(void)
{
	CHECK_STR(READ("$ORIGIN rpz.example.\n" ZONE_HEAD
		       "quay.example CNAME .\n*.quay.example CNAME .\n"
		       "pier.example 60 IN CNAME *.\nlamp.example.rpz.example. IN 60 A 192.0.2.1\n"
		       "  AAAA 2001:db8::1\n*.buoy.example CNAME .\n"
		       "good.example CNAME rpz-passthru.\n*.good.example CNAME rpz-passthru.\n"
		       "mole.example CNAME rpz-drop.\n"),
			"domain quay.example\nhost =pier.example\nhost =lamp.example walled\n"
			"domain buoy.example widened\nexcept domain good.example\n"
			"host =mole.example\nserial 2026010107\n");
	CHECK_EQ(told, EXCHANGE_SITE_RPZ);
}

static void a_zone_whose_wildcards_come_first_is_read_the_same(void)
{
	CHECK_STR(READ("$ORIGIN rpz.example.\n" ZONE_HEAD
		       "*.quay.example CNAME .\nquay.example CNAME .\npier.example CNAME .\n"),
			"domain quay.example widened\nhost =pier.example\nserial 2026010107\n");
}

static void a_rewrite_of_a_zone_is_no_block(void)
{
	CHECK_STR(READ("$ORIGIN rpz.example.\n" ZONE_HEAD
		       "www.bing.com CNAME Strict.bing.com.\nduckduckgo.com A 192.0.2.9\n"
		       "old.harbour.example CNAME www.harbour.example.\n"
		       "*.harbour.example CNAME gate.harbour.example.\n"
		       "mole.example CNAME rpz-later.\n"),
			"unsupported 7: a search engine's safer host: a rewrite, which blocks "
			"nothing\n"
			"unsupported 8: a search engine's safer host: a rewrite, which blocks "
			"nothing\n"
			"unsupported 9: another host of the same site: a rewrite, which blocks "
			"nothing\n"
			"unsupported 10: another host of the same site: a rewrite, which blocks "
			"nothing\n"
			"unsupported 11: an action that is not known\nserial 2026010107\n");
}

static void a_page_of_the_zone_s_in_place_of_a_site_is_a_block_and_told(void)
{
	CHECK_STR(READ("$ORIGIN rpz.example.\n" ZONE_HEAD
		       "quay.example CNAME wall.operator.example.\n"
		       "*.quay.example CNAME wall.operator.example.\n"
		       "pier.example CNAME *.wall.operator.example.\nlamp.example CNAME wall\n"
		       "buoy.example A 0.0.0.0\n  AAAA ::\nduckduckgo.com CNAME .\n"),
			"domain quay.example walled\nhost =pier.example walled\n"
			"host =lamp.example walled\nhost =buoy.example\nhost =duckduckgo.com\n"
			"serial 2026010107\n");
}

static void what_lets_a_name_pass_is_never_read_as_a_block(void)
{
	CHECK_STR(READ("$ORIGIN rpz.example.\n" ZONE_HEAD
		       "quay.example CNAME quay.example.\npier.example CNAME RPZ-Passthru.\n"
		       "lamp.example CNAME rpz-passthru\nbuoy.example CNAME *\n"),
			"except host =quay.example\nbad 9: an action ends with a dot\n"
			"bad 10: an action ends with a dot\nexcept host =pier.example\n"
			"serial 2026010107\n");
}

static void triggers_that_are_no_names_are_told_as_unsupported(void)
{
	CHECK_STR(READ("$ORIGIN rpz.example.\n" ZONE_HEAD
		       "24.0.2.0.192.rpz-ip CNAME .\nns.bad.example.rpz-nsdname CNAME .\n"
		       "* CNAME .\nquay.example CNAME rpz-tcp-only.\nelse.where. CNAME .\n"
		       "pier.example\n$INCLUDE other\nlamp.example TXT \"a;b\"\n"
		       "mole.example (\n"),
			"unsupported 7: a trigger on addresses or name servers is no place\n"
			"unsupported 8: a trigger on addresses or name servers is no place\n"
			"unsupported 9: everything is no place\n"
			"unsupported 10: rpz-tcp-only blocks nothing\n"
			"bad 11: the owner is not in the zone\n"
			"bad 12: the record has no type and data\n"
			"unsupported 13: $INCLUDE and $GENERATE are not followed\n"
			"bad 15: a parenthesis does not end\nserial 2026010107\n");
}

static void in_dstdomain_a_dot_in_front_is_what_takes_those_below(void)
{
	CHECK_STR(READ("quay.example\n.pier.example\n"),
			"host =quay.example\ndomain pier.example\n");
	CHECK_EQ(told, EXCHANGE_SITE_DSTDOMAIN);
	CHECK_STR(READ("pier.example/a\n.pier.example\n"),
			"page pier.example/a\ndomain pier.example\n");
	CHECK_EQ(told, EXCHANGE_SITE_LINES);
}

static void literal_patterns_of_squid_are_places_and_others_are_not(void)
{
	CHECK_STR(READ("^http://quay\\.example/a\\.html$\n^https?://quay\\.example/old/\n"
		       "^http://pier\\.example/\nquay\n^http://(a|b)\\.example/\n"
		       "^http://quay\\.example/\\d+$\n"),
			"page quay.example/a.html\nprefix quay.example/old/...\nhost "
			"=pier.example\n"
			"unsupported 4: without a scheme in front, the pattern holds in any part "
			"of a link\n"
			"unsupported 5: the pattern is not literal\n"
			"unsupported 6: the pattern is not literal\n");
	CHECK_EQ(told, EXCHANGE_SITE_REGEX);
}

static void patterns_that_are_written_here_are_read_again(void)
{
	CHECK_STR(READ("^https?://quay\\.example(:[0-9]+)?/a\\.html([?].*)?$\n"
		       "^https?://quay\\.example(:[0-9]+)?/a\\?b=c$\n"
		       "^https?://quay\\.example(:[0-9]+)?/old([/?]|$)\n"
		       "^https?://quay\\.example(:[0-9]+)?/\n"),
			"page quay.example/a.html\npage quay.example/a?b=c\n"
			"prefix quay.example/old/...\nhost =quay.example\n");
	CHECK_EQ(told, EXCHANGE_SITE_REGEX);
}

static void files_of_squidguard_and_e2guardian_take_what_begins_so(void)
{
	CHECK_STR(READ_AS("quay.example/old\npier.example\nquay.example/a?b=c\n"
			  "#listcategory: \"games\"\n.Include</etc/other>\n**\n",
				  .format = EXCHANGE_SITE_URLS),
			"prefix quay.example/old/...\ndomain pier.example\npage "
			"quay.example/a?b=c\n"
			"unsupported 5: another file is not read from here\n"
			"unsupported 6: a blanket block names no place\n");
	CHECK_STR(READ_AS("quay.example\n", .format = EXCHANGE_SITE_DOMAINS),
			"domain quay.example\n");
}

static void a_table_names_its_columns(void)
{
	CHECK_STR(READ("host,category,class,expires,ref,reason\nquay.example,games,local:a,"
		       "2026-03-01,\"7,1\",checked\npier.example,,,soon,,\n,games,,,,\n"
		       "\"pier.example\n"),
			"host =quay.example category=games class=local:a reason=checked ref=7,1 "
			"expires=1772323200\n"
			"bad 3: its end is no date\nbad 4: the row names no place\n"
			"bad 5: a quoted cell does not end in its line, or there are too many\n");
	CHECK_EQ(told, EXCHANGE_SITE_CSV);
	CHECK_STR(READ("domain;url\nquay.example;http://quay.example/a\npier.example;\n"),
			"page quay.example/a\ndomain pier.example\n");
}

static void objects_are_read_with_what_they_say(void)
{
	CHECK_STR(READ("{\"entry\":\"quay.example/old/...\",\"category\":\"games\",\"ref\":\"7\","
		       "\"expires\":\"2026-03-01T00:00:00Z\"}\n{\"host\":\"pier.example\"}\n"
		       "{\"url\":\"http://pier.example/a\",\"op\":\"retract\"}\n{\"a\":1}\n[1]\n"
		       "{\"entry\":\"a.example\",\"entry\":\"b.example\"}\n"),
			"prefix quay.example/old/... category=games ref=7 expires=1772323200\n"
			"host =pier.example\nremove page pier.example/a\n"
			"bad 4: the object names no place\nbad 5: the line is no JSON object\n"
			"bad 6: the line is no JSON object\n");
	CHECK_EQ(told, EXCHANGE_SITE_JSONL);
}

static void the_salt_of_hashes_is_told(void)
{
	static const char text[] =
			"{\"salt\":\"00ff10\"}\n{\"entry\":\"sha256:0011223344556677\"}\n";
	struct text from = { text, sizeof(text) - 1, 5 };
	struct exchange_site_options options = { 0 };
	struct exchange_site_reader *reader;
	struct exchange_site_record record;
	struct ward_error error;
	uint8_t salt[32];
	bool more;

	CHECK_EQ(exchange_site_reader_from(give, &from, &options, &reader, &error), WARD_OK);
	CHECK_EQ(exchange_site_reader_next(reader, &record, &more, &error), WARD_OK);
	CHECK(more && record.entry.kind == WARD_SITE_HASH);
	CHECK_EQ(exchange_site_reader_salt(reader, salt), 3);
	CHECK(memcmp(salt, "\x00\xff\x10", 3) == 0);
	exchange_site_reader_free(reader);
}

static void signed_pages_are_not_imported_unchecked(void)
{
	CHECK_STR(READ("{\"list\":\"urn:x\",\"seq\":1,\"changes\":[]}\n"),
			"these are signed pages: \"ward site update\" checks and applies them");
}

static void every_format_has_a_name(void)
{
	for (int i = 0; i < EXCHANGE_SITE_FORMAT_COUNT; i++) {
		enum exchange_site_format format = (enum exchange_site_format)i;

		CHECK_EQ(exchange_site_format_from(
					 ward_str_from(exchange_site_format_name(format))),
				format);
	}
	CHECK_EQ(exchange_site_format_from(WARD_STR("tea")), EXCHANGE_SITE_FORMAT_COUNT);
}

static const struct test_case cases[] = {
	{ "lines hold any entry, and comments end them",
			lines_hold_any_entry_and_comments_end_them },
	{ "a bad line is told with its number and the rest is read",
			a_bad_line_is_told_with_its_number_and_the_rest_is_read },
	{ "a line without an end is bad, and not the end",
			a_line_without_an_end_is_bad_and_not_the_end },
	{ "a hosts file names hosts exactly, and its own lines are passed over",
			a_hosts_file_names_hosts_exactly_and_its_own_lines_are_passed_over },
	{ "adblock rules for hosts are read, others are told as unsupported",
			adblock_rules_for_hosts_are_read_and_others_are_told_as_unsupported },
	{ "in a policy zone a name with its wildcard is one domain, and alone one host",
			a_name_with_its_wildcard_is_one_domain_and_alone_one_host },
	{ "a zone whose wildcards come first is read the same",
			a_zone_whose_wildcards_come_first_is_read_the_same },
	{ "a rewrite of a zone is no block", a_rewrite_of_a_zone_is_no_block },
	{ "a page of the zone's in place of a site is a block, and told",
			a_page_of_the_zone_s_in_place_of_a_site_is_a_block_and_told },
	{ "what lets a name pass is never read as a block",
			what_lets_a_name_pass_is_never_read_as_a_block },
	{ "triggers that are no names are told as unsupported",
			triggers_that_are_no_names_are_told_as_unsupported },
	{ "in dstdomain files a dot in front takes those below",
			in_dstdomain_a_dot_in_front_is_what_takes_those_below },
	{ "literal patterns of Squid are places, and others are not",
			literal_patterns_of_squid_are_places_and_others_are_not },
	{ "patterns that are written here are read again",
			patterns_that_are_written_here_are_read_again },
	{ "files of SquidGuard and e2guardian take what begins so",
			files_of_squidguard_and_e2guardian_take_what_begins_so },
	{ "a table names its columns", a_table_names_its_columns },
	{ "objects are read with what they say", objects_are_read_with_what_they_say },
	{ "the salt of hashes is told", the_salt_of_hashes_is_told },
	{ "signed pages are not imported unchecked", signed_pages_are_not_imported_unchecked },
	{ "every format has a name", every_format_has_a_name },
};
TEST_MAIN(cases)
