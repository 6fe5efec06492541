/*
 * folder.h - what may be thrown away in a list's folder
 *
 * Whatever the manifest does not name is from a writer that was killed or from
 * a version before, and the next writer (base/folder.h) takes it away.  Readers
 * that have such a file mapped keep it until they let it go.
 *
 * A list is renamed with an exclusive lock on the folder that holds all lists,
 * and whoever reads their names has a shared one until all are open.
 */
#ifndef BANK_FOLDER_H
#define BANK_FOLDER_H

#include "bank/manifest.h"
#include "base/folder.h"

/* Removes the files that only an unfinished or former writer can have left; under the lock. */
void folder_sweep(const char *folder, const struct manifest *manifest);

#endif
