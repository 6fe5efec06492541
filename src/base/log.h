/*
 * log.h - what programs say while they run (libraries return instead)
 *
 * A line is an event's name and key=value pairs: ids, sizes, codes; never
 * content, file names, URLs with paths or a person's words.  Lines go to
 * standard error, each in one write, so that threads do not mix them; a
 * control character in a value is written as an escape.
 *
 *     log_info("list_swapped", "name=%s entries=%" PRIu64, name, count);
 */
#ifndef LOG_H
#define LOG_H

#include <ward/base.h>

enum log_level { LOG_DEBUG = 0, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Set once at start; INFO until then. */
void log_set_level(enum log_level level);
bool log_level_from(ward_str name, enum log_level *level) WARD_MUST_USE;

void log_debug(const char *event, const char *fmt, ...) WARD_PRINTF(2, 3);
void log_info(const char *event, const char *fmt, ...) WARD_PRINTF(2, 3);
void log_warn(const char *event, const char *fmt, ...) WARD_PRINTF(2, 3);
void log_error(const char *event, const char *fmt, ...) WARD_PRINTF(2, 3);

#endif
