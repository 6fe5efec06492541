/*
 * heif_make.h - for tests: HEIF files of any structure, around coded pictures
 *
 * libheif's encoders code a drawn picture; `make_code` takes its coded data and
 * its configuration out of the file that libheif writes around it.  `make_file`
 * then writes items, their properties and their references as a test says, also
 * where that makes no sense.
 */
#ifndef DECODE_HEIF_MAKE_H
#define DECODE_HEIF_MAKE_H

#include <libheif/heif.h>
#include <stdlib.h>
#include <string.h>

#include <ward/base.h>

/* Asked by the sanitizer: x265 keeps some tables when an encoder is freed. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libx265\n";
}

/* ---- boxes ---- */

static inline void make_number(struct ward_buf *buf, uint64_t number, int bytes)
{
	while (bytes-- > 0)
		ward_buf_char(buf, (char)(number >> (8 * bytes)));
}

/* Begins a box; make_end closes it. */
static inline size_t make_box(struct ward_buf *buf, const char *type)
{
	size_t at = buf->len;

	make_number(buf, 0, 4);
	ward_buf_add(buf, type, 4);
	return at;
}

static inline size_t make_full_box(struct ward_buf *buf, const char *type, uint8_t version,
		uint32_t flags)
{
	size_t at = make_box(buf, type);

	make_number(buf, (uint64_t)version << 24 | flags, 4);
	return at;
}

static inline void make_end(struct ward_buf *buf, size_t at)
{
	uint32_t len = (uint32_t)(buf->len - at);

	for (int i = 0; i < 4; i++)
		buf->ptr[at + (size_t)i] = (char)(len >> (24 - 8 * i));
}

/* ---- coded pictures ---- */

struct coded {
	struct ward_buf config; /* the box hvcC or av1C */
	struct ward_buf data;
	uint32_t width, height;
};

static inline struct heif_error make_write(struct heif_context *context, const void *bytes,
		size_t len, void *buf)
{
	(void)context;
	ward_buf_add(buf, bytes, len);
	return (struct heif_error){ heif_error_Ok, heif_suberror_Unspecified, "" };
}

static inline void make_must(struct heif_error error)
{
	if (error.code) {
		printf("Bail out! libheif: %s\n", error.message);
		abort();
	}
}

/*
 * A picture for libheif's encoders: `channels` of 8 bits (1, 3, 4), or 3 of `bits` with
 * the value v * most / 255.
 */
static inline struct heif_image *make_picture(const uint8_t *pixels, uint32_t width,
		uint32_t height, uint32_t channels, int bits)
{
	struct heif_image *image;
	enum heif_chroma chroma = channels == 1   ? heif_chroma_monochrome
				  : channels == 4 ? heif_chroma_interleaved_RGBA
				  : bits > 8      ? heif_chroma_interleaved_RRGGBB_LE
						  : heif_chroma_interleaved_RGB;
	enum heif_channel channel = channels == 1 ? heif_channel_Y : heif_channel_interleaved;
	int stride;

	make_must(heif_image_create((int)width, (int)height,
			channels == 1 ? heif_colorspace_monochrome : heif_colorspace_RGB, chroma,
			&image));
	make_must(heif_image_add_plane(image, channel, (int)width, (int)height, bits));
	uint8_t *plane = heif_image_get_plane(image, channel, &stride);

	for (uint32_t y = 0; y < height; y++) {
		uint8_t *row = plane + y * (size_t)stride;

		for (uint32_t i = 0; i < width * channels; i++, pixels++) {
			uint32_t wide = *pixels * ((1u << bits) - 1) / 255;

			if (bits == 8) {
				row[i] = *pixels;
				continue;
			}
			row[2 * i] = (uint8_t)wide;
			row[2 * i + 1] = (uint8_t)(wide >> 8);
		}
	}
	return image;
}

/* Codes a picture into `context`. */
static inline struct heif_image_handle *make_encoded(struct heif_context *context,
		struct heif_image *image, enum heif_compression_format format)
{
	struct heif_encoder *encoder;
	struct heif_image_handle *handle;

	make_must(heif_context_get_encoder_for_format(context, format, &encoder));
	make_must(heif_encoder_set_lossy_quality(encoder, 70));
	/* aom's, for speed; x265 has others. */
	(void)heif_encoder_set_parameter_integer(encoder, "speed", 8);
	(void)heif_encoder_set_parameter_integer(encoder, "threads", 1);
	make_must(heif_context_encode_image(context, image, encoder, NULL, &handle));
	heif_encoder_release(encoder);
	heif_image_release(image);
	return handle;
}

/* The file as libheif writes it. */
static inline void make_written(struct heif_context *context, struct ward_buf *file)
{
	struct heif_writer writer = { 1, make_write };

	ward_buf_init(file, (size_t)64 << 20);
	make_must(heif_context_write(context, &writer, file));
	heif_context_free(context);
}

static inline void make_plain(struct ward_buf *file, const uint8_t *pixels, uint32_t width,
		uint32_t height, uint32_t channels, int bits, enum heif_compression_format format)
{
	struct heif_context *context = heif_context_alloc();

	heif_image_handle_release(make_encoded(context,
			make_picture(pixels, width, height, channels, bits), format));
	make_written(context, file);
}

/* Where the first box of this type begins, whatever it is in. */
static inline size_t make_find(const struct ward_buf *file, const char *type)
{
	for (size_t i = 4; i + 4 <= file->len; i++) {
		if (memcmp(file->ptr + i, type, 4) == 0)
			return i - 4;
	}
	printf("Bail out! there is no %s\n", type);
	abort();
}

static inline size_t make_len(const struct ward_buf *file, size_t at)
{
	size_t len = 0;

	for (size_t i = 0; i < 4; i++)
		len = len << 8 | (uint8_t)file->ptr[at + i];
	return len;
}

/* Without alpha: the file then holds nothing else but this picture's data. */
static inline void make_code(struct coded *coded, const uint8_t *pixels, uint32_t width,
		uint32_t height, enum heif_compression_format format)
{
	struct ward_buf file;

	make_plain(&file, pixels, width, height, 3, 8, format);
	size_t config = make_find(&file, format == heif_compression_HEVC ? "hvcC" : "av1C");
	size_t data = make_find(&file, "mdat");

	*coded = (struct coded){ .width = width, .height = height };
	ward_buf_init(&coded->config, 1 << 20);
	ward_buf_init(&coded->data, 1 << 24);
	ward_buf_add(&coded->config, file.ptr + config, make_len(&file, config));
	ward_buf_add(&coded->data, file.ptr + data + 8, make_len(&file, data) - 8);
	ward_buf_free(&file);
}

static inline void make_uncode(struct coded *coded)
{
	ward_buf_free(&coded->config);
	ward_buf_free(&coded->data);
}

/* ---- files ---- */

/* Numbers of items are their places in the list, from 1; 1 is the primary one. */
struct make_item {
	const char *type;
	const struct coded *coded; /* or NULL, and then `data` */
	ward_bytes data;
	uint32_t width, height; /* of ispe; those of `coded` when 0 */
	bool hidden;
	ward_bytes properties[3]; /* whole boxes */
};

struct make_reference {
	const char *type;
	uint16_t from;
	uint16_t count;
	uint16_t to[64];
};

struct make_layout {
	const char *brand; /* the major one, "heic" or "avif" */
	const struct make_item *items;
	uint16_t item_count;
	const struct make_reference *references;
	uint16_t reference_count;
};

static inline ward_bytes make_data(const struct make_item *item)
{
	return item->coded ? (ward_bytes){ (const uint8_t *)item->coded->data.ptr,
		item->coded->data.len }
			   : item->data;
}

static inline void make_items(struct ward_buf *buf, const struct make_layout *layout)
{
	size_t iinf = make_full_box(buf, "iinf", 0, 0);

	make_number(buf, layout->item_count, 2);
	for (uint16_t i = 0; i < layout->item_count; i++) {
		size_t infe = make_full_box(buf, "infe", 2, layout->items[i].hidden);

		make_number(buf, i + 1u, 2);
		make_number(buf, 0, 2);
		ward_buf_add(buf, layout->items[i].type, 4);
		make_number(buf, 0, 1);
		make_end(buf, infe);
	}
	make_end(buf, iinf);
}

static inline void make_references(struct ward_buf *buf, const struct make_layout *layout)
{
	size_t iref = make_full_box(buf, "iref", 0, 0);

	for (uint16_t i = 0; i < layout->reference_count; i++) {
		const struct make_reference *reference = &layout->references[i];
		size_t box = make_box(buf, reference->type);

		make_number(buf, reference->from, 2);
		make_number(buf, reference->count, 2);
		for (uint16_t k = 0; k < reference->count; k++)
			make_number(buf, reference->to[k], 2);
		make_end(buf, box);
	}
	make_end(buf, iref);
}

/* An item's properties in a row, and how many there are. */
static inline int make_properties_of(struct ward_buf *buf, const struct make_item *item)
{
	int count = 1;
	size_t ispe = make_full_box(buf, "ispe", 0, 0);

	make_number(buf, item->coded && !item->width ? item->coded->width : item->width, 4);
	make_number(buf, item->coded && !item->height ? item->coded->height : item->height, 4);
	make_end(buf, ispe);
	if (item->coded) {
		ward_buf_add(buf, item->coded->config.ptr, item->coded->config.len);
		count++;
	}
	for (int i = 0; i < 3 && item->properties[i].len > 0; i++, count++)
		ward_buf_add(buf, item->properties[i].ptr, item->properties[i].len);
	return count;
}

static inline void make_properties(struct ward_buf *buf, const struct make_layout *layout)
{
	size_t iprp = make_box(buf, "iprp"), ipco = make_box(buf, "ipco");
	int counts[64], next = 1;

	for (uint16_t i = 0; i < layout->item_count; i++)
		counts[i] = make_properties_of(buf, &layout->items[i]);
	make_end(buf, ipco);
	size_t ipma = make_full_box(buf, "ipma", 0, 0);

	make_number(buf, layout->item_count, 4);
	for (uint16_t i = 0; i < layout->item_count; i++) {
		make_number(buf, i + 1u, 2);
		make_number(buf, (uint64_t)counts[i], 1);
		for (int k = 0; k < counts[i]; k++)
			make_number(buf, (uint64_t)next++, 1);
	}
	make_end(buf, ipma);
	make_end(buf, iprp);
}

static inline void make_locations(struct ward_buf *buf, const struct make_layout *layout,
		size_t data_at)
{
	size_t iloc = make_full_box(buf, "iloc", 0, 0);

	make_number(buf, 0x4400, 2); /* offsets and lengths of 4 bytes */
	make_number(buf, layout->item_count, 2);
	for (uint16_t i = 0; i < layout->item_count; i++) {
		size_t len = make_data(&layout->items[i]).len;

		make_number(buf, i + 1u, 2);
		make_number(buf, 0, 2);
		make_number(buf, 1, 2);
		make_number(buf, data_at, 4);
		make_number(buf, len, 4);
		data_at += len;
	}
	make_end(buf, iloc);
}

/* Up to the data. */
static inline void make_head(struct ward_buf *buf, const struct make_layout *layout, size_t data_at)
{
	size_t ftyp = make_box(buf, "ftyp");

	ward_buf_add(buf, layout->brand, 4);
	make_number(buf, 0, 4);
	ward_buf_add(buf, "mif1", 4);
	ward_buf_add(buf, layout->brand, 4);
	make_end(buf, ftyp);
	size_t meta = make_full_box(buf, "meta", 0, 0), hdlr = make_full_box(buf, "hdlr", 0, 0);

	make_number(buf, 0, 4);
	ward_buf_add(buf, "pict", 4);
	make_number(buf, 0, 8);
	make_number(buf, 0, 5);
	make_end(buf, hdlr);
	size_t pitm = make_full_box(buf, "pitm", 0, 0);

	make_number(buf, 1, 2);
	make_end(buf, pitm);
	make_items(buf, layout);
	if (layout->reference_count > 0)
		make_references(buf, layout);
	make_properties(buf, layout);
	make_locations(buf, layout, data_at);
	make_end(buf, meta);
}

/* The file is `buf`'s, which is initialised here. */
static inline ward_bytes make_file(struct ward_buf *buf, const struct make_layout *layout)
{
	ward_buf_init(buf, (size_t)64 << 20);
	make_head(buf, layout, 0);
	size_t data_at = buf->len + 8;

	ward_buf_clear(buf);
	make_head(buf, layout, data_at);
	size_t mdat = make_box(buf, "mdat");

	for (uint16_t i = 0; i < layout->item_count; i++) {
		ward_bytes data = make_data(&layout->items[i]);

		ward_buf_add(buf, data.ptr, data.len);
	}
	make_end(buf, mdat);
	if (buf->failed)
		abort();
	return (ward_bytes){ (const uint8_t *)buf->ptr, buf->len };
}

#endif
