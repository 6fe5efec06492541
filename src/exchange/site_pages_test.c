/* Signed pages: made, applied, and refused with a word while the old list stays. */
#include "base/clock_fake.h"
#include "exchange/site_pages.h"
#include "exchange/site_test.h"

#include <fcntl.h>
#include <sys/file.h>

#define NOW 1772323200 /* 2026-03-01 */
#define URN "urn:ward:list:harbour"

static const uint8_t seed[32] = { 7 }, other_seed[32] = { 8 };
static struct exchange_pages_signed last_signed;
static struct exchange_pages_applied applied;
static struct ward_error error;

static ward_err sign_as(const uint8_t *with, const char *urn, const char *feed, bool snapshot)
{
	struct exchange_pages_signing wants = { .urn = urn,
		.seed = with,
		.now = NOW,
		.life_s = 7 * 86400,
		.snapshot = snapshot };
	struct ward_site_list *list;
	ward_err err = ward_site_list_open(test_path("sites/mine"), &list, &error);

	if (err)
		return err;
	err = exchange_pages_sign(list, test_path(feed), &wants, &last_signed, &error);
	ward_site_list_free(list);
	if (err)
		printf("# %s\n", error.message);
	return err;
}

/* Makes the publisher's list anew and brings the feed to it. */
static ward_err publish(const char *entries)
{
	ward_err err = test_list("mine", entries, NULL);

	return err ? err : sign_as(seed, URN, "feed", false);
}

/* What is said of the list that the pages go to, and its version. */
static void read_theirs(struct ward_site_info *info, char version[WARD_SITE_VERSION_MAX])
{
	struct ward_site_list *list;

	version[0] = '\0';
	if (ward_site_list_open(test_path("theirs"), &list, NULL) == WARD_OK) {
		*info = *ward_site_list_info(list);
		snprintf(version, WARD_SITE_VERSION_MAX, "%s", ward_site_list_version(list));
		ward_site_list_free(list);
	} else {
		CHECK(ward_site_info_init(info, WARD_STR("theirs")));
		info->has_publisher = true;
		CHECK_EQ(exchange_key_public(seed, info->publisher, &error), WARD_OK);
		snprintf(info->urn, sizeof(info->urn), URN);
	}
}

static uint64_t seen;
static uint8_t seen_page[32];

static ward_err apply_to(const struct ward_site_info *info, const char *version, const char *feed,
		int64_t now)
{
	struct exchange_pages_options options = { .now = now, .version = version, .seen = seen };
	int fd = open(test_path(feed), O_RDONLY);

	memcpy(options.seen_page, seen_page, sizeof(seen_page));
	ward_err err = exchange_pages_apply(test_path("theirs"), info, fd, &options, &applied,
			&error);

	close(fd);
	return err;
}

static ward_err apply_at(const char *feed, int64_t now)
{
	char version[WARD_SITE_VERSION_MAX];
	struct ward_site_info info;

	read_theirs(&info, version);
	return apply_to(&info, version, feed, now);
}

static ward_err apply(const char *feed)
{
	return apply_at(feed, NOW);
}

/* What is in force there, as entries between blanks; "" when there is no list. */
static const char *in_force(void)
{
	static struct ward_site_cursor cursor;
	static char said[4096];
	struct ward_site_entry entry;
	struct ward_site_list *list;
	struct ward_buf text;

	said[0] = '\0';
	if (ward_site_list_open(test_path("theirs"), &list, NULL) != WARD_OK)
		return said;
	ward_buf_init(&text, sizeof(said) - 1);
	memset(&cursor, 0, sizeof(cursor));
	while (ward_site_list_next(list, &cursor, &entry)) {
		ward_site_entry_write(&entry, &text);
		ward_buf_char(&text, ' ');
	}
	snprintf(said, sizeof(said), "%s", ward_buf_text(&text).ptr);
	ward_buf_free(&text);
	ward_site_list_free(list);
	return said;
}

static bool holds(const char *entry)
{
	return strstr(in_force(), entry) != NULL;
}

static bool put(const char *name, const char *text, size_t len)
{
	ward_bytes bytes = { (const uint8_t *)text, len };

	return file_replace(test_path(name), bytes, 0600, &error) == WARD_OK;
}

static void changes_are_applied_and_retractions_count_at_once(void)
{
	CHECK(test_begin());
	CHECK_EQ(publish("quay.example\npier.example/a\n=lamp.example\npier.example/old/..."),
			WARD_OK);
	CHECK_EQ(last_signed.sequence, 1);
	CHECK_EQ(apply("feed"), WARD_OK);
	CHECK(applied.snapshot && applied.added == 4 && applied.bad == 0);
	CHECK(holds("quay.example ") && holds("pier.example/a ") && holds("=lamp.example "));
	CHECK(holds("pier.example/old/... "));
	CHECK_EQ(publish("quay.example\npier.example/b\n=lamp.example\npier.example/old/..."),
			WARD_OK);
	CHECK_EQ(last_signed.sequence, 2);
	CHECK(last_signed.added == 1 && last_signed.retracted == 1);
	CHECK_EQ(apply("feed"), WARD_OK);
	CHECK(!applied.snapshot && applied.passed == 1 && applied.pages == 1);
	CHECK(applied.added == 1 && applied.retracted == 1 && applied.sequence == 2);
	CHECK(!holds("pier.example/a ") && holds("pier.example/b "));
	test_end();
}

static void nothing_new_makes_no_page_until_half_of_its_life_is_over(void)
{
	CHECK(test_begin());
	CHECK_EQ(publish("quay.example"), WARD_OK);
	CHECK_EQ(publish("quay.example"), WARD_OK);
	CHECK(last_signed.pages == 0 && last_signed.sequence == 1);
	CHECK_EQ(apply("feed"), WARD_OK);
	CHECK_EQ(apply("feed"), WARD_E_EXISTS);
	CHECK_STR(error.message, "page 1 is in force already: there is nothing new");
	test_end();
}

static void what_is_replayed_or_older_is_refused_and_the_list_stays(void)
{
	char first[65536];
	size_t len;

	CHECK(test_begin());
	CHECK_EQ(publish("quay.example"), WARD_OK);
	len = (size_t)snprintf(first, sizeof(first), "%s", test_read(test_path("feed")));
	CHECK_EQ(publish("pier.example"), WARD_OK);
	CHECK_EQ(apply("feed"), WARD_OK);
	CHECK(put("old", first, len));
	CHECK_EQ(apply("old"), WARD_E_CONFLICT);
	CHECK_STR(error.message, "the pages are older than what is in force: they end with page 1, "
				 "and page 2 is in force");
	CHECK_STR(in_force(), "pier.example ");
	test_end();
}

/* Both have read page 1 as the one in force; the slower one brings an older file. */
static void of_two_updates_at_once_the_slower_one_takes_nothing_back(void)
{
	char version[WARD_SITE_VERSION_MAX], first[65536], second[65536];
	struct ward_site_info info;
	size_t len;

	CHECK(test_begin());
	CHECK_EQ(publish("quay.example"), WARD_OK);
	len = (size_t)snprintf(first, sizeof(first), "%s", test_read(test_path("feed")));
	CHECK(put("first", first, len));
	read_theirs(&info, version);
	CHECK_EQ(publish("pier.example"), WARD_OK);
	len = (size_t)snprintf(second, sizeof(second), "%s", test_read(test_path("feed")));
	CHECK(put("second", second, len));
	CHECK_EQ(apply("second"), WARD_OK);
	CHECK_EQ(apply_to(&info, version, "first", NOW), WARD_E_CONFLICT);
	CHECK_STR(error.message,
			"somebody else has changed the list theirs meanwhile: try it again");
	CHECK_STR(in_force(), "pier.example ");
	/* So it is with a page that follows: the second of them finds another version. */
	read_theirs(&info, version);
	CHECK_EQ(publish("lamp.example"), WARD_OK);
	CHECK_EQ(apply("feed"), WARD_OK);
	CHECK_EQ(apply_to(&info, version, "feed", NOW), WARD_E_CONFLICT);
	CHECK_STR(in_force(), "lamp.example ");
	test_end();
}

static void a_page_that_is_truncated_unsigned_or_altered_is_refused(void)
{
	static char feed[65536];
	size_t len, sig;

	CHECK(test_begin());
	CHECK_EQ(publish("quay.example"), WARD_OK);
	CHECK_EQ(apply("feed"), WARD_OK);
	CHECK_EQ(publish("pier.example"), WARD_OK);
	len = (size_t)snprintf(feed, sizeof(feed), "%s", test_read(test_path("feed")));
	/* Cut at every length: what is left is refused, or is the first page alone. */
	for (size_t cut = 1; cut < len - 1; cut += 7) {
		CHECK(put("cut", feed, cut));
		ward_err err = apply("cut");

		CHECK(err == WARD_E_FORMAT || err == WARD_E_EXISTS);
		CHECK_STR(in_force(), "quay.example ");
	}
	CHECK(put("cut", feed, len - 30));
	CHECK_EQ(apply("cut"), WARD_E_FORMAT);
	CHECK_STR(error.message,
			"line 2: the page is truncated, or is none: its line is no whole object");
	sig = (size_t)(strrchr(feed, ',') - feed);
	CHECK(strncmp(feed + sig, ",\"sig\"", 6) == 0);
	char kept = feed[sig + 20];

	feed[sig + 20] = kept == '0' ? '1' : '0';
	CHECK(put("altered", feed, len));
	feed[sig + 20] = kept;
	CHECK_EQ(apply("altered"), WARD_E_DENIED);
	CHECK_STR(error.message, "line 2: the page was altered: its signature does not fit");
	memcpy(strstr(feed, "pier.example"), "lamp", 4);
	CHECK(put("altered", feed, len));
	CHECK_EQ(apply("altered"), WARD_E_DENIED);
	memcpy(feed + sig, "}\n", 3);
	CHECK(put("unsigned", feed, sig + 2));
	CHECK_EQ(apply("unsigned"), WARD_E_FORMAT);
	CHECK_STR(error.message, "line 2: the page is unsigned");
	CHECK_STR(in_force(), "quay.example ");
	test_end();
}

/* Whoever carries the feed could else make a page whose digest the next one does not name. */
static void a_page_has_no_second_spelling(void)
{
	static char feed[65536];
	char *digits;
	size_t len;

	CHECK(test_begin());
	CHECK_EQ(publish("quay.example"), WARD_OK);
	len = (size_t)snprintf(feed, sizeof(feed), "%s", test_read(test_path("feed")));
	digits = strstr(feed, ",\"sig\":\"ed25519:") + 16;
	digits += strcspn(digits, "abcdef");
	CHECK(*digits >= 'a' && *digits <= 'f');
	*digits = (char)(*digits - 'a' + 'A');
	CHECK(put("capital", feed, len));
	CHECK_EQ(apply("capital"), WARD_E_FORMAT);
	CHECK_STR(error.message, "line 1: the page is unsigned");
	CHECK_STR(in_force(), "");
	*digits = (char)(*digits - 'A' + 'a');
	CHECK(put("capital", feed, len));
	CHECK_EQ(apply("capital"), WARD_OK);
	test_end();
}

static void another_key_and_another_list_are_refused_with_their_word(void)
{
	CHECK(test_begin());
	CHECK_EQ(publish("quay.example"), WARD_OK);
	CHECK_EQ(apply("feed"), WARD_OK);
	CHECK_EQ(sign_as(other_seed, URN, "forged", false), WARD_OK);
	CHECK_EQ(apply("forged"), WARD_E_DENIED);
	CHECK_STR(error.message, "line 1: the page is signed with another key than the list's "
				 "publisher has");
	CHECK_EQ(sign_as(seed, "urn:ward:list:else", "else", false), WARD_OK);
	CHECK_EQ(apply("else"), WARD_E_DENIED);
	CHECK_STR(error.message, "line 1: the page is of another list");
	/* A feed of one's own that another made is not gone on with. */
	CHECK_EQ(sign_as(seed, URN, "forged", false), WARD_E_DENIED);
	test_end();
}

static void what_is_older_than_a_list_that_was_removed_is_no_beginning(void)
{
	char version[WARD_SITE_VERSION_MAX];
	struct ward_site_info info;

	CHECK(test_begin());
	CHECK_EQ(publish("quay.example"), WARD_OK);
	CHECK(put("old", test_read(test_path("feed")), strlen(test_read(test_path("feed")))));
	CHECK_EQ(publish("pier.example"), WARD_OK);
	CHECK_EQ(apply("feed"), WARD_OK);
	read_theirs(&info, version);
	CHECK_EQ(ward_site_delete(test_path("theirs"), NULL), WARD_OK);
	seen = info.sequence;
	memcpy(seen_page, info.last, sizeof(seen_page));
	CHECK_EQ(apply("old"), WARD_E_CONFLICT);
	CHECK_STR(error.message,
			"the pages are older than what was in force here before the list "
			"was removed: they end with page 1, and it was page 2; --anew says that "
			"their publisher begins anew");
	CHECK_STR(in_force(), "");
	seen_page[0] ^= 1;
	CHECK_EQ(apply("feed"), WARD_E_CONFLICT);
	seen_page[0] ^= 1;
	CHECK_EQ(apply("feed"), WARD_OK);
	CHECK_STR(in_force(), "pier.example ");
	seen = 0;
	test_end();
}

static void a_gap_is_refused_and_a_snapshot_closes_it(void)
{
	char first[65536], tail[65536];
	size_t len, from;

	CHECK(test_begin());
	CHECK_EQ(publish("quay.example"), WARD_OK);
	CHECK_EQ(apply("feed"), WARD_OK);
	len = (size_t)snprintf(first, sizeof(first), "%s", test_read(test_path("feed")));
	CHECK_EQ(publish("pier.example"), WARD_OK);
	from = (size_t)snprintf(tail, sizeof(tail), "%s", test_read(test_path("feed")));
	CHECK_EQ(publish("lamp.example"), WARD_OK);
	/* The third page alone, then the first and the third. */
	snprintf(tail, sizeof(tail), "%s", test_read(test_path("feed")) + from);
	CHECK(put("tail", tail, strlen(tail)));
	CHECK_EQ(apply("tail"), WARD_E_CONFLICT);
	CHECK_STR(error.message, "line 1: there is a gap: page 1 is in force, and page 3 would "
				 "follow; a snapshot is needed");
	snprintf(first + len, sizeof(first) - len, "%s", tail);
	CHECK(put("holes", first, strlen(first)));
	CHECK_EQ(apply("holes"), WARD_E_CONFLICT);
	CHECK_STR(error.message, "line 2: there is a gap: page 3 comes behind page 1");
	CHECK_STR(in_force(), "quay.example ");
	CHECK_EQ(sign_as(seed, URN, "feed", true), WARD_OK);
	CHECK_EQ(last_signed.sequence, 4);
	CHECK_EQ(apply("feed"), WARD_OK);
	CHECK(applied.snapshot && applied.sequence == 4);
	CHECK_STR(in_force(), "lamp.example ");
	test_end();
}

static void a_second_page_of_one_number_is_refused(void)
{
	CHECK(test_begin());
	CHECK_EQ(publish("quay.example"), WARD_OK);
	CHECK_EQ(apply("feed"), WARD_OK);
	CHECK_EQ(test_list("mine", "pier.example", NULL), WARD_OK);
	CHECK_EQ(sign_as(seed, URN, "fork", false), WARD_OK);
	CHECK_EQ(apply("fork"), WARD_E_CONFLICT);
	CHECK_STR(error.message, "line 1: there are two pages of number 1: this one is not the one "
				 "in force");
	test_end();
}

static void pages_that_have_expired_or_are_of_days_to_come_are_refused(void)
{
	CHECK(test_begin());
	CHECK_EQ(publish("quay.example"), WARD_OK);
	CHECK_EQ(apply_at("feed", NOW + 7 * 86400), WARD_E_TIMEOUT);
	CHECK_STR(error.message, "the list has expired: its last page holds no longer");
	CHECK_EQ(apply_at("feed", NOW - 2 * 86400), WARD_E_CONFLICT);
	CHECK_STR(in_force(), "");
	test_end();
}

static void a_list_of_many_entries_is_a_snapshot_of_parts_and_all_are_needed(void)
{
	static char many[800000];
	static char feed[4 << 20];
	struct ward_site_list *list;
	size_t len = 0;
	char *second;

	CHECK(test_begin());
	for (int i = 0; i < 20500; i++)
		len += (size_t)snprintf(many + len, sizeof(many) - len, "%squay%d.example",
				i ? "\n" : "", i);
	CHECK_EQ(publish(many), WARD_OK);
	CHECK_EQ(last_signed.pages, 3);
	CHECK_EQ(apply("feed"), WARD_OK);
	CHECK_EQ(applied.added, 20500);
	CHECK_EQ(ward_site_list_open(test_path("theirs"), &list, NULL), WARD_OK);
	CHECK_EQ(ward_site_list_entries(list), 20500);
	ward_site_list_free(list);
	CHECK_EQ(ward_site_delete(test_path("theirs"), NULL), WARD_OK);
	snprintf(feed, sizeof(feed), "%s", test_read(test_path("feed")));
	second = strchr(feed, '\n') + 1;
	CHECK(put("cut", feed, (size_t)(second - feed)));
	CHECK_EQ(apply("cut"), WARD_E_FORMAT);
	CHECK_STR(error.message, "the file is truncated: of the snapshot's 3 parts there are 1");
	CHECK_STR(in_force(), "");
	test_end();
}

static void a_hashed_feed_gives_no_names_away_and_answers_all_the_same(void)
{
	struct exchange_pages_signing wants = { .urn = URN,
		.seed = seed,
		.now = NOW,
		.hashed = true,
		.hashing = { .bits = 128, .salt = { 1, 2, 3 }, .salt_len = 3 } };
	struct ward_site_list *list;
	struct ward_site_view *view;
	static struct ward_site_hits hits;
	struct ward_buf memory;
	struct ward_link link;

	CHECK(test_begin());
	CHECK_EQ(test_list("mine", "quay.example\npier.example/a\n=lamp.example", NULL), WARD_OK);
	CHECK_EQ(ward_site_list_open(test_path("sites/mine"), &list, &error), WARD_OK);
	CHECK_EQ(exchange_pages_sign(list, test_path("feed"), &wants, &last_signed, &error),
			WARD_OK);
	CHECK(last_signed.added == 2 && last_signed.left_out == 1);
	ward_site_list_free(list);
	CHECK(!strstr(test_read(test_path("feed")), "quay"));
	CHECK_EQ(apply("feed"), WARD_OK);
	CHECK_EQ(applied.added, 2);
	CHECK_EQ(ward_site_list_open(test_path("theirs"), &list, &error), WARD_OK);
	CHECK_EQ(ward_site_view_new(&list, 1, &view, &error), WARD_OK);
	ward_buf_init(&memory, 1 << 20);
	CHECK_EQ(ward_link_read(WARD_STR("http://www.quay.example/b"), WARD_LINK_LOOKUP, &memory,
				 &link, &error),
			WARD_OK);
	ward_site_ask(view, &link, NOW, &hits);
	CHECK(hits.count == 1 && hits.at[0].certain);
	CHECK_EQ(ward_link_read(WARD_STR("http://pier.example/b"), WARD_LINK_LOOKUP, &memory, &link,
				 &error),
			WARD_OK);
	ward_site_ask(view, &link, NOW, &hits);
	CHECK_EQ(hits.count, 0);
	ward_buf_free(&memory);
	ward_site_view_free(view);
	test_end();
}

static void of_two_who_sign_a_feed_at_once_one_is_told_to_wait(void)
{
	CHECK(test_begin());
	CHECK_EQ(publish("quay.example"), WARD_OK);
	int other = open(test_path("feed"), O_RDONLY);

	CHECK(other >= 0 && flock(other, LOCK_EX) == 0);
	CHECK_EQ(publish("pier.example"), WARD_E_CONFLICT);
	CHECK_STR(error.message, "somebody else is signing this feed: try it again");
	close(other);
	CHECK_EQ(publish("pier.example"), WARD_OK);
	CHECK_EQ(last_signed.sequence, 2);
	test_end();
}

static void make_hidden(struct ward_site_info *info)
{
	info->hidden = true;
}

static unsigned mode_of(const char *name)
{
	struct stat st;

	return stat(test_path(name), &st) == 0 ? st.st_mode & 0777u : 0;
}

static void the_names_of_a_hidden_list_are_its_publishers_alone(void)
{
	CHECK(test_begin());
	umask(022);
	CHECK_EQ(publish("quay.example"), WARD_OK);
	CHECK_EQ(mode_of("feed"), 0644);
	CHECK_EQ(test_list("mine", "pier.example", make_hidden), WARD_OK);
	CHECK_EQ(sign_as(seed, URN, "feed", false), WARD_OK);
	CHECK_EQ(mode_of("feed"), 0600);
	test_end();
}

static void keys_are_read_as_they_are_written(void)
{
	uint8_t key[32], again[32];
	char text[EXCHANGE_KEY_TEXT];

	CHECK_EQ(exchange_key_public(seed, key, &error), WARD_OK);
	exchange_key_format(key, text);
	CHECK(exchange_key_parse(ward_str_from(text), again) && memcmp(key, again, 32) == 0);
	CHECK(!exchange_key_parse(WARD_STR("ed25519:00"), again));
}

static const struct test_case cases[] = {
	{ "changes are applied, and retractions count at once",
			changes_are_applied_and_retractions_count_at_once },
	{ "nothing new makes no page, and what is in force is not applied again",
			nothing_new_makes_no_page_until_half_of_its_life_is_over },
	{ "what is replayed or older is refused, and the list stays",
			what_is_replayed_or_older_is_refused_and_the_list_stays },
	{ "of two updates at once the slower one takes nothing back",
			of_two_updates_at_once_the_slower_one_takes_nothing_back },
	{ "a page that is truncated, unsigned or altered is refused",
			a_page_that_is_truncated_unsigned_or_altered_is_refused },
	{ "a page has no second spelling", a_page_has_no_second_spelling },
	{ "another key and another list are refused with their word",
			another_key_and_another_list_are_refused_with_their_word },
	{ "what is older than a list that was removed is no beginning",
			what_is_older_than_a_list_that_was_removed_is_no_beginning },
	{ "a gap is refused, and a snapshot closes it", a_gap_is_refused_and_a_snapshot_closes_it },
	{ "a second page of one number is refused", a_second_page_of_one_number_is_refused },
	{ "pages that have expired, or are of days to come, are refused",
			pages_that_have_expired_or_are_of_days_to_come_are_refused },
	{ "a list of many entries is a snapshot in parts, and all are needed",
			a_list_of_many_entries_is_a_snapshot_of_parts_and_all_are_needed },
	{ "a hashed feed gives no names away, and answers all the same",
			a_hashed_feed_gives_no_names_away_and_answers_all_the_same },
	{ "the names of a hidden list are its publisher's alone",
			the_names_of_a_hidden_list_are_its_publishers_alone },
	{ "of two who sign a feed at once one is told to wait",
			of_two_who_sign_a_feed_at_once_one_is_told_to_wait },
	{ "keys are read as they are written", keys_are_read_as_they_are_written },
};
TEST_MAIN(cases)
