#include <sodium.h>

#include "base/test.h"
#include "portal/draft.h"

static struct ward_arena arena;
static const uint8_t key[32] = { 1, 2, 3 }, other_key[32] = { 1, 2, 4 };
static struct form form;

static void fresh(void)
{
	ward_arena_free(&arena);
	ward_arena_init(&arena, 1 << 20);
}

static void fill(ward_str body)
{
	struct ward_error error;

	if (form_parse(body, &arena, &form, &error) != WARD_OK)
		form.count = 0;
}

static struct draft whole(void)
{
	struct draft draft = draft_new();

	fresh();
	fill(WARD_STR("what=account"));
	draft_take(&draft, STEP_WHAT, &form);
	fill(WARD_STR("address=+keeper%0aof+the+lamp+&place=gaming"));
	draft_take(&draft, STEP_WHERE, &form);
	fill(WARD_STR("topic=other&when=week&date=2026-02-28&time=23:59&zone=%2b05:45&words=it+is+"
		      "lit"));
	draft_take(&draft, STEP_SEEN, &form);
	fill(WARD_STR("mail=ann@example.org"));
	draft_take(&draft, STEP_CONTACT, &form);
	return draft;
}

static void steps_are_taken_from_their_forms(void)
{
	struct draft draft = whole();

	CHECK_EQ(draft.what, 3);
	CHECK(ward_str_eq(draft.address, WARD_STR("keeper")));
	CHECK_EQ(draft.place, 4);
	CHECK_EQ(draft.contact, 3);
	CHECK_EQ(draft_first_bad(&draft), STEP_CHECK);
	fill(WARD_STR("what=own_picture"));
	draft_take(&draft, STEP_WHAT, &form);
	CHECK_EQ(draft.what, 0);
	CHECK_EQ(draft_first_bad(&draft), STEP_WHAT);
}

static void what_is_sealed_opens_as_it_was(void)
{
	struct draft draft = whole(), opened;
	struct ward_error error;
	ward_str sealed;

	draft.at = STEP_SEEN;
	draft.checked = true;
	sealed = draft_seal(&draft, key, &arena);
	CHECK(sealed.ptr != NULL);
	CHECK_EQ(draft_open(sealed, key, draft.begun, &arena, &opened, &error), WARD_OK);
	CHECK_EQ(opened.begun, draft.begun);
	CHECK(memcmp(opened.key, draft.key, sizeof(draft.key)) == 0);
	CHECK_EQ(opened.at, STEP_SEEN);
	CHECK(opened.checked && !opened.none);
	CHECK(ward_str_eq(opened.words, WARD_STR("it is lit")));
	CHECK(ward_str_eq(opened.mail, WARD_STR("ann@example.org")));
	CHECK(ward_str_eq(opened.zone, WARD_STR("+05:45")));
	CHECK_EQ(opened.topic, 6);
}

/* Of a draft with these words, and of what goes with it. */
static void sending_of(struct draft draft, const char *words, ward_str with,
		uint8_t sending[DRAFT_KEY_LEN])
{
	draft.words = ward_str_from(words);
	if (!draft_sending(&draft, (ward_bytes){ (const uint8_t *)with.ptr, with.len }, sending))
		memset(sending, 0, DRAFT_KEY_LEN);
}

static bool is_same_sending(const uint8_t a[DRAFT_KEY_LEN], const uint8_t b[DRAFT_KEY_LEN])
{
	return memcmp(a, b, DRAFT_KEY_LEN) == 0;
}

static void the_same_said_again_is_one_sending(void)
{
	struct draft draft = whole(), later = draft;
	uint8_t first[DRAFT_KEY_LEN], second[DRAFT_KEY_LEN];

	later.at = STEP_CHECK;
	later.checked = true;
	sending_of(draft, "it is lit", WARD_STR("ab"), first);
	sending_of(later, "it is lit", WARD_STR("ab"), second);
	CHECK(is_same_sending(first, second));
	sending_of(draft, "it is out", WARD_STR("ab"), second);
	CHECK(!is_same_sending(first, second));
	sending_of(draft, "it is lit", WARD_STR("ac"), second);
	CHECK(!is_same_sending(first, second));
	sending_of(whole(), "it is lit", WARD_STR("ab"), second);
	CHECK(!is_same_sending(first, second));
}

static void no_changed_letter_opens(void)
{
	struct draft draft = whole(), opened;
	struct ward_error error;
	ward_str sealed = draft_seal(&draft, key, &arena);
	char copy[2048];

	CHECK(sealed.len < sizeof(copy));
	for (size_t i = 0; i < sealed.len; i++) {
		memcpy(copy, sealed.ptr, sealed.len);
		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		CHECK_EQ(draft_open((ward_str){ copy, sealed.len }, key, draft.begun, &arena,
					 &opened, &error),
				WARD_E_FORMAT);
		CHECK_EQ(draft_open((ward_str){ sealed.ptr, i }, key, draft.begun, &arena, &opened,
					 &error),
				WARD_E_FORMAT);
		fresh();
		draft = whole();
		sealed = draft_seal(&draft, key, &arena);
	}
	CHECK_EQ(draft_open(sealed, other_key, draft.begun, &arena, &opened, &error),
			WARD_E_FORMAT);
}

static void it_is_good_for_a_day(void)
{
	struct draft draft = whole(), opened;
	struct ward_error error;
	ward_str sealed = draft_seal(&draft, key, &arena);

	CHECK_EQ(draft_open(sealed, key, draft.begun + DRAFT_LIFE_S, &arena, &opened, &error),
			WARD_OK);
	CHECK_EQ(draft_open(sealed, key, draft.begun + DRAFT_LIFE_S + 1, &arena, &opened, &error),
			WARD_E_TIMEOUT);
	/* The clock was set back. */
	CHECK_EQ(draft_open(sealed, key, draft.begun - 100000, &arena, &opened, &error), WARD_OK);
}

static bool mail_is_good(const char *mail)
{
	struct draft draft = draft_new();

	draft.contact = 3;
	draft.mail = ward_str_from(mail);
	return draft_is_good(&draft, STEP_CONTACT);
}

static void addresses_are_whole_ones(void)
{
	CHECK(mail_is_good("a@b.co"));
	CHECK(mail_is_good("ann.lee+x@mail.example.org"));
	CHECK(mail_is_good("\xd8\xb4@example.org"));
	CHECK(!mail_is_good(""));
	CHECK(!mail_is_good("a"));
	CHECK(!mail_is_good("a@b"));
	CHECK(!mail_is_good("@b.co"));
	CHECK(!mail_is_good("a@.co"));
	CHECK(!mail_is_good("a@b."));
	CHECK(!mail_is_good("a@b@c.co"));
	CHECK(!mail_is_good("a b@c.co"));
	CHECK(!mail_is_good("a@b.co, c@d.co"));
	CHECK(!mail_is_good("Ann <a@b.co>"));
}

static bool time_is_good(const char *date, const char *time, const char *zone)
{
	struct draft draft = whole();

	draft.date = ward_str_from(date);
	draft.time = ward_str_from(time);
	draft.zone = ward_str_from(zone);
	return draft_is_good(&draft, STEP_SEEN);
}

static void times_are_times(void)
{
	CHECK(time_is_good("", "", ""));
	CHECK(time_is_good("2024-02-29", "00:00", "-09:30"));
	CHECK(time_is_good("", "23:59:30", "+00:00"));
	CHECK(!time_is_good("2025-02-29", "", ""));
	CHECK(!time_is_good("31.12.2026", "", ""));
	CHECK(!time_is_good("2026-03-01T00:00:00Z", "", ""));
	CHECK(!time_is_good("", "24:00", ""));
	CHECK(!time_is_good("", "1:1", ""));
	CHECK(!time_is_good("", "", "+05:46"));
}

static void words_that_may_name_somebody_are_noticed(void)
{
	CHECK(draft_is_private(WARD_STR("write to ann@example.org")));
	CHECK(draft_is_private(WARD_STR("call 0123 456 789 now")));
	CHECK(draft_is_private(WARD_STR("+49-30-1234567")));
	CHECK(draft_is_private(WARD_STR("1234567")));
	CHECK(!draft_is_private(WARD_STR("on 2026-03-31 at 18:30")));
	CHECK(!draft_is_private(WARD_STR("12 and 14 years, 3 @ 4 pictures")));
	CHECK(!draft_is_private(WARD_STR("")));
}

static void what_is_too_long_is_said_and_not_lost(void)
{
	static char words[3 * 4001 + 16] = "words=";
	struct draft draft = whole();
	size_t len = strlen(words);

	for (int i = 0; i < 4001; i++)
		words[len++] = 'w';
	fill((ward_str){ words, len });
	draft_take(&draft, STEP_SEEN, &form);
	CHECK_EQ(draft.words.len, 4001);
	CHECK(draft_needs(&draft, STEP_SEEN).words_long);
	fill((ward_str){ words, len - 1 });
	draft_take(&draft, STEP_SEEN, &form);
	CHECK(!draft_needs(&draft, STEP_SEEN).words_long);
}

static void without_memory_it_fails_cleanly(void)
{
	struct draft draft = whole(), opened;
	struct ward_error error;
	char copy[2048];
	ward_str sealed = draft_seal(&draft, key, &arena);
	ward_err err = WARD_E_FORMAT;

	memcpy(copy, sealed.ptr, sealed.len);
	for (size_t cap = 0; err != WARD_OK && cap < 100000; cap += 128) {
		struct ward_arena small;

		ward_arena_init(&small, cap);
		(void)draft_seal(&draft, key, &small);
		ward_arena_free(&small);
		ward_arena_init(&small, cap);
		err = draft_open((ward_str){ copy, sealed.len }, key, draft.begun, &small, &opened,
				&error);
		CHECK(err == WARD_OK || err == WARD_E_FORMAT);
		ward_arena_free(&small);
	}
	CHECK_EQ(err, WARD_OK);
}

static const struct test_case cases[] = {
	{ "each step is taken from its form, and only what can be chosen",
			steps_are_taken_from_their_forms },
	{ "what is sealed opens as it was", what_is_sealed_opens_as_it_was },
	{ "the same said again is one sending, and nothing else is",
			the_same_said_again_is_one_sending },
	{ "no changed, cut or other portal's text opens", no_changed_letter_opens },
	{ "a sealed draft is good for a day", it_is_good_for_a_day },
	{ "an e-mail address is a whole one", addresses_are_whole_ones },
	{ "dates, times and zones are such", times_are_times },
	{ "words that may name somebody are noticed", words_that_may_name_somebody_are_noticed },
	{ "what is too long is said and not lost", what_is_too_long_is_said_and_not_lost },
	{ "without memory it fails cleanly", without_memory_it_fails_cleanly },
};

int main(void)
{
	return sodium_init() < 0 ? 2 : test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));
}
