#include "base/test.h"

#include <ward/sharing.h>

static bool hash_of(ward_bytes bytes, size_t step, struct ward_sharing_hashes *hashes)
{
	struct ward_sharing_hasher *hasher = ward_sharing_hasher_new();

	if (!hasher)
		return false;
	for (size_t at = 0; at < bytes.len; at += step)
		ward_sharing_hasher_update(hasher,
				(ward_bytes){ bytes.ptr + at,
						bytes.len - at < step ? bytes.len - at : step });
	ward_sharing_hasher_finish(hasher, hashes);
	ward_sharing_hasher_free(hasher);
	return true;
}

static const char *text_of(const struct ward_sharing_hashes *hashes, ward_signal_kind kind,
		char out[WARD_SIGNAL_TEXT_MAX])
{
	ward_signal signal;

	return ward_sharing_signal(hashes, kind, &signal) ? ward_signal_format(&signal, out)
							  : "none";
}

/* Tiger trees: the vectors of the THEX draft; the others: what every program says of nothing. */
static void hashes_are_the_published_ones(void)
{
	static uint8_t bytes[1025];
	struct ward_sharing_hashes hashes;
	char text[WARD_SIGNAL_TEXT_MAX];

	CHECK(hash_of((ward_bytes){ bytes, 0 }, 1, &hashes));
	CHECK_STR(text_of(&hashes, WARD_SIGNAL_TTH, text),
			"LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ");
	CHECK_STR(text_of(&hashes, WARD_SIGNAL_ED2K, text), "31d6cfe0d16ae931b73c59d7e0c089c0");
	CHECK_STR(text_of(&hashes, WARD_SIGNAL_AICH, text), "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ");
	CHECK_STR(text_of(&hashes, WARD_SIGNAL_BTROOT, text), "none");
	CHECK(hash_of((ward_bytes){ bytes, 1 }, 1, &hashes));
	CHECK_STR(text_of(&hashes, WARD_SIGNAL_TTH, text),
			"VK54ZIEEVTWNAUI5D5RDFIL37LX2IQNSTAXFKSA");
	memset(bytes, 'A', sizeof(bytes));
	CHECK(hash_of((ward_bytes){ bytes, 1024 }, 1000, &hashes));
	CHECK_STR(text_of(&hashes, WARD_SIGNAL_TTH, text),
			"L66Q4YVNAFWVS23X2HJIRA5ZJ7WXR3F26RSASFA");
	CHECK(hash_of((ward_bytes){ bytes, 1025 }, 3, &hashes));
	CHECK_STR(text_of(&hashes, WARD_SIGNAL_TTH, text),
			"PZMRYHGY6LTBEH63ZWAHDORHSYTLO4LEFUIKHWY");
	CHECK_EQ(hashes.bytes, 1025);
}

/* ---- the tree of BitTorrent v2, as BEP 52 defines it ---- */

/* As libtorrent 2.0.8 has it in the torrents it makes. */
static void the_root_of_bittorrent_v2_is_what_a_client_says(void)
{
	static uint8_t bytes[300001];
	struct ward_sharing_hashes hashes;
	char text[WARD_SIGNAL_TEXT_MAX];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31 + (i >> 13));
	CHECK(hash_of((ward_bytes){ bytes, sizeof(bytes) }, 4096, &hashes));
	CHECK_STR(text_of(&hashes, WARD_SIGNAL_BTROOT, text),
			"d62b6b9c8c3425fcb0c4c0426cd2a7b81a729e95ce58ee49e66c2efbdfec0651");
	CHECK(hash_of((ward_bytes){ (const uint8_t *)"lightlightlight", 15 }, 15, &hashes));
	CHECK_STR(text_of(&hashes, WARD_SIGNAL_BTROOT, text),
			"c495ca8402db28e250948125d2772efb2db22ccc7b27cda0cae3ab04aa00b369");
}

static void plain_root(const uint8_t (*leaves)[32], size_t have, size_t count, uint8_t root[32])
{
	uint8_t both[64];

	if (count == 1) {
		if (have > 0)
			memcpy(root, leaves[0], 32);
		else
			memset(root, 0, 32);
		return;
	}
	plain_root(leaves, have < count / 2 ? have : count / 2, count / 2, both);
	plain_root(leaves + count / 2, have > count / 2 ? have - count / 2 : 0, count / 2,
			both + 32);
	ward_sha256(&(ward_bytes){ both, 64 }, 1, root);
}

static void the_tree_of_bittorrent_v2_is_the_plain_one_for_every_number_of_leaves(void)
{
	enum { LEAVES = 40, LEAF = 16384 };
	uint8_t *bytes = malloc((size_t)LEAVES * LEAF);
	static uint8_t leaves[64][32];
	uint8_t root[32];
	struct ward_sharing_hashes hashes;

	CHECK(bytes != NULL);
	for (size_t i = 0; bytes && i < (size_t)LEAVES * LEAF; i++)
		bytes[i] = (uint8_t)(i * 31 + (i >> 13));
	for (size_t count = 1; bytes && count <= LEAVES; count++) {
		/* The last one is short, or whole. */
		size_t len = count * LEAF - (count % 3 == 0 ? 0 : count * 400), padded = 1;

		while (padded < count)
			padded *= 2;
		for (size_t i = 0; i < count; i++) {
			ward_bytes leaf = { bytes + i * LEAF,
				i + 1 < count ? LEAF : len - i * LEAF };

			ward_sha256(&leaf, 1, leaves[i]);
		}
		plain_root((const uint8_t(*)[32])leaves, count, padded, root);
		CHECK(hash_of((ward_bytes){ bytes, len }, count * 1000 + 7, &hashes));
		CHECK(memcmp(hashes.btroot, root, 32) == 0);
	}
	free(bytes);
}

static void a_hasher_starts_afresh(void)
{
	struct ward_sharing_hasher *hasher = ward_sharing_hasher_new();
	static uint8_t bytes[50000];
	struct ward_sharing_hashes first, second;

	CHECK(hasher != NULL);
	if (!hasher)
		return;
	for (int i = 0; i < 2; i++) {
		ward_sharing_hasher_update(hasher, (ward_bytes){ bytes, sizeof(bytes) });
		ward_sharing_hasher_update(hasher, (ward_bytes){ NULL, 0 });
		ward_sharing_hasher_finish(hasher, i == 0 ? &first : &second);
	}
	CHECK(memcmp(&first, &second, sizeof(first)) == 0);
	ward_sharing_hasher_free(hasher);
	ward_sharing_hasher_free(NULL);
}

/* ---- links ---- */

#define MD4    "0123456789abcdef0123456789abcdef"
#define SHA1   "00112233445566778899aabbccddeeff00112233"
#define BASE32 "AAISEM2EKVTHPCEZVK54ZXPO74ABCIRT"
#define TTH    "VK54ZIEEVTWNAUI5D5RDFIL37LX2IQNSTAXFKSA"
#define SHA256 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char *all_of(const char *link, char out[2048])
{
	ward_signal signals[WARD_SHARING_LINK_MAX];
	size_t count = ward_sharing_link(ward_str_from(link), signals), len = 0;
	char text[WARD_SIGNAL_TEXT_MAX];

	out[0] = '\0';
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(out + len, 2048 - len, "%s%s:%s", i ? " " : "",
				ward_signal_kind_name(signals[i].kind),
				ward_signal_format(&signals[i], text));
	return out;
}

static void a_link_names_its_hashes(void)
{
	char out[2048];

	CHECK_STR(all_of("ed2k://|file|light house.avi|734003200|" MD4 "|/", out), "ed2k:" MD4);
	CHECK_STR(all_of("ED2K://%7Cfile%7Ca%20b%7C12%7C" MD4 "%7Ch=" BASE32 "%7C/", out),
			"ed2k:" MD4 " aich:" BASE32);
	CHECK_STR(all_of(" magnet:?dn=light&xt=urn:btih:" SHA1 "&tr=udp%3A%2F%2Ft.example", out),
			"btih:" SHA1);
	CHECK_STR(all_of("magnet:?xt=urn:btih:" BASE32 "&xt=urn:btmh:1220" SHA256, out),
			"btih:" SHA1 " btmh:" SHA256);
	CHECK_STR(all_of("magnet:?xt.1=urn:sha1:" BASE32 "&xt.2=urn:tree:tiger:" TTH
			 "&xt.3=urn%3Aed2k%3A" MD4 "&xt.4=urn:md5:" MD4,
				  out),
			"sha1:" SHA1 " tth:" TTH " ed2k:" MD4 " md5:" MD4);
	CHECK_STR(all_of("magnet:?xt=urn:bitprint:" BASE32 "." TTH, out), "sha1:" SHA1 " tth:" TTH);
}

static void what_is_no_link_or_names_nothing_known_is_nothing(void)
{
	static const char *const links[] = { "", "ed2k://", "ed2k://|server|1.2.3.4|80|/",
		"ed2k://|file|a|b|" MD4 "|/", "ed2k://|file|a|1|0123|/", "magnet:?",
		"magnet:?xt=", "magnet:?xt=urn:btih:0123", "magnet:?dn=urn:btih:" SHA1,
		"http://a.example/?xt=urn:btih:" SHA1, "magnet:?xt=urn:bitprint:", "magnet:?xt=%",
		"magnet:?xt=urn:kzhash:0123" };
	char out[2048];

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		CHECK_STR(all_of(links[i], out), "");
}

static void a_long_list_of_trackers_hides_nothing(void)
{
	struct ward_buf link;
	ward_signal signals[WARD_SHARING_LINK_MAX];

	ward_buf_init(&link, 1 << 20);
	ward_buf_str(&link, WARD_STR("magnet:?"));
	for (int i = 0; i < 300; i++)
		ward_buf_printf(&link, "tr=udp%%3A%%2F%%2Ftracker%d.example&", i);
	for (int i = 0; i < 2 * WARD_SHARING_LINK_MAX; i++)
		ward_buf_printf(&link, "xt=urn:btih:" SHA1 "&");
	CHECK_EQ(ward_sharing_link(ward_buf_text(&link), signals), WARD_SHARING_LINK_MAX);
	ward_buf_free(&link);
}

static void signals_of_these_kinds_are_read_in_each_form_that_is_in_use(void)
{
	static const struct {
		const char *text, *told;
		ward_signal_kind kind;
	} cases[] = {
		{ "ed2k:" MD4, MD4, WARD_SIGNAL_ED2K },
		{ TTH, TTH, WARD_SIGNAL_TTH },
		{ "tiger:" TTH, TTH, WARD_SIGNAL_TTH },
		{ "aich:" SHA1, BASE32, WARD_SIGNAL_AICH },
		{ "btih:" BASE32, SHA1, WARD_SIGNAL_BTIH },
		{ "infohash:" SHA1, SHA1, WARD_SIGNAL_BTIH },
		{ "btmh:1220" SHA256, SHA256, WARD_SIGNAL_BTMH },
		{ "btroot:" SHA256, SHA256, WARD_SIGNAL_BTROOT },
	};
	char text[WARD_SIGNAL_TEXT_MAX];
	ward_signal signal;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CHECK(ward_signal_parse(WARD_SIGNAL_NONE, ward_str_from(cases[i].text), &signal));
		CHECK_EQ(signal.kind, cases[i].kind);
		CHECK_STR(ward_signal_format(&signal, text), cases[i].told);
	}
	CHECK(!ward_signal_parse(WARD_SIGNAL_BTMH, WARD_STR("1120" SHA256), &signal));
	CHECK(!ward_signal_parse(WARD_SIGNAL_TTH, WARD_STR(TTH "A"), &signal));
}

static const struct test_case cases[] = {
	{ "hashes are the published ones", hashes_are_the_published_ones },
	{ "the root of BitTorrent v2 is what a client says",
			the_root_of_bittorrent_v2_is_what_a_client_says },
	{ "the tree of BitTorrent v2 is the plain one for every number of leaves",
			the_tree_of_bittorrent_v2_is_the_plain_one_for_every_number_of_leaves },
	{ "a hasher starts afresh", a_hasher_starts_afresh },
	{ "a link names its hashes", a_link_names_its_hashes },
	{ "what is no link, or names nothing known, is nothing",
			what_is_no_link_or_names_nothing_known_is_nothing },
	{ "a long list of trackers hides nothing", a_long_list_of_trackers_hides_nothing },
	{ "signals of these kinds are read in each form that is in use",
			signals_of_these_kinds_are_read_in_each_form_that_is_in_use },
};

TEST_MAIN(cases)
