#include "base/test.h"
#include "milter/message.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ward/hash.h>
#include <ward/media.h>

static struct spill_place place = { .folder = "/tmp", .small_max = 1 << 20, .memory_max = 8 << 20 };

static char *read_all(const struct milter_message *message)
{
	char *text = calloc(1, message->spill.size + 1);

	if (text && pread(message->spill.fd, text, message->spill.size, 0) !=
					(ssize_t)message->spill.size)
		text[0] = '\0';
	return text;
}

static void a_mail_is_written_as_it_came(void)
{
	struct milter_message message;
	struct ward_error error;

	milter_message_init(&message, &place, 1000);
	milter_message_field(&message, "Subject", " The lamp\n\tis lit");
	milter_message_field(&message, "X-Empty", "");
	milter_message_body(&message, (ward_bytes){ (const uint8_t *)"one\r\n", 5 });
	milter_message_body(&message, (ward_bytes){ (const uint8_t *)"two\r\n", 5 });
	CHECK_EQ(milter_message_end(&message, &error), WARD_OK);
	char *text = read_all(&message);
	char *inner = text ? strstr(text, "\r\n\r\n") : NULL;

	CHECK(inner != NULL);
	CHECK_STR(inner + 4, "Subject: The lamp\r\n\tis lit\r\nX-Empty:\r\n\r\none\r\ntwo\r\n");
	free(text);

	ward_bytes body = { (const uint8_t *)"one\r\ntwo\r\n", 10 };
	uint8_t digest[32], want[32];

	CHECK_EQ(milter_message_digest(&message, digest, &error), WARD_OK);
	ward_sha256(&body, 1, want);
	CHECK(memcmp(digest, want, sizeof(want)) == 0);
	milter_message_free(&message);
	CHECK_EQ(place.memory_used, 0);
}

static ward_media_kind kind_of(const struct milter_message *message)
{
	char *text = read_all(message);
	ward_media_kind kind = ward_media_identify(
			(ward_bytes){ (const uint8_t *)text, message->spill.size });

	free(text);
	return kind;
}

static void whatever_its_header_is_it_is_read_as_a_mail(void)
{
	static const char *const values[] = { "", " \x01\x7f", " \xff\xfe", " a\n\n b",
		"\r\n\r\n" };
	struct milter_message message;
	struct ward_error error;

	milter_message_init(&message, &place, 1000);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		milter_message_field(&message, "From lamp", values[i]);
		milter_message_body(&message, (ward_bytes){ (const uint8_t *)"%PDF-1.4", 8 });
		CHECK_EQ(milter_message_end(&message, &error), WARD_OK);
		CHECK_EQ(kind_of(&message), WARD_MEDIA_MAIL);
		milter_message_free(&message);
	}
	CHECK_EQ(milter_message_end(&message, &error), WARD_OK);
	CHECK_EQ(kind_of(&message), WARD_MEDIA_MAIL);
	milter_message_free(&message);
}

static void our_field_is_counted_however_it_is_written(void)
{
	struct milter_message message;

	milter_message_init(&message, &place, 1000);
	milter_message_field(&message, "X-Ward", " checked");
	milter_message_field(&message, "x-wARD", " checked");
	milter_message_field(&message, "X-Warden", " checked");
	CHECK_EQ(message.forged, 2);
	milter_message_free(&message);
	CHECK_EQ(message.forged, 0);
}

static void it_ends_at_its_bound_and_not_before(void)
{
	struct milter_message message;
	struct ward_error error;
	uint8_t body[100] = { 0 };

	milter_message_init(&message, &place, 100);
	milter_message_body(&message, (ward_bytes){ body, 100 });
	CHECK_EQ(milter_message_end(&message, &error), WARD_OK);
	CHECK_EQ(message.bytes, 100);
	milter_message_free(&message);

	milter_message_body(&message, (ward_bytes){ body, 99 });
	milter_message_body(&message, (ward_bytes){ body, 2 });
	CHECK(message.over);
	CHECK_EQ(message.spill.fd, -1);
	CHECK_EQ(place.memory_used, 0);
	milter_message_body(&message, (ward_bytes){ body, 1 });
	milter_message_field(&message, "X-Ward", " checked");
	CHECK_EQ(milter_message_end(&message, &error), WARD_E_LIMIT);
	/* Behind the bound forged fields count, too: the mail may be let through. */
	CHECK_EQ(message.forged, 1);
	milter_message_free(&message);
}

static void a_header_is_bounded_as_a_body_is(void)
{
	static char value[70000];
	struct milter_message message;
	struct ward_error error;

	memset(value, 'a', sizeof(value) - 1);
	milter_message_init(&message, &place, 1 << 20);
	for (int i = 0; i < 14; i++)
		milter_message_field(&message, "X", value);
	CHECK(!message.over);
	/* Most of it is in the file by now. */
	CHECK(message.head.len < 70000);
	milter_message_field(&message, "X", value);
	CHECK(message.over);
	CHECK_EQ(milter_message_end(&message, &error), WARD_E_LIMIT);
	milter_message_free(&message);
}

static void a_place_that_is_gone_is_told_at_the_end(void)
{
	struct spill_place gone = { .folder = "/nowhere/at/all" };
	struct milter_message message;
	struct ward_error error;

	milter_message_init(&message, &gone, 1000);
	milter_message_body(&message, (ward_bytes){ (const uint8_t *)"a", 1 });
	CHECK_EQ(milter_message_end(&message, &error), WARD_E_IO);
	milter_message_free(&message);
}

static const struct test_case cases[] = {
	{ "a mail is written as it came", a_mail_is_written_as_it_came },
	{ "whatever its header is, it is read as a mail",
			whatever_its_header_is_it_is_read_as_a_mail },
	{ "our field is counted, however it is written",
			our_field_is_counted_however_it_is_written },
	{ "it ends at its bound, and not before", it_ends_at_its_bound_and_not_before },
	{ "a header is bounded as a body is", a_header_is_bounded_as_a_body_is },
	{ "a place that is gone is told at the end", a_place_that_is_gone_is_told_at_the_end },
};
TEST_MAIN(cases)
