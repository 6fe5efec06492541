/*
 * mail_parts.h - taking a mail apart, within the process that is not believed
 */
#ifndef INTAKE_MAIL_PARTS_H
#define INTAKE_MAIL_PARTS_H

#include <ward/base.h>

/* Writes the parts as mail_parts_read has them; false when it is no mail. */
bool mail_parts_write(ward_bytes mail, int fd);

#endif
