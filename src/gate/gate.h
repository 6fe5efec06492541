/*
 * gate.h - what somebody on the network gets who asks for a page
 *
 * Site lists say where a link stands (ward/site.h); a page's words and pictures
 * give scores and findings.  The gate makes an answer of them by the operator's
 * rules: pass, note, or block, with the cause and the rule, so that every block
 * can be explained and appealed against.
 *
 *     1. An entry of a mandatory list blocks.  No rule and no other list is stronger.
 *     2. The first rule that matches decides.  A rule names any of: list, category,
 *        class, group of clients, days and hours; what it does not name it does not
 *        ask about.  A rule that names no list, category or class matches without any
 *        hit: "nothing after ten o'clock".
 *     3. An entry of an allowing list passes, one of a blocking list blocks, one of a
 *        noting list is noted; else the link passes.
 *
 * A hash entry of which fewer than 64 bits agree is a guess: it is noted, never more.
 *
 * A score is a machine's opinion.  It notes, from the profile's threshold on, and it
 * blocks only where the operator has said for that profile that it may.
 *
 * Rules are immutable once made and may be shared by all threads; so may a gate.
 * Nothing here keeps who asked.
 */
#ifndef GATE_H
#define GATE_H

#include <ward/link.h>
#include <ward/site.h>

#include "gate/hours.h"

/* ---- the operator's words ---- */

enum { GATE_NAME_MAX = 64 };

enum gate_act {
	GATE_PASS = 0,
	GATE_NOTE, /* passes, and is counted */
	GATE_BLOCK,
	GATE_ACT_COUNT
};

const char *gate_act_name(enum gate_act act); /* "pass", "note", "block" */
bool gate_act_from(ward_str name, enum gate_act *act) WARD_MUST_USE;

/* Why; the words of the block page and of the counters. */
enum gate_cause {
	GATE_CAUSE_NONE = 0,
	GATE_CAUSE_ORDER,    /* a mandatory list */
	GATE_CAUSE_LISTED,   /* another list, or a rule about one */
	GATE_CAUSE_HOURS,    /* a rule that holds at some hours only */
	GATE_CAUSE_WORDS,    /* the page's score */
	GATE_CAUSE_PICTURE,  /* a finding in a picture */
	GATE_CAUSE_UNJUDGED, /* ward could not say, and the service fails closed */
	GATE_CAUSE_COUNT
};

const char *gate_cause_name(enum gate_cause cause); /* "none", "order", ... */

/* How strict a network is for whom.  Built in: "child" (under 10), "teen", "adult". */
struct gate_profile {
	char name[GATE_NAME_MAX];
	double note_from;  /* a page's score from which it is noted */
	double block_from; /* from which it is blocked, where scores may */
	bool scores_block; /* the operator's word; no by default */
	bool holds_block;  /* is a picture that a person ought to look at kept back: yes */
};

/* Who belongs to it: an address in one of the networks, or one of the users ("class7-*"). */
struct gate_group {
	char name[GATE_NAME_MAX];
	const struct ward_network *networks;
	size_t network_count;
	const ward_str *users; /* ASCII letters in any case; a '*' at the end is any ending */
	size_t user_count;
	size_t profile;
};

struct gate_rule {
	char name[GATE_NAME_MAX];
	ward_str list, category; /* "" is any */
	ward_str class_code;     /* "scheme:code", or "scheme:" for any of a scheme; "" is any */
	ward_str group;          /* "" is everybody */
	struct gate_hours hours; /* zero is always */
	enum gate_act act;
};

/* Borrowed as a whole from whoever made it, and copied by nobody. */
struct gate_rules {
	const struct gate_profile *profiles;
	size_t profile_count;
	size_t profile;                  /* of who is in no group */
	const struct gate_group *groups; /* the first that has somebody counts */
	size_t group_count;
	const struct gate_rule *rules;
	size_t rule_count;
};

/* The built-in profiles, "adult" for everybody, no group, no rule. */
const struct gate_rules *gate_rules_default(void);

/* ---- the question and the answer ---- */

struct gate_client {
	ward_host_kind kind; /* of the address; NONE: not known */
	uint8_t address[16];
	ward_str user; /* "" is not known */
};

/* The index of the group that has the client, SIZE_MAX for none. */
size_t gate_group_of(const struct gate_rules *rules, const struct gate_client *client);
const struct gate_profile *gate_profile_of(const struct gate_rules *rules, size_t group);

struct gate_answer {
	enum gate_act act;
	enum gate_cause cause;
	size_t rule; /* which rule decided; SIZE_MAX: none did */
	size_t hit;  /* which hit it was for; SIZE_MAX: none */
};

/* What the lists' hits mean for one of this group at this time. */
struct gate_answer gate_judge(const struct gate_rules *rules, const struct ward_site_hits *hits,
		size_t group, struct gate_time time);

/*
 * What a page's score means.  `banned`: the lists' makers say of one of its terms that it is
 * enough; that counts as a score of `block_from`.
 */
struct gate_answer gate_judge_score(const struct gate_rules *rules, size_t group, double score,
		bool banned);

/*
 * May a rule let somebody, or at some time, have what an entry that says so of itself blocks?
 * Whoever knows neither who asks nor when, as DNS, leaves the word to whoever does.
 */
bool gate_rules_soften(const struct gate_rules *rules, ward_str list, ward_str category,
		ward_str class_code);

/* Why does a rule not decide?  NULL: it matches this hit (or, without one, `hit` NULL, as it is).
 */
const char *gate_rule_misses(const struct gate_rules *rules, const struct gate_rule *rule,
		const struct ward_site_hit *hit, size_t group, struct gate_time time);

#endif
