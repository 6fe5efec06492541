/*
 * held_attributes.h - a file's extended attributes, as they are sealed and given back
 *
 * Those that belong to whoever owns the file: "user.*", and its access list
 * ("system.posix_acl_access").  What a kernel's module says of a file
 * ("security.*", "trusted.*") is not kept: it is for the place where the file
 * lies, and what is sealed may have been made by somebody else to be given
 * back by root.
 *
 *     each: length of the name (2 bytes), of the value (4), both little endian; the name, the value
 */
#ifndef AGENT_HELD_ATTRIBUTES_H
#define AGENT_HELD_ATTRIBUTES_H

#include <ward/base.h>

/* ext4 keeps 4 KiB of a file, unless it was told to keep more; Linux at most 64 KiB a value. */
enum { HELD_ATTRIBUTES_MAX = 128 << 10 };

/* Returns how many bytes were written; `*left` counts those that had no room or cannot be read. */
size_t held_attributes_read(int fd, uint8_t to[HELD_ATTRIBUTES_MAX], uint32_t *left);

/*
 * Gives them to a file that is its owner's again (`owned`), or another's: then without the access
 * list, which names whom the owner let in.  Returns how many were not given: the file system has
 * none, does not let us, or they make no sense.
 */
uint32_t held_attributes_give(int fd, ward_bytes attributes, bool owned);

#endif
