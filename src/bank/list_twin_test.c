/*
 * A list that is changed at random, beside its plain twin: an array of
 * records, looked through from one end to the other.
 */
#include "bank/list_test.h"

#include <stdlib.h>

#define RECORDS_MAX 4000
#define POOL        150 /* so many different signals of a kind, so that they meet */

struct twin_record {
	struct ward_record record;
	char labels[40];
	char ref[16];
	bool gone;
};

static struct twin_record twin[RECORDS_MAX];
static size_t twin_count;
static uint64_t twin_next;
static uint64_t state;

static uint64_t draw(uint64_t below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

/* PDQ hashes lie around a few, PhotoDNA too; digests are equal or begin alike. */
static ward_signal drawn_signal(void)
{
	ward_signal signal;

	switch (draw(5)) {
	case 0:
		return digest_of(WARD_SIGNAL_MD5, draw(POOL));
	case 1:
		signal = digest_of(WARD_SIGNAL_SHA256, draw(3));
		signal.bytes[8 + draw(24)] ^= (uint8_t)draw(2);
		return signal;
	case 2:
		signal = (ward_signal){ .kind = WARD_SIGNAL_PHOTODNA };
		signal.bytes[draw(144)] = (uint8_t)draw(12);
		return signal;
	case 3:
		return digest_of(WARD_SIGNAL_SHA1, draw(POOL));
	default:
		return ward_pdq_signal(flipped(pdq_of(draw(12)), (int)draw(40)));
	}
}

static void draw_record(struct twin_record *drawn)
{
	struct ward_record *record = &drawn->record;

	*drawn = (struct twin_record){ .record.quality = draw(3) ? (uint8_t)draw(101) : 255 };
	twin_next += draw(20) ? 0 : draw(1000);
	record->number = twin_next++;
	record->signal_count = draw(4) ? 1 : 1 + draw(WARD_RECORD_SIGNALS_MAX);
	for (size_t i = 0; i < record->signal_count; i++)
		record->signals[i] = drawn_signal();
	if (draw(3))
		snprintf(drawn->labels, sizeof(drawn->labels), "ward:%d", (int)draw(30));
	if (draw(3))
		snprintf(drawn->ref, sizeof(drawn->ref), "%d", (int)draw(300));
	record->labels = ward_str_from(drawn->labels);
	record->ref = ward_str_from(drawn->ref);
}

static bool add_some(struct ward_list_writer *writer, size_t count)
{
	for (size_t i = 0; i < count && twin_count < RECORDS_MAX; i++) {
		draw_record(&twin[twin_count]);
		if (ward_list_writer_add(writer, &twin[twin_count].record, &error))
			return false;
		twin_count++;
	}
	return true;
}

static bool has_signal(const struct ward_record *record, const ward_signal *signal)
{
	for (size_t i = 0; i < record->signal_count; i++) {
		if (ward_signal_eq(&record->signals[i], signal))
			return true;
	}
	return false;
}

/* Removes from both, of the first `before` records, and compares how many that were. */
static bool remove_some(struct ward_list_writer *writer, size_t before, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ward_signal signal = drawn_signal();
		bool by_ref = draw(2);
		uint64_t want = 0, removed = 0;
		char ref[16];

		snprintf(ref, sizeof(ref), "%d", (int)draw(300));
		for (size_t j = 0; j < before; j++) {
			bool meant = by_ref ? strcmp(twin[j].ref, ref) == 0
					    : has_signal(&twin[j].record, &signal);

			want += meant && !twin[j].gone;
			twin[j].gone |= meant;
		}
		if (by_ref ? ward_list_writer_remove_ref(writer, ward_str_from(ref), &removed,
					     &error)
			   : ward_list_writer_remove_signal(writer, &signal, &removed, &error))
			return false;
		if (removed != want) {
			printf("# removed %d of %d\n", (int)removed, (int)want);
			return false;
		}
	}
	return true;
}

/* ---- comparing ---- */

static bool same_record(const struct ward_record *a, const struct ward_record *b)
{
	size_t found = 0;

	if (a->number != b->number || a->quality != b->quality ||
			a->signal_count != b->signal_count || !ward_str_eq(a->labels, b->labels) ||
			!ward_str_eq(a->ref, b->ref))
		return false;
	for (size_t i = 0; i < a->signal_count; i++)
		found += has_signal(b, &a->signals[i]);
	return found == a->signal_count;
}

static bool same_entries(const struct ward_list *list)
{
	struct ward_record record;
	uint64_t cursor = 0, entries = 0, signals[WARD_SIGNAL_KIND_COUNT] = { 0 };

	for (size_t i = 0; i < twin_count; i++) {
		const struct ward_record *want = &twin[i].record;

		if (ward_list_entry(list, want->number, &record) == twin[i].gone)
			return false;
		if (twin[i].gone)
			continue;
		if (!same_record(&record, want) || !ward_list_next(list, &cursor, &record) ||
				!same_record(&record, want))
			return false;
		entries++;
		for (size_t j = 0; j < want->signal_count; j++)
			signals[want->signals[j].kind]++;
	}
	for (int kind = 0; kind < WARD_SIGNAL_KIND_COUNT; kind++) {
		if (ward_list_signals(list, (ward_signal_kind)kind) != signals[kind])
			return false;
	}
	return !ward_list_next(list, &cursor, &record) && ward_list_entries(list) == entries;
}

#define PHOTODNA_MAX 90

static bool is_hit(const ward_signal *asked, const ward_signal *listed, uint32_t radius,
		uint32_t *distance)
{
	if (asked->kind != listed->kind)
		return false;
	if (asked->kind == WARD_SIGNAL_PDQ) {
		*distance = (uint32_t)ward_pdq_distance(ward_pdq_from_signal(asked),
				ward_pdq_from_signal(listed));
		return *distance <= radius;
	}
	if (asked->kind == WARD_SIGNAL_PHOTODNA) {
		*distance = ward_photodna_distance(asked->bytes, listed->bytes);
		return *distance <= PHOTODNA_MAX;
	}
	*distance = 0;
	return ward_signal_eq(asked, listed);
}

struct answer {
	uint64_t entry;
	ward_signal signal;
	uint32_t distance;
};

static int by_answer(const void *left, const void *right)
{
	const struct answer *a = left, *b = right;

	if (a->distance != b->distance)
		return a->distance < b->distance ? -1 : 1;
	if (a->entry != b->entry)
		return a->entry < b->entry ? -1 : 1;
	return memcmp(a->signal.bytes, b->signal.bytes, sizeof(a->signal.bytes));
}

static size_t scan_twin(const ward_signal *asked, uint32_t radius, struct answer *answers)
{
	size_t count = 0;

	for (size_t i = 0; i < twin_count; i++) {
		const struct ward_record *record = &twin[i].record;
		uint32_t distance = 0;

		for (size_t j = 0; j < record->signal_count && !twin[i].gone; j++) {
			if (is_hit(asked, &record->signals[j], radius, &distance))
				answers[count++] = (struct answer){ record->number,
					record->signals[j], distance };
		}
	}
	qsort(answers, count, sizeof(*answers), by_answer);
	return count;
}

static bool same_answer(const struct ward_list *list, const ward_signal *asked, int radius)
{
	static struct answer answers[RECORDS_MAX * WARD_RECORD_SIGNALS_MAX];
	struct ward_hits hits = { 0 };
	size_t count = scan_twin(asked, (uint32_t)radius, answers);
	bool same = !ward_list_search(list, asked, radius, &hits, &error) && hits.count == count;

	for (size_t i = 0; same && i < count; i++) {
		const struct ward_hit *hit = &hits.at[i];

		same = hit->entry == answers[i].entry && hit->distance == answers[i].distance &&
		       ward_signal_eq(&hit->signal, &answers[i].signal);
	}
	if (!same)
		printf("# %zu hits of %zu at radius %d\n", hits.count, count, radius);
	ward_hits_free(&hits);
	return same;
}

static bool is_like_its_twin(void)
{
	struct ward_list *list = open_list("a");
	bool same = list && same_entries(list) && !ward_list_verify(list, NULL, NULL, &error);

	if (list && !same)
		printf("# entries differ: %s\n", error.message);
	for (int i = 0; same && i < 30; i++) {
		ward_signal asked = drawn_signal();

		same = same_answer(list, &asked, (int)draw(WARD_PDQ_RADIUS_MAX + 1));
	}
	ward_list_free(list);
	return same;
}

/* ---- the story of one list ---- */

static bool begin_twin(uint64_t seed, size_t count)
{
	struct ward_list_info info = info_of("a");
	struct ward_list_writer *writer = NULL;

	state = seed;
	twin_count = 0;
	twin_next = draw(3);
	info.photodna_distance_max = PHOTODNA_MAX;
	return !ward_list_create(in_folder("a"), &info, &writer, &error) &&
	       add_some(writer, count) && commit(writer);
}

static bool change_twin(void)
{
	struct ward_list_writer *writer = change("a");
	size_t before = twin_count;

	if (!writer)
		return false;
	if (draw(5) == 0)
		twin_next += draw(100);
	return add_some(writer, draw(60)) && remove_some(writer, before, draw(12)) &&
	       commit(writer);
}

static void lists_are_like_their_plain_twins(void)
{
	for (uint64_t seed = 1; seed <= 25; seed++) {
		fresh_list_folder();
		CHECK(begin_twin(seed, draw(400)));
		CHECK(is_like_its_twin());
		for (int i = 0; i < 12; i++) {
			CHECK(change_twin());
			if (draw(6) == 0)
				CHECK_EQ(ward_list_compact(in_folder("a"), &error), WARD_OK);
			CHECK(is_like_its_twin());
		}
	}
}

static const struct test_case cases[] = {
	{ "lists are like their plain twins, through deltas, removals and compacting",
			lists_are_like_their_plain_twins },
};
TEST_MAIN(cases)
