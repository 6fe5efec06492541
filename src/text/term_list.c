#include "text/term_list.h"

#include "text/terms.h"

#define LIST_BYTES_MAX ((size_t)512 << 20)

static const char *const kind_names[WARD_TERM_KIND_COUNT] = { "weighted", "banned", "exception" };
static const char *const doubt_names[WARD_TERM_DOUBT_COUNT] = { "same", "short", "inside",
	"number" };

const char *ward_term_kind_name(ward_term_kind kind)
{
	return (unsigned)kind < WARD_TERM_KIND_COUNT ? kind_names[kind] : "?";
}

const char *ward_term_doubt_name(ward_term_doubt doubt)
{
	return (unsigned)doubt < WARD_TERM_DOUBT_COUNT ? doubt_names[doubt] : "?";
}

struct ward_term_list *ward_term_list_new(unsigned fold_options)
{
	struct ward_term_list *list = calloc(1, sizeof(*list));

	if (!list)
		return NULL;
	ward_arena_init(&list->arena, LIST_BYTES_MAX);
	list->fold_options = fold_options;
	list->fold = ward_fold_new(fold_options);
	if (!list->fold) {
		ward_term_list_free(list);
		return NULL;
	}
	return list;
}

void ward_term_list_free(struct ward_term_list *list)
{
	if (!list)
		return;
	ward_fold_free(list->fold);
	ward_arena_free(&list->arena);
	free(list->terms);
	free(list);
}

size_t ward_term_list_count(const struct ward_term_list *list)
{
	return list->count;
}

struct ward_term ward_term_list_at(const struct ward_term_list *list, size_t index)
{
	return list->terms[index];
}

static bool grow(struct ward_term_list *list)
{
	size_t room = list->room ? list->room * 2 : 256;
	struct ward_term *terms;

	if (list->count < list->room)
		return true;
	terms = realloc(list->terms, room * sizeof(*terms));
	if (!terms)
		return false;
	list->terms = terms;
	list->room = room;
	return true;
}

static ward_err check_text(struct ward_term_list *list, ward_str text, struct ward_error *error)
{
	ward_str folded;
	ward_err err = ward_fold_text(list->fold, text, &folded, error);

	if (err)
		return err;
	if (folded.len == 0)
		return ward_fail(error, WARD_E_FORMAT,
				"nothing is left of the term when it is folded");
	if (folded.len > WARD_TERM_BYTES_MAX)
		return ward_fail(error, WARD_E_FORMAT, "a term is at most %d bytes long",
				WARD_TERM_BYTES_MAX);
	return WARD_OK;
}

static ward_str keep(struct ward_term_list *list, ward_str text, bool *fits)
{
	ward_str kept = text.len ? ward_arena_str(&list->arena, text) : WARD_STR("");

	*fits &= kept.ptr != NULL;
	return kept;
}

ward_err term_list_add(struct ward_term_list *list, const struct ward_term *term,
		struct ward_error *error)
{
	struct ward_term copy = *term;
	ward_err err = check_text(list, term->text, error);
	bool fits = true;

	for (size_t i = 0; i < term->with_count && !err; i++)
		err = check_text(list, term->with[i], error);
	if (err)
		return err;
	if (list->count == WARD_TERMS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "more than %d terms", WARD_TERMS_MAX);
	copy.text = keep(list, term->text, &fits);
	copy.category = keep(list, term->category, &fits);
	copy.language = keep(list, term->language, &fits);
	for (size_t i = 0; i < term->with_count; i++)
		copy.with[i] = keep(list, term->with[i], &fits);
	if (!fits || !grow(list))
		return ward_fail(error, WARD_E_NOMEM, "no memory for more terms");
	list->terms[list->count++] = copy;
	return WARD_OK;
}

/* ---- what a person should look at ---- */

struct folded_term {
	ward_str text;
	size_t term;
};

static int by_text(const void *a, const void *b)
{
	const struct folded_term *one = a, *two = b;
	int order = ward_str_cmp(one->text, two->text);

	return order ? order : one->term < two->term ? -1 : one->term > two->term;
}

static size_t count_letters(ward_str text, bool *digits, bool *wide)
{
	size_t count = 0;

	*digits = true;
	*wide = false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = (uint8_t)text.ptr[i];

		count += c != ' ' && (c & 0xc0) != 0x80;
		*digits &= (uint8_t)(c - '0') < 10 || c == ' ';
		*wide |= c >= 0xe0;
	}
	return count;
}

static void check_one(const struct folded_term *folded, size_t index, ward_term_doubts *visit,
		void *context)
{
	bool digits, wide;
	size_t letters = count_letters(folded[index].text, &digits, &wide);

	if (digits)
		visit(context, WARD_TERM_NUMBER, index, index);
	else if (letters < (wide ? 2 : 3))
		visit(context, WARD_TERM_SHORT, index, index);
}

/* A term that counts inside of words, and the first longer one that it stands in. */
struct insides {
	size_t *inside; /* of each term, SIZE_MAX when it stands in none */
	size_t term, len;
};

static bool see_inside(void *context, const struct terms_found *found)
{
	struct insides *insides = context;

	if (found->part == 0 && found->len < insides->len &&
			insides->inside[found->term] == SIZE_MAX)
		insides->inside[found->term] = insides->term;
	return true;
}

static ward_err find_insides(struct ward_term_list *list, size_t *inside, struct ward_error *error)
{
	struct ward_terms *terms = NULL;
	ward_err err = ward_terms_compile(list, &terms, error);

	for (size_t i = 0; i < list->count; i++)
		inside[i] = SIZE_MAX;
	for (size_t i = 0; i < list->count && !err; i++) {
		struct insides insides = { inside, i, 0 };
		ward_str text = { NULL, 0 };

		err = ward_fold_text(list->fold, list->terms[i].text, &text, error);
		insides.len = text.len;
		if (!err)
			terms_scan(terms, list->fold, see_inside, &insides);
	}
	ward_terms_free(terms);
	return err;
}

static bool alike(const struct ward_term *one, const struct ward_term *two)
{
	return one->with_count == 0 && two->with_count == 0 && one->part == two->part;
}

static ward_err fold_all(struct ward_term_list *list, struct ward_arena *arena,
		struct folded_term *folded, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < list->count && !err; i++) {
		ward_str text;

		err = ward_fold_text(list->fold, list->terms[i].text, &text, error);
		if (err)
			break;
		folded[i] = (struct folded_term){ ward_arena_str(arena, text), i };
		if (!folded[i].text.ptr)
			err = ward_fail(error, WARD_E_NOMEM, "no memory to check the terms in");
	}
	return err;
}

static void tell_doubts(const struct ward_term_list *list, struct folded_term *folded,
		const size_t *inside, ward_term_doubts *visit, void *context)
{
	for (size_t i = 0; i < list->count; i++) {
		check_one(folded, i, visit, context);
		if (list->terms[i].part && inside[i] != SIZE_MAX)
			visit(context, WARD_TERM_INSIDE, i, inside[i]);
	}
	qsort(folded, list->count, sizeof(*folded), by_text);
	for (size_t i = 1; i < list->count; i++) {
		const struct folded_term *one = &folded[i], *before = &folded[i - 1];

		if (ward_str_eq(one->text, before->text) &&
				alike(&list->terms[one->term], &list->terms[before->term]))
			visit(context, WARD_TERM_SAME, one->term, before->term);
	}
}

ward_err ward_term_list_check(struct ward_term_list *list, ward_term_doubts *visit, void *context,
		struct ward_error *error)
{
	struct folded_term *folded = calloc(list->count + 1, sizeof(*folded));
	size_t *inside = calloc(list->count + 1, sizeof(*inside));
	struct ward_arena arena;
	ward_err err = WARD_OK;

	ward_arena_init(&arena, LIST_BYTES_MAX);
	if (!folded || !inside)
		err = ward_fail(error, WARD_E_NOMEM, "no memory to check the terms in");
	if (!err)
		err = fold_all(list, &arena, folded, error);
	if (!err)
		err = find_insides(list, inside, error);
	if (!err)
		tell_doubts(list, folded, inside, visit, context);
	free(inside);
	free(folded);
	ward_arena_free(&arena);
	return err;
}
