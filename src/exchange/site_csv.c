/*
 * Tables of places: the first line names the columns, or the first column is a
 * place.  Cells may be quoted (RFC 4180) within a line.
 */
#include "exchange/site_format.h"

#include <stdlib.h>

#include "base/clock.h"

#define CELLS_MAX 64

enum column {
	COLUMN_OTHER = 0,
	COLUMN_PLACE,
	COLUMN_HOST,
	COLUMN_DOMAIN,
	COLUMN_URL,
	COLUMN_CATEGORY,
	COLUMN_CLASS,
	COLUMN_EXPIRES,
	COLUMN_REF,
	COLUMN_REASON,
	COLUMN_OP,
};

static const struct {
	const char *name;
	enum column column;
} known[] = {
	{ "entry", COLUMN_PLACE },
	{ "place", COLUMN_PLACE },
	{ "indicator", COLUMN_PLACE },
	{ "value", COLUMN_PLACE },
	{ "ip", COLUMN_PLACE },
	{ "address", COLUMN_PLACE },
	{ "network", COLUMN_PLACE },
	{ "cidr", COLUMN_PLACE },
	{ "hash", COLUMN_PLACE },
	{ "url", COLUMN_URL },
	{ "uri", COLUMN_URL },
	{ "link", COLUMN_URL },
	{ "host", COLUMN_HOST },
	{ "hostname", COLUMN_HOST },
	{ "fqdn", COLUMN_HOST },
	{ "domain", COLUMN_DOMAIN },
	{ "domain_name", COLUMN_DOMAIN },
	{ "site", COLUMN_DOMAIN },
	{ "category", COLUMN_CATEGORY },
	{ "class", COLUMN_CLASS },
	{ "label", COLUMN_CLASS },
	{ "class_code", COLUMN_CLASS },
	{ "expires", COLUMN_EXPIRES },
	{ "expiry", COLUMN_EXPIRES },
	{ "valid_until", COLUMN_EXPIRES },
	{ "ref", COLUMN_REF },
	{ "id", COLUMN_REF },
	{ "reference", COLUMN_REF },
	{ "reason", COLUMN_REASON },
	{ "comment", COLUMN_OTHER },
	{ "op", COLUMN_OP },
	{ "action", COLUMN_OP },
};

struct table {
	char separator;
	bool begun;
	size_t columns;
	enum column column[CELLS_MAX];
	size_t count;
	ward_str cells[CELLS_MAX];
};

static enum column column_of(ward_str name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (ward_str_eq_nocase(name, ward_str_from(known[i].name)))
			return known[i].column;
	}
	return COLUMN_OTHER;
}

/* The end of the cell that begins at `from`; false when a quote does not end. */
static bool cell_end(ward_str row, size_t from, char separator, size_t *end)
{
	bool inside = from < row.len && row.ptr[from] == '"';
	size_t at = from + inside;

	while (at < row.len && (inside || row.ptr[at] != separator)) {
		if (inside && row.ptr[at] == '"') {
			if (at + 1 < row.len && row.ptr[at + 1] == '"')
				at++;
			else
				inside = false;
		}
		at++;
	}
	*end = at;
	return !inside;
}

/* Takes the quotes off; the cells' text is then at `text`, in order. */
static void put_cell(struct ward_buf *text, ward_str cell)
{
	bool quoted = cell.len > 0 && cell.ptr[0] == '"';

	for (size_t i = quoted; i < cell.len; i++) {
		if (quoted && cell.ptr[i] == '"') {
			if (i + 1 >= cell.len || cell.ptr[i + 1] != '"')
				break;
			i++;
		}
		ward_buf_char(text, cell.ptr[i]);
	}
}

static bool split(struct table *table, struct ward_buf *text, ward_str row)
{
	size_t at = 0, lens[CELLS_MAX];
	bool more = true;

	table->count = 0;
	ward_buf_clear(text);
	while (more) {
		size_t end, before = text->len;

		if (table->count == CELLS_MAX || !cell_end(row, at, table->separator, &end))
			return false;
		put_cell(text, (ward_str){ row.ptr + at, end - at });
		lens[table->count++] = text->len - before;
		more = end < row.len;
		at = end + 1;
	}
	const char *next = ward_buf_text(text).ptr;

	for (size_t i = 0; i < table->count; i++) {
		table->cells[i] = ward_str_trim((ward_str){ next, lens[i] });
		next += lens[i];
	}
	return !text->failed;
}

static bool is_place(enum column column)
{
	return column >= COLUMN_PLACE && column <= COLUMN_URL;
}

static bool read_header(struct table *table)
{
	bool place = false;

	for (size_t i = 0; i < table->count; i++) {
		table->column[i] = column_of(table->cells[i]);
		place = place || is_place(table->column[i]);
	}
	table->columns = table->count;
	return place;
}

bool exchange_site_csv_is_header(ward_str line, char *separator)
{
	static const char separators[] = { ',', ';', '\t' };
	struct table table = { 0 };
	struct ward_buf text;
	bool header = false;

	ward_buf_init(&text, 1 << 16);
	for (size_t i = 0; i < sizeof(separators) && !header; i++) {
		table.separator = separators[i];
		header = split(&table, &text, line) && table.count > 1 && read_header(&table);
	}
	*separator = header ? table.separator : ',';
	ward_buf_free(&text);
	return header;
}

/* The first cell of the most telling kind: a link before its host, a host before its domain. */
static ward_str place_of(const struct table *table, enum column *column)
{
	ward_str place = WARD_STR("");

	*column = COLUMN_OTHER;
	for (size_t i = 0; i < table->count && i < table->columns; i++) {
		enum column this = table->column[i];

		if (is_place(this) && table->cells[i].len > 0 && this > *column) {
			*column = this;
			place = table->cells[i];
		}
	}
	return place;
}

static bool take_cell(struct exchange_site_record *record, enum column column, ward_str cell)
{
	struct ward_site_entry *entry = &record->entry;

	switch (column) {
	case COLUMN_CATEGORY:
		entry->category = cell;
		break;
	case COLUMN_CLASS:
		entry->class_code = cell;
		break;
	case COLUMN_REF:
		entry->ref = cell;
		break;
	case COLUMN_REASON:
		entry->reason = cell;
		break;
	case COLUMN_EXPIRES:
		return clock_parse(cell, &entry->expires) || ward_i64_parse(cell, &entry->expires);
	case COLUMN_OP:
		if (ward_str_eq_nocase(cell, WARD_STR("remove")) ||
				ward_str_eq_nocase(cell, WARD_STR("retract")))
			record->op = EXCHANGE_SITE_REMOVE;
		else if (ward_str_eq_nocase(cell, WARD_STR("except")))
			record->op = EXCHANGE_SITE_EXCEPT;
		break;
	case COLUMN_OTHER:
	case COLUMN_PLACE:
	case COLUMN_HOST:
	case COLUMN_DOMAIN:
	case COLUMN_URL:
		break;
	}
	return true;
}

static bool take_row(struct exchange_site_reader *reader, struct table *table,
		struct exchange_site_record *record)
{
	enum column column;
	ward_str place = place_of(table, &column);

	if (place.len == 0)
		return exchange_site_record_bad(record, "the row names no place");
	for (size_t i = 0; i < table->count && i < table->columns; i++) {
		if (table->cells[i].len > 0 &&
				!take_cell(record, table->column[i], table->cells[i]))
			return exchange_site_record_bad(record, "its end is no date");
	}
	return exchange_site_record_entry(reader, place,
			column == COLUMN_HOST ? WARD_SITE_BARE_HOST
			: column == COLUMN_URL
					? exchange_site_record_bare(reader, WARD_SITE_BARE_PAGE)
					: exchange_site_record_bare(reader, WARD_SITE_BARE_DOMAIN),
			record);
}

/* Cells may be used until the next call, so they are in the reader's own text. */
static bool next_row(struct exchange_site_reader *reader, ward_str line,
		struct exchange_site_record *record)
{
	struct table *table = reader->state;

	if (!table)
		table = reader->state = calloc(1, sizeof(*table));
	if (!table)
		return exchange_site_record_bad(record, "no memory for a row");
	if (ward_str_trim(line).len == 0 || line.ptr[0] == '#')
		return false;
	if (!table->begun) {
		bool header = exchange_site_csv_is_header(line, &table->separator);

		table->begun = true;
		table->columns = 1;
		table->column[0] = COLUMN_PLACE;
		if (header)
			return !split(table, &reader->text, line) || !read_header(table);
	}
	if (!split(table, &reader->text, line))
		return exchange_site_record_bad(record,
				"a quoted cell does not end in its line, or there "
				"are too many");
	return take_row(reader, table, record);
}

const struct exchange_site_reading exchange_site_reading_csv = { .line = next_row };
