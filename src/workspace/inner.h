/*
 * inner.h - what the parts of `workspace` share
 */
#ifndef WORKSPACE_INNER_H
#define WORKSPACE_INNER_H

#include <ward/base.h>

enum { WORKSPACE_PATH_ROOM = 4096 };

/* FOLDER/NAME; ARGUMENT when it is too long. */
ward_err workspace_join(char out[WORKSPACE_PATH_ROOM], const char *folder, const char *name,
		struct ward_error *error) WARD_MUST_USE;

#endif
