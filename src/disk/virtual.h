/*
 * virtual.h - a disk in a virtual machine's files: QCOW2, VMDK, VHD, VHDX, VDI
 *
 * These map a disk piece by piece to places in their files, and may deflate a
 * piece.  Only what stands in one image is read: one that lies over another
 * (backing file, parent, difference) and one that is enciphered are refused
 * with a sentence.  Facts are from the publishers' descriptions: QEMU's
 * docs/interop/qcow2.txt, VMware's Virtual Disk Format 5.0, Microsoft's Virtual
 * Hard Disk Image Format and [MS-VHDX], VirtualBox's VDICore.h.
 *
 * A raw disk may be made to begin like one of these, to show a second disk
 * where the first should be looked at: such double faces are told as a remark.
 *
 * Memory is 4 MiB for tables and two pieces.  Used within the jail; the bytes
 * are hostile.  One thread at a time.
 */
#ifndef DISK_VIRTUAL_H
#define DISK_VIRTUAL_H

#include "disk/source.h"

struct virtual;

/* What is said of an image that disk_source_is_disk() as well. */
extern const char disk_two_faces[];

/* Is the first file one of these? */
bool virtual_is(const struct disk_source *source);

/* FORMAT, UNSUPPORTED, NOMEM with a sentence; `source` is copied. */
ward_err virtual_open(const struct disk_source *source, struct virtual **disk,
		struct ward_error *error) WARD_MUST_USE;
void virtual_free(struct virtual *disk);

uint64_t virtual_size(const struct virtual *disk); /* of the disk, in bytes */
/* A sentence about what this image holds and is not seen; NULL for nothing. */
const char *virtual_remark(const struct virtual *disk);

/* Exactly `len` bytes of the disk; false when a piece is missing or damaged. */
bool virtual_read(struct virtual *disk, uint64_t at, uint8_t *to, size_t len) WARD_MUST_USE;

#endif
