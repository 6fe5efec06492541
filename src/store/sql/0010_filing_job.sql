-- A report to NCMEC belongs to a job of the desk, and is seen by whoever may see that job.

-- desk's id; NULL: it was made at the command line, and is sent from there.
ALTER TABLE filings ADD COLUMN job TEXT;
CREATE INDEX filings_job ON filings (job, id);
