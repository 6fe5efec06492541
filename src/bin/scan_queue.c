#include "bin/scan_queue.h"

#include <stdlib.h>

bool scan_queue_put(struct scan_queue *queue, struct scan_task task)
{
	bool taken = false;

	pthread_mutex_lock(&queue->lock);
	while (queue->count == SCAN_QUEUE_ROOM && !queue->stopped)
		pthread_cond_wait(&queue->emptied, &queue->lock);
	if (!queue->stopped) {
		queue->tasks[(queue->first + queue->count) % SCAN_QUEUE_ROOM] = task;
		queue->count++;
		taken = true;
		if (queue->idle > 0)
			pthread_cond_signal(&queue->filled);
	}
	pthread_mutex_unlock(&queue->lock);
	if (!taken)
		free(task.path);
	return taken;
}

static size_t fair_share(const struct scan_queue *queue)
{
	size_t share = queue->count / queue->takers;

	return share < 1 ? 1 : share > queue->most ? queue->most : share;
}

size_t scan_queue_take(struct scan_queue *queue, struct scan_task tasks[])
{
	size_t got = 0;

	pthread_mutex_lock(&queue->lock);
	while (queue->count == 0 && !queue->ended && !queue->stopped) {
		queue->idle++;
		pthread_cond_wait(&queue->filled, &queue->lock);
		queue->idle--;
	}
	size_t before = queue->count, share = fair_share(queue);

	for (; got < share && queue->count > 0 && !queue->stopped; got++, queue->count--) {
		tasks[got] = queue->tasks[queue->first];
		queue->first = (queue->first + 1) % SCAN_QUEUE_ROOM;
	}
	/* The walker sleeps until there is room for many, or it would be woken for each. */
	if (before > SCAN_QUEUE_ROOM / 2 && queue->count <= SCAN_QUEUE_ROOM / 2)
		pthread_cond_signal(&queue->emptied);
	pthread_mutex_unlock(&queue->lock);
	return got;
}

void scan_queue_end(struct scan_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->ended = true;
	pthread_cond_broadcast(&queue->filled);
	pthread_cond_broadcast(&queue->emptied);
	pthread_mutex_unlock(&queue->lock);
}

void scan_queue_stop(struct scan_queue *queue)
{
	queue->stopped = true;
	scan_queue_end(queue);
}

void scan_queue_clear(struct scan_queue *queue)
{
	for (; queue->count > 0; queue->count--) {
		free(queue->tasks[queue->first].path);
		queue->first = (queue->first + 1) % SCAN_QUEUE_ROOM;
	}
}
