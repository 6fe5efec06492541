#include "measure/page.h"

#include "base/clock.h"
#include "measure/chart.h"
#include "measure/guard.h"
#include "measure/tell.h"

enum { OPEN_ROWS_MAX = 12 };

static const char style[] =
		":root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;"
		"--line:#d0d7de;--band:#f3f5f7;--mark:#0550ae;--second:#8a4b00}\n"
		"@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa5b1;"
		"--paper:#0f1419;--line:#30363d;--band:#171d24;--mark:#79b8ff;--second:#f0a858}}\n"
		"*{box-sizing:border-box}\n"
		"body{margin:0 auto;max-inline-size:76rem;padding:1rem;background:var(--paper);"
		"color:var(--ink);font:1rem/1.5 system-ui,sans-serif}\n"
		"h1{font-size:1.5rem;margin-block:.5rem}\n"
		"h2{font-size:1.25rem;margin-block:2rem .75rem}\n"
		"h3{font-size:1rem;margin:0}\n"
		"h4{font-size:.875rem;margin:.75rem 0 .25rem}\n"
		"p{margin:.25rem 0;overflow-wrap:anywhere}\n"
		".note{color:var(--soft);font-size:.875rem}\n"
		".cards{display:grid;gap:1rem;align-items:start;"
		"grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr))}\n"
		"article{border:1px solid var(--line);border-radius:.4rem;padding:.75rem;"
		"min-inline-size:0;break-inside:avoid}\n"
		"svg{display:block;inline-size:100%;max-inline-size:34rem;block-size:auto;"
		"margin-block:.5rem}\n"
		"svg text{font:11px system-ui,sans-serif;fill:var(--soft)}\n"
		".mark{fill:var(--mark)}.second{fill:var(--second)}\n"
		"svg .line{fill:none;stroke-width:1.5}\n"
		"svg .line.mark{stroke:var(--mark)}svg .line.second{stroke:var(--second);"
		"stroke-dasharray:4 3}\n"
		"svg tspan.mark{fill:var(--mark)}svg tspan.second{fill:var(--second)}\n"
		".grid{stroke:var(--line);stroke-width:1}\n"
		".hid{fill:none;stroke:var(--soft);stroke-dasharray:2 2}\n"
		"summary{cursor:pointer;color:var(--soft);font-size:.875rem}\n"
		":focus-visible{outline:3px solid var(--mark);outline-offset:2px}\n"
		".wide{overflow-x:auto}\n"
		"table{border-collapse:collapse;font-size:.875rem;inline-size:100%}\n"
		"th,td{text-align:start;padding:.2rem .5rem;font-weight:400;vertical-align:top}\n"
		"thead th{color:var(--soft);border-block-end:1px solid var(--line)}\n"
		"tbody tr:nth-child(even){background:var(--band)}\n"
		"td{text-align:end;font-variant-numeric:tabular-nums}\n"
		"thead th:last-child{text-align:end}\n";

struct page {
	struct ward_buf *out;
	const struct measure_question *question;
	const struct measure_table *next; /* of those that are still to be shown, in their order */
};

static void put(struct page *page, const char *html)
{
	ward_buf_str(page->out, ward_str_from(html));
}

static void text(struct page *page, const char *words)
{
	measure_html(page->out, ward_str_from(words));
}

/* ---- a table ---- */

static void put_row(struct page *page, const struct measure_table *table, size_t span,
		const struct measure_series *series)
{
	char day[MEASURE_DATE_MAX];

	put(page, "<tr><th scope=\"row\">");
	put(page, measure_day_format(table->spans.start[span], day));
	put(page, "</th>");
	if (table->by) {
		put(page, "<th scope=\"row\">");
		measure_html(page->out, series->key.len > 0 ? series->key : WARD_STR("all"));
		put(page, "</th>");
	}
	put(page, "<td>");
	measure_write_numbers(table, &series->at[span], page->out);
	put(page, "</td></tr>\n");
}

static void put_table(struct page *page, const struct measure_table *table)
{
	size_t rows = table->spans.count * (table->series_count + 1);

	put(page, rows <= OPEN_ROWS_MAX ? "<details open><summary>" : "<details><summary>");
	put(page, "Table</summary><div class=\"wide\" tabindex=\"0\" role=\"region\" "
		  "aria-label=\"");
	text(page, table->metric->name);
	put(page, "\"><table><thead><tr><th scope=\"col\">");
	put(page, measure_step_name(table->step));
	if (table->by) {
		put(page, "</th><th scope=\"col\">");
		put(page, table->by->name);
	}
	put(page, "</th><th scope=\"col\">");
	put(page, measure_is_duration(table->metric) ? "time" : table->metric->unit);
	put(page, "</th></tr></thead><tbody>\n");
	for (size_t span = 0; span < table->spans.count; span++) {
		for (size_t i = 0; i < table->series_count; i++)
			put_row(page, table, span, &table->series[i]);
		put_row(page, table, span, &table->all);
	}
	put(page, "</tbody></table></div></details>\n");
}

/* ---- a metric ---- */

static bool is_empty(const struct measure_table *table)
{
	for (size_t i = 0; i < table->spans.count; i++) {
		const struct measure_numbers *numbers = &table->all.at[i];

		if (numbers->value != 0 || numbers->of != 0 || numbers->hidden)
			return false;
	}
	return true;
}

static void put_split(struct page *page, const struct measure_table *table)
{
	if (table->series_count == 0 || is_empty(table))
		return;
	put(page, "<h4>By ");
	text(page, table->by->name);
	put(page, table->guarded ? ", whole periods that are over</h4>\n" : "</h4>\n");
	(void)measure_chart_keys(table, page->out);
	put_table(page, table);
}

static void put_metric(struct page *page, const struct measure_metric *metric)
{
	const struct measure_table *table = page->next++;
	bool empty = is_empty(table);

	put(page, "<article><h3>");
	text(page, metric->name);
	put(page, "</h3>\n<p class=\"note\">");
	text(page, metric->definition);
	put(page, "</p>\n");
	if (empty) {
		put(page, table->spans.count > 0 ? "<p>Nothing in this time.</p>\n"
						 : "<p>No whole period is over yet.</p>\n");
	} else {
		measure_chart_periods(table, page->out);
		put_table(page, table);
	}
	for (size_t i = 0; i < MEASURE_SPLITS_OF_ONE && metric->ways[i].split; i++) {
		const struct measure_table *split = page->next++;

		if (!empty)
			put_split(page, split);
	}
	put(page, "</article>\n");
}

/* ---- the page ---- */

static void put_head(struct page *page)
{
	char from[MEASURE_DATE_MAX], to[MEASURE_DATE_MAX], now[CLOCK_TEXT_MAX];

	put(page, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
		  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		  "style-src 'unsafe-inline'; img-src data:\">"
		  "<link rel=\"icon\" href=\"data:,\"><title>The work in numbers</title><style>\n");
	put(page, style);
	put(page, "</style></head>\n<body>\n<header><h1>The work in numbers</h1>\n<p>");
	ward_buf_printf(page->out, "%s to %s, by %s. Made %s.</p>\n",
			measure_day_format(page->question->from, from),
			measure_day_format(page->question->to, to),
			measure_step_name(page->question->step),
			clock_format(page->question->now, now));
	ward_buf_printf(page->out,
			"<p class=\"note\">Days are of UTC. Counts of reports say how much was "
			"reported, not how much there is. In tables of children, reporters and "
			"people who work here, numbers from 1 to %d are hidden, and with them what "
			"they could be computed from.</p></header>\n<main>\n",
			MEASURE_HIDDEN_UNDER - 1);
}

static const struct {
	const char *group, *title;
} groups[] = {
	{ "intake", "What came in" },
	{ "platform", "Own means, and appeals" },
	{ "assessment", "What people made of it" },
	{ "referral", "What followed" },
	{ "lists", "What lists hold" },
	{ "evidence", "What is kept" },
	{ "wellbeing", "What it asks of people" },
};

static bool is_shown(const struct page *page, size_t group, const struct measure_metric *metric)
{
	return strcmp(metric->group, groups[group].group) == 0 &&
	       measure_is_asked(page->question, metric);
}

static void put_group(struct page *page, size_t group)
{
	bool begun = false;

	for (size_t i = 0; i < measure_metric_count(); i++) {
		const struct measure_metric *metric = &measure_metrics[i];

		if (!is_shown(page, group, metric))
			continue;
		if (!begun) {
			put(page, "<section><h2>");
			text(page, groups[group].title);
			put(page, "</h2>\n<div class=\"cards\">\n");
		}
		begun = true;
		put_metric(page, metric);
	}
	put(page, begun ? "</div></section>\n" : "");
}

/* ---- what is asked for it ---- */

/* Of a time that holds a year which is over, what is guarded is told by years: less of it is
 * hidden.
 */
static enum measure_step guarded_step(const struct measure_question *question)
{
	int64_t year = measure_period_end(MEASURE_YEAR, question->from - 1);
	int64_t end = measure_period_end(MEASURE_YEAR, year);

	return end <= question->to + 1 && end <= question->now / MEASURE_DAY_S ? MEASURE_YEAR
									       : question->step;
}

/* Each metric by itself, then split each way it can be; in the page's order. */
static size_t list_tables(const struct page *page, struct measure_table *tables)
{
	enum measure_step guarded = guarded_step(page->question), step = page->question->step;
	size_t count = 0;

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups) * measure_metric_count(); i++) {
		const struct measure_metric *metric = &measure_metrics[i % measure_metric_count()];

		if (!is_shown(page, i / measure_metric_count(), metric))
			continue;
		tables[count++] = (struct measure_table){ .metric = metric, .step = step };
		for (size_t w = 0; w < MEASURE_SPLITS_OF_ONE && metric->ways[w].split; w++)
			tables[count++] = (struct measure_table){ .metric = metric,
				.by = metric->ways[w].split,
				.step = metric->ways[w].split->guarded ? guarded : step };
	}
	return count;
}

ward_err measure_page(struct store_tx *tx, const struct measure_question *question,
		struct ward_arena *arena, struct ward_buf *out, struct ward_error *error)
{
	struct measure_table *tables = ward_new(arena, struct measure_table,
			measure_metric_count() * (1 + MEASURE_SPLITS_OF_ONE));
	struct page page = { out, question, tables };

	if (!tables)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	ward_err err = measure_ask_tables(tx, question, tables, list_tables(&page, tables), arena,
			error);

	if (err)
		return err;
	put_head(&page);
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		put_group(&page, i);
	put(&page, "</main>\n</body></html>\n");
	return out->failed ? ward_fail(error, WARD_E_LIMIT,
					     "the page would be too large; ask for longer periods")
			   : WARD_OK;
}
