/*
 * names.h - the names of lists, or of site lists, in order
 */
#ifndef BIN_NAMES_H
#define BIN_NAMES_H

#include <ward/bank.h>
#include <ward/site.h>

#define NAMES_ROOM \
	(WARD_LIST_NAME_MAX > WARD_SITE_NAME_MAX ? WARD_LIST_NAME_MAX : WARD_SITE_NAME_MAX)

/* Zeroed, it holds none; for names_free. */
struct names {
	char (*at)[NAMES_ROOM];
	size_t count, room;
};

/* The name fits: it was found to be a list's.  False without memory. */
bool names_keep(struct names *names, const char *name);
void names_sort(struct names *names);
void names_free(struct names *names);

#endif
