#include <libavutil/aes.h>
#include <libavutil/mem.h>

#include "base/test.h"
#include "live/live_crypt.h"

/* The example of NIST SP 800-38A, F.2.1: key, first vector, and two blocks in the clear and sealed.
 */
#define KEY    "2b7e151628aed2a6abf7158809cf4f3c"
#define IV     "000102030405060708090A0B0C0D0E0F"
#define CLEAR  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
#define SEALED "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"

enum { PIECE_MAX = 20000 };

struct piece {
	uint8_t bytes[PIECE_MAX];
	size_t len, at, step; /* so many at a time */
};

static size_t read_some(void *context, uint8_t *to, size_t room)
{
	struct piece *piece = context;
	size_t len = piece->len - piece->at;

	len = len < room ? len : room;
	len = len < piece->step ? len : piece->step;
	memcpy(to, piece->bytes + piece->at, len);
	piece->at += len;
	return len;
}

static uint8_t opened[PIECE_MAX + 64];

static size_t open_piece(struct piece *piece, size_t room)
{
	struct live_crypt *crypt = live_crypt_new(KEY, IV);
	size_t len = 0, got;

	if (!crypt)
		return SIZE_MAX;
	piece->at = 0;
	while ((got = live_crypt_some(crypt, read_some, piece, opened + len, room)) > 0)
		len += got;
	live_crypt_free(crypt);
	return len;
}

static void seal(struct piece *piece, size_t len)
{
	struct AVAES *aes = av_aes_alloc();
	size_t padding = LIVE_CRYPT_BLOCK - len % LIVE_CRYPT_BLOCK;
	uint8_t key[LIVE_CRYPT_BLOCK], iv[LIVE_CRYPT_BLOCK];

	for (size_t i = 0; i < len; i++)
		piece->bytes[i] = (uint8_t)(i * 7 + i / 251);
	memset(piece->bytes + len, (int)padding, padding);
	piece->len = len + padding;
	CHECK(ward_hex_parse(WARD_STR(KEY), key, sizeof(key)));
	CHECK(ward_hex_parse(WARD_STR(IV), iv, sizeof(iv)));
	CHECK(aes && av_aes_init(aes, key, 128, 0) >= 0);
	av_aes_crypt(aes, piece->bytes, piece->bytes, (int)(piece->len / LIVE_CRYPT_BLOCK), iv, 0);
	av_free(aes);
}

static bool is_as_it_was(size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (opened[i] != (uint8_t)(i * 7 + i / 251))
			return false;
	}
	return true;
}

static struct piece piece;

static void the_published_example_is_opened(void)
{
	uint8_t clear[32];

	CHECK(ward_hex_parse(WARD_STR(SEALED), piece.bytes, 32));
	CHECK(ward_hex_parse(WARD_STR(CLEAR), clear, 32));
	piece.len = 32;
	piece.step = 5;
	/* It has no padding, and so none goes. */
	CHECK_EQ(open_piece(&piece, 100), 32);
	CHECK_EQ(memcmp(opened, clear, 32), 0);
}

static void pieces_of_every_length_come_whole_however_they_are_read(void)
{
	static const size_t steps[] = { 1, 15, 16, 17, 4096, 100000 }, rooms[] = { 1, 33, 32768 };

	for (size_t len = 0; len < 70; len++) {
		seal(&piece, len);
		for (size_t s = 0; s < 6; s++) {
			piece.step = steps[s];
			CHECK_EQ(open_piece(&piece, rooms[s % 3]), len);
			CHECK(is_as_it_was(len));
		}
	}
	seal(&piece, 19990 - 19990 % 16 - 16);
	for (size_t s = 0; s < 6; s++) {
		piece.step = steps[s];
		CHECK_EQ(open_piece(&piece, rooms[s % 3]), 19990 - 19990 % 16 - 16);
		CHECK(is_as_it_was(19990 - 19990 % 16 - 16));
	}
}

static void a_piece_that_is_cut_off_gives_its_whole_blocks(void)
{
	seal(&piece, 100);
	piece.step = 1000;
	piece.len = 70;
	CHECK_EQ(open_piece(&piece, 1000), 64);
	CHECK(is_as_it_was(64));
	piece.len = 15;
	CHECK_EQ(open_piece(&piece, 1000), 0);
}

static void what_is_no_key_opens_nothing(void)
{
	CHECK(!live_crypt_new(NULL, IV));
	CHECK(!live_crypt_new(KEY, NULL));
	CHECK(!live_crypt_new(KEY "00", IV));
	CHECK(!live_crypt_new("xb7e151628aed2a6abf7158809cf4f3c", IV));
	live_crypt_free(NULL);
}

static const struct test_case cases[] = {
	{ "the published example is opened", the_published_example_is_opened },
	{ "pieces of every length come whole, however they are read",
			pieces_of_every_length_come_whole_however_they_are_read },
	{ "a piece that is cut off gives its whole blocks",
			a_piece_that_is_cut_off_gives_its_whole_blocks },
	{ "what is no key opens nothing", what_is_no_key_opens_nothing },
};
TEST_MAIN(cases)
