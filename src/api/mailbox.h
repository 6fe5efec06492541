/*
 * mailbox.h - the Maildir whose mails become reports
 *
 * A thread looks into the folder that ward.conf names (intake.maildir), and
 * takes what lies in new/ (intake/mail.h); each mail is taken apart by a
 * jailed process of its own.  One that cannot be taken stays, and is tried
 * again a while later.
 */
#ifndef API_MAILBOX_H
#define API_MAILBOX_H

struct server;
struct mailbox;

/* NULL without memory or a thread. */
struct mailbox *mailbox_start(struct server *server);
/* Waits for the mail that is taken at that time.  NULL is fine. */
void mailbox_stop(struct mailbox *mailbox);

#endif
