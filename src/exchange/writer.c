/*
 * Lists in other people's formats.  Each format is three functions; what one
 * has no place for is left out and counted, never bent to fit.
 */
#include "exchange/exchange.h"

#include "base/json.h"

#define FLUSH_AT 65536

struct exchange_writer {
	const struct form *form;
	exchange_sink *sink;
	void *context;
	struct ward_buf out;
	uint64_t records;
	uint64_t left_out;
	char scheme[WARD_LIST_NAME_MAX]; /* the list's own */
	char profile[32];                /* of VICS, in small letters */
	char source[WARD_LIST_TEXT_MAX];
};

struct form {
	void (*begin)(struct exchange_writer *writer);
	void (*add)(struct exchange_writer *writer, const struct ward_record *record);
	void (*end)(struct exchange_writer *writer);
	bool has_vpdq, has_tmk; /* has a place for them */
};

/* The first signal of a kind; NULL when there is none. */
static const ward_signal *signal_of(const struct ward_record *record, ward_signal_kind kind)
{
	for (size_t i = 0; i < record->signal_count; i++) {
		if (record->signals[i].kind == kind)
			return &record->signals[i];
	}
	return NULL;
}

static bool has_quality(const struct ward_record *record)
{
	return record->quality <= 100;
}

/* The code of the first label of the scheme; "" when there is none. */
static ward_str code_of(const struct ward_record *record, ward_str scheme)
{
	ward_str rest = record->labels;

	while (rest.len > 0) {
		ward_str code = ward_str_cut(&rest, ' ');
		ward_str of = ward_str_cut(&code, ':');

		if (ward_str_eq(of, scheme))
			return code;
	}
	return WARD_STR("");
}

/* ---- text ---- */

static void text_add(struct exchange_writer *writer, const struct ward_record *record)
{
	char value[WARD_SIGNAL_TEXT_MAX];

	for (size_t i = 0; i < record->signal_count; i++) {
		const ward_signal *signal = &record->signals[i];

		ward_buf_printf(&writer->out, "%s:%s", ward_signal_kind_name(signal->kind),
				ward_signal_format(signal, value));
		if (has_quality(record) && signal->kind == WARD_SIGNAL_PDQ)
			ward_buf_printf(&writer->out, " %u", record->quality);
		if (record->labels.len > 0)
			ward_buf_printf(&writer->out, " %.*s", WARD_FMT(record->labels));
		ward_buf_char(&writer->out, '\n');
	}
}

/* ---- tables ---- */

/* Every kind has its column: a record is written to its last signal. */
#define COLUMN_FIRST (WARD_SIGNAL_NONE + 1)

/*
 * A cell that a spreadsheet would take for a formula gets a quote in front
 * (what a ref or a label holds was written by a stranger).
 */
static void cell(struct ward_buf *out, char separator, ward_str text)
{
	bool formula = text.len > 0 && strchr("=+-@", text.ptr[0]);
	bool quoted = formula;

	for (size_t i = 0; i < text.len; i++)
		quoted = quoted || text.ptr[i] == separator || strchr("\"\r\n\t", text.ptr[i]);
	if (quoted)
		ward_buf_char(out, '"');
	if (formula)
		ward_buf_char(out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			ward_buf_char(out, '"');
		ward_buf_char(out, text.ptr[i]);
	}
	if (quoted)
		ward_buf_char(out, '"');
}

static void table_begin(struct exchange_writer *writer, char separator)
{
	for (int i = COLUMN_FIRST; i < WARD_SIGNAL_KIND_COUNT; i++)
		ward_buf_printf(&writer->out, "%s%c", ward_signal_kind_name((ward_signal_kind)i),
				separator);
	ward_buf_printf(&writer->out, "quality%clabels%cref\n", separator, separator);
}

/* One row; takes what it wrote out of `rest`, and says how many signals that was. */
static size_t table_row(struct exchange_writer *writer, struct ward_record *rest, char separator)
{
	size_t written = 0;

	for (int i = COLUMN_FIRST; i < WARD_SIGNAL_KIND_COUNT; i++) {
		const ward_signal *signal = signal_of(rest, (ward_signal_kind)i);
		char value[WARD_SIGNAL_TEXT_MAX];

		if (signal) {
			ward_buf_str(&writer->out,
					ward_str_from(ward_signal_format(signal, value)));
			rest->signals[signal - rest->signals].kind = WARD_SIGNAL_NONE;
			written++;
		}
		ward_buf_char(&writer->out, separator);
	}
	if (has_quality(rest))
		ward_buf_printf(&writer->out, "%u", rest->quality);
	ward_buf_char(&writer->out, separator);
	cell(&writer->out, separator, rest->labels);
	ward_buf_char(&writer->out, separator);
	cell(&writer->out, separator, rest->ref);
	ward_buf_char(&writer->out, '\n');
	return written;
}

/* A second signal of one kind takes a row of its own. */
static void table_add(struct exchange_writer *writer, const struct ward_record *record,
		char separator)
{
	struct ward_record rest = *record;

	for (size_t left = record->signal_count; left > 0;)
		left -= table_row(writer, &rest, separator);
}

static void csv_begin(struct exchange_writer *writer)
{
	table_begin(writer, ',');
}

static void csv_add(struct exchange_writer *writer, const struct ward_record *record)
{
	table_add(writer, record, ',');
}

static void tsv_begin(struct exchange_writer *writer)
{
	table_begin(writer, '\t');
}

static void tsv_add(struct exchange_writer *writer, const struct ward_record *record)
{
	table_add(writer, record, '\t');
}

/* ---- JSON lines ---- */

/* vPDQ's signal, with times as exact as they are kept: the tool's own has three digits of them. */
static void vpdq_json(struct json *json, const struct ward_vpdq *frames)
{
	char hash[WARD_SIGNAL_TEXT_MAX], text[WARD_SIGNAL_TEXT_MAX + 32];

	json_key(json, "vpdq");
	json_array(json);
	for (size_t i = 0; i < frames->count; i++) {
		const struct ward_vpdq_frame *frame = &frames->frames[i];

		snprintf(text, sizeof(text), "%s,%d,%.3f", ward_pdq_format(frame->hash, hash),
				frame->quality, frame->time_s);
		json_str(json, ward_str_from(text));
	}
	json_array_end(json);
}

static void tmk_json(struct json *json, const struct ward_tmk *tmk)
{
	struct ward_buf file;
	char *text = malloc((size_t)WARD_TMK_BYTES / 3 * 4 + 8);

	ward_buf_init(&file, WARD_TMK_BYTES);
	ward_tmk_write(tmk, &file);
	if (text && !file.failed) {
		ward_base64_format((const uint8_t *)file.ptr, file.len, text);
		json_key_text(json, "tmk", text);
	} else {
		json->buf->failed = true;
	}
	ward_buf_free(&file);
	free(text);
}

static void labels_json(struct json *json, ward_str labels)
{
	json_array(json);
	while (labels.len > 0)
		json_str(json, ward_str_cut(&labels, ' '));
	json_array_end(json);
}

static void jsonl_add(struct exchange_writer *writer, const struct ward_record *record)
{
	struct json json = json_to(&writer->out);
	char value[WARD_SIGNAL_TEXT_MAX];

	json_object(&json);
	json_key_uint(&json, "number", record->number);
	json_key(&json, "signals");
	json_array(&json);
	for (size_t i = 0; i < record->signal_count; i++) {
		json_object(&json);
		json_key_text(&json, "kind", ward_signal_kind_name(record->signals[i].kind));
		json_key_text(&json, "value", ward_signal_format(&record->signals[i], value));
		json_object_end(&json);
	}
	json_array_end(&json);
	if (record->frames)
		vpdq_json(&json, record->frames);
	if (record->tmk)
		tmk_json(&json, record->tmk);
	if (has_quality(record))
		json_key_uint(&json, "quality", record->quality);
	json_key(&json, "labels");
	labels_json(&json, record->labels);
	if (record->ref.len > 0)
		json_key_str(&json, "ref", record->ref);
	json_object_end(&json);
	ward_buf_char(&writer->out, '\n');
}

/* ---- threatexchange: "TYPE SIGNAL" lines of its local files ---- */

static void threatexchange_add(struct exchange_writer *writer, const struct ward_record *record)
{
	char value[WARD_SIGNAL_TEXT_MAX];

	for (size_t i = 0; i < record->signal_count; i++) {
		const ward_signal *signal = &record->signals[i];
		const char *type = signal->kind == WARD_SIGNAL_PDQ   ? "pdq"
				   : signal->kind == WARD_SIGNAL_MD5 ? "video_md5"
								     : NULL;

		if (type)
			ward_buf_printf(&writer->out, "%s %s\n", type,
					ward_signal_format(signal, value));
		else
			writer->left_out++;
	}
	if (record->frames) {
		ward_buf_str(&writer->out, WARD_STR("vpdq "));
		ward_vpdq_write_signal(record->frames, &writer->out);
		ward_buf_char(&writer->out, '\n');
	}
}

/*
 * ---- VICS 2.0: a set of hashes; every Media has an MD5 ----
 *
 * A file has one profile, whose numbers its categories are: that of the list's
 * scheme ("vics-us").  A category of another is left out.
 */

/* "" of the profile-less "vics"; false of another scheme. */
static bool profile_of(ward_str scheme, ward_str *profile)
{
	if (!ward_str_starts(scheme, WARD_STR("vics")))
		return false;
	*profile = (ward_str){ scheme.ptr + 4, scheme.len - 4 };
	if (profile->len > 0 && profile->ptr[0] != '-')
		return false;
	if (profile->len > 0)
		*profile = (ward_str){ profile->ptr + 1, profile->len - 1 };
	return true;
}

/* "us" is written as US. */
static void put_profile(struct exchange_writer *writer)
{
	for (const char *c = writer->profile; *c; c++)
		ward_buf_char(&writer->out, *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c);
	ward_buf_str(&writer->out, ward_str_from(writer->profile[0] ? "/" : ""));
}

static void vics_begin(struct exchange_writer *writer)
{
	ward_str profile;

	if (!profile_of(ward_str_from(writer->scheme), &profile))
		profile = WARD_STR("");
	if (profile.len < sizeof(writer->profile))
		memcpy(writer->profile, profile.ptr, profile.len);
	ward_buf_str(&writer->out, WARD_STR("{\"@odata.context\":\"http://github.com/VICSDATAMODEL/"
					    "ProjectVic/DataModels/2.0.xml/"));
	put_profile(writer);
	ward_buf_str(&writer->out, WARD_STR("$metadata#Media\",\"value\":["));
}

/* The category, and the marks behind it; labels of other schemes and profiles have no place. */
static void vics_labels(struct exchange_writer *writer, struct json *json, ward_str labels)
{
	static const char *const marks[] = { "VictimIdentified", "OffenderIdentified",
		"IsDistributed", "IsSuspected", "SelfGenerated" };
	bool marked[5] = { false }, has_category = false;
	uint64_t category = 0, number;

	while (labels.len > 0) {
		ward_str code = ward_str_cut(&labels, ' '), profile;
		ward_str scheme = ward_str_cut(&code, ':');
		bool placed = false;

		if (profile_of(scheme, &profile) &&
				ward_str_eq(profile, ward_str_from(writer->profile))) {
			if (!has_category && ward_u64_parse(code, &number)) {
				has_category = placed = true;
				category = number;
			}
			for (size_t i = 0; i < 5; i++) {
				if (ward_str_eq(code, ward_str_from(marks[i])))
					marked[i] = placed = true;
			}
		}
		writer->left_out += !placed;
	}
	json_key(json, "Category");
	if (has_category)
		json_uint(json, category);
	else
		json_null(json);
	for (size_t i = 0; i < 5; i++) {
		if (marked[i])
			json_key_bool(json, marks[i], true);
	}
}

static void vics_alternatives(struct json *json, const struct ward_record *record, const char *md5)
{
	static const struct {
		ward_signal_kind kind;
		const char *name;
	} kinds[] = { { WARD_SIGNAL_SHA256, "SHA256" }, { WARD_SIGNAL_PDQ, "PDQ" } };
	char value[WARD_SIGNAL_TEXT_MAX];

	json_key(json, "AlternativeHashes");
	json_array(json);
	for (size_t i = 0; i < record->signal_count; i++) {
		for (size_t k = 0; k < 2; k++) {
			if (record->signals[i].kind != kinds[k].kind)
				continue;
			json_object(json);
			json_key_text(json, "MD5", md5);
			json_key_text(json, "HashName", kinds[k].name);
			json_key_text(json, "HashValue",
					ward_signal_format(&record->signals[i], value));
			json_object_end(json);
		}
	}
	json_array_end(json);
}

/* A second MD5, SHA-1 or PhotoDNA of one record has no place, nor has a network's hash. */
static void vics_count(struct exchange_writer *writer, const struct ward_record *record)
{
	for (size_t i = 0; i < record->signal_count; i++) {
		const ward_signal *signal = &record->signals[i];

		bool many = signal->kind == WARD_SIGNAL_SHA256 || signal->kind == WARD_SIGNAL_PDQ;
		bool one = signal->kind == WARD_SIGNAL_MD5 || signal->kind == WARD_SIGNAL_SHA1 ||
			   signal->kind == WARD_SIGNAL_PHOTODNA;

		writer->left_out += !many && !(one && signal_of(record, signal->kind) == signal);
	}
}

static void vics_add(struct exchange_writer *writer, const struct ward_record *record)
{
	const ward_signal *md5 = signal_of(record, WARD_SIGNAL_MD5);
	const ward_signal *sha1 = signal_of(record, WARD_SIGNAL_SHA1);
	const ward_signal *photodna = signal_of(record, WARD_SIGNAL_PHOTODNA);
	struct json json = json_to(&writer->out);
	char value[WARD_SIGNAL_TEXT_MAX], key[WARD_SIGNAL_TEXT_MAX];
	uint64_t id;

	if (!md5) {
		writer->left_out++;
		return;
	}
	vics_count(writer, record);
	ward_buf_str(&writer->out, writer->records++ ? WARD_STR(",\n") : WARD_STR("\n"));
	json_object(&json);
	/* The id that another such file gave it, or else its number. */
	json_key_uint(&json, "MediaID", ward_u64_parse(record->ref, &id) ? id : record->number);
	vics_labels(writer, &json, record->labels);
	json_key_text(&json, "MD5", ward_signal_format(md5, key));
	if (sha1)
		json_key_text(&json, "SHA1", ward_signal_format(sha1, value));
	if (photodna)
		json_key_text(&json, "PhotoDNA", ward_signal_format(photodna, value));
	vics_alternatives(&json, record, key);
	json_object_end(&json);
}

static void vics_end(struct exchange_writer *writer)
{
	ward_buf_str(&writer->out, WARD_STR("\n]}\n"));
}

/* ---- NCMEC hash sharing 2 ---- */

static void xml_text(struct ward_buf *out, ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '&')
			ward_buf_str(out, WARD_STR("&amp;"));
		else if (c == '<')
			ward_buf_str(out, WARD_STR("&lt;"));
		else if (c == '>')
			ward_buf_str(out, WARD_STR("&gt;"));
		else if (c == '"')
			ward_buf_str(out, WARD_STR("&quot;"));
		else
			ward_buf_char(out, (unsigned char)c < ' ' ? ' ' : c);
	}
}

static void xml_element(struct ward_buf *out, const char *name, ward_str text)
{
	ward_buf_printf(out, "<%s>", name);
	xml_text(out, text);
	ward_buf_printf(out, "</%s>", name);
}

static void ncmec_begin(struct exchange_writer *writer)
{
	ward_buf_str(&writer->out,
			WARD_STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<queryResult "
				 "xmlns=\"https://hashsharing.ncmec.org/hashsharing/v2\">"
				 "<images>\n"));
}

/* A ref that came from there is "MEMBER/ID"; another is the id alone. */
static void ncmec_name(struct exchange_writer *writer, const struct ward_record *record)
{
	ward_str id = record->ref, member = ward_str_cut(&id, '/');
	char number[24];

	if (id.len == 0) {
		id = member;
		member = WARD_STR("0");
	}
	if (id.len == 0) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)record->number);
		id = ward_str_from(number);
	}
	ward_buf_str(&writer->out, WARD_STR("<image><member id=\""));
	xml_text(&writer->out, member);
	ward_buf_str(&writer->out, WARD_STR("\">"));
	xml_text(&writer->out, ward_str_from(writer->source));
	ward_buf_str(&writer->out, WARD_STR("</member>"));
	xml_element(&writer->out, "id", id);
}

static void ncmec_add(struct exchange_writer *writer, const struct ward_record *record)
{
	ward_str class = code_of(record, WARD_STR("industry"));
	char value[2 * WARD_SIGNAL_BYTES_MAX + 1];
	bool told = false;

	for (size_t i = 0; i < record->signal_count; i++) {
		const ward_signal *signal = &record->signals[i];
		const char *name = signal->kind == WARD_SIGNAL_MD5        ? "md5"
				   : signal->kind == WARD_SIGNAL_SHA1     ? "sha1"
				   : signal->kind == WARD_SIGNAL_PDQ      ? "pdq"
				   : signal->kind == WARD_SIGNAL_PHOTODNA ? "pdna"
									  : NULL;

		/* One of a kind. */
		if (!name || signal_of(record, signal->kind) != signal) {
			writer->left_out++;
			continue;
		}
		if (!told) {
			ncmec_name(writer, record);
			if (class.len > 0)
				xml_element(&writer->out, "classification", class);
			ward_buf_str(&writer->out, WARD_STR("<fingerprints>"));
		}
		told = true;
		ward_hex_format(signal->bytes, ward_signal_size(signal->kind), value);
		xml_element(&writer->out, name, ward_str_from(value));
	}
	if (told)
		ward_buf_str(&writer->out, WARD_STR("</fingerprints></image>\n"));
}

static void ncmec_end(struct exchange_writer *writer)
{
	ward_buf_str(&writer->out, WARD_STR("</images></queryResult>\n"));
}

/* ---- the frame ---- */

static const struct form forms[EXCHANGE_FORMAT_COUNT] = {
	[EXCHANGE_TEXT] = { NULL, text_add, NULL, false, false },
	[EXCHANGE_CSV] = { csv_begin, csv_add, NULL, false, false },
	[EXCHANGE_TSV] = { tsv_begin, tsv_add, NULL, false, false },
	[EXCHANGE_JSONL] = { NULL, jsonl_add, NULL, true, true },
	[EXCHANGE_THREATEXCHANGE] = { NULL, threatexchange_add, NULL, true, false },
	[EXCHANGE_VICS] = { vics_begin, vics_add, vics_end, false, false },
	[EXCHANGE_NCMEC] = { ncmec_begin, ncmec_add, ncmec_end, false, false },
};

ward_err exchange_writer_new(enum exchange_format format, const struct ward_list_info *info,
		exchange_sink *sink, void *context, struct exchange_writer **writer,
		struct ward_error *error)
{
	if ((unsigned)format >= EXCHANGE_FORMAT_COUNT || !forms[format].add)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"lists are not written in this format; there are text, csv, tsv, "
				"jsonl, threatexchange, vics and ncmec");
	struct exchange_writer *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->form = &forms[format];
	made->sink = sink;
	made->context = context;
	snprintf(made->scheme, sizeof(made->scheme), "%s", info->scheme);
	snprintf(made->source, sizeof(made->source), "%s", info->source);
	ward_buf_init(&made->out, (size_t)64 << 20);
	if (made->form->begin)
		made->form->begin(made);
	*writer = made;
	return WARD_OK;
}

static ward_err flush(struct exchange_writer *writer, size_t keep, struct ward_error *error)
{
	ward_str text = ward_buf_text(&writer->out);
	ward_err err = WARD_OK;

	if (writer->out.failed)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (text.len <= keep)
		return WARD_OK;
	err = writer->sink(writer->context, (ward_bytes){ (const uint8_t *)text.ptr, text.len },
			error);
	ward_buf_clear(&writer->out);
	return err;
}

ward_err exchange_writer_add(struct exchange_writer *writer, const struct ward_record *record,
		struct ward_error *error)
{
	writer->form->add(writer, record);
	writer->left_out += (record->frames && !writer->form->has_vpdq) +
			    (record->tmk && !writer->form->has_tmk);
	return flush(writer, FLUSH_AT, error);
}

uint64_t exchange_writer_left_out(const struct exchange_writer *writer)
{
	return writer->left_out;
}

ward_err exchange_writer_finish(struct exchange_writer *writer, struct ward_error *error)
{
	if (writer->form->end)
		writer->form->end(writer);
	return flush(writer, 0, error);
}

void exchange_writer_free(struct exchange_writer *writer)
{
	if (!writer)
		return;
	ward_buf_free(&writer->out);
	free(writer);
}
