/*
 * store_test.h - a fresh store for a test, on the engine that the test is run on
 *
 * Without WARD_TEST_STORE a store is a file in a temporary folder.  With it,
 * an address of a PostgreSQL server, each store is a schema of its own there.
 * All are removed when the program ends.
 */
#ifndef STORE_TEST_H
#define STORE_TEST_H

#include "store/store.h"

/* The place of a new, empty store, for store_open with `create`; borrowed until the program ends.
 */
const char *store_fresh_place(void);

/* A new store with the program's own tables; stops the program when it cannot be made. */
struct store *store_fresh(void);

/* True when the stores are PostgreSQL's. */
bool store_fresh_on_server(void);

#endif
