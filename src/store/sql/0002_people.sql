-- Who works here, what they may, how they prove who they are, and what they hold in their hand.
-- Proofs are kept so that whoever reads this cannot use them: passwords as Argon2id, codes and
-- tokens as SHA-256, TOTP secrets and vault keys sealed.

-- A person.  Retention: the row stays as long as the audit speaks of its id; the name, the login and
-- all proofs are forgotten when the person has been switched off for as long as the operator says.
CREATE TABLE people (
	-- base/id.h; what the audit and every other table call them by
	id TEXT PRIMARY KEY,
	-- what is typed to log in, lower case; NULL once forgotten
	login TEXT UNIQUE,
	-- what they are called; never told outward; NULL once forgotten
	name TEXT,
	-- counted up; part of the pseudonym
	number INTEGER NOT NULL UNIQUE,
	-- what is told outward: "reviewer 7"
	pseudonym TEXT NOT NULL UNIQUE,
	-- 1: may not log in
	off INTEGER NOT NULL,
	-- when they were invited first
	created_at INTEGER NOT NULL,
	-- when anything of this row or of their roles or proofs changed
	changed_at INTEGER NOT NULL,
	-- the last log-in; 0: none yet
	seen_at INTEGER NOT NULL
) STRICT;

-- Roles of an operator's own, beside those that come with ward (people/permissions.c).
CREATE TABLE people_own_roles (
	-- a word: a-z, 0-9, "-"
	name TEXT PRIMARY KEY,
	-- names of permissions, a blank between
	permissions TEXT NOT NULL,
	-- what the role is for
	says TEXT NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;

-- Who has which role.  Retention: while they have it; the audit tells of the rest.
CREATE TABLE people_roles (
	person TEXT NOT NULL REFERENCES people(id),
	-- of permissions.c, or of people_own_roles
	role TEXT NOT NULL,
	PRIMARY KEY (person, role)
) STRICT;

CREATE INDEX people_roles_role ON people_roles (role);

-- The newest invitation of a person: one code that sets a password and a second factor.
-- Retention: until it is used or over; a newer one takes its place.
CREATE TABLE people_invitations (
	person TEXT PRIMARY KEY REFERENCES people(id),
	-- SHA-256 of the code
	digest BLOB NOT NULL UNIQUE,
	ends_at INTEGER NOT NULL,
	-- 1: whoever uses it loses what they had before: password and factors
	anew INTEGER NOT NULL
) STRICT;

-- Retention of all proofs below: until replaced, removed, or the person is forgotten.
CREATE TABLE people_passwords (
	person TEXT PRIMARY KEY REFERENCES people(id),
	-- Argon2id, as libsodium writes it: costs, salt and digest
	hash TEXT NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;

-- The secret of the person's code generator (RFC 6238).
CREATE TABLE people_totp (
	person TEXT NOT NULL REFERENCES people(id),
	-- nonce and secret, sealed under keys/people.key, bound to the person's id
	sealed BLOB NOT NULL,
	-- 0: shown, but no code of it was seen yet, so it opens nothing
	confirmed INTEGER NOT NULL,
	-- the time step of the newest code that was taken: none up to it is taken again
	last_step INTEGER NOT NULL,
	PRIMARY KEY (person, confirmed)
) STRICT;

-- Codes for when the second factor is lost; each is taken once.
CREATE TABLE people_recovery (
	person TEXT NOT NULL REFERENCES people(id),
	-- SHA-256 of the code
	digest BLOB NOT NULL,
	-- 0: not yet
	used_at INTEGER NOT NULL,
	PRIMARY KEY (person, digest)
) STRICT;

-- Passkeys (WebAuthn).
CREATE TABLE people_passkeys (
	-- base/id.h; how the person speaks of it
	id TEXT PRIMARY KEY,
	person TEXT NOT NULL REFERENCES people(id),
	-- the authenticator's id of it
	credential BLOB NOT NULL UNIQUE,
	-- the public key, as a COSE_Key
	public_key BLOB NOT NULL,
	-- the authenticator's counter at its last use; 0 where it has none
	counter INTEGER NOT NULL,
	-- what the person calls it
	label TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	used_at INTEGER NOT NULL
) STRICT;

CREATE INDEX people_passkeys_person ON people_passkeys (person);

-- Empty, and never written: 0011_identities has its place.
CREATE TABLE people_identities (
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	person TEXT NOT NULL REFERENCES people(id),
	created_at INTEGER NOT NULL,
	PRIMARY KEY (issuer, subject)
) STRICT;

CREATE INDEX people_identities_person ON people_identities (person);

-- The person's key pair, to whose public half the vault wraps the keys of roles.
CREATE TABLE people_keys (
	person TEXT PRIMARY KEY REFERENCES people(id),
	-- X25519
	public_key BLOB NOT NULL,
	-- the secret half, sealed under the vault phrase (people_keys.c)
	sealed BLOB NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;

-- Retention: until it is over; ended ones are removed at the next log-in of anybody.
CREATE TABLE people_sessions (
	-- how one speaks of it; opens nothing
	id TEXT PRIMARY KEY,
	-- SHA-256 of the token
	digest BLOB NOT NULL UNIQUE,
	person TEXT NOT NULL REFERENCES people(id),
	-- "password+totp", "password+recovery", "passkey", "invitation"; "oidc", "oidc+fresh",
	-- "oidc+totp", "oidc+recovery", "oidc+invitation"
	how TEXT NOT NULL,
	-- 1: came by an invitation, and may only set up a second factor
	enrolling INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	-- the last request, to the minute
	used_at INTEGER NOT NULL,
	-- over then, however much it is used
	ends_at INTEGER NOT NULL
) STRICT;

CREATE INDEX people_sessions_person ON people_sessions (person);
CREATE INDEX people_sessions_ends ON people_sessions (ends_at);

-- What one person proposes and another confirms.  Retention: as the audit, whose rows tell the same.
CREATE TABLE people_seconds (
	id TEXT PRIMARY KEY,
	-- "vault.export"
	kind TEXT NOT NULL,
	-- "item:ID"
	object TEXT NOT NULL,
	-- a JSON object, which is part of what is confirmed
	detail TEXT NOT NULL,
	-- the proposer's words
	reason TEXT NOT NULL,
	-- the permission that the other person needs
	second TEXT NOT NULL,
	-- "waiting", "confirmed", "refused", "withdrawn", "used"; over is told by ends_at
	state TEXT NOT NULL,
	proposed_by TEXT NOT NULL REFERENCES people(id),
	proposed_at INTEGER NOT NULL,
	-- how long it waits, and waits again once confirmed
	wait_s INTEGER NOT NULL,
	ends_at INTEGER NOT NULL,
	answered_by TEXT REFERENCES people(id),
	-- 0: not yet
	answered_at INTEGER NOT NULL,
	-- the words of whoever answered
	answer TEXT NOT NULL
) STRICT;

CREATE INDEX people_seconds_waiting ON people_seconds (state, second, proposed_at);
CREATE INDEX people_seconds_proposed ON people_seconds (proposed_by, proposed_at);
CREATE INDEX people_seconds_act ON people_seconds (kind, object, state);
