/*
 * A report for an authority that is not NCMEC, as a tar, made as it is asked for.
 */
#include "api/filings.h"
#include "base/log.h"
#include "filing/package.h"

static ward_err make(struct request *request, const struct filing_row *row,
		const struct filing_authority *authority, struct ward_buf *tar,
		struct ward_error *error)
{
	struct filing_package package;
	ward_err err = filing_package_make(authority, row->draft,
			&(struct filing_package_facts){ row->id, row->reference, row->approved_at,
					row->environment != FILING_PRODUCTION },
			&package, error);

	if (err)
		return err;
	if (!package.has_pages)
		log_error("pages_failed", "request=%s filing=%.*s code=%s message=\"%s\"",
				request->id, WARD_FMT(row->id), ward_err_name(package.why.code),
				package.why.message);
	err = filing_package_tar(&package, tar, error);
	filing_package_free(&package);
	return err;
}

ward_err filings_package(struct request *request, const struct filing_row *row,
		ward_str authority_id, struct ward_buf *tar, struct ward_error *error)
{
	struct filing_authority *authority = NULL;
	ward_err err = filing_authority_find(workspace_folder(request->snapshot->workspace),
			authority_id, &authority, error);

	if (!err)
		err = make(request, row, authority, tar, error);
	filing_authority_free(authority);
	return err;
}
