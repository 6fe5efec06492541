#include "decode/moving_units.h"

/* ITU-T H.264, table 7-1. */
enum {
	H264_SLICE = 1,
	H264_ANEW = 5,
	H264_SEI = 6,
	H264_SPS = 7,
	H264_PPS = 8,
	H264_DELIMITER = 9,
	H264_FILLER = 12
};

/* ITU-T H.265, table 7-1: up to 9 the even ones are not used by their own layer. */
enum {
	H265_LEADING_LAST = 9,
	H265_ANEW = 19,
	H265_ANEW_LAST = 20,
	H265_CLEAN = 21,
	H265_SETS = 32,
	H265_SETS_LAST = 34,
	H265_DELIMITER = 35,
	H265_FILLER = 38,
	H265_SEI = 39,
	H265_SEI_LAST = 40,
	H265_DOLBY = 62 /* unspecified there; beside the picture, and for it alone */
};

enum { SEI_GRAIN = 19 };

/* ---- bits ---- */

/* Of a unit; the third byte of 00 00 03 is none of it. */
struct bits {
	ward_bytes bytes;
	size_t at;
	unsigned zeroes, left;
	uint8_t byte;
	bool failed;
};

static bool next_byte(struct bits *bits)
{
	if (bits->zeroes >= 2 && bits->at < bits->bytes.len && bits->bytes.ptr[bits->at] == 3) {
		bits->at++;
		bits->zeroes = 0;
	}
	if (bits->at >= bits->bytes.len) {
		bits->failed = true;
		return false;
	}
	bits->byte = bits->bytes.ptr[bits->at++];
	bits->zeroes = bits->byte == 0 ? bits->zeroes + 1 : 0;
	bits->left = 8;
	return true;
}

/* Up to 32; 0 behind the end. */
static uint32_t take(struct bits *bits, int count)
{
	uint32_t value = 0;

	while (count-- > 0) {
		if (bits->left == 0 && !next_byte(bits))
			return 0;
		value = value << 1 | (bits->byte >> --bits->left & 1u);
	}
	return value;
}

/* ue(v) */
static uint32_t take_golomb(struct bits *bits)
{
	int zeroes = 0;

	while (!bits->failed && take(bits, 1) == 0)
		zeroes++;
	if (zeroes > 31)
		bits->failed = true;
	return bits->failed ? 0 : (UINT32_C(1) << zeroes) - 1 + take(bits, zeroes);
}

static struct bits bits_of(ward_bytes unit, size_t head)
{
	return (struct bits){ .bytes = { unit.ptr + head, unit.len - head } };
}

/* ---- the codec's record ---- */

static int type_of(const struct moving_units *units, ward_bytes unit)
{
	return units->h265 ? unit.ptr[0] >> 1 & 63 : unit.ptr[0] & 31;
}

/* What the record has of one type: how many, the last, and whether `like` is among them. */
struct sets {
	int type;
	ward_bytes like;
	int count;
	bool found;
	ward_bytes last;
};

static bool look_at_sets(const struct moving_units *units, struct ward_reader *reader,
		unsigned count, struct sets *sets)
{
	while (count-- > 0) {
		ward_bytes unit = ward_read_bytes(reader, ward_read_u16be(reader));

		if (reader->failed || unit.len < 3)
			return false;
		if (type_of(units, unit) != sets->type)
			continue;
		sets->count++;
		sets->last = unit;
		sets->found |= unit.len == sets->like.len &&
			       memcmp(unit.ptr, sets->like.ptr, unit.len) == 0;
	}
	return true;
}

static bool look_in_record(const struct moving_units *units, struct sets *sets)
{
	struct ward_reader reader = ward_reader_from(units->record);

	(void)ward_read_bytes(&reader, units->h265 ? 22 : 5);
	if (!units->h265)
		return look_at_sets(units, &reader, ward_read_u8(&reader) & 31, sets) &&
		       look_at_sets(units, &reader, ward_read_u8(&reader), sets);
	for (unsigned i = ward_read_u8(&reader); i > 0; i--) {
		(void)ward_read_u8(&reader);
		if (!look_at_sets(units, &reader, ward_read_u16be(&reader), sets))
			return false;
	}
	return !reader.failed;
}

/* Said again, of a type of which there is one: nothing changes. */
static bool is_in_record(const struct moving_units *units, ward_bytes unit)
{
	struct sets sets = { .type = type_of(units, unit), .like = unit };

	return look_in_record(units, &sets) && sets.count == 1 && sets.found;
}

/* The profiles whose parameters say more of colours; ITU-T H.264 7.3.2.1.1. */
static bool is_high(uint32_t profile)
{
	static const uint8_t high[] = { 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134,
		135, 144 };

	return memchr(high, (int)profile, sizeof(high)) != NULL;
}

/* False where it has its own matrices, and where colours are coded apart. */
static bool pass_colours(struct bits *bits)
{
	uint32_t layout = take_golomb(bits);

	if (layout == 3 && take(bits, 1) == 1)
		return false;
	(void)take_golomb(bits);
	(void)take_golomb(bits);
	(void)take(bits, 1);
	return take(bits, 1) == 0;
}

static void pass_order(struct bits *bits)
{
	uint32_t kind = take_golomb(bits), count;

	if (kind == 0)
		(void)take_golomb(bits);
	if (kind != 1)
		return;
	(void)take(bits, 1);
	(void)take_golomb(bits);
	(void)take_golomb(bits);
	count = take_golomb(bits);
	while (count-- > 0 && !bits->failed)
		(void)take_golomb(bits);
}

/* ITU-T H.264 7.3.2.1.1, as far as a slice's first words need it. */
static bool take_parameters(struct moving_units *units, ward_bytes unit)
{
	struct bits bits = bits_of(unit, 1);
	uint32_t profile = take(&bits, 8);

	(void)take(&bits, 16);
	(void)take_golomb(&bits);
	if (is_high(profile) && !pass_colours(&bits))
		return false;
	uint32_t number_bits = take_golomb(&bits) + 4;

	pass_order(&bits);
	(void)take_golomb(&bits); /* how many are used at most */
	(void)take(&bits, 1);
	(void)take_golomb(&bits); /* width, height */
	(void)take_golomb(&bits);
	units->fields = take(&bits, 1) == 0;
	units->number_bits = (int)number_bits;
	return !bits.failed && number_bits <= 16;
}

bool moving_units_begin(struct moving_units *units, bool h265, ward_bytes record)
{
	struct sets sets = { .type = H264_SPS };
	size_t at = h265 ? 21 : 4;

	if (record.len <= at || record.ptr[0] != 1)
		return false;
	*units = (struct moving_units){ .h265 = h265, .record = record };
	units->length_bytes = (record.ptr[at] & 3) + 1;
	return h265 || (look_in_record(units, &sets) && sets.count == 1 &&
				       take_parameters(units, sets.last));
}

/* ---- units ---- */

/* Of one packet, so far. */
struct kind {
	bool any;
	int type, used; /* of all its slices */
	uint32_t number;
};

static bool has(ward_bytes bytes, ward_str word)
{
	for (size_t i = 0; i + word.len <= bytes.len; i++) {
		if (memcmp(bytes.ptr + i, word.ptr, word.len) == 0)
			return true;
	}
	return false;
}

static uint32_t take_long(struct bits *bits)
{
	uint32_t sum = 0, byte;

	do {
		byte = take(bits, 8);
		sum += byte;
	} while (byte == 255 && !bits->failed);
	return sum;
}

/* Whether it is for its own picture. */
static bool is_own_message(ward_bytes unit, size_t head, bool first)
{
	struct bits bits = bits_of(unit, head);

	if (!first && has(unit, WARD_STR("x264")))
		return false;
	/* The last byte is its end. */
	while (!bits.failed && bits.at + 2 < bits.bytes.len) {
		if (take_long(&bits) == SEI_GRAIN)
			return false;
		for (uint32_t left = take_long(&bits); left > 0 && !bits.failed; left--)
			(void)take(&bits, 8);
	}
	return true;
}

/* Slices of one packet are of one kind, and the first of them alone says that it is. */
static bool join(struct kind *kind, int type, int used, bool begins)
{
	if (begins == kind->any)
		return false;
	if (kind->any && (kind->type != type || kind->used != used))
		return false;
	kind->any = true;
	kind->type = type;
	kind->used = used;
	return true;
}

static bool take_h264_slice(const struct moving_units *units, ward_bytes unit, struct kind *kind)
{
	struct bits bits = bits_of(unit, 1);
	bool begins = take_golomb(&bits) == 0;

	(void)take_golomb(&bits); /* its kind, and which parameters */
	(void)take_golomb(&bits);
	uint32_t number = take(&bits, units->number_bits);

	if (bits.failed || (units->fields && take(&bits, 1) == 1))
		return false;
	if (kind->any && number != kind->number)
		return false;
	kind->number = number;
	return join(kind, unit.ptr[0] & 31, (unit.ptr[0] >> 5 & 3) > 0, begins);
}

static bool take_h264(const struct moving_units *units, ward_bytes unit, struct kind *kind)
{
	switch (unit.ptr[0] & 31) {
	case H264_SLICE:
	case H264_ANEW:
		return take_h264_slice(units, unit, kind);
	case H264_SEI:
		return is_own_message(unit, 1, !units->begun);
	case H264_SPS:
	case H264_PPS:
		return is_in_record(units, unit);
	case H264_DELIMITER:
	case H264_FILLER:
		return true;
	default:
		return false;
	}
}

static bool take_h265(const struct moving_units *units, ward_bytes unit, struct kind *kind)
{
	int type = type_of(units, unit), level = unit.ptr[1] & 7;
	bool slice = type <= H265_LEADING_LAST || (type >= H265_ANEW && type <= H265_CLEAN);

	if (unit.len < 3 || level == 0 || (unit.ptr[0] & 1) != 0 || unit.ptr[1] >> 3 != 0)
		return type == H265_DELIMITER || type == H265_FILLER;
	if (slice)
		return join(kind, type, level, unit.ptr[2] >> 7);
	if (type == H265_SEI || type == H265_SEI_LAST)
		return is_own_message(unit, 2, !units->begun);
	if (type >= H265_SETS && type <= H265_SETS_LAST)
		return is_in_record(units, unit);
	return type == H265_DELIMITER || type == H265_FILLER || type == H265_DOLBY;
}

/* False where the units are not as they should be. */
static bool look_at_units(const struct moving_units *units, ward_bytes bytes, struct kind *kind)
{
	struct ward_reader reader = ward_reader_from(bytes);

	while (ward_reader_left(&reader) > 0) {
		size_t len = 0;

		for (int i = 0; i < units->length_bytes; i++)
			len = len << 8 | ward_read_u8(&reader);
		ward_bytes unit = ward_read_bytes(&reader, len);

		if (reader.failed || len < 2 ||
				!(units->h265 ? take_h265 : take_h264)(units, unit, kind))
			return false;
	}
	return kind->any;
}

/* A picture that is not used has the number that the next which is will have. */
static bool count_h264(struct moving_units *units, const struct kind *kind)
{
	uint32_t most = (UINT32_C(1) << units->number_bits) - 1;

	if (kind->type == H264_ANEW && (!kind->used || kind->number != 0))
		return false;
	if (!kind->used)
		return kind->number == ((units->used + 1) & most);
	units->used = kind->number;
	return true;
}

bool moving_units_look(struct moving_units *units, ward_bytes bytes, struct moving_packet *packet)
{
	struct kind kind = { 0 };

	if (!look_at_units(units, bytes, &kind))
		return false;
	if (units->h265) {
		packet->anew = kind.type >= H265_ANEW && kind.type <= H265_ANEW_LAST;
		packet->spare = kind.type <= H265_LEADING_LAST && kind.type % 2 == 0;
		packet->silent = kind.type == H265_CLEAN;
		packet->layer = (uint8_t)(kind.used - 1);
	} else {
		packet->anew = kind.type == H264_ANEW;
		packet->spare = !kind.used;
		if (!count_h264(units, &kind))
			return false;
	}
	if (!units->begun && !packet->anew)
		return false;
	units->begun = true;
	return true;
}
