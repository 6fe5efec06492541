/*
 * key.h - the form in which places are sorted, stored and looked for
 *
 * A place is a word of bytes and its kind.  The host's labels stand in reverse,
 * so that all of a domain lies together and names share their beginnings:
 *
 *     domain or host   com 06 example 06 www
 *     page or prefix   com 06 example 06 www 05 /path?query
 *     network          03, '4' or '6', the address, how many bits count
 *     hash             02, how many bytes, the bytes
 *
 * 06, 05 and what is below never occur in a canonical host or path, and they
 * sort before what does: behind a host's own entries come its pages, and then
 * the hosts below it.  Order is by the word with one more byte for the kind.
 *
 * Functions here take and give canonical keys (ward/site.h); what is none is
 * refused, so that whatever is in a file can be written out and read again.
 */
#ifndef SITE_KEY_H
#define SITE_KEY_H

#include <ward/site.h>

#define SITE_HOST_MAX       255
#define SITE_PARTS_MAX      64 /* of a prefix: "h/" has one, "h/a/" two */
#define SITE_LABELS_MAX     128
#define SITE_KEY_MAX        (WARD_LINK_MAX - 8)
#define SITE_LABEL_SEP      0x06
#define SITE_PATH_SEP       0x05
#define SITE_NETWORK_SIGN   0x03
#define SITE_HASH_SIGN      0x02
#define SITE_HASH_BYTES_MIN 4

/* How kinds with the same word are sorted; never 0. */
uint8_t site_kind_order(ward_site_kind kind);

/*
 * Writes the labels of a host in reverse.  Of a host that is too long only as
 * many as fit: no list names more.  Returns the length; `out` has room for
 * SITE_HOST_MAX.
 */
size_t site_host_reverse(ward_str host, char out[SITE_HOST_MAX]);

/* The word of a network of `bits` bits around an address; what lies behind them is cleared. */
size_t site_network_word(ward_host_kind kind, const uint8_t address[16], unsigned bits,
		char out[20]);

/* Appends the word of a kind's canonical key.  ARGUMENT when the key is none. */
ward_err site_key_word(ward_site_kind kind, ward_str key, struct ward_buf *out,
		struct ward_error *error) WARD_MUST_USE;

/* How much of a word is the host; the path begins one behind it.  All of it when it has no path. */
size_t site_word_host(ward_str word);

/*
 * The key of a word, written to `out`, which has room for as much as the word and for 72.  Returns
 * its length; a word that no key has gives some text or none.
 */
size_t site_word_key(ward_site_kind kind, ward_str word, char *out);

#endif
