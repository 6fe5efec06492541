#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "base/log.h"
#include "net/listen.h"
#include "portal/visit.h"

#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CONNECTION_MEMORY = 32 * 1024,
	/* The library stops listening at its limit; room for those whose place is being made. */
	CONNECTIONS_SPARE = 64,
	THREADS_MAX = 8,
	DRAIN_MS = 5000,
	DRAIN_STEP_MS = 20,
	/* Wrong code words; receipt.h says what that means for guessing. */
	GUESSES_PER_SECOND = 20,
	GUESSES_AT_ONCE = 200,
};

#define LEAVE_TO "https://www.wikipedia.org/"

/* ---- the key ---- */

ward_err portal_key(const char *path, uint8_t key[PORTAL_KEY_LEN], struct ward_error *error)
{
	char *text = NULL;
	size_t len = 0;
	struct stat there;
	ward_err err;

	if (stat(path, &there) < 0 && errno == ENOENT) {
		id_random(key, PORTAL_KEY_LEN);
		return file_replace(path, (ward_bytes){ key, PORTAL_KEY_LEN }, 0600, error);
	}
	err = file_read(path, PORTAL_KEY_LEN, &text, &len, error);
	if (!err && len != PORTAL_KEY_LEN)
		err = ward_fail(error, WARD_E_CORRUPT,
				"the portal's key is %d bytes; remove the file to get a new one",
				PORTAL_KEY_LEN);
	if (!err)
		memcpy(key, text, PORTAL_KEY_LEN);
	if (text)
		explicit_bzero(text, len);
	free(text);
	return err;
}

static void derive(struct portal *portal, const uint8_t key[PORTAL_KEY_LEN])
{
	uint8_t *const keys[] = { portal->draft_key, portal->visit_key, portal->receipt_key,
		portal->once_key };

	portal_block_key(key, portal->token_key);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		crypto_kdf_derive_from_key(keys[i], 32, i + 1, "wardport", key);
}

/* ---- the daemon ---- */

/* Its words may hold what was sent, or by whom. */
static void on_library_words(void *context, const char *fmt, va_list args) WARD_PRINTF(2, 0);

static void on_library_words(void *context, const char *fmt, va_list args)
{
	(void)context;
	(void)fmt;
	(void)args;
}

/* %XX; %00 stays as it stands, so that no path ends earlier than a proxy in front thinks. */
static size_t unescape(void *context, struct MHD_Connection *connection, char *text)
{
	char *to = text;
	uint8_t byte;

	(void)context;
	(void)connection;
	for (const char *at = text; *at; at++) {
		if (*at == '%' && at[1] && at[2] &&
				ward_hex_parse((ward_str){ at + 1, 2 }, &byte, 1) && byte != 0) {
			*to++ = (char)byte;
			at += 2;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
	return (size_t)(to - text);
}

static unsigned thread_count(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors < 2 ? 2 : processors > THREADS_MAX ? THREADS_MAX : (unsigned)processors;
}

static ward_err start_daemon(struct portal *portal, const struct portal_options *options,
		struct listening *listening, struct ward_error *error)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
			 MHD_USE_ERROR_LOG | (listening->v6 ? MHD_USE_IPv6 : 0) |
			 (portal->tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->private_key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0,
				(void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	portal->daemon = MHD_start_daemon(flags, listening->port, NULL, NULL, visit_serve, portal,
			MHD_OPTION_EXTERNAL_LOGGER, on_library_words, NULL,
			MHD_OPTION_LISTEN_SOCKET, listening->fd, MHD_OPTION_THREAD_POOL_SIZE,
			thread_count(), MHD_OPTION_NOTIFY_COMPLETED, visit_completed, portal,
			MHD_OPTION_NOTIFY_CONNECTION, visit_connection, portal,
			MHD_OPTION_CONNECTION_LIMIT, portal->guests.max + CONNECTIONS_SPARE,
			MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
			MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)GUEST_IDLE_S,
			MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK, unescape,
			NULL, MHD_OPTION_ARRAY, portal->tls ? tls : none, MHD_OPTION_END);
	if (!portal->daemon)
		return ward_fail(error, portal->tls ? WARD_E_ARGUMENT : WARD_E_IO, "%s",
				portal->tls ? "the portal cannot speak TLS: certificate and key "
					      "are no PEM texts, or do not belong together"
					    : "cannot start the portal's HTTP service");
	listening->fd = -1; /* the library's from here on */
	snprintf(portal->address, sizeof(portal->address), "%s://%s%s%s:%u",
			portal->tls ? "https" : "http", listening->v6 ? "[" : "", listening->host,
			listening->v6 ? "]" : "", listening->port);
	return WARD_OK;
}

/* ---- start ---- */

static char *copy(const char *text)
{
	return text && text[0] ? strdup(text) : NULL;
}

static bool copy_file(ward_str *to, ward_str from)
{
	if (from.len == 0)
		return true;
	char *bytes = malloc(from.len);

	if (!bytes)
		return false;
	memcpy(bytes, from.ptr, from.len);
	*to = (ward_str){ bytes, from.len };
	return true;
}

/* "https://help.example.org:8443/": its host, without the port. */
static char *host_of(const char *address)
{
	ward_str rest = ward_str_from(address), host;

	if (ward_str_starts(rest, WARD_STR("https://")))
		rest = (ward_str){ rest.ptr + 8, rest.len - 8 };
	else if (ward_str_starts(rest, WARD_STR("http://")))
		rest = (ward_str){ rest.ptr + 7, rest.len - 7 };
	else
		return NULL;
	host = ward_str_cut(&rest, '/');
	if (host.len > 0 && host.ptr[0] != '[')
		host = ward_str_cut(&host, ':');
	return host.len > 0 ? strndup(host.ptr, host.len) : NULL;
}

static ward_err take_block(struct portal *portal, const struct portal_options *options,
		struct ward_error *error)
{
	ward_str stop = options->stop_page;

	portal->why = options->why;
	portal->why_context = options->why_context;
	portal->block = options->block;
	portal->contact = copy(options->contact);
	portal->authority = copy(options->authority);
	portal->country = copy(options->country);
	portal->home = copy(options->address);
	portal->home_host = portal->home ? host_of(portal->home) : NULL;
	if (portal->block && !portal->home_host)
		return ward_fail(error, WARD_E_ARGUMENT,
				"to show block pages the portal has to know its own address, like "
				"https://help.example.org (portal.address)");
	if (!stop.ptr)
		stop = (ward_str){ (const char *)portal_stop_builtin, portal_stop_builtin_len };
	return portal_stop_read(stop, &portal->stop, error);
}

static ward_err take_options(struct portal *portal, const struct portal_options *options,
		struct ward_error *error)
{
	unsigned per_minute = options->reports_per_minute ? options->reports_per_minute : 60;
	ward_str lines = options->helplines;

	portal->intake = options->intake;
	portal->no_reports = options->no_reports;
	portal->tls = options->certificate && options->private_key;
	portal->owner = copy(options->owner);
	portal->leave = copy(options->leave ? options->leave : LEAVE_TO);
	guests_init(&portal->guests, options->connections_max ? options->connections_max : 512,
			options->request_s ? options->request_s : 30);
	gate_init(&portal->reports, per_minute / 60.0, (double)per_minute * GATE_MINUTES);
	gate_init(&portal->mistakes, per_minute / 60.0, (double)per_minute * GATE_MINUTES);
	gate_init(&portal->guesses, GUESSES_PER_SECOND, GUESSES_AT_ONCE);
	derive(portal, options->key);
	if (!portal->leave || !copy_file(&portal->script, options->script) ||
			!copy_file(&portal->module, options->module))
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (!lines.ptr)
		lines = (ward_str){ (const char *)helplines_builtin, helplines_builtin_len };
	ward_err err = helplines_read(lines, &portal->helplines, error);

	return err ? err : take_block(portal, options, error);
}

ward_err portal_start(const struct portal_options *options, struct portal **started,
		struct ward_error *error)
{
	struct portal *portal = calloc(1, sizeof(*portal));
	struct listening listening = { .fd = -1 };
	ward_err err;

	if (!portal)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (sodium_init() < 0)
		err = ward_fail(error, WARD_E_IO, "libsodium cannot start");
	else
		err = take_options(portal, options, error);
	if (!err && !(portal->clerk = clerk_new(visit_errand)))
		err = ward_fail(error, WARD_E_NOMEM, "cannot start the portal's thread");
	if (!err)
		err = listening_parse(options->listen, "the portal", &listening, error);
	if (!err)
		err = listening_open(&listening, "the portal", error);
	if (!err)
		err = start_daemon(portal, options, &listening, error);
	listening_close(&listening);
	if (err) {
		portal_free(portal);
		return err;
	}
	*started = portal;
	return WARD_OK;
}

const char *portal_address(const struct portal *portal)
{
	return portal->address;
}

void portal_tick(struct portal *portal)
{
	portal->too_slow += guests_sweep(&portal->guests);
}

struct portal_stats portal_stats(const struct portal *portal)
{
	return (struct portal_stats){ portal->pages, portal->refused, portal->filed, portal->full,
		portal->too_slow };
}

/* ---- the end ---- */

/* No new connections, and time for those that wait for intake. */
static void drain(struct portal *portal)
{
	MHD_socket listener = MHD_quiesce_daemon(portal->daemon);

	portal->stopping = true;
	for (int ms = 0; ms < DRAIN_MS && portal->in_flight > 0; ms += DRAIN_STEP_MS) {
		portal_tick(portal);
		nanosleep(&(struct timespec){ .tv_nsec = DRAIN_STEP_MS * 1000000L }, NULL);
	}
	if (listener != MHD_INVALID_SOCKET)
		close(listener);
}

void portal_free(struct portal *portal)
{
	if (!portal)
		return;
	if (portal->daemon)
		drain(portal);
	/*
	 * What waits for it is worked off, and wakes its connection.  A request that has
	 * arrived whole only now may still come with an errand, and is refused.
	 */
	if (portal->clerk)
		clerk_end(portal->clerk);
	if (portal->daemon)
		MHD_stop_daemon(portal->daemon);
	clerk_free(portal->clerk);
	helplines_free(portal->helplines);
	free((void *)(uintptr_t)portal->script.ptr);
	free((void *)(uintptr_t)portal->module.ptr);
	portal_stop_free(portal->stop);
	free(portal->home);
	free(portal->home_host);
	free(portal->contact);
	free(portal->authority);
	free(portal->country);
	free(portal->owner);
	free(portal->leave);
	sodium_memzero(portal, sizeof(*portal));
	free(portal);
}
