/*
 * A report for an authority that is not NCMEC, as a tar: report.json,
 * report.xml and a MANIFEST.  Pages are laid out by `ward report package`,
 * which links what that takes; the daemon does not.
 */
#include "api/filings.h"
#include "vault/tar.h"

#include <ward/hash.h>

enum { ARENA_MAX = 128 << 20, PART_MAX = 32 << 20, TAR_MAX = 128 << 20 };

static ward_err add(struct ward_buf *tar, const char *name, ward_str content,
		struct ward_error *error)
{
	uint8_t block[TAR_BLOCK];
	ward_err err = tar_header(name, content.len, block, error);

	if (err)
		return err;
	ward_buf_add(tar, block, sizeof(block));
	ward_buf_str(tar, content);
	for (size_t i = tar_padding(content.len); i > 0; i--)
		ward_buf_char(tar, '\0');
	return WARD_OK;
}

/* A file, and its line of the manifest. */
static ward_err add_file(struct ward_buf *tar, struct ward_buf *manifest, const char *name,
		struct ward_buf *content, struct ward_error *error)
{
	ward_str text = ward_buf_text(content);
	struct ward_digests digests;
	char sha256[65];

	if (content->failed)
		return ward_fail(error, WARD_E_LIMIT, "the report is too large");
	ward_err err = ward_digest((ward_bytes){ (const uint8_t *)text.ptr, text.len }, &digests);

	if (err)
		return ward_fail(error, err, "out of memory");
	ward_hex_format(digests.sha256, 32, sha256);
	ward_buf_printf(manifest, "%s  %s\n", sha256, name);
	return add(tar, name, text, error);
}

static ward_err write_all(const struct filing_draft *draft, struct ward_buf *tar,
		struct ward_error *error)
{
	struct ward_buf part, manifest;

	ward_buf_init(&part, PART_MAX);
	ward_buf_init(&manifest, 4096);
	filing_draft_write(draft, &part);
	ward_err err = add_file(tar, &manifest, "report.json", &part, error);

	ward_buf_clear(&part);
	filing_write(draft->report, &part);
	if (!err)
		err = add_file(tar, &manifest, "report.xml", &part, error);
	if (!err)
		err = add(tar, "MANIFEST", ward_buf_text(&manifest), error);
	for (int i = 0; i < 2 * TAR_BLOCK; i++)
		ward_buf_char(tar, '\0');
	ward_buf_free(&part);
	ward_buf_free(&manifest);
	return err || !tar->failed ? err
				   : ward_fail(error, WARD_E_LIMIT, "the report is too large");
}

ward_err filings_package(const struct filing_row *row, struct ward_buf *tar,
		struct ward_error *error)
{
	struct filing_findings findings;
	struct filing_draft draft;
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA_MAX);
	findings = (struct filing_findings){ .arena = &arena };
	ward_err err = filing_draft_read(&arena, row->draft, &draft, &findings, error);

	if (!err)
		err = write_all(&draft, tar, error);
	ward_arena_free(&arena);
	return err;
}
