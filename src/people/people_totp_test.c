#include "people/people_totp.h"

#include "base/test.h"

static const uint8_t secret[] = "12345678901234567890";

static uint32_t code_at(int64_t when, unsigned digits)
{
	return people_totp_code((ward_bytes){ secret, PEOPLE_TOTP_SECRET }, (uint64_t)(when / 30),
			digits);
}

/* RFC 6238, appendix B, the rows of SHA-1; RFC 4226, appendix D, the first ten. */
static void codes_are_those_of_the_standards(void)
{
	static const uint32_t hotp[] = { 755224, 287082, 359152, 969429, 338314, 254676, 287922,
		162583, 399871, 520489 };

	CHECK_EQ(code_at(59, 8), 94287082);
	CHECK_EQ(code_at(1111111109, 8), 7081804);
	CHECK_EQ(code_at(1111111111, 8), 14050471);
	CHECK_EQ(code_at(1234567890, 8), 89005924);
	CHECK_EQ(code_at(2000000000, 8), 69279037);
	CHECK_EQ(code_at(20000000000, 8), 65353130);
	for (size_t i = 0; i < 10; i++)
		CHECK_EQ(people_totp_code((ward_bytes){ secret, PEOPLE_TOTP_SECRET }, i, 6),
				hotp[i]);
}

static bool fits(int64_t of, int64_t now, int64_t last, int64_t *step)
{
	char text[16];

	snprintf(text, sizeof(text), "%06" PRIu32, code_at(of, 6));
	return people_totp_fits(secret, ward_str_from(text), now, last, step);
}

static void one_step_of_drift_is_allowed_and_no_more(void)
{
	int64_t now = 1111111111, step = 0;

	CHECK(fits(now, now, 0, &step));
	CHECK_EQ(step, now / 30);
	CHECK(fits(now - 30, now, 0, &step));
	CHECK_EQ(step, now / 30 - 1);
	CHECK(fits(now + 30, now, 0, &step));
	CHECK(!fits(now - 60, now, 0, &step));
	CHECK(!fits(now + 60, now, 0, &step));
}

static void a_code_is_taken_once_and_none_before_it(void)
{
	int64_t now = 1111111111, step;

	CHECK(fits(now, now, now / 30 - 1, &step));
	CHECK(!fits(now, now, now / 30, &step));
	CHECK(!fits(now - 30, now, now / 30, &step));
	CHECK(fits(now + 30, now, now / 30, &step));
}

static void only_six_digits_are_a_code(void)
{
	int64_t step;

	/* Of step 1: 287082. */
	CHECK(people_totp_fits(secret, WARD_STR("287082"), 45, 0, &step));
	CHECK(people_totp_fits(secret, WARD_STR(" 287 082 "), 45, 0, &step));
	CHECK(!people_totp_fits(secret, WARD_STR(""), 45, 0, &step));
	CHECK(!people_totp_fits(secret, WARD_STR("28708"), 45, 0, &step));
	CHECK(!people_totp_fits(secret, WARD_STR("0287082"), 45, 0, &step));
	CHECK(!people_totp_fits(secret, WARD_STR("28708a"), 45, 0, &step));
	CHECK(!people_totp_fits(secret, WARD_STR("-87082"), 45, 0, &step));
	CHECK(!people_totp_fits(secret, WARD_STR("287082"), -45, -100, &step));
}

static void a_secret_is_told_in_base32_and_as_an_address(void)
{
	char text[PEOPLE_TOTP_TEXT_MAX];
	struct ward_buf out;

	people_totp_text(secret, text);
	CHECK_STR(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
	ward_buf_init(&out, 1024);
	people_totp_uri(secret, WARD_STR("ward of x"), WARD_STR("m@x"), &out);
	CHECK_STR(ward_buf_text(&out).ptr, "otpauth://totp/ward%20of%20x:m%40x?secret="
					   "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ward%20of%20x"
					   "&algorithm=SHA1&digits=6&period=30");
	ward_buf_free(&out);
}

static const struct test_case cases[] = {
	{ "codes are those of the standards", codes_are_those_of_the_standards },
	{ "one step of drift is allowed, and no more", one_step_of_drift_is_allowed_and_no_more },
	{ "a code is taken once, and none before it", a_code_is_taken_once_and_none_before_it },
	{ "only six digits are a code", only_six_digits_are_a_code },
	{ "a secret is told in base32 and as an address",
			a_secret_is_told_in_base32_and_as_an_address },
};
TEST_MAIN(cases)
