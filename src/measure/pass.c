/*
 * One look at the store for all that is wanted: which rows, what of them, and to whom they go.
 *
 * Rows that share a base are the branches of one statement,
 *
 *     WITH base SELECT 0, day, bits, numbers, texts FROM … UNION ALL SELECT 1, …
 *
 * and what nobody wants of a branch stands there as 0 or ''.
 */
#include <assert.h>
#include <stdlib.h>

#include "measure/count.h"
#include "measure/rows.h"

enum { BRANCHES_MAX = 32, SQL_MAX = 32 << 10 };
enum { TAG = 0, AT_DAY, BITS, FIRST_NUMBER, FIRST_TEXT = FIRST_NUMBER + MEASURE_NUMBERS };

/* A table that a branch feeds. */
struct fed {
	struct measure_counting *counting;
	const struct measure_feed *feed;
};

struct branch {
	const struct measure_rows *rows;
	unsigned bits, numbers, texts; /* those that somebody wants */
	int64_t from, to;              /* days, the second not counted */
	struct fed *fed;
	size_t fed_count;
	bool done;
};

struct pass {
	struct store_tx *tx;
	struct measure_wanted *wanted;
	struct measure_counting **countings;
	size_t count;
	struct branch branches[BRANCHES_MAX];
	size_t branch_count;
	struct ward_arena *arena;
	struct ward_error *error;
};

/* ---- what is wanted ---- */

static struct branch *find_branch(struct pass *pass, const struct measure_rows *rows)
{
	struct branch *branch = pass->branches;

	while (branch < pass->branches + pass->branch_count && branch->rows != rows)
		branch++;
	if (branch == pass->branches + pass->branch_count) {
		assert(pass->branch_count < BRANCHES_MAX);
		pass->branch_count++;
		*branch = (struct branch){ .rows = rows,
			.from = INT64_MAX,
			.fed = ward_new(pass->arena, struct fed,
					pass->count * MEASURE_FEEDS_OF_ONE) };
	}
	return branch->fed ? branch : NULL;
}

static ward_err want(struct pass *pass, size_t index, const struct measure_feed *feed)
{
	const struct measure_wanted *wanted = &pass->wanted[index];
	const struct measure_spans *spans = wanted->spans;
	struct branch *branch = find_branch(pass, feed->rows);

	if (!branch)
		return ward_fail(pass->error, WARD_E_NOMEM, "out of memory");
	branch->bits |= feed->only | feed->share;
	if (feed->number)
		branch->numbers |= 1U << (feed->number - MEASURE_N1);
	if (feed->day)
		branch->numbers |= 1U << (feed->day - MEASURE_N1);
	if (wanted->way)
		branch->texts |= 1U << wanted->way->text;
	if (spans->start[0] < branch->from)
		branch->from = spans->start[0];
	if (spans->start[spans->count] > branch->to)
		branch->to = spans->start[spans->count];
	branch->fed[branch->fed_count++] = (struct fed){ pass->countings[index], feed };
	return WARD_OK;
}

static ward_err want_all(struct pass *pass)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < pass->count && !err; i++) {
		const struct measure_metric *metric = pass->wanted[i].metric;

		pass->countings[i] =
				measure_counting_new(&pass->wanted[i], pass->arena, pass->error);
		if (!pass->countings[i])
			return pass->error->code;
		for (size_t f = 0; f < MEASURE_FEEDS_OF_ONE && metric->feeds[f].rows && !err &&
				   pass->wanted[i].spans->count > 0;
				f++)
			err = want(pass, i, &metric->feeds[f]);
	}
	return err;
}

/* ---- the statement ---- */

static bool shares(const struct branch *branch, const struct branch *first)
{
	if (branch == first)
		return true;
	return branch->rows->base && first->rows->base && !branch->done &&
	       strcmp(branch->rows->base, first->rows->base) == 0;
}

static void write_bits(const struct branch *branch, struct ward_buf *sql)
{
	ward_buf_str(sql, WARD_STR(", CAST(0"));
	for (unsigned i = 0; i < MEASURE_BITS; i++) {
		if (branch->bits & 1U << i)
			ward_buf_printf(sql, " + CASE WHEN %s THEN %u ELSE 0 END",
					branch->rows->bits[i], 1U << i);
	}
	ward_buf_str(sql, WARD_STR(" AS BIGINT)"));
}

static void write_branch(const struct branch *branch, size_t tag, struct ward_buf *sql)
{
	const struct measure_rows *rows = branch->rows;

	ward_buf_printf(sql, "SELECT CAST(%zu AS BIGINT), CAST(%s AS BIGINT)", tag, rows->day);
	write_bits(branch, sql);
	for (unsigned i = 0; i < MEASURE_NUMBERS; i++)
		ward_buf_printf(sql, ", CAST(%s AS BIGINT)",
				branch->numbers & 1U << i ? rows->numbers[i] : "0");
	for (unsigned i = 0; i < MEASURE_TEXTS; i++)
		ward_buf_printf(sql, ", %s",
				branch->texts & 1U << i ? rows->texts[i] : "CAST('' AS TEXT)");
	ward_buf_printf(sql, " %s", rows->from);
}

/* Returns the statement's range in `from` and `to`, days. */
static void write_sql(struct pass *pass, struct branch *first, struct ward_buf *sql, int64_t *from,
		int64_t *to)
{
	const char *before = "";

	*from = INT64_MAX;
	*to = 0;
	if (first->rows->base)
		ward_buf_printf(sql, "WITH %s ", first->rows->base);
	for (size_t i = 0; i < pass->branch_count; i++) {
		struct branch *branch = &pass->branches[i];

		if (!shares(branch, first))
			continue;
		ward_buf_printf(sql, "%s", before);
		write_branch(branch, i, sql);
		before = " UNION ALL ";
		branch->done = true;
		*from = branch->from < *from ? branch->from : *from;
		*to = branch->to > *to ? branch->to : *to;
	}
}

/* ---- rows ---- */

static ward_err take_row(struct pass *pass, const struct store_rows *rows)
{
	const struct measure_row row = { store_get_int(rows, AT_DAY),
		(unsigned)store_get_int(rows, BITS), rows, FIRST_NUMBER, FIRST_TEXT };
	size_t tag = (size_t)store_get_int(rows, TAG);
	ward_err err = WARD_OK;

	assert(tag < pass->branch_count);
	for (size_t i = 0; i < pass->branches[tag].fed_count && !err; i++) {
		const struct fed *fed = &pass->branches[tag].fed[i];

		err = measure_counting_take(fed->counting, fed->feed, &row);
	}
	return err;
}

static ward_err read_rows(struct pass *pass, struct branch *first)
{
	struct store_rows *rows;
	struct ward_buf sql;
	int64_t from, to;

	ward_buf_init(&sql, SQL_MAX);
	write_sql(pass, first, &sql, &from, &to);
	ward_err err = sql.failed ? ward_fail(pass->error, WARD_E_NOMEM, "out of memory")
				  : store_query(pass->tx, ward_buf_text(&sql).ptr,
						    STORE_VALUES(store_int(from * MEASURE_DAY_S),
								    store_int(first->rows->to_the_end
												    ? INT64_MAX
												    : to * MEASURE_DAY_S)),
						    &rows, pass->error);

	ward_buf_free(&sql);
	if (err)
		return err;
	while (!err && store_next(rows))
		err = take_row(pass, rows);
	ward_err ended = store_rows_end(rows, err ? NULL : pass->error);

	return err ? err : ended;
}

static ward_err count(struct pass *pass)
{
	ward_err err = want_all(pass);

	for (size_t i = 0; i < pass->branch_count && !err; i++) {
		if (!pass->branches[i].done)
			err = read_rows(pass, &pass->branches[i]);
	}
	for (size_t i = 0; i < pass->count && !err; i++)
		err = measure_counting_end(pass->countings[i]);
	return err;
}

ward_err measure_count(struct store_tx *tx, struct measure_wanted *wanted, size_t wanted_count,
		struct ward_arena *arena, struct ward_error *error)
{
	struct ward_error own = { 0 };
	struct pass pass = { .tx = tx,
		.wanted = wanted,
		.count = wanted_count,
		.arena = arena,
		.error = error ? error : &own };

	assert(wanted_count <= MEASURE_WANTED_MAX);
	pass.countings = calloc(wanted_count + 1, sizeof(struct measure_counting *));
	ward_err err = pass.countings ? count(&pass)
				      : ward_fail(error, WARD_E_NOMEM, "out of memory");

	for (size_t i = 0; pass.countings && i < wanted_count; i++)
		measure_counting_free(pass.countings[i]);
	free(pass.countings);
	return err;
}
