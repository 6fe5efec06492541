/*
 * The file that dnsdist looks names up in: a constant database (D. J. Bernstein's
 * cdb, as tinycdb writes it), which is what newCDBKVStore opens.
 *
 *     key                            value: what is answered to
 *     "\7harbour\7example\0"         a name and all below it: KeyValueLookupKeySuffix()
 *     "harbour.example"              that name alone: KeyValueLookupKeyQName(false)
 *
 * A key of the first kind ends in a zero and one of the second holds none, so both
 * live in one file.  A name that is listed alone has a key of the first kind, too,
 * with what is answered below it ("pass": nothing by ward) and a "+" behind that,
 * which sends who reads it to the second kind: so one look by suffixes tells of
 * most names that they are in no list, and of most others what is answered.
 *
 * The value is one word: "nx15" and "nx16" (no such domain, and the code of
 * RFC 8914 for why), "page15" and "page16" (the block page), "steer", "allow",
 * "pass".  A search engine's name is not there: dnsdist would answer a CNAME
 * without the address behind it, which the resolvers of devices do not follow.
 */
#include <cdb.h>
#include <errno.h>
#include <string.h>

#include "exchange/out.h"
#include "exchange/site_write.h"

/* A name in the form of the wire: its labels, each behind its length.  The set's names fit. */
static size_t wire_name(const char *name, uint8_t out[EXCHANGE_SITE_NAME_MAX])
{
	size_t len = 0;
	ward_str rest = ward_str_from(name);

	while (rest.len > 0) {
		ward_str label = ward_str_cut(&rest, '.');

		out[len++] = (uint8_t)label.len;
		memcpy(out + len, label.ptr, label.len);
		len += label.len;
	}
	out[len++] = 0;
	return len;
}

static const char *value_of(const struct exchange_site_name *name,
		const struct exchange_site_dns *options)
{
	if (name->action == EXCHANGE_SITE_STEERS)
		return "steer";
	if (name->action == EXCHANGE_SITE_ALLOWS)
		return "allow";
	if (options->answer == EXCHANGE_SITE_PAGE)
		return name->mandatory ? "page16" : "page15";
	return name->mandatory ? "nx16" : "nx15";
}

static ward_err cannot_write(struct ward_error *error)
{
	/* Its numbers are of 32 bits. */
	if (errno == ENOMEM)
		return ward_fail(error, WARD_E_LIMIT, "the names are more than a CDB file holds");
	return ward_fail(error, WARD_E_IO, "cannot write the CDB file: %s", strerror(errno));
}

static ward_err put(struct cdb_make *cdb, const void *key, size_t len, const char *value,
		struct ward_error *error)
{
	return cdb_make_add(cdb, key, (unsigned)len, value, (unsigned)strlen(value)) < 0
			       ? cannot_write(error)
			       : WARD_OK;
}

/* Is the name listed alone as well as with all below it?  Then its own entry comes next. */
static bool is_twice(const struct exchange_site_names *names, size_t index,
		const struct exchange_site_name *name)
{
	struct exchange_site_name next;

	if (!name->below || index + 1 == exchange_site_names_count(names))
		return false;
	exchange_site_names_at(names, index + 1, &next);
	return next.action != EXCHANGE_SITE_SAFE && strcmp(next.name, name->name) == 0;
}

static const char *value_with_plus(const struct exchange_site_name *name,
		const struct exchange_site_dns *options)
{
	static const char *const values[] = { "nx15+", "nx16+", "page15+", "page16+", "allow+" };
	const char *value = value_of(name, options);
	size_t i = 0;

	while (i < sizeof(values) / sizeof(*values) - 1 &&
			strncmp(values[i], value, strlen(values[i]) - 1) != 0)
		i++;
	return values[i];
}

/* What is answered below a name that is listed alone; NULL: its own entry says it. */
static const char *value_below(const struct exchange_site_names *names, size_t index,
		const struct exchange_site_name *name, const struct exchange_site_dns *options)
{
	struct exchange_site_name above;

	if (name->above == index)
		return "pass+";
	exchange_site_names_at(names, name->above, &above);
	return strcmp(above.name, name->name) == 0 ? NULL : value_with_plus(&above, options);
}

static ward_err add(struct cdb_make *cdb, const struct exchange_site_names *names, size_t index,
		const struct exchange_site_name *name, const struct exchange_site_dns *options,
		struct ward_error *error)
{
	uint8_t wire[EXCHANGE_SITE_NAME_MAX];
	size_t len = wire_name(name->name, wire);
	const char *below;
	ward_err err;

	if (name->below)
		return put(cdb, wire, len,
				is_twice(names, index, name) ? value_with_plus(name, options)
							     : value_of(name, options),
				error);
	err = put(cdb, name->name, strlen(name->name), value_of(name, options), error);
	below = value_below(names, index, name, options);
	return err || !below ? err : put(cdb, wire, len, below, error);
}

static ward_err add_all(struct cdb_make *cdb, const struct exchange_site_names *names,
		const struct exchange_site_dns *options, struct exchange_site_written *written,
		struct ward_error *error)
{
	struct exchange_site_name name;
	ward_err err = WARD_OK;

	for (size_t i = 0; i < exchange_site_names_count(names) && !err; i++) {
		exchange_site_names_at(names, i, &name);
		if (name.action == EXCHANGE_SITE_SAFE)
			continue;
		err = add(cdb, names, i, &name, options, error);
		written->names++;
	}
	return err;
}

ward_err exchange_site_cdb_write(const struct ward_site_view *view,
		const struct exchange_site_dns *options, const char *path,
		struct exchange_site_written *written, struct ward_error *error)
{
	struct exchange_site_names *names;
	struct exchange_out out;
	struct cdb_make cdb;
	ward_err err = exchange_site_names_new(view, options, &names, error);

	if (err)
		return err;
	struct exchange_site_written counted = { .left_out = exchange_site_names_left_out(names) };

	err = exchange_out_begin(&out, path, options->hidden ? 0600 : 0644, error);
	out.keep_old = !err && path;
	if (!err && cdb_make_start(&cdb, out.fd) < 0)
		err = cannot_write(error);
	else if (!err) {
		err = add_all(&cdb, names, options, &counted, error);
		/* Also after a failure: it gives the memory back. */
		if (cdb_make_finish(&cdb) < 0 && !err)
			err = cannot_write(error);
	}
	err = exchange_out_end(&out, err, error);
	exchange_site_names_free(names);
	if (!err && written)
		*written = counted;
	return err;
}
