/* Reads journals; each line alone is written and read again, and must be the same. */
#include "bank/opinions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void read_twice(ward_str line)
{
	struct ward_opinion first, second;
	struct ward_buf buf;

	memset(&first, 0, sizeof(first));
	memset(&second, 0, sizeof(second));
	if (opinion_parse(line, &first, NULL))
		return;
	ward_buf_init(&buf, 8192);
	opinion_format(&first, &buf);
	check(!buf.failed && !opinion_parse(ward_buf_text(&buf), &second, NULL));
	check(memcmp(&first, &second, sizeof(first)) == 0);
	ward_buf_free(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct opinions opinions = { 0 };
	ward_str journal = { (const char *)data, size };

	if (!opinions_parse(journal, &opinions, NULL)) {
		for (size_t i = 0; i < opinions.count; i++)
			check(opinions_find(&opinions, &opinions.at[i].signal) == &opinions.at[i]);
		opinions_free(&opinions);
	}
	while (journal.len > 0)
		read_twice(ward_str_cut(&journal, '\n'));
	return 0;
}
