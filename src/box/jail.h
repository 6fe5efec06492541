/*
 * jail.h - the walls a worker puts around itself before it reads its first untrusted byte
 *
 * Each wall stands alone, and any one of them would do for most attacks:
 *
 *   limits     no core file, no file growth, few descriptors; not dumpable, so
 *              not traceable by its own user; ends when its parent does
 *   Landlock   no right to any file or network, where the kernel has it (5.13)
 *   seccomp    a short list of system calls; any other kills the process.  No
 *              open, no socket, no fork, no exec, no executable memory
 *
 * All of it can only be tightened afterwards, by design of the kernel.
 */
#ifndef BOX_JAIL_H
#define BOX_JAIL_H

#include <ward/base.h>

/* Each returns false when the system refused. */
bool jail_limits(void);
bool jail_landlock(void);
/* `threads` allows new threads (not processes), for codecs that cannot do without. */
bool jail_seccomp(bool threads);

/* All of them; returns the set of WIRE_WALL_*. */
unsigned jail_close(bool threads);

/*
 * The same.  JAIL_LOADED_FILES is for codecs that ask whether a file that they hold can be read:
 * they are told so, and nothing is asked of the system.  JAIL_SOCKETS is for who is handed
 * connected sockets by its parent: they can be read, written and waited for; there is still no way
 * to make one.
 *
 * JAIL_PREAD is for who reads a disk that cannot be mapped whole, from descriptors that it was
 * given before: what the medium cannot give is then an error, where a mapped page would kill.
 */
enum { JAIL_THREADS = 1, JAIL_LOADED_FILES = 2, JAIL_SOCKETS = 4, JAIL_PREAD = 8 };
unsigned jail_close_but(unsigned allowed);

/* True when this program was built with a sanitizer, which asks more system calls. */
bool jail_is_sanitized(void);

#endif
