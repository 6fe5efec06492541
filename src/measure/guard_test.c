#include "base/test.h"
#include "measure/guard.h"

static bool is_small(int64_t cell)
{
	return cell > 0 && cell < MEASURE_HIDDEN_UNDER;
}

/* ---- one period: all tables of a size, and whoever knows the rule and sees its outcome ---- */

enum { KEYS_MAX = 5, TABLES_MAX = 6000 };

struct row {
	int64_t cells[KEYS_MAX];
	bool hidden[KEYS_MAX];
};

static struct row rows[TABLES_MAX];
static size_t row_count;

/* Every way to share `total` among the keys from `key` on. */
static void add_rows(struct row *row, size_t keys, size_t key, int64_t total)
{
	if (key == keys - 1) {
		row->cells[key] = total;
		measure_guard_row(row->cells, keys, row->hidden);
		if (row_count < TABLES_MAX)
			rows[row_count] = *row;
		row_count++;
		return;
	}
	for (int64_t cell = 0; cell <= total; cell++) {
		row->cells[key] = cell;
		add_rows(row, keys, key + 1, total - cell);
	}
}

static bool looks_same(const struct row *a, const struct row *b, size_t keys)
{
	for (size_t i = 0; i < keys; i++) {
		if (a->hidden[i] != b->hidden[i] || (!a->hidden[i] && a->cells[i] != b->cells[i]))
			return false;
	}
	return true;
}

/* How many hidden cells have one value only in all rows that look the same. */
static size_t count_known(size_t keys)
{
	size_t known = 0;

	for (size_t i = 0; i < row_count; i++) {
		bool open[KEYS_MAX] = { false };

		for (size_t other = 0; other < row_count; other++) {
			bool same = looks_same(&rows[i], &rows[other], keys);

			for (size_t key = 0; same && key < keys; key++)
				open[key] = open[key] ||
					    rows[other].cells[key] != rows[i].cells[key];
		}
		for (size_t key = 0; key < keys; key++)
			known += rows[i].hidden[key] && !open[key];
	}
	return known;
}

static size_t known_of(size_t keys, int64_t total)
{
	struct row row = { .cells = { 0 } };

	row_count = 0;
	add_rows(&row, keys, 0, total);
	test_check(row_count <= TABLES_MAX, __FILE__, __LINE__, "all tables fit");
	return count_known(keys);
}

static void tells_no_hidden_cell(void)
{
	static const int64_t totals[KEYS_MAX + 1] = { 0, 0, 40, 30, 18, 11 };
	size_t known = 0, small = 0, hidden = 0;

	for (size_t keys = 2; keys <= KEYS_MAX; keys++) {
		for (int64_t total = 0; total <= totals[keys]; total++) {
			known += known_of(keys, total);
			for (size_t i = 0; i < row_count * keys; i++) {
				const struct row *row = &rows[i / keys];
				small += is_small(row->cells[i % keys]) && !row->hidden[i % keys];
				hidden += row->hidden[i % keys];
			}
		}
	}
	CHECK_EQ(small, 0);
	CHECK_EQ(known, 0);
	CHECK(hidden > 1000);
}

static void hides_nothing_without_need(void)
{
	const int64_t cells[] = { 0, 5, 12, 0, 7 };
	bool hidden[5] = { true, true, true, true, true };

	measure_guard_row(cells, 5, hidden);
	for (int i = 0; i < 5; i++)
		CHECK(!hidden[i]);
}

static void shows_what_others_cannot_be_computed_from(void)
{
	/* 3 and 4 are 7 together: neither is known. */
	const int64_t two[] = { 3, 40, 4, 9 };
	/* 3 alone would be the total less the rest: 9 goes, too. */
	const int64_t one[] = { 3, 40, 30, 9 };
	bool hidden[4];

	measure_guard_row(two, 4, hidden);
	CHECK(hidden[0] && !hidden[1] && hidden[2] && !hidden[3]);
	measure_guard_row(one, 4, hidden);
	CHECK(hidden[0] && !hidden[1] && !hidden[2] && hidden[3]);
}

/* ---- a year: all tables with the same totals, and what is shown of one of them ---- */

enum { FULL = 3, YEAR_KEYS = 3, CELLS = MEASURE_MONTHS * YEAR_KEYS };

struct year {
	int64_t cells[CELLS], sums[YEAR_KEYS];
	bool key_hidden[YEAR_KEYS];
	struct measure_guarded_year told;
};

static void guard(struct year *year)
{
	year->told = (struct measure_guarded_year){ .cells = year->cells,
		.keys = YEAR_KEYS,
		.sums = year->sums,
		.key_hidden = year->key_hidden };
	measure_guard_year(&year->told);
}

static int64_t of_year(const struct year *year, size_t key)
{
	int64_t sum = 0;

	for (size_t month = 0; month < MEASURE_MONTHS; month++)
		sum += year->cells[month * YEAR_KEYS + key];
	return sum;
}

/* `other` could be what is behind what is shown of `year`. */
static bool could_be(const struct year *year, const struct year *other)
{
	for (size_t i = 0; i < CELLS; i++) {
		if (!year->told.month_hidden[i / YEAR_KEYS] && year->cells[i] != other->cells[i])
			return false;
	}
	for (size_t key = 0; key < YEAR_KEYS; key++) {
		if (!year->key_hidden[key] && of_year(year, key) != of_year(other, key))
			return false;
	}
	return true;
}

struct search {
	const struct year *year;
	struct year other;
	bool open[CELLS], open_year[YEAR_KEYS];
};

static void look(struct search *search)
{
	if (!could_be(search->year, &search->other))
		return;
	for (size_t i = 0; i < CELLS; i++)
		search->open[i] =
				search->open[i] || search->other.cells[i] != search->year->cells[i];
	for (size_t key = 0; key < YEAR_KEYS; key++)
		search->open_year[key] = search->open_year[key] ||
					 of_year(&search->other, key) != of_year(search->year, key);
}

/* Every way to share the totals of the first months among the keys. */
static void try_months(struct search *search, size_t month)
{
	int64_t *cells = &search->other.cells[month * YEAR_KEYS], total = 0;

	if (month == FULL) {
		look(search);
		return;
	}
	for (size_t key = 0; key < YEAR_KEYS; key++)
		total += search->year->cells[month * YEAR_KEYS + key];
	for (cells[0] = 0; cells[0] <= total; cells[0]++) {
		for (cells[1] = 0; cells[1] <= total - cells[0]; cells[1]++) {
			cells[2] = total - cells[0] - cells[1];
			try_months(search, month + 1);
		}
	}
}

static uint64_t random_state = 42;

static int64_t random_below(int64_t bound)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (int64_t)((random_state >> 33) % (uint64_t)bound);
}

static void tells_no_hidden_month_by_its_year(void)
{
	size_t known = 0, hidden = 0, shown_years = 0;

	for (int round = 0; round < 300; round++) {
		struct year year = { .cells = { 0 } };
		struct search search = { .year = &year };

		for (size_t i = 0; i < FULL * YEAR_KEYS; i++)
			year.cells[i] = random_below(3) ? random_below(7) : 0;
		guard(&year);
		try_months(&search, 0);
		for (size_t i = 0; i < CELLS; i++) {
			bool is_hidden = year.told.month_hidden[i / YEAR_KEYS];

			CHECK(is_hidden || !is_small(year.cells[i]));
			hidden += is_hidden;
			/* Where a year shows none, or five and more, that much is known. */
			known += is_hidden && is_small(year.cells[i]) && !search.open[i];
		}
		for (size_t key = 0; key < YEAR_KEYS; key++) {
			known += year.key_hidden[key] && !search.open_year[key];
			shown_years += !year.key_hidden[key] && of_year(&year, key) > 0;
		}
	}
	CHECK_EQ(known, 0);
	CHECK(hidden > 1000);
	CHECK(shown_years > 100);
}

static void shows_a_year_of_hidden_months(void)
{
	struct year year = { .cells = { 3, 2, 0, 4, 4, 0, 2, 1, 0 } };

	guard(&year);
	for (size_t month = 0; month < MEASURE_MONTHS; month++)
		CHECK_EQ(year.told.month_hidden[month], month < 3);
	CHECK(!year.key_hidden[0] && !year.key_hidden[1] && !year.key_hidden[2]);
}

static void hides_a_year_that_is_its_one_hidden_month(void)
{
	struct year year = { .cells = { 30, 2, 9, 40, 50, 60 } };

	guard(&year);
	CHECK(year.told.month_hidden[0] && !year.told.month_hidden[1]);
	/* 2 and 9: the sum of the hidden month is told of the first key alone. */
	CHECK(!year.key_hidden[0] && year.key_hidden[1] && year.key_hidden[2]);
}

static void hides_a_year_whose_months_are_of_one_kind(void)
{
	struct year year = { .cells = { 3, 0, 0, 7, 0, 0 } };

	guard(&year);
	CHECK(year.told.month_hidden[0] && !year.told.month_hidden[1]);
	CHECK(year.key_hidden[0] && year.key_hidden[1] && year.key_hidden[2]);
}

/* ---- people ---- */

static void tells_of_five_people_or_of_none(void)
{
	const int64_t enough[MEASURE_MONTHS] = { 5, 0, 12 }, few[MEASURE_MONTHS] = { 5, 4 };
	bool hidden[MEASURE_MONTHS], year_hidden;

	measure_guard_people(enough, hidden, &year_hidden);
	CHECK(!year_hidden);
	for (int i = 0; i < MEASURE_MONTHS; i++)
		CHECK(!hidden[i]);
	measure_guard_people(few, hidden, &year_hidden);
	CHECK(!hidden[0] && hidden[1] && year_hidden);
}

static const struct test_case cases[] = {
	{ "tells no hidden cell to who knows the rule", tells_no_hidden_cell },
	{ "hides nothing without need", hides_nothing_without_need },
	{ "shows what others cannot be computed from", shows_what_others_cannot_be_computed_from },
	{ "tells no hidden month by its year", tells_no_hidden_month_by_its_year },
	{ "shows a year of hidden months", shows_a_year_of_hidden_months },
	{ "hides a year that is its one hidden month", hides_a_year_that_is_its_one_hidden_month },
	{ "hides a year whose months are of one kind", hides_a_year_whose_months_are_of_one_kind },
	{ "tells of five people, or of none", tells_of_five_people_or_of_none },
};
TEST_MAIN(cases)
