/* PDQ for callers: which pixels, which code, and the hash as words and text. */
#include "hash/pdq_reduced.h"

bool ward_pdq_parse(ward_str text, ward_pdq *hash)
{
	ward_signal signal = { .kind = WARD_SIGNAL_PDQ };

	if (!ward_hex_parse(text, signal.bytes, 32))
		return false;
	*hash = ward_pdq_from_signal(&signal);
	return true;
}

const char *ward_pdq_format(ward_pdq hash, char out[65])
{
	ward_signal signal = ward_pdq_signal(hash);

	ward_hex_format(signal.bytes, 32, out);
	return out;
}

/* Byte n of the text form holds the bits 255 - 8n ... 248 - 8n. */
ward_signal ward_pdq_signal(ward_pdq hash)
{
	ward_signal signal = { .kind = WARD_SIGNAL_PDQ };

	for (int n = 0; n < 32; n++)
		signal.bytes[n] = (uint8_t)(hash.word[3 - n / 8] >> (56 - 8 * (n % 8)));
	return signal;
}

ward_pdq ward_pdq_from_signal(const ward_signal *signal)
{
	ward_pdq hash = { { 0 } };

	for (int n = 0; n < 32; n++)
		hash.word[3 - n / 8] |= (uint64_t)signal->bytes[n] << (56 - 8 * (n % 8));
	return hash;
}

int ward_pdq_distance(ward_pdq a, ward_pdq b)
{
	int bits = 0;

	for (int i = 0; i < 4; i++)
		bits += __builtin_popcountll(a.word[i] ^ b.word[i]);
	return bits;
}

int ward_pdq_ones(ward_pdq hash)
{
	return ward_pdq_distance(hash, (ward_pdq){ { 0 } });
}

bool ward_pdq_is_degenerate(ward_pdq hash)
{
	int ones = ward_pdq_ones(hash);

	return ones < 64 || ones > 192;
}

struct ward_pdq_hasher {
	float *scratch;
	size_t bytes;
};

struct ward_pdq_hasher *ward_pdq_hasher_new(void)
{
	return calloc(1, sizeof(struct ward_pdq_hasher));
}

void ward_pdq_hasher_free(struct ward_pdq_hasher *hasher)
{
	if (!hasher)
		return;
	free(hasher->scratch);
	free(hasher);
}

static ward_err want_scratch(struct ward_pdq_hasher *hasher, uint64_t floats,
		struct ward_error *error)
{
	size_t bytes;

	/* aligned_alloc wants a multiple of the alignment. */
	if (ckd_mul(&bytes, floats, sizeof(float)) || ckd_add(&bytes, bytes, 63))
		return ward_fail(error, WARD_E_NOMEM, "the picture is too large to hash");
	bytes &= ~(size_t)63;
	if (bytes <= hasher->bytes)
		return WARD_OK;
	free(hasher->scratch);
	hasher->scratch = aligned_alloc(64, bytes);
	hasher->bytes = hasher->scratch ? bytes : 0;
	if (!hasher->scratch)
		return ward_fail(error, WARD_E_NOMEM, "no memory to hash a picture (%zu bytes)",
				bytes);
	return WARD_OK;
}

/*
 * Nearest neighbour as the reference command has it: floor(k * side / 512),
 * without keeping the aspect; a short side is stretched.
 */
const uint8_t *ward_pdq_row(const struct pdq_source *source, uint32_t y, uint8_t *buffer)
{
	const struct ward_image *image = source->image;

	if (!source->sampled)
		return image->pixels + (size_t)y * image->stride;
	uint64_t width = image->width;
	const uint8_t *row = image->pixels +
			     (size_t)((uint64_t)y * image->height / PDQ_SAMPLED) * image->stride;

	if (image->channels == 1) {
		for (uint32_t k = 0; k < PDQ_SAMPLED; k++)
			buffer[k] = row[k * width / PDQ_SAMPLED];
		return buffer;
	}
	/* Four bytes at a time, where the fourth is the next pixel's and is written over. */
	uint32_t k = 0;

	for (; k < PDQ_SAMPLED && k * width / PDQ_SAMPLED + 1 < width; k++)
		memcpy(buffer + 3 * (size_t)k, row + 3 * (k * width / PDQ_SAMPLED), 4);
	for (; k < PDQ_SAMPLED; k++)
		memcpy(buffer + 3 * (size_t)k, row + 3 * (k * width / PDQ_SAMPLED), 3);
	return buffer;
}

/*
 * Whether red, green and blue are equal in `pixels` pixels.  Eight at a time: each byte is
 * compared with its neighbour, except where that is the next pixel's.
 */
static bool row_is_grey(const uint8_t *rgb, size_t pixels)
{
	static const uint8_t inside[24] = { 255, 255, 0, 255, 255, 0, 255, 255, 0, 255, 255, 0, 255,
		255, 0, 255, 255, 0, 255, 255, 0, 255, 255, 0 };
	size_t x = 0;

	for (; x + 8 < pixels; x += 8) {
		uint64_t here[3], right[3], mask[3];

		memcpy(here, rgb + 3 * x, 24);
		memcpy(right, rgb + 3 * x + 1, 24);
		memcpy(mask, inside, 24);
		if (((here[0] ^ right[0]) & mask[0]) | ((here[1] ^ right[1]) & mask[1]) |
				((here[2] ^ right[2]) & mask[2]))
			return false;
	}
	for (; x < pixels; x++) {
		if (rgb[3 * x] != rgb[3 * x + 1] || rgb[3 * x] != rgb[3 * x + 2])
			return false;
	}
	return true;
}

/* Cheap for a picture with colour, which shows it early. */
static bool is_grey(const struct ward_image *image)
{
	for (uint32_t y = 0; y < image->height; y++) {
		if (!row_is_grey(image->pixels + y * image->stride, image->width))
			return false;
	}
	return true;
}

struct pdq_source ward_pdq_source(const struct ward_image *image, ward_pdq_path path)
{
	struct pdq_source source = { image, image->width, image->height, false,
		{ 0.299f, 0.587f, 0.114f } };

	if (image->channels == 3 && is_grey(image)) {
		source.weight[0] = 1;
		source.weight[1] = source.weight[2] = 0;
	}
	if (path == WARD_PDQ_512 && (image->width > PDQ_SAMPLED || image->height > PDQ_SAMPLED)) {
		source.sampled = true;
		source.width = source.height = PDQ_SAMPLED;
	}
	return source;
}

/* The 16x16 values of the small picture, and its quality. */
static int transform(const struct pdq_small *small, struct pdq_values *values)
{
	const struct pdq_code *code = ward_pdq_code();

	code->dct(small, values);
	return code->quality(small);
}

/*
 * `shortcut`: a picture of exactly 64x64 is its own small picture, unfiltered;
 * the reference does so for a single hash and not for the eight.
 */
static ward_err values_of(struct ward_pdq_hasher *hasher, const struct pdq_source *source,
		bool shortcut, struct pdq_values *values, int *quality, struct ward_error *error)
{
	const struct pdq_code *code = ward_pdq_code();
	const struct ward_image *image = source->image;
	struct pdq_small small;

	if (shortcut && source->width == PDQ_SIDE && source->height == PDQ_SIDE) {
		for (uint32_t y = 0; y < PDQ_SIDE; y++)
			ward_pdq_luma(source, image->pixels + y * image->stride, small.at[y]);
	} else {
		ward_err err = want_scratch(hasher, code->scratch(source), error);

		if (err)
			return err;
		code->filter(source, hasher->scratch, &small);
	}
	*quality = transform(&small, values);
	return WARD_OK;
}

static ward_err reduced_values_of(struct ward_pdq_hasher *hasher,
		const struct ward_reduced_image *reduced, struct pdq_values *values, int *quality,
		struct ward_error *error)
{
	struct pdq_small small;
	ward_err err = want_scratch(hasher, ward_pdq_reduced_scratch(reduced), error);

	if (err)
		return err;
	ward_pdq_reduced_filter(reduced, hasher->scratch, &small);
	*quality = transform(&small, values);
	return WARD_OK;
}

static bool too_small(uint32_t width, uint32_t height)
{
	return width < 5 || height < 5;
}

static ward_err check(const struct ward_image *image, struct ward_error *error)
{
	if (image->channels != 1 && image->channels != 3)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a picture to hash has 1 or 3 channels, not %u",
				(unsigned)image->channels);
	return WARD_OK;
}

static ward_err check_reduced(const struct ward_reduced_image *reduced, struct ward_error *error)
{
	const struct ward_image *image = &reduced->image;
	uint64_t scale = reduced->scale;

	if (scale == 0 || image->width != (reduced->width + scale - 1) / scale ||
			image->height != (reduced->height + scale - 1) / scale)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a picture of %ux%u is not one of %ux%u reduced to 1/%u",
				(unsigned)image->width, (unsigned)image->height,
				(unsigned)reduced->width, (unsigned)reduced->height,
				(unsigned)reduced->scale);
	return check(image, error);
}

ward_err ward_pdq_hash(struct ward_pdq_hasher *hasher, const struct ward_image *image,
		ward_pdq_path path, struct ward_pdq_result *result, struct ward_error *error)
{
	struct ward_pdq_result found = { 0 };
	struct pdq_values values;
	ward_err err = check(image, error);

	if (err)
		return err;
	struct pdq_source source = ward_pdq_source(image, path);

	if (!too_small(source.width, source.height)) {
		err = values_of(hasher, &source, true, &values, &found.quality, error);
		if (err)
			return err;
		found.hash = ward_pdq_bits(&values);
	}
	*result = found;
	return WARD_OK;
}

ward_err ward_pdq_hash_colours(struct ward_pdq_hasher *hasher, const struct ward_image *image,
		struct ward_pdq_result *result, struct pdq_values *values, struct ward_error *error)
{
	const struct pdq_source source = { image, image->width, image->height, false,
		{ 0.299f, 0.587f, 0.114f } };
	struct ward_pdq_result found = { 0 };
	struct pdq_values own = { { 0 } };
	ward_err err = check(image, error);

	if (!err && !too_small(source.width, source.height)) {
		err = values_of(hasher, &source, true, &own, &found.quality, error);
		if (!err)
			found.hash = ward_pdq_bits(&own);
	}
	if (err)
		return err;
	if (values)
		*values = own;
	*result = found;
	return WARD_OK;
}

ward_err ward_pdq_hash_reduced(struct ward_pdq_hasher *hasher,
		const struct ward_reduced_image *reduced, struct ward_pdq_result *result,
		struct ward_error *error)
{
	struct ward_pdq_result found = { 0 };
	struct pdq_values values;
	ward_err err = check_reduced(reduced, error);

	if (err)
		return err;
	if (reduced->scale == 1)
		return ward_pdq_hash(hasher, &reduced->image, WARD_PDQ_FULL, result, error);
	if (!too_small(reduced->width, reduced->height)) {
		err = reduced_values_of(hasher, reduced, &values, &found.quality, error);
		if (err)
			return err;
		found.hash = ward_pdq_bits(&values);
	}
	*result = found;
	return WARD_OK;
}

static void all_looks(const struct pdq_values *values, ward_pdq all[WARD_DIHEDRAL_COUNT])
{
	for (int i = 0; i < WARD_DIHEDRAL_COUNT; i++)
		all[i] = ward_pdq_look(values, (ward_dihedral)i);
}

ward_err ward_pdq_hash_dihedral(struct ward_pdq_hasher *hasher, const struct ward_image *image,
		ward_pdq_path path, ward_pdq all[WARD_DIHEDRAL_COUNT], int *quality,
		struct ward_error *error)
{
	struct pdq_values values;
	ward_err err = check(image, error);

	if (err)
		return err;
	struct pdq_source source = ward_pdq_source(image, path);

	if (too_small(source.width, source.height)) {
		memset(all, 0, WARD_DIHEDRAL_COUNT * sizeof(*all));
		*quality = 0;
		return WARD_OK;
	}
	err = values_of(hasher, &source, false, &values, quality, error);
	if (!err)
		all_looks(&values, all);
	return err;
}

ward_err ward_pdq_hash_reduced_dihedral(struct ward_pdq_hasher *hasher,
		const struct ward_reduced_image *reduced, ward_pdq all[WARD_DIHEDRAL_COUNT],
		int *quality, struct ward_error *error)
{
	struct pdq_values values;
	ward_err err = check_reduced(reduced, error);

	if (err)
		return err;
	if (reduced->scale == 1 || too_small(reduced->width, reduced->height))
		return ward_pdq_hash_dihedral(hasher, &reduced->image, WARD_PDQ_FULL, all, quality,
				error);
	err = reduced_values_of(hasher, reduced, &values, quality, error);
	if (!err)
		all_looks(&values, all);
	return err;
}
