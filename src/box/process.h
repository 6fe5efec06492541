/*
 * process.h - a worker as the system sees it: started, limited, ended, its death explained
 *
 * A process here is ours alone: it is waited for by its number and nothing
 * else, so a program that embeds ward keeps its own children to itself.
 */
#ifndef BOX_PROCESS_H
#define BOX_PROCESS_H

#include <ward/base.h>

struct process {
	int pid;    /* 0 when none runs */
	int socket; /* our end; -1 when none runs */
};

/*
 * Starts `path` with an empty environment, the shared memory and one end of a
 * new socket pair, and nothing else open.  Safe beside other threads.
 */
ward_err process_start(struct process *process, const char *path, int memory,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Kills the process if it lives, waits for it, closes the socket.  When `why`
 * is given it gets the cause of death, as a clause: "crashed (SIGSEGV)".  A
 * process that was dying already dies of its own cause, not of our signal.
 */
#define PROCESS_WHY_MAX 96
void process_end(struct process *process, char *why);

/*
 * Bounds of the running process; each is a soft limit that can be raised again.
 * No limit of memory fits a sanitizer's shadow: a build with one sets none.
 */
void process_limit_memory(const struct process *process, uint64_t bytes);
void process_limit_cpu(const struct process *process, uint64_t seconds);

/*
 * Where a program of ours lies: what the variable of the environment names, or
 * `name` beside this program, or in the libexec folder.  From malloc; NULL
 * without memory.
 */
char *process_find(const char *variable, const char *name);

#endif
