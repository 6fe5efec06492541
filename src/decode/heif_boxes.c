/*
 * The boxes of ISO 14496-12 and 23008-12, as far as we do not leave them to
 * libheif.  Three things are looked for:
 *
 * - a track.  libheif before 1.20 knows stills only, so a sequence's other
 *   frames would go unseen and unsaid;
 * - pictures in codings that libheif leaves out of its list without a word;
 * - pictures made of others.  libheif 1.15 follows their references without
 *   end when they lead back, and takes memory for a canvas before it has held
 *   the canvas against anything.
 *
 * Where two boxes contradict each other, both are looked at.
 */
#include "decode/heif.h"

#include <stdlib.h>

#define REFERENCES_MAX (1 << 18) /* a grid has 2^16 tiles at the most */
#define DEPTH_MAX      8         /* an overlay of grids has 2 */
#define PAYLOAD_MAX    24        /* of a grid or an overlay, up to its height */

struct box {
	const uint8_t *type;
	ward_bytes body;
	uint8_t version; /* of a full box, see full_box */
	uint32_t flags;
};

struct reference {
	uint32_t from, to;
	bool is_done;
};

/* Lists of numbers, in the order they stand in the file, then sorted. */
struct boxes {
	struct decode_job *job;
	struct heif_boxes *found;
	ward_bytes idat;
	uint32_t primary;
	struct ward_buf grids, overlays; /* items of these types */
	struct ward_buf turned;          /* items that are another one, turned ("iden") */
	struct ward_buf pictures;        /* items that libheif takes for pictures */
	struct ward_buf aside;           /* items that are thumbnails and such of others */
	struct ward_buf needs;           /* references: `from` is decoded by decoding `to` */
};

/* ---- reading ---- */

/* A box that breaks off is as long as it goes. */
static bool next_box(struct ward_reader *reader, struct box *box)
{
	uint64_t len = ward_read_u32be(reader), head = 8;

	*box = (struct box){ .type = ward_read_bytes(reader, 4).ptr };
	if (len == 1) {
		len = (uint64_t)ward_read_u32be(reader) << 32;
		len |= ward_read_u32be(reader);
		head = 16;
	}
	if (reader->failed || (len != 0 && len < head))
		return false;
	uint64_t left = ward_reader_left(reader);

	box->body = ward_read_bytes(reader, len == 0 || len - head > left ? left : len - head);
	return true;
}

static bool box_is(const struct box *box, const char *type)
{
	return memcmp(box->type, type, 4) == 0;
}

static struct ward_reader full_box(struct box *box)
{
	struct ward_reader reader = ward_reader_from(box->body);
	uint32_t word = ward_read_u32be(&reader);

	box->version = (uint8_t)(word >> 24);
	box->flags = word & 0xffffff;
	return reader;
}

/* A number of `size` bytes; libheif knows 0, 2, 4 and 8. */
static uint64_t read_sized(struct ward_reader *reader, unsigned size)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < size; i++)
		number = number << 8 | ward_read_u8(reader);
	return number;
}

static uint32_t read_id(struct ward_reader *reader, bool wide)
{
	return wide ? ward_read_u32be(reader) : ward_read_u16be(reader);
}

/* ---- lists of numbers ---- */

static void add_id(struct ward_buf *ids, uint32_t id)
{
	ward_buf_add(ids, &id, sizeof(id));
}

static int compare_ids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void sort_ids(struct ward_buf *ids)
{
	if (ids->len > 0)
		qsort(ids->ptr, ids->len / sizeof(uint32_t), sizeof(uint32_t), compare_ids);
}

static bool has_id(const struct ward_buf *ids, uint32_t id)
{
	return ids->len > 0 &&
	       bsearch(&id, ids->ptr, ids->len / sizeof(id), sizeof(id), compare_ids) != NULL;
}

/* ---- items ---- */

/* Coded pictures by ISO 23008-12 and 23001-17 which libheif 1.15 does not decode. */
static bool is_unread_coding(const uint8_t *type)
{
	static const char codings[][5] = { "jpeg", "avc1", "vvc1", "evc1", "j2k1", "lhv1", "unci",
		"tili" };

	for (size_t i = 0; i < sizeof(codings) / sizeof(*codings); i++) {
		if (memcmp(type, codings[i], 4) == 0)
			return true;
	}
	return false;
}

/* What libheif 1.15 takes for a picture. */
static bool is_read(const uint8_t *type)
{
	static const char types[][5] = { "hvc1", "av01", "grid", "iovl", "iden" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (memcmp(type, types[i], 4) == 0)
			return true;
	}
	return false;
}

static void read_item(struct boxes *boxes, struct box *infe)
{
	struct ward_reader reader = full_box(infe);
	uint32_t id = read_id(&reader, infe->version >= 3);

	ward_read_u16be(&reader); /* protection */
	ward_bytes type = ward_read_bytes(&reader, 4);
	bool is_hidden = infe->flags & 1;

	if (reader.failed || infe->version < 2)
		return;
	if (memcmp(type.ptr, "grid", 4) == 0)
		add_id(&boxes->grids, id);
	if (memcmp(type.ptr, "iovl", 4) == 0)
		add_id(&boxes->overlays, id);
	if (memcmp(type.ptr, "iden", 4) == 0)
		add_id(&boxes->turned, id);
	if (is_read(type.ptr))
		add_id(&boxes->pictures, id);
	if (!is_unread_coding(type.ptr) || is_hidden || has_id(&boxes->aside, id) ||
			boxes->found->primary_unread)
		return;
	memcpy(boxes->found->unread, type.ptr, 4);
	boxes->found->primary_unread = id == boxes->primary;
}

static void read_items(struct boxes *boxes, struct box *iinf)
{
	struct ward_reader reader = full_box(iinf);
	struct box box;

	read_id(&reader, iinf->version > 0); /* how many */
	while (next_box(&reader, &box)) {
		if (box_is(&box, "infe"))
			read_item(boxes, &box);
	}
}

static void read_references(struct boxes *boxes, struct box *iref)
{
	struct ward_reader reader = full_box(iref);
	struct box box;
	bool wide = iref->version > 0;

	while (next_box(&reader, &box)) {
		struct ward_reader body = ward_reader_from(box.body);
		uint32_t from = read_id(&body, wide);
		uint16_t left = ward_read_u16be(&body);
		bool is_aside = box_is(&box, "thmb") || box_is(&box, "auxl");

		if (is_aside)
			add_id(&boxes->aside, from);
		for (; left > 0 && !body.failed; left--) {
			struct reference need = { from, read_id(&body, wide), false };

			/* A picture is decoded with its alpha, which refers to it. */
			if (box_is(&box, "auxl"))
				need = (struct reference){ need.to, from, false };
			else if (!box_is(&box, "dimg"))
				continue;
			if (!body.failed)
				ward_buf_add(&boxes->needs, &need, sizeof(need));
		}
	}
}

/* ---- pictures made of others ---- */

static int compare_references(const void *a, const void *b)
{
	return compare_ids(&((const struct reference *)a)->from,
			&((const struct reference *)b)->from);
}

/* libheif asserts that what an overlay is made of, or what is turned, is a picture. */
static ward_err check_parts(struct boxes *boxes)
{
	const struct reference *needs = (const struct reference *)(const void *)boxes->needs.ptr;

	for (size_t i = 0; i < boxes->needs.len / sizeof(*needs); i++) {
		bool asserted = has_id(&boxes->overlays, needs[i].from) ||
				has_id(&boxes->turned, needs[i].from);

		if (asserted && !has_id(&boxes->pictures, needs[i].to))
			return ward_fail(boxes->job->error, WARD_E_FORMAT,
					"the %s picture is made of something that is no picture",
					ward_media_name(boxes->job->facts.kind));
	}
	return WARD_OK;
}

/*
 * Takes away, again and again, what needs nothing that needs something.  Where that
 * leaves nothing, no way leads back.
 */
static ward_err check_circles(struct boxes *boxes)
{
	struct reference *needs = (struct reference *)(void *)boxes->needs.ptr;
	size_t count = boxes->needs.len / sizeof(*needs);

	if (boxes->needs.failed)
		return ward_fail(boxes->job->error, WARD_E_LIMIT,
				"the %s picture is made of too many pictures",
				ward_media_name(boxes->job->facts.kind));
	for (int depth = 0; depth < DEPTH_MAX && count > 0; depth++) {
		size_t kept = 0;

		qsort(needs, count, sizeof(*needs), compare_references);
		for (size_t i = 0; i < count; i++) {
			const struct reference key = { .from = needs[i].to };

			needs[i].is_done = !bsearch(&key, needs, count, sizeof(*needs),
					compare_references);
		}
		for (size_t i = 0; i < count; i++) {
			if (!needs[i].is_done)
				needs[kept++] = needs[i];
		}
		count = kept;
	}
	return count == 0 ? WARD_OK
			  : ward_fail(boxes->job->error, WARD_E_FORMAT,
					    "the %s picture's parts refer to each other without "
					    "end",
					    ward_media_name(boxes->job->facts.kind));
}

/* `payload` is that of a grid or an overlay. */
static ward_err check_canvas(struct boxes *boxes, ward_bytes payload, bool is_overlay)
{
	struct ward_reader reader = ward_reader_from(payload);
	struct decode_job *job = boxes->job;

	ward_read_u8(&reader); /* version */
	bool wide = ward_read_u8(&reader) & 1;

	ward_read_bytes(&reader, is_overlay ? 8 : 2); /* a colour, or rows and columns */
	uint64_t width = read_id(&reader, wide), height = read_id(&reader, wide);

	if (reader.failed || width * height <= job->options->limits.pixels_max)
		return WARD_OK;
	return ward_fail(job->error, WARD_E_LIMIT,
			"the %s picture is put together on %u x %u, more than the limit of %llu "
			"pixels",
			ward_media_name(job->facts.kind), (unsigned)width, (unsigned)height,
			(unsigned long long)job->options->limits.pixels_max);
}

/* Adds what lies at `offset` to the payload, as much as there is of it and room for it. */
static void add_extent(struct ward_buf *payload, ward_bytes in, uint64_t offset, uint64_t len)
{
	if (offset >= in.len)
		return;
	if (len > in.len - offset)
		len = in.len - offset;
	if (len > PAYLOAD_MAX - payload->len)
		len = PAYLOAD_MAX - payload->len;
	ward_buf_add(payload, in.ptr + offset, len);
}

struct locations {
	struct ward_reader reader;
	uint8_t version;
	unsigned offset_size, len_size, base_size, index_size;
};

/* Extents whose numbers take no bytes are all alike, and any count of them fits into a file. */
static uint16_t read_extent_count(struct locations *at)
{
	uint16_t count = ward_read_u16be(&at->reader);
	unsigned bytes = at->offset_size + at->len_size + (at->version >= 1 ? at->index_size : 0);

	return bytes > 0 || count == 0 ? count : 1;
}

/* The beginning of one item's payload; its id is the answer. */
static uint32_t next_payload(struct boxes *boxes, struct locations *at, struct ward_buf *payload)
{
	struct ward_reader *reader = &at->reader;
	uint32_t id = read_id(reader, at->version >= 2);
	unsigned method = at->version >= 1 ? ward_read_u16be(reader) & 15 : 0;

	ward_read_u16be(reader); /* another file */
	uint64_t base = read_sized(reader, at->base_size);

	ward_buf_clear(payload);
	for (uint16_t left = read_extent_count(at); left > 0 && !reader->failed; left--) {
		if (at->version >= 1)
			read_sized(reader, at->index_size);
		uint64_t offset = read_sized(reader, at->offset_size);
		uint64_t len = read_sized(reader, at->len_size);

		if (!reader->failed)
			add_extent(payload, method == 1 ? boxes->idat : boxes->job->file,
					base + offset, len);
	}
	return id;
}

static ward_err check_payloads(struct boxes *boxes, struct box *iloc)
{
	struct locations at = { .reader = full_box(iloc), .version = iloc->version };
	uint8_t sizes = ward_read_u8(&at.reader), more = ward_read_u8(&at.reader);
	struct ward_buf payload;
	ward_err err = WARD_OK;

	at.offset_size = sizes >> 4;
	at.len_size = sizes & 15;
	at.base_size = more >> 4;
	at.index_size = more & 15;
	uint32_t left = read_id(&at.reader, at.version >= 2);

	ward_buf_init(&payload, PAYLOAD_MAX);
	for (; !err && left > 0 && !at.reader.failed; left--) {
		uint32_t id = next_payload(boxes, &at, &payload);
		ward_bytes bytes = { (const uint8_t *)payload.ptr, payload.len };

		if (has_id(&boxes->grids, id))
			err = check_canvas(boxes, bytes, false);
		if (!err && has_id(&boxes->overlays, id))
			err = check_canvas(boxes, bytes, true);
	}
	ward_buf_free(&payload);
	return err;
}

/* ---- the whole ---- */

typedef ward_err box_read(struct boxes *boxes, struct box *box);

static ward_err on_primary(struct boxes *boxes, struct box *box)
{
	struct ward_reader reader = full_box(box);

	boxes->primary = read_id(&reader, box->version > 0);
	return WARD_OK;
}

static ward_err on_references(struct boxes *boxes, struct box *box)
{
	read_references(boxes, box);
	sort_ids(&boxes->aside);
	return WARD_OK;
}

static ward_err on_items(struct boxes *boxes, struct box *box)
{
	read_items(boxes, box);
	sort_ids(&boxes->grids);
	sort_ids(&boxes->overlays);
	sort_ids(&boxes->turned);
	sort_ids(&boxes->pictures);
	return WARD_OK;
}

static ward_err on_data(struct boxes *boxes, struct box *box)
{
	boxes->idat = box->body;
	return WARD_OK;
}

/* Boxes stand in any order; each of these asks what those before it have found. */
static ward_err read_meta(struct boxes *boxes, struct box *meta)
{
	static const struct {
		char type[5];
		box_read *read;
	} order[] = {
		{ "pitm", on_primary },
		{ "iref", on_references },
		{ "iinf", on_items },
		{ "idat", on_data },
		{ "iloc", check_payloads },
	};
	ward_err err = WARD_OK;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		struct ward_reader reader = full_box(meta);
		struct box box;

		while (!err && next_box(&reader, &box)) {
			if (box_is(&box, order[i].type))
				err = order[i].read(boxes, &box);
		}
	}
	return err;
}

ward_err heif_boxes_read(struct decode_job *job, struct heif_boxes *found)
{
	struct boxes boxes = { .job = job, .found = found };
	struct ward_reader reader = ward_reader_from(job->file);
	struct box box;
	ward_err err = WARD_OK;

	*found = (struct heif_boxes){ 0 };
	ward_buf_init(&boxes.grids, REFERENCES_MAX * sizeof(uint32_t));
	ward_buf_init(&boxes.overlays, REFERENCES_MAX * sizeof(uint32_t));
	ward_buf_init(&boxes.turned, REFERENCES_MAX * sizeof(uint32_t));
	ward_buf_init(&boxes.pictures, REFERENCES_MAX * sizeof(uint32_t));
	ward_buf_init(&boxes.aside, REFERENCES_MAX * sizeof(uint32_t));
	ward_buf_init(&boxes.needs, REFERENCES_MAX * sizeof(struct reference));
	while (!err && next_box(&reader, &box)) {
		if (box_is(&box, "moov") || box_is(&box, "moof"))
			found->has_track = true;
		else if (box_is(&box, "meta"))
			err = read_meta(&boxes, &box);
	}
	if (!err)
		err = check_parts(&boxes);
	if (!err)
		err = check_circles(&boxes);
	ward_buf_free(&boxes.grids);
	ward_buf_free(&boxes.overlays);
	ward_buf_free(&boxes.turned);
	ward_buf_free(&boxes.pictures);
	ward_buf_free(&boxes.aside);
	ward_buf_free(&boxes.needs);
	return err;
}
