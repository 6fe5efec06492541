/*
 * wardd_mail.h - the mailbox that wardd watches
 *
 * A mail is a stranger's bytes, and the process that takes it apart is forked
 * (intake/mail.h), which a program with threads does not do.  So where
 * ward.conf names a Maildir, wardd has `ward intake mail --attached` run
 * beside it: started again when it ends, and ended when wardd does, also when
 * wardd is killed, because its standard input ends then.
 */
#ifndef WARDD_MAIL_H
#define WARDD_MAIL_H

#include <ward/base.h>

struct wardd_mail;

/* `mail` is NULL when ward.conf names no Maildir. */
ward_err wardd_mail_start(const char *folder, struct wardd_mail **mail,
		struct ward_error *error) WARD_MUST_USE;
/* Now and then: starts it again. */
void wardd_mail_tick(struct wardd_mail *mail);
/* NULL is fine. */
void wardd_mail_free(struct wardd_mail *mail);

#endif
