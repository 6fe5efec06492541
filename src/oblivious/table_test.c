#include "oblivious/table.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/test.h"
#include "oblivious/question.h"
#include "oblivious/quota.h"

enum { NOW = 1800000000, HOUR = 3600, MANY = 3000 };

static uint8_t identity[32], secret[64];

static ward_str str(const char *text)
{
	return ward_str_from(text);
}

static struct oblivious_draft *new_draft(void)
{
	if (!oprf_prepare())
		return NULL;
	crypto_sign_seed_keypair(identity, secret, (const uint8_t[32]){ 7 });
	return oblivious_draft_new();
}

static bool add(struct oblivious_draft *draft, const char *host, const char *path,
		enum oblivious_mark mark)
{
	return oblivious_draft_add(draft, str(host), str(path), mark, NULL) == WARD_OK;
}

/* Takes the draft. */
static struct oblivious_table *make(struct oblivious_draft *draft)
{
	struct oblivious_table_options options = { secret, NOW, NOW + HOUR, 2 };
	struct oblivious_table *table = NULL;

	if (oblivious_table_new(draft, &options, &table, NULL) != WARD_OK)
		table = NULL;
	oblivious_draft_free(draft);
	return table;
}

static struct ward_link link_to(const char *host, const char *path, const char *query)
{
	return (struct ward_link){ .host = str(host),
		.path = str(path),
		.query = str(query),
		.has_query = query != NULL,
		.host_kind = host[0] == '[' ? WARD_HOST_IPV6 : WARD_HOST_NAME };
}

/* The way of one question through all messages; -1 for a failure. */
static int ask_link(const struct oblivious_table *table, const struct ward_link *link, bool *whole)
{
	struct oblivious_verdict verdict = { 0 };
	struct oblivious_question *question = NULL;
	struct oblivious_info info;
	uint8_t *answer = NULL;
	ward_err err = oblivious_info_read((ward_bytes){ oblivious_table_message(table),
							   OBLIVIOUS_INFO },
			identity, NOW, &info, NULL);

	if (!err)
		err = oblivious_question_new(link, &info, &question, NULL);
	if (!err && !(answer = malloc(oblivious_answer_len(&info))))
		err = WARD_E_NOMEM;
	if (!err)
		err = oblivious_table_answer(table, oblivious_question_request(question), answer,
				NULL);
	ward_bytes common = oblivious_table_common(table);

	if (!err)
		err = oblivious_common_check(&info, common, NULL);
	if (!err)
		err = oblivious_question_judge(question, &info, common,
				(ward_bytes){ answer, oblivious_answer_len(&info) }, &verdict,
				NULL);
	oblivious_question_free(question);
	free(answer);
	if (whole)
		*whole = verdict.whole;
	return err ? -1 : verdict.marks;
}

static int ask(const struct oblivious_table *table, const char *host, const char *path,
		const char *query)
{
	struct ward_link link = link_to(host, path, query);

	return ask_link(table, &link, NULL);
}

/* ---- entries and links ---- */

static struct oblivious_table *small_table(void)
{
	struct oblivious_draft *draft = new_draft();
	uint8_t input[OBLIVIOUS_INPUT];

	if (!draft)
		return NULL;
	oblivious_input(str("hidden.example.net"), str("/tower/"), input);
	bool ok = add(draft, "lighthouse.example", "/", OBLIVIOUS_DOMAIN) &&
		  add(draft, "exact.example.org", "/", OBLIVIOUS_HOST) &&
		  add(draft, "pages.example.com", "/lamp", OBLIVIOUS_PAGE) &&
		  add(draft, "pages.example.com", "/show?id=7", OBLIVIOUS_PAGE) &&
		  add(draft, "files.example.com", "/tower/stairs/", OBLIVIOUS_PREFIX) &&
		  add(draft, "beacon", "/", OBLIVIOUS_DOMAIN) &&
		  add(draft, "192.0.2.7", "/", OBLIVIOUS_DOMAIN) &&
		  oblivious_draft_add_hash(draft, input, NULL) == WARD_OK;

	return ok ? make(draft) : NULL;
}

static void an_entry_holds_what_its_kind_says(void)
{
	struct oblivious_table *table = small_table();

	CHECK(table != NULL);
	CHECK_EQ(ask(table, "lighthouse.example", "/", NULL), OBLIVIOUS_DOMAIN);
	CHECK_EQ(ask(table, "a.b.lighthouse.example", "/any/page", "q"), OBLIVIOUS_DOMAIN);
	CHECK_EQ(ask(table, "lighthouse2.example", "/", NULL), 0);
	CHECK_EQ(ask(table, "exact.example.org", "/a/b", NULL), OBLIVIOUS_HOST);
	CHECK_EQ(ask(table, "sub.exact.example.org", "/", NULL), 0);
	CHECK_EQ(ask(table, "example.org", "/", NULL), 0);
	CHECK_EQ(ask(table, "pages.example.com", "/lamp", NULL), OBLIVIOUS_PAGE);
	CHECK_EQ(ask(table, "pages.example.com", "/lamp", "any"), OBLIVIOUS_PAGE);
	CHECK_EQ(ask(table, "pages.example.com", "/lamp/", NULL), 0);
	CHECK_EQ(ask(table, "pages.example.com", "/show", "id=7"), OBLIVIOUS_PAGE);
	CHECK_EQ(ask(table, "pages.example.com", "/show", "id=8"), 0);
	CHECK_EQ(ask(table, "pages.example.com", "/show", NULL), 0);
	CHECK_EQ(ask(table, "files.example.com", "/tower/stairs/9/9", NULL), OBLIVIOUS_PREFIX);
	CHECK_EQ(ask(table, "files.example.com", "/tower/stairs/", NULL), OBLIVIOUS_PREFIX);
	CHECK_EQ(ask(table, "files.example.com", "/tower/stairs", NULL), 0);
	CHECK_EQ(ask(table, "x.files.example.com", "/tower/stairs/1", NULL), 0);
	oblivious_table_free(table);
}

static void a_hash_holds_what_its_publisher_means(void)
{
	struct oblivious_table *table = small_table();

	CHECK(table != NULL);
	CHECK_EQ(ask(table, "hidden.example.net", "/tower/", NULL), OBLIVIOUS_HASH);
	CHECK_EQ(ask(table, "www.hidden.example.net", "/tower/x.html", "q"), OBLIVIOUS_HASH);
	CHECK_EQ(ask(table, "hidden.example.net", "/", NULL), 0);
	oblivious_table_free(table);
}

static void names_above_any_shelf_and_addresses_are_found(void)
{
	struct oblivious_table *table = small_table();
	struct ward_link link = link_to("192.0.2.7", "/x", NULL);

	CHECK(table != NULL);
	CHECK_EQ(ask(table, "www.somewhere.beacon", "/", NULL), OBLIVIOUS_DOMAIN);
	CHECK_EQ(ask(table, "a.co.beacon", "/", NULL), OBLIVIOUS_DOMAIN);
	link.host_kind = WARD_HOST_IPV4;
	CHECK_EQ(ask_link(table, &link, NULL), OBLIVIOUS_DOMAIN);
	oblivious_table_free(table);
}

static void links_of_one_site_stand_on_one_shelf(void)
{
	CHECK(ward_str_eq(oblivious_site(str("a.b.example.org")), str("example.org")));
	CHECK(ward_str_eq(oblivious_site(str("a.b.example.co.uk")), str("example.co.uk")));
	CHECK(ward_str_eq(oblivious_site(str("t.co")), str("t.co")));
	CHECK(ward_str_eq(oblivious_site(str("uk")), str("uk")));
	CHECK(ward_str_eq(oblivious_site(str("192.0.2.7")), str("192.0.2.7")));
	CHECK(ward_str_eq(oblivious_site(str("[2001:db8::1]")), str("[2001:db8::1]")));
	CHECK(ward_str_eq(oblivious_site(str("")), str("")));
	CHECK(ward_str_eq(oblivious_site(str("..")), str("..")));
	CHECK(oblivious_site_holds_below(str("example.org")));
	CHECK(oblivious_site_holds_below(str("example.co.uk")));
	CHECK(!oblivious_site_holds_below(str("co.uk")));
	CHECK(!oblivious_site_holds_below(str("t.co")));
	CHECK(!oblivious_site_holds_below(str("uk")));
	CHECK_EQ(oblivious_shelf(str("a.example.org")), oblivious_shelf(str("b.example.org")));
	CHECK(oblivious_shelf(str("example.org")) != oblivious_shelf(str("example.net")));
}

/* ---- a larger list ---- */

static struct oblivious_draft *large_draft(void)
{
	struct oblivious_draft *draft = new_draft();
	char host[64];

	for (int i = 0; i < MANY && draft; i++) {
		snprintf(host, sizeof(host), "tower.lamp%dkeeper.test", i);
		if (!add(draft, host, "/", OBLIVIOUS_DOMAIN))
			return NULL;
	}
	return draft;
}

static void every_entry_of_a_large_list_is_found(void)
{
	struct oblivious_table *table = make(large_draft());
	char host[64];

	CHECK(table != NULL);
	CHECK_EQ(oblivious_table_facts(table).entries, MANY);
	CHECK_EQ(oblivious_table_info(table)->bits, 4);
	CHECK_EQ(oblivious_table_info(table)->slots, 512);
	for (int i = 0; i < MANY; i += 150) {
		snprintf(host, sizeof(host), "tower.lamp%dkeeper.test", i);
		CHECK_EQ(ask(table, host, "/", NULL), OBLIVIOUS_DOMAIN);
		snprintf(host, sizeof(host), "tower.lamp%dsleeper.test", i);
		CHECK_EQ(ask(table, host, "/", NULL), 0);
	}
	oblivious_table_free(table);
}

static void what_a_shelf_has_no_room_for_is_found_too(void)
{
	struct oblivious_draft *draft = large_draft();
	char path[64];

	for (int i = 0; i < 2000; i++) {
		snprintf(path, sizeof(path), "/page/%d", i);
		CHECK(add(draft, "host.example.org", path, OBLIVIOUS_PAGE));
	}
	struct oblivious_table *table = make(draft);

	CHECK(table != NULL);
	CHECK(oblivious_table_facts(table).common_held > 1000);
	CHECK_EQ(oblivious_table_facts(table).fullest, oblivious_table_info(table)->slots);
	for (int i = 0; i < 2000; i += 97) {
		snprintf(path, sizeof(path), "/page/%d", i);
		CHECK_EQ(ask(table, "host.example.org", path, NULL), OBLIVIOUS_PAGE);
	}
	CHECK_EQ(ask(table, "host.example.org", "/page/2000", NULL), 0);
	oblivious_table_free(table);
}

static void sizes_tell_nothing_and_no_slot_outlives_its_table(void)
{
	struct oblivious_table *none = make(new_draft()), *some = small_table();
	struct oblivious_table *again = small_table();
	size_t same = 0;

	CHECK(none && some && again);
	CHECK_EQ(oblivious_table_info(none)->slots, oblivious_table_info(some)->slots);
	CHECK_EQ(oblivious_table_info(none)->common, oblivious_table_info(some)->common);
	CHECK_EQ(ask(none, "lighthouse.example", "/", NULL), 0);
	ward_bytes one = oblivious_table_common(some), other = oblivious_table_common(again);

	for (size_t i = 0; i < one.len; i += OBLIVIOUS_SLOT)
		for (size_t j = 0; j < other.len; j += OBLIVIOUS_SLOT)
			same += memcmp(one.ptr + i, other.ptr + j, OBLIVIOUS_SLOT) == 0;
	CHECK_EQ(same, 0);
	oblivious_table_free(none);
	oblivious_table_free(some);
	oblivious_table_free(again);
}

static void an_entry_given_twice_is_there_once_with_all_its_marks(void)
{
	struct oblivious_draft *draft = new_draft();

	CHECK(add(draft, "one.example.org", "/", OBLIVIOUS_HOST));
	CHECK(add(draft, "one.example.org", "/", OBLIVIOUS_DOMAIN));
	CHECK(add(draft, "one.example.org", "/", OBLIVIOUS_HOST));
	struct oblivious_table *table = make(draft);

	CHECK(table != NULL);
	CHECK_EQ(oblivious_table_facts(table).entries, 1);
	CHECK_EQ(ask(table, "one.example.org", "/", NULL), OBLIVIOUS_HOST | OBLIVIOUS_DOMAIN);
	CHECK_EQ(ask(table, "two.one.example.org", "/", NULL), OBLIVIOUS_DOMAIN);
	oblivious_table_free(table);
}

/* ---- what the other side may do ---- */

static struct oblivious_info info_of(const struct oblivious_table *table)
{
	return *oblivious_table_info(table);
}

static void a_request_tells_nothing_but_its_shelf(void)
{
	struct oblivious_table *table = small_table();
	struct ward_link listed = link_to("lighthouse.example", "/", NULL);
	struct ward_link longer = link_to("a.b.c.d.lighthouse.example", "/1/2/3/4/5", "q=1");
	struct oblivious_question *one, *two, *three;

	CHECK(table != NULL);
	struct oblivious_info info = info_of(table);

	CHECK_EQ(oblivious_question_new(&listed, &info, &one, NULL), WARD_OK);
	CHECK_EQ(oblivious_question_new(&listed, &info, &two, NULL), WARD_OK);
	CHECK_EQ(oblivious_question_new(&longer, &info, &three, NULL), WARD_OK);
	const uint8_t *first = oblivious_question_request(one).ptr,
		      *second = oblivious_question_request(two).ptr,
		      *third = oblivious_question_request(three).ptr;

	/* Table and shelf are the same; of the points none is met again. */
	CHECK(memcmp(first, second, 32) == 0);
	CHECK(memcmp(first, third, 32) == 0);
	for (size_t i = 0; i < OBLIVIOUS_BATCH; i++)
		for (size_t j = 0; j < OBLIVIOUS_BATCH; j++)
			CHECK(memcmp(first + 32 + i * OPRF_POINT, second + 32 + j * OPRF_POINT,
					      OPRF_POINT) != 0);
	oblivious_question_free(one);
	oblivious_question_free(two);
	oblivious_question_free(three);
	oblivious_table_free(table);
}

static void an_answer_under_another_key_is_refused(void)
{
	struct oblivious_table *table = small_table(), *other = small_table();
	struct ward_link link = link_to("lighthouse.example", "/", NULL);
	struct oblivious_question *question;
	struct oblivious_verdict verdict = { .marks = 99 };
	struct ward_error error;
	uint8_t request[OBLIVIOUS_REQUEST];

	CHECK(table && other);
	struct oblivious_info info = info_of(table);
	static uint8_t answer[OBLIVIOUS_ANSWER_HEAD + OBLIVIOUS_SLOTS_MIN * OBLIVIOUS_SLOT];

	/* A server that answers this client with a key of its own, and calls it the published one.
	 */
	CHECK_EQ(oblivious_answer_len(&info), sizeof(answer));
	CHECK_EQ(oblivious_question_new(&link, &info, &question, NULL), WARD_OK);
	memcpy(request, oblivious_question_request(question).ptr, sizeof(request));
	memcpy(request + 8, oblivious_table_info(other)->id, OBLIVIOUS_ID);
	CHECK_EQ(oblivious_table_answer(other, (ward_bytes){ request, sizeof(request) }, answer,
				 NULL),
			WARD_OK);
	memcpy(answer + 8, info.id, OBLIVIOUS_ID);
	CHECK_EQ(oblivious_question_judge(question, &info, oblivious_table_common(table),
				 (ward_bytes){ answer, oblivious_answer_len(&info) }, &verdict,
				 &error),
			WARD_E_DENIED);
	CHECK_STR(error.message, "the server did not use the key that it has published");
	CHECK_EQ(verdict.marks, 99);
	oblivious_question_free(question);
	oblivious_table_free(table);
	oblivious_table_free(other);
}

static void an_answer_is_read_with_the_whole_common_part_or_not_at_all(void)
{
	struct oblivious_table *table = small_table();
	struct ward_link link = link_to("lighthouse.example", "/", NULL);
	struct oblivious_question *question;
	struct oblivious_verdict verdict = { .marks = 99 };
	static uint8_t answer[OBLIVIOUS_ANSWER_HEAD + OBLIVIOUS_SLOTS_MIN * OBLIVIOUS_SLOT];

	CHECK(table != NULL);
	struct oblivious_info info = info_of(table);
	ward_bytes common = oblivious_table_common(table), bytes = { answer, sizeof(answer) };

	CHECK_EQ(oblivious_question_new(&link, &info, &question, NULL), WARD_OK);
	CHECK_EQ(oblivious_table_answer(table, oblivious_question_request(question), answer, NULL),
			WARD_OK);
	CHECK_EQ(oblivious_question_judge(question, &info, (ward_bytes){ NULL, 0 }, bytes, &verdict,
				 NULL),
			WARD_E_FORMAT);
	common.len -= OBLIVIOUS_SLOT;
	CHECK_EQ(oblivious_question_judge(question, &info, common, bytes, &verdict, NULL),
			WARD_E_FORMAT);
	CHECK_EQ(verdict.marks, 99);
	common.len += OBLIVIOUS_SLOT;
	CHECK_EQ(oblivious_question_judge(question, &info, common, bytes, &verdict, NULL), WARD_OK);
	CHECK_EQ(verdict.marks, OBLIVIOUS_DOMAIN);
	oblivious_question_free(question);
	oblivious_table_free(table);
}

static void a_request_of_another_table_or_shelf_is_refused(void)
{
	struct oblivious_table *table = small_table();
	struct ward_link link = link_to("lighthouse.example", "/", NULL);
	struct oblivious_question *question;
	uint8_t request[OBLIVIOUS_REQUEST], answer[OBLIVIOUS_ANSWER_HEAD + 256 * OBLIVIOUS_SLOT];
	ward_bytes bytes = { request, sizeof(request) };

	CHECK(table != NULL);
	struct oblivious_info info = info_of(table);

	CHECK_EQ(oblivious_question_new(&link, &info, &question, NULL), WARD_OK);
	memcpy(request, oblivious_question_request(question).ptr, sizeof(request));
	CHECK_EQ(oblivious_table_answer(table, bytes, answer, NULL), WARD_OK);
	request[8] ^= 1;
	CHECK_EQ(oblivious_table_answer(table, bytes, answer, NULL), WARD_E_CONFLICT);
	request[8] ^= 1;
	request[24] = 1; /* there is one shelf */
	CHECK_EQ(oblivious_table_answer(table, bytes, answer, NULL), WARD_E_FORMAT);
	request[24] = 0;
	request[30] = 1; /* a number beyond any */
	CHECK_EQ(oblivious_table_answer(table, bytes, answer, NULL), WARD_E_FORMAT);
	request[30] = 0;
	memset(request + 32, 0xff, OPRF_POINT);
	CHECK_EQ(oblivious_table_answer(table, bytes, answer, NULL), WARD_E_FORMAT);
	bytes.len--;
	CHECK_EQ(oblivious_table_answer(table, bytes, answer, NULL), WARD_E_FORMAT);
	oblivious_question_free(question);
	oblivious_table_free(table);
}

static void info_is_believed_only_signed_by_the_known_key_and_in_its_time(void)
{
	struct oblivious_table *table = small_table();
	struct oblivious_info info;
	uint8_t message[OBLIVIOUS_INFO], stranger[32] = { 1 };
	ward_bytes bytes = { message, sizeof(message) };

	CHECK(table != NULL);
	memcpy(message, oblivious_table_message(table), sizeof(message));
	CHECK_EQ(oblivious_info_read(bytes, identity, NOW, &info, NULL), WARD_OK);
	CHECK_EQ(oblivious_info_read(bytes, NULL, NOW, &info, NULL), WARD_OK);
	CHECK_EQ(oblivious_info_read(bytes, stranger, NOW, &info, NULL), WARD_E_DENIED);
	CHECK_EQ(oblivious_info_read(bytes, identity, NOW + 2 * HOUR, &info, NULL), WARD_E_TIMEOUT);
	CHECK_EQ(oblivious_info_read(bytes, identity, NOW - HOUR, &info, NULL), WARD_E_TIMEOUT);
	for (size_t i = 0; i < sizeof(message); i++) {
		message[i] ^= 1;
		CHECK(oblivious_info_read(bytes, identity, NOW, &info, NULL) != WARD_OK);
		message[i] ^= 1;
	}
	oblivious_table_free(table);
}

static void a_table_whose_shelves_tell_too_much_is_refused(void)
{
	struct oblivious_table *table = small_table();
	uint8_t message[OBLIVIOUS_INFO];
	struct oblivious_info got;

	CHECK(table != NULL);
	struct oblivious_info info = info_of(table);

	info.bits = OBLIVIOUS_BITS_MAX + 1;
	oblivious_info_write(&info, secret, message);
	CHECK_EQ(oblivious_info_read((ward_bytes){ message, sizeof(message) }, identity, NOW, &got,
				 NULL),
			WARD_E_FORMAT);
	oblivious_table_free(table);
}

static void a_link_with_more_than_a_batch_says_so(void)
{
	struct oblivious_table *table = small_table();
	char path[256] = "/";
	bool whole = false;

	CHECK(table != NULL);
	struct ward_link link = link_to("www.example.org", "/a/b/c", "q");

	CHECK_EQ(ask_link(table, &link, &whole), 0);
	CHECK(whole);
	for (int i = 0; i < 60; i++)
		memcpy(path + 1 + 2 * i, "a/", 3);
	link = link_to("www.example.org", path, "q");
	CHECK_EQ(ask_link(table, &link, &whole), 0);
	CHECK(!whole);
	oblivious_table_free(table);
}

/* ---- the quota ---- */

static void each_key_has_its_hour(void)
{
	struct oblivious_quota *quota = oblivious_quota_new(3);

	CHECK(quota != NULL);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(oblivious_quota_take(quota, "school", NOW + i), 0);
	CHECK_EQ(oblivious_quota_take(quota, "school", NOW + 600), 3000);
	CHECK_EQ(oblivious_quota_take(quota, "library", NOW + 600), 0);
	CHECK_EQ(oblivious_quota_take(quota, "school", NOW + HOUR - 1), 1);
	CHECK_EQ(oblivious_quota_take(quota, "school", NOW + HOUR), 0);
	oblivious_quota_free(quota);
}

static void a_flood_of_keys_takes_no_other_keys_count_away(void)
{
	struct oblivious_quota *quota = oblivious_quota_new(1);
	char name[32];

	CHECK(quota != NULL);
	CHECK_EQ(oblivious_quota_take(quota, "school", NOW), 0);
	for (int i = 1; i < OBLIVIOUS_QUOTA_KEYS; i++) {
		snprintf(name, sizeof(name), "key%d", i);
		CHECK_EQ(oblivious_quota_take(quota, name, NOW), 0);
	}
	CHECK(oblivious_quota_take(quota, "one-more", NOW) > 0);
	CHECK(oblivious_quota_take(quota, "school", NOW) > 0);
	CHECK_EQ(oblivious_quota_take(quota, "one-more", NOW + HOUR), 0);
	oblivious_quota_free(quota);
}

static const struct test_case cases[] = {
	{ "an entry holds what its kind says, and no more", an_entry_holds_what_its_kind_says },
	{ "a hash holds what its publisher means", a_hash_holds_what_its_publisher_means },
	{ "names above any shelf, and addresses, are found",
			names_above_any_shelf_and_addresses_are_found },
	{ "links of one site stand on one shelf", links_of_one_site_stand_on_one_shelf },
	{ "every entry of a large list is found, and nothing else",
			every_entry_of_a_large_list_is_found },
	{ "what a shelf has no room for is found too", what_a_shelf_has_no_room_for_is_found_too },
	{ "sizes tell nothing, and no slot outlives its table",
			sizes_tell_nothing_and_no_slot_outlives_its_table },
	{ "an entry given twice is there once, with all its marks",
			an_entry_given_twice_is_there_once_with_all_its_marks },
	{ "a request tells nothing but its shelf", a_request_tells_nothing_but_its_shelf },
	{ "an answer under another key is refused", an_answer_under_another_key_is_refused },
	{ "an answer is read with the whole common part, or not at all",
			an_answer_is_read_with_the_whole_common_part_or_not_at_all },
	{ "a request of another table or shelf, or without points, is refused",
			a_request_of_another_table_or_shelf_is_refused },
	{ "info is believed only when the known key has signed it, and in its time",
			info_is_believed_only_signed_by_the_known_key_and_in_its_time },
	{ "a table whose shelves would tell too much is refused",
			a_table_whose_shelves_tell_too_much_is_refused },
	{ "a link with more to ask than a batch has room for says so",
			a_link_with_more_than_a_batch_says_so },
	{ "each key has its hour", each_key_has_its_hour },
	{ "a flood of keys takes no other key's count away",
			a_flood_of_keys_takes_no_other_keys_count_away },
};
TEST_MAIN(cases)
