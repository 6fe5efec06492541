#include "api/exposure_rules.h"

struct exposure_rules exposure_rules_of(const struct settings *settings)
{
	return (struct exposure_rules){
		.day = {
			.items = settings->exposure_items,
			.seconds = settings->exposure_ms / 1000,
			.severe = settings->exposure_severe,
		},
		.warn_percent = settings->exposure_warn_percent,
		.raise_percent = settings->exposure_raise_percent,
		.severe_row_max = settings->exposure_severe_row,
		.shift_end_s = settings->exposure_shift_end_ms / 1000,
		.break_every_s = settings->exposure_break_every_ms / 1000,
		.break_least_s = settings->exposure_break_least_ms / 1000,
		.view_s = settings->exposure_view_ms / 1000,
		.shadow_days = settings->exposure_shadow_days,
		.ramp_days = settings->exposure_ramp_days,
		.ramp_percent = settings->exposure_ramp_percent,
		.day_start_s = settings->exposure_day_start_ms / 1000,
	};
}
