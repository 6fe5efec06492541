#include "bank/folder.h"
#include "bank/remarks.h"

#include <dirent.h>
#include <unistd.h>

static bool is_named(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; manifest && i < manifest->segment_count; i++) {
		if (strcmp(manifest->segments[i], name) == 0)
			return true;
	}
	return false;
}

static bool may_go(const struct manifest *manifest, const char *name)
{
	ward_str text = ward_str_from(name);

	if (ward_str_ends(text, WARD_STR(".seg")))
		return !is_named(manifest, name);
	return ward_str_ends(text, WARD_STR(".tmp")) ||
	       ward_str_starts(text, WARD_STR(MANIFEST_NAME ".new.")) ||
	       ward_str_starts(text, WARD_STR(REMARKS_NAME ".new."));
}

void folder_sweep(const char *folder, const struct manifest *manifest)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	if (!entries)
		return;
	while ((entry = readdir(entries))) {
		if (may_go(manifest, entry->d_name))
			(void)unlinkat(dirfd(entries), entry->d_name, 0);
	}
	closedir(entries);
}
