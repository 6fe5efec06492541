/*
 * Applying a feed takes it twice: once to check every page and find where to
 * begin, and once to take the changes, when what the list will say of itself is
 * known.  The second time each page is checked again, since the file may have
 * been written to meanwhile.
 */
#include "exchange/site_pages.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "exchange/input.h"
#include "exchange/page.h"

/* Publishers' clocks and ours may differ by so much. */
#define AHEAD_S 86400

/* What was found out about the feed. */
struct feed {
	const struct ward_site_info *info; /* before */
	const struct exchange_pages_options *options;
	uint64_t first;    /* the number of the first page to be applied; 0: none */
	bool create;       /* it begins a snapshot */
	uint64_t pages;    /* in the file */
	uint64_t last_seq; /* of the page before */
	uint8_t last[32];
	uint64_t part, parts; /* of the snapshot that is being read */
	struct ward_site_info after;
};

static ward_err read_fd(void *context, uint8_t *to, size_t room, size_t *got,
		struct ward_error *error)
{
	const int *fd = context;
	ssize_t len;

	do {
		len = read(*fd, to, room);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return ward_fail(error, WARD_E_IO, "cannot read the pages: %s", strerror(errno));
	*got = (size_t)len;
	return WARD_OK;
}

typedef ward_err each_page(void *context, const struct page *page, struct ward_error *error);

static ward_err say_which(uint64_t number, ward_err err, const struct ward_error *why,
		struct ward_error *error)
{
	return ward_fail(error, err, "line %" PRIu64 ": %s", number, why->message);
}

static ward_err one_line(ward_str line, const uint8_t key[32], each_page *visit, void *context,
		struct ward_error *error)
{
	struct page page;
	ward_err err = exchange_page_read(line, key, &page, error);

	if (err)
		return err;
	err = visit(context, &page, error);
	exchange_page_free(&page);
	return err;
}

/* Every page of a file, from its beginning, each checked. */
static ward_err each(int fd, const uint8_t key[32], each_page *visit, void *context,
		struct ward_error *error)
{
	struct ward_error why = { 0 };
	struct input input;
	bool more = true, whole;
	ward_str line;
	ward_err err;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return ward_fail(error, WARD_E_IO, "the pages cannot be read twice: %s",
				strerror(errno));
	err = input_init(&input, read_fd, &fd, EXCHANGE_PAGE_MAX, error);
	for (uint64_t number = 1; !err; number++) {
		err = input_line(&input, EXCHANGE_PAGE_MAX, &line, &whole, &more, error);
		if (err || !more)
			break;
		if (line.len == 0)
			continue;
		err = whole ? one_line(line, key, visit, context, &why)
			    : ward_fail(&why, WARD_E_LIMIT, "the page is too large");
		if (err)
			err = say_which(number, err, &why, error);
	}
	input_free(&input);
	return err;
}

/* ---- checking ---- */

/* Within a file, each page follows the one before. */
static ward_err check_chain(const struct feed *feed, const struct page *page,
		struct ward_error *error)
{
	bool follows = page->seq == feed->last_seq + 1;

	if (feed->pages == 0)
		return WARD_OK;
	if (!follows)
		return ward_fail(error, WARD_E_CONFLICT,
				"there is a gap: page %" PRIu64 " comes behind page %" PRIu64,
				page->seq, feed->last_seq);
	if (!page->has_prev || memcmp(page->prev, feed->last, 32) != 0)
		return ward_fail(error, WARD_E_CONFLICT,
				"page %" PRIu64 " does not follow the page before it: it names "
				"another",
				page->seq);
	return WARD_OK;
}

/* Where the file meets what is in force. */
static ward_err check_joint(struct feed *feed, const struct page *page, struct ward_error *error)
{
	uint64_t now = feed->info->sequence;

	if (page->seq == feed->options->seen &&
			memcmp(page->hash, feed->options->seen_page, 32) != 0)
		return ward_fail(error, WARD_E_CONFLICT,
				"there are two pages of number %" PRIu64 ": this one is not the "
				"one that was in force here before; --anew says that its publisher "
				"begins anew",
				page->seq);
	if (page->seq == now && memcmp(page->hash, feed->info->last, 32) != 0)
		return ward_fail(error, WARD_E_CONFLICT,
				"there are two pages of number %" PRIu64 ": this one is not the "
				"one in force",
				now);
	if (page->seq <= now)
		return WARD_OK;
	/* A snapshot needs nothing before it. */
	if (page->part == 1) {
		feed->first = page->seq;
		feed->create = true;
		return WARD_OK;
	}
	if (feed->first)
		return WARD_OK;
	if (page->seq != now + 1)
		return ward_fail(error, WARD_E_CONFLICT,
				"there is a gap: page %" PRIu64 " is in force, and page %" PRIu64
				" would follow; a snapshot is needed",
				now, page->seq);
	if (now > 0 && (!page->has_prev || memcmp(page->prev, feed->info->last, 32) != 0))
		return ward_fail(error, WARD_E_CONFLICT,
				"page %" PRIu64 " does not follow the one in force", page->seq);
	feed->first = page->seq;
	feed->create = now == 0;
	return WARD_OK;
}

static ward_err check_snapshot(struct feed *feed, const struct page *page, struct ward_error *error)
{
	bool going = feed->part < feed->parts;

	if ((going && (page->part != feed->part + 1 || page->parts != feed->parts)) ||
			(!going && page->part > 1 && feed->pages > 0))
		return ward_fail(error, WARD_E_CONFLICT,
				"the snapshot is not whole: part %" PRIu64 " of %" PRIu64
				" is missing",
				going ? feed->part + 1 : 1, going ? feed->parts : page->parts);
	feed->part = page->part;
	feed->parts = page->parts;
	return WARD_OK;
}

/* A salt changes what every hash means, so only a snapshot may bring another. */
static ward_err check_salt(const struct feed *feed, const struct page *page,
		struct ward_error *error)
{
	const struct ward_site_info *after = &feed->after;
	bool same = page->salt_len == after->salt_len &&
		    memcmp(page->salt, after->salt, after->salt_len) == 0;

	if (same || page->part == 1 || (feed->create && page->seq == feed->first))
		return WARD_OK;
	return ward_fail(error, WARD_E_CONFLICT, "page %" PRIu64 " has another salt", page->seq);
}

static void take_over(struct feed *feed, const struct page *page)
{
	struct ward_site_info *after = &feed->after;

	after->sequence = page->seq;
	memcpy(after->last, page->hash, 32);
	after->issued = page->from;
	after->expires = page->expires;
	memcpy(after->salt, page->salt, sizeof(after->salt));
	after->salt_len = (uint8_t)page->salt_len;
}

static ward_err check_page(void *context, const struct page *page, struct ward_error *error)
{
	struct feed *feed = context;
	ward_err err;

	if (!ward_str_eq(page->urn, ward_str_from(feed->info->urn)))
		return ward_fail(error, WARD_E_DENIED, "the page is of another list");
	if (page->from > feed->options->now + AHEAD_S)
		return ward_fail(error, WARD_E_CONFLICT,
				"the page is from a day that has not come; is the clock right?");
	err = check_chain(feed, page, error);
	if (!err)
		err = check_joint(feed, page, error);
	if (!err)
		err = check_snapshot(feed, page, error);
	if (!err && page->seq > feed->info->sequence)
		err = check_salt(feed, page, error);
	if (err)
		return err;
	if (page->seq > feed->info->sequence)
		take_over(feed, page);
	feed->pages++;
	feed->last_seq = page->seq;
	memcpy(feed->last, page->hash, 32);
	return WARD_OK;
}

static ward_err check_end(const struct feed *feed, struct ward_error *error)
{
	uint64_t now = feed->info->sequence;

	if (feed->pages == 0)
		return ward_fail(error, WARD_E_FORMAT, "there is no page");
	if (feed->part < feed->parts)
		return ward_fail(error, WARD_E_FORMAT,
				"the file is truncated: of the snapshot's %" PRIu64
				" parts there are %" PRIu64,
				feed->parts, feed->part);
	if (feed->last_seq < now)
		return ward_fail(error, WARD_E_CONFLICT,
				"the pages are older than what is in force: they end with page "
				"%" PRIu64 ", and page %" PRIu64 " is in force",
				feed->last_seq, now);
	if (feed->last_seq < feed->options->seen)
		return ward_fail(error, WARD_E_CONFLICT,
				"the pages are older than what was in force here before the list "
				"was removed: they end with page %" PRIu64 ", and it was page "
				"%" PRIu64 "; --anew says that their publisher begins anew",
				feed->last_seq, feed->options->seen);
	if (feed->last_seq == now)
		return ward_fail(error, WARD_E_EXISTS,
				"page %" PRIu64 " is in force already: there is nothing new", now);
	if (feed->after.expires != 0 && feed->after.expires <= feed->options->now)
		return ward_fail(error, WARD_E_TIMEOUT,
				"the list has expired: its last page holds no longer");
	return WARD_OK;
}

/* ---- taking ---- */

struct taking {
	const struct feed *feed;
	struct ward_site_writer *writer;
	struct ward_buf memory, text;
	struct exchange_pages_applied applied;
	uint8_t last[32];
};

static ward_err take_change(struct taking *taking, const struct page *page, size_t index,
		struct ward_error *error)
{
	struct page_change change;
	struct ward_error why = { 0 };
	bool removed = false;
	ward_err err = WARD_E_FORMAT;

	if (exchange_page_change(json_array_get(page->changes, index), &taking->memory,
			    &taking->text, &change, &why))
		err = change.retract ? ward_site_writer_remove(taking->writer, &change.entry,
						       &removed, &why)
				     : ward_site_writer_add(taking->writer, &change.entry, &why);
	if (!err) {
		taking->applied.added += !change.retract;
		taking->applied.retracted += removed;
		return WARD_OK;
	}
	/* What is wrong with the change itself costs that change. */
	if (err != WARD_E_FORMAT && err != WARD_E_ARGUMENT && err != WARD_E_LIMIT &&
			err != WARD_E_UNSUPPORTED)
		return ward_fail(error, err, "%s", why.message);
	taking->applied.bad++;
	if (taking->feed->options->bad)
		taking->feed->options->bad(taking->feed->options->context, page->seq, index,
				why.message);
	return WARD_OK;
}

static ward_err take_page(void *context, const struct page *page, struct ward_error *error)
{
	struct taking *taking = context;
	ward_err err = WARD_OK;

	memcpy(taking->last, page->hash, 32);
	if (page->seq < taking->feed->first) {
		taking->applied.passed++;
		return WARD_OK;
	}
	taking->applied.pages++;
	for (size_t i = 0; i < json_array_size(page->changes) && !err; i++)
		err = take_change(taking, page, i, error);
	return err;
}

static ward_err take_all(const char *folder, const struct feed *feed, int fd, struct taking *taking,
		struct ward_error *error)
{
	ward_err err = feed->create ? ward_site_create(folder, &feed->after, &taking->writer, error)
				    : ward_site_change(folder, &feed->after, &taking->writer,
						      error);

	if (err)
		return err;
	/* What was checked against must be what is in force, now that nobody else can change it. */
	err = ward_site_writer_expect(taking->writer, feed->options->version, error);
	if (!err)
		err = each(fd, feed->info->publisher, take_page, taking, error);
	if (!err && memcmp(taking->last, feed->after.last, 32) != 0)
		err = ward_fail(error, WARD_E_CONFLICT, "the pages changed while they were read");
	if (err) {
		ward_site_writer_cancel(taking->writer);
		return err;
	}
	return ward_site_writer_commit(taking->writer, error);
}

ward_err exchange_pages_apply(const char *folder, const struct ward_site_info *info, int fd,
		const struct exchange_pages_options *options,
		struct exchange_pages_applied *applied, struct ward_error *error)
{
	struct feed feed = { .info = info, .options = options, .after = *info };
	struct taking taking = { .feed = &feed };
	ward_err err;

	if (!info->has_publisher || !info->urn[0])
		return ward_fail(error, WARD_E_ARGUMENT,
				"the list has no publisher: its key and its URN are wanted");
	err = each(fd, info->publisher, check_page, &feed, error);
	if (!err)
		err = check_end(&feed, error);
	if (err)
		return err;
	ward_buf_init(&taking.memory, (size_t)4 << 20);
	ward_buf_init(&taking.text, (size_t)4 << 20);
	err = take_all(folder, &feed, fd, &taking, error);
	ward_buf_free(&taking.memory);
	ward_buf_free(&taking.text);
	if (err)
		return err;
	*applied = taking.applied;
	applied->sequence = feed.after.sequence;
	applied->snapshot = feed.create;
	return WARD_OK;
}
