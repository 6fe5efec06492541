/*
 * identify_mail.h - is this a mail, or several?
 *
 * Mail has no mark of its own, it is text.  So that no text becomes mail by
 * chance, all of the header that is seen has to be one, and what is in it has
 * to be what programs that send mail write: a letter typed with "To:" and
 * "Subject:" above it stays text.
 */
#ifndef MEDIA_IDENTIFY_MAIL_H
#define MEDIA_IDENTIFY_MAIL_H

#include <ward/media.h>

/* MAIL, MBOX or UNKNOWN, by a file's first bytes. */
ward_media_kind identify_mail(ward_bytes head);

/*
 * The line that stands before each message of an mbox (RFC 4155): "From ", who sent it, when:
 * "From keeper@lighthouse.example Sat Jan  3 01:05:34 1996".  Without the line's end.
 */
bool identify_mail_from(ward_bytes line);

/*
 * The message in a file of one.  That is the file, but for Apple's .emlx: its first line is the
 * message's length, and behind the message stands what the program keeps of it.
 */
ward_bytes identify_mail_message(ward_bytes file);

#endif
