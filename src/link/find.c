#include "link/find.h"

ward_err ward_links_find(ward_str text, ward_links_in in, ward_links_visit *visit, void *context,
		struct ward_error *error)
{
	struct link_search search = { .visit = visit, .context = context, .where = "text" };

	switch (in) {
	case WARD_LINKS_IN_TEXT:
		link_find_in_text(&search, text, false);
		return WARD_OK;
	case WARD_LINKS_IN_HTML:
		return link_find_in_html(&search, text, error);
	default:
		return ward_fail(error, WARD_E_ARGUMENT, "links are found in text or in HTML");
	}
}

/* What looks like a link and leads to no place on the web. */
static bool is_of_no_use(ward_str text)
{
	static const ward_str schemes[] = {
		{ "data:", 5 },
		{ "mailto:", 7 },
		{ "tel:", 4 },
		{ "about:", 6 },
		{ "cid:", 4 },
	};

	if (text.len == 0 || text.ptr[0] == '#' || text.len > WARD_LINK_MAX)
		return true;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (text.len >= schemes[i].len &&
				ward_str_eq_nocase((ward_str){ text.ptr, schemes[i].len },
						schemes[i]))
			return true;
	}
	return false;
}

void link_found(struct link_search *search, ward_str text, size_t at)
{
	while (text.len > 0 && (uint8_t)text.ptr[0] <= ' ') {
		text = (ward_str){ text.ptr + 1, text.len - 1 };
		at++;
	}
	while (text.len > 0 && (uint8_t)text.ptr[text.len - 1] <= ' ')
		text.len--;
	if (search->stopped || is_of_no_use(text))
		return;

	struct ward_found_link found = {
		.text = text,
		.offset = search->place ? search->place(search, at) : search->offset + at,
		.where = ward_str_from(search->where),
		.loads = search->loads,
	};

	search->stopped = !search->visit(search->context, &found);
}
