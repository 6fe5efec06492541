#include "filing/package.h"

#include "base/file.h"
#include "filing/check.h"
#include "filing/pages_order.h"
#include "vault/tar.h"

#include <ward/hash.h>

#include <unistd.h>

enum { PART_MAX = 64 << 20, ARENA_MAX = 128 << 20 };

/* ---- making it ---- */

static ward_err add_line(struct ward_buf *manifest, const char *name, struct ward_buf *content,
		struct ward_error *error)
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
	return WARD_OK;
}

/* Why is for whoever runs this installation, and in its log; whoever gets the package reads what
 * it means for them. */
static void write_missing(struct filing_package *package)
{
	ward_buf_printf(&package->missing,
			"report.pdf is missing from this package: the pages could not be made when "
			"the package was (%s).\nNothing of the report is missing: all that the "
			"pages would say is in report.json.\n",
			ward_err_name(package->why.code));
}

static ward_err fill(struct filing_package *package, const struct filing_authority *authority,
		ward_str text, const struct filing_package_facts *facts, struct ward_error *error)
{
	struct filing_findings findings;
	struct filing_draft draft;
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA_MAX);
	findings = (struct filing_findings){ .arena = &arena };
	ward_err err = filing_draft_read(&arena, text, &draft, &findings, error);

	if (!err) {
		filing_draft_write(&draft, &package->json);
		filing_write(draft.report, &package->xml);
		err = add_line(&package->manifest, "report.json", &package->json, error);
	}
	ward_arena_free(&arena);
	if (!err)
		err = add_line(&package->manifest, "report.xml", &package->xml, error);
	if (err)
		return err;
	package->has_pages = pages_ask(authority, text, facts, &package->pages, &package->why) ==
			     WARD_OK;
	if (package->has_pages)
		return add_line(&package->manifest, "report.pdf", &package->pages, error);
	write_missing(package);
	return add_line(&package->manifest, "MISSING.txt", &package->missing, error);
}

ward_err filing_package_make(const struct filing_authority *authority, ward_str draft,
		const struct filing_package_facts *facts, struct filing_package *package,
		struct ward_error *error)
{
	struct filing_package made = { .has_pages = false };

	ward_buf_init(&made.json, PART_MAX);
	ward_buf_init(&made.xml, PART_MAX);
	ward_buf_init(&made.pages, PAGES_BYTES_MAX);
	ward_buf_init(&made.missing, 4096);
	ward_buf_init(&made.manifest, 4096);
	ward_err err = fill(&made, authority, draft, facts, error);

	if (err)
		filing_package_free(&made);
	else
		*package = made;
	return err;
}

/* People's data. */
static void wipe(struct ward_buf *part)
{
	if (part->ptr)
		explicit_bzero(part->ptr, part->len);
	ward_buf_free(part);
}

void filing_package_free(struct filing_package *package)
{
	wipe(&package->json);
	wipe(&package->xml);
	wipe(&package->pages);
	ward_buf_free(&package->missing);
	ward_buf_free(&package->manifest);
}

/* ---- giving it out ---- */

struct part {
	const char *name;
	struct ward_buf *content;
};

enum { PARTS = 4 };

/* The manifest is the last: what has one is whole. */
static void list_parts(struct filing_package *package, struct part parts[PARTS])
{
	parts[0] = package->has_pages ? (struct part){ "report.pdf", &package->pages }
				      : (struct part){ "MISSING.txt", &package->missing };
	parts[1] = (struct part){ "report.json", &package->json };
	parts[2] = (struct part){ "report.xml", &package->xml };
	parts[3] = (struct part){ "MANIFEST", &package->manifest };
}

ward_err filing_package_tar(struct filing_package *package, struct ward_buf *tar,
		struct ward_error *error)
{
	struct part parts[PARTS];
	uint8_t block[TAR_BLOCK];
	ward_err err = WARD_OK;

	list_parts(package, parts);
	for (size_t i = 0; i < PARTS && !err; i++) {
		ward_str content = ward_buf_text(parts[i].content);

		err = tar_header(parts[i].name, content.len, block, error);
		if (err)
			break;
		ward_buf_add(tar, block, sizeof(block));
		ward_buf_str(tar, content);
		for (size_t n = tar_padding(content.len); n > 0; n--)
			ward_buf_char(tar, '\0');
	}
	for (int i = 0; i < 2 * TAR_BLOCK; i++)
		ward_buf_char(tar, '\0');
	return err || !tar->failed ? err
				   : ward_fail(error, WARD_E_LIMIT, "the report is too large");
}

static ward_err path_of(const char *folder, const char *name, char path[4096],
		struct ward_error *error)
{
	int len = snprintf(path, 4096, "%s/%s", folder, name);

	return len > 0 && len < 4096
			       ? WARD_OK
			       : ward_fail(error, WARD_E_ARGUMENT, "the folder's path is too long");
}

ward_err filing_package_write(struct filing_package *package, const char *folder,
		struct ward_error *error)
{
	struct part parts[PARTS];
	char path[4096];
	ward_err err = file_make_folders(folder, 0700, error);

	list_parts(package, parts);
	for (size_t i = 0; i < PARTS && !err; i++) {
		err = path_of(folder, parts[i].name, path, error);
		if (!err && access(path, F_OK) == 0)
			err = ward_fail(error, WARD_E_EXISTS,
					"there is a package in this folder already");
	}
	for (size_t i = 0; i < PARTS && !err; i++) {
		ward_str text = ward_buf_text(parts[i].content);

		err = path_of(folder, parts[i].name, path, error);
		if (!err)
			err = file_replace(path,
					(ward_bytes){ (const uint8_t *)text.ptr, text.len }, 0600,
					error);
	}
	return err;
}
