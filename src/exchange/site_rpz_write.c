/*
 * A response policy zone (draft-vixie-dnsop-dns-rpz-00), one record a line, and
 * what changed since the file that is there as updates (RFC 2136).
 *
 *     name CNAME .                  and "*.name" for all below it
 *     name CNAME rpz-passthru.      an exception
 *     name A 192.0.2.1              the block page's or the proxy's address
 *     name CNAME host.              a search engine's
 *
 * A wildcard holds below a name only as far as no other name of the zone stands
 * between (RFC 4592, closest encloser): an exception "a.b.name" takes "c.b.name"
 * and "b.name" out of "*.name".  So what stands between is written out again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "exchange/out.h"
#include "exchange/site_write.h"

#define ZONE_DEFAULT "rpz.ward"
#define NAME_MAX_LEN 253
#define SOA_TAIL     "3600 600 604800"

struct zone {
	const struct exchange_site_names *names;
	const struct exchange_site_dns *options;
	const char *zone;
	uint32_t ttl, serial;
	struct exchange_out out;
	char last[EXCHANGE_SITE_NAME_MAX]; /* the owner last written, without a star */
	struct exchange_site_written written;
};

/* ---- records ---- */

static void put_addresses(struct zone *zone, const char *owner, const char *four, const char *six)
{
	if (four[0])
		exchange_out_printf(&zone->out, "%s A %s\n", owner, four);
	if (six[0])
		exchange_out_printf(&zone->out, "%s AAAA %s\n", owner, six);
}

static void put_record(struct zone *zone, const char *owner, const struct exchange_site_name *name)
{
	switch (name->action) {
	case EXCHANGE_SITE_BLOCKS:
		if (zone->options->answer == EXCHANGE_SITE_PAGE)
			put_addresses(zone, owner, zone->options->page4, zone->options->page6);
		else
			exchange_out_printf(&zone->out, "%s CNAME .\n", owner);
		break;
	case EXCHANGE_SITE_ALLOWS:
		exchange_out_printf(&zone->out, "%s CNAME rpz-passthru.\n", owner);
		break;
	case EXCHANGE_SITE_STEERS:
		put_addresses(zone, owner, zone->options->steer4, zone->options->steer6);
		break;
	case EXCHANGE_SITE_SAFE:
		exchange_out_printf(&zone->out, "%s CNAME %.*s.\n", owner, WARD_FMT(name->safe));
		break;
	}
}

static void put_below(struct zone *zone, const char *owner, const struct exchange_site_name *name)
{
	char star[EXCHANGE_SITE_NAME_MAX + 2];

	snprintf(star, sizeof(star), "*.%s", owner);
	put_record(zone, star, name);
}

/* Is `name` the owner last written, or above it? */
static bool is_written(const struct zone *zone, const char *name)
{
	size_t len = strlen(name), last = strlen(zone->last);

	return last >= len && strcmp(zone->last + last - len, name) == 0 &&
	       (last == len || zone->last[last - len - 1] == '.');
}

/* What stands between a name and the one above it that answers for it. */
static void put_between(struct zone *zone, const struct exchange_site_name *name,
		const struct exchange_site_name *above)
{
	const char *at = name->name + strlen(name->name) - strlen(above->name);

	/* From the top down: "b.name", then "a.b.name". */
	while (at - 2 > name->name) {
		const char *label = at - 2;

		while (label > name->name && label[-1] != '.')
			label--;
		if (label == name->name)
			break;
		if (!is_written(zone, label)) {
			put_record(zone, label, above);
			put_below(zone, label, above);
		}
		at = label;
	}
}

static void put_name(struct zone *zone, size_t index)
{
	struct exchange_site_name name, above;

	exchange_site_names_at(zone->names, index, &name);
	if (strlen(name.name) + strlen(zone->zone) + 4 > NAME_MAX_LEN) {
		zone->written.left_out++;
		return;
	}
	if (name.above != index) {
		exchange_site_names_at(zone->names, name.above, &above);
		if (strcmp(above.name, name.name) != 0)
			put_between(zone, &name, &above);
	}
	zone->written.names++;
	/* With all below it, and an entry of its own for the name alone: that one comes next. */
	bool twice = false;

	if (name.below && index + 1 < exchange_site_names_count(zone->names)) {
		struct exchange_site_name next;

		exchange_site_names_at(zone->names, index + 1, &next);
		twice = strcmp(next.name, name.name) == 0;
	}
	if (!twice)
		put_record(zone, name.name, &name);
	if (name.below)
		put_below(zone, name.name, &name);
	else if (name.above != index && strcmp(above.name, name.name) != 0)
		put_below(zone, name.name, &above);
	memcpy(zone->last, name.name, sizeof(zone->last));
}

/* ---- the file that is there ---- */

/* A zone of ours: its serial stands in a line of its own form. */
static bool read_serial(const struct file_map *map, uint32_t *serial, ward_str *body)
{
	static const char soa[] = "@ SOA localhost. hostmaster.localhost. ";
	ward_str rest = { (const char *)map->ptr, map->len };
	uint64_t value;

	for (int i = 0; i < 8 && rest.len > 0; i++) {
		ward_str line = ward_str_cut(&rest, '\n');

		if (!ward_str_starts(line, WARD_STR("@ SOA localhost. hostmaster.localhost. ")))
			continue;
		line = (ward_str){ line.ptr + sizeof(soa) - 1, line.len - (sizeof(soa) - 1) };
		if (!ward_u64_parse(ward_str_cut(&line, ' '), &value) || value > UINT32_MAX)
			return false;
		*serial = (uint32_t)value;
		*body = rest;
		return true;
	}
	return false;
}

/* Serials go round (RFC 1982): `a` is behind `b`. */
static bool is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static ward_err write_zone(struct zone *zone, const char *path, struct ward_error *error)
{
	ward_err err = exchange_out_begin(&zone->out, path, zone->options->hidden ? 0600 : 0644,
			error);

	if (err)
		return err;
	exchange_out_printf(&zone->out,
			"$TTL %u\n$ORIGIN %s.\n"
			"@ SOA localhost. hostmaster.localhost. %u " SOA_TAIL " %u\n"
			"@ NS localhost.\n",
			zone->ttl, zone->zone, zone->serial, zone->ttl);
	for (size_t i = 0; i < exchange_site_names_count(zone->names); i++)
		put_name(zone, i);
	return WARD_OK;
}

/* ---- what changed ---- */

struct lines {
	ward_str *at;
	size_t count;
};

static int by_text(const void *a, const void *b)
{
	return ward_str_cmp(*(const ward_str *)a, *(const ward_str *)b);
}

static bool sorted_lines(ward_str text, struct lines *lines)
{
	size_t count = 1;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == '\n';
	*lines = (struct lines){ .at = calloc(count, sizeof(*lines->at)) };
	if (!lines->at)
		return false;
	while (text.len > 0) {
		ward_str line = ward_str_cut(&text, '\n');

		if (line.len > 0 && !ward_str_starts(line, WARD_STR("@ ")))
			lines->at[lines->count++] = line;
	}
	qsort(lines->at, lines->count, sizeof(*lines->at), by_text);
	return true;
}

/* A message of DNS holds 64 kB; names are 255 bytes at most, and mostly far less. */
#define BATCH_BYTES 32768

struct update {
	const struct zone *zone;
	struct exchange_out out;
	uint32_t from, now; /* serials: of the last batch, of this one */
	size_t bytes;       /* of this batch; 0: none is begun */
	ward_str owner;
};

static void soa(struct update *update, const char *before, uint32_t serial)
{
	exchange_out_printf(&update->out,
			"%s%s. %s%sSOA localhost. hostmaster.localhost. %u " SOA_TAIL " %u\n",
			before, update->zone->zone, before[0] == 'p' ? "" : "60 ",
			before[0] == 'p' ? "IN " : "", serial, update->zone->ttl);
}

/* Each batch says from which serial it starts, so none is taken when one before it was not. */
static void end_batch(struct update *update, uint32_t serial)
{
	soa(update, "update add ", serial);
	exchange_out_text(&update->out, "send\n");
	update->from = serial;
	update->bytes = 0;
}

static void change(struct update *update, bool gone, ward_str line)
{
	ward_str rest = line, owner = ward_str_cut(&rest, ' ');

	/* What an owner had and what it gets are in one batch: no query sees it without either. */
	if (update->bytes > BATCH_BYTES && !ward_str_eq(owner, update->owner))
		end_batch(update, update->from + 1);
	if (update->bytes == 0)
		soa(update, "prereq yxrrset ", update->from);
	update->owner = owner;
	exchange_out_printf(&update->out, "update %s %.*s.%s. ", gone ? "delete" : "add",
			WARD_FMT(owner), update->zone->zone);
	if (!gone)
		exchange_out_printf(&update->out, "%u ", update->zone->ttl);
	exchange_out_printf(&update->out, "%.*s\n", WARD_FMT(rest));
	update->bytes += 2 * line.len + 64;
}

static ward_str owner_of(ward_str line)
{
	return ward_str_cut(&line, ' ');
}

/* For each owner first what goes, then what comes. */
static void change_all(struct update *update, const struct lines *old, const struct lines *new)
{
	size_t a = 0, b = 0;

	while (a < old->count || b < new->count) {
		ward_str owner = a == old->count ? owner_of(new->at[b]) : owner_of(old->at[a]);
		size_t a_end = a, b_end = b;

		if (a < old->count && b < new->count &&ward_str_cmp(new->at[b], old->at[a]) < 0 &&
				!ward_str_eq(owner_of(new->at[b]), owner))
			owner = owner_of(new->at[b]);
		while (a_end < old->count && ward_str_eq(owner_of(old->at[a_end]), owner))
			a_end++;
		while (b_end < new->count && ward_str_eq(owner_of(new->at[b_end]), owner))
			b_end++;
		for (size_t i = a; i < a_end; i++) {
			size_t j = b;

			while (j < b_end && !ward_str_eq(old->at[i], new->at[j]))
				j++;
			if (j == b_end)
				change(update, true, old->at[i]);
		}
		for (size_t j = b; j < b_end; j++) {
			size_t i = a;

			while (i < a_end && !ward_str_eq(old->at[i], new->at[j]))
				i++;
			if (i == a_end)
				change(update, false, new->at[j]);
		}
		a = a_end;
		b = b_end;
	}
}

static ward_err write_update(const struct zone *zone, ward_str old_body, uint32_t old_serial,
		ward_str new_body, const char *path, struct ward_error *error)
{
	struct update update = { .zone = zone, .from = old_serial };
	struct lines old = { 0 }, new = { 0 };
	ward_err err = exchange_out_begin(&update.out, path, zone->options->hidden ? 0600 : 0644,
			error);

	if (err)
		return err;
	if (sorted_lines(old_body, &old) && sorted_lines(new_body, &new)) {
		exchange_out_printf(&update.out, "zone %s.\n", zone->zone);
		change_all(&update, &old, &new);
		if (update.bytes > 0)
			end_batch(&update, zone->serial);
	} else {
		err = ward_fail(error, WARD_E_NOMEM, "no memory to compare the zones");
	}
	err = exchange_out_end(&update.out, err, error);
	free(old.at);
	free(new.at);
	return err;
}

/* ---- the zone ---- */

/*
 * The new zone is beside the old one.  The same: the old one stays.  Else the
 * update is written first, since the old one is needed for it.
 */
static ward_err replace(struct zone *zone, const struct file_map *old, const char *update,
		struct ward_error *error)
{
	struct file_map map = { 0 };
	ward_str new_body = WARD_STR(""), old_body = WARD_STR("");
	uint32_t old_serial = 0, serial;
	ward_err err = WARD_OK;

	exchange_out_flush(&zone->out);
	if (!zone->out.err)
		err = file_map_open(zone->out.beside, &map, error);
	if (!err && !zone->out.err && read_serial(old, &old_serial, &old_body) &&
			read_serial(&map, &serial, &new_body)) {
		zone->written.unchanged = ward_str_eq(old_body, new_body);
		if (update && !zone->written.unchanged)
			err = write_update(zone, old_body, old_serial, new_body, update, error);
	}
	if (zone->written.unchanged)
		zone->serial = old_serial;
	file_map_close(&map);
	return err;
}

static ward_err check_options(const struct exchange_site_dns *options, struct ward_error *error)
{
	if (options->answer == EXCHANGE_SITE_PAGE && !options->page4[0] && !options->page6[0])
		return ward_fail(error, WARD_E_ARGUMENT, "the address of the block page is wanted");
	if (options->steer && !options->steer4[0] && !options->steer6[0])
		return ward_fail(error, WARD_E_ARGUMENT,
				"the address of the proxy that is steered to is wanted");
	return WARD_OK;
}

static ward_err write_file(struct zone *zone, const struct file_map *old, const char *path,
		const char *update, struct ward_error *error)
{
	uint32_t old_serial = 0;
	ward_str old_body;
	bool known = old->len > 0 && read_serial(old, &old_serial, &old_body);

	if (update && !known)
		return ward_fail(error, WARD_E_NOT_FOUND,
				"there is no zone at %s to tell the changes since: write it whole "
				"first",
				path ? path : "standard output");
	/* Room for a serial of each batch of an update. */
	zone->serial = (uint32_t)clock_now();
	if (known && !is_after(zone->serial, old_serial + 4096))
		zone->serial = old_serial + 4097;
	ward_err err = write_zone(zone, path, error);

	if (err)
		return err;
	if (path)
		err = replace(zone, old, update, error);
	if (!err && zone->written.unchanged) {
		exchange_out_drop(&zone->out);
		return WARD_OK;
	}
	return exchange_out_end(&zone->out, err, error);
}

ward_err exchange_site_rpz_write(const struct ward_site_view *view,
		const struct exchange_site_dns *options, const char *path, const char *update,
		struct exchange_site_written *written, struct ward_error *error)
{
	struct zone zone = { .options = options, .ttl = options->ttl ? options->ttl : 60 };
	struct exchange_site_names *names;
	struct file_map old = { 0 };
	ward_err err = check_options(options, error);

	if (!err)
		err = exchange_site_names_new(view, options, &names, error);
	if (err)
		return err;
	zone.names = names;
	zone.zone = options->zone[0] ? options->zone : ZONE_DEFAULT;
	zone.written.left_out = exchange_site_names_left_out(names);
	/* One that is not there, or cannot be read, has no serial. */
	if (path && file_map_open(path, &old, NULL) != WARD_OK)
		old = (struct file_map){ 0 };
	err = write_file(&zone, &old, path, update, error);
	file_map_close(&old);
	exchange_site_names_free(names);
	zone.written.serial = zone.serial;
	if (!err && written)
		*written = zone.written;
	return err;
}
