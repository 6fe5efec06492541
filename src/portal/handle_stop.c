#include "base/clock.h"
#include "portal/visit.h"

/*
 * This page alone may run a script: its own, with the module that hashes; the
 * picture is shown to the script as a blob of the page and goes nowhere.  There
 * is no field for a picture in the form, and none is read here.
 */
#define STOP_POLICY                                                                      \
	"default-src 'none'; style-src 'self'; img-src 'self' blob:; media-src blob:; "  \
	"script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; form-action 'self'; " \
	"base-uri 'none'; frame-ancestors 'none'"

enum { HASHES_MAX = 150 };

static void write_stop(struct visit *visit, unsigned status, const enum say *notice)
{
	struct frame frame = visit_frame(visit, SAY_STOP_TITLE);
	struct draft draft = draft_new();
	struct page_stop page = {
		.noticed = notice != NULL,
		.notice = notice ? *notice : SAY_STOP_NEED,
		.scripted = visit->portal->script.len > 0 && visit->portal->module.len > 0,
	};

	draft.what = DRAFT_OWN_PICTURE;
	page.token = draft_seal(&draft, visit->portal->draft_key, &visit->arena);
	if (!page.token.ptr) {
		visit_problem(visit, 503, SAY_PROBLEM_BUSY);
		return;
	}
	visit_begin(visit, status);
	if (page.scripted)
		visit->policy = STOP_POLICY;
	page_stop(&visit->page, &frame, &page);
}

void handle_stop(struct visit *visit)
{
	write_stop(visit, 200, NULL);
}

/* "HASH:QUALITY" */
static bool read_hash(ward_str text, struct portal_hash *hash)
{
	ward_str rest = text, hex = ward_str_cut(&rest, ':');
	uint64_t quality;

	if (!ward_hex_parse(hex, hash->pdq, sizeof(hash->pdq)) || !ward_u64_parse(rest, &quality) ||
			quality > 100)
		return false;
	hash->quality = (unsigned)quality;
	return true;
}

/* All of them, or none: what is not a hash did not come from our page. */
static bool read_hashes(struct visit *visit)
{
	const struct form *form = &visit->form;

	visit->hashes = ward_new(&visit->arena, struct portal_hash, form->count + 1);
	for (size_t i = 0; visit->hashes && i < form->count; i++) {
		if (!ward_str_eq(form->fields[i].name, WARD_STR("hash")))
			continue;
		if (visit->hash_count == HASHES_MAX ||
				!read_hash(form->fields[i].value,
						&visit->hashes[visit->hash_count]))
			return false;
		visit->hash_count++;
	}
	return visit->hash_count > 0;
}

void handle_stop_form(struct visit *visit)
{
	static const enum say need = SAY_STOP_NEED, old = SAY_STEP_OLD;
	struct ward_error error = { 0 };
	unsigned wait_s;

	if (draft_open(form_value(&visit->form, "token"), visit->portal->draft_key, clock_now(),
			    &visit->arena, &visit->draft, &error) != WARD_OK ||
			visit->draft.what != DRAFT_OWN_PICTURE) {
		write_stop(visit, 200, &old);
		return;
	}
	if (!read_hashes(visit)) {
		write_stop(visit, 200, &need);
		return;
	}
	wait_s = gate_report(&visit->portal->reports, clock_now() - visit->draft.begun);
	if (wait_s > 0) {
		visit_is_full(visit, "pictures");
		visit_problem(visit, 503, SAY_PROBLEM_BUSY);
		visit->retry_after_s = wait_s;
		return;
	}
	ward_bytes hashes = { (const uint8_t *)visit->hashes,
		visit->hash_count * sizeof(*visit->hashes) };

	if (visit_sends(visit, &visit->draft, hashes))
		visit->errand = handle_send;
}
