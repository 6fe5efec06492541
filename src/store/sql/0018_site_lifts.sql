-- A lift is decided first, and then the list is changed (src/api/site_lift.h): between the two a
-- program may be killed, and what was decided is done when it starts again.

-- When the list held it; 0: it is lifted, and not done yet, or is not lifted.
ALTER TABLE site_appeals ADD COLUMN applied_at INTEGER NOT NULL DEFAULT 0;
UPDATE site_appeals SET applied_at = settled_at WHERE state = 'lifted';
