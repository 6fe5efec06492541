/*
 * mail_parts.h - taking a mail apart, within the process that is not believed
 */
#ifndef INTAKE_MAIL_PARTS_H
#define INTAKE_MAIL_PARTS_H

#include <ward/base.h>

/* Once, before the walls are closed: loads what reading mails will need. */
void mail_parts_prepare(void);

/* Writes the parts as mail_parts_read has them; false when it is no mail, or there is no room. */
bool mail_parts_write(ward_bytes mail, uint8_t *out, size_t room, size_t *len) WARD_MUST_USE;

#endif
