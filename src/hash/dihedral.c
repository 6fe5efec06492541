/*
 * From transformed values to bits, for the picture as it is and for its 8 looks.
 *
 * Mirroring a picture flips the sign of its odd (or even) frequencies, and
 * turning it also exchanges rows and columns, so all 8 hashes come from one
 * transform.  The median is taken anew each time: signs move it.
 */
#include "hash/pdq_code.h"

/* Floats as integers that sort alike: negative numbers have all their bits turned. */
static uint32_t sortable(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

static float from_sortable(uint32_t key)
{
	uint32_t bits = key & 0x80000000u ? key & 0x7fffffffu : ~key;
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/*
 * The 128th smallest of 256, its bits found from the highest down: a bit is
 * set when fewer than 128 keys are smaller than the answer would then be.
 * 32 counts over 256 keys, without a branch, are faster than a selection.
 */
static float lower_median(const float values[256])
{
	uint32_t keys[256], median = 0;

	for (int i = 0; i < 256; i++)
		keys[i] = sortable(values[i]);
	for (uint32_t bit = 0x80000000u; bit; bit >>= 1) {
		uint32_t smaller = 0;

		for (int i = 0; i < 256; i++)
			smaller += keys[i] < (median | bit);
		if (smaller < 128)
			median |= bit;
	}
	return from_sortable(median);
}

ward_pdq ward_pdq_bits(const struct pdq_values *values)
{
	float median = lower_median(values->at);
	ward_pdq hash = { { 0 } };

	for (int k = 0; k < 256; k++)
		hash.word[k / 64] |= (uint64_t)(values->at[k] > median) << (k % 64);
	return hash;
}

/*
 * Each look keeps or turns the sign of value [i][j] by whether the column j,
 * the row i or their sum is odd, and may then exchange rows and columns.
 * (Row 0 here is frequency 1: "odd" means an even frequency.)
 */
static const struct look {
	const char *name;
	bool exchange;
	bool by_row;
	bool by_column;
	bool negate_odd; /* else the even ones */
} looks[WARD_DIHEDRAL_COUNT] = {
	[WARD_ORIG] = { "orig", false, false, false, true },
	[WARD_ROT90] = { "rot90", true, false, true, false },
	[WARD_ROT180] = { "rot180", false, true, true, true },
	[WARD_ROT270] = { "rot270", true, true, false, false },
	[WARD_FLIPX] = { "flipx", false, true, false, false },
	[WARD_FLIPY] = { "flipy", false, false, true, false },
	[WARD_TRANSPOSE] = { "transpose", true, false, false, true },
	[WARD_ANTITRANSPOSE] = { "antitranspose", true, true, true, true },
};

const char *ward_dihedral_name(ward_dihedral which)
{
	return which < WARD_DIHEDRAL_COUNT ? looks[which].name : "none";
}

ward_pdq ward_pdq_look(const struct pdq_values *values, ward_dihedral which)
{
	const struct look *look = &looks[which];
	struct pdq_values turned;

	for (int i = 0; i < 16; i++) {
		for (int j = 0; j < 16; j++) {
			bool odd = ((look->by_row ? i : 0) + (look->by_column ? j : 0)) & 1;
			float value = values->at[16 * i + j];

			turned.at[look->exchange ? 16 * j + i : 16 * i + j] =
					odd == look->negate_odd ? -value : value;
		}
	}
	return ward_pdq_bits(&turned);
}
