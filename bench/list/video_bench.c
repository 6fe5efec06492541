/*
 * video_bench VIDEOS [FOLDER] - finding a video among as many listed ones, of 100 frames each
 *
 * The list is made in FOLDER (/var/tmp) as an importer makes one; pictures last some seconds and
 * change a little with each frame, as those of films do, and are drawn by code (splitmix64).  Asked
 * is a clip of 60 frames of a listed video, encoded anew: each frame moved by so many bits, drawn
 * around 8, 16, 24; and one that is not listed.  Beside it, in turns, every frame is compared: the
 * same library without its index.  Prints one JSON line; a time is the median of its rounds.
 */
#include "base/clock.h"
#include "base/file.h"
#include <ward/bank.h>

#include <sys/resource.h>
#include <unistd.h>

enum { FRAMES = 100, ASKED = 60, ROUNDS = 21, SLOW_ROUNDS = 5, SHOT = 4 };

static struct ward_error error;

static void stop_on(ward_err err)
{
	if (!err)
		return;
	fprintf(stderr, "video_bench: %s\n", error.message);
	exit(2);
}

static uint64_t state;

static uint64_t draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void flip(ward_pdq *hash, int bits)
{
	for (int i = 0; i < bits; i++) {
		unsigned bit = draw() % 256;

		hash->word[bit / 64] ^= (uint64_t)1 << bit % 64;
	}
}

/* The same for a number every time. */
static void draw_video(struct ward_vpdq *video, uint64_t number)
{
	ward_pdq hash = { { 0 } };

	state = number * 0x2545f4914f6cdd1d;
	video->count = 0;
	for (uint32_t i = 0; i < FRAMES; i++) {
		struct ward_vpdq_frame frame = { .quality = 90, .number = i * 25, .time_s = i };

		if (i % SHOT == 0) {
			for (int word = 0; word < 4; word++)
				hash.word[word] = draw();
		} else {
			flip(&hash, 24);
		}
		frame.hash = hash;
		stop_on(ward_vpdq_add(video, &frame, &error));
	}
}

static double build(const char *folder, uint64_t videos)
{
	struct ward_list_writer *writer;
	struct ward_list_info info;
	struct ward_vpdq video = { 0 };
	uint64_t start = clock_ticks_us();

	if (!ward_list_info_init(&info, WARD_STR("films")))
		exit(2);
	stop_on(ward_list_create(folder, &info, &writer, &error));
	for (uint64_t i = 0; i < videos; i++) {
		struct ward_record record = { .number = i, .quality = 255, .frames = &video };

		draw_video(&video, i);
		stop_on(ward_list_writer_add(writer, &record, &error));
	}
	stop_on(ward_list_writer_commit(writer, &error));
	ward_list_writer_free(writer);
	ward_vpdq_free(&video);
	return (double)(clock_ticks_us() - start) / 1e6;
}

/* ---- asking ---- */

struct asking {
	struct ward_bank_view *view;
	uint64_t videos;
	int found, asked;
};

/* Milliseconds; `bits` away from frames 20 to 79 of a listed video, or of none with -1. */
static double ask(struct asking *asking, int bits, bool exhaustive)
{
	struct ward_search search = ward_search_default();
	struct ward_video_hits hits = { 0 };
	struct ward_vpdq video = { 0 }, clip = { 0 };
	struct ward_video_question question = { &clip, NULL, exhaustive };
	static uint64_t turn;
	uint64_t number = bits < 0 ? asking->videos + 7 : ++turn * 7919 % asking->videos, start;

	draw_video(&video, number);
	for (int i = 20; i < 20 + ASKED; i++) {
		struct ward_vpdq_frame frame = video.frames[i];

		flip(&frame.hash, bits > 0 ? bits : 0);
		stop_on(ward_vpdq_add(&clip, &frame, &error));
	}
	start = clock_ticks_us();
	stop_on(ward_bank_search_video(asking->view, &question, &search, &hits, &error));

	double ms = (double)(clock_ticks_us() - start) / 1e3;

	asking->asked++;
	asking->found += bits < 0 ? hits.count == 0 : hits.count == 1 && hits.at[0].entry == number;
	ward_video_hits_free(&hits);
	ward_vpdq_free(&video);
	ward_vpdq_free(&clip);
	return ms;
}

static int by_size(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static double median_of(struct asking *asking, int bits, bool exhaustive)
{
	int rounds = exhaustive ? SLOW_ROUNDS : ROUNDS;
	double ms[ROUNDS];

	asking->found = asking->asked = 0;
	for (int i = 0; i < rounds; i++)
		ms[i] = ask(asking, bits, exhaustive);
	qsort(ms, (size_t)rounds, sizeof(*ms), by_size);
	return ms[rounds / 2];
}

static void report(const char *folder, struct asking *asking, double build_s)
{
	static const int bits[] = { 8, 16, 24, -1 };
	static const char *const names[] = { "8", "16", "24", "none" };
	struct ward_list *list;
	struct rusage usage;

	stop_on(ward_list_open(folder, &list, &error));
	printf("{\"videos\":%llu,\"frames\":%llu,\"build_s\":%.1f,\"bytes_a_frame\":%.2f",
			(unsigned long long)asking->videos,
			(unsigned long long)asking->videos * FRAMES, build_s,
			(double)ward_list_bytes(list) / (double)(asking->videos * FRAMES));
	ward_list_free(list);
	(void)median_of(asking, 8, true); /* all pages are in memory */
	for (size_t i = 0; i < 4; i++) {
		printf(",\"ms_%s\":%.2f", names[i], median_of(asking, bits[i], false));
		printf(",\"right_%s\":%.4f", names[i], (double)asking->found / asking->asked);
	}
	printf(",\"scan_ms\":%.1f", median_of(asking, 16, true));
	getrusage(RUSAGE_SELF, &usage);
	printf(",\"peak_mb\":%ld}\n", usage.ru_maxrss / 1024);
}

int main(int count, char **words)
{
	struct asking asking = { .videos = count > 1 ? strtoull(words[1], NULL, 10) : 0 };
	char base[256], folder[280];
	struct ward_bank *bank;

	if (asking.videos == 0) {
		fprintf(stderr, "usage: video_bench VIDEOS [FOLDER]\n");
		return 2;
	}
	snprintf(base, sizeof(base), "%s/ward-video-bench-XXXXXX",
			count > 2 ? words[2] : "/var/tmp");
	if (!mkdtemp(base))
		return 2;
	snprintf(folder, sizeof(folder), "%s/films", base);

	double build_s = build(folder, asking.videos);

	stop_on(ward_bank_open(base, &bank, &error));
	asking.view = ward_bank_acquire(bank);
	report(folder, &asking, build_s);
	ward_bank_release(asking.view);
	ward_bank_free(bank);
	stop_on(ward_list_delete(folder, &error));
	return rmdir(base) < 0;
}
