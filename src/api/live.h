/*
 * live.h - what the service stands on: settings, policy, keys and lists, as they are now
 *
 * A request holds one snapshot from its first line to its answer, so that a
 * reload between two of its steps changes nothing for it.  A reload that
 * fails keeps what there was and says why.
 *
 * Any thread may acquire, release and refresh.
 */
#ifndef API_LIVE_H
#define API_LIVE_H

#include "workspace/keys.h"
#include "workspace/workspace.h"

struct snapshot {
	struct workspace *workspace; /* settings and policy; only read */
	struct keys *keys;
	const struct settings *settings;
	const struct ward_policy *policy;
};

struct live;

/* Opens everything below `folder`. */
ward_err live_open(const char *folder, struct live **live, struct ward_error *error) WARD_MUST_USE;
void live_free(struct live *live);

const struct snapshot *live_acquire(struct live *live);
void live_release(struct live *live, const struct snapshot *snapshot);

/* Every acquire of a view needs its ward_bank_release. */
struct ward_bank_view *live_view(struct live *live);

/* Looks whether lists or keys have changed; with `settings`, reads ward.conf again, too. */
ward_err live_refresh(struct live *live, bool settings, struct ward_error *error) WARD_MUST_USE;

#endif
