#include "box/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box/wire.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif

bool jail_is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer) || \
		__has_feature(undefined_behavior_sanitizer)
	return true;
#else
	return false;
#endif
}

/* ---- limits ---- */

static bool set_limit(int what, rlim_t value)
{
	struct rlimit limit = { value, value };

	return setrlimit(what, &limit) == 0;
}

/*
 * Address space and processor time are set by the parent, job by job (soft
 * limits; nothing in here can raise them again once seccomp is closed).  The
 * parent-death signal is SIGHUP, to tell it apart from the parent's SIGKILL.
 */
bool jail_limits(void)
{
	bool ok = set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_FSIZE, 0) &&
		  set_limit(RLIMIT_NOFILE, 16) && set_limit(RLIMIT_MEMLOCK, 0);

	/* With standard error kept for debugging, a file there is full at once: not a reason to
	 * die. */
	signal(SIGXFSZ, SIG_IGN);
	return ok && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       prctl(PR_SET_PDEATHSIG, SIGHUP, 0, 0, 0) == 0;
}

/* ---- Landlock ---- */

/*
 * A rule set that handles every right a version of the kernel's interface
 * knows, and grants none.  The numbers are the interface's own and are written
 * out because a distribution's headers are older than its users' kernels:
 * version 1 has 13 file rights, 2 adds refer, 3 truncate, 5 ioctl on devices;
 * 4 adds TCP bind and connect, 6 abstract sockets and signals to the outside.
 */
struct landlock_rights {
	uint64_t files;
	uint64_t network;
	uint64_t scoped;
};

bool jail_landlock(void)
{
	struct landlock_rights rights = { .files = (1u << 13) - 1 };
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			LANDLOCK_CREATE_RULESET_VERSION);
	size_t size = sizeof(rights.files);

	if (version < 1)
		return false;
	if (version >= 2)
		rights.files |= 1u << 13;
	if (version >= 3)
		rights.files |= 1u << 14;
	if (version >= 5)
		rights.files |= 1u << 15;
	if (version >= 4) {
		rights.network = 3;
		size += sizeof(rights.network);
	}
	if (version >= 6) {
		rights.scoped = 3;
		size += sizeof(rights.scoped);
	}
	int rules = (int)syscall(SYS_landlock_create_ruleset, &rights, size, 0);

	if (rules < 0)
		return false;
	bool closed = syscall(SYS_landlock_restrict_self, rules, 0) == 0;

	close(rules);
	return closed;
}

/* ---- seccomp ---- */

/* Calls that reach nothing beyond this process, whatever their arguments. */
static const int harmless[] = {
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	SCMP_SYS(lseek),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64),
	SCMP_SYS(nanosleep),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getcpu),
	SCMP_SYS(getrandom),
	SCMP_SYS(sysinfo),
};

/* What codecs and the C library ask in passing and do well without: the call fails. */
static const struct {
	int call;
	int error;
} refused[] = {
	{ SCMP_SYS(clone3), ENOSYS },     /* its flags lie in memory: only clone's can be checked */
	{ SCMP_SYS(newfstatat), EACCES }, /* names files */
	{ SCMP_SYS(fstatat64), EACCES },
	{ SCMP_SYS(statx), EACCES },
	{ SCMP_SYS(ioctl), ENOTTY },
	{ SCMP_SYS(prctl), EPERM }, /* names of threads */
	{ SCMP_SYS(getrlimit), EPERM },
	{ SCMP_SYS(prlimit64), EPERM },
};

/* For threads: their birth and their death. */
static const int of_threads[] = {
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(set_tid_address),
};

/* A sanitizer's run-time asks these when it starts threads, reports and ends. */
static const int of_sanitizers[] = {
	SCMP_SYS(sigaltstack),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getppid),
};

static int allow_all(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int err = 0;

	/* A call that this architecture does not have is passed over by libseccomp. */
	for (size_t i = 0; i < count && !err; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return err;
}
#define ALLOW_ALL(filter, calls) allow_all(filter, calls, sizeof(calls) / sizeof(*(calls)))

/*
 * Memory without execution.  Writable shared memory is the parent's only: a
 * job's file may have come with a descriptor that can write.
 */
static int allow_memory(scmp_filter_ctx filter)
{
	int err = 0;

#ifdef __NR_mmap2
	const int map = SCMP_SYS(mmap2);
#else
	const int map = SCMP_SYS(mmap);
#endif
	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, map, 2,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
			SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_SHARED, 0));
	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, map, 3,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
			SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_SHARED, MAP_SHARED),
			SCMP_A4(SCMP_CMP_EQ, WIRE_MEMORY_FD, 0));
	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return err;
}

/* The socket to the parent, words for a debugging person, and dying by one's own signal. */
static int allow_speech(scmp_filter_ctx filter)
{
	int err = 0;

	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(recvmsg), 1,
			SCMP_A0(SCMP_CMP_EQ, WIRE_SOCKET_FD, 0));
	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1,
			SCMP_A0(SCMP_CMP_EQ, WIRE_SOCKET_FD, 0));
	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
			SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO, 0));
	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(writev), 1,
			SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO, 0));
	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
	return err;
}

static int allow_threads(scmp_filter_ctx filter)
{
	const scmp_datum_t thread =
			CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
	int err = ALLOW_ALL(filter, of_threads);

	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread));
	return err;
}

/*
 * Whether a file can be read: "yes", without the kernel looking.  For who has loaded the files that
 * it will ask about; another one cannot be opened all the same.
 */
static int say_readable(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2) };
	int err = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls) && !err; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(0), calls[i], 0);
	return err;
}

/* Of sockets that are connected already.  None of these makes, binds or connects one. */
static const int of_sockets[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(recv),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(send),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	SCMP_SYS(getsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(shutdown),
};

/*
 * Sending to whom the socket is connected to, and no one else: with MSG_FASTOPEN, or an address,
 * a message could do what connect does.  `sendmsg` keeps its address in memory, where no filter
 * looks; of a connected stream it says nothing.
 */
static int allow_sending(scmp_filter_ctx filter)
{
	int err = 0;

	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 2,
			SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0), SCMP_A4(SCMP_CMP_EQ, 0, 0));
	err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
	return err;
}

/*
 * Of a descriptor: whether it waits, and whether a program started next would keep it.  Whom the
 * kernel signals about it, leases, locks and pipes' sizes are nobody's here; O_ASYNC is the first.
 */
static int allow_flags(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(fcntl), SCMP_SYS(fcntl64) };
	static const int plain[] = { F_GETFD, F_SETFD, F_GETFL };
	int err = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		for (size_t j = 0; j < sizeof(plain) / sizeof(*plain); j++)
			err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
					SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)plain[j], 0));
		err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 2,
				SCMP_A1(SCMP_CMP_EQ, F_SETFL, 0),
				SCMP_A2(SCMP_CMP_MASKED_EQ, O_ASYNC, 0));
	}
	return err;
}

/*
 * FFmpeg's RTSP asks for /dev/urandom and this machine's name, its TCP for options of the socket,
 * and they do without them.
 */
static int allow_sockets(scmp_filter_ctx filter)
{
	int err = ALLOW_ALL(filter, of_sockets);

	err |= allow_sending(filter);
	err |= allow_flags(filter);
	err |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOPROTOOPT), SCMP_SYS(setsockopt), 0);
	err |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(open), 0);
	err |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 0);
	err |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(uname), 0);
	return err;
}

static int fill(scmp_filter_ctx filter, unsigned allowed)
{
	int err = ALLOW_ALL(filter, harmless);

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		err |= seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)refused[i].error),
				refused[i].call, 0);
	err |= allow_memory(filter);
	err |= allow_speech(filter);
	if (allowed & JAIL_THREADS)
		err |= allow_threads(filter);
	if (allowed & JAIL_LOADED_FILES)
		err |= say_readable(filter);
	if (allowed & JAIL_SOCKETS)
		err |= allow_sockets(filter);
	if (allowed & JAIL_PREAD)
		err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(pread64), 0);
	if (jail_is_sanitized())
		err |= ALLOW_ALL(filter, of_sanitizers);
	return err;
}

static bool close_seccomp(unsigned allowed)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (!filter)
		return false;
	/* A binary search instead of a walk, and the same filter for threads that codecs started.
	 */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	bool closed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
		      seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) ==
				      0 &&
		      fill(filter, allowed) == 0 && seccomp_load(filter) == 0;

	seccomp_release(filter);
	return closed;
}

bool jail_seccomp(bool threads)
{
	return close_seccomp(threads ? JAIL_THREADS : 0);
}

unsigned jail_close(bool threads)
{
	return jail_close_but(threads ? JAIL_THREADS : 0);
}

unsigned jail_close_but(unsigned allowed)
{
	unsigned walls = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return 0;
	if (jail_limits())
		walls |= WIRE_WALL_LIMITS;
	if (jail_landlock())
		walls |= WIRE_WALL_LANDLOCK;
	if (close_seccomp(allowed))
		walls |= WIRE_WALL_SECCOMP;
	return walls;
}
