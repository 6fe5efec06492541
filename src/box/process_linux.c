#include "box/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "box/wire.h"

/* Above the numbers the child's descriptors get, so that no dup2 there closes another's source. */
#define FD_APART 16

static int close_both(int a, int b)
{
	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
	return -1;
}

static int add_descriptors(posix_spawn_file_actions_t *actions, int socket, int memory)
{
	int stderr_flags = O_WRONLY;
	int err = posix_spawn_file_actions_adddup2(actions, socket, WIRE_SOCKET_FD);

	if (!err)
		err = posix_spawn_file_actions_adddup2(actions, memory, WIRE_MEMORY_FD);
	for (int fd = 0; fd < 3 && !err; fd++) {
		if (fd == 2 && getenv("WARD_WORKER_STDERR"))
			continue;
		err = posix_spawn_file_actions_addopen(actions, fd, "/dev/null",
				fd == 0 ? O_RDONLY : stderr_flags, 0);
	}
	if (!err)
		err = posix_spawn_file_actions_addclosefrom_np(actions, WIRE_MEMORY_FD + 1);
	return err;
}

/*
 * A group of its own: the terminal's Ctrl-C is for the program, which ends its
 * workers itself; a worker killed by it would look like a crash on some file.
 */
static int add_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int err;

	sigemptyset(&none);
	sigfillset(&all);
	err = posix_spawnattr_setflags(attributes,
			POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	if (!err)
		err = posix_spawnattr_setsigmask(attributes, &none);
	if (!err)
		err = posix_spawnattr_setsigdefault(attributes, &all);
	if (!err)
		err = posix_spawnattr_setpgroup(attributes, 0);
	return err;
}

static int spawn(pid_t *pid, const char *path, int socket, int memory)
{
	char name[] = "ward-worker";
	char *const arguments[] = { name, NULL };
	char *const environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return err;
	err = posix_spawnattr_init(&attributes);
	if (!err) {
		err = add_descriptors(&actions, socket, memory);
		if (!err)
			err = add_attributes(&attributes);
		if (!err)
			err = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

ward_err process_start(struct process *process, const char *path, int memory,
		struct ward_error *error)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return ward_fail(error, WARD_E_IO, "cannot make a socket pair: %s",
				strerror(errno));
	int socket = fcntl(pair[1], F_DUPFD_CLOEXEC, FD_APART);
	int shared = fcntl(memory, F_DUPFD_CLOEXEC, FD_APART);
	int err = socket < 0 || shared < 0 ? errno : spawn(&pid, path, socket, shared);

	close_both(socket, shared);
	close(pair[1]);
	if (err) {
		close(pair[0]);
		return ward_fail(error, err == ENOENT ? WARD_E_NOT_FOUND : WARD_E_IO,
				"cannot start the worker %s: %s", path, strerror(err));
	}
	process->pid = pid;
	process->socket = pair[0];
	return WARD_OK;
}

static void explain(int status, char *why)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	const char *name = signal ? sigabbrev_np(signal) : NULL;

	if (!signal)
		snprintf(why, PROCESS_WHY_MAX, "stopped with status %d", WEXITSTATUS(status));
	else if (signal == SIGSYS)
		snprintf(why, PROCESS_WHY_MAX, "was killed by the jail (SIGSYS)");
	else if (signal == SIGXCPU)
		snprintf(why, PROCESS_WHY_MAX, "used up its processor time (SIGXCPU)");
	else if (signal == SIGKILL)
		snprintf(why, PROCESS_WHY_MAX, "was killed, perhaps for want of memory (SIGKILL)");
	else if (signal == SIGHUP || signal == SIGTERM || signal == SIGINT)
		snprintf(why, PROCESS_WHY_MAX, "was stopped from outside (SIG%s)", name);
	else
		snprintf(why, PROCESS_WHY_MAX, "crashed (SIG%s)", name ? name : "?");
}

void process_end(struct process *process, char *why)
{
	int status = 0;
	pid_t got;

	if (process->pid == 0)
		return;
	/*
	 * The kernel fixes a dying process's cause before it closes its
	 * descriptors, so when we come here because the socket was closed, our
	 * signal arrives too late to change it.
	 */
	kill(process->pid, SIGKILL);
	do
		got = waitpid(process->pid, &status, 0);
	while (got < 0 && errno == EINTR);
	close(process->socket);
	if (why && got < 0)
		snprintf(why, PROCESS_WHY_MAX, "died");
	else if (why)
		explain(status, why);
	process->pid = 0;
	process->socket = -1;
}

static void set_soft(const struct process *process, int what, rlim_t value)
{
	struct rlimit limit;

	if (prlimit(process->pid, what, NULL, &limit) < 0)
		return;
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	/* A worker that died meanwhile has no limits; its next message will not come either. */
	(void)prlimit(process->pid, what, &limit, NULL);
}

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define IS_SHADOWED true
#else
#define IS_SHADOWED false
#endif

void process_limit_memory(const struct process *process, uint64_t bytes)
{
	if (!IS_SHADOWED)
		set_soft(process, RLIMIT_AS, bytes);
}

void process_limit_cpu(const struct process *process, uint64_t seconds)
{
	set_soft(process, RLIMIT_CPU, seconds);
}

char *process_find(const char *variable, const char *name)
{
	const char *named = getenv(variable);

	if (named && named[0] != '\0')
		return strdup(named);
	char *path = file_beside_program(name);

	if (path)
		return path;
	size_t room = sizeof(WARD_LIBEXECDIR) + strlen(name) + 1;

	path = malloc(room);
	if (path)
		snprintf(path, room, "%s/%s", WARD_LIBEXECDIR, name);
	return path;
}
