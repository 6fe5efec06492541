/*
 * Writing: the works of many threads in one transaction
 *
 * A sync of the disk takes a millisecond or more, and a work some tens of
 * microseconds.  So whoever comes while another's transaction is made durable
 * waits in a row, and the first of the row then leads: it takes the row (up to
 * a bound), does each work within a savepoint, commits once, and hands the
 * lead to the first who came meanwhile.  A thread alone leads at once and
 * waits for nobody, and needs no savepoint.
 *
 * The leader leads one batch, its own work among it, so nobody works for
 * others for ever; the row is first come, first served.
 */
#include "store/inner.h"

#include <assert.h>

#include "base/clock.h"

enum {
	BATCH_MAX = 256,
	BATCH_US = 50000, /* a batch that has taken so long is committed, and the rest waits */
	ATTEMPTS_MAX = 5,
};

struct waiting {
	struct waiting *next;
	store_work *work;
	void *context;
	pthread_cond_t turn; /* it is done, or may lead */
	bool done;
	ward_err err;
	struct ward_error error;
};

struct batch {
	struct waiting *first; /* of `count`, linked */
	size_t count;
	size_t taken; /* how many of them were done: those behind are put back */
};

/* ---- one work ---- */

static void set_result(struct waiting *waiting, ward_err err, const struct ward_error *error)
{
	waiting->err = err;
	if (err && error)
		waiting->error = *error;
}

/* A work whose statement failed has failed, whatever it says, also when that is heard of only now.
 */
static ward_err call(struct waiting *waiting, struct store_link *link, struct ward_error *error)
{
	struct store_tx tx = { .link = link, .in_work = true };
	ward_err err = waiting->work(waiting->context, &tx, error);

	store_rows_abandon(&tx);
	if (!err && !tx.failed.code)
		return link->engine->settle(link, error);
	if (!err) {
		*error = tx.failed;
		err = tx.failed.code;
	}
	return err;
}

/* False when the transaction is gone; `error` says why. */
static bool do_within_savepoint(struct waiting *waiting, struct store_link *link,
		struct ward_error *error)
{
	const struct engine *engine = link->engine;
	ward_err err = engine->mark(link, error);

	if (err)
		return false;
	waiting->error = (struct ward_error){ 0 };
	err = call(waiting, link, &waiting->error);
	set_result(waiting, err, NULL);
	if (link->lost) {
		*error = waiting->error;
		error->code = err ? err : WARD_E_IO;
		return false;
	}
	return !(err ? engine->undo(link, error) : engine->keep(link, error));
}

/* ---- one batch ---- */

static void fail_all(struct batch *batch, ward_err err, const struct ward_error *error)
{
	struct waiting *waiting = batch->first;

	batch->taken = batch->count;
	for (size_t i = 0; i < batch->count; i++, waiting = waiting->next)
		set_result(waiting, err, error);
}

/* Those whose work was undone alone keep their own error. */
static void fail_those_done(struct batch *batch, ward_err err, const struct ward_error *error)
{
	struct waiting *waiting = batch->first;

	for (size_t i = 0; i < batch->taken; i++, waiting = waiting->next) {
		if (!waiting->err)
			set_result(waiting, err, error);
	}
}

/* A work alone is the transaction: its error rolls back, and nothing is committed. */
static ward_err do_one(struct batch *batch, struct store_link *link, struct ward_error *error)
{
	struct waiting *waiting = batch->first;

	batch->taken = 1;
	*error = (struct ward_error){ 0 };
	ward_err err = call(waiting, link, error);

	if (err)
		link->engine->rollback(link);
	else
		err = link->engine->commit(link, error);
	set_result(waiting, err, error);
	return err;
}

static ward_err do_many(struct batch *batch, struct store_link *link, struct ward_error *error)
{
	uint64_t began = clock_ticks_us();
	struct waiting *waiting = batch->first;
	bool whole = true;

	for (batch->taken = 0; batch->taken < batch->count && whole; waiting = waiting->next) {
		if (batch->taken > 0 && clock_ticks_us() - began > BATCH_US)
			break;
		whole = do_within_savepoint(waiting, link, error);
		batch->taken++;
	}
	if (!whole) {
		link->engine->rollback(link);
		fail_all(batch, error->code, error);
		return error->code;
	}
	ward_err err = link->engine->commit(link, error);

	if (err)
		fail_those_done(batch, err, error);
	return err;
}

/* True when it is worth to be done again. */
static bool try_batch(struct store *store, struct batch *batch)
{
	struct ward_error error = { 0 };
	ward_err err = store_begin(store, LINK_WRITE, &store->writer, &error);

	if (err) {
		fail_all(batch, err, &error);
		return store->writer && store->writer->again;
	}
	err = batch->count == 1 ? do_one(batch, store->writer, &error)
				: do_many(batch, store->writer, &error);
	return err && store->writer->again;
}

/* Later attempts wait a little, each time longer, for what is in the way to pass. */
static void do_batch(struct store *store, struct batch *batch)
{
	for (int attempt = 0; try_batch(store, batch) && attempt < ATTEMPTS_MAX - 1; attempt++)
		nanosleep(&(struct timespec){ 0, 1000000L << attempt }, NULL);
}

/* ---- the row ---- */

static void join(struct store *store, struct waiting *waiting)
{
	if (store->last)
		store->last->next = waiting;
	else
		store->first = waiting;
	store->last = waiting;
}

static struct batch take_batch(struct store *store)
{
	struct batch batch = { .first = store->first };
	struct waiting *last = NULL;

	for (struct waiting *at = store->first; at && batch.count < BATCH_MAX; at = at->next) {
		batch.count++;
		last = at;
	}
	if (!last)
		return batch;
	store->first = last->next;
	if (!store->first)
		store->last = NULL;
	last->next = NULL;
	return batch;
}

/* Tells those that were done, and puts the others in front of the row again. */
static void give_back(struct store *store, struct batch *batch)
{
	struct waiting *waiting = batch->first;

	for (size_t i = 0; i < batch->taken; i++) {
		/* Behind the signal it may be gone. */
		struct waiting *next = waiting->next;

		waiting->done = true;
		pthread_cond_signal(&waiting->turn);
		waiting = next;
	}
	if (!waiting)
		return;
	struct waiting *last = waiting;

	while (last->next)
		last = last->next;
	last->next = store->first;
	store->first = waiting;
	if (!store->last)
		store->last = last;
}

/* With the lock held. */
static void begin_to_lead(struct store *store)
{
	store->leading = true;
	store->leader = pthread_self();
}

static void end_to_lead(struct store *store)
{
	store->leading = false;
	if (store->first)
		pthread_cond_signal(&store->first->turn);
	pthread_cond_broadcast(&store->idle);
}

static void lead(struct store *store)
{
	struct batch batch = take_batch(store);

	begin_to_lead(store);
	pthread_mutex_unlock(&store->mutex);
	do_batch(store, &batch);
	pthread_mutex_lock(&store->mutex);
	give_back(store, &batch);
	end_to_lead(store);
}

/* Those who write keep the lead among themselves, so this waits for a moment when none does. */
void store_lead(struct store *store)
{
	pthread_mutex_lock(&store->mutex);
	while (store->leading)
		pthread_cond_wait(&store->idle, &store->mutex);
	begin_to_lead(store);
	pthread_mutex_unlock(&store->mutex);
}

void store_lead_end(struct store *store)
{
	pthread_mutex_lock(&store->mutex);
	end_to_lead(store);
	pthread_mutex_unlock(&store->mutex);
}

ward_err store_write(struct store *store, store_work *work, void *context, struct ward_error *error)
{
	struct waiting self = { .work = work, .context = context };

	pthread_cond_init(&self.turn, NULL);
	pthread_mutex_lock(&store->mutex);
	/* A work that writes would wait for itself. */
	assert(!store->leading || !pthread_equal(store->leader, pthread_self()));
	store->writing++;
	join(store, &self);
	while (!self.done) {
		if (!store->leading && store->first == &self)
			lead(store);
		else
			pthread_cond_wait(&self.turn, &store->mutex);
	}
	if (--store->writing == 0)
		pthread_cond_broadcast(&store->idle);
	pthread_mutex_unlock(&store->mutex);
	pthread_cond_destroy(&self.turn);
	if (self.err && error) {
		*error = self.error;
		error->code = self.err;
	}
	return self.err;
}
