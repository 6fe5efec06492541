#include "vault/shares.h"

#include <assert.h>
#include <ctype.h>
#include <sodium.h>

/* ---- the field: polynomials over GF(2) modulo x^8 + x^4 + x^3 + x + 1 ---- */

/* No branch and no table depends on a value: a mask stands in for each bit. */
static uint8_t multiply(uint8_t a, uint8_t b)
{
	uint8_t product = 0;

	for (int bit = 0; bit < 8; bit++) {
		product ^= (uint8_t)(a & -(b & 1));
		a = (uint8_t)((a << 1) ^ (0x1b & -(a >> 7)));
		b >>= 1;
	}
	return product;
}

/* a^254, which is 1/a: the non-zero elements are a group of 255. */
static uint8_t inverse(uint8_t a)
{
	uint8_t power = a, result = 1;

	for (int bit = 1; bit < 8; bit++) {
		power = multiply(power, power);
		result = multiply(result, power);
	}
	return result;
}

uint8_t shares_value(const uint8_t *coefficients, unsigned count, uint8_t x)
{
	uint8_t value = 0;

	for (unsigned i = count; i > 0; i--)
		value = multiply(value, x) ^ coefficients[i - 1];
	return value;
}

/* ---- splitting and joining ---- */

static bool counts_are_good(unsigned needed, unsigned count)
{
	return needed >= 2 && needed <= count && count <= SHARES_MAX;
}

void shares_split(const uint8_t secret[SHARES_SECRET], const uint8_t tag[SHARES_TAG],
		unsigned needed, unsigned count, struct share *shares)
{
	uint8_t coefficients[SHARES_MAX];

	assert(counts_are_good(needed, count));
	for (unsigned n = 0; n < count; n++) {
		shares[n] = (struct share){ .needed = (uint8_t)needed,
			.count = (uint8_t)count,
			.number = (uint8_t)(n + 1) };
		memcpy(shares[n].tag, tag, SHARES_TAG);
	}
	for (int i = 0; i < SHARES_SECRET; i++) {
		/* Every value of every coefficient, zero too, or some secrets would be likelier. */
		randombytes_buf(coefficients, needed);
		coefficients[0] = secret[i];
		for (unsigned n = 0; n < count; n++)
			shares[n].bytes[i] = shares_value(coefficients, needed, (uint8_t)(n + 1));
	}
	sodium_memzero(coefficients, sizeof(coefficients));
}

/* What the n-th of `count` points adds to the value at `x`, as a factor (Lagrange). */
static uint8_t weight(const struct share *shares, unsigned count, unsigned n, uint8_t x)
{
	uint8_t over = 1, under = 1;

	for (unsigned i = 0; i < count; i++) {
		if (i == n)
			continue;
		over = multiply(over, shares[i].number ^ x);
		under = multiply(under, shares[i].number ^ shares[n].number);
	}
	return multiply(over, inverse(under));
}

static void interpolate(const struct share *shares, unsigned count, uint8_t x,
		uint8_t out[SHARES_SECRET])
{
	memset(out, 0, SHARES_SECRET);
	for (unsigned n = 0; n < count; n++) {
		uint8_t factor = weight(shares, count, n, x);

		for (int i = 0; i < SHARES_SECRET; i++)
			out[i] ^= multiply(factor, shares[n].bytes[i]);
	}
}

static ward_err check_set(const struct share *shares, unsigned count, struct ward_error *error)
{
	for (unsigned n = 0; n < count; n++) {
		if (!counts_are_good(shares[n].needed, shares[n].count) || shares[n].number == 0 ||
				shares[n].number > shares[n].count)
			return ward_fail(error, WARD_E_ARGUMENT, "one of these is no share");
		if (memcmp(shares[n].tag, shares[0].tag, SHARES_TAG) != 0 ||
				shares[n].needed != shares[0].needed ||
				shares[n].count != shares[0].count)
			return ward_fail(error, WARD_E_ARGUMENT,
					"these shares are of more than one key");
		for (unsigned i = 0; i < n; i++) {
			if (shares[i].number == shares[n].number)
				return ward_fail(error, WARD_E_ARGUMENT, "share %u is given twice",
						shares[n].number);
		}
	}
	return WARD_OK;
}

ward_err shares_join(const struct share *shares, unsigned count, uint8_t secret[SHARES_SECRET],
		struct ward_error *error)
{
	uint8_t value[SHARES_SECRET];
	ward_err err = WARD_OK;

	if (count == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "no share is given");
	err = check_set(shares, count, error);
	if (err)
		return err;
	unsigned needed = shares[0].needed;

	if (count < needed)
		return ward_fail(error, WARD_E_ARGUMENT, "%u shares are needed, and %u are given",
				needed, count);
	for (unsigned n = needed; !err && n < count; n++) {
		interpolate(shares, needed, shares[n].number, value);
		if (sodium_memcmp(value, shares[n].bytes, SHARES_SECRET) != 0)
			err = ward_fail(error, WARD_E_DENIED,
					"these shares do not fit together: one of them is wrong");
	}
	if (!err)
		interpolate(shares, needed, 0, secret);
	sodium_memzero(value, sizeof(value));
	return err;
}

/* ---- words ---- */

enum {
	VERSION = 1,
	LINES = 6,
	LINE_BYTES = 7, /* and one to check them */
	LINE_WORDS = 4,
	WORD_LETTERS = 5,
	WORDS = LINES * LINE_WORDS,
	HELD = 4 + SHARES_TAG + SHARES_SECRET, /* version, needed, count, number; tag; bytes */
	CHECK = LINES * LINE_BYTES - HELD,
	TEXT_READ_MAX = 8192,
};

static const char consonants[] = "bdfghjklmnprstvz"; /* 4 bits */
static const char vowels[] = "aiou";                 /* 2 bits */

static_assert(CHECK == 2, "what is left of the lines checks the whole");

static void digest(const void *bytes, size_t len, uint8_t what, uint8_t *out, size_t out_len)
{
	static const char word[] = "ward.share.1";
	crypto_generichash_state state;
	uint8_t all[32];

	crypto_generichash_init(&state, NULL, 0, sizeof(all));
	crypto_generichash_update(&state, (const uint8_t *)word, sizeof(word));
	crypto_generichash_update(&state, &what, 1);
	crypto_generichash_update(&state, bytes, len);
	crypto_generichash_final(&state, all, sizeof(all));
	memcpy(out, all, out_len);
	sodium_memzero(all, sizeof(all));
	sodium_memzero(&state, sizeof(state));
}

static char *put_word(char *at, const uint8_t bytes[2])
{
	unsigned value = (unsigned)bytes[0] << 8 | bytes[1];

	*at++ = consonants[value >> 12];
	*at++ = vowels[value >> 10 & 3];
	*at++ = consonants[value >> 6 & 15];
	*at++ = vowels[value >> 4 & 3];
	*at++ = consonants[value & 15];
	return at;
}

static void share_bytes(const struct share *share, uint8_t bytes[LINES * LINE_BYTES])
{
	bytes[0] = VERSION;
	bytes[1] = share->needed;
	bytes[2] = share->count;
	bytes[3] = share->number;
	memcpy(bytes + 4, share->tag, SHARES_TAG);
	memcpy(bytes + 4 + SHARES_TAG, share->bytes, SHARES_SECRET);
	digest(bytes, HELD, 0, bytes + HELD, CHECK);
}

const char *share_format(const struct share *share, char out[SHARE_TEXT_MAX])
{
	uint8_t bytes[LINES * LINE_BYTES], line[LINE_BYTES + 1];
	char *at = out;

	share_bytes(share, bytes);
	for (int i = 0; i < LINES; i++) {
		memcpy(line, bytes + i * LINE_BYTES, LINE_BYTES);
		digest(line, LINE_BYTES, (uint8_t)(i + 1), line + LINE_BYTES, 1);
		*at++ = (char)('1' + i);
		*at++ = ' ';
		for (int word = 0; word < LINE_WORDS; word++) {
			*at++ = ' ';
			at = put_word(at, line + 2 * word);
		}
		*at++ = '\n';
	}
	*at = '\0';
	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(line, sizeof(line));
	return out;
}

/* ---- reading them ---- */

/* Its place in `letters`, or -1; a letter of either case. */
static int place_of(const char *letters, char letter)
{
	char lower = (char)tolower((unsigned char)letter);
	const char *at = lower ? strchr(letters, lower) : NULL;

	return at ? (int)(at - letters) : -1;
}

static bool parse_word(ward_str word, uint8_t bytes[2])
{
	unsigned value = 0;

	if (word.len != WORD_LETTERS)
		return false;
	for (int i = 0; i < WORD_LETTERS; i++) {
		int place = place_of(i % 2 ? vowels : consonants, word.ptr[i]);

		if (place < 0)
			return false;
		value = value << (i % 2 ? 2 : 4) | (unsigned)place;
	}
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
	return true;
}

static bool is_number(ward_str word)
{
	for (size_t i = 0; i < word.len; i++) {
		if (!isdigit((unsigned char)word.ptr[i]))
			return false;
	}
	return true;
}

/* The next word of a line: between spaces, hyphens or full stops. */
static ward_str next_word(ward_str *line)
{
	static const char between[] = " \t\r-.";
	size_t len = 0;

	while (line->len > 0 && strchr(between, line->ptr[0]) && line->ptr[0]) {
		line->ptr++;
		line->len--;
	}
	while (len < line->len && !(line->ptr[len] && strchr(between, line->ptr[len])))
		len++;
	ward_str word = { line->ptr, len };

	line->ptr += len;
	line->len -= len;
	return word;
}

/* Reads all words, two bytes each; the line that a bad one would stand on is told. */
static ward_err parse_words(ward_str text, uint8_t bytes[2 * WORDS], struct ward_error *error)
{
	int count = 0;

	while (text.len > 0) {
		ward_str line = ward_str_trim(ward_str_cut(&text, '\n'));

		if (ward_str_starts(line, WARD_STR("#")))
			continue;
		for (ward_str word = next_word(&line); word.len > 0; word = next_word(&line)) {
			if (is_number(word))
				continue;
			if (count == WORDS)
				return ward_fail(error, WARD_E_FORMAT,
						"a share has %d words, and here are more", WORDS);
			if (!parse_word(word, bytes + 2 * count))
				return ward_fail(error, WARD_E_FORMAT,
						"line %d: word %d is not one of a share",
						count / LINE_WORDS + 1, count % LINE_WORDS + 1);
			count++;
		}
	}
	return count == WORDS ? WARD_OK
			      : ward_fail(error, WARD_E_FORMAT,
						"a share has %d words, and here are %d", WORDS,
						count);
}

static ward_err check_lines(const uint8_t words[2 * WORDS], uint8_t bytes[LINES * LINE_BYTES],
		struct ward_error *error)
{
	uint8_t check[CHECK];

	for (int i = 0; i < LINES; i++) {
		const uint8_t *line = words + (size_t)i * (LINE_BYTES + 1);

		digest(line, LINE_BYTES, (uint8_t)(i + 1), check, 1);
		if (check[0] != line[LINE_BYTES])
			return ward_fail(error, WARD_E_FORMAT,
					"line %d is not as it was printed: compare its words",
					i + 1);
		memcpy(bytes + (size_t)i * LINE_BYTES, line, LINE_BYTES);
	}
	digest(bytes, HELD, 0, check, CHECK);
	return memcmp(check, bytes + HELD, CHECK) == 0
			       ? WARD_OK
			       : ward_fail(error, WARD_E_FORMAT,
						 "these lines are not of one share, as printed");
}

static ward_err take_share(const uint8_t bytes[LINES * LINE_BYTES], struct share *share,
		struct ward_error *error)
{
	if (bytes[0] != VERSION)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"this share is of version %u, which a newer ward printed",
				bytes[0]);
	if (!counts_are_good(bytes[1], bytes[2]) || bytes[3] == 0 || bytes[3] > bytes[2])
		return ward_fail(error, WARD_E_FORMAT, "this share's numbers make no sense");
	*share = (struct share){ .needed = bytes[1], .count = bytes[2], .number = bytes[3] };
	memcpy(share->tag, bytes + 4, SHARES_TAG);
	memcpy(share->bytes, bytes + 4 + SHARES_TAG, SHARES_SECRET);
	return WARD_OK;
}

ward_err share_parse(ward_str text, struct share *share, struct ward_error *error)
{
	uint8_t words[2 * WORDS], bytes[LINES * LINE_BYTES];

	if (text.len > TEXT_READ_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a share is a text of six lines");
	ward_err err = parse_words(text, words, error);

	if (!err)
		err = check_lines(words, bytes, error);
	if (!err)
		err = take_share(bytes, share, error);
	sodium_memzero(words, sizeof(words));
	sodium_memzero(bytes, sizeof(bytes));
	return err;
}
