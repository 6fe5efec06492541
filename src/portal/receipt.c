#include "portal/receipt.h"

#include <sodium.h>

struct receipt receipt_make(const uint8_t sending[16], const uint8_t key[32])
{
	uint8_t bytes[crypto_generichash_BYTES];
	struct receipt receipt;

	crypto_generichash(bytes, sizeof(bytes), sending, 16, key, 32);
	/* Nine bits a word; 512 divides 65536, so all words are equally likely. */
	for (size_t i = 0; i < RECEIPT_WORDS; i++)
		receipt.words[i] =
				(uint16_t)((bytes[2 * i] | bytes[2 * i + 1] << 8) % RECEIPT_LIST);
	return receipt;
}

const char *receipt_format(const struct receipt *receipt, char out[RECEIPT_TEXT_MAX])
{
	const uint16_t *w = receipt->words;

	snprintf(out, RECEIPT_TEXT_MAX, "%03u-%03u-%03u-%03u-%03u-%03u", w[0] & 511u, w[1] & 511u,
			w[2] & 511u, w[3] & 511u, w[4] & 511u, w[5] & 511u);
	return out;
}

bool receipt_from_text(ward_str text, struct receipt *receipt)
{
	struct receipt read;
	size_t count = 0;

	while (text.len > 0 && count < RECEIPT_WORDS) {
		ward_str number = ward_str_cut(&text, '-');
		uint64_t value;

		if (number.len != 3 || !ward_u64_parse(number, &value) || value >= RECEIPT_LIST)
			return false;
		read.words[count++] = (uint16_t)value;
	}
	if (text.len > 0 || count != RECEIPT_WORDS)
		return false;
	*receipt = read;
	return true;
}

ward_str receipt_say(const struct receipt *receipt, const struct language *language,
		struct ward_arena *arena)
{
	const char *const *list = receipt_lists[language - languages];
	const uint16_t *w = receipt->words;
	char *text = ward_arena_printf(arena, "%s %s %s %s %s %s", list[w[0]], list[w[1]],
			list[w[2]], list[w[3]], list[w[4]], list[w[5]]);

	return (ward_str){ text, text ? strlen(text) : 0 };
}

/* ---- what was typed ---- */

enum { WORD_BYTES = 48 };

/* Letters with marks, without them: two-byte characters of Latin and Arabic script. */
static const struct {
	uint16_t from, to; /* code points, both included */
	const char *as;
} folds[] = {
	{ 0xc0, 0xc5, "a" },
	{ 0xe0, 0xe5, "a" },
	{ 0xc7, 0xc7, "c" },
	{ 0xe7, 0xe7, "c" },
	{ 0xc8, 0xcb, "e" },
	{ 0xe8, 0xeb, "e" },
	{ 0xcc, 0xcf, "i" },
	{ 0xec, 0xef, "i" },
	{ 0xd1, 0xd1, "n" },
	{ 0xf1, 0xf1, "n" },
	{ 0xd2, 0xd6, "o" },
	{ 0xf2, 0xf6, "o" },
	{ 0xd9, 0xdc, "u" },
	{ 0xf9, 0xfc, "u" },
	{ 0x152, 0x153, "oe" },
	{ 0x300, 0x36f, "" },
	{ 0x622, 0x623, "ا" },
	{ 0x625, 0x625, "ا" },
	{ 0x671, 0x671, "ا" },
	{ 0x649, 0x649, "ي" },
	{ 0x629, 0x629, "ه" },
	{ 0x640, 0x640, "" },
	{ 0x64b, 0x655, "" },
	{ 0x670, 0x670, "" },
};

/* As the sorted lists have it: lower case, without marks; true when it is a letter at all. */
static bool fold(uint32_t code, char *word, size_t *len)
{
	char plain[3] = { (char)(0xc0 | code >> 6), (char)(0x80 | (code & 0x3f)), '\0' };
	const char *as = plain;

	if (code < 0x80) {
		plain[0] = (char)(code >= 'A' && code <= 'Z' ? code + 32 : code);
		plain[1] = '\0';
		if (plain[0] < 'a' || plain[0] > 'z')
			return false;
	} else if (code < 0xc0 || code >= 0x800) {
		return false;
	}
	for (size_t i = 0; i < sizeof(folds) / sizeof(*folds); i++) {
		if (code >= folds[i].from && code <= folds[i].to)
			as = folds[i].as;
	}
	for (; *as && *len + 1 < WORD_BYTES; as++)
		word[(*len)++] = *as;
	return true;
}

/* The next word of the text, folded; empty at the end. */
static size_t next_word(ward_str *text, char word[WORD_BYTES])
{
	size_t len = 0;

	while (text->len > 0) {
		unsigned char first = (unsigned char)text->ptr[0];
		size_t bytes = first >= 0xc0 && first < 0xe0 && text->len > 1 ? 2 : 1;
		uint32_t code = bytes == 2 ? (first & 0x1fu) << 6 | ((unsigned char)text->ptr[1] &
										    0x3fu)
				: first < 0x80 ? first
					       : 0;
		bool letter = fold(code, word, &len);

		text->ptr += bytes;
		text->len -= bytes;
		if (!letter && len > 0)
			break;
	}
	word[len] = '\0';
	return len;
}

static int find(size_t language, const char *word)
{
	size_t low = 0, high = RECEIPT_LIST;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct receipt_word *row = &receipt_sorted[language][middle];
		int order = strcmp(word, row->folded);

		if (order == 0)
			return row->index;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

size_t receipt_hear(ward_str typed, struct receipt receipts[LANGUAGE_COUNT])
{
	char words[RECEIPT_WORDS + 1][WORD_BYTES];
	size_t count = 0, found = 0;

	while (count <= RECEIPT_WORDS && next_word(&typed, words[count]) > 0)
		count++;
	if (count != RECEIPT_WORDS)
		return 0;
	for (size_t language = 0; language < LANGUAGE_COUNT; language++) {
		struct receipt receipt;
		size_t known = 0;

		while (known < RECEIPT_WORDS) {
			int index = find(language, words[known]);

			if (index < 0)
				break;
			receipt.words[known++] = (uint16_t)index;
		}
		if (known == RECEIPT_WORDS)
			receipts[found++] = receipt;
	}
	return found;
}
