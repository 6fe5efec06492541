/* Each wall alone, in a child that closes it around itself. */
#include "box/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "box/wire.h"

/* What `run` returns in a child of its own; minus the signal when one killed it. */
static int in_a_child(int (*run)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run());
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1000;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

enum { KERNEL_HAS_NONE = 99 };

static int open_behind_landlock(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !jail_landlock())
		return KERNEL_HAS_NONE;
	int fd = open("/etc/passwd", O_RDONLY);

	return fd < 0 && errno == EACCES ? 0 : 1;
}

static int make_behind_landlock(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !jail_landlock())
		return KERNEL_HAS_NONE;
	int fd = open("/tmp/ward-jail-test", O_CREAT | O_WRONLY, 0600);

	return fd < 0 && errno == EACCES ? 0 : 1;
}

static void landlock_alone_denies_files(void)
{
	int opened = in_a_child(open_behind_landlock);
	int made = in_a_child(make_behind_landlock);

	CHECK(opened == 0 || opened == KERNEL_HAS_NONE);
	CHECK_EQ(made, opened);
	if (opened == KERNEL_HAS_NONE)
		printf("# this kernel has no Landlock\n");
}

static int check_limits(void)
{
	struct rlimit core, files, descriptors;

	if (!jail_limits() || getrlimit(RLIMIT_CORE, &core) || getrlimit(RLIMIT_FSIZE, &files) ||
			getrlimit(RLIMIT_NOFILE, &descriptors))
		return 1;
	if (core.rlim_max != 0 || files.rlim_max != 0 || descriptors.rlim_max != 16)
		return 2;
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 3;
}

static void limits_alone_forbid_cores_files_and_tracing(void)
{
	CHECK_EQ(in_a_child(check_limits), 0);
}

static int socket_behind_seccomp(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !jail_seccomp(false))
		return KERNEL_HAS_NONE;
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static int live_behind_seccomp(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !jail_seccomp(false))
		return KERNEL_HAS_NONE;
	volatile char *memory = malloc(10 << 20);

	if (!memory)
		return 2;
	memory[5 << 20] = 1;
	free((void *)(uintptr_t)memory);
	return 0;
}

static void seccomp_alone_kills_and_lets_live(void)
{
	CHECK_EQ(in_a_child(live_behind_seccomp), 0);
	CHECK_EQ(in_a_child(socket_behind_seccomp), -SIGSYS);
}

/* ---- sockets that are handed over ---- */

static int handed[2];

static int use_what_was_handed(void)
{
	char byte = 'a';
	bool closed = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		      (jail_close_but(JAIL_SOCKETS) & WIRE_WALL_SECCOMP);

	return closed && send(handed[0], &byte, 1, MSG_NOSIGNAL) == 1 &&
					       recv(handed[1], &byte, 1, 0) == 1 &&
					       open("/dev/null", O_RDONLY) < 0 && errno == EACCES
			       ? 0
			       : 1;
}

static int make_one_more(void)
{
	(void)jail_close_but(JAIL_SOCKETS);
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int connect_it(void)
{
	struct sockaddr nobody = { .sa_family = AF_UNIX };

	(void)jail_close_but(JAIL_SOCKETS);
	return connect(handed[0], &nobody, sizeof(nobody));
}

/* Connects as `connect` does, were it let. */
static int send_to_another(int flags, bool named)
{
	struct sockaddr_in other = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)jail_close_but(JAIL_SOCKETS);
	return (int)sendto(fd, "a", 1, flags | MSG_NOSIGNAL,
			named ? (const struct sockaddr *)(const void *)&other : NULL,
			named ? sizeof(other) : 0);
}

static int send_with_a_name(void)
{
	return send_to_another(0, true);
}

static int send_and_open(void)
{
	return send_to_another(MSG_FASTOPEN, false);
}

static int message_and_open(void)
{
	struct sockaddr_in other = { .sin_family = AF_INET };
	struct msghdr message = { .msg_name = &other, .msg_namelen = sizeof(other) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)jail_close_but(JAIL_SOCKETS);
	return (int)sendmsg(fd, &message, MSG_FASTOPEN | MSG_NOSIGNAL);
}

static int own_its_signals(void)
{
	(void)jail_close_but(JAIL_SOCKETS);
	return fcntl(handed[0], F_SETOWN, 1);
}

static int be_told_by_signals(void)
{
	(void)jail_close_but(JAIL_SOCKETS);
	return fcntl(handed[0], F_SETFL, O_ASYNC | O_NONBLOCK);
}

static int set_flags(void)
{
	int one = 1;

	(void)jail_close_but(JAIL_SOCKETS);
	bool waits = fcntl(handed[0], F_SETFL, fcntl(handed[0], F_GETFL) | O_NONBLOCK) == 0 &&
		     fcntl(handed[0], F_SETFD, FD_CLOEXEC) == 0;
	bool refused = setsockopt(handed[0], SOL_SOCKET, SO_MARK, &one, sizeof(one)) < 0 &&
		       errno == ENOPROTOOPT;

	return waits && refused ? 0 : 1;
}

static void a_socket_handed_over_stays_what_it_is(void)
{
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, handed), 0);
	CHECK_EQ(in_a_child(send_with_a_name), -SIGSYS);
	CHECK_EQ(in_a_child(send_and_open), -SIGSYS);
	CHECK_EQ(in_a_child(message_and_open), -SIGSYS);
	CHECK_EQ(in_a_child(own_its_signals), -SIGSYS);
	CHECK_EQ(in_a_child(be_told_by_signals), -SIGSYS);
	CHECK_EQ(in_a_child(set_flags), 0);
	close(handed[0]);
	close(handed[1]);
}

static void sockets_that_are_handed_over_are_used_and_no_other(void)
{
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, handed), 0);
	CHECK_EQ(in_a_child(use_what_was_handed), 0);
	CHECK_EQ(in_a_child(make_one_more), -SIGSYS);
	CHECK_EQ(in_a_child(connect_it), -SIGSYS);
	close(handed[0]);
	close(handed[1]);
}

static const struct test_case cases[] = {
	{ "Landlock alone denies files", landlock_alone_denies_files },
	{ "limits alone forbid cores, files and tracing",
			limits_alone_forbid_cores_files_and_tracing },
	{ "seccomp alone kills what it must and lets memory be",
			seccomp_alone_kills_and_lets_live },
	{ "sockets that are handed over are used, and no other is made or connected",
			sockets_that_are_handed_over_are_used_and_no_other },
	{ "a socket that is handed over sends to no one else, signals no one and keeps its options",
			a_socket_handed_over_stays_what_it_is },
};
TEST_MAIN(cases)
