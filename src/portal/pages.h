/*
 * pages.h - what the portal's pages show
 *
 * Each page is a template in web/portal, compiled to the function declared
 * here, and one struct with what changes in it.  A handler fills the struct;
 * it cannot hand over markup, because every hole makes its value harmless.
 * `X_count` counts the array `X`.
 */
#ifndef PORTAL_PAGES_H
#define PORTAL_PAGES_H

#include "portal/language.h"

struct language_link {
	ward_str code, name;
	bool current;
};

/* What every page has. */
struct frame {
	const struct language *language;
	enum say title;
	ward_str direction; /* "ltr" or "rtl" */
	ward_str leave;     /* where the quick exit leads */
	ward_str owner;     /* who runs the portal */
	bool named;         /* it says so */
	bool reports;       /* are they taken here */
	ward_str here;      /* the page's name in addresses, for the links to other languages */
	bool sealed;        /* a form whose state would be lost by such a link */
	struct language_link languages[LANGUAGE_COUNT];
	size_t languages_count;
};

struct choice {
	ward_str value;
	enum say says;
	bool chosen;
};

enum { CHOICES_MAX = 12, ZONES_MAX = 40 };

/* What every step of a report has. */
struct step_form {
	ward_str token;
	ward_str step;   /* its name */
	ward_str number; /* "2" */
	bool later;      /* it is not the first */
	bool noticed;
	enum say notice;
};

struct page_what {
	struct step_form form;
	struct choice choices[CHOICES_MAX];
	size_t choices_count;
	bool needed;
};

struct page_where {
	struct step_form form;
	ward_str address, address_max;
	bool none;
	struct choice places[CHOICES_MAX];
	size_t places_count;
	bool need_address, need_place, too_long;
};

struct page_seen {
	struct step_form form;
	struct choice topics[CHOICES_MAX], whens[CHOICES_MAX];
	size_t topics_count, whens_count;
	ward_str date, time;
	struct choice zones[ZONES_MAX];
	size_t zones_count;
	ward_str words, words_max;
	bool need_topic, need_date, too_long;
};

struct page_contact {
	struct step_form form;
	struct choice choices[CHOICES_MAX];
	size_t choices_count;
	ward_str mail;
	bool needed;
};

struct page_check {
	struct step_form form;
	bool full; /* too many reports come in; try again in so many minutes */
	ward_str wait_minutes;
	bool private; /* the words hold something like an address or a telephone number */
	enum say what, place, topic, when, contact;
	ward_str address;
	bool none, dated, worded, mailed;
	ward_str seen; /* date, time and zone */
	ward_str words, mail;
};

struct page_sent {
	ward_str receipt;
};

struct page_back {
	bool noticed;
	enum say notice;
	ward_str code;
};

struct message_line {
	ward_str text, date;
};

struct page_answer {
	bool noticed;
	enum say notice;
	enum say state;
	bool unanswered, added, open, too_long;
	const struct message_line *answers, *additions;
	size_t answers_count, additions_count;
	ward_str token, words, words_max;
};

struct country_choice {
	ward_str code, name;
	bool chosen;
};

struct number_line {
	ward_str number, digits, source;
	ward_str name, language; /* of a helpline */
};

struct page_help {
	bool writing; /* it was asked for from a report, which token holds */
	ward_str token;
	const struct country_choice *countries;
	size_t countries_count;
	bool shown; /* a country was chosen */
	bool lined; /* it has a helpline */
	ward_str country;
	const struct number_line *emergency, *lines;
	size_t emergency_count, lines_count;
};

struct count_line {
	enum say says;
	bool few;
	ward_str value;
};

struct page_transparency {
	bool counted;
	ward_str days;
	struct count_line counts[4];
	size_t counts_count;
};

struct page_stop {
	bool noticed;
	enum say notice;
	bool scripted; /* the script is at hand */
	ward_str token;
};

/* Of what was blocked: block.h fills it. */
struct page_block {
	ward_str title;
	const ward_str *lines; /* of the stop page's text */
	size_t lines_count;
	bool abuse, category, held, time;
	bool until, kind, hosted;
	ward_str when, name, host;
	bool lined, based, reporting;
	const struct number_line *children, *own;
	size_t children_count, own_count;
	ward_str help, stop, report, mistake;
	bool ordered, office, appealable, reachable;
	ward_str authority, contact;
};

struct page_mistake {
	bool ordered, office, hosted, noticed, too_long;
	enum say notice;
	ward_str authority, host, token, words, words_max, contact, days;
};

struct page_problem {
	enum say says;
};

/* ---- made by tools/templates ---- */

void page_answer(struct ward_buf *out, const struct frame *frame, const struct page_answer *page);
void page_back(struct ward_buf *out, const struct frame *frame, const struct page_back *page);
void page_block(struct ward_buf *out, const struct frame *frame, const struct page_block *page);
void page_check(struct ward_buf *out, const struct frame *frame, const struct page_check *page);
void page_children(struct ward_buf *out, const struct frame *frame);
void page_contact(struct ward_buf *out, const struct frame *frame, const struct page_contact *page);
void page_first(struct ward_buf *out, const struct frame *frame);
void page_heard(struct ward_buf *out, const struct frame *frame);
void page_help(struct ward_buf *out, const struct frame *frame, const struct page_help *page);
void page_mistake(struct ward_buf *out, const struct frame *frame, const struct page_mistake *page);
void page_nine(struct ward_buf *out, const struct frame *frame);
void page_parents(struct ward_buf *out, const struct frame *frame);
void page_privacy(struct ward_buf *out, const struct frame *frame);
void page_problem(struct ward_buf *out, const struct frame *frame, const struct page_problem *page);
void page_seen(struct ward_buf *out, const struct frame *frame, const struct page_seen *page);
void page_sent(struct ward_buf *out, const struct frame *frame, const struct page_sent *page);
void page_stop(struct ward_buf *out, const struct frame *frame, const struct page_stop *page);
void page_teachers(struct ward_buf *out, const struct frame *frame);
void page_teens(struct ward_buf *out, const struct frame *frame);
void page_transparency(struct ward_buf *out, const struct frame *frame,
		const struct page_transparency *page);
void page_twelve(struct ward_buf *out, const struct frame *frame);
void page_what(struct ward_buf *out, const struct frame *frame, const struct page_what *page);
void page_where(struct ward_buf *out, const struct frame *frame, const struct page_where *page);

#endif
