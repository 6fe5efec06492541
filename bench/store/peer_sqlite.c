/* One connection behind one lock, which is the best that SQLite's single writer lets one do. */
#include "peer.h"

#include <pthread.h>
#include <sqlite3.h>

static sqlite3 *db;
static sqlite3_stmt *statements[5];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool start(const char *place, unsigned threads)
{
	static const char *const sql[] = { "BEGIN IMMEDIATE", "INSERT INTO report VALUES (?1, ?2)",
		"INSERT INTO item VALUES (?1, ?1)", "INSERT INTO entry VALUES (?1, ?2)", "COMMIT" };
	bool good;

	(void)threads;
	good = sqlite3_open(place, &db) == SQLITE_OK &&
	       sqlite3_exec(db,
			       "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			       "PRAGMA foreign_keys = ON;"
			       "CREATE TABLE report (id INTEGER PRIMARY KEY, bytes BLOB) STRICT;"
			       "CREATE TABLE item (id INTEGER PRIMARY KEY,"
			       " report INTEGER REFERENCES report (id)) STRICT;"
			       "CREATE TABLE entry (id INTEGER PRIMARY KEY, bytes BLOB) STRICT;",
			       NULL, NULL, NULL) == SQLITE_OK;
	for (int i = 0; good && i < 5; i++)
		good = sqlite3_prepare_v2(db, sql[i], -1, &statements[i], NULL) == SQLITE_OK;
	return good;
}

static bool work(unsigned thread, int64_t id, const uint8_t *bytes, size_t len)
{
	bool good = true;

	(void)thread;
	pthread_mutex_lock(&lock);
	for (int i = 0; good && i < 5; i++) {
		sqlite3_stmt *stmt = statements[i];

		if (sqlite3_bind_parameter_count(stmt) > 0)
			sqlite3_bind_int64(stmt, 1, id);
		if (sqlite3_bind_parameter_count(stmt) > 1)
			sqlite3_bind_blob64(stmt, 2, bytes, len, SQLITE_STATIC);
		good = sqlite3_step(stmt) == SQLITE_DONE;
		sqlite3_reset(stmt);
	}
	pthread_mutex_unlock(&lock);
	return good;
}

static void stop(void)
{
	for (int i = 0; i < 5; i++)
		sqlite3_finalize(statements[i]);
	sqlite3_close(db);
}

const struct peer peer_sqlite = { "sqlite, one transaction each", start, work, stop };
