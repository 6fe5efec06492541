#include "workspace/titled.h"

#include <string.h>

#include "workspace/settings.h"

bool titled_is(const struct titled *kind, const struct conf_node *node)
{
	return ward_str_eq(node->name, ward_str_from(kind->section));
}

static ward_err check_title(const struct titled *kind, const struct conf_node *node,
		struct ward_error *error)
{
	if (node->kind != CONF_SECTION || node->title.len == 0)
		return conf_fail(node, error, "%s has a name: %s \"name\" { }", kind->one,
				kind->section);
	if (node->title.len >= TITLED_TITLE_MAX || !ward_utf8_valid(node->title))
		return conf_fail(node, error, "the name of %s has at most %d bytes", kind->one,
				TITLED_TITLE_MAX - 1);
	for (size_t i = 0; i < node->title.len; i++) {
		if ((unsigned char)node->title.ptr[i] < ' ' || node->title.ptr[i] == 127)
			return conf_fail(node, error, "the name of %s is one line of text",
					kind->one);
	}
	return WARD_OK;
}

/* Two of one name could not be told apart. */
static ward_err check_unique(const struct titled *kind, const struct conf_node *first,
		const struct conf_node *section, struct ward_error *error)
{
	for (const struct conf_node *node = first; node && node != section; node = node->next) {
		if (titled_is(kind, node) && ward_str_eq(node->title, section->title))
			return conf_fail(section, error, "another %s has this name: %s:%u",
					kind->section, node->file, node->line);
	}
	return WARD_OK;
}

static ward_err read_part(const struct titled *kind, const struct conf_node *node, void *into,
		const struct conf_node **given, struct ward_error *error)
{
	size_t i = 0;

	while (i < kind->count && !ward_str_eq(node->name, ward_str_from(kind->names[i])))
		i++;
	if (i == kind->count) {
		const char *nearest = settings_nearest(node->name, kind->names, kind->count);

		return conf_fail(node, error, "%s has no setting of this name%s%s%s", kind->one,
				nearest ? "; is it \"" : "", nearest ? nearest : "",
				nearest ? "\"?" : "; \"man ward.conf\" has them all");
	}
	if (given[i])
		return conf_fail(node, error, "%s is set a second time; the first is %s:%u",
				kind->names[i], given[i]->file, given[i]->line);
	if (node->kind != CONF_VALUE)
		return conf_fail(node, error, "%s is a value, not a section", kind->names[i]);
	given[i] = node;
	return kind->read(node, i, into, error);
}

ward_err titled_read(const struct titled *kind, const struct conf_node *first,
		const struct conf_node *section, void *into,
		const struct conf_node *given[TITLED_NAMES_MAX], struct ward_error *error)
{
	ward_err err = check_title(kind, section, error);

	memset(given, 0, TITLED_NAMES_MAX * sizeof(*given));
	for (const struct conf_node *node = section->child; node && !err; node = node->next)
		err = read_part(kind, node, into, given, error);
	return err ? err : check_unique(kind, first, section, error);
}

ward_err titled_text(const struct conf_node *node, ward_str *text, struct ward_error *error)
{
	if (node->value.len == 0 || node->value.len >= TITLED_TEXT_MAX ||
			memchr(node->value.ptr, '\n', node->value.len) ||
			!ward_utf8_valid(node->value))
		return conf_fail(node, error, "%.*s wants a text of 1 to %d bytes",
				WARD_FMT(node->name), TITLED_TEXT_MAX - 1);
	*text = node->value;
	return WARD_OK;
}

ward_err titled_switch(const struct conf_node *node, bool *on, struct ward_error *error)
{
	static const char *const words[] = { "no", "off", "false", "yes", "on", "true" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (ward_str_eq(node->value, ward_str_from(words[i]))) {
			*on = i >= 3;
			return WARD_OK;
		}
	}
	return conf_fail(node, error, "%.*s is yes or no", WARD_FMT(node->name));
}
