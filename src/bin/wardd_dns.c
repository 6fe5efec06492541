#include "wardd_dns.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "exchange/site_write.h"

enum { PATH_ROOM = 8192, EACH_S = 300 };

struct wardd_dns {
	struct gate_live *gate;
	struct exchange_site_dns options;
	char cdb[PATH_ROOM], rpz[PATH_ROOM]; /* "": none */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool started, changed, stopping;
};

/* ---- what ward.conf says ---- */

/* At most one address of each family, with blanks between. */
static ward_err read_addresses(const char *text, const char *name,
		char v4[EXCHANGE_SITE_ADDRESS_MAX], char v6[EXCHANGE_SITE_ADDRESS_MAX],
		struct ward_error *error)
{
	ward_str rest = ward_str_from(text);

	while (rest.len > 0) {
		ward_str word = ward_str_cut(&rest, ' ');
		struct ward_network network;
		char *to;

		if (word.len == 0)
			continue;
		if (word.len >= EXCHANGE_SITE_ADDRESS_MAX || memchr(word.ptr, '/', word.len) ||
				!ward_network_read(word, &network))
			return ward_fail(error, WARD_E_FORMAT,
					"dns.%s wants addresses, as \"192.0.2.1 2001:db8::1\"",
					name);
		to = network.kind == WARD_HOST_IPV4 ? v4 : v6;
		if (to[0])
			return ward_fail(error, WARD_E_FORMAT,
					"dns.%s wants one address of each kind at most", name);
		memcpy(to, word.ptr, word.len);
		to[word.len] = '\0';
	}
	return WARD_OK;
}

ward_err wardd_dns_options(const struct settings *settings, struct exchange_site_dns *options,
		struct ward_error *error)
{
	struct exchange_site_dns read = { .hidden = true };
	ward_err err = read_addresses(settings->dns_page, "page", read.page4, read.page6, error);

	if (!err)
		err = read_addresses(settings->dns_steer, "steer", read.steer4, read.steer6, error);
	if (err)
		return err;
	read.answer = read.page4[0] || read.page6[0] ? EXCHANGE_SITE_PAGE : EXCHANGE_SITE_NXDOMAIN;
	read.steer = read.steer4[0] || read.steer6[0];
	read.safe = settings->network_safe_search ? EXCHANGE_SAFE_STRICT : EXCHANGE_SAFE_OFF;
	snprintf(read.zone, sizeof(read.zone), "%.*s", EXCHANGE_SITE_NAME_MAX - 1,
			settings->dns_zone);
	*options = read;
	return WARD_OK;
}

static void path_of(const struct workspace *workspace, const char *name, char path[PATH_ROOM])
{
	path[0] = '\0';
	if (name[0])
		snprintf(path, PATH_ROOM, "%s%s%s",
				name[0] == '/' ? "" : workspace_folder(workspace),
				name[0] == '/' ? "" : "/", name);
}

/* ---- writing ---- */

static bool is_softened(void *context, const struct ward_site_info *info, ward_str category,
		ward_str class_code)
{
	return gate_rules_soften(context, ward_str_from(info->name), category, class_code);
}

static ward_err write_all(struct wardd_dns *dns, struct ward_error *error)
{
	const struct gate_state *state = gate_live_acquire(dns->gate);
	struct exchange_site_dns options = dns->options;
	struct exchange_site_written cdb = { 0 }, rpz = { 0 };
	uint64_t begun = clock_ticks_us();
	ward_err err = WARD_OK;

	options.now = clock_now();
	options.is_softened = is_softened;
	options.context = (void *)(uintptr_t)state->rules;
	if (dns->cdb[0])
		err = exchange_site_cdb_write(state->sites, &options, dns->cdb, &cdb, error);
	if (!err && dns->rpz[0])
		err = exchange_site_rpz_write(state->sites, &options, dns->rpz, NULL, &rpz, error);
	gate_live_release(dns->gate, state);
	if (!err)
		log_info("dns_written",
				"cdb=%" PRIu64 " rpz=%" PRIu64 " serial=%" PRIu32
				" time_ms=%" PRIu64,
				cdb.names, rpz.names, rpz.serial,
				(clock_ticks_us() - begun) / 1000);
	return err;
}

/* Until lists have changed, or it is time; false when it is to stop. */
static bool wait_for_work(struct wardd_dns *dns)
{
	struct timespec until;
	int slept = 0;
	bool goes_on;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += EACH_S;
	pthread_mutex_lock(&dns->lock);
	while (!dns->changed && !dns->stopping && slept == 0)
		slept = pthread_cond_timedwait(&dns->wake, &dns->lock, &until);
	dns->changed = false;
	goes_on = !dns->stopping;
	pthread_mutex_unlock(&dns->lock);
	return goes_on;
}

static void *run(void *context)
{
	struct wardd_dns *dns = context;
	struct ward_error error;

	while (wait_for_work(dns)) {
		if (write_all(dns, &error) != WARD_OK)
			log_error("dns_not_written", "code=%s message=\"%s\"",
					ward_err_name(error.code), error.message);
	}
	return NULL;
}

ward_err wardd_dns_start(const struct workspace *workspace, struct gate_live *gate,
		struct wardd_dns **started, struct ward_error *error)
{
	const struct settings *settings = workspace_settings(workspace);
	struct wardd_dns *dns;
	ward_err err;

	if (!settings->dns_cdb[0] && !settings->dns_rpz[0])
		return WARD_OK;
	dns = calloc(1, sizeof(*dns));
	if (!dns)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	dns->gate = gate;
	pthread_mutex_init(&dns->lock, NULL);
	pthread_cond_init(&dns->wake, NULL);
	path_of(workspace, settings->dns_cdb, dns->cdb);
	path_of(workspace, settings->dns_rpz, dns->rpz);
	err = wardd_dns_options(settings, &dns->options, error);
	if (!err)
		err = write_all(dns, error);
	if (!err && pthread_create(&dns->thread, NULL, run, dns) != 0)
		err = ward_fail(error, WARD_E_NOMEM,
				"cannot start the thread of the resolvers' files");
	if (err) {
		wardd_dns_free(dns);
		return err;
	}
	dns->started = true;
	*started = dns;
	return WARD_OK;
}

void wardd_dns_wake(struct wardd_dns *dns)
{
	if (!dns)
		return;
	pthread_mutex_lock(&dns->lock);
	dns->changed = true;
	pthread_cond_signal(&dns->wake);
	pthread_mutex_unlock(&dns->lock);
}

void wardd_dns_free(struct wardd_dns *dns)
{
	if (!dns)
		return;
	if (dns->started) {
		pthread_mutex_lock(&dns->lock);
		dns->stopping = true;
		pthread_cond_signal(&dns->wake);
		pthread_mutex_unlock(&dns->lock);
		pthread_join(dns->thread, NULL);
	}
	pthread_cond_destroy(&dns->wake);
	pthread_mutex_destroy(&dns->lock);
	free(dns);
}
