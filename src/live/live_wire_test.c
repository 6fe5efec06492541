#include "base/test.h"
#include "live/live_wire.h"

#include <sys/socket.h>
#include <unistd.h>

static int pair[2];
static struct live_message heard;

static void open_pair(void)
{
	CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
}

static void close_pair(void)
{
	close(pair[0]);
	close(pair[1]);
}

static void a_word_comes_with_its_text_and_its_descriptor(void)
{
	const struct live_word word = { .kind = LIVE_OPEN, .from = 7 };
	int fd = -1;

	open_pair();
	CHECK(live_say(pair[0], &word, WARD_STR("http://a.example/"), pair[0]));
	CHECK_EQ(live_hear(pair[1], true, &heard, &fd), LIVE_HEARD);
	CHECK_EQ(heard.word.from, 7);
	CHECK_STR(heard.text, "http://a.example/");
	CHECK(fd >= 0);
	close(fd);
	CHECK_EQ(live_hear(pair[1], false, &heard, &fd), LIVE_NOTHING);
	close_pair();
}

static void a_descriptor_that_nobody_asked_for_is_not_let_in(void)
{
	const struct live_word word = { .kind = LIVE_FRAME };
	int before, after;

	open_pair();
	before = dup(0);
	close(before);
	CHECK(live_say(pair[0], &word, WARD_STR(""), pair[0]));
	CHECK_EQ(live_hear(pair[1], true, &heard, NULL), LIVE_HEARD);
	after = dup(0);
	close(after);
	CHECK_EQ(after, before);
	close_pair();
}

static void who_does_not_listen_is_gone_and_not_waited_for(void)
{
	const struct live_word word = { .kind = LIVE_REPLY };
	char text[LIVE_TEXT_MAX + 1];
	int said = 0;

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	open_pair();
	while (said < 100000 && live_say(pair[0], &word, WARD_STR(""), -1))
		said++;
	CHECK(said < 100000);
	CHECK(said >= 16); /* far more than ever wait */
	close_pair();
	open_pair();
	for (said = 0; said < 100000 && live_say(pair[0], &word, ward_str_from(text), pair[0]);)
		said++;
	CHECK(said < 100000);
	CHECK(said >= 8);
	close_pair();
}

static void last_words_are_heard_from_who_did_not_listen_any_more(void)
{
	const struct live_word taken = { .kind = LIVE_TAKEN }, end = { .kind = LIVE_END };

	open_pair();
	CHECK(live_say(pair[0], &taken, WARD_STR(""), -1));
	CHECK(live_say(pair[1], &end, WARD_STR("over"), -1));
	close(pair[1]);
	CHECK_EQ(live_hear(pair[0], false, &heard, NULL), LIVE_HEARD);
	CHECK_STR(heard.text, "over");
	CHECK_EQ(live_hear(pair[0], true, &heard, NULL), LIVE_GONE);
	close(pair[0]);
}

static void what_is_no_message_is_the_end(void)
{
	struct live_word word = { .magic = LIVE_MAGIC, .kind = LIVE_FRAME };

	open_pair();
	CHECK_EQ(send(pair[0], &word, sizeof(word) - 1, 0), (ssize_t)sizeof(word) - 1);
	CHECK_EQ(live_hear(pair[1], true, &heard, NULL), LIVE_GONE);
	word.text_len = 1;
	CHECK_EQ(send(pair[0], &word, sizeof(word), 0), (ssize_t)sizeof(word));
	CHECK_EQ(live_hear(pair[1], true, &heard, NULL), LIVE_GONE);
	word.text_len = 0;
	word.kind = LIVE_KIND_COUNT;
	CHECK_EQ(send(pair[0], &word, sizeof(word), 0), (ssize_t)sizeof(word));
	CHECK_EQ(live_hear(pair[1], true, &heard, NULL), LIVE_GONE);
	word.kind = LIVE_FRAME;
	word.magic++;
	CHECK_EQ(send(pair[0], &word, sizeof(word), 0), (ssize_t)sizeof(word));
	CHECK_EQ(live_hear(pair[1], true, &heard, NULL), LIVE_GONE);
	close(pair[0]);
	CHECK_EQ(live_hear(pair[1], true, &heard, NULL), LIVE_GONE);
	close(pair[1]);
}

static const struct test_case cases[] = {
	{ "a word comes with its text and its descriptor",
			a_word_comes_with_its_text_and_its_descriptor },
	{ "a descriptor that nobody asked for is not let in",
			a_descriptor_that_nobody_asked_for_is_not_let_in },
	{ "who does not listen is gone, and not waited for",
			who_does_not_listen_is_gone_and_not_waited_for },
	{ "last words are heard from who did not listen any more",
			last_words_are_heard_from_who_did_not_listen_any_more },
	{ "what is no message is the end", what_is_no_message_is_the_end },
};
TEST_MAIN(cases)
