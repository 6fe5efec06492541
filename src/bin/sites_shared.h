/*
 * sites_shared.h - hosts that many others live on: the public suffixes, and share/shared-hosts
 */
#ifndef BIN_SITES_SHARED_H
#define BIN_SITES_SHARED_H

#include <ward/base.h>

/* share/shared-hosts, as built in (src/bin/meson.build). */
extern const uint8_t sites_shared_table[];
extern const size_t sites_shared_table_len;

struct sites_shared;

/* Reads the installed table, which an operator may add to; where there is none, the one built in
 * counts. */
ward_err sites_shared_open(struct sites_shared **shared, struct ward_error *error) WARD_MUST_USE;
void sites_shared_free(struct sites_shared *shared);
/* What a host is ("delivery", "storage", "suffix", ...); empty when it is none of them. */
ward_str sites_shared_kind(const struct sites_shared *shared, ward_str host);

#endif
