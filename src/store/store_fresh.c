#include "store/store_test.h"

#include <dirent.h>
#include <libpq-fe.h>
#include <unistd.h>

enum { PLACES_MAX = 512 };

/* A store is a schema on the server, or a folder. */
static char *schemas[PLACES_MAX];
static char *folders[PLACES_MAX];
static char *places[PLACES_MAX];
static size_t place_count;
static pid_t owner;

/* A store's folder holds files alone. */
static void remove_folder(const char *folder)
{
	DIR *entries = opendir(folder);
	char path[600];

	for (struct dirent *entry; entries && (entry = readdir(entries));) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		unlink(path);
	}
	if (entries)
		closedir(entries);
	rmdir(folder);
}

static bool tell_server(const char *sql)
{
	PGconn *server = PQconnectdb(getenv("WARD_TEST_STORE"));

	PQclear(PQexec(server, "SET client_min_messages = error"));
	PGresult *result = PQexec(server, sql);
	bool good = PQresultStatus(result) == PGRES_COMMAND_OK;

	if (!good)
		printf("# %s", PQerrorMessage(server));
	PQclear(result);
	PQfinish(server);
	return good;
}

static void remove_place(size_t i)
{
	char sql[100];

	if (schemas[i]) {
		snprintf(sql, sizeof(sql), "DROP SCHEMA %s CASCADE", schemas[i]);
		tell_server(sql);
	} else {
		remove_folder(folders[i]);
	}
	free(schemas[i]);
	free(folders[i]);
	free(places[i]);
}

/* A child that ends leaves its parent's stores alone. */
static void remove_all(void)
{
	for (size_t i = 0; i < place_count && getpid() == owner; i++)
		remove_place(i);
}

static void stop(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(1);
}

bool store_fresh_on_server(void)
{
	const char *address = getenv("WARD_TEST_STORE");

	return address && address[0];
}

static void make_schema(void)
{
	const char *address = getenv("WARD_TEST_STORE");
	char name[40], sql[100], place[600];

	snprintf(name, sizeof(name), "test_%ld_%zu", (long)getpid(), place_count);
	snprintf(sql, sizeof(sql), "CREATE SCHEMA %s", name);
	if (!tell_server(sql))
		stop("no schema for a store");
	snprintf(place, sizeof(place), "%s%coptions=-csearch_path%%3D%s", address,
			strchr(address, '?') ? '&' : '?', name);
	schemas[place_count] = strdup(name);
	places[place_count] = strdup(place);
}

static void make_folder(void)
{
	const char *base = getenv("TMPDIR");
	char folder[256], place[300];

	snprintf(folder, sizeof(folder), "%s/ward-store-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(folder))
		stop("no temporary folder for a store");
	snprintf(place, sizeof(place), "%s/ward.db", folder);
	folders[place_count] = strdup(folder);
	places[place_count] = strdup(place);
}

const char *store_fresh_place(void)
{
	if (!owner) {
		owner = getpid();
		atexit(remove_all);
	}
	if (place_count == PLACES_MAX)
		stop("too many stores");
	if (store_fresh_on_server())
		make_schema();
	else
		make_folder();
	if (!places[place_count])
		stop("no memory");
	return places[place_count++];
}

struct store *store_fresh(void)
{
	struct store_options options = { .place = store_fresh_place(),
		.create = true,
		.migrate = true };
	struct ward_error error;
	struct store *store;

	if (store_open(&options, &store, &error))
		stop(error.message);
	return store;
}
