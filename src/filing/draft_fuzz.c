/* Any text is a draft, findings or an error; what was read is written, and read again as the same.
 */
#include "filing/check.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_xml(const struct filing_draft *draft, struct ward_buf *out)
{
	ward_buf_clear(out);
	filing_write(draft->report, out);
	for (const struct filing_file *file = draft->files; file; file = file->next)
		filing_write(file->details, out);
}

/* Sound or not, the same draft comes back of its own JSON. */
static void read_again(struct ward_arena *arena, const struct filing_draft *draft)
{
	struct filing_findings findings = { .arena = arena };
	struct ward_buf json, again, xml;
	struct filing_draft second;
	struct ward_error error;

	ward_buf_init(&json, (size_t)1 << 24);
	ward_buf_init(&again, (size_t)1 << 24);
	ward_buf_init(&xml, (size_t)1 << 24);
	filing_draft_write(draft, &json);
	if (filing_draft_read(arena, ward_buf_text(&json), &second, &findings, &error) == WARD_OK) {
		filing_draft_write(&second, &again);
		assert(ward_str_eq(ward_buf_text(&json), ward_buf_text(&again)));
		write_xml(draft, &xml);
	}
	ward_buf_free(&json);
	ward_buf_free(&again);
	ward_buf_free(&xml);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct filing_check check = { 1772323200, size > 0 && (data[0] & 1), 0 };
	struct ward_arena arena;
	struct filing_findings findings = { .arena = &arena };
	struct filing_draft draft;
	struct ward_error error;

	ward_arena_init(&arena, (size_t)32 << 20);
	if (filing_draft_read(&arena, (ward_str){ (const char *)data, size }, &draft, &findings,
			    &error) == WARD_OK) {
		filing_check_draft(&draft, &check, &findings);
		read_again(&arena, &draft);
	}
	ward_arena_free(&arena);
	return 0;
}
