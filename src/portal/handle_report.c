#include "base/clock.h"
#include "base/log.h"
#include "portal/visit.h"

#include <inttypes.h>

/* ---- filling a step's page ---- */

static size_t fill(struct choice *choices, const struct option *options, size_t count,
		uint8_t chosen)
{
	for (size_t i = 0; i < count; i++)
		choices[i] = (struct choice){ ward_str_from(options[i].value), options[i].says,
			chosen == i + 1 };
	return count;
}

static struct step_form form_of(struct visit *visit, enum step step, const enum say *notice)
{
	const char *const numbers[] = { "1", "2", "3", "4", "" };

	return (struct step_form){
		.token = draft_seal(&visit->draft, visit->portal->draft_key, &visit->arena),
		.step = ward_str_from(step_name(step)),
		.number = ward_str_from(numbers[step]),
		.later = step > STEP_WHAT,
		.noticed = notice != NULL,
		.notice = notice ? *notice : SAY_STEP_LOOK,
	};
}

static void write_what(struct visit *visit, struct frame *frame, struct step_form form,
		struct draft_needs needs)
{
	struct page_what page = { .form = form, .needed = needs.what };

	page.choices_count = fill(page.choices, draft_whats, DRAFT_WHATS, visit->draft.what);
	page_what(&visit->page, frame, &page);
}

static void write_where(struct visit *visit, struct frame *frame, struct step_form form,
		struct draft_needs needs)
{
	struct page_where page = {
		.form = form,
		.address = visit->draft.address,
		.address_max = visit_number(visit, DRAFT_ADDRESS_MAX),
		.none = visit->draft.none,
		.need_address = needs.address,
		.need_place = needs.place,
		.too_long = needs.address_long,
	};

	page.places_count = fill(page.places, draft_places, DRAFT_PLACES, visit->draft.place);
	page_where(&visit->page, frame, &page);
}

static void write_seen(struct visit *visit, struct frame *frame, struct step_form form,
		struct draft_needs needs)
{
	const struct draft *draft = &visit->draft;
	struct page_seen page = {
		.form = form,
		.date = draft->date,
		.time = draft->time,
		.words = draft->words,
		.words_max = visit_number(visit, DRAFT_WORDS_MAX),
		.need_topic = needs.topic,
		.need_date = needs.date,
		.too_long = needs.words_long,
		.zones_count = DRAFT_ZONES,
	};

	page.topics_count = fill(page.topics, draft_topics, DRAFT_TOPICS, draft->topic);
	page.whens_count = fill(page.whens, draft_whens, DRAFT_WHENS, draft->when);
	for (size_t i = 0; i < DRAFT_ZONES; i++) {
		ward_str zone = ward_str_from(draft_zones[i]);

		page.zones[i] = (struct choice){ zone, SAY_SEEN_ZONE,
			ward_str_eq(zone, draft->zone) };
	}
	page_seen(&visit->page, frame, &page);
}

static void write_contact(struct visit *visit, struct frame *frame, struct step_form form,
		struct draft_needs needs)
{
	struct page_contact page = {
		.form = form,
		.mail = visit->draft.mail,
		.needed = needs.mail,
	};

	page.choices_count =
			fill(page.choices, draft_contacts, DRAFT_CONTACTS, visit->draft.contact);
	page_contact(&visit->page, frame, &page);
}

/* What an answer reads as; the sentence for "left empty" when there is none. */
static enum say says_of(const struct option *options, uint8_t row)
{
	return row > 0 ? options[row - 1].says : SAY_CHECK_EMPTY;
}

static void write_check(struct visit *visit, struct frame *frame, struct step_form form,
		unsigned wait_minutes)
{
	const struct draft *draft = &visit->draft;
	char *seen = ward_arena_printf(&visit->arena, "%.*s %.*s %.*s", WARD_FMT(draft->date),
			WARD_FMT(draft->time), WARD_FMT(draft->zone));
	struct page_check page = {
		.form = form,
		.full = wait_minutes > 0,
		.wait_minutes = visit_number(visit, wait_minutes),
		.private = draft_is_private(draft->words),
		.what = says_of(draft_whats, draft->what),
		.place = says_of(draft_places, draft->place),
		.topic = says_of(draft_topics, draft->topic),
		.when = says_of(draft_whens, draft->when),
		.contact = says_of(draft_contacts, draft->contact),
		.address = draft->address,
		.none = draft->address.len == 0,
		.seen = ward_str_trim(ward_str_from(seen)),
		.worded = draft->words.len > 0,
		.words = draft->words,
		.mailed = draft->contact == 3,
		.mail = draft->mail,
	};

	page.dated = page.seen.len > 0;
	page_check(&visit->page, frame, &page);
}

/* `asked`: the step was answered before, so what is missing is said. */
static void write_step(struct visit *visit, enum step step, bool asked, const enum say *notice,
		unsigned wait_minutes)
{
	static const enum say titles[STEP_COUNT] = { SAY_WHAT_TITLE, SAY_WHERE_TITLE,
		SAY_SEEN_TITLE, SAY_CONTACT_TITLE, SAY_CHECK_TITLE };
	static const enum say look = SAY_STEP_LOOK;
	struct draft_needs needs =
			asked ? draft_needs(&visit->draft, step) : (struct draft_needs){ 0 };
	struct frame frame = visit_frame(visit, titles[step]);

	visit->draft.at = step;
	visit->draft.checked = visit->draft.checked || step == STEP_CHECK;
	if (asked && !notice && !draft_is_good(&visit->draft, step))
		notice = &look;
	struct step_form form = form_of(visit, step, notice);

	if (!form.token.ptr) {
		visit_problem(visit, 413, SAY_PROBLEM_LARGE);
		return;
	}
	frame.sealed = true;
	visit_begin(visit, 200);
	switch (step) {
	case STEP_WHAT:
		write_what(visit, &frame, form, needs);
		break;
	case STEP_WHERE:
		write_where(visit, &frame, form, needs);
		break;
	case STEP_SEEN:
		write_seen(visit, &frame, form, needs);
		break;
	case STEP_CONTACT:
		write_contact(visit, &frame, form, needs);
		break;
	case STEP_CHECK:
	case STEP_COUNT:
		write_check(visit, &frame, form, wait_minutes);
		break;
	}
}

/* ---- sending ---- */

void handle_send(struct visit *visit)
{
	struct portal *portal = visit->portal;
	const struct draft *draft = &visit->draft;
	struct receipt receipt = receipt_make(visit->sending, portal->receipt_key);
	char text[RECEIPT_TEXT_MAX];
	struct ward_error error = { 0 };
	static const enum say failed = SAY_CHECK_FAILED;
	static const struct option nothing = { "", SAY_COUNT };
	const struct portal_report report = {
		.key = visit->once,
		.receipt = receipt_format(&receipt, text),
		.language = visit->language->code,
		.what = draft_whats[draft->what - 1].value,
		.address = draft->address,
		.place = (draft->place ? &draft_places[draft->place - 1] : &nothing)->value,
		.topic = (draft->topic ? &draft_topics[draft->topic - 1] : &nothing)->value,
		.when = (draft->when ? &draft_whens[draft->when - 1] : &nothing)->value,
		.date = draft->date,
		.time = draft->time,
		.zone = draft->zone,
		.words = draft->words,
		.contact = draft_contacts[draft->contact - 1].value,
		.mail = draft->contact == 3 ? draft->mail : WARD_STR(""),
		.hashes = visit->hashes,
		.hash_count = visit->hash_count,
	};
	struct frame frame = visit_frame(visit, SAY_SENT_TITLE);
	ward_str words = receipt_say(&receipt, visit->language, &visit->arena);
	ward_err err = words.ptr ? portal->intake.file(portal->intake.context, &report, &error)
				 : WARD_E_NOMEM;

	if (err) {
		log_error("portal_intake", "what=file code=%s", ward_err_name(err));
		if (visit->hash_count > 0)
			visit_problem(visit, 503, SAY_PROBLEM_BUSY);
		else
			write_step(visit, STEP_CHECK, false, &failed, 0);
		visit->status = 503;
		return;
	}
	portal->filed++;
	frame.sealed = true;
	visit_begin(visit, 200);
	page_sent(&visit->page, &frame, &(struct page_sent){ words });
}

static void send_report(struct visit *visit)
{
	static const enum say soon = SAY_CHECK_SOON;
	int64_t age = clock_now() - visit->draft.begun;
	enum step bad = draft_first_bad(&visit->draft);
	unsigned wait_s;

	if (bad != STEP_CHECK) {
		write_step(visit, bad, true, NULL, 0);
		return;
	}
	if (age >= 0 && age < GATE_SOON_S) {
		write_step(visit, STEP_CHECK, false, &soon, 0);
		return;
	}
	wait_s = gate_report(&visit->portal->reports, age);
	if (wait_s > 0) {
		visit_is_full(visit, "reports");
		write_step(visit, STEP_CHECK, false, NULL, (wait_s + 59) / 60);
		visit->status = 503;
		visit->retry_after_s = wait_s;
		return;
	}
	if (visit_sends(visit, &visit->draft, (ward_bytes){ NULL, 0 }))
		visit->errand = handle_send;
}

/* ---- the steps ---- */

void handle_report(struct visit *visit)
{
	visit->draft = draft_new();
	write_step(visit, STEP_WHAT, false, NULL, 0);
}

/* What the button says; Enter in a browser that names no button is the next step. */
static void go_on(struct visit *visit, enum step step)
{
	ward_str go = form_value(&visit->form, "go");
	struct draft *draft = &visit->draft;
	enum step to;

	if (ward_str_eq(go, WARD_STR("send")))
		send_report(visit);
	else if (ward_str_eq(go, WARD_STR("stay")))
		write_step(visit, step, false, NULL, 0);
	else if (ward_str_eq(go, WARD_STR("back")))
		write_step(visit, step > STEP_WHAT ? (enum step)(step - 1) : step, false, NULL, 0);
	else if (step_named(go, &to) && step == STEP_CHECK)
		write_step(visit, to, true, NULL, 0);
	else if (step == STEP_CHECK || !draft_is_good(draft, step))
		write_step(visit, step, true, NULL, 0);
	else if (draft->checked && draft_first_bad(draft) == STEP_CHECK)
		write_step(visit, STEP_CHECK, false, NULL, 0);
	else
		write_step(visit, (enum step)(step + 1), false, NULL, 0);
}

void handle_report_step(struct visit *visit)
{
	static const enum say old = SAY_STEP_OLD;
	ward_str token = form_value(&visit->form, "token"), name = form_value(&visit->form, "step");
	bool danger = ward_str_eq(form_value(&visit->form, "go"), WARD_STR("danger"));
	struct ward_error error = { 0 };
	enum step step = STEP_WHAT;
	ward_err err = draft_open(token, visit->portal->draft_key, clock_now(), &visit->arena,
			&visit->draft, &error);
	bool from_help = ward_str_eq(name, WARD_STR("help"));

	if (err)
		visit->draft = draft_new();
	if (!step_named(name, &step) && !from_help && !err)
		step = visit->draft.at;
	if (from_help)
		step = visit->draft.at;
	/* Also of a form that is too old: what this page had is not lost. */
	if (!from_help)
		draft_take(&visit->draft, step, &visit->form);
	if (danger) {
		visit->draft.at = step;
		token = draft_seal(&visit->draft, visit->portal->draft_key, &visit->arena);
		if (token.ptr)
			handle_help_page(visit, form_value(&visit->form, "country"), true, token);
		else
			visit_problem(visit, 413, SAY_PROBLEM_LARGE);
		return;
	}
	if (err)
		write_step(visit, STEP_WHAT, false, &old, 0);
	else
		go_on(visit, step);
}
