/*
 * The rows of the page: each find, in parts of 500, and what could not be read.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "bin/disk_html_text.h"
#include "bin/disk_report_page.h"

enum { PART = 500 };

/* ---- words ---- */

void page_put(struct page *page, const char *html)
{
	fputs(html, page->out);
}

void page_text(struct page *page, const char *words)
{
	disk_html_text(page->out, ward_str_from(words));
}

void page_time(struct page *page, int64_t when)
{
	char words[CLOCK_TEXT_MAX];

	page_put(page, clock_format(when, words));
}

void page_cell(struct page *page, uint64_t number)
{
	page_put(page, "<td class=n>");
	disk_html_number(page->out, number);
	page_put(page, "</td>");
}

void page_hex(struct page *page, const char *name, const uint8_t *bytes, size_t len)
{
	char digits[2 * 32 + 1];

	ward_hex_format(bytes, len, digits);
	fprintf(page->out, "%s %s", name, digits);
}

void page_head(struct page *page, const char *words, bool number)
{
	fprintf(page->out, "<th scope=col%s>%s</th>", number ? " class=n" : "", words);
}

/* A name and what stands behind it, begun. */
void page_term(struct page *page, const char *name)
{
	fprintf(page->out, "<dt>%s</dt><dd>", name);
}

void page_term_end(struct page *page)
{
	page_put(page, "</dd>\n");
}

size_t page_unread(const struct disk_report *report)
{
	return report->find_count - report->hits - report->aside + report->unread_count;
}

/* ---- finds ---- */

static void put_file(struct page *page, const struct disk_find *find)
{
	page_put(page, "<td>");
	disk_html_path(page->out, find->path);
	if (find->member.len > 0) {
		page_put(page, "\nin it: ");
		disk_html_path(page->out, find->member);
	}
	if (find->has_digests) {
		page_hex(page, "\n<small>MD5", find->digests.md5, 16);
		page_hex(page, "\nSHA-1", find->digests.sha1, 20);
		page_hex(page, "\nSHA-256", find->digests.sha256, 32);
		page_put(page, "</small>");
	}
	page_put(page, "</td>");
}

static void put_finding(struct page *page, const struct disk_find *find)
{
	fprintf(page->out, "<td>%s", ward_finding_kind_name(find->kind));
	if (find->list.len > 0) {
		page_put(page, " on ");
		disk_html_text(page->out, find->list);
	}
	if (find->kind == WARD_FINDING_NEAR)
		fprintf(page->out, "\ndistance %" PRIu32, find->distance);
	if (find->labels.len > 0) {
		page_put(page, "\n");
		disk_html_text(page->out, find->labels);
	}
	if (find->message.len > 0) {
		page_put(page, "\n");
		disk_html_text(page->out, find->message);
	}
	if (find->frame > 0)
		fprintf(page->out, "\nframe %" PRIu32, find->frame);
	if (find->times > 1)
		fprintf(page->out, "\n%" PRIu32 " findings", find->times);
	fprintf(page->out, "\nverdict %s</td>", ward_verdict_name(find->verdict));
}

static void put_place(struct page *page, const struct disk_find *find)
{
	fprintf(page->out, "<td>%s%s", disk_find_state(find->flags),
			find->flags & DISK_PARTIAL ? ", a part" : "");
	if (find->has_inode)
		fprintf(page->out, "\ninode %" PRIu64, find->inode);
	if (find->offset != DISK_NOWHERE)
		fprintf(page->out, "\nbyte %" PRIu64, find->offset);
	fprintf(page->out, "\nsize %" PRIu64, find->size);
	if (find->member.len > 0 && find->has_digests)
		fprintf(page->out, ", in it %" PRIu64, find->bytes);
	page_put(page, "</td>");
}

static void put_times(struct page *page, const struct disk_find *find)
{
	const struct {
		const char *name;
		int64_t when;
	} times[] = { { "created", find->created }, { "modified", find->modified },
		{ "changed", find->changed }, { "accessed", find->accessed } };
	const char *before = "";

	page_put(page, "<td>");
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		if (times[i].when == 0)
			continue;
		fprintf(page->out, "%s%s ", before, times[i].name);
		page_time(page, times[i].when);
		before = "\n";
	}
	page_put(page, "</td>");
}

static void begin_rows(struct page *page, size_t from, size_t to)
{
	fprintf(page->out,
			"<section class=part id=\"part-%zu\"><table class=rows><caption>%zu to "
			"%zu</caption><thead><tr>",
			from / PART + 1, from + 1, to);
	page_head(page, "No.", false);
	page_head(page, "File", false);
	page_head(page, "What", false);
	page_head(page, "Where", false);
	page_head(page, "Times (UTC)", false);
	page_put(page, "</tr></thead><tbody>\n");
}

static void put_rows(struct page *page, size_t from, size_t to)
{
	const struct disk_report *report = page->report;

	begin_rows(page, from, to);
	for (size_t i = from; i < to; i++) {
		const struct disk_find *find = &report->finds[i];

		fprintf(page->out, "<tr id=\"f%zu\"><td><a href=\"#f%zu\">%zu</a>", i + 1, i + 1,
				i + 1);
		if (report->image_count > 1)
			fprintf(page->out, "\nimage %" PRIu32, find->image + 1);
		page_put(page, "</td>");
		put_file(page, find);
		put_finding(page, find);
		put_place(page, find);
		put_times(page, find);
		page_put(page, "</tr>\n");
	}
	page_put(page, "</tbody></table></section>\n");
}

/* Rows `from` to `to` in parts, and a list of the parts when there are several. */
static void put_parts(struct page *page, size_t from, size_t to)
{
	if (to - from > PART) {
		page_put(page, "<nav><ul class=way>");
		for (size_t at = from; at < to; at += PART)
			fprintf(page->out, "<li><a href=\"#f%zu\">%zu</a></li>", at + 1, at + 1);
		page_put(page, "</ul></nav>\n");
	}
	for (size_t at = from; at < to; at += PART)
		put_rows(page, at, to - at < PART ? to : at + PART);
}

void page_finds(struct page *page)
{
	const struct disk_report *report = page->report;
	size_t aside = report->hits + report->aside;

	page_put(page, "<section id=\"finds\">\n<h2>Finds</h2>\n");
	if (report->hits == 0)
		page_put(page, "<p>Nothing that a list holds was found.</p>\n");
	else
		page_put(page, "<p class=note>No picture is in this report. Whoever has to look at "
			       "one "
			       "takes "
			       "the file out of the image by its inode or byte, and looks at it "
			       "grey "
			       "and "
			       "blurred with <code>ward view</code> (levels L1 to L3) before "
			       "anything "
			       "clearer.</p>\n");
	put_parts(page, 0, report->hits);
	page_put(page, "</section>\n");
	if (report->aside > 0) {
		page_put(page, "<section id=\"aside\">\n<h2>Set aside by an exclusion list</h2>\n");
		put_parts(page, report->hits, aside);
		page_put(page, "</section>\n");
	}
}

void page_unread_rows(struct page *page)
{
	const struct disk_report *report = page->report;

	if (page_unread(report) == 0)
		return;
	page_put(page, "<section id=\"unread\">\n<h2>What could not be read</h2>\n");
	if (report->unread_count > 0) {
		page_put(page, "<div class=part><table><thead><tr>");
		page_head(page, "Where", false);
		page_head(page, "Why", false);
		page_put(page, "</tr></thead><tbody>\n");
		for (size_t i = 0; i < report->unread_count; i++) {
			page_put(page, "<tr><td>");
			disk_html_path(page->out, report->unread[i].path);
			page_put(page, "</td><td>");
			disk_html_text(page->out, report->unread[i].message);
			page_put(page, "</td></tr>\n");
		}
		page_put(page, "</tbody></table></div>\n");
	}
	put_parts(page, report->hits + report->aside, report->find_count);
	page_put(page, "</section>\n");
}
