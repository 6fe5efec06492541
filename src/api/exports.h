/*
 * exports.h - packages that were made and wait to be fetched
 */
#ifndef API_EXPORTS_H
#define API_EXPORTS_H

enum { EXPORTS_KEPT_S = 24 * 60 * 60 };
#define EXPORTS_FOLDER "exports" /* of the workspace */

/* Removes those that are older than a day, and what an interrupted making left. */
void exports_sweep(const char *workspace);

#endif
