/* Reads remarks; each line alone is written and read again, and must be the same. */
#include "bank/remarks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void read_twice(ward_str line)
{
	struct remark first = { 0 }, second = { 0 };
	struct ward_buf buf;

	if (remark_parse(line, &first, NULL))
		return;
	ward_buf_init(&buf, 8192);
	remark_format(&first, &buf);
	check(!buf.failed && !remark_parse(ward_buf_text(&buf), &second, NULL));
	check(first.entry == second.entry && first.signals == second.signals &&
			first.off_until == second.off_until &&
			strcmp(first.note, second.note) == 0);
	free(first.note);
	free(second.note);
	ward_buf_free(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct remarks remarks = { 0 };
	ward_str text = { (const char *)data, size };

	if (!remarks_parse(text, &remarks, NULL)) {
		for (size_t i = 0; i < remarks.count; i++)
			check(remarks_find(&remarks, remarks.at[i].entry) == &remarks.at[i]);
		remarks_free(&remarks);
	}
	while (text.len > 0)
		read_twice(ward_str_cut(&text, '\n'));
	return 0;
}
