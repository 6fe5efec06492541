#include "base/id.h"
#include "base/test.h"
#include "seal/sealed.h"

#include <sodium.h>
#include <unistd.h>

static struct ward_error error;
static struct sealed_name name;
static struct ward_buf sealed, plain;
static uint8_t bytes[3 * SEALED_CHUNK + 100];

static ward_err into(void *context, ward_bytes some, struct ward_error *failure)
{
	struct ward_buf *buf = context;

	ward_buf_add(buf, some.ptr, some.len);
	return buf->failed ? ward_fail(failure, WARD_E_NOMEM, "full") : WARD_OK;
}

/* Gives a text in pieces of `step`. */
struct pieces {
	const uint8_t *at;
	size_t left, step;
};

static ward_err from(void *context, uint8_t *out, size_t room, size_t *len,
		struct ward_error *failure)
{
	struct pieces *pieces = context;

	(void)failure;
	*len = pieces->left < room ? pieces->left : room;
	if (pieces->step > 0 && *len > pieces->step)
		*len = pieces->step;
	if (*len > 0)
		memcpy(out, pieces->at, *len);
	pieces->at += *len;
	pieces->left -= *len;
	return WARD_OK;
}

static void begin(void)
{
	ward_buf_free(&sealed);
	ward_buf_free(&plain);
	ward_buf_init(&sealed, 1 << 20);
	ward_buf_init(&plain, 1 << 20);
	randombytes_buf(&name, sizeof(name));
}

static ward_err seal(size_t len, struct sealed_totals *totals)
{
	struct sealed_input input = { .bytes = { bytes, len } };

	begin();
	randombytes_buf(bytes, len);
	return sealed_make(&name, &input, into, &sealed, totals, &error);
}

static ward_err open_it(size_t step, struct sealed_totals *totals)
{
	struct pieces pieces = { (const uint8_t *)sealed.ptr, sealed.len, step };

	ward_buf_clear(&plain);
	return sealed_open(&name, from, &pieces, into, &plain, totals, &error);
}

static void what_is_sealed_opens_again_at_every_size(void)
{
	static const size_t sizes[] = { 0, 1, 17, 1000, SEALED_CHUNK - 1, SEALED_CHUNK,
		SEALED_CHUNK + 1, 2 * SEALED_CHUNK, 3 * SEALED_CHUNK + 100 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct sealed_totals made, opened;
		struct ward_digests digests;

		CHECK_EQ(seal(sizes[i], &made), WARD_OK);
		CHECK_EQ(sealed.len, sealed_size(sizes[i]));
		CHECK_EQ(made.sealed_bytes, sealed.len);
		CHECK_EQ(ward_digest((ward_bytes){ bytes, sizes[i] }, &digests), WARD_OK);
		CHECK_EQ(made.plain.bytes, sizes[i]);
		CHECK(memcmp(digests.md5, made.plain.md5, 16) == 0);
		CHECK(memcmp(digests.sha1, made.plain.sha1, 20) == 0);
		CHECK(memcmp(digests.sha256, made.plain.sha256, 32) == 0);
		CHECK_EQ(ward_digest((ward_bytes){ (uint8_t *)sealed.ptr, sealed.len }, &digests),
				WARD_OK);
		CHECK(memcmp(digests.sha256, made.sealed_sha256, 32) == 0);
		CHECK_EQ(open_it(0, &opened), WARD_OK);
		CHECK_EQ(plain.len, sizes[i]);
		CHECK(sizes[i] == 0 || memcmp(plain.ptr, bytes, sizes[i]) == 0);
		CHECK(memcmp(opened.plain.sha256, made.plain.sha256, 32) == 0);
		CHECK_EQ(opened.sealed_bytes, made.sealed_bytes);
	}
}

static void a_source_may_give_its_bytes_in_any_pieces(void)
{
	struct pieces pieces;
	struct sealed_input input = { .read = from, .context = &pieces };
	struct sealed_totals totals;

	for (size_t step = 1; step < 200000; step = step * 7 + 1) {
		begin();
		pieces = (struct pieces){ bytes, 2 * SEALED_CHUNK + 5, step };
		CHECK_EQ(sealed_make(&name, &input, into, &sealed, &totals, &error), WARD_OK);
		CHECK_EQ(open_it(step + 3, &totals), WARD_OK);
		CHECK_EQ(plain.len, 2 * SEALED_CHUNK + 5);
		CHECK(memcmp(plain.ptr, bytes, plain.len) == 0);
	}
}

static void a_descriptor_is_read_to_its_end(void)
{
	FILE *file = tmpfile();
	struct sealed_input input = { .from_fd = true, .fd = fileno(file) };
	struct sealed_totals totals;

	begin();
	CHECK_EQ(fwrite(bytes, 1, 100000, file), 100000);
	CHECK_EQ(fflush(file), 0);
	CHECK_EQ(lseek(input.fd, 0, SEEK_SET), 0);
	CHECK_EQ(sealed_make(&name, &input, into, &sealed, &totals, &error), WARD_OK);
	CHECK_EQ(open_it(0, &totals), WARD_OK);
	CHECK(plain.len == 100000 && memcmp(plain.ptr, bytes, 100000) == 0);
	fclose(file);
	input.fd = -1;
	CHECK_EQ(sealed_make(&name, &input, into, &sealed, &totals, &error), WARD_E_IO);
}

static void more_than_was_agreed_is_refused(void)
{
	struct sealed_input input = { .bytes = { bytes, 70000 }, .bytes_max = 69999 };
	struct sealed_totals totals;

	begin();
	CHECK_EQ(sealed_make(&name, &input, into, &sealed, &totals, &error), WARD_E_LIMIT);
	begin();
	input.bytes_max = 70000;
	CHECK_EQ(sealed_make(&name, &input, into, &sealed, &totals, &error), WARD_OK);
}

/* 1500 bytes and two chunks: each byte, with one bit and with all of them changed. */
static void no_byte_can_be_changed(void)
{
	struct sealed_totals totals;

	CHECK_EQ(seal(1500, &totals), WARD_OK);
	for (size_t i = 0; i < sealed.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			sealed.ptr[i] ^= (char)(1 << bit);
			ward_err err = open_it(0, &totals);

			CHECK(err == WARD_E_CORRUPT || (i == 8 && err == WARD_E_UNSUPPORTED));
			CHECK_EQ(plain.len, 0);
			sealed.ptr[i] ^= (char)(1 << bit);
		}
	}
	CHECK_EQ(open_it(0, &totals), WARD_OK);
}

static void a_file_cut_anywhere_or_with_more_behind_it_is_not_whole(void)
{
	struct sealed_totals totals;

	CHECK_EQ(seal(SEALED_CHUNK + 30, &totals), WARD_OK);
	size_t whole = sealed.len;

	for (size_t len = 0; len < whole; len += len < SEALED_CHUNK ? 509 : 1) {
		sealed.len = len;
		CHECK_EQ(open_it(0, &totals), WARD_E_CORRUPT);
	}
	sealed.len = whole;
	ward_buf_char(&sealed, 0);
	CHECK_EQ(open_it(0, &totals), WARD_E_CORRUPT);
	/* The last chunk was verified, and yet is not handed out. */
	CHECK_EQ(plain.len, SEALED_CHUNK);
}

static void chunks_that_change_places_do_not_open(void)
{
	static uint8_t chunk[SEALED_CHUNK + SEALED_TAG];
	struct sealed_totals totals;

	CHECK_EQ(seal(3 * SEALED_CHUNK, &totals), WARD_OK);
	uint8_t *first = (uint8_t *)sealed.ptr + SEALED_HEAD, *second = first + sizeof(chunk);

	memcpy(chunk, first, sizeof(chunk));
	memcpy(first, second, sizeof(chunk));
	memcpy(second, chunk, sizeof(chunk));
	CHECK_EQ(open_it(0, &totals), WARD_E_CORRUPT);
	CHECK_EQ(plain.len, 0);
}

static void an_item_opens_under_its_own_name_and_key_only(void)
{
	struct sealed_totals totals;

	CHECK_EQ(seal(100, &totals), WARD_OK);
	name.id[15] ^= 1;
	CHECK_EQ(open_it(0, &totals), WARD_E_CORRUPT);
	/* Nor does it when the name in the file is changed with it. */
	sealed.ptr[16 + 15] ^= 1;
	CHECK_EQ(open_it(0, &totals), WARD_E_CORRUPT);
	sealed.ptr[16 + 15] ^= 1;
	name.id[15] ^= 1;
	name.key[0] ^= 1;
	CHECK_EQ(open_it(0, &totals), WARD_E_CORRUPT);
	name.key[0] ^= 1;
	CHECK_EQ(open_it(0, &totals), WARD_OK);
}

static ward_err refuse(void *context, ward_bytes some, struct ward_error *failure)
{
	(void)context;
	(void)some;
	return ward_fail(failure, WARD_E_IO, "the disk is full");
}

static ward_err break_off(void *context, uint8_t *out, size_t room, size_t *len,
		struct ward_error *failure)
{
	(void)context;
	(void)out;
	(void)room;
	(void)len;
	return ward_fail(failure, WARD_E_TIMEOUT, "the line went dead");
}

static void what_source_and_sink_say_is_handed_on(void)
{
	struct sealed_input input = { .read = break_off };
	struct sealed_totals totals;

	begin();
	CHECK_EQ(sealed_make(&name, &input, into, &sealed, &totals, &error), WARD_E_TIMEOUT);
	input = (struct sealed_input){ .bytes = { bytes, 10 } };
	CHECK_EQ(sealed_make(&name, &input, refuse, NULL, &totals, &error), WARD_E_IO);
	CHECK_EQ(seal(10, &totals), WARD_OK);
	CHECK_EQ(sealed_open(&name, break_off, NULL, into, &plain, &totals, &error),
			WARD_E_TIMEOUT);
}

static void an_id_is_read_as_it_is_written(void)
{
	char text[ID_TEXT_MAX];
	uint8_t id[SEALED_ID];

	CHECK(sealed_id_parse(ward_str_from(id_new(text)), id));
	CHECK(sealed_id_parse(WARD_STR("01900000-0000-7000-8000-0123456789ab"), id));
	CHECK_EQ(id[15], 0xab);
	CHECK(!sealed_id_parse(WARD_STR("01900000-0000-7000-8000-0123456789AB"), id));
	CHECK(!sealed_id_parse(WARD_STR("01900000-0000-7000-8000-0123456789a"), id));
	CHECK(!sealed_id_parse(WARD_STR("01900000-0000-7000-8000-0123456789a/"), id));
	CHECK(!sealed_id_parse(WARD_STR("01900000000007000-8000-0123456789ab-"), id));
}

static const struct test_case cases[] = {
	{ "what is sealed opens again, at every size", what_is_sealed_opens_again_at_every_size },
	{ "a source may give its bytes in any pieces", a_source_may_give_its_bytes_in_any_pieces },
	{ "a descriptor is read to its end", a_descriptor_is_read_to_its_end },
	{ "more than was agreed is refused", more_than_was_agreed_is_refused },
	{ "no byte can be changed", no_byte_can_be_changed },
	{ "a file cut anywhere, or with more behind it, is not whole",
			a_file_cut_anywhere_or_with_more_behind_it_is_not_whole },
	{ "chunks that change places do not open", chunks_that_change_places_do_not_open },
	{ "an item opens under its own name and key only",
			an_item_opens_under_its_own_name_and_key_only },
	{ "what source and sink say is handed on", what_source_and_sink_say_is_handed_on },
	{ "an id is read as it is written", an_id_is_read_as_it_is_written },
};
TEST_MAIN(cases)
