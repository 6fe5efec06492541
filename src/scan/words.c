/*
 * What a text says: links that site lists hold, and terms of the operator's.
 * A text is a file of its own, or a member of a mail, a PDF, an archive.  It is
 * brought to UTF-8 and read in pieces that end where a word does; of each, links
 * as people and pages write them are asked for, and a score is made of its terms.
 */
#include "scan/job.h"
#include "text/encoding.h"

#include <ward/link.h>
#include <ward/site.h>
#include <ward/text.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* What a page's reader takes. */
#define WINDOW ((size_t)4 << 20)
/* A piece in UTF-8, three bytes for one at most, behind a word of the one before. */
#define TEXT_MAX (8 * WINDOW)
/* Where a byte of 0 says that it is no text. */
#define HEAD 4096
/* Of one text; more entries than that nobody reads. */
enum { FINDINGS_MAX = 100 };

struct words {
	struct scan_job *job;
	size_t item;
	size_t first; /* of its findings */
	struct ward_buf memory, text;
	struct ward_decoder *decoder;
	size_t mark_len;
	struct ward_site_hits hits;
	double score; /* the largest */
	bool is_page;
	ward_err err;
	struct ward_error *error;
};

/* ---- links ---- */

/* An entry is told once, with the first link that it holds. */
static bool is_told(const struct words *words, const struct ward_site_hit *hit)
{
	const struct scan_findings *findings = &words->job->findings;
	ward_str list = ward_str_from(ward_site_list_info(hit->list)->name);

	if (findings->count - words->first >= FINDINGS_MAX)
		return true;
	for (size_t i = words->first; i < findings->count; i++) {
		if (findings->at[i].entry == hit->entry && ward_str_eq(findings->at[i].list, list))
			return true;
	}
	return false;
}

/* The list's classes and its category, as labels are: "scheme:code category:games". */
static ward_str labels_of(struct scan_job *job, const struct ward_site_hit *hit)
{
	const char *between = hit->class_code.len > 0 && hit->category.len > 0 ? " " : "";

	return ward_str_from(ward_arena_printf(job->arena, "%.*s%s%s%.*s",
			WARD_FMT(hit->class_code), between,
			hit->category.len > 0 ? "category:" : "", WARD_FMT(hit->category)));
}

static ward_err add_link(struct words *words, const struct ward_site_hit *hit, ward_str url)
{
	struct scan_job *job = words->job;
	const struct ward_site_info *info = ward_site_list_info(hit->list);
	struct ward_finding *finding =
			scan_add_finding(job, words->item, WARD_FINDING_LINK, words->error);

	if (!finding)
		return WARD_E_NOMEM;
	finding->list = ward_arena_str(job->arena, ward_str_from(info->name));
	finding->source = ward_arena_str(job->arena, ward_str_from(info->source));
	finding->labels = labels_of(job, hit);
	finding->entry = hit->entry;
	/* What a hidden list holds is told to nobody. */
	finding->link = ward_arena_str(job->arena, info->hidden ? WARD_STR("") : url);
	if (!finding->list.ptr || !finding->source.ptr || !finding->link.ptr)
		return ward_fail(words->error, WARD_E_NOMEM, "no memory for the report");
	return WARD_OK;
}

/* Mandatory lists come first, then allowing ones, whose word is stronger than that of the rest. */
static ward_err take_hits(struct words *words, ward_str url)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < words->hits.count && !err; i++) {
		const struct ward_site_hit *hit = &words->hits.at[i];
		ward_site_sense sense = ward_site_list_info(hit->list)->sense;

		if (!hit->certain)
			continue;
		if (sense == WARD_SITE_ALLOW)
			break;
		if (sense == WARD_SITE_BLOCK && !is_told(words, hit))
			err = add_link(words, hit, url);
	}
	return err;
}

/* Of a page's attributes those that lead somewhere without the page's own address. */
static bool is_whole(const struct ward_found_link *found)
{
	const char *at = found->text.ptr, *end = at + found->text.len;

	if (ward_str_eq(found->where, WARD_STR("text")) ||
			ward_str_starts(found->text, WARD_STR("//")))
		return true;
	while (at < end && ((*at | 0x20) >= 'a') && ((*at | 0x20) <= 'z'))
		at++;
	return end - at > 3 && memcmp(at, "://", 3) == 0;
}

static bool see_link(void *context, const struct ward_found_link *found)
{
	struct words *words = context;
	const struct ward_scan_options *options = words->job->options;
	struct ward_link link;

	if (is_whole(found) && !ward_link_read(found->text, WARD_LINK_LOOKUP, &words->memory, &link,
					       NULL)) {
		ward_site_ask(options->sites, &link, options->now, &words->hits);
		words->err = take_hits(words, link.url);
	}
	return !words->err && scan_time_left(words->job) > 0;
}

static ward_err find_links(struct words *words, ward_str text)
{
	ward_err err = WARD_OK;

	if (words->job->options->sites)
		err = ward_links_find(text,
				words->is_page ? WARD_LINKS_IN_HTML : WARD_LINKS_IN_TEXT, see_link,
				words, words->error);
	return words->err ? words->err : err;
}

/* ---- terms ---- */

static ward_err find_terms(struct words *words, ward_str text)
{
	const struct ward_page_options options = { .bytes_max = WINDOW, .score_only = true };
	const struct ward_terms *terms = words->job->options->terms;
	const struct ward_page_result *result;
	struct ward_page *page;

	if (!terms)
		return WARD_OK;
	page = ward_page_new(terms, &options);
	if (!page)
		return ward_fail(words->error, WARD_E_NOMEM, "no memory to read a text");
	ward_page_begin(page, words->is_page ? WARD_STR("text/html; charset=utf-8")
					     : WARD_STR("text/plain; charset=utf-8"));
	ward_err err = ward_page_feed(page, (ward_bytes){ (const uint8_t *)text.ptr, text.len },
			words->error);

	if (!err)
		err = ward_page_end(page, NULL, &result, words->error);
	if (!err && !result->score.exception && result->score.total > words->score)
		words->score = result->score.total;
	ward_page_free(page);
	return err;
}

static ward_err add_score(struct words *words)
{
	const struct ward_scan_options *options = words->job->options;
	struct ward_finding *finding;

	if (!options->terms || !(words->score > 0) || words->score < options->terms_from)
		return WARD_OK;
	finding = scan_add_finding(words->job, words->item, WARD_FINDING_SCORE, words->error);
	if (!finding)
		return WARD_E_NOMEM;
	finding->score = words->score;
	finding->message = WARD_STR("terms of the lists are in the text");
	return WARD_OK;
}

/* ---- a text ---- */

static bool has_nocase(ward_str text, const char *word)
{
	ward_str wanted = ward_str_from(word);

	for (size_t i = 0; i + wanted.len <= text.len; i++) {
		if (text.ptr[i] == '<' &&
				ward_str_eq_nocase((ward_str){ text.ptr + i, wanted.len }, wanted))
			return true;
	}
	return false;
}

static bool looks_like_page(ward_str text)
{
	static const char *const tags[] = { "<!doctype html", "<html", "<head", "<body", "<div",
		"<p>", "<a href", "<img ", "<table" };
	ward_str front = { text.ptr, text.len < 4096 ? text.len : 4096 };
	bool is = false;

	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags) && !is; i++)
		is = has_nocase(front, tags[i]);
	return is;
}

/* As much as there is, up to a window; a file that became shorter was told when it was hashed. */
static size_t read_window(int fd, uint64_t at, uint8_t *window, size_t len)
{
	size_t have = 0;

	while (have < len) {
		ssize_t got = pread(fd, window + have, len - have, (off_t)(at + have));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	return have;
}

/* All of the last piece; of another, up to its last word, or all when it is one. */
static size_t whole_words(ward_str text, bool is_last)
{
	size_t end = text.len;

	while (!is_last && end > 0 && (unsigned char)text.ptr[end - 1] > ' ')
		end--;
	return end > 0 ? end : text.len;
}

static ward_err look_at(struct words *words, ward_str text)
{
	ward_err err = find_links(words, text);

	/* Letters of two bytes may be three in UTF-8. */
	for (size_t at = 0; at < text.len && !err; at += WINDOW) {
		size_t left = text.len - at;

		err = find_terms(words, (ward_str){ text.ptr + at, left < WINDOW ? left : WINDOW });
	}
	return err;
}

/* By its first bytes; false when it is none, or without memory, which `error` then says. */
static bool begin_text(struct words *words, ward_bytes head)
{
	bool is_page = looks_like_page((ward_str){ (const char *)head.ptr, head.len });
	ward_bytes front = { head.ptr, head.len < ENCODING_HEAD ? head.len : ENCODING_HEAD };
	struct encoding encoding = encoding_choose(front, WARD_STR(""), is_page);
	size_t looked_at = head.len < HEAD ? head.len : HEAD;

	if (head.len == 0 || (encoding.mark_len == 0 && memchr(head.ptr, 0, looked_at)))
		return false;
	words->is_page = is_page;
	words->mark_len = encoding.mark_len;
	words->decoder = ward_decoder_new(&encoding);
	if (!words->decoder)
		words->err = ward_fail(words->error, WARD_E_NOMEM, "no memory to read a text");
	return words->decoder != NULL;
}

/* Looks at the words that are whole, and keeps what may go on. */
static ward_err take_piece(struct words *words, ward_bytes piece, bool is_last)
{
	struct ward_buf *text = &words->text;

	ward_decoder_feed(words->decoder, piece, text);
	if (is_last)
		ward_decoder_end(words->decoder, text);
	if (text->failed)
		return ward_fail(words->error, WARD_E_NOMEM, "no memory to read a text");
	size_t len = whole_words(ward_buf_text(text), is_last);
	ward_err err = look_at(words, (ward_str){ text->ptr, len });

	if (len > 0)
		memmove(text->ptr, text->ptr + len, text->len - len);
	text->len -= len;
	return err;
}

static ward_err read_text(struct words *words, int fd, uint64_t size, uint8_t *window)
{
	ward_err err = WARD_OK;
	uint64_t at = 0;

	while (at < size && !err) {
		size_t want = size - at < WINDOW ? (size_t)(size - at) : WINDOW;
		size_t have = read_window(fd, at, window, want);
		bool is_last = have < want || at + have >= size;

		if (at == 0 && !begin_text(words, (ward_bytes){ window, have }))
			return words->err;
		size_t mark = at == 0 ? words->mark_len : 0;

		err = take_piece(words, (ward_bytes){ window + mark, have - mark }, is_last);
		at += have;
		/* Links were looked for as long as there was time. */
		if (!err && scan_time_left(words->job) == 0)
			return scan_add_trouble(words->job, words->item, WARD_E_TIMEOUT,
					"the time for this file was spent", words->error);
		if (is_last)
			break;
	}
	return err ? err : add_score(words);
}

ward_err scan_words(struct scan_job *job, size_t item, int fd, uint64_t size,
		struct ward_error *error)
{
	struct words words = {
		.job = job,
		.item = item,
		.first = job->findings.count,
		.error = error,
	};
	uint8_t *window = malloc(size < WINDOW ? (size_t)size + 1 : WINDOW);

	if (!window)
		return ward_fail(error, WARD_E_NOMEM, "no memory to read a text");
	ward_buf_init(&words.memory, WARD_LINK_MEMORY_MAX);
	ward_buf_init(&words.text, TEXT_MAX);
	ward_err err = read_text(&words, fd, size, window);

	ward_decoder_free(words.decoder);
	ward_buf_free(&words.text);
	ward_buf_free(&words.memory);
	free(window);
	return err;
}
