#include "workspace/publisher.h"

#include <ward/hash.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "workspace/inner.h"

enum { LINE_MAX_BYTES = 128, NAME_BYTES = 16 };

#define FOLDER "publishers"

/* A URN may hold anything, so the file's name is a digest of the key and it. */
static ward_err file_of(const struct workspace *workspace, const struct ward_site_info *info,
		char path[WORKSPACE_PATH_ROOM], struct ward_error *error)
{
	uint8_t said[sizeof(info->publisher) + sizeof(info->urn)];
	char name[sizeof(FOLDER) + 1 + 2 * NAME_BYTES] = FOLDER "/";
	size_t urn_len = strnlen(info->urn, sizeof(info->urn));
	struct ward_digests digests;

	memcpy(said, info->publisher, sizeof(info->publisher));
	memcpy(said + sizeof(info->publisher), info->urn, urn_len);
	if (ward_digest((ward_bytes){ said, sizeof(info->publisher) + urn_len }, &digests))
		return ward_fail(error, WARD_E_NOMEM, "no memory for a digest");
	ward_hex_format(digests.sha256, NAME_BYTES, name + sizeof(FOLDER));
	return workspace_join(path, workspace_folder(workspace), name, error);
}

static bool parse(ward_str text, struct workspace_page *page)
{
	ward_str line = ward_str_cut(&text, '\n');
	ward_str sequence = ward_str_cut(&line, ' ');

	return ward_u64_parse(sequence, &page->sequence) &&
	       ward_hex_parse(line, page->digest, sizeof(page->digest));
}

ward_err workspace_page_seen(const struct workspace *workspace, const struct ward_site_info *info,
		struct workspace_page *page, struct ward_error *error)
{
	struct workspace_page read = { 0 };
	char path[WORKSPACE_PATH_ROOM], *text = NULL;
	size_t len = 0;
	ward_err err = info->has_publisher ? file_of(workspace, info, path, error)
					   : WARD_E_NOT_FOUND;

	if (!err)
		err = file_read(path, LINE_MAX_BYTES, &text, &len, error);
	if (!err && !parse((ward_str){ text, len }, &read))
		err = ward_fail(error, WARD_E_CORRUPT,
				"%s does not say which page was in force; --anew forgets it", path);
	free(text);
	if (err && err != WARD_E_NOT_FOUND)
		return err;
	*page = read;
	return WARD_OK;
}

static ward_err write_page(const struct workspace *workspace, const struct ward_site_info *info,
		struct ward_error *error)
{
	char path[WORKSPACE_PATH_ROOM], line[LINE_MAX_BYTES], digest[65];
	ward_err err = workspace_join(path, workspace_folder(workspace), FOLDER, error);
	int len;

	if (!err)
		err = file_make_folders(path, 0700, error);
	if (!err)
		err = file_of(workspace, info, path, error);
	if (err)
		return err;
	ward_hex_format(info->last, sizeof(info->last), digest);
	len = snprintf(line, sizeof(line), "%" PRIu64 " %s\n", info->sequence, digest);
	return file_replace(path, (ward_bytes){ (const uint8_t *)line, (size_t)len }, 0600, error);
}

ward_err workspace_page_note(const struct workspace *workspace, const struct ward_site_info *info,
		struct ward_error *error)
{
	struct workspace_page page;
	ward_err err;

	if (!info->has_publisher || info->sequence == 0)
		return WARD_OK;
	err = workspace_page_seen(workspace, info, &page, error);
	if (err || page.sequence >= info->sequence)
		return err;
	return write_page(workspace, info, error);
}

ward_err workspace_page_forget(const struct workspace *workspace, const struct ward_site_info *info,
		struct ward_error *error)
{
	char path[WORKSPACE_PATH_ROOM];
	ward_err err = file_of(workspace, info, path, error);

	if (!err && unlink(path) < 0 && errno != ENOENT)
		err = ward_fail(error, WARD_E_IO, "cannot remove %s: %s", path, strerror(errno));
	return err;
}
