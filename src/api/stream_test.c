#include "api/stream.h"

#include <pthread.h>

#include "base/test.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t again = PTHREAD_COND_INITIALIZER;
static int calls;

static void room_again(void *context)
{
	(void)context;
	pthread_mutex_lock(&mutex);
	calls++;
	pthread_cond_signal(&again);
	pthread_mutex_unlock(&mutex);
}

enum { TOTAL = 1000000 };

static uint8_t byte_at(size_t at)
{
	return (uint8_t)(at * 13 + at / 255);
}

static void *offer_all(void *context)
{
	struct stream *stream = context;
	static uint8_t bytes[TOTAL];
	size_t at = 0;

	for (size_t i = 0; i < TOTAL; i++)
		bytes[i] = byte_at(i);
	while (at < TOTAL) {
		size_t len = TOTAL - at < 3000 ? TOTAL - at : 3000;

		pthread_mutex_lock(&mutex);
		int before = calls;
		size_t taken = stream_offer(stream, (ward_bytes){ bytes + at, len });

		while (taken < len && calls == before)
			pthread_cond_wait(&again, &mutex);
		pthread_mutex_unlock(&mutex);
		at += taken;
	}
	stream_end(stream);
	return NULL;
}

static void all_bytes_pass_in_order_through_little_room(void)
{
	struct stream *stream = stream_new(4096, room_again, NULL);
	pthread_t thread;
	uint8_t chunk[700];
	size_t at = 0, got = 1;
	bool same = true;

	calls = 0;
	CHECK_EQ(pthread_create(&thread, NULL, offer_all, stream), 0);
	while (got > 0) {
		CHECK_EQ(stream_read(stream, chunk, sizeof(chunk), &got, NULL), WARD_OK);
		for (size_t i = 0; i < got; i++)
			same = same && chunk[i] == byte_at(at + i);
		at += got;
	}
	pthread_join(thread, NULL);
	CHECK_EQ(at, TOTAL);
	CHECK(same);
	CHECK(calls > 100);
	stream_free(stream);
}

static void a_reader_learns_that_the_sender_is_gone(void)
{
	struct stream *stream = stream_new(16, room_again, NULL);
	uint8_t chunk[8];
	size_t got;

	CHECK_EQ(stream_offer(stream, (ward_bytes){ chunk, 4 }), 4);
	stream_break(stream, WARD_E_IO);
	CHECK_EQ(stream_read(stream, chunk, sizeof(chunk), &got, NULL), WARD_E_IO);
	stream_free(stream);
}

static void a_reader_learns_that_it_is_too_much_and_the_rest_is_dropped(void)
{
	struct stream *stream = stream_new(16, room_again, NULL);
	uint8_t chunk[100] = { 0 };
	size_t got;

	stream_break(stream, WARD_E_LIMIT);
	CHECK_EQ(stream_offer(stream, (ward_bytes){ chunk, 100 }), 100);
	stream_break(stream, WARD_E_IO);
	stream_end(stream);
	CHECK_EQ(stream_read(stream, chunk, sizeof(chunk), &got, NULL), WARD_E_LIMIT);
	stream_free(stream);
}

static void behind_a_reader_that_is_done_everything_is_taken(void)
{
	struct stream *stream = stream_new(16, room_again, NULL);
	uint8_t chunk[100] = { 0 };

	calls = 0;
	CHECK_EQ(stream_offer(stream, (ward_bytes){ chunk, 100 }), 16);
	stream_close(stream);
	CHECK_EQ(calls, 1);
	CHECK_EQ(stream_offer(stream, (ward_bytes){ chunk, 100 }), 100);
	stream_free(stream);
}

static const struct test_case cases[] = {
	{ "all bytes pass, in order, through little room",
			all_bytes_pass_in_order_through_little_room },
	{ "a reader learns that the sender is gone", a_reader_learns_that_the_sender_is_gone },
	{ "a reader learns that it is too much, and the rest is dropped",
			a_reader_learns_that_it_is_too_much_and_the_rest_is_dropped },
	{ "behind a reader that is done everything is taken",
			behind_a_reader_that_is_done_everything_is_taken },
};
TEST_MAIN(cases)
