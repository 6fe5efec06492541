/*
 * folder.h - who may write in a list's folder, and what may be thrown away there
 *
 * A writer holds the lock of the file `lock`; the system gives it back when
 * the writer dies.  Whatever the manifest does not name is from a writer that
 * was killed or from a version before, and the next writer takes it away.
 * Readers that have such a file mapped keep it until they let it go.
 *
 * A list is renamed with an exclusive lock on the folder that holds all lists,
 * and whoever reads their names has a shared one until all are open.
 */
#ifndef BANK_FOLDER_H
#define BANK_FOLDER_H

#include "bank/manifest.h"

/* Makes `folder/name`; `path` has room for 4096. */
ward_err folder_path(const char *folder, const char *name, char path[4096],
		struct ward_error *error) WARD_MUST_USE;
/* Takes the lock; CONFLICT when another writer has it.  The descriptor is closed to give it back.
 */
ward_err folder_lock(const char *folder, int *lock, struct ward_error *error) WARD_MUST_USE;
/* Removes the files that only an unfinished or former writer can have left; under the lock. */
void folder_sweep(const char *folder, const struct manifest *manifest);

#endif
