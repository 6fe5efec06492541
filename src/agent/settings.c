#include "agent/settings.h"

#include "agent/place.h"
#include "agent/s3.h"
#include "base/file.h"
#include "workspace/conf.h"
#include "workspace/settings.h"

enum kind { TEXT, PATH, COUNT, BYTES, TIME, SWITCH, ACT, KEYS, ROOTS, EXCLUDES, MAIL, MOST };

struct row {
	const char *word; /* "section.name" */
	enum kind kind;
	size_t at;   /* in struct agent_settings; of watch and media in struct agent_watch */
	size_t size; /* of a number */
	uint64_t min, max;
};

#define AT(member) \
	offsetof(struct agent_settings, member), sizeof(((struct agent_settings *)NULL)->member)
#define WATCH_AT(member) \
	offsetof(struct agent_watch, member), sizeof(((struct agent_watch *)NULL)->member)

#define BUCKET_AT(member) \
	offsetof(struct agent_bucket, member), sizeof(((struct agent_bucket *)NULL)->member)

enum { DAY_MS = 86400000 };

static const struct row table[] = {
	{ "agent.workspace", PATH, AT(workspace), 0, 0 },
	{ "agent.folder", PATH, AT(folder), 0, 0 },
	{ "agent.name", TEXT, AT(name), 0, 64 },
	{ "watch.folder", PATH, WATCH_AT(folder), 0, 0 },
	{ "watch.kind", MAIL, WATCH_AT(maildir), 0, 0 },
	{ "watch.act", MOST, WATCH_AT(most), 0, 0 },
	{ "watch.every", TIME, WATCH_AT(every_ms), 1000, DAY_MS },
	{ "watch.exclude", EXCLUDES, 0, 0, 0, 0 },
	{ "bucket.url", TEXT, BUCKET_AT(url), 1, 900 },
	{ "bucket.region", TEXT, BUCKET_AT(region), 1, 60 },
	{ "bucket.prefix", TEXT, BUCKET_AT(prefix), 0, 1024 },
	{ "bucket.keys", PATH, BUCKET_AT(keys), 0, 0 },
	{ "bucket.every", TIME, BUCKET_AT(every_ms), 1000, DAY_MS },
	{ "bucket.time", TIME, BUCKET_AT(time_ms), 1000, 3600000 },
	{ "bucket.bytes_max", BYTES, BUCKET_AT(bytes_max), 1, (uint64_t)1 << 40 },
	{ "media.folder", ROOTS, 0, 0, 0, 0 },
	{ "media.act", MOST, WATCH_AT(most), 0, 0 },
	{ "media.exclude", EXCLUDES, 0, 0, 0, 0 },
	{ "act.block", ACT, AT(on_block), 0, 0 },
	{ "act.hold", ACT, AT(on_hold), 0, 0 },
	{ "quarantine.folder", PATH, AT(quarantine), 0, 0 },
	{ "quarantine.key", KEYS, 0, 0, 0, 0 },
	{ "spool.folder", PATH, AT(spool), 0, 0 },
	{ "spool.bytes_max", BYTES, AT(spool_bytes_max), 1 << 16, (uint64_t)1 << 40 },
	{ "wardd.url", TEXT, AT(url), 1, 900 },
	{ "wardd.token", PATH, AT(token), 0, 0 },
	{ "limits.workers", COUNT, AT(workers), 1, 64 },
	{ "limits.worker_idle", TIME, AT(worker_idle_ms), 100, DAY_MS },
	{ "limits.settle", TIME, AT(settle_ms), 0, 3600000 },
	{ "limits.every", TIME, AT(every_ms), 1000, DAY_MS },
	{ "limits.refresh", TIME, AT(refresh_ms), 100, 3600000 },
	{ "limits.remember", COUNT, AT(remember), 1000, 100000000 },
	{ "limits.load", COUNT, AT(load_percent), 0, 10000 },
	{ "limits.battery_waits", SWITCH, AT(battery_waits), 0, 1 },
	{ "limits.whole", SWITCH, AT(whole), 0, 1 },
};

enum { ROWS = sizeof(table) / sizeof(*table), SECTION_MAX = 20 };

const char *agent_settings_word(size_t index)
{
	return index < ROWS ? table[index].word : NULL;
}

/* ---- one value ---- */

static const char *keep(struct ward_arena *arena, ward_str text)
{
	return ward_arena_str(arena, text).ptr;
}

static ward_err no_memory(struct ward_error *error)
{
	return ward_fail(error, WARD_E_NOMEM, "out of memory");
}

/* Without slashes at its end, so that names can be compared. */
static ward_err read_path(struct ward_arena *arena, const struct conf_node *node, const char **path,
		struct ward_error *error)
{
	ward_str text = node->value;

	while (text.len > 1 && text.ptr[text.len - 1] == '/')
		text.len--;
	if (text.len == 0 || text.ptr[0] != '/' || text.len >= HELD_PATH_MAX / 2 ||
			memchr(text.ptr, '\0', text.len))
		return conf_fail(node, error, "this is a path that begins with /");
	*path = keep(arena, text);
	for (const char *part = *path; part; part = strchr(part + 1, '/')) {
		if (strncmp(part, "/..", 3) == 0 && (part[3] == '/' || part[3] == '\0'))
			return conf_fail(node, error, "a path without \"..\" is wanted");
	}
	return *path ? WARD_OK : no_memory(error);
}

static ward_err read_act(const struct conf_node *node, bool may_be_nothing, enum agent_act *act,
		struct ward_error *error)
{
	if (ward_str_eq(node->value, WARD_STR("hold")))
		*act = AGENT_HOLD;
	else if (ward_str_eq(node->value, WARD_STR("tell")))
		*act = AGENT_TELL;
	else if (may_be_nothing && ward_str_eq(node->value, WARD_STR("nothing")))
		*act = AGENT_NOTHING;
	else
		return conf_fail(node, error,
				may_be_nothing ? "this is hold, tell or nothing"
					       : "this is hold or tell");
	return WARD_OK;
}

static ward_err read_kind(const struct conf_node *node, bool *maildir, struct ward_error *error)
{
	*maildir = ward_str_eq(node->value, WARD_STR("maildir"));
	if (!*maildir && !ward_str_eq(node->value, WARD_STR("files")))
		return conf_fail(node, error, "this is files or maildir");
	return WARD_OK;
}

static ward_err read_number(const struct row *row, const struct conf_node *node, char *at,
		struct ward_error *error)
{
	static const enum settings_unit units[] = { [COUNT] = SETTINGS_COUNT,
		[BYTES] = SETTINGS_BYTES,
		[TIME] = SETTINGS_MS,
		[SWITCH] = SETTINGS_SWITCH };
	uint64_t value;

	if (!settings_amount(node->value, units[row->kind], &value) || value < row->min ||
			value > row->max)
		return conf_fail(node, error,
				row->kind == SWITCH ? "this is yes or no"
				: row->kind == TIME ? "this is a time, as 10s, within "
						      "the bounds of the man page"
						    : "this is a number within the "
						      "bounds of the man page");
	if (row->kind == SWITCH)
		memcpy(at, &(bool){ value != 0 }, sizeof(bool));
	else if (row->size == sizeof(uint64_t))
		memcpy(at, &value, sizeof(value));
	else
		memcpy(at, &(uint32_t){ (uint32_t)value }, sizeof(uint32_t));
	return WARD_OK;
}

/* One, or several in brackets; so a blank in a pattern is written "?". */
static ward_err read_excludes(struct ward_arena *arena, const struct conf_node *node,
		struct agent_watch *watch, struct ward_error *error)
{
	for (ward_str rest = ward_str_trim(node->value); rest.len > 0; rest = ward_str_trim(rest)) {
		ward_str word = ward_str_cut(&rest, ' ');
		const char *text = keep(arena, word);

		if (!text)
			return no_memory(error);
		if (watch->exclude_count == AGENT_EXCLUDES_MAX)
			return conf_fail(node, error, "at most %d patterns", AGENT_EXCLUDES_MAX);
		watch->exclude[watch->exclude_count++] = text;
	}
	return WARD_OK;
}

static ward_err read_key(const struct conf_node *node, struct agent_settings *settings,
		struct ward_error *error)
{
	if (settings->key_count == HELD_KEYS_MAX)
		return conf_fail(node, error, "at most %d keys", HELD_KEYS_MAX);
	if (!pair_public_parse(node->value, settings->keys[settings->key_count]))
		return conf_fail(node, error,
				"this is a public key, as \"ward verify --new-secret FILE\" prints "
				"it");
	settings->key_count++;
	return WARD_OK;
}

static ward_err read_root(struct ward_arena *arena, const struct conf_node *node,
		struct agent_settings *settings, struct ward_error *error)
{
	if (settings->root_count == AGENT_ROOTS_MAX)
		return conf_fail(node, error, "at most %d folders", AGENT_ROOTS_MAX);
	ward_err err = read_path(arena, node, &settings->roots[settings->root_count], error);

	settings->root_count += !err;
	return err;
}

/* `base` is what the row's place counts from. */
static ward_err read_value(struct ward_arena *arena, const struct row *row,
		const struct conf_node *node, struct agent_settings *settings,
		struct agent_watch *watch, char *base, struct ward_error *error)
{
	char *at = base + row->at;
	const char *text;
	ward_err err = WARD_OK;

	if (node->kind != CONF_VALUE)
		return conf_fail(node, error, "%s is a value, not a section", row->word);
	switch (row->kind) {
	case EXCLUDES:
		return read_excludes(arena, node, watch, error);
	case KEYS:
		return read_key(node, settings, error);
	case ROOTS:
		return read_root(arena, node, settings, error);
	case MAIL:
		return read_kind(node, &watch->maildir, error);
	case MOST:
		return read_act(node, false, &watch->most, error);
	case ACT: {
		enum agent_act act = AGENT_NOTHING;

		err = read_act(node, true, &act, error);
		if (!err)
			memcpy(at, &act, sizeof(act));
		return err;
	}
	case PATH:
		err = read_path(arena, node, &text, error);
		break;
	case TEXT:
		if (node->value.len < row->min || node->value.len > row->max)
			return conf_fail(node, error, "%s has %u to %u letters", row->word,
					(unsigned)row->min, (unsigned)row->max);
		text = keep(arena, node->value);
		err = text ? WARD_OK : no_memory(error);
		break;
	case COUNT:
	case BYTES:
	case TIME:
	case SWITCH:
		return read_number(row, node, at, error);
	}
	if (!err)
		memcpy(at, &text, sizeof(text));
	return err;
}

/* ---- sections ---- */

static bool is_in(const struct row *row, ward_str section)
{
	return strncmp(row->word, section.ptr, section.len) == 0 && row->word[section.len] == '.';
}

static ward_err read_section(struct ward_arena *arena, const struct conf_node *section,
		struct agent_settings *settings, struct agent_watch *watch, char *base,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (const struct conf_node *node = section->child; node && !err; node = node->next) {
		size_t i = 0;

		while (i < ROWS &&
				!(is_in(&table[i], section->name) &&
						ward_str_eq(node->name,
								ward_str_from(table[i].word +
										section->name.len +
										1))))
			i++;
		err = i == ROWS ? conf_fail(node, error, "there is no setting \"%.*s\" in %.*s",
						  (int)(node->name.len < 40 ? node->name.len : 40),
						  node->name.ptr, WARD_FMT(section->name))
				: read_value(arena, &table[i], node, settings, watch, base, error);
	}
	return err;
}

static ward_err read_watch(struct ward_arena *arena, const struct conf_node *section,
		struct agent_settings *settings, struct ward_error *error)
{
	struct agent_watch *watch = &settings->watches[settings->watch_count];

	if (settings->watch_count == AGENT_WATCHES_MAX)
		return conf_fail(section, error, "at most %d folders are watched",
				AGENT_WATCHES_MAX);
	*watch = (struct agent_watch){ .name = keep(arena, section->title), .most = AGENT_HOLD };
	if (!watch->name || section->title.len == 0 || section->title.len > 64)
		return conf_fail(section, error, "a watch has a name: watch \"homes\" { }");
	ward_err err = read_section(arena, section, settings, watch, (char *)watch, error);

	if (!err && !watch->folder)
		err = conf_fail(section, error, "watch \"%s\" wants a folder", watch->name);
	settings->watch_count += !err;
	return err;
}

static ward_err read_bucket(struct ward_arena *arena, const struct conf_node *section,
		struct agent_settings *settings, struct ward_error *error)
{
	struct agent_bucket *bucket = &settings->buckets[settings->bucket_count];

	if (settings->bucket_count == AGENT_BUCKETS_MAX)
		return conf_fail(section, error, "at most %d buckets", AGENT_BUCKETS_MAX);
	*bucket = (struct agent_bucket){ .name = keep(arena, section->title),
		.bytes_max = (uint64_t)4 << 30,
		.time_ms = 300000 };
	if (!bucket->name || section->title.len == 0 || section->title.len > 64)
		return conf_fail(section, error, "a bucket has a name: bucket \"uploads\" { }");
	ward_err err = read_section(arena, section, settings, NULL, (char *)bucket, error);

	if (!err && (!bucket->url || !bucket->keys))
		err = conf_fail(section, error, "bucket \"%s\" wants url and keys", bucket->name);
	if (!err && !s3_may(bucket->url))
		err = conf_fail(section, error,
				"a bucket's url is https, or http on this machine, and ends with "
				"the bucket");
	settings->bucket_count += !err;
	return err;
}

static ward_err read_one(struct ward_arena *arena, const struct conf_node *node,
		struct agent_settings *settings, struct ward_error *error)
{
	bool known = false;

	for (size_t i = 0; i < ROWS; i++)
		known = known || is_in(&table[i], node->name);
	if (!known || node->kind != CONF_SECTION)
		return conf_fail(node, error,
				"there is no section of this name; they are agent, watch, bucket, "
				"media, act, quarantine, spool, wardd and limits");
	if (ward_str_eq(node->name, WARD_STR("watch")))
		return read_watch(arena, node, settings, error);
	if (ward_str_eq(node->name, WARD_STR("bucket")))
		return read_bucket(arena, node, settings, error);
	if (node->title.len > 0)
		return conf_fail(node, error, "only a watch and a bucket have names");
	if (ward_str_eq(node->name, WARD_STR("media")))
		return read_section(arena, node, settings, &settings->media,
				(char *)&settings->media, error);
	return read_section(arena, node, settings, NULL, (char *)settings, error);
}

/* ---- all of it ---- */

static struct agent_settings defaults(void)
{
	return (struct agent_settings){ .name = "",
		.media = { .name = "media", .most = AGENT_HOLD },
		.on_block = AGENT_HOLD,
		.on_hold = AGENT_TELL,
		.spool_bytes_max = (uint64_t)256 << 20,
		.workers = 1,
		.worker_idle_ms = 30000,
		.settle_ms = 2000,
		.every_ms = 900000,
		.refresh_ms = 10000,
		.remember = 1000000,
		.battery_waits = true,
		.whole = true };
}

static const char *within(struct ward_arena *arena, const char *folder, const char *name)
{
	return ward_arena_printf(arena, "%s/%s", folder, name);
}

static ward_err complete(struct ward_arena *arena, const char *file,
		struct agent_settings *settings, struct ward_error *error)
{
	bool holds = settings->on_block == AGENT_HOLD || settings->on_hold == AGENT_HOLD;

	if (!settings->workspace || !settings->folder)
		return ward_fail(error, WARD_E_FORMAT,
				"%s: agent.workspace and agent.folder are wanted", file);
	if (settings->watch_count == 0 && settings->root_count == 0 && settings->bucket_count == 0)
		return ward_fail(error, WARD_E_FORMAT,
				"%s: nothing is watched: watch \"homes\" { "
				"folder = /home }",
				file);
	if (holds && settings->key_count == 0)
		return ward_fail(error, WARD_E_FORMAT,
				"%s: to hold files, quarantine.key is wanted (\"ward verify "
				"--new-secret FILE\" makes one); or act { block = tell }",
				file);
	if ((settings->url == NULL) != (settings->token == NULL))
		return ward_fail(error, WARD_E_FORMAT, "%s: wardd.url and wardd.token go together",
				file);
	if (!settings->quarantine)
		settings->quarantine = within(arena, settings->folder, "held");
	if (!settings->spool)
		settings->spool = within(arena, settings->folder, "spool");
	return settings->quarantine && settings->spool ? WARD_OK : no_memory(error);
}

ward_err agent_settings_read(struct ward_arena *arena, const char *file, ward_str text,
		struct agent_settings *settings, struct ward_error *error)
{
	struct agent_settings *read = ward_new(arena, struct agent_settings, 1);
	struct conf_node *first = NULL;

	if (!read)
		return no_memory(error);
	*read = defaults();
	ward_err err = conf_parse(arena, file, text, NULL, NULL, &first, error);

	for (const struct conf_node *node = first; node && !err; node = node->next)
		err = read_one(arena, node, read, error);
	if (!err)
		err = complete(arena, file, read, error);
	if (!err)
		*settings = *read;
	return err;
}

ward_err agent_settings_open(struct ward_arena *arena, const char *path,
		struct agent_settings *settings, struct ward_error *error)
{
	char *text;
	size_t len;
	ward_err err = file_read(path, CONF_BYTES_MAX, &text, &len, error);

	if (err)
		return err;
	ward_str kept = ward_arena_str(arena, (ward_str){ text, len });
	const char *file = ward_arena_printf(arena, "%s", path);

	free(text);
	return kept.ptr && file ? agent_settings_read(arena, file, kept, settings, error)
				: no_memory(error);
}

/* ---- which files ---- */

/* Every folder on the way counts: what is in an excluded one is excluded. */
bool agent_watch_excludes(const struct agent_watch *watch, const char *path)
{
	char prefix[HELD_PATH_MAX];
	size_t len = strlen(path);

	if (watch->exclude_count == 0)
		return false;
	if (len >= sizeof(prefix))
		return true;
	for (size_t at = watch->folder ? strlen(watch->folder) + 1 : 1; at <= len; at++) {
		if (path[at] != '/' && path[at] != '\0')
			continue;
		memcpy(prefix, path, at);
		prefix[at] = '\0';
		for (size_t i = 0; i < watch->exclude_count; i++) {
			if (place_matches(prefix, watch->exclude[i]))
				return true;
		}
	}
	return false;
}

/* The name of the folder that the file is in: "new" or "cur". */
static bool is_message(const char *path)
{
	const char *name = strrchr(path, '/');

	return name && name - path >= 4 &&
	       (strncmp(name - 4, "/new", 4) == 0 || strncmp(name - 4, "/cur", 4) == 0);
}

bool agent_watch_covers(const struct agent_watch *watch, const char *path)
{
	return !agent_watch_excludes(watch, path) && (!watch->maildir || is_message(path));
}

const struct agent_watch *agent_settings_watch(const struct agent_settings *settings,
		const char *path)
{
	const struct agent_watch *found = NULL;

	for (size_t i = 0; i < settings->watch_count; i++) {
		const struct agent_watch *watch = &settings->watches[i];

		if (place_is_within(path, watch->folder) &&
				(!found || strlen(watch->folder) > strlen(found->folder)))
			found = watch;
	}
	for (size_t i = 0; i < settings->root_count && !found; i++) {
		if (place_is_within(path, settings->roots[i]))
			found = &settings->media;
	}
	return found;
}

bool agent_settings_is_own(const struct agent_settings *settings, const char *path)
{
	return place_is_within(path, settings->folder) ||
	       place_is_within(path, settings->quarantine) ||
	       place_is_within(path, settings->spool) || place_is_within(path, settings->workspace);
}
