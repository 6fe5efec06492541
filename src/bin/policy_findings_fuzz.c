/*
 * Any text as findings for a policy: each value gives findings that the
 * default policy can judge, or an error.
 */
#include "bin/policy_findings.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ward_policy *policy;
	struct policy_findings findings;
	struct ward_error error;
	bool more = true;

	if (!policy)
		policy = ward_policy_default();
	FILE *file = tmpfile();

	assert(policy && file);
	if (size > 0)
		fwrite(data, 1, size, file);
	rewind(file);
	while (policy_findings_read(file, &findings, &more, &error) == WARD_OK && more) {
		struct ward_verdict verdict =
				ward_policy_judge(policy, findings.at, findings.count);

		assert(verdict.finding == SIZE_MAX || verdict.finding < findings.count);
		ward_arena_free(&findings.arena);
	}
	fclose(file);
	return 0;
}
