#include "vault/legal.h"

#include <assert.h>

#include "base/tree.h"
#include "vault/legal_table.h"

enum { CLOCKS_MAX = 200, WORDS_MAX = 1000, TABLE_MAX = 1 << 20, YEARS_MAX = 200 };

struct legal {
	struct ward_arena arena;
	const char *notice;
	struct legal_clock *clocks;
	size_t count;
};

/* ---- periods ---- */

/* Takes "90D" off the front: its number, and the letter. */
static bool take_part(ward_str *text, uint64_t *number, char *letter)
{
	size_t digits = 0;

	while (digits < text->len && text->ptr[digits] >= '0' && text->ptr[digits] <= '9')
		digits++;
	if (digits == 0 || digits > 5 || digits == text->len ||
			!ward_u64_parse((ward_str){ text->ptr, digits }, number))
		return false;
	*letter = text->ptr[digits];
	text->ptr += digits + 1;
	text->len -= digits + 1;
	return true;
}

bool legal_period_parse(ward_str text, struct legal_period *period)
{
	static const char order[] = "YMWD";
	struct legal_period read = { 0 };
	const char *next = order;

	if (text.len < 3 || text.ptr[0] != 'P')
		return false;
	text.ptr++;
	text.len--;
	while (text.len > 0) {
		uint64_t number;
		char letter;

		if (!take_part(&text, &number, &letter))
			return false;
		const char *at = letter ? strchr(next, letter) : NULL;

		if (!at)
			return false;
		next = at + 1;
		if (letter == 'Y')
			read.years = (unsigned)number;
		else if (letter == 'M')
			read.months = (unsigned)number;
		else
			read.days += (unsigned)number * (letter == 'W' ? 7 : 1);
	}
	if (read.years > YEARS_MAX || read.months > YEARS_MAX * 12 || read.days > YEARS_MAX * 366)
		return false;
	*period = read;
	return true;
}

/* ---- the calendar: proleptic Gregorian, days since 1970-01-01 ---- */

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in(int64_t year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year) ? 1U : 0U);
}

/* The days before the first of January of a year from 1970 on. */
static int64_t days_before_year(int64_t year)
{
	int64_t past = year - 1;

	return (year - 1970) * 365 + (past / 4 - 492) - (past / 100 - 19) + (past / 400 - 4);
}

struct date {
	int64_t year;
	unsigned month, day;
};

static struct date date_of(int64_t days)
{
	struct date date = { 1970 + days / 366, 1, 1 };

	while (days_before_year(date.year + 1) <= days)
		date.year++;
	days -= days_before_year(date.year);
	while (days >= days_in(date.year, date.month))
		days -= days_in(date.year, date.month++);
	date.day = (unsigned)days + 1;
	return date;
}

static int64_t days_of(struct date date)
{
	int64_t days = days_before_year(date.year) + date.day - 1;

	for (unsigned month = 1; month < date.month; month++)
		days += days_in(date.year, month);
	return days;
}

int64_t legal_period_end(int64_t start, struct legal_period period)
{
	const int64_t day_s = 86400, last = (int64_t)9000 * 366 * day_s;

	if (start > last)
		return INT64_MAX;
	if (start < 0)
		start = 0;
	struct date date = date_of(start / day_s);
	int64_t months = (int64_t)date.month - 1 + period.months;

	date.year += period.years + months / 12;
	date.month = (unsigned)(months % 12) + 1;
	if (date.day > days_in(date.year, date.month))
		date.day = days_in(date.year, date.month);
	return (days_of(date) + period.days + 1) * day_s - 1;
}

/* ---- the table ---- */

static ward_err fail_clock(size_t number, const char *what, struct ward_error *error)
{
	return ward_fail(error, WARD_E_FORMAT, "clock %zu of the table: %s", number + 1, what);
}

/* A text of the clock, kept in the arena; NULL when it is none, or too long. */
static const char *take_text(struct legal *legal, const struct json_t *clock, const char *name)
{
	const struct json_t *value = tree_member(clock, name);
	ward_str text = tree_text(value);

	if (!tree_is_text(value) || text.len > WORDS_MAX ||
			(text.len > 0 && memchr(text.ptr, '\0', text.len)))
		return NULL;
	return ward_arena_str(&legal->arena, text).ptr;
}

static bool is_code(const char *code)
{
	size_t len = strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && len < LEGAL_CODE_MAX && code[len] == '\0';
}

static ward_err take_words(struct legal *legal, const struct json_t *object,
		struct legal_clock *clock, struct ward_error *error)
{
	const struct {
		const char *name;
		const char **to;
	} words[] = {
		{ "code", &clock->code },
		{ "title", &clock->title },
		{ "place", &clock->place },
		{ "trigger", &clock->trigger },
		{ "source", &clock->source },
		{ "note", &clock->note },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		char says[80];

		*words[i].to = take_text(legal, object, words[i].name);
		if (*words[i].to)
			continue;
		snprintf(says, sizeof(says), "\"%s\" is a text of at most %d bytes", words[i].name,
				WORDS_MAX);
		return fail_clock(legal->count, says, error);
	}
	if (!is_code(clock->code))
		return fail_clock(legal->count, "a code is a-z, 0-9 and hyphens", error);
	if (legal_find(legal, ward_str_from(clock->code)))
		return fail_clock(legal->count, "another one has its code", error);
	return WARD_OK;
}

static ward_err take_clock(struct legal *legal, const struct json_t *object,
		struct ward_error *error)
{
	struct legal_clock *clock = &legal->clocks[legal->count];
	ward_str renew = tree_text(tree_member(object, "renew"));
	int64_t renewals_max;
	ward_err err = take_words(legal, object, clock, error);

	if (err)
		return err;
	if (!legal_period_parse(tree_text(tree_member(object, "keep")), &clock->keep))
		return fail_clock(legal->count, "\"keep\" is a period as P1Y, P6M or P90D", error);
	if (!tree_is_text(tree_member(object, "renew")) ||
			(renew.len > 0 && !legal_period_parse(renew, &clock->renew)))
		return fail_clock(legal->count, "\"renew\" is a period, or empty", error);
	if (!tree_int(tree_member(object, "renewals_max"), 0, 1000, &renewals_max))
		return fail_clock(legal->count, "\"renewals_max\" is a number; 0 is any", error);
	if (!tree_bool(tree_member(object, "authority"), &clock->authority))
		return fail_clock(legal->count, "\"authority\" is true or false", error);
	clock->renewals_max = (unsigned)renewals_max;
	legal->count++;
	return WARD_OK;
}

static ward_err take_table(struct legal *legal, const struct json_t *tree, struct ward_error *error)
{
	const struct json_t *clocks = tree_member(tree, "clocks");
	size_t count = tree_count(clocks);
	int64_t version;
	ward_err err = WARD_OK;

	if (!ward_str_eq(tree_text(tree_member(tree, "format")), WARD_STR("ward.legal-clocks")) ||
			!tree_int(tree_member(tree, "version"), 1, 1, &version))
		return ward_fail(error, WARD_E_FORMAT,
				"this is no table of legal clocks of version 1");
	legal->notice = take_text(legal, tree, "notice");
	if (!legal->notice || !tree_is_array(clocks) || count == 0 || count > CLOCKS_MAX)
		return ward_fail(error, WARD_E_FORMAT,
				"a table of legal clocks has a notice, and 1 to %d clocks",
				CLOCKS_MAX);
	legal->clocks = ward_new(&legal->arena, struct legal_clock, count);
	if (!legal->clocks)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a table of legal clocks");
	for (size_t i = 0; !err && i < count; i++)
		err = take_clock(legal, tree_at(clocks, i), error);
	if (!err && !legal_find(legal, WARD_STR("own")))
		err = ward_fail(error, WARD_E_FORMAT,
				"the table has no clock \"own\", by which items are kept when "
				"nothing else is said");
	return err;
}

ward_err legal_parse(ward_str text, struct legal **legal, struct ward_error *error)
{
	if (text.len > TABLE_MAX)
		return ward_fail(error, WARD_E_LIMIT,
				"a table of legal clocks has at most %d bytes", TABLE_MAX);
	struct json_t *tree = tree_read(text, error);
	struct legal *made = tree ? calloc(1, sizeof(*made)) : NULL;
	ward_err err = WARD_OK;

	if (!tree)
		return WARD_E_FORMAT;
	if (made)
		ward_arena_init(&made->arena, 4 * TABLE_MAX);
	err = made ? take_table(made, tree, error)
		   : ward_fail(error, WARD_E_NOMEM, "no memory for a table of legal clocks");
	tree_free(tree);
	if (err)
		legal_free(made);
	else
		*legal = made;
	return err;
}

ward_err legal_default(struct legal **legal, struct ward_error *error)
{
	return legal_parse((ward_str){ (const char *)legal_table, legal_table_len }, legal, error);
}

void legal_free(struct legal *legal)
{
	if (legal)
		ward_arena_free(&legal->arena);
	free(legal);
}

size_t legal_count(const struct legal *legal)
{
	return legal->count;
}

const struct legal_clock *legal_at(const struct legal *legal, size_t index)
{
	assert(index < legal->count);
	return &legal->clocks[index];
}

const struct legal_clock *legal_find(const struct legal *legal, ward_str code)
{
	for (size_t i = 0; i < legal->count; i++) {
		if (ward_str_eq(ward_str_from(legal->clocks[i].code), code))
			return &legal->clocks[i];
	}
	return NULL;
}

const char *legal_notice(const struct legal *legal)
{
	return legal->notice;
}
