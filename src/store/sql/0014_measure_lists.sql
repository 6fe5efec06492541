-- How large the lists were: a row when a list is seen to have another size than before
-- (src/measure/lists.h).  Kept for good: codes and numbers, nothing of anybody.
CREATE TABLE measure_lists (
	-- the list's name
	list TEXT NOT NULL,
	-- when it was seen
	at INTEGER NOT NULL,
	-- how many entries more than before; less than 0: fewer
	step INTEGER NOT NULL,
	PRIMARY KEY (list, at)
) STRICT;
