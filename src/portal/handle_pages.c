#include "base/clock.h"
#include "base/log.h"
#include "portal/embedded.h"
#include "portal/route.h"

void handle_plain(struct visit *visit)
{
	struct frame frame = visit_frame(visit, visit->route->title);

	visit_begin(visit, 200);
	visit->route->plain(&visit->page, &frame);
}

/* Where reports are not taken, whom to call comes first. */
void handle_first(struct visit *visit)
{
	if (visit->portal->no_reports)
		handle_help_page(visit, visit_query(visit, "country"), false, WARD_STR(""));
	else
		handle_plain(visit);
}

/* ---- help ---- */

static const struct number_line *number_lines(struct visit *visit, const struct helpline *lines,
		size_t count)
{
	struct number_line *out = ward_new(&visit->arena, struct number_line, count + 1);

	for (size_t i = 0; out && i < count; i++)
		out[i] = (struct number_line){ lines[i].number, lines[i].digits, lines[i].host,
			lines[i].name, lines[i].language };
	return out;
}

static const struct country_choice *country_choices(struct visit *visit,
		const struct country *chosen)
{
	const struct helplines *helplines = visit->portal->helplines;
	size_t count = helplines_count(helplines), language = (size_t)(visit->language - languages);
	struct country_choice *out = ward_new(&visit->arena, struct country_choice, count + 1);

	for (size_t i = 0; out && i < count; i++) {
		const struct country *country = helplines_at(helplines, i);

		out[i] = (struct country_choice){ country->code, country->names[language],
			country == chosen };
	}
	return out;
}

void handle_help_page(struct visit *visit, ward_str code, bool writing, ward_str token)
{
	const struct country *country = helplines_find(visit->portal->helplines, code);
	struct frame frame = visit_frame(visit, SAY_HELP_TITLE);
	struct page_help page = {
		.writing = writing,
		.token = token,
		.countries = country_choices(visit, country),
		.countries_count = helplines_count(visit->portal->helplines),
	};

	if (country) {
		page.shown = true;
		page.country = country->names[visit->language - languages];
		page.emergency = number_lines(visit, country->emergency, country->emergency_count);
		page.emergency_count = country->emergency_count;
		page.lines = number_lines(visit, country->children, country->children_count);
		page.lines_count = country->children_count;
		page.lined = country->children_count > 0;
	}
	if (!page.countries || (country && (!page.emergency || !page.lines))) {
		visit_problem(visit, 503, SAY_PROBLEM_BUSY);
		return;
	}
	frame.sealed = writing;
	visit_begin(visit, 200);
	page_help(&visit->page, &frame, &page);
}

void handle_help(struct visit *visit)
{
	handle_help_page(visit, visit_query(visit, "country"), false, WARD_STR(""));
}

/* ---- what is done with reports ---- */

/* Below this, a number could tell of one person. */
enum { COUNT_MIN = 5, DAY_S = 24 * 3600 };

static struct count_line count_line(struct visit *visit, enum say says, uint64_t value)
{
	return (struct count_line){ says, value < COUNT_MIN, visit_number(visit, value) };
}

/*
 * One count a day.  A number that grew with each report would tell whoever asks
 * again and again, and sees who goes online, that somebody has just reported;
 * and intake need not count for each who asks.
 */
static struct portal_counts counts_of_today(struct portal *portal)
{
	int64_t day = 1 + clock_now() / DAY_S;
	struct portal_counts counts = { 0 };
	struct ward_error error = { 0 };

	if (day == portal->counts_day)
		return portal->counts;
	ward_err err = portal->intake.count(portal->intake.context, &counts, &error);

	if (err) {
		log_error("portal_intake", "what=count code=%s", ward_err_name(err));
		return (struct portal_counts){ 0 };
	}
	portal->counts = counts;
	portal->counts_day = day;
	return counts;
}

static void write_transparency(struct visit *visit)
{
	struct frame frame = visit_frame(visit, SAY_TRANSPARENCY_TITLE);
	struct portal_counts counts = counts_of_today(visit->portal);
	struct page_transparency page = { 0 };

	if (counts.reports > 0) {
		page.counted = true;
		page.days = visit_number(visit, counts.days);
		page.counts[page.counts_count++] =
				count_line(visit, SAY_TRANSPARENCY_REPORTS, counts.reports);
		page.counts[page.counts_count++] =
				count_line(visit, SAY_TRANSPARENCY_ANSWERED, counts.done);
		page.counts[page.counts_count++] =
				count_line(visit, SAY_TRANSPARENCY_WITHDRAWN, counts.withdrawn);
	}
	visit_begin(visit, 200);
	page_transparency(&visit->page, &frame, &page);
}

void handle_transparency(struct visit *visit)
{
	visit->errand = write_transparency;
}

/* ---- files ---- */

void handle_file(struct visit *visit)
{
	const struct portal *portal = visit->portal;
	const struct {
		const char *path, *type;
		ward_str bytes;
	} files[] = {
		{ "/portal.css", "text/css; charset=utf-8",
				{ (const char *)portal_css, portal_css_len } },
		{ "/portal.svg", "image/svg+xml", { (const char *)portal_svg, portal_svg_len } },
		{ "/portal/stop.js", "text/javascript; charset=utf-8", portal->script },
		{ "/portal/pdq.wasm", "application/wasm", portal->module },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (strcmp(files[i].path, visit->route->path) != 0)
			continue;
		if (files[i].bytes.len == 0) {
			visit_problem(visit, 404, SAY_PROBLEM_MISSING);
			return;
		}
		visit->status = 200;
		visit->type = files[i].type;
		visit->policy = "default-src 'none'";
		visit->lasting = true;
		visit->fixed = files[i].bytes;
	}
}
