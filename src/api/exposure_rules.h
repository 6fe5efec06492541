/*
 * exposure_rules.h - the settings of looking, as the desk takes them
 */
#ifndef API_EXPOSURE_RULES_H
#define API_EXPOSURE_RULES_H

#include "desk/exposure_policy.h"
#include "workspace/settings.h"

/* ward.conf's section exposure { }, in seconds and days. */
struct exposure_rules exposure_rules_of(const struct settings *settings);

#endif
