#include "filing/reply.h"

#include "filing/value.h"

enum { DEPTH_MAX = 8 };

/* ---- a reader of small XML ---- */

struct xml {
	struct ward_arena *arena;
	ward_str rest;
	ward_str open[DEPTH_MAX]; /* names of the elements that we are in */
	int depth;
	bool pending_end; /* of "<a/>" */
	bool failed;
};

enum token { TOKEN_START, TOKEN_END, TOKEN_TEXT, TOKEN_DONE };

static bool fail(struct xml *xml)
{
	xml->failed = true;
	return false;
}

static void skip(struct xml *xml, size_t count)
{
	xml->rest.ptr += count;
	xml->rest.len -= count;
}

/* What precedes `mark`, which is taken, too; fails when it never comes. */
static bool take_until(struct xml *xml, ward_str mark, ward_str *taken)
{
	for (size_t i = 0; i + mark.len <= xml->rest.len; i++) {
		if (memcmp(xml->rest.ptr + i, mark.ptr, mark.len) != 0)
			continue;
		*taken = (ward_str){ xml->rest.ptr, i };
		skip(xml, i + mark.len);
		return true;
	}
	return fail(xml);
}

/* Declarations and comments are passed over; a document type is no part of an answer. */
static bool skip_markup(struct xml *xml)
{
	ward_str ignored;

	if (ward_str_starts(xml->rest, WARD_STR("<?")))
		return take_until(xml, WARD_STR("?>"), &ignored);
	if (ward_str_starts(xml->rest, WARD_STR("<!--")))
		return take_until(xml, WARD_STR("-->"), &ignored);
	return fail(xml);
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.' || c == ':' || (uint8_t)c >= 0x80;
}

/* The name without its prefix: the schema has no namespace, and a writer may put one anyway. */
static bool take_name(struct xml *xml, ward_str *name)
{
	size_t len = 0, from = 0;

	while (len < xml->rest.len && name_char(xml->rest.ptr[len])) {
		if (xml->rest.ptr[len] == ':')
			from = len + 1;
		len++;
	}
	*name = (ward_str){ xml->rest.ptr + from, len - from };
	skip(xml, len);
	return name->len > 0 || fail(xml);
}

/* Attributes are passed over, with what their quotes hold. */
static bool skip_attributes(struct xml *xml, bool *closed)
{
	char quote = '\0';

	for (size_t i = 0; i < xml->rest.len; i++) {
		char c = xml->rest.ptr[i];

		if (quote) {
			quote = c == quote ? '\0' : quote;
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '<') {
			return fail(xml);
		} else if (c == '>') {
			*closed = i > 0 && xml->rest.ptr[i - 1] == '/';
			skip(xml, i + 1);
			return true;
		}
	}
	return fail(xml);
}

static bool take_start(struct xml *xml, ward_str *name)
{
	skip(xml, 1);
	if (xml->depth == DEPTH_MAX || !take_name(xml, name) ||
			!skip_attributes(xml, &xml->pending_end))
		return fail(xml);
	xml->open[xml->depth++] = *name;
	return true;
}

static bool take_end(struct xml *xml, ward_str *name)
{
	ward_str blanks;

	skip(xml, 2);
	if (!take_name(xml, name) || !take_until(xml, WARD_STR(">"), &blanks) ||
			ward_str_trim(blanks).len > 0 || xml->depth == 0 ||
			!ward_str_eq(xml->open[xml->depth - 1], *name))
		return fail(xml);
	xml->depth--;
	return true;
}

/* One of the five entities or a number; the text stands behind the "&". */
static size_t entity(ward_str text, uint32_t *c)
{
	static const struct {
		const char *name;
		char c;
	} five[] = { { "amp;", '&' }, { "lt;", '<' }, { "gt;", '>' }, { "quot;", '"' },
		{ "apos;", '\'' } };
	ward_str rest = text;
	ward_str digits = ward_str_cut(&rest, ';');
	uint64_t value = 0;

	for (size_t i = 0; i < 5; i++) {
		if (ward_str_starts(text, ward_str_from(five[i].name))) {
			*c = (uint32_t)five[i].c;
			return strlen(five[i].name);
		}
	}
	if (digits.len < 2 || digits.len > 8 || digits.len == text.len || digits.ptr[0] != '#')
		return 0;
	bool hex = digits.ptr[1] == 'x';

	for (size_t i = hex ? 2 : 1; i < digits.len; i++) {
		char d = digits.ptr[i];
		unsigned digit = d >= '0' && d <= '9'          ? (unsigned)(d - '0')
				 : hex && d >= 'a' && d <= 'f' ? (unsigned)(d - 'a') + 10
				 : hex && d >= 'A' && d <= 'F' ? (unsigned)(d - 'A') + 10
							       : 99;

		if (digit == 99)
			return 0;
		value = value * (hex ? 16 : 10) + digit;
	}
	*c = (uint32_t)value;
	return value > 0 && filing_xml_char(*c) ? digits.len + 1 : 0;
}

static void add_char(struct ward_buf *out, uint32_t c)
{
	if (c < 0x80) {
		ward_buf_char(out, (char)c);
		return;
	}
	if (c >= 0x10000) {
		ward_buf_char(out, (char)(0xf0 | c >> 18));
		ward_buf_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
	} else if (c >= 0x800) {
		ward_buf_char(out, (char)(0xe0 | c >> 12));
	} else {
		ward_buf_char(out, (char)(0xc0 | c >> 6));
		ward_buf_char(out, (char)(0x80 | (c & 0x3f)));
		return;
	}
	ward_buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
	ward_buf_char(out, (char)(0x80 | (c & 0x3f)));
}

static bool decode(struct xml *xml, ward_str raw, ward_str *text)
{
	struct ward_buf out;

	ward_buf_init(&out, FILING_REPLY_MAX);
	for (size_t i = 0; i < raw.len && !xml->failed; i++) {
		uint32_t c = 0;
		size_t len = raw.ptr[i] == '&' ? entity((ward_str){ raw.ptr + i + 1,
									raw.len - i - 1 },
								 &c)
					       : 0;

		if (raw.ptr[i] != '&')
			ward_buf_char(&out, raw.ptr[i]);
		else if (len == 0)
			fail(xml);
		else
			add_char(&out, c);
		i += len;
	}
	*text = ward_arena_str(xml->arena, ward_buf_text(&out));
	if (out.failed || !text->ptr)
		fail(xml);
	ward_buf_free(&out);
	return !xml->failed;
}

static bool take_text(struct xml *xml, ward_str *text)
{
	size_t len = 0;

	if (ward_str_starts(xml->rest, WARD_STR("<![CDATA["))) {
		skip(xml, 9);
		return take_until(xml, WARD_STR("]]>"), text);
	}
	while (len < xml->rest.len && xml->rest.ptr[len] != '<')
		len++;
	ward_str raw = { xml->rest.ptr, len };

	skip(xml, len);
	return decode(xml, raw, text);
}

/* DONE also when it failed. */
static enum token next(struct xml *xml, ward_str *text)
{
	if (xml->pending_end) {
		xml->pending_end = false;
		*text = xml->open[--xml->depth];
		return TOKEN_END;
	}
	while (!xml->failed && xml->rest.len > 0) {
		if (ward_str_starts(xml->rest, WARD_STR("</")))
			return take_end(xml, text) ? TOKEN_END : TOKEN_DONE;
		if (xml->rest.ptr[0] != '<' || ward_str_starts(xml->rest, WARD_STR("<![CDATA[")))
			return take_text(xml, text) ? TOKEN_TEXT : TOKEN_DONE;
		if (ward_str_starts(xml->rest, WARD_STR("<?")) ||
				ward_str_starts(xml->rest, WARD_STR("<!")))
			skip_markup(xml);
		else
			return take_start(xml, text) ? TOKEN_START : TOKEN_DONE;
	}
	return TOKEN_DONE;
}

/* ---- the answer ---- */

/* The fields as they were written; ptr is NULL where there was none. */
struct fields {
	ward_str root, code, description, report_id, file_id, hash;
	bool files;
	ward_str *file_ids;
	unsigned file_count;
};

static ward_str *field_of(struct fields *fields, ward_str name)
{
	if (ward_str_eq(name, WARD_STR("responseCode")))
		return &fields->code;
	if (ward_str_eq(name, WARD_STR("responseDescription")))
		return &fields->description;
	if (ward_str_eq(name, WARD_STR("reportId")))
		return &fields->report_id;
	if (ward_str_eq(name, WARD_STR("fileId")))
		return &fields->file_id;
	if (ward_str_eq(name, WARD_STR("hash")))
		return &fields->hash;
	return NULL;
}

static void keep_file(struct xml *xml, struct fields *fields, ward_str text)
{
	if (fields->file_count == FILING_REPLY_FILES)
		fail(xml);
	else
		fields->file_ids[fields->file_count++] = ward_str_trim(text);
}

/* A text at its place: /ROOT/FIELD, or /ROOT/files/fileId. */
static void keep(struct xml *xml, struct fields *fields, ward_str text)
{
	ward_str name = xml->open[xml->depth - 1];
	bool in_files = xml->depth == 3 && ward_str_eq(xml->open[1], WARD_STR("files"));
	ward_str *field = xml->depth == 2 ? field_of(fields, name) : NULL;

	if (in_files && ward_str_eq(name, WARD_STR("fileId")))
		keep_file(xml, fields, text);
	else if (field && !field->ptr)
		*field = ward_str_trim(text);
}

/* The text of an element may come in pieces; it is joined at the element's end. */
static bool read_fields(struct xml *xml, struct fields *fields)
{
	ward_str text, joined = WARD_STR("");
	enum token token;

	while ((token = next(xml, &text)) != TOKEN_DONE) {
		if (token == TOKEN_TEXT) {
			char *both = ward_arena_printf(xml->arena, "%.*s%.*s", WARD_FMT(joined),
					WARD_FMT(text));

			joined = ward_str_from(both);
			if (!both || (xml->depth == 0 && ward_str_trim(text).len > 0))
				return false;
			continue;
		}
		if (token == TOKEN_START) {
			if (xml->depth == 1 && fields->root.ptr)
				return false;
			if (xml->depth == 1)
				fields->root = text;
			fields->files |= xml->depth == 2 && ward_str_eq(text, WARD_STR("files"));
		} else if (xml->depth < DEPTH_MAX) {
			/* The name is taken off the stack; it stands behind its end still. */
			xml->open[xml->depth++] = text;
			keep(xml, fields, joined);
			xml->depth--;
		}
		joined = WARD_STR("");
	}
	return !xml->failed && xml->depth == 0 && fields->root.ptr;
}

/* ---- what it lacks ---- */

struct judging {
	struct filing_findings *findings;
	const char *root; /* "reportResponse" */
	bool useless;
};

static void lacks(struct judging *judging, const char *field, enum filing_severity severity,
		const char *says)
{
	char name[64];

	snprintf(name, sizeof(name), "%s/%s", judging->root, field);
	for (unsigned i = 0; i < filing_rule_count; i++) {
		if (strcmp(filing_rules[i].id, name) == 0)
			filing_found(judging->findings, filing_rules[i].id, severity, name, "%s",
					says);
	}
	judging->useless |= severity == FILING_ERROR;
}

static bool positive(ward_str text, uint64_t *value)
{
	int64_t number;

	if (!ward_i64_parse(text, &number) || number <= 0)
		return false;
	*value = (uint64_t)number;
	return true;
}

static bool is_id(ward_str text)
{
	return text.len > 0 && text.len <= 255 && !filing_value_wrong(FILING_TOKEN, NULL, text);
}

static bool names_report(enum filing_call call)
{
	return call == FILING_CALL_SUBMIT;
}

static void judge_ids(struct judging *judging, enum filing_call call, const struct fields *fields,
		struct filing_reply *reply)
{
	bool ok = reply->code == 0;
	bool told = positive(fields->report_id, &reply->report_id);

	if ((fields->report_id.ptr && !told) ||
			(ok && !told && call != FILING_CALL_STATUS && !fields->report_id.ptr))
		lacks(judging, "reportId", ok && names_report(call) ? FILING_ERROR : FILING_WARNING,
				"The number of the report is wanted.");
	if (fields->file_id.ptr ? !is_id(fields->file_id) : ok && call == FILING_CALL_UPLOAD)
		lacks(judging, "fileId",
				ok && call == FILING_CALL_UPLOAD ? FILING_ERROR : FILING_WARNING,
				"The id of the uploaded file is wanted.");
	if (fields->hash.ptr ? !is_id(fields->hash) : ok && call == FILING_CALL_UPLOAD)
		lacks(judging, "hash",
				ok && call == FILING_CALL_UPLOAD ? FILING_ERROR : FILING_WARNING,
				"The MD5 of the uploaded file is wanted.");
}

static void judge_files(struct judging *judging, const struct fields *fields, bool ok)
{
	if (!fields->files && ok)
		lacks(judging, "files", FILING_WARNING, "The list of files is wanted.");
	for (unsigned i = 0; i < fields->file_count; i++) {
		if (!is_id(fields->file_ids[i]))
			lacks(judging, "fileId", FILING_WARNING, "An id of a file is wanted.");
	}
}

static void judge(struct judging *judging, enum filing_call call, const struct fields *fields,
		struct filing_reply *reply)
{
	bool done = strcmp(judging->root, "reportDoneResponse") == 0;

	*reply = (struct filing_reply){
		.description = fields->description.ptr ? fields->description : WARD_STR(""),
		.file_id = fields->file_id.ptr ? fields->file_id : WARD_STR(""),
		.hash = fields->hash.ptr ? fields->hash : WARD_STR(""),
		.files = fields->file_ids,
		.file_count = fields->file_count,
	};
	if (!ward_i64_parse(fields->code, &reply->code) || reply->code < INT32_MIN ||
			reply->code > INT32_MAX) {
		lacks(judging, "responseCode", FILING_ERROR, "A code is wanted.");
		return;
	}
	if (!done && !fields->description.ptr)
		lacks(judging, "responseDescription", FILING_WARNING, "A description is wanted.");
	judge_ids(judging, done ? FILING_CALL_FINISH : call, fields, reply);
	if (done)
		judge_files(judging, fields, reply->code == 0);
}

ward_err filing_reply_read(struct ward_arena *arena, enum filing_call call, ward_str text,
		struct filing_reply *reply, struct filing_findings *findings,
		struct ward_error *error)
{
	struct xml xml = { .arena = arena, .rest = text };
	struct fields fields = { .file_ids = ward_new(arena, ward_str, FILING_REPLY_FILES) };
	struct judging judging = { findings, "reportResponse", false };
	struct filing_reply read;

	if (!fields.file_ids)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (text.len == 0 || text.len > FILING_REPLY_MAX || !ward_utf8_valid(text))
		return ward_fail(error, WARD_E_FORMAT, "the answer is too long, or no text");
	if (ward_str_starts(text, WARD_STR("\xef\xbb\xbf")))
		skip(&xml, 3);
	if (!read_fields(&xml, &fields))
		return ward_fail(error, WARD_E_FORMAT, "the answer is no XML that we know");
	/* Only a finish is answered with it; a refusal of one comes as a reportResponse. */
	if (ward_str_eq(fields.root, WARD_STR("reportDoneResponse")) && call == FILING_CALL_FINISH)
		judging.root = "reportDoneResponse";
	else if (!ward_str_eq(fields.root, WARD_STR("reportResponse")))
		return ward_fail(error, WARD_E_FORMAT, "the answer is of another kind");
	judge(&judging, call, &fields, &read);
	if (judging.useless)
		return ward_fail(error, WARD_E_FORMAT, "the answer lacks what the call needs");
	*reply = read;
	return WARD_OK;
}

struct filing_code filing_code_of(int64_t code)
{
	for (unsigned i = 0; i < filing_code_count; i++) {
		if (filing_codes[i].code == code)
			return filing_codes[i];
	}
	return (struct filing_code){ (int)code, FILING_CODE_CLIENT, "a code nobody told us of" };
}
