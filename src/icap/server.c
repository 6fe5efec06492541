#include "icap/icap.h"

#include "base/clock.h"
#include "icap/loop.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

enum { THREADS_MAX = 64 };

struct thread {
	pthread_t id;
	struct icap_loop *loop;
	bool runs;
	bool drained;
};

struct icap_server {
	struct icap_options options;
	struct icap_shared shared;
	uint16_t port;
	unsigned thread_count;
	struct thread threads[THREADS_MAX];
};

static ward_err check(const struct icap_options *options, struct ward_error *error)
{
	if (options->service_count == 0 || !options->owner || !options->owner->begin ||
			!options->place)
		return ward_fail(error, WARD_E_ARGUMENT,
				"an ICAP server wants services, an owner and a place for bodies");
	if (options->threads > THREADS_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "an ICAP server has at most %d threads",
				THREADS_MAX);
	return WARD_OK;
}

static ward_err make_loops(struct icap_server *server, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (unsigned i = 0; !err && i < server->options.threads; i++) {
		err = icap_loop_new(&server->shared, &server->threads[i].loop, error);
		if (!err)
			server->thread_count++;
	}
	return err;
}

ward_err icap_server_new(const struct icap_options *options, struct icap_server **result,
		struct ward_error *error)
{
	ward_err err = check(options, error);
	struct icap_server *server = err ? NULL : calloc(1, sizeof(*server));

	if (err)
		return err;
	if (!server)
		return ward_fail(error, WARD_E_NOMEM, "no memory for an ICAP server");
	server->options = *options;
	icap_options_fill(&server->options);
	server->shared.options = &server->options;
	server->shared.listener = -1;
	err = icap_listen(options->listen, &server->shared.listener, &server->port, error);
	if (!err)
		err = make_loops(server, error);
	if (err) {
		icap_server_free(server);
		return err;
	}
	*result = server;
	return WARD_OK;
}

static void *run_thread(void *context)
{
	struct thread *thread = context;

	thread->drained = icap_loop_run(thread->loop);
	return NULL;
}

ward_err icap_server_start(struct icap_server *server, struct ward_error *error)
{
	sigset_t all, before;
	ward_err err = WARD_OK;

	/* Signals are the program's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned i = 0; !err && i < server->thread_count; i++) {
		struct thread *thread = &server->threads[i];

		if (pthread_create(&thread->id, NULL, run_thread, thread) != 0)
			err = ward_fail(error, WARD_E_NOMEM, "cannot start the ICAP server");
		else
			thread->runs = true;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		(void)icap_server_stop(server, 0);
	return err;
}

uint16_t icap_server_port(const struct icap_server *server)
{
	return server->port;
}

bool icap_server_stop(struct icap_server *server, uint32_t drain_ms)
{
	bool drained = true;

	/* Before the threads are told, so that no client finds a door with nobody behind it. */
	icap_listen_end(server->shared.listener);
	atomic_store(&server->shared.stop_until_us, clock_ticks_us() + (uint64_t)drain_ms * 1000);
	atomic_store(&server->shared.stopping, true);
	for (unsigned i = 0; i < server->thread_count; i++) {
		if (server->threads[i].runs)
			icap_loop_wake(server->threads[i].loop);
	}
	for (unsigned i = 0; i < server->thread_count; i++) {
		struct thread *thread = &server->threads[i];

		if (!thread->runs)
			continue;
		pthread_join(thread->id, NULL);
		thread->runs = false;
		drained = drained && thread->drained;
	}
	icap_listen_close(server->shared.listener);
	server->shared.listener = -1;
	return drained;
}

void icap_server_count(const struct icap_server *server, struct icap_counters *counters)
{
	*counters = (struct icap_counters){ 0 };
	for (unsigned i = 0; i < server->thread_count; i++)
		icap_loop_count(server->threads[i].loop, counters);
}

void icap_server_free(struct icap_server *server)
{
	if (!server)
		return;
	(void)icap_server_stop(server, 0);
	for (unsigned i = 0; i < server->thread_count; i++)
		icap_loop_free(server->threads[i].loop);
	free(server);
}
