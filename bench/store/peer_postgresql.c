/* A connection a thread: the server groups the commits of its connections by itself. */
#include "peer.h"

#include <libpq-fe.h>

enum { CONNECTIONS_MAX = 64 };

static PGconn *connections[CONNECTIONS_MAX];
static unsigned connection_count;

static bool tell(PGconn *connection, const char *sql)
{
	PGresult *result = PQexec(connection, sql);
	bool good = PQresultStatus(result) == PGRES_COMMAND_OK;

	PQclear(result);
	return good;
}

static bool prepare(PGconn *connection, const char *name, const char *sql)
{
	PGresult *result = PQprepare(connection, name, sql, 0, NULL);
	bool good = PQresultStatus(result) == PGRES_COMMAND_OK;

	PQclear(result);
	return good;
}

static bool connect_one(const char *place)
{
	PGconn *connection = PQconnectdb(place);

	connections[connection_count++] = connection;
	return PQstatus(connection) == CONNECTION_OK &&
	       tell(connection, "SET client_min_messages = error") &&
	       tell(connection, "CREATE TABLE IF NOT EXISTS report (id BIGINT PRIMARY KEY, bytes "
				"BYTEA);"
				"CREATE TABLE IF NOT EXISTS item (id BIGINT PRIMARY KEY,"
				" report BIGINT REFERENCES report (id));"
				"CREATE TABLE IF NOT EXISTS entry (id BIGINT PRIMARY KEY,"
				" bytes BYTEA)") &&
	       prepare(connection, "report", "INSERT INTO report VALUES ($1, $2)") &&
	       prepare(connection, "item", "INSERT INTO item VALUES ($1, $1)") &&
	       prepare(connection, "entry", "INSERT INTO entry VALUES ($1, $2)");
}

static bool start(const char *place, unsigned threads)
{
	bool good = threads <= CONNECTIONS_MAX;

	connection_count = 0;
	for (unsigned i = 0; good && i < threads; i++)
		good = connect_one(place);
	return good;
}

static bool insert(PGconn *connection, const char *name, int count, const char *number,
		const uint8_t *bytes, size_t len)
{
	const char *values[] = { number, (const char *)bytes };
	int lengths[] = { 8, (int)len };
	int formats[] = { 1, 1 };
	PGresult *result = PQexecPrepared(connection, name, count, values, lengths, formats, 1);
	bool good = PQresultStatus(result) == PGRES_COMMAND_OK;

	PQclear(result);
	return good;
}

static bool work(unsigned thread, int64_t id, const uint8_t *bytes, size_t len)
{
	PGconn *connection = connections[thread];
	char number[8];

	for (int i = 0; i < 8; i++)
		number[i] = (char)((uint64_t)id >> (56 - 8 * i));
	return tell(connection, "BEGIN") && insert(connection, "report", 2, number, bytes, len) &&
	       insert(connection, "item", 1, number, NULL, 0) &&
	       insert(connection, "entry", 2, number, bytes, len) && tell(connection, "COMMIT");
}

static void stop(void)
{
	while (connection_count > 0)
		PQfinish(connections[--connection_count]);
}

const struct peer peer_postgresql = { "postgresql, one transaction each", start, work, stop };
