#include "bank/exclusion.h"
#include "bank/search.h"

struct ward_search ward_search_default(void)
{
	return (struct ward_search){ .radius = -1 };
}

/* ---- which lists ---- */

static bool is_current(const struct ward_list *list, const struct ward_search *search)
{
	int64_t expires = ward_list_info(list)->expires;

	return search->now == 0 || expires == 0 || expires > search->now;
}

bool search_asks(const struct ward_list *list, const struct ward_search *search)
{
	const struct ward_list_info *info = ward_list_info(list);

	if (info->sense == WARD_SENSE_EXCLUDE || !is_current(list, search))
		return false;
	if (!search->lists)
		return info->enabled;
	for (size_t i = 0; i < search->list_count; i++) {
		if (ward_str_eq(search->lists[i], ward_str_from(info->name)))
			return true;
	}
	return false;
}

/* A name that no list has would look like an answer without hits. */
ward_err search_check_names(const struct ward_bank_view *view, const struct ward_search *search,
		struct ward_error *error)
{
	for (size_t i = 0; search->lists && i < search->list_count; i++) {
		if (!ward_bank_find(view, search->lists[i]))
			return ward_fail(error, WARD_E_NOT_FOUND, "there is no list %.*s",
					WARD_FMT(search->lists[i]));
	}
	return WARD_OK;
}

size_t search_excluding(const struct ward_bank_view *view, const struct ward_search *search,
		const struct ward_list **lists)
{
	size_t count = 0;

	for (size_t i = 0; i < ward_bank_list_count(view); i++) {
		const struct ward_list *list = ward_bank_list(view, i);
		const struct ward_list_info *info = ward_list_info(list);

		if (info->sense == WARD_SENSE_EXCLUDE && info->enabled && is_current(list, search))
			lists[count++] = list;
	}
	return count;
}

static ward_err check_question(const ward_signal *signals, size_t count,
		const struct ward_search *search, struct ward_error *error)
{
	if (search->radius > WARD_PDQ_RADIUS_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "a PDQ radius is 0 to %d, not %d",
				WARD_PDQ_RADIUS_MAX, search->radius);
	if (count > UINT32_MAX / WARD_DIHEDRAL_COUNT)
		return ward_fail(error, WARD_E_LIMIT, "%zu questions in one batch", count);
	for (size_t i = 0; i < count; i++) {
		if (signals[i].kind <= WARD_SIGNAL_NONE ||
				signals[i].kind >= WARD_SIGNAL_KIND_COUNT)
			return ward_fail(error, WARD_E_ARGUMENT, "a search needs a signal");
	}
	if (search->all_orientations && !search->dihedral)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a search in all orientations needs the hashes of all of them");
	return WARD_OK;
}

/* ---- the questions of one call ---- */

struct questions {
	const struct ward_search *search;
	const ward_signal *signals;
	size_t count;
	size_t looks; /* of each: 8 in all orientations, else 1 */
	/* Of each question. */
	struct hit_sink *sinks;
	struct exclusion *exclusions;
	/* Of the PDQ ones: their hashes, `looks` of each, and their sinks. */
	ward_pdq *hashes;
	struct hit_sink *pdq_sinks;
	size_t pdq_count;
	const struct ward_list **excluding;
	size_t excluding_count;
};

static void questions_free(struct questions *questions)
{
	free(questions->sinks);
	free(questions->exclusions);
	free(questions->hashes);
	free(questions->pdq_sinks);
	free(questions->excluding);
}

static bool questions_reserve(struct questions *questions, size_t lists)
{
	size_t count = questions->count + 1;

	questions->sinks = calloc(count, sizeof(*questions->sinks));
	questions->exclusions = calloc(count, sizeof(*questions->exclusions));
	questions->hashes = calloc(count * questions->looks, sizeof(*questions->hashes));
	questions->pdq_sinks = calloc(count, sizeof(*questions->pdq_sinks));
	questions->excluding = calloc(lists + 1, sizeof(*questions->excluding));
	return questions->sinks && questions->exclusions && questions->hashes &&
	       questions->pdq_sinks && questions->excluding;
}

static void add_pdq(struct questions *questions, size_t at)
{
	size_t looks = questions->looks;
	ward_pdq *hashes = questions->hashes + questions->pdq_count * looks;

	if (questions->search->all_orientations)
		memcpy(hashes, questions->search->dihedral + at * looks, looks * sizeof(*hashes));
	hashes[0] = ward_pdq_from_signal(&questions->signals[at]);
	questions->exclusions[at].looks = hashes;
	questions->exclusions[at].look_count = looks;
	questions->pdq_sinks[questions->pdq_count++] = questions->sinks[at];
}

static void set_up(struct questions *questions, struct ward_hits *found)
{
	for (size_t i = 0; i < questions->count; i++) {
		questions->sinks[i] = hit_sink_to(&found[i]);
		questions->sinks[i].heeds_remarks = true;
		questions->sinks[i].now = questions->search->now;
		questions->exclusions[i] = (struct exclusion){
			.lists = questions->excluding,
			.list_count = questions->excluding_count,
			.asked = &questions->signals[i],
		};
		if (questions->excluding_count > 0)
			questions->sinks[i].exclusion = &questions->exclusions[i];
		if (questions->signals[i].kind == WARD_SIGNAL_PDQ)
			add_pdq(questions, i);
	}
}

static ward_err ask_list(struct questions *questions, const struct ward_list *list,
		struct ward_error *error)
{
	int radius = 0;
	ward_err err = search_radius(list, questions->search->radius, &radius, error);

	if (!err && questions->pdq_count > 0)
		err = search_pdq(list, questions->hashes, questions->pdq_count, questions->looks,
				radius, questions->pdq_sinks, error);
	for (size_t i = 0; i < questions->count && !err; i++) {
		if (questions->signals[i].kind != WARD_SIGNAL_PDQ)
			err = search_exact(list, &questions->signals[i], &questions->sinks[i],
					error);
	}
	return err;
}

ward_err ward_bank_search_batch(const struct ward_bank_view *view, const ward_signal *signals,
		size_t count, const struct ward_search *search, struct ward_hits *found,
		struct ward_error *error)
{
	struct questions questions = { .search = search,
		.signals = signals,
		.count = count,
		.looks = search->all_orientations ? WARD_DIHEDRAL_COUNT : 1 };
	ward_err err = check_question(signals, count, search, error);

	if (!err)
		err = search_check_names(view, search, error);
	if (!err && !questions_reserve(&questions, ward_bank_list_count(view)))
		err = ward_fail(error, WARD_E_NOMEM, "no memory for %zu questions", count);
	if (!err) {
		questions.excluding_count = search_excluding(view, search, questions.excluding);
		set_up(&questions, found);
	}
	for (size_t i = 0; i < ward_bank_list_count(view) && !err; i++) {
		if (search_asks(ward_bank_list(view, i), search))
			err = ask_list(&questions, ward_bank_list(view, i), error);
	}
	for (size_t i = 0; i < count && !err; i++)
		hit_sink_end(&questions.sinks[i]);
	questions_free(&questions);
	return err;
}

ward_err ward_bank_search(const struct ward_bank_view *view, const ward_signal *signal,
		const struct ward_search *search, struct ward_hits *hits, struct ward_error *error)
{
	return ward_bank_search_batch(view, signal, 1, search, hits, error);
}
