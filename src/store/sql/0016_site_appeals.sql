-- "This is a mistake": what people say of pages that were blocked (src/intake/site_appeals.h).
-- This holds people's words.  Retention: a settled appeal goes 180 days after it was settled, an open
-- one 180 days after it came; how to reach who wrote it goes after 30 days, or when it is settled.

CREATE TABLE site_appeals (
	id TEXT PRIMARY KEY,
	at INTEGER NOT NULL,
	-- of the form: sent twice it is one
	once TEXT NOT NULL UNIQUE,
	-- why the page was blocked: "abuse", "category", "held" or "time"
	blocked TEXT NOT NULL,
	-- the list's name, or "rule"
	list TEXT NOT NULL,
	-- the entry as its list writes it, or the rule's name
	entry TEXT NOT NULL,
	-- that the page showed; "" of lists that name nothing
	host TEXT NOT NULL,
	-- 1: by law or order: it is read, and opens nothing
	ordered INTEGER NOT NULL,
	-- BCP 47, of the page
	language TEXT NOT NULL,
	-- of who wrote it
	words TEXT NOT NULL,
	-- "open", "kept" or "lifted"
	state TEXT NOT NULL,
	-- who settled it, as the log names them; "" before
	person TEXT NOT NULL,
	-- in that person's words; "" before
	reason TEXT NOT NULL,
	-- 0 before
	settled_at INTEGER NOT NULL
) STRICT;
CREATE INDEX site_appeals_state ON site_appeals (state, id);

-- Apart, so that it can go while the rest stays.
CREATE TABLE site_appeal_contacts (
	appeal TEXT PRIMARY KEY REFERENCES site_appeals(id),
	contact TEXT NOT NULL,
	expires INTEGER NOT NULL
) STRICT;
