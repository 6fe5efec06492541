#include "bin/names.h"

#include <stdlib.h>
#include <string.h>

bool names_keep(struct names *names, const char *name)
{
	if (names->count == names->room) {
		size_t more = names->room ? 2 * names->room : 16;
		void *grown = reallocarray(names->at, more, sizeof(*names->at));

		if (!grown)
			return false;
		names->at = grown;
		names->room = more;
	}
	snprintf(names->at[names->count++], NAMES_ROOM, "%s", name);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

void names_sort(struct names *names)
{
	if (names->count > 0)
		qsort(names->at, names->count, sizeof(*names->at), by_name);
}

void names_free(struct names *names)
{
	free(names->at);
	*names = (struct names){ 0 };
}
