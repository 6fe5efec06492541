#include "agent/s3_list.h"

#include <libxml/xmlreader.h>
#include <string.h>

#include "base/clock.h"

/* List > Contents > Key is as deep as anything that counts. */
enum { DEPTH_MAX = 16, TEXT_MAX_BYTES = S3_TOKEN_MAX };

enum part { NONE, KEY, ETAG, SIZE, CHANGED, MORE, TOKEN, ENCODING };

struct reading {
	struct ward_arena *arena;
	struct s3_page *page;
	xmlTextReaderPtr xml;
	size_t room;
	bool in_object, any; /* any: of the object that is being read */
	struct s3_object object;
	enum part part;
	char text[TEXT_MAX_BYTES];
	size_t len;
	bool too_long;
	bool more, encoded;
	const char *token;
};

static enum part part_of(const char *name, int depth, bool in_object)
{
	static const struct {
		const char *name;
		int depth;
		enum part part;
	} parts[] = {
		{ "Key", 2, KEY },
		{ "ETag", 2, ETAG },
		{ "Size", 2, SIZE },
		{ "LastModified", 2, CHANGED },
		{ "IsTruncated", 1, MORE },
		{ "NextContinuationToken", 1, TOKEN },
		{ "EncodingType", 1, ENCODING },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (depth == parts[i].depth && (depth == 2) == in_object &&
				strcmp(name, parts[i].name) == 0)
			return parts[i].part;
	}
	return NONE;
}

static bool add_object(struct reading *reading)
{
	struct s3_page *page = reading->page;

	if (!reading->object.key) {
		page->passed++;
		return true;
	}
	if (page->count == reading->room) {
		size_t room = reading->room ? 2 * reading->room : 256;
		struct s3_object *more = ward_new(reading->arena, struct s3_object, room);

		if (!more)
			return false;
		if (page->count > 0)
			memcpy(more, page->objects, page->count * sizeof(*more));
		page->objects = more;
		reading->room = room;
	}
	page->objects[page->count++] = reading->object;
	return true;
}

/* What stood between the tags of a part. */
static bool end_part(struct reading *reading)
{
	ward_str text = { reading->text, reading->len };
	const char *kept = NULL;

	if (reading->part == KEY || reading->part == ETAG || reading->part == TOKEN) {
		kept = ward_arena_str(reading->arena, text).ptr;
		if (!kept)
			return false;
	}
	switch (reading->part) {
	case KEY:
		reading->object.key = text.len > 0 && !reading->too_long ? kept : NULL;
		break;
	case ETAG:
		reading->object.etag = reading->too_long ? "" : kept;
		break;
	case TOKEN:
		reading->token = text.len > 0 && !reading->too_long ? kept : NULL;
		break;
	case SIZE:
		if (!ward_u64_parse(ward_str_trim(text), &reading->object.size))
			reading->object.size = 0;
		break;
	case CHANGED:
		if (!clock_parse(ward_str_trim(text), &reading->object.changed))
			reading->object.changed = 0;
		break;
	case MORE:
		reading->more = ward_str_eq(ward_str_trim(text), WARD_STR("true"));
		break;
	case ENCODING:
		reading->encoded = ward_str_eq(ward_str_trim(text), WARD_STR("url"));
		break;
	case NONE:
		break;
	}
	reading->part = NONE;
	return true;
}

static void begin_element(struct reading *reading, const char *name, int depth)
{
	if (depth == 1 && strcmp(name, "Contents") == 0) {
		reading->in_object = true;
		reading->object = (struct s3_object){ .etag = "" };
		return;
	}
	reading->part = part_of(name, depth, reading->in_object);
	reading->len = 0;
	reading->too_long = false;
}

static void add_text(struct reading *reading, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (reading->part == NONE)
		return;
	if (len > TEXT_MAX_BYTES - reading->len) {
		reading->too_long = true;
		return;
	}
	memcpy(reading->text + reading->len, text, len);
	reading->len += len;
}

/* ---- nodes ---- */

static ward_err end_element(struct reading *reading, int depth, struct ward_error *error)
{
	bool good = end_part(reading);

	if (good && depth == 1 && reading->in_object) {
		reading->in_object = false;
		if (reading->page->count == S3_PAGE_OBJECTS)
			return ward_fail(error, WARD_E_LIMIT, "a page of the list has too many");
		good = add_object(reading);
	}
	return good ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "a page of the list is too large");
}

static ward_err read_node(struct reading *reading, struct ward_error *error)
{
	int depth = xmlTextReaderDepth(reading->xml);
	const char *name = (const char *)xmlTextReaderConstLocalName(reading->xml);

	if (depth > DEPTH_MAX)
		return ward_fail(error, WARD_E_LIMIT, "the list is nested too deep");
	switch (xmlTextReaderNodeType(reading->xml)) {
	case XML_READER_TYPE_ELEMENT:
		if (depth == 0 && strcmp(name, "ListBucketResult") != 0)
			return ward_fail(error, WARD_E_FORMAT, "the answer is no list of objects");
		begin_element(reading, name, depth);
		return xmlTextReaderIsEmptyElement(reading->xml)
				       ? end_element(reading, depth, error)
				       : WARD_OK;
	case XML_READER_TYPE_END_ELEMENT:
		return end_element(reading, depth, error);
	case XML_READER_TYPE_TEXT:
	case XML_READER_TYPE_CDATA:
	case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
		add_text(reading, (const char *)xmlTextReaderConstValue(reading->xml));
		return WARD_OK;
	case XML_READER_TYPE_DOCUMENT_TYPE:
	case XML_READER_TYPE_ENTITY_REFERENCE:
		return ward_fail(error, WARD_E_FORMAT, "the list has a document type");
	default:
		return WARD_OK;
	}
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* In place; "+" is a blank there.  False for what cannot be a key. */
static bool decode(char *key)
{
	char *to = key;

	for (const char *from = key; *from != '\0'; from++) {
		int high = *from == '%' ? hex_digit(from[1]) : -1;
		int low = high >= 0 ? hex_digit(from[2]) : -1;

		if (low >= 0) {
			*to++ = (char)(high * 16 + low);
			from += 2;
		} else {
			*to++ = *from == '+' ? ' ' : *from;
		}
		if (to[-1] == '\0')
			return false;
	}
	*to = '\0';
	return true;
}

/* The encoding may be said behind the objects. */
static void finish(struct reading *reading)
{
	struct s3_page *page = reading->page;
	size_t kept = 0;

	for (size_t i = 0; i < page->count; i++) {
		/* The arena's own copy. */
		char *key = (char *)(uintptr_t)page->objects[i].key;

		if ((!reading->encoded || decode(key)) && key[0] != '\0' &&
				strlen(key) <= S3_KEY_MAX)
			page->objects[kept++] = page->objects[i];
	}
	page->passed += page->count - kept;
	page->count = kept;
	page->next = reading->more ? reading->token : NULL;
}

void s3_list_prepare(void)
{
	xmlInitParser();
}

ward_err s3_list_read(struct ward_arena *arena, ward_bytes xml, struct s3_page *result,
		struct ward_error *error)
{
	struct s3_page page = { .count = 0 };
	struct reading *reading = ward_new(arena, struct reading, 1);
	ward_err err = WARD_OK;
	int more = 1;

	if (xml.len > S3_PAGE_BYTES)
		return ward_fail(error, WARD_E_LIMIT, "a page of the list is too large");
	if (!reading)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a list");
	*reading = (struct reading){ .arena = arena, .page = &page };
	reading->xml = xmlReaderForMemory((const char *)xml.ptr, (int)xml.len, NULL, NULL,
			XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (!reading->xml)
		return ward_fail(error, WARD_E_FORMAT, "the answer is no list of objects");
	while (!err && (more = xmlTextReaderRead(reading->xml)) == 1)
		err = read_node(reading, error);
	xmlFreeTextReader(reading->xml);
	if (!err && more != 0)
		err = ward_fail(error, WARD_E_FORMAT, "the answer is no list of objects");
	if (err)
		return err;
	finish(reading);
	/* A list that says that it goes on, and not where, would be told as if it were whole. */
	if (reading->more && !page.next)
		return ward_fail(error, WARD_E_FORMAT, "the list does not say how it goes on");
	*result = page;
	return WARD_OK;
}
