#include "store/script.h"

struct script {
	const char *at, *end;
	enum store_engine engine;
	struct ward_buf *out;
	bool blank;     /* white space was passed over since the last token */
	unsigned words; /* so far */
	char first[16]; /* the first two words: "CREATE", "TABLE" */
	char second[16];
	bool strict; /* the last token was STRICT */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

static bool starts(const struct script *script, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(script->end - script->at) >= len && memcmp(script->at, with, len) == 0;
}

/* ---- what lies between tokens ---- */

static bool skip_comment(struct script *script)
{
	const char *ending = starts(script, "--") ? "\n" : "*/";

	for (script->at += 2; script->at < script->end; script->at++) {
		if (starts(script, ending)) {
			script->at += strlen(ending);
			return true;
		}
	}
	return ending[0] == '\n';
}

static bool skip_blanks(struct script *script)
{
	while (script->at < script->end) {
		if (is_blank(*script->at))
			script->at++;
		else if (!starts(script, "--") && !starts(script, "/*"))
			break;
		else if (!skip_comment(script))
			return false;
		script->blank = true;
	}
	return true;
}

/* ---- tokens ---- */

static void write_token(struct script *script, ward_str token)
{
	if (script->blank && script->out->len > 0)
		ward_buf_char(script->out, ' ');
	script->blank = false;
	script->strict = false;
	ward_buf_str(script->out, token);
}

/* A text or a name in quotes; a quote within is doubled, which reads as two tokens of one. */
static bool take_quoted(struct script *script)
{
	const char *from = script->at;
	char quote = *script->at++;

	while (script->at < script->end && *script->at != quote)
		script->at++;
	if (script->at == script->end)
		return false;
	script->at++;
	write_token(script, (ward_str){ from, (size_t)(script->at - from) });
	return true;
}

static bool about_tables(const struct script *script)
{
	return (strcmp(script->first, "CREATE") == 0 || strcmp(script->first, "ALTER") == 0) &&
	       strcmp(script->second, "TABLE") == 0;
}

static bool is(ward_str word, const char *what)
{
	return ward_str_eq(word, ward_str_from(what));
}

/* NULL when the word stays as it is. */
static const char *translated(const struct script *script, ward_str word)
{
	if (script->engine != STORE_POSTGRESQL || !about_tables(script))
		return NULL;
	return is(word, "INTEGER") ? "BIGINT"
	       : is(word, "BLOB")  ? "BYTEA"
	       : is(word, "TEXT")  ? "TEXT COLLATE \"C\""
				   : NULL;
}

/* What one engine alone has, or what means something else in the other. */
static bool is_refused(const struct script *script, ward_str word)
{
	static const char *const words[] = { "AUTOINCREMENT", "TRIGGER", "ROWID", "PRAGMA",
		"SERIAL", "REAL", "BEGIN", "COMMIT", "ROLLBACK", "VIRTUAL", "TEMP", "TEMPORARY" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (ward_str_eq_nocase(word, ward_str_from(words[i])))
			return true;
	}
	return about_tables(script) && (is(word, "integer") || is(word, "blob"));
}

static ward_err take_word(struct script *script, struct ward_error *error)
{
	const char *from = script->at;

	while (script->at < script->end && is_word(*script->at))
		script->at++;
	ward_str word = { from, (size_t)(script->at - from) };
	const char *other = translated(script, word);

	if (is_refused(script, word))
		return ward_fail(error, WARD_E_FORMAT,
				"\"%.*s\" is not for a migration: both engines must know it",
				(int)(word.len < 40 ? word.len : 40), word.ptr);
	if (script->words < 2)
		snprintf(script->words == 0 ? script->first : script->second, sizeof(script->first),
				"%.*s", (int)(word.len < 15 ? word.len : 15), word.ptr);
	script->words++;
	if (is(word, "STRICT") && script->engine == STORE_POSTGRESQL) {
		script->strict = true;
		return WARD_OK;
	}
	write_token(script, other ? ward_str_from(other) : word);
	script->strict = is(word, "STRICT");
	return WARD_OK;
}

static ward_err take_token(struct script *script, struct ward_error *error)
{
	char c = *script->at;

	if (c == '\'' || c == '"')
		return take_quoted(script)
				       ? WARD_OK
				       : ward_fail(error, WARD_E_FORMAT, "a quote is not closed");
	if (is_letter(c))
		return take_word(script, error);
	if (c == '$' || c == '\\' || c == '`' || c == '[' || c == '\0')
		return ward_fail(error, WARD_E_FORMAT,
				"\"%c\" is not for a migration: both engines must know it",
				c ? c : '0');
	write_token(script, (ward_str){ script->at, 1 });
	script->at++;
	return WARD_OK;
}

ward_err script_next(ward_str *rest, enum store_engine engine, struct ward_buf *statement,
		struct ward_error *error)
{
	struct script script = { .at = rest->ptr,
		.end = rest->ptr + rest->len,
		.engine = engine,
		.out = statement };
	ward_err err = WARD_OK;
	bool ended = false;

	ward_buf_clear(statement);
	while (!err && !ended) {
		if (!skip_blanks(&script))
			return ward_fail(error, WARD_E_FORMAT, "a comment is not closed");
		if (script.at == script.end)
			break;
		ended = *script.at == ';';
		if (ended)
			script.at++;
		else
			err = take_token(&script, error);
	}
	if (err)
		return err;
	if (statement->failed)
		return ward_fail(error, WARD_E_LIMIT, "a statement is too long");
	if (!ended)
		return statement->len == 0 ? WARD_E_NOT_FOUND
					   : ward_fail(error, WARD_E_FORMAT,
							     "the last statement has no semicolon");
	if (about_tables(&script) && strcmp(script.first, "CREATE") == 0 && !script.strict)
		return ward_fail(error, WARD_E_FORMAT, "a table ends with \") STRICT;\"");
	*rest = (ward_str){ script.at, (size_t)(script.end - script.at) };
	return WARD_OK;
}
