#include "api/mailbox.h"

#include "api/every.h"
#include "api/serve.h"
#include "base/clock.h"
#include "base/log.h"
#include "intake/mail.h"

#include <inttypes.h>

/* A look each second; where mails stay, or the folder is none, one each ten. */
#define LOOK_US  ((uint64_t)1000000)
#define STAYS_US ((uint64_t)10000000)

struct mailbox {
	struct server *server;
	struct every *every;
	struct every *now; /* the same, for the thread itself */
	uint64_t look_us;  /* not before */
	uint64_t stays;    /* so many stayed, as it was told last */
	char why[256];     /* the last of them did */
	bool failed;       /* said once, not each time */
};

static void stays(void *context, const char *why)
{
	struct mailbox *mailbox = context;

	snprintf(mailbox->why, sizeof(mailbox->why), "%s", why);
}

static bool is_stopping(void *context)
{
	const struct mailbox *mailbox = context;

	return every_is_stopping(mailbox->now);
}

/* Sentences of the intake name no mail and nothing in it. */
static void tell(struct mailbox *mailbox, const struct mail_counts *counts)
{
	if (counts->added + counts->again > 0)
		log_info("mail", "added=%" PRIu64 " again=%" PRIu64, counts->added, counts->again);
	if (counts->failed > mailbox->stays)
		log_warn("mail_stays", "count=%" PRIu64 " message=\"%s\"", counts->failed,
				mailbox->why);
	mailbox->stays = counts->failed;
}

static void look(struct mailbox *mailbox, const char *folder)
{
	struct mail_watch watch = { stays, is_stopping, mailbox };
	struct mail_counts counts = { 0 };
	struct ward_error error;
	ward_err err = intake_maildir_watch(mailbox->server->intake, folder, &watch, &counts,
			&error);

	if (err && !mailbox->failed)
		log_error("no_maildir", "code=%s", ward_err_name(err));
	mailbox->failed = err != WARD_OK;
	tell(mailbox, &counts);
	mailbox->look_us = clock_ticks_us() + (err || counts.failed > 0 ? STAYS_US : LOOK_US);
}

static void work(struct every *every, void *context)
{
	struct mailbox *mailbox = context;
	char folder[SETTINGS_TEXT_MAX];

	mailbox->now = every;
	if (!mailbox->server->intake || clock_ticks_us() < mailbox->look_us)
		return;
	const struct snapshot *snapshot = live_acquire(mailbox->server->live);

	snprintf(folder, sizeof(folder), "%s", snapshot->settings->maildir);
	live_release(mailbox->server->live, snapshot);
	if (folder[0])
		look(mailbox, folder);
}

struct mailbox *mailbox_start(struct server *server)
{
	struct mailbox *mailbox = calloc(1, sizeof(*mailbox));

	if (!mailbox)
		return NULL;
	mailbox->server = server;
	mailbox->every = every_start(work, mailbox);
	if (mailbox->every)
		return mailbox;
	free(mailbox);
	return NULL;
}

void mailbox_stop(struct mailbox *mailbox)
{
	if (!mailbox)
		return;
	every_stop(mailbox->every);
	free(mailbox);
}
