/*
 * The plain way of folding, unit by unit, in memory of a fixed size.
 *
 * Limits, so that it is: a run of letters, digits and signs is looked at in
 * pieces of FOLD_RUN_MAX, single letters are joined in pieces of SINGLES_MAX (which
 * follow each other without a space).
 */
#include "text/fold.h"
#include "text/fold_units.h"
#include "text/utf8.h"

#define SINGLES_MAX 1024
#define AHEAD       4  /* units that are read before one is used: L, V, T, and a look further */
#define QUEUE_MAX   32 /* the longest expansion (U+FDFA) has 18 */

struct plain {
	struct ward_fold *fold;
	size_t at; /* the next byte that is read */

	struct fold_unit queue[QUEUE_MAX];
	size_t queue_start, queue_len;
	struct fold_unit run[FOLD_RUN_MAX];
	size_t run_len;

	/* The token that is being read; its first unit is held until there is a second. */
	size_t token_len;
	bool token_wide;
	struct fold_unit held;
	uint32_t last; /* its last code point */

	/* Single letters in a row. */
	struct fold_unit singles[SINGLES_MAX];
	size_t singles_len;
	bool singles_wide, glued;

	/* Where a byte stood (ward_fold_source), when that is the question. */
	bool probing, ends_in_space;
	size_t position, wanted_first, wanted_last;
	size_t first_source, last_end;
};

/* ---- reading units ---- */

static void queue_add(struct plain *plain, struct fold_unit unit)
{
	struct fold_unit *last =
			plain->queue_len == 0
					? NULL
					: &plain->queue[(plain->queue_start + plain->queue_len -
									1) %
							  QUEUE_MAX];

	if (last && fold_compose(last, &unit))
		return;
	plain->queue[(plain->queue_start + plain->queue_len++) % QUEUE_MAX] = unit;
}

static struct fold_unit *front(struct plain *plain, size_t index)
{
	if (index >= plain->queue_len)
		return NULL;
	return &plain->queue[(plain->queue_start + index) % QUEUE_MAX];
}

static void queue_fill(struct plain *plain)
{
	const struct ward_fold *fold = plain->fold;

	while (plain->queue_len < AHEAD && plain->at < fold->text_len) {
		struct fold_unit units[FOLD_UNITS_MAX];
		size_t len, count = fold_units_read(fold->text + plain->at,
					    fold->text + fold->text_len, plain->at, units, &len);

		plain->at += len;
		for (size_t i = 0; i < count; i++)
			queue_add(plain, units[i]);
	}
}

static struct fold_unit queue_take(struct plain *plain)
{
	struct fold_unit unit = plain->queue[plain->queue_start];

	plain->queue_start = (plain->queue_start + 1) % QUEUE_MAX;
	plain->queue_len--;
	queue_fill(plain);
	return unit;
}

/* ---- writing ---- */

static void put_bytes(struct plain *plain, const char *bytes, size_t len,
		const struct fold_unit *unit)
{
	struct ward_fold *fold = plain->fold;

	plain->ends_in_space = bytes[0] == ' ';
	if (plain->probing) {
		if (plain->position <= plain->wanted_first)
			plain->first_source = unit->source;
		if (plain->position <= plain->wanted_last)
			plain->last_end = unit->source + unit->source_len;
		plain->position += len;
	} else if (fold_reserve(fold, len)) {
		memcpy(fold->out + fold->out_len, bytes, len);
		fold->out_len += len;
	}
}

static void put(struct plain *plain, const struct fold_unit *unit)
{
	char bytes[4];

	put_bytes(plain, bytes, utf8_write(unit->point, bytes), unit);
}

/* One space, save at the beginning. */
static void put_gap(struct plain *plain, const struct fold_unit *unit)
{
	size_t written = plain->probing ? plain->position : plain->fold->out_len;

	if (written > 0 && !plain->ends_in_space)
		put_bytes(plain, " ", 1, unit);
}

/* A word begins with `unit`. */
static void put_first(struct plain *plain, const struct fold_unit *unit)
{
	put_gap(plain, unit);
	put(plain, unit);
}

/* ---- tokens ---- */

static bool repeats(const struct plain *plain, const struct fold_unit *unit, uint32_t last)
{
	return (plain->fold->options & WARD_FOLD_REPEATS) && fold_is_letter(unit) &&
	       unit->point == last;
}

static bool should_join(const struct plain *plain)
{
	size_t digits = 0;

	for (size_t i = 0; i < plain->singles_len; i++)
		digits += plain->singles[i].kind == FOLD_DIGIT;
	return (plain->glued || plain->singles_len >= 3) && digits * 2 <= plain->singles_len;
}

/* Of Hangul, what stood apart is one syllable when it is joined; returns how many are left. */
static size_t compose_singles(struct plain *plain)
{
	size_t kept = 0;

	for (size_t i = 0; i < plain->singles_len; i++) {
		if (kept == 0 || !fold_compose(&plain->singles[kept - 1], &plain->singles[i]))
			plain->singles[kept++] = plain->singles[i];
	}
	return kept;
}

static void put_joined(struct plain *plain)
{
	size_t start = plain->fold->out_len, count = compose_singles(plain);
	uint32_t last = 0;

	fold_resolve_digits(plain->singles, count);
	for (size_t i = 0; i < count; i++) {
		const struct fold_unit *unit = &plain->singles[i];

		if (i > 0 && repeats(plain, unit, last))
			continue;
		last = unit->point;
		if (i == 0 && !plain->glued)
			put_first(plain, unit);
		else
			put(plain, unit);
	}
	if (!plain->probing)
		fold_range_add(plain->fold, start, plain->fold->out_len);
}

/* `more`: the same row goes on, and was cut only for its length. */
static void put_singles(struct plain *plain, bool more)
{
	bool join = plain->singles_len > 0 && should_join(plain);

	if (join)
		put_joined(plain);
	else
		for (size_t i = 0; i < plain->singles_len; i++)
			put_first(plain, &plain->singles[i]);
	plain->singles_len = 0;
	plain->glued = join && more;
}

static void end_token(struct plain *plain)
{
	const struct fold_unit *held = &plain->held;

	if (plain->token_len == 1) {
		if (plain->singles_len > 0 && plain->singles_wide != plain->token_wide)
			put_singles(plain, false);
		if (plain->singles_len == SINGLES_MAX) {
			put_singles(plain, true);
			if (!plain->probing)
				fold_mark_add(plain->fold, held->source,
						plain->glued ? FOLD_CUT_GLUED : FOLD_CUT_BETWEEN);
		}
		plain->singles_wide = plain->token_wide;
		if (plain->singles_len == 0 ||
				!repeats(plain, held, plain->singles[plain->singles_len - 1].point))
			plain->singles[plain->singles_len++] = *held;
	}
	plain->token_len = 0;
}

static void feed_word(struct plain *plain, const struct fold_unit *unit)
{
	bool wide = unit->kind == FOLD_WIDE;

	if (plain->token_len > 0 && wide != plain->token_wide)
		end_token(plain);
	if (plain->token_len == 0) {
		plain->held = *unit;
		plain->token_wide = wide;
		plain->token_len = 1;
		plain->last = unit->point;
		return;
	}
	if (repeats(plain, unit, plain->last))
		return;
	if (plain->token_len == 1) {
		put_singles(plain, false);
		put_first(plain, &plain->held);
	}
	put(plain, unit);
	plain->token_len = 2;
	plain->last = unit->point;
}

static void feed(struct plain *plain, const struct fold_unit *unit)
{
	if (unit->kind == FOLD_SEP) {
		end_token(plain);
	} else if (unit->kind == FOLD_SYMBOL) {
		end_token(plain);
		put_singles(plain, false);
		put_first(plain, unit);
		put_bytes(plain, " ", 1, unit);
	} else {
		feed_word(plain, unit);
	}
}

/* ---- runs ---- */

static bool in_run(const struct fold_unit *unit)
{
	return unit &&
	       (unit->kind == FOLD_LEET || unit->kind == FOLD_DIGIT || unit->kind == FOLD_SIGN);
}

/* A sign before a word is no letter of it, save '$'. */
static bool leads_nowhere(const struct fold_unit *unit)
{
	return unit->kind == FOLD_SIGN && unit->point != '$';
}

/* "name@host.example" is an address, and its '@' no letter. */
static bool address_follows(struct plain *plain)
{
	const struct fold_unit *dot = front(plain, 0), *letter = front(plain, 1);

	return dot && letter && dot->raw == '.' && letter->kind == FOLD_LEET;
}

/* True when it was cut for its length: what follows is a run of its own. */
static bool feed_run(struct plain *plain)
{
	size_t len = 0;

	while (len < FOLD_RUN_MAX && in_run(front(plain, 0)))
		plain->run[len++] = queue_take(plain);
	plain->run_len = len;
	fold_resolve_signs(plain->run, len, address_follows(plain));
	fold_resolve_digits(plain->run, len);
	for (size_t i = 0; i < len; i++)
		feed(plain, &plain->run[i]);
	return len == FOLD_RUN_MAX;
}

/* ---- from cut to cut ---- */

/* The first byte that was read and not used; `inside` when it is not the first of its code point.
 */
static size_t next_source(struct plain *plain, const struct fold_unit *last, bool *inside)
{
	const struct fold_unit *next = front(plain, 0);

	*inside = next && last && next->source == last->source;
	return next ? next->source : plain->at;
}

/* Does a cut stand behind `last`?  Of a run, only where it was cut for its length. */
static bool at_cut(const struct plain *plain, const struct fold_unit *last, bool run_cut,
		enum fold_cut *cut)
{
	if (plain->singles_len > 0 || plain->token_len == 1)
		return false;
	*cut = plain->token_len == 0 ? FOLD_CUT_BETWEEN
	       : plain->token_wide   ? FOLD_CUT_WIDE
				     : FOLD_CUT_LETTER;
	return run_cut || (plain->token_len == 0 ? last->kind == FOLD_SEP : !in_run(last));
}

static void begin(struct plain *plain, struct ward_fold *fold, size_t source, enum fold_cut cut)
{
	plain->fold = fold;
	plain->at = source;
	plain->queue_start = plain->queue_len = 0;
	plain->token_len = cut == FOLD_CUT_LETTER || cut == FOLD_CUT_WIDE ? 2 : 0;
	plain->token_wide = cut == FOLD_CUT_WIDE;
	plain->last = 0;
	plain->singles_len = 0;
	plain->singles_wide = false;
	plain->glued = cut == FOLD_CUT_GLUED;
	plain->probing = false;
	plain->ends_in_space = fold->out_len > 0 && fold->out[fold->out_len - 1] == ' ';
	queue_fill(plain);
}

/* True when the text has ended, or the question was answered; false at a cut. */
static bool run(struct plain *plain, size_t least, size_t *source, enum fold_cut *cut)
{
	while (plain->queue_len > 0) {
		struct fold_unit unit = *front(plain, 0);
		bool inside, run_cut = false;

		if (in_run(&unit) && !leads_nowhere(&unit)) {
			run_cut = feed_run(plain);
			unit = plain->run[plain->run_len - 1];
		} else {
			unit = queue_take(plain);
			if (unit.kind == FOLD_SIGN)
				unit.kind = FOLD_SEP;
			feed(plain, &unit);
		}
		if (plain->probing && plain->position > plain->wanted_last)
			return true;
		*source = next_source(plain, &unit, &inside);
		if (inside || !at_cut(plain, &unit, run_cut, cut))
			continue;
		if (*cut == FOLD_CUT_BETWEEN)
			put_gap(plain, &unit);
		if (*source > least)
			return false;
		if (!plain->probing)
			fold_mark_add(plain->fold, *source, *cut);
	}
	end_token(plain);
	put_singles(plain, false);
	*source = plain->fold->text_len;
	*cut = FOLD_CUT_BETWEEN;
	return true;
}

size_t fold_plain(struct ward_fold *fold, size_t source, enum fold_cut *cut, size_t least)
{
	struct plain plain;

	begin(&plain, fold, source, *cut);
	run(&plain, least, &source, cut);
	return source;
}

static const struct fold_mark *mark_before(const struct ward_fold *fold, size_t offset)
{
	size_t low = 0, high = fold->mark_count;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		if (fold->marks[middle].out <= offset)
			low = middle;
		else
			high = middle;
	}
	return &fold->marks[low];
}

struct ward_fold_span ward_fold_source(const struct ward_fold *fold, size_t offset, size_t len)
{
	struct ward_fold scratch = *fold; /* nothing is written while probing */
	const struct fold_mark *mark;
	struct plain plain;
	enum fold_cut cut;
	size_t source;

	if (len == 0 || offset >= fold->out_len || len > fold->out_len - offset)
		return (struct ward_fold_span){ fold->text_len, 0 };
	mark = mark_before(fold, offset);
	begin(&plain, &scratch, mark->source, mark->cut);
	plain.probing = true;
	plain.ends_in_space = mark->out > 0 && fold->out[mark->out - 1] == ' ';
	plain.position = mark->out;
	plain.wanted_first = offset;
	plain.wanted_last = offset + len - 1;
	plain.first_source = plain.last_end = mark->source;
	run(&plain, SIZE_MAX, &source, &cut);
	return (struct ward_fold_span){ plain.first_source, plain.last_end - plain.first_source };
}
