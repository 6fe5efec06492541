#include "live/live_manifest.h"

#include <inttypes.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/uri.h>

#include "base/clock.h"

#define HEIGHT_ENOUGH 240
#define ADDRESS_MAX   4096

/* A clock of ours that is before the server's asks for what is not there yet. */
#define CLOCKS_DIFFER_S 1

/* Longer pieces, and later times, are no stream's; they are kept from overflowing. */
#define PIECE_S_MAX 3600.0
#define UNITS_MAX   ((int64_t)1 << 52)

struct piece {
	int64_t start; /* in units of the timescale */
	int64_t lasts;
	uint64_t number;
};

struct manifest {
	const char *address;
	int64_t now;
	bool live;
	int64_t began; /* availabilityStartTime; INT64_MIN: it does not say */
	/* where the rendition lies, outermost first; NULL: there is none */
	xmlNode *root, *period, *set, *rendition;
	int height;
	struct piece *pieces;
	size_t count, room;
};

/* ---- reading XML ---- */

static bool is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static xmlNode *first(const xmlNode *parent, const char *name)
{
	for (xmlNode *node = parent ? parent->children : NULL; node; node = node->next) {
		if (is(node, name))
			return node;
	}
	return NULL;
}

static const char *text_of(const xmlAttr *attribute)
{
	const xmlNode *text = attribute ? attribute->children : NULL;

	/* An entity in it would make it several nodes; no manifest needs one. */
	return text && text->type == XML_TEXT_NODE && !text->next ? (const char *)text->content
								  : NULL;
}

static const char *attribute(xmlNode *node, const char *name)
{
	return node ? text_of(xmlHasProp(node, (const xmlChar *)name)) : NULL;
}

/* Of a SegmentTemplate or -List, which may be said further out. */
static const char *inherited(const struct manifest *manifest, const char *element, const char *name)
{
	xmlNode *places[] = { manifest->rendition, manifest->set, manifest->period };

	for (size_t i = 0; i < 3; i++) {
		const char *value = attribute(first(places[i], element), name);

		if (value)
			return value;
	}
	return NULL;
}

static xmlNode *inherited_child(const struct manifest *manifest, const char *element,
		const char *name)
{
	xmlNode *places[] = { manifest->rendition, manifest->set, manifest->period };

	for (size_t i = 0; i < 3; i++) {
		xmlNode *child = first(first(places[i], element), name);

		if (child)
			return child;
	}
	return NULL;
}

static int64_t number_of(const char *text, int64_t otherwise)
{
	int64_t number;

	if (!text || !ward_i64_parse(ward_str_from(text), &number))
		return otherwise;
	return number > UNITS_MAX ? UNITS_MAX : number < -UNITS_MAX ? -UNITS_MAX : number;
}

/* "PT1H2M3.5S" in seconds; days at most, which are all that such a start has. */
static double seconds_of(const char *text)
{
	double sum = 0, value = 0, place = 1;
	bool fraction = false;

	for (; text && *text; text++) {
		if (*text >= '0' && *text <= '9') {
			place = fraction ? place / 10 : place;
			value = fraction ? value + place * (*text - '0')
					 : value * 10 + (*text - '0');
		} else if (*text == '.') {
			fraction = true;
		} else {
			sum += value * (*text == 'D'                  ? 86400
						       : *text == 'H' ? 3600
						       : *text == 'M' ? 60
						       : *text == 'S' ? 1
								      : 0);
			value = 0;
			place = 1;
			fraction = false;
		}
	}
	return sum < 1e12 ? sum : 1e12;
}

/* ---- which rendition ---- */

static bool shows_pictures(xmlNode *set, xmlNode *rendition)
{
	const char *kind = attribute(set, "contentType");
	const char *type = attribute(rendition, "mimeType");

	if (!type)
		type = attribute(set, "mimeType");
	if (type)
		return strncmp(type, "video/", 6) == 0;
	return kind && strcmp(kind, "video") == 0;
}

static bool is_better(const struct manifest *manifest, int height)
{
	if (!manifest->rendition)
		return true;
	if (height < HEIGHT_ENOUGH || manifest->height < HEIGHT_ENOUGH)
		return height > manifest->height;
	return height < manifest->height;
}

static ward_err choose(struct manifest *manifest, struct ward_error *error)
{
	for (xmlNode *node = manifest->root->children; node; node = node->next) {
		if (is(node, "Period"))
			manifest->period = node;
	}
	for (xmlNode *set = manifest->period ? manifest->period->children : NULL; set;
			set = set->next) {
		for (xmlNode *node = is(set, "AdaptationSet") ? set->children : NULL; node;
				node = node->next) {
			const char *height = attribute(node, "height");
			int64_t high = number_of(height ? height : attribute(set, "height"), 0);

			high = high < 0 ? 0 : high < INT16_MAX ? high : INT16_MAX;
			if (!is(node, "Representation") || !shows_pictures(set, node) ||
					!is_better(manifest, (int)high))
				continue;
			manifest->set = set;
			manifest->rendition = node;
			manifest->height = (int)high;
		}
	}
	return manifest->rendition ? WARD_OK
				   : ward_fail(error, WARD_E_UNSUPPORTED,
						     "the manifest has no pictures");
}

/* ---- addresses ---- */

static bool is_plain(const char *text)
{
	for (; *text; text++) {
		if (*text <= ' ' || *text > '~' || *text == '"')
			return false;
	}
	return true;
}

/* From malloc of libxml2; NULL when it is none, or none for a line of a playlist. */
static xmlChar *resolve(const char *address, const char *base)
{
	xmlChar *whole = strlen(address) < ADDRESS_MAX && is_plain(address)
					 ? xmlBuildURI((const xmlChar *)address,
							   (const xmlChar *)base)
					 : NULL;

	if (whole && (strlen((const char *)whole) >= ADDRESS_MAX ||
				     !is_plain((const char *)whole))) {
		xmlFree(whole);
		whole = NULL;
	}
	return whole;
}

/* Each BaseURL is relative to the one around it. */
static xmlChar *base_of(const struct manifest *manifest)
{
	xmlNode *places[] = { manifest->root, manifest->period, manifest->set,
		manifest->rendition };
	xmlChar *base = resolve(manifest->address, manifest->address);

	for (size_t i = 0; i < 4 && base; i++) {
		xmlNode *node = first(places[i], "BaseURL");
		xmlChar *said = node ? xmlNodeGetContent(node) : NULL;
		ward_str text = ward_str_trim(ward_str_from(said ? (const char *)said : ""));
		char copy[ADDRESS_MAX];

		if (text.len > 0 && text.len < sizeof(copy)) {
			memcpy(copy, text.ptr, text.len);
			copy[text.len] = '\0';
			xmlChar *next = resolve(copy, (const char *)base);

			xmlFree(base);
			base = next;
		}
		xmlFree(said);
	}
	return base;
}

/* "$Number%05d$": the digits that are wanted. */
static int width_of(ward_str format)
{
	uint64_t width = 0;

	if (format.len < 4 || format.ptr[0] != '%' || format.ptr[format.len - 1] != 'd')
		return 0;
	return ward_u64_parse((ward_str){ format.ptr + 1, format.len - 2 }, &width) && width < 32
			       ? (int)width
			       : 0;
}

static bool put_name(struct ward_buf *out, ward_str name, const struct manifest *manifest,
		const struct piece *piece)
{
	ward_str word = ward_str_cut(&name, '%');
	ward_str format = { word.ptr + word.len, name.len > 0 ? name.len + 1 : 0 };
	const char *id = attribute(manifest->rendition, "id");

	if (word.len == 0)
		ward_buf_char(out, '$');
	else if (ward_str_eq(word, WARD_STR("RepresentationID")))
		ward_buf_str(out, ward_str_from(id ? id : ""));
	else if (ward_str_eq(word, WARD_STR("Bandwidth")))
		ward_buf_printf(out, "%" PRId64,
				number_of(attribute(manifest->rendition, "bandwidth"), 0));
	else if (piece && ward_str_eq(word, WARD_STR("Number")))
		ward_buf_printf(out, "%0*" PRIu64, width_of(format), piece->number);
	else if (piece && ward_str_eq(word, WARD_STR("Time")))
		ward_buf_printf(out, "%0*" PRId64, width_of(format), piece->start);
	else
		return false;
	return true;
}

/* The template with its names filled in, resolved; `piece` NULL for the beginning of all. */
static ward_err put_address(struct ward_buf *out, const char *template, const char *base,
		const struct manifest *manifest, const struct piece *piece,
		struct ward_error *error)
{
	ward_str rest = ward_str_from(template);
	struct ward_buf filled;
	bool good = true;

	ward_buf_init(&filled, ADDRESS_MAX);
	for (bool inside = false; rest.len > 0 && good; inside = !inside) {
		bool closed = memchr(rest.ptr, '$', rest.len);
		ward_str part = ward_str_cut(&rest, '$');

		if (!inside)
			ward_buf_str(&filled, part);
		else
			good = closed && put_name(&filled, part, manifest, piece);
	}
	xmlChar *whole = good && !filled.failed ? resolve(ward_buf_text(&filled).ptr, base) : NULL;

	ward_buf_free(&filled);
	if (!whole)
		return ward_fail(error, WARD_E_FORMAT, "the manifest names no pieces");
	ward_buf_str(out, ward_str_from((const char *)whole));
	xmlFree(whole);
	return WARD_OK;
}

/* ---- pieces ---- */

/* Of a live manifest the latest are kept. */
static ward_err add(struct manifest *manifest, struct piece piece, struct ward_error *error)
{
	size_t most = manifest->live ? LIVE_PIECES_LIVE : LIVE_PIECES_MAX;

	if (manifest->count == most && !manifest->live)
		return ward_fail(error, WARD_E_LIMIT, "the manifest has more than %u pieces",
				(unsigned)most);
	if (manifest->count == most) {
		memmove(manifest->pieces, manifest->pieces + 1, (most - 1) * sizeof(piece));
		manifest->count--;
	}
	if (manifest->count == manifest->room) {
		size_t room = manifest->room > 0 ? 2 * manifest->room : LIVE_PIECES_LIVE;
		struct piece *more = realloc(manifest->pieces, room * sizeof(piece));

		if (!more)
			return ward_fail(error, WARD_E_NOMEM, "no memory for the manifest");
		manifest->pieces = more;
		manifest->room = room;
	}
	manifest->pieces[manifest->count++] = piece;
	return WARD_OK;
}

/* How much of the period is over, in units; no less than none. */
static int64_t over(const struct manifest *manifest, int64_t timescale)
{
	double start = seconds_of(attribute(manifest->period, "start"));
	double since = (double)manifest->now - (double)manifest->began - start - CLOCKS_DIFFER_S;
	double units = manifest->began == INT64_MIN ? 0 : since * (double)timescale;

	return units <= 0 ? 0 : units < (double)UNITS_MAX ? (int64_t)units : UNITS_MAX;
}

/* One S: pieces of equal length, which follow each other. */
static ward_err add_run(struct manifest *manifest, struct piece *piece, int64_t more,
		struct ward_error *error)
{
	ward_err err = WARD_OK;
	int64_t skip = manifest->live && more > LIVE_PIECES_LIVE ? more - LIVE_PIECES_LIVE : 0;

	for (int64_t i = 0; i <= more - skip && !err; i++) {
		int64_t passed;

		if (i == 0 && skip > 0) {
			if (ckd_mul(&passed, skip, piece->lasts) ||
					ckd_add(&piece->start, piece->start, passed))
				return ward_fail(error, WARD_E_FORMAT,
						"the manifest's times are too large");
			piece->number += (uint64_t)skip;
		}
		err = add(manifest, *piece, error);
		piece->number++;
		if (ckd_add(&piece->start, piece->start, piece->lasts))
			return ward_fail(error, WARD_E_FORMAT,
					"the manifest's times are too large");
	}
	return err;
}

static ward_err add_timeline(struct manifest *manifest, const xmlNode *timeline, int64_t timescale,
		uint64_t number, struct ward_error *error)
{
	struct piece piece = { .number = number };
	ward_err err = WARD_OK;

	for (xmlNode *node = timeline->children; node && !err; node = node->next) {
		if (!is(node, "S"))
			continue;
		int64_t more = number_of(attribute(node, "r"), 0);

		piece.start = number_of(attribute(node, "t"), piece.start);
		piece.lasts = number_of(attribute(node, "d"), 0);
		if (piece.lasts <= 0 || (double)piece.lasts > PIECE_S_MAX * (double)timescale)
			return ward_fail(error, WARD_E_FORMAT,
					"the manifest's pieces have no length");
		/* As long as the time goes. */
		if (more < 0)
			more = (over(manifest, timescale) - piece.start) / piece.lasts - 1;
		err = more < 0 ? WARD_OK : add_run(manifest, &piece, more, error);
	}
	return err;
}

/* Pieces of one length, from the beginning of time until now, or of the whole. */
static ward_err add_by_duration(struct manifest *manifest, int64_t timescale, int64_t lasts,
		uint64_t number, struct ward_error *error)
{
	struct piece piece = { .lasts = lasts, .number = number };
	const char *whole = attribute(manifest->root, "mediaPresentationDuration");
	double units = seconds_of(whole) * (double)timescale;
	int64_t until = manifest->live              ? over(manifest, timescale)
			: units < (double)UNITS_MAX ? (int64_t)units
						    : UNITS_MAX;
	int64_t count = until / lasts + (!manifest->live && until % lasts > 0);

	return count > 0 ? add_run(manifest, &piece, count - 1, error) : WARD_OK;
}

static ward_err gather(struct manifest *manifest, const char *type, int64_t timescale,
		struct ward_error *error)
{
	xmlNode *timeline = inherited_child(manifest, type, "SegmentTimeline");
	int64_t number = number_of(inherited(manifest, type, "startNumber"), 1);
	int64_t lasts = number_of(inherited(manifest, type, "duration"), 0);

	number = number > 0 ? number : 0;
	if (timeline)
		return add_timeline(manifest, timeline, timescale, (uint64_t)number, error);
	if (lasts <= 0 || (double)lasts > PIECE_S_MAX * (double)timescale)
		return ward_fail(error, WARD_E_FORMAT, "the manifest's pieces have no length");
	return add_by_duration(manifest, timescale, lasts, (uint64_t)number, error);
}

/* ---- the playlist ---- */

static uint64_t number_first(const struct manifest *manifest,
		const struct live_manifest_state *state)
{
	size_t i = 0;

	while (i < state->count &&
			(manifest->count == 0 || state->starts[i] < manifest->pieces[0].start))
		i++;
	return state->number + i;
}

static void remember(const struct manifest *manifest, struct live_manifest_state *state)
{
	state->number = number_first(manifest, state);
	state->count = manifest->count < LIVE_PIECES_LIVE ? manifest->count : LIVE_PIECES_LIVE;
	for (size_t i = 0; i < state->count; i++)
		state->starts[i] = manifest->pieces[i].start;
}

static void put_head(struct ward_buf *out, const struct manifest *manifest, int64_t timescale,
		uint64_t number)
{
	int64_t most = timescale;

	for (size_t i = 0; i < manifest->count; i++)
		most = manifest->pieces[i].lasts > most ? manifest->pieces[i].lasts : most;
	ward_buf_printf(out,
			"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%" PRId64
			"\n#EXT-X-MEDIA-SEQUENCE:%" PRIu64 "\n",
			(most + timescale - 1) / timescale, number);
}

static ward_err put_pieces(struct ward_buf *out, const struct manifest *manifest, const char *base,
		int64_t timescale, struct ward_error *error)
{
	const char *media = inherited(manifest, "SegmentTemplate", "media");
	const char *beginning = inherited(manifest, "SegmentTemplate", "initialization");
	ward_err err = media ? WARD_OK
			     : ward_fail(error, WARD_E_FORMAT, "the manifest names no pieces");

	if (!err && beginning) {
		ward_buf_str(out, WARD_STR("#EXT-X-MAP:URI=\""));
		err = put_address(out, beginning, base, manifest, NULL, error);
		ward_buf_str(out, WARD_STR("\"\n"));
	}
	for (size_t i = 0; i < manifest->count && !err; i++) {
		const struct piece *piece = &manifest->pieces[i];

		ward_buf_printf(out, "#EXTINF:%.3f,\n", (double)piece->lasts / (double)timescale);
		err = put_address(out, media, base, manifest, piece, error);
		ward_buf_char(out, '\n');
	}
	return err;
}

static int64_t timescale_of(const struct manifest *manifest, const char *type)
{
	int64_t timescale = number_of(inherited(manifest, type, "timescale"), 1);

	return timescale > 0 ? timescale : 1;
}

static ward_err write_template(struct manifest *manifest, const char *base,
		struct live_manifest_state *state, struct ward_buf *out, struct ward_error *error)
{
	int64_t timescale = timescale_of(manifest, "SegmentTemplate");
	ward_err err = gather(manifest, "SegmentTemplate", timescale, error);

	if (err)
		return err;
	remember(manifest, state);
	put_head(out, manifest, timescale, state->number);
	return put_pieces(out, manifest, base, timescale, error);
}

/* ---- a list of pieces ---- */

/* "7-19": where it begins, and how many bytes it has; false when this is none. */
static bool read_range(const char *text, uint64_t *at, uint64_t *len)
{
	ward_str rest = ward_str_from(text);
	ward_str first_byte = ward_str_cut(&rest, '-');
	uint64_t last;

	if (!ward_u64_parse(first_byte, at) || !ward_u64_parse(rest, &last) || last < *at ||
			last >= (uint64_t)UNITS_MAX)
		return false;
	*len = last - *at + 1;
	return true;
}

/* What `address` of the node says, or the base where it says nothing: then of one file. */
static ward_err put_listed(struct ward_buf *out, xmlNode *node, const char *address,
		const char *base, struct ward_error *error)
{
	const char *said = attribute(node, address);
	xmlChar *whole = resolve(said ? said : base, base);

	if (!whole)
		return ward_fail(error, WARD_E_FORMAT, "the manifest names no pieces");
	ward_buf_str(out, ward_str_from((const char *)whole));
	xmlFree(whole);
	return WARD_OK;
}

static ward_err put_list_head(struct ward_buf *out, const struct manifest *manifest,
		const char *base, struct ward_error *error)
{
	xmlNode *node = inherited_child(manifest, "SegmentList", "Initialization");
	const char *range = attribute(node, "range");
	uint64_t at, len;

	if (!node)
		return WARD_OK;
	if (range && !read_range(range, &at, &len))
		return ward_fail(error, WARD_E_FORMAT, "the manifest has a range that is none");
	ward_buf_str(out, WARD_STR("#EXT-X-MAP:URI=\""));
	ward_err err = put_listed(out, node, "sourceURL", base, error);

	ward_buf_char(out, '"');
	if (range)
		ward_buf_printf(out, ",BYTERANGE=\"%" PRIu64 "@%" PRIu64 "\"", len, at);
	ward_buf_char(out, '\n');
	return err;
}

static ward_err put_list_piece(struct ward_buf *out, xmlNode *node, double seconds,
		const char *base, struct ward_error *error)
{
	const char *range = attribute(node, "mediaRange");
	uint64_t at, len;

	ward_buf_printf(out, "#EXTINF:%.3f,\n", seconds);
	if (range && !read_range(range, &at, &len))
		return ward_fail(error, WARD_E_FORMAT, "the manifest has a range that is none");
	if (range)
		ward_buf_printf(out, "#EXT-X-BYTERANGE:%" PRIu64 "@%" PRIu64 "\n", len, at);
	ward_err err = put_listed(out, node, "media", base, error);

	ward_buf_char(out, '\n');
	return err;
}

static xmlNode *next_listed(xmlNode *node)
{
	while (node && !is(node, "SegmentURL"))
		node = node->next;
	return node;
}

/* As many pieces as are listed, each as long as is said of all; `number` is the first one's. */
static ward_err add_listed(struct manifest *manifest, xmlNode *listed, int64_t timescale,
		uint64_t number, struct ward_error *error)
{
	int64_t lasts = number_of(inherited(manifest, "SegmentList", "duration"), 0);
	struct piece piece = { .lasts = lasts, .number = number };
	int64_t count = 0;

	if (lasts <= 0 || (double)lasts > PIECE_S_MAX * (double)timescale ||
			ckd_mul(&piece.start, (int64_t)number, lasts))
		return ward_fail(error, WARD_E_FORMAT, "the manifest's pieces have no length");
	for (xmlNode *node = listed; node; node = next_listed(node->next))
		count++;
	return add_run(manifest, &piece, count - 1, error);
}

static ward_err write_list(struct manifest *manifest, const char *base,
		struct live_manifest_state *state, struct ward_buf *out, struct ward_error *error)
{
	xmlNode *listed = next_listed(inherited_child(manifest, "SegmentList", "SegmentURL"));
	xmlNode *timeline = inherited_child(manifest, "SegmentList", "SegmentTimeline");
	int64_t timescale = timescale_of(manifest, "SegmentList");
	int64_t said = number_of(inherited(manifest, "SegmentList", "startNumber"), 1);
	uint64_t number = said > 0 ? (uint64_t)said : 0;
	ward_err err = !listed    ? ward_fail(error, WARD_E_FORMAT, "the manifest names no pieces")
		       : timeline ? add_timeline(manifest, timeline, timescale, number, error)
				  : add_listed(manifest, listed, timescale, number, error);

	if (err)
		return err;
	remember(manifest, state);
	put_head(out, manifest, timescale, state->number);
	err = put_list_head(out, manifest, base, error);
	for (size_t i = 0; i < manifest->count && listed && !err;
			listed = next_listed(listed->next)) {
		const struct piece *piece = &manifest->pieces[i];

		/* The first of a long list have no piece. */
		if (number++ < piece->number)
			continue;
		err = put_list_piece(out, listed, (double)piece->lasts / (double)timescale, base,
				error);
		i++;
	}
	return err;
}

/* ---- one file ---- */

/* Which says itself where its parts are, and is read from its beginning. */
static ward_err write_file(const struct manifest *manifest, const char *base, struct ward_buf *out,
		struct ward_error *error)
{
	double seconds = seconds_of(attribute(manifest->root, "mediaPresentationDuration"));

	if (manifest->live || !first(manifest->rendition, "BaseURL"))
		return ward_fail(error, WARD_E_FORMAT, "the manifest names no pieces");
	seconds = seconds >= 1 && seconds < 1e6 ? seconds : 1;
	ward_buf_printf(out,
			"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%.0f\n"
			"#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:%.3f,\n%s\n",
			seconds, seconds, base);
	return WARD_OK;
}

static bool has(const struct manifest *manifest, const char *element)
{
	return first(manifest->rendition, element) || first(manifest->set, element) ||
	       first(manifest->period, element);
}

static ward_err write(struct manifest *manifest, struct live_manifest_state *state,
		struct ward_buf *out, struct ward_error *error)
{
	ward_err err = choose(manifest, error);
	xmlChar *made = err ? NULL : base_of(manifest);
	const char *base = (const char *)made;

	if (err)
		return err;
	if (!base)
		err = ward_fail(error, WARD_E_FORMAT, "the manifest's addresses are none");
	else if (has(manifest, "SegmentTemplate"))
		err = write_template(manifest, base, state, out, error);
	else if (has(manifest, "SegmentList"))
		err = write_list(manifest, base, state, out, error);
	else
		err = write_file(manifest, base, out, error);
	if (!err && !manifest->live)
		ward_buf_str(out, WARD_STR("#EXT-X-ENDLIST\n"));
	xmlFree(made);
	if (!err && out->failed)
		err = ward_fail(error, WARD_E_LIMIT, "the manifest is too large");
	return err;
}

ward_err live_manifest(ward_bytes bytes, const char *address, int64_t now,
		struct live_manifest_state *state, struct ward_buf *playlist,
		struct ward_error *error)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
	xmlDoc *document = bytes.len <= INT_MAX
					   ? xmlReadMemory((const char *)bytes.ptr, (int)bytes.len,
							     NULL, NULL, options)
					   : NULL;
	struct manifest manifest = { .address = address, .now = now, .began = INT64_MIN };
	ward_err err;

	manifest.root = document ? xmlDocGetRootElement(document) : NULL;
	if (!manifest.root || !is(manifest.root, "MPD")) {
		err = ward_fail(error, WARD_E_FORMAT, "this is no stream that is read here");
	} else {
		const char *type = attribute(manifest.root, "type");
		const char *began = attribute(manifest.root, "availabilityStartTime");

		manifest.live = type && strcmp(type, "dynamic") == 0;
		if (began && !clock_parse(ward_str_from(began), &manifest.began))
			manifest.began = INT64_MIN;
		err = write(&manifest, state, playlist, error);
	}
	free(manifest.pieces);
	xmlFreeDoc(document);
	return err;
}
