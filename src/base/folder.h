/*
 * folder.h - one thing in a folder of its own, and who may write there
 *
 * A writer holds the lock of the file `lock`; the system gives it back when
 * the writer dies.  Readers take no lock: they have the files that were there
 * when they opened them.
 */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <ward/base.h>

/* Makes `folder/name`; `path` has room for 4096. */
ward_err folder_path(const char *folder, const char *name, char path[4096],
		struct ward_error *error) WARD_MUST_USE;
/* Takes the lock; CONFLICT when another writer has it.  The descriptor is closed to give it back.
 */
ward_err folder_lock(const char *folder, int *lock, struct ward_error *error) WARD_MUST_USE;

#endif
