/*
 * list.h - a list's folder, and a list that is open
 *
 *     base.site     all entries of a version
 *     delta.site    what was added and taken back since, and what is said of the
 *                   list now; it names the base that it lies on
 *     lock          held by the one who writes (base/folder.h)
 *
 * Each is replaced by a rename, so there are always whole ones.  A new base makes
 * the delta void in the same moment, because that names another; the writer
 * takes it away afterwards, or the next one does.  A reader opens the base, then
 * the delta, then sees whether the base is still the one in force, and begins
 * again if not: so it has both of one version.
 *
 * A new list takes the seed of one beside it, so that lists that are asked
 * together look for a link in the same places.
 */
#ifndef SITE_LIST_H
#define SITE_LIST_H

#include "site/file.h"

#define SITE_BASE_NAME  "base.site"
#define SITE_DELTA_NAME "delta.site"

/* Which file has a name; zero when there is none. */
struct site_ident {
	uint64_t device, inode, size;
	int64_t changed_s, changed_ns;
};

struct ward_site_list {
	char *folder;
	struct site_ident base_ident, delta_ident;
	struct site_file base, delta;
	bool has_delta;
	const struct site_file *files[2]; /* the base, and the delta if there is one */
	int file_count;
	struct ward_site_info info;
	char version[WARD_SITE_VERSION_MAX];
};

struct site_ident site_ident_of(const char *path);
bool site_ident_eq(const struct site_ident *a, const struct site_ident *b);
/* Are the files of the folder those of the idents? */
bool site_folder_is(const char *folder, const struct site_ident *base,
		const struct site_ident *delta);

/* The entry that a step is at; `text` has room for its word and for 72. */
void site_entry_from(const struct site_step *step, ward_str word, char *text,
		struct ward_site_entry *entry);
/* Puts the word of the entry that a step is at together in `word`, room SITE_WORD_ROOM. */
ward_str site_step_word(const struct site_step *step, char *word);

#endif
