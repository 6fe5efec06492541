/* What a fold holds, and how the two ways take turns. */
#include "text/fold.h"

#define FOLD_TEXT_MAX ((size_t)1 << 30)
#define MARK_EVERY    512 /* bytes of the source */

struct ward_fold *ward_fold_new(unsigned options)
{
	struct ward_fold *fold = calloc(1, sizeof(*fold));

	if (fold) {
		fold->options = options;
		/* Repeated letters stand in most words: the plain way would be asked all the time.
		 */
		fold->plain = options & WARD_FOLD_REPEATS;
	}
	return fold;
}

void ward_fold_free(struct ward_fold *fold)
{
	if (!fold)
		return;
	free(fold->out);
	free(fold->marks);
	free(fold->ranges);
	free(fold);
}

/* Makes room for one more of `size` bytes at `count`; false without memory. */
static bool grow(void **rows, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room ? *room * 2 : 64;
	void *more;

	if (count < *room)
		return true;
	more = realloc(*rows, wanted * size);
	if (!more)
		return false;
	*rows = more;
	*room = wanted;
	return true;
}

bool fold_reserve(struct ward_fold *fold, size_t more)
{
	size_t wanted = fold->out_len + more + FOLD_SLACK, room = fold->out_room;
	char *out;

	if (fold->failed)
		return false;
	if (wanted <= room)
		return true;
	room = wanted + wanted / 2;
	out = realloc(fold->out, room);
	if (!out) {
		fold->failed = true;
		return false;
	}
	fold->out = out;
	fold->out_room = room;
	return true;
}

void fold_mark_add(struct ward_fold *fold, size_t source, enum fold_cut cut)
{
	if (fold->mark_count > 0 &&
			source < fold->marks[fold->mark_count - 1].source + (size_t)MARK_EVERY)
		return;
	if (!grow((void **)&fold->marks, fold->mark_count, &fold->mark_room,
			    sizeof(*fold->marks))) {
		fold->failed = true;
		return;
	}
	fold->marks[fold->mark_count++] =
			(struct fold_mark){ (uint32_t)fold->out_len, (uint32_t)source, cut };
}

void fold_range_add(struct ward_fold *fold, size_t start, size_t end)
{
	if (fold->range_count > 0 && fold->ranges[fold->range_count - 1].end == start) {
		fold->ranges[fold->range_count - 1].end = (uint32_t)end;
		return;
	}
	if (!grow((void **)&fold->ranges, fold->range_count, &fold->range_room,
			    sizeof(*fold->ranges))) {
		fold->failed = true;
		return;
	}
	/* A space that stands before the row is not of it. */
	if (start < end && fold->out[start] == ' ')
		start++;
	fold->ranges[fold->range_count++] = (struct fold_range){ (uint32_t)start, (uint32_t)end };
}

ward_err ward_fold_text(struct ward_fold *fold, ward_str text, ward_str *folded,
		struct ward_error *error)
{
	enum fold_cut cut = FOLD_CUT_BETWEEN;
	size_t at = 0;

	if (text.len > FOLD_TEXT_MAX)
		return ward_fail(error, WARD_E_LIMIT, "more than 1 GiB of text");
	fold->text = (const uint8_t *)text.ptr;
	fold->text_len = text.len;
	fold->out_len = fold->mark_count = fold->range_count = 0;
	fold->failed = false;
	if (!fold_reserve(fold, text.len))
		return ward_fail(error, WARD_E_NOMEM, "no memory to fold text in");
	fold_mark_add(fold, 0, cut);
	while (at < text.len && !fold->failed) {
		size_t least = 0;

		if (!fold->plain)
			at = fold_fast(fold, at, &cut, &least);
		else
			least = text.len;
		if (at < text.len)
			at = fold_plain(fold, at, &cut, least);
	}
	if (fold->failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory to fold text in");
	if (fold->out_len > 0 && fold->out[fold->out_len - 1] == ' ')
		fold->out_len--;
	memset(fold->out + fold->out_len, 0, FOLD_SLACK);
	*folded = (ward_str){ fold->out, fold->out_len };
	return WARD_OK;
}
