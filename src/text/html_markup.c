/* The states of what is passed over: comments, doctypes, and what is taken for one. */
#include "text/html_state.h"

/*
 * Behind "<!".  What was read of "--", "DOCTYPE" or "[CDATA[" lies in `held`.
 * A doctype ends at the next '>', also inside its quotes, as a comment that is
 * none does; it is not told, so the two are one.
 */
static void step_markup(struct ward_html *html, uint8_t c)
{
	static const char cdata[] = "[CDATA[";
	size_t len = html->held_len;

	if (len < 2 && c == '-' && (len == 0 || html->held[0] == '-')) {
		html->held[html->held_len++] = (char)c;
		html->at++;
		if (html->held_len == 2) {
			html->held_len = 0;
			html->state = HTML_COMMENT_START;
		}
	} else if (html->foreign && c == (uint8_t)cdata[len] &&
			(len == 0 || html->held[0] == '[')) {
		html->held[html->held_len++] = (char)c;
		html->at++;
		if (html->held_len == sizeof(cdata) - 1) {
			html->held_len = 0;
			html->dashes = 0;
			html->state = HTML_CDATA;
		}
	} else {
		html->held_len = 0;
		html->state = HTML_BOGUS;
	}
}

static void pass_to(struct ward_html *html, char c)
{
	const uint8_t *from = html->piece + html->at;
	const uint8_t *found = memchr(from, c, html->len - html->at);

	html->at = found ? (size_t)(found - html->piece) + 1 : html->len;
	if (found)
		html->state = c == '>' ? HTML_DATA : HTML_COMMENT_DASH;
}

/* A byte of a comment: which state it leads to from this one. */
static enum html_state comment_next(enum html_state state, uint8_t c)
{
	bool start = state == HTML_COMMENT_START || state == HTML_COMMENT_START_DASH;
	bool end = state == HTML_COMMENT_END || state == HTML_COMMENT_END_BANG;

	if (c == '>' && (start || end))
		return HTML_DATA;
	if (c == '!' && state == HTML_COMMENT_END)
		return HTML_COMMENT_END_BANG;
	if (c != '-')
		return HTML_COMMENT;
	if (state == HTML_COMMENT_START)
		return HTML_COMMENT_START_DASH;
	return state == HTML_COMMENT_END_BANG ? HTML_COMMENT_DASH : HTML_COMMENT_END;
}

void html_step_markup(struct ward_html *html)
{
	switch ((int)html->state) {
	case HTML_MARKUP:
		step_markup(html, html->piece[html->at]);
		break;
	case HTML_BOGUS:
		pass_to(html, '>');
		break;
	case HTML_COMMENT:
		pass_to(html, '-');
		break;
	default:
		html->state = comment_next(html->state, html->piece[html->at]);
		html->at++;
		break;
	}
}
