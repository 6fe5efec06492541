#include "portal/route.h"

/* clang-format off */
const struct route portal_routes[] = {
	{ "",             false, false, SAY_FIRST_TITLE,        handle_first,        NULL,               page_first },
	{ "report",       false, true,  SAY_WHAT_TITLE,         handle_report,       handle_report_step, NULL },
	{ "help",         false, false, SAY_HELP_TITLE,         handle_help,         NULL,               NULL },
	{ "back",         false, true,  SAY_BACK_TITLE,         handle_back,         handle_back_form,   NULL },
	{ "stop",         false, true,  SAY_STOP_TITLE,         handle_stop,         handle_stop_form,   NULL },
	{ "children",     false, true,  SAY_CHILDREN_TITLE,     handle_plain,        NULL,               page_children },
	{ "nine",         false, true,  SAY_NINE_TITLE,         handle_plain,        NULL,               page_nine },
	{ "twelve",       false, true,  SAY_TWELVE_TITLE,       handle_plain,        NULL,               page_twelve },
	{ "teens",        false, true,  SAY_TEENS_TITLE,        handle_plain,        NULL,               page_teens },
	{ "parents",      false, true,  SAY_PARENTS_TITLE,      handle_plain,        NULL,               page_parents },
	{ "teachers",     false, true,  SAY_TEACHERS_TITLE,     handle_plain,        NULL,               page_teachers },
	{ "mistake",      false, false, SAY_MISTAKE_TITLE,      handle_mistake,      handle_mistake_form, NULL },
	{ "heard",        false, false, SAY_MISTAKE_SENT,       handle_plain,        NULL,               page_heard },
	{ "privacy",      false, false, SAY_PRIVACY_TITLE,      handle_plain,        NULL,               page_privacy },
	{ "transparency", false, true,  SAY_TRANSPARENCY_TITLE, handle_transparency, NULL,               NULL },
	/* files */
	{ "/portal.css",      true, false, SAY_COUNT, handle_file, NULL, NULL },
	{ "/portal.svg",      true, false, SAY_COUNT, handle_file, NULL, NULL },
	{ "/portal/stop.js",  true, false, SAY_COUNT, handle_file, NULL, NULL },
	{ "/portal/pdq.wasm", true, false, SAY_COUNT, handle_file, NULL, NULL },
};
/* clang-format on */

size_t portal_routes_count(void)
{
	return sizeof(portal_routes) / sizeof(*portal_routes);
}

static const struct route *named(ward_str path, bool file)
{
	for (size_t i = 0; i < portal_routes_count(); i++) {
		if (portal_routes[i].file == file &&
				ward_str_eq(path, ward_str_from(portal_routes[i].path)))
			return &portal_routes[i];
	}
	return NULL;
}

const struct route *portal_route_find(ward_str path, const struct language **language, bool *bare)
{
	ward_str rest = path;

	*bare = false;
	if (ward_str_eq(path, WARD_STR("/")))
		return named(WARD_STR(""), false);
	if (named(path, true))
		return named(path, true);
	if (ward_str_cut(&rest, '/').len > 0)
		return NULL;
	ward_str code = ward_str_cut(&rest, '/');
	const struct language *found = language_named(code);

	if (!found)
		return NULL;
	*bare = code.len + 1 == path.len;
	*language = found;
	return named(rest, false);
}
