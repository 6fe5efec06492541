#include "intake/csv.h"

#include <inttypes.h>
#include <sodium.h>

enum { RECORD_MEMORY = 16 << 20 };

/* ---- records ---- */

/* "a ""b""" behind its first quote; `rest` is behind the last one then. */
static ward_err take_quoted(ward_str *rest, uint64_t *line, struct ward_arena *arena,
		ward_str *field, struct ward_error *error)
{
	size_t room = 0;

	/* As long as it is at most: to the first quote that has no other behind it. */
	while (room < rest->len &&
			(rest->ptr[room] != '"' ||
					(room + 1 < rest->len && rest->ptr[room + 1] == '"')))
		room += rest->ptr[room] == '"' ? 2 : 1;
	if (room >= rest->len)
		return ward_fail(error, WARD_E_FORMAT,
				"line %" PRIu64 ": a quote is opened and not closed", *line);
	char *out = ward_new(arena, char, room + 1);

	if (!out)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a line");
	field->ptr = out;
	field->len = 0;
	for (size_t i = 0; i < room; i++) {
		out[field->len++] = rest->ptr[i];
		*line += rest->ptr[i] == '\n';
		i += rest->ptr[i] == '"';
	}
	rest->ptr += room + 1;
	rest->len -= room + 1;
	return WARD_OK;
}

static void take_plain(ward_str *rest, ward_str *field)
{
	*field = (ward_str){ rest->ptr, 0 };
	while (field->len < rest->len && !strchr(",\r\n", rest->ptr[field->len]))
		field->len++;
	/* strchr finds the NUL, too: it ends nothing here. */
	while (field->len < rest->len && rest->ptr[field->len] == '\0') {
		field->len++;
		while (field->len < rest->len && !strchr(",\r\n", rest->ptr[field->len]))
			field->len++;
	}
	rest->ptr += field->len;
	rest->len -= field->len;
}

/* Passes over one line end; false when there is none. */
static bool take_end(ward_str *rest, uint64_t *line)
{
	size_t len = rest->len > 1 && rest->ptr[0] == '\r' && rest->ptr[1] == '\n'     ? 2
		     : rest->len > 0 && (rest->ptr[0] == '\n' || rest->ptr[0] == '\r') ? 1
										       : 0;

	rest->ptr += len;
	rest->len -= len;
	*line += len > 0;
	return len > 0;
}

ward_err csv_next(ward_str *text, uint64_t *line, struct ward_arena *arena,
		struct csv_record *record, struct ward_error *error)
{
	while (take_end(text, line))
		;
	if (text->len == 0)
		return ward_fail(error, WARD_E_NOT_FOUND, "the table ends");
	*record = (struct csv_record){ .line = *line };
	for (;;) {
		ward_err err = WARD_OK;

		if (record->count == CSV_COLUMNS_MAX)
			return ward_fail(error, WARD_E_LIMIT,
					"line %" PRIu64 ": a table has at most %d columns", *line,
					CSV_COLUMNS_MAX);
		ward_str *field = &record->fields[record->count++];

		if (text->len > 0 && text->ptr[0] == '"') {
			text->ptr++;
			text->len--;
			err = take_quoted(text, line, arena, field, error);
		} else {
			take_plain(text, field);
		}
		if (err)
			return err;
		if (text->len == 0 || take_end(text, line))
			return WARD_OK;
		if (text->ptr[0] != ',')
			return ward_fail(error, WARD_E_FORMAT,
					"line %" PRIu64 ": a comma is wanted behind a quote",
					*line);
		text->ptr++;
		text->len--;
	}
}

/* ---- reports ---- */

enum column { KIND = 0, VALUE, KEY, REPORTER, URGENCY, JURISDICTION, LANGUAGE, CONTACT, COLUMNS };

static const char *const names[COLUMNS] = { "kind", "value", "key", "reporter", "urgency",
	"jurisdiction", "language", "contact" };

struct table {
	int place[COLUMNS]; /* -1: there is no such column */
};

static ward_err read_head(struct table *table, const struct csv_record *head,
		struct ward_error *error)
{
	for (int c = 0; c < COLUMNS; c++)
		table->place[c] = -1;
	for (size_t i = 0; i < head->count; i++) {
		int c = 0;
		ward_str name = ward_str_trim(head->fields[i]);

		/* A byte order mark is no part of a name. */
		if (i == 0 && ward_str_starts(name, WARD_STR("\xef\xbb\xbf"))) {
			name.ptr += 3;
			name.len -= 3;
		}
		while (c < COLUMNS && !ward_str_eq_nocase(name, ward_str_from(names[c])))
			c++;
		if (c == COLUMNS)
			return ward_fail(error, WARD_E_FORMAT,
					"column %zu has no name that is known: there are kind, "
					"value, key, reporter, urgency, jurisdiction, language, "
					"contact",
					i + 1);
		if (table->place[c] >= 0)
			return ward_fail(error, WARD_E_FORMAT, "two columns are named %s",
					names[c]);
		table->place[c] = (int)i;
	}
	if (table->place[KIND] < 0 || table->place[VALUE] < 0)
		return ward_fail(error, WARD_E_FORMAT,
				"the first line names the columns; kind and value are wanted");
	return WARD_OK;
}

static ward_str field(const struct table *table, const struct csv_record *record, enum column c)
{
	int place = table->place[c];

	return place >= 0 && (size_t)place < record->count ? ward_str_trim(record->fields[place])
							   : (ward_str){ "", 0 };
}

static ward_err read_record(const struct table *table, const struct csv_record *record,
		struct intake_item_new *item, struct intake_new *report, struct ward_error *error)
{
	ward_str reporter = field(table, record, REPORTER), urgency = field(table, record, URGENCY);

	*item = (struct intake_item_new){ .text = field(table, record, VALUE) };
	if (!intake_kind_parse(field(table, record, KIND), &item->kind) ||
			item->kind == INTAKE_MEDIA)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a kind is text, account, url or conversation");
	report->reporter = INTAKE_PUBLIC;
	if (reporter.len > 0 && !intake_reporter_parse(reporter, &report->reporter))
		return ward_fail(error, WARD_E_ARGUMENT, "there is no such kind of reporter");
	if (urgency.len > 0 && !intake_urgency_parse(urgency, &report->urgency))
		return ward_fail(error, WARD_E_ARGUMENT, "urgency is any, soon or now");
	report->jurisdiction = field(table, record, JURISDICTION);
	report->language = field(table, record, LANGUAGE);
	report->contact = field(table, record, CONTACT);
	report->once = field(table, record, KEY);
	report->items = item;
	report->item_count = 1;
	return WARD_OK;
}

/* Over every field that counts, each with a NUL behind it. */
static void digest_record(const struct table *table, const struct csv_record *record,
		uint8_t digest[32])
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	for (enum column c = KIND; c < COLUMNS; c++) {
		ward_str text = field(table, record, c);

		crypto_hash_sha256_update(&state, (const uint8_t *)text.ptr, text.len);
		crypto_hash_sha256_update(&state, (const uint8_t *)"", 1);
	}
	crypto_hash_sha256_final(&state, digest);
}

static ward_err add_record(struct intake *intake, const struct table *table,
		const struct csv_record *record, const struct vault_actor *actor,
		struct csv_counts *counts, struct ward_error *error)
{
	struct intake_new report = { .channel = INTAKE_CSV, .actor = *actor };
	struct intake_item_new item;
	struct intake_added added;
	uint8_t digest[32];
	char once[65];
	ward_err err = read_record(table, record, &item, &report, error);

	if (err)
		return err;
	digest_record(table, record, digest);
	ward_hex_format(digest, sizeof(digest), once);
	if (report.once.len == 0)
		report.once = ward_str_from(once);
	report.body_sha256 = digest;
	err = intake_add(intake, &report, &added, error);
	if (!err) {
		counts->added += !added.again;
		counts->again += added.again;
	}
	return err;
}

/* What is wrong with a line, and not with us. */
static bool is_the_lines(ward_err err)
{
	return err == WARD_E_ARGUMENT || err == WARD_E_LIMIT || err == WARD_E_CONFLICT;
}

static ward_err take_line(struct intake *intake, const struct table *table,
		const struct csv_record *record, const struct vault_actor *actor,
		void (*bad)(void *context, uint64_t line, const char *why), void *context,
		struct csv_counts *counts, struct ward_error *error)
{
	ward_err err = add_record(intake, table, record, actor, counts, error);

	if (!is_the_lines(err))
		return err;
	counts->bad++;
	bad(context, record->line, error->message);
	return WARD_OK;
}

ward_err intake_csv(struct intake *intake, ward_str text, const struct vault_actor *actor,
		void (*bad)(void *context, uint64_t line, const char *why), void *context,
		struct csv_counts *counts, struct ward_error *error)
{
	struct ward_arena arena;
	struct csv_record record;
	struct ward_error why;
	struct table table;
	uint64_t line = 1;

	*counts = (struct csv_counts){ 0 };
	if (!ward_utf8_valid(text))
		return ward_fail(error, WARD_E_FORMAT, "the table is not UTF-8");
	ward_arena_init(&arena, RECORD_MEMORY);
	ward_err err = csv_next(&text, &line, &arena, &record, &why);
	bool ended = err == WARD_E_NOT_FOUND;

	if (!err)
		err = read_head(&table, &record, &why);
	while (!err) {
		ward_arena_free(&arena);
		ward_arena_init(&arena, RECORD_MEMORY);
		err = csv_next(&text, &line, &arena, &record, &why);
		/* Of a line it says something else: the vault has no keys. */
		ended = err == WARD_E_NOT_FOUND;
		if (!err)
			err = take_line(intake, &table, &record, actor, bad, context, counts, &why);
	}
	ward_arena_free(&arena);
	return ended ? WARD_OK : ward_fail(error, err, "%s", why.message);
}
