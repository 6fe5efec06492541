-- What a program that sends reports may open (src/vault/release.h): it holds no role, and items are
-- released to it one by one, by persons who can open them, for a report that they approve.

-- The program's keys, each a row.  Kept for good: the log speaks of them.  The secret half is a file.
CREATE TABLE vault_senders (
	id TEXT PRIMARY KEY,
	-- X25519, 32 bytes
	public_key BLOB NOT NULL,
	made_at INTEGER NOT NULL,
	-- 0: in use; else nothing is released to it any more
	retired_at INTEGER NOT NULL
) STRICT;

-- An item's key, for one purpose.  Deleted when that is over, and with the item's other keys.
CREATE TABLE vault_releases (
	item TEXT NOT NULL REFERENCES vault_items(id),
	-- "filing:ID"
	purpose TEXT NOT NULL,
	sender TEXT NOT NULL REFERENCES vault_senders(id),
	-- the item's key, sealed to the sender's public half for this purpose (wrap.h)
	wrap BLOB NOT NULL,
	-- whose doing it was, as the log names them
	actor TEXT NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (item, purpose)
) STRICT;
CREATE INDEX vault_releases_purpose ON vault_releases (purpose);
