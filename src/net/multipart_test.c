#include "net/multipart.h"

#include "base/test.h"

#define TYPE "multipart/form-data; boundary=xyz"

/* What a body becomes: "name[*]=data;" for each part, "." at its closing boundary. */
struct told {
	char text[4096];
	size_t len;
	ward_err err;
	struct ward_error error;
};

static void tell(struct told *told, const char *bytes, size_t len)
{
	if (told->len + len < sizeof(told->text)) {
		memcpy(told->text + told->len, bytes, len);
		told->len += len;
		told->text[told->len] = '\0';
	}
}

static void take(struct told *told, struct multipart *multipart, ward_bytes input)
{
	struct multipart_event event;

	for (;;) {
		told->err = multipart_next(multipart, &input, &event, &told->error);
		if (told->err || event.kind == MULTIPART_MORE)
			return;
		if (event.kind == MULTIPART_PART) {
			tell(told, event.name.ptr, event.name.len);
			tell(told, event.is_file ? "*=" : "=", event.is_file ? 2 : 1);
		}
		if (event.kind == MULTIPART_DATA)
			tell(told, (const char *)event.data.ptr, event.data.len);
		if (event.kind == MULTIPART_PART_END)
			tell(told, ";", 1);
		if (event.kind == MULTIPART_END)
			tell(told, ".", 1);
	}
}

static struct told read_body(const char *type, ward_str body, size_t step)
{
	struct told told = { 0 };
	static struct multipart multipart;

	told.err = multipart_begin(&multipart, ward_str_from(type), 3, &told.error);
	for (size_t at = 0; at < body.len && !told.err; at += step) {
		size_t len = body.len - at < step ? body.len - at : step;

		take(&told, &multipart, (ward_bytes){ (const uint8_t *)body.ptr + at, len });
	}
	if (!told.err)
		told.err = multipart_finish(&multipart, &told.error);
	return told;
}

static void takes_a_body_apart(void)
{
	struct told told = read_body(TYPE,
			WARD_STR("--xyz\r\nContent-Disposition: form-data; name=\"a\"; "
				 "filename=\"f\"\r\n\r\none\r\n-\r\n--xy\r\n--xyz\r\n"
				 "content-disposition:form-data;name=b\r\n\r\n\r\n--xyz--\r\nrest"),
			4096);

	CHECK_EQ(told.err, WARD_OK);
	CHECK_STR(told.text, "a*=one\r\n-\r\n--xy;b=;.");
}

static void a_line_that_goes_on_behind_the_boundary_is_refused(void)
{
	struct told told = read_body(TYPE,
			WARD_STR("--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n"
				 "1\r\n--xyz2\r\n--xyz--"),
			4096);

	CHECK_EQ(told.err, WARD_E_FORMAT);
	CHECK_STR(told.error.message, "a boundary is followed by something else");
}

static void gives_the_same_however_it_is_cut(void)
{
	static const char body[] =
			"preamble\r\n--xyz \t\r\n"
			"Content-Disposition: form-data; name=\"a\"; filename=\"f.jpg\"\r\n\r\n"
			"one\r\n-\r\n--xy\r\r\n--xyy\r\n\r\n--xyz\r\n"
			"Content-Disposition: form-data; name=\"b\"\r\n\r\n"
			"\r\r\r\n\r\n--xyz--";
	struct told whole = read_body(TYPE, ward_str_from(body), 4096);

	CHECK_EQ(whole.err, WARD_OK);
	CHECK_STR(whole.text, "a*=one\r\n-\r\n--xy\r\r\n--xyy\r\n;b=\r\r\r\n;.");
	for (size_t step = 1; step < sizeof(body); step++) {
		struct told cut = read_body(TYPE, ward_str_from(body), step);

		CHECK_EQ(cut.err, WARD_OK);
		CHECK_STR(cut.text, whole.text);
	}
}

static void a_quoted_name_may_hold_anything(void)
{
	struct told told = read_body("Multipart/Form-Data ; charset=x; Boundary=\"xyz\"",
			WARD_STR("--xyz\r\nContent-Disposition: form-data; "
				 "name=\"a;\\\"b\\\\=\"\r\n\r\n1\r\n--xyz--"),
			4096);

	CHECK_EQ(told.err, WARD_OK);
	CHECK_STR(told.text, "a;\"b\\==1;.");
}

static void an_empty_file_name_is_a_file_still(void)
{
	struct told told = read_body(TYPE,
			WARD_STR("--xyz\r\nContent-Disposition: form-data; name=a; "
				 "filename=\"\"\r\n\r\n\r\n--xyz--"),
			4096);

	CHECK_EQ(told.err, WARD_OK);
	CHECK_STR(told.text, "a*=;.");
}

static void a_body_that_stops_early_is_told(void)
{
	struct told told = read_body(TYPE,
			WARD_STR("--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n123"), 7);

	CHECK_EQ(told.err, WARD_E_FORMAT);
	CHECK_STR(told.error.message, "the multipart body ends before its last boundary");
	CHECK_EQ(read_body(TYPE, WARD_STR(""), 1).err, WARD_E_FORMAT);
}

static void too_many_parts_are_refused(void)
{
#define PART "--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
	struct told told = read_body(TYPE, WARD_STR(PART PART PART "--xyz--"), 5);

	CHECK_EQ(told.err, WARD_OK);
	told = read_body(TYPE, WARD_STR(PART PART PART PART "--xyz--"), 5);
	CHECK_EQ(told.err, WARD_E_LIMIT);
}

struct bad {
	const char *header;
	ward_err err;
};

static void a_part_that_cannot_be_understood_fails_the_body(void)
{
	static const struct bad bad[] = {
		{ "Content-Type: text/plain\r\n", WARD_E_FORMAT },
		{ "", WARD_E_FORMAT },
		{ "Content-Disposition: attachment; name=a\r\n", WARD_E_FORMAT },
		{ "Content-Disposition: form-data\r\n", WARD_E_FORMAT },
		{ "Content-Disposition: form-data; name=\"a\r\n", WARD_E_FORMAT },
		{ "Content-Disposition: form-data; name=a; x\r\n", WARD_E_FORMAT },
		{ "Content-Disposition: form-data; name=a\r\n"
		  "Content-Disposition: form-data; name=b\r\n",
				WARD_E_FORMAT },
		{ "Content-Disposition: form-data; name=a\n", WARD_E_FORMAT },
		{ " folded: x\r\nContent-Disposition: form-data; name=a\r\n", WARD_E_FORMAT },
		{ "nothing\r\nContent-Disposition: form-data; name=a\r\n", WARD_E_FORMAT },
		{ "Content-Disposition: form-data; name=a\r\n"
		  "Content-Transfer-Encoding: base64\r\n",
				WARD_E_UNSUPPORTED },
		{ "Content-Disposition: form-data; name=a\r\n"
		  "Content-Type: multipart/mixed; boundary=abc\r\n",
				WARD_E_UNSUPPORTED },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char body[512];

		snprintf(body, sizeof(body), "--xyz\r\n%s\r\nbytes\r\n--xyz--", bad[i].header);
		printf("# %zu\n", i);
		CHECK_EQ(read_body(TYPE, ward_str_from(body), 4096).err, bad[i].err);
	}
}

static void headers_without_end_are_cut_off(void)
{
	static char body[2 * MULTIPART_HEADERS_MAX];

	memset(body, 'a', sizeof(body));
	memcpy(body, "--xyz\r\n", 7);
	CHECK_EQ(read_body(TYPE, (ward_str){ body, sizeof(body) }, 100).err, WARD_E_FORMAT);
}

static void a_boundary_must_be_usable(void)
{
	static const char *const bad[] = {
		"multipart/form-data",
		"multipart/form-data; boundary=",
		"multipart/form-data; boundary=\"",
		"multipart/form-data; boundary=\"a b \"",
		"multipart/form-data; boundary=a\rb",
		("multipart/form-data; boundary="
		 "12345678901234567890123456789012345678901234567890123456789012345678901"),
	};
	static struct multipart multipart;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK(multipart_is(ward_str_from(bad[i])));
		CHECK_EQ(multipart_begin(&multipart, ward_str_from(bad[i]), 1, NULL),
				WARD_E_FORMAT);
	}
	CHECK(!multipart_is(WARD_STR("multipart/mixed; boundary=a")));
	CHECK(!multipart_is(WARD_STR("")));
}

static const struct test_case cases[] = {
	{ "takes a body apart", takes_a_body_apart },
	{ "a line that goes on behind the boundary is refused",
			a_line_that_goes_on_behind_the_boundary_is_refused },
	{ "gives the same however it is cut", gives_the_same_however_it_is_cut },
	{ "a quoted name may hold anything", a_quoted_name_may_hold_anything },
	{ "an empty file name is a file still", an_empty_file_name_is_a_file_still },
	{ "a body that stops early is told", a_body_that_stops_early_is_told },
	{ "too many parts are refused", too_many_parts_are_refused },
	{ "a part that cannot be understood fails the body",
			a_part_that_cannot_be_understood_fails_the_body },
	{ "headers without end are cut off", headers_without_end_are_cut_off },
	{ "a boundary must be usable", a_boundary_must_be_usable },
};
TEST_MAIN(cases)
