-- What is kept sealed, which keys open it, why it is kept, and what became of it.  Nothing here is
-- content: payloads lie in vault/, sealed, and no secret stands here in the clear.

-- The keys that items are wrapped to, each generation a row.  Kept for good: the log speaks of them.
CREATE TABLE vault_keys (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,               -- "review", "filing", ...; "master", "backup"
	generation INTEGER NOT NULL,      -- from 1
	split INTEGER NOT NULL,           -- 1: its secret half is in shares, which nobody keeps here
	needed INTEGER NOT NULL,          -- so many shares open it; 0 of a role
	shares INTEGER NOT NULL,          -- of so many
	public_key BLOB NOT NULL,         -- X25519, 32 bytes
	made_at INTEGER NOT NULL,
	retired_at INTEGER NOT NULL,      -- 0: in use; else nothing is wrapped to it any more
	UNIQUE (name, generation)
) STRICT;

-- Secret halves of roles, sealed to whoever holds them.  Deleted when the holding ends or the key
-- was rotated.
CREATE TABLE vault_holders (
	key TEXT NOT NULL REFERENCES vault_keys(id),
	holder TEXT NOT NULL,             -- "person:ID", "key:NAME"; "vault:ID" is one of vault_keys
	public_key BLOB NOT NULL,         -- the holder's, 32 bytes
	wrap BLOB NOT NULL,               -- the secret half, sealed to it (wrap.h)
	since INTEGER NOT NULL,
	PRIMARY KEY (key, holder)
) STRICT;
CREATE INDEX vault_holders_holder ON vault_holders (holder);

-- One thing that came in.  The row stays when its payload is destroyed: the digests are what
-- tells later that it was there.
CREATE TABLE vault_items (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,               -- a media type, as claimed
	origin TEXT NOT NULL,             -- what it came with: "report:ID"
	bytes INTEGER NOT NULL,           -- of the plain payload, as are the three digests
	md5 BLOB NOT NULL,
	sha1 BLOB NOT NULL,
	sha256 BLOB NOT NULL,
	sealed_bytes INTEGER NOT NULL,    -- of the file
	sealed_sha256 BLOB NOT NULL,
	sealed_at INTEGER NOT NULL,
	keep_until INTEGER NOT NULL,      -- the last end of its holds that are not released
	destroyed_at INTEGER NOT NULL     -- 0: it is there
) STRICT;
CREATE INDEX vault_items_origin ON vault_items (origin);
CREATE INDEX vault_items_sha256 ON vault_items (sha256);
CREATE INDEX vault_items_due ON vault_items (destroyed_at, keep_until, id);

-- The key of an item, sealed to each key that opens it.  Deleted to destroy the item.
CREATE TABLE vault_wraps (
	item TEXT NOT NULL REFERENCES vault_items(id),
	key TEXT NOT NULL REFERENCES vault_keys(id),
	wrap BLOB NOT NULL,
	PRIMARY KEY (item, key)
) STRICT;
CREATE INDEX vault_wraps_key ON vault_wraps (key, item);

-- A reason to keep an item until a day.  Kept for good, as the item's row is.
CREATE TABLE vault_holds (
	id TEXT PRIMARY KEY,
	item TEXT NOT NULL REFERENCES vault_items(id),
	basis TEXT NOT NULL,              -- a legal clock's code
	reference TEXT NOT NULL,          -- the authority's own number; or ""
	authority INTEGER NOT NULL,       -- 1: asked for by an authority; nobody outside is told
	start_at INTEGER NOT NULL,
	end_at INTEGER NOT NULL,
	renewals INTEGER NOT NULL,
	released_at INTEGER NOT NULL      -- 0: it was not ended before its time
) STRICT;
CREATE INDEX vault_holds_item ON vault_holds (item);
CREATE INDEX vault_holds_end ON vault_holds (released_at, end_at);

-- That an item was destroyed, and how.  Kept for good.
CREATE TABLE vault_destructions (
	item TEXT PRIMARY KEY REFERENCES vault_items(id),
	at INTEGER NOT NULL,
	method TEXT NOT NULL,
	first_approver TEXT NOT NULL,     -- "person:ID"
	second_approver TEXT NOT NULL,
	reason TEXT NOT NULL,
	bases TEXT NOT NULL               -- of the holds that it had, a comma between them
) STRICT;
