/*
 * VICS, the JSON of Project VIC, 1.x and 2.0: a set of hashes (an array of
 * Media under "value") or a case (an array of Cases, each with its "Media").
 *
 * Streamed through yajl: a file may be tens of gigabytes, and one Media may
 * carry a whole small picture ("Miniature"), which is never kept, not even in
 * the quarantine.  Numbers and booleans come in several spellings.  A category
 * means something else in each country, so it is kept as its number under the
 * profile that the file names: "vics-us:1"; "vics:1" when it names none.
 */
#include "exchange/queue.h"

#include <yajl/yajl_parse.h>

#define DEPTH_MAX 64
/* One string or number may be so long before it is given up: yajl keeps it in memory. */
#define VALUE_MAX ((size_t)64 << 20)

enum field {
	FIELD_OTHER = 0,
	FIELD_RECORDS, /* "value", "Media" */
	FIELD_CONTEXT,
	FIELD_ID,
	FIELD_CATEGORY,
	FIELD_SIGNAL,
	FIELD_FLAG,
	FIELD_ALTERNATIVES, /* "AlternativeHashes" */
	FIELD_HASH_NAME,
	FIELD_HASH_VALUE,
};

struct vics {
	struct queue queue;
	yajl_handle yajl;
	size_t since; /* bytes since the parser told something */
	bool ended;
	const char *trouble; /* why a callback stopped the parser */
	char scheme[32];
	/* Where we are. */
	unsigned depth;
	bool records[DEPTH_MAX]; /* an array at this depth holds records */
	unsigned record_depth;   /* of the object being read; 0: none */
	unsigned alternatives;   /* depth of its AlternativeHashes; 0: not within */
	enum field field;
	ward_signal_kind kind;
	char name[64]; /* of the field */
	/* One of the AlternativeHashes. */
	char hash_name[64];
	char hash_value[512];
};

static const struct {
	const char *name;
	enum field field;
} fields[] = {
	{ "value", FIELD_RECORDS },
	{ "Media", FIELD_RECORDS },
	{ "odata.metadata", FIELD_CONTEXT },
	{ "@odata.context", FIELD_CONTEXT },
	{ "MediaID", FIELD_ID },
	{ "Category", FIELD_CATEGORY },
	{ "VictimIdentified", FIELD_FLAG },
	{ "OffenderIdentified", FIELD_FLAG },
	{ "IsDistributed", FIELD_FLAG },
	{ "IsSuspected", FIELD_FLAG },
	{ "SelfGenerated", FIELD_FLAG },
	{ "AlternativeHashes", FIELD_ALTERNATIVES },
	{ "HashName", FIELD_HASH_NAME },
	{ "HashValue", FIELD_HASH_VALUE },
};

static void read_field(struct vics *vics, ward_str name)
{
	vics->field = FIELD_OTHER;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (ward_str_eq(name, ward_str_from(fields[i].name)))
			vics->field = fields[i].field;
	}
	vics->kind = ward_signal_kind_from(name);
	if (vics->field == FIELD_OTHER && vics->kind != WARD_SIGNAL_NONE)
		vics->field = FIELD_SIGNAL;
	snprintf(vics->name, sizeof(vics->name), "%.*s", name.len < 63 ? (int)name.len : 63,
			name.ptr);
}

/* ".../ProjectVic/DataModels/2.0.xml/US/$metadata#Media" names the profile US. */
static void read_context(struct vics *vics, ward_str context)
{
	ward_str before = WARD_STR("");

	while (context.len > 0) {
		ward_str part = ward_str_cut(&context, '/');

		if (ward_str_starts(part, WARD_STR("$metadata")) && before.len > 0 &&
				before.len <= 16 && !memchr(before.ptr, '.', before.len)) {
			snprintf(vics->scheme, sizeof(vics->scheme), "vics-%.*s", WARD_FMT(before));
			for (char *c = vics->scheme; *c; c++)
				*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
		}
		before = part;
	}
}

static bool is_yes(ward_str text)
{
	static const char *const words[] = { "true", "yes", "y", "t", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (ward_str_eq_nocase(text, ward_str_from(words[i])))
			return true;
	}
	return false;
}

static void read_alternative(struct vics *vics, ward_str value)
{
	char *to = vics->field == FIELD_HASH_NAME ? vics->hash_name : vics->hash_value;
	size_t room = vics->field == FIELD_HASH_NAME ? sizeof(vics->hash_name)
						     : sizeof(vics->hash_value);

	if (vics->field != FIELD_HASH_NAME && vics->field != FIELD_HASH_VALUE)
		return;
	if (value.len >= room)
		value.len = 0;
	memcpy(to, value.ptr, value.len);
	to[value.len] = '\0';
}

/* A string, a number or a boolean: files differ in which they use. */
static int tell_value(struct vics *vics, ward_str value)
{
	vics->since = 0;
	if (vics->depth == 1 && vics->field == FIELD_CONTEXT)
		read_context(vics, value);
	if (vics->record_depth == 0)
		return 1;
	if (vics->alternatives > 0 && vics->depth == vics->alternatives + 1)
		read_alternative(vics, value);
	if (vics->depth != vics->record_depth)
		return 1;
	if (vics->field == FIELD_SIGNAL)
		queue_signal(&vics->queue, vics->kind, vics->name, value);
	else if (vics->field == FIELD_ID)
		queue_ref(&vics->queue, value);
	else if (vics->field == FIELD_CATEGORY)
		queue_label(&vics->queue, ward_str_from(vics->scheme), value);
	else if (vics->field == FIELD_FLAG && is_yes(value))
		queue_label(&vics->queue, ward_str_from(vics->scheme), ward_str_from(vics->name));
	return 1;
}

/* ---- yajl's callbacks: 0 stops ---- */

static int on_null(void *context)
{
	((struct vics *)context)->since = 0;
	return 1;
}

static int on_boolean(void *context, int value)
{
	return tell_value(context, value ? WARD_STR("true") : WARD_STR("false"));
}

static int on_number(void *context, const char *text, size_t len)
{
	return tell_value(context, (ward_str){ text, len });
}

static int on_string(void *context, const unsigned char *text, size_t len)
{
	return tell_value(context, (ward_str){ (const char *)text, len });
}

static int on_key(void *context, const unsigned char *text, size_t len)
{
	struct vics *vics = context;

	vics->since = 0;
	read_field(vics, (ward_str){ (const char *)text, len });
	return 1;
}

static int go_deeper(struct vics *vics, bool records)
{
	vics->since = 0;
	if (++vics->depth >= DEPTH_MAX) {
		vics->trouble = "it is nested too deep";
		return 0;
	}
	vics->records[vics->depth] = records;
	return 1;
}

static int on_map(void *context)
{
	struct vics *vics = context;
	bool is_record = vics->record_depth == 0 && vics->depth > 0 && vics->records[vics->depth];

	if (!go_deeper(vics, false))
		return 0;
	if (is_record) {
		vics->record_depth = vics->depth;
		queue_begin(&vics->queue);
	}
	vics->field = FIELD_OTHER;
	vics->hash_name[0] = vics->hash_value[0] = '\0';
	return 1;
}

static int on_map_end(void *context)
{
	struct vics *vics = context;

	vics->since = 0;
	if (vics->record_depth > 0 && vics->depth == vics->record_depth) {
		queue_end(&vics->queue);
		vics->record_depth = 0;
	} else if (vics->alternatives > 0 && vics->depth == vics->alternatives + 1) {
		ward_signal_kind kind = ward_signal_kind_from(ward_str_from(vics->hash_name));

		/* Others than ours are not this reader's business. */
		if (kind != WARD_SIGNAL_NONE)
			queue_signal(&vics->queue, kind, vics->hash_name,
					ward_str_from(vics->hash_value));
	}
	vics->depth--;
	vics->field = FIELD_OTHER;
	return !vics->queue.failed;
}

static int on_array(void *context)
{
	struct vics *vics = context;
	bool at_record = vics->record_depth > 0 && vics->depth == vics->record_depth;
	bool records = vics->field == FIELD_RECORDS && (vics->record_depth == 0 || at_record);

	/* What has Media of its own is a case, and no record. */
	if (records)
		vics->record_depth = 0;
	else if (at_record && vics->field == FIELD_ALTERNATIVES)
		vics->alternatives = vics->depth + 1;
	return go_deeper(vics, records || vics->depth == 0);
}

static int on_array_end(void *context)
{
	struct vics *vics = context;

	vics->since = 0;
	if (vics->alternatives == vics->depth)
		vics->alternatives = 0;
	vics->depth--;
	vics->field = FIELD_OTHER;
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_map,
	.yajl_map_key = on_key,
	.yajl_end_map = on_map_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_array_end,
};

/* ---- the format ---- */

static ward_err vics_begin(struct exchange_reader *reader, struct ward_error *error)
{
	struct vics *vics = calloc(1, sizeof(*vics));

	reader->state = vics;
	if (!vics || !(vics->yajl = yajl_alloc(&callbacks, NULL, vics)))
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	snprintf(vics->scheme, sizeof(vics->scheme), "vics");
	return WARD_OK;
}

static void vics_end(struct exchange_reader *reader)
{
	struct vics *vics = reader->state;

	if (!vics)
		return;
	if (vics->yajl)
		yajl_free(vics->yajl);
	queue_free(&vics->queue);
	free(vics);
}

static ward_err push(struct exchange_reader *reader, struct vics *vics, struct ward_error *error)
{
	uint8_t piece[QUEUE_PIECE];
	size_t len = 0;
	ward_err err = input_piece(&reader->input, piece, sizeof(piece), &len, error);

	if (err)
		return err;
	vics->ended = len == 0;
	vics->since += len;

	yajl_status status = vics->ended ? yajl_complete_parse(vics->yajl)
					 : yajl_parse(vics->yajl, piece, len);

	if (vics->queue.failed)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (vics->since > VALUE_MAX)
		vics->trouble = "one value is longer than 64 MiB";
	if (status != yajl_status_ok || vics->trouble)
		return ward_fail(error, WARD_E_FORMAT, "this is not VICS: near byte %llu %s",
				(unsigned long long)exchange_reader_at(reader),
				vics->trouble ? vics->trouble
				: vics->ended ? "the JSON ends in its middle"
					      : "it is not JSON");
	return WARD_OK;
}

static ward_err vics_next(struct exchange_reader *reader, struct exchange_record *record,
		bool *more, struct ward_error *error)
{
	struct vics *vics = reader->state;

	while (!queue_take(&vics->queue, reader, record)) {
		ward_err err = WARD_OK;

		*more = !vics->ended;
		if (*more)
			err = push(reader, vics, error);
		if (err || !*more)
			return err;
	}
	return WARD_OK;
}

const struct exchange_reading reading_vics = { vics_begin, vics_next, vics_end };
