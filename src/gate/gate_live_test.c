#include "gate/gate_live.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "gate/gate_scene.h"

enum { ASKERS = 3, SWAPS = 60 };

static const struct scene_list even = { "swap", WARD_SITE_BLOCK, false, false, NULL,
	{ "even.example", "always.example" } };
static const struct scene_list odd = { "swap", WARD_SITE_BLOCK, false, false, NULL,
	{ "odd.example", "always.example" } };

static struct gate_live *live;
static unsigned dropped;

static void drop(void *owner)
{
	(void)owner;
	dropped++;
}

static struct gate_rules_owner default_rules(void)
{
	return (struct gate_rules_owner){ gate_rules_default(), NULL, drop };
}

static bool open_live(void)
{
	gate_live_free(live);
	live = NULL;
	fresh_folder();
	dropped = 0;
	return scene_make(&even) &&
	       gate_live_open(in_folder("sites"), NULL, default_rules(), &live, &error) == WARD_OK;
}

static bool blocks(const struct gate_state *state, const char *host)
{
	static const uint8_t none[16];
	struct ward_site_hits hits;

	ward_site_ask_host(state->sites, ward_str_from(host), WARD_HOST_NAME, none, 1, &hits);
	return gate_judge(state->rules, &hits, SIZE_MAX, (struct gate_time){ 0 }).act == GATE_BLOCK;
}

/* ---- cases ---- */

static void a_folder_that_is_not_there_is_no_list(void)
{
	const struct gate_state *state;

	fresh_folder();
	gate_live_free(live);
	live = NULL;
	CHECK_EQ(gate_live_open(in_folder("sites"), NULL, default_rules(), &live, &error), WARD_OK);
	state = gate_live_acquire(live);
	CHECK_EQ(ward_site_view_lists(state->sites), 0);
	CHECK_EQ(strlen(state->tag), GATE_TAG_MAX - 1);
	gate_live_release(live, state);
}

static void a_changed_list_comes_into_force_with_another_tag(void)
{
	const struct gate_state *before, *after;
	bool changed = true;

	CHECK(open_live());
	before = gate_live_acquire(live);
	CHECK(blocks(before, "even.example"));
	CHECK_EQ(gate_live_refresh(live, &changed, &error), WARD_OK);
	CHECK(!changed);
	CHECK(scene_make(&odd));
	CHECK_EQ(gate_live_refresh(live, &changed, &error), WARD_OK);
	CHECK(changed);
	after = gate_live_acquire(live);
	CHECK(!blocks(after, "even.example"));
	CHECK(blocks(after, "odd.example"));
	CHECK(strcmp(before->tag, after->tag) != 0);
	/* Who asked before still has what was then. */
	CHECK(blocks(before, "even.example"));
	gate_live_release(live, before);
	gate_live_release(live, after);
}

static void a_list_that_is_damaged_leaves_the_old_one_in_force(void)
{
	const struct gate_state *state;
	bool changed = true;
	char path[600];
	FILE *file;

	CHECK(open_live());
	snprintf(path, sizeof(path), "%s/sites/other", folder);
	CHECK(scene_make(&(struct scene_list){ "other", WARD_SITE_BLOCK, false, false, NULL,
			{ "new.example" } }));
	/* All files of the new list are cut. */
	DIR *entries = opendir(path);
	struct dirent *entry;

	CHECK(entries);
	while ((entry = readdir(entries))) {
		char inside[900];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
		file = fopen(inside, "w");
		CHECK(file);
		CHECK(fputs("cut", file) >= 0);
		CHECK_EQ(fclose(file), 0);
	}
	closedir(entries);
	CHECK(gate_live_refresh(live, &changed, &error) != WARD_OK);
	CHECK(!changed);
	state = gate_live_acquire(live);
	CHECK(blocks(state, "always.example"));
	CHECK_EQ(ward_site_view_lists(state->sites), 1);
	gate_live_release(live, state);
}

static bool write_terms(const char *path)
{
	struct ward_term_list *list = ward_term_list_new(0);
	struct ward_terms *terms = NULL;
	struct ward_buf bytes;
	FILE *file = fopen(path, "w");
	bool ok;

	ward_buf_init(&bytes, 1 << 20);
	ok = list && file &&
	     ward_term_list_read(list, WARD_STR("zorbel\tweight=40\n"), WARD_TERM_FORMAT_WARD,
			     &error) == WARD_OK &&
	     ward_terms_compile(list, &terms, &error) == WARD_OK &&
	     ward_terms_save(terms, &bytes, &error) == WARD_OK &&
	     fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len;
	ok = file && fclose(file) == 0 && ok;
	ward_buf_free(&bytes);
	ward_terms_free(terms);
	ward_term_list_free(list);
	return ok;
}

static void terms_that_are_damaged_keep_no_list_from_coming_into_force(void)
{
	const struct gate_state *state;
	bool changed = false;
	char path[600];
	FILE *file;

	fresh_folder();
	gate_live_free(live);
	live = NULL;
	snprintf(path, sizeof(path), "%s/terms", folder);
	CHECK(scene_make(&even));
	CHECK(write_terms(path));
	CHECK_EQ(gate_live_open(in_folder("sites"), path, default_rules(), &live, &error), WARD_OK);
	file = fopen(path, "w");
	CHECK(file && fputs("cut", file) >= 0 && fclose(file) == 0);
	CHECK(scene_make(&odd));
	CHECK(gate_live_refresh(live, &changed, &error) != WARD_OK);
	CHECK(changed);
	state = gate_live_acquire(live);
	CHECK(blocks(state, "odd.example"));
	CHECK(state->terms);
	gate_live_release(live, state);
	/* It is told again until it is mended, and changes nothing. */
	CHECK(gate_live_refresh(live, &changed, &error) != WARD_OK);
	CHECK(!changed);
}

static void rules_are_given_back_when_nobody_needs_them(void)
{
	const struct gate_state *state;

	CHECK(open_live());
	state = gate_live_acquire(live);
	CHECK_EQ(gate_live_rules(live, default_rules(), &error), WARD_OK);
	CHECK_EQ(dropped, 0);
	gate_live_release(live, state);
	CHECK_EQ(dropped, 1);
	gate_live_free(live);
	live = NULL;
	CHECK_EQ(dropped, 2);
}

static _Atomic bool done;
static _Atomic unsigned wrong, asked;

static void *ask(void *context)
{
	(void)context;
	while (!done) {
		const struct gate_state *state = gate_live_acquire(live);

		if (blocks(state, "even.example") == blocks(state, "odd.example") ||
				!blocks(state, "always.example"))
			wrong++;
		asked++;
		gate_live_release(live, state);
	}
	return NULL;
}

static void lists_are_swapped_under_load_and_no_answer_is_wrong(void)
{
	pthread_t threads[ASKERS];
	bool changed;

	CHECK(open_live());
	done = false;
	for (int i = 0; i < ASKERS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, ask, NULL), 0);
	for (int i = 0; i < SWAPS; i++) {
		CHECK(scene_make(i % 2 ? &even : &odd));
		CHECK_EQ(gate_live_refresh(live, &changed, &error), WARD_OK);
		CHECK(changed);
	}
	done = true;
	for (int i = 0; i < ASKERS; i++)
		pthread_join(threads[i], NULL);
	CHECK(asked > SWAPS);
	CHECK_EQ(wrong, 0);
	gate_live_free(live);
	live = NULL;
	CHECK_EQ(dropped, 1);
}

static const struct test_case cases[] = {
	{ "a folder that is not there is no list", a_folder_that_is_not_there_is_no_list },
	{ "a changed list comes into force with another tag",
			a_changed_list_comes_into_force_with_another_tag },
	{ "a list that is damaged leaves the old one in force",
			a_list_that_is_damaged_leaves_the_old_one_in_force },
	{ "terms that are damaged keep no list from coming into force",
			terms_that_are_damaged_keep_no_list_from_coming_into_force },
	{ "rules are given back when nobody needs them",
			rules_are_given_back_when_nobody_needs_them },
	{ "lists are swapped under load, and no answer is wrong",
			lists_are_swapped_under_load_and_no_answer_is_wrong },
};
TEST_MAIN(cases)
