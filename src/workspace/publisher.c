#include "workspace/publisher.h"

#include <ward/hash.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "workspace/inner.h"

enum {
	NOTES_MAX = 64, /* local lists of one key and URN */
	TEXT_MAX = NOTES_MAX * 256,
	NAME_BYTES = 16
};

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

/* Of one local list. */
struct note {
	struct workspace_page page;
	char name[WARD_SITE_NAME_MAX];
};

struct notes {
	struct note at[NOTES_MAX + 1];
	size_t count;
};

static bool parse_line(ward_str line, struct note *note)
{
	ward_str sequence = ward_str_cut(&line, ' ');
	ward_str digest = ward_str_cut(&line, ' ');

	if (!ward_u64_parse(sequence, &note->page.sequence) ||
			!ward_hex_parse(digest, note->page.digest, sizeof(note->page.digest)) ||
			line.len == 0 || line.len >= sizeof(note->name))
		return false;
	snprintf(note->name, sizeof(note->name), "%.*s", WARD_FMT(line));
	return true;
}

static ward_err read_notes(const char *path, struct notes *notes, struct ward_error *error)
{
	char *text = NULL;
	size_t len = 0;
	ward_err err = file_read(path, TEXT_MAX, &text, &len, error);
	ward_str rest = { text, len };

	notes->count = 0;
	while (!err && rest.len > 0) {
		if (notes->count == NOTES_MAX ||
				!parse_line(ward_str_cut(&rest, '\n'), &notes->at[notes->count++]))
			err = ward_fail(error, WARD_E_CORRUPT,
					"%s does not say which page was in force; --anew forgets "
					"it",
					path);
	}
	free(text);
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

static ward_err write_notes(const struct workspace *workspace, const char *path,
		const struct notes *notes, struct ward_error *error)
{
	char folder[WORKSPACE_PATH_ROOM];
	struct ward_buf text;
	ward_err err = workspace_join(folder, workspace_folder(workspace), FOLDER, error);

	if (!err)
		err = file_make_folders(folder, 0700, error);
	if (err)
		return err;
	ward_buf_init(&text, TEXT_MAX);
	for (size_t i = 0; i < notes->count; i++) {
		const struct note *note = &notes->at[i];
		char digest[65];

		ward_hex_format(note->page.digest, sizeof(note->page.digest), digest);
		ward_buf_printf(&text, "%" PRIu64 " %s %s\n", note->page.sequence, digest,
				note->name);
	}
	err = text.failed ? ward_fail(error, WARD_E_NOMEM, "no memory for the pages in force")
			  : file_replace(path, (ward_bytes){ (const uint8_t *)text.ptr, text.len },
					    0600, error);
	ward_buf_free(&text);
	return err;
}

/* Another list that is there still has its own page, which says nothing of this one's. */
static bool is_another(const struct workspace *workspace, const struct note *note,
		const struct ward_site_info *info)
{
	char folder[WORKSPACE_PATH_ROOM];
	struct ward_site_list *list = NULL;

	if (strcmp(note->name, info->name) == 0 ||
			workspace_site_folder(workspace, ward_str_from(note->name), folder,
					sizeof(folder), NULL) != WARD_OK)
		return false;
	ward_err err = ward_site_list_open(folder, &list, NULL);

	ward_site_list_free(list);
	return err != WARD_E_NOT_FOUND;
}

ward_err workspace_page_seen(const struct workspace *workspace, const struct ward_site_info *info,
		struct workspace_page *page, struct ward_error *error)
{
	struct workspace_page newest = { 0 };
	char path[WORKSPACE_PATH_ROOM];
	struct notes notes = { .count = 0 };
	ward_err err = WARD_OK;

	if (info->has_publisher)
		err = file_of(workspace, info, path, error);
	if (!err && info->has_publisher)
		err = read_notes(path, &notes, error);
	if (err)
		return err;
	for (size_t i = 0; i < notes.count; i++) {
		if (notes.at[i].page.sequence > newest.sequence &&
				!is_another(workspace, &notes.at[i], info))
			newest = notes.at[i].page;
	}
	*page = newest;
	return WARD_OK;
}

/* This list's, and those that have gone, become one: the newest. */
static void merge(const struct workspace *workspace, struct notes *notes,
		const struct ward_site_info *info)
{
	struct note own = { .page.sequence = info->sequence };
	size_t kept = 0;

	memcpy(own.page.digest, info->last, sizeof(own.page.digest));
	snprintf(own.name, sizeof(own.name), "%s", info->name);
	for (size_t i = 0; i < notes->count; i++) {
		if (is_another(workspace, &notes->at[i], info))
			notes->at[kept++] = notes->at[i];
		else if (notes->at[i].page.sequence > own.page.sequence)
			own.page = notes->at[i].page;
	}
	notes->at[kept++] = own;
	notes->count = kept;
}

ward_err workspace_page_note(const struct workspace *workspace, const struct ward_site_info *info,
		struct ward_error *error)
{
	char path[WORKSPACE_PATH_ROOM];
	struct notes notes = { .count = 0 };
	ward_err err;

	if (!info->has_publisher || info->sequence == 0)
		return WARD_OK;
	err = file_of(workspace, info, path, error);
	if (!err)
		err = read_notes(path, &notes, error);
	if (err)
		return err;
	merge(workspace, &notes, info);
	if (notes.count > NOTES_MAX)
		return ward_fail(error, WARD_E_LIMIT, "more than %d lists have one key and URN",
				NOTES_MAX);
	return write_notes(workspace, path, &notes, error);
}

ward_err workspace_page_forget(const struct workspace *workspace, const struct ward_site_info *info,
		struct ward_error *error)
{
	char path[WORKSPACE_PATH_ROOM];
	struct notes notes = { .count = 0 };
	size_t kept = 0;
	ward_err err = file_of(workspace, info, path, error);

	if (err)
		return err;
	/* What cannot be read is forgotten as a whole. */
	err = read_notes(path, &notes, error);
	if (err && err != WARD_E_CORRUPT)
		return err;
	for (size_t i = 0; !err && i < notes.count; i++) {
		if (is_another(workspace, &notes.at[i], info))
			notes.at[kept++] = notes.at[i];
	}
	notes.count = kept;
	if (kept > 0)
		return write_notes(workspace, path, &notes, error);
	if (unlink(path) < 0 && errno != ENOENT)
		return ward_fail(error, WARD_E_IO, "cannot remove %s: %s", path, strerror(errno));
	return WARD_OK;
}
