#include "measure/guard.h"

/* The shown cells that are smallest, or none: then all is hidden. */
static void hide_smallest(const int64_t *cells, size_t count, bool *hidden)
{
	int64_t smallest = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		if (!hidden[i] && cells[i] < smallest)
			smallest = cells[i];
	}
	for (size_t i = 0; i < count; i++)
		hidden[i] = hidden[i] || cells[i] == smallest;
}

void measure_guard_row(const int64_t *cells, size_t count, bool *hidden)
{
	int64_t sum = 0, number = 0;
	bool small = false;

	for (size_t i = 0; i < count; i++)
		small = small || (cells[i] > 0 && cells[i] < MEASURE_HIDDEN_UNDER);
	for (size_t i = 0; i < count; i++) {
		hidden[i] = small && cells[i] < MEASURE_HIDDEN_UNDER;
		sum += hidden[i] ? cells[i] : 0;
		number += hidden[i];
	}
	if (small && (sum < MEASURE_HIDDEN_UNDER || sum == number * (MEASURE_HIDDEN_UNDER - 1)))
		hide_smallest(cells, count, hidden);
}

static bool is_clean(const int64_t *cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (cells[i] > 0 && cells[i] < MEASURE_HIDDEN_UNDER)
			return false;
	}
	return true;
}

/* Of the months that are hidden, what all of them have in this key. */
static int64_t hidden_sum(const struct measure_guarded_year *year, size_t key)
{
	int64_t sum = 0;

	for (size_t month = 0; month < MEASURE_MONTHS; month++)
		sum += year->month_hidden[month] ? year->cells[month * year->keys + key] : 0;
	return sum;
}

void measure_guard_year(struct measure_guarded_year *year)
{
	size_t in_keys = 0;

	for (size_t month = 0; month < MEASURE_MONTHS; month++)
		year->month_hidden[month] = !is_clean(&year->cells[month * year->keys], year->keys);
	for (size_t key = 0; key < year->keys; key++) {
		year->sums[key] = hidden_sum(year, key);
		in_keys += year->sums[key] > 0;
	}
	measure_guard_row(year->sums, year->keys, year->key_hidden);
	for (size_t key = 0; key < year->keys && in_keys == 1; key++)
		year->key_hidden[key] = true;
}

void measure_guard_people(const int64_t people[MEASURE_MONTHS], bool month_hidden[MEASURE_MONTHS],
		bool *year_hidden)
{
	*year_hidden = false;
	for (size_t month = 0; month < MEASURE_MONTHS; month++) {
		month_hidden[month] = people[month] > 0 && people[month] < MEASURE_HIDDEN_UNDER;
		*year_hidden = *year_hidden || month_hidden[month];
	}
}
