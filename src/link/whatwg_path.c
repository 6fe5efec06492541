#include "link/whatwg.h"

#include "link/chars.h"

/* Of "/C:/..." in what is written: the first part of the path is a drive letter. */
static bool has_drive(const struct link_parser *p)
{
	const char *path = p->out->ptr + p->path;
	size_t len = p->out->len - p->path;

	return len >= 3 && path[0] == '/' && link_is_alpha(path[1]) && path[2] == ':' &&
	       (len == 3 || path[3] == '/');
}

void link_shorten(struct link_parser *p)
{
	size_t last = p->out->len;

	while (last > p->path && p->out->ptr[last - 1] != '/')
		last--;
	if (last == p->path || (p->file && last == p->path + 1 && has_drive(p)))
		return;
	p->out->len = last - 1;
}

bool link_starts_with_drive(const struct link_parser *p, size_t at)
{
	int letter = link_input(p, at);
	int colon = link_input(p, at + 1);
	int next = link_input(p, at + 2);

	return letter >= 0 && link_is_alpha((char)letter) && (colon == ':' || colon == '|') &&
	       (next < 0 || next == '/' || next == '\\' || next == '?' || next == '#');
}

/* How many dots a part stands for: "..", ".%2E", ...; 0 when it is another. */
static int dots(const struct link_parser *p, size_t from, size_t to)
{
	int count = 0;

	while (from < to && count < 3) {
		if (link_input(p, from) == '.')
			from++;
		else if (to - from >= 3 && link_input(p, from) == '%' &&
				link_input(p, from + 1) == '2' &&
				(link_input(p, from + 2) | 0x20) == 'e')
			from += 3;
		else
			return 0;
		count++;
	}
	return count < 3 ? count : 0;
}

static void put_part(struct link_parser *p, size_t from, size_t to)
{
	bool first = p->out->len == p->path;

	ward_buf_char(p->out, '/');
	link_copy(p, from, to, LINK_ENCODE_PATH);
	if (p->file && first && to - from == 2 && link_starts_with_drive(p, from) &&
			!p->out->failed)
		p->out->ptr[p->out->len - 1] = ':';
}

void link_path(struct link_parser *p, size_t *at)
{
	for (bool more = true; more; ++*at) {
		size_t from = *at;

		while (link_input(p, *at) >= 0 && !link_is_slash(p, *at) &&
				link_input(p, *at) != '?' && link_input(p, *at) != '#')
			++*at;
		more = link_is_slash(p, *at);

		int up = dots(p, from, *at);

		if (up == 2)
			link_shorten(p);
		if (up == 0)
			put_part(p, from, *at);
		else if (!more)
			ward_buf_char(p->out, '/');
		if (!more)
			return;
	}
}

/* Spaces stay, but not the last one, which would be lost when the URL is read again. */
void link_opaque_path(struct link_parser *p, size_t *at)
{
	size_t from = *at;
	int end;

	while ((end = link_input(p, *at)) >= 0 && end != '?' && end != '#')
		++*at;
	if (end >= 0 && *at > from && link_input(p, *at - 1) == ' ') {
		link_copy(p, from, *at - 1, LINK_ENCODE_C0);
		ward_buf_str(p->out, WARD_STR("%20"));
	} else {
		link_copy(p, from, *at, LINK_ENCODE_C0);
	}
}
