/*
 * Reads damaged segments as a list does.  The first byte says how the rest is
 * read: odd, it is a segment itself; even, it is a list of 8-byte changes
 * (where, what) to a sound one.  With bit 1 the head's checksum is made right
 * again, which a fuzzer could not, so that what it guards is reached.
 */
#include "bank/video_search.h"
#include "base/checksum.h"

#include <stddef.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ENTRIES     60
#define CHANGES_MAX 64

static void check(bool ok)
{
	if (!ok)
		abort();
}

static ward_signal signal_of(ward_signal_kind kind, uint64_t seed)
{
	ward_signal signal = { .kind = kind };

	for (size_t i = 0; i < ward_signal_size(kind); i++)
		signal.bytes[i] = (uint8_t)((seed + 1) * 37 * (i + 3) >> 2);
	return signal;
}

/* Of the sample's entries: four frames, of which two are the same for all. */
static struct ward_vpdq frames_of(uint64_t seed)
{
	struct ward_vpdq frames = { 0 };

	for (uint64_t i = 0; i < 4; i++) {
		ward_signal hash = signal_of(WARD_SIGNAL_PDQ, i < 2 ? i : seed * 9 + i);
		const struct ward_vpdq_frame frame = { ward_pdq_from_signal(&hash), 80,
			(uint32_t)(i * i * (seed % 3)), (double)i };

		check(!ward_vpdq_add(&frames, &frame, NULL));
	}
	return frames;
}

/* ---- asking everything ---- */

static ward_err see_video(void *context, struct ward_video_hit *hit, const struct segment *segment,
		uint32_t index, struct ward_error *error)
{
	uint64_t *seen = context;

	(void)error;
	*seen += hit->span_count + segment_frames_number(segment, index) % 2;
	return WARD_OK;
}

/* One asked list after another, as a bank does; TMK features are too large for a sample. */
static void ask_videos(const struct ward_list *list)
{
	struct ward_vpdq frames = frames_of(3);
	const struct ward_video_question question = { &frames, NULL, false };
	ward_pdq hashes[4];
	struct video_asked asked = { &question, &frames, hashes, 4 };
	uint64_t seen = 0;

	for (size_t i = 0; i < 4; i++)
		hashes[i] = frames.frames[i].hash;
	check(!video_search_list(list, &asked, WARD_PDQ_RADIUS, see_video, &seen, NULL));
	for (uint64_t number = 0; number < 100; number += 3) {
		struct ward_vpdq got = { 0 };

		seen += ward_list_frames(list, number, &got, NULL) == WARD_OK;
		ward_vpdq_free(&got);
	}
	ward_vpdq_free(&frames);
}

static void ask(const struct ward_list *list)
{
	struct ward_hits hits = { .max = 50 };
	struct ward_record record;
	uint64_t cursor = 0, letters = 0;

	for (int i = WARD_SIGNAL_NONE + 1; i < WARD_SIGNAL_KIND_COUNT; i++) {
		for (uint64_t seed = 0; seed < 4; seed++) {
			ward_signal signal = signal_of((ward_signal_kind)i, seed * 9);

			check(!ward_list_search(list, &signal, -1, &hits, NULL));
		}
	}
	for (size_t i = 0; i < hits.count; i++) {
		for (size_t j = 0; j < hits.at[i].labels.len; j++)
			letters += (uint8_t)hits.at[i].labels.ptr[j];
	}
	ward_hits_free(&hits);
	for (int i = 0; i < 200 && ward_list_next(list, &cursor, &record); i++) {
		check(record.signal_count <= WARD_RECORD_SIGNALS_MAX);
		for (size_t j = 0; j < record.ref.len; j++)
			letters += (uint8_t)record.ref.ptr[j];
	}
	for (uint64_t number = 0; number < 100; number += 7)
		letters += ward_list_entry(list, number, &record);
	check(letters < UINT64_MAX);
	ask_videos(list);
	check(ward_list_verify(list, NULL, NULL, NULL) <= WARD_ERR_COUNT);
}

static void read_bytes(uint8_t *bytes, size_t size, bool mend)
{
	struct segment segments[2];
	struct ward_list list = { .segments = segments };
	struct segment_head head;

	if (mend && size >= sizeof(head)) {
		memcpy(&head, bytes, sizeof(head));
		head.checksum = checksum_of(&head, offsetof(struct segment_head, checksum));
		memcpy(bytes, &head, sizeof(head));
	}
	if (segment_read((ward_bytes){ bytes, size }, &segments[0], NULL))
		return;
	/* Twice: its removals and refs then bear on another segment as well. */
	segments[1] = segments[0];
	list.manifest.segment_count = 2;
	list.manifest.info.radius = WARD_PDQ_RADIUS;
	list.manifest.info.photodna_distance_max = 1000;
	ask(&list);
}

/* ---- a sound one ---- */

static void fill_sample(const char *folder)
{
	struct ward_list_writer *writer = NULL;
	struct ward_list_info info;
	struct ward_record record = { .quality = 77 };
	struct ward_vpdq frames;

	check(ward_list_info_init(&info, WARD_STR("sample")));
	check(!ward_list_create(folder, &info, &writer, NULL));
	for (uint64_t i = 0; i < ENTRIES; i++) {
		record.number = i + i / 20;
		record.signal_count = 1 + i % 5;
		for (size_t j = 0; j < record.signal_count; j++)
			record.signals[j] = signal_of((ward_signal_kind)(1 + (i + j) % 5), i);
		record.labels = i % 2 ? WARD_STR("ward:boat") : WARD_STR("ward:bridge ward:night");
		record.ref = WARD_STR("ref");
		frames = frames_of(i);
		record.frames = i % 3 ? &frames : NULL;
		check(!ward_list_writer_add(writer, &record, NULL));
		ward_vpdq_free(&frames);
	}
	check(!ward_list_writer_commit(writer, NULL));
	ward_list_writer_free(writer);
}

/* Made as any list is, and kept in memory. */
static ward_bytes make_sample(void)
{
	char folder[] = "/tmp/ward-segment-fuzz-XXXXXX";
	struct ward_list *list = NULL;
	uint8_t *bytes = NULL;
	size_t size;

	check(mkdtemp(folder));
	fill_sample(folder);
	check(!ward_list_open(folder, &list, NULL));
	size = list->segments[0].bytes.len;
	check(!posix_memalign((void **)&bytes, SEGMENT_ALIGN, size));
	memcpy(bytes, list->segments[0].bytes.ptr, size);
	ward_list_free(list);
	check(!ward_list_delete(folder, NULL));
	return (ward_bytes){ bytes, size };
}

static uint32_t read32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static void apply(const uint8_t *data, size_t size, ward_bytes sample, uint8_t *bytes)
{
	memcpy(bytes, sample.ptr, sample.len);
	for (int i = 0; size >= 8 && i < CHANGES_MAX; data += 8, size -= 8, i++) {
		uint32_t what = read32(data + 4);

		memcpy(bytes + read32(data) % (sample.len / 4) * 4, &what, 4);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static ward_bytes sample;
	uint8_t *bytes = NULL;

	if (size == 0)
		return 0;
	if (!sample.ptr)
		sample = make_sample();
	/* Of exactly the segment's size, so that a sanitizer sees a read past it. */
	if (data[0] % 2) {
		check(!posix_memalign((void **)&bytes, SEGMENT_ALIGN, size));
		memcpy(bytes, data + 1, size - 1);
		read_bytes(bytes, size - 1, data[0] & 2);
	} else {
		check(!posix_memalign((void **)&bytes, SEGMENT_ALIGN, sample.len));
		apply(data + 1, size - 1, sample, bytes);
		read_bytes(bytes, sample.len, data[0] & 2);
	}
	free(bytes);
	return 0;
}
