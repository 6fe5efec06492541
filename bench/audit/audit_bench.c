/*
 * audit_bench ROWS - how fast the audit log is added to and verified
 *
 * Rows like those of a desk (an id each for actor and object, a digest, a
 * detail) are added 100 to a work; then the log is verified, and the same rows
 * are taken by the same SELECT and not looked at: what verifying cannot be
 * faster than.  The store is a fresh one, on a server when WARD_TEST_STORE
 * names one.  Prints one JSON line; times are medians of five.
 */
#include "audit/audit.h"
#include "audit/row.h"
#include "base/clock.h"
#include "base/id.h"
#include "store/store_test.h"

#include <inttypes.h>

enum { ROUNDS = 5, A_WORK = 100 };

static struct ward_error error;

static void stop_on(ward_err err)
{
	if (!err)
		return;
	fprintf(stderr, "audit_bench: %s\n", error.message);
	exit(2);
}

static double seconds_since(uint64_t start_us)
{
	return (double)(clock_ticks_us() - start_us) / 1e6;
}

static ward_err add_rows(void *context, struct store_tx *tx, struct ward_error *failure)
{
	static const char *const actions[] = { "report.received", "item.sealed", "item.opened",
		"job.decided" };
	char actor[64], object[64], id[ID_TEXT_MAX];
	const unsigned *first = context;
	ward_err err = WARD_OK;

	for (unsigned i = *first; !err && i < *first + A_WORK; i++) {
		snprintf(object, sizeof(object), "item:%s", id_new(id));
		snprintf(actor, sizeof(actor), "person:%s", id_new(id));
		err = audit_add(tx,
				&(struct audit_entry){ .actor = ward_str_from(actor),
						.role = WARD_STR("analyst"),
						.action = ward_str_from(actions[i % 4]),
						.object = ward_str_from(object),
						.digest = WARD_STR("9f86d081884c7d659a2feaa0c55ad01"
								   "5a3bf4f1b2b0b822cd15d6c15b0f00a"
								   "08"),
						.detail = WARD_STR("{\"level\":2,\"ms\":800}") },
				failure);
	}
	return err;
}

static double select_all(struct store *store)
{
	uint64_t start = clock_ticks_us(), count = 0;
	struct store_rows *rows;
	struct audit_row row;
	struct store_tx *tx;

	stop_on(store_read(store, &tx, &error));
	stop_on(store_query(tx, "SELECT " AUDIT_ROW_COLUMNS " FROM audit_rows ORDER BY number",
			STORE_NO_VALUES, &rows, &error));
	while (store_next(rows))
		count += audit_row_take(rows, &row);
	stop_on(store_rows_end(rows, &error));
	store_read_end(tx);
	return (double)count / seconds_since(start);
}

static double verify_all(struct store *store)
{
	uint64_t start = clock_ticks_us();
	struct audit_verified found;

	stop_on(audit_verify(store, NULL, NULL, &found, &error));
	if (found.what[0])
		stop_on(ward_fail(&error, WARD_E_CORRUPT, "%s", found.what));
	return (double)found.rows / seconds_since(start);
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

static double median(double (*measure)(struct store *), struct store *store)
{
	double rates[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		rates[i] = measure(store);
	qsort(rates, ROUNDS, sizeof(*rates), by_value);
	return rates[ROUNDS / 2];
}

int main(int argc, char **argv)
{
	uint64_t rows = 0;

	if (argc != 2 || !ward_u64_parse(ward_str_from(argv[1]), &rows) || rows < A_WORK ||
			rows > 100000000) {
		fprintf(stderr, "usage: audit_bench ROWS\n");
		return 2;
	}
	struct store *store = store_fresh();
	uint64_t start = clock_ticks_us();

	for (unsigned first = 0; first < rows; first += A_WORK)
		stop_on(store_write(store, add_rows, &first, &error));
	double added = (double)rows / seconds_since(start);
	double verified = median(verify_all, store), selected = median(select_all, store);

	printf("{\"bench\":\"audit\",\"engine\":\"%s\",\"rows\":%" PRIu64
	       ",\"add_rows_s\":%.0f,\"verify_rows_s\":%.0f,\"select_rows_s\":%.0f}\n",
			store_fresh_on_server() ? "postgresql" : "sqlite", rows, added, verified,
			selected);
	store_free(store);
	return 0;
}
