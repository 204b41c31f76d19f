/*
 * Users, groups, namespaces, roots. Its own file because these calls look at all
 * threads of the process, one of which is ours, or put the recording out of reach.
 */
#include "preload/privilege_hooks.h"

#include "preload/profinject.h"
#include "preload/session.h"

#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <sys/types.h>
#include <unistd.h>

/* Defines the hook `name`: the real call, our thread away. */
#define ALONE(name, parameters, arguments)             \
    PROFINJECT_API int name parameters                 \
    {                                                  \
        static int(*real) parameters;                  \
        if (!real)                                     \
            *(void **)&real = dlsym(RTLD_NEXT, #name); \
        bool away = session_withdraw();                \
        int status = real arguments;                   \
        if (away)                                      \
            session_rejoin();                          \
        return status;                                 \
    }

ALONE(unshare, (int flags), (flags))
ALONE(setns, (int fd, int kind), (fd, kind))
ALONE(setuid, (uid_t user), (user))
ALONE(seteuid, (uid_t user), (user))
ALONE(setreuid, (uid_t user, uid_t effective), (user, effective))
ALONE(setresuid, (uid_t user, uid_t effective, uid_t saved), (user, effective, saved))
ALONE(setgid, (gid_t group), (group))
ALONE(setegid, (gid_t group), (group))
ALONE(setregid, (gid_t group, gid_t effective), (group, effective))
ALONE(setresgid, (gid_t group, gid_t effective, gid_t saved), (group, effective, saved))
ALONE(setgroups, (size_t count, const gid_t *groups), (count, groups))
ALONE(initgroups, (const char *user, gid_t group), (user, group))

PROFINJECT_API int chroot(const char *path)
{
    static int (*real)(const char *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "chroot");
    session_hold_trace();
    return real(path);
}
