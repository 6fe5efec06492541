/*
 * credentials.h - the account at NCMEC, and which environment it is of
 *
 * One file that nobody else can read (0600):
 *
 *     {"environment": "test", "user": "…", "password": "…"}
 *
 * Reports go to production when the settings say so and the account is tagged
 * production, too.  Anything else goes to test, where reports are thrown away.
 */
#ifndef FILING_CREDENTIALS_H
#define FILING_CREDENTIALS_H

#include "filing/wire.h"

struct filing_credentials {
	enum filing_environment environment;
	char user[256], password[256];
};

/* DENIED when others can read the file; FORMAT when it is not as above. */
ward_err filing_credentials_read(const char *path, struct filing_credentials *credentials,
		struct ward_error *error) WARD_MUST_USE;
void filing_credentials_wipe(struct filing_credentials *credentials);

/* `credentials` may be NULL: none. */
enum filing_environment filing_environment_of(bool settings_say_production,
		const struct filing_credentials *credentials);

#endif
