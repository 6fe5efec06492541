/*
 * pdf_make.h - for tests: a PDF from its objects, with a table of where they are
 *
 * pdf_make_begin, an object after the other (numbered from 1 in that order),
 * pdf_make_end with what the trailer says.
 */
#ifndef DECODE_PDF_MAKE_H
#define DECODE_PDF_MAKE_H

#include <ward/base.h>

struct pdf_make {
	struct ward_buf out;
	size_t at[64];
	int objects;
};

static inline void pdf_make_begin(struct pdf_make *make)
{
	ward_buf_init(&make->out, (size_t)64 << 20);
	ward_buf_str(&make->out, WARD_STR("%PDF-1.7\n"));
	make->objects = 0;
}

static inline void pdf_make_object(struct pdf_make *make, const char *body)
{
	if (++make->objects == 64)
		abort();
	make->at[make->objects] = make->out.len;
	ward_buf_printf(&make->out, "%d 0 obj\n%s\nendobj\n", make->objects, body);
}

/* `dictionary` is what stands in it beside the length. */
static inline void pdf_make_stream(struct pdf_make *make, const char *dictionary, ward_bytes bytes)
{
	if (++make->objects == 64)
		abort();
	make->at[make->objects] = make->out.len;
	ward_buf_printf(&make->out, "%d 0 obj\n<<%s/Length %zu>>stream\n", make->objects,
			dictionary, bytes.len);
	ward_buf_add(&make->out, bytes.ptr, bytes.len);
	ward_buf_str(&make->out, WARD_STR("\nendstream\nendobj\n"));
}

static inline ward_bytes pdf_make_end(struct pdf_make *make, const char *trailer)
{
	size_t table = make->out.len;

	ward_buf_printf(&make->out, "xref\n0 %d\n0000000000 65535 f \n", make->objects + 1);
	for (int i = 1; i <= make->objects; i++)
		ward_buf_printf(&make->out, "%010zu 00000 n \n", make->at[i]);
	ward_buf_printf(&make->out, "trailer\n<<%s>>\nstartxref\n%zu\n%%%%EOF\n", trailer, table);
	return (ward_bytes){ (uint8_t *)make->out.ptr, make->out.len };
}

#endif
