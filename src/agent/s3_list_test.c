#include "agent/s3_list.h"
#include "base/test.h"

#include <stdlib.h>

static struct ward_arena arena;

static ward_err read_text(const char *text, struct s3_page *page, struct ward_error *error)
{
	ward_arena_free(&arena);
	ward_arena_init(&arena, (size_t)32 << 20);
	return s3_list_read(&arena, (ward_bytes){ (const uint8_t *)text, strlen(text) }, page,
			error);
}

static void a_page_tells_its_objects_and_how_it_goes_on(void)
{
	struct ward_error error;
	struct s3_page page;

	CHECK_EQ(read_text("<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.example/\">"
			   "<Name>harbour</Name><IsTruncated>true</IsTruncated>"
			   "<NextContinuationToken>1/a=</NextContinuationToken>"
			   "<Contents><Key>a&amp;b.png</Key><LastModified>2026-03-01T00:00:07.123Z"
			   "</LastModified><ETag>&quot;ab12&quot;</ETag><Size>77</Size>"
			   "<Owner><ID>1</ID><Key>no</Key></Owner></Contents>"
			   "<Contents><Size>x</Size><Key>c</Key></Contents></ListBucketResult>",
				 &page, &error),
			WARD_OK);
	CHECK_EQ(page.count, 2);
	CHECK_STR(page.objects[0].key, "a&b.png");
	CHECK_STR(page.objects[0].etag, "\"ab12\"");
	CHECK_EQ(page.objects[0].size, 77);
	CHECK_EQ(page.objects[0].changed, 1772323207);
	CHECK_STR(page.objects[1].key, "c");
	CHECK_STR(page.objects[1].etag, "");
	CHECK_STR(page.next, "1/a=");
}

static void encoded_keys_are_decoded_wherever_it_is_said(void)
{
	struct ward_error error;
	struct s3_page page;

	CHECK_EQ(read_text("<ListBucketResult><Contents><Key>a%2Fb+c%01%zz</Key></Contents>"
			   "<Contents><Key>a%00b</Key></Contents><Contents><Size>1</Size></"
			   "Contents>"
			   "<EncodingType>url</EncodingType></ListBucketResult>",
				 &page, &error),
			WARD_OK);
	CHECK_EQ(page.count, 1);
	CHECK_STR(page.objects[0].key, "a/b c\x01%zz");
	CHECK_EQ(page.passed, 2);
	CHECK(page.next == NULL);
}

static void a_page_comes_out_of_the_jail_as_it_was(void)
{
	static uint8_t written[4096];
	struct ward_error error;
	struct s3_page page, again;
	size_t len;

	CHECK_EQ(read_text("<ListBucketResult><IsTruncated>true</IsTruncated>"
			   "<NextContinuationToken>t=</NextContinuationToken>"
			   "<Contents><Key>a</Key><ETag>e</ETag><Size>77</Size></Contents>"
			   "<Contents><Key>b/c</Key></Contents><Contents/></ListBucketResult>",
				 &page, &error),
			WARD_OK);
	CHECK(s3_page_write(&page, written, sizeof(written), &len));
	CHECK_EQ(s3_page_read(&arena, (ward_bytes){ written, len }, &again, &error), WARD_OK);
	CHECK_EQ(again.count, 2);
	CHECK_EQ(again.passed, 1);
	CHECK_STR(again.next, "t=");
	CHECK_STR(again.objects[0].key, "a");
	CHECK_STR(again.objects[0].etag, "e");
	CHECK_EQ(again.objects[0].size, 77);
	CHECK_STR(again.objects[1].key, "b/c");
	/* What is cut off anywhere, or has more behind it, is nothing. */
	for (size_t room = 0; room < len; room++) {
		size_t none;

		CHECK(!s3_page_write(&page, written, room, &none));
	}
	CHECK(s3_page_write(&page, written, sizeof(written), &len));
	for (size_t cut = 0; cut < len; cut++)
		CHECK_EQ(s3_page_read(&arena, (ward_bytes){ written, cut }, &again, &error),
				WARD_E_FORMAT);
	CHECK_EQ(s3_page_read(&arena, (ward_bytes){ written, len + 1 }, &again, &error),
			WARD_E_FORMAT);
}

static void what_is_no_list_is_refused(void)
{
	static const char *const wrong[] = {
		"",
		"words",
		"<Error><Code>AccessDenied</Code></Error>",
		"<ListBucketResult>",
		"<!DOCTYPE a [<!ENTITY b \"c\">]><ListBucketResult>&b;</ListBucketResult>",
		"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
		"<ListBucketResult><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
	};
	struct ward_error error;
	struct s3_page page;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		CHECK(read_text(wrong[i], &page, &error) != WARD_OK);
}

static void a_page_is_bounded(void)
{
	struct ward_error error;
	struct s3_page page;
	struct ward_buf text;

	ward_buf_init(&text, (size_t)16 << 20);
	ward_buf_str(&text, WARD_STR("<ListBucketResult>"));
	for (int i = 0; i < S3_PAGE_OBJECTS; i++)
		ward_buf_printf(&text, "<Contents><Key>%d</Key></Contents>", i);
	size_t len = text.len;

	ward_buf_str(&text, WARD_STR("</ListBucketResult>"));
	CHECK_EQ(read_text(ward_buf_text(&text).ptr, &page, &error), WARD_OK);
	CHECK_EQ(page.count, S3_PAGE_OBJECTS);
	text.len = len;
	ward_buf_str(&text, WARD_STR("<Contents><Key>a</Key></Contents></ListBucketResult>"));
	CHECK_EQ(read_text(ward_buf_text(&text).ptr, &page, &error), WARD_E_LIMIT);
	ward_buf_free(&text);
	ward_arena_free(&arena);
}

static const struct test_case cases[] = {
	{ "a page tells its objects and how it goes on",
			a_page_tells_its_objects_and_how_it_goes_on },
	{ "encoded keys are decoded, wherever it is said",
			encoded_keys_are_decoded_wherever_it_is_said },
	{ "a page comes out of the jail as it was", a_page_comes_out_of_the_jail_as_it_was },
	{ "what is no list is refused", what_is_no_list_is_refused },
	{ "a page is bounded", a_page_is_bounded },
};
TEST_MAIN(cases)
