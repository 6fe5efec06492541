/*
 * Tables: CSV and TSV with or without a header, NSRL's and HashKeeper's files,
 * INTERPOL's ICSE export (with semicolons), and threatexchange's state files.
 *
 * Cells may be quoted (RFC 4180), and a quoted cell may hold separators, line
 * ends and doubled quotes.  A header names columns; without one a cell is told
 * by its form: a signal, the name of a kind (for the cells behind it), a
 * quality, or labels that carry their scheme.  Other cells are passed over.
 */
#include "exchange/format.h"

#define CELLS_MAX 256

enum column {
	COLUMN_OTHER = 0,
	COLUMN_SIGNAL, /* of the kind in `kinds`, or told by its form */
	COLUMN_KIND,   /* names the kind of the signals behind it */
	COLUMN_QUALITY,
	COLUMN_LABELS,
	COLUMN_REF,
	COLUMN_STATUS,   /* threatexchange's; a word of no meaning elsewhere */
	COLUMN_BASELINE, /* "y": within INTERPOL's baseline */
};

struct table {
	char separator;
	bool begun;
	bool has_header;
	size_t columns;
	size_t patience; /* how far the end of a row is looked for */
	enum column column[CELLS_MAX];
	ward_signal_kind kinds[CELLS_MAX];
	/* One row */
	size_t cell_count;
	ward_str cells[CELLS_MAX];
	ward_signal_kind kind; /* that the row names for its next signals; NONE: none */
	bool strange;          /* it names one that is not known */
};

/* ---- header ---- */

static const struct {
	const char *name;
	enum column column;
} known_columns[] = {
	{ "hash", COLUMN_SIGNAL },
	{ "value", COLUMN_SIGNAL },
	{ "signal", COLUMN_SIGNAL },
	{ "indicator", COLUMN_SIGNAL },
	{ "hash value", COLUMN_SIGNAL },
	{ "hash_value", COLUMN_SIGNAL },
	{ "hashvalue", COLUMN_SIGNAL },
	{ "hash_digest", COLUMN_SIGNAL },
	{ "digest", COLUMN_SIGNAL },
	{ "signal_str", COLUMN_SIGNAL },
	{ "kind", COLUMN_KIND },
	{ "type", COLUMN_KIND },
	{ "signal_type", COLUMN_KIND },
	{ "hash_type", COLUMN_KIND },
	{ "algorithm", COLUMN_KIND },
	{ "hashname", COLUMN_KIND },
	{ "hash_name", COLUMN_KIND },
	{ "hash_algorithm", COLUMN_KIND },
	{ "quality", COLUMN_QUALITY },
	{ "pdq_quality", COLUMN_QUALITY },
	{ "label", COLUMN_LABELS },
	{ "labels", COLUMN_LABELS },
	{ "tag", COLUMN_LABELS },
	{ "tags", COLUMN_LABELS },
	{ "category", COLUMN_LABELS },
	{ "status", COLUMN_STATUS },
	{ "classification", COLUMN_LABELS },
	{ "ref", COLUMN_REF },
	{ "reference", COLUMN_REF },
	{ "id", COLUMN_REF },
	{ "entry_id", COLUMN_REF },
	{ "file_id", COLUMN_REF },
	{ "first_descriptor_id", COLUMN_REF },
	{ "image id", COLUMN_REF },
	{ "baseline", COLUMN_BASELINE },
};

static enum column column_of(ward_str name, ward_signal_kind *kind)
{
	*kind = ward_signal_kind_from(name);
	/* "pdq_hash", "md5 hash", "sha256sum" */
	for (size_t cut = name.len; *kind == WARD_SIGNAL_NONE && cut > 2; cut--) {
		ward_str tail = { name.ptr + cut, name.len - cut };

		if (ward_str_eq_nocase(tail, WARD_STR("_hash")) ||
				ward_str_eq_nocase(tail, WARD_STR(" hash")) ||
				ward_str_eq_nocase(tail, WARD_STR("hash")) ||
				ward_str_eq_nocase(tail, WARD_STR("sum")))
			*kind = ward_signal_kind_from((ward_str){ name.ptr, cut });
	}
	if (*kind != WARD_SIGNAL_NONE)
		return COLUMN_SIGNAL;
	for (size_t i = 0; i < sizeof(known_columns) / sizeof(*known_columns); i++) {
		if (ward_str_eq_nocase(name, ward_str_from(known_columns[i].name)))
			return known_columns[i].column;
	}
	return COLUMN_OTHER;
}

/* A header names a column of signals, and none of its cells is one. */
static bool read_header(struct exchange_reader *reader, struct table *table)
{
	bool signals = false;

	for (size_t i = 0; i < table->cell_count; i++) {
		ward_str name = ward_str_trim(table->cells[i]);
		ward_signal signal;

		if (record_signal(reader, WARD_SIGNAL_NONE, name, &signal))
			return false;
		table->column[i] = column_of(name, &table->kinds[i]);
		signals = signals || table->column[i] == COLUMN_SIGNAL;
	}
	table->columns = table->cell_count;
	return signals;
}

/* ---- rows ---- */

/*
 * How long the row is that begins `seen`, with its line end; 0 when it does not
 * end in there.  A quote opens a cell only at the cell's beginning.
 */
static size_t row_len(ward_bytes seen, char separator, bool last)
{
	const uint8_t *feed = seen.len ? memchr(seen.ptr, '\n', seen.len) : NULL;
	size_t line = feed ? (size_t)(feed - seen.ptr) + 1 : seen.len;
	bool quoted = false, at_start = true;

	/* Nearly every row. */
	if (seen.len == 0 || !memchr(seen.ptr, '"', line))
		return feed || last ? line : 0;
	for (size_t i = 0; i < seen.len; i++) {
		char c = (char)seen.ptr[i];

		if (quoted && c == '"' && i + 1 < seen.len && seen.ptr[i + 1] == '"') {
			i++;
		} else if (quoted) {
			quoted = c != '"';
		} else if (c == '\n') {
			return i + 1;
		} else {
			quoted = c == '"' && at_start;
			at_start = c == separator;
		}
	}
	return last && !quoted ? seen.len : 0;
}

/* Takes the quotes off one cell, in place in the reader's own copy. */
static ward_str unquote(struct ward_buf *text, ward_str cell)
{
	size_t from = text->len;

	for (size_t i = 1; i < cell.len; i++) {
		if (cell.ptr[i] == '"') {
			if (i + 1 >= cell.len || cell.ptr[i + 1] != '"')
				break;
			i++;
		}
		ward_buf_char(text, cell.ptr[i]);
	}
	/* Only how long it is, until all cells are there and the buffer stands still. */
	return (ward_str){ NULL, text->len - from };
}

static bool split(struct exchange_reader *reader, struct table *table, ward_str row)
{
	size_t at = 0;
	bool more = true;

	table->cell_count = 0;
	ward_buf_clear(&reader->text);
	while (more) {
		size_t from = at;
		bool quoted = at < row.len && row.ptr[at] == '"';
		bool inside = quoted;

		if (quoted)
			at++;
		while (at < row.len && (inside || row.ptr[at] != table->separator)) {
			if (inside && row.ptr[at] == '"') {
				if (at + 1 < row.len && row.ptr[at + 1] == '"')
					at++;
				else
					inside = false;
			}
			at++;
		}
		if (table->cell_count == CELLS_MAX || inside)
			return false;
		ward_str cell = { row.ptr + from, at - from };

		table->cells[table->cell_count++] = quoted ? unquote(&reader->text, cell) : cell;
		more = at < row.len;
		at++;
	}
	const char *next = ward_buf_text(&reader->text).ptr;

	for (size_t i = 0; i < table->cell_count; i++) {
		if (!table->cells[i].ptr) {
			table->cells[i].ptr = next;
			next += table->cells[i].len;
		}
	}
	return !reader->text.failed;
}

static uint64_t lines_in(ward_bytes row)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < row.len; i++)
		lines += row.ptr[i] == '\n';
	return lines > 0 ? lines : 1;
}

/* A row that does not end, or not soon, must not swallow the file: its line alone is bad. */
static ward_err bad_line(struct exchange_reader *reader, struct exchange_record *record,
		struct ward_error *error)
{
	ward_str line;
	bool whole, more;
	ward_err err = input_line(&reader->input, reader->options.record_max, &line, &whole, &more,
			error);

	if (err)
		return err;
	reader->line++;
	record->raw = (ward_bytes){ (const uint8_t *)line.ptr, line.len };
	record->bad = whole ? "a quoted cell does not end" : "the row is too long";
	return WARD_OK;
}

#define PATIENCE_MIN ((size_t)4096)

/*
 * Looking for the end of a row costs what lies before it, and a hostile file has
 * a quote without an end in each of its lines.  So what a search in vain cost is
 * missing for the next one, and rows that do end earn it back.
 */
static void be_patient(struct table *table, size_t looked, size_t found, size_t most)
{
	if (found == 0) {
		table->patience -= looked < table->patience ? looked : table->patience;
		if (table->patience < PATIENCE_MIN)
			table->patience = PATIENCE_MIN;
	} else if (table->patience < most) {
		table->patience += 8 * found;
		if (table->patience > most)
			table->patience = most;
	}
}

/* Finds the row that begins what comes next: *len is 0 when it does not end soon enough. */
static ward_err find_row(struct exchange_reader *reader, ward_bytes *row, size_t *len,
		struct ward_error *error)
{
	struct table *table = reader->state;
	size_t most = reader->options.record_max, want = PATIENCE_MIN;
	bool last = false;

	*len = 0;
	while (*len == 0 && !last) {
		ward_err err = input_see(&reader->input, want, row, error);

		if (err)
			return err;
		bool ended = row->len<want, beyond = row->len> table->patience;

		/* No more than that, also when more is there: pieces must not matter. */
		if (beyond)
			row->len = table->patience;
		last = ended || beyond;
		*len = row_len(*row, table->separator, ended);
		want = 2 * row->len < table->patience ? 2 * row->len : table->patience + 1;
	}
	if (row->len > 0)
		be_patient(table, row->len, *len, most);
	return WARD_OK;
}

/* The next row, split into the table's cells. */
static ward_err next_row(struct exchange_reader *reader, struct exchange_record *record, bool *more,
		struct ward_error *error)
{
	struct table *table = reader->state;
	size_t len;
	ward_bytes row;
	ward_err err = find_row(reader, &row, &len, error);

	if (err)
		return err;
	*more = row.len > 0;
	record->line = reader->line + 1;
	if (!*more)
		return WARD_OK;
	if (len == 0)
		return bad_line(reader, record, error);
	input_consume(&reader->input, len);
	reader->line += lines_in((ward_bytes){ row.ptr, len });
	while (len > 0 && (row.ptr[len - 1] == '\n' || row.ptr[len - 1] == '\r'))
		len--;
	record->raw = (ward_bytes){ row.ptr, len };
	if (!split(reader, table, (ward_str){ (const char *)row.ptr, len }))
		record->bad = "the row cannot be split into cells";
	return WARD_OK;
}

/* ---- records ---- */

static bool is_empty(const struct table *table)
{
	for (size_t i = 0; i < table->cell_count; i++) {
		if (ward_str_trim(table->cells[i]).len > 0)
			return false;
	}
	return true;
}

static bool is_kind_cell(const struct table *table, size_t index, ward_str cell)
{
	if (table->has_header)
		return index < table->columns && table->column[index] == COLUMN_KIND && cell.len;
	return ward_signal_kind_from(cell) != WARD_SIGNAL_NONE;
}

/* "sha256,5f…" and "5f…,sha256": the first kind that is named holds for what is before it, too. */
static void find_kind(struct table *table)
{
	table->kind = WARD_SIGNAL_NONE;
	table->strange = false;
	for (size_t i = 0; i < table->cell_count; i++) {
		ward_str cell = ward_str_trim(table->cells[i]);

		if (is_kind_cell(table, i, cell)) {
			table->kind = ward_signal_kind_from(cell);
			table->strange = table->kind == WARD_SIGNAL_NONE;
			return;
		}
	}
}

/* A signal in a column that leaves its kind to the row, or to its form. */
static const char *read_signal(struct exchange_reader *reader, struct exchange_record *record,
		ward_signal_kind kind, ward_str cell)
{
	const struct table *table = reader->state;
	ward_signal signal;

	if (kind == WARD_SIGNAL_NONE && table->strange)
		return "this kind of signal is not known";
	if (!record_signal(reader, kind ? kind : table->kind, cell, &signal))
		return "a cell is no signal of its column's kind";
	return record_add(record, &signal) ? NULL : "the record has too many signals";
}

/* A cell under a header's name. */
static const char *read_named(struct exchange_reader *reader, struct exchange_record *record,
		size_t index)
{
	struct table *table = reader->state;
	ward_str cell = ward_str_trim(table->cells[index]);

	/* As ward's own writer keeps a spreadsheet from taking it for a formula. */
	if (cell.len > 1 && cell.ptr[0] == '\'' && strchr("=+-@", cell.ptr[1]))
		cell = (ward_str){ cell.ptr + 1, cell.len - 1 };
	if (cell.len == 0)
		return NULL;
	switch (table->column[index]) {
	case COLUMN_SIGNAL:
		return read_signal(reader, record, table->kinds[index], cell);
	case COLUMN_KIND:
		table->kind = ward_signal_kind_from(cell);
		table->strange = table->kind == WARD_SIGNAL_NONE;
		return table->strange ? "this kind of signal is not known" : NULL;
	case COLUMN_QUALITY:
		return record_quality(cell, &record->record.quality)
				       ? NULL
				       : "the quality is not 0 to 100";
	case COLUMN_LABELS:
	case COLUMN_STATUS:
		if (reader->format == EXCHANGE_THREATEXCHANGE)
			record_labels(reader, cell, WARD_STR("threatexchange"));
		else if (table->column[index] == COLUMN_LABELS)
			record_labels(reader, cell, WARD_STR(""));
		return NULL;
	case COLUMN_REF:
		record->record.ref = cell;
		return NULL;
	case COLUMN_BASELINE:
		if (cell.ptr[0] == 'y' || cell.ptr[0] == 'Y' || cell.ptr[0] == 't')
			record_labels(reader, WARD_STR("interpol_baseline:yes"), WARD_STR(""));
		return NULL;
	case COLUMN_OTHER:
		break;
	}
	return NULL;
}

/* "HASH,WORD": a label when the list has a scheme of its own, the source's id otherwise. */
static void read_word(struct exchange_reader *reader, struct exchange_record *record, ward_str word)
{
	if (reader->options.scheme && reader->options.scheme[0])
		record_labels(reader, word, WARD_STR(""));
	else
		record->record.ref = word;
}

/* A cell without a header. */
static const char *read_unnamed(struct exchange_reader *reader, struct exchange_record *record,
		size_t index)
{
	struct table *table = reader->state;
	ward_str cell = ward_str_trim(table->cells[index]);
	bool behind = record->record.signal_count > 0;
	ward_signal signal;

	if (cell.len == 0)
		return NULL;
	if (ward_signal_kind_from(cell) != WARD_SIGNAL_NONE)
		table->kind = ward_signal_kind_from(cell);
	else if (record_signal(reader, table->kind, cell, &signal))
		return record_add(record, &signal) ? NULL : "the record has too many signals";
	else if (ward_signal_parse(WARD_SIGNAL_NONE, cell, &signal))
		return "a cell is no signal of the kind that was named";
	else if (behind && memchr(cell.ptr, ':', cell.len))
		record_labels(reader, cell, WARD_STR(""));
	else if (record->record.quality == QUALITY_UNKNOWN &&
			record_quality(cell, &record->record.quality))
		return NULL;
	else if (behind && table->cell_count == 2)
		read_word(reader, record, cell);
	return NULL;
}

/* threatexchange's state: signal, first descriptor's id, time, tags between spaces. */
static const char *read_state(struct exchange_reader *reader, struct exchange_record *record,
		size_t index)
{
	const struct table *table = reader->state;
	ward_str cell = ward_str_trim(table->cells[index]);

	if (index == 0)
		return read_signal(reader, record, WARD_SIGNAL_NONE, cell);
	if (index == 1)
		record->record.ref = cell;
	else if (index == 3)
		record_labels(reader, cell, WARD_STR("threatexchange"));
	return NULL;
}

static const char *read_cell(struct exchange_reader *reader, struct exchange_record *record,
		size_t index)
{
	const struct table *table = reader->state;

	if (!table->has_header && reader->format == EXCHANGE_THREATEXCHANGE)
		return read_state(reader, record, index);
	if (!table->has_header)
		return read_unnamed(reader, record, index);
	if (index < table->columns)
		return read_named(reader, record, index);
	return ward_str_trim(table->cells[index]).len > 0
			       ? "the row has more cells than the header has names"
			       : NULL;
}

/* A comment, as people write them over a table: not a quoted cell that begins so. */
static bool is_comment(const struct exchange_record *record)
{
	return record->raw.len > 0 && record->raw.ptr[0] == '#';
}

/* The next row that is no comment, no header, and not empty. */
static ward_err next_filled(struct exchange_reader *reader, struct exchange_record *record,
		bool *more, struct ward_error *error)
{
	struct table *table = reader->state;
	bool filled = false;

	while (!filled) {
		ward_err err = next_row(reader, record, more, error);

		if (err || !*more)
			return err;
		if (is_comment(record)) {
			record->bad = NULL;
			continue;
		}
		if (record->bad)
			return WARD_OK;
		filled = !is_empty(table);
		if (filled && !table->begun) {
			table->begun = true;
			table->has_header = read_header(reader, table);
			reader->guessed = false;
			filled = !table->has_header;
		}
	}
	return WARD_OK;
}

static ward_err table_next(struct exchange_reader *reader, struct exchange_record *record,
		bool *more, struct ward_error *error)
{
	struct table *table = reader->state;
	const char *why = NULL;
	ward_err err = next_filled(reader, record, more, error);

	if (err || !*more || record->bad)
		return err;
	find_kind(table);
	for (size_t i = 0; i < table->cell_count; i++) {
		const char *wrong = read_cell(reader, record, i);

		why = why ? why : wrong;
	}
	record_done(reader, record, why);
	return WARD_OK;
}

/* A semicolon is one when the first line has them and no comma. */
static ward_err find_separator(struct exchange_reader *reader, char *separator,
		struct ward_error *error)
{
	ward_bytes seen;
	ward_err err = input_see(&reader->input, 4096, &seen, error);

	if (err)
		return err;
	ward_str text = { (const char *)seen.ptr, seen.len };
	ward_str line = ward_str_cut(&text, '\n');

	*separator = ',';
	if (reader->format == EXCHANGE_TSV)
		*separator = '\t';
	else if (line.len > 0 && !memchr(line.ptr, ',', line.len) &&
			memchr(line.ptr, ';', line.len))
		*separator = ';';
	return WARD_OK;
}

static ward_err table_begin(struct exchange_reader *reader, struct ward_error *error)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	reader->state = table;
	table->patience = reader->options.record_max;
	return find_separator(reader, &table->separator, error);
}

static void table_end(struct exchange_reader *reader)
{
	free(reader->state);
}

bool table_is_header(ward_str line, char separator)
{
	bool signals = false;

	while (line.len > 0) {
		ward_str cell = ward_str_trim(ward_str_cut(&line, separator));
		ward_signal_kind kind;

		if (cell.len >= 2 && cell.ptr[0] == '"' && cell.ptr[cell.len - 1] == '"')
			cell = (ward_str){ cell.ptr + 1, cell.len - 2 };
		signals = signals || column_of(cell, &kind) == COLUMN_SIGNAL;
	}
	return signals;
}

const struct exchange_reading reading_table = { table_begin, table_next, table_end };
