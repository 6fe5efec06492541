/*
 * The report for people: one page that needs nothing else, with no script, no picture and no
 * address in it.  Sums and what could not be read come first, then each find in parts of 500.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "bin/disk_html_text.h"
#include "bin/disk_report.h"
#include "bin/disk_report_style.h"

enum { PART = 500 };

struct page {
	FILE *out;
	const struct disk_report *report;
};

static void put(struct page *page, const char *html)
{
	fputs(html, page->out);
}

static void text(struct page *page, const char *words)
{
	disk_html_text(page->out, ward_str_from(words));
}

static void time_of(struct page *page, int64_t when)
{
	char words[CLOCK_TEXT_MAX];

	put(page, clock_format(when, words));
}

static void cell_number(struct page *page, uint64_t number)
{
	put(page, "<td class=n>");
	disk_html_number(page->out, number);
	put(page, "</td>");
}

static void hex(struct page *page, const char *name, const uint8_t *bytes, size_t len)
{
	char digits[2 * 32 + 1];

	ward_hex_format(bytes, len, digits);
	fprintf(page->out, "%s %s", name, digits);
}

static void head_cell(struct page *page, const char *words, bool number)
{
	fprintf(page->out, "<th scope=col%s>%s</th>", number ? " class=n" : "", words);
}

/* A name and what stands behind it, begun. */
static void term(struct page *page, const char *name)
{
	fprintf(page->out, "<dt>%s</dt><dd>", name);
}

static void term_end(struct page *page)
{
	put(page, "</dd>\n");
}

/* ---- the head ---- */

static void put_policy(struct page *page)
{
	ward_bytes style = { (const uint8_t *)disk_report_style, sizeof(disk_report_style) - 1 };
	uint8_t digest[32];
	char base64[48];

	ward_sha256(&style, 1, digest);
	ward_base64_format(digest, sizeof(digest), base64);
	fprintf(page->out,
			"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
			"'none'; "
			"style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n",
			base64);
}

static void put_head(struct page *page)
{
	const struct disk_report *report = page->report;

	put(page, "<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta "
		  "charset=\"utf-8\">\n");
	put_policy(page);
	put(page, "<meta name=\"referrer\" content=\"no-referrer\">\n"
		  "<meta name=\"robots\" content=\"noindex\">\n"
		  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		  "<title>Disk report</title>\n<style>");
	put(page, disk_report_style);
	put(page, "</style>\n</head>\n<body>\n"
		  "<a class=skip href=\"#finds\">To the finds</a>\n<header>\n<h1>Disk "
		  "report</h1>\n<dl>\n");
	if (report->case_number) {
		term(page, "Case");
		text(page, report->case_number);
		term_end(page);
	}
	if (report->examiner) {
		term(page, "Examiner");
		text(page, report->examiner);
		term_end(page);
	}
	term(page, "Run");
	time_of(page, report->began);
	put(page, " to ");
	time_of(page, report->ended);
	term_end(page);
	term(page, "Program");
	put(page, "ward ");
	text(page, report->version);
	term_end(page);
	put(page, "</dl>\n</header>\n<main>\n");
}

static size_t unread_count(const struct disk_report *report)
{
	return report->find_count - report->hits - report->aside + report->unread_count;
}

/* What makes the rest of the page less than it seems. */
static void put_alarms(struct page *page)
{
	const struct disk_report *report = page->report;
	bool digests = true, changed = false;

	for (size_t i = 0; i < report->image_count && !report->cut_short; i++) {
		digests &= !report->images[i].expected || !report->images[i].has_digests ||
			   report->images[i].as_expected;
		changed |= report->images[i].changed;
	}
	if (report->cut_short)
		put(page, "<p class=alarm><strong>The run was stopped before its end.</strong> "
			  "Files "
			  "that it did not come to are not in this report.</p>\n");
	if (report->full)
		put(page, "<p class=alarm><strong>There was no memory for all finds.</strong> Some "
			  "are "
			  "missing from this report.</p>\n");
	if (!digests)
		put(page, "<p class=alarm><strong>An image is not what it was when its digest was "
			  "taken.</strong></p>\n");
	if (changed)
		put(page, "<p class=alarm><strong>An image was changed while it was "
			  "read.</strong></p>\n");
	if (unread_count(report) > 0) {
		put(page, "<p class=alarm><strong>What could not be read: ");
		disk_html_number(page->out, unread_count(report));
		put(page, ".</strong> None of it is called clean: <a href=\"#unread\">all of "
			  "it</a>.</p>\n");
	}
}

/* ---- images ---- */

static void put_digests(struct page *page, const struct disk_account *image)
{
	const struct ward_digests *digests = &image->digests;

	if (!image->has_digests) {
		term(page, "Digests");
		put(page, "not taken");
		term_end(page);
		return;
	}
	term(page, "Digests");
	put(page, "<span class=hash>");
	hex(page, "MD5", digests->md5, 16);
	hex(page, "\nSHA-1", digests->sha1, 20);
	hex(page, "\nSHA-256", digests->sha256, 32);
	put(page, "</span>");
	term_end(page);
}

static void put_expected(struct page *page, const struct disk_account *image)
{
	term(page, "Compared");
	if (!image->expected)
		put(page, "with nothing: no digest from when it was made is known");
	else if (!image->has_digests)
		put(page, "<span class=bad>not: the image was not digested to its end</span>");
	else if (image->as_expected)
		put(page, "<span class=good>as expected</span>: ");
	else
		put(page, "<span class=bad>NOT as expected</span>: ");
	if (image->expected && image->has_digests)
		text(page, image->expected);
	term_end(page);
	term(page, "While it was read");
	put(page, image->changed ? "<span class=bad>changed</span>"
				 : "did not change (size and time)");
	term_end(page);
}

static void put_image(struct page *page, const struct disk_account *image)
{
	put(page, "<h3>");
	disk_html_path(page->out, ward_str_from(image->path));
	put(page, "</h3>\n<dl>\n");
	term(page, "Size");
	disk_html_number(page->out, image->bytes);
	fprintf(page->out, " bytes, files of the image: %zu", image->segments);
	term_end(page);
	if (!page->report->cut_short) {
		put_digests(page, image);
		put_expected(page, image);
		term(page, "In it");
		fprintf(page->out, "volumes %zu, files in use ", image->volumes);
		disk_html_number(page->out, image->files);
		put(page, ", deleted ");
		disk_html_number(page->out, image->deleted);
		put(page, ", carved ");
		disk_html_number(page->out, image->carved);
		term_end(page);
	}
	put(page, "</dl>\n");
}

/* ---- sums ---- */

enum where { WHERE_USED, WHERE_DELETED, WHERE_CARVED, WHERE_INSIDE, WHERES };

struct sums {
	uint64_t kinds[WARD_FINDING_KIND_COUNT][WHERES];
	int64_t first, last; /* of the finds' times; 0: none is known */
};

static void take_time(struct sums *sums, int64_t when)
{
	if (when == 0)
		return;
	if (sums->first == 0 || when < sums->first)
		sums->first = when;
	if (sums->last == 0 || when > sums->last)
		sums->last = when;
}

static struct sums sum(const struct disk_report *report)
{
	struct sums sums = { .first = 0 };

	for (size_t i = 0; i < report->find_count; i++) {
		const struct disk_find *find = &report->finds[i];
		uint64_t *at = sums.kinds[find->kind];

		at[find->flags & DISK_CARVED                 ? WHERE_CARVED
				: find->flags & DISK_DELETED ? WHERE_DELETED
							     : WHERE_USED]++;
		at[WHERE_INSIDE] += find->member.len > 0;
		if (i >= report->hits)
			continue;
		take_time(&sums, find->created);
		take_time(&sums, find->modified);
	}
	return sums;
}

static void put_kinds(struct page *page, const struct sums *sums)
{
	static const char *const names[WHERES + 1] = { "In use", "Deleted", "Carved",
		"Of these within a container", "All" };

	put(page, "<div class=wide><table class=few><caption>Finds by kind and place</caption>"
		  "<thead><tr>");
	head_cell(page, "Kind", false);
	for (size_t i = 0; i <= WHERES; i++)
		head_cell(page, names[i], true);
	put(page, "</tr></thead><tbody>\n");
	for (size_t kind = 0; kind < WARD_FINDING_KIND_COUNT; kind++) {
		const uint64_t *row = sums->kinds[kind];
		uint64_t all = row[WHERE_USED] + row[WHERE_DELETED] + row[WHERE_CARVED];

		if (kind == WARD_FINDING_ALLOWED || (all == 0 && kind > WARD_FINDING_NEAR))
			continue;
		fprintf(page->out, "<tr><th scope=row>%s</th>",
				ward_finding_kind_name((ward_finding_kind)kind));
		for (size_t i = 0; i < WHERES; i++)
			cell_number(page, row[i]);
		cell_number(page, all);
		put(page, "</tr>\n");
	}
	put(page, "</tbody></table></div>\n");
}

static void put_verdicts(struct page *page)
{
	const struct scan_totals *totals = &page->report->totals;

	put(page, "<table class=few><caption>Files by the verdict of the "
		  "policy</caption><thead><tr>");
	head_cell(page, "Verdict", false);
	head_cell(page, "Files", true);
	put(page, "</tr></thead><tbody>\n");
	for (size_t i = WARD_VERDICT_KIND_COUNT; i-- > 0;) {
		fprintf(page->out, "<tr><th scope=row>%s</th>",
				ward_verdict_name((ward_verdict_kind)i));
		cell_number(page, totals->verdicts[i]);
		put(page, "</tr>\n");
	}
	put(page, "<tr><th scope=row>not scanned</th>");
	cell_number(page, totals->failed);
	put(page, "</tr>\n<tr><th scope=row>passed over: an earlier run found nothing</th>");
	cell_number(page, totals->seen);
	put(page, "</tr>\n</tbody></table>\n");
}

static void put_sums(struct page *page)
{
	struct sums sums = sum(page->report);

	put(page, "<section id=\"sums\">\n<h2>What was found</h2>\n");
	put_kinds(page, &sums);
	if (sums.first != 0) {
		put(page, "<p>Times of the known and near files, as the file systems have them: ");
		time_of(page, sums.first);
		put(page, " to ");
		time_of(page, sums.last);
		put(page, " (created or modified).</p>\n");
	}
	put_verdicts(page);
	put(page, "<p class=note>A hit says that these bytes are on a list (known), or that a "
		  "picture "
		  "looks like one on it (near: a person has to look). It says nothing of who had "
		  "the "
		  "file or when. A carved file has no name and no times: it was found by how it "
		  "begins.</p>\n</section>\n");
}

/* ---- finds ---- */

static void put_file(struct page *page, const struct disk_find *find)
{
	put(page, "<td>");
	disk_html_path(page->out, find->path);
	if (find->member.len > 0) {
		put(page, "\nin it: ");
		disk_html_path(page->out, find->member);
	}
	if (find->has_digests) {
		hex(page, "\n<small>MD5", find->digests.md5, 16);
		hex(page, "\nSHA-1", find->digests.sha1, 20);
		hex(page, "\nSHA-256", find->digests.sha256, 32);
		put(page, "</small>");
	}
	put(page, "</td>");
}

static void put_finding(struct page *page, const struct disk_find *find)
{
	fprintf(page->out, "<td>%s", ward_finding_kind_name(find->kind));
	if (find->list.len > 0) {
		put(page, " on ");
		disk_html_text(page->out, find->list);
	}
	if (find->kind == WARD_FINDING_NEAR)
		fprintf(page->out, "\ndistance %" PRIu32, find->distance);
	if (find->labels.len > 0) {
		put(page, "\n");
		disk_html_text(page->out, find->labels);
	}
	if (find->message.len > 0) {
		put(page, "\n");
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
	put(page, "</td>");
}

static void put_times(struct page *page, const struct disk_find *find)
{
	const struct {
		const char *name;
		int64_t when;
	} times[] = { { "created", find->created }, { "modified", find->modified },
		{ "changed", find->changed }, { "accessed", find->accessed } };
	const char *before = "";

	put(page, "<td>");
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		if (times[i].when == 0)
			continue;
		fprintf(page->out, "%s%s ", before, times[i].name);
		time_of(page, times[i].when);
		before = "\n";
	}
	put(page, "</td>");
}

static void begin_rows(struct page *page, size_t from, size_t to)
{
	fprintf(page->out,
			"<section class=part id=\"part-%zu\"><table class=rows><caption>%zu to "
			"%zu</caption><thead><tr>",
			from / PART + 1, from + 1, to);
	head_cell(page, "No.", false);
	head_cell(page, "File", false);
	head_cell(page, "What", false);
	head_cell(page, "Where", false);
	head_cell(page, "Times (UTC)", false);
	put(page, "</tr></thead><tbody>\n");
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
		put(page, "</td>");
		put_file(page, find);
		put_finding(page, find);
		put_place(page, find);
		put_times(page, find);
		put(page, "</tr>\n");
	}
	put(page, "</tbody></table></section>\n");
}

/* Rows `from` to `to` in parts, and a list of the parts when there are several. */
static void put_parts(struct page *page, size_t from, size_t to)
{
	if (to - from > PART) {
		put(page, "<nav><ul class=way>");
		for (size_t at = from; at < to; at += PART)
			fprintf(page->out, "<li><a href=\"#f%zu\">%zu</a></li>", at + 1, at + 1);
		put(page, "</ul></nav>\n");
	}
	for (size_t at = from; at < to; at += PART)
		put_rows(page, at, to - at < PART ? to : at + PART);
}

static void put_finds(struct page *page)
{
	const struct disk_report *report = page->report;
	size_t aside = report->hits + report->aside;

	put(page, "<section id=\"finds\">\n<h2>Finds</h2>\n");
	if (report->hits == 0)
		put(page, "<p>Nothing that a list holds was found.</p>\n");
	else
		put(page, "<p class=note>No picture is in this report. Whoever has to look at one "
			  "takes "
			  "the file out of the image by its inode or byte, and looks at it grey "
			  "and "
			  "blurred with <code>ward view</code> (levels L1 to L3) before anything "
			  "clearer.</p>\n");
	put_parts(page, 0, report->hits);
	put(page, "</section>\n");
	if (report->aside > 0) {
		put(page, "<section id=\"aside\">\n<h2>Set aside by an exclusion list</h2>\n");
		put_parts(page, report->hits, aside);
		put(page, "</section>\n");
	}
}

static void put_unread(struct page *page)
{
	const struct disk_report *report = page->report;

	if (unread_count(report) == 0)
		return;
	put(page, "<section id=\"unread\">\n<h2>What could not be read</h2>\n");
	if (report->unread_count > 0) {
		put(page, "<div class=part><table><thead><tr>");
		head_cell(page, "Where", false);
		head_cell(page, "Why", false);
		put(page, "</tr></thead><tbody>\n");
		for (size_t i = 0; i < report->unread_count; i++) {
			put(page, "<tr><td>");
			disk_html_path(page->out, report->unread[i].path);
			put(page, "</td><td>");
			disk_html_text(page->out, report->unread[i].message);
			put(page, "</td></tr>\n");
		}
		put(page, "</tbody></table></div>\n");
	}
	put_parts(page, report->hits + report->aside, report->find_count);
	put(page, "</section>\n");
}

/* ---- how it was done ---- */

static void put_list(struct page *page, const struct disk_report_list *list)
{
	const struct ward_list_info *info = list->info;
	uint64_t hits = 0;

	for (size_t i = 0; i < page->report->hits; i++)
		hits += ward_str_eq(page->report->finds[i].list, ward_str_from(info->name));
	put(page, "<tr><th scope=row>");
	text(page, info->name);
	fprintf(page->out, "</th><td>%s%s</td><td>", ward_list_sense_name(info->sense),
			info->enabled ? "" : ", switched off");
	text(page, info->source);
	put(page, "</td><td class=hash>");
	text(page, list->version);
	put(page, "</td><td>");
	if (info->changed != 0)
		time_of(page, info->changed);
	put(page, "</td>");
	cell_number(page, list->entries);
	cell_number(page, hits);
	put(page, "</tr>\n");
}

static void put_lists(struct page *page)
{
	put(page, "<section id=\"lists\">\n<h2>Lists</h2>\n<div class=wide><table><thead><tr>");
	head_cell(page, "List", false);
	head_cell(page, "Sense", false);
	head_cell(page, "Source", false);
	head_cell(page, "Version", false);
	head_cell(page, "Changed", false);
	head_cell(page, "Entries", true);
	head_cell(page, "Finds", true);
	put(page, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < page->report->list_count; i++)
		put_list(page, &page->report->lists[i]);
	put(page, "</tbody></table></div>\n</section>\n");
}

static void put_run(struct page *page)
{
	const struct disk_report *report = page->report;

	put(page, "<section id=\"run\">\n<h2>How it was done</h2>\n<dl>\n");
	term(page, "Began");
	time_of(page, report->began);
	term_end(page);
	term(page, "Ended");
	time_of(page, report->ended);
	if (report->stopped)
		fprintf(page->out, ", <span class=bad>stopped by signal %d</span>",
				report->stopped);
	else if (report->cut_short)
		put(page, ", <span class=bad>before all was read</span>");
	else
		put(page, ", by itself");
	term_end(page);
	term(page, "Command");
	text(page, report->command);
	term_end(page);
	term(page, "Files scanned");
	disk_html_number(page->out, report->totals.files);
	put(page, ", bytes ");
	disk_html_number(page->out, report->totals.bytes);
	term_end(page);
	for (size_t i = 0; i < report->setting_count; i++) {
		term(page, report->settings[i].name);
		text(page, report->settings[i].value);
		term_end(page);
	}
	put(page, "</dl>\n</section>\n");
}

void disk_report_html(FILE *out, const struct disk_report *report)
{
	struct page page = { .out = out, .report = report };

	put_head(&page);
	put_alarms(&page);
	put(&page, "<nav aria-label=\"Parts of this report\"><ul class=way><li><a "
		   "href=\"#images\">Images</a></li><li><a "
		   "href=\"#sums\">Sums</a></li><li><a href=\"#finds\">Finds</a></li>");
	if (unread_count(report) > 0)
		put(&page, "<li><a href=\"#unread\">What could not be read</a></li>");
	put(&page, "<li><a href=\"#lists\">Lists</a></li><li><a href=\"#run\">How it was "
		   "done</a></li></ul></nav>\n<section id=\"images\">\n<h2>Images</h2>\n");
	for (size_t i = 0; i < report->image_count; i++)
		put_image(&page, &report->images[i]);
	put(&page, "</section>\n");
	put_sums(&page);
	put_unread(&page);
	put_lists(&page);
	put_run(&page);
	put_finds(&page);
	put(&page, "</main>\n</body>\n</html>\n");
}
