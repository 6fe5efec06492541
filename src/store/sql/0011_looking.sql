-- What people look at over HTTP: the quiet key that stays pressed, what a picture is, and near pictures
-- (src/desk/exposure.h, src/intake/alike.h).

-- When the person pressed the quiet key; 0: it is not pressed.  Retention: as the row.
ALTER TABLE exposure_people ADD COLUMN quiet_since INTEGER NOT NULL DEFAULT 0;

-- What the worker saw of a file when it made the first view of it.  Kept as long as the item's record.
CREATE TABLE exposure_pictures (
	-- the vault's id of the content
	item TEXT PRIMARY KEY,
	-- what it is by content: "png"
	kind TEXT NOT NULL,
	-- as stored, in pixels
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	-- as far as known before decoding; at least 1
	frames INTEGER NOT NULL
) STRICT;

-- Those that a picture is compared with when somebody searches for what looks like it.
CREATE INDEX intake_items_pdq ON intake_items (pdq, id) WHERE pdq IS NOT NULL;
