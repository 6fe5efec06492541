-- What people work on and what they decided.  Nothing here holds content: texts of reporters lie
-- sealed in the vault; names of accounts are digests, except in `subject`, which is what the
-- operator's own service calls them by.

-- A line of work.  Kept as long as a job names it.
CREATE TABLE desk_queues (
	id TEXT PRIMARY KEY,              -- a short word, as a list's name
	title TEXT NOT NULL,              -- what people read
	place INTEGER NOT NULL,           -- its order on the page
	active INTEGER NOT NULL,          -- 0: nothing is routed to it, and nothing is taken from it
	lease_seconds INTEGER NOT NULL,   -- how long a job is one person's
	double_percent INTEGER NOT NULL,  -- of its jobs, labelled a second time, blindly
	everyone INTEGER NOT NULL,        -- 1: whoever may take jobs; 0: those in desk_queue_people
	hidden_actions TEXT NOT NULL,     -- names of actions not offered here, a comma between them
	count_open INTEGER NOT NULL       -- jobs that are open; kept with each change
) STRICT;

CREATE TABLE desk_queue_people (
	queue TEXT NOT NULL REFERENCES desk_queues(id),
	person TEXT NOT NULL,             -- people's id
	PRIMARY KEY (queue, person)
) STRICT;

-- What a person marked as theirs to look at first.
CREATE TABLE desk_stars (
	person TEXT NOT NULL,
	kind TEXT NOT NULL,               -- "queue" or "job"
	object TEXT NOT NULL,
	PRIMARY KEY (person, kind, object)
) STRICT;

-- Where a job goes: the first rule that matches, by place.
CREATE TABLE desk_routes (
	id TEXT PRIMARY KEY,
	place INTEGER NOT NULL,
	mode TEXT NOT NULL,               -- "live"; "test": counted only; "draft": not looked at
	conditions TEXT NOT NULL,         -- a JSON object (route.h)
	queue TEXT NOT NULL REFERENCES desk_queues(id),
	priority INTEGER NOT NULL,        -- 0 to 100; negative: what the report says
	matched INTEGER NOT NULL          -- how often, since it was made or its conditions changed
) STRICT;

-- One thing to decide, with everything that came in about it.  Kept as long as its evidence's
-- record (hashes and decisions are kept; what is sealed follows the vault's clocks).
CREATE TABLE desk_jobs (
	id TEXT PRIMARY KEY,
	queue TEXT NOT NULL REFERENCES desk_queues(id),
	state TEXT NOT NULL,              -- "open", "decided", "closed"
	waits TEXT NOT NULL,              -- for whom: "first", "second" (blind), "opinion", "between"
	rank INTEGER NOT NULL,            -- 100 - priority: lower sooner
	created_at INTEGER NOT NULL,      -- of its first report
	changed_at INTEGER NOT NULL,
	urgent INTEGER NOT NULL,          -- a child may be in danger now
	subject TEXT NOT NULL,            -- "account:NAME", "item:ID", "report:ID": what is decided about
	facts TEXT NOT NULL,              -- a JSON object: what routing looked at
	reports INTEGER NOT NULL,         -- how many came in about it
	known_decision TEXT,              -- it was decided before: not to be viewed, only confirmed
	lease_person TEXT,                -- whose it is, until
	lease_until INTEGER NOT NULL,     -- 0: nobody's
	leased_at INTEGER NOT NULL,       -- when they took it
	not_person TEXT                   -- who may not take it: who asked for the second opinion
) STRICT;
CREATE INDEX desk_jobs_next ON desk_jobs (queue, state, rank, created_at, id);
CREATE INDEX desk_jobs_all ON desk_jobs (state, rank, created_at, id);
CREATE INDEX desk_jobs_subject ON desk_jobs (subject);
CREATE INDEX desk_jobs_created ON desk_jobs (created_at);

CREATE TABLE desk_job_items (
	job TEXT NOT NULL REFERENCES desk_jobs(id),
	item TEXT NOT NULL,               -- intake's id
	report TEXT NOT NULL,             -- the report it came with
	PRIMARY KEY (job, item)
) STRICT;
CREATE INDEX desk_job_items_item ON desk_job_items (item);

CREATE TABLE desk_job_reports (
	job TEXT NOT NULL REFERENCES desk_jobs(id),
	report TEXT NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (job, report)
) STRICT;
CREATE INDEX desk_job_reports_report ON desk_job_reports (report);

-- What a job may be found by, and what joins it to others.
CREATE TABLE desk_keys (
	kind TEXT NOT NULL,               -- "sha256", "account", "host", "url", "item", "report"
	value TEXT NOT NULL,
	job TEXT NOT NULL REFERENCES desk_jobs(id),
	PRIMARY KEY (kind, value, job)
) STRICT;
CREATE INDEX desk_keys_job ON desk_keys (job);

-- A person's words to colleagues.
CREATE TABLE desk_comments (
	id TEXT PRIMARY KEY,
	job TEXT NOT NULL REFERENCES desk_jobs(id),
	person TEXT NOT NULL,
	at INTEGER NOT NULL,
	words TEXT NOT NULL
) STRICT;
CREATE INDEX desk_comments_job ON desk_comments (job, at);

-- The operator's own policy: a tree, each with what it is called elsewhere.
CREATE TABLE desk_policies (
	code TEXT PRIMARY KEY,            -- "harm.known"
	parent TEXT REFERENCES desk_policies(code),
	place INTEGER NOT NULL,
	title TEXT NOT NULL,
	help TEXT NOT NULL,               -- a sentence for whoever decides
	labels TEXT NOT NULL,             -- "scheme:code" of other schemes, a comma between them
	severe INTEGER NOT NULL,          -- 1: counts against the budget of severe ones
	weight INTEGER NOT NULL,          -- strikes against the account
	active INTEGER NOT NULL
) STRICT;

-- What a person made of a job.  Never changed; undone by a row of its own.
CREATE TABLE desk_decisions (
	id TEXT PRIMARY KEY,
	job TEXT NOT NULL REFERENCES desk_jobs(id),
	pass INTEGER NOT NULL,            -- 1; 2: the second, blind; 3: between the two; 0: upon an appeal
	person TEXT NOT NULL,
	role TEXT NOT NULL,
	at INTEGER NOT NULL,
	outcome TEXT NOT NULL,            -- "violation", "none", "escalate"
	policy TEXT REFERENCES desk_policies(code),
	labels TEXT NOT NULL,             -- as they stood then: the policy's and those added
	reason TEXT NOT NULL,
	exposure TEXT NOT NULL,           -- the highest level at which this person saw it: "L0".."L5"
	seconds INTEGER NOT NULL,         -- from take to decision
	undone_at INTEGER,
	undone_by TEXT
) STRICT;
CREATE INDEX desk_decisions_job ON desk_decisions (job, at);
CREATE INDEX desk_decisions_person ON desk_decisions (person, at);
CREATE INDEX desk_decisions_at ON desk_decisions (at, id);

-- What can follow a decision: built in, or the operator's own with a signed call.
CREATE TABLE desk_action_kinds (
	name TEXT PRIMARY KEY,
	title TEXT NOT NULL,
	builtin INTEGER NOT NULL,
	parameters TEXT NOT NULL,         -- a JSON array of {name, type, required, choices}
	url TEXT NOT NULL,                -- where the call goes; "" for built-in ones
	two_persons INTEGER NOT NULL,     -- another person must agree before it leaves
	active INTEGER NOT NULL
) STRICT;

CREATE TABLE desk_actions (
	id TEXT PRIMARY KEY,
	decision TEXT NOT NULL REFERENCES desk_decisions(id),
	job TEXT NOT NULL REFERENCES desk_jobs(id),
	kind TEXT NOT NULL REFERENCES desk_action_kinds(name),
	parameters TEXT NOT NULL,         -- a JSON object
	state TEXT NOT NULL,              -- "waiting" (for a second), "due", "done", "dead", "undone"
	made_at INTEGER NOT NULL,
	due_at INTEGER NOT NULL,          -- not before; until then it can be undone
	tries INTEGER NOT NULL,
	answer TEXT NOT NULL,             -- of the last try: a code, never a body
	second_person TEXT                -- who agreed
) STRICT;
CREATE INDEX desk_actions_due ON desk_actions (state, due_at, id);
CREATE INDEX desk_actions_job ON desk_actions (job);

-- Against a decision, by whom it touches.
CREATE TABLE desk_appeals (
	id TEXT PRIMARY KEY,
	decision TEXT NOT NULL REFERENCES desk_decisions(id),
	at INTEGER NOT NULL,
	item TEXT NOT NULL,               -- the vault's: the words, sealed; or ""
	state TEXT NOT NULL,              -- "open", "upheld", "reversed"
	person TEXT,                      -- who settled it; never who decided
	settled_at INTEGER
) STRICT;
CREATE INDEX desk_appeals_state ON desk_appeals (state, at, id);

CREATE TABLE desk_strikes (
	decision TEXT PRIMARY KEY REFERENCES desk_decisions(id),
	account TEXT NOT NULL,
	policy TEXT NOT NULL,
	weight INTEGER NOT NULL,
	at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL       -- 0: never
) STRICT;
CREATE INDEX desk_strikes_account ON desk_strikes (account, at);

-- What is always there.
INSERT INTO desk_queues (id, title, place, active, lease_seconds, double_percent, everyone,
	hidden_actions, count_open)
VALUES ('inbox', 'Inbox', 0, 1, 900, 0, 1, '', 0);

INSERT INTO desk_action_kinds (name, title, builtin, parameters, url, two_persons, active)
VALUES ('report', 'Report to an authority', 1,
	'[{"name":"authority","type":"text","required":true},{"name":"incident","type":"text","required":true}]',
	'', 0, 1);
INSERT INTO desk_action_kinds (name, title, builtin, parameters, url, two_persons, active)
VALUES ('list', 'Put on a list', 1, '[{"name":"list","type":"text","required":true}]', '', 1, 1);
INSERT INTO desk_action_kinds (name, title, builtin, parameters, url, two_persons, active)
VALUES ('hold', 'Keep for an authority', 1,
	'[{"name":"authority","type":"text","required":true},{"name":"reference","type":"text","required":false}]',
	'', 0, 1);
