-- Reports as they came in, from anyone (src/intake).  What a reporter sent lies sealed in the vault;
-- here are facts about it: digests, hashes, canonical forms, codes.

-- Retention: as long as the installation, for they are what is counted; `context` and `jurisdiction`
-- hold codes and no words.  Of the reporter nothing is here but their kind.
CREATE TABLE intake_reports (
	id TEXT PRIMARY KEY,
	-- when
	at INTEGER NOT NULL,
	-- by which way: "api", "scan", "portal", "csv", "mail", "console"
	channel TEXT NOT NULL,
	-- whose key or account it came by, "" where the way has none
	holder TEXT NOT NULL,
	-- SHA-256 of the sender's idempotency key (and the installation's secret); NULL: none was given
	once BLOB,
	-- SHA-256 of what was sent with that key
	body BLOB,
	-- who reports: "public", "child", "trusted", ...
	reporter TEXT NOT NULL,
	-- 0 as any, 1 soon, 2 a child may be in danger now
	urgency INTEGER NOT NULL,
	-- country, ISO 3166 alpha-2, or ""
	jurisdiction TEXT NOT NULL,
	-- BCP 47, or ""
	language TEXT NOT NULL,
	-- a JSON object of codes and numbers
	context TEXT NOT NULL,
	-- the vault's item that holds how to reach the reporter; NULL: they did not say
	contact TEXT,
	-- 0 received, 1 being read, 2 done, 3 withdrawn
	state INTEGER NOT NULL,
	-- when it became that
	state_at INTEGER NOT NULL,
	-- what a receipt is looked up by, made of it with Argon2id and a secret; NULL: none was given
	receipt BLOB UNIQUE,
	-- X25519: what is written for the reporter is sealed to it; the receipt alone opens it
	receipt_key BLOB,
	UNIQUE (channel, holder, once)
) STRICT;
CREATE INDEX intake_reports_at ON intake_reports (at, id);

-- Retention: as the report.  The payload's own is the vault's (0003).
CREATE TABLE intake_items (
	id TEXT PRIMARY KEY,
	report TEXT NOT NULL REFERENCES intake_reports(id),
	-- its place in the report, from 0
	place INTEGER NOT NULL,
	-- "media", "text", "account", "url", "conversation"
	kind TEXT NOT NULL,
	-- the vault's item that holds what was sent; NULL: only a hash was
	payload TEXT,
	-- a media type, as the sender claims
	type TEXT NOT NULL,
	bytes INTEGER NOT NULL,
	-- of the payload; NULL: there is none
	md5 BLOB,
	sha1 BLOB,
	sha256 BLOB,
	-- 32 bytes; NULL: it is no picture, or nobody looked
	pdq BLOB,
	-- 0 to 100
	pdq_quality INTEGER NOT NULL,
	-- the canonical form of an address (url_form.h) or account; NULL for others
	form TEXT,
	-- SHA-256 of kind and form: what is looked up, for a form may be longer than an index takes
	form_key BLOB,
	-- of an address: its host; of an account: its service
	host TEXT,
	-- the item that was there first, of those that are alike; or this one
	first TEXT NOT NULL,
	-- how it is like that: "", "digest", "form", "near"
	alike TEXT NOT NULL,
	-- 0 as long as it waits for a decision
	closed_at INTEGER NOT NULL,
	UNIQUE (report, place)
) STRICT;
CREATE INDEX intake_items_sha256 ON intake_items (sha256, id);
CREATE INDEX intake_items_form ON intake_items (form_key, id);
CREATE INDEX intake_items_host ON intake_items (host, id);
CREATE INDEX intake_items_first ON intake_items (first, id);

-- Open pictures, to find those that look like another (src/intake/alike.c).  Retention: until the item
-- is decided.
CREATE TABLE intake_pictures (
	-- the item's time in milliseconds and some chance: short to point at, and the older is less
	number INTEGER PRIMARY KEY,
	item TEXT NOT NULL REFERENCES intake_items(id),
	-- of the item
	first TEXT NOT NULL,
	-- 32 bytes
	pdq BLOB NOT NULL
) STRICT;
CREATE INDEX intake_pictures_item ON intake_pictures (item);

-- Their sixteen pieces.  Retention: as the picture.
CREATE TABLE intake_pieces (
	-- place of the piece times 65536, and its 16 bits
	piece INTEGER NOT NULL,
	picture INTEGER NOT NULL REFERENCES intake_pictures(number),
	PRIMARY KEY (piece, picture)
) STRICT;
CREATE INDEX intake_pieces_picture ON intake_pieces (picture);

-- What reporter and desk write to each other, by receipt.  Retention: until the report is removed or
-- withdrawn; then the texts go and the rows stay to be counted.
CREATE TABLE intake_words (
	report TEXT NOT NULL REFERENCES intake_reports(id),
	-- from 1
	place INTEGER NOT NULL,
	at INTEGER NOT NULL,
	-- 1: by the reporter; 0: to the reporter
	by_reporter INTEGER NOT NULL,
	-- SHA-256 of the sender's key for these words, so that they are added once; NULL: none
	once BLOB,
	-- sealed to the receipt's key; NULL: the report was withdrawn
	sealed BLOB,
	-- of the reporter's words: the vault's item with the same words, for the desk; NULL of the others
	payload TEXT,
	PRIMARY KEY (report, place),
	UNIQUE (report, once)
) STRICT;
