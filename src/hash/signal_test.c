#include "base/test.h"

#include <ward/hash.h>

#define MD5  "d41d8cd98f00b204e9800998ecf8427e"
#define SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define PDQ  "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"

static bool parses(ward_signal_kind kind, const char *text, ward_signal *signal)
{
	return ward_signal_parse(kind, ward_str_from(text), signal);
}

static void tells_kinds_by_their_length(void)
{
	ward_signal signal;

	CHECK(parses(WARD_SIGNAL_NONE, MD5, &signal));
	CHECK_EQ(signal.kind, WARD_SIGNAL_MD5);
	CHECK(parses(WARD_SIGNAL_NONE, SHA1, &signal));
	CHECK_EQ(signal.kind, WARD_SIGNAL_SHA1);
	CHECK_EQ(signal.bytes[0], 0xda);
	CHECK_EQ(signal.bytes[20], 0);
}

static void will_not_guess_between_pdq_and_sha256(void)
{
	ward_signal signal = { .kind = WARD_SIGNAL_MD5 };

	CHECK(!parses(WARD_SIGNAL_NONE, PDQ, &signal));
	CHECK_EQ(signal.kind, WARD_SIGNAL_MD5);
	CHECK(parses(WARD_SIGNAL_NONE, "pdq:" PDQ, &signal));
	CHECK_EQ(signal.kind, WARD_SIGNAL_PDQ);
	CHECK(parses(WARD_SIGNAL_NONE, "SHA256:" PDQ, &signal));
	CHECK_EQ(signal.kind, WARD_SIGNAL_SHA256);
	CHECK(parses(WARD_SIGNAL_PDQ, PDQ, &signal));
}

static void a_prefix_must_agree_with_the_kind_asked(void)
{
	ward_signal signal;

	CHECK(parses(WARD_SIGNAL_MD5, "md5:" MD5, &signal));
	CHECK(!parses(WARD_SIGNAL_SHA1, "md5:" MD5, &signal));
	CHECK(!parses(WARD_SIGNAL_NONE, "lighthouse:" MD5, &signal));
	CHECK(!parses(WARD_SIGNAL_NONE, ":" MD5, &signal));
	CHECK(!parses(WARD_SIGNAL_NONE, "none:" MD5, &signal));
}

static void refuses_what_is_too_long_or_short_or_not_hex(void)
{
	ward_signal signal;

	CHECK(!parses(WARD_SIGNAL_MD5, "", &signal));
	CHECK(!parses(WARD_SIGNAL_MD5, MD5 "0", &signal));
	CHECK(!parses(WARD_SIGNAL_MD5, " " MD5, &signal));
	CHECK(!parses(WARD_SIGNAL_NONE, "g41d8cd98f00b204e9800998ecf8427e", &signal));
	CHECK(!parses(WARD_SIGNAL_NONE, "", &signal));
	CHECK(!ward_signal_parse(WARD_SIGNAL_NONE, (ward_str){ NULL, 0 }, &signal));
}

static void prints_lower_case_and_reads_either(void)
{
	ward_signal upper, lower;
	char text[WARD_SIGNAL_TEXT_MAX];

	CHECK(parses(WARD_SIGNAL_NONE, "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", &upper));
	CHECK(parses(WARD_SIGNAL_NONE, SHA1, &lower));
	CHECK(ward_signal_eq(&upper, &lower));
	CHECK_STR(ward_signal_format(&upper, text), SHA1);
	lower.bytes[19] ^= 1;
	CHECK(!ward_signal_eq(&upper, &lower));
}

static void knows_the_names_others_use(void)
{
	for (int i = WARD_SIGNAL_MD5; i < WARD_SIGNAL_KIND_COUNT; i++) {
		const char *name = ward_signal_kind_name((ward_signal_kind)i);

		CHECK_EQ(ward_signal_kind_from(ward_str_from(name)), i);
	}
	CHECK_EQ(ward_signal_kind_from(WARD_STR("PDNA")), WARD_SIGNAL_PHOTODNA);
	CHECK_EQ(ward_signal_kind_from(WARD_STR("SHA-1")), WARD_SIGNAL_SHA1);
	CHECK_EQ(ward_signal_kind_from(WARD_STR("video_md5")), WARD_SIGNAL_MD5);
	CHECK_EQ(ward_signal_kind_from(WARD_STR("lighthouse")), WARD_SIGNAL_NONE);
	CHECK_EQ(ward_signal_size(WARD_SIGNAL_PHOTODNA), 144);
}

/* Three ways to write the same 144 bytes. */
static void reads_photodna_as_hex_base64_and_decimals(void)
{
	uint8_t bytes[144];
	char hex[289], base64[WARD_SIGNAL_TEXT_MAX], decimals[144 * 4 + 1];
	size_t len = 0;
	ward_signal signal, same;

	for (int i = 0; i < 144; i++) {
		bytes[i] = (uint8_t)(i * 7 + 3);
		len += (size_t)snprintf(decimals + len, sizeof(decimals) - len, "%s%u",
				i ? "," : "", (unsigned)bytes[i]);
	}
	ward_hex_format(bytes, 144, hex);
	ward_base64_format(bytes, 144, base64);
	CHECK(parses(WARD_SIGNAL_NONE, hex, &signal));
	CHECK_EQ(signal.kind, WARD_SIGNAL_PHOTODNA);
	CHECK(memcmp(signal.bytes, bytes, 144) == 0);
	CHECK(parses(WARD_SIGNAL_PHOTODNA, base64, &same));
	CHECK(ward_signal_eq(&signal, &same));
	CHECK(parses(WARD_SIGNAL_PHOTODNA, decimals, &same));
	CHECK(ward_signal_eq(&signal, &same));
	CHECK_STR(ward_signal_format(&same, hex), base64);
	decimals[len - 1] = '\0';
	CHECK(parses(WARD_SIGNAL_PHOTODNA, decimals, &same));
	CHECK_EQ(ward_photodna_distance(signal.bytes, same.bytes),
			(bytes[143] - bytes[143] / 10) * (bytes[143] - bytes[143] / 10));
}

static void refuses_photodna_with_a_number_too_many_or_too_large(void)
{
	char text[1024];
	size_t len = 0;
	ward_signal signal;

	for (int i = 0; i < 143; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "1,");
	CHECK(!parses(WARD_SIGNAL_PHOTODNA, text, &signal));
	snprintf(text + len, sizeof(text) - len, "256");
	CHECK(!parses(WARD_SIGNAL_PHOTODNA, text, &signal));
	snprintf(text + len, sizeof(text) - len, "1,1");
	CHECK(!parses(WARD_SIGNAL_PHOTODNA, text, &signal));
	snprintf(text + len, sizeof(text) - len, " 1");
	CHECK(parses(WARD_SIGNAL_PHOTODNA, text, &signal));
}

static void pdq_text_begins_with_its_highest_bits(void)
{
	ward_pdq hash;
	char text[65];

	CHECK(ward_pdq_parse(WARD_STR(PDQ), &hash));
	CHECK(hash.word[3] == 0xf8f8f0cee0f4a84fu);
	CHECK(hash.word[0] == 0x33e6b39c4e9c9b22u);
	CHECK_STR(ward_pdq_format(hash, text), PDQ);
	ward_signal signal = ward_pdq_signal(hash);

	CHECK_EQ(signal.bytes[0], 0xf8);
	CHECK(ward_pdq_distance(ward_pdq_from_signal(&signal), hash) == 0);
	hash.word[2] ^= 5;
	CHECK_EQ(ward_pdq_distance(ward_pdq_from_signal(&signal), hash), 2);
	CHECK(!ward_pdq_parse(WARD_STR("f8"), &hash));
}

static void a_hash_far_from_128_ones_is_degenerate(void)
{
	ward_pdq hash = { { 0 } };

	CHECK(ward_pdq_is_degenerate(hash));
	hash.word[0] = UINT64_MAX;
	CHECK_EQ(ward_pdq_ones(hash), 64);
	CHECK(!ward_pdq_is_degenerate(hash));
	hash.word[1] = hash.word[2] = UINT64_MAX;
	CHECK(!ward_pdq_is_degenerate(hash));
	hash.word[3] = 1;
	CHECK(ward_pdq_is_degenerate(hash));
}

static const struct test_case cases[] = {
	{ "tells kinds by their length", tells_kinds_by_their_length },
	{ "will not guess between PDQ and SHA-256", will_not_guess_between_pdq_and_sha256 },
	{ "a prefix must agree with the kind asked", a_prefix_must_agree_with_the_kind_asked },
	{ "refuses what is too long or short or not hex",
			refuses_what_is_too_long_or_short_or_not_hex },
	{ "prints lower case and reads either", prints_lower_case_and_reads_either },
	{ "knows the names others use", knows_the_names_others_use },
	{ "reads PhotoDNA as hex, base64 and decimals", reads_photodna_as_hex_base64_and_decimals },
	{ "refuses PhotoDNA with a number too many or too large",
			refuses_photodna_with_a_number_too_many_or_too_large },
	{ "PDQ text begins with its highest bits", pdq_text_begins_with_its_highest_bits },
	{ "a hash far from 128 ones is degenerate", a_hash_far_from_128_ones_is_degenerate },
};
TEST_MAIN(cases)
