/*
 * A client says anything at all, once as a whole and once in two cuts: the same is counted, the
 * same is asked of the owner, and everything is given back.  The first byte says where to cut, the
 * second what else happens: a verdict that was waited for, silence, the end of what it says.
 */
#include <assert.h>

#include <unistd.h>

#include "icap/connection_test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCK = 1, WAIT = 2, TIME = 4, END = 8 };

static void converse(struct talk *talk, const uint8_t *data, size_t size, size_t cut, int what)
{
	struct icap_verdict verdict = { .kind = what & BLOCK ? ICAP_ANSWER : ICAP_PASS,
		.answer = &talk_page };

	talk_open(talk);
	talk_tell(talk, (const char *)data, cut);
	talk_tell(talk, (const char *)data + cut, size - cut);
	for (int i = 0; talk->ticket && !(what & WAIT) && i < 100; i++)
		talk_answer(talk, &verdict);
	if (what & TIME) {
		talk->engine.now_us += 2000000;
		icap_connection_tick(&talk->connection);
		talk_hear(talk);
	}
	if (what & END) {
		icap_connection_eof(&talk->connection);
		talk_hear(talk);
	}
	struct icap_ticket *late = talk->ticket;

	talk_close(talk);
	assert(talk->live == 0);
	if (late)
		icap_ticket_answer(late, &verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct talk whole, cut;

	if (size < 2)
		return 0;
	converse(&whole, data + 2, size - 2, size - 2, data[1]);
	converse(&cut, data + 2, size - 2, (size - 2) * data[0] / 256, data[1]);
	/* A body that is sent back may come in other pieces. */
	cut.engine.counters.bytes_out = whole.engine.counters.bytes_out;
	assert(memcmp(&whole.engine.counters, &cut.engine.counters, sizeof(struct icap_counters)) ==
			0);
	assert(strcmp(whole.seen, cut.seen) == 0);
	/* Of what turns out to be broken more or less was seen by then. */
	assert(whole.looked == cut.looked || whole.engine.counters.broken > 0);
	return 0;
}
