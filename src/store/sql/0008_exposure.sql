-- What people had to look at, and how much of it they may (src/desk/exposure.h).
--
-- Retention: steps, days and check-ins speak of people who work here.  They are removed
-- `exposure_forget` days after (the operator's duty of care decides how many); what a report must
-- say of a file stays in exposure_items, without a person.

-- What is kept of a person between two looks.  Removed when the person is forgotten.
CREATE TABLE exposure_people (
	-- people's id
	person TEXT PRIMARY KEY,
	-- when they began this work: new people see less
	started_at INTEGER NOT NULL,
	-- when their shift ends; 0: nobody has said
	shift_until INTEGER NOT NULL,
	-- the number of the last day on which they looked; never goes back
	day INTEGER NOT NULL,
	-- severe items that came one behind the other
	severe_row INTEGER NOT NULL,
	-- the last of these items; "" when there is none
	last_item TEXT NOT NULL,
	-- the last break was before; 0: not at work
	work_since INTEGER NOT NULL,
	-- the last look
	seen_at INTEGER NOT NULL,
	-- changed by each look first, so that two at once stand one behind the other
	turn INTEGER NOT NULL
) STRICT;

-- What a person has used of a day's budget.
CREATE TABLE exposure_days (
	person TEXT NOT NULL,
	-- the number of the day, since 1970, as the settings begin a day
	day INTEGER NOT NULL,
	-- different items that were clear
	items INTEGER NOT NULL,
	-- seconds that were granted for clear views, less those that came back
	seconds INTEGER NOT NULL,
	-- severe ones of the items
	severe INTEGER NOT NULL,
	-- what a supervisor has added, once
	raised_items INTEGER NOT NULL,
	raised_seconds INTEGER NOT NULL,
	raised_severe INTEGER NOT NULL,
	-- who has; "" when nobody has
	raised_by TEXT NOT NULL,
	PRIMARY KEY (person, day)
) STRICT;

-- Each step on the ladder: what was opened, and how long it was.
CREATE TABLE exposure_steps (
	-- base/id.h
	id TEXT PRIMARY KEY,
	-- whose step it is
	person TEXT NOT NULL,
	-- of which session: one person may have two
	session TEXT NOT NULL,
	-- what was looked at: the vault's id of the content
	item TEXT NOT NULL,
	-- 0 picture, 1 reveal, 2 metadata
	what INTEGER NOT NULL,
	-- 0 to 5; of a reveal 2, of metadata 0
	level INTEGER NOT NULL,
	-- 1: all or a disc of it was clear
	clear INTEGER NOT NULL,
	-- 1: it was known to be severe
	severe INTEGER NOT NULL,
	-- whose budget it was taken from
	day INTEGER NOT NULL,
	-- 1: this step is the one by which the item counts on that day
	counts_item INTEGER NOT NULL,
	-- 1: the same, as a severe one
	counts_severe INTEGER NOT NULL,
	-- when it was opened
	since INTEGER NOT NULL,
	-- when its time was granted: at first, or when the person looked on
	granted_at INTEGER NOT NULL,
	-- the same in milliseconds of the machine's clock that only goes on
	granted_ms INTEGER NOT NULL,
	-- when it ends by itself
	until INTEGER NOT NULL,
	-- seconds that were taken from the budget for it; after its end, those it took
	seconds INTEGER NOT NULL,
	-- when the view was sent; 0: not yet, or it could not be made
	shown_at INTEGER NOT NULL,
	-- the view's size
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	-- 1: the view was of all of the file, not of some frames or of a part that could be read
	whole INTEGER NOT NULL,
	-- 0: open; 1 closed, 2 by the quiet key, 3 by itself, 4 could not be shown
	ended INTEGER NOT NULL,
	-- when it ended
	ended_at INTEGER NOT NULL
) STRICT;

CREATE INDEX exposure_steps_day ON exposure_steps (person, day, item);
CREATE INDEX exposure_steps_open ON exposure_steps (person, ended);
CREATE INDEX exposure_steps_since ON exposure_steps (since);

-- Whether anybody saw a file: what a report says of it.  Kept as long as the item's record.
CREATE TABLE exposure_items (
	-- the vault's id of the content
	item TEXT PRIMARY KEY,
	-- when a person first saw all of it clear; 0: nobody has
	file_at INTEGER NOT NULL,
	-- when a person first saw what the file says about itself; 0: nobody has
	metadata_at INTEGER NOT NULL
) STRICT;

-- Themes that a person does not want to see; nobody is told why, and nobody else is told at all.
-- Removed by the person, or with them.
CREATE TABLE exposure_opt_outs (
	person TEXT NOT NULL,
	-- a label, as "scheme:code", or a policy's code
	theme TEXT NOT NULL,
	PRIMARY KEY (person, theme)
) STRICT;

-- A person's own notes on how they are: three answers, sealed to a key that only they can use.
CREATE TABLE exposure_check_ins (
	-- base/id.h
	id TEXT PRIMARY KEY,
	person TEXT NOT NULL,
	-- when
	at INTEGER NOT NULL,
	-- the number of the week since 1970, from Monday on
	week INTEGER NOT NULL,
	-- the answers, in a sealed box (libsodium) for the person's key
	sealed BLOB NOT NULL
) STRICT;

CREATE INDEX exposure_check_ins_week ON exposure_check_ins (week, person);
CREATE INDEX exposure_check_ins_person ON exposure_check_ins (person, at);
