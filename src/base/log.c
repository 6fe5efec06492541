#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <unistd.h>

static enum log_level lowest = LOG_INFO;

void log_set_level(enum log_level level)
{
	lowest = level;
}

bool log_level_from(ward_str name, enum log_level *level)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (ward_str_eq(name, ward_str_from(names[i]))) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

static void write_line(const char *word, const char *event, const char *fmt, va_list args)
		WARD_PRINTF(3, 0);

static void write_line(const char *word, const char *event, const char *fmt, va_list args)
{
	char line[1024];
	char when[CLOCK_TEXT_MAX];
	int len = snprintf(line, sizeof(line), "%s %s %s ", clock_format(clock_now(), when), word,
			event);

	if (len < 0)
		return;
	int more = vsnprintf(line + len, sizeof(line) - (size_t)len, fmt, args);

	if (more < 0)
		return;
	size_t total = (size_t)len + (size_t)more;

	if (total > sizeof(line) - 2)
		total = sizeof(line) - 2;
	for (size_t i = 0; i < total; i++) {
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	}
	line[total++] = '\n';
	/* A log that cannot be written has nowhere to say so. */
	ssize_t written = write(STDERR_FILENO, line, total);
	(void)written;
}

/* clang-format off */
#define LOG_AT(name, level, word)                       \
	void name(const char *event, const char *fmt, ...) \
	{                                                  \
		va_list args;                              \
		if (level < lowest)                        \
			return;                            \
		va_start(args, fmt);                       \
		write_line(word, event, fmt, args);        \
		va_end(args);                              \
	}
/* clang-format on */

LOG_AT(log_debug, LOG_DEBUG, "debug")
LOG_AT(log_info, LOG_INFO, "info")
LOG_AT(log_warn, LOG_WARN, "warn")
LOG_AT(log_error, LOG_ERROR, "error")
