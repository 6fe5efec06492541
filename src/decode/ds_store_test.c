#include "base/test.h"
#include "decode/collect.h"
#include "decode/document.h"

/*
 * Places count from the fifth byte: the list at 32, the tree's head at 2048, a
 * node that is no leaf at 2112, leaves at 2560 and 3072.
 */
enum { LIST = 32, HEAD = 2048, INNER = 2112, LEFT = 2560, RIGHT = 3072, FILE_BYTES = 4096 };

static uint8_t image[FILE_BYTES];
static struct collected got;

static size_t put(size_t at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		image[4 + at + i] = (uint8_t)(value >> (24 - 8 * i));
	return at + 4;
}

static size_t put_text(size_t at, const char *text)
{
	memcpy(image + 4 + at, text, strlen(text));
	return at + strlen(text);
}

/* A record of a name in ASCII; its value is of that type, with `len` bytes if those are stated. */
static size_t put_record(size_t at, const char *name, const char *type, uint32_t len)
{
	size_t count = strlen(name);

	at = put(at, (uint32_t)count);
	for (size_t i = 0; i < count; i++, at += 2)
		image[4 + at + 1] = (uint8_t)name[i];
	at = put_text(put_text(at, "Iloc"), type);
	if (strcmp(type, "blob") == 0)
		return put(at, len) + len;
	return at + (strcmp(type, "bool") == 0 ? 1 : 4);
}

static void build(void)
{
	memset(image, 0, sizeof(image));
	image[3] = 1;
	(void)put(put_text(0, "Bud1"), LIST);
	size_t at = put(put(LIST, 4), 0);

	at = put(put(put(put(at, HEAD | 6), INNER | 6), LEFT | 9), RIGHT | 9);
	at = put(at + (256 - 4) * 4, 1);
	image[4 + at] = 4;
	(void)put(put_text(at + 1, "DSDB"), 0);
	(void)put(HEAD, 1);
	(void)put_record(put(put(put(INNER, 3), 1), 2), "m", "bool", 0);
	at = put_record(put(put(LEFT, 0), 3), "a.png", "blob", 16);
	(void)put_record(put_record(at, "a.png", "long", 0), "b\n.png", "shor", 0);
	(void)put_record(put(put(RIGHT, 0), 1), "z.jpg", "blob", 0);
}

static ward_err read_image(size_t len)
{
	uint8_t *copy;
	ward_bytes bytes = collect_copy((ward_bytes){ image, len }, &copy);

	collect_clear(&got);
	ward_err err = document_read(WARD_MEDIA_DS_STORE, bytes, &got.options, &got.sink,
			&got.error);

	free(copy);
	return err;
}

static void names_are_told_a_line_each(void)
{
	build();
	CHECK_EQ(read_image(FILE_BYTES), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK_STR(got.part_names[0], "names.txt");
	CHECK_STR(ward_buf_text(&got.part_bytes[0]).ptr, "m\nz.jpg\na.png\nb .png\n");
}

static void circles_end_and_are_told(void)
{
	build();
	(void)put(INNER + 8, 1);
	CHECK_EQ(read_image(FILE_BYTES), WARD_E_FORMAT);
	CHECK_STR(ward_buf_text(&got.part_bytes[0]).ptr, "m\nz.jpg\n");
}

static void what_lies_about_its_sizes_is_told(void)
{
	build();
	(void)put(LEFT + 8, 0x80000003u);
	CHECK_EQ(read_image(FILE_BYTES), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 1);
	build();
	(void)put(LIST, 0xffffffffu);
	CHECK_EQ(read_image(FILE_BYTES), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 0);
	build();
	CHECK_EQ(read_image(100), WARD_E_FORMAT);
	CHECK_EQ(read_image(3), WARD_E_FORMAT);
	/* The tree's head lies behind the end. */
	CHECK_EQ(read_image(HEAD), WARD_E_FORMAT);
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "names are told, a line each", names_are_told_a_line_each },
		{ "circles end, and are told", circles_end_and_are_told },
		{ "what lies about its sizes is told", what_lies_about_its_sizes_is_told },
	};

	collect_init(&got);
	int failed = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	collect_clear(&got);
	return failed;
}
