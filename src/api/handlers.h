/*
 * handlers.h - what the rows of the route table call
 *
 * Each reads what was asked, calls one module, and writes the answer.
 */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

struct request;

/* page.c */
void handle_page(struct request *request);
void handle_style(struct request *request);
/* console.c */
void handle_console(struct request *request);
void handle_console_asset(struct request *request);
/* handle_health.c */
void handle_metrics(struct request *request);
void handle_live(struct request *request);
void handle_ready(struct request *request);
void handle_openapi(struct request *request);
/* handle_scan.c */
void handle_scan(struct request *request);
void handle_hash(struct request *request);
/* handle_match.c */
void handle_match_one(struct request *request);
void handle_match_many(struct request *request);
void handle_compare(struct request *request);
/* handle_lists.c */
void handle_lists(struct request *request);
void handle_list(struct request *request);
void handle_list_entries(struct request *request);
/* handle_sites.c */
void handle_sites(struct request *request);
void handle_sites_check(struct request *request);
void handle_site_counts(struct request *request);
void handle_site_hosts(struct request *request);
/* handle_list_change.c */
void handle_list_import(struct request *request);
void handle_list_change(struct request *request);
void handle_list_delete(struct request *request);
void handle_list_opinion(struct request *request);
/* handle_session.c */
void handle_login(struct request *request);
void handle_session(struct request *request);
void handle_logout(struct request *request);
/* handle_oidc.c */
void handle_providers(struct request *request);
void handle_oidc_begin(struct request *request);
void handle_oidc(struct request *request);
void handle_oidc_return(struct request *request);
void handle_identity_begin(struct request *request);
/* handle_identities.c */
void handle_identities(struct request *request);
void handle_identity_link(struct request *request);
void handle_identity_unlink(struct request *request);
/* handle_session.c, again: one's own proofs */
void handle_totp_begin(struct request *request);
void handle_totp_confirm(struct request *request);
void handle_password(struct request *request);
void handle_recovery(struct request *request);
void handle_key_set(struct request *request);
void handle_unlock(struct request *request);
void handle_lock(struct request *request);
/* handle_passkey.c */
void handle_challenge(struct request *request);
void handle_passkey_challenge(struct request *request);
void handle_passkeys(struct request *request);
void handle_passkey_add(struct request *request);
void handle_passkey_remove(struct request *request);
/* handle_people.c */
void handle_permissions(struct request *request);
void handle_people(struct request *request);
void handle_person_add(struct request *request);
void handle_person(struct request *request);
void handle_person_change(struct request *request);
void handle_person_reset(struct request *request);
void handle_person_sessions(struct request *request);
void handle_person_session_end(struct request *request);
/* handle_roles.c */
void handle_roles(struct request *request);
void handle_role_set(struct request *request);
void handle_role_remove(struct request *request);
void handle_seconds(struct request *request);
void handle_second_answer(struct request *request);
void handle_second_withdraw(struct request *request);
/* handle_intake.c */
void handle_intake_add(struct request *request);
void handle_intake_get(struct request *request);
/* handle_queues.c */
void handle_queues(struct request *request);
void handle_queue_put(struct request *request);
void handle_queue_delete(struct request *request);
void handle_queue_people(struct request *request);
void handle_queue_admit(struct request *request);
void handle_star(struct request *request);
/* handle_jobs.c */
void handle_queue_jobs(struct request *request);
void handle_job_search(struct request *request);
void handle_job(struct request *request);
void handle_job_related(struct request *request);
void handle_job_history(struct request *request);
/* handle_work.c */
void handle_queue_take(struct request *request);
void handle_job_take(struct request *request);
void handle_job_renew(struct request *request);
void handle_job_release(struct request *request);
void handle_job_move(struct request *request);
void handle_job_second(struct request *request);
void handle_job_comment(struct request *request);
/* handle_decide.c */
void handle_job_decide(struct request *request);
void handle_decisions(struct request *request);
void handle_decision_undo(struct request *request);
void handle_jobs_bulk(struct request *request);
/* handle_setup.c */
void handle_routes(struct request *request);
void handle_route_put(struct request *request);
void handle_route_try(struct request *request);
void handle_route_delete(struct request *request);
void handle_policies(struct request *request);
void handle_policy_put(struct request *request);
void handle_authorities(struct request *request);
void handle_action_kinds(struct request *request);
void handle_action_kind_put(struct request *request);
/* handle_actions.c */
void handle_actions(struct request *request);
void handle_action_agree(struct request *request);
void handle_action_revive(struct request *request);
void handle_appeal_add(struct request *request);
void handle_appeal_text(struct request *request);
void handle_appeals(struct request *request);
void handle_appeal_settle(struct request *request);
void handle_site_appeals(struct request *request);
void handle_site_appeal_settle(struct request *request);
void handle_strikes(struct request *request);
void handle_agreement(struct request *request);
/* handle_items.c */
void handle_item(struct request *request);
void handle_item_text(struct request *request);
/* handle_views.c */
void handle_view(struct request *request);
void handle_look_on(struct request *request);
void handle_view_close(struct request *request);
/* handle_exposure.c */
void handle_exposure(struct request *request);
void handle_quiet(struct request *request);
void handle_quiet_lift(struct request *request);
void handle_break(struct request *request);
void handle_shift(struct request *request);
void handle_themes(struct request *request);
void handle_theme(struct request *request);
void handle_team(struct request *request);
void handle_budget(struct request *request);
/* handle_check_ins.c */
void handle_check_ins(struct request *request);
void handle_check_in(struct request *request);
void handle_check_in_remove(struct request *request);
/* handle_near.c */
void handle_near(struct request *request);
/* handle_filings.c */
void handle_filings(struct request *request);
void handle_filing(struct request *request);
void handle_filing_draft(struct request *request);
void handle_filing_findings(struct request *request);
void handle_filing_receipt(struct request *request);
/* handle_filing_change.c */
void handle_filing_new(struct request *request);
void handle_filing_put(struct request *request);
void handle_filing_approve(struct request *request);
void handle_filing_retract(struct request *request);
void handle_filing_again(struct request *request);
void handle_filing_package(struct request *request);
/* handle_handover.c */
void handle_filing_download(struct request *request);
void handle_filing_sent(struct request *request);
void handle_filing_acknowledged(struct request *request);
/* handle_vault.c */
void handle_vault_items(struct request *request);
void handle_vault_clocks(struct request *request);
void handle_vault_holds(struct request *request);
void handle_vault_destructions(struct request *request);
void handle_job_vault(struct request *request);
void handle_job_holds(struct request *request);
void handle_job_custody(struct request *request);
void handle_item_custody(struct request *request);
/* handle_vault_change.c */
void handle_job_hold(struct request *request);
void handle_job_holds_release(struct request *request);
void handle_job_destruction(struct request *request);
/* handle_export.c */
void handle_job_export(struct request *request);
void handle_export(struct request *request);
/* handle_vault_keys.c */
void handle_vault_keys(struct request *request);
void handle_vault_key_give(struct request *request);
void handle_vault_key_take(struct request *request);
/* handle_stats.c */
void handle_stats(struct request *request);
void handle_stats_catalogue(struct request *request);
/* hma_match.c */
void handle_hma_hash(struct request *request);
void handle_hma_raw_lookup(struct request *request);
void handle_hma_lookup(struct request *request);
void handle_hma_index_status(struct request *request);
void handle_hma_compare(struct request *request);
/* hma_banks.c */
void handle_hma_banks(struct request *request);
void handle_hma_bank_create(struct request *request);
void handle_hma_bank(struct request *request);
void handle_hma_bank_change(struct request *request);
void handle_hma_bank_delete(struct request *request);
/* hma_content.c */
void handle_hma_content_add(struct request *request);
void handle_hma_content(struct request *request);
void handle_hma_content_change(struct request *request);
void handle_hma_content_delete(struct request *request);
void handle_hma_signal_add(struct request *request);
/* hma_status.c */
void handle_hma_status(struct request *request);
void handle_hma_livez(struct request *request);
void handle_hma_readyz(struct request *request);
void handle_hma_site_map(struct request *request);
void handle_hma_signal_types(struct request *request);
void handle_hma_signal_index(struct request *request);
void handle_hma_content_types(struct request *request);
void handle_hma_signal_type_change(struct request *request);
void handle_hma_exchanges(struct request *request);

/*
 * A streamed body's handler reads the query here, in the network's thread and
 * before the body arrives.  False with the problem written.
 */
_Bool plan_list_import(struct request *request);

#endif
