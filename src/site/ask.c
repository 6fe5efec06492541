/*
 * Which entries hold a link.
 *
 * A link that nobody listed costs one look for each domain it lies in, in each
 * list; all of them are asked of memory before the first is waited for.  Only
 * a host of which pages are listed has its path looked at.
 */
#include "site/view.h"

#include <ward/hash.h>

#include <stdlib.h>

/* A link with what is computed of it, once for all lists of one seed. */
struct asked {
	const struct ward_link *link;
	bool whole; /* false: only the name is asked about */
	int64_t now;
	char reversed[SITE_HOST_MAX + 1]; /* and the byte before a path */
	ward_str host; /* reversed; empty when it is longer than any listed one */
	unsigned labels;
	uint16_t ends[SITE_LABELS_MAX]; /* of the domain of i + 1 labels, in `reversed` */
	bool seeded;
	struct site_seed seed;
	uint64_t states[SITE_LABELS_MAX];
	uint64_t places[SITE_LABELS_MAX];
	/* Of the path, for the seed: made when a list asks for it. */
	bool has_path;
	uint64_t page, page_query;
	unsigned prefixes;
	uint32_t prefix_ends[SITE_PARTS_MAX];
	uint64_t prefix_places[SITE_PARTS_MAX];
	/* Digests of the expressions, for a salt. */
	bool has_digests;
	ward_bytes salt;
	size_t digests;
	uint8_t digest[WARD_LINK_EXPRESSIONS_MAX][32];
};

/* ---- of the link ---- */

static void asked_begin(struct asked *asked, const struct ward_link *link, bool whole, int64_t now)
{
	bool whole_name;
	size_t len;

	asked->link = link;
	asked->whole = whole;
	asked->now = now;
	asked->labels = 0;
	asked->seeded = asked->has_digests = false;
	len = site_host_reverse(link->host, asked->reversed);
	/* Dots without labels between them are no name's, and no list's: they are not counted on.
	 */
	for (size_t i = 0; i <= len && asked->labels < SITE_LABELS_MAX; i++) {
		if (i == len || asked->reversed[i] == SITE_LABEL_SEP)
			asked->ends[asked->labels++] = (uint16_t)i;
	}
	whole_name = asked->ends[asked->labels - 1] == link->host.len;
	asked->reversed[len] = SITE_PATH_SEP;
	asked->host = (ward_str){ asked->reversed, whole_name ? len : 0 };
}

static bool has_below(const struct asked *asked)
{
	return asked->link->host_kind == WARD_HOST_NAME;
}

static void asked_seed(struct asked *asked, struct site_seed seed)
{
	uint64_t state = SITE_STATE_FIRST;
	size_t begin = 0;

	if (asked->seeded && asked->seed.key == seed.key && asked->seed.mix == seed.mix)
		return;
	for (unsigned i = 0; i < asked->labels; i++) {
		state = site_state_part(state, seed, asked->reversed + begin,
				asked->ends[i] - begin);
		asked->states[i] = state;
		asked->places[i] = site_state_place(state, seed, SITE_NAME);
		begin = asked->ends[i] + 1u;
	}
	asked->seed = seed;
	asked->seeded = true;
	asked->has_path = false;
}

static void asked_path(struct asked *asked)
{
	const struct ward_link *link = asked->link;
	ward_str path = link->path;
	uint64_t host = asked->states[asked->labels - 1], state;
	size_t begin = 0;

	if (asked->has_path)
		return;
	asked->page = site_page_place(host, asked->seed, path, link->query, false);
	asked->page_query = site_page_place(host, asked->seed, path, link->query, true);
	asked->prefixes = 0;
	state = site_state_path(host, asked->seed);
	for (size_t i = 0; i < path.len && asked->prefixes < SITE_PARTS_MAX; i++) {
		if (path.ptr[i] != '/')
			continue;
		state = site_state_part(state, asked->seed, path.ptr + begin, i + 1 - begin);
		asked->prefix_ends[asked->prefixes] = (uint32_t)(i + 1);
		asked->prefix_places[asked->prefixes++] =
				site_state_place(state, asked->seed, SITE_THING_PREFIX);
		begin = i + 1;
	}
	asked->has_path = true;
}

static void add_digest(void *context, ward_str host, ward_str path)
{
	struct asked *asked = context;
	const ward_bytes pieces[3] = { asked->salt, { (const uint8_t *)host.ptr, host.len },
		{ (const uint8_t *)path.ptr, path.len } };

	if (asked->digests < WARD_LINK_EXPRESSIONS_MAX)
		ward_sha256(pieces, 3, asked->digest[asked->digests++]);
}

static void asked_digests(struct asked *asked, ward_bytes salt)
{
	if (asked->has_digests && asked->salt.len == salt.len &&
			memcmp(asked->salt.ptr, salt.ptr, salt.len) == 0)
		return;
	asked->salt = salt;
	asked->digests = 0;
	asked->has_digests = true;
	(void)ward_link_expressions(asked->link, add_digest, asked);
}

/* ---- of a list ---- */

static bool is_asked(const struct ward_site_list *list, int64_t now)
{
	return list->info.enabled && (list->info.expires == 0 || list->info.expires > now);
}

/* Domains of so many labels are listed in the file, and the link lies in one. */
struct range {
	unsigned first, end;
};

static struct range range_of(const struct asked *asked, const struct site_file *file)
{
	unsigned first = file->head.labels_min ? file->head.labels_min - 1 : 0;
	unsigned end = file->head.labels_max < asked->labels ? file->head.labels_max
							     : asked->labels;

	if (!has_below(asked) && first + 1 < asked->labels)
		first = asked->labels - 1;
	return (struct range){ first, end };
}

static void expect_names(const struct asked *asked, const struct ward_site_list *list)
{
	for (int i = 0; i < list->file_count; i++) {
		struct range range = range_of(asked, list->files[i]);

		for (unsigned j = range.first; j < range.end; j++)
			site_file_expect(list->files[i], asked->places[j]);
	}
}

static int64_t earlier(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a ? a : b;
	return a < b ? a : b;
}

struct answer {
	const struct ward_site_list *list;
	struct asked *asked;
	struct ward_site_hits *hits;
};

static uint64_t entry_number(const struct ward_site_list *list, const struct site_step *step)
{
	return step->entry + (step->file == &list->base ? 0 : list->base.head.entries);
}

static void add_hit(struct answer *answer, const struct site_step *step, bool certain)
{
	const struct ward_site_list *list = answer->list;
	const struct ward_site_info *info = &list->info;
	struct ward_site_hits *hits = answer->hits;
	struct ward_site_hit *hit;
	struct site_meta meta;

	if (step->expires != 0 && step->expires <= answer->asked->now)
		return;
	if (hits->total++ >= WARD_SITE_HITS_MAX)
		return;
	meta = site_file_meta(step->file, step->meta);
	hit = &hits->at[hits->count++];
	*hit = (struct ward_site_hit){ .list = list,
		.kind = step->kind,
		.entry = entry_number(list, step),
		.category = meta.category.len ? meta.category : ward_str_from(info->category),
		.class_code = meta.class_code.len ? meta.class_code
						  : ward_str_from(info->class_code),
		.reason = meta.reason,
		.expires = earlier(step->expires, info->expires),
		.certain = certain };
}

/* The newest file that knows the entry says whether it is in force. */
static void look(struct answer *answer, uint64_t place, ward_site_kind kind,
		const struct site_target *target, bool certain)
{
	const struct ward_site_list *list = answer->list;
	struct site_step step;

	for (int i = list->file_count; i-- > 0;) {
		if (!site_file_find(list->files[i], place, kind, target, &step))
			continue;
		if (!(step.flags & SITE_REMOVED))
			add_hit(answer, &step, certain);
		return;
	}
}

/* ---- pages and prefixes ---- */

static struct site_target path_target(const struct asked *asked, ward_str path, bool query)
{
	struct site_target target = { { { asked->reversed, asked->host.len + 1 }, path },
		asked->host.len + 1 + path.len };

	if (query) {
		target.piece[2] = WARD_STR("?");
		target.piece[3] = asked->link->query;
		target.len += 1 + asked->link->query.len;
	}
	return target;
}

static void ask_paths(struct answer *answer)
{
	struct asked *asked = answer->asked;
	ward_str path = asked->link->path;
	struct site_target target;

	asked_path(asked);
	if (asked->link->query.len > 0) {
		target = path_target(asked, path, true);
		look(answer, asked->page_query, WARD_SITE_PAGE, &target, true);
	}
	target = path_target(asked, path, false);
	look(answer, asked->page, WARD_SITE_PAGE, &target, true);
	for (unsigned i = asked->prefixes; i-- > 0;) {
		target = path_target(asked, (ward_str){ path.ptr, asked->prefix_ends[i] }, false);
		look(answer, asked->prefix_places[i], WARD_SITE_PREFIX, &target, true);
	}
}

/* ---- hosts and domains ---- */

/* What each file lists of one name. */
struct groups {
	bool has[2];
	struct site_group of[2];
};

static bool find_groups(const struct answer *answer, unsigned label, struct groups *groups)
{
	const struct asked *asked = answer->asked;
	const struct ward_site_list *list = answer->list;
	ward_str host = { asked->reversed, asked->ends[label] };
	bool any = false;

	for (int i = 0; i < list->file_count; i++) {
		struct range range = range_of(asked, list->files[i]);

		groups->has[i] = label >= range.first && label < range.end &&
				 site_file_may(list->files[i], asked->places[label]) &&
				 site_file_group(list->files[i], asked->places[label], host,
						 &groups->of[i]);
		any |= groups->has[i];
	}
	return any;
}

static void add_name(struct answer *answer, const struct groups *groups, bool domain)
{
	for (int i = answer->list->file_count; i-- > 0;) {
		const struct site_group *group = &groups->of[i];
		const struct site_step *step = domain ? &group->domain : &group->host;

		if (!groups->has[i] || !(domain ? group->has_domain : group->has_host))
			continue;
		if (!(step->flags & SITE_REMOVED))
			add_hit(answer, step, true);
		return;
	}
}

static bool groups_have_paths(const struct answer *answer, const struct groups *groups)
{
	for (int i = 0; i < answer->list->file_count; i++) {
		if (groups->has[i] && groups->of[i].has_paths)
			return true;
	}
	return false;
}

static void ask_names(struct answer *answer)
{
	const struct asked *asked = answer->asked;
	struct groups groups;

	for (unsigned label = asked->labels; label-- > 0;) {
		bool whole = label + 1 == asked->labels && asked->host.len > 0;

		if (!find_groups(answer, label, &groups))
			continue;
		if (whole && asked->whole && groups_have_paths(answer, &groups))
			ask_paths(answer);
		if (whole)
			add_name(answer, &groups, false);
		add_name(answer, &groups, true);
	}
}

/* ---- networks ---- */

static bool has_bit(const uint64_t *set, unsigned bit)
{
	return set[bit / 64] >> (bit % 64) & 1;
}

static bool lists_bits(const struct ward_site_list *list, ward_host_kind kind, unsigned bits)
{
	bool has = false;

	for (int i = 0; i < list->file_count; i++) {
		const struct site_head *head = &list->files[i]->head;

		has |= has_bit(kind == WARD_HOST_IPV4 ? head->bits_4 : head->bits_6, bits);
	}
	return has;
}

static void ask_networks(struct answer *answer)
{
	const struct ward_link *link = answer->asked->link;
	unsigned most = link->host_kind == WARD_HOST_IPV4 ? 32 : 128;
	char word[20];

	for (unsigned bits = most + 1; bits-- > 0;) {
		ward_str text = { word, 0 };
		struct site_target target;

		if (!lists_bits(answer->list, link->host_kind, bits))
			continue;
		text.len = site_network_word(link->host_kind, link->address, bits, word);
		target = (struct site_target){ { text }, text.len };
		look(answer, site_word_place(WARD_SITE_NETWORK, text, answer->asked->seed),
				WARD_SITE_NETWORK, &target, true);
	}
}

/* ---- hashes ---- */

#define CERTAIN_BYTES 8

static size_t hash_word(const uint8_t digest[32], unsigned size, char word[34])
{
	word[0] = SITE_HASH_SIGN;
	word[1] = (char)size;
	memcpy(word + 2, digest, size);
	return size + 2;
}

static void ask_hashes_of(struct answer *answer, unsigned size)
{
	const struct asked *asked = answer->asked;
	uint64_t places[WARD_LINK_EXPRESSIONS_MAX];
	char word[34] = "";

	for (size_t i = 0; i < asked->digests; i++) {
		ward_str text = { word, hash_word(asked->digest[i], size, word) };

		places[i] = site_word_place(WARD_SITE_HASH, text, asked->seed);
		for (int j = 0; j < answer->list->file_count; j++)
			site_file_expect(answer->list->files[j], places[i]);
	}
	for (size_t i = 0; i < asked->digests; i++) {
		ward_str text = { word, hash_word(asked->digest[i], size, word) };
		struct site_target target = { { text }, text.len };

		look(answer, places[i], WARD_SITE_HASH, &target, size >= CERTAIN_BYTES);
	}
}

static void ask_hashes(struct answer *answer)
{
	const struct ward_site_list *list = answer->list;
	uint64_t sizes = 0;

	for (int i = 0; i < list->file_count; i++)
		sizes |= list->files[i]->head.hash_sizes;
	if (sizes == 0)
		return;
	asked_digests(answer->asked, (ward_bytes){ list->info.salt, list->info.salt_len });
	for (unsigned size = 32; size >= SITE_HASH_BYTES_MIN; size--) {
		if (sizes >> size & 1)
			ask_hashes_of(answer, size);
	}
}

/* ---- all lists ---- */

static void ask_list(struct answer *answer)
{
	ask_names(answer);
	if (!has_below(answer->asked))
		ask_networks(answer);
	ask_hashes(answer);
}

static void ask(const struct ward_site_view *view, const struct ward_link *link, bool whole,
		int64_t now, struct ward_site_hits *hits)
{
	struct asked asked;

	hits->count = hits->total = 0;
	if (link->host.len == 0)
		return;
	asked_begin(&asked, link, whole, now);
	for (size_t from = 0, to; from < view->count; from = to) {
		struct site_seed seed = view->lists[from]->base.seed;

		asked_seed(&asked, seed);
		for (to = from; to < view->count && view->lists[to]->base.seed.key == seed.key &&
				view->lists[to]->base.seed.mix == seed.mix;
				to++)
			expect_names(&asked, view->lists[to]);
		for (size_t i = from; i < to; i++) {
			struct answer answer = { view->lists[i], &asked, hits };

			if (is_asked(view->lists[i], now))
				ask_list(&answer);
		}
	}
}

void ward_site_ask(const struct ward_site_view *view, const struct ward_link *link, int64_t now,
		struct ward_site_hits *hits)
{
	ask(view, link, true, now, hits);
}

static struct ward_link link_of(ward_str host, ward_host_kind kind, const uint8_t *address)
{
	struct ward_link link = { .host = host, .path = WARD_STR("/"), .host_kind = kind };

	if (address)
		memcpy(link.address, address, sizeof(link.address));
	return link;
}

void ward_site_ask_host(const struct ward_site_view *view, ward_str host, ward_host_kind kind,
		const uint8_t address[16], int64_t now, struct ward_site_hits *hits)
{
	struct ward_link link = link_of(host, kind, kind == WARD_HOST_NAME ? NULL : address);

	ask(view, &link, false, now, hits);
}

/* ---- has a host pages? ---- */

/* Whether an entry of the base is in force although there is a delta. */
static bool in_force(const struct ward_site_list *list, const struct site_walk *walk)
{
	ward_str word = site_walk_word(walk);
	struct site_target target = { { word }, word.len };
	ward_site_kind kind = walk->step.kind;
	struct site_step step;

	return walk->step.file != &list->base || !list->has_delta ||
	       !site_file_find(&list->delta, site_word_place(kind, word, list->delta.seed), kind,
			       &target, &step);
}

static bool has_page(const struct ward_site_list *list, const struct site_file *file,
		uint32_t first, ward_str host, int64_t now, char *word)
{
	struct site_walk walk;
	bool found = false;

	site_walk_begin(&walk, file, word);
	site_walk_to(&walk, first);
	while (!found && site_walk_next(&walk)) {
		int64_t end = walk.step.expires;

		if (walk.step.len <= host.len || word[host.len] != SITE_PATH_SEP ||
				memcmp(word, host.ptr, host.len) != 0)
			break;
		found = !(walk.step.flags & SITE_REMOVED) && (end == 0 || end > now) &&
			in_force(list, &walk);
	}
	return found;
}

static bool list_has_pages(struct answer *answer)
{
	const struct ward_site_list *list = answer->list;
	const struct asked *asked = answer->asked;
	struct groups groups;
	bool found = false;
	char *word;

	if (!find_groups(answer, asked->labels - 1, &groups) || !groups_have_paths(answer, &groups))
		return false;
	word = malloc(SITE_WORD_ROOM);
	/* To look at more pages than there are is no harm. */
	if (!word)
		return true;
	for (int i = 0; i < list->file_count && !found; i++)
		found = groups.has[i] && groups.of[i].has_paths &&
			has_page(list, list->files[i], groups.of[i].paths, asked->host, asked->now,
					word);
	free(word);
	return found;
}

bool ward_site_host_has_pages(const struct ward_site_view *view, ward_str host, int64_t now)
{
	struct ward_link link = link_of(host, WARD_HOST_NAME, NULL);
	struct asked asked;
	bool found = false;

	asked_begin(&asked, &link, true, now);
	for (size_t i = 0; i < view->count && !found && asked.host.len > 0; i++) {
		struct answer answer = { view->lists[i], &asked, NULL };

		asked_seed(&asked, view->lists[i]->base.seed);
		found = is_asked(view->lists[i], now) && list_has_pages(&answer);
	}
	return found;
}

void ward_site_hit_entry(const struct ward_site_hit *hit, struct ward_site_cursor *cursor,
		struct ward_site_entry *entry)
{
	const struct ward_site_list *list = hit->list;
	bool base = hit->entry < list->base.head.entries;
	const struct site_file *file = base ? &list->base : &list->delta;
	uint64_t number = base ? hit->entry : hit->entry - list->base.head.entries;
	struct site_walk walk;

	*entry = (struct ward_site_entry){ .kind = hit->kind };
	if (number >= file->head.entries)
		return;
	site_walk_begin(&walk, file, cursor->text);
	site_walk_to(&walk, (uint32_t)number);
	if (site_walk_next(&walk))
		site_entry_from(&walk.step, site_walk_word(&walk), cursor->text + WARD_LINK_MAX,
				entry);
}
