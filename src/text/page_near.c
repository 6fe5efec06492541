#include "text/page_near.h"

enum {
	TERMS_MAX = 2048,
	TEXTS_LOG = 15, /* for twice as many as there can be parts */
	PLACES_MAX = 1 << 22,
	STEPS_MAX = 1 << 22, /* looks for a nearest place */
	RANK_BYTES = 64,
};

/* A part's text, and everywhere it stands. */
struct place {
	uint32_t at, word;
};

struct part_text {
	ward_str text;
	bool inside;          /* also inside of words: another pattern */
	uint32_t term, part;  /* whose finds are taken; others of this text are the same */
	uint32_t len;         /* folded */
	struct place *places; /* ascending */
	size_t count, room;
};

struct near_term {
	uint32_t number, parts, within;
	uint32_t texts[WARD_TERM_PARTS_MAX]; /* into `slots` */
};

struct page_near {
	const struct ward_page *page;
	ward_str folded;
	uint32_t *ranks; /* words before each RANK_BYTES of the folded text */
	struct near_term *terms;
	size_t count;
	struct part_text *slots; /* a table: open addressing */
	size_t places, steps;
	bool full;
};

struct page_near *page_near_new(const struct ward_page *page, ward_str folded)
{
	struct page_near *near = calloc(1, sizeof(*near));

	if (!near)
		return NULL;
	near->page = page;
	near->folded = folded;
	near->ranks = calloc(folded.len / RANK_BYTES + 1, sizeof(*near->ranks));
	near->terms = calloc(TERMS_MAX, sizeof(*near->terms));
	near->slots = calloc((size_t)1 << TEXTS_LOG, sizeof(*near->slots));
	if (near->ranks && near->terms && near->slots)
		return near;
	page_near_free(near);
	return NULL;
}

void page_near_free(struct page_near *near)
{
	if (!near)
		return;
	for (size_t i = 0; near->slots && i < (size_t)1 << TEXTS_LOG; i++)
		free(near->slots[i].places);
	free(near->slots);
	free(near->terms);
	free(near->ranks);
	free(near);
}

/* ---- what is looked for ---- */

static uint32_t slot_of(struct page_near *near, ward_str text, bool inside, uint32_t term,
		uint32_t part)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ inside;
	size_t at;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (uint8_t)text.ptr[i]) * UINT64_C(1099511628211);
	at = (size_t)(terms_mix(hash) >> (64 - TEXTS_LOG));
	while (near->slots[at].text.len > 0 &&
			(near->slots[at].inside != inside ||
					!ward_str_eq(near->slots[at].text, text)))
		at = (at + 1) & (((size_t)1 << TEXTS_LOG) - 1);
	if (near->slots[at].text.len == 0)
		near->slots[at] = (struct part_text){ .text = text,
			.inside = inside,
			.term = term,
			.part = part };
	return (uint32_t)at;
}

bool page_near_add(struct page_near *near, uint32_t number, const struct ward_term *term)
{
	struct near_term *made = &near->terms[near->count];

	if (near->count == TERMS_MAX)
		return false;
	*made = (struct near_term){ .number = number,
		.parts = (uint32_t)term->with_count + 1,
		.within = term->within };
	for (uint32_t part = 0; part < made->parts; part++)
		made->texts[part] = slot_of(near, part ? term->with[part - 1] : term->text,
				term->part, number, part);
	near->count++;
	return true;
}

/* ---- where it stands ---- */

static const struct near_term *find_term(const struct page_near *near, uint32_t number)
{
	size_t low = 0, high = near->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (near->terms[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < near->count && near->terms[low].number == number ? &near->terms[low] : NULL;
}

static bool make_room(struct part_text *text)
{
	size_t room = text->room ? 2 * text->room : 256;
	struct place *places;

	if (text->count < text->room)
		return true;
	places = realloc(text->places, room * sizeof(*places));
	if (!places)
		return false;
	text->places = places;
	text->room = room;
	return true;
}

static bool see(void *context, const struct terms_found *found)
{
	struct page_near *near = context;
	const struct near_term *term = find_term(near, found->term);
	struct part_text *text = term ? &near->slots[term->texts[found->part]] : NULL;

	if (!text || text->term != found->term || text->part != found->part)
		return true;
	if (near->places == PLACES_MAX || !make_room(text)) {
		near->full = true;
		return false;
	}
	near->places++;
	text->len = (uint32_t)found->len;
	text->places[text->count++] = (struct place){ (uint32_t)found->at, 0 };
	return true;
}

static int by_at(const void *a, const void *b)
{
	const struct place *one = a, *two = b;

	return one->at < two->at ? -1 : one->at > two->at;
}

static uint32_t spaces(ward_str text, size_t from, size_t to)
{
	uint32_t count = 0;

	for (size_t i = from; i < to; i++)
		count += text.ptr[i] == ' ';
	return count;
}

static void number_words(struct page_near *near)
{
	uint32_t word = 0;

	for (size_t at = 0; at < near->folded.len; at += RANK_BYTES) {
		size_t end = at + RANK_BYTES < near->folded.len ? at + RANK_BYTES
								: near->folded.len;

		near->ranks[at / RANK_BYTES] = word;
		word += spaces(near->folded, at, end);
	}
	for (size_t i = 0; i < (size_t)1 << TEXTS_LOG; i++) {
		struct part_text *text = &near->slots[i];

		if (text->count > 0)
			qsort(text->places, text->count, sizeof(*text->places), by_at);
		for (size_t k = 0; k < text->count; k++) {
			uint32_t at = text->places[k].at;

			text->places[k].word = near->ranks[at / RANK_BYTES] +
					       spaces(near->folded, at - at % RANK_BYTES, at);
		}
	}
}

/* ---- is it whole ---- */

static bool one_is_near(struct page_near *near, const struct part_text *text, uint32_t word,
		uint32_t within)
{
	size_t low = 0, high = text->count;

	near->steps++;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((uint64_t)text->places[middle].word + within < word)
			low = middle + 1;
		else
			high = middle;
	}
	return low < text->count && text->places[low].word <= (uint64_t)word + within;
}

/* The first place of its first part that has all others near; false: there is none. */
static bool find_whole(struct page_near *near, const struct near_term *term,
		struct page_found *found)
{
	const struct part_text *first = &near->slots[term->texts[0]];

	for (size_t i = 0; i < first->count && near->steps < STEPS_MAX; i++) {
		uint32_t part = 1, word = first->places[i].word;

		while (part < term->parts && one_is_near(near, &near->slots[term->texts[part]],
							     word, term->within))
			part++;
		if (part < term->parts)
			continue;
		*found = (struct page_found){ term->number, 0, first->places[i].at, first->len,
			word };
		return true;
	}
	return false;
}

bool page_near_find(struct page_near *near,
		void (*whole)(void *context, const struct page_found *found), void *context)
{
	struct page_found found;

	terms_scan(near->page->terms, near->page->fold, see, near);
	number_words(near);
	for (size_t i = 0; i < near->count; i++) {
		if (find_whole(near, &near->terms[i], &found))
			whole(context, &found);
	}
	return !near->full && near->steps < STEPS_MAX;
}
