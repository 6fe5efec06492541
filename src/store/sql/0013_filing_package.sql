-- Reports for authorities that are not NCMEC: a package that is made, kept sealed, handed over by a
-- person, and answered; and what is left of a report whose time is over.
-- This holds people's data (a receipt, who sent it and how).  Retention: a row of filing_packages goes
-- with its filing: the authority's legal clock, from `sent_at`.  filing_destructions holds no words
-- and is kept for good.

-- Whose it is, for its whole life: "ncmec", which is called, or the id of an authority, which is not.
ALTER TABLE filings ADD COLUMN authority TEXT NOT NULL DEFAULT 'ncmec';
-- The last day on which it was found to be over its time; 0: it is not.  It goes when that was seen
-- a day apart, so that a clock that was wrong for an hour ends nothing.
ALTER TABLE filings ADD COLUMN over_since INTEGER NOT NULL DEFAULT 0;

CREATE TABLE filing_packages (
	filing TEXT PRIMARY KEY REFERENCES filings(id),
	-- the vault's id of the sealed tar; "" of one that was written into a folder by hand
	item TEXT NOT NULL,
	-- of the tar, in hexadecimal; "" of a folder
	sha256 TEXT NOT NULL,
	-- of the tar
	bytes INTEGER NOT NULL,
	-- 1: with pages for people; 0: it says that they are missing
	pages INTEGER NOT NULL,
	made_at INTEGER NOT NULL,
	-- when a person first took it out; 0: not yet
	downloaded_at INTEGER NOT NULL,
	-- who, as the log names them; "" before
	downloaded_by TEXT NOT NULL,
	-- when it was handed over, as the person says; 0: not yet
	sent_at INTEGER NOT NULL,
	-- who says so, as the log names them; "" before
	sent_by TEXT NOT NULL,
	-- how, in the person's words; "" before
	way TEXT NOT NULL,
	-- the authority's or the sender's own number of it; "" before
	their_reference TEXT NOT NULL,
	-- what the authority answered, as a person took it down; "" is nothing yet
	receipt TEXT NOT NULL,
	-- when that was kept; 0: not yet
	receipt_at INTEGER NOT NULL,
	-- who kept it, as the log names them; "" before
	receipt_by TEXT NOT NULL
) STRICT;

-- That a report was here, and was removed when its time was over.
CREATE TABLE filing_destructions (
	id TEXT PRIMARY KEY,
	authority TEXT NOT NULL,
	environment TEXT NOT NULL,
	-- the last state it was in (states.h)
	state TEXT NOT NULL,
	-- NCMEC's number; NULL: it had none
	report INTEGER,
	-- of the caller's own reference, so that what was sent is not sent once more
	reference_sha256 TEXT NOT NULL,
	draft_sha256 TEXT NOT NULL,
	-- desk's ids; NULL: none
	action TEXT,
	job TEXT,
	-- how many it had
	files INTEGER NOT NULL,
	approved_at INTEGER NOT NULL,
	finished_at INTEGER NOT NULL,
	-- why it was kept until then: a legal clock's code, or "never-sent"
	basis TEXT NOT NULL,
	at INTEGER NOT NULL
) STRICT;
CREATE INDEX filing_destructions_reference ON filing_destructions (reference_sha256);
