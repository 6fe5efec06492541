-- Reports to NCMEC: what is to be sent, how far it has come, and every call with its answer.
-- This holds people's data (names, addresses, accounts), as the law asks for.  Retention: the legal
-- clock "us-2258a" of the vault's table, a year from `finished_at`; of what was never sent, ninety
-- days from `changed_at`.  Rows of filing_calls go with their filing: they are its receipts.

-- One report that is, or was to be, filed.
CREATE TABLE filings (
	id TEXT PRIMARY KEY,
	reference TEXT NOT NULL UNIQUE,   -- the caller's own, so that nothing is filed twice
	action TEXT UNIQUE,               -- desk's action that approved it; NULL: not yet, or by hand
	environment TEXT NOT NULL,        -- "test" or "production", for its whole life
	state TEXT NOT NULL,              -- states.h
	turn INTEGER NOT NULL,            -- grows with each change: whoever holds an older one changes nothing
	draft TEXT NOT NULL,              -- JSON (draft.h)
	draft_sha256 TEXT NOT NULL,       -- of `draft`: what persons approve is this text
	persons INTEGER NOT NULL,         -- how many must approve: 2 when it is escalated or a batch
	report INTEGER,                   -- NCMEC's number while one is open or finished
	opened_at INTEGER NOT NULL,       -- when that was opened; 0: never
	touched_at INTEGER NOT NULL,      -- when NCMEC last took a file or its details; 0: never
	tries INTEGER NOT NULL,           -- calls that failed since it was approved
	due_at INTEGER NOT NULL,          -- not to be worked on before
	busy_until INTEGER NOT NULL,      -- a call is under way, at the longest until then
	after_retract TEXT NOT NULL,      -- what it is to be then: "again", "failed" or "retracted"; "" else
	wish TEXT NOT NULL,               -- "retract": a person wants it back; "" else
	alert TEXT NOT NULL,              -- a code of what a person has to look at; "" else (states.h)
	code INTEGER NOT NULL,            -- NCMEC's last that was not 0; 0: none
	message TEXT NOT NULL,            -- a sentence on the last trouble; "" else
	created_at INTEGER NOT NULL,
	approved_at INTEGER NOT NULL,     -- 0: not yet
	finished_at INTEGER NOT NULL,     -- 0: not yet
	changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX filings_due ON filings (environment, state, due_at);

-- Who approved which text.
CREATE TABLE filing_approvals (
	filing TEXT NOT NULL REFERENCES filings(id),
	person TEXT NOT NULL,             -- people's id, or the name that whoever approved by hand gave
	draft_sha256 TEXT NOT NULL,       -- another text needs another approval
	reason TEXT NOT NULL,             -- the person's words
	at INTEGER NOT NULL,
	PRIMARY KEY (filing, person, draft_sha256)
) STRICT;

-- The files of a report, in the order they are sent.
CREATE TABLE filing_files (
	filing TEXT NOT NULL REFERENCES filings(id),
	number INTEGER NOT NULL,          -- from 0, as in the draft
	item TEXT NOT NULL,               -- the vault's id
	state TEXT NOT NULL,              -- "waiting", "sending", "sent", "telling", "told"
	size INTEGER NOT NULL,            -- bytes that were sent
	md5 TEXT NOT NULL,                -- of them; "" before
	file TEXT NOT NULL,               -- NCMEC's id; "" before
	viewed INTEGER NOT NULL,          -- 1: a person of ours had seen it when its details were sent
	exif_viewed INTEGER NOT NULL,     -- 1: and its metadata
	PRIMARY KEY (filing, number)
) STRICT;

-- Every call, written before it is made; a row without an end is one whose answer never came.
CREATE TABLE filing_calls (
	filing TEXT NOT NULL REFERENCES filings(id),
	number INTEGER NOT NULL,          -- from 1
	call TEXT NOT NULL,               -- "submit", "upload", "fileinfo", "finish", "retract"
	report INTEGER,                   -- NCMEC's number that it was about, or opened
	file INTEGER,                     -- of filing_files; NULL: about no file
	begun_at INTEGER NOT NULL,
	ended_at INTEGER NOT NULL,        -- 0: no end
	outcome TEXT NOT NULL,            -- "begun", "answered", "unknown", "not_sent", "lost"
	status INTEGER NOT NULL,          -- of HTTP; 0: none
	code INTEGER NOT NULL,            -- NCMEC's; -1: none
	request_id TEXT NOT NULL,         -- NCMEC's name of the call, for asking them about it; "" without
	sent BLOB,                        -- the document as it was sent; NULL of a file or a form
	reply BLOB,                       -- the answer, byte for byte: the receipt
	PRIMARY KEY (filing, number)
) STRICT;

-- A decision to report names the draft that was looked at, and its digest (filing.h, filing_take).
UPDATE desk_action_kinds SET parameters =
	'[{"name":"authority","type":"text","required":true},{"name":"incident","type":"text","required":true},{"name":"filing","type":"text","required":false},{"name":"sha256","type":"text","required":false}]'
WHERE name = 'report';
