/*
 * view.h - lists that are asked together, as the files that ask see them
 */
#ifndef SITE_VIEW_H
#define SITE_VIEW_H

#include "site/list.h"

/* A folder beside the lists that held none, or a damaged one, when the view was made. */
struct site_other {
	char name[WARD_SITE_NAME_MAX];
	struct site_ident base, delta;
};

struct ward_site_view {
	struct ward_site_list **lists;
	size_t count;
	char *folder; /* that the lists were found in; NULL when they were given */
	struct site_ident folder_ident;
	struct site_other *others;
	size_t other_count;
};

#endif
