#include "base/test.h"
#include "milter/tell.h"

#include <stdlib.h>
#include <unistd.h>

static void fill(struct milter_outcome *outcome)
{
	milter_outcome_init(outcome);
	ward_buf_str(&outcome->context, WARD_STR("{\"finding\":\"known\"}"));
}

static void the_same_mail_has_the_same_key(void)
{
	struct milter_envelope one, two;
	char a[MILTER_KEY_MAX], b[MILTER_KEY_MAX];

	milter_envelope_begin(&one, "<keeper@lighthouse.example>");
	milter_envelope_add(&one, "<ann@b.example>");
	milter_envelope_add(&one, "<bob@b.example>");
	milter_envelope_begin(&two, "<keeper@lighthouse.example>");
	milter_envelope_add(&two, "<bob@b.example>");
	milter_envelope_add(&two, "<ann@b.example>");
	milter_key(&one, WARD_STR("told"), a);
	milter_key(&two, WARD_STR("told"), b);
	CHECK_STR(a, b);
	milter_envelope_add(&two, "<cat@b.example>");
	milter_key(&two, WARD_STR("told"), b);
	CHECK(strcmp(a, b) != 0);
	one.body[0]++;
	milter_key(&one, WARD_STR("told"), b);
	CHECK(strcmp(a, b) != 0);
}

static void another_mail_of_the_same_words_is_another_report(void)
{
	struct milter_envelope one, two;
	char a[MILTER_KEY_MAX], b[MILTER_KEY_MAX];

	milter_envelope_begin(&one, "<keeper@lighthouse.example>");
	milter_envelope_field(&one, "Subject", "hello");
	two = one;
	milter_key(&one, WARD_STR("told"), a);
	milter_envelope_field(&two, "message-ID", "<2@lighthouse.example>");
	milter_key(&two, WARD_STR("told"), b);
	CHECK(strcmp(a, b) != 0);
	/* A recipient who is named twice does not go away. */
	two = one;
	milter_envelope_add(&two, "<ann@b.example>");
	milter_envelope_add(&two, "<ann@b.example>");
	milter_key(&two, WARD_STR("told"), b);
	CHECK(strcmp(a, b) != 0);
}

static void a_sender_who_cannot_be_told_exactly_is_not_told(void)
{
	struct milter_envelope envelope;

	milter_envelope_begin(&envelope, "<jos\xc3\xa9@b.example>");
	CHECK_STR(envelope.sender, "");
	milter_envelope_begin(&envelope, "<a b@c.example>");
	CHECK_STR(envelope.sender, "");
	milter_envelope_begin(&envelope, "<>");
	CHECK_STR(envelope.sender, "");
	milter_envelope_begin(&envelope, "<a@c.example>");
	CHECK_STR(envelope.sender, "a@c.example");
}

static void a_report_is_durable_and_holds_no_part_of_the_mail(void)
{
	char folder[] = "/tmp/ward-tell-XXXXXX";
	struct milter_outcome outcome;
	struct milter_envelope envelope;
	struct agent_spool *spool = NULL;
	struct agent_spool_entry entry;
	struct ward_error error;

	CHECK(mkdtemp(folder) != NULL);
	fill(&outcome);
	milter_envelope_begin(&envelope, "<kee\"per@lighthouse.example>");
	milter_envelope_add(&envelope, "<ann@b.example>");
	snprintf(envelope.id, sizeof(envelope.id), "4A1");
	CHECK_EQ(agent_spool_open(folder, 0, &spool, &error), WARD_OK);
	CHECK_EQ(milter_tell(spool, &envelope, &outcome, MILTER_HOLD, &error), WARD_OK);
	CHECK_EQ(agent_spool_next(spool, &entry, &error), WARD_OK);
	CHECK_STR(entry.body,
			"{\"reporter\":\"automatic\",\"items\":[{\"kind\":\"text\",\"text\":"
			"\"A mail with a listed file. Action: hold. Id: 4A1. Recipients: 1.\"},"
			"{\"kind\":\"account\",\"text\":\"mail/kee\\\"per@lighthouse.example\"}],"
			"\"context\":{\"finding\":\"known\"}}");
	free(entry.body);
	CHECK_EQ(agent_spool_done(spool, entry.number, &error), WARD_OK);
	agent_spool_close(spool);
	milter_outcome_free(&outcome);
	(void)rmdir(folder);
}

/* What stands in a spool that was told of a mail, key and text. */
static void tell_of(enum milter_action action, const char *id, struct agent_spool_entry *entry)
{
	char folder[] = "/tmp/ward-tell-XXXXXX";
	struct milter_outcome outcome;
	struct milter_envelope envelope;
	struct agent_spool *spool = NULL;
	struct ward_error error;

	CHECK(mkdtemp(folder) != NULL);
	fill(&outcome);
	milter_envelope_begin(&envelope, "<keeper@lighthouse.example>");
	snprintf(envelope.id, sizeof(envelope.id), "%s", id);
	CHECK_EQ(agent_spool_open(folder, 0, &spool, &error), WARD_OK);
	CHECK_EQ(milter_tell(spool, &envelope, &outcome, action, &error), WARD_OK);
	CHECK_EQ(agent_spool_next(spool, entry, &error), WARD_OK);
	CHECK_EQ(agent_spool_done(spool, entry->number, &error), WARD_OK);
	agent_spool_close(spool);
	milter_outcome_free(&outcome);
	(void)rmdir(folder);
}

static void no_key_stands_for_two_texts(void)
{
	static const enum milter_action actions[] = { MILTER_PASS, MILTER_HOLD, MILTER_REJECT,
		MILTER_DEFER };

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		bool kept = actions[i] == MILTER_PASS || actions[i] == MILTER_HOLD;
		struct agent_spool_entry one = { .body = NULL }, two = { .body = NULL };

		tell_of(actions[i], "4A1", &one);
		tell_of(actions[i], "4A2", &two);
		CHECK(one.body && two.body);
		CHECK_EQ(strstr(one.body, "4A1") != NULL, kept);
		CHECK_EQ(strcmp(one.body, two.body) == 0, !kept);
		CHECK_EQ(strcmp(one.key, two.key) == 0, !kept);
		free(one.body);
		free(two.body);
	}
}

static const struct test_case cases[] = {
	{ "the same mail has the same key", the_same_mail_has_the_same_key },
	{ "another mail of the same words is another report",
			another_mail_of_the_same_words_is_another_report },
	{ "a sender who cannot be told exactly is not told",
			a_sender_who_cannot_be_told_exactly_is_not_told },
	{ "a report is durable, and holds no part of the mail",
			a_report_is_durable_and_holds_no_part_of_the_mail },
	{ "no key stands for two texts, and a mail that is not taken is told once",
			no_key_stands_for_two_texts },
};
TEST_MAIN(cases)
