#include "api/route.h"

#include "api/handlers.h"

/* clang-format off */
const struct route routes[] = {
	/* people and machines that watch */
	{ "GET",    "/",                                KEY_METRICS, PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_page },
	{ "GET",    "/status.css",                      0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_style },
	{ "GET",    "/console",                         0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_console },
	{ "GET",    "/console/",                        0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_console },
	{ "GET",    "/console/assets/{file}",           0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_console_asset },
	{ "GET",    "/metrics",                         KEY_METRICS, PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_metrics },
	{ "GET",    "/v1/health/live",                  0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_live },
	{ "GET",    "/v1/health/ready",                 0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_ready },
	{ "GET",    "/v1/openapi.yaml",                 0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_openapi },
	/* files and signals */
	{ "POST",   "/v1/scan",                         KEY_SCAN,    PEOPLE_NOBODY,      ROUTE_FILES,   ROUTE_SCAN,    handle_scan },
	{ "POST",   "/v1/hash",                         KEY_SCAN,    PEOPLE_NOBODY,      ROUTE_FILES,   ROUTE_SCAN,    handle_hash },
	{ "GET",    "/v1/match",                        KEY_SCAN,    PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_SCAN,    handle_match_one },
	{ "POST",   "/v1/match",                        KEY_SCAN,    PEOPLE_NOBODY,      ROUTE_JSON,    ROUTE_SCAN,    handle_match_many },
	{ "POST",   "/v1/compare",                      KEY_SCAN,    PEOPLE_NOBODY,      ROUTE_SIGNALS, ROUTE_SCAN,    handle_compare },
	/* lists of places on the web */
	{ "GET",    "/v1/sites",                        KEY_READ,    PEOPLE_LIST_SEE,    ROUTE_NO_BODY, ROUTE_SCAN,    handle_sites },
	{ "POST",   "/v1/sites/check",                  KEY_SCAN,    PEOPLE_LIST_SEE,    ROUTE_JSON,    ROUTE_SCAN,    handle_sites_check },
	{ "GET",    "/v1/sites/counts",                 KEY_METRICS, PEOPLE_STATS_READ,  ROUTE_NO_BODY, ROUTE_DESK,    handle_site_counts },
	{ "GET",    "/v1/sites/hosts",                  KEY_METRICS, PEOPLE_STATS_READ,  ROUTE_NO_BODY, ROUTE_DESK,    handle_site_hosts },
	/* lists */
	{ "GET",    "/v1/lists",                        KEY_READ,    PEOPLE_LIST_SEE,    ROUTE_NO_BODY, ROUTE_SCAN,    handle_lists },
	{ "GET",    "/v1/lists/{name}",                 KEY_READ,    PEOPLE_LIST_SEE,    ROUTE_NO_BODY, ROUTE_SCAN,    handle_list },
	{ "GET",    "/v1/lists/{name}/entries",         KEY_READ,    PEOPLE_LIST_SEE,    ROUTE_NO_BODY, ROUTE_SCAN,    handle_list_entries },
	{ "POST",   "/v1/lists/{name}/import",          KEY_WRITE,   PEOPLE_LIST_CHANGE, ROUTE_STREAM,  ROUTE_LISTS,   handle_list_import },
	{ "PATCH",  "/v1/lists/{name}",                 KEY_WRITE,   PEOPLE_LIST_CHANGE, ROUTE_JSON,    ROUTE_LISTS,   handle_list_change },
	{ "DELETE", "/v1/lists/{name}",                 KEY_WRITE,   PEOPLE_LIST_CHANGE, ROUTE_NO_BODY, ROUTE_LISTS,   handle_list_delete },
	{ "POST",   "/v1/lists/{name}/opinions",        KEY_WRITE,   PEOPLE_LIST_CHANGE, ROUTE_JSON,    ROUTE_LISTS,   handle_list_opinion },
	/* who asks: people */
	{ "POST",   "/v1/session",                      0,           PEOPLE_NOBODY,      ROUTE_JSON,    ROUTE_LOGIN,   handle_login },
	{ "GET",    "/v1/session",                      0,           PEOPLE_ENROLLING,   ROUTE_NO_BODY, ROUTE_DESK,    handle_session },
	{ "DELETE", "/v1/session",                      0,           PEOPLE_ENROLLING,   ROUTE_NO_BODY, ROUTE_DESK,    handle_logout },
	{ "POST",   "/v1/session/totp",                 0,           PEOPLE_ENROLLING,   ROUTE_JSON,    ROUTE_LOGIN,   handle_totp_begin },
	{ "PUT",    "/v1/session/totp",                 0,           PEOPLE_ENROLLING,   ROUTE_JSON,    ROUTE_LOGIN,   handle_totp_confirm },
	{ "PUT",    "/v1/session/password",             0,           PEOPLE_ANYONE,      ROUTE_JSON,    ROUTE_LOGIN,   handle_password },
	{ "POST",   "/v1/session/recovery",             0,           PEOPLE_ANYONE,      ROUTE_JSON,    ROUTE_LOGIN,   handle_recovery },
	{ "PUT",    "/v1/session/key",                  0,           PEOPLE_ANYONE,      ROUTE_JSON,    ROUTE_LOGIN,   handle_key_set },
	{ "POST",   "/v1/session/unlock",               0,           PEOPLE_ANYONE,      ROUTE_JSON,    ROUTE_LOGIN,   handle_unlock },
	{ "DELETE", "/v1/session/unlock",               0,           PEOPLE_ANYONE,      ROUTE_NO_BODY, ROUTE_DESK,    handle_lock },
	{ "GET",    "/v1/session/providers",            0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_DESK,    handle_providers },
	{ "POST",   "/v1/session/oidc",                 0,           PEOPLE_NOBODY,      ROUTE_JSON,    ROUTE_LOGIN,   handle_oidc_begin },
	{ "GET",    "/v1/session/oidc",                 0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_DESK,    handle_oidc },
	{ "GET",    "/v1/session/oidc/return",          0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_DESK,    handle_oidc_return },
	{ "POST",   "/v1/session/identities",           0,           PEOPLE_ANYONE,      ROUTE_JSON,    ROUTE_LOGIN,   handle_identity_begin },
	{ "POST",   "/v1/session/challenge",            0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_DESK,    handle_challenge },
	{ "POST",   "/v1/session/passkeys/challenge",   0,           PEOPLE_ENROLLING,   ROUTE_JSON,    ROUTE_LOGIN,   handle_passkey_challenge },
	{ "GET",    "/v1/session/passkeys",             0,           PEOPLE_ANYONE,      ROUTE_NO_BODY, ROUTE_DESK,    handle_passkeys },
	{ "POST",   "/v1/session/passkeys",             0,           PEOPLE_ENROLLING,   ROUTE_JSON,    ROUTE_DESK,    handle_passkey_add },
	{ "DELETE", "/v1/session/passkeys/{id}",        0,           PEOPLE_ANYONE,      ROUTE_NO_BODY, ROUTE_DESK,    handle_passkey_remove },
	{ "GET",    "/v1/permissions",                  0,           PEOPLE_ANYONE,      ROUTE_NO_BODY, ROUTE_DESK,    handle_permissions },
	{ "GET",    "/v1/people",                       0,           PEOPLE_PEOPLE_SEE,  ROUTE_NO_BODY, ROUTE_DESK,    handle_people },
	{ "POST",   "/v1/people",                       0,           PEOPLE_PEOPLE_CHANGE, ROUTE_JSON,  ROUTE_DESK,    handle_person_add },
	{ "GET",    "/v1/people/{id}",                  0,           PEOPLE_ANYONE,      ROUTE_NO_BODY, ROUTE_DESK,    handle_person },
	{ "PATCH",  "/v1/people/{id}",                  0,           PEOPLE_PEOPLE_CHANGE, ROUTE_JSON,  ROUTE_DESK,    handle_person_change },
	{ "POST",   "/v1/people/{id}/invitation",       0,           PEOPLE_PEOPLE_RESET, ROUTE_JSON,   ROUTE_DESK,    handle_person_reset },
	{ "GET",    "/v1/people/{id}/identities",       0,           PEOPLE_ANYONE,      ROUTE_NO_BODY, ROUTE_DESK,    handle_identities },
	{ "POST",   "/v1/people/{id}/identities",       0,           PEOPLE_PEOPLE_CHANGE, ROUTE_JSON,  ROUTE_DESK,    handle_identity_link },
	{ "DELETE", "/v1/people/{id}/identities/{identity}", 0,      PEOPLE_ANYONE,      ROUTE_NO_BODY, ROUTE_DESK,    handle_identity_unlink },
	{ "GET",    "/v1/people/{id}/sessions",         0,           PEOPLE_ANYONE,      ROUTE_NO_BODY, ROUTE_DESK,    handle_person_sessions },
	{ "DELETE", "/v1/people/{id}/sessions/{session}", 0,         PEOPLE_ANYONE,      ROUTE_NO_BODY, ROUTE_DESK,    handle_person_session_end },
	{ "GET",    "/v1/roles",                        0,           PEOPLE_PEOPLE_SEE,  ROUTE_NO_BODY, ROUTE_DESK,    handle_roles },
	{ "PUT",    "/v1/roles/{name}",                 0,           PEOPLE_PEOPLE_CHANGE, ROUTE_JSON,  ROUTE_DESK,    handle_role_set },
	{ "DELETE", "/v1/roles/{name}",                 0,           PEOPLE_PEOPLE_CHANGE, ROUTE_NO_BODY, ROUTE_DESK,  handle_role_remove },
	{ "GET",    "/v1/seconds",                      0,           PEOPLE_ANYONE,      ROUTE_NO_BODY, ROUTE_DESK,    handle_seconds },
	{ "POST",   "/v1/seconds/{id}",                 0,           PEOPLE_ANYONE,      ROUTE_JSON,    ROUTE_DESK,    handle_second_answer },
	{ "DELETE", "/v1/seconds/{id}",                 0,           PEOPLE_ANYONE,      ROUTE_NO_BODY, ROUTE_DESK,    handle_second_withdraw },
	/* reports */
	{ "POST",   "/v1/reports",                          KEY_REPORT,  PEOPLE_INTAKE_ADD,   ROUTE_SIGNALS, ROUTE_DESK,    handle_intake_add },
	{ "GET",    "/v1/reports/{report}",                 KEY_REPORT,  PEOPLE_QUEUE_SEE,    ROUTE_NO_BODY, ROUTE_DESK,    handle_intake_get },
	/* the desk */
	{ "GET",    "/v1/queues",                           0,           PEOPLE_QUEUE_SEE,    ROUTE_NO_BODY, ROUTE_DESK,    handle_queues },
	{ "PUT",    "/v1/queues/{queue}",                   0,           PEOPLE_QUEUE_CHANGE, ROUTE_JSON,    ROUTE_DESK,    handle_queue_put },
	{ "DELETE", "/v1/queues/{queue}",                   0,           PEOPLE_QUEUE_CHANGE, ROUTE_NO_BODY, ROUTE_DESK,    handle_queue_delete },
	{ "GET",    "/v1/queues/{queue}/people",            0,           PEOPLE_QUEUE_CHANGE, ROUTE_NO_BODY, ROUTE_DESK,    handle_queue_people },
	{ "PUT",    "/v1/queues/{queue}/people/{person}",   0,           PEOPLE_QUEUE_CHANGE, ROUTE_NO_BODY, ROUTE_DESK,    handle_queue_admit },
	{ "DELETE", "/v1/queues/{queue}/people/{person}",   0,           PEOPLE_QUEUE_CHANGE, ROUTE_NO_BODY, ROUTE_DESK,    handle_queue_admit },
	{ "PUT",    "/v1/queues/{queue}/star",              0,           PEOPLE_QUEUE_SEE,    ROUTE_NO_BODY, ROUTE_DESK,    handle_star },
	{ "DELETE", "/v1/queues/{queue}/star",              0,           PEOPLE_QUEUE_SEE,    ROUTE_NO_BODY, ROUTE_DESK,    handle_star },
	{ "GET",    "/v1/queues/{queue}/jobs",              0,           PEOPLE_QUEUE_SEE,    ROUTE_NO_BODY, ROUTE_DESK,    handle_queue_jobs },
	{ "POST",   "/v1/queues/{queue}/take",              0,           PEOPLE_JOB_TAKE,     ROUTE_NO_BODY, ROUTE_DESK,    handle_queue_take },
	{ "GET",    "/v1/jobs",                             0,           PEOPLE_JOB_SEARCH,   ROUTE_NO_BODY, ROUTE_DESK,    handle_job_search },
	{ "POST",   "/v1/jobs/bulk",                        0,           PEOPLE_JOB_BULK,     ROUTE_JSON,    ROUTE_DESK,    handle_jobs_bulk },
	{ "POST",   "/v1/jobs/search",                      0,           PEOPLE_JOB_SEARCH,   ROUTE_SIGNALS, ROUTE_SCAN,    handle_near },
	{ "GET",    "/v1/jobs/{job}",                       0,           PEOPLE_QUEUE_SEE,    ROUTE_NO_BODY, ROUTE_DESK,    handle_job },
	{ "GET",    "/v1/jobs/{job}/related",               0,           PEOPLE_QUEUE_SEE,    ROUTE_NO_BODY, ROUTE_DESK,    handle_job_related },
	{ "GET",    "/v1/jobs/{job}/history",               0,           PEOPLE_QUEUE_SEE,    ROUTE_NO_BODY, ROUTE_DESK,    handle_job_history },
	{ "PUT",    "/v1/jobs/{job}/star",                  0,           PEOPLE_QUEUE_SEE,    ROUTE_NO_BODY, ROUTE_DESK,    handle_star },
	{ "DELETE", "/v1/jobs/{job}/star",                  0,           PEOPLE_QUEUE_SEE,    ROUTE_NO_BODY, ROUTE_DESK,    handle_star },
	{ "POST",   "/v1/jobs/{job}/take",                  0,           PEOPLE_JOB_TAKE,     ROUTE_NO_BODY, ROUTE_DESK,    handle_job_take },
	{ "POST",   "/v1/jobs/{job}/renew",                 0,           PEOPLE_JOB_TAKE,     ROUTE_NO_BODY, ROUTE_DESK,    handle_job_renew },
	{ "POST",   "/v1/jobs/{job}/release",               0,           PEOPLE_JOB_TAKE,     ROUTE_NO_BODY, ROUTE_DESK,    handle_job_release },
	{ "POST",   "/v1/jobs/{job}/move",                  0,           PEOPLE_JOB_TAKE,     ROUTE_JSON,    ROUTE_DESK,    handle_job_move },
	{ "POST",   "/v1/jobs/{job}/second",                0,           PEOPLE_JOB_TAKE,     ROUTE_JSON,    ROUTE_DESK,    handle_job_second },
	{ "POST",   "/v1/jobs/{job}/comments",              0,           PEOPLE_JOB_TAKE,     ROUTE_JSON,    ROUTE_DESK,    handle_job_comment },
	{ "POST",   "/v1/jobs/{job}/decisions",             0,           PEOPLE_JOB_DECIDE,   ROUTE_JSON,    ROUTE_DESK,    handle_job_decide },
	{ "GET",    "/v1/decisions",                        0,           PEOPLE_QUEUE_SEE,    ROUTE_NO_BODY, ROUTE_DESK,    handle_decisions },
	{ "POST",   "/v1/decisions/{decision}/undo",        0,           PEOPLE_JOB_DECIDE,   ROUTE_JSON,    ROUTE_DESK,    handle_decision_undo },
	{ "GET",    "/v1/actions",                          0,           PEOPLE_QUEUE_SEE,    ROUTE_NO_BODY, ROUTE_DESK,    handle_actions },
	{ "POST",   "/v1/actions/{action}/agree",           0,           PEOPLE_ACTION_SECOND, ROUTE_JSON,    ROUTE_DESK,    handle_action_agree },
	{ "POST",   "/v1/actions/{action}/revive",          0,           PEOPLE_POLICY_CHANGE, ROUTE_NO_BODY, ROUTE_DESK,    handle_action_revive },
	{ "POST",   "/v1/decisions/{decision}/appeals",     KEY_REPORT,  PEOPLE_INTAKE_ADD,   ROUTE_JSON,    ROUTE_DESK,    handle_appeal_add },
	{ "GET",    "/v1/appeals",                          0,           PEOPLE_APPEAL_DECIDE, ROUTE_NO_BODY, ROUTE_DESK,    handle_appeals },
	{ "POST",   "/v1/appeals/{appeal}/text",            0,           PEOPLE_APPEAL_DECIDE, ROUTE_JSON,   ROUTE_VIEWS,   handle_appeal_text },
	{ "POST",   "/v1/appeals/{appeal}/settle",          0,           PEOPLE_APPEAL_DECIDE, ROUTE_JSON,    ROUTE_DESK,    handle_appeal_settle },
	{ "GET",    "/v1/site/appeals",                     0,           PEOPLE_APPEAL_DECIDE, ROUTE_NO_BODY, ROUTE_DESK,    handle_site_appeals },
	{ "POST",   "/v1/site/appeals/{appeal}/settle",     0,           PEOPLE_APPEAL_DECIDE, ROUTE_JSON,    ROUTE_DESK,    handle_site_appeal_settle },
	{ "GET",    "/v1/strikes",                          0,           PEOPLE_JOB_SEARCH,   ROUTE_NO_BODY, ROUTE_DESK,    handle_strikes },
	{ "GET",    "/v1/agreement",                        0,           PEOPLE_STATS_READ,   ROUTE_NO_BODY, ROUTE_DESK,    handle_agreement },
	{ "GET",    "/v1/stats",                            0,           PEOPLE_STATS_READ,   ROUTE_NO_BODY, ROUTE_DESK,    handle_stats },
	{ "GET",    "/v1/stats/catalogue",                  0,           PEOPLE_STATS_READ,   ROUTE_NO_BODY, ROUTE_DESK,    handle_stats_catalogue },
	{ "GET",    "/v1/routes",                           0,           PEOPLE_POLICY_SEE,   ROUTE_NO_BODY, ROUTE_DESK,    handle_routes },
	{ "POST",   "/v1/routes",                           0,           PEOPLE_POLICY_CHANGE, ROUTE_JSON,    ROUTE_DESK,    handle_route_put },
	{ "POST",   "/v1/routes/try",                       0,           PEOPLE_POLICY_SEE,   ROUTE_JSON,    ROUTE_DESK,    handle_route_try },
	{ "PUT",    "/v1/routes/{route}",                   0,           PEOPLE_POLICY_CHANGE, ROUTE_JSON,    ROUTE_DESK,    handle_route_put },
	{ "DELETE", "/v1/routes/{route}",                   0,           PEOPLE_POLICY_CHANGE, ROUTE_NO_BODY, ROUTE_DESK,    handle_route_delete },
	{ "GET",    "/v1/policies",                         0,           PEOPLE_POLICY_SEE,   ROUTE_NO_BODY, ROUTE_DESK,    handle_policies },
	{ "PUT",    "/v1/policies/{policy}",                0,           PEOPLE_POLICY_CHANGE, ROUTE_JSON,    ROUTE_DESK,    handle_policy_put },
	{ "GET",    "/v1/action-kinds",                     0,           PEOPLE_POLICY_SEE,   ROUTE_NO_BODY, ROUTE_DESK,    handle_action_kinds },
	{ "PUT",    "/v1/action-kinds/{kind}",              0,           PEOPLE_POLICY_CHANGE, ROUTE_JSON,    ROUTE_DESK,    handle_action_kind_put },
	/* looking at little */
	{ "GET",    "/v1/items/{item}",                     0,           PEOPLE_ITEM_FACTS,   ROUTE_NO_BODY, ROUTE_DESK,    handle_item },
	{ "POST",   "/v1/items/{item}/text",                0,           PEOPLE_ITEM_FACTS,   ROUTE_JSON,    ROUTE_VIEWS,   handle_item_text },
	{ "POST",   "/v1/items/{item}/views",               0,           PEOPLE_ITEM_VIEW_L1, ROUTE_JSON,    ROUTE_VIEWS,   handle_view },
	{ "POST",   "/v1/items/{item}/views/{view}",        0,           PEOPLE_ITEM_VIEW_L1, ROUTE_NO_BODY, ROUTE_DESK,    handle_look_on },
	{ "DELETE", "/v1/items/{item}/views/{view}",        0,           PEOPLE_ITEM_VIEW_L1, ROUTE_NO_BODY, ROUTE_DESK,    handle_view_close },
	{ "GET",    "/v1/exposure",                         0,           PEOPLE_ANYONE,       ROUTE_NO_BODY, ROUTE_DESK,    handle_exposure },
	{ "PUT",    "/v1/exposure/quiet",                   0,           PEOPLE_ANYONE,       ROUTE_NO_BODY, ROUTE_DESK,    handle_quiet },
	{ "DELETE", "/v1/exposure/quiet",                   0,           PEOPLE_ANYONE,       ROUTE_NO_BODY, ROUTE_DESK,    handle_quiet_lift },
	{ "POST",   "/v1/exposure/break",                   0,           PEOPLE_ANYONE,       ROUTE_NO_BODY, ROUTE_DESK,    handle_break },
	{ "PUT",    "/v1/exposure/shift",                   0,           PEOPLE_ANYONE,       ROUTE_JSON,    ROUTE_DESK,    handle_shift },
	{ "GET",    "/v1/exposure/themes",                  0,           PEOPLE_ANYONE,       ROUTE_NO_BODY, ROUTE_DESK,    handle_themes },
	{ "PUT",    "/v1/exposure/themes/{theme}",          0,           PEOPLE_ANYONE,       ROUTE_NO_BODY, ROUTE_DESK,    handle_theme },
	{ "DELETE", "/v1/exposure/themes/{theme}",          0,           PEOPLE_ANYONE,       ROUTE_NO_BODY, ROUTE_DESK,    handle_theme },
	{ "GET",    "/v1/exposure/check-ins",               0,           PEOPLE_ANYONE,       ROUTE_NO_BODY, ROUTE_DESK,    handle_check_ins },
	{ "POST",   "/v1/exposure/check-ins",               0,           PEOPLE_ANYONE,       ROUTE_JSON,    ROUTE_DESK,    handle_check_in },
	{ "DELETE", "/v1/exposure/check-ins/{id}",          0,           PEOPLE_ANYONE,       ROUTE_NO_BODY, ROUTE_DESK,    handle_check_in_remove },
	{ "GET",    "/v1/exposure/team",                    0,           PEOPLE_EXPOSURE_TEAM, ROUTE_NO_BODY, ROUTE_DESK,   handle_team },
	{ "PUT",    "/v1/exposure/team/{person}",           0,           PEOPLE_EXPOSURE_BUDGET, ROUTE_JSON,  ROUTE_DESK,   handle_budget },
	/* reports to authorities */
	{ "GET",    "/v1/authorities",                      0,           PEOPLE_POLICY_SEE,   ROUTE_NO_BODY, ROUTE_DESK,    handle_authorities },
	{ "GET",    "/v1/filings",                          0,           PEOPLE_REPORT_SEE,   ROUTE_NO_BODY, ROUTE_DESK,    handle_filings },
	{ "POST",   "/v1/filings",                          0,           PEOPLE_REPORT_PREPARE, ROUTE_JSON,    ROUTE_DESK,    handle_filing_new },
	{ "GET",    "/v1/filings/{filing}",                 0,           PEOPLE_REPORT_SEE,   ROUTE_NO_BODY, ROUTE_DESK,    handle_filing },
	{ "PUT",    "/v1/filings/{filing}",                 0,           PEOPLE_REPORT_PREPARE, ROUTE_JSON,    ROUTE_DESK,    handle_filing_put },
	{ "GET",    "/v1/filings/{filing}/draft",           0,           PEOPLE_REPORT_PREPARE, ROUTE_NO_BODY, ROUTE_DESK,    handle_filing_draft },
	{ "GET",    "/v1/filings/{filing}/findings",        0,           PEOPLE_REPORT_PREPARE, ROUTE_NO_BODY, ROUTE_DESK,    handle_filing_findings },
	{ "GET",    "/v1/filings/{filing}/receipt",         0,           PEOPLE_REPORT_SEE,   ROUTE_NO_BODY, ROUTE_DESK,    handle_filing_receipt },
	{ "GET",    "/v1/filings/{filing}/package",         0,           PEOPLE_REPORT_APPROVE, ROUTE_NO_BODY, ROUTE_DESK,    handle_filing_package },
	{ "POST",   "/v1/filings/{filing}/download",        0,           PEOPLE_REPORT_APPROVE, ROUTE_JSON,    ROUTE_DESK,    handle_filing_download },
	{ "POST",   "/v1/filings/{filing}/sent",            0,           PEOPLE_REPORT_APPROVE, ROUTE_JSON,    ROUTE_DESK,    handle_filing_sent },
	{ "POST",   "/v1/filings/{filing}/acknowledged",    0,           PEOPLE_REPORT_APPROVE, ROUTE_JSON,    ROUTE_DESK,    handle_filing_acknowledged },
	{ "POST",   "/v1/filings/{filing}/approve",         0,           PEOPLE_REPORT_APPROVE, ROUTE_JSON,    ROUTE_DESK,    handle_filing_approve },
	{ "POST",   "/v1/filings/{filing}/retract",         0,           PEOPLE_REPORT_RETRACT, ROUTE_JSON,    ROUTE_DESK,    handle_filing_retract },
	{ "POST",   "/v1/filings/{filing}/again",           0,           PEOPLE_REPORT_APPROVE, ROUTE_JSON,    ROUTE_DESK,    handle_filing_again },
	/* what is kept sealed */
	{ "GET",    "/v1/vault/items",                    0,           PEOPLE_QUEUE_SEE,     ROUTE_NO_BODY, ROUTE_DESK,    handle_vault_items },
	{ "GET",    "/v1/vault/clocks",                   0,           PEOPLE_QUEUE_SEE,     ROUTE_NO_BODY, ROUTE_DESK,    handle_vault_clocks },
	{ "GET",    "/v1/vault/holds",                    0,           PEOPLE_VAULT_HOLD,    ROUTE_NO_BODY, ROUTE_DESK,    handle_vault_holds },
	{ "GET",    "/v1/vault/destructions",             0,           PEOPLE_QUEUE_SEE,     ROUTE_NO_BODY, ROUTE_DESK,    handle_vault_destructions },
	{ "GET",    "/v1/vault/keys",                     0,           PEOPLE_VAULT_KEYS,    ROUTE_NO_BODY, ROUTE_DESK,    handle_vault_keys },
	{ "POST",   "/v1/vault/keys/{role}/holders/{person}", 0,           PEOPLE_VAULT_KEYS,    ROUTE_JSON,    ROUTE_DESK,    handle_vault_key_give },
	{ "POST",   "/v1/vault/keys/{role}/holders/{person}/take", 0,           PEOPLE_VAULT_KEYS,    ROUTE_JSON,    ROUTE_DESK,    handle_vault_key_take },
	{ "GET",    "/v1/jobs/{job}/vault",               0,           PEOPLE_QUEUE_SEE,     ROUTE_NO_BODY, ROUTE_DESK,    handle_job_vault },
	{ "GET",    "/v1/jobs/{job}/custody",             0,           PEOPLE_VAULT_EXPORT,  ROUTE_NO_BODY, ROUTE_DESK,    handle_job_custody },
	{ "GET",    "/v1/items/{item}/custody",           0,           PEOPLE_VAULT_EXPORT,  ROUTE_NO_BODY, ROUTE_DESK,    handle_item_custody },
	{ "GET",    "/v1/jobs/{job}/holds",               0,           PEOPLE_VAULT_HOLD,    ROUTE_NO_BODY, ROUTE_DESK,    handle_job_holds },
	{ "POST",   "/v1/jobs/{job}/holds",               0,           PEOPLE_VAULT_HOLD,    ROUTE_JSON,    ROUTE_DESK,    handle_job_hold },
	{ "POST",   "/v1/jobs/{job}/holds/release",       0,           PEOPLE_VAULT_HOLD,    ROUTE_JSON,    ROUTE_DESK,    handle_job_holds_release },
	{ "POST",   "/v1/jobs/{job}/export",              0,           PEOPLE_VAULT_EXPORT,  ROUTE_JSON,    ROUTE_DESK,    handle_job_export },
	{ "GET",    "/v1/exports/{export}",               0,           PEOPLE_VAULT_EXPORT,  ROUTE_NO_BODY, ROUTE_DESK,    handle_export },
	{ "POST",   "/v1/jobs/{job}/destruction",         0,           PEOPLE_VAULT_DESTROY, ROUTE_JSON,    ROUTE_DESK,    handle_job_destruction },
	/* as HMA has them */
	{ "GET",    "/hma/status",                      0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_hma_status },
	{ "GET",    "/hma/status/live",                 0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_hma_status },
	{ "GET",    "/hma/livez",                       0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_hma_livez },
	{ "GET",    "/hma/readyz",                      0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_hma_readyz },
	{ "GET",    "/hma/site-map",                    0,           PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_hma_site_map },
	{ "GET",    "/hma/h/hash",                      KEY_SCAN,    PEOPLE_NOBODY,      ROUTE_FILES,   ROUTE_SCAN,    handle_hma_hash },
	{ "POST",   "/hma/h/hash",                      KEY_SCAN,    PEOPLE_NOBODY,      ROUTE_FILES,   ROUTE_SCAN,    handle_hma_hash },
	{ "GET",    "/hma/m/raw_lookup",                KEY_SCAN,    PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_SCAN,    handle_hma_raw_lookup },
	{ "GET",    "/hma/m/lookup",                    KEY_SCAN,    PEOPLE_NOBODY,      ROUTE_FILES,   ROUTE_SCAN,    handle_hma_lookup },
	{ "POST",   "/hma/m/lookup",                    KEY_SCAN,    PEOPLE_NOBODY,      ROUTE_FILES,   ROUTE_SCAN,    handle_hma_lookup },
	{ "GET",    "/hma/m/index/status",              KEY_SCAN,    PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_SCAN,    handle_hma_index_status },
	{ "POST",   "/hma/m/compare",                   KEY_SCAN,    PEOPLE_NOBODY,      ROUTE_JSON,    ROUTE_SCAN,    handle_hma_compare },
	{ "GET",    "/hma/c/banks",                     KEY_READ,    PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_SCAN,    handle_hma_banks },
	{ "POST",   "/hma/c/banks",                     KEY_WRITE,   PEOPLE_NOBODY,      ROUTE_JSON,    ROUTE_LISTS,   handle_hma_bank_create },
	{ "GET",    "/hma/c/bank/{name}",               KEY_READ,    PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_SCAN,    handle_hma_bank },
	{ "PUT",    "/hma/c/bank/{name}",               KEY_WRITE,   PEOPLE_NOBODY,      ROUTE_JSON,    ROUTE_LISTS,   handle_hma_bank_change },
	{ "DELETE", "/hma/c/bank/{name}",               KEY_WRITE,   PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_LISTS,   handle_hma_bank_delete },
	{ "POST",   "/hma/c/bank/{name}/content",       KEY_WRITE,   PEOPLE_NOBODY,      ROUTE_FILES,   ROUTE_LISTS,   handle_hma_content_add },
	{ "GET",    "/hma/c/bank/{name}/content/{id}",  KEY_READ,    PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_SCAN,    handle_hma_content },
	{ "PUT",    "/hma/c/bank/{name}/content/{id}",  KEY_WRITE,   PEOPLE_NOBODY,      ROUTE_JSON,    ROUTE_LISTS,   handle_hma_content_change },
	{ "DELETE", "/hma/c/bank/{name}/content/{id}",  KEY_WRITE,   PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_LISTS,   handle_hma_content_delete },
	{ "POST",   "/hma/c/bank/{name}/signal",        KEY_WRITE,   PEOPLE_NOBODY,      ROUTE_JSON,    ROUTE_LISTS,   handle_hma_signal_add },
	{ "GET",    "/hma/c/signal_type",               KEY_READ,    PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_hma_signal_types },
	{ "GET",    "/hma/c/signal_type/index",         KEY_READ,    PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_SCAN,    handle_hma_signal_index },
	{ "PUT",    "/hma/c/signal_type/{name}",        KEY_WRITE,   PEOPLE_NOBODY,      ROUTE_JSON,    ROUTE_LISTS,   handle_hma_signal_type_change },
	{ "GET",    "/hma/c/content_type",              KEY_READ,    PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_hma_content_types },
	{ "GET",    "/hma/c/exchanges",                 KEY_READ,    PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_hma_exchanges },
	{ "GET",    "/hma/c/exchanges/apis",            KEY_READ,    PEOPLE_NOBODY,      ROUTE_NO_BODY, ROUTE_AT_ONCE, handle_hma_exchanges },
};
/* clang-format on */

bool route_is_open(const struct route *route)
{
	return route->scope == 0 && route->permission == PEOPLE_NOBODY;
}

const char *route_permission_name(const struct route *route)
{
	return route->permission == PEOPLE_NOBODY ? "-" : people_permission_name(route->permission);
}

size_t routes_count(void)
{
	return sizeof(routes) / sizeof(*routes);
}

const char *route_body_name(enum route_body body)
{
	static const char *const names[] = { [ROUTE_NO_BODY] = "-",
		[ROUTE_FILES] = "files",
		[ROUTE_JSON] = "json",
		[ROUTE_SIGNALS] = "signals",
		[ROUTE_STREAM] = "stream" };

	return names[body];
}

const char *route_lane_name(enum route_lane lane)
{
	static const char *const names[] = { [ROUTE_AT_ONCE] = "at-once",
		[ROUTE_SCAN] = "scan",
		[ROUTE_LISTS] = "lists",
		[ROUTE_DESK] = "desk",
		[ROUTE_LOGIN] = "login",
		[ROUTE_VIEWS] = "views" };

	return names[lane];
}

bool route_is_hma(const char *path)
{
	return strncmp(path, "/hma/", 5) == 0;
}

/* Takes "/segment" off the front; false at the end. */
static bool take_segment(ward_str *path, ward_str *segment)
{
	if (path->len == 0 || path->ptr[0] != '/')
		return false;
	*path = (ward_str){ path->ptr + 1, path->len - 1 };
	size_t len = 0;

	while (len < path->len && path->ptr[len] != '/')
		len++;
	*segment = (ward_str){ path->ptr, len };
	*path = (ward_str){ path->ptr + len, path->len - len };
	return true;
}

static bool fits(const char *pattern, const char *path, struct route_parameters *parameters)
{
	ward_str wanted = ward_str_from(pattern), given = ward_str_from(path), want, have;
	size_t count = 0;

	while (take_segment(&wanted, &want)) {
		if (!take_segment(&given, &have))
			return false;
		if (want.len == 0 || want.ptr[0] != '{') {
			if (!ward_str_eq(want, have))
				return false;
			continue;
		}
		if (have.len == 0 || have.len >= ROUTE_PARAMETER_MAX)
			return false;
		memcpy(parameters->at[count], have.ptr, have.len);
		parameters->at[count++][have.len] = '\0';
	}
	return given.len == 0;
}

enum route_outcome route_find(const char *method, const char *path, const struct route **route,
		struct route_parameters *parameters, char *allow, size_t room)
{
	size_t len = 0;

	/* A HEAD is a GET whose body is not sent. */
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	allow[0] = '\0';
	for (size_t i = 0; i < routes_count(); i++) {
		if (!fits(routes[i].path, path, parameters))
			continue;
		if (strcmp(routes[i].method, method) == 0) {
			*route = &routes[i];
			return ROUTE_FOUND;
		}
		int more = snprintf(allow + len, room - len, "%s%s", len > 0 ? ", " : "",
				routes[i].method);

		if (more > 0 && (size_t)more < room - len)
			len += (size_t)more;
	}
	return len > 0 ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
}
