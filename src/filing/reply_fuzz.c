/* Any bytes as an answer: one that is read, or an error; never more than its bounds. */
#include "filing/reply.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_arena arena;
	struct filing_findings findings = { .arena = &arena };
	struct filing_reply reply;
	struct ward_error error;

	if (size < 1)
		return 0;
	ward_arena_init(&arena, (size_t)8 << 20);
	enum filing_call call = (enum filing_call)(data[0] % (FILING_CALL_RETRACT + 1));

	if (filing_reply_read(&arena, call, (ward_str){ (const char *)data + 1, size - 1 }, &reply,
			    &findings, &error) == WARD_OK) {
		assert(reply.file_count <= FILING_REPLY_FILES);
		assert(call != FILING_CALL_SUBMIT || reply.code != 0 || reply.report_id > 0);
		assert(ward_utf8_valid(reply.description));
	}
	ward_arena_free(&arena);
	return 0;
}
