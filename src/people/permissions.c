#include "people/permissions.h"

#include "base/json.h"

#define BIT(name)         PEOPLE_BIT(PEOPLE_##name)
#define OFFICE(id, name)  PEOPLE_##id, name, PEOPLE_REACH_OFFICE
#define CONTENT(id, name) PEOPLE_##id, name, PEOPLE_REACH_CONTENT
#define PEOPLE(id, name)  PEOPLE_##id, name, PEOPLE_REACH_PEOPLE

/* clang-format off */
static const struct people_permission_row table[] = {
	/* the queue and its jobs */
	{ OFFICE(QUEUE_SEE, "queue.see"), 0,
		"See the queues and the jobs in them: facts, states and ages, no item." },
	{ CONTENT(JOB_TAKE, "job.take"), BIT(QUEUE_SEE) | BIT(ITEM_FACTS),
		"Take a job from a queue, keep it for a while, give it back, and comment on it." },
	{ CONTENT(JOB_DECIDE, "job.decide"), BIT(JOB_TAKE),
		"Decide a job that one has taken, and undo that while nothing has left the house." },
	{ CONTENT(JOB_PRACTISE, "job.practise"), BIT(QUEUE_SEE) | BIT(ITEM_FACTS),
		"Label jobs to learn: the labels are compared with what was decided, and decide nothing." },
	{ CONTENT(JOB_SECOND, "job.second"), BIT(QUEUE_SEE) | BIT(ITEM_FACTS),
		"Give the second opinion that a colleague asked for, and settle where two labels differ." },
	{ CONTENT(JOB_BULK, "job.bulk"), BIT(JOB_DECIDE),
		"Do the same with many jobs at once, after a dry run has shown what it would do." },
	{ CONTENT(JOB_SEARCH, "job.search"), BIT(QUEUE_SEE) | BIT(ITEM_FACTS),
		"Search jobs by id, account, digest, address or a near picture." },
	{ OFFICE(JOB_ASSIGN, "job.assign"), BIT(QUEUE_SEE),
		"Move jobs between queues, change their priority, and end somebody else's hold of one." },
	{ OFFICE(ACTION_SECOND, "action.second"), 0,
		"Confirm a colleague's action of a kind that wants two persons." },
	{ CONTENT(APPEAL_DECIDE, "appeal.decide"), BIT(JOB_TAKE),
		"Settle an appeal against a decision that one has not made oneself." },
	/* what a person gets to see of an item, step by step */
	{ CONTENT(ITEM_FACTS, "item.facts"), 0,
		"Read what is known of an item without looking at it (L0): digests, hits, labels, texts." },
	{ CONTENT(ITEM_VIEW_L1, "item.view.L1"), BIT(ITEM_FACTS),
		"See an item as a small grey mosaic." },
	{ CONTENT(ITEM_VIEW_L2, "item.view.L2"), BIT(ITEM_VIEW_L1),
		"See an item blurred and grey." },
	{ CONTENT(ITEM_VIEW_L3, "item.view.L3"), BIT(ITEM_VIEW_L2),
		"See an item with its detail reduced to edges and few tones." },
	{ CONTENT(ITEM_VIEW_L4, "item.view.L4"), BIT(ITEM_VIEW_L3),
		"See a small part of an item clear; every time with a reason, and counted." },
	{ CONTENT(ITEM_VIEW_CLEAR, "item.view.clear"), BIT(ITEM_VIEW_L4),
		"See all of an item clear; every time with a reason, and counted." },
	{ CONTENT(ITEM_VIEW_SEVERE, "item.view.severe"), BIT(ITEM_VIEW_CLEAR),
		"See an item of the gravest class clear, when another person has confirmed that it is needed." },
	{ CONTENT(ITEM_SOUND, "item.sound"), BIT(ITEM_VIEW_L1),
		"Hear an item's sound; it is off until asked for, every time." },
	{ OFFICE(ITEM_SEVERE_SECOND, "item.severe.second"), 0,
		"Confirm that a colleague needs to see an item of the gravest class clear; by its facts alone." },
	/* what is kept */
	{ CONTENT(VAULT_EXPORT, "vault.export"), BIT(ITEM_FACTS),
		"Propose a package of evidence, and make it when another person has confirmed it." },
	{ OFFICE(VAULT_EXPORT_SECOND, "vault.export.second"), 0,
		"Confirm a package of evidence that a colleague proposes." },
	{ OFFICE(VAULT_HOLD, "vault.hold"), 0,
		"Hold items beyond their time because an authority asked for it, and end the hold." },
	{ CONTENT(VAULT_DESTROY, "vault.destroy"), BIT(ITEM_FACTS),
		"Propose to destroy an item before its time, and do it when another person has confirmed it." },
	{ OFFICE(VAULT_DESTROY_SECOND, "vault.destroy.second"), 0,
		"Confirm that an item is destroyed before its time." },
	{ CONTENT(VAULT_KEYS, "vault.keys"), 0,
		"Give a role's key, which one holds unlocked, to another person of that role." },
	{ OFFICE(VAULT_KEYS_SECOND, "vault.keys.second"), 0,
		"Confirm that a person is given a role's key, and that the master key is brought together." },
	/* reports to authorities */
	{ OFFICE(REPORT_SEE, "report.see"), 0,
		"See the reports to authorities: states, receipts, answers; no item." },
	{ CONTENT(REPORT_PREPARE, "report.prepare"), BIT(REPORT_SEE) | BIT(ITEM_FACTS),
		"Write a report to an authority and have it checked." },
	{ CONTENT(REPORT_APPROVE, "report.approve"), BIT(REPORT_PREPARE),
		"Send a report to an authority." },
	{ CONTENT(REPORT_RETRACT, "report.retract"), BIT(REPORT_SEE),
		"Take a report back that should not have been sent." },
	{ OFFICE(REPORT_URGENT_SECOND, "report.urgent.second"), BIT(REPORT_SEE),
		"Confirm a colleague's report that is marked urgent." },
	/* what comes in */
	{ CONTENT(INTAKE_ADD, "intake.add"), 0,
		"Enter a report by hand, as from the telephone, and answer the reporter." },
	{ CONTENT(INTAKE_IMPORT, "intake.import"), BIT(INTAKE_ADD),
		"Read many reports from a file." },
	/* lists of known signals */
	{ OFFICE(LIST_SEE, "list.see"), 0,
		"See lists and their entries, and look signals up." },
	{ OFFICE(LIST_CHANGE, "list.change"), BIT(LIST_SEE),
		"Import, change and remove lists, and give opinions on entries." },
	{ OFFICE(LIST_PUBLISH, "list.publish"), BIT(LIST_SEE),
		"Propose a version of a list for others, and publish it when another person has confirmed it." },
	{ OFFICE(LIST_PUBLISH_SECOND, "list.publish.second"), BIT(LIST_SEE),
		"Confirm a version of a list that a colleague wants to publish." },
	/* how work is done */
	{ OFFICE(QUEUE_CHANGE, "queue.change"), BIT(QUEUE_SEE),
		"Make queues, say who works on them, and write and test the rules of routing." },
	{ OFFICE(POLICY_SEE, "policy.see"), 0,
		"See the policies, the kinds of action and what they are called elsewhere." },
	{ OFFICE(POLICY_CHANGE, "policy.change"), BIT(POLICY_SEE),
		"Change the policies, the kinds of action, strikes, and the times things are kept." },
	{ OFFICE(SETTINGS_SEE, "settings.see"), 0,
		"See the settings, the state of the service and its counters." },
	{ OFFICE(SETTINGS_CHANGE, "settings.change"), BIT(SETTINGS_SEE),
		"Change the settings." },
	{ OFFICE(KEY_CHANGE, "key.change"), 0,
		"Make and remove the API keys of programs." },
	/* people */
	{ OFFICE(PEOPLE_SEE, "people.see"), 0,
		"See who works here: pseudonyms, roles and states." },
	{ PEOPLE(PEOPLE_CHANGE, "people.change"), BIT(PEOPLE_SEE),
		"Invite people, give and take roles, make roles, end sessions, and switch people off." },
	{ PEOPLE(PEOPLE_RESET, "people.reset"), BIT(PEOPLE_SEE),
		"Propose that a person who lost their second factor is invited anew." },
	{ PEOPLE(PEOPLE_RESET_SECOND, "people.reset.second"), BIT(PEOPLE_SEE),
		"Confirm that a person who lost their second factor is invited anew." },
	{ OFFICE(EXPOSURE_TEAM, "exposure.team"), BIT(PEOPLE_SEE),
		"See how much the people of the team have had to look at, as totals; no check-ins." },
	{ OFFICE(EXPOSURE_BUDGET, "exposure.budget"), BIT(EXPOSURE_TEAM),
		"Set the daily budgets of looking, and raise one once, with a reason." },
	/* what was done */
	{ OFFICE(AUDIT_READ, "audit.read"), 0,
		"Read the audit, and have it verified." },
	{ OFFICE(STATS_READ, "stats.read"), 0,
		"See the counts of what came in, what was decided, and what became of it." },
};

/* ---- what goes together into a role ---- */

#define VIEW_BLURRED (BIT(ITEM_FACTS) | BIT(ITEM_VIEW_L1) | BIT(ITEM_VIEW_L2) | BIT(ITEM_VIEW_L3))
#define VIEW_CLEAR   (VIEW_BLURRED | BIT(ITEM_VIEW_L4) | BIT(ITEM_VIEW_CLEAR))
#define REVIEWS      (BIT(QUEUE_SEE) | BIT(JOB_TAKE) | BIT(JOB_DECIDE) | BIT(JOB_SEARCH) | VIEW_CLEAR | \
		      BIT(ITEM_SOUND) | BIT(INTAKE_ADD) | BIT(POLICY_SEE) | BIT(REPORT_SEE) | \
		      BIT(REPORT_PREPARE))

static const struct people_role_row roles[] = {
	{ "trainee", BIT(QUEUE_SEE) | BIT(JOB_PRACTISE) | BIT(ITEM_FACTS) | BIT(ITEM_VIEW_L1) | BIT(POLICY_SEE),
		"Somebody new: labels to learn, sees no more than a mosaic, and decides nothing." },
	{ "reviewer", REVIEWS | BIT(JOB_SECOND) | BIT(ACTION_SECOND),
		"Works on the queue: looks as little as needed, decides, and prepares reports." },
	{ "senior", REVIEWS | BIT(JOB_SECOND) | BIT(JOB_BULK) | BIT(JOB_ASSIGN) | BIT(ACTION_SECOND) |
		BIT(APPEAL_DECIDE) | BIT(ITEM_VIEW_SEVERE) | BIT(ITEM_SEVERE_SECOND) | BIT(VAULT_EXPORT) |
		BIT(VAULT_EXPORT_SECOND) | BIT(VAULT_HOLD) | BIT(VAULT_DESTROY) | BIT(VAULT_DESTROY_SECOND) |
		BIT(VAULT_KEYS) | BIT(VAULT_KEYS_SECOND) | BIT(REPORT_APPROVE) | BIT(REPORT_RETRACT) |
		BIT(REPORT_URGENT_SECOND) | BIT(INTAKE_IMPORT) | BIT(LIST_PUBLISH_SECOND) | BIT(LIST_SEE) |
		BIT(STATS_READ),
		"A reviewer with experience: the second person, what is grave, exports, appeals." },
	{ "filer", BIT(QUEUE_SEE) | BIT(JOB_SEARCH) | VIEW_BLURRED | BIT(REPORT_SEE) | BIT(REPORT_PREPARE) |
		BIT(REPORT_APPROVE) | BIT(REPORT_RETRACT) | BIT(REPORT_URGENT_SECOND) | BIT(VAULT_EXPORT) |
		BIT(VAULT_EXPORT_SECOND) | BIT(VAULT_HOLD) | BIT(VAULT_KEYS) | BIT(POLICY_SEE),
		"Reports to authorities and answers them: packages, holds, retractions." },
	{ "lists", BIT(LIST_SEE) | BIT(LIST_CHANGE) | BIT(LIST_PUBLISH) | BIT(LIST_PUBLISH_SECOND) | BIT(POLICY_SEE),
		"Keeps the lists of known signals: imports, opinions, publishing." },
	{ "supervisor", BIT(QUEUE_SEE) | BIT(JOB_ASSIGN) | BIT(QUEUE_CHANGE) | BIT(POLICY_SEE) | BIT(POLICY_CHANGE) |
		BIT(REPORT_SEE) | BIT(REPORT_URGENT_SECOND) | BIT(VAULT_EXPORT_SECOND) |
		BIT(VAULT_DESTROY_SECOND) | BIT(VAULT_KEYS_SECOND) | BIT(ITEM_SEVERE_SECOND) | BIT(LIST_SEE) |
		BIT(LIST_PUBLISH_SECOND) | BIT(PEOPLE_SEE) | BIT(PEOPLE_RESET_SECOND) | BIT(EXPOSURE_TEAM) |
		BIT(EXPOSURE_BUDGET) | BIT(STATS_READ),
		"Looks after the team: queues, budgets, totals, the second signature.  Sees no item." },
	{ "admin", BIT(PEOPLE_SEE) | BIT(PEOPLE_CHANGE) | BIT(PEOPLE_RESET) | BIT(PEOPLE_RESET_SECOND) |
		BIT(SETTINGS_SEE) | BIT(SETTINGS_CHANGE) | BIT(KEY_CHANGE) | BIT(LIST_SEE) | BIT(STATS_READ),
		"Runs the installation: people, settings, keys of programs.  Sees no item." },
	{ "auditor", BIT(AUDIT_READ) | BIT(STATS_READ) | BIT(PEOPLE_SEE) | BIT(POLICY_SEE) | BIT(SETTINGS_SEE) |
		BIT(LIST_SEE),
		"Reads what was done and by whom, and changes nothing.  Sees no item." },
};
/* clang-format on */

enum { ROWS = sizeof(table) / sizeof(*table), ROLES = sizeof(roles) / sizeof(*roles) };

_Static_assert(ROWS + 1 == PEOPLE_PERMISSION_COUNT, "a row for every permission");
_Static_assert(PEOPLE_ENROLLING < 64, "a set is 64 bits");

const struct people_permission_row *people_permission_at(size_t index)
{
	return index < ROWS ? &table[index] : NULL;
}

const char *people_permission_name(enum people_permission permission)
{
	if (permission == PEOPLE_ANYONE)
		return "anyone";
	if (permission == PEOPLE_ENROLLING)
		return "enrolling";
	return permission == PEOPLE_NOBODY ? "nobody" : table[permission - 1].name;
}

bool people_permission_parse(ward_str name, enum people_permission *permission)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (ward_str_eq(name, ward_str_from(table[i].name))) {
			*permission = table[i].permission;
			return true;
		}
	}
	return false;
}

/* ---- roles ---- */

const struct people_role_row *people_role_at(size_t index)
{
	return index < ROLES ? &roles[index] : NULL;
}

const struct people_role_row *people_role_find(ward_str name)
{
	for (size_t i = 0; i < ROLES; i++) {
		if (ward_str_eq(name, ward_str_from(roles[i].name)))
			return &roles[i];
	}
	return NULL;
}

bool people_role_name_valid(ward_str name)
{
	if (name.len == 0 || name.len >= PEOPLE_ROLE_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool letter = c >= 'a' && c <= 'z';

		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-')))
			return false;
	}
	return true;
}

/* ---- sets ---- */

bool people_may(people_permissions set, enum people_permission permission)
{
	return permission != PEOPLE_NOBODY && (set & PEOPLE_BIT(permission)) != 0;
}

static people_permissions reach_of(enum people_reach reach)
{
	people_permissions set = 0;

	for (size_t i = 0; i < ROWS; i++)
		set |= table[i].reach == reach ? PEOPLE_BIT(table[i].permission) : 0;
	return set;
}

/* The first of a set, for a sentence. */
static const char *first_of(people_permissions set)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (people_may(set, table[i].permission))
			return table[i].name;
	}
	return "?";
}

ward_err people_permissions_check(people_permissions set, struct ward_error *error)
{
	people_permissions content = set & reach_of(PEOPLE_REACH_CONTENT);
	people_permissions people = set & reach_of(PEOPLE_REACH_PEOPLE);

	if (content && people)
		return ward_fail(error, WARD_E_ARGUMENT,
				"\"%s\" and \"%s\" never go to one person: who lets people in does "
				"not see content, and who sees it lets nobody in",
				first_of(content), first_of(people));
	for (size_t i = 0; i < ROWS; i++) {
		people_permissions missing = table[i].with & ~set;

		if (people_may(set, table[i].permission) && missing)
			return ward_fail(error, WARD_E_ARGUMENT,
					"\"%s\" makes no sense without \"%s\"", table[i].name,
					first_of(missing));
	}
	return WARD_OK;
}

ward_err people_permissions_parse(ward_str text, people_permissions *set, struct ward_error *error)
{
	people_permissions all = 0;

	for (unsigned number = 1; text.len > 0;) {
		ward_str name = ward_str_cut(&text, ' ');
		enum people_permission permission;

		if (name.len == 0)
			continue;
		if (!people_permission_parse(name, &permission))
			return ward_fail(error, WARD_E_ARGUMENT,
					"the permission number %u is none; \"wardd --permissions\" "
					"lists those there are",
					number);
		all |= PEOPLE_BIT(permission);
		number++;
	}
	*set = all;
	return WARD_OK;
}

void people_permissions_format(people_permissions set, struct ward_buf *out)
{
	const char *before = "";

	for (size_t i = 0; i < ROWS; i++) {
		if (!people_may(set, table[i].permission))
			continue;
		ward_buf_printf(out, "%s%s", before, table[i].name);
		before = " ";
	}
}

/* ---- as JSON ---- */

static void names_json(struct json *json, const char *key, people_permissions set)
{
	json_key(json, key);
	json_array(json);
	for (size_t i = 0; i < ROWS; i++) {
		if (people_may(set, table[i].permission))
			json_str(json, ward_str_from(table[i].name));
	}
	json_array_end(json);
}

void people_permissions_json(struct ward_buf *out)
{
	static const char *const reaches[] = { "office", "content", "people" };
	struct json json = json_to(out);

	json_object(&json);
	json_key(&json, "permissions");
	json_array(&json);
	for (size_t i = 0; i < ROWS; i++) {
		json_object(&json);
		json_key_text(&json, "name", table[i].name);
		json_key_text(&json, "reach", reaches[table[i].reach]);
		names_json(&json, "with", table[i].with);
		json_key_text(&json, "says", table[i].says);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_key(&json, "roles");
	json_array(&json);
	for (size_t i = 0; i < ROLES; i++) {
		json_object(&json);
		json_key_text(&json, "name", roles[i].name);
		names_json(&json, "permissions", roles[i].permissions);
		json_key_text(&json, "says", roles[i].says);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
	ward_buf_char(out, '\n');
}
