/*
 * A child changes a list, and says in a pipe what it begins and what it has
 * done.  It is killed at a random moment, and the list must be what it was
 * after the last thing done, or after the one begun: whole, and never neither.
 */
#include "bank/list_test.h"
#include "bank/opinions.h"

#include <signal.h>
#include <sys/wait.h>

#define KILLS       300
#define ENTRIES_MAX 20000

static uint64_t state;

static uint64_t draw(uint64_t below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

/* ---- what the list should be ---- */

struct model {
	uint64_t seeds[ENTRIES_MAX]; /* of each entry's signal; 0 is removed */
	size_t count;
	size_t gone; /* the first so many are removed */
	int radius;
	uint32_t affirmed;
};

enum step_kind { CREATE, CHANGE, COMPACT, SET_INFO, OPINE, STEP_KINDS };

struct step {
	uint32_t begins; /* or is done */
	uint32_t kind;
	uint64_t seed; /* not 0 */
};

static ward_signal signal_of(uint64_t seed)
{
	return seed % 2 ? digest_of(WARD_SIGNAL_MD5, seed) : ward_pdq_signal(pdq_of(seed));
}

static size_t added_by(const struct step *step)
{
	return step->kind == CREATE ? 1 + step->seed % 3000 : 1 + step->seed % 30;
}

/* Every other new version takes back its first entry, which is a second segment. */
static bool drops_first(const struct step *step)
{
	return step->seed % 2 == 0;
}

static void model_step(struct model *model, const struct step *step)
{
	if (step->kind == CREATE) {
		model->count = 0;
		model->gone = drops_first(step);
		model->radius = WARD_PDQ_RADIUS;
	}
	if (step->kind == CHANGE && model->gone < model->count)
		model->gone++;
	for (uint64_t i = 0; step->kind <= CHANGE && i < added_by(step); i++)
		model->seeds[model->count++] = step->seed + i;
	if (step->kind == SET_INFO)
		model->radius = (int)(step->seed % 64);
	if (step->kind == OPINE)
		model->affirmed++;
}

/* ---- the child ---- */

static bool do_create(const struct step *step)
{
	struct ward_list_writer *writer = begin("a");
	bool ok = writer;

	for (uint64_t i = 0; ok && i < added_by(step); i++)
		ok = add(writer, i, signal_of(step->seed + i), "ward:boat");
	if (ok && drops_first(step))
		ok = !ward_list_writer_drop(writer, 0, &error);
	return ok && commit(writer);
}

static bool do_change(const struct model *model, const struct step *step)
{
	struct ward_list_writer *writer = change("a");
	uint64_t removed = 0;
	bool ok = writer;

	if (ok && model->gone < model->count) {
		ward_signal signal = signal_of(model->seeds[model->gone]);

		ok = !ward_list_writer_remove_signal(writer, &signal, &removed, &error) &&
		     removed == 1;
	}
	for (uint64_t i = 0; ok && i < added_by(step); i++)
		ok = add(writer, ward_list_writer_next(writer), signal_of(step->seed + i), "");
	return ok && commit(writer);
}

static bool do_set_info(const struct step *step)
{
	struct ward_list_info info = info_of("a");

	info.radius = (int)(step->seed % 64);
	return !ward_list_set_info(in_folder("a"), &info, &error);
}

static bool do_opine(const struct step *step)
{
	struct ward_opinion opinion = { .kind = WARD_OPINION_AFFIRM };

	opinion.signal = digest_of(WARD_SIGNAL_MD5, 7);
	snprintf(opinion.who, sizeof(opinion.who), "person %d", (int)step->seed);
	return !ward_list_opine(in_folder("a"), &opinion, &error);
}

static bool do_step(const struct model *model, const struct step *step)
{
	switch ((enum step_kind)step->kind) {
	case CREATE:
		return do_create(step);
	case CHANGE:
		return do_change(model, step);
	case COMPACT:
		return !ward_list_compact(in_folder("a"), &error);
	case SET_INFO:
		return do_set_info(step);
	case OPINE:
		return do_opine(step);
	case STEP_KINDS:
		break;
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
	static const uint32_t kinds[] = { CREATE, CHANGE, CHANGE, CHANGE, CHANGE, CHANGE, COMPACT,
		SET_INFO, OPINE };

	for (;;) {
		struct step step = { true, kinds[draw(sizeof(kinds) / sizeof(*kinds))],
			1 + draw((uint64_t)1 << 40) };

		if (model->count > ENTRIES_MAX - 100)
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

static bool list_is(const struct ward_list *list, const struct model *model, uint32_t affirmed)
{
	struct ward_record record;
	uint64_t cursor = 0;

	if (ward_list_entries(list) != model->count - model->gone || affirmed != model->affirmed ||
			ward_list_info(list)->radius != model->radius)
		return false;
	for (size_t i = model->gone; i < model->count; i++) {
		ward_signal want = signal_of(model->seeds[i]);

		if (!ward_list_next(list, &cursor, &record) || record.signal_count != 1 ||
				record.number != i || !ward_signal_eq(&record.signals[0], &want))
			return false;
	}
	return !ward_list_next(list, &cursor, &record);
}

static uint32_t affirmed_in(const char *name)
{
	ward_signal signal = digest_of(WARD_SIGNAL_MD5, 7);
	struct opinions opinions = { 0 };
	const struct opinion_count *count;
	uint32_t affirmed = 0;

	if (opinions_read(in_folder(name), &opinions, &error))
		return UINT32_MAX;
	count = opinions_find(&opinions, &signal);
	if (count)
		affirmed = count->affirmed;
	opinions_free(&opinions);
	return affirmed;
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
	static struct model next;
	struct ward_list *list = open_list("a");
	uint32_t affirmed = affirmed_in("a");
	bool ok;

	if (!list)
		return false;
	next = *model;
	if (begun->seed)
		model_step(&next, begun);
	ok = list_is(list, model, affirmed);
	if (!ok && list_is(list, &next, affirmed)) {
		*model = next;
		ok = true;
	}
	ok = ok && !ward_list_verify(list, NULL, NULL, &error);
	if (!ok)
		printf("# %d entries, radius %d, %u opinions; was %d, %d, %u; step %u\n",
				(int)ward_list_entries(list), ward_list_info(list)->radius,
				affirmed, (int)(model->count - model->gone), model->radius,
				model->affirmed, begun->kind);
	ward_list_free(list);
	return ok;
}

static bool kill_one(struct model *model, int *interrupted)
{
	uint64_t delay_us = draw(40000), seed = draw(UINT64_MAX);
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
	DIR *entries = opendir(in_folder("a"));
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
	static struct model model;
	struct step first = { false, CREATE, 5 };
	int interrupted = 0;

	fresh_list_folder();
	state = (uint64_t)getpid();
	printf("# seed %d\n", (int)getpid());
	CHECK(do_create(&first));
	model_step(&model, &first);
	for (int i = 0; i < KILLS; i++)
		CHECK(kill_one(&model, &interrupted));
	/* A test whose kills all fell between two changes would prove nothing. */
	printf("# %d of %d killed in the middle of a change\n", interrupted, KILLS);
	CHECK(interrupted > KILLS / 2);
}

static void the_next_writer_sweeps_what_a_killed_one_left(void)
{
	static struct model model;
	struct step step = { false, CREATE, 5 };
	int interrupted = 0;

	fresh_list_folder();
	CHECK(do_create(&step));
	model_step(&model, &step);
	for (int i = 0; i < 20; i++)
		CHECK(kill_one(&model, &interrupted));
	CHECK(do_create(&step));
	CHECK_EQ(count_files(".seg"), 1);
	CHECK_EQ(count_files(".tmp"), 0);
}

static const struct test_case cases[] = {
	{ "a killed writer leaves the old list or the new, never neither",
			a_killed_writer_leaves_the_old_list_or_the_new },
	{ "the next writer sweeps what a killed one left",
			the_next_writer_sweeps_what_a_killed_one_left },
};
TEST_MAIN(cases)
