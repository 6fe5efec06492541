/*
 * A body in two cuts gives the same parts: the first byte says where to cut,
 * the second how the boundary is written, the rest is the body.
 */
#include <assert.h>

#include "net/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told {
	struct ward_buf text;
	ward_err err;
};

static void take(struct told *told, struct multipart *multipart, ward_bytes input)
{
	struct multipart_event event;

	do {
		told->err = multipart_next(multipart, &input, &event, NULL);
		if (told->err || event.kind == MULTIPART_MORE)
			return;
		if (event.kind != MULTIPART_DATA)
			ward_buf_printf(&told->text, "\n%d %d ", (int)event.kind, event.is_file);
		ward_buf_str(&told->text, event.name);
		ward_buf_add(&told->text, event.data.ptr, event.data.len);
	} while (true);
}

static void read_body(struct told *told, ward_str type, ward_bytes body, size_t cut)
{
	static struct multipart multipart;

	ward_buf_init(&told->text, (size_t)1 << 24);
	told->err = multipart_begin(&multipart, type, 100, NULL);
	if (!told->err)
		take(told, &multipart, (ward_bytes){ body.ptr, cut });
	if (!told->err)
		take(told, &multipart, (ward_bytes){ body.ptr + cut, body.len - cut });
	if (!told->err)
		told->err = multipart_finish(&multipart, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct told whole = { 0 }, cut = { 0 };

	if (size < 2)
		return 0;
	ward_bytes body = { data + 2, size - 2 };
	ward_str type = WARD_STR("multipart/form-data; boundary=xyz");

	if (data[1] == 1) {
		/* The first line is the content type. */
		ward_str rest = { (const char *)body.ptr, body.len };

		type = ward_str_cut(&rest, '\n');
		body = (ward_bytes){ (const uint8_t *)rest.ptr, rest.len };
		(void)multipart_is(type);
	}
	read_body(&whole, type, body, body.len);
	read_body(&cut, type, body, body.len * data[0] / 256);
	assert(whole.err == cut.err);
	assert(ward_str_eq(ward_buf_text(&whole.text), ward_buf_text(&cut.text)));
	ward_buf_free(&whole.text);
	ward_buf_free(&cut.text);
	return 0;
}
