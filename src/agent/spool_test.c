#include "agent/spool.h"

#include "base/test.h"
#include "base/test_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct agent_spool *spool;
static struct ward_error error;

static bool open_at(const char *name, uint64_t bytes_max)
{
	agent_spool_close(spool);
	spool = NULL;
	return agent_spool_open(in_folder(name), bytes_max, &spool, &error) == WARD_OK;
}

static bool fresh(void)
{
	fresh_folder();
	return open_at("spool", 0);
}

static ward_err add(const char *key, const char *body)
{
	return agent_spool_add(spool, ward_str_from(key), ward_str_from(body), &error);
}

/* Takes the oldest, and says whether it was this one. */
static bool takes(const char *key, const char *body)
{
	struct agent_spool_entry entry;

	if (agent_spool_next(spool, &entry, &error))
		return false;
	bool same = strcmp(entry.key, key) == 0 && strcmp(entry.body, body) == 0 &&
		    entry.body_len == strlen(body);

	free(entry.body);
	return same && agent_spool_done(spool, entry.number, &error) == WARD_OK;
}

static bool is_empty(void)
{
	struct agent_spool_entry entry;
	bool empty = agent_spool_next(spool, &entry, &error) == WARD_E_NOT_FOUND;

	if (!empty)
		free(entry.body);
	return empty;
}

static void gives_reports_in_the_order_they_came_in(void)
{
	CHECK(fresh());
	CHECK(is_empty());
	CHECK_EQ(add("a", "{\"one\":1}"), WARD_OK);
	CHECK_EQ(add("b", "{}"), WARD_OK);
	CHECK_EQ(agent_spool_count(spool).waiting, 2);
	CHECK(takes("a", "{\"one\":1}"));
	CHECK_EQ(add("c", "{}"), WARD_OK);
	CHECK(takes("b", "{}"));
	CHECK(takes("c", "{}"));
	CHECK(is_empty());
	CHECK_EQ(agent_spool_count(spool).waiting, 0);
	CHECK_EQ(agent_spool_count(spool).bytes, 0);
}

static void still_has_them_when_it_is_opened_again(void)
{
	CHECK(fresh());
	CHECK_EQ(add("a", "{}"), WARD_OK);
	CHECK_EQ(add("b", "{}"), WARD_OK);
	CHECK(takes("a", "{}"));
	CHECK(open_at("spool", 0));
	CHECK_EQ(agent_spool_count(spool).waiting, 1);
	CHECK_EQ(add("c", "{}"), WARD_OK);
	CHECK(takes("b", "{}"));
	CHECK(takes("c", "{}"));
}

static void is_open_in_one_process_at_a_time(void)
{
	struct agent_spool *second;

	CHECK(fresh());
	CHECK_EQ(agent_spool_open(in_folder("spool"), 0, &second, &error), WARD_E_CONFLICT);
}

static void puts_a_refused_report_aside_and_goes_on(void)
{
	struct agent_spool_entry entry;

	CHECK(fresh());
	CHECK_EQ(add("a", "{}"), WARD_OK);
	CHECK_EQ(add("b", "{}"), WARD_OK);
	CHECK_EQ(agent_spool_next(spool, &entry, &error), WARD_OK);
	free(entry.body);
	CHECK_EQ(agent_spool_refuse(spool, entry.number, &error), WARD_OK);
	CHECK(takes("b", "{}"));
	CHECK(is_empty());
	CHECK(open_at("spool", 0));
	CHECK_EQ(agent_spool_count(spool).refused, 1);
	CHECK_EQ(agent_spool_count(spool).waiting, 0);
}

static void passes_over_a_torn_and_a_changed_report(void)
{
	CHECK(fresh());
	CHECK_EQ(add("a", "{\"long\":\"enough\"}"), WARD_OK);
	CHECK_EQ(add("b", "{\"x\":1}"), WARD_OK);
	CHECK_EQ(add("c", "{}"), WARD_OK);
	CHECK(truncate(in_folder("spool/0000000000000001.report"), 45) == 0);
	int fd = open(in_folder("spool/0000000000000002.report"), O_WRONLY);

	CHECK(fd >= 0 && pwrite(fd, "y", 1, 42) == 1 && close(fd) == 0);
	CHECK(open_at("spool", 0));
	CHECK(takes("c", "{}"));
	CHECK(is_empty());
	CHECK_EQ(agent_spool_count(spool).damaged, 2);
}

/* As a bad block would: it is there, and cannot be read. */
static bool breaks(const char *name)
{
	const char *path = in_folder(name);

	return unlink(path) == 0 && symlink(path, path) == 0;
}

static void puts_aside_what_the_disk_does_not_give(void)
{
	struct agent_spool_counts counts;

	CHECK(fresh());
	CHECK_EQ(add("a", "{}"), WARD_OK);
	CHECK_EQ(add("b", "{}"), WARD_OK);
	CHECK(breaks("spool/0000000000000001.report"));
	CHECK(takes("b", "{}"));
	CHECK(is_empty());
	CHECK_EQ(agent_spool_count(spool).unread, 1);
	CHECK_EQ(agent_spool_count(spool).waiting, 0);
	CHECK_EQ(agent_spool_look(in_folder("spool"), &counts, &error), WARD_OK);
	CHECK_EQ(counts.unread, 1);
	/* At the next start the disk is asked once more. */
	CHECK(unlink(in_folder("spool/0000000000000001.unread")) == 0);
	CHECK_EQ(add("c", "{}"), WARD_OK);
	CHECK(rename(in_folder("spool/0000000000000003.report"),
			      in_folder("spool/0000000000000001.unread")) == 0);
	CHECK(open_at("spool", 0));
	CHECK_EQ(agent_spool_count(spool).unread, 0);
	CHECK(takes("c", "{}"));
}

static void puts_nothing_aside_when_it_can_open_nothing_itself(void)
{
	struct agent_spool_entry entry;
	struct rlimit before, none;

	CHECK(fresh());
	CHECK_EQ(add("a", "{}"), WARD_OK);
	CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	ward_err err = agent_spool_next(spool, &entry, &error);

	CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
	CHECK_EQ(err, WARD_E_IO);
	CHECK_EQ(agent_spool_count(spool).unread, 0);
	CHECK(takes("a", "{}"));
}

static void clears_away_what_was_half_written(void)
{
	CHECK(fresh());
	CHECK_EQ(add("a", "{}"), WARD_OK);
	int fd = open(in_folder("spool/0000000000000002.report.new.77"), O_CREAT | O_WRONLY, 0600);

	CHECK(fd >= 0 && write(fd, "ward", 4) == 4 && close(fd) == 0);
	CHECK(open_at("spool", 0));
	CHECK(access(in_folder("spool/0000000000000002.report.new.77"), F_OK) < 0);
	CHECK(takes("a", "{}"));
	CHECK(is_empty());
}

static void says_when_it_is_full_and_keeps_what_it_has(void)
{
	fresh_folder();
	CHECK(open_at("spool", 100));
	CHECK_EQ(add("a", "{\"some\":\"words\"}"), WARD_OK);
	CHECK_EQ(add("b", "{\"some\":\"words\"}"), WARD_E_LIMIT);
	CHECK_EQ(agent_spool_count(spool).waiting, 1);
	CHECK(takes("a", "{\"some\":\"words\"}"));
	CHECK_EQ(add("b", "{\"some\":\"words\"}"), WARD_OK);
}

/* What the kernel does to a write beyond the limit is what a full disk does: less of it, or none.
 */
static void says_when_the_disk_is_full_and_leaves_nothing_behind(void)
{
	struct rlimit before, small = { 0 };

	CHECK(fresh());
	CHECK_EQ(add("a", "{}"), WARD_OK);
	signal(SIGXFSZ, SIG_IGN);
	CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
	small.rlim_max = before.rlim_max;
	for (rlim_t room = 0; room < 42; room += 7) {
		small.rlim_cur = room;
		CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
		ward_err err = add("b", "{\"x\":1}");

		CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
		CHECK_EQ(err, WARD_E_IO);
	}
	CHECK_EQ(agent_spool_count(spool).waiting, 1);
	CHECK(takes("a", "{}"));
	CHECK(is_empty());
	CHECK(open_at("spool", 0));
	CHECK(is_empty());
}

static void refuses_keys_and_texts_that_are_none(void)
{
	CHECK(fresh());
	CHECK_EQ(add("", "{}"), WARD_E_ARGUMENT);
	CHECK_EQ(add("two words", "{}"), WARD_E_ARGUMENT);
	CHECK_EQ(add("a\r\nB: c", "{}"), WARD_E_ARGUMENT);
	CHECK_EQ(add("a", ""), WARD_E_ARGUMENT);
}

/* ---- kill -9 ---- */

/* Adds reports for ever, and says each that is durable in the pipe. */
static void add_for_ever(int pipe_end)
{
	for (uint32_t i = 1;; i++) {
		char key[16];

		snprintf(key, sizeof(key), "k%" PRIu32, i);
		if (add(key, "{\"x\":\"0123456789\"}") || write(pipe_end, &i, sizeof(i)) < 0)
			_exit(1);
	}
}

/* Every report that was said to be durable, in order, and at most one more. */
static bool has_all_until(uint32_t last)
{
	for (uint32_t i = 1; i <= last; i++) {
		char key[16];

		snprintf(key, sizeof(key), "k%" PRIu32, i);
		if (!takes(key, "{\"x\":\"0123456789\"}"))
			return false;
	}
	if (!is_empty()) {
		char key[16];

		snprintf(key, sizeof(key), "k%" PRIu32, last + 1);
		return takes(key, "{\"x\":\"0123456789\"}") && is_empty();
	}
	return true;
}

static void loses_nothing_when_its_writer_is_killed(void)
{
	for (unsigned round = 0; round < 30; round++) {
		uint32_t last = 0, said;
		int ends[2];

		fresh_folder();
		CHECK(pipe(ends) == 0);
		pid_t child = fork();

		if (child == 0) {
			if (!open_at("spool", 0))
				_exit(1);
			add_for_ever(ends[1]);
		}
		close(ends[1]);
		usleep(2000 + round * 700);
		CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
		while (read(ends[0], &said, sizeof(said)) == sizeof(said))
			last = said;
		close(ends[0]);
		CHECK(open_at("spool", 0));
		CHECK(has_all_until(last));
		CHECK_EQ(agent_spool_count(spool).damaged, 0);
	}
	agent_spool_close(spool);
	spool = NULL;
}

static const struct test_case cases[] = {
	{ "gives reports in the order they came in", gives_reports_in_the_order_they_came_in },
	{ "still has them when it is opened again", still_has_them_when_it_is_opened_again },
	{ "is open in one process at a time", is_open_in_one_process_at_a_time },
	{ "puts a refused report aside and goes on", puts_a_refused_report_aside_and_goes_on },
	{ "passes over a torn and a changed report", passes_over_a_torn_and_a_changed_report },
	{ "puts aside what the disk does not give", puts_aside_what_the_disk_does_not_give },
	{ "puts nothing aside when it can open nothing itself",
			puts_nothing_aside_when_it_can_open_nothing_itself },
	{ "clears away what was half written", clears_away_what_was_half_written },
	{ "says when it is full and keeps what it has",
			says_when_it_is_full_and_keeps_what_it_has },
	{ "says when the disk is full and leaves nothing behind",
			says_when_the_disk_is_full_and_leaves_nothing_behind },
	{ "refuses keys and texts that are none", refuses_keys_and_texts_that_are_none },
	{ "loses nothing when its writer is killed", loses_nothing_when_its_writer_is_killed },
};
TEST_MAIN(cases)
