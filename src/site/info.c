/*
 * What a list says about itself: the names of it, and what may be said.
 */
#include <ward/site.h>

#include <string.h>

const char *ward_site_sense_name(ward_site_sense sense)
{
	static const char *const names[WARD_SITE_SENSE_COUNT] = { "block", "allow", "log" };

	return sense < WARD_SITE_SENSE_COUNT ? names[sense] : "unknown";
}

const char *ward_site_kind_name(ward_site_kind kind)
{
	static const char *const names[WARD_SITE_KIND_COUNT] = { "page", "prefix", "host", "domain",
		"network", "hash" };

	return kind < WARD_SITE_KIND_COUNT ? names[kind] : "unknown";
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool name_valid(ward_str name)
{
	if (name.len == 0 || name.len >= WARD_SITE_NAME_MAX || !is_letter_or_digit(name.ptr[0]))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!is_letter_or_digit(c) && c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

bool ward_site_info_init(struct ward_site_info *info, ward_str name)
{
	if (!name_valid(name))
		return false;
	*info = (struct ward_site_info){ .enabled = true };
	memcpy(info->name, name.ptr, name.len);
	return true;
}

int64_t ward_site_info_age(const struct ward_site_info *info, int64_t now)
{
	int64_t since = info->issued > 0 ? info->issued : info->changed;

	return now > since ? now - since : 0;
}

bool ward_site_info_is_stale(const struct ward_site_info *info, int64_t now)
{
	return info->stale_after_s > 0 && ward_site_info_age(info, now) > info->stale_after_s;
}

bool ward_site_info_has_expired(const struct ward_site_info *info, int64_t now)
{
	return info->expires != 0 && info->expires <= now;
}
