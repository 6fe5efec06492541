#include "workspace/conf.h"

#include <stdarg.h>

struct parser {
	struct ward_arena *arena;
	conf_include *include;
	void *context;
	struct ward_error *error;
	/* the file being read */
	const char *file;
	ward_str rest;
	unsigned line;
	int includes;       /* how deep in files */
	size_t *bytes_left; /* of all files together */
};

static ward_err fail_at(const char *file, unsigned line, struct ward_error *error, const char *fmt,
		va_list args) WARD_PRINTF(4, 0);

static ward_err fail_at(const char *file, unsigned line, struct ward_error *error, const char *fmt,
		va_list args)
{
	char words[200];

	vsnprintf(words, sizeof(words), fmt, args);
	return ward_fail(error, WARD_E_FORMAT, "%s:%u: %s", file, line, words);
}

ward_err conf_fail(const struct conf_node *node, struct ward_error *error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	ward_err err = fail_at(node->file, node->line, error, fmt, args);
	va_end(args);
	return err;
}

static ward_err fail(const struct parser *parser, const char *fmt, ...) WARD_PRINTF(2, 3);

static ward_err fail(const struct parser *parser, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	ward_err err = fail_at(parser->file, parser->line, parser->error, fmt, args);
	va_end(args);
	return err;
}

static ward_err no_memory(const struct parser *parser)
{
	return ward_fail(parser->error, WARD_E_NOMEM, "no memory for the configuration");
}

/* ---- characters ---- */

/* '\0' at the end, which is also what a NUL in the text is: neither is part of anything. */
static char peek(const struct parser *parser)
{
	return parser->rest.len > 0 ? parser->rest.ptr[0] : '\0';
}

static char take(struct parser *parser)
{
	char c = peek(parser);

	parser->rest.ptr++;
	parser->rest.len--;
	parser->line += c == '\n';
	return c;
}

static bool starts(const struct parser *parser, const char *text)
{
	return ward_str_starts(parser->rest, ward_str_from(text));
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

static ward_err skip_comment(struct parser *parser)
{
	int depth = 0;

	do {
		if (starts(parser, "/*") || starts(parser, "*/")) {
			depth += peek(parser) == '/' ? 1 : -1;
			take(parser);
		}
		take(parser);
	} while (depth > 0 && parser->rest.len > 0);
	return depth > 0 ? fail(parser, "a comment has no end; write */") : WARD_OK;
}

/* Blanks and comments; also line ends and separators, where `lines` are passed over. */
static ward_err skip(struct parser *parser, bool lines)
{
	ward_err err = WARD_OK;

	while (!err && parser->rest.len > 0) {
		char c = peek(parser);

		if (c == ' ' || c == '\t' || c == '\r' ||
				(lines && (c == '\n' || c == ';' || c == ','))) {
			take(parser);
		} else if (c == '#') {
			while (parser->rest.len > 0 && peek(parser) != '\n')
				take(parser);
		} else if (starts(parser, "/*")) {
			err = skip_comment(parser);
		} else {
			break;
		}
	}
	return err;
}

/* ---- values ---- */

static bool unescape(char c, char *out)
{
	static const char from[] = "nrt\\\"'/", to[] = "\n\r\t\\\"'/";
	const char *at = c ? strchr(from, c) : NULL;

	if (at)
		*out = to[at - from];
	return at != NULL;
}

/* How long the text is up to its closing quote; SIZE_MAX when there is none on its line. */
static size_t quoted_len(ward_str rest, char quote)
{
	for (size_t i = 0; i < rest.len && rest.ptr[i] != '\n'; i++) {
		if (rest.ptr[i] == quote)
			return i;
		i += rest.ptr[i] == '\\' && quote == '"';
	}
	return SIZE_MAX;
}

/* As in UCL, only double quotes know escapes. */
static ward_err read_quoted(struct parser *parser, ward_str *value)
{
	char quote = take(parser);
	size_t len = quoted_len(parser->rest, quote);

	if (len == SIZE_MAX)
		return fail(parser, "a text has no end; write %c", quote);
	char *text = ward_new(parser->arena, char, len + 1);
	size_t filled = 0;

	if (!text)
		return no_memory(parser);
	while (peek(parser) != quote) {
		char c = take(parser);

		if (c == '\\' && quote == '"' && !unescape(take(parser), &c))
			return fail(parser, "after \\ in a text comes one of n r t \\ / \" '");
		text[filled++] = c;
	}
	take(parser);
	*value = (ward_str){ text, filled };
	return WARD_OK;
}

/* To the end of the line, a separator, a comment, or what closes the section or array. */
static ward_str read_bare(struct parser *parser)
{
	const char *from = parser->rest.ptr;

	while (parser->rest.len > 0 && !strchr("\n;,}]{[#\"'", peek(parser)) &&
			!starts(parser, "/*"))
		take(parser);
	return ward_str_trim((ward_str){ from, (size_t)(parser->rest.ptr - from) });
}

static ward_err read_word(struct parser *parser, ward_str *value)
{
	char c = peek(parser);

	if (c == '"' || c == '\'')
		return read_quoted(parser, value);
	*value = read_bare(parser);
	return value->len > 0 ? WARD_OK : fail(parser, "a value is missing here");
}

/* "[a, b]" is the same as "a b". */
static ward_err read_array(struct parser *parser, ward_str *value)
{
	struct ward_buf text;
	ward_str word;
	ward_err err;

	ward_buf_init(&text, CONF_BYTES_MAX);
	take(parser);
	while (!(err = skip(parser, true)) && peek(parser) != ']') {
		err = read_word(parser, &word);
		if (err)
			break;
		if (text.len > 0)
			ward_buf_char(&text, ' ');
		ward_buf_str(&text, word);
	}
	if (!err) {
		take(parser);
		*value = ward_arena_str(parser->arena, ward_buf_text(&text));
		if (text.failed || !value->ptr)
			err = no_memory(parser);
	}
	ward_buf_free(&text);
	return err;
}

static ward_err read_value(struct parser *parser, ward_str *value)
{
	ward_err err = peek(parser) == '[' ? read_array(parser, value) : read_word(parser, value);

	if (!err)
		err = skip(parser, false);
	if (!err && parser->rest.len > 0 && !strchr("\n;,}", peek(parser)))
		err = fail(parser, "one value is enough; end it with a semicolon");
	return err;
}

/* ---- nodes ---- */

static ward_err read_nodes(struct parser *parser, int depth, struct conf_node **first);

static ward_err read_name(struct parser *parser, ward_str *name)
{
	const char *from = parser->rest.ptr;

	/* As in JSON, a name may stand in quotes. */
	if (peek(parser) == '"')
		return read_quoted(parser, name);
	while (is_name(peek(parser)))
		take(parser);
	*name = (ward_str){ from, (size_t)(parser->rest.ptr - from) };
	return name->len > 0 ? WARD_OK
			     : fail(parser, "a setting's name or a closing } is expected here");
}

static ward_err read_section(struct parser *parser, struct conf_node *node, int depth)
{
	ward_err err;

	node->kind = CONF_SECTION;
	take(parser);
	if (depth == CONF_DEPTH_MAX)
		return fail(parser, "sections go %d deep, not deeper", CONF_DEPTH_MAX);
	err = read_nodes(parser, depth + 1, &node->child);
	if (!err && parser->rest.len == 0)
		return conf_fail(node, parser->error, "this section has no end; write }");
	if (!err)
		take(parser);
	return err;
}

/* Behind the name: a section, a title and its section, or a value. */
static ward_err read_body(struct parser *parser, struct conf_node *node, int depth)
{
	bool sign = false;
	ward_err err = skip(parser, false);

	if (!err && (peek(parser) == '=' || peek(parser) == ':')) {
		sign = true;
		take(parser);
		err = skip(parser, false);
	}
	if (err || peek(parser) == '{')
		return err ? err : read_section(parser, node, depth);
	bool quoted = peek(parser) == '"' || peek(parser) == '\'';

	if (!quoted || sign)
		return read_value(parser, &node->value);
	err = read_quoted(parser, &node->value);
	if (!err)
		err = skip(parser, false);
	if (err || peek(parser) != '{') {
		if (!err && parser->rest.len > 0 && !strchr("\n;,}", peek(parser)))
			err = fail(parser, "one value is enough; end it with a semicolon");
		return err;
	}
	node->title = node->value;
	node->value = (ward_str){ NULL, 0 };
	return read_section(parser, node, depth);
}

/* A name that can stand in a message. */
static bool is_plain(ward_str path)
{
	bool plain = path.len > 0 && path.len <= CONF_PATH_MAX;

	for (size_t i = 0; plain && i < path.len; i++)
		plain = path.ptr[i] >= ' ' && path.ptr[i] <= '~';
	return plain;
}

/* Reads the file in place of the line that names it. */
static ward_err read_include(struct parser *parser, int depth, struct conf_node **first)
{
	struct parser inner = *parser;
	struct ward_error why;
	ward_str path, text;
	ward_err err = skip(parser, false);

	if (!err)
		err = read_value(parser, &path);
	if (err)
		return err;
	if (!parser->include)
		return fail(parser, "other files cannot be included here");
	if (!is_plain(path))
		return fail(parser, "a file to include has a name of at most %d plain letters",
				CONF_PATH_MAX);
	if (parser->includes == CONF_DEPTH_MAX)
		return fail(parser, "files include each other more than %d deep", CONF_DEPTH_MAX);
	if (parser->include(parser->context, path, parser->arena, &text, &why) != WARD_OK)
		return fail(parser, "%s", why.message);
	if (text.len > *parser->bytes_left)
		return fail(parser, "the configuration is larger than %zu bytes", CONF_BYTES_MAX);
	*parser->bytes_left -= text.len;
	inner.file = ward_arena_str(parser->arena, path).ptr;
	if (!inner.file)
		return no_memory(parser);
	inner.rest = text;
	inner.line = 1;
	inner.includes++;
	err = read_nodes(&inner, depth, first);
	if (!err && inner.rest.len > 0)
		err = fail(&inner, "this } closes nothing");
	return err;
}

static ward_err read_node(struct parser *parser, int depth, struct conf_node **node)
{
	struct conf_node *made = ward_new(parser->arena, struct conf_node, 1);
	ward_err err;

	if (!made)
		return no_memory(parser);
	made->file = parser->file;
	made->line = parser->line;
	err = read_name(parser, &made->name);
	if (err)
		return err;
	if (ward_str_eq(made->name, WARD_STR(".include")))
		return read_include(parser, depth, node);
	if (made->name.ptr[0] == '.')
		return fail(parser, "the only word with a dot before it is .include");
	err = read_body(parser, made, depth);
	if (!err)
		*node = made;
	return err;
}

/* Up to the end of the text, or to a } that the caller looks at. */
static ward_err read_nodes(struct parser *parser, int depth, struct conf_node **first)
{
	struct conf_node **at = first;
	ward_err err;

	while (!(err = skip(parser, true)) && parser->rest.len > 0 && peek(parser) != '}') {
		err = read_node(parser, depth, at);
		if (err)
			break;
		while (*at)
			at = &(*at)->next;
	}
	return err;
}

ward_err conf_parse(struct ward_arena *arena, const char *file, ward_str text,
		conf_include *include, void *context, struct conf_node **first,
		struct ward_error *error)
{
	size_t bytes_left = CONF_BYTES_MAX;
	struct conf_node *nodes = NULL;
	struct parser parser = {
		.arena = arena,
		.include = include,
		.context = context,
		.error = error,
		.file = file,
		.rest = text,
		.line = 1,
		.bytes_left = &bytes_left,
	};

	if (text.len > bytes_left)
		return fail(&parser, "the configuration is larger than %zu bytes", CONF_BYTES_MAX);
	bytes_left -= text.len;
	ward_err err = read_nodes(&parser, 0, &nodes);

	if (!err && parser.rest.len > 0)
		err = fail(&parser, "this } closes nothing");
	if (!err)
		*first = nodes;
	return err;
}
