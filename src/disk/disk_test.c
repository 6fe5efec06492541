/* The half that asks, beside a worker of the test's own that falls, or falls silent. */
#include "disk/disk.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/test.h"
#include "base/test_folder.h"

static char path[512];
static struct ward_error error;
static char told[256];

static void note(void *context, const struct disk_record *record)
{
	size_t len = strlen(told);

	(void)context;
	snprintf(told + len, sizeof(told) - len, "%d%s ", (int)record->volume.offset / 10,
			record->volume.readable ? "" : "!");
}

static bool note_volume(void *context, const struct disk_record *record)
{
	note(context, record);
	return true;
}

static struct disk_image *image_that_says(const char *text, size_t parts)
{
	struct disk_image *image = NULL;

	fresh_folder();
	for (size_t i = 0; i < parts; i++) {
		snprintf(path, sizeof(path), parts > 1 ? "%s/disk.%03zu" : "%s/disk", folder,
				i + 1);
		FILE *file = fopen(path, "w");

		if (!file || fputs(text, file) < 0 || fclose(file) != 0)
			return NULL;
	}
	snprintf(path, sizeof(path), parts > 1 ? "%s/disk.001" : "%s/disk", folder);
	return disk_image_open(path, &image, &error) == WARD_OK ? image : NULL;
}

static void a_volume_that_fells_the_worker_hides_no_other(void)
{
	struct disk_image *image = image_that_says("an image of thirty bytes or more", 1);
	struct disk *disk = image ? disk_new(image, 10) : NULL;

	CHECK(disk);
	told[0] = '\0';
	CHECK_EQ(disk_volumes(disk, note_volume, NULL, &error), WARD_OK);
	CHECK_STR(told, "0 1! 2 ");
	disk_free(disk);
	disk_image_free(image);
	remove_folder(folder);
}

static atomic_bool stopped;

static void *stop_soon(void *context)
{
	usleep(100000);
	stopped = true;
	return context;
}

static void who_waits_for_a_silent_worker_can_be_stopped(void)
{
	struct disk_image *image = image_that_says("silent, and of some length", 1);
	struct disk *disk = image ? disk_new(image, 0) : NULL;
	uint64_t begun = clock_ticks_us();
	pthread_t thread;

	CHECK(disk);
	disk_heed(disk, &stopped);
	CHECK_EQ(pthread_create(&thread, NULL, stop_soon, NULL), 0);
	CHECK_EQ(disk_volumes(disk, note_volume, NULL, &error), WARD_E_TIMEOUT);
	CHECK_STR(error.message, "reading the disk was stopped");
	CHECK(clock_ticks_us() - begun < 20000000);
	CHECK_EQ(disk_pid(disk), 0);
	pthread_join(thread, NULL);
	disk_free(disk);
	disk_image_free(image);
	remove_folder(folder);
}

static void an_image_of_many_parts_is_handed_over_whole(void)
{
	struct disk_image *image = image_that_says("abc", 899);
	struct disk *disk = image ? disk_new(image, 10) : NULL;
	struct disk_facts facts;

	CHECK(disk);
	CHECK_EQ(disk_facts(disk, &facts, &error), WARD_OK);
	CHECK_EQ(facts.size, 3 * 899);
	disk_free(disk);
	disk_image_free(image);
	remove_folder(folder);
}

static const struct test_case cases[] = {
	{ "a volume that fells the worker hides no other",
			a_volume_that_fells_the_worker_hides_no_other },
	{ "who waits for a silent worker can be stopped",
			who_waits_for_a_silent_worker_can_be_stopped },
	{ "an image of many parts is handed over whole",
			an_image_of_many_parts_is_handed_over_whole },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		setenv("WARD_WORKER_DISK", argv[1], 1);
	return test_run(cases, sizeof(cases) / sizeof(*cases)) > 0;
}
