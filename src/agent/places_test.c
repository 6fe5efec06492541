#include "agent/inner.h"

#include "agent/few_watches.h"
#include "base/test.h"
#include "base/test_folder.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>

static struct agent *agent;
static struct agent_settings settings;
static struct ward_error error;
static struct notice_to to;
static char said[2000]; /* events, each between blanks */
static char home[300], media[300], last[500];

static void say(void *context, const char *event, const char *what)
{
	size_t len = strlen(said);

	(void)context;
	(void)what;
	snprintf(said + len, sizeof(said) - len, " %s ", event);
}

static void hear(void *context, const char *path)
{
	(void)context;
	snprintf(last, sizeof(last), "%s", path);
}

static void lose(void *context)
{
	(void)context;
}

static bool concerns(void *context, const char *path)
{
	(void)context;
	return path[0] == '/';
}

static void end(void)
{
	if (!agent)
		return;
	notice_free(agent->notice);
	notice_whole_free(agent->whole);
	looked_close(agent->looked);
	for (; agent->queue_count > 0; agent->queue_count--)
		free(agent->queue[agent->queue_first++].name);
	for (size_t i = 0; i < PLACES_MAX; i++)
		free(agent->places[i].path);
	mounts_free(&agent->mounts);
	pthread_cond_destroy(&agent->sweeps);
	pthread_mutex_destroy(&agent->mutex);
	free(agent);
	agent = NULL;
}

/* An agent of which only the hearing thread runs, which is the test. */
static bool fresh(void)
{
	end();
	fresh_folder();
	agent = calloc(1, sizeof(*agent));
	snprintf(home, sizeof(home), "%s/home", folder);
	snprintf(media, sizeof(media), "%s/media", folder);
	settings = (struct agent_settings){ .workspace = "/none",
		.folder = "/none",
		.spool = "/none",
		.quarantine = "/none",
		.every_ms = 900000,
		.watch_count = 1,
		.root_count = 1 };
	settings.watches[0] = (struct agent_watch){ .name = "home", .folder = home };
	settings.media = (struct agent_watch){ .name = "media" };
	settings.roots[0] = media;
	said[0] = last[0] = '\0';
	watches_left = -1;
	to = (struct notice_to){ agent, hear, hear, places_enters, lose, places_deaf, concerns };
	agent->settings = &settings;
	agent->options.says = say;
	return pthread_mutex_init(&agent->mutex, NULL) == 0 &&
	       pthread_cond_init(&agent->sweeps, NULL) == 0 && mkdir(media, 0700) == 0 &&
	       looked_open(in_folder("looked"), 1, 1000, &agent->looked, &error) == WARD_OK &&
	       notice_new(&to, &agent->notice, &error) == WARD_OK;
}

/* Writes a file; is it heard of? */
static bool is_heard(const char *name)
{
	int fd = open(in_folder(name), O_CREAT | O_WRONLY, 0600);

	if (fd < 0 || write(fd, "ward", 4) != 4 || close(fd) < 0)
		return false;
	for (int i = 0; i < 10 && strcmp(last, in_folder(name)) != 0; i++) {
		struct pollfd ear = { .fd = notice_fd(agent->notice), .events = POLLIN };

		(void)poll(&ear, 1, 10);
		notice_read(agent->notice);
	}
	return strcmp(last, in_folder(name)) == 0;
}

static struct place *home_place(void)
{
	return places_around(agent, in_folder("home"));
}

/* It is to be swept; it is forgotten that it is. */
static bool is_wanted(struct place *place)
{
	bool wanted = place && place->wanted;

	if (place)
		place->wanted = false;
	return wanted;
}

/* The sweeping thread sweeps what is wanted. */
static void sweep_once(struct place *place)
{
	pthread_t sweeper;
	bool done = false;

	place->wanted = true;
	if (pthread_create(&sweeper, NULL, sweep_thread, agent) != 0)
		return;
	while (!done) {
		usleep(1000);
		pthread_mutex_lock(&agent->mutex);
		done = !place->wanted && !agent->sweeping;
		agent->stopped = done;
		pthread_cond_signal(&agent->sweeps);
		pthread_mutex_unlock(&agent->mutex);
	}
	pthread_join(sweeper, NULL);
	agent->stopped = false;
}

static bool was_said(const char *event)
{
	char word[64];

	snprintf(word, sizeof(word), " %s ", event);
	char *at = strstr(said, word);

	if (at)
		*at = '-';
	return at != NULL;
}

static void a_watch_whose_folder_is_missing_is_heard_when_it_comes(void)
{
	CHECK(fresh());
	CHECK_EQ(places_begin(agent, &error), WARD_OK);
	CHECK(home_place()->missing && was_said("watch_missing"));
	(void)is_wanted(home_place());
	places_check(agent);
	CHECK(!was_said("watch_missing") && !is_wanted(home_place()));
	CHECK(mkdir(home, 0700) == 0);
	places_check(agent);
	CHECK(!home_place()->missing && was_said("watch_back"));
	CHECK(is_wanted(home_place()));
	CHECK(is_heard("home/a"));
	places_check(agent);
	CHECK(!is_wanted(home_place()));
}

static void one_that_is_made_anew_or_another_by_now_is_heard(void)
{
	CHECK(fresh());
	CHECK(mkdir(home, 0700) == 0);
	CHECK_EQ(places_begin(agent, &error), WARD_OK);
	CHECK(is_wanted(home_place()) && is_heard("home/a"));
	/* Its number is the same, or another. */
	CHECK(unlink(in_folder("home/a")) == 0 && rmdir(home) == 0 && mkdir(home, 0700) == 0);
	notice_read(agent->notice);
	places_check(agent);
	CHECK(is_wanted(home_place()) && is_heard("home/b"));
	CHECK(rename(home, in_folder("away")) == 0 && mkdir(home, 0700) == 0);
	places_check(agent);
	CHECK(is_wanted(home_place()) && is_heard("home/c"));
	CHECK(!is_heard("away/d"));
	CHECK(strcmp(last, in_folder("home/d")) != 0);
	CHECK(rename(home, in_folder("gone")) == 0);
	places_check(agent);
	CHECK(home_place()->missing && was_said("watch_missing"));
	CHECK_EQ(notice_count(agent->notice), 0);
	CHECK(symlink(in_folder("gone"), home) == 0);
	places_check(agent);
	CHECK(home_place()->missing);
}

static void one_that_is_mounted_over_is_heard_and_can_be_unmounted(void)
{
	CHECK(fresh());
	CHECK(mkdir(home, 0700) == 0);
	CHECK_EQ(places_begin(agent, &error), WARD_OK);
	CHECK(is_wanted(home_place()));
	if (mount("none", home, "tmpfs", 0, NULL) < 0)
		CHECK_SKIP("mounting wants root");
	places_mounts(agent);
	bool heard = is_wanted(home_place()) && is_heard("home/a");

	/* And once more, where the number is the same. */
	if (mount("none", home, "tmpfs", 0, NULL) == 0) {
		places_mounts(agent);
		heard = heard && is_wanted(home_place()) && is_heard("home/over");
		heard = umount2(home, heard ? 0 : MNT_DETACH) == 0 && heard;
		places_mounts(agent);
	}
	bool unmounted = umount2(home, heard ? 0 : MNT_DETACH) == 0;

	CHECK(heard && unmounted);
	places_mounts(agent);
	CHECK(is_wanted(home_place()) && is_heard("home/b"));
}

/* A mark of fanotify would hold it. */
static void one_that_is_seen_before_its_mount_is_told_can_be_unmounted(void)
{
	CHECK(fresh());
	CHECK(mkdir(home, 0700) == 0);
	if (notice_whole_new(&to, &agent->whole, &error) != WARD_OK)
		agent->whole = NULL;
	CHECK_EQ(places_begin(agent, &error), WARD_OK);
	if (!home_place()->whole || mount("none", home, "tmpfs", 0, NULL) < 0)
		CHECK_SKIP("this wants root, and a file system that can be listened to as a whole");
	places_check(agent);
	places_mounts(agent);
	bool heard = !home_place()->whole && is_heard("home/a");

	bool unmounted = umount(home) == 0;

	if (!unmounted)
		(void)umount2(home, MNT_DETACH);
	CHECK(heard && unmounted);
	places_mounts(agent);
	CHECK(home_place()->whole);
}

/* A table of mounts with this folder in it, or (NULL) none. */
static void mount_as(const char *type, const char *name)
{
	struct mounts mounts;
	char text[700] = "1 0 8:1 / / rw - ext4 x rw\n";
	static unsigned id = 100;

	if (name)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
				"%u 1 8:2 / %s rw - %s y rw\n", id++, in_folder(name), type);
	if (mounts_parse(ward_str_from(text), &mounts, &error) == WARD_OK)
		places_mounted(agent, &mounts);
}

static void mount_medium(const char *name)
{
	mount_as("vfat", name);
}

static void media_beyond_any_number_are_watched_each_in_its_turn(void)
{
	CHECK(fresh());
	for (int i = 0; i < PLACES_MAX + 20; i++) {
		char name[64];

		snprintf(name, sizeof(name), "media/%d", i);
		CHECK(mkdir(in_folder(name), 0700) == 0);
		mount_medium(name);
		CHECK(is_wanted(places_around(agent, in_folder(name))));
		mount_medium(NULL);
	}
	CHECK(mkdir(in_folder("media/last"), 0700) == 0);
	mount_medium("media/last");
	CHECK(is_heard("media/last/a"));
}

/* A server that does not answer would make the hearing thread deaf to all. */
static void one_of_another_machine_is_asked_about_by_sweeps_alone(void)
{
	CHECK(fresh());
	CHECK(mkdir(home, 0700) == 0);
	CHECK_EQ(places_begin(agent, &error), WARD_OK);
	mount_as("nfs4", "home");
	struct place *place = home_place();

	CHECK(place->remote);
	CHECK_EQ(place->every_ms, 900000);
	CHECK(rename(home, in_folder("away")) == 0);
	places_check(agent);
	CHECK(!place->missing);
	sweep_once(place);
	places_check(agent);
	CHECK(place->missing && was_said("watch_missing"));
	CHECK(mkdir(home, 0700) == 0);
	places_check(agent);
	CHECK(place->missing);
	sweep_once(place);
	places_check(agent);
	CHECK(!place->missing && is_heard("home/a"));
}

static void the_slot_of_one_that_is_lent_from_is_no_others(void)
{
	CHECK(fresh());
	CHECK(mkdir(in_folder("media/a"), 0700) == 0 && mkdir(in_folder("media/b"), 0700) == 0);
	mount_medium("media/a");
	struct place *lent = places_around(agent, in_folder("media/a"));

	CHECK(lent != NULL);
	lent->users++;
	mount_medium("media/b");
	CHECK_STR(lent->path, in_folder("media/a"));
	CHECK(lent->gone);
	lent->users--;
	mount_medium("media/c");
	CHECK_STR(lent->path, in_folder("media/c"));
}

static void what_was_below_a_mount_is_heard_when_it_has_gone(void)
{
	CHECK(fresh());
	CHECK(mkdir(home, 0700) == 0 && mkdir(in_folder("home/stick"), 0700) == 0);
	CHECK_EQ(places_begin(agent, &error), WARD_OK);
	mount_medium("home/stick");
	CHECK(places_around(agent, in_folder("home/stick/a")) != home_place());
	CHECK(is_heard("home/stick/a"));
	mount_medium(NULL);
	CHECK(places_around(agent, in_folder("home/stick/a")) == home_place());
	CHECK(is_heard("home/stick/b"));
}

static void what_there_are_no_watches_for_is_swept_until_there_are(void)
{
	CHECK(fresh());
	CHECK(mkdir(home, 0700) == 0);
	CHECK_EQ(places_begin(agent, &error), WARD_OK);
	struct place *place = home_place();

	CHECK(is_wanted(place));
	CHECK_EQ(place->every_ms, 0);
	watches_left = 0;
	CHECK(mkdir(in_folder("home/in"), 0700) == 0 && is_heard("home/a"));
	CHECK(is_wanted(place) && place->limited && was_said("watches_full"));
	CHECK_EQ(place->every_ms, 900000);
	/* Said once, and not swept for each folder. */
	CHECK(mkdir(in_folder("home/more"), 0700) == 0 && is_heard("home/b"));
	CHECK(!is_wanted(place) && !was_said("watches_full"));
	/* Behind each sweep it is tried again. */
	sweep_once(place);
	places_check(agent);
	CHECK(place->limited && !is_wanted(place) && !was_said("watches_full"));
	CHECK_EQ(place->every_ms, 900000);
	watches_left = -1;
	sweep_once(place);
	places_check(agent);
	CHECK(!place->limited && is_wanted(place));
	CHECK_EQ(place->every_ms, 0);
	CHECK(is_heard("home/in/c") && is_heard("home/more/d"));
}

static void what_cannot_be_opened_is_told_once_and_tried_later_and_later(void)
{
	CHECK(fresh());
	CHECK(mkdir(home, 0700) == 0);
	CHECK_EQ(places_begin(agent, &error), WARD_OK);
	struct place *place = home_place();
	uint64_t before = agent_ms();

	(void)ward_fail(&error, WARD_E_IO, "an error");
	places_missed(agent, in_folder("home/a"), &error);
	places_missed(agent, in_folder("home/b"), &error);
	CHECK(was_said("not_opened") && !was_said("not_opened"));
	CHECK_EQ(agent->not_opened, 2);
	CHECK(place->vain && place->next_ms >= before + RETRY_MS &&
			place->next_ms <= agent_ms() + RETRY_MS);
	sweep_once(place);
	CHECK_EQ(place->tries, 1);
	sweep_once(place);
	CHECK_EQ(place->tries, 0);
	place->next_ms = 0;
	place->tries = 3;
	before = agent_ms();
	places_missed(agent, in_folder("home/a"), &error);
	CHECK(place->next_ms >= before + 8 * RETRY_MS);
	/* What never heals is tried no more than once a day. */
	place->next_ms = 0;
	place->tries = 12;
	(void)ward_fail(&error, WARD_E_DENIED, "no");
	places_missed(agent, in_folder("home/a"), &error);
	CHECK(place->next_ms <= agent_ms() + LATEST_MS);
	CHECK(was_said("not_opened"));
	/* And what is too long is only counted. */
	place->next_ms = 0;
	(void)ward_fail(&error, WARD_E_UNSUPPORTED, "too long");
	places_missed(agent, in_folder("home/a"), &error);
	CHECK_EQ(agent->too_long, 1);
	CHECK(place->next_ms == 0 && was_said("too_long"));
}

static const struct test_case cases[] = {
	{ "a watch whose folder is missing is heard when it comes",
			a_watch_whose_folder_is_missing_is_heard_when_it_comes },
	{ "one that is made anew, or another by now, is heard",
			one_that_is_made_anew_or_another_by_now_is_heard },
	{ "one that is mounted over is heard, and can be unmounted",
			one_that_is_mounted_over_is_heard_and_can_be_unmounted },
	{ "one that is seen before its mount is told can be unmounted",
			one_that_is_seen_before_its_mount_is_told_can_be_unmounted },
	{ "media beyond any number are watched, each in its turn",
			media_beyond_any_number_are_watched_each_in_its_turn },
	{ "one of another machine is asked about by sweeps alone",
			one_of_another_machine_is_asked_about_by_sweeps_alone },
	{ "the slot of one that is lent from is no other's",
			the_slot_of_one_that_is_lent_from_is_no_others },
	{ "what was below a mount is heard when it has gone",
			what_was_below_a_mount_is_heard_when_it_has_gone },
	{ "what there are no watches for is swept until there are",
			what_there_are_no_watches_for_is_swept_until_there_are },
	{ "what cannot be opened is told once, and tried later and later",
			what_cannot_be_opened_is_told_once_and_tried_later_and_later },
};

int main(void)
{
	int failures = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	end();
	return failures;
}
