/*
 * The table of data/safe-search.txt, which is carried in the program.
 */
#include "exchange/safe_search.h"

#include "exchange/site_names.h"

/* The columns of the next row; false at the end. */
static bool next_row(ward_str *rest, ward_str *name, ward_str *host, ward_str *mode)
{
	while (rest->len > 0) {
		ward_str line = ward_str_trim(ward_str_cut(rest, '\n'));

		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		*name = ward_str_cut(&line, ' ');
		line = ward_str_trim(line);
		*host = ward_str_cut(&line, ' ');
		*mode = ward_str_trim(line);
		return true;
	}
	return false;
}

static bool holds(ward_str word, enum exchange_safe_search mode)
{
	return ward_str_eq(word, WARD_STR("both")) ||
	       (mode == EXCHANGE_SAFE_STRICT && ward_str_eq(word, WARD_STR("strict"))) ||
	       (mode == EXCHANGE_SAFE_MODERATE && ward_str_eq(word, WARD_STR("moderate")));
}

bool exchange_safe_search_at(size_t index, enum exchange_safe_search mode, ward_str *name,
		ward_str *host)
{
	ward_str rest = { (const char *)exchange_safe_table, exchange_safe_table_len }, word;
	size_t at = 0;

	while (mode != EXCHANGE_SAFE_OFF && next_row(&rest, name, host, &word)) {
		if (holds(word, mode) && at++ == index)
			return true;
	}
	return false;
}

void exchange_safe_search_all(struct exchange_safe_pairs *pairs)
{
	ward_str rest = { (const char *)exchange_safe_table, exchange_safe_table_len };
	struct exchange_safe_pair *pair = pairs->at;
	ward_str mode;

	while (pair < pairs->at + EXCHANGE_SAFE_PAIRS_MAX &&
			next_row(&rest, &pair->name, &pair->host, &mode))
		pair++;
	pairs->count = (size_t)(pair - pairs->at);
}

bool exchange_safe_search_from(ward_str word, enum exchange_safe_search *mode)
{
	if (ward_str_eq(word, WARD_STR("strict")))
		*mode = EXCHANGE_SAFE_STRICT;
	else if (ward_str_eq(word, WARD_STR("moderate")))
		*mode = EXCHANGE_SAFE_MODERATE;
	else
		return false;
	return true;
}
