/*
 * The status page: one look at the service for the person who runs it.  It is
 * written by the server, works without script, from 360 pixels up, by keyboard
 * and with a screen reader, in the language and direction that is asked for.
 */
#include "api/handlers.h"
#include "api/html.h"
#include "api/page_text.h"
#include "api/serve.h"
#include "base/clock.h"

#include <inttypes.h>

static const char style[] =
		":root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;"
		"--line:#d0d7de;--band:#f3f5f7;--good:#116329;--bad:#a40e26;--link:#0550ae}\n"
		"@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa5b1;"
		"--paper:#0f1419;--line:#30363d;--band:#171d24;--good:#56d364;--bad:#ff7b72;"
		"--link:#79b8ff}}\n"
		"*{box-sizing:border-box}\n"
		"body{margin:0 auto;max-inline-size:64rem;padding:1rem;background:var(--paper);"
		"color:var(--ink);font:1rem/1.5 system-ui,sans-serif}\n"
		"h1{font-size:1.5rem;margin-block:.5rem}\n"
		"h2{font-size:1.15rem;margin-block:2rem .5rem}\n"
		"a{color:var(--link)}\n"
		":focus-visible{outline:3px solid var(--link);outline-offset:2px}\n"
		".skip{position:absolute;inset-inline-start:-100vw}\n"
		".skip:focus{inset-inline-start:1rem;background:var(--paper);padding:.5rem}\n"
		".state{font-weight:600;color:var(--good)}\n"
		".state.stopping,.off{color:var(--bad)}\n"
		".note{color:var(--soft)}\n"
		"dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));"
		"gap:.75rem;margin:0}\n"
		"dl div{border:1px solid var(--line);border-radius:.4rem;padding:.5rem .75rem}\n"
		"dt{color:var(--soft);font-size:.875rem}\n"
		"dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\n"
		".wide{overflow-x:auto;border:1px solid var(--line);border-radius:.4rem}\n"
		"table{border-collapse:collapse;inline-size:100%}\n"
		"th,td{text-align:start;padding:.4rem .75rem;white-space:nowrap}\n"
		"tbody th{white-space:normal;overflow-wrap:anywhere;min-inline-size:10rem}\n"
		"tbody tr:nth-child(odd){background:var(--band)}\n"
		".number{text-align:end;font-variant-numeric:tabular-nums}\n"
		"pre{overflow-x:auto;background:var(--band);border:1px solid var(--line);"
		"border-radius:.4rem;padding:.75rem;direction:ltr;text-align:left}\n"
		"nav ul{display:flex;flex-wrap:wrap;gap:1rem;list-style:none;padding:0}\n";

void handle_style(struct request *request)
{
	request->answer.status = 200;
	request->answer.type = "text/css; charset=utf-8";
	ward_buf_clear(&request->answer.text);
	ward_buf_str(&request->answer.text, ward_str_from(style));
}

struct page {
	struct ward_buf *out;
	const struct page_language *language;
	struct metrics_now now;
	const struct metrics *metrics;
};

static void put(struct page *page, const char *html)
{
	ward_buf_str(page->out, ward_str_from(html));
}

static void word(struct page *page, enum page_word which)
{
	html_text(page->out, ward_str_from(page->language->words[which]));
}

/* ---- now ---- */

static void term(struct page *page, enum page_word which)
{
	put(page, "<div><dt>");
	word(page, which);
	put(page, "</dt><dd>");
}

static void number(struct page *page, enum page_word which, uint64_t value)
{
	term(page, which);
	html_number(page->out, value);
	put(page, "</dd></div>\n");
}

static void text(struct page *page, enum page_word which, const char *value)
{
	term(page, which);
	put(page, "<bdi>");
	html_text(page->out, ward_str_from(value));
	put(page, "</bdi></dd></div>\n");
}

static void write_uptime(struct page *page)
{
	int64_t minutes = (clock_now() - page->now.started) / 60;
	char value[128];

	snprintf(value, sizeof(value), "%" PRId64 " %s %" PRId64 " %s %" PRId64 " %s",
			minutes / 1440, page->language->words[PAGE_DAYS], minutes / 60 % 24,
			page->language->words[PAGE_HOURS], minutes % 60,
			page->language->words[PAGE_MINUTES]);
	text(page, PAGE_UPTIME, value);
}

static void write_now(struct page *page)
{
	char memory[32];

	put(page, "<section aria-labelledby=\"now\"><h2 id=\"now\">");
	word(page, PAGE_NOW);
	put(page, "</h2>\n<dl>\n");
	write_uptime(page);
	number(page, PAGE_REQUESTS, metrics_requests(page->metrics));
	number(page, PAGE_SCANS_ALLOWED, metrics_scans(page->metrics, WARD_ALLOW));
	number(page, PAGE_SCANS_HELD, metrics_scans(page->metrics, WARD_HOLD));
	number(page, PAGE_SCANS_BLOCKED, metrics_scans(page->metrics, WARD_BLOCK));
	number(page, PAGE_WAITING, page->now.scan_waiting + page->now.lists_waiting);
	number(page, PAGE_RUNNING, page->now.scan_running);
	text(page, PAGE_JAIL, ward_box_jail());
	number(page, PAGE_RESTARTS, metrics_worker_failures(page->metrics));
	snprintf(memory, sizeof(memory), "%" PRIu64 " MB", metrics_resident() / 1000000);
	text(page, PAGE_MEMORY, memory);
	text(page, PAGE_VERSION, WARD_VERSION);
	put(page, "</dl></section>\n");
}

/* ---- lists ---- */

static void cell(struct page *page, const char *value)
{
	put(page, "<td><bdi>");
	html_text(page->out, ward_str_from(value));
	put(page, "</bdi></td>");
}

static void number_cell(struct page *page, uint64_t value)
{
	put(page, "<td class=\"number\">");
	html_number(page->out, value);
	put(page, "</td>");
}

static void write_list(struct page *page, const struct ward_list *list)
{
	static const enum page_word senses[WARD_SENSE_COUNT] = { PAGE_DENY, PAGE_ALLOW,
		PAGE_EXCLUDE };
	const struct ward_list_info *info = ward_list_info(list);
	bool on = info->enabled && (info->expires == 0 || info->expires > clock_now());
	char when[CLOCK_TEXT_MAX];

	put(page, "<tr><th scope=\"row\"><bdi>");
	html_text(page->out, ward_str_from(info->name));
	put(page, "</bdi></th>");
	put(page, on ? "<td>" : "<td class=\"off\">");
	word(page, on ? PAGE_ON : PAGE_OFF);
	put(page, "</td>");
	cell(page, page->language->words[senses[info->sense]]);
	number_cell(page, ward_list_entries(list));
	number_cell(page, ward_list_signals(list, WARD_SIGNAL_PDQ));
	/* To the minute, as people write it: "2026-01-31 12:00". */
	clock_format(info->changed, when);
	when[10] = ' ';
	when[16] = '\0';
	cell(page, when);
	put(page, "</tr>\n");
}

static void write_lists(struct page *page)
{
	static const enum page_word heads[] = { PAGE_NAME, PAGE_STATE, PAGE_SENSE, PAGE_ENTRIES,
		PAGE_HASHES, PAGE_CHANGED };
	size_t count = ward_bank_list_count(page->now.view);

	put(page, "<section aria-labelledby=\"lists\"><h2 id=\"lists\" tabindex=\"-1\">");
	word(page, PAGE_LISTS);
	put(page, "</h2>\n");
	if (count == 0) {
		put(page, "<p>");
		word(page, PAGE_NO_LISTS);
		put(page, "</p></section>\n");
		return;
	}
	/* A table wider than the screen is scrolled alone, also by keyboard. */
	put(page, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-labelledby=\"lists\">"
		  "<table><thead><tr>");
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		bool is_number = heads[i] == PAGE_ENTRIES || heads[i] == PAGE_HASHES;

		put(page, is_number ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">");
		word(page, heads[i]);
		put(page, "</th>");
	}
	put(page, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < count; i++)
		write_list(page, ward_bank_list(page->now.view, i));
	put(page, "</tbody></table></div></section>\n");
}

/* ---- the frame ---- */

static void write_try(struct page *page, const struct server *server)
{
	put(page, "<section aria-labelledby=\"try\"><h2 id=\"try\">");
	word(page, PAGE_TRY);
	put(page, "</h2>\n<p>");
	word(page, PAGE_TRY_SAYS);
	put(page, "</p>\n<pre tabindex=\"0\"><code>curl --data-binary @picture.jpg ");
	if (!server->demo)
		put(page, "-H &quot;X-Api-Key: $KEY&quot; ");
	html_text(page->out, ward_str_from(server->address));
	put(page, "/v1/scan</code></pre></section>\n");
}

static void write_languages(struct page *page)
{
	put(page, "<nav aria-label=\"");
	word(page, PAGE_LANGUAGE);
	put(page, "\"><ul>");
	for (size_t i = 0; i < page_language_count(); i++) {
		const struct page_language *language = &page_languages[i];

		ward_buf_printf(page->out,
				"<li><a href=\"?lang=%s\" lang=\"%s\" "
				"hreflang=\"%s\"%s>%s</a></li>",
				language->code, language->code, language->code,
				language == page->language ? " aria-current=\"true\"" : "",
				language->name);
	}
	put(page, "</ul></nav>\n");
}

static void write_page(struct page *page, const struct server *server)
{
	ward_buf_printf(page->out, "<!doctype html>\n<html lang=\"%s\" dir=\"%s\">\n",
			page->language->code, page->language->right_to_left ? "rtl" : "ltr");
	put(page, "<head><meta charset=\"utf-8\">"
		  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
		  "<title>");
	word(page, PAGE_TITLE);
	put(page, "</title><link rel=\"stylesheet\" href=\"/status.css\">"
		  "<link rel=\"icon\" href=\"data:,\"></head>\n<body>\n"
		  "<a class=\"skip\" href=\"#lists\">");
	word(page, PAGE_SKIP);
	put(page, "</a>\n<header><h1>");
	word(page, PAGE_TITLE);
	put(page, page->now.ready ? "</h1>\n<p class=\"state\">"
				  : "</h1>\n<p class=\"state stopping\">");
	word(page, page->now.ready ? PAGE_READY : PAGE_STOPPING);
	put(page, "</p>\n");
	if (server->demo) {
		put(page, "<p class=\"note\">");
		word(page, PAGE_DEMO);
		put(page, "</p>\n");
	}
	put(page, "</header>\n<main>\n");
	write_now(page);
	write_lists(page);
	write_try(page, server);
	put(page, "</main>\n<footer>");
	write_languages(page);
	put(page, "</footer>\n</body>\n</html>\n");
}

void handle_page(struct request *request)
{
	struct ward_bank_view *view = live_view(request_live(request));
	struct page page = {
		.out = &request->answer.text,
		.language = page_language_find(request_query(request, "lang"),
				request_header(request, "Accept-Language")),
		.now = request_now(request),
		.metrics = request_metrics(request),
	};

	page.now.view = view;
	request->answer.status = 200;
	request->answer.type = "text/html; charset=utf-8";
	request->answer.policy = "default-src 'none'; style-src 'self'; img-src data:; "
				 "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
	ward_buf_clear(page.out);
	write_page(&page, request->server);
	ward_bank_release(view);
}
