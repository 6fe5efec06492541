-- Accounts at an identity provider (OpenID Connect) by which persons log in.
--
-- The table that 0002 made had no name for a row, and was never written.

DROP TABLE people_identities;

-- Retention: until it is unlinked, the person is invited anew, or is forgotten.
CREATE TABLE people_identities (
	-- base/id.h; how one speaks of it
	id TEXT PRIMARY KEY,
	-- the provider, as it calls itself
	issuer TEXT NOT NULL,
	-- what the provider calls the account; nothing else of it is kept
	subject TEXT NOT NULL,
	person TEXT NOT NULL REFERENCES people(id),
	-- 1: at the last log-in the provider's own second factor was taken
	second INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	-- the last log-in by it; 0: none yet
	used_at INTEGER NOT NULL,
	UNIQUE (issuer, subject)
) STRICT;

CREATE INDEX people_identities_by_person ON people_identities (person);
