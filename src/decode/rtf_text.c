/*
 * The text of an RTF (1.9.1): what is in its groups, but for tables of fonts and
 * the like, and digits.  What fields lead to is told, and what a page says that
 * Outlook packed into it: there links stand.  Letters by a number of a code page
 * are taken as Latin-1.
 */
#include "decode/document_job.h"

/* Groups within each other; deeper ones are as the one that they are in. */
#define GROUPS_MAX 256
#define WORD_MAX   32

/* What a group is for. */
enum use { USE_TEXT, USE_NONE };

struct group {
	enum use use;
	unsigned behind; /* letters that stand behind a \u for readers without it */
};

struct rtf {
	struct document *document;
	struct ward_reader from;
	struct group groups[GROUPS_MAX];
	unsigned depth, too_deep;
	unsigned passed; /* letters still to pass over */
	struct ward_buf text;
};

static struct group *group_of(struct rtf *rtf)
{
	return &rtf->groups[rtf->depth];
}

/* ---- text ---- */

static void add_letter(struct rtf *rtf, uint32_t letter)
{
	if (group_of(rtf)->use != USE_TEXT)
		return;
	if (rtf->passed > 0) {
		rtf->passed--;
		return;
	}
	if (letter < 0x80) {
		ward_buf_char(&rtf->text, (char)letter);
	} else if (letter < 0x800) {
		ward_buf_char(&rtf->text, (char)(0xc0 | letter >> 6));
		ward_buf_char(&rtf->text, (char)(0x80 | (letter & 0x3f)));
	} else if ((letter & 0xf800) != 0xd800) {
		ward_buf_char(&rtf->text, (char)(0xe0 | letter >> 12));
		ward_buf_char(&rtf->text, (char)(0x80 | (letter >> 6 & 0x3f)));
		ward_buf_char(&rtf->text, (char)(0x80 | (letter & 0x3f)));
	}
}

static void add_break(struct rtf *rtf, char c)
{
	if (group_of(rtf)->use == USE_TEXT && rtf->text.len > 0 &&
			rtf->text.ptr[rtf->text.len - 1] != c)
		ward_buf_char(&rtf->text, c);
}

/* ---- words ---- */

static bool is_one_of(const char *word, const char *const *known)
{
	for (size_t i = 0; known[i]; i++) {
		if (strcmp(word, known[i]) == 0)
			return true;
	}
	return false;
}

/* What a group is for is said by its first word. */
static void begin_use(struct rtf *rtf, const char *word)
{
	static const char *const none[] = { "pict", "objdata", "fonttbl", "colortbl", "stylesheet",
		"datastore", "themedata", "colorschememapping", "blipuid", "objclass", "listtable",
		NULL };
	static const char *const said[] = { "fldinst", "htmltag", "shppict", "nonshppict",
		"shpinst", "background", "mhtmltag", NULL };

	if (is_one_of(word, none)) {
		group_of(rtf)->use = USE_NONE;
	} else if (is_one_of(word, said) || strcmp(word, "sv") == 0) {
		add_break(rtf, ' ');
	}
}

static void do_word(struct rtf *rtf, const char *word, long number, bool has_number)
{
	static const char *const lines[] = { "par", "line", "row", "sect", "page", NULL };
	static const char *const gaps[] = { "tab", "cell", "emspace", "enspace", NULL };

	begin_use(rtf, word);
	if (is_one_of(word, lines)) {
		add_break(rtf, '\n');
	} else if (is_one_of(word, gaps)) {
		add_break(rtf, ' ');
	} else if (strcmp(word, "uc") == 0 && has_number) {
		group_of(rtf)->behind = number >= 0 && number < 16 ? (unsigned)number : 1;
	} else if (strcmp(word, "u") == 0 && has_number) {
		rtf->passed = 0;
		add_letter(rtf, (uint32_t)number & 0xffff);
		rtf->passed = group_of(rtf)->behind;
	} else if (strcmp(word, "bin") == 0 && number > 0) {
		size_t left = ward_reader_left(&rtf->from);
		size_t len = (size_t)number < left ? (size_t)number : left;

		(void)ward_read_bytes(&rtf->from, len);
	}
}

/* Behind a stroke: letters, a number, and a blank that is a part of it. */
static void take_word(struct rtf *rtf)
{
	const uint8_t *at = rtf->from.next, *end = rtf->from.end;
	char word[WORD_MAX + 1];
	size_t len = 0;
	long number = 0;
	bool minus = false, has_number = false;

	for (; at < end && ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z'); at++) {
		if (len < WORD_MAX)
			word[len++] = (char)*at;
	}
	word[len] = 0;
	if (at < end && *at == '-') {
		minus = true;
		at++;
	}
	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		has_number = true;
		if (number < 100000000)
			number = number * 10 + (*at - '0');
	}
	if (at < end && *at == ' ')
		at++;
	rtf->from.next = at;
	do_word(rtf, word, minus ? -number : number, has_number);
}

static void take_sign(struct rtf *rtf)
{
	uint8_t code, c = ward_read_u8(&rtf->from);

	if (c == '\'') {
		ward_bytes digits = ward_read_bytes(&rtf->from, 2);

		if (!rtf->from.failed &&
				ward_hex_parse((ward_str){ (const char *)digits.ptr, 2 }, &code, 1))
			add_letter(rtf, code);
	} else if (c == '~') {
		add_letter(rtf, ' ');
	} else if (c == '\n' || c == '\r') {
		add_break(rtf, '\n');
	} else if (c == '\\' || c == '{' || c == '}') {
		add_letter(rtf, c);
	}
}

/* ---- groups ---- */

static void open_group(struct rtf *rtf)
{
	if (rtf->depth + 1 == GROUPS_MAX) {
		rtf->too_deep++;
		return;
	}
	rtf->depth++;
	rtf->groups[rtf->depth] = rtf->groups[rtf->depth - 1];
}

static void close_group(struct rtf *rtf)
{
	if (rtf->too_deep > 0) {
		rtf->too_deep--;
		return;
	}
	if (rtf->depth > 0)
		rtf->depth--;
	rtf->passed = 0;
}

static void take_one(struct rtf *rtf)
{
	uint8_t c = ward_read_u8(&rtf->from);

	if (c == '{') {
		open_group(rtf);
	} else if (c == '}') {
		close_group(rtf);
	} else if (c == '\\') {
		uint8_t next = rtf->from.next < rtf->from.end ? *rtf->from.next : 0;

		if ((next | 0x20) >= 'a' && (next | 0x20) <= 'z')
			take_word(rtf);
		else
			take_sign(rtf);
	} else if (c != '\r' && c != '\n' && c != 0) {
		add_letter(rtf, c);
	}
}

static ward_err tell_text(struct rtf *rtf)
{
	ward_err err;

	if (rtf->text.len == 0)
		return WARD_OK;
	err = document_part(rtf->document, WARD_STR("text.txt"), false);
	return err ? err
		   : document_data(rtf->document,
				     (ward_bytes){ (const uint8_t *)rtf->text.ptr, rtf->text.len });
}

ward_err document_rtf_text(struct document *document)
{
	struct rtf rtf = {
		.document = document,
		.from = ward_reader_from(document->file),
		.groups = { { .behind = 1 } },
	};

	ward_buf_init(&rtf.text, SIZE_MAX);
	while (ward_reader_left(&rtf.from) > 0)
		take_one(&rtf);
	ward_err err = rtf.text.failed ? ward_fail(document->error, WARD_E_NOMEM,
							 "no memory for the text of an rtf")
				       : tell_text(&rtf);

	ward_buf_free(&rtf.text);
	return err;
}
