/*
 * Mailboxes that tests/scenario/pst_make.py wrote, of which readpst reads the
 * same (tests/scenario/documents.t): here they are bent.
 */
#include "base/test.h"
#include "decode/collect.h"
#include "decode/document.h"

#include "base/file.h"
#include "decode/rtf_unpack.h"

static struct collected got;
static uint8_t *image;
static size_t image_len;

static void load(const char *name)
{
	char path[4096], *text;
	size_t len;

	snprintf(path, sizeof(path), "%s/tests/corpus/pst/%s", getenv("WARD_SOURCE_ROOT"), name);
	if (file_read(path, 1 << 20, &text, &len, NULL))
		abort();
	free(image);
	collect_copy((ward_bytes){ (const uint8_t *)text, len }, &image);
	image_len = len;
	free(text);
}

static ward_err read_image(void)
{
	uint8_t *copy;
	ward_bytes file = collect_copy((ward_bytes){ image, image_len }, &copy);

	collect_clear(&got);
	ward_err err = document_read(WARD_MEDIA_PST, file, &got.options, &got.sink, &got.error);

	free(copy);
	return err;
}

static void put(size_t at, size_t len, uint64_t value)
{
	for (size_t i = 0; i < len; i++)
		image[at + i] = (uint8_t)(value >> 8 * i);
}

static uint64_t take(size_t at, size_t len)
{
	uint64_t value = 0;

	for (size_t i = len; i > 0; i--)
		value = value << 8 | image[at + i - 1];
	return value;
}

/* The part of that name, or NULL. */
static struct ward_buf *part(const char *name)
{
	for (uint32_t i = 0; i < got.part_count && i < COLLECT_PARTS_MAX; i++) {
		if (strcmp(got.part_names[i], name) == 0)
			return &got.part_bytes[i];
	}
	return NULL;
}

static bool part_is(const char *name, const char *word, unsigned times)
{
	const struct ward_buf *bytes = part(name);
	size_t len = strlen(word);
	bool is = bytes && bytes->len == len * times;

	for (unsigned i = 0; is && i < times; i++)
		is = memcmp(bytes->ptr + i * len, word, len) == 0;
	return is;
}

static bool has_all_parts(void)
{
	return got.part_count == 10 &&
	       part_is("Inbox!RE: The lamp!body.txt", "The lamp is lit.\r\n", 1) &&
	       part_is("Inbox!RE: The lamp!body.html", "<p>The lamp</p>", 1) &&
	       part_is("Inbox!RE: The lamp!lighthouse.png", "lighthouse", 820) &&
	       part_is("Inbox!RE: The lamp!bridge.png", "bridge", 1) &&
	       part("Inbox/Boats!message 1!body.txt") &&
	       part("Inbox/Boats!message 1!body.txt")->len == 10 + 6 * 700 &&
	       part_is("Inbox/Boats!message 1!The way!body.txt", "Below.", 1) &&
	       part_is("Inbox/Boats!message 1!The way!body.rtf",
			       "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", 1) &&
	       part_is("Inbox/Boats!message 1!The way!deep.png", "lighthouse", 820) &&
	       part_is("Inbox/Boats!message 1!attachment 2", "bridge", 1) &&
	       part_is("Inbox/Boats!message 1!object", "lighthouse", 820);
}

/* ---- sound ones ---- */

static void messages_and_what_is_attached_are_told_by_their_folders(void)
{
	static const char *const names[] = { "unicode", "ansi", "4k" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		load(names[i]);
		CHECK_EQ(read_image(), WARD_OK);
		CHECK(has_all_parts());
	}
}

/* The second example of [MS-OXRTFCP], whose words are of one that is not written yet; and bent. */
static void a_body_in_rtf_is_unpacked(void)
{
	static const uint8_t again[] = { 0x1a, 0, 0, 0, 0x1c, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xe2,
		0xd4, 0x4b, 0x51, 0x41, 0, 4, 0x20, 0x57, 0x58, 0x59, 0x5a, 0x0d, 0x6e, 0x7d, 1,
		0x0e, 0xb0 };
	struct ward_buf out;

	ward_buf_init(&out, 1000);
	CHECK(rtf_unpack((ward_bytes){ again, sizeof(again) }, &out));
	CHECK_STR(ward_buf_text(&out).ptr, "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
	ward_buf_clear(&out);
	CHECK(!rtf_unpack((ward_bytes){ again, 24 }, &out));
	CHECK_STR(ward_buf_text(&out).ptr, "{\\rtf1 WXYZ");
	ward_buf_clear(&out);
	CHECK(!rtf_unpack((ward_bytes){ again, 15 }, &out));
	CHECK(rtf_unpack((ward_bytes){ (const uint8_t *)"....\2\0\0\0MELA....{}", 18 }, &out));
	CHECK_STR(ward_buf_text(&out).ptr, "{}");
	ward_buf_free(&out);
}

/* ---- bent ones ---- */

static void what_cannot_be_known_is_said(void)
{
	load("unicode");
	put(10, 2, 7);
	CHECK_EQ(read_image(), WARD_E_UNSUPPORTED);
	load("unicode");
	put(513, 1, 0x10); /* sealed with a key of the machine's */
	CHECK_EQ(read_image(), WARD_OK);
	CHECK(got.part_count == 1 && got.part_encrypted[0]);
	load("unicode");
	image_len = 200;
	CHECK_EQ(read_image(), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 0);
}

static void a_byte_that_changed_is_damage_and_hides_nothing(void)
{
	size_t at = 1024;

	load("ansi");
	/* The first block is behind the head; its names are of no message. */
	image[at + 8] ^= 1;
	CHECK_EQ(read_image(), WARD_E_FORMAT);
	CHECK(part("Inbox!RE: The lamp!lighthouse.png"));
	CHECK(strstr(got.error.message, "damaged"));
}

static void what_breaks_off_is_damage(void)
{
	load("unicode");
	for (size_t len = 564; len < 64000 && len < image_len; len += 997) {
		image_len = len;
		CHECK_EQ(read_image(), WARD_E_FORMAT);
		load("unicode");
	}
}

static void a_tree_that_leads_into_itself_ends(void)
{
	load("unicode");
	size_t root = (size_t)take(224, 8);

	CHECK(image[root + 491] > 0); /* it has pages below */
	put(root + 16, 8, root);
	CHECK_EQ(read_image(), WARD_E_FORMAT);
	/* What the other entries lead to is there. */
	CHECK(got.part_count > 0);
	load("unicode");
	root = (size_t)take(240, 8);
	for (unsigned i = 0; i < image[root + 488]; i++)
		put(root + 24 * (size_t)i + 16, 8, root);
	CHECK_EQ(read_image(), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 0);
}

static void a_page_that_says_it_has_more_than_it_can_is_not_read(void)
{
	load("ansi");
	size_t root = (size_t)take(188, 4);

	put(root + 496, 1, 255);
	CHECK_EQ(read_image(), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 0);
}

static void the_same_block_over_and_over_is_not_read_for_ever(void)
{
	load("bomb");
	CHECK_EQ(read_image(), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 1);
	CHECK(part("Again!again") == NULL);
	CHECK(part("Again!attachment 1") && part("Again!attachment 1")->len >= 8000 &&
			part("Again!attachment 1")->len <= 4 * image_len);
}

static void limits_end_the_reading(void)
{
	load("unicode");
	got.options.limits.parts_max = 3;
	CHECK_EQ(read_image(), WARD_E_LIMIT);
	CHECK_EQ(got.part_count, 3);
	got.options.limits.parts_max = 100;
	got.options.limits.bytes_max = 5000;
	CHECK_EQ(read_image(), WARD_E_LIMIT);
	got.options.limits = ward_limits_default();
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "messages and what is attached are told by their folders",
				messages_and_what_is_attached_are_told_by_their_folders },
		{ "a body in rtf is unpacked", a_body_in_rtf_is_unpacked },
		{ "what cannot be known is said", what_cannot_be_known_is_said },
		{ "a byte that changed is damage, and hides nothing",
				a_byte_that_changed_is_damage_and_hides_nothing },
		{ "what breaks off is damage", what_breaks_off_is_damage },
		{ "a tree that leads into itself ends", a_tree_that_leads_into_itself_ends },
		{ "a page that says it has more than it can is not read",
				a_page_that_says_it_has_more_than_it_can_is_not_read },
		{ "the same block over and over is not read for ever",
				the_same_block_over_and_over_is_not_read_for_ever },
		{ "limits end the reading", limits_end_the_reading },
	};

	collect_init(&got);
	int failed = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	collect_clear(&got);
	free(image);
	return failed;
}
