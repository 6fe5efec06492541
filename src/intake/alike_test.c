#include "intake/alike.h"

#include "intake/intake_test.h"

static ward_pdq drawn(uint64_t number)
{
	ward_pdq hash;

	for (uint64_t i = 0; i < 4; i++) {
		uint64_t z = (4 * number + i) * 0x9e3779b97f4a7c15;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		hash.word[i] = z ^ z >> 31;
	}
	return hash;
}

/* `count` bits of it are others, `stride` apart, which spreads them over the pieces. */
static ward_pdq changed(ward_pdq hash, unsigned count, unsigned stride)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned bit = i * stride % 256;

		hash.word[bit / 64] ^= (uint64_t)1 << bit % 64;
	}
	return hash;
}

static struct intake_item_new picture(const char *bytes, ward_pdq hash)
{
	struct intake_item_new item = media_item(bytes);

	item.has_pdq = true;
	item.pdq = hash;
	item.pdq_quality = 90;
	return item;
}

static struct intake_item only(const char *report)
{
	struct intake_item_list items = items_of(report);

	return items.count == 1 ? items.at[0] : (struct intake_item){ .place = -1 };
}

static bool is_like(const char *report, const char *first, const char *how)
{
	char other[ID_TEXT_MAX];

	struct intake_item item = only(first);

	snprintf(other, sizeof(other), "%.*s", WARD_FMT(item.id));
	item = only(report);

	/* An item that is not there is like nothing. */
	return other[0] && ward_str_eq(item.first, ward_str_from(other)) &&
	       ward_str_eq(item.alike, ward_str_from(how));
}

static void the_same_bytes_are_joined(void)
{
	CHECK(open_intake(NULL, NULL));
	const char *first = added(media_item("a bridge")), *second = added(media_item("a bridge"));

	CHECK(is_like(first, first, ""));
	CHECK(is_like(second, first, "digest"));
	CHECK(is_like(added(media_item("a boat")), first, "digest") == false);
	close_intake();
}

static void the_same_address_and_account_are_joined(void)
{
	CHECK(open_intake(NULL, NULL));
	const char *page = added(text_item(INTAKE_URL, "HTTP://example.org:80/a/../b"));
	const char *same = added(text_item(INTAKE_URL, "https://EXAMPLE.org/b#top"));
	const char *account = added(text_item(INTAKE_ACCOUNT, "Harbour / @ann"));
	const char *too = added(text_item(INTAKE_ACCOUNT, "harbour/ann"));

	CHECK(is_like(same, page, "form"));
	CHECK(is_like(too, account, "form"));
	CHECK(ward_str_eq(only(page).form, WARD_STR("example.org/b")));
	CHECK(ward_str_eq(only(page).host, WARD_STR("example.org")));
	CHECK(ward_str_eq(only(too).form, WARD_STR("harbour/ann")));
	/* An account that is written like an address is not that address. */
	const char *odd = added(text_item(INTAKE_ACCOUNT, "example.org/b"));

	CHECK(is_like(odd, odd, ""));
	close_intake();
}

static void pictures_within_31_bits_are_joined_wherever_the_bits_are(void)
{
	static const unsigned strides[] = { 1, 3, 7, 8, 11, 16, 17, 33, 64 + 1, 97, 127 };
	char bytes[40];

	CHECK(open_intake(NULL, NULL));
	for (unsigned i = 0; i < sizeof(strides) / sizeof(*strides); i++) {
		ward_pdq hash = drawn(i);
		char first[ID_TEXT_MAX], near[ID_TEXT_MAX], far[ID_TEXT_MAX];

		snprintf(bytes, sizeof(bytes), "picture %u", i);
		snprintf(first, sizeof(first), "%s", added(picture(bytes, hash)));
		snprintf(bytes, sizeof(bytes), "near %u", i);
		ward_pdq at_31 = changed(hash, 31, strides[i]);

		/* Strides that come back to a bit before change fewer. */
		CHECK(ward_pdq_distance(hash, at_31) <= 31);
		snprintf(near, sizeof(near), "%s", added(picture(bytes, at_31)));
		CHECK(is_like(near, first, "near"));
		snprintf(bytes, sizeof(bytes), "far %u", i);
		ward_pdq beyond = changed(hash, 32, strides[i]);

		if (ward_pdq_distance(hash, beyond) != 32)
			continue;
		snprintf(far, sizeof(far), "%s", added(picture(bytes, beyond)));
		CHECK(is_like(far, far, ""));
	}
	close_intake();
}

static void looking_the_same_is_no_chain(void)
{
	CHECK(open_intake(NULL, NULL));
	ward_pdq hash = drawn(7);
	char one[ID_TEXT_MAX], two[ID_TEXT_MAX], three[ID_TEXT_MAX];

	snprintf(one, sizeof(one), "%s", added(picture("one", hash)));
	snprintf(two, sizeof(two), "%s", added(picture("two", changed(hash, 30, 1))));
	/* Near to the second, and far from the first. */
	snprintf(three, sizeof(three), "%s", added(picture("three", changed(hash, 60, 1))));
	CHECK(is_like(two, one, "near"));
	CHECK(is_like(three, three, ""));
	close_intake();
}

static void the_nearest_counts_and_of_two_the_older(void)
{
	CHECK(open_intake(NULL, NULL));
	ward_pdq hash = drawn(8);
	char far[ID_TEXT_MAX], near[ID_TEXT_MAX], last[ID_TEXT_MAX];

	snprintf(far, sizeof(far), "%s", added(picture("far", changed(hash, 30, 1))));
	/* 20 bits away from what is looked for, on the other side. */
	ward_pdq other = hash;

	other.word[3] ^= 0xfffff;
	snprintf(near, sizeof(near), "%s", added(picture("near", other)));
	snprintf(last, sizeof(last), "%s", added(picture("last", hash)));
	CHECK(is_like(near, near, ""));
	CHECK(is_like(last, near, "near"));
	close_intake();
}

static ward_err close_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	return intake_item_close(tx, ward_str_from(context), failure);
}

static void what_was_decided_is_not_compared_with_any_more(void)
{
	char id[ID_TEXT_MAX], one[ID_TEXT_MAX], two[ID_TEXT_MAX];

	CHECK(open_intake(NULL, NULL));
	snprintf(one, sizeof(one), "%s", added(picture("one", drawn(9))));
	struct intake_item item = only(one);

	snprintf(id, sizeof(id), "%.*s", WARD_FMT(item.id));
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_pieces"), 16);
	CHECK_EQ(store_write(store, close_work, id, &error), WARD_OK);
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_pieces"), 0);
	CHECK(only(one).closed_at != 0);
	snprintf(two, sizeof(two), "%s", added(picture("two", drawn(9))));
	CHECK(is_like(two, two, ""));
	/* The same bytes are still the same, and the picture waits again. */
	CHECK(is_like(added(picture("one", drawn(9))), one, "digest"));
	close_intake();
}

static void a_hash_that_says_nothing_joins_nothing(void)
{
	struct intake_item_new flat = picture("flat", drawn(10));
	struct intake_item_new empty = picture("empty", (ward_pdq){ { 1, 0, 0, 0 } });

	flat.pdq_quality = 49;
	CHECK(open_intake(NULL, NULL));
	CHECK(added(flat)[0]);
	flat.bytes = (ward_bytes){ (const uint8_t *)"flat too", 8 };
	const char *too = added(flat);

	CHECK(is_like(too, too, ""));
	CHECK(added(empty)[0]);
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_pieces"), 0);
	close_intake();
}

static void all_near_pictures_are_found_decided_ones_too(void)
{
	struct alike_near_list list = { .count = 0 };
	struct ward_arena room;
	struct store_tx *tx;
	char ids[3][ID_TEXT_MAX];
	ward_pdq hash = drawn(20);

	ward_arena_init(&room, 16 << 20);
	CHECK(open_intake(NULL, NULL));
	CHECK(added(picture("other", drawn(21)))[0] && added(media_item("no picture"))[0]);
	/* One that is all zeroes is the first of the index. */
	CHECK(added(picture("dark", (ward_pdq){ { 0 } }))[0]);
	for (unsigned i = 0; i < 3; i++) {
		const char *names[] = { "far", "near", "same" };
		ward_pdq other = changed(hash, i == 0 ? 31 : i == 1 ? 7 : 0, 3);

		struct intake_item item = only(added(picture(names[i], other)));

		snprintf(ids[i], ID_TEXT_MAX, "%.*s", WARD_FMT(item.id));
	}
	CHECK(added(picture("beyond", changed(hash, 32, 1)))[0]);
	CHECK_EQ(store_write(store, close_work, ids[2], &error), WARD_OK);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(alike_near(tx, hash, &room, &list, &error), WARD_OK);
	store_read_end(tx);
	CHECK_EQ(list.count, 3);
	for (size_t i = 0; i < 3 && list.count == 3; i++) {
		CHECK_STR(list.at[i].item.ptr, ids[2 - i]);
		CHECK_EQ(list.at[i].distance, i == 0 ? 0 : i == 1 ? 7 : 31);
	}
	close_intake();
	ward_arena_free(&room);
}

static const struct test_case cases[] = {
	{ "the same bytes are joined", the_same_bytes_are_joined },
	{ "the same address and account are joined", the_same_address_and_account_are_joined },
	{ "pictures within 31 bits are joined, wherever the bits are",
			pictures_within_31_bits_are_joined_wherever_the_bits_are },
	{ "looking the same is no chain", looking_the_same_is_no_chain },
	{ "the nearest counts, and of two the older", the_nearest_counts_and_of_two_the_older },
	{ "what was decided is not compared with any more",
			what_was_decided_is_not_compared_with_any_more },
	{ "a hash that says nothing joins nothing", a_hash_that_says_nothing_joins_nothing },
	{ "all near pictures are found, decided ones too",
			all_near_pictures_are_found_decided_ones_too },
};
TEST_MAIN(cases)
