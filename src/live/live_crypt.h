/*
 * live_crypt.h - pieces that HLS encrypts with AES-128 (RFC 8216, 4.3.2.4), in the clear
 *
 * AES-128 in CBC mode with PKCS #7 padding.  The key lies at an address that the playlist names to
 * whoever may watch, and was fetched from there as a player does.  A piece whose end is cut off, or
 * whose padding is none, gives what came before.
 */
#ifndef LIVE_CRYPT_H
#define LIVE_CRYPT_H

#include <ward/base.h>

struct live_crypt;

enum { LIVE_CRYPT_BLOCK = 16 };

/* `key` and `iv` are 32 digits of hex each.  NULL when they are not, or without memory. */
struct live_crypt *live_crypt_new(const char *key, const char *iv);
void live_crypt_free(struct live_crypt *crypt);

/*
 * Up to `room` bytes of the piece in the clear.  `read` gives up to so many bytes of it as it came,
 * 0 at its end.  0: that was all.
 */
typedef size_t live_crypt_read(void *context, uint8_t *to, size_t room);
size_t live_crypt_some(struct live_crypt *crypt, live_crypt_read *read, void *context, uint8_t *to,
		size_t room);

#endif
