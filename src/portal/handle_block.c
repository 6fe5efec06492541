#include "base/clock.h"
#include "base/log.h"
#include "portal/visit.h"

#include <sodium.h>

enum { CONTACT_MAX = 254 /* characters */, CONTACT_DAYS = 30, NAME_MAX_BYTES = 255 };

/* ---- whose name it is ---- */

/* "[2001:db8::1]:80" and "h:80" without the port. */
static ward_str without_port(ward_str host)
{
	if (host.len > 0 && host.ptr[0] == '[') {
		const char *end = memchr(host.ptr, ']', host.len);

		return end ? (ward_str){ host.ptr, (size_t)(end + 1 - host.ptr) } : host;
	}
	return ward_str_cut(&host, ':');
}

/* "help.example.org." is "help.example.org". */
static ward_str host_of(const struct visit *visit)
{
	ward_str host = without_port(ward_str_from(MHD_lookup_connection_value(visit->connection,
			MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST)));

	if (ward_str_ends(host, WARD_STR(".")))
		host.len--;
	return host;
}

/*
 * Letters, digits, dots, hyphens: what a name looks like that a resolver has led here.  What else
 * stands in Host was put there by hand: as an entry "*.com" or "0.0.0.0/0" would say much more
 * than a host, and it is neither shown nor asked to be lifted.
 */
static bool is_name(ward_str host)
{
	for (size_t i = 0; i < host.len; i++)
		if (!host.ptr[i] || !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					    "0123456789.-_",
						    host.ptr[i]))
			return false;
	return host.len <= NAME_MAX_BYTES && host.len > 0 && host.ptr[0] != '.';
}

/* By an address, or from this machine: nobody's name led here. */
static bool is_no_name(ward_str host)
{
	size_t digits = 0;

	while (digits < host.len && strchr("0123456789.", host.ptr[digits]))
		digits++;
	return digits == host.len || host.ptr[0] == '[' ||
	       ward_str_eq_nocase(host, WARD_STR("localhost")) ||
	       ward_str_ends(host, WARD_STR(".onion"));
}

bool visit_is_blocked(const struct visit *visit)
{
	const struct portal *portal = visit->portal;
	ward_str host = host_of(visit);

	return portal->block && !is_no_name(host) &&
	       !ward_str_eq_nocase(host, ward_str_from(portal->home_host));
}

/* ---- the page in its place ---- */

static ward_str seal(struct visit *visit, const struct portal_why *why, ward_str host)
{
	struct ward_buf token;
	const struct portal_block_about about = {
		.reason = why->reason,
		.ordered = why->ordered,
		.list = why->list,
		.entry = why->entry,
		.host = why->hidden ? WARD_STR("") : host,
		.authority = ward_str_from(why->ordered ? visit->portal->authority : NULL),
	};

	ward_buf_init(&token, VISIT_BODY_MAX);
	portal_block_seal(&about, visit->portal->token_key, clock_now(), &token);
	ward_str text = token.failed ? WARD_STR("")
				     : ward_arena_str(&visit->arena, ward_buf_text(&token));

	ward_buf_free(&token);
	return text;
}

void handle_blocked(struct visit *visit)
{
	const struct portal *portal = visit->portal;
	ward_str said = host_of(visit), host = is_name(said) ? said : WARD_STR("");
	struct portal_why why = { .reason = PORTAL_BLOCK_CATEGORY,
		.list = WARD_STR("dns"),
		.entry = host };

	if (portal->why && host.len > 0)
		(void)portal->why(portal->why_context, host, &why);
	const struct portal_block block = {
		.reason = why.reason,
		.ordered = why.ordered,
		.authority = ward_str_from(why.ordered ? portal->authority : NULL),
		.category = why.category,
		.until = why.until,
		.owner = ward_str_from(portal->owner),
		.contact = ward_str_from(portal->contact),
		.host = why.hidden ? WARD_STR("") : host,
		.token = seal(visit, &why, host),
		.no_reports = portal->no_reports,
		.base = ward_str_from(portal->home),
		.country = ward_str_from(portal->country),
		.helplines = portal->helplines,
		.stop = portal->stop,
	};

	visit_begin(visit, portal_block_status(&block));
	visit->policy = portal_block_policy;
	visit->foreign = true;
	portal_block_page(&block, visit->language, &visit->page);
}

/* ---- "this is a mistake" ---- */

static void write_mistake(struct visit *visit, unsigned status, ward_str token,
		const enum say *notice)
{
	struct frame frame = visit_frame(visit, SAY_MISTAKE_TITLE);
	const struct page_mistake page = {
		.ordered = visit->about.ordered,
		.office = visit->about.authority.len > 0,
		.authority = visit->about.authority,
		.hosted = visit->about.host.len > 0,
		.host = visit->about.host,
		.token = token,
		.noticed = notice != NULL,
		.notice = notice ? *notice : SAY_MISTAKE_NEED,
		.too_long = visit->too_long,
		.words = visit->words,
		.words_max = visit_number(visit, DRAFT_WORDS_MAX),
		.contact = visit->contact,
		.days = visit_number(visit, CONTACT_DAYS),
	};

	/* A link to another language would lose what it is about. */
	frame.sealed = true;
	visit_begin(visit, status);
	page_mistake(&visit->page, &frame, &page);
}

static bool open_token(struct visit *visit, ward_str token)
{
	if (portal_block_open(token, visit->portal->token_key, clock_now(), &visit->arena,
			    &visit->about))
		return true;
	visit_problem(visit, 410, SAY_MISTAKE_OLD);
	return false;
}

void handle_mistake(struct visit *visit)
{
	ward_str token = visit_query(visit, "about");

	if (open_token(visit, token))
		write_mistake(visit, 200, token, NULL);
}

/* Sent twice it is one: the same words about the same block. */
static void make_key(struct visit *visit, ward_str token)
{
	const ward_str parts[] = { token, visit->words, visit->contact };
	crypto_generichash_state hash;
	uint8_t once[DRAFT_KEY_LEN];

	crypto_generichash_init(&hash, visit->portal->once_key, sizeof(visit->portal->once_key),
			sizeof(once));
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		uint64_t len = parts[i].len;

		crypto_generichash_update(&hash, (const uint8_t *)&len, sizeof(len));
		crypto_generichash_update(&hash, (const uint8_t *)parts[i].ptr, parts[i].len);
	}
	crypto_generichash_final(&hash, once, sizeof(once));
	ward_hex_format(once, sizeof(once), visit->once);
}

/* On the clerk's thread. */
static void send_mistake(struct visit *visit)
{
	const struct portal_intake *intake = &visit->portal->intake;
	const struct portal_block_about *about = &visit->about;
	static const enum say failed = SAY_CHECK_FAILED;
	struct ward_error error = { 0 };
	const struct portal_mistake mistake = {
		.key = visit->once,
		.blocked = portal_block_reason_name(about->reason),
		.ordered = about->ordered,
		.list = about->list,
		.entry = about->entry,
		.host = about->host,
		.language = visit->language->code,
		.words = visit->words,
		.contact = visit->contact,
	};
	ward_err err = intake->mistake(intake->context, &mistake, &error);

	if (err) {
		log_error("portal_intake", "what=mistake code=%s", ward_err_name(err));
		gate_give(&visit->portal->mistakes);
		write_mistake(visit, 503, form_value(&visit->form, "about"), &failed);
		return;
	}
	/* A redirect, so that going back and loading again sends nothing. */
	struct frame frame = visit_frame(visit, SAY_MISTAKE_SENT);

	visit_begin(visit, 303);
	page_heard(&visit->page, &frame);
	snprintf(visit->location, sizeof(visit->location), "/%s/heard", visit->language->code);
}

void handle_mistake_form(struct visit *visit)
{
	static const enum say need = SAY_MISTAKE_NEED, full = SAY_MISTAKE_FULL;
	ward_str token = form_value(&visit->form, "about");

	visit->words = ward_str_trim(form_value(&visit->form, "words"));
	visit->contact = ward_str_trim(form_value(&visit->form, "contact"));
	visit->too_long = form_length(visit->words) > DRAFT_WORDS_MAX ||
			  form_length(visit->contact) > CONTACT_MAX;
	if (!open_token(visit, token))
		return;
	if (visit->words.len == 0 || visit->too_long) {
		write_mistake(visit, 200, token, visit->too_long ? NULL : &need);
	} else if (gate_take(&visit->portal->mistakes, 0) > 0) {
		visit_is_full(visit, "mistakes");
		write_mistake(visit, 503, token, &full);
		visit->retry_after_s = 60;
	} else {
		make_key(visit, token);
		visit->errand = send_mistake;
	}
}
