#include "milter/door.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#include "base/clock.h"
#include "base/log.h"
#include "milter/message.h"
#include "milter/tell.h"

/* The words of a refusal: those of any policy. */
#define REFUSED  "Message not accepted"
#define DEFERRED "Try again later"

/* So long mails that are on their way may take when we are asked to end. */
enum { DRAIN_MS = 3000 };

/* The listener is among the first descriptors of a process that has just begun. */
enum { FDS_MAX = 256 };

/* libmilter's interface wants writable text, which it does not write to. */
#define WORDS(text) ((char *)(uintptr_t)(text))

static const struct milter_door *door;
static atomic_uint connections;
/* Does the mail server know that it need not send the rest of a mail?  All that come are of one
 * kind. */
static atomic_bool may_skip;

/* One connection: one mail after another. */
struct line {
	struct milter_message message;
	struct milter_envelope envelope;
};

/* ---- a connection begins ---- */

static sfsistat on_connect(SMFICTX *context, char *host, _SOCK_ADDR *address)
{
	(void)host;
	(void)address;
	struct line *line = smfi_getpriv(context);

	if (line)
		return SMFIS_CONTINUE;
	if (atomic_fetch_add(&connections, 1) >= door->connections_max ||
			!(line = calloc(1, sizeof(*line)))) {
		atomic_fetch_sub(&connections, 1);
		return SMFIS_TEMPFAIL;
	}
	milter_message_init(&line->message, door->place, door->bytes_max);
	if (smfi_setpriv(context, line) != MI_SUCCESS) {
		atomic_fetch_sub(&connections, 1);
		free(line);
		return SMFIS_TEMPFAIL;
	}
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *context)
{
	struct line *line = smfi_getpriv(context);

	if (!line)
		return SMFIS_CONTINUE;
	milter_message_free(&line->message);
	free(line);
	(void)smfi_setpriv(context, NULL);
	atomic_fetch_sub(&connections, 1);
	return SMFIS_CONTINUE;
}

/* ---- a mail comes ---- */

static sfsistat on_sender(SMFICTX *context, char **words)
{
	struct line *line = smfi_getpriv(context);

	if (!line)
		return SMFIS_TEMPFAIL;
	milter_message_free(&line->message);
	milter_envelope_begin(&line->envelope, words[0] ? words[0] : "");
	return SMFIS_CONTINUE;
}

static sfsistat on_recipient(SMFICTX *context, char **words)
{
	struct line *line = smfi_getpriv(context);

	if (line && words[0])
		milter_envelope_add(&line->envelope, words[0]);
	return SMFIS_CONTINUE;
}

static sfsistat on_field(SMFICTX *context, char *name, char *value)
{
	struct line *line = smfi_getpriv(context);

	if (!line)
		return SMFIS_TEMPFAIL;
	milter_message_field(&line->message, name, value ? value : "");
	milter_envelope_field(&line->envelope, name, value ? value : "");
	return SMFIS_CONTINUE;
}

static sfsistat on_body(SMFICTX *context, unsigned char *bytes, size_t len)
{
	struct line *line = smfi_getpriv(context);

	if (!line)
		return SMFIS_TEMPFAIL;
	milter_message_body(&line->message, (ward_bytes){ bytes, len });
	return line->message.over && atomic_load(&may_skip) ? SMFIS_SKIP : SMFIS_CONTINUE;
}

static sfsistat on_abort(SMFICTX *context)
{
	struct line *line = smfi_getpriv(context);

	if (line)
		milter_message_free(&line->message);
	return SMFIS_CONTINUE;
}

/* ---- it has come whole ---- */

/* What came under our name goes, whatever it says, from the last to the first. */
static bool set_field(SMFICTX *context, const struct line *line, const char *says)
{
	for (unsigned i = line->message.forged; i > 0; i--) {
		if (smfi_chgheader(context, WORDS(MILTER_FIELD), (int)i, NULL) != MI_SUCCESS)
			return false;
	}
	return !door->field ||
	       smfi_addheader(context, WORDS(MILTER_FIELD), WORDS(says)) == MI_SUCCESS;
}

/* A mail that is let through while we cannot change it as we must is none that was looked at. */
static sfsistat answer(SMFICTX *context, const struct line *line, enum milter_action action,
		const struct milter_outcome *outcome)
{
	switch (action) {
	case MILTER_HOLD:
		if (smfi_quarantine(context, WORDS("held")) != MI_SUCCESS)
			break;
		/* When a person lets it go it says no more than others do. */
		return set_field(context, line, milter_says(outcome)) ? SMFIS_CONTINUE
								      : SMFIS_TEMPFAIL;
	case MILTER_PASS:
		if (!set_field(context, line, milter_says(outcome)))
			break;
		return SMFIS_CONTINUE;
	case MILTER_REJECT:
		(void)smfi_setreply(context, WORDS("550"), WORDS("5.7.1"), WORDS(REFUSED));
		return SMFIS_REJECT;
	case MILTER_DEFER:
	case MILTER_ACTIONS:
		break;
	}
	(void)smfi_setreply(context, WORDS("451"), WORDS("4.7.1"), WORDS(DEFERRED));
	return SMFIS_TEMPFAIL;
}

static void look(struct line *line, struct milter_outcome *outcome)
{
	ward_err err = milter_message_end(&line->message, &outcome->error);

	if (err == WARD_E_LIMIT)
		outcome->state = MILTER_LARGE;
	else if (!err)
		milter_pool_scan(door->pool, line->message.spill.fd, line->message.spill.size,
				outcome);
}

/*
 * Who is told of it, before the mail server is answered.  When nobody can be,
 * the mail is as one that could not be looked at, except that it is not let go.
 */
static bool tell(struct line *line, struct milter_outcome *outcome, enum milter_action *action)
{
	struct ward_error error;

	if (!door->spool || !outcome->found)
		return false;
	ward_err err = milter_message_digest(&line->message, line->envelope.body, &error);

	if (!err)
		err = milter_tell(door->spool, &line->envelope, outcome, *action, &error);
	if (!err) {
		if (door->sender)
			agent_sender_wake(door->sender);
		return true;
	}
	log_error("mail_not_told", "id=%s code=%d", line->envelope.id, (int)err);
	if (door->rules.failed != MILTER_PASS)
		*action = door->rules.failed;
	return false;
}

static sfsistat on_end(SMFICTX *context)
{
	struct line *line = smfi_getpriv(context);
	uint64_t begun_us = clock_ticks_us();
	struct milter_outcome outcome;

	if (!line)
		return SMFIS_TEMPFAIL;
	const char *id = smfi_getsymval(context, WORDS("i"));

	snprintf(line->envelope.id, sizeof(line->envelope.id), "%s", id ? id : "");
	milter_outcome_init(&outcome);
	look(line, &outcome);
	enum milter_action action = milter_decide(&door->rules, &outcome);
	bool told = tell(line, &outcome, &action);
	sfsistat status = answer(context, line, action, &outcome);

	door->event(door->context, &(struct milter_event){ .id = line->envelope.id,
						   .bytes = line->message.bytes,
						   .time_us = clock_ticks_us() - begun_us,
						   .action = action,
						   .told = told,
						   .outcome = &outcome });
	milter_outcome_free(&outcome);
	milter_message_free(&line->message);
	return status;
}

/* ---- what we want of the mail server ---- */

static sfsistat on_negotiate(SMFICTX *context, unsigned long can, unsigned long offers,
		unsigned long unused_1, unsigned long unused_2, unsigned long *do_what,
		unsigned long *steps, unsigned long *more_1, unsigned long *more_2)
{
	const unsigned long want = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE;

	(void)context;
	(void)unused_1;
	(void)unused_2;
	if ((can & want) != want)
		return SMFIS_REJECT;
	*do_what = want;
	/*
	 * Fields and DATA could go without an answer each (SMFIP_NR_HDR, SMFIP_NODATA). But then
	 * Postfix's next write waits 40 ms for an acknowledgement that the answer would have
	 * carried: measured, a mail took 46 ms rather than 4.
	 */
	*steps = offers & (SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_SKIP | SMFIP_HDR_LEADSPC);
	atomic_store(&may_skip, (offers & SMFIP_SKIP) != 0);
	*more_1 = 0;
	*more_2 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat on_head_end(SMFICTX *context)
{
	(void)context;
	return SMFIS_CONTINUE;
}

/*
 * An answer is several small writes, and without this each waits for the one before it to be
 * acknowledged, which costs 40 ms.  libmilter has no call for it; what it accepts inherits it.
 */
static void do_not_wait(void)
{
	for (int fd = 3; fd < FDS_MAX; fd++) {
		int yes = 0;
		socklen_t len = sizeof(yes);

		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &len) == 0 && yes == 1)
			(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	}
}

/* The file of a socket that is one, without what libmilter has before it; NULL: it is none. */
static const char *file_of(const char *name)
{
	static const char *const kinds[] = { "unix:", "local:" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strncmp(name, kinds[i], strlen(kinds[i])) == 0)
			return name + strlen(kinds[i]);
	}
	return name[0] == '/' ? name : NULL;
}

/* libmilter would take its place, and the one that listens would not know. */
static bool is_listened_at(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *file = file_of(name);

	if (!file || strlen(file) >= sizeof(address.sun_path))
		return false;
	memcpy(address.sun_path, file, strlen(file) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* EAGAIN: more wait there than it has room for. */
	bool listened = fd >= 0 &&
			(connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ||
					errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return listened;
}

ward_err milter_door_open(const struct milter_door *own, const char *name, struct ward_error *error)
{
	struct smfiDesc description = { .xxfi_name = WORDS("ward"),
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE,
		.xxfi_connect = on_connect,
		.xxfi_envfrom = on_sender,
		.xxfi_envrcpt = on_recipient,
		.xxfi_header = on_field,
		.xxfi_eoh = on_head_end,
		.xxfi_body = on_body,
		.xxfi_eom = on_end,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate };

	door = own;
	if (smfi_register(description) != MI_SUCCESS || smfi_setconn(WORDS(name)) != MI_SUCCESS)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a socket is inet:PORT@ADDRESS or unix:PATH");
	if (is_listened_at(name))
		return ward_fail(error, WARD_E_CONFLICT, "another listens there");
	mode_t before = umask(0117);
	bool good = smfi_opensocket(true) == MI_SUCCESS;

	umask(before);
	if (!good)
		return ward_fail(error, WARD_E_IO,
				"cannot listen there: another does, or it may not");
	do_not_wait();
	return WARD_OK;
}

ward_err milter_door_run(bool *idle, struct ward_error *error)
{
	bool good = smfi_main() == MI_SUCCESS;

	/* libmilter does not wait for its threads. */
	for (int i = 0; i < DRAIN_MS / 10 && atomic_load(&connections) > 0; i++)
		(void)poll(NULL, 0, 10);
	*idle = atomic_load(&connections) == 0;
	return good ? WARD_OK : ward_fail(error, WARD_E_IO, "libmilter has ended, and logged why");
}
