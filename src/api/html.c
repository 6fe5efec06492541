#include "api/html.h"

#include <inttypes.h>

void html_text(struct ward_buf *out, ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		switch (text.ptr[i]) {
		case '&':
			ward_buf_str(out, WARD_STR("&amp;"));
			break;
		case '<':
			ward_buf_str(out, WARD_STR("&lt;"));
			break;
		case '>':
			ward_buf_str(out, WARD_STR("&gt;"));
			break;
		case '"':
			ward_buf_str(out, WARD_STR("&quot;"));
			break;
		case '\'':
			ward_buf_str(out, WARD_STR("&#39;"));
			break;
		default:
			ward_buf_char(out, text.ptr[i]);
		}
	}
}

void html_number(struct ward_buf *out, uint64_t number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			ward_buf_str(out, WARD_STR("\u202f"));
		ward_buf_char(out, digits[i]);
	}
}
