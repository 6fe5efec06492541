#include "api/stream.h"

#include <pthread.h>

struct stream {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	void (*room_again)(void *context);
	void *context;
	bool ended, closed;
	ward_err broken;
	bool refused; /* an offer was not taken whole */
	size_t room, first, len;
	uint8_t bytes[]; /* a ring */
};

struct stream *stream_new(size_t room, void (*room_again)(void *context), void *context)
{
	struct stream *stream = malloc(sizeof(*stream) + room);

	if (!stream)
		return NULL;
	memset(stream, 0, sizeof(*stream));
	pthread_mutex_init(&stream->mutex, NULL);
	pthread_cond_init(&stream->changed, NULL);
	stream->room_again = room_again;
	stream->context = context;
	stream->room = room;
	return stream;
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	pthread_mutex_destroy(&stream->mutex);
	pthread_cond_destroy(&stream->changed);
	free(stream);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t stream_offer(struct stream *stream, ward_bytes bytes)
{
	size_t taken = 0;

	pthread_mutex_lock(&stream->mutex);
	while (taken < bytes.len && stream->len < stream->room && !stream->closed &&
			!stream->broken) {
		size_t at = (stream->first + stream->len) % stream->room;
		size_t len = smaller(stream->room - stream->len, stream->room - at);

		len = smaller(len, bytes.len - taken);
		memcpy(stream->bytes + at, bytes.ptr + taken, len);
		stream->len += len;
		taken += len;
	}
	if (stream->closed || stream->broken)
		taken = bytes.len;
	stream->refused = taken < bytes.len;
	pthread_cond_signal(&stream->changed);
	pthread_mutex_unlock(&stream->mutex);
	return taken;
}

void stream_end(struct stream *stream)
{
	pthread_mutex_lock(&stream->mutex);
	stream->ended = true;
	pthread_cond_signal(&stream->changed);
	pthread_mutex_unlock(&stream->mutex);
}

void stream_break(struct stream *stream, ward_err why)
{
	pthread_mutex_lock(&stream->mutex);
	if (!stream->broken)
		stream->broken = why;
	pthread_cond_signal(&stream->changed);
	pthread_mutex_unlock(&stream->mutex);
}

ward_err stream_read(struct stream *stream, uint8_t *to, size_t room, size_t *got,
		struct ward_error *error)
{
	bool again;

	pthread_mutex_lock(&stream->mutex);
	while (stream->len == 0 && !stream->ended && !stream->broken)
		pthread_cond_wait(&stream->changed, &stream->mutex);
	ward_err broken = stream->broken;

	if (broken) {
		pthread_mutex_unlock(&stream->mutex);
		return ward_fail(error, broken,
				broken == WARD_E_LIMIT ? "the body is larger than is taken"
						       : "the body ended before its end");
	}
	size_t len = smaller(smaller(stream->len, room), stream->room - stream->first);

	memcpy(to, stream->bytes + stream->first, len);
	stream->first = (stream->first + len) % stream->room;
	stream->len -= len;
	/* Half of it free: a call for every byte would be many. */
	again = stream->refused && stream->len <= stream->room / 2;
	if (again)
		stream->refused = false;
	pthread_mutex_unlock(&stream->mutex);
	*got = len;
	if (again)
		stream->room_again(stream->context);
	return WARD_OK;
}

void stream_close(struct stream *stream)
{
	bool again;

	pthread_mutex_lock(&stream->mutex);
	stream->closed = true;
	stream->len = 0;
	again = stream->refused;
	stream->refused = false;
	pthread_mutex_unlock(&stream->mutex);
	if (again)
		stream->room_again(stream->context);
}
