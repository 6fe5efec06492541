#include "exchange/site_rpz.h"

#include <ward/link.h>

#include "exchange/site_format.h"

/* A name as lists have it: in lower case, without its last dot.  "" when it is too long. */
static ward_str plain(ward_str name, char room[EXCHANGE_SITE_NAME_MAX])
{
	if (ward_str_ends(name, WARD_STR(".")))
		name.len--;
	if (name.len >= EXCHANGE_SITE_NAME_MAX)
		name.len = 0;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		room[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return (ward_str){ room, name.len };
}

/* Is it a name that search engines have a safer host for, or is `target` such a host? */
static bool is_safe_search(const struct exchange_safe_pairs *safe, ward_str name, ward_str target)
{
	for (size_t i = 0; i < safe->count; i++) {
		if (ward_str_eq(name, safe->at[i].name) ||
				(target.len > 0 && ward_str_eq(target, safe->at[i].host)))
			return true;
	}
	return false;
}

static bool is_same_site(ward_str name, ward_str target)
{
	ward_str own = ward_host_registered(name), other = ward_host_registered(target);

	return own.len > 0 && ward_str_eq(own, other);
}

/* "rpz-word" for each action, present or to come. */
static enum exchange_rpz_action special(ward_str word)
{
	if (ward_str_eq_nocase(word, WARD_STR("rpz-passthru.")))
		return EXCHANGE_RPZ_ALLOWS;
	if (ward_str_eq_nocase(word, WARD_STR("rpz-drop.")))
		return EXCHANGE_RPZ_BLOCKS;
	if (ward_str_eq_nocase(word, WARD_STR("rpz-tcp-only.")))
		return EXCHANGE_RPZ_TCP_ONLY;
	return ward_str_ends(word, WARD_STR(".")) ? EXCHANGE_RPZ_UNKNOWN : EXCHANGE_RPZ_NO_DOT;
}

static enum exchange_rpz_action of_alias(const struct exchange_safe_pairs *safe, ward_str name,
		ward_str target)
{
	char name_room[EXCHANGE_SITE_NAME_MAX], target_room[EXCHANGE_SITE_NAME_MAX];
	bool whole = ward_str_ends(target, WARD_STR("."));
	ward_str top = target;

	if (ward_str_eq(target, WARD_STR(".")) || ward_str_eq(target, WARD_STR("*.")))
		return EXCHANGE_RPZ_BLOCKS;
	if (ward_str_eq(target, WARD_STR("*")))
		return EXCHANGE_RPZ_NO_DOT;
	top.len -= whole;
	if (!memchr(top.ptr, '.', top.len) && top.len > 4 &&
			ward_str_eq_nocase((ward_str){ top.ptr, 4 }, WARD_STR("rpz-")))
		return special(target);
	if (!whole)
		return EXCHANGE_RPZ_WALLS; /* a host of the zone's own */
	name = plain(name, name_room);
	target = plain(target, target_room);
	if (name.len > 0 && ward_str_eq(name, target))
		return EXCHANGE_RPZ_ALLOWS; /* as the first drafts had it */
	if (is_safe_search(safe, name, target))
		return EXCHANGE_RPZ_SAFE_SEARCH;
	return is_same_site(name, target) ? EXCHANGE_RPZ_SAME_SITE : EXCHANGE_RPZ_WALLS;
}

static enum exchange_rpz_action of_address(const struct exchange_safe_pairs *safe, ward_str name,
		ward_str address)
{
	char room[EXCHANGE_SITE_NAME_MAX];

	if (exchange_site_is_sink(address))
		return EXCHANGE_RPZ_BLOCKS;
	return is_safe_search(safe, plain(name, room), WARD_STR("")) ? EXCHANGE_RPZ_SAFE_SEARCH
								     : EXCHANGE_RPZ_WALLS;
}

enum exchange_rpz_action exchange_rpz_action_of(const struct exchange_safe_pairs *safe,
		ward_str name, ward_str type, ward_str data)
{
	if (ward_str_eq_nocase(type, WARD_STR("CNAME")))
		return of_alias(safe, name, data);
	if (ward_str_eq_nocase(type, WARD_STR("A")) || ward_str_eq_nocase(type, WARD_STR("AAAA")))
		return of_address(safe, name, data);
	return EXCHANGE_RPZ_NOTHING;
}
