#include "filing/states.h"

static const char *const names[FILING_STATE_COUNT] = {
	[FILING_DRAFT] = "draft",
	[FILING_APPROVED] = "approved",
	[FILING_OPENING] = "opening",
	[FILING_OPEN] = "open",
	[FILING_UPLOADING] = "uploading",
	[FILING_DETAILING] = "detailing",
	[FILING_FINISHING] = "finishing",
	[FILING_FINISHED] = "finished",
	[FILING_RETRACTING] = "retracting",
	[FILING_RETRACTED] = "retracted",
	[FILING_ABANDONED] = "abandoned",
	[FILING_FAILED] = "failed",
	[FILING_READY] = "ready",
	[FILING_DOWNLOADED] = "downloaded",
	[FILING_SENT] = "sent",
	[FILING_ACKNOWLEDGED] = "acknowledged",
};

const char *filing_state_name(enum filing_state state)
{
	return state < FILING_STATE_COUNT ? names[state] : "?";
}

bool filing_state_parse(ward_str text, enum filing_state *state)
{
	for (int i = 0; i < FILING_STATE_COUNT; i++) {
		if (ward_str_eq(text, ward_str_from(names[i]))) {
			*state = (enum filing_state)i;
			return true;
		}
	}
	return false;
}

bool filing_state_final(enum filing_state state)
{
	return state == FILING_DRAFT || state == FILING_FINISHED || state == FILING_RETRACTED ||
	       state == FILING_ABANDONED || state == FILING_FAILED || state >= FILING_READY;
}

int64_t filing_wait_s(int64_t tries)
{
	return tries <= 1 ? 60 : tries == 2 ? 300 : 1500;
}

int64_t filing_expires_at(int64_t opened_at, int64_t touched_at)
{
	int64_t opened = opened_at + 24 * 3600, touched = touched_at + 3600;

	return opened > touched ? opened : touched;
}
