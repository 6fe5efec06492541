/*
 * filings.h - what the routes of reports to authorities share
 *
 * A report of a job is seen by whoever may see the job.  Who lets one go
 * releases its items to the sender with their own unlocked key
 * (vault/release.h), and its items are those of its job.
 */
#ifndef API_FILINGS_H
#define API_FILINGS_H

#include "api/door.h"
#include "filing/authority.h"
#include "filing/credentials.h"
#include "filing/filing.h"

/* The account of the workspace; without one there is none, and reports are of the test
 * environment. */
struct filings_account {
	bool there;
	struct filing_credentials credentials;
	enum filing_environment environment;
};
ward_err filings_account_read(const struct snapshot *snapshot, struct filings_account *account,
		struct ward_error *error) WARD_MUST_USE;

/* What this request does with reports; NULL with a problem.  filing_free ends it. */
struct filing *filings_open(struct request *request) WARD_MUST_USE;
struct filing_actor filings_actor(const struct request *request, char room[ID_TEXT_MAX + 8]);
/* Who asks. */
struct filing_question filings_viewer(const struct request *request);

/*
 * Releases the files of a report that the person lets go, unless they are
 * released already.  False with a problem: their key is locked, or an item is
 * not of the job.
 */
bool filings_release(struct request *request, const struct filing_row *row) WARD_MUST_USE;
/* The same, of the report that an action of a decision on this job names; fine when it names none.
 */
bool filings_release_asked(struct request *request, ward_str job,
		ward_str parameters) WARD_MUST_USE;

/* A draft of what is known of the job, as JSON into `out`. */
ward_err filings_begin(struct store_tx *tx, ward_str job, ward_str incident, ward_str email,
		struct ward_buf *out, struct ward_error *error) WARD_MUST_USE;
/* The reference of a job's report: "job:ID", "job:ID/NAME", and for another authority "job:ID@nca".
 */
void filings_reference(ward_str job, ward_str authority, ward_str name, char reference[256]);
/* Reports for other authorities are real when the settings say so: they need no account. */
enum filing_environment filings_package_environment(const struct snapshot *snapshot);

struct filings_held {
	ward_str filing, basis, reference, reason;
};
/*
 * Holds the files of a report for a legal clock, each once; fine when the installation has no such
 * clock.
 */
ward_err filings_hold(struct vault *vault, struct store_tx *tx, const struct filings_held *held,
		struct ward_error *error) WARD_MUST_USE;

/*
 * A tar of the report for an authority.  Without pages when they cannot be made: it says so
 * itself, and so does the log.
 */
ward_err filings_package(struct request *request, const struct filing_row *row,
		ward_str authority_id, struct ward_buf *tar,
		struct ward_error *error) WARD_MUST_USE;

/* The members of a report, in an object that is begun. */
void filings_json(struct json *json, const struct filing_row *row);
/* {"id","sha256","sound","errors","warnings","findings"}: a draft, and what is wrong with it. */
ward_err filings_checked_json(struct json *json, const struct filing_row *row,
		struct ward_error *error) WARD_MUST_USE;

#endif
