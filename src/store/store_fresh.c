#include "store/store_test.h"

#include <dirent.h>
#include <unistd.h>

enum { PLACES_MAX = 512 };

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

/* A child that ends leaves its parent's stores alone. */
static void remove_all(void)
{
	if (getpid() != owner)
		return;
	for (size_t i = 0; i < place_count; i++) {
		remove_folder(folders[i]);
		free(folders[i]);
		free(places[i]);
	}
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

const char *store_fresh_place(void)
{
	const char *base = getenv("TMPDIR");
	char folder[256], place[300];

	if (!owner) {
		owner = getpid();
		atexit(remove_all);
	}
	snprintf(folder, sizeof(folder), "%s/ward-store-XXXXXX", base ? base : "/tmp");
	if (place_count == PLACES_MAX || !mkdtemp(folder))
		stop("no temporary folder for a store");
	snprintf(place, sizeof(place), "%s/ward.db", folder);
	folders[place_count] = strdup(folder);
	places[place_count] = strdup(place);
	if (!folders[place_count] || !places[place_count])
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
