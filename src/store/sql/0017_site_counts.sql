-- What site lists and rules did on the networks, in numbers (src/measure/sites.h).  Nothing of
-- anybody who asked.  A run is one life of a daemon: it writes its own numbers anew, so that
-- writing twice counts once.

-- How often a list, with a cause, noted or blocked.  Kept for good.
CREATE TABLE site_counts (
	-- days since 1970, in UTC
	day INTEGER NOT NULL,
	-- of which daemon's life
	run TEXT NOT NULL,
	-- the list's name; '' where no list was the cause
	list TEXT NOT NULL,
	-- why, in the gate's words
	cause TEXT NOT NULL,
	-- note or block
	act TEXT NOT NULL,
	-- how often
	count INTEGER NOT NULL,
	PRIMARY KEY (day, run, list, cause, act)
) STRICT;

-- How often a host was asked for in vain, when enough different clients did.  Kept for 90 days.
CREATE TABLE site_hosts (
	-- days since 1970, in UTC
	day INTEGER NOT NULL,
	-- of which daemon's life
	run TEXT NOT NULL,
	-- the host; never one of a hidden list
	host TEXT NOT NULL,
	-- the list that blocked it first; '' where none did
	list TEXT NOT NULL,
	-- how often
	count INTEGER NOT NULL,
	PRIMARY KEY (day, run, host)
) STRICT;
