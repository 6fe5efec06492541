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
/* handle_list_change.c */
void handle_list_import(struct request *request);
void handle_list_change(struct request *request);
void handle_list_delete(struct request *request);
void handle_list_opinion(struct request *request);
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
