/*
 * settings.h - what ward.conf can say, and what holds when it says nothing
 *
 * Every setting is one row of a table in settings.c (name, type, bounds,
 * default, one line of help); the man page is tested against it.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <ward/scan.h>

#include "workspace/conf.h"

#define SETTINGS_TEXT_MAX 256

struct settings {
	/* scan { } */
	struct ward_limits limits;
	bool exact; /* full decode instead of the fast look-up path */
	bool all_orientations;
	bool borders;
	bool videos;
	bool texts;
	uint32_t video_ms;
	bool archives;
	int radius; /* negative: each list's own */

	/* server { } */
	char address[SETTINGS_TEXT_MAX]; /* "127.0.0.1" */
	uint16_t port;                   /* 8750 */
	uint64_t body_max;               /* bytes of one request: 100 MiB */
	uint32_t request_ms;             /* 30 000: a request is answered or refused in this time */
	uint32_t connections_max;        /* 256 */
	uint32_t workers;                /* scans at once; 0: one a processor */
	uint32_t queue_max;              /* waiting scans before 503 */
	uint32_t drain_ms;               /* for what runs when asked to stop: 10 000 */
	char certificate[SETTINGS_TEXT_MAX]; /* PEM; with private_key: HTTPS */
	char private_key[SETTINGS_TEXT_MAX];
	uint32_t refresh_ms; /* how often lists and keys are looked at: 1000 */

	/* fetch { }: url= on the API; off unless switched on, and never to private addresses */
	bool fetch;
	uint64_t fetch_bytes_max;
	uint32_t fetch_ms;
	uint32_t fetch_redirects_max;

	/* exposure { }: how much a person may be shown (desk/exposure_policy.h) */
	uint32_t exposure_items;        /* a day, clear: 60 */
	uint32_t exposure_ms;           /* a day, clear: 20 minutes */
	uint32_t exposure_severe;       /* a day, clear: 15 */
	uint32_t exposure_warn_percent; /* of any of them: 80 */
	uint32_t exposure_raise_percent;
	uint32_t exposure_severe_row; /* one behind the other: 3 */
	uint32_t exposure_shift_end_ms;
	uint32_t exposure_break_every_ms;
	uint32_t exposure_break_least_ms;
	uint32_t exposure_view_ms;      /* then a clear view is asked for again: 60 s */
	uint32_t exposure_shadow_days;  /* of who is new, with mosaics only: 3 */
	uint32_t exposure_ramp_days;    /* then the budget is whole: 14 */
	uint32_t exposure_ramp_percent; /* of it, on the first day behind the mosaics: 25 */
	uint32_t exposure_day_start_ms; /* after midnight UTC */
	uint32_t exposure_keep_days;    /* what speaks of a person: 400 */

	/* store { } */
	char store_place[SETTINGS_TEXT_MAX]; /* "ward.db", from the workspace; or postgresql:// */
	uint32_t store_readers;              /* 4 */

	/* cybertip { }: reports to NCMEC */
	bool cybertip_production;                     /* and the account must be tagged so, too */
	char cybertip_credentials[SETTINGS_TEXT_MAX]; /* "keys/cybertip.json", from the workspace */
	char cybertip_url[SETTINGS_TEXT_MAX];         /* "": NCMEC's own */
	char cybertip_email[SETTINGS_TEXT_MAX];       /* who reports, in drafts; "": is left out */
	bool cybertip_send;                           /* does wardd send what is approved: yes */

	/* people { } */
	char people_origin[SETTINGS_TEXT_MAX]; /* "https://ward.example.org"; "": this machine */
	char people_site[SETTINGS_TEXT_MAX];   /* "ward": in people's devices */
	uint32_t people_idle_ms;               /* unused so long, a session is over: 30 min */
	uint32_t people_session_ms;            /* and so long in any case: 12 h */
	uint64_t people_forget_ms;             /* names of those who left: 90 d */
	/* oidc { }: single sign-on */
	char oidc_issuer[SETTINGS_TEXT_MAX];      /* "https://login.example.org"; "": none */
	char oidc_client_id[SETTINGS_TEXT_MAX];   /* what the provider calls us */
	char oidc_secret_file[SETTINGS_TEXT_MAX]; /* "keys/oidc.secret", from the workspace */
	char oidc_name[SETTINGS_TEXT_MAX];        /* what people call the provider */
	bool oidc_trust_second_factor;            /* else ward's own is asked, too */
	char oidc_acr[SETTINGS_TEXT_MAX], oidc_amr[SETTINGS_TEXT_MAX]; /* words that say it */
	uint32_t oidc_ms;                                              /* 5 s */
	uint32_t oidc_skew_ms;                                         /* 60 s */
	/* intake { } */
	char maildir[SETTINGS_TEXT_MAX]; /* "": none */
	bool intake_scans;               /* scans whose rule names a queue become reports */
	bool intake_scans_closed;        /* and a verdict is refused that could not be kept */
	/* portal { }: the public's pages; off until it has an address to listen on */
	char portal_listen[SETTINGS_TEXT_MAX];    /* "0.0.0.0:8780" */
	char portal_operator[SETTINGS_TEXT_MAX];  /* who runs it, as pages say */
	char portal_leave[SETTINGS_TEXT_MAX];     /* where the quick exit leads */
	char portal_helplines[SETTINGS_TEXT_MAX]; /* a file in place of the built-in ones */
	char portal_files[SETTINGS_TEXT_MAX];     /* a folder with stop.js and pdq.wasm */
	bool portal_reports;                    /* yes; else block pages, and whom to call, alone */
	uint32_t portal_reports_per_minute;     /* 60, of all people together */
	uint32_t portal_connections_max;        /* 512 */
	bool portal_block;                      /* pages for blocked names that lead to it */
	char portal_address[SETTINGS_TEXT_MAX]; /* its own, as people write it */
	char portal_contact[SETTINGS_TEXT_MAX]; /* of the network's operator, on block pages */
	char portal_authority[SETTINGS_TEXT_MAX]; /* whom to ask about blocks that a law orders */
	char portal_country[SETTINGS_TEXT_MAX];   /* whose helplines block pages show: "FR" */
	char portal_stop_page[SETTINGS_TEXT_MAX]; /* a file in place of the built-in words */
	/* network { }: what people on a network get (gate/gate.h) */
	char network_profile[SETTINGS_TEXT_MAX]; /* "adult": of who is in no group */
	char network_terms[SETTINGS_TEXT_MAX];   /* compiled terms, from the workspace; "": none */
	bool network_status_451;                 /* for lists by order; else 403 */
	bool network_safe_search;
	uint32_t network_least; /* clients from which a host is told of: 5 */
	/* icap { }: the door for proxies; off until it has an address to listen on */
	char icap_listen[SETTINGS_TEXT_MAX]; /* "127.0.0.1:1344" */
	uint32_t icap_threads;               /* 2 */
	uint32_t icap_connections_max;       /* 16384 */
	bool icap_requests_open;             /* what cannot be judged passes */
	bool icap_answers_open;
	bool icap_pages, icap_pictures; /* are they looked at */
	uint64_t icap_body_max;         /* of one body that is looked at: 20 MiB */
	bool icap_large_open;           /* do larger ones pass */
	uint32_t icap_wait_ms;          /* 10 s */
	/* dns { }: files for resolvers, kept current */
	char dns_cdb[SETTINGS_TEXT_MAX]; /* from the workspace; "": none */
	char dns_rpz[SETTINGS_TEXT_MAX];
	char dns_zone[SETTINGS_TEXT_MAX];  /* of the RPZ: "rpz.ward" */
	char dns_page[SETTINGS_TEXT_MAX];  /* addresses of the block page; "": no such name */
	char dns_steer[SETTINGS_TEXT_MAX]; /* addresses of the proxy, for hosts with a listed page
					    */
};

struct settings settings_default(void);

/*
 * Takes what the tree says over what is in `settings`.  Sections of rules are
 * passed over (rules.h).  An unknown name or a value out of bounds is an
 * error with its file and line, and what to write instead.
 */
ward_err settings_read(const struct conf_node *first, struct settings *settings,
		struct ward_error *error) WARD_MUST_USE;

/* ---- the table, for the man page and for the ward.conf that init writes ---- */

struct setting_words {
	const char *section;
	const char *name;
	const char *says;
	char value[SETTINGS_TEXT_MAX + 2]; /* the default, as one would write it */
	char bounds[80];                   /* "1 to 65535"; "" where there are none */
};

/* False behind the last row. */
bool settings_row(size_t index, struct setting_words *words);

/* An amount as settings are written, for files of the same form: "1k", "100MB", "10s", "yes". */
enum settings_unit { SETTINGS_COUNT, SETTINGS_BYTES, SETTINGS_MS, SETTINGS_SWITCH };
bool settings_amount(ward_str text, enum settings_unit unit, uint64_t *value) WARD_MUST_USE;

/*
 * The one of `count` names that is nearest to a mistyped one: the least
 * letters changed, and at most a third of them; NULL when none is.
 */
const char *settings_nearest(ward_str name, const char *const *names, size_t count);

#endif
