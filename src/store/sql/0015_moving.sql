-- Videos: what is known of them before anybody looks (src/desk/exposure.h).

-- As the file says, in milliseconds; 0: it does not, or is a picture.
ALTER TABLE exposure_pictures ADD COLUMN duration_ms INTEGER NOT NULL DEFAULT 0;
-- 1: there is sound beside the pictures.  It is never played.
ALTER TABLE exposure_pictures ADD COLUMN sound INTEGER NOT NULL DEFAULT 0;
