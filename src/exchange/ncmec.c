/*
 * NCMEC hash sharing, version 2: the XML of GET /v2/entries.
 *
 * <image> and <video> are records, <deletedImage> and <deletedVideo> tombstones;
 * an entry is named by its member and its id together.  Fingerprints that lie
 * elsewhere (with an href) are not read.  A document type is refused: nothing
 * here needs entities of its own, and they are how XML eats memory.
 */
#include "exchange/queue.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

enum place {
	PLACE_OTHER = 0,
	PLACE_MEMBER,
	PLACE_ID,
	PLACE_CLASS,
	PLACE_FINGERPRINT,
};

struct ncmec {
	struct queue queue;
	xmlParserCtxtPtr xml;
	bool ended;
	bool seen_root;
	const char *trouble;
	unsigned depth;
	unsigned entry;  /* depth of the entry being read; 0: none */
	unsigned prints; /* depth of its fingerprints; 0: not within */
	enum place place;
	ward_signal_kind kind;
	char name[32];
	char member[128];
	char id[QUEUE_TEXT_MAX];
	char text[1024];
	size_t text_len;
};

static void stop(struct ncmec *ncmec, const char *why)
{
	ncmec->trouble = why;
	xmlStopParser(ncmec->xml);
}

static bool is(const xmlChar *name, const char *want)
{
	return strcmp((const char *)name, want) == 0;
}

static void on_document_type(void *context, const xmlChar *name, const xmlChar *public_id,
		const xmlChar *system_id)
{
	(void)name;
	(void)public_id;
	(void)system_id;
	stop(context, "it has a document type, which such a file does not need");
}

static void keep_attribute(const xmlChar **attributes, int count, const char *name, char *to,
		size_t room)
{
	/* Five pointers each: name, prefix, URI, value's begin and end. */
	for (int i = 0; i < count; i++) {
		const xmlChar **at = attributes + 5 * (size_t)i;
		size_t len = (size_t)(at[4] - at[3]);

		if (is(at[0], name) && len < room) {
			memcpy(to, at[3], len);
			to[len] = '\0';
		}
	}
}

static void begin_entry(struct ncmec *ncmec, bool removed)
{
	queue_begin(&ncmec->queue);
	ncmec->queue.now.record.removed = removed;
	ncmec->queue.now.record.keyed = true;
	ncmec->entry = ncmec->depth;
	ncmec->member[0] = ncmec->id[0] = '\0';
}

static void begin_child(struct ncmec *ncmec, const xmlChar *name, int count,
		const xmlChar **attributes)
{
	if (is(name, "member")) {
		keep_attribute(attributes, count, "id", ncmec->member, sizeof(ncmec->member));
		ncmec->place = PLACE_MEMBER;
	} else if (is(name, "id")) {
		ncmec->place = PLACE_ID;
	} else if (is(name, "classification")) {
		ncmec->place = PLACE_CLASS;
	} else if (is(name, "fingerprints")) {
		ncmec->prints = ncmec->depth;
	}
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		int namespace_count, const xmlChar **namespaces, int count, int default_count,
		const xmlChar **attributes)
{
	struct ncmec *ncmec = context;

	(void)prefix;
	(void)uri;
	(void)namespace_count;
	(void)namespaces;
	(void)default_count;
	ncmec->depth++;
	ncmec->place = PLACE_OTHER;
	ncmec->text_len = 0;
	if (!ncmec->seen_root && !is(name, "queryResult"))
		stop(ncmec, "its root is not queryResult");
	ncmec->seen_root = true;
	if (ncmec->entry == 0) {
		if (is(name, "image") || is(name, "video"))
			begin_entry(ncmec, false);
		else if (is(name, "deletedImage") || is(name, "deletedVideo"))
			begin_entry(ncmec, true);
	} else if (ncmec->depth == ncmec->entry + 1) {
		begin_child(ncmec, name, count, attributes);
	} else if (ncmec->prints > 0 && ncmec->depth == ncmec->prints + 1) {
		ncmec->kind = ward_signal_kind_from(ward_str_from((const char *)name));
		snprintf(ncmec->name, sizeof(ncmec->name), "%.31s", (const char *)name);
		if (ncmec->kind != WARD_SIGNAL_NONE)
			ncmec->place = PLACE_FINGERPRINT;
	}
}

static void on_text(void *context, const xmlChar *text, int len)
{
	struct ncmec *ncmec = context;
	size_t some = len > 0 ? (size_t)len : 0;

	if (ncmec->place == PLACE_OTHER)
		return;
	/* One byte more than fits is enough to be refused below. */
	if (some > sizeof(ncmec->text) - ncmec->text_len)
		some = sizeof(ncmec->text) - ncmec->text_len;
	memcpy(ncmec->text + ncmec->text_len, text, some);
	ncmec->text_len += some;
}

static void end_child(struct ncmec *ncmec)
{
	ward_str text = ward_str_trim((ward_str){ ncmec->text, ncmec->text_len });

	/* A member is its id; what it calls itself may be of any length. */
	if (ncmec->text_len == sizeof(ncmec->text) && ncmec->place != PLACE_MEMBER)
		queue_wrong(&ncmec->queue, "a value is too long");
	else if (ncmec->place == PLACE_FINGERPRINT)
		queue_signal(&ncmec->queue, ncmec->kind, ncmec->name, text);
	else if (ncmec->place == PLACE_CLASS)
		queue_label(&ncmec->queue, WARD_STR("industry"), text);
	else if (ncmec->place == PLACE_ID)
		snprintf(ncmec->id, sizeof(ncmec->id), "%.*s", WARD_FMT(text));
	ncmec->place = PLACE_OTHER;
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct ncmec *ncmec = context;

	(void)name;
	(void)prefix;
	(void)uri;
	end_child(ncmec);
	if (ncmec->prints == ncmec->depth) {
		ncmec->prints = 0;
	} else if (ncmec->entry > 0 && ncmec->entry == ncmec->depth) {
		if (ncmec->member[0])
			queue_ref(&ncmec->queue, ward_str_from(ncmec->member));
		if (ncmec->id[0])
			queue_ref(&ncmec->queue, ward_str_from(ncmec->id));
		queue_end(&ncmec->queue);
		ncmec->entry = 0;
	}
	ncmec->depth--;
}

/* What is wrong is said once, by the caller. */
static void WARD_PRINTF(2, 3) say_nothing(void *context, const char *format, ...)
{
	(void)context;
	(void)format;
}

static ward_err ncmec_begin(struct exchange_reader *reader, struct ward_error *error)
{
	static xmlSAXHandler handler = {
		.initialized = XML_SAX2_MAGIC,
		.internalSubset = on_document_type,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.cdataBlock = on_text,
		.warning = say_nothing,
		.error = say_nothing,
		.fatalError = say_nothing,
	};
	struct ncmec *ncmec = calloc(1, sizeof(*ncmec));

	reader->state = ncmec;
	if (!ncmec || !(ncmec->xml = xmlCreatePushParserCtxt(&handler, ncmec, NULL, 0, NULL)))
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	xmlCtxtUseOptions(ncmec->xml, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	/* The input is UTF-8 by now, whatever its declaration says. */
	xmlSwitchEncoding(ncmec->xml, XML_CHAR_ENCODING_UTF8);
	return WARD_OK;
}

static void ncmec_end(struct exchange_reader *reader)
{
	struct ncmec *ncmec = reader->state;

	if (!ncmec)
		return;
	if (ncmec->xml) {
		xmlFreeDoc(ncmec->xml->myDoc);
		xmlFreeParserCtxt(ncmec->xml);
	}
	queue_free(&ncmec->queue);
	free(ncmec);
}

static ward_err push(struct exchange_reader *reader, struct ncmec *ncmec, struct ward_error *error)
{
	char piece[QUEUE_PIECE];
	size_t len = 0;
	ward_err err = input_piece(&reader->input, (uint8_t *)piece, sizeof(piece), &len, error);

	if (err)
		return err;
	ncmec->ended = len == 0;

	int status = xmlParseChunk(ncmec->xml, piece, (int)len, ncmec->ended);

	if (ncmec->queue.failed)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (status != XML_ERR_OK || ncmec->trouble)
		return ward_fail(error, WARD_E_FORMAT,
				"this is not NCMEC's hash-sharing XML: near byte %llu %s",
				(unsigned long long)exchange_reader_at(reader),
				ncmec->trouble ? ncmec->trouble
				: ncmec->ended ? "it ends in its middle"
					       : "it is not well-formed");
	return WARD_OK;
}

static ward_err ncmec_next(struct exchange_reader *reader, struct exchange_record *record,
		bool *more, struct ward_error *error)
{
	struct ncmec *ncmec = reader->state;

	while (!queue_take(&ncmec->queue, reader, record)) {
		ward_err err = WARD_OK;

		*more = !ncmec->ended;
		if (*more)
			err = push(reader, ncmec, error);
		if (err || !*more)
			return err;
	}
	return WARD_OK;
}

const struct exchange_reading reading_ncmec = { ncmec_begin, ncmec_next, ncmec_end };
