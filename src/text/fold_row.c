#include "text/fold_row.h"

#include "text/fold_block.h"
#include "text/fold_tables.h"
#include "text/utf8.h"

#define LETTER_BYTES 3
#define LETTERS_MAX  (FOLD_ROW_BYTES / LETTER_BYTES)

struct letter {
	uint32_t entry;
	size_t len;
	bool gap, wide;
};

/* A letter or gap; false when it is anything else, broken, SLOW, or of four bytes. */
static bool read_letter(const uint8_t *at, const uint8_t *end, struct letter *letter)
{
	uint32_t point;
	enum fold_class kind;

	if (at >= end || *at >= 0xf0)
		return false;
	point = utf8_read(at, end, &letter->len);
	if (point == UTF8_BROKEN)
		return false;
	letter->entry = fold_entry(point);
	kind = fold_class(letter->entry);
	letter->gap = kind == FOLD_SEP;
	letter->wide = kind == FOLD_WIDE;
	return !(letter->entry & FOLD_SLOW) &&
	       (letter->gap || letter->wide || kind == FOLD_LETTER || kind == FOLD_LEET);
}

static size_t write_letter(const struct letter *letter, const uint8_t *at, char *out)
{
	const uint32_t bytes = fold_to_little(letter->entry);
	const size_t len = fold_bytes_len(letter->entry);

	if (letter->entry & FOLD_SELF)
		memcpy(out, at, len);
	else
		memcpy(out, &bytes, len);
	return len;
}

size_t fold_row_join(const uint8_t *at, const uint8_t *end, char *out, size_t *written)
{
	const uint8_t *start = at;
	struct letter letter, behind;
	bool wide = false;
	size_t count = 0;

	for (*written = 0; read_letter(at, end, &letter); at += letter.len) {
		if (letter.gap)
			continue;
		if (!read_letter(at + letter.len, end, &behind))
			return 0;
		if (!behind.gap)
			return behind.wide == letter.wide && count >= 3 ? (size_t)(at - start) : 0;
		if (count == LETTERS_MAX || (count > 0 && letter.wide != wide))
			return 0;
		wide = letter.wide;
		count++;
		*written += write_letter(&letter, at, out + *written);
	}
	return 0;
}
