/* The settings of looking and the rules of the desk say the same. */
#include "api/exposure_rules.h"

#include "base/test.h"

static void the_settings_defaults_are_the_rules_defaults(void)
{
	const struct settings settings = settings_default();
	const struct exposure_rules ours = exposure_rules_of(&settings);
	const struct exposure_rules theirs = exposure_rules_default();

	/* Both are numbers of one kind, without gaps. */
	CHECK_EQ(sizeof(ours) % sizeof(int64_t), 0);
	CHECK(memcmp(&ours, &theirs, sizeof(ours)) == 0);
}

static void times_become_seconds(void)
{
	struct settings settings = settings_default();

	settings.exposure_ms = 90500;
	settings.exposure_day_start_ms = 4 * 3600000;
	settings.exposure_view_ms = 1999;
	CHECK_EQ(exposure_rules_of(&settings).day.seconds, 90);
	CHECK_EQ(exposure_rules_of(&settings).day_start_s, 14400);
	CHECK_EQ(exposure_rules_of(&settings).view_s, 1);
}

static const struct test_case cases[] = {
	{ "the settings' defaults are the rules' defaults",
			the_settings_defaults_are_the_rules_defaults },
	{ "times become seconds", times_become_seconds },
};
TEST_MAIN(cases)
