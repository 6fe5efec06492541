#include "agent/settings.h"

#include "base/file.h"
#include "base/test.h"

#include <stdlib.h>

#define KEY "x25519:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static struct agent_settings settings;
static struct ward_arena arena;
static struct ward_error error;

static ward_err read_text(const char *text)
{
	ward_arena_free(&arena);
	ward_arena_init(&arena, 1 << 20);
	return agent_settings_read(&arena, "agent.conf", ward_str_from(text), &settings, &error);
}

#define BASE                                                     \
	"agent { workspace = /var/lib/ward; folder = /var/ag/ }" \
	"quarantine { key = \"" KEY "\" }\n"

static void little_has_to_be_said(void)
{
	CHECK_EQ(read_text(BASE "watch \"homes\" { folder = /srv }"), WARD_OK);
	CHECK_STR(settings.folder, "/var/ag");
	CHECK_STR(settings.spool, "/var/ag/spool");
	CHECK_STR(settings.quarantine, "/var/ag/held");
	CHECK_EQ(settings.workers, 1);
	CHECK_EQ(settings.on_block, AGENT_HOLD);
	CHECK_EQ(settings.on_hold, AGENT_TELL);
	CHECK_EQ(settings.key_count, 1);
	CHECK(!settings.url);
}

static void the_innermost_watch_holds(void)
{
	CHECK_EQ(read_text(BASE "watch \"homes\" { folder = /srv }\n"
				"watch \"anna\" { folder = /srv/anna; act = tell }\n"
				"media { folder = /media; folder = \"/run/media\" }"),
			WARD_OK);
	CHECK_STR(agent_settings_watch(&settings, "/srv/boris/a")->name, "homes");
	CHECK_STR(agent_settings_watch(&settings, "/srv/anna/a")->name, "anna");
	CHECK_STR(agent_settings_watch(&settings, "/run/media/x/a")->name, "media");
	CHECK(!agent_settings_watch(&settings, "/srvs/a"));
	CHECK(agent_settings_is_own(&settings, "/var/ag/held/x"));
	CHECK(!agent_settings_is_own(&settings, "/var/again"));
}

static void patterns_pass_over_files_and_all_that_is_in_folders(void)
{
	const struct agent_watch *watch = settings.watches;

	CHECK_EQ(read_text(BASE "watch \"homes\" { folder = /srv; exclude = [\"*.tmp\", cache]\n"
				"exclude = \"/srv/*/Trash\" }"),
			WARD_OK);
	CHECK_EQ(watch->exclude_count, 3);
	CHECK(agent_watch_covers(watch, "/srv/a/b.png"));
	CHECK(!agent_watch_covers(watch, "/srv/a/b.tmp"));
	CHECK(!agent_watch_covers(watch, "/srv/a/cache/deep/b.png"));
	CHECK(!agent_watch_covers(watch, "/srv/a/Trash/b.png"));
	CHECK(agent_watch_covers(watch, "/srv/a/b/Trash/b.png"));
}

static void of_a_maildir_messages_alone_are_looked_at(void)
{
	const struct agent_watch *watch = settings.watches;

	CHECK_EQ(read_text(BASE "watch \"mail\" { folder = /mail; kind = maildir }"), WARD_OK);
	CHECK(agent_watch_covers(watch, "/mail/new/1.host"));
	CHECK(agent_watch_covers(watch, "/mail/.Sent/cur/1.host:2,S"));
	CHECK(!agent_watch_covers(watch, "/mail/tmp/1.host"));
	CHECK(!agent_watch_covers(watch, "/mail/dovecot.index"));
}

static void a_bucket_alone_is_enough(void)
{
	CHECK_EQ(read_text(BASE "bucket \"uploads\" { url = \"https://s3.example.org/uploads\"\n"
				"keys = /etc/ward/keys; every = 5min; prefix = \"in/\" }"),
			WARD_OK);
	CHECK_EQ(settings.bucket_count, 1);
	CHECK_STR(settings.buckets[0].name, "uploads");
	CHECK_STR(settings.buckets[0].prefix, "in/");
	CHECK_EQ(settings.buckets[0].every_ms, 300000);
	CHECK(!settings.buckets[0].region);
}

static void a_mistake_is_told_with_its_line(void)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{ BASE "watch \"a\" { foldr = /srv }",
				"agent.conf:2: there is no setting \"foldr\"" },
		{ BASE "watch \"a\" { folder = home }", "begins with /" },
		{ BASE "watch \"a\" { folder = /srv/../etc }", "without \"..\"" },
		{ BASE "watch { folder = /srv }", "a watch has a name" },
		{ BASE "watch \"a\" { }", "wants a folder" },
		{ BASE "act { block = delete }", "hold, tell or nothing" },
		{ BASE "limits { workers = 0 }", "bounds" },
		{ BASE "nonsense { }", "no section of this name" },
		{ BASE "bucket \"a\" { url = \"https://a.example/b\" }", "wants url and keys" },
		{ BASE "bucket \"a\" { url = \"http://a.example/b\"; keys = /k }", "is https" },
		{ BASE "bucket \"a\" { url = \"https://a.example/b?c\"; keys = /k }", "is https" },
		{ BASE "bucket { }", "a bucket has a name" },
		{ BASE, "nothing is watched" },
		{ BASE "watch \"a\" { folder = /a }\nwardd { url = \"https://a\" }",
				"go together" },
		{ "agent { folder = /a }", "agent.workspace" },
		{ "agent { workspace = /w; folder = /a }\nwatch \"a\" { folder = /a }",
				"quarantine.key is wanted" },
		{ "quarantine { key = abc }", "public key" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		CHECK(read_text(wrong[i].text) != WARD_OK);
		CHECK(strstr(error.message, wrong[i].says));
	}
	ward_arena_free(&arena);
}

static void the_man_page_has_every_setting(void)
{
	const char *root = getenv("WARD_SOURCE_ROOT"), *word;
	char path[1024], *text;
	size_t len;

	CHECK(root);
	snprintf(path, sizeof(path), "%s/docs/man/ward-agent.1.scd", root);
	CHECK_EQ(file_read(path, 1 << 20, &text, &len, &error), WARD_OK);
	for (size_t i = 0; (word = agent_settings_word(i)) != NULL; i++) {
		char bold[64];

		snprintf(bold, sizeof(bold), "*%s*", word);
		if (!strstr(text, bold))
			printf("# %s is not there\n", word);
		CHECK(strstr(text, bold));
	}
	free(text);
}

static const struct test_case cases[] = {
	{ "little has to be said", little_has_to_be_said },
	{ "the innermost watch holds", the_innermost_watch_holds },
	{ "patterns pass over files, and all that is in folders",
			patterns_pass_over_files_and_all_that_is_in_folders },
	{ "of a Maildir messages alone are looked at", of_a_maildir_messages_alone_are_looked_at },
	{ "a bucket alone is enough", a_bucket_alone_is_enough },
	{ "a mistake is told with its line", a_mistake_is_told_with_its_line },
	{ "the man page has every setting", the_man_page_has_every_setting },
};
TEST_MAIN(cases)
