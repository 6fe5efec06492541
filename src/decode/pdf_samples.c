#include "decode/pdf_samples.h"

struct pdf_samples_table {
	struct pdf_samples samples;
	/* Of each component, what a value of up to 8 bits is; of 16 bits, its upper half. */
	uint8_t values[PDF_COMPONENTS_MAX][256];
	uint8_t colours[256][3]; /* INDEXED */
};

bool pdf_samples_rows(const struct pdf_samples *samples, size_t *packed, size_t *plain)
{
	unsigned bits = samples->bits, components = samples->components;
	size_t row_bits;

	if ((bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16) || components == 0 ||
			components > PDF_COMPONENTS_MAX || samples->width == 0 ||
			samples->height == 0 || (samples->colours == PDF_INDEXED && bits > 8) ||
			ckd_mul(&row_bits, (size_t)samples->width, (size_t)bits * components) ||
			ckd_add(&row_bits, row_bits, (size_t)7) ||
			ckd_mul(plain, (size_t)samples->width, (size_t)3))
		return false;
	*packed = row_bits / 8;
	*plain = (size_t)samples->width * pdf_samples_channels(samples);
	return true;
}

static enum pdf_colours seen_colours(const struct pdf_samples *samples)
{
	return samples->colours == PDF_INDEXED ? samples->base : samples->colours;
}

unsigned pdf_samples_channels(const struct pdf_samples *samples)
{
	enum pdf_colours colours = seen_colours(samples);
	unsigned components = samples->colours == PDF_INDEXED ? samples->base_components
							      : samples->components;

	if (colours == PDF_GREY || colours == PDF_LAB)
		return 1;
	return colours == PDF_INKS && components < 3 ? 1 : 3;
}

/* ---- one colour ---- */

static uint8_t without(uint8_t ink, uint8_t black)
{
	return (uint8_t)(((255u - ink) * (255u - black) + 127) / 255);
}

void pdf_samples_paint(enum pdf_colours colours, unsigned components, const uint8_t *from,
		uint8_t *to)
{
	uint8_t black = components > 3 ? from[3] : 0;

	switch (colours) {
	case PDF_RGB:
		memcpy(to, from, 3);
		break;
	case PDF_CMYK:
		for (int i = 0; i < 3; i++)
			to[i] = without(from[i], from[3]);
		break;
	case PDF_INKS:
		if (components == 2 && from[1] > from[0])
			to[0] = without(from[1], 0);
		else if (components < 3)
			to[0] = without(from[0], 0);
		for (int i = 0; i < 3 && components >= 3; i++)
			to[i] = without(from[i], black);
		break;
	case PDF_GREY:
	case PDF_LAB:
	case PDF_INDEXED:
	default:
		to[0] = from[0];
	}
}

/* ---- tables ---- */

/* What a value is on the scale that /Decode gives, of which `top` is all of it. */
static uint8_t scaled(double low, double high, double value, double largest, double top)
{
	double on = (low + value * (high - low) / largest) / top * 255;

	/* Also what is no number. */
	if (!(on > 0))
		return 0;
	/* Rounded: doubled, and halved as a whole number. */
	return on < 255 ? (uint8_t)((unsigned)(2 * on + 1) / 2) : 255;
}

/* Lab's lightness goes to 100; an index is itself; all others go to 1. */
static void fill_values(struct pdf_samples_table *table)
{
	const struct pdf_samples *samples = &table->samples;
	unsigned bits = samples->bits < 8 ? samples->bits : 8;
	double largest = (1u << bits) - 1;
	double top = samples->colours == PDF_LAB ? 100 : samples->colours == PDF_INDEXED ? 255 : 1;

	for (unsigned c = 0; c < samples->components; c++) {
		double low = samples->has_decode ? samples->decode[2 * c] : 0;
		double high = samples->has_decode               ? samples->decode[2 * c + 1]
			      : samples->colours == PDF_INDEXED ? largest
								: top;

		for (unsigned value = 0; value < 1u << bits; value++)
			table->values[c][value] = scaled(low, high, value, largest, top);
	}
}

static void fill_colours(struct pdf_samples_table *table)
{
	const struct pdf_samples *samples = &table->samples;
	size_t count = samples->base_components;

	for (size_t index = 0; index < 256; index++) {
		uint8_t colour[PDF_COMPONENTS_MAX] = { 0 };
		size_t real = index < samples->index_max ? index : samples->index_max;
		size_t at = real * count;

		/* A palette that is too short is black behind its end. */
		if (at + count <= samples->palette.len)
			memcpy(colour, samples->palette.ptr + at, count);
		pdf_samples_paint(samples->base, (unsigned)count, colour, table->colours[index]);
	}
}

struct pdf_samples_table *pdf_samples_table_new(const struct pdf_samples *samples)
{
	struct pdf_samples_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->samples = *samples;
	fill_values(table);
	if (samples->colours == PDF_INDEXED)
		fill_colours(table);
	table->samples.palette = (ward_bytes){ NULL, 0 };
	return table;
}

void pdf_samples_table_free(struct pdf_samples_table *table)
{
	free(table);
}

/* ---- rows ---- */

static unsigned sample_at(const uint8_t *packed, size_t number, unsigned bits)
{
	if (bits == 16)
		return packed[2 * number];
	if (bits == 8)
		return packed[number];
	size_t bit = number * bits;

	return packed[bit / 8] >> (8 - bits - bit % 8) & ((1u << bits) - 1);
}

void pdf_samples_row(const struct pdf_samples_table *table, const uint8_t *packed, uint8_t *plain)
{
	const struct pdf_samples *samples = &table->samples;
	unsigned channels = pdf_samples_channels(samples), components = samples->components;
	uint8_t colour[PDF_COMPONENTS_MAX];

	for (size_t x = 0; x < samples->width; x++, plain += channels) {
		for (unsigned c = 0; c < components; c++)
			colour[c] = table->values[c][sample_at(packed, x * components + c,
					samples->bits)];
		if (samples->colours == PDF_INDEXED)
			memcpy(plain, table->colours[colour[0]], channels);
		else
			pdf_samples_paint(samples->colours, components, colour, plain);
	}
}
