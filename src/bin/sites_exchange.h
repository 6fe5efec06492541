/* sites_exchange.h - the options of `ward site`'s import, export, update, key and sign */
#ifndef BIN_SITES_EXCHANGE_H
#define BIN_SITES_EXCHANGE_H

#include "bin/cli.h"

extern const struct cli_option sites_import_options[], sites_export_options[],
		sites_update_options[], sites_key_options[], sites_sign_options[];

#endif
