/*
 * Any text as ward.conf: settings and rules, or an error with a line.  What
 * the rules print is ward.conf again, with the same meaning.
 */
#include <assert.h>

#include "workspace/rules.h"
#include "workspace/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ward_err include_itself(void *context, ward_str path, struct ward_arena *arena,
		ward_str *text, struct ward_error *error)
{
	(void)path;
	(void)arena;
	(void)error;
	*text = *(const ward_str *)context;
	return WARD_OK;
}

static void check_rules_print(const struct ward_policy *policy)
{
	struct ward_policy *again = NULL;
	struct conf_node *first = NULL;
	struct ward_error error;
	struct ward_arena arena;
	struct ward_buf text;

	ward_arena_init(&arena, (size_t)1 << 26);
	ward_buf_init(&text, (size_t)1 << 26);
	for (size_t i = 0; i < ward_policy_rules(policy); i++)
		rule_format(&text, ward_policy_rule(policy, i));
	if (text.len <= CONF_BYTES_MAX && ward_policy_rules(policy) > 0) {
		assert(conf_parse(&arena, "printed", ward_buf_text(&text), NULL, NULL, &first,
				       &error) == WARD_OK);
		assert(rules_read(first, &again, &error) == WARD_OK);
		assert(ward_policy_rules(again) == ward_policy_rules(policy));
		ward_policy_free(again);
	}
	ward_buf_free(&text);
	ward_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_str text = { (const char *)data, size };
	struct settings settings = settings_default();
	struct ward_policy *policy = NULL;
	struct conf_node *first = NULL;
	struct ward_error error = { 0 };
	struct ward_arena arena;

	ward_arena_init(&arena, (size_t)1 << 26);
	ward_err err = conf_parse(&arena, "ward.conf", text, include_itself, &text, &first, &error);

	if (!err && !settings_read(first, &settings, &error))
		assert(settings.limits.time_ms >= 10 && settings.radius <= 63);
	if (!err && !rules_read(first, &policy, &error))
		check_rules_print(policy);
	assert(ward_utf8_valid(ward_str_from(error.message)));
	ward_policy_free(policy);
	ward_arena_free(&arena);
	return 0;
}
