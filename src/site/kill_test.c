/*
 * A child changes a list, and says in a pipe what it begins and what it has
 * done.  It is killed at a random moment, and the list must be what it was
 * after the last thing done, or after the one begun: whole, and never neither.
 */
#include "site/site_test.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#define KILLS       150
#define ENTRIES_MAX 6000

static uint64_t state;

static uint64_t draw(uint64_t below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

/* Entries are numbers, of which a range is in force: changes add above and take back below. */
struct model {
	uint64_t first, end;
	int64_t life; /* said of the list */
};

enum step_kind { CREATE, CHANGE, COMPACT, SET_INFO };

struct step {
	uint32_t begins; /* or is done */
	uint32_t kind;
	uint64_t seed; /* not 0 */
};

static void model_step(struct model *model, const struct step *step)
{
	if (step->kind == CREATE)
		*model = (struct model){ step->seed, step->seed + 100 + step->seed % 2000, 0 };
	if (step->kind == CHANGE) {
		model->first++;
		model->end += 1 + step->seed % 20;
	}
	if (step->kind == SET_INFO)
		model->life = (int64_t)(step->seed % 1000000);
}

/* ---- the child ---- */

static bool add_range(struct ward_site_writer *writer, uint64_t first, uint64_t end)
{
	bool good = writer;
	char text[64];

	for (uint64_t i = first; good && i < end; i++) {
		snprintf(text, sizeof(text), i % 3 ? "n%llu.test" : "p.test/%llu",
				(unsigned long long)i);
		good = add(writer, text);
	}
	return good;
}

static bool do_change(const struct model *model, const struct model *next)
{
	struct ward_site_writer *writer = change("k");
	bool removed = false;
	char text[64];

	snprintf(text, sizeof(text), model->first % 3 ? "n%llu.test" : "p.test/%llu",
			(unsigned long long)model->first);
	return writer && take_back(writer, text, &removed) && removed &&
	       add_range(writer, model->end, next->end) && commit(writer);
}

static bool do_set(const struct model *next)
{
	struct ward_site_list *list = open_list("k");
	struct ward_site_writer *writer = NULL;
	struct ward_site_info info;

	if (!list)
		return false;
	info = *ward_site_list_info(list);
	ward_site_list_free(list);
	info.stale_after_s = next->life;
	return !ward_site_change(in_folder("k"), &info, &writer, &error) && commit(writer);
}

static bool do_step(const struct model *model, const struct step *step)
{
	struct model next = *model;
	struct ward_site_writer *writer;

	model_step(&next, step);
	switch ((enum step_kind)step->kind) {
	case CREATE:
		writer = begin("k");
		return add_range(writer, next.first, next.end) && commit(writer);
	case CHANGE:
		return do_change(model, &next);
	case COMPACT:
		return !ward_site_compact(in_folder("k"), &error);
	case SET_INFO:
		return do_set(&next);
	}
	return false;
}

static void say(int pipe_end, const struct step *step)
{
	if (write(pipe_end, step, sizeof(*step)) != sizeof(*step))
		_exit(1);
}

/* Never ends by itself, unless something fails. */
static void change_for_ever(struct model *model, int pipe_end)
{
	static const uint32_t kinds[] = { CREATE, CHANGE, CHANGE, CHANGE, CHANGE, COMPACT,
		SET_INFO };

	for (;;) {
		struct step step = { true, kinds[draw(7)], 1 + draw((uint64_t)1 << 40) };

		if (model->end - model->first > ENTRIES_MAX)
			step.kind = CREATE;
		say(pipe_end, &step);
		if (!do_step(model, &step)) {
			printf("# step %u failed: %s\n", step.kind, error.message);
			fflush(stdout);
			_exit(1);
		}
		model_step(model, &step);
		step.begins = false;
		say(pipe_end, &step);
	}
}

/* ---- the parent ---- */

static bool list_is(const struct ward_site_view *view, const struct model *model)
{
	const struct ward_site_list *list = ward_site_view_list(view, 0);
	uint64_t all = model->end - model->first;
	char text[80];

	if (ward_site_list_entries(list) != all ||
			ward_site_list_info(list)->stale_after_s != model->life)
		return false;
	for (uint64_t i = model->first - 1; i <= model->end; i++) {
		snprintf(text, sizeof(text), i % 3 ? "http://n%llu.test/" : "http://p.test/%llu",
				(unsigned long long)i);
		if (ask(view, text, 0) != (i >= model->first && i < model->end))
			return false;
	}
	return true;
}

/* Reads what the child said: `was` after all that is done, and what it had begun. */
static bool read_steps(int pipe_end, struct model *was, struct step *begun)
{
	struct step step;

	*begun = (struct step){ 0 };
	while (read(pipe_end, &step, sizeof(step)) == sizeof(step)) {
		if (step.begins) {
			*begun = step;
		} else {
			model_step(was, &step);
			*begun = (struct step){ 0 };
		}
	}
	return begun->seed != 0;
}

/* The list is as it was, or as it was to become: then `model` is set to that. */
static bool old_or_new(struct model *model, const struct step *begun)
{
	struct ward_site_view *view = open_view();
	struct model next = *model;
	bool good;

	if (!view || ward_site_view_lists(view) != 1)
		return false;
	if (begun->seed)
		model_step(&next, begun);
	good = list_is(view, model);
	if (!good && list_is(view, &next)) {
		*model = next;
		good = true;
	}
	good = good && !ward_site_list_verify(ward_site_view_list(view, 0), &error);
	if (!good)
		printf("# %d entries, step %u\n",
				(int)ward_site_list_entries(ward_site_view_list(view, 0)),
				begun->kind);
	ward_site_view_free(view);
	return good;
}

static bool kill_one(struct model *model, int *interrupted)
{
	uint64_t delay_us = draw(20000), seed = draw(UINT64_MAX);
	struct step begun;
	int ends[2], status = 0;
	pid_t child;

	if (pipe(ends) < 0)
		return false;
	fflush(stdout);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		state = seed; /* other draws than its siblings' */
		change_for_ever(model, ends[1]);
	}
	close(ends[1]);
	usleep((useconds_t)delay_us);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	*interrupted += read_steps(ends[0], model, &begun);
	close(ends[0]);
	return child > 0 && WIFSIGNALED(status) && old_or_new(model, &begun);
}

static size_t count_files(const char *suffix)
{
	DIR *entries = opendir(in_folder("k"));
	struct dirent *entry;
	size_t count = 0;

	while (entries && (entry = readdir(entries)))
		count += ward_str_ends(ward_str_from(entry->d_name), ward_str_from(suffix));
	if (entries)
		closedir(entries);
	return count;
}

static void a_killed_writer_leaves_the_old_list_or_the_new(void)
{
	struct model model = { 0 };
	struct step first = { false, CREATE, 5 };
	int interrupted = 0;

	fresh_folder();
	state = (uint64_t)getpid();
	printf("# seed %d\n", (int)getpid());
	CHECK(do_step(&model, &first));
	model_step(&model, &first);
	for (int i = 0; i < KILLS; i++)
		CHECK(kill_one(&model, &interrupted));
	/* A test whose kills all fell between two changes would prove nothing. */
	printf("# %d of %d killed in the middle of a change\n", interrupted, KILLS);
	CHECK(interrupted > KILLS / 2);
	/* What they left is swept by the next one. */
	CHECK(do_step(&model, &first));
	CHECK_EQ(count_files(".site"), 1);
	CHECK_EQ(count_files(".tmp"), 0);
}

static const struct test_case cases[] = {
	{ "a killed writer leaves the old list or the new, never neither",
			a_killed_writer_leaves_the_old_list_or_the_new },
};
TEST_MAIN(cases)
