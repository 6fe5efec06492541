/*
 * disk_html_text.h - a stranger's text on its way into a page that somebody signs
 *
 * A name on a seized disk may hold anything: markup, marks that turn the writing round, signs
 * that nobody sees, bytes that are no text.  In the page all of it stands, and nothing of it acts:
 * what is not seen is shown by its number ("U+202E"), what is no UTF-8 by its bytes ("0xff"), and
 * text that is not ASCII is held apart from what stands beside it, whichever way it runs.
 */
#ifndef BIN_DISK_HTML_TEXT_H
#define BIN_DISK_HTML_TEXT_H

#include <stdio.h>

#include <ward/base.h>

void disk_html_text(FILE *out, ward_str text);
/*
 * Each part between slashes is held apart and begins at the left, so that a path runs one way
 * and the end of a name is what the eye takes for it.
 */
void disk_html_path(FILE *out, ward_str path);
/* 1234567 as "1 234 567", with narrow spaces that do not break. */
void disk_html_number(FILE *out, uint64_t number);

#endif
