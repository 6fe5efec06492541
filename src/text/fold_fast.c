/*
 * The fast way of folding: 64 bytes at a time (fold_block.h of ASCII,
 * fold_letters.h of others), else code points by table; as long as no digit or sign stands beside a
 * letter, no three single letters follow each other and no code point is SLOW.  Where that ends it
 * goes back to the last cut, and says how far the plain way has to go.
 */
#include "text/fold.h"
#include "text/fold_block.h"
#include "text/fold_letters.h"
#include "text/fold_row.h"
#include "text/utf8.h"

#define CHUNK     8192 /* bytes between two looks at the room */
#define CUT_EVERY 256

/* Blocks that are taken together at first: of more, many are folded in vain before a row. */
#define LETTERS_FIRST 4

struct fast {
	struct ward_fold *fold;
	const uint8_t *start, *at, *end;
	char *out;
	/* the token at hand */
	size_t token_len;
	bool token_wide;
	enum fold_class last; /* of the unit before, when it is of the same token */
	size_t run_len;
	unsigned singles; /* single letters in a row before it */
	/* where to go back to */
	const uint8_t *cut_at;
	char *cut_out;
	enum fold_cut cut;
	const uint8_t *next_mark;
	unsigned blocks_off; /* tokens until blocks are worth another try */
	size_t letters_most; /* blocks of letters that are taken together */
	bool row;            /* single letters are ahead that the plain way joins */
};

static void set_cut(struct fast *fast, enum fold_cut cut)
{
	fast->cut_at = fast->at;
	fast->cut_out = fast->out;
	fast->cut = cut;
	if (fast->at < fast->next_mark)
		return;
	fast->next_mark = fast->at + CUT_EVERY;
	fast->fold->out_len = (size_t)(fast->out - fast->fold->out);
	fold_mark_add(fast->fold, (size_t)(fast->at - fast->start), cut);
}

static void put_space(struct fast *fast)
{
	if (fast->out > fast->fold->out && fast->out[-1] != ' ')
		*fast->out++ = ' ';
}

/* False when the plain way has to look at the singles. */
static bool end_token(struct fast *fast)
{
	if (fast->token_len == 1 && ++fast->singles == 3)
		return false;
	if (fast->token_len > 1)
		fast->singles = 0;
	fast->token_len = fast->run_len = 0;
	fast->last = FOLD_SEP;
	put_space(fast);
	return true;
}

/* A sign is a gap here, unless what stands beside it may make it a letter. */
static bool sign_is_gap(const struct fast *fast)
{
	uint8_t next = fast->at + 1 < fast->end ? fast->at[1] : ' ';
	bool word_next = next >= 0x80 || fold_class(fold_entry(next)) != FOLD_SEP;
	bool word_before = fast->last == FOLD_LEET || fast->last == FOLD_DIGIT;

	if (*fast->at == '$')
		return !word_next && !word_before;
	return !word_next || (fast->token_len == 0 && !utf8_is_digit(next) && next < 0x80 &&
					     fold_class(fold_entry(next)) != FOLD_SIGN);
}

/* A letter or digit; false: the plain way's. */
static bool put_word(struct fast *fast, uint32_t entry, size_t len)
{
	enum fold_class kind = fold_class(entry);
	bool wide = kind == FOLD_WIDE;

	if (fast->token_len > 0 && wide != fast->token_wide && !end_token(fast))
		return false;
	if ((kind == FOLD_DIGIT && fast->last == FOLD_LEET) ||
			(kind == FOLD_LEET && fast->last == FOLD_DIGIT))
		return false;
	if (fast->token_len == 0) {
		fast->token_wide = wide;
	} else if (fast->token_len > 1 && (fast->last == FOLD_LETTER || fast->last == FOLD_WIDE) &&
			fast->at >= fast->cut_at + CUT_EVERY) {
		fast->singles = 0;
		set_cut(fast, wide ? FOLD_CUT_WIDE : FOLD_CUT_LETTER);
	}
	if (kind == FOLD_LEET || kind == FOLD_DIGIT)
		fast->run_len++;
	else
		fast->run_len = 0;
	if (entry & FOLD_SELF) {
		memcpy(fast->out, fast->at, 3);
		fast->out += 3;
	} else {
		memcpy(fast->out, &(uint32_t){ fold_to_little(entry) }, 4);
		fast->out += fold_bytes_len(entry);
	}
	fast->at += len;
	fast->token_len++;
	fast->last = kind;
	if (fast->run_len == FOLD_RUN_MAX) {
		fast->run_len = 0;
		fast->singles = 0;
		set_cut(fast, FOLD_CUT_LETTER);
	}
	return true;
}

/* Where put_plain reads and writes, apart from the rest, so that it stays in registers. */
struct cursor {
	const uint8_t *at;
	char *out;
};

static inline void put_entry(struct cursor *cursor, uint32_t entry)
{
	entry = fold_to_little(entry);
	memcpy(cursor->out, &entry, 4);
}

/* Letters of `kind`, of one byte; returns how many. */
static inline size_t more_ascii(struct cursor *cursor, const uint8_t *end, uint32_t kind,
		size_t most)
{
	size_t count = 0;

	for (; count < most && cursor->at < end && *cursor->at < 0x80; count++) {
		uint32_t entry = fold_short[*cursor->at];

		if ((entry >> 26 & 15) != kind)
			break;
		*cursor->out++ = (char)entry;
		cursor->at++;
	}
	return count;
}

/* Of two. */
static inline size_t more_short(struct cursor *cursor, const uint8_t *end, uint32_t kind,
		size_t most)
{
	size_t count = 0;

	for (; count < most && cursor->at + 2 <= end; count++) {
		uint32_t lead = cursor->at[0], trail = cursor->at[1], entry;

		if (lead - 0xc2 > 0xdf - 0xc2 || (trail & 0xc0) != 0x80)
			break;
		entry = fold_short[(lead & 0x1f) << 6 | (trail & 0x3f)];
		if ((entry >> 26 & 15) != kind)
			break;
		put_entry(cursor, entry);
		cursor->out += fold_bytes_len(entry);
		cursor->at += 2;
	}
	return count;
}

/* Of three. */
static inline size_t more_long(struct cursor *cursor, const uint8_t *end, uint32_t kind,
		size_t most)
{
	size_t count = 0;

	for (; count < most && cursor->at + 4 <= end; count++) {
		const uint8_t *at = cursor->at;
		uint32_t point = (at[0] & 0xfu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu),
			 entry;

		if ((at[0] & 0xf0) != 0xe0 || (at[1] & 0xc0) != 0x80 || (at[2] & 0xc0) != 0x80 ||
				point < 0x800)
			break;
		entry = fold_entry(point); /* surrogates are of no word */
		if ((entry >> 26 & 15) != kind)
			break;
		if (entry & FOLD_SELF) {
			memcpy(cursor->out, at, 4);
			cursor->out += 3;
		} else {
			put_entry(cursor, entry);
			cursor->out += fold_bytes_len(entry);
		}
		cursor->at += 3;
	}
	return count;
}

static inline size_t more_words(struct cursor *cursor, const uint8_t *end, uint32_t kind,
		size_t most)
{
	size_t count = 0, more = 1;

	while (more > 0 && count < most && cursor->at < end) {
		uint8_t lead = *cursor->at;

		if (lead == ' ')
			break;
		if (lead < 0x80)
			more = more_ascii(cursor, end, kind, most - count);
		else if (lead < 0xe0)
			more = more_short(cursor, end, kind, most - count);
		else
			more = more_long(cursor, end, kind, most - count);
		count += more;
	}
	return count;
}

/* The class of what stands at the cursor, SLOW with it, when it is ASCII or whole; else GONE. */
static inline uint32_t kind_at(const struct cursor *cursor, const uint8_t *end)
{
	const uint8_t *at = cursor->at;
	uint32_t point;

	if (at >= end)
		return FOLD_GONE;
	if (at[0] < 0x80)
		return fold_short[at[0]] >> 26 & 15;
	if (end - at < 4)
		return FOLD_GONE;
	if (at[0] >= 0xc2 && at[0] < 0xe0 && (at[1] & 0xc0) == 0x80)
		return fold_short[(at[0] & 0x1f) << 6 | (at[1] & 0x3f)] >> 26 & 15;
	point = (at[0] & 0xfu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
	if ((at[0] & 0xf0) != 0xe0 || (at[1] & 0xc0) != 0x80 || (at[2] & 0xc0) != 0x80 ||
			point < 0x800)
		return FOLD_GONE;
	return fold_entry(point) >> 26 & 15;
}

static bool is_run(uint32_t kind)
{
	return kind == FOLD_LEET || kind == FOLD_DIGIT;
}

/*
 * The common case: words of letters, digits or wide ones of one class, and
 * gaps.  Stops before anything else, where a cut or mark is due, and where a
 * block of ASCII is worth a try.
 */
static void put_plain(struct fast *fast, const uint8_t *end)
{
	struct cursor cursor = { fast->at, fast->out };
	size_t token_len = fast->token_len, before_run = token_len - fast->run_len;
	uint32_t last = fast->last;

	for (;;) {
		uint32_t kind;

		if (last != FOLD_SEP) {
			const size_t most = is_run(last) ? before_run + FOLD_RUN_MAX - 1 - token_len
							 : CUT_EVERY / 4;

			token_len += more_words(&cursor, end, last, most);
			if (token_len > 1 && !is_run(last)) {
				if (fast->blocks_off == 0)
					break;
				fast->blocks_off--;
			}
		}
		kind = kind_at(&cursor, end);
		if (kind == FOLD_SEP) {
			if (cursor.at >= fast->next_mark || (token_len == 1 && fast->singles == 2))
				break;
			cursor.at += *cursor.at < 0x80 ? 1 : *cursor.at < 0xe0 ? 2 : 3;
			if (last != FOLD_SEP) {
				fast->singles = token_len == 1 ? fast->singles + 1 : 0;
				token_len = before_run = 0;
				last = FOLD_SEP;
				*cursor.out++ = ' ';
			}
			if (fast->singles == 0) {
				fast->cut_at = cursor.at;
				fast->cut_out = cursor.out;
				fast->cut = FOLD_CUT_BETWEEN;
			}
			if (fast->blocks_off == 0)
				break;
			fast->blocks_off--;
		} else if (last == FOLD_SEP && kind <= FOLD_WIDE && kind != FOLD_SIGN) {
			last = kind;
			fast->token_wide = kind == FOLD_WIDE;
		} else {
			break;
		}
	}
	fast->at = cursor.at;
	fast->out = cursor.out;
	fast->token_len = token_len;
	fast->run_len = is_run(last) ? token_len - before_run : 0;
	fast->last = (enum fold_class)last;
}

/* One code point that put_plain left; false: the plain way's. */
static bool put_point(struct fast *fast)
{
	uint32_t point, entry;
	size_t len;

	if (*fast->at >= 0xf0)
		return false;
	point = utf8_read(fast->at, fast->end, &len);
	if (point == UTF8_BROKEN)
		return false;
	entry = fold_entry(point);
	if (entry & FOLD_SLOW)
		return false;
	if (fold_class(entry) == FOLD_SIGN) {
		if (!sign_is_gap(fast))
			return false;
		entry = 0;
	}
	if (fold_class(entry) != FOLD_SEP)
		return put_word(fast, entry, len);
	if (!end_token(fast))
		return false;
	fast->at += len;
	if (fast->singles == 0)
		set_cut(fast, FOLD_CUT_BETWEEN);
	return true;
}

/* May a block begin here: between words, or inside of one that may be cut here? */
static bool block_fits(const struct fast *fast)
{
	return fast->token_len == 0 ||
	       (fast->token_len > 1 && (fast->last == FOLD_LETTER || fast->last == FOLD_WIDE));
}

/* Code points, up to where a block is worth a try; false: the plain way's. */
static bool put_points(struct fast *fast, const uint8_t *end)
{
	while (fast->at < end) {
		const uint8_t *before = fast->at;

		put_plain(fast, end);
		if (block_fits(fast) && fast->blocks_off == 0 && fast->at > before)
			return true;
		if (fast->at < end && !put_point(fast))
			return false;
	}
	return true;
}

static size_t put_ascii(struct fast *fast)
{
	struct fold_block block;
	size_t taken = fold_block_read(fast->at, fast->singles, &block);
	bool behind_space;

	if (taken < FOLD_BLOCK / 3)
		fast->blocks_off = 8;
	if (taken == 0)
		return 0;
	if (fast->singles == 0)
		set_cut(fast, FOLD_CUT_BETWEEN);
	behind_space = fast->out == fast->fold->out || fast->out[-1] == ' ';
	fast->out = fold_block_write(&block, taken, behind_space, fast->out);
	fast->singles = block.singles_behind;
	fast->at += taken;
	return taken;
}

/* Single letters at a cut between words; 0: the plain way's. */
static size_t put_row(struct fast *fast)
{
	size_t written, taken;

	if (fast->token_len > 0 || fast->singles > 0)
		return 0;
	put_space(fast);
	taken = fold_row_join(fast->at, fast->end, fast->out, &written);
	if (taken == 0)
		return 0;
	fold_range_add(fast->fold, (size_t)(fast->out - fast->fold->out),
			(size_t)(fast->out - fast->fold->out) + written);
	fast->at += taken;
	fast->out += written;
	put_space(fast);
	set_cut(fast, FOLD_CUT_BETWEEN);
	fast->blocks_off = 0;
	return taken;
}

/* What was written of letters stands. */
static void take_letters(struct fast *fast, const struct fold_letters *letters, size_t taken)
{
	fast->at += taken;
	fast->out += letters->written;
	fast->singles = letters->singles;
	fast->token_len = letters->inside ? 2 : 0;
	fast->token_wide = letters->wide;
	fast->last = !letters->inside ? FOLD_SEP : letters->wide ? FOLD_WIDE : FOLD_LETTER;
	fast->run_len = 0;
	set_cut(fast, !letters->inside  ? FOLD_CUT_BETWEEN
			: letters->wide ? FOLD_CUT_WIDE
					: FOLD_CUT_LETTER);
}

static size_t put_letters(struct fast *fast)
{
	struct fold_letters letters = {
		.inside = fast->token_len > 0,
		.wide = fast->token_len > 0 && fast->token_wide,
		.singles = fast->token_len > 0 ? 0 : fast->singles,
		.behind_space = fast->out == fast->fold->out || fast->out[-1] == ' ',
	};
	size_t left = (size_t)(fast->end - fast->at) - FOLD_LETTERS_BEHIND;
	size_t blocks = left / FOLD_BLOCK < fast->letters_most ? left / FOLD_BLOCK
							       : fast->letters_most;
	size_t taken = fold_letters_put(fast->at, blocks, &letters, fast->out);

	/* Where there is trouble, few are folded in vain. */
	if (taken + FOLD_BLOCK < blocks * FOLD_BLOCK) {
		fast->letters_most = taken / FOLD_BLOCK + 1;
		fast->blocks_off = taken >= FOLD_BLOCK / 3 ? 1 : 8;
	} else if (fast->letters_most < FOLD_LETTERS_BLOCKS) {
		fast->letters_most++;
	}
	if (taken > 0)
		take_letters(fast, &letters, taken);
	if (letters.row) {
		size_t joined = put_row(fast);

		fast->row = joined == 0;
		taken += joined;
	}
	return taken;
}

/* A block; 0: the plain way's, or not worth it. */
static size_t put_block(struct fast *fast)
{
	if (!block_fits(fast) || fast->end - fast->at < FOLD_BLOCK)
		return 0;
	if (fast->blocks_off > 0) {
		fast->blocks_off--;
		return 0;
	}
	if (fast->token_len == 0 && (uint32_t)fold_block_beyond(fast->at) == 0)
		return put_ascii(fast);
	return fast->end - fast->at >= FOLD_BLOCK + FOLD_LETTERS_BEHIND ? put_letters(fast) : 0;
}

static bool reserve(struct fast *fast)
{
	size_t cut = (size_t)(fast->cut_out - fast->fold->out);

	fast->fold->out_len = (size_t)(fast->out - fast->fold->out);
	if (!fold_reserve(fast->fold, 2 * CHUNK + 4 * FOLD_LETTERS_BLOCKS * FOLD_BLOCK))
		return false;
	fast->out = fast->fold->out + fast->fold->out_len;
	fast->cut_out = fast->fold->out + cut;
	return true;
}

size_t fold_fast(struct ward_fold *fold, size_t source, enum fold_cut *cut, size_t *least)
{
	struct fast fast = {
		.fold = fold,
		.start = fold->text,
		.at = fold->text + source,
		.end = fold->text + fold->text_len,
		.out = fold->out + fold->out_len,
		.token_len = *cut == FOLD_CUT_BETWEEN ? 0 : 2,
		.token_wide = *cut == FOLD_CUT_WIDE,
		.letters_most = LETTERS_FIRST,
		.last = *cut == FOLD_CUT_BETWEEN ? FOLD_SEP
			: *cut == FOLD_CUT_WIDE  ? FOLD_WIDE
						 : FOLD_LETTER,
	};
	bool fine = true;

	set_cut(&fast, *cut);
	while (fine && fast.at < fast.end) {
		const uint8_t *chunk = fast.end - fast.at > CHUNK ? fast.at + CHUNK : fast.end;

		if (!reserve(&fast))
			return fold->text_len;
		while (fine && fast.at < chunk) {
			fine = put_block(&fast) > 0 || fast.row || put_points(&fast, chunk);
			fine &= !fast.row;
		}
	}
	*least = (size_t)(fast.at - fast.start);
	*cut = fast.cut;
	if (fine && fast.singles + (fast.token_len == 1) < 3) {
		fold->out_len = (size_t)(fast.out - fold->out);
		return fold->text_len;
	}
	fold->out_len = (size_t)(fast.cut_out - fold->out);
	return (size_t)(fast.cut_at - fast.start);
}
