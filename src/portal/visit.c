#include "portal/visit.h"

#include "base/clock.h"
#include "base/log.h"
#include "portal/route.h"

#include <inttypes.h>
#include <sodium.h>

/* Nothing from elsewhere, no script, no frame; forms go home. */
#define PAGE_POLICY                                                                  \
	"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; " \
	"base-uri 'none'; frame-ancestors 'none'"

struct frame visit_frame(const struct visit *visit, enum say title)
{
	const struct portal *portal = visit->portal;
	struct frame frame = {
		.language = visit->language,
		.title = title,
		.direction = visit->language->right_to_left ? WARD_STR("rtl") : WARD_STR("ltr"),
		.leave = ward_str_from(portal->leave),
		.owner = ward_str_from(portal->owner),
		.named = portal->owner != NULL,
		.reports = !portal->no_reports,
		.here = ward_str_from(
				visit->route && !visit->route->file ? visit->route->path : ""),
		.languages_count = LANGUAGE_COUNT,
	};

	for (size_t i = 0; i < LANGUAGE_COUNT; i++)
		frame.languages[i] = (struct language_link){
			.code = ward_str_from(languages[i].code),
			.name = ward_str_from(languages[i].name),
			.current = visit->language == &languages[i],
		};
	return frame;
}

void visit_begin(struct visit *visit, unsigned status)
{
	visit->status = status;
	visit->type = "text/html; charset=utf-8";
	visit->policy = PAGE_POLICY;
	ward_buf_clear(&visit->page);
}

void visit_problem(struct visit *visit, unsigned status, enum say says)
{
	struct frame frame = visit_frame(visit, SAY_PROBLEM_TITLE);

	visit_begin(visit, status);
	page_problem(&visit->page, &frame, &(struct page_problem){ says });
}

ward_str visit_number(struct visit *visit, uint64_t number)
{
	char *text = ward_arena_printf(&visit->arena, "%" PRIu64, number);

	return ward_str_from(text);
}

ward_str visit_query(const struct visit *visit, const char *name)
{
	const char *value =
			MHD_lookup_connection_value(visit->connection, MHD_GET_ARGUMENT_KIND, name);

	return ward_str_from(value);
}

bool visit_sends(struct visit *visit, const struct draft *draft, ward_bytes with)
{
	const struct portal *portal = visit->portal;
	uint8_t once[DRAFT_KEY_LEN];

	if (!draft_sending(draft, with, visit->sending)) {
		visit_problem(visit, 503, SAY_PROBLEM_BUSY);
		return false;
	}
	/* Not the same bytes: whoever reads intake's table could make receipts from them. */
	crypto_generichash(once, sizeof(once), visit->sending, sizeof(visit->sending),
			portal->once_key, sizeof(portal->once_key));
	ward_hex_format(once, sizeof(once), visit->once);
	return true;
}

void visit_is_full(struct visit *visit, const char *what)
{
	struct portal *portal = visit->portal;
	int64_t now = clock_now(), told = portal->told_full;

	portal->full++;
	if (now - told >= 60 && atomic_compare_exchange_strong(&portal->told_full, &told, now))
		log_warn("portal_full", "what=%s since_start=%" PRIu64, what,
				(uint64_t)portal->full);
}
