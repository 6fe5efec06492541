/* What is told of a file that is to be held, and what becomes of it, when a step fails. */
#include "agent/inner.h"

#include "agent/place.h"
#include "base/file.h"
#include "base/test.h"
#include "base/test_folder.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

static struct ward_error error;
static struct agent agent;
static struct agent_settings settings;
static uint8_t public_key[PAIR_KEY], secret[PAIR_KEY];
static const struct place place = { .source = { .name = "home", .most = AGENT_HOLD } };
static const struct ward_report report = {
	.verdict = { .kind = WARD_BLOCK,
			.queue = { "known", 5 },
			.rule = { "known", 5 },
			.finding = SIZE_MAX },
};

static void says(void *context, const char *event, const char *what)
{
	(void)context;
	(void)event;
	(void)what;
}

static void end(void)
{
	looked_close(agent.looked);
	held_close(agent.held);
	agent_spool_close(agent.spool);
	agent = (struct agent){ .looked = NULL };
}

static bool begin(uint64_t spool_max)
{
	static char quarantine[512];

	end();
	fresh_folder();
	snprintf(quarantine, sizeof(quarantine), "%s", in_folder("held"));
	settings = (struct agent_settings){ .on_block = AGENT_HOLD, .quarantine = quarantine };
	agent = (struct agent){ .settings = &settings, .name = "desk-7", .options.says = says };
	pthread_mutex_init(&agent.mutex, NULL);
	pthread_mutex_init(&agent.act, NULL);
	if (sodium_init() < 0 || crypto_box_keypair(public_key, secret) != 0)
		return false;
	return held_open(quarantine, public_key, 1, &agent.held, &error) == WARD_OK &&
	       agent_spool_open(in_folder("spool"), spool_max, &agent.spool, &error) == WARD_OK &&
	       looked_open(in_folder("looked"), 1, 100, &agent.looked, &error) == WARD_OK &&
	       file_replace(in_folder("a"), (ward_bytes){ (const uint8_t *)"harbour", 7 }, 0600,
			       &error) == WARD_OK;
}

/* Acts on "a" as one that looked at it would; `name` is what it has by the time it is taken. */
static bool act(const char *name)
{
	static char path[512];
	struct source_file file;

	snprintf(path, sizeof(path), "%s", in_folder("a"));
	if (place_folder(path, &file.folder, &file.name, &error) != WARD_OK)
		return false;
	file.fd = open(path, O_RDONLY);
	bool good = file.fd >= 0 && fstat(file.fd, &file.st) == 0;

	file.name = name;
	bool done = good && act_on(&agent, &place, path, &file, &report);

	close(file.fd);
	close(file.folder);
	return done;
}

static bool is_there(const char *name)
{
	return access(in_folder(name), F_OK) == 0;
}

/* What waits to be told, in its order: "held stays". */
static const char *told(void)
{
	static char text[256];
	struct agent_spool_entry entry;

	text[0] = '\0';
	while (agent_spool_next(agent.spool, &entry, &error) == WARD_OK) {
		char *action = strstr(entry.body, "\"action\":\"");
		size_t len = strlen(text);

		action += strlen("\"action\":\"");
		snprintf(text + len, sizeof(text) - len, "%s%.*s", len > 0 ? " " : "",
				(int)strcspn(action, "\""), action);
		free(entry.body);
		if (agent_spool_done(agent.spool, entry.number, &error) != WARD_OK)
			break;
	}
	return text;
}

static bool keep_id(void *id, const struct held_facts *facts)
{
	memcpy(id, facts->id, HELD_ID_TEXT);
	return true;
}

/* FOLDER/ID.held of what is held. */
static const char *copy_path(void)
{
	static char path[64];
	char id[HELD_ID_TEXT] = "";

	if (held_list(settings.quarantine, keep_id, id, &error) != WARD_OK)
		return "";
	snprintf(path, sizeof(path), "held/%s.held", id);
	return path;
}

static void a_file_that_is_held_is_told_of_as_held(void)
{
	CHECK(begin(0));
	CHECK(act("a"));
	CHECK(!is_there("a"));
	CHECK(is_there(copy_path()));
	CHECK_STR(told(), "held");
}

static void one_that_cannot_be_taken_is_told_of_as_staying_once(void)
{
	CHECK(begin(0));
	CHECK(mkdir(in_folder("b"), 0700) == 0);
	/* The name is another file's by the time it is taken. */
	CHECK(!act("b"));
	CHECK(!act("b"));
	CHECK(is_there("a") && is_there(copy_path()));
	CHECK_STR(told(), "stays");
	/* And when it can be, that is the last word. */
	CHECK(act("a"));
	CHECK(!is_there("a"));
	CHECK_STR(told(), "held");
	CHECK_EQ(agent.held_count, 1);
}

static void one_that_cannot_be_kept_is_never_told_of_as_held(void)
{
	char id[64];

	CHECK(begin(0));
	CHECK(mkdir(in_folder("b"), 0700) == 0);
	CHECK(!act("b"));
	(void)told();
	/* A folder is in the way of the copy's name. */
	snprintf(id, sizeof(id), "%s", copy_path());
	CHECK(unlink(in_folder(id)) == 0 && mkdir(in_folder(id), 0700) == 0);
	CHECK(!act("a"));
	CHECK(!act("a"));
	CHECK(is_there("a"));
	CHECK_STR(told(), "not_held");
	CHECK(rmdir(in_folder(id)) == 0);
	CHECK(act("a"));
	CHECK_STR(told(), "held");
}

static void one_that_goes_by_itself_is_held(void)
{
	CHECK(begin(0));
	CHECK(act("gone"));
	CHECK_STR(told(), "held");
}

static void one_that_cannot_be_told_of_stays_and_no_copy_is_left(void)
{
	CHECK(begin(1));
	CHECK(!act("a"));
	CHECK(is_there("a"));
	CHECK_STR(copy_path(), "held/.held");
	CHECK_STR(told(), "");
}

static void one_that_is_killed_between_is_told_of(void)
{
	uint64_t number;

	CHECK(begin(0));
	CHECK_EQ(agent_spool_prepare(agent.spool, WARD_STR("k"), WARD_STR("{\"action\":\"held\"}"),
				 &number, &error),
			WARD_OK);
	CHECK_STR(told(), "");
	agent_spool_close(agent.spool);
	agent.spool = NULL;
	CHECK_EQ(agent_spool_open(in_folder("spool"), 0, &agent.spool, &error), WARD_OK);
	CHECK_EQ(agent_spool_count(agent.spool).waiting, 1);
	CHECK_STR(told(), "held");
	end();
}

static const struct test_case cases[] = {
	{ "a file that is held is told of as held", a_file_that_is_held_is_told_of_as_held },
	{ "one that cannot be taken is told of as staying, once",
			one_that_cannot_be_taken_is_told_of_as_staying_once },
	{ "one that cannot be kept is never told of as held",
			one_that_cannot_be_kept_is_never_told_of_as_held },
	{ "one that goes by itself is held", one_that_goes_by_itself_is_held },
	{ "one that cannot be told of stays, and no copy is left",
			one_that_cannot_be_told_of_stays_and_no_copy_is_left },
	{ "of one, the agent killed as it went, it is told",
			one_that_is_killed_between_is_told_of },
};
TEST_MAIN(cases)
