/*
 * document.h - a mail, a mailbox or a PDF in; what is in it out, as members of an archive
 *
 * Linked into ward-worker-document and the tests alone: nothing else in ward
 * hands a document to a library (gmime, qpdf).  Members are told to the sink as
 * decode_archive tells them, one level; a message within a message is that
 * level still, since it is read in one go.  What is broken does not hide what
 * is not: the first trouble is kept, the rest is read, and the job then fails.
 *
 * Members of a mail are its leaves: attachments by their names, others as
 * "part 2.html"; within a message that is attached, "its name!part 1.txt"; of an
 * mbox, "3!photo.zip".  Those of a PDF: "page 3 picture 2.jpg", "picture 17.pgm"
 * (on no page), "attachments/a.zip", "text.txt", "links.txt" (a line each).  Of an ole file the
 * way to a stream, "Data picture 2.jpg" for what lies within; of a database
 * "messages!17!picture"; of a .DS_Store "names.txt"; of an RTF "picture 1.png", "object 2",
 * "text.txt"; of
 * Outlook's mailbox "Inbox/Boats!The lamp!photo.jpg".
 */
#ifndef DECODE_DOCUMENT_H
#define DECODE_DOCUMENT_H

#include "decode/decode.h"

/* Before the jail closes: loads the character sets that names may be in. */
void document_prepare(void);

/*
 * Reads a document of a kind that ward_media_is_document.  Fails as
 * decode_archive does; UNSUPPORTED also when a part of it could not be opened.
 */
ward_err document_read(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, const struct decode_sink *sink,
		struct ward_error *error) WARD_MUST_USE;

#endif
