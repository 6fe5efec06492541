/* Signals as text: names of kinds, hexadecimal, base64, base32, PhotoDNA's decimal numbers. */
#include <ward/hash.h>

enum form { HEX = 0, BASE64, BASE32 };

static const struct kind {
	const char *name;
	size_t size;
	enum form form; /* in which it is told */
} kinds[WARD_SIGNAL_KIND_COUNT] = {
	[WARD_SIGNAL_NONE] = { "none", 0, HEX },
	[WARD_SIGNAL_MD5] = { "md5", 16, HEX },
	[WARD_SIGNAL_SHA1] = { "sha1", 20, HEX },
	[WARD_SIGNAL_SHA256] = { "sha256", 32, HEX },
	[WARD_SIGNAL_PDQ] = { "pdq", 32, HEX },
	[WARD_SIGNAL_PHOTODNA] = { "photodna", 144, BASE64 },
	[WARD_SIGNAL_ED2K] = { "ed2k", 16, HEX },
	[WARD_SIGNAL_AICH] = { "aich", 20, BASE32 },
	[WARD_SIGNAL_TTH] = { "tth", 24, BASE32 },
	[WARD_SIGNAL_BTROOT] = { "btroot", 32, HEX },
	[WARD_SIGNAL_BTIH] = { "btih", 20, HEX },
	[WARD_SIGNAL_BTMH] = { "btmh", 32, HEX },
};

/* What lists and services call them, besides the names above; compared without case. */
static const struct alias {
	const char *name;
	ward_signal_kind kind;
} aliases[] = {
	{ "sha-1", WARD_SIGNAL_SHA1 },
	{ "sha-256", WARD_SIGNAL_SHA256 },
	{ "md-5", WARD_SIGNAL_MD5 },
	{ "sha_1", WARD_SIGNAL_SHA1 },
	{ "sha_256", WARD_SIGNAL_SHA256 },
	{ "pdna", WARD_SIGNAL_PHOTODNA },
	{ "photo_dna", WARD_SIGNAL_PHOTODNA },
	{ "photo-dna", WARD_SIGNAL_PHOTODNA },
	{ "hash_pdq", WARD_SIGNAL_PDQ },
	{ "hash_md5", WARD_SIGNAL_MD5 },
	{ "hash_sha1", WARD_SIGNAL_SHA1 },
	{ "hash_sha256", WARD_SIGNAL_SHA256 },
	{ "video_md5", WARD_SIGNAL_MD5 },
	{ "raw_md5", WARD_SIGNAL_MD5 },
	{ "photo_md5", WARD_SIGNAL_MD5 },
	{ "pdq_hash", WARD_SIGNAL_PDQ },
	{ "pdqhash", WARD_SIGNAL_PDQ },
	{ "tiger", WARD_SIGNAL_TTH },
	{ "tiger-tree", WARD_SIGNAL_TTH },
	{ "emule", WARD_SIGNAL_ED2K },
	{ "infohash", WARD_SIGNAL_BTIH },
	{ "info_hash", WARD_SIGNAL_BTIH },
};

size_t ward_signal_size(ward_signal_kind kind)
{
	return kind < WARD_SIGNAL_KIND_COUNT ? kinds[kind].size : 0;
}

const char *ward_signal_kind_name(ward_signal_kind kind)
{
	return kind < WARD_SIGNAL_KIND_COUNT ? kinds[kind].name : "none";
}

ward_signal_kind ward_signal_kind_from(ward_str name)
{
	for (int i = WARD_SIGNAL_MD5; i < WARD_SIGNAL_KIND_COUNT; i++) {
		if (ward_str_eq_nocase(name, ward_str_from(kinds[i].name)))
			return (ward_signal_kind)i;
	}
	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++) {
		if (ward_str_eq_nocase(name, ward_str_from(aliases[i].name)))
			return aliases[i].kind;
	}
	return WARD_SIGNAL_NONE;
}

/* "12,0,255,...": 144 numbers of a byte each, as some services print PhotoDNA. */
static bool parse_decimals(ward_str text, uint8_t out[144])
{
	for (int i = 0; i < 144; i++) {
		bool last = i == 143;
		ward_str number = last ? text : ward_str_cut(&text, ',');
		uint64_t value;

		if (!ward_u64_parse(ward_str_trim(number), &value) || value > 255)
			return false;
		out[i] = (uint8_t)value;
	}
	return true;
}

/* The size of what is parsed is the kind's. */
static bool parse_form(ward_signal_kind kind, ward_str text, uint8_t *out)
{
	size_t size = kinds[kind].size;

	if (ward_hex_parse(text, out, size))
		return true;
	if (kind == WARD_SIGNAL_PHOTODNA)
		return ward_base64_parse(text, out, size) || parse_decimals(text, out);
	if (kinds[kind].form == BASE32 || kind == WARD_SIGNAL_BTIH)
		return ward_base32_parse(text, out, size);
	/* A multihash: SHA-256, 32 bytes. */
	if (kind == WARD_SIGNAL_BTMH && ward_str_starts(text, WARD_STR("1220")))
		return ward_hex_parse((ward_str){ text.ptr + 4, text.len - 4 }, out, size);
	return false;
}

static ward_signal_kind kind_by_form(ward_str text)
{
	switch (text.len) {
	case 32:
		return WARD_SIGNAL_MD5;
	case 39:
		return WARD_SIGNAL_TTH;
	case 40:
		return WARD_SIGNAL_SHA1;
	case 288:
		return WARD_SIGNAL_PHOTODNA;
	default:
		return WARD_SIGNAL_NONE;
	}
}

/* "pdq:f8f8...": takes the prefix off; false when it names another kind, or none we know. */
static bool cut_prefix(ward_signal_kind *kind, ward_str *text)
{
	if (!text->len || !memchr(text->ptr, ':', text->len))
		return true;
	ward_signal_kind named = ward_signal_kind_from(ward_str_cut(text, ':'));

	if (!named || (*kind && *kind != named))
		return false;
	*kind = named;
	return true;
}

bool ward_signal_parse(ward_signal_kind kind, ward_str text, ward_signal *signal)
{
	ward_signal found = { 0 };

	if (!cut_prefix(&kind, &text))
		return false;
	found.kind = kind ? kind : kind_by_form(text);
	if (!ward_signal_size(found.kind))
		return false;
	if (!parse_form(found.kind, text, found.bytes))
		return false;
	*signal = found;
	return true;
}

const char *ward_signal_format(const ward_signal *signal, char out[WARD_SIGNAL_TEXT_MAX])
{
	size_t size = ward_signal_size(signal->kind);

	if (kinds[signal->kind].form == BASE64)
		ward_base64_format(signal->bytes, size, out);
	else if (kinds[signal->kind].form == BASE32)
		ward_base32_format(signal->bytes, size, out);
	else
		ward_hex_format(signal->bytes, size, out);
	return out;
}

bool ward_signal_eq(const ward_signal *a, const ward_signal *b)
{
	return a->kind == b->kind && memcmp(a->bytes, b->bytes, ward_signal_size(a->kind)) == 0;
}

/*
 * The squared distance of two 144-byte hashes fits: 144 * 255 * 255 < 2^24.
 */
uint32_t ward_photodna_distance(const uint8_t a[144], const uint8_t b[144])
{
	uint32_t sum = 0;

	for (int i = 0; i < 144; i++) {
		int d = a[i] - b[i];

		sum += (uint32_t)(d * d);
	}
	return sum;
}
