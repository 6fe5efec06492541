/*
 * ward list diff - what B has and A has not, and the other way round
 *
 * Entries are the same when their signals are; then their labels, id and
 * quality may have changed.  Each side is read twice: once for a fingerprint
 * of each entry (40 bytes, so that lists of millions fit), once to print.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bin/lists.h"
#include "bin/scan_print.h"

#define TEXT_MAX ((size_t)1 << 24)

enum mark { MARK_SAME = 0, MARK_ONE_SIDE, MARK_CHANGED };

struct row {
	uint8_t signals[16]; /* of the signals, in a fixed order */
	uint8_t rest[8];     /* of labels, id and quality */
	uint64_t number;
	uint64_t mark;
};

struct side {
	const struct cli *cli;
	struct ward_list *list; /* or ... */
	int fd;                 /* ... a file */
	struct exchange_read_options read;
	struct row *rows;
	size_t count, room;
	struct ward_digester *digester;
};

struct totals {
	uint64_t same, added, removed, changed, bad;
};

/* ---- walking a side ---- */

typedef ward_err visit_record(void *context, const struct ward_record *record,
		struct ward_error *error);

static ward_err walk_file(struct side *side, visit_record *visit, void *context, uint64_t *bad,
		struct ward_error *error)
{
	struct exchange_reader *reader;
	struct exchange_record record;
	uint64_t number = 0;
	bool more = true;
	ward_err err;

	if (lseek(side->fd, 0, SEEK_SET) < 0)
		return ward_fail(error, WARD_E_IO, "cannot read again: %s", strerror(errno));
	err = exchange_reader_open(side->fd, &side->read, &reader, error);
	if (err)
		return err;
	while (!err && !(err = exchange_reader_next(reader, &record, &more, error)) && more) {
		record.record.number = number++;
		if (record.removed)
			continue; /* nothing that the file lists */
		if (record.bad)
			*bad += 1;
		else
			err = visit(context, &record.record, error);
	}
	exchange_reader_free(reader);
	return err;
}

static ward_err walk(struct side *side, visit_record *visit, void *context, uint64_t *bad,
		struct ward_error *error)
{
	struct ward_record record;
	uint64_t cursor = 0;
	ward_err err = WARD_OK;

	if (!side->list)
		return walk_file(side, visit, context, bad, error);
	while (!err && ward_list_next(side->list, &cursor, &record))
		err = visit(context, &record, error);
	return err;
}

/* ---- the rows ---- */

static int by_signal(const void *a, const void *b)
{
	const ward_signal *left = a, *right = b;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return memcmp(left->bytes, right->bytes, sizeof(left->bytes));
}

static void digest_signals(struct ward_digester *digester, const struct ward_record *record,
		uint8_t out[16])
{
	ward_signal signals[WARD_RECORD_SIGNALS_MAX];
	struct ward_digests digests;

	memcpy(signals, record->signals, record->signal_count * sizeof(*signals));
	qsort(signals, record->signal_count, sizeof(*signals), by_signal);
	for (size_t i = 0; i < record->signal_count; i++) {
		uint8_t kind = (uint8_t)signals[i].kind;

		ward_digester_update(digester, (ward_bytes){ &kind, 1 });
		ward_digester_update(digester, (ward_bytes){ signals[i].bytes,
							       ward_signal_size(signals[i].kind) });
	}
	ward_digester_update(digester, (ward_bytes){ (const uint8_t *)&record->video,
						       record->video ? sizeof(record->video) : 0 });
	ward_digester_finish(digester, &digests);
	memcpy(out, digests.sha256, 16);
}

static void digest_rest(struct ward_digester *digester, const struct ward_record *record,
		uint8_t out[8])
{
	struct ward_digests digests;

	ward_digester_update(digester,
			(ward_bytes){ (const uint8_t *)record->labels.ptr, record->labels.len });
	/* No label holds a NUL, so it parts the two. */
	ward_digester_update(digester, (ward_bytes){ (const uint8_t *)"", 1 });
	ward_digester_update(digester,
			(ward_bytes){ (const uint8_t *)record->ref.ptr, record->ref.len });
	ward_digester_update(digester, (ward_bytes){ &record->quality, 1 });
	ward_digester_finish(digester, &digests);
	memcpy(out, digests.sha256, 8);
}

static ward_err add_row(void *context, const struct ward_record *record, struct ward_error *error)
{
	struct side *side = context;

	if (side->count == side->room) {
		size_t room = side->room ? 2 * side->room : 1024;
		struct row *rows = reallocarray(side->rows, room, sizeof(*rows));

		if (!rows)
			return ward_fail(error, WARD_E_NOMEM,
					"no memory to compare so many entries");
		side->rows = rows;
		side->room = room;
	}
	struct row *row = &side->rows[side->count++];

	*row = (struct row){ .number = record->number, .mark = MARK_ONE_SIDE };
	digest_signals(side->digester, record, row->signals);
	digest_rest(side->digester, record, row->rest);
	return WARD_OK;
}

static int by_content(const void *a, const void *b)
{
	const struct row *left = a, *right = b;
	int order = memcmp(left->signals, right->signals, sizeof(left->signals));

	if (order == 0)
		order = memcmp(left->rest, right->rest, sizeof(left->rest));
	if (order == 0 && left->number != right->number)
		order = left->number < right->number ? -1 : 1;
	return order;
}

static int by_number(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	return left->number < right->number ? -1 : left->number > right->number;
}

static size_t run_length(const struct row *rows, size_t count)
{
	size_t len = 1;

	while (len < count && memcmp(rows[0].signals, rows[len].signals, 16) == 0)
		len++;
	return len;
}

/* Entries of one and the same signals: first those that are wholly alike, then the rest in pairs.
 */
static void pair(struct row *a, size_t a_count, struct row *b, size_t b_count,
		struct totals *totals)
{
	size_t i = 0, k = 0;

	while (i < a_count && k < b_count) {
		int order = memcmp(a[i].rest, b[k].rest, sizeof(a[i].rest));

		if (order == 0) {
			a[i++].mark = b[k++].mark = MARK_SAME;
			totals->same++;
		} else if (order < 0) {
			i++;
		} else {
			k++;
		}
	}
	i = k = 0;
	for (;;) {
		while (i < a_count && a[i].mark != MARK_ONE_SIDE)
			i++;
		while (k < b_count && b[k].mark != MARK_ONE_SIDE)
			k++;
		if (i == a_count || k == b_count)
			return;
		/* It is printed as B has it. */
		a[i].mark = MARK_SAME;
		b[k].mark = MARK_CHANGED;
		totals->changed++;
	}
}

static void sort_rows(struct side *side, int (*order)(const void *, const void *))
{
	if (side->count > 0)
		qsort(side->rows, side->count, sizeof(*side->rows), order);
}

static void compare(struct side *a, struct side *b, struct totals *totals)
{
	size_t i = 0, k = 0;

	sort_rows(a, by_content);
	sort_rows(b, by_content);
	while (i < a->count && k < b->count) {
		int order = memcmp(a->rows[i].signals, b->rows[k].signals, 16);
		size_t left = run_length(&a->rows[i], a->count - i);
		size_t right = run_length(&b->rows[k], b->count - k);

		if (order == 0)
			pair(&a->rows[i], left, &b->rows[k], right, totals);
		i += order <= 0 ? left : 0;
		k += order >= 0 ? right : 0;
	}
	for (i = 0; i < a->count; i++)
		totals->removed += a->rows[i].mark == MARK_ONE_SIDE;
	for (k = 0; k < b->count; k++)
		totals->added += b->rows[k].mark == MARK_ONE_SIDE;
	sort_rows(a, by_number);
	sort_rows(b, by_number);
}

/* ---- printing ---- */

struct printing {
	const struct side *side;
	size_t at; /* the row of the record that comes next */
	bool json;
	const char *one_side; /* "removed" or "added" */
	struct ward_buf text;
};

static void print_plain(struct printing *printing, const struct ward_record *record, char sign)
{
	char text[WARD_SIGNAL_TEXT_MAX];
	struct ward_buf *out = &printing->text;

	ward_buf_printf(out, "%c %" PRIu64, sign, record->number);
	for (size_t i = 0; i < record->signal_count; i++)
		ward_buf_printf(out, " %s:%s", ward_signal_kind_name(record->signals[i].kind),
				ward_signal_format(&record->signals[i], text));
	if (record->video)
		ward_buf_str(out, WARD_STR(" video"));
	ward_buf_char(out, ' ');
	scan_print_text(out, record->labels);
}

static ward_err print_row(void *context, const struct ward_record *record, struct ward_error *error)
{
	struct printing *printing = context;
	struct json json = json_to(&printing->text);

	if (printing->at >= printing->side->count)
		return ward_fail(error, WARD_E_CONFLICT, "the file changed while it was read");
	const struct row *row = &printing->side->rows[printing->at++];

	if (row->number != record->number)
		return ward_fail(error, WARD_E_CONFLICT, "the file changed while it was read");
	if (row->mark == MARK_SAME)
		return WARD_OK;
	const char *word = row->mark == MARK_CHANGED ? "changed" : printing->one_side;

	if (printing->json) {
		json_object(&json);
		json_key_text(&json, "difference", word);
		json_key(&json, "entry");
		lists_json_record(&json, NULL, record);
		json_object_end(&json);
	} else {
		print_plain(printing, record, word[0] == 'a' ? '+' : word[0] == 'r' ? '-' : '~');
	}
	if (!lists_put_line(&printing->text))
		return ward_fail(error, WARD_E_IO, "the output could not be written");
	return WARD_OK;
}

static ward_err print_side(struct side *side, const char *one_side, bool json,
		struct ward_error *error)
{
	struct printing printing = { .side = side, .json = json, .one_side = one_side };
	uint64_t bad = 0;

	ward_buf_init(&printing.text, TEXT_MAX);
	ward_err err = walk(side, print_row, &printing, &bad, error);

	ward_buf_free(&printing.text);
	return err;
}

static void print_totals(const struct totals *totals, bool json)
{
	if (json)
		printf("{\"same\":%" PRIu64 ",\"added\":%" PRIu64 ",\"removed\":%" PRIu64
		       ",\"changed\":%" PRIu64 ",\"bad\":%" PRIu64 "}\n",
				totals->same, totals->added, totals->removed, totals->changed,
				totals->bad);
	else
		printf("%" PRIu64 " the same, %" PRIu64 " added, %" PRIu64 " removed, %" PRIu64
		       " changed\n",
				totals->same, totals->added, totals->removed, totals->changed);
}

/* ---- the action ---- */

/* A word with a slash in it, or that names no list, is a file. */
static ward_err open_side(struct side *side, const struct workspace *workspace, const char *word,
		struct ward_error *error)
{
	struct stat st;
	ward_err err = WARD_E_NOT_FOUND;

	side->fd = -1;
	side->digester = ward_digester_new();
	if (!side->digester)
		return ward_fail(error, WARD_E_NOMEM, "no memory to compare");
	if (!strchr(word, '/'))
		err = lists_open(workspace, word, &side->list, error);
	if (!err || (err != WARD_E_NOT_FOUND && err != WARD_E_ARGUMENT))
		return err;
	side->fd = open(word, O_RDONLY | O_CLOEXEC);
	if (side->fd < 0 || fstat(side->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return ward_fail(error, WARD_E_NOT_FOUND, "%s is neither a list nor a regular file",
				word);
	return WARD_OK;
}

static void close_side(struct side *side)
{
	ward_list_free(side->list);
	ward_digester_free(side->digester);
	if (side->fd >= 0)
		close(side->fd);
	free(side->rows);
}

static ward_err compare_sides(const struct cli *cli, struct side sides[2], struct totals *totals,
		struct ward_error *error)
{
	bool json = cli_flag(cli, "json");
	ward_err err = WARD_OK;

	/* A file's labels without a scheme are of the list's, as they would be imported. */
	for (int i = 0; i < 2; i++) {
		if (!sides[i].list && sides[1 - i].list)
			sides[i].read.scheme = ward_list_info(sides[1 - i].list)->scheme;
	}
	for (int i = 0; i < 2 && !err; i++)
		err = walk(&sides[i], add_row, &sides[i], &totals->bad, error);
	if (err)
		return err;
	compare(&sides[0], &sides[1], totals);
	if (!cli_flag(cli, "summary"))
		err = print_side(&sides[0], "removed", json, error);
	if (!err && !cli_flag(cli, "summary"))
		err = print_side(&sides[1], "added", json, error);
	if (!err)
		print_totals(totals, json);
	if (totals->bad > 0)
		fprintf(stderr,
				"%" PRIu64
				" of the records could not be read and %s not compared.\n",
				totals->bad, totals->bad == 1 ? "was" : "were");
	return err;
}

int lists_diff(struct cli *cli)
{
	struct side sides[2] = { { .cli = cli, .fd = -1 }, { .cli = cli, .fd = -1 } };
	struct workspace *workspace;
	struct totals totals = { 0 };
	struct ward_error error;

	if (cli->arg_count != 2)
		return cli_usage(cli, "two lists are wanted, or a list and a file");
	if (!lists_read_options(cli, &sides[0].read))
		return CLI_TROUBLE;
	sides[1].read = sides[0].read;
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = open_side(&sides[0], workspace, cli->args[0], &error);

	if (!err)
		err = open_side(&sides[1], workspace, cli->args[1], &error);
	if (!err)
		err = compare_sides(cli, sides, &totals, &error);
	close_side(&sides[0]);
	close_side(&sides[1]);
	workspace_free(workspace);
	if (err)
		return cli_fail_error(cli, &error);
	return totals.added + totals.removed + totals.changed > 0 ? CLI_FOUND : CLI_OK;
}
