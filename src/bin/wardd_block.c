#include "wardd_block.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "gate/gate_json.h"
#include "portal/block.h"
#include "portal/portal.h"

enum { PATH_ROOM = 8192, FILE_MAX = 4 << 20, HEADERS_MAX = 1024, TOKEN_MAX = 8192 };

struct wardd_block {
	struct helplines *helplines;
	struct portal_stop *stop;
	uint8_t key[PORTAL_TOKEN_KEY];
	char headers[HEADERS_MAX]; /* of every page */
};

/* ---- what it is made of ---- */

/* A file that ward.conf names, its path from the workspace. */
static ward_err read_named(const struct workspace *workspace, const char *name, char **text,
		size_t *len, struct ward_error *error)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s%s%s", name[0] == '/' ? "" : workspace_folder(workspace),
			name[0] == '/' ? "" : "/", name);
	return file_read(path, FILE_MAX, text, len, error);
}

static ward_err read_helplines(const struct workspace *workspace, struct wardd_block *block,
		struct ward_error *error)
{
	const char *name = workspace_settings(workspace)->portal_helplines;
	char *text = NULL;
	size_t len = 0;
	ward_err err;

	if (!name[0])
		return helplines_read((ward_str){ (const char *)helplines_builtin,
						      helplines_builtin_len },
				&block->helplines, error);
	err = read_named(workspace, name, &text, &len, error);
	if (!err)
		err = helplines_read((ward_str){ text, len }, &block->helplines, error);
	free(text);
	return err;
}

static ward_err read_stop(const struct workspace *workspace, struct wardd_block *block,
		struct ward_error *error)
{
	const char *name = workspace_settings(workspace)->portal_stop_page;
	char *text = NULL;
	size_t len = 0;
	ward_err err;

	if (!name[0])
		return portal_stop_read((ward_str){ (const char *)portal_stop_builtin,
							portal_stop_builtin_len },
				&block->stop, error);
	err = read_named(workspace, name, &text, &len, error);
	if (!err)
		err = portal_stop_read((ward_str){ text, len }, &block->stop, error);
	free(text);
	return err;
}

static ward_err read_key(const struct workspace *workspace, struct wardd_block *block,
		struct ward_error *error)
{
	uint8_t portal[PORTAL_KEY_LEN];
	char path[PATH_ROOM];
	ward_err err;

	snprintf(path, sizeof(path), "%s/keys/portal.key", workspace_folder(workspace));
	err = portal_key(path, portal, error);
	if (!err)
		portal_block_key(portal, block->key);
	sodium_memzero(portal, sizeof(portal));
	return err;
}

ward_err wardd_block_new(const struct workspace *workspace, struct wardd_block **made,
		struct ward_error *error)
{
	struct wardd_block *block = calloc(1, sizeof(*block));
	ward_err err = block ? read_helplines(workspace, block, error)
			     : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (!err)
		err = read_stop(workspace, block, error);
	if (!err && workspace_settings(workspace)->portal_address[0])
		err = read_key(workspace, block, error);
	if (err) {
		wardd_block_free(block);
		return err;
	}
	snprintf(block->headers, sizeof(block->headers),
			"Content-Type: text/html; charset=utf-8\r\nContent-Security-Policy: %s\r\n"
			"Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
			"X-Content-Type-Options: nosniff\r\n",
			portal_block_policy);
	*made = block;
	return WARD_OK;
}

void wardd_block_free(struct wardd_block *block)
{
	if (!block)
		return;
	helplines_free(block->helplines);
	portal_stop_free(block->stop);
	sodium_memzero(block->key, sizeof(block->key));
	free(block);
}

/* ---- what it says ---- */

static enum portal_block_reason reason_of(const struct gate_answer *answer,
		const struct ward_site_hit *hit)
{
	if (hit && ward_str_eq(hit->category, WARD_STR("abuse")))
		return PORTAL_BLOCK_ABUSE;
	if (answer->cause == GATE_CAUSE_HOURS)
		return PORTAL_BLOCK_TIME;
	if (answer->cause == GATE_CAUSE_WORDS || answer->cause == GATE_CAUSE_PICTURE)
		return PORTAL_BLOCK_HELD;
	return PORTAL_BLOCK_CATEGORY;
}

static const struct gate_rule *rule_of(const struct icap_blocked *blocked)
{
	const struct gate_rules *rules = blocked->state->rules;

	return blocked->answer.rule < rules->rule_count ? &rules->rules[blocked->answer.rule]
							: NULL;
}

/* "16:00", when hours are what it is about and they have an end; "" else. */
static void until_of(const struct icap_blocked *blocked, char until[8])
{
	const struct gate_rule *rule = rule_of(blocked);

	until[0] = '\0';
	if (rule && blocked->answer.cause == GATE_CAUSE_HOURS && rule->hours.to != rule->hours.from)
		snprintf(until, 8, "%02u:%02u", rule->hours.to / 60U % 100, rule->hours.to % 60U);
}

/*
 * The entry that an appeal is about.  Who settles it has to see what would be lifted, and a hash
 * shows nothing: the part of the link that it stands for does.  Of an order nothing is lifted, so a
 * hidden list's entry is told by its source's own id there, and by nothing else.
 */
static void write_entry(const struct ward_site_hit *hit, const struct ward_link *link, bool ordered,
		struct ward_buf *out)
{
	struct ward_site_cursor *cursor;
	struct ward_site_entry entry;

	if (!ordered && ward_site_hit_place(hit, link, out))
		return;
	if (!ordered || !ward_site_list_info(hit->list)->hidden) {
		gate_write_entry(hit, true, out);
		return;
	}
	cursor = calloc(1, sizeof(*cursor));
	if (!cursor) {
		out->failed = true;
		return;
	}
	ward_site_hit_entry(hit, cursor, &entry);
	if (entry.ref.len > 0)
		ward_buf_str(out, entry.ref);
	else
		gate_write_entry(hit, false, out);
	free(cursor);
}

/* What an appeal is about, sealed: the page carries nothing that can be read. */
static void seal(const struct wardd_block *block, const struct icap_blocked *blocked,
		const struct portal_block *page, struct ward_buf *token)
{
	const struct gate_rule *rule = rule_of(blocked);
	struct portal_block_about about = { .reason = page->reason,
		.ordered = page->ordered,
		.list = WARD_STR("rule"),
		.host = page->host,
		.authority = page->authority };
	struct ward_buf entry;

	ward_buf_init(&entry, 4 * WARD_LINK_MAX);
	if (blocked->hit) {
		about.list = ward_str_from(ward_site_list_info(blocked->hit->list)->name);
		write_entry(blocked->hit, blocked->link, page->ordered, &entry);
	} else {
		ward_buf_str(&entry, ward_str_from(rule ? rule->name
							: gate_cause_name(blocked->answer.cause)));
	}
	about.entry = ward_buf_text(&entry);
	if (about.entry.len <= PORTAL_ENTRY_MAX)
		portal_block_seal(&about, block->key, clock_now(), token);
	ward_buf_free(&entry);
}

/* For what no person looks at: a picture, a script. */
static void plain(struct icap_answer *reply)
{
	reply->headers = WARD_STR("Content-Type: text/plain; charset=utf-8\r\n"
				  "Cache-Control: no-store\r\n");
	reply->body = WARD_STR("This is blocked on this network.\n");
}

static void write_page(const struct wardd_block *block, const struct icap_blocked *blocked,
		struct portal_block *page, struct ward_buf *memory, struct icap_answer *reply)
{
	struct ward_buf token;

	ward_buf_init(&token, TOKEN_MAX);
	if (page->base.len > 0 && !page->ordered)
		seal(block, blocked, page, &token);
	page->token = token.failed ? (ward_str){ "", 0 } : ward_buf_text(&token);
	portal_block_page(page, language_accepted(blocked->languages), memory);
	ward_buf_free(&token);
	if (memory->failed) {
		plain(reply);
		return;
	}
	reply->headers = ward_str_from(block->headers);
	reply->body = ward_buf_text(memory);
}

void wardd_block_page(const struct wardd_block *block, const struct icap_blocked *blocked,
		struct ward_buf *memory, struct icap_answer *reply)
{
	const struct settings *settings = workspace_settings(blocked->state->owner);
	char until[8];
	struct portal_block page = {
		.reason = reason_of(&blocked->answer, blocked->hit),
		.ordered = blocked->answer.cause == GATE_CAUSE_ORDER,
		.category = blocked->hit ? blocked->hit->category : (ward_str){ "", 0 },
		.owner = ward_str_from(settings->portal_operator),
		.host = blocked->host,
		.no_reports = !settings->portal_reports,
		.base = ward_str_from(settings->portal_address),
		.contact = ward_str_from(settings->portal_contact),
		.country = ward_str_from(settings->portal_country),
		.helplines = block->helplines,
		.stop = block->stop,
	};

	until_of(blocked, until);
	page.until = ward_str_from(until);
	/* Whom to ask is the operator's word; a list's source would tell which list it is. */
	if (page.ordered)
		page.authority = ward_str_from(settings->portal_authority);
	reply->status = page.ordered && settings->network_status_451 ? 451 : 403;
	reply->reason = reply->status == 451 ? WARD_STR("Unavailable For Legal Reasons")
					     : WARD_STR("Forbidden");
	if (blocked->page)
		write_page(block, blocked, &page, memory, reply);
	else
		plain(reply);
}

/* ---- for names that a resolver leads to the portal ---- */

enum { CATEGORY_MAX = 64 };

static _Thread_local struct {
	char list[WARD_SITE_NAME_MAX], category[CATEGORY_MAX], entry[PORTAL_ENTRY_MAX];
} told;

static ward_str keep(char *room, size_t size, ward_str text)
{
	int len = snprintf(room, size, "%.*s", WARD_FMT(text));

	return (ward_str){ room, len < 0 ? 0 : (size_t)len < size ? (size_t)len : size - 1 };
}

static void tell(const struct gate_answer *answer, const struct ward_site_hit *hit,
		const struct ward_link *link, struct portal_why *why)
{
	const struct ward_site_info *info = ward_site_list_info(hit->list);
	struct ward_buf entry;

	ward_buf_init(&entry, 4 * WARD_LINK_MAX);
	why->reason = reason_of(answer, hit);
	why->ordered = answer->cause == GATE_CAUSE_ORDER;
	write_entry(hit, link, why->ordered, &entry);
	why->list = keep(told.list, sizeof(told.list), ward_str_from(info->name));
	why->entry = keep(told.entry, sizeof(told.entry), ward_buf_text(&entry));
	why->category = keep(told.category, sizeof(told.category), hit->category);
	why->hidden = info->hidden;
	ward_buf_free(&entry);
}

bool wardd_block_why(void *context, ward_str host, struct portal_why *why)
{
	struct gate_live *gate = context;
	const struct gate_state *state = gate_live_acquire(gate);
	struct ward_site_hits hits = { .count = 0 };
	struct gate_answer answer = { .act = GATE_PASS, .hit = SIZE_MAX };
	struct ward_buf memory;
	struct ward_error error;
	ward_host_kind kind;
	uint8_t address[16];
	bool known;

	ward_buf_init(&memory, WARD_LINK_MEMORY_MAX);
	if (ward_host_read(host, &memory, &host, &kind, address, &error) == WARD_OK) {
		ward_site_ask_host(state->sites, host, kind, address, clock_now(), &hits);
		answer = gate_judge(state->rules, &hits, SIZE_MAX, gate_time_of(clock_now()));
	}
	known = answer.act == GATE_BLOCK && answer.hit < hits.count;
	if (known)
		tell(&answer, &hits.at[answer.hit],
				&(struct ward_link){ .host = host,
						.host_kind = kind,
						.path = { "/", 1 } },
				why);
	ward_buf_free(&memory);
	gate_live_release(gate, state);
	return known;
}
