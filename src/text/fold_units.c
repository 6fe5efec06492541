#include "text/fold_units.h"

#include "text/utf8.h"

/* ---- reading ---- */

static uint32_t entry_point(uint32_t entry, uint32_t point)
{
	uint8_t bytes[4] = { (uint8_t)entry, (uint8_t)(entry >> 8), (uint8_t)(entry >> 16), 0 };
	size_t len;

	return entry & FOLD_SELF ? point : utf8_read(bytes, bytes + 3, &len);
}

size_t fold_units_read(const uint8_t *at, const uint8_t *end, size_t source,
		struct fold_unit units[FOLD_UNITS_MAX], size_t *len)
{
	uint32_t raw = utf8_read(at, end, len);
	uint32_t entry = fold_entry(raw == UTF8_BROKEN ? 0xfffd : raw);
	struct fold_unit unit = { .raw = raw,
		.source = (uint32_t)source,
		.source_len = (uint32_t)*len };
	const uint32_t *pool;

	if (!(entry & FOLD_EXPAND)) {
		unit.point = entry_point(entry, raw);
		unit.kind = (uint8_t)fold_class(entry);
		units[0] = unit;
		return unit.kind != FOLD_GONE;
	}
	pool = fold_pool + (entry & 0xffffff);
	for (uint32_t i = 0; i < pool[0]; i++) {
		entry = fold_entry(pool[1 + i]);
		unit.point = entry_point(entry, pool[1 + i]);
		unit.kind = (uint8_t)fold_class(entry);
		units[i] = unit;
	}
	return pool[0];
}

/* The Unicode Standard, 3.12, "Conjoining Jamo Behavior". */
bool fold_compose(struct fold_unit *last, const struct fold_unit *unit)
{
	uint32_t point;

	if (last->point - 0x1100 < 19 && unit->point - 0x1161 < 21)
		point = 0xac00 + ((last->point - 0x1100) * 21 + unit->point - 0x1161) * 28;
	else if (last->point - 0xac00 < 11172 && (last->point - 0xac00) % 28 == 0 &&
			unit->point - 0x11a8 < 27)
		point = last->point + unit->point - 0x11a7;
	else
		return false;
	last->point = point;
	last->source_len = unit->source + unit->source_len - last->source;
	return true;
}

/* ---- digits and signs for letters ---- */

static uint32_t letter_for(uint32_t point)
{
	static const char digits[10] = { 'o', 'i', 0, 'e', 'a', 's', 0, 't', 'b', 'g' };

	switch (point) {
	case '@':
		return 'a';
	case '$':
		return 's';
	case '!':
	case '|':
		return 'i';
	default:
		return point - '0' < 10 ? (uint32_t)digits[point - '0'] : 0;
	}
}

/* Digits and signs between letters, or beside one: units start..end of the run. */
struct stretch {
	size_t start, end;
	bool before, after; /* a letter stands there */
	bool sign, at;      /* one of it is a sign; is '@' */
};

/*
 * Between letters two of them, or more of one, are taken for letters (b00k,
 * b000k), at the edge of a word one alone: "boat 2004" is no word, nor is
 * "boat2004".  All must have a letter that they look like.
 */
static bool stands_for_letters(const struct fold_unit *units, const struct stretch *stretch)
{
	size_t len = stretch->end - stretch->start;
	bool same = true;

	for (size_t i = stretch->start; i < stretch->end; i++) {
		same &= units[i].point == units[stretch->start].point;
		if (letter_for(units[i].point) == 0)
			return false;
	}
	if (stretch->before && stretch->after)
		return len <= 2 || (same && len <= 8);
	return (stretch->before || stretch->after) && len == 1;
}

static void make_letter(struct fold_unit *unit)
{
	unit->point = letter_for(unit->point);
	unit->kind = FOLD_LEET;
}

static bool counts(const struct fold_unit *unit, bool signs)
{
	return unit->kind == FOLD_DIGIT || (signs && unit->kind == FOLD_SIGN);
}

/* The stretch that begins at or behind `from`; false when there is none. */
static bool next_stretch(const struct fold_unit *units, size_t count, size_t from, bool signs,
		struct stretch *stretch)
{
	*stretch = (struct stretch){ .start = from };
	while (stretch->start < count && !counts(&units[stretch->start], signs))
		stretch->start++;
	for (stretch->end = stretch->start;
			stretch->end < count && counts(&units[stretch->end], signs);
			stretch->end++) {
		stretch->sign |= units[stretch->end].kind == FOLD_SIGN;
		stretch->at |= units[stretch->end].point == '@';
	}
	stretch->before = stretch->start > 0 && units[stretch->start - 1].kind == FOLD_LEET;
	stretch->after = stretch->end < count && units[stretch->end].kind == FOLD_LEET;
	return stretch->start < count;
}

void fold_resolve_signs(struct fold_unit *units, size_t count, bool address_follows)
{
	struct stretch stretch;

	for (size_t from = 0; next_stretch(units, count, from, true, &stretch);
			from = stretch.end) {
		bool inner = stretch.before && stretch.after;
		bool letters = stretch.sign && stands_for_letters(units, &stretch) &&
			       !(stretch.at && address_follows) &&
			       (inner || units[stretch.start].point == '$');

		for (size_t i = stretch.start; i < stretch.end; i++) {
			if (units[i].kind != FOLD_SIGN)
				continue;
			if (letters) {
				make_letter(&units[i]);
			} else {
				units[i].kind = FOLD_SEP;
				units[i].point = ' ';
			}
		}
	}
}

void fold_resolve_digits(struct fold_unit *units, size_t count)
{
	struct stretch stretch;

	for (size_t from = 0; next_stretch(units, count, from, false, &stretch);
			from = stretch.end) {
		if (!stands_for_letters(units, &stretch))
			continue;
		for (size_t i = stretch.start; i < stretch.end; i++)
			make_letter(&units[i]);
	}
}
