-- What was done, by whom, to what (src/audit).  Rows are added, never changed and never removed.
--
-- Retention: as long as the installation.  A row holds ids, codes, digests and a reason, so what it
-- tells of ends to point anywhere when that is destroyed.
CREATE TABLE audit_rows (
	-- from 1, without gaps
	number INTEGER PRIMARY KEY,
	-- when, as the clock had it
	at INTEGER NOT NULL,
	-- who: "person:ID", "key:NAME", "portal", "system"
	actor TEXT NOT NULL,
	-- the role a person had at that time
	role TEXT NOT NULL,
	-- "report.received": a noun and what happened to it
	action TEXT NOT NULL,
	-- to what: "item:ID"
	object TEXT NOT NULL,
	-- the digest of what was acted upon, in hexadecimal
	digest TEXT NOT NULL,
	-- a person's own words
	reason TEXT NOT NULL,
	-- a JSON object of ids, numbers and codes
	detail TEXT NOT NULL,
	-- SHA-256 of the row before; zeroes in the first
	previous BLOB NOT NULL,
	-- SHA-256 of this row, the one before included
	self BLOB NOT NULL
) STRICT;

-- The custody of one thing, and the acts of one person, newest first.
CREATE INDEX audit_rows_object ON audit_rows (object, number);
CREATE INDEX audit_rows_actor ON audit_rows (actor, number);

-- One row: where the log ends.  Whoever adds a row changes this one first, so two who add stand one
-- behind the other.
CREATE TABLE audit_head (
	-- 1
	one INTEGER PRIMARY KEY CHECK (one = 1),
	-- the number of the newest row; 0 before the first
	number INTEGER NOT NULL,
	-- its SHA-256; NULL before the first
	digest BLOB
) STRICT;

INSERT INTO audit_head (one, number, digest) VALUES (1, 0, NULL);

-- Signatures over the newest row of their time.  Retention: as the rows.
CREATE TABLE audit_checkpoints (
	-- the row that is signed, and with it every one before
	number INTEGER PRIMARY KEY,
	-- when it was signed
	at INTEGER NOT NULL,
	-- the SHA-256 of that row
	digest BLOB NOT NULL,
	-- the public key, Ed25519
	key BLOB NOT NULL,
	-- over number, time and digest
	signature BLOB NOT NULL
) STRICT;
