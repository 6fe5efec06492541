/*
 * Names of glyphs: those of ASCII, ligatures, "uni20AC", and a letter with the
 * name of a mark behind it, which becomes the letter and the mark: whoever
 * looks words up undoes marks anyway.
 */
#include "decode/pdf_font.h"

static const struct {
	const char *name;
	uint16_t letter;
} glyphs[] = {
	{ "space", ' ' },
	{ "exclam", '!' },
	{ "quotedbl", '"' },
	{ "numbersign", '#' },
	{ "dollar", '$' },
	{ "percent", '%' },
	{ "ampersand", '&' },
	{ "quotesingle", '\'' },
	{ "parenleft", '(' },
	{ "parenright", ')' },
	{ "asterisk", '*' },
	{ "plus", '+' },
	{ "comma", ',' },
	{ "hyphen", '-' },
	{ "period", '.' },
	{ "slash", '/' },
	{ "zero", '0' },
	{ "one", '1' },
	{ "two", '2' },
	{ "three", '3' },
	{ "four", '4' },
	{ "five", '5' },
	{ "six", '6' },
	{ "seven", '7' },
	{ "eight", '8' },
	{ "nine", '9' },
	{ "colon", ':' },
	{ "semicolon", ';' },
	{ "less", '<' },
	{ "equal", '=' },
	{ "greater", '>' },
	{ "question", '?' },
	{ "at", '@' },
	{ "bracketleft", '[' },
	{ "backslash", '\\' },
	{ "bracketright", ']' },
	{ "asciicircum", '^' },
	{ "underscore", '_' },
	{ "grave", '`' },
	{ "braceleft", '{' },
	{ "bar", '|' },
	{ "braceright", '}' },
	{ "asciitilde", '~' },
	{ "quoteright", 0x2019 },
	{ "quoteleft", 0x2018 },
	{ "endash", 0x2013 },
	{ "emdash", 0x2014 },
	{ "ff", 0xfb00 },
	{ "fi", 0xfb01 },
	{ "fl", 0xfb02 },
	{ "ffi", 0xfb03 },
	{ "ffl", 0xfb04 },
	{ "germandbls", 0xdf },
	{ "ae", 0xe6 },
	{ "AE", 0xc6 },
	{ "oslash", 0xf8 },
	{ "Oslash", 0xd8 },
	{ "dotlessi", 0x131 },
};

/* What a letter is that has one, behind its own name: "adieresis". */
static const struct {
	const char *name;
	uint16_t letter;
} marks[] = {
	{ "grave", 0x300 },
	{ "acute", 0x301 },
	{ "circumflex", 0x302 },
	{ "tilde", 0x303 },
	{ "macron", 0x304 },
	{ "breve", 0x306 },
	{ "dotaccent", 0x307 },
	{ "dieresis", 0x308 },
	{ "ring", 0x30a },
	{ "hungarumlaut", 0x30b },
	{ "caron", 0x30c },
	{ "cedilla", 0x327 },
	{ "ogonek", 0x328 },
};

size_t pdf_glyph_units(ward_str name, uint16_t units[2])
{
	uint8_t code[2];

	units[0] = name.len > 0 ? (uint8_t)name.ptr[0] : 0;
	if (name.len == 1)
		return 1;
	if (name.len >= 7 && ward_str_starts(name, WARD_STR("uni")) &&
			ward_hex_parse((ward_str){ name.ptr + 3, 4 }, code, 2)) {
		units[0] = (uint16_t)(code[0] << 8 | code[1]);
		return 1;
	}
	for (size_t i = 0; i < sizeof(glyphs) / sizeof(*glyphs); i++) {
		if (ward_str_eq(name, ward_str_from(glyphs[i].name))) {
			units[0] = glyphs[i].letter;
			return 1;
		}
	}
	for (size_t i = 0; name.len > 1 && i < sizeof(marks) / sizeof(*marks); i++) {
		ward_str mark = { name.ptr + 1, name.len - 1 };

		if (ward_str_eq(mark, ward_str_from(marks[i].name))) {
			units[1] = marks[i].letter;
			return 2;
		}
	}
	return 0;
}
