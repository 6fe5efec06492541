/*
 * The report for people: one page that needs nothing else, with no script, no picture and no
 * address in it.  Sums and what could not be read come first, then each find in parts of 500.
 */
#include <inttypes.h>

#include "bin/disk_html_text.h"
#include "bin/disk_report_page.h"
#include "bin/disk_report_style.h"

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

	page_put(page, "<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta "
		       "charset=\"utf-8\">\n");
	put_policy(page);
	page_put(page, "<meta name=\"referrer\" content=\"no-referrer\">\n"
		       "<meta name=\"robots\" content=\"noindex\">\n"
		       "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		       "<title>Disk report</title>\n<style>");
	page_put(page, disk_report_style);
	page_put(page, "</style>\n</head>\n<body>\n"
		       "<a class=skip href=\"#finds\">To the finds</a>\n<header>\n<h1>Disk "
		       "report</h1>\n<dl>\n");
	if (report->case_number) {
		page_term(page, "Case");
		page_text(page, report->case_number);
		page_term_end(page);
	}
	if (report->examiner) {
		page_term(page, "Examiner");
		page_text(page, report->examiner);
		page_term_end(page);
	}
	page_term(page, "Run");
	page_time(page, report->began);
	page_put(page, " to ");
	page_time(page, report->ended);
	page_term_end(page);
	page_term(page, "Program");
	page_put(page, "ward ");
	page_text(page, report->version);
	page_term_end(page);
	page_put(page, "</dl>\n</header>\n<main>\n");
}

/* What makes the rest of the page less than it seems. */
static void put_alarms(struct page *page)
{
	const struct disk_report *report = page->report;
	bool digests = true, changed = false;

	for (size_t i = 0; i < report->image_count && !report->cut_short; i++) {
		digests &= report->images[i].fit != DISK_FIT_NOT;
		changed |= report->images[i].changed;
	}
	if (report->cut_short)
		page_put(page, "<p class=alarm><strong>The run was stopped before its "
			       "end.</strong> "
			       "Files "
			       "that it did not come to are not in this report.</p>\n");
	if (report->full)
		page_put(page, "<p class=alarm><strong>There was no memory for all finds.</strong> "
			       "Some "
			       "are "
			       "missing from this report.</p>\n");
	if (!digests)
		page_put(page, "<p class=alarm><strong>An image is not what it was when its digest "
			       "was "
			       "taken.</strong></p>\n");
	if (changed)
		page_put(page, "<p class=alarm><strong>An image was changed while it was "
			       "read.</strong></p>\n");
	if (page_unread(report) > 0) {
		page_put(page, "<p class=alarm><strong>What could not be read: ");
		disk_html_number(page->out, page_unread(report));
		page_put(page, ".</strong> None of it is called clean: <a href=\"#unread\">all of "
			       "it</a>.</p>\n");
	}
}

/* ---- images ---- */

static void put_digests(struct page *page, const struct disk_account *image)
{
	const struct ward_digests *digests = &image->digests;

	if (!image->has_digests) {
		page_term(page, "Digests");
		page_put(page, "not taken");
		page_term_end(page);
		return;
	}
	page_term(page, "Digests");
	page_put(page, "<span class=hash>");
	page_hex(page, "MD5", digests->md5, 16);
	page_hex(page, "\nSHA-1", digests->sha1, 20);
	page_hex(page, "\nSHA-256", digests->sha256, 32);
	page_put(page, "</span>");
	page_term_end(page);
}

static void put_expected(struct page *page, const struct disk_account *image)
{
	page_term(page, "Compared");
	if (!image->expected)
		page_put(page, "with nothing: no digest from when it was made is known");
	else if (!image->has_digests)
		page_put(page, "<span class=bad>not: the image was not digested to its end</span>");
	else if (image->fit == DISK_FIT_WHOLE)
		page_put(page, "<span class=good>as expected</span>: ");
	else if (image->fit == DISK_FIT_SOME)
		page_put(page, "some of its files are as expected, and of the others no digest is "
			       "known: ");
	else
		page_put(page, "<span class=bad>NOT as expected</span>: ");
	if (image->expected && image->has_digests)
		page_text(page, image->expected);
	page_term_end(page);
	page_term(page, "While it was read");
	page_put(page, image->changed ? "<span class=bad>changed</span>"
				      : "did not change (size and time)");
	page_term_end(page);
	page_term(page, "Read again at the end");
	page_put(page, !image->verify ? "no"
			: image->verified
					? "<span class=good>the same, byte for byte</span>"
					: "<span class=bad>NOT the same, or not to be read</span>");
	page_term_end(page);
}

static void put_image(struct page *page, const struct disk_account *image)
{
	page_put(page, "<h3>");
	disk_html_path(page->out, ward_str_from(image->path));
	page_put(page, "</h3>\n<dl>\n");
	page_term(page, "Size");
	disk_html_number(page->out, image->bytes);
	fprintf(page->out, " bytes, files of the image: %zu", image->segments);
	page_term_end(page);
	if (!page->report->cut_short) {
		put_digests(page, image);
		put_expected(page, image);
		page_term(page, "In it");
		fprintf(page->out, "volumes %zu, files in use ", image->volumes);
		disk_html_number(page->out, image->files);
		page_put(page, ", deleted ");
		disk_html_number(page->out, image->deleted);
		page_put(page, ", carved ");
		disk_html_number(page->out, image->carved);
		page_term_end(page);
	}
	page_put(page, "</dl>\n");
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

	page_put(page, "<div class=wide><table class=few><caption>Finds by kind and place</caption>"
		       "<thead><tr>");
	page_head(page, "Kind", false);
	for (size_t i = 0; i <= WHERES; i++)
		page_head(page, names[i], true);
	page_put(page, "</tr></thead><tbody>\n");
	for (size_t kind = 0; kind < WARD_FINDING_KIND_COUNT; kind++) {
		const uint64_t *row = sums->kinds[kind];
		uint64_t all = row[WHERE_USED] + row[WHERE_DELETED] + row[WHERE_CARVED];

		if (kind == WARD_FINDING_ALLOWED || (all == 0 && kind > WARD_FINDING_NEAR))
			continue;
		fprintf(page->out, "<tr><th scope=row>%s</th>",
				ward_finding_kind_name((ward_finding_kind)kind));
		for (size_t i = 0; i < WHERES; i++)
			page_cell(page, row[i]);
		page_cell(page, all);
		page_put(page, "</tr>\n");
	}
	page_put(page, "</tbody></table></div>\n");
}

static void put_verdicts(struct page *page)
{
	const struct scan_totals *totals = &page->report->totals;

	page_put(page, "<table class=few><caption>Files by the verdict of the "
		       "policy</caption><thead><tr>");
	page_head(page, "Verdict", false);
	page_head(page, "Files", true);
	page_put(page, "</tr></thead><tbody>\n");
	for (size_t i = WARD_VERDICT_KIND_COUNT; i-- > 0;) {
		fprintf(page->out, "<tr><th scope=row>%s</th>",
				ward_verdict_name((ward_verdict_kind)i));
		page_cell(page, totals->verdicts[i]);
		page_put(page, "</tr>\n");
	}
	page_put(page, "<tr><th scope=row>not scanned</th>");
	page_cell(page, totals->failed);
	page_put(page, "</tr>\n<tr><th scope=row>passed over: an earlier run found nothing</th>");
	page_cell(page, totals->seen);
	page_put(page, "</tr>\n</tbody></table>\n");
}

static void put_sums(struct page *page)
{
	struct sums sums = sum(page->report);

	page_put(page, "<section id=\"sums\">\n<h2>What was found</h2>\n");
	put_kinds(page, &sums);
	if (sums.first != 0) {
		page_put(page, "<p>Times of the known and near files, as the file systems have "
			       "them: ");
		page_time(page, sums.first);
		page_put(page, " to ");
		page_time(page, sums.last);
		page_put(page, " (created or modified).</p>\n");
	}
	put_verdicts(page);
	page_put(page, "<p class=note>A hit says that these bytes are on a list (known), or that a "
		       "picture "
		       "looks like one on it (near: a person has to look). It says nothing of who "
		       "had "
		       "the "
		       "file or when. A carved file has no name and no times: it was found by how "
		       "it "
		       "begins.</p>\n</section>\n");
}

/* ---- how it was done ---- */

static void put_list(struct page *page, const struct disk_report_list *list)
{
	const struct ward_list_info *info = list->info;
	uint64_t hits = 0;

	for (size_t i = 0; i < page->report->hits; i++)
		hits += ward_str_eq(page->report->finds[i].list, ward_str_from(info->name));
	page_put(page, "<tr><th scope=row>");
	page_text(page, info->name);
	fprintf(page->out, "</th><td>%s%s</td><td>", ward_list_sense_name(info->sense),
			info->enabled ? "" : ", switched off");
	page_text(page, info->source);
	page_put(page, "</td><td class=hash>");
	page_text(page, list->version);
	page_put(page, "</td><td>");
	if (info->changed != 0)
		page_time(page, info->changed);
	page_put(page, "</td>");
	page_cell(page, list->entries);
	page_cell(page, hits);
	page_put(page, "</tr>\n");
}

static void put_lists(struct page *page)
{
	page_put(page, "<section id=\"lists\">\n<h2>Lists</h2>\n<div "
		       "class=wide><table><thead><tr>");
	page_head(page, "List", false);
	page_head(page, "Sense", false);
	page_head(page, "Source", false);
	page_head(page, "Version", false);
	page_head(page, "Changed", false);
	page_head(page, "Entries", true);
	page_head(page, "Finds", true);
	page_put(page, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < page->report->list_count; i++)
		put_list(page, &page->report->lists[i]);
	page_put(page, "</tbody></table></div>\n</section>\n");
}

static void put_run(struct page *page)
{
	const struct disk_report *report = page->report;

	page_put(page, "<section id=\"run\">\n<h2>How it was done</h2>\n<dl>\n");
	page_term(page, "Began");
	page_time(page, report->began);
	page_term_end(page);
	page_term(page, "Ended");
	page_time(page, report->ended);
	if (report->stopped)
		fprintf(page->out, ", <span class=bad>stopped by signal %d</span>",
				report->stopped);
	else if (report->cut_short)
		page_put(page, ", <span class=bad>before all was read</span>");
	else
		page_put(page, ", by itself");
	page_term_end(page);
	page_term(page, "Command");
	page_text(page, report->command);
	page_term_end(page);
	page_term(page, "Files scanned");
	disk_html_number(page->out, report->totals.files);
	page_put(page, ", bytes ");
	disk_html_number(page->out, report->totals.bytes);
	page_term_end(page);
	for (size_t i = 0; i < report->setting_count; i++) {
		page_term(page, report->settings[i].name);
		page_text(page, report->settings[i].value);
		page_term_end(page);
	}
	page_put(page, "</dl>\n</section>\n");
}

void disk_report_html(FILE *out, const struct disk_report *report)
{
	struct page page = { .out = out, .report = report };

	put_head(&page);
	put_alarms(&page);
	page_put(&page, "<nav aria-label=\"Parts of this report\"><ul class=way><li><a "
			"href=\"#images\">Images</a></li><li><a "
			"href=\"#sums\">Sums</a></li><li><a href=\"#finds\">Finds</a></li>");
	if (page_unread(report) > 0)
		page_put(&page, "<li><a href=\"#unread\">What could not be read</a></li>");
	page_put(&page, "<li><a href=\"#lists\">Lists</a></li><li><a href=\"#run\">How it was "
			"done</a></li></ul></nav>\n<section id=\"images\">\n<h2>Images</h2>\n");
	for (size_t i = 0; i < report->image_count; i++)
		put_image(&page, &report->images[i]);
	page_put(&page, "</section>\n");
	put_sums(&page);
	page_unread_rows(&page);
	put_lists(&page);
	put_run(&page);
	page_finds(&page);
	page_put(&page, "</main>\n</body>\n</html>\n");
}
