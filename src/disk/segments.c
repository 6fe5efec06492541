#include "disk/segments.h"

#include <errno.h>
#include <unistd.h>

bool segments_add(struct segments *segments, int fd, uint64_t len)
{
	if (segments->count == DISK_SEGMENTS_MAX || len > INT64_MAX - segments->size)
		return false;
	segments->at[segments->count++] = (struct segment){ fd, segments->size, len };
	segments->size += len;
	return true;
}

static const struct segment *segment_at(const struct segments *segments, uint64_t offset)
{
	size_t low = 0, high = segments->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (segments->at[middle].from <= offset)
			low = middle;
		else
			high = middle;
	}
	return &segments->at[low];
}

bool segments_read(const struct segments *segments, uint64_t offset, uint8_t *to, size_t len,
		uint64_t *failed_at)
{
	while (len > 0) {
		const struct segment *segment = segment_at(segments, offset);
		uint64_t within = offset - segment->from;
		uint64_t rest = offset < segments->size ? segment->len - within : 0;
		size_t want = len < rest ? len : (size_t)rest;

		errno = 0;
		ssize_t got = want > 0 ? pread(segment->fd, to, want, (off_t)within) : 0;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			if (failed_at)
				*failed_at = offset;
			return false;
		}
		to += got;
		offset += (uint64_t)got;
		len -= (size_t)got;
	}
	return true;
}
